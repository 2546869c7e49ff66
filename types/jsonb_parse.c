/*
 * JSON text, checked, and turned into the stored form of jsonb. Nesting is kept on a stack of our own, so that how deep a
 * value may go does not depend on a thread's.
 *
 * Output is written as input is read. Only an object whose keys did not come in order is put in order when it closes.
 */
#include "types/jsonb.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/vector.h"
#include "types/numeric.h"
#include "types/text_internal.h"

#define DEPTH_MAX       16000 /* walking a value recurses this deep */
#define PLAIN_DIGITS    1000  /* numbers that are longer go through numeric, which knows its limits */
#define SHOWN_TOKEN_MAX 200

typedef enum Token {
    TOKEN_END,
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_WORD, /* true, false, null */
    TOKEN_OBJECT_START,
    TOKEN_OBJECT_END,
    TOKEN_ARRAY_START,
    TOKEN_ARRAY_END,
    TOKEN_COMMA,
    TOKEN_COLON,
} Token;

typedef struct Member {
    size_t key; /* where its text is in the parser's keys */
    size_t key_size;
    size_t start, end; /* `"key": value` in the output */
    size_t order;      /* of two with one key the later one counts */
} Member;

typedef struct Frame {
    bool is_object;
    bool in_order;       /* keys came sorted, none twice */
    size_t start;        /* in the output, behind the opening brace */
    size_t first_member; /* in the parser's members */
    size_t keys_start;
} Frame;

typedef struct Parser {
    const char *at, *end;
    Token token;
    Slice token_text;
    bool has_escapes; /* of a string token */
    Buffer *out;      /* NULL: only check */
    Buffer keys;      /* keys of the open objects, unescaped */
    VECTOR(Frame) frames;
    VECTOR(Member) members;
    Error *err;
} Parser;

/* --- errors --- */

static bool json_error(Parser *parser, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool
json_error(Parser *parser, const char *format, ...)
{
    char detail[SHOWN_TOKEN_MAX + 100];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    error_set(parser->err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json");
    return error_detail(parser->err, "%s", detail);
}

static int
shown_size(Slice token)
{
    return (int) utf8_clip(token, SHOWN_TOKEN_MAX);
}

static bool
expected(Parser *parser, const char *what)
{
    if (parser->token == TOKEN_END)
        return json_error(parser, "The input string ended unexpectedly.");
    return json_error(parser, "Expected %s, but found \"%.*s\".", what, shown_size(parser->token_text),
                      parser->token_text.bytes);
}

static bool
invalid_token(Parser *parser, const char *start)
{
    Slice token = slice_make(start, (size_t) (parser->at - start));
    return json_error(parser, "Token \"%.*s\" is invalid.", shown_size(token), token.bytes);
}

/* --- tokens --- */

static bool
is_word_char(char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || (unsigned char) c >= 0x80;
}

static bool
lex_hex4(Parser *parser, const char *start)
{
    for (int i = 0; i < 4; i++, parser->at++) {
        if (parser->at == parser->end)
            return invalid_token(parser, start);
        if (hex_digit(*parser->at) < 0)
            return json_error(parser, "\"\\u\" must be followed by four hexadecimal digits.");
    }
    return true;
}

/* Checks the escape behind a backslash; what it stands for is looked at by string_unescape. */
static bool
lex_escape(Parser *parser, const char *start)
{
    if (++parser->at == parser->end)
        return invalid_token(parser, start);
    char c = *parser->at;
    if (c == 'u') {
        parser->at++;
        return lex_hex4(parser, start);
    }
    if (strchr("\"\\/bfnrt", c) == NULL || c == 0) {
        Slice rest = slice_make(parser->at, (size_t) (parser->end - parser->at));
        return json_error(parser, "Escape sequence \"\\%.*s\" is invalid.", (int) utf8_prefix(rest, 1), rest.bytes);
    }
    parser->at++;
    return true;
}

static bool
lex_string(Parser *parser)
{
    const char *start = parser->at++;
    parser->has_escapes = false;
    parser->token = TOKEN_STRING;
    while (parser->at < parser->end) {
        unsigned char c = (unsigned char) *parser->at;
        if (c == '"') {
            parser->at++;
            parser->token_text = slice_make(start, (size_t) (parser->at - start));
            return true;
        }
        if (c < 32)
            return json_error(parser, "Character with value 0x%02x must be escaped.", c);
        if (c != '\\') {
            parser->at++;
            continue;
        }
        parser->has_escapes = true;
        if (!lex_escape(parser, start))
            return false;
    }
    return invalid_token(parser, start);
}

/* false: there is none */
static bool
lex_digits(Parser *parser)
{
    const char *start = parser->at;
    while (parser->at < parser->end && is_digit(*parser->at))
        parser->at++;
    return parser->at > start;
}

static char
peek(const Parser *parser)
{
    return parser->at < parser->end ? *parser->at : 0;
}

/* A number that is wrong is read to its end all the same, to be shown whole. */
static bool
lex_number(Parser *parser)
{
    const char *start = parser->at;
    bool ok = true;
    parser->token = TOKEN_NUMBER;
    if (peek(parser) == '-')
        parser->at++;
    if (peek(parser) == '0')
        parser->at++;
    else
        ok = lex_digits(parser);
    if (peek(parser) == '.') {
        parser->at++;
        ok = lex_digits(parser) && ok;
    }
    if (lower_char(peek(parser)) == 'e') {
        parser->at++;
        if (peek(parser) == '+' || peek(parser) == '-')
            parser->at++;
        ok = lex_digits(parser) && ok;
    }
    for (; is_word_char(peek(parser)); parser->at++)
        ok = false;
    parser->token_text = slice_make(start, (size_t) (parser->at - start));
    return ok || invalid_token(parser, start);
}

static bool
lex_word(Parser *parser)
{
    const char *start = parser->at;
    while (parser->at < parser->end && is_word_char(*parser->at))
        parser->at++;
    if (parser->at == start)
        parser->at++;
    Slice word = slice_make(start, (size_t) (parser->at - start));
    parser->token = TOKEN_WORD;
    parser->token_text = word;
    if (slice_equal(word, slice_of("true")) || slice_equal(word, slice_of("false")) ||
        slice_equal(word, slice_of("null")))
        return true;
    return invalid_token(parser, start);
}

static bool
next_token(Parser *parser)
{
    static const struct {
        char c;
        Token token;
    } single[] = {{'{', TOKEN_OBJECT_START}, {'}', TOKEN_OBJECT_END}, {'[', TOKEN_ARRAY_START},
                  {']', TOKEN_ARRAY_END},    {',', TOKEN_COMMA},      {':', TOKEN_COLON}};
    while (parser->at < parser->end &&
           (*parser->at == ' ' || *parser->at == '\n' || *parser->at == '\r' || *parser->at == '\t'))
        parser->at++;
    if (parser->at == parser->end) {
        parser->token = TOKEN_END;
        parser->token_text = slice_make(parser->at, 0);
        return true;
    }
    char c = *parser->at;
    if (c == '"')
        return lex_string(parser);
    if (is_digit(c) || c == '-')
        return lex_number(parser);
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        if (single[i].c == c) {
            parser->token = single[i].token;
            parser->token_text = slice_make(parser->at++, 1);
            return true;
        }
    }
    return lex_word(parser);
}

/* --- scalars --- */

static uint32_t
hex4_value(const char *at)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++)
        code = code << 4 | (uint32_t) hex_digit(at[i]);
    return code;
}

static bool
surrogate_error(Parser *parser, bool twice_high)
{
    return json_error(parser, twice_high ? "Unicode high surrogate must not follow a high surrogate."
                                         : "Unicode low surrogate must follow a high surrogate.");
}

/* The character of \uXXXX at `*at` (behind the u), two of them for what lies beyond the first plane. */
static bool
unescape_unicode(Parser *parser, const char **at, const char *end, Buffer *text)
{
    uint32_t code = hex4_value(*at);
    *at += 4;
    if (code >= 0xd800 && code <= 0xdbff) {
        if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
            return surrogate_error(parser, false);
        uint32_t low = hex4_value(*at + 2);
        if (low < 0xdc00 || low > 0xdfff)
            return surrogate_error(parser, low >= 0xd800 && low <= 0xdbff);
        code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
        *at += 6;
    }
    if (code == 0) {
        error_set(parser->err, SQLSTATE_UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence");
        return error_detail(parser->err, "\\u0000 cannot be converted to text.");
    }
    return utf8_append(text, code) || surrogate_error(parser, false);
}

/* The text of a string token, appended. */
static bool
string_unescape(Parser *parser, Buffer *text)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    Slice token = parser->token_text;
    const char *at = token.bytes + 1, *end = token.bytes + token.size - 1;
    if (!parser->has_escapes) {
        buffer_append(text, at, (size_t) (end - at));
        return true;
    }
    while (at < end) {
        if (*at != '\\') {
            buffer_append_char(text, *at++);
            continue;
        }
        char c = at[1];
        const char *found = strchr(from, c);
        at += 2;
        if (c == 'u') {
            if (!unescape_unicode(parser, &at, end, text))
                return false;
        } else {
            buffer_append_char(text, found != NULL ? to[found - from] : c);
        }
    }
    return true;
}

void
jsonb_append_string(Buffer *out, Slice text)
{
    static const char escapes[32] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    buffer_append_char(out, '"');
    size_t start = 0;
    for (size_t i = 0; i <= text.size; i++) {
        unsigned char c = i < text.size ? (unsigned char) text.bytes[i] : 0;
        if (i < text.size && c >= 32 && c != '"' && c != '\\')
            continue;
        buffer_append(out, text.bytes + start, i - start);
        start = i + 1;
        if (i == text.size)
            break;
        if (c >= 32 || escapes[c] != 0) {
            buffer_append_char(out, '\\');
            buffer_append_char(out, c >= 32 ? (char) c : escapes[c]);
        } else {
            buffer_printf(out, "\\u%04x", c);
        }
    }
    buffer_append_char(out, '"');
}

static bool
put_string(Parser *parser)
{
    if (parser->out == NULL)
        return true;
    if (!parser->has_escapes) {
        buffer_append_slice(parser->out, parser->token_text);
        return true;
    }
    size_t start = parser->keys.size;
    if (!string_unescape(parser, &parser->keys))
        return false;
    jsonb_append_string(parser->out, slice_make(parser->keys.bytes + start, parser->keys.size - start));
    parser->keys.size = start;
    return true;
}

/* A number without exponent is its own canonical form, but for a negative zero. */
static bool
put_number(Parser *parser)
{
    Slice text = parser->token_text;
    if (parser->out == NULL)
        return true;
    bool plain = text.size < PLAIN_DIGITS, zero = true;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        plain = plain && c != 'e' && c != 'E';
        zero = zero && (c == '0' || c == '.' || c == '-');
    }
    if (plain) {
        if (zero && text.bytes[0] == '-')
            text = slice_make(text.bytes + 1, text.size - 1);
        buffer_append_slice(parser->out, text);
        return true;
    }
    Arena *arena = arena_new();
    Numeric number;
    bool ok = numeric_parse(text, arena, &number, parser->err);
    if (ok)
        numeric_print(number, parser->out);
    arena_free(arena);
    return ok;
}

/* --- objects --- */

static void
put_text(Parser *parser, const char *text)
{
    if (parser->out != NULL)
        buffer_append_text(parser->out, text);
}

static int
member_compare(const void *a, const void *b, void *context)
{
    const Member *x = a, *y = b;
    const char *keys = context;
    if (x->key_size != y->key_size)
        return x->key_size < y->key_size ? -1 : 1;
    int order = x->key_size == 0 ? 0 : memcmp(keys + x->key, keys + y->key, x->key_size);
    return order != 0 ? order : x->order < y->order ? -1 : 1;
}

static bool
member_same_key(const Parser *parser, const Member *a, const Member *b)
{
    return a->key_size == b->key_size &&
           (a->key_size == 0 || memcmp(parser->keys.bytes + a->key, parser->keys.bytes + b->key, a->key_size) == 0);
}

static void
object_sort(Parser *parser, const Frame *frame)
{
    Member *members = parser->members.items + frame->first_member;
    size_t count = parser->members.count - frame->first_member;
    Buffer sorted = {0};
    qsort_r(members, count, sizeof *members, member_compare, parser->keys.bytes);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && member_same_key(parser, &members[i], &members[i + 1]))
            continue;
        if (sorted.size > 0)
            buffer_append(&sorted, ", ", 2);
        buffer_append(&sorted, parser->out->bytes + members[i].start, members[i].end - members[i].start);
    }
    memcpy(parser->out->bytes + frame->start, sorted.bytes, sorted.size);
    parser->out->size = frame->start + sorted.size;
    buffer_deinit(&sorted);
}

/* Takes the key at hand and the colon after it. */
static bool
object_key(Parser *parser, Frame *frame)
{
    Buffer *out = parser->out;
    if (out != NULL) {
        buffer_reserve(&parser->keys, 1); /* an empty key has an address too */
        Member member = {.key = parser->keys.size, .start = out->size, .order = parser->members.count};
        if (!string_unescape(parser, &parser->keys))
            return false;
        member.key_size = parser->keys.size - member.key;
        jsonb_append_string(out, slice_make(parser->keys.bytes + member.key, member.key_size));
        buffer_append(out, ": ", 2);
        if (parser->members.count > frame->first_member) {
            Member *last = &parser->members.items[parser->members.count - 1];
            if (member_same_key(parser, last, &member) || member_compare(last, &member, parser->keys.bytes) > 0)
                frame->in_order = false;
        }
        vector_push(&parser->members, member);
    }
    if (!next_token(parser))
        return false;
    if (parser->token != TOKEN_COLON)
        return expected(parser, "\":\"");
    return next_token(parser);
}

static void
object_member_end(Parser *parser)
{
    if (parser->out != NULL)
        parser->members.items[parser->members.count - 1].end = parser->out->size;
}

static void
frame_close(Parser *parser, const char *brace)
{
    Frame frame = vector_pop(&parser->frames);
    if (frame.is_object && parser->out != NULL) {
        if (!frame.in_order)
            object_sort(parser, &frame);
        parser->members.count = frame.first_member;
        parser->keys.size = frame.keys_start;
    }
    put_text(parser, brace);
}

static bool
frame_open(Parser *parser, bool is_object)
{
    if (parser->frames.count >= DEPTH_MAX)
        return error_set(parser->err, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
    put_text(parser, is_object ? "{" : "[");
    Frame frame = {.is_object = is_object,
                   .in_order = true,
                   .start = parser->out != NULL ? parser->out->size : 0,
                   .first_member = parser->members.count,
                   .keys_start = parser->keys.size};
    vector_push(&parser->frames, frame);
    return next_token(parser);
}

/* --- values --- */

static Frame *
top_frame(Parser *parser)
{
    return parser->frames.count == 0 ? NULL : &parser->frames.items[parser->frames.count - 1];
}

/* Starts the value at hand; *opened: it is a container that is not empty, and its first value is at hand now. */
static bool
value_start(Parser *parser, bool *opened)
{
    bool ok = true;
    *opened = false;
    switch (parser->token) {
    case TOKEN_STRING:
        ok = put_string(parser);
        break;
    case TOKEN_NUMBER:
        ok = put_number(parser);
        break;
    case TOKEN_WORD:
        if (parser->out != NULL)
            buffer_append_slice(parser->out, parser->token_text);
        break;
    case TOKEN_ARRAY_START:
        if (!frame_open(parser, false))
            return false;
        *opened = parser->token != TOKEN_ARRAY_END;
        if (!*opened)
            frame_close(parser, "]");
        break;
    case TOKEN_OBJECT_START:
        if (!frame_open(parser, true))
            return false;
        *opened = parser->token != TOKEN_OBJECT_END;
        if (!*opened)
            frame_close(parser, "}");
        else if (parser->token != TOKEN_STRING)
            return expected(parser, "string or \"}\"");
        else
            return object_key(parser, top_frame(parser));
        break;
    default:
        return expected(parser, "JSON value");
    }
    return ok && (*opened || next_token(parser));
}

/* Behind a value: closes what closes here. *more: another value is at hand. */
static bool
value_end(Parser *parser, bool *more)
{
    *more = false;
    for (Frame *frame; (frame = top_frame(parser)) != NULL;) {
        if (frame->is_object)
            object_member_end(parser);
        if (parser->token == TOKEN_COMMA) {
            put_text(parser, ", ");
            *more = true;
            if (!next_token(parser))
                return false;
            if (!frame->is_object)
                return true;
            if (parser->token != TOKEN_STRING)
                return expected(parser, "string");
            return object_key(parser, frame);
        }
        if (parser->token != (frame->is_object ? TOKEN_OBJECT_END : TOKEN_ARRAY_END))
            return expected(parser, frame->is_object ? "\",\" or \"}\"" : "\",\" or \"]\"");
        frame_close(parser, frame->is_object ? "}" : "]");
        if (!next_token(parser))
            return false;
    }
    return parser->token == TOKEN_END || expected(parser, "end of input");
}

static bool
json_walk(Slice text, Buffer *out, Error *err)
{
    Parser parser = {.at = text.bytes, .end = text.bytes + text.size, .out = out, .err = err};
    bool ok = next_token(&parser), more = true;
    while (ok && more) {
        bool opened;
        ok = value_start(&parser, &opened);
        if (ok && !opened)
            ok = value_end(&parser, &more);
    }
    buffer_deinit(&parser.keys);
    vector_deinit(&parser.frames);
    vector_deinit(&parser.members);
    return ok;
}

bool
jsonb_parse(Slice text, Buffer *out, Error *err)
{
    size_t start = out->size;
    buffer_reserve(out, text.size + text.size / 8);
    if (json_walk(text, out, err))
        return true;
    out->size = start;
    return false;
}

bool
json_check(Slice text, Error *err)
{
    return json_walk(text, NULL, err);
}
