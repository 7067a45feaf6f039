package cabi

/*
#include "shim.h"
*/
import "C"

import "encoding/json"

// FindRuntime says where the runtime is that a client with these options would start.
func FindRuntime(options []byte) (json.RawMessage, error) {
	var out C.codriver_buf
	var problem *C.codriver_error
	status := C.codriver_find_runtime(lentBytes(options), &out, &problem)
	return given(&out, status, problem)
}

// RuntimeInstallDir gives the directory that `codriver doctor --install` fills.
func RuntimeInstallDir() (string, error) {
	var out C.codriver_buf
	var problem *C.codriver_error
	status := C.codriver_runtime_install_dir(&out, &problem)
	directory, err := given(&out, status, problem)
	return string(directory), err
}

// ApproveForSession gives the decision that approves a permission request for the rest of its session.
func ApproveForSession(request []byte) (json.RawMessage, error) {
	var out C.codriver_buf
	var problem *C.codriver_error
	status := C.codriver_approve_for_session(lentBytes(request), &out, &problem)
	return given(&out, status, problem)
}

// given takes what C gave.
func given(out *C.codriver_buf, status C.codriver_status, problem *C.codriver_error) (json.RawMessage, error) {
	if err := taken(C.uint32_t(status), problem); err != nil {
		return nil, err
	}
	return emptied(out), nil
}
