/* One dataflow's life: made from a plan, hydrated, taken from step to step, ended. */
#include "dataflow/worker.h"

#include "base/clock.h"
#include "base/log.h"
#include "dataflow/lanes.h"

#define LANE_ROWS_MIN 131072 /* a query that reads fewer is done before other threads have woken up */

/* ---- results */

static void
emit(void *context, ClusterResult *result)
{
    Dataflow *dataflow = context;
    result->dataflow_id = dataflow->id;
    uint64_t rows = 0;
    for (size_t i = 0; i < result->rows.count; i++)
        rows += result->rows.items[i]->count;
    atomic_fetch_add_explicit(&dataflow->worker->cluster->rows_out, rows, memory_order_relaxed);
    Export *export = NULL;
    for (int i = 0; i < dataflow->plan->export_count && export == NULL; i++)
        if (dataflow->exports[i].plan->id == result->export_id)
            export = &dataflow->exports[i];
    if (result->kind == CLUSTER_UPDATES && export != NULL)
        export->reported = result->upper;
    cluster_post(dataflow->worker->cluster, result, export == NULL ? NULL : &export->pending, false);
}

static void
post(Dataflow *dataflow, Export *export, ClusterResultKind kind, Timestamp upper, const Error *err)
{
    ClusterResult result = {.kind = kind, .dataflow_id = dataflow->id, .upper = upper};
    if (export != NULL)
        result.export_id = export->plan->id;
    if (err != NULL)
        error_copy(&result.error, err);
    cluster_post(dataflow->worker->cluster, &result, export == NULL ? NULL : &export->pending, false);
}

/* ---- coming and going */

static void
release_snapshot(Import *import)
{
    if (import->rows != NULL)
        spine_snapshot_release(import->rows);
    if (import->errors != NULL)
        spine_snapshot_release(import->errors);
    import->rows = import->errors = NULL;
}

static void
import_detach(Import *import)
{
    Dataflow *dataflow = import->dataflow;
    if (import->index != NULL) {
        Index *index = import->index;
        for (size_t i = 0; i < index->readers.count; i++)
            if (index->readers.items[i] == import) {
                vector_remove(&index->readers, i);
                break;
            }
    } else {
        Followers *followers = worker_followers(dataflow->worker, import->plan->collection_id, false);
        for (size_t i = 0; followers != NULL && i < followers->imports.count; i++)
            if (followers->imports.items[i] == import) {
                vector_remove(&followers->imports, i);
                break;
            }
    }
    release_snapshot(import);
    step_queue_deinit(&import->queue);
}

static void
unpublish(Dataflow *dataflow)
{
    Worker *worker = dataflow->worker;
    for (int i = 0; i < dataflow->plan->export_count; i++) {
        Export *export = &dataflow->exports[i];
        cluster_forget_slot(worker->cluster, &export->pending);
        if (export->plan->kind != EXPORT_INDEX && export->plan->kind != EXPORT_SHARD)
            continue;
        if (export->index != NULL && map_get_u64(worker->indexes, export->index->id) == export->index)
            map_remove_u64(worker->indexes, export->index->id);
        pthread_mutex_lock(&worker->cluster->publish_lock);
        Published *published = map_remove_u64(worker->cluster->published, export->plan->id);
        pthread_mutex_unlock(&worker->cluster->publish_lock);
        published_free(published);
    }
    if (map_get_u64(worker->dataflows, dataflow->id) == dataflow)
        map_remove_u64(worker->dataflows, dataflow->id);
}

static bool
is_read_by_others(const Dataflow *dataflow)
{
    for (int i = 0; i < dataflow->plan->export_count; i++)
        if (dataflow->exports[i].index != NULL && dataflow->exports[i].index->readers.count > 0)
            return true;
    return false;
}

void
dataflow_free(Dataflow *dataflow)
{
    Worker *worker = dataflow->worker;
    if (!dataflow->orphaned)
        unpublish(dataflow);
    worker_forget(worker, dataflow);
    worker->epoch++;
    worker->memory -= dataflow->memory;
    VECTOR(Dataflow *) owners = {0};
    for (int i = 0; i < dataflow->plan->import_count; i++) {
        Import *import = &dataflow->imports[i];
        if (import->index != NULL)
            vector_push(&owners, import->index->owner);
        import_detach(import);
    }
    circuit_free(dataflow->circuit);
    for (int i = 0; i < dataflow->plan->export_count; i++) {
        Index *index = dataflow->exports[i].index;
        if (index != NULL)
            vector_deinit(&index->readers);
        free(index);
    }
    cluster_forget_cancel(worker->cluster, dataflow->id, dataflow->cancel);
    cancel_flag_release(dataflow->cancel);
    free(dataflow->imports);
    free(dataflow->exports);
    dataflow_plan_free(dataflow->plan);
    free(dataflow);
    /* An index that nobody reads any more may have been dropped long ago. */
    for (size_t i = 0; i < owners.count; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= owners.items[k] == owners.items[i];
        if (!again && owners.items[i]->orphaned && !owners.items[i]->failing && !is_read_by_others(owners.items[i]))
            dataflow_free(owners.items[i]);
    }
    vector_deinit(&owners);
}

void
dataflow_drop(Dataflow *dataflow)
{
    if (!is_read_by_others(dataflow)) {
        dataflow_free(dataflow);
        return;
    }
    if (dataflow->circuit->interrupted) {
        Error err = ERROR_INIT;
        error_set(&err, SQLSTATE_QUERY_CANCELED, "the index that is read was dropped in the middle of a step");
        dataflow_fail(dataflow, &err);
        error_clear(&err);
        return;
    }
    unpublish(dataflow);
    dataflow->orphaned = true;
    /* It goes on for its readers. */
    cluster_forget_cancel(dataflow->worker->cluster, dataflow->id, dataflow->cancel);
    CancelFlag *fresh = cancel_flag_new();
    dataflow->circuit->cancel = fresh;
    cancel_flag_release(dataflow->cancel);
    dataflow->cancel = fresh;
    worker_schedule(dataflow->worker, dataflow);
}

void
dataflow_fail(Dataflow *dataflow, const Error *err)
{
    Error copy = ERROR_INIT;
    error_copy(&copy, err);
    if (!dataflow->plan->one_shot)
        log_warn("dataflow", "dataflow failed dataflow=%llu name=%s sqlstate=%s message=%s",
                 (unsigned long long) dataflow->id, dataflow->plan->name == NULL ? "" : dataflow->plan->name,
                 err->sqlstate, err->message);
    dataflow->failing = true;
    for (int i = 0; i < dataflow->plan->export_count; i++)
        for (Index *index = dataflow->exports[i].index; index != NULL && index->readers.count > 0;)
            dataflow_fail(index->readers.items[0]->dataflow, &copy);
    for (int i = 0; i < dataflow->plan->export_count && !dataflow->orphaned; i++)
        post(dataflow, &dataflow->exports[i], CLUSTER_FAILED, 0, &copy);
    dataflow_free(dataflow);
    error_clear(&copy);
}

static void
fail_to_create(Worker *worker, const Command *command, const Error *err)
{
    for (int i = 0; i < command->plan->export_count; i++) {
        ClusterResult result = {
            .kind = CLUSTER_FAILED, .dataflow_id = command->id, .export_id = command->plan->exports[i].id};
        error_copy(&result.error, err);
        cluster_post(worker->cluster, &result, NULL, false);
    }
    cluster_forget_cancel(worker->cluster, command->id, command->cancel);
}

/* The index as it is now serves as the import's snapshot; what comes later is queued for it. */
static void
take_index_snapshot(Import *import)
{
    Operator *op = import->index->op;
    import->rows = spine_snapshot(op_index_rows(op)->spine);
    import->errors = spine_snapshot(op_index_errors(op)->spine);
    import->has_snapshot = true;
    import->snapshot_upper = dataflow_frontier(import->index->owner);
}

static bool
open_import(Dataflow *dataflow, int number, ImportState *state, Error *err)
{
    Worker *worker = dataflow->worker;
    Import *import = &dataflow->imports[number];
    const PlanImport *plan = &dataflow->plan->imports[number];
    import->dataflow = dataflow;
    import->plan = plan;
    if (plan->index_id == 0) {
        if (state->snapshot.rows == NULL || state->snapshot.rows->layout->column_count != plan->column_count)
            return error_set(err, SQLSTATE_INTERNAL_ERROR,
                             "the snapshot of collection u%llu is missing, or has other columns",
                             (unsigned long long) plan->collection_id);
        import->kind = state->lockstep ? IMPORT_TICKS : IMPORT_FEED;
        import->rows = state->snapshot.rows;
        import->errors = state->snapshot.errors;
        state->snapshot = (ShardSnapshot){0};
        import->has_snapshot = true;
        import->snapshot_upper = import->upper = state->upper;
        if (import->rows->since > dataflow->plan->as_of)
            return error_set(err, SQLSTATE_DATA_EXCEPTION,
                             "Timestamp (%llu) is not valid for all inputs: collection u%llu is readable from %llu on",
                             (unsigned long long) dataflow->plan->as_of, (unsigned long long) plan->collection_id,
                             (unsigned long long) import->rows->since);
        vector_push(&worker_followers(worker, plan->collection_id, true)->imports, import);
        return true;
    }
    Index *index = map_get_u64(worker->indexes, plan->index_id);
    if (index == NULL)
        return error_set(err, SQLSTATE_UNDEFINED_OBJECT, "index u%llu is not on this cluster",
                         (unsigned long long) plan->index_id);
    if (spine_since(op_index_rows(index->op)->spine) > dataflow->plan->as_of && index->owner->state == DATAFLOW_LIVE)
        return error_set(err, SQLSTATE_DATA_EXCEPTION,
                         "Timestamp (%llu) is not valid for all inputs: index u%llu is readable from %llu on",
                         (unsigned long long) dataflow->plan->as_of, (unsigned long long) plan->index_id,
                         (unsigned long long) spine_since(op_index_rows(index->op)->spine));
    import->kind = IMPORT_INDEX;
    import->index = index;
    vector_push(&index->readers, import);
    if (index->owner->state == DATAFLOW_LIVE)
        take_index_snapshot(import);
    return true;
}

static void
open_exports(Dataflow *dataflow, Operator **operators)
{
    Worker *worker = dataflow->worker;
    for (int i = 0; i < dataflow->plan->export_count; i++) {
        Export *export = &dataflow->exports[i];
        export->plan = &dataflow->plan->exports[i];
        export->op = operators[i];
        if (export->plan->kind == EXPORT_INDEX) {
            Index *index = memory_calloc(1, sizeof *index);
            *index = (Index){.id = export->plan->id, .owner = dataflow, .op = export->op};
            export->index = index;
            map_put_u64(worker->indexes, index->id, index);
        }
        if (export->plan->kind == EXPORT_INDEX || export->plan->kind == EXPORT_SHARD) {
            Published *published = memory_calloc(1, sizeof *published);
            published->export_id = export->plan->id;
            published->is_index = export->plan->kind == EXPORT_INDEX;
            pthread_mutex_lock(&worker->cluster->publish_lock);
            Published *old = map_put_u64(worker->cluster->published, export->plan->id, published);
            pthread_mutex_unlock(&worker->cluster->publish_lock);
            published_free(old);
        }
    }
}

static bool
all_lockstep(const Dataflow *dataflow)
{
    for (int i = 0; i < dataflow->plan->import_count; i++) {
        const Import *import = &dataflow->imports[i];
        if (import->kind == IMPORT_FEED || (import->kind == IMPORT_INDEX && !import->index->owner->lockstep))
            return false;
    }
    return true;
}

static bool
check_create(Worker *worker, const Command *command, Error *err)
{
    const DataflowPlan *plan = command->plan;
    if (!dataflow_plan_check(plan, err))
        return false;
    if (map_get_u64(worker->dataflows, command->id) != NULL)
        return error_set(err, SQLSTATE_INTERNAL_ERROR, "dataflow %llu exists already",
                         (unsigned long long) command->id);
    for (int i = 0; i < plan->export_count; i++)
        if (plan->exports[i].kind == EXPORT_INDEX && map_get_u64(worker->indexes, plan->exports[i].id) != NULL)
            return error_set(err, SQLSTATE_INTERNAL_ERROR, "index u%llu exists already on this cluster",
                             (unsigned long long) plan->exports[i].id);
    return true;
}

static Dataflow *
dataflow_new(Worker *worker, const Command *command)
{
    DataflowPlan *plan = command->plan;
    Dataflow *dataflow = memory_calloc(1, sizeof *dataflow);
    dataflow->id = command->id;
    dataflow->worker = worker;
    dataflow->plan = plan;
    dataflow->cancel = cancel_flag_retain(command->cancel);
    dataflow->wakeup = TIMESTAMP_MAX;
    dataflow->imports = memory_calloc((size_t) plan->import_count + 1, sizeof *dataflow->imports);
    dataflow->exports = memory_calloc((size_t) plan->export_count + 1, sizeof *dataflow->exports);
    dataflow->circuit = circuit_new(dataflow->cancel, plan->one_shot);
    dataflow->circuit->style = plan->style;
    dataflow->circuit->emit = emit;
    dataflow->circuit->emit_context = dataflow;
    return dataflow;
}

/* A dataflow that has imports only; the plan stays the command's. */
static void
dataflow_undo(Dataflow *dataflow)
{
    for (int i = 0; i < dataflow->plan->import_count; i++)
        import_detach(&dataflow->imports[i]);
    circuit_free(dataflow->circuit);
    cancel_flag_release(dataflow->cancel);
    free(dataflow->imports);
    free(dataflow->exports);
    free(dataflow);
}

static bool
open_imports(Dataflow *dataflow, const Command *command, Error *err)
{
    for (int i = 0; i < dataflow->plan->import_count; i++) {
        dataflow->imports[i].dataflow = dataflow;
        dataflow->imports[i].plan = &dataflow->plan->imports[i];
    }
    for (int i = 0; i < dataflow->plan->import_count; i++)
        if (!open_import(dataflow, i, &command->imports[i], err))
            return false;
    return true;
}

/* A query over many rows runs on all of the cluster's threads. */
static void
add_lanes(Dataflow *dataflow)
{
    const DataflowPlan *plan = dataflow->plan;
    Crew *crew = dataflow->worker->cluster->crew;
    uint64_t rows = 0;
    for (int i = 0; i < plan->import_count; i++) {
        if (dataflow->imports[i].index != NULL)
            return;
        rows += snapshot_rows(dataflow->imports[i].rows);
    }
    if (!plan->one_shot || rows < LANE_ROWS_MIN)
        return;
    Spine **spines = memory_calloc((size_t) plan->import_count + 1, sizeof *spines);
    Operator **imports = memory_calloc((size_t) plan->import_count + 1, sizeof *imports);
    Operator **exports = memory_calloc((size_t) plan->export_count + 1, sizeof *exports);
    dataflow->circuit->crew = crew;
    for (int lane = 1; lane < crew_size(crew); lane++) {
        Circuit *circuit = circuit_new(dataflow->cancel, true);
        circuit->style = plan->style;
        render_plan(circuit, plan, spines, imports, exports);
        circuit_add_lane(dataflow->circuit, circuit);
    }
    free(spines);
    free(imports);
    free(exports);
}

static void
render(Dataflow *dataflow)
{
    const DataflowPlan *plan = dataflow->plan;
    Spine **spines = memory_calloc((size_t) plan->import_count + 1, sizeof *spines);
    Operator **imports = memory_calloc((size_t) plan->import_count + 1, sizeof *imports);
    Operator **exports = memory_calloc((size_t) plan->export_count + 1, sizeof *exports);
    for (int i = 0; i < plan->import_count; i++)
        if (dataflow->imports[i].index != NULL)
            spines[i] = op_index_rows(dataflow->imports[i].index->op)->spine;
    render_plan(dataflow->circuit, plan, spines, imports, exports);
    for (int i = 0; i < plan->import_count; i++)
        dataflow->imports[i].op = imports[i];
    open_exports(dataflow, exports);
    add_lanes(dataflow);
    free(spines);
    free(imports);
    free(exports);
}

void
dataflow_create(Worker *worker, Command *command)
{
    Error err = ERROR_INIT;
    Dataflow *dataflow = NULL;
    bool ok = check_create(worker, command, &err);
    if (ok) {
        dataflow = dataflow_new(worker, command);
        ok = open_imports(dataflow, command, &err);
    }
    if (!ok) {
        fail_to_create(worker, command, &err);
        if (dataflow != NULL)
            dataflow_undo(dataflow);
        error_clear(&err);
        return;
    }
    command_release_snapshots(command); /* those that an index stands in for */
    command->plan = NULL;
    render(dataflow);
    dataflow->lockstep = all_lockstep(dataflow);
    map_put_u64(worker->dataflows, dataflow->id, dataflow);
    vector_push(&worker->all, dataflow);
    worker->epoch++;
    worker_watch(worker, dataflow);
    worker_schedule(worker, dataflow);
}

/* ---- steps */

/* True: it has begun, or the dataflow is further than that. */
static bool
try_hydrate(Dataflow *dataflow)
{
    const DataflowPlan *plan = dataflow->plan;
    for (int i = 0; i < plan->import_count; i++)
        if (import_upper(&dataflow->imports[i]) <= plan->as_of)
            return false;
    for (int i = 0; i < plan->import_count; i++) {
        Import *import = &dataflow->imports[i];
        StepBatch batch;
        while (step_queue_take(&import->queue, plan->as_of, &batch))
            op_import_load(import->op, &batch);
        op_import_load_snapshot(import->op, import->rows, import->errors, plan->as_of, import->snapshot_upper,
                                plan->one_shot ? NULL : &import->queue);
        release_snapshot(import);
    }
    dataflow->state = DATAFLOW_HYDRATING;
    circuit_begin(dataflow->circuit, plan->as_of, true);
    return true;
}

/* False: there is nothing to step to yet. */
static bool
try_step(Dataflow *dataflow)
{
    Timestamp next = dataflow_next_step(dataflow);
    if (next == TIMESTAMP_MAX || next >= dataflow_limit(dataflow))
        return false;
    for (int i = 0; i < dataflow->plan->import_count; i++) {
        StepBatch batch;
        if (step_queue_take(&dataflow->imports[i].queue, next, &batch))
            op_import_load(dataflow->imports[i].op, &batch);
    }
    circuit_begin(dataflow->circuit, next, false);
    dataflow->worker->epoch++;
    return true;
}

/* Hands the index's change of this step to those who read it. */
static void
pass_on_index(const Index *index, Timestamp time)
{
    Run *deltas[] = {op_index_rows(index->op)->delta, op_index_errors(index->op)->delta};
    for (size_t i = 0; i < index->readers.count; i++) {
        Import *reader = index->readers.items[i];
        for (int is_error = 0; is_error < 2 && reader->has_snapshot; is_error++)
            if (deltas[is_error] != NULL)
                step_batch_add_run(step_queue_at(&reader->queue, time), deltas[is_error], is_error == 1);
    }
}

static void
count_rows_in(Dataflow *dataflow)
{
    uint64_t rows = 0;
    for (int i = 0; i < dataflow->plan->import_count; i++)
        rows += dataflow->imports[i].op->rows_out;
    atomic_fetch_add_explicit(&dataflow->worker->cluster->rows_in, rows - dataflow->rows_in, memory_order_relaxed);
    dataflow->rows_in = rows;
}

/* False: the dataflow holds more than the cluster may. */
static bool
account_memory(Dataflow *dataflow, Error *err)
{
    Worker *worker = dataflow->worker;
    uint64_t memory = circuit_memory(dataflow->circuit);
    worker->memory += memory - dataflow->memory;
    bool grew = memory > dataflow->memory;
    dataflow->memory = memory;
    atomic_store_explicit(&worker->cluster->memory_bytes, worker->memory, memory_order_relaxed);
    size_t max = worker->cluster->memory_bytes_max;
    if (max == 0 || worker->memory <= max || !grew)
        return true;
    error_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory in cluster \"%s\"", worker->cluster->name);
    error_detail(err, "Its dataflows hold %llu bytes, and may hold %llu.", (unsigned long long) worker->memory,
                 (unsigned long long) max);
    return error_hint(err, "A larger cluster has more memory.");
}

static void
finish_step(Dataflow *dataflow)
{
    Worker *worker = dataflow->worker;
    Timestamp time = dataflow->circuit->time;
    bool hydrated = dataflow->state == DATAFLOW_HYDRATING;
    for (int i = 0; i < dataflow->plan->export_count; i++)
        if (dataflow->exports[i].index != NULL && !hydrated)
            pass_on_index(dataflow->exports[i].index, time);
    circuit_end(dataflow->circuit);
    dataflow->state = DATAFLOW_LIVE;
    dataflow->wakeup = circuit_wakeup(dataflow->circuit);
    dataflow->worked = dataflow->merging = true;
    worker->epoch++;
    for (int i = 0; i < dataflow->plan->export_count; i++)
        if (dataflow->exports[i].index != NULL)
            index_move_since(dataflow->exports[i].index);
    /* A reader of another's index gives way as it moves on. */
    for (int i = 0; i < dataflow->plan->import_count; i++)
        if (dataflow->imports[i].index != NULL)
            dataflow->imports[i].index->owner->merging = true;
    if (!hydrated)
        return;
    dataflow_publish(dataflow, time + 1);
    for (int i = 0; i < dataflow->plan->export_count; i++) {
        Index *index = dataflow->exports[i].index;
        for (size_t k = 0; index != NULL && k < index->readers.count; k++)
            take_index_snapshot(index->readers.items[k]);
        if (dataflow->plan->one_shot || dataflow->orphaned)
            continue;
        if (dataflow->exports[i].reported <= time)
            dataflow->exports[i].reported = time + 1;
        post(dataflow, &dataflow->exports[i], CLUSTER_HYDRATED, time + 1, NULL);
    }
    worker_watch(worker, dataflow);
}

/* True: it has come to its end and is gone. */
static bool
end_if_over(Dataflow *dataflow)
{
    const DataflowPlan *plan = dataflow->plan;
    bool for_ever = plan->import_count == 0 && dataflow->wakeup == TIMESTAMP_MAX;
    bool subscribed = true;
    for (int i = 0; i < plan->export_count; i++)
        subscribed = subscribed && plan->exports[i].kind == EXPORT_SUBSCRIBE;
    bool over = dataflow_frontier(dataflow) >= plan->until || (for_ever && subscribed);
    if (!over || !subscribed || dataflow_next_step(dataflow) < dataflow_limit(dataflow))
        return false;
    for (int i = 0; i < plan->export_count; i++) {
        ClusterResult last = {.kind = CLUSTER_UPDATES,
                              .dataflow_id = dataflow->id,
                              .export_id = plan->exports[i].id,
                              .upper = plan->until};
        if (dataflow->exports[i].reported < plan->until)
            cluster_post(dataflow->worker->cluster, &last, &dataflow->exports[i].pending, true);
    }
    post(dataflow, &dataflow->exports[0], CLUSTER_ENDED, plan->until, NULL);
    dataflow_free(dataflow);
    return true;
}

static RunOutcome
run_slice(Dataflow *dataflow, int64_t *fuel)
{
    Circuit *circuit = dataflow->circuit;
    for (;;) {
        if (atomic_load_explicit(&dataflow->cancel->cancelled, memory_order_relaxed))
            return RUN_IDLE;
        if (dataflow->state == DATAFLOW_WAITING && !try_hydrate(dataflow))
            return RUN_IDLE;
        if (circuit->phase == CIRCUIT_IDLE && !try_step(dataflow))
            return end_if_over(dataflow) ? RUN_GONE : RUN_IDLE;
        bool done = circuit_run(circuit, fuel);
        count_rows_in(dataflow);
        (void) account_memory(dataflow, &circuit->failure);
        if (error_is_set(&circuit->failure)) {
            dataflow_fail(dataflow, &circuit->failure);
            return RUN_GONE;
        }
        if (atomic_load_explicit(&dataflow->cancel->cancelled, memory_order_relaxed))
            return RUN_IDLE;
        if (!done)
            return RUN_MORE;
        finish_step(dataflow);
        atomic_fetch_add_explicit(&dataflow->worker->cluster->steps, 1, memory_order_relaxed);
        if (dataflow->plan->one_shot) {
            dataflow_free(dataflow);
            return RUN_GONE;
        }
        *fuel -= 64; /* so that many small steps in a row give way too */
        if (*fuel <= 0)
            return RUN_MORE;
    }
}

RunOutcome
dataflow_run(Dataflow *dataflow, int64_t *fuel)
{
    Cluster *cluster = dataflow->worker->cluster;
    int64_t start = clock_steady_us();
    RunOutcome outcome = run_slice(dataflow, fuel);
    atomic_fetch_add_explicit(&cluster->step_us_total, (uint64_t) (clock_steady_us() - start), memory_order_relaxed);
    if (outcome != RUN_GONE && dataflow->state == DATAFLOW_LIVE)
        dataflow_settle(dataflow);
    return outcome;
}

bool
dataflow_merge(Dataflow *dataflow, size_t fuel)
{
    if (dataflow->state != DATAFLOW_LIVE || dataflow->circuit->phase != CIRCUIT_IDLE)
        return false;
    for (int i = 0; i < dataflow->plan->export_count; i++)
        if (dataflow->exports[i].index != NULL)
            index_move_since(dataflow->exports[i].index);
    bool more = circuit_work(dataflow->circuit, fuel);
    Error err = ERROR_INIT;
    (void) account_memory(dataflow, &err);
    error_clear(&err);
    return more;
}

bool
dataflow_is_watched(const Dataflow *dataflow)
{
    if (dataflow->state != DATAFLOW_LIVE || !dataflow->lockstep || dataflow->plan->until != TIMESTAMP_MAX)
        return true;
    for (uint32_t i = 0; i < dataflow->plan->node_count; i++)
        if (dataflow->plan->nodes[i].kind == PLAN_TEMPORAL)
            return true;
    for (int i = 0; i < dataflow->plan->export_count; i++)
        if (dataflow->plan->exports[i].kind == EXPORT_SHARD || dataflow->plan->exports[i].kind == EXPORT_SUBSCRIBE)
            return true;
    return false;
}
