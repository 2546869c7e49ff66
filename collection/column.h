/*
 * column.h -- values of one type, in bulk: what expressions run over.
 *
 *     nulls    one byte a row, 1 where null; NULL when no row is null
 *     values   count values of the physical width; for PHYS_BYTES: count + 1 uint32 offsets into `bytes`
 *     bytes    PHYS_BYTES only
 *
 * (1) A column is immutable once it is shared, and counted by references: any thread may retain and release.
 * (2) The value under a null is zero (fixed width) or empty (bytes), so that whole columns can be compared and hashed.
 * (3) A column's memory is its own, or borrowed from `owner`, which it releases when it goes (a mapped file).
 */
#ifndef FRESHET_COLLECTION_COLUMN_H
#define FRESHET_COLLECTION_COLUMN_H

#include <stdatomic.h>
#include <stdint.h>

#include "types/value.h"

typedef struct ColumnOwner {
    void (*release)(struct ColumnOwner *owner);
} ColumnOwner;

typedef struct Column {
    atomic_uint references;
    Phys phys;
    uint32_t count;
    const uint8_t *nulls;
    const void *values;
    const char *bytes;
    ColumnOwner *owner; /* NULL: nulls, values and bytes are heap memory of this column */
} Column;

Column *column_retain(Column *column);
void column_release(Column *column);        /* NULL is allowed */
size_t column_memory(const Column *column); /* bytes of values, nulls, offsets and bytes */

/* Takes heap buffers over. */
Column *column_from_buffers(Phys phys, uint32_t count, uint8_t *nulls, void *values, char *bytes);
Column *column_borrow(Phys phys, uint32_t count, const uint8_t *nulls, const void *values, const char *bytes,
                      ColumnOwner *owner); /* takes one reference of owner over */
Column *column_constant(SqlType type, Datum value, uint32_t count);
Column *column_gather(const Column *column, const uint32_t *rows, uint32_t count); /* picked rows, in that order */

static inline bool
column_is_null(const Column *column, uint32_t row)
{
    return column->nulls != NULL && column->nulls[row] != 0;
}

static inline Slice
column_bytes(const Column *column, uint32_t row)
{
    const uint32_t *offsets = column->values;
    return (Slice){column->bytes + offsets[row], offsets[row + 1] - offsets[row]};
}

Datum column_datum(const Column *column, SqlType type, uint32_t row); /* bytes point into the column */

/* Row comparisons across columns of one type; nulls are equal to each other and sort after values. */
int column_compare(SqlType type, const Column *a, uint32_t row_a, const Column *b, uint32_t row_b); /* SQL order */
int column_compare_identity(const Column *a, uint32_t row_a, const Column *b,
                            uint32_t row_b); /* stored form; any total order */

/* hashes[row] = hash_combine(hashes[row], hash of the value): SQL-equal values hash alike (datum_hash). */
void column_hash(SqlType type, const Column *column, uint64_t *hashes);
void column_hash_rows(SqlType type, const Column *column, const uint32_t *rows, uint32_t count, uint64_t *hashes);

/* Builds a column value by value. A builder is reusable after column_builder_finish. */
typedef struct ColumnBuilder {
    Phys phys;
    uint32_t count, capacity;
    uint8_t *nulls; /* NULL until the first null */
    void *values;
    char *bytes;
    size_t bytes_size, bytes_capacity;
} ColumnBuilder;

void column_builder_init(ColumnBuilder *builder, Phys phys);
void column_builder_deinit(ColumnBuilder *builder);
void column_builder_reserve(ColumnBuilder *builder, uint32_t more);
void column_builder_append_null(ColumnBuilder *builder);
void column_builder_append(ColumnBuilder *builder, Datum value);
void column_builder_append_bytes(ColumnBuilder *builder, const void *bytes, size_t size);
void column_builder_append_row(ColumnBuilder *builder, const Column *column, uint32_t row);
void column_builder_append_range(ColumnBuilder *builder, const Column *column, uint32_t first, uint32_t count);
void column_builder_append_rows(ColumnBuilder *builder, const Column *column, const uint32_t *rows, uint32_t count);
size_t column_builder_memory(const ColumnBuilder *builder);
Column *column_builder_finish(ColumnBuilder *builder); /* the builder is empty again */

#endif
