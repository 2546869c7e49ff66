#include <stdlib.h>

#include "collection/sort.h"
#include "storage/store_internal.h"

static bool
staged_write(Store *store, StagedRun *staged, Chunk *const *chunks, size_t count, uint64_t rows, Error *err)
{
    RunFileWriter *writer;
    staged->name = store_blob_name(store);
    if (!run_file_create(store->blob, staged->name, staged->layout, rows, true, &writer, err))
        return false;
    bool collisions;
    if (!chunks_sort(staged->layout, chunks, count, run_file_sink(writer), &collisions, err)) {
        run_file_abandon(writer);
        return false;
    }
    if (!run_file_finish(writer, collisions, &staged->row_count, &staged->size, err))
        return false;
    pthread_mutex_lock(&store->lock);
    store->statistics.blobs_written++;
    store->statistics.blob_bytes_written += staged->size;
    pthread_mutex_unlock(&store->lock);
    if (staged->row_count != 0)
        return true;
    store_remove_blob(store, staged->name);
    free(staged->name);
    staged->name = NULL;
    return true;
}

bool
store_stage_run(Store *store, Layout *layout, Chunk *const *chunks, size_t count, StagedRun **out, Error *err)
{
    StagedRun *staged = memory_calloc(1, sizeof *staged);
    staged->layout = layout_retain(layout);
    uint64_t rows = 0, memory = 0;
    for (size_t i = 0; i < count; i++) {
        rows += chunks[i]->count;
        memory += chunk_memory(chunks[i]);
        /* Updates that cancel do so whatever time they came with. */
        vector_push(&staged->chunks, chunk_with_time(chunks[i], 0));
    }
    bool ok = true;
    if (memory > store->inline_bytes_max) {
        ok = staged_write(store, staged, staged->chunks.items, count, rows, err);
        chunk_vector_release(&staged->chunks);
    }
    if (ok) {
        *out = staged;
        return true;
    }
    free(staged->name);
    layout_release(staged->layout);
    free(staged);
    return false;
}

void
store_discard_staged(Store *store, StagedRun *staged)
{
    if (staged == NULL)
        return;
    if (staged->name != NULL)
        store_remove_blob(store, staged->name);
    chunk_vector_release(&staged->chunks);
    free(staged->name);
    layout_release(staged->layout);
    free(staged);
}
