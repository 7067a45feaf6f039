package cabi

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"fmt"
)

// Error is an error of the core.
type Error struct {
	Number  int       `json:"number"`
	Message string    `json:"message"`
	RPC     *RPCError `json:"rpc"`
	// Cause is why the call ended on this side: the error of its context.
	Cause error `json:"-"`
}

// RPCError is the runtime's own error object.
type RPCError struct {
	Code    int64           `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Number, e.Message) }

const (
	numberClosed    = C.CODRIVER_CLOSED
	numberCancelled = C.CODRIVER_CANCELLED
	numberTimeout   = C.CODRIVER_TIMEOUT
	numberInternal  = C.CODRIVER_INTERNAL
)

// ReadError reads the JSON of an error.
func ReadError(text []byte) error {
	made := &Error{Number: numberInternal}
	if err := json.Unmarshal(text, made); err != nil {
		made.Message = "an error of the core cannot be read: " + err.Error()
	}
	return made
}

// ContextError is the error of a call whose context has ended.
func ContextError(ctx context.Context) error {
	err := context.Cause(ctx)
	number, text := numberCancelled, "the call was cancelled"
	if ctx.Err() == context.DeadlineExceeded {
		number, text = numberTimeout, "the deadline of the call has passed"
	}
	return &Error{Number: number, Message: text, Cause: err}
}

// taken makes a Go error of one that C gave, and gives it back.
func taken(status C.uint32_t, problem *C.codriver_error) error {
	if status == 0 {
		return nil
	}
	defer C.codriver_error_free(problem)
	if problem == nil {
		return &Error{Number: int(status), Message: "the library gave no reason"}
	}
	return ReadError(copied(C.codriver_error_json(problem)))
}
