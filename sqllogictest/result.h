/*
 * result.h -- the rows that a query gave, as the texts that a script compares.
 *
 * Values are written as scripts expect them: NULL, (empty), control characters as '@', an I column as
 * an integer, an R column with three decimals, and without types a numeric without trailing zeros.
 */
#ifndef FRESHET_SQLLOGICTEST_RESULT_H
#define FRESHET_SQLLOGICTEST_RESULT_H

#include <libpq-fe.h>

#include "base/buffer.h"
#include "sqllogictest/script.h"

typedef struct ResultRows {
    Arena *arena;
    int columns; /* compared, those left out not counted; -1 before the first result */
    VECTOR(const char **) rows;
} ResultRows;

void result_rows_init(ResultRows *rows);
void result_rows_deinit(ResultRows *rows);

/* Adds the rows of a result. `types` as in Record. */
void result_rows_add(ResultRows *rows, const PGresult *result, const char *types);
void result_rows_add_line(ResultRows *rows, const char *line); /* one of COPY TO STDOUT: a row of one value */

/* Sorts, then compares with what the script expects. What differs goes to `why`. */
MUST_CHECK bool result_rows_match(ResultRows *rows, SortMode sort, const Lines *expected, Buffer *why);

/* Whether two results are the same multiset of rows; sorts both. */
MUST_CHECK bool result_rows_same(ResultRows *a, ResultRows *b, Buffer *why);

void result_rows_hash(ResultRows *rows, SortMode sort, char hash[33]); /* MD5 as the scripts have it */

void result_rows_print(const ResultRows *rows, Buffer *out, size_t limit);

#endif
