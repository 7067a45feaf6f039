/* A filesystem written here: files in memory. */
#include <stdlib.h>
#include <string.h>

#include "driver.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

typedef struct file {
  struct file *next;
  char *session_id, *path;
  char *content; /* NULL: a directory */
  size_t len;
} file;
static file *files;

typedef struct expected {
  struct expected *next;
  char *session_id;
  behaviour how;
} expected;
static expected *expectations;
static behaviour latest;

/* A call, copied: what the callback is given does not outlive it. */
typedef struct job {
  uint64_t call_id;
  codriver_fs_op op;
  char *session_id, *path, *to, *content;
  size_t len;
  bool force;
  unsigned long delay_ms;
} job;

static void expect_locked(const char *session_id, behaviour how) {
  expected *own = checked(malloc(sizeof *own));
  own->session_id = checked(strdup(session_id));
  own->how = how;
  own->next = expectations;
  expectations = own;
}

void store_expect(const char *session_id, behaviour how) {
  pthread_mutex_lock(&lock);
  if (session_id == NULL) latest = how;
  else expect_locked(session_id, how);
  pthread_mutex_unlock(&lock);
}

/* A session that nobody spoke of behaves as the latest did when it was first heard of. */
static behaviour expected_of(const char *session_id) {
  pthread_mutex_lock(&lock);
  expected *own = expectations;
  while (own != NULL && strcmp(own->session_id, session_id) != 0) own = own->next;
  if (own == NULL) expect_locked(session_id, latest);
  behaviour how = own == NULL ? latest : own->how;
  pthread_mutex_unlock(&lock);
  return how;
}

static file **place_of(const char *session_id, const char *path) {
  file **at = &files;
  while (*at != NULL && (strcmp((*at)->session_id, session_id) != 0 || strcmp((*at)->path, path) != 0)) at = &(*at)->next;
  return at;
}

static file *find(const job *call) { return *place_of(call->session_id, call->path); }

static file *make(const char *session_id, const char *path) {
  file **at = place_of(session_id, path);
  if (*at == NULL) {
    *at = checked(calloc(1, sizeof **at));
    (*at)->session_id = checked(strdup(session_id));
    (*at)->path = checked(strdup(path));
  }
  return *at;
}

static void make_parents(const job *call) {
  char *parent = checked(strdup(call->path));
  for (char *slash = strrchr(parent, '/'); slash != NULL && slash != parent; slash = strrchr(parent, '/')) {
    *slash = 0;
    make(call->session_id, parent);
  }
  free(parent);
}

/* Whether `path` is `top`, or below it. */
static bool within(const char *path, const char *top) {
  size_t length = strlen(top);
  return strncmp(path, top, length) == 0 && (path[length] == 0 || path[length] == '/');
}

static void not_there(const job *call) { codriver_fail(call->call_id, CODRIVER_FS_NOT_FOUND, str(call->path), NULL); }

static void done(const job *call) { codriver_respond(call->call_id, str("null"), NULL); }

static void change(const job *call) {
  make_parents(call);
  file *there = make(call->session_id, call->path);
  size_t before = call->op == CODRIVER_FS_APPEND && there->content != NULL ? there->len : 0;
  there->content = checked(realloc(there->content, before + call->len + 1));
  memcpy(there->content + before, call->content, call->len);
  there->len = before + call->len;
  done(call);
}

static void answer(uint64_t call_id, json_t *value) {
  char *text = checked(json_dumps(checked(value), JSON_COMPACT));
  codriver_respond(call_id, str(text), NULL);
  free(text);
  json_decref(value);
}

static json_t *entry(const char *name, const file *there) {
  return json_pack("{s:s,s:s,s:I}", "name", name, "kind", there->content ? "file" : "directory", "size",
                   (json_int_t)there->len);
}

static void read_dir(const job *call) {
  json_t *entries = checked(json_array());
  size_t length = strlen(call->path);
  for (file *at = files; at != NULL; at = at->next) {
    if (strcmp(at->session_id, call->session_id) != 0 || !within(at->path, call->path)) continue;
    const char *name = at->path + length;
    while (*name == '/') name++;
    if (*name != 0 && strchr(name, '/') == NULL) json_array_append_new(entries, entry(name, at));
  }
  answer(call->call_id, entries);
}

static void forget(file **at) {
  file *gone = *at;
  *at = gone->next;
  free(gone->session_id);
  free(gone->path);
  free(gone->content);
  free(gone);
}

static void remove_all(const job *call) {
  bool found = false;
  for (file **at = &files; *at != NULL;) {
    if (strcmp((*at)->session_id, call->session_id) == 0 && within((*at)->path, call->path)) {
      forget(at);
      found = true;
    } else {
      at = &(*at)->next;
    }
  }
  if (found || call->force) done(call);
  else not_there(call);
}

static void rename_all(const job *call) {
  if (find(call) == NULL) {
    not_there(call);
    return;
  }
  file **replaced = place_of(call->session_id, call->to);
  if (*replaced != NULL && strcmp(call->path, call->to) != 0) forget(replaced);
  size_t length = strlen(call->path);
  for (file *at = files; at != NULL; at = at->next) {
    if (strcmp(at->session_id, call->session_id) != 0 || !within(at->path, call->path)) continue;
    const char *rest = at->path + length;
    char *moved = checked(malloc(strlen(call->to) + strlen(rest) + 1));
    strcat(strcpy(moved, call->to), rest);
    free(at->path);
    at->path = moved;
  }
  done(call);
}

static void serve(const job *call) {
  file *there = find(call);
  if (call->op == CODRIVER_FS_WRITE || call->op == CODRIVER_FS_APPEND) {
    change(call);
  } else if (call->op == CODRIVER_FS_EXISTS) {
    codriver_respond(call->call_id, str(there != NULL ? "true" : "false"), NULL);
  } else if (call->op == CODRIVER_FS_MKDIR) {
    make_parents(call);
    make(call->session_id, call->path);
    done(call);
  } else if (call->op == CODRIVER_FS_REMOVE) {
    remove_all(call);
  } else if (call->op == CODRIVER_FS_RENAME) {
    rename_all(call);
  } else if (there == NULL || (call->op == CODRIVER_FS_READ_DIR && there->content != NULL)) {
    not_there(call);
  } else if (call->op == CODRIVER_FS_STAT) {
    answer(call->call_id, entry("", there));
  } else if (call->op == CODRIVER_FS_READ_DIR) {
    read_dir(call);
  } else if (there->content == NULL) {
    codriver_fail(call->call_id, CODRIVER_FS_IO, str("is a directory"), NULL);
  } else {
    codriver_str content = {there->content, there->len};
    codriver_respond_content(call->call_id, content, NULL);
  }
}

static void *run(void *user_data) {
  job *call = user_data;
  if (call->delay_ms > 0) sleep_ms(call->delay_ms);
  pthread_mutex_lock(&lock);
  serve(call);
  pthread_mutex_unlock(&lock);
  free(call->session_id);
  free(call->path);
  free(call->to);
  free(call->content);
  free(call);
  return NULL;
}

void on_fs_request(void *user_data, const codriver_fs_request *request) {
  static const char *const names[] = {"",        "readFile", "writeFile", "appendFile", "exists",
                                      "stat",    "mkdir",    "readdir",   "rm",         "rename"};
  (void)user_data;
  job *call = checked(calloc(1, sizeof *call));
  call->call_id = request->call_id;
  call->op = request->op;
  call->session_id = copied(request->session_id);
  call->path = copied(request->path);
  call->to = copied(request->to);
  call->content = copied(request->content);
  call->len = request->content.len;
  call->force = request->force;
  say(json_pack("{s:s,s:s,s:s,s:s}", "obs", "fs", "session_id", call->session_id, "op", names[call->op], "path",
                call->path));
  behaviour how = expected_of(call->session_id);
  if (strcmp(how.word, "hang") == 0) return;
  if (strcmp(how.word, "throw") == 0) {
    codriver_fail(call->call_id, CODRIVER_FS_IO, str("thrown on purpose"), NULL);
    return;
  }
  if (strcmp(how.word, "slow") == 0) {
    call->delay_ms = strtoul(how.rest, NULL, 10);
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, call) != 0) abort();
    pthread_detach(thread);
    return;
  }
  run(call);
}
