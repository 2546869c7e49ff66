#include "expr/cast_internal.h"

#include <pthread.h>

#include "expr/overload.h"
#include "types/text_format.h"

/* Index into casts + 1; 0: none. */
static uint16_t cast_index[TYPE_COUNT][TYPE_COUNT];
static pthread_once_t cast_index_once = PTHREAD_ONCE_INIT;

static void
cast_index_build(void)
{
    for (size_t i = 0; i < casts_count; i++)
        cast_index[casts[i].from][casts[i].to] = (uint16_t) (i + 1);
}

static bool
is_string_category(SqlType type)
{
    return type_is_string(type);
}

/* Arrays and lists to arrays and lists, records to records. */
/* Lists to lists and arrays to lists, with a cast of the elements; maps to maps of another name. */
static const Function *
container_cast(SqlType from, SqlType to, CastContext context)
{
    if (type_same_structure(from, to))
        return &cast_relabel_function;
    bool to_list = to.id == TYPE_LIST && (from.id == TYPE_LIST || (from.id == TYPE_ARRAY && context >= CAST_EXPLICIT));
    if (!to_list || from.element == TYPE_UNKNOWN)
        return NULL;
    SqlType from_element = type_element_of(from), to_element = type_element_of(to);
    if (type_same_structure(from_element, to_element))
        return &cast_list_function;
    return cast_function(from_element, to_element, context) != NULL ? &cast_list_function : NULL;
}

static const Function *
composite_cast(SqlType from, SqlType to, CastContext context)
{
    if (from.id == TYPE_ARRAY && to.id == TYPE_ARRAY) {
        SqlType from_element = type_element_of(from), to_element = type_element_of(to);
        if (from_element.id == to_element.id)
            return &cast_relabel_function;
        return cast_function(from_element, to_element, context) != NULL ? &cast_array_function : NULL;
    }
    if (to.id == TYPE_LIST || to.id == TYPE_MAP)
        return container_cast(from, to, context);
    if (from.id == TYPE_INT2VECTOR && to.id == TYPE_ARRAY) {
        SqlType to_element = type_element_of(to);
        bool same = to_element.id == TYPE_INT2;
        return same || cast_function(SQL_TYPE(INT2), to_element, context) != NULL ? &cast_array_function : NULL;
    }
    if (from.id != TYPE_RECORD || to.id != TYPE_RECORD)
        return NULL;
    if (to.detail == NULL || from.detail == NULL)
        return &cast_relabel_function;
    if (from.detail->count != to.detail->count)
        return NULL;
    for (int i = 0; i < to.detail->count; i++) {
        SqlType field = from.detail->fields[i].type, target = to.detail->fields[i].type;
        if (!type_same(field, target) && cast_function(field, target, context) == NULL)
            return NULL;
    }
    return &cast_record_function;
}

const Function *
cast_function(SqlType from, SqlType to, CastContext context)
{
    if (type_is_pseudo(from) || type_is_pseudo(to) || to.id == TYPE_UNKNOWN)
        return NULL;
    pthread_once(&cast_index_once, cast_index_build);
    uint16_t index = cast_index[from.id][to.id];
    if (index != 0)
        return casts[index - 1].context <= context ? &casts[index - 1].function : NULL;
    bool nests = from.id == TYPE_RECORD || from.id == TYPE_LIST || from.id == TYPE_MAP;
    if (from.id == to.id && from.element == to.element && !nests && (from.id != TYPE_ENUM || type_same(from, to)))
        return &cast_relabel_function;
    const Function *composite = composite_cast(from, to, context);
    if (composite != NULL)
        return composite;
    if (from.id == TYPE_UNKNOWN)
        return is_string_category(to) ? &cast_relabel_function : &cast_parse_function;
    if (is_string_category(to) && context >= CAST_ASSIGNMENT)
        return &cast_print_function;
    if (is_string_category(from) && context >= CAST_EXPLICIT)
        return &cast_parse_function;
    return NULL;
}

bool
cast_exists(SqlType from, SqlType to, CastContext context)
{
    return type_same(from, to) || from.id == TYPE_UNKNOWN || cast_function(from, to, context) != NULL;
}

static Scalar *
cast_call(Arena *arena, Scalar *scalar, const Function *function, SqlType type)
{
    Scalar *call = scalar_call(arena, function, &scalar, 1, type);
    call->position = scalar->position;
    return call;
}

static bool
typmod_matters(SqlType from, SqlType to)
{
    if (to.typmod < 0 || (from.typmod == to.typmod && type_same(from, to)))
        return false;
    switch (to.id == TYPE_ARRAY ? to.element : to.id) {
    case TYPE_BPCHAR:
    case TYPE_VARCHAR:
    case TYPE_BIT:
    case TYPE_VARBIT:
    case TYPE_NUMERIC:
    case TYPE_TIME:
    case TYPE_TIMETZ:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
    case TYPE_INTERVAL:
        return true;
    default:
        return false;
    }
}

static Scalar *
apply_typmod(Arena *arena, Scalar *scalar, SqlType to, CastContext context)
{
    if (!typmod_matters(scalar->type, to))
        return scalar;
    const Function *function = context == CAST_EXPLICIT ? &cast_length_function : &cast_length_assign_function;
    return cast_call(arena, scalar, function, to);
}

/* An untyped literal is read as what it is wanted for. */
static bool
cast_unknown_literal(Arena *arena, const Scalar *scalar, SqlType to, EvalContext *eval, Scalar **result, Error *err)
{
    SqlType bare = to;
    bare.typmod = -1;
    Datum value = scalar->literal;
    if (!value.is_null && type_is_string(bare) && bare.id != TYPE_NAME) {
        value = datum_copy(bare, value, arena);
    } else if (!value.is_null && bare.id == TYPE_REGTYPE) {
        *result = cast_call(arena, scalar_literal(arena, SQL_TYPE(TEXT), value),
                            cast_function(SQL_TYPE(TEXT), bare, CAST_EXPLICIT), bare);
        return true;
    } else if (!value.is_null &&
               !datum_parse(bare, scalar->literal.bytes, eval == NULL ? NULL : &eval->style, arena, &value, err)) {
        if (err->position == 0)
            err->position = scalar->position;
        return false;
    }
    Scalar *literal = scalar_literal(arena, bare, value);
    literal->position = scalar->position;
    *result = literal;
    return true;
}

static bool
cannot_cast(SqlType from, SqlType to, int position, Error *err)
{
    Arena *arena = arena_new();
    from.typmod = to.typmod = -1;
    (void) error_at(err, position, SQLSTATE_CANNOT_COERCE, "cannot cast type %s to %s", type_format(from, arena),
                    type_format(to, arena));
    arena_free(arena);
    return false;
}

bool
cast_scalar(Arena *arena, Scalar *scalar, SqlType to, CastContext context, EvalContext *eval, Scalar **result,
            Error *err)
{
    SqlType bare = to;
    bare.typmod = -1;
    if (to.id == TYPE_UNKNOWN) {
        *result = scalar;
        return true;
    }
    if (scalar->type.id == TYPE_UNKNOWN && scalar->kind == SCALAR_PARAMETER) {
        scalar->type = bare;
    } else if (scalar->type.id == TYPE_UNKNOWN && scalar->kind == SCALAR_LITERAL) {
        if (!cast_unknown_literal(arena, scalar, to, eval, &scalar, err))
            return false;
    } else if (!type_same(scalar->type, to)) {
        const Function *function = cast_function(scalar->type, to, context);
        if (function == NULL)
            return cannot_cast(scalar->type, to, scalar->position, err);
        if (scalar->kind == SCALAR_LITERAL && scalar->literal.is_null && scalar->literal_error == NULL) {
            int position = scalar->position;
            scalar = scalar_null(arena, bare);
            scalar->position = position;
        } else {
            bool takes_typmod = to.id == TYPE_BIT && type_is_integer(scalar->type);
            scalar = cast_call(arena, scalar, function, takes_typmod ? to : bare);
        }
    }
    *result = apply_typmod(arena, scalar, to, context);
    return true;
}

static bool
cannot_match(const char *what, SqlType a, SqlType b, int position, Error *err)
{
    Arena *arena = arena_new();
    a.typmod = b.typmod = -1;
    (void) error_at(err, position, SQLSTATE_DATATYPE_MISMATCH, "%s types %s and %s cannot be matched", what,
                    type_format(a, arena), type_format(b, arena));
    arena_free(arena);
    return false;
}

bool
type_unify(const SqlType *types, int count, const char *what, int position, SqlType *result, Error *err)
{
    SqlType chosen = {.id = TYPE_UNKNOWN, .typmod = -1};
    bool same_typmod = true;
    for (int i = 0; i < count; i++) {
        SqlType next = types[i];
        if (next.id == TYPE_UNKNOWN) {
            same_typmod = false;
            continue;
        }
        if (chosen.id == TYPE_UNKNOWN) {
            chosen = next;
            continue;
        }
        same_typmod = same_typmod && next.typmod == chosen.typmod && type_same(next, chosen);
        if (type_same(next, chosen))
            continue;
        if (type_category(next) != type_category(chosen))
            return cannot_match(what, chosen, next, position, err);
        if (!type_is_preferred(chosen) && cast_exists(chosen, next, CAST_IMPLICIT) &&
            !cast_exists(next, chosen, CAST_IMPLICIT))
            chosen = next;
    }
    if (chosen.id == TYPE_UNKNOWN)
        chosen = SQL_TYPE(TEXT);
    if (!same_typmod)
        chosen.typmod = -1;
    for (int i = 0; i < count; i++) {
        if (!cast_exists(types[i], chosen, CAST_IMPLICIT))
            return cannot_match(what, chosen, types[i], position, err);
    }
    *result = chosen;
    return true;
}
