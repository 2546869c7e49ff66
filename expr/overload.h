/*
 * overload.h -- which of several functions of one name a call means. Private to expr.
 *
 * The rules are PostgreSQL's (documentation, chapter 10): an exact match first, then the candidates that implicit
 * coercions reach, narrowed by exact matches, preferred types and, where arguments are unknown literals, by type
 * categories.
 */
#ifndef FRESHET_EXPR_OVERLOAD_H
#define FRESHET_EXPR_OVERLOAD_H

#include "expr/function.h"

#define CALL_ARGS_MAX 100

typedef struct Overload {
    const SqlType *args;
    int arg_count;
    bool variadic; /* the last argument repeats, once or more */
} Overload;

typedef enum OverloadFound { OVERLOAD_NONE, OVERLOAD_ONE, OVERLOAD_MANY } OverloadFound;

OverloadFound overload_select(const Overload *overloads, int count, const SqlType *args, int arg_count, int *chosen);
/* An overload whose argument types are exactly these: its index, or -1. */
int overload_exact(const Overload *overloads, int count, const SqlType *args, int arg_count);
/* What the arguments must be cast to, and the result, with pseudo-types replaced. 42804 when they cannot be told. */
MUST_CHECK bool overload_bind(const Overload *overload, SqlType declared_result, const SqlType *args, int arg_count,
                              int position, SqlType *arg_types, SqlType *result, Error *err);

/* `lower(integer, text)` */
const char *call_signature(const char *schema, const char *name, const SqlType *args, int arg_count, Arena *arena);
/* 42883 and 42725 for functions. */
bool call_not_found(const char *schema, const char *name, const SqlType *args, int arg_count, int position,
                    OverloadFound found, Error *err);

#endif
