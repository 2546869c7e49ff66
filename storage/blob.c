#include "storage/blob.h"

#include <stdlib.h>
#include <sys/mman.h>

BlobBytes *
blob_bytes_retain(BlobBytes *bytes)
{
    atomic_fetch_add_explicit(&bytes->references, 1, memory_order_relaxed);
    return bytes;
}

void
blob_bytes_release(BlobBytes *bytes)
{
    if (bytes == NULL || atomic_fetch_sub_explicit(&bytes->references, 1, memory_order_acq_rel) != 1)
        return;
    if (bytes->mapped)
        munmap((void *) bytes->bytes, bytes->size);
    else
        free((void *) bytes->bytes);
    free(bytes->name);
    free(bytes);
}

static void
owner_release(ColumnOwner *owner)
{
    blob_bytes_release((BlobBytes *) owner);
}

BlobBytes *
blob_bytes_copy(const char *name, const void *bytes, size_t size)
{
    BlobBytes *copy = memory_alloc(sizeof *copy);
    *copy = (BlobBytes){.owner = {owner_release},
                        .bytes = memcpy(memory_alloc(size), bytes, size),
                        .size = size,
                        .name = memory_strdup(name)};
    atomic_init(&copy->references, 1);
    return copy;
}
