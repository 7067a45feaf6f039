/* A filesystem written in C: files in memory, answered on a thread of the program's own. */
#include "check.h"

#define MAX_FILES 256

typedef struct entry {
  char path[256];
  char *content; /* NULL: a directory */
  size_t len;
} entry;

/* A call, copied: what the callback is given does not outlive it. */
typedef struct job {
  uint64_t call_id;
  codriver_fs_op op;
  char path[256], to[256];
  char *content;
  size_t len;
  bool recursive, force;
} job;

typedef struct disk {
  heard ear;
  entry files[MAX_FILES];
  size_t count;
  job jobs[MAX_FILES];
  size_t asked, done;
  bool closed;
} disk;

static void on_fs_request(void *user_data, const codriver_fs_request *request) {
  disk *own = (disk *)user_data;
  pthread_mutex_lock(&own->ear.lock);
  CHECK(own->ear.destroyed == 0 && request->struct_size == sizeof *request && is(request->session_id, "s-1"));
  CHECK(own->asked - own->done < MAX_FILES);
  job *call = &own->jobs[own->asked++ % MAX_FILES];
  memset(call, 0, sizeof *call);
  call->call_id = request->call_id;
  call->op = request->op;
  call->recursive = request->recursive;
  call->force = request->force;
  copy(call->path, sizeof call->path, request->path);
  copy(call->to, sizeof call->to, request->to);
  call->len = request->content.len;
  call->content = (char *)malloc(call->len + 1);
  CHECK(call->content != NULL);
  if (call->len > 0) memcpy(call->content, request->content.ptr, call->len);
  pthread_cond_broadcast(&own->ear.changed);
  pthread_mutex_unlock(&own->ear.lock);
}

static entry *find(disk *own, const char *path) {
  for (size_t at = 0; at < own->count; at++)
    if (strcmp(own->files[at].path, path) == 0) return &own->files[at];
  return NULL;
}

static entry *make(disk *own, const char *path) {
  entry *there = find(own, path);
  if (there) return there;
  CHECK(own->count < MAX_FILES && strlen(path) < sizeof there->path);
  there = &own->files[own->count++];
  memset(there, 0, sizeof *there);
  strcpy(there->path, path);
  return there;
}

static void make_parents(disk *own, const char *path) {
  char parent[256];
  strcpy(parent, path);
  for (char *slash = strrchr(parent, '/'); slash != NULL && slash != parent; slash = strrchr(parent, '/')) {
    *slash = 0;
    make(own, parent);
  }
}

static void not_there(const job *call) {
  OK(codriver_fail(call->call_id, CODRIVER_FS_NOT_FOUND, str(call->path), &error));
}

static void write_file(disk *own, job *call, bool append) {
  make_parents(own, call->path);
  entry *file = make(own, call->path);
  size_t before = append && file->content ? file->len : 0;
  file->content = (char *)realloc(file->content, before + call->len + 1);
  CHECK(file->content != NULL);
  memcpy(file->content + before, call->content, call->len);
  file->len = before + call->len;
  OK(codriver_respond(call->call_id, str("null"), &error));
}

/* Moves a file; the recording moves no directory. */
static void move_file(disk *own, job *call, entry *there) {
  entry *replaced = find(own, call->to);
  if (replaced == NULL) {
    strcpy(there->path, call->to);
  } else if (replaced != there) {
    free(replaced->content);
    replaced->content = there->content;
    replaced->len = there->len;
    memset(there, 0, sizeof *there);
  }
  OK(codriver_respond(call->call_id, str("null"), &error));
}

static void stat_of(const job *call, const entry *there) {
  char text[128];
  snprintf(text, sizeof text, "{\"kind\":\"%s\",\"size\":%zu,\"modifiedMs\":1,\"createdMs\":1}",
           there->content ? "file" : "directory", there->len);
  OK(codriver_respond(call->call_id, str(text), &error));
}

static void serve(disk *own, job *call) {
  entry *there = find(own, call->path);
  if (call->op == CODRIVER_FS_WRITE || call->op == CODRIVER_FS_APPEND) {
    write_file(own, call, call->op == CODRIVER_FS_APPEND);
  } else if (call->op == CODRIVER_FS_EXISTS) {
    OK(codriver_respond(call->call_id, str(there ? "true" : "false"), &error));
  } else if (call->op == CODRIVER_FS_MKDIR) {
    make_parents(own, call->path);
    make(own, call->path);
    OK(codriver_respond(call->call_id, str("null"), &error));
  } else if (there == NULL || (call->op == CODRIVER_FS_READ && there->content == NULL)) {
    not_there(call);
  } else if (call->op == CODRIVER_FS_READ) {
    codriver_str content = {there->content, there->len};
    OK(codriver_respond_content(call->call_id, content, &error));
  } else if (call->op == CODRIVER_FS_STAT) {
    stat_of(call, there);
  } else if (call->op == CODRIVER_FS_RENAME) {
    move_file(own, call, there);
  } else {
    /* The recording asks for nothing else that has an answer. */
    OK(codriver_respond(call->call_id, str(call->op == CODRIVER_FS_READ_DIR ? "[]" : "null"), &error));
  }
}

static void *work(void *user_data) {
  disk *own = (disk *)user_data;
  pthread_mutex_lock(&own->ear.lock);
  for (;;) {
    while (own->asked == own->done && !own->closed) pthread_cond_wait(&own->ear.changed, &own->ear.lock);
    if (own->asked == own->done) break;
    job *call = &own->jobs[own->done % MAX_FILES];
    pthread_mutex_unlock(&own->ear.lock);
    serve(own, call);
    free(call->content);
    pthread_mutex_lock(&own->ear.lock);
    own->done++;
    pthread_cond_broadcast(&own->ear.changed);
  }
  pthread_mutex_unlock(&own->ear.lock);
  return NULL;
}

int main(void) {
  disk *own = (disk *)calloc(1, sizeof *own);
  CHECK(own != NULL);
  heard_init(&own->ear);
  pthread_t worker;
  CHECK(pthread_create(&worker, NULL, work, own) == 0);

  codriver_callbacks callbacks = callbacks_of(&own->ear);
  callbacks.user_data = own;
  callbacks.fs_request = on_fs_request;
  /* `disk` begins with its ear, so the other callbacks find it. */
  char *options = options_with(
      NULL, ",\"sessionFs\":{\"initialCwd\":\"/project\",\"statePath\":\"/state\",\"store\":\"foreign\"}");
  uint64_t client = 0, op = 0;
  OK(codriver_client_new(str(options), &callbacks, 0, &client, &error));
  free(options);
  OK(codriver_client_connect(client, NULL, &op, &error));
  finish(op, "protocolVersion");
  uint64_t session = created(client, "{\"sessionId\":\"s-1\"}");
  OK(codriver_session_send_and_wait(session, str("{\"prompt\":\"hello\"}"), PATIENCE_MS, false, NULL, &op, &error));
  finish(op, "You said: hello");
  OK(codriver_client_stop(client, NULL, &op, &error));
  finish(op, "[]");
  closed(&own->ear, client);

  pthread_mutex_lock(&own->ear.lock);
  own->closed = true;
  pthread_cond_broadcast(&own->ear.changed);
  pthread_mutex_unlock(&own->ear.lock);
  pthread_join(worker, NULL);
  CHECK(own->done == own->asked && own->done > 20);
  entry *workspace = find(own, "/home/me/.copilot/session-state/s-1/workspace.yaml");
  CHECK(workspace != NULL && workspace->content != NULL && workspace->len > 0);
  for (size_t at = 0; at < own->count; at++) free(own->files[at].content);
  heard_free(&own->ear);
  free(own);

  /* Without a callback every call is refused, and the create fails. */
  heard ear;
  heard_init(&ear);
  client = connected(&ear, NULL, ",\"sessionFs\":{\"initialCwd\":\"/p\",\"statePath\":\"/state\",\"store\":\"foreign\"}");
  OK(codriver_session_new(client, str("{}"), &session, &error));
  OK(codriver_session_create(session, NULL, &op, &error));
  EXPECT(CODRIVER_RPC, codriver_op_wait(op, PATIENCE_MS, NULL, &error));
  closed(&ear, client);
  heard_free(&ear);
  return finished("filesystem");
}
