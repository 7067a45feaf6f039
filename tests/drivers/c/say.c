/* Lines of JSON on standard output, each whole, in the order they were said. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver.h"

static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

void *checked(void *made) {
  if (made == NULL) abort();
  return made;
}

codriver_str str(const char *text) {
  codriver_str made = {text, text == NULL ? 0 : strlen(text)};
  return made;
}

char *copied(codriver_str text) {
  char *copy = checked(malloc(text.len + 1));
  if (text.len > 0) memcpy(copy, text.ptr, text.len);
  copy[text.len] = 0;
  return copy;
}

void sleep_ms(unsigned long ms) {
  struct timespec time = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000L};
  nanosleep(&time, NULL);
}

void say(json_t *line) {
  char *text = checked(json_dumps(checked(line), JSON_COMPACT | JSON_ENCODE_ANY));
  pthread_mutex_lock(&output);
  puts(text);
  fflush(stdout);
  pthread_mutex_unlock(&output);
  free(text);
  json_decref(line);
}

void end(void) {
  /* glibc writes out what is buffered without its own lock when a program ends: a line under way would come twice. */
  pthread_mutex_lock(&output);
  exit(0);
}

void say_ok(json_int_t id, json_t *value) { say(json_pack("{s:I,s:o}", "id", id, "ok", checked(value))); }

/* `{number, name, message, rpc?}` as the contract has it. */
json_t *error_value(const json_t *error) {
  json_t *value = checked(json_deep_copy(error));
  const json_t *code = json_object_get(json_object_get(error, "rpc"), "code");
  if (code != NULL) json_object_set(value, "rpc_code", (json_t *)code);
  json_object_del(value, "rpc");
  return value;
}

void say_error(json_int_t id, const codriver_error *error) {
  codriver_str text = codriver_error_json(error);
  json_t *read = checked(json_loadb(text.ptr, text.len, JSON_ALLOW_NUL, NULL));
  say(json_pack("{s:I,s:o}", "id", id, "error", error_value(read)));
  json_decref(read);
}

void say_refusal(json_int_t id, const char *why) {
  say(json_pack("{s:I,s:{s:i,s:s,s:s}}", "id", id, "error", "number", CODRIVER_INVALID_ARGUMENT, "name",
                "INVALID_ARGUMENT", "message", why));
}

void say_event(const char *from, json_t *event, json_int_t seq, json_int_t subscriber) {
  const char *type = json_string_value(json_object_get(event, "type"));
  const char *id = json_string_value(json_object_get(event, "id"));
  json_t *data = json_object_get(event, "data");
  json_t *line;
  if (type != NULL && strcmp(type, "codriver.events_lost") == 0) {
    line = json_pack("{s:s,s:s,s:O}", "obs", "events_lost", "session", from, "count", json_object_get(data, "count"));
  } else {
    line = json_pack("{s:s,s:s,s:I,s:s,s:s,s:b}", "obs", "event", "session", from, "seq", seq, "type",
                     type ? type : "", "event_id", id ? id : "", "ephemeral",
                     json_is_true(json_object_get(event, "ephemeral")));
    json_t *content = json_object_get(data, "content");
    if (content == NULL) content = json_object_get(data, "deltaContent");
    if (content != NULL) json_object_set(checked(line), "content", content);
  }
  if (subscriber != 0) json_object_set_new(checked(line), "subscriber", json_integer(subscriber));
  say(line);
}

behaviour behaviour_of(const json_t *text) {
  behaviour how;
  memset(&how, 0, sizeof how);
  const char *given = json_string_value(text);
  if (given == NULL) return how;
  const char *colon = strchr(given, ':');
  size_t length = colon == NULL ? strlen(given) : (size_t)(colon - given);
  if (length >= sizeof how.word || (colon != NULL && strlen(colon + 1) >= sizeof how.rest)) abort();
  memcpy(how.word, given, length);
  if (colon != NULL) strcpy(how.rest, colon + 1);
  return how;
}
