/*
 * CREATE of views, materialized views, indexes and tables.
 *
 * What is stored is the statement printed with every name in full; the item is then made from that text, as it is made again at every start.
 */
#include "planner/statement_internal.h"

#define COLUMNS_MAX 1600

/* ---- views ---- */

/* The old view goes as DROP would have it go. */
static bool
replace_old(PlannerContext *context, const AstName *name, Item *old, AstObjectType type, StatementPlan *plan,
            Error *err)
{
    if (!kind_matches(old, type))
        return error_at(err, name->position, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is a %s not a %s",
                        ast_name_text(name, context->arena), item_kind_name(old->kind), ast_object_type_name(type));
    ItemVector roots = {0};
    vector_push(&roots, old);
    bool ok = drop_items(context, &roots, false, plan, err);
    vector_deinit(&roots);
    return ok;
}

static bool
not_on_itself(const Item *item, const Item *old, PlannerContext *context, Error *err)
{
    for (int i = 0; i < item->depends_on_count; i++)
        if (old != NULL && item->depends_on[i] == old->id)
            return error_set(err, SQLSTATE_INVALID_OBJECT_DEFINITION,
                             "cannot replace %s %s: depended upon by new %s definition", item_kind_name(old->kind),
                             item_full_name(old, context->arena), item_full_name(old, context->arena));
    return true;
}

/* Shared end of both kinds of views: from the copy of the statement, names in full, to the item in the change. */
static bool
finish_view(PlannerContext *context, const AstStatement *statement, AstStatement *copy, Item *item, const Item *old,
            Error *err)
{
    if (!qualify_statement(context, copy, err))
        return error_from_copy(statement, err);
    item->create_sql = print_sql(copy, item->arena);
    if (!item_replan(context, item, err)) {
        err->position = 0; /* one in the printed text */
        return false;
    }
    return not_on_itself(item, old, context, err);
}

/* Planned once as it was written, for errors that point into what the user sent. */
static bool
check_query(PlannerContext *context, const AstQuery *query, bool maintained, Error *err)
{
    PlannedQuery *planned;
    return plan_query(context, query, &planned, err) &&
           (!maintained || planned_query_check_materializable(planned, err));
}

bool
plan_create_view(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                 StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateView *create = statement->create_view;
    NewName name;
    if (create->temporary)
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "CREATE TEMPORARY VIEW is not supported");
    if (!no_parameters(statement, err) ||
        !new_item_name(context, &create->name, "view", create->if_not_exists, create->or_replace, &name, err))
        return false;
    if (name.exists != NULL && !create->or_replace) {
        plan_nothing(plan, "CREATE VIEW");
        return true;
    }
    AstStatement *copy;
    if (!check_query(context, create->query, false, err) || !reparse(statement, context->arena, &copy, err))
        return false;
    plan_change(plan, "CREATE VIEW");
    Item *item = new_item(context, ITEM_VIEW, name.schema, name.name);
    copy->create_view->name = full_name(context->arena, name.schema, name.name);
    copy->create_view->or_replace = copy->create_view->if_not_exists = false;
    bool ok = finish_view(context, statement, copy, item, name.exists, err) &&
              (name.exists == NULL || replace_old(context, &create->name, name.exists, AST_OBJECT_VIEW, plan, err));
    change_put_item(plan, item);
    return ok;
}

static bool
check_view_options(const AstOptionList *options, Error *err)
{
    static const char *const known[] = {"ASSERT NOT NULL", "PARTITION BY", "RETAIN HISTORY", "REFRESH"};
    int on_commit = 0;
    for (int i = 0; i < options->count; i++) {
        const AstOption *option = options->items[i];
        bool found = false;
        for (size_t k = 0; k < sizeof known / sizeof *known && !found; k++)
            found = strcmp(known[k], option->name) == 0;
        if (!found)
            return error_at(err, option->position, SQLSTATE_SYNTAX_ERROR,
                            "CREATE MATERIALIZED VIEW...WITH do not support %s values", option->name);
        if (strcmp(option->name, "ASSERT NOT NULL") == 0)
            return error_at(err, option->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "ASSERT NOT NULL is not supported");
        if (option->value->kind != AST_VALUE_REFRESH)
            continue;
        if (option->value->refresh->kind != AST_REFRESH_ON_COMMIT)
            return error_at(err, option->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                            "REFRESH strategies other than ON COMMIT are not supported");
        if (++on_commit > 1)
            return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                            "REFRESH ON COMMIT cannot be specified multiple times");
    }
    return true;
}

static bool
cluster_for_items(PlannerContext *context, const AstIdent *name, CatalogCluster **cluster, Error *err)
{
    if (!find_cluster(context, name, cluster, err))
        return false;
    return !is_system((*cluster)->id) || error_at(err, name->position, SQLSTATE_INSUFFICIENT_PRIVILEGE,
                                                  "system cluster '%s' cannot be modified", (*cluster)->name);
}

bool
plan_create_materialized_view(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                              StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateMaterializedView *create = statement->create_materialized_view;
    NewName name;
    CatalogCluster *cluster;
    if (create->replacement)
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "CREATE REPLACEMENT MATERIALIZED VIEW is not supported");
    if (!no_parameters(statement, err) || !new_item_name(context, &create->name, "materialized view",
                                                         create->if_not_exists, create->or_replace, &name, err))
        return false;
    if (name.exists != NULL && !create->or_replace) {
        plan_nothing(plan, "CREATE MATERIALIZED VIEW");
        return true;
    }
    AstStatement *copy;
    if (!cluster_for_items(context, &create->cluster, &cluster, err) || !check_view_options(&create->with, err) ||
        !check_query(context, create->query, true, err) || !reparse(statement, context->arena, &copy, err))
        return false;
    plan_change(plan, "CREATE MATERIALIZED VIEW");
    Item *item = new_item(context, ITEM_MATERIALIZED_VIEW, name.schema, name.name);
    item->cluster = cluster->id;
    item->shard = item->id;
    AstCreateMaterializedView *stored = copy->create_materialized_view;
    stored->name = full_name(context->arena, name.schema, name.name);
    stored->or_replace = stored->if_not_exists = false;
    stored->cluster = (AstIdent){.text = cluster->name};
    stored->as_of = NULL;
    bool ok = finish_view(context, statement, copy, item, name.exists, err) &&
              (name.exists == NULL ||
               replace_old(context, &create->name, name.exists, AST_OBJECT_MATERIALIZED_VIEW, plan, err));
    change_put_item(plan, item);
    return ok;
}

/* ---- indexes ---- */

static const uint16_t *
default_key(const RelationDesc *desc, Arena *arena, int *count)
{
    if (desc->key_count > 0) {
        *count = desc->keys[0].count;
        return desc->keys[0].columns;
    }
    uint16_t *columns = arena_new_array(arena, uint16_t, desc->column_count + 1);
    for (int i = 0; i < desc->column_count; i++)
        columns[i] = (uint16_t) i;
    *count = desc->column_count;
    return columns;
}

static bool
column_is_unique(const RelationDesc *desc, int column)
{
    for (int i = 0; i < desc->column_count; i++)
        if (i != column && strcmp(desc->columns[i].name, desc->columns[column].name) == 0)
            return false;
    return true;
}

static bool
check_key(PlannerContext *context, const AstExpr *expr, const Item *on, Scalar **key, Error *err)
{
    static const char *const names[] = {
        [CONTEXT_NOW] = "now()",
        [CONTEXT_MZ_NOW] = "mz_now()",
        [CONTEXT_USER] = "current_user",
        [CONTEXT_SESSION_USER] = "session_user",
        [CONTEXT_DATABASE] = "current_database()",
        [CONTEXT_SCHEMA] = "current_schema()",
        [CONTEXT_SCHEMAS] = "current_schemas()",
        [CONTEXT_BACKEND_PID] = "pg_backend_pid()",
        [CONTEXT_VERSION] = "version()",
        [CONTEXT_MZ_VERSION] = "mz_version()",
        [CONTEXT_MZ_ENVIRONMENT_ID] = "mz_environment_id()",
        [CONTEXT_START_TIME] = "pg_postmaster_start_time()",
        [CONTEXT_SETTING] = "current_setting()",
        [CONTEXT_IS_SUPERUSER] = "mz_is_superuser()",
        [CONTEXT_UPTIME] = "mz_uptime()",
    };
    ContextValue which;
    if (!plan_expression(context, expr, on->desc, on->name, key, err))
        return false;
    return !scalar_has_context(*key, &which) ||
           error_at(err, expr->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot materialize call to %s", names[which]);
}

/* Fills the keys; a key that is said in words is only checked when `check` is set, else it is what item_replan reads. */
static bool
index_keys(PlannerContext *context, const AstCreateIndex *create, const Item *on, Item *item, Error *err)
{
    int count = create->keys.count;
    if (count == 0) {
        const uint16_t *columns = default_key(on->desc, item->arena, &count);
        item->index_keys = arena_new_array(item->arena, Scalar *, count + 1);
        for (int i = 0; i < count; i++) {
            const RelationColumn *column = &on->desc->columns[columns[i]];
            item->index_keys[i] = scalar_column(item->arena, columns[i], column->type, column->nullable);
        }
    } else {
        item->index_keys = arena_new_array(item->arena, Scalar *, count + 1);
        for (int i = 0; i < count; i++) {
            Scalar *key;
            if (!check_key(context, create->keys.items[i], on, &key, err))
                return false;
            item->index_keys[i] = scalar_copy(item->arena, key);
        }
    }
    item->index_key_count = count;
    item->index_on = on->id;
    item->depends_on_count = 0;
    item_depends(item, on->id);
    return true;
}

static const char *
index_default_name(PlannerContext *context, const AstCreateIndex *create, const Item *on, const Item *item)
{
    Buffer name = {0};
    buffer_append_text(&name, on->name);
    if (create->keys.count == 0) {
        buffer_append_text(&name, "_primary");
    } else {
        for (int i = 0; i < item->index_key_count; i++) {
            const Scalar *key = item->index_keys[i];
            if (key->kind != SCALAR_COLUMN)
                buffer_append_text(&name, "_expr");
            else if (column_is_unique(on->desc, (int) key->column))
                buffer_printf(&name, "_%s", on->desc->columns[key->column].name);
            else
                buffer_printf(&name, "_%u", key->column + 1);
        }
    }
    buffer_append_text(&name, "_idx");
    const char *base = buffer_to_arena(&name, context->arena);
    const char *free_name = base;
    for (int suffix = 1; !create->if_not_exists && catalog_item_in(on->schema, free_name) != NULL; suffix++)
        free_name = arena_printf(context->arena, "%s%d", base, suffix);
    return free_name;
}

/* A default key is written out, so that it stays what it is when the relation's keys become known better. */
static void
write_default_key(Arena *arena, const Item *item, const Item *on, AstCreateIndex *stored)
{
    if (stored->keys.count > 0)
        return;
    for (int i = 0; i < item->index_key_count; i++)
        if (!column_is_unique(on->desc, (int) item->index_keys[i]->column))
            return;
    stored->keys.items = arena_new_array(arena, AstExpr *, item->index_key_count + 1);
    for (int i = 0; i < item->index_key_count; i++) {
        AstExpr *column = arena_new_struct(arena, AstExpr);
        column->kind = AST_EXPR_COLUMN;
        column->name =
            (AstName){.parts = {arena_strdup(arena, on->desc->columns[item->index_keys[i]->column].name)}, .count = 1};
        stored->keys.items[stored->keys.count++] = column;
    }
    stored->has_keys = true;
    stored->default_ = false;
}

static bool
check_index(PlannerContext *context, const AstCreateIndex *create, Item **on, CatalogCluster **cluster, Error *err)
{
    static const char *const options[] = {"RETAIN HISTORY", NULL};
    if (create->unique)
        plan_notice(context, SQLSTATE_WARNING, "UNIQUE is not enforced");
    if (create->method.text != NULL && strcmp(create->method.text, "arrangement") != 0)
        return error_at(err, create->method.position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "CREATE INDEX ... USING %s is not supported", create->method.text);
    if (!options_known(&create->with, options, "CREATE INDEX...WITH", err) || !find_item(context, &create->on, on, err))
        return false;
    if (!item_is_relation(*on))
        return error_at(err, create->on.position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "index cannot be created on %s because it is a %s", ast_name_text(&create->on, context->arena),
                        item_kind_name((*on)->kind));
    if ((*on)->desc == NULL)
        return error_at(err, create->on.position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "index cannot be created on %s because it has no columns of its own",
                        ast_name_text(&create->on, context->arena));
    PlannedQuery *planned;
    return cluster_for_items(context, &create->cluster, cluster, err) && plan_relation(context, *on, &planned, err) &&
           planned_query_check_materializable(planned, err);
}

bool
plan_create_index(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                  StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateIndex *create = statement->create_index;
    Item *on;
    CatalogCluster *cluster;
    NewName name;
    AstStatement *copy;
    if (!no_parameters(statement, err) || !check_index(context, create, &on, &cluster, err))
        return false;
    Item scratch = {.arena = context->arena};
    if (!index_keys(context, create, on, &scratch, err))
        return false;
    AstName full =
        full_name(context->arena, on->schema,
                  create->name.text != NULL ? create->name.text : index_default_name(context, create, on, &scratch));
    full.position = create->name.text != NULL ? create->name.position : create->on.position;
    if (!new_item_name(context, &full, "index", create->if_not_exists, false, &name, err))
        return false;
    if (name.exists != NULL) {
        plan_nothing(plan, "CREATE INDEX");
        return true;
    }
    if (!reparse(statement, context->arena, &copy, err) || !qualify_statement(context, copy, err))
        return false;
    plan_change(plan, "CREATE INDEX");
    Item *item = new_item(context, ITEM_INDEX, name.schema, name.name);
    change_put_item(plan, item);
    item->cluster = cluster->id;
    AstCreateIndex *stored = copy->create_index;
    stored->name = (AstIdent){.text = item->name};
    stored->if_not_exists = false;
    stored->cluster = (AstIdent){.text = cluster->name};
    stored->method = (AstIdent){0};
    stored->unique = false;
    write_default_key(context->arena, &scratch, on, stored);
    item->create_sql = print_sql(copy, item->arena);
    return index_keys(context, create, on, item, err);
}

/* ---- from stored text ---- */

static bool
replan_view(PlannerContext *context, Item *item, Error *err)
{
    AstStatement *statement;
    if (!parse_statement(slice_of(item->create_sql), item->arena, &statement, err))
        return false;
    item->depends_on = NULL;
    item->depends_on_count = 0;
    return statement->kind == AST_CREATE_VIEW
               ? plan_view_item(context, statement->create_view->query, &statement->create_view->columns, item, err)
               : plan_view_item(context, statement->create_materialized_view->query,
                                &statement->create_materialized_view->columns, item, err);
}

static bool
replan_index(PlannerContext *context, Item *item, Error *err)
{
    AstStatement *statement;
    Item *on;
    return parse_statement(slice_of(item->create_sql), context->arena, &statement, err) &&
           find_relation(context, &statement->create_index->on, &on, err) &&
           index_keys(context, statement->create_index, on, item, err);
}

bool
item_replan(PlannerContext *context, Item *item, Error *err)
{
    switch (item->kind) {
    case ITEM_VIEW:
    case ITEM_MATERIALIZED_VIEW:
        return replan_view(context, item, err);
    case ITEM_INDEX:
        return replan_index(context, item, err);
    default:
        return true;
    }
}

/* ---- tables ---- */

static const char *
constraint_text(const AstConstraint *constraint)
{
    static const char *const names[] = {"PRIMARY KEY", "UNIQUE", "CHECK", "FOREIGN KEY"};
    return names[constraint->kind];
}

static bool
keys_are_enabled(const Catalog *catalog)
{
    const char *value = catalog_system_setting(catalog, "enable_table_keys");
    return value != NULL && (strcmp(value, "on") == 0 || strcmp(value, "true") == 0);
}

/* Keys are accepted as a remark: nothing checks them, so nothing may rely on them, unless it was asked to. */
static bool
check_constraint(PlannerContext *context, const AstConstraint *constraint, const char *on, Error *err)
{
    if (constraint->kind != AST_CONSTRAINT_PRIMARY_KEY && constraint->kind != AST_CONSTRAINT_UNIQUE)
        return error_at(err, constraint->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "CREATE TABLE with %s constraint: %s not yet supported", on, constraint_text(constraint));
    if (!keys_are_enabled(context->catalog))
        plan_notice(context, SQLSTATE_WARNING, "%s is not enforced", constraint_text(constraint));
    return true;
}

/* Keys with one more. */
static RelationKey *
key_appended(Arena *arena, const RelationKey *from, int *key_count, const uint16_t *columns, int count, bool primary)
{
    RelationKey *keys = arena_new_array(arena, RelationKey, *key_count + 1);
    if (*key_count > 0)
        memcpy(keys, from, (size_t) *key_count * sizeof *keys);
    RelationKey *key = &keys[(*key_count)++];
    *key = (RelationKey){arena_new_array(arena, uint16_t, count + 1), count, primary};
    if (count > 0)
        memcpy(key->columns, columns, (size_t) count * sizeof *columns);
    return keys;
}

static void
add_key(PlannerContext *context, Item *item, const uint16_t *columns, int count, bool primary)
{
    RelationDesc *desc = item->desc;
    for (int i = 0; i < count && primary; i++)
        desc->columns[columns[i]].nullable = false;
    desc->declared = key_appended(item->arena, desc->declared, &desc->declared_count, columns, count, primary);
    if (keys_are_enabled(context->catalog))
        desc->keys = key_appended(item->arena, desc->keys, &desc->key_count, columns, count, primary);
}

static bool
column_default(PlannerContext *context, const AstColumnDef *def, RelationColumn *column, Arena *arena, Error *err)
{
    Scalar *value, *cast;
    if (def->default_ == NULL)
        return true;
    if (!plan_expression(context, def->default_, NULL, NULL, &value, err))
        return false;
    Error why = ERROR_INIT;
    if (!cast_scalar(context->arena, value, column->type, CAST_ASSIGNMENT, context->eval, &cast, &why)) {
        if (strcmp(why.sqlstate, SQLSTATE_CANNOT_COERCE) != 0 && strcmp(why.sqlstate, SQLSTATE_DATATYPE_MISMATCH) != 0)
            error_move(err, &why);
        else
            error_at(err, def->default_->position, SQLSTATE_DATATYPE_MISMATCH,
                     "column \"%s\" is of type %s but default expression is of type %s", column->name,
                     type_format(column->type, context->arena), type_format(value->type, context->arena));
        error_clear(&why);
        return false;
    }
    Buffer text = {0};
    ast_print_expr(def->default_, AST_PRINT_ONE_LINE, &text);
    column->default_sql = buffer_to_arena(&text, arena);
    return true;
}

static bool
table_column(PlannerContext *context, const AstColumnDef *def, Item *item, Error *err)
{
    RelationDesc *desc = item->desc;
    for (int i = 0; i < desc->column_count; i++)
        if (strcmp(desc->columns[i].name, def->name.text) == 0)
            return error_at(err, def->name.position, SQLSTATE_DUPLICATE_COLUMN,
                            "column \"%s\" specified more than once", def->name.text);
    if (def->collation.count > 0)
        return error_at(err, def->collation.position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "CREATE TABLE with column collation not yet supported");
    uint16_t index = (uint16_t) desc->column_count;
    RelationColumn *column = &desc->columns[desc->column_count++];
    column->name = arena_strdup(item->arena, def->name.text);
    column->nullable = def->nullability != AST_NOT_NULL;
    if (!plan_type(context, def->type, &column->type, err))
        return false;
    column->type = type_copy(column->type, item->arena);
    item_depends_on_type(context, item, column->type);
    for (int i = 0; i < def->constraints.count; i++) {
        const AstConstraint *constraint = def->constraints.items[i];
        if (!check_constraint(context, constraint, "column", err))
            return false;
        add_key(context, item, &index, 1, constraint->kind == AST_CONSTRAINT_PRIMARY_KEY);
    }
    return column_default(context, def, column, item->arena, err);
}

static bool
table_constraint(PlannerContext *context, const AstConstraint *constraint, Item *item, Error *err)
{
    if (!check_constraint(context, constraint, "table", err))
        return false;
    uint16_t *columns = arena_new_array(context->arena, uint16_t, constraint->columns.count + 1);
    for (int i = 0; i < constraint->columns.count; i++) {
        const AstIdent *name = &constraint->columns.items[i];
        int column = 0;
        while (column < item->desc->column_count && strcmp(item->desc->columns[column].name, name->text) != 0)
            column++;
        if (column == item->desc->column_count)
            return error_at(err, name->position, SQLSTATE_UNDEFINED_COLUMN, "unknown column \"%s\" in table constraint",
                            name->text);
        columns[i] = (uint16_t) column;
    }
    add_key(context, item, columns, constraint->columns.count, constraint->kind == AST_CONSTRAINT_PRIMARY_KEY);
    return true;
}

static bool
table_desc(PlannerContext *context, const AstCreateTable *create, Item *item, Error *err)
{
    if (create->columns.count > COLUMNS_MAX)
        return error_at(err, create->name.position, SQLSTATE_TOO_MANY_COLUMNS,
                        "attempt to create relation with too many columns, %d max: %d", create->columns.count,
                        COLUMNS_MAX);
    item->desc = arena_new_struct(item->arena, RelationDesc);
    item->desc->columns = arena_new_array(item->arena, RelationColumn, create->columns.count + 1);
    for (int i = 0; i < create->columns.count; i++)
        if (!table_column(context, create->columns.items[i], item, err))
            return false;
    for (int i = 0; i < create->constraints.count; i++)
        if (!table_constraint(context, create->constraints.items[i], item, err))
            return false;
    return true;
}

bool
plan_create_table(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                  StatementPlan *plan, Error *err)
{
    (void) indexes;
    static const char *const options[] = {"RETAIN HISTORY", "PARTITION BY", NULL};
    const AstCreateTable *create = statement->create_table;
    NewName name;
    AstStatement *copy;
    if (create->temporary)
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "CREATE TEMPORARY TABLE is not supported");
    if (!no_parameters(statement, err) || !options_known(&create->with, options, "CREATE TABLE...WITH", err) ||
        !new_item_name(context, &create->name, "table", create->if_not_exists, false, &name, err))
        return false;
    if (name.exists != NULL) {
        plan_nothing(plan, "CREATE TABLE");
        return true;
    }
    if (!reparse(statement, context->arena, &copy, err))
        return false;
    plan_change(plan, "CREATE TABLE");
    Item *item = new_item(context, ITEM_TABLE, name.schema, name.name);
    change_put_item(plan, item);
    item->shard = item->id;
    copy->create_table->name = full_name(context->arena, name.schema, name.name);
    copy->create_table->if_not_exists = false;
    item->create_sql = print_sql(copy, item->arena);
    return table_desc(context, create, item, err);
}
