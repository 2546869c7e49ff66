#include "collection/column.h"

#include <stdlib.h>

#include "collection/column_order.h"

Column *
column_retain(Column *column)
{
    atomic_fetch_add_explicit(&column->references, 1, memory_order_relaxed);
    return column;
}

void
column_release(Column *column)
{
    if (column == NULL || atomic_fetch_sub_explicit(&column->references, 1, memory_order_acq_rel) != 1)
        return;
    if (column->owner != NULL) {
        column->owner->release(column->owner);
    } else {
        free((void *) column->nulls);
        free((void *) column->values);
        free((void *) column->bytes);
    }
    free(column);
}

size_t
column_memory(const Column *column)
{
    size_t size = column->nulls == NULL ? 0 : column->count;
    if (column->phys != PHYS_BYTES)
        return size + (size_t) column->count * (size_t) phys_width(column->phys);
    const uint32_t *offsets = column->values;
    return size + ((size_t) column->count + 1) * sizeof(uint32_t) + offsets[column->count];
}

static Column *
column_new(Phys phys, uint32_t count, const uint8_t *nulls, const void *values, const char *bytes, ColumnOwner *owner)
{
    Column *column = memory_alloc(sizeof *column);
    *column = (Column){.phys = phys, .count = count, .nulls = nulls, .values = values, .bytes = bytes, .owner = owner};
    atomic_init(&column->references, 1);
    return column;
}

Column *
column_from_buffers(Phys phys, uint32_t count, uint8_t *nulls, void *values, char *bytes)
{
    if (phys == PHYS_BYTES && bytes == NULL)
        bytes = memory_alloc(1); /* so that offsets may be added to it */
    return column_new(phys, count, nulls, values, bytes, NULL);
}

Column *
column_borrow(Phys phys, uint32_t count, const uint8_t *nulls, const void *values, const char *bytes,
              ColumnOwner *owner)
{
    return column_new(phys, count, nulls, values, bytes, owner);
}

static void
fixed_fill(Phys phys, void *values, uint32_t count, Datum value)
{
    for (uint32_t i = 0; i < count; i++) {
        switch (phys) {
        case PHYS_U8:
            ((uint8_t *) values)[i] = (uint8_t) value.i;
            break;
        case PHYS_I16:
            ((int16_t *) values)[i] = (int16_t) value.i;
            break;
        case PHYS_I32:
            ((int32_t *) values)[i] = (int32_t) value.i;
            break;
        case PHYS_I64:
            ((int64_t *) values)[i] = value.i;
            break;
        case PHYS_F32:
            ((float *) values)[i] = (float) value.f;
            break;
        case PHYS_F64:
            ((double *) values)[i] = value.f;
            break;
        case PHYS_B16:
            memcpy((char *) values + (size_t) i * 16, value.b16, 16);
            break;
        case PHYS_BYTES:
            bug("bytes have no fixed width");
        }
    }
}

Column *
column_constant(SqlType type, Datum value, uint32_t count)
{
    Phys phys = type_phys(type);
    uint8_t *nulls = NULL;
    if (value.is_null && count != 0) {
        nulls = memory_alloc(count);
        memset(nulls, 1, count);
    }
    if (phys != PHYS_BYTES) {
        void *values = memory_calloc(count, (size_t) phys_width(phys));
        if (!value.is_null)
            fixed_fill(phys, values, count, value);
        return column_from_buffers(phys, count, nulls, values, NULL);
    }
    size_t size = value.is_null ? 0 : value.bytes.size;
    if (size != 0 && count > UINT32_MAX / size)
        bug("a constant column of %u values of %zu bytes is too large", count, size);
    uint32_t *offsets = memory_alloc(((size_t) count + 1) * sizeof *offsets);
    char *bytes = memory_alloc(size * count);
    for (uint32_t i = 0; i <= count; i++)
        offsets[i] = (uint32_t) (i * size);
    for (uint32_t i = 0; i < count && size != 0; i++)
        memcpy(bytes + i * size, value.bytes.bytes, size);
    return column_from_buffers(phys, count, nulls, offsets, bytes);
}

static Column *
bytes_gather(const Column *column, const uint32_t *rows, uint32_t count, uint8_t *nulls)
{
    const uint32_t *from = column->values;
    uint32_t *offsets = memory_alloc(((size_t) count + 1) * sizeof *offsets);
    size_t size = 0;
    for (uint32_t i = 0; i < count; i++) {
        offsets[i] = (uint32_t) size;
        size += from[rows[i] + 1] - from[rows[i]];
    }
    if (size > UINT32_MAX)
        bug("a column of %zu bytes is too large", size);
    offsets[count] = (uint32_t) size;
    char *bytes = memory_alloc(size);
    for (uint32_t i = 0; i < count; i++)
        memcpy(bytes + offsets[i], column->bytes + from[rows[i]], offsets[i + 1] - offsets[i]);
    return column_from_buffers(PHYS_BYTES, count, nulls, offsets, bytes);
}

#define GATHER(type)                                                                                                   \
    do {                                                                                                               \
        const type *from = column->values;                                                                             \
        type *to = values;                                                                                             \
        for (uint32_t i = 0; i < count; i++)                                                                           \
            to[i] = from[rows[i]];                                                                                     \
    } while (0)

typedef struct Bytes16 {
    uint64_t words[2];
} Bytes16;

Column *
column_gather(const Column *column, const uint32_t *rows, uint32_t count)
{
    uint8_t *nulls = NULL;
    if (column->nulls != NULL) {
        uint8_t any = 0;
        nulls = memory_alloc(count);
        for (uint32_t i = 0; i < count; i++)
            any |= nulls[i] = column->nulls[rows[i]];
        if (!any) {
            free(nulls);
            nulls = NULL;
        }
    }
    if (column->phys == PHYS_BYTES)
        return bytes_gather(column, rows, count, nulls);
    int width = phys_width(column->phys);
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
    return column_from_buffers(column->phys, count, nulls, values, NULL);
}

Datum
column_datum(const Column *column, SqlType type, uint32_t row)
{
    if (column_is_null(column, row))
        return DATUM_NULL;
    switch (column->phys) {
    case PHYS_U8:
        return datum_int(((const uint8_t *) column->values)[row]);
    case PHYS_I16:
        return datum_int(((const int16_t *) column->values)[row]);
    case PHYS_I32:
        if (type_order_class(type) == ORDER_UNSIGNED)
            return datum_int(((const uint32_t *) column->values)[row]);
        return datum_int(((const int32_t *) column->values)[row]);
    case PHYS_I64:
        return datum_int(((const int64_t *) column->values)[row]);
    case PHYS_F32:
        return datum_float((double) ((const float *) column->values)[row]);
    case PHYS_F64:
        return datum_float(((const double *) column->values)[row]);
    case PHYS_B16: {
        Datum datum = {.is_null = false};
        memcpy(datum.b16, (const char *) column->values + (size_t) row * 16, 16);
        return datum;
    }
    case PHYS_BYTES:
        return datum_bytes(column_bytes(column, row));
    }
    bug("unrecognized column of kind %d", column->phys);
}
