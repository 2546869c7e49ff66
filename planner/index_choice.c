/*
 * index_choice.c -- indexes for lookups, joins and scans.
 */
#include "planner/index_choice.h"

#include "expr/scalar_set.h"

IndexShape
index_shape_of(Arena *arena, const RelationDesc *desc, Scalar *const *keys, int key_count, Scalar ***computed,
               int *computed_count)
{
    IndexShape shape = {.key_count = key_count};
    shape.types = arena_new_array(arena, SqlType, desc->column_count + key_count);
    shape.key = arena_new_array(arena, uint16_t, key_count);
    *computed = arena_new_array(arena, Scalar *, key_count);
    *computed_count = 0;
    for (int i = 0; i < desc->column_count; i++)
        shape.types[i] = desc->columns[i].type;
    for (int i = 0; i < key_count; i++) {
        if (keys[i]->kind == SCALAR_COLUMN) {
            shape.key[i] = (uint16_t) keys[i]->column;
            continue;
        }
        int column = desc->column_count + *computed_count;
        shape.types[column] = keys[i]->type;
        shape.key[i] = (uint16_t) column;
        (*computed)[(*computed_count)++] = keys[i];
    }
    shape.column_count = (uint16_t) (desc->column_count + *computed_count);
    return shape;
}

IndexShape
index_shape(Arena *arena, const Item *index, const Item *relation)
{
    Scalar **computed;
    int computed_count;
    IndexShape shape =
        index_shape_of(arena, relation->desc, index->index_keys, index->index_key_count, &computed, &computed_count);
    shape.index = index;
    return shape;
}

typedef struct IndexCollect {
    Arena *arena;
    const IndexOracle *oracle;
    IndexList list;
    int capacity;
} IndexCollect;

static void
index_collect(void *context, Item *item)
{
    IndexCollect *collect = context;
    const IndexOracle *oracle = collect->oracle;
    if (item->kind != ITEM_INDEX || item->cluster != oracle->cluster || item->index_keys == NULL ||
        (oracle->usable != NULL && !oracle->usable(oracle->context, item->id)))
        return;
    if (collect->list.count == collect->capacity) {
        collect->capacity = collect->capacity * 2 + 4;
        const Item **grown = arena_new_array(collect->arena, const Item *, collect->capacity);
        for (int i = 0; i < collect->list.count; i++)
            grown[i] = collect->list.items[i];
        collect->list.items = grown;
    }
    collect->list.items[collect->list.count++] = item;
}

IndexList
index_list(Arena *arena, const Catalog *catalog, const IndexOracle *oracle, ObjectId relation)
{
    IndexCollect collect = {.arena = arena, .oracle = oracle};
    if (oracle != NULL && oracle->cluster != 0)
        catalog_each_dependent(catalog, relation, index_collect, &collect);
    return collect.list;
}

bool
index_has_key(const Item *index, const uint16_t *columns, int count)
{
    if (index->index_key_count != count)
        return false;
    for (int i = 0; i < count; i++) {
        bool found = false;
        for (int k = 0; k < count; k++)
            found |= index->index_keys[k]->kind == SCALAR_COLUMN && index->index_keys[k]->column == columns[i];
        if (!found)
            return false;
    }
    return true;
}

/* ---- lookups ---- */

const Scalar *
scalar_without_relabel(const Scalar *scalar)
{
    while (scalar->kind == SCALAR_CALL && scalar->function->kind == FUNCTION_CAST && scalar->arg_count >= 1 &&
           scalar->args[0]->type.id == TYPE_VARCHAR && scalar->type.id == TYPE_TEXT && scalar->type.typmod == -1)
        scalar = scalar->args[0];
    return scalar;
}

static bool
is_fixed(const Scalar *scalar)
{
    return scalar_max_column(scalar) == 0 && !(scalar->kind == SCALAR_LITERAL && scalar->literal_error != NULL);
}

/* What the filter says the key expression equals; NULL: nothing. */
static Scalar *
equal_to(const Scalar *filter, const Scalar *key)
{
    if (!scalar_is_plain_equality(filter))
        return NULL;
    for (int side = 0; side < 2; side++) {
        if (scalar_equal(scalar_without_relabel(filter->args[side]), key) && is_fixed(filter->args[1 - side]))
            return filter->args[1 - side];
    }
    return NULL;
}

static bool
is_listed(const Scalar *filter, const Scalar *key)
{
    return filter->kind == SCALAR_IN_LIST && scalar_equal(scalar_without_relabel(filter->args[0]), key) &&
           type_phys(filter->set->type) == type_phys(key->type);
}

bool
index_lookup(Arena *arena, const Item *index, const LinearForm *form, IndexLookup *lookup)
{
    *lookup = (IndexLookup){.index = index, .list_key = -1};
    lookup->values = arena_new_array(arena, Scalar *, index->index_key_count);
    lookup->used = arena_new_array(arena, bool, form->filter_count);
    for (int k = 0; k < index->index_key_count; k++) {
        const Scalar *key = index->index_keys[k];
        bool found = false;
        for (int f = 0; f < form->filter_count && !found; f++) {
            lookup->values[k] = equal_to(form->filters[f], key);
            if (lookup->values[k] != NULL)
                found = lookup->used[f] = true;
        }
        for (int f = 0; f < form->filter_count && !found && lookup->list_key < 0; f++) {
            if (is_listed(form->filters[f], key)) {
                lookup->list = form->filters[f];
                lookup->list_key = k;
                found = lookup->used[f] = true;
            }
        }
        if (!found)
            return false;
    }
    return index->index_key_count > 0;
}

bool
index_lookup_best(Arena *arena, const IndexList *list, const LinearForm *form, IndexLookup *lookup)
{
    int best = 0;
    if (form->filter_count == 0)
        return false;
    for (int i = 0; i < list->count; i++) {
        IndexLookup found;
        if (list->items[i]->index_key_count > best && index_lookup(arena, list->items[i], form, &found)) {
            *lookup = found;
            best = list->items[i]->index_key_count;
        }
    }
    return best > 0;
}
