/* The C interface of codriver. ffi/c/README.md has the conventions: read that page first.
 *
 * Written by `cargo xtask header`; do not edit. */

#ifndef CODRIVER_H
#define CODRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A flag of `codriver_client_new`: callbacks are called by `codriver_wait`, not by a thread of the library.
 */
#define CODRIVER_CLIENT_WAIT 1

/**
 * The version of this interface. A program compiled with this header works with a library whose number is the same.
 */
#define CODRIVER_ABI_VERSION 1

/**
 * What a function returns: 0, or the number of an error.
 */
enum codriver_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * It worked.
   */
  CODRIVER_OK = 0,
  /**
   * An argument is not usable.
   */
  CODRIVER_INVALID_ARGUMENT = 1,
  /**
   * An option is not usable; the message names the field.
   */
  CODRIVER_INVALID_CONFIG = 2,
  /**
   * The client or session was stopped, disconnected, or never connected.
   */
  CODRIVER_CLOSED = 3,
  /**
   * A blocking call from a thread that must not block.
   */
  CODRIVER_WOULD_DEADLOCK = 4,
  /**
   * The id was made before `fork`.
   */
  CODRIVER_FORKED = 5,
  /**
   * The id stands for nothing, or nothing any more.
   */
  CODRIVER_BAD_HANDLE = 6,
  /**
   * Text that is not UTF-8.
   */
  CODRIVER_INVALID_UTF8 = 7,
  /**
   * No runtime was found, or it cannot be executed.
   */
  CODRIVER_RUNTIME_NOT_FOUND = 20,
  /**
   * The runtime or the connection to it is gone.
   */
  CODRIVER_RUNTIME_LOST = 21,
  /**
   * No connection could be made.
   */
  CODRIVER_CONNECT_FAILED = 22,
  /**
   * The runtime wants a connection token or a login.
   */
  CODRIVER_AUTHENTICATION_REQUIRED = 23,
  /**
   * The token was refused.
   */
  CODRIVER_AUTHENTICATION_FAILED = 24,
  /**
   * The peer broke the protocol.
   */
  CODRIVER_PROTOCOL = 40,
  /**
   * The runtime speaks a protocol version that this library does not.
   */
  CODRIVER_VERSION_MISMATCH = 41,
  /**
   * The runtime answered with an error; `codriver_error_json` has its code.
   */
  CODRIVER_RPC = 42,
  /**
   * The runtime does not know the method.
   */
  CODRIVER_METHOD_NOT_FOUND = 43,
  /**
   * A frame over the limit.
   */
  CODRIVER_FRAME_TOO_LARGE = 44,
  /**
   * No session has that id.
   */
  CODRIVER_SESSION_NOT_FOUND = 60,
  /**
   * That session is open in this client already.
   */
  CODRIVER_SESSION_ALREADY_OPEN = 61,
  /**
   * The runtime answered with another id than the one asked for.
   */
  CODRIVER_SESSION_ID_MISMATCH = 62,
  /**
   * The session reported an error while a call waited for it.
   */
  CODRIVER_SESSION_ERROR = 63,
  /**
   * The cloud worker was not there before the deadline.
   */
  CODRIVER_CLOUD_NOT_READY = 64,
  /**
   * Policy forbids the cloud session.
   */
  CODRIVER_CLOUD_POLICY_BLOCKED = 65,
  /**
   * Another holder has the session open for writing.
   */
  CODRIVER_SESSION_LOCKED = 66,
  /**
   * A file or directory is not there.
   */
  CODRIVER_FS_NOT_FOUND = 80,
  /**
   * A path that is malformed or leaves its mount.
   */
  CODRIVER_FS_INVALID_PATH = 81,
  /**
   * The store cannot do this.
   */
  CODRIVER_FS_UNSUPPORTED = 82,
  /**
   * The store failed.
   */
  CODRIVER_FS_IO = 83,
  /**
   * A file was changed by somebody else meanwhile.
   */
  CODRIVER_FS_CONFLICT = 84,
  /**
   * What is stored is damaged, or not what it says it is.
   */
  CODRIVER_FS_CORRUPT = 85,
  /**
   * The caller cancelled.
   */
  CODRIVER_CANCELLED = 100,
  /**
   * A deadline passed.
   */
  CODRIVER_TIMEOUT = 101,
  /**
   * A bug in this library.
   */
  CODRIVER_INTERNAL = 120,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum codriver_status codriver_status;
#else
typedef uint32_t codriver_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a filesystem is asked, and what it answers.
 */
enum codriver_fs_op
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The content of `path`: `codriver_respond_content`.
   */
  CODRIVER_FS_READ = 1,
  /**
   * Replace the content of `path` by `content`, or make the file, with its parents: `codriver_respond` with `null`.
   */
  CODRIVER_FS_WRITE = 2,
  /**
   * Add `content` to the end of `path`, or make the file, with its parents: `null`.
   */
  CODRIVER_FS_APPEND = 3,
  /**
   * Whether something is at `path`: `true` or `false`.
   */
  CODRIVER_FS_EXISTS = 4,
  /**
   * `{"kind": "file" or "directory", "size", "modifiedMs", "createdMs"}` of `path`.
   */
  CODRIVER_FS_STAT = 5,
  /**
   * Make the directory `path`, with its parents where `recursive`; fine where it is there: `null`.
   */
  CODRIVER_FS_MKDIR = 6,
  /**
   * What is directly in `path`: `[{"name", "kind"}, …]`.
   */
  CODRIVER_FS_READ_DIR = 7,
  /**
   * Remove `path`, a directory with all in it where `recursive`; with `force` it is fine where nothing is there: `null`.
   */
  CODRIVER_FS_REMOVE = 8,
  /**
   * Move `path` to `to`, which is replaced where it is a file: `null`.
   */
  CODRIVER_FS_RENAME = 9,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum codriver_fs_op codriver_fs_op;
#else
typedef uint32_t codriver_fs_op;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why a function failed; the caller's, to be given back by `codriver_error_free`. Never changes: any thread may read it.
 */
typedef struct codriver_error codriver_error;

/**
 * Text or bytes that are somebody else's: UTF-8 where text is wanted, not ended by a NUL. `ptr` may be NULL where `len` is
 * 0; for an argument that may be left out, NULL means that it is.
 */
typedef struct {
  /**
   * The first byte.
   */
  const char *ptr;
  /**
   * How many bytes.
   */
  size_t len;
} codriver_str;

/**
 * A question to the program.
 */
typedef struct {
  /**
   * `sizeof(codriver_request)`, as the library knows it.
   */
  size_t struct_size;
  /**
   * What the answer names; never used again.
   */
  uint64_t call_id;
  /**
   * The session that asks.
   */
  uint64_t session;
  /**
   * The runtime's id of it.
   */
  codriver_str session_id;
  /**
   * `permission`, `tool`, `userInput`, `elicitation`, `exitPlanMode`, `autoModeSwitch`, `hook`, `systemMessage`, `command`,
   * `mcpAuth`, `mcpHeaders`, `sampling`, `sessionLimits` or `providerToken`.
   */
  codriver_str kind;
  /**
   * Which one of its kind: the tool, the hook, the section, the command; else empty.
   */
  codriver_str name;
  /**
   * The question as JSON, with the wire's names.
   */
  codriver_str payload;
} codriver_request;

/**
 * A call of the program's own filesystem. Paths are absolute and normalised. What is not there is
 * `CODRIVER_FS_NOT_FOUND`; a program that cannot tell fails with `CODRIVER_FS_IO`.
 */
typedef struct {
  /**
   * `sizeof(codriver_fs_request)`, as the library knows it.
   */
  size_t struct_size;
  /**
   * What the answer names; never used again.
   */
  uint64_t call_id;
  /**
   * The runtime's id of the session whose files these are.
   */
  codriver_str session_id;
  /**
   * What to do.
   */
  codriver_fs_op op;
  /**
   * A POSIX mode for what is newly made; -1 where none is given.
   */
  int64_t mode;
  /**
   * The file or directory.
   */
  codriver_str path;
  /**
   * Where to (rename).
   */
  codriver_str to;
  /**
   * The bytes (write, append).
   */
  codriver_str content;
  /**
   * Whether parents are made, or all within is removed.
   */
  bool recursive;
  /**
   * Whether it is fine where nothing is there.
   */
  bool force;
} codriver_fs_request;

/**
 * How a client tells and asks the program: one thread at a time calls these, and `destroy` once, last. Each returns at
 * once. A member that is NULL is not called: questions are then refused.
 */
typedef struct {
  /**
   * `sizeof(codriver_callbacks)`, as the program knows it.
   */
  size_t struct_size;
  /**
   * Given to each of them. Used from another thread than the one that made the client.
   */
  void *user_data;
  /**
   * `id`, a client, session or stream, has something for `codriver_take`, and had nothing before.
   */
  void (*wake)(void *user_data, uint64_t id);
  /**
   * A question: answer it later, from any thread, by one `codriver_respond` or `codriver_fail`. What `request` points to
   * lives until the callback returns.
   */
  void (*request)(void *user_data, const codriver_request *request);
  /**
   * A call of the program's own filesystem (`sessionFs.store` is `"foreign"`): answer it as a question. What `request`
   * points to lives until the callback returns.
   */
  void (*fs_request)(void *user_data, const codriver_fs_request *request);
  /**
   * Nobody waits for the answer to `call_id` any more.
   */
  void (*cancel)(void *user_data, uint64_t call_id);
  /**
   * Nothing of this client is called any more; `user_data` may be freed. Called once. Where the client could not be made,
   * `codriver_client_new` calls it on its caller's thread before it returns; only of a struct with a wrong `struct_size`
   * nothing is read, and so nothing called.
   */
  void (*destroy)(void *user_data);
} codriver_callbacks;

/**
 * Who is told of the end of an operation that began: `done` is called once, where the client's callbacks are and before their
 * `destroy`. A store has a thread of its own for it. Where the function failed, nothing began, and `done` is not called.
 */
typedef struct {
  /**
   * `sizeof(codriver_completion)`, as the program knows it.
   */
  size_t struct_size;
  /**
   * Given to `done`.
   */
  void *user_data;
  /**
   * `status` is 0 and `result` is JSON, or `error` says why not. Both live until the callback returns.
   */
  void (*done)(void *user_data, codriver_status status, codriver_str result, const codriver_error *error);
} codriver_completion;

/**
 * Text or bytes that are the caller's: to be given back by `codriver_buf_free`. All zero: nothing. A NUL stands behind the
 * last byte, which `len` does not count.
 */
typedef struct {
  /**
   * The first byte.
   */
  char *ptr;
  /**
   * How many bytes.
   */
  size_t len;
} codriver_buf;

/**
 * What was taken.
 */
typedef struct {
  /**
   * The caller's, to be given back. Of a client an array of notices; of a session or stream
   * `{"seq":[…],"first":[…],"type":[…],"size":[…],"events":[…]}`, arrays of one length, the events in the runtime's own bytes. `size`
   * has the bytes of each: behind the first `"events":[` they stand one after the other, a comma between.
   */
  codriver_buf json;
  /**
   * How many.
   */
  size_t count;
  /**
   * Whether there is more: take again, no wake comes for it.
   */
  bool more;
  /**
   * Whether the session is over, and everything was taken.
   */
  bool ended;
} codriver_batch;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Makes a client that is not connected yet. `options`: JSON, or NULL for the defaults; README has the names.
 */
codriver_status codriver_client_new(codriver_str options,
                                    const codriver_callbacks *callbacks,
                                    uint32_t flags,
                                    uint64_t *out,
                                    codriver_error **error);

/**
 * Connects, and starts the runtime where that is ours to do. Result: `{"protocolVersion", "runtimeVersion"}`.
 */
codriver_status codriver_client_connect(uint64_t client,
                                        const codriver_completion *completion,
                                        uint64_t *out,
                                        codriver_error **error);

/**
 * Ends the client in order: sessions, runtime, descendants. Result: the array of errors there were. Twice is fine.
 */
codriver_status codriver_client_stop(uint64_t client,
                                     const codriver_completion *completion,
                                     uint64_t *out,
                                     codriver_error **error);

/**
 * Ends the client at once. Result: the array of errors there were.
 */
codriver_status codriver_client_force_stop(uint64_t client,
                                           const codriver_completion *completion,
                                           uint64_t *out,
                                           codriver_error **error);

/**
 * Asks for a sign of life; `message` may be NULL. Result: `{"message", "timestamp", "protocolVersion"}`.
 */
codriver_status codriver_client_ping(uint64_t client,
                                     codriver_str message,
                                     const codriver_completion *completion,
                                     uint64_t *out,
                                     codriver_error **error);

/**
 * The runtime's version and protocol. Result: an object.
 */
codriver_status codriver_client_get_status(uint64_t client,
                                           const codriver_completion *completion,
                                           uint64_t *out,
                                           codriver_error **error);

/**
 * Who is logged in. Result: an object.
 */
codriver_status codriver_client_get_auth_status(uint64_t client,
                                                const codriver_completion *completion,
                                                uint64_t *out,
                                                codriver_error **error);

/**
 * The models there are. Result: an array.
 */
codriver_status codriver_client_list_models(uint64_t client,
                                            const codriver_completion *completion,
                                            uint64_t *out,
                                            codriver_error **error);

/**
 * The session the terminal shows. Result: its id, or `null`.
 */
codriver_status codriver_client_get_foreground_session_id(uint64_t client,
                                                          const codriver_completion *completion,
                                                          uint64_t *out,
                                                          codriver_error **error);

/**
 * Makes the terminal show a session. Result: `null`.
 */
codriver_status codriver_client_set_foreground_session_id(uint64_t client,
                                                          codriver_str session_id,
                                                          const codriver_completion *completion,
                                                          uint64_t *out,
                                                          codriver_error **error);

/**
 * Any method of the runtime. `params`: JSON, or NULL for an empty object. Result: the runtime's.
 */
codriver_status codriver_client_rpc(uint64_t client,
                                    codriver_str method,
                                    codriver_str params,
                                    const codriver_completion *completion,
                                    uint64_t *out,
                                    codriver_error **error);

/**
 * `{"state", "protocolVersion"?, "runtimeVersion"?, "runtimePid"?}`, as it is now.
 */
codriver_status codriver_client_info(uint64_t client, codriver_buf *out, codriver_error **error);

/**
 * The counters of all sessions of the client together.
 */
codriver_status codriver_client_counters(uint64_t client, codriver_buf *out, codriver_error **error);

/**
 * Finds the runtime that a client with these options (JSON, or NULL) would start. Gives `{"path", "origin"}`; the error of one
 * that is not there says where was looked.
 */
codriver_status codriver_find_runtime(codriver_str options,
                                      codriver_buf *out,
                                      codriver_error **error);

/**
 * The directory that `codriver doctor --install` fills, which is looked at last; empty where there is no home.
 */
codriver_status codriver_runtime_install_dir(codriver_buf *out,
                                             codriver_error **error);

/**
 * Its number; `CODRIVER_OK` for NULL.
 */
codriver_status codriver_error_status(const codriver_error *error);

/**
 * What happened, in a sentence; lives as long as the error. Empty for NULL.
 */
codriver_str codriver_error_message(const codriver_error *error);

/**
 * `{"number", "name", "message", "rpc"?: {"code", "message", "data"?}}`; lives as long as the error. Empty for NULL.
 */
codriver_str codriver_error_json(const codriver_error *error);

/**
 * Gives an error back; NULL is fine.
 */
void codriver_error_free(codriver_error *error);

/**
 * Takes up to `max` events, of at most `max_bytes` bytes together (but at least one), or up to `max` notices. `id` is a
 * client, a session with `handlers.onEvent`, or a stream. Does not wait; nothing there is an empty batch.
 */
codriver_status codriver_take(uint64_t id,
                              size_t max,
                              size_t max_bytes,
                              codriver_batch *out,
                              codriver_error **error);

/**
 * Reports that the program failed to handle an event it took from `id`, a session or a stream: it is counted, logged, and
 * comes as a notice `handlerError`, as the failure of any other handler does.
 */
codriver_status codriver_report_handler_error(uint64_t id,
                                              codriver_str place,
                                              codriver_str message,
                                              codriver_error **error);

/**
 * Calls back on this thread, for a client made with `CODRIVER_CLIENT_WAIT`: all there is to tell, or what comes first
 * within `timeout_ms`. `count` gets how much it was. For programs with a loop of their own; one thread at a time.
 */
codriver_status codriver_wait(uint64_t client,
                              uint64_t timeout_ms,
                              size_t *count,
                              codriver_error **error);

/**
 * Gives an id back: a client, a session, a stream or a store. A client that was not stopped is ended at once; a session
 * ends here and stays with the runtime. Returns at once, also within a callback; a client's operations that still run end
 * with `CODRIVER_CANCELLED`, then `destroy` is called.
 */
codriver_status codriver_close(uint64_t id,
                               codriver_error **error);

/**
 * Waits for an operation that was begun without a completion, at most `timeout_ms`, and gives its result as JSON, or its
 * error. Then the operation is over. `CODRIVER_TIMEOUT` with the operation still running: wait again, or cancel it.
 * `CODRIVER_WOULD_DEADLOCK` within a callback.
 */
codriver_status codriver_op_wait(uint64_t op,
                                 uint64_t timeout_ms,
                                 codriver_buf *out,
                                 codriver_error **error);

/**
 * Asks an operation to end: it ends with `CODRIVER_CANCELLED`, unless it is over already. What the runtime does with it is
 * not undone.
 */
codriver_status codriver_op_cancel(uint64_t op,
                                   codriver_error **error);

/**
 * Gives the answer to a `permission` that approves the same thing as `request` (its payload, JSON) for the rest of its session.
 * Asks nobody.
 */
codriver_status codriver_approve_for_session(codriver_str request,
                                             codriver_buf *out,
                                             codriver_error **error);

/**
 * Answers a question with JSON, from any thread. An answer that cannot be used is refused with
 * `CODRIVER_INVALID_ARGUMENT`, and the question stays open: answer again, or `codriver_fail`. `CODRIVER_BAD_HANDLE` where
 * nobody waits for it (any more).
 */
codriver_status codriver_respond(uint64_t call_id,
                                 codriver_str json,
                                 codriver_error **error);

/**
 * Answers `CODRIVER_FS_READ` with the content of the file, as `codriver_respond`.
 */
codriver_status codriver_respond_content(uint64_t call_id, codriver_str content, codriver_error **error);

/**
 * Says that there is no answer to a question, and why: `number` is a status (for a filesystem `CODRIVER_FS_NOT_FOUND` and
 * its kin), or 0. The runtime gets the secure default of the question; `message` may get there, so put no secret into it.
 */
codriver_status codriver_fail(uint64_t call_id,
                              uint32_t number,
                              codriver_str message,
                              codriver_error **error);

/**
 * Makes a session that is not open yet; its id is what asks and tells of it from the first byte on. `config`: JSON, or
 * NULL for the defaults, with `handlers`: what the program answers. README has the names.
 */
codriver_status codriver_session_new(uint64_t client,
                                     codriver_str config,
                                     uint64_t *out,
                                     codriver_error **error);

/**
 * Opens a stream of the session's events, with its own id and its own wakes: from now on, or, where `from_seq` is not 0,
 * from that number on as far as they are held. `codriver_close` ends it.
 */
codriver_status codriver_session_subscribe(uint64_t session,
                                           uint64_t from_seq,
                                           uint64_t *out,
                                           codriver_error **error);

/**
 * Creates the session. A session is created, resumed or joined once. Result: `{"sessionId", "workspacePath"?}`.
 */
codriver_status codriver_session_create(uint64_t session,
                                        const codriver_completion *completion,
                                        uint64_t *out,
                                        codriver_error **error);

/**
 * Resumes a stored session. Result: as create.
 */
codriver_status codriver_session_resume(uint64_t session,
                                        codriver_str session_id,
                                        const codriver_completion *completion,
                                        uint64_t *out,
                                        codriver_error **error);

/**
 * Joins the session of the runtime that started this process. Result: as create.
 */
codriver_status codriver_session_join(uint64_t session,
                                      const codriver_completion *completion,
                                      uint64_t *out,
                                      codriver_error **error);

/**
 * Sends a prompt. `options`: `{"prompt": …, …}`. Result: the message id.
 */
codriver_status codriver_session_send(uint64_t session,
                                      codriver_str options,
                                      const codriver_completion *completion,
                                      uint64_t *out,
                                      codriver_error **error);

/**
 * Sends a prompt and waits for the end of its turn, at most `timeout_ms`; the turn then goes on, unless `abort_on_timeout`.
 * Result: `{"messageId", "content", "aborted"}`.
 */
codriver_status codriver_session_send_and_wait(uint64_t session,
                                               codriver_str options,
                                               uint64_t timeout_ms,
                                               bool abort_on_timeout,
                                               const codriver_completion *completion,
                                               uint64_t *out,
                                               codriver_error **error);

/**
 * Stops what the session does. Result: `null`.
 */
codriver_status codriver_session_abort(uint64_t session,
                                       const codriver_completion *completion,
                                       uint64_t *out,
                                       codriver_error **error);

/**
 * The stored events. Result: an array of the runtime's own bytes.
 */
codriver_status codriver_session_get_events(uint64_t session,
                                            const codriver_completion *completion,
                                            uint64_t *out,
                                            codriver_error **error);

/**
 * Switches the model; `reasoning_effort` may be NULL. Result: `null`.
 */
codriver_status codriver_session_set_model(uint64_t session,
                                           codriver_str model,
                                           codriver_str reasoning_effort,
                                           const codriver_completion *completion,
                                           uint64_t *out,
                                           codriver_error **error);

/**
 * Puts a line into the session's log; `level` (`info`, `warning`, `error`) may be NULL. Result: the event's id.
 */
codriver_status codriver_session_log(uint64_t session,
                                     codriver_str message,
                                     codriver_str level,
                                     bool ephemeral,
                                     const codriver_completion *completion,
                                     uint64_t *out,
                                     codriver_error **error);

/**
 * Waits until the session takes prompts, at most `timeout_ms`. Result: `null`.
 */
codriver_status codriver_session_wait_until_ready(uint64_t session,
                                                  uint64_t timeout_ms,
                                                  const codriver_completion *completion,
                                                  uint64_t *out,
                                                  codriver_error **error);

/**
 * Any method of the runtime, with `sessionId` added to `params` (a JSON object, or NULL). Result: the runtime's.
 */
codriver_status codriver_session_rpc(uint64_t session,
                                     codriver_str method,
                                     codriver_str params,
                                     const codriver_completion *completion,
                                     uint64_t *out,
                                     codriver_error **error);

/**
 * Ends the session here and tells the runtime, which keeps what it stored. The id stays, for the events that are left:
 * close it then. Result: `null`.
 */
codriver_status codriver_session_disconnect(uint64_t session,
                                            const codriver_completion *completion,
                                            uint64_t *out,
                                            codriver_error **error);

/**
 * `{"sessionId", "workspacePath"?, "capabilities"}`, as it is now.
 */
codriver_status codriver_session_info(uint64_t session, codriver_buf *out, codriver_error **error);

/**
 * What was counted for the session.
 */
codriver_status codriver_session_counters(uint64_t session, codriver_buf *out, codriver_error **error);

/**
 * The stable name of a status, e.g. `SESSION_NOT_FOUND`; lives as long as the program. Empty for a number that is none.
 */
codriver_str codriver_status_name(uint32_t status);

/**
 * Opens the store that a URL names: `memory:`, `dir:PATH`, `sqlite:PATH`. Blocks while it opens. Its id may be
 * `sessionFs.store` of a client.
 */
codriver_status codriver_store_open(codriver_str url,
                                    uint64_t *out,
                                    codriver_error **error);

/**
 * Opens a store as `codriver_store_open`, and makes nothing where nothing is.
 */
codriver_status codriver_store_open_existing(codriver_str url,
                                             uint64_t *out,
                                             codriver_error **error);

/**
 * The sessions of the store. `filter`: a JSON object, or NULL. Result: an array, as `codriver_client_list_sessions`.
 */
codriver_status codriver_store_list_sessions(uint64_t store,
                                             codriver_str filter,
                                             const codriver_completion *completion,
                                             uint64_t *out,
                                             codriver_error **error);

/**
 * What is known of a session. Result: an object, or `null`.
 */
codriver_status codriver_store_get_session_metadata(uint64_t store,
                                                    codriver_str session_id,
                                                    const codriver_completion *completion,
                                                    uint64_t *out,
                                                    codriver_error **error);

/**
 * The session that was changed last. Result: its id, or `null`.
 */
codriver_status codriver_store_get_last_session_id(uint64_t store,
                                                   const codriver_completion *completion,
                                                   uint64_t *out,
                                                   codriver_error **error);

/**
 * The events of a session. Result: `{"events": […], "unreadable": how many lines of the log are none}`.
 */
codriver_status codriver_store_get_events(uint64_t store,
                                          codriver_str session_id,
                                          const codriver_completion *completion,
                                          uint64_t *out,
                                          codriver_error **error);

/**
 * Erases a session with all its files. Result: `null`.
 */
codriver_status codriver_store_delete_session(uint64_t store,
                                              codriver_str session_id,
                                              const codriver_completion *completion,
                                              uint64_t *out,
                                              codriver_error **error);

/**
 * Makes the session `new_id` of what `session_id` is now. Result: `null`.
 */
codriver_status codriver_store_fork_session(uint64_t store,
                                            codriver_str session_id,
                                            codriver_str new_id,
                                            const codriver_completion *completion,
                                            uint64_t *out,
                                            codriver_error **error);

/**
 * Writes a session into a new file. Result: the archive's manifest.
 */
codriver_status codriver_store_export_session(uint64_t store,
                                              codriver_str session_id,
                                              codriver_str path,
                                              const codriver_completion *completion,
                                              uint64_t *out,
                                              codriver_error **error);

/**
 * Makes a session of what `codriver_store_export_session` wrote, under the id it had or, where it is not NULL, `new_id`.
 * Result: the id.
 */
codriver_status codriver_store_import_session(uint64_t store,
                                              codriver_str path,
                                              codriver_str new_id,
                                              const codriver_completion *completion,
                                              uint64_t *out,
                                              codriver_error **error);

/**
 * Looks at the event log of a session, which stays as it is. Result:
 * `{"sessionId", "bytes", "events", "damage": [{"kind", "line", "offset", "bytes"}], "quarantine"}`; no `damage`: it is whole.
 */
codriver_status codriver_store_check(uint64_t store,
                                     codriver_str session_id,
                                     const codriver_completion *completion,
                                     uint64_t *out,
                                     codriver_error **error);

/**
 * `codriver_store_check` of every session, the last changed first. Result: an array, in which one that cannot be read is
 * `{"sessionId", "error": {"number", "name", "message"}}`.
 */
codriver_status codriver_store_check_all(uint64_t store,
                                         const codriver_completion *completion,
                                         uint64_t *out,
                                         codriver_error **error);

/**
 * Repairs the event log of a session, which must not be open meanwhile. Nothing is deleted: what is not whole goes to the file
 * of the session that `quarantine` names. Result: what was wrong, as `codriver_store_check`.
 */
codriver_status codriver_store_repair(uint64_t store,
                                      codriver_str session_id,
                                      const codriver_completion *completion,
                                      uint64_t *out,
                                      codriver_error **error);

/**
 * `codriver_store_repair` of every session. Result: as `codriver_store_check_all`.
 */
codriver_status codriver_store_repair_all(uint64_t store,
                                          const codriver_completion *completion,
                                          uint64_t *out,
                                          codriver_error **error);

/**
 * The stored sessions. `filter`: a JSON object, or NULL. Result: an array.
 */
codriver_status codriver_client_list_sessions(uint64_t client,
                                              codriver_str filter,
                                              const codriver_completion *completion,
                                              uint64_t *out,
                                              codriver_error **error);

/**
 * What is known of a stored session. Result: an object, or `null`.
 */
codriver_status codriver_client_get_session_metadata(uint64_t client,
                                                     codriver_str session_id,
                                                     const codriver_completion *completion,
                                                     uint64_t *out,
                                                     codriver_error **error);

/**
 * The session that was used last. Result: its id, or `null`.
 */
codriver_status codriver_client_get_last_session_id(uint64_t client,
                                                    const codriver_completion *completion,
                                                    uint64_t *out,
                                                    codriver_error **error);

/**
 * The stored events of a session, whether or not anybody has it open. Result: an array of the runtime's own bytes.
 */
codriver_status codriver_client_get_events(uint64_t client,
                                           codriver_str session_id,
                                           const codriver_completion *completion,
                                           uint64_t *out,
                                           codriver_error **error);

/**
 * Erases a stored session. Result: `null`.
 */
codriver_status codriver_client_delete_session(uint64_t client,
                                               codriver_str session_id,
                                               const codriver_completion *completion,
                                               uint64_t *out,
                                               codriver_error **error);

/**
 * Opens the store that has the client's sessions; `codriver_close` gives it back. Gives 0 where the runtime keeps them, or the
 * program itself.
 */
codriver_status codriver_client_session_store(uint64_t client,
                                              uint64_t *out,
                                              codriver_error **error);

#if defined(CODRIVER_TEST_HOOKS)
/**
 * Panics in the library, on the caller's thread.
 */
codriver_status codriver_test_panic(codriver_error **error);
#endif

#if defined(CODRIVER_TEST_HOOKS)
/**
 * Panics in the library, in an operation.
 */
codriver_status codriver_test_panic_later(uint64_t client,
                                          const codriver_completion *completion,
                                          uint64_t *out,
                                          codriver_error **error);
#endif

#if defined(CODRIVER_TEST_HOOKS)
/**
 * Runs the conformance suite of filesystems over `fs_request`: every case with the files of a session of its own
 * (`conformance-1`, …), which must be empty. Gives `{"passed": […], "failures": [{"case", "reason"}]}`.
 */
codriver_status codriver_test_fs_conformance(uint64_t client,
                                             const codriver_completion *completion,
                                             uint64_t *out,
                                             codriver_error **error);
#endif

#if defined(CODRIVER_TEST_HOOKS)
/**
 * Reads a small file of the session `measured` through `fs_request`, `calls` times, one after the other. Gives
 * `{"nanoseconds"}`, which all of them took.
 */
codriver_status codriver_test_fs_round_trips(uint64_t client,
                                             uint64_t calls,
                                             const codriver_completion *completion,
                                             uint64_t *out,
                                             codriver_error **error);
#endif

/**
 * Gives back what a function gave out, and makes it nothing; nothing and NULL are fine.
 */
void codriver_buf_free(codriver_buf *buf);

/**
 * Shows a form. `schema`: a JSON schema object. Result: the answer.
 */
codriver_status codriver_session_ui_elicitation(uint64_t session,
                                                codriver_str message,
                                                codriver_str schema,
                                                const codriver_completion *completion,
                                                uint64_t *out,
                                                codriver_error **error);

/**
 * Asks a yes-or-no question. Result: `true` or `false`.
 */
codriver_status codriver_session_ui_confirm(uint64_t session,
                                            codriver_str message,
                                            const codriver_completion *completion,
                                            uint64_t *out,
                                            codriver_error **error);

/**
 * Lets the user choose. `choices`: a JSON array of strings. Result: a choice, or `null`.
 */
codriver_status codriver_session_ui_select(uint64_t session,
                                           codriver_str message,
                                           codriver_str choices,
                                           const codriver_completion *completion,
                                           uint64_t *out,
                                           codriver_error **error);

/**
 * Lets the user enter a line. Result: it, or `null`.
 */
codriver_status codriver_session_ui_input(uint64_t session,
                                          codriver_str message,
                                          const codriver_completion *completion,
                                          uint64_t *out,
                                          codriver_error **error);

/**
 * The version of the interface that the library has; compare it with `CODRIVER_ABI_VERSION`.
 */
uint32_t codriver_abi_version(void);

/**
 * The version of the library, e.g. `0.1.0`; lives as long as the program.
 */
codriver_str codriver_version(void);

/**
 * Closes whatever is open and ends all threads of the library. A program need not call it; one that counts leaks, or
 * unloads the library, does so last. A client made later starts anew.
 *
 * Fails with `CODRIVER_WOULD_DEADLOCK` within a callback, and with `CODRIVER_TIMEOUT` where a callback did not return within
 * `timeout_ms`.
 */
codriver_status codriver_shutdown(uint64_t timeout_ms,
                                  codriver_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CODRIVER_H */
