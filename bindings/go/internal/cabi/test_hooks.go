//go:build codriver_test_hooks

package cabi

/*
#cgo CFLAGS: -DCODRIVER_TEST_HOOKS
#include "shim.h"

static uint32_t go_fs_round_trips(uint64_t id, uint64_t calls, uintptr_t handle, uint64_t *op, codriver_error **error) {
    codriver_completion made = go_completion(handle);
    return codriver_test_fs_round_trips(id, calls, &made, op, error);
}

static void go_done_with_nothing(uintptr_t handle) {
    codriver_completion made = go_completion(handle);
    made.done(made.user_data, 0, codriver_error_message(NULL), NULL);
}
*/
import "C"

import (
	"context"
	"encoding/json"
)

// TestFSConformance runs the conformance suite over the filesystems of a client.
func TestFSConformance(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_test_fs_conformance), id)
}

// TestFSRoundTrips reads a small file many times, and says how long that took.
func TestFSRoundTrips(ctx context.Context, id uint64, calls uint64) (json.RawMessage, error) {
	return run(ctx, func(handle C.uintptr_t, op *C.uint64_t, problem **C.codriver_error) C.uint32_t {
		return C.go_fs_round_trips(C.uint64_t(id), C.uint64_t(calls), handle, op, problem)
	})
}

// testDoneWithNothing gives around what ends an operation as the core does, with an empty result.
func testDoneWithNothing(around func(done func())) {
	ended := make(chan outcome, 1)
	handle := newHandle(ended)
	around(func() { C.go_done_with_nothing(C.uintptr_t(handle)) })
	<-ended
}

// TestPanic panics in the core.
func TestPanic() error {
	var problem *C.codriver_error
	return taken(C.uint32_t(C.codriver_test_panic(&problem)), problem)
}
