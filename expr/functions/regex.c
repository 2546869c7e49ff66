#include "expr/regex.h"

#include "expr/functions/kernel.h"
#include "expr/functions/regex_list.h"
#include "expr/functions/characters.h"
#include "types/array.h"

/* ---- all matches */

bool
regex_each(Regex *regex, Slice text, bool global, bool degenerate, RegexVisit visit, void *visitor, Error *err)
{
    size_t from = 0, previous_end = 0;
    while (from <= text.size) {
        bool found;
        const size_t *spans;
        if (!regex_find(regex, text, from, &found, &spans, err))
            return false;
        if (!found)
            break;
        size_t start = spans[0], end = spans[1];
        bool counts = degenerate || (start < text.size && end > previous_end);
        if (counts && !visit(visitor, text, spans, regex_captures(regex)))
            break;
        previous_end = end;
        if (!global)
            break;
        from = end;
        if (start == end)
            from = from < text.size ? utf8_next(text, from) : from + 1;
    }
    return true;
}

static Datum
capture_datum(Slice text, const size_t *spans, int capture)
{
    size_t from = spans[2 * capture], to = spans[2 * capture + 1];
    return from == SIZE_MAX ? DATUM_NULL : datum_bytes(slice_make(text.bytes + from, to - from));
}

Slice
regex_match_array(Slice text, const size_t *spans, int captures, Arena *arena)
{
    int count = captures == 0 ? 1 : captures;
    Datum *elements = arena_new_array(arena, Datum, count);
    for (int i = 0; i < count; i++)
        elements[i] = capture_datum(text, spans, captures == 0 ? 0 : i + 1);
    return array_make_vector(SQL_TYPE(TEXT), elements, count, arena);
}

typedef struct Splitter {
    TextParts *parts;
    size_t from;
} Splitter;

static bool
split_at(void *visitor, Slice text, const size_t *spans, int captures)
{
    Splitter *splitter = visitor;
    (void) captures;
    vector_push(splitter->parts, datum_bytes(slice_make(text.bytes + splitter->from, spans[0] - splitter->from)));
    splitter->from = spans[1];
    return true;
}

bool
regex_split(Regex *regex, Slice text, TextParts *parts, Error *err)
{
    Splitter splitter = {parts, 0};
    if (!regex_each(regex, text, true, false, split_at, &splitter, err))
        return false;
    vector_push(parts, datum_bytes(slice_make(text.bytes + splitter.from, text.size - splitter.from)));
    return true;
}

/* ---- operators */

static void
match_column(FunctionCall *call, bool negated, unsigned options)
{
    const Evaluated *texts = &call->args[0], *patterns = &call->args[1];
    uint8_t *out = memory_calloc((size_t) call->count + 1, 1);
    Error err = ERROR_INIT;
    Regex *regex = NULL;
    for (uint32_t i = 0; i < call->count; i++) {
        if (kernel_row_is_null(call, i))
            continue;
        bool found = false;
        const size_t *spans;
        if (regex == NULL || !patterns->is_constant)
            regex =
                regex_get(call->context, column_bytes(patterns->column, patterns->is_constant ? 0 : i), options, &err);
        Slice text = column_bytes(texts->column, texts->is_constant ? 0 : i);
        if (regex == NULL || !regex_find(regex, text, 0, &found, &spans, &err)) {
            function_fail(call, i, err.sqlstate, "%s", err.message);
            error_clear(&err);
        }
        out[i] = found != negated;
    }
    kernel_finish(call, out, PHYS_U8);
}

static void
matches(FunctionCall *call)
{
    match_column(call, false, 0);
}

static void
not_matches(FunctionCall *call)
{
    match_column(call, true, 0);
}

static void
matches_fold(FunctionCall *call)
{
    match_column(call, false, REGEX_FOLD_CASE);
}

static void
not_matches_fold(FunctionCall *call)
{
    match_column(call, true, REGEX_FOLD_CASE);
}

/* ---- functions */

/* The regex of arguments 1 (pattern) and `flags_arg`; functions for one match refuse the flag g. */
static Regex *
regex_of(FunctionCall *call, const Datum *args, int flags_arg, bool allow_global, unsigned *options, Error *err)
{
    *options = 0;
    if (flags_arg < call->arg_count && !regex_read_flags(args[flags_arg].bytes, options, err))
        return NULL;
    if ((*options & REGEX_GLOBAL) && !allow_global) {
        (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "%s() does not support the \"global\" option",
                         call->function->name);
        if (strcmp(call->function->name, "regexp_match") == 0)
            (void) error_hint(err, "Use the regexp_matches function instead.");
        return NULL;
    }
    return regex_get(call->context, args[1].bytes, *options, err);
}

ROW_FUNCTION(match)
{
    unsigned options;
    bool found;
    const size_t *spans;
    Regex *regex = regex_of(call, args, 2, false, &options, err);
    if (regex == NULL || !regex_find(regex, args[0].bytes, 0, &found, &spans, err))
        return false;
    if (!found)
        return give_null(result);
    return give_bytes(result, regex_match_array(args[0].bytes, spans, regex_captures(regex), call->context->arena));
}

ROW_FUNCTION(like)
{
    unsigned options;
    bool found;
    const size_t *spans;
    Regex *regex = regex_of(call, args, 2, false, &options, err);
    return regex != NULL && regex_find(regex, args[0].bytes, 0, &found, &spans, err) && give_bool(result, found);
}

ROW_FUNCTION(split_to_array)
{
    unsigned options;
    TextParts parts = {0};
    Regex *regex = regex_of(call, args, 2, false, &options, err);
    bool fine = regex != NULL && regex_split(regex, args[0].bytes, &parts, err);
    if (fine)
        *result =
            datum_bytes(array_make_vector(SQL_TYPE(TEXT), parts.items, (int64_t) parts.count, call->context->arena));
    vector_deinit(&parts);
    return fine;
}

static bool
count_one(void *visitor, Slice text, const size_t *spans, int captures)
{
    (void) text, (void) spans, (void) captures;
    ++*(int64_t *) visitor;
    return true;
}

ROW_FUNCTION(count)
{
    unsigned options;
    int64_t found = 0;
    Slice text = args[0].bytes;
    if (call->arg_count > 2 && args[2].i <= 0)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid value for parameter \"start\": %lld",
                         (long long) args[2].i);
    Regex *regex = regex_of(call, args, 3, false, &options, err);
    size_t skip = call->arg_count > 2 ? utf8_offset(text, args[2].i - 1) : 0;
    text = slice_make(text.bytes + skip, text.size - skip);
    return regex != NULL && regex_each(regex, text, true, true, count_one, &found, err) && give_int(result, found);
}

static bool
keep_second(void *visitor, Slice text, const size_t *spans, int captures)
{
    Datum *kept = visitor;
    *kept = capture_datum(text, spans, captures > 0 ? 1 : 0);
    return false;
}

/* substring(text from pattern): the first capture, or the whole match. */
ROW_FUNCTION(substring)
{
    Regex *regex = regex_get(call->context, args[1].bytes, 0, err);
    *result = DATUM_NULL;
    return regex != NULL && regex_each(regex, args[0].bytes, false, true, keep_second, result, err);
}

ROW_FUNCTION(substr)
{
    unsigned options;
    bool found;
    const size_t *spans;
    Regex *regex = regex_of(call, args, 2, false, &options, err);
    if (regex == NULL || !regex_find(regex, args[0].bytes, 0, &found, &spans, err))
        return false;
    *result = found ? capture_datum(args[0].bytes, spans, 0) : DATUM_NULL;
    return true;
}

/* ---- regexp_replace */

typedef struct Replacer {
    Buffer out;
    Slice replacement;
    size_t copied;        /* of the text */
    int64_t seen, wanted; /* number of the match to replace; 0: every one */
} Replacer;

/* \1 to \9 are captures, \& is the match, \\ a backslash. */
static void
append_replacement(Replacer *replacer, Slice text, const size_t *spans, int captures)
{
    Slice with = replacer->replacement;
    for (size_t i = 0; i < with.size; i++) {
        char c = with.bytes[i];
        if (c != '\\' || i + 1 == with.size) {
            buffer_append_char(&replacer->out, c);
            continue;
        }
        char next = with.bytes[++i];
        int capture = next >= '1' && next <= '9' ? next - '0' : next == '&' ? 0 : -1;
        if (capture >= 0 && capture <= captures && spans[2 * capture] != SIZE_MAX)
            buffer_append(&replacer->out, text.bytes + spans[2 * capture], spans[2 * capture + 1] - spans[2 * capture]);
        else if (next == '\\')
            buffer_append_char(&replacer->out, '\\');
        else if (capture < 0) {
            buffer_append_char(&replacer->out, '\\');
            buffer_append_char(&replacer->out, next);
        }
    }
}

static bool
replace_one(void *visitor, Slice text, const size_t *spans, int captures)
{
    Replacer *replacer = visitor;
    if (replacer->wanted > 0 && ++replacer->seen != replacer->wanted)
        return true;
    buffer_append(&replacer->out, text.bytes + replacer->copied, spans[0] - replacer->copied);
    append_replacement(replacer, text, spans, captures);
    replacer->copied = spans[1];
    return replacer->wanted == 0;
}

static bool
replace_from(FunctionCall *call, Regex *regex, Slice text, Slice with, int64_t start, int64_t wanted, Datum *result,
             Error *err)
{
    Replacer replacer = {.replacement = with, .wanted = wanted};
    if (start > utf8_count(text) + 1)
        return give_bytes(result, text);
    size_t skip = utf8_offset(text, start - 1);
    Slice rest = slice_make(text.bytes + skip, text.size - skip);
    buffer_append(&replacer.out, text.bytes, skip);
    if (!regex_each(regex, rest, true, true, replace_one, &replacer, err)) {
        buffer_deinit(&replacer.out);
        return false;
    }
    buffer_append(&replacer.out, rest.bytes + replacer.copied, rest.size - replacer.copied);
    return give_buffer(call, result, &replacer.out);
}

ROW_FUNCTION(replace)
{
    unsigned options;
    if (call->arg_count == 4 && args[3].bytes.size > 0 && args[3].bytes.bytes[0] >= '0' &&
        args[3].bytes.bytes[0] <= '9') {
        (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid regular expression option: \"%c\"",
                         args[3].bytes.bytes[0]);
        return error_hint(
            err, "If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer "
                 "explicitly.");
    }
    Regex *regex = regex_of(call, args, 3, true, &options, err);
    if (regex == NULL)
        return false;
    return replace_from(call, regex, args[0].bytes, args[2].bytes, 1, options & REGEX_GLOBAL ? 0 : 1, result, err);
}

/* regexp_replace(text, pattern, with, start [, N [, flags]]) */
ROW_FUNCTION(replace_nth)
{
    unsigned options;
    int64_t start = args[3].i, wanted = call->arg_count > 4 ? args[4].i : 1;
    if (start <= 0)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid value for parameter \"start\": %lld",
                         (long long) start);
    if (wanted < 0)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid value for parameter \"n\": %lld",
                         (long long) wanted);
    Regex *regex = regex_of(call, args, 5, true, &options, err);
    return regex != NULL && replace_from(call, regex, args[0].bytes, args[2].bytes, start, wanted, result, err);
}

/* ---- SIMILAR TO */

static bool
similar_escape(FunctionCall *call, Slice pattern, Slice escape, Datum *result, Error *err)
{
    if (utf8_count(escape) > 1) {
        (void) error_set(err, SQLSTATE_INVALID_ESCAPE_SEQUENCE, "invalid escape string");
        return error_hint(err, "Escape string must be empty or one character.");
    }
    Buffer out = {0};
    bool after_escape = false, in_brackets = false;
    int separators = 0;
    buffer_append_text(&out, "^(?:");
    for (size_t at = 0; at < pattern.size;) {
        size_t next = utf8_next(pattern, at);
        Slice c = slice_make(pattern.bytes + at, next - at);
        char byte = c.bytes[0];
        at = next;
        if (after_escape && byte == '"' && !in_brackets) {
            if (separators == 2) {
                buffer_deinit(&out);
                return error_set(err, "2200C",
                                 "SQL regular expression may not contain more than two escape-double-quote separators");
            }
            buffer_append_text(&out, separators++ == 0 ? "){1,1}?(" : "){1,1}(?:");
            after_escape = false;
        } else if (after_escape) {
            buffer_append_char(&out, '\\');
            buffer_append_slice(&out, c);
            after_escape = false;
        } else if (escape.size > 0 && slice_equal(c, escape)) {
            after_escape = true;
        } else if (in_brackets) {
            if (byte == '\\')
                buffer_append_char(&out, '\\');
            buffer_append_slice(&out, c);
            in_brackets = byte != ']';
        } else if (byte == '[') {
            buffer_append_char(&out, '[');
            in_brackets = true;
        } else if (byte == '%') {
            buffer_append_text(&out, ".*");
        } else if (byte == '_') {
            buffer_append_char(&out, '.');
        } else if (byte == '(') {
            buffer_append_text(&out, "(?:");
        } else {
            if (strchr("\\.^$", byte) != NULL)
                buffer_append_char(&out, '\\');
            buffer_append_slice(&out, c);
        }
    }
    buffer_append_text(&out, ")$");
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(similar_to_escape)
{
    return similar_escape(call, args[0].bytes, call->arg_count == 2 ? args[1].bytes : slice_of("\\"), result, err);
}

ROW_FUNCTION(substring_similar)
{
    Datum regex_args[2] = {args[0], {0}};
    return similar_escape(call, args[1].bytes, args[2].bytes, &regex_args[1], err) &&
           substring(call, regex_args, result, err);
}

const Function functions_regex[] = {
#include "expr/functions/regex.def"
};
const size_t functions_regex_count = sizeof functions_regex / sizeof *functions_regex;
