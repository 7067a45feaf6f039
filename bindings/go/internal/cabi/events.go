package cabi

/*
#include "shim.h"
*/
import "C"

import "unsafe"

// Batch is what was taken.
type Batch struct {
	// Count says how many there are.
	Count int
	// More says that there is more, for which no wake comes.
	More bool
	// Ended says that the session is over, and everything was taken.
	Ended bool
}

// Take takes up to max events of at most maxBytes bytes together (but at least one), or up to max notices. What was taken, an
// array of notices or the arrays of events, is shown to read, which must keep nothing of it: it is C's memory, and is not copied.
func Take(id uint64, max, maxBytes int, read func(text []byte) error) (Batch, error) {
	var batch C.codriver_batch
	var problem *C.codriver_error
	status := C.codriver_take(C.uint64_t(id), C.size_t(max), C.size_t(maxBytes), &batch, &problem)
	if err := taken(C.uint32_t(status), problem); err != nil {
		return Batch{}, err
	}
	defer C.codriver_buf_free(&batch.json)
	err := read(unsafe.Slice((*byte)(unsafe.Pointer(batch.json.ptr)), int(batch.json.len)))
	return Batch{Count: int(batch.count), More: bool(batch.more), Ended: bool(batch.ended)}, err
}

// Respond answers a question with JSON.
func Respond(call uint64, answer []byte) error {
	var problem *C.codriver_error
	status := C.codriver_respond(C.uint64_t(call), lentBytes(answer), &problem)
	return taken(C.uint32_t(status), problem)
}

// RespondContent answers a read of a file.
func RespondContent(call uint64, content []byte) error {
	var problem *C.codriver_error
	status := C.codriver_respond_content(C.uint64_t(call), lentBytes(content), &problem)
	return taken(C.uint32_t(status), problem)
}

// Fail says that there is no answer, and why.
func Fail(call uint64, number int, message string) error {
	var problem *C.codriver_error
	status := C.codriver_fail(C.uint64_t(call), C.uint32_t(number), lent(message), &problem)
	return taken(C.uint32_t(status), problem)
}

// ReportHandlerError tells that a handler of the events of id, a session or a stream, failed.
func ReportHandlerError(id uint64, place, message string) error {
	var problem *C.codriver_error
	status := C.codriver_report_handler_error(C.uint64_t(id), lent(place), lent(message), &problem)
	return taken(C.uint32_t(status), problem)
}
