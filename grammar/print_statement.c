/*
 * print_statement.c -- every statement that is no CREATE and no query.
 */
#include <string.h>

#include "base/error.h"
#include "grammar/print.h"

void
print_object_type(Printer *to, AstObjectType type)
{
    for (const char *c = ast_object_type_name(type); *c != '\0'; c++)
        buffer_append_char(to->out, *c >= 'a' && *c <= 'z' ? (char) (*c & ~0x20) : *c);
}

static void
print_behavior(Printer *to, AstDropBehavior behavior)
{
    static const char *const words[] = {"", " RESTRICT", " CASCADE"};

    print_text(to, words[behavior]);
}

/* ---- Data ---- */

static void
print_alias(Printer *to, const AstIdent *alias)
{
    if (alias->text == NULL)
        return;
    print_text(to, " AS ");
    print_ident(to, alias->text);
}

static void
print_where(Printer *to, const AstExpr *where)
{
    if (where == NULL)
        return;
    print_line(to);
    print_text(to, "WHERE ");
    print_expr(to, where);
}

static void
print_returning(Printer *to, const AstTargetList *returning)
{
    if (returning->count == 0)
        return;
    print_line(to);
    print_text(to, "RETURNING ");
    print_targets(to, returning);
}

static void
print_insert(Printer *to, const AstInsert *insert)
{
    if (insert->with != NULL)
        print_with(to, insert->with);
    print_text(to, "INSERT INTO ");
    print_name(to, &insert->table);
    print_alias(to, &insert->alias);
    print_ident_list(to, &insert->columns);
    print_line(to);
    if (insert->query == NULL)
        print_text(to, "DEFAULT VALUES");
    else
        print_query(to, insert->query);
    print_returning(to, &insert->returning);
}

static void
print_update(Printer *to, const AstUpdate *update)
{
    if (update->with != NULL)
        print_with(to, update->with);
    print_text(to, "UPDATE ");
    print_name(to, &update->table);
    print_alias(to, &update->alias);
    print_line(to);
    print_text(to, "SET ");
    for (int i = 0; i < update->assignments.count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_ident(to, update->assignments.items[i].column.text);
        print_text(to, " = ");
        print_expr(to, update->assignments.items[i].value);
    }
    if (update->from.count > 0) {
        print_line(to);
        print_text(to, "FROM ");
        print_from_list(to, &update->from);
    }
    print_where(to, update->where);
    print_returning(to, &update->returning);
}

static void
print_delete(Printer *to, const AstDelete *delete_)
{
    if (delete_->with != NULL)
        print_with(to, delete_->with);
    print_text(to, "DELETE FROM ");
    print_name(to, &delete_->table);
    print_alias(to, &delete_->alias);
    if (delete_->using_.count > 0) {
        print_line(to);
        print_text(to, "USING ");
        print_from_list(to, &delete_->using_);
    }
    print_where(to, delete_->where);
    print_returning(to, &delete_->returning);
}

static void
print_subscribe(Printer *to, const AstSubscribe *subscribe)
{
    print_text(to, "SUBSCRIBE TO ");
    if (subscribe->query != NULL)
        print_subquery(to, subscribe->query);
    else
        print_name(to, &subscribe->name);
    if (subscribe->envelope != NULL) {
        print_line(to);
        print_envelope(to, subscribe->envelope);
    }
    if (subscribe->within_timestamp) {
        print_line(to);
        print_text(to, "WITHIN TIMESTAMP ORDER BY ");
        print_order_list(to, &subscribe->order_by);
    }
    print_with_options(to, &subscribe->options);
    if (subscribe->as_of != NULL) {
        print_line(to);
        print_as_of(to, subscribe->as_of);
    }
    if (subscribe->up_to != NULL) {
        print_line(to);
        print_text(to, "UP TO ");
        print_expr(to, subscribe->up_to);
    }
}

static void
print_copy(Printer *to, const AstCopy *copy)
{
    print_text(to, "COPY ");
    if (copy->query != NULL) {
        print_subquery(to, copy->query);
    } else if (copy->subscribe != NULL) {
        print_open(to);
        print_subscribe(to, copy->subscribe);
        print_close(to);
    } else {
        print_name(to, &copy->table);
        print_ident_list(to, &copy->columns);
    }
    print_text(to, copy->to ? " TO " : " FROM ");
    if (copy->target == AST_COPY_EXPR) {
        bool plain = copy->url->kind == AST_EXPR_STRING || copy->url->kind == AST_EXPR_PARAMETER;

        print_text(to, plain ? "" : "(");
        print_expr(to, copy->url);
        print_text(to, plain ? "" : ")");
    } else {
        print_text(to, copy->target == AST_COPY_STDIN ? "STDIN" : "STDOUT");
    }
    print_with_options(to, &copy->options);
}

/* ---- ALTER ---- */

static void
print_alter_head(Printer *to, AstObjectType type, bool if_exists, const AstName *name)
{
    print_text(to, "ALTER ");
    print_object_type(to, type);
    print_text(to, if_exists ? " IF EXISTS " : " ");
    print_name(to, name);
}

static void
print_alter_ident(Printer *to, AstObjectType type, bool if_exists, const AstName *name, const char *words,
                  const AstIdent *ident)
{
    print_alter_head(to, type, if_exists, name);
    print_text(to, words);
    print_ident(to, ident->text);
}

static void
print_alter_name(Printer *to, AstObjectType type, bool if_exists, const AstName *name, const char *words,
                 const AstName *other)
{
    print_alter_head(to, type, if_exists, name);
    print_text(to, words);
    print_name(to, other);
}

static void
print_alter_options(Printer *to, const AstAlterOptions *alter)
{
    print_alter_head(to, alter->type, alter->if_exists, &alter->name);
    print_text(to, alter->reset ? " RESET " : " SET ");
    if (alter->reset)
        print_option_names(to, &alter->options);
    else
        print_options(to, &alter->options);
    print_with_options(to, &alter->with);
}

static void
print_alter_connection(Printer *to, const AstAlterConnection *alter)
{
    static const char *const words[] = {" SET ", " RESET ", " DROP ", " ROTATE KEYS"};

    print_alter_head(to, AST_OBJECT_CONNECTION, alter->if_exists, &alter->name);
    for (int i = 0; i < alter->actions.count; i++) {
        const AstConnectionAction *action = &alter->actions.items[i];
        AstOption *option = action->option;
        AstOptionList one = {&option, 1, 1};

        print_text(to, i > 0 ? "," : "");
        print_text(to, words[action->kind]);
        if (action->kind == AST_CONNECTION_SET)
            print_options(to, &one);
        else if (option != NULL)
            print_option_names(to, &one);
    }
    print_with_options(to, &alter->with);
}

static void
print_alter_role(Printer *to, const AstAlterRole *role)
{
    print_text(to, role->user ? "ALTER USER " : "ALTER ROLE ");
    print_ident(to, role->name.text);
    if (role->setting_kind == AST_ROLE_SET) {
        print_text(to, " SET ");
        print_setting(to, &role->setting);
    } else if (role->setting_kind == AST_ROLE_RESET) {
        print_text(to, " RESET ");
        print_variable(to, role->setting.variable);
    } else {
        print_role_options(to, &role->options);
    }
}

static void
print_alter_source(Printer *to, const AstAlterSource *alter)
{
    print_alter_head(to, AST_OBJECT_SOURCE, alter->if_exists, &alter->name);
    switch (alter->kind) {
    case AST_ALTER_SOURCE_ADD_SUBSOURCE:
        print_text(to, " ADD SUBSOURCE ");
        print_references(to, &alter->tables);
        print_with_options(to, &alter->with);
        break;
    case AST_ALTER_SOURCE_DROP_SUBSOURCE:
        print_text(to, alter->subsource_if_exists ? " DROP SUBSOURCE IF EXISTS " : " DROP SUBSOURCE ");
        print_names(to, &alter->names);
        print_behavior(to, alter->behavior);
        break;
    case AST_ALTER_SOURCE_REFRESH_REFERENCES:
        print_text(to, " REFRESH REFERENCES");
        break;
    }
}

static void
print_alter_system(Printer *to, const AstAlterSystem *alter)
{
    if (alter->all) {
        print_text(to, "ALTER SYSTEM RESET ALL");
    } else if (alter->reset) {
        print_text(to, "ALTER SYSTEM RESET ");
        print_variable(to, alter->setting.variable);
    } else {
        print_text(to, "ALTER SYSTEM SET ");
        print_setting(to, &alter->setting);
    }
}

static void
print_alter_secret(Printer *to, const AstAlterSecret *secret)
{
    print_alter_head(to, AST_OBJECT_SECRET, secret->if_exists, &secret->name);
    print_text(to, " AS ");
    if (print_redacts(to))
        print_string(to, "<REDACTED>");
    else
        print_expr(to, secret->value);
}

/* True when the statement was an ALTER. */
static bool
print_alter_statement(Printer *to, const AstStatement *s)
{
    switch (s->kind) {
    case AST_ALTER_RENAME:
        print_alter_ident(to, s->alter_rename->type, s->alter_rename->if_exists, &s->alter_rename->name, " RENAME TO ",
                          &s->alter_rename->to);
        return true;
    case AST_ALTER_SWAP:
        print_alter_ident(to, s->alter_swap->type, false, &s->alter_swap->name, " SWAP WITH ", &s->alter_swap->with);
        return true;
    case AST_ALTER_OWNER:
        print_alter_ident(to, s->alter_owner->type, s->alter_owner->if_exists, &s->alter_owner->name, " OWNER TO ",
                          &s->alter_owner->owner);
        return true;
    case AST_ALTER_SET_CLUSTER:
        print_alter_ident(to, s->alter_set_cluster->type, s->alter_set_cluster->if_exists, &s->alter_set_cluster->name,
                          " SET CLUSTER ", &s->alter_set_cluster->cluster);
        return true;
    case AST_ALTER_SET_SCHEMA:
        print_alter_name(to, s->alter_set_schema->type, s->alter_set_schema->if_exists, &s->alter_set_schema->name,
                         " SET SCHEMA ", &s->alter_set_schema->schema);
        return true;
    case AST_ALTER_SINK:
        print_alter_name(to, AST_OBJECT_SINK, s->alter_sink->if_exists, &s->alter_sink->name, " SET FROM ",
                         &s->alter_sink->from);
        return true;
    case AST_ALTER_APPLY_REPLACEMENT:
        print_alter_name(to, AST_OBJECT_MATERIALIZED_VIEW, s->alter_apply_replacement->if_exists,
                         &s->alter_apply_replacement->name, " APPLY REPLACEMENT ",
                         &s->alter_apply_replacement->replacement);
        return true;
    case AST_ALTER_OPTIONS:
        print_alter_options(to, s->alter_options);
        return true;
    case AST_ALTER_SECRET:
        print_alter_secret(to, s->alter_secret);
        return true;
    case AST_ALTER_CONNECTION:
        print_alter_connection(to, s->alter_connection);
        return true;
    case AST_ALTER_ROLE:
        print_alter_role(to, s->alter_role);
        return true;
    case AST_ALTER_SOURCE:
        print_alter_source(to, s->alter_source);
        return true;
    case AST_ALTER_SYSTEM:
        print_alter_system(to, s->alter_system);
        return true;
    case AST_ALTER_NETWORK_POLICY:
        print_text(to, "ALTER NETWORK POLICY ");
        print_ident(to, s->network_policy->name.text);
        print_text(to, " SET ");
        print_options(to, &s->network_policy->options);
        return true;
    case AST_ALTER_TABLE_ADD_COLUMN:
        print_alter_head(to, AST_OBJECT_TABLE, s->alter_table_add_column->if_exists, &s->alter_table_add_column->name);
        print_text(to, s->alter_table_add_column->if_not_exists ? " ADD COLUMN IF NOT EXISTS " : " ADD COLUMN ");
        print_column_def(to, s->alter_table_add_column->column);
        return true;
    default:
        return false;
    }
}

/* ---- Privileges, DROP, COMMENT ---- */

static void
print_roles(Printer *to, const AstIdentList *roles)
{
    print_idents(to, roles);
}

static void
print_privileges(Printer *to, const AstIdentList *privileges, bool all)
{
    print_text(to, all ? "ALL PRIVILEGES" : "");
    for (int i = 0; i < privileges->count; i++) {
        print_text(to, i > 0 ? ", " : "");
        print_text(to, privileges->items[i].text);
    }
}

static void
print_plural(Printer *to, AstObjectType type)
{
    print_object_type(to, type);
    print_text(to, "S");
}

static void
print_grant_target(Printer *to, const AstGrantPrivileges *grant)
{
    switch (grant->scope) {
    case AST_GRANT_OBJECTS:
        print_object_type(to, grant->type);
        print_text(to, " ");
        break;
    case AST_GRANT_ALL:
        print_text(to, "ALL ");
        print_plural(to, grant->type);
        break;
    case AST_GRANT_ALL_IN_SCHEMA:
    case AST_GRANT_ALL_IN_DATABASE:
        print_text(to, "ALL ");
        print_plural(to, grant->type);
        print_text(to, grant->scope == AST_GRANT_ALL_IN_SCHEMA ? " IN SCHEMA " : " IN DATABASE ");
        break;
    case AST_GRANT_SYSTEM:
        print_text(to, "SYSTEM");
        break;
    }
    print_names(to, &grant->names);
}

static void
print_grant_privileges(Printer *to, const AstGrantPrivileges *grant, bool revoke)
{
    print_text(to, revoke ? "REVOKE " : "GRANT ");
    print_text(to, revoke && grant->grant_option ? "GRANT OPTION FOR " : "");
    print_privileges(to, &grant->privileges, grant->all);
    print_text(to, " ON ");
    print_grant_target(to, grant);
    print_text(to, revoke ? " FROM " : " TO ");
    print_roles(to, &grant->roles);
    print_text(to, !revoke && grant->grant_option ? " WITH GRANT OPTION" : "");
    print_behavior(to, grant->behavior);
}

static void
print_default_privileges(Printer *to, const AstAlterDefaultPrivileges *alter)
{
    print_text(to, "ALTER DEFAULT PRIVILEGES");
    if (alter->all_roles) {
        print_text(to, " FOR ALL ROLES");
    } else if (alter->target_roles.count > 0) {
        print_text(to, " FOR ROLE ");
        print_roles(to, &alter->target_roles);
    }
    if (alter->schemas.count > 0) {
        print_text(to, " IN SCHEMA ");
        print_names(to, &alter->schemas);
    }
    if (alter->databases.count > 0) {
        print_text(to, " IN DATABASE ");
        print_names(to, &alter->databases);
    }
    print_text(to, alter->revoke ? " REVOKE " : " GRANT ");
    print_privileges(to, &alter->privileges, alter->all);
    print_text(to, " ON ");
    print_plural(to, alter->type);
    print_text(to, alter->revoke ? " FROM " : " TO ");
    print_roles(to, &alter->grantees);
}

static void
print_drop(Printer *to, const AstDrop *drop)
{
    print_text(to, "DROP ");
    if (drop->user)
        print_text(to, "USER");
    else
        print_object_type(to, drop->type);
    print_text(to, drop->if_exists ? " IF EXISTS " : " ");
    print_names(to, &drop->names);
    print_behavior(to, drop->behavior);
}

/* A column by its relation's id: [u1 AS t].c */
static void
print_comment_target(Printer *to, const AstComment *comment)
{
    AstName relation = comment->name;

    if (comment->type != AST_OBJECT_COLUMN || relation.id == NULL) {
        print_name(to, &relation);
        return;
    }
    relation.count--;
    print_name(to, &relation);
    print_text(to, ".");
    print_ident(to, comment->name.parts[relation.count]);
}

static void
print_comment(Printer *to, const AstComment *comment)
{
    print_text(to, "COMMENT ON ");
    print_object_type(to, comment->type);
    print_text(to, " ");
    print_comment_target(to, comment);
    print_text(to, " IS ");
    if (comment->text == NULL)
        print_text(to, "NULL");
    else
        print_string(to, comment->text);
}

static bool
print_rights_statement(Printer *to, const AstStatement *s)
{
    switch (s->kind) {
    case AST_ALTER_DEFAULT_PRIVILEGES:
        print_default_privileges(to, s->alter_default_privileges);
        return true;
    case AST_DROP:
        print_drop(to, s->drop);
        return true;
    case AST_DROP_OWNED:
        print_text(to, "DROP OWNED BY ");
        print_roles(to, &s->drop_owned->roles);
        print_behavior(to, s->drop_owned->behavior);
        return true;
    case AST_REASSIGN_OWNED:
        print_text(to, "REASSIGN OWNED BY ");
        print_roles(to, &s->reassign_owned->roles);
        print_text(to, " TO ");
        print_ident(to, s->reassign_owned->to.text);
        return true;
    case AST_COMMENT:
        print_comment(to, s->comment);
        return true;
    case AST_GRANT_ROLE:
    case AST_REVOKE_ROLE:
        print_text(to, s->kind == AST_GRANT_ROLE ? "GRANT " : "REVOKE ");
        print_roles(to, &s->grant_role->roles);
        print_text(to, s->kind == AST_GRANT_ROLE ? " TO " : " FROM ");
        print_roles(to, &s->grant_role->members);
        return true;
    case AST_GRANT_PRIVILEGES:
    case AST_REVOKE_PRIVILEGES:
        print_grant_privileges(to, s->grant_privileges, s->kind == AST_REVOKE_PRIVILEGES);
        return true;
    default:
        return false;
    }
}

/* ---- Sessions ---- */

static void
print_set(Printer *to, const AstSet *set)
{
    static const char *const scopes[] = {"SET ", "SET SESSION ", "SET LOCAL "};

    print_text(to, scopes[set->scope]);
    print_setting(to, &set->setting);
}

static void
print_modes(Printer *to, const AstTransaction *transaction)
{
    static const char *const levels[] = {"",
                                         "READ UNCOMMITTED",
                                         "READ COMMITTED",
                                         "REPEATABLE READ",
                                         "SNAPSHOT ISOLATION",
                                         "SERIALIZABLE",
                                         "STRONG SESSION SERIALIZABLE",
                                         "STRICT SERIALIZABLE"};

    if (transaction->isolation != AST_ISOLATION_UNSAID) {
        print_text(to, " ISOLATION LEVEL ");
        print_text(to, levels[transaction->isolation]);
    }
    if (transaction->access != AST_ACCESS_UNSAID) {
        print_text(to, transaction->isolation != AST_ISOLATION_UNSAID ? "," : "");
        print_text(to, transaction->access == AST_ACCESS_READ_ONLY ? " READ ONLY" : " READ WRITE");
    }
}

static void
print_transaction(Printer *to, AstStatementKind kind, const AstTransaction *transaction)
{
    switch (kind) {
    case AST_BEGIN:
        print_text(to, transaction->start ? "START TRANSACTION" : "BEGIN");
        break;
    case AST_SET_TRANSACTION:
        print_text(to, transaction->session ? "SET SESSION CHARACTERISTICS AS TRANSACTION"
                       : transaction->local ? "SET LOCAL TRANSACTION"
                                            : "SET TRANSACTION");
        break;
    case AST_COMMIT:
        print_text(to, "COMMIT");
        break;
    default:
        print_text(to, "ROLLBACK");
        break;
    }
    print_modes(to, transaction);
    print_text(to, transaction->chain ? " AND CHAIN" : "");
}

static void
print_fetch(Printer *to, const AstFetch *fetch)
{
    print_text(to, "FETCH ");
    if (fetch->all)
        print_text(to, "ALL FROM ");
    if (fetch->count != NULL) {
        print_text(to, fetch->count);
        print_text(to, " FROM ");
    }
    print_ident(to, fetch->name.text);
    print_with_options(to, &fetch->options);
}

static void
print_prepare(Printer *to, const AstPrepare *prepare)
{
    print_text(to, "PREPARE ");
    print_ident(to, prepare->name.text);
    for (int i = 0; i < prepare->types.count; i++) {
        print_text(to, i == 0 ? " (" : ", ");
        print_type(to, prepare->types.items[i]);
    }
    print_text(to, prepare->types.count > 0 ? ")" : "");
    print_text(to, " AS ");
    print_statement(to, prepare->statement);
}

static void
print_named(Printer *to, const char *words, const AstIdent *name, bool all)
{
    print_text(to, words);
    if (all)
        print_text(to, "ALL");
    else
        print_ident(to, name->text);
}

static bool
print_session_statement(Printer *to, const AstStatement *s)
{
    static const char *const discards[] = {"DISCARD ALL", "DISCARD PLANS", "DISCARD SEQUENCES", "DISCARD TEMP"};

    switch (s->kind) {
    case AST_SET:
        print_set(to, s->set);
        return true;
    case AST_RESET:
        print_text(to, s->reset->all ? "RESET ALL" : "RESET ");
        if (!s->reset->all)
            print_variable(to, s->reset->variable);
        return true;
    case AST_BEGIN:
    case AST_SET_TRANSACTION:
    case AST_COMMIT:
    case AST_ROLLBACK:
        print_transaction(to, s->kind, s->transaction);
        return true;
    case AST_DECLARE:
        print_named(to, "DECLARE ", &s->declare->name, false);
        print_text(to, " CURSOR FOR ");
        print_statement(to, s->declare->statement);
        return true;
    case AST_FETCH:
        print_fetch(to, s->fetch);
        return true;
    case AST_CLOSE:
        print_named(to, "CLOSE ", &s->close->name, s->close->all);
        return true;
    case AST_PREPARE:
        print_prepare(to, s->prepare);
        return true;
    case AST_EXECUTE:
        print_named(to, "EXECUTE ", &s->execute->name, false);
        if (s->execute->args.count > 0) {
            print_text(to, " (");
            print_expr_list(to, &s->execute->args);
            print_text(to, ")");
        }
        return true;
    case AST_DEALLOCATE:
        print_named(to, "DEALLOCATE ", &s->deallocate->name, s->deallocate->all);
        return true;
    case AST_DISCARD:
        print_text(to, discards[s->discard]);
        return true;
    case AST_RAISE:
        print_text(to, "RAISE ");
        print_text(to, s->raise->severity);
        return true;
    case AST_VALIDATE_CONNECTION:
        print_text(to, "VALIDATE CONNECTION ");
        print_name(to, s->name);
        return true;
    case AST_INSPECT_SHARD:
        print_text(to, "INSPECT SHARD ");
        print_string(to, s->text_arg);
        return true;
    default:
        return false;
    }
}

/* ---- EXPLAIN ---- */

static void
print_as_format(Printer *to, AstExplainFormat format)
{
    static const char *const words[] = {"", "AS TEXT ", "AS VERBOSE TEXT ", "AS JSON ", "AS DOT ", "AS SQL "};

    print_text(to, words[format]);
}

static void
print_explainee(Printer *to, const AstExplainee *explainee)
{
    if (explainee->kind == AST_EXPLAINEE_STATEMENT) {
        print_statement(to, explainee->statement);
        return;
    }
    print_text(to, explainee->kind == AST_EXPLAINEE_CREATE_OBJECT ? "REPLAN " : "");
    print_object_type(to, explainee->type);
    print_text(to, " ");
    print_name(to, &explainee->name);
}

static void
print_explain_plan(Printer *to, const AstExplainPlan *explain)
{
    static const char *const stages[] = {
        "PLAN ",           "RAW PLAN ",      "DECORRELATED PLAN ", "LOCALLY OPTIMIZED PLAN ",
        "OPTIMIZED PLAN ", "PHYSICAL PLAN ", "OPTIMIZER TRACE "};
    bool bare = explain->stage == AST_EXPLAIN_DEFAULT && explain->options.count == 0 &&
                explain->format == AST_EXPLAIN_FORMAT_UNSAID;

    print_text(to, "EXPLAIN ");
    if (explain->postgres) {
        if (explain->options.count > 0)
            print_options(to, &explain->options);
        else
            print_text(to, "VERBOSE");
        print_text(to, " ");
    } else if (!bare) {
        print_text(to, stages[explain->stage]);
        if (explain->options.count > 0) {
            print_text(to, "WITH ");
            print_options(to, &explain->options);
            print_text(to, " ");
        }
        print_as_format(to, explain->format);
        print_text(to, "FOR ");
    }
    print_text(to, explain->broken ? "BROKEN " : "");
    print_explainee(to, &explain->explainee);
}

static void
print_explain_schema(Printer *to, const AstExplainSinkSchema *explain)
{
    print_text(to, explain->key ? "EXPLAIN KEY SCHEMA " : "EXPLAIN VALUE SCHEMA ");
    print_as_format(to, explain->format);
    print_text(to, "FOR CREATE SINK");
    if (explain->sink->name.count > 0) {
        print_text(to, explain->sink->if_not_exists ? " IF NOT EXISTS " : " ");
        print_name(to, &explain->sink->name);
    }
    print_sink_body(to, explain->sink);
}

static void
print_explain_analyze(Printer *to, const AstExplainAnalyze *explain)
{
    const char *between = "";

    print_text(to, explain->cluster ? "EXPLAIN ANALYZE CLUSTER " : "EXPLAIN ANALYZE ");
    if (explain->memory) {
        print_text(to, "MEMORY");
        between = ", ";
    }
    if (explain->cpu) {
        print_text(to, between);
        print_text(to, "CPU");
        between = ", ";
    }
    if (explain->hints) {
        print_text(to, between);
        print_text(to, "HINTS");
    }
    print_text(to, explain->skew ? " WITH SKEW" : "");
    if (!explain->cluster) {
        print_text(to, " FOR ");
        print_object_type(to, explain->type);
        print_text(to, " ");
        print_name(to, &explain->name);
    }
    print_text(to, explain->as_sql ? " AS SQL" : "");
}

static void
print_unit_test(Printer *to, const AstExecuteUnitTest *test)
{
    print_text(to, "EXECUTE UNIT TEST ");
    print_ident(to, test->name.text);
    print_text(to, " FOR ");
    print_name(to, &test->target);
    if (test->at_time != NULL) {
        print_text(to, " AT TIME ");
        print_expr(to, test->at_time);
    }
    for (int i = 0; i < test->mocks.count; i++) {
        print_text(to, i > 0 ? ", MOCK " : " MOCK ");
        print_name(to, &test->mocks.items[i]->name);
        print_text(to, " ");
        print_typed_columns(to, &test->mock_columns.items[i]);
        print_text(to, " AS ");
        print_subquery(to, test->mocks.items[i]->query);
    }
    print_text(to, test->mocks.count > 0 ? ", EXPECTED " : " EXPECTED ");
    print_typed_columns(to, &test->expected_columns);
    print_text(to, " AS ");
    print_subquery(to, test->expected);
}

static bool
print_explain_statement(Printer *to, const AstStatement *s)
{
    switch (s->kind) {
    case AST_EXPLAIN_PLAN:
        print_explain_plan(to, s->explain_plan);
        return true;
    case AST_EXPLAIN_TIMESTAMP:
        print_text(to, "EXPLAIN TIMESTAMP ");
        print_as_format(to, s->explain_timestamp->format);
        print_text(to, "FOR ");
        print_query(to, s->explain_timestamp->query);
        return true;
    case AST_EXPLAIN_PUSHDOWN:
        print_text(to, "EXPLAIN FILTER PUSHDOWN FOR ");
        print_explainee(to, &s->explain_pushdown->explainee);
        return true;
    case AST_EXPLAIN_SINK_SCHEMA:
        print_explain_schema(to, s->explain_sink_schema);
        return true;
    case AST_EXPLAIN_ANALYZE:
        print_explain_analyze(to, s->explain_analyze);
        return true;
    case AST_EXECUTE_UNIT_TEST:
        print_unit_test(to, s->execute_unit_test);
        return true;
    default:
        return false;
    }
}

void
print_statement(Printer *to, const AstStatement *statement)
{
    switch (statement->kind) {
    case AST_SELECT:
        print_query(to, statement->select);
        return;
    case AST_INSERT:
        print_insert(to, statement->insert);
        return;
    case AST_UPDATE:
        print_update(to, statement->update);
        return;
    case AST_DELETE:
        print_delete(to, statement->delete_);
        return;
    case AST_COPY:
        print_copy(to, statement->copy);
        return;
    case AST_SUBSCRIBE:
        print_subscribe(to, statement->subscribe);
        return;
    case AST_SHOW:
        print_show(to, statement->show);
        return;
    default:
        break;
    }
    if (!print_create_statement(to, statement) && !print_alter_statement(to, statement) &&
        !print_rights_statement(to, statement) && !print_session_statement(to, statement) &&
        !print_explain_statement(to, statement))
        bug("unrecognized statement kind %d", statement->kind);
}
