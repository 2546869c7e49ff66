#include "server/session/session_internal.h"

#include "base/clock.h"
#include "grammar/ast_print.h"
#include "types/datetime.h"

Prepared *
prepared_new(Arena *arena, const char *sql, AstStatement *ast)
{
    Prepared *prepared = arena_new_struct(arena, Prepared);
    prepared->references = 1;
    prepared->arena = arena;
    prepared->sql = (char *) sql;
    prepared->ast = ast;
    prepared->made_at = clock_wall_us() - EPOCH_SHIFT_US;
    return prepared;
}

Prepared *
prepared_retain(Prepared *prepared)
{
    prepared->references++;
    return prepared;
}

void
prepared_release(Prepared *prepared)
{
    if (--prepared->references > 0)
        return;
    if (prepared->plan.change != NULL)
        catalog_change_free(prepared->plan.change);
    arena_free(prepared->arena);
}

char *
inner_statement_sql(const AstStatement *statement, Arena *arena)
{
    Buffer out = {0};
    ast_print_statement(statement, AST_PRINT_ONE_LINE, &out);
    return buffer_to_arena(&out, arena);
}

bool
statement_is_ddl(AstStatementKind kind)
{
    switch (kind) {
    case AST_SELECT:
    case AST_INSERT:
    case AST_UPDATE:
    case AST_DELETE:
    case AST_COPY:
    case AST_SUBSCRIBE:
    case AST_SHOW:
    case AST_EXPLAIN_PLAN:
    case AST_EXPLAIN_TIMESTAMP:
    case AST_EXPLAIN_PUSHDOWN:
    case AST_EXPLAIN_SINK_SCHEMA:
    case AST_EXPLAIN_ANALYZE:
    case AST_VALIDATE_CONNECTION:
        return false;
    default:
        return statement_is_planned(kind);
    }
}

static bool
is_session_variable_show(const AstStatement *ast)
{
    return ast->kind == AST_SHOW && (ast->show->kind == AST_SHOW_VARIABLE || ast->show->kind == AST_SHOW_ALL);
}

static bool
same_shape(const RelationDesc *a, const RelationDesc *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    if (a->column_count != b->column_count)
        return false;
    for (int i = 0; i < a->column_count; i++)
        if (!type_same(a->columns[i].type, b->columns[i].type))
            return false;
    return true;
}

static void
pass_notice(void *context, const Notice *notice)
{
    Session *session = context;
    session->sink->notice(session->sink_context, notice);
}

static bool
plan_now(Session *session, Prepared *prepared, Error *err)
{
    EvalContext eval;
    PlannerContext planner;
    session_planner(session, prepared->arena, &eval, &planner);
    planner.parameter_types = prepared->parameter_types;
    planner.parameter_count = prepared->parameter_count;
    planner.no_more_parameters = prepared->no_more_parameters;
    planner.notice = pass_notice;
    planner.notice_context = session;
    IndexOracle indexes = coordinator_indexes(session->coordinator, planner.cluster);
    StatementPlan plan = {0};
    bool ok = plan_statement(&planner, prepared->ast, &indexes, &plan, err);
    eval_context_deinit(&eval);
    prepared->parameter_types = planner.parameter_types;
    prepared->parameter_count = planner.parameter_count;
    if (!ok)
        return false;
    if (prepared->planned && !same_shape(prepared->plan.desc, plan.desc))
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cached plan must not change result type");
    prepared->plan = plan;
    prepared->planned = true;
    return true;
}

bool
prepared_same_result(const StatementPlan *a, const StatementPlan *b)
{
    if (!same_shape(a->desc, b->desc))
        return false;
    for (int i = 0; a->desc != NULL && i < a->desc->column_count; i++)
        if (strcmp(a->desc->columns[i].name, b->desc->columns[i].name) != 0)
            return false;
    return true;
}

bool
prepared_is_current(const Session *session, const Prepared *prepared)
{
    return prepared->planned &&
           prepared->catalog_version == catalog_version(coordinator_catalog(session->coordinator)) &&
           prepared->settings == variables_generation(session->variables);
}

bool
prepared_plan(Session *session, Prepared *prepared, Error *err)
{
    if (prepared->ast == NULL || !statement_is_planned(prepared->ast->kind) || statement_is_ddl(prepared->ast->kind) ||
        is_session_variable_show(prepared->ast))
        return true;
    if (prepared_is_current(session, prepared))
        return true;
    if (!plan_now(session, prepared, err))
        return false;
    prepared->catalog_version = catalog_version(coordinator_catalog(session->coordinator));
    prepared->settings = variables_generation(session->variables);
    return true;
}

/* What SHOW of a setting, SHOW ALL and FETCH give is known without a plan. */
const RelationDesc *
prepared_desc(const Session *session, const Prepared *prepared)
{
    static RelationColumn all_columns[] = {{"name", {.id = TYPE_TEXT, .typmod = -1}, false, NULL},
                                           {"setting", {.id = TYPE_TEXT, .typmod = -1}, false, NULL},
                                           {"description", {.id = TYPE_TEXT, .typmod = -1}, false, NULL}};
    static const RelationDesc all = {.columns = all_columns, .column_count = 3};
    const AstStatement *ast = prepared->ast;
    if (ast == NULL)
        return NULL;
    if (ast->kind == AST_SHOW && ast->show->kind == AST_SHOW_ALL)
        return &all;
    if (ast->kind == AST_SHOW && ast->show->kind == AST_SHOW_VARIABLE) {
        RelationDesc *desc = arena_new_struct(prepared->arena, RelationDesc);
        desc->columns = arena_new_array(prepared->arena, RelationColumn, 1);
        desc->columns[0] = (RelationColumn){ast->show->variable, SQL_TYPE(TEXT), false, NULL};
        desc->column_count = 1;
        return desc;
    }
    if (ast->kind == AST_FETCH) {
        const Portal *cursor = map_get_text(session->cursors, ast->fetch->name.text);
        return cursor == NULL ? NULL : cursor->desc;
    }
    if (ast->kind == AST_EXECUTE) {
        const Prepared *executed = map_get_text(session->prepared, ast->execute->name.text);
        return executed == NULL ? NULL : prepared_desc(session, executed);
    }
    if (!prepared->planned || prepared->plan.kind == PLAN_COPY_TO || prepared->plan.kind == PLAN_COPY_FROM)
        return NULL;
    return prepared->plan.desc;
}
