#include "expr/functions/like.h"

#include "expr/evaluate_internal.h"
#include "expr/functions/kernel.h"
#include "expr/functions/characters.h"

/*
 * Greedy with one point to come back to: only the last % seen needs another try, since the ones before it have matched
 * as little as they could.
 */
LikeResult
like_match(Slice text, Slice pattern, bool bytes)
{
    size_t t = 0, p = 0, retry_text = 0, retry_pattern = SIZE_MAX;
    while (true) {
        bool matched = false;
        if (p < pattern.size && pattern.bytes[p] == '%') {
            retry_pattern = ++p;
            retry_text = t;
            if (p == pattern.size)
                return LIKE_YES;
            continue;
        }
        if (t == text.size && p == pattern.size)
            return LIKE_YES;
        if (t < text.size && p < pattern.size) {
            if (pattern.bytes[p] == '_') {
                t = bytes ? t + 1 : utf8_next(text, t);
                p++;
                matched = true;
            } else {
                size_t literal = pattern.bytes[p] == '\\' ? p + 1 : p;
                if (literal == pattern.size)
                    return LIKE_BAD_PATTERN;
                if (text.bytes[t] == pattern.bytes[literal]) {
                    t++;
                    p = literal + 1;
                    matched = true;
                }
            }
        }
        if (matched)
            continue;
        if (retry_pattern == SIZE_MAX || retry_text >= text.size)
            return LIKE_NO;
        retry_text = bytes ? retry_text + 1 : utf8_next(text, retry_text);
        t = retry_text;
        p = retry_pattern;
    }
}

/* What most patterns are: fixed text with % before it, after it, or both. */
typedef enum LikeShape { LIKE_GENERAL, LIKE_EQUALS, LIKE_STARTS, LIKE_ENDS, LIKE_CONTAINS } LikeShape;

static LikeShape
like_shape(Slice pattern, Slice *fixed)
{
    bool open_start = pattern.size > 0 && pattern.bytes[0] == '%';
    size_t from = open_start ? 1 : 0, to = pattern.size;
    bool open_end = to > from && pattern.bytes[to - 1] == '%';
    to -= open_end;
    for (size_t i = from; i < to; i++) {
        if (strchr("%_\\", pattern.bytes[i]) != NULL)
            return LIKE_GENERAL;
    }
    *fixed = slice_make(pattern.bytes + from, to - from);
    if (open_start && open_end)
        return LIKE_CONTAINS;
    return open_start ? LIKE_ENDS : open_end ? LIKE_STARTS : LIKE_EQUALS;
}

static inline bool
shape_match(LikeShape shape, Slice text, Slice fixed)
{
    if (text.size < fixed.size)
        return false;
    switch (shape) {
    case LIKE_EQUALS:
        return slice_equal(text, fixed);
    case LIKE_STARTS:
        return fixed.size == 0 || memcmp(text.bytes, fixed.bytes, fixed.size) == 0;
    case LIKE_ENDS:
        return fixed.size == 0 || memcmp(text.bytes + text.size - fixed.size, fixed.bytes, fixed.size) == 0;
    default:
        return fixed.size == 0 || memmem(text.bytes, text.size, fixed.bytes, fixed.size) != NULL;
    }
}

static const EvalError error_bad_pattern = {"22025", "LIKE pattern must not end with escape character", NULL, NULL};

typedef struct LikeKind {
    bool negated, fold_case, bytes;
} LikeKind;

static Slice
folded(Slice text, Buffer *buffer)
{
    buffer_clear(buffer);
    utf8_append_lower(buffer, text);
    return buffer_slice(buffer);
}

static void
like_column(FunctionCall *call, LikeKind kind)
{
    const Evaluated *texts = &call->args[0], *patterns = &call->args[1];
    uint8_t *out = memory_alloc((size_t) call->count + 1);
    Buffer text_buffer = {0}, pattern_buffer = {0};
    Slice pattern = {0}, fixed = {0};
    LikeShape shape = LIKE_GENERAL;
    for (uint32_t i = 0; i < call->count; i++) {
        Slice text = column_bytes(texts->column, evaluated_row(texts, i));
        if (i == 0 || !patterns->is_constant) {
            pattern = column_bytes(patterns->column, evaluated_row(patterns, i));
            pattern = kind.fold_case ? folded(pattern, &pattern_buffer) : pattern;
            shape = patterns->is_constant ? like_shape(pattern, &fixed) : LIKE_GENERAL;
        }
        text = kind.fold_case ? folded(text, &text_buffer) : text;
        if (shape != LIKE_GENERAL) {
            out[i] = shape_match(shape, text, fixed) != kind.negated;
            continue;
        }
        LikeResult matched = like_match(text, pattern, kind.bytes);
        out[i] = (matched == LIKE_YES) != kind.negated;
        if (matched == LIKE_BAD_PATTERN && !kernel_row_is_null(call, i))
            function_fail_with(call, i, &error_bad_pattern);
    }
    buffer_deinit(&text_buffer);
    buffer_deinit(&pattern_buffer);
    kernel_finish(call, out, PHYS_U8);
}

#define LIKE_FUNCTION(name, ...)                                                                                       \
    static void name(FunctionCall *call)                                                                               \
    {                                                                                                                  \
        like_column(call, (LikeKind){__VA_ARGS__});                                                                    \
    }

LIKE_FUNCTION(like, .negated = false)
LIKE_FUNCTION(not_like, .negated = true)
LIKE_FUNCTION(ilike, .fold_case = true)
LIKE_FUNCTION(not_ilike, .negated = true, .fold_case = true)
LIKE_FUNCTION(bytea_like, .bytes = true)
LIKE_FUNCTION(bytea_not_like, .bytes = true, .negated = true)

static bool
escape_check(Slice escape, bool bytes, Error *err)
{
    if ((bytes ? escape.size : (size_t) utf8_count(escape)) <= 1)
        return true;
    (void) error_set(err, SQLSTATE_INVALID_ESCAPE_SEQUENCE, "invalid escape string");
    return error_hint(err, "Escape string must be empty or one character.");
}

/* A pattern with another escape as one with backslash. */
static bool
escape_with_backslash(FunctionCall *call, Slice pattern, Slice escape, bool bytes, Datum *result, Error *err)
{
    if (!escape_check(escape, bytes, err))
        return false;
    Buffer out = {0};
    bool after_escape = false;
    for (size_t at = 0; at < pattern.size;) {
        size_t next = bytes ? at + 1 : utf8_next(pattern, at);
        Slice c = slice_make(pattern.bytes + at, next - at);
        at = next;
        if (escape.size > 0 && slice_equal(c, escape) && !after_escape) {
            buffer_append_char(&out, '\\');
            after_escape = true;
            continue;
        }
        if (c.bytes[0] == '\\' && !(after_escape || (escape.size == 1 && escape.bytes[0] == '\\')))
            buffer_append_char(&out, '\\');
        buffer_append_slice(&out, c);
        after_escape = false;
    }
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(like_escape)
{
    return escape_with_backslash(call, args[0].bytes, args[1].bytes, false, result, err);
}

ROW_FUNCTION(bytea_like_escape)
{
    return escape_with_backslash(call, args[0].bytes, args[1].bytes, true, result, err);
}

const Function functions_like[] = {
#include "expr/functions/like.def"
};
const size_t functions_like_count = sizeof functions_like / sizeof *functions_like;
