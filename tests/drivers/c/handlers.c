/* Questions, answered as the runner wants it. All answers are ready at once, so they are given within the callback. */
#include <stdlib.h>
#include <string.h>

#include "driver.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* A tool call that hangs until it is cancelled. */
typedef struct hanging {
  struct hanging *next;
  uint64_t call_id;
  const char *session;
  char *name;
} hanging;
static hanging *hangs;

static bool is(const char *text, const char *wanted) { return strcmp(text, wanted) == 0; }

/* The definition of a tool: the config's own, which is taken out there, or one that says only its name. */
static json_t *definition(json_t *config, const char *name) {
  json_t *declared = json_object_get(config, "tools"), *tool;
  size_t at;
  json_array_foreach(declared, at, tool) {
    const char *known = json_string_value(json_object_get(tool, "name"));
    if (known == NULL || !is(known, name)) continue;
    json_incref(tool);
    json_array_remove(declared, at);
    return tool;
  }
  return json_pack("{s:s,s:s}", "name", name, "description", "A tool of the driver");
}

/* `handlers` of a session's config, for the behaviours of a command. */
json_t *wanted_handlers(json_t *config, const json_t *handlers) {
  json_t *wanted = checked(json_pack("{s:b,s:[],s:[]}", "onEvent", 1, "tools", "hooks"));
  static const char *const plain[][2] = {
      {"permission", "permission"}, {"user_input", "userInput"}, {"elicitation", "elicitation"}};
  for (size_t at = 0; at < 3; at++)
    if (json_is_string(json_object_get(handlers, plain[at][0]))) json_object_set_new(wanted, plain[at][1], json_true());
  json_t *tool;
  size_t at;
  json_array_foreach(json_object_get(handlers, "tools"), at, tool) {
    const char *name = json_string_value(json_object_get(tool, "name"));
    json_array_append_new(json_object_get(wanted, "tools"), checked(definition(config, name ? name : "")));
  }
  const char *hook;
  json_t *unused;
  json_object_foreach(json_object_get(handlers, "hooks"), hook, unused) {
    json_array_append_new(json_object_get(wanted, "hooks"), checked(json_string(hook)));
  }
  return wanted;
}

static void respond(uint64_t call_id, json_t *answer) {
  char *text = checked(json_dumps(checked(answer), JSON_COMPACT | JSON_ENCODE_ANY));
  /* One that was cancelled meanwhile needs no answer. */
  codriver_respond(call_id, str(text), NULL);
  free(text);
  json_decref(answer);
}

static void throw_at(uint64_t call_id) { codriver_fail(call_id, 0, str("thrown on purpose"), NULL); }

static void permission(const session *from, const json_t *payload, uint64_t call_id) {
  json_t *kind = json_object_get(json_object_get(payload, "permissionRequest"), "kind");
  say(json_pack("{s:s,s:s,s:O}", "obs", "permission", "session", from->name, "kind", kind));
  behaviour how = behaviour_of(json_object_get(from->handlers, "permission"));
  if (is(how.word, "hang")) return;
  if (is(how.word, "approve")) respond(call_id, json_pack("{s:s}", "kind", "approve-once"));
  else if (is(how.word, "deny")) respond(call_id, json_pack("{s:s}", "kind", "reject"));
  else throw_at(call_id);
}

static void user_input(const session *from, const json_t *payload, uint64_t call_id) {
  json_t *question = json_object_get(payload, "question");
  say(json_pack("{s:s,s:s,s:O}", "obs", "user_input", "session", from->name, "question", question));
  behaviour how = behaviour_of(json_object_get(from->handlers, "user_input"));
  if (is(how.word, "answer")) respond(call_id, json_string(how.rest));
  else throw_at(call_id);
}

static void elicitation(const session *from, uint64_t call_id) {
  behaviour how = behaviour_of(json_object_get(from->handlers, "elicitation"));
  if (is(how.word, "accept")) respond(call_id, json_pack("{s:s,s:{}}", "action", "accept", "content"));
  else if (is(how.word, "cancel")) respond(call_id, json_pack("{s:s}", "action", "cancel"));
  else throw_at(call_id);
}

static void hook(const session *from, const char *name, uint64_t call_id) {
  say(json_pack("{s:s,s:s,s:s}", "obs", "hook", "session", from->name, "hook", name));
  behaviour how = behaviour_of(json_object_get(json_object_get(from->handlers, "hooks"), name));
  if (is(how.word, "allow")) {
    respond(call_id, json_pack("{s:s}", "permissionDecision", "allow"));
  } else if (is(how.word, "deny")) {
    respond(call_id, json_pack("{s:s,s:s}", "permissionDecision", "deny", "permissionDecisionReason", "denied on purpose"));
  } else if (is(how.word, "empty")) {
    respond(call_id, json_null());
  } else {
    throw_at(call_id);
  }
}

static void hang(const session *from, const char *name, uint64_t call_id) {
  hanging *own = checked(malloc(sizeof *own));
  own->call_id = call_id;
  own->session = from->name;
  own->name = checked(strdup(name));
  pthread_mutex_lock(&lock);
  own->next = hangs;
  hangs = own;
  pthread_mutex_unlock(&lock);
}

static void tool(const session *from, const char *name, const json_t *payload, uint64_t call_id) {
  json_t *arguments = json_object_get(payload, "arguments"), *known;
  say(json_pack("{s:s,s:s,s:s,s:O}", "obs", "tool", "session", from->name, "name", name, "arguments", arguments));
  behaviour how = behaviour_of(NULL);
  size_t at;
  json_array_foreach(json_object_get(from->handlers, "tools"), at, known) {
    const char *called = json_string_value(json_object_get(known, "name"));
    if (called != NULL && is(called, name)) how = behaviour_of(json_object_get(known, "behaviour"));
  }
  if (is(how.word, "hang")) {
    hang(from, name, call_id);
  } else if (is(how.word, "echo")) {
    char *text = checked(json_dumps(arguments, JSON_COMPACT | JSON_ENCODE_ANY));
    respond(call_id, json_string(text));
    free(text);
  } else if (is(how.word, "text") || is(how.word, "empty")) {
    respond(call_id, json_string(how.rest));
  } else {
    throw_at(call_id);
  }
}

void on_request(void *user_data, const codriver_request *request) {
  (void)user_data;
  const session *from = session_of(request->session);
  if (from == NULL) abort();
  char *kind = copied(request->kind), *name = copied(request->name);
  json_t *payload = checked(
      json_loadb(request->payload.ptr, request->payload.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
  if (is(kind, "permission")) permission(from, payload, request->call_id);
  else if (is(kind, "userInput")) user_input(from, payload, request->call_id);
  else if (is(kind, "elicitation")) elicitation(from, request->call_id);
  else if (is(kind, "hook")) hook(from, name, request->call_id);
  else if (is(kind, "tool")) tool(from, name, payload, request->call_id);
  else throw_at(request->call_id);
  json_decref(payload);
  free(name);
  free(kind);
}

void on_cancel(void *user_data, uint64_t call_id) {
  (void)user_data;
  pthread_mutex_lock(&lock);
  hanging **at = &hangs;
  while (*at != NULL && (*at)->call_id != call_id) at = &(*at)->next;
  hanging *found = *at;
  if (found != NULL) *at = found->next;
  pthread_mutex_unlock(&lock);
  if (found == NULL) return;
  say(json_pack("{s:s,s:s,s:s}", "obs", "tool_cancelled", "session", found->session, "name", found->name));
  free(found->name);
  free(found);
}
