//go:build !codriver_test_hooks

package cabi

import "runtime/cgo"

// newHandle gives the number by which C keeps v.
func newHandle(v any) cgo.Handle { return cgo.NewHandle(v) }

// freeHandle ends it.
func freeHandle(handle cgo.Handle) { handle.Delete() }
