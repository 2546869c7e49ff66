/*
 * family.h -- how the function families write their tables and their functions. Private to expr.
 *
 * A family's .c file defines its functions and ends in
 *     const Function functions_math[] = {
 *     #include "expr/functions/math.def"
 *     };
 * A row of a .def file: FN or OP (row by row), FNC or OPC (whole columns), then name, OID, flags, result, function,
 * arguments.
 */
#ifndef FRESHET_EXPR_FUNCTIONS_FAMILY_H
#define FRESHET_EXPR_FUNCTIONS_FAMILY_H

#include "expr/function.h"

/* Flags of a row. Without LAX a function is strict; without TOTAL it may return null for arguments that are not. */
enum {
    FAILS = 1,
    LAX = 2,
    MANY = 4, /* variadic */
    COMMUTES = 8,
    TOTAL = 16,
    IN_MZ_CATALOG = 32,
    IN_MZ_INTERNAL = 64,
    VOLATILE = 128,
};

#define T(type_name)                                                                                                   \
    {                                                                                                                  \
        .id = TYPE_##type_name, .typmod = -1                                                                           \
    }
#define A(type_name)                                                                                                   \
    {                                                                                                                  \
        .id = TYPE_ARRAY, .element = TYPE_##type_name, .typmod = -1                                                    \
    }
#define P(pseudo_name)                                                                                                 \
    {                                                                                                                  \
        .id = (TypeId) PSEUDO_##pseudo_name, .typmod = -1                                                              \
    }

#define FUNCTION_SCHEMA(flags)                                                                                         \
    ((flags) &IN_MZ_CATALOG ? "mz_catalog" : (flags) &IN_MZ_INTERNAL ? "mz_internal" : "pg_catalog")
/* The result comes last since a type has a comma in it. */
#define FUNCTION_HEAD(the_kind, the_name, the_oid, flags, ...)                                                         \
    .name = the_name, .schema = FUNCTION_SCHEMA(flags), .kind = the_kind, .oid = the_oid,                              \
    .strict = ((flags) &LAX) == 0, .can_fail = ((flags) &FAILS) != 0, .variadic = ((flags) &MANY) != 0,                \
    .commutative = ((flags) &COMMUTES) != 0, .total = ((flags) &TOTAL) != 0, .is_volatile = ((flags) &VOLATILE) != 0,  \
    .result = __VA_ARGS__
#define FUNCTION_ARGS(...) .args = {__VA_ARGS__}, .arg_count = sizeof((SqlType[]){__VA_ARGS__}) / sizeof(SqlType)

#define FN(name, oid, flags, result, row_function, ...)                                                                \
    {FUNCTION_HEAD(FUNCTION_SCALAR, name, oid, flags, result), .row = row_function, FUNCTION_ARGS(__VA_ARGS__)},
#define FN0(name, oid, flags, result, row_function)                                                                    \
    {FUNCTION_HEAD(FUNCTION_SCALAR, name, oid, flags, result), .row = row_function},
#define FNC(name, oid, flags, result, column_function, ...)                                                            \
    {FUNCTION_HEAD(FUNCTION_SCALAR, name, oid, flags, result), .column = column_function, FUNCTION_ARGS(__VA_ARGS__)},
#define OP(name, oid, flags, result, row_function, ...)                                                                \
    {FUNCTION_HEAD(FUNCTION_OPERATOR, name, oid, flags, result), .row = row_function, FUNCTION_ARGS(__VA_ARGS__)},
#define OPC(name, oid, flags, result, column_function, ...)                                                            \
    {FUNCTION_HEAD(FUNCTION_OPERATOR, name, oid, flags, result), .column = column_function, FUNCTION_ARGS(__VA_ARGS__)},
#define CONTEXT0(name, oid, flags, result, value)                                                                      \
    {FUNCTION_HEAD(FUNCTION_CONTEXT, name, oid, flags, result), .context = value},
#define CONTEXT(name, oid, flags, result, value, ...)                                                                  \
    {FUNCTION_HEAD(FUNCTION_CONTEXT, name, oid, flags, result), .context = value, FUNCTION_ARGS(__VA_ARGS__)},

#define UNUSED __attribute__((unused))
/* The head of a RowFunction: its parameters are call, args, result and err. */
#define ROW_FUNCTION(name)                                                                                             \
    static bool name(FunctionCall *call UNUSED, const Datum *args UNUSED, Datum *result, Error *err UNUSED)

/* A family's table, for function.c. */
#define FUNCTION_FAMILY(name)                                                                                          \
    extern const Function functions_##name[];                                                                          \
    extern const size_t functions_##name##_count;
#include "expr/functions/families.def"
#undef FUNCTION_FAMILY

/* How a row function ends well. */
static inline bool
give_int(Datum *result, int64_t value)
{
    *result = datum_int(value);
    return true;
}

static inline bool
give_bool(Datum *result, bool value)
{
    *result = datum_int(value);
    return true;
}

static inline bool
give_float(Datum *result, double value)
{
    *result = datum_float(value);
    return true;
}

static inline bool
give_bytes(Datum *result, Slice bytes)
{
    *result = datum_bytes(bytes);
    return true;
}

static inline bool
give_text(Datum *result, const char *text)
{
    *result = datum_text(text);
    return true;
}

static inline bool
give_null(Datum *result)
{
    *result = DATUM_NULL;
    return true;
}

static inline bool
give_interval(Datum *result, Interval interval)
{
    *result = (Datum){.interval = interval};
    return true;
}

/* Moves what was built into the context's arena. */
static inline bool
give_buffer(FunctionCall *call, Datum *result, Buffer *buffer)
{
    size_t size = buffer->size;
    *result = datum_bytes(slice_make(buffer_to_arena(buffer, call->context->arena), size));
    return true;
}

static inline const char *
call_zone(const FunctionCall *call)
{
    return call->context->style.time_zone;
}

#endif
