/*
 * fast_path.c -- queries that are one chain over a constant or over one relation: everything that does not depend on the execution is
 * worked out once, so that running a prepared lookup binds a few scalars and nothing else.
 */
#include "planner/planned_query.h"

typedef struct ItemList {
    Arena *arena;
    const Item **items;
    int count, capacity;
} ItemList;

static void
collect_index(void *context, Item *item)
{
    ItemList *list = context;
    if (item->kind != ITEM_INDEX || item->index_keys == NULL)
        return;
    if (list->count == list->capacity) {
        list->capacity = list->capacity * 2 + 4;
        const Item **grown = arena_new_array(list->arena, const Item *, list->capacity);
        for (int i = 0; i < list->count; i++)
            grown[i] = list->items[i];
        list->items = grown;
    }
    list->items[list->count++] = item;
}

static bool
form_is_dynamic(const LinearForm *form)
{
    for (int i = 0; i < form->map_count; i++) {
        if (scalar_is_dynamic(form->maps[i]))
            return true;
    }
    for (int i = 0; i < form->filter_count; i++) {
        if (scalar_is_dynamic(form->filters[i]))
            return true;
    }
    return false;
}

/* Over the rows of an index, without the filters that a lookup answers. */
static LinearForm
form_over_index(Arena *arena, const LinearForm *form, const IndexShape *shape, const bool *answered)
{
    LinearForm rest = *form;
    rest.filters = arena_new_array(arena, Scalar *, form->filter_count);
    rest.filter_count = 0;
    for (int i = 0; i < form->filter_count; i++) {
        if (answered == NULL || !answered[i])
            rest.filters[rest.filter_count++] = form->filters[i];
    }
    uint32_t *same = arena_new_array(arena, uint32_t, form->input_count);
    for (int i = 0; i < form->input_count; i++)
        same[i] = (uint32_t) i;
    return linear_form_moved(&rest, arena, same, shape->column_count);
}

static void
find_lookups(FastPath *fast, Arena *arena, const ItemList *indexes, const Item *relation)
{
    int longest = 0;
    fast->lookups = arena_new_array(arena, IndexLookup, indexes->count);
    fast->lookup_shapes = arena_new_array(arena, IndexShape, indexes->count);
    fast->lookup_forms = arena_new_array(arena, LinearForm, indexes->count);
    fast->lookup_dynamic = arena_new_array(arena, bool, indexes->count);
    for (int i = 0; i < indexes->count; i++) {
        if (indexes->items[i]->index_key_count > longest)
            longest = indexes->items[i]->index_key_count;
    }
    for (int keys = longest; keys > 0; keys--) {
        for (int i = 0; i < indexes->count; i++) {
            IndexLookup lookup;
            const Item *index = indexes->items[i];
            if (index->index_key_count != keys || !index_lookup(arena, index, &fast->form, &lookup))
                continue;
            int at = fast->lookup_count++;
            fast->lookups[at] = lookup;
            fast->lookup_shapes[at] = index_shape(arena, index, relation);
            fast->lookup_forms[at] = form_over_index(arena, &fast->form, &fast->lookup_shapes[at], lookup.used);
            fast->lookup_dynamic[at] = form_is_dynamic(&fast->lookup_forms[at]);
        }
    }
}

static void
find_scans(FastPath *fast, Arena *arena, const ItemList *indexes, const Item *relation)
{
    fast->scans = indexes->items;
    fast->scan_count = indexes->count;
    fast->scan_shapes = arena_new_array(arena, IndexShape, indexes->count);
    fast->scan_forms = arena_new_array(arena, LinearForm, indexes->count);
    for (int i = 0; i < indexes->count; i++) {
        fast->scan_shapes[i] = index_shape(arena, indexes->items[i], relation);
        fast->scan_forms[i] = form_over_index(arena, &fast->form, &fast->scan_shapes[i], NULL);
    }
}

void
fast_path_find(PlannedQuery *planned, const Catalog *catalog)
{
    FastPath *fast = &planned->fast;
    Arena *arena = planned->arena;
    const Mir *base = linear_base(planned->mir->root);
    if (planned->mir->count > 0 || (base->kind != MIR_GET && base->kind != MIR_CONSTANT))
        return;
    fast->kind = base->kind == MIR_GET ? FAST_PATH_READ : FAST_PATH_CONSTANT;
    fast->base = base;
    linear_form_init(&fast->form, arena, base->column_count, NULL, base->column_count);
    linear_form_add(&fast->form, planned->mir->root);
    fast->dynamic = form_is_dynamic(&fast->form);
    if (fast->kind == FAST_PATH_CONSTANT)
        return;
    ItemList indexes = {.arena = arena};
    catalog_each_dependent(catalog, base->item->id, collect_index, &indexes);
    find_lookups(fast, arena, &indexes, base->item);
    find_scans(fast, arena, &indexes, base->item);
}
