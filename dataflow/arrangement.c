#include "dataflow/arrangement.h"

#define HYDRATION_RUN_ROWS (64u * 1024)
/* Merging paid for by each row inserted, so that a spine that never sees an idle moment stays in shape. */
#define MERGE_ROWS_PER_ROW  16
#define MERGE_ROWS_PER_STEP 256

void
arrangement_init(Arrangement *arrangement, Layout *layout)
{
    *arrangement = (Arrangement){.layout = layout};
    arrangement->spine = spine_new(layout);
}

void
arrangement_init_borrowed(Arrangement *arrangement, Spine *spine)
{
    *arrangement = (Arrangement){.layout = layout_retain(spine_layout(spine)), .spine = spine, .borrowed = true};
}

void
arrangement_deinit(Arrangement *arrangement)
{
    chunk_vector_release(&arrangement->input);
    run_release(arrangement->delta);
    if (!arrangement->borrowed && arrangement->spine != NULL)
        spine_free(arrangement->spine);
    layout_release(arrangement->layout);
    free(arrangement->project);
    *arrangement = (Arrangement){0};
}

bool
chunk_key_has_null(const Chunk *chunk, uint32_t row, const uint16_t *key, int key_count)
{
    for (int i = 0; i < key_count; i++)
        if (column_is_null(chunk->columns[key[i]], row))
            return true;
    return false;
}

/* Cuts what was gathered so far into a run of its own. */
static void
cut_run(Arrangement *arrangement, Timestamp time)
{
    ChunkVector *input = &arrangement->input;
    for (size_t i = 0; i < input->count; i++) {
        Chunk *chunk = input->items[i];
        if (chunk->time == time && chunk->times == NULL)
            continue;
        input->items[i] = chunk_with_time(chunk, time);
        chunk_release(chunk);
    }
    Run *run = run_build(arrangement->layout, input->items, input->count, time, time + 1);
    for (size_t i = 0; i < input->count; i++)
        chunk_release(input->items[i]);
    input->count = 0;
    arrangement->input_rows = 0;
    arrangement->rows_inserted += run->row_count;
    spine_insert(arrangement->spine, run);
}

static void
gather(Arrangement *arrangement, const Circuit *circuit, Chunk *chunk)
{
    if (chunk->diffs != NULL && !arrangement->input_retracts)
        for (uint32_t i = 0; i < chunk->count; i++)
            arrangement->input_retracts |= chunk->diffs[i] < 0;
    arrangement->input_rows += chunk->count;
    vector_push(&arrangement->input, chunk);
    if (circuit->hydrating && arrangement->input_rows >= HYDRATION_RUN_ROWS && !arrangement->whole_input) {
        Timestamp next = spine_upper(arrangement->spine);
        if (next + 1 < circuit->time)
            cut_run(arrangement, next);
    }
}

void
arrangement_add(Arrangement *arrangement, Circuit *circuit, Chunk *chunk, const uint32_t *rows, uint32_t count)
{
    const Layout *layout = arrangement->layout;
    Chunk *narrow = arrangement->project == NULL ? chunk_retain(chunk)
                                                 : chunk_project(chunk, arrangement->project, layout->column_count);
    uint32_t *kept = NULL;
    bool may_skip = false;
    for (int i = 0; i < layout->key_count && arrangement->skip_null_keys; i++)
        may_skip |= narrow->columns[layout->key[i]]->nulls != NULL;
    if (may_skip) {
        uint32_t total = rows == NULL ? chunk->count : count;
        kept = memory_alloc((total + 1) * sizeof *kept);
        count = 0;
        for (uint32_t i = 0; i < total; i++) {
            uint32_t row = rows == NULL ? i : rows[i];
            if (!chunk_key_has_null(narrow, row, layout->key, layout->key_count))
                kept[count++] = row;
        }
        rows = kept;
    }
    if (rows == NULL || count == narrow->count) {
        gather(arrangement, circuit, narrow);
    } else {
        if (count > 0)
            gather(arrangement, circuit, chunk_gather(narrow, rows, count));
        chunk_release(narrow);
    }
    free(kept);
}

bool
arrangement_build(Arrangement *arrangement, Circuit *circuit, int64_t *fuel)
{
    if (arrangement->borrowed)
        return circuit->hydrating || arrangement->delta != NULL;
    ChunkVector *input = &arrangement->input;
    bool changed = circuit->hydrating && spine_row_count(arrangement->spine) > 0;
    *fuel -= (int64_t) arrangement->input_rows;
    if (input->count > 0) {
        Timestamp lower = spine_upper(arrangement->spine);
        Run *run = run_build(arrangement->layout, input->items, input->count, lower, circuit->time + 1);
        for (size_t i = 0; i < input->count; i++)
            chunk_release(input->items[i]);
        input->count = 0;
        arrangement->input_rows = 0;
        if (run->row_count > 0) {
            changed = true;
            arrangement->rows_inserted += run->row_count;
            arrangement->delta = circuit->hydrating ? NULL : run_retain(run);
            spine_insert(arrangement->spine, run);
        } else {
            run_release(run);
        }
    }
    if (circuit->hydrating) {
        spine_advance(arrangement->spine, circuit->time + 1);
        spine_set_since(arrangement->spine, circuit->time);
    }
    return changed;
}

void
arrangement_end_step(Arrangement *arrangement, Timestamp time)
{
    run_release(arrangement->delta);
    arrangement->delta = NULL;
    arrangement->input_retracts = false;
    if (arrangement->borrowed)
        return;
    if (!arrangement->keeps_history)
        spine_set_since(arrangement->spine, time);
    spine_work(arrangement->spine, arrangement->rows_inserted * MERGE_ROWS_PER_ROW + MERGE_ROWS_PER_STEP);
    arrangement->rows_inserted = 0;
}

bool
arrangement_work(Arrangement *arrangement, size_t fuel)
{
    return !arrangement->borrowed && spine_work(arrangement->spine, fuel);
}

size_t
arrangement_memory(const Arrangement *arrangement)
{
    size_t bytes = arrangement->borrowed ? 0 : spine_memory(arrangement->spine);
    for (size_t i = 0; i < arrangement->input.count; i++)
        bytes += chunk_memory(arrangement->input.items[i]);
    return bytes;
}

SpineSnapshot *
arrangement_snapshot(Arrangement *arrangement, Timestamp time)
{
    if (spine_upper(arrangement->spine) <= time)
        spine_advance(arrangement->spine, time + 1);
    return spine_snapshot(arrangement->spine);
}

SpineSnapshot *
arrangement_change(Arrangement *arrangement, const Circuit *circuit)
{
    if (circuit->hydrating) {
        SpineSnapshot *all = arrangement_snapshot(arrangement, circuit->time);
        if (!spine_snapshot_is_empty(all))
            return all;
        spine_snapshot_release(all);
        return NULL;
    }
    if (arrangement->delta == NULL)
        return NULL;
    return spine_snapshot_new(arrangement->layout, &arrangement->delta, 1, 0, circuit->time + 1);
}

Cursor *
arrangement_cursor(Arrangement *arrangement, const Circuit *circuit, bool after)
{
    if (!after && circuit->hydrating)
        return NULL;
    SpineSnapshot *snapshot = arrangement_snapshot(arrangement, circuit->time);
    Cursor *cursor = cursor_new(snapshot, after ? circuit->time : circuit->time - 1);
    spine_snapshot_release(snapshot);
    return cursor;
}

void
circuit_close_cursor(Circuit *circuit, Cursor *cursor)
{
    if (cursor == NULL)
        return;
    const Error *failed = cursor_failed(cursor);
    if (failed != NULL) {
        Error err = ERROR_INIT;
        error_copy(&err, failed);
        circuit_fail(circuit, &err);
    }
    cursor_free(cursor);
}

uint64_t
snapshot_rows(const SpineSnapshot *snapshot)
{
    uint64_t rows = 0;
    for (uint32_t i = 0; i < snapshot->run_count; i++)
        rows += snapshot->runs[i]->row_count;
    return rows;
}
