/*
 * What exports that send rows have in common: they keep a step's rows and errors until its end, and then consolidate them.
 * Many rows are consolidated in slices: put into an arrangement piece by piece, and scanned.
 */
#include "collection/scan.h"
#include "dataflow/operators.h"

#define AT_ONCE_ROWS 65536

void
gathered_init(Gathered *gathered, const SqlType *types, uint16_t column_count)
{
    *gathered = (Gathered){.types = types, .column_count = column_count};
}

void
gathered_add(Gathered *gathered, Chunk *chunk)
{
    if (chunk->diffs != NULL && !gathered->retracts)
        for (uint32_t i = 0; i < chunk->count; i++)
            gathered->retracts |= chunk->diffs[i] < 0;
    gathered->row_count += chunk->count;
    vector_push(&gathered->rows, chunk_retain(chunk));
}

void
gathered_add_errors(Gathered *gathered, Chunk *chunk)
{
    vector_push(&gathered->errors, chunk_retain(chunk));
}

void
gathered_take_over(Gathered *gathered, Gathered *from)
{
    for (size_t i = 0; i < from->rows.count; i++)
        vector_push(&gathered->rows, from->rows.items[i]);
    for (size_t i = 0; i < from->errors.count; i++)
        vector_push(&gathered->errors, from->errors.items[i]);
    gathered->row_count += from->row_count;
    gathered->retracts = gathered->retracts || from->retracts;
    vector_deinit(&from->rows);
    vector_deinit(&from->errors);
    from->row_count = 0;
}

static void
end_slicing(Gathered *gathered)
{
    if (gathered->arrangement == NULL)
        return;
    spine_scan_free(gathered->scan);
    gathered->scan = NULL;
    arrangement_deinit(gathered->arrangement);
    free(gathered->arrangement);
    gathered->arrangement = NULL;
}

void
gathered_deinit(Gathered *gathered)
{
    end_slicing(gathered);
    chunk_vector_release(&gathered->rows);
    chunk_vector_release(&gathered->errors);
    chunk_vector_release(&gathered->done);
    gathered->row_count = 0;
    gathered->retracts = false;
}

size_t
gathered_memory(const Gathered *gathered)
{
    size_t bytes = gathered->arrangement == NULL ? 0 : arrangement_memory(gathered->arrangement);
    for (size_t i = 0; i < gathered->rows.count; i++)
        bytes += chunk_memory(gathered->rows.items[i]);
    for (size_t i = 0; i < gathered->done.count; i++)
        bytes += chunk_memory(gathered->done.items[i]);
    return bytes;
}

static void
consolidate(ChunkVector *chunks, const SqlType *types, uint16_t column_count, ChunkVector *to)
{
    if (chunks->count == 0)
        return;
    Chunk *all = chunks_consolidate(chunks->items, chunks->count, types, column_count);
    chunk_vector_release(chunks);
    if (all != NULL && all->count > 0)
        vector_push(to, all);
    else
        chunk_release(all);
}

static void
begin_slicing(Gathered *gathered)
{
    uint16_t *key = memory_alloc((gathered->column_count + 1u) * sizeof *key);
    for (uint16_t i = 0; i < gathered->column_count; i++)
        key[i] = i;
    gathered->arrangement = memory_calloc(1, sizeof *gathered->arrangement);
    arrangement_init(gathered->arrangement,
                     layout_new(gathered->types, gathered->column_count, key, gathered->column_count, NULL, 0));
    gathered->next = 0;
    free(key);
}

/* True: every chunk is in the arrangement. */
static bool
arrange_slice(Gathered *gathered, Circuit *circuit, int64_t *fuel)
{
    for (; gathered->next < gathered->rows.count; gathered->next++) {
        if (*fuel <= 0)
            return false;
        Chunk *chunk = gathered->rows.items[gathered->next];
        *fuel -= chunk->count;
        arrangement_add(gathered->arrangement, circuit, chunk, NULL, 0);
    }
    chunk_vector_release(&gathered->rows);
    (void) arrangement_build(gathered->arrangement, circuit, fuel);
    SpineSnapshot *snapshot = arrangement_snapshot(gathered->arrangement, circuit->time);
    gathered->scan = spine_scan_new(snapshot, circuit->time);
    spine_snapshot_release(snapshot);
    return true;
}

static bool
scan_slice(Gathered *gathered, Circuit *circuit, int64_t *fuel)
{
    bool done = false;
    while (!done) {
        if (*fuel <= 0)
            return false;
        Chunk *chunk = NULL;
        Error err = ERROR_INIT;
        if (!spine_scan_next(gathered->scan, AT_ONCE_ROWS, &chunk, &done, &err)) {
            circuit_fail(circuit, &err);
            return false;
        }
        *fuel -= AT_ONCE_ROWS;
        if (chunk != NULL)
            vector_push(&gathered->done, chunk);
    }
    return true;
}

bool
gathered_consolidate(Gathered *gathered, Circuit *circuit, int64_t *fuel)
{
    SqlType text = SQL_TYPE(TEXT);
    if (gathered->errors.count > 1) {
        ChunkVector errors = {0};
        consolidate(&gathered->errors, &text, 1, &errors);
        gathered->errors = errors;
    }
    bool slices = circuit->hydrating && gathered->row_count > AT_ONCE_ROWS;
    if (!slices) {
        *fuel -= (int64_t) gathered->row_count;
        consolidate(&gathered->rows, gathered->types, gathered->column_count, &gathered->done);
        return true;
    }
    if (gathered->arrangement == NULL)
        begin_slicing(gathered);
    if ((gathered->scan == NULL && !arrange_slice(gathered, circuit, fuel)) || !scan_slice(gathered, circuit, fuel))
        return false;
    end_slicing(gathered);
    return true;
}

void
gathered_take(Gathered *gathered, ClusterResult *result)
{
    result->rows = gathered->done;
    result->errors = gathered->errors;
    gathered->done = gathered->errors = (ChunkVector){0};
    gathered->row_count = 0;
    gathered->retracts = false;
}
