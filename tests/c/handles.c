/* Every function that takes an id, with every id that is not one for it, and with texts and places that are none. */
#include "check.h"

#define TOOLS "{\"sessionId\":\"s-1\",\"handlers\":{\"tools\":[{\"name\":\"look\",\"description\":\"Looks\"}]}}"
/* A slow program is waited for as long as it waits itself. */
#define SCRIPT                                                                                                         \
  "{\"steps\":[{\"expect\":{\"method\":\"session.send\",\"as\":\"send\",\"within_ms\":60000}},"                      \
  "{\"reply\":{\"to\":\"send\",\"result\":{\"messageId\":\"m\"}}},"                                                    \
  "{\"event\":{\"session\":\"s-1\",\"type\":\"external_tool.requested\",\"data\":{\"requestId\":\"t\","                \
  "\"sessionId\":\"s-1\",\"toolCallId\":\"c\",\"toolName\":\"look\",\"arguments\":{}}}}]}"

/* What an id stands for. */
enum kind { CLIENT, SESSION, STREAM, STORE, OP, CALL, KINDS };

/* Operations of no text, one, and two. */
typedef codriver_status (*none_fn)(uint64_t, const codriver_completion *, uint64_t *, codriver_error **);
typedef codriver_status (*one_fn)(uint64_t, codriver_str, const codriver_completion *, uint64_t *, codriver_error **);
typedef codriver_status (*two_fn)(uint64_t, codriver_str, codriver_str, const codriver_completion *, uint64_t *,
                                  codriver_error **);

typedef struct operation {
  const char *name;
  enum kind of;
  none_fn none;
  one_fn one;
  two_fn two;
  /* Texts that are none of what is wrong. */
  const char *first, *second;
} operation;

/* Those with further arguments. */
static codriver_status send_and_wait(uint64_t id, codriver_str options, const codriver_completion *completion,
                                     uint64_t *out, codriver_error **error) {
  return codriver_session_send_and_wait(id, options, 100, true, completion, out, error);
}

static codriver_status wait_until_ready(uint64_t id, const codriver_completion *completion, uint64_t *out,
                                        codriver_error **error) {
  return codriver_session_wait_until_ready(id, 100, completion, out, error);
}

static codriver_status write_log(uint64_t id, codriver_str message, codriver_str level,
                                 const codriver_completion *completion, uint64_t *out, codriver_error **error) {
  return codriver_session_log(id, message, level, true, completion, out, error);
}

#ifdef CODRIVER_TEST_HOOKS
static codriver_status round_trips(uint64_t id, const codriver_completion *completion, uint64_t *out,
                                   codriver_error **error) {
  return codriver_test_fs_round_trips(id, 1, completion, out, error);
}
#endif

#define NONE(of, function) {#function, of, function, NULL, NULL, NULL, NULL}
#define ONE(of, function, first) {#function, of, NULL, function, NULL, first, NULL}
#define TWO(of, function, first, second) {#function, of, NULL, NULL, function, first, second}
#define PROMPT "{\"prompt\":\"x\"}"

static const operation OPERATIONS[] = {
    NONE(CLIENT, codriver_client_connect),
    NONE(CLIENT, codriver_client_stop),
    NONE(CLIENT, codriver_client_force_stop),
    ONE(CLIENT, codriver_client_ping, "x"),
    NONE(CLIENT, codriver_client_get_status),
    NONE(CLIENT, codriver_client_get_auth_status),
    NONE(CLIENT, codriver_client_list_models),
    NONE(CLIENT, codriver_client_get_foreground_session_id),
    ONE(CLIENT, codriver_client_set_foreground_session_id, "x"),
    TWO(CLIENT, codriver_client_rpc, "ping", "{}"),
    ONE(CLIENT, codriver_client_list_sessions, "{}"),
    ONE(CLIENT, codriver_client_get_session_metadata, "x"),
    NONE(CLIENT, codriver_client_get_last_session_id),
    ONE(CLIENT, codriver_client_get_events, "x"),
    ONE(CLIENT, codriver_client_delete_session, "x"),
    NONE(SESSION, codriver_session_create),
    ONE(SESSION, codriver_session_resume, "x"),
    NONE(SESSION, codriver_session_join),
    ONE(SESSION, codriver_session_send, PROMPT),
    ONE(SESSION, send_and_wait, PROMPT),
    NONE(SESSION, codriver_session_abort),
    NONE(SESSION, codriver_session_get_events),
    TWO(SESSION, codriver_session_set_model, "m", "low"),
    TWO(SESSION, write_log, "x", "info"),
    NONE(SESSION, wait_until_ready),
    TWO(SESSION, codriver_session_rpc, "session.x", "{}"),
    NONE(SESSION, codriver_session_disconnect),
    TWO(SESSION, codriver_session_ui_elicitation, "x", "{}"),
    ONE(SESSION, codriver_session_ui_confirm, "x"),
    TWO(SESSION, codriver_session_ui_select, "x", "[\"a\"]"),
    ONE(SESSION, codriver_session_ui_input, "x"),
    ONE(STORE, codriver_store_list_sessions, "{}"),
    ONE(STORE, codriver_store_get_session_metadata, "x"),
    NONE(STORE, codriver_store_get_last_session_id),
    ONE(STORE, codriver_store_get_events, "x"),
    ONE(STORE, codriver_store_delete_session, "x"),
    TWO(STORE, codriver_store_fork_session, "x", "y"),
    TWO(STORE, codriver_store_export_session, "x", "/nowhere/x"),
    TWO(STORE, codriver_store_import_session, "/nowhere/x", "y"),
    ONE(STORE, codriver_store_check, "x"),
    NONE(STORE, codriver_store_check_all),
    ONE(STORE, codriver_store_repair, "x"),
    NONE(STORE, codriver_store_repair_all),
#ifdef CODRIVER_TEST_HOOKS
    NONE(CLIENT, codriver_test_panic_later),
    NONE(CLIENT, codriver_test_fs_conformance),
    NONE(CLIENT, round_trips),
#endif
};
#define COUNT (sizeof OPERATIONS / sizeof *OPERATIONS)

static codriver_status begin(const operation *what, uint64_t id, codriver_str first, codriver_str second,
                             const codriver_completion *completion, uint64_t *out, codriver_error **error) {
  if (what->none) return what->none(id, completion, out, error);
  if (what->one) return what->one(id, first, completion, out, error);
  return what->two(id, first, second, completion, out, error);
}

/* It fails with this, says why, and begins nothing. */
static void refused(const operation *what, codriver_status wanted, uint64_t id, codriver_str first, codriver_str second,
                    const codriver_completion *completion, bool without_out) {
  uint64_t out = 0;
  codriver_error *why = NULL;
  codriver_status status = begin(what, id, first, second, completion, without_out ? NULL : &out, &why);
  if (status != wanted || codriver_error_status(why) != wanted || codriver_error_message(why).len == 0 || out != 0) {
    fprintf(stderr, "%s: %d, wanted %d, of id %" PRIu64 "\n", what->name, (int)status, (int)wanted, id);
    fail_at(__FILE__, __LINE__, what->name, why);
  }
  codriver_error_free(why);
  CHECK(begin(what, id, first, second, completion, without_out ? NULL : &out, NULL) == wanted && out == 0);
}

static void never_done(void *user_data, codriver_status status, codriver_str result, const codriver_error *why) {
  (void)status, (void)result, (void)why;
  (*(int *)user_data)++;
}

/* Ids that stand for nothing, or for something else. */
static void operations_of_ids(uint64_t id, enum kind of) {
  int done = 0;
  codriver_completion completion = {sizeof completion, &done, never_done};
  for (size_t i = 0; i < COUNT; i++) {
    const operation *what = &OPERATIONS[i];
    if (what->of == of) continue;
    refused(what, CODRIVER_BAD_HANDLE, id, str(what->first), str(what->second), NULL, false);
    refused(what, CODRIVER_BAD_HANDLE, id, str(what->first), str(what->second), &completion, true);
  }
  CHECK(done == 0);
}

/* The right id, and the rest wrong. */
static void operations_of_places_and_texts(const uint64_t *ids) {
  int done = 0;
  codriver_completion small = {sizeof small - 1, &done, never_done}, empty = {sizeof empty, &done, NULL};
  codriver_str null_text = {NULL, 5}, huge = {"x", SIZE_MAX}, bad_text = {"\xff\xfe", 2};
  for (size_t i = 0; i < COUNT; i++) {
    const operation *what = &OPERATIONS[i];
    codriver_str first = str(what->first), second = str(what->second);
    uint64_t id = ids[what->of];
    refused(what, CODRIVER_INVALID_ARGUMENT, id, first, second, NULL, true);
    refused(what, CODRIVER_INVALID_ARGUMENT, id, first, second, &small, false);
    refused(what, CODRIVER_INVALID_ARGUMENT, id, first, second, &empty, false);
    if (what->one || what->two) {
      refused(what, CODRIVER_INVALID_ARGUMENT, id, null_text, second, NULL, false);
      refused(what, CODRIVER_INVALID_ARGUMENT, id, huge, second, NULL, false);
      refused(what, CODRIVER_INVALID_UTF8, id, bad_text, second, NULL, false);
    }
    if (what->two) {
      refused(what, CODRIVER_INVALID_ARGUMENT, id, first, null_text, NULL, false);
      refused(what, CODRIVER_INVALID_ARGUMENT, id, first, huge, NULL, false);
      refused(what, CODRIVER_INVALID_UTF8, id, first, bad_text, NULL, false);
    }
  }
  CHECK(done == 0);
}

/* A text that is left out has a meaning, or is an error at once or later. */
static void operations_of_empty_texts(const uint64_t *ids) {
  for (size_t i = 0; i < COUNT; i++) {
    const operation *what = &OPERATIONS[i];
    if (what->none) continue;
    for (int which = 0; which < (what->two ? 3 : 1); which++) {
      codriver_str first = str(which == 1 ? what->first : NULL), second = str(which == 2 ? what->second : NULL);
      uint64_t op = 0;
      codriver_error *why = NULL;
      codriver_status status = begin(what, ids[what->of], first, second, NULL, &op, &why);
      CHECK((status == CODRIVER_OK) == (why == NULL) && (status == CODRIVER_OK) == (op != 0));
      codriver_error_free(why);
      if (status != CODRIVER_OK) continue;
      codriver_buf result = ZERO;
      status = codriver_op_wait(op, PATIENCE_MS, &result, &why);
      if (status == CODRIVER_TIMEOUT) fail_at(__FILE__, __LINE__, what->name, why);
      CHECK((status == CODRIVER_OK) == (why == NULL) && (status == CODRIVER_OK) == (result.ptr != NULL));
      codriver_error_free(why);
      codriver_buf_free(&result);
    }
  }
}

/* What answers at once. */
static void others_of_ids(uint64_t id, enum kind of) {
  codriver_buf buf = ZERO;
  codriver_batch batch = ZERO;
  uint64_t out = 0;
  size_t count = 7;
  codriver_str x = str("x");
  if (of != CLIENT) {
    EXPECT(CODRIVER_BAD_HANDLE, codriver_client_info(id, &buf, &error));
    EXPECT(CODRIVER_BAD_HANDLE, codriver_client_counters(id, &buf, &error));
    EXPECT(CODRIVER_BAD_HANDLE, codriver_client_session_store(id, &out, &error));
    EXPECT(CODRIVER_BAD_HANDLE, codriver_wait(id, 0, &count, &error));
    EXPECT(CODRIVER_BAD_HANDLE, codriver_session_new(id, str("{}"), &out, &error));
  }
  if (of != SESSION) {
    EXPECT(CODRIVER_BAD_HANDLE, codriver_session_info(id, &buf, &error));
    EXPECT(CODRIVER_BAD_HANDLE, codriver_session_counters(id, &buf, &error));
    EXPECT(CODRIVER_BAD_HANDLE, codriver_session_subscribe(id, 1, &out, &error));
  }
  if (of != CLIENT && of != STREAM) EXPECT(CODRIVER_BAD_HANDLE, codriver_take(id, 1, 1, &batch, &error));
  if (of != STREAM) EXPECT(CODRIVER_BAD_HANDLE, codriver_report_handler_error(id, x, x, &error));
  if (of != OP) {
    EXPECT(CODRIVER_BAD_HANDLE, codriver_op_wait(id, 0, &buf, &error));
    EXPECT(CODRIVER_BAD_HANDLE, codriver_op_cancel(id, &error));
  }
  if (of != CALL) {
    EXPECT(CODRIVER_BAD_HANDLE, codriver_respond(id, str("1"), &error));
    EXPECT(CODRIVER_BAD_HANDLE, codriver_respond_content(id, x, &error));
    EXPECT(CODRIVER_BAD_HANDLE, codriver_fail(id, 0, x, &error));
  }
  /* Those that have an end of their own are not closed. */
  if (of == OP || of == CALL) EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_close(id, &error));
  if (of == KINDS) EXPECT(CODRIVER_BAD_HANDLE, codriver_close(id, &error));
  CHECK(buf.ptr == NULL && batch.json.ptr == NULL && out == 0 && count == 7);
}

static void others_of_places_and_texts(const uint64_t *ids) {
  codriver_str null_text = {NULL, 5}, bad_text = {"\xff\xfe", 2}, x = str("x");
  codriver_buf buf = ZERO;
  uint64_t out = 0;
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_info(ids[CLIENT], NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_counters(ids[CLIENT], NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_client_session_store(ids[CLIENT], NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_session_info(ids[SESSION], NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_session_counters(ids[SESSION], NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_session_subscribe(ids[SESSION], 0, NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_take(ids[STREAM], 1, 1, NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_session_new(ids[CLIENT], str("{}"), NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_session_new(ids[CLIENT], null_text, &out, &error));
  EXPECT(CODRIVER_INVALID_UTF8, codriver_session_new(ids[CLIENT], bad_text, &out, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_report_handler_error(ids[STREAM], null_text, x, &error));
  EXPECT(CODRIVER_INVALID_UTF8, codriver_report_handler_error(ids[STREAM], x, bad_text, &error));
  /* A question stays open. */
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_respond(ids[CALL], null_text, &error));
  EXPECT(CODRIVER_INVALID_UTF8, codriver_respond(ids[CALL], bad_text, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_respond_content(ids[CALL], null_text, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_fail(ids[CALL], 0, null_text, &error));
  EXPECT(CODRIVER_INVALID_UTF8, codriver_fail(ids[CALL], 0, bad_text, &error));
  /* No id at all. */
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_store_open(str("memory:"), NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_store_open(null_text, &out, &error));
  EXPECT(CODRIVER_INVALID_CONFIG, codriver_store_open(str(NULL), &out, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_store_open_existing(str("memory:"), NULL, &error));
  EXPECT(CODRIVER_INVALID_UTF8, codriver_store_open_existing(bad_text, &out, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_find_runtime(str(NULL), NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_find_runtime(null_text, &buf, &error));
  EXPECT(CODRIVER_INVALID_CONFIG, codriver_find_runtime(str("{\"unknown\":1}"), &buf, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_runtime_install_dir(NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_approve_for_session(str("{}"), NULL, &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_approve_for_session(null_text, &buf, &error));
  CHECK(out == 0 && buf.ptr == NULL);
}

/* A runtime that is there is found, and one that is not is said where. */
static void found(void) {
  char *options = options_with(NULL, "");
  codriver_buf where = ZERO;
  OK(codriver_find_runtime(str(options), &where, &error));
  CHECK(strstr(where.ptr, "\"path\":") && strstr(where.ptr, getenv("MOCK_RUNTIME")));
  codriver_buf_free(&where);
  free(options);
  EXPECT(CODRIVER_RUNTIME_NOT_FOUND, codriver_find_runtime(str("{\"cliPath\":\"/nowhere/at/all\"}"), &where, &error));
}

int main(void) {
  heard ear;
  heard_init(&ear);
  uint64_t ids[KINDS], ended[KINDS], op = 0;
  ids[CLIENT] = connected(&ear, SCRIPT, "");
  ids[SESSION] = created(ids[CLIENT], TOOLS);
  OK(codriver_session_subscribe(ids[SESSION], 0, &ids[STREAM], &error));
  OK(codriver_store_open(str("memory:"), &ids[STORE], &error));
  OK(codriver_session_send_and_wait(ids[SESSION], str(PROMPT), PATIENCE_MS, false, NULL, &ids[OP], &error));
  wait_for(&ear, &ear.questions, 1);
  ids[CALL] = ear.asked_for[0].call_id;

  const uint64_t nothing[] = {0, ids[CALL] + 1000000, UINT64_MAX};
  for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
    operations_of_ids(nothing[i], KINDS);
    others_of_ids(nothing[i], KINDS);
  }
  for (int kind = 0; kind < KINDS; kind++) {
    operations_of_ids(ids[kind], (enum kind)kind);
    others_of_ids(ids[kind], (enum kind)kind);
  }
  operations_of_places_and_texts(ids);
  others_of_places_and_texts(ids);
  found();

  /* All of it changed nothing: the question is still there to be answered. */
  CHECK(ear.questions == 1 && ear.cancels == 0);
  OK(codriver_respond(ids[CALL], str("\"seen\""), &error));
  OK(codriver_op_cancel(ids[OP], &error));
  EXPECT(CODRIVER_CANCELLED, codriver_op_wait(ids[OP], PATIENCE_MS, NULL, &error));
  memcpy(ended, ids, sizeof ids);
  OK(codriver_close(ids[STREAM], &error));
  OK(codriver_close(ids[SESSION], &error));
  OK(codriver_close(ids[STORE], &error));
  closed(&ear, ids[CLIENT]);
  for (int kind = 0; kind < KINDS; kind++) {
    operations_of_ids(ended[kind], KINDS);
    others_of_ids(ended[kind], KINDS);
  }
  heard_free(&ear);

  heard_init(&ear);
  ids[CLIENT] = connected(&ear, NULL, "");
  ids[SESSION] = created(ids[CLIENT], "{}");
  OK(codriver_store_open(str("memory:"), &ids[STORE], &error));
  operations_of_empty_texts(ids);
  OK(codriver_client_force_stop(ids[CLIENT], NULL, &op, &error));
  finish(op, "[");
  OK(codriver_close(ids[STORE], &error));
  closed(&ear, ids[CLIENT]);
  heard_free(&ear);
  return finished("handles");
}
