/*
 * sql.y -- the dialect's grammar, for lemon.
 *
 * A reduction builds one node in the arena, with its position; no name, setting or type is looked up. Nodes that
 * need more than a few lines are built in build_*.c. The grammar is this file, sql_query.y, sql_expr.y, sql_create.y and
 * sql_alter.y in that order, then the productions of the five keyword classes, which keywords.awk makes of keywords.def.
 *
 * One token of lookahead is enough because token_next (token.c) marks words whose meaning shows only in the next
 * word: NOT_LA is a NOT before BETWEEN, IN, LIKE, ILIKE or SIMILAR; WITH_LA a WITH before TIME or ORDINALITY; and so on.
 *
 * Option lists, (NAME [=] VALUE, ...), are open-ended: here they are only balanced text (`soup`), read by options.c.
 */

%name sql_parser
%token_prefix TK_
%token_type {Token}
%default_type {Token}
%extra_context {Parser *p}
%stack_size 0
%start_symbol input

%include {
#include <assert.h>
#include <stdlib.h>

#include "grammar/build.h"
/* The template defines functions that nobody declares. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#define NDEBUG 1
#define YYNOERRORRECOVERY 1
#define YYMALLOCARGTYPE size_t
}

%syntax_error {
    parser_syntax_error(p, yymajor, &yyminor);
}

%stack_overflow {
    parser_too_deep(p, 0);
}

%code {
/* Feeds tokens until the end of input or the first error. */
void
sql_parser_run(Parser *p, int mode)
{
    yyParser parser;
    Token token = {0};

    sql_parserInit(&parser, p);
    if (mode != 0) {
        token.position = 1;
        p->previous_kind = mode;
        sql_parser(&parser, mode, token);
    }
    while (!p->failed) {
        if (!token_next(p, &token))
            break;
        if (parser.yytos - parser.yystack > PARSER_STACK_MAX) {
            parser_too_deep(p, token.position);
            break;
        }
        sql_parser(&parser, token.kind, token);
        p->previous_end = token.end;
        if (token.kind == 0)
            break;
    }
    sql_parserFinalize(&parser);
}
}

/* ---- Precedence, lowest first, as in PostgreSQL ---- */

%left UNION EXCEPT.
%left INTERSECT.
%left OR.
%left AND.
%right NOT.
%nonassoc IS ISNULL NOTNULL.
%nonassoc LT GT EQ LE GE NE.
%nonassoc BETWEEN IN LIKE ILIKE SIMILAR NOT_LA.
%nonassoc ESCAPE.
%nonassoc UNBOUNDED.
%nonassoc IDENT PARTITION RANGE ROWS GROUPS PRECEDING FOLLOWING CUBE ROLLUP SET.
%left OP OPERATOR.
%left PLUS MINUS.
%left STAR SLASH PERCENT.
%left CARET.
%left AT.
%left COLLATE.
%right UMINUS.
%left LBRACKET RBRACKET.
%left LPAREN RPAREN.
%left TYPECAST.
%left DOT.
%left JOIN CROSS LEFT FULL RIGHT INNER NATURAL.
%nonassoc OPTIONS_LA.

/* ---- What is parsed ---- */

input ::= statement_list.
input ::= MODE_EXPRESSION a_expr(E). { p->expr = E; }
input ::= MODE_TYPE type_name(T). { p->type = T; }
input ::= MODE_NAME item_name(N). { p->name = N; }

statement_list ::= statement_item.
statement_list ::= statement_list SEMICOLON statement_item.
statement_item ::= .
statement_item ::= statement(S). { parser_add_statement(p, S); }

%type statement {AstStatement *}

/* ---- Names ---- */

col_id ::= IDENT.
col_id ::= unreserved_keyword.
col_id ::= col_name_keyword.
type_function_name ::= IDENT.
type_function_name ::= unreserved_keyword.
type_function_name ::= type_func_keyword.
nonreserved_word ::= IDENT.
nonreserved_word ::= unreserved_keyword.
nonreserved_word ::= col_name_keyword.
nonreserved_word ::= type_func_keyword.
col_label ::= IDENT.
col_label ::= unreserved_keyword.
col_label ::= col_name_keyword.
col_label ::= type_func_keyword.
col_label ::= reserved_keyword.
bare_label ::= IDENT.
bare_label ::= bare_label_keyword.

%type any_name {AstName *}
any_name(A) ::= col_id(I). { A = build_name(p, &I); }
any_name(A) ::= any_name(B) DOT col_label(I). { A = build_name_push(p, B, &I); }

/* A catalog item: by name or by id. */
%type item_name {AstName *}
%type item_id {AstName *}
item_name(A) ::= any_name(B). { A = B; }
item_name(A) ::= item_id(B). { A = B; }
item_id(A) ::= LBRACKET IDENT(I) AS any_name(B) RBRACKET. { A = B; A->id = I.text; A->position = I.position; }
item_id(A) ::= LBRACKET IDENT(I) RBRACKET. { A = NEW(AstName); A->id = I.text; A->position = I.position; }

%type item_names {AstNameList *}
item_names(A) ::= item_name(N). { A = NEW(AstNameList); PUSH(A, *N); }
item_names(A) ::= item_names(B) COMMA item_name(N). { A = B; PUSH(A, *N); }

%type name_list {AstIdentList *}
name_list(A) ::= col_id(I). { A = NEW(AstIdentList); PUSH(A, IDENT(I)); }
name_list(A) ::= name_list(B) COMMA col_id(I). { A = B; PUSH(A, IDENT(I)); }

%type opt_column_list {AstIdentList *}
opt_column_list(A) ::= . { A = NULL; }
opt_column_list(A) ::= LPAREN name_list(L) RPAREN. { A = L; }

%type role_name {AstIdent}
role_name(A) ::= nonreserved_word(I). { A = IDENT(I); }
%type role_list {AstIdentList *}
role_list(A) ::= role_name(R). { A = NEW(AstIdentList); PUSH(A, R); }
role_list(A) ::= role_list(B) COMMA role_name(R). { A = B; PUSH(A, R); }

%type opt_in_cluster {AstIdent}
opt_in_cluster(A) ::= . { A = (AstIdent){0}; }
opt_in_cluster(A) ::= IN CLUSTER cluster_ref(C). { A = C; }

%type cluster_ref {AstIdent}
cluster_ref(A) ::= col_id(I). { A = IDENT(I); }

/* IF [NOT] EXISTS is part of the name, so that a table called "if" needs no second token of lookahead. */
%type target {Target}
target(A) ::= item_name(N). { A = (Target){N, false}; }
target(A) ::= IF EXISTS item_name(N). { A = (Target){N, true}; }
%type new_target {Target}
new_target(A) ::= any_name(N). { A = (Target){N, false}; }
new_target(A) ::= IF NOT EXISTS any_name(N). { A = (Target){N, true}; }
%type new_ident {IdentTarget}
new_ident(A) ::= col_id(I). { A = (IdentTarget){IDENT(I), false}; }
new_ident(A) ::= IF NOT EXISTS col_id(I). { A = (IdentTarget){IDENT(I), true}; }

/* ---- Option lists: balanced text ---- */

%type soup {Range}
%type opt_soup {Range}
%type soup_atom {Range}
soup(A) ::= soup_atom(B). { A = B; }
soup(A) ::= soup(B) soup_atom. { A = B; A.end = p->previous_end; }
opt_soup(A) ::= . { A = (Range){p->previous_end, p->previous_end, 0}; }
opt_soup(A) ::= soup(B). { A = B; }
soup_atom(A) ::= soup_token(T). { A = RANGE(T, T); }
soup_atom(A) ::= LPAREN(L) opt_soup RPAREN(R). { A = RANGE(L, R); }
soup_atom(A) ::= LBRACKET(L) opt_soup RBRACKET(R). { A = RANGE(L, R); }
soup_token ::= col_label.
soup_token ::= SCONST.
soup_token ::= ICONST.
soup_token ::= FCONST.
soup_token ::= BCONST.
soup_token ::= PARAM.
soup_token ::= OP.
soup_token ::= LT.
soup_token ::= GT.
soup_token ::= EQ.
soup_token ::= LE.
soup_token ::= GE.
soup_token ::= NE.
soup_token ::= PLUS.
soup_token ::= MINUS.
soup_token ::= STAR.
soup_token ::= SLASH.
soup_token ::= PERCENT.
soup_token ::= CARET.
soup_token ::= TYPECAST.
soup_token ::= DOT.
soup_token ::= COMMA.
soup_token ::= COLON.
soup_token ::= ARROW.
soup_token ::= NOT_LA.
soup_token ::= NULLS_LA.
soup_token ::= WITH_LA.
soup_token ::= WITHOUT_LA.
soup_token ::= AS_LA.
soup_token ::= LIST_LA.
soup_token ::= MAP_LA.
soup_token ::= OPTIONS_LA.
soup_token ::= CLUSTER_LA.
soup_token ::= KEY_LA.
soup_token ::= WITHIN_LA.
soup_token ::= SHOW_LA.
soup_token ::= EXPLAIN_LA.
soup_token ::= VALUE_LA.

%type options {AstOptionList *}
options(A) ::= LPAREN(L) opt_soup RPAREN(R). { A = options_read(p, INSIDE(L, R), OPTIONS_VALUES); }
%type option_names {AstOptionList *}
option_names(A) ::= LPAREN(L) opt_soup RPAREN(R). { A = options_read(p, INSIDE(L, R), OPTIONS_NAMES); }
%type opt_options {AstOptionList *}
opt_options(A) ::= . { A = NULL; }
opt_options(A) ::= options(B). { A = B; }
%type opt_with {AstOptionList *}
opt_with(A) ::= . { A = NULL; }
opt_with(A) ::= WITH options(B). { A = B; }

opt_eq ::= .
opt_eq ::= EQ.
