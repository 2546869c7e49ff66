/*
 * Lists, maps and enums as text. A list in a list, and whatever else has braces, stands in it without quotes.
 */
#include <stdlib.h>

#include "types/array.h"
#include "types/element.h"
#include "types/enum.h"
#include "types/map.h"
#include "types/text_container.h"
#include "types/text_format.h"
#include "base/vector.h"

/* --- printing --- */

void
list_print(SqlType type, Slice value, const TextStyle *style, Buffer *out)
{
    ArrayReader reader;
    Datum element;
    array_read(&reader, type, value);
    buffer_append_char(out, '{');
    for (int64_t i = 0; array_next(&reader, NULL, &element); i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        element_print(reader.element, element, style, "{},", out);
    }
    buffer_append_char(out, '}');
}

void
map_print(SqlType type, Slice value, const TextStyle *style, Buffer *out)
{
    MapReader reader;
    map_read(&reader, type, value);
    Datum key, element;
    buffer_append_char(out, '{');
    for (uint32_t i = 0; map_next_entry(&reader, &key, &element); i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        element_print(SQL_TYPE(TEXT), key, style, "{},=>", out);
        buffer_append(out, "=>", 2);
        element_print(reader.value, element, style, "{},=>", out);
    }
    buffer_append_char(out, '}');
}

/* --- reading --- */

typedef struct Part {
    Buffer text;
    bool is_null; /* the word NULL, not in quotes */
} Part;

static bool
container_error(const TextInput *in, Error *err)
{
    return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, in->type.id == TYPE_MAP ? "map" : "list", in->text);
}

/* A container inside, braces and quotes and all; `*at` is its opening brace and ends behind the closing one. */
static bool
braced_part(const char **at, Part *part)
{
    int depth = 0;
    bool quoted = false;
    do {
        char c = **at;
        if (c == 0)
            return false;
        if (c == '\\' && (*at)[1] != 0) {
            buffer_append_char(&part->text, c);
            c = *++*at;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted) {
            depth += (c == '{') - (c == '}');
        }
        buffer_append_char(&part->text, c);
        ++*at;
    } while (depth > 0);
    return true;
}

/* The next element, or a map's key; `*at` ends on what stops it: a comma or brace, or for a key the =>. */
static bool
next_part(const char **at, bool is_key, Part *part)
{
    bool quoted = false, was_quoted = false;
    size_t kept = 0; /* what trailing blanks must not be cut from */
    buffer_clear(&part->text);
    part->is_null = false;
    while (is_blank(**at))
        ++*at;
    if (!is_key && **at == '{') {
        if (!braced_part(at, part))
            return false;
        while (is_blank(**at))
            ++*at;
        return **at == ',' || **at == '}';
    }
    for (;; ++*at) {
        char c = **at;
        if (c == 0)
            return false;
        if (c == '\\' && (*at)[1] != 0) {
            buffer_append_char(&part->text, *++*at);
            was_quoted = true;
            kept = part->text.size;
        } else if (c == '"') {
            quoted = !quoted;
            was_quoted = true;
        } else if (!quoted && (is_key ? c == '=' && (*at)[1] == '>' : c == ',' || c == '}')) {
            break;
        } else if (!quoted && c == '{') {
            return false;
        } else {
            buffer_append_char(&part->text, c);
            if (quoted || !is_blank(c))
                kept = part->text.size;
        }
    }
    part->text.size = kept;
    part->is_null = !was_quoted && !is_key && is_null_word(buffer_slice(&part->text));
    return kept > 0 || was_quoted;
}

static bool
part_value(const TextInput *in, SqlType type, const Part *part, Datum *value, Error *err)
{
    if (part->is_null) {
        *value = DATUM_NULL;
        return true;
    }
    return datum_parse(type, buffer_slice(&part->text), in->style, in->arena, value, err);
}

/* Behind the closing brace there is nothing. */
static bool
at_end(const char *at)
{
    for (at++; *at != 0; at++) {
        if (!is_blank(*at))
            return false;
    }
    return true;
}

/* After an element: true at the closing brace, false after a comma; *ok false when neither is there. */
static bool
closes(const char **at, bool *ok)
{
    if (**at == '}')
        return true;
    ++*at;
    while (is_blank(**at))
        ++*at;
    *ok = **at != '}' && **at != 0;
    return !*ok;
}

bool
list_parse(const TextInput *in, Slice *out, Error *err)
{
    SqlType element = type_element_of(in->type);
    Slice text = slice_trim(in->text);
    const char *at = arena_strndup(in->arena, text.bytes, text.size);
    VECTOR(Datum) values = {0};
    Part part = {0};
    bool ok = *at++ == '{', parsed = true;
    while (is_blank(*at))
        at++;
    for (bool end = *at == '}'; ok && parsed && !end;) {
        Datum value;
        ok = next_part(&at, false, &part);
        parsed = ok && part_value(in, element, &part, &value, err);
        if (parsed)
            vector_push(&values, value);
        end = parsed && closes(&at, &ok);
    }
    ok = ok && (!parsed || at_end(at));
    if (!ok)
        container_error(in, err);
    else if (parsed)
        *out = array_make_vector(element, values.items, (int64_t) values.count, in->arena);
    vector_deinit(&values);
    buffer_deinit(&part.text);
    return ok && parsed;
}

bool
map_parse(const TextInput *in, Slice *out, Error *err)
{
    SqlType value_type = type_element_of(in->type);
    Slice text = slice_trim(in->text);
    const char *at = arena_strndup(in->arena, text.bytes, text.size);
    MapBuilder builder;
    map_builder_init(&builder, value_type, in->arena);
    Part part = {0};
    bool ok = *at++ == '{', parsed = true;
    while (is_blank(*at))
        at++;
    for (bool end = *at == '}'; ok && parsed && !end;) {
        ok = next_part(&at, true, &part);
        if (!ok)
            break;
        Slice key = slice_make(arena_strndup(in->arena, part.text.bytes, part.text.size), part.text.size);
        at += 2;
        Datum value;
        ok = next_part(&at, false, &part);
        parsed = ok && part_value(in, value_type, &part, &value, err);
        if (parsed)
            map_builder_add(&builder, key, value);
        end = parsed && closes(&at, &ok);
    }
    ok = ok && (!parsed || at_end(at));
    if (!ok)
        container_error(in, err);
    else if (parsed)
        *out = map_builder_finish(&builder);
    map_builder_deinit(&builder);
    buffer_deinit(&part.text);
    return ok && parsed;
}

/* --- enums --- */

static bool
enum_find(const TypeDetail *detail, Slice text, Arena *arena, Slice *out)
{
    for (int i = 0; detail != NULL && i < detail->label_count; i++) {
        if (slice_equal(slice_of(detail->labels[i].label), text)) {
            *out = enum_make(&detail->labels[i], arena);
            return true;
        }
    }
    return false;
}

bool
enum_parse(const TextInput *in, Slice *out, Error *err)
{
    const TypeDetail *detail = in->type.detail;
    if (enum_find(detail, in->text, in->arena, out))
        return true;
    const TypeDetail *newest = enum_newest(detail);
    if (newest != detail && enum_find(newest, in->text, in->arena, out))
        return true;
    return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input value for enum %s: \"%.*s\"",
                     detail == NULL || detail->name == NULL ? "anyenum" : detail->name, (int) in->text.size,
                     in->text.bytes);
}
