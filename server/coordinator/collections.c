#include "server/coordinator/coordinator_internal.h"

Collection *
collection_add(Coordinator *coordinator, uint64_t shard_id, ObjectId item, bool lockstep, bool readable,
               Timestamp upper)
{
    Collection *collection = memory_calloc(1, sizeof *collection);
    collection->shard_id = shard_id;
    collection->item = item;
    collection->lockstep = lockstep;
    collection->readable = readable;
    collection->upper = upper;
    coordinator->unreadable_count += !readable;
    free(map_put_u64(coordinator->collections, shard_id, collection));
    return collection;
}

Collection *
collection_find(Coordinator *coordinator, uint64_t shard_id)
{
    return map_get_u64(coordinator->collections, shard_id);
}

void
collection_remove(Coordinator *coordinator, uint64_t shard_id)
{
    Collection *collection = map_remove_u64(coordinator->collections, shard_id);
    if (collection != NULL && !collection->readable)
        coordinator->unreadable_count--;
    free(collection);
}

void
collection_set_readable(Coordinator *coordinator, Collection *collection)
{
    if (collection->readable)
        return;
    collection->readable = true;
    coordinator->unreadable_count--;
}

/* `ids` are closed under dependencies (collect_relations). */
bool
items_are_readable(Coordinator *coordinator, const ObjectId *ids, int count)
{
    if (coordinator->unreadable_count == 0)
        return true;
    for (int i = 0; i < count; i++) {
        Item *item = catalog_item(coordinator->catalog, ids[i]);
        Collection *collection = item == NULL || item->shard == 0 ? NULL : collection_find(coordinator, item->shard);
        if (collection != NULL && !collection->readable)
            return false;
    }
    return true;
}

static bool
id_in(const ObjectId *ids, int count, ObjectId id)
{
    for (int i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

void
collect_relations(Coordinator *coordinator, const ObjectId *ids, int count, Arena *arena, ObjectId **out,
                  int *out_count)
{
    VECTOR(ObjectId) found = {0};
    for (int i = 0; i < count; i++)
        if (!id_in(found.items, (int) found.count, ids[i]))
            vector_push(&found, ids[i]);
    for (size_t i = 0; i < found.count; i++) {
        Item *item = catalog_item(coordinator->catalog, found.items[i]);
        if (item == NULL || (item->kind != ITEM_VIEW && item->kind != ITEM_MATERIALIZED_VIEW))
            continue;
        for (int d = 0; d < item->depends_on_count; d++)
            if (!id_in(found.items, (int) found.count, item->depends_on[d]))
                vector_push(&found, item->depends_on[d]);
    }
    *out = arena_new_array(arena, ObjectId, found.count + 1);
    if (found.count > 0)
        memcpy(*out, found.items, found.count * sizeof(ObjectId));
    *out_count = (int) found.count;
    vector_deinit(&found);
}

Layout *
relation_layout(const RelationDesc *desc)
{
    SqlType *types = memory_calloc((size_t) desc->column_count + 1, sizeof *types);
    uint16_t *key = memory_calloc((size_t) desc->column_count + 1, sizeof *key);
    for (int i = 0; i < desc->column_count; i++) {
        types[i] = desc->columns[i].type;
        key[i] = (uint16_t) i;
    }
    Layout *layout = layout_new(types, (uint16_t) desc->column_count, key, (uint16_t) desc->column_count, NULL, 0);
    free(types);
    free(key);
    return layout;
}
