/*
 * Opening, closing, and the one place where other threads' signals arrive.
 */
#include "server/coordinator/coordinator_internal.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/auth.h"
#include "types/datetime.h"

#define QUEUE_BYTES_MAX ((size_t) 64 << 20) /* of upstream changes that wait for a tick */

Catalog *
coordinator_catalog(Coordinator *coordinator)
{
    return coordinator->catalog;
}

uv_loop_t *
coordinator_loop(Coordinator *coordinator)
{
    return coordinator->loop;
}

int64_t
coordinator_start_time(const Coordinator *coordinator)
{
    return coordinator->start_time;
}

bool
coordinator_is_ready(const Coordinator *coordinator)
{
    return coordinator->ready;
}

/* ---- signals ---- */

static void
poll_clusters(Coordinator *coordinator)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(coordinator->clusters, &iterator, &key, &value)) {
        RunningCluster *running = value;
        ClusterResult result;
        while (running->cluster != NULL && cluster_poll(running->cluster, &result))
            read_cluster_result(coordinator, running, &result);
    }
}

/* Rows that enter or leave as time passes want a tick at that time. */
static void
wake_for_time(Coordinator *coordinator)
{
    Timestamp next = TIMESTAMP_MAX;
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(coordinator->clusters, &iterator, &key, &value)) {
        const RunningCluster *running = value;
        Timestamp wakeup = running->cluster == NULL ? TIMESTAMP_MAX : cluster_next_wakeup(running->cluster);
        if (wakeup != 0 && wakeup < next)
            next = wakeup;
    }
    if (next != TIMESTAMP_MAX)
        ticker_want(coordinator, next);
}

static void
on_wake(uv_async_t *wake)
{
    Coordinator *coordinator = wake->data;
    if (coordinator->closing)
        return;
    ticker_committed(coordinator);
    poll_clusters(coordinator);
    ticker_kick(coordinator);
    subscriptions_start(coordinator);
    reads_retry(coordinator);
    wake_for_time(coordinator);
}

static void
queue_wake(void *context)
{
    Coordinator *coordinator = context;
    uv_async_send(&coordinator->wake);
}

static bool
progress_wanted(const Coordinator *coordinator)
{
    for (const Operation *operation = coordinator->operations; operation != NULL; operation = operation->next)
        if (operation->kind == OPERATION_SUBSCRIBE &&
            (operation->subscribe_options.progress || operation->subscribe_options.up_to != TIMESTAMP_MAX))
            return true;
    return false;
}

static void
on_second(uv_timer_t *timer)
{
    Coordinator *coordinator = timer->data;
    source_state_write(coordinator);
    if (progress_wanted(coordinator) && coordinator->closed + 900 < (Timestamp) clock_wall_ms())
        coordinator->tick_wanted = true;
    ticker_kick(coordinator);
    subscriptions_start(coordinator);
}

/* ---- opening ---- */

static void
builtin_table_start(void *context, Item *item)
{
    Coordinator *coordinator = context;
    if ((item->id & OBJECT_ID_SYSTEM) == 0 || item->kind != ITEM_TABLE || item->shard == 0)
        return;
    Layout *layout = relation_layout(item->desc);
    ShardSpec spec = {.shard_id = item->shard, .layout = layout, .ephemeral = true, .lockstep = true};
    store_create_ephemeral(coordinator->store, &spec, coordinator->closed + 1);
    layout_release(layout);
    collection_add(coordinator, item->shard, item->id, true, true, 0);
}

static void
emit_durable(void *context, uint64_t shard_id, Chunk *rows)
{
    if (shard_id == CATALOG_SHARD_ID)
        ticker_emit_rows(context, shard_id, rows);
    else
        chunk_release(rows);
}

static bool
superuser_verifier(const Config *config, char **verifier, Error *err)
{
    *verifier = NULL;
    if (config->superuser_password_file == NULL)
        return true;
    FILE *file = fopen(config->superuser_password_file, "r");
    char line[1024];
    if (file == NULL || fgets(line, sizeof line, file) == NULL) {
        error_set(err, SQLSTATE_CONFIG_FILE_ERROR, "could not read the superuser password file \"%s\": %s",
                  config->superuser_password_file, file == NULL ? strerror(errno) : "it is empty");
        if (file != NULL)
            fclose(file);
        return false;
    }
    fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    *verifier = scram_make_verifier(slice_of(line));
    return true;
}

static bool
catalog_create(Coordinator *coordinator, Error *err)
{
    char *verifier;
    if (!superuser_verifier(coordinator->config, &verifier, err))
        return false;
    CatalogChange *change = catalog_bootstrap(coordinator->catalog, verifier);
    free(verifier);
    ShardSpec spec = {.shard_id = CATALOG_SHARD_ID, .layout = catalog_shard_layout(), .lockstep = true};
    vector_push(&ticker_open(coordinator)->created, spec);
    catalog_change_rows(coordinator->catalog, change, emit_durable, coordinator);
    bool ok = ticker_commit_now(coordinator, err);
    if (ok)
        catalog_apply(coordinator->catalog, change);
    catalog_change_free(change);
    return ok;
}

static bool
catalog_read(Coordinator *coordinator, Error *err)
{
    ShardSnapshot snapshot;
    if (!store_snapshot(coordinator->store, CATALOG_SHARD_ID, &snapshot))
        return error_set(err, SQLSTATE_DATA_CORRUPTED, "the catalog is missing from the data directory");
    ChunkVector chunks = {0};
    bool ok = true;
    for (uint32_t r = 0; r < snapshot.rows->run_count && ok; r++)
        for (uint32_t i = 0; i < snapshot.rows->runs[r]->chunk_count && ok; i++) {
            Chunk *chunk;
            ok = run_chunk(snapshot.rows->runs[r], i, &chunk, err);
            if (ok) /* what it was at other times does not count: rows that changed must cancel */
                vector_push(&chunks, chunk_with_time(chunk, 0));
        }
    if (ok) {
        Layout *layout = catalog_shard_layout();
        Chunk *rows = chunks_consolidate(chunks.items, chunks.count, layout->types, layout->column_count);
        ok = catalog_load(coordinator->catalog, &rows, rows == NULL ? 0 : 1, err);
        chunk_release(rows);
        layout_release(layout);
    }
    chunk_vector_release(&chunks);
    spine_snapshot_release(snapshot.rows);
    spine_snapshot_release(snapshot.errors);
    return ok;
}

typedef struct LoadContext {
    Coordinator *coordinator;
    PlannerContext *planner;
    Error *err;
    bool ok;
} LoadContext;

static void
item_plan_loaded(void *context, Item *item)
{
    LoadContext *load = context;
    if (!load->ok || (item->id & OBJECT_ID_SYSTEM) != 0)
        return;
    load->ok = plan_loaded_item(load->planner, item, load->err);
    if (!load->ok)
        error_prefix(load->err, "cannot load \"%s\" (%s): ", item->name, object_id_text(item->id).text);
}

static bool
builtin_views_plan(Coordinator *coordinator, PlannerContext *planner, Error *err)
{
    const BuiltinView *view;
    for (size_t i = 0; (view = builtin_view_at(i)) != NULL; i++) {
        Item *item = NULL;
        if (!plan_builtin_view(planner, view->schema, view->name, view->sql, &item, err))
            return error_prefix(err, "system view %s.%s: ", view->schema, view->name);
        CatalogChange *change = catalog_change_new();
        ChangeStep step = {.kind = CHANGE_PUT_ITEM, .id = item->id, .item = item};
        vector_push(&change->steps, step);
        catalog_apply(coordinator->catalog, change);
        catalog_change_free(change);
    }
    return true;
}

static bool
catalog_plan(Coordinator *coordinator, Error *err)
{
    Arena *arena = arena_new();
    EvalContext eval;
    eval_context_init(&eval, arena);
    PlannerContext planner = {.catalog = coordinator->catalog, .eval = &eval, .arena = arena, .cluster = "quickstart"};
    LoadContext load = {coordinator, &planner, err, builtin_views_plan(coordinator, &planner, err)};
    if (load.ok)
        catalog_each_item(coordinator->catalog, item_plan_loaded, &load);
    eval_context_deinit(&eval);
    arena_free(arena);
    return load.ok;
}

static void
cluster_start_each(void *context, CatalogCluster *cluster)
{
    cluster_start(context, cluster);
}

static void
table_start_each(void *context, Item *item)
{
    if ((item->id & OBJECT_ID_SYSTEM) == 0 && (item->kind == ITEM_TABLE || item->kind == ITEM_SOURCE)) {
        Coordinator *coordinator = context;
        if (item->source_kind == SOURCE_PROGRESS) {
            Layout *layout = relation_layout(item->desc);
            ShardSpec spec = {.shard_id = item->shard, .layout = layout, .ephemeral = true, .lockstep = true};
            store_create_ephemeral(coordinator->store, &spec, coordinator->closed + 1);
            layout_release(layout);
        }
        item_start(coordinator, item);
    }
}

static void
maintained_start_each(void *context, Item *item)
{
    if ((item->id & OBJECT_ID_SYSTEM) == 0 && item->kind != ITEM_TABLE && item->kind != ITEM_SOURCE)
        item_start(context, item);
}

static void
source_start_each(void *context, Item *item)
{
    if (item->kind == ITEM_SOURCE && item->source_kind == SOURCE_POSTGRES)
        source_start(context, item);
}

static bool
secrets_open(Coordinator *coordinator, Error *err)
{
    Buffer path = {0};
    buffer_printf(&path, "%s/secrets", coordinator->config->data_directory);
    bool ok = secret_store_open(buffer_text(&path), coordinator->config->secret_key_file, &coordinator->secrets, err);
    buffer_deinit(&path);
    return ok;
}

/* Ticks that changed nothing durable leave no trace: the record says how far they may have come. */
static Timestamp
oracle_read(Coordinator *coordinator)
{
    Arena *arena = arena_new();
    Slice value;
    Timestamp reserved =
        store_meta(coordinator->store, "oracle", arena, &value) && value.size == 8 ? be64_read(value.bytes) : 0;
    arena_free(arena);
    return reserved;
}

static bool
coordinator_load(Coordinator *coordinator, Error *err)
{
    coordinator->closed = store_timestamp(coordinator->store);
    Timestamp reserved = oracle_read(coordinator);
    if (reserved > coordinator->closed)
        coordinator->closed = reserved;
    store_advance(coordinator->store, coordinator->closed);
    catalog_each_item(coordinator->catalog, builtin_table_start, coordinator);
    bool fresh = !store_shard_exists(coordinator->store, CATALOG_SHARD_ID);
    if (!(fresh ? catalog_create(coordinator, err) : catalog_read(coordinator, err)) || !catalog_plan(coordinator, err))
        return false;
    const char **egress = memory_calloc(coordinator->config->egress_ips.count + 1, sizeof *egress);
    for (size_t i = 0; i < coordinator->config->egress_ips.count; i++)
        egress[i] = coordinator->config->egress_ips.items[i];
    builtin_set_egress(coordinator->catalog, egress);
    free(egress);
    catalog_each_item(coordinator->catalog, table_start_each, coordinator);
    builtin_fill(coordinator->catalog, ticker_emit_rows, coordinator);
    if (!ticker_commit_now(coordinator, err))
        return false;
    catalog_each_cluster(coordinator->catalog, cluster_start_each, coordinator);
    catalog_each_item(coordinator->catalog, maintained_start_each, coordinator);
    catalog_each_item(coordinator->catalog, source_start_each, coordinator);
    source_state_write(coordinator);
    ticker_kick(coordinator);
    return true;
}

bool
coordinator_open(uv_loop_t *loop, const Config *config, Coordinator **out, Error *err)
{
    if (mkdir(config->data_directory, 0700) != 0 && errno != EEXIST)
        return error_set(err, SQLSTATE_IO_ERROR, "could not create the data directory \"%s\": %s",
                         config->data_directory, strerror(errno));
    Coordinator *coordinator = memory_calloc(1, sizeof *coordinator);
    coordinator->loop = loop;
    coordinator->config = config;
    coordinator->start_time = clock_wall_us() - EPOCH_SHIFT_US;
    coordinator->catalog = catalog_new();
    coordinator->clusters = map_new();
    coordinator->sources = map_new();
    coordinator->collections = map_new();
    coordinator->states = map_new();
    uv_mutex_init(&coordinator->mailbox_lock);
    uv_cond_init(&coordinator->mailbox_filled);
    uv_async_init(loop, &coordinator->wake, on_wake);
    uv_timer_init(loop, &coordinator->timer);
    uv_timer_init(loop, &coordinator->retry);
    uv_timer_init(loop, &coordinator->spacing);
    uv_timer_init(loop, &coordinator->alarm);
    uv_timer_init(loop, &coordinator->hold_timer);
    coordinator->hold_timer.data = coordinator;
    coordinator->alarm.data = coordinator;
    coordinator->wake.data = coordinator->timer.data = coordinator->retry.data = coordinator->spacing.data =
        coordinator;

    StoreOptions store = {.directory = config->data_directory};
    bool ok = store_open(&store, &coordinator->store, err) && secrets_open(coordinator, err);
    if (ok) {
        coordinator->queue = tick_queue_new(QUEUE_BYTES_MAX, coordinator->store, queue_wake, coordinator);
        ok = coordinator_load(coordinator, err);
    }
    if (!ok) {
        coordinator_close(coordinator);
        return false;
    }
    uv_timer_start(&coordinator->timer, on_second, 1000, 1000);
    coordinator->ready = true;
    *out = coordinator;
    return true;
}

/* ---- closing ---- */

static void
close_sources(Coordinator *coordinator)
{
    for (bool more = true; more;) {
        size_t iterator = 0;
        Slice key;
        void *value;
        more = map_next(coordinator->sources, &iterator, &key, &value);
        if (more)
            source_stop(coordinator, ((RunningSource *) value)->id);
    }
}

static void
free_values(Map *map, void (*free_value)(void *value))
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(map, &iterator, &key, &value))
        free_value(value);
    map_free(map);
}

static void
running_cluster_free(void *value)
{
    RunningCluster *running = value;
    if (running->cluster != NULL)
        cluster_free(running->cluster);
    free(running);
}

static void
state_free(void *value)
{
    SourceState *state = value;
    free(state->error);
    free(state->hint);
    if (state->status_arena != NULL)
        arena_free(state->status_arena);
    if (state->statistics_arena != NULL)
        arena_free(state->statistics_arena);
    free(state);
}

static void
handle_closed(uv_handle_t *handle)
{
    Coordinator *coordinator = handle->data;
    coordinator->open_handles--;
}

/* Turns the loop until the handles are closed and the pool has given its jobs back. */
static void
close_handles(Coordinator *coordinator)
{
    coordinator->open_handles = 6;
    uv_close((uv_handle_t *) &coordinator->wake, handle_closed);
    uv_close((uv_handle_t *) &coordinator->timer, handle_closed);
    uv_close((uv_handle_t *) &coordinator->retry, handle_closed);
    uv_close((uv_handle_t *) &coordinator->spacing, handle_closed);
    uv_close((uv_handle_t *) &coordinator->alarm, handle_closed);
    uv_close((uv_handle_t *) &coordinator->hold_timer, handle_closed);
    while (coordinator->open_handles > 0 || coordinator->jobs.count > 0) {
        uv_run(coordinator->loop, UV_RUN_NOWAIT);
        if (coordinator->jobs.count > 0)
            uv_sleep(1);
    }
}

void
coordinator_close(Coordinator *coordinator)
{
    coordinator->closing = true;
    coordinator->ready = false;
    if (coordinator->queue != NULL)
        close_sources(coordinator);
    Error err = ERROR_INIT;
    if (coordinator->store != NULL && !ticker_commit_now(coordinator, &err))
        log_error("coordinator", "the last tick could not be made durable error=\"%s\"", err.message);
    error_clear(&err);
    free_values(coordinator->clusters, running_cluster_free);
    while (coordinator->operations != NULL)
        operation_finish(coordinator->operations);
    close_handles(coordinator);
    if (coordinator->queue != NULL)
        tick_queue_free(coordinator->queue);
    if (coordinator->store != NULL)
        store_close(coordinator->store);
    if (coordinator->secrets != NULL)
        secret_store_close(coordinator->secrets);
    free_values(coordinator->sources, free);
    free_values(coordinator->collections, free);
    free_values(coordinator->states, state_free);
    catalog_free(coordinator->catalog);
    for (size_t i = 0; i < coordinator->open_shown.count; i++)
        chunk_release(coordinator->open_shown.items[i].rows);
    vector_deinit(&coordinator->open_shown);
    vector_deinit(&coordinator->flying_shown);
    vector_deinit(&coordinator->open_waiters);
    vector_deinit(&coordinator->open_batches);
    vector_deinit(&coordinator->open_snapshots);
    vector_deinit(&coordinator->flying_waiters);
    vector_deinit(&coordinator->flying_batches);
    vector_deinit(&coordinator->flying_snapshots);
    vector_deinit(&coordinator->ddl_queue);
    vector_deinit(&coordinator->write_queue);
    vector_deinit(&coordinator->jobs);
    uv_mutex_destroy(&coordinator->mailbox_lock);
    uv_cond_destroy(&coordinator->mailbox_filled);
    free(coordinator);
}

/* ---- sessions and figures ---- */

void
coordinator_session_started(Coordinator *coordinator, uint32_t connection_id, const char *user, const char *address)
{
    coordinator->sessions++;
    log_debug("session", "started connection=%u user=\"%s\" address=%s", connection_id, user, address);
}

void
coordinator_session_ended(Coordinator *coordinator, uint32_t connection_id)
{
    coordinator->sessions--;
    log_debug("session", "ended connection=%u", connection_id);
}

static void
metric(Buffer *out, const char *name, const char *type, const char *help, uint64_t value)
{
    buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, type, name,
                  (unsigned long long) value);
}

static void
metrics_sources(Coordinator *coordinator, Buffer *out)
{
    buffer_append_text(out, "# HELP freshet_source_offset_committed Upstream position (LSN) that is durable here.\n"
                            "# TYPE freshet_source_offset_committed gauge\n");
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(coordinator->sources, &iterator, &key, &value)) {
        const RunningSource *source = value;
        buffer_printf(out, "freshet_source_offset_committed{source=\"%s\"} %llu\n", object_id_text(source->id).text,
                      (unsigned long long) source->resume_durable);
    }
}

static void
metrics_clusters(Coordinator *coordinator, Buffer *out)
{
    buffer_append_text(out, "# HELP freshet_cluster_memory_bytes Bytes held by a cluster's dataflows.\n"
                            "# TYPE freshet_cluster_memory_bytes gauge\n");
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(coordinator->clusters, &iterator, &key, &value)) {
        const RunningCluster *running = value;
        ClusterStatistics statistics;
        if (running->cluster == NULL)
            continue;
        cluster_statistics(running->cluster, &statistics);
        buffer_printf(out, "freshet_cluster_memory_bytes{cluster=\"%s\"} %llu\n", object_id_text(running->id).text,
                      (unsigned long long) statistics.memory_bytes);
    }
}

void
coordinator_metrics(Coordinator *coordinator, Buffer *out)
{
    StoreStatistics store;
    store_statistics(coordinator->store, &store);
    metric(out, "freshet_ticks_total", "counter", "Ticks closed since the start.", coordinator->ticks);
    metric(out, "freshet_tick_timestamp_ms", "gauge", "Timestamp of the newest closed tick.", coordinator->closed);
    metric(out, "freshet_upstream_transactions_total", "counter", "Upstream transactions taken in.",
           coordinator->transactions);
    metric(out, "freshet_sessions", "gauge", "Open sessions.", coordinator->sessions);
    metric(out, "freshet_reads_fast_total", "counter", "Reads answered on the event loop.", coordinator->reads_fast);
    metric(out, "freshet_reads_dataflow_total", "counter", "Reads answered by a dataflow.",
           coordinator->reads_dataflow);
    metric(out, "freshet_store_commits_total", "counter", "Durable commits.", store.commits);
    metric(out, "freshet_store_commit_us_total", "counter", "Microseconds spent in durable commits.",
           store.commit_us_total);
    metric(out, "freshet_store_blob_bytes_total", "counter", "Bytes of blobs written.", store.blob_bytes_written);
    metric(out, "freshet_store_compactions_total", "counter", "Compactions done.", store.compactions);
    metric(out, "freshet_store_shards", "gauge", "Shards.", store.shards);
    metrics_sources(coordinator, out);
    metrics_clusters(coordinator, out);
}
