/* What the test programs share: checks, and a program's side of the callbacks that remembers what it is told. */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codriver.h"

#ifdef __cplusplus
#define ZERO {}
#else
#define ZERO {0}
#endif

#define PATIENCE_MS 60000
#define MANY 4096

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    if (!(condition)) fail_at(__FILE__, __LINE__, #condition, NULL);                                                   \
  } while (0)

/* The call returns this status. Its last argument is `&error`, which is freed. */
#define EXPECT(wanted, call)                                                                                           \
  do {                                                                                                                 \
    codriver_error *error = NULL;                                                                                      \
    codriver_status status = (call);                                                                                   \
    if (status != (wanted) || codriver_error_status(error) != (wanted)) fail_at(__FILE__, __LINE__, #call, error);      \
    CHECK((status == CODRIVER_OK) == (error == NULL));                                                                 \
    codriver_error_free(error);                                                                                        \
  } while (0)

#define OK(call) EXPECT(CODRIVER_OK, call)

static inline void fail_at(const char *file, int line, const char *what, const codriver_error *error) {
  codriver_str json = codriver_error_json(error);
  fprintf(stderr, "%s:%d: %s: %.*s\n", file, line, what, (int)json.len, json.ptr ? json.ptr : "");
  abort();
}

static inline codriver_str str(const char *text) {
  codriver_str made = {text, text == NULL ? 0 : strlen(text)};
  return made;
}

static inline int has(codriver_str text, const char *part) {
  size_t length = strlen(part);
  for (size_t at = 0; at + length <= text.len; at++)
    if (memcmp(text.ptr + at, part, length) == 0) return 1;
  return 0;
}

static inline int is(codriver_str text, const char *wanted) {
  return text.len == strlen(wanted) && memcmp(text.ptr, wanted, text.len) == 0;
}

/* A question as it was asked. */
typedef struct asked {
  uint64_t call_id;
  uint64_t session;
  char kind[32];
  char name[64];
} asked;

/* All that a client told. */
typedef struct heard {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  size_t wakes, questions, cancels, destroyed;
  pthread_t destroyer;
  uint64_t cancelled;
  uint64_t woken[MANY];
  asked asked_for[MANY];
} heard;

static inline void heard_init(heard *ear) {
  memset(ear, 0, sizeof *ear);
  pthread_mutex_init(&ear->lock, NULL);
  pthread_cond_init(&ear->changed, NULL);
}

static inline void heard_free(heard *ear) {
  pthread_cond_destroy(&ear->changed);
  pthread_mutex_destroy(&ear->lock);
}

static inline void on_wake(void *user_data, uint64_t id) {
  heard *ear = (heard *)user_data;
  pthread_mutex_lock(&ear->lock);
  CHECK(ear->destroyed == 0);
  ear->woken[ear->wakes++ % MANY] = id;
  pthread_cond_broadcast(&ear->changed);
  pthread_mutex_unlock(&ear->lock);
}

static inline void copy(char *to, size_t size, codriver_str from) {
  CHECK(from.len < size);
  if (from.len > 0) memcpy(to, from.ptr, from.len);
  to[from.len] = 0;
}

static inline void on_request(void *user_data, const codriver_request *request) {
  heard *ear = (heard *)user_data;
  pthread_mutex_lock(&ear->lock);
  CHECK(ear->destroyed == 0 && request->struct_size == sizeof *request && ear->questions < MANY);
  asked *question = &ear->asked_for[ear->questions++];
  question->call_id = request->call_id;
  question->session = request->session;
  copy(question->kind, sizeof question->kind, request->kind);
  copy(question->name, sizeof question->name, request->name);
  pthread_cond_broadcast(&ear->changed);
  pthread_mutex_unlock(&ear->lock);
}

static inline void on_cancel(void *user_data, uint64_t call_id) {
  heard *ear = (heard *)user_data;
  pthread_mutex_lock(&ear->lock);
  CHECK(ear->destroyed == 0);
  ear->cancels++;
  ear->cancelled = call_id;
  pthread_cond_broadcast(&ear->changed);
  pthread_mutex_unlock(&ear->lock);
}

static inline void on_destroy(void *user_data) {
  heard *ear = (heard *)user_data;
  pthread_mutex_lock(&ear->lock);
  ear->destroyed++;
  ear->destroyer = pthread_self();
  pthread_cond_broadcast(&ear->changed);
  pthread_mutex_unlock(&ear->lock);
}

static inline codriver_callbacks callbacks_of(heard *ear) {
  codriver_callbacks callbacks = ZERO;
  callbacks.struct_size = sizeof callbacks;
  callbacks.user_data = ear;
  callbacks.wake = on_wake;
  callbacks.request = on_request;
  callbacks.cancel = on_cancel;
  callbacks.destroy = on_destroy;
  return callbacks;
}

/* Waits until a count of what was heard is at least this. */
static inline void wait_for(heard *ear, const size_t *count, size_t at_least) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += PATIENCE_MS / 1000;
  pthread_mutex_lock(&ear->lock);
  while (*count < at_least) CHECK(pthread_cond_timedwait(&ear->changed, &ear->lock, &until) == 0);
  pthread_mutex_unlock(&ear->lock);
}

/* Options for a client of the mock runtime, which plays `script` (NULL: what a sensible runtime does). */
static inline char *options_with(const char *script, const char *more) {
  const char *mock = getenv("MOCK_RUNTIME");
  CHECK(mock != NULL);
  size_t size = strlen(mock) + 2 * (script ? strlen(script) : 0) + strlen(more) + 128;
  char *options = (char *)malloc(size);
  CHECK(options != NULL);
  int length = snprintf(options, size, "{\"cliPath\":\"%s\"%s,\"env\":{", mock, more);
  if (script) {
    length += snprintf(options + length, size - (size_t)length, "\"MOCK_RUNTIME_SCRIPT\":\"");
    for (const char *at = script; *at; at++) {
      if (*at == '"') options[length++] = '\\';
      options[length++] = *at;
    }
    options[length++] = '"';
  }
  snprintf(options + length, size - (size_t)length, "}}");
  return options;
}

static inline uint64_t new_client(heard *ear, const char *script, const char *more, uint32_t flags) {
  codriver_callbacks callbacks = callbacks_of(ear);
  char *options = options_with(script, more);
  uint64_t client = 0;
  OK(codriver_client_new(str(options), &callbacks, flags, &client, &error));
  free(options);
  CHECK(client != 0);
  return client;
}

/* Waits for an operation and says whether its result has `part`. */
static inline void finish(uint64_t op, const char *part) {
  codriver_buf result = ZERO;
  OK(codriver_op_wait(op, PATIENCE_MS, &result, &error));
  codriver_str text = {result.ptr, result.len};
  if (!has(text, part)) fail_at(__FILE__, __LINE__, result.ptr, NULL);
  CHECK(result.ptr[result.len] == 0);
  codriver_buf_free(&result);
  CHECK(result.ptr == NULL && result.len == 0);
  codriver_buf_free(&result);
}

static inline uint64_t connected(heard *ear, const char *script, const char *more) {
  uint64_t client = new_client(ear, script, more, 0), op = 0;
  OK(codriver_client_connect(client, NULL, &op, &error));
  finish(op, "\"protocolVersion\":3");
  return client;
}

static inline uint64_t created(uint64_t client, const char *config) {
  uint64_t session = 0, op = 0;
  OK(codriver_session_new(client, str(config), &session, &error));
  OK(codriver_session_create(session, NULL, &op, &error));
  finish(op, "\"sessionId\"");
  return session;
}

/* Closes a client and waits until nothing of it is called any more. */
static inline void closed(heard *ear, uint64_t client) {
  OK(codriver_close(client, &error));
  wait_for(ear, &ear->destroyed, 1);
  CHECK(ear->destroyed == 1);
  EXPECT(CODRIVER_BAD_HANDLE, codriver_close(client, &error));
}

static inline int finished(const char *name) {
  OK(codriver_shutdown(PATIENCE_MS, &error));
  printf("ok %s\n", name);
  return 0;
}

#endif
