#include <stdlib.h>

#include "storage/record.h"
#include "storage/store_internal.h"

enum { STALE_PER_CHECKPOINT = 2000 };

/* ---- batches ---- */

void
batch_put(Batch *batch, const char *key, uint64_t expected_sequence, Buffer *value)
{
    char *key_copy = memory_strdup(key);
    Slice bytes = buffer_slice(value);
    char *taken = buffer_take(value);
    vector_push(&batch->memory, key_copy);
    vector_push(&batch->memory, taken);
    vector_push(&batch->writes, ((ConsensusWrite){.key = slice_of(key_copy),
                                                  .expected_sequence = expected_sequence,
                                                  .new_sequence = expected_sequence + 1,
                                                  .value = slice_make(taken, bytes.size)}));
}

void
batch_remove(Batch *batch, const char *key, uint64_t expected_sequence)
{
    char *key_copy = memory_strdup(key);
    vector_push(&batch->memory, key_copy);
    vector_push(&batch->writes, ((ConsensusWrite){.key = slice_of(key_copy), .expected_sequence = expected_sequence}));
}

void
batch_deinit(Batch *batch)
{
    for (size_t i = 0; i < batch->memory.count; i++)
        free(batch->memory.items[i]);
    vector_deinit(&batch->memory);
    vector_deinit(&batch->writes);
}

size_t
batch_remove_stale(Batch *batch, Store *store, size_t limit)
{
    pthread_mutex_lock(&store->lock);
    size_t count = store->stale.count < limit ? store->stale.count : limit;
    for (size_t i = 0; i < count; i++) {
        char key[KEY_SIZE_MAX];
        tick_key(key, store->stale.items[store->stale.count - 1 - i]);
        batch_remove(batch, key, 1);
    }
    pthread_mutex_unlock(&store->lock);
    return count;
}

void
store_stale_removed(Store *store, size_t count)
{
    pthread_mutex_lock(&store->lock);
    store->stale.count -= count;
    pthread_mutex_unlock(&store->lock);
}

/* ---- shard records ---- */

static void
shard_runs_append(Buffer *out, Run *const *runs, uint32_t count)
{
    buffer_append_le32(out, count);
    for (uint32_t i = 0; i < count; i++)
        record_append_run(out, runs[i]);
}

void
shard_record_append(Buffer *out, const Shard *shard, Timestamp since, Run *const *rows, uint32_t row_runs,
                    Run *const *errors, uint32_t error_runs)
{
    record_append_u8(out, RECORD_VERSION);
    record_append_u8(out, shard->lockstep);
    buffer_append_le64(out, since);
    record_append_layout(out, shard->layout);
    shard_runs_append(out, rows, row_runs);
    shard_runs_append(out, errors, error_runs);
}

/* The runs of a part up to `upper`, as they will be once the change is made. */
static RunVector
part_runs(const SpineSnapshot *snapshot, const ShardChange *change, int part, Timestamp upper)
{
    RunVector runs = {0};
    for (uint32_t i = 0; i < snapshot->run_count && snapshot->runs[i]->upper <= upper;) {
        const RunReplacement *found = NULL;
        for (size_t j = 0; j < change->parts[part].count && found == NULL; j++)
            if (change->parts[part].items[j].old.items[0] == snapshot->runs[i])
                found = &change->parts[part].items[j];
        Run *run = found == NULL ? snapshot->runs[i] : found->run;
        if (run != NULL)
            vector_push(&runs, run);
        i += found == NULL ? 1 : (uint32_t) found->old.count;
    }
    return runs;
}

static void
shard_write(Store *store, const Publication *publication, const ShardChange *change, Batch *batch)
{
    Shard *shard = change->shard;
    Timestamp upper = (publication->is_checkpoint ? publication->timestamp : store->checkpoint) + 1;
    SpineSnapshot *snapshots[SHARD_PARTS];
    RunVector runs[SHARD_PARTS];
    for (int part = 0; part < SHARD_PARTS; part++) {
        snapshots[part] = spine_snapshot(shard->parts[part]);
        runs[part] = part_runs(snapshots[part], change, part, upper);
    }
    pthread_mutex_lock(&store->lock);
    Timestamp since = shard->since;
    pthread_mutex_unlock(&store->lock);
    Buffer record = {0};
    shard_record_append(&record, shard, since, runs[SHARD_ROWS].items, (uint32_t) runs[SHARD_ROWS].count,
                        runs[SHARD_ERRORS].items, (uint32_t) runs[SHARD_ERRORS].count);
    char key[KEY_SIZE_MAX];
    shard_key(key, shard->id);
    batch_put(batch, key, shard->sequence, &record);
    for (int part = 0; part < SHARD_PARTS; part++) {
        vector_deinit(&runs[part]);
        spine_snapshot_release(snapshots[part]);
    }
}

/* ---- a checkpoint's other records ---- */

static void
meta_write(Store *store, Batch *batch)
{
    Slice key;
    void *value;
    for (size_t i = 0; map_next(store->meta, &i, &key, &value);) {
        const MetaRecord *record = value;
        if (!record->dirty)
            continue;
        Buffer name = {0};
        buffer_append_text(&name, "meta/");
        buffer_append_slice(&name, key);
        if (record->bytes == NULL) {
            if (record->sequence != 0)
                batch_remove(batch, buffer_text(&name), record->sequence);
        } else {
            Buffer bytes = {0};
            buffer_append(&bytes, record->bytes, record->size);
            batch_put(batch, buffer_text(&name), record->sequence, &bytes);
        }
        buffer_deinit(&name);
    }
}

/* With the lock. The same records that meta_write wrote: ticks are only published by this thread. */
static void
meta_written(Store *store)
{
    Slice key;
    void *value;
    for (size_t i = 0; map_next(store->meta, &i, &key, &value);) {
        MetaRecord *record = value;
        if (!record->dirty)
            continue;
        record->dirty = false;
        record->sequence++;
        if (record->bytes == NULL) {
            map_remove(store->meta, key);
            free(record);
        }
    }
}

/* How many records of a kind there are once the batch is committed. */
static uint64_t
records_after(const Batch *batch, const char *prefix, uint64_t before)
{
    for (size_t i = 0; i < batch->writes.count; i++) {
        const ConsensusWrite *write = &batch->writes.items[i];
        if (write->key.size < strlen(prefix) || memcmp(write->key.bytes, prefix, strlen(prefix)) != 0)
            continue;
        if (write->value.bytes == NULL)
            before--;
        else if (write->expected_sequence == 0)
            before++;
    }
    return before;
}

static void
checkpoint_write(Store *store, const Publication *publication, Batch *batch)
{
    pthread_mutex_lock(&store->lock);
    meta_write(store, batch);
    for (size_t i = 0; i < store->dropped.count; i++) {
        const DroppedShard *dropped = &store->dropped.items[i];
        if (dropped->timestamp > publication->timestamp || dropped->shard->sequence == 0)
            continue;
        char key[KEY_SIZE_MAX];
        shard_key(key, dropped->shard->id);
        batch_remove(batch, key, dropped->shard->sequence);
    }
    pthread_mutex_unlock(&store->lock);
    Buffer record = {0};
    record_append_u8(&record, RECORD_VERSION);
    buffer_append_le64(&record, publication->timestamp);
    buffer_append_le64(&record, records_after(batch, "shard/", store->shard_records));
    buffer_append_le64(&record, records_after(batch, "meta/", store->meta_records));
    batch_put(batch, "store", store->store_sequence, &record);
}

static void
garbage_add(Publication *publication, const Run *run)
{
    const char *name = run_file_name(run);
    if (name != NULL)
        vector_push(&publication->garbage, memory_strdup(name));
}

static void
shard_garbage(Publication *publication, const Shard *shard)
{
    for (int part = 0; part < SHARD_PARTS; part++) {
        SpineSnapshot *snapshot = spine_snapshot(shard->parts[part]);
        for (uint32_t i = 0; i < snapshot->run_count; i++)
            garbage_add(publication, snapshot->runs[i]);
        spine_snapshot_release(snapshot);
    }
}

/* With the lock. */
static void
checkpoint_written(Store *store, Publication *publication)
{
    meta_written(store);
    store->store_sequence++;
    store->checkpoint = publication->timestamp;
    size_t kept = 0;
    for (size_t i = 0; i < store->ticks.count; i++) {
        if (store->ticks.items[i] <= publication->timestamp)
            vector_push(&store->stale, store->ticks.items[i]);
        else
            store->ticks.items[kept++] = store->ticks.items[i];
    }
    store->ticks.count = kept;
    kept = 0;
    for (size_t i = 0; i < store->dropped.count; i++) {
        DroppedShard dropped = store->dropped.items[i];
        if (dropped.timestamp > publication->timestamp) {
            store->dropped.items[kept++] = dropped;
            continue;
        }
        shard_garbage(publication, dropped.shard);
        shard_release(dropped.shard);
    }
    store->dropped.count = kept;
}

/* With the lock. */
static void
shard_written(Publication *publication, ShardChange *change)
{
    change->shard->sequence++;
    for (int part = 0; part < SHARD_PARTS; part++)
        for (size_t i = 0; i < change->parts[part].count; i++) {
            RunReplacement *replacement = &change->parts[part].items[i];
            for (size_t j = 0; j < replacement->old.count; j++)
                garbage_add(publication, replacement->old.items[j]);
            spine_replace(change->shard->parts[part], replacement->old.items, (uint32_t) replacement->old.count,
                          replacement->run == NULL ? NULL : run_retain(replacement->run));
        }
}

void
store_publish(Store *store, Publication *publication)
{
    Batch batch = {0};
    size_t removed = 0;
    /* The record of a shard that was dropped while its runs were merged is about to go: leave it. */
    if (!publication->is_checkpoint && publication->shards.items[0].shard->dropped) {
        publication->ok = error_set(&publication->err, SQLSTATE_UNDEFINED_OBJECT, "the shard was dropped");
    } else {
        for (size_t i = 0; i < publication->shards.count; i++)
            shard_write(store, publication, &publication->shards.items[i], &batch);
        if (publication->is_checkpoint) {
            removed = batch_remove_stale(&batch, store, STALE_PER_CHECKPOINT);
            checkpoint_write(store, publication, &batch);
        }
        publication->ok = store->consensus->vtable->commit(store->consensus, batch.writes.items, batch.writes.count,
                                                           &publication->err);
    }
    if (publication->ok) {
        store->shard_records = records_after(&batch, "shard/", store->shard_records);
        store->meta_records = records_after(&batch, "meta/", store->meta_records);
    }
    if (publication->ok && publication->is_checkpoint)
        store_stale_removed(store, removed);
    batch_deinit(&batch);
    pthread_mutex_lock(&store->lock);
    if (publication->ok) {
        for (size_t i = 0; i < publication->shards.count; i++)
            shard_written(publication, &publication->shards.items[i]);
        if (publication->is_checkpoint)
            checkpoint_written(store, publication);
        else
            store->statistics.compactions++;
    }
    publication->finished = true;
    pthread_cond_broadcast(&store->publication_finished);
    pthread_mutex_unlock(&store->lock);
}
