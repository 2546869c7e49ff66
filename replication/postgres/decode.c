#include "replication/postgres/decode.h"

#include "base/buffer.h"
#include "types/binary_format.h"
#include "types/text_format.h"

/* Within these bounds no check is needed; what lies beyond goes through types/, which knows the real ones. */
#define ARRAY_ELEMENT_AT 8 /* where the wire form of an array has the OID of its elements' type */
#define DAYS_COMMON      (INT32_C(366) * 500)
#define US_COMMON        (INT64_C(86400000000) * DAYS_COMMON)

static DecodeHow
decode_how(SqlType type)
{
    switch (type.id) {
    case TYPE_BOOL:
    case TYPE_CHAR:
        return DECODE_U8;
    case TYPE_INT2:
        return DECODE_I16;
    case TYPE_INT4:
    case TYPE_OID:
        return DECODE_I32;
    case TYPE_INT8:
    case TYPE_MONEY:
        return DECODE_I64;
    case TYPE_FLOAT4:
        return DECODE_F32;
    case TYPE_FLOAT8:
        return DECODE_F64;
    case TYPE_DATE:
        return DECODE_DATE;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        return DECODE_TIMESTAMP;
    case TYPE_UUID:
        return DECODE_UUID;
    case TYPE_TEXT:
    case TYPE_VARCHAR:
    case TYPE_BPCHAR:
    case TYPE_XML:
        return DECODE_TEXT;
    case TYPE_BYTEA:
        return DECODE_BYTES;
    default:
        return DECODE_ANY;
    }
}

void
row_decoder_init(RowDecoder *decoder, const SqlType *types, const bool *as_text, uint16_t count)
{
    *decoder =
        (RowDecoder){.columns = memory_calloc(count, sizeof(ValueDecoder)), .count = count, .arena = arena_new()};
    for (uint16_t i = 0; i < count; i++) {
        ValueDecoder *column = &decoder->columns[i];
        column->type = types[i];
        column->type.typmod = -1;
        column->as_text = as_text[i];
        column->how = as_text[i] ? DECODE_TEXT : decode_how(types[i]);
        decoder->any_text = decoder->any_text || as_text[i];
    }
}

void
row_decoder_deinit(RowDecoder *decoder)
{
    free(decoder->columns);
    arena_free(decoder->arena);
    *decoder = (RowDecoder){0};
}

static inline void *
value_slot(ColumnBuilder *builder, size_t width)
{
    if (builder->count >= builder->capacity || builder->values == NULL)
        column_builder_reserve(builder, 1);
    if (builder->nulls != NULL)
        builder->nulls[builder->count] = 0;
    return (char *) builder->values + (size_t) builder->count++ * width;
}

static inline void
append_string(ColumnBuilder *builder, const char *bytes, uint32_t size)
{
    if (builder->values == NULL || builder->bytes == NULL || builder->count >= builder->capacity ||
        builder->bytes_capacity - builder->bytes_size < size) {
        column_builder_append_bytes(builder, bytes, size);
        return;
    }
    if (builder->nulls != NULL)
        builder->nulls[builder->count] = 0;
    memcpy(builder->bytes + builder->bytes_size, bytes, size);
    builder->bytes_size += size;
    ((uint32_t *) builder->values)[++builder->count] = (uint32_t) builder->bytes_size;
}

static bool
decode_any(RowDecoder *decoder, const ValueDecoder *column, ColumnBuilder *builder, Slice bytes, Error *err)
{
    Datum value;
    if (column->foreign_element && bytes.size >= ARRAY_ELEMENT_AT + 4) {
        char *copy = arena_strndup(decoder->arena, bytes.bytes, bytes.size);
        be32_write(copy + ARRAY_ELEMENT_AT, type_oid(type_element_of(column->type)));
        bytes = slice_make(copy, bytes.size);
    }
    if (!datum_receive(column->type, bytes, decoder->arena, &value, err))
        return false;
    column_builder_append(builder, value);
    arena_reset(decoder->arena);
    return true;
}

bool
decode_binary(RowDecoder *decoder, uint16_t index, ColumnBuilder *builder, const char *bytes, uint32_t size, Error *err)
{
    const ValueDecoder *column = &decoder->columns[index];
    switch (column->how) {
    case DECODE_U8:
        if (size != 1)
            break;
        *(uint8_t *) value_slot(builder, 1) = column->type.id == TYPE_BOOL ? bytes[0] != 0 : (uint8_t) bytes[0];
        return true;
    case DECODE_I16:
        if (size != 2)
            break;
        *(uint16_t *) value_slot(builder, 2) = be16_read(bytes);
        return true;
    case DECODE_I32:
    case DECODE_F32:
        if (size != 4)
            break;
        *(uint32_t *) value_slot(builder, 4) = be32_read(bytes);
        return true;
    case DECODE_I64:
    case DECODE_F64:
        if (size != 8)
            break;
        *(uint64_t *) value_slot(builder, 8) = be64_read(bytes);
        return true;
    case DECODE_DATE: {
        int32_t days = size == 4 ? (int32_t) be32_read(bytes) : INT32_MAX;
        if (days < -DAYS_COMMON || days > DAYS_COMMON)
            break;
        *(int32_t *) value_slot(builder, 4) = days;
        return true;
    }
    case DECODE_TIMESTAMP: {
        int64_t us = size == 8 ? (int64_t) be64_read(bytes) : INT64_MAX;
        if (us < -US_COMMON || us > US_COMMON)
            break;
        *(int64_t *) value_slot(builder, 8) = us;
        return true;
    }
    case DECODE_UUID:
        if (size != 16)
            break;
        memcpy(value_slot(builder, 16), bytes, 16);
        return true;
    case DECODE_TEXT:
    case DECODE_BYTES:
        append_string(builder, bytes, size);
        return true;
    case DECODE_ANY:
        break;
    }
    return decode_any(decoder, column, builder, slice_make(bytes, size), err);
}

bool
decode_text(RowDecoder *decoder, uint16_t index, ColumnBuilder *builder, const char *bytes, uint32_t size, Error *err)
{
    const ValueDecoder *column = &decoder->columns[index];
    if (column->how == DECODE_TEXT) {
        append_string(builder, bytes, size);
        return true;
    }
    Datum value;
    if (!datum_parse(column->type, slice_make(bytes, size), NULL, decoder->arena, &value, err))
        return false;
    column_builder_append(builder, value);
    arena_reset(decoder->arena);
    return true;
}

void
row_abandon(ChunkBuilder *builder)
{
    for (uint16_t i = 0; i < builder->column_count; i++) {
        ColumnBuilder *column = &builder->columns[i];
        if (column->count <= builder->count)
            continue;
        column->count = builder->count;
        if (column->phys == PHYS_BYTES)
            column->bytes_size = ((uint32_t *) column->values)[column->count];
    }
}

/* No byte is zero or beyond ASCII; eight at a time. In a byte below 0x80, taking one away sets the high bit only of zero. */
static bool
all_plain(const char *bytes, size_t size)
{
    uint64_t odd = 0, ones = UINT64_C(0x0101010101010101);
    size_t i = 0;
    for (; i + 32 <= size; i += 32) {
        uint64_t words[4];
        memcpy(words, bytes + i, sizeof words);
        odd |= words[0] | (words[0] - ones) | words[1] | (words[1] - ones);
        odd |= words[2] | (words[2] - ones) | words[3] | (words[3] - ones);
    }
    for (; i < size; i++)
        odd |= (uint64_t) ((uint8_t) bytes[i] | (bytes[i] == 0 ? 0x80 : 0));
    return (odd & ones << 7) == 0;
}

static bool
check_values(const ColumnBuilder *builder, uint32_t first, Error *err)
{
    const uint32_t *offsets = builder->values;
    Arena *arena = arena_new();
    bool ok = true;
    for (uint32_t row = first; row < builder->count && ok; row++) {
        Slice text = slice_make(builder->bytes + offsets[row], offsets[row + 1] - offsets[row]);
        Datum value;
        ok = text.size == 0 || all_plain(text.bytes, text.size) ||
             datum_receive(SQL_TYPE(TEXT), text, arena, &value, err);
    }
    arena_free(arena);
    return ok;
}

bool
row_decoder_check_text(const RowDecoder *decoder, const ChunkBuilder *builder, uint32_t first, Error *err)
{
    for (uint16_t i = 0; i < decoder->count; i++) {
        const ColumnBuilder *column = &builder->columns[i];
        if (decoder->columns[i].how != DECODE_TEXT || column->count <= first || column->bytes_size == 0)
            continue;
        const uint32_t *offsets = column->values;
        size_t from = offsets[first];
        if (!all_plain(column->bytes + from, column->bytes_size - from) && !check_values(column, first, err))
            return false;
    }
    return true;
}
