/*
 * CREATE TYPE: lists, maps, records and enums with a name.
 */
#include "planner/statement_internal.h"

static bool
option_type(PlannerContext *context, const AstCreateType *create, const char *name, SqlType *type, Error *err)
{
    for (int i = 0; i < create->options.count; i++) {
        const AstTypeOption *option = &create->options.items[i];
        if (strcmp(option->name, name) == 0)
            return plan_type(context, option->type, type, err);
    }
    return error_at(err, create->name.position, SQLSTATE_SYNTAX_ERROR, "%s option is required", name);
}

static bool
container_type(PlannerContext *context, const AstCreateType *create, SqlType *type, Error *err)
{
    SqlType element, key;
    bool is_list = create->kind == AST_CREATE_TYPE_LIST;
    if (!option_type(context, create, is_list ? "ELEMENT TYPE" : "VALUE TYPE", &element, err))
        return false;
    if (!is_list && !option_type(context, create, "KEY TYPE", &key, err))
        return false;
    if (!is_list && key.id != TYPE_TEXT)
        return error_at(err, create->name.position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "the keys of a map must be text, not %s", type_format(key, context->arena));
    *type = is_list ? type_list_of(element) : type_map_of(element);
    TypeDetail *detail = type_detail_new(context->arena, 0);
    detail->element = element;
    type->typmod = -1;
    type->detail = detail;
    return true;
}

static bool
record_type(PlannerContext *context, const AstCreateType *create, SqlType *type, Error *err)
{
    int count = create->fields.count;
    TypeDetail *detail = type_detail_new(context->arena, count);
    for (int i = 0; i < count; i++) {
        const AstColumnDef *field = create->fields.items[i];
        detail->fields[i].name = field->name.text;
        if (!plan_type(context, field->type, &detail->fields[i].type, err))
            return false;
        for (int j = 0; j < i; j++) {
            if (strcmp(detail->fields[j].name, field->name.text) == 0)
                return error_at(err, field->name.position, SQLSTATE_DUPLICATE_COLUMN,
                                "column \"%s\" specified more than once", field->name.text);
        }
    }
    *type = (SqlType){.id = TYPE_RECORD, .typmod = -1, .detail = detail};
    return true;
}

static bool
enum_type(PlannerContext *context, const AstCreateType *create, SqlType *type, Error *err)
{
    enum { LABEL_BYTES_MAX = 63 };
    int count = create->labels.count;
    TypeDetail *detail = type_detail_new(context->arena, 0);
    EnumLabel *labels = arena_new_array(context->arena, EnumLabel, count + 1);
    for (int i = 0; i < count; i++) {
        const char *label = create->labels.items[i].text;
        if (strlen(label) > LABEL_BYTES_MAX) {
            error_at(err, create->labels.items[i].position, SQLSTATE_INVALID_NAME, "invalid enum label \"%s\"", label);
            return error_detail(err, "Labels must be %d bytes or less.", LABEL_BYTES_MAX);
        }
        for (int j = 0; j < i; j++) {
            if (strcmp(labels[j].label, label) == 0)
                return error_at(err, create->labels.items[i].position, SQLSTATE_DUPLICATE_OBJECT,
                                "enum label \"%s\" used more than once", label);
        }
        labels[i] = (EnumLabel){label, (float) (i + 1)};
    }
    detail->labels = labels;
    detail->label_count = count;
    *type = (SqlType){.id = TYPE_ENUM, .typmod = -1, .detail = detail};
    return true;
}

/* The types that its parts name: each is something that it depends on. */
static void
depend_on(PlannerContext *context, Item *item, SqlType type)
{
    const TypeDetail *detail = type.detail;
    const Item *named = detail == NULL || detail->oid == 0 ? NULL : catalog_item_by_oid(context->catalog, detail->oid);
    if (named != NULL) {
        item_depends(item, named->id);
        return;
    }
    if (type.element != TYPE_UNKNOWN)
        depend_on(context, item, type_element_of(type));
    for (int i = 0; detail != NULL && i < detail->count; i++)
        depend_on(context, item, detail->fields[i].type);
}

void
item_depends_on_type(PlannerContext *context, Item *item, SqlType type)
{
    if (type.detail != NULL)
        depend_on(context, item, type);
}

bool
plan_create_type(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                 StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateType *create = statement->create_type;
    NewName name;
    SqlType type;
    AstStatement *copy;
    if (!new_item_name(context, &create->name, "type", false, false, &name, err))
        return false;
    bool fine = create->kind == AST_CREATE_TYPE_RECORD ? record_type(context, create, &type, err)
                : create->kind == AST_CREATE_TYPE_ENUM ? enum_type(context, create, &type, err)
                                                       : container_type(context, create, &type, err);
    if (!fine || !reparse(statement, context->arena, &copy, err))
        return false;
    plan_change(plan, "CREATE TYPE");
    Item *item = new_item(context, ITEM_TYPE, name.schema, name.name);
    change_put_item(plan, item);
    copy->create_type->name = full_name(context->arena, name.schema, name.name);
    item->create_sql = print_sql(copy, item->arena);
    for (int i = 0; i < type.detail->count; i++)
        depend_on(context, item, type.detail->fields[i].type);
    if (type.id != TYPE_RECORD && type.id != TYPE_ENUM)
        depend_on(context, item, type.detail->element);
    TypeDetail *detail = (TypeDetail *) (uintptr_t) type.detail; /* made above */
    detail->name = name.name;
    detail->oid = item->oid;
    detail->array_oid = catalog_allocate_oid((Catalog *) (uintptr_t) context->catalog);
    item->user_type = type_copy(type, item->arena);
    return true;
}
