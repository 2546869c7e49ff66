#include "tests/unit/collection/model.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buffer.h"
#include "collection/cursor.h"
#include "collection/scan.h"

const SqlType model_types[3] = {
    {.id = TYPE_INT8, .typmod = -1}, {.id = TYPE_TEXT, .typmod = -1}, {.id = TYPE_INT4, .typmod = -1}};

void
model_init(Model *model, uint64_t seed)
{
    *model = (Model){.random = seed * 0x9e3779b97f4a7c15u + 1};
}

void
model_deinit(Model *model)
{
    vector_deinit(&model->updates);
}

uint64_t
model_random(Model *model, uint64_t below)
{
    model->random ^= model->random << 13;
    model->random ^= model->random >> 7;
    model->random ^= model->random << 17;
    return (model->random >> 11) % below;
}

Chunk *
model_chunk_of(const ModelUpdate *updates, uint32_t count)
{
    ChunkBuilder builder;
    chunk_builder_init(&builder, model_types, 3);
    for (uint32_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "name %" PRId32, updates[i].name);
        Datum row[3] = {updates[i].id == MODEL_NULL ? DATUM_NULL : datum_int(updates[i].id),
                        updates[i].name == MODEL_NULL_NAME ? DATUM_NULL : datum_text(name),
                        datum_int(updates[i].number)};
        chunk_builder_append_datums(&builder, row, updates[i].time, updates[i].diff);
    }
    Chunk *chunk = chunk_builder_finish(&builder);
    chunk_builder_deinit(&builder);
    return chunk;
}

Chunk *
model_chunk(Model *model, uint32_t count, Timestamp lower, Timestamp upper)
{
    size_t first = model->updates.count;
    for (uint32_t i = 0; i < count; i++) {
        ModelUpdate update = {.id = (int64_t) model_random(model, 9) - 4,
                              .name = (int32_t) model_random(model, 4),
                              .number = (int32_t) model_random(model, 3) - 1,
                              .time = lower + model_random(model, upper - lower),
                              .diff = (int64_t) model_random(model, 5) - 2};
        if (update.id == 4)
            update.id = MODEL_NULL;
        if (update.name == 3)
            update.name = MODEL_NULL_NAME;
        if (update.diff == 0)
            update.diff = 1;
        vector_push(&model->updates, update);
    }
    return model_chunk_of(model->updates.items + first, count);
}

static void
contents_put(Contents *contents, const char *row, int64_t diff)
{
    int64_t sum = (int64_t) (intptr_t) map_get_text(contents->sums, row) + diff;
    if (sum == 0)
        map_remove(contents->sums, slice_of(row));
    else
        map_put(contents->sums, slice_of(row), (void *) (intptr_t) sum);
}

Contents
contents_of_model(const Model *model, Timestamp as_of)
{
    Contents contents = {map_new()};
    for (size_t i = 0; i < model->updates.count; i++) {
        const ModelUpdate *update = &model->updates.items[i];
        if (update->time > as_of)
            continue;
        char id[24] = "null", name[24] = "null", row[80];
        if (update->id != MODEL_NULL)
            snprintf(id, sizeof id, "%" PRId64, update->id);
        if (update->name != MODEL_NULL_NAME)
            snprintf(name, sizeof name, "name %" PRId32, update->name);
        snprintf(row, sizeof row, "%s|%s|%" PRId32 "|", id, name, update->number);
        contents_put(&contents, row, update->diff);
    }
    return contents;
}

void
contents_add(Contents *contents, const Chunk *chunk, uint32_t row, int64_t diff)
{
    Buffer text = {0};
    for (uint16_t i = 0; i < chunk->column_count; i++) {
        const Column *column = chunk->columns[i];
        if (column_is_null(column, row))
            buffer_append_text(&text, "null|");
        else if (column->phys == PHYS_BYTES)
            buffer_printf(&text, "%.*s|", (int) column_bytes(column, row).size, column_bytes(column, row).bytes);
        else
            buffer_printf(&text, "%" PRId64 "|", column_datum(column, model_types[i], row).i);
    }
    contents_put(contents, buffer_text(&text), diff);
    buffer_deinit(&text);
}

Contents
contents_of_scan(SpineSnapshot *snapshot, Timestamp as_of)
{
    Contents contents = {map_new()};
    SpineScan *scan = spine_scan_new(snapshot, as_of);
    Error err = ERROR_INIT;
    for (bool done = false; !done;) {
        Chunk *chunk;
        must(spine_scan_next(scan, 7, &chunk, &done, &err));
        for (uint32_t i = 0; chunk != NULL && i < chunk->count; i++) {
            must(chunk_time(chunk, i) == as_of);
            contents_add(&contents, chunk, i, chunk_diff(chunk, i));
        }
        chunk_release(chunk);
    }
    spine_scan_free(scan);
    return contents;
}

Contents
contents_of_cursor(SpineSnapshot *snapshot, Timestamp as_of)
{
    Contents contents = {map_new()};
    Cursor *cursor = cursor_new(snapshot, as_of);
    uint64_t last_hash = 0;
    while (cursor_next_key(cursor)) {
        CursorRow row;
        must(cursor_key_hash(cursor) >= last_hash);
        last_hash = cursor_key_hash(cursor);
        while (cursor_row(cursor, &row)) {
            must(row.diff != 0);
            contents_add(&contents, row.chunk, row.row, row.diff);
        }
    }
    must(cursor_failed(cursor) == NULL);
    cursor_free(cursor);
    return contents;
}

void
contents_free(Contents *contents)
{
    map_free(contents->sums);
    contents->sums = NULL;
}

void
contents_expect_equal(Contents expected, Contents found)
{
    Slice row;
    void *sum;
    for (size_t i = 0; map_next(expected.sums, &i, &row, &sum);)
        if (map_get(found.sums, row) != sum)
            bug("%.*s is there %d times instead of %d", (int) row.size, row.bytes,
                (int) (intptr_t) map_get(found.sums, row), (int) (intptr_t) sum);
    for (size_t i = 0; map_next(found.sums, &i, &row, &sum);)
        if (map_get(expected.sums, row) == NULL)
            bug("%.*s should not be there", (int) row.size, row.bytes);
    contents_free(&expected);
    contents_free(&found);
}

void
model_expect(const Model *model, SpineSnapshot *snapshot, Timestamp from, Timestamp to)
{
    for (Timestamp time = from; time < to; time++) {
        contents_expect_equal(contents_of_model(model, time), contents_of_scan(snapshot, time));
        contents_expect_equal(contents_of_model(model, time), contents_of_cursor(snapshot, time));
    }
}
