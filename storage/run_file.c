#include "storage/run_file.h"

#include <stdlib.h>

#include "base/hash.h"
#include "storage/run_block.h"

#define HEADER_MAGIC  "FRSHTRUN"
#define TRAILER_MAGIC "FRSHTEND"

enum { FILE_VERSION = 1, FILE_COLLISIONS = 1, FILE_ONE_TIME = 2, FILE_RELATIVE = 4, FILE_UNEVEN = 8 };

typedef struct FileHeader {
    char magic[8];
    uint32_t version;
    uint32_t columns;
    uint64_t checksum; /* of what is before it */
} FileHeader;

typedef struct FileChunk {
    uint64_t offset;
    uint64_t size;
    uint64_t checksum;
    uint32_t first_row;
    uint32_t rows;
} FileChunk;

typedef struct FileTrailer {
    uint64_t footer_offset;
    uint64_t footer_size;
    uint64_t footer_checksum;
    uint64_t rows;
    uint32_t chunks;
    uint32_t directory_bits;
    uint32_t flags;
    uint32_t zero;
    uint64_t checksum; /* of what is before it */
    char magic[8];
} FileTrailer;

_Static_assert(sizeof(FileHeader) == 24 && sizeof(FileChunk) == 32 && sizeof(FileTrailer) == 64, "the format on disk");

/* ---- writing ---- */

struct RunFileWriter {
    RunSink sink;
    const Layout *layout;
    Blob *blob;
    BlobWriter *writer;
    bool relative;
    Buffer block;
    uint64_t offset;
    DirectoryBuilder directory;
    VECTOR(FileChunk) chunks;
};

static bool
file_append(RunFileWriter *writer, const void *bytes, size_t size, Error *err)
{
    writer->offset += size;
    return writer->blob->vtable->append(writer->writer, bytes, size, err);
}

static bool
file_sink_emit(RunSink *sink, Chunk *chunk, Error *err)
{
    RunFileWriter *writer = (RunFileWriter *) sink;
    if (writer->relative && chunk->times != NULL)
        bug("a file without times was given some");
    FileChunk entry = {.offset = writer->offset, .first_row = (uint32_t) writer->directory.rows, .rows = chunk->count};
    directory_builder_add(&writer->directory, chunk);
    buffer_clear(&writer->block);
    block_encode(chunk, &writer->block);
    chunk_release(chunk);
    entry.size = writer->block.size;
    entry.checksum = checksum_bytes(writer->block.bytes, writer->block.size);
    vector_push(&writer->chunks, entry);
    return file_append(writer, writer->block.bytes, writer->block.size, err);
}

bool
run_file_create(Blob *blob, const char *name, const Layout *layout, uint64_t rows_hint, bool relative,
                RunFileWriter **out, Error *err)
{
    BlobWriter *blob_writer;
    if (!blob->vtable->create(blob, name, &blob_writer, err))
        return false;
    RunFileWriter *writer = memory_alloc(sizeof *writer);
    *writer = (RunFileWriter){
        .sink = {file_sink_emit}, .layout = layout, .blob = blob, .writer = blob_writer, .relative = relative};
    directory_builder_init(&writer->directory, rows_hint);
    FileHeader header = {.magic = HEADER_MAGIC, .version = FILE_VERSION, .columns = layout->column_count};
    header.checksum = checksum_bytes(&header, offsetof(FileHeader, checksum));
    if (!file_append(writer, &header, sizeof header, err)) {
        run_file_abandon(writer);
        return false;
    }
    *out = writer;
    return true;
}

RunSink *
run_file_sink(RunFileWriter *writer)
{
    return &writer->sink;
}

static void
writer_free(RunFileWriter *writer)
{
    buffer_deinit(&writer->block);
    directory_builder_deinit(&writer->directory);
    vector_deinit(&writer->chunks);
    free(writer);
}

void
run_file_abandon(RunFileWriter *writer)
{
    writer->blob->vtable->abandon(writer->writer);
    writer_free(writer);
}

bool
run_file_finish(RunFileWriter *writer, bool collisions, uint64_t *rows, uint64_t *size, Error *err)
{
    DirectoryBuilder *directory = &writer->directory;
    directory_builder_finish(directory);
    Buffer *footer = &writer->block;
    buffer_clear(footer);
    buffer_append(footer, writer->chunks.items, writer->chunks.count * sizeof *writer->chunks.items);
    buffer_append(footer, directory->entries, (((size_t) 1 << directory->bits) + 1) * sizeof *directory->entries);
    while (footer->size % 8 != 0)
        buffer_append_char(footer, '\0');
    FileTrailer trailer = {.footer_offset = writer->offset,
                           .footer_size = footer->size,
                           .footer_checksum = checksum_bytes(footer->bytes, footer->size),
                           .rows = directory->rows,
                           .chunks = (uint32_t) writer->chunks.count,
                           .directory_bits = directory->bits,
                           .flags = (collisions ? FILE_COLLISIONS : 0u) | (directory->one_time ? FILE_ONE_TIME : 0u) |
                                    (writer->relative ? FILE_RELATIVE : 0u) | (directory->uneven ? FILE_UNEVEN : 0u),
                           .magic = TRAILER_MAGIC};
    trailer.checksum = checksum_bytes(&trailer, offsetof(FileTrailer, checksum));
    bool ok =
        file_append(writer, footer->bytes, footer->size, err) && file_append(writer, &trailer, sizeof trailer, err);
    if (!ok) {
        run_file_abandon(writer);
        return false;
    }
    if (rows != NULL)
        *rows = directory->rows;
    if (size != NULL)
        *size = writer->offset;
    ok = writer->blob->vtable->finish(writer->writer, err);
    writer_free(writer);
    return ok;
}

/* ---- reading ---- */

typedef struct MappedRun {
    RunFile file;
    BlobBytes *bytes;
    Layout *layout;
    const FileChunk *chunks;
    bool relative;
    Timestamp time;
    char *name; /* of the blob */
} MappedRun;

static bool
mapped_load(RunFile *file, uint32_t index, Chunk **chunk, Error *err)
{
    MappedRun *mapped = (MappedRun *) file;
    const FileChunk *entry = &mapped->chunks[index];
    if (entry->offset > mapped->bytes->size || entry->size > mapped->bytes->size - entry->offset ||
        checksum_bytes(mapped->bytes->bytes + entry->offset, entry->size) != entry->checksum ||
        !block_decode(mapped->bytes, entry->offset, entry->size, mapped->layout,
                      mapped->relative ? &mapped->time : NULL, chunk))
        return error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is damaged: chunk %u of %zu bytes at offset %zu",
                         mapped->bytes->name, index, (size_t) entry->size, (size_t) entry->offset);
    if ((*chunk)->count == entry->rows && (*chunk)->hashes != NULL)
        return true;
    chunk_release(*chunk);
    return error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is damaged: chunk %u is not what its entry says",
                     mapped->bytes->name, index);
}

static void
mapped_release(RunFile *file)
{
    MappedRun *mapped = (MappedRun *) file;
    blob_bytes_release(mapped->bytes);
    layout_release(mapped->layout);
    free(mapped->name);
    free(mapped);
}

static bool
damaged(const BlobBytes *bytes, const char *part, Error *err)
{
    return error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is damaged: %s", bytes->name, part);
}

static bool
file_verify(const BlobBytes *bytes, const Layout *layout, const FileTrailer **trailer, Error *err)
{
    if (bytes->size < sizeof(FileHeader) + sizeof(FileTrailer) || bytes->size % 8 != 0)
        return damaged(bytes, "it is cut off", err);
    const FileHeader *header = (const FileHeader *) bytes->bytes;
    if (memcmp(header->magic, HEADER_MAGIC, sizeof header->magic) != 0 ||
        header->checksum != checksum_bytes(header, offsetof(FileHeader, checksum)))
        return damaged(bytes, "header", err);
    if (header->version != FILE_VERSION)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "file \"%s\" has format version %u, not %d", bytes->name,
                         header->version, FILE_VERSION);
    const FileTrailer *end = (const FileTrailer *) (bytes->bytes + bytes->size - sizeof *end);
    if (memcmp(end->magic, TRAILER_MAGIC, sizeof end->magic) != 0 ||
        end->checksum != checksum_bytes(end, offsetof(FileTrailer, checksum)))
        return damaged(bytes, "trailer", err);
    size_t limit = bytes->size - sizeof *end;
    if (end->footer_offset > limit || end->footer_size != limit - end->footer_offset ||
        end->footer_checksum != checksum_bytes(bytes->bytes + end->footer_offset, end->footer_size))
        return damaged(bytes, "footer", err);
    size_t directory = end->directory_bits > 32 ? SIZE_MAX / 2 : (((size_t) 1 << end->directory_bits) + 1) * 4;
    if (((end->chunks * sizeof(FileChunk) + directory + 7) & ~(size_t) 7) != end->footer_size ||
        header->columns != layout->column_count)
        return damaged(bytes, "footer", err);
    *trailer = end;
    return true;
}

bool
run_file_open(Blob *blob, const char *name, Layout *layout, Timestamp lower, Timestamp upper, Timestamp since,
              Run **run, Error *err)
{
    BlobBytes *bytes;
    if (!blob->vtable->get(blob, name, &bytes, err))
        return false;
    const FileTrailer *trailer = NULL;
    if (!file_verify(bytes, layout, &trailer, err)) {
        blob_bytes_release(bytes);
        return false;
    }
    MappedRun *mapped = memory_alloc(sizeof *mapped);
    *mapped = (MappedRun){.file = {mapped_load, mapped_release},
                          .bytes = bytes,
                          .layout = layout_retain(layout),
                          .chunks = (const FileChunk *) (bytes->bytes + trailer->footer_offset),
                          .relative = (trailer->flags & FILE_RELATIVE) != 0,
                          .time = upper - 1,
                          .name = memory_strdup(name)};
    uint32_t *starts = NULL;
    if ((trailer->flags & FILE_UNEVEN) != 0) {
        starts = memory_alloc(((size_t) trailer->chunks + 1) * sizeof *starts);
        for (uint32_t i = 0; i < trailer->chunks; i++)
            starts[i] = mapped->chunks[i].first_row;
        starts[trailer->chunks] = (uint32_t) trailer->rows;
    }
    RunShape shape = {.lower = lower,
                      .upper = upper,
                      .since = since,
                      .row_count = trailer->rows,
                      .memory = bytes->size,
                      .chunk_count = trailer->chunks,
                      .directory_bits = trailer->directory_bits,
                      .directory = (const uint32_t *) (mapped->chunks + trailer->chunks),
                      .chunk_starts = starts,
                      .collisions = (trailer->flags & FILE_COLLISIONS) != 0,
                      .one_time = (trailer->flags & FILE_ONE_TIME) != 0};
    *run = run_from_file(layout, &shape, &mapped->file);
    free(starts);
    return true;
}

const char *
run_file_name(const Run *run)
{
    return run->file == NULL ? NULL : ((const MappedRun *) run->file)->name;
}
