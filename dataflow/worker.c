#include "dataflow/worker.h"

#define SLICE_ROWS 65536
#define MERGE_ROWS 32768

/* ---- lists */

static void
remove_from(DataflowVector *list, const Dataflow *dataflow)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == dataflow) {
            vector_remove(list, i);
            return;
        }
}

void
worker_schedule(Worker *worker, Dataflow *dataflow)
{
    if (dataflow->place != PLACE_NONE)
        return;
    dataflow->place = PLACE_READY;
    vector_push(&worker->ready, dataflow);
}

static void
remove_ready(Worker *worker, const Dataflow *dataflow)
{
    for (size_t i = worker->ready_at; i < worker->ready.count; i++)
        if (worker->ready.items[i] == dataflow) {
            vector_remove(&worker->ready, i);
            return;
        }
}

void
worker_forget(Worker *worker, Dataflow *dataflow)
{
    if (dataflow->place == PLACE_READY)
        remove_ready(worker, dataflow);
    if (dataflow->place == PLACE_LONG)
        remove_from(&worker->long_running, dataflow);
    remove_from(&worker->all, dataflow);
    remove_from(&worker->watched, dataflow);
}

void
worker_watch(Worker *worker, Dataflow *dataflow)
{
    remove_from(&worker->watched, dataflow);
    if (dataflow_is_watched(dataflow))
        vector_push(&worker->watched, dataflow);
}

Followers *
worker_followers(Worker *worker, uint64_t collection_id, bool make)
{
    Followers *followers = map_get_u64(worker->followers, collection_id);
    if (followers == NULL && make) {
        followers = memory_calloc(1, sizeof *followers);
        map_put_u64(worker->followers, collection_id, followers);
    }
    return followers;
}

/* ---- commands */

static void
queue_delta(Import *import, const TickDelta *delta, Timestamp time)
{
    StepBatch *batch = step_queue_at(&import->queue, time);
    for (size_t i = 0; i < delta->rows.count; i++)
        step_batch_add_chunk(batch, delta->rows.items[i], false);
    for (size_t i = 0; i < delta->errors.count; i++)
        step_batch_add_chunk(batch, delta->errors.items[i], true);
    for (size_t i = 0; i < delta->runs.count; i++)
        step_batch_add_run(batch, delta->runs.items[i], false);
}

static void
touch(DataflowVector *touched, Dataflow *dataflow)
{
    if (dataflow->touched)
        return;
    dataflow->touched = true;
    vector_push(touched, dataflow);
}

/* From here on the frontiers of what the tick touches, directly or through indexes, are not the ticks' any more. */
static void
freeze(Worker *worker, const DataflowVector *touched, Timestamp tick_frontier)
{
    Cluster *cluster = worker->cluster;
    pthread_mutex_lock(&cluster->publish_lock);
    for (size_t i = 0; i < touched->count; i++) {
        const Dataflow *dataflow = touched->items[i];
        for (int k = 0; k < dataflow->plan->export_count && !dataflow->orphaned; k++) {
            Published *published = map_get_u64(cluster->published, dataflow->exports[k].plan->id);
            if (published == NULL || !published->follows)
                continue;
            published->follows = false;
            if (cluster->tick_frontier > published->frontier)
                published->frontier = cluster->tick_frontier;
        }
    }
    cluster->tick_frontier = tick_frontier;
    pthread_mutex_unlock(&cluster->publish_lock);
}

static void
take_tick(Worker *worker, const Tick *tick)
{
    if (tick->timestamp < worker->tick_frontier)
        return;
    DataflowVector touched = {0};
    for (size_t i = 0; i < tick->deltas.count; i++) {
        const TickDelta *delta = &tick->deltas.items[i];
        Followers *followers = worker_followers(worker, delta->shard_id, false);
        for (size_t k = 0; followers != NULL && k < followers->imports.count; k++) {
            Import *import = followers->imports.items[k];
            if (import->kind != IMPORT_TICKS || tick->timestamp < import->snapshot_upper)
                continue;
            queue_delta(import, delta, tick->timestamp);
            touch(&touched, import->dataflow);
        }
    }
    for (size_t i = 0; i < worker->watched.count; i++)
        touch(&touched, worker->watched.items[i]);
    for (size_t i = 0; i < touched.count; i++) {
        Dataflow *dataflow = touched.items[i];
        for (int k = 0; k < dataflow->plan->export_count; k++) {
            Index *index = dataflow->exports[k].index;
            for (size_t r = 0; index != NULL && r < index->readers.count; r++)
                touch(&touched, index->readers.items[r]->dataflow);
        }
    }
    worker->tick_frontier = tick->timestamp + 1;
    worker->epoch++;
    worker->told_frontier = true;
    freeze(worker, &touched, worker->tick_frontier);
    for (size_t i = 0; i < touched.count; i++) {
        touched.items[i]->touched = false;
        worker_schedule(worker, touched.items[i]);
    }
    vector_deinit(&touched);
}

static void
take_feed(Worker *worker, Command *command)
{
    Followers *followers = worker_followers(worker, command->id, false);
    for (size_t k = 0; followers != NULL && k < followers->imports.count; k++) {
        Import *import = followers->imports.items[k];
        if (import->kind != IMPORT_FEED)
            continue;
        for (size_t i = 0; i < command->rows.count; i++)
            step_queue_add_chunk(&import->queue, command->rows.items[i], import->snapshot_upper, TIMESTAMP_MAX, false);
        for (size_t i = 0; i < command->errors.count; i++)
            step_queue_add_chunk(&import->queue, command->errors.items[i], import->snapshot_upper, TIMESTAMP_MAX, true);
        if (command->time > import->upper)
            import->upper = command->time;
        worker_schedule(worker, import->dataflow);
    }
    worker->epoch++;
}

static void
take_drop(Worker *worker, uint64_t dataflow_id)
{
    Dataflow *dataflow = map_get_u64(worker->dataflows, dataflow_id);
    ClusterResult ended = {.kind = CLUSTER_ENDED, .dataflow_id = dataflow_id};
    if (dataflow != NULL) {
        ended.export_id = dataflow->plan->exports[0].id;
        dataflow_drop(dataflow);
    }
    cluster_post(worker->cluster, &ended, NULL, false);
}

/* True: the worker is to stop. */
static bool
take_commands(Worker *worker, bool wait)
{
    bool stop = false;
    for (Command *command = cluster_take_commands(worker->cluster, wait), *next; command != NULL; command = next) {
        next = command->next;
        switch (command->kind) {
        case COMMAND_CREATE:
            if (!stop)
                dataflow_create(worker, command);
            break;
        case COMMAND_DROP:
            take_drop(worker, command->id);
            break;
        case COMMAND_TICK:
            take_tick(worker, command->tick);
            break;
        case COMMAND_FEED:
            take_feed(worker, command);
            break;
        case COMMAND_ALLOW_COMPACTION: {
            Index *index = map_get_u64(worker->indexes, command->id);
            if (index != NULL) {
                index->has_allowed = command->time != TIMESTAMP_MAX;
                index->allowed = command->time;
                index->owner->merging = true;
            }
            break;
        }
        case COMMAND_STOP:
            stop = true;
            break;
        }
        command_free(command);
    }
    return stop;
}

/* ---- work */

static void
run_one(Worker *worker, Dataflow *dataflow)
{
    int64_t fuel = SLICE_ROWS;
    dataflow->place = PLACE_NONE;
    if (dataflow_run(dataflow, &fuel) == RUN_MORE) {
        if (dataflow->place == PLACE_READY)
            remove_ready(worker, dataflow);
        dataflow->place = PLACE_LONG;
        vector_push(&worker->long_running, dataflow);
    }
}

static void
run_ready(Worker *worker)
{
    while (worker->ready_at < worker->ready.count)
        run_one(worker, worker->ready.items[worker->ready_at++]);
    worker->ready.count = worker->ready_at = 0;
}

static void
run_long(Worker *worker)
{
    Dataflow *dataflow = worker->long_running.items[0];
    vector_remove(&worker->long_running, 0);
    run_one(worker, dataflow);
}

/* Merges a slice of one dataflow's state. False: there is nothing to merge. */
static bool
merge_one(Worker *worker)
{
    for (size_t tried = 0; tried < worker->all.count; tried++) {
        worker->merge_at = worker->merge_at + 1 >= worker->all.count ? 0 : worker->merge_at + 1;
        Dataflow *dataflow = worker->all.items[worker->merge_at];
        if (!dataflow->merging)
            continue;
        dataflow->merging = dataflow_merge(dataflow, MERGE_ROWS);
        return true;
    }
    return false;
}

/* Wakes the coordinator when it has asked for a frontier and one has moved, or when the next wakeup is another one. */
static void
tell(Worker *worker)
{
    Cluster *cluster = worker->cluster;
    Timestamp wakeup = TIMESTAMP_MAX;
    for (size_t i = 0; i < worker->watched.count; i++) {
        const Dataflow *dataflow = worker->watched.items[i];
        if (dataflow->state == DATAFLOW_LIVE && dataflow->wakeup < wakeup && dataflow->wakeup < dataflow->plan->until)
            wakeup = dataflow->wakeup;
    }
    bool wake = atomic_exchange(&cluster->next_wakeup, wakeup) != wakeup;
    if (worker->told_frontier && atomic_exchange(&cluster->frontier_wanted, false))
        wake = true;
    worker->told_frontier = false;
    atomic_store_explicit(&cluster->dataflows, worker->all.count, memory_order_relaxed);
    if (wake && cluster->wake != NULL)
        cluster->wake(cluster->wake_context);
}

static void
worker_deinit(Worker *worker)
{
    Slice key;
    void *value;
    /* Who reads an index came after it, and goes before it. */
    while (worker->all.count > 0)
        dataflow_free(worker->all.items[worker->all.count - 1]);
    for (size_t i = 0; map_next(worker->followers, &i, &key, &value);) {
        Followers *followers = value;
        vector_deinit(&followers->imports);
        free(followers);
    }
    map_free(worker->followers);
    map_free(worker->dataflows);
    map_free(worker->indexes);
    vector_deinit(&worker->all);
    vector_deinit(&worker->watched);
    vector_deinit(&worker->ready);
    vector_deinit(&worker->long_running);
}

void *
worker_main(void *context)
{
    Worker worker = {
        .cluster = context, .dataflows = map_new(), .indexes = map_new(), .followers = map_new(), .epoch = 1};
    bool busy = false;
    while (!take_commands(&worker, !busy)) {
        run_ready(&worker);
        busy = false;
        if (worker.long_running.count > 0) {
            run_long(&worker);
            busy = true;
        } else if (merge_one(&worker)) {
            busy = true;
        }
        busy = busy || worker.ready.count > 0;
        tell(&worker);
    }
    worker_deinit(&worker);
    return NULL;
}
