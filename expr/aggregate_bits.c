#include "expr/aggregate_internal.h"

/* bit_and, bit_or and bit_xor over bit strings: a count of bits in four bytes, then the bits; all of one length. */

enum { HEAD_SIZE = 4 };

static const char *
operation_name(int code)
{
    return code == AGGREGATE_BITS_AND ? "AND" : code == AGGREGATE_BITS_OR ? "OR" : "XOR";
}

static void
bits_put(int code, char *into, Slice value)
{
    for (size_t i = HEAD_SIZE; i < value.size; i++) {
        unsigned char have = (unsigned char) into[i], add = (unsigned char) value.bytes[i];
        into[i] = (char) (code == AGGREGATE_BITS_AND  ? have & add
                          : code == AGGREGATE_BITS_OR ? have | add
                                                      : have ^ add);
    }
}

bool
bit_string_result(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count, Arena *arena,
                  Datum *result, Error *err)
{
    int code = call->function->code;
    char *made = NULL;
    *result = DATUM_NULL;
    for (size_t i = 0; i < count; i++) {
        Datum value = args[i][0];
        if (value.is_null || diffs[i] <= 0)
            continue;
        if (made != NULL && memcmp(made, value.bytes.bytes, HEAD_SIZE) != 0)
            return error_set(err, SQLSTATE_STRING_DATA_LENGTH_MISMATCH, "cannot %s bit strings of different sizes",
                             operation_name(code));
        /* Twice the same leaves nothing of it in a sum without carry. */
        bool even = code == AGGREGATE_BITS_XOR && diffs[i] % 2 == 0;
        if (made == NULL) {
            made = arena_strndup(arena, value.bytes.bytes, value.bytes.size);
            *result = datum_bytes(slice_make(made, value.bytes.size));
            if (even)
                bits_put(code, made, value.bytes);
        } else if (!even) {
            bits_put(code, made, value.bytes);
        }
    }
    return true;
}
