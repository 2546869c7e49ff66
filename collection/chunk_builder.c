#include "collection/chunk.h"

#include <stdlib.h>

void
chunk_builder_init(ChunkBuilder *builder, const SqlType *types, uint16_t column_count)
{
    *builder =
        (ChunkBuilder){.column_count = column_count, .columns = memory_calloc(column_count, sizeof(ColumnBuilder))};
    for (uint16_t i = 0; i < column_count; i++)
        column_builder_init(&builder->columns[i], type_phys(types[i]));
}

static void
updates_clear(ChunkBuilder *builder)
{
    builder->diffs = NULL;
    builder->times = NULL;
    builder->time = 0;
    builder->count = builder->capacity = 0;
}

void
chunk_builder_deinit(ChunkBuilder *builder)
{
    for (uint16_t i = 0; i < builder->column_count; i++)
        column_builder_deinit(&builder->columns[i]);
    free(builder->columns);
    builder->columns = NULL;
    builder->column_count = 0;
    free(builder->diffs);
    free(builder->times);
    updates_clear(builder);
}

static void
updates_grow(ChunkBuilder *builder)
{
    if (builder->count < builder->capacity)
        return;
    uint32_t grown = builder->capacity < 8 ? 8 : builder->capacity * 2;
    if (builder->diffs != NULL)
        builder->diffs = memory_realloc(builder->diffs, grown * sizeof *builder->diffs);
    if (builder->times != NULL)
        builder->times = memory_realloc(builder->times, grown * sizeof *builder->times);
    builder->capacity = grown;
}

void
chunk_builder_end_row(ChunkBuilder *builder, Timestamp time, int64_t diff)
{
    updates_grow(builder);
    uint32_t row = builder->count++;
    if (row == 0)
        builder->time = time;
    if (builder->diffs == NULL && diff != 1) {
        builder->diffs = memory_alloc(builder->capacity * sizeof *builder->diffs);
        for (uint32_t i = 0; i < row; i++)
            builder->diffs[i] = 1;
    }
    if (builder->diffs != NULL)
        builder->diffs[row] = diff;
    if (builder->times == NULL && time != builder->time) {
        builder->times = memory_alloc(builder->capacity * sizeof *builder->times);
        for (uint32_t i = 0; i < row; i++)
            builder->times[i] = builder->time;
    }
    if (builder->times != NULL)
        builder->times[row] = time;
}

void
chunk_builder_append_row(ChunkBuilder *builder, const Chunk *chunk, uint32_t row, Timestamp time, int64_t diff)
{
    for (uint16_t i = 0; i < builder->column_count; i++)
        column_builder_append_row(&builder->columns[i], chunk->columns[i], row);
    chunk_builder_end_row(builder, time, diff);
}

/* After the columns were given `count` values each. */
static void
end_rows(ChunkBuilder *builder, uint32_t count, Timestamp time)
{
    if (builder->diffs != NULL || builder->times != NULL || (builder->count > 0 && builder->time != time)) {
        for (uint32_t i = 0; i < count; i++)
            chunk_builder_end_row(builder, time, 1);
        return;
    }
    builder->time = time;
    builder->count += count;
    if (builder->capacity < builder->count)
        builder->capacity = builder->count;
}

void
chunk_builder_append_range(ChunkBuilder *builder, const Chunk *chunk, uint32_t first, uint32_t count, Timestamp time)
{
    for (uint16_t i = 0; i < builder->column_count; i++)
        column_builder_append_range(&builder->columns[i], chunk->columns[i], first, count);
    end_rows(builder, count, time);
}

void
chunk_builder_append_rows(ChunkBuilder *builder, const Chunk *chunk, const uint32_t *rows, uint32_t count,
                          Timestamp time)
{
    for (uint16_t i = 0; i < builder->column_count; i++)
        column_builder_append_rows(&builder->columns[i], chunk->columns[i], rows, count);
    end_rows(builder, count, time);
}

void
chunk_builder_append_datums(ChunkBuilder *builder, const Datum *values, Timestamp time, int64_t diff)
{
    for (uint16_t i = 0; i < builder->column_count; i++)
        column_builder_append(&builder->columns[i], values[i]);
    chunk_builder_end_row(builder, time, diff);
}

size_t
chunk_builder_memory(const ChunkBuilder *builder)
{
    size_t words = (builder->diffs != NULL) + (builder->times != NULL);
    size_t size = words * sizeof(uint64_t) * builder->count;
    for (uint16_t i = 0; i < builder->column_count; i++)
        size += column_builder_memory(&builder->columns[i]);
    return size;
}

Chunk *
chunk_builder_finish(ChunkBuilder *builder)
{
    if (builder->count == 0)
        return NULL;
    Column **columns = memory_alloc(builder->column_count * sizeof *columns);
    for (uint16_t i = 0; i < builder->column_count; i++) {
        columns[i] = column_builder_finish(&builder->columns[i]);
        if (columns[i]->count != builder->count)
            bug("column %u has %u of %u rows", i, columns[i]->count, builder->count);
    }
    Chunk *chunk =
        chunk_new(builder->count, columns, builder->column_count, builder->time, builder->diffs, builder->times);
    free(columns);
    updates_clear(builder);
    return chunk;
}
