#include "expr/functions/family.h"
#include "types/text_format.h"

/*
 * Network addresses. An inet or cidr is stored as on the wire: family, bits of the mask, 1 for cidr, count of the address's bytes,
 * the address; a macaddr is its bytes.
 */

#define FAMILY_IPV4 2
#define HEADER_SIZE 4

typedef struct Address {
    uint8_t family, bits;
    int size;
    uint8_t bytes[16];
} Address;

static Address
read_address(Datum value)
{
    const uint8_t *stored = (const uint8_t *) value.bytes.bytes;
    Address address = {.family = stored[0], .bits = stored[1], .size = stored[3]};
    memcpy(address.bytes, stored + HEADER_SIZE, (size_t) address.size);
    return address;
}

static bool
give_address(FunctionCall *call, const Address *address, Datum *result)
{
    uint8_t *stored = arena_alloc(call->context->arena, HEADER_SIZE + (size_t) address->size);
    stored[0] = address->family;
    stored[1] = address->bits;
    stored[2] = call->result_type.id == TYPE_CIDR;
    stored[3] = (uint8_t) address->size;
    memcpy(stored + HEADER_SIZE, address->bytes, (size_t) address->size);
    return give_bytes(result, slice_make(stored, HEADER_SIZE + (size_t) address->size));
}

static int
bits_max(const Address *address)
{
    return address->size * 8;
}

/* The bits of byte `index` that the first `bits` bits of an address cover. */
static uint8_t
mask_byte(int bits, int index)
{
    int covered = bits - index * 8;
    return covered >= 8 ? 0xff : covered <= 0 ? 0 : (uint8_t) (0xff << (8 - covered));
}

static bool
bits_agree(const Address *a, const Address *b, int bits)
{
    for (int i = 0; i < a->size; i++) {
        if ((a->bytes[i] ^ b->bytes[i]) & mask_byte(bits, i))
            return false;
    }
    return true;
}

static void
clear_host(Address *address)
{
    for (int i = 0; i < address->size; i++)
        address->bytes[i] &= mask_byte(address->bits, i);
}

/* ---- parts */

ROW_FUNCTION(address_text)
{
    Buffer out = {0};
    datum_print(call->arg_types[0], args[0], NULL, &out);
    return give_buffer(call, result, &out);
}

/* What the mask does not cover is left out, byte by byte. */
static void
append_ipv4_network(const Address *address, Buffer *out)
{
    int count = (address->bits + 7) / 8;
    if (count == 0)
        buffer_append_char(out, '0');
    for (int i = 0; i < count; i++)
        buffer_printf(out, "%s%d", i > 0 ? "." : "", address->bytes[i] & mask_byte(address->bits, i));
}

/* Word by word, two at least, the longest run of zero words left out. */
static void
append_ipv6_network(const Address *address, Buffer *out)
{
    int count = (address->bits + 15) / 16, run = 0, run_start = -1;
    unsigned words[8];
    if (address->bits == 0) {
        buffer_append_text(out, "::");
        return;
    }
    count = count < 2 ? 2 : count;
    for (int i = 0; i < count; i++)
        words[i] = (unsigned) (address->bytes[i * 2] & mask_byte(address->bits, i * 2)) << 8 |
                   (address->bytes[i * 2 + 1] & mask_byte(address->bits, i * 2 + 1));
    for (int i = 0; i < count; i++) {
        int size = 0;
        while (i + size < count && words[i + size] == 0)
            size++;
        if (size > run) {
            run = size;
            run_start = i;
        }
        i += size;
    }
    for (int i = 0; i < count; i++) {
        if (i >= run_start && i < run_start + run) {
            buffer_append_text(out, i == run_start ? ":" : "");
            buffer_append_text(out, i == count - 1 ? ":" : "");
            continue;
        }
        buffer_printf(out, "%s%x", out->size > 0 ? ":" : "", words[i]);
    }
}

ROW_FUNCTION(cidr_abbreviated)
{
    Address address = read_address(args[0]);
    Buffer out = {0};
    if (address.family == FAMILY_IPV4)
        append_ipv4_network(&address, &out);
    else
        append_ipv6_network(&address, &out);
    buffer_printf(&out, "/%d", address.bits);
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(family)
{
    return give_int(result, read_address(args[0]).family == FAMILY_IPV4 ? 4 : 6);
}

ROW_FUNCTION(mask_length)
{
    return give_int(result, read_address(args[0]).bits);
}

/* The address as text without its mask: a full mask is not printed. */
ROW_FUNCTION(host)
{
    Address address = read_address(args[0]);
    address.bits = (uint8_t) bits_max(&address);
    Datum bare;
    Buffer out = {0};
    (void) give_address(call, &address, &bare);
    datum_print(SQL_TYPE(INET), bare, NULL, &out);
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(network)
{
    Address address = read_address(args[0]);
    clear_host(&address);
    return give_address(call, &address, result);
}

ROW_FUNCTION(broadcast)
{
    Address address = read_address(args[0]);
    for (int i = 0; i < address.size; i++)
        address.bytes[i] |= (uint8_t) ~mask_byte(address.bits, i);
    return give_address(call, &address, result);
}

static bool
give_mask(FunctionCall *call, const Datum *args, uint8_t inverted, Datum *result)
{
    Address address = read_address(args[0]);
    for (int i = 0; i < address.size; i++)
        address.bytes[i] = mask_byte(address.bits, i) ^ inverted;
    address.bits = (uint8_t) bits_max(&address);
    return give_address(call, &address, result);
}

ROW_FUNCTION(net_mask)
{
    return give_mask(call, args, 0, result);
}

ROW_FUNCTION(host_mask)
{
    return give_mask(call, args, 0xff, result);
}

/* -1 stands for all bits. */
ROW_FUNCTION(set_mask_length)
{
    Address address = read_address(args[0]);
    int64_t bits = args[1].i == -1 ? bits_max(&address) : args[1].i;
    if (bits < 0 || bits > bits_max(&address))
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid mask length: %lld", (long long) bits);
    address.bits = (uint8_t) bits;
    if (call->result_type.id == TYPE_CIDR)
        clear_host(&address);
    return give_address(call, &address, result);
}

ROW_FUNCTION(same_family)
{
    return give_bool(result, read_address(args[0]).family == read_address(args[1]).family);
}

/* The smallest network that has both. */
ROW_FUNCTION(merge)
{
    Address a = read_address(args[0]), b = read_address(args[1]);
    if (a.family != b.family)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot merge addresses from different families");
    int bits = a.bits < b.bits ? a.bits : b.bits;
    while (!bits_agree(&a, &b, bits))
        bits--;
    a.bits = (uint8_t) bits;
    clear_host(&a);
    return give_address(call, &a, result);
}

/* ---- one in the other */

/* Whether the network of `b` has that of `a`, and whether it may be the same. */
static bool
is_inside(Datum inner, Datum outer, bool or_equal)
{
    Address a = read_address(inner), b = read_address(outer);
    return a.family == b.family && (or_equal ? a.bits >= b.bits : a.bits > b.bits) && bits_agree(&a, &b, b.bits);
}

ROW_FUNCTION(inside)
{
    return give_bool(result, is_inside(args[0], args[1], false));
}

ROW_FUNCTION(inside_or_equal)
{
    return give_bool(result, is_inside(args[0], args[1], true));
}

ROW_FUNCTION(around)
{
    return give_bool(result, is_inside(args[1], args[0], false));
}

ROW_FUNCTION(around_or_equal)
{
    return give_bool(result, is_inside(args[1], args[0], true));
}

ROW_FUNCTION(overlaps)
{
    return give_bool(result, is_inside(args[0], args[1], true) || is_inside(args[1], args[0], true));
}

/* ---- arithmetic */

ROW_FUNCTION(invert)
{
    Address address = read_address(args[0]);
    for (int i = 0; i < address.size; i++)
        address.bytes[i] = (uint8_t) ~address.bytes[i];
    return give_address(call, &address, result);
}

static bool
combine(FunctionCall *call, const Datum *args, bool both_bits, Datum *result, Error *err)
{
    Address a = read_address(args[0]), b = read_address(args[1]);
    if (a.family != b.family)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot %s inet values of different sizes",
                         both_bits ? "AND" : "OR");
    for (int i = 0; i < a.size; i++)
        a.bytes[i] = both_bits ? a.bytes[i] & b.bytes[i] : a.bytes[i] | b.bytes[i];
    a.bits = a.bits > b.bits ? a.bits : b.bits;
    return give_address(call, &a, result);
}

ROW_FUNCTION(both)
{
    return combine(call, args, true, result, err);
}

ROW_FUNCTION(either)
{
    return combine(call, args, false, result, err);
}

static bool
out_of_range(Error *err)
{
    return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "result is out of range");
}

/* Adds byte by byte from the right; what is left must be nothing, or the sign's. */
static bool
add_to_address(FunctionCall *call, Datum value, __int128 addend, Datum *result, Error *err)
{
    Address address = read_address(value);
    for (int i = address.size - 1; i >= 0; i--) {
        addend += address.bytes[i];
        address.bytes[i] = (uint8_t) addend;
        addend >>= 8;
    }
    return addend == 0 ? give_address(call, &address, result) : out_of_range(err);
}

ROW_FUNCTION(plus)
{
    return add_to_address(call, args[0], args[1].i, result, err);
}

ROW_FUNCTION(plus_reversed)
{
    return add_to_address(call, args[1], args[0].i, result, err);
}

ROW_FUNCTION(minus)
{
    return add_to_address(call, args[0], -(__int128) args[1].i, result, err);
}

ROW_FUNCTION(distance)
{
    Address a = read_address(args[0]), b = read_address(args[1]);
    if (a.family != b.family)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot subtract inet values of different sizes");
    unsigned __int128 left = 0, right = 0;
    for (int i = 0; i < a.size; i++) {
        left = left << 8 | a.bytes[i];
        right = right << 8 | b.bytes[i];
    }
    /* The difference of two IPv6 addresses is taken modulo 2^128, as PostgreSQL takes it. */
    __int128 difference = (__int128) (left - right);
    if (difference != (int64_t) difference)
        return out_of_range(err);
    return give_int(result, (int64_t) difference);
}

/* ---- hardware addresses, of six bytes or eight */

static uint8_t *
mac_copy(FunctionCall *call, Datum value, Datum *result)
{
    uint8_t *bytes = arena_alloc(call->context->arena, value.bytes.size);
    memcpy(bytes, value.bytes.bytes, value.bytes.size);
    *result = datum_bytes(slice_make(bytes, value.bytes.size));
    return bytes;
}

/* The first three bytes name the manufacturer. */
ROW_FUNCTION(mac_manufacturer)
{
    memset(mac_copy(call, args[0], result) + 3, 0, args[0].bytes.size - 3);
    return true;
}

ROW_FUNCTION(mac_invert)
{
    uint8_t *bytes = mac_copy(call, args[0], result);
    for (size_t i = 0; i < args[0].bytes.size; i++)
        bytes[i] = (uint8_t) ~bytes[i];
    return true;
}

ROW_FUNCTION(mac_both)
{
    uint8_t *bytes = mac_copy(call, args[0], result);
    for (size_t i = 0; i < args[0].bytes.size; i++)
        bytes[i] &= (uint8_t) args[1].bytes.bytes[i];
    return true;
}

ROW_FUNCTION(mac_either)
{
    uint8_t *bytes = mac_copy(call, args[0], result);
    for (size_t i = 0; i < args[0].bytes.size; i++)
        bytes[i] |= (uint8_t) args[1].bytes.bytes[i];
    return true;
}

/* The bit that says that an address was not given out by a manufacturer. */
ROW_FUNCTION(mac_local)
{
    mac_copy(call, args[0], result)[0] |= 0x02;
    return true;
}

const Function functions_network[] = {
#include "expr/functions/network.def"
};
const size_t functions_network_count = sizeof functions_network / sizeof *functions_network;
