/*
 * build_statement.c -- statements of sessions, EXPLAIN and SHOW, and what all statements share.
 */
#include <string.h>

#include "grammar/build.h"
#include "grammar/sql.h"

AstStatement *
build_statement(Parser *p, AstStatementKind kind)
{
    AstStatement *statement = NEW(AstStatement);

    statement->kind = kind;
    statement->position = p->statement_position;
    return statement;
}

/* `member` is the offset in AstStatement of the pointer that `node` goes to. */
AstStatement *
build_statement_with(Parser *p, AstStatementKind kind, size_t member, const void *node)
{
    AstStatement *statement = build_statement(p, kind);

    memcpy((char *) statement + member, &node, sizeof node);
    return statement;
}

void
parser_add_statement(Parser *p, AstStatement *statement)
{
    statement->offset = p->statement_start;
    statement->text = (Slice){p->input.bytes + p->statement_start, p->previous_end - p->statement_start};
    statement->parameters = p->parameters;
    p->parameters = 0;
    PUSH(p->statements, statement);
}

/* SHOW alone is a statement of its own kind; anywhere else it is a query's body. */
AstStatement *
build_select_statement(Parser *p, AstQuery *query)
{
    bool bare = query->with == NULL && query->order_by.count == 0 && query->limit == NULL && query->offset == NULL &&
                query->as_of == NULL;
    AstStatement *statement;

    if (query->body->kind == AST_BODY_SHOW && bare)
        statement = STATEMENT(AST_SHOW, show, query->body->show);
    else
        statement = STATEMENT(AST_SELECT, select, query);
    return statement;
}

AstStatement *
build_copy(Parser *p, AstCopy *copy, bool to, const AstOptionList *options)
{
    copy->to = to;
    LIST_SET(copy->options, options);
    return STATEMENT(AST_COPY, copy, copy);
}

AstEnvelope *
build_envelope(Parser *p, const Token *at, AstEnvelopeKind kind)
{
    AstEnvelope *envelope = NEW(AstEnvelope);

    envelope->kind = kind;
    envelope->position = at->position;
    return envelope;
}

AstShow *
build_show(Parser *p, const Token *at, AstShowKind kind)
{
    AstShow *show = NEW(AstShow);

    show->kind = kind;
    show->position = at->position;
    return show;
}

/* ---- Settings ---- */

AstSetting
build_setting(Parser *p, const char *variable, const AstValueList *values)
{
    AstSetting setting = {.variable = variable, .is_default = values == NULL, .position = p->statement_position};

    LIST_SET(setting.values, values);
    return setting;
}

AstValueList *
build_value_list(Parser *p, AstValue *value)
{
    AstValueList *list = NEW(AstValueList);

    PUSH(list, value);
    return list;
}

AstValue *
build_value_text(Parser *p, AstValueKind kind, const Token *token, const char *prefix)
{
    AstValue *value = NEW(AstValue);

    value->kind = kind;
    value->position = token->position;
    value->text = prefix[0] == '\0' ? token->text : text_joined(p, prefix, token->text, "");
    return value;
}

AstValue *
build_value_boolean(Parser *p, const Token *token, bool boolean)
{
    AstValue *value = build_value_text(p, AST_VALUE_BOOLEAN, token, "");

    value->boolean = boolean;
    return value;
}

AstValue *
build_value_ident(Parser *p, const Token *token)
{
    AstValue *value = build_value_text(p, AST_VALUE_NAME, token, "");

    value->quoted = !token_is_word(p, token);
    value->name = (AstName){.parts = {token->text}, .count = 1, .position = token->position};
    return value;
}

AstValue *
build_interval_value(Parser *p, const Token *at, const Token *text)
{
    AstValue *value = build_value_text(p, AST_VALUE_INTERVAL, text, "");

    value->position = at->position;
    return value;
}

AstStatement *
build_set(Parser *p, AstSetScope scope, const AstSetting *setting)
{
    AstSet *set = NEW(AstSet);

    set->scope = scope;
    set->setting = *setting;
    return STATEMENT(AST_SET, set, set);
}

AstStatement *
build_reset(Parser *p, const char *variable)
{
    AstReset *reset = NEW(AstReset);

    reset->all = variable == NULL;
    reset->variable = variable;
    return STATEMENT(AST_RESET, reset, reset);
}

AstStatement *
build_end(Parser *p, AstStatementKind kind, bool chain)
{
    AstTransaction *transaction = NEW(AstTransaction);

    transaction->chain = chain;
    return STATEMENT(kind, transaction, transaction);
}

/* ---- Cursors and prepared statements ---- */

AstFetch *
build_fetch(Parser *p, const Token *amount, const Token *name, const AstOptionList *options)
{
    AstFetch *fetch = NEW(AstFetch);

    fetch->name = IDENT(*name);
    if (amount != NULL && amount->kind == TK_ALL)
        fetch->all = true;
    else if (amount != NULL)
        fetch->count = amount->text;
    LIST_SET(fetch->options, options);
    return fetch;
}

AstStatement *
build_prepare(Parser *p, const Token *name, AstStatement *statement)
{
    AstPrepare *prepare = NEW(AstPrepare);

    prepare->name = IDENT(*name);
    prepare->statement = statement;
    return STATEMENT(AST_PREPARE, prepare, prepare);
}

AstStatement *
build_execute(Parser *p, const Token *name, const AstExprList *args)
{
    AstExecute *execute = NEW(AstExecute);

    execute->name = IDENT(*name);
    LIST_SET(execute->args, args);
    return STATEMENT(AST_EXECUTE, execute, execute);
}

/* ---- EXPLAIN ---- */

AstExplainee
build_explainee(const Explainee *explainee)
{
    AstExplainee out = {.statement = explainee->statement, .type = explainee->type};

    if (explainee->statement != NULL)
        out.kind = AST_EXPLAINEE_STATEMENT;
    else
        out.kind = explainee->replan ? AST_EXPLAINEE_CREATE_OBJECT : AST_EXPLAINEE_OBJECT;
    if (explainee->name != NULL)
        out.name = *explainee->name;
    return out;
}

AstStatement *
build_explain(Parser *p, const ExplainHead *head, const Explainee *explainee)
{
    AstExplainPlan *explain = NEW(AstExplainPlan);

    explain->stage = head->stage;
    LIST_SET(explain->options, head->options);
    explain->format = head->format;
    explain->postgres = head->postgres;
    explain->broken = explainee->broken;
    explain->explainee = build_explainee(explainee);
    return STATEMENT(AST_EXPLAIN_PLAN, explain_plan, explain);
}

AstStatement *
build_explain_schema(Parser *p, bool key, AstExplainFormat format, const Target *name, AstCreateSink *sink)
{
    AstExplainSinkSchema *explain = NEW(AstExplainSinkSchema);

    explain->key = key;
    explain->format = format;
    explain->sink = sink;
    if (name != NULL) {
        sink->name = *name->name;
        sink->if_not_exists = name->flag;
    }
    return STATEMENT(AST_EXPLAIN_SINK_SCHEMA, explain_sink_schema, explain);
}

AstStatement *
build_explain_analyze(Parser *p, int what, bool skew, AstObjectType type, const AstName *name, bool as_sql)
{
    AstExplainAnalyze *explain = NEW(AstExplainAnalyze);

    explain->cluster = type == AST_OBJECT_CLUSTER;
    explain->memory = (what & ANALYZE_MEMORY) != 0;
    explain->cpu = (what & ANALYZE_CPU) != 0;
    explain->hints = (what & ANALYZE_HINTS) != 0;
    explain->skew = skew;
    explain->type = type;
    if (name != NULL)
        explain->name = *name;
    explain->as_sql = as_sql;
    return STATEMENT(AST_EXPLAIN_ANALYZE, explain_analyze, explain);
}

/* ---- EXECUTE UNIT TEST ---- */

AstExecuteUnitTest *
build_unit_test_mock(Parser *p, AstExecuteUnitTest *test, const AstName *name, const AstColumnDefList *columns,
                     AstQuery *query)
{
    AstCreateView *view = NEW(AstCreateView);

    view->name = *name;
    view->query = query;
    PUSH(&test->mocks, view);
    PUSH(&test->mock_columns, *columns);
    return test;
}

AstStatement *
build_unit_test(Parser *p, const Token *name, const AstName *target, AstExpr *at_time, AstExecuteUnitTest *test,
                const AstColumnDefList *columns, AstQuery *query)
{
    test->name = IDENT(*name);
    test->target = *target;
    test->at_time = at_time;
    test->expected_columns = *columns;
    test->expected = query;
    return STATEMENT(AST_EXECUTE_UNIT_TEST, execute_unit_test, test);
}
