#include "collection/gather.h"

#include <stdlib.h>

/* So that offsets of 32 bits do, with room to spare. */
#define CHUNK_BYTES_MAX (UINT64_C(1) << 30)

void
gather_init(Gather *gather, const SqlType *types, uint16_t column_count, uint64_t rows_hint, RunSink *sink)
{
    uint32_t capacity = rows_hint > RUN_CHUNK_ROWS ? RUN_CHUNK_ROWS : (uint32_t) rows_hint;
    *gather = (Gather){.sink = sink,
                       .column_count = column_count,
                       .columns = memory_calloc(column_count, sizeof(GatherColumn)),
                       .capacity = capacity == 0 ? 1 : capacity};
    for (uint16_t i = 0; i < column_count; i++)
        gather->columns[i].phys = type_phys(types[i]);
    gather->refs = memory_alloc(gather->capacity * sizeof *gather->refs);
    gather->hashes = memory_alloc(gather->capacity * sizeof *gather->hashes);
    gather->diffs = memory_alloc(gather->capacity * sizeof *gather->diffs);
    gather->times = memory_alloc(gather->capacity * sizeof *gather->times);
}

void
gather_deinit(Gather *gather)
{
    for (uint16_t i = 0; i < gather->column_count; i++) {
        free(gather->columns[i].values);
        free(gather->columns[i].bytes);
        free(gather->columns[i].nulls);
    }
    free(gather->columns);
    free(gather->sources);
    free(gather->refs);
    free(gather->hashes);
    free(gather->diffs);
    free(gather->times);
    *gather = (Gather){.count = 0};
}

static void
sources_grow(Gather *gather)
{
    uint32_t grown = gather->source_capacity == 0 ? 4 : gather->source_capacity * 2;
    gather->sources = memory_realloc(gather->sources, grown * sizeof *gather->sources);
    for (uint16_t i = 0; i < gather->column_count; i++) {
        GatherColumn *column = &gather->columns[i];
        column->values = memory_realloc(column->values, grown * sizeof *column->values);
        column->nulls = memory_realloc(column->nulls, grown * sizeof *column->nulls);
        if (column->phys == PHYS_BYTES)
            column->bytes = memory_realloc(column->bytes, grown * sizeof *column->bytes);
    }
    gather->source_capacity = grown;
}

uint32_t
gather_source(Gather *gather, const Chunk *chunk)
{
    if (gather->source_count == gather->source_capacity)
        sources_grow(gather);
    uint32_t number = gather->source_count++;
    gather->sources[number] = chunk;
    for (uint16_t i = 0; i < gather->column_count; i++) {
        GatherColumn *column = &gather->columns[i];
        const Column *from = chunk->columns[i];
        column->values[number] = from->values;
        column->nulls[number] = from->nulls;
        column->any_nulls |= from->nulls != NULL;
        if (column->phys == PHYS_BYTES) {
            column->bytes[number] = from->bytes;
            column->bytes_total += ((const uint32_t *) from->values)[from->count];
        }
    }
    return number;
}

static uint8_t *
nulls_gather(const Gather *gather, const GatherColumn *column, uint32_t count)
{
    if (!column->any_nulls)
        return NULL;
    uint8_t any = 0;
    uint8_t *nulls = memory_alloc(count);
    for (uint32_t i = 0; i < count; i++) {
        RowRef ref = gather->refs[i];
        const uint8_t *from = column->nulls[ref.source];
        any |= nulls[i] = from == NULL ? 0 : from[ref.row];
    }
    if (any)
        return nulls;
    free(nulls);
    return NULL;
}

static uint64_t
bytes_size(const Gather *gather, const GatherColumn *column, uint32_t count)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t *offsets = column->values[gather->refs[i].source];
        size += offsets[gather->refs[i].row + 1] - offsets[gather->refs[i].row];
    }
    return size;
}

/* Rows picked from large sources are mostly not in any cache: what comes next is asked for in time. */
enum { PREFETCH_OFFSETS = 16, PREFETCH_BYTES = 8 };

static void
prefetch_offset(const Gather *gather, const GatherColumn *column, uint32_t at)
{
    RowRef ref = gather->refs[at];
    __builtin_prefetch((const uint32_t *) column->values[ref.source] + ref.row);
}

/* Where each row's bytes are, and where they go. */
static uint32_t
bytes_place(const Gather *gather, const GatherColumn *column, uint32_t count, uint32_t *offsets, const char **starts)
{
    uint32_t size = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i + PREFETCH_OFFSETS < count)
            prefetch_offset(gather, column, i + PREFETCH_OFFSETS);
        RowRef ref = gather->refs[i];
        const uint32_t *from = (const uint32_t *) column->values[ref.source] + ref.row;
        offsets[i] = size;
        starts[i] = column->bytes[ref.source] + from[0];
        size += from[1] - from[0];
    }
    offsets[count] = size;
    return size;
}

static Column *
bytes_gather(const Gather *gather, const GatherColumn *column, uint32_t count)
{
    uint8_t *nulls = nulls_gather(gather, column, count);
    uint32_t *offsets = memory_alloc(((size_t) count + 1) * sizeof *offsets);
    const char **starts = memory_alloc(count * sizeof *starts);
    char *bytes = memory_alloc(bytes_place(gather, column, count, offsets, starts));
    for (uint32_t i = 0; i < count;) {
        /* Rows that follow one another in their source are one copy. */
        RowRef ref = gather->refs[i];
        uint32_t next = i + 1;
        while (next < count && gather->refs[next].source == ref.source &&
               gather->refs[next].row == ref.row + (next - i))
            next++;
        if (next + PREFETCH_BYTES < count) {
            __builtin_prefetch(starts[next + PREFETCH_BYTES]);
            __builtin_prefetch(starts[next + PREFETCH_BYTES] + 64);
        }
        memcpy(bytes + offsets[i], starts[i], offsets[next] - offsets[i]);
        i = next;
    }
    free(starts);
    return column_from_buffers(PHYS_BYTES, count, nulls, offsets, bytes);
}

#define GATHER(type)                                                                                                   \
    do {                                                                                                               \
        type *to = values;                                                                                             \
        for (uint32_t i = 0; i < count; i++) {                                                                         \
            RowRef ref = gather->refs[i];                                                                              \
            if (i + PREFETCH_OFFSETS < count) {                                                                        \
                RowRef later = gather->refs[i + PREFETCH_OFFSETS];                                                     \
                __builtin_prefetch((const type *) column->values[later.source] + later.row);                           \
            }                                                                                                          \
            to[i] = ((const type *) column->values[ref.source])[ref.row];                                              \
        }                                                                                                              \
    } while (0)

typedef struct Bytes16 {
    uint64_t words[2];
} Bytes16;

static Column *
column_gather_sources(const Gather *gather, const GatherColumn *column, uint32_t count)
{
    if (column->phys == PHYS_BYTES)
        return bytes_gather(gather, column, count);
    int width = phys_width(column->phys);
    void *values = memory_alloc((size_t) count * (size_t) width);
    switch (width) {
    case 1:
        GATHER(uint8_t);
        break;
    case 2:
        GATHER(uint16_t);
        break;
    case 4:
        GATHER(uint32_t);
        break;
    case 8:
        GATHER(uint64_t);
        break;
    default:
        GATHER(Bytes16);
        break;
    }
    return column_from_buffers(column->phys, count, nulls_gather(gather, column, count), values, NULL);
}

static void *
words_copy(const void *words, uint32_t count)
{
    return memcpy(memory_alloc(count * sizeof(uint64_t)), words, count * sizeof(uint64_t));
}

static Chunk *
chunk_gathered(const Gather *gather, uint32_t count)
{
    Column **columns = memory_alloc(gather->column_count * sizeof *columns);
    for (uint16_t i = 0; i < gather->column_count; i++)
        columns[i] = column_gather_sources(gather, &gather->columns[i], count);
    int64_t other_diffs = 0;
    Timestamp other_times = 0;
    for (uint32_t i = 0; i < count; i++) {
        other_diffs |= gather->diffs[i] ^ 1;
        other_times |= gather->times[i] ^ gather->times[0];
    }
    Chunk *chunk = chunk_new(count, columns, gather->column_count, gather->times[0],
                             other_diffs == 0 ? NULL : words_copy(gather->diffs, count),
                             other_times == 0 ? NULL : words_copy(gather->times, count));
    chunk->hashes = words_copy(gather->hashes, count);
    free(columns);
    return chunk;
}

/* How many of the first `count` rows make a chunk whose columns stay below the limit. */
static uint32_t
chunk_rows_allowed(const Gather *gather, uint32_t count)
{
    for (uint16_t i = 0; i < gather->column_count; i++)
        if (gather->columns[i].phys == PHYS_BYTES && gather->columns[i].bytes_total > CHUNK_BYTES_MAX)
            while (count > 1 && bytes_size(gather, &gather->columns[i], count) > CHUNK_BYTES_MAX)
                count /= 2;
    return count;
}

bool
gather_emit(Gather *gather, uint32_t count, Error *err)
{
    count = chunk_rows_allowed(gather, count);
    Chunk *chunk = chunk_gathered(gather, count);
    uint32_t rest = gather->count - count;
    memmove(gather->refs, gather->refs + count, rest * sizeof *gather->refs);
    memmove(gather->hashes, gather->hashes + count, rest * sizeof *gather->hashes);
    memmove(gather->diffs, gather->diffs + count, rest * sizeof *gather->diffs);
    memmove(gather->times, gather->times + count, rest * sizeof *gather->times);
    gather->count = rest;
    return gather->sink->emit(gather->sink, chunk, err);
}

bool
gather_finish(Gather *gather, Error *err)
{
    if (gather->count != 0 && gather->diffs[gather->count - 1] == 0)
        gather->count--;
    while (gather->count != 0)
        if (!gather_emit(gather, gather->count, err))
            return false;
    return true;
}
