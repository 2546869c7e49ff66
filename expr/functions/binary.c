#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "expr/functions/family.h"
#include "expr/functions/characters.h"

/* Bytes: bytea, encodings, digests. */

ROW_FUNCTION(bytea_concat)
{
    Buffer out = {0};
    buffer_append_slice(&out, args[0].bytes);
    buffer_append_slice(&out, args[1].bytes);
    return give_buffer(call, result, &out);
}

static Slice
bytes_between(Slice bytes, int64_t from, int64_t to)
{
    from = from < 1 ? 1 : from;
    to = to > (int64_t) bytes.size + 1 ? (int64_t) bytes.size + 1 : to;
    return from >= to ? slice_make(bytes.bytes, 0) : slice_make(bytes.bytes + from - 1, (size_t) (to - from));
}

ROW_FUNCTION(bytea_substring_from)
{
    return give_bytes(result, bytes_between(args[0].bytes, args[1].i, INT64_MAX));
}

ROW_FUNCTION(bytea_substring)
{
    if (args[2].i < 0)
        return error_set(err, SQLSTATE_SUBSTRING_ERROR, "negative substring length not allowed");
    return give_bytes(result, bytes_between(args[0].bytes, args[1].i, args[1].i + args[2].i));
}

ROW_FUNCTION(bytea_overlay)
{
    int64_t start = args[2].i, length = call->arg_count == 4 ? args[3].i : (int64_t) args[1].bytes.size;
    if (start <= 0)
        return error_set(err, SQLSTATE_SUBSTRING_ERROR, "negative substring length not allowed");
    if (start + length > INT32_MAX)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
    Buffer out = {0};
    buffer_append_slice(&out, bytes_between(args[0].bytes, 1, start));
    buffer_append_slice(&out, args[1].bytes);
    buffer_append_slice(&out, bytes_between(args[0].bytes, start + length, INT64_MAX));
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(bytea_position)
{
    Slice bytes = args[0].bytes, part = args[1].bytes;
    if (part.size == 0)
        return give_int(result, 1);
    const char *found = part.size > bytes.size ? NULL : memmem(bytes.bytes, bytes.size, part.bytes, part.size);
    return give_int(result, found == NULL ? 0 : found - bytes.bytes + 1);
}

static bool
trim_bytes(const Datum *args, bool left, bool right, Datum *result)
{
    Slice bytes = args[0].bytes, set = args[1].bytes;
    size_t from = 0, to = bytes.size;
    while (left && from < to && set.size > 0 && memchr(set.bytes, bytes.bytes[from], set.size) != NULL)
        from++;
    while (right && from < to && set.size > 0 && memchr(set.bytes, bytes.bytes[to - 1], set.size) != NULL)
        to--;
    return give_bytes(result, slice_make(bytes.bytes + from, to - from));
}

ROW_FUNCTION(bytea_btrim)
{
    return trim_bytes(args, true, true, result);
}

ROW_FUNCTION(bytea_ltrim)
{
    return trim_bytes(args, true, false, result);
}

ROW_FUNCTION(bytea_rtrim)
{
    return trim_bytes(args, false, true, result);
}

static bool
index_check(int64_t index, int64_t size, Error *err)
{
    if (index >= 0 && index < size)
        return true;
    return error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "index %lld out of valid range, 0..%lld", (long long) index,
                     (long long) size - 1);
}

ROW_FUNCTION(bytea_get_byte)
{
    if (!index_check(args[1].i, (int64_t) args[0].bytes.size, err))
        return false;
    return give_int(result, (unsigned char) args[0].bytes.bytes[args[1].i]);
}

static char *
copy_of(FunctionCall *call, Slice bytes)
{
    return arena_strndup(call->context->arena, bytes.bytes, bytes.size);
}

ROW_FUNCTION(bytea_set_byte)
{
    if (!index_check(args[1].i, (int64_t) args[0].bytes.size, err))
        return false;
    char *copy = copy_of(call, args[0].bytes);
    copy[args[1].i] = (char) args[2].i;
    return give_bytes(result, slice_make(copy, args[0].bytes.size));
}

ROW_FUNCTION(bytea_get_bit)
{
    if (!index_check(args[1].i, (int64_t) args[0].bytes.size * 8, err))
        return false;
    return give_int(result, ((unsigned char) args[0].bytes.bytes[args[1].i / 8] >> (args[1].i % 8)) & 1);
}

ROW_FUNCTION(bytea_set_bit)
{
    if (!index_check(args[1].i, (int64_t) args[0].bytes.size * 8, err))
        return false;
    if (args[2].i != 0 && args[2].i != 1)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "new bit must be 0 or 1");
    char *copy = copy_of(call, args[0].bytes);
    int bit = 1 << (args[1].i % 8);
    char *byte = &copy[args[1].i / 8];
    *byte = (char) (args[2].i != 0 ? *byte | bit : *byte & ~bit);
    return give_bytes(result, slice_make(copy, args[0].bytes.size));
}

ROW_FUNCTION(bytea_bit_count)
{
    int64_t count = 0;
    for (size_t i = 0; i < args[0].bytes.size; i++)
        count += __builtin_popcount((unsigned char) args[0].bytes.bytes[i]);
    return give_int(result, count);
}

/* ---- encodings */

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
#define BASE64_LINE 76

static void
encode_hex(Slice bytes, Buffer *out)
{
    for (size_t i = 0; i < bytes.size; i++) {
        buffer_append_char(out, hex_digits[(unsigned char) bytes.bytes[i] >> 4]);
        buffer_append_char(out, hex_digits[bytes.bytes[i] & 15]);
    }
}

static void
encode_base64(Slice bytes, Buffer *out)
{
    size_t line = out->size;
    for (size_t i = 0; i < bytes.size; i += 3) {
        if (out->size - line >= BASE64_LINE) {
            buffer_append_char(out, '\n');
            line = out->size;
        }
        uint32_t group = 0;
        size_t have = bytes.size - i < 3 ? bytes.size - i : 3;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < have ? (unsigned char) bytes.bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            buffer_append_char(out, k <= have ? base64_digits[group >> (18 - 6 * k) & 63] : '=');
    }
}

static void
encode_escape(Slice bytes, Buffer *out)
{
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char c = (unsigned char) bytes.bytes[i];
        if (c == 0 || c >= 0x80)
            buffer_printf(out, "\\%03o", c);
        else if (c == '\\')
            buffer_append_text(out, "\\\\");
        else
            buffer_append_char(out, (char) c);
    }
}

static int
hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool
bad_symbol(const char *format, Slice text, size_t at, Error *err)
{
    size_t size = utf8_next(text, at) - at;
    (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, format, (int) size, text.bytes + at);
    return false;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool
decode_hex(Slice text, Buffer *out, Error *err)
{
    for (size_t i = 0; i < text.size;) {
        if (is_blank(text.bytes[i])) {
            i++;
            continue;
        }
        int high = hex_value(text.bytes[i]);
        if (high < 0)
            return bad_symbol("invalid hexadecimal digit: \"%.*s\"", text, i, err);
        if (++i >= text.size)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid hexadecimal data: odd number of digits");
        int low = hex_value(text.bytes[i]);
        if (low < 0)
            return bad_symbol("invalid hexadecimal digit: \"%.*s\"", text, i, err);
        buffer_append_char(out, (char) (high << 4 | low));
        i++;
    }
    return true;
}

static bool
bad_base64_end(Error *err)
{
    (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid base64 end sequence");
    return error_hint(err, "Input data is missing padding, is truncated, or is otherwise corrupted.");
}

static bool
decode_base64(Slice text, Buffer *out, Error *err)
{
    uint32_t group = 0;
    int have = 0, end = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        if (is_blank(c))
            continue;
        const char *found = c == '\0' ? NULL : strchr(base64_digits, c);
        int digit = 0;
        if (c == '=') {
            if (end == 0) {
                if (have != 2 && have != 3)
                    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE,
                                     "unexpected \"=\" while decoding base64 sequence");
                end = have == 2 ? 1 : 2;
            }
        } else if (found == NULL) {
            return bad_symbol("invalid symbol \"%.*s\" found while decoding base64 sequence", text, i, err);
        } else {
            digit = (int) (found - base64_digits);
        }
        group = group << 6 | (uint32_t) digit;
        if (++have == 4) {
            buffer_append_char(out, (char) (group >> 16));
            if (end == 0 || end > 1)
                buffer_append_char(out, (char) (group >> 8));
            if (end == 0 || end > 2)
                buffer_append_char(out, (char) group);
            group = 0;
            have = 0;
        }
    }
    return have == 0 || bad_base64_end(err);
}

static bool
is_octal(char c, char most)
{
    return c >= '0' && c <= most;
}

static bool
decode_escape(Slice text, Buffer *out, Error *err)
{
    for (size_t i = 0; i < text.size; i++) {
        const char *p = text.bytes + i;
        size_t rest = text.size - i;
        if (*p != '\\') {
            buffer_append_char(out, *p);
        } else if (rest >= 4 && is_octal(p[1], '3') && is_octal(p[2], '7') && is_octal(p[3], '7')) {
            buffer_append_char(out, (char) ((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0')));
            i += 3;
        } else if (rest >= 2 && p[1] == '\\') {
            buffer_append_char(out, '\\');
            i++;
        } else {
            return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type %s", "bytea");
        }
    }
    return true;
}

static bool
unknown_encoding(Slice name, Error *err)
{
    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "unrecognized encoding: \"%.*s\"", (int) name.size,
                     name.bytes);
}

ROW_FUNCTION(bytea_encode)
{
    Buffer out = {0};
    if (slice_equal_nocase(args[1].bytes, "hex"))
        encode_hex(args[0].bytes, &out);
    else if (slice_equal_nocase(args[1].bytes, "base64"))
        encode_base64(args[0].bytes, &out);
    else if (slice_equal_nocase(args[1].bytes, "escape"))
        encode_escape(args[0].bytes, &out);
    else
        return unknown_encoding(args[1].bytes, err);
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(bytea_decode)
{
    Buffer out = {0};
    bool fine;
    if (slice_equal_nocase(args[1].bytes, "hex"))
        fine = decode_hex(args[0].bytes, &out, err);
    else if (slice_equal_nocase(args[1].bytes, "base64"))
        fine = decode_base64(args[0].bytes, &out, err);
    else if (slice_equal_nocase(args[1].bytes, "escape"))
        fine = decode_escape(args[0].bytes, &out, err);
    else
        fine = unknown_encoding(args[1].bytes, err);
    if (!fine) {
        buffer_deinit(&out);
        return false;
    }
    return give_buffer(call, result, &out);
}

/* ---- digests */

static bool
give_digest(FunctionCall *call, const EVP_MD *method, Slice bytes, Datum *result)
{
    unsigned char *digest = arena_alloc(call->context->arena, EVP_MAX_MD_SIZE);
    unsigned size = 0;
    if (EVP_Digest(bytes.bytes == NULL ? "" : bytes.bytes, bytes.size, digest, &size, method, NULL) != 1)
        bug("a digest failed");
    return give_bytes(result, slice_make(digest, size));
}

ROW_FUNCTION(bytes_md5)
{
    Datum digest;
    Buffer out = {0};
    give_digest(call, EVP_md5(), args[0].bytes, &digest);
    encode_hex(digest.bytes, &out);
    return give_buffer(call, result, &out);
}

#define SHA_FUNCTION(name)                                                                                             \
    ROW_FUNCTION(bytea_##name)                                                                                         \
    {                                                                                                                  \
        return give_digest(call, EVP_##name(), args[0].bytes, result);                                                 \
    }

SHA_FUNCTION(sha224)
SHA_FUNCTION(sha256)
SHA_FUNCTION(sha384)
SHA_FUNCTION(sha512)

static const EVP_MD *
digest_method(Slice name, Error *err)
{
    static const char *const names[] = {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (slice_equal_nocase(name, names[i]))
            return EVP_get_digestbyname(names[i]);
    }
    (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid hash algorithm '%.*s'", (int) name.size,
                     name.bytes);
    return NULL;
}

ROW_FUNCTION(bytes_digest)
{
    const EVP_MD *method = digest_method(args[1].bytes, err);
    return method != NULL && give_digest(call, method, args[0].bytes, result);
}

ROW_FUNCTION(bytes_hmac)
{
    const EVP_MD *method = digest_method(args[2].bytes, err);
    if (method == NULL)
        return false;
    unsigned char *digest = arena_alloc(call->context->arena, EVP_MAX_MD_SIZE);
    unsigned size = 0;
    HMAC(method, args[1].bytes.bytes, (int) args[1].bytes.size, (const unsigned char *) args[0].bytes.bytes,
         args[0].bytes.size, digest, &size);
    return give_bytes(result, slice_make(digest, size));
}

ROW_FUNCTION(constant_time_equal)
{
    Slice a = args[0].bytes, b = args[1].bytes;
    return give_bool(result, a.size == b.size && (a.size == 0 || CRYPTO_memcmp(a.bytes, b.bytes, a.size) == 0));
}

ROW_FUNCTION(uuid_v5)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    Buffer text = {0};
    buffer_append(&text, args[0].b16, 16);
    buffer_append_slice(&text, args[1].bytes);
    if (EVP_Digest(text.bytes, text.size, digest, &size, EVP_sha1(), NULL) != 1)
        bug("a digest failed");
    buffer_deinit(&text);
    *result = (Datum){0};
    memcpy(result->b16, digest, 16);
    result->b16[6] = (uint8_t) ((result->b16[6] & 0x0f) | 0x50);
    result->b16[8] = (uint8_t) ((result->b16[8] & 0x3f) | 0x80);
    return true;
}

ROW_FUNCTION(bytes_crc32)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < args[0].bytes.size; i++) {
        crc ^= (unsigned char) args[0].bytes.bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
    }
    return give_int(result, (uint32_t) ~crc);
}

const Function functions_binary[] = {
#include "expr/functions/binary.def"
};
const size_t functions_binary_count = sizeof functions_binary / sizeof *functions_binary;
