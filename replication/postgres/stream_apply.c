#include "replication/postgres/stream_internal.h"

#include "base/log.h"
#include "replication/postgres/published.h"
#include "replication/postgres/upstream_type.h"

#define OLD_ROW_MISSING                                                                                                \
    "old row missing from replication stream. Did you forget to set REPLICA IDENTITY to FULL for your table?"

/* ---- relations ---- */

Relation *
stream_relation(PostgresSource *source, uint32_t oid)
{
    if (source->last_relation != NULL && source->last_relation->oid == oid)
        return source->last_relation;
    Relation *relation = map_get_u64(source->relations, oid);
    if (relation == NULL) {
        relation = memory_calloc(1, sizeof *relation);
        relation->oid = oid;
        relation->arena = arena_new();
        map_put_u64(source->relations, oid, relation);
    }
    return source->last_relation = relation;
}

void
stream_forget_relations(PostgresSource *source)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(source->relations, &iterator, &key, &value)) {
        Relation *relation = value;
        relation->has_message = false;
        for (size_t i = 0; i < relation->tables.count; i++)
            relation->tables.items[i]->bound = false;
    }
}

void
stream_bind(PostgresSource *source, StreamTable *table)
{
    Relation *relation = stream_relation(source, table->spec->table.upstream_oid);
    free(table->misfit);
    table->misfit = NULL;
    table->bound = relation->has_message;
    if (!relation->has_message)
        return;
    Arena *arena = arena_new();
    const char *misfit = relation_misfit(table->spec, &relation->message, table->wire, arena);
    if (misfit != NULL)
        table->misfit = memory_strdup(misfit);
    arena_free(arena);
}

/* The catalogs tell a column that was renamed from one that was dropped, which the stream does not. */
static void
explain_misfit(PostgresSource *source, StreamTable *table)
{
    Error err = ERROR_INIT;
    PGconn *connection;
    if (!upstream_connect(&source->config, false, source->stop_fd, &connection, &err)) {
        error_clear(&err);
        return;
    }
    Arena *arena = arena_new();
    PublishedRequest request = {
        .publication = source->publication, .oids = &table->spec->table.upstream_oid, .oid_count = 1};
    PublishedCatalog catalog;
    const char *text = NULL;
    if (published_read(connection, source->stop_fd, &request, arena, &catalog, &err))
        text = published_misfit(table->spec, &catalog, source->publication, arena);
    if (text != NULL) {
        free(table->misfit);
        table->misfit = memory_strdup(text);
    }
    error_clear(&err);
    arena_free(arena);
    PQfinish(connection);
}

/* ---- errors of tables ---- */

void
stream_mark_dirty(PostgresSource *source, StreamTable *table)
{
    if (table->dirty)
        return;
    table->dirty = true;
    vector_push(&source->dirty, table);
}

void
stream_break_table(PostgresSource *source, StreamTable *table, const char *text)
{
    if (table->state == TABLE_BROKEN)
        return;
    log_warn("postgres", "table is in error source=u%llu table=%s.%s: %s", (unsigned long long) source->id,
             table->spec->table.schema, table->spec->table.name, text);
    char *error = memory_strdup(text);
    if (table->state == TABLE_LIVE)
        changes_roll_back(&table->changes);
    else
        changes_clear(&table->changes);
    stream_snapshot_forget(table);
    table->state = TABLE_BROKEN;
    free(table->error);
    table->error = error;
    stream_mark_dirty(source, table);
    Buffer status = {0};
    buffer_printf(&status, "postgres: %s", text);
    stream_report(source, table->spec->table.object_id, STATUS_CEASED, buffer_text(&status),
                  "Drop the table and create it again.");
    buffer_deinit(&status);
    watch_remove(source->watch, table->spec->table.shard_id);
}

/* It shows while a transaction is open: what came before stays readable, so the error waits for the commit. */
static void
fail_table(PostgresSource *source, StreamTable *table, const char *text)
{
    if (table->state == TABLE_COPYING && !table->lsn_known) {
        /* The snapshot may have been taken after it, and then it does not matter. */
        free(table->doubt);
        table->doubt = memory_strdup(text);
        table->doubt_lsn = source->commit_lsn;
        return;
    }
    if (table->open_error != NULL)
        return;
    table->open_error = memory_strdup(text);
    changes_roll_back(&table->changes);
}

/* ---- rows ---- */

/* Whether the open transaction's changes of the table count. */
static bool
table_takes(PostgresSource *source, StreamTable *table)
{
    if (table->state == TABLE_COPYING) {
        if (table->lsn_known && source->commit_lsn < table->snapshot_lsn)
            return false;
    } else if (table->state != TABLE_LIVE) {
        return false;
    }
    if (!table->touched) {
        table->touched = true;
        vector_push(&source->touched, table);
    }
    if (table->open_error != NULL)
        return false;
    if (table->misfit != NULL)
        fail_table(source, table, table->misfit);
    return table->misfit == NULL;
}

/* A value could not be read: whether that may be other now that the labels of enums were looked at again. */
static bool
enums_have_grown(PostgresSource *source, StreamTable *table, Error *cause)
{
    if (strcmp(cause->sqlstate, SQLSTATE_INVALID_TEXT_REPRESENTATION) != 0 || !table_spec_has_enum(table->spec))
        return false;
    Error err = ERROR_INIT;
    PGconn *connection;
    if (!upstream_connect(&source->config, false, source->stop_fd, &connection, &err)) {
        error_clear(&err);
        return false;
    }
    Arena *arena = arena_new();
    const char *misfit = NULL;
    bool ok = upstream_enums_follow(connection, source->stop_fd, &table->spec, 1, arena, &misfit, &err);
    if (misfit != NULL)
        fail_table(source, table, misfit);
    error_clear(&err);
    arena_free(arena);
    PQfinish(connection);
    return ok && misfit == NULL;
}

static void
append_row(PostgresSource *source, StreamTable *table, const PgoutputTuple *tuple, const PgoutputTuple *old,
           int64_t diff)
{
    Error err = ERROR_INIT;
    if (changes_append(&table->changes, tuple, old, table->wire, source->commit_lsn, diff, &err))
        return;
    if (enums_have_grown(source, table, &err)) {
        error_clear(&err);
        if (changes_append(&table->changes, tuple, old, table->wire, source->commit_lsn, diff, &err))
            return;
    }
    static const char toast[] = "TOASTed value missing";
    Buffer text = {0};
    bool plain =
        strcmp(err.sqlstate, SQLSTATE_PROTOCOL_VIOLATION) == 0 || strncmp(err.message, toast, sizeof toast - 1) == 0;
    buffer_printf(&text, "%s%s", plain ? "" : "failed to cast raw column: ", err.message);
    fail_table(source, table, buffer_text(&text));
    buffer_deinit(&text);
    error_clear(&err);
}

static void
apply_row(PostgresSource *source, StreamTable *table, const PgoutputMessage *message)
{
    bool has_old = message->has_old && !message->old_is_key;
    if (message->kind != PGOUTPUT_INSERT) {
        if (!has_old) {
            fail_table(source, table, OLD_ROW_MISSING);
            return;
        }
        append_row(source, table, &message->old_row, NULL, -1);
    }
    if (message->kind != PGOUTPUT_DELETE && table->open_error == NULL)
        append_row(source, table, &message->new_row, has_old ? &message->old_row : NULL, 1);
}

static bool
apply_change(PostgresSource *source, const PgoutputMessage *message, Error *err)
{
    Relation *relation = stream_relation(source, message->relation);
    for (size_t i = 0; i < relation->tables.count; i++) {
        StreamTable *table = relation->tables.items[i];
        if (!table_takes(source, table))
            continue;
        if (!table->bound)
            return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "unexpected logical replication message");
        apply_row(source, table, message);
    }
    return true;
}

static void
apply_truncate(PostgresSource *source, const PgoutputMessage *message)
{
    for (uint32_t r = 0; r < message->truncated_count; r++) {
        Relation *relation = stream_relation(source, message->truncated[r]);
        for (size_t i = 0; i < relation->tables.count; i++)
            if (table_takes(source, relation->tables.items[i]))
                changes_truncate(&relation->tables.items[i]->changes);
    }
}

static void
apply_relation(PostgresSource *source, const PgoutputMessage *message)
{
    Relation *relation = stream_relation(source, message->relation);
    Arena *arena = relation->arena;
    arena_reset(arena);
    relation->message = *message;
    relation->message.schema = arena_strdup(arena, message->schema);
    relation->message.name = arena_strdup(arena, message->name);
    PgoutputColumn *columns = arena_new_array(arena, PgoutputColumn, message->column_count + 1);
    for (uint16_t i = 0; i < message->column_count; i++) {
        columns[i] = message->columns[i];
        columns[i].name = arena_strdup(arena, columns[i].name);
    }
    relation->message.columns = columns;
    relation->has_message = true;
    for (size_t i = 0; i < relation->tables.count; i++) {
        StreamTable *table = relation->tables.items[i];
        stream_bind(source, table);
        if (table->misfit != NULL && table->state == TABLE_LIVE)
            explain_misfit(source, table);
    }
    if (relation->tables.count > 0)
        watch_hurry(source->watch); /* numbers of columns and constraints are only in the catalogs */
}

/* ---- transactions ---- */

static bool
begin(PostgresSource *source, const PgoutputMessage *message, Error *err)
{
    if (source->in_transaction)
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "BEGIN within existing BEGIN stream");
    source->in_transaction = true;
    source->commit_lsn = message->commit_lsn;
    source->skipping = message->commit_lsn < source->position;
    if (!source->skipping)
        source->position = message->commit_lsn; /* transactions come in the order of their commits */
    return true;
}

static void
settle_table(PostgresSource *source, StreamTable *table, bool committed)
{
    table->touched = false;
    if (!committed) {
        if (table->state == TABLE_COPYING || table->state == TABLE_LIVE)
            changes_roll_back(&table->changes);
        free(table->open_error);
        table->open_error = NULL;
    } else if (table->open_error != NULL) {
        char *text = table->open_error;
        table->open_error = NULL;
        stream_break_table(source, table, text);
        free(text);
    } else if (table->state == TABLE_COPYING || table->state == TABLE_LIVE) {
        changes_commit(&table->changes, source->commit_lsn);
        if (table->state == TABLE_LIVE)
            stream_mark_dirty(source, table);
    }
}

static void
settle_tables(PostgresSource *source, bool committed)
{
    for (size_t i = 0; i < source->touched.count; i++)
        settle_table(source, source->touched.items[i], committed);
    source->touched.count = 0;
    source->in_transaction = source->skipping = false;
}

static bool
commit(PostgresSource *source, const PgoutputMessage *message, Error *err)
{
    if (!source->in_transaction)
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "received replication event outside of transaction");
    if (message->commit_lsn != source->commit_lsn)
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "lsn mismatch between BEGIN and COMMIT");
    if (!source->skipping) {
        source->position = message->end_lsn;
        source->transactions++;
        if (message->commit_us > source->commit_us_max)
            source->commit_us_max = message->commit_us;
    }
    settle_tables(source, true);
    return true;
}

void
stream_roll_back(PostgresSource *source)
{
    settle_tables(source, false);
}

bool
stream_apply(PostgresSource *source, Slice bytes, Error *err)
{
    PgoutputMessage message;
    if (!pgoutput_decode(&source->decoder, bytes, &message, err))
        return false;
    switch (message.kind) {
    case PGOUTPUT_BEGIN:
        return begin(source, &message, err);
    case PGOUTPUT_COMMIT:
        return commit(source, &message, err);
    case PGOUTPUT_RELATION:
        apply_relation(source, &message);
        return true;
    case PGOUTPUT_INSERT:
    case PGOUTPUT_UPDATE:
    case PGOUTPUT_DELETE:
        if (!source->in_transaction)
            return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "received replication event outside of transaction");
        return source->skipping || apply_change(source, &message, err);
    case PGOUTPUT_TRUNCATE:
        if (source->in_transaction && !source->skipping)
            apply_truncate(source, &message);
        return true;
    case PGOUTPUT_ORIGIN:
    case PGOUTPUT_TYPE:
    case PGOUTPUT_MESSAGE:
        return true;
    }
    return true;
}
