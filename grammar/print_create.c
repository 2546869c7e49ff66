/*
 * print_create.c -- CREATE statements, as SHOW CREATE and the catalog write them.
 */
#include <string.h>

#include "grammar/print.h"

static void
print_head(Printer *to, const char *words, bool if_not_exists, const AstName *name)
{
    print_text(to, words);
    print_text(to, if_not_exists ? "IF NOT EXISTS " : "");
    print_name(to, name);
}

static void
print_cluster(Printer *to, const AstIdent *cluster)
{
    if (cluster->text == NULL)
        return;
    print_line(to);
    print_text(to, "IN CLUSTER ");
    print_ident(to, cluster->text);
}

static bool
is_absent(const AstName *name)
{
    return name->count == 0 && name->id == NULL;
}

/* ---- Columns and constraints ---- */

static void
print_constraint(Printer *to, const AstConstraint *constraint)
{
    static const char *const words[] = {"PRIMARY KEY", "UNIQUE", "CHECK", "FOREIGN KEY"};
    bool column = constraint->kind == AST_CONSTRAINT_FOREIGN_KEY && constraint->columns.count == 0;

    if (constraint->name.text != NULL) {
        print_text(to, "CONSTRAINT ");
        print_ident(to, constraint->name.text);
        print_text(to, " ");
    }
    if (!column)
        print_text(to, words[constraint->kind]);
    print_text(to, constraint->nulls_not_distinct ? " NULLS NOT DISTINCT" : "");
    print_ident_list(to, &constraint->columns);
    if (constraint->check != NULL) {
        print_text(to, " (");
        print_expr(to, constraint->check);
        print_text(to, ")");
    }
    if (!is_absent(&constraint->foreign_table)) {
        print_text(to, column ? "REFERENCES " : " REFERENCES ");
        print_name(to, &constraint->foreign_table);
        print_ident_list(to, &constraint->foreign_columns);
    }
}

void
print_column_def(Printer *to, const AstColumnDef *column)
{
    print_ident(to, column->name.text);
    if (column->type != NULL) {
        print_text(to, " ");
        print_type(to, column->type);
    }
    if (!is_absent(&column->collation)) {
        print_text(to, " COLLATE ");
        print_name(to, &column->collation);
    }
    if (column->nullability != AST_NULLABLE_UNSAID)
        print_text(to, column->nullability == AST_NOT_NULL ? " NOT NULL" : " NULL");
    if (column->default_ != NULL) { /* a b_expr */
        print_text(to, " DEFAULT ");
        print_operand(to, column->default_,
                      column->default_->kind == AST_EXPR_INTEGER || column->default_->kind == AST_EXPR_DECIMAL
                          ? LEVEL_ANY
                          : LEVEL_CAST);
    }
    for (int i = 0; i < column->constraints.count; i++) {
        print_text(to, " ");
        print_constraint(to, column->constraints.items[i]);
    }
}

static void
print_elements(Printer *to, const AstColumnDefList *columns, const AstConstraintList *constraints)
{
    const char *between = "";

    print_text(to, " ");
    print_open(to);
    for (int i = 0; i < columns->count; i++) {
        print_text(to, between);
        if (i > 0)
            print_line(to);
        print_column_def(to, columns->items[i]);
        between = ",";
    }
    for (int i = 0; i < constraints->count; i++) {
        print_text(to, between);
        if (between[0] != '\0')
            print_line(to);
        print_constraint(to, constraints->items[i]);
        between = ",";
    }
    print_close(to);
}

/* ---- Formats and envelopes ---- */

static void
print_strategy(Printer *to, const char *words, const AstStrategy *strategy)
{
    if (strategy->kind == AST_STRATEGY_NONE)
        return;
    print_text(to, words);
    if (strategy->kind == AST_STRATEGY_LATEST)
        print_text(to, "LATEST");
    if (strategy->kind == AST_STRATEGY_ID) {
        print_text(to, "ID ");
        print_text(to, strategy->text);
    }
    if (strategy->kind == AST_STRATEGY_INLINE) {
        print_text(to, "INLINE ");
        print_string(to, strategy->text);
    }
}

static void
print_registry(Printer *to, const AstFormat *format)
{
    print_text(to, " USING CONFLUENT SCHEMA REGISTRY CONNECTION ");
    print_name(to, &format->connection);
    if (format->options.count > 0) {
        print_text(to, " ");
        print_options(to, &format->options);
    }
    if (format->seed_value != NULL) {
        print_text(to, " SEED");
        if (format->seed_key != NULL) {
            print_text(to, " KEY SCHEMA ");
            print_string(to, format->seed_key);
        }
        print_text(to, " VALUE SCHEMA ");
        print_string(to, format->seed_value);
    }
    print_strategy(to, " KEY STRATEGY ", &format->key_strategy);
    print_strategy(to, " VALUE STRATEGY ", &format->value_strategy);
}

static void
print_csv(Printer *to, const AstFormat *format)
{
    if (format->header) {
        print_text(to, "CSV WITH HEADER");
        print_ident_list(to, &format->header_columns);
    } else {
        buffer_printf(to->out, "CSV WITH %d COLUMNS", format->columns);
    }
    if (format->delimiter != NULL) {
        print_text(to, " DELIMITED BY ");
        print_string(to, format->delimiter);
    }
}

static void
print_format(Printer *to, const AstFormat *format)
{
    switch (format->kind) {
    case AST_FORMAT_AVRO_REGISTRY:
        print_text(to, "AVRO");
        print_registry(to, format);
        break;
    case AST_FORMAT_AVRO_SCHEMA:
        print_text(to, "AVRO USING SCHEMA ");
        print_string(to, format->text);
        if (format->options.count > 0) {
            print_text(to, " ");
            print_options(to, &format->options);
        }
        break;
    case AST_FORMAT_PROTOBUF_REGISTRY:
        print_text(to, "PROTOBUF");
        print_registry(to, format);
        break;
    case AST_FORMAT_PROTOBUF_SCHEMA:
        print_text(to, "PROTOBUF MESSAGE ");
        print_string(to, format->message);
        print_text(to, " USING SCHEMA ");
        print_string(to, format->text);
        break;
    case AST_FORMAT_JSON:
        print_text(to, format->array ? "JSON ARRAY" : "JSON");
        break;
    case AST_FORMAT_TEXT:
        print_text(to, "TEXT");
        break;
    case AST_FORMAT_BYTES:
        print_text(to, "BYTES");
        break;
    case AST_FORMAT_CSV:
        print_csv(to, format);
        break;
    case AST_FORMAT_REGEX:
        print_text(to, "REGEX ");
        print_string(to, format->text);
        break;
    }
}

static void
print_formats(Printer *to, const AstFormat *key, const AstFormat *value)
{
    if (value == NULL)
        return;
    print_line(to);
    if (key != NULL) {
        print_text(to, "KEY FORMAT ");
        print_format(to, key);
        print_line(to);
        print_text(to, "VALUE ");
    }
    print_text(to, "FORMAT ");
    print_format(to, value);
}

static void
print_include(Printer *to, const AstInclude *include)
{
    static const char *const words[] = {"KEY", "PARTITION", "OFFSET", "TIMESTAMP", "HEADERS", "HEADER "};

    print_text(to, words[include->kind]);
    if (include->kind == AST_INCLUDE_HEADER)
        print_string(to, include->header);
    for (int i = 0; i < include->filters.count; i++) {
        print_text(to, i == 0 ? " (" : ", ");
        print_text(to, include->filters.items[i].blocked ? "NOT " : "");
        print_string(to, include->filters.items[i].header);
    }
    print_text(to, include->filters.count > 0 ? ")" : "");
    if (include->alias.text != NULL) {
        print_text(to, " AS ");
        print_ident(to, include->alias.text);
    }
    print_text(to, include->bytes ? " BYTES" : "");
}

static void
print_includes(Printer *to, const AstIncludeList *includes)
{
    for (int i = 0; i < includes->count; i++) {
        if (i == 0) {
            print_line(to);
            print_text(to, "INCLUDE ");
        } else {
            print_text(to, ", ");
        }
        print_include(to, includes->items[i]);
    }
}

void
print_envelope(Printer *to, const AstEnvelope *envelope)
{
    static const char *const words[] = {"NONE", "UPSERT", "DEBEZIUM", "MATERIALIZE"};

    print_text(to, "ENVELOPE ");
    print_text(to, words[envelope->kind]);
    if (envelope->keys.count > 0) {
        print_text(to, " (KEY");
        print_ident_list(to, &envelope->keys);
        print_text(to, ")");
    }
    if (envelope->decoding_inline) {
        print_text(to, " (VALUE DECODING ERRORS = INLINE");
        if (envelope->decoding_alias.text != NULL) {
            print_text(to, " AS ");
            print_ident(to, envelope->decoding_alias.text);
        }
        print_text(to, ")");
    }
}

static void
print_envelope_clause(Printer *to, const AstEnvelope *envelope)
{
    if (envelope == NULL)
        return;
    print_line(to);
    print_envelope(to, envelope);
}

/* ---- Sources ---- */

void
print_references(Printer *to, const AstReferenceList *tables)
{
    for (int i = 0; i < tables->count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_name(to, &tables->items[i].name);
        if (!is_absent(&tables->items[i].alias)) {
            print_text(to, " AS ");
            print_name(to, &tables->items[i].alias);
        }
    }
}

static void
print_source_references(Printer *to, const AstCreateSource *source)
{
    if (source->references == AST_REFERENCES_NONE)
        return;
    print_line(to);
    if (source->references == AST_REFERENCES_ALL_TABLES) {
        print_text(to, "FOR ALL TABLES");
    } else if (source->references == AST_REFERENCES_SCHEMAS) {
        print_text(to, "FOR SCHEMAS");
        print_ident_list(to, &source->schemas);
    } else {
        print_text(to, "FOR TABLES (");
        print_references(to, &source->tables);
        print_text(to, ")");
    }
}

static void
print_check(Printer *to, const AstCreateSource *source)
{
    static const char *const words[] = {"HEADERS", "BODY", "SECRET "};

    if (source->check == NULL)
        return;
    print_line(to);
    print_text(to, "CHECK (");
    for (int i = 0; i < source->check_with.count; i++) {
        const AstCheckInput *input = &source->check_with.items[i];

        print_text(to, i == 0 ? "WITH (" : ", ");
        print_text(to, words[input->kind]);
        if (input->kind == AST_CHECK_SECRET)
            print_name(to, &input->secret);
        if (input->alias.text != NULL) {
            print_text(to, " AS ");
            print_ident(to, input->alias.text);
        }
        print_text(to, input->bytes ? " BYTES" : "");
    }
    print_text(to, source->check_with.count > 0 ? ") " : "");
    print_expr(to, source->check);
    print_text(to, ")");
}

static void
print_webhook(Printer *to, const AstCreateSource *source)
{
    print_head(to, source->is_table ? "CREATE TABLE " : "CREATE SOURCE ", source->if_not_exists, &source->name);
    to->indent += 4;
    print_cluster(to, &source->cluster);
    print_line(to);
    print_text(to, "FROM WEBHOOK BODY FORMAT ");
    print_format(to, source->format);
    print_includes(to, &source->include);
    print_check(to, source);
    to->indent -= 4;
}

static void
print_source_connection(Printer *to, const AstCreateSource *source)
{
    static const char *const words[] = {"POSTGRES", "KAFKA", "MYSQL", "SQL SERVER", "LOAD GENERATOR"};

    print_line(to);
    print_text(to, "FROM ");
    print_text(to, words[source->kind]);
    print_text(to, source->kind == AST_SOURCE_LOAD_GENERATOR ? " " : " CONNECTION ");
    if (source->kind == AST_SOURCE_LOAD_GENERATOR)
        print_text(to, source->generator);
    else
        print_name(to, &source->connection);
    if (source->connection_options.count > 0) {
        print_text(to, " ");
        print_options(to, &source->connection_options);
    }
}

static void
print_create_source(Printer *to, const AstCreateSource *source)
{
    if (source->kind == AST_SOURCE_WEBHOOK) {
        print_webhook(to, source);
        return;
    }
    print_head(to, "CREATE SOURCE ", source->if_not_exists, &source->name);
    if (source->constraints.count > 0) {
        print_text(to, " (");
        print_idents(to, &source->columns);
        for (int i = 0; i < source->constraints.count; i++) {
            print_text(to, source->columns.count + i > 0 ? ", " : "");
            print_constraint(to, source->constraints.items[i]);
        }
        print_text(to, ")");
    } else {
        print_ident_list(to, &source->columns);
    }
    to->indent += 4;
    print_cluster(to, &source->cluster);
    print_source_connection(to, source);
    print_formats(to, source->key_format, source->format);
    print_includes(to, &source->include);
    print_envelope_clause(to, source->envelope);
    print_source_references(to, source);
    if (!is_absent(&source->progress)) {
        print_line(to);
        print_text(to, "EXPOSE PROGRESS AS ");
        print_name(to, &source->progress);
    }
    print_with_options(to, &source->with);
    to->indent -= 4;
}

static void
print_create_subsource(Printer *to, const AstCreateSubsource *subsource)
{
    print_head(to, "CREATE SUBSOURCE ", subsource->if_not_exists, &subsource->name);
    if (subsource->columns.count > 0 || subsource->constraints.count > 0)
        print_elements(to, &subsource->columns, &subsource->constraints);
    to->indent += 4;
    if (!is_absent(&subsource->of_source)) {
        print_line(to);
        print_text(to, "OF SOURCE ");
        print_name(to, &subsource->of_source);
    }
    print_with_options(to, &subsource->with);
    to->indent -= 4;
}

static void
print_table_from_source(Printer *to, const AstCreateTableFromSource *table)
{
    print_head(to, "CREATE TABLE ", table->if_not_exists, &table->name);
    if (table->columns.count > 0 || table->constraints.count > 0)
        print_elements(to, &table->columns, &table->constraints);
    to->indent += 4;
    print_line(to);
    print_text(to, "FROM SOURCE ");
    print_name(to, &table->source);
    if (!is_absent(&table->reference)) {
        print_text(to, " (REFERENCE = ");
        print_name(to, &table->reference);
        print_text(to, ")");
    }
    print_formats(to, table->key_format, table->format);
    print_includes(to, &table->include);
    print_envelope_clause(to, table->envelope);
    print_with_options(to, &table->with);
    to->indent -= 4;
}

/* ---- Sinks ---- */

void
print_sink_body(Printer *to, const AstCreateSink *sink)
{
    to->indent += 4;
    print_cluster(to, &sink->cluster);
    print_line(to);
    print_text(to, "FROM ");
    print_name(to, &sink->from);
    print_line(to);
    print_text(to, "INTO ");
    print_text(to, sink->kind);
    print_text(to, " CONNECTION ");
    print_name(to, &sink->connection);
    if (sink->connection_options.count > 0) {
        print_text(to, " ");
        print_options(to, &sink->connection_options);
    }
    if (!is_absent(&sink->aws_connection)) {
        print_text(to, " USING AWS CONNECTION ");
        print_name(to, &sink->aws_connection);
    }
    if (sink->has_key) {
        print_line(to);
        print_text(to, "KEY");
        print_ident_list(to, &sink->key);
        print_text(to, sink->key_not_enforced ? " NOT ENFORCED" : "");
    }
    if (sink->headers.text != NULL) {
        print_line(to);
        print_text(to, "HEADERS ");
        print_ident_quoted(to, sink->headers.text); /* KEY and VALUE would read on into FORMAT */
    }
    print_formats(to, sink->key_format, sink->format);
    print_envelope_clause(to, sink->envelope);
    print_with_options(to, &sink->with);
    to->indent -= 4;
}

/* ---- Views, indexes ---- */

static void
print_create_view(Printer *to, const AstCreateView *view)
{
    print_text(to, view->or_replace ? "CREATE OR REPLACE " : "CREATE ");
    print_text(to, view->temporary ? "TEMPORARY " : "");
    print_head(to, "VIEW ", view->if_not_exists, &view->name);
    print_ident_list(to, &view->columns);
    print_text(to, " AS");
    print_indent(to);
    print_query(to, view->query);
    print_outdent(to);
}

static void
print_create_materialized_view(Printer *to, const AstCreateMaterializedView *view)
{
    print_text(to, view->or_replace ? "CREATE OR REPLACE " : view->replacement ? "CREATE REPLACEMENT " : "CREATE ");
    print_head(to, "MATERIALIZED VIEW ", view->if_not_exists, &view->name);
    print_ident_list(to, &view->columns);
    if (!is_absent(&view->target)) {
        print_text(to, " FOR ");
        print_name(to, &view->target);
    }
    to->indent += 4;
    print_cluster(to, &view->cluster);
    print_with_options(to, &view->with);
    print_line(to);
    print_text(to, "AS");
    print_line(to);
    print_query(to, view->query);
    if (view->as_of != NULL) {
        print_line(to);
        print_text(to, "AS OF ");
        print_expr(to, view->as_of);
    }
    to->indent -= 4;
}

static void
print_create_index(Printer *to, const AstCreateIndex *index)
{
    print_text(to, index->default_ ? "CREATE DEFAULT INDEX" : index->unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX");
    print_text(to, index->if_not_exists ? " IF NOT EXISTS" : "");
    if (index->name.text != NULL) {
        print_text(to, " ");
        print_ident(to, index->name.text);
    }
    to->indent += 4;
    print_cluster(to, &index->cluster);
    print_line(to);
    print_text(to, "ON ");
    print_name(to, &index->on);
    if (index->method.text != NULL) {
        print_text(to, " USING ");
        print_ident(to, index->method.text);
    }
    if (index->has_keys) {
        print_text(to, " (");
        print_expr_list(to, &index->keys);
        print_text(to, ")");
    }
    print_with_options(to, &index->with);
    to->indent -= 4;
}

/* ---- The others ---- */

static void
print_create_table(Printer *to, const AstCreateTable *table)
{
    print_text(to, table->temporary ? "CREATE TEMPORARY " : "CREATE ");
    print_head(to, "TABLE ", table->if_not_exists, &table->name);
    if (table->columns.count > 0 || table->constraints.count > 0)
        print_elements(to, &table->columns, &table->constraints);
    else
        print_text(to, " ()");
    print_with_options(to, &table->with);
}

static void
print_create_connection(Printer *to, const AstCreateConnection *connection)
{
    print_head(to, "CREATE CONNECTION ", connection->if_not_exists, &connection->name);
    to->indent += 4;
    print_line(to);
    print_text(to, "TO ");
    print_text(to, connection->type);
    print_text(to, " ");
    print_options(to, &connection->options);
    print_with_options(to, &connection->with);
    to->indent -= 4;
}

static void
print_create_secret(Printer *to, const AstCreateSecret *secret)
{
    print_head(to, "CREATE SECRET ", secret->if_not_exists, &secret->name);
    print_text(to, " AS ");
    if (print_redacts(to))
        print_string(to, "<REDACTED>");
    else
        print_expr(to, secret->value);
}

static void
print_create_type(Printer *to, const AstCreateType *type)
{
    print_head(to, "CREATE TYPE ", false, &type->name);
    if (type->kind == AST_CREATE_TYPE_RECORD) {
        print_text(to, " AS ");
        print_typed_columns(to, &type->fields);
        return;
    }
    if (type->kind == AST_CREATE_TYPE_ENUM) {
        print_text(to, " AS ENUM (");
        for (int i = 0; i < type->labels.count; i++) {
            print_text(to, i > 0 ? ", " : "");
            print_string(to, type->labels.items[i].text);
        }
        print_text(to, ")");
        return;
    }
    print_text(to, type->kind == AST_CREATE_TYPE_LIST ? " AS LIST (" : " AS MAP (");
    for (int i = 0; i < type->options.count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_text(to, type->options.items[i].name);
        print_text(to, " = ");
        print_type(to, type->options.items[i].type);
    }
    print_text(to, ")");
}

static void
print_create_cluster(Printer *to, const AstCreateCluster *cluster)
{
    print_text(to, cluster->if_not_exists ? "CREATE CLUSTER IF NOT EXISTS " : "CREATE CLUSTER ");
    print_ident(to, cluster->name.text);
    if (cluster->has_replicas) {
        print_text(to, " REPLICAS (");
        for (int i = 0; i < cluster->replicas.count; i++) {
            if (i > 0)
                print_text(to, ", ");
            print_ident(to, cluster->replicas.items[i].name.text);
            print_text(to, " ");
            print_options(to, &cluster->replicas.items[i].options);
        }
        print_text(to, ")");
        return;
    }
    print_text(to, " ");
    print_options(to, &cluster->options);
    if (cluster->features.count > 0) {
        print_text(to, " FEATURES ");
        print_options(to, &cluster->features);
    }
}

bool
print_create_statement(Printer *to, const AstStatement *statement)
{
    switch (statement->kind) {
    case AST_CREATE_CONNECTION:
        print_create_connection(to, statement->create_connection);
        return true;
    case AST_CREATE_SECRET:
        print_create_secret(to, statement->create_secret);
        return true;
    case AST_CREATE_DATABASE:
        print_text(to,
                   statement->create_database->if_not_exists ? "CREATE DATABASE IF NOT EXISTS " : "CREATE DATABASE ");
        print_ident(to, statement->create_database->name.text);
        return true;
    case AST_CREATE_SCHEMA:
        print_head(to, "CREATE SCHEMA ", statement->create_schema->if_not_exists, &statement->create_schema->name);
        return true;
    case AST_CREATE_SOURCE:
        print_create_source(to, statement->create_source);
        return true;
    case AST_CREATE_SUBSOURCE:
        print_create_subsource(to, statement->create_subsource);
        return true;
    case AST_CREATE_SINK:
        print_head(to, "CREATE SINK ", statement->create_sink->if_not_exists, &statement->create_sink->name);
        print_sink_body(to, statement->create_sink);
        return true;
    case AST_CREATE_VIEW:
        print_create_view(to, statement->create_view);
        return true;
    case AST_CREATE_MATERIALIZED_VIEW:
        print_create_materialized_view(to, statement->create_materialized_view);
        return true;
    case AST_CREATE_TABLE:
        print_create_table(to, statement->create_table);
        return true;
    case AST_CREATE_TABLE_FROM_SOURCE:
        print_table_from_source(to, statement->create_table_from_source);
        return true;
    case AST_CREATE_INDEX:
        print_create_index(to, statement->create_index);
        return true;
    case AST_CREATE_TYPE:
        print_create_type(to, statement->create_type);
        return true;
    case AST_CREATE_ROLE:
        print_text(to, statement->create_role->user ? "CREATE USER " : "CREATE ROLE ");
        print_ident(to, statement->create_role->name.text);
        print_role_options(to, &statement->create_role->options);
        return true;
    case AST_CREATE_CLUSTER:
        print_create_cluster(to, statement->create_cluster);
        return true;
    case AST_CREATE_CLUSTER_REPLICA:
        print_text(to, "CREATE CLUSTER REPLICA ");
        print_ident(to, statement->create_cluster_replica->cluster.text);
        print_text(to, ".");
        print_ident(to, statement->create_cluster_replica->name.text);
        print_text(to, " ");
        print_options(to, &statement->create_cluster_replica->options);
        return true;
    case AST_CREATE_NETWORK_POLICY:
        print_text(to, "CREATE NETWORK POLICY ");
        print_ident(to, statement->network_policy->name.text);
        print_text(to, " ");
        print_options(to, &statement->network_policy->options);
        return true;
    default:
        return false;
    }
}
