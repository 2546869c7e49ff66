/*
 * token.c -- between the lexer and the grammar: keywords, positions, and the marks that need a second word.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "grammar/build.h"
#include "grammar/keyword.h"
#include "grammar/sql.h"

typedef struct Keyword {
    const char *name;
    int token;
    KeywordClass class;
} Keyword;

#include "grammar/keyword_table.h"

/* The number of the keyword, 0 when there is none. */
static int
keyword_index(const char *text, size_t size)
{
    uint32_t hash = 0;

    if (size > KEYWORD_LENGTH_MAX)
        return 0;
    for (size_t i = 0; i < size; i++)
        hash = hash * 31 + (unsigned char) text[i];
    /* keywords.awk works modulo 2^20; the table's size divides that. */
    for (uint32_t at = hash % KEYWORD_HASH_SIZE; keyword_hash[at] != 0; at = (at + 1) % KEYWORD_HASH_SIZE) {
        const Keyword *keyword = &keywords[keyword_hash[at]];

        if (strncmp(keyword->name, text, size) == 0 && keyword->name[size] == '\0')
            return keyword_hash[at];
    }
    return 0;
}

int
keyword_find(const char *text, size_t size, const char **name)
{
    int index = keyword_index(text, size);

    *name = keywords[index].name;
    return keywords[index].token;
}

KeywordClass
keyword_class(const char *text)
{
    return keywords[keyword_index(text, strlen(text))].class;
}

bool
token_is_word(const Parser *p, const Token *token)
{
    char c = p->text[token->offset];

    if (token->kind == TK_IDENT)
        return c != '"' && !((c == 'U' || c == 'u') && p->text[token->offset + 1] == '&');
    return token->kind != 0 && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) && token->kind != TK_SCONST &&
           token->kind != TK_BCONST;
}

int
parser_position(Parser *p, uint32_t offset)
{
    if (p->ascii)
        return (int) offset + 1;
    if (offset < p->counted_offset) {
        p->counted_offset = 0;
        p->counted = 0;
    }
    for (uint32_t i = p->counted_offset; i < offset; i++)
        p->counted += ((unsigned char) p->text[i] & 0xc0) != 0x80;
    p->counted_offset = offset;
    return p->counted + 1;
}

Parser
parser_for_range(const Parser *p, uint32_t start, uint32_t end, int position)
{
    Parser range = *p;

    range.cursor = start;
    range.limit = end;
    range.ahead_count = 0;
    range.previous_kind = 0;
    range.previous_end = start;
    range.counted_offset = start;
    range.counted = position - 1;
    range.statements = NULL;
    range.at_statement_start = false;
    return range;
}

/* The kind of the token `n` places after the current one, 0 at the end. */
static int
token_peek(Parser *p, int n)
{
    while (p->ahead_count <= n) {
        if (!lexer_next(p, &p->ahead[p->ahead_count]))
            return 0;
        p->ahead_count++;
    }
    return p->ahead[n].kind;
}

/* EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1: a word in parentheses that begins no query. */
static bool
starts_options(Parser *p)
{
    if (token_peek(p, 0) != TK_LPAREN)
        return false;
    switch (token_peek(p, 1)) {
    case TK_LPAREN:
    case TK_SELECT:
    case TK_VALUES:
    case TK_WITH:
    case TK_TABLE:
    case TK_SHOW:
    case TK_RPAREN:
        return false;
    default:
        return true;
    }
}

/* Words after SHOW that no column, alias or type definition would have there. */
static bool
starts_listing(int kind)
{
    switch (kind) {
    case TK_ALL:
    case TK_CLUSTER:
    case TK_CLUSTERS:
    case TK_COLUMNS:
    case TK_CONNECTIONS:
    case TK_CREATE:
    case TK_DATABASES:
    case TK_DEFAULT:
    case TK_EXTENDED:
    case TK_FULL:
    case TK_INDEXES:
    case TK_INDICES:
    case TK_KEYS:
    case TK_MATERIALIZED:
    case TK_NETWORK:
    case TK_OBJECTS:
    case TK_PRIVILEGES:
    case TK_REDACTED:
    case TK_ROLE:
    case TK_ROLES:
    case TK_SCHEMAS:
    case TK_SECRETS:
    case TK_SINKS:
    case TK_SOURCES:
    case TK_SUBSOURCES:
    case TK_TABLES:
    case TK_TYPES:
    case TK_VIEWS:
        return true;
    default:
        return false;
    }
}

static bool
starts_query(int kind)
{
    return kind == TK_SELECT || kind == TK_WITH || kind == TK_VALUES || kind == TK_TABLE || kind == TK_LPAREN;
}

/* LIST and MAP begin an expression before a bracket, or before a query in parentheses. */
static bool
starts_collection(Parser *p)
{
    int next = token_peek(p, 0);

    return next == TK_LBRACKET || (next == TK_LPAREN && starts_query(token_peek(p, 1)));
}

/* OPTIONS (AGGREGATE INPUT GROUP SIZE ..., and its kin, but not a table called "options" with its columns. */
static bool
starts_hints(Parser *p)
{
    int first;

    if (token_peek(p, 0) != TK_LPAREN)
        return false;
    first = token_peek(p, 1);
    return first == TK_DISTINCT || first == TK_LIMIT || first == TK_EXPECTED ||
           (first == TK_IDENT && strcmp(p->ahead[1].text, "aggregate") == 0);
}

/* The marked kind for a word that has one. */
static int
token_marked(Parser *p, int kind)
{
    int next;

    switch (kind) {
    case TK_NOT:
        next = token_peek(p, 0);
        return next == TK_BETWEEN || next == TK_IN || next == TK_LIKE || next == TK_ILIKE || next == TK_SIMILAR
                   ? TK_NOT_LA
                   : kind;
    case TK_NULLS:
        next = token_peek(p, 0);
        return next == TK_FIRST || next == TK_LAST ? TK_NULLS_LA : kind;
    case TK_WITH:
        next = token_peek(p, 0);
        return next == TK_TIME || next == TK_ORDINALITY ? TK_WITH_LA : kind;
    case TK_WITHOUT:
        return token_peek(p, 0) == TK_TIME ? TK_WITHOUT_LA : kind;
    case TK_AS:
        return token_peek(p, 0) == TK_OF ? TK_AS_LA : kind;
    case TK_LIST:
        return starts_collection(p) ? TK_LIST_LA : kind;
    case TK_MAP:
        return starts_collection(p) ? TK_MAP_LA : kind;
    case TK_OPTIONS:
        return starts_hints(p) ? TK_OPTIONS_LA : kind;
    case TK_CLUSTER:
        return token_peek(p, 0) == TK_REPLICA ? TK_CLUSTER_LA : kind;
    case TK_KEY:
        return token_peek(p, 0) == TK_FORMAT ? TK_KEY_LA : kind;
    case TK_VALUE:
        return token_peek(p, 0) == TK_FORMAT ? TK_VALUE_LA : kind;
    case TK_WITHIN:
        return token_peek(p, 0) == TK_TIMESTAMP ? TK_WITHIN_LA : kind;
    case TK_SHOW:
        return starts_listing(token_peek(p, 0)) ? TK_SHOW_LA : kind;
    case TK_EXPLAIN:
        return (p->previous_kind == 0 || p->previous_kind == TK_SEMICOLON || p->previous_kind == TK_FOR) &&
                       starts_options(p)
                   ? TK_EXPLAIN_LA
                   : kind;
    default:
        return kind;
    }
}

bool
token_next(Parser *p, Token *token)
{
    if (p->ahead_count > 0) {
        *token = p->ahead[0];
        p->ahead_count--;
        for (int i = 0; i < p->ahead_count; i++)
            p->ahead[i] = p->ahead[i + 1];
    } else if (!lexer_next(p, token)) {
        return false;
    }
    /* After a dot every word is a name. */
    if (p->previous_kind != TK_DOT)
        token->kind = token_marked(p, token->kind);
    if (p->failed)
        return false;
    p->at_statement_start = p->previous_kind == 0 || p->previous_kind == TK_SEMICOLON;
    if (p->at_statement_start) {
        p->statement_start = token->offset;
        p->statement_position = token->position;
    }
    p->previous_kind = token->kind;
    return true;
}

/* ---- Errors ---- */

bool
parser_error_at(Parser *p, const char *sqlstate, int position, const char *format, ...)
{
    va_list args;
    char message[512];

    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    p->failed = true;
    return error_at(p->err, position, sqlstate, "%s", message);
}

bool
parser_too_deep(Parser *p, int position)
{
    if (p->failed)
        return false;
    p->failed = true;
    error_at(p->err, position, SQLSTATE_STATEMENT_TOO_COMPLEX, "statement is nested too deeply");
    return error_hint(p->err, "Fewer nested parentheses, subqueries or operators will help.");
}

static const char *
token_description(const Token *token)
{
    switch (token->kind) {
    case TK_IDENT:
        return "identifier ";
    case TK_SCONST:
        return "string literal ";
    case TK_ICONST:
    case TK_FCONST:
        return "number ";
    case TK_PARAM:
        return "parameter ";
    default:
        return "";
    }
}

bool
parser_syntax_error(Parser *p, int kind, const Token *token)
{
    int size = (int) (token->end - token->offset);

    if (p->failed)
        return false;
    p->failed = true;
    if (kind == 0)
        return error_at(p->err, token->position, SQLSTATE_SYNTAX_ERROR, "syntax error at end of input");
    if (size > 200)
        size = 200;
    if (p->at_statement_start)
        return error_at(p->err, token->position, SQLSTATE_SYNTAX_ERROR,
                        "Expected a keyword at the beginning of a statement, found %s\"%.*s\"",
                        token_description(token), size, p->text + token->offset);
    return error_at(p->err, token->position, SQLSTATE_SYNTAX_ERROR, "syntax error at or near \"%.*s\"", size,
                    p->text + token->offset);
}

bool
parser_syntax_error_at(Parser *p, int position)
{
    Parser scan = parser_for_range(p, 0, (uint32_t) strlen(p->text), 1);
    Token token;
    bool found = false;

    if (p->failed)
        return false;
    scan.ahead_count = 0;
    while (!found && lexer_next(&scan, &token) && token.kind != 0)
        found = token.position >= position;
    p->failed = true;
    if (!found)
        return error_at(p->err, position, SQLSTATE_SYNTAX_ERROR, "syntax error");
    return error_at(p->err, token.position, SQLSTATE_SYNTAX_ERROR, "syntax error at or near \"%.*s\"",
                    (int) (token.end - token.offset), p->text + token.offset);
}
