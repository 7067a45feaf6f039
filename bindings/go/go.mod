module github.com/codriver/go/codriver

go 1.23.0

require github.com/google/jsonschema-go v0.4.3

require go.uber.org/goleak v1.3.0
