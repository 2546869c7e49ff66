/*
 * Text forms of macaddr8, pg_lsn, tid, xid, xid8 and cid.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "types/text_internal.h"

/* --- macaddr8 --- */

enum { MAC_SIZE = 6, MAC8_SIZE = 8 };

void
macaddr8_print(Slice value, Buffer *out)
{
    const uint8_t *b = (const uint8_t *) value.bytes;
    for (int i = 0; i < MAC8_SIZE; i++)
        buffer_printf(out, "%s%02x", i == 0 ? "" : ":", b[i]);
}

/* Six bytes become eight by FF FE in their middle. */
static Slice
mac8_make(const uint8_t *bytes, int count, Arena *arena)
{
    uint8_t *made = arena_alloc(arena, MAC8_SIZE);
    memcpy(made, bytes, (size_t) count);
    if (count == MAC_SIZE) {
        made[3] = 0xFF;
        made[4] = 0xFE;
        memcpy(made + 5, bytes + 3, 3);
    }
    return slice_make((const char *) made, MAC8_SIZE);
}

/* Pairs of digits, with one kind of separator between any of them; a single character behind them is not looked at. */
static int
mac8_bytes(const char *at, uint8_t *bytes)
{
    char spacer = 0;
    int count = 0;
    while (is_blank(*at))
        at++;
    while (at[0] != 0 && at[1] != 0) {
        int high = hex_digit(at[0]), low = hex_digit(at[1]);
        if (count == MAC8_SIZE || high < 0 || low < 0)
            return 0;
        bytes[count++] = (uint8_t) (high << 4 | low);
        at += 2;
        if (*at == ':' || *at == '-' || *at == '.') {
            if (spacer != 0 && spacer != *at)
                return 0;
            spacer = *at++;
        }
        if ((count == MAC_SIZE || count == MAC8_SIZE) && is_blank(*at)) {
            while (is_blank(*at))
                at++;
            if (*at != 0)
                return 0;
        }
    }
    return count;
}

bool
macaddr8_parse(const TextInput *in, Slice *out, Error *err)
{
    uint8_t bytes[MAC8_SIZE];
    int count = mac8_bytes(arena_strndup(in->arena, in->text.bytes, in->text.size), bytes);
    if (count != MAC_SIZE && count != MAC8_SIZE)
        return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "macaddr8", in->text);
    *out = mac8_make(bytes, count, in->arena);
    return true;
}

bool
macaddr8_receive(Slice bytes, Arena *arena, Slice *out, Error *err)
{
    if (bytes.size != MAC_SIZE && bytes.size != MAC8_SIZE)
        return error_set(err, SQLSTATE_INVALID_BINARY_REPRESENTATION,
                         "incorrect binary data format: %zu bytes for type macaddr8", bytes.size);
    *out = bytes.size == MAC8_SIZE ? bytes : mac8_make((const uint8_t *) bytes.bytes, MAC_SIZE, arena);
    return true;
}

/* --- pg_lsn --- */

void
lsn_value_print(uint64_t value, Buffer *out)
{
    buffer_printf(out, "%" PRIX32 "/%" PRIX32, (uint32_t) (value >> 32), (uint32_t) value);
}

bool
lsn_value_parse(const TextInput *in, int64_t *out, Error *err)
{
    enum { DIGITS_MAX = 8 };
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *text = arena_strndup(in->arena, in->text.bytes, in->text.size);
    size_t high = strspn(text, digits);
    size_t low = text[high] == '/' ? strspn(text + high + 1, digits) : 0;
    if (high < 1 || high > DIGITS_MAX || low < 1 || low > DIGITS_MAX || text[high + 1 + low] != 0)
        return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "pg_lsn", in->text);
    *out = (int64_t) (strtoull(text, NULL, 16) << 32 | strtoull(text + high + 1, NULL, 16));
    return true;
}

/* --- tid --- */

enum { TID_SIZE = 6 };

void
tid_print(Slice value, Buffer *out)
{
    buffer_printf(out, "(%" PRIu32 ",%u)", be32_read(value.bytes), (unsigned) be16_read(value.bytes + 4));
}

static bool
tid_fields(const char *text, uint32_t *block, uint16_t *offset)
{
    const char *fields[2];
    int count = 0;
    char *end;
    for (const char *at = text; *at != 0 && count < 2 && *at != ')'; at++)
        if (*at == ',' || (*at == '(' && count == 0))
            fields[count++] = at + 1;
    if (count < 2)
        return false;
    errno = 0;
    unsigned long value = strtoul(fields[0], &end, 10);
    *block = (uint32_t) value;
    if (errno != 0 || *end != ',' || (value != *block && value != (unsigned long) (int32_t) *block))
        return false;
    value = strtoul(fields[1], &end, 10);
    *offset = (uint16_t) value;
    return errno == 0 && *end == ')' && value <= UINT16_MAX;
}

bool
tid_parse(const TextInput *in, Slice *out, Error *err)
{
    uint32_t block;
    uint16_t offset;
    if (!tid_fields(arena_strndup(in->arena, in->text.bytes, in->text.size), &block, &offset))
        return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "tid", in->text);
    char *bytes = arena_alloc(in->arena, TID_SIZE);
    be32_write(bytes, block);
    bytes[4] = (char) (offset >> 8);
    bytes[5] = (char) offset;
    *out = slice_make(bytes, TID_SIZE);
    return true;
}

/* --- xid, xid8, cid --- */

uint64_t
xid_parse(const TextInput *in)
{
    return strtoull(arena_strndup(in->arena, in->text.bytes, in->text.size), NULL, 0);
}
