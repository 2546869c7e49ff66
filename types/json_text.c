#include "types/json_text.h"

static bool
is_json_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t
skip_blanks(Slice text, size_t at)
{
    while (at < text.size && is_json_blank(text.bytes[at]))
        at++;
    return at;
}

Slice
json_text_trim(Slice text)
{
    size_t start = skip_blanks(text, 0), end = text.size;
    while (end > start && is_json_blank(text.bytes[end - 1]))
        end--;
    return slice_make(text.bytes + start, end - start);
}

static size_t
string_end(Slice text, size_t at)
{
    for (at++; at < text.size && text.bytes[at] != '"'; at++)
        at += text.bytes[at] == '\\';
    return at + 1;
}

/* Behind the value that starts at `at`. */
static size_t
value_end(Slice text, size_t at)
{
    int64_t depth = 0;
    if (text.bytes[at] == '"')
        return string_end(text, at);
    if (text.bytes[at] != '[' && text.bytes[at] != '{') {
        while (at < text.size && strchr(",]} \t\n\r:", text.bytes[at]) == NULL)
            at++;
        return at;
    }
    do {
        char c = text.bytes[at];
        if (c == '"') {
            at = string_end(text, at);
            continue;
        }
        depth += (c == '[' || c == '{') - (c == ']' || c == '}');
        at++;
    } while (depth > 0 && at < text.size);
    return at;
}

bool
json_text_next(Slice value, size_t *offset, Slice *key, Slice *member)
{
    if (value.size == 0 || (value.bytes[0] != '[' && value.bytes[0] != '{'))
        return false;
    size_t at = skip_blanks(value, *offset + (*offset == 0));
    if (at < value.size && value.bytes[at] == ',')
        at = skip_blanks(value, at + 1);
    if (at >= value.size || value.bytes[at] == ']' || value.bytes[at] == '}')
        return false;
    if (value.bytes[0] == '{') {
        size_t end = string_end(value, at);
        if (key != NULL)
            *key = slice_make(value.bytes + at, end - at);
        at = skip_blanks(value, skip_blanks(value, end) + 1);
    }
    size_t end = value_end(value, at);
    *member = slice_make(value.bytes + at, end - at);
    *offset = end;
    return true;
}

int64_t
json_text_count(Slice value)
{
    int64_t count = 0;
    Slice member;
    for (size_t offset = 0; json_text_next(value, &offset, NULL, &member);)
        count++;
    return count;
}

Slice
json_text_string(Slice string, Arena *arena)
{
    if (memchr(string.bytes, '\\', string.size) == NULL)
        return slice_make(string.bytes + 1, string.size - 2);
    Buffer canonical = {0};
    Error ignored = ERROR_INIT;
    bool fine = jsonb_parse(string, &canonical, &ignored);
    error_clear(&ignored);
    size_t size = canonical.size;
    Slice text = slice_make(buffer_to_arena(&canonical, arena), size);
    return fine ? jsonb_string(text, arena) : string;
}

bool
json_text_field(Slice object, Slice key, Arena *arena, Slice *member)
{
    bool found = false;
    Slice name, value;
    if (object.size == 0 || object.bytes[0] != '{')
        return false;
    for (size_t offset = 0; json_text_next(object, &offset, &name, &value);) {
        if (!slice_equal(json_text_string(name, arena), key))
            continue;
        *member = value;
        found = true;
    }
    return found;
}

bool
json_text_element(Slice array, int64_t index, Slice *member)
{
    if (array.size == 0 || array.bytes[0] != '[')
        return false;
    index = index < 0 ? index + json_text_count(array) : index;
    for (size_t offset = 0; index >= 0 && json_text_next(array, &offset, NULL, member);)
        if (index-- == 0)
            return true;
    return false;
}
