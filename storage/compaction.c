#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "collection/merge.h"
#include "storage/store_internal.h"

enum {
    CHECKPOINT_BLOBS = 8,
    SLICE_ROWS = 100000,
    NICENESS = 10,
    RETRY_SECONDS = 1,
};
#define CHECKPOINT_BYTES (UINT64_C(16) << 20)

struct Compaction {
    Shard *shard; /* retained */
    int part;
    RunVector old; /* retained */
    Timestamp since;
    RunOutput output;
    RunMerge *merge;
};

/* ---- changes ---- */

static void
replacement_deinit(RunReplacement *replacement)
{
    for (size_t i = 0; i < replacement->old.count; i++)
        run_release(replacement->old.items[i]);
    vector_deinit(&replacement->old);
    run_release(replacement->run);
}

/* With the lock. */
static void
publication_deinit(Publication *publication)
{
    for (size_t i = 0; i < publication->shards.count; i++) {
        ShardChange *change = &publication->shards.items[i];
        for (int part = 0; part < SHARD_PARTS; part++) {
            for (size_t j = 0; j < change->parts[part].count; j++)
                replacement_deinit(&change->parts[part].items[j]);
            vector_deinit(&change->parts[part]);
        }
        shard_release(change->shard);
    }
    vector_deinit(&publication->shards);
    error_clear(&publication->err);
}

/* Hands the publication to the store's thread and waits; then removes the blobs that became, or stay, garbage. */
static bool
publication_submit(Store *store, Publication *publication)
{
    StoreTask *task = memory_calloc(1, sizeof *task);
    task->publication = publication;
    pthread_mutex_lock(&store->lock);
    *store->queue_end = task;
    store->queue_end = &task->next;
    pthread_cond_signal(&store->queue_changed);
    while (!publication->finished)
        pthread_cond_wait(&store->publication_finished, &store->lock);
    pthread_mutex_unlock(&store->lock);
    for (size_t i = 0; i < publication->garbage.count; i++) {
        store_remove_blob(store, publication->garbage.items[i]);
        free(publication->garbage.items[i]);
    }
    vector_deinit(&publication->garbage);
    return publication->ok;
}

/* Blobs that were written for a publication that came to nothing. */
static void
publication_discard(Store *store, Publication *publication)
{
    for (size_t i = 0; i < publication->shards.count; i++)
        for (int part = 0; part < SHARD_PARTS; part++)
            for (size_t j = 0; j < publication->shards.items[i].parts[part].count; j++) {
                const Run *run = publication->shards.items[i].parts[part].items[j].run;
                if (run != NULL && run_file_name(run) != NULL)
                    store_remove_blob(store, run_file_name(run));
            }
}

/* ---- checkpoint ---- */

static bool
checkpoint_is_due(const Store *store)
{
    return store->tick_bytes >= CHECKPOINT_BYTES || store->ticks.count >= store->checkpoint_ticks ||
           store->tick_blobs >= CHECKPOINT_BLOBS || store->dropped.count != 0;
}

/* Every shard that changed since the last one, up to the newest tick that has a record. With the lock. */
static void
checkpoint_begin(Store *store, Publication *publication)
{
    *publication = (Publication){.is_checkpoint = true, .timestamp = store->last_tick, .err = ERROR_INIT};
    void *value;
    for (size_t i = 0; map_next(store->shards, &i, NULL, &value);) {
        Shard *shard = value;
        if (!shard->dirty)
            continue;
        shard->dirty = false;
        shard_follow(store, shard);
        for (int part = 0; part < SHARD_PARTS; part++)
            spine_set_floor(shard->parts[part], store->last_tick + 1);
        vector_push(&publication->shards, ((ShardChange){.shard = shard_retain(shard)}));
    }
    store->tick_bytes = store->tick_blobs = 0;
}

static bool
run_is_compacting(const Store *store, const Run *run)
{
    for (size_t i = 0; store->compaction != NULL && i < store->compaction->old.count; i++)
        if (store->compaction->old.items[i] == run)
            return true;
    return false;
}

/* Neighbouring heap runs become one, in a blob when it is too large for the shard's record. */
static bool
heap_runs_merge(Store *store, ShardChange *change, int part, Run *const *runs, uint32_t count, Timestamp since,
                Error *err)
{
    if (count == 0 || (count == 1 && runs[0]->memory <= SHARD_INLINE_BYTES_MAX))
        return true;
    Run *merged;
    if (!store_merge(store, shard_part_layout(store, change->shard, part), runs, count, since, SHARD_INLINE_BYTES_MAX,
                     &merged, err))
        return false;
    RunReplacement replacement = {.run = merged};
    for (uint32_t i = 0; i < count; i++)
        vector_push(&replacement.old, run_retain(runs[i]));
    vector_push(&change->parts[part], replacement);
    return true;
}

static bool
part_flush(Store *store, ShardChange *change, int part, Timestamp upper, Error *err)
{
    SpineSnapshot *snapshot = spine_snapshot(change->shard->parts[part]);
    uint32_t first = 0, at = 0;
    bool ok = true;
    for (; ok && at < snapshot->run_count && snapshot->runs[at]->upper <= upper; at++) {
        const Run *run = snapshot->runs[at];
        if (run->file == NULL && !run_is_compacting(store, run))
            continue;
        ok = heap_runs_merge(store, change, part, snapshot->runs + first, at - first, snapshot->since, err);
        first = at + 1;
    }
    ok = ok && heap_runs_merge(store, change, part, snapshot->runs + first, at - first, snapshot->since, err);
    spine_snapshot_release(snapshot);
    return ok;
}

static void
checkpoint(Store *store)
{
    Publication publication;
    pthread_mutex_lock(&store->lock);
    checkpoint_begin(store, &publication);
    pthread_mutex_unlock(&store->lock);
    bool ok = true;
    for (size_t i = 0; ok && i < publication.shards.count; i++)
        for (int part = 0; ok && part < SHARD_PARTS; part++)
            ok = part_flush(store, &publication.shards.items[i], part, publication.timestamp + 1, &publication.err);
    ok = ok && publication_submit(store, &publication);
    if (!ok) {
        log_error(LOG_MODULE, "cannot write a checkpoint: %s", publication.err.message);
        publication_discard(store, &publication);
    }
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < publication.shards.count; i++) {
        if (ok)
            publication.shards.items[i].shard->compact = true;
        else
            publication.shards.items[i].shard->dirty = true;
    }
    if (!ok)
        store->tick_bytes += CHECKPOINT_BYTES; /* it is still due */
    atomic_store(&store->failing, !ok);
    publication_deinit(&publication);
    pthread_mutex_unlock(&store->lock);
}

/* ---- merging blobs ---- */

/* The newest runs below the checkpoint of which each is no larger than all that are newer than it. */
static bool
compaction_pick(const SpineSnapshot *snapshot, Timestamp upper, uint32_t *first, uint32_t *count)
{
    uint32_t end = 0;
    while (end < snapshot->run_count && snapshot->runs[end]->upper <= upper)
        end++;
    if (end < 2)
        return false;
    *first = end - 1;
    uint64_t newer = snapshot->runs[end - 1]->row_count;
    bool in_file = snapshot->runs[end - 1]->file != NULL;
    for (uint32_t i = end - 1; i-- > 0 && snapshot->runs[i]->row_count <= newer;) {
        if (newer + snapshot->runs[i]->row_count > UINT32_MAX)
            break;
        newer += snapshot->runs[i]->row_count;
        in_file |= snapshot->runs[i]->file != NULL;
        *first = i;
    }
    *count = end - *first;
    return *count >= 2 && in_file;
}

static bool
compaction_start(Store *store, Shard *shard, int part, SpineSnapshot *snapshot, uint32_t first, uint32_t count)
{
    uint64_t rows = 0, memory = 0;
    Compaction *compaction = memory_alloc(sizeof *compaction);
    *compaction = (Compaction){.shard = shard, .part = part, .since = snapshot->since};
    for (uint32_t i = 0; i < count; i++) {
        Run *run = snapshot->runs[first + i];
        rows += run->row_count;
        memory += run->memory;
        compaction->since = run->since > compaction->since ? run->since : compaction->since;
        vector_push(&compaction->old, run_retain(run));
    }
    Layout *layout = shard_part_layout(store, shard, part);
    Error err = ERROR_INIT;
    if (!run_output_begin(&compaction->output, store, layout, rows, memory > SHARD_INLINE_BYTES_MAX, false, &err)) {
        log_error(LOG_MODULE, "cannot merge blobs: %s", err.message);
        error_clear(&err);
        for (size_t i = 0; i < compaction->old.count; i++)
            run_release(compaction->old.items[i]);
        vector_deinit(&compaction->old);
        free(compaction);
        return false;
    }
    compaction->merge = run_merge_new(layout, compaction->old.items, count, compaction->since, TIMESTAMP_MAX,
                                      run_output_sink(&compaction->output));
    store->compaction = compaction;
    return true;
}

/* Looks for something to merge in the shards that changed. Without the lock. */
static bool
compaction_plan(Store *store)
{
    for (;;) {
        pthread_mutex_lock(&store->lock);
        Shard *shard = NULL;
        void *value;
        for (size_t i = 0; shard == NULL && map_next(store->shards, &i, NULL, &value);)
            if (((Shard *) value)->compact)
                shard = shard_retain(value);
        Timestamp upper = store->checkpoint + 1;
        if (shard != NULL)
            shard_follow(store, shard);
        pthread_mutex_unlock(&store->lock);
        if (shard == NULL)
            return false;
        bool started = false;
        for (int part = 0; part < SHARD_PARTS && !started; part++) {
            SpineSnapshot *snapshot = spine_snapshot(shard->parts[part]);
            uint32_t first, count;
            if (compaction_pick(snapshot, upper, &first, &count))
                started = compaction_start(store, shard, part, snapshot, first, count);
            spine_snapshot_release(snapshot);
        }
        if (started)
            return true;
        pthread_mutex_lock(&store->lock);
        shard->compact = false;
        shard_release(shard);
        pthread_mutex_unlock(&store->lock);
    }
}

static void
compaction_free(Store *store)
{
    Compaction *compaction = store->compaction;
    run_merge_free(compaction->merge);
    for (size_t i = 0; i < compaction->old.count; i++)
        run_release(compaction->old.items[i]);
    vector_deinit(&compaction->old);
    pthread_mutex_lock(&store->lock);
    shard_release(compaction->shard);
    pthread_mutex_unlock(&store->lock);
    free(compaction);
    store->compaction = NULL;
}

static void
compaction_failed(Store *store, const Error *err)
{
    log_error(LOG_MODULE, "cannot merge blobs: %s", err->message);
    pthread_mutex_lock(&store->lock);
    store->compaction->shard->compact = false; /* until it changes again */
    pthread_mutex_unlock(&store->lock);
}

/* The merged run is there: into the shard's record and the spine with it. */
static bool
compaction_publish(Store *store, Error *err)
{
    Compaction *compaction = store->compaction;
    const Run *newest = compaction->old.items[compaction->old.count - 1];
    Run *merged;
    if (!run_output_finish(&compaction->output, compaction->old.items[0]->lower, newest->upper, compaction->since,
                           run_merge_collisions(compaction->merge), &merged, err))
        return false;
    Publication publication = {.err = ERROR_INIT};
    RunReplacement replacement = {.run = merged};
    for (size_t i = 0; i < compaction->old.count; i++)
        vector_push(&replacement.old, run_retain(compaction->old.items[i]));
    pthread_mutex_lock(&store->lock);
    ShardChange change = {.shard = shard_retain(compaction->shard)};
    pthread_mutex_unlock(&store->lock);
    vector_push(&change.parts[compaction->part], replacement);
    vector_push(&publication.shards, change);
    bool ok = publication_submit(store, &publication);
    if (!ok) {
        publication_discard(store, &publication);
        error_move(err, &publication.err);
    }
    pthread_mutex_lock(&store->lock);
    publication_deinit(&publication);
    pthread_mutex_unlock(&store->lock);
    return ok;
}

static void
compaction_slice(Store *store)
{
    Error err = ERROR_INIT;
    bool done = false;
    if (!run_merge_work(store->compaction->merge, SLICE_ROWS, &done, &err)) {
        compaction_failed(store, &err);
        run_output_abandon(&store->compaction->output);
    } else if (!done) {
        return;
    } else if (!compaction_publish(store, &err)) {
        compaction_failed(store, &err);
    }
    error_clear(&err);
    compaction_free(store);
}

/* ---- the background thread ---- */

static void
background_wait(Store *store)
{
    if (!atomic_load(&store->failing)) {
        pthread_cond_wait(&store->background_wake, &store->lock);
        return;
    }
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += RETRY_SECONDS;
    while (!store->closing && pthread_cond_timedwait(&store->background_wake, &store->lock, &until) != ETIMEDOUT)
        ;
    atomic_store(&store->failing, false);
}

void *
store_background_main(void *argument)
{
    Store *store = argument;
    setpriority(PRIO_PROCESS, (id_t) gettid(), NICENESS);
    bool busy = true; /* what was left to merge when the store was closed */
    pthread_mutex_lock(&store->lock);
    while (!store->closing) {
        bool due = checkpoint_is_due(store) && !atomic_load(&store->failing);
        if (!due && !busy) {
            background_wait(store);
            continue;
        }
        pthread_mutex_unlock(&store->lock);
        if (due)
            checkpoint(store);
        if (store->compaction != NULL)
            compaction_slice(store);
        else
            busy = compaction_plan(store);
        if (due)
            busy = true;
        pthread_mutex_lock(&store->lock);
    }
    pthread_mutex_unlock(&store->lock);
    if (store->compaction != NULL) {
        run_output_abandon(&store->compaction->output);
        compaction_free(store);
    }
    return NULL;
}
