#include "expr/evaluate_internal.h"
#include "expr/scalar_set.h"
#include "types/array.h"
#include "types/element.h"

/* GREATEST, LEAST, ARRAY, ROW, ANY, ALL, IN: kinds that look at several values a row. */

typedef struct Operands {
    Evaluated *values;
    Fetch *fetches;
    int count;
} Operands;

static Operands
operands_evaluate(const Scalar *scalar, const Frame *frame)
{
    Arena *arena = frame->context->arena;
    Operands operands = {.count = scalar->arg_count};
    operands.values = arena_new_array(arena, Evaluated, scalar->arg_count + 1);
    operands.fetches = arena_new_array(arena, Fetch, scalar->arg_count + 1);
    for (int i = 0; i < scalar->arg_count; i++) {
        evaluate_node(scalar->args[i], frame, &operands.values[i]);
        operands.fetches[i] = fetch_init(operands.values[i].column, scalar->args[i]->type);
    }
    return operands;
}

static Datum
operand_datum(const Operands *operands, int i, uint32_t row)
{
    return fetch_datum(&operands->fetches[i], evaluated_row(&operands->values[i], row));
}

static void
operands_release(Operands *operands)
{
    for (int i = 0; i < operands->count; i++)
        evaluated_release(&operands->values[i]);
}

static void
finish(ColumnBuilder *out, const EvalError **errors, Evaluated *result)
{
    *result = (Evaluated){.column = column_builder_finish(out), .errors = errors};
    column_builder_deinit(out);
}

static Datum
extreme_of(const Scalar *scalar, const Operands *operands, uint32_t row)
{
    Datum best = DATUM_NULL;
    for (int i = 0; i < operands->count; i++) {
        Datum value = operand_datum(operands, i, row);
        if (value.is_null)
            continue;
        int order = best.is_null ? 0 : datum_compare(scalar->type, value, best);
        if (best.is_null || (scalar->kind == SCALAR_GREATEST ? order > 0 : order < 0))
            best = value;
    }
    return best;
}

void
evaluate_extreme(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    Operands operands = operands_evaluate(scalar, frame);
    ColumnBuilder out;
    column_builder_init(&out, type_phys(scalar->type));
    const EvalError **errors = NULL;
    for (uint32_t row = 0; row < frame->count; row++) {
        const EvalError *error = first_error(operands.values, operands.count, row);
        if (error != NULL)
            error_note(&errors, frame->context->arena, frame->count, row, error);
        Datum best = error != NULL ? DATUM_NULL : extreme_of(scalar, &operands, row);
        if (best.is_null)
            column_builder_append_null(&out);
        else
            column_builder_append(&out, best);
    }
    finish(&out, errors, result);
    operands_release(&operands);
}

static const EvalError error_array_dimensions = {
    "2202E", "multidimensional arrays must have array expressions with matching dimensions", NULL, NULL};
static const EvalError error_array_depth = {"54000", "number of array dimensions exceeds the maximum allowed (6)", NULL,
                                            NULL};

/* ARRAY[[...], [...]]: one dimension more than the operands have. */
static const EvalError *
nest_arrays(SqlType type, const Datum *arrays, int count, Arena *arena, Slice *made)
{
    ArrayShape outer = {0};
    VECTOR(Datum) elements = {0};
    const EvalError *error = NULL;
    int full = 0;
    for (int i = 0; i < count && error == NULL; i++) {
        ArrayReader reader;
        if (arrays[i].is_null)
            continue;
        array_read(&reader, type, arrays[i].bytes);
        if (reader.shape.count == 0)
            continue;
        full++;
        if (reader.shape.dimensions + 1 > ARRAY_DIMENSIONS_MAX)
            error = &error_array_depth;
        else if (outer.dimensions == 0)
            outer = reader.shape;
        else if (outer.dimensions != reader.shape.dimensions ||
                 memcmp(outer.lengths, reader.shape.lengths, sizeof(int32_t) * (size_t) outer.dimensions) != 0)
            error = &error_array_dimensions;
        Datum element;
        while (error == NULL && array_next(&reader, arena, &element))
            vector_push(&elements, element);
    }
    if (error == NULL && full != 0 && full != count)
        error = &error_array_dimensions;
    ArrayShape shape = {0};
    if (error == NULL && full > 0) {
        shape.dimensions = outer.dimensions + 1;
        shape.lengths[0] = count;
        shape.lower_bounds[0] = 1;
        memcpy(&shape.lengths[1], outer.lengths, sizeof(int32_t) * (size_t) outer.dimensions);
        memcpy(&shape.lower_bounds[1], outer.lower_bounds, sizeof(int32_t) * (size_t) outer.dimensions);
        shape.count = (int64_t) elements.count;
    }
    if (error == NULL)
        *made = array_make(type_element_of(type), &shape, elements.items, arena);
    vector_deinit(&elements);
    return error;
}

void
evaluate_array(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    Arena *arena = frame->context->arena;
    Operands operands = operands_evaluate(scalar, frame);
    bool nested = scalar->arg_count > 0 && scalar->args[0]->type.id == TYPE_ARRAY;
    Datum *elements = arena_new_array(arena, Datum, scalar->arg_count + 1);
    ColumnBuilder out;
    column_builder_init(&out, PHYS_BYTES);
    const EvalError **errors = NULL;
    for (uint32_t row = 0; row < frame->count; row++) {
        const EvalError *error = first_error(operands.values, operands.count, row);
        for (int i = 0; i < operands.count; i++)
            elements[i] = operand_datum(&operands, i, row);
        Slice made = {0};
        if (error == NULL && nested)
            error = nest_arrays(scalar->type, elements, operands.count, arena, &made);
        else if (error == NULL)
            made = array_make_vector(type_element_of(scalar->type), elements, operands.count, arena);
        if (error != NULL)
            error_note(&errors, arena, frame->count, row, error);
        column_builder_append_bytes(&out, made.bytes, made.size);
    }
    finish(&out, errors, result);
    operands_release(&operands);
}

void
evaluate_record(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    Operands operands = operands_evaluate(scalar, frame);
    Buffer record = {0};
    ColumnBuilder out;
    column_builder_init(&out, PHYS_BYTES);
    const EvalError **errors = NULL;
    for (uint32_t row = 0; row < frame->count; row++) {
        const EvalError *error = first_error(operands.values, operands.count, row);
        if (error != NULL)
            error_note(&errors, frame->context->arena, frame->count, row, error);
        buffer_clear(&record);
        buffer_append_be32(&record, (uint32_t) operands.count);
        for (int i = 0; i < operands.count && error == NULL; i++) {
            buffer_append_be32(&record, type_oid(scalar->args[i]->type));
            element_append(scalar->args[i]->type, operand_datum(&operands, i, row), &record);
        }
        column_builder_append_bytes(&out, record.bytes, record.size);
    }
    buffer_deinit(&record);
    finish(&out, errors, result);
    operands_release(&operands);
}

#define LOOK_UP_INTEGERS(type)                                                                                         \
    do {                                                                                                               \
        const type *from = subject->values;                                                                            \
        for (uint32_t row = 0; row < subject->count; row++)                                                            \
            values[row] = scalar_set_contains_int(set, (int64_t) from[row]);                                           \
    } while (0)

/* Which rows are in the set; what is said of null rows and failed ones is of no meaning. */
static void
look_up(const ScalarSet *set, const Column *subject, SqlType type, uint8_t *values)
{
    Fetch fetch = fetch_init(subject, type);
    if (set->is_integer && subject->phys == PHYS_I64) {
        LOOK_UP_INTEGERS(int64_t);
    } else if (set->is_integer && subject->phys == PHYS_I32 && !fetch.is_unsigned) {
        LOOK_UP_INTEGERS(int32_t);
    } else {
        for (uint32_t row = 0; row < subject->count; row++) {
            Datum value = fetch_datum(&fetch, row);
            values[row] = !value.is_null && scalar_set_contains(set, value);
        }
    }
}

void
evaluate_in_list(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    Evaluated subject;
    const ScalarSet *set = scalar->set;
    evaluate_node(scalar->args[0], frame, &subject);
    uint32_t count = subject.column->count;
    uint8_t *values = memory_calloc((size_t) count + 1, 1), *nulls = NULL;
    look_up(set, subject.column, scalar->args[0]->type, values);
    bool empty = set->count == 0 && !set->has_null;
    for (uint32_t row = 0; !empty && (set->has_null || subject.column->nulls != NULL) && row < count; row++) {
        bool null = column_is_null(subject.column, row);
        if (!null && (values[row] || !set->has_null))
            continue;
        nulls = nulls != NULL ? nulls : memory_calloc((size_t) count + 1, 1);
        nulls[row] = 1;
        values[row] = 0;
    }
    for (uint32_t row = 0; empty && row < count; row++)
        values[row] = 0;
    *result = subject;
    result->column = column_from_buffers(PHYS_U8, count, nulls, values, NULL);
    column_release(subject.column);
}

/* ---- op ANY(array), op ALL(array) */

typedef struct Quantified {
    const Scalar *scalar;
    const Frame *frame;
    SqlType types[2]; /* of the operator's arguments */
    bool deciding;    /* what one element's answer has to be to settle the row */
} Quantified;

/* One row: the elements become a column, the subject a constant. */
static const EvalError *
quantify_row(const Quantified *q, Datum subject, Datum array, Datum *value)
{
    ArrayReader reader;
    array_read(&reader, q->scalar->args[1]->type, array.bytes);
    *value = datum_int(!q->deciding);
    if (reader.shape.count == 0)
        return NULL;
    ColumnBuilder builder;
    column_builder_init(&builder, type_phys(q->types[1]));
    Datum element;
    while (array_next(&reader, q->frame->context->arena, &element)) {
        if (element.is_null)
            column_builder_append_null(&builder);
        else
            column_builder_append(&builder, element);
    }
    Evaluated args[2] = {{.column = column_constant(q->types[0], subject, 1), .is_constant = true},
                         {.column = column_builder_finish(&builder)}};
    column_builder_deinit(&builder);
    Evaluated answers;
    evaluate_function(q->scalar->function, SQL_TYPE(BOOL), q->types, args, 2, q->frame->context, args[1].column->count,
                      &answers);
    const uint8_t *values = answers.column->values;
    const EvalError *error = NULL;
    bool null = false, decided = false;
    for (uint32_t i = 0; i < answers.column->count && !decided; i++) {
        if (evaluated_error(&answers, i) != NULL)
            error = error != NULL ? error : evaluated_error(&answers, i);
        else if (column_is_null(answers.column, i))
            null = true;
        else
            decided = (values[i] != 0) == q->deciding;
    }
    if (decided)
        *value = datum_int(q->deciding);
    else if (null)
        *value = DATUM_NULL;
    evaluated_release(&answers);
    evaluated_release(&args[0]);
    evaluated_release(&args[1]);
    return decided ? NULL : error;
}

void
evaluate_any_all(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    Operands operands = operands_evaluate(scalar, frame);
    Quantified q = {
        scalar, frame, {scalar->args[0]->type, type_element_of(scalar->args[1]->type)}, scalar->kind == SCALAR_ANY};
    ColumnBuilder out;
    column_builder_init(&out, PHYS_U8);
    const EvalError **errors = NULL;
    for (uint32_t row = 0; row < frame->count; row++) {
        const EvalError *error = first_error(operands.values, operands.count, row);
        Datum subject = operand_datum(&operands, 0, row), array = operand_datum(&operands, 1, row), value = DATUM_NULL;
        if (error == NULL && !array.is_null)
            error = quantify_row(&q, subject, array, &value);
        if (error != NULL)
            error_note(&errors, frame->context->arena, frame->count, row, error);
        if (value.is_null || error != NULL)
            column_builder_append_null(&out);
        else
            column_builder_append(&out, value);
    }
    finish(&out, errors, result);
    operands_release(&operands);
}
