/*
 * plan_view.c -- what a view's item holds: its definition with every name in full, its columns, what it depends on.
 */
#include "planner/planned_query.h"

#include "grammar/ast_print.h"
#include "grammar/parse.h"

/* The tree again, in the item's arena: what is kept must not point into the statement. */
static bool
query_copy(const AstQuery *query, Arena *arena, AstQuery **copy, Error *err)
{
    Buffer text = {0};
    AstStatement *statement;
    ast_print_query(query, AST_PRINT_QUOTED, &text);
    char *sql = buffer_to_arena(&text, arena);
    if (!parse_statement(slice_of(sql), arena, &statement, err))
        return false;
    *copy = statement->select;
    return true;
}

static void
name_in_full(AstName *name, const Item *item, Arena *arena)
{
    const Schema *schema = item->schema;
    *name = (AstName){.position = name->position};
    if (schema->database != NULL)
        name->parts[name->count++] = arena_strdup(arena, schema->database->name);
    name->parts[name->count++] = arena_strdup(arena, schema->name);
    name->parts[name->count++] = arena_strdup(arena, item->name);
}

/* Columns of an unaliased table are named by the table: the full name must not take that away. */
static bool
bind_and_qualify(PlannerContext *context, AstQuery *query, Item *item, Error *err)
{
    Binder binder;
    BoundRelation relation;
    binder_init(&binder, context);
    bool worked = bind_query_relation(&binder, query, NULL, &relation, err);
    for (size_t i = 0; i < binder.name_uses.count && worked; i++)
        name_in_full(binder.name_uses.items[i].name, binder.name_uses.items[i].item, item->arena);
    binder_deinit(&binder);
    return worked;
}

static bool
check_names(const Item *item, const AstIdentList *names, const RelationDesc *desc, Arena *arena, Error *err)
{
    if (names->count > desc->column_count)
        return error_at(err, names->items[0].position, SQLSTATE_SYNTAX_ERROR,
                        "view %s definition names %d column%s, but view %s has %d column%s",
                        item_full_name(item, arena), names->count, names->count == 1 ? "" : "s",
                        item_full_name(item, arena), desc->column_count, desc->column_count == 1 ? "" : "s");
    for (int i = 0; i < desc->column_count; i++) {
        for (int j = 0; j < i; j++) {
            if (strcmp(desc->columns[i].name, desc->columns[j].name) == 0)
                return error_at(err, i < names->count ? names->items[i].position : 0, SQLSTATE_DUPLICATE_COLUMN,
                                "column \"%s\" specified more than once", desc->columns[i].name);
        }
    }
    return true;
}

bool
plan_view_bound(PlannerContext *context, AstQuery *query, Item *item, Error *err)
{
    Binder binder;
    BoundRelation relation;
    binder_init(&binder, context);
    if (!bind_query_relation(&binder, query, NULL, &relation, err)) {
        binder_deinit(&binder);
        return false;
    }
    const Hir *hir = relation.hir;
    item->definition = query;
    item->desc = arena_new_struct(item->arena, RelationDesc);
    item->desc->column_count = hir->column_count;
    item->desc->columns = arena_new_array(item->arena, RelationColumn, hir->column_count);
    for (int i = 0; i < hir->column_count; i++)
        item->desc->columns[i] = (RelationColumn){.name = arena_strdup(item->arena, relation.names[i]),
                                                  .type = type_copy(hir->types[i], item->arena),
                                                  .nullable = hir->nullable[i]};
    item->depends_on_count = (int) binder.dependencies.count;
    item->depends_on = arena_new_array(item->arena, ObjectId, binder.dependencies.count);
    for (size_t i = 0; i < binder.dependencies.count; i++)
        item->depends_on[i] = binder.dependencies.items[i];
    binder_deinit(&binder);
    return true;
}

bool
plan_view_item(PlannerContext *context, const AstQuery *query, const AstIdentList *column_names, Item *item, Error *err)
{
    PlannedQuery *planned;
    AstQuery *definition;
    int parameters = context->parameter_count;
    if (!plan_query(context, query, &planned, err))
        return false;
    if (context->parameter_count > parameters || parameters > 0)
        return error_set(err, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $1");
    if (!query_copy(query, item->arena, &definition, err) || !bind_and_qualify(context, definition, item, err))
        return false;
    RelationDesc *desc = arena_new_struct(item->arena, RelationDesc);
    *desc = relation_desc_copy(&planned->desc, item->arena);
    for (int i = 0; column_names != NULL && i < column_names->count && i < desc->column_count; i++)
        desc->columns[i].name = arena_strdup(item->arena, column_names->items[i].text);
    if (!check_names(item, column_names == NULL ? &(AstIdentList){0} : column_names, desc, context->arena, err))
        return false;
    item->definition = definition;
    item->desc = desc;
    item->depends_on = arena_new_array(item->arena, ObjectId, planned->dependency_count);
    item->depends_on_count = planned->dependency_count;
    for (int i = 0; i < planned->dependency_count; i++)
        item->depends_on[i] = planned->dependencies[i];
    return true;
}
