/*
 * DDL: one change at a time, durable in a tick, then applied, then what follows is started and stopped.
 *
 *     coordinator_ddl_lock -> plan -> coordinator_change: secrets, validation (pool) -> tick -> change_committed -> callback
 */
#include "server/coordinator/coordinator_internal.h"

#include "base/log.h"

/* ---- the lock ---- */

static void
ddl_next(Coordinator *coordinator)
{
    while (!coordinator->ddl_locked && coordinator->ddl_queue.count > 0) {
        Operation *operation = coordinator->ddl_queue.items[0];
        vector_remove(&coordinator->ddl_queue, 0);
        if (operation == NULL)
            continue;
        coordinator->ddl_locked = true;
        void (*begin)(void *) = operation->begin;
        void *context = operation->context;
        operation_finish(operation);
        begin(context);
    }
}

Operation *
coordinator_ddl_lock(Coordinator *coordinator, void (*begin)(void *context), void *context)
{
    if (!coordinator->ddl_locked && coordinator->ddl_queue.count == 0) {
        coordinator->ddl_locked = true;
        begin(context);
        return NULL;
    }
    Operation *operation = operation_new(coordinator, OPERATION_LOCK, context);
    operation->begin = begin;
    vector_push(&coordinator->ddl_queue, operation);
    return operation;
}

void
coordinator_ddl_unlock(Coordinator *coordinator)
{
    /* A change whose session has given up goes on, and the lock with it: who plans next must see what it has changed. */
    for (Operation *operation = coordinator->operations; operation != NULL; operation = operation->next)
        if (operation->kind == OPERATION_CHANGE)
            return;
    coordinator->ddl_locked = false;
    ddl_next(coordinator);
}

/* ---- clusters ---- */

static void
cluster_wake(void *context)
{
    Coordinator *coordinator = context;
    uv_async_send(&coordinator->wake);
}

static void
cluster_stop(Coordinator *coordinator, ObjectId id)
{
    RunningCluster *running = map_get_u64(coordinator->clusters, id);
    if (running == NULL)
        return;
    if (running->cluster != NULL)
        cluster_free(running->cluster);
    running->cluster = NULL;
}

typedef struct ClusterVisit {
    Coordinator *coordinator;
    ObjectId cluster;
    bool running;
} ClusterVisit;

static void
cluster_item_moved(void *context, Item *item)
{
    ClusterVisit *visit = context;
    if (item->cluster != visit->cluster)
        return;
    if (item->kind == ITEM_SOURCE && item->source_kind == SOURCE_POSTGRES) {
        if (visit->running)
            source_start(visit->coordinator, item);
        else
            source_stop(visit->coordinator, item->id);
    } else if (visit->running) {
        item_start(visit->coordinator, item);
    }
}

void
cluster_start(Coordinator *coordinator, const CatalogCluster *cluster)
{
    RunningCluster *running = map_get_u64(coordinator->clusters, cluster->id);
    bool known = running != NULL;
    if (!known) {
        running = memory_calloc(1, sizeof *running);
        running->id = cluster->id;
        map_put_u64(coordinator->clusters, cluster->id, running);
    }
    bool wanted = cluster->replica_count > 0;
    if (wanted == (running->cluster != NULL))
        return;
    if (wanted) {
        /* The memory of a size bounds what a cluster's dataflows hold. */
        const ClusterSize *size = cluster_size(cluster->replicas[0].size == NULL ? "" : cluster->replicas[0].size);
        ClusterOptions options = {.name = cluster->name,
                                  .memory_bytes_max = size == NULL ? 0 : size->memory_bytes,
                                  .wake = cluster_wake,
                                  .wake_context = coordinator};
        running->cluster = cluster_new(&options);
    } else {
        cluster_stop(coordinator, cluster->id);
    }
    if (known) {
        ClusterVisit visit = {coordinator, cluster->id, wanted};
        catalog_each_item(coordinator->catalog, cluster_item_moved, &visit);
    }
}

/* ---- what an item runs ---- */

static bool
maintained_plan(Coordinator *coordinator, const Item *item, DataflowPlan **plan, Error *err)
{
    IndexOracle oracle = coordinator_indexes(coordinator, NULL);
    oracle.cluster = item->cluster;
    Arena *arena = arena_new();
    EvalContext eval;
    eval_context_init(&eval, arena);
    PlannerContext planner = {.catalog = coordinator->catalog,
                              .eval = &eval,
                              .arena = arena,
                              .row_counts = coordinator_row_counts(coordinator)};
    bool ok;
    if (item->kind == ITEM_INDEX) {
        const Item *on = catalog_item(coordinator->catalog, item->index_on);
        ok = plan_index_dataflow(&planner, on, item->index_keys, item->index_key_count, &oracle, plan, err);
    } else {
        ok = plan_view_dataflow(&planner, item, &oracle, plan, err);
    }
    eval_context_deinit(&eval);
    arena_free(arena);
    return ok;
}

static void
maintained_start(Coordinator *coordinator, const Item *item)
{
    RunningCluster *running = map_get_u64(coordinator->clusters, item->cluster);
    if (running == NULL || running->cluster == NULL)
        return;
    Error err = ERROR_INIT;
    DataflowPlan *plan = NULL;
    if (maintained_plan(coordinator, item, &plan, &err)) {
        plan->as_of = coordinator->closed;
        plan->until = TIMESTAMP_MAX;
        plan->exports[0].id = item->kind == ITEM_INDEX ? item->id : item->shard;
        if (dataflow_install(coordinator, item->cluster, item->id, plan, &err))
            return;
    }
    log_error("coordinator", "cannot maintain item=%s name=%s error=\"%s\"", object_id_text(item->id).text, item->name,
              err.message);
    error_clear(&err);
}

static void
materialized_view_start(Coordinator *coordinator, const Item *item)
{
    if (collection_find(coordinator, item->shard) != NULL) { /* its cluster came back: what it held is recomputed */
        collection_remove(coordinator, item->shard);
        store_drop_ephemeral(coordinator->store, item->shard);
    }
    Layout *layout = relation_layout(item->desc);
    ShardSpec spec = {.shard_id = item->shard, .layout = layout, .ephemeral = true, .lockstep = false};
    store_create_ephemeral(coordinator->store, &spec, 0);
    layout_release(layout);
    collection_add(coordinator, item->shard, item->id, false, true, 0);
    maintained_start(coordinator, item);
}

void
item_start(Coordinator *coordinator, const Item *item)
{
    switch (item->kind) {
    case ITEM_TABLE:
    case ITEM_SOURCE:
        if (item->shard == 0)
            return;
        if (item->upstream != NULL)
            source_table_start(coordinator, item);
        else if (collection_find(coordinator, item->shard) == NULL)
            collection_add(coordinator, item->shard, item->id, true, true, 0);
        return;
    case ITEM_MATERIALIZED_VIEW:
        materialized_view_start(coordinator, item);
        return;
    case ITEM_INDEX:
        maintained_start(coordinator, item);
        return;
    default:
        return;
    }
}

void
item_stop(Coordinator *coordinator, const Item *item)
{
    RunningCluster *running = map_get_u64(coordinator->clusters, item->cluster);
    Arena *arena = arena_new();
    switch (item->kind) {
    case ITEM_TABLE:
    case ITEM_SOURCE:
        if (item->upstream != NULL)
            source_table_stop(coordinator, item);
        if (item->source_kind == SOURCE_POSTGRES && item->postgres != NULL) {
            source_drop_slot(coordinator, item);
            source_stop(coordinator, item->id);
            source_state_remove(coordinator, item->id);
        }
        if (item->shard != 0)
            collection_remove(coordinator, item->shard);
        break;
    case ITEM_MATERIALIZED_VIEW:
        if (running != NULL && running->cluster != NULL)
            cluster_drop_dataflow(running->cluster, item->id);
        collection_remove(coordinator, item->shard);
        store_drop_ephemeral(coordinator->store, item->shard);
        break;
    case ITEM_INDEX:
        if (running != NULL && running->cluster != NULL)
            cluster_drop_dataflow(running->cluster, item->id);
        break;
    case ITEM_SECRET: {
        Error err = ERROR_INIT;
        if (!secret_remove(coordinator->secrets, item->id, &err))
            log_warn("coordinator", "a dropped secret's file is still there error=\"%s\"", err.message);
        error_clear(&err);
        break;
    }
    default:
        break;
    }
    if (item_is_relation(item))
        operations_fail_dependents(coordinator, item->id, "relation", item_full_name(item, arena));
    arena_free(arena);
}

/* ---- making a change durable ---- */

static bool
write_secrets(Coordinator *coordinator, const StatementPlan *plan, ContextBinding *binding, EvalContext *eval,
              Error *err)
{
    for (int i = 0; i < plan->secret_count; i++) {
        Scalar *bound;
        Datum value;
        const EvalError *failed;
        if (!scalar_bind_context(eval->arena, plan->secrets[i].value, binding, &bound, err))
            return false;
        if (!evaluate_constant(bound, eval, &value, &failed)) {
            error_from_eval(err, failed);
            return false;
        }
        if (value.is_null)
            return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "secret value can not be null");
        if (value.bytes.size > 512 * 1024)
            return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "secrets can not be bigger than 512KiB");
        if (!secret_write(coordinator->secrets, plan->secrets[i].id, value.bytes, err))
            return false;
    }
    return true;
}

static void
change_item_shards(Coordinator *coordinator, const ChangeStep *step, TickCommit *commit)
{
    char key[48];
    if (step->kind == CHANGE_PUT_ITEM) {
        const Item *item = step->item;
        bool durable = (item->kind == ITEM_TABLE || item->kind == ITEM_SOURCE) && item->shard != 0;
        if (!durable || catalog_item(coordinator->catalog, item->id) != NULL)
            return;
        ShardSpec spec = {.shard_id = item->shard,
                          .layout = relation_layout(item->desc),
                          .ephemeral = item->source_kind == SOURCE_PROGRESS,
                          .lockstep = true};
        vector_push(&commit->created, spec);
    } else if (step->kind == CHANGE_DROP_ITEM) {
        const Item *item = catalog_item(coordinator->catalog, step->id);
        if (item == NULL)
            return;
        if ((item->kind == ITEM_TABLE || item->kind == ITEM_SOURCE) && item->shard != 0) {
            vector_push(&commit->dropped, item->shard);
            static const char *const records[] = {"snapshot", "broken"};
            for (size_t i = 0; i < 2; i++) {
                snprintf(key, sizeof key, "%s/%llu", records[i], (unsigned long long) item->shard);
                tick_commit_meta(commit, key, NULL, 0);
            }
        }
        if (item->source_kind == SOURCE_POSTGRES) {
            snprintf(key, sizeof key, "source/%llu", (unsigned long long) item->id);
            tick_commit_meta(commit, key, NULL, 0);
        }
    }
}

static void
change_commit(Operation *operation)
{
    Coordinator *coordinator = operation->coordinator;
    TickCommit *commit = ticker_open(coordinator);
    for (size_t i = 0; i < operation->change->steps.count; i++)
        change_item_shards(coordinator, &operation->change->steps.items[i], commit);
    catalog_change_rows(coordinator->catalog, operation->change, ticker_emit_rows, coordinator);
    vector_push(&coordinator->open_waiters, operation);
    ticker_kick(coordinator);
}

static void
change_end(Operation *operation, Error *err)
{
    if (operation->change != NULL)
        catalog_change_free(operation->change);
    ChangeDone done = operation->change_done;
    void *context = operation->context;
    Coordinator *coordinator = operation->coordinator;
    bool cancelled = operation->cancelled;
    operation_finish(operation);
    if (!cancelled)
        done(context, err);
    else
        coordinator_ddl_unlock(coordinator);
}

/* ---- validation ---- */

typedef struct ValidateJob {
    PostgresConfig *configs;
    int count;
} ValidateJob;

static void
validate_run(PoolJob *job)
{
    ValidateJob *validate = job->input;
    for (int i = 0; i < validate->count; i++)
        if (!postgres_validate(&validate->configs[i], &job->error))
            return;
}

static void
validate_done(PoolJob *job)
{
    ValidateJob *validate = job->input;
    for (int i = 0; i < validate->count; i++)
        postgres_config_deinit(&validate->configs[i]);
    Operation *operation = job->operation;
    if (operation == NULL)
        return;
    if (operation->kind == OPERATION_VALIDATE || error_is_set(&job->error))
        change_end(operation, &job->error);
    else
        change_commit(operation);
}

static const Item *
changed_item(const Coordinator *coordinator, const CatalogChange *change, ObjectId id)
{
    if (change != NULL)
        for (size_t i = 0; i < change->steps.count; i++)
            if (change->steps.items[i].kind == CHANGE_PUT_ITEM && change->steps.items[i].item->id == id)
                return change->steps.items[i].item;
    return catalog_item(coordinator->catalog, id);
}

/* Only PostgreSQL connections are asked; the other kinds are stored as they are. */
static bool
validate_start(Operation *operation, const ObjectId *connections, int count, bool *started, Error *err)
{
    Coordinator *coordinator = operation->coordinator;
    PoolJob *job = pool_job_new(coordinator, operation, validate_run, validate_done);
    ValidateJob *validate = arena_new_struct(job->arena, ValidateJob);
    validate->configs = arena_new_array(job->arena, PostgresConfig, count);
    job->input = validate;
    *started = false;
    bool ok = true;
    for (int i = 0; i < count && ok; i++) {
        const Item *item = changed_item(coordinator, operation->change, connections[i]);
        if (strcmp(item->connection_type, "postgres") != 0)
            continue;
        ok = connection_config(coordinator, item, &validate->configs[validate->count], err);
        validate->count += ok;
    }
    if (ok && validate->count > 0) {
        *started = true;
        pool_job_start(job);
        return true;
    }
    for (int i = 0; i < validate->count; i++)
        postgres_config_deinit(&validate->configs[i]);
    operation->job = NULL;
    arena_free(job->arena);
    free(job);
    return ok;
}

Operation *
coordinator_validate(Coordinator *coordinator, ObjectId connection, ChangeDone done, void *context)
{
    Operation *operation = operation_new(coordinator, OPERATION_VALIDATE, context);
    operation->change_done = done;
    bool started;
    Error err = ERROR_INIT;
    if (validate_start(operation, &connection, 1, &started, &err) && started)
        return operation;
    change_end(operation, &err);
    error_clear(&err);
    return NULL;
}

Operation *
coordinator_change(Coordinator *coordinator, StatementPlan *plan, ContextBinding *binding, EvalContext *eval,
                   ChangeDone done, void *context)
{
    Operation *operation = operation_new(coordinator, OPERATION_CHANGE, context);
    operation->change_done = done;
    operation->change = plan->change;
    plan->change = NULL;
    Error err = ERROR_INIT;
    bool started = false;
    bool ok = write_secrets(coordinator, plan, binding, eval, &err);
    if (ok && plan->validate_count > 0)
        ok = validate_start(operation, plan->validate, plan->validate_count, &started, &err);
    if (!ok) {
        change_end(operation, &err);
        error_clear(&err);
        return NULL;
    }
    if (!started)
        change_commit(operation);
    return operation;
}

/* ---- after the commit ---- */

typedef struct AppliedStep {
    ChangeKind kind;
    ObjectId id;
    bool existed;
} AppliedStep;

static void
before_apply(Coordinator *coordinator, const ChangeStep *step, AppliedStep *applied)
{
    applied->kind = step->kind;
    applied->id = step->id;
    switch (step->kind) {
    case CHANGE_PUT_ITEM:
        applied->id = step->item->id;
        applied->existed = catalog_item(coordinator->catalog, step->item->id) != NULL;
        return;
    case CHANGE_PUT_CLUSTER:
        applied->id = step->cluster->id;
        return;
    case CHANGE_DROP_ITEM: {
        const Item *item = catalog_item(coordinator->catalog, step->id);
        if (item != NULL)
            item_stop(coordinator, item);
        return;
    }
    case CHANGE_DROP_CLUSTER: {
        const CatalogCluster *cluster = catalog_cluster_by_id(coordinator->catalog, step->id);
        if (cluster != NULL)
            operations_fail_dependents(coordinator, step->id, "cluster", cluster->name);
        cluster_stop(coordinator, step->id);
        free(map_remove_u64(coordinator->clusters, step->id));
        return;
    }
    default:
        return;
    }
}

/* Tables come before the sources that fill them, and both before what reads them. */
static void
after_apply(Coordinator *coordinator, const AppliedStep *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (steps[i].kind == CHANGE_PUT_CLUSTER)
            cluster_start(coordinator, catalog_cluster_by_id(coordinator->catalog, steps[i].id));
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < count; i++) {
            if (steps[i].kind != CHANGE_PUT_ITEM)
                continue;
            const Item *item = catalog_item(coordinator->catalog, steps[i].id);
            if (item == NULL)
                continue;
            if (steps[i].existed) {
                if (pass == 2 && (item->kind == ITEM_CONNECTION || item->kind == ITEM_SECRET))
                    sources_reconfigure(coordinator, item->id);
                continue;
            }
            bool is_table = item->kind == ITEM_TABLE || item->kind == ITEM_SOURCE;
            if (pass == 0 && is_table)
                item_start(coordinator, item);
            else if (pass == 1 && item->kind == ITEM_SOURCE && item->source_kind == SOURCE_POSTGRES)
                source_start(coordinator, item);
            else if (pass == 2 && !is_table)
                item_start(coordinator, item);
        }
    }
}

void
change_committed(Operation *operation, Error *err)
{
    Coordinator *coordinator = operation->coordinator;
    if (!error_is_set(err)) {
        size_t count = operation->change->steps.count;
        AppliedStep *steps = memory_calloc(count + 1, sizeof *steps);
        for (size_t i = 0; i < count; i++)
            before_apply(coordinator, &operation->change->steps.items[i], &steps[i]);
        catalog_apply(coordinator->catalog, operation->change);
        after_apply(coordinator, steps, count);
        free(steps);
        source_state_write(coordinator);
        ticker_kick(coordinator);
    }
    change_end(operation, err);
}
