#include "dataflow/group_table.h"

#include "collection/column_order.h"

#define BLOCK_ENTRIES   (1u << GROUP_BLOCK_BITS)
#define PREFETCH_ROWS   16
#define PREFETCH_GROUPS 2048 /* smaller tables are in cache */
#define PACKED_SIZE     8
#define FLAG_USED       (1u << 31)

static uint32_t
aligned(uint32_t offset, uint32_t to)
{
    return (offset + to - 1) / to * to;
}

static bool
can_pack(Phys phys)
{
    return phys == PHYS_U8 || phys == PHYS_I16 || phys == PHYS_I32 || phys == PHYS_I64;
}

void
group_table_init(GroupTable *table, const SqlType *key_types, uint16_t key_count, size_t state_size)
{
    *table = (GroupTable){.column_count = key_count};
    uint16_t *key = memory_alloc((key_count + 1u) * sizeof *key);
    for (uint16_t i = 0; i < key_count; i++)
        key[i] = i;
    table->layout = layout_new(key_types, key_count, key, key_count, NULL, 0);
    free(key);
    table->columns = memory_calloc(key_count + 1u, sizeof *table->columns);
    uint32_t offset = sizeof(GroupHead);
    uint32_t packed_size = 0;
    table->is_packed = key_count > 0;
    for (uint16_t i = 0; i < key_count; i++) {
        GroupKeyColumn *column = &table->columns[i];
        column->type = key_types[i];
        column->phys = type_phys(key_types[i]);
        column->exact = order_class_is_exact(type_order_class(key_types[i]));
        uint32_t width = column->phys == PHYS_BYTES ? sizeof(Slice) : (uint32_t) phys_width(column->phys);
        offset = aligned(offset, width > 8 ? 8 : width);
        column->offset = offset;
        offset += width;
        packed_size += width;
        table->has_heap |= column->phys == PHYS_BYTES;
        table->is_packed = table->is_packed && column->exact && can_pack(column->phys) && packed_size <= PACKED_SIZE;
    }
    bool nulls_in_head = !table->has_heap && key_count <= sizeof(char *);
    table->null_offset = nulls_in_head ? offsetof(GroupHead, heap) : offset;
    table->state_offset = aligned(nulls_in_head ? offset : offset + key_count, 16);
    table->stride = aligned(table->state_offset + (uint32_t) state_size, 16);
    table->slot_bits = 6;
    table->slot_size = table->is_packed ? sizeof(GroupPackedSlot) : sizeof(GroupSlot);
    table->slots = memory_calloc((size_t) 1 << table->slot_bits, table->slot_size);
}

void
group_table_deinit(GroupTable *table)
{
    for (uint32_t i = 0; table->has_heap && i < table->next; i++)
        free(group_head(table, i)->heap);
    for (uint32_t i = 0; i < table->block_count; i++)
        free(table->blocks[i]);
    free(table->blocks);
    free(table->free_entries);
    free(table->slots);
    free(table->columns);
    free(table->hashes);
    free(table->packed);
    layout_release(table->layout);
    *table = (GroupTable){0};
}

/* The tag is the upper half of the hash, and its top bits are the slot: growing needs no look at the entries, and slots are
   about in the order of hashes. */
static inline uint32_t
slot_of_tag(const GroupTable *table, uint32_t tag)
{
    return tag >> (32 - table->slot_bits);
}

static inline uint32_t
slot_of(const GroupTable *table, uint64_t hash)
{
    return slot_of_tag(table, (uint32_t) (hash >> 32));
}

static inline uint32_t
slot_mask(const GroupTable *table)
{
    return (uint32_t) (((uint64_t) 1 << table->slot_bits) - 1);
}

static inline GroupSlot *
slot_at(const GroupTable *table, size_t slot)
{
    return (GroupSlot *) (table->slots + slot * table->slot_size);
}

static void
grow_slots(GroupTable *table)
{
    GroupTable old = *table;
    size_t old_count = (size_t) 1 << old.slot_bits;
    table->slot_bits++;
    table->slots = memory_calloc(old_count * 2, table->slot_size);
    uint32_t mask = slot_mask(table);
    for (size_t i = 0; i < old_count; i++) {
        const GroupSlot *slot = slot_at(&old, i);
        if (slot->entry == 0)
            continue;
        uint32_t at = slot_of_tag(table, slot->tag);
        while (slot_at(table, at)->entry != 0)
            at = (at + 1) & mask;
        memcpy(slot_at(table, at), slot, table->slot_size);
    }
    free(old.slots);
}

static inline char *
key_at(const GroupTable *table, uint32_t entry, uint16_t column)
{
    return (char *) group_head(table, entry) + table->columns[column].offset;
}

static inline uint8_t *
key_nulls(const GroupTable *table, uint32_t entry)
{
    return (uint8_t *) group_head(table, entry) + table->null_offset;
}

Datum
group_table_key(const GroupTable *table, uint32_t entry, uint16_t index)
{
    if (key_nulls(table, entry)[index])
        return DATUM_NULL;
    const GroupKeyColumn *column = &table->columns[index];
    const void *at = key_at(table, entry, index);
    if (column->phys == PHYS_BYTES)
        return datum_bytes(*(const Slice *) at);
    Column view = {.phys = column->phys, .count = 1, .values = at};
    return column_datum(&view, column->type, 0);
}

static inline bool
key_column_equal(const GroupTable *table, uint32_t entry, uint16_t index, const Column *column, uint32_t row)
{
    const GroupKeyColumn *key = &table->columns[index];
    bool is_null = column_is_null(column, row);
    if (is_null || key_nulls(table, entry)[index])
        return is_null == (key_nulls(table, entry)[index] != 0);
    const void *at = key_at(table, entry, index);
    if (!key->exact)
        return datum_equal(key->type, group_table_key(table, entry, index), column_datum(column, key->type, row));
    switch (key->phys) {
    case PHYS_U8:
        return *(const uint8_t *) at == ((const uint8_t *) column->values)[row];
    case PHYS_I16:
        return *(const int16_t *) at == ((const int16_t *) column->values)[row];
    case PHYS_I32:
        return *(const int32_t *) at == ((const int32_t *) column->values)[row];
    case PHYS_I64:
        return *(const int64_t *) at == ((const int64_t *) column->values)[row];
    case PHYS_F32:
    case PHYS_F64:
        break;
    case PHYS_B16:
        return memcmp(at, (const char *) column->values + (size_t) row * 16, 16) == 0;
    case PHYS_BYTES:
        return slice_equal(*(const Slice *) at, column_bytes(column, row));
    }
    return datum_equal(key->type, group_table_key(table, entry, index), column_datum(column, key->type, row));
}

static inline bool
key_equal(const GroupTable *table, uint32_t entry, Column *const *columns, uint32_t row)
{
    for (uint16_t i = 0; i < table->column_count; i++)
        if (!key_column_equal(table, entry, i, columns[i], row))
            return false;
    return true;
}

static uint32_t
take_entry(GroupTable *table)
{
    if (table->free_count > 0)
        return table->free_entries[--table->free_count];
    if (table->next == table->block_count * BLOCK_ENTRIES) {
        if (table->block_count == table->block_capacity) {
            table->block_capacity = table->block_capacity * 2 + 4;
            table->blocks = memory_realloc(table->blocks, table->block_capacity * sizeof *table->blocks);
        }
        /* Whole cache lines, so that an entry of one line's size touches one line. */
        char *block = aligned_alloc(64, (size_t) BLOCK_ENTRIES * table->stride);
        if (block == NULL)
            bug("out of memory for %u groups", table->next);
        table->blocks[table->block_count++] = block;
    }
    return table->next++;
}

static void
store_key(GroupTable *table, uint32_t entry, Column *const *columns, uint32_t row)
{
    GroupHead *head = group_head(table, entry);
    size_t bytes = 0;
    for (uint16_t i = 0; i < table->column_count; i++)
        if (table->columns[i].phys == PHYS_BYTES)
            bytes += column_bytes(columns[i], row).size;
    char *free_at = bytes == 0 ? NULL : memory_alloc(bytes);
    head->heap_size = (uint32_t) bytes;
    head->heap = free_at;
    table->heap_bytes += bytes;
    for (uint16_t i = 0; i < table->column_count; i++) {
        const GroupKeyColumn *key = &table->columns[i];
        key_nulls(table, entry)[i] = column_is_null(columns[i], row);
        void *at = key_at(table, entry, i);
        if (key->phys == PHYS_BYTES) {
            Slice value = column_bytes(columns[i], row);
            if (value.size > 0)
                memcpy(free_at, value.bytes, value.size);
            Slice kept = slice_make(free_at, value.size);
            memcpy(at, &kept, sizeof kept);
            free_at = value.size > 0 ? free_at + value.size : free_at;
        } else {
            size_t width = (size_t) phys_width(key->phys);
            memcpy(at, (const char *) columns[i]->values + row * width, width);
        }
    }
}

static uint32_t
insert_group(GroupTable *table, uint32_t slot, uint64_t hash, Column *const *columns, uint32_t row)
{
    uint32_t entry = take_entry(table);
    GroupHead *head = group_head(table, entry);
    memset(head, 0, table->stride);
    head->hash = hash;
    head->flags = FLAG_USED;
    store_key(table, entry, columns, row);
    *slot_at(table, slot) = (GroupSlot){entry + 1, (uint32_t) (hash >> 32)};
    if (table->is_packed)
        ((GroupPackedSlot *) slot_at(table, slot))->key = table->packed[row];
    table->count++;
    if (table->count > slot_mask(table) / 2)
        grow_slots(table);
    return entry;
}

static inline uint32_t
find_one(GroupTable *table, uint64_t hash, Column *const *columns, uint32_t row)
{
    uint32_t slot = slot_of(table, hash), mask = slot_mask(table);
    for (;;) {
        GroupSlot found = *slot_at(table, slot);
        if (found.entry == 0)
            return insert_group(table, slot, hash, columns, row);
        if (found.tag == (uint32_t) (hash >> 32) && key_equal(table, found.entry - 1, columns, row))
            return found.entry - 1;
        slot = (slot + 1) & mask;
    }
}

static inline bool
row_has_null(const GroupTable *table, Column *const *columns, uint32_t row)
{
    for (uint16_t i = 0; i < table->column_count; i++)
        if (column_is_null(columns[i], row))
            return true;
    return false;
}

/* Of a key without nulls. */
static inline uint32_t
find_packed(GroupTable *table, uint64_t hash, Column *const *columns, uint32_t row)
{
    uint64_t key = table->packed[row];
    uint32_t slot = slot_of(table, hash), mask = slot_mask(table);
    for (;;) {
        const GroupPackedSlot *found = &((const GroupPackedSlot *) table->slots)[slot];
        if (found->slot.entry == 0)
            return insert_group(table, slot, hash, columns, row);
        /* A slot does not say whether its key has nulls. */
        if (found->key == key && (!table->has_nulls || key_equal(table, found->slot.entry - 1, columns, row)))
            return found->slot.entry - 1;
        slot = (slot + 1) & mask;
    }
}

#define PACK(VALUE)                                                                                                    \
    for (uint32_t row = 0; row < count; row++)                                                                         \
        packed[row] |= (uint64_t) (((const VALUE *) columns[i]->values)[row]) << shift;

static void
pack_keys(GroupTable *table, Column *const *columns, uint32_t count)
{
    uint64_t *packed = table->packed;
    uint32_t shift = 0;
    memset(packed, 0, count * sizeof *packed);
    for (uint16_t i = 0; i < table->column_count; i++) {
        Phys phys = table->columns[i].phys;
        if (phys == PHYS_U8)
            PACK(uint8_t)
        else if (phys == PHYS_I16)
            PACK(uint16_t)
        else if (phys == PHYS_I32)
            PACK(uint32_t)
        else
            PACK(uint64_t)
        shift += 8 * (uint32_t) phys_width(phys);
    }
}

static void
find_all_packed(GroupTable *table, Column *const *columns, uint32_t count, uint32_t *entries)
{
    const uint64_t *hashes = table->hashes;
    bool may_be_null = false;
    for (uint16_t i = 0; i < table->column_count; i++)
        may_be_null |= columns[i]->nulls != NULL;
    pack_keys(table, columns, count);
    bool prefetches = table->count >= PREFETCH_GROUPS;
    for (uint32_t row = 0; row < count; row++) {
        if (prefetches && row + PREFETCH_ROWS < count)
            __builtin_prefetch(slot_at(table, slot_of(table, hashes[row + PREFETCH_ROWS])));
        if (may_be_null && row_has_null(table, columns, row)) {
            table->has_nulls = true;
            entries[row] = find_one(table, hashes[row], columns, row);
        } else {
            entries[row] = find_packed(table, hashes[row], columns, row);
        }
        /* Whoever asks goes on to the state. */
        if (prefetches)
            __builtin_prefetch(group_head(table, entries[row]), 1);
    }
}

static void
find_all(GroupTable *table, Column *const *columns, uint32_t count, uint32_t *entries)
{
    const uint64_t *hashes = table->hashes;
    for (uint32_t row = 0; row < count; row++) {
        if (table->count >= PREFETCH_GROUPS && row + PREFETCH_ROWS < count) {
            __builtin_prefetch(slot_at(table, slot_of(table, hashes[row + PREFETCH_ROWS])));
            uint32_t soon = slot_at(table, slot_of(table, hashes[row + PREFETCH_ROWS / 2]))->entry;
            if (soon != 0)
                __builtin_prefetch(group_head(table, soon - 1));
        }
        entries[row] = find_one(table, hashes[row], columns, row);
    }
}

void
group_table_find(GroupTable *table, Column *const *columns, uint32_t count, uint32_t *entries)
{
    if (table->hash_capacity < count) {
        table->hashes = memory_realloc(table->hashes, count * sizeof *table->hashes);
        if (table->is_packed)
            table->packed = memory_realloc(table->packed, count * sizeof *table->packed);
        table->hash_capacity = count;
    }
    layout_hash_key(table->layout, columns, count, table->hashes);
    if (table->is_packed)
        find_all_packed(table, columns, count, entries);
    else
        find_all(table, columns, count, entries);
}

void
group_table_remove(GroupTable *table, uint32_t entry)
{
    GroupHead *head = group_head(table, entry);
    uint32_t hole = slot_of(table, head->hash), mask = slot_mask(table);
    while (slot_at(table, hole)->entry != entry + 1)
        hole = (hole + 1) & mask;
    /* Later entries of the same cluster move up, so that no probe ends early. */
    for (uint32_t at = (hole + 1) & mask; slot_at(table, at)->entry != 0; at = (at + 1) & mask) {
        uint32_t home = slot_of_tag(table, slot_at(table, at)->tag);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        memcpy(slot_at(table, hole), slot_at(table, at), table->slot_size);
        hole = at;
    }
    memset(slot_at(table, hole), 0, table->slot_size);
    table->count--;
    table->heap_bytes -= head->heap_size;
    if (table->has_heap)
        free(head->heap);
    head->heap = NULL;
    head->flags = 0;
    if (table->free_count == table->free_capacity) {
        table->free_capacity = table->free_capacity == 0 ? 64 : table->free_capacity * 2;
        table->free_entries = memory_realloc(table->free_entries, table->free_capacity * sizeof *table->free_entries);
    }
    table->free_entries[table->free_count++] = entry;
}

void
group_table_reserve(GroupTable *table, uint32_t count)
{
    uint32_t blocks = table->block_count + count / BLOCK_ENTRIES + 1;
    if (blocks <= table->block_capacity)
        return;
    table->block_capacity = blocks;
    table->blocks = memory_realloc(table->blocks, blocks * sizeof *table->blocks);
}

bool
group_table_is_used(const GroupTable *table, uint32_t entry)
{
    return (group_head(table, entry)->flags & FLAG_USED) != 0;
}

bool
group_table_next(const GroupTable *table, size_t *iterator, uint32_t *entry)
{
    while (*iterator < table->next) {
        *entry = (uint32_t) (*iterator)++;
        if ((group_head(table, *entry)->flags & FLAG_USED) != 0)
            return true;
    }
    return false;
}

bool
group_table_next_hashed(const GroupTable *table, size_t *iterator, uint32_t *entry)
{
    size_t slot_count = (size_t) 1 << table->slot_bits;
    while (*iterator < slot_count) {
        uint32_t found = slot_at(table, (*iterator)++)->entry;
        if (found != 0) {
            *entry = found - 1;
            return true;
        }
    }
    return false;
}

size_t
group_table_memory(const GroupTable *table)
{
    return (size_t) table->block_count * BLOCK_ENTRIES * table->stride +
           ((size_t) table->slot_size << table->slot_bits) + table->heap_bytes +
           (size_t) table->free_capacity * sizeof *table->free_entries;
}

void
group_table_key_columns(const GroupTable *table, const uint32_t *entries, uint32_t count, Column **columns)
{
    for (uint16_t i = 0; i < table->column_count; i++) {
        ColumnBuilder builder;
        column_builder_init(&builder, table->columns[i].phys);
        column_builder_reserve(&builder, count);
        for (uint32_t row = 0; row < count; row++)
            column_builder_append(&builder, group_table_key(table, entries[row], i));
        columns[i] = column_builder_finish(&builder);
    }
}
