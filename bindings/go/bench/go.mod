module github.com/codriver/go/codriver/bench

go 1.24

require (
	github.com/codriver/go/codriver v0.0.0
	github.com/github/copilot-sdk/go v0.1.18
)

require github.com/google/jsonschema-go v0.4.3 // indirect

replace github.com/codriver/go/codriver => ../
