/* The commands of the contract: each begins in its turn, and is over when its operation is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

/* A command under way. */
typedef struct command {
  struct command *next;
  json_int_t id;
  const char *name;
  json_t *line;
  session *opening;
  uint64_t op;
} command;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static command *running;

static const char *text_of(const command *own, const char *name) {
  return json_string_value(json_object_get(own->line, name));
}

/* A field as JSON text, NULL where it is not there; to be freed. */
static char *json_of(const command *own, const char *name) {
  const json_t *value = json_object_get(own->line, name);
  if (value == NULL || json_is_null(value)) return NULL;
  return checked(json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY));
}

static json_t *errors_of(const json_t *result) {
  json_t *errors = checked(json_array()), *error;
  size_t at;
  json_array_foreach(result, at, error) { json_array_append_new(errors, error_value(error)); }
  return json_pack("{s:o}", "errors", errors);
}

/* The values of a field of each element. */
static json_t *fields(const char *as, const json_t *list, const char *name) {
  json_t *values = checked(json_array()), *element;
  size_t at;
  json_array_foreach(list, at, element) { json_array_append(values, json_object_get(element, name)); }
  return json_pack("{s:o}", as, values);
}

/* A result in the words of the contract. */
static json_t *value_of(const command *own, json_t *result) {
  const char *op = own->name;
  if (strcmp(op, "start") == 0)
    return json_pack("{s:O,s:O}", "protocol_version", json_object_get(result, "protocolVersion"), "runtime_version",
                     json_object_get(result, "runtimeVersion"));
  if (own->opening != NULL) {
    json_t *value = json_pack("{s:O}", "session_id", json_object_get(result, "sessionId"));
    json_t *path = json_object_get(result, "workspacePath");
    if (path != NULL) json_object_set(checked(value), "workspace_path", path);
    return value;
  }
  if (strcmp(op, "send") == 0) return json_pack("{s:O}", "message_id", result);
  if (strcmp(op, "send_and_wait") == 0) return json_pack("{s:O}", "content", json_object_get(result, "content"));
  if (strcmp(op, "get_events") == 0) return fields("types", result, "type");
  if (strcmp(op, "list_sessions") == 0) return fields("ids", result, "sessionId");
  if (strcmp(op, "get_metadata") == 0) return json_pack("{s:b}", "found", !json_is_null(result));
  if (strcmp(op, "last_session_id") == 0) return json_pack("{s:O}", "session_id", result);
  if (strcmp(op, "ping") == 0) return json_pack("{s:O}", "message", json_object_get(result, "message"));
  if (strcmp(op, "stop") == 0 || strcmp(op, "force_stop") == 0) return errors_of(result);
  if (strcmp(op, "rpc") == 0) return json_incref(result);
  return json_object();
}

static void forget(command *own) {
  json_decref(own->line);
  free(own);
}

/* The end of an operation. */
static void on_done(void *user_data, codriver_status status, codriver_str result, const codriver_error *error) {
  command *own = user_data;
  /* Held while the operation begins, so that its id is known here. */
  pthread_mutex_lock(&lock);
  command **at = &running;
  while (*at != own) at = &(*at)->next;
  *at = own->next;
  pthread_mutex_unlock(&lock);
  if (status == CODRIVER_OK) {
    json_t *read = checked(json_loadb(result.ptr, result.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
    if (own->opening != NULL) session_keep(own->opening);
    say_ok(own->id, value_of(own, read));
    json_decref(read);
  } else {
    if (own->opening != NULL) codriver_close(own->opening->id, NULL);
    say_error(own->id, error);
  }
  forget(own);
}

/* Begins what a command asks of the client; -1: it is none of these. */
static int of_client(command *own, uint64_t client, const codriver_completion *then, codriver_error **error) {
  const char *op = own->name;
  char *json = NULL;
  int status = -1;
  if (strcmp(op, "stop") == 0) status = (int)codriver_client_stop(client, then, &own->op, error);
  else if (strcmp(op, "force_stop") == 0) status = (int)codriver_client_force_stop(client, then, &own->op, error);
  else if (strcmp(op, "ping") == 0)
    status = (int)codriver_client_ping(client, str(text_of(own, "message")), then, &own->op, error);
  else if (strcmp(op, "list_sessions") == 0)
    status = (int)codriver_client_list_sessions(client, str(json = json_of(own, "filter")), then, &own->op, error);
  else if (strcmp(op, "get_metadata") == 0)
    status = (int)codriver_client_get_session_metadata(client, str(text_of(own, "session_id")), then, &own->op, error);
  else if (strcmp(op, "delete_session") == 0)
    status = (int)codriver_client_delete_session(client, str(text_of(own, "session_id")), then, &own->op, error);
  else if (strcmp(op, "last_session_id") == 0)
    status = (int)codriver_client_get_last_session_id(client, then, &own->op, error);
  else if (strcmp(op, "rpc") == 0)
    status = (int)codriver_client_rpc(client, str(text_of(own, "method")), str(json = json_of(own, "params")), then,
                                      &own->op, error);
  free(json);
  return status;
}

/* Begins what a command asks of a session; -1: it is none of these. */
static int of_session(command *own, const session *of, const codriver_completion *then, codriver_error **error) {
  const char *op = own->name;
  const json_t *timeout = json_object_get(own->line, "timeout_ms");
  uint64_t patience = json_is_integer(timeout) ? (uint64_t)json_integer_value(timeout) : PATIENCE_MS;
  char *json = NULL;
  int status = -1;
  if (strncmp(op, "send", 4) == 0) {
    json_t *options = checked(json_pack("{s:O}", "prompt", json_object_get(own->line, "prompt")));
    json = checked(json_dumps(options, JSON_COMPACT));
    json_decref(options);
  }
  if (strcmp(op, "send") == 0) status = (int)codriver_session_send(of->id, str(json), then, &own->op, error);
  else if (strcmp(op, "send_and_wait") == 0)
    status = (int)codriver_session_send_and_wait(of->id, str(json), patience, false, then, &own->op, error);
  else if (strcmp(op, "wait_ready") == 0)
    status = (int)codriver_session_wait_until_ready(of->id, PATIENCE_MS, then, &own->op, error);
  else if (strcmp(op, "abort") == 0) status = (int)codriver_session_abort(of->id, then, &own->op, error);
  else if (strcmp(op, "disconnect") == 0) status = (int)codriver_session_disconnect(of->id, then, &own->op, error);
  else if (strcmp(op, "get_events") == 0) status = (int)codriver_session_get_events(of->id, then, &own->op, error);
  else if (strcmp(op, "set_model") == 0)
    status = (int)codriver_session_set_model(of->id, str(text_of(own, "model")), str(NULL), then, &own->op, error);
  else if (strcmp(op, "rpc") == 0)
    status = (int)codriver_session_rpc(of->id, str(text_of(own, "method")), str(json = json_of(own, "params")), then,
                                       &own->op, error);
  free(json);
  return status;
}

/* Creates or resumes: the handlers are there before anything is asked for. */
static int open_session(command *own, uint64_t client, const codriver_completion *then, codriver_error **error) {
  json_t *config = json_object_get(own->line, "config"), *handlers = json_object_get(own->line, "handlers");
  const char *id = text_of(own, "session_id");
  if (id == NULL) id = json_string_value(json_object_get(config, "sessionId"));
  store_expect(id, behaviour_of(json_object_get(handlers, "fs")));
  own->opening = session_make(client, text_of(own, "session"), config, handlers, error);
  if (own->opening == NULL) return (int)codriver_error_status(*error);
  if (strcmp(own->name, "create_session") == 0)
    return (int)codriver_session_create(own->opening->id, then, &own->op, error);
  return (int)codriver_session_resume(own->opening->id, str(id), then, &own->op, error);
}

/* What is over when it has been asked for; -1: it is none of these. */
static int at_once(command *own, const session *of, uint64_t client, codriver_error **error) {
  if (strcmp(own->name, "counters") == 0) {
    codriver_buf counters;
    codriver_status status =
        of != NULL ? codriver_session_counters(of->id, &counters, error) : codriver_client_counters(client, &counters, error);
    if (status != CODRIVER_OK) return (int)status;
    say_ok(own->id, json_loadb(counters.ptr, counters.len, 0, NULL));
    codriver_buf_free(&counters);
    return 0;
  }
  if (strcmp(own->name, "subscribe") == 0 && of != NULL) {
    uint64_t stream = 0, from = (uint64_t)json_integer_value(json_object_get(own->line, "from_seq"));
    codriver_status status = codriver_session_subscribe(of->id, from, &stream, error);
    if (status != CODRIVER_OK) return (int)status;
    say_ok(own->id, json_object());
    consume(stream, (session *)of, client, own->id);
    return 0;
  }
  return -1;
}

static void cancel(command *own) {
  json_int_t target = json_integer_value(json_object_get(own->line, "target"));
  pthread_mutex_lock(&lock);
  for (command *at = running; at != NULL; at = at->next)
    if (at->id == target) codriver_op_cancel(at->op, NULL);
  pthread_mutex_unlock(&lock);
  say_ok(own->id, json_object());
  forget(own);
}

static void perform(command *own) {
  if (strcmp(own->name, "cancel") == 0) {
    cancel(own);
    return;
  }
  codriver_completion then = {sizeof then, own, on_done};
  codriver_error *error = NULL;
  const char *name = text_of(own, "session"), *op = own->name;
  bool opens = strcmp(op, "create_session") == 0 || strcmp(op, "resume_session") == 0;
  const session *of = name != NULL && !opens ? session_called(name) : NULL;
  uint64_t client = client_current(strcmp(op, "stop") == 0 || strcmp(op, "force_stop") == 0);
  if (name != NULL && !opens && of == NULL) {
    say_refusal(own->id, "no session is called that");
    forget(own);
    return;
  }
  int status = at_once(own, of, client, &error);
  if (status == 0) {
    forget(own);
    return;
  }
  pthread_mutex_lock(&lock);
  own->next = running;
  running = own;
  if (status == -1 && strcmp(op, "start") == 0) {
    status = (int)client_start(own->line, &client, &error);
    if (status == 0) status = (int)codriver_client_connect(client, &then, &own->op, &error);
  } else if (status == -1) {
    status = opens ? open_session(own, client, &then, &error)
             : of  ? of_session(own, of, &then, &error)
                   : of_client(own, client, &then, &error);
  }
  if (status != 0) running = own->next;
  pthread_mutex_unlock(&lock);
  if (status == 0) return;
  if (error != NULL) say_error(own->id, error);
  else say_refusal(own->id, "not a command");
  codriver_error_free(error);
  forget(own);
}

int main(void) {
  char *text = NULL;
  size_t size = 0;
  while (getline(&text, &size, stdin) > 0) {
    json_t *line = json_loads(text, JSON_ALLOW_NUL, NULL);
    const char *op = json_string_value(json_object_get(line, "op"));
    json_int_t id = json_integer_value(json_object_get(line, "id"));
    if (op == NULL) {
      say_refusal(id, "not a command");
      json_decref(line);
      continue;
    }
    if (strcmp(op, "exit") == 0) break;
    command *own = checked(calloc(1, sizeof *own));
    own->id = id;
    own->name = op;
    own->line = line;
    perform(own);
  }
  end();
}
