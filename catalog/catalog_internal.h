/*
 * catalog_internal.h -- what the files of this folder share.
 */
#ifndef FRESHET_CATALOG_CATALOG_INTERNAL_H
#define FRESHET_CATALOG_CATALOG_INTERNAL_H

#include <stdlib.h>

#include "catalog/catalog.h"

#define SYSTEM_ITEM_ID_FIRST                                                                                           \
    100 /* of the builtin relations; smaller system numbers are schemas, roles, clusters, the durable shard */
#define USER_OID_FIRST   20000u
#define SYSTEM_OID_FIRST 16385u

struct Catalog {
    Map *databases;      /* name -> Database */
    Map *database_ids;   /* id -> Database */
    Map *system_schemas; /* name -> Schema */
    Map *schema_ids;     /* id -> Schema */
    Map *roles;          /* name -> Role */
    Map *role_ids;
    Map *clusters; /* name -> CatalogCluster */
    Map *cluster_ids;
    Map *item_ids;        /* id -> Item */
    Map *item_oids;       /* oid -> Item */
    Map *settings;        /* name -> heap text */
    VECTOR(Item *) items; /* in id order */
    ObjectId next_id;
    uint32_t next_oid;
    ObjectId written_next_id; /* as in the durable counter row; 0: no row yet */
    uint32_t written_next_oid;
    uint64_t version;
    char **egress; /* CIDRs, NULL-terminated; NULL: none */
};

void database_free(Database *database);
void schema_free(Schema *schema);
void role_free(Role *role);
void catalog_cluster_free(CatalogCluster *cluster);
void catalog_insert_item(Catalog *catalog, Item *item);

/* builtin_rows.c: rows of system relations and of the durable shard, gathered per shard. */
typedef struct RowSink {
    const Catalog *catalog;
    Map *builders; /* shard id -> RowTable */
} RowSink;
void row_sink_init(RowSink *sink, const Catalog *catalog);
void row_sink_emit(RowSink *sink, void (*emit)(void *context, uint64_t shard_id, Chunk *rows),
                   void *context); /* and deinit */
void row_sink_add(RowSink *sink, const char *schema, const char *name, const Datum *row, int64_t diff);
void rows_of_database(RowSink *sink, const Database *database, int64_t diff);
void rows_of_schema(RowSink *sink, const Schema *schema, int64_t diff);
void rows_of_role(RowSink *sink, const Role *role, int64_t diff);
void rows_of_cluster(RowSink *sink, const CatalogCluster *cluster, int64_t diff);
void rows_of_item(RowSink *sink, const Item *item, int64_t diff);
/* builtin_keys.c: columns and keys as PostgreSQL's catalogs have them. kind: 'r' of a relation, 'v' of a view, 'i' of an index. */
void rows_of_attributes(RowSink *sink, Arena *arena, const Item *item, int64_t diff);
void rows_of_keys(RowSink *sink, Arena *arena, const Item *item, int64_t diff);
void row_of_attribute(RowSink *sink, uint32_t relation, const char *name, SqlType type, int number, bool not_null,
                      const char *default_sql, char kind, int64_t diff);
void rows_of_egress(RowSink *sink, int64_t diff);
void rows_that_never_change(RowSink *sink);
void rows_of_settings(RowSink *sink); /* builtin_settings.c */
void rows_of_postgres(RowSink *sink); /* builtin_postgres.c; those of our own functions too */
/* builtin_functions.c; `shown` has the names of functions that have rows already. */
void rows_of_functions(RowSink *sink, const Map *shown);
/* The tables of postgres.def; false past the end. */
bool postgres_relation_at(size_t index, const char **schema, const char **name, const char **columns);

/* durable.c: one row of the durable shard. */
void durable_row_database(RowSink *sink, const Database *database, int64_t diff);
void durable_row_schema(RowSink *sink, const Schema *schema, int64_t diff);
void durable_row_role(RowSink *sink, const Role *role, int64_t diff);
void durable_row_cluster(RowSink *sink, const CatalogCluster *cluster, int64_t diff);
void durable_row_item(RowSink *sink, const Item *item, int64_t diff);
void durable_row_setting(RowSink *sink, const char *name, const char *value, int64_t diff);
void durable_row_counters(RowSink *sink, ObjectId next_id, uint32_t next_oid, int64_t diff);
void row_sink_add_durable(RowSink *sink, const char *kind, ObjectId id, Slice body, int64_t diff);

/* builtin.c */
void builtin_install(Catalog *catalog);

#endif
