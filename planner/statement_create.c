/*
 * Databases and schemas, and what every CREATE checks.
 */
#include "planner/statement_internal.h"

bool
error_from_copy(const AstStatement *statement, Error *err)
{
    if (err->position > 0)
        err->position += statement->position - 1;
    return false;
}

bool
no_parameters(const AstStatement *statement, Error *err)
{
    return statement->parameters == 0 || error_set(err, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $1");
}

bool
name_not_reserved(const AstIdent *name, const char *what, Error *err)
{
    static const char *const prefixes[] = {"mz_", "pg_", "external_"};
    bool reserved = slice_equal_nocase(slice_of(name->text), "PUBLIC");
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        reserved |= strncmp(name->text, prefixes[i], strlen(prefixes[i])) == 0;
    return !reserved ||
           error_at(err, name->position, SQLSTATE_RESERVED_NAME, "%s name \"%s\" is reserved", what, name->text);
}

bool
not_system(const Item *item, int position, PlannerContext *context, Error *err)
{
    return !is_system(item->id) ||
           error_at(err, position, SQLSTATE_INSUFFICIENT_PRIVILEGE, "system item '%s' cannot be modified",
                    item_full_name(item, context->arena));
}

/* ---- databases ---- */

static void
put_schema(PlannerContext *context, Database *database, const char *name, StatementPlan *plan)
{
    Catalog *catalog = (Catalog *) context->catalog;
    Schema *schema = memory_calloc(1, sizeof *schema);
    schema->id = catalog_allocate_id(catalog);
    schema->oid = catalog_allocate_oid(catalog);
    schema->name = memory_strdup(name);
    schema->owner = context->role;
    schema->database = database;
    ChangeStep step = {.kind = CHANGE_PUT_SCHEMA, .id = schema->id, .schema = schema};
    vector_push(&plan->change->steps, step);
}

bool
plan_create_database(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                     StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateDatabase *create = statement->create_database;
    Catalog *catalog = (Catalog *) context->catalog;
    if (catalog_database(catalog, create->name.text) != NULL) {
        if (!create->if_not_exists)
            return error_at(err, create->name.position, SQLSTATE_DUPLICATE_DATABASE, "database '%s' already exists",
                            create->name.text);
        plan_notice(context, SQLSTATE_DUPLICATE_DATABASE, "database \"%s\" already exists, skipping",
                    create->name.text);
        plan_nothing(plan, "CREATE DATABASE");
        return true;
    }
    plan_change(plan, "CREATE DATABASE");
    Database *database = memory_calloc(1, sizeof *database);
    database->id = catalog_allocate_id(catalog);
    database->oid = catalog_allocate_oid(catalog);
    database->name = memory_strdup(create->name.text);
    database->owner = context->role;
    ChangeStep step = {.kind = CHANGE_PUT_DATABASE, .id = database->id, .database = database};
    vector_push(&plan->change->steps, step);
    put_schema(context, database, "public", plan);
    return true;
}

/* ---- schemas ---- */

bool
plan_create_schema(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                   StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateSchema *create = statement->create_schema;
    const AstName *name = &create->name;
    const char *schema_name = name->parts[name->count - 1];
    const char *database_name = name->count > 1 ? name->parts[name->count - 2] : context->scope.database;
    if (name->count > 2)
        return error_at(err, name->position, SQLSTATE_SYNTAX_ERROR, "schema name '%s' has more than two components",
                        ast_name_text(name, context->arena));
    Database *database = catalog_database(context->catalog, database_name);
    if (database == NULL)
        return error_at(err, name->position, SQLSTATE_INVALID_CATALOG_NAME, "unknown database '%s'",
                        database_name == NULL ? "" : database_name);
    if (catalog_schema(context->catalog, database->name, schema_name) != NULL) {
        if (!create->if_not_exists)
            return error_at(err, name->position, SQLSTATE_DUPLICATE_SCHEMA, "schema '%s' already exists", schema_name);
        plan_notice(context, SQLSTATE_DUPLICATE_SCHEMA, "schema \"%s\" already exists, skipping", schema_name);
        plan_nothing(plan, "CREATE SCHEMA");
        return true;
    }
    if (strncmp(schema_name, "mz_", 3) == 0 || strncmp(schema_name, "pg_", 3) == 0) {
        error_at(err, name->position, SQLSTATE_RESERVED_NAME, "unacceptable schema name '%s'", schema_name);
        return error_detail(err, "The prefixes \"mz_\" and \"pg_\" are reserved for system schemas.");
    }
    plan_change(plan, "CREATE SCHEMA");
    put_schema(context, database, schema_name, plan);
    return true;
}
