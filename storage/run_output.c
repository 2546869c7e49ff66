#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "collection/merge.h"
#include "storage/store_internal.h"

char *
store_blob_name(Store *store)
{
    char name[48];
    unsigned number = atomic_fetch_add(&store->name_next, 1);
    snprintf(name, sizeof name, "%016" PRIx64 "-%08x", store->name_prefix, number);
    return memory_strdup(name);
}

void
store_remove_blob(Store *store, const char *name)
{
    Error err = ERROR_INIT;
    if (!store->blob->vtable->remove(store->blob, name, &err)) {
        log_warn(LOG_MODULE, "%s", err.message);
        error_clear(&err);
    }
}

bool
run_output_begin(RunOutput *output, Store *store, Layout *layout, uint64_t rows_hint, bool in_blob, bool relative,
                 Error *err)
{
    *output = (RunOutput){.store = store, .layout = layout};
    if (!in_blob) {
        heap_sink_init(&output->heap, rows_hint);
        return true;
    }
    output->name = store_blob_name(store);
    if (run_file_create(store->blob, output->name, layout, rows_hint, relative, &output->writer, err))
        return true;
    free(output->name);
    return false;
}

RunSink *
run_output_sink(RunOutput *output)
{
    return output->writer != NULL ? run_file_sink(output->writer) : &output->heap.sink;
}

void
run_output_abandon(RunOutput *output)
{
    if (output->writer != NULL)
        run_file_abandon(output->writer);
    else
        heap_sink_deinit(&output->heap);
    free(output->name);
}

static bool
blob_finish(RunOutput *output, Timestamp lower, Timestamp upper, Timestamp since, bool collisions, Run **run,
            Error *err)
{
    Store *store = output->store;
    uint64_t rows, size;
    if (!run_file_finish(output->writer, collisions, &rows, &size, err))
        return false;
    *run = NULL;
    if (rows == 0) {
        store_remove_blob(store, output->name);
        return true;
    }
    pthread_mutex_lock(&store->lock);
    store->statistics.blobs_written++;
    store->statistics.blob_bytes_written += size;
    pthread_mutex_unlock(&store->lock);
    if (run_file_open(store->blob, output->name, output->layout, lower, upper, since, run, err))
        return true;
    store_remove_blob(store, output->name);
    return false;
}

bool
run_output_finish(RunOutput *output, Timestamp lower, Timestamp upper, Timestamp since, bool collisions, Run **run,
                  Error *err)
{
    bool ok = true;
    if (output->writer != NULL) {
        ok = blob_finish(output, lower, upper, since, collisions, run, err);
    } else {
        *run = heap_sink_finish(&output->heap, output->layout, lower, upper, since, collisions);
        if ((*run)->row_count == 0) {
            run_release(*run);
            *run = NULL;
        }
    }
    free(output->name);
    return ok;
}

bool
store_merge(Store *store, Layout *layout, Run *const *runs, uint32_t count, Timestamp since, size_t heap_bytes_max,
            Run **merged, Error *err)
{
    uint64_t rows = 0, memory = 0;
    Timestamp lower = runs[0]->lower, upper = runs[0]->upper, merged_since = since;
    for (uint32_t i = 0; i < count; i++) {
        rows += runs[i]->row_count;
        memory += runs[i]->memory;
        lower = runs[i]->lower < lower ? runs[i]->lower : lower;
        upper = runs[i]->upper > upper ? runs[i]->upper : upper;
        merged_since = runs[i]->since > merged_since ? runs[i]->since : merged_since;
    }
    RunOutput output;
    if (!run_output_begin(&output, store, layout, rows, memory > heap_bytes_max, false, err))
        return false;
    RunMerge *merge = run_merge_new(layout, runs, count, since, TIMESTAMP_MAX, run_output_sink(&output));
    bool done = false, ok = true;
    while (ok && !done)
        ok = run_merge_work(merge, SIZE_MAX, &done, err);
    bool collisions = run_merge_collisions(merge);
    run_merge_free(merge);
    if (ok)
        return run_output_finish(&output, lower, upper, merged_since, collisions, merged, err);
    run_output_abandon(&output);
    return false;
}

bool
store_write_run(Store *store, Run *run, Run **written, Error *err)
{
    RunOutput output;
    if (!run_output_begin(&output, store, run->layout, run->row_count, true, false, err))
        return false;
    RunSink *sink = run_output_sink(&output);
    for (uint32_t i = 0; i < run->chunk_count; i++) {
        Chunk *chunk;
        if (!run_chunk(run, i, &chunk, err) || !sink->emit(sink, chunk_retain(chunk), err)) {
            run_output_abandon(&output);
            return false;
        }
    }
    return run_output_finish(&output, run->lower, run->upper, run->since, run->collisions, written, err);
}
