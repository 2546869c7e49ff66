/*
 * Walking jsonb values in their stored form. Members are separated by ", " and keys from values by ": "; there is no
 * other blank outside of strings.
 */
#include "types/jsonb.h"

#include "base/hash.h"
#include "types/numeric.h"
#include "types/text_internal.h"

/* --- pieces --- */

/* The end of the string that starts with the quote at `at`. */
static const char *
string_end(const char *at)
{
    for (at++; *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at + 1;
}

/* The end of the value at `at`, which may be the end of everything. */
static const char *
value_end(const char *at, const char *end)
{
    int depth = 0;
    while (at < end) {
        switch (*at) {
        case '"':
            at = string_end(at);
            break;
        case '{':
        case '[':
            depth++;
            at++;
            break;
        case '}':
        case ']':
            depth--;
            at++;
            break;
        default:
            for (; at < end && *at != ',' && *at != ']' && *at != '}'; at++)
                if (depth > 0 && (*at == '"' || *at == '{' || *at == '['))
                    break;
            break;
        }
        if (depth == 0)
            return at;
        while (at < end && (*at == ',' || *at == ' ' || *at == ':'))
            at++;
    }
    return end;
}

JsonKind
jsonb_kind(Slice value)
{
    switch (value.bytes[0]) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
    case 'f':
        return JSON_BOOL;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

static bool
is_container(JsonKind kind)
{
    return kind == JSON_ARRAY || kind == JSON_OBJECT;
}

/* The next byte of a string's text; `*at` moves behind what stands for it. Escapes stand for one ASCII character. */
static unsigned char
string_byte(const char **at)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    if (**at != '\\')
        return (unsigned char) *(*at)++;
    char c = (*at)[1];
    *at += 2;
    if (c == 'u') {
        int code = hex_digit((*at)[2]) << 4 | hex_digit((*at)[3]);
        *at += 4;
        return (unsigned char) code;
    }
    const char *found = strchr(from, c);
    return (unsigned char) (found != NULL ? to[found - from] : c);
}

/* Order of the texts of two strings, bytewise. */
static int
string_compare(Slice a, Slice b)
{
    const char *x = a.bytes + 1, *x_end = a.bytes + a.size - 1;
    const char *y = b.bytes + 1, *y_end = b.bytes + b.size - 1;
    while (x < x_end && y < y_end) {
        unsigned char p = string_byte(&x), q = string_byte(&y);
        if (p != q)
            return p < q ? -1 : 1;
    }
    return (x < x_end) - (y < y_end);
}

static bool
string_is(Slice string, Slice text)
{
    const char *at = string.bytes + 1, *end = string.bytes + string.size - 1;
    size_t i = 0;
    if ((size_t) (end - at) < text.size)
        return false;
    while (at < end && i < text.size)
        if (string_byte(&at) != (unsigned char) text.bytes[i++])
            return false;
    return at == end && i == text.size;
}

Slice
jsonb_string(Slice string, Arena *arena)
{
    const char *at = string.bytes + 1, *end = string.bytes + string.size - 1;
    if (memchr(at, '\\', (size_t) (end - at)) == NULL)
        return slice_make(at, (size_t) (end - at));
    char *text = arena_alloc(arena, string.size);
    size_t size = 0;
    while (at < end)
        text[size++] = (char) string_byte(&at);
    return slice_make(text, size);
}

/* --- containers --- */

/* Like jsonb_next, with the key still as a JSON string. */
static bool
member_next(Slice value, size_t *offset, Slice *key, Slice *element)
{
    const char *end = value.bytes + value.size, *at = value.bytes + *offset;
    *key = (Slice){NULL, 0};
    if (*offset == 0) {
        if (value.bytes[0] != '{' && value.bytes[0] != '[')
            return false;
        at++;
    } else if (*at == ',') {
        at += 2;
    }
    if (at >= end || *at == '}' || *at == ']')
        return false;
    if (value.bytes[0] == '{') {
        const char *key_end = string_end(at);
        *key = slice_make(at, (size_t) (key_end - at));
        at = key_end + 2;
    }
    const char *element_end = value_end(at, end);
    *element = slice_make(at, (size_t) (element_end - at));
    *offset = (size_t) (element_end - value.bytes);
    return true;
}

bool
jsonb_next(Slice value, size_t *offset, Slice *key, Slice *element, Arena *arena)
{
    Slice raw;
    if (!member_next(value, offset, &raw, element))
        return false;
    if (key != NULL)
        *key = raw.bytes == NULL ? raw : jsonb_string(raw, arena);
    return true;
}

bool
jsonb_field(Slice object, Slice key, Slice *value)
{
    size_t offset = 0;
    Slice name;
    if (object.bytes[0] != '{')
        return false;
    while (member_next(object, &offset, &name, value))
        if (string_is(name, key))
            return true;
    return false;
}

int64_t
jsonb_count(Slice value)
{
    size_t offset = 0;
    int64_t count = 0;
    Slice key, element;
    while (member_next(value, &offset, &key, &element))
        count++;
    return count;
}

bool
jsonb_element(Slice array, int64_t index, Slice *value)
{
    size_t offset = 0;
    Slice key;
    *value = array;
    if (array.bytes[0] != '[')
        return !is_container(jsonb_kind(array)) && (index == 0 || index == -1);
    if (index < 0 && (index += jsonb_count(array)) < 0)
        return false;
    while (member_next(array, &offset, &key, value))
        if (index-- == 0)
            return true;
    return false;
}

/* --- order --- */

static int
number_compare(Slice a, Slice b)
{
    Error err = ERROR_INIT;
    Numeric x, y;
    Arena *arena = arena_new();
    if (!numeric_parse(a, arena, &x, &err) || !numeric_parse(b, arena, &y, &err))
        bug("a stored jsonb holds a number that is none");
    int order = numeric_compare(x, y);
    arena_free(arena);
    return order;
}

/* Numbers without a point that are short enough compare as integers. */
static bool
small_integer(Slice text, int64_t *out)
{
    size_t i = text.bytes[0] == '-';
    int64_t value = 0;
    if (text.size > 18)
        return false;
    for (; i < text.size; i++) {
        if (!is_digit(text.bytes[i]))
            return false;
        value = value * 10 + (text.bytes[i] - '0');
    }
    *out = text.bytes[0] == '-' ? -value : value;
    return true;
}

static int
scalar_compare(JsonKind kind, Slice a, Slice b)
{
    int64_t x, y;
    switch (kind) {
    case JSON_NULL:
        return 0;
    case JSON_BOOL:
        return (a.bytes[0] == 't') - (b.bytes[0] == 't');
    case JSON_STRING:
        return string_compare(a, b);
    default:
        if (slice_equal(a, b))
            return 0;
        if (small_integer(a, &x) && small_integer(b, &y))
            return (x > y) - (x < y);
        return number_compare(a, b);
    }
}

static int
kind_rank(JsonKind kind)
{
    static const int ranks[] = {
        [JSON_NULL] = 0, [JSON_STRING] = 1, [JSON_NUMBER] = 2, [JSON_BOOL] = 3, [JSON_ARRAY] = 4, [JSON_OBJECT] = 5};
    return ranks[kind];
}

/* What stands at `at`: a scalar, a key, or the brace that opens or closes a container. */
static Slice
piece_take(const char **at, const char *end)
{
    while (*at < end && (**at == ',' || **at == ' ' || **at == ':'))
        (*at)++;
    const char *start = *at;
    char c = *start;
    if (c == '{' || c == '[' || c == '}' || c == ']')
        *at = start + 1;
    else
        *at = value_end(start, end);
    return slice_make(start, (size_t) (*at - start));
}

static bool
is_closing(Slice piece)
{
    return piece.bytes[0] == '}' || piece.bytes[0] == ']';
}

/*
 * Both values are walked side by side until they differ. PostgreSQL holds a scalar at the top to be an array of one,
 * which is why an empty array sorts before any scalar and every other array after.
 */
int
jsonb_compare(Slice a, Slice b)
{
    if (slice_equal(a, b))
        return 0;
    bool a_scalar = !is_container(jsonb_kind(a)), b_scalar = !is_container(jsonb_kind(b));
    if (a_scalar != b_scalar) {
        Slice other = a_scalar ? b : a;
        int scalar_first = jsonb_kind(other) == JSON_ARRAY && jsonb_count(other) == 0 ? 1 : -1;
        return a_scalar ? scalar_first : -scalar_first;
    }
    const char *x = a.bytes, *x_end = x + a.size, *y = b.bytes, *y_end = y + b.size;
    while (x < x_end && y < y_end) {
        Slice p = piece_take(&x, x_end), q = piece_take(&y, y_end);
        if (is_closing(p) && is_closing(q))
            continue;
        JsonKind kind = jsonb_kind(p);
        if (kind != jsonb_kind(q))
            return kind_rank(kind) < kind_rank(jsonb_kind(q)) ? -1 : 1;
        int order;
        if (is_container(kind)) {
            int64_t p_count = jsonb_count(slice_make(p.bytes, (size_t) (x_end - p.bytes)));
            int64_t q_count = jsonb_count(slice_make(q.bytes, (size_t) (y_end - q.bytes)));
            order = (p_count > q_count) - (p_count < q_count);
        } else {
            order = scalar_compare(kind, p, q);
        }
        if (order != 0)
            return order;
    }
    return 0;
}

/* --- containment --- */

static bool
array_has_scalar(Slice array, Slice scalar)
{
    size_t offset = 0;
    Slice key, element;
    JsonKind kind = jsonb_kind(scalar);
    while (member_next(array, &offset, &key, &element))
        if (jsonb_kind(element) == kind && scalar_compare(kind, element, scalar) == 0)
            return true;
    return false;
}

static bool contains(Slice a, Slice b);

static bool
array_has(Slice array, Slice value)
{
    size_t offset = 0;
    Slice key, element;
    if (!is_container(jsonb_kind(value)))
        return array_has_scalar(array, value);
    while (member_next(array, &offset, &key, &element))
        if (contains(element, value))
            return true;
    return false;
}

static bool
object_has(Slice object, Slice key, Slice value)
{
    size_t offset = 0;
    Slice name, element;
    while (member_next(object, &offset, &name, &element))
        if (slice_equal(name, key))
            return is_container(jsonb_kind(value)) ? contains(element, value)
                                                   : jsonb_kind(element) == jsonb_kind(value) &&
                                                         scalar_compare(jsonb_kind(value), element, value) == 0;
    return false;
}

/* Two containers of a kind: everything in `b` is found in `a`. */
static bool
contains(Slice a, Slice b)
{
    size_t offset = 0;
    Slice key, element;
    bool is_object = jsonb_kind(b) == JSON_OBJECT;
    if (jsonb_kind(a) != jsonb_kind(b))
        return false;
    while (member_next(b, &offset, &key, &element))
        if (!(is_object ? object_has(a, key, element) : array_has(a, element)))
            return false;
    return true;
}

bool
jsonb_contains(Slice a, Slice b)
{
    JsonKind a_kind = jsonb_kind(a), b_kind = jsonb_kind(b);
    if (is_container(b_kind))
        return contains(a, b);
    if (a_kind == JSON_ARRAY)
        return array_has_scalar(a, b);
    return a_kind == b_kind && scalar_compare(a_kind, a, b) == 0;
}

/* --- the rest --- */

static uint64_t
number_hash(Slice text)
{
    if (memchr(text.bytes, '.', text.size) != NULL) {
        while (text.bytes[text.size - 1] == '0')
            text.size--;
        if (text.bytes[text.size - 1] == '.')
            text.size--;
    }
    return hash_bytes(text.bytes, text.size);
}

uint64_t
jsonb_hash(Slice value)
{
    uint64_t hash = 0;
    const char *at = value.bytes, *end = at + value.size;
    while (at < end) {
        Slice piece = piece_take(&at, end);
        bool is_number = !is_closing(piece) && jsonb_kind(piece) == JSON_NUMBER;
        hash = hash_combine(hash, is_number ? number_hash(piece) : hash_bytes(piece.bytes, piece.size));
    }
    return hash;
}

static void
new_line(Buffer *out, int depth)
{
    size_t size = (size_t) depth * 4;
    buffer_append_char(out, '\n');
    memset(buffer_reserve(out, size), ' ', size);
    out->size += size;
}

void
jsonb_pretty(Slice value, Buffer *out)
{
    int depth = 0;
    const char *at = value.bytes, *end = at + value.size;
    while (at < end) {
        char c = *at;
        if (c == '{' || c == '[') {
            buffer_append_char(out, c);
            at++;
            depth++;
            if (*at != '}' && *at != ']')
                new_line(out, depth);
        } else if (c == '}' || c == ']') {
            depth--;
            new_line(out, depth);
            buffer_append_char(out, c);
            at++;
        } else if (c == ',') {
            buffer_append_char(out, c);
            new_line(out, depth);
            at += 2;
        } else if (c == ':') {
            buffer_append(out, ": ", 2);
            at += 2;
        } else {
            const char *stop = value_end(at, end);
            buffer_append(out, at, (size_t) (stop - at));
            at = stop;
        }
    }
}
