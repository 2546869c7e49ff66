#include "dataflow/join_table.h"

#include "collection/column_order.h"

#define PREFETCH_ROWS 16

bool
join_key_is_integer(const SqlType *types, int count)
{
    if (count != 1)
        return false;
    OrderClass order = type_order_class(types[0]);
    return order == ORDER_SIGNED || order == ORDER_UNSIGNED;
}

#define READ(type)                                                                                                     \
    do {                                                                                                               \
        const type *values = column->values;                                                                           \
        for (uint32_t i = 0; i < column->count; i++)                                                                   \
            keys[i] = (uint64_t) values[i];                                                                            \
    } while (0)

static void
read_integers(SqlType type, const Column *column, uint64_t *keys)
{
    switch (column->phys) {
    case PHYS_U8:
        READ(uint8_t);
        return;
    case PHYS_I16:
        READ(int16_t);
        return;
    case PHYS_I32:
        if (type_order_class(type) == ORDER_UNSIGNED)
            READ(uint32_t);
        else
            READ(int32_t);
        return;
    default:
        READ(int64_t);
    }
}

uint32_t
join_key_read(const JoinKey *key, const Chunk *chunk, uint64_t *keys, uint32_t *rows)
{
    uint32_t count = 0;
    if (key->integer) {
        read_integers(key->types[0], chunk->columns[key->columns[0]], keys);
    } else {
        memset(keys, 0, chunk->count * sizeof *keys);
        for (int i = 0; i < key->count; i++)
            column_hash(key->types[i], chunk->columns[key->columns[i]], keys);
    }
    bool any_nulls = false;
    for (int i = 0; i < key->count; i++)
        any_nulls = any_nulls || chunk->columns[key->columns[i]]->nulls != NULL;
    for (uint32_t row = 0; row < chunk->count; row++) {
        bool is_null = false;
        for (int i = 0; any_nulls && i < key->count; i++)
            is_null = is_null || column_is_null(chunk->columns[key->columns[i]], row);
        rows[count] = row;
        count += !is_null;
    }
    return count;
}

/* Spreads the bits of integers, which are often close to each other; the top ones are the slot, the lowest the part. */
static inline uint64_t
mix(uint64_t key)
{
    key ^= key >> 32;
    key *= UINT64_C(0xd6e8feb86659fd93);
    key ^= key >> 32;
    key *= UINT64_C(0xd6e8feb86659fd93);
    return key ^ key >> 32;
}

static bool
key_equal(const JoinKey *a, const Chunk *chunk_a, uint32_t row_a, const JoinKey *b, const Chunk *chunk_b,
          uint32_t row_b)
{
    for (int i = 0; i < a->count; i++) {
        const Column *x = chunk_a->columns[a->columns[i]], *y = chunk_b->columns[b->columns[i]];
        bool equal;
        if (x->phys == PHYS_BYTES && order_class_is_exact(type_order_class(a->types[i])))
            equal = slice_equal(column_bytes(x, row_a), column_bytes(y, row_b));
        else
            equal = column_compare(a->types[i], x, row_a, y, row_b) == 0;
        if (!equal)
            return false;
    }
    return true;
}

void
join_table_init(JoinTable *table, const JoinKey *key)
{
    *table = (JoinTable){.key = *key};
}

void
join_table_deinit(JoinTable *table)
{
    for (size_t i = 0; table->next != NULL && i < table->chunks.count; i++)
        free(table->next[i]);
    free(table->next);
    for (uint32_t i = 0; i < table->part_count; i++)
        free(table->parts[i].slots);
    free(table->parts);
    chunk_vector_release(&table->chunks);
    *table = (JoinTable){0};
}

void
join_table_add(JoinTable *table, Chunk *chunk)
{
    table->row_count += chunk->count;
    table->has_diffs = table->has_diffs || chunk->diffs != NULL;
    vector_push(&table->chunks, chunk_retain(chunk));
}

static void
part_init(JoinPart *part, uint32_t bits)
{
    part->bits = bits;
    part->slots = memory_alloc(sizeof *part->slots << bits);
    for (size_t i = 0; i < (size_t) 1 << bits; i++)
        part->slots[i].first.chunk = JOIN_NONE;
}

void
join_table_prepare(JoinTable *table, uint32_t part_count)
{
    table->part_count = table->key.count == 0 ? 0 : part_count;
    if (table->part_count == 0) {
        table->has_chains = table->row_count > 1;
        return;
    }
    table->next = memory_alloc((table->chunks.count + 1) * sizeof *table->next);
    for (size_t i = 0; i < table->chunks.count; i++)
        table->next[i] = memory_alloc((table->chunks.items[i]->count + 1) * sizeof **table->next);
    table->parts = memory_calloc(part_count, sizeof *table->parts);
    uint32_t bits = 4;
    while (((uint64_t) part_count << bits) < table->row_count * 2)
        bits++;
    for (uint32_t i = 0; i < part_count; i++)
        part_init(&table->parts[i], bits);
}

static inline size_t
home_slot(const JoinPart *part, uint64_t mixed)
{
    return (size_t) (mixed >> (64 - part->bits));
}

static void
part_grow(JoinPart *part)
{
    JoinSlot *old = part->slots;
    size_t old_count = (size_t) 1 << part->bits;
    part_init(part, part->bits + 1);
    size_t mask = ((size_t) 1 << part->bits) - 1;
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].first.chunk == JOIN_NONE)
            continue;
        size_t at = home_slot(part, mix(old[i].key));
        while (part->slots[at].first.chunk != JOIN_NONE)
            at = (at + 1) & mask;
        part->slots[at] = old[i];
    }
    free(old);
}

static void
insert(JoinTable *table, JoinPart *part, uint64_t mixed, uint64_t key, JoinRow row)
{
    const Chunk *chunk = table->chunks.items[row.chunk];
    size_t mask = ((size_t) 1 << part->bits) - 1, at = home_slot(part, mixed);
    for (;; at = (at + 1) & mask) {
        JoinSlot *slot = &part->slots[at];
        if (slot->first.chunk == JOIN_NONE)
            break;
        if (slot->key != key || (!table->key.integer && !key_equal(&table->key, table->chunks.items[slot->first.chunk],
                                                                   slot->first.row, &table->key, chunk, row.row)))
            continue;
        JoinRow *first_next = &table->next[slot->first.chunk][slot->first.row];
        table->next[row.chunk][row.row] = *first_next;
        *first_next = row;
        part->rows++;
        return;
    }
    part->slots[at] = (JoinSlot){key, row};
    table->next[row.chunk][row.row] = (JoinRow){JOIN_NONE, 0};
    part->rows++;
    if (++part->count > mask / 4 * 3)
        part_grow(part);
}

void
join_table_build(JoinTable *table, uint32_t number, const Circuit *circuit)
{
    if (table->part_count == 0)
        return;
    JoinPart *part = &table->parts[number];
    uint32_t part_mask = table->part_count - 1, capacity = 0;
    uint64_t *keys = NULL;
    uint32_t *rows = NULL;
    for (size_t i = 0; i < table->chunks.count && !circuit_stopped(circuit); i++) {
        const Chunk *chunk = table->chunks.items[i];
        if (capacity < chunk->count) {
            capacity = chunk->count;
            keys = memory_realloc(keys, capacity * sizeof *keys);
            rows = memory_realloc(rows, capacity * sizeof *rows);
        }
        uint32_t count = join_key_read(&table->key, chunk, keys, rows);
        for (uint32_t k = 0; k < count; k++) {
            if (k + PREFETCH_ROWS < count)
                __builtin_prefetch(&part->slots[home_slot(part, mix(keys[rows[k + PREFETCH_ROWS]]))], 1);
            uint64_t mixed = mix(keys[rows[k]]);
            if ((mixed & part_mask) == number)
                insert(table, part, mixed, keys[rows[k]], (JoinRow){(uint32_t) i, rows[k]});
        }
    }
    free(keys);
    free(rows);
    if (part->rows > part->count)
        __atomic_store_n(&table->has_chains, true, __ATOMIC_RELAXED);
}

void
join_table_find(const JoinTable *table, const JoinKey *key, const Chunk *chunk, const uint64_t *keys,
                const uint32_t *rows, uint32_t count, JoinRow *found)
{
    if (table->part_count == 0) {
        for (uint32_t i = 0; i < count; i++)
            found[i] = (JoinRow){table->row_count == 0 ? JOIN_NONE : 0, 0};
        return;
    }
    uint32_t part_mask = table->part_count - 1;
    for (uint32_t i = 0; i < count; i++) {
        if (i + PREFETCH_ROWS < count) {
            uint64_t soon = mix(keys[rows[i + PREFETCH_ROWS]]);
            const JoinPart *part = &table->parts[soon & part_mask];
            __builtin_prefetch(&part->slots[home_slot(part, soon)]);
        }
        uint64_t value = keys[rows[i]], mixed = mix(value);
        const JoinPart *part = &table->parts[mixed & part_mask];
        size_t mask = ((size_t) 1 << part->bits) - 1, at = home_slot(part, mixed);
        const JoinSlot *slot;
        for (;; at = (at + 1) & mask) {
            slot = &part->slots[at];
            if (slot->first.chunk == JOIN_NONE)
                break;
            if (slot->key == value &&
                (table->key.integer ||
                 key_equal(&table->key, table->chunks.items[slot->first.chunk], slot->first.row, key, chunk, rows[i])))
                break;
        }
        found[i] = slot->first;
    }
}

/* ---- columns of the rows found */

#define GATHER(type)                                                                                                   \
    do {                                                                                                               \
        type *to = values;                                                                                             \
        for (uint32_t i = 0; i < count; i++)                                                                           \
            to[i] = ((const type *) chunks[rows[i].chunk]->columns[index]->values)[rows[i].row];                       \
    } while (0)

typedef struct Bytes16 {
    uint64_t words[2];
} Bytes16;

static Column *
gather_bytes(const JoinTable *table, uint16_t index, const JoinRow *rows, uint32_t count, uint8_t *nulls)
{
    Chunk *const *chunks = table->chunks.items;
    uint32_t *offsets = memory_alloc(((size_t) count + 1) * sizeof *offsets);
    size_t size = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t *from = chunks[rows[i].chunk]->columns[index]->values;
        offsets[i] = (uint32_t) size;
        size += from[rows[i].row + 1] - from[rows[i].row];
    }
    if (size > UINT32_MAX)
        bug("a column of %zu bytes is too large", size);
    offsets[count] = (uint32_t) size;
    char *bytes = memory_alloc(size);
    for (uint32_t i = 0; i < count; i++) {
        const Column *column = chunks[rows[i].chunk]->columns[index];
        memcpy(bytes + offsets[i], column->bytes + ((const uint32_t *) column->values)[rows[i].row],
               offsets[i + 1] - offsets[i]);
    }
    return column_from_buffers(PHYS_BYTES, count, nulls, offsets, bytes);
}

Column *
join_table_gather(const JoinTable *table, uint16_t index, const JoinRow *rows, uint32_t count)
{
    Chunk *const *chunks = table->chunks.items;
    Phys phys = chunks[rows[0].chunk]->columns[index]->phys;
    uint8_t *nulls = NULL;
    bool any_nulls = false;
    for (size_t i = 0; i < table->chunks.count; i++)
        any_nulls = any_nulls || chunks[i]->columns[index]->nulls != NULL;
    if (any_nulls) {
        nulls = memory_alloc(count);
        for (uint32_t i = 0; i < count; i++)
            nulls[i] = column_is_null(chunks[rows[i].chunk]->columns[index], rows[i].row);
    }
    if (phys == PHYS_BYTES)
        return gather_bytes(table, index, rows, count, nulls);
    int width = phys_width(phys);
    void *values = memory_alloc((size_t) count * (size_t) width);
    switch (width) {
    case 1:
        GATHER(uint8_t);
        break;
    case 2:
        GATHER(uint16_t);
        break;
    case 4:
        GATHER(uint32_t);
        break;
    case 8:
        GATHER(uint64_t);
        break;
    default:
        GATHER(Bytes16);
        break;
    }
    return column_from_buffers(phys, count, nulls, values, NULL);
}

size_t
join_table_memory(const JoinTable *table)
{
    size_t bytes = 0;
    for (size_t i = 0; i < table->chunks.count; i++)
        bytes += chunk_memory(table->chunks.items[i]);
    if (table->next != NULL)
        bytes += table->row_count * sizeof(JoinRow);
    for (uint32_t i = 0; i < table->part_count; i++)
        bytes += sizeof(JoinSlot) << table->parts[i].bits;
    return bytes;
}
