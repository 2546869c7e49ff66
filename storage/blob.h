/*
 * blob.h -- named, immutable byte strings: where runs live. Implementations: local files (blob_file.c); object stores
 * later.
 *
 * (1) A blob that blob_put returned true for is durable and never changes.
 * (2) Names are made by the store and never reused.
 * Any thread.
 */
#ifndef FRESHET_STORAGE_BLOB_H
#define FRESHET_STORAGE_BLOB_H

#include "collection/column.h"

typedef struct Blob Blob;

/* A blob's bytes, mapped or in memory; an owner that columns can borrow from. */
typedef struct BlobBytes {
    ColumnOwner owner; /* retain and release through blob_bytes_retain and owner.release */
    atomic_uint references;
    const char *bytes; /* 8-byte aligned */
    size_t size;
    char *name; /* for messages: the path of a file */
    bool mapped;
} BlobBytes;

typedef struct BlobWriter BlobWriter;

typedef struct BlobVtable {
    bool (*create)(Blob *blob, const char *name, BlobWriter **writer, Error *err);
    bool (*append)(BlobWriter *writer, const void *bytes, size_t size, Error *err);
    bool (*finish)(BlobWriter *writer, Error *err); /* durable; frees the writer */
    void (*abandon)(BlobWriter *writer);
    bool (*get)(Blob *blob, const char *name, BlobBytes **bytes, Error *err); /* XX001 when it is not there */
    bool (*remove)(Blob *blob, const char *name, Error *err);                 /* not being there is fine */
    bool (*list)(Blob *blob, void (*each)(void *context, const char *name), void *context, Error *err);
    void (*close)(Blob *blob);
} BlobVtable;

struct Blob {
    const BlobVtable *vtable;
};

struct BlobWriter {
    Blob *blob;
};

/* Bytes on the heap; copied. `name` too. */
BlobBytes *blob_bytes_copy(const char *name, const void *bytes, size_t size);
void blob_bytes_release(BlobBytes *bytes);
BlobBytes *blob_bytes_retain(BlobBytes *bytes);

MUST_CHECK bool blob_file_open(const char *directory, Blob **blob, Error *err);

#endif
