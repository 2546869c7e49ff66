/*
 * What can be called, as mz_function_details tells it: functions, operators (kind o), aggregates (kind a), functions that return rows (kind s).
 */
#include "catalog/builtin.h"
#include "catalog/catalog_internal.h"
#include "expr/aggregate.h"
#include "expr/function.h"
#include "expr/table_function.h"
#include "types/array.h"

/* PostgreSQL has no OID for what is ours alone: those come from the range that it keeps for itself at initdb. */
enum { OWN_FUNCTION_OID_FIRST = 12000, OWN_AGGREGATE_OID_FIRST = 14000, OWN_TABLE_FUNCTION_OID_FIRST = 15000 };

typedef struct Callable {
    uint32_t oid;
    const char *schema, *name;
    char kind;
    const SqlType *args;
    int arg_count;
    SqlType result;
} Callable;

static void
row_of_callable(RowSink *sink, Arena *arena, const Callable *callable)
{
    Datum types[FUNCTION_ARGS_MAX];
    for (int i = 0; i < callable->arg_count; i++)
        types[i] = datum_int(function_type_oid(callable->args[i]));
    Datum row[] = {datum_int(callable->oid),
                   datum_text(callable->schema),
                   datum_text(callable->name),
                   datum_int(callable->kind),
                   datum_bytes(array_make_vector(SQL_TYPE(OID), types, (size_t) callable->arg_count, arena)),
                   datum_int(function_type_oid(callable->result))};
    row_sink_add(sink, "mz_internal", "mz_function_details", row, 1);
}

void
rows_of_functions(RowSink *sink, Arena *arena)
{
    const Function *function;
    for (uint32_t i = 0; (function = function_at(i)) != NULL; i++) {
        if (function->kind == FUNCTION_CAST)
            continue;
        Callable callable = {.oid = function->oid != 0 ? function->oid : OWN_FUNCTION_OID_FIRST + i,
                             .schema = function->schema,
                             .name = function->name,
                             .kind = function->kind == FUNCTION_OPERATOR ? 'o' : 'f',
                             .args = function->args,
                             .arg_count = function->arg_count,
                             .result = function->result};
        row_of_callable(sink, arena, &callable);
    }
    const AggregateFunction *aggregate;
    for (uint32_t i = 0; (aggregate = aggregate_at(i)) != NULL; i++) {
        Callable callable = {.oid = aggregate->oid != 0 ? aggregate->oid : OWN_AGGREGATE_OID_FIRST + i,
                             .schema = aggregate->schema,
                             .name = aggregate->name,
                             .kind = 'a',
                             .args = aggregate->args,
                             .arg_count = aggregate->arg_count,
                             .result = aggregate->result};
        row_of_callable(sink, arena, &callable);
    }
    TableFunctionShape shape;
    for (uint32_t i = 0; table_function_at(i, &shape); i++) {
        Callable callable = {.oid = OWN_TABLE_FUNCTION_OID_FIRST + i,
                             .schema = shape.schema,
                             .name = shape.name,
                             .kind = 's',
                             .args = shape.args,
                             .arg_count = shape.arg_count,
                             .result = shape.result};
        row_of_callable(sink, arena, &callable);
    }
}
