// What Go cannot do by itself: function pointers of its own, and numbers in the place of pointers. Every `handle` is a
// cgo.Handle, which C keeps as a number; no pointer of Go stays in C.

#ifndef CODRIVER_GO_SHIM_H
#define CODRIVER_GO_SHIM_H

#if defined(__has_include)
#if !__has_include("native/codriver.h")
#error "the native library is not there: run `build/native go` in a checkout of Codriver"
#endif
#endif
#include "native/codriver.h"

typedef codriver_status (*go_fn0)(uint64_t, const codriver_completion *, uint64_t *, codriver_error **);
typedef codriver_status (*go_fn1)(uint64_t, codriver_str, const codriver_completion *, uint64_t *, codriver_error **);
typedef codriver_status (*go_fn2)(uint64_t, codriver_str, codriver_str, const codriver_completion *, uint64_t *,
                                  codriver_error **);
typedef codriver_status (*go_read)(uint64_t, codriver_buf *, codriver_error **);

// Bytes of Go, borrowed during a call. A NULL with no length is an argument that is left out.
#define GO_BYTES(name) const char *name, size_t name##_len

// A completion that ends with the handle.
codriver_completion go_completion(uintptr_t handle);

uint32_t go_client_new(GO_BYTES(options), uintptr_t handle, uint64_t *out, codriver_error **error);

uint32_t go_op0(go_fn0 f, uint64_t id, uintptr_t handle, uint64_t *op, codriver_error **error);
uint32_t go_op1(go_fn1 f, uint64_t id, GO_BYTES(a), uintptr_t handle, uint64_t *op, codriver_error **error);
uint32_t go_op2(go_fn2 f, uint64_t id, GO_BYTES(a), GO_BYTES(b), uintptr_t handle, uint64_t *op, codriver_error **error);
uint32_t go_send_and_wait(uint64_t id, GO_BYTES(options), uint64_t timeout_ms, bool abort_on_timeout, uintptr_t handle,
                          uint64_t *op, codriver_error **error);
uint32_t go_log(uint64_t id, GO_BYTES(message), GO_BYTES(level), bool ephemeral, uintptr_t handle, uint64_t *op,
                codriver_error **error);
uint32_t go_wait_until_ready(uint64_t id, uint64_t timeout_ms, uintptr_t handle, uint64_t *op, codriver_error **error);

uint32_t go_read_now(go_read f, uint64_t id, codriver_buf *out, codriver_error **error);

#endif
