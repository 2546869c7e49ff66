/*
 * RETURNING: expressions over the rows that a statement wrote.
 */
#include "planner/bind.h"
#include "planner/statement_internal.h"

typedef struct Returning {
    Binder *binder;
    Scope *scope;
    VECTOR(Scalar *) scalars;
    VECTOR(const char *) names;
} Returning;

static void
add_output(Returning *returning, Scalar *scalar, const char *name)
{
    vector_push(&returning->scalars, scalar);
    vector_push(&returning->names, name);
}

static bool
add_star(Returning *returning, const AstExpr *star, Error *err)
{
    const Scope *scope = returning->scope;
    if (star->name.count > 0) {
        const ScopeTable *table;
        const Scope *owner;
        int level;
        if (!scope_find_table(scope, star->name.parts, star->name.count, star->position, &table, &owner, &level, err))
            return false;
        if (table == NULL)
            return error_at(err, star->position, SQLSTATE_UNDEFINED_TABLE, "missing FROM-clause entry for table \"%s\"",
                            star->name.parts[star->name.count - 1]);
    }
    for (int i = 0; i < scope->count; i++) {
        const ScopeColumn *column = &scope->columns[i];
        add_output(returning, scalar_column(returning->binder->arena, column->index, column->type, column->nullable),
                   column->name);
    }
    return true;
}

static bool
add_target(Returning *returning, const AstTarget *target, Error *err)
{
    Binder *binder = returning->binder;
    Scalar *scalar;
    if (target->expr->kind == AST_EXPR_STAR)
        return add_star(returning, target->expr, err);
    if (!bind_expr(binder, returning->scope, target->expr, &scalar, err))
        return false;
    if (hir_scalar_has_subquery(scalar))
        return error_at(err, bind_expr_start(target->expr), SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "RETURNING clause does not allow subqueries");
    if (scalar->type.id == TYPE_UNKNOWN && !bind_cast(binder, scalar, SQL_TYPE(TEXT), CAST_IMPLICIT, &scalar, err))
        return false;
    add_output(returning, scalar, target->alias.text != NULL ? target->alias.text : bind_output_name(target->expr));
    return true;
}

static bool
returning_scope(Binder *binder, const Item *table, const AstIdent *alias, Scope **scope, Error *err)
{
    if (!scope_new(binder->arena, NULL, SCOPE_QUERY, scope, err))
        return false;
    (*scope)->clause = CLAUSE_RETURNING;
    const ScopeTable *named =
        scope_add_table(binder->arena, *scope, NULL, NULL, alias->text != NULL ? alias->text : table->name);
    for (int i = 0; i < table->desc->column_count; i++) {
        const RelationColumn *column = &table->desc->columns[i];
        scope_add_column(binder->arena, *scope, named, column->name, (uint32_t) i, column->type, column->nullable);
    }
    return true;
}

static void
take_outputs(Returning *returning, Arena *arena, Scalar ***scalars, RelationDesc **desc)
{
    size_t count = returning->scalars.count;
    *scalars = arena_new_array(arena, Scalar *, count + 1);
    *desc = arena_new_struct(arena, RelationDesc);
    (*desc)->columns = arena_new_array(arena, RelationColumn, count + 1);
    (*desc)->column_count = (int) count;
    for (size_t i = 0; i < count; i++) {
        Scalar *scalar = (*scalars)[i] = returning->scalars.items[i];
        (*desc)->columns[i] =
            (RelationColumn){.name = returning->names.items[i], .type = scalar->type, .nullable = scalar->nullable};
    }
}

bool
plan_returning(PlannerContext *context, const Item *table, const AstIdent *alias, const AstTargetList *targets,
               Scalar ***scalars, RelationDesc **desc, Error *err)
{
    Binder binder;
    binder_init(&binder, context);
    Returning returning = {.binder = &binder};
    bool ok = returning_scope(&binder, table, alias, &returning.scope, err);
    for (int i = 0; i < targets->count && ok; i++)
        ok = add_target(&returning, &targets->items[i], err);
    ok = ok && bind_parameters_known(&binder, err);
    if (ok)
        take_outputs(&returning, context->arena, scalars, desc);
    vector_deinit(&returning.scalars);
    vector_deinit(&returning.names);
    binder_deinit(&binder);
    return ok;
}
