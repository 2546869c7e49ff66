/*
 * published.h -- what the upstream catalogs say of tables, and whether a table here still fits.
 *
 * One consistent look: published_read runs in a transaction of its own.
 */
#ifndef FRESHET_REPLICATION_PUBLISHED_H
#define FRESHET_REPLICATION_PUBLISHED_H

#include "replication/postgres/connect.h"
#include "replication/postgres/table.h"

typedef struct PublishedColumn {
    const char *name;
    int attnum;
    uint32_t type_oid;
    int32_t typmod;
    bool not_null;
    const char *type_name; /* as upstream's format_type prints it */
} PublishedColumn;

typedef struct PublishedKey { /* a primary key or a unique constraint */
    int *attnums;
    int count;
    bool nulls_not_distinct, primary;
} PublishedKey;

typedef struct PublishedTable {
    uint32_t oid;
    const char *schema, *name;
    char kind; /* pg_class.relkind */
    char replica_identity;
    bool published;
    double row_estimate;      /* -1: not known */
    int64_t pages;            /* with sizes only */
    const char *row_filter;   /* SQL, or NULL */
    PublishedColumn *columns; /* live ones that are replicated, by attnum */
    int column_count;
    PublishedKey *keys; /* the primary key first */
    int key_count;
} PublishedTable;

typedef struct PublishedCatalog {
    bool publication_exists;
    PublishedTable *tables; /* by schema and name */
    int count;
    uint64_t lsn; /* changes up to what was seen lie before it */
} PublishedCatalog;

typedef struct PublishedRequest {
    const char *publication;
    bool all; /* every published table; else those of `oids` that exist */
    const uint32_t *oids;
    int oid_count;
    bool with_sizes;
    bool in_transaction; /* the caller has begun one */
} PublishedRequest;

MUST_CHECK bool published_read(PGconn *connection, int stop_fd, const PublishedRequest *request, Arena *arena,
                               PublishedCatalog *catalog, Error *err);

const PublishedTable *published_find(const PublishedCatalog *catalog, uint32_t oid); /* NULL: there is none */

/*
 * Why the table here no longer fits upstream's, as text in `arena`; NULL when it does. The text says
 * "incompatible schema change on s.t (oid n): column "b" was dropped".
 */
const char *published_misfit(const TableSpec *spec, const PublishedCatalog *catalog, const char *publication,
                             Arena *arena);
/* The same, of what a Relation message shows; attribute numbers and constraints are not in it. `wire` gets, for each column
   here, its place in the tuples. */
const char *relation_misfit(const TableSpec *spec, const PgoutputMessage *relation, uint16_t *wire, Arena *arena);

#endif
