/* Whatever a program does wrong has a number, and nothing crashes. */
#include "check.h"

static void nothing_given(void) {
  codriver_str null_text = {NULL, 5}, bad_text = {"\xff\xfe", 2};
  uint64_t id = 0;
  codriver_error *why = NULL;
  CHECK(codriver_client_new(str(NULL), NULL, 0, NULL, NULL) == CODRIVER_INVALID_ARGUMENT);
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_new(str(NULL), NULL, 0, NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_new(null_text, NULL, 0, &id, &error));
  EXPECT(CODRIVER_INVALID_UTF8, codriver_client_new(bad_text, NULL, 0, &id, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_new(str("{"), NULL, 0, &id, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_new(str(NULL), NULL, 64, &id, &error));
  EXPECT(CODRIVER_INVALID_CONFIG, codriver_store_open(str("redis://x"), &id, &error));
  CHECK(codriver_client_new(str("{\"cliPth\":1}"), NULL, 0, &id, &why) == CODRIVER_INVALID_CONFIG);
  CHECK(has(codriver_error_message(why), "cliPth"));
  CHECK(has(codriver_error_json(why), "\"name\":\"INVALID_CONFIG\"") && id == 0);
  codriver_error_free(why);
  CHECK(codriver_error_status(NULL) == CODRIVER_OK && codriver_error_message(NULL).len == 0);
  CHECK(codriver_error_json(NULL).len == 0);
  codriver_error_free(NULL);
  codriver_buf_free(NULL);
}

/* Callbacks that were taken are destroyed once, whatever fails after: here, before the function returns. */
static void destroyed_by_what_fails(void) {
  heard ear;
  heard_init(&ear);
  codriver_callbacks callbacks = callbacks_of(&ear);
  codriver_str null_text = {NULL, 5}, bad_text = {"\xff\xfe", 2};
  uint64_t id = 0;
  struct {
    codriver_str options;
    uint32_t flags;
    uint64_t *out;
  } wrong[] = {
      {str("{\"unknown\":1}"), 0, &id},
      {str("{"), CODRIVER_CLIENT_WAIT, &id},
      {str("{\"transport\":{\"kind\":\"external\",\"host\":\"\",\"port\":1}}"), 0, &id},
      {str("{\"transport\":{\"kind\":\"external\",\"host\":\"\",\"port\":1}}"), CODRIVER_CLIENT_WAIT, &id},
      {str("{\"sessionFs\":{\"initialCwd\":\"/a\",\"statePath\":\"/s\",\"store\":99999999}}"), 0, &id},
      {null_text, 0, &id},
      {bad_text, 0, &id},
      {str(NULL), 64, &id},
      {str(NULL), 0, NULL},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    CHECK(codriver_client_new(wrong[i].options, &callbacks, wrong[i].flags, wrong[i].out, NULL) != CODRIVER_OK);
    pthread_mutex_lock(&ear.lock);
    CHECK(ear.destroyed == i + 1 && pthread_equal(ear.destroyer, pthread_self()));
    pthread_mutex_unlock(&ear.lock);
  }
  CHECK(id == 0 && ear.wakes == 0);
  /* Of one whose size is wrong nothing is known, so nothing is called. */
  callbacks.struct_size = 0;
  ear.destroyed = 0;
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_new(str(NULL), &callbacks, 0, &id, &error));
  CHECK(ear.destroyed == 0);
  heard_free(&ear);
}

static void wrong_structs(void) {
  heard ear;
  heard_init(&ear);
  uint64_t id = 0;
  uint64_t client = new_client(&ear, NULL, "", 0);
  codriver_completion completion = {1, NULL, NULL};
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_ping(client, str(NULL), &completion, &id, &error));
  completion.struct_size = sizeof completion;
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_ping(client, str(NULL), &completion, &id, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_ping(client, str(NULL), NULL, NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_take(client, 1, 1, NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_info(client, NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_wait(client, 0, NULL, &error));
  closed(&ear, client);
  CHECK(!pthread_equal(ear.destroyer, pthread_self()));
  heard_free(&ear);
}

static void wrong_ids(uint64_t id) {
  codriver_buf buf = ZERO;
  codriver_batch batch = ZERO;
  uint64_t out = 0;
  codriver_str x = str("x"), object = str("{\"prompt\":\"x\"}");
  EXPECT(CODRIVER_BAD_HANDLE, codriver_client_connect(id, NULL, &out, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_client_stop(id, NULL, &out, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_client_info(id, &buf, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_client_rpc(id, x, str(NULL), NULL, &out, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_wait(id, 0, NULL, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_session_new(id, str(NULL), &out, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_session_create(id, NULL, &out, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_session_resume(id, x, NULL, &out, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_session_send(id, object, NULL, &out, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_session_subscribe(id, 0, &out, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_session_counters(id, &buf, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_report_handler_error(id, x, x, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_store_list_sessions(id, str(NULL), NULL, &out, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_take(id, 1, 1, &batch, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_respond(id, str("1"), &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_respond_content(id, x, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_fail(id, 0, x, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_op_wait(id, 0, &buf, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_op_cancel(id, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_close(id, &error));
  CHECK(buf.ptr == NULL && batch.json.ptr == NULL && out == 0);
}

static void after_the_end(void) {
  heard ear;
  heard_init(&ear);
  uint64_t client = connected(&ear, NULL, ""), op = 0, other = 0;
  uint64_t session = created(client, "{}");
  /* Of another kind than asked for, and not open yet. */
  EXPECT(CODRIVER_BAD_HANDLE, codriver_session_send(client, str("{\"prompt\":\"x\"}"), NULL, &op, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_client_ping(session, str(NULL), NULL, &op, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_session_create(session, NULL, &op, &error));
  OK(codriver_session_new(client, str("{}"), &other, &error));
  EXPECT(CODRIVER_CLOSED, codriver_session_send(other, str("{\"prompt\":\"x\"}"), NULL, &op, &error));
  EXPECT(CODRIVER_INVALID_CONFIG, codriver_session_new(client, str("{\"handlers\":{\"permision\":true}}"), &op, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_session_send(session, str("{\"prompt\":5}"), NULL, &op, &error));
  OK(codriver_client_ping(client, str(NULL), NULL, &op, &error));
  finish(op, "pong");
  wrong_ids(op);
  OK(codriver_close(other, &error));
  wrong_ids(other);
  closed(&ear, client);
  wrong_ids(session);
  wrong_ids(client);
  heard_free(&ear);
}

/* Writing to a runtime that is gone raises SIGPIPE, which ends a program that did nothing about it. */
static void a_runtime_that_is_gone(void) {
  for (int i = 0; i < 20; i++) {
    uint64_t client = 0, op = 0;
    OK(codriver_client_new(str("{\"cliPath\":\"/bin/false\"}"), NULL, 0, &client, &error));
    OK(codriver_client_connect(client, NULL, &op, &error));
    EXPECT(CODRIVER_RUNTIME_LOST, codriver_op_wait(op, PATIENCE_MS, NULL, &error));
    OK(codriver_close(client, &error));
  }
}

#ifdef CODRIVER_TEST_HOOKS
static void panics_stay_inside(void) {
  heard ear;
  heard_init(&ear);
  codriver_error *why = NULL;
  CHECK(codriver_test_panic(&why) == CODRIVER_INTERNAL && has(codriver_error_message(why), "on purpose"));
  codriver_error_free(why);
  CHECK(codriver_test_panic(NULL) == CODRIVER_INTERNAL);
  uint64_t client = connected(&ear, NULL, ""), op = 0;
  OK(codriver_test_panic_later(client, NULL, &op, &error));
  EXPECT(CODRIVER_INTERNAL, codriver_op_wait(op, PATIENCE_MS, NULL, &error));
  OK(codriver_client_ping(client, str(NULL), NULL, &op, &error));
  finish(op, "pong");
  closed(&ear, client);
  heard_free(&ear);
}
#endif

int main(void) {
  nothing_given();
  destroyed_by_what_fails();
  wrong_structs();
  wrong_ids(0);
  wrong_ids(UINT64_MAX);
  after_the_end();
  a_runtime_that_is_gone();
#ifdef CODRIVER_TEST_HOOKS
  panics_stay_inside();
#endif
  return finished("misuse");
}
