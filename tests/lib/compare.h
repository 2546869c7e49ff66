/*
 * compare.h -- whether two servers give the same answer.
 */
#ifndef FRESHET_TESTS_LIB_COMPARE_H
#define FRESHET_TESTS_LIB_COMPARE_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "base/buffer.h"

/*
 * Runs the query on both and compares the rows as multisets, values as bytes in text or binary form. What differs is
 * written to `why`: an error, the number of rows, or the first row of one that the other lacks.
 */
bool query_same(PGconn *left, PGconn *right, const char *sql, bool binary, Buffer *why);

/* Tries until it holds or the time has passed. */
bool query_same_in_time(PGconn *left, PGconn *right, const char *sql, bool binary, int timeout_ms, Buffer *why);

#endif
