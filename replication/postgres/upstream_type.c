#include "replication/postgres/upstream_type.h"

#include <stdlib.h>

enum { NESTING_MAX = 32 };

bool
upstream_type_is_foreign(uint32_t oid)
{
    SqlType type;
    return oid >= FIRST_USER_OID || !type_from_oid(oid, -1, &type);
}

/* ---- reading ---- */

static uint32_t
oid_field(const PGresult *result, int row, int column)
{
    return (uint32_t) strtoul(PQgetvalue(result, row, column), NULL, 10);
}

static UpstreamType *
find_row(const UpstreamTypes *types, uint32_t oid)
{
    for (int i = 0; i < types->count; i++)
        if (types->types[i].oid == oid)
            return &types->types[i];
    return NULL;
}

static bool
read_types(PGconn *connection, int stop_fd, const Buffer *oids, Arena *arena, UpstreamTypes *types, Error *err)
{
    Buffer sql = {0};
    PGresult *result;
    buffer_printf(&sql,
                  "WITH RECURSIVE parts(oid) AS (SELECT oid FROM pg_type WHERE oid IN (%.*s) UNION SELECT "
                  "unnest(ARRAY[t.typbasetype, CASE WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem END]) "
                  "FROM parts JOIN pg_type t USING (oid)) SELECT t.oid, t.typtype, t.typname, t.typbasetype, "
                  "t.typtypmod, CASE WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem ELSE 0 END "
                  "FROM parts JOIN pg_type t USING (oid)",
                  (int) oids->size, oids->bytes);
    bool ok = upstream_query(connection, stop_fd, buffer_text(&sql), &result, err);
    buffer_deinit(&sql);
    if (!ok)
        return false;
    types->count = PQntuples(result);
    types->types = arena_new_array(arena, UpstreamType, types->count + 1);
    for (int i = 0; i < types->count; i++)
        types->types[i] = (UpstreamType){.oid = oid_field(result, i, 0),
                                         .kind = PQgetvalue(result, i, 1)[0],
                                         .name = arena_strdup(arena, PQgetvalue(result, i, 2)),
                                         .base = oid_field(result, i, 3),
                                         .base_typmod = atoi(PQgetvalue(result, i, 4)),
                                         .element = oid_field(result, i, 5)};
    PQclear(result);
    return true;
}

/* Orders are asked for as float8: of a float4 servers before 12 print no more than six digits. */
static bool
read_labels(PGconn *connection, int stop_fd, Arena *arena, const UpstreamTypes *types, Error *err)
{
    Buffer sql = {0};
    PGresult *result;
    bool any = false;
    buffer_append_text(&sql, "SELECT enumtypid, enumlabel, enumsortorder::float8 FROM pg_enum WHERE enumtypid IN (0");
    for (int i = 0; i < types->count; i++) {
        if (types->types[i].kind != 'e')
            continue;
        buffer_printf(&sql, ", %u", types->types[i].oid);
        any = true;
    }
    buffer_append_text(&sql, ") ORDER BY 1, 3");
    bool ok = !any || upstream_query(connection, stop_fd, buffer_text(&sql), &result, err);
    buffer_deinit(&sql);
    if (!ok || !any)
        return ok;
    for (int row = 0; row < PQntuples(result); row++) {
        UpstreamType *type = find_row(types, oid_field(result, row, 0));
        if (type == NULL)
            continue;
        if (type->labels == NULL)
            type->labels = arena_new_array(arena, EnumLabel, PQntuples(result));
        type->labels[type->label_count++] = (EnumLabel){arena_strdup(arena, PQgetvalue(result, row, 1)),
                                                        (float) strtod(PQgetvalue(result, row, 2), NULL)};
    }
    PQclear(result);
    return true;
}

bool
upstream_types_read(PGconn *connection, int stop_fd, const uint32_t *oids, int count, Arena *arena,
                    UpstreamTypes *types, Error *err)
{
    Buffer list = {0};
    *types = (UpstreamTypes){.count = 0};
    for (int i = 0; i < count; i++)
        if (upstream_type_is_foreign(oids[i]))
            buffer_printf(&list, "%s%u", list.size > 0 ? ", " : "", oids[i]);
    bool ok = list.size == 0 || (read_types(connection, stop_fd, &list, arena, types, err) &&
                                 read_labels(connection, stop_fd, arena, types, err));
    buffer_deinit(&list);
    return ok;
}

/* ---- as types here ---- */

static SqlType
enum_type(const UpstreamType *from, Arena *arena)
{
    TypeDetail *detail = type_detail_new(arena, 0);
    detail->name = from->name;
    detail->oid = from->oid;
    detail->labels = from->labels;
    detail->label_count = from->label_count;
    return (SqlType){.id = TYPE_ENUM, .typmod = -1, .detail = detail};
}

bool
upstream_type_find(const UpstreamTypes *types, uint32_t oid, int32_t typmod, Arena *arena, SqlType *type)
{
    bool is_array = false;
    for (int depth = 0; depth < NESTING_MAX; depth++) {
        if (!upstream_type_is_foreign(oid)) {
            if (!type_from_oid(oid, typmod, type) || (is_array && type->id == TYPE_ARRAY))
                return false;
            *type = is_array ? type_array_of(*type) : *type;
            return true;
        }
        const UpstreamType *found = find_row(types, oid);
        if (found == NULL)
            return false;
        if (found->kind == 'd') {
            oid = found->base;
            typmod = found->base_typmod;
        } else if (found->kind == 'e') {
            *type = enum_type(found, arena);
            *type = is_array ? type_array_of(*type) : *type;
            return true;
        } else if (found->element != 0 && !is_array) {
            is_array = true;
            oid = found->element;
        } else {
            return false;
        }
    }
    return false;
}

/* ---- enums that change ---- */

/* The enum that a column has, itself or in arrays. */
static const TypeDetail *
enum_of(SqlType type)
{
    if (type.id == TYPE_ARRAY)
        type = type_element_of(type);
    return type.id == TYPE_ENUM ? type.detail : NULL;
}

static uint32_t *
enum_oids(TableSpec *const *specs, size_t count, Arena *arena, int *oid_count)
{
    int most = 0;
    for (size_t t = 0; t < count; t++)
        most += specs[t]->table.column_count;
    uint32_t *oids = arena_new_array(arena, uint32_t, most + 1);
    *oid_count = 0;
    for (size_t t = 0; t < count; t++) {
        const SourceTable *table = &specs[t]->table;
        for (int i = 0; i < table->column_count; i++)
            if (!table->columns[i].as_text && enum_of(table->columns[i].type) != NULL)
                oids[(*oid_count)++] = table->columns[i].type_oid;
    }
    return oids;
}

static bool
has_label(const TypeDetail *detail, const EnumLabel *label)
{
    for (int i = 0; i < detail->label_count; i++)
        if (detail->labels[i].order == label->order && strcmp(detail->labels[i].label, label->label) == 0)
            return true;
    return false;
}

/* Only what is registered: a type that was dropped here stays so. */
static void
make_known(const TypeDetail *here, const TypeDetail *upstream, Arena *arena)
{
    SqlType known;
    if (here->oid == 0 || !type_from_oid(here->oid, -1, &known) || known.id != TYPE_ENUM ||
        known.detail->label_count >= upstream->label_count)
        return;
    TypeDetail *detail = type_detail_new(arena, 0);
    *detail = *known.detail;
    detail->labels = upstream->labels;
    detail->label_count = upstream->label_count;
    type_register((SqlType){.id = TYPE_ENUM, .typmod = -1, .detail = detail});
}

static const char *
enums_follow(const UpstreamTypes *types, const TableSpec *spec, Arena *arena)
{
    const SourceTable *table = &spec->table;
    for (int i = 0; i < table->column_count; i++) {
        const SourceTableColumn *column = &table->columns[i];
        const TypeDetail *here = column->as_text ? NULL : enum_of(column->type);
        SqlType type;
        if (here == NULL || !upstream_type_find(types, column->type_oid, column->typmod, arena, &type) ||
            enum_of(type) == NULL)
            continue; /* what else happened to the column is found elsewhere */
        for (int label = 0; label < here->label_count; label++)
            if (!has_label(enum_of(type), &here->labels[label]))
                return arena_printf(
                    arena, "incompatible schema change on %s.%s (oid %u): label \"%s\" of enum %s was renamed",
                    table->schema, table->name, table->upstream_oid, here->labels[label].label, here->name);
        make_known(here, enum_of(type), arena);
    }
    return NULL;
}

bool
upstream_enums_follow(PGconn *connection, int stop_fd, TableSpec *const *specs, size_t count, Arena *arena,
                      const char **misfits, Error *err)
{
    int oid_count;
    UpstreamTypes types;
    const uint32_t *oids = enum_oids(specs, count, arena, &oid_count);
    if (!upstream_types_read(connection, stop_fd, oids, oid_count, arena, &types, err))
        return false;
    for (size_t i = 0; i < count; i++)
        misfits[i] = enums_follow(&types, specs[i], arena);
    return true;
}
