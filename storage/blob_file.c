#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/blob.h"
#include "storage/file.h"

/*
 * A file has its name from the start: nothing refers to it before finish returned true, and one that was cut off by a
 * crash is an orphan that goes at the next start. Renaming it once it is whole would cost a second commit of the file
 * system's journal.
 */
typedef struct FileBlob {
    Blob blob;
    char *directory;
} FileBlob;

typedef struct FileWriter {
    BlobWriter writer;
    int fd;
    char *path;
    uint64_t size;
    uint64_t flushing; /* up to where the disk was asked to write */
} FileWriter;

/* Large files go to the disk as they are made: a gigabyte that is synced at once holds up every commit meanwhile. */
#define FLUSH_BYTES (UINT64_C(8) << 20)

static const char *
blob_directory(const Blob *blob)
{
    return ((const FileBlob *) blob)->directory;
}

static void
writer_free(FileWriter *writer)
{
    if (writer->fd >= 0)
        close(writer->fd);
    free(writer->path);
    free(writer);
}

static bool
blob_file_create(Blob *blob, const char *name, BlobWriter **out, Error *err)
{
    FileWriter *writer = memory_alloc(sizeof *writer);
    *writer = (FileWriter){.writer = {blob}, .path = file_path(blob_directory(blob), name)};
    writer->fd = open(writer->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (writer->fd < 0) {
        file_error(err, errno, "create", writer->path);
        writer_free(writer);
        return false;
    }
    *out = &writer->writer;
    return true;
}

static bool
blob_file_append(BlobWriter *base, const void *bytes, size_t size, Error *err)
{
    FileWriter *writer = (FileWriter *) base;
    if (!file_write_all(writer->fd, bytes, size, writer->path, err))
        return false;
    writer->size += size;
    if (writer->size - writer->flushing < FLUSH_BYTES)
        return true;
    /* A failure shows when the file is synced. What was asked for before is waited for: no more is on its way. */
    off_t from = (off_t) writer->flushing, to = (off_t) writer->size;
    if (from != 0)
        sync_file_range(writer->fd, 0, from,
                        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    sync_file_range(writer->fd, from, to - from, SYNC_FILE_RANGE_WRITE);
    writer->flushing = writer->size;
    return true;
}

static void
blob_file_abandon(BlobWriter *base)
{
    FileWriter *writer = (FileWriter *) base;
    unlink(writer->path);
    writer_free(writer);
}

static bool
blob_file_finish(BlobWriter *base, Error *err)
{
    FileWriter *writer = (FileWriter *) base;
    bool ok = (fdatasync(writer->fd) == 0 || file_error(err, errno, "sync", writer->path)) &&
              directory_sync(blob_directory(base->blob), err);
    if (!ok)
        unlink(writer->path);
    writer_free(writer);
    return ok;
}

static void
mapped_release(ColumnOwner *owner)
{
    blob_bytes_release((BlobBytes *) owner);
}

static bool
blob_file_get(Blob *blob, const char *name, BlobBytes **out, Error *err)
{
    char *path = file_path(blob_directory(blob), name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int opening = errno;
    struct stat stat = {.st_size = 0};
    void *mapping = MAP_FAILED;
    if (fd >= 0 && fstat(fd, &stat) == 0 && stat.st_size > 0)
        mapping = mmap(NULL, (size_t) stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
    int mapping_error = errno;
    if (fd >= 0)
        close(fd);
    if (mapping == MAP_FAILED) {
        if (fd < 0 && opening == ENOENT)
            error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is missing", path);
        else if (fd < 0)
            file_error(err, opening, "open", path);
        else if (stat.st_size == 0)
            error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is empty", path);
        else
            file_error(err, mapping_error, "map", path);
        free(path);
        return false;
    }
    BlobBytes *bytes = memory_alloc(sizeof *bytes);
    *bytes = (BlobBytes){
        .owner = {mapped_release}, .bytes = mapping, .size = (size_t) stat.st_size, .name = path, .mapped = true};
    atomic_init(&bytes->references, 1);
    *out = bytes;
    return true;
}

static bool
blob_file_remove(Blob *blob, const char *name, Error *err)
{
    char *path = file_path(blob_directory(blob), name);
    bool ok = unlink(path) == 0 || errno == ENOENT || file_error(err, errno, "remove", path);
    free(path);
    return ok;
}

static bool
blob_file_list(Blob *blob, void (*each)(void *context, const char *name), void *context, Error *err)
{
    const char *directory = blob_directory(blob);
    DIR *entries = opendir(directory);
    if (entries == NULL)
        return file_error(err, errno, "read directory", directory);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (entry->d_name[0] != '.')
            each(context, entry->d_name);
    }
    closedir(entries);
    return true;
}

static void
blob_file_close(Blob *blob)
{
    free(((FileBlob *) blob)->directory);
    free(blob);
}

bool
blob_file_open(const char *directory, Blob **blob, Error *err)
{
    static const BlobVtable vtable = {
        .create = blob_file_create,
        .append = blob_file_append,
        .finish = blob_file_finish,
        .abandon = blob_file_abandon,
        .get = blob_file_get,
        .remove = blob_file_remove,
        .list = blob_file_list,
        .close = blob_file_close,
    };
    if (!directory_make(directory, err))
        return false;
    FileBlob *file = memory_alloc(sizeof *file);
    *file = (FileBlob){.blob = {&vtable}, .directory = memory_strdup(directory)};
    *blob = &file->blob;
    return true;
}
