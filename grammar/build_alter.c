/*
 * build_alter.c -- ALTER, DROP, COMMENT, GRANT. The grammar takes any action for any type of object; which go together
 * is decided here.
 */
#include <string.h>

#include "grammar/build.h"
#include "grammar/sql.h"

#define BIT(type) (1u << (type))

AlterAction *
build_action(Parser *p, const Token *at, AlterActionKind kind)
{
    AlterAction *action = NEW(AlterAction);

    action->kind = kind;
    action->position = at->position;
    return action;
}

AlterAction *
build_option_action(Parser *p, const Token *at, AstConnectionActionKind kind, const AstOptionList *options)
{
    AlterAction *action = build_action(p, at, ALTER_OPTION_ACTIONS);
    AstConnectionAction item = {.kind = kind, .position = at->position};

    action->action_groups = 1;
    if (options == NULL)
        PUSH(&action->actions, item);
    for (int i = 0; options != NULL && i < options->count; i++) {
        item.option = options->items[i];
        PUSH(&action->actions, item);
    }
    return action;
}

AlterAction *
build_action_join(Parser *p, AlterAction *first, const AlterAction *second)
{
    for (int i = 0; i < second->actions.count; i++)
        PUSH(&first->actions, second->actions.items[i]);
    first->action_groups += second->action_groups;
    return first;
}

/* The types of object that an action is for. */
static unsigned
action_types(AlterActionKind kind)
{
    static const unsigned items = BIT(AST_OBJECT_TABLE) | BIT(AST_OBJECT_VIEW) | BIT(AST_OBJECT_MATERIALIZED_VIEW) |
                                  BIT(AST_OBJECT_SOURCE) | BIT(AST_OBJECT_SUBSOURCE) | BIT(AST_OBJECT_SINK) |
                                  BIT(AST_OBJECT_INDEX) | BIT(AST_OBJECT_TYPE) | BIT(AST_OBJECT_SECRET) |
                                  BIT(AST_OBJECT_CONNECTION);
    static const unsigned containers = BIT(AST_OBJECT_DATABASE) | BIT(AST_OBJECT_SCHEMA) | BIT(AST_OBJECT_CLUSTER) |
                                       BIT(AST_OBJECT_CLUSTER_REPLICA) | BIT(AST_OBJECT_NETWORK_POLICY);

    switch (kind) {
    case ALTER_RENAME:
    case ALTER_OWNER:
        return items | containers;
    case ALTER_SWAP:
        return items | containers;
    case ALTER_SET_SCHEMA:
    case ALTER_SET_CLUSTER:
        return items;
    case ALTER_SET_FROM:
        return BIT(AST_OBJECT_SINK);
    case ALTER_SECRET:
        return BIT(AST_OBJECT_SECRET);
    case ALTER_ADD_SUBSOURCE:
    case ALTER_DROP_SUBSOURCE:
    case ALTER_REFRESH_REFERENCES:
        return BIT(AST_OBJECT_SOURCE);
    case ALTER_ADD_COLUMN:
        return BIT(AST_OBJECT_TABLE);
    case ALTER_APPLY_REPLACEMENT:
        return BIT(AST_OBJECT_MATERIALIZED_VIEW);
    case ALTER_OPTION_ACTIONS:
        return BIT(AST_OBJECT_TABLE) | BIT(AST_OBJECT_VIEW) | BIT(AST_OBJECT_MATERIALIZED_VIEW) |
               BIT(AST_OBJECT_SOURCE) | BIT(AST_OBJECT_SUBSOURCE) | BIT(AST_OBJECT_SINK) | BIT(AST_OBJECT_INDEX) |
               BIT(AST_OBJECT_CONNECTION) | BIT(AST_OBJECT_CLUSTER) | BIT(AST_OBJECT_NETWORK_POLICY);
    }
    return 0;
}

static AstStatement *
alter_connection(Parser *p, const Target *target, const AlterAction *action)
{
    AstAlterConnection *alter = NEW(AstAlterConnection);

    alter->name = *target->name;
    alter->if_exists = target->flag;
    alter->actions = action->actions;
    alter->with = action->with;
    return STATEMENT(AST_ALTER_CONNECTION, alter_connection, alter);
}

static AstStatement *
alter_options(Parser *p, AstObjectType type, const Target *target, const AlterAction *action)
{
    AstAlterOptions *alter = NEW(AstAlterOptions);
    AstConnectionActionKind kind = action->actions.count > 0 ? action->actions.items[0].kind : AST_CONNECTION_SET;

    if (action->action_groups != 1 || (kind != AST_CONNECTION_SET && kind != AST_CONNECTION_RESET)) {
        parser_syntax_error_at(p, action->actions.items[action->actions.count - 1].position);
        return build_statement(p, AST_ALTER_OPTIONS);
    }
    alter->type = type;
    alter->name = *target->name;
    alter->if_exists = target->flag;
    alter->reset = kind == AST_CONNECTION_RESET;
    for (int i = 0; i < action->actions.count; i++)
        PUSH(&alter->options, action->actions.items[i].option);
    alter->with = action->with;
    if (type == AST_OBJECT_NETWORK_POLICY) {
        AstNetworkPolicy *policy = NEW(AstNetworkPolicy);

        if (alter->reset || target->flag || target->name->count != 1)
            parser_syntax_error_at(p, action->position);
        policy->name = (AstIdent){target->name->parts[0], target->name->position};
        policy->options = alter->options;
        return STATEMENT(AST_ALTER_NETWORK_POLICY, network_policy, policy);
    }
    return STATEMENT(AST_ALTER_OPTIONS, alter_options, alter);
}

static AstStatement *
alter_source(Parser *p, const Target *target, const AlterAction *action)
{
    AstAlterSource *alter = NEW(AstAlterSource);

    alter->name = *target->name;
    alter->if_exists = target->flag;
    alter->kind = action->kind == ALTER_ADD_SUBSOURCE    ? AST_ALTER_SOURCE_ADD_SUBSOURCE
                  : action->kind == ALTER_DROP_SUBSOURCE ? AST_ALTER_SOURCE_DROP_SUBSOURCE
                                                         : AST_ALTER_SOURCE_REFRESH_REFERENCES;
    alter->tables = action->references;
    alter->names = action->names;
    alter->subsource_if_exists = action->if_exists;
    alter->behavior = action->behavior;
    alter->with = action->with;
    return STATEMENT(AST_ALTER_SOURCE, alter_source, alter);
}

/* RENAME, SWAP, OWNER, SET SCHEMA, SET CLUSTER. */
static AstStatement *
alter_identity(Parser *p, AstObjectType type, const Target *target, const AlterAction *action)
{
    AstAlterRename *rename;
    AstAlterSwap *swap;
    AstAlterOwner *owner;
    AstAlterSetSchema *set_schema;
    AstAlterSetCluster *set_cluster;

    switch (action->kind) {
    case ALTER_RENAME:
        rename = NEW(AstAlterRename);
        *rename = (AstAlterRename){type, target->flag, *target->name, action->ident};
        return STATEMENT(AST_ALTER_RENAME, alter_rename, rename);
    case ALTER_SWAP:
        swap = NEW(AstAlterSwap);
        *swap = (AstAlterSwap){type, *target->name, action->ident};
        if (target->flag)
            parser_syntax_error_at(p, action->position);
        return STATEMENT(AST_ALTER_SWAP, alter_swap, swap);
    case ALTER_OWNER:
        owner = NEW(AstAlterOwner);
        *owner = (AstAlterOwner){type, target->flag, *target->name, action->ident};
        return STATEMENT(AST_ALTER_OWNER, alter_owner, owner);
    case ALTER_SET_SCHEMA:
        set_schema = NEW(AstAlterSetSchema);
        *set_schema = (AstAlterSetSchema){type, target->flag, *target->name, *action->name};
        return STATEMENT(AST_ALTER_SET_SCHEMA, alter_set_schema, set_schema);
    default:
        set_cluster = NEW(AstAlterSetCluster);
        *set_cluster = (AstAlterSetCluster){type, target->flag, *target->name, action->ident};
        return STATEMENT(AST_ALTER_SET_CLUSTER, alter_set_cluster, set_cluster);
    }
}

AstStatement *
build_alter(Parser *p, AstObjectType type, const Target *target, AlterAction *action)
{
    AstAlterSecret *secret;
    AstAlterSink *sink;
    AstAlterTableAddColumn *add;
    AstAlterApplyReplacement *apply;

    if ((action_types(action->kind) & BIT(type)) == 0) {
        parser_syntax_error_at(p, action->position);
        return build_statement(p, AST_ALTER_OPTIONS);
    }
    switch (action->kind) {
    case ALTER_SECRET:
        secret = NEW(AstAlterSecret);
        *secret = (AstAlterSecret){*target->name, target->flag, action->expr};
        return STATEMENT(AST_ALTER_SECRET, alter_secret, secret);
    case ALTER_SET_FROM:
        sink = NEW(AstAlterSink);
        *sink = (AstAlterSink){*target->name, target->flag, *action->name};
        return STATEMENT(AST_ALTER_SINK, alter_sink, sink);
    case ALTER_ADD_COLUMN:
        add = NEW(AstAlterTableAddColumn);
        *add = (AstAlterTableAddColumn){*target->name, target->flag, action->if_exists, action->column};
        return STATEMENT(AST_ALTER_TABLE_ADD_COLUMN, alter_table_add_column, add);
    case ALTER_APPLY_REPLACEMENT:
        apply = NEW(AstAlterApplyReplacement);
        *apply = (AstAlterApplyReplacement){*target->name, target->flag, *action->name};
        return STATEMENT(AST_ALTER_APPLY_REPLACEMENT, alter_apply_replacement, apply);
    case ALTER_ADD_SUBSOURCE:
    case ALTER_DROP_SUBSOURCE:
    case ALTER_REFRESH_REFERENCES:
        return alter_source(p, target, action);
    case ALTER_OPTION_ACTIONS:
        return type == AST_OBJECT_CONNECTION ? alter_connection(p, target, action)
                                             : alter_options(p, type, target, action);
    default:
        return alter_identity(p, type, target, action);
    }
}

AstStatement *
build_alter_role(Parser *p, AstIdent name, bool user, const AstOptionList *options)
{
    AstAlterRole *role = NEW(AstAlterRole);

    role->name = name;
    role->user = user;
    LIST_SET(role->options, options);
    return STATEMENT(AST_ALTER_ROLE, alter_role, role);
}

AstStatement *
build_alter_role_set(Parser *p, AstIdent name, AstRoleSettingKind kind, const AstSetting *setting)
{
    AstAlterRole *role = NEW(AstAlterRole);

    role->name = name;
    role->setting_kind = kind;
    role->setting = *setting;
    return STATEMENT(AST_ALTER_ROLE, alter_role, role);
}

AstStatement *
build_alter_system(Parser *p, bool reset, bool all, const AstSetting *setting)
{
    AstAlterSystem *alter = NEW(AstAlterSystem);

    alter->reset = reset;
    alter->all = all;
    if (setting != NULL)
        alter->setting = *setting;
    return STATEMENT(AST_ALTER_SYSTEM, alter_system, alter);
}

/* ---- Privileges ---- */

/* In upper case, and of the words that are privileges. */
static void
read_privileges(Parser *p, const Privileges *privileges, AstIdentList *out)
{
    static const char *const known[] = {"SELECT",     "INSERT",  "UPDATE",        "DELETE",
                                        "USAGE",      "CREATE",  "CREATEROLE",    "CREATEDB",
                                        "REFERENCES", "TRIGGER", "CREATECLUSTER", "CREATENETWORKPOLICY"};

    for (int i = 0; privileges->list != NULL && i < privileges->list->count; i++) {
        AstIdent privilege = privileges->list->items[i];
        bool found = false;

        privilege.text = text_upper(p, privilege.text);
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
            found |= strcmp(known[k], privilege.text) == 0;
        if (!found)
            parser_syntax_error_at(p, privilege.position);
        PUSH(out, privilege);
    }
}

AstStatement *
build_default_privileges(Parser *p, const DefaultRoles *roles, const DefaultScope *scope, bool revoke,
                         const Privileges *privileges, AstObjectType type, const AstIdentList *grantees)
{
    AstAlterDefaultPrivileges *alter = NEW(AstAlterDefaultPrivileges);

    alter->all_roles = roles->all;
    LIST_SET(alter->target_roles, roles->roles);
    LIST_SET(alter->schemas, scope->schemas);
    LIST_SET(alter->databases, scope->databases);
    alter->revoke = revoke;
    alter->all = privileges->all;
    read_privileges(p, privileges, &alter->privileges);
    alter->type = type;
    alter->grantees = *grantees;
    return STATEMENT(AST_ALTER_DEFAULT_PRIVILEGES, alter_default_privileges, alter);
}

AstGrantPrivileges *
build_grant_target(Parser *p, AstGrantScope scope, AstObjectType type, const AstNameList *names)
{
    AstGrantPrivileges *grant = NEW(AstGrantPrivileges);

    grant->scope = scope;
    grant->type = type;
    LIST_SET(grant->names, names);
    /* ON SYSTEM: a table of that name would need quotes, which is no loss. */
    if (scope == AST_GRANT_OBJECTS && type == AST_OBJECT_TABLE && names->count == 1 && names->items[0].count == 1 &&
        names->items[0].id == NULL && strcmp(names->items[0].parts[0], "system") == 0) {
        grant->scope = AST_GRANT_SYSTEM;
        grant->type = AST_OBJECT_SYSTEM;
        grant->names = (AstNameList){0};
    }
    return grant;
}

AstStatement *
build_grant(Parser *p, AstStatementKind kind, const Privileges *privileges, AstGrantPrivileges *target,
            const AstIdentList *roles)
{
    target->all = privileges->all;
    read_privileges(p, privileges, &target->privileges);
    target->roles = *roles;
    return STATEMENT(kind, grant_privileges, target);
}

AstStatement *
build_grant_role(Parser *p, AstStatementKind kind, const AstIdentList *roles, const AstIdentList *members)
{
    AstGrantRole *grant = NEW(AstGrantRole);

    grant->roles = *roles;
    grant->members = *members;
    return STATEMENT(kind, grant_role, grant);
}

/* ---- DROP, COMMENT ---- */

AstStatement *
build_drop(Parser *p, AstObjectType type, bool if_exists, const AstNameList *names, AstDropBehavior behavior)
{
    AstDrop *drop = NEW(AstDrop);

    drop->type = type;
    drop->if_exists = if_exists;
    drop->names = *names;
    drop->behavior = behavior;
    return STATEMENT(AST_DROP, drop, drop);
}

AstStatement *
build_drop_role(Parser *p, bool user, bool if_exists, const AstIdentList *names)
{
    AstDrop *drop = NEW(AstDrop);

    drop->type = AST_OBJECT_ROLE;
    drop->if_exists = if_exists;
    drop->user = user;
    for (int i = 0; i < names->count; i++)
        PUSH(&drop->names, *build_name_of(p, names->items[i]));
    return STATEMENT(AST_DROP, drop, drop);
}

AstStatement *
build_comment(Parser *p, AstObjectType type, const AstName *name, const Token *text)
{
    AstComment *comment = NEW(AstComment);

    comment->type = type;
    comment->name = *name;
    comment->text = text->text;
    return STATEMENT(AST_COMMENT, comment, comment);
}
