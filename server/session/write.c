/*
 * INSERT, UPDATE, DELETE: rows that a query gave, checked and written, or kept until COMMIT.
 */
#include "server/session/session_internal.h"

#include <stdio.h>

bool
rows_check_not_null(const RelationDesc *desc, const char *table, const ChunkVector *rows, Error *err)
{
    for (int c = 0; c < desc->column_count; c++) {
        if (desc->columns[c].nullable)
            continue;
        for (size_t i = 0; i < rows->count; i++) {
            const Column *column = rows->items[i]->columns[c];
            for (uint32_t row = 0; column->nulls != NULL && row < column->count; row++)
                if (column_is_null(column, row))
                    return error_set(err, SQLSTATE_NOT_NULL_VIOLATION,
                                     "null value in column \"%s\" of relation \"%s\" violates not-null constraint",
                                     desc->columns[c].name, table);
        }
    }
    return true;
}

static uint64_t
count_rows(const ChunkVector *rows)
{
    uint64_t count = 0;
    for (size_t i = 0; i < rows->count; i++)
        for (uint32_t row = 0; row < rows->items[i]->count; row++)
            count += (uint64_t) chunk_diff(rows->items[i], row);
    return count;
}

void
write_lock_release(Session *session)
{
    if (!session->write_lock_held)
        return;
    session->write_lock_held = false;
    coordinator_write_unlock(session->coordinator);
}

static void
write_succeed(Session *session)
{
    Portal *portal = session->running;
    const StatementPlan *plan = &portal->prepared->plan;
    if (plan->kind == PLAN_INSERT && plan->returning != NULL) {
        portal->ended = true;
        statement_describe(session, portal);
        portal_pump(session);
        return;
    }
    const char *verb = plan->kind == PLAN_COPY_FROM ? "COPY" : plan->kind == PLAN_INSERT ? "INSERT 0" : plan->tag;
    char tag[64];
    snprintf(tag, sizeof tag, "%s %llu", verb, (unsigned long long) portal->written);
    statement_succeeded(session, tag);
}

static void
write_done(void *context, Error *error)
{
    Session *session = context;
    session->writing = NULL;
    if (error_is_set(error)) {
        Error err = ERROR_INIT;
        error_move(&err, error);
        statement_failed(session, &err);
        return;
    }
    write_succeed(session);
}

static void
write_rows(Session *session, ObjectId table, ChunkVector *rows)
{
    if (rows->count == 0) {
        vector_deinit(rows);
        write_lock_release(session);
        write_succeed(session);
        return;
    }
    Operation *operation;
    if (session->write_lock_held) {
        session->write_lock_held = false;
        operation = coordinator_write_and_unlock(session->coordinator, table, rows, write_done, session);
    } else {
        operation = coordinator_write(session->coordinator, table, rows, write_done, session);
    }
    if (operation != NULL)
        session->writing = operation;
}

void
insert_rows_ready(Session *session, ObjectId table, ChunkVector *rows)
{
    Error err = ERROR_INIT;
    Portal *portal = session->running;
    const Item *item = catalog_item(coordinator_catalog(session->coordinator), table);
    bool ok = item != NULL ? transaction_allow(session, TRANSACTION_WRITE, table, &err) &&
                                 rows_check_not_null(item->desc, item->name, rows, &err)
                           : error_set(&err, SQLSTATE_UNDEFINED_TABLE, "the table was dropped");
    if (!ok || !returning_evaluate(session, portal, rows, &err)) {
        chunk_vector_release(rows);
        statement_failed(session, &err);
        return;
    }
    portal->written = count_rows(rows);
    if (session->transaction.open) {
        TransactionWrite write = {.table = table, .rows = *rows};
        memset(rows, 0, sizeof *rows);
        vector_push(&session->transaction.writes, write);
        write_succeed(session);
        return;
    }
    write_rows(session, table, rows);
}

/* ---- UPDATE and DELETE ---- */

static uint16_t *
column_range(Arena *arena, int first, int count)
{
    uint16_t *columns = arena_new_array(arena, uint16_t, count + 1);
    for (int i = 0; i < count; i++)
        columns[i] = (uint16_t) (first + i);
    return columns;
}

/* The columns from `first` on, of every chunk. */
static ChunkVector
project_rows(const ChunkVector *rows, int first, int count, Arena *arena)
{
    ChunkVector projected = {0};
    const uint16_t *columns = column_range(arena, first, count);
    for (size_t i = 0; i < rows->count; i++)
        vector_push(&projected, chunk_project(rows->items[i], columns, (uint16_t) count));
    return projected;
}

static ChunkVector
negate_rows(const ChunkVector *rows)
{
    ChunkVector negated = {0};
    for (size_t i = 0; i < rows->count; i++)
        vector_push(&negated, chunk_negate(rows->items[i]));
    return negated;
}

void
mutation_rows_ready(Session *session, ChunkVector *rows)
{
    Error err = ERROR_INIT;
    Portal *portal = session->running;
    const StatementPlan *plan = &portal->prepared->plan;
    const Item *item = catalog_item(coordinator_catalog(session->coordinator), plan->target);
    if (item == NULL) {
        error_set(&err, SQLSTATE_UNDEFINED_TABLE, "the table was dropped");
        chunk_vector_release(rows);
        statement_failed(session, &err);
        return;
    }
    int count = item->desc->column_count;
    ChunkVector old = project_rows(rows, 0, count, portal->arena), new = {0};
    if (plan->kind == PLAN_UPDATE)
        new = project_rows(rows, count, count, portal->arena);
    portal->written = count_rows(rows);
    chunk_vector_release(rows);
    ChunkVector updates = negate_rows(&old);
    chunk_vector_release(&old);
    if (!rows_check_not_null(item->desc, item->name, &new, &err)) {
        chunk_vector_release(&updates);
        chunk_vector_release(&new);
        statement_failed(session, &err);
        return;
    }
    for (size_t i = 0; i < new.count; i++)
        vector_push(&updates, new.items[i]);
    vector_deinit(&new);
    write_rows(session, plan->target, &updates);
}
