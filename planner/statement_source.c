/*
 * Sources and their tables: first what to ask upstream, then, with the answer, the items.
 */
#include "planner/statement_internal.h"
#include "planner/statement_upstream.h"

enum { ASK_NONE, ASK_ALL, ASK_SCHEMAS, ASK_TABLES }; /* replication's ReferenceKind */

/* ---- options ---- */

static bool
refuse_details(const AstOptionList *options, const char *statement_name, Error *err)
{
    const AstOption *details = ast_option_find(options, "DETAILS");
    if (details == NULL)
        return true;
    error_at(err, details->position, SQLSTATE_INVALID_PARAMETER_VALUE, "%s specifies DETAILS option", statement_name);
    return error_hint(err, "If trying to use the output of SHOW %s, remove the DETAILS option.", statement_name);
}

typedef VECTOR(const AstValue *) ValueVector;

static void
flatten_value(const AstValue *value, ValueVector *out)
{
    if (value->kind != AST_VALUE_LIST) {
        vector_push(out, value);
        return;
    }
    for (int i = 0; i < value->list.count; i++)
        flatten_value(value->list.items[i], out);
}

static bool
column_reference(const AstOption *option, const AstValue *value, const AstName *table,
                 struct PlannedColumnReference *out, Error *err)
{
    const AstName *name = &value->name;
    *out = (struct PlannedColumnReference){.position = value->position};
    if (value->kind != AST_VALUE_NAME || name->count == 0)
        return error_at(err, value->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "invalid %s option value: not the name of a column", option->name);
    out->column = name->parts[name->count - 1];
    if (table != NULL) {
        if (name->count > 1)
            return error_at(err, value->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                            "invalid %s option value: column name '%s' must not be qualified", option->name,
                            out->column);
        out->table = table->parts[table->count - 1];
        out->schema = table->count > 1 ? table->parts[table->count - 2] : NULL;
        return true;
    }
    if (name->count == 1)
        return error_at(err, value->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "invalid %s option value: column name '%s' must have at least a table qualification",
                        option->name, out->column);
    out->table = name->parts[name->count - 2];
    out->schema = name->count > 2 ? name->parts[name->count - 3] : NULL;
    return true;
}

/* `table`: what CREATE TABLE FROM SOURCE refers to, where columns are named alone; NULL: they are qualified. */
static bool
column_references(PlannerContext *context, const AstOptionList *options, const char *name, const AstName *table,
                  struct PlannedColumnReference **out, int *count, Error *err)
{
    const AstOption *option = ast_option_find(options, name);
    *out = NULL;
    *count = 0;
    if (option == NULL)
        return true;
    ValueVector values = {0};
    flatten_value(option->value, &values);
    *out = arena_new_array(context->arena, struct PlannedColumnReference, values.count + 1);
    bool ok = true;
    for (size_t i = 0; i < values.count && ok; i++)
        ok = column_reference(option, values.items[i], table, &(*out)[(*count)++], err);
    vector_deinit(&values);
    return ok;
}

static bool
inspect_columns(PlannerContext *context, const AstOptionList *options, const AstName *table, InspectPlan *inspect,
                Error *err)
{
    return column_references(context, options, "TEXT COLUMNS", table, &inspect->text_columns,
                             &inspect->text_column_count, err) &&
           column_references(context, options, "EXCLUDE COLUMNS", table, &inspect->exclude_columns,
                             &inspect->exclude_column_count, err);
}

/* ---- what is asked ---- */

static bool
inspect_table(const AstName *name, const AstName *alias, InspectPlan *inspect, Error *err)
{
    if (name->count > 3)
        return error_at(err, name->position, SQLSTATE_INVALID_NAME,
                        "an upstream table has no more than a database, a schema and a name");
    inspect->tables[inspect->table_count++] =
        (struct PlannedReference){.schema = name->count > 1 ? name->parts[name->count - 2] : NULL,
                                  .table = name->parts[name->count - 1],
                                  .alias = alias == NULL ? (AstName){.count = 0} : *alias};
    return true;
}

static bool
inspect_tables(PlannerContext *context, const AstReferenceList *references, InspectPlan *inspect, Error *err)
{
    inspect->references = ASK_TABLES;
    inspect->tables = arena_new_array(context->arena, struct PlannedReference, references->count + 1);
    for (int i = 0; i < references->count; i++)
        if (!inspect_table(&references->items[i].name, &references->items[i].alias, inspect, err))
            return false;
    return true;
}

static InspectPlan *
plan_inspect(PlannerContext *context, StatementPlan *plan, const char *tag)
{
    plan->kind = PLAN_INSPECT;
    plan->tag = tag;
    plan->inspect = arena_new_struct(context->arena, InspectPlan);
    return plan->inspect;
}

/* ---- CREATE SOURCE ---- */

typedef struct SourceNames {
    NewName source, progress;
    Item *connection;
    CatalogCluster *cluster;
    const char *publication;
} SourceNames;

static bool
refuse_kind(const AstStatement *statement, Error *err)
{
    static const char *const names[] = {"POSTGRES", "KAFKA", "MYSQL", "SQL SERVER", "LOAD GENERATOR", "WEBHOOK"};
    const AstCreateSource *create = statement->create_source;
    if (create->kind != AST_SOURCE_POSTGRES)
        return error_at(err, statement->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "CREATE SOURCE ... FROM %s is not supported", names[create->kind]);
    if (create->columns.count > 0 || create->constraints.count > 0)
        return error_at(err, create->name.position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "a column list for a POSTGRES source is not supported");
    if (create->format != NULL || create->include.count > 0 ||
        (create->envelope != NULL && create->envelope->kind != AST_ENVELOPE_NONE))
        return error_at(err, create->name.position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "FORMAT, INCLUDE and ENVELOPE for a POSTGRES source are not supported");
    return true;
}

static bool
source_connection(PlannerContext *context, const AstCreateSource *create, SourceNames *names, Error *err)
{
    static const char *const options[] = {"PUBLICATION", "TEXT COLUMNS", "EXCLUDE COLUMNS", "DETAILS", NULL};
    static const char *const with[] = {"RETAIN HISTORY", "TIMESTAMP INTERVAL", "IGNORE KEYS", "TIMELINE", NULL};
    if (!find_item(context, &create->connection, &names->connection, err))
        return false;
    if (names->connection->kind != ITEM_CONNECTION || strcmp(names->connection->connection_type, "postgres") != 0)
        return error_at(err, create->connection.position, SQLSTATE_WRONG_OBJECT_TYPE, "%s is not a POSTGRES CONNECTION",
                        ast_name_text(&create->connection, context->arena));
    if (!options_known(&create->connection_options, options, "POSTGRES sources", err) ||
        !options_known(&create->with, with, "CREATE SOURCE...WITH", err) ||
        !refuse_details(&create->connection_options, "CREATE SOURCE", err))
        return false;
    const AstValue *publication = option_value(&create->connection_options, "PUBLICATION");
    names->publication = publication == NULL ? NULL : value_text(publication, context->arena);
    return names->publication != NULL || error_at(err, create->connection.position, SQLSTATE_INVALID_PARAMETER_VALUE,
                                                  "CONNECTION must specify PUBLICATION");
}

/* {source}_progress, with a number when that is taken. */
static bool
progress_name(PlannerContext *context, const AstCreateSource *create, SourceNames *names, Error *err)
{
    if (create->progress.count > 0)
        return new_item_name(context, &create->progress, "source", false, false, &names->progress, err);
    const Schema *schema = names->source.schema;
    const char *base = arena_printf(context->arena, "%s_progress", names->source.name);
    const char *name = base;
    for (int suffix = 1; catalog_item_in(schema, name) != NULL; suffix++)
        name = arena_printf(context->arena, "%s%d", base, suffix);
    names->progress = (NewName){.schema = names->source.schema, .name = name};
    return true;
}

static bool
source_names(PlannerContext *context, const AstStatement *statement, SourceNames *names, Error *err)
{
    const AstCreateSource *create = statement->create_source;
    *names = (SourceNames){0};
    if (!refuse_kind(statement, err) || !no_parameters(statement, err) ||
        !new_item_name(context, &create->name, "source", create->if_not_exists, false, &names->source, err))
        return false;
    if (names->source.exists != NULL)
        return true;
    if (!source_connection(context, create, names, err) || !progress_name(context, create, names, err) ||
        !find_cluster(context, &create->cluster, &names->cluster, err))
        return false;
    return !is_system(names->cluster->id) || error_at(err, create->cluster.position, SQLSTATE_INSUFFICIENT_PRIVILEGE,
                                                      "system cluster '%s' cannot be modified", names->cluster->name);
}

bool
plan_create_source(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                   StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateSource *create = statement->create_source;
    SourceNames names;
    if (!source_names(context, statement, &names, err))
        return false;
    if (names.source.exists != NULL) {
        plan_nothing(plan, "CREATE SOURCE");
        return true;
    }
    InspectPlan *inspect = plan_inspect(context, plan, "CREATE SOURCE");
    inspect->connection = names.connection->id;
    inspect->publication = names.publication;
    if (!inspect_columns(context, &create->connection_options, NULL, inspect, err))
        return false;
    switch (create->references) {
    case AST_REFERENCES_NONE:
        inspect->references = ASK_NONE;
        return true;
    case AST_REFERENCES_ALL_TABLES:
        inspect->references = ASK_ALL;
        return true;
    case AST_REFERENCES_SCHEMAS:
        inspect->references = ASK_SCHEMAS;
        inspect->schemas = arena_new_array(context->arena, const char *, create->schemas.count + 1);
        for (int i = 0; i < create->schemas.count; i++)
            inspect->schemas[inspect->schema_count++] = create->schemas.items[i].text;
        return true;
    case AST_REFERENCES_TABLES:
        return inspect_tables(context, &create->tables, inspect, err);
    }
    return true;
}

/* ---- subsources ---- */

/* An upstream table and where it goes. */
typedef struct Subsource {
    const struct UpstreamAnswerTable *table;
    NewName name;
} Subsource;

typedef VECTOR(Subsource) SubsourceVector;

static const struct UpstreamAnswerTable *
find_answer(const UpstreamAnswer *answer, const AstName *name)
{
    const char *table = name->parts[name->count - 1];
    const char *schema = name->count > 1 ? name->parts[name->count - 2] : NULL;
    if (name->count > 2 && strcmp(name->parts[name->count - 3], answer->database) != 0)
        return NULL;
    for (int i = 0; i < answer->table_count; i++) {
        const UpstreamTable *each = &answer->tables[i].table;
        if (strcmp(each->name, table) == 0 && (schema == NULL || strcmp(each->schema, schema) == 0))
            return &answer->tables[i];
    }
    return NULL;
}

static bool
table_not_found(PlannerContext *context, const AstName *name, Error *err)
{
    return error_at(err, name->position, SQLSTATE_UNDEFINED_TABLE, "table %s not found in source",
                    ast_name_text(name, context->arena));
}

/* An alias without a schema, and an upstream name, go to the source's schema. */
static bool
name_subsource(PlannerContext *context, Schema *schema, const AstName *alias, int position,
               const struct UpstreamAnswerTable *table, SubsourceVector *out, Error *err)
{
    AstName full = alias != NULL && alias->count > 1
                       ? *alias
                       : full_name(context->arena, schema,
                                   alias != NULL && alias->count == 1 ? alias->parts[0] : table->table.name);
    full.position = position;
    Subsource subsource = {.table = table};
    if (!new_item_name(context, &full, "source", false, true, &subsource.name, err))
        return false;
    vector_push(out, subsource);
    return true;
}

static bool
same_place(const NewName *a, const NewName *b)
{
    return a->schema == b->schema && strcmp(a->name, b->name) == 0;
}

static bool
twice_named(PlannerContext *context, const Subsource *a, const Subsource *b, Error *err)
{
    error_set(err, SQLSTATE_DUPLICATE_OBJECT, "POSTGRES source validation: multiple subsources would be named %s",
              b->name.name);
    error_detail(err, "referenced tables with duplicate name: %s, %s", upstream_text(&a->table->table, context->arena),
                 upstream_text(&b->table->table, context->arena));
    return error_hint(err, "Specify target table names using FOR TABLES (foo AS bar), or limit the upstream tables "
                           "using FOR SCHEMAS (foo)");
}

static bool
twice_referenced(PlannerContext *context, const Subsource *a, const Subsource *b, Error *err)
{
    error_set(err, SQLSTATE_DUPLICATE_OBJECT, "POSTGRES source validation: multiple subsources refer to table %s",
              upstream_text(&b->table->table, context->arena));
    return error_detail(err, "subsources referencing table: %s, %s", a->name.name, b->name.name);
}

static bool
check_subsources(PlannerContext *context, const SubsourceVector *subsources, const SourceNames *names, Error *err)
{
    for (size_t i = 0; i < subsources->count; i++) {
        const Subsource *subsource = &subsources->items[i];
        for (size_t earlier = 0; earlier < i; earlier++) {
            const Subsource *other = &subsources->items[earlier];
            if (other->table == subsource->table)
                return twice_referenced(context, other, subsource, err);
            if (same_place(&other->name, &subsource->name))
                return twice_named(context, other, subsource, err);
        }
        bool own = names != NULL &&
                   (same_place(&subsource->name, &names->source) || same_place(&subsource->name, &names->progress));
        const Item *exists = subsource->name.exists;
        if (own || exists != NULL)
            return error_set(err, SQLSTATE_DUPLICATE_TABLE, "%s \"%s.%s.%s\" already exists",
                             item_kind_name(own ? ITEM_SOURCE : exists->kind), subsource->name.schema->database->name,
                             subsource->name.schema->name, subsource->name.name);
    }
    return true;
}

static void
put_subsources(PlannerContext *context, const SubsourceVector *subsources, const Item *source, bool ignore_keys,
               StatementPlan *plan)
{
    for (size_t i = 0; i < subsources->count; i++) {
        const Subsource *subsource = &subsources->items[i];
        Item *item = new_item(context, ITEM_SOURCE, subsource->name.schema, subsource->name.name);
        item->source_kind = SOURCE_SUBSOURCE;
        item->source = source->id;
        item->cluster = source->cluster;
        item->shard = item->id;
        item->upstream = upstream_copy(item->arena, &subsource->table->table);
        item->desc = upstream_desc(item->arena, subsource->table, ignore_keys);
        put_upstream_types(context, source->id, item, plan);
        item->create_sql = subsource_sql(item, source);
        item_depends(item, source->id);
        change_put_item(plan, item);
    }
}

static bool
references_to_subsources(PlannerContext *context, const AstReferenceList *references, Schema *schema,
                         const UpstreamAnswer *answer, SubsourceVector *out, Error *err)
{
    for (int i = 0; i < references->count; i++) {
        const AstReference *reference = &references->items[i];
        const struct UpstreamAnswerTable *table = find_answer(answer, &reference->name);
        if (table == NULL)
            return table_not_found(context, &reference->name, err);
        if (!name_subsource(context, schema, &reference->alias, reference->name.position, table, out, err))
            return false;
    }
    return true;
}

static bool
source_subsources(PlannerContext *context, const AstCreateSource *create, const SourceNames *names,
                  const UpstreamAnswer *answer, SubsourceVector *out, Error *err)
{
    if (create->references == AST_REFERENCES_NONE)
        return true;
    if (create->references == AST_REFERENCES_TABLES &&
        !references_to_subsources(context, &create->tables, names->source.schema, answer, out, err))
        return false;
    for (int i = 0; create->references != AST_REFERENCES_TABLES && i < answer->table_count; i++)
        if (!name_subsource(context, names->source.schema, NULL, create->name.position, &answer->tables[i], out, err))
            return false;
    return check_subsources(context, out, names, err);
}

/* ---- SQL of the source ---- */

static void
add_references(Arena *arena, AstReferenceList *list, const SubsourceVector *subsources)
{
    AstReference *items = arena_new_array(arena, AstReference, (size_t) list->count + subsources->count + 1);
    if (list->count > 0)
        memcpy(items, list->items, (size_t) list->count * sizeof *items);
    list->items = items;
    for (size_t i = 0; i < subsources->count; i++) {
        const Subsource *subsource = &subsources->items[i];
        list->items[list->count++] = (AstReference){upstream_name(&subsource->table->table),
                                                    full_name(arena, subsource->name.schema, subsource->name.name)};
    }
}

static bool
source_sql(PlannerContext *context, const AstStatement *statement, const SourceNames *names,
           const SubsourceVector *subsources, Item *source, Error *err)
{
    AstStatement *copy;
    if (!reparse(statement, context->arena, &copy, err))
        return false;
    AstCreateSource *stored = copy->create_source;
    stored->name = full_name(context->arena, names->source.schema, names->source.name);
    stored->if_not_exists = false;
    stored->cluster = (AstIdent){.text = names->cluster->name};
    stored->connection = full_name(context->arena, names->connection->schema, names->connection->name);
    stored->progress = full_name(context->arena, names->progress.schema, names->progress.name);
    stored->schemas = (AstIdentList){0};
    stored->tables = (AstReferenceList){0};
    stored->references = subsources->count > 0 ? AST_REFERENCES_TABLES : AST_REFERENCES_NONE;
    add_references(context->arena, &stored->tables, subsources);
    source->create_sql = print_sql(copy, source->arena);
    return true;
}

static bool
same_name(const AstName *name, const Item *item)
{
    return name->count == 3 && item->schema->database != NULL &&
           strcmp(name->parts[0], item->schema->database->name) == 0 &&
           strcmp(name->parts[1], item->schema->name) == 0 && strcmp(name->parts[2], item->name) == 0;
}

static bool
is_gone(const AstName *alias, Item *const *gone, size_t gone_count)
{
    for (size_t i = 0; i < gone_count; i++)
        if (same_name(alias, gone[i]))
            return true;
    return false;
}

/* Whether a qualified column of TEXT COLUMNS or EXCLUDE COLUMNS is one of an upstream table that goes. */
static bool
column_is_gone(const AstName *column, const AstReferenceList *references, Item *const *gone, size_t gone_count)
{
    for (int i = 0; i < references->count; i++) {
        const AstName *table = &references->items[i].name;
        if (column->count >= 2 && table->count == 3 && is_gone(&references->items[i].alias, gone, gone_count) &&
            strcmp(column->parts[column->count - 2], table->parts[2]) == 0 &&
            (column->count == 2 || strcmp(column->parts[column->count - 3], table->parts[1]) == 0))
            return true;
    }
    return false;
}

static void
forget_columns(Arena *arena, AstCreateSource *stored, const char *name, Item *const *gone, size_t gone_count)
{
    int at = 0;
    while (at < stored->connection_options.count && strcmp(stored->connection_options.items[at]->name, name) != 0)
        at++;
    if (at == stored->connection_options.count)
        return;
    ValueVector values = {0};
    flatten_value(stored->connection_options.items[at]->value, &values);
    AstValue *kept = arena_new_struct(arena, AstValue);
    kept->kind = AST_VALUE_LIST;
    kept->list.items = arena_new_array(arena, AstValue *, values.count + 1);
    for (size_t i = 0; i < values.count; i++)
        if (!column_is_gone(&values.items[i]->name, &stored->tables, gone, gone_count))
            kept->list.items[kept->list.count++] = (AstValue *) values.items[i];
    vector_deinit(&values);
    stored->connection_options.items[at]->value = kept;
    if (kept->list.count > 0)
        return;
    for (int i = at + 1; i < stored->connection_options.count; i++)
        stored->connection_options.items[i - 1] = stored->connection_options.items[i];
    stored->connection_options.count--;
}

bool
source_forget_tables(Item *source, Item *const *gone, size_t gone_count, Error *err)
{
    AstStatement *statement;
    if (!parse_statement(slice_of(source->create_sql), source->arena, &statement, err))
        return false;
    AstCreateSource *stored = statement->create_source;
    forget_columns(source->arena, stored, "TEXT COLUMNS", gone, gone_count);
    forget_columns(source->arena, stored, "EXCLUDE COLUMNS", gone, gone_count);
    int kept = 0;
    for (int i = 0; i < stored->tables.count; i++)
        if (!is_gone(&stored->tables.items[i].alias, gone, gone_count))
            stored->tables.items[kept++] = stored->tables.items[i];
    stored->tables.count = kept;
    if (kept == 0)
        stored->references = AST_REFERENCES_NONE;
    source->create_sql = print_sql(statement, source->arena);
    return true;
}

/* ---- the items of a new source ---- */

static Item *
new_progress(PlannerContext *context, const SourceNames *names)
{
    Item *item = new_item(context, ITEM_SOURCE, names->progress.schema, names->progress.name);
    item->source_kind = SOURCE_PROGRESS;
    item->cluster = names->cluster->id;
    item->shard = item->id;
    item->desc = arena_new_struct(item->arena, RelationDesc);
    item->desc->columns = arena_new_struct(item->arena, RelationColumn);
    item->desc->columns[0] = (RelationColumn){.name = "lsn", .type = SQL_TYPE(UINT8), .nullable = true};
    item->desc->column_count = 1;
    item->create_sql = progress_sql(item);
    return item;
}

static Item *
new_source(PlannerContext *context, const SourceNames *names, const UpstreamAnswer *answer)
{
    Item *item = new_item(context, ITEM_SOURCE, names->source.schema, names->source.name);
    item->source_kind = SOURCE_POSTGRES;
    item->cluster = names->cluster->id;
    item->connection = names->connection->id;
    item->postgres = arena_new_struct(item->arena, PostgresSourceDetails);
    *item->postgres = (PostgresSourceDetails){.publication = arena_strdup(item->arena, names->publication),
                                              .slot = arena_strdup(item->arena, answer->slot_name),
                                              .timeline_id = answer->timeline_id,
                                              .database = arena_strdup(item->arena, answer->database)};
    item_depends(item, names->connection->id);
    return item;
}

static bool
source_created(PlannerContext *context, const AstStatement *statement, const UpstreamAnswer *answer,
               StatementPlan *plan, Error *err)
{
    const AstCreateSource *create = statement->create_source;
    SourceNames names;
    if (!source_names(context, statement, &names, err))
        return false;
    if (names.source.exists != NULL) {
        plan_nothing(plan, "CREATE SOURCE");
        return true;
    }
    bool ignore_keys;
    SubsourceVector subsources = {0};
    bool ok = option_bool(&create->with, "IGNORE KEYS", false, &ignore_keys, err) &&
              source_subsources(context, create, &names, answer, &subsources, err);
    if (ok) {
        plan_change(plan, "CREATE SOURCE");
        Item *progress = new_progress(context, &names);
        change_put_item(plan, progress);
        Item *source = new_source(context, &names, answer);
        change_put_item(plan, source);
        progress->source = source->id;
        put_subsources(context, &subsources, source, ignore_keys, plan);
        ok = source_sql(context, statement, &names, &subsources, source, err);
    }
    vector_deinit(&subsources);
    return ok;
}

/* ---- CREATE TABLE FROM SOURCE ---- */

static bool
find_postgres_source(PlannerContext *context, const AstName *name, bool missing_ok, Item **source, Error *err)
{
    if (!find_item_of_kind(context, name, AST_OBJECT_SOURCE, missing_ok, source, err) || *source == NULL)
        return !error_is_set(err);
    return (*source)->source_kind == SOURCE_POSTGRES ||
           error_at(err, name->position, SQLSTATE_WRONG_OBJECT_TYPE, "%s is not a POSTGRES SOURCE",
                    ast_name_text(name, context->arena));
}

static bool
table_names(PlannerContext *context, const AstStatement *statement, NewName *name, Item **source, Error *err)
{
    static const char *const options[] = {"TEXT COLUMNS",   "EXCLUDE COLUMNS", "PARTITION BY",
                                          "RETAIN HISTORY", "DETAILS",         NULL};
    const AstCreateTableFromSource *create = statement->create_table_from_source;
    if (!no_parameters(statement, err) ||
        !new_item_name(context, &create->name, "table", create->if_not_exists, false, name, err))
        return false;
    if (name->exists != NULL)
        return true;
    if (!find_postgres_source(context, &create->source, false, source, err) ||
        !options_known(&create->with, options, "CREATE TABLE...FROM SOURCE...WITH", err) ||
        !refuse_details(&create->with, "CREATE TABLE", err))
        return false;
    if (create->columns.count > 0 || create->constraints.count > 0)
        return error_at(err, create->name.position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "a column list for CREATE TABLE ... FROM SOURCE is not supported");
    if (create->format != NULL || create->include.count > 0 ||
        (create->envelope != NULL && create->envelope->kind != AST_ENVELOPE_NONE))
        return error_at(err, create->name.position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "FORMAT, INCLUDE and ENVELOPE for a table of a POSTGRES source are not supported");
    return create->reference.count > 0 ||
           error_at(err, create->source.position, SQLSTATE_INVALID_PARAMETER_VALUE,
                    "CREATE TABLE ... FROM SOURCE must specify REFERENCE for a POSTGRES source");
}

bool
plan_create_table_from_source(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                              StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateTableFromSource *create = statement->create_table_from_source;
    NewName name;
    Item *source;
    if (!table_names(context, statement, &name, &source, err))
        return false;
    if (name.exists != NULL) {
        plan_nothing(plan, "CREATE TABLE");
        return true;
    }
    InspectPlan *inspect = plan_inspect(context, plan, "CREATE TABLE");
    inspect->connection = source->connection;
    inspect->publication = source->postgres->publication;
    inspect->source = source->id;
    inspect->references = ASK_TABLES;
    inspect->tables = arena_new_struct(context->arena, struct PlannedReference);
    return inspect_table(&create->reference, NULL, inspect, err) &&
           inspect_columns(context, &create->with, &create->reference, inspect, err);
}

static bool
table_created(PlannerContext *context, const AstStatement *statement, const UpstreamAnswer *answer, StatementPlan *plan,
              Error *err)
{
    const AstCreateTableFromSource *create = statement->create_table_from_source;
    NewName name;
    Item *source;
    AstStatement *copy;
    if (!table_names(context, statement, &name, &source, err))
        return false;
    if (name.exists != NULL) {
        plan_nothing(plan, "CREATE TABLE");
        return true;
    }
    const struct UpstreamAnswerTable *table = find_answer(answer, &create->reference);
    if (table == NULL)
        return table_not_found(context, &create->reference, err);
    if (!reparse(statement, context->arena, &copy, err))
        return false;
    plan_change(plan, "CREATE TABLE");
    Item *item = new_item(context, ITEM_TABLE, name.schema, name.name);
    item->source = source->id;
    item->shard = item->id;
    item->upstream = upstream_copy(item->arena, &table->table);
    item->desc = upstream_desc(item->arena, table, false);
    item_depends(item, source->id);
    AstCreateTableFromSource *stored = copy->create_table_from_source;
    stored->name = full_name(context->arena, name.schema, name.name);
    stored->if_not_exists = false;
    stored->source = full_name(context->arena, source->schema, source->name);
    stored->reference = upstream_name(&table->table);
    item->create_sql = print_sql(copy, item->arena);
    put_upstream_types(context, source->id, item, plan);
    change_put_item(plan, item);
    return true;
}

/* ---- ALTER SOURCE ---- */

static bool
check_added(const AstAlterSource *alter, Error *err)
{
    static const char *const options[] = {"TEXT COLUMNS", "EXCLUDE COLUMNS", "DETAILS", NULL};
    return options_known(&alter->with, options, "ALTER SOURCE...ADD SUBSOURCE...WITH", err) &&
           refuse_details(&alter->with, "CREATE SOURCE", err);
}

static bool
drop_subsources(PlannerContext *context, const AstAlterSource *alter, const Item *source, StatementPlan *plan,
                Error *err)
{
    ItemVector roots = {0};
    bool ok = true;
    for (int i = 0; i < alter->names.count && ok; i++) {
        const AstName *name = &alter->names.items[i];
        Item *item;
        ok = find_item_of_kind(context, name, AST_OBJECT_SUBSOURCE, alter->subsource_if_exists, &item, err);
        if (!ok || item == NULL)
            continue;
        if (item->source != source->id)
            ok = error_at(err, name->position, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a subsource of source \"%s\"",
                          item->name, source->name);
        else if (item->source_kind == SOURCE_PROGRESS)
            ok = error_at(err, name->position, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
                          "cannot drop source \"%s\": it is the progress collection of a source and goes with it",
                          item->name);
        else
            vector_push(&roots, item);
    }
    if (ok && roots.count > 0) {
        plan_change(plan, "ALTER SOURCE");
        ok = drop_items(context, &roots, alter->behavior == AST_DROP_CASCADE, plan, err);
    }
    vector_deinit(&roots);
    return ok;
}

bool
plan_alter_source(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                  StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstAlterSource *alter = statement->alter_source;
    Item *source;
    plan_nothing(plan, "ALTER SOURCE"); /* REFRESH REFERENCES too: what upstream has is asked for when it is needed */
    if (!find_postgres_source(context, &alter->name, alter->if_exists, &source, err))
        return false;
    if (source == NULL || alter->kind == AST_ALTER_SOURCE_REFRESH_REFERENCES)
        return true;
    if (alter->kind == AST_ALTER_SOURCE_DROP_SUBSOURCE)
        return drop_subsources(context, alter, source, plan, err);
    if (!check_added(alter, err))
        return false;
    InspectPlan *inspect = plan_inspect(context, plan, "ALTER SOURCE");
    inspect->connection = source->connection;
    inspect->publication = source->postgres->publication;
    inspect->source = source->id;
    return inspect_tables(context, &alter->tables, inspect, err) &&
           inspect_columns(context, &alter->with, NULL, inspect, err);
}

typedef struct ReferenceSearch {
    ObjectId source;
    const UpstreamTable *table;
    bool found;
} ReferenceSearch;

static void
note_reference(void *context, Item *item)
{
    ReferenceSearch *search = context;
    search->found |= item->source == search->source && item->source_kind == SOURCE_SUBSOURCE &&
                     item->upstream->oid == search->table->oid;
}

/* The options that came with the added tables join those of the source. */
static void
join_column_options(Arena *arena, AstCreateSource *stored, const AstOptionList *with)
{
    AstOptionList *options = &stored->connection_options;
    AstOption **items = arena_new_array(arena, AstOption *, options->count + with->count + 1);
    if (options->count > 0)
        memcpy(items, options->items, (size_t) options->count * sizeof *items);
    options->items = items;
    for (int i = 0; i < with->count; i++) {
        AstOption *added = with->items[i];
        const AstOption *old = ast_option_find(options, added->name);
        if (old == NULL) {
            options->items[options->count++] = added;
            continue;
        }
        ValueVector values = {0};
        flatten_value(old->value, &values);
        flatten_value(added->value, &values);
        AstValue *joined = arena_new_struct(arena, AstValue);
        joined->kind = AST_VALUE_LIST;
        joined->list.items = arena_new_array(arena, AstValue *, values.count + 1);
        for (size_t v = 0; v < values.count; v++)
            joined->list.items[joined->list.count++] = (AstValue *) values.items[v];
        vector_deinit(&values);
        ((AstOption *) old)->value = joined;
    }
}

static bool
added_sql(const AstStatement *statement, const SubsourceVector *subsources, Item *source, Error *err)
{
    AstStatement *stored, *alter;
    if (!parse_statement(slice_of(source->create_sql), source->arena, &stored, err) ||
        !reparse(statement, source->arena, &alter, err))
        return false;
    join_column_options(source->arena, stored->create_source, &alter->alter_source->with);
    stored->create_source->references = AST_REFERENCES_TABLES;
    add_references(source->arena, &stored->create_source->tables, subsources);
    source->create_sql = print_sql(stored, source->arena);
    return true;
}

static bool
subsources_added(PlannerContext *context, const AstStatement *statement, const UpstreamAnswer *answer,
                 StatementPlan *plan, Error *err)
{
    const AstAlterSource *alter = statement->alter_source;
    Item *old;
    plan_nothing(plan, "ALTER SOURCE");
    if (!find_postgres_source(context, &alter->name, alter->if_exists, &old, err) || !check_added(alter, err))
        return false;
    if (old == NULL)
        return true;
    SubsourceVector subsources = {0};
    bool ok = references_to_subsources(context, &alter->tables, old->schema, answer, &subsources, err) &&
              check_subsources(context, &subsources, NULL, err);
    for (size_t i = 0; i < subsources.count && ok; i++) {
        ReferenceSearch search = {old->id, &subsources.items[i].table->table, false};
        catalog_each_item(context->catalog, note_reference, &search);
        if (search.found)
            ok = error_set(err, SQLSTATE_DUPLICATE_OBJECT,
                           "POSTGRES source validation: another subsource already refers to %s",
                           upstream_text(search.table, context->arena));
    }
    if (ok) {
        plan_change(plan, "ALTER SOURCE");
        Item *source = item_copy(old);
        change_put_item(plan, source);
        put_subsources(context, &subsources, source, false, plan);
        ok = added_sql(statement, &subsources, source, err);
    }
    vector_deinit(&subsources);
    return ok;
}

bool
source_inspected(PlannerContext *context, const AstStatement *statement, const UpstreamAnswer *answer,
                 StatementPlan *plan, Error *err)
{
    switch (statement->kind) {
    case AST_CREATE_SOURCE:
        return source_created(context, statement, answer, plan, err);
    case AST_CREATE_TABLE_FROM_SOURCE:
        return table_created(context, statement, answer, plan, err);
    case AST_ALTER_SOURCE:
        return subsources_added(context, statement, answer, plan, err);
    default:
        return error_at(err, statement->position, SQLSTATE_INTERNAL_ERROR, "%s does not ask upstream",
                        ast_statement_kind_name(statement->kind));
    }
}
