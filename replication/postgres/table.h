/*
 * table.h -- what a source knows of one of its tables: a copy of the SourceTable it was given, counted by references.
 *
 * Immutable; any thread.
 */
#ifndef FRESHET_REPLICATION_TABLE_H
#define FRESHET_REPLICATION_TABLE_H

#include <stdatomic.h>

#include "base/buffer.h"
#include "replication/postgres/decode.h"
#include "replication/postgres/postgres_source.h"

typedef struct TableSpec {
    atomic_uint references;
    Arena *arena;
    SourceTable table;
    SqlType *types; /* of its columns */
    bool *as_text;
    bool any_text;
} TableSpec;

TableSpec *table_spec_new(const SourceTable *table);
TableSpec *table_spec_retain(TableSpec *spec);
void table_spec_release(TableSpec *spec); /* NULL is allowed */

bool table_spec_has_enum(const TableSpec *spec);
void table_spec_decoder(const TableSpec *spec, RowDecoder *decoder);
/* SELECT list of its columns in their order, text columns by their output function. */
void table_spec_select_list(const TableSpec *spec, Buffer *sql);
/* "schema"."name" */
void table_spec_relation(const TableSpec *spec, Buffer *sql);

#endif
