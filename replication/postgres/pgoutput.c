#include "replication/postgres/pgoutput.h"

#include "base/buffer.h"
#include "base/vector.h"

/* Reads forward; once something was missing, `failed` stays set and everything reads as zero. */
typedef struct Reader {
    const char *at, *end;
    bool failed;
} Reader;

static const char *
take(Reader *reader, size_t size)
{
    static const char zeros[8];
    if (reader->failed || (size_t) (reader->end - reader->at) < size) {
        reader->failed = true;
        return size <= sizeof zeros ? zeros : NULL;
    }
    const char *bytes = reader->at;
    reader->at += size;
    return bytes;
}

static uint8_t
take_u8(Reader *reader)
{
    return (uint8_t) *take(reader, 1);
}

static uint16_t
take_u16(Reader *reader)
{
    return be16_read(take(reader, 2));
}

static uint32_t
take_u32(Reader *reader)
{
    return be32_read(take(reader, 4));
}

static uint64_t
take_u64(Reader *reader)
{
    return be64_read(take(reader, 8));
}

static const char *
take_string(Reader *reader)
{
    const char *text = reader->at;
    const char *stop = reader->failed ? NULL : memchr(text, '\0', (size_t) (reader->end - text));
    if (stop == NULL) {
        reader->failed = true;
        return "";
    }
    reader->at = stop + 1;
    return text;
}

static void
take_tuple(PgoutputDecoder *decoder, int which, Reader *reader, PgoutputTuple *tuple)
{
    uint16_t count = take_u16(reader);
    if (decoder->value_capacity[which] < count)
        decoder->values[which] =
            vector_grown(decoder->values[which], &decoder->value_capacity[which], count, sizeof(PgoutputValue));
    PgoutputValue *values = decoder->values[which];
    for (uint16_t i = 0; i < count && !reader->failed; i++) {
        values[i] = (PgoutputValue){.kind = (ValueKind) take_u8(reader)};
        switch (values[i].kind) {
        case VALUE_NULL:
        case VALUE_UNCHANGED:
            break;
        case VALUE_TEXT:
        case VALUE_BINARY:
            values[i].size = take_u32(reader);
            values[i].bytes = take(reader, values[i].size);
            break;
        default:
            reader->failed = true;
        }
    }
    *tuple = (PgoutputTuple){values, reader->failed ? 0 : count};
}

static void
decode_relation(PgoutputDecoder *decoder, Reader *reader, PgoutputMessage *message)
{
    message->relation = take_u32(reader);
    message->schema = take_string(reader);
    message->name = take_string(reader);
    message->replica_identity = (char) take_u8(reader);
    uint16_t count = take_u16(reader);
    if (decoder->column_capacity < count)
        decoder->columns = vector_grown(decoder->columns, &decoder->column_capacity, count, sizeof *decoder->columns);
    for (uint16_t i = 0; i < count && !reader->failed; i++) {
        PgoutputColumn *column = &decoder->columns[i];
        column->in_key = (take_u8(reader) & 1) != 0;
        column->name = take_string(reader);
        column->type_oid = take_u32(reader);
        column->typmod = (int32_t) take_u32(reader);
    }
    /* The catalogs' empty schema name means pg_catalog. */
    if (message->schema[0] == '\0')
        message->schema = "pg_catalog";
    message->columns = decoder->columns;
    message->column_count = reader->failed ? 0 : count;
}

static void
decode_update(PgoutputDecoder *decoder, Reader *reader, PgoutputMessage *message)
{
    message->relation = take_u32(reader);
    uint8_t part = take_u8(reader);
    if (part == 'O' || part == 'K') {
        message->has_old = true;
        message->old_is_key = part == 'K';
        take_tuple(decoder, 0, reader, &message->old_row);
        part = take_u8(reader);
    }
    if (part != 'N')
        reader->failed = true;
    take_tuple(decoder, 1, reader, &message->new_row);
}

static void
decode_delete(PgoutputDecoder *decoder, Reader *reader, PgoutputMessage *message)
{
    message->relation = take_u32(reader);
    uint8_t part = take_u8(reader);
    if (part != 'O' && part != 'K')
        reader->failed = true;
    message->has_old = true;
    message->old_is_key = part == 'K';
    take_tuple(decoder, 0, reader, &message->old_row);
}

static void
decode_insert(PgoutputDecoder *decoder, Reader *reader, PgoutputMessage *message)
{
    message->relation = take_u32(reader);
    if (take_u8(reader) != 'N')
        reader->failed = true;
    take_tuple(decoder, 1, reader, &message->new_row);
}

static void
decode_truncate(PgoutputDecoder *decoder, Reader *reader, PgoutputMessage *message)
{
    uint32_t count = take_u32(reader);
    take_u8(reader); /* CASCADE, RESTART IDENTITY: the tables they reach are listed */
    if (reader->failed || count > (size_t) (reader->end - reader->at) / 4) {
        reader->failed = true;
        return;
    }
    if (decoder->relation_capacity < count)
        decoder->relations =
            vector_grown(decoder->relations, &decoder->relation_capacity, count, sizeof *decoder->relations);
    for (uint32_t i = 0; i < count; i++)
        decoder->relations[i] = take_u32(reader);
    message->truncated = decoder->relations;
    message->truncated_count = count;
}

static bool
decode_kind(PgoutputDecoder *decoder, Reader *reader, PgoutputMessage *message)
{
    switch (message->kind) {
    case PGOUTPUT_BEGIN:
        message->commit_lsn = take_u64(reader);
        message->commit_us = (int64_t) take_u64(reader);
        take_u32(reader); /* transaction id */
        return true;
    case PGOUTPUT_COMMIT:
        take_u8(reader); /* flags: none are defined */
        message->commit_lsn = take_u64(reader);
        message->end_lsn = take_u64(reader);
        message->commit_us = (int64_t) take_u64(reader);
        return true;
    case PGOUTPUT_RELATION:
        decode_relation(decoder, reader, message);
        return true;
    case PGOUTPUT_INSERT:
        decode_insert(decoder, reader, message);
        return true;
    case PGOUTPUT_UPDATE:
        decode_update(decoder, reader, message);
        return true;
    case PGOUTPUT_DELETE:
        decode_delete(decoder, reader, message);
        return true;
    case PGOUTPUT_TRUNCATE:
        decode_truncate(decoder, reader, message);
        return true;
    case PGOUTPUT_ORIGIN:
    case PGOUTPUT_TYPE:
    case PGOUTPUT_MESSAGE:
        reader->at = reader->end;
        return true;
    }
    return false;
}

bool
pgoutput_decode(PgoutputDecoder *decoder, Slice bytes, PgoutputMessage *message, Error *err)
{
    Reader reader = {bytes.bytes, bytes.bytes + bytes.size, false};
    memset(message, 0, sizeof *message);
    message->kind = (PgoutputKind) take_u8(&reader);
    if (reader.failed || !decode_kind(decoder, &reader, message))
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "unexpected logical replication message");
    if (reader.failed || reader.at != reader.end)
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "malformed logical replication message of kind %c",
                         (char) message->kind);
    return true;
}

void
pgoutput_decoder_deinit(PgoutputDecoder *decoder)
{
    free(decoder->values[0]);
    free(decoder->values[1]);
    free(decoder->columns);
    free(decoder->relations);
    *decoder = (PgoutputDecoder){0};
}
