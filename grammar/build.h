/*
 * build.h -- what the grammar's reductions are made of: the parser's state, tokens, and one builder per node.
 *
 * Private to grammar/. A builder never returns NULL; a limit that is passed sets `failed`, and sql_parser_run stops at the
 * next token.
 */
#ifndef FRESHET_GRAMMAR_BUILD_H
#define FRESHET_GRAMMAR_BUILD_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "grammar/ast.h"

#define PARSER_STACK_MAX 8000 /* entries: each open parenthesis, list or clause takes one or more */
#define PARSER_AHEAD_MAX 3    /* tokens that token_next looks ahead, beyond the current one */
#define IDENTIFIER_MAX   255  /* bytes */

typedef struct Token {
    const char *text; /* identifiers and strings: unescaped; keywords: lower case; numbers: as written */
    int kind;         /* TK_..., 0 at the end of input */
    int position;     /* in characters, 1-based */
    uint32_t offset;  /* in bytes, of the first */
    uint32_t end;     /* in bytes, after the last */
} Token;

typedef struct Parser {
    Arena *arena;
    Error *err;
    bool failed;
    const char *text;        /* NUL-terminated copy of the input, valid UTF-8 */
    Slice input;             /* the caller's own bytes, for statement texts */
    uint32_t cursor;         /* where lexing goes on, in bytes */
    uint32_t limit;          /* where it ends */
    bool ascii;              /* characters are bytes */
    uint32_t counted_offset; /* up to here ... */
    int counted;             /* ... there are this many characters */
    Token ahead[PARSER_AHEAD_MAX];
    int ahead_count;
    int previous_kind;
    uint32_t previous_end; /* end of the last token that the grammar has taken */
    bool at_statement_start;
    uint32_t statement_start;
    int statement_position;
    int parameters;
    AstStatementList *statements;
    AstExpr *expr;
    AstType *type;
    AstName *name;
} Parser;

/* ---- lexer.re, token.c ---- */

/* The next token as it stands; false after an error. */
bool lexer_next(Parser *p, Token *token);
/* The next token with its lookahead marks, for the grammar. */
bool token_next(Parser *p, Token *token);
/* The keyword's token id for lower-case text, or 0; *name is set to its static text. */
int keyword_find(const char *text, size_t size, const char **name);
/* True for identifiers without quotes and for keywords. */
bool token_is_word(const Parser *p, const Token *token);
/* A copy of the lexer state that reads [start, end) of the same text. */
Parser parser_for_range(const Parser *p, uint32_t start, uint32_t end, int position);
int parser_position(Parser *p, uint32_t offset);

/* ---- sql.y ---- */

/* `mode` is 0 for statements or TK_MODE_... */
void sql_parser_run(Parser *p, int mode);

/* ---- Errors; all set `failed` ---- */

bool parser_error_at(Parser *p, const char *sqlstate, int position, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool parser_syntax_error(Parser *p, int kind, const Token *token);
bool parser_syntax_error_at(Parser *p, int position); /* finds the token that is there */
bool parser_too_deep(Parser *p, int position);

/* ---- Values that only live between reductions ---- */

typedef struct Range {
    uint32_t start;
    uint32_t end;
    int position;
} Range;

typedef struct Target {
    AstName *name;
    bool flag; /* IF EXISTS or IF NOT EXISTS */
} Target;

typedef struct IdentTarget {
    AstIdent ident;
    bool flag;
} IdentTarget;

typedef struct QueryTail {
    AstOrderList *order_by;
    AstExpr *limit;
    AstExpr *offset;
    bool with_ties;
    AstAsOf *as_of;
} QueryTail;

typedef struct Distinct {
    AstDistinct kind;
    AstExprList *on;
} Distinct;

typedef struct GroupClause {
    AstGroupList *items;
    bool distinct;
    AstOptionList *options;
} GroupClause;

typedef enum WithKind { WITH_PLAIN, WITH_RECURSIVE, WITH_MUTUALLY_RECURSIVE } WithKind;

typedef struct JoinQual {
    AstExpr *on;
    AstIdentList *using_;
    AstIdent using_alias;
} JoinQual;

typedef struct Alias {
    AstIdent name;
    AstIdentList columns;
    AstColumnDefList defs;
} Alias;

typedef struct Frame {
    AstFrameUnits units;
    AstFrameBound start;
    AstFrameBound end;
    bool has_end;
    AstExclude exclude;
} Frame;

typedef struct IntervalFields {
    const char *from;
    const char *to;
    Token precision;
} IntervalFields;

typedef enum IndirectionKind {
    INDIRECTION_FIELD,
    INDIRECTION_STAR,
    INDIRECTION_INDEX,
    INDIRECTION_SLICE
} IndirectionKind;

typedef struct Indirection {
    IndirectionKind kind;
    AstIdent name; /* position too, whatever the kind */
    AstExpr *lower;
    AstExpr *upper;
} Indirection;
typedef AST_LIST(Indirection) IndirectionList;

typedef struct Brackets {
    AstExprList *list;
    int position;
} Brackets;
#define EXPR_BRACKETS ((AstExprKind) -1) /* [..] inside ARRAY or LIST, until it is known which */

typedef struct Words {
    const char *text;
    int position;
} Words;

typedef struct TableElements {
    AstColumnDefList *columns;
    AstConstraintList *constraints;
} TableElements;

typedef struct SourceConnection {
    AstSourceKind kind;
    AstName *connection;
    const char *generator;
    AstOptionList *options;
} SourceConnection;

typedef struct Formats {
    AstFormat *value;
    AstFormat *key;
} Formats;

typedef struct References {
    AstReferencesKind kind;
    AstIdentList *schemas;
    AstReferenceList *tables;
} References;

typedef struct SourceTail {
    Formats formats;
    AstIncludeList *include;
    AstEnvelope *envelope;
    References references;
    AstName *progress;
    AstOptionList *with;
    int position;
} SourceTail;

typedef struct WebhookCheck {
    AstExpr *expr;
    AstCheckInputList *inputs;
} WebhookCheck;

typedef struct Seed {
    const char *key;
    const char *value;
} Seed;

typedef struct Strategies {
    AstStrategy key;
    AstStrategy value;
} Strategies;

typedef struct SinkKey {
    AstIdentList *columns;
    bool not_enforced;
} SinkKey;

typedef enum AlterActionKind {
    ALTER_RENAME,
    ALTER_SWAP,
    ALTER_OWNER,
    ALTER_SET_SCHEMA,
    ALTER_SET_CLUSTER,
    ALTER_SET_FROM,
    ALTER_SECRET,
    ALTER_ADD_SUBSOURCE,
    ALTER_DROP_SUBSOURCE,
    ALTER_ADD_COLUMN,
    ALTER_REFRESH_REFERENCES,
    ALTER_APPLY_REPLACEMENT,
    ALTER_OPTION_ACTIONS,
} AlterActionKind;

typedef struct AlterAction {
    AlterActionKind kind;
    int position;
    AstIdent ident;
    AstName *name;
    AstExpr *expr;
    AstReferenceList references;
    AstNameList names;
    AstDropBehavior behavior;
    bool if_exists;
    AstColumnDef *column;
    AstConnectionActionList actions;
    int action_groups; /* SET (...), RESET (...): how many */
    AstOptionList with;
} AlterAction;

typedef struct DefaultRoles {
    AstIdentList *roles;
    bool all;
} DefaultRoles;

typedef struct DefaultScope {
    AstNameList *schemas;
    AstNameList *databases;
} DefaultScope;

typedef struct Privileges {
    AstIdentList *list;
    bool all;
} Privileges;

typedef struct ShowOn {
    AstObjectType type;
    AstName *name;
} ShowOn;

typedef struct ExplainHead {
    AstExplainStage stage;
    AstOptionList *options;
    AstExplainFormat format;
    bool postgres;
} ExplainHead;

typedef struct Explainee {
    AstStatement *statement;
    bool broken;
    bool replan;
    AstObjectType type;
    AstName *name;
} Explainee;

enum { ANALYZE_MEMORY = 1, ANALYZE_CPU = 2, ANALYZE_HINTS = 4 };

typedef AST_LIST(AstType *) TypeList;

/* ---- Short hands for reductions ---- */

#define NEW(type)        arena_new_struct(p->arena, type)
#define IDENT(token)     ((AstIdent){(token).text, (token).position})
#define RANGE(from, to)  ((Range){(from).offset, (to).end, (from).position})
#define INSIDE(from, to) ((Range){(from).end, (to).offset, (from).position + 1})
#define STATEMENT(statement_kind, member, node)                                                                        \
    build_statement_with(p, (statement_kind), offsetof(AstStatement, member), (node))
#define LIST_SET(field, list)                                                                                          \
    ((list) == NULL ? (void) 0                                                                                         \
                    : (void) ((field).items = (void *) (list)->items, (field).count = (list)->count,                   \
                              (field).capacity = (list)->capacity))
#define PUSH(list, item)                                                                                               \
    ((list)->count < (list)->capacity ? (void) 0                                                                       \
                                      : (void) ((list)->items = list_grown(p->arena, (list)->items, (list)->count,     \
                                                                           &(list)->capacity, sizeof *(list)->items)), \
     (void) ((list)->items[(list)->count++] = (item)))
#define FORM_ARG(call, expr) build_form_arg(p, (call), (expr))
#define ORDERED(call, order) LIST_SET((call)->function->order_by, (order))

void *list_grown(Arena *arena, const void *items, int count, int *capacity, size_t item_size);
const char *text_upper(Parser *p, const char *text);
const char *text_joined(Parser *p, const char *a, const char *between, const char *b);

/* ---- options.c ---- */

typedef enum OptionsMode {
    OPTIONS_VALUES, /* NAME [=] VALUE, ... */
    OPTIONS_NAMES,  /* NAME, ... */
    OPTIONS_COPY,   /* COPY's older form: words and strings without commas */
} OptionsMode;

AstOptionList *options_read(Parser *p, Range range, OptionsMode mode);

/* ---- build_expr.c ---- */

AstName *build_name(Parser *p, const Token *ident);
AstName *build_name_push(Parser *p, AstName *name, const Token *ident);
AstName *build_name_of(Parser *p, AstIdent ident);
AstExpr *build_expr(Parser *p, AstExprKind kind, int position);
AstExpr *build_arg(Parser *p, AstExprKind kind, int position, AstExpr *arg);
AstExpr *build_list(Parser *p, AstExprKind kind, int position, const AstExprList *list);
AstExpr *build_collection(Parser *p, AstExprKind kind, int position, const AstExprList *list);
AstExpr *build_pair(Parser *p, AstExprKind kind, int position, bool negated, AstExpr *left, AstExpr *right);
AstExpr *build_text(Parser *p, AstExprKind kind, const Token *token);
AstExpr *build_number(Parser *p, const Token *token);
AstExpr *build_one(Parser *p, const Token *at);
AstExpr *build_boolean(Parser *p, const Token *token, bool value);
AstExpr *build_parameter(Parser *p, const Token *token);
AstExpr *build_parens(Parser *p, AstExpr *expr);
AstExpr *build_prefix(Parser *p, const Token *op, AstExpr *arg);
AstExpr *build_binary(Parser *p, const Token *op, AstExpr *left, AstExpr *right);
AstExpr *build_operator(Parser *p, const AstName *op, AstExpr *left, AstExpr *right);
AstExpr *build_and_or(Parser *p, AstExprKind kind, const Token *op, AstExpr *left, AstExpr *right);
AstExpr *build_like(Parser *p, const Token *op, AstLikeKind kind, bool negated, AstExpr *arg, AstExpr *pattern,
                    AstExpr *escape);
AstExpr *build_is(Parser *p, const Token *op, AstIsTest test, bool negated, AstExpr *arg);
AstExpr *build_between(Parser *p, const Token *op, bool symmetric, bool negated, AstExpr *arg, AstExpr *low,
                       AstExpr *high);
AstExpr *build_in(Parser *p, const Token *op, bool negated, AstExpr *arg, const AstExprList *list, AstQuery *query);
AstExpr *build_quantified(Parser *p, const AstName *op, bool all, AstExpr *left, AstExpr *array, AstQuery *query);
AstExpr *build_cast(Parser *p, AstExpr *arg, AstType *type);
AstExpr *build_collate(Parser *p, const Token *op, AstExpr *arg, const AstName *collation);
AstExpr *build_at_time_zone(Parser *p, const Token *op, AstExpr *arg, AstExpr *zone);
AstExpr *build_overlaps(Parser *p, const Token *op, AstExpr *left, AstExpr *right);
AstExpr *build_subquery(Parser *p, AstExprKind kind, int position, AstQuery *query);
AstExpr *build_case(Parser *p, const Token *at, AstExpr *operand, const AstWhenList *whens, AstExpr *otherwise);
AstExpr *build_column_ref(Parser *p, const Token *ident, const IndirectionList *indirection);
AstExpr *build_indirection(Parser *p, AstExpr *base, const IndirectionList *indirection);
AstExpr *build_typed_literal(Parser *p, AstType *type, const Token *text);
AstName *build_op_name(Parser *p, const Token *op);
AstName *build_op_named(Parser *p, const Token *at, const char *op);
AstName *build_op_qualify(Parser *p, const Token *schema, AstName *op);
AstName *build_func_name(Parser *p, const Token *ident, const IndirectionList *indirection);
AstExpr *build_call(Parser *p, const AstName *name, const AstExprList *args);
AstExpr *build_call_variadic(Parser *p, const AstName *name, AstExprList *args, AstExpr *last);
AstExpr *build_call_suffix(Parser *p, AstExpr *call, const AstOrderList *within_group, AstExpr *filter,
                           AstNullTreatment nulls, AstWindow *over);
AstExpr *build_keyword_call(Parser *p, const Token *word, const Token *precision);
AstExpr *build_form(Parser *p, const Token *at, AstFunctionForm form, const char *name);
void build_form_arg(Parser *p, AstExpr *call, AstExpr *arg);
AstExpr *build_extract(Parser *p, const Token *at, const Token *field, AstExpr *arg);
AstExpr *build_normalize(Parser *p, const Token *at, AstExpr *arg, const Token *form);
AstExpr *build_trim(Parser *p, const Token *at, const char *name, const AstExprList *args);
AstExpr *build_named_argument(Parser *p, const Token *arrow, const AstExpr *name, AstExpr *arg);
uint16_t depth_checked(Parser *p, int depth, int position);
int depth_of_list(const AstExprList *list);
int depth_of_order(const AstOrderList *list);
int depth_of_window(const AstWindow *window);

/* ---- build_type.c ---- */

AstType *build_type(Parser *p, const Token *ident, const AstName *attributes, const AstExprList *modifiers);
AstType *build_type_named(Parser *p, const AstName *name, const AstExprList *modifiers);
AstType *build_type_by_id(Parser *p, const Token *id, const AstName *name);
AstType *build_keyword_type(Parser *p, const Token *at, const char *name, const AstExprList *modifiers);
AstType *build_float_type(Parser *p, const Token *at, const Token *precision);
AstType *build_bit_type(Parser *p, AstType *type); /* BIT is BIT(1), but for constants: BIT '101' */
AstType *build_character_type(Parser *p, const Token *at, const Token *length);
AstType *build_datetime_type(Parser *p, const Token *at, const char *name, const Token *precision);
AstType *build_interval_type(Parser *p, const Token *at, IntervalFields fields);
AstType *build_array_type(Parser *p, AstType *element, int dimensions);
AstType *build_list_type(Parser *p, AstType *element);
AstType *build_map_type(Parser *p, const Token *at, AstType *key, AstType *value);

/* ---- build_query.c ---- */

AstQuery *build_query(Parser *p, AstWith *with, AstBody *body, const QueryTail *tail);
QueryTail *build_tail(Parser *p, AstOrderList *order_by, const QueryTail *limit, AstAsOf *as_of);
AstAsOf *build_as_of(Parser *p, const Token *at, bool at_least, AstExpr *expr);
AstBody *build_body_query(Parser *p, AstQuery *query);
AstBody *build_body_show(Parser *p, AstShow *show);
AstBody *build_body_table(Parser *p, const Token *at, const AstName *name);
AstBody *build_set_op(Parser *p, const Token *op, AstSetOpKind kind, bool all, AstBody *left, AstBody *right);
AstBody *build_values(Parser *p, const Token *at, const AstExprList *row);
AstBody *build_values_push(Parser *p, AstBody *values, const AstExprList *row);
AstBody *build_select(Parser *p, const Token *at, Distinct distinct, const AstTargetList *targets,
                      const AstFromList *from, AstExpr *where, GroupClause group, AstExpr *having,
                      const AstWindowList *windows, AstExpr *qualify, const AstOptionList *options);
AstGroupItem *build_group(Parser *p, AstGroupKind kind, int position);
AstWith *build_with(Parser *p, const Token *at, const AstCteList *ctes, const AstOptionList *options, WithKind kind);
AstCte *build_cte(Parser *p, const Token *name, const AstIdentList *columns, const AstColumnDefList *defs,
                  int materialized, AstQuery *query);
AstOrderItem *build_order(Parser *p, AstExpr *expr, AstDirection direction, AstNulls nulls);
Alias *build_alias(Parser *p, const Token *name, const AstIdentList *columns, const AstColumnDefList *defs);
AstFromItem *build_from_alias(Parser *p, AstFromItem *item, const Alias *alias);
AstFromItem *build_from_table(Parser *p, const AstName *name, bool only);
AstFromItem *build_from_query(Parser *p, AstQuery *query);
AstFromItem *build_from_function(Parser *p, AstExpr *function, bool ordinality);
AstFromItem *build_rows_from(Parser *p, const Token *at, const AstExprList *functions, bool ordinality);
AstFromItem *build_join(Parser *p, AstJoinKind kind, bool natural, AstFromItem *left, AstFromItem *right,
                        const JoinQual *qual);
AstWindow *build_window(Parser *p, const Token *at, AstIdent base, const AstExprList *partition_by,
                        const AstOrderList *order_by, const Frame *frame);
Frame *build_frame(Parser *p, AstFrameUnits units, const AstFrameBound *start, const AstFrameBound *end,
                   AstExclude exclude);

/* ---- build_statement.c, build_create.c, build_alter.c ---- */

AstStatement *build_statement(Parser *p, AstStatementKind kind);
AstStatement *build_statement_with(Parser *p, AstStatementKind kind, size_t member, const void *node);
void parser_add_statement(Parser *p, AstStatement *statement);
AstStatement *build_select_statement(Parser *p, AstQuery *query);
AstStatement *build_copy(Parser *p, AstCopy *copy, bool to, const AstOptionList *options);
AstEnvelope *build_envelope(Parser *p, const Token *at, AstEnvelopeKind kind);
AstShow *build_show(Parser *p, const Token *at, AstShowKind kind);
AstSetting build_setting(Parser *p, const char *variable, const AstValueList *values);
AstValueList *build_value_list(Parser *p, AstValue *value);
AstValue *build_value_text(Parser *p, AstValueKind kind, const Token *token, const char *prefix);
AstValue *build_value_boolean(Parser *p, const Token *token, bool value);
AstValue *build_value_ident(Parser *p, const Token *token);
AstValue *build_interval_value(Parser *p, const Token *at, const Token *text);
AstStatement *build_set(Parser *p, AstSetScope scope, const AstSetting *setting);
AstStatement *build_reset(Parser *p, const char *variable);
AstStatement *build_end(Parser *p, AstStatementKind kind, bool chain);
AstFetch *build_fetch(Parser *p, const Token *amount, const Token *name, const AstOptionList *options);
AstStatement *build_prepare(Parser *p, const Token *name, AstStatement *statement);
AstStatement *build_execute(Parser *p, const Token *name, const AstExprList *args);
AstExplainee build_explainee(const Explainee *explainee);
AstStatement *build_explain(Parser *p, const ExplainHead *head, const Explainee *explainee);
AstStatement *build_explain_schema(Parser *p, bool key, AstExplainFormat format, const Target *name,
                                   AstCreateSink *sink);
AstStatement *build_explain_analyze(Parser *p, int what, bool skew, AstObjectType type, const AstName *name,
                                    bool as_sql);
AstStatement *build_unit_test(Parser *p, const Token *name, const AstName *target, AstExpr *at_time,
                              AstExecuteUnitTest *test, const AstColumnDefList *columns, AstQuery *query);
AstExecuteUnitTest *build_unit_test_mock(Parser *p, AstExecuteUnitTest *test, const AstName *name,
                                         const AstColumnDefList *columns, AstQuery *query);

AstStatement *build_create_view(Parser *p, bool or_replace, bool temporary, const Target *name,
                                const AstIdentList *columns, AstQuery *query);
AstCreateMaterializedView *build_materialized_view(Parser *p, const Target *name, const AstIdentList *columns,
                                                   const AstName *target, AstIdent cluster, const AstOptionList *with,
                                                   AstQuery *query);
AstStatement *build_create_index(Parser *p, const IdentTarget *name, AstIdent cluster, const AstName *on,
                                 AstIdent method, const AstExprList *keys, const AstOptionList *with);
AstStatement *build_create_connection(Parser *p, const Target *name, const Words *type, const AstOptionList *options,
                                      const AstOptionList *with);
AstStatement *build_create_enum(Parser *p, const Target *name, const Token *word, const AstIdentList *labels);
AstStatement *build_create_type(Parser *p, const Target *name, AstCreateTypeKind kind, const AstTypeOptionList *options,
                                const AstColumnDefList *fields);
AstStatement *build_create_role(Parser *p, AstIdent name, bool user, const AstOptionList *options);
AstOption *build_role_option(Parser *p, const Token *word, const Token *value);
AstStatement *build_create_cluster(Parser *p, const IdentTarget *name, const AstOptionList *options,
                                   const AstReplicaDefList *replicas);
AstStatement *build_create_replica(Parser *p, const Token *cluster, const Token *name, const AstOptionList *options);
AstStatement *build_create_table(Parser *p, bool temporary, const Target *name, const TableElements *elements,
                                 const AstOptionList *with);
AstStatement *build_create_table_from_source(Parser *p, const Target *name, const TableElements *elements,
                                             const AstName *source, const AstOptionList *reference,
                                             const SourceTail *tail);
AstColumnDef *build_column(Parser *p, const Token *name, AstType *type);
AstConstraint *build_constraint(Parser *p, const Token *at, AstConstraintKind kind, const AstIdentList *columns);
AstStatement *build_create_source(Parser *p, const Target *name, const TableElements *elements, AstIdent cluster,
                                  const SourceConnection *connection, const SourceTail *tail);
AstStatement *build_create_webhook(Parser *p, const Target *name, bool table, AstIdent cluster, AstFormat *format,
                                   const AstIncludeList *include, WebhookCheck check);
AstStatement *build_create_subsource(Parser *p, const Target *name, const TableElements *elements,
                                     const AstName *source, const AstOptionList *with);
SourceConnection *build_source_connection(Parser *p, AstSourceKind kind, AstName *connection, const char *generator,
                                          AstOptionList *options);
SourceTail *build_source_tail(Parser *p, const Formats *formats, AstIncludeList *include, AstEnvelope *envelope,
                              const References *references, AstName *progress, AstOptionList *with);
AstInclude *build_include(Parser *p, const Token *at, AstIncludeKind kind, AstIdent alias);
AstCheckInput *build_check_input(Parser *p, AstCheckInputKind kind, const AstName *secret, AstIdent alias, bool bytes);
AstFormat *build_format(Parser *p, const Token *at, AstFormatKind kind);
int build_count(Parser *p, const Token *number);
AstCreateSink *build_sink_connection(Parser *p, const char *kind, const AstName *connection,
                                     const AstOptionList *options, const AstName *aws_connection);
AstCreateSink *build_sink(Parser *p, AstCreateSink *sink, AstIdent cluster, const AstName *from, const SinkKey *key,
                          AstIdent headers, const Formats *formats, AstEnvelope *envelope, const AstOptionList *with);

AlterAction *build_action(Parser *p, const Token *at, AlterActionKind kind);
AlterAction *build_option_action(Parser *p, const Token *at, AstConnectionActionKind kind,
                                 const AstOptionList *options);
AlterAction *build_action_join(Parser *p, AlterAction *first, const AlterAction *second);
AstStatement *build_alter(Parser *p, AstObjectType type, const Target *target, AlterAction *action);
AstStatement *build_alter_role(Parser *p, AstIdent name, bool user, const AstOptionList *options);
AstStatement *build_alter_role_set(Parser *p, AstIdent name, AstRoleSettingKind kind, const AstSetting *setting);
AstStatement *build_alter_system(Parser *p, bool reset, bool all, const AstSetting *setting);
AstStatement *build_default_privileges(Parser *p, const DefaultRoles *roles, const DefaultScope *scope, bool revoke,
                                       const Privileges *privileges, AstObjectType type, const AstIdentList *grantees);
AstStatement *build_drop(Parser *p, AstObjectType type, bool if_exists, const AstNameList *names,
                         AstDropBehavior behavior);
AstStatement *build_drop_role(Parser *p, bool user, bool if_exists, const AstIdentList *names);
AstStatement *build_comment(Parser *p, AstObjectType type, const AstName *name, const Token *text);
AstStatement *build_grant_role(Parser *p, AstStatementKind kind, const AstIdentList *roles,
                               const AstIdentList *members);
AstStatement *build_grant(Parser *p, AstStatementKind kind, const Privileges *privileges, AstGrantPrivileges *target,
                          const AstIdentList *roles);
AstGrantPrivileges *build_grant_target(Parser *p, AstGrantScope scope, AstObjectType type, const AstNameList *names);

#endif
