#include "replication/tick_queue.h"

#include <pthread.h>

struct TickQueue {
    pthread_mutex_t lock;
    pthread_cond_t room;
    VECTOR(SourceBatch *) batches; /* from `head` on */
    size_t head;
    VECTOR(uint64_t) refused;
    Store *store;
    size_t bytes, bytes_max;
    bool closed;
    void (*wake)(void *context);
    void *wake_context;
};

SourceBatch *
source_batch_new(uint64_t source_id)
{
    SourceBatch *batch = memory_calloc(1, sizeof *batch);
    batch->source_id = source_id;
    return batch;
}

BatchWrite *
source_batch_write(SourceBatch *batch, uint64_t shard_id)
{
    for (size_t i = 0; i < batch->writes.count; i++)
        if (batch->writes.items[i].shard_id == shard_id)
            return &batch->writes.items[i];
    BatchWrite write = {.shard_id = shard_id};
    vector_push(&batch->writes, write);
    return &batch->writes.items[batch->writes.count - 1];
}

void
source_batch_free(SourceBatch *batch, Store *store)
{
    if (batch == NULL)
        return;
    for (size_t i = 0; i < batch->writes.count; i++) {
        BatchWrite *write = &batch->writes.items[i];
        chunk_vector_release(&write->rows);
        chunk_vector_release(&write->errors);
        for (size_t s = 0; s < write->staged.count; s++)
            store_discard_staged(store, write->staged.items[s]);
        vector_deinit(&write->staged);
    }
    for (size_t i = 0; i < batch->statuses.count; i++) {
        free(batch->statuses.items[i].error);
        free(batch->statuses.items[i].hint);
    }
    vector_deinit(&batch->writes);
    vector_deinit(&batch->statuses);
    vector_deinit(&batch->statistics);
    free(batch);
}

size_t
source_batch_memory(const SourceBatch *batch)
{
    size_t bytes = sizeof *batch;
    for (size_t i = 0; i < batch->writes.count; i++) {
        const BatchWrite *write = &batch->writes.items[i];
        for (size_t r = 0; r < write->rows.count; r++)
            bytes += chunk_memory(write->rows.items[r]);
    }
    return bytes;
}

TickQueue *
tick_queue_new(size_t bytes_max, Store *store, void (*wake)(void *context), void *wake_context)
{
    TickQueue *queue = memory_calloc(1, sizeof *queue);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->room, NULL);
    queue->bytes_max = bytes_max;
    queue->store = store;
    queue->wake = wake;
    queue->wake_context = wake_context;
    return queue;
}

void
tick_queue_free(TickQueue *queue)
{
    if (queue == NULL)
        return;
    for (size_t i = queue->head; i < queue->batches.count; i++)
        source_batch_free(queue->batches.items[i], queue->store);
    vector_deinit(&queue->batches);
    vector_deinit(&queue->refused);
    pthread_cond_destroy(&queue->room);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

static bool
queue_refuses(const TickQueue *queue, uint64_t source_id)
{
    for (size_t i = 0; i < queue->refused.count; i++)
        if (queue->refused.items[i] == source_id)
            return true;
    return queue->closed;
}

bool
tick_queue_push(TickQueue *queue, SourceBatch *batch)
{
    size_t bytes = source_batch_memory(batch);
    pthread_mutex_lock(&queue->lock);
    /* One batch larger than the bound still goes through when it is alone. */
    while (queue->bytes > 0 && queue->bytes + bytes > queue->bytes_max && !queue_refuses(queue, batch->source_id))
        pthread_cond_wait(&queue->room, &queue->lock);
    bool refused = queue_refuses(queue, batch->source_id);
    bool was_empty = queue->head == queue->batches.count;
    if (!refused) {
        vector_push(&queue->batches, batch);
        queue->bytes += bytes;
    }
    pthread_mutex_unlock(&queue->lock);
    if (refused)
        source_batch_free(batch, queue->store);
    else if (was_empty)
        queue->wake(queue->wake_context);
    return !refused;
}

SourceBatch *
tick_queue_pop(TickQueue *queue)
{
    pthread_mutex_lock(&queue->lock);
    SourceBatch *batch = NULL;
    if (queue->head < queue->batches.count) {
        batch = queue->batches.items[queue->head++];
        queue->bytes -= source_batch_memory(batch);
        pthread_cond_broadcast(&queue->room);
    }
    if (queue->head == queue->batches.count)
        queue->head = queue->batches.count = 0;
    pthread_mutex_unlock(&queue->lock);
    return batch;
}

void
tick_queue_close(TickQueue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->room);
    pthread_mutex_unlock(&queue->lock);
}

void
tick_queue_refuse(TickQueue *queue, uint64_t source_id)
{
    pthread_mutex_lock(&queue->lock);
    vector_push(&queue->refused, source_id);
    pthread_cond_broadcast(&queue->room);
    pthread_mutex_unlock(&queue->lock);
}

void
tick_queue_accept(TickQueue *queue, uint64_t source_id)
{
    pthread_mutex_lock(&queue->lock);
    for (size_t i = queue->refused.count; i-- > 0;)
        if (queue->refused.items[i] == source_id)
            vector_remove(&queue->refused, i);
    pthread_mutex_unlock(&queue->lock);
}
