/*
 * parse.c -- the ways into the parser.
 */
#include "grammar/parse.h"

#include <limits.h>
#include <string.h>

#include "base/utf8.h"
#include "grammar/build.h"
#include "grammar/sql.h"
#include "grammar/string_literal.h"

#define TEXT_SIZE_MAX (INT_MAX / 4) /* offsets and positions are 32 bits */

static bool
is_ascii(const char *bytes, size_t size)
{
    uint64_t all = 0;
    size_t i = 0;

    for (; i + 8 <= size; i += 8) {
        uint64_t word;

        memcpy(&word, bytes + i, 8);
        all |= word;
    }
    for (; i < size; i++)
        all |= (unsigned char) bytes[i];
    return (all & 0x8080808080808080u) == 0;
}

/* Copies the text, so that it ends with a NUL, and checks that it has no other and is UTF-8. */
static bool
parser_init(Parser *p, Slice sql, Arena *arena, Error *err)
{
    size_t bad = 0;
    bool valid;

    *p = (Parser){.arena = arena, .err = err, .input = sql, .limit = (uint32_t) sql.size};
    if (sql.size > TEXT_SIZE_MAX)
        return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "statement text is longer than %d bytes", TEXT_SIZE_MAX);
    p->ascii = is_ascii(sql.bytes, sql.size);
    valid = p->ascii ? sql.size == 0 || memchr(sql.bytes, 0, sql.size) == NULL : utf8_is_valid(sql, &bad);
    if (!valid)
        return error_set(err, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE,
                         "invalid byte sequence for encoding \"UTF8\": 0x%02x",
                         p->ascii ? 0 : (unsigned char) sql.bytes[bad]);
    p->text = arena_strndup(arena, sql.bytes, sql.size);
    return true;
}

bool
parse_statements(Slice sql, Arena *arena, AstStatementList *out, Error *err)
{
    Parser p;

    *out = (AstStatementList){0};
    if (!parser_init(&p, sql, arena, err))
        return false;
    p.statements = out;
    sql_parser_run(&p, 0);
    return !p.failed;
}

bool
parse_statement(Slice sql, Arena *arena, AstStatement **out, Error *err)
{
    AstStatementList statements;

    if (!parse_statements(sql, arena, &statements, err))
        return false;
    if (statements.count == 0)
        return error_set(err, SQLSTATE_SYNTAX_ERROR, "expected one statement, found none");
    if (statements.count > 1)
        return error_at(err, statements.items[1]->position, SQLSTATE_SYNTAX_ERROR, "expected one statement, found %d",
                        statements.count);
    *out = statements.items[0];
    return true;
}

bool
parse_expression(Slice sql, Arena *arena, AstExpr **out, Error *err)
{
    Parser p;

    if (!parser_init(&p, sql, arena, err))
        return false;
    sql_parser_run(&p, TK_MODE_EXPRESSION);
    *out = p.expr;
    return !p.failed;
}

bool
parse_type(Slice sql, Arena *arena, AstType **out, Error *err)
{
    Parser p;

    if (!parser_init(&p, sql, arena, err))
        return false;
    sql_parser_run(&p, TK_MODE_TYPE);
    *out = p.type;
    return !p.failed;
}

bool
parse_name(Slice sql, Arena *arena, AstName *out, Error *err)
{
    Parser p;

    if (!parser_init(&p, sql, arena, err))
        return false;
    sql_parser_run(&p, TK_MODE_NAME);
    if (p.failed)
        return false;
    *out = *p.name;
    return true;
}
