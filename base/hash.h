/*
 * hash.h -- 64-bit hashing of bytes (XXH3) and of integers; stable across runs and machines, since
 * runs on disk are sorted by it.
 */
#ifndef FRESHET_BASE_HASH_H
#define FRESHET_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *bytes, size_t size);

static inline uint64_t
hash_u64(uint64_t value) /* a full avalanche: every input bit reaches every output bit */
{
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93u;
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93u;
    value ^= value >> 32;
    return value;
}

static inline uint64_t
hash_combine(uint64_t a, uint64_t b) /* order matters */
{
    return hash_u64(a * 0x9e3779b97f4a7c15u + b);
}

uint64_t checksum_bytes(const void *bytes, size_t size); /* of file contents */

#endif
