#include <stdlib.h>

#include "storage/store_internal.h"

/* ---- what is to be committed ---- */

TickCommit *
tick_commit_new(void)
{
    return memory_calloc(1, sizeof(TickCommit));
}

void
tick_commit_free(TickCommit *commit)
{
    if (commit == NULL)
        return;
    for (size_t i = 0; i < commit->writes.count; i++) {
        ShardWrite *write = &commit->writes.items[i];
        chunk_vector_release(&write->rows);
        chunk_vector_release(&write->errors);
        /* Blobs of staged runs that were not taken go by store_discard_staged; a commit knows no store. */
        vector_deinit(&write->staged);
    }
    for (size_t i = 0; i < commit->meta.count; i++) {
        free(commit->meta.items[i].key);
        free((void *) commit->meta.items[i].value.bytes);
    }
    for (size_t i = 0; i < commit->created.count; i++)
        layout_release(commit->created.items[i].layout);
    vector_deinit(&commit->writes);
    vector_deinit(&commit->meta);
    vector_deinit(&commit->created);
    vector_deinit(&commit->dropped);
    free(commit);
}

ShardWrite *
tick_commit_shard(TickCommit *commit, uint64_t shard_id)
{
    for (size_t i = 0; i < commit->writes.count; i++)
        if (commit->writes.items[i].shard_id == shard_id)
            return &commit->writes.items[i];
    vector_push(&commit->writes, ((ShardWrite){.shard_id = shard_id}));
    return &commit->writes.items[commit->writes.count - 1];
}

void
tick_commit_meta(TickCommit *commit, const char *key, const void *bytes, size_t size)
{
    char *copy = NULL;
    if (bytes != NULL)
        copy = memcpy(memory_alloc(size), bytes, size);
    vector_push(&commit->meta, ((MetaWrite){memory_strdup(key), {copy, copy == NULL ? 0 : size}}));
}

/* ---- what was committed ---- */

Tick *
tick_new(Timestamp timestamp)
{
    Tick *tick = memory_calloc(1, sizeof *tick);
    atomic_init(&tick->references, 1);
    tick->timestamp = timestamp;
    return tick;
}

Tick *
tick_retain(Tick *tick)
{
    atomic_fetch_add_explicit(&tick->references, 1, memory_order_relaxed);
    return tick;
}

void
tick_release(Tick *tick)
{
    if (tick == NULL || atomic_fetch_sub_explicit(&tick->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < tick->deltas.count; i++) {
        TickDelta *delta = &tick->deltas.items[i];
        chunk_vector_release(&delta->rows);
        chunk_vector_release(&delta->errors);
        for (size_t j = 0; j < delta->runs.count; j++)
            run_release(delta->runs.items[j]);
        vector_deinit(&delta->runs);
    }
    vector_deinit(&tick->deltas);
    free(tick);
}

const TickDelta *
tick_delta(const Tick *tick, uint64_t shard_id)
{
    for (size_t i = 0; i < tick->deltas.count; i++)
        if (tick->deltas.items[i].shard_id == shard_id)
            return &tick->deltas.items[i];
    return NULL;
}
