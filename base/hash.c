#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/hash.h"

uint64_t
hash_bytes(const void *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

uint64_t
checksum_bytes(const void *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}
