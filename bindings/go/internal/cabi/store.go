package cabi

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
)

// OpenStore opens the store that a URL names; it blocks while it opens.
func OpenStore(url string) (uint64, error) {
	var id C.uint64_t
	var problem *C.codriver_error
	status := C.codriver_store_open(lent(url), &id, &problem)
	return uint64(id), taken(C.uint32_t(status), problem)
}

// OpenExistingStore opens a store, and makes nothing where nothing is.
func OpenExistingStore(url string) (uint64, error) {
	var id C.uint64_t
	var problem *C.codriver_error
	status := C.codriver_store_open_existing(lent(url), &id, &problem)
	return uint64(id), taken(C.uint32_t(status), problem)
}

// ClientSessionStore opens the store that has the client's sessions; 0: the core has none.
func ClientSessionStore(id uint64) (uint64, error) {
	var store C.uint64_t
	var problem *C.codriver_error
	status := C.codriver_client_session_store(C.uint64_t(id), &store, &problem)
	return uint64(store), taken(C.uint32_t(status), problem)
}

// StoreListSessions gives the sessions that are there; filter is JSON, or empty.
func StoreListSessions(ctx context.Context, id uint64, filter []byte) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_store_list_sessions), id, string(filter))
}

// StoreGetSessionMetadata gives what is known of a session, or null.
func StoreGetSessionMetadata(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_store_get_session_metadata), id, sessionID)
}

// StoreGetLastSessionID gives the id of the session that was changed last, or null.
func StoreGetLastSessionID(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_store_get_last_session_id), id)
}

// StoreGetEvents gives the events of a session, and how many cannot be read.
func StoreGetEvents(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_store_get_events), id, sessionID)
}

// StoreDeleteSession erases a session with all its files.
func StoreDeleteSession(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_store_delete_session), id, sessionID)
}

// StoreForkSession makes the session newID of what sessionID is now.
func StoreForkSession(ctx context.Context, id uint64, sessionID, newID string) (json.RawMessage, error) {
	return run2(ctx, C.go_fn2(C.codriver_store_fork_session), id, sessionID, newID)
}

// StoreExportSession writes a session into a new file, and gives the archive's manifest.
func StoreExportSession(ctx context.Context, id uint64, sessionID, path string) (json.RawMessage, error) {
	return run2(ctx, C.go_fn2(C.codriver_store_export_session), id, sessionID, path)
}

// StoreImportSession makes a session of such a file; an empty newID is left out. It gives the id.
func StoreImportSession(ctx context.Context, id uint64, path, newID string) (json.RawMessage, error) {
	return run2(ctx, C.go_fn2(C.codriver_store_import_session), id, path, newID)
}

// StoreCheck says what is wrong with the event log of a session.
func StoreCheck(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_store_check), id, sessionID)
}

// StoreCheckAll checks every session.
func StoreCheckAll(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_store_check_all), id)
}

// StoreRepair repairs the event log of a session, and says what was wrong.
func StoreRepair(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_store_repair), id, sessionID)
}

// StoreRepairAll repairs every session.
func StoreRepairAll(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_store_repair_all), id)
}
