#include "collection/run_internal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "collection/layout_internal.h"
#include "collection/sort.h"

enum {
    DIRECTORY_BITS_MAX = 24,
    DIRECTORY_BUCKET_ROWS = 8, /* hashes of about one cache line */
};

/* ---- directory ---- */

void
directory_builder_init(DirectoryBuilder *builder, uint64_t rows_hint)
{
    uint32_t bits = 0;
    while (bits < DIRECTORY_BITS_MAX && rows_hint >> bits > DIRECTORY_BUCKET_ROWS)
        bits++;
    *builder = (DirectoryBuilder){.bits = bits, .one_time = true};
    builder->entries = memory_alloc((((size_t) 1 << bits) + 1) * sizeof *builder->entries);
}

void
directory_builder_deinit(DirectoryBuilder *builder)
{
    free(builder->entries);
    vector_deinit(&builder->starts);
    *builder = (DirectoryBuilder){.bits = 0};
}

static uint64_t
hash_bucket(uint64_t hash, uint32_t bits)
{
    return bits == 0 ? 0 : hash >> (64 - bits);
}

void
directory_builder_add(DirectoryBuilder *builder, const Chunk *chunk)
{
    if (builder->rows % RUN_CHUNK_ROWS != 0)
        builder->uneven = true;
    if (builder->rows + chunk->count > UINT32_MAX)
        bug("a run of more than %" PRIu32 " rows", UINT32_MAX);
    vector_push(&builder->starts, (uint32_t) builder->rows);
    if (builder->rows == 0)
        builder->time = chunk->time;
    if (chunk->times != NULL || chunk->time != builder->time)
        builder->one_time = false;
    for (uint32_t i = 0; i < chunk->count; i++) {
        uint64_t bucket = hash_bucket(chunk->hashes[i], builder->bits);
        while (builder->next <= bucket)
            builder->entries[builder->next++] = (uint32_t) (builder->rows + i);
    }
    builder->rows += chunk->count;
}

void
directory_builder_finish(DirectoryBuilder *builder)
{
    while (builder->next <= UINT64_C(1) << builder->bits)
        builder->entries[builder->next++] = (uint32_t) builder->rows;
    vector_push(&builder->starts, (uint32_t) builder->rows);
    uint32_t surplus = 0;
    while (builder->bits > surplus && builder->rows >> (builder->bits - surplus) < DIRECTORY_BUCKET_ROWS / 4)
        surplus++;
    if (surplus == 0)
        return;
    builder->bits -= surplus;
    for (uint64_t i = 0; i <= UINT64_C(1) << builder->bits; i++)
        builder->entries[i] = builder->entries[i << surplus];
    builder->entries = memory_realloc(builder->entries, (((size_t) 1 << builder->bits) + 1) * sizeof *builder->entries);
}

/* ---- lifetime ---- */

static Run *
run_new(Layout *layout, const RunShape *shape)
{
    Run *run = memory_alloc(sizeof *run);
    *run = (Run){.layout = layout_retain(layout),
                 .lower = shape->lower,
                 .upper = shape->upper,
                 .since = shape->since,
                 .row_count = shape->row_count,
                 .memory = shape->memory,
                 .chunk_count = shape->chunk_count,
                 .directory_bits = shape->directory_bits,
                 .directory = shape->directory,
                 .collisions = shape->collisions,
                 .one_time = shape->one_time};
    atomic_init(&run->references, 1);
    if (shape->chunk_starts != NULL) {
        size_t size = ((size_t) shape->chunk_count + 1) * sizeof *run->chunk_starts;
        run->chunk_starts = memcpy(memory_alloc(size), shape->chunk_starts, size);
    }
    return run;
}

Run *
run_from_file(Layout *layout, const RunShape *shape, RunFile *file)
{
    Run *run = run_new(layout, shape);
    run->file = file;
    run->chunks = memory_calloc(shape->chunk_count, sizeof *run->chunks);
    return run;
}

Run *
run_retain(Run *run)
{
    atomic_fetch_add_explicit(&run->references, 1, memory_order_relaxed);
    return run;
}

void
run_release(Run *run)
{
    if (run == NULL || atomic_fetch_sub_explicit(&run->references, 1, memory_order_acq_rel) != 1)
        return;
    for (uint32_t i = 0; i < run->chunk_count; i++)
        chunk_release(run->chunks[i]);
    free(run->chunks);
    free(run->chunk_starts);
    if (run->file != NULL)
        run->file->release(run->file);
    else
        free((void *) run->directory);
    layout_release(run->layout);
    free(run);
}

bool
run_chunk(Run *run, uint32_t index, Chunk **chunk, Error *err)
{
    *chunk = run_chunk_cached(run, index);
    if (*chunk != NULL)
        return true;
    Chunk *loaded, *expected = NULL;
    if (!run->file->load(run->file, index, &loaded, err))
        return false;
    /* Two threads may load the same chunk: the first one's stays. */
    if (!__atomic_compare_exchange_n(&run->chunks[index], &expected, loaded, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE)) {
        chunk_release(loaded);
        loaded = expected;
    }
    *chunk = loaded;
    return true;
}

/* ---- building ---- */

static bool
heap_sink_emit(RunSink *base, Chunk *chunk, Error *err)
{
    (void) err;
    HeapSink *sink = (HeapSink *) base;
    directory_builder_add(&sink->directory, chunk);
    sink->memory += chunk_memory(chunk);
    vector_push(&sink->chunks, chunk);
    return true;
}

void
heap_sink_init(HeapSink *sink, uint64_t rows_hint)
{
    *sink = (HeapSink){.sink = {heap_sink_emit}};
    directory_builder_init(&sink->directory, rows_hint);
}

void
heap_sink_deinit(HeapSink *sink)
{
    chunk_vector_release(&sink->chunks);
    directory_builder_deinit(&sink->directory);
}

Run *
heap_sink_finish(HeapSink *sink, Layout *layout, Timestamp lower, Timestamp upper, Timestamp since, bool collisions)
{
    DirectoryBuilder *directory = &sink->directory;
    directory_builder_finish(directory);
    size_t directory_size = (((size_t) 1 << directory->bits) + 1) * sizeof *directory->entries;
    RunShape shape = {.lower = lower,
                      .upper = upper,
                      .since = since,
                      .row_count = directory->rows,
                      .memory = sink->memory + directory_size,
                      .chunk_count = (uint32_t) sink->chunks.count,
                      .directory_bits = directory->bits,
                      .directory = directory->entries,
                      .chunk_starts = directory->uneven ? directory->starts.items : NULL,
                      .collisions = collisions,
                      .one_time = directory->one_time};
    Run *run = run_new(layout, &shape);
    run->chunks = sink->chunks.items;
    vector_deinit(&directory->starts);
    *sink = (HeapSink){.memory = 0};
    return run;
}

Run *
run_build(Layout *layout, Chunk *const *chunks, size_t count, Timestamp lower, Timestamp upper)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < count; i++)
        rows += chunks[i]->count;
    HeapSink sink;
    heap_sink_init(&sink, rows);
    bool collisions;
    Error err = ERROR_INIT;
    if (!chunks_sort(layout, chunks, count, &sink.sink, &collisions, &err))
        bug("sorting into memory failed: %s", err.message);
    return heap_sink_finish(&sink, layout, lower, upper, 0, collisions);
}

/* Whether two neighbours with the same hash have different keys. */
static bool
chunks_have_collisions(const Layout *layout, const ChunkVector *chunks)
{
    const Chunk *last = NULL;
    for (size_t i = 0; i < chunks->count; i++) {
        const Chunk *chunk = chunks->items[i];
        for (uint32_t row = 0; row < chunk->count; row++) {
            const Chunk *before = row == 0 ? last : chunk;
            uint32_t before_row = row == 0 ? (last == NULL ? 0 : last->count - 1) : row - 1;
            if (before != NULL && before->hashes[before_row] == chunk->hashes[row] &&
                layout_compare_keys(layout, before, before_row, chunk, row) != 0)
                return true;
        }
        last = chunk;
    }
    return false;
}

Run *
run_from_sorted(Layout *layout, ChunkVector *chunks, Timestamp lower, Timestamp upper, Timestamp since)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < chunks->count; i++)
        rows += chunks->items[i]->count;
    bool collisions = chunks_have_collisions(layout, chunks);
    HeapSink sink;
    heap_sink_init(&sink, rows);
    Error err = ERROR_INIT;
    for (size_t i = 0; i < chunks->count; i++)
        if (!heap_sink_emit(&sink.sink, chunks->items[i], &err))
            bug("keeping a chunk failed");
    vector_deinit(chunks);
    return heap_sink_finish(&sink, layout, lower, upper, since, collisions);
}

/* ---- consolidation without a key ---- */

typedef struct BuilderSink {
    RunSink sink;
    ChunkVector chunks;
} BuilderSink;

static bool
builder_sink_emit(RunSink *base, Chunk *chunk, Error *err)
{
    (void) err;
    BuilderSink *sink = (BuilderSink *) base;
    vector_push(&sink->chunks, chunk);
    return true;
}

static Chunk *
chunks_join(const ChunkVector *chunks, const SqlType *types, uint16_t column_count)
{
    ChunkBuilder builder;
    chunk_builder_init(&builder, types, column_count);
    for (size_t i = 0; i < chunks->count; i++) {
        const Chunk *chunk = chunks->items[i];
        for (uint16_t column = 0; column < column_count; column++)
            column_builder_append_range(&builder.columns[column], chunk->columns[column], 0, chunk->count);
        for (uint32_t row = 0; row < chunk->count; row++)
            chunk_builder_end_row(&builder, chunk_time(chunk, row), chunk_diff(chunk, row));
    }
    Chunk *joined = chunk_builder_finish(&builder);
    chunk_builder_deinit(&builder);
    return joined;
}

Chunk *
chunks_consolidate(Chunk *const *chunks, size_t count, const SqlType *types, uint16_t column_count)
{
    if (count == 1 && chunks[0]->count == 1 && chunks[0]->hashes == NULL)
        return chunk_retain(chunks[0]);
    uint16_t *key = memory_alloc(column_count * sizeof *key);
    for (uint16_t i = 0; i < column_count; i++)
        key[i] = i;
    Layout *layout = layout_new(types, column_count, key, column_count, NULL, 0);
    free(key);
    BuilderSink sink = {.sink = {builder_sink_emit}};
    bool collisions;
    Error err = ERROR_INIT;
    if (!chunks_sort(layout, chunks, count, &sink.sink, &collisions, &err))
        bug("sorting into memory failed: %s", err.message);
    layout_release(layout);
    Chunk *joined = NULL;
    if (sink.chunks.count == 1) {
        joined = chunk_retain(sink.chunks.items[0]);
        free(joined->hashes); /* they are of no layout that anybody else has */
        joined->hashes = NULL;
    } else if (sink.chunks.count > 1) {
        joined = chunks_join(&sink.chunks, types, column_count);
    }
    chunk_vector_release(&sink.chunks);
    return joined;
}
