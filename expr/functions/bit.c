#include "expr/functions/family.h"

/*
 * Bit strings. Stored as on the wire: the count of bits, then the bits from the highest of the first byte on; what the last
 * byte has behind them is zero.
 */

enum { HEAD_SIZE = 4, BITS_MAX = INT32_MAX - 64 };

typedef struct Bits {
    int64_t count;
    uint8_t *bytes;
} Bits;

static Bits
bits_read(Datum value)
{
    return (Bits){be32_read(value.bytes.bytes), (uint8_t *) value.bytes.bytes + HEAD_SIZE};
}

static size_t
bits_size(int64_t count)
{
    return (size_t) (count + 7) / 8;
}

/* All zero, with room for the head before them. */
static Bits
bits_new(FunctionCall *call, int64_t count)
{
    size_t size = HEAD_SIZE + bits_size(count);
    char *stored = arena_alloc(call->context->arena, size);
    memset(stored, 0, size);
    be32_write(stored, (uint32_t) count);
    return (Bits){count, (uint8_t *) stored + HEAD_SIZE};
}

static bool
give_bits(Datum *result, Bits bits)
{
    return give_bytes(result, slice_make((char *) bits.bytes - HEAD_SIZE, HEAD_SIZE + bits_size(bits.count)));
}

static bool
bit_at(Bits bits, int64_t index)
{
    return (bits.bytes[index / 8] >> (7 - index % 8) & 1) != 0;
}

/* Puts `count` bits of `from`, from `start` on, at `at` of `to`, which is zero there. */
static void
bits_copy(Bits to, int64_t at, Bits from, int64_t start, int64_t count)
{
    if (at % 8 == 0 && start % 8 == 0) {
        int64_t whole = count / 8;
        memcpy(to.bytes + at / 8, from.bytes + start / 8, (size_t) whole);
        at += whole * 8;
        start += whole * 8;
        count -= whole * 8;
    }
    for (int64_t i = 0; i < count; i++) {
        if (bit_at(from, start + i))
            to.bytes[(at + i) / 8] |= (uint8_t) (0x80 >> (at + i) % 8);
    }
}

/* ---- operators */

static bool
sizes_agree(Bits a, Bits b, const char *operation, Error *err)
{
    return a.count == b.count ||
           error_set(err, SQLSTATE_STRING_DATA_LENGTH_MISMATCH, "cannot %s bit strings of different sizes", operation);
}

ROW_FUNCTION(both)
{
    Bits a = bits_read(args[0]), b = bits_read(args[1]);
    if (!sizes_agree(a, b, "AND", err))
        return false;
    Bits out = bits_new(call, a.count);
    for (size_t i = 0; i < bits_size(a.count); i++)
        out.bytes[i] = a.bytes[i] & b.bytes[i];
    return give_bits(result, out);
}

ROW_FUNCTION(either)
{
    Bits a = bits_read(args[0]), b = bits_read(args[1]);
    if (!sizes_agree(a, b, "OR", err))
        return false;
    Bits out = bits_new(call, a.count);
    for (size_t i = 0; i < bits_size(a.count); i++)
        out.bytes[i] = a.bytes[i] | b.bytes[i];
    return give_bits(result, out);
}

ROW_FUNCTION(one_of_two)
{
    Bits a = bits_read(args[0]), b = bits_read(args[1]);
    if (!sizes_agree(a, b, "XOR", err))
        return false;
    Bits out = bits_new(call, a.count);
    for (size_t i = 0; i < bits_size(a.count); i++)
        out.bytes[i] = a.bytes[i] ^ b.bytes[i];
    return give_bits(result, out);
}

ROW_FUNCTION(invert)
{
    Bits a = bits_read(args[0]), out = bits_new(call, a.count);
    size_t size = bits_size(a.count);
    for (size_t i = 0; i < size; i++)
        out.bytes[i] = (uint8_t) ~a.bytes[i];
    if (a.count % 8 != 0)
        out.bytes[size - 1] &= (uint8_t) (0xff << (8 - a.count % 8));
    return give_bits(result, out);
}

/* To the left by `distance`, to the right by a negative one; what moves out is lost, the length stays. */
static bool
give_shifted(FunctionCall *call, Bits bits, int64_t distance, Datum *result)
{
    Bits out = bits_new(call, bits.count);
    int64_t far = distance < 0 ? -distance : distance;
    if (far < bits.count)
        bits_copy(out, distance < 0 ? far : 0, bits, distance < 0 ? 0 : far, bits.count - far);
    return give_bits(result, out);
}

ROW_FUNCTION(shift_left)
{
    return give_shifted(call, bits_read(args[0]), args[1].i, result);
}

ROW_FUNCTION(shift_right)
{
    return give_shifted(call, bits_read(args[0]), -args[1].i, result);
}

ROW_FUNCTION(concat)
{
    Bits a = bits_read(args[0]), b = bits_read(args[1]);
    if (a.count + b.count > BITS_MAX)
        return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "bit string length exceeds the maximum allowed (%d)",
                         BITS_MAX);
    Bits out = bits_new(call, a.count + b.count);
    bits_copy(out, 0, a, 0, a.count);
    bits_copy(out, a.count, b, 0, b.count);
    return give_bits(result, out);
}

/* ---- parts */

static bool
negative_length(Error *err)
{
    return error_set(err, SQLSTATE_SUBSTRING_ERROR, "negative substring length not allowed");
}

/* Bits from `start` (counted from 1) up to `end`, which is not among them; both may lie outside. */
static Bits
bits_between(FunctionCall *call, Bits bits, int64_t start, int64_t end)
{
    int64_t first = start < 1 ? 1 : start, last = end > bits.count + 1 ? bits.count + 1 : end;
    Bits out = bits_new(call, last > first ? last - first : 0);
    if (out.count > 0)
        bits_copy(out, 0, bits, first - 1, out.count);
    return out;
}

ROW_FUNCTION(substring_from)
{
    Bits bits = bits_read(args[0]);
    return give_bits(result, bits_between(call, bits, args[1].i, bits.count + 1));
}

ROW_FUNCTION(substring_from_for)
{
    if (args[2].i < 0)
        return negative_length(err);
    return give_bits(result, bits_between(call, bits_read(args[0]), args[1].i, args[1].i + args[2].i));
}

static bool
give_overlay(FunctionCall *call, const Datum *args, int64_t length, Datum *result, Error *err)
{
    Bits bits = bits_read(args[0]), by = bits_read(args[1]);
    int64_t start = args[2].i;
    if (start <= 0)
        return negative_length(err);
    if (start + length > INT32_MAX)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
    Bits before = bits_between(call, bits, 1, start);
    Bits after = bits_between(call, bits, start + length, bits.count + 1);
    Bits out = bits_new(call, before.count + by.count + after.count);
    bits_copy(out, 0, before, 0, before.count);
    bits_copy(out, before.count, by, 0, by.count);
    bits_copy(out, before.count + by.count, after, 0, after.count);
    return give_bits(result, out);
}

ROW_FUNCTION(overlay)
{
    return give_overlay(call, args, bits_read(args[1]).count, result, err);
}

ROW_FUNCTION(overlay_for)
{
    return give_overlay(call, args, args[3].i, result, err);
}

ROW_FUNCTION(position)
{
    Bits bits = bits_read(args[0]), part = bits_read(args[1]);
    if (bits.count == 0 || part.count > bits.count)
        return give_int(result, 0);
    for (int64_t start = 0; start + part.count <= bits.count; start++) {
        int64_t i = 0;
        while (i < part.count && bit_at(bits, start + i) == bit_at(part, i))
            i++;
        if (i == part.count)
            return give_int(result, start + 1);
    }
    return give_int(result, 0);
}

static bool
index_check(Bits bits, int64_t index, Error *err)
{
    return (index >= 0 && index < bits.count) ||
           error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "bit index %d out of valid range (0..%d)", (int) index,
                     (int) bits.count - 1);
}

ROW_FUNCTION(get_bit)
{
    Bits bits = bits_read(args[0]);
    return index_check(bits, args[1].i, err) && give_int(result, bit_at(bits, args[1].i));
}

ROW_FUNCTION(set_bit)
{
    Bits bits = bits_read(args[0]);
    if (!index_check(bits, args[1].i, err))
        return false;
    if (args[2].i != 0 && args[2].i != 1)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "new bit must be 0 or 1");
    Bits out = bits_new(call, bits.count);
    bits_copy(out, 0, bits, 0, bits.count);
    uint8_t mask = (uint8_t) (0x80 >> args[1].i % 8);
    if (args[2].i != 0)
        out.bytes[args[1].i / 8] |= mask;
    else
        out.bytes[args[1].i / 8] &= (uint8_t) ~mask;
    return give_bits(result, out);
}

/* ---- sizes */

ROW_FUNCTION(length)
{
    return give_int(result, bits_read(args[0]).count);
}

ROW_FUNCTION(octets)
{
    return give_int(result, (int64_t) bits_size(bits_read(args[0]).count));
}

ROW_FUNCTION(count_set)
{
    Bits bits = bits_read(args[0]);
    int64_t count = 0;
    for (size_t i = 0; i < bits_size(bits.count); i++)
        count += __builtin_popcount(bits.bytes[i]);
    return give_int(result, count);
}

const Function functions_bit[] = {
#include "expr/functions/bit.def"
};
const size_t functions_bit_count = sizeof functions_bit / sizeof *functions_bit;
