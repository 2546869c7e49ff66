/*
 * Network addresses as text. Stored as on the wire: family (2 or 3), bits of the mask, 1 for cidr, count of the
 * address's bytes, the address.
 */
#include <stdio.h>

#include "types/text_internal.h"

#define FAMILY_IPV4 2
#define FAMILY_IPV6 3
#define HEADER_SIZE 4

typedef struct Address {
    int family;
    int bits;
    int size;
    uint8_t bytes[16];
} Address;

/* --- printing --- */

static void
number_print(unsigned value, Buffer *out)
{
    out->size = (size_t) (print_uint64(buffer_reserve(out, 20), value) - out->bytes);
}

static void
ipv4_print(const uint8_t *bytes, Buffer *out)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            buffer_append_char(out, '.');
        number_print(bytes[i], out);
    }
}

/* The longest run of zero words, two at least, is left out; the last two words may be shown as IPv4. */
static void
ipv6_print(const uint8_t *bytes, Buffer *out)
{
    unsigned words[8];
    int best = -1, best_size = 1;
    for (int i = 0; i < 8; i++)
        words[i] = (unsigned) bytes[i * 2] << 8 | bytes[i * 2 + 1];
    for (int i = 0; i < 8; i++) {
        int size = 0;
        while (i + size < 8 && words[i + size] == 0)
            size++;
        if (size > best_size) {
            best = i;
            best_size = size;
        }
        i += size;
    }
    bool as_ipv4 =
        best == 0 && (best_size == 6 || (best_size == 7 && words[7] != 1) || (best_size == 5 && words[5] == 0xffff));
    for (int i = 0; i < 8; i++) {
        if (best >= 0 && i >= best && i < best + best_size) {
            if (i == best)
                buffer_append_char(out, ':');
            continue;
        }
        if (i > 0)
            buffer_append_char(out, ':');
        if (i == 6 && as_ipv4) {
            ipv4_print(bytes + 12, out);
            return;
        }
        buffer_printf(out, "%x", words[i]);
    }
    if (best >= 0 && best + best_size == 8)
        buffer_append_char(out, ':');
}

void
inet_print(SqlType type, Slice value, Buffer *out)
{
    const uint8_t *bytes = (const uint8_t *) value.bytes;
    bool is_ipv4 = bytes[0] == FAMILY_IPV4;
    if (is_ipv4)
        ipv4_print(bytes + HEADER_SIZE, out);
    else
        ipv6_print(bytes + HEADER_SIZE, out);
    if (type.id == TYPE_CIDR || bytes[1] != (is_ipv4 ? 32 : 128)) {
        buffer_append_char(out, '/');
        number_print(bytes[1], out);
    }
}

/* --- reading --- */

/* /bits, the whole rest */
static bool
bits_parse(const char *at, int max, int *bits)
{
    *bits = 0;
    if (*at == 0 || (*at == '0' && at[1] != 0))
        return false;
    for (; is_digit(*at); at++) {
        *bits = *bits * 10 + (*at - '0');
        if (*bits > max)
            return false;
    }
    return *at == 0;
}

/* A cidr without a mask takes the one of its class, and at least the octets given. */
static int
class_bits(const Address *address, int octets)
{
    int first = address->bytes[0];
    int bits = first >= 240 ? 32 : first >= 224 ? 8 : first >= 192 ? 24 : first >= 128 ? 16 : 8;
    if (bits < octets * 8)
        bits = octets * 8;
    return bits == 8 && first == 224 ? 4 : bits;
}

static bool
ipv4_octets(const char **at, uint8_t *bytes, int *count)
{
    for (*count = 0; *count < 4;) {
        int value = 0;
        if (!is_digit(**at))
            return false;
        for (; is_digit(**at); (*at)++) {
            value = value * 10 + (**at - '0');
            if (value > 255)
                return false;
        }
        bytes[(*count)++] = (uint8_t) value;
        if (**at != '.')
            return true;
        (*at)++;
    }
    return false;
}

static bool
ipv4_parse(const char *at, bool is_cidr, Address *address)
{
    int octets;
    *address = (Address){.family = FAMILY_IPV4, .size = 4};
    if (!ipv4_octets(&at, address->bytes, &octets))
        return false;
    if (*at == '/')
        return bits_parse(at + 1, 32, &address->bits) && (is_cidr || address->bits / 8 <= octets);
    address->bits = is_cidr ? class_bits(address, octets) : 32;
    return *at == 0 && (is_cidr || octets == 4);
}

/* Words before and after "::"; the last may be an IPv4 address. */
static bool
ipv6_parse(const char *at, Address *address)
{
    uint8_t bytes[16] = {0};
    int size = 0, gap = -1;
    *address = (Address){.family = FAMILY_IPV6, .size = 16, .bits = 128};
    if (*at == ':') {
        if (at[1] != ':')
            return false;
        gap = 0;
        at += 2;
    }
    while (*at != 0 && *at != '/') {
        const char *word = at;
        unsigned value = 0;
        for (; hex_digit(*at) >= 0; at++) {
            value = value << 4 | (unsigned) hex_digit(*at);
            if (at - word >= 4)
                return false;
        }
        if (*at == '.') {
            int octets;
            at = word;
            if (size > 12 || !ipv4_octets(&at, bytes + size, &octets) || octets != 4)
                return false;
            size += 4;
            break;
        }
        if (at == word || size > 14)
            return false;
        bytes[size++] = (uint8_t) (value >> 8);
        bytes[size++] = (uint8_t) value;
        if (*at != ':')
            break;
        at++;
        if (*at == ':') {
            if (gap >= 0)
                return false;
            gap = size;
            at++;
        } else if (*at == 0 || *at == '/') {
            return false;
        }
    }
    if (gap < 0 ? size != 16 : size > 14)
        return false;
    if (gap < 0)
        gap = size;
    memcpy(address->bytes, bytes, (size_t) gap);
    memcpy(address->bytes + 16 - (size - gap), bytes + gap, (size_t) (size - gap));
    return *at == '/' ? bits_parse(at + 1, 128, &address->bits) : *at == 0;
}

static bool
has_bits_after_mask(const Address *address)
{
    for (int bit = address->bits; bit < address->size * 8; bit++)
        if ((address->bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
            return true;
    return false;
}

bool
inet_parse(const TextInput *in, Slice *out, Error *err)
{
    Address address;
    bool is_cidr = in->type.id == TYPE_CIDR;
    const char *text = arena_strndup(in->arena, in->text.bytes, in->text.size);
    bool ok = strchr(text, ':') != NULL ? ipv6_parse(text, &address) : ipv4_parse(text, is_cidr, &address);
    if (!ok)
        return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, is_cidr ? "cidr" : "inet", in->text);
    if (is_cidr && has_bits_after_mask(&address)) {
        error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid cidr value: \"%s\"", text);
        return error_detail(err, "Value has bits set to right of mask.");
    }
    char *bytes = arena_alloc(in->arena, HEADER_SIZE + sizeof address.bytes);
    bytes[0] = (char) address.family;
    bytes[1] = (char) address.bits;
    bytes[2] = is_cidr;
    bytes[3] = (char) address.size;
    memcpy(bytes + HEADER_SIZE, address.bytes, (size_t) address.size);
    *out = slice_make(bytes, HEADER_SIZE + (size_t) address.size);
    return true;
}

/* --- macaddr --- */

void
macaddr_print(Slice value, Buffer *out)
{
    const uint8_t *b = (const uint8_t *) value.bytes;
    buffer_printf(out, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

bool
macaddr_parse(const TextInput *in, Slice *out, Error *err)
{
    static const char *const forms[] = {
        "%x:%x:%x:%x:%x:%x%1s",    "%x-%x-%x-%x-%x-%x%1s",    "%2x%2x%2x:%2x%2x%2x%1s", "%2x%2x%2x-%2x%2x%2x%1s",
        "%2x%2x.%2x%2x.%2x%2x%1s", "%2x%2x-%2x%2x-%2x%2x%1s", "%2x%2x%2x%2x%2x%2x%1s",
    };
    unsigned b[6];
    char junk[2];
    bool found = false;
    const char *text = arena_strndup(in->arena, in->text.bytes, in->text.size);
    for (size_t i = 0; !found && i < sizeof forms / sizeof *forms; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        found = sscanf(text, forms[i], &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], junk) == 6;
#pragma GCC diagnostic pop
    }
    if (!found)
        return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "macaddr", in->text);
    char *bytes = arena_alloc(in->arena, 6);
    for (int i = 0; i < 6; i++) {
        if (b[i] > 255)
            return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE,
                             "invalid octet value in \"macaddr\" value: \"%s\"", text);
        bytes[i] = (char) b[i];
    }
    *out = slice_make(bytes, 6);
    return true;
}
