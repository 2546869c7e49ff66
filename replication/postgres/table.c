#include "replication/postgres/table.h"

#include "replication/postgres/upstream_type.h"

TableSpec *
table_spec_new(const SourceTable *table)
{
    TableSpec *spec = memory_calloc(1, sizeof *spec);
    Arena *arena = spec->arena = arena_new();
    atomic_init(&spec->references, 1);
    spec->table = *table;
    spec->table.schema = arena_strdup(arena, table->schema);
    spec->table.name = arena_strdup(arena, table->name);
    spec->table.layout = layout_retain(table->layout);
    spec->table.columns = arena_new_array(arena, SourceTableColumn, table->column_count);
    spec->types = arena_new_array(arena, SqlType, table->column_count);
    spec->as_text = arena_new_array(arena, bool, table->column_count);
    for (int i = 0; i < table->column_count; i++) {
        SourceTableColumn *column = &spec->table.columns[i];
        *column = table->columns[i];
        column->upstream_name = arena_strdup(arena, column->upstream_name);
        column->type = type_copy(column->type, arena);
        spec->types[i] = column->type;
        spec->as_text[i] = column->as_text;
        spec->any_text = spec->any_text || column->as_text;
    }
    spec->table.keys = arena_new_array(arena, InspectedKey, table->key_count);
    for (int i = 0; i < table->key_count; i++) {
        InspectedKey *key = &spec->table.keys[i];
        key->count = table->keys[i].count;
        key->primary = table->keys[i].primary;
        key->columns = arena_new_array(arena, int, key->count);
        for (int c = 0; c < key->count; c++)
            key->columns[c] = table->keys[i].columns[c];
    }
    return spec;
}

TableSpec *
table_spec_retain(TableSpec *spec)
{
    atomic_fetch_add_explicit(&spec->references, 1, memory_order_relaxed);
    return spec;
}

void
table_spec_release(TableSpec *spec)
{
    if (spec == NULL || atomic_fetch_sub_explicit(&spec->references, 1, memory_order_acq_rel) != 1)
        return;
    layout_release(spec->table.layout);
    arena_free(spec->arena);
    free(spec);
}

bool
table_spec_has_enum(const TableSpec *spec)
{
    for (int i = 0; i < spec->table.column_count; i++) {
        SqlType type = spec->types[i];
        if (!spec->as_text[i] && (type.id == TYPE_ENUM || (type.id == TYPE_ARRAY && type.element == TYPE_ENUM)))
            return true;
    }
    return false;
}

void
table_spec_decoder(const TableSpec *spec, RowDecoder *decoder)
{
    row_decoder_init(decoder, spec->types, spec->as_text, (uint16_t) spec->table.column_count);
    for (int i = 0; i < spec->table.column_count; i++)
        decoder->columns[i].foreign_element =
            spec->types[i].id == TYPE_ARRAY && spec->table.columns[i].type_oid >= FIRST_USER_OID;
}

/* A cast to text is not the same for every type: true for t, no blanks behind char(n). The stream has the output function's. */
static void
append_text_column(Buffer *sql, const char *name)
{
    buffer_append_text(sql, "CASE WHEN ");
    sql_append_identifier(sql, name);
    buffer_append_text(sql, " IS DISTINCT FROM NULL THEN pg_catalog.format('%s', ");
    sql_append_identifier(sql, name);
    buffer_append_text(sql, ") END");
}

void
table_spec_select_list(const TableSpec *spec, Buffer *sql)
{
    for (int i = 0; i < spec->table.column_count; i++) {
        const SourceTableColumn *column = &spec->table.columns[i];
        if (i > 0)
            buffer_append_text(sql, ", ");
        if (column->as_text)
            append_text_column(sql, column->upstream_name);
        else
            sql_append_identifier(sql, column->upstream_name);
    }
}

void
table_spec_relation(const TableSpec *spec, Buffer *sql)
{
    sql_append_identifier(sql, spec->table.schema);
    buffer_append_char(sql, '.');
    sql_append_identifier(sql, spec->table.name);
}
