package cabi

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
)

// NewSession makes a session that is not open yet.
func NewSession(client uint64, config []byte) (uint64, error) {
	var id C.uint64_t
	var problem *C.codriver_error
	text, size := borrowedBytes(config)
	status := C.codriver_session_new(C.uint64_t(client), C.codriver_str{ptr: text, len: size}, &id, &problem)
	return uint64(id), taken(C.uint32_t(status), problem)
}

// SessionCreate creates it.
func SessionCreate(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_session_create), id)
}

// SessionResume resumes a stored one.
func SessionResume(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_session_resume), id, sessionID)
}

// SessionJoin joins the one of the runtime that started this process.
func SessionJoin(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_session_join), id)
}

// SessionSend sends a prompt.
func SessionSend(ctx context.Context, id uint64, options []byte) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_session_send), id, string(options))
}

// SessionSendAndWait sends a prompt and waits for the end of its turn.
func SessionSendAndWait(
	ctx context.Context, id uint64, options []byte, timeoutMs uint64, abortOnTimeout bool,
) (json.RawMessage, error) {
	return run(ctx, func(handle C.uintptr_t, op *C.uint64_t, problem **C.codriver_error) C.uint32_t {
		text, size := borrowedBytes(options)
		return C.go_send_and_wait(
			C.uint64_t(id), text, size, C.uint64_t(timeoutMs), C.bool(abortOnTimeout), handle, op, problem)
	})
}

// SessionAbort stops what it is doing.
func SessionAbort(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_session_abort), id)
}

// SessionGetEvents gives the stored events.
func SessionGetEvents(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_session_get_events), id)
}

// SessionSetModel switches the model; an empty effort is left out.
func SessionSetModel(ctx context.Context, id uint64, model, effort string) (json.RawMessage, error) {
	return run2(ctx, C.go_fn2(C.codriver_session_set_model), id, model, effort)
}

// SessionLog puts a line into the log; an empty level is left out.
func SessionLog(ctx context.Context, id uint64, message, level string, ephemeral bool) (json.RawMessage, error) {
	return run(ctx, func(handle C.uintptr_t, op *C.uint64_t, problem **C.codriver_error) C.uint32_t {
		text, size := borrowed(message)
		word, wordSize := borrowed(level)
		return C.go_log(C.uint64_t(id), text, size, word, wordSize, C.bool(ephemeral), handle, op, problem)
	})
}

// SessionUIElicitation shows a form.
func SessionUIElicitation(ctx context.Context, id uint64, message string, schema []byte) (json.RawMessage, error) {
	return run2(ctx, C.go_fn2(C.codriver_session_ui_elicitation), id, message, string(schema))
}

// SessionUIConfirm asks a yes-or-no question.
func SessionUIConfirm(ctx context.Context, id uint64, message string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_session_ui_confirm), id, message)
}

// SessionUISelect lets the user choose; choices is a JSON array.
func SessionUISelect(ctx context.Context, id uint64, message string, choices []byte) (json.RawMessage, error) {
	return run2(ctx, C.go_fn2(C.codriver_session_ui_select), id, message, string(choices))
}

// SessionUIInput lets the user enter a line.
func SessionUIInput(ctx context.Context, id uint64, message string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_session_ui_input), id, message)
}

// SessionWaitUntilReady waits until it takes prompts.
func SessionWaitUntilReady(ctx context.Context, id uint64, timeoutMs uint64) (json.RawMessage, error) {
	return run(ctx, func(handle C.uintptr_t, op *C.uint64_t, problem **C.codriver_error) C.uint32_t {
		return C.go_wait_until_ready(C.uint64_t(id), C.uint64_t(timeoutMs), handle, op, problem)
	})
}

// SessionRPC calls any method; params is a JSON object, or empty.
func SessionRPC(ctx context.Context, id uint64, method string, params []byte) (json.RawMessage, error) {
	return run2(ctx, C.go_fn2(C.codriver_session_rpc), id, method, string(params))
}

// SessionDisconnect ends it here and tells the runtime.
func SessionDisconnect(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_session_disconnect), id)
}

// SessionInfo gives ids and capabilities, as they are now.
func SessionInfo(id uint64) (json.RawMessage, error) {
	return now(C.go_read(C.codriver_session_info), id)
}

// SessionCounters gives what was counted for it.
func SessionCounters(id uint64) (json.RawMessage, error) {
	return now(C.go_read(C.codriver_session_counters), id)
}

// SessionSubscribe gives the id of a stream of the events from now on, or from a sequence number above 0.
func SessionSubscribe(id, fromSeq uint64) (uint64, error) {
	var stream C.uint64_t
	var problem *C.codriver_error
	status := C.codriver_session_subscribe(C.uint64_t(id), C.uint64_t(fromSeq), &stream, &problem)
	return uint64(stream), taken(C.uint32_t(status), problem)
}
