#include "server/coordinator/coordinator_internal.h"

Operation *
operation_new(Coordinator *coordinator, OperationKind kind, void *context)
{
    Arena *arena = arena_new();
    Operation *operation = arena_new_struct(arena, Operation);
    operation->arena = arena;
    operation->kind = kind;
    operation->coordinator = coordinator;
    operation->context = context;
    operation->next = coordinator->operations;
    if (operation->next != NULL)
        operation->next->previous = operation;
    coordinator->operations = operation;
    return operation;
}

static void
operation_unlink(Operation *operation)
{
    Coordinator *coordinator = operation->coordinator;
    if (operation->previous != NULL)
        operation->previous->next = operation->next;
    else
        coordinator->operations = operation->next;
    if (operation->next != NULL)
        operation->next->previous = operation->previous;
    operation->next = operation->previous = NULL;
}

void
operation_finish(Operation *operation)
{
    operation_unlink(operation);
    for (size_t i = 0; i < operation->held.count; i++)
        cluster_result_deinit(&operation->held.items[i]);
    vector_deinit(&operation->held);
    chunk_vector_release(&operation->execution.rows);
    if (operation->execution.plan != NULL)
        dataflow_plan_free(operation->execution.plan);
    if (operation->job != NULL)
        operation->job->operation = NULL;
    arena_free(operation->arena);
}

static void
waiters_forget(Operation **items, size_t count, const Operation *operation)
{
    for (size_t i = 0; i < count; i++)
        if (items[i] == operation)
            items[i] = NULL;
}

void
operation_cancel(Operation *operation)
{
    Coordinator *coordinator = operation->coordinator;
    switch (operation->kind) {
    case OPERATION_READ_WAITING:
    case OPERATION_READ_PEEK:
    case OPERATION_INSPECT:
    case OPERATION_VALIDATE:
        break;
    case OPERATION_READ_RUNNING:
    case OPERATION_SUBSCRIBE: {
        RunningCluster *running = map_get_u64(coordinator->clusters, operation->cluster);
        if (operation->dataflow_id != 0 && running != NULL && running->cluster != NULL)
            cluster_drop_dataflow(running->cluster, operation->dataflow_id);
        break;
    }
    case OPERATION_LOCK:
        waiters_forget(coordinator->ddl_queue.items, coordinator->ddl_queue.count, operation);
        waiters_forget(coordinator->write_queue.items, coordinator->write_queue.count, operation);
        break;
    case OPERATION_WRITE:
        waiters_forget(coordinator->open_waiters.items, coordinator->open_waiters.count, operation);
        waiters_forget(coordinator->flying_waiters.items, coordinator->flying_waiters.count, operation);
        break;
    case OPERATION_CHANGE:
        /* The change itself goes on: it may be durable already. Only nobody is told. */
        operation->cancelled = true;
        return;
    }
    operation_finish(operation);
}

void
operations_fail_dependents(Coordinator *coordinator, ObjectId id, const char *what, const char *name)
{
    Operation *next;
    for (Operation *operation = coordinator->operations; operation != NULL; operation = next) {
        next = operation->next;
        bool depends = operation->cluster == id;
        for (int i = 0; i < operation->depends_on_count && !depends; i++)
            depends = operation->depends_on[i] == id;
        if (!depends)
            continue;
        RunningCluster *running = map_get_u64(coordinator->clusters, operation->cluster);
        if (operation->dataflow_id != 0 && running != NULL && running->cluster != NULL)
            cluster_drop_dataflow(running->cluster, operation->dataflow_id);
        if (operation->kind == OPERATION_SUBSCRIBE) {
            Error error = ERROR_INIT;
            error_set(&error, SQLSTATE_QUERY_CANCELED,
                      "subscribe has been terminated because underlying %s \"%s\" was dropped", what, name);
            SubscribeCallbacks callbacks = operation->subscribe;
            operation_finish(operation);
            callbacks.ended(callbacks.context, &error);
            error_clear(&error);
            next = coordinator->operations;
        } else if (operation->kind == OPERATION_READ_WAITING || operation->kind == OPERATION_READ_PEEK ||
                   operation->kind == OPERATION_READ_RUNNING) {
            ReadResult result = {0};
            error_set(&result.error, SQLSTATE_QUERY_CANCELED, "query could not complete because %s \"%s\" was dropped",
                      what, name);
            ReadDone done = operation->read_done;
            void *context = operation->context;
            operation_finish(operation);
            done(context, &result);
            error_clear(&result.error);
            next = coordinator->operations;
        }
    }
}
