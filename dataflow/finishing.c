#include "dataflow/finishing.h"

void
error_from_row(Slice encoded, Error *err)
{
    Arena *arena = arena_new();
    EvalError error = eval_error_decode(encoded, arena);
    error_set(err, error.sqlstate, "%s", error.message == NULL ? "evaluation failed" : error.message);
    if (error.detail != NULL)
        error_detail(err, "%s", error.detail);
    if (error.hint != NULL)
        error_hint(err, "%s", error.hint);
    arena_free(arena);
}

bool
errors_find(const ChunkVector *errors, Error *err)
{
    if (errors->count == 0)
        return false;
    SqlType text = SQL_TYPE(TEXT);
    Chunk *chunk = chunks_consolidate(errors->items, errors->count, &text, 1);
    bool found = false, negative = false;
    for (uint32_t i = 0; chunk != NULL && i < chunk->count && !found; i++) {
        negative |= chunk_diff(chunk, i) < 0;
        found = chunk_diff(chunk, i) > 0;
        if (found)
            error_from_row(column_bytes(chunk->columns[0], i), err);
    }
    chunk_release(chunk);
    if (!found && negative) {
        error_set(err, SQLSTATE_INTERNAL_ERROR,
                  "Invalid data in source errors, saw retractions for an error that does not exist");
        return true;
    }
    return found;
}

bool
rows_check_positive(const ChunkVector *rows, Error *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        const Chunk *chunk = rows->items[i];
        for (uint32_t row = 0; chunk->diffs != NULL && row < chunk->count; row++)
            if (chunk->diffs[row] < 0)
                return error_set(err, SQLSTATE_INTERNAL_ERROR,
                                 "Invalid data in source, saw retractions (%lld) for row that does not exist",
                                 (long long) -chunk->diffs[row]);
    }
    return true;
}

void
finishing_apply(const Finishing *finishing, const SqlType *types, uint16_t column_count, ChunkVector *rows,
                ChunkVector *result)
{
    Finisher *finisher = finisher_new(finishing, types, column_count, rows);
    int64_t fuel = INT64_MAX;
    while (!finisher_run(finisher, &fuel, result))
        fuel = INT64_MAX;
    finisher_free(finisher);
}

/* What a row takes, in the mean of its chunk. */
static uint64_t
chunk_bytes(const Chunk *chunk)
{
    uint64_t rows = 0;
    for (uint32_t row = 0; row < chunk->count; row++)
        rows += (uint64_t) chunk_diff(chunk, row);
    uint64_t bytes = chunk_memory(chunk), total;
    return __builtin_mul_overflow(bytes / (chunk->count == 0 ? 1 : chunk->count) + 1, rows, &total) ? UINT64_MAX
                                                                                                    : total;
}

bool
result_too_large(uint64_t bytes_max, Error *err)
{
    error_set(err, SQLSTATE_CONFIGURATION_LIMIT_EXCEEDED, "result exceeds max size of %llu bytes",
              (unsigned long long) bytes_max);
    return error_hint(err, "Ask for fewer rows, or raise max_query_result_size or max_result_size.");
}

bool
result_check_size(const ChunkVector *rows, uint64_t bytes_max, Error *err)
{
    uint64_t total = 0;
    for (size_t i = 0; bytes_max > 0 && i < rows->count; i++) {
        uint64_t bytes = rows->items[i]->count == 0 ? 0 : chunk_bytes(rows->items[i]);
        if (__builtin_add_overflow(total, bytes, &total) || total > bytes_max)
            return result_too_large(bytes_max, err);
    }
    return true;
}
