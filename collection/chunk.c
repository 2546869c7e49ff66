#include "collection/chunk.h"

#include <stdlib.h>

Chunk *
chunk_retain(Chunk *chunk)
{
    atomic_fetch_add_explicit(&chunk->references, 1, memory_order_relaxed);
    return chunk;
}

void
chunk_release(Chunk *chunk)
{
    while (chunk != NULL && atomic_fetch_sub_explicit(&chunk->references, 1, memory_order_acq_rel) == 1) {
        for (uint16_t i = 0; i < chunk->column_count; i++)
            column_release(chunk->columns[i]);
        if ((chunk->borrowed & CHUNK_DIFFS) == 0)
            free(chunk->diffs);
        if ((chunk->borrowed & CHUNK_TIMES) == 0)
            free(chunk->times);
        if ((chunk->borrowed & CHUNK_HASHES) == 0)
            free(chunk->hashes);
        if (chunk->owner != NULL)
            chunk->owner->release(chunk->owner);
        Chunk *parent = chunk->parent;
        free(chunk);
        chunk = parent;
    }
}

void
chunk_vector_release(ChunkVector *chunks)
{
    for (size_t i = 0; i < chunks->count; i++)
        chunk_release(chunks->items[i]);
    vector_deinit(chunks);
}

size_t
chunk_memory(const Chunk *chunk)
{
    size_t words = (chunk->diffs != NULL) + (chunk->times != NULL) + (chunk->hashes != NULL);
    size_t size = words * sizeof(uint64_t) * chunk->count;
    for (uint16_t i = 0; i < chunk->column_count; i++)
        size += column_memory(chunk->columns[i]);
    return size;
}

static Chunk *
chunk_make(uint32_t count, uint16_t column_count, Timestamp time)
{
    Chunk *chunk = memory_calloc(1, sizeof *chunk + column_count * sizeof(Column *));
    atomic_init(&chunk->references, 1);
    chunk->count = count;
    chunk->column_count = column_count;
    chunk->time = time;
    return chunk;
}

Chunk *
chunk_new(uint32_t count, Column **columns, uint16_t column_count, Timestamp time, int64_t *diffs, Timestamp *times)
{
    Chunk *chunk = chunk_make(count, column_count, time);
    for (uint16_t i = 0; i < column_count; i++)
        chunk->columns[i] = columns[i];
    chunk->diffs = diffs;
    chunk->times = times;
    return chunk;
}

/* Makes `copy` read what `kept` names from `chunk`, and hold it. */
static void
chunk_borrow(Chunk *copy, const Chunk *chunk, uint8_t kept)
{
    copy->diffs = (kept & CHUNK_DIFFS) != 0 ? chunk->diffs : NULL;
    copy->times = (kept & CHUNK_TIMES) != 0 ? chunk->times : NULL;
    copy->hashes = (kept & CHUNK_HASHES) != 0 ? chunk->hashes : NULL;
    copy->borrowed = kept;
    if (copy->diffs == NULL && copy->times == NULL && copy->hashes == NULL)
        return;
    /* A chain of copies holds the first of them when that is where everything lies. */
    const Chunk *from = chunk;
    while (from->parent != NULL && (copy->diffs == NULL || (from->borrowed & CHUNK_DIFFS) != 0) &&
           (copy->times == NULL || (from->borrowed & CHUNK_TIMES) != 0) &&
           (copy->hashes == NULL || (from->borrowed & CHUNK_HASHES) != 0))
        from = from->parent;
    copy->parent = chunk_retain((Chunk *) from);
}

static Chunk *
chunk_share_columns(const Chunk *chunk, uint8_t kept)
{
    Chunk *copy = chunk_make(chunk->count, chunk->column_count, chunk->time);
    for (uint16_t i = 0; i < chunk->column_count; i++)
        copy->columns[i] = column_retain(chunk->columns[i]);
    chunk_borrow(copy, chunk, kept);
    return copy;
}

Chunk *
chunk_project(const Chunk *chunk, const uint16_t *columns, uint16_t column_count)
{
    Chunk *copy = chunk_make(chunk->count, column_count, chunk->time);
    for (uint16_t i = 0; i < column_count; i++)
        copy->columns[i] = column_retain(chunk->columns[columns[i]]);
    chunk_borrow(copy, chunk, CHUNK_DIFFS | CHUNK_TIMES);
    return copy;
}

static void *
words_gather(const void *words, const uint32_t *rows, uint32_t count)
{
    if (words == NULL)
        return NULL;
    const uint64_t *from = words;
    uint64_t *to = memory_alloc(count * sizeof *to);
    for (uint32_t i = 0; i < count; i++)
        to[i] = from[rows[i]];
    return to;
}

Chunk *
chunk_gather(const Chunk *chunk, const uint32_t *rows, uint32_t count)
{
    Chunk *copy = chunk_make(count, chunk->column_count, chunk->time);
    for (uint16_t i = 0; i < chunk->column_count; i++)
        copy->columns[i] = column_gather(chunk->columns[i], rows, count);
    copy->diffs = words_gather(chunk->diffs, rows, count);
    copy->times = words_gather(chunk->times, rows, count);
    copy->hashes = words_gather(chunk->hashes, rows, count);
    return copy;
}

Chunk *
chunk_negate(const Chunk *chunk)
{
    Chunk *copy = chunk_share_columns(chunk, CHUNK_TIMES | CHUNK_HASHES);
    copy->diffs = memory_alloc(chunk->count * sizeof *copy->diffs);
    for (uint32_t i = 0; i < chunk->count; i++)
        copy->diffs[i] = -chunk_diff(chunk, i);
    return copy;
}

Chunk *
chunk_with_time(const Chunk *chunk, Timestamp time)
{
    if (chunk->times == NULL && chunk->time == time)
        return chunk_retain((Chunk *) chunk);
    Chunk *copy = chunk_share_columns(chunk, CHUNK_DIFFS | CHUNK_HASHES);
    copy->time = time;
    return copy;
}
