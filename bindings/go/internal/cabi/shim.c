#include "shim.h"

#include "_cgo_export.h"

#if defined(__has_include)
#if __has_include("native_built.h")
#include "native_built.h"
// Which library was built last: a package that compiles to the same is not linked again.
const char go_native_built[] = CODRIVER_NATIVE_BUILT;
#endif
#endif

static codriver_str bytes(const char *ptr, size_t len) {
    codriver_str made = {ptr, len};
    return made;
}

static void on_wake(void *handle, uint64_t id) { codriverGoWake((uintptr_t)handle, id); }

static void on_request(void *handle, const codriver_request *request) {
    codriverGoRequest((uintptr_t)handle, (codriver_request *)request);
}

static void on_fs_request(void *handle, const codriver_fs_request *request) {
    codriverGoFSRequest((uintptr_t)handle, (codriver_fs_request *)request);
}

static void on_cancel(void *handle, uint64_t call_id) { codriverGoCancel((uintptr_t)handle, call_id); }

static void on_destroy(void *handle) { codriverGoDestroy((uintptr_t)handle); }

static void on_done(void *handle, codriver_status status, codriver_str result, const codriver_error *error) {
    codriverGoDone((uintptr_t)handle, (uint32_t)status, result, codriver_error_json(error));
}

codriver_completion go_completion(uintptr_t handle) {
    codriver_completion made = {sizeof(codriver_completion), (void *)handle, on_done};
    return made;
}

uint32_t go_client_new(GO_BYTES(options), uintptr_t handle, uint64_t *out, codriver_error **error) {
    codriver_callbacks callbacks = {
        .struct_size = sizeof(codriver_callbacks),
        .user_data = (void *)handle,
        .wake = on_wake,
        .request = on_request,
        .fs_request = on_fs_request,
        .cancel = on_cancel,
        .destroy = on_destroy,
    };
    return codriver_client_new(bytes(options, options_len), &callbacks, CODRIVER_CLIENT_WAIT, out, error);
}

uint32_t go_op0(go_fn0 f, uint64_t id, uintptr_t handle, uint64_t *op, codriver_error **error) {
    codriver_completion done = go_completion(handle);
    return f(id, &done, op, error);
}

uint32_t go_op1(go_fn1 f, uint64_t id, GO_BYTES(a), uintptr_t handle, uint64_t *op, codriver_error **error) {
    codriver_completion done = go_completion(handle);
    return f(id, bytes(a, a_len), &done, op, error);
}

uint32_t go_op2(go_fn2 f, uint64_t id, GO_BYTES(a), GO_BYTES(b), uintptr_t handle, uint64_t *op, codriver_error **error) {
    codriver_completion done = go_completion(handle);
    return f(id, bytes(a, a_len), bytes(b, b_len), &done, op, error);
}

uint32_t go_send_and_wait(uint64_t id, GO_BYTES(options), uint64_t timeout_ms, bool abort_on_timeout, uintptr_t handle,
                          uint64_t *op, codriver_error **error) {
    codriver_completion done = go_completion(handle);
    return codriver_session_send_and_wait(id, bytes(options, options_len), timeout_ms, abort_on_timeout, &done, op, error);
}

uint32_t go_log(uint64_t id, GO_BYTES(message), GO_BYTES(level), bool ephemeral, uintptr_t handle, uint64_t *op,
                codriver_error **error) {
    codriver_completion done = go_completion(handle);
    return codriver_session_log(id, bytes(message, message_len), bytes(level, level_len), ephemeral, &done, op, error);
}

uint32_t go_wait_until_ready(uint64_t id, uint64_t timeout_ms, uintptr_t handle, uint64_t *op, codriver_error **error) {
    codriver_completion done = go_completion(handle);
    return codriver_session_wait_until_ready(id, timeout_ms, &done, op, error);
}

uint32_t go_read_now(go_read f, uint64_t id, codriver_buf *out, codriver_error **error) { return f(id, out, error); }
