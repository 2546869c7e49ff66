/*
 * scalar.h -- scalar expressions, typed: what the planner makes of an AST expression and the engine evaluates.
 *
 * A tree in an arena. Columns are indexes into the input row. Everything is resolved: functions point to their
 * implementation, every implicit cast is a call of its own, types are final.
 *
 * (1) Immutable once built; rewriting copies (scalar_copy and the transforms).
 * (2) Evaluation has no side effects and depends on nothing but the input row and the EvalContext. What depends on the
 *     context and not on the row (now(), current_user, parameters) is SCALAR_CONTEXT or SCALAR_PARAMETER, and is
 * replaced by literals before a dataflow is made (scalar_bind_context). (3) AND, OR, CASE, COALESCE, NULLIF evaluate
 * lazily as far as errors go: an error in an operand that does not decide the result is no error.
 */
#ifndef FRESHET_EXPR_SCALAR_H
#define FRESHET_EXPR_SCALAR_H

#include "base/buffer.h"
#include "base/vector.h"
#include "types/value.h"

typedef struct Function Function; /* function.h */

typedef enum ScalarKind {
    SCALAR_COLUMN,    /* column */
    SCALAR_LITERAL,   /* literal (of type), or literal_error */
    SCALAR_PARAMETER, /* parameter: 1-based */
    SCALAR_CONTEXT,   /* context: a value that is fixed for a statement */
    SCALAR_CALL,      /* function(args) */
    SCALAR_AND,       /* args, two or more */
    SCALAR_OR,
    SCALAR_NOT,      /* args[0] */
    SCALAR_IS_NULL,  /* args[0] */
    SCALAR_CASE,     /* args: when1, then1, when2, then2, ..., else (always there) */
    SCALAR_COALESCE, /* args */
    SCALAR_GREATEST, /* args; nulls are passed over */
    SCALAR_LEAST,
    SCALAR_ARRAY, /* args: elements, all of the element type, or all arrays of `type` (ARRAY[[..],[..]]) */
    SCALAR_ROW,   /* args: fields of a record */
    SCALAR_ANY,   /* args[0] op ANY(args[1] array): function is the operator */
    SCALAR_ALL,
    SCALAR_IN_LIST, /* args[0] in the literals of `set` (hashed); nulls as SQL has them */
} ScalarKind;

typedef enum ContextValue {
    CONTEXT_NOW,    /* timestamptz: start of the transaction */
    CONTEXT_MZ_NOW, /* mz_timestamp: the logical timestamp of the query; in maintained views only in temporal filters */
    CONTEXT_USER,   /* text */
    CONTEXT_SESSION_USER,
    CONTEXT_DATABASE,
    CONTEXT_SCHEMA,      /* first existing of the search path; may be null */
    CONTEXT_SCHEMAS,     /* text[]: current_schemas(args[0]) with literal argument */
    CONTEXT_BACKEND_PID, /* int4 */
    CONTEXT_VERSION,     /* text */
    CONTEXT_MZ_VERSION,
    CONTEXT_MZ_ENVIRONMENT_ID,
    CONTEXT_START_TIME,   /* timestamptz: of the server */
    CONTEXT_SETTING,      /* text: current_setting(args[0]) */
    CONTEXT_IS_SUPERUSER, /* bool */
    CONTEXT_UPTIME,       /* interval */
} ContextValue;

/* An error as a value: what a row's expression failed with. Encoded, it is one bytes value (eval_error_encode). */
typedef struct EvalError {
    char sqlstate[6];
    const char *message;
    const char *detail; /* or NULL */
    const char *hint;   /* or NULL */
} EvalError;

typedef struct Scalar Scalar;
struct Scalar {
    ScalarKind kind;
    SqlType type;
    bool nullable; /* may be null; true when not known */
    int position;  /* in the statement, for errors; 0: none */
    uint32_t column;
    int parameter;
    ContextValue context;
    Datum literal;
    const EvalError *literal_error;
    const Function *function;
    Scalar **args;
    int arg_count;
    struct ScalarSet *set; /* of SCALAR_IN_LIST */
};

Scalar *scalar_column(Arena *arena, uint32_t column, SqlType type, bool nullable);
Scalar *scalar_literal(Arena *arena, SqlType type, Datum value);
Scalar *scalar_null(Arena *arena, SqlType type);
Scalar *scalar_bool(Arena *arena, bool value);
Scalar *scalar_error(Arena *arena, SqlType type, const EvalError *error);
Scalar *scalar_parameter(Arena *arena, int number, SqlType type);
Scalar *scalar_context(Arena *arena, ContextValue value, SqlType type);
Scalar *scalar_call(Arena *arena, const Function *function, Scalar **args, int arg_count, SqlType type);
Scalar *scalar_make(Arena *arena, ScalarKind kind, SqlType type, Scalar **args, int arg_count);
Scalar *scalar_and(Arena *arena, Scalar *a, Scalar *b); /* either may be NULL: true */
Scalar *scalar_in_list(Arena *arena, Scalar *subject, SqlType type, const Datum *values, int count, bool has_null);

Scalar *scalar_copy(Arena *arena, const Scalar *scalar);
bool scalar_equal(const Scalar *a, const Scalar *b); /* positions are not compared */
uint64_t scalar_hash(const Scalar *scalar);
/* Visits every node, parents first; may replace children in place when it owns the tree. */
void scalar_visit(Scalar *scalar, void (*visit)(Scalar *scalar, void *context), void *context);
/* Columns i become map[i]; map entries of UINT32_MAX are a bug. In place. */
void scalar_remap(Scalar *scalar, const uint32_t *map);
void scalar_shift(Scalar *scalar, uint32_t from, int32_t by); /* columns >= from move by `by`; in place */
/* A copy in which column i is replaced by a copy of with[i]. */
Scalar *scalar_substitute(Arena *arena, const Scalar *scalar, Scalar *const *with);
bool scalar_is_literal(const Scalar *scalar);
bool scalar_is_literal_bool(const Scalar *scalar, bool value);
bool scalar_uses_column(const Scalar *scalar, uint32_t column);
uint32_t scalar_max_column(const Scalar *scalar);                   /* highest column index used + 1 */
bool scalar_has_context(const Scalar *scalar, ContextValue *which); /* the first SCALAR_CONTEXT found */
bool scalar_can_fail(const Scalar *scalar);
bool scalar_is_large(
    const Scalar *scalar); /* it makes a value that may be large of small ones: computed when the query runs */
bool scalar_is_volatile(const Scalar *scalar); /* a call in it has another value each time */

/* As EXPLAIN shows it: #0 + 1. `names` gives column names or is NULL. */
void scalar_print(const Scalar *scalar, const char *const *names, Buffer *out);

/* Encoding of errors as rows of a collection's errors (one bytes column). */
Slice eval_error_encode(const EvalError *error, Arena *arena);
EvalError eval_error_decode(Slice bytes, Arena *arena);

#endif
