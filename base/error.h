/*
 * error.h -- one struct for what a user is told when something cannot be done.
 *
 * A function that can fail returns bool and takes `Error *err` last; it fills the error in where the
 * reason is known and returns false. Messages follow PostgreSQL: lower case, no period, the object
 * and its kind named; detail and hint are sentences.
 *
 * (1) Strings in an Error are heap memory owned by it; error_clear frees them.
 * (2) Setting an error that is already set keeps the first one.
 * (3) `err` is never NULL where it is asked for.
 *
 * A bug is not an error: see bug().
 */
#ifndef FRESHET_BASE_ERROR_H
#define FRESHET_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))

typedef struct Error {
    char sqlstate[6]; /* "" while unset */
    int position;     /* 1-based character in the statement, 0 when there is none */
    char *message;
    char *detail; /* or NULL */
    char *hint;   /* or NULL */
} Error;

/* SQLSTATE_... string constants, from sqlstate.def: SQLSTATE_SYNTAX_ERROR is "42601". */
#define SQLSTATE(name, code) extern const char SQLSTATE_##name[6];
#include "base/sqlstate.def"
#undef SQLSTATE

#define ERROR_INIT                                                                                                     \
    (Error)                                                                                                            \
    {                                                                                                                  \
        .sqlstate = ""                                                                                                 \
    }

bool error_is_set(const Error *err);
void error_clear(Error *err);
void error_move(Error *to, Error *from);       /* `to` is cleared first, `from` is left unset */
void error_copy(Error *to, const Error *from); /* `to` is cleared first */

/* Both return false, so that failing is one line. */
bool error_set(Error *err, const char *sqlstate, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool error_at(Error *err, int position, const char *sqlstate, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Add to an error that was just set; they return false too. */
bool error_detail(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool error_hint(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool error_prefix(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3))); /* before message */

/* A state that the code says cannot be: logs and aborts. */
_Noreturn void bug_at(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)

#endif
