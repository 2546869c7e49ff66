/*
 * Enums of upstream's users: each becomes a type beside the table that has it.
 *
 * It depends on the source, and goes with it. Tables of one source share it, also when upstream has added labels between them.
 */
#include "grammar/ast_print.h"
#include "planner/statement_internal.h"

typedef struct NewTypes {
    PlannerContext *context;
    ObjectId source;
    Item *table;
    StatementPlan *plan;
} NewTypes;

/* Whether every label of `some` is one of `all`, in the same place. */
static bool
labels_are_among(const TypeDetail *some, const TypeDetail *all)
{
    for (int i = 0; i < some->label_count; i++) {
        int at = 0;
        while (at < all->label_count && strcmp(all->labels[at].label, some->labels[i].label) != 0)
            at++;
        if (at == all->label_count || all->labels[at].order != some->labels[i].order)
            return false;
    }
    return true;
}

static bool
depends_on(const Item *item, ObjectId id)
{
    for (int i = 0; i < item->depends_on_count; i++)
        if (item->depends_on[i] == id)
            return true;
    return false;
}

static Item *
type_of_name(const NewTypes *types, const char *name)
{
    const CatalogChange *change = types->plan->change;
    for (size_t i = 0; i < change->steps.count; i++) {
        Item *item = change->steps.items[i].kind == CHANGE_PUT_ITEM ? change->steps.items[i].item : NULL;
        if (item != NULL && item->kind == ITEM_TYPE && item->schema == types->table->schema &&
            strcmp(item->name, name) == 0)
            return item;
    }
    return catalog_type_in(types->table->schema, name);
}

/* The type that the enum can be: one of this source that it has grown from, or one that is just like it. */
static bool
fits(const NewTypes *types, const Item *item, const TypeDetail *upstream)
{
    const TypeDetail *here = item->user_type.detail;
    return item->user_type.id == TYPE_ENUM && labels_are_among(here, upstream) &&
           (depends_on(item, types->source) || here->label_count == upstream->label_count);
}

static const char *
enum_sql(const Item *item, const TypeDetail *detail)
{
    Buffer out = {0};
    buffer_printf(&out, "CREATE TYPE %s AS ENUM (", item_quoted_name(item, item->arena));
    for (int i = 0; i < detail->label_count; i++) {
        buffer_append_text(&out, i == 0 ? "" : ", ");
        ast_print_string(detail->labels[i].label, &out);
    }
    buffer_append_char(&out, ')');
    return buffer_to_arena(&out, item->arena);
}

static void
set_type(Item *item, const TypeDetail *upstream, uint32_t array_oid)
{
    TypeDetail *detail = type_detail_new(item->arena, 0);
    *detail = *upstream;
    detail->name = item->name;
    detail->oid = item->oid;
    detail->array_oid = array_oid;
    item->user_type = type_copy((SqlType){.id = TYPE_ENUM, .typmod = -1, .detail = detail}, item->arena);
    item->create_sql = enum_sql(item, detail);
}

static SqlType
local_enum(const NewTypes *types, const TypeDetail *upstream)
{
    Arena *arena = types->context->arena;
    const char *name = upstream->name;
    Item *item = type_of_name(types, name);
    for (int n = 1; item != NULL && !fits(types, item, upstream); n++) {
        name = arena_printf(arena, "%s_%d", upstream->name, n);
        item = type_of_name(types, name);
    }
    if (item == NULL) {
        item = new_item(types->context, ITEM_TYPE, types->table->schema, name);
        item_depends(item, types->source);
        set_type(item, upstream, catalog_allocate_oid((Catalog *) (uintptr_t) types->context->catalog));
        change_put_item(types->plan, item);
    } else if (item->user_type.detail->label_count < upstream->label_count) {
        Item *grown = item_copy(item);
        set_type(grown, upstream, item->user_type.detail->array_oid);
        change_put_item(types->plan, grown);
        item = grown;
    }
    item_depends(types->table, item->id);
    return type_copy(item->user_type, types->table->arena);
}

void
put_upstream_types(PlannerContext *context, ObjectId source, Item *table, StatementPlan *plan)
{
    NewTypes types = {context, source, table, plan};
    for (int i = 0; i < table->desc->column_count; i++) {
        SqlType *type = &table->desc->columns[i].type;
        if (type->id == TYPE_ENUM && type->detail != NULL)
            *type = local_enum(&types, type->detail);
        else if (type->id == TYPE_ARRAY && type->element == TYPE_ENUM && type->detail != NULL)
            *type = type_array_of(local_enum(&types, type->detail));
    }
}
