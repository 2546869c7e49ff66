#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "expr/functions/characters.h"
#include "expr/functions/family.h"

/* Normal forms of Unicode, by ICU; escapes of code points. */

static const UNormalizer2 *
normalizer_find(Slice form, Error *err)
{
    UErrorCode status = U_ZERO_ERROR;
    if (slice_equal_nocase(form, "NFC"))
        return unorm2_getNFCInstance(&status);
    if (slice_equal_nocase(form, "NFD"))
        return unorm2_getNFDInstance(&status);
    if (slice_equal_nocase(form, "NFKC"))
        return unorm2_getNFKCInstance(&status);
    if (slice_equal_nocase(form, "NFKD"))
        return unorm2_getNFKDInstance(&status);
    (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid normalization form: %.*s", (int) form.size,
                     form.bytes);
    return NULL;
}

/* `text` in ICU's UTF-16, in `arena`. */
static UChar *
to_utf16(Slice text, Arena *arena, int32_t *size)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar *units = arena_new_array(arena, UChar, text.size + 1);
    u_strFromUTF8WithSub(units, (int32_t) text.size + 1, size, text.bytes, (int32_t) text.size, 0xfffd, NULL, &status);
    return units;
}

static Slice
form_argument(const FunctionCall *call, const Datum *args)
{
    return call->arg_count > 1 ? args[1].bytes : slice_of("NFC");
}

ROW_FUNCTION(normalize)
{
    Arena *arena = call->context->arena;
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *normalizer = normalizer_find(form_argument(call, args), err);
    int32_t size, room, bytes = 0;
    if (normalizer == NULL)
        return false;
    UChar *units = to_utf16(args[0].bytes, arena, &size);
    room = unorm2_normalize(normalizer, units, size, NULL, 0, &status);
    status = U_ZERO_ERROR;
    UChar *normal = arena_new_array(arena, UChar, room + 1);
    (void) unorm2_normalize(normalizer, units, size, normal, room + 1, &status);
    char *text = arena_alloc(arena, (size_t) room * 3 + 1);
    u_strToUTF8(text, room * 3 + 1, &bytes, normal, room, &status);
    if (U_FAILURE(status))
        return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "Unicode normalization failed: %s", u_errorName(status));
    return give_bytes(result, slice_make(text, (size_t) bytes));
}

ROW_FUNCTION(is_normalized)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *normalizer = normalizer_find(form_argument(call, args), err);
    int32_t size;
    if (normalizer == NULL)
        return false;
    UChar *units = to_utf16(args[0].bytes, call->context->arena, &size);
    return give_bool(result, unorm2_isNormalized(normalizer, units, size, &status));
}

/* ---- unistr */

static bool
hex_number(Slice text, size_t at, size_t digits, uint32_t *value)
{
    *value = 0;
    if (text.size - at < digits)
        return false;
    for (size_t i = at; i < at + digits; i++) {
        char c = text.bytes[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return false;
        *value = *value << 4 | (uint32_t) digit;
    }
    return true;
}

/* \XXXX, \uXXXX, \+XXXXXX, \UXXXXXXXX; *at is behind the backslash. */
static bool
read_escape(Slice text, size_t *at, uint32_t *code)
{
    static const struct {
        const char *lead;
        size_t digits;
    } forms[] = {{"", 4}, {"u", 4}, {"+", 6}, {"U", 8}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t lead = strlen(forms[i].lead);
        if (text.size - *at < lead || memcmp(text.bytes + *at, forms[i].lead, lead) != 0 ||
            !hex_number(text, *at + lead, forms[i].digits, code))
            continue;
        *at += lead + forms[i].digits;
        return true;
    }
    return false;
}

static bool
unescape(Slice text, Buffer *out, Error *err)
{
    uint32_t high = 0, code;
    for (size_t at = 0; at < text.size;) {
        if (text.bytes[at] != '\\' || (at + 1 < text.size && text.bytes[at + 1] == '\\')) {
            if (high != 0)
                return error_set(err, SQLSTATE_SYNTAX_ERROR, "invalid Unicode surrogate pair");
            at += text.bytes[at] == '\\';
            buffer_append_char(out, text.bytes[at++]);
            continue;
        }
        at++;
        if (!read_escape(text, &at, &code)) {
            (void) error_set(err, SQLSTATE_SYNTAX_ERROR, "invalid Unicode escape");
            return error_hint(err, "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.");
        }
        if (code == 0 || code > 0x10ffff)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid Unicode code point: %04X", code);
        bool is_low = code >= 0xdc00 && code < 0xe000;
        if (is_low != (high != 0))
            return error_set(err, SQLSTATE_SYNTAX_ERROR, "invalid Unicode surrogate pair");
        if (code >= 0xd800 && code < 0xdc00) {
            high = code;
            continue;
        }
        if (is_low)
            code = 0x10000 + ((high - 0xd800) << 10) + (code - 0xdc00);
        high = 0;
        (void) utf8_append(out, code);
    }
    return high == 0 || error_set(err, SQLSTATE_SYNTAX_ERROR, "invalid Unicode surrogate pair");
}

ROW_FUNCTION(unistr)
{
    Buffer out = {0};
    if (unescape(args[0].bytes, &out, err))
        return give_buffer(call, result, &out);
    buffer_deinit(&out);
    return false;
}

const Function functions_unicode[] = {
#include "expr/functions/unicode.def"
};
const size_t functions_unicode_count = sizeof functions_unicode / sizeof *functions_unicode;
