#include <stdlib.h>

#include "storage/store_internal.h"

Layout *
shard_part_layout(const Store *store, const Shard *shard, int part)
{
    return part == SHARD_ROWS ? shard->layout : store->error_layout;
}

Shard *
shard_new(Store *store, uint64_t id, Layout *layout, bool ephemeral, bool lockstep, Timestamp upper)
{
    Shard *shard = memory_calloc(1, sizeof *shard);
    shard->id = id;
    shard->references = 1;
    shard->layout = layout_retain(layout);
    shard->ephemeral = ephemeral;
    shard->lockstep = lockstep;
    shard->dirty = !ephemeral;
    pthread_mutex_init(&shard->writer, NULL);
    for (int part = 0; part < SHARD_PARTS; part++) {
        shard->parts[part] = spine_new(shard_part_layout(store, shard, part));
        spine_advance(shard->parts[part], upper);
        if (!ephemeral)
            spine_set_floor(shard->parts[part], store->checkpoint + 1);
    }
    return shard;
}

Shard *
shard_retain(Shard *shard)
{
    shard->references++;
    return shard;
}

void
shard_release(Shard *shard)
{
    if (--shard->references != 0)
        return;
    for (int part = 0; part < SHARD_PARTS; part++)
        spine_free(shard->parts[part]);
    vector_deinit(&shard->holds);
    layout_release(shard->layout);
    pthread_mutex_destroy(&shard->writer);
    free(shard);
}

Shard *
store_shard(Store *store, uint64_t shard_id)
{
    return map_get_u64(store->shards, shard_id);
}

Timestamp
shard_follow(Store *store, Shard *shard)
{
    if (shard->lockstep)
        for (int part = 0; part < SHARD_PARTS; part++)
            spine_advance(shard->parts[part], store->upper);
    Timestamp upper = spine_upper(shard->parts[SHARD_ROWS]);
    Timestamp since = upper > SINCE_LAG_MS ? upper - SINCE_LAG_MS : 0;
    if (shard->lockstep && since > store->before)
        since = store->before;
    for (size_t i = 0; i < shard->holds.count; i++)
        if (shard->holds.items[i]->since < since)
            since = shard->holds.items[i]->since;
    if (since > shard->since) {
        shard->since = since;
        for (int part = 0; part < SHARD_PARTS; part++)
            spine_set_since(shard->parts[part], since);
    }
    return shard->since;
}
