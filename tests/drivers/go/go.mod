module github.com/codriver/codriver/tests/drivers/go

go 1.23.0

require github.com/codriver/go/codriver v0.0.0

require github.com/google/jsonschema-go v0.4.3 // indirect

replace github.com/codriver/go/codriver => ../../../bindings/go
