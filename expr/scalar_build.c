#include "expr/function.h"

bool
scalar_operator(Arena *arena, const char *name, Scalar *left, Scalar *right, int position, EvalContext *eval,
                Scalar **result, Error *err)
{
    ResolvedCall resolved;
    if (!operator_resolve(name, left->type, right->type, false, position, &resolved, err))
        return false;
    Scalar *args[2];
    if (!cast_scalar(arena, left, resolved.arg_types[0], CAST_IMPLICIT, eval, &args[0], err) ||
        !cast_scalar(arena, right, resolved.arg_types[1], CAST_IMPLICIT, eval, &args[1], err))
        return false;
    *result = scalar_call(arena, resolved.function, args, 2, resolved.result);
    (*result)->position = position;
    return true;
}

/* A function of the tables that is there: by its exact declaration's name. */
static const Function *
known_function(const char *name)
{
    for (size_t i = 0;; i++) {
        const Function *function = function_at(i);
        if (function == NULL)
            bug("no function %s", name);
        if (strcmp(function->name, name) == 0)
            return function;
    }
}

Scalar *
scalar_equals(Arena *arena, Scalar *left, Scalar *right)
{
    Scalar *result;
    Error err = ERROR_INIT;
    if (scalar_operator(arena, "=", left, right, 0, NULL, &result, &err))
        return result;
    error_clear(&err);
    Scalar *args[2] = {left, right};
    return scalar_call(arena, known_function("stored_equal"), args, 2, SQL_TYPE(BOOL));
}

bool
scalar_distinct(Arena *arena, Scalar *left, Scalar *right, int position, EvalContext *eval, Scalar **result, Error *err)
{
    Scalar *equal;
    if (!scalar_operator(arena, "=", left, right, position, eval, &equal, err))
        return false;
    *result = scalar_call(arena, known_function("is_distinct_from"), equal->args, 2, SQL_TYPE(BOOL));
    (*result)->position = position;
    return true;
}

static bool
no_subscripts(const Scalar *value, Error *err)
{
    Arena *arena = arena_new();
    (void) error_at(err, value->position, SQLSTATE_DATATYPE_MISMATCH,
                    "cannot subscript type %s because it does not support subscripting",
                    type_format(value->type, arena));
    arena_free(arena);
    return false;
}

/* A step of a path: text, or an integer as text. */
static bool
subscript_step(Arena *arena, Scalar *subscript, EvalContext *eval, Scalar **step, Error *err)
{
    SqlType type = subscript->type;
    if (type.id == TYPE_UNKNOWN || cast_exists(type, SQL_TYPE(TEXT), CAST_IMPLICIT))
        return cast_scalar(arena, subscript, SQL_TYPE(TEXT), CAST_IMPLICIT, eval, step, err);
    if (type.id == TYPE_INT4 || cast_exists(type, SQL_TYPE(INT4), CAST_IMPLICIT))
        return cast_scalar(arena, subscript, SQL_TYPE(INT4), CAST_IMPLICIT, eval, &subscript, err) &&
               cast_scalar(arena, subscript, SQL_TYPE(TEXT), CAST_EXPLICIT, eval, step, err);
    Arena *names = arena_new();
    (void) error_at(err, subscript->position, SQLSTATE_DATATYPE_MISMATCH, "subscript type %s is not supported",
                    type_format(type, names));
    arena_free(names);
    return error_hint(err, "jsonb subscript must be coercible to either integer or text.");
}

/* value[i][j] of a jsonb. */
static bool
subscript_jsonb(Arena *arena, Scalar *value, Scalar **subscripts, int count, EvalContext *eval, Scalar **result,
                Error *err)
{
    for (int i = 0; i < count; i++) {
        Scalar **args = arena_new_array(arena, Scalar *, 2);
        int position = value->position;
        args[0] = value;
        if (!subscript_step(arena, subscripts[i], eval, &args[1], err))
            return false;
        value = scalar_call(arena, known_function("jsonb_subscript"), args, 2, SQL_TYPE(JSONB));
        value->position = position;
    }
    *result = value;
    return true;
}

bool
scalar_subscript(Arena *arena, Scalar *value, Scalar **subscripts, int count, EvalContext *eval, Scalar **result,
                 Error *err)
{
    if (value->type.id == TYPE_JSONB)
        return subscript_jsonb(arena, value, subscripts, count, eval, result, err);
    bool is_vector = value->type.id == TYPE_INT2VECTOR;
    if (value->type.id != TYPE_ARRAY && !is_vector)
        return no_subscripts(value, err);
    Scalar **args = arena_new_array(arena, Scalar *, count + 1);
    args[0] = value;
    for (int i = 0; i < count; i++) {
        if (!cast_scalar(arena, subscripts[i], SQL_TYPE(INT4), CAST_ASSIGNMENT, eval, &args[i + 1], err))
            return false;
    }
    SqlType element = is_vector ? SQL_TYPE(INT2) : type_element_of(value->type);
    element.typmod = value->type.typmod;
    *result = scalar_call(arena, known_function("array_subscript"), args, count + 1, element);
    (*result)->position = value->position;
    return true;
}

bool
scalar_slice(Arena *arena, Scalar *array, Scalar **bounds, int dimensions, EvalContext *eval, Scalar **result,
             Error *err)
{
    if (array->type.id != TYPE_ARRAY)
        return no_subscripts(array, err);
    int count = dimensions * 2 + 1;
    Scalar **args = arena_new_array(arena, Scalar *, count);
    args[0] = array;
    for (int i = 0; i < dimensions * 2; i++) {
        args[i + 1] = scalar_literal(arena, SQL_TYPE(INT4), datum_int(i % 2 == 0 ? INT32_MIN : INT32_MAX));
        if (bounds[i] != NULL &&
            !cast_scalar(arena, bounds[i], SQL_TYPE(INT4), CAST_ASSIGNMENT, eval, &args[i + 1], err))
            return false;
    }
    *result = scalar_call(arena, known_function("array_slice"), args, count, array->type);
    (*result)->position = array->position;
    return true;
}

Scalar *
scalar_field(Arena *arena, Scalar *record, int field)
{
    Scalar *args[2] = {record, scalar_literal(arena, SQL_TYPE(INT4), datum_int(field))};
    return scalar_call(arena, known_function("record_field"), args, 2, record->type.detail->fields[field].type);
}

Scalar *
scalar_known_call(Arena *arena, const char *function, Scalar **args, int count, SqlType type)
{
    return scalar_call(arena, known_function(function), args, count, type);
}
