/*
 * evaluate_internal.h -- what the files of the evaluator share. Private to expr.
 */
#ifndef FRESHET_EXPR_EVALUATE_INTERNAL_H
#define FRESHET_EXPR_EVALUATE_INTERNAL_H

#include "expr/function.h"

/* The rows that an expression runs over. */
typedef struct Frame {
    EvalContext *context;
    Column *const *columns;
    uint32_t count;
} Frame;

/* One value a row of the frame, or a constant. Values of rows that failed are of no meaning. */
void evaluate_node(const Scalar *scalar, const Frame *frame, Evaluated *result);
/* The rows `rows` of the frame alone. */
void evaluate_subset(const Scalar *scalar, const Frame *frame, const uint32_t *rows, uint32_t count, Evaluated *result);
/* A call of `function` on columns that are there already. */
void evaluate_function(const Function *function, SqlType type, const SqlType *arg_types, Evaluated *args, int arg_count,
                       EvalContext *context, uint32_t count, Evaluated *result);
/* Whether it pays to evaluate it on fewer rows. */
bool scalar_is_heavy(const Scalar *scalar);

/* Evaluates to column and errors of a Frame; evaluate_node calls them by kind. */
void evaluate_and_or(const Scalar *scalar, const Frame *frame, Evaluated *result);
void evaluate_not(const Scalar *scalar, const Frame *frame, Evaluated *result);
void evaluate_is_null(const Scalar *scalar, const Frame *frame, Evaluated *result);
void evaluate_case(const Scalar *scalar, const Frame *frame, Evaluated *result);
void evaluate_coalesce(const Scalar *scalar, const Frame *frame, Evaluated *result);
void evaluate_extreme(const Scalar *scalar, const Frame *frame, Evaluated *result);
void evaluate_array(const Scalar *scalar, const Frame *frame, Evaluated *result);
void evaluate_record(const Scalar *scalar, const Frame *frame, Evaluated *result);
void evaluate_any_all(const Scalar *scalar, const Frame *frame, Evaluated *result);
void evaluate_in_list(const Scalar *scalar, const Frame *frame, Evaluated *result);

/* The error of a row, or NULL. */
static inline const EvalError *
evaluated_error(const Evaluated *evaluated, uint32_t row)
{
    return evaluated->errors == NULL ? NULL : evaluated->errors[evaluated->is_constant ? 0 : row];
}

static inline uint32_t
evaluated_row(const Evaluated *evaluated, uint32_t row)
{
    return evaluated->is_constant ? 0 : row;
}

/* The first error of several operands for a row, or NULL. */
static inline const EvalError *
first_error(const Evaluated *args, int arg_count, uint32_t row)
{
    for (int i = 0; i < arg_count; i++) {
        const EvalError *error = evaluated_error(&args[i], row);
        if (error != NULL)
            return error;
    }
    return NULL;
}

static inline void
error_note(const EvalError ***errors, Arena *arena, uint32_t count, uint32_t row, const EvalError *error)
{
    if (*errors == NULL)
        *errors = arena_new_array(arena, const EvalError *, count + 1);
    (*errors)[row] = error;
}

const EvalError *eval_error_from(Error *err, Arena *arena); /* clears err */

/* How Datums are taken out of a column of a type, decided once a column. */
typedef struct Fetch {
    const Column *column;
    Phys phys;
    bool is_unsigned; /* 32-bit values are zero-extended */
} Fetch;

static inline Fetch
fetch_init(const Column *column, SqlType type)
{
    bool is_unsigned = type.id == TYPE_OID || type.id == TYPE_REGCLASS || type.id == TYPE_REGPROC ||
                       type.id == TYPE_REGTYPE || type.id == TYPE_UINT4 || type.id == TYPE_XID || type.id == TYPE_CID;
    return (Fetch){column, column->phys, is_unsigned};
}

/* Writes in place: a Datum that is returned and copied costs more than the rest. */
static inline void
fetch_into(const Fetch *fetch, uint32_t row, Datum *datum)
{
    const Column *column = fetch->column;
    datum->is_null = column->nulls != NULL && column->nulls[row] != 0;
    switch (fetch->phys) {
    case PHYS_U8:
        datum->i = ((const uint8_t *) column->values)[row];
        return;
    case PHYS_I16:
        datum->i = ((const int16_t *) column->values)[row];
        return;
    case PHYS_I32:
        datum->i = fetch->is_unsigned ? (int64_t) ((const uint32_t *) column->values)[row]
                                      : (int64_t) ((const int32_t *) column->values)[row];
        return;
    case PHYS_I64:
        datum->i = ((const int64_t *) column->values)[row];
        return;
    case PHYS_F32:
        datum->f = (double) ((const float *) column->values)[row];
        return;
    case PHYS_F64:
        datum->f = ((const double *) column->values)[row];
        return;
    case PHYS_B16:
        memcpy(datum->b16, (const char *) column->values + (size_t) row * 16, 16);
        return;
    case PHYS_BYTES: {
        const uint32_t *offsets = column->values;
        datum->bytes.bytes = column->bytes + offsets[row];
        datum->bytes.size = offsets[row + 1] - offsets[row];
        return;
    }
    }
}

static inline Datum
fetch_datum(const Fetch *fetch, uint32_t row)
{
    Datum datum;
    fetch_into(fetch, row, &datum);
    return datum;
}

#endif
