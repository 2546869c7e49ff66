/*
 * evaluate.h -- scalar expressions over chunks, vectorised.
 *
 * evaluate() gives one value a row of the chunk: a column, and for rows whose evaluation failed an error (their value
 * means nothing). A literal is not spread over the rows: such a result has `is_constant` and one row.
 * Scratch memory (errors included) is the context's arena; the caller resets it when it is done with the results.
 */
#ifndef FRESHET_EXPR_EVALUATE_H
#define FRESHET_EXPR_EVALUATE_H

#include "collection/chunk.h"
#include "expr/scalar.h"

typedef struct EvalContext {
    Arena *arena;
    TextStyle style;
    struct RegexCache *regexes; /* private to expr; NULL at first */
} EvalContext;

typedef struct Evaluated {
    Column *column;           /* owned by the caller: release it */
    bool is_constant;         /* column has one row that stands for all */
    const EvalError **errors; /* one a row (or one when constant), NULL where none; NULL: no row failed */
} Evaluated;

/* All rows of `chunk`. */
void evaluate(const Scalar *scalar, EvalContext *context, const Chunk *chunk, Evaluated *result);
void evaluated_release(Evaluated *result);
/* Makes a constant result a full column of `count` rows. */
Column *evaluated_spread(const Evaluated *result, SqlType type, uint32_t count);

/*
 * A predicate: writes the rows where it is true to `selected` (room for chunk->count) and, for rows that failed, calls
 * nothing but stores the error; returns how many were selected.
 */
uint32_t evaluate_filter(const Scalar *predicate, EvalContext *context, const Chunk *chunk, uint32_t *selected,
                         const EvalError ***errors);

/* One row: `values` are the input row's columns. False: it failed, `error` says how (in the arena). */
bool evaluate_row(const Scalar *scalar, EvalContext *context, const SqlType *types, const Datum *values,
                  int value_count, Datum *result, const EvalError **error);

/* No columns are used: the value. As above. */
bool evaluate_constant(const Scalar *scalar, EvalContext *context, Datum *result, const EvalError **error);
void error_from_eval(Error *err, const EvalError *error); /* fills err in; always "sets" it */

void eval_context_init(EvalContext *context, Arena *arena);
void eval_context_deinit(EvalContext *context); /* frees caches; not the arena */

#endif
