/*
 * ast_print.h -- the syntax tree back to SQL.
 *
 * What is printed parses to the same tree: parse(print(parse(x))) = parse(x). Parentheses appear where they are needed,
 * and quotes around identifiers where the lexer would otherwise read something else.
 */
#ifndef FRESHET_GRAMMAR_AST_PRINT_H
#define FRESHET_GRAMMAR_AST_PRINT_H

#include "base/buffer.h"
#include "grammar/ast.h"

typedef enum AstPrintStyle {
    AST_PRINT_ONE_LINE = 0,
    AST_PRINT_PRETTY = 1 << 0,      /* clauses on lines of their own, indented by four blanks */
    AST_PRINT_QUOTED = 1 << 1,      /* every identifier in double quotes */
    AST_PRINT_REDACTED = 1 << 2,    /* values of secrets and passwords as '<REDACTED>' */
    AST_PRINT_PARENTHESES = 1 << 3, /* every operation in parentheses, which shows the tree's shape */
} AstPrintStyle;

/* No semicolon and no newline at the end. */
void ast_print_statement(const AstStatement *statement, AstPrintStyle style, Buffer *out);
void ast_print_query(const AstQuery *query, AstPrintStyle style, Buffer *out);
void ast_print_expr(const AstExpr *expr, AstPrintStyle style, Buffer *out);
void ast_print_type(const AstType *type, AstPrintStyle style, Buffer *out);
void ast_print_name(const AstName *name, AstPrintStyle style, Buffer *out);

/* One identifier, in quotes where needed; one string literal, always in quotes. */
void ast_print_ident(const char *ident, AstPrintStyle style, Buffer *out);
void ast_print_string(const char *text, Buffer *out);

#endif
