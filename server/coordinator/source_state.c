/*
 * How sources and their tables are: kept here, shown in mz_internal.mz_source_statuses, mz_source_status_history and mz_source_statistics.
 *
 * A report changes the state at once; rows are written into the open tick: statuses with the next tick, statistics at most once a second.
 */
#include "server/coordinator/coordinator_internal.h"

#include "base/clock.h"
#include "types/datetime.h"
#include "types/jsonb.h"

SourceState *
source_state(Coordinator *coordinator, ObjectId id)
{
    SourceState *state = map_get_u64(coordinator->states, id);
    if (state != NULL)
        return state;
    state = memory_calloc(1, sizeof *state);
    state->id = id;
    state->status = STATUS_CREATED;
    state->changed_us = clock_wall_us() - EPOCH_SHIFT_US;
    state->status_dirty = state->statistics_dirty = true;
    map_put_u64(coordinator->states, id, state);
    return state;
}

static const char *
status_name(SourceStatus status)
{
    static const char *const names[] = {"created", "starting", "running", "paused", "stalled", "stalled"};
    return names[status];
}

static bool
same_text(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static void
write_row(Coordinator *coordinator, const Item *table, const Datum *row, int64_t diff)
{
    SqlType *types = memory_calloc((size_t) table->desc->column_count, sizeof *types);
    for (int i = 0; i < table->desc->column_count; i++)
        types[i] = table->desc->columns[i].type;
    ChunkBuilder builder;
    chunk_builder_init(&builder, types, (uint16_t) table->desc->column_count);
    chunk_builder_append_datums(&builder, row, 0, diff);
    ticker_show_rows(coordinator, table->shard, chunk_builder_finish(&builder));
    chunk_builder_deinit(&builder);
    free(types);
}

/* Puts `row` (in a new arena) in the place of the row written before. */
static void
replace_row(Coordinator *coordinator, const char *relation, Datum **written, Arena **written_arena, Datum *row,
            Arena *arena)
{
    const Item *table = builtin_table(coordinator->catalog, "mz_internal", relation);
    if (*written != NULL)
        write_row(coordinator, table, *written, -1);
    if (*written_arena != NULL)
        arena_free(*written_arena);
    *written = row;
    *written_arena = arena;
    if (row != NULL)
        write_row(coordinator, table, row, 1);
}

static Datum
status_details(const SourceState *state, Arena *arena)
{
    Buffer out = {0};
    if (state->status == STATUS_PAUSED) {
        buffer_append_text(&out, "{\"hints\": [\"There is currently no replica running this source\"]}");
    } else if (state->hint != NULL) {
        buffer_append_text(&out, "{\"hints\": [");
        jsonb_append_string(&out, slice_of(state->hint));
        buffer_append_text(&out, "]}");
    } else {
        return DATUM_NULL;
    }
    return datum_text(buffer_to_arena(&out, arena));
}

/* A subsource with nothing of its own to say is as its source is. */
static const SourceState *
effective_state(Coordinator *coordinator, const Item *item, const SourceState *state)
{
    if (item->source == 0 || state->status == STATUS_CEASED || state->status == STATUS_RUNNING)
        return state;
    const SourceState *parent = map_get_u64(coordinator->states, item->source);
    return parent != NULL && parent->status != STATUS_RUNNING ? parent : state;
}

static void
write_status(Coordinator *coordinator, SourceState *state, const Item *item)
{
    const SourceState *effective = effective_state(coordinator, item, state);
    bool progress = item->source_kind == SOURCE_PROGRESS;
    Arena *arena = arena_new();
    Datum *row = arena_new_array(arena, Datum, 7);
    row[0] = datum_text(arena_strdup(arena, object_id_text(item->id).text));
    row[1] = datum_text(arena_strdup(arena, item->name));
    row[2] = datum_text(item->kind == ITEM_TABLE ? "table" : source_type_name(item));
    row[3] = datum_int(effective->changed_us);
    row[4] = datum_text(progress ? "running" : status_name(effective->status));
    row[5] = progress || effective->error == NULL ? DATUM_NULL : datum_text(arena_strdup(arena, effective->error));
    row[6] = progress ? DATUM_NULL : status_details(effective, arena);
    replace_row(coordinator, "mz_source_statuses", &state->status_row, &state->status_arena, row, arena);

    Datum event[6] = {datum_int(effective->changed_us), row[0], row[4], row[5], row[6], DATUM_NULL};
    write_row(coordinator, builtin_table(coordinator->catalog, "mz_internal", "mz_source_status_history"), event, 1);
}

static void
write_statistics(Coordinator *coordinator, SourceState *state, const Item *item)
{
    const StatisticsReport *report = &state->statistics;
    bool is_table = item->upstream != NULL;
    Arena *arena = arena_new();
    Datum *row = arena_new_array(arena, Datum, 14);
    row[0] = datum_text(arena_strdup(arena, object_id_text(item->id).text));
    row[1] = DATUM_NULL;
    row[2] = datum_int((int64_t) report->messages_received);
    row[3] = datum_int((int64_t) report->bytes_received);
    row[4] = datum_int((int64_t) report->updates_staged);
    row[5] = datum_int((int64_t) state->updates_committed);
    row[6] = datum_int(0);
    row[7] = datum_int(0);
    row[8] = DATUM_NULL;
    row[9] = report->has_snapshot ? datum_int((int64_t) report->snapshot_known) : DATUM_NULL;
    row[10] = report->has_snapshot ? datum_int((int64_t) report->snapshot_staged) : DATUM_NULL;
    row[11] = datum_int(state->snapshot_committed || item->source_kind == SOURCE_PROGRESS);
    row[12] = is_table || report->offset_known == 0 ? DATUM_NULL : datum_int((int64_t) report->offset_known);
    row[13] = is_table ? DATUM_NULL : datum_int((int64_t) state->offset_committed);
    replace_row(coordinator, "mz_source_statistics", &state->statistics_row, &state->statistics_arena, row, arena);
}

static bool
is_source_table(const Item *item)
{
    return item->source != 0 && item->upstream != NULL;
}

static void
mark_children(void *context, Item *item)
{
    const SourceState *parent = ((void **) context)[1];
    Coordinator *coordinator = ((void **) context)[0];
    if (item->source == parent->id)
        source_state(coordinator, item->id)->status_dirty = true;
}

static void
apply_status(Coordinator *coordinator, StatusReport *report)
{
    SourceState *state = source_state(coordinator, report->object_id);
    if (state->status == report->status && same_text(state->error, report->error) &&
        same_text(state->hint, report->hint))
        return;
    state->status = report->status;
    free(state->error);
    free(state->hint);
    state->error = report->error;
    state->hint = report->hint;
    report->error = report->hint = NULL;
    state->changed_us = clock_wall_us() - EPOCH_SHIFT_US;
    state->status_dirty = true;
    void *context[2] = {coordinator, state};
    catalog_each_item(coordinator->catalog, mark_children, context);
}

void
source_state_report(Coordinator *coordinator, SourceBatch *batch)
{
    for (size_t i = 0; i < batch->statuses.count; i++)
        apply_status(coordinator, &batch->statuses.items[i]);
    for (size_t i = 0; i < batch->statistics.count; i++) {
        SourceState *state = source_state(coordinator, batch->statistics.items[i].object_id);
        state->statistics = batch->statistics.items[i];
        state->statistics_dirty = true;
    }
    if (batch->statuses.count > 0)
        source_state_write(coordinator);
}

static void
parent_snapshot(void *context, Item *item)
{
    void **arguments = context;
    Coordinator *coordinator = arguments[0];
    ObjectId *source = arguments[1];
    bool *all = arguments[2];
    if (item->source == *source && is_source_table(item))
        *all = *all && source_state(coordinator, item->id)->snapshot_committed;
}

void
source_state_committed(Coordinator *coordinator, const SourceBatch *batch, const Tick *tick)
{
    SourceState *source = source_state(coordinator, batch->source_id);
    if (batch->resume > source->offset_committed)
        source->offset_committed = batch->resume;
    source->statistics_dirty = true;
    bool snapshot = false;
    for (size_t i = 0; i < batch->writes.count; i++) {
        const BatchWrite *write = &batch->writes.items[i];
        Collection *collection = collection_find(coordinator, write->shard_id);
        const TickDelta *delta = tick_delta(tick, write->shard_id);
        if (collection == NULL)
            continue;
        SourceState *table = source_state(coordinator, collection->item);
        for (size_t r = 0; delta != NULL && r < delta->rows.count; r++)
            table->updates_committed += delta->rows.items[r]->count;
        for (size_t r = 0; delta != NULL && r < delta->runs.count; r++)
            table->updates_committed += delta->runs.items[r]->row_count;
        table->statistics_dirty = true;
        if (write->snapshot_done) {
            table->snapshot_committed = true;
            snapshot = true;
        }
    }
    if (!snapshot && source->snapshot_committed)
        return;
    bool all = true;
    void *arguments[3] = {coordinator, (void *) &batch->source_id, &all};
    catalog_each_item(coordinator->catalog, parent_snapshot, arguments);
    if (all != source->snapshot_committed || snapshot) {
        source->snapshot_committed = all;
        coordinator->tick_wanted = true;
        size_t iterator = 0;
        Slice key;
        void *value;
        while (map_next(coordinator->states, &iterator, &key, &value)) {
            SourceState *state = value;
            const Item *item = catalog_item(coordinator->catalog, state->id);
            if (item != NULL && state->statistics_dirty) {
                write_statistics(coordinator, state, item);
                state->statistics_dirty = false;
            }
        }
    }
}

void
source_state_write(Coordinator *coordinator)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(coordinator->states, &iterator, &key, &value)) {
        SourceState *state = value;
        const Item *item = catalog_item(coordinator->catalog, state->id);
        if (item == NULL)
            continue;
        if (state->status_dirty)
            write_status(coordinator, state, item);
        if (state->statistics_dirty)
            write_statistics(coordinator, state, item);
        state->status_dirty = state->statistics_dirty = false;
    }
}

void
source_state_remove(Coordinator *coordinator, ObjectId id)
{
    SourceState *state = map_remove_u64(coordinator->states, id);
    if (state == NULL)
        return;
    replace_row(coordinator, "mz_source_statuses", &state->status_row, &state->status_arena, NULL, NULL);
    replace_row(coordinator, "mz_source_statistics", &state->statistics_row, &state->statistics_arena, NULL, NULL);
    free(state->error);
    free(state->hint);
    free(state);
}
