#include "storage/run_block.h"

#include <stdlib.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "blocks are read and written as they lie in memory");

enum { BLOCK_DIFFS = 1, BLOCK_TIMES = 2, BLOCK_HASHES = 4 };

typedef struct BlockHeader {
    uint64_t size; /* of the block */
    uint64_t time;
    uint32_t rows;
    uint16_t columns;
    uint16_t flags;
} BlockHeader;

typedef struct BlockColumn {
    uint8_t phys;
    uint8_t has_nulls;
    uint16_t zero;
    uint32_t bytes_size;
} BlockColumn;

_Static_assert(sizeof(BlockHeader) == 24 && sizeof(BlockColumn) == 8, "the format on disk");

static size_t
padded(size_t size)
{
    return (size + 7) & ~(size_t) 7;
}

static size_t
values_size(Phys phys, uint32_t rows)
{
    return phys == PHYS_BYTES ? ((size_t) rows + 1) * sizeof(uint32_t) : (size_t) rows * (size_t) phys_width(phys);
}

static void
part_append(Buffer *out, const void *bytes, size_t size)
{
    buffer_append(out, bytes, size);
    static const char zeros[8];
    buffer_append(out, zeros, padded(size) - size);
}

static uint32_t
column_bytes_size(const Column *column)
{
    const uint32_t *offsets = column->values;
    return column->phys == PHYS_BYTES ? offsets[column->count] : 0;
}

static size_t
block_size(const Chunk *chunk)
{
    size_t words = (chunk->diffs != NULL) + (chunk->times != NULL) + (chunk->hashes != NULL);
    size_t size = sizeof(BlockHeader) + chunk->column_count * sizeof(BlockColumn) + words * 8 * chunk->count;
    for (uint16_t i = 0; i < chunk->column_count; i++) {
        const Column *column = chunk->columns[i];
        size += column->nulls == NULL ? 0 : padded(chunk->count);
        size += padded(values_size(column->phys, chunk->count)) + padded(column_bytes_size(column));
    }
    return size;
}

void
block_encode(const Chunk *chunk, Buffer *out)
{
    BlockHeader header = {.size = block_size(chunk),
                          .time = chunk->time,
                          .rows = chunk->count,
                          .columns = chunk->column_count,
                          .flags = (uint16_t) ((chunk->diffs != NULL ? BLOCK_DIFFS : 0) |
                                               (chunk->times != NULL ? BLOCK_TIMES : 0) |
                                               (chunk->hashes != NULL ? BLOCK_HASHES : 0))};
    buffer_reserve(out, header.size);
    buffer_append(out, &header, sizeof header);
    for (uint16_t i = 0; i < chunk->column_count; i++) {
        const Column *column = chunk->columns[i];
        BlockColumn entry = {.phys = (uint8_t) column->phys,
                             .has_nulls = column->nulls != NULL,
                             .bytes_size = column_bytes_size(column)};
        buffer_append(out, &entry, sizeof entry);
    }
    size_t words = 8 * (size_t) chunk->count;
    if (chunk->hashes != NULL)
        buffer_append(out, chunk->hashes, words);
    if (chunk->diffs != NULL)
        buffer_append(out, chunk->diffs, words);
    if (chunk->times != NULL)
        buffer_append(out, chunk->times, words);
    for (uint16_t i = 0; i < chunk->column_count; i++) {
        const Column *column = chunk->columns[i];
        if (column->nulls != NULL)
            part_append(out, column->nulls, chunk->count);
        part_append(out, column->values, values_size(column->phys, chunk->count));
        if (column->phys == PHYS_BYTES)
            part_append(out, column->bytes, column_bytes_size(column));
    }
}

/* Parts of a block, one behind the other; a part that does not fit makes it fail. */
typedef struct BlockReader {
    const char *at;
    size_t left;
    bool failed;
} BlockReader;

static const void *
part_take(BlockReader *reader, size_t size)
{
    if (reader->failed || padded(size) > reader->left) {
        reader->failed = true;
        return NULL;
    }
    const char *part = reader->at;
    reader->at += padded(size);
    reader->left -= padded(size);
    return part;
}

static Column *
column_decode(BlockReader *reader, const BlockColumn *entry, uint32_t rows, BlobBytes *bytes)
{
    Phys phys = (Phys) entry->phys;
    const uint8_t *nulls = entry->has_nulls ? part_take(reader, rows) : NULL;
    const void *values = part_take(reader, values_size(phys, rows));
    const char *text = NULL;
    if (phys == PHYS_BYTES) {
        text = part_take(reader, entry->bytes_size);
        const uint32_t *offsets = values;
        if (reader->failed || offsets[0] != 0 || offsets[rows] != entry->bytes_size)
            reader->failed = true;
    }
    if (reader->failed)
        return NULL;
    return column_borrow(phys, rows, nulls, values, text, &blob_bytes_retain(bytes)->owner);
}

bool
block_decode(BlobBytes *bytes, size_t offset, size_t size, const Layout *layout, const Timestamp *time, Chunk **chunk)
{
    if (offset > bytes->size || size > bytes->size - offset || offset % 8 != 0)
        return false;
    BlockReader reader = {.at = bytes->bytes + offset, .left = size};
    const BlockHeader *header = part_take(&reader, sizeof *header);
    if (header == NULL || header->size != size || header->columns != layout->column_count || header->rows == 0)
        return false;
    const BlockColumn *entries = part_take(&reader, header->columns * sizeof *entries);
    size_t words = 8 * (size_t) header->rows;
    const void *hashes = (header->flags & BLOCK_HASHES) != 0 ? part_take(&reader, words) : NULL;
    const void *diffs = (header->flags & BLOCK_DIFFS) != 0 ? part_take(&reader, words) : NULL;
    const void *times = (header->flags & BLOCK_TIMES) != 0 ? part_take(&reader, words) : NULL;
    if (reader.failed)
        return false;
    Column **columns = memory_calloc(header->columns, sizeof *columns);
    for (uint16_t i = 0; i < header->columns && !reader.failed; i++) {
        if ((Phys) entries[i].phys != type_phys(layout->types[i]))
            reader.failed = true;
        else
            columns[i] = column_decode(&reader, &entries[i], header->rows, bytes);
    }
    if (!reader.failed && reader.left == 0) {
        *chunk = chunk_new(header->rows, columns, header->columns, time != NULL ? *time : header->time,
                           (int64_t *) diffs, (Timestamp *) times);
        (*chunk)->hashes = (uint64_t *) hashes;
        (*chunk)->borrowed = CHUNK_DIFFS | CHUNK_TIMES | CHUNK_HASHES;
        (*chunk)->owner = &blob_bytes_retain(bytes)->owner;
    } else {
        reader.failed = true;
        for (uint16_t i = 0; i < header->columns; i++)
            column_release(columns[i]);
    }
    free(columns);
    return !reader.failed;
}
