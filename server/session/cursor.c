/*
 * DECLARE, FETCH, CLOSE: portals with a name that SQL gives, inside a transaction block.
 */
#include "server/session/session_internal.h"

static bool
declarable(AstStatementKind kind)
{
    switch (kind) {
    case AST_SELECT:
    case AST_SUBSCRIBE:
    case AST_SHOW:
    case AST_EXPLAIN_PLAN:
        return true;
    default:
        return false;
    }
}

static void
cursor_read(void *context, ReadResult *result)
{
    Portal *cursor = context;
    Session *session = cursor->session;
    cursor->operation = NULL;
    cursor->ended = true;
    if (error_is_set(&result->error)) {
        error_move(&cursor->end_error, &result->error);
    } else {
        transaction_fix_time(session, result->timestamp);
        portal_push(cursor, &result->rows);
    }
    if (session->delivering == cursor)
        portal_pump(session);
}

/* Rows of a plan that is text already: EXPLAIN and the like. */
static void
cursor_lines(Portal *cursor, const StatementPlan *plan)
{
    SqlType type = SQL_TYPE(TEXT);
    ChunkBuilder builder;
    chunk_builder_init(&builder, &type, 1);
    for (int i = 0; i < plan->line_count; i++) {
        Datum line = datum_text(plan->lines[i]);
        chunk_builder_append_datums(&builder, &line, 0, 1);
    }
    ChunkVector rows = {0};
    Chunk *chunk = chunk_builder_finish(&builder);
    if (chunk != NULL)
        vector_push(&rows, chunk);
    chunk_builder_deinit(&builder);
    portal_push(cursor, &rows);
    cursor->ended = true;
}

static bool
cursor_start(Session *session, Portal *cursor, Error *err)
{
    const StatementPlan *plan = &cursor->prepared->plan;
    cursor->state = PORTAL_ACTIVE;
    session_fill_binding(session, cursor, &session->binding, cursor->arena);
    if (plan->kind == PLAN_SUBSCRIBE)
        return subscribe_begin(session, cursor, plan->subscribe, err);
    if (plan->kind == PLAN_TEXT_ROWS) {
        cursor_lines(cursor, plan);
        return true;
    }
    ReadOptions options;
    if (!transaction_allow(session, TRANSACTION_READ, 0, err) ||
        !statement_read_options(session, cursor, &options, err))
        return false;
    Operation *operation =
        coordinator_read(session->coordinator, plan->query, &session->binding, &options, cursor_read, cursor);
    if (operation != NULL)
        cursor->operation = operation;
    return true;
}

void
cursor_declare(Session *session, const AstDeclare *declare)
{
    Error err = ERROR_INIT;
    const char *name = declare->name.text;
    if (!session->transaction.open) {
        error_set(&err, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION, "DECLARE CURSOR can only be used in transaction blocks");
        statement_failed(session, &err);
        return;
    }
    if (map_get_text(session->cursors, name) != NULL) {
        error_set(&err, SQLSTATE_DUPLICATE_CURSOR, "cursor \"%s\" already exists", name);
        statement_failed(session, &err);
        return;
    }
    if (!declarable(declare->statement->kind)) {
        error_at(&err, declare->statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                 "DECLARE CURSOR of %s is not supported", ast_statement_kind_name(declare->statement->kind));
        statement_failed(session, &err);
        return;
    }
    Arena *arena = arena_new();
    char *sql = inner_statement_sql(declare->statement, arena);
    AstStatement *ast;
    if (!parse_statement(slice_of(sql), arena, &ast, &err)) {
        arena_free(arena);
        statement_failed(session, &err);
        return;
    }
    Prepared *prepared = prepared_new(arena, sql, ast);
    if (!prepared_plan(session, prepared, &err)) {
        prepared_release(prepared);
        statement_failed(session, &err);
        return;
    }
    Portal *cursor = portal_new(session, name, prepared);
    prepared_release(prepared);
    cursor->is_cursor = true;
    cursor->desc = prepared_desc(session, prepared);
    map_put(session->cursors, slice_of(name), cursor);
    /* A subscription begins here: what happens before the first FETCH is in it. */
    if (prepared->plan.kind == PLAN_SUBSCRIBE && !cursor_start(session, cursor, &err)) {
        map_remove(session->cursors, slice_of(name));
        portal_free(cursor);
        statement_failed(session, &err);
        return;
    }
    statement_succeeded(session, "DECLARE CURSOR");
}

static bool
fetch_timeout(const AstFetch *fetch, int64_t *ms, Error *err)
{
    *ms = -1;
    for (int i = 0; i < fetch->options.count; i++) {
        const AstOption *option = fetch->options.items[i];
        if (strcmp(option->name, "TIMEOUT") != 0)
            return error_at(err, option->position, SQLSTATE_SYNTAX_ERROR, "unknown FETCH option %s", option->name);
        const char *text = option->value->text;
        bool plain = option->value->kind == AST_VALUE_NUMBER;
        *ms = text == NULL ? -1 : plain ? (int64_t) (strtod(text, NULL) * 1000) : duration_parse_ms(text);
        if (*ms < 0)
            return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid FETCH timeout \"%s\"",
                            text == NULL ? "" : text);
        if (*ms > INT32_MAX)
            return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE, "timeout out of range: %llds",
                            (long long) (*ms / 1000));
    }
    return true;
}

void
cursor_fetch(Session *session, const AstFetch *fetch)
{
    Error err = ERROR_INIT;
    int64_t timeout;
    Portal *cursor = map_get_text(session->cursors, fetch->name.text);
    if (cursor == NULL) {
        error_set(&err, SQLSTATE_INVALID_CURSOR_NAME, "cursor \"%s\" does not exist", fetch->name.text);
        statement_failed(session, &err);
        return;
    }
    if (!fetch_timeout(fetch, &timeout, &err)) {
        statement_failed(session, &err);
        return;
    }
    long long count = fetch->all ? 0 : fetch->count == NULL ? 1 : strtoll(fetch->count, NULL, 10);
    session->fetch_tag = "FETCH";
    session->fetch_waits = timeout >= 0;
    session->delivering = cursor;
    session->row_limit = count;
    session->running->desc = cursor->desc;
    if (session->running->name == NULL) {
        ResultFormat format = {session->running->formats, session->running->format_count};
        session->sink->row_description(session->sink_context, cursor->desc, &format);
    }
    if (!fetch->all && count == 0) {
        portal_fetch_over(session);
        return;
    }
    if (timeout >= 0 && cursor->prepared->plan.kind == PLAN_SUBSCRIBE)
        session_start_timer(session, timeout, portal_fetch_over);
    else if (cursor->prepared->plan.kind != PLAN_SUBSCRIBE && !cursor->ended)
        statement_start_timeout(session);
    /* Nothing that the cursor brings may end the statement before the pump below runs. */
    session->pumping = true;
    bool ok = cursor->state != PORTAL_NEW || cursor_start(session, cursor, &err);
    session->pumping = false;
    if (!ok) {
        statement_failed(session, &err);
        return;
    }
    portal_pump(session);
}

void
cursor_close(Session *session, const AstClose *close)
{
    if (close->all) {
        cursors_close_all(session);
        statement_succeeded(session, "CLOSE CURSOR ALL");
        return;
    }
    Portal *cursor = map_remove(session->cursors, slice_of(close->name.text));
    if (cursor == NULL) {
        Error err = ERROR_INIT;
        error_set(&err, SQLSTATE_INVALID_CURSOR_NAME, "cursor \"%s\" does not exist", close->name.text);
        statement_failed(session, &err);
        return;
    }
    portal_free(cursor);
    statement_succeeded(session, "CLOSE CURSOR");
}

void
cursors_close_all(Session *session)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(session->cursors, &iterator, &key, &value)) {
        map_remove(session->cursors, key);
        portal_free(value);
    }
}
