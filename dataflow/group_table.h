/*
 * group_table.h -- groups by key: an open-addressing table from the values of key columns to an entry with state in it.
 *
 * An entry is a number. Its key is kept as it was when the group came (1.0 and 1.00 are one key); its `state_size`
 * bytes are the owner's, zeroed at first, 16-byte aligned, and do not move while the entry lives.
 *
 * (1) Hashes are those of the table's layout (layout_hash_key), the same as those of arrangements with that key.
 * (2) Numbers of removed entries are used again.
 * (3) A key of fixed-width columns that takes eight bytes at most is kept in the slot, too: finding it reads no entry.
 *
 * Belongs to one thread.
 */
#ifndef FRESHET_DATAFLOW_GROUP_TABLE_H
#define FRESHET_DATAFLOW_GROUP_TABLE_H

#include "collection/run.h"

#define GROUP_BLOCK_BITS 10

typedef struct GroupKeyColumn {
    SqlType type;
    Phys phys;
    bool exact; /* values that are equal in SQL have one stored form */
    uint32_t offset;
} GroupKeyColumn;

typedef struct GroupHead {
    uint64_t hash;
    int64_t count;        /* rows of the group */
    uint32_t mark, local; /* scratch of whoever works on a chunk */
    uint32_t flags;
    uint32_t heap_size;
    char *heap; /* bytes of the key's variable values; a short key without any has its null flags here */
} GroupHead;

typedef struct GroupSlot {
    uint32_t entry; /* + 1; 0: empty */
    uint32_t tag;   /* the upper half of the hash */
} GroupSlot;

typedef struct GroupPackedSlot {
    GroupSlot slot;
    uint64_t key; /* the columns' values side by side; means nothing where one is null */
} GroupPackedSlot;

typedef struct GroupTable {
    Layout *layout; /* the key columns alone */
    GroupKeyColumn *columns;
    uint16_t column_count;
    uint32_t null_offset, state_offset, stride;
    char **blocks;
    uint32_t block_count, block_capacity, next; /* entries ever used */
    uint32_t *free_entries;
    uint32_t free_count, free_capacity;
    char *slots; /* 2^slot_bits GroupSlots, or GroupPackedSlots */
    uint32_t slot_bits, slot_size;
    bool is_packed;
    bool has_nulls; /* some group that was ever there has a null in its packed key */
    bool has_heap;  /* some key column is of variable size */
    uint32_t count;
    size_t heap_bytes;
    uint64_t *hashes, *packed; /* scratch of group_table_find */
    uint32_t hash_capacity;
} GroupTable;

void group_table_init(GroupTable *table, const SqlType *key_types, uint16_t key_count, size_t state_size);
void group_table_deinit(GroupTable *table); /* states are the owner's to free first: see group_table_next */

/* The entries of `count` rows of key columns; groups that are not there are made. */
void group_table_find(GroupTable *table, Column *const *key_columns, uint32_t count, uint32_t *entries);
/* So many entries more can be made without moving those that are there: others may read them meanwhile. */
void group_table_reserve(GroupTable *table, uint32_t count);
bool group_table_is_used(const GroupTable *table, uint32_t entry); /* entry < next */
void group_table_remove(GroupTable *table, uint32_t entry);
/* Iterates, as groups came or about in the order of hashes: *iterator starts at 0. Nothing may be found or removed meanwhile. */
bool group_table_next(const GroupTable *table, size_t *iterator, uint32_t *entry);
bool group_table_next_hashed(const GroupTable *table, size_t *iterator, uint32_t *entry);
size_t group_table_memory(const GroupTable *table);

Datum group_table_key(const GroupTable *table, uint32_t entry, uint16_t column); /* bytes live as long as the entry */
/* The key of entries, in columns of their own (released by the caller): for seeks and output. */
void group_table_key_columns(const GroupTable *table, const uint32_t *entries, uint32_t count, Column **columns);

static inline GroupHead *
group_head(const GroupTable *table, uint32_t entry)
{
    return (GroupHead *) (table->blocks[entry >> GROUP_BLOCK_BITS] +
                          (size_t) (entry & ((1u << GROUP_BLOCK_BITS) - 1)) * table->stride);
}

static inline void *
group_state(const GroupTable *table, uint32_t entry)
{
    return (char *) group_head(table, entry) + table->state_offset;
}

#endif
