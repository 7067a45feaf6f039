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
	text, size := borrowed(url)
	status := C.codriver_store_open(C.codriver_str{ptr: text, len: size}, &id, &problem)
	return uint64(id), taken(C.uint32_t(status), problem)
}

// StoreList gives the sessions that are there.
func StoreList(ctx context.Context, id uint64) (json.RawMessage, error) {
	return run0(ctx, C.go_fn0(C.codriver_store_list), id)
}

// StoreExists says whether a session is there.
func StoreExists(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_store_exists), id, sessionID)
}

// StoreDelete removes a session with all its files.
func StoreDelete(ctx context.Context, id uint64, sessionID string) (json.RawMessage, error) {
	return run1(ctx, C.go_fn1(C.codriver_store_delete), id, sessionID)
}

// StoreCopy makes the session `to` with the files of `from`.
func StoreCopy(ctx context.Context, id uint64, from, to string) (json.RawMessage, error) {
	return run2(ctx, C.go_fn2(C.codriver_store_copy), id, from, to)
}
