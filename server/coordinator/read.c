/*
 * Reads and subscriptions: which time, where it runs, and what comes back.
 */
#include "server/coordinator/coordinator_internal.h"

#include "base/clock.h"
#include "base/log.h"

#define HELD_BYTES_MAX ((size_t) 256 << 20) /* of one paused subscription */
#define PEEK_ROWS_MAX  100000               /* rows that a peek looks at on the event loop; more goes to the worker */

/* ---- clusters and imports ---- */

static RunningCluster *
running_cluster(Coordinator *coordinator, const char *name, Error *err)
{
    CatalogCluster *cluster = catalog_cluster(coordinator->catalog, name);
    if (cluster == NULL) {
        error_set(err, SQLSTATE_UNDEFINED_OBJECT, "unknown cluster '%s'", name);
        return NULL;
    }
    RunningCluster *running = map_get_u64(coordinator->clusters, cluster->id);
    if (running == NULL || running->cluster == NULL) {
        error_set(err, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                  "CLUSTER \"%s\" has no replicas available to service request", name);
        error_hint(err, "Use SHOW CLUSTER REPLICAS to see which clusters have replicas.");
        return NULL;
    }
    return running;
}

static bool
index_usable(void *context, ObjectId index)
{
    Coordinator *coordinator = context;
    Item *item = catalog_item(coordinator->catalog, index);
    RunningCluster *running = item == NULL ? NULL : map_get_u64(coordinator->clusters, item->cluster);
    return running != NULL && running->cluster != NULL && cluster_export_frontier(running->cluster, index) > 0;
}

IndexOracle
coordinator_indexes(Coordinator *coordinator, const char *cluster_name)
{
    CatalogCluster *cluster = cluster_name == NULL ? NULL : catalog_cluster(coordinator->catalog, cluster_name);
    return (IndexOracle){.cluster = cluster == NULL ? 0 : cluster->id, .usable = index_usable, .context = coordinator};
}

static int64_t
row_count(void *context, const Item *item)
{
    Coordinator *coordinator = context;
    return item->shard == 0 ? -1 : (int64_t) store_shard_rows(coordinator->store, item->shard);
}

RowCounts
coordinator_row_counts(Coordinator *coordinator)
{
    return (RowCounts){row_count, coordinator};
}

static bool
import_state(Coordinator *coordinator, const PlanImport *import, ImportState *state, Error *err)
{
    *state = (ImportState){0};
    if (import->index_id != 0) /* the cluster has it; what it is on may be a view, which is no collection */
        return true;
    Collection *collection = collection_find(coordinator, import->collection_id);
    if (collection == NULL)
        return error_set(err, SQLSTATE_UNDEFINED_TABLE, "collection %llu does not exist",
                         (unsigned long long) import->collection_id);
    *state = (ImportState){.lockstep = collection->lockstep,
                           .upper = collection->lockstep ? coordinator->closed + 1 : collection->upper};
    if (!store_snapshot(coordinator->store, import->collection_id, &state->snapshot))
        return error_set(err, SQLSTATE_UNDEFINED_TABLE, "collection %llu does not exist",
                         (unsigned long long) import->collection_id);
    return true;
}

bool
dataflow_install(Coordinator *coordinator, ObjectId cluster, uint64_t dataflow_id, DataflowPlan *plan, Error *err)
{
    RunningCluster *running = map_get_u64(coordinator->clusters, cluster);
    if (running == NULL || running->cluster == NULL) {
        dataflow_plan_free(plan);
        return error_set(err, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "the cluster has no replicas");
    }
    ImportState *imports = memory_calloc((size_t) plan->import_count + 1, sizeof *imports);
    bool ok = true;
    for (int i = 0; i < plan->import_count && ok; i++)
        ok = import_state(coordinator, &plan->imports[i], &imports[i], err);
    if (ok) {
        cluster_create_dataflow(running->cluster, dataflow_id, plan, imports);
    } else {
        for (int i = 0; i < plan->import_count; i++) {
            if (imports[i].snapshot.rows != NULL)
                spine_snapshot_release(imports[i].snapshot.rows);
            if (imports[i].snapshot.errors != NULL)
                spine_snapshot_release(imports[i].snapshot.errors);
        }
        dataflow_plan_free(plan);
    }
    free(imports);
    return ok;
}

/* ---- choosing a time ---- */

Timestamp
coordinator_timestamp(Coordinator *coordinator)
{
    return coordinator->closed;
}

/* A query over nothing reads at the wall clock; anything else at the newest closed tick. */
static Timestamp
choose_timestamp(Coordinator *coordinator, const PlannedQuery *query, const ReadOptions *options)
{
    if (options->timestamp != 0 && !options->at_least)
        return options->timestamp;
    Timestamp newest = coordinator->closed;
    Timestamp now = (Timestamp) clock_wall_ms();
    if (planned_query_is_constant(query) && now > newest)
        newest = now;
    return options->timestamp > newest ? options->timestamp : newest;
}

static bool
timestamp_is_valid(Coordinator *coordinator, const ObjectId *ids, int count, Timestamp timestamp, Error *err)
{
    for (int i = 0; i < count; i++) {
        Item *item = catalog_item(coordinator->catalog, ids[i]);
        if (item == NULL || item->shard == 0)
            continue;
        Timestamp since = store_shard_since(coordinator->store, item->shard);
        if (timestamp < since) {
            ObjectIdText id = object_id_text(item->id);
            return error_set(err, SQLSTATE_DATA_EXCEPTION, "Timestamp (%llu) is not valid for all inputs: [(%s, %llu)]",
                             (unsigned long long) timestamp, id.text, (unsigned long long) since);
        }
    }
    return true;
}

/* ---- reads ---- */

static void
read_succeed(Operation *operation, ChunkVector *rows)
{
    ReadResult result = {.rows = *rows,
                         .types = operation->execution.result_types,
                         .type_count = operation->execution.result_count,
                         .timestamp = operation->timestamp};
    memset(rows, 0, sizeof *rows);
    operation->read_done(operation->context, &result);
    operation_finish(operation);
}

static void
read_fail(Operation *operation, Error *err)
{
    ReadResult result = {.timestamp = operation->timestamp};
    error_move(&result.error, err);
    operation->read_done(operation->context, &result);
    error_clear(&result.error);
    operation_finish(operation);
}

static bool
peek_is_ready(Coordinator *coordinator, ObjectId cluster, const PeekPlan *peek, Timestamp timestamp)
{
    RunningCluster *running = map_get_u64(coordinator->clusters, cluster);
    return running != NULL && running->cluster != NULL &&
           cluster_export_frontier(running->cluster, peek->index_id) > timestamp;
}

/* Answers a peek whose index has reached the time. *exhausted: too many rows for the event loop. */
static bool
peek_answer(Coordinator *coordinator, ObjectId cluster, const PeekPlan *peek, Timestamp timestamp, bool *exhausted,
            ChunkVector *rows, Error *err)
{
    RunningCluster *running = map_get_u64(coordinator->clusters, cluster);
    IndexSnapshot snapshot;
    if (running == NULL || running->cluster == NULL ||
        !cluster_index_snapshot(running->cluster, peek->index_id, &snapshot))
        return error_set(err, SQLSTATE_QUERY_CANCELED, "query could not complete because an index was dropped");
    bool ok = peek_index(peek, &snapshot, timestamp, PEEK_ROWS_MAX, exhausted, rows, err);
    index_snapshot_release(&snapshot);
    return ok;
}

static void
read_run_dataflow(Operation *operation)
{
    Coordinator *coordinator = operation->coordinator;
    DataflowPlan *plan = operation->execution.plan;
    operation->execution.plan = NULL;
    operation->kind = OPERATION_READ_RUNNING;
    operation->dataflow_id = TRANSIENT_ID | ++coordinator->next_transient;
    plan->as_of = operation->timestamp;
    plan->exports[0].id = operation->dataflow_id;
    plan->exports[0].finishing.bytes_max = operation->options.result_bytes_max;
    coordinator->reads_dataflow++;
    Error err = ERROR_INIT;
    if (operation->cluster == 0) { /* it reads no relation, and still takes an engine: generate_series */
        RunningCluster *running = running_cluster(coordinator, operation->options.cluster, &err);
        if (running == NULL) {
            dataflow_plan_free(plan);
            operation->dataflow_id = 0;
            read_fail(operation, &err);
            return;
        }
        operation->cluster = running->id;
    }
    if (!dataflow_install(coordinator, operation->cluster, operation->dataflow_id, plan, &err)) {
        operation->dataflow_id = 0;
        read_fail(operation, &err);
    }
}

static bool
read_instantiate(Operation *operation, bool with_indexes, Error *err)
{
    Coordinator *coordinator = operation->coordinator;
    IndexOracle oracle = {
        .cluster = with_indexes ? operation->cluster : 0, .usable = index_usable, .context = coordinator};
    EvalContext eval;
    eval_context_init(&eval, operation->arena);
    operation->binding->mz_now = operation->timestamp;
    operation->binding->has_mz_now = true;
    bool ok = query_instantiate(operation->query, coordinator->catalog, operation->binding, &oracle, &eval,
                                operation->arena, &operation->execution, err);
    eval_context_deinit(&eval);
    return ok;
}

/* Goes as far as it can: finishes, starts a dataflow, or leaves the operation waiting. */
static void
read_advance(Operation *operation)
{
    Coordinator *coordinator = operation->coordinator;
    Error err = ERROR_INIT;
    if (operation->kind == OPERATION_READ_WAITING) {
        if (!items_are_readable(coordinator, operation->depends_on, operation->depends_on_count))
            return;
        operation->timestamp = choose_timestamp(coordinator, operation->query, &operation->options);
        bool constant = planned_query_is_constant(operation->query);
        if (!constant && operation->timestamp > coordinator->closed) {
            ticker_want(coordinator, operation->timestamp);
            return;
        }
        if (!timestamp_is_valid(coordinator, operation->depends_on, operation->depends_on_count, operation->timestamp,
                                &err) ||
            !read_instantiate(operation, true, &err)) {
            read_fail(operation, &err);
            return;
        }
        operation->kind = OPERATION_READ_PEEK;
    }
    switch (operation->execution.kind) {
    case EXECUTION_CONSTANT:
        read_succeed(operation, &operation->execution.rows);
        return;
    case EXECUTION_PEEK: {
        if (!peek_is_ready(coordinator, operation->cluster, &operation->execution.peek, operation->timestamp))
            return;
        bool exhausted = false;
        ChunkVector rows = {0};
        if (!peek_answer(coordinator, operation->cluster, &operation->execution.peek, operation->timestamp, &exhausted,
                         &rows, &err)) {
            read_fail(operation, &err);
            return;
        }
        if (!exhausted) {
            read_succeed(operation, &rows);
            return;
        }
        if (!read_instantiate(operation, false, &err)) {
            read_fail(operation, &err);
            return;
        }
        if (operation->execution.kind == EXECUTION_CONSTANT)
            read_succeed(operation, &operation->execution.rows);
        else
            read_run_dataflow(operation);
        return;
    }
    case EXECUTION_DATAFLOW:
        read_run_dataflow(operation);
        return;
    }
}

static void
retry_timer(uv_timer_t *timer)
{
    reads_retry(timer->data);
}

static bool
reads_waiting(Coordinator *coordinator)
{
    for (Operation *operation = coordinator->operations; operation != NULL; operation = operation->next)
        if (operation->kind == OPERATION_READ_PEEK)
            return true;
    return false;
}

void
reads_retry(Coordinator *coordinator)
{
    bool again = true;
    while (again) { /* a callback may change the list: begin anew after each that moved */
        again = false;
        for (Operation *operation = coordinator->operations; operation != NULL; operation = operation->next) {
            if (operation->kind != OPERATION_READ_WAITING && operation->kind != OPERATION_READ_PEEK)
                continue;
            if (operation->kind == OPERATION_READ_PEEK && operation->execution.kind == EXECUTION_PEEK &&
                !peek_is_ready(coordinator, operation->cluster, &operation->execution.peek, operation->timestamp))
                continue;
            if (operation->kind == OPERATION_READ_WAITING &&
                !items_are_readable(coordinator, operation->depends_on, operation->depends_on_count))
                continue;
            if (operation->kind == OPERATION_READ_WAITING && !planned_query_is_constant(operation->query) &&
                operation->options.timestamp > coordinator->closed)
                continue;
            read_advance(operation);
            again = true;
            break;
        }
    }
    if (reads_waiting(coordinator)) {
        if (!uv_is_active((uv_handle_t *) &coordinator->retry))
            uv_timer_start(&coordinator->retry, retry_timer, 1, 0);
    }
}

static const char *
read_cluster_name(const PlannedQuery *query, const ReadOptions *options)
{
    return planned_query_is_system_only(query) ? "mz_catalog_server" : options->cluster;
}

bool
coordinator_read_now(Coordinator *coordinator, const PlannedQuery *query, ContextBinding *binding,
                     const ReadOptions *options, Arena *arena, ReadResult *result)
{
    bool constant = planned_query_is_constant(query);
    if (!constant && (coordinator->unreadable_count > 0 || options->timestamp != 0))
        return false;
    CatalogCluster *cluster = NULL;
    if (!constant) {
        if (planned_query_is_system_only(query))
            return false;
        cluster = catalog_cluster(coordinator->catalog, options->cluster);
        if (cluster == NULL)
            return false;
    }
    Timestamp timestamp = choose_timestamp(coordinator, query, options);
    IndexOracle oracle = {.cluster = cluster == NULL ? 0 : cluster->id, .usable = index_usable, .context = coordinator};
    EvalContext eval;
    eval_context_init(&eval, arena);
    binding->mz_now = timestamp;
    binding->has_mz_now = true;
    QueryExecution execution = {0};
    memset(result, 0, sizeof *result);
    bool ok =
        query_instantiate(query, coordinator->catalog, binding, &oracle, &eval, arena, &execution, &result->error);
    eval_context_deinit(&eval);
    if (!ok)
        return true;
    result->types = execution.result_types;
    result->type_count = execution.result_count;
    result->timestamp = timestamp;
    if (execution.kind == EXECUTION_CONSTANT) {
        result->rows = execution.rows;
        coordinator->reads_fast++;
        return true;
    }
    if (execution.kind == EXECUTION_DATAFLOW) {
        dataflow_plan_free(execution.plan);
        return false;
    }
    if (!peek_is_ready(coordinator, cluster->id, &execution.peek, timestamp))
        return false;
    bool exhausted = false;
    if (!peek_answer(coordinator, cluster->id, &execution.peek, timestamp, &exhausted, &result->rows, &result->error))
        return true;
    if (exhausted)
        return false;
    coordinator->reads_fast++;
    return true;
}

Operation *
coordinator_read(Coordinator *coordinator, const PlannedQuery *query, ContextBinding *binding,
                 const ReadOptions *options, ReadDone done, void *context)
{
    Operation *operation = operation_new(coordinator, OPERATION_READ_WAITING, context);
    operation->read_done = done;
    operation->query = query;
    operation->binding = arena_new_struct(operation->arena, ContextBinding);
    *operation->binding = *binding;
    operation->options = *options;
    operation->options.cluster = arena_strdup(operation->arena, options->cluster);
    const ObjectId *ids;
    int count;
    planned_query_dependencies(query, &ids, &count);
    collect_relations(coordinator, ids, count, operation->arena, &operation->depends_on, &operation->depends_on_count);
    if (!planned_query_is_constant(query)) {
        Error err = ERROR_INIT;
        RunningCluster *running = running_cluster(coordinator, read_cluster_name(query, options), &err);
        if (running == NULL) {
            read_fail(operation, &err);
            return NULL;
        }
        operation->cluster = running->id;
    }
    /* read_advance frees the operation when it finishes it: found out by looking for it. */
    read_advance(operation);
    for (Operation *o = coordinator->operations; o != NULL; o = o->next)
        if (o == operation) {
            if (operation->kind == OPERATION_READ_PEEK)
                reads_retry(coordinator);
            break;
        }
    for (Operation *o = coordinator->operations; o != NULL; o = o->next)
        if (o == operation)
            return operation;
    return NULL;
}

/* ---- subscriptions ---- */

static void
subscription_end(Operation *operation, Error *err)
{
    SubscribeCallbacks callbacks = operation->subscribe;
    operation->dataflow_id = 0;
    operation_finish(operation);
    callbacks.ended(callbacks.context, err);
}

static bool
subscription_begin(Operation *operation, Error *err)
{
    Coordinator *coordinator = operation->coordinator;
    IndexOracle oracle = {.cluster = operation->cluster, .usable = index_usable, .context = coordinator};
    Arena *arena = arena_new();
    EvalContext eval;
    eval_context_init(&eval, arena);
    PlannerContext planner = {.catalog = coordinator->catalog, .eval = &eval, .arena = arena};
    operation->binding->mz_now = operation->timestamp;
    operation->binding->has_mz_now = false;
    DataflowPlan *plan = NULL;
    bool ok =
        plan_subscribe_dataflow(&planner, operation->subscribe_plan->query, operation->binding, &oracle, &plan, err);
    eval_context_deinit(&eval);
    arena_free(arena);
    if (!ok)
        return false;
    operation->dataflow_id = TRANSIENT_ID | ++coordinator->next_transient;
    plan->as_of = operation->timestamp;
    plan->until = operation->subscribe_options.up_to;
    plan->exports[0].id = operation->dataflow_id;
    plan->exports[0].with_snapshot =
        operation->subscribe_options.snapshot && operation->timestamp < operation->subscribe_options.up_to;
    if (!dataflow_install(coordinator, operation->cluster, operation->dataflow_id, plan, err)) {
        operation->dataflow_id = 0;
        return false;
    }
    return true;
}

static bool
subscription_choose_time(Coordinator *coordinator, Operation *operation, const SubscribeOptions *options, Error *err)
{
    Timestamp newest = coordinator->closed;
    operation->timestamp = newest;
    if (options->has_as_of && (!options->as_of_at_least || options->as_of > newest))
        operation->timestamp = options->as_of;
    if (options->up_to < operation->timestamp)
        return error_set(err, SQLSTATE_DATA_EXCEPTION,
                         "subscription lower (\"as of\") bound is beyond its upper (\"up to\") bound: %llu < %llu",
                         (unsigned long long) options->up_to, (unsigned long long) operation->timestamp);
    return timestamp_is_valid(coordinator, operation->depends_on, operation->depends_on_count, operation->timestamp,
                              err);
}

Operation *
coordinator_subscribe(Coordinator *coordinator, const SubscribePlan *plan, ContextBinding *binding,
                      const SubscribeOptions *options, const SubscribeCallbacks *callbacks, Timestamp *as_of,
                      Error *err)
{
    const char *name = planned_query_is_system_only(plan->query) && !planned_query_is_constant(plan->query)
                           ? "mz_catalog_server"
                           : options->cluster;
    RunningCluster *running = running_cluster(coordinator, name, err);
    if (running == NULL)
        return NULL;
    Operation *operation = operation_new(coordinator, OPERATION_SUBSCRIBE, callbacks->context);
    operation->subscribe = *callbacks;
    operation->subscribe_plan = plan;
    operation->subscribe_options = *options;
    operation->cluster = running->id;
    operation->binding = arena_new_struct(operation->arena, ContextBinding);
    *operation->binding = *binding;
    const ObjectId *ids;
    int count;
    planned_query_dependencies(plan->query, &ids, &count);
    collect_relations(coordinator, ids, count, operation->arena, &operation->depends_on, &operation->depends_on_count);
    if (!subscription_choose_time(coordinator, operation, options, err)) {
        operation_finish(operation);
        return NULL;
    }
    *as_of = operation->timestamp;
    /* What is not readable yet, or lies ahead, begins later: reads_retry does not know subscriptions, subscriptions_start does. */
    if (items_are_readable(coordinator, operation->depends_on, operation->depends_on_count) &&
        operation->timestamp <= coordinator->closed && !subscription_begin(operation, err)) {
        operation_finish(operation);
        return NULL;
    }
    if (operation->timestamp > coordinator->closed)
        ticker_want(coordinator, operation->timestamp);
    return operation;
}

void
subscriptions_start(Coordinator *coordinator)
{
    Operation *next;
    for (Operation *operation = coordinator->operations; operation != NULL; operation = next) {
        next = operation->next;
        if (operation->kind != OPERATION_SUBSCRIBE || operation->dataflow_id != 0)
            continue;
        if (!items_are_readable(coordinator, operation->depends_on, operation->depends_on_count))
            continue;
        if (!operation->subscribe_options.has_as_of)
            operation->timestamp = coordinator->closed;
        if (operation->timestamp > coordinator->closed)
            continue;
        Error err = ERROR_INIT;
        if (!subscription_begin(operation, &err)) {
            subscription_end(operation, &err);
            error_clear(&err);
            next = coordinator->operations;
        }
    }
}

void
subscription_pause(Operation *subscription)
{
    subscription->paused = true;
}

static void subscription_result(Operation *operation, ClusterResult *result);

void
subscription_resume(Operation *subscription)
{
    subscription->paused = false;
    while (!subscription->paused && subscription->held.count > 0) {
        ClusterResult result = subscription->held.items[0];
        vector_remove(&subscription->held, 0);
        bool last = result.kind != CLUSTER_UPDATES;
        subscription_result(subscription, &result);
        cluster_result_deinit(&result);
        if (last)
            return;
    }
    if (subscription->held.count == 0)
        subscription->held_bytes = 0;
}

static void
subscription_hold(Operation *operation, ClusterResult *result)
{
    for (size_t i = 0; i < result->rows.count; i++)
        operation->held_bytes += chunk_memory(result->rows.items[i]);
    if (operation->held_bytes > HELD_BYTES_MAX) {
        Error err = ERROR_INIT;
        error_set(&err, SQLSTATE_OUT_OF_MEMORY,
                  "subscription fell too far behind: more than %zu bytes of updates are waiting to be read",
                  HELD_BYTES_MAX);
        RunningCluster *running = map_get_u64(operation->coordinator->clusters, operation->cluster);
        if (running != NULL && running->cluster != NULL)
            cluster_drop_dataflow(running->cluster, operation->dataflow_id);
        subscription_end(operation, &err);
        error_clear(&err);
        return;
    }
    vector_push(&operation->held, *result);
    memset(result, 0, sizeof *result);
}

/* May end the operation. */
static void
subscription_result(Operation *operation, ClusterResult *result)
{
    Error err = ERROR_INIT;
    switch (result->kind) {
    case CLUSTER_UPDATES:
        if (result->errors.count > 0) {
            Arena *arena = arena_new();
            const Chunk *chunk = result->errors.items[0];
            EvalError error = eval_error_decode(column_bytes(chunk->columns[0], 0), arena);
            error_from_eval(&err, &error);
            arena_free(arena);
            RunningCluster *running = map_get_u64(operation->coordinator->clusters, operation->cluster);
            if (running != NULL && running->cluster != NULL)
                cluster_drop_dataflow(running->cluster, operation->dataflow_id);
            subscription_end(operation, &err);
            error_clear(&err);
            return;
        }
        operation->subscribe.updates(operation->subscribe.context, &result->rows, result->upper);
        return;
    case CLUSTER_FRONTIER: {
        ChunkVector none = {0};
        operation->subscribe.updates(operation->subscribe.context, &none, result->upper);
        return;
    }
    case CLUSTER_FAILED:
        error_move(&err, &result->error);
        subscription_end(operation, &err);
        error_clear(&err);
        return;
    case CLUSTER_ENDED:
        subscription_end(operation, &err);
        return;
    case CLUSTER_HYDRATED:
    case CLUSTER_PEEK_ROWS:
        return;
    }
}

/* ---- what clusters say ---- */

static Operation *
operation_of_dataflow(Coordinator *coordinator, uint64_t dataflow_id)
{
    for (Operation *operation = coordinator->operations; operation != NULL; operation = operation->next)
        if (operation->dataflow_id == dataflow_id)
            return operation;
    return NULL;
}

static void
peek_result(Operation *operation, ClusterResult *result)
{
    switch (result->kind) {
    case CLUSTER_PEEK_ROWS:
        read_succeed(operation, &result->rows);
        return;
    case CLUSTER_FAILED:
        read_fail(operation, &result->error);
        return;
    case CLUSTER_ENDED: {
        Error err = ERROR_INIT;
        error_set(&err, SQLSTATE_QUERY_CANCELED, "query could not complete because its dataflow was dropped");
        read_fail(operation, &err);
        return;
    }
    default:
        return;
    }
}

/* A maintained collection moved: its shard takes the updates, and other dataflows that read it hear of them. */
static void
shard_result(Coordinator *coordinator, ClusterResult *result)
{
    Collection *collection = collection_find(coordinator, result->export_id);
    if (collection == NULL)
        return;
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(coordinator->clusters, &iterator, &key, &value)) {
        RunningCluster *running = value;
        if (running->cluster == NULL)
            continue;
        ChunkVector rows = {0}, errors = {0};
        for (size_t r = 0; r < result->rows.count; r++)
            vector_push(&rows, chunk_retain(result->rows.items[r]));
        for (size_t r = 0; r < result->errors.count; r++)
            vector_push(&errors, chunk_retain(result->errors.items[r]));
        cluster_feed(running->cluster, collection->shard_id, &rows, &errors, result->upper);
    }
    store_append(coordinator->store, collection->shard_id, &result->rows, &result->errors, result->upper);
    collection->upper = result->upper;
}

void
read_cluster_result(Coordinator *coordinator, RunningCluster *running, ClusterResult *result)
{
    (void) running;
    Operation *operation =
        (result->dataflow_id & TRANSIENT_ID) != 0 ? operation_of_dataflow(coordinator, result->dataflow_id) : NULL;
    if (operation != NULL) {
        if (operation->kind == OPERATION_SUBSCRIBE) {
            if (operation->paused || operation->held.count > 0)
                subscription_hold(operation, result);
            else
                subscription_result(operation, result);
        } else {
            peek_result(operation, result);
        }
    } else if ((result->dataflow_id & TRANSIENT_ID) == 0) {
        if (result->kind == CLUSTER_UPDATES || result->kind == CLUSTER_FRONTIER)
            shard_result(coordinator, result);
        else if (result->kind == CLUSTER_FAILED)
            log_error("coordinator", "a dataflow failed export=%s error=\"%s\"", object_id_text(result->export_id).text,
                      result->error.message);
    }
    cluster_result_deinit(result);
}
