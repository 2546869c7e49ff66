/*
 * lexer.re -- bytes to tokens, for re2c; PostgreSQL's lexical rules with standard_conforming_strings on.
 *
 * The text ends with a NUL (parse.c copies it and refuses other NULs), so no rule needs to ask for more input, and
 * every byte has a rule. Strings are found by a rule and read by the functions below it, since they may go on after a
 * newline and their escapes differ.
 */
#include <string.h>

#include "grammar/build.h"
#include "grammar/string_literal.h"
#include "grammar/sql.h"

static bool
lexer_error(Parser *p, uint32_t offset, const char *message)
{
    return parser_error_at(p, SQLSTATE_SYNTAX_ERROR, parser_position(p, offset), "%s at or near \"%.*s\"", message,
                           (int) (p->limit - offset > 60 ? 60 : p->limit - offset), p->text + offset);
}

/* What ends at `end`, which is the offender. */
static bool
lexer_error_token(Parser *p, const char *start, const char *end, const char *message)
{
    return parser_error_at(p, SQLSTATE_SYNTAX_ERROR, parser_position(p, (uint32_t) (start - p->text)),
                           "%s at or near \"%.*s\"", message, (int) (end - start), start);
}

static void
token_set(Parser *p, Token *token, int kind, const char *start, const char *end, const char *text)
{
    token->kind = kind;
    token->text = text;
    token->offset = (uint32_t) (start - p->text);
    token->end = (uint32_t) (end - p->text);
    token->position = parser_position(p, token->offset);
    p->cursor = token->end;
}

static bool
token_ident(Parser *p, Token *token, const char *start, const char *end)
{
    char folded[IDENTIFIER_MAX + 1];
    size_t size = (size_t) (end - start);
    const char *name = NULL;
    int keyword;

    if (size > IDENTIFIER_MAX)
        return parser_error_at(p, SQLSTATE_NAME_TOO_LONG, parser_position(p, (uint32_t) (start - p->text)),
                               "identifier length exceeds %d bytes", IDENTIFIER_MAX);
    for (size_t i = 0; i < size; i++)
        folded[i] = start[i] >= 'A' && start[i] <= 'Z' ? (char) (start[i] | 0x20) : start[i];
    keyword = keyword_find(folded, size, &name);
    if (keyword != 0)
        token_set(p, token, keyword, start, end, name);
    else
        token_set(p, token, TK_IDENT, start, end, arena_strndup(p->arena, folded, size));
    return true;
}

/* `quote` is at the opening double quote. */
static bool
token_quoted_ident(Parser *p, Token *token, const char *start, const char *quote, bool unicode)
{
    const char *end = quote + 1;
    const char *after;
    char *text;

    while (*end != '\0' && (*end != '"' || end[1] == '"'))
        end += *end == '"' ? 2 : 1;
    if (*end == '\0')
        return lexer_error(p, (uint32_t) (start - p->text), "unterminated quoted identifier");
    after = end + 1;
    text = string_undoubled(p->arena, quote + 1, (size_t) (end - quote - 1), '"');
    token_set(p, token, TK_IDENT, start, after, text);
    if (unicode && (text = string_unicode(p, token, text)) == NULL)
        return false;
    if (text[0] == '\0')
        return lexer_error(p, token->offset, "zero-length delimited identifier");
    if (strlen(text) > IDENTIFIER_MAX)
        return parser_error_at(p, SQLSTATE_NAME_TOO_LONG, token->position, "identifier length exceeds %d bytes",
                               IDENTIFIER_MAX);
    if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        return parser_error_at(p, SQLSTATE_INVALID_NAME, token->position, "\"%s\" is not permitted as an identifier",
                               text);
    token->text = text;
    return true;
}

static bool
token_string(Parser *p, Token *token, const char *start, const char *quote, StringKind kind)
{
    const char *end;
    char *text;
    bool binary = kind == STRING_BITS;

    text = string_read(p, start, quote, kind, &end);
    if (text == NULL)
        return false;
    if (binary) /* the letter first, lower case */
        text = arena_printf(p->arena, "%c%s", *start | 0x20, text);
    token_set(p, token, binary ? TK_BCONST : TK_SCONST, start, end, text);
    if (kind == STRING_UNICODE && (text = string_unicode(p, token, text)) == NULL)
        return false;
    token->text = text;
    return true;
}

/* start is at "$tag$", body after it. */
static bool
token_dollar_string(Parser *p, Token *token, const char *start, const char *body)
{
    size_t tag = (size_t) (body - start);
    const char *limit = p->text + p->limit;
    const char *end = memmem(body, (size_t) (limit - body), start, tag);

    if (end == NULL)
        return lexer_error(p, (uint32_t) (start - p->text), "unterminated dollar-quoted string");
    token_set(p, token, TK_SCONST, start, end + tag, arena_strndup(p->arena, body, (size_t) (end - body)));
    return true;
}

static void
token_number(Parser *p, Token *token, int kind, const char *start, const char *end)
{
    char *text = arena_strndup(p->arena, start, (size_t) (end - start));
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '_')
            *to++ = *from;
    }
    *to = '\0';
    token_set(p, token, kind, start, end, text);
}

static int
operator_kind(const char *op, size_t size)
{
    if (size == 1) {
        switch (op[0]) {
        case '+': return TK_PLUS;
        case '-': return TK_MINUS;
        case '*': return TK_STAR;
        case '/': return TK_SLASH;
        case '%': return TK_PERCENT;
        case '^': return TK_CARET;
        case '<': return TK_LT;
        case '>': return TK_GT;
        case '=': return TK_EQ;
        default: return TK_OP;
        }
    }
    if (size == 2) {
        if (op[1] == '=') {
            if (op[0] == '<')
                return TK_LE;
            if (op[0] == '>')
                return TK_GE;
            if (op[0] == '!')
                return TK_NE;
        } else if (op[1] == '>') {
            if (op[0] == '<')
                return TK_NE;
            if (op[0] == '=')
                return TK_ARROW;
        }
    }
    return TK_OP;
}

/* PostgreSQL's rule: an operator ends before a comment; it ends in + or - only when it also has one of ~!@#^&|`?%. */
static void
token_operator(Parser *p, Token *token, const char *start, const char *end)
{
    const char *special;
    int kind;

    for (const char *at = start; at + 1 < end; at++) {
        if ((at[0] == '/' && at[1] == '*') || (at[0] == '-' && at[1] == '-')) {
            end = at;
            break;
        }
    }
    while (end - start > 1 && (end[-1] == '+' || end[-1] == '-')) {
        special = start;
        while (special < end - 1 && strchr("~!@#^&|`?%", *special) == NULL)
            special++;
        if (special < end - 1)
            break;
        end--;
    }
    kind = operator_kind(start, (size_t) (end - start));
    token_set(p, token, kind, start, end,
              kind == TK_NE ? "<>" : arena_strndup(p->arena, start, (size_t) (end - start)));
}

/* `at` is after the opening of a comment; comments nest. Returns NULL when it does not end. */
static const char *
comment_end(const char *at)
{
    int depth = 1;

    for (; *at != '\0'; at++) {
        if (at[0] == '*' && at[1] == '/') {
            at++;
            if (--depth == 0)
                return at + 1;
        } else if (at[0] == '/' && at[1] == '*') {
            at++;
            depth++;
        }
    }
    return NULL;
}

bool
lexer_next(Parser *p, Token *token)
{
    const char *YYCURSOR = p->text + p->cursor;
    const char *YYMARKER = NULL;
    const char *limit = p->text + p->limit;
    const char *start;

    for (;;) {
        start = YYCURSOR;
        if (start >= limit) {
            token_set(p, token, 0, limit, limit, "");
            return true;
        }
        /*!re2c
        re2c:yyfill:enable = 0;
        re2c:define:YYCTYPE = "unsigned char";

        space = [ \t\n\r\f\v]+;
        ident_start = [A-Za-z_\x80-\xff];
        ident = ident_start [A-Za-z0-9_$\x80-\xff]*;
        digits = [0-9] ("_"? [0-9])*;
        hexadecimal = "0" [xX] ("_"? [0-9A-Fa-f])+;
        octal = "0" [oO] ("_"? [0-7])+;
        binary = "0" [bB] ("_"? [01])+;
        integer = digits | hexadecimal | octal | binary;
        decimal = digits "." digits? | "." digits;
        real = (digits | decimal) [eE] [+\-]? digits;
        tag = "$" (ident_start [A-Za-z0-9_\x80-\xff]*)? "$";
        operator = [~!@#^&|`?+\-*\/%<>=]+;

        space            { continue; }
        "--" [^\n\r\x00]* { continue; }
        /* As long as an operator can be, so that this rule wins. */
        "/*" [~!@#^&|`?+\-*\/%<>=]* {
            const char *end = comment_end(start + 2);

            if (end == NULL)
                return lexer_error(p, (uint32_t) (start - p->text), "unterminated /* comment");
            YYCURSOR = end;
            continue;
        }

        ident            { return token_ident(p, token, start, YYCURSOR); }
        "\""             { return token_quoted_ident(p, token, start, YYCURSOR - 1, false); }
        [uU] "&\""       { return token_quoted_ident(p, token, start, YYCURSOR - 1, true); }

        "'"              { return token_string(p, token, start, YYCURSOR - 1, STRING_PLAIN); }
        [nN] "'"         { return token_string(p, token, start, YYCURSOR - 1, STRING_PLAIN); }
        [eE] "'"         { return token_string(p, token, start, YYCURSOR - 1, STRING_ESCAPES); }
        [bBxX] "'"       { return token_string(p, token, start, YYCURSOR - 1, STRING_BITS); }
        [uU] "&'"        { return token_string(p, token, start, YYCURSOR - 1, STRING_UNICODE); }
        tag              { return token_dollar_string(p, token, start, YYCURSOR); }

        "$" [0-9]+       {
            token_set(p, token, TK_PARAM, start, YYCURSOR,
                      arena_strndup(p->arena, start + 1, (size_t) (YYCURSOR - start - 1)));
            return true;
        }
        "$" [0-9]+ ident { return lexer_error_token(p, start, YYCURSOR, "trailing junk after parameter"); }

        integer          { token_number(p, token, TK_ICONST, start, YYCURSOR); return true; }
        decimal          { token_number(p, token, TK_FCONST, start, YYCURSOR); return true; }
        real             { token_number(p, token, TK_FCONST, start, YYCURSOR); return true; }
        (integer | decimal | real) ident {
            return lexer_error_token(p, start, YYCURSOR, "trailing junk after numeric literal");
        }

        operator         { token_operator(p, token, start, YYCURSOR); return true; }
        "::"             { token_set(p, token, TK_TYPECAST, start, YYCURSOR, "::"); return true; }
        ":="             { token_set(p, token, TK_COLON_EQUALS, start, YYCURSOR, ":="); return true; }
        ":"              { token_set(p, token, TK_COLON, start, YYCURSOR, ":"); return true; }
        "("              { token_set(p, token, TK_LPAREN, start, YYCURSOR, "("); return true; }
        ")"              { token_set(p, token, TK_RPAREN, start, YYCURSOR, ")"); return true; }
        "["              { token_set(p, token, TK_LBRACKET, start, YYCURSOR, "["); return true; }
        "]"              { token_set(p, token, TK_RBRACKET, start, YYCURSOR, "]"); return true; }
        ","              { token_set(p, token, TK_COMMA, start, YYCURSOR, ","); return true; }
        ";"              { token_set(p, token, TK_SEMICOLON, start, YYCURSOR, ";"); return true; }
        "."              { token_set(p, token, TK_DOT, start, YYCURSOR, "."); return true; }

        *                {
            return parser_error_at(p, SQLSTATE_SYNTAX_ERROR, parser_position(p, (uint32_t) (start - p->text)),
                                   "syntax error at or near \"%c\"", *start);
        }
        */
    }
}
