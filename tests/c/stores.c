/* Stores by their ids: a client's files in one, and what can be asked of stored sessions without a runtime. */
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#define GOOD                                                                                                           \
  "{\"type\":\"session.start\",\"data\":{\"sessionId\":\"s-2\"},\"id\":\"00000000-0000-4000-8000-000000000001\","             \
  "\"timestamp\":\"2026-01-01T00:00:00.000Z\",\"parentId\":null}\n"
#define TORN "{\"type\":\"session.id"

/* Where the test's files are. */
static char place[256];

static void in_place(char *to, size_t size, const char *prefix, const char *name) {
  int length = snprintf(to, size, "%s%s/%s", prefix, place, name);
  CHECK(length > 0 && (size_t)length < size);
}

/* Waits for an operation that fails, and says why. */
static void fails(codriver_status wanted, uint64_t op, const char *part) {
  codriver_error *why = NULL;
  codriver_buf result = ZERO;
  codriver_status status = codriver_op_wait(op, PATIENCE_MS, &result, &why);
  if (status != wanted || !has(codriver_error_json(why), part)) fail_at(__FILE__, __LINE__, part, why);
  CHECK(result.ptr == NULL);
  codriver_error_free(why);
}

static void opened(void) {
  char url[300];
  uint64_t store = 0, other = 0, op = 0;
  in_place(url, sizeof url, "dir:", "none");
  EXPECT(CODRIVER_FS_NOT_FOUND, codriver_store_open_existing(str(url), &store, &error));
  EXPECT(CODRIVER_INVALID_CONFIG, codriver_store_open(str("redis://x"), &store, &error));
  CHECK(store == 0);
  in_place(url, sizeof url, "dir:", "sessions");
  OK(codriver_store_open(str(url), &store, &error));
  OK(codriver_store_open_existing(str(url), &other, &error));
  CHECK(store != 0 && other > store);
  OK(codriver_store_list_sessions(other, str(NULL), NULL, &op, &error));
  finish(op, "[]");
  OK(codriver_close(other, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_store_list_sessions(other, str(NULL), NULL, &op, &error));
  OK(codriver_store_get_last_session_id(store, NULL, &op, &error));
  finish(op, "null");
  OK(codriver_close(store, &error));
}

/* The files of a client's session go to the store that its options name by id. */
static void filled_by_a_client(void) {
  heard ear;
  heard_init(&ear);
  char url[300], more[128];
  uint64_t store = 0, own = 0, op = 0;
  in_place(url, sizeof url, "dir:", "sessions");
  OK(codriver_store_open(str(url), &store, &error));
  snprintf(more, sizeof more, ",\"sessionFs\":{\"initialCwd\":\"/project\",\"statePath\":\"/state\",\"store\":%" PRIu64 "}",
           store);
  uint64_t client = connected(&ear, NULL, more);
  created(client, "{\"sessionId\":\"s-1\"}");
  OK(codriver_store_list_sessions(store, str("{}"), NULL, &op, &error));
  finish(op, "\"sessionId\":\"s-1\"");
  OK(codriver_client_list_sessions(client, str(NULL), NULL, &op, &error));
  finish(op, "\"sessionId\":\"s-1\"");
  OK(codriver_client_get_session_metadata(client, str("s-1"), NULL, &op, &error));
  finish(op, "\"sessionId\":\"s-1\"");
  OK(codriver_client_get_last_session_id(client, NULL, &op, &error));
  finish(op, "\"s-1\"");

  OK(codriver_client_session_store(client, &own, &error));
  CHECK(own != 0 && own != store);
  OK(codriver_store_get_last_session_id(own, NULL, &op, &error));
  finish(op, "\"s-1\"");
  closed(&ear, client);
  /* It is the caller's, and outlives the client. */
  OK(codriver_store_get_session_metadata(own, str("s-1"), NULL, &op, &error));
  finish(op, "\"sessionId\":\"s-1\"");
  OK(codriver_close(own, &error));
  OK(codriver_close(store, &error));
  heard_free(&ear);

  /* The runtime keeps them where there is none. */
  heard_init(&ear);
  client = new_client(&ear, NULL, "", 0);
  OK(codriver_client_session_store(client, &own, &error));
  CHECK(own == 0);
  closed(&ear, client);
  heard_free(&ear);
}

static void moved(uint64_t store) {
  char archive[300];
  struct stat found;
  uint64_t op = 0;
  OK(codriver_store_fork_session(store, str("s-1"), str("s-2"), NULL, &op, &error));
  finish(op, "null");
  OK(codriver_store_fork_session(store, str("s-1"), str("s-2"), NULL, &op, &error));
  fails(CODRIVER_INVALID_ARGUMENT, op, "s-2");
  OK(codriver_store_fork_session(store, str("none"), str("s-3"), NULL, &op, &error));
  fails(CODRIVER_SESSION_NOT_FOUND, op, "none");
  OK(codriver_store_fork_session(store, str("s-1"), str("../s-3"), NULL, &op, &error));
  fails(CODRIVER_INVALID_ARGUMENT, op, "");

  in_place(archive, sizeof archive, "", "s-2.tar");
  OK(codriver_store_export_session(store, str("s-2"), str(archive), NULL, &op, &error));
  finish(op, "\"sessionId\":\"s-2\"");
  CHECK(stat(archive, &found) == 0 && found.st_size > 0 && (found.st_mode & 0777) == 0600);
  off_t size = found.st_size;
  /* Nothing is written over: no file, no session. */
  OK(codriver_store_export_session(store, str("s-1"), str(archive), NULL, &op, &error));
  fails(CODRIVER_INVALID_ARGUMENT, op, "not overwritten");
  CHECK(stat(archive, &found) == 0 && found.st_size == size);
  OK(codriver_store_import_session(store, str(archive), str(NULL), NULL, &op, &error));
  fails(CODRIVER_INVALID_ARGUMENT, op, "s-2");
  OK(codriver_store_import_session(store, str(archive), str("s-3"), NULL, &op, &error));
  finish(op, "\"s-3\"");
  OK(codriver_store_import_session(store, str(archive), str("s-3"), NULL, &op, &error));
  fails(CODRIVER_INVALID_ARGUMENT, op, "s-3");
  CHECK(truncate(archive, size / 2) == 0);
  OK(codriver_store_import_session(store, str(archive), str("s-4"), NULL, &op, &error));
  fails(CODRIVER_FS_CORRUPT, op, "");
  in_place(archive, sizeof archive, "", "none.tar");
  OK(codriver_store_import_session(store, str(archive), str("s-4"), NULL, &op, &error));
  fails(CODRIVER_INVALID_ARGUMENT, op, "none.tar");
}

static void repaired(uint64_t store) {
  char log[300];
  uint64_t op = 0;
  OK(codriver_store_check(store, str("s-2"), NULL, &op, &error));
  finish(op, "\"damage\":[]");
  /* Someone else's crash. */
  in_place(log, sizeof log, "", "sessions/s-2/files/state/events.jsonl");
  FILE *file = fopen(log, "w");
  CHECK(file != NULL && fputs(GOOD TORN, file) >= 0 && fclose(file) == 0);
  OK(codriver_store_get_events(store, str("s-2"), NULL, &op, &error));
  finish(op, "\"unreadable\":1");
  OK(codriver_store_check(store, str("s-2"), NULL, &op, &error));
  finish(op, "\"events\":1,\"damage\":[{");
  OK(codriver_store_check_all(store, NULL, &op, &error));
  finish(op, "\"sessionId\":\"s-3\"");
  OK(codriver_store_repair(store, str("s-2"), NULL, &op, &error));
  finish(op, "\"quarantine\":\"/");
  OK(codriver_store_check(store, str("s-2"), NULL, &op, &error));
  finish(op, "\"damage\":[]");
  OK(codriver_store_get_events(store, str("s-2"), NULL, &op, &error));
  finish(op, "\"unreadable\":0");
  OK(codriver_store_repair_all(store, NULL, &op, &error));
  finish(op, "\"sessionId\":\"s-1\"");
  OK(codriver_store_check(store, str("none"), NULL, &op, &error));
  fails(CODRIVER_SESSION_NOT_FOUND, op, "none");
}

static void deleted(uint64_t store) {
  uint64_t op = 0;
  const char *sessions[] = {"s-1", "s-2", "s-3"};
  for (size_t i = 0; i < 3; i++) {
    OK(codriver_store_delete_session(store, str(sessions[i]), NULL, &op, &error));
    finish(op, "null");
    OK(codriver_store_delete_session(store, str(sessions[i]), NULL, &op, &error));
    fails(CODRIVER_SESSION_NOT_FOUND, op, sessions[i]);
  }
  OK(codriver_store_get_session_metadata(store, str("s-1"), NULL, &op, &error));
  finish(op, "null");
  OK(codriver_store_list_sessions(store, str(NULL), NULL, &op, &error));
  finish(op, "[]");
}

typedef struct told {
  heard ear;
  size_t done, failed;
  pthread_t by;
} told;

static void on_done(void *user_data, codriver_status status, codriver_str result, const codriver_error *why) {
  told *to = (told *)user_data;
  CHECK((status == CODRIVER_OK) == (why == NULL) && (status == CODRIVER_OK) == (result.ptr != NULL));
  pthread_mutex_lock(&to->ear.lock);
  /* One thread, the store's own. */
  CHECK(to->done == 0 || pthread_equal(to->by, pthread_self()));
  to->by = pthread_self();
  to->failed += status != CODRIVER_OK;
  to->done++;
  pthread_cond_broadcast(&to->ear.changed);
  pthread_mutex_unlock(&to->ear.lock);
}

/* What began is told, also where the store is closed meanwhile. */
static void completed(uint64_t store) {
  told to = ZERO;
  heard_init(&to.ear);
  codriver_completion completion = {sizeof completion, &to, on_done};
  for (int i = 0; i < 20; i++) OK(codriver_store_check_all(store, &completion, NULL, &error));
  OK(codriver_close(store, &error));
  EXPECT(CODRIVER_BAD_HANDLE, codriver_store_check_all(store, &completion, NULL, &error));
  wait_for(&to.ear, &to.done, 20);
  CHECK(to.done == 20 && !pthread_equal(to.by, pthread_self()));
  heard_free(&to.ear);
}

static void remove_place(void) {
  char command[300];
  snprintf(command, sizeof command, "rm -rf '%s'", place);
  CHECK(system(command) == 0);
}

int main(void) {
  const char *temporary = getenv("TMPDIR");
  snprintf(place, sizeof place, "%s/codriver-stores-XXXXXX", temporary && *temporary ? temporary : "/tmp");
  CHECK(mkdtemp(place) != NULL);
  opened();
  filled_by_a_client();
  char url[300];
  uint64_t store = 0;
  in_place(url, sizeof url, "dir:", "sessions");
  OK(codriver_store_open_existing(str(url), &store, &error));
  moved(store);
  repaired(store);
  deleted(store);
  completed(store);
  int code = finished("stores");
  remove_place();
  return code;
}
