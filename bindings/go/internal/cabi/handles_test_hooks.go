//go:build codriver_test_hooks

package cabi

import (
	"runtime/cgo"
	"sync/atomic"
)

var openHandles atomic.Int64

// OpenHandles says how many values C keeps a number of.
func OpenHandles() int64 { return openHandles.Load() }

// newHandle gives the number by which C keeps v.
func newHandle(v any) cgo.Handle {
	openHandles.Add(1)
	return cgo.NewHandle(v)
}

// freeHandle ends it. Deleting twice panics, so that what was counted is what there is.
func freeHandle(handle cgo.Handle) {
	handle.Delete()
	openHandles.Add(-1)
}
