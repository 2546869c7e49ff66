/* Multiranges as text. */
#include "base/vector.h"
#include "types/multirange.h"
#include "types/text_internal.h"

void
multirange_print(SqlType type, Slice value, const TextStyle *style, Buffer *out)
{
    SqlType range = type_multirange_range(type);
    uint32_t count = multirange_take_count(&value);
    buffer_append_char(out, '{');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        range_print(range, multirange_take(&value), style, out);
    }
    buffer_append_char(out, '}');
}

typedef VECTOR(Slice) Ranges;

static bool
multirange_error(Slice text, const char *detail, Error *err)
{
    error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "malformed multirange literal: \"%.*s\"", (int) text.size,
              text.bytes);
    return error_detail(err, "%s", detail);
}

static void
blanks_skip(const char **at)
{
    while (is_blank(**at))
        ++*at;
}

/* Moves behind the bracket that ends a range; brackets in quotes or behind a backslash do not. */
static bool
range_end_find(const char **at)
{
    bool quoted = false;
    for (; **at != 0; ++*at) {
        if (**at == '"') {
            quoted = !quoted;
        } else if (**at == '\\') {
            if (*++*at == 0)
                return false;
        } else if (!quoted && (**at == ')' || **at == ']')) {
            ++*at;
            return true;
        }
    }
    return false;
}

static bool
range_take(const TextInput *in, const char **at, Ranges *ranges, Error *err)
{
    const char *start = *at;
    if (*start == 0)
        return multirange_error(in->text, "Unexpected end of input.", err);
    if (strncasecmp(start, "empty", 5) == 0) {
        *at += 5;
        return true;
    }
    if (*start != '[' && *start != '(')
        return multirange_error(in->text, "Expected range start.", err);
    if (!range_end_find(at))
        return multirange_error(in->text, "Unexpected end of input.", err);
    TextInput range = *in;
    Slice made;
    range.type = type_multirange_range(in->type);
    range.text = slice_make(start, (size_t) (*at - start));
    if (!range_parse(&range, &made, err))
        return false;
    vector_push(ranges, made);
    return true;
}

static bool
multirange_parse_form(const TextInput *in, const char *at, Ranges *ranges, Error *err)
{
    blanks_skip(&at);
    if (*at++ != '{')
        return multirange_error(in->text, "Missing left brace.", err);
    blanks_skip(&at);
    bool more = *at != '}';
    while (more) {
        blanks_skip(&at);
        if (!range_take(in, &at, ranges, err))
            return false;
        blanks_skip(&at);
        if (*at == 0)
            return multirange_error(in->text, "Unexpected end of input.", err);
        more = *at == ',';
        if (more)
            at++;
        else if (*at != '}')
            return multirange_error(in->text, "Expected comma or end of multirange.", err);
    }
    at++;
    blanks_skip(&at);
    return *at == 0 || multirange_error(in->text, "Junk after closing right brace.", err);
}

bool
multirange_parse(const TextInput *in, Slice *out, Error *err)
{
    Ranges ranges = {0};
    bool ok = multirange_parse_form(in, arena_strndup(in->arena, in->text.bytes, in->text.size), &ranges, err) &&
              multirange_make(in->type, ranges.items, ranges.count, in->arena, out, err);
    vector_deinit(&ranges);
    return ok;
}
