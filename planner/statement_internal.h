/*
 * statement_internal.h -- what the files that plan statements share.
 */
#ifndef FRESHET_PLANNER_STATEMENT_INTERNAL_H
#define FRESHET_PLANNER_STATEMENT_INTERNAL_H

#include "grammar/ast_print.h"
#include "grammar/parse.h"
#include "planner/ast_walk.h"
#include "planner/plan_statement.h"

/* ---- names (statement_names.c) ---- */

void plan_notice(PlannerContext *context, const char *sqlstate, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *ast_name_text(const AstName *name, Arena *arena); /* dotted, as written */
/* Any item by name or [id]. 42P01 `unknown catalog item 'x'`. */
MUST_CHECK bool find_item(PlannerContext *context, const AstName *name, Item **item, Error *err);
MUST_CHECK bool find_relation(PlannerContext *context, const AstName *name, Item **item, Error *err);
/* An item of one kind: 42704 when there is none (*item NULL and true when missing_ok, after a notice), 42809 for another kind. */
MUST_CHECK bool find_item_of_kind(PlannerContext *context, const AstName *name, AstObjectType type, bool missing_ok,
                                  Item **item, Error *err);
MUST_CHECK bool find_cluster(PlannerContext *context, const AstIdent *name, CatalogCluster **cluster,
                             Error *err); /* absent: the session's */
MUST_CHECK bool find_schema(PlannerContext *context, const AstName *name, Schema **schema,
                            Error *err); /* absent: the default one */
MUST_CHECK bool find_role(PlannerContext *context, const AstIdent *name, Role **role, Error *err);
bool is_system(ObjectId id);
bool kind_matches(const Item *item, AstObjectType type);

/*
 * Where a new item goes. 3F000 without a schema; 42501 for system schemas. When an item of that name is there: with if_not_exists a notice and
 * *exists; else an error.
 */
typedef struct NewName {
    Schema *schema;
    const char *name;
    Item *exists;
} NewName;
MUST_CHECK bool new_item_name(PlannerContext *context, const AstName *name, const char *kind, bool if_not_exists,
                              bool may_exist, NewName *out, Error *err);
void item_depends_on_type(PlannerContext *context, Item *item, SqlType type); /* on the types with names in it */
AstName full_name(Arena *arena, const Schema *schema, const char *name);
/* A fresh item in a schema: id, oid, name, owner, time; not in the catalog yet. */
Item *new_item(PlannerContext *context, ItemKind kind, Schema *schema, const char *name);
void item_depends(Item *item, ObjectId id); /* once */

/* The statement's own text parsed again into `arena`: a tree that may be changed. */
MUST_CHECK bool reparse(const AstStatement *statement, Arena *arena, AstStatement **copy, Error *err);
MUST_CHECK bool qualify_statement(PlannerContext *context, AstStatement *statement,
                                  Error *err); /* relation names in full */
const char *print_sql(const AstStatement *statement, Arena *arena);

const AstValue *option_value(const AstOptionList *options, const char *name);
MUST_CHECK bool option_bool(const AstOptionList *options, const char *name, bool otherwise, bool *out, Error *err);
MUST_CHECK bool options_known(const AstOptionList *options, const char *const *names, const char *what,
                              Error *err); /* 42601; each once */
const char *value_text(const AstValue *value, Arena *arena);

/* ---- change building ---- */
CatalogChange *plan_change(StatementPlan *plan, const char *tag); /* kind PLAN_CHANGE */
void change_put_item(StatementPlan *plan, Item *item);
void plan_nothing(StatementPlan *plan, const char *tag);

/* Items that go when `roots` go: dependents, subsources, indexes; each once, dependents before what they depend on. */
typedef VECTOR(Item *) ItemVector;
void collect_dependents(const Catalog *catalog, ItemVector *items);
/* RESTRICT: 2BP01 when something outside of `roots` depends on them. CASCADE: a notice. Appends DROP steps. */
MUST_CHECK bool drop_items(PlannerContext *context, ItemVector *roots, bool cascade, StatementPlan *plan, Error *err);

/* ---- one function a statement ---- */
typedef bool StatementPlanner(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                              StatementPlan *plan, Error *err);
StatementPlanner plan_select_statement, plan_insert, plan_update, plan_delete, plan_copy, plan_subscribe, plan_explain,
    plan_show;
StatementPlanner plan_create_secret, plan_create_connection, plan_create_database, plan_create_schema, plan_create_role,
    plan_create_cluster, plan_create_cluster_replica, plan_create_view, plan_create_materialized_view,
    plan_create_index, plan_create_table, plan_create_type;
StatementPlanner plan_create_source, plan_create_table_from_source, plan_alter_source;
StatementPlanner plan_drop, plan_alter_rename, plan_alter_swap, plan_alter_owner, plan_alter_options, plan_alter_secret,
    plan_alter_connection, plan_alter_role, plan_alter_system, plan_comment, plan_grant_role, plan_grant_privileges,
    plan_validate;

/* ---- what is written into (statement_dml.c) ---- */

MUST_CHECK bool find_insert_target(PlannerContext *context, const AstName *name, Item **table, Error *err);
/* which[i] is the table column that the i-th given value goes to; no names: all in order. */
MUST_CHECK bool target_columns(PlannerContext *context, const Item *table, const AstIdentList *names, int **which,
                               int *count, Error *err);
MUST_CHECK bool default_expr(PlannerContext *context, const RelationColumn *column, AstExpr **expr, Error *err);
/* RETURNING: expressions over the table's columns, and what they give (plan_returning.c). */
MUST_CHECK bool plan_returning(PlannerContext *context, const Item *table, const AstIdent *alias,
                               const AstTargetList *targets, Scalar ***scalars, RelationDesc **desc, Error *err);

/* ---- what several of them check ---- */

/* An error found in a reparsed copy: its position becomes one in the whole text. Returns false. */
bool error_from_copy(const AstStatement *statement, Error *err);
MUST_CHECK bool no_parameters(const AstStatement *statement, Error *err); /* 42P02: nothing stored has parameters */
/* 42939 for names that begin as those of the system do; `what`: role, cluster, replica. */
MUST_CHECK bool name_not_reserved(const AstIdent *name, const char *what, Error *err);
MUST_CHECK bool not_system(const Item *item, int position, PlannerContext *context, Error *err); /* 42501 */

/* A copy of an item, complete, in the change, to be altered and put back. */
MUST_CHECK bool put_item_copy(PlannerContext *context, const Item *old, StatementPlan *plan, Item **copy, Error *err);
const char *alter_tag(PlannerContext *context, AstObjectType type); /* "ALTER MATERIALIZED VIEW" */
/* ALTER CLUSTER SET and RESET (statement_cluster.c), DROP CLUSTER REPLICA. */
StatementPlanner plan_alter_cluster;
MUST_CHECK bool drop_replica(PlannerContext *context, const AstName *name, bool if_exists, StatementPlan *plan,
                             Error *err);
/* The list of tables in the SQL of `source`, a copy, loses those in `gone` (statement_source.c). */
MUST_CHECK bool source_forget_tables(Item *source, Item *const *gone, size_t gone_count, Error *err);

/* From item->create_sql: definition, desc, depends_on, index_keys, in the item's arena (statement_relation.c). */
MUST_CHECK bool item_replan(PlannerContext *context, Item *item, Error *err);
/* The enums among the columns of a table from upstream become types of its schema, put before it (statement_upstream_type.c). */
void put_upstream_types(PlannerContext *context, ObjectId source, Item *table, StatementPlan *plan);
MUST_CHECK bool source_inspected(PlannerContext *context, const AstStatement *statement, const UpstreamAnswer *answer,
                                 StatementPlan *plan, Error *err);
MUST_CHECK bool show_query(PlannerContext *context, const AstShow *show, const AstQuery **query, Error *err);

#endif
