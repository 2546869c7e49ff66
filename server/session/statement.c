/*
 * Running one statement, from its portal to statement_succeeded or statement_failed.
 */
#include "server/session/session_internal.h"

#include <stdio.h>

#include "base/clock.h"
#include "dataflow/finishing.h"
#include "types/datetime.h"

/* ---- ends ---- */

static void
statement_end(Session *session, bool ok)
{
    session_stop_timer(session);
    Portal *portal = session->running;
    session->running = session->delivering = NULL;
    activity_end(session);
    session->fetch_tag = NULL;
    chunk_vector_release(&session->write_rows);
    if (session->copy_in != NULL)
        copy_in_free(session->copy_in);
    session->copy_in = NULL;
    if (session->lock_held) {
        session->lock_held = false;
        coordinator_ddl_unlock(session->coordinator);
    }
    write_lock_release(session);
    if (portal != NULL && portal->name == NULL)
        portal_free(portal);
    void (*after)(Session *, bool) = session->after;
    session->after = NULL;
    after(session, ok);
}

void
statement_succeeded(Session *session, const char *tag)
{
    if (tag != NULL)
        session->sink->command_complete(session->sink_context, tag);
    statement_end(session, true);
}

void
statement_failed(Session *session, Error *err)
{
    Portal *portal = session->running;
    if (session->lock != NULL)
        operation_cancel(session->lock);
    if (session->writing != NULL)
        operation_cancel(session->writing);
    session->lock = session->writing = NULL;
    if (portal->operation != NULL)
        operation_cancel(portal->operation);
    portal->operation = NULL;
    portal->state = PORTAL_DONE;
    if (session->transaction.open)
        session->transaction.failed = true;
    session->sink->error(session->sink_context, err);
    error_clear(err);
    statement_end(session, false);
}

static void
statement_timed_out(Session *session)
{
    Error err = ERROR_INIT;
    error_set(&err, SQLSTATE_QUERY_CANCELED, "canceling statement due to statement timeout");
    statement_failed(session, &err);
}

void
statement_start_timeout(Session *session)
{
    int64_t timeout = duration_parse_ms(variable_get(session->variables, "statement_timeout"));
    if (timeout > 0)
        session_start_timer(session, timeout, statement_timed_out);
}

/* ---- rows ---- */

void
statement_describe(Session *session, Portal *portal)
{
    /* In the extended protocol the client asks with Describe. */
    if (session->running->name != NULL)
        return;
    ResultFormat format = {portal->formats, portal->format_count};
    session->sink->row_description(session->sink_context, portal->desc, &format);
}

static void
rows_ready(Session *session, ChunkVector *rows)
{
    Portal *portal = session->running;
    portal_push(portal, rows);
    portal->ended = true;
    if (portal->copy != NULL)
        copy_out_begin(session, portal);
    else
        statement_describe(session, portal);
    portal_pump(session);
}

/* The less of the two bounds; 0: none. */
static uint64_t
result_bytes_max(const Session *session)
{
    int64_t own = bytes_parse(variable_get(session->variables, "max_query_result_size"));
    int64_t common = bytes_parse(variable_get(session->variables, "max_result_size"));
    return (uint64_t) (own < common ? own : common);
}

static void
read_finished(Session *session, ReadResult *result)
{
    /* The timeout holds until the last row is sent; a write that has begun is not given up. */
    StatementPlanKind kind = session->running->prepared->plan.kind;
    if (kind == PLAN_INSERT || kind == PLAN_UPDATE || kind == PLAN_DELETE)
        session_stop_timer(session);
    if (error_is_set(&result->error)) {
        Error err = ERROR_INIT;
        error_move(&err, &result->error);
        statement_failed(session, &err);
        return;
    }
    Error too_large = ERROR_INIT;
    if (!result_check_size(&result->rows, result_bytes_max(session), &too_large)) {
        chunk_vector_release(&result->rows);
        statement_failed(session, &too_large);
        return;
    }
    transaction_fix_time(session, result->timestamp);
    const StatementPlan *plan = &session->running->prepared->plan;
    if (plan->kind == PLAN_INSERT)
        insert_rows_ready(session, plan->target, &result->rows);
    else if (plan->kind == PLAN_UPDATE || plan->kind == PLAN_DELETE)
        mutation_rows_ready(session, &result->rows);
    else
        rows_ready(session, &result->rows);
}

static void
read_done(void *context, ReadResult *result)
{
    Portal *portal = context;
    portal->operation = NULL;
    read_finished(portal->session, result);
}

bool
statement_timestamp(Session *session, Portal *portal, const Scalar *scalar, Timestamp *timestamp, Error *err)
{
    EvalContext eval;
    eval_context_init(&eval, portal->arena);
    Scalar *bound, *cast;
    Datum value;
    const EvalError *failed;
    bool ok = scalar_bind_context(portal->arena, scalar, &session->binding, &bound, err) &&
              cast_scalar(portal->arena, bound, SQL_TYPE(MZ_TIMESTAMP), CAST_EXPLICIT, &eval, &cast, err);
    if (ok && !evaluate_constant(cast, &eval, &value, &failed)) {
        error_from_eval(err, failed);
        ok = false;
    }
    if (ok && value.is_null)
        ok = error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "can't use null as a mz_timestamp for AS OF or UP TO");
    eval_context_deinit(&eval);
    if (ok)
        *timestamp = (Timestamp) value.i;
    return ok;
}

bool
statement_read_options(Session *session, Portal *portal, ReadOptions *options, Error *err)
{
    const StatementPlan *plan = &portal->prepared->plan;
    *options = (ReadOptions){.cluster = variable_get(session->variables, "cluster"),
                             .serializable =
                                 strcmp(variable_get(session->variables, "transaction_isolation"), "serializable") == 0,
                             .timestamp = session->transaction.open ? session->transaction.timestamp : 0,
                             .result_bytes_max = result_bytes_max(session)};
    if (plan->as_of == NULL)
        return true;
    options->at_least = plan->as_of_at_least;
    return statement_timestamp(session, portal, plan->as_of, &options->timestamp, err);
}

static void
run_read(Session *session, Portal *portal)
{
    Error err = ERROR_INIT;
    StatementPlan *plan = &portal->prepared->plan;
    ReadOptions options;
    bool writes = plan->kind == PLAN_INSERT || plan->kind == PLAN_UPDATE || plan->kind == PLAN_DELETE;
    bool allowed = writes || transaction_allow(session, TRANSACTION_READ, 0, &err);
    if (!allowed || !statement_read_options(session, portal, &options, &err)) {
        statement_failed(session, &err);
        return;
    }
    portal->desc = plan->desc;
    ReadResult result;
    if (coordinator_read_now(session->coordinator, plan->query, &session->binding, &options, portal->arena, &result)) {
        read_finished(session, &result);
        return;
    }
    statement_start_timeout(session);
    Operation *operation =
        coordinator_read(session->coordinator, plan->query, &session->binding, &options, read_done, portal);
    if (operation != NULL)
        portal->operation = operation;
}

/* ---- writes that read first ---- */

static void
write_locked(void *context)
{
    Session *session = context;
    session->lock = NULL;
    session->write_lock_held = true;
    Portal *portal = session->running;
    Error err = ERROR_INIT;
    if (prepared_plan(session, portal->prepared, &err)) /* the catalog may have changed meanwhile */
        run_read(session, portal);
    else
        statement_failed(session, &err);
}

static void
run_write(Session *session, Portal *portal)
{
    const StatementPlan *plan = &portal->prepared->plan;
    bool reads_first = plan->reads_first || plan->kind == PLAN_UPDATE || plan->kind == PLAN_DELETE;
    if (!reads_first) {
        run_read(session, portal);
        return;
    }
    if (session->transaction.open) {
        Error err = ERROR_INIT;
        error_set(&err, SQLSTATE_ACTIVE_SQL_TRANSACTION, "%s cannot be run inside a transaction block",
                  inner_statement_sql(portal->prepared->ast, portal->arena));
        statement_failed(session, &err);
        return;
    }
    Operation *lock = coordinator_write_lock(session->coordinator, write_locked, session);
    if (lock != NULL)
        session->lock = lock;
}

static void
run_lines(Session *session, Portal *portal)
{
    const StatementPlan *plan = &portal->prepared->plan;
    portal->desc = plan->desc;
    SqlType type = SQL_TYPE(TEXT);
    ChunkBuilder builder;
    chunk_builder_init(&builder, &type, 1);
    for (int i = 0; i < plan->line_count; i++) {
        Datum line = datum_text(plan->lines[i]);
        chunk_builder_append_datums(&builder, &line, 0, 1);
    }
    Chunk *chunk = chunk_builder_finish(&builder);
    chunk_builder_deinit(&builder);
    ChunkVector rows = {0};
    if (chunk != NULL)
        vector_push(&rows, chunk);
    rows_ready(session, &rows);
}

/* ---- changes ---- */

static void
change_done(void *context, Error *error)
{
    Portal *portal = context;
    Session *session = portal->session;
    portal->operation = NULL;
    session->writing = NULL;
    if (error_is_set(error)) {
        Error err = ERROR_INIT;
        error_move(&err, error);
        statement_failed(session, &err);
        return;
    }
    statement_succeeded(session, portal->prepared->plan.tag);
}

static void
run_change(Session *session, Portal *portal)
{
    StatementPlan *plan = &portal->prepared->plan;
    EvalContext eval;
    eval_context_init(&eval, portal->arena);
    Operation *operation =
        coordinator_change(session->coordinator, plan, &session->binding, &eval, change_done, portal);
    eval_context_deinit(&eval);
    if (operation != NULL)
        portal->operation = operation;
}

static void
pass_notice(void *context, const Notice *notice)
{
    Session *session = context;
    session->sink->notice(session->sink_context, notice);
}

static bool
plan_ddl(Session *session, Portal *portal, Error *err)
{
    Prepared *prepared = portal->prepared;
    EvalContext eval;
    PlannerContext planner;
    session_planner(session, prepared->arena, &eval, &planner);
    planner.notice = pass_notice;
    planner.notice_context = session;
    IndexOracle indexes = coordinator_indexes(session->coordinator, planner.cluster);
    StatementPlan plan = {0};
    bool ok = portal->answer == NULL ? plan_statement(&planner, prepared->ast, &indexes, &plan, err)
                                     : plan_statement_inspected(&planner, prepared->ast, portal->answer, &plan, err);
    eval_context_deinit(&eval);
    if (ok)
        prepared->plan = plan;
    return ok;
}

static void run_planned(Session *session, Portal *portal);

static void
ddl_locked(void *context)
{
    Session *session = context;
    session->lock = NULL;
    session->lock_held = true;
    Portal *portal = session->running;
    Error err = ERROR_INIT;
    if (plan_ddl(session, portal, &err))
        run_planned(session, portal);
    else
        statement_failed(session, &err);
}

static void
take_lock(Session *session)
{
    Operation *lock = coordinator_ddl_lock(session->coordinator, ddl_locked, session);
    if (lock != NULL)
        session->lock = lock;
}

static void
inspect_done(void *context, Arena *arena, const UpstreamAnswer *answer, Error *error)
{
    Portal *portal = context;
    Session *session = portal->session;
    portal->operation = NULL;
    if (error_is_set(error)) {
        Error err = ERROR_INIT;
        error_move(&err, error);
        statement_failed(session, &err);
        return;
    }
    portal->answer_arena = arena;
    portal->answer = answer;
    take_lock(session); /* and plan again, with the answer */
}

static void
run_inspect(Session *session, Portal *portal)
{
    /* Asking upstream may take long: others may change the catalog meanwhile. */
    session->lock_held = false;
    coordinator_ddl_unlock(session->coordinator);
    Operation *operation =
        coordinator_inspect(session->coordinator, portal->prepared->plan.inspect, inspect_done, portal);
    if (operation != NULL)
        portal->operation = operation;
}

static void
run_ddl(Session *session, Portal *portal)
{
    Error err = ERROR_INIT;
    if (session->transaction.open) {
        error_set(&err, SQLSTATE_ACTIVE_SQL_TRANSACTION, "%s cannot be run inside a transaction block",
                  ast_statement_kind_name(portal->prepared->ast->kind));
        statement_failed(session, &err);
        return;
    }
    take_lock(session);
}

/* ---- dispatch ---- */

static void
run_validate(Session *session, Portal *portal)
{
    Operation *operation =
        coordinator_validate(session->coordinator, portal->prepared->plan.target, change_done, portal);
    if (operation != NULL)
        portal->operation = operation;
}

static void
run_planned(Session *session, Portal *portal)
{
    StatementPlan *plan = &portal->prepared->plan;
    switch (plan->kind) {
    case PLAN_QUERY:
        run_read(session, portal);
        return;
    case PLAN_INSERT:
    case PLAN_UPDATE:
    case PLAN_DELETE:
        run_write(session, portal);
        return;
    case PLAN_COPY_TO:
        portal->copy = &plan->copy;
        portal->desc = plan->desc;
        if (plan->subscribe != NULL)
            subscribe_run(session, plan->subscribe);
        else
            run_read(session, portal);
        return;
    case PLAN_SUBSCRIBE:
        subscribe_run(session, plan->subscribe);
        return;
    case PLAN_COPY_FROM:
        copy_in_run(session, plan);
        return;
    case PLAN_CHANGE:
        run_change(session, portal);
        return;
    case PLAN_INSPECT:
        run_inspect(session, portal);
        return;
    case PLAN_VALIDATE:
        run_validate(session, portal);
        return;
    case PLAN_TEXT_ROWS:
        run_lines(session, portal);
        return;
    case PLAN_NOTHING:
        statement_succeeded(session, plan->tag);
        return;
    }
}

static void
run_execute(Session *session, Portal *portal)
{
    const AstExecute *execute = portal->prepared->ast->execute;
    Error err = ERROR_INIT;
    Prepared *prepared = map_get_text(session->prepared, execute->name.text);
    if (prepared == NULL) {
        error_at(&err, execute->name.position, SQLSTATE_INVALID_SQL_STATEMENT_NAME,
                 "prepared statement \"%s\" does not exist", execute->name.text);
        statement_failed(session, &err);
        return;
    }
    if (execute->args.count != prepared->parameter_count) {
        error_set(&err, SQLSTATE_SYNTAX_ERROR, "expected %d params, got %d", prepared->parameter_count,
                  execute->args.count);
        statement_failed(session, &err);
        return;
    }
    Arena *arena = portal->arena;
    EvalContext eval;
    PlannerContext planner;
    session_planner(session, arena, &eval, &planner);
    Datum *values = arena_new_array(arena, Datum, execute->args.count + 1);
    bool ok = true;
    for (int i = 0; i < execute->args.count && ok; i++) {
        Scalar *scalar, *cast, *bound;
        const EvalError *failed;
        ok = plan_expression(&planner, execute->args.items[i], NULL, NULL, &scalar, &err) &&
             cast_scalar(arena, scalar, prepared->parameter_types[i], CAST_ASSIGNMENT, &eval, &cast, &err) &&
             scalar_bind_context(arena, cast, &session->binding, &bound, &err);
        if (ok && !evaluate_constant(bound, &eval, &values[i], &failed)) {
            error_from_eval(&err, failed);
            ok = false;
        }
    }
    eval_context_deinit(&eval);
    if (!ok) {
        statement_failed(session, &err);
        return;
    }
    prepared_release(portal->prepared);
    portal->prepared = prepared_retain(prepared);
    portal->parameters = values;
    void (*after)(Session *, bool) = session->after;
    statement_run(session, portal, session->row_limit, after);
}

static void
run_prepare(Session *session, const AstPrepare *prepare)
{
    Error err = ERROR_INIT;
    if (map_get_text(session->prepared, prepare->name.text) != NULL) {
        error_set(&err, SQLSTATE_DUPLICATE_PREPARED_STATEMENT, "prepared statement \"%s\" already exists",
                  prepare->name.text);
        statement_failed(session, &err);
        return;
    }
    Arena *arena = arena_new();
    char *sql = inner_statement_sql(prepare->statement, arena);
    AstStatement *ast;
    if (!parse_statement(slice_of(sql), arena, &ast, &err)) {
        arena_free(arena);
        statement_failed(session, &err);
        return;
    }
    Prepared *prepared = prepared_new(arena, sql, ast);
    prepared->from_sql = true;
    EvalContext eval;
    PlannerContext planner;
    session_planner(session, arena, &eval, &planner);
    prepared->parameter_types = arena_new_array(arena, SqlType, prepare->types.count + 1);
    prepared->parameter_count = prepare->types.count;
    bool ok = true;
    for (int i = 0; i < prepare->types.count && ok; i++)
        ok = plan_type(&planner, prepare->types.items[i], &prepared->parameter_types[i], &err);
    eval_context_deinit(&eval);
    if (!ok || !prepared_plan(session, prepared, &err)) {
        prepared_release(prepared);
        statement_failed(session, &err);
        return;
    }
    map_put(session->prepared, slice_of(prepare->name.text), prepared);
    statement_succeeded(session, "PREPARE");
}

static void
run_deallocate(Session *session, const AstDeallocate *deallocate)
{
    if (deallocate->all) {
        size_t iterator = 0;
        Slice key;
        void *value;
        while (map_next(session->prepared, &iterator, &key, &value)) {
            map_remove(session->prepared, key);
            prepared_release(value);
        }
        statement_succeeded(session, "DEALLOCATE ALL");
        return;
    }
    Prepared *prepared = map_remove(session->prepared, slice_of(deallocate->name.text));
    if (prepared == NULL) {
        Error err = ERROR_INIT;
        error_set(&err, SQLSTATE_INVALID_SQL_STATEMENT_NAME, "prepared statement \"%s\" does not exist",
                  deallocate->name.text);
        statement_failed(session, &err);
        return;
    }
    prepared_release(prepared);
    statement_succeeded(session, "DEALLOCATE");
}

static void
run_raise(Session *session, const AstRaise *raise)
{
    char text[64];
    char severity[16];
    size_t i = 0;
    for (; raise->severity[i] != '\0' && i + 1 < sizeof severity; i++)
        severity[i] = (char) (raise->severity[i] | 0x20);
    severity[i] = '\0';
    snprintf(text, sizeof text, "raised a test %s", severity);
    session_notice(session, raise->severity, SQLSTATE_SUCCESSFUL_COMPLETION, text);
    statement_succeeded(session, "RAISE");
}

static void
run_discard(Session *session, AstDiscard discard)
{
    Error err = ERROR_INIT;
    if (discard == AST_DISCARD_ALL && session->transaction.open) {
        error_set(&err, SQLSTATE_ACTIVE_SQL_TRANSACTION, "DISCARD ALL cannot be run inside a transaction block");
        statement_failed(session, &err);
        return;
    }
    if (discard == AST_DISCARD_PLANS || discard == AST_DISCARD_SEQUENCES) {
        error_set(&err, SQLSTATE_FEATURE_NOT_SUPPORTED, "DISCARD %s is not supported",
                  discard == AST_DISCARD_PLANS ? "PLANS" : "SEQUENCES");
        statement_failed(session, &err);
        return;
    }
    if (discard == AST_DISCARD_ALL) {
        variables_reset_all(session->variables);
        cursors_close_all(session);
    }
    statement_succeeded(session, discard == AST_DISCARD_ALL ? "DISCARD ALL" : "DISCARD TEMP");
}

static void
run_unplanned(Session *session, Portal *portal)
{
    const AstStatement *ast = portal->prepared->ast;
    switch (ast->kind) {
    case AST_SET:
    case AST_RESET:
    case AST_SHOW:
        set_run(session, ast);
        return;
    case AST_BEGIN:
    case AST_SET_TRANSACTION:
    case AST_COMMIT:
    case AST_ROLLBACK:
        transaction_run(session, ast);
        return;
    case AST_DECLARE:
        cursor_declare(session, ast->declare);
        return;
    case AST_FETCH:
        cursor_fetch(session, ast->fetch);
        return;
    case AST_CLOSE:
        cursor_close(session, ast->close);
        return;
    case AST_PREPARE:
        run_prepare(session, ast->prepare);
        return;
    case AST_EXECUTE:
        run_execute(session, portal);
        return;
    case AST_DEALLOCATE:
        run_deallocate(session, ast->deallocate);
        return;
    case AST_DISCARD:
        run_discard(session, ast->discard);
        return;
    case AST_RAISE:
        run_raise(session, ast->raise);
        return;
    default: {
        Error err = ERROR_INIT;
        error_at(&err, ast->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s is not supported",
                 ast_statement_kind_name(ast->kind));
        statement_failed(session, &err);
    }
    }
}

void
statement_run(Session *session, Portal *portal, int64_t row_limit, void (*after)(Session *session, bool ok))
{
    session->running = session->delivering = portal;
    activity_begin(session, portal->prepared->sql);
    session->row_limit = row_limit;
    session->rows_sent = 0;
    session->after = after;
    portal->state = PORTAL_ACTIVE;
    const AstStatement *ast = portal->prepared->ast;
    Error err = ERROR_INIT;
    if (ast == NULL) {
        session->sink->empty_query(session->sink_context);
        statement_succeeded(session, NULL);
        return;
    }
    if (session->transaction.failed && ast->kind != AST_COMMIT && ast->kind != AST_ROLLBACK) {
        error_set(&err, SQLSTATE_IN_FAILED_SQL_TRANSACTION,
                  "current transaction is aborted, commands ignored until end of transaction block");
        statement_failed(session, &err);
        return;
    }
    if (!set_config_apply(session, portal->prepared, &err)) {
        statement_failed(session, &err);
        return;
    }
    session_fill_binding(session, portal, &session->binding, portal->arena);
    bool variable = ast->kind == AST_SHOW && (ast->show->kind == AST_SHOW_VARIABLE || ast->show->kind == AST_SHOW_ALL);
    if (!statement_is_planned(ast->kind) || variable)
        run_unplanned(session, portal);
    else if (statement_is_ddl(ast->kind))
        run_ddl(session, portal);
    else if (prepared_plan(session, portal->prepared, &err))
        run_planned(session, portal);
    else
        statement_failed(session, &err);
}
