/*
 * bind_function.c -- function calls in expressions and in FROM.
 */
#include "planner/bind.h"

const char *
bind_function_schema(const AstName *name)
{
    return name->count > 1 ? name->parts[name->count - 2] : NULL;
}

static const char *
function_name(const AstFunction *function)
{
    return function->name.parts[function->name.count - 1];
}

/* ---- calls of what expr/ has ---- */

/* Context values are settled before any row is read. */
static bool
check_rowless(const ResolvedCall *resolved, Scalar *const *args, int count, int position, Error *err)
{
    for (int i = 0; i < count; i++) {
        if (scalar_max_column(args[i]) > 0)
            return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                            "%s with an argument that differs by row is not yet supported", resolved->function->name);
    }
    return true;
}

static bool
call_resolved(Binder *binder, const ResolvedCall *resolved, Scalar *const *args, int count, int position,
              Scalar **scalar, Error *err)
{
    Scalar **cast = arena_new_array(binder->arena, Scalar *, count);
    for (int i = 0; i < count; i++) {
        if (!bind_cast(binder, args[i], resolved->arg_types[i], CAST_IMPLICIT, &cast[i], err))
            return false;
    }
    if (resolved->function->kind == FUNCTION_CONTEXT) {
        if (!check_rowless(resolved, cast, count, position, err))
            return false;
        *scalar = scalar_context(binder->arena, resolved->function->context, resolved->result);
        (*scalar)->args = cast;
        (*scalar)->arg_count = count;
        (*scalar)->function = resolved->function;
    } else {
        *scalar = scalar_call(binder->arena, resolved->function, cast, count, resolved->result);
    }
    (*scalar)->position = position;
    return true;
}

bool
bind_call(Binder *binder, const char *schema, const char *name, Scalar **args, int count, int position, Scalar **scalar,
          Error *err)
{
    SqlType types[FUNCTION_ARGS_MAX + 92] = {{0}};
    if (count > (int) (sizeof types / sizeof types[0]))
        return error_at(err, position, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
                        "cannot pass more than %d arguments to a function", (int) (sizeof types / sizeof types[0]));
    for (int i = 0; i < count; i++)
        types[i] = args[i]->type;
    ResolvedCall resolved;
    return function_resolve(schema, name, types, count, position, &resolved, err) &&
           call_resolved(binder, &resolved, args, count, position, scalar, err);
}

/* int4(x) and the like: a type's name as a function is a cast. */
static bool
is_cast_call(const char *schema, const char *name, int arg_count, SqlType *type)
{
    if (arg_count != 1 || (schema != NULL && strcmp(schema, "pg_catalog") != 0) || function_exists(schema, name))
        return false;
    return type_from_name(name, type);
}

/* ---- words without parentheses ---- */

static bool
cast_of_now(Binder *binder, SqlType type, int position, Scalar **scalar, Error *err)
{
    Scalar *now;
    return bind_call(binder, "pg_catalog", "now", NULL, 0, position, &now, err) &&
           bind_explicit_cast(binder, now, type, position, scalar, err);
}

/* CURRENT_DATE, LOCALTIME(3), ...: now() in other clothes. *done is false for other names. */
static bool
bind_keyword_call(Binder *binder, Scope *scope, const AstFunction *function, int position, bool *done, Scalar **scalar,
                  Error *err)
{
    static const struct {
        const char *name;
        TypeId type;
    } words[] = {
        {"current_date", TYPE_DATE}, {"current_time", TYPE_TIMETZ},      {"current_timestamp", TYPE_TIMESTAMPTZ},
        {"localtime", TYPE_TIME},    {"localtimestamp", TYPE_TIMESTAMP},
    };
    (void) scope;
    *done = false;
    if (function->form != AST_FORM_KEYWORD)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].name, function_name(function)) != 0)
            continue;
        SqlType type = type_of_id(words[i].type);
        *done = true;
        if (function->args.count == 1) {
            int64_t precision = strtoll(function->args.items[0]->text, NULL, 10);
            if (!type_apply_modifiers(&type, &precision, 1, err))
                return false;
        }
        return cast_of_now(binder, type, position, scalar, err);
    }
    return true;
}

/* ---- set-returning functions ---- */

bool
bind_table_function(Binder *binder, Scope *scope, const AstFunction *function, int position, TableFunctionCall *call,
                    Scalar ***args, Error *err)
{
    if (function->star || function->distinct || function->filter != NULL || function->over != NULL ||
        function->order_by.count > 0)
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE, "%s is not an aggregate function",
                        function_name(function));
    int count;
    SqlType types[FUNCTION_ARGS_MAX];
    if (!bind_arguments(binder, scope, function, position, args, &count, err))
        return false;
    if (count > FUNCTION_ARGS_MAX)
        return error_at(err, position, SQLSTATE_UNDEFINED_FUNCTION, "function %s with %d arguments does not exist",
                        function_name(function), count);
    for (int i = 0; i < count; i++)
        types[i] = (*args)[i]->type;
    if (!table_function_resolve(bind_function_schema(&function->name), function_name(function), types, count, position,
                                binder->arena, call, err))
        return false;
    for (int i = 0; i < count; i++) {
        if (!bind_cast(binder, (*args)[i], call->arg_types[i], CAST_IMPLICIT, &(*args)[i], err))
            return false;
    }
    return table_function_settle(call, *args, binder->context->eval, binder->arena, err);
}

/* ---- the lot ---- */

static bool
check_plain_call(const AstFunction *function, int position, Error *err)
{
    const char *name = function_name(function);
    if (function->star)
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "%s(*) specified, but %s is not an aggregate function", name, name);
    if (function->distinct)
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "DISTINCT specified, but %s is not an aggregate function", name);
    if (function->order_by.count > 0)
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "ORDER BY specified, but %s is not an aggregate function", name);
    if (function->within_group.count > 0)
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "WITHIN GROUP specified, but %s is not an aggregate function", name);
    if (function->filter != NULL)
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "FILTER specified, but %s is not an aggregate function", name);
    return true;
}

bool
bind_function(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const AstFunction *function = expr->function;
    const char *schema = bind_function_schema(&function->name), *name = function_name(function);
    /* EXTRACT, POSITION and so on, written with keywords, are PostgreSQL's own. */
    if (schema == NULL && function->form > AST_FORM_KEYWORD && function_exists("pg_catalog", name))
        schema = "pg_catalog";
    bool done;
    if (!bind_keyword_call(binder, scope, function, expr->position, &done, scalar, err))
        return false;
    if (done)
        return true;
    if (function->over != NULL)
        return bind_window_call(binder, scope, function, expr->position, scalar, err);
    if (schema == NULL && strcmp(name, "grouping") == 0)
        return bind_grouping_call(binder, scope, function, expr->position, scalar, err);
    if (aggregate_exists(schema, name) ||
        (function->within_group.count > 0 && aggregate_hypothetical(schema, name) != NULL))
        return bind_aggregate(binder, scope, function, expr->position, scalar, err);
    if (function->args.count > 0 && aggregate_hypothetical(schema, name) != NULL)
        return error_at(err, expr->position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "WITHIN GROUP is required for ordered-set aggregate %s", name);
    if (window_function_exists(schema, name) && !function_exists(schema, name))
        return error_at(err, expr->position, SQLSTATE_WRONG_OBJECT_TYPE, "window function %s requires an OVER clause",
                        name);
    if (table_function_exists(schema, name))
        return bind_set_function(binder, scope, function, expr->position, scalar, err);
    if (!check_plain_call(function, expr->position, err))
        return false;
    Scalar **args;
    SqlType type;
    int count;
    if (!bind_arguments(binder, scope, function, expr->position, &args, &count, err))
        return false;
    if (!bind_sql_function(binder, scope, schema, name, args, count, expr->position, &done, scalar, err))
        return false;
    if (done)
        return true;
    if (count == 1 && schema == NULL && bind_field_of(binder, args[0], name, scalar))
        return true;
    if (is_cast_call(schema, name, count, &type))
        return bind_explicit_cast(binder, args[0], type, expr->position, scalar, err);
    return bind_call(binder, schema, name, args, count, expr->position, scalar, err);
}
