#include "tests/unit/grammar/round_trip.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "grammar/build.h"
#include "grammar/parse.h"
#include "grammar/sql.h"

/* ---- What a text holds: literals, names and the words that no printer may lose ---- */

static bool
is_weighty(int kind)
{
    static const int kinds[] = {
        TK_AND,    TK_ANY,       TK_ARRAY,        TK_ASC,      TK_BETWEEN,      TK_CASCADE,   TK_CASE,      TK_COLLATE,
        TK_CREATE, TK_CROSS,     TK_CUBE,         TK_DEFAULT,  TK_DELETE,       TK_DESC,      TK_DROP,      TK_ELSE,
        TK_ESCAPE, TK_EXCEPT,    TK_EXCLUDE,      TK_EXISTS,   TK_FILTER,       TK_FOLLOWING, TK_FULL,      TK_GROUP,
        TK_HAVING, TK_IF,        TK_ILIKE,        TK_IN,       TK_INSERT,       TK_INTERSECT, TK_LATERAL,   TK_LEADING,
        TK_LEFT,   TK_LIKE,      TK_MATERIALIZED, TK_MUTUALLY, TK_NATURAL,      TK_NULLIF,    TK_NULLS,     TK_OFFSET,
        TK_OR,     TK_ORDER,     TK_ORDINALITY,   TK_OVER,     TK_PARTITION,    TK_PRECEDING, TK_PRIMARY,   TK_QUALIFY,
        TK_RANGE,  TK_RECURSIVE, TK_REPLACE,      TK_RESTRICT, TK_RETURNING,    TK_RIGHT,     TK_ROLLUP,    TK_SELECT,
        TK_SET,    TK_SIMILAR,   TK_SYMMETRIC,    TK_THEN,     TK_TIES,         TK_TRAILING,  TK_UNBOUNDED, TK_UNION,
        TK_UNIQUE, TK_UNKNOWN,   TK_UPDATE,       TK_USING,    TK_VALUES,       TK_WHEN,      TK_WHERE,     TK_WINDOW,
        TK_WITHIN, TK_COALESCE,  TK_GREATEST,     TK_LEAST,    TK_CURRENT_DATE, TK_EXTRACT,   TK_TRIM,      TK_POSITION,
    };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i] == kind)
            return true;
    }
    return false;
}

/* Adds `step` for each such token, or for every token if `all`; the counts are kept as pointers' values. */
static void
count_tokens(Slice text, Map *counts, intptr_t step, bool all)
{
    Arena *arena = arena_new();
    Error err = ERROR_INIT;
    Parser p = {.arena = arena,
                .err = &err,
                .text = arena_strndup(arena, text.bytes, text.size),
                .ascii = true,
                .limit = (uint32_t) text.size};
    Token token;

    while (lexer_next(&p, &token) && token.kind != 0) {
        bool content = token.kind == TK_IDENT || token.kind == TK_SCONST || token.kind == TK_ICONST ||
                       token.kind == TK_FCONST || token.kind == TK_BCONST || token.kind == TK_PARAM;
        Slice key = slice_of(token.text);

        if (all || content || is_weighty(token.kind))
            map_put(counts, key, (void *) ((intptr_t) map_get(counts, key) + step));
    }
    error_clear(&err);
    arena_free(arena);
}

static bool
holds(Slice text, const char *words)
{
    return memmem(text.bytes, text.size, words, strlen(words)) != NULL;
}

/* Indexes have no direction; FETCH and SHOW have IN for FROM; AND NO CHAIN says nothing. */
static bool
may_be_lost(Slice text, Slice word)
{
    if (slice_equal(word, slice_of("asc")) || slice_equal(word, slice_of("desc")))
        return holds(text, "INDEX");
    if (slice_equal(word, slice_of("in")))
        return holds(text, "FETCH") || holds(text, "SHOW");
    return slice_equal(word, slice_of("and")) && holds(text, "NO CHAIN");
}

/* Everything in `text` is in `print` too. */
static bool
nothing_lost(Slice text, Slice print, Buffer *why)
{
    Map *counts = map_new();
    Slice key;
    void *count;
    bool kept = true;

    count_tokens(print, counts, 1, true);
    count_tokens(text, counts, -1, false);
    for (size_t i = 0; map_next(counts, &i, &key, &count);) {
        if ((intptr_t) count < 0 && !may_be_lost(text, key)) {
            buffer_printf(why, "\"%.*s\" is lost in: %.*s\n   became: %.*s\n", (int) key.size, key.bytes,
                          (int) text.size, text.bytes, (int) print.size, print.bytes);
            kept = false;
        }
    }
    map_free(counts);
    return kept;
}

static bool
print_agrees(const AstStatement *statement, const Buffer *expected, AstPrintStyle style, Arena *arena, Buffer *why)
{
    Buffer text = {0};
    Buffer again = {0};
    Error err = ERROR_INIT;
    AstStatement *parsed;
    bool ok;

    ast_print_statement(statement, style, &text);
    ok = parse_statement(buffer_slice(&text), arena, &parsed, &err);
    if (!ok) {
        buffer_printf(why, "style %d: printed what does not parse: %s at %d\n   %s\n", style, err.message, err.position,
                      buffer_text(&text));
    } else {
        ast_print_statement(parsed, AST_PRINT_ONE_LINE, &again);
        ok = slice_equal(buffer_slice(&again), buffer_slice(expected));
        if (!ok)
            buffer_printf(why, "style %d:\n   %.*s\n   then became %s\n", style, (int) expected->size, expected->bytes,
                          buffer_text(&again));
    }
    error_clear(&err);
    buffer_deinit(&text);
    buffer_deinit(&again);
    return ok;
}

bool
round_trips(Slice sql, bool *parses, Buffer *why)
{
    Arena *arena = arena_new();
    Error err = ERROR_INIT;
    AstStatementList statements;
    bool ok = parse_statements(sql, arena, &statements, &err);

    *parses = ok;
    if (!ok)
        buffer_printf(why, "%s at %d: %s\n   %.*s\n", err.sqlstate, err.position, err.message, (int) sql.size,
                      sql.bytes);
    for (int i = 0; ok && i < statements.count; i++) {
        Buffer text = {0};

        ast_print_statement(statements.items[i], AST_PRINT_ONE_LINE, &text);
        ok = nothing_lost(statements.items[i]->text, buffer_slice(&text), why);
        for (int style = 0; ok && style < 4; style++)
            ok = print_agrees(statements.items[i], &text, (AstPrintStyle) style, arena, why);
        buffer_deinit(&text);
    }
    error_clear(&err);
    arena_free(arena);
    return ok;
}

char *
printed(const char *sql, AstPrintStyle style)
{
    Arena *arena = arena_new();
    Error err = ERROR_INIT;
    AstStatementList statements;
    Buffer text = {0};

    if (!parse_statements(slice_of(sql), arena, &statements, &err))
        ck_abort_msg("%s at %d: %s", err.message, err.position, sql);
    for (int i = 0; i < statements.count; i++) {
        if (i > 0)
            buffer_append_text(&text, "; ");
        ast_print_statement(statements.items[i], style, &text);
    }
    arena_free(arena);
    return buffer_take(&text);
}

char *
printed_expr(const char *sql)
{
    Arena *arena = arena_new();
    Error err = ERROR_INIT;
    AstExpr *expr;
    Buffer text = {0};

    if (!parse_expression(slice_of(sql), arena, &expr, &err))
        ck_abort_msg("%s at %d: %s", err.message, err.position, sql);
    ast_print_expr(expr, AST_PRINT_ONE_LINE, &text);
    arena_free(arena);
    return buffer_take(&text);
}

char *
refused(const char *sql)
{
    Arena *arena = arena_new();
    Error err = ERROR_INIT;
    AstStatementList statements;
    Buffer text = {0};

    if (!parse_statements(slice_of(sql), arena, &statements, &err))
        buffer_printf(&text, "%s %d: %s", err.sqlstate, err.position, err.message);
    error_clear(&err);
    arena_free(arena);
    return buffer_take(&text);
}
