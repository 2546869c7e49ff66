/*
 * Writes into local tables, and the lock of those who read first.
 *
 *     coordinator_write_lock -> read -> coordinator_write_and_unlock: tick -> commit -> the next one's `begin`
 */
#include "server/coordinator/coordinator_internal.h"

Operation *
coordinator_write(Coordinator *coordinator, ObjectId table, ChunkVector *rows, ChangeDone done, void *context)
{
    const Item *item = catalog_item(coordinator->catalog, table);
    if (item == NULL) {
        Error err = ERROR_INIT;
        error_set(&err, SQLSTATE_UNDEFINED_TABLE, "the table was dropped");
        chunk_vector_release(rows);
        done(context, &err);
        error_clear(&err);
        return NULL;
    }
    Operation *operation = operation_new(coordinator, OPERATION_WRITE, context);
    operation->change_done = done;
    for (size_t i = 0; i < rows->count; i++)
        ticker_emit_rows(coordinator, item->shard, rows->items[i]);
    vector_deinit(rows);
    vector_push(&coordinator->open_waiters, operation);
    ticker_open(coordinator);
    ticker_kick(coordinator);
    return operation;
}

/* ---- the lock ---- */

static void
write_next(Coordinator *coordinator)
{
    while (coordinator->write_lock == WRITE_LOCK_FREE && coordinator->write_queue.count > 0) {
        Operation *operation = coordinator->write_queue.items[0];
        vector_remove(&coordinator->write_queue, 0);
        if (operation == NULL)
            continue;
        coordinator->write_lock = WRITE_LOCK_HELD;
        void (*begin)(void *) = operation->begin;
        void *context = operation->context;
        operation_finish(operation);
        begin(context);
    }
}

Operation *
coordinator_write_lock(Coordinator *coordinator, void (*begin)(void *context), void *context)
{
    if (coordinator->write_lock == WRITE_LOCK_FREE && coordinator->write_queue.count == 0) {
        coordinator->write_lock = WRITE_LOCK_HELD;
        begin(context);
        return NULL;
    }
    Operation *operation = operation_new(coordinator, OPERATION_LOCK, context);
    operation->begin = begin;
    vector_push(&coordinator->write_queue, operation);
    return operation;
}

void
coordinator_write_unlock(Coordinator *coordinator)
{
    coordinator->write_lock = WRITE_LOCK_FREE;
    write_next(coordinator);
}

Operation *
coordinator_write_and_unlock(Coordinator *coordinator, ObjectId table, ChunkVector *rows, ChangeDone done,
                             void *context)
{
    if (catalog_item(coordinator->catalog, table) == NULL)
        coordinator_write_unlock(coordinator);
    else
        coordinator->write_lock = WRITE_LOCK_OPEN; /* before the tick may close */
    return coordinator_write(coordinator, table, rows, done, context);
}

void
write_lock_ticked(Coordinator *coordinator)
{
    if (coordinator->write_lock == WRITE_LOCK_OPEN)
        coordinator->write_lock = WRITE_LOCK_FLYING;
}

void
write_lock_committed(Coordinator *coordinator)
{
    if (coordinator->write_lock == WRITE_LOCK_FLYING)
        coordinator_write_unlock(coordinator);
}
