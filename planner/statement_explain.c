/*
 * statement_explain.c -- EXPLAIN: what is explained, which stage of it, and how it is shown.
 */
#include <strings.h>

#include "planner/statement_internal.h"

/* ---- what is explained ---- */

static bool
not_explained(const AstStatement *statement, Error *err)
{
    return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "EXPLAIN of %s is not supported",
                    ast_statement_kind_name(statement->kind));
}

/* All rows of a relation: of a view, what its definition gives. */
static void
request_relation(ExplainRequest *request, const Item *item)
{
    request->relation = item;
    request->query = item->kind == ITEM_VIEW || item->kind == ITEM_MATERIALIZED_VIEW ? item->definition : NULL;
}

static void
request_index(PlannerContext *context, ExplainRequest *request, const Item *index)
{
    request->name = item_full_name(index, context->arena);
    request->keys = index->index_keys;
    request->key_count = index->index_key_count;
    request_relation(request, catalog_item(context->catalog, index->index_on));
}

/* The index as CREATE INDEX would make it. */
static bool
request_new_index(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                  ExplainRequest *request, Error *err)
{
    StatementPlan made = {0};
    AstStatement alone = *statement; /* EXPLAIN's text is not its own */
    alone.text = slice_of(print_sql(statement, context->arena));
    if (!plan_create_index(context, &alone, indexes, &made, err))
        return false;
    const Item *index = NULL;
    for (size_t i = 0; made.change != NULL && i < made.change->steps.count; i++) {
        const ChangeStep *step = &made.change->steps.items[i];
        if (step->kind == CHANGE_PUT_ITEM && step->item->kind == ITEM_INDEX)
            index = step->item;
    }
    if (index == NULL)
        return not_explained(statement, err);
    request_index(context, request, index);
    return true;
}

static bool
request_statement(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                  ExplainRequest *request, Error *err)
{
    switch (statement->kind) {
    case AST_SELECT:
        request->query = statement->select;
        return true;
    case AST_CREATE_VIEW:
        request->query = statement->create_view->query;
        request->name = ast_name_text(&statement->create_view->name, context->arena);
        return true;
    case AST_CREATE_MATERIALIZED_VIEW:
        request->query = statement->create_materialized_view->query;
        request->name = ast_name_text(&statement->create_materialized_view->name, context->arena);
        return true;
    case AST_CREATE_INDEX:
        return request_new_index(context, statement, indexes, request, err);
    case AST_INSERT:
        request->query = statement->insert->query;
        return request->query != NULL || not_explained(statement, err);
    case AST_SUBSCRIBE: {
        Item *item;
        request->name = "subscription";
        request->query = statement->subscribe->query;
        if (request->query != NULL)
            return true;
        if (!find_relation(context, &statement->subscribe->name, &item, err))
            return false;
        request->relation = item;
        return true;
    }
    default:
        return not_explained(statement, err);
    }
}

static bool
request_explainee(PlannerContext *context, const AstExplainee *explainee, const IndexOracle *indexes,
                  ExplainRequest *request, Error *err)
{
    if (explainee->kind == AST_EXPLAINEE_STATEMENT)
        return request_statement(context, explainee->statement, indexes, request, err);
    Item *item;
    if (!find_item_of_kind(context, &explainee->name, explainee->type, false, &item, err))
        return false;
    if (item->kind == ITEM_INDEX) {
        request_index(context, request, item);
        return true;
    }
    request->name = item_full_name(item, context->arena);
    request_relation(request, item);
    return true;
}

/* ---- how it is shown ---- */

/* PostgreSQL's FORMAT: text and json are there, its xml and yaml are not. */
static bool
request_format(const AstOption *option, ExplainRequest *request, Error *err)
{
    const char *text = option->value->text;
    if (text != NULL && (strcasecmp(text, "text") == 0 || strcasecmp(text, "json") == 0)) {
        request->json = strcasecmp(text, "json") == 0;
        return true;
    }
    if (text != NULL && (strcasecmp(text, "xml") == 0 || strcasecmp(text, "yaml") == 0))
        return error_at(err, option->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "EXPLAIN format \"%s\" is not supported",
                        text);
    return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                    "unrecognized value for EXPLAIN option \"format\": \"%s\"", text == NULL ? "" : text);
}

static const char *
lower_case(const char *text, Arena *arena)
{
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at != '\0'; at++)
        *at = (char) (*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
    return copy;
}

static bool
request_options(PlannerContext *context, const AstExplainPlan *explain, ExplainRequest *request, Error *err)
{
    static const char *const names[] = {"ARITY",
                                        "CARDINALITY",
                                        "COLUMN NAMES",
                                        "EQUIVALENCES",
                                        "FILTER PUSHDOWN",
                                        "HUMANIZED EXPRESSIONS",
                                        "JOIN IMPLEMENTATIONS",
                                        "KEYS",
                                        "LINEAR CHAINS",
                                        "NO FAST PATH",
                                        "NON NEGATIVE",
                                        "NO NOTICES",
                                        "NODE IDENTIFIERS",
                                        "RAW PLANS",
                                        "RAW SYNTAX",
                                        "REDACTED",
                                        "SUBTREE SIZE",
                                        "TIMING",
                                        "TYPES",
                                        "ANALYZE",
                                        "VERBOSE",
                                        "COSTS",
                                        "SETTINGS",
                                        "GENERIC_PLAN",
                                        "BUFFERS",
                                        "WAL",
                                        "SUMMARY",
                                        "FORMAT",
                                        NULL};
    const AstOptionList *options = &explain->options;
    ExplainOptions *shown = &request->options;
    bool column_names, humanized;
    for (int i = 0; explain->postgres && i < options->count; i++) {
        const AstOption *option = options->items[i];
        bool known = false;
        for (int n = 0; names[n] != NULL && !known; n++)
            known = strcmp(names[n], option->name) == 0;
        if (!known)
            return error_at(err, option->position, SQLSTATE_SYNTAX_ERROR, "unrecognized EXPLAIN option \"%s\"",
                            lower_case(option->name, context->arena));
    }
    if (!options_known(options, names, "EXPLAIN options", err) ||
        !option_bool(options, "ARITY", false, &shown->arity, err) ||
        !option_bool(options, "TYPES", false, &shown->types, err) ||
        !option_bool(options, "KEYS", false, &shown->keys, err) ||
        !option_bool(options, "NON NEGATIVE", false, &shown->non_negative, err) ||
        !option_bool(options, "CARDINALITY", false, &shown->cardinality, err) ||
        !option_bool(options, "COLUMN NAMES", false, &column_names, err) ||
        !option_bool(options, "HUMANIZED EXPRESSIONS", false, &humanized, err) ||
        !option_bool(options, "TIMING", false, &request->timing, err) ||
        !option_bool(options, "NO FAST PATH", false, &request->no_fast_path, err))
        return false;
    const AstOption *format = ast_option_find(options, "FORMAT");
    if (format != NULL && !request_format(format, request, err))
        return false;
    if (explain->postgres && !option_bool(options, "VERBOSE", false, &humanized, err))
        return false;
    shown->names = column_names || humanized || explain->format == AST_EXPLAIN_VERBOSE_TEXT;
    shown->arity |= explain->format == AST_EXPLAIN_VERBOSE_TEXT;
    return true;
}

static void
split_lines(PlannerContext *context, Buffer *text, StatementPlan *plan)
{
    const char *copy = buffer_to_arena(text, context->arena);
    int count = 0;
    for (const char *at = copy; *at != '\0'; at++)
        count += *at == '\n';
    plan->lines = arena_new_array(context->arena, const char *, count + 2);
    for (const char *at = copy; *at != '\0';) {
        const char *end = strchr(at, '\n');
        size_t size = end == NULL ? strlen(at) : (size_t) (end - at);
        plan->lines[plan->line_count++] = arena_strndup(context->arena, at, size);
        at += size + (end != NULL);
    }
}

static void
one_line(PlannerContext *context, Buffer *text, StatementPlan *plan)
{
    plan->lines = arena_new_array(context->arena, const char *, 1);
    plan->lines[plan->line_count++] = buffer_to_arena(text, context->arena);
}

bool
plan_explain(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
             Error *err)
{
    const AstExplainPlan *ast = statement->explain_plan;
    static const struct {
        ExplainStage stage;
        const char *column;
    } stages[] = {
        [AST_EXPLAIN_DEFAULT] = {EXPLAIN_PHYSICAL, "Physical Plan"},
        [AST_EXPLAIN_RAW] = {EXPLAIN_RAW, "Raw Plan"},
        [AST_EXPLAIN_DECORRELATED] = {EXPLAIN_DECORRELATED, "Decorrelated Plan"},
        [AST_EXPLAIN_LOCALLY_OPTIMIZED] = {EXPLAIN_LOCALLY_OPTIMIZED, "Locally Optimized Plan"},
        [AST_EXPLAIN_OPTIMIZED] = {EXPLAIN_OPTIMIZED, "Optimized Plan"},
        [AST_EXPLAIN_PHYSICAL] = {EXPLAIN_PHYSICAL, "Physical Plan"},
        [AST_EXPLAIN_TRACE] = {EXPLAIN_TRACE, "Optimizer Trace"},
    };
    ExplainRequest request = {
        .stage = stages[ast->stage].stage, .json = ast->format == AST_EXPLAIN_JSON, .postgres = ast->postgres};
    if (ast->format == AST_EXPLAIN_DOT || ast->format == AST_EXPLAIN_SQL)
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "EXPLAIN AS DOT is not supported");
    if (!request_options(context, ast, &request, err) ||
        !request_explainee(context, &ast->explainee, indexes, &request, err))
        return false;
    Buffer text = {0};
    if (!explain(context, &request, indexes, &text, err)) {
        buffer_deinit(&text);
        return false;
    }
    if (request.json)
        one_line(context, &text, plan);
    else
        split_lines(context, &text, plan);
    plan->kind = PLAN_TEXT_ROWS;
    plan->tag = "EXPLAIN";
    plan->column_name = ast->postgres ? "QUERY PLAN" : stages[ast->stage].column;
    RelationDesc *desc = arena_new_struct(context->arena, RelationDesc);
    desc->columns = arena_new_array(context->arena, RelationColumn, 1);
    desc->columns[desc->column_count++] = (RelationColumn){.name = plan->column_name, .type = SQL_TYPE(TEXT)};
    plan->desc = desc;
    return true;
}
