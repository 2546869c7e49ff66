/*
 * durable.h -- the catalog as rows of one shard.
 *
 * Columns: kind text ("item", "schema", ...), id bigint, body text (JSON: every field; an item's details and create_sql included).
 * Opening reads the shard's rows, makes the entries, and returns items in an order in which each comes after what it depends on; the caller
 * (who knows SQL) fills in `definition`, index_keys and whatever is derived by planning create_sql again.
 */
#ifndef FRESHET_CATALOG_DURABLE_H
#define FRESHET_CATALOG_DURABLE_H

#include "catalog/catalog.h"

#define CATALOG_SHARD_ID (OBJECT_ID_SYSTEM | 1)

Layout *catalog_shard_layout(void);
/* Rows with diff 1 only. XX001 for a body that cannot be read. */
MUST_CHECK bool catalog_load(Catalog *catalog, Chunk *const *rows, size_t count, Error *err);
/* The change that makes a new catalog's default objects: database materialize, schema public, role materialize, cluster quickstart with replica r1. */
CatalogChange *catalog_bootstrap(Catalog *catalog, const char *superuser_verifier);

#endif
