/*
 * build_create.c -- CREATE statements.
 */
#include <stdlib.h>
#include <string.h>

#include "grammar/build.h"
#include "grammar/sql.h"

/* ---- Views and indexes ---- */

AstStatement *
build_create_view(Parser *p, bool or_replace, bool temporary, const Target *name, const AstIdentList *columns,
                  AstQuery *query)
{
    AstCreateView *view = NEW(AstCreateView);

    view->name = *name->name;
    view->if_not_exists = name->flag;
    view->or_replace = or_replace;
    view->temporary = temporary;
    LIST_SET(view->columns, columns);
    view->query = query;
    return STATEMENT(AST_CREATE_VIEW, create_view, view);
}

/* AS OF after the query is the view's, not the query's. */
AstCreateMaterializedView *
build_materialized_view(Parser *p, const Target *name, const AstIdentList *columns, const AstName *target,
                        AstIdent cluster, const AstOptionList *with, AstQuery *query)
{
    AstCreateMaterializedView *view = NEW(AstCreateMaterializedView);

    view->name = *name->name;
    view->if_not_exists = name->flag;
    LIST_SET(view->columns, columns);
    if (target != NULL)
        view->target = *target;
    view->cluster = cluster;
    LIST_SET(view->with, with);
    view->query = query;
    if (query->as_of != NULL && !query->as_of->at_least) {
        view->as_of = query->as_of->expr;
        query->as_of = NULL;
    }
    return view;
}

AstStatement *
build_create_index(Parser *p, const IdentTarget *name, AstIdent cluster, const AstName *on, AstIdent method,
                   const AstExprList *keys, const AstOptionList *with)
{
    AstCreateIndex *index = NEW(AstCreateIndex);

    if (name != NULL) {
        index->name = name->ident;
        index->if_not_exists = name->flag;
    }
    index->cluster = cluster;
    index->on = *on;
    index->method = method;
    LIST_SET(index->keys, keys);
    index->has_keys = keys != NULL;
    LIST_SET(index->with, with);
    return STATEMENT(AST_CREATE_INDEX, create_index, index);
}

/* ---- Connections, types, roles, clusters ---- */

AstStatement *
build_create_connection(Parser *p, const Target *name, const Words *type, const AstOptionList *options,
                        const AstOptionList *with)
{
    AstCreateConnection *connection = NEW(AstCreateConnection);

    connection->name = *name->name;
    connection->if_not_exists = name->flag;
    connection->type = type->text;
    connection->type_position = type->position;
    LIST_SET(connection->options, options);
    LIST_SET(connection->with, with);
    return STATEMENT(AST_CREATE_CONNECTION, create_connection, connection);
}

AstStatement *
build_create_enum(Parser *p, const Target *name, const Token *word, const AstIdentList *labels)
{
    AstStatement *statement = build_create_type(p, name, AST_CREATE_TYPE_ENUM, NULL, NULL);

    if (strcmp(word->text, "enum") != 0)
        parser_error_at(p, SQLSTATE_SYNTAX_ERROR, word->position, "syntax error at or near \"%s\"", word->text);
    LIST_SET(statement->create_type->labels, labels);
    return statement;
}

AstStatement *
build_create_type(Parser *p, const Target *name, AstCreateTypeKind kind, const AstTypeOptionList *options,
                  const AstColumnDefList *fields)
{
    AstCreateType *type = NEW(AstCreateType);

    if (name->flag)
        parser_error_at(p, SQLSTATE_SYNTAX_ERROR, name->name->position, "CREATE TYPE does not support IF NOT EXISTS");
    type->name = *name->name;
    type->kind = kind;
    LIST_SET(type->options, options);
    LIST_SET(type->fields, fields);
    return STATEMENT(AST_CREATE_TYPE, create_type, type);
}

AstStatement *
build_create_role(Parser *p, AstIdent name, bool user, const AstOptionList *options)
{
    AstCreateRole *role = NEW(AstCreateRole);

    role->name = name;
    role->user = user;
    LIST_SET(role->options, options);
    return STATEMENT(AST_CREATE_ROLE, create_role, role);
}

AstOption *
build_role_option(Parser *p, const Token *word, const Token *value)
{
    static const char *const attributes[] = {
        "SUPERUSER",
        "NOSUPERUSER",
        "LOGIN",
        "NOLOGIN",
        "INHERIT",
        "NOINHERIT",
        "CREATEDB",
        "NOCREATEDB",
        "CREATEROLE",
        "NOCREATEROLE",
        "CREATECLUSTER",
        "NOCREATECLUSTER",
        "REPLICATION",
        "NOREPLICATION",
        "BYPASSRLS",
        "NOBYPASSRLS",
        "CREATENETWORKPOLICY",
        "NOCREATENETWORKPOLICY",
    };
    AstOption *option = NEW(AstOption);
    bool known = value != NULL;

    option->name = text_upper(p, word->text);
    option->position = word->position;
    if (value == NULL)
        option->value = NEW(AstValue);
    else
        option->value = build_value_text(p, value->kind == TK_NULL ? AST_VALUE_NULL : AST_VALUE_TEXT, value, "");
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        known |= strcmp(attributes[i], option->name) == 0;
    if (!known)
        parser_syntax_error_at(p, word->position);
    return option;
}

AstStatement *
build_create_cluster(Parser *p, const IdentTarget *name, const AstOptionList *options,
                     const AstReplicaDefList *replicas)
{
    AstCreateCluster *cluster = NEW(AstCreateCluster);

    cluster->name = name->ident;
    cluster->if_not_exists = name->flag;
    LIST_SET(cluster->options, options);
    cluster->has_replicas = replicas != NULL;
    LIST_SET(cluster->replicas, replicas);
    return STATEMENT(AST_CREATE_CLUSTER, create_cluster, cluster);
}

AstStatement *
build_create_replica(Parser *p, const Token *cluster, const Token *name, const AstOptionList *options)
{
    AstCreateClusterReplica *replica = NEW(AstCreateClusterReplica);

    replica->cluster = IDENT(*cluster);
    replica->name = IDENT(*name);
    LIST_SET(replica->options, options);
    return STATEMENT(AST_CREATE_CLUSTER_REPLICA, create_cluster_replica, replica);
}

/* ---- Tables ---- */

AstColumnDef *
build_column(Parser *p, const Token *name, AstType *type)
{
    AstColumnDef *column = NEW(AstColumnDef);

    column->position = name->position;
    column->name = IDENT(*name);
    column->type = type;
    return column;
}

AstConstraint *
build_constraint(Parser *p, const Token *at, AstConstraintKind kind, const AstIdentList *columns)
{
    AstConstraint *constraint = NEW(AstConstraint);

    constraint->kind = kind;
    constraint->position = at->position;
    LIST_SET(constraint->columns, columns);
    return constraint;
}

AstStatement *
build_create_table(Parser *p, bool temporary, const Target *name, const TableElements *elements,
                   const AstOptionList *with)
{
    AstCreateTable *table = NEW(AstCreateTable);

    table->name = *name->name;
    table->if_not_exists = name->flag;
    table->temporary = temporary;
    if (elements != NULL) {
        table->columns = *elements->columns;
        table->constraints = *elements->constraints;
    }
    for (int i = 0; i < table->columns.count; i++) {
        if (table->columns.items[i]->type == NULL)
            parser_error_at(p, SQLSTATE_SYNTAX_ERROR, table->columns.items[i]->position, "column \"%s\" has no type",
                            table->columns.items[i]->name.text);
    }
    LIST_SET(table->with, with);
    return STATEMENT(AST_CREATE_TABLE, create_table, table);
}

/* The one option between the parentheses is REFERENCE. */
static void
read_reference(Parser *p, const AstOptionList *options, AstName *out)
{
    for (int i = 0; options != NULL && i < options->count; i++) {
        const AstOption *option = options->items[i];
        const AstValue *value = option->value;

        if (strcmp(option->name, "REFERENCE") != 0 || i > 0) {
            parser_syntax_error_at(p, option->position);
            return;
        }
        if (value->kind == AST_VALUE_TEXT) {
            out->parts[0] = value->text;
            out->count = 1;
            out->position = value->position;
        } else if (value->kind == AST_VALUE_NAME && value->name.id == NULL && value->options.count == 0) {
            *out = value->name;
        } else {
            parser_syntax_error_at(p, value->position != 0 ? value->position : option->position);
        }
    }
}

AstStatement *
build_create_table_from_source(Parser *p, const Target *name, const TableElements *elements, const AstName *source,
                               const AstOptionList *reference, const SourceTail *tail)
{
    AstCreateTableFromSource *table = NEW(AstCreateTableFromSource);

    if (tail->references.kind != AST_REFERENCES_NONE || tail->progress != NULL)
        parser_error_at(p, SQLSTATE_SYNTAX_ERROR, name->name->position,
                        "CREATE TABLE ... FROM SOURCE takes neither FOR nor EXPOSE PROGRESS");
    table->name = *name->name;
    table->if_not_exists = name->flag;
    if (elements != NULL) {
        table->columns = *elements->columns;
        table->constraints = *elements->constraints;
    }
    table->source = *source;
    read_reference(p, reference, &table->reference);
    table->format = tail->formats.value;
    table->key_format = tail->formats.key;
    LIST_SET(table->include, tail->include);
    table->envelope = tail->envelope;
    LIST_SET(table->with, tail->with);
    return STATEMENT(AST_CREATE_TABLE_FROM_SOURCE, create_table_from_source, table);
}

/* ---- Sources ---- */

SourceConnection *
build_source_connection(Parser *p, AstSourceKind kind, AstName *connection, const char *generator,
                        AstOptionList *options)
{
    SourceConnection *source = NEW(SourceConnection);

    source->kind = kind;
    source->connection = connection;
    source->generator = generator;
    source->options = options;
    return source;
}

SourceTail *
build_source_tail(Parser *p, const Formats *formats, AstIncludeList *include, AstEnvelope *envelope,
                  const References *references, AstName *progress, AstOptionList *with)
{
    SourceTail *tail = NEW(SourceTail);

    tail->formats = *formats;
    tail->include = include;
    tail->envelope = envelope;
    tail->references = *references;
    tail->progress = progress;
    tail->with = with;
    return tail;
}

static void
source_columns(Parser *p, AstCreateSource *source, const TableElements *elements)
{
    if (elements->columns == NULL)
        return;
    for (int i = 0; i < elements->columns->count; i++) {
        const AstColumnDef *column = elements->columns->items[i];

        if (column->type != NULL || column->constraints.count > 0 || column->default_ != NULL)
            parser_syntax_error_at(p, column->type != NULL ? column->type->position : column->position);
        PUSH(&source->columns, column->name);
    }
    source->constraints = *elements->constraints;
}

AstStatement *
build_create_source(Parser *p, const Target *name, const TableElements *elements, AstIdent cluster,
                    const SourceConnection *connection, const SourceTail *tail)
{
    AstCreateSource *source = NEW(AstCreateSource);

    source->name = *name->name;
    source->if_not_exists = name->flag;
    source_columns(p, source, elements);
    source->cluster = cluster;
    source->kind = connection->kind;
    if (connection->connection != NULL)
        source->connection = *connection->connection;
    source->generator = connection->generator;
    LIST_SET(source->connection_options, connection->options);
    source->format = tail->formats.value;
    source->key_format = tail->formats.key;
    LIST_SET(source->include, tail->include);
    source->envelope = tail->envelope;
    source->references = tail->references.kind;
    LIST_SET(source->schemas, tail->references.schemas);
    LIST_SET(source->tables, tail->references.tables);
    if (tail->progress != NULL)
        source->progress = *tail->progress;
    LIST_SET(source->with, tail->with);
    return STATEMENT(AST_CREATE_SOURCE, create_source, source);
}

AstStatement *
build_create_webhook(Parser *p, const Target *name, bool table, AstIdent cluster, AstFormat *format,
                     const AstIncludeList *include, WebhookCheck check)
{
    AstCreateSource *source = NEW(AstCreateSource);

    source->name = *name->name;
    source->if_not_exists = name->flag;
    source->cluster = cluster;
    source->kind = AST_SOURCE_WEBHOOK;
    source->is_table = table;
    source->format = format;
    LIST_SET(source->include, include);
    source->check = check.expr;
    LIST_SET(source->check_with, check.inputs);
    return STATEMENT(AST_CREATE_SOURCE, create_source, source);
}

AstStatement *
build_create_subsource(Parser *p, const Target *name, const TableElements *elements, const AstName *source,
                       const AstOptionList *with)
{
    AstCreateSubsource *subsource = NEW(AstCreateSubsource);

    subsource->name = *name->name;
    subsource->if_not_exists = name->flag;
    if (elements->columns != NULL) {
        subsource->columns = *elements->columns;
        subsource->constraints = *elements->constraints;
    }
    if (source != NULL)
        subsource->of_source = *source;
    LIST_SET(subsource->with, with);
    return STATEMENT(AST_CREATE_SUBSOURCE, create_subsource, subsource);
}

AstInclude *
build_include(Parser *p, const Token *at, AstIncludeKind kind, AstIdent alias)
{
    AstInclude *include = NEW(AstInclude);

    include->kind = kind;
    include->alias = alias;
    include->position = at->position;
    return include;
}

AstCheckInput *
build_check_input(Parser *p, AstCheckInputKind kind, const AstName *secret, AstIdent alias, bool bytes)
{
    AstCheckInput *input = NEW(AstCheckInput);

    input->kind = kind;
    if (secret != NULL)
        input->secret = *secret;
    input->alias = alias;
    input->bytes = bytes;
    return input;
}

AstFormat *
build_format(Parser *p, const Token *at, AstFormatKind kind)
{
    AstFormat *format = NEW(AstFormat);

    format->kind = kind;
    format->position = at->position;
    return format;
}

/* A small count written as an integer. */
int
build_count(Parser *p, const Token *number)
{
    long count = strlen(number->text) > 6 ? 0 : strtol(number->text, NULL, 10);

    if (count < 1)
        parser_error_at(p, SQLSTATE_INVALID_PARAMETER_VALUE, number->position,
                        "number of columns must be between 1 and 999999");
    return (int) count;
}

/* ---- Sinks ---- */

AstCreateSink *
build_sink_connection(Parser *p, const char *kind, const AstName *connection, const AstOptionList *options,
                      const AstName *aws_connection)
{
    AstCreateSink *sink = NEW(AstCreateSink);

    sink->kind = kind;
    sink->connection = *connection;
    if (aws_connection != NULL)
        sink->aws_connection = *aws_connection;
    LIST_SET(sink->connection_options, options);
    return sink;
}

AstCreateSink *
build_sink(Parser *p, AstCreateSink *sink, AstIdent cluster, const AstName *from, const SinkKey *key, AstIdent headers,
           const Formats *formats, AstEnvelope *envelope, const AstOptionList *with)
{
    (void) p;
    sink->cluster = cluster;
    sink->from = *from;
    sink->has_key = key->columns != NULL;
    LIST_SET(sink->key, key->columns);
    sink->key_not_enforced = key->not_enforced;
    sink->headers = headers;
    sink->format = formats->value;
    sink->key_format = formats->key;
    sink->envelope = envelope;
    LIST_SET(sink->with, with);
    return sink;
}
