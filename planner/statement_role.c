/*
 * Roles: attributes, passwords, settings, membership. A password is kept as a verifier only.
 */
#include "catalog/scram_verifier.h"
#include "planner/statement_internal.h"

/* ---- attributes ---- */

static bool
not_an_attribute(const AstOption *option, Error *err)
{
    static const char *const privileges[] = {"CREATEDB",   "CREATEROLE",   "CREATECLUSTER",
                                             "NOCREATEDB", "NOCREATEROLE", "NOCREATECLUSTER"};
    for (size_t i = 0; i < sizeof privileges / sizeof *privileges; i++) {
        if (strcmp(option->name, privileges[i]) != 0)
            continue;
        error_at(err, option->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s attribute is not supported", option->name);
        return error_detail(err, "Use system privileges instead.");
    }
    if (strcmp(option->name, "NOINHERIT") == 0)
        return error_at(err, option->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "non inherit roles not yet supported");
    return error_at(err, option->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "role attribute %s is not supported",
                    option->name);
}

static bool
set_password(const AstOption *option, Role *role, Error *err)
{
    free((char *) role->verifier);
    role->verifier = NULL;
    if (option->value->kind == AST_VALUE_NULL)
        return true;
    if (option->value->kind != AST_VALUE_TEXT || option->value->text[0] == '\0')
        return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "a password is a string that is not empty");
    role->verifier = scram_make_verifier(slice_of(option->value->text));
    return true;
}

/* A word and its opposite may not both be there, nor one twice. */
static bool
check_conflicts(const AstOptionList *options, Error *err)
{
    for (int i = 0; i < options->count; i++) {
        const char *word = options->items[i]->name;
        for (int earlier = 0; earlier < i; earlier++) {
            const char *other = options->items[earlier]->name;
            bool opposite = (strncmp(word, "NO", 2) == 0 && strcmp(word + 2, other) == 0) ||
                            (strncmp(other, "NO", 2) == 0 && strcmp(other + 2, word) == 0);
            if (opposite || strcmp(word, other) == 0)
                return error_at(err, options->items[i]->position, SQLSTATE_SYNTAX_ERROR,
                                "conflicting or redundant options");
        }
    }
    return true;
}

static bool
set_attributes(const AstOptionList *options, Role *role, Error *err)
{
    if (!check_conflicts(options, err))
        return false;
    for (int i = 0; i < options->count; i++) {
        const AstOption *option = options->items[i];
        if (strcmp(option->name, "SUPERUSER") == 0)
            role->superuser = true;
        else if (strcmp(option->name, "NOSUPERUSER") == 0)
            role->superuser = false;
        else if (strcmp(option->name, "LOGIN") == 0)
            role->login = true;
        else if (strcmp(option->name, "NOLOGIN") == 0)
            role->login = false;
        else if (strcmp(option->name, "INHERIT") == 0)
            role->inherit = true;
        else if (strcmp(option->name, "PASSWORD") != 0)
            return not_an_attribute(option, err);
        else if (!set_password(option, role, err))
            return false;
    }
    return true;
}

static void
put_role(StatementPlan *plan, Role *role)
{
    ChangeStep step = {.kind = CHANGE_PUT_ROLE, .id = role->id, .role = role};
    vector_push(&plan->change->steps, step);
}

bool
plan_create_role(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                 StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateRole *create = statement->create_role;
    Catalog *catalog = (Catalog *) context->catalog;
    if (create->user)
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "CREATE USER is not supported, use CREATE ROLE with LOGIN instead");
    if (!name_not_reserved(&create->name, "role", err))
        return false;
    if (catalog_role(catalog, create->name.text) != NULL)
        return error_at(err, create->name.position, SQLSTATE_DUPLICATE_OBJECT, "role '%s' already exists",
                        create->name.text);
    plan_change(plan, "CREATE ROLE");
    Role *role = memory_calloc(1, sizeof *role);
    put_role(plan, role);
    role->id = catalog_allocate_id(catalog);
    role->oid = catalog_allocate_oid(catalog);
    role->name = memory_strdup(create->name.text);
    role->inherit = true;
    role->settings = map_new();
    plan->change->steps.items[plan->change->steps.count - 1].id = role->id;
    return set_attributes(&create->options, role, err);
}

/* ---- ALTER ROLE ---- */

static char *
setting_text(const AstSetting *setting, Arena *arena)
{
    Buffer text = {0};
    for (int i = 0; i < setting->values.count; i++) {
        const char *value = value_text(setting->values.items[i], arena);
        buffer_printf(&text, i == 0 ? "%s" : ", %s", value == NULL ? "" : value);
    }
    return buffer_to_arena(&text, arena);
}

bool
plan_alter_role(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
                Error *err)
{
    (void) indexes;
    const AstAlterRole *alter = statement->alter_role;
    Role *old;
    if (!find_role(context, &alter->name, &old, err))
        return false;
    if (is_system(old->id) && !name_not_reserved(&alter->name, "role", err))
        return false;
    plan_change(plan, "ALTER ROLE");
    Role *role = role_copy(old);
    put_role(plan, role);
    if (alter->setting_kind == AST_ROLE_SETTING_NONE)
        return set_attributes(&alter->options, role, err);
    Slice variable = slice_of(alter->setting.variable);
    if (alter->setting_kind == AST_ROLE_RESET || alter->setting.is_default) {
        if (role->settings != NULL)
            free(map_remove(role->settings, variable));
        return true;
    }
    if (role->settings == NULL)
        role->settings = map_new();
    free(map_put(role->settings, variable, memory_strdup(setting_text(&alter->setting, context->arena))));
    return true;
}

/* ---- ALTER SYSTEM ---- */

typedef struct SettingReset {
    Arena *arena;
    CatalogChange *change;
} SettingReset;

static void
reset_setting(void *context, Slice name, const char *value)
{
    (void) value;
    SettingReset *reset = context;
    ChangeStep step = {.kind = CHANGE_SET_SYSTEM, .name = arena_strndup(reset->arena, name.bytes, name.size)};
    vector_push(&reset->change->steps, step);
}

bool
plan_alter_system(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                  StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstAlterSystem *alter = statement->alter_system;
    const Role *role = catalog_role_by_id(context->catalog, context->role);
    if (role == NULL || !role->superuser)
        return error_at(err, statement->position, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied to alter system");
    plan_change(plan, "ALTER SYSTEM");
    if (alter->all) {
        SettingReset reset = {context->arena, plan->change};
        catalog_each_system_setting(context->catalog, reset_setting, &reset);
        return true;
    }
    ChangeStep step = {.kind = CHANGE_SET_SYSTEM, .name = arena_strdup(context->arena, alter->setting.variable)};
    if (!alter->reset && !alter->setting.is_default)
        step.value = setting_text(&alter->setting, context->arena);
    vector_push(&plan->change->steps, step);
    return true;
}

/* ---- membership ---- */

static bool
is_member(const Catalog *catalog, const Role *member, ObjectId of, int depth)
{
    for (size_t i = 0; i < member->members_of.count && depth < 100; i++) {
        const Role *above = catalog_role_by_id(catalog, member->members_of.items[i]);
        if (member->members_of.items[i] == of || (above != NULL && is_member(catalog, above, of, depth + 1)))
            return true;
    }
    return false;
}

static int
membership(const Role *member, ObjectId of)
{
    for (size_t i = 0; i < member->members_of.count; i++)
        if (member->members_of.items[i] == of)
            return (int) i;
    return -1;
}

static bool
change_membership(PlannerContext *context, bool revoke, const Role *role, Role *member, int position, Error *err)
{
    int at = membership(member, role->id);
    if (revoke) {
        if (at < 0)
            plan_notice(context, SQLSTATE_WARNING, "role \"%s\" is not a member of role \"%s\"", member->name,
                        role->name);
        else
            vector_remove(&member->members_of, (size_t) at);
        return true;
    }
    if (at >= 0) {
        plan_notice(context, SQLSTATE_DUPLICATE_OBJECT, "role \"%s\" is already a member of role \"%s\"", member->name,
                    role->name);
        return true;
    }
    if (role->id == member->id || is_member(context->catalog, role, member->id, 0))
        return error_at(err, position, SQLSTATE_INVALID_PARAMETER_VALUE, "role \"%s\" is a member of role \"%s\"",
                        role->name, member->name);
    vector_push(&member->members_of, role->id);
    return true;
}

bool
plan_grant_role(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
                Error *err)
{
    (void) indexes;
    const AstGrantRole *grant = statement->grant_role;
    bool revoke = statement->kind == AST_REVOKE_ROLE;
    plan_change(plan, revoke ? "REVOKE ROLE" : "GRANT ROLE");
    for (int m = 0; m < grant->members.count; m++) {
        Role *old;
        if (!find_role(context, &grant->members.items[m], &old, err))
            return false;
        Role *member = NULL;
        for (size_t i = 0; i < plan->change->steps.count; i++)
            if (plan->change->steps.items[i].id == old->id)
                member = plan->change->steps.items[i].role;
        if (member == NULL) {
            member = role_copy(old);
            put_role(plan, member);
        }
        for (int r = 0; r < grant->roles.count; r++) {
            Role *role;
            if (!find_role(context, &grant->roles.items[r], &role, err) ||
                !change_membership(context, revoke, role, member, grant->roles.items[r].position, err))
                return false;
        }
    }
    return true;
}
