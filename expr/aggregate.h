/*
 * aggregate.h -- aggregate functions: what they take and give, and how the engine keeps them.
 *
 *   AGGREGATE_ACCUMULABLE   a sum over diffs: count, sum, avg, bool_and, bool_or, stddev, variance:
 *                           state is a small struct, an update adds value x diff, no input is kept
 *   AGGREGATE_ORDERED       min, max: the first of an ordered collection of values
 *   AGGREGATE_COLLECT       array_agg, string_agg, jsonb_agg, ...: recomputed over the group's rows when it changes
 *
 * Sums of floats are exact, so that retractions cancel exactly, and are rounded once, at the end: they agree with
 * PostgreSQL's to the last bits that the order of addition leaves open.
 */
#ifndef FRESHET_EXPR_AGGREGATE_H
#define FRESHET_EXPR_AGGREGATE_H

#include "expr/function.h"

typedef enum AggregateKind { AGGREGATE_ACCUMULABLE, AGGREGATE_ORDERED, AGGREGATE_COLLECT } AggregateKind;

#define AGGREGATE_COLUMNS_MAX 16
#define AGGREGATE_KEYS_MAX    (AGGREGATE_COLUMNS_MAX / 2)

/*
 * PLAIN: f(args). ORDERED_SET: f(direct) WITHIN GROUP (ORDER BY ordered); its arguments are the direct ones and then the ordered ones.
 * HYPOTHETICAL: as many direct as ordered arguments, of any types; `args` is empty.
 * PAIRED: f(y, x) of numbers; what it accumulates is one column, float8[], with both.
 */
typedef enum AggregateForm {
    AGGREGATE_PLAIN,
    AGGREGATE_ORDERED_SET,
    AGGREGATE_HYPOTHETICAL,
    AGGREGATE_PAIRED
} AggregateForm;

typedef struct AggregateFunction {
    const char *name;
    AggregateKind kind;
    AggregateForm form;
    uint8_t arg_count;
    SqlType args[3]; /* may be a PseudoType */
    SqlType result;  /* may be a PseudoType */
    int code;        /* private to expr */
    uint32_t oid;    /* pg_proc's; 0 when PostgreSQL has none */
    const char *schema;
} AggregateFunction;

/* What a HYPOTHETICAL row is compared by. */
typedef struct AggregateKey {
    SqlType type;
    bool descending, nulls_first;
} AggregateKey;

typedef struct AggregateCall {
    const AggregateFunction *function;
    SqlType arg_type; /* of the first argument; meaningless for count(*) */
    SqlType result_type;
    SqlType second_type;                   /* of the second argument where there is one: jsonb_object_agg needs it */
    AggregateKey keys[AGGREGATE_KEYS_MAX]; /* HYPOTHETICAL */
    uint8_t key_count;
} AggregateCall;

/* How many columns of the input the call reads. */
static inline int
aggregate_columns(const AggregateCall *call)
{
    switch (call->function->form) {
    case AGGREGATE_HYPOTHETICAL:
        return 2 * call->key_count;
    case AGGREGATE_PAIRED:
        return 1;
    default:
        return call->function->arg_count;
    }
}

/* But for hypothetical ones, whose names are window functions' too. */
bool aggregate_exists(const char *schema, const char *name);
const AggregateFunction *aggregate_hypothetical(const char *schema, const char *name); /* NULL: there is none */
/* Every aggregate, for catalog relations. */
const AggregateFunction *aggregate_at(size_t index); /* NULL past the end */
/* Like function_resolve; count(*) is arg_count 0. */
MUST_CHECK bool aggregate_resolve(const char *schema, const char *name, const SqlType *args, int arg_count,
                                  int position, const AggregateFunction **function, SqlType *arg_types, SqlType *result,
                                  Error *err);

/* ACCUMULABLE: state of a group. `size` bytes, zeroed at first, movable with memcpy, at any 8-byte boundary, no
   pointers in it but to heap memory of its own (sums that outgrow 128 bits), which aggregate_state_free frees. */
size_t aggregate_state_size(const AggregateCall *call);
void aggregate_state_free(const AggregateCall *call, void *state);
/* Adds value x diff for one row. Null arguments are skipped by the callee (count(*) has no argument: value ignored). */
void aggregate_accumulate(const AggregateCall *call, void *state, Datum value, int64_t diff);
/* Adds rows of a column to one group's state (fast path) */
void aggregate_accumulate_rows(const AggregateCall *call, void *state, const Column *column, const uint32_t *rows,
                               uint32_t count, const int64_t *diffs);
/* Adds rows (all `count` of the column when NULL) each to a state of its own: states[row] + offset. `column` is NULL for count(*). */
void aggregate_accumulate_each(const AggregateCall *call, char *const *states, size_t offset, const Column *column,
                               const uint32_t *rows, uint32_t count, const int64_t *diffs);
/* Whether states of this aggregate can be put together, and that: `into` has then taken what `from` has, which stays as it is. */
bool aggregate_can_merge(const AggregateCall *call);
void aggregate_merge(const AggregateCall *call, void *into, const void *from);
bool aggregate_state_is_zero(const AggregateCall *call, const void *state);
/* The result for the group. False: failed (22003 out of range). */
bool aggregate_result(const AggregateCall *call, const void *state, Arena *arena, Datum *result, EvalError *error);

/* ORDERED: whether the first value in ascending order is the result (min) or the last (max). */
bool aggregate_takes_first(const AggregateCall *call);

/* COLLECT: over all rows of the group, in order; args[i] has arg_count values. */
bool aggregate_collect(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count,
                       Arena *arena, Datum *result, EvalError *error);

/* The result over no rows: 0 for count, null for the others. */
Datum aggregate_empty(const AggregateCall *call);

#endif
