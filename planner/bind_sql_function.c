/*
 * bind_sql_function.c -- functions that are defined by an expression over system relations, and the text of reg* values.
 */
#include "planner/bind.h"

#include "grammar/parse.h"

typedef struct SqlFunction {
    const char *name, *args, *result, *body;
    bool by_row; /* only when the argument differs by row */
} SqlFunction;

static const SqlFunction sql_functions[] = {
#define SQL_FUNCTION(name, args, result, body)        {name, args, result, body, false},
#define SQL_FUNCTION_BY_ROW(name, args, result, body) {name, args, result, body, true},
#include "planner/sql_functions.def"
#undef SQL_FUNCTION_BY_ROW
#undef SQL_FUNCTION
};

/* The types of "oid int4"; how many they are. */
static int
argument_types(const SqlFunction *function, Arena *arena, SqlType *types)
{
    int count = 0;
    for (const char *at = function->args; *at != '\0';) {
        const char *end = strchr(at, ' ');
        size_t size = end == NULL ? strlen(at) : (size_t) (end - at);
        if (!type_from_name(arena_strndup(arena, at, size), &types[count++]))
            bug("unknown type in sql_functions.def: %s", function->args);
        at += size + (end != NULL);
    }
    return count;
}

static bool
arguments_fit(Scalar *const *args, const SqlType *types, int count)
{
    for (int i = 0; i < count; i++) {
        bool untyped = args[i]->type.id == TYPE_UNKNOWN;
        if (!untyped && !type_same(args[i]->type, types[i]) && !cast_exists(args[i]->type, types[i], CAST_IMPLICIT))
            return false;
    }
    return true;
}

bool
bind_sql_body(Binder *binder, Scope *scope, const char *body, Scalar **args, int count, Scalar **scalar, Error *err)
{
    AstExpr *expr;
    if (!parse_expression(slice_of(body), binder->arena, &expr, err))
        return false;
    const SqlBody around = binder->body;
    CteBinding *ctes = binder->ctes;
    const RelationColumn *targets = binder->targets;
    binder->body = (SqlBody){args, count, scope_depth(scope)};
    binder->ctes = NULL;
    binder->targets = NULL;
    binder->view_depth++;
    bool worked = bind_expr(binder, scope_blocked(binder->arena, scope, NULL), expr, scalar, err);
    binder->view_depth--;
    binder->targets = targets;
    binder->ctes = ctes;
    binder->body = around;
    return worked;
}

bool
bind_sql_function(Binder *binder, Scope *scope, const char *schema, const char *name, Scalar *const *args, int count,
                  int position, bool *done, Scalar **scalar, Error *err)
{
    *done = false;
    if (schema != NULL && strcmp(schema, "pg_catalog") != 0)
        return true;
    for (size_t i = 0; i < sizeof sql_functions / sizeof *sql_functions; i++) {
        const SqlFunction *function = &sql_functions[i];
        SqlType types[FUNCTION_ARGS_MAX], result;
        if (strcmp(function->name, name) != 0 || (function->by_row && scalar_max_column(args[0]) == 0) ||
            argument_types(function, binder->arena, types) != count || !arguments_fit(args, types, count))
            continue;
        Scalar **cast = arena_new_array(binder->arena, Scalar *, count);
        for (int j = 0; j < count; j++) {
            if (!bind_cast(binder, args[j], types[j], CAST_IMPLICIT, &cast[j], err))
                return false;
        }
        *done = true;
        if (!type_from_name(function->result, &result))
            bug("unknown type in sql_functions.def: %s", function->result);
        if (!bind_sql_body(binder, scope, function->body, cast, count, scalar, err) ||
            !bind_cast(binder, *scalar, result, CAST_ASSIGNMENT, scalar, err))
            return false;
        if ((*scalar)->position == 0)
            (*scalar)->position = position;
        return true;
    }
    return true;
}

bool
bind_sql_argument(Binder *binder, const Scope *scope, int number, int position, Scalar **scalar, Error *err)
{
    const SqlBody *body = &binder->body;
    if (number < 1 || number > body->count)
        return error_at(err, position, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $%d", number);
    *scalar = hir_scalar_shift(&binder->set, body->args[number - 1], scope_depth(scope) - body->depth);
    return true;
}

bool
bind_regclass_text(Binder *binder, Scope *scope, Scalar *oid, Scalar **scalar, Error *err)
{
    Scalar **args = arena_new_array(binder->arena, Scalar *, 1);
    return bind_cast(binder, oid, SQL_TYPE(OID), CAST_IMPLICIT, &args[0], err) &&
           bind_sql_body(binder, scope,
                         "COALESCE((SELECT r.name FROM mz_internal.mz_relation_names r WHERE r.oid = $1), "
                         "CASE $1 WHEN 0 THEN '-' ELSE $1::text END)",
                         args, 1, scalar, err);
}
