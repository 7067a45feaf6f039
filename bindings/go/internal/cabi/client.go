package cabi

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"runtime"
)

// NewClient makes a client that is not connected yet. Its callbacks are called by [CallBack].
func NewClient(options []byte, callbacks Callbacks) (uint64, error) {
	// Freed by `destroy`, which comes whatever happens.
	handle := newHandle(callbacks)
	var id C.uint64_t
	var problem *C.codriver_error
	text, size := borrowedBytes(options)
	status := C.go_client_new(text, size, C.uintptr_t(handle), &id, &problem)
	return uint64(id), taken(status, problem)
}

// CallBack calls the client's callbacks, until it is closed. A goroutine that one of them makes runnable then runs on this very
// thread, which is awake; on a thread of C another one would have to be woken up for it.
func CallBack(id uint64) {
	const hour = 60 * 60 * 1000
	for C.codriver_wait(C.uint64_t(id), hour, nil, nil) == 0 {
		runtime.Gosched()
	}
}

// ClientConnect connects.
func ClientConnect(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_client_connect), id)
}

// ClientStop ends the client in order, and gives the errors there were.
func ClientStop(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_client_stop), id)
}

// ClientForceStop ends the client at once, and gives the errors there were.
func ClientForceStop(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_client_force_stop), id)
}

// ClientPing asks for a sign of life.
func ClientPing(ctx context.Context, id uint64, message string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_client_ping), id, message)
}

// ClientGetStatus gives the runtime's version.
func ClientGetStatus(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_client_get_status), id)
}

// ClientGetAuthStatus says who is logged in.
func ClientGetAuthStatus(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_client_get_auth_status), id)
}

// ClientListModels gives the models.
func ClientListModels(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_client_list_models), id)
}

// ClientListSessions gives the stored sessions; filter is JSON, or empty.
func ClientListSessions(ctx context.Context, id uint64, filter []byte) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_client_list_sessions), id, string(filter))
}

// ClientGetSessionMetadata gives what is known of a stored session, or null.
func ClientGetSessionMetadata(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_client_get_session_metadata), id, sessionID)
}

// ClientGetEvents gives the stored events of a session.
func ClientGetEvents(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_client_get_events), id, sessionID)
}

// ClientGetLastSessionID gives the id of the session that was used last, or null.
func ClientGetLastSessionID(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_client_get_last_session_id), id)
}

// ClientDeleteSession erases a stored session.
func ClientDeleteSession(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_client_delete_session), id, sessionID)
}

// ClientGetForegroundSessionID gives the session the terminal shows, or null.
func ClientGetForegroundSessionID(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_client_get_foreground_session_id), id)
}

// ClientSetForegroundSessionID makes the terminal show a session.
func ClientSetForegroundSessionID(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_client_set_foreground_session_id), id, sessionID)
}

// ClientRPC calls any method; params is JSON, or empty.
func ClientRPC(ctx context.Context, id uint64, method string, params []byte) (json.RawMessage, error) {
	return run2(ctx, C.go_fn2(C.codriver_client_rpc), id, method, string(params))
}

// ClientInfo gives state, versions and process id, as they are now.
func ClientInfo(id uint64) (json.RawMessage, error) {
	return now(C.go_read(C.codriver_client_info), id)
}

// ClientCounters gives the counters of all sessions together.
func ClientCounters(id uint64) (json.RawMessage, error) {
	return now(C.go_read(C.codriver_client_counters), id)
}

// Close gives an id back: a client, a session, a stream or a store. One that was given back before is left alone.
func Close(id uint64) { C.codriver_close(C.uint64_t(id), nil) }
