/*
 * Columns and keys as PostgreSQL's catalogs have them.
 *
 * A declared key, or one of the table upstream, has an index and a constraint in PostgreSQL, both of its name. Here it is a remark without either;
 * clients learn of it from the index and the constraint that they look for, whose OID is made of the table's.
 */
#include "catalog/builtin.h"
#include "catalog/catalog_internal.h"
#include "expr/functions/quote.h"
#include "types/array.h"

enum { KEYS_SHOWN_MAX = 16 };

/* Above all that is given out: sixteen for each relation. */
static uint32_t
key_oid(const Item *item, int number)
{
    return 0x80000000u | (item->oid << 4) | (uint32_t) number;
}

void
row_of_attribute(RowSink *sink, uint32_t relation, const char *name, SqlType type, int number, bool not_null,
                 const char *default_sql, char kind, int64_t diff)
{
    Datum row[] = {datum_int(relation),
                   datum_text(name),
                   datum_int(type_oid(type)),
                   datum_int(number),
                   datum_int(type.typmod),
                   datum_int(not_null),
                   default_sql == NULL ? DATUM_NULL : datum_text(default_sql),
                   datum_int(kind == 'i'),
                   datum_int(kind == 'v')};
    row_sink_add(sink, "mz_internal", "mz_attributes", row, diff);
}

/* A lone string literal is printed with the column's type, as PostgreSQL prints it. */
static const char *
default_text(const RelationColumn *column, Arena *arena)
{
    const char *text = column->default_sql;
    if (text == NULL || text[0] != '\'')
        return text;
    const char *end = text + 1;
    while (*end != '\0' && (*end != '\'' || end[1] == '\''))
        end += *end == '\'' ? 2 : 1;
    if (*end == '\0' || end[1] != '\0')
        return text;
    SqlType bare = column->type;
    bare.typmod = -1;
    return arena_printf(arena, "%s::%s", text, type_format(bare, arena));
}

void
rows_of_attributes(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    bool is_view = item->kind == ITEM_VIEW || item->kind == ITEM_MATERIALIZED_VIEW;
    for (int i = 0; i < item->desc->column_count; i++) {
        const RelationColumn *column = &item->desc->columns[i];
        row_of_attribute(sink, item->oid, column->name, column->type, i + 1, !is_view && !column->nullable,
                         is_view ? NULL : default_text(column, arena), is_view ? 'v' : 'r', diff);
    }
}

/* t_pkey, t_a_b_key: what PostgreSQL calls them when nobody does. */
static const char *
key_name(const Item *item, const RelationKey *key, Arena *arena)
{
    Buffer name = {0};
    buffer_append_text(&name, item->name);
    for (int i = 0; i < key->count && !key->primary; i++)
        buffer_printf(&name, "_%s", item->desc->columns[key->columns[i]].name);
    buffer_append_text(&name, key->primary ? "_pkey" : "_key");
    return buffer_to_arena(&name, arena);
}

static void
row_of_key(RowSink *sink, Arena *arena, const Item *item, const RelationKey *key, int number, int64_t diff)
{
    Datum *columns = arena_new_array(arena, Datum, key->count + 1);
    Buffer list = {0};
    uint32_t oid = key_oid(item, number);
    for (int i = 0; i < key->count; i++) {
        const RelationColumn *column = &item->desc->columns[key->columns[i]];
        columns[i] = datum_int(key->columns[i] + 1);
        if (i > 0)
            buffer_append_text(&list, ", ");
        quote_ident(&list, slice_of(column->name));
        row_of_attribute(sink, oid, column->name, column->type, i + 1, false, NULL, 'i', diff);
    }
    const char *text = buffer_to_arena(&list, arena);
    Datum row[] = {datum_text(arena_strdup(arena, object_id_text(item->id).text)),
                   datum_int(item->oid),
                   datum_int(oid),
                   datum_text(key_name(item, key, arena)),
                   datum_int(key->primary),
                   datum_bytes(array_make_vector(SQL_TYPE(INT2), columns, key->count, arena)),
                   datum_text(arena_printf(arena, "%s (%s)", key->primary ? "PRIMARY KEY" : "UNIQUE", text)),
                   datum_text(text)};
    row_sink_add(sink, "mz_internal", "mz_keys", row, diff);
}

void
rows_of_keys(RowSink *sink, Arena *arena, const Item *item, int64_t diff)
{
    const RelationDesc *desc = item->desc;
    bool declared = desc->declared_count > 0;
    if (item->kind != ITEM_TABLE && item->upstream == NULL)
        return;
    int count = declared ? desc->declared_count : desc->key_count;
    for (int i = 0; i < count && i < KEYS_SHOWN_MAX; i++)
        row_of_key(sink, arena, item, declared ? &desc->declared[i] : &desc->keys[i], i, diff);
}
