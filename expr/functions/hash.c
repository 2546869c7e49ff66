#include "expr/functions/family.h"

/* Hashes whose values others rely on: where Kafka puts a key, and SeaHash. */

static uint64_t
read_little_endian(const char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value |= (uint64_t) (unsigned char) bytes[i] << (8 * i);
    return value;
}

/* Murmur2 with the seed of Kafka's producers; the sign is dropped, as they do. */
ROW_FUNCTION(kafka_murmur2)
{
    const uint32_t multiplier = UINT32_C(0x5bd1e995);
    Slice text = args[0].bytes;
    uint32_t hash = UINT32_C(0x9747b28c) ^ (uint32_t) text.size;
    size_t at = 0;
    for (; text.size - at >= 4; at += 4) {
        uint32_t word = (uint32_t) read_little_endian(text.bytes + at, 4) * multiplier;
        word = (word ^ (word >> 24)) * multiplier;
        hash = hash * multiplier ^ word;
    }
    if (at < text.size)
        hash = (hash ^ (uint32_t) read_little_endian(text.bytes + at, text.size - at)) * multiplier;
    hash = (hash ^ (hash >> 13)) * multiplier;
    hash ^= hash >> 15;
    return give_int(result, (int64_t) (hash & INT32_MAX));
}

static uint64_t
diffuse(uint64_t x)
{
    x *= UINT64_C(0x6eed0e9da4d94a4f);
    x ^= (x >> 32) >> (x >> 60);
    return x * UINT64_C(0x6eed0e9da4d94a4f);
}

/* Four lanes that take eight bytes each in turn. */
ROW_FUNCTION(seahash)
{
    uint64_t lanes[4] = {UINT64_C(0x16f11fe89b0d677c), UINT64_C(0xb480a793d8e6c86c), UINT64_C(0x6fe2e5aaf078ebc9),
                         UINT64_C(0x14f994a4c5259381)};
    Slice text = args[0].bytes;
    for (size_t at = 0, lane = 0; at < text.size; at += 8, lane = (lane + 1) % 4) {
        size_t left = text.size - at;
        lanes[lane] = diffuse(lanes[lane] ^ read_little_endian(text.bytes + at, left < 8 ? left : 8));
    }
    uint64_t hash = lanes[0] ^ lanes[1] ^ lanes[2] ^ lanes[3] ^ (uint64_t) text.size;
    return give_int(result, (int64_t) diffuse(hash));
}

const Function functions_hash[] = {
#include "expr/functions/hash.def"
};
const size_t functions_hash_count = sizeof functions_hash / sizeof *functions_hash;
