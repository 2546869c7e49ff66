/*
 * ast.h -- the syntax tree: what a statement says, before any name or type is looked up.
 *
 * A node is a plain struct in the arena given to the parser; nothing is freed one by one and nothing is
 * shared with another tree. Three shapes repeat everywhere:
 *
 *   - tagged nodes: `kind` says which member of the union is set (AstExpr, AstBody, AstFromItem, ...);
 *   - lists: AST_LIST(type) is items + count, a zeroed list is empty; pointers that may be absent are NULL;
 *   - options: everything of the form NAME [=] VALUE is an AstOption, whatever statement it is in.
 *
 * (1) `position` is the 1-based CHARACTER (not byte) in the text given to the parser, 0 when there is none
 *     (nodes that were built, not parsed).
 * (2) Identifiers are already folded (unquoted ones to lower case) and unescaped; string literals are
 *     unescaped UTF-8 without NUL. Numbers are kept as text.
 * (3) Parentheses leave no node. AND and OR chains are one node with many arguments; other operators nest to
 *     the left, and no tree is deeper than AST_DEPTH_MAX, so that recursion over it is safe.
 * (4) Nothing here says that a name exists or an option makes sense: that is for the planner and the catalog.
 */
#ifndef FRESHET_GRAMMAR_AST_H
#define FRESHET_GRAMMAR_AST_H

#include <stddef.h>

#include "base/slice.h"
#include "grammar/ast_alter.h"
#include "grammar/ast_create.h"
#include "grammar/ast_expr.h"
#include "grammar/ast_query.h"

/* ---- Statements ---- */

typedef enum AstStatementKind {
    AST_SELECT,                   /* select */
    AST_INSERT,                   /* insert */
    AST_UPDATE,                   /* update */
    AST_DELETE,                   /* delete_ */
    AST_COPY,                     /* copy */
    AST_SUBSCRIBE,                /* subscribe */
    AST_SHOW,                     /* show */
    AST_CREATE_CONNECTION,        /* create_connection */
    AST_CREATE_SECRET,            /* create_secret */
    AST_CREATE_DATABASE,          /* create_database */
    AST_CREATE_SCHEMA,            /* create_schema */
    AST_CREATE_SOURCE,            /* create_source, webhooks too */
    AST_CREATE_SUBSOURCE,         /* create_subsource */
    AST_CREATE_SINK,              /* create_sink */
    AST_CREATE_VIEW,              /* create_view */
    AST_CREATE_MATERIALIZED_VIEW, /* create_materialized_view */
    AST_CREATE_TABLE,             /* create_table */
    AST_CREATE_TABLE_FROM_SOURCE, /* create_table_from_source */
    AST_CREATE_INDEX,             /* create_index */
    AST_CREATE_TYPE,              /* create_type */
    AST_CREATE_ROLE,              /* create_role */
    AST_CREATE_CLUSTER,           /* create_cluster */
    AST_CREATE_CLUSTER_REPLICA,   /* create_cluster_replica */
    AST_CREATE_NETWORK_POLICY,    /* network_policy */
    AST_ALTER_RENAME,             /* alter_rename */
    AST_ALTER_SWAP,               /* alter_swap */
    AST_ALTER_SET_SCHEMA,         /* alter_set_schema */
    AST_ALTER_OWNER,              /* alter_owner */
    AST_ALTER_SET_CLUSTER,        /* alter_set_cluster */
    AST_ALTER_OPTIONS,            /* alter_options: retain history, cluster sizes, source intervals, ... */
    AST_ALTER_SECRET,             /* alter_secret */
    AST_ALTER_CONNECTION,         /* alter_connection */
    AST_ALTER_ROLE,               /* alter_role */
    AST_ALTER_SOURCE,             /* alter_source */
    AST_ALTER_SINK,               /* alter_sink */
    AST_ALTER_SYSTEM,             /* alter_system */
    AST_ALTER_DEFAULT_PRIVILEGES, /* alter_default_privileges */
    AST_ALTER_NETWORK_POLICY,     /* network_policy */
    AST_ALTER_TABLE_ADD_COLUMN,   /* alter_table_add_column */
    AST_ALTER_APPLY_REPLACEMENT,  /* alter_apply_replacement */
    AST_DROP,                     /* drop */
    AST_DROP_OWNED,               /* drop_owned */
    AST_REASSIGN_OWNED,           /* reassign_owned */
    AST_COMMENT,                  /* comment */
    AST_GRANT_ROLE,               /* grant_role */
    AST_REVOKE_ROLE,              /* grant_role */
    AST_GRANT_PRIVILEGES,         /* grant_privileges */
    AST_REVOKE_PRIVILEGES,        /* grant_privileges */
    AST_SET,                      /* set */
    AST_RESET,                    /* reset */
    AST_BEGIN,                    /* transaction */
    AST_SET_TRANSACTION,          /* transaction */
    AST_COMMIT,                   /* transaction */
    AST_ROLLBACK,                 /* transaction */
    AST_DECLARE,                  /* declare */
    AST_FETCH,                    /* fetch */
    AST_CLOSE,                    /* close */
    AST_PREPARE,                  /* prepare */
    AST_EXECUTE,                  /* execute */
    AST_DEALLOCATE,               /* deallocate */
    AST_DISCARD,                  /* discard */
    AST_RAISE,                    /* raise */
    AST_EXPLAIN_PLAN,             /* explain_plan */
    AST_EXPLAIN_TIMESTAMP,        /* explain_timestamp */
    AST_EXPLAIN_PUSHDOWN,         /* explain_pushdown */
    AST_EXPLAIN_SINK_SCHEMA,      /* explain_sink_schema */
    AST_EXPLAIN_ANALYZE,          /* explain_analyze */
    AST_VALIDATE_CONNECTION,      /* name */
    AST_INSPECT_SHARD,            /* text: the id */
    AST_EXECUTE_UNIT_TEST,        /* execute_unit_test */
    AST_STATEMENT_KIND_COUNT,
} AstStatementKind;

struct AstStatement {
    AstStatementKind kind;
    int position;   /* of its first word */
    Slice text;     /* its own text, without the semicolon and outer blanks; points into the text parsed */
    size_t offset;  /* of `text` in the text parsed, in bytes */
    int parameters; /* the largest $n in it, 0 when none */
    union {
        AstQuery *select;
        AstInsert *insert;
        AstUpdate *update;
        AstDelete *delete_;
        AstCopy *copy;
        AstSubscribe *subscribe;
        AstShow *show;
        AstCreateConnection *create_connection;
        AstCreateSecret *create_secret;
        AstCreateDatabase *create_database;
        AstCreateSchema *create_schema;
        AstCreateSource *create_source;
        AstCreateSubsource *create_subsource;
        AstCreateSink *create_sink;
        AstCreateView *create_view;
        AstCreateMaterializedView *create_materialized_view;
        AstCreateTable *create_table;
        AstCreateTableFromSource *create_table_from_source;
        AstCreateIndex *create_index;
        AstCreateType *create_type;
        AstCreateRole *create_role;
        AstCreateCluster *create_cluster;
        AstCreateClusterReplica *create_cluster_replica;
        AstNetworkPolicy *network_policy;
        AstAlterRename *alter_rename;
        AstAlterSwap *alter_swap;
        AstAlterSetSchema *alter_set_schema;
        AstAlterOwner *alter_owner;
        AstAlterSetCluster *alter_set_cluster;
        AstAlterOptions *alter_options;
        AstAlterSecret *alter_secret;
        AstAlterConnection *alter_connection;
        AstAlterRole *alter_role;
        AstAlterSource *alter_source;
        AstAlterSink *alter_sink;
        AstAlterSystem *alter_system;
        AstAlterDefaultPrivileges *alter_default_privileges;
        AstAlterTableAddColumn *alter_table_add_column;
        AstAlterApplyReplacement *alter_apply_replacement;
        AstDrop *drop;
        AstDropOwned *drop_owned;
        AstReassignOwned *reassign_owned;
        AstComment *comment;
        AstGrantRole *grant_role;
        AstGrantPrivileges *grant_privileges;
        AstSet *set;
        AstReset *reset;
        AstTransaction *transaction;
        AstDeclare *declare;
        AstFetch *fetch;
        AstClose *close;
        AstPrepare *prepare;
        AstExecute *execute;
        AstDeallocate *deallocate;
        AstDiscard discard;
        AstRaise *raise;
        AstExplainPlan *explain_plan;
        AstExplainTimestamp *explain_timestamp;
        AstExplainPushdown *explain_pushdown;
        AstExplainSinkSchema *explain_sink_schema;
        AstExplainAnalyze *explain_analyze;
        AstName *name;
        const char *text_arg; /* AST_INSPECT_SHARD */
        AstExecuteUnitTest *execute_unit_test;
    };
};
typedef AST_LIST(AstStatement *) AstStatementList;

/* "create source", "select", ...: lower case, for messages such as `{kind} is not supported`. */
const char *ast_statement_kind_name(AstStatementKind kind);

#endif
