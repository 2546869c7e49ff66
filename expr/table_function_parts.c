/*
 * table_function_parts.c -- calls of several table functions in lockstep, and what is done with calls as a whole.
 *
 * All parts but the last are run first and their rows kept; the last one's rows go out as they come, each beside the others' rows of its
 * number, and what the others have beyond its end follows. A function that gives a million rows is best written last.
 */
#include "expr/table_function_parts.h"

#include "expr/evaluate_internal.h"

#define PART_ROWS_MAX 1000000

/* ---- making ---- */

static int
total_columns(const TableFunctionCall *parts, int count)
{
    int total = 0;
    for (int i = 0; i < count; i++)
        total += parts[i].column_count;
    return total;
}

void
table_function_row(const SqlType *types, int count, const char *const *names, Arena *arena, TableFunctionCall *call)
{
    SqlType *copy = arena_new_array(arena, SqlType, count);
    for (int i = 0; i < count; i++)
        copy[i] = types[i];
    *call = (TableFunctionCall){
        .arg_types = copy, .arg_count = count, .column_types = copy, .column_names = names, .column_count = count};
}

void
table_function_zip(const TableFunctionCall *parts, int count, Arena *arena, TableFunctionCall *call)
{
    if (count == 1) {
        *call = parts[0];
        return;
    }
    int columns = total_columns(parts, count), arg_count = 0;
    for (int i = 0; i < count; i++)
        arg_count += parts[i].arg_count;
    SqlType *arg_types = arena_new_array(arena, SqlType, arg_count);
    SqlType *column_types = arena_new_array(arena, SqlType, columns);
    const char **column_names = arena_new_array(arena, const char *, columns);
    TableFunctionCall *kept = arena_new_array(arena, TableFunctionCall, count);
    *call = (TableFunctionCall){.arg_types = arg_types,
                                .column_types = column_types,
                                .column_names = column_names,
                                .parts = kept,
                                .part_count = count};
    for (int i = 0; i < count; i++) {
        kept[i] = parts[i];
        for (int a = 0; a < parts[i].arg_count; a++)
            arg_types[call->arg_count++] = parts[i].arg_types[a];
        for (int c = 0; c < parts[i].column_count; c++) {
            column_types[call->column_count] = parts[i].column_types[c];
            column_names[call->column_count++] = parts[i].column_names == NULL ? NULL : parts[i].column_names[c];
        }
    }
}

bool
table_function_call_same(const TableFunctionCall *a, const TableFunctionCall *b)
{
    if (a->function != b->function || a->part_count != b->part_count || a->arg_count != b->arg_count ||
        a->column_count != b->column_count)
        return false;
    for (int i = 0; i < a->column_count; i++) {
        const char *x = a->column_names == NULL ? NULL : a->column_names[i];
        const char *y = b->column_names == NULL ? NULL : b->column_names[i];
        if (!type_same(a->column_types[i], b->column_types[i]) ||
            (x != y && (x == NULL || y == NULL || strcmp(x, y) != 0)))
            return false;
    }
    for (int i = 0; i < a->part_count; i++) {
        if (!table_function_call_same(&a->parts[i], &b->parts[i]))
            return false;
    }
    return true;
}

void
table_function_call_print(const TableFunctionCall *call, Buffer *out)
{
    if (call->part_count == 0) {
        buffer_append_text(out, call->function == NULL ? "row" : table_function_name(call->function));
        return;
    }
    buffer_append_text(out, "rows from [");
    for (int i = 0; i < call->part_count; i++) {
        buffer_append_text(out, i == 0 ? "" : ", ");
        table_function_call_print(&call->parts[i], out);
    }
    buffer_append_char(out, ']');
}

/* ---- evaluating ---- */

typedef struct PartRows {
    VECTOR(Datum) values; /* row after row */
    int columns;
    int64_t count;
    Arena *arena;
    const SqlType *types;
    bool too_many;
} PartRows;

typedef struct Zip {
    const TableFunctionCall *call;
    PartRows *kept; /* of all parts but the last */
    Datum *row;     /* the whole call's columns */
    int64_t at;     /* rows given so far */
    bool (*emit)(void *emit_context, const Datum *values);
    void *emit_context;
    bool stopped;
} Zip;

static bool
part_keep(void *context, const Datum *values)
{
    PartRows *rows = context;
    if (rows->count >= PART_ROWS_MAX) {
        rows->too_many = true;
        return false;
    }
    for (int i = 0; i < rows->columns; i++)
        vector_push(&rows->values, datum_copy(rows->types[i], values[i], rows->arena));
    rows->count++;
    return true;
}

/* The kept parts' columns of row `at`; false: none of them has one. */
static bool
zip_kept(Zip *zip)
{
    int column = 0;
    bool any = false;
    for (int p = 0; p + 1 < zip->call->part_count; p++) {
        const PartRows *rows = &zip->kept[p];
        bool there = zip->at < rows->count;
        any |= there;
        for (int i = 0; i < rows->columns; i++)
            zip->row[column++] = there ? rows->values.items[zip->at * rows->columns + i] : DATUM_NULL;
    }
    return any;
}

static bool
zip_last(void *context, const Datum *values)
{
    Zip *zip = context;
    int last = zip->call->parts[zip->call->part_count - 1].column_count, first = zip->call->column_count - last;
    (void) zip_kept(zip);
    for (int i = 0; i < last; i++)
        zip->row[first + i] = values[i];
    zip->at++;
    zip->stopped = !zip->emit(zip->emit_context, zip->row);
    return !zip->stopped;
}

static bool
zip_keep_parts(Zip *zip, EvalContext *context, const Datum **args, const EvalError **error)
{
    for (int p = 0; p + 1 < zip->call->part_count; p++) {
        const TableFunctionCall *part = &zip->call->parts[p];
        PartRows *rows = &zip->kept[p];
        *rows = (PartRows){.columns = part->column_count, .arena = context->arena, .types = part->column_types};
        if (!table_function_evaluate(part, context, *args, part_keep, rows, error))
            return false;
        if (rows->too_many) {
            Error err = ERROR_INIT;
            (void) error_set(&err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
                             "a set-returning function beside others has more than %d rows", PART_ROWS_MAX);
            *error = eval_error_from(&err, context->arena);
            return false;
        }
        *args += part->arg_count;
    }
    return true;
}

bool
table_function_evaluate_parts(const TableFunctionCall *call, EvalContext *context, const Datum *args,
                              bool (*emit)(void *emit_context, const Datum *values), void *emit_context,
                              const EvalError **error)
{
    int kept = call->part_count - 1;
    Zip zip = {.call = call, .emit = emit, .emit_context = emit_context};
    zip.kept = arena_new_array(context->arena, PartRows, kept);
    zip.row = arena_new_array(context->arena, Datum, call->column_count);
    memset(zip.kept, 0, (size_t) kept * sizeof *zip.kept);
    bool worked = zip_keep_parts(&zip, context, &args, error) &&
                  table_function_evaluate(&call->parts[kept], context, args, zip_last, &zip, error);
    int last = call->parts[kept].column_count;
    for (int i = 0; i < last; i++)
        zip.row[call->column_count - last + i] = DATUM_NULL;
    while (worked && !zip.stopped && zip_kept(&zip)) {
        zip.at++;
        zip.stopped = !emit(emit_context, zip.row);
    }
    for (int p = 0; p < kept; p++)
        vector_deinit(&zip.kept[p].values);
    return worked;
}
