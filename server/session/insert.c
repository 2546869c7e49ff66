/*
 * INSERT: rows that a query gave, checked and written, or kept until COMMIT.
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

static void
insert_succeed(Session *session)
{
    char tag[64];
    bool copied = session->running->prepared->plan.kind == PLAN_COPY_FROM;
    snprintf(tag, sizeof tag, copied ? "COPY %llu" : "INSERT 0 %llu", (unsigned long long) session->rows_sent);
    statement_succeeded(session, tag);
}

static void
insert_written(void *context, Error *error)
{
    Session *session = context;
    session->writing = NULL;
    if (error_is_set(error)) {
        Error err = ERROR_INIT;
        error_move(&err, error);
        statement_failed(session, &err);
        return;
    }
    insert_succeed(session);
}

void
insert_rows_ready(Session *session, ObjectId table, ChunkVector *rows)
{
    Error err = ERROR_INIT;
    const Item *item = catalog_item(coordinator_catalog(session->coordinator), table);
    bool ok = item != NULL ? transaction_allow(session, TRANSACTION_WRITE, table, &err) &&
                                 rows_check_not_null(item->desc, item->name, rows, &err)
                           : error_set(&err, SQLSTATE_UNDEFINED_TABLE, "the table was dropped");
    if (!ok) {
        chunk_vector_release(rows);
        statement_failed(session, &err);
        return;
    }
    session->rows_sent = count_rows(rows);
    if (session->transaction.open) {
        TransactionWrite write = {.table = table, .rows = *rows};
        memset(rows, 0, sizeof *rows);
        vector_push(&session->transaction.writes, write);
        insert_succeed(session);
        return;
    }
    if (rows->count == 0) {
        vector_deinit(rows);
        insert_succeed(session);
        return;
    }
    Operation *operation = coordinator_write(session->coordinator, table, rows, insert_written, session);
    if (operation != NULL)
        session->writing = operation;
}
