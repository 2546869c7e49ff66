#include "collection/column.h"

#include <stdlib.h>

void
column_builder_init(ColumnBuilder *builder, Phys phys)
{
    *builder = (ColumnBuilder){.phys = phys};
}

void
column_builder_deinit(ColumnBuilder *builder)
{
    free(builder->nulls);
    free(builder->values);
    free(builder->bytes);
    *builder = (ColumnBuilder){.phys = builder->phys};
}

static size_t
value_width(Phys phys)
{
    return phys == PHYS_BYTES ? sizeof(uint32_t) : (size_t) phys_width(phys);
}

void
column_builder_reserve(ColumnBuilder *builder, uint32_t more)
{
    if (more > UINT32_MAX - builder->count)
        bug("a column of %u and %u more rows is too large", builder->count, more);
    uint32_t needed = builder->count + more;
    if (needed <= builder->capacity && builder->values != NULL)
        return;
    uint64_t grown = (uint64_t) builder->capacity * 2;
    grown = grown < needed ? needed : grown;
    grown = grown < 8 ? 8 : grown;
    grown = grown > UINT32_MAX - 1 ? UINT32_MAX - 1 : grown;
    bool fresh = builder->values == NULL;
    size_t slots = (size_t) grown + (builder->phys == PHYS_BYTES); /* offsets have one more */
    builder->values = memory_realloc(builder->values, slots * value_width(builder->phys));
    if (fresh && builder->phys == PHYS_BYTES)
        ((uint32_t *) builder->values)[0] = 0;
    if (builder->nulls != NULL)
        builder->nulls = memory_realloc(builder->nulls, (size_t) grown);
    builder->capacity = (uint32_t) grown;
}

static void
bytes_reserve(ColumnBuilder *builder, size_t more)
{
    if (more > UINT32_MAX - builder->bytes_size)
        bug("a column of %zu and %zu more bytes is too large", builder->bytes_size, more);
    size_t needed = builder->bytes_size + more;
    if (needed <= builder->bytes_capacity)
        return;
    size_t grown = builder->bytes_capacity * 2;
    grown = grown < needed ? needed : grown;
    grown = grown < 32 ? 32 : grown;
    builder->bytes = memory_realloc(builder->bytes, grown);
    builder->bytes_capacity = grown;
}

/* From here on, or up to here, rows have null bytes. */
static void
nulls_begin(ColumnBuilder *builder)
{
    if (builder->nulls != NULL)
        return;
    builder->nulls = memory_alloc(builder->capacity);
    memset(builder->nulls, 0, builder->count);
}

static void
nulls_extend(ColumnBuilder *builder, uint32_t count, uint8_t value)
{
    if (builder->nulls != NULL)
        memset(builder->nulls + builder->count, value, count);
}

void
column_builder_append_null(ColumnBuilder *builder)
{
    column_builder_reserve(builder, 1);
    nulls_begin(builder);
    builder->nulls[builder->count] = 1;
    if (builder->phys == PHYS_BYTES) {
        uint32_t *offsets = builder->values;
        offsets[builder->count + 1] = (uint32_t) builder->bytes_size;
    } else {
        size_t width = value_width(builder->phys);
        memset((char *) builder->values + builder->count * width, 0, width);
    }
    builder->count++;
}

void
column_builder_append_bytes(ColumnBuilder *builder, const void *bytes, size_t size)
{
    column_builder_reserve(builder, 1);
    nulls_extend(builder, 1, 0);
    if (builder->bytes_size + size > UINT32_MAX)
        bug("a column of more than 4 GB was built");
    bytes_reserve(builder, size);
    if (size != 0)
        memcpy(builder->bytes + builder->bytes_size, bytes, size);
    builder->bytes_size += size;
    uint32_t *offsets = builder->values;
    offsets[++builder->count] = (uint32_t) builder->bytes_size;
}

void
column_builder_append(ColumnBuilder *builder, Datum value)
{
    if (value.is_null) {
        column_builder_append_null(builder);
        return;
    }
    if (builder->phys == PHYS_BYTES) {
        column_builder_append_bytes(builder, value.bytes.bytes, value.bytes.size);
        return;
    }
    column_builder_reserve(builder, 1);
    nulls_extend(builder, 1, 0);
    uint32_t row = builder->count++;
    switch (builder->phys) {
    case PHYS_U8:
        ((uint8_t *) builder->values)[row] = (uint8_t) value.i;
        break;
    case PHYS_I16:
        ((int16_t *) builder->values)[row] = (int16_t) value.i;
        break;
    case PHYS_I32:
        ((int32_t *) builder->values)[row] = (int32_t) value.i;
        break;
    case PHYS_I64:
        ((int64_t *) builder->values)[row] = value.i;
        break;
    case PHYS_F32:
        ((float *) builder->values)[row] = (float) value.f;
        break;
    case PHYS_F64:
        ((double *) builder->values)[row] = value.f;
        break;
    case PHYS_B16:
        memcpy((char *) builder->values + (size_t) row * 16, value.b16, 16);
        break;
    case PHYS_BYTES:
        break;
    }
}

void
column_builder_append_row(ColumnBuilder *builder, const Column *column, uint32_t row)
{
    if (column_is_null(column, row)) {
        column_builder_append_null(builder);
        return;
    }
    if (builder->phys == PHYS_BYTES) {
        Slice bytes = column_bytes(column, row);
        column_builder_append_bytes(builder, bytes.bytes, bytes.size);
        return;
    }
    column_builder_reserve(builder, 1);
    nulls_extend(builder, 1, 0);
    size_t width = value_width(builder->phys);
    memcpy((char *) builder->values + builder->count * width, (const char *) column->values + row * width, width);
    builder->count++;
}

static void
nulls_append(ColumnBuilder *builder, const Column *column, uint32_t first, uint32_t count)
{
    if (column->nulls == NULL) {
        nulls_extend(builder, count, 0);
        return;
    }
    if (builder->nulls == NULL && memchr(column->nulls + first, 1, count) == NULL)
        return;
    nulls_begin(builder);
    memcpy(builder->nulls + builder->count, column->nulls + first, count);
}

void
column_builder_append_range(ColumnBuilder *builder, const Column *column, uint32_t first, uint32_t count)
{
    if (count == 0)
        return;
    column_builder_reserve(builder, count);
    nulls_append(builder, column, first, count);
    if (builder->phys != PHYS_BYTES) {
        size_t width = value_width(builder->phys);
        memcpy((char *) builder->values + builder->count * width, (const char *) column->values + first * width,
               count * width);
    } else {
        const uint32_t *from = column->values;
        uint32_t *offsets = builder->values;
        size_t size = from[first + count] - from[first];
        bytes_reserve(builder, size);
        if (size != 0)
            memcpy(builder->bytes + builder->bytes_size, column->bytes + from[first], size);
        for (uint32_t i = 1; i <= count; i++)
            offsets[builder->count + i] = (uint32_t) builder->bytes_size + (from[first + i] - from[first]);
        builder->bytes_size += size;
    }
    builder->count += count;
}

void
column_builder_append_rows(ColumnBuilder *builder, const Column *column, const uint32_t *rows, uint32_t count)
{
    column_builder_reserve(builder, count);
    for (uint32_t i = 0; i < count;) {
        uint32_t next = i + 1;
        while (next < count && rows[next] == rows[next - 1] + 1)
            next++;
        if (next - i > 1)
            column_builder_append_range(builder, column, rows[i], next - i);
        else
            column_builder_append_row(builder, column, rows[i]);
        i = next;
    }
}

size_t
column_builder_memory(const ColumnBuilder *builder)
{
    return (size_t) builder->count * (value_width(builder->phys) + (builder->nulls != NULL)) + builder->bytes_size;
}

Column *
column_builder_finish(ColumnBuilder *builder)
{
    column_builder_reserve(builder, 0); /* offsets of no rows are there too */
    /* What was reserved and not used goes back when it is worth the move. */
    if (builder->capacity > builder->count + builder->count / 8 + 8) {
        size_t slots = (size_t) builder->count + (builder->phys == PHYS_BYTES);
        builder->values = memory_realloc(builder->values, slots * value_width(builder->phys));
        if (builder->nulls != NULL)
            builder->nulls = memory_realloc(builder->nulls, builder->count);
    }
    if (builder->bytes_capacity > builder->bytes_size + builder->bytes_size / 8 + 32)
        builder->bytes = memory_realloc(builder->bytes, builder->bytes_size);
    Column *column =
        column_from_buffers(builder->phys, builder->count, builder->nulls, builder->values, builder->bytes);
    *builder = (ColumnBuilder){.phys = builder->phys};
    return column;
}
