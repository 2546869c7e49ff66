/* How far each dataflow has come, and who is told. */
#include "dataflow/worker.h"

Timestamp
import_upper(const Import *import)
{
    switch (import->kind) {
    case IMPORT_TICKS: {
        Timestamp ticks = import->dataflow->worker->tick_frontier;
        return ticks > import->snapshot_upper ? ticks : import->snapshot_upper;
    }
    case IMPORT_FEED:
        return import->upper;
    case IMPORT_INDEX:
        return import->has_snapshot ? dataflow_frontier(import->index->owner) : 0;
    }
    bug("unrecognized import kind %d", import->kind);
}

static Timestamp
least(Timestamp a, Timestamp b)
{
    return a < b ? a : b;
}

Timestamp
dataflow_limit(const Dataflow *dataflow)
{
    Timestamp limit = TIMESTAMP_MAX;
    for (int i = 0; i < dataflow->plan->import_count; i++)
        limit = least(limit, import_upper(&dataflow->imports[i]));
    if (dataflow->plan->import_count == 0) {
        Timestamp ticks = dataflow->worker->tick_frontier;
        limit = ticks > dataflow->plan->as_of + 1 ? ticks : dataflow->plan->as_of + 1;
    }
    return least(limit, dataflow->plan->until);
}

Timestamp
dataflow_next_step(const Dataflow *dataflow)
{
    Timestamp next = dataflow->wakeup;
    for (int i = 0; i < dataflow->plan->import_count; i++)
        next = least(next, step_queue_next(&dataflow->imports[i].queue));
    return next;
}

Timestamp
dataflow_frontier(Dataflow *dataflow)
{
    if (dataflow->state != DATAFLOW_LIVE)
        return 0;
    if (dataflow->memo_epoch == dataflow->worker->epoch)
        return dataflow->memo_frontier;
    Timestamp frontier = least(dataflow_limit(dataflow), dataflow_next_step(dataflow));
    if (dataflow->circuit->phase != CIRCUIT_IDLE)
        frontier = least(frontier, dataflow->circuit->time);
    dataflow->memo_epoch = dataflow->worker->epoch;
    dataflow->memo_frontier = frontier;
    return frontier;
}

/* What a reader of the index may still ask for. */
static Timestamp
reader_hold(const Import *reader)
{
    Dataflow *dataflow = reader->dataflow;
    return dataflow->state == DATAFLOW_LIVE ? dataflow_frontier(dataflow) - 1 : dataflow->plan->as_of;
}

void
index_move_since(Index *index)
{
    Timestamp newest = dataflow_frontier(index->owner) - 1;
    Timestamp since = newest > INDEX_HISTORY_MS ? newest - INDEX_HISTORY_MS : 0;
    if (index->has_allowed)
        since = least(index->allowed, newest);
    for (size_t i = 0; i < index->readers.count; i++)
        since = least(since, reader_hold(index->readers.items[i]));
    Arrangement *parts[] = {op_index_rows(index->op), op_index_errors(index->op)};
    for (int i = 0; i < 2; i++)
        if (since > spine_since(parts[i]->spine))
            spine_set_since(parts[i]->spine, since);
}

static void
publish_export(Dataflow *dataflow, const Export *export, Timestamp frontier)
{
    Cluster *cluster = dataflow->worker->cluster;
    SpineSnapshot *rows = NULL, *errors = NULL;
    uint64_t records = 0, bytes = dataflow->memory;
    if (export->index != NULL) {
        Arrangement *row_part = op_index_rows(export->index->op), *error_part = op_index_errors(export->index->op);
        rows = spine_snapshot(row_part->spine);
        errors = spine_snapshot(error_part->spine);
        records = spine_row_count(row_part->spine);
        bytes = spine_memory(row_part->spine) + spine_memory(error_part->spine);
    }
    pthread_mutex_lock(&cluster->publish_lock);
    Published *published = map_get_u64(cluster->published, export->plan->id);
    SpineSnapshot *old_rows = NULL, *old_errors = NULL;
    if (published != NULL) {
        old_rows = published->rows;
        old_errors = published->errors;
        published->rows = rows;
        published->errors = errors;
        published->hydrated = true;
        published->frontier = frontier;
        /* Beyond the ticks: made before the first one, with inputs that had come further. */
        published->follows = dataflow->lockstep && frontier >= dataflow->worker->tick_frontier;
        published->records = records;
        published->bytes = bytes;
        rows = errors = NULL;
    }
    pthread_mutex_unlock(&cluster->publish_lock);
    SpineSnapshot *unused[] = {old_rows, old_errors, rows, errors};
    for (int i = 0; i < 4; i++)
        if (unused[i] != NULL)
            spine_snapshot_release(unused[i]);
}

void
dataflow_publish(Dataflow *dataflow, Timestamp frontier)
{
    for (int i = 0; i < dataflow->plan->export_count && !dataflow->orphaned; i++) {
        ExportKind kind = dataflow->exports[i].plan->kind;
        if (kind == EXPORT_INDEX || kind == EXPORT_SHARD)
            publish_export(dataflow, &dataflow->exports[i], frontier);
    }
}

static void
report(Dataflow *dataflow, Export *export, Timestamp frontier)
{
    bool is_index = export->plan->kind == EXPORT_INDEX;
    if (frontier <= export->reported || export->plan->kind == EXPORT_PEEK || (is_index && !dataflow->worked))
        return;
    export->reported = frontier;
    ClusterResult result = {
        .kind = export->plan->kind == EXPORT_SUBSCRIBE ? CLUSTER_UPDATES : CLUSTER_FRONTIER,
        .dataflow_id = dataflow->id,
        .export_id = export->plan->id,
        .upper = frontier,
    };
    cluster_post(dataflow->worker->cluster, &result, &export->pending, true);
}

void
dataflow_settle(Dataflow *dataflow)
{
    Worker *worker = dataflow->worker;
    Timestamp frontier = dataflow_frontier(dataflow);
    bool moved = frontier > dataflow->settled;
    dataflow_publish(dataflow, frontier);
    for (int i = 0; i < dataflow->plan->export_count && !dataflow->orphaned; i++)
        report(dataflow, &dataflow->exports[i], frontier);
    dataflow->worked = false;
    if (!moved)
        return;
    dataflow->settled = frontier;
    worker->told_frontier = true;
    for (int i = 0; i < dataflow->plan->export_count; i++) {
        Index *index = dataflow->exports[i].index;
        for (size_t k = 0; index != NULL && k < index->readers.count; k++)
            worker_schedule(worker, index->readers.items[k]->dataflow);
    }
}
