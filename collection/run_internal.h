/*
 * run_internal.h -- putting a run together out of sorted chunks as they come; for collection/ and storage/.
 */
#ifndef FRESHET_COLLECTION_RUN_INTERNAL_H
#define FRESHET_COLLECTION_RUN_INTERNAL_H

#include "collection/gather.h"
#include "collection/run.h"

/* Takes note of hashes in order: the directory, and where chunks start. */
typedef struct DirectoryBuilder {
    uint32_t bits;
    uint32_t *entries; /* 2^bits + 1 */
    uint64_t next;     /* the first bucket that is not set yet */
    uint64_t rows;
    VECTOR(uint32_t) starts; /* of chunks */
    bool uneven;             /* a chunk that is not the last is not full */
    bool one_time;
    Timestamp time;
} DirectoryBuilder;

void directory_builder_init(DirectoryBuilder *builder, uint64_t rows_hint);
void directory_builder_deinit(DirectoryBuilder *builder);
void directory_builder_add(DirectoryBuilder *builder, const Chunk *chunk); /* it has hashes */
/* Sets the buckets that are left; when far fewer rows came than expected, halves the directory to fit. Adds the
   end to starts. */
void directory_builder_finish(DirectoryBuilder *builder);

/* A sink that keeps chunks on the heap. */
typedef struct HeapSink {
    RunSink sink;
    ChunkVector chunks;
    DirectoryBuilder directory;
    uint64_t memory;
} HeapSink;

void heap_sink_init(HeapSink *sink, uint64_t rows_hint);
void heap_sink_deinit(HeapSink *sink); /* with whatever chunks it still has */
/* What came, as a run. The sink is empty and need not be deinitialised. */
Run *heap_sink_finish(HeapSink *sink, Layout *layout, Timestamp lower, Timestamp upper, Timestamp since,
                      bool collisions);

/* The chunk at an index when it was touched before, else NULL. */
static inline Chunk *
run_chunk_cached(const Run *run, uint32_t index)
{
    return __atomic_load_n(&run->chunks[index], __ATOMIC_ACQUIRE);
}

/* The index of the chunk that holds a row. */
static inline uint32_t
run_chunk_of_row(const Run *run, uint32_t row)
{
    uint32_t index = row / RUN_CHUNK_ROWS;
    if (run->chunk_starts != NULL)
        while (run->chunk_starts[index + 1] <= row)
            index++;
    return index;
}

#endif
