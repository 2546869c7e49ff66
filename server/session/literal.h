/*
 * literal.h -- lifts the integers that a query compares with out of its text, so that queries which differ in nothing
 * else share a plan. Knows tokens, not grammar: what it is not sure of stays where it is.
 */
#ifndef FRESHET_SERVER_SESSION_LITERAL_H
#define FRESHET_SERVER_SESSION_LITERAL_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

#define LIFTED_MAX 8

typedef struct LiftedQuery {
    Buffer text; /* with $1, $2, ... in place of the integers */
    int64_t values[LIFTED_MAX];
    int count;
} LiftedQuery;

/*
 * Of one SELECT whose integers follow a comparison operator and end a comparison, each without a sign. False: there is
 * none of them, or the text has quotes, parameters, comments, several statements or rows that are grouped or ordered.
 * The caller frees `text`.
 */
MUST_CHECK bool literals_lift(Slice sql, LiftedQuery *lifted);

#endif
