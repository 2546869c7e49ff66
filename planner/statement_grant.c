/*
 * GRANT and REVOKE of privileges: what others than the owner may do, kept with the object.
 */
#include "planner/statement_internal.h"

#include <stdlib.h>
#include <strings.h>

static const struct {
    const char *name;
    char letter;
} privileges[] = {{"SELECT", 'r'}, {"INSERT", 'a'}, {"UPDATE", 'w'}, {"DELETE", 'd'}, {"USAGE", 'U'}, {"CREATE", 'C'}};

typedef struct Grant {
    PlannerContext *context;
    const AstGrantPrivileges *ast;
    StatementPlan *plan;
    bool revoke;
} Grant;

/* The letters that were asked for; 42601-like errors for those that the kind of object does not have. */
static bool
asked_letters(const Grant *grant, const char *possible, const char *object, char *letters, Error *err)
{
    const AstGrantPrivileges *ast = grant->ast;
    if (ast->all) {
        memcpy(letters, possible, strlen(possible) + 1);
        return true;
    }
    size_t count = 0;
    for (int i = 0; i < ast->privileges.count; i++) {
        const AstIdent *name = &ast->privileges.items[i];
        size_t at = 0, all = sizeof privileges / sizeof *privileges;
        while (at < all && strcasecmp(privileges[at].name, name->text) != 0)
            at++;
        if (at == all || strchr(possible, privileges[at].letter) == NULL)
            return error_at(err, name->position, SQLSTATE_INVALID_GRANT_OPERATION, "invalid privilege types %s for %s",
                            name->text, object);
        if (memchr(letters, privileges[at].letter, count) == NULL)
            letters[count++] = privileges[at].letter;
    }
    letters[count] = '\0';
    return true;
}

/* One grantee's letters after the statement, in the order in which PostgreSQL prints them. */
static void
append_entry(Buffer *out, const char *grantee, const char *had, size_t had_size, const char *letters, bool revoke,
             const char *grantor)
{
    size_t start = out->size;
    if (out->size > 0)
        buffer_append_char(out, ' ');
    buffer_printf(out, "%s=", grantee);
    size_t before = out->size;
    for (const char *letter = "arwdUC"; *letter != '\0'; letter++) {
        bool has = had_size > 0 && memchr(had, *letter, had_size) != NULL, named = strchr(letters, *letter) != NULL;
        if (revoke ? has && !named : has || named)
            buffer_append_char(out, *letter);
    }
    if (out->size == before) {
        out->size = start;
        return;
    }
    buffer_printf(out, "/%s", grantor);
}

/* The list of an object after the statement. */
static const char *
acl_changed(const Grant *grant, const char *acl, const char *grantee, const char *letters, const char *grantor)
{
    Buffer out = {0};
    bool found = false;
    for (const char *at = acl == NULL ? "" : acl; *at != '\0';) {
        size_t size = strcspn(at, " "), name = strcspn(at, "="), slash = strcspn(at, "/");
        if (strlen(grantee) == name && memcmp(at, grantee, name) == 0) {
            found = true;
            append_entry(&out, grantee, at + name + 1, slash - name - 1, letters, grant->revoke, grantor);
        } else {
            if (out.size > 0)
                buffer_append_char(&out, ' ');
            buffer_append(&out, at, size);
        }
        at += size + strspn(at + size, " ");
    }
    if (!found)
        append_entry(&out, grantee, NULL, 0, letters, grant->revoke, grantor);
    return out.size == 0 ? (buffer_deinit(&out), NULL) : buffer_to_arena(&out, grant->context->arena);
}

/* What is kept of an object's privileges after the statement; grants to the owner change nothing. */
static bool
new_acl(const Grant *grant, const char *acl, ObjectId owner, const char *possible, const char *object,
        const char **changed, Error *err)
{
    char letters[16];
    if (!asked_letters(grant, possible, object, letters, err))
        return false;
    ObjectIdText grantor = object_id_text(owner);
    *changed = acl;
    for (int i = 0; i < grant->ast->roles.count; i++) {
        const AstIdent *name = &grant->ast->roles.items[i];
        Role *role = NULL;
        bool everybody = strcasecmp(name->text, "public") == 0;
        if (!everybody && !find_role(grant->context, name, &role, err))
            return false;
        if (role != NULL && role->id == owner)
            continue;
        ObjectIdText grantee = role == NULL ? (ObjectIdText){""} : object_id_text(role->id);
        *changed = acl_changed(grant, *changed, grantee.text, letters, grantor.text);
    }
    return true;
}

static bool
grant_on_item(const Grant *grant, Item *item, int position, Error *err)
{
    Item *copy;
    const char *acl;
    const char *possible = item->kind == ITEM_TABLE ? "arwd" : item_is_relation(item) ? "r" : "U";
    if (!not_system(item, position, grant->context, err) ||
        !new_acl(grant, item->acl, item->owner, possible,
                 arena_printf(grant->context->arena, "%s \"%s\"", item_kind_name(item->kind), item->name), &acl, err) ||
        !put_item_copy(grant->context, item, grant->plan, &copy, err))
        return false;
    copy->acl = acl == NULL ? NULL : arena_strdup(copy->arena, acl);
    return true;
}

static char *
kept_text(const char *text)
{
    return text == NULL ? NULL : memory_strdup(text);
}

static bool
grant_on_schema(const Grant *grant, const AstName *name, Error *err)
{
    Schema *schema;
    const char *acl;
    if (!find_schema(grant->context, name, &schema, err) ||
        !new_acl(grant, schema->acl, schema->owner, "UC", "SCHEMA", &acl, err))
        return false;
    if (schema->database == NULL)
        return error_at(err, name->position, SQLSTATE_INSUFFICIENT_PRIVILEGE, "system schema '%s' cannot be modified",
                        schema->name);
    Schema *copy = schema_copy(schema);
    free((char *) copy->acl);
    copy->acl = kept_text(acl);
    ChangeStep step = {.kind = CHANGE_PUT_SCHEMA, .id = copy->id, .schema = copy};
    vector_push(&grant->plan->change->steps, step);
    return true;
}

static bool
grant_on_database(const Grant *grant, const AstName *name, Error *err)
{
    Database *database = catalog_database(grant->context->catalog, name->parts[0]);
    const char *acl;
    if (database == NULL)
        return error_at(err, name->position, SQLSTATE_INVALID_CATALOG_NAME, "unknown database '%s'", name->parts[0]);
    if (!new_acl(grant, database->acl, database->owner, "UC", "DATABASE", &acl, err))
        return false;
    Database *copy = database_copy(database);
    free((char *) copy->acl);
    copy->acl = kept_text(acl);
    ChangeStep step = {.kind = CHANGE_PUT_DATABASE, .id = copy->id, .database = copy};
    vector_push(&grant->plan->change->steps, step);
    return true;
}

static bool
grant_on_cluster(const Grant *grant, const AstName *name, Error *err)
{
    AstIdent ident = {.text = name->parts[0], .position = name->position};
    CatalogCluster *cluster;
    const char *acl;
    if (!find_cluster(grant->context, &ident, &cluster, err) ||
        !new_acl(grant, cluster->acl, cluster->owner, "UC", "CLUSTER", &acl, err))
        return false;
    if ((cluster->id & OBJECT_ID_SYSTEM) != 0)
        return error_at(err, name->position, SQLSTATE_INSUFFICIENT_PRIVILEGE, "system cluster '%s' cannot be modified",
                        cluster->name);
    CatalogCluster *copy = cluster_copy(cluster);
    free((char *) copy->acl);
    copy->acl = kept_text(acl);
    ChangeStep step = {.kind = CHANGE_PUT_CLUSTER, .id = copy->id, .cluster = copy};
    vector_push(&grant->plan->change->steps, step);
    return true;
}

static bool
grant_on_name(const Grant *grant, const AstName *name, Error *err)
{
    Item *item;
    switch (grant->ast->type) {
    case AST_OBJECT_SCHEMA:
        return grant_on_schema(grant, name, err);
    case AST_OBJECT_DATABASE:
        return grant_on_database(grant, name, err);
    case AST_OBJECT_CLUSTER:
        return grant_on_cluster(grant, name, err);
    case AST_OBJECT_TABLE:
        return find_relation(grant->context, name, &item, err) && grant_on_item(grant, item, name->position, err);
    case AST_OBJECT_SECRET:
    case AST_OBJECT_CONNECTION:
    case AST_OBJECT_TYPE:
        return find_item_of_kind(grant->context, name, grant->ast->type, false, &item, err) &&
               grant_on_item(grant, item, name->position, err);
    default:
        return error_at(err, name->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "privileges on a %s are not supported",
                        ast_object_type_name(grant->ast->type));
    }
}

/* ALL TABLES IN SCHEMA: the relations that are there now. */
typedef struct SchemaGrant {
    const Grant *grant;
    const Schema *schema;
    int position;
    bool worked;
    Error *err;
} SchemaGrant;

static void
grant_on_each(void *context, Item *item)
{
    SchemaGrant *each = context;
    bool wanted = each->grant->ast->type == AST_OBJECT_TABLE        ? item_is_relation(item)
                  : each->grant->ast->type == AST_OBJECT_SECRET     ? item->kind == ITEM_SECRET
                  : each->grant->ast->type == AST_OBJECT_CONNECTION ? item->kind == ITEM_CONNECTION
                                                                    : item->kind == ITEM_TYPE;
    if (each->worked && wanted && item->schema == each->schema && !item->is_temporary)
        each->worked = grant_on_item(each->grant, item, each->position, each->err);
}

bool
plan_grant_privileges(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                      StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstGrantPrivileges *ast = statement->grant_privileges;
    Grant grant = {context, ast, plan, statement->kind == AST_REVOKE_PRIVILEGES};
    if (ast->grant_option)
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED, "grant options are not supported");
    if (ast->scope != AST_GRANT_OBJECTS && ast->scope != AST_GRANT_ALL_IN_SCHEMA)
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "privileges on all of a kind or on the system are not supported");
    plan_change(plan, grant.revoke ? "REVOKE" : "GRANT");
    for (int i = 0; i < ast->names.count; i++) {
        const AstName *name = &ast->names.items[i];
        if (ast->scope == AST_GRANT_OBJECTS) {
            if (!grant_on_name(&grant, name, err))
                return false;
            continue;
        }
        Schema *schema;
        if (!find_schema(context, name, &schema, err))
            return false;
        SchemaGrant each = {&grant, schema, name->position, true, err};
        catalog_each_item(context->catalog, grant_on_each, &each);
        if (!each.worked)
            return false;
    }
    return true;
}
