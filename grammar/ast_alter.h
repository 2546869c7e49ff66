/*
 * ast_alter.h -- the statements about existing objects, rights, sessions and plans. See ast.h.
 */
#ifndef FRESHET_GRAMMAR_AST_ALTER_H
#define FRESHET_GRAMMAR_AST_ALTER_H

#include "grammar/ast_create.h"

/* ---- ALTER, DROP, COMMENT ---- */

typedef struct AstAlterRename { /* ALTER {type} name RENAME TO to; a replica's name has parts cluster, replica */
    AstObjectType type;
    bool if_exists;
    AstName name;
    AstIdent to;
} AstAlterRename;

typedef struct AstAlterSwap { /* ALTER SCHEMA|CLUSTER a SWAP WITH b */
    AstObjectType type;
    AstName name;
    AstIdent with;
} AstAlterSwap;

typedef struct AstAlterSetSchema {
    AstObjectType type;
    bool if_exists;
    AstName name;
    AstName schema;
} AstAlterSetSchema;

typedef struct AstAlterOwner {
    AstObjectType type;
    bool if_exists;
    AstName name;
    AstIdent owner;
} AstAlterOwner;

typedef struct AstAlterSetCluster { /* ALTER MATERIALIZED VIEW|SOURCE|SINK|... x SET CLUSTER c */
    AstObjectType type;
    bool if_exists;
    AstName name;
    AstIdent cluster;
} AstAlterSetCluster;

/* ALTER {INDEX|TABLE|VIEW|MATERIALIZED VIEW|SOURCE|SINK|CLUSTER} x SET (options) | RESET (names). Here and in
   connections, a reset option has AST_VALUE_NONE. */
typedef struct AstAlterOptions {
    AstObjectType type;
    bool if_exists;
    AstName name;
    bool reset;
    AstOptionList options;
    AstOptionList with; /* CLUSTER: WAIT UNTIL READY (...), WAIT FOR 'i' */
} AstAlterOptions;

typedef struct AstAlterSecret {
    AstName name;
    bool if_exists;
    AstExpr *value;
} AstAlterSecret;

typedef enum AstConnectionActionKind {
    AST_CONNECTION_SET,
    AST_CONNECTION_RESET,
    AST_CONNECTION_DROP,
    AST_CONNECTION_ROTATE_KEYS,
} AstConnectionActionKind;

typedef struct AstConnectionAction {
    AstConnectionActionKind kind;
    AstOption *option; /* NULL for ROTATE KEYS */
    int position;
} AstConnectionAction;
typedef AST_LIST(AstConnectionAction) AstConnectionActionList;

typedef struct AstAlterConnection {
    AstName name;
    bool if_exists;
    AstConnectionActionList actions;
    AstOptionList with; /* VALIDATE */
} AstAlterConnection;

typedef enum AstRoleSettingKind { AST_ROLE_SETTING_NONE, AST_ROLE_SET, AST_ROLE_RESET } AstRoleSettingKind;

/* The value of SET: words and literals as text, each an AstValue; DEFAULT when is_default. */
typedef struct AstSetting {
    const char *variable; /* lower case; see AstShow.variable */
    bool is_default;
    AstValueList values;
    int position;
} AstSetting;

typedef struct AstAlterRole {
    AstIdent name;
    bool user;
    AstOptionList options;
    AstRoleSettingKind setting_kind;
    AstSetting setting; /* RESET: only variable */
} AstAlterRole;

typedef enum AstAlterSourceKind {
    AST_ALTER_SOURCE_ADD_SUBSOURCE,
    AST_ALTER_SOURCE_DROP_SUBSOURCE,
    AST_ALTER_SOURCE_REFRESH_REFERENCES,
} AstAlterSourceKind;

typedef enum AstDropBehavior { AST_DROP_UNSAID, AST_DROP_RESTRICT, AST_DROP_CASCADE } AstDropBehavior;

typedef struct AstAlterSource {
    AstName name;
    bool if_exists;
    AstAlterSourceKind kind;
    AstReferenceList tables; /* ADD */
    AstNameList names;       /* DROP */
    bool subsource_if_exists;
    AstDropBehavior behavior;
    AstOptionList with; /* ADD: TEXT COLUMNS, EXCLUDE COLUMNS, DETAILS */
} AstAlterSource;

typedef struct AstAlterSink { /* ALTER SINK s SET FROM r */
    AstName name;
    bool if_exists;
    AstName from;
} AstAlterSink;

typedef struct AstAlterSystem {
    bool reset;
    bool all; /* RESET ALL */
    AstSetting setting;
} AstAlterSystem;

typedef struct AstAlterTableAddColumn {
    AstName name;
    bool if_exists;
    bool if_not_exists;
    AstColumnDef *column;
} AstAlterTableAddColumn;

typedef struct AstAlterApplyReplacement {
    AstName name;
    bool if_exists;
    AstName replacement;
} AstAlterApplyReplacement;

typedef struct AstDrop {
    AstObjectType type;
    bool if_exists;
    AstNameList names; /* a replica's has parts cluster, replica */
    AstDropBehavior behavior;
    bool user; /* DROP USER: type is AST_OBJECT_ROLE */
} AstDrop;

typedef struct AstDropOwned {
    AstIdentList roles;
    AstDropBehavior behavior;
} AstDropOwned;

typedef struct AstReassignOwned {
    AstIdentList roles;
    AstIdent to;
} AstReassignOwned;

typedef struct AstComment {
    AstObjectType type;
    AstName name;     /* AST_OBJECT_COLUMN: relation and column as one name */
    const char *text; /* NULL: IS NULL */
} AstComment;

/* ---- Roles and privileges ---- */

typedef struct AstGrantRole { /* GRANT and REVOKE */
    AstIdentList roles;
    AstIdentList members;
} AstGrantRole;

typedef enum AstGrantScope {
    AST_GRANT_OBJECTS,       /* names */
    AST_GRANT_ALL,           /* ALL TABLES */
    AST_GRANT_ALL_IN_SCHEMA, /* ALL TABLES IN SCHEMA names */
    AST_GRANT_ALL_IN_DATABASE,
    AST_GRANT_SYSTEM,
} AstGrantScope;

/* A privilege: "SELECT", "USAGE", ... upper case. ALL [PRIVILEGES] has the list empty. */
typedef struct AstGrantPrivileges {
    AstIdentList privileges;
    bool all;
    AstGrantScope scope;
    AstObjectType type; /* AST_OBJECT_TABLE when nothing was said */
    AstNameList names;
    AstIdentList roles;
    AstDropBehavior behavior; /* REVOKE */
    bool grant_option;        /* WITH GRANT OPTION, GRANT OPTION FOR */
} AstGrantPrivileges;

typedef struct AstAlterDefaultPrivileges {
    bool all_roles;            /* FOR ALL ROLES */
    AstIdentList target_roles; /* FOR ROLE r, ... */
    AstNameList schemas;
    AstNameList databases;
    bool revoke;
    AstIdentList privileges;
    bool all;
    AstObjectType type;
    AstIdentList grantees;
} AstAlterDefaultPrivileges;

/* ---- Sessions, transactions, cursors ---- */

typedef enum AstSetScope { AST_SET_UNSAID, AST_SET_SESSION, AST_SET_LOCAL } AstSetScope;

typedef struct AstSet {
    AstSetScope scope;
    AstSetting setting; /* SET CLUSTER is variable "cluster", SET SCHEMA "search_path", SET TIME ZONE "timezone" */
} AstSet;

typedef struct AstReset {
    bool all;
    const char *variable;
} AstReset;

typedef enum AstIsolation {
    AST_ISOLATION_UNSAID,
    AST_ISOLATION_READ_UNCOMMITTED,
    AST_ISOLATION_READ_COMMITTED,
    AST_ISOLATION_REPEATABLE_READ,
    AST_ISOLATION_SNAPSHOT,
    AST_ISOLATION_SERIALIZABLE,
    AST_ISOLATION_STRONG_SESSION_SERIALIZABLE,
    AST_ISOLATION_STRICT_SERIALIZABLE,
} AstIsolation;

typedef enum AstAccess { AST_ACCESS_UNSAID, AST_ACCESS_READ_ONLY, AST_ACCESS_READ_WRITE } AstAccess;

typedef struct AstTransaction { /* BEGIN, START TRANSACTION, SET TRANSACTION, COMMIT, ROLLBACK */
    AstIsolation isolation;
    AstAccess access;
    bool local; /* SET LOCAL TRANSACTION; SET SESSION CHARACTERISTICS has session */
    bool session;
    bool chain; /* AND CHAIN */
    bool start; /* START TRANSACTION: its command tag differs from BEGIN's */
} AstTransaction;

typedef struct AstDeclare {
    AstIdent name;
    AstStatement *statement;
} AstDeclare;

typedef struct AstFetch {
    AstIdent name;
    bool all;
    const char *count;     /* digits; NULL: not given, which means 1 */
    AstOptionList options; /* TIMEOUT */
} AstFetch;

typedef struct AstClose {
    AstIdent name;
    bool all;
} AstClose;

typedef struct AstPrepare {
    AstIdent name;
    AST_LIST(AstType *) types;
    AstStatement *statement;
} AstPrepare;

typedef struct AstExecute {
    AstIdent name;
    AstExprList args;
} AstExecute;

typedef struct AstDeallocate {
    AstIdent name;
    bool all;
} AstDeallocate;

typedef enum AstDiscard { AST_DISCARD_ALL, AST_DISCARD_PLANS, AST_DISCARD_SEQUENCES, AST_DISCARD_TEMP } AstDiscard;

/* ---- EXPLAIN ---- */

typedef enum AstExplainStage {
    AST_EXPLAIN_DEFAULT, /* plain EXPLAIN */
    AST_EXPLAIN_RAW,
    AST_EXPLAIN_DECORRELATED,
    AST_EXPLAIN_LOCALLY_OPTIMIZED,
    AST_EXPLAIN_OPTIMIZED,
    AST_EXPLAIN_PHYSICAL,
    AST_EXPLAIN_TRACE, /* OPTIMIZER TRACE */
} AstExplainStage;

typedef enum AstExplainFormat {
    AST_EXPLAIN_FORMAT_UNSAID,
    AST_EXPLAIN_TEXT,
    AST_EXPLAIN_VERBOSE_TEXT,
    AST_EXPLAIN_JSON,
    AST_EXPLAIN_DOT,
    AST_EXPLAIN_SQL,
} AstExplainFormat;

typedef enum AstExplaineeKind {
    AST_EXPLAINEE_STATEMENT,     /* statement: SELECT, CREATE VIEW, CREATE INDEX, SUBSCRIBE, ... */
    AST_EXPLAINEE_OBJECT,        /* type, name: VIEW v, INDEX i, MATERIALIZED VIEW m */
    AST_EXPLAINEE_CREATE_OBJECT, /* REPLAN ...: type, name */
} AstExplaineeKind;

typedef struct AstExplainee {
    AstExplaineeKind kind;
    AstStatement *statement;
    AstObjectType type;
    AstName name;
} AstExplainee;

typedef struct AstExplainPlan {
    AstExplainStage stage;
    AstOptionList options; /* WITH (ARITY, COLUMN NAMES, ...) */
    AstExplainFormat format;
    bool postgres; /* options as PostgreSQL writes them: EXPLAIN (ANALYZE, FORMAT JSON) */
    bool broken;   /* BROKEN statement */
    AstExplainee explainee;
} AstExplainPlan;

typedef struct AstExplainTimestamp {
    AstExplainFormat format;
    AstQuery *query;
} AstExplainTimestamp;

typedef struct AstExplainPushdown {
    AstExplainee explainee;
} AstExplainPushdown;

typedef struct AstExplainSinkSchema {
    bool key; /* KEY SCHEMA; else VALUE SCHEMA */
    AstExplainFormat format;
    AstCreateSink *sink;
} AstExplainSinkSchema;

typedef struct AstExplainAnalyze {
    bool cluster; /* EXPLAIN ANALYZE CLUSTER ... */
    bool memory;
    bool cpu;
    bool skew; /* WITH SKEW */
    bool hints;
    AstObjectType type;
    AstName name;
    bool as_sql;
} AstExplainAnalyze;

/* ---- Others ---- */

typedef struct AstRaise {
    const char *severity; /* "DEBUG", "INFO", "LOG", "NOTICE", "WARNING" */
} AstRaise;

typedef struct AstExecuteUnitTest {
    AstIdent name;
    AstName target;
    AstExpr *at_time;                /* or NULL */
    AST_LIST(AstCreateView *) mocks; /* MOCK view (cols) AS (query) */
    AST_LIST(AstColumnDefList) mock_columns;
    AstColumnDefList expected_columns;
    AstQuery *expected;
} AstExecuteUnitTest;

#endif
