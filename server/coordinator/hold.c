/*
 * Holds: what a transaction has read stays readable until it ends.
 *
 * A young hold is only a note. After HOLD_MS it becomes holds on every shard and on every index, well before the second of history
 * that is kept anyway has passed.
 */
#include "server/coordinator/coordinator_internal.h"

#include "base/clock.h"

#define HOLD_MS 200

struct ReadHold {
    ReadHold *next, *previous;
    Timestamp timestamp;
    int64_t taken_us;
    bool deep;
    VECTOR(ShardHold *) shards;
};

typedef struct IndexVisit {
    Coordinator *coordinator;
    Timestamp since; /* of the oldest deep hold; TIMESTAMP_MAX: none */
} IndexVisit;

static void
index_keep(void *context, Item *item)
{
    const IndexVisit *visit = context;
    if (item->kind != ITEM_INDEX)
        return;
    const RunningCluster *running = map_get_u64(visit->coordinator->clusters, item->cluster);
    if (running != NULL && running->cluster != NULL)
        cluster_allow_compaction(running->cluster, item->id, visit->since);
}

static void
indexes_keep(Coordinator *coordinator)
{
    IndexVisit visit = {coordinator, TIMESTAMP_MAX};
    for (const ReadHold *hold = coordinator->holds; hold != NULL; hold = hold->next)
        if (hold->deep && hold->timestamp < visit.since)
            visit.since = hold->timestamp;
    catalog_each_item(coordinator->catalog, index_keep, &visit);
}

static void
hold_deepen(Coordinator *coordinator, ReadHold *hold)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(coordinator->collections, &iterator, &key, &value)) {
        const Collection *collection = value;
        vector_push(&hold->shards, store_hold(coordinator->store, collection->shard_id, hold->timestamp));
    }
    hold->deep = true;
}

void
holds_deepen(uv_timer_t *timer)
{
    Coordinator *coordinator = timer->data;
    int64_t now = clock_steady_us();
    bool deepened = false;
    for (ReadHold *hold = coordinator->holds; hold != NULL; hold = hold->next)
        if (!hold->deep && now - hold->taken_us >= HOLD_MS * 1000) {
            hold_deepen(coordinator, hold);
            deepened = true;
        }
    if (deepened)
        indexes_keep(coordinator);
    if (coordinator->holds == NULL)
        uv_timer_stop(timer);
}

ReadHold *
coordinator_hold(Coordinator *coordinator, Timestamp timestamp)
{
    ReadHold *hold = memory_calloc(1, sizeof *hold);
    hold->timestamp = timestamp;
    hold->taken_us = clock_steady_us();
    hold->next = coordinator->holds;
    if (hold->next != NULL)
        hold->next->previous = hold;
    coordinator->holds = hold;
    if (!uv_is_active((uv_handle_t *) &coordinator->hold_timer))
        uv_timer_start(&coordinator->hold_timer, holds_deepen, HOLD_MS, HOLD_MS);
    return hold;
}

void
coordinator_release(Coordinator *coordinator, ReadHold *hold)
{
    if (hold == NULL)
        return;
    if (hold->previous != NULL)
        hold->previous->next = hold->next;
    else
        coordinator->holds = hold->next;
    if (hold->next != NULL)
        hold->next->previous = hold->previous;
    for (size_t i = 0; i < hold->shards.count; i++)
        if (hold->shards.items[i] != NULL)
            store_hold_release(hold->shards.items[i]);
    vector_deinit(&hold->shards);
    if (hold->deep)
        indexes_keep(coordinator);
    free(hold);
}
