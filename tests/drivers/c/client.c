/* The client: how it is asked for, and what it tells. */
#include <stdlib.h>
#include <string.h>

#include "driver.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t current;
static json_t *asked_for;
static bool stopped;

uint64_t client_current(bool stopping) {
  pthread_mutex_lock(&lock);
  uint64_t client = current;
  stopped |= stopping;
  pthread_mutex_unlock(&lock);
  return client;
}

static void notice(json_t *told) {
  const char *kind = json_string_value(json_object_get(told, "kind"));
  if (strcmp(kind, "state") == 0) {
    say(json_pack("{s:s,s:O}", "obs", "state", "state", json_object_get(told, "state")));
  } else if (strcmp(kind, "lifecycle") == 0) {
    json_t *event = json_object_get(told, "event");
    say(json_pack("{s:s,s:O,s:O}", "obs", "lifecycle", "type", json_object_get(event, "type"), "session_id",
                  json_object_get(event, "sessionId")));
  } else if (strcmp(kind, "handlerError") == 0) {
    const session *from = session_of((uint64_t)json_integer_value(json_object_get(told, "session")));
    say(json_pack("{s:s,s:s?,s:O}", "obs", "handler_error", "session", from ? from->name : NULL, "where",
                  json_object_get(told, "place")));
  }
}

/* Nothing is told before the client connects: its id is known by then. */
static void on_wake(void *user_data, uint64_t id) {
  if (id != *(uint64_t *)user_data) {
    consumer_woken(id);
    return;
  }
  for (bool more = true; more;) {
    codriver_batch batch;
    if (codriver_take(id, 64, 0, &batch, NULL) != CODRIVER_OK) return;
    json_t *read = checked(json_loadb(batch.json.ptr, batch.json.len, JSON_ALLOW_NUL, NULL)), *told;
    codriver_buf_free(&batch.json);
    size_t at;
    json_array_foreach(read, at, told) { notice(told); }
    json_decref(read);
    more = batch.more;
  }
}

static void set_text(json_t *object, const char *name, const json_t *value) {
  if (value != NULL) json_object_set(object, name, (json_t *)value);
}

/* Where the files of sessions are, in the words of the interface. */
static json_t *session_fs(const json_t *fs) {
  const char *store = json_string_value(json_object_get(fs, "store"));
  char url[4096];
  if (store == NULL || strlen(store) + 8 > sizeof url) abort();
  if (strcmp(store, "memory") == 0) strcpy(url, "memory:");
  else if (strncmp(store, "directory:", 10) == 0) strcat(strcpy(url, "dir:"), store + 10);
  else strcpy(url, store);
  json_t *made = checked(json_pack("{s:s}", "store", url));
  set_text(made, "initialCwd", json_object_get(fs, "initial_cwd"));
  set_text(made, "statePath", json_object_get(fs, "state_path"));
  set_text(made, "conventions", json_object_get(fs, "conventions"));
  json_object_set_new(made, "sqlite", json_boolean(json_is_true(json_object_get(fs, "sqlite"))));
  json_object_set_new(made, "binary", json_boolean(json_is_true(json_object_get(fs, "binary"))));
  return made;
}

static json_t *options_of(const json_t *start) {
  const json_t *given = json_object_get(start, "options"), *runtime = json_object_get(start, "runtime");
  json_t *options = json_is_object(given) ? json_deep_copy(given) : json_object();
  const char *kind = json_string_value(json_object_get(runtime, "kind"));
  if (kind != NULL && strcmp(kind, "tcp") == 0) {
    json_t *transport = checked(json_pack("{s:s}", "kind", "external"));
    set_text(transport, "host", json_object_get(runtime, "host"));
    set_text(transport, "port", json_object_get(runtime, "port"));
    set_text(transport, "token", json_object_get(runtime, "token"));
    json_object_set_new(options, "transport", transport);
  } else {
    set_text(options, "cliPath", json_object_get(runtime, "path"));
    set_text(options, "cliArgs", json_object_get(runtime, "args"));
    set_text(options, "env", json_object_get(runtime, "env"));
  }
  const json_t *fs = json_object_get(start, "session_fs");
  if (json_is_object(fs)) json_object_set_new(options, "sessionFs", session_fs(fs));
  return options;
}

/* What of a command says which client is meant. */
static json_t *meant(const json_t *start) {
  json_t *made = checked(json_object());
  static const char *const names[] = {"runtime", "session_fs", "options"};
  for (size_t at = 0; at < 3; at++) set_text(made, names[at], json_object_get(start, names[at]));
  return made;
}

/* The client there is, if it was asked for in the same words and was not stopped; else a new one. */
codriver_status client_start(const json_t *start, uint64_t *client, codriver_error **error) {
  json_t *wanted = meant(start);
  codriver_status status = CODRIVER_OK;
  pthread_mutex_lock(&lock);
  if (current == 0 || stopped || !json_equal(asked_for, wanted)) {
    uint64_t *made = checked(calloc(1, sizeof *made));
    codriver_callbacks callbacks = {sizeof callbacks, made, on_wake, on_request, on_fs_request, on_cancel, free};
    json_t *options = options_of(start);
    char *text = checked(json_dumps(options, JSON_COMPACT));
    json_decref(options);
    status = codriver_client_new(str(text), &callbacks, 0, made, error);
    free(text);
    if (status == CODRIVER_OK) {
      json_decref(asked_for);
      asked_for = json_incref(wanted);
      current = *made;
      stopped = false;
    }
  }
  *client = current;
  pthread_mutex_unlock(&lock);
  json_decref(wanted);
  return status;
}
