#include "expr/scalar.h"

#include "base/hash.h"
#include "expr/function.h"
#include "expr/scalar_set.h"

static Scalar *
scalar_new(Arena *arena, ScalarKind kind, SqlType type)
{
    Scalar *scalar = arena_new_struct(arena, Scalar);
    scalar->kind = kind;
    scalar->type = type;
    scalar->nullable = true;
    return scalar;
}

Scalar *
scalar_column(Arena *arena, uint32_t column, SqlType type, bool nullable)
{
    Scalar *scalar = scalar_new(arena, SCALAR_COLUMN, type);
    scalar->column = column;
    scalar->nullable = nullable;
    return scalar;
}

Scalar *
scalar_literal(Arena *arena, SqlType type, Datum value)
{
    Scalar *scalar = scalar_new(arena, SCALAR_LITERAL, type);
    scalar->literal = value;
    scalar->nullable = value.is_null;
    return scalar;
}

Scalar *
scalar_null(Arena *arena, SqlType type)
{
    return scalar_literal(arena, type, DATUM_NULL);
}

Scalar *
scalar_bool(Arena *arena, bool value)
{
    return scalar_literal(arena, SQL_TYPE(BOOL), datum_int(value));
}

Scalar *
scalar_error(Arena *arena, SqlType type, const EvalError *error)
{
    Scalar *scalar = scalar_literal(arena, type, DATUM_NULL);
    scalar->literal_error = error;
    scalar->nullable = false;
    return scalar;
}

Scalar *
scalar_parameter(Arena *arena, int number, SqlType type)
{
    Scalar *scalar = scalar_new(arena, SCALAR_PARAMETER, type);
    scalar->parameter = number;
    return scalar;
}

Scalar *
scalar_context(Arena *arena, ContextValue value, SqlType type)
{
    Scalar *scalar = scalar_new(arena, SCALAR_CONTEXT, type);
    scalar->context = value;
    scalar->nullable = value == CONTEXT_SCHEMA || value == CONTEXT_SETTING;
    return scalar;
}

static Scalar **
args_copy(Arena *arena, Scalar *const *args, int arg_count)
{
    Scalar **copy = arena_new_array(arena, Scalar *, arg_count + 1);
    if (arg_count > 0)
        memcpy(copy, args, sizeof *copy * (size_t) arg_count);
    return copy;
}

static bool
any_nullable(Scalar *const *args, int arg_count)
{
    for (int i = 0; i < arg_count; i++) {
        if (args[i]->nullable)
            return true;
    }
    return false;
}

Scalar *
scalar_call(Arena *arena, const Function *function, Scalar **args, int arg_count, SqlType type)
{
    bool context = function->kind == FUNCTION_CONTEXT;
    Scalar *scalar = context ? scalar_context(arena, function->context, type) : scalar_new(arena, SCALAR_CALL, type);
    scalar->function = function;
    scalar->args = args_copy(arena, args, arg_count);
    scalar->arg_count = arg_count;
    if (!context)
        scalar->nullable = !function->total || (function->strict && any_nullable(args, arg_count));
    return scalar;
}

/* Whether a node of this kind may be null, given its operands. */
static bool
make_nullable(ScalarKind kind, Scalar *const *args, int arg_count)
{
    switch (kind) {
    case SCALAR_IS_NULL:
    case SCALAR_ARRAY:
    case SCALAR_ROW:
        return false;
    case SCALAR_AND:
    case SCALAR_OR:
    case SCALAR_NOT:
        return any_nullable(args, arg_count);
    case SCALAR_COALESCE:
    case SCALAR_GREATEST:
    case SCALAR_LEAST:
        for (int i = 0; i < arg_count; i++) {
            if (!args[i]->nullable)
                return false;
        }
        return true;
    case SCALAR_CASE:
        for (int i = 1; i < arg_count; i += 2) {
            if (args[i]->nullable)
                return true;
        }
        return args[arg_count - 1]->nullable;
    default:
        return true;
    }
}

Scalar *
scalar_make(Arena *arena, ScalarKind kind, SqlType type, Scalar **args, int arg_count)
{
    Scalar *scalar = scalar_new(arena, kind, type);
    scalar->args = args_copy(arena, args, arg_count);
    scalar->arg_count = arg_count;
    scalar->nullable = make_nullable(kind, args, arg_count);
    return scalar;
}

Scalar *
scalar_and(Arena *arena, Scalar *a, Scalar *b)
{
    if (a == NULL || b == NULL)
        return a != NULL ? a : b != NULL ? b : scalar_bool(arena, true);
    int left = a->kind == SCALAR_AND ? a->arg_count : 1;
    int right = b->kind == SCALAR_AND ? b->arg_count : 1;
    Scalar **args = arena_new_array(arena, Scalar *, left + right);
    memcpy(args, a->kind == SCALAR_AND ? a->args : &a, sizeof *args * (size_t) left);
    memcpy(args + left, b->kind == SCALAR_AND ? b->args : &b, sizeof *args * (size_t) right);
    return scalar_make(arena, SCALAR_AND, SQL_TYPE(BOOL), args, left + right);
}

Scalar *
scalar_in_list(Arena *arena, Scalar *subject, SqlType type, const Datum *values, int count, bool has_null)
{
    Scalar *scalar = scalar_make(arena, SCALAR_IN_LIST, SQL_TYPE(BOOL), &subject, 1);
    scalar->set = scalar_set_new(arena, type, values, count, has_null);
    scalar->nullable = subject->nullable || scalar->set->has_null;
    return scalar;
}

static const EvalError *
eval_error_copy(Arena *arena, const EvalError *error)
{
    EvalError *copy = arena_new_struct(arena, EvalError);
    memcpy(copy->sqlstate, error->sqlstate, sizeof copy->sqlstate);
    copy->message = arena_strdup(arena, error->message);
    copy->detail = error->detail == NULL ? NULL : arena_strdup(arena, error->detail);
    copy->hint = error->hint == NULL ? NULL : arena_strdup(arena, error->hint);
    return copy;
}

/* A copy of one node; its children are still the original's. */
static Scalar *
node_copy(Arena *arena, const Scalar *scalar)
{
    Scalar *copy = arena_new_struct(arena, Scalar);
    *copy = *scalar;
    copy->type = type_copy(scalar->type, arena);
    if (scalar->kind == SCALAR_LITERAL) {
        copy->literal = datum_copy(scalar->type, scalar->literal, arena);
        if (scalar->literal_error != NULL)
            copy->literal_error = eval_error_copy(arena, scalar->literal_error);
    }
    if (scalar->set != NULL)
        copy->set =
            scalar_set_new(arena, scalar->set->type, scalar->set->values, scalar->set->count, scalar->set->has_null);
    if (scalar->args != NULL)
        copy->args = args_copy(arena, scalar->args, scalar->arg_count);
    return copy;
}

Scalar *
scalar_copy(Arena *arena, const Scalar *scalar)
{
    Scalar *copy = node_copy(arena, scalar);
    for (int i = 0; i < copy->arg_count; i++)
        copy->args[i] = scalar_copy(arena, scalar->args[i]);
    return copy;
}

Scalar *
scalar_substitute(Arena *arena, const Scalar *scalar, Scalar *const *with)
{
    if (scalar->kind == SCALAR_COLUMN)
        return scalar_copy(arena, with[scalar->column]);
    Scalar *copy = node_copy(arena, scalar);
    for (int i = 0; i < copy->arg_count; i++)
        copy->args[i] = scalar_substitute(arena, scalar->args[i], with);
    return copy;
}

static bool
literal_errors_equal(const EvalError *a, const EvalError *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a->sqlstate, b->sqlstate) == 0 && strcmp(a->message, b->message) == 0;
}

static bool
node_equal(const Scalar *a, const Scalar *b)
{
    if (a->kind != b->kind || a->arg_count != b->arg_count || a->function != b->function ||
        !type_same(a->type, b->type) || a->type.typmod != b->type.typmod)
        return false;
    switch (a->kind) {
    case SCALAR_COLUMN:
        return a->column == b->column;
    case SCALAR_PARAMETER:
        return a->parameter == b->parameter;
    case SCALAR_CONTEXT:
        return a->context == b->context;
    case SCALAR_LITERAL:
        return datum_identical(a->type, a->literal, b->literal) &&
               literal_errors_equal(a->literal_error, b->literal_error);
    case SCALAR_IN_LIST:
        return scalar_set_equal(a->set, b->set);
    case SCALAR_CALL:
        return !a->function->is_volatile; /* two calls, two values */
    default:
        return true;
    }
}

bool
scalar_equal(const Scalar *a, const Scalar *b)
{
    if (a == b)
        return true;
    if (!node_equal(a, b))
        return false;
    for (int i = 0; i < a->arg_count; i++) {
        if (!scalar_equal(a->args[i], b->args[i]))
            return false;
    }
    return true;
}

uint64_t
scalar_hash(const Scalar *scalar)
{
    uint64_t hash = hash_combine(hash_u64((uint64_t) scalar->kind + 1), (uint64_t) scalar->type.id);
    switch (scalar->kind) {
    case SCALAR_COLUMN:
        hash = hash_combine(hash, scalar->column);
        break;
    case SCALAR_PARAMETER:
        hash = hash_combine(hash, (uint64_t) scalar->parameter);
        break;
    case SCALAR_CONTEXT:
        hash = hash_combine(hash, (uint64_t) scalar->context);
        break;
    case SCALAR_LITERAL:
        hash = hash_combine(hash, datum_hash(scalar->type, scalar->literal));
        break;
    default:
        break;
    }
    hash = hash_combine(hash, (uint64_t) (uintptr_t) scalar->function);
    for (int i = 0; i < scalar->arg_count; i++)
        hash = hash_combine(hash, scalar_hash(scalar->args[i]));
    return hash;
}

void
scalar_visit(Scalar *scalar, void (*visit)(Scalar *scalar, void *context), void *context)
{
    visit(scalar, context);
    for (int i = 0; i < scalar->arg_count; i++)
        scalar_visit(scalar->args[i], visit, context);
}

void
scalar_remap(Scalar *scalar, const uint32_t *map)
{
    if (scalar->kind == SCALAR_COLUMN) {
        if (map[scalar->column] == UINT32_MAX)
            bug("column %u has no place in the map", (unsigned) scalar->column);
        scalar->column = map[scalar->column];
    }
    for (int i = 0; i < scalar->arg_count; i++)
        scalar_remap(scalar->args[i], map);
}

void
scalar_shift(Scalar *scalar, uint32_t from, int32_t by)
{
    if (scalar->kind == SCALAR_COLUMN && scalar->column >= from)
        scalar->column = (uint32_t) ((int64_t) scalar->column + by);
    for (int i = 0; i < scalar->arg_count; i++)
        scalar_shift(scalar->args[i], from, by);
}

bool
scalar_is_literal(const Scalar *scalar)
{
    return scalar->kind == SCALAR_LITERAL;
}

bool
scalar_is_literal_bool(const Scalar *scalar, bool value)
{
    return scalar->kind == SCALAR_LITERAL && scalar->type.id == TYPE_BOOL && scalar->literal_error == NULL &&
           !scalar->literal.is_null && (scalar->literal.i != 0) == value;
}

bool
scalar_uses_column(const Scalar *scalar, uint32_t column)
{
    if (scalar->kind == SCALAR_COLUMN)
        return scalar->column == column;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (scalar_uses_column(scalar->args[i], column))
            return true;
    }
    return false;
}

uint32_t
scalar_max_column(const Scalar *scalar)
{
    uint32_t max = scalar->kind == SCALAR_COLUMN ? scalar->column + 1 : 0;
    for (int i = 0; i < scalar->arg_count; i++) {
        uint32_t of_arg = scalar_max_column(scalar->args[i]);
        max = of_arg > max ? of_arg : max;
    }
    return max;
}

bool
scalar_has_context(const Scalar *scalar, ContextValue *which)
{
    if (scalar->kind == SCALAR_CONTEXT) {
        *which = scalar->context;
        return true;
    }
    for (int i = 0; i < scalar->arg_count; i++) {
        if (scalar_has_context(scalar->args[i], which))
            return true;
    }
    return false;
}

bool
scalar_is_volatile(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_CALL && scalar->function->is_volatile)
        return true;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (scalar_is_volatile(scalar->args[i]))
            return true;
    }
    return false;
}

#define LARGE_COUNT 100000

/* repeat, lpad and rpad with a large number, and whatever fills arrays. */
static bool
call_is_large(const Scalar *call)
{
    const char *name = call->function->name;
    if (strcmp(name, "array_fill") == 0)
        return true;
    if (strcmp(name, "repeat") != 0 && strcmp(name, "lpad") != 0 && strcmp(name, "rpad") != 0)
        return false;
    const Scalar *count = call->args[1];
    return count->kind != SCALAR_LITERAL || count->literal.is_null || count->literal.i > LARGE_COUNT;
}

bool
scalar_is_large(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_CALL && scalar->arg_count >= 2 && call_is_large(scalar))
        return true;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (scalar_is_large(scalar->args[i]))
            return true;
    }
    return false;
}

bool
scalar_can_fail(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_LITERAL && scalar->literal_error != NULL)
        return true;
    if (scalar->function != NULL && scalar->kind != SCALAR_CONTEXT && scalar->function->can_fail)
        return true;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (scalar_can_fail(scalar->args[i]))
            return true;
    }
    return false;
}
