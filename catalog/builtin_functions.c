/*
 * What can be called and is not PostgreSQL's, as rows of pg_proc, pg_operator and pg_aggregate.
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
    char kind; /* pg_proc.prokind */
    bool strict, returns_set;
    const SqlType *args;
    int arg_count;
    SqlType result;
} Callable;

static uint32_t
schema_oid(const RowSink *sink, const char *name)
{
    const Schema *schema = map_get_text(sink->catalog->system_schemas, name);
    return schema == NULL ? 0 : schema->oid;
}

static const char *
argument_text(const Callable *callable, Arena *arena)
{
    Buffer text = {0};
    for (int i = 0; i < callable->arg_count; i++)
        buffer_printf(&text, "%s%s", i == 0 ? "" : ", ", function_type_name(callable->args[i], arena));
    return buffer_to_arena(&text, arena);
}

static void
row_of_callable(RowSink *sink, Arena *arena, const Callable *callable)
{
    Datum types[FUNCTION_ARGS_MAX];
    for (int i = 0; i < callable->arg_count; i++)
        types[i] = datum_int(function_type_oid(callable->args[i]));
    const char *arguments = argument_text(callable, arena);
    const char *result = function_type_name(callable->result, arena);
    Datum row[] = {datum_int(callable->oid),
                   datum_text(callable->name),
                   datum_int(schema_oid(sink, callable->schema)),
                   datum_int(16661),
                   datum_int(12), /* owner mz_system, language internal */
                   (Datum){.f = 1},
                   (Datum){.f = callable->returns_set ? 1000 : 0},
                   datum_int(0),
                   datum_int(0),
                   datum_int(callable->kind),
                   datum_int(false),
                   datum_int(false),
                   datum_int(callable->strict),
                   datum_int(callable->returns_set),
                   datum_int('i'),
                   datum_int('s'),
                   datum_int(callable->arg_count),
                   datum_int(0),
                   datum_int(function_type_oid(callable->result)),
                   datum_bytes(array_make_vector(SQL_TYPE(OID), types, callable->arg_count, arena)),
                   DATUM_NULL,
                   DATUM_NULL,
                   DATUM_NULL,
                   DATUM_NULL,
                   DATUM_NULL, /* all types, modes, names, defaults, transforms */
                   datum_text(callable->name),
                   DATUM_NULL,
                   DATUM_NULL,
                   DATUM_NULL,
                   DATUM_NULL,
                   datum_text(arguments),
                   datum_text(arguments),
                   datum_text(callable->returns_set ? arena_printf(arena, "SETOF %s", result) : result),
                   datum_int(1255)};
    row_sink_add(sink, "mz_internal", "mz_postgres_functions", row, 1);
}

static void
row_of_operator(RowSink *sink, const Function *function, uint32_t oid)
{
    bool binary = function->arg_count == 2;
    Datum row[] = {datum_int(oid),
                   datum_text(function->name),
                   datum_int(schema_oid(sink, function->schema)),
                   datum_int(16661),
                   datum_int(binary ? 'b' : 'l'),
                   datum_int(false),
                   datum_int(false),
                   datum_int(binary ? function_type_oid(function->args[0]) : 0),
                   datum_int(function_type_oid(function->args[binary ? 1 : 0])),
                   datum_int(function_type_oid(function->result)),
                   datum_int(0),
                   datum_int(0),
                   datum_int(0),
                   datum_int(0),
                   datum_int(0),
                   datum_int(2617)};
    row_sink_add(sink, "pg_catalog", "pg_operator", row, 1);
}

/* A name that PostgreSQL has too has its rows already; overloads of it for types of ours are added. */
static bool
is_own(const Map *shown, const Callable *callable)
{
    if (map_get(shown, slice_of(callable->name)) == NULL || strcmp(callable->schema, "pg_catalog") != 0)
        return true;
    for (int i = 0; i < callable->arg_count; i++) {
        if (function_type_oid(callable->args[i]) >= SYSTEM_OID_FIRST - 1)
            return true;
    }
    return false;
}

static void
rows_of_own_functions(RowSink *sink, Arena *arena, const Map *shown)
{
    const Function *function;
    for (uint32_t i = 0; (function = function_at(i)) != NULL; i++) {
        if (function->kind == FUNCTION_CAST || function->oid != 0)
            continue;
        Callable callable = {.oid = OWN_FUNCTION_OID_FIRST + i,
                             .schema = function->schema,
                             .name = function->name,
                             .kind = 'f',
                             .strict = function->strict,
                             .args = function->args,
                             .arg_count = function->arg_count,
                             .result = function->result};
        if (function->kind == FUNCTION_OPERATOR)
            row_of_operator(sink, function, callable.oid);
        else if (is_own(shown, &callable))
            row_of_callable(sink, arena, &callable);
    }
}

static void
rows_of_own_aggregates(RowSink *sink, Arena *arena, const Map *shown)
{
    const AggregateFunction *aggregate;
    for (uint32_t i = 0; (aggregate = aggregate_at(i)) != NULL; i++) {
        Callable callable = {.oid = OWN_AGGREGATE_OID_FIRST + i,
                             .schema = aggregate->schema,
                             .name = aggregate->name,
                             .kind = 'a',
                             .args = aggregate->args,
                             .arg_count = aggregate->arg_count,
                             .result = aggregate->result};
        if (aggregate->oid == 0 && is_own(shown, &callable))
            row_of_callable(sink, arena, &callable);
    }
}

void
rows_of_functions(RowSink *sink, const Map *shown)
{
    Arena *arena = arena_new();
    rows_of_own_functions(sink, arena, shown);
    rows_of_own_aggregates(sink, arena, shown);
    TableFunctionShape shape;
    for (uint32_t i = 0; table_function_at(i, &shape); i++) {
        Callable callable = {.oid = OWN_TABLE_FUNCTION_OID_FIRST + i,
                             .schema = shape.schema,
                             .name = shape.name,
                             .kind = 'f',
                             .returns_set = true,
                             .args = shape.args,
                             .arg_count = shape.arg_count,
                             .result = shape.result};
        if (is_own(shown, &callable))
            row_of_callable(sink, arena, &callable);
    }
    arena_free(arena);
}
