#define PCRE2_CODE_UNIT_WIDTH 8

#include "expr/regex.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/map.h"

#define CACHED_MAX      200
#define JIT_STACK_START (32 * 1024)
#define JIT_STACK_MAX   (4 * 1024 * 1024)

struct Regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits; /* the cache's */
    int captures;
};

struct RegexCache {
    Map *compiled;
    pcre2_match_context *limits;
    pcre2_jit_stack *jit_stack;
};

static RegexCache *
cache_new(void)
{
    RegexCache *cache = memory_calloc(1, sizeof *cache);
    cache->compiled = map_new();
    cache->limits = pcre2_match_context_create(NULL);
    cache->jit_stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
    if (cache->jit_stack != NULL)
        pcre2_jit_stack_assign(cache->limits, NULL, cache->jit_stack);
    return cache;
}

static void
cache_clear(RegexCache *cache)
{
    Slice key;
    void *value;
    for (size_t i = 0; map_next(cache->compiled, &i, &key, &value);) {
        Regex *regex = value;
        pcre2_match_data_free(regex->match);
        pcre2_code_free(regex->code);
        free(regex);
    }
    map_free(cache->compiled);
}

void
regex_cache_free(RegexCache *cache)
{
    if (cache == NULL)
        return;
    cache_clear(cache);
    pcre2_match_context_free(cache->limits);
    pcre2_jit_stack_free(cache->jit_stack);
    free(cache);
}

/* ---- flags */

static bool
read_flag(char flag, unsigned *options)
{
    switch (flag) {
    case 'g':
        *options |= REGEX_GLOBAL;
        return true;
    case 'i':
        *options |= REGEX_FOLD_CASE;
        return true;
    case 'c':
        *options &= ~(unsigned) REGEX_FOLD_CASE;
        return true;
    case 'm':
    case 'n':
        *options |= REGEX_DOT_NOT_NEWLINE | REGEX_LINE_ANCHORS;
        return true;
    case 'p':
        *options = (*options | REGEX_DOT_NOT_NEWLINE) & ~(unsigned) REGEX_LINE_ANCHORS;
        return true;
    case 'w':
        *options = (*options | REGEX_LINE_ANCHORS) & ~(unsigned) REGEX_DOT_NOT_NEWLINE;
        return true;
    case 's':
        *options &= ~(unsigned) (REGEX_DOT_NOT_NEWLINE | REGEX_LINE_ANCHORS);
        return true;
    case 'x':
        *options |= REGEX_EXTENDED;
        return true;
    case 't':
        *options &= ~(unsigned) REGEX_EXTENDED;
        return true;
    case 'q':
        *options |= REGEX_LITERAL;
        return true;
    case 'b':
    case 'e':
        return true;
    default:
        return false;
    }
}

bool
regex_read_flags(Slice flags, unsigned *options, Error *err)
{
    for (size_t i = 0; i < flags.size; i++) {
        if (read_flag(flags.bytes[i], options))
            continue;
        size_t size = 1;
        while (i + size < flags.size && ((unsigned char) flags.bytes[i + size] & 0xc0) == 0x80)
            size++;
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid regular expression option: \"%.*s\"",
                         (int) size, flags.bytes + i);
    }
    return true;
}

/* ---- translation */

static bool
invalid(const char *why, Error *err)
{
    return error_set(err, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: %s", why);
}

/* (?flags) and ***= at the start of a pattern. Returns what follows. */
static bool
read_prefix(Slice *pattern, unsigned *options, Error *err)
{
    if (pattern->size >= 4 && memcmp(pattern->bytes, "***=", 4) == 0) {
        *options |= REGEX_LITERAL;
        *pattern = slice_make(pattern->bytes + 4, pattern->size - 4);
        return true;
    }
    if (pattern->size >= 4 && memcmp(pattern->bytes, "***:", 4) == 0)
        *pattern = slice_make(pattern->bytes + 4, pattern->size - 4);
    if (pattern->size < 3 || memcmp(pattern->bytes, "(?", 2) != 0 || strchr(":=!<", pattern->bytes[2]) != NULL)
        return true;
    size_t i = 2;
    for (; i < pattern->size && pattern->bytes[i] != ')'; i++) {
        if (pattern->bytes[i] == 'g' || !read_flag(pattern->bytes[i], options))
            return invalid("invalid embedded option", err);
    }
    if (i == pattern->size)
        return invalid("parentheses () not balanced", err);
    *pattern = slice_make(pattern->bytes + i + 1, pattern->size - i - 1);
    return true;
}

static bool
is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
hex_escape(Slice pattern, size_t *at, size_t least, size_t most, Buffer *out, Error *err)
{
    size_t digits = 0;
    while (digits < most && *at + digits < pattern.size && is_hex(pattern.bytes[*at + digits]))
        digits++;
    if (digits < least)
        return invalid("invalid escape \\ sequence", err);
    size_t skipped = digits > 8 ? digits - 8 : 0;
    buffer_printf(out, "\\x{%.*s}", (int) (digits - skipped), pattern.bytes + *at + skipped);
    *at += digits;
    return true;
}

/* A backslash was just read; *at is at the character after it. */
static bool
translate_escape(Slice pattern, size_t *at, bool in_brackets, Buffer *out, Error *err)
{
    if (*at >= pattern.size)
        return invalid("invalid escape \\ sequence", err);
    char c = pattern.bytes[(*at)++];
    switch (c) {
    case 'm':
        buffer_append_text(out, "\\b(?=\\w)");
        return !in_brackets || invalid("invalid escape \\ sequence", err);
    case 'M':
        buffer_append_text(out, "\\b(?<=\\w)");
        return !in_brackets || invalid("invalid escape \\ sequence", err);
    case 'y':
        buffer_append_text(out, "\\b");
        return !in_brackets || invalid("invalid escape \\ sequence", err);
    case 'Y':
        buffer_append_text(out, "\\B");
        return !in_brackets || invalid("invalid escape \\ sequence", err);
    case 'A':
        buffer_append_text(out, "\\A");
        return !in_brackets || invalid("invalid escape \\ sequence", err);
    case 'Z':
        buffer_append_text(out, "\\z");
        return !in_brackets || invalid("invalid escape \\ sequence", err);
    case 'B':
        buffer_append_text(out, "\\\\");
        return true;
    case 'b':
        buffer_append_text(out, "\\x08");
        return true;
    case 'v':
        buffer_append_text(out, "\\x0b");
        return true;
    case 'u':
        return hex_escape(pattern, at, 4, 4, out, err);
    case 'U':
        return hex_escape(pattern, at, 8, 8, out, err);
    case 'x':
        return hex_escape(pattern, at, 1, 255, out, err);
    case '0':
        buffer_append_text(out, "\\x{0}");
        return true;
    case 'c':
        if (*at >= pattern.size)
            return invalid("invalid escape \\ sequence", err);
        buffer_printf(out, "\\x{%x}", pattern.bytes[(*at)++] & 0x1f);
        return true;
    default:
        break;
    }
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter && strchr("adDefnrsSwWt", c) == NULL)
        return invalid("invalid escape \\ sequence", err);
    buffer_append_char(out, '\\');
    buffer_append_char(out, c);
    return true;
}

/* [...]; *at is behind the opening bracket. */
static bool
translate_brackets(Slice pattern, size_t *at, bool not_newline, Buffer *out, Error *err)
{
    buffer_append_char(out, '[');
    if (*at < pattern.size && pattern.bytes[*at] == '^') {
        buffer_append_char(out, '^');
        (*at)++;
        if (not_newline)
            buffer_append_text(out, "\\n");
    }
    for (bool first = true;; first = false) {
        if (*at >= pattern.size)
            return invalid("brackets [] not balanced", err);
        char c = pattern.bytes[(*at)++];
        if (c == ']' && !first)
            break;
        if (c == '\\') {
            if (!translate_escape(pattern, at, true, out, err))
                return false;
        } else if (c == '[' && *at < pattern.size && strchr(":.=", pattern.bytes[*at]) != NULL) {
            char kind = pattern.bytes[*at];
            size_t end = *at + 1;
            while (end + 1 < pattern.size && !(pattern.bytes[end] == kind && pattern.bytes[end + 1] == ']'))
                end++;
            if (end + 1 >= pattern.size)
                return invalid("brackets [] not balanced", err);
            if (kind == ':')
                buffer_printf(out, "[:%.*s:]", (int) (end - *at - 1), pattern.bytes + *at + 1);
            else
                buffer_append(out, pattern.bytes + *at + 1, end - *at - 1);
            *at = end + 2;
        } else if (c == '[' || (c == ']' && first)) {
            buffer_append_char(out, '\\');
            buffer_append_char(out, c);
        } else {
            buffer_append_char(out, c);
        }
    }
    buffer_append_char(out, ']');
    return true;
}

static bool
starts(Slice pattern, size_t at, const char *text)
{
    size_t size = strlen(text);
    return pattern.size - at >= size && memcmp(pattern.bytes + at, text, size) == 0;
}

static bool
translate(Slice pattern, unsigned options, Buffer *out, Error *err)
{
    for (size_t at = 0; at < pattern.size;) {
        char c = pattern.bytes[at];
        if (starts(pattern, at, "[[:<:]]")) {
            buffer_append_text(out, "\\b(?=\\w)");
            at += 7;
        } else if (starts(pattern, at, "[[:>:]]")) {
            buffer_append_text(out, "\\b(?<=\\w)");
            at += 7;
        } else if (c == '[') {
            at++;
            if (!translate_brackets(pattern, &at, (options & REGEX_DOT_NOT_NEWLINE) != 0, out, err))
                return false;
        } else if (c == '\\') {
            at++;
            if (!translate_escape(pattern, &at, false, out, err))
                return false;
        } else if (starts(pattern, at, "(*")) {
            return invalid("quantifier operand invalid", err);
        } else if (starts(pattern, at, "(?") &&
                   (at + 2 >= pattern.size || strchr(":=!<#", pattern.bytes[at + 2]) == NULL)) {
            return invalid("invalid embedded option", err);
        } else if ((c == '*' || c == '+' || c == '?' || c == '}') && at + 1 < pattern.size &&
                   pattern.bytes[at + 1] == '+') {
            return invalid("quantifier operand invalid", err);
        } else {
            buffer_append_char(out, c);
            at++;
        }
    }
    return true;
}

/* PCRE2's reason in PostgreSQL's words. */
static const char *
reason(int code, char *room, size_t size)
{
    switch (code) {
    case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS:
    case PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS:
        return "parentheses () not balanced";
    case PCRE2_ERROR_MISSING_SQUARE_BRACKET:
        return "brackets [] not balanced";
    case PCRE2_ERROR_QUANTIFIER_INVALID:
        return "quantifier operand invalid";
    case PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER:
    case PCRE2_ERROR_QUANTIFIER_TOO_BIG:
        return "invalid repetition count(s)";
    case PCRE2_ERROR_CLASS_RANGE_ORDER:
        return "invalid character range";
    case PCRE2_ERROR_UNKNOWN_POSIX_CLASS:
        return "invalid character class";
    case PCRE2_ERROR_END_BACKSLASH:
        return "invalid escape \\ sequence";
    case PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE:
        return "invalid backreference number";
    default:
        pcre2_get_error_message(code, (PCRE2_UCHAR *) room, size);
        return room;
    }
}

static Regex *
compile(RegexCache *cache, Slice pattern, unsigned options, Error *err)
{
    Buffer translated = {0};
    if (!read_prefix(&pattern, &options, err))
        return NULL;
    uint32_t flags = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    flags |= options & REGEX_FOLD_CASE ? PCRE2_CASELESS : 0;
    flags |= options & REGEX_EXTENDED ? PCRE2_EXTENDED : 0;
    flags |= options & REGEX_DOT_NOT_NEWLINE ? 0 : PCRE2_DOTALL;
    flags |= options & REGEX_LINE_ANCHORS ? PCRE2_MULTILINE : 0;
    if (options & REGEX_LITERAL) {
        flags = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_LITERAL | (flags & PCRE2_CASELESS);
        buffer_append_slice(&translated, pattern);
    } else if (!translate(pattern, options, &translated, err)) {
        buffer_deinit(&translated);
        return NULL;
    }
    int code;
    size_t offset;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR) buffer_text(&translated), translated.size, flags, &code, &offset, NULL);
    buffer_deinit(&translated);
    if (compiled == NULL) {
        char room[128];
        (void) invalid(reason(code, room, sizeof room), err);
        return NULL;
    }
    (void) pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
    Regex *regex = memory_calloc(1, sizeof *regex);
    uint32_t captures = 0;
    (void) pcre2_pattern_info(compiled, PCRE2_INFO_CAPTURECOUNT, &captures);
    *regex = (Regex){compiled, pcre2_match_data_create_from_pattern(compiled, NULL), cache->limits, (int) captures};
    return regex;
}

Regex *
regex_get(EvalContext *context, Slice pattern, unsigned options, Error *err)
{
    if (context->regexes == NULL)
        context->regexes = cache_new();
    RegexCache *cache = context->regexes;
    options &= ~(unsigned) REGEX_GLOBAL;
    char stack[256];
    char *key = pattern.size < sizeof stack ? stack : memory_alloc(pattern.size + 1);
    key[0] = (char) options;
    if (pattern.size > 0)
        memcpy(key + 1, pattern.bytes, pattern.size);
    Slice name = slice_make(key, pattern.size + 1);
    Regex *regex = map_get(cache->compiled, name);
    if (regex == NULL) {
        if (map_count(cache->compiled) >= CACHED_MAX) {
            cache_clear(cache);
            cache->compiled = map_new();
        }
        regex = compile(cache, pattern, options, err);
        if (regex != NULL)
            (void) map_put(cache->compiled, name, regex);
    }
    if (key != stack)
        free(key);
    return regex;
}

int
regex_captures(const Regex *regex)
{
    return regex->captures;
}

bool
regex_find(Regex *regex, Slice text, size_t from, bool *found, const size_t **spans, Error *err)
{
    const char *bytes = text.bytes == NULL ? "" : text.bytes;
    int matched = pcre2_match(regex->code, (PCRE2_SPTR) bytes, text.size, from, 0, regex->match, regex->limits);
    if (matched < 0 && matched != PCRE2_ERROR_NOMATCH) {
        char why[128];
        pcre2_get_error_message(matched, (PCRE2_UCHAR *) why, sizeof why);
        return error_set(err, SQLSTATE_INVALID_REGULAR_EXPRESSION, "regular expression failed: %s", why);
    }
    *found = matched > 0;
    *spans = pcre2_get_ovector_pointer(regex->match);
    return true;
}
