/* In a child the parent's ids are refused and its runtime is left alone; a new client works, and so does the parent. */
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static void child(uint64_t client, uint64_t session, uint64_t stream, uint64_t store, uint64_t running) {
  uint64_t op = 0;
  codriver_batch batch = ZERO;
  EXPECT(CODRIVER_FORKED, codriver_client_ping(client, str(NULL), NULL, &op, &error));
  EXPECT(CODRIVER_FORKED, codriver_session_send(session, str("{\"prompt\":\"x\"}"), NULL, &op, &error));
  EXPECT(CODRIVER_FORKED, codriver_take(session, 1, 1, &batch, &error));
  EXPECT(CODRIVER_FORKED, codriver_take(stream, 1, 1, &batch, &error));
  EXPECT(CODRIVER_FORKED, codriver_store_check_all(store, NULL, &op, &error));
  EXPECT(CODRIVER_FORKED, codriver_op_wait(running, 1, NULL, &error));
  EXPECT(CODRIVER_FORKED, codriver_op_cancel(running, &error));
  EXPECT(CODRIVER_FORKED, codriver_respond(running, str("1"), &error));
  EXPECT(CODRIVER_FORKED, codriver_session_new(client, str("{}"), &op, &error));
  EXPECT(CODRIVER_FORKED, codriver_close(session, &error));
  EXPECT(CODRIVER_FORKED, codriver_close(store, &error));
  EXPECT(CODRIVER_FORKED, codriver_close(client, &error));

  heard ear;
  heard_init(&ear);
  uint64_t own = connected(&ear, NULL, "");
  CHECK(own > client && own > running);
  OK(codriver_client_ping(own, str("child"), NULL, &op, &error));
  finish(op, "pong: child");
  closed(&ear, own);
  OK(codriver_shutdown(PATIENCE_MS, &error));
  _exit(0);
}

int main(void) {
  heard ear;
  heard_init(&ear);
  uint64_t client = connected(&ear, "{\"ignore\":[\"status.get\"]}", ""), running = 0, op = 0, stream = 0, store = 0;
  uint64_t session = created(client, "{\"handlers\":{\"onEvent\":true}}");
  OK(codriver_session_subscribe(session, 0, &stream, &error));
  OK(codriver_store_open(str("memory:"), &store, &error));
  OK(codriver_client_get_status(client, NULL, &running, &error));
  for (int i = 0; i < 3; i++) {
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) child(client, session, stream, store, running);
    int ended = 0;
    CHECK(waitpid(pid, &ended, 0) == pid);
    CHECK(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
    OK(codriver_client_ping(client, str("parent"), NULL, &op, &error));
    finish(op, "pong: parent");
  }
  OK(codriver_close(store, &error));
  closed(&ear, client);
  int code = finished("fork");
  heard_free(&ear);
  return code;
}
