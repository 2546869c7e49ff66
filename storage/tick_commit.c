#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "collection/merge.h"
#include "collection/scan.h"
#include "storage/store_internal.h"

enum {
    GROUP_MAX = 64,        /* ticks that share one sync */
    STALE_PER_COMMIT = 32, /* records of old ticks removed along with new ones */
    REPLACE_FUEL = 1 << 16,
};

/* One tick on its way: what it will put into spines, what it tells its followers, and its record. */
typedef struct Pending {
    StoreTask *task;
    TickWork work;
    Tick *tick;
    bool durable; /* it changes something that outlives the process */
    size_t record_size;
    NameVector blobs; /* that it refers to; garbage when it fails */
    Error err;
} Pending;

typedef VECTOR(Pending) PendingVector;

/* ---- preparing: runs, delta, record ---- */

static void
runs_release(RunVector *runs)
{
    for (size_t i = 0; i < runs->count; i++)
        run_release(runs->items[i]);
    vector_deinit(runs);
}

/* The shard that a write is for: retained. */
static Shard *
pending_shard(Store *store, const Pending *pending, uint64_t shard_id)
{
    for (size_t i = 0; i < pending->work.created.count; i++)
        if (pending->work.created.items[i]->id == shard_id) {
            pthread_mutex_lock(&store->lock);
            Shard *created = shard_retain(pending->work.created.items[i]);
            pthread_mutex_unlock(&store->lock);
            return created;
        }
    pthread_mutex_lock(&store->lock);
    Shard *shard = store_shard(store, shard_id);
    if (shard != NULL)
        shard_retain(shard);
    pthread_mutex_unlock(&store->lock);
    return shard;
}

/* Notes the blob of a run that the tick put there. */
static void
pending_blob(Pending *pending, const Run *run)
{
    const char *name = run == NULL ? NULL : run_file_name(run);
    if (name != NULL)
        vector_push(&pending->blobs, memory_strdup(name));
}

static void
pending_blob_remove(Store *store, Pending *pending, const Run *run)
{
    const char *name = run_file_name(run);
    for (size_t i = 0; name != NULL && i < pending->blobs.count; i++)
        if (strcmp(pending->blobs.items[i], name) == 0) {
            store_remove_blob(store, name);
            free(pending->blobs.items[i]);
            vector_remove(&pending->blobs, i);
            return;
        }
}

typedef struct NegateSink {
    RunSink sink;
    RunSink *to;
    Timestamp time;
} NegateSink;

static bool
negated_emit(NegateSink *sink, Chunk *chunk, Error *err)
{
    Chunk *later = chunk_with_time(chunk, sink->time);
    Chunk *negated = chunk_negate(later);
    chunk_release(later);
    chunk_release(chunk);
    return sink->to->emit(sink->to, negated, err);
}

/* Everything that a spine holds, negated, at `time`. *run NULL: it holds nothing. */
static bool
spine_negate(Store *store, Spine *spine, Timestamp time, Run **run, Error *err)
{
    SpineSnapshot *snapshot = spine_snapshot(spine);
    uint64_t rows = 0, memory = 0;
    for (uint32_t i = 0; i < snapshot->run_count; i++) {
        rows += snapshot->runs[i]->row_count;
        memory += snapshot->runs[i]->memory;
    }
    /* Several runs may collide with each other: to say so when they do not is safe. */
    bool collisions = snapshot->run_count > 1 || (rows != 0 && snapshot->runs[0]->collisions);
    *run = NULL;
    RunOutput output;
    bool ok = rows == 0 ||
              run_output_begin(&output, store, snapshot->layout, rows, memory > store->inline_bytes_max, false, err);
    if (ok && rows != 0) {
        NegateSink sink = {.to = run_output_sink(&output), .time = time};
        SpineScan *scan = spine_scan_new(snapshot, time == 0 ? 0 : time - 1);
        for (bool done = false; ok && !done;) {
            Chunk *chunk;
            ok = spine_scan_next(scan, REPLACE_FUEL, &chunk, &done, err);
            if (ok && chunk != NULL)
                ok = negated_emit(&sink, chunk, err);
        }
        spine_scan_free(scan);
        if (ok)
            ok = run_output_finish(&output, time, time + 1, 0, collisions, run, err);
        else
            run_output_abandon(&output);
    }
    spine_snapshot_release(snapshot);
    return ok;
}

/* The chunks of a write as one run at the tick's time; NULL when nothing is left of them. */
static Run *
chunks_run(Layout *layout, const ChunkVector *chunks, Timestamp time)
{
    if (chunks->count == 0)
        return NULL;
    ChunkVector timed = {0};
    for (size_t i = 0; i < chunks->count; i++)
        vector_push(&timed, chunk_with_time(chunks->items[i], time));
    Run *run = run_build(layout, timed.items, timed.count, time, time + 1);
    chunk_vector_release(&timed);
    if (run->row_count != 0)
        return run;
    run_release(run);
    return NULL;
}

/* The runs that a write's staged blobs are, opened at the tick's time; few rows are added to `chunks` instead. */
static bool
staged_open(Store *store, Pending *pending, ShardWrite *write, Layout *layout, ChunkVector *chunks, RunVector *runs,
            Error *err)
{
    Timestamp time = pending->work.timestamp;
    while (write->staged.count != 0) {
        StagedRun *staged = write->staged.items[0];
        Run *run = NULL;
        if (staged->name != NULL && !run_file_open(store->blob, staged->name, layout, time, time + 1, 0, &run, err))
            return false;
        if (run != NULL) {
            vector_push(runs, run);
            vector_push(&pending->blobs, staged->name);
            staged->name = NULL;
        }
        for (size_t i = 0; i < staged->chunks.count; i++)
            vector_push(chunks, chunk_retain(staged->chunks.items[i]));
        vector_remove(&write->staged, 0);
        store_discard_staged(store, staged);
    }
    return true;
}

/* Makes one run of several, all at the tick's time. Runs are consumed. */
static bool
runs_become_one(Store *store, Pending *pending, Layout *layout, RunVector *runs, size_t heap_bytes_max, Error *err)
{
    if (runs->count < 2)
        return true;
    Run *merged = NULL;
    if (!store_merge(store, layout, runs->items, (uint32_t) runs->count, 0, heap_bytes_max, &merged, err))
        return false;
    pending_blob(pending, merged);
    for (size_t i = 0; i < runs->count; i++) {
        pending_blob_remove(store, pending, runs->items[i]);
        run_release(runs->items[i]);
    }
    runs->count = 0;
    if (merged != NULL)
        vector_push(runs, merged);
    return true;
}

static void
chunks_of_run(const Run *run, ChunkVector *chunks)
{
    for (uint32_t i = 0; i < run->chunk_count; i++)
        vector_push(chunks, chunk_retain(run->chunks[i]));
}

/* One part of a shard: `chunks` and `runs` (at most those from staging) become what its spine gets, in `runs`, and what
   followers see, in `told` and `told_runs`. */
static bool
part_prepare(Store *store, Pending *pending, Shard *shard, int part, const ShardWrite *write, ChunkVector *chunks,
             RunVector *runs, ChunkVector *told, RunVector *told_runs, Error *err)
{
    Timestamp time = pending->work.timestamp;
    Layout *layout = shard_part_layout(store, shard, part);
    Run *built = chunks_run(layout, chunks, time);
    if (built != NULL)
        vector_push(runs, built);
    if (write->replace) {
        Run *negated;
        if (!spine_negate(store, shard->parts[part], time, &negated, err))
            return false;
        if (negated != NULL) {
            pending_blob(pending, negated);
            vector_push(runs, negated);
        }
        size_t heap_bytes_max = part == SHARD_ERRORS || shard->ephemeral ? SIZE_MAX : store->inline_bytes_max;
        if (!runs_become_one(store, pending, layout, runs, heap_bytes_max, err))
            return false;
    }
    for (size_t i = 0; i < runs->count; i++) {
        Run *run = runs->items[i];
        if (run->file != NULL) {
            vector_push(told_runs, run_retain(run));
            continue;
        }
        chunks_of_run(run, told);
        if (shard->ephemeral || run->memory <= store->inline_bytes_max)
            continue;
        Run *written;
        if (!store_write_run(store, run, &written, err))
            return false;
        pending_blob(pending, written);
        run_release(run);
        runs->items[i] = written;
    }
    return true;
}

static bool
write_prepare(Store *store, Pending *pending, ShardWrite *write, Error *err)
{
    Shard *shard = pending_shard(store, pending, write->shard_id);
    if (shard == NULL)
        return error_set(err, SQLSTATE_UNDEFINED_OBJECT, "shard %" PRIu64 " does not exist", write->shard_id);
    /* Owned by `pending` from here on, also when it fails. */
    vector_push(&pending->work.deltas, ((ShardDelta){.shard = shard}));
    ShardDelta *delta = &pending->work.deltas.items[pending->work.deltas.count - 1];
    vector_push(&pending->tick->deltas, ((TickDelta){.shard_id = shard->id}));
    TickDelta *told = &pending->tick->deltas.items[pending->tick->deltas.count - 1];
    if (!shard->lockstep && spine_upper(shard->parts[SHARD_ROWS]) > pending->work.timestamp)
        return error_set(err, SQLSTATE_SERIALIZATION_FAILURE, "shard %" PRIu64 " is past timestamp %" PRIu64, shard->id,
                         pending->work.timestamp);
    ChunkVector rows = {0};
    for (size_t i = 0; i < write->rows.count; i++)
        vector_push(&rows, chunk_retain(write->rows.items[i]));
    RunVector told_runs = {0}, told_error_runs = {0};
    bool ok = staged_open(store, pending, write, shard->layout, &rows, &delta->parts[SHARD_ROWS], err) &&
              part_prepare(store, pending, shard, SHARD_ROWS, write, &rows, &delta->parts[SHARD_ROWS], &told->rows,
                           &told_runs, err) &&
              part_prepare(store, pending, shard, SHARD_ERRORS, write, &write->errors, &delta->parts[SHARD_ERRORS],
                           &told->errors, &told_error_runs, err);
    for (size_t i = 0; i < told_runs.count; i++)
        vector_push(&told->runs, told_runs.items[i]);
    vector_deinit(&told_runs);
    runs_release(&told_error_runs);
    chunk_vector_release(&rows);
    bool changes = delta->parts[SHARD_ROWS].count != 0 || delta->parts[SHARD_ERRORS].count != 0;
    if (ok && !changes)
        pending->tick->deltas.count--; /* it holds nothing */
    pending->durable |= changes && !shard->ephemeral;
    return ok;
}

static bool
created_prepare(Store *store, Pending *pending, const ShardSpec *spec, Error *err)
{
    pthread_mutex_lock(&store->lock);
    bool exists = store_shard(store, spec->shard_id) != NULL;
    Shard *shard = exists ? NULL
                          : shard_new(store, spec->shard_id, spec->layout, spec->ephemeral, spec->lockstep,
                                      pending->work.timestamp);
    pthread_mutex_unlock(&store->lock);
    if (exists)
        return error_set(err, SQLSTATE_DUPLICATE_OBJECT, "shard %" PRIu64 " already exists", spec->shard_id);
    vector_push(&pending->work.created, shard);
    pending->durable |= !spec->ephemeral;
    return true;
}

static bool
dropped_prepare(Store *store, Pending *pending, uint64_t shard_id, Error *err)
{
    pthread_mutex_lock(&store->lock);
    const Shard *shard = store_shard(store, shard_id);
    bool exists = shard != NULL, durable = exists && !shard->ephemeral;
    pthread_mutex_unlock(&store->lock);
    pending->durable |= durable;
    return exists || error_set(err, SQLSTATE_UNDEFINED_OBJECT, "shard %" PRIu64 " does not exist", shard_id);
}

static bool
pending_prepare(Store *store, Pending *pending, Timestamp lowest, Error *err)
{
    TickCommit *commit = pending->task->commit;
    if (commit->timestamp < lowest)
        return error_set(err, SQLSTATE_SERIALIZATION_FAILURE,
                         "timestamp %" PRIu64 " is not above the last one, %" PRIu64, commit->timestamp, lowest - 1);
    for (size_t i = 0; i < commit->created.count; i++)
        if (!created_prepare(store, pending, &commit->created.items[i], err))
            return false;
    for (size_t i = 0; i < commit->dropped.count; i++)
        if (!dropped_prepare(store, pending, commit->dropped.items[i], err))
            return false;
    for (size_t i = 0; i < commit->writes.count; i++)
        if (!write_prepare(store, pending, &commit->writes.items[i], err))
            return false;
    pending->durable |= commit->meta.count != 0;
    return true;
}

/* ---- publishing ---- */

static void
delta_publish(Store *store, ShardDelta *delta)
{
    Shard *shard = delta->shard;
    shard_follow(store, shard);
    for (int part = 0; part < SHARD_PARTS; part++)
        for (size_t i = 0; i < delta->parts[part].count; i++) {
            Run *run = delta->parts[part].items[i];
            spine_push(shard->parts[part], run_retain(run));
            store->tick_blobs += run->file != NULL && !shard->ephemeral;
        }
    shard->dirty |= !shard->ephemeral;
}

static void
dropped_publish(Store *store, uint64_t shard_id, Timestamp timestamp)
{
    Shard *shard = map_remove_u64(store->shards, shard_id);
    if (shard == NULL)
        return;
    shard->dropped = true;
    if (shard->ephemeral)
        shard_release(shard);
    else
        vector_push(&store->dropped, ((DroppedShard){shard, timestamp}));
}

/* With the lock. */
static void
pending_publish(Store *store, Pending *pending)
{
    TickCommit *commit = pending->task->commit;
    Timestamp timestamp = pending->work.timestamp;
    for (size_t i = 0; i < pending->work.created.count; i++) {
        Shard *shard = shard_retain(pending->work.created.items[i]);
        map_put_u64(store->shards, shard->id, shard);
    }
    for (size_t i = 0; i < pending->work.deltas.count; i++)
        delta_publish(store, &pending->work.deltas.items[i]);
    for (size_t i = 0; i < commit->dropped.count; i++)
        dropped_publish(store, commit->dropped.items[i], timestamp);
    for (size_t i = 0; i < commit->meta.count; i++) {
        MetaWrite *meta = &commit->meta.items[i];
        store_set_meta(store, slice_of(meta->key), (char *) meta->value.bytes, meta->value.size, 0);
        meta->value = (Slice){NULL, 0};
    }
    store->timestamp = timestamp;
    store->before = store->upper == 0 ? 0 : store->upper - 1;
    store->upper = timestamp + 1;
    if (pending->durable) {
        store->last_tick = timestamp;
        vector_push(&store->ticks, timestamp);
        store->tick_bytes += pending->record_size;
    }
    store->statistics.commits++;
}

/* Mappings outlive the names of their files: what an ephemeral shard holds needs no name. */
static void
ephemeral_blobs_remove(Store *store, Pending *pending)
{
    for (size_t i = 0; i < pending->work.deltas.count; i++) {
        const ShardDelta *delta = &pending->work.deltas.items[i];
        for (int part = 0; delta->shard->ephemeral && part < SHARD_PARTS; part++)
            for (size_t j = 0; j < delta->parts[part].count; j++)
                pending_blob_remove(store, pending, delta->parts[part].items[j]);
    }
}

/* ---- a group of ticks ---- */

static void
pending_init(Pending *pending, StoreTask *task)
{
    *pending = (Pending){.task = task,
                         .work = {.timestamp = task->commit->timestamp, .commit = task->commit},
                         .tick = tick_new(task->commit->timestamp),
                         .err = ERROR_INIT};
}

static void
pending_deinit(Store *store, Pending *pending)
{
    bool failed = error_is_set(&pending->err);
    TickCommit *commit = pending->task->commit;
    for (size_t i = 0; i < pending->work.deltas.count; i++)
        for (int part = 0; part < SHARD_PARTS; part++)
            runs_release(&pending->work.deltas.items[i].parts[part]);
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < pending->work.deltas.count; i++)
        shard_release(pending->work.deltas.items[i].shard);
    for (size_t i = 0; i < pending->work.created.count; i++)
        shard_release(pending->work.created.items[i]);
    pthread_mutex_unlock(&store->lock);
    vector_deinit(&pending->work.deltas);
    vector_deinit(&pending->work.created);
    for (size_t i = 0; i < pending->blobs.count; i++) {
        if (failed)
            store_remove_blob(store, pending->blobs.items[i]);
        free(pending->blobs.items[i]);
    }
    vector_deinit(&pending->blobs);
    for (size_t i = 0; i < commit->writes.count; i++)
        while (commit->writes.items[i].staged.count != 0)
            store_discard_staged(store, vector_pop(&commit->writes.items[i].staged));
    error_clear(&pending->err);
    tick_commit_free(commit);
    free(pending->task);
}

/* Writes the records of those that can be, in one transaction. */
static void
group_write(Store *store, PendingVector *group)
{
    Batch batch = {0};
    Timestamp previous = store->last_tick;
    for (size_t i = 0; i < group->count; i++) {
        Pending *pending = &group->items[i];
        if (error_is_set(&pending->err) || !pending->durable)
            continue;
        char key[KEY_SIZE_MAX];
        tick_key(key, pending->work.timestamp);
        Buffer record = {0};
        tick_record_append(&record, &pending->work, previous);
        previous = pending->work.timestamp;
        pending->record_size = record.size;
        batch_put(&batch, key, 0, &record);
    }
    if (batch.writes.count != 0) {
        Error err = ERROR_INIT;
        size_t removed = batch_remove_stale(&batch, store, STALE_PER_COMMIT);
        bool ok = store->consensus->vtable->commit(store->consensus, batch.writes.items, batch.writes.count, &err);
        if (ok)
            store_stale_removed(store, removed);
        for (size_t i = 0; i < group->count && !ok; i++)
            if (group->items[i].durable && !error_is_set(&group->items[i].err))
                error_copy(&group->items[i].err, &err);
        error_clear(&err);
    }
    batch_deinit(&batch);
}

static void
group_publish(Store *store, PendingVector *group, int64_t start_us)
{
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < group->count; i++)
        if (!error_is_set(&group->items[i].err))
            pending_publish(store, &group->items[i]);
    store->queue_lowest = TIMESTAMP_MAX;
    for (const StoreTask *task = store->queue_head; task != NULL && store->queue_lowest == TIMESTAMP_MAX;
         task = task->next)
        if (task->commit != NULL)
            store->queue_lowest = task->commit->timestamp;
    store->statistics.commit_us_total += (uint64_t) (clock_steady_us() - start_us);
    pthread_cond_signal(&store->background_wake);
    pthread_mutex_unlock(&store->lock);
}

/* In order; whoever is told sees the tick in every snapshot. Only then is there time for merging. */
static void
group_finish(Store *store, PendingVector *group)
{
    for (size_t i = 0; i < group->count; i++) {
        Pending *pending = &group->items[i];
        bool failed = error_is_set(&pending->err);
        if (pending->task->done != NULL)
            pending->task->done(pending->task->context, failed ? NULL : tick_retain(pending->tick),
                                failed ? &pending->err : NULL);
        tick_release(pending->tick);
    }
    for (size_t i = 0; i < group->count; i++) {
        Pending *pending = &group->items[i];
        bool failed = error_is_set(&pending->err);
        for (size_t j = 0; j < pending->work.deltas.count && !failed; j++) {
            const ShardDelta *delta = &pending->work.deltas.items[j];
            for (int part = 0; part < SHARD_PARTS; part++) {
                uint64_t rows = 0;
                for (size_t k = 0; k < delta->parts[part].count; k++)
                    rows += delta->parts[part].items[k]->file == NULL ? delta->parts[part].items[k]->row_count : 0;
                if (rows != 0)
                    spine_settle(delta->shard->parts[part], rows);
            }
        }
        if (!failed)
            ephemeral_blobs_remove(store, pending);
        pending_deinit(store, pending);
    }
}

static void
group_commit(Store *store, StoreTask *first)
{
    int64_t start_us = clock_steady_us();
    PendingVector group = {0};
    pthread_mutex_lock(&store->lock);
    Timestamp lowest = store->upper == 0 ? 1 : store->upper; /* 0 is before everything */
    pthread_mutex_unlock(&store->lock);
    for (StoreTask *task = first, *next; task != NULL; task = next) {
        next = task->next;
        Pending pending;
        pending_init(&pending, task);
        if (pending_prepare(store, &pending, lowest, &pending.err))
            lowest = pending.work.timestamp + 1;
        vector_push(&group, pending);
    }
    group_write(store, &group);
    group_publish(store, &group, start_us);
    group_finish(store, &group);
    vector_deinit(&group);
}

/* ---- the store's thread ---- */

/* A tick that makes, drops or replaces must find those before it published. */
static bool
commit_is_plain(const TickCommit *commit)
{
    bool plain = commit->created.count == 0 && commit->dropped.count == 0;
    for (size_t i = 0; i < commit->writes.count; i++)
        plain &= !commit->writes.items[i].replace;
    return plain;
}

static StoreTask *
queue_pop(Store *store)
{
    StoreTask *task = store->queue_head;
    store->queue_head = task->next;
    if (store->queue_head == NULL)
        store->queue_end = &store->queue_head;
    task->next = NULL;
    return task;
}

/* The next task, and the plain ticks that can go along with it. With the lock. */
static StoreTask *
queue_pop_group(Store *store)
{
    StoreTask *first = queue_pop(store), *last = first;
    if (first->commit == NULL || !commit_is_plain(first->commit))
        return first;
    for (int count = 1; count < GROUP_MAX && store->queue_head != NULL && store->queue_head->commit != NULL &&
                        commit_is_plain(store->queue_head->commit);
         count++) {
        last->next = queue_pop(store);
        last = last->next;
    }
    return first;
}

void *
store_thread_main(void *argument)
{
    Store *store = argument;
    pthread_mutex_lock(&store->lock);
    for (;;) {
        while (store->queue_head == NULL && !store->closed)
            pthread_cond_wait(&store->queue_changed, &store->lock);
        if (store->queue_head == NULL)
            break;
        StoreTask *first = queue_pop_group(store);
        pthread_mutex_unlock(&store->lock);
        if (first->commit != NULL) {
            group_commit(store, first);
        } else {
            store_publish(store, first->publication);
            free(first);
        }
        pthread_mutex_lock(&store->lock);
    }
    pthread_mutex_unlock(&store->lock);
    return NULL;
}
