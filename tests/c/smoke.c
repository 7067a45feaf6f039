/* A whole conversation, each operation waited for. */
#include "check.h"

/* Takes until an event of this type was taken; counts them and checks their numbers. */
static size_t take_until(heard *ear, uint64_t id, const char *type, uint64_t *next) {
  size_t count = 0;
  char wanted[64];
  snprintf(wanted, sizeof wanted, "\"%s\"", type);
  for (int found = 0; !found;) {
    size_t wakes = ear->wakes;
    codriver_batch batch = ZERO;
    OK(codriver_take(id, 2, 1 << 20, &batch, &error));
    codriver_str json = {batch.json.ptr, batch.json.len};
    if (batch.count > 0) {
      char numbers[64];
      snprintf(numbers, sizeof numbers, "{\"seq\":[%" PRIu64, *next);
      CHECK(has(json, numbers));
      *next += batch.count;
      count += batch.count;
      found = has(json, wanted);
    } else {
      CHECK(is(json, "{\"seq\":[],\"first\":[],\"type\":[],\"size\":[],\"events\":[]}"));
    }
    codriver_buf_free(&batch.json);
    if (!batch.more && !found) wait_for(ear, &ear->wakes, wakes + 1);
  }
  return count;
}

int main(void) {
  heard ear;
  heard_init(&ear);
  CHECK(codriver_abi_version() == CODRIVER_ABI_VERSION);
  CHECK(codriver_version().len > 0);
  CHECK(is(codriver_status_name(CODRIVER_SESSION_NOT_FOUND), "SESSION_NOT_FOUND"));
  CHECK(codriver_status_name(7777).len == 0);

  uint64_t client = connected(&ear, NULL, ""), op = 0;
  codriver_buf text = ZERO;
  OK(codriver_client_info(client, &text, &error));
  CHECK(strstr(text.ptr, "\"state\":\"connected\"") && strstr(text.ptr, "\"runtimePid\":"));
  codriver_buf_free(&text);
  OK(codriver_client_ping(client, str("hi"), NULL, &op, &error));
  finish(op, "\"pong: hi\"");
  OK(codriver_client_ping(client, str(NULL), NULL, &op, &error));
  finish(op, "\"pong");
  OK(codriver_client_get_status(client, NULL, &op, &error));
  finish(op, "\"version\"");
  OK(codriver_client_list_sessions(client, str("{\"cwd\":\"/elsewhere\"}"), NULL, &op, &error));
  finish(op, "[]");
  OK(codriver_client_rpc(client, str("ping"), str("{\"message\":\"raw\"}"), NULL, &op, &error));
  finish(op, "raw");

  uint64_t session = created(client, "{\"sessionId\":\"s-1\",\"handlers\":{\"onEvent\":true}}");
  OK(codriver_session_send_and_wait(session, str("{\"prompt\":\"hello\"}"), PATIENCE_MS, false, NULL, &op, &error));
  finish(op, "You said: hello");
  uint64_t next = 1;
  size_t events = take_until(&ear, session, "session.idle", &next);
  CHECK(events >= 3 && next == events + 1);

  uint64_t stream = 0;
  OK(codriver_session_subscribe(session, 1, &stream, &error));
  next = 1;
  CHECK(take_until(&ear, stream, "session.idle", &next) == events);
  OK(codriver_close(stream, &error));

  OK(codriver_session_get_events(session, NULL, &op, &error));
  finish(op, "You said: hello");
  OK(codriver_session_counters(session, &text, &error));
  CHECK(strstr(text.ptr, "\"events_lost\":0"));
  codriver_buf_free(&text);
  OK(codriver_session_set_model(session, str("m"), str(NULL), NULL, &op, &error));
  finish(op, "null");
  OK(codriver_report_handler_error(session, str("on_event"), str("it broke"), &error));
  OK(codriver_session_disconnect(session, NULL, &op, &error));
  finish(op, "null");
  OK(codriver_close(session, &error));

  codriver_batch notices = ZERO;
  OK(codriver_take(client, 100, 0, &notices, &error));
  codriver_str json = {notices.json.ptr, notices.json.len};
  CHECK(has(json, "{\"kind\":\"state\",\"state\":\"connected\"}") && has(json, "it broke"));
  codriver_buf_free(&notices.json);

  OK(codriver_client_stop(client, NULL, &op, &error));
  finish(op, "[]");
  OK(codriver_client_stop(client, NULL, &op, &error));
  finish(op, "[]");
  closed(&ear, client);

  uint64_t store = 0;
  OK(codriver_store_open(str("memory:"), &store, &error));
  OK(codriver_store_list_sessions(store, str(NULL), NULL, &op, &error));
  finish(op, "[]");
  OK(codriver_store_check_all(store, NULL, &op, &error));
  finish(op, "[]");
  OK(codriver_close(store, &error));

  OK(codriver_approve_for_session(
      str("{\"requestId\":\"p\",\"permissionRequest\":{\"kind\":\"url\",\"url\":\"https://example.org/a\"},"
          "\"promptRequest\":{\"kind\":\"url\",\"url\":\"https://example.org/a\"}}"),
      &text, &error));
  CHECK(strstr(text.ptr, "approve-for-session") && strstr(text.ptr, "\"domain\":\"https://example.org\""));
  codriver_buf_free(&text);
  OK(codriver_runtime_install_dir(&text, &error));
  codriver_buf_free(&text);
  int code = finished("smoke");
  heard_free(&ear);
  return code;
}
