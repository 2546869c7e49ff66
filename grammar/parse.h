/*
 * parse.h -- SQL text in, syntax tree out.
 *
 * Errors: 42601 for anything the grammar does not know, with PostgreSQL's words and the position;
 * 54001 for a statement nested too deeply; 22021 for text that is not UTF-8 or holds a NUL;
 * 42622 for an identifier longer than 255 bytes.
 *
 * Everything handed out lives in `arena`; statement texts point into `sql`. Nothing is kept between calls, so that
 * any number of threads may parse at once, each with its own arena.
 */
#ifndef FRESHET_GRAMMAR_PARSE_H
#define FRESHET_GRAMMAR_PARSE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "grammar/ast.h"

/* All statements of `sql`, separated by semicolons; empty ones leave nothing, so the list may be empty.
   One wrong statement fails the whole. */
MUST_CHECK bool parse_statements(Slice sql, Arena *arena, AstStatementList *out, Error *err);

/* Exactly one statement, with or without a semicolon: none or two are 42601. */
MUST_CHECK bool parse_statement(Slice sql, Arena *arena, AstStatement **out, Error *err);

/* A scalar expression alone. */
MUST_CHECK bool parse_expression(Slice sql, Arena *arena, AstExpr **out, Error *err);

/* A type name alone: `numeric(10, 2)[]`. */
MUST_CHECK bool parse_type(Slice sql, Arena *arena, AstType **out, Error *err);

/* A possibly qualified name alone, as in 's.t'::regclass. */
MUST_CHECK bool parse_name(Slice sql, Arena *arena, AstName *out, Error *err);

#endif
