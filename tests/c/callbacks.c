/* Questions: answered from any thread, once, or cancelled. Completions. A loop of the program's own. */
#include <signal.h>

#include "check.h"

#define TOOLS                                                                                                          \
  "{\"sessionId\":\"s-1\",\"handlers\":{\"tools\":[{\"name\":\"look\",\"description\":\"Looks\"}],\"permission\":true}}"
#define ASK(id)                                                                                                        \
  "{\"event\":{\"session\":\"s-1\",\"type\":\"external_tool.requested\",\"data\":{\"requestId\":\"" id                      \
  "\",\"sessionId\":\"s-1\",\"toolCallId\":\"c\",\"toolName\":\"look\",\"arguments\":{}}}}"
/* A slow program (under valgrind, on a machine with other work) is waited for as long as it waits itself. */
#define SENT "{\"expect\":{\"method\":\"session.send\",\"as\":\"send\",\"within_ms\":60000}},{\"reply\":{\"to\":\"send\",\"result\":{\"messageId\":\"m\"}}}"
#define ANSWERED                                                                                                       \
  "{\"expect\":{\"method\":\"session.tools.handlePendingToolCall\",\"within_ms\":60000,\"params\":{\"result\":{\"textResultForLlm\":\"seen\"}}}}," \
  "{\"reply_builtin\":{}}"
#define IDLE "{\"event\":{\"session\":\"s-1\",\"type\":\"session.idle\",\"ephemeral\":true}}"

static void *answer(void *call_id) {
  uint64_t id = *(uint64_t *)call_id;
  codriver_status first = codriver_respond(id, str("\"seen\""), NULL);
  return (void *)(uintptr_t)first;
}

/* Four threads answer one question: one of them does. */
static void answered_once(void) {
  heard ear;
  heard_init(&ear);
  uint64_t client = connected(&ear, "{\"steps\":[" SENT "," ASK("t-1") "," ANSWERED "," IDLE "]}", ""), op = 0;
  uint64_t session = created(client, TOOLS);
  OK(codriver_session_send_and_wait(session, str("{\"prompt\":\"x\"}"), PATIENCE_MS, false, NULL, &op, &error));
  wait_for(&ear, &ear.questions, 1);
  asked question = ear.asked_for[0];
  CHECK(question.session == session && strcmp(question.kind, "tool") == 0 && strcmp(question.name, "look") == 0);
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_respond(question.call_id, str("{\"textResultForLlm\":5}"), &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_respond(question.call_id, str("{"), &error));
  EXPECT(CODRIVER_INVALID_ARGUMENT, codriver_respond_content(question.call_id, str("x"), &error));

  pthread_t threads[4];
  size_t answered = 0;
  for (int i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, answer, &question.call_id) == 0);
  for (int i = 0; i < 4; i++) {
    void *status = NULL;
    pthread_join(threads[i], &status);
    answered += (uintptr_t)status == CODRIVER_OK;
    CHECK((uintptr_t)status == CODRIVER_OK || (uintptr_t)status == CODRIVER_BAD_HANDLE);
  }
  CHECK(answered == 1);
  EXPECT(CODRIVER_BAD_HANDLE, codriver_fail(question.call_id, 0, str("late"), &error));
  finish(op, "\"aborted\":false");
  closed(&ear, client);
  CHECK(ear.cancels == 0 && ear.questions == 1);
  heard_free(&ear);
}

static void cancelled_by_stop(void) {
  heard ear;
  heard_init(&ear);
  uint64_t client = connected(&ear, "{\"steps\":[" SENT "," ASK("t-1") ",\"checkpoint\"]}", ""), op = 0;
  uint64_t session = created(client, TOOLS);
  OK(codriver_session_send(session, str("{\"prompt\":\"x\"}"), NULL, &op, &error));
  finish(op, "\"m\"");
  wait_for(&ear, &ear.questions, 1);
  OK(codriver_client_stop(client, NULL, &op, &error));
  wait_for(&ear, &ear.cancels, 1);
  CHECK(ear.cancelled == ear.asked_for[0].call_id);
  EXPECT(CODRIVER_BAD_HANDLE, codriver_respond(ear.cancelled, str("\"late\""), &error));
  finish(op, "[]");
  OK(codriver_session_send(session, str("{\"prompt\":\"x\"}"), NULL, &op, &error));
  EXPECT(CODRIVER_CLOSED, codriver_op_wait(op, PATIENCE_MS, NULL, &error));
  closed(&ear, client);
  EXPECT(CODRIVER_BAD_HANDLE, codriver_respond(ear.cancelled, str("\"late\""), &error));
  heard_free(&ear);
}

typedef struct told {
  heard ear;
  uint64_t client;
  size_t done;
  codriver_status status, within;
} told;

static void on_done(void *user_data, codriver_status status, codriver_str result, const codriver_error *error) {
  told *to = (told *)user_data;
  CHECK((status == CODRIVER_OK) == (error == NULL) && (status == CODRIVER_OK) == (result.ptr != NULL));
  pthread_mutex_lock(&to->ear.lock);
  to->status = status;
  to->done++;
  /* A callback may begin what takes time, and must not wait for it. */
  uint64_t op = 0;
  if (codriver_client_ping(to->client, str(NULL), NULL, &op, NULL) == CODRIVER_OK)
    to->within = codriver_op_wait(op, PATIENCE_MS, NULL, NULL);
  CHECK(codriver_shutdown(0, NULL) == CODRIVER_WOULD_DEADLOCK);
  /* What the program does here it does with the signals as it left them. */
  sigset_t blocked;
  CHECK(pthread_sigmask(SIG_SETMASK, NULL, &blocked) == 0 && !sigismember(&blocked, SIGPIPE));
  pthread_cond_broadcast(&to->ear.changed);
  pthread_mutex_unlock(&to->ear.lock);
}

static void completed(void) {
  told to = ZERO;
  heard_init(&to.ear);
  to.client = connected(&to.ear, "{\"ignore\":[\"status.get\"]}", "");
  codriver_completion completion = {sizeof completion, &to, on_done};
  uint64_t op = 0;
  OK(codriver_client_ping(to.client, str("x"), &completion, NULL, &error));
  wait_for(&to.ear, &to.done, 1);
  CHECK(to.status == CODRIVER_OK && to.within == CODRIVER_WOULD_DEADLOCK);

  OK(codriver_client_get_status(to.client, &completion, &op, &error));
  EXPECT(CODRIVER_TIMEOUT, codriver_op_wait(op, 1, NULL, &error));
  OK(codriver_op_cancel(op, &error));
  wait_for(&to.ear, &to.done, 2);
  CHECK(to.status == CODRIVER_CANCELLED);
  EXPECT(CODRIVER_BAD_HANDLE, codriver_op_cancel(op, &error));

  /* What runs at the close is told so, before the end. */
  OK(codriver_client_get_status(to.client, &completion, &op, &error));
  closed(&to.ear, to.client);
  CHECK(to.done == 3 && to.status != CODRIVER_OK);
  heard_free(&to.ear);
}

static void own_loop(void) {
  heard ear;
  heard_init(&ear);
  uint64_t client = new_client(&ear, NULL, "", CODRIVER_CLIENT_WAIT), op = 0;
  size_t count = 7;
  OK(codriver_wait(client, 0, &count, &error));
  CHECK(count == 0);
  OK(codriver_client_connect(client, NULL, &op, &error));
  while (ear.wakes == 0) OK(codriver_wait(client, PATIENCE_MS, &count, &error));
  CHECK(count == 1 && ear.woken[0] == client);
  finish(op, "protocolVersion");
  closed(&ear, client);
  EXPECT(CODRIVER_BAD_HANDLE, codriver_wait(client, 0, NULL, &error));
  heard_free(&ear);
}

int main(void) {
  answered_once();
  cancelled_by_stop();
  completed();
  own_loop();
  return finished("callbacks");
}
