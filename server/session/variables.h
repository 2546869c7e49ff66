/*
 * variables.h -- a session's settings: names, defaults, checks, and how SET LOCAL and failed transactions undo them.
 *
 * Names are case-insensitive. Values are kept as text, in the form SHOW prints.
 */
#ifndef FRESHET_SERVER_SESSION_VARIABLES_H
#define FRESHET_SERVER_SESSION_VARIABLES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct Variables Variables;

Variables *variables_new(void);
void variables_free(Variables *variables);

/* NULL: no such variable. The text lives until that variable is changed. */
const char *variable_get(const Variables *variables, const char *name);
/* 42704 unknown, 22023 bad value or fixed, 55P02 read-only. `local`: until the transaction ends. */
MUST_CHECK bool variable_set(Variables *variables, const char *name, const char *value, bool local, Error *err);
/* By the server itself: no check, no undo. */
void variable_force(Variables *variables, const char *name, const char *value);
MUST_CHECK bool variable_reset(Variables *variables, const char *name, Error *err); /* to the value at session start */
void variables_reset_all(Variables *variables);
/* What is set now is what RESET goes back to: after the startup parameters. */
void variables_mark_start(Variables *variables);

/* Transaction borders: SET LOCAL is undone by both, SET by a rollback. */
void variables_begin(Variables *variables);
void variables_commit(Variables *variables);
void variables_rollback(Variables *variables);

/* In name order; false past the end. */
bool variable_at(const Variables *variables, int index, const char **name, const char **value,
                 const char **description);
/* Variables that clients are told about (ParameterStatus): the name as it is reported, NULL past the end. */
const char *variable_reported_at(int index);
/* Whether any was assigned since the last call: mostly none, and then none need be asked for. */
bool variables_take_any_changed(Variables *variables);
/* Whether a reported variable changed since the last call for it. */
bool variable_take_changed(Variables *variables, const char *name);
/* Grows with every change that planning may depend on. */
unsigned variables_generation(const Variables *variables);

/* Durations as settings write them ("10 s", "2 min", "0", milliseconds): -1 when it cannot be read. */
int64_t duration_parse_ms(const char *text);
int64_t bytes_parse(const char *text); /* "1GB", "512 kB", "100": bytes; -1 when it is none, or less than 1 */

#endif
