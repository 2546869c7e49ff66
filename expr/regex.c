#define PCRE2_CODE_UNIT_WIDTH 8

#include "expr/regex.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/map.h"
#include "expr/regex_translate.h"

#define CACHED_MAX      200
#define JIT_STACK_START (32 * 1024)
#define JIT_STACK_MAX   (4 * 1024 * 1024)
#define WORKSPACE_START 2000
#define WORKSPACE_MAX   2000000
#define MATCH_LIMIT     5000000

struct Regex {
    pcre2_code *code;
    pcre2_code *bounded; /* the same, with a callout at its end; made when it is first wanted */
    pcre2_match_data *match;
    RegexCache *cache;
    char *translated; /* heap */
    size_t translated_size;
    uint32_t flags;
    RegexShape shape;
    int captures;
};

struct RegexCache {
    Map *compiled;
    pcre2_match_context *limits, *bounds; /* `bounds` has the callout too */
    pcre2_jit_stack *jit_stack;
    pcre2_match_data *extent; /* one span */
    int *workspace;           /* of pcre2_dfa_match */
    size_t workspace_size;
};

static RegexCache *
cache_new(void)
{
    RegexCache *cache = memory_calloc(1, sizeof *cache);
    cache->compiled = map_new();
    cache->limits = pcre2_match_context_create(NULL);
    (void) pcre2_set_match_limit(cache->limits, MATCH_LIMIT);
    cache->extent = pcre2_match_data_create(2, NULL);
    cache->workspace_size = WORKSPACE_START;
    cache->workspace = memory_alloc(WORKSPACE_START * sizeof *cache->workspace);
    cache->jit_stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
    if (cache->jit_stack != NULL)
        pcre2_jit_stack_assign(cache->limits, NULL, cache->jit_stack);
    cache->bounds = pcre2_match_context_copy(cache->limits);
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
        pcre2_code_free(regex->bounded);
        free(regex->translated);
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
    pcre2_match_context_free(cache->bounds);
    pcre2_match_data_free(cache->extent);
    free(cache->workspace);
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

/* (?flags) and ***= at the start of a pattern. */
static bool
read_prefix(Slice *pattern, unsigned *options, Error *err)
{
    if (*options & REGEX_LITERAL)
        return true;
    if (pattern->size >= 3 && memcmp(pattern->bytes, "***", 3) == 0) {
        char kind = pattern->size > 3 ? pattern->bytes[3] : '\0';
        if (kind != '=' && kind != ':')
            return invalid("quantifier operand invalid", err);
        *pattern = slice_make(pattern->bytes + 4, pattern->size - 4);
        if (kind == '=') {
            *options |= REGEX_LITERAL;
            return true;
        }
    }
    if (pattern->size < 3 || memcmp(pattern->bytes, "(?", 2) != 0)
        return true;
    size_t i = 2;
    char c = pattern->bytes[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
        return true;
    for (; i < pattern->size && pattern->bytes[i] != ')'; i++) {
        if (pattern->bytes[i] == 'g' || !read_flag(pattern->bytes[i], options))
            return invalid("invalid embedded option", err);
    }
    if (i == pattern->size)
        return invalid("invalid embedded option", err);
    *pattern = slice_make(pattern->bytes + i + 1, pattern->size - i - 1);
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
    case PCRE2_ERROR_PATTERN_TOO_LARGE:
        return "regular expression is too complex";
    case PCRE2_ERROR_END_BACKSLASH:
        return "invalid escape \\ sequence";
    case PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE:
        return "invalid backreference number";
    default:
        pcre2_get_error_message(code, (PCRE2_UCHAR *) room, size);
        return room;
    }
}

static pcre2_code *
compile_translated(const char *translated, size_t size, uint32_t flags, Error *err)
{
    int code;
    size_t offset;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR) translated, size, flags, &code, &offset, NULL);
    if (compiled == NULL) {
        char room[128];
        (void) invalid(reason(code, room, sizeof room), err);
        return NULL;
    }
    (void) pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
    return compiled;
}

static Regex *
compile(RegexCache *cache, Slice pattern, unsigned options, Error *err)
{
    Buffer translated = {0};
    RegexShape shape = {.first_is_right = true};
    if (!read_prefix(&pattern, &options, err))
        return NULL;
    uint32_t flags = PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    flags |= options & REGEX_FOLD_CASE ? PCRE2_CASELESS : 0;
    flags |= options & REGEX_DOT_NOT_NEWLINE ? 0 : PCRE2_DOTALL;
    flags |= options & REGEX_LINE_ANCHORS ? PCRE2_MULTILINE : 0;
    if (options & REGEX_LITERAL) {
        flags = PCRE2_UTF | PCRE2_LITERAL | (flags & PCRE2_CASELESS);
        buffer_append_slice(&translated, pattern);
    } else if (!regex_translate(pattern, options, &translated, &shape, err)) {
        buffer_deinit(&translated);
        return NULL;
    }
    if (!shape.first_is_right) /* all ways are wanted */
        flags |= PCRE2_NO_AUTO_POSSESS;
    size_t size = translated.size;
    char *text = buffer_take(&translated);
    pcre2_code *compiled = compile_translated(text, size, flags, err);
    if (compiled == NULL) {
        free(text);
        return NULL;
    }
    Regex *regex = memory_calloc(1, sizeof *regex);
    uint32_t captures = 0;
    (void) pcre2_pattern_info(compiled, PCRE2_INFO_CAPTURECOUNT, &captures);
    *regex = (Regex){.code = compiled,
                     .match = pcre2_match_data_create_from_pattern(compiled, NULL),
                     .cache = cache,
                     .translated = text,
                     .translated_size = size,
                     .flags = flags,
                     .shape = shape,
                     .captures = (int) captures};
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

static bool
match_failed(int code, Error *err)
{
    char why[128];
    pcre2_get_error_message(code, (PCRE2_UCHAR *) why, sizeof why);
    return error_set(err, SQLSTATE_INVALID_REGULAR_EXPRESSION, "regular expression failed: %s", why);
}

/*
 * PCRE2 takes the first match it comes to, PostgreSQL the longest (or the shortest) of those that begin leftmost. Where
 * the two may differ the extent is found first, by following all paths at once, and then the captures within it.
 */

/* The preferred extent of a match from `from` on, into the cache's `extent`. As pcre2_match returns. */
static int
find_extent(Regex *regex, Slice text, size_t from, uint32_t flags)
{
    RegexCache *cache = regex->cache;
    flags |= PCRE2_NO_UTF_CHECK | (regex->shape.shortest ? PCRE2_DFA_SHORTEST : 0);
    for (;;) {
        int matched = pcre2_dfa_match(regex->code, (PCRE2_SPTR) text.bytes, text.size, from, flags, cache->extent,
                                      cache->limits, cache->workspace, cache->workspace_size);
        if (matched != PCRE2_ERROR_DFA_WSSIZE || cache->workspace_size >= WORKSPACE_MAX)
            return matched;
        cache->workspace_size *= 4;
        free(cache->workspace);
        cache->workspace = memory_alloc(cache->workspace_size * sizeof *cache->workspace);
    }
}

/* What a match must end at, or the best end of those that were seen. */
typedef struct Bound {
    bool collect, shortest;
    size_t end; /* SIZE_MAX: none */
} Bound;

static int
at_end_of_match(pcre2_callout_block *block, void *context)
{
    Bound *bound = context;
    if (!bound->collect)
        return block->current_position != bound->end;
    if (bound->end == SIZE_MAX || (block->current_position < bound->end) == bound->shortest)
        bound->end = block->current_position;
    return 1;
}

static int
match_bounded(Regex *regex, Slice text, size_t start, Bound *bound)
{
    if (regex->bounded == NULL) {
        Buffer wrapped = {0};
        Error ignored = ERROR_INIT;
        buffer_append_text(&wrapped, "(?:");
        buffer_append(&wrapped, regex->translated, regex->translated_size);
        buffer_append_text(&wrapped, ")(?C1)");
        regex->bounded = compile_translated(wrapped.bytes, wrapped.size, regex->flags, &ignored);
        buffer_deinit(&wrapped);
        error_clear(&ignored);
        if (regex->bounded == NULL)
            return PCRE2_ERROR_NOMATCH;
    }
    (void) pcre2_set_callout(regex->cache->bounds, at_end_of_match, bound);
    return pcre2_match(regex->bounded, (PCRE2_SPTR) text.bytes, text.size, start, PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK,
                       regex->match, regex->cache->bounds);
}

/* Puts the captures of the match [start, end) into `match`. */
static void
settle_captures(Regex *regex, Slice text, size_t start, size_t end)
{
    size_t *spans = pcre2_get_ovector_pointer(regex->match);
    Bound bound = {.end = end};
    int matched = regex->captures == 0 ? 0 : match_bounded(regex, text, start, &bound);
    if (matched < 0) { /* too many paths: the match is known, its parts are not */
        for (int i = 1; i <= regex->captures; i++)
            spans[2 * i] = spans[2 * i + 1] = SIZE_MAX;
    }
    spans[0] = start;
    spans[1] = end;
}

static void
settle_extent(Regex *regex, Slice text)
{
    size_t *spans = pcre2_get_ovector_pointer(regex->match);
    size_t start = spans[0], end = spans[1];
    if (regex->shape.back_references) {
        Bound bound = {.collect = true, .shortest = regex->shape.shortest, .end = SIZE_MAX};
        (void) match_bounded(regex, text, start, &bound);
        end = bound.end == SIZE_MAX ? end : bound.end;
        settle_captures(regex, text, start, end);
    } else if (find_extent(regex, text, start, PCRE2_ANCHORED) >= 0) {
        size_t preferred = pcre2_get_ovector_pointer(regex->cache->extent)[1];
        if (preferred != end)
            settle_captures(regex, text, start, preferred);
    }
}

static int
match_first(Regex *regex, Slice text, size_t from)
{
    return pcre2_match(regex->code, (PCRE2_SPTR) text.bytes, text.size, from, from > 0 ? PCRE2_NO_UTF_CHECK : 0,
                       regex->match, regex->cache->limits);
}

static bool
too_many_paths(const Regex *regex, int matched)
{
    return !regex->shape.back_references &&
           (matched == PCRE2_ERROR_MATCHLIMIT || matched == PCRE2_ERROR_JIT_STACKLIMIT ||
            matched == PCRE2_ERROR_HEAPLIMIT || matched == PCRE2_ERROR_DEPTHLIMIT);
}

bool
regex_exists(Regex *regex, Slice text, bool *found, Error *err)
{
    text.bytes = text.bytes == NULL ? "" : text.bytes;
    int matched = match_first(regex, text, 0);
    if (too_many_paths(regex, matched))
        matched = find_extent(regex, text, 0, 0);
    *found = matched >= 0;
    return matched >= 0 || matched == PCRE2_ERROR_NOMATCH || match_failed(matched, err);
}

bool
regex_find(Regex *regex, Slice text, size_t from, bool *found, const size_t **spans, Error *err)
{
    text.bytes = text.bytes == NULL ? "" : text.bytes;
    int matched = match_first(regex, text, from);
    if (too_many_paths(regex, matched)) {
        matched = find_extent(regex, text, from, 0);
        const size_t *extent = pcre2_get_ovector_pointer(regex->cache->extent);
        if (matched >= 0)
            settle_captures(regex, text, extent[0], extent[1]);
    } else if (matched > 0 && !regex->shape.first_is_right) {
        settle_extent(regex, text);
    }
    if (matched < 0 && matched != PCRE2_ERROR_NOMATCH)
        return match_failed(matched, err);
    *found = matched >= 0;
    *spans = pcre2_get_ovector_pointer(regex->match);
    return true;
}
