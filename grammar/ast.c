/*
 * ast.c -- the few questions that the tree answers by itself.
 */
#include <string.h>

#include "grammar/ast.h"

const AstOption *
ast_option_find(const AstOptionList *options, const char *name)
{
    for (int i = 0; i < options->count; i++) {
        if (strcmp(options->items[i]->name, name) == 0)
            return options->items[i];
    }
    return NULL;
}

const char *
ast_object_type_name(AstObjectType type)
{
    static const char *const names[] = {
        [AST_OBJECT_NONE] = "object",       [AST_OBJECT_TABLE] = "table",
        [AST_OBJECT_VIEW] = "view",         [AST_OBJECT_MATERIALIZED_VIEW] = "materialized view",
        [AST_OBJECT_SOURCE] = "source",     [AST_OBJECT_SUBSOURCE] = "subsource",
        [AST_OBJECT_SINK] = "sink",         [AST_OBJECT_INDEX] = "index",
        [AST_OBJECT_TYPE] = "type",         [AST_OBJECT_ROLE] = "role",
        [AST_OBJECT_CLUSTER] = "cluster",   [AST_OBJECT_CLUSTER_REPLICA] = "cluster replica",
        [AST_OBJECT_SECRET] = "secret",     [AST_OBJECT_CONNECTION] = "connection",
        [AST_OBJECT_DATABASE] = "database", [AST_OBJECT_SCHEMA] = "schema",
        [AST_OBJECT_FUNCTION] = "function", [AST_OBJECT_NETWORK_POLICY] = "network policy",
        [AST_OBJECT_COLUMN] = "column",     [AST_OBJECT_SYSTEM] = "system",
        [AST_OBJECT_OBJECT] = "object",
    };

    return names[type];
}

const char *
ast_statement_kind_name(AstStatementKind kind)
{
    static const char *const names[AST_STATEMENT_KIND_COUNT] = {
        [AST_SELECT] = "select",
        [AST_INSERT] = "insert",
        [AST_UPDATE] = "update",
        [AST_DELETE] = "delete",
        [AST_COPY] = "copy",
        [AST_SUBSCRIBE] = "subscribe",
        [AST_SHOW] = "show",
        [AST_CREATE_CONNECTION] = "create connection",
        [AST_CREATE_SECRET] = "create secret",
        [AST_CREATE_DATABASE] = "create database",
        [AST_CREATE_SCHEMA] = "create schema",
        [AST_CREATE_SOURCE] = "create source",
        [AST_CREATE_SUBSOURCE] = "create subsource",
        [AST_CREATE_SINK] = "create sink",
        [AST_CREATE_VIEW] = "create view",
        [AST_CREATE_MATERIALIZED_VIEW] = "create materialized view",
        [AST_CREATE_TABLE] = "create table",
        [AST_CREATE_TABLE_FROM_SOURCE] = "create table from source",
        [AST_CREATE_INDEX] = "create index",
        [AST_CREATE_TYPE] = "create type",
        [AST_CREATE_ROLE] = "create role",
        [AST_CREATE_CLUSTER] = "create cluster",
        [AST_CREATE_CLUSTER_REPLICA] = "create cluster replica",
        [AST_CREATE_NETWORK_POLICY] = "create network policy",
        [AST_ALTER_RENAME] = "alter rename",
        [AST_ALTER_SWAP] = "alter swap",
        [AST_ALTER_SET_SCHEMA] = "alter set schema",
        [AST_ALTER_OWNER] = "alter owner",
        [AST_ALTER_SET_CLUSTER] = "alter set cluster",
        [AST_ALTER_OPTIONS] = "alter set options",
        [AST_ALTER_SECRET] = "alter secret",
        [AST_ALTER_CONNECTION] = "alter connection",
        [AST_ALTER_ROLE] = "alter role",
        [AST_ALTER_SOURCE] = "alter source",
        [AST_ALTER_SINK] = "alter sink",
        [AST_ALTER_SYSTEM] = "alter system",
        [AST_ALTER_DEFAULT_PRIVILEGES] = "alter default privileges",
        [AST_ALTER_NETWORK_POLICY] = "alter network policy",
        [AST_ALTER_TABLE_ADD_COLUMN] = "alter table add column",
        [AST_ALTER_APPLY_REPLACEMENT] = "alter materialized view apply replacement",
        [AST_DROP] = "drop",
        [AST_DROP_OWNED] = "drop owned",
        [AST_REASSIGN_OWNED] = "reassign owned",
        [AST_COMMENT] = "comment",
        [AST_GRANT_ROLE] = "grant role",
        [AST_REVOKE_ROLE] = "revoke role",
        [AST_GRANT_PRIVILEGES] = "grant privileges",
        [AST_REVOKE_PRIVILEGES] = "revoke privileges",
        [AST_SET] = "set variable",
        [AST_RESET] = "reset variable",
        [AST_BEGIN] = "start transaction",
        [AST_SET_TRANSACTION] = "set transaction",
        [AST_COMMIT] = "commit",
        [AST_ROLLBACK] = "rollback",
        [AST_DECLARE] = "declare",
        [AST_FETCH] = "fetch",
        [AST_CLOSE] = "close",
        [AST_PREPARE] = "prepare",
        [AST_EXECUTE] = "execute",
        [AST_DEALLOCATE] = "deallocate",
        [AST_DISCARD] = "discard",
        [AST_RAISE] = "raise",
        [AST_EXPLAIN_PLAN] = "explain plan",
        [AST_EXPLAIN_TIMESTAMP] = "explain timestamp",
        [AST_EXPLAIN_PUSHDOWN] = "explain filter pushdown",
        [AST_EXPLAIN_SINK_SCHEMA] = "explain schema",
        [AST_EXPLAIN_ANALYZE] = "explain analyze",
        [AST_VALIDATE_CONNECTION] = "validate connection",
        [AST_INSPECT_SHARD] = "inspect shard",
        [AST_EXECUTE_UNIT_TEST] = "execute unit test",
    };

    return names[kind];
}
