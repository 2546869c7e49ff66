#include "expr/regex.h"

#include "expr/functions/kernel.h"
#include "expr/functions/regex_list.h"
#include "expr/functions/characters.h"
#include "types/array.h"

/* ---- all matches */

bool
regex_each(Regex *regex, Slice text, size_t from, bool global, bool degenerate, RegexVisit visit, void *visitor,
           Error *err)
{
    size_t previous_end = 0;
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
    if (!regex_each(regex, text, 0, true, false, split_at, &splitter, err))
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
        if (regex == NULL || !patterns->is_constant)
            regex =
                regex_get(call->context, column_bytes(patterns->column, patterns->is_constant ? 0 : i), options, &err);
        Slice text = column_bytes(texts->column, texts->is_constant ? 0 : i);
        if (regex == NULL || !regex_exists(regex, text, &found, &err)) {
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
    Regex *regex = regex_of(call, args, 2, false, &options, err);
    return regex != NULL && regex_exists(regex, args[0].bytes, &found, err) && give_bool(result, found);
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

/* The integer argument `arg`, or 1; it must be at least `least`. */
static bool
number_argument(FunctionCall *call, const Datum *args, int arg, const char *name, int64_t least, int64_t *value,
                Error *err)
{
    *value = arg < call->arg_count ? args[arg].i : 1;
    return *value >= least || error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE,
                                        "invalid value for parameter \"%s\": %lld", name, (long long) *value);
}

/* Where the search begins; false: behind the end. */
static bool
start_offset(Slice text, int64_t start, size_t *offset)
{
    *offset = utf8_offset(text, start - 1);
    return *offset < text.size || utf8_count(text) >= start - 1;
}

ROW_FUNCTION(count)
{
    unsigned options;
    int64_t found = 0, start;
    size_t from;
    if (!number_argument(call, args, 2, "start", 1, &start, err))
        return false;
    Regex *regex = regex_of(call, args, 3, false, &options, err);
    if (regex == NULL)
        return false;
    if (!start_offset(args[0].bytes, start, &from))
        return give_int(result, 0);
    return regex_each(regex, args[0].bytes, from, true, true, count_one, &found, err) && give_int(result, found);
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
    return regex != NULL && regex_each(regex, args[0].bytes, 0, false, true, keep_second, result, err);
}

/* The match of a number, and where one of its captures is. */
typedef struct Wanted {
    int64_t left;
    int capture;
    bool found;
    size_t from, to;
} Wanted;

static bool
find_wanted(void *visitor, Slice text, const size_t *spans, int captures)
{
    Wanted *wanted = visitor;
    (void) text;
    if (--wanted->left > 0)
        return true;
    wanted->found = wanted->capture <= captures && spans[2 * wanted->capture] != SIZE_MAX;
    wanted->from = spans[2 * wanted->capture];
    wanted->to = spans[2 * wanted->capture + 1];
    return false;
}

/* (text, pattern [, start [, N, ... flags, capture]]); `flags_arg` is where the flags are. */
static bool
wanted_match(FunctionCall *call, const Datum *args, int flags_arg, Wanted *wanted, Error *err)
{
    unsigned options;
    int64_t start, end, capture = 0;
    size_t from;
    if (!number_argument(call, args, 2, "start", 1, &start, err) ||
        !number_argument(call, args, 3, "n", 1, &wanted->left, err))
        return false;
    if (flags_arg == 5 && call->arg_count > 4) {
        if (!number_argument(call, args, 4, "endoption", 0, &end, err))
            return false;
        if (end > 1)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid value for parameter \"endoption\": %lld",
                             (long long) end);
    }
    if (flags_arg + 1 < call->arg_count && !number_argument(call, args, flags_arg + 1, "subexpr", 0, &capture, err))
        return false;
    Regex *regex = regex_of(call, args, flags_arg, false, &options, err);
    if (regex == NULL)
        return false;
    if (capture > regex_captures(regex) || !start_offset(args[0].bytes, start, &from))
        return true;
    wanted->capture = (int) capture;
    return regex_each(regex, args[0].bytes, from, true, true, find_wanted, wanted, err);
}

ROW_FUNCTION(substr)
{
    Wanted wanted = {0};
    if (!wanted_match(call, args, 4, &wanted, err))
        return false;
    if (!wanted.found)
        return give_null(result);
    return give_bytes(result, slice_make(args[0].bytes.bytes + wanted.from, wanted.to - wanted.from));
}

ROW_FUNCTION(instr)
{
    Wanted wanted = {0};
    if (!wanted_match(call, args, 5, &wanted, err))
        return false;
    bool behind = call->arg_count > 4 && args[4].i == 1;
    size_t at = behind ? wanted.to : wanted.from;
    return give_int(result, wanted.found ? utf8_count(slice_make(args[0].bytes.bytes, at)) + 1 : 0);
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
    size_t from;
    if (!start_offset(text, start, &from))
        return give_bytes(result, text);
    if (!regex_each(regex, text, from, true, true, replace_one, &replacer, err)) {
        buffer_deinit(&replacer.out);
        return false;
    }
    buffer_append(&replacer.out, text.bytes + replacer.copied, text.size - replacer.copied);
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
    int64_t start, wanted;
    if (!number_argument(call, args, 3, "start", 1, &start, err) ||
        !number_argument(call, args, 4, "n", 0, &wanted, err))
        return false;
    Regex *regex = regex_of(call, args, 5, true, &options, err);
    if (regex == NULL)
        return false;
    return replace_from(call, regex, args[0].bytes, args[2].bytes, start, wanted, result, err);
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

/* The older form: a null pattern or escape is told apart here. */
ROW_FUNCTION(similar_escape_lax)
{
    if (args[0].is_null)
        return give_null(result);
    return similar_escape(call, args[0].bytes, args[1].is_null ? slice_of("\\") : args[1].bytes, result, err);
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
