/*
 * Finding and making names: what every statement does first.
 */
#include <stdio.h>

#include "base/clock.h"
#include "planner/statement_internal.h"

void
plan_notice(PlannerContext *context, const char *sqlstate, const char *format, ...)
{
    if (context->notice == NULL)
        return;
    va_list args;
    va_start(args, format);
    Notice notice = {.severity = "NOTICE", .message = arena_vprintf(context->arena, format, args)};
    va_end(args);
    memcpy(notice.sqlstate, sqlstate, sizeof notice.sqlstate);
    context->notice(context->notice_context, &notice);
}

const char *
ast_name_text(const AstName *name, Arena *arena)
{
    Buffer out = {0};
    for (int i = 0; i < name->count; i++)
        buffer_printf(&out, i == 0 ? "%s" : ".%s", name->parts[i]);
    if (name->count == 0 && name->id != NULL)
        buffer_append_text(&out, name->id);
    return buffer_to_arena(&out, arena);
}

bool
is_system(ObjectId id)
{
    return (id & OBJECT_ID_SYSTEM) != 0;
}

static Item *
look_up(PlannerContext *context, const AstName *name, AstObjectType type)
{
    ObjectId id;
    if (name->id != NULL)
        return object_id_parse(slice_of(name->id), &id) ? catalog_item(context->catalog, id) : NULL;
    return (type == AST_OBJECT_TYPE ? catalog_resolve_type : catalog_resolve_item)(context->catalog, &context->scope,
                                                                                   name->parts, name->count);
}

bool
find_item(PlannerContext *context, const AstName *name, Item **item, Error *err)
{
    *item = look_up(context, name, AST_OBJECT_TABLE);
    if (*item == NULL)
        return error_at(err, name->position, SQLSTATE_UNDEFINED_TABLE, "unknown catalog item '%s'",
                        ast_name_text(name, context->arena));
    return true;
}

bool
find_relation(PlannerContext *context, const AstName *name, Item **item, Error *err)
{
    if (!find_item(context, name, item, err))
        return false;
    if (!item_is_relation(*item))
        return error_at(err, name->position, SQLSTATE_WRONG_OBJECT_TYPE, "%s is a %s, not a relation",
                        ast_name_text(name, context->arena), item_kind_name((*item)->kind));
    return true;
}

bool
kind_matches(const Item *item, AstObjectType type)
{
    switch (type) {
    case AST_OBJECT_TABLE:
        return item->kind == ITEM_TABLE;
    case AST_OBJECT_VIEW:
        return item->kind == ITEM_VIEW;
    case AST_OBJECT_MATERIALIZED_VIEW:
        return item->kind == ITEM_MATERIALIZED_VIEW;
    case AST_OBJECT_SOURCE:
    case AST_OBJECT_SUBSOURCE:
        return item->kind == ITEM_SOURCE;
    case AST_OBJECT_SINK:
        return item->kind == ITEM_SINK;
    case AST_OBJECT_INDEX:
        return item->kind == ITEM_INDEX;
    case AST_OBJECT_SECRET:
        return item->kind == ITEM_SECRET;
    case AST_OBJECT_CONNECTION:
        return item->kind == ITEM_CONNECTION;
    case AST_OBJECT_TYPE:
        return item->kind == ITEM_TYPE;
    default:
        return false;
    }
}

static bool
wrong_kind(PlannerContext *context, const AstName *name, const Item *item, AstObjectType type, Error *err)
{
    const char *text = ast_name_text(name, context->arena);
    if (type == AST_OBJECT_VIEW && item->kind == ITEM_MATERIALIZED_VIEW) {
        error_at(err, name->position, SQLSTATE_WRONG_OBJECT_TYPE, "%s is not a view",
                 item_full_name(item, context->arena));
        return error_hint(err, "Use DROP MATERIALIZED VIEW to remove a materialized view.");
    }
    return error_at(err, name->position, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is a %s not a %s", text,
                    item_kind_name(item->kind), ast_object_type_name(type));
}

bool
find_item_of_kind(PlannerContext *context, const AstName *name, AstObjectType type, bool missing_ok, Item **item,
                  Error *err)
{
    *item = look_up(context, name, type);
    if (*item == NULL) {
        const char *text = ast_name_text(name, context->arena);
        if (missing_ok) {
            plan_notice(context, SQLSTATE_UNDEFINED_OBJECT, "%s \"%s\" does not exist, skipping",
                        ast_object_type_name(type), text);
            return true;
        }
        if (type == AST_OBJECT_CONNECTION)
            return error_at(err, name->position, SQLSTATE_UNDEFINED_OBJECT, "connection \"%s\" does not exist", text);
        return error_at(err, name->position, SQLSTATE_UNDEFINED_TABLE, "unknown catalog item '%s'", text);
    }
    return kind_matches(*item, type) || wrong_kind(context, name, *item, type, err);
}

bool
find_cluster(PlannerContext *context, const AstIdent *name, CatalogCluster **cluster, Error *err)
{
    const char *text = name->text != NULL ? name->text : context->cluster;
    *cluster = catalog_cluster(context->catalog, text);
    if (*cluster == NULL)
        return error_at(err, name->position, SQLSTATE_UNDEFINED_OBJECT, "unknown cluster '%s'", text);
    return true;
}

bool
find_schema(PlannerContext *context, const AstName *name, Schema **schema, Error *err)
{
    *schema = name->count == 0 ? catalog_default_schema(context->catalog, &context->scope)
                               : catalog_resolve_schema(context->catalog, &context->scope, name->parts, name->count);
    if (*schema != NULL)
        return true;
    if (name->count == 0)
        return error_set(err, SQLSTATE_INVALID_SCHEMA_NAME, "no schema has been selected");
    return error_at(err, name->position, SQLSTATE_INVALID_SCHEMA_NAME, "unknown schema '%s'",
                    ast_name_text(name, context->arena));
}

bool
find_role(PlannerContext *context, const AstIdent *name, Role **role, Error *err)
{
    *role = catalog_role(context->catalog, name->text);
    if (*role == NULL)
        return error_at(err, name->position, SQLSTATE_UNDEFINED_OBJECT, "unknown role '%s'", name->text);
    return true;
}

bool
new_item_name(PlannerContext *context, const AstName *name, const char *kind, bool if_not_exists, bool may_exist,
              NewName *out, Error *err)
{
    *out = (NewName){.name = name->parts[name->count - 1]};
    AstName schema = *name;
    schema.count--;
    if (schema.count > 0) {
        if (!find_schema(context, &schema, &out->schema, err))
            return false;
    } else {
        out->schema = catalog_default_schema(context->catalog, &context->scope);
        if (out->schema == NULL)
            return error_at(err, name->position, SQLSTATE_INVALID_SCHEMA_NAME,
                            "no schema has been selected to create in");
    }
    if (out->schema->database == NULL)
        return error_at(err, name->position, SQLSTATE_INSUFFICIENT_PRIVILEGE, "system schema '%s' cannot be modified",
                        out->schema->name);
    bool type = strcmp(kind, "type") == 0;
    out->exists = (type ? catalog_type_in : catalog_item_in)(out->schema, out->name);
    if (out->exists == NULL || may_exist)
        return true;
    const char *full =
        arena_printf(context->arena, "%s.%s.%s", out->schema->database->name, out->schema->name, out->name);
    bool relation = item_is_relation(out->exists) || out->exists->kind == ITEM_INDEX;
    const char *sqlstate = relation ? SQLSTATE_DUPLICATE_TABLE : SQLSTATE_DUPLICATE_OBJECT;
    if (if_not_exists) {
        plan_notice(context, sqlstate, "%s \"%s\" already exists, skipping", kind, full);
        return true;
    }
    return error_at(err, name->position, sqlstate, "%s \"%s\" already exists", item_kind_name(out->exists->kind), full);
}

AstName
full_name(Arena *arena, const Schema *schema, const char *name)
{
    AstName full = {.count = 0};
    if (schema->database != NULL)
        full.parts[full.count++] = arena_strdup(arena, schema->database->name);
    full.parts[full.count++] = arena_strdup(arena, schema->name);
    full.parts[full.count++] = arena_strdup(arena, name);
    return full;
}

Item *
new_item(PlannerContext *context, ItemKind kind, Schema *schema, const char *name)
{
    Catalog *catalog = (Catalog *) context->catalog; /* ids are handed out while planning; one not used is no loss */
    Item *item = item_new(kind);
    item->id = catalog_allocate_id(catalog);
    item->oid = catalog_allocate_oid(catalog);
    item->schema = schema;
    item->name = arena_strdup(item->arena, name);
    item->owner = context->role;
    item->created_at_ms = clock_wall_ms();
    return item;
}

void
item_depends(Item *item, ObjectId id)
{
    for (int i = 0; i < item->depends_on_count; i++)
        if (item->depends_on[i] == id)
            return;
    ObjectId *grown = arena_new_array(item->arena, ObjectId, item->depends_on_count + 1);
    if (item->depends_on_count > 0)
        memcpy(grown, item->depends_on, (size_t) item->depends_on_count * sizeof *grown);
    grown[item->depends_on_count++] = id;
    item->depends_on = grown;
}

bool
reparse(const AstStatement *statement, Arena *arena, AstStatement **copy, Error *err)
{
    char *text = arena_strndup(arena, statement->text.bytes, statement->text.size);
    return parse_statement(slice_of(text), arena, copy, err);
}

static bool
qualify_name(void *data, AstName *name, Error *err)
{
    PlannerContext *context = data;
    Item *item;
    if (!find_item(context, name, &item, err))
        return false;
    int position = name->position;
    *name = full_name(context->arena, item->schema, item->name);
    name->position = position;
    return true;
}

bool
qualify_statement(PlannerContext *context, AstStatement *statement, Error *err)
{
    return ast_walk_statement(statement, qualify_name, context, err);
}

const char *
print_sql(const AstStatement *statement, Arena *arena)
{
    Buffer out = {0};
    ast_print_statement(statement, AST_PRINT_QUOTED | AST_PRINT_REDACTED, &out);
    return buffer_to_arena(&out, arena);
}

/* ---- options ---- */

const AstValue *
option_value(const AstOptionList *options, const char *name)
{
    const AstOption *option = ast_option_find(options, name);
    return option == NULL ? NULL : option->value;
}

bool
option_bool(const AstOptionList *options, const char *name, bool otherwise, bool *out, Error *err)
{
    const AstOption *option = ast_option_find(options, name);
    *out = otherwise;
    if (option == NULL)
        return true;
    const AstValue *value = option->value;
    const char *text = value->kind == AST_VALUE_TEXT || value->kind == AST_VALUE_NAME ? value->text : NULL;
    if (value->kind == AST_VALUE_NONE)
        *out = true;
    else if (value->kind == AST_VALUE_BOOLEAN)
        *out = value->boolean;
    else if (text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "on") == 0))
        *out = true;
    else if (text != NULL && (strcmp(text, "false") == 0 || strcmp(text, "off") == 0))
        *out = false;
    else
        return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "invalid %s option value: expected boolean", name);
    return true;
}

bool
options_known(const AstOptionList *options, const char *const *names, const char *what, Error *err)
{
    for (int i = 0; i < options->count; i++) {
        const AstOption *option = options->items[i];
        bool known = false;
        for (const char *const *name = names; *name != NULL && !known; name++)
            known = strcmp(*name, option->name) == 0;
        if (!known)
            return error_at(err, option->position, SQLSTATE_SYNTAX_ERROR, "%s do not support %s values", what,
                            option->name);
        for (int earlier = 0; earlier < i; earlier++)
            if (strcmp(options->items[earlier]->name, option->name) == 0)
                return error_at(err, option->position, SQLSTATE_SYNTAX_ERROR, "%s specified more than once",
                                option->name);
    }
    return true;
}

const char *
value_text(const AstValue *value, Arena *arena)
{
    switch (value->kind) {
    case AST_VALUE_TEXT:
    case AST_VALUE_NUMBER:
    case AST_VALUE_INTERVAL:
        return value->text;
    case AST_VALUE_NAME:
        return ast_name_text(&value->name, arena);
    case AST_VALUE_BOOLEAN:
        return value->boolean ? "true" : "false";
    default:
        return NULL;
    }
}

/* ---- changes ---- */

CatalogChange *
plan_change(StatementPlan *plan, const char *tag)
{
    plan->kind = PLAN_CHANGE;
    plan->tag = tag;
    if (plan->change == NULL)
        plan->change = catalog_change_new();
    return plan->change;
}

void
change_put_item(StatementPlan *plan, Item *item)
{
    ChangeStep step = {.kind = CHANGE_PUT_ITEM, .id = item->id, .item = item};
    vector_push(&plan->change->steps, step);
}

void
plan_nothing(StatementPlan *plan, const char *tag)
{
    plan->kind = PLAN_NOTHING;
    plan->tag = tag;
}
