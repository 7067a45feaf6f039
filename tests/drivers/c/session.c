/* Sessions, and what handles their events. */
#include <stdlib.h>
#include <string.h>

#include "driver.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* All that were made, the latest first. */
static session *made;

/* By the runner's name: those that are open. */
typedef struct named {
  struct named *next;
  session *session;
} named;
static named *open_ones;

typedef struct consumer {
  struct consumer *next;
  uint64_t id, client;
  session *from;
  json_int_t subscriber;
  /* Its handler takes no time: events are handled as they are told of, in one order with the results of operations. */
  bool quick;
  pthread_cond_t changed;
  bool woken;
} consumer;
static consumer *consumers;

session *session_make(uint64_t client, const char *name, json_t *config, json_t *handlers, codriver_error **error) {
  json_t *given = config == NULL || json_is_null(config) ? json_object() : json_deep_copy(config);
  json_object_set_new(checked(given), "handlers", wanted_handlers(given, handlers));
  char *text = checked(json_dumps(given, JSON_COMPACT));
  json_decref(given);
  session *opened = checked(calloc(1, sizeof *opened));
  opened->name = checked(strdup(name));
  opened->handlers = handlers == NULL ? json_object() : json_incref(handlers);
  codriver_status status = codriver_session_new(client, str(text), &opened->id, error);
  free(text);
  if (status != CODRIVER_OK) {
    json_decref(opened->handlers);
    free(opened->name);
    free(opened);
    return NULL;
  }
  pthread_mutex_lock(&lock);
  opened->next = made;
  made = opened;
  pthread_mutex_unlock(&lock);
  consume(opened->id, opened, client, 0);
  return opened;
}

void session_keep(session *opened) {
  named *entry = checked(malloc(sizeof *entry));
  pthread_mutex_lock(&lock);
  entry->session = opened;
  entry->next = open_ones;
  open_ones = entry;
  pthread_mutex_unlock(&lock);
}

session *session_called(const char *name) {
  session *found = NULL;
  pthread_mutex_lock(&lock);
  for (named *entry = open_ones; entry != NULL && found == NULL; entry = entry->next)
    if (strcmp(entry->session->name, name) == 0) found = entry->session;
  pthread_mutex_unlock(&lock);
  return found;
}

session *session_of(uint64_t id) {
  pthread_mutex_lock(&lock);
  session *found = made;
  while (found != NULL && found->id != id) found = found->next;
  pthread_mutex_unlock(&lock);
  return found;
}

/* What the runner wants to be done with an event. */
static void handle(consumer *own, json_t *event, json_int_t seq) {
  const char *name = own->from->name;
  if (own->subscriber != 0) {
    say_event(name, event, seq, own->subscriber);
    return;
  }
  behaviour how = behaviour_of(json_object_get(own->from->handlers, "on_event"));
  if (strcmp(how.word, "count") != 0) say_event(name, event, seq, 0);
  const char *thrown = NULL;
  if (strcmp(how.word, "slow") == 0) sleep_ms(strtoul(how.rest, NULL, 10));
  if (strcmp(how.word, "throw") == 0) thrown = "thrown on purpose";
  if (strcmp(how.word, "call_ping") == 0) {
    uint64_t op = 0;
    if (codriver_client_ping(own->client, str(NULL), NULL, &op, NULL) != CODRIVER_OK ||
        codriver_op_wait(op, PATIENCE_MS, NULL, NULL) != CODRIVER_OK)
      thrown = "the ping failed";
  }
  if (thrown != NULL) codriver_report_handler_error(own->id, str("on_event"), str(thrown), NULL);
}

/* Whether the cursor is at its end. */
static bool take_all(consumer *own) {
  for (;;) {
    codriver_batch batch;
    if (codriver_take(own->id, 512, 1 << 20, &batch, NULL) != CODRIVER_OK) return true;
    json_t *read = checked(json_loadb(batch.json.ptr, batch.json.len, JSON_ALLOW_NUL, NULL));
    codriver_buf_free(&batch.json);
    json_t *numbers = json_object_get(read, "seq"), *event;
    size_t at;
    json_array_foreach(json_object_get(read, "events"), at, event) {
      handle(own, event, json_integer_value(json_array_get(numbers, at)));
    }
    json_decref(read);
    if (batch.ended) return true;
    if (!batch.more) return false;
  }
}

static void *run(void *user_data) {
  consumer *own = user_data;
  while (!take_all(own)) {
    pthread_mutex_lock(&lock);
    while (!own->woken) pthread_cond_wait(&own->changed, &lock);
    own->woken = false;
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

void consume(uint64_t id, session *from, uint64_t client, json_int_t subscriber) {
  consumer *own = checked(calloc(1, sizeof *own));
  own->id = id;
  own->client = client;
  own->from = from;
  own->subscriber = subscriber;
  behaviour how = behaviour_of(json_object_get(from->handlers, "on_event"));
  own->quick = subscriber == 0 && (how.word[0] == 0 || strcmp(how.word, "record") == 0 || strcmp(how.word, "count") == 0);
  pthread_cond_init(&own->changed, NULL);
  pthread_mutex_lock(&lock);
  own->next = consumers;
  consumers = own;
  pthread_mutex_unlock(&lock);
  if (own->quick) return;
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, own) != 0) abort();
  pthread_detach(thread);
}

void consumer_woken(uint64_t id) {
  pthread_mutex_lock(&lock);
  consumer *own = consumers;
  while (own != NULL && own->id != id) own = own->next;
  bool quick = own != NULL && own->quick;
  if (own != NULL && !quick) {
    own->woken = true;
    pthread_cond_signal(&own->changed);
  }
  pthread_mutex_unlock(&lock);
  if (quick) take_all(own);
}
