/* What exports that send updates have in common: they keep a step's rows and errors until its end. */
#include "dataflow/operators.h"

void
gathered_add(Gathered *gathered, Chunk *chunk)
{
    if (chunk->diffs != NULL && !gathered->retracts)
        for (uint32_t i = 0; i < chunk->count; i++)
            gathered->retracts |= chunk->diffs[i] < 0;
    vector_push(&gathered->rows, chunk_retain(chunk));
}

void
gathered_add_errors(Gathered *gathered, Chunk *chunk)
{
    vector_push(&gathered->errors, chunk_retain(chunk));
}

size_t
gathered_memory(const Gathered *gathered)
{
    size_t bytes = 0;
    for (size_t i = 0; i < gathered->rows.count; i++)
        bytes += chunk_memory(gathered->rows.items[i]);
    return bytes;
}

void
gathered_deinit(Gathered *gathered)
{
    chunk_vector_release(&gathered->rows);
    chunk_vector_release(&gathered->errors);
}

static void
take(ChunkVector *chunks, const SqlType *types, uint16_t column_count, ChunkVector *to)
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

void
gathered_take(Gathered *gathered, ClusterResult *result)
{
    SqlType text = SQL_TYPE(TEXT);
    take(&gathered->rows, gathered->types, gathered->column_count, &result->rows);
    take(&gathered->errors, &text, 1, &result->errors);
    gathered->retracts = false;
}
