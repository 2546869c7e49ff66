/*
 * print.h -- the printer's parts. Private to grammar/.
 *
 * Each print_... writes its node without blanks around it. `line` and `clause` separate: a blank on one line, a new line
 * in the pretty style.
 */
#ifndef FRESHET_GRAMMAR_PRINT_H
#define FRESHET_GRAMMAR_PRINT_H

#include "grammar/ast_print.h"

typedef struct Printer {
    Buffer *out;
    AstPrintStyle style;
    int indent; /* in blanks */
} Printer;

/* How tightly an expression holds together, loosest first: PostgreSQL's table of precedence. */
typedef enum Level {
    LEVEL_ANY,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_IS,
    LEVEL_COMPARISON,
    LEVEL_IN, /* BETWEEN, IN, LIKE */
    LEVEL_OPERATOR,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_POWER,
    LEVEL_AT,
    LEVEL_COLLATE,
    LEVEL_SIGN,
    LEVEL_CAST,
    LEVEL_PRIMARY,
} Level;

/* ---- ast_print.c: text, names, types ---- */

void print_text(Printer *to, const char *text);
void print_line(Printer *to);    /* a blank, or a new line at the indentation */
void print_indent(Printer *to);  /* the same, four blanks further in from here on */
void print_outdent(Printer *to); /* back, without a new line */
void print_open(Printer *to);    /* "(" of something long */
void print_close(Printer *to);   /* its ")" */
void print_ident(Printer *to, const char *ident);
void print_ident_quoted(Printer *to, const char *ident);
void print_name(Printer *to, const AstName *name);
void print_function_name(Printer *to, const AstName *name);
void print_string(Printer *to, const char *text);
void print_idents(Printer *to, const AstIdentList *list);     /* a, b */
void print_ident_list(Printer *to, const AstIdentList *list); /* (a, b), nothing when empty; a blank before */
void print_names(Printer *to, const AstNameList *list);
void print_type(Printer *to, const AstType *type);
bool print_redacts(const Printer *to);

/* ---- print_expr.c ---- */

void print_expr(Printer *to, const AstExpr *expr);
/* In parentheses unless it holds together at least as tightly as `level`. */
void print_operand(Printer *to, const AstExpr *expr, Level level);
void print_expr_list(Printer *to, const AstExprList *list);
void print_order_list(Printer *to, const AstOrderList *list);
void print_window(Printer *to, const AstWindow *window);

/* ---- print_query.c ---- */

void print_query(Printer *to, const AstQuery *query);
void print_subquery(Printer *to, const AstQuery *query); /* with its parentheses */
void print_with(Printer *to, const AstWith *with);       /* with the blank or line after it */
void print_targets(Printer *to, const AstTargetList *targets);
void print_from_list(Printer *to, const AstFromList *from);
void print_typed_columns(Printer *to, const AstColumnDefList *columns); /* (a int, b text) */
void print_show(Printer *to, const AstShow *show);
void print_as_of(Printer *to, const AstAsOf *as_of);

/* ---- print_option.c ---- */

void print_value(Printer *to, const AstValue *value);
void print_options(Printer *to, const AstOptionList *options);      /* (A = 1, B) */
void print_option_names(Printer *to, const AstOptionList *options); /* (A, B) */
void print_with_options(Printer *to, const AstOptionList *options); /* WITH (...), nothing when empty; line before */
void print_role_options(Printer *to, const AstOptionList *options);
void print_setting(Printer *to, const AstSetting *setting);
void print_variable(Printer *to, const char *variable); /* a setting's name: a, or a.b */

/* ---- print_create.c, print_statement.c ---- */

void print_object_type(Printer *to, AstObjectType type);                 /* upper case */
bool print_create_statement(Printer *to, const AstStatement *statement); /* false: not a CREATE */
void print_sink_body(Printer *to, const AstCreateSink *sink);
void print_column_def(Printer *to, const AstColumnDef *column);
void print_envelope(Printer *to, const AstEnvelope *envelope);
void print_references(Printer *to, const AstReferenceList *tables); /* a AS b, c */
void print_statement(Printer *to, const AstStatement *statement);

#endif
