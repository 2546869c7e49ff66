#include "types/jsonpath_token.h"

#include "types/text_internal.h"

bool
path_token_error(const PathToken *token, const char *message, Error *err)
{
    if (token->kind == PATH_TOKEN_END)
        return error_set(err, SQLSTATE_SYNTAX_ERROR, "%s at end of jsonpath input", message);
    return error_set(err, SQLSTATE_SYNTAX_ERROR, "%s at or near \"%.*s\" of jsonpath input", message,
                     (int) token->source.size, token->source.bytes);
}

static bool
is_path_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* What a word may be made of. */
static bool
is_other(char c)
{
    return c != '\0' && !is_path_blank(c) && strchr("?%$.[]{}()|&!=<>@#,*:-+/\\\"", c) == NULL;
}

static bool
fail_here(const PathLexer *lexer, const char *start, const char *message, Error *err)
{
    PathToken token = {.kind = lexer->at == lexer->end ? PATH_TOKEN_END : PATH_TOKEN_CHAR,
                       .source = slice_make(start, (size_t) (lexer->at - start))};
    return path_token_error(&token, message, err);
}

static void
append_utf8(Buffer *out, uint32_t code)
{
    if (code < 0x80) {
        buffer_append_char(out, (char) code);
    } else if (code < 0x800) {
        buffer_append_char(out, (char) (0xc0 | code >> 6));
        buffer_append_char(out, (char) (0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        buffer_append_char(out, (char) (0xe0 | code >> 12));
        buffer_append_char(out, (char) (0x80 | (code >> 6 & 0x3f)));
        buffer_append_char(out, (char) (0x80 | (code & 0x3f)));
    } else {
        buffer_append_char(out, (char) (0xf0 | code >> 18));
        buffer_append_char(out, (char) (0x80 | (code >> 12 & 0x3f)));
        buffer_append_char(out, (char) (0x80 | (code >> 6 & 0x3f)));
        buffer_append_char(out, (char) (0x80 | (code & 0x3f)));
    }
}

/* Hexadecimal digits at the lexer; false: there are not `least` of them. */
static bool
read_hex(PathLexer *lexer, int least, int most, uint32_t *code)
{
    int count = 0;
    *code = 0;
    for (; count < most && lexer->at < lexer->end && hex_digit(*lexer->at) >= 0; count++, lexer->at++)
        *code = *code * 16 + (uint32_t) hex_digit(*lexer->at);
    return count >= least;
}

/* After \u: four digits, or one to six in braces. */
static bool
read_unicode(PathLexer *lexer, uint32_t *code)
{
    if (lexer->at == lexer->end || *lexer->at != '{')
        return read_hex(lexer, 4, 4, code);
    lexer->at++;
    return read_hex(lexer, 1, 6, code) && lexer->at < lexer->end && *lexer->at++ == '}';
}

static bool
append_unicode(PathLexer *lexer, const char *start, Buffer *out, Error *err)
{
    uint32_t code, low;
    if (!read_unicode(lexer, &code))
        return fail_here(lexer, start, "invalid Unicode escape sequence", err);
    if (code >= 0xd800 && code < 0xdc00) {
        bool follows = lexer->end - lexer->at >= 2 && lexer->at[0] == '\\' && lexer->at[1] == 'u';
        if (follows)
            lexer->at += 2;
        if (!follows || !read_unicode(lexer, &low) || low < 0xdc00 || low > 0xdfff) {
            (void) error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type %s", "jsonpath");
            return error_detail(err, "Unicode low surrogate must follow a high surrogate.");
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
        (void) error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type %s", "jsonpath");
        return error_detail(err, "Unicode low surrogate must follow a high surrogate.");
    }
    if (code == 0) {
        (void) error_set(err, "22P05", "unsupported Unicode escape sequence");
        return error_detail(err, "\\u0000 cannot be converted to text.");
    }
    if (code > 0x10ffff)
        return fail_here(lexer, start, "invalid Unicode escape sequence", err);
    append_utf8(out, code);
    return true;
}

/* At a backslash. */
static bool
append_escape(PathLexer *lexer, const char *start, Buffer *out, Error *err)
{
    static const char letters[] = "bfnrtv", codes[] = "\b\f\n\r\t\v";
    lexer->at++;
    if (lexer->at == lexer->end)
        return fail_here(lexer, start, "unexpected end after backslash", err);
    char c = *lexer->at++;
    const char *letter = c == '\0' ? NULL : strchr(letters, c);
    if (letter != NULL) {
        buffer_append_char(out, codes[letter - letters]);
        return true;
    }
    if (c == 'u')
        return append_unicode(lexer, start, out, err);
    if (c == 'x') {
        uint32_t code;
        if (!read_hex(lexer, 2, 2, &code))
            return fail_here(lexer, start, "invalid hexadecimal character sequence", err);
        append_utf8(out, code);
        return true;
    }
    buffer_append_char(out, c);
    return true;
}

static void
token_text(PathLexer *lexer, PathToken *token, Buffer *text)
{
    size_t size = text->size;
    token->text = slice_make(buffer_to_arena(text, lexer->arena), size);
}

/* At the opening quote. */
static bool
read_string(PathLexer *lexer, PathToken *token, Error *err)
{
    const char *start = lexer->at++;
    Buffer text = {0};
    while (lexer->at < lexer->end && *lexer->at != '"') {
        if (*lexer->at != '\\') {
            buffer_append_char(&text, *lexer->at++);
        } else if (!append_escape(lexer, start, &text, err)) {
            buffer_deinit(&text);
            return false;
        }
    }
    if (lexer->at == lexer->end) {
        buffer_deinit(&text);
        return fail_here(lexer, start, "unexpected end of quoted string", err);
    }
    lexer->at++;
    token_text(lexer, token, &text);
    return true;
}

static bool
read_word(PathLexer *lexer, PathToken *token, Error *err)
{
    const char *start = lexer->at;
    Buffer text = {0};
    token->plain = true;
    while (lexer->at < lexer->end && (is_other(*lexer->at) || *lexer->at == '\\')) {
        if (*lexer->at != '\\') {
            buffer_append_char(&text, *lexer->at++);
            continue;
        }
        token->plain = false;
        if (!append_escape(lexer, start, &text, err)) {
            buffer_deinit(&text);
            return false;
        }
    }
    token_text(lexer, token, &text);
    return true;
}

static const char *
skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

/* A digit, or a point before one. */
static bool
read_number(PathLexer *lexer, PathToken *token, Error *err)
{
    const char *start = lexer->at, *at = start, *end = lexer->end;
    token->kind = PATH_TOKEN_INTEGER;
    at = *at == '0' ? at + 1 : skip_digits(at, end);
    if (at < end && *at == '.') {
        token->kind = PATH_TOKEN_NUMBER;
        at = skip_digits(at + 1, end);
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        const char *digits = at + 1;
        if (digits < end && (*digits == '+' || *digits == '-'))
            digits++;
        if (digits < end && is_digit(*digits)) {
            at = skip_digits(digits, end);
            token->kind = PATH_TOKEN_NUMBER;
        } else if (digits > at + 1) {
            lexer->at = digits;
            return fail_here(lexer, start, "invalid numeric literal", err);
        }
    }
    lexer->at = at;
    token->text = slice_make(start, (size_t) (at - start));
    if (at < end && is_other(*at)) {
        PathToken junk = {.kind = PATH_TOKEN_CHAR, .source = slice_make(start, (size_t) (at + 1 - start))};
        return path_token_error(&junk, "trailing junk after numeric literal", err);
    }
    return true;
}

static bool
skip_blanks(PathLexer *lexer, Error *err)
{
    for (;;) {
        while (lexer->at < lexer->end && is_path_blank(*lexer->at))
            lexer->at++;
        if (lexer->end - lexer->at < 2 || lexer->at[0] != '/' || lexer->at[1] != '*')
            return true;
        const char *start = lexer->at;
        const char *close = memmem(start + 2, (size_t) (lexer->end - start - 2), "*/", 2);
        if (close == NULL) {
            lexer->at = lexer->end;
            return fail_here(lexer, start, "unexpected end of comment", err);
        }
        lexer->at = close + 2;
    }
}

static bool
read_symbol(PathLexer *lexer, PathToken *token)
{
    static const struct {
        const char *text;
        PathTokenKind kind;
        PathKind compare;
    } symbols[] = {
        {"&&", PATH_TOKEN_AND, 0},
        {"||", PATH_TOKEN_OR, 0},
        {"**", PATH_TOKEN_ANY_LEVEL, 0},
        {"==", PATH_TOKEN_COMPARE, PATH_EQUAL},
        {"<>", PATH_TOKEN_COMPARE, PATH_NOT_EQUAL},
        {"!=", PATH_TOKEN_COMPARE, PATH_NOT_EQUAL},
        {"<=", PATH_TOKEN_COMPARE, PATH_LESS_EQUAL},
        {">=", PATH_TOKEN_COMPARE, PATH_GREATER_EQUAL},
        {"<", PATH_TOKEN_COMPARE, PATH_LESS},
        {">", PATH_TOKEN_COMPARE, PATH_GREATER},
        {"!", PATH_TOKEN_NOT, 0},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        size_t size = strlen(symbols[i].text);
        if ((size_t) (lexer->end - lexer->at) >= size && memcmp(lexer->at, symbols[i].text, size) == 0) {
            token->kind = symbols[i].kind;
            token->compare = symbols[i].compare;
            lexer->at += size;
            return true;
        }
    }
    return false;
}

bool
path_token_next(PathLexer *lexer, PathToken *token, Error *err)
{
    *token = (PathToken){.kind = PATH_TOKEN_END};
    if (!skip_blanks(lexer, err))
        return false;
    if (lexer->at == lexer->end)
        return true;
    const char *start = lexer->at;
    char c = *start, after = lexer->end - start > 1 ? start[1] : '\0';
    bool fine = true;
    if (is_digit(c) || (c == '.' && is_digit(after))) {
        fine = read_number(lexer, token, err);
    } else if (c == '"') {
        token->kind = PATH_TOKEN_STRING;
        fine = read_string(lexer, token, err);
    } else if (c == '$' && (after == '"' || is_other(after))) {
        token->kind = PATH_TOKEN_VARIABLE;
        lexer->at++;
        fine = after == '"' ? read_string(lexer, token, err) : read_word(lexer, token, err);
    } else if (is_other(c) || c == '\\') {
        token->kind = PATH_TOKEN_WORD;
        fine = read_word(lexer, token, err);
    } else if (!read_symbol(lexer, token)) {
        token->kind = PATH_TOKEN_CHAR;
        token->c = c;
        lexer->at++;
    }
    token->source = slice_make(start, (size_t) (lexer->at - start));
    return fine;
}
