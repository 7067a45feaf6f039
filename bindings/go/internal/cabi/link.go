// Package cabi is Codriver's C interface in Go, and the only place that imports "C".
//
// It keeps the conventions of ffi/c/README.md: ids are numbers, what C gives is copied and given back at once, what C keeps
// of ours is a number (a [runtime/cgo.Handle]), and callbacks copy and return. Functions that take a context bound their
// call by it: they come back when the operation has ended, and where the context ends first, they ask it to.
package cabi

/*
#cgo CFLAGS: -I${SRCDIR} -Wall -Wextra
#cgo linux,amd64,!codriver_test_hooks LDFLAGS: ${SRCDIR}/native/linux_amd64/libcodriver.a
#cgo linux,arm64,!codriver_test_hooks LDFLAGS: ${SRCDIR}/native/linux_arm64/libcodriver.a
#cgo darwin,amd64,!codriver_test_hooks LDFLAGS: ${SRCDIR}/native/darwin_amd64/libcodriver.a
#cgo darwin,arm64,!codriver_test_hooks LDFLAGS: ${SRCDIR}/native/darwin_arm64/libcodriver.a
#cgo codriver_test_hooks LDFLAGS: ${SRCDIR}/native/test_hooks/libcodriver.a
#cgo linux LDFLAGS: -lm -ldl -lpthread
#cgo darwin LDFLAGS: -framework CoreFoundation -framework Security
#include "shim.h"
*/
import "C"

// ABIVersion is the version of the interface that this package was written for.
const ABIVersion = 1

// Version gives the version of the library.
func Version() string {
	text := C.codriver_version()
	return string(copied(text))
}

func init() {
	if found := uint32(C.codriver_abi_version()); found != ABIVersion {
		panic("codriver: the native library is of another version than this package: run `build/native go` again")
	}
}
