/*
 * Ticks: what was written since the last one gets one timestamp and one commit.
 *
 *     open --ticker_kick--> in flight --mailbox--> ticker_committed: clusters, waiters, sources hear of it
 */
#include "server/coordinator/coordinator_internal.h"

#include "base/clock.h"
#include "base/log.h"

#define RESERVE_MS 3000 /* reserved at a time */
#define CLOCK_AHEAD_MS_MAX                                                                                             \
    1000 /* further than this ahead of the wall clock, ticks stop waiting for it: it stepped back */

TickCommit *
ticker_open(Coordinator *coordinator)
{
    if (coordinator->open == NULL)
        coordinator->open = tick_commit_new();
    return coordinator->open;
}

void
ticker_emit_rows(void *context, uint64_t shard_id, Chunk *rows)
{
    Coordinator *coordinator = context;
    ShardWrite *write = tick_commit_shard(ticker_open(coordinator), shard_id);
    vector_push(&write->rows, rows);
}

void
ticker_show_rows(Coordinator *coordinator, uint64_t shard_id, Chunk *rows)
{
    ShownRows shown = {shard_id, chunk_retain(rows)};
    vector_push(&coordinator->open_shown, shown);
    ticker_emit_rows(coordinator, shard_id, rows);
}

static void
shown_release(Coordinator *coordinator)
{
    for (size_t i = 0; i < coordinator->flying_shown.count; i++)
        chunk_release(coordinator->flying_shown.items[i].rows);
    coordinator->flying_shown.count = 0;
}

/* ---- what sources brought ---- */

static void
write_truncate(Coordinator *coordinator, ShardWrite *write)
{
    chunk_vector_release(&write->rows);
    for (size_t i = 0; i < write->staged.count; i++)
        store_discard_staged(coordinator->store, write->staged.items[i]);
    write->staged.count = 0;
    write->replace = true;
}

static void
merge_write(Coordinator *coordinator, BatchWrite *from)
{
    Collection *collection = collection_find(coordinator, from->shard_id);
    if (collection == NULL) /* dropped since; source_batch_free releases what it holds */
        return;
    ShardWrite *write = tick_commit_shard(ticker_open(coordinator), from->shard_id);
    if (from->replace)
        write_truncate(coordinator, write);
    for (size_t i = 0; i < from->rows.count; i++)
        vector_push(&write->rows, from->rows.items[i]);
    from->rows.count = 0;
    for (size_t i = 0; i < from->staged.count; i++)
        vector_push(&write->staged, from->staged.items[i]);
    from->staged.count = 0;
    char key[48];
    if (from->errors.count > 0) {
        snprintf(key, sizeof key, "broken/%llu", (unsigned long long) from->shard_id);
        tick_commit_meta(coordinator->open, key, "1", 1);
        for (size_t i = 0; i < from->errors.count; i++)
            vector_push(&write->errors, from->errors.items[i]);
        from->errors.count = 0;
    }
    if (from->snapshot_done || (write->errors.count > 0 && !collection->readable)) {
        snprintf(key, sizeof key, "snapshot/%llu", (unsigned long long) from->shard_id);
        tick_commit_meta(coordinator->open, key, "1", 1);
        vector_push(&coordinator->open_snapshots, from->shard_id);
    }
}

static void
merge_batch(Coordinator *coordinator, SourceBatch *batch)
{
    RunningSource *source = map_get_u64(coordinator->sources, batch->source_id);
    if (source == NULL) {
        source_batch_free(batch, coordinator->store);
        return;
    }
    source_state_report(coordinator, batch);
    for (size_t i = 0; i < batch->writes.count; i++)
        merge_write(coordinator, &batch->writes.items[i]);
    if (batch->resume > source->resume_pending) {
        char key[48], value[8];
        snprintf(key, sizeof key, "source/%llu", (unsigned long long) batch->source_id);
        be64_write(value, batch->resume);
        tick_commit_meta(ticker_open(coordinator), key, value, sizeof value);
        source->resume_pending = batch->resume;
        source_show_progress(coordinator, source);
    }
    coordinator->transactions += batch->transactions;
    vector_push(&coordinator->open_batches, batch);
}

void
ticker_drain_sources(Coordinator *coordinator)
{
    for (SourceBatch *batch; (batch = tick_queue_pop(coordinator->queue)) != NULL;)
        merge_batch(coordinator, batch);
}

/* ---- commit ---- */

static void
commit_done(void *context, Tick *tick, const Error *err) /* on the store's thread */
{
    Coordinator *coordinator = context;
    CommitResult *result = memory_calloc(1, sizeof *result);
    result->tick = tick;
    if (err != NULL && error_is_set(err))
        error_copy(&result->error, err);
    uv_mutex_lock(&coordinator->mailbox_lock);
    coordinator->mailbox = result;
    uv_cond_signal(&coordinator->mailbox_filled);
    uv_mutex_unlock(&coordinator->mailbox_lock);
    uv_async_send(&coordinator->wake);
}

static void
spacing_over(uv_timer_t *timer)
{
    ticker_kick(timer->data);
}

static Timestamp
next_timestamp(Coordinator *coordinator)
{
    Timestamp now = (Timestamp) clock_wall_ms();
    return now > coordinator->closed ? now : coordinator->closed + 1;
}

/* After a restart no timestamp may come again that somebody has seen, though its tick left nothing durable behind. */
static void
reserve_time(Coordinator *coordinator, TickCommit *commit)
{
    if (commit->timestamp <= coordinator->reserved && !coordinator->closing)
        return;
    coordinator->reserved = commit->timestamp + (coordinator->closing ? 0 : RESERVE_MS);
    char value[8];
    be64_write(value, coordinator->reserved);
    tick_commit_meta(commit, "oracle", value, sizeof value);
}

/* What was written into a table between the commit that drops it and now goes with the table. */
static void
forget_dropped(Coordinator *coordinator, TickCommit *commit)
{
    size_t kept = 0;
    for (size_t i = 0; i < commit->writes.count; i++) {
        ShardWrite *write = &commit->writes.items[i];
        bool exists = store_shard_exists(coordinator->store, write->shard_id);
        for (size_t c = 0; c < commit->created.count && !exists; c++)
            exists = commit->created.items[c].shard_id == write->shard_id;
        if (exists) {
            commit->writes.items[kept++] = *write;
            continue;
        }
        write_truncate(coordinator, write);
        vector_deinit(&write->staged);
        chunk_vector_release(&write->errors);
    }
    commit->writes.count = kept;
}

static void
close_tick(Coordinator *coordinator)
{
    TickCommit *commit = coordinator->open;
    forget_dropped(coordinator, commit);
    commit->timestamp = next_timestamp(coordinator);
    reserve_time(coordinator, commit);
    coordinator->in_flight = commit;
    coordinator->open = NULL;
    coordinator->tick_wanted = false;
    write_lock_ticked(coordinator);

    vector_deinit(&coordinator->flying_waiters);
    memcpy(&coordinator->flying_waiters, &coordinator->open_waiters, sizeof coordinator->open_waiters);
    memset(&coordinator->open_waiters, 0, sizeof coordinator->open_waiters);
    vector_deinit(&coordinator->flying_batches);
    memcpy(&coordinator->flying_batches, &coordinator->open_batches, sizeof coordinator->open_batches);
    memset(&coordinator->open_batches, 0, sizeof coordinator->open_batches);
    vector_deinit(&coordinator->flying_shown);
    memcpy(&coordinator->flying_shown, &coordinator->open_shown, sizeof coordinator->open_shown);
    memset(&coordinator->open_shown, 0, sizeof coordinator->open_shown);
    vector_deinit(&coordinator->flying_snapshots);
    memcpy(&coordinator->flying_snapshots, &coordinator->open_snapshots, sizeof coordinator->open_snapshots);
    memset(&coordinator->open_snapshots, 0, sizeof coordinator->open_snapshots);

    store_commit(coordinator->store, commit, commit_done, coordinator);
}

void
ticker_kick(Coordinator *coordinator)
{
    if (coordinator->in_flight != NULL)
        return;
    ticker_drain_sources(coordinator);
    if (coordinator->open == NULL && (coordinator->tick_wanted || coordinator->open_batches.count > 0))
        ticker_open(coordinator);
    if (coordinator->open == NULL)
        return;
    Timestamp now = (Timestamp) clock_wall_ms();
    if (coordinator->closed >= now && coordinator->closed - now < CLOCK_AHEAD_MS_MAX) {
        if (!uv_is_active((uv_handle_t *) &coordinator->spacing))
            uv_timer_start(&coordinator->spacing, spacing_over, 1, 0);
        return;
    }
    close_tick(coordinator);
}

static void
alarm_rings(uv_timer_t *timer)
{
    Coordinator *coordinator = timer->data;
    coordinator->alarm_at = 0;
    coordinator->tick_wanted = true;
    ticker_kick(coordinator);
}

void
ticker_want(Coordinator *coordinator, Timestamp time)
{
    Timestamp now = (Timestamp) clock_wall_ms();
    if (time <= now) {
        if (time > coordinator->closed) {
            coordinator->tick_wanted = true;
            ticker_kick(coordinator);
        }
        return;
    }
    if (coordinator->alarm_at != 0 && coordinator->alarm_at <= time)
        return;
    coordinator->alarm_at = time;
    uv_timer_start(&coordinator->alarm, alarm_rings, time - now, 0);
}

static CommitResult *
mailbox_take(Coordinator *coordinator, bool wait)
{
    uv_mutex_lock(&coordinator->mailbox_lock);
    while (wait && coordinator->mailbox == NULL)
        uv_cond_wait(&coordinator->mailbox_filled, &coordinator->mailbox_lock);
    CommitResult *result = coordinator->mailbox;
    coordinator->mailbox = NULL;
    uv_mutex_unlock(&coordinator->mailbox_lock);
    return result;
}

static void
tell_waiters(Coordinator *coordinator, Error *error)
{
    /* Callbacks may begin new operations, which join the open tick's list: this one is taken away first. */
    size_t count = coordinator->flying_waiters.count;
    Operation **waiters = coordinator->flying_waiters.items;
    memset(&coordinator->flying_waiters, 0, sizeof coordinator->flying_waiters);
    for (size_t i = 0; i < count; i++) {
        Operation *operation = waiters[i];
        if (operation == NULL)
            continue;
        Error copy = ERROR_INIT;
        if (error_is_set(error))
            error_copy(&copy, error);
        if (operation->kind == OPERATION_CHANGE) {
            change_committed(operation, &copy);
        } else {
            ChangeDone done = operation->change_done;
            void *context = operation->context;
            operation_finish(operation);
            done(context, &copy);
        }
        error_clear(&copy);
    }
    free(waiters);
}

/* What was shown of sources is not lost with a tick that failed: what is written next retracts it. */
static void
shown_emit_again(Coordinator *coordinator)
{
    VECTOR(ShownRows) shown = {0};
    for (size_t i = 0; i < coordinator->flying_shown.count; i++)
        vector_push(&shown, coordinator->flying_shown.items[i]);
    for (size_t i = 0; i < coordinator->open_shown.count; i++)
        vector_push(&shown, coordinator->open_shown.items[i]);
    coordinator->flying_shown.count = coordinator->open_shown.count = 0;
    for (size_t i = 0; i < shown.count; i++)
        ticker_show_rows(coordinator, shown.items[i].shard_id, shown.items[i].rows);
    vector_deinit(&shown);
}

static void
open_tick_discard(Coordinator *coordinator)
{
    TickCommit *commit = coordinator->open;
    coordinator->open = NULL;
    for (size_t i = 0; commit != NULL && i < commit->writes.count; i++)
        write_truncate(coordinator, &commit->writes.items[i]);
    tick_commit_free(commit);
    for (size_t i = 0; i < coordinator->open_batches.count; i++)
        source_batch_free(coordinator->open_batches.items[i], coordinator->store);
    coordinator->open_batches.count = coordinator->open_snapshots.count = 0;
    for (size_t i = 0; i < coordinator->open_waiters.count; i++)
        vector_push(&coordinator->flying_waiters, coordinator->open_waiters.items[i]);
    coordinator->open_waiters.count = 0;
    write_lock_ticked(coordinator);
}

/*
 * The rows are gone with the commit; upstream still has them: sources begin again at their durable position. What gathered meanwhile
 * goes too: a source's later transactions may not become durable without the earlier ones.
 */
static void
commit_failed(Coordinator *coordinator)
{
    VECTOR(ObjectId) sources = {0};
    for (size_t i = 0; i < coordinator->flying_batches.count; i++)
        vector_push(&sources, coordinator->flying_batches.items[i]->source_id);
    for (size_t i = 0; i < coordinator->open_batches.count; i++)
        vector_push(&sources, coordinator->open_batches.items[i]->source_id);
    for (size_t i = 0; i < sources.count; i++)
        if (map_get_u64(coordinator->sources, sources.items[i]) == NULL)
            sources.items[i] = 0; /* dropped, or named before */
        else
            source_stop(coordinator, sources.items[i]);
    open_tick_discard(coordinator);
    shown_emit_again(coordinator);
    coordinator->reserved = 0; /* it was in that commit, perhaps */
    for (size_t i = 0; i < sources.count; i++) {
        const Item *item = sources.items[i] == 0 ? NULL : catalog_item(coordinator->catalog, sources.items[i]);
        if (item != NULL)
            source_start(coordinator, item);
    }
    vector_deinit(&sources);
}

static void
commit_succeeded(Coordinator *coordinator, Tick *tick)
{
    coordinator->closed = tick->timestamp;
    coordinator->ticks++;
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(coordinator->clusters, &iterator, &key, &value)) {
        RunningCluster *running = value;
        if (running->cluster != NULL)
            cluster_tick(running->cluster, tick);
    }
    for (size_t i = 0; i < coordinator->flying_batches.count; i++) {
        SourceBatch *batch = coordinator->flying_batches.items[i];
        RunningSource *source = map_get_u64(coordinator->sources, batch->source_id);
        source_state_committed(coordinator, batch, tick);
        if (source == NULL || batch->resume <= source->resume_durable)
            continue;
        source->resume_durable = batch->resume;
        postgres_source_confirm(source->postgres, batch->resume);
    }
    for (size_t i = 0; i < coordinator->flying_snapshots.count; i++) {
        Collection *collection = collection_find(coordinator, coordinator->flying_snapshots.items[i]);
        if (collection != NULL)
            collection_set_readable(coordinator, collection);
    }
}

static void
finish_commit(Coordinator *coordinator, CommitResult *result)
{
    coordinator->in_flight = NULL;
    if (error_is_set(&result->error)) {
        log_error("coordinator", "a tick could not be made durable error=\"%s\"", result->error.message);
        commit_failed(coordinator);
    } else {
        commit_succeeded(coordinator, result->tick);
    }
    for (size_t i = 0; i < coordinator->flying_batches.count; i++)
        source_batch_free(coordinator->flying_batches.items[i], coordinator->store);
    shown_release(coordinator);
    coordinator->flying_batches.count = 0;
    coordinator->flying_snapshots.count = 0;
    tell_waiters(coordinator, &result->error);
    write_lock_committed(coordinator);
    if (result->tick != NULL)
        tick_release(result->tick);
    error_clear(&result->error);
    free(result);
}

void
ticker_committed(Coordinator *coordinator)
{
    CommitResult *result = mailbox_take(coordinator, false);
    if (result != NULL)
        finish_commit(coordinator, result);
}

bool
ticker_commit_now(Coordinator *coordinator, Error *err)
{
    if (coordinator->in_flight != NULL)
        finish_commit(coordinator, mailbox_take(coordinator, true));
    if (coordinator->open == NULL)
        return true;
    close_tick(coordinator);
    CommitResult *result = mailbox_take(coordinator, true);
    if (error_is_set(&result->error))
        error_copy(err, &result->error);
    finish_commit(coordinator, result);
    return !error_is_set(err);
}
