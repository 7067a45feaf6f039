/* The conformance driver of the C interface: JSON lines in, JSON lines out, by nothing but codriver.h. */
#ifndef DRIVER_H
#define DRIVER_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "codriver.h"

#define PATIENCE_MS 60000

/* say.c: the way to the runner. Values that are given are taken over. */
void say(json_t *line);
/* Ends the driver, whatever is in flight, between two lines. */
void end(void);
void say_ok(json_int_t id, json_t *value);
void say_error(json_int_t id, const codriver_error *error);
void say_refusal(json_int_t id, const char *why);
json_t *error_value(const json_t *error);
void say_event(const char *from, json_t *event, json_int_t seq, json_int_t subscriber);

/* A word, and what stands behind its colon (`slow:20`); empty where there is no behaviour. */
typedef struct behaviour {
  char word[16];
  char rest[256];
} behaviour;

behaviour behaviour_of(const json_t *text);

/* session.c: the sessions that the runner speaks of. They live as long as the driver. */
typedef struct session {
  struct session *next;
  char *name;
  uint64_t id;
  json_t *handlers;
} session;

session *session_make(uint64_t client, const char *name, json_t *config, json_t *handlers, codriver_error **error);
void session_keep(session *opened);
session *session_called(const char *name);
session *session_of(uint64_t id);
/* Begins to handle what comes for `id`, a session's or a stream's. `subscriber`: the command that asked, 0 for `on_event`. */
void consume(uint64_t id, session *from, uint64_t client, json_int_t subscriber);
void consumer_woken(uint64_t id);

/* handlers.c: questions. */
json_t *wanted_handlers(json_t *config, const json_t *handlers);
void on_request(void *user_data, const codriver_request *request);
void on_cancel(void *user_data, uint64_t call_id);

/* store.c: a filesystem written here. */
void store_expect(const char *session_id, behaviour how);
void on_fs_request(void *user_data, const codriver_fs_request *request);

/* client.c: the client of the latest `start`, 0 without one. */
uint64_t client_current(bool stopping);
codriver_status client_start(const json_t *start, uint64_t *client, codriver_error **error);

/* Text as the interface takes it; `text` may be NULL. */
codriver_str str(const char *text);
/* A copy that ends with a NUL. */
char *copied(codriver_str text);
/* Ends the driver where memory is out or a thing cannot be. */
void *checked(void *made);
void sleep_ms(unsigned long ms);

#endif
