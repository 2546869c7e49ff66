/*
 * Sources: from catalog items to running replication, and what is asked upstream before one is created.
 */
#include "server/coordinator/coordinator_internal.h"

#include <openssl/rand.h>
#include <unistd.h>

#include "base/log.h"

#define SLOT_DROP_ATTEMPTS 12 /* five seconds apart */

/* ---- connections ---- */

static const ConnectionOption *
connection_option(const Item *connection, const char *name)
{
    for (int i = 0; i < connection->option_count; i++)
        if (strcmp(connection->options[i].name, name) == 0)
            return &connection->options[i];
    return NULL;
}

static bool
option_value(Coordinator *coordinator, const Item *connection, const char *name, char **value, Error *err)
{
    const ConnectionOption *option = connection_option(connection, name);
    *value = NULL;
    if (option == NULL)
        return true;
    if (option->reference == 0) {
        *value = memory_strdup(option->text);
        return true;
    }
    Buffer plain = {0};
    if (!secret_read(coordinator->secrets, option->reference, &plain, err))
        return false;
    *value = memory_strdup(buffer_text(&plain));
    secret_wipe(&plain);
    buffer_deinit(&plain);
    return true;
}

bool
connection_config(Coordinator *coordinator, const Item *connection, PostgresConfig *config, Error *err)
{
    memset(config, 0, sizeof *config);
    char *port = NULL;
    bool ok = option_value(coordinator, connection, "HOST", &config->host, err) &&
              option_value(coordinator, connection, "DATABASE", &config->database, err) &&
              option_value(coordinator, connection, "USER", &config->user, err) &&
              option_value(coordinator, connection, "PASSWORD", &config->password, err) &&
              option_value(coordinator, connection, "PORT", &port, err) &&
              option_value(coordinator, connection, "SSL MODE", &config->ssl_mode, err) &&
              option_value(coordinator, connection, "SSL CERTIFICATE AUTHORITY", &config->ssl_root_pem, err) &&
              option_value(coordinator, connection, "SSL CERTIFICATE", &config->ssl_certificate_pem, err) &&
              option_value(coordinator, connection, "SSL KEY", &config->ssl_key_pem, err);
    config->port = port == NULL ? 5432 : atoi(port);
    free(port);
    if (ok && config->ssl_mode == NULL)
        config->ssl_mode = memory_strdup("disable");
    for (char *c = config->ssl_mode; ok && *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
    static const char *const tunnels[] = {"SSH TUNNEL", "AWS PRIVATELINK"};
    for (size_t i = 0; ok && i < 2; i++)
        if (connection_option(connection, tunnels[i]) != NULL)
            ok = error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "connecting through %s is not supported", tunnels[i]);
    if (!ok)
        postgres_config_deinit(config);
    return ok;
}

/* ---- running sources ---- */

typedef VECTOR(SourceTable) SourceTableVector;

typedef struct TableVisit {
    Coordinator *coordinator;
    ObjectId source;
    Arena *arena;
    SourceTableVector tables;
    uint64_t progress_shard;
} TableVisit;

static bool
has_meta(Coordinator *coordinator, const char *record, uint64_t shard)
{
    char key[48];
    snprintf(key, sizeof key, "%s/%llu", record, (unsigned long long) shard);
    Arena *arena = arena_new();
    Slice value;
    bool found = store_meta(coordinator->store, key, arena, &value);
    arena_free(arena);
    return found;
}

static void
source_table_describe(Coordinator *coordinator, const Item *item, Arena *arena, SourceTable *table)
{
    const UpstreamTable *upstream = item->upstream;
    *table = (SourceTable){.object_id = item->id,
                           .shard_id = item->shard,
                           .upstream_oid = upstream->oid,
                           .schema = upstream->schema,
                           .name = upstream->name,
                           .columns = arena_new_array(arena, SourceTableColumn, upstream->column_count + 1),
                           .keys = arena_new_array(arena, InspectedKey, upstream->key_count + 1),
                           .layout = relation_layout(item->desc),
                           .needs_snapshot = !has_meta(coordinator, "snapshot", item->shard),
                           .is_broken = has_meta(coordinator, "broken", item->shard)};
    int *taken_as = arena_new_array(arena, int, upstream->column_count + 1);
    for (int i = 0; i < upstream->column_count; i++) {
        const UpstreamColumn *column = &upstream->columns[i];
        taken_as[i] = -1;
        if (column->excluded)
            continue;
        taken_as[i] = table->column_count;
        table->columns[table->column_count] =
            (SourceTableColumn){.upstream_name = column->name,
                                .attnum = column->attnum,
                                .type_oid = column->type_oid,
                                .typmod = column->typmod,
                                .not_null = column->not_null,
                                .as_text = column->as_text,
                                .type = item->desc->columns[table->column_count].type};
        table->column_count++;
    }
    for (int k = 0; k < upstream->key_count; k++) {
        const RelationKey *key = &upstream->keys[k];
        int *columns = arena_new_array(arena, int, key->count + 1);
        bool whole = true;
        for (int c = 0; c < key->count; c++) {
            columns[c] = taken_as[key->columns[c]];
            whole = whole && columns[c] >= 0;
        }
        if (whole)
            table->keys[table->key_count++] = (InspectedKey){columns, key->count, key->primary};
    }
}

static void
table_visit(void *context, Item *item)
{
    TableVisit *visit = context;
    if (item->source != visit->source)
        return;
    if (item->source_kind == SOURCE_PROGRESS)
        visit->progress_shard = item->shard;
    if (item->upstream == NULL || item->shard == 0)
        return;
    SourceTable table;
    source_table_describe(visit->coordinator, item, visit->arena, &table);
    vector_push(&visit->tables, table);
}

static void
source_set_status(Coordinator *coordinator, ObjectId id, SourceStatus status, const char *error)
{
    SourceBatch *batch = source_batch_new(id);
    StatusReport report = {.object_id = id, .status = status, .error = error == NULL ? NULL : memory_strdup(error)};
    vector_push(&batch->statuses, report);
    source_state_report(coordinator, batch);
    source_batch_free(batch, coordinator->store);
}

static uint64_t
source_resume_lsn(Coordinator *coordinator, ObjectId id)
{
    char key[48];
    snprintf(key, sizeof key, "source/%llu", (unsigned long long) id);
    Arena *arena = arena_new();
    Slice value;
    uint64_t lsn = store_meta(coordinator->store, key, arena, &value) && value.size == 8 ? be64_read(value.bytes) : 0;
    arena_free(arena);
    return lsn;
}

/* Puts `after` in the place of what the progress collection shows; 0: nothing. */
static void
replace_progress(Coordinator *coordinator, RunningSource *source, uint64_t after)
{
    if (source->progress_shard == 0 || source->progress_shown == after ||
        collection_find(coordinator, source->progress_shard) == NULL)
        return;
    SqlType type = SQL_TYPE(UINT8);
    ChunkBuilder builder;
    chunk_builder_init(&builder, &type, 1);
    Datum old = datum_int((int64_t) source->progress_shown), new = datum_int((int64_t) after);
    if (source->progress_shown != 0)
        chunk_builder_append_datums(&builder, &old, 0, -1);
    if (after != 0)
        chunk_builder_append_datums(&builder, &new, 0, 1);
    ticker_show_rows(coordinator, source->progress_shard, chunk_builder_finish(&builder));
    chunk_builder_deinit(&builder);
    source->progress_shown = after;
}

void
source_start(Coordinator *coordinator, const Item *item)
{
    const CatalogCluster *cluster = catalog_cluster_by_id(coordinator->catalog, item->cluster);
    const Item *connection = catalog_item(coordinator->catalog, item->connection);
    if (map_get_u64(coordinator->sources, item->id) != NULL || item->postgres == NULL || connection == NULL)
        return;
    if (cluster != NULL && cluster->replica_count == 0) {
        source_set_status(coordinator, item->id, STATUS_PAUSED, NULL);
        return;
    }
    Error err = ERROR_INIT;
    PostgresSourceOptions options = {.source_id = item->id,
                                     .slot = item->postgres->slot,
                                     .publication = item->postgres->publication,
                                     .database = item->postgres->database,
                                     .timeline_id = item->postgres->timeline_id,
                                     .resume_lsn = source_resume_lsn(coordinator, item->id),
                                     .store = coordinator->store,
                                     .queue = coordinator->queue};
    if (!connection_config(coordinator, connection, &options.config, &err)) {
        source_set_status(coordinator, item->id, STATUS_STALLED, err.message);
        error_clear(&err);
        return;
    }
    TableVisit visit = {.coordinator = coordinator, .source = item->id, .arena = arena_new()};
    catalog_each_item(coordinator->catalog, table_visit, &visit);
    options.tables = visit.tables.items;
    options.table_count = (int) visit.tables.count;

    RunningSource *source = memory_calloc(1, sizeof *source);
    source->id = item->id;
    source->resume_pending = source->resume_durable = options.resume_lsn;
    source->progress_shard = visit.progress_shard;
    map_put_u64(coordinator->sources, item->id, source);
    source_set_status(coordinator, item->id, STATUS_STARTING, NULL);
    source->postgres = postgres_source_start(&options);
    source_show_progress(coordinator, source);

    for (size_t i = 0; i < visit.tables.count; i++)
        layout_release(visit.tables.items[i].layout);
    vector_deinit(&visit.tables);
    arena_free(visit.arena);
    postgres_config_deinit(&options.config);
}

void
source_stop(Coordinator *coordinator, ObjectId id)
{
    RunningSource *source = map_remove_u64(coordinator->sources, id);
    if (source == NULL)
        return;
    /* A thread that waits for room in the queue is let go; batches that are in it find no source and are thrown away. */
    tick_queue_refuse(coordinator->queue, id);
    postgres_source_stop(source->postgres);
    ticker_drain_sources(coordinator);
    tick_queue_accept(coordinator->queue, id);
    if (!coordinator->closing)
        replace_progress(coordinator, source, 0); /* it starts with a row of its own */
    free(source);
    const Item *item = catalog_item(coordinator->catalog, id);
    if (item != NULL && !coordinator->closing)
        source_set_status(coordinator, id, STATUS_PAUSED, NULL);
}

void
source_table_start(Coordinator *coordinator, const Item *table)
{
    if (collection_find(coordinator, table->shard) != NULL)
        return;
    bool readable = has_meta(coordinator, "snapshot", table->shard);
    collection_add(coordinator, table->shard, table->id, true, readable, 0);
    SourceState *state = source_state(coordinator, table->id);
    state->snapshot_committed = readable;
    state->status_dirty = state->statistics_dirty = true;
    RunningSource *source = map_get_u64(coordinator->sources, table->source);
    if (source == NULL)
        return;
    Arena *arena = arena_new();
    SourceTable described;
    source_table_describe(coordinator, table, arena, &described);
    postgres_source_add_table(source->postgres, &described);
    layout_release(described.layout);
    arena_free(arena);
}

void
source_table_stop(Coordinator *coordinator, const Item *table)
{
    RunningSource *source = map_get_u64(coordinator->sources, table->source);
    if (source != NULL)
        postgres_source_remove_table(source->postgres, table->shard);
    source_state_remove(coordinator, table->id);
}

void
source_show_progress(Coordinator *coordinator, RunningSource *source)
{
    if (source->resume_pending != 0)
        replace_progress(coordinator, source, source->resume_pending);
}

static bool
connection_uses(const Item *connection, ObjectId id)
{
    for (int i = 0; i < connection->option_count; i++)
        if (connection->options[i].reference == id)
            return true;
    return connection->id == id;
}

void
sources_reconfigure(Coordinator *coordinator, ObjectId changed)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(coordinator->sources, &iterator, &key, &value)) {
        RunningSource *source = value;
        const Item *item = catalog_item(coordinator->catalog, source->id);
        const Item *connection = item == NULL ? NULL : catalog_item(coordinator->catalog, item->connection);
        if (connection == NULL || !connection_uses(connection, changed))
            continue;
        Error err = ERROR_INIT;
        PostgresConfig config;
        if (connection_config(coordinator, connection, &config, &err)) {
            postgres_source_reconfigure(source->postgres, &config);
            postgres_config_deinit(&config);
        } else {
            source_set_status(coordinator, source->id, STATUS_STALLED, err.message);
            error_clear(&err);
        }
    }
}

/* ---- dropping the slot upstream ---- */

typedef struct SlotJob {
    PostgresConfig config;
    char *slot;
} SlotJob;

static void
slot_run(PoolJob *job)
{
    SlotJob *slot = job->input;
    for (int attempt = 0; attempt < SLOT_DROP_ATTEMPTS; attempt++) {
        error_clear(&job->error);
        if (postgres_drop_slot(&slot->config, slot->slot, &job->error) || job->coordinator->closing)
            return;
        sleep(5);
    }
}

static void
slot_done(PoolJob *job)
{
    SlotJob *slot = job->input;
    if (error_is_set(&job->error))
        log_error("coordinator", "replication slot is left behind upstream slot=%s error=\"%s\"", slot->slot,
                  job->error.message);
    postgres_config_deinit(&slot->config);
}

void
source_drop_slot(Coordinator *coordinator, const Item *item)
{
    const Item *connection = catalog_item(coordinator->catalog, item->connection);
    PoolJob *job = pool_job_new(coordinator, NULL, slot_run, slot_done);
    SlotJob *slot = arena_new_struct(job->arena, SlotJob);
    slot->slot = arena_strdup(job->arena, item->postgres->slot);
    job->input = slot;
    Error err = ERROR_INIT;
    if (connection == NULL || !connection_config(coordinator, connection, &slot->config, &err)) {
        log_error("coordinator", "replication slot is left behind upstream slot=%s error=\"%s\"", slot->slot,
                  err.message == NULL ? "no connection" : err.message);
        error_clear(&err);
        arena_free(job->arena);
        free(job);
        return;
    }
    pool_job_start(job);
}

/* ---- asking upstream ---- */

typedef struct InspectJob {
    PostgresConfig config;
    InspectRequest request;
    Inspection inspection;
} InspectJob;

static void
inspect_run(PoolJob *job)
{
    InspectJob *inspect = job->input;
    bool ok = postgres_inspect(&inspect->config, &inspect->request, job->arena, &inspect->inspection, &job->error);
    (void) ok; /* job->error says it */
}

static void
answer_table(Arena *arena, const char *database, const InspectedTable *from, struct UpstreamAnswerTable *to)
{
    to->table = (UpstreamTable){.oid = from->oid,
                                .database = database,
                                .schema = from->schema,
                                .name = from->name,
                                .columns = arena_new_array(arena, UpstreamColumn, from->column_count + 1),
                                .column_count = from->column_count,
                                .replica_identity = from->replica_identity,
                                .keys = arena_new_array(arena, RelationKey, from->key_count + 1),
                                .key_count = from->key_count};
    to->types = arena_new_array(arena, SqlType, from->column_count + 1);
    for (int i = 0; i < from->column_count; i++) {
        const InspectedColumn *column = &from->columns[i];
        to->table.columns[i] = (UpstreamColumn){column->name,     column->attnum,  column->type_oid, column->typmod,
                                                column->not_null, column->as_text, column->excluded};
        to->types[i] = column->type;
    }
    for (int k = 0; k < from->key_count; k++) {
        RelationKey *key = &to->table.keys[k];
        key->count = from->keys[k].count;
        key->primary = from->keys[k].primary;
        key->columns = arena_new_array(arena, uint16_t, key->count + 1);
        for (int c = 0; c < key->count; c++)
            key->columns[c] = (uint16_t) from->keys[k].columns[c];
    }
}

static const char *
make_slot_name(Arena *arena)
{
    unsigned char random[16];
    if (RAND_bytes(random, sizeof random) != 1)
        bug("no random bytes");
    char hex[33];
    for (int i = 0; i < 16; i++)
        snprintf(hex + 2 * i, 3, "%02x", random[i]);
    return arena_printf(arena, "materialize_%s", hex);
}

static void
inspect_done(PoolJob *job)
{
    InspectJob *inspect = job->input;
    postgres_config_deinit(&inspect->config);
    Operation *operation = job->operation;
    if (operation == NULL)
        return;
    InspectDone done = operation->inspect_done;
    void *context = operation->context;
    operation_finish(operation);
    if (error_is_set(&job->error)) {
        done(context, NULL, NULL, &job->error);
        return;
    }
    Arena *arena = job->arena; /* the callee's from here on */
    job->arena = NULL;
    Inspection *inspection = &inspect->inspection;
    UpstreamAnswer *answer = arena_new_struct(arena, UpstreamAnswer);
    *answer =
        (UpstreamAnswer){.database = inspection->database,
                         .timeline_id = inspection->timeline_id,
                         .tables = arena_new_array(arena, struct UpstreamAnswerTable, inspection->table_count + 1),
                         .table_count = inspection->table_count,
                         .slot_name = make_slot_name(arena)};
    for (int i = 0; i < inspection->table_count; i++)
        answer_table(arena, inspection->database, &inspection->tables[i], &answer->tables[i]);
    done(context, arena, answer, &job->error);
}

static const char *
copy_name(Arena *arena, const char *name)
{
    return name == NULL ? NULL : arena_strdup(arena, name);
}

static void
copy_column_references(Arena *arena, const struct PlannedColumnReference *from, int count, const ColumnReference **to)
{
    ColumnReference *references = arena_new_array(arena, ColumnReference, count + 1);
    for (int i = 0; i < count; i++)
        references[i] = (ColumnReference){copy_name(arena, from[i].schema), copy_name(arena, from[i].table),
                                          copy_name(arena, from[i].column), from[i].position};
    *to = references;
}

static void
copy_request(Arena *arena, const InspectPlan *plan, InspectRequest *request)
{
    const char **schemas = arena_new_array(arena, const char *, plan->schema_count + 1);
    for (int i = 0; i < plan->schema_count; i++)
        schemas[i] = copy_name(arena, plan->schemas[i]);
    ReferenceRequest *tables = arena_new_array(arena, ReferenceRequest, plan->table_count + 1);
    for (int i = 0; i < plan->table_count; i++)
        tables[i] =
            (ReferenceRequest){copy_name(arena, plan->tables[i].schema), copy_name(arena, plan->tables[i].table)};
    *request = (InspectRequest){.publication = copy_name(arena, plan->publication),
                                .references = (ReferenceKind) plan->references,
                                .schemas = schemas,
                                .schema_count = plan->schema_count,
                                .tables = tables,
                                .table_count = plan->table_count,
                                .text_column_count = plan->text_column_count,
                                .exclude_column_count = plan->exclude_column_count,
                                .for_table = plan->source != 0};
    copy_column_references(arena, plan->text_columns, plan->text_column_count, &request->text_columns);
    copy_column_references(arena, plan->exclude_columns, plan->exclude_column_count, &request->exclude_columns);
}

Operation *
coordinator_inspect(Coordinator *coordinator, const InspectPlan *plan, InspectDone done, void *context)
{
    Operation *operation = operation_new(coordinator, OPERATION_INSPECT, context);
    operation->inspect_done = done;
    const Item *connection = catalog_item(coordinator->catalog, plan->connection);
    PoolJob *job = pool_job_new(coordinator, operation, inspect_run, inspect_done);
    InspectJob *inspect = arena_new_struct(job->arena, InspectJob);
    job->input = inspect;
    copy_request(job->arena, plan, &inspect->request);
    Error err = ERROR_INIT;
    if (connection == NULL)
        error_set(&err, SQLSTATE_UNDEFINED_OBJECT, "the connection was dropped");
    if (connection == NULL || !connection_config(coordinator, connection, &inspect->config, &err)) {
        operation->job = NULL;
        arena_free(job->arena);
        free(job);
        operation_finish(operation);
        done(context, NULL, NULL, &err);
        error_clear(&err);
        return NULL;
    }
    pool_job_start(job);
    return operation;
}
