/*
 * What upstream answered, as items have it.
 */
#include "planner/statement_upstream.h"

#include "grammar/ast_print.h"

/* ---- from what upstream answered to descriptions ---- */

static RelationKey *
copy_upstream_keys(Arena *arena, const UpstreamTable *from)
{
    RelationKey *keys = arena_new_array(arena, RelationKey, from->key_count + 1);
    for (int i = 0; i < from->key_count; i++) {
        keys[i].count = from->keys[i].count;
        keys[i].primary = from->keys[i].primary;
        keys[i].columns = arena_new_array(arena, uint16_t, keys[i].count + 1);
        if (keys[i].count > 0)
            memcpy(keys[i].columns, from->keys[i].columns, (size_t) keys[i].count * sizeof *keys[i].columns);
    }
    return keys;
}

UpstreamTable *
upstream_copy(Arena *arena, const UpstreamTable *from)
{
    UpstreamTable *table = arena_new_struct(arena, UpstreamTable);
    *table = *from;
    table->database = arena_strdup(arena, from->database);
    table->schema = arena_strdup(arena, from->schema);
    table->name = arena_strdup(arena, from->name);
    table->columns = arena_new_array(arena, UpstreamColumn, from->column_count + 1);
    for (int i = 0; i < from->column_count; i++) {
        table->columns[i] = from->columns[i];
        table->columns[i].name = arena_strdup(arena, from->columns[i].name);
    }
    table->keys = copy_upstream_keys(arena, from);
    return table;
}

/* A key is known here when all its columns are taken. */
static void
desc_keys(Arena *arena, RelationDesc *desc, const UpstreamTable *table, const int *taken_as)
{
    desc->keys = arena_new_array(arena, RelationKey, table->key_count + 1);
    for (int k = 0; k < table->key_count; k++) {
        const RelationKey *from = &table->keys[k];
        RelationKey key = {arena_new_array(arena, uint16_t, from->count + 1), from->count, from->primary};
        bool whole = true;
        for (int c = 0; c < from->count; c++) {
            int taken = taken_as[from->columns[c]];
            whole = whole && taken >= 0;
            key.columns[c] = (uint16_t) taken;
        }
        if (whole)
            desc->keys[desc->key_count++] = key;
    }
}

RelationDesc *
upstream_desc(Arena *arena, const struct UpstreamAnswerTable *answer, bool ignore_keys)
{
    const UpstreamTable *table = &answer->table;
    RelationDesc *desc = arena_new_struct(arena, RelationDesc);
    int *taken_as = arena_new_array(arena, int, table->column_count + 1);
    desc->columns = arena_new_array(arena, RelationColumn, table->column_count + 1);
    for (int i = 0; i < table->column_count; i++) {
        const UpstreamColumn *column = &table->columns[i];
        taken_as[i] = -1;
        if (column->excluded)
            continue;
        taken_as[i] = desc->column_count;
        desc->columns[desc->column_count++] = (RelationColumn){
            .name = arena_strdup(arena, column->name), .type = answer->types[i], .nullable = !column->not_null};
    }
    if (!ignore_keys)
        desc_keys(arena, desc, table, taken_as);
    return desc;
}

/* ---- SQL of subsources ---- */

static void
append_type(Buffer *out, SqlType type, Arena *arena)
{
    bool is_array = type.id == TYPE_ARRAY;
    SqlType named = is_array ? type_element_of(type) : type;
    if (named.detail == NULL || named.detail->name == NULL) {
        buffer_append_text(out, type_format(type, arena));
        return;
    }
    ast_print_ident(named.detail->name, AST_PRINT_QUOTED, out);
    buffer_append_text(out, is_array ? "[]" : "");
}

static void
append_columns(Buffer *out, const RelationDesc *desc, Arena *arena)
{
    for (int i = 0; i < desc->column_count; i++) {
        const RelationColumn *column = &desc->columns[i];
        buffer_append_text(out, i == 0 ? " (" : ", ");
        ast_print_ident(column->name, AST_PRINT_QUOTED, out);
        buffer_append_char(out, ' ');
        append_type(out, column->type, arena);
        buffer_append_text(out, column->nullable ? "" : " NOT NULL");
    }
    buffer_append_text(out, desc->column_count == 0 ? " ()" : ")");
}

static void
append_column_option(Buffer *out, const char *option, const UpstreamTable *table, bool excluded)
{
    bool any = false;
    for (int i = 0; i < table->column_count; i++) {
        if (!(excluded ? table->columns[i].excluded : table->columns[i].as_text))
            continue;
        if (any)
            buffer_append_text(out, ", ");
        else
            buffer_printf(out, ", %s = (", option);
        ast_print_ident(table->columns[i].name, AST_PRINT_QUOTED, out);
        any = true;
    }
    if (any)
        buffer_append_char(out, ')');
}

AstName
upstream_name(const UpstreamTable *table)
{
    return (AstName){.parts = {table->database, table->schema, table->name}, .count = 3};
}

const char *
subsource_sql(const Item *item, const Item *source)
{
    Buffer out = {0};
    AstName reference = upstream_name(item->upstream);
    buffer_printf(&out, "CREATE SUBSOURCE %s", item_quoted_name(item, item->arena));
    append_columns(&out, item->desc, item->arena);
    buffer_printf(&out, " OF SOURCE %s WITH (EXTERNAL REFERENCE = ", item_quoted_name(source, item->arena));
    ast_print_name(&reference, AST_PRINT_QUOTED, &out);
    append_column_option(&out, "TEXT COLUMNS", item->upstream, false);
    append_column_option(&out, "EXCLUDE COLUMNS", item->upstream, true);
    buffer_append_char(&out, ')');
    return buffer_to_arena(&out, item->arena);
}

const char *
progress_sql(const Item *item)
{
    Buffer out = {0};
    buffer_printf(&out, "CREATE SUBSOURCE %s", item_quoted_name(item, item->arena));
    append_columns(&out, item->desc, item->arena);
    buffer_append_text(&out, " WITH (PROGRESS = true)");
    return buffer_to_arena(&out, item->arena);
}

const char *
upstream_text(const UpstreamTable *table, Arena *arena)
{
    return arena_printf(arena, "%s.%s.%s", table->database, table->schema, table->name);
}
