package cabi

/*
#include "shim.h"
*/
import "C"

import (
	"encoding/json"
	"runtime/cgo"
	"unsafe"
)

// Callbacks are how a client tells and asks. They come one at a time, and must return at once.
type Callbacks interface {
	// Wake says that id has something to [Take], and had nothing before.
	Wake(id uint64)
	// Request asks; the answer is one [Respond] or [Fail].
	Request(request Request)
	// FSRequest asks a filesystem that is written in Go.
	FSRequest(request FSRequest)
	// Cancel says that nobody waits for the answer to call any more.
	Cancel(call uint64)
}

// Request is a question.
type Request struct {
	// Call is what the answer names.
	Call uint64
	// Session is the session's id of this interface, SessionID the runtime's.
	Session   uint64
	SessionID string
	// Kind says what is asked, Name which one of its kind.
	Kind, Name string
	// Payload is the question as JSON.
	Payload json.RawMessage
}

// FSOp is what a filesystem is asked.
type FSOp uint32

// What a filesystem is asked.
const (
	FSRead    FSOp = C.CODRIVER_FS_READ
	FSWrite   FSOp = C.CODRIVER_FS_WRITE
	FSAppend  FSOp = C.CODRIVER_FS_APPEND
	FSExists  FSOp = C.CODRIVER_FS_EXISTS
	FSStat    FSOp = C.CODRIVER_FS_STAT
	FSMkdir   FSOp = C.CODRIVER_FS_MKDIR
	FSReadDir FSOp = C.CODRIVER_FS_READ_DIR
	FSRemove  FSOp = C.CODRIVER_FS_REMOVE
	FSRename  FSOp = C.CODRIVER_FS_RENAME
)

// FSRequest is a call of a filesystem.
type FSRequest struct {
	Call      uint64
	SessionID string
	Op        FSOp
	// Mode is a POSIX mode, 0 where none was given.
	Mode             uint32
	Path, To         string
	Content          []byte
	Recursive, Force bool
}

func copied(text C.codriver_str) []byte {
	if text.len == 0 {
		return nil
	}
	return append([]byte(nil), unsafe.Slice((*byte)(unsafe.Pointer(text.ptr)), int(text.len))...)
}

func callbacksOf(handle C.uintptr_t) Callbacks { return cgo.Handle(handle).Value().(Callbacks) }

//export codriverGoWake
func codriverGoWake(handle C.uintptr_t, id C.uint64_t) { callbacksOf(handle).Wake(uint64(id)) }

//export codriverGoCancel
func codriverGoCancel(handle C.uintptr_t, call C.uint64_t) { callbacksOf(handle).Cancel(uint64(call)) }

//export codriverGoDestroy
func codriverGoDestroy(handle C.uintptr_t) { freeHandle(cgo.Handle(handle)) }

//export codriverGoRequest
func codriverGoRequest(handle C.uintptr_t, request *C.codriver_request) {
	callbacksOf(handle).Request(Request{
		Call:      uint64(request.call_id),
		Session:   uint64(request.session),
		SessionID: string(copied(request.session_id)),
		Kind:      string(copied(request.kind)),
		Name:      string(copied(request.name)),
		Payload:   copied(request.payload),
	})
}

//export codriverGoFSRequest
func codriverGoFSRequest(handle C.uintptr_t, request *C.codriver_fs_request) {
	callbacksOf(handle).FSRequest(FSRequest{
		Call:      uint64(request.call_id),
		SessionID: string(copied(request.session_id)),
		Op:        FSOp(request.op),
		Mode:      uint32(max(0, int64(request.mode))),
		Path:      string(copied(request.path)),
		To:        string(copied(request.to)),
		Content:   copied(request.content),
		Recursive: bool(request.recursive),
		Force:     bool(request.force),
	})
}

//export codriverGoDone
func codriverGoDone(handle C.uintptr_t, status C.uint32_t, result, problem C.codriver_str) {
	op := cgo.Handle(handle)
	ended := op.Value().(chan outcome)
	freeHandle(op)
	if status == 0 {
		ended <- outcome{result: copied(result)}
		return
	}
	ended <- outcome{err: ReadError(copied(problem))}
}

// outcome is how an operation ended.
type outcome struct {
	result json.RawMessage
	err    error
}
