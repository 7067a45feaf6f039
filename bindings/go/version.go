package codriver

import "github.com/codriver/go/codriver/internal/cabi"

// Version gives the version of the core that is linked, e.g. 0.1.0.
func Version() string { return cabi.Version() }
