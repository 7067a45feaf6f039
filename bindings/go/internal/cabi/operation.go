package cabi

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"unsafe"
)

// start begins an operation that ends with its handle.
type start func(handle C.uintptr_t, op *C.uint64_t, problem **C.codriver_error) C.uint32_t

// run begins an operation and waits for its end. Where the context ends first, the operation is asked to end too; one that
// was over by then gives its result, so that nothing is lost.
func run(ctx context.Context, begin start) (json.RawMessage, error) {
	if ctx.Err() != nil {
		return nil, ContextError(ctx)
	}
	ended := make(chan outcome, 1)
	handle := newHandle(ended)
	var op C.uint64_t
	var problem *C.codriver_error
	status := begin(C.uintptr_t(handle), &op, &problem)
	if err := taken(status, problem); err != nil {
		freeHandle(handle)
		return nil, err
	}
	select {
	case end := <-ended:
		if cancelled(end.err) {
			return nil, &Error{Number: numberClosed, Message: "the client was closed"}
		}
		return end.result, end.err
	case <-ctx.Done():
	}
	// It may be over by now; then there is nothing to cancel.
	C.codriver_op_cancel(op, nil)
	end := <-ended
	if cancelled(end.err) {
		return nil, ContextError(ctx)
	}
	return end.result, end.err
}

func cancelled(err error) bool {
	known, ok := err.(*Error)
	return ok && known.Number == numberCancelled
}

// borrowed gives the bytes of text for the time of a call; nothing is NULL.
func borrowed(text string) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text))
}

func borrowedBytes(bytes []byte) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(bytes))), C.size_t(len(bytes))
}

// lent is text for the time of a call of C itself, which pins it.
func lent(text string) C.codriver_str {
	pointer, size := borrowed(text)
	return C.codriver_str{ptr: pointer, len: size}
}

func lentBytes(bytes []byte) C.codriver_str {
	pointer, size := borrowedBytes(bytes)
	return C.codriver_str{ptr: pointer, len: size}
}

func run0(ctx context.Context, f C.go_fn0, id uint64) (json.RawMessage, error) {
	return run(ctx, func(handle C.uintptr_t, op *C.uint64_t, problem **C.codriver_error) C.uint32_t {
		return C.go_op0(f, C.uint64_t(id), handle, op, problem)
	})
}

func run1(ctx context.Context, f C.go_fn1, id uint64, a string) (json.RawMessage, error) {
	return run(ctx, func(handle C.uintptr_t, op *C.uint64_t, problem **C.codriver_error) C.uint32_t {
		text, size := borrowed(a)
		return C.go_op1(f, C.uint64_t(id), text, size, handle, op, problem)
	})
}

func run2(ctx context.Context, f C.go_fn2, id uint64, a, b string) (json.RawMessage, error) {
	return run(ctx, func(handle C.uintptr_t, op *C.uint64_t, problem **C.codriver_error) C.uint32_t {
		first, firstSize := borrowed(a)
		second, secondSize := borrowed(b)
		return C.go_op2(f, C.uint64_t(id), first, firstSize, second, secondSize, handle, op, problem)
	})
}

// now calls what gives JSON at once.
func now(f C.go_read, id uint64) (json.RawMessage, error) {
	var out C.codriver_buf
	var problem *C.codriver_error
	status := C.go_read_now(f, C.uint64_t(id), &out, &problem)
	if err := taken(status, problem); err != nil {
		return nil, err
	}
	return emptied(&out), nil
}

// emptied copies a buffer and gives it back.
func emptied(buf *C.codriver_buf) json.RawMessage {
	defer C.codriver_buf_free(buf)
	return append(json.RawMessage(nil), unsafe.Slice((*byte)(unsafe.Pointer(buf.ptr)), int(buf.len))...)
}
