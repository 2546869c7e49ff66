#include "storage/record.h"

#include <stdlib.h>

#include "storage/run_block.h"
#include "storage/run_file.h"

enum { RUN_IN_BLOB = 1, RUN_INLINE = 2, DEPTH_MAX = 16 };

void
record_append_u8(Buffer *out, uint8_t value)
{
    buffer_append_char(out, (char) value);
}

void
record_append_bytes(Buffer *out, Slice bytes)
{
    buffer_append_le64(out, bytes.size);
    buffer_append_slice(out, bytes);
}

bool
record_damaged(const char *where, const char *what, Error *err)
{
    return error_set(err, SQLSTATE_DATA_CORRUPTED, "%s is damaged: %s", where, what);
}

bool
record_check_version(uint8_t version, const char *where, Error *err)
{
    return version == RECORD_VERSION || error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED,
                                                  "%s has format version %u, not %d", where, version, RECORD_VERSION);
}

static bool
record_take(RecordReader *reader, void *to, size_t size)
{
    if (reader->failed || reader->rest.size < size) {
        reader->failed = true;
        memset(to, 0, size);
        return false;
    }
    memcpy(to, reader->rest.bytes, size);
    reader->rest = slice_make(reader->rest.bytes + size, reader->rest.size - size);
    return true;
}

uint8_t
record_read_u8(RecordReader *reader)
{
    uint8_t value;
    record_take(reader, &value, sizeof value);
    return value;
}

uint32_t
record_read_u32(RecordReader *reader)
{
    uint32_t value;
    record_take(reader, &value, sizeof value);
    return value;
}

uint64_t
record_read_u64(RecordReader *reader)
{
    uint64_t value;
    record_take(reader, &value, sizeof value);
    return value;
}

Slice
record_read_bytes(RecordReader *reader)
{
    uint64_t size = record_read_u64(reader);
    if (reader->failed || size > reader->rest.size) {
        reader->failed = true;
        return slice_make("", 0);
    }
    Slice bytes = slice_make(reader->rest.bytes, size);
    reader->rest = slice_make(reader->rest.bytes + size, reader->rest.size - size);
    return bytes;
}

/* ---- types and layouts ---- */

static const uint32_t type_oids[] = {
#define TYPE(name, sql, aliases, oid, array_oid, phys, category, preferred, len) oid,
#include "types/types.def"
#undef TYPE
};

static TypeId
type_id_of(uint32_t oid, RecordReader *reader)
{
    for (int i = 0; i < TYPE_COUNT; i++)
        if (type_oids[i] == oid)
            return (TypeId) i;
    reader->failed = true;
    return TYPE_UNKNOWN;
}

static void
append_name(Buffer *out, const char *name)
{
    record_append_bytes(out, slice_of(name == NULL ? "" : name));
}

static void
type_append(Buffer *out, SqlType type)
{
    const TypeDetail *detail = type.detail;
    buffer_append_le32(out, type_oids[type.id]);
    buffer_append_le32(out, type_oids[type.element]);
    buffer_append_le32(out, (uint32_t) type.typmod);
    buffer_append_le32(out, detail == NULL ? UINT32_MAX : (uint32_t) detail->count);
    if (detail == NULL)
        return;
    append_name(out, detail->name);
    buffer_append_le32(out, detail->oid);
    buffer_append_le32(out, detail->array_oid);
    type_append(out, detail->element);
    buffer_append_le32(out, (uint32_t) detail->label_count);
    for (int i = 0; i < detail->label_count; i++) {
        uint32_t order;
        memcpy(&order, &detail->labels[i].order, sizeof order);
        buffer_append_le32(out, order);
        append_name(out, detail->labels[i].label);
    }
    for (int i = 0; i < detail->count; i++) {
        append_name(out, detail->fields[i].name);
        type_append(out, detail->fields[i].type);
    }
}

static const char *
read_name(RecordReader *reader, Arena *arena)
{
    Slice name = record_read_bytes(reader);
    return arena_strndup(arena, name.bytes, name.size);
}

static SqlType type_read(RecordReader *reader, Arena *arena, int depth);

static void
labels_read(RecordReader *reader, Arena *arena, TypeDetail *detail)
{
    uint32_t count = record_read_u32(reader);
    if (reader->failed || count > reader->rest.size) {
        reader->failed = true;
        return;
    }
    EnumLabel *labels = arena_new_array(arena, EnumLabel, count + 1);
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        uint32_t order = record_read_u32(reader);
        memcpy(&labels[i].order, &order, sizeof order);
        labels[i].label = read_name(reader, arena);
    }
    detail->labels = labels;
    detail->label_count = (int) count;
}

static SqlType
type_read(RecordReader *reader, Arena *arena, int depth)
{
    SqlType type = {.id = type_id_of(record_read_u32(reader), reader),
                    .element = type_id_of(record_read_u32(reader), reader),
                    .typmod = (int32_t) record_read_u32(reader)};
    uint32_t count = record_read_u32(reader);
    if (reader->failed || count == UINT32_MAX)
        return type;
    if (count > reader->rest.size || depth > DEPTH_MAX) {
        reader->failed = true;
        return type;
    }
    TypeDetail *detail = type_detail_new(arena, (int) count);
    const char *name = read_name(reader, arena);
    detail->name = name[0] == 0 ? NULL : name;
    detail->oid = record_read_u32(reader);
    detail->array_oid = record_read_u32(reader);
    detail->element = type_read(reader, arena, depth + 1);
    labels_read(reader, arena, detail);
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        detail->fields[i].name = read_name(reader, arena);
        detail->fields[i].type = type_read(reader, arena, depth + 1);
    }
    type.detail = detail;
    return type;
}

void
record_append_layout(Buffer *out, const Layout *layout)
{
    buffer_append_le32(out, layout->column_count);
    for (uint16_t i = 0; i < layout->column_count; i++)
        type_append(out, layout->types[i]);
    buffer_append_le32(out, layout->key_count);
    for (uint16_t i = 0; i < layout->key_count; i++)
        buffer_append_le32(out, layout->key[i]);
    buffer_append_le32(out, layout->order_count);
    for (uint16_t i = 0; i < layout->order_count; i++) {
        buffer_append_le32(out, layout->order[i].column);
        record_append_u8(out, layout->order[i].descending);
        record_append_u8(out, layout->order[i].nulls_first);
    }
}

static uint16_t
count_read(RecordReader *reader, uint32_t limit)
{
    uint32_t count = record_read_u32(reader);
    if (count > limit || count > reader->rest.size)
        reader->failed = true;
    return reader->failed ? 0 : (uint16_t) count;
}

static uint16_t
column_read(RecordReader *reader, uint16_t column_count)
{
    uint32_t column = record_read_u32(reader);
    if (column >= column_count)
        reader->failed = true;
    return (uint16_t) column;
}

Layout *
record_read_layout(RecordReader *reader, Arena *arena)
{
    uint16_t column_count = count_read(reader, UINT16_MAX);
    SqlType *types = memory_calloc(column_count, sizeof *types);
    for (uint16_t i = 0; i < column_count; i++)
        types[i] = type_read(reader, arena, 0);
    uint16_t key_count = count_read(reader, UINT16_MAX);
    uint16_t *key = memory_calloc(key_count, sizeof *key);
    for (uint16_t i = 0; i < key_count; i++)
        key[i] = column_read(reader, column_count);
    uint16_t order_count = count_read(reader, UINT16_MAX);
    SortKey *order = memory_calloc(order_count, sizeof *order);
    for (uint16_t i = 0; i < order_count; i++) {
        order[i].column = column_read(reader, column_count);
        order[i].descending = record_read_u8(reader) != 0;
        order[i].nulls_first = record_read_u8(reader) != 0;
    }
    Layout *layout = reader->failed ? NULL : layout_new(types, column_count, key, key_count, order, order_count);
    free(types);
    free(key);
    free(order);
    return layout;
}

/* ---- runs ---- */

void
record_append_run(Buffer *out, const Run *run)
{
    const char *name = run_file_name(run);
    record_append_u8(out, name != NULL ? RUN_IN_BLOB : RUN_INLINE);
    buffer_append_le64(out, run->lower);
    buffer_append_le64(out, run->upper);
    buffer_append_le64(out, run->since);
    if (name != NULL) {
        record_append_bytes(out, slice_of(name));
        return;
    }
    buffer_append_le32(out, run->chunk_count);
    Buffer block = {0};
    for (uint32_t i = 0; i < run->chunk_count; i++) {
        buffer_clear(&block);
        block_encode(run->chunks[i], &block);
        record_append_bytes(out, buffer_slice(&block));
    }
    buffer_deinit(&block);
}

static bool
run_read_inline(RecordReader *reader, Layout *layout, const char *where, ChunkVector *chunks)
{
    uint32_t count = record_read_u32(reader);
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        Slice block = record_read_bytes(reader);
        if (reader->failed)
            return false;
        /* Each block is kept apart: one that stays does not keep the whole record. */
        BlobBytes *bytes = blob_bytes_copy(where, block.bytes, block.size);
        Chunk *chunk;
        bool ok = block_decode(bytes, 0, block.size, layout, NULL, &chunk);
        blob_bytes_release(bytes);
        if (!ok)
            return false;
        vector_push(chunks, chunk);
        if (chunk->hashes == NULL)
            return false;
    }
    return !reader->failed && chunks->count != 0;
}

bool
record_read_run(RecordReader *reader, Blob *blob, Layout *layout, const char *where, Run **run, Error *err)
{
    uint8_t kind = record_read_u8(reader);
    Timestamp lower = record_read_u64(reader), upper = record_read_u64(reader), since = record_read_u64(reader);
    if (kind == RUN_IN_BLOB) {
        Slice name = record_read_bytes(reader);
        char text[128];
        if (!reader->failed && name.size < sizeof text && memchr(name.bytes, '/', name.size) == NULL) {
            memcpy(text, name.bytes, name.size);
            text[name.size] = '\0';
            return run_file_open(blob, text, layout, lower, upper, since, run, err);
        }
    } else if (kind == RUN_INLINE) {
        ChunkVector chunks = {0};
        if (run_read_inline(reader, layout, where, &chunks)) {
            *run = run_from_sorted(layout, &chunks, lower, upper, since);
            return true;
        }
        chunk_vector_release(&chunks);
    }
    return record_damaged(where, "a run in it cannot be read", err);
}
