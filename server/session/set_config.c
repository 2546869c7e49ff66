/*
 * set_config.c -- SELECT set_config('name', 'value', is_local): settings that a query changes.
 *
 * A query's own calls with literal arguments are taken when it is prepared: they are done when it runs, before it, and in their places it asks for
 * the settings. set_config elsewhere is an unknown function.
 */
#include "server/session/session_internal.h"

static bool
is_set_config(const AstExpr *expr)
{
    if (expr->kind != AST_EXPR_FUNCTION)
        return false;
    const AstFunction *function = expr->function;
    const AstName *name = &function->name;
    if (name->count < 1 || name->count > 2 || strcmp(name->parts[name->count - 1], "set_config") != 0 ||
        (name->count == 2 && strcmp(name->parts[0], "pg_catalog") != 0))
        return false;
    return function->args.count == 3 && !function->distinct && !function->variadic && function->filter == NULL &&
           function->over == NULL && function->order_by.count == 0 &&
           function->args.items[0]->kind == AST_EXPR_STRING && function->args.items[1]->kind == AST_EXPR_STRING &&
           function->args.items[2]->kind == AST_EXPR_BOOLEAN;
}

/* The SELECT of a statement when it has one row: nothing but targets. */
static AstSelect *
plain_select(const AstStatement *ast)
{
    if (ast == NULL || ast->kind != AST_SELECT)
        return NULL;
    const AstQuery *query = ast->select;
    if (query->with != NULL || query->limit != NULL || query->offset != NULL || query->body->kind != AST_BODY_SELECT)
        return NULL;
    AstSelect *select = query->body->select;
    bool plain = select->from.count == 0 && select->where == NULL && select->having == NULL &&
                 select->qualify == NULL && select->group_by.count == 0;
    return plain ? select : NULL;
}

void
set_config_take(Prepared *prepared)
{
    AstSelect *select = plain_select(prepared->ast);
    if (select == NULL)
        return;
    for (int i = 0; i < (int) select->targets.count; i++) {
        AstTarget *target = &select->targets.items[i];
        if (!is_set_config(target->expr))
            continue;
        if (prepared->set_configs == NULL)
            prepared->set_configs = arena_new_array(prepared->arena, SetConfig, select->targets.count);
        AstFunction *function = target->expr->function;
        AstExpr **args = function->args.items;
        prepared->set_configs[prepared->set_config_count++] =
            (SetConfig){args[0]->text, args[1]->text, args[2]->boolean};
        function->name.parts[0] = "pg_catalog";
        function->name.parts[1] = "current_setting";
        function->name.count = 2;
        function->args.count = 1;
        if (target->alias.text == NULL)
            target->alias = (AstIdent){.text = "set_config", .position = target->expr->position};
    }
}

bool
set_config_apply(Session *session, const Prepared *prepared, Error *err)
{
    for (int i = 0; i < prepared->set_config_count; i++) {
        const SetConfig *set = &prepared->set_configs[i];
        if (strcmp(set->name, "cluster") == 0 && session->transaction.open)
            return error_set(err, SQLSTATE_ACTIVE_SQL_TRANSACTION,
                             "SET cluster cannot be called in an active transaction");
        if (!variable_set(session->variables, set->name, set->value, set->is_local, err))
            return false;
    }
    return true;
}
