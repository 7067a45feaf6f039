/* A program that ends while events flow: by stopping, by closing, by simply ending (its first argument). Its second is
   how many events flow: slow ones, under valgrind, would make the stop wait for all that is on the wire before its answer. */
#include "check.h"

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "close";
  heard *ear = (heard *)malloc(sizeof *ear);
  CHECK(ear != NULL);
  heard_init(ear);
  char firehose[64];
  snprintf(firehose, sizeof firehose, "{\"events\":%s,\"bytes\":200}", argc > 2 ? argv[2] : "200000");
  CHECK(setenv("MOCK_FIREHOSE", firehose, 1) == 0);
  uint64_t client = connected(ear, NULL, ""), op = 0;
  uint64_t session = created(client, "{\"handlers\":{\"onEvent\":true}}");
  OK(codriver_session_send(session, str("{\"prompt\":\"pour\"}"), NULL, &op, &error));
  size_t taken = 0;
  while (taken < 5000) {
    size_t wakes = ear->wakes;
    codriver_batch batch = ZERO;
    OK(codriver_take(session, 512, 1 << 20, &batch, &error));
    taken += batch.count;
    codriver_buf_free(&batch.json);
    if (!batch.more && taken < 5000) wait_for(ear, &ear->wakes, wakes + 1);
  }
  if (strcmp(how, "exit") == 0) {
    printf("ok shutdown by exit\n");
    return 0;
  }
  if (strcmp(how, "stop") == 0) {
    uint64_t stopping = 0;
    OK(codriver_client_stop(client, NULL, &stopping, &error));
    codriver_buf errors = ZERO;
    OK(codriver_op_wait(stopping, PATIENCE_MS, &errors, &error));
    codriver_buf_free(&errors);
    /* What came before the stop can still be taken, and then the end is told. */
    for (bool ended = false; !ended;) {
      codriver_batch batch = ZERO;
      OK(codriver_take(session, 512, 1 << 20, &batch, &error));
      ended = batch.ended;
      codriver_buf_free(&batch.json);
    }
  }
  closed(ear, client);
  heard_free(ear);
  free(ear);
  return finished(how);
}
