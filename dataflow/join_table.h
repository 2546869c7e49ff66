/*
 * join_table.h -- rows by key, for a join that is computed once: nothing is sorted, and rows stay in the chunks they came in.
 *
 *     join_table_add(table, chunk) ...        any number of chunks
 *     join_table_prepare(table, parts)        no more chunks
 *     join_table_build(table, part)           each part once, by any thread
 *     join_table_find(table, ...)             any number of threads
 *
 * (1) Rows with a null in the key are left out. Without key columns every row has the one key.
 * (2) A row is named by its chunk's number and its row in it. Rows of one key are a chain; `next` leads on.
 * (3) A key that is one integer is its own hash, and compared with one instruction; others are hashed as in SQL.
 */
#ifndef FRESHET_DATAFLOW_JOIN_TABLE_H
#define FRESHET_DATAFLOW_JOIN_TABLE_H

#include "dataflow/circuit.h"

#define JOIN_NONE UINT32_MAX /* as a chunk's number: no row */

typedef struct JoinRow {
    uint32_t chunk, row;
} JoinRow;

typedef struct JoinSlot {
    uint64_t key; /* the integer, or the key's hash */
    JoinRow first;
} JoinSlot;

/* The keys whose mixed bits end in the part's number. */
typedef struct JoinPart {
    JoinSlot *slots; /* 2^bits */
    uint32_t bits;
    uint64_t count; /* of keys */
    uint64_t rows;
} JoinPart;

/* One side's key columns. */
typedef struct JoinKey {
    const SqlType *types; /* of the key columns */
    const uint16_t *columns;
    int count;
    bool integer; /* (3) */
} JoinKey;

typedef struct JoinTable {
    JoinKey key;
    ChunkVector chunks;
    JoinRow **next; /* of each chunk, of each row */
    JoinPart *parts;
    uint32_t part_count; /* a power of two */
    uint64_t row_count;
    bool has_diffs;
    bool has_chains; /* some key has more than one row */
} JoinTable;

/* Whether a key of these types is one integer. */
bool join_key_is_integer(const SqlType *types, int count);
/* keys[row] of every row; rows without nulls in the key are listed in `rows`, how many they are is returned. */
uint32_t join_key_read(const JoinKey *key, const Chunk *chunk, uint64_t *keys, uint32_t *rows);

void join_table_init(JoinTable *table, const JoinKey *key); /* what the key points to must outlive the table */
void join_table_deinit(JoinTable *table);
void join_table_add(JoinTable *table, Chunk *chunk); /* retains */
void join_table_prepare(JoinTable *table, uint32_t part_count);
/* Ends early when the circuit is stopped: the table is of no use then. */
void join_table_build(JoinTable *table, uint32_t part, const Circuit *circuit);
size_t join_table_memory(const JoinTable *table);

/* For each of the listed rows the first one of the table with its key, in found[i]; `keys` are join_key_read's. */
void join_table_find(const JoinTable *table, const JoinKey *key, const Chunk *chunk, const uint64_t *keys,
                     const uint32_t *rows, uint32_t count, JoinRow *found);

/* The next row with the same key. */
static inline JoinRow
join_table_next(const JoinTable *table, JoinRow row)
{
    if (table->key.count > 0)
        return table->next[row.chunk][row.row];
    if (row.row + 1 < table->chunks.items[row.chunk]->count)
        return (JoinRow){row.chunk, row.row + 1};
    return row.chunk + 1 < table->chunks.count ? (JoinRow){row.chunk + 1, 0} : (JoinRow){JOIN_NONE, 0};
}

/* A column of the rows named. */
Column *join_table_gather(const JoinTable *table, uint16_t column, const JoinRow *rows, uint32_t count);

#endif
