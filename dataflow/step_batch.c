#include "dataflow/step_batch.h"

static void
runs_release(RunVector *runs)
{
    for (size_t i = 0; i < runs->count; i++)
        run_release(runs->items[i]);
    vector_deinit(runs);
}

void
step_batch_deinit(StepBatch *batch)
{
    chunk_vector_release(&batch->rows);
    chunk_vector_release(&batch->errors);
    runs_release(&batch->row_runs);
    runs_release(&batch->error_runs);
}

void
step_batch_add_chunk(StepBatch *batch, Chunk *chunk, bool is_error)
{
    ChunkVector *to = is_error ? &batch->errors : &batch->rows;
    vector_push(to, chunk_retain(chunk));
}

void
step_batch_add_run(StepBatch *batch, Run *run, bool is_error)
{
    RunVector *to = is_error ? &batch->error_runs : &batch->row_runs;
    vector_push(to, run_retain(run));
}

void
step_batch_append(StepBatch *to, StepBatch *from)
{
    for (size_t i = 0; i < from->rows.count; i++)
        vector_push(&to->rows, from->rows.items[i]);
    for (size_t i = 0; i < from->errors.count; i++)
        vector_push(&to->errors, from->errors.items[i]);
    for (size_t i = 0; i < from->row_runs.count; i++)
        vector_push(&to->row_runs, from->row_runs.items[i]);
    for (size_t i = 0; i < from->error_runs.count; i++)
        vector_push(&to->error_runs, from->error_runs.items[i]);
    from->rows.count = from->errors.count = from->row_runs.count = from->error_runs.count = 0;
    step_batch_deinit(from);
}

void
step_queue_deinit(StepQueue *queue)
{
    for (size_t i = queue->first; i < queue->batches.count; i++)
        step_batch_deinit(&queue->batches.items[i]);
    vector_deinit(&queue->batches);
    queue->first = 0;
}

StepBatch *
step_queue_at(StepQueue *queue, Timestamp time)
{
    size_t at = queue->batches.count;
    while (at > queue->first && queue->batches.items[at - 1].time > time)
        at--;
    if (at > queue->first && queue->batches.items[at - 1].time == time)
        return &queue->batches.items[at - 1];
    vector_push(&queue->batches, ((StepBatch){0}));
    StepBatch *items = queue->batches.items;
    memmove(&items[at + 1], &items[at], (queue->batches.count - 1 - at) * sizeof *items);
    items[at] = (StepBatch){.time = time};
    return &items[at];
}

Timestamp
step_queue_next(const StepQueue *queue)
{
    return queue->first == queue->batches.count ? TIMESTAMP_MAX : queue->batches.items[queue->first].time;
}

bool
step_queue_take(StepQueue *queue, Timestamp time, StepBatch *batch)
{
    if (queue->first == queue->batches.count || queue->batches.items[queue->first].time > time)
        return false;
    *batch = queue->batches.items[queue->first++];
    if (queue->first == queue->batches.count) {
        queue->first = queue->batches.count = 0;
    } else if (queue->first >= 64 && queue->first * 2 >= queue->batches.count) {
        memmove(queue->batches.items, &queue->batches.items[queue->first],
                (queue->batches.count - queue->first) * sizeof *queue->batches.items);
        queue->batches.count -= queue->first;
        queue->first = 0;
    }
    return true;
}

typedef struct TimedRow {
    Timestamp time;
    uint32_t row;
} TimedRow;

static int
timed_row_compare(const void *a, const void *b)
{
    const TimedRow *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

void
step_queue_add_chunk(StepQueue *queue, Chunk *chunk, Timestamp from, Timestamp upper, bool is_error)
{
    if (chunk->times == NULL) {
        if (chunk->count > 0 && chunk->time >= from && chunk->time < upper)
            step_batch_add_chunk(step_queue_at(queue, chunk->time), chunk, is_error);
        return;
    }
    TimedRow *rows = memory_alloc((chunk->count + 1) * sizeof *rows);
    uint32_t *picked = memory_alloc((chunk->count + 1) * sizeof *picked);
    uint32_t count = 0;
    for (uint32_t i = 0; i < chunk->count; i++)
        if (chunk->times[i] >= from && chunk->times[i] < upper)
            rows[count++] = (TimedRow){chunk->times[i], i};
    qsort(rows, count, sizeof *rows, timed_row_compare);
    for (uint32_t start = 0, end; start < count; start = end) {
        for (end = start; end < count && rows[end].time == rows[start].time; end++)
            picked[end - start] = rows[end].row;
        Chunk *part = chunk_gather(chunk, picked, end - start);
        step_batch_add_chunk(step_queue_at(queue, rows[start].time), part, is_error);
        chunk_release(part);
    }
    free(picked);
    free(rows);
}
