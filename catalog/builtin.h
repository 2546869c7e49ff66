/*
 * builtin.h -- system relations: tables that are filled from the catalog and the running system, and views over them.
 *
 * builtin/tables.def lists the tables and their columns; the other .def files there the views with their SQL, which the coordinator
 * binds at start. Tables' shards are ephemeral. Rows of catalog-filled tables follow every catalog change (catalog_change_rows);
 * statuses and statistics of sources are written by the coordinator as they change.
 */
#ifndef FRESHET_CATALOG_BUILTIN_H
#define FRESHET_CATALOG_BUILTIN_H

#include "catalog/catalog.h"

typedef struct BuiltinView {
    const char *schema, *name, *sql; /* sql: the query */
} BuiltinView;

const BuiltinView *
builtin_view_at(size_t index); /* in an order in which each comes after what it reads; NULL past the end */
Item *builtin_table(const Catalog *catalog, const char *schema,
                    const char *name); /* never NULL for one of tables.def */
/* Every row of the catalog-filled tables for the catalog as it is: at start. One chunk a table. */
void builtin_fill(const Catalog *catalog, void (*emit)(void *context, uint64_t shard_id, Chunk *rows), void *context);
uint32_t builtin_relation_oid(const char *schema, const char *name); /* PostgreSQL's; 0: it has none of that name */
/* Of a type that PostgreSQL's functions are declared with and that is no SqlType, "trigger" or "pg_catalog.trigger"; 0: none. */
uint32_t builtin_type_oid(Slice name);
/* Of PostgreSQL's functions the one that has the name, and the argument types unless `count` is -1; `matches` says how many have. */
uint32_t builtin_function_oid(Slice name, const uint32_t *args, int count, int *matches);
/* The names in builtin/settings.def; NULL past the end. */
const char *builtin_setting_at(size_t index);
/* Egress addresses are given once, before builtin_fill: NULL-terminated CIDRs. */
void builtin_set_egress(Catalog *catalog, const char *const *cidrs);

#endif
