#include "grammar/string_literal.h"

#include <string.h>

#include "base/utf8.h"

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *
string_undoubled(Arena *arena, const char *text, size_t size, char quote)
{
    char *copy = arena_alloc(arena, size + 1);
    char *to = copy;

    for (size_t i = 0; i < size; i++) {
        *to++ = text[i];
        if (text[i] == quote)
            i++;
    }
    return copy;
}

/* After a closing quote: where the next piece's opening quote is, when only white space (and comments) with at
   least one newline are between; else NULL. */
static const char *
string_continuation(const char *at)
{
    bool newline = false;

    for (;;) {
        if (is_space(*at)) {
            newline |= *at == '\n' || *at == '\r';
            at++;
        } else if (at[0] == '-' && at[1] == '-') {
            while (*at != '\0' && *at != '\n' && *at != '\r')
                at++;
        } else {
            return newline && *at == '\'' ? at : NULL;
        }
    }
}

/* From an opening quote to its closing quote, or NULL. */
static const char *
string_piece_end(const char *quote, bool escapes)
{
    for (const char *at = quote + 1; *at != '\0'; at++) {
        if (escapes && *at == '\\' && at[1] != '\0') {
            at++;
        } else if (*at == '\'') {
            if (at[1] != '\'')
                return at;
            at++;
        }
    }
    return NULL;
}

typedef struct Escapes {
    Parser *p;
    const char *at; /* after the backslash; moves past the escape */
    char *to;
    uint32_t surrogate; /* a first half that waits for its second */
    bool bytes;         /* \x or octal was used: the result must be checked */
} Escapes;

static bool
escape_error(const Escapes *escapes, const char *sqlstate, const char *message)
{
    return parser_error_at(escapes->p, sqlstate,
                           parser_position(escapes->p, (uint32_t) (escapes->at - escapes->p->text) - 1), "%s", message);
}

/* Writes a code point, joining surrogate halves. */
static bool
escape_code(Escapes *escapes, uint32_t code)
{
    if (escapes->surrogate != 0) {
        if (code < 0xdc00 || code > 0xdfff)
            return escape_error(escapes, SQLSTATE_SYNTAX_ERROR, "invalid Unicode surrogate pair");
        code = 0x10000 + ((escapes->surrogate - 0xd800) << 10) + (code - 0xdc00);
        escapes->surrogate = 0;
    } else if (code >= 0xd800 && code <= 0xdbff) {
        escapes->surrogate = code;
        return true;
    } else if (code >= 0xdc00 && code <= 0xdfff) {
        return escape_error(escapes, SQLSTATE_SYNTAX_ERROR, "invalid Unicode surrogate pair");
    }
    if (code == 0 || code > 0x10ffff)
        return escape_error(escapes, SQLSTATE_INVALID_ESCAPE_SEQUENCE, "invalid Unicode escape value");
    escapes->to += utf8_write(escapes->to, code);
    return true;
}

/* `digits` hexadecimal digits at `at`. */
static bool
escape_hex(Escapes *escapes, int digits)
{
    uint32_t code = 0;

    for (int i = 0; i < digits; i++) {
        int value = hex_value(escapes->at[i]);

        if (value < 0)
            return escape_error(escapes, SQLSTATE_INVALID_ESCAPE_SEQUENCE, "invalid Unicode escape");
        code = code << 4 | (uint32_t) value;
    }
    escapes->at += digits;
    return escape_code(escapes, code);
}

/* One escape of E'...'; `at` is after the backslash. */
static bool
escape_read(Escapes *escapes)
{
    char c = *escapes->at++;
    int value = 0;

    if (escapes->surrogate != 0 && c != 'u' && c != 'U')
        return escape_error(escapes, SQLSTATE_SYNTAX_ERROR, "invalid Unicode surrogate pair");
    switch (c) {
    case 'b':
        *escapes->to++ = '\b';
        return true;
    case 'f':
        *escapes->to++ = '\f';
        return true;
    case 'n':
        *escapes->to++ = '\n';
        return true;
    case 'r':
        *escapes->to++ = '\r';
        return true;
    case 't':
        *escapes->to++ = '\t';
        return true;
    case 'u':
        return escape_hex(escapes, 4);
    case 'U':
        return escape_hex(escapes, 8);
    case 'x':
        if (hex_value(*escapes->at) < 0) {
            *escapes->to++ = 'x';
            return true;
        }
        for (int i = 0; i < 2 && hex_value(*escapes->at) >= 0; i++)
            value = value << 4 | hex_value(*escapes->at++);
        escapes->bytes = true;
        *escapes->to++ = (char) value;
        return true;
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
        value = c - '0';
        for (int i = 0; i < 2 && *escapes->at >= '0' && *escapes->at <= '7'; i++)
            value = value << 3 | (*escapes->at++ - '0');
        escapes->bytes = true;
        *escapes->to++ = (char) value;
        return true;
    default:
        *escapes->to++ = c;
        return true;
    }
}

static bool
string_copy_piece(Escapes *escapes, const char *from, const char *to, bool with_escapes)
{
    escapes->at = from;
    while (escapes->at < to) {
        if (with_escapes && *escapes->at == '\\') {
            escapes->at++;
            if (!escape_read(escapes))
                return false;
            continue;
        }
        if (escapes->surrogate != 0)
            return escape_error(escapes, SQLSTATE_SYNTAX_ERROR, "invalid Unicode surrogate pair");
        *escapes->to++ = *escapes->at;
        escapes->at += *escapes->at == '\'' ? 2 : 1;
    }
    return true;
}

/* Bytes written as \x or octal may be no UTF-8. */
static bool
string_check_bytes(Parser *p, const char *start, const char *text, size_t size)
{
    size_t bad;

    if (utf8_is_valid(slice_make(text, size), &bad))
        return true;
    return parser_error_at(p, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE, parser_position(p, (uint32_t) (start - p->text)),
                           "invalid byte sequence for encoding \"UTF8\": 0x%02x", (unsigned char) text[bad]);
}

char *
string_read(Parser *p, const char *start, const char *quote, StringKind kind, const char **end)
{
    const char *next = quote;
    const char *last = NULL;
    Escapes escapes = {.p = p};
    char *text;

    for (const char *piece = quote; piece != NULL; piece = string_continuation(last + 1)) {
        last = string_piece_end(piece, kind == STRING_ESCAPES);
        if (last == NULL || last >= p->text + p->limit) {
            parser_error_at(p, SQLSTATE_SYNTAX_ERROR, parser_position(p, (uint32_t) (start - p->text)),
                            "unterminated quoted string at or near \"%.60s\"", start);
            return NULL;
        }
    }
    *end = last + 1;
    text = arena_alloc(p->arena, (size_t) (last - quote) + 1);
    escapes.to = text;
    while (next != NULL && next < last) {
        const char *piece_end = string_piece_end(next, kind == STRING_ESCAPES);

        if (!string_copy_piece(&escapes, next + 1, piece_end, kind == STRING_ESCAPES))
            return NULL;
        next = string_continuation(piece_end + 1);
    }
    if (escapes.surrogate != 0) {
        escape_error(&escapes, SQLSTATE_SYNTAX_ERROR, "invalid Unicode surrogate pair");
        return NULL;
    }
    if (escapes.bytes && !string_check_bytes(p, start, text, (size_t) (escapes.to - text)))
        return NULL;
    return text;
}

/* UESCAPE 'c' after a U& literal: moves token->end past it and returns c; backslash when there is none, 0 after an
   error. */
static char
unicode_escape_character(Parser *p, Token *token)
{
    const char *at = p->text + token->end;
    char c;

    while (is_space(*at))
        at++;
    if (strncasecmp(at, "uescape", 7) != 0 || (!is_space(at[7]) && at[7] != '\''))
        return '\\';
    at += 7;
    while (is_space(*at))
        at++;
    c = *at == '\'' ? at[1] : '\0';
    if (c == '\0' || at[2] != '\'' || hex_value(c) >= 0 || strchr("+'\"", c) != NULL || is_space(c) ||
        (c & 0x80) != 0) {
        parser_error_at(p, SQLSTATE_SYNTAX_ERROR, parser_position(p, (uint32_t) (at - p->text)),
                        "invalid Unicode escape character");
        return 0;
    }
    token->end = (uint32_t) (at + 3 - p->text);
    p->cursor = token->end;
    return c;
}

char *
string_unicode(Parser *p, Token *token, const char *text)
{
    char escape = unicode_escape_character(p, token);
    char *result = arena_alloc(p->arena, strlen(text) + 1);
    Escapes escapes = {.p = p, .at = text, .to = result};
    Escapes error_at = {.p = p, .at = p->text + token->offset + 1};

    if (escape == 0)
        return NULL;
    while (*escapes.at != '\0') {
        bool ok = true;

        if (*escapes.at != escape || escapes.at[1] == escape) {
            ok = escapes.surrogate == 0;
            if (*escapes.at == escape)
                escapes.at++;
            *escapes.to++ = *escapes.at++;
        } else {
            int digits = escapes.at[1] == '+' ? 6 : 4;
            uint32_t code = 0;

            escapes.at += digits == 6 ? 2 : 1;
            for (int i = 0; i < digits && ok; i++) {
                ok = hex_value(*escapes.at) >= 0;
                if (ok)
                    code = code << 4 | (uint32_t) hex_value(*escapes.at++);
            }
            /* Error positions are those of the token: `at` walks a copy. */
            if (ok) {
                Escapes step = escapes;

                step.at = error_at.at;
                if (!escape_code(&step, code))
                    return NULL;
                step.at = escapes.at;
                escapes = step;
            }
        }
        if (!ok) {
            escape_error(&error_at, SQLSTATE_SYNTAX_ERROR,
                         escapes.surrogate != 0 ? "invalid Unicode surrogate pair" : "invalid Unicode escape");
            return NULL;
        }
    }
    if (escapes.surrogate != 0) {
        escape_error(&error_at, SQLSTATE_SYNTAX_ERROR, "invalid Unicode surrogate pair");
        return NULL;
    }
    return result;
}
