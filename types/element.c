#include "types/element.h"

#include "types/binary_format.h"

static Slice
slice_take(Slice *rest, size_t size)
{
    if (size > rest->size)
        bug("a stored value ends in the middle of an element");
    Slice taken = slice_make(rest->bytes, size);
    rest->bytes += size;
    rest->size -= size;
    return taken;
}

static int64_t
integer_read(SqlType type, Slice bytes)
{
    const uint8_t *at = (const uint8_t *) bytes.bytes;
    bool is_signed = type.id == TYPE_INT2 || type.id == TYPE_INT4 || type.id == TYPE_DATE;
    switch (bytes.size) {
    case 1:
        return at[0];
    case 2:
        return is_signed ? (int16_t) be16_read(at) : (int64_t) be16_read(at);
    case 4:
        return is_signed ? (int32_t) be32_read(at) : (int64_t) be32_read(at);
    case 8:
        return (int64_t) be64_read(at);
    default:
        bug("an integer of %zu bytes", bytes.size);
    }
}

static Datum
b16_read(SqlType type, Slice bytes)
{
    Datum value = {0};
    if (type.id == TYPE_INTERVAL) {
        value.interval.microseconds = (int64_t) be64_read(bytes.bytes);
        value.interval.days = (int32_t) be32_read(bytes.bytes + 8);
        value.interval.months = (int32_t) be32_read(bytes.bytes + 12);
    } else if (type.id == TYPE_TIMETZ) {
        value.timetz.microseconds = (int64_t) be64_read(bytes.bytes);
        value.timetz.zone_seconds_west = (int32_t) be32_read(bytes.bytes + 8);
    } else {
        memcpy(value.b16, bytes.bytes, sizeof value.b16);
    }
    return value;
}

static double
float_read(Slice bytes)
{
    if (bytes.size == 4) {
        uint32_t bits = be32_read(bytes.bytes);
        float narrow;
        memcpy(&narrow, &bits, sizeof narrow);
        return narrow;
    }
    uint64_t bits = be64_read(bytes.bytes);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

Datum
element_take(SqlType type, Slice *rest)
{
    int32_t size = (int32_t) be32_read(slice_take(rest, 4).bytes);
    if (size < 0)
        return DATUM_NULL;
    Slice bytes = slice_take(rest, (size_t) size);
    switch (type_phys(type)) {
    case PHYS_U8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64:
        return datum_int(integer_read(type, bytes));
    case PHYS_F32:
    case PHYS_F64:
        return datum_float(float_read(bytes));
    case PHYS_B16:
        return b16_read(type, bytes);
    case PHYS_BYTES:
        if (type.id == TYPE_JSONB || type.id == TYPE_JSONPATH) /* the wire form begins with a version byte */
            slice_take(&bytes, 1);
        return datum_bytes(bytes);
    }
    bug("unrecognized type %d", type.id);
}

Slice
element_skip(Slice *rest)
{
    const char *start = rest->bytes;
    int32_t size = (int32_t) be32_read(slice_take(rest, 4).bytes);
    if (size > 0)
        slice_take(rest, (size_t) size);
    return slice_make(start, (size_t) (rest->bytes - start));
}

void
element_append(SqlType type, Datum value, Buffer *out)
{
    if (value.is_null) {
        buffer_append_be32(out, UINT32_MAX);
        return;
    }
    size_t start = out->size;
    buffer_append_be32(out, 0);
    if (type.id == TYPE_ENUM) /* keeps its order with it */
        buffer_append_slice(out, value.bytes);
    else
        datum_send(type, value, out);
    buffer_set_be32(out, start, (uint32_t) (out->size - start - 4));
}
