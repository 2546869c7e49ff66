#include "expr/evaluate.h"

#include <stdio.h>

#include "expr/evaluate_internal.h"
#include "expr/regex.h"

void
eval_context_init(EvalContext *context, Arena *arena)
{
    *context = (EvalContext){.arena = arena};
}

void
eval_context_deinit(EvalContext *context)
{
    regex_cache_free(context->regexes);
    context->regexes = NULL;
}

/* ---- errors of rows */

const EvalError *
eval_error_from(Error *err, Arena *arena)
{
    EvalError *error = arena_new_struct(arena, EvalError);
    memcpy(error->sqlstate, err->sqlstate, sizeof error->sqlstate);
    error->message = arena_strdup(arena, err->message == NULL ? "unknown error" : err->message);
    error->detail = err->detail == NULL ? NULL : arena_strdup(arena, err->detail);
    error->hint = err->hint == NULL ? NULL : arena_strdup(arena, err->hint);
    error_clear(err);
    return error;
}

void
function_fail_with(FunctionCall *call, uint32_t row, const EvalError *error)
{
    error_note(&call->errors, call->context->arena, call->count, row, error);
}

void
function_fail(FunctionCall *call, uint32_t row, const char *sqlstate, const char *format, ...)
{
    EvalError *error = arena_new_struct(call->context->arena, EvalError);
    memcpy(error->sqlstate, sqlstate, 5);
    va_list args;
    va_start(args, format);
    error->message = arena_vprintf(call->context->arena, format, args);
    va_end(args);
    function_fail_with(call, row, error);
}

/* ---- calls */

#define ARGS_ON_STACK 8

/* The column that row functions make, value by value, in one allocation where the width is fixed. */
typedef struct RowOutput {
    Phys phys;
    uint32_t count;
    void *values; /* of PHYS_BYTES: offsets */
    uint8_t *nulls;
    char *bytes;
    size_t size, capacity;
} RowOutput;

static void
row_output_init(RowOutput *out, Phys phys, uint32_t count)
{
    size_t width = phys == PHYS_BYTES ? sizeof(uint32_t) : (size_t) phys_width(phys);
    *out = (RowOutput){.phys = phys, .count = count};
    out->values = memory_alloc(((size_t) count + 1) * width);
    if (phys != PHYS_BYTES)
        return;
    out->capacity = (size_t) count * 16 + 64;
    out->bytes = memory_alloc(out->capacity);
    ((uint32_t *) out->values)[0] = 0;
}

static inline void
row_output_bytes(RowOutput *out, uint32_t row, Slice bytes)
{
    if (out->size + bytes.size > out->capacity) {
        out->capacity = (out->size + bytes.size) * 2;
        out->bytes = memory_realloc(out->bytes, out->capacity);
    }
    if (bytes.size > 0)
        memcpy(out->bytes + out->size, bytes.bytes, bytes.size);
    out->size += bytes.size;
    if (out->size > UINT32_MAX)
        bug("a column of more than 4 GB was made");
    ((uint32_t *) out->values)[row + 1] = (uint32_t) out->size;
}

static inline void
row_output_put(RowOutput *out, uint32_t row, const Datum *value)
{
    switch (out->phys) {
    case PHYS_U8:
        ((uint8_t *) out->values)[row] = (uint8_t) value->i;
        return;
    case PHYS_I16:
        ((int16_t *) out->values)[row] = (int16_t) value->i;
        return;
    case PHYS_I32:
        ((int32_t *) out->values)[row] = (int32_t) value->i;
        return;
    case PHYS_I64:
        ((int64_t *) out->values)[row] = value->i;
        return;
    case PHYS_F32:
        ((float *) out->values)[row] = (float) value->f;
        return;
    case PHYS_F64:
        ((double *) out->values)[row] = value->f;
        return;
    case PHYS_B16:
        memcpy((char *) out->values + (size_t) row * 16, value->b16, 16);
        return;
    case PHYS_BYTES:
        row_output_bytes(out, row, value->bytes);
        return;
    }
}

static void
row_output_null(RowOutput *out, uint32_t row)
{
    static const Datum zero;
    if (out->nulls == NULL)
        out->nulls = memory_calloc((size_t) out->count + 1, 1);
    out->nulls[row] = 1;
    row_output_put(out, row, &zero);
}

static void
call_rows(FunctionCall *call)
{
    Arena *arena = call->context->arena;
    Fetch stack_fetches[ARGS_ON_STACK];
    Datum stack_args[ARGS_ON_STACK];
    bool few = call->arg_count <= ARGS_ON_STACK;
    Fetch *fetches = few ? stack_fetches : arena_new_array(arena, Fetch, call->arg_count);
    Datum *args = few ? stack_args : arena_new_array(arena, Datum, call->arg_count);
    bool any_errors = false;
    for (int a = 0; a < call->arg_count; a++) {
        fetches[a] = fetch_init(call->args[a].column, call->arg_types[a]);
        any_errors = any_errors || call->args[a].errors != NULL;
    }
    const Function *function = call->function;
    RowOutput out;
    row_output_init(&out, type_phys(call->result_type), call->count);
    Error err = ERROR_INIT;
    for (uint32_t row = 0; row < call->count; row++) {
        bool skip = any_errors && first_error(call->args, call->arg_count, row) != NULL;
        for (int a = 0; a < call->arg_count && !skip; a++) {
            fetch_into(&fetches[a], evaluated_row(&call->args[a], row), &args[a]);
            skip = function->strict && args[a].is_null;
        }
        Datum value;
        value.is_null = skip;
        if (!skip && !function->row(call, args, &value, &err)) {
            function_fail_with(call, row, eval_error_from(&err, arena));
            value.is_null = true;
        }
        if (!value.is_null && out.phys == PHYS_BYTES && out.size + value.bytes.size > UINT32_MAX) {
            (void) error_set(&err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "out of memory");
            (void) error_detail(&err, "Some rows together have a column of more than 4 GB.");
            function_fail_with(call, row, eval_error_from(&err, arena));
            value.is_null = true;
        }
        if (value.is_null)
            row_output_null(&out, row);
        else
            row_output_put(&out, row, &value);
    }
    call->made = column_from_buffers(out.phys, call->count, out.nulls, out.values, out.bytes);
}

/* A row whose arguments failed fails with the first one's error. */
static void
overlay_errors(FunctionCall *call)
{
    for (int a = call->arg_count - 1; a >= 0; a--) {
        const Evaluated *arg = &call->args[a];
        for (uint32_t row = 0; arg->errors != NULL && row < call->count; row++) {
            const EvalError *error = evaluated_error(arg, row);
            if (error != NULL)
                function_fail_with(call, row, error);
        }
    }
}

void
evaluate_function(const Function *function, SqlType type, const SqlType *arg_types, Evaluated *args, int arg_count,
                  EvalContext *context, uint32_t count, Evaluated *result)
{
    bool constant = !function->is_volatile;
    for (int a = 0; a < arg_count; a++)
        constant = constant && args[a].is_constant;
    ColumnBuilder out;
    column_builder_init(&out, type_phys(type));
    FunctionCall call = {
        .context = context,
        .function = function,
        .arg_types = arg_types,
        .result_type = type,
        .args = args,
        .arg_count = arg_count,
        .count = constant ? 1 : count,
        .out = &out,
    };
    if (function->column != NULL)
        function->column(&call);
    else
        call_rows(&call);
    overlay_errors(&call);
    Column *column = call.made != NULL ? call.made : column_builder_finish(&out);
    column_builder_deinit(&out);
    *result = (Evaluated){.column = column, .is_constant = constant, .errors = call.errors};
}

static void
evaluate_call(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    Evaluated stack_args[ARGS_ON_STACK];
    SqlType stack_types[ARGS_ON_STACK];
    bool few = scalar->arg_count <= ARGS_ON_STACK;
    Evaluated *args = few ? stack_args : arena_new_array(frame->context->arena, Evaluated, scalar->arg_count);
    SqlType *types = few ? stack_types : arena_new_array(frame->context->arena, SqlType, scalar->arg_count);
    for (int a = 0; a < scalar->arg_count; a++) {
        evaluate_node(scalar->args[a], frame, &args[a]);
        types[a] = scalar->args[a]->type;
    }
    evaluate_function(scalar->function, scalar->type, types, args, scalar->arg_count, frame->context, frame->count,
                      result);
    for (int a = 0; a < scalar->arg_count; a++)
        evaluated_release(&args[a]);
}

/* ---- nodes */

static void
constant_of(SqlType type, Datum value, const EvalError *error, Arena *arena, Evaluated *result)
{
    *result = (Evaluated){.column = column_constant(type, value, 1), .is_constant = true};
    if (error != NULL)
        error_note(&result->errors, arena, 1, 0, error);
}

static void
evaluate_unbound(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    EvalError *error = arena_new_struct(frame->context->arena, EvalError);
    if (scalar->kind == SCALAR_PARAMETER) {
        memcpy(error->sqlstate, SQLSTATE_UNDEFINED_PARAMETER, sizeof error->sqlstate);
        error->message = arena_printf(frame->context->arena, "there is no parameter $%d", scalar->parameter);
    } else {
        Buffer text = {0};
        scalar_print(scalar, NULL, &text);
        memcpy(error->sqlstate, SQLSTATE_FEATURE_NOT_SUPPORTED, sizeof error->sqlstate);
        error->message = arena_printf(frame->context->arena, "cannot materialize call to %s", buffer_text(&text));
        buffer_deinit(&text);
    }
    constant_of(scalar->type, DATUM_NULL, error, frame->context->arena, result);
}

static void
evaluate_kind(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    switch (scalar->kind) {
    case SCALAR_COLUMN:
        *result = (Evaluated){.column = column_retain(frame->columns[scalar->column])};
        return;
    case SCALAR_LITERAL:
        constant_of(scalar->type, scalar->literal, scalar->literal_error, frame->context->arena, result);
        return;
    case SCALAR_PARAMETER:
    case SCALAR_CONTEXT:
        evaluate_unbound(scalar, frame, result);
        return;
    case SCALAR_CALL:
        evaluate_call(scalar, frame, result);
        return;
    case SCALAR_AND:
    case SCALAR_OR:
        evaluate_and_or(scalar, frame, result);
        return;
    case SCALAR_NOT:
        evaluate_not(scalar, frame, result);
        return;
    case SCALAR_IS_NULL:
        evaluate_is_null(scalar, frame, result);
        return;
    case SCALAR_CASE:
        evaluate_case(scalar, frame, result);
        return;
    case SCALAR_COALESCE:
        evaluate_coalesce(scalar, frame, result);
        return;
    case SCALAR_GREATEST:
    case SCALAR_LEAST:
        evaluate_extreme(scalar, frame, result);
        return;
    case SCALAR_ARRAY:
        evaluate_array(scalar, frame, result);
        return;
    case SCALAR_ROW:
        evaluate_record(scalar, frame, result);
        return;
    case SCALAR_ANY:
    case SCALAR_ALL:
        evaluate_any_all(scalar, frame, result);
        return;
    case SCALAR_IN_LIST:
        evaluate_in_list(scalar, frame, result);
        return;
    }
    bug("unrecognized scalar kind %d", (int) scalar->kind);
}

static bool
uses_no_column(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_COLUMN || (scalar->kind == SCALAR_CALL && scalar->function->is_volatile))
        return false;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (!uses_no_column(scalar->args[i]))
            return false;
    }
    return true;
}

void
evaluate_node(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    bool simple = scalar->kind == SCALAR_COLUMN || scalar->kind == SCALAR_LITERAL || scalar->kind == SCALAR_CALL;
    if (simple || !uses_no_column(scalar)) {
        evaluate_kind(scalar, frame, result);
        return;
    }
    Frame one_row = {frame->context, frame->columns, 1};
    evaluate_kind(scalar, &one_row, result);
    result->is_constant = true;
}

bool
scalar_is_heavy(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_CALL ? scalar->function->column == NULL
                                    : scalar->arg_count > 0 && scalar->kind != SCALAR_IS_NULL)
        return true;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (scalar_is_heavy(scalar->args[i]))
            return true;
    }
    return false;
}

static void
gather_used(const Scalar *scalar, const Frame *frame, const uint32_t *rows, uint32_t count, Column **columns)
{
    if (scalar->kind == SCALAR_COLUMN && columns[scalar->column] == NULL)
        columns[scalar->column] = column_gather(frame->columns[scalar->column], rows, count);
    for (int i = 0; i < scalar->arg_count; i++)
        gather_used(scalar->args[i], frame, rows, count, columns);
}

void
evaluate_subset(const Scalar *scalar, const Frame *frame, const uint32_t *rows, uint32_t count, Evaluated *result)
{
    uint32_t width = scalar_max_column(scalar);
    Column **columns = arena_new_array(frame->context->arena, Column *, width + 1);
    gather_used(scalar, frame, rows, count, columns);
    Frame subset = {frame->context, columns, count};
    evaluate_node(scalar, &subset, result);
    for (uint32_t i = 0; i < width; i++)
        column_release(columns[i]);
}

/* ---- the interface */

void
evaluate(const Scalar *scalar, EvalContext *context, const Chunk *chunk, Evaluated *result)
{
    Frame frame = {context, chunk->columns, chunk->count};
    evaluate_node(scalar, &frame, result);
}

void
evaluated_release(Evaluated *result)
{
    column_release(result->column);
    *result = (Evaluated){0};
}

Column *
evaluated_spread(const Evaluated *result, SqlType type, uint32_t count)
{
    if (!result->is_constant)
        return column_retain(result->column);
    return column_constant(type, column_datum(result->column, type, 0), count);
}

static uint32_t
filter_constant(const Evaluated *value, uint32_t count, uint32_t *selected, Arena *arena, const EvalError ***errors)
{
    const EvalError *error = evaluated_error(value, 0);
    for (uint32_t row = 0; error != NULL && row < count; row++)
        error_note(errors, arena, count, row, error);
    bool holds =
        error == NULL && !column_is_null(value->column, 0) && ((const uint8_t *) value->column->values)[0] != 0;
    for (uint32_t row = 0; holds && row < count; row++)
        selected[row] = row;
    return holds ? count : 0;
}

uint32_t
evaluate_filter(const Scalar *predicate, EvalContext *context, const Chunk *chunk, uint32_t *selected,
                const EvalError ***errors)
{
    Evaluated value;
    *errors = NULL;
    evaluate(predicate, context, chunk, &value);
    uint32_t kept = 0;
    if (value.is_constant) {
        kept = filter_constant(&value, chunk->count, selected, context->arena, errors);
    } else {
        /* The value under a null is zero, so nulls need no look of their own. */
        const uint8_t *values = value.column->values;
        *errors = value.errors;
        if (value.errors == NULL) {
            for (uint32_t row = 0; row < chunk->count; row++) {
                selected[kept] = row;
                kept += values[row] != 0;
            }
        } else {
            for (uint32_t row = 0; row < chunk->count; row++) {
                selected[kept] = row;
                kept += values[row] != 0 && value.errors[row] == NULL;
            }
        }
    }
    evaluated_release(&value);
    return kept;
}

static bool
single_value(Evaluated *evaluated, SqlType type, Arena *arena, Datum *result, const EvalError **error)
{
    *error = evaluated_error(evaluated, 0);
    *result = *error == NULL ? datum_copy(type, column_datum(evaluated->column, type, 0), arena) : DATUM_NULL;
    evaluated_release(evaluated);
    return *error == NULL;
}

bool
evaluate_row(const Scalar *scalar, EvalContext *context, const SqlType *types, const Datum *values, int value_count,
             Datum *result, const EvalError **error)
{
    Column **columns = arena_new_array(context->arena, Column *, value_count + 1);
    for (int i = 0; i < value_count; i++) {
        if (scalar_uses_column(scalar, (uint32_t) i))
            columns[i] = column_constant(types[i], values[i], 1);
    }
    Frame frame = {context, columns, 1};
    Evaluated evaluated;
    evaluate_node(scalar, &frame, &evaluated);
    for (int i = 0; i < value_count; i++)
        column_release(columns[i]);
    return single_value(&evaluated, scalar->type, context->arena, result, error);
}

bool
evaluate_constant(const Scalar *scalar, EvalContext *context, Datum *result, const EvalError **error)
{
    return evaluate_row(scalar, context, NULL, NULL, 0, result, error);
}
