/*
 * Transactions: read-only at one timestamp, write-only into one table, or one subscription; decided by the first statement.
 */
#include "server/session/session_internal.h"

#include "base/clock.h"
#include "types/datetime.h"

int64_t
session_now(const Session *session)
{
    return session->transaction.open ? session->transaction.now : clock_wall_us() - EPOCH_SHIFT_US;
}

static void
transaction_clear(Session *session)
{
    Transaction *transaction = &session->transaction;
    for (size_t i = 0; i < transaction->writes.count; i++)
        chunk_vector_release(&transaction->writes.items[i].rows);
    vector_deinit(&transaction->writes);
    coordinator_release(session->coordinator, transaction->hold);
    *transaction = (Transaction){0};
}

void
transaction_fix_time(Session *session, Timestamp timestamp)
{
    Transaction *transaction = &session->transaction;
    if (!transaction->open || transaction->timestamp != 0)
        return;
    transaction->timestamp = timestamp;
    transaction->hold = coordinator_hold(session->coordinator, timestamp);
}

bool
transaction_allow(Session *session, TransactionKind kind, ObjectId table, Error *err)
{
    Transaction *transaction = &session->transaction;
    if (!transaction->open)
        return true;
    if (kind == TRANSACTION_WRITE && transaction->read_only)
        return error_set(err, SQLSTATE_READ_ONLY_SQL_TRANSACTION, "transaction in read-only mode");
    switch (transaction->kind) {
    case TRANSACTION_NONE:
        transaction->kind = kind;
        return true;
    case TRANSACTION_READ:
        if (kind == TRANSACTION_READ)
            return true;
        if (kind == TRANSACTION_SUBSCRIBE)
            return error_set(err, SQLSTATE_INVALID_TRANSACTION_STATE,
                             "SUBSCRIBE in transactions must be the only read statement");
        return error_set(err, SQLSTATE_READ_ONLY_SQL_TRANSACTION, "transaction in read-only mode");
    case TRANSACTION_WRITE:
        if (kind != TRANSACTION_WRITE)
            return error_set(err, SQLSTATE_INVALID_TRANSACTION_STATE, "transaction in write-only mode");
        if (transaction->writes.count > 0 && transaction->writes.items[0].table != table)
            return error_set(err, SQLSTATE_INVALID_TRANSACTION_STATE,
                             "write transactions only support writes to a single table");
        return true;
    case TRANSACTION_SUBSCRIBE:
        return error_set(err, SQLSTATE_INVALID_TRANSACTION_STATE,
                         "SUBSCRIBE in transactions must be the only read statement");
    }
    return true;
}

void
transaction_abandon(Session *session)
{
    if (session->transaction.open)
        variables_rollback(session->variables);
    cursors_close_all(session);
    transaction_clear(session);
}

static void
apply_modes(Session *session, const AstTransaction *modes)
{
    static const char *const levels[] = {
        [AST_ISOLATION_READ_UNCOMMITTED] = "read uncommitted",
        [AST_ISOLATION_READ_COMMITTED] = "read committed",
        [AST_ISOLATION_REPEATABLE_READ] = "repeatable read",
        [AST_ISOLATION_SNAPSHOT] = "snapshot isolation",
        [AST_ISOLATION_SERIALIZABLE] = "serializable",
        [AST_ISOLATION_STRONG_SESSION_SERIALIZABLE] = "strong session serializable",
        [AST_ISOLATION_STRICT_SERIALIZABLE] = "strict serializable",
    };
    if (modes->isolation != AST_ISOLATION_UNSAID) {
        const char *level = levels[modes->isolation];
        Error err = ERROR_INIT;
        if (!variable_set(session->variables, "transaction_isolation", level, !modes->session, &err))
            error_clear(&err);
        if (strcmp(variable_get(session->variables, "transaction_isolation"), level) != 0) {
            Buffer text = {0};
            buffer_printf(
                &text, "transaction isolation level %s is unimplemented, the session will be upgraded to serializable",
                level);
            session_notice(session, "NOTICE", SQLSTATE_SUCCESSFUL_COMPLETION, buffer_text(&text));
            buffer_deinit(&text);
        }
    }
    if (modes->access != AST_ACCESS_UNSAID)
        session->transaction.read_only = modes->access == AST_ACCESS_READ_ONLY;
}

static void
run_begin(Session *session, const AstTransaction *modes)
{
    if (session->transaction.open) {
        session_notice(session, "WARNING", SQLSTATE_ACTIVE_SQL_TRANSACTION,
                       "there is already a transaction in progress");
    } else {
        session->transaction = (Transaction){.now = session_now(session)};
        session->transaction.open = true;
        variables_begin(session->variables);
    }
    apply_modes(session, modes);
    statement_succeeded(session, modes->start ? "START TRANSACTION" : "BEGIN");
}

static void
run_rollback(Session *session)
{
    if (!session->transaction.open)
        session_notice(session, "WARNING", SQLSTATE_NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
    transaction_abandon(session);
    statement_succeeded(session, "ROLLBACK");
}

static void
commit_written(void *context, Error *error)
{
    Session *session = context;
    session->writing = NULL;
    if (error_is_set(error)) {
        Error err = ERROR_INIT;
        error_move(&err, error);
        transaction_abandon(session);
        statement_failed(session, &err);
        return;
    }
    variables_commit(session->variables);
    cursors_close_all(session);
    transaction_clear(session);
    statement_succeeded(session, "COMMIT");
}

static void
run_commit(Session *session)
{
    Transaction *transaction = &session->transaction;
    if (!transaction->open) {
        session_notice(session, "WARNING", SQLSTATE_NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
        statement_succeeded(session, "COMMIT");
        return;
    }
    if (transaction->failed) {
        transaction_abandon(session);
        statement_succeeded(session, "ROLLBACK");
        return;
    }
    ChunkVector rows = {0};
    ObjectId table = 0;
    for (size_t i = 0; i < transaction->writes.count; i++) {
        TransactionWrite *write = &transaction->writes.items[i];
        table = write->table;
        for (size_t r = 0; r < write->rows.count; r++)
            vector_push(&rows, write->rows.items[r]);
        write->rows.count = 0;
    }
    if (table == 0 || rows.count == 0) {
        vector_deinit(&rows);
        Error none = ERROR_INIT;
        commit_written(session, &none);
        return;
    }
    Operation *operation = coordinator_write(session->coordinator, table, &rows, commit_written, session);
    if (operation != NULL)
        session->writing = operation;
}

void
transaction_run(Session *session, const AstStatement *ast)
{
    const AstTransaction *modes = ast->transaction;
    Error err = ERROR_INIT;
    if ((ast->kind == AST_COMMIT || ast->kind == AST_ROLLBACK) && modes->chain) {
        error_at(&err, ast->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "CHAIN not yet supported");
        statement_failed(session, &err);
        return;
    }
    switch (ast->kind) {
    case AST_BEGIN:
        run_begin(session, modes);
        return;
    case AST_COMMIT:
        run_commit(session);
        return;
    case AST_ROLLBACK:
        run_rollback(session);
        return;
    default:
        if (session->transaction.timestamp != 0 && modes->isolation != AST_ISOLATION_UNSAID) {
            error_set(&err, SQLSTATE_ACTIVE_SQL_TRANSACTION,
                      "SET TRANSACTION ISOLATION LEVEL must be called before any query");
            statement_failed(session, &err);
            return;
        }
        apply_modes(session, modes);
        statement_succeeded(session, "SET");
    }
}
