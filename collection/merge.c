#include "collection/merge.h"

#include <stdlib.h>

#include "collection/layout_internal.h"
#include "collection/run_internal.h"

typedef struct MergeInput {
    Run *run;
    uint32_t chunk_index;
    uint32_t row;
    uint32_t source; /* number of `chunk` in the gather */
    bool ended;
    const Chunk *chunk;
    uint64_t hash; /* of the row; meaningless when ended */
} MergeInput;

struct RunMerge {
    Layout *layout;
    Timestamp since, as_of;
    Gather gather;
    MergeInput *inputs;
    uint32_t input_count; /* those that have not ended are kept in front */
    uint32_t live;
    uint64_t rows;
    bool collisions;
    bool opened;
    /* The last update given to the gather: what follows may be the same row. */
    const Run *last_run;
    const Chunk *last_chunk;
    uint32_t last_row;
    uint64_t last_hash;
    Timestamp last_time;
};

RunMerge *
run_merge_new(Layout *layout, Run *const *runs, uint32_t count, Timestamp since, Timestamp as_of, RunSink *sink)
{
    RunMerge *merge = memory_alloc(sizeof *merge);
    *merge = (RunMerge){.layout = layout_retain(layout), .since = since, .as_of = as_of};
    merge->inputs = memory_calloc(count, sizeof *merge->inputs);
    for (uint32_t i = 0; i < count; i++) {
        merge->rows += runs[i]->row_count;
        merge->collisions |= runs[i]->collisions;
        merge->inputs[i] = (MergeInput){.run = run_retain(runs[i]), .ended = runs[i]->row_count == 0};
    }
    merge->input_count = count;
    gather_init(&merge->gather, layout->types, layout->column_count, merge->rows, sink);
    return merge;
}

void
run_merge_free(RunMerge *merge)
{
    if (merge == NULL)
        return;
    gather_deinit(&merge->gather);
    for (uint32_t i = 0; i < merge->input_count; i++)
        run_release(merge->inputs[i].run);
    free(merge->inputs);
    layout_release(merge->layout);
    free(merge);
}

bool
run_merge_collisions(const RunMerge *merge)
{
    return merge->collisions;
}

uint64_t
run_merge_rows(const RunMerge *merge)
{
    return merge->rows;
}

static bool
input_open(RunMerge *merge, MergeInput *input, Error *err)
{
    Chunk *chunk;
    if (!run_chunk(input->run, input->chunk_index, &chunk, err))
        return false;
    input->chunk = chunk;
    input->row = 0;
    input->hash = chunk->hashes[0];
    input->source = gather_source(&merge->gather, chunk);
    return true;
}

static bool
inputs_open(RunMerge *merge, Error *err)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < merge->input_count; i++) {
        MergeInput input = merge->inputs[i];
        if (input.ended)
            continue;
        merge->inputs[i] = merge->inputs[live];
        merge->inputs[live++] = input;
        if (!input_open(merge, &merge->inputs[live - 1], err))
            return false;
    }
    merge->live = live;
    merge->opened = true;
    return true;
}

/* Behind the last row of its chunk: to the next chunk, or out of the merge. */
static bool
input_turn(RunMerge *merge, uint32_t at, Error *err)
{
    MergeInput *input = &merge->inputs[at];
    if (input->chunk_index + 1 < input->run->chunk_count) {
        input->chunk_index++;
        return input_open(merge, input, err);
    }
    input->ended = true;
    /* The others keep their order. */
    MergeInput ended = *input;
    memmove(input, input + 1, (merge->live - at - 1) * sizeof *input);
    merge->inputs[--merge->live] = ended;
    return true;
}

/* Gives the current row of an input to the gather and steps over it. */
static inline bool
input_take(RunMerge *merge, uint32_t at, Error *err)
{
    MergeInput *input = &merge->inputs[at];
    const Chunk *chunk = input->chunk;
    uint32_t row = input->row;
    Timestamp time = chunk_time(chunk, row);
    if (time <= merge->as_of) {
        time = time < merge->since ? merge->since : time;
        int64_t diff = chunk_diff(chunk, row);
        /* In a run of one time no two updates are of the same row. */
        bool same = merge->last_hash == input->hash && merge->last_time == time && merge->last_chunk != NULL &&
                    !(merge->last_run == input->run && input->run->one_time) &&
                    layout_compare(merge->layout, 0, merge->last_chunk, merge->last_row, chunk, row) == 0;
        if (same) {
            *gather_open_diff(&merge->gather) += diff;
        } else {
            RowRef ref = {input->source, row};
            if (!gather_add(&merge->gather, input->hash, ref, time, diff, err))
                return false;
            merge->last_run = input->run;
            merge->last_chunk = chunk;
            merge->last_row = row;
            merge->last_hash = input->hash;
            merge->last_time = time;
        }
    }
    if (++input->row < chunk->count) {
        input->hash = chunk->hashes[input->row];
        return true;
    }
    return input_turn(merge, at, err);
}

/* Whether the row of input `a` goes before that of `b`; their hashes are the same. */
static bool
input_before(RunMerge *merge, const MergeInput *a, const MergeInput *b)
{
    int order = layout_compare_keys(merge->layout, a->chunk, a->row, b->chunk, b->row);
    if (order != 0) {
        merge->collisions = true;
        return order < 0;
    }
    order = layout_compare(merge->layout, merge->layout->key_steps, a->chunk, a->row, b->chunk, b->row);
    if (order != 0)
        return order < 0;
    Timestamp time_a = chunk_time(a->chunk, a->row), time_b = chunk_time(b->chunk, b->row);
    time_a = time_a < merge->since ? merge->since : time_a;
    time_b = time_b < merge->since ? merge->since : time_b;
    return time_a <= time_b;
}

static uint32_t
input_least(RunMerge *merge)
{
    uint32_t least = 0;
    for (uint32_t i = 1; i < merge->live; i++) {
        const MergeInput *input = &merge->inputs[i], *best = &merge->inputs[least];
        if (input->hash < best->hash || (input->hash == best->hash && input_before(merge, input, best)))
            least = i;
    }
    return least;
}

/* The two-way merge, while both inputs stay in their chunks: the loop that matters. */
static bool
pair_work(RunMerge *merge, size_t *fuel, Error *err)
{
    while (*fuel > 0 && merge->live == 2) {
        const MergeInput *a = &merge->inputs[0], *b = &merge->inputs[1];
        uint32_t least = b->hash < a->hash;
        if (a->hash == b->hash)
            least = input_least(merge);
        --*fuel;
        if (!input_take(merge, least, err))
            return false;
    }
    return true;
}

bool
run_merge_work(RunMerge *merge, size_t fuel, bool *done, Error *err)
{
    *done = false;
    if (!merge->opened && !inputs_open(merge, err))
        return false;
    while (fuel > 0 && merge->live > 0) {
        if (merge->live == 2) {
            if (!pair_work(merge, &fuel, err))
                return false;
            continue;
        }
        fuel--;
        if (!input_take(merge, input_least(merge), err))
            return false;
    }
    if (merge->live > 0)
        return true;
    *done = true;
    merge->last_chunk = NULL;
    return gather_finish(&merge->gather, err);
}

bool
runs_merge(Layout *layout, Run *const *runs, uint32_t count, Timestamp since, Run **merged, Error *err)
{
    uint64_t rows = 0;
    Timestamp merged_since = since;
    for (uint32_t i = 0; i < count; i++) {
        rows += runs[i]->row_count;
        merged_since = runs[i]->since > merged_since ? runs[i]->since : merged_since;
    }
    HeapSink sink;
    heap_sink_init(&sink, rows);
    RunMerge *merge = run_merge_new(layout, runs, count, since, TIMESTAMP_MAX, &sink.sink);
    bool done = false, ok = true;
    while (ok && !done)
        ok = run_merge_work(merge, SIZE_MAX, &done, err);
    if (ok)
        *merged = heap_sink_finish(&sink, layout, runs[0]->lower, runs[count - 1]->upper, merged_since,
                                   run_merge_collisions(merge));
    else
        heap_sink_deinit(&sink);
    run_merge_free(merge);
    return ok;
}
