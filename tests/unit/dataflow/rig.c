#include "tests/unit/dataflow/rig.h"

#include <check.h>

#include "collection/cursor.h"

static const SqlType text_type = {.id = TYPE_TEXT, .typmod = -1};

static void
wake(void *context)
{
    Rig *rig = context;
    pthread_mutex_lock(&rig->lock);
    rig->wake = true;
    pthread_cond_signal(&rig->woken);
    pthread_mutex_unlock(&rig->lock);
}

Rig *
rig_new(uint64_t seed, size_t memory_bytes_max)
{
    Rig *rig = memory_calloc(1, sizeof *rig);
    pthread_mutex_init(&rig->lock, NULL);
    pthread_cond_init(&rig->woken, NULL);
    rig->random = seed * 0x9e3779b97f4a7c15u + 1;
    rig->next_id = 1000;
    rig->cluster = cluster_new(
        &(ClusterOptions){.name = "test", .memory_bytes_max = memory_bytes_max, .wake = wake, .wake_context = rig});
    return rig;
}

void
rig_free(Rig *rig)
{
    cluster_free(rig->cluster);
    for (int i = 0; i < rig->shard_count; i++) {
        RigShard *shard = &rig->shards[i];
        spine_free(shard->rows);
        spine_free(shard->errors);
        bag_pair_deinit(&shard->content);
        chunk_builder_deinit(&shard->open_rows);
        chunk_builder_deinit(&shard->open_errors);
        free(shard->types);
    }
    for (size_t i = 0; i < rig->exports.count; i++) {
        RigExport *export = rig->exports.items[i];
        chunk_vector_release(&export->rows);
        chunk_vector_release(&export->errors);
        error_clear(&export->error);
        free(export);
    }
    vector_deinit(&rig->exports);
    vector_deinit(&rig->ended);
    pthread_mutex_destroy(&rig->lock);
    pthread_cond_destroy(&rig->woken);
    free(rig);
}

uint64_t
rig_random(Rig *rig, uint64_t below)
{
    uint64_t x = rig->random += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return below == 0 ? 0 : (x ^ x >> 31) % below;
}

/* ---- collections */

RigShard *
rig_shard(Rig *rig, uint64_t id, const SqlType *types, uint16_t column_count, bool lockstep)
{
    ck_assert_int_lt(rig->shard_count, RIG_SHARDS_MAX);
    RigShard *shard = &rig->shards[rig->shard_count++];
    *shard = (RigShard){.id = id, .column_count = column_count, .lockstep = lockstep, .upper = rig->now + 1};
    shard->types = memory_alloc((column_count + 1u) * sizeof *types);
    memcpy(shard->types, types, column_count * sizeof *types);
    Layout *layout = layout_new(types, column_count, NULL, 0, NULL, 0);
    Layout *error_layout = layout_new(&text_type, 1, NULL, 0, NULL, 0);
    shard->rows = spine_new(layout);
    shard->errors = spine_new(error_layout);
    layout_release(layout);
    layout_release(error_layout);
    spine_advance(shard->rows, shard->upper);
    spine_advance(shard->errors, shard->upper);
    bag_pair_init(&shard->content, shard->types, column_count);
    chunk_builder_init(&shard->open_rows, types, column_count);
    chunk_builder_init(&shard->open_errors, &text_type, 1);
    return shard;
}

void
rig_update(RigShard *shard, const Datum *values, int64_t diff)
{
    chunk_builder_append_datums(&shard->open_rows, values, 0, diff);
    bag_add(&shard->content.rows, values, diff);
}

void
rig_update_error(RigShard *shard, const char *message, int64_t diff)
{
    Arena *arena = arena_new();
    EvalError error = {.sqlstate = "22012", .message = message};
    Datum encoded = datum_bytes(eval_error_encode(&error, arena));
    chunk_builder_append_datums(&shard->open_errors, &encoded, 0, diff);
    bag_add(&shard->content.errors, &encoded, diff);
    arena_free(arena);
}

static void
close_part(ChunkBuilder *builder, Spine *spine, Timestamp time, ChunkVector *out)
{
    Chunk *open = chunk_builder_finish(builder);
    if (open != NULL) {
        Chunk *chunk = chunk_with_time(open, time);
        chunk_release(open);
        spine_insert(spine, run_build(spine_layout(spine), &chunk, 1, spine_upper(spine), time + 1));
        if (out != NULL)
            vector_push(out, chunk);
        else
            chunk_release(chunk);
    }
    spine_advance(spine, time + 1);
}

static void
close_all(Rig *rig, Timestamp time, Tick *tick)
{
    for (int i = 0; i < rig->shard_count; i++) {
        RigShard *shard = &rig->shards[i];
        if (!shard->lockstep)
            continue;
        TickDelta delta = {.shard_id = shard->id};
        close_part(&shard->open_rows, shard->rows, time, tick == NULL ? NULL : &delta.rows);
        close_part(&shard->open_errors, shard->errors, time, tick == NULL ? NULL : &delta.errors);
        shard->upper = time + 1;
        if (delta.rows.count > 0 || delta.errors.count > 0)
            vector_push(&tick->deltas, delta);
    }
    rig->now = time;
}

void
rig_tick(Rig *rig, Timestamp time)
{
    Tick *tick = tick_new(time);
    close_all(rig, time, tick);
    cluster_tick(rig->cluster, tick);
    tick_release(tick);
}

void
rig_store_only(Rig *rig, Timestamp time)
{
    close_all(rig, time, NULL);
}

void
rig_feed(Rig *rig, RigShard *shard, Timestamp time)
{
    ChunkVector rows = {0}, errors = {0};
    close_part(&shard->open_rows, shard->rows, time, &rows);
    close_part(&shard->open_errors, shard->errors, time, &errors);
    shard->upper = time + 1;
    cluster_feed(rig->cluster, shard->id, &rows, &errors, time + 1);
}

static RigShard *
find_shard(Rig *rig, uint64_t id)
{
    for (int i = 0; i < rig->shard_count; i++)
        if (rig->shards[i].id == id)
            return &rig->shards[i];
    return NULL;
}

void
rig_contents(Rig *rig, const DataflowPlan *plan, BagPair *contents)
{
    for (int i = 0; i < plan->import_count; i++) {
        RigShard *shard = find_shard(rig, plan->imports[i].collection_id);
        if (shard != NULL)
            contents[i] = shard->content;
    }
}

/* ---- dataflows */

uint64_t
rig_create(Rig *rig, PlanBuilder *builder)
{
    DataflowPlan *plan = builder->plan;
    ImportState states[BUILDER_IMPORTS_MAX] = {0};
    for (int i = 0; i < plan->import_count; i++) {
        RigShard *shard = find_shard(rig, plan->imports[i].collection_id);
        if (shard == NULL || plan->imports[i].index_id != 0)
            continue;
        states[i] = (ImportState){.snapshot = {spine_snapshot(shard->rows), spine_snapshot(shard->errors)},
                                  .upper = shard->upper,
                                  .lockstep = shard->lockstep};
    }
    uint64_t id = rig->next_id++;
    cluster_create_dataflow(rig->cluster, id, plan, states);
    return id;
}

RigExport *
rig_export(Rig *rig, uint64_t id)
{
    for (size_t i = 0; i < rig->exports.count; i++)
        if (rig->exports.items[i]->id == id)
            return rig->exports.items[i];
    RigExport *export = memory_calloc(1, sizeof *export);
    export->id = id;
    vector_push(&rig->exports, export);
    return export;
}

static void
take_result(Rig *rig, ClusterResult *result)
{
    if (result->kind == CLUSTER_ENDED) {
        vector_push(&rig->ended, result->dataflow_id);
        return;
    }
    RigExport *export = rig_export(rig, result->export_id);
    switch (result->kind) {
    case CLUSTER_PEEK_ROWS:
        export->peeked = true;
        break;
    case CLUSTER_UPDATES:
        export->updates += result->rows.count > 0 || result->errors.count > 0;
        ck_assert_uint_ge(result->upper, export->upper);
        for (size_t i = 0; i < result->rows.count; i++)
            for (uint32_t row = 0; row < result->rows.items[i]->count; row++) {
                Timestamp time = chunk_time(result->rows.items[i], row);
                ck_assert_msg(time >= export->upper && time < result->upper, "an update is not in its bounds");
            }
        export->upper = result->upper;
        break;
    case CLUSTER_FRONTIER:
        ck_assert_uint_gt(result->upper, export->upper);
        export->upper = result->upper;
        break;
    case CLUSTER_HYDRATED:
        export->hydrated = true;
        break;
    case CLUSTER_FAILED:
        export->failed = true;
        error_move(&export->error, &result->error);
        break;
    case CLUSTER_ENDED:
        break;
    }
    for (size_t i = 0; i < result->rows.count; i++)
        vector_push(&export->rows, chunk_retain(result->rows.items[i]));
    for (size_t i = 0; i < result->errors.count; i++)
        vector_push(&export->errors, chunk_retain(result->errors.items[i]));
}

void
rig_poll(Rig *rig)
{
    ClusterResult result;
    while (cluster_poll(rig->cluster, &result)) {
        take_result(rig, &result);
        cluster_result_deinit(&result);
    }
}

static void
wait_for_wake(Rig *rig)
{
    pthread_mutex_lock(&rig->lock);
    while (!rig->wake)
        pthread_cond_wait(&rig->woken, &rig->lock);
    rig->wake = false;
    pthread_mutex_unlock(&rig->lock);
    rig_poll(rig);
}

void
rig_wait_frontier(Rig *rig, uint64_t export_id, Timestamp time)
{
    rig_poll(rig);
    while (cluster_export_frontier(rig->cluster, export_id) <= time)
        wait_for_wake(rig);
}

static void
expect_no_failure(const RigExport *export)
{
    ck_assert_msg(!export->failed, "export %llu failed: %s", (unsigned long long) export->id, export->error.message);
}

void
rig_wait_upper(Rig *rig, uint64_t export_id, Timestamp upper)
{
    rig_poll(rig);
    while (rig_export(rig, export_id)->upper < upper) {
        expect_no_failure(rig_export(rig, export_id));
        wait_for_wake(rig);
    }
}

void
rig_wait_hydrated(Rig *rig, uint64_t export_id)
{
    rig_poll(rig);
    while (!rig_export(rig, export_id)->hydrated) {
        expect_no_failure(rig_export(rig, export_id));
        wait_for_wake(rig);
    }
}

void
rig_wait_failed(Rig *rig, uint64_t export_id)
{
    rig_poll(rig);
    while (!rig_export(rig, export_id)->failed)
        wait_for_wake(rig);
}

void
rig_wait_peeked(Rig *rig, uint64_t export_id)
{
    rig_poll(rig);
    while (!rig_export(rig, export_id)->peeked && !rig_export(rig, export_id)->failed)
        wait_for_wake(rig);
}

static bool
has_ended(const Rig *rig, uint64_t dataflow_id)
{
    for (size_t i = 0; i < rig->ended.count; i++)
        if (rig->ended.items[i] == dataflow_id)
            return true;
    return false;
}

void
rig_wait_ended(Rig *rig, uint64_t dataflow_id)
{
    rig_poll(rig);
    while (!has_ended(rig, dataflow_id))
        wait_for_wake(rig);
}

void
rig_drop(Rig *rig, uint64_t dataflow_id)
{
    cluster_drop_dataflow(rig->cluster, dataflow_id);
    rig_wait_ended(rig, dataflow_id);
}

/* ---- what an export holds */

BagPair
rig_updates_at(Rig *rig, uint64_t export_id, const SqlType *types, uint16_t column_count, Timestamp time)
{
    BagPair pair;
    bag_pair_init(&pair, types, column_count);
    const RigExport *export = rig_export(rig, export_id);
    for (size_t i = 0; i < export->rows.count; i++)
        bag_add_chunk(&pair.rows, export->rows.items[i], time);
    for (size_t i = 0; i < export->errors.count; i++)
        bag_add_chunk(&pair.errors, export->errors.items[i], time);
    return pair;
}

static void
read_snapshot(SpineSnapshot *snapshot, Timestamp time, Bag *bag)
{
    Timestamp as_of = snapshot->upper <= time ? snapshot->upper - 1 : time;
    Cursor *cursor = cursor_new(snapshot, as_of);
    Datum *values = memory_calloc(bag->column_count + 1u, sizeof *values);
    CursorRow row;
    while (cursor_next_key(cursor))
        while (cursor_row(cursor, &row)) {
            for (uint16_t i = 0; i < bag->column_count; i++)
                values[i] = column_datum(row.chunk->columns[i], bag->types[i], row.row);
            bag_add(bag, values, row.diff);
        }
    ck_assert_ptr_null(cursor_failed(cursor));
    free(values);
    cursor_free(cursor);
}

BagPair
rig_index_at(Rig *rig, uint64_t index_id, const SqlType *types, uint16_t column_count, Timestamp time)
{
    BagPair pair;
    bag_pair_init(&pair, types, column_count);
    IndexSnapshot snapshot;
    ck_assert(cluster_index_snapshot(rig->cluster, index_id, &snapshot));
    ck_assert_uint_gt(snapshot.frontier, time);
    read_snapshot(snapshot.rows, time, &pair.rows);
    read_snapshot(snapshot.errors, time, &pair.errors);
    index_snapshot_release(&snapshot);
    return pair;
}
