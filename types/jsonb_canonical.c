/*
 * Whether a text already is the stored form of a jsonb: one pass without memory, for what PostgreSQL sends. It may say
 * no to a form that is canonical but unusual (deep nesting, keys with escapes); then the text is parsed.
 */
#include "types/jsonb.h"

#include "types/text_internal.h"

#define CHECK_DEPTH_MAX  32
#define CHECK_DIGITS_MAX 1000

typedef struct Check {
    const char *at, *end;
} Check;

/* Which characters a string goes on with: everything but the quote, the backslash and controls. */
static bool
check_string(Check *check, bool *has_escapes)
{
    const char *at = check->at + 1, *end = check->end;
    *has_escapes = false;
    for (; at < end && *at != '"'; at++) {
        if ((unsigned char) *at < 32)
            return false;
        if (*at != '\\')
            continue;
        *has_escapes = true;
        if (++at == end)
            return false;
        /* \u is for the controls that have no letter. */
        if (*at == 'u') {
            if (end - at < 5 || at[1] != '0' || at[2] != '0' || (at[3] != '0' && at[3] != '1') ||
                hex_digit(at[4]) < 0 || (at[4] >= 'A' && at[4] <= 'F'))
                return false;
            int code = (at[3] - '0') * 16 + hex_digit(at[4]);
            if (code == 0 || code == '\b' || code == '\f' || code == '\n' || code == '\r' || code == '\t')
                return false;
            at += 4;
        } else if (*at != '"' && *at != '\\' && *at != 'b' && *at != 'f' && *at != 'n' && *at != 'r' && *at != 't') {
            return false;
        }
    }
    if (at == end)
        return false;
    check->at = at + 1;
    return true;
}

static bool
check_number(Check *check)
{
    const char *start = check->at, *at = start, *end = check->end;
    bool zero = true;
    if (*at == '-')
        at++;
    const char *digits = at;
    for (; at < end && is_digit(*at); at++)
        zero &= *at == '0';
    if (at == digits || (*digits == '0' && at - digits > 1))
        return false;
    if (at < end && *at == '.') {
        const char *point = at++;
        for (; at < end && is_digit(*at); at++)
            zero &= *at == '0';
        if (at == point + 1)
            return false;
    }
    check->at = at;
    return at - start < CHECK_DIGITS_MAX && !(zero && *start == '-');
}

static bool
check_word(Check *check, const char *word)
{
    size_t size = strlen(word);
    if ((size_t) (check->end - check->at) < size || memcmp(check->at, word, size) != 0)
        return false;
    check->at += size;
    return true;
}

static bool
check_scalar(Check *check)
{
    bool has_escapes;
    switch (*check->at) {
    case '"':
        return check_string(check, &has_escapes);
    case 't':
        return check_word(check, "true");
    case 'f':
        return check_word(check, "false");
    case 'n':
        return check_word(check, "null");
    default:
        return check_number(check);
    }
}

/* A key and what joins it to its value; keys come in order. */
static bool
check_key(Check *check, Slice *last)
{
    bool has_escapes;
    const char *start = check->at + 1;
    if (check->at == check->end || *check->at != '"' || !check_string(check, &has_escapes) || has_escapes)
        return false;
    Slice key = slice_make(start, (size_t) (check->at - start) - 1);
    if (last->bytes != NULL &&
        (last->size > key.size || (last->size == key.size && memcmp(last->bytes, key.bytes, key.size) >= 0)))
        return false;
    *last = key;
    return check_word(check, ": ");
}

bool
jsonb_is_canonical(Slice text)
{
    Check check = {text.bytes, text.bytes + text.size};
    struct {
        bool is_object;
        Slice last_key;
    } stack[CHECK_DEPTH_MAX];
    int depth = 0;
    for (;;) {
        if (check.at == check.end)
            return false;
        char c = *check.at;
        if (c == '{' || c == '[') {
            check.at++;
            if (depth == CHECK_DEPTH_MAX || check.at == check.end)
                return false;
            bool empty = *check.at == (c == '{' ? '}' : ']');
            if (!empty) {
                stack[depth].is_object = c == '{';
                stack[depth].last_key = (Slice){NULL, 0};
                depth++;
                if (c == '{' && !check_key(&check, &stack[depth - 1].last_key))
                    return false;
                continue;
            }
            check.at++;
        } else if (!check_scalar(&check)) {
            return false;
        }
        while (depth > 0 && check.at < check.end && *check.at == (stack[depth - 1].is_object ? '}' : ']')) {
            check.at++;
            depth--;
        }
        if (depth == 0)
            return check.at == check.end;
        if (!check_word(&check, ", "))
            return false;
        if (stack[depth - 1].is_object && !check_key(&check, &stack[depth - 1].last_key))
            return false;
    }
}
