/*
 * sql.y -- the dialect's grammar, for lemon.
 *
 * A reduction builds one node in the arena, with its position; no name, setting or type is looked up. Nodes that
 * need more than a few lines are built in build.c. Keywords and their classes come from keywords.def:
 * keywords.awk appends the productions of the five keyword classes to this file.
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

/* ---- Queries ---- */

%type select_statement {AstQuery *}
%type select_with_parens {AstQuery *}
%type select_no_parens {AstQuery *}
%type select_clause {AstBody *}
%type simple_select {AstBody *}

select_statement(A) ::= select_no_parens(Q). [UMINUS] { A = Q; }
select_statement(A) ::= select_with_parens(Q). [UMINUS] { A = Q; }

select_with_parens(A) ::= LPAREN select_no_parens(Q) RPAREN. { A = Q; }
select_with_parens(A) ::= LPAREN select_with_parens(Q) RPAREN. { A = Q; }

select_no_parens(A) ::= select_clause(B) query_tail(T). { A = build_query(p, NULL, B, T); }
select_no_parens(A) ::= simple_select(B). { A = build_query(p, NULL, B, NULL); }
select_no_parens(A) ::= with_clause(W) select_clause(B) opt_query_tail(T). { A = build_query(p, W, B, T); }
select_no_parens(A) ::= show_statement(S). { A = build_query(p, NULL, build_body_show(p, S), NULL); }

select_clause(A) ::= simple_select(B). { A = B; }
select_clause(A) ::= select_with_parens(Q). { A = build_body_query(p, Q); }

%type query_tail {QueryTail *}
%type opt_query_tail {QueryTail *}
opt_query_tail(A) ::= . { A = NULL; }
opt_query_tail(A) ::= query_tail(B). { A = B; }
query_tail(A) ::= order_clause(O) opt_limit(L) opt_as_of(S). { A = build_tail(p, O, L, S); }
query_tail(A) ::= limit_clauses(L) opt_as_of(S). { A = build_tail(p, NULL, L, S); }
query_tail(A) ::= as_of(S). { A = build_tail(p, NULL, NULL, S); }

%type as_of {AstAsOf *}
%type opt_as_of {AstAsOf *}
opt_as_of(A) ::= . { A = NULL; }
opt_as_of(A) ::= as_of(B). { A = B; }
as_of(A) ::= AS_LA(T) OF a_expr(E). { A = build_as_of(p, &T, false, E); }
as_of(A) ::= AS_LA(T) OF AT LEAST a_expr(E). { A = build_as_of(p, &T, true, E); }

%type opt_limit {QueryTail *}
%type limit_clauses {QueryTail *}
opt_limit(A) ::= . { A = NULL; }
opt_limit(A) ::= limit_clauses(B). { A = B; }
limit_clauses(A) ::= limit_clause(B). { A = B; }
limit_clauses(A) ::= offset_clause(B). { A = B; }
limit_clauses(A) ::= limit_clause(B) offset_clause(C). { A = B; A->offset = C->offset; }
limit_clauses(A) ::= offset_clause(B) limit_clause(C). { A = C; A->offset = B->offset; }

%type limit_clause {QueryTail *}
limit_clause(A) ::= LIMIT a_expr(E). { A = NEW(QueryTail); A->limit = E; }
limit_clause(A) ::= LIMIT ALL. { A = NEW(QueryTail); }
limit_clause(A) ::= FETCH first_or_next fetch_count(E) row_or_rows ONLY. { A = NEW(QueryTail); A->limit = E; }
limit_clause(A) ::= FETCH first_or_next fetch_count(E) row_or_rows WITH TIES. {
    A = NEW(QueryTail);
    A->limit = E;
    A->with_ties = true;
}
limit_clause(A) ::= FETCH(T) first_or_next row_or_rows ONLY. {
    A = NEW(QueryTail);
    A->limit = build_one(p, &T);
}
limit_clause(A) ::= FETCH(T) first_or_next row_or_rows WITH TIES. {
    A = NEW(QueryTail);
    A->limit = build_one(p, &T);
    A->with_ties = true;
}
%type offset_clause {QueryTail *}
offset_clause(A) ::= OFFSET a_expr(E). { A = NEW(QueryTail); A->offset = E; }
offset_clause(A) ::= OFFSET fetch_count(E) row_or_rows. { A = NEW(QueryTail); A->offset = E; }
%type fetch_count {AstExpr *}
fetch_count(A) ::= c_expr(E). { A = E; }
fetch_count(A) ::= PLUS(T) number(N). { A = build_prefix(p, &T, build_number(p, &N)); }
fetch_count(A) ::= MINUS(T) number(N). { A = build_prefix(p, &T, build_number(p, &N)); }
number ::= ICONST.
number ::= FCONST.
row_or_rows ::= ROW.
row_or_rows ::= ROWS.
first_or_next ::= FIRST.
first_or_next ::= NEXT.

simple_select(A) ::= SELECT(T) distinct_clause(D) opt_target_list(L) from_clause(F) where_clause(W) group_clause(G)
                     early_options(E) having_clause(H) window_clause(N) qualify_clause(Q) options_clause(O). {
    G.options = E;
    A = build_select(p, &T, D, L, F, W, G, H, N, Q, O);
}
simple_select(A) ::= values_clause(V). { A = V; }
simple_select(A) ::= TABLE(T) item_name(N). { A = build_body_table(p, &T, N); }
simple_select(A) ::= select_clause(B) UNION(T) set_quantifier(Q) select_clause(C). {
    A = build_set_op(p, &T, AST_UNION, Q, B, C);
}
simple_select(A) ::= select_clause(B) INTERSECT(T) set_quantifier(Q) select_clause(C). {
    A = build_set_op(p, &T, AST_INTERSECT, Q, B, C);
}
simple_select(A) ::= select_clause(B) EXCEPT(T) set_quantifier(Q) select_clause(C). {
    A = build_set_op(p, &T, AST_EXCEPT, Q, B, C);
}

%type set_quantifier {bool}
set_quantifier(A) ::= . { A = false; }
set_quantifier(A) ::= ALL. { A = true; }
set_quantifier(A) ::= DISTINCT. { A = false; }

%type values_clause {AstBody *}
values_clause(A) ::= VALUES(T) LPAREN default_expr_list(L) RPAREN. { A = build_values(p, &T, L); }
values_clause(A) ::= values_clause(B) COMMA LPAREN default_expr_list(L) RPAREN. { A = build_values_push(p, B, L); }

%type default_expr_list {AstExprList *}
%type default_expr {AstExpr *}
default_expr_list(A) ::= default_expr(E). { A = NEW(AstExprList); PUSH(A, E); }
default_expr_list(A) ::= default_expr_list(B) COMMA default_expr(E). { A = B; PUSH(A, E); }
default_expr(A) ::= a_expr(E). { A = E; }
default_expr(A) ::= DEFAULT(T). { A = build_expr(p, AST_EXPR_DEFAULT, T.position); }

%type distinct_clause {Distinct}
distinct_clause(A) ::= . { A = (Distinct){AST_DISTINCT_NONE, NULL}; }
distinct_clause(A) ::= ALL. { A = (Distinct){AST_DISTINCT_NONE, NULL}; }
distinct_clause(A) ::= DISTINCT. { A = (Distinct){AST_DISTINCT_ROW, NULL}; }
distinct_clause(A) ::= DISTINCT ON LPAREN expr_list(L) RPAREN. { A = (Distinct){AST_DISTINCT_ON, L}; }

%type opt_target_list {AstTargetList *}
%type target_list {AstTargetList *}
%type target_el {AstTarget}
opt_target_list(A) ::= . { A = NULL; }
opt_target_list(A) ::= target_list(L). { A = L; }
target_list(A) ::= target_el(T). { A = NEW(AstTargetList); PUSH(A, T); }
target_list(A) ::= target_list(B) COMMA target_el(T). { A = B; PUSH(A, T); }
target_el(A) ::= a_expr(E) AS col_label(I). { A = (AstTarget){E, IDENT(I)}; }
target_el(A) ::= a_expr(E) bare_label(I). { A = (AstTarget){E, IDENT(I)}; }
target_el(A) ::= a_expr(E). { A = (AstTarget){E, {0}}; }
target_el(A) ::= STAR(T). { A = (AstTarget){build_expr(p, AST_EXPR_STAR, T.position), {0}}; }

%type where_clause {AstExpr *}
where_clause(A) ::= . { A = NULL; }
where_clause(A) ::= WHERE a_expr(E). { A = E; }
%type having_clause {AstExpr *}
having_clause(A) ::= . { A = NULL; }
having_clause(A) ::= HAVING a_expr(E). { A = E; }
%type qualify_clause {AstExpr *}
qualify_clause(A) ::= . { A = NULL; }
qualify_clause(A) ::= QUALIFY a_expr(E). { A = E; }
/* OPTIONS may stand after GROUP BY or at the end. */
%type early_options {AstOptionList *}
early_options(A) ::= . [UNBOUNDED] { A = NULL; }
early_options(A) ::= OPTIONS_LA options(O). { A = O; }
%type options_clause {AstOptionList *}
options_clause(A) ::= . { A = NULL; }
options_clause(A) ::= OPTIONS_LA options(O). { A = O; }

%type group_clause {GroupClause}
group_clause(A) ::= . { A = (GroupClause){0}; }
group_clause(A) ::= GROUP BY group_list(L). { A = (GroupClause){L, false, NULL}; }
group_clause(A) ::= GROUP BY ALL group_list(L). { A = (GroupClause){L, false, NULL}; }
group_clause(A) ::= GROUP BY DISTINCT group_list(L). { A = (GroupClause){L, true, NULL}; }
%type group_list {AstGroupList *}
%type group_item {AstGroupItem *}
group_list(A) ::= group_item(I). { A = NEW(AstGroupList); PUSH(A, I); }
group_list(A) ::= group_list(B) COMMA group_item(I). { A = B; PUSH(A, I); }
group_item(A) ::= a_expr(E). { A = build_group(p, AST_GROUP_EXPR, E->position); A->expr = E; }
group_item(A) ::= LPAREN(T) RPAREN. { A = build_group(p, AST_GROUP_EMPTY, T.position); }
group_item(A) ::= ROLLUP(T) LPAREN expr_list(L) RPAREN. {
    A = build_group(p, AST_GROUP_ROLLUP, T.position);
    A->exprs = *L;
}
group_item(A) ::= CUBE(T) LPAREN expr_list(L) RPAREN. { A = build_group(p, AST_GROUP_CUBE, T.position); A->exprs = *L; }
group_item(A) ::= GROUPING(T) SETS LPAREN group_list(L) RPAREN. {
    A = build_group(p, AST_GROUP_GROUPING_SETS, T.position);
    A->items = *L;
}

/* WITH */

%type with_clause {AstWith *}
with_clause(A) ::= WITH(T) cte_list(L). { A = build_with(p, &T, L, NULL, WITH_PLAIN); }
with_clause(A) ::= WITH(T) RECURSIVE cte_list(L). { A = build_with(p, &T, L, NULL, WITH_RECURSIVE); }
with_clause(A) ::= WITH(T) MUTUALLY RECURSIVE opt_options(O) cte_list(L). {
    A = build_with(p, &T, L, O, WITH_MUTUALLY_RECURSIVE);
}
%type cte_list {AstCteList *}
%type cte {AstCte *}
cte_list(A) ::= cte(C). { A = NEW(AstCteList); PUSH(A, C); }
cte_list(A) ::= cte_list(B) COMMA cte(C). { A = B; PUSH(A, C); }
cte(A) ::= col_id(I) AS opt_materialized(M) select_with_parens(Q). { A = build_cte(p, &I, NULL, NULL, M, Q); }
cte(A) ::= col_id(I) LPAREN name_list(L) RPAREN AS opt_materialized(M) select_with_parens(Q). {
    A = build_cte(p, &I, L, NULL, M, Q);
}
cte(A) ::= col_id(I) LPAREN typed_columns(L) RPAREN AS opt_materialized(M) select_with_parens(Q). {
    A = build_cte(p, &I, NULL, L, M, Q);
}
%type opt_materialized {int}
opt_materialized(A) ::= . { A = 0; }
opt_materialized(A) ::= MATERIALIZED. { A = 1; }
opt_materialized(A) ::= NOT MATERIALIZED. { A = -1; }

%type typed_columns {AstColumnDefList *}
%type typed_column {AstColumnDef *}
typed_columns(A) ::= typed_column(C). { A = NEW(AstColumnDefList); PUSH(A, C); }
typed_columns(A) ::= typed_columns(B) COMMA typed_column(C). { A = B; PUSH(A, C); }
typed_column(A) ::= col_id(I) type_name(T). { A = build_column(p, &I, T); }
typed_column(A) ::= col_id(I) type_name(T) COLLATE any_name(N). { A = build_column(p, &I, T); A->collation = *N; }
typed_column(A) ::= col_id(I) type_name(T) NOT NULL. {
    A = build_column(p, &I, T);
    A->nullability = AST_NOT_NULL;
}

/* ORDER BY */

%type order_clause {AstOrderList *}
%type opt_order {AstOrderList *}
%type order_list {AstOrderList *}
%type order_item {AstOrderItem *}
order_clause(A) ::= ORDER BY order_list(L). { A = L; }
opt_order(A) ::= . { A = NULL; }
opt_order(A) ::= order_clause(L). { A = L; }
order_list(A) ::= order_item(I). { A = NEW(AstOrderList); PUSH(A, *I); }
order_list(A) ::= order_list(B) COMMA order_item(I). { A = B; PUSH(A, *I); }
order_item(A) ::= a_expr(E) USING any_operator(O) opt_nulls(N). { A = build_order(p, E, AST_ORDER_DEFAULT, N); A->using_op = *O; }
order_item(A) ::= a_expr(E) opt_direction(D) opt_nulls(N). { A = build_order(p, E, D, N); }
%type opt_direction {AstDirection}
opt_direction(A) ::= . { A = AST_ORDER_DEFAULT; }
opt_direction(A) ::= ASC. { A = AST_ORDER_ASC; }
opt_direction(A) ::= DESC. { A = AST_ORDER_DESC; }
%type opt_nulls {AstNulls}
opt_nulls(A) ::= . { A = AST_NULLS_DEFAULT; }
opt_nulls(A) ::= NULLS_LA FIRST. { A = AST_NULLS_FIRST; }
opt_nulls(A) ::= NULLS_LA LAST. { A = AST_NULLS_LAST; }

/* FROM */

%type from_clause {AstFromList *}
%type from_list {AstFromList *}
%type table_ref {AstFromItem *}
%type joined_table {AstFromItem *}
%type func_table {AstFromItem *}
from_clause(A) ::= . { A = NULL; }
from_clause(A) ::= FROM from_list(L). { A = L; }
from_list(A) ::= table_ref(T). { A = NEW(AstFromList); PUSH(A, T); }
from_list(A) ::= from_list(B) COMMA table_ref(T). { A = B; PUSH(A, T); }

table_ref(A) ::= relation(R) opt_alias(L). { A = build_from_alias(p, R, L); }
table_ref(A) ::= func_table(F) func_alias(L). { A = build_from_alias(p, F, L); }
table_ref(A) ::= LATERAL func_table(F) func_alias(L). { A = build_from_alias(p, F, L); A->lateral = true; }
table_ref(A) ::= select_with_parens(Q) opt_alias(L). { A = build_from_alias(p, build_from_query(p, Q), L); }
table_ref(A) ::= LATERAL select_with_parens(Q) opt_alias(L). {
    A = build_from_alias(p, build_from_query(p, Q), L);
    A->lateral = true;
}
table_ref(A) ::= joined_table(J). { A = J; }
table_ref(A) ::= LPAREN joined_table(J) RPAREN alias_clause(L). { A = build_from_alias(p, J, L); }

joined_table(A) ::= LPAREN joined_table(J) RPAREN. { A = J; }
joined_table(A) ::= table_ref(L) CROSS JOIN table_ref(R). { A = build_join(p, AST_JOIN_CROSS, false, L, R, NULL); }
joined_table(A) ::= table_ref(L) join_type(K) JOIN table_ref(R) join_qual(Q). { A = build_join(p, K, false, L, R, &Q); }
joined_table(A) ::= table_ref(L) JOIN table_ref(R) join_qual(Q). {
    A = build_join(p, AST_JOIN_INNER, false, L, R, &Q);
}
joined_table(A) ::= table_ref(L) NATURAL join_type(K) JOIN table_ref(R). { A = build_join(p, K, true, L, R, NULL); }
joined_table(A) ::= table_ref(L) NATURAL JOIN table_ref(R). { A = build_join(p, AST_JOIN_INNER, true, L, R, NULL); }
%type join_type {AstJoinKind}
join_type(A) ::= FULL opt_outer. { A = AST_JOIN_FULL; }
join_type(A) ::= LEFT opt_outer. { A = AST_JOIN_LEFT; }
join_type(A) ::= RIGHT opt_outer. { A = AST_JOIN_RIGHT; }
join_type(A) ::= INNER. { A = AST_JOIN_INNER; }
opt_outer ::= .
opt_outer ::= OUTER.
%type join_qual {JoinQual}
join_qual(A) ::= USING LPAREN name_list(L) RPAREN. { A = (JoinQual){NULL, L, {0}}; }
join_qual(A) ::= USING LPAREN name_list(L) RPAREN AS col_id(I). { A = (JoinQual){NULL, L, IDENT(I)}; }
join_qual(A) ::= ON a_expr(E). { A = (JoinQual){E, NULL, {0}}; }

%type relation {AstFromItem *}
relation(A) ::= relation_name(N). { A = build_from_table(p, N, false); }
relation(A) ::= relation_name(N) STAR. { A = build_from_table(p, N, false); }
relation(A) ::= ONLY item_name(N). { A = build_from_table(p, N, true); }
relation(A) ::= ONLY LPAREN item_name(N) RPAREN. { A = build_from_table(p, N, true); }
/* Read like a function's name, since what follows decides which it is. */
%type relation_name {AstName *}
relation_name(A) ::= col_id(I). { A = build_name(p, &I); }
relation_name(A) ::= col_id(I) indirection(L). { A = build_func_name(p, &I, L); }
relation_name(A) ::= item_id(N). { A = N; }

%type alias_clause {Alias *}
%type opt_alias {Alias *}
%type func_alias {Alias *}
opt_alias(A) ::= . { A = NULL; }
opt_alias(A) ::= alias_clause(B). { A = B; }
alias_clause(A) ::= AS col_id(I) LPAREN name_list(L) RPAREN. { A = build_alias(p, &I, L, NULL); }
alias_clause(A) ::= AS col_id(I). { A = build_alias(p, &I, NULL, NULL); }
alias_clause(A) ::= col_id(I) LPAREN name_list(L) RPAREN. { A = build_alias(p, &I, L, NULL); }
alias_clause(A) ::= col_id(I). { A = build_alias(p, &I, NULL, NULL); }
func_alias(A) ::= . { A = NULL; }
func_alias(A) ::= alias_clause(B). { A = B; }
func_alias(A) ::= AS LPAREN typed_columns(L) RPAREN. { A = build_alias(p, NULL, NULL, L); }
func_alias(A) ::= AS col_id(I) LPAREN typed_columns(L) RPAREN. { A = build_alias(p, &I, NULL, L); }
func_alias(A) ::= col_id(I) LPAREN typed_columns(L) RPAREN. { A = build_alias(p, &I, NULL, L); }

func_table(A) ::= func_expr_windowless(F) opt_ordinality(O). { A = build_from_function(p, F, O); }
func_table(A) ::= ROWS(T) FROM LPAREN rows_from_list(L) RPAREN opt_ordinality(O). { A = build_rows_from(p, &T, L, O); }
%type rows_from_list {AstExprList *}
rows_from_list(A) ::= func_expr_windowless(F). { A = NEW(AstExprList); PUSH(A, F); }
rows_from_list(A) ::= rows_from_list(B) COMMA func_expr_windowless(F). { A = B; PUSH(A, F); }
%type opt_ordinality {bool}
opt_ordinality(A) ::= . { A = false; }
opt_ordinality(A) ::= WITH_LA ORDINALITY. { A = true; }

/* Windows */

%type window_clause {AstWindowList *}
%type window_list {AstWindowList *}
%type window_definition {AstWindow *}
%type window_specification {AstWindow *}
%type over_clause {AstWindow *}
window_clause(A) ::= . { A = NULL; }
window_clause(A) ::= WINDOW window_list(L). { A = L; }
window_list(A) ::= window_definition(W). { A = NEW(AstWindowList); PUSH(A, W); }
window_list(A) ::= window_list(B) COMMA window_definition(W). { A = B; PUSH(A, W); }
window_definition(A) ::= col_id(I) AS window_specification(W). { A = W; A->name = IDENT(I); }
over_clause(A) ::= . { A = NULL; }
over_clause(A) ::= OVER window_specification(W). { A = W; }
over_clause(A) ::= OVER col_id(I). { A = NEW(AstWindow); A->position = I.position; A->base = IDENT(I); }
window_specification(A) ::= LPAREN(T) opt_window_base(B) opt_partition(P) opt_order(O) opt_frame(F) RPAREN. {
    A = build_window(p, &T, B, P, O, F);
}
%type opt_window_base {AstIdent}
opt_window_base(A) ::= col_id(I). { A = IDENT(I); }
opt_window_base(A) ::= . [OP] { A = (AstIdent){0}; }
%type opt_partition {AstExprList *}
opt_partition(A) ::= . { A = NULL; }
opt_partition(A) ::= PARTITION BY expr_list(L). { A = L; }
%type opt_frame {Frame *}
opt_frame(A) ::= . { A = NULL; }
opt_frame(A) ::= frame_units(U) frame_bound(B) opt_exclude(X). { A = build_frame(p, U, &B, NULL, X); }
opt_frame(A) ::= frame_units(U) BETWEEN frame_bound(B) AND frame_bound(C) opt_exclude(X). {
    A = build_frame(p, U, &B, &C, X);
}
%type frame_units {AstFrameUnits}
frame_units(A) ::= ROWS. { A = AST_FRAME_ROWS; }
frame_units(A) ::= RANGE. { A = AST_FRAME_RANGE; }
frame_units(A) ::= GROUPS. { A = AST_FRAME_GROUPS; }
%type frame_bound {AstFrameBound}
frame_bound(A) ::= UNBOUNDED PRECEDING. { A = (AstFrameBound){AST_BOUND_UNBOUNDED_PRECEDING, NULL}; }
frame_bound(A) ::= UNBOUNDED FOLLOWING. { A = (AstFrameBound){AST_BOUND_UNBOUNDED_FOLLOWING, NULL}; }
frame_bound(A) ::= CURRENT ROW. { A = (AstFrameBound){AST_BOUND_CURRENT_ROW, NULL}; }
frame_bound(A) ::= a_expr(E) PRECEDING. { A = (AstFrameBound){AST_BOUND_PRECEDING, E}; }
frame_bound(A) ::= a_expr(E) FOLLOWING. { A = (AstFrameBound){AST_BOUND_FOLLOWING, E}; }
%type opt_exclude {AstExclude}
opt_exclude(A) ::= . { A = AST_EXCLUDE_NONE; }
opt_exclude(A) ::= EXCLUDE CURRENT ROW. { A = AST_EXCLUDE_CURRENT_ROW; }
opt_exclude(A) ::= EXCLUDE GROUP. { A = AST_EXCLUDE_GROUP; }
opt_exclude(A) ::= EXCLUDE TIES. { A = AST_EXCLUDE_TIES; }
opt_exclude(A) ::= EXCLUDE NO OTHERS. { A = AST_EXCLUDE_NO_OTHERS; }

/* ---- Types ---- */

%type type_name {AstType *}
%type simple_type {AstType *}
%type array_bounds {int}
type_name(A) ::= plain_type(T). { A = T; }
type_name(A) ::= SETOF plain_type(T). { A = T; A->setof = true; }
%type plain_type {AstType *}
plain_type(A) ::= simple_type(T). { A = T; }
plain_type(A) ::= simple_type(T) array_bounds(N). { A = build_array_type(p, T, N); }
plain_type(A) ::= simple_type(T) ARRAY. { A = build_array_type(p, T, 1); }
plain_type(A) ::= simple_type(T) ARRAY LBRACKET ICONST RBRACKET. { A = build_array_type(p, T, 1); }
array_bounds(A) ::= LBRACKET RBRACKET. { A = 1; }
array_bounds(A) ::= LBRACKET ICONST RBRACKET. { A = 1; }
array_bounds(A) ::= array_bounds(B) LBRACKET RBRACKET. { A = B + 1; }
array_bounds(A) ::= array_bounds(B) LBRACKET ICONST RBRACKET. { A = B + 1; }

/* `int list list`, `int[] list`, `int list[]` */
plain_type(A) ::= plain_type(T) LIST. { A = build_list_type(p, T); }
plain_type(A) ::= plain_type(T) LIST_LA array_bounds(N). { A = build_array_type(p, build_list_type(p, T), N); }

simple_type(A) ::= type_function_name(I) opt_attributes(N) opt_modifiers(M). { A = build_type(p, &I, N, M); }
simple_type(A) ::= LBRACKET IDENT(I) AS any_name(N) RBRACKET. { A = build_type_by_id(p, &I, N); }
simple_type(A) ::= numeric_type(T). { A = T; }
simple_type(A) ::= bit_type(T). { A = T; }
simple_type(A) ::= character_type(T). { A = T; }
simple_type(A) ::= datetime_type(T). { A = T; }
simple_type(A) ::= INTERVAL(T) opt_interval(F). { A = build_interval_type(p, &T, F); }
simple_type(A) ::= INTERVAL(T) LPAREN ICONST(N) RPAREN. {
    A = build_interval_type(p, &T, (IntervalFields){0});
    PUSH(&A->modifiers, build_number(p, &N));
}
simple_type(A) ::= MAP_LA(T) LBRACKET type_name(K) ARROW type_name(V) RBRACKET. { A = build_map_type(p, &T, K, V); }

%type opt_attributes {AstName *}
opt_attributes(A) ::= . { A = NULL; }
opt_attributes(A) ::= opt_attributes(B) DOT col_label(I). { A = B == NULL ? build_name(p, &I) : build_name_push(p, B, &I); }
%type opt_modifiers {AstExprList *}
opt_modifiers(A) ::= . { A = NULL; }
opt_modifiers(A) ::= LPAREN expr_list(L) RPAREN. { A = L; }

%type numeric_type {AstType *}
numeric_type(A) ::= INT(T). { A = build_keyword_type(p, &T, "int4", NULL); }
numeric_type(A) ::= INTEGER(T). { A = build_keyword_type(p, &T, "int4", NULL); }
numeric_type(A) ::= SMALLINT(T). { A = build_keyword_type(p, &T, "int2", NULL); }
numeric_type(A) ::= BIGINT(T). { A = build_keyword_type(p, &T, "int8", NULL); }
numeric_type(A) ::= REAL(T). { A = build_keyword_type(p, &T, "float4", NULL); }
numeric_type(A) ::= FLOAT(T) opt_precision(N). { A = build_float_type(p, &T, &N); }
numeric_type(A) ::= DOUBLE(T) PRECISION. { A = build_keyword_type(p, &T, "float8", NULL); }
numeric_type(A) ::= DECIMAL(T) opt_modifiers(M). { A = build_keyword_type(p, &T, "numeric", M); }
numeric_type(A) ::= DEC(T) opt_modifiers(M). { A = build_keyword_type(p, &T, "numeric", M); }
numeric_type(A) ::= NUMERIC(T) opt_modifiers(M). { A = build_keyword_type(p, &T, "numeric", M); }
numeric_type(A) ::= BOOLEAN(T). { A = build_keyword_type(p, &T, "bool", NULL); }
opt_precision(A) ::= . { A = (Token){0}; }
opt_precision(A) ::= LPAREN ICONST(N) RPAREN. { A = N; }

%type bit_type {AstType *}
bit_type(A) ::= BIT(T) opt_modifiers(M). { A = build_keyword_type(p, &T, "bit", M); }
bit_type(A) ::= BIT(T) VARYING opt_modifiers(M). { A = build_keyword_type(p, &T, "varbit", M); }

%type character_type {AstType *}
character_type(A) ::= character(T) opt_precision(N). { A = build_character_type(p, &T, &N); }
/* The kind tells varying (VARCHAR) from fixed (CHAR). */
character(A) ::= CHARACTER(T) opt_varying(V). { A = T; A.kind = V; }
character(A) ::= CHAR(T) opt_varying(V). { A = T; A.kind = V; }
character(A) ::= VARCHAR(T). { A = T; }
character(A) ::= NATIONAL(T) CHARACTER opt_varying(V). { A = T; A.kind = V; }
character(A) ::= NATIONAL(T) CHAR opt_varying(V). { A = T; A.kind = V; }
character(A) ::= NCHAR(T) opt_varying(V). { A = T; A.kind = V; }
%type opt_varying {int}
opt_varying(A) ::= . { A = TK_CHAR; }
opt_varying(A) ::= VARYING. { A = TK_VARCHAR; }

%type datetime_type {AstType *}
datetime_type(A) ::= TIMESTAMP(T) opt_precision(N) opt_timezone(Z). {
    A = build_datetime_type(p, &T, Z ? "timestamptz" : "timestamp", &N);
}
datetime_type(A) ::= TIME(T) opt_precision(N) opt_timezone(Z). {
    A = build_datetime_type(p, &T, Z ? "timetz" : "time", &N);
}
%type opt_timezone {bool}
opt_timezone(A) ::= WITH_LA TIME ZONE. { A = true; }
opt_timezone(A) ::= WITHOUT_LA TIME ZONE. { A = false; }
opt_timezone(A) ::= . { A = false; }

%type opt_interval {IntervalFields}
opt_interval(A) ::= . { A = (IntervalFields){0}; }
opt_interval(A) ::= YEAR. { A = (IntervalFields){"year", NULL, {0}}; }
opt_interval(A) ::= MONTH. { A = (IntervalFields){"month", NULL, {0}}; }
opt_interval(A) ::= DAY. { A = (IntervalFields){"day", NULL, {0}}; }
opt_interval(A) ::= HOUR. { A = (IntervalFields){"hour", NULL, {0}}; }
opt_interval(A) ::= MINUTE. { A = (IntervalFields){"minute", NULL, {0}}; }
opt_interval(A) ::= second(S). { A = (IntervalFields){"second", NULL, S}; }
opt_interval(A) ::= YEAR TO MONTH. { A = (IntervalFields){"year", "month", {0}}; }
opt_interval(A) ::= DAY TO HOUR. { A = (IntervalFields){"day", "hour", {0}}; }
opt_interval(A) ::= DAY TO MINUTE. { A = (IntervalFields){"day", "minute", {0}}; }
opt_interval(A) ::= DAY TO second(S). { A = (IntervalFields){"day", "second", S}; }
opt_interval(A) ::= HOUR TO MINUTE. { A = (IntervalFields){"hour", "minute", {0}}; }
opt_interval(A) ::= HOUR TO second(S). { A = (IntervalFields){"hour", "second", S}; }
opt_interval(A) ::= MINUTE TO second(S). { A = (IntervalFields){"minute", "second", S}; }
second(A) ::= SECOND. { A = (Token){0}; }
second(A) ::= SECOND LPAREN ICONST(N) RPAREN. { A = N; }

/* ---- Expressions: a_expr is any; b_expr has no AND, OR, NOT, IS, IN ...; c_expr binds tightest ---- */

%type a_expr {AstExpr *}
%type b_expr {AstExpr *}
%type c_expr {AstExpr *}
%type expr_list {AstExprList *}
expr_list(A) ::= a_expr(E). { A = NEW(AstExprList); PUSH(A, E); }
expr_list(A) ::= expr_list(B) COMMA a_expr(E). { A = B; PUSH(A, E); }

a_expr(A) ::= c_expr(E). { A = E; }
a_expr(A) ::= a_expr(E) TYPECAST type_name(T). { A = build_cast(p, E, T); }
a_expr(A) ::= a_expr(E) COLLATE(K) any_name(N). { A = build_collate(p, &K, E, N); }
a_expr(A) ::= a_expr(E) AT(K) TIME ZONE a_expr(Z). [AT] { A = build_at_time_zone(p, &K, E, Z); }
a_expr(A) ::= PLUS(T) a_expr(E). [UMINUS] { A = build_prefix(p, &T, E); }
a_expr(A) ::= MINUS(T) a_expr(E). [UMINUS] { A = build_prefix(p, &T, E); }
a_expr(A) ::= a_expr(L) PLUS(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) MINUS(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) STAR(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) SLASH(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) PERCENT(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) CARET(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) LT(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) GT(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) EQ(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) LE(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) GE(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) NE(T) a_expr(R). { A = build_binary(p, &T, L, R); }
a_expr(A) ::= a_expr(L) qual_op(O) a_expr(R). [OP] { A = build_operator(p, O, L, R); }
a_expr(A) ::= qual_op(O) a_expr(E). [OP] { A = build_operator(p, O, NULL, E); }
a_expr(A) ::= a_expr(L) AND(T) a_expr(R). { A = build_and_or(p, AST_EXPR_AND, &T, L, R); }
a_expr(A) ::= a_expr(L) OR(T) a_expr(R). { A = build_and_or(p, AST_EXPR_OR, &T, L, R); }
a_expr(A) ::= NOT(T) a_expr(E). { A = build_arg(p, AST_EXPR_NOT, T.position, E); }
a_expr(A) ::= NOT_LA(T) a_expr(E). [NOT] { A = build_arg(p, AST_EXPR_NOT, T.position, E); }
a_expr(A) ::= a_expr(E) LIKE(T) a_expr(P). [LIKE] { A = build_like(p, &T, AST_LIKE, false, E, P, NULL); }
a_expr(A) ::= a_expr(E) LIKE(T) a_expr(P) ESCAPE a_expr(X). [LIKE] { A = build_like(p, &T, AST_LIKE, false, E, P, X); }
a_expr(A) ::= a_expr(E) NOT_LA(T) LIKE a_expr(P). [NOT_LA] { A = build_like(p, &T, AST_LIKE, true, E, P, NULL); }
a_expr(A) ::= a_expr(E) NOT_LA(T) LIKE a_expr(P) ESCAPE a_expr(X). [NOT_LA] {
    A = build_like(p, &T, AST_LIKE, true, E, P, X);
}
a_expr(A) ::= a_expr(E) ILIKE(T) a_expr(P). [ILIKE] { A = build_like(p, &T, AST_ILIKE, false, E, P, NULL); }
a_expr(A) ::= a_expr(E) ILIKE(T) a_expr(P) ESCAPE a_expr(X). [ILIKE] {
    A = build_like(p, &T, AST_ILIKE, false, E, P, X);
}
a_expr(A) ::= a_expr(E) NOT_LA(T) ILIKE a_expr(P). [NOT_LA] { A = build_like(p, &T, AST_ILIKE, true, E, P, NULL); }
a_expr(A) ::= a_expr(E) NOT_LA(T) ILIKE a_expr(P) ESCAPE a_expr(X). [NOT_LA] {
    A = build_like(p, &T, AST_ILIKE, true, E, P, X);
}
a_expr(A) ::= a_expr(E) SIMILAR(T) TO a_expr(P). [SIMILAR] { A = build_like(p, &T, AST_SIMILAR, false, E, P, NULL); }
a_expr(A) ::= a_expr(E) SIMILAR(T) TO a_expr(P) ESCAPE a_expr(X). [SIMILAR] {
    A = build_like(p, &T, AST_SIMILAR, false, E, P, X);
}
a_expr(A) ::= a_expr(E) NOT_LA(T) SIMILAR TO a_expr(P). [NOT_LA] {
    A = build_like(p, &T, AST_SIMILAR, true, E, P, NULL);
}
a_expr(A) ::= a_expr(E) NOT_LA(T) SIMILAR TO a_expr(P) ESCAPE a_expr(X). [NOT_LA] {
    A = build_like(p, &T, AST_SIMILAR, true, E, P, X);
}
a_expr(A) ::= a_expr(E) IS(T) NULL. [IS] { A = build_is(p, &T, AST_IS_NULL, false, E); }
a_expr(A) ::= a_expr(E) ISNULL(T). [IS] { A = build_is(p, &T, AST_IS_NULL, false, E); }
a_expr(A) ::= a_expr(E) IS(T) NOT NULL. [IS] { A = build_is(p, &T, AST_IS_NULL, true, E); }
a_expr(A) ::= a_expr(E) NOTNULL(T). [IS] { A = build_is(p, &T, AST_IS_NULL, true, E); }
a_expr(A) ::= a_expr(E) IS(T) TRUE. [IS] { A = build_is(p, &T, AST_IS_TRUE, false, E); }
a_expr(A) ::= a_expr(E) IS(T) NOT TRUE. [IS] { A = build_is(p, &T, AST_IS_TRUE, true, E); }
a_expr(A) ::= a_expr(E) IS(T) FALSE. [IS] { A = build_is(p, &T, AST_IS_FALSE, false, E); }
a_expr(A) ::= a_expr(E) IS(T) NOT FALSE. [IS] { A = build_is(p, &T, AST_IS_FALSE, true, E); }
a_expr(A) ::= a_expr(E) IS(T) UNKNOWN. [IS] { A = build_is(p, &T, AST_IS_UNKNOWN, false, E); }
a_expr(A) ::= a_expr(E) IS(T) NOT UNKNOWN. [IS] { A = build_is(p, &T, AST_IS_UNKNOWN, true, E); }
a_expr(A) ::= a_expr(L) IS(T) DISTINCT FROM a_expr(R). [IS] {
    A = build_pair(p, AST_EXPR_DISTINCT_FROM, T.position, false, L, R);
}
a_expr(A) ::= a_expr(L) IS(T) NOT DISTINCT FROM a_expr(R). [IS] {
    A = build_pair(p, AST_EXPR_DISTINCT_FROM, T.position, true, L, R);
}
a_expr(A) ::= a_expr(E) BETWEEN(T) opt_asymmetric b_expr(L) AND a_expr(H). [BETWEEN] {
    A = build_between(p, &T, false, false, E, L, H);
}
a_expr(A) ::= a_expr(E) NOT_LA(T) BETWEEN opt_asymmetric b_expr(L) AND a_expr(H). [NOT_LA] {
    A = build_between(p, &T, false, true, E, L, H);
}
a_expr(A) ::= a_expr(E) BETWEEN(T) SYMMETRIC b_expr(L) AND a_expr(H). [BETWEEN] {
    A = build_between(p, &T, true, false, E, L, H);
}
a_expr(A) ::= a_expr(E) NOT_LA(T) BETWEEN SYMMETRIC b_expr(L) AND a_expr(H). [NOT_LA] {
    A = build_between(p, &T, true, true, E, L, H);
}
opt_asymmetric ::= .
opt_asymmetric ::= ASYMMETRIC.
a_expr(A) ::= a_expr(E) IN(T) select_with_parens(Q). [IN] { A = build_in(p, &T, false, E, NULL, Q); }
a_expr(A) ::= a_expr(E) IN(T) LPAREN expr_list(L) RPAREN. [IN] { A = build_in(p, &T, false, E, L, NULL); }
a_expr(A) ::= a_expr(E) NOT_LA(T) IN select_with_parens(Q). [NOT_LA] { A = build_in(p, &T, true, E, NULL, Q); }
a_expr(A) ::= a_expr(E) NOT_LA(T) IN LPAREN expr_list(L) RPAREN. [NOT_LA] { A = build_in(p, &T, true, E, L, NULL); }
a_expr(A) ::= a_expr(E) subquery_op(O) quantifier(K) select_with_parens(Q). [OP] {
    A = build_quantified(p, O, K, E, NULL, Q);
}
a_expr(A) ::= a_expr(E) subquery_op(O) quantifier(K) LPAREN a_expr(X) RPAREN. [OP] {
    A = build_quantified(p, O, K, E, X, NULL);
}
%type quantifier {bool}
quantifier(A) ::= ANY. { A = false; }
quantifier(A) ::= SOME. { A = false; }
quantifier(A) ::= ALL. { A = true; }
%type subquery_op {AstName *}
subquery_op(A) ::= all_op(T). { A = build_op_name(p, &T); }
subquery_op(A) ::= OPERATOR LPAREN any_operator(O) RPAREN. { A = O; }
subquery_op(A) ::= LIKE(T). { A = build_op_named(p, &T, "~~"); }
subquery_op(A) ::= NOT_LA(T) LIKE. { A = build_op_named(p, &T, "!~~"); }
subquery_op(A) ::= ILIKE(T). { A = build_op_named(p, &T, "~~*"); }
subquery_op(A) ::= NOT_LA(T) ILIKE. { A = build_op_named(p, &T, "!~~*"); }

%type qual_op {AstName *}
qual_op(A) ::= OP(T). { A = build_op_name(p, &T); }
qual_op(A) ::= OPERATOR LPAREN any_operator(O) RPAREN. { A = O; }
%type any_operator {AstName *}
any_operator(A) ::= all_op(T). { A = build_op_name(p, &T); }
any_operator(A) ::= col_id(I) DOT any_operator(O). { A = build_op_qualify(p, &I, O); }
all_op ::= OP.
all_op ::= PLUS.
all_op ::= MINUS.
all_op ::= STAR.
all_op ::= SLASH.
all_op ::= PERCENT.
all_op ::= CARET.
all_op ::= LT.
all_op ::= GT.
all_op ::= EQ.
all_op ::= LE.
all_op ::= GE.
all_op ::= NE.

a_expr(A) ::= row(L) OVERLAPS(T) row(R). { A = build_overlaps(p, &T, L, R); }

b_expr(A) ::= c_expr(E). { A = E; }
b_expr(A) ::= b_expr(E) TYPECAST type_name(T). { A = build_cast(p, E, T); }
b_expr(A) ::= PLUS(T) b_expr(E). [UMINUS] { A = build_prefix(p, &T, E); }
b_expr(A) ::= MINUS(T) b_expr(E). [UMINUS] { A = build_prefix(p, &T, E); }
b_expr(A) ::= b_expr(L) PLUS(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) MINUS(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) STAR(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) SLASH(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) PERCENT(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) CARET(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) LT(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) GT(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) EQ(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) LE(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) GE(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) NE(T) b_expr(R). { A = build_binary(p, &T, L, R); }
b_expr(A) ::= b_expr(L) qual_op(O) b_expr(R). [OP] { A = build_operator(p, O, L, R); }
b_expr(A) ::= qual_op(O) b_expr(E). [OP] { A = build_operator(p, O, NULL, E); }
b_expr(A) ::= b_expr(L) IS(T) DISTINCT FROM b_expr(R). [IS] {
    A = build_pair(p, AST_EXPR_DISTINCT_FROM, T.position, false, L, R);
}
b_expr(A) ::= b_expr(L) IS(T) NOT DISTINCT FROM b_expr(R). [IS] {
    A = build_pair(p, AST_EXPR_DISTINCT_FROM, T.position, true, L, R);
}

c_expr(A) ::= column_ref(E). { A = E; }
c_expr(A) ::= constant(E). { A = E; }
c_expr(A) ::= PARAM(T). { A = build_parameter(p, &T); }
c_expr(A) ::= PARAM(T) indirection(I). { A = build_indirection(p, build_parameter(p, &T), I); }
c_expr(A) ::= LPAREN a_expr(E) RPAREN. { A = build_parens(p, E); }
c_expr(A) ::= LPAREN a_expr(E) RPAREN indirection(I). { A = build_indirection(p, E, I); }
c_expr(A) ::= case_expr(E). { A = E; }
c_expr(A) ::= func_expr(E). { A = E; }
c_expr(A) ::= func_expr(E) subscripts(I). { A = build_indirection(p, E, I); }
c_expr(A) ::= select_with_parens(Q). [UMINUS] { A = build_subquery(p, AST_EXPR_SUBQUERY, Q->position, Q); }
c_expr(A) ::= select_with_parens(Q) indirection(I). {
    A = build_indirection(p, build_subquery(p, AST_EXPR_SUBQUERY, Q->position, Q), I);
}
c_expr(A) ::= EXISTS(T) select_with_parens(Q). { A = build_subquery(p, AST_EXPR_EXISTS, T.position, Q); }
c_expr(A) ::= collection(E). { A = E; }
c_expr(A) ::= collection(E) subscripts(I). { A = build_indirection(p, E, I); }
c_expr(A) ::= row(E). { A = E; }

%type collection {AstExpr *}
collection(A) ::= ARRAY(T) select_with_parens(Q). { A = build_subquery(p, AST_EXPR_ARRAY_QUERY, T.position, Q); }
collection(A) ::= ARRAY(T) brackets(B). { A = build_collection(p, AST_EXPR_ARRAY, T.position, B.list); }
collection(A) ::= LIST_LA(T) select_with_parens(Q). { A = build_subquery(p, AST_EXPR_LIST_QUERY, T.position, Q); }
collection(A) ::= LIST_LA(T) brackets(B). { A = build_collection(p, AST_EXPR_LIST, T.position, B.list); }
collection(A) ::= MAP_LA(T) select_with_parens(Q). { A = build_subquery(p, AST_EXPR_MAP_QUERY, T.position, Q); }
collection(A) ::= MAP_LA(T) map_brackets(B). { A = build_list(p, AST_EXPR_MAP, T.position, B.list); }

/* Inside the brackets of ARRAY and LIST, bare brackets nest. */
%type brackets {Brackets}
%type bracket_items {AstExprList *}
brackets(A) ::= LBRACKET(T) bracket_items(L) RBRACKET. { A = (Brackets){L, T.position}; }
brackets(A) ::= LBRACKET(T) RBRACKET. { A = (Brackets){NULL, T.position}; }
%type bracket_item {AstExpr *}
bracket_items(A) ::= bracket_item(E). { A = NEW(AstExprList); PUSH(A, E); }
bracket_items(A) ::= bracket_items(B) COMMA bracket_item(E). { A = B; PUSH(A, E); }
bracket_item(A) ::= a_expr(E). { A = E; }
bracket_item(A) ::= brackets(B). { A = build_list(p, EXPR_BRACKETS, B.position, B.list); }
%type map_brackets {Brackets}
%type map_entries {AstExprList *}
map_brackets(A) ::= LBRACKET(T) map_entries(L) RBRACKET. { A = (Brackets){L, T.position}; }
map_brackets(A) ::= LBRACKET(T) RBRACKET. { A = (Brackets){NULL, T.position}; }
%type map_value {AstExpr *}
map_entries(A) ::= a_expr(K) ARROW map_value(V). { A = NEW(AstExprList); PUSH(A, K); PUSH(A, V); }
map_entries(A) ::= map_entries(B) COMMA a_expr(K) ARROW map_value(V). { A = B; PUSH(A, K); PUSH(A, V); }
map_value(A) ::= a_expr(E). { A = E; }
map_value(A) ::= map_brackets(B). { A = build_list(p, AST_EXPR_MAP, B.position, B.list); }

%type row {AstExpr *}
row(A) ::= ROW(T) LPAREN expr_list(L) RPAREN. { A = build_list(p, AST_EXPR_ROW, T.position, L); }
row(A) ::= ROW(T) LPAREN RPAREN. { A = build_list(p, AST_EXPR_ROW, T.position, NULL); }
row(A) ::= LPAREN(T) expr_list(L) COMMA a_expr(E) RPAREN. { PUSH(L, E); A = build_list(p, AST_EXPR_ROW, T.position, L); }

%type constant {AstExpr *}
constant(A) ::= ICONST(T). { A = build_number(p, &T); }
constant(A) ::= FCONST(T). { A = build_number(p, &T); }
constant(A) ::= SCONST(T). { A = build_text(p, AST_EXPR_STRING, &T); }
constant(A) ::= BCONST(T). { A = build_text(p, AST_EXPR_BIT_STRING, &T); }
constant(A) ::= TRUE(T). { A = build_boolean(p, &T, true); }
constant(A) ::= FALSE(T). { A = build_boolean(p, &T, false); }
constant(A) ::= NULL(T). { A = build_expr(p, AST_EXPR_NULL, T.position); }
constant(A) ::= func_name(N) SCONST(S). { A = build_typed_literal(p, build_type_named(p, N, NULL), &S); }
constant(A) ::= func_name(N) LPAREN func_args(L) opt_order(O) RPAREN SCONST(S). {
    if (O != NULL)
        parser_error_at(p, SQLSTATE_SYNTAX_ERROR, N->position, "type modifier cannot have ORDER BY");
    A = build_typed_literal(p, build_type_named(p, N, L), &S);
}
constant(A) ::= numeric_type(T) SCONST(S). { A = build_typed_literal(p, T, &S); }
constant(A) ::= bit_type(T) SCONST(S). { A = build_typed_literal(p, T, &S); }
constant(A) ::= character_type(T) SCONST(S). { A = build_typed_literal(p, T, &S); }
constant(A) ::= datetime_type(T) SCONST(S). { A = build_typed_literal(p, T, &S); }
constant(A) ::= INTERVAL(T) SCONST(S) opt_interval(F). {
    A = build_typed_literal(p, build_interval_type(p, &T, F), &S);
}
constant(A) ::= INTERVAL(T) LPAREN ICONST(N) RPAREN SCONST(S). {
    AstType *type = build_interval_type(p, &T, (IntervalFields){0});
    PUSH(&type->modifiers, build_number(p, &N));
    A = build_typed_literal(p, type, &S);
}

%type column_ref {AstExpr *}
column_ref(A) ::= col_id(I). { A = build_column_ref(p, &I, NULL); }
column_ref(A) ::= col_id(I) indirection(L). { A = build_column_ref(p, &I, L); }

%type indirection {IndirectionList *}
%type subscripts {IndirectionList *}
%type indirection_el {Indirection}
%type subscript_el {Indirection}
indirection(A) ::= indirection_el(E). { A = NEW(IndirectionList); PUSH(A, E); }
indirection(A) ::= indirection(B) indirection_el(E). { A = B; PUSH(A, E); }
indirection_el(A) ::= DOT col_label(I). { A = (Indirection){.kind = INDIRECTION_FIELD, .name = IDENT(I)}; }
indirection_el(A) ::= DOT STAR(T). { A = (Indirection){.kind = INDIRECTION_STAR, .name = IDENT(T)}; }
indirection_el(A) ::= subscript_el(B). { A = B; }
subscripts(A) ::= subscript_el(E). { A = NEW(IndirectionList); PUSH(A, E); }
subscripts(A) ::= subscripts(B) subscript_el(E). { A = B; PUSH(A, E); }
subscript_el(A) ::= LBRACKET(T) a_expr(E) RBRACKET. {
    A = (Indirection){.kind = INDIRECTION_INDEX, .lower = E, .name = IDENT(T)};
}
subscript_el(A) ::= LBRACKET(T) opt_bound(L) COLON opt_bound(H) RBRACKET. {
    A = (Indirection){.kind = INDIRECTION_SLICE, .lower = L, .upper = H, .name = IDENT(T)};
}
%type opt_bound {AstExpr *}
opt_bound(A) ::= . { A = NULL; }
opt_bound(A) ::= a_expr(E). { A = E; }

%type case_expr {AstExpr *}
case_expr(A) ::= CASE(T) opt_operand(E) when_list(L) opt_else(O) END. { A = build_case(p, &T, E, L, O); }
%type opt_operand {AstExpr *}
opt_operand(A) ::= . { A = NULL; }
opt_operand(A) ::= a_expr(E). { A = E; }
%type when_list {AstWhenList *}
when_list(A) ::= WHEN a_expr(C) THEN a_expr(R). { A = NEW(AstWhenList); PUSH(A, ((AstWhen){C, R})); }
when_list(A) ::= when_list(B) WHEN a_expr(C) THEN a_expr(R). { A = B; PUSH(A, ((AstWhen){C, R})); }
%type opt_else {AstExpr *}
opt_else(A) ::= . { A = NULL; }
opt_else(A) ::= ELSE a_expr(E). { A = E; }

/* Functions */

%type func_name {AstName *}
func_name(A) ::= type_function_name(I). { A = build_name(p, &I); }
func_name(A) ::= col_id(I) indirection(L). { A = build_func_name(p, &I, L); }

%type func_expr {AstExpr *}
%type func_expr_windowless {AstExpr *}
%type func_application {AstExpr *}
%type func_special {AstExpr *}
func_expr(A) ::= func_application(F) within_group(W) filter_clause(X) null_treatment(N) over_clause(O). {
    A = build_call_suffix(p, F, W, X, N, O);
}
func_expr(A) ::= func_special(F). { A = F; }
func_expr_windowless(A) ::= func_application(F). { A = F; }
func_expr_windowless(A) ::= func_special(F). { A = F; }

func_application(A) ::= func_name(N) LPAREN RPAREN. { A = build_call(p, N, NULL); }
func_application(A) ::= func_name(N) LPAREN func_args(L) opt_order(O) RPAREN. { A = build_call(p, N, L); ORDERED(A, O); }
func_application(A) ::= func_name(N) LPAREN VARIADIC func_arg(E) opt_order(O) RPAREN. {
    A = build_call_variadic(p, N, NULL, E);
    ORDERED(A, O);
}
func_application(A) ::= func_name(N) LPAREN func_args(L) COMMA VARIADIC func_arg(E) opt_order(O) RPAREN. {
    A = build_call_variadic(p, N, L, E);
    ORDERED(A, O);
}
func_application(A) ::= func_name(N) LPAREN ALL func_args(L) opt_order(O) RPAREN. {
    A = build_call(p, N, L);
    ORDERED(A, O);
}
func_application(A) ::= func_name(N) LPAREN DISTINCT func_args(L) opt_order(O) RPAREN. {
    A = build_call(p, N, L);
    A->function->distinct = true;
    ORDERED(A, O);
}
func_application(A) ::= func_name(N) LPAREN STAR RPAREN. { A = build_call(p, N, NULL); A->function->star = true; }

%type func_args {AstExprList *}
%type func_arg {AstExpr *}
func_args(A) ::= func_arg(E). { A = NEW(AstExprList); PUSH(A, E); }
func_args(A) ::= func_args(B) COMMA func_arg(E). { A = B; PUSH(A, E); }
func_arg(A) ::= a_expr(E). { A = E; }
func_arg(A) ::= a_expr(N) ARROW(T) a_expr(E). { A = build_named_argument(p, &T, N, E); }
func_arg(A) ::= a_expr(N) COLON_EQUALS(T) a_expr(E). { A = build_named_argument(p, &T, N, E); }

%type within_group {AstOrderList *}
within_group(A) ::= . { A = NULL; }
within_group(A) ::= WITHIN GROUP LPAREN order_clause(O) RPAREN. { A = O; }
%type filter_clause {AstExpr *}
filter_clause(A) ::= . { A = NULL; }
filter_clause(A) ::= FILTER LPAREN WHERE a_expr(E) RPAREN. { A = E; }
%type null_treatment {AstNullTreatment}
null_treatment(A) ::= . { A = AST_NULL_TREATMENT_NONE; }
null_treatment(A) ::= IGNORE NULLS. { A = AST_IGNORE_NULLS; }
null_treatment(A) ::= RESPECT NULLS. { A = AST_RESPECT_NULLS; }

func_special(A) ::= CURRENT_DATE(T). { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= CURRENT_TIME(T) opt_precision(N). { A = build_keyword_call(p, &T, &N); }
func_special(A) ::= CURRENT_TIMESTAMP(T) opt_precision(N). { A = build_keyword_call(p, &T, &N); }
func_special(A) ::= LOCALTIME(T) opt_precision(N). { A = build_keyword_call(p, &T, &N); }
func_special(A) ::= LOCALTIMESTAMP(T) opt_precision(N). { A = build_keyword_call(p, &T, &N); }
/* The dialect also has these as functions with an empty argument list. */
func_special(A) ::= CURRENT_TIMESTAMP(T) LPAREN RPAREN. { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= CURRENT_ROLE(T). { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= CURRENT_ROLE(T) LPAREN RPAREN. { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= CURRENT_USER(T). { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= CURRENT_USER(T) LPAREN RPAREN. { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= SESSION_USER(T). { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= SESSION_USER(T) LPAREN RPAREN. { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= USER(T). { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= USER(T) LPAREN RPAREN. { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= CURRENT_CATALOG(T). { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= CURRENT_CATALOG(T) LPAREN RPAREN. { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= CURRENT_SCHEMA(T). { A = build_keyword_call(p, &T, NULL); }
func_special(A) ::= CAST(T) LPAREN a_expr(E) AS type_name(Y) RPAREN. { A = build_cast(p, E, Y); A->position = T.position; }
func_special(A) ::= EXTRACT(T) LPAREN extract_field(F) FROM a_expr(E) RPAREN. { A = build_extract(p, &T, &F, E); }
extract_field ::= IDENT.
extract_field ::= YEAR.
extract_field ::= MONTH.
extract_field ::= DAY.
extract_field ::= HOUR.
extract_field ::= MINUTE.
extract_field ::= SECOND.
extract_field ::= SCONST.
func_special(A) ::= NORMALIZE(T) LPAREN a_expr(E) RPAREN. {
    A = build_form(p, &T, AST_FORM_NORMALIZE, "normalize");
    FORM_ARG(A, E);
}
func_special(A) ::= NORMALIZE(T) LPAREN a_expr(E) COMMA IDENT(F) RPAREN. { A = build_normalize(p, &T, E, &F); }
func_special(A) ::= OVERLAY(T) LPAREN a_expr(X) PLACING a_expr(Y) FROM a_expr(E) RPAREN. {
    A = build_form(p, &T, AST_FORM_OVERLAY, "overlay");
    FORM_ARG(A, X);
    FORM_ARG(A, Y);
    FORM_ARG(A, E);
}
func_special(A) ::= OVERLAY(T) LPAREN a_expr(X) PLACING a_expr(Y) FROM a_expr(E) FOR a_expr(N) RPAREN. {
    A = build_form(p, &T, AST_FORM_OVERLAY, "overlay");
    FORM_ARG(A, X);
    FORM_ARG(A, Y);
    FORM_ARG(A, E);
    FORM_ARG(A, N);
}
func_special(A) ::= OVERLAY(T) LPAREN func_args(L) RPAREN. { A = build_call(p, build_name(p, &T), L); }
func_special(A) ::= POSITION(T) LPAREN b_expr(X) IN b_expr(Y) RPAREN. {
    A = build_form(p, &T, AST_FORM_POSITION, "position");
    FORM_ARG(A, Y);
    FORM_ARG(A, X);
}
func_special(A) ::= SUBSTRING(T) LPAREN a_expr(X) FROM a_expr(E) RPAREN. {
    A = build_form(p, &T, AST_FORM_SUBSTRING, "substring");
    FORM_ARG(A, X);
    FORM_ARG(A, E);
}
func_special(A) ::= SUBSTRING(T) LPAREN a_expr(X) FROM a_expr(E) FOR a_expr(N) RPAREN. {
    A = build_form(p, &T, AST_FORM_SUBSTRING, "substring");
    FORM_ARG(A, X);
    FORM_ARG(A, E);
    FORM_ARG(A, N);
}
func_special(A) ::= SUBSTRING(T) LPAREN a_expr(X) FOR a_expr(N) FROM a_expr(E) RPAREN. {
    A = build_form(p, &T, AST_FORM_SUBSTRING, "substring");
    FORM_ARG(A, X);
    FORM_ARG(A, E);
    FORM_ARG(A, N);
}
func_special(A) ::= SUBSTRING(T) LPAREN a_expr(X) FOR a_expr(N) RPAREN. {
    A = build_form(p, &T, AST_FORM_SUBSTRING, "substring");
    FORM_ARG(A, X);
    FORM_ARG(A, build_one(p, &T));
    FORM_ARG(A, N);
}
func_special(A) ::= SUBSTRING(T) LPAREN a_expr(X) SIMILAR a_expr(P) ESCAPE a_expr(E) RPAREN. {
    A = build_form(p, &T, AST_FORM_SUBSTRING_SIMILAR, "substring");
    FORM_ARG(A, X);
    FORM_ARG(A, P);
    FORM_ARG(A, E);
}
func_special(A) ::= SUBSTRING(T) LPAREN func_args(L) RPAREN. { A = build_call(p, build_name(p, &T), L); }
func_special(A) ::= SUBSTRING(T) LPAREN RPAREN. { A = build_call(p, build_name(p, &T), NULL); }
func_special(A) ::= TRIM(T) LPAREN BOTH trim_list(L) RPAREN. { A = build_trim(p, &T, "btrim", L); }
func_special(A) ::= TRIM(T) LPAREN LEADING trim_list(L) RPAREN. { A = build_trim(p, &T, "ltrim", L); }
func_special(A) ::= TRIM(T) LPAREN TRAILING trim_list(L) RPAREN. { A = build_trim(p, &T, "rtrim", L); }
func_special(A) ::= TRIM(T) LPAREN trim_list(L) RPAREN. { A = build_trim(p, &T, "btrim", L); }
%type trim_list {AstExprList *}
trim_list(A) ::= a_expr(C) FROM expr_list(L). { PUSH(L, C); A = L; }
trim_list(A) ::= FROM expr_list(L). { A = L; }
trim_list(A) ::= expr_list(L). { A = L; }
func_special(A) ::= NULLIF(T) LPAREN a_expr(L) COMMA a_expr(R) RPAREN. {
    A = build_pair(p, AST_EXPR_NULLIF, T.position, false, L, R);
}
func_special(A) ::= COALESCE(T) LPAREN expr_list(L) RPAREN. { A = build_list(p, AST_EXPR_COALESCE, T.position, L); }
func_special(A) ::= GREATEST(T) LPAREN expr_list(L) RPAREN. { A = build_list(p, AST_EXPR_GREATEST, T.position, L); }
func_special(A) ::= LEAST(T) LPAREN expr_list(L) RPAREN. { A = build_list(p, AST_EXPR_LEAST, T.position, L); }
func_special(A) ::= GROUPING(T) LPAREN expr_list(L) RPAREN. { A = build_call(p, build_name(p, &T), L); }

/* ---- Statements: queries and data ---- */

statement(A) ::= select_statement(Q). { A = build_select_statement(p, Q); }
statement(A) ::= data_statement(S). { A = S; }
statement(A) ::= explainable_create(S). { A = S; }
statement(A) ::= subscribe(S). { A = STATEMENT(AST_SUBSCRIBE, subscribe, S); }

%type data_statement {AstStatement *}
data_statement(A) ::= insert(S). { A = STATEMENT(AST_INSERT, insert, S); }
data_statement(A) ::= update(S). { A = STATEMENT(AST_UPDATE, update, S); }
data_statement(A) ::= delete(S). { A = STATEMENT(AST_DELETE, delete_, S); }
data_statement(A) ::= with_clause(W) insert(S). { S->with = W; A = STATEMENT(AST_INSERT, insert, S); }
data_statement(A) ::= with_clause(W) update(S). { S->with = W; A = STATEMENT(AST_UPDATE, update, S); }
data_statement(A) ::= with_clause(W) delete(S). { S->with = W; A = STATEMENT(AST_DELETE, delete_, S); }

%type insert {AstInsert *}
%type insert_rest {AstInsert *}
insert(A) ::= INSERT INTO item_name(N) insert_alias(I) insert_rest(R) returning(L). {
    A = R;
    A->table = *N;
    A->alias = I;
    LIST_SET(A->returning, L);
}
%type insert_alias {AstIdent}
insert_alias(A) ::= . { A = (AstIdent){0}; }
insert_alias(A) ::= AS col_id(I). { A = IDENT(I); }
insert_alias(A) ::= IDENT(I). { A = IDENT(I); }
insert_rest(A) ::= select_statement(Q). { A = NEW(AstInsert); A->query = Q; }
insert_rest(A) ::= LPAREN name_list(L) RPAREN select_statement(Q). { A = NEW(AstInsert); A->columns = *L; A->query = Q; }
insert_rest(A) ::= LPAREN name_list(L) RPAREN DEFAULT VALUES. { A = NEW(AstInsert); A->columns = *L; }
insert_rest(A) ::= DEFAULT VALUES. { A = NEW(AstInsert); }
%type returning {AstTargetList *}
returning(A) ::= . { A = NULL; }
returning(A) ::= RETURNING target_list(L). { A = L; }

%type update {AstUpdate *}
update(A) ::= UPDATE item_name(N) update_alias(I) SET assignments(L) from_clause(F) where_clause(W) returning(R). {
    A = NEW(AstUpdate);
    A->table = *N;
    A->alias = I;
    A->assignments = *L;
    LIST_SET(A->from, F);
    A->where = W;
    LIST_SET(A->returning, R);
}
%type update_alias {AstIdent}
update_alias(A) ::= . [UMINUS] { A = (AstIdent){0}; }
update_alias(A) ::= AS col_id(I). { A = IDENT(I); }
update_alias(A) ::= col_id(I). { A = IDENT(I); }
%type assignments {AstAssignmentList *}
%type assignment {AstAssignment}
assignments(A) ::= assignment(S). { A = NEW(AstAssignmentList); PUSH(A, S); }
assignments(A) ::= assignments(B) COMMA assignment(S). { A = B; PUSH(A, S); }
assignment(A) ::= col_id(I) EQ default_expr(E). { A = (AstAssignment){IDENT(I), E}; }

%type delete {AstDelete *}
delete(A) ::= DELETE FROM item_name(N) delete_alias(I) using_clause(U) where_clause(W) returning(R). {
    A = NEW(AstDelete);
    A->table = *N;
    A->alias = I;
    LIST_SET(A->using_, U);
    A->where = W;
    LIST_SET(A->returning, R);
}
%type delete_alias {AstIdent}
delete_alias(A) ::= . { A = (AstIdent){0}; }
delete_alias(A) ::= AS col_id(I). { A = IDENT(I); }
delete_alias(A) ::= col_id(I). { A = IDENT(I); }
%type using_clause {AstFromList *}
using_clause(A) ::= . { A = NULL; }
using_clause(A) ::= USING from_list(L). { A = L; }

/* COPY */

statement(A) ::= COPY opt_into item_name(N) opt_column_list(L) copy_direction(D) copy_target(C) copy_options(O). {
    C->table = *N;
    LIST_SET(C->columns, L);
    A = build_copy(p, C, D, O);
}
statement(A) ::= COPY select_with_parens(Q) TO copy_target(C) copy_options(O). {
    C->query = Q;
    A = build_copy(p, C, true, O);
}
statement(A) ::= COPY LPAREN subscribe(S) RPAREN TO copy_target(C) copy_options(O). {
    C->subscribe = S;
    A = build_copy(p, C, true, O);
}
opt_into ::= .
opt_into ::= INTO.
%type copy_direction {bool}
copy_direction(A) ::= FROM. { A = false; }
copy_direction(A) ::= TO. { A = true; }
%type copy_target {AstCopy *}
copy_target(A) ::= STDIN. { A = NEW(AstCopy); A->target = AST_COPY_STDIN; }
copy_target(A) ::= STDOUT. { A = NEW(AstCopy); A->target = AST_COPY_STDOUT; }
copy_target(A) ::= copy_url(E). { A = NEW(AstCopy); A->target = AST_COPY_EXPR; A->url = E; }
%type copy_url {AstExpr *}
copy_url(A) ::= SCONST(T). { A = build_text(p, AST_EXPR_STRING, &T); }
copy_url(A) ::= PARAM(T). { A = build_parameter(p, &T); }
copy_url(A) ::= LPAREN a_expr(E) RPAREN. { A = E; }
%type copy_options {AstOptionList *}
copy_options(A) ::= . { A = NULL; }
copy_options(A) ::= options(O). { A = O; }
copy_options(A) ::= WITH options(O). { A = O; }
copy_options(A) ::= copy_words(S). { A = options_read(p, S, OPTIONS_COPY); }
copy_options(A) ::= WITH copy_words(S). { A = options_read(p, S, OPTIONS_COPY); }
%type copy_words {Range}
copy_words(A) ::= copy_word(T). { A = RANGE(T, T); }
copy_words(A) ::= copy_words(B) copy_word(T). { A = B; A.end = T.end; }
copy_word ::= nonreserved_word.
copy_word ::= NULL.
copy_word ::= AS.
copy_word ::= SCONST.

/* SUBSCRIBE: the clauses may come in any order that documents or scripts use, AS OF before UP TO */

%type subscribe {AstSubscribe *}
%type subscribe_tail {AstSubscribe *}
%type opt_up_to {AstExpr *}
subscribe(A) ::= SUBSCRIBE opt_to item_name(N) subscribe_tail(T) opt_as_of(S) opt_up_to(U). {
    A = T;
    A->name = *N;
    A->as_of = S;
    A->up_to = U;
}
subscribe(A) ::= SUBSCRIBE opt_to select_with_parens(Q) subscribe_tail(T) opt_as_of(S) opt_up_to(U). {
    A = T;
    A->query = Q;
    A->as_of = S;
    A->up_to = U;
}
opt_to ::= .
opt_to ::= TO.
opt_up_to(A) ::= . { A = NULL; }
opt_up_to(A) ::= UP TO a_expr(E). { A = E; }
subscribe_tail(A) ::= . { A = NEW(AstSubscribe); }
subscribe_tail(A) ::= subscribe_tail(B) WITH options(O). { A = B; LIST_SET(A->options, O); }
subscribe_tail(A) ::= subscribe_tail(B) ENVELOPE(T) NONE. { A = B; A->envelope = build_envelope(p, &T, AST_ENVELOPE_NONE); }
subscribe_tail(A) ::= subscribe_tail(B) ENVELOPE(T) UPSERT LPAREN KEY LPAREN name_list(L) RPAREN RPAREN. {
    A = B;
    A->envelope = build_envelope(p, &T, AST_ENVELOPE_UPSERT);
    A->envelope->keys = *L;
}
subscribe_tail(A) ::= subscribe_tail(B) ENVELOPE(T) DEBEZIUM LPAREN KEY LPAREN name_list(L) RPAREN RPAREN. {
    A = B;
    A->envelope = build_envelope(p, &T, AST_ENVELOPE_DEBEZIUM);
    A->envelope->keys = *L;
}
subscribe_tail(A) ::= subscribe_tail(B) WITHIN_LA TIMESTAMP order_clause(O). {
    A = B;
    A->within_timestamp = true;
    A->order_by = *O;
}

/* ---- CREATE ---- */

%type explainable_create {AstStatement *}
explainable_create(A) ::= CREATE opt_temporary(T) VIEW new_target(N) opt_column_list(L) AS select_statement(Q). {
    A = build_create_view(p, false, T, &N, L, Q);
}
explainable_create(A) ::= CREATE OR REPLACE opt_temporary(T) VIEW new_target(N) opt_column_list(L) AS select_statement(Q). {
    A = build_create_view(p, true, T, &N, L, Q);
}
%type opt_temporary {bool}
opt_temporary(A) ::= . { A = false; }
opt_temporary(A) ::= TEMPORARY. { A = true; }
opt_temporary(A) ::= TEMP. { A = true; }
explainable_create(A) ::= CREATE MATERIALIZED VIEW materialized_view(M). {
    A = STATEMENT(AST_CREATE_MATERIALIZED_VIEW, create_materialized_view, M);
}
explainable_create(A) ::= CREATE OR REPLACE MATERIALIZED VIEW materialized_view(M). {
    M->or_replace = true;
    A = STATEMENT(AST_CREATE_MATERIALIZED_VIEW, create_materialized_view, M);
}
explainable_create(A) ::= CREATE REPLACEMENT MATERIALIZED VIEW materialized_view(M). {
    M->replacement = true;
    A = STATEMENT(AST_CREATE_MATERIALIZED_VIEW, create_materialized_view, M);
}
%type materialized_view {AstCreateMaterializedView *}
materialized_view(A) ::= new_target(N) opt_column_list(L) opt_for_target(F) opt_in_cluster(C) opt_with(O) AS
                         select_statement(Q). {
    A = build_materialized_view(p, &N, L, F, C, O, Q);
}
%type opt_for_target {AstName *}
opt_for_target(A) ::= . { A = NULL; }
opt_for_target(A) ::= FOR item_name(N). { A = N; }

explainable_create(A) ::= CREATE INDEX opt_in_cluster(C) ON item_name(N) opt_using(U) index_keys(K) opt_with(O). {
    A = build_create_index(p, NULL, C, N, U, K, O);
}
explainable_create(A) ::= CREATE INDEX new_ident(I) opt_in_cluster(C) ON item_name(N) opt_using(U) index_keys(K) opt_with(O). {
    A = build_create_index(p, &I, C, N, U, K, O);
}
explainable_create(A) ::= CREATE UNIQUE INDEX new_ident(I) opt_in_cluster(C) ON item_name(N) opt_using(U) index_keys(K)
                          opt_with(O). {
    A = build_create_index(p, &I, C, N, U, K, O);
    A->create_index->unique = true;
}
explainable_create(A) ::= CREATE DEFAULT INDEX opt_in_cluster(C) ON item_name(N) opt_using(U) opt_with(O). {
    A = build_create_index(p, NULL, C, N, U, NULL, O);
    A->create_index->default_ = true;
}
explainable_create(A) ::= CREATE DEFAULT INDEX IF NOT EXISTS opt_in_cluster(C) ON item_name(N) opt_using(U) opt_with(O). {
    A = build_create_index(p, NULL, C, N, U, NULL, O);
    A->create_index->default_ = true;
    A->create_index->if_not_exists = true;
}
%type opt_using {AstIdent}
opt_using(A) ::= . { A = (AstIdent){0}; }
opt_using(A) ::= USING col_id(I). { A = IDENT(I); }
%type index_keys {AstExprList *}
index_keys(A) ::= LPAREN index_key_list(L) RPAREN. { A = L; }
/* An arrangement has no direction: ASC and DESC are taken and forgotten. */
%type index_key_list {AstExprList *}
index_key_list(A) ::= index_key(E). { A = NEW(AstExprList); PUSH(A, E); }
index_key_list(A) ::= index_key_list(B) COMMA index_key(E). { A = B; PUSH(A, E); }
%type index_key {AstExpr *}
index_key(A) ::= a_expr(E) opt_direction opt_nulls. { A = E; }
index_keys(A) ::= LPAREN RPAREN. { A = NEW(AstExprList); }

statement(A) ::= CREATE SECRET new_target(N) AS a_expr(E). {
    AstCreateSecret *s = NEW(AstCreateSecret);
    s->name = *N.name;
    s->if_not_exists = N.flag;
    s->value = E;
    A = STATEMENT(AST_CREATE_SECRET, create_secret, s);
}
statement(A) ::= CREATE DATABASE new_ident(N). {
    AstCreateDatabase *s = NEW(AstCreateDatabase);
    s->name = N.ident;
    s->if_not_exists = N.flag;
    A = STATEMENT(AST_CREATE_DATABASE, create_database, s);
}
statement(A) ::= CREATE SCHEMA new_target(N). {
    AstCreateSchema *s = NEW(AstCreateSchema);
    s->name = *N.name;
    s->if_not_exists = N.flag;
    A = STATEMENT(AST_CREATE_SCHEMA, create_schema, s);
}
statement(A) ::= CREATE CONNECTION new_target(N) TO connection_type(K) options(O) opt_with(W). {
    A = build_create_connection(p, &N, &K, O, W);
}
statement(A) ::= CREATE CONNECTION new_target(N) FOR connection_type(K) options(O) opt_with(W). {
    A = build_create_connection(p, &N, &K, O, W);
}
/* The legacy form without parentheses. */
statement(A) ::= CREATE CONNECTION new_target(N) FOR connection_type(K) soup_start(S). {
    A = build_create_connection(p, &N, &K, options_read(p, S, OPTIONS_VALUES), NULL);
}
%type connection_type {Words}
connection_type(A) ::= POSTGRES(T). { A = (Words){"POSTGRES", T.position}; }
connection_type(A) ::= KAFKA(T). { A = (Words){"KAFKA", T.position}; }
connection_type(A) ::= CONFLUENT(T) SCHEMA REGISTRY. { A = (Words){"CONFLUENT SCHEMA REGISTRY", T.position}; }
connection_type(A) ::= SSH(T) TUNNEL. { A = (Words){"SSH TUNNEL", T.position}; }
connection_type(A) ::= AWS(T) PRIVATELINK. { A = (Words){"AWS PRIVATELINK", T.position}; }
connection_type(A) ::= AWS(T). { A = (Words){"AWS", T.position}; }
connection_type(A) ::= MYSQL(T). { A = (Words){"MYSQL", T.position}; }
connection_type(A) ::= SQL(T) SERVER. { A = (Words){"SQL SERVER", T.position}; }
connection_type(A) ::= ICEBERG(T) CATALOG. { A = (Words){"ICEBERG CATALOG", T.position}; }
/* Options without parentheses start with an ordinary word. */
%type soup_start {Range}
soup_start(A) ::= IDENT(T). { A = RANGE(T, T); }
soup_start(A) ::= soup_start(B) soup_atom. { A = B; A.end = p->previous_end; }

statement(A) ::= CREATE TYPE new_target(N) AS LIST LPAREN type_options(O) RPAREN. {
    A = build_create_type(p, &N, AST_CREATE_TYPE_LIST, O, NULL);
}
statement(A) ::= CREATE TYPE new_target(N) AS MAP LPAREN type_options(O) RPAREN. {
    A = build_create_type(p, &N, AST_CREATE_TYPE_MAP, O, NULL);
}
statement(A) ::= CREATE TYPE new_target(N) AS LPAREN typed_columns(L) RPAREN. {
    A = build_create_type(p, &N, AST_CREATE_TYPE_RECORD, NULL, L);
}
%type type_options {AstTypeOptionList *}
%type type_option {AstTypeOption}
type_options(A) ::= type_option(O). { A = NEW(AstTypeOptionList); PUSH(A, O); }
type_options(A) ::= type_options(B) COMMA type_option(O). { A = B; PUSH(A, O); }
type_option(A) ::= ELEMENT(W) TYPE opt_eq type_name(T). { A = (AstTypeOption){"ELEMENT TYPE", T, W.position}; }
type_option(A) ::= KEY(W) TYPE opt_eq type_name(T). { A = (AstTypeOption){"KEY TYPE", T, W.position}; }
type_option(A) ::= VALUE(W) TYPE opt_eq type_name(T). { A = (AstTypeOption){"VALUE TYPE", T, W.position}; }

statement(A) ::= CREATE ROLE role_name(R) role_options(O). { A = build_create_role(p, R, false, O); }
statement(A) ::= CREATE USER role_name(R) role_options(O). { A = build_create_role(p, R, true, O); }
%type role_options {AstOptionList *}
%type role_option_list {AstOptionList *}
%type role_option {AstOption *}
role_options(A) ::= . { A = NULL; }
role_options(A) ::= role_option_list(L). { A = L; }
role_options(A) ::= WITH role_option_list(L). { A = L; }
role_option_list(A) ::= role_option(O). { A = NEW(AstOptionList); PUSH(A, O); }
role_option_list(A) ::= role_option_list(B) role_option(O). { A = B; PUSH(A, O); }
role_option(A) ::= IDENT(T). { A = build_role_option(p, &T, NULL); }
role_option(A) ::= PASSWORD(T) SCONST(V). { A = build_role_option(p, &T, &V); }
role_option(A) ::= PASSWORD(T) NULL(V). { A = build_role_option(p, &T, &V); }

statement(A) ::= CREATE CLUSTER new_ident(N) options(O). { A = build_create_cluster(p, &N, O, NULL); }
statement(A) ::= CREATE CLUSTER new_ident(N) options(O) FEATURES options(F). {
    A = build_create_cluster(p, &N, O, NULL);
    LIST_SET(A->create_cluster->features, F);
}
statement(A) ::= CREATE CLUSTER new_ident(N) soup_start(S). {
    A = build_create_cluster(p, &N, options_read(p, S, OPTIONS_VALUES), NULL);
}
statement(A) ::= CREATE CLUSTER new_ident(N) REPLICAS LPAREN replica_defs(L) RPAREN. {
    A = build_create_cluster(p, &N, NULL, L);
}
statement(A) ::= CREATE CLUSTER new_ident(N) REPLICAS LPAREN RPAREN. {
    A = build_create_cluster(p, &N, NULL, NEW(AstReplicaDefList));
}
%type replica_defs {AstReplicaDefList *}
%type replica_def {AstReplicaDef}
replica_defs(A) ::= replica_def(R). { A = NEW(AstReplicaDefList); PUSH(A, R); }
replica_defs(A) ::= replica_defs(B) COMMA replica_def(R). { A = B; PUSH(A, R); }
replica_def(A) ::= col_id(I) options(O). { A = (AstReplicaDef){IDENT(I), *O}; }
statement(A) ::= CREATE CLUSTER_LA REPLICA col_id(C) DOT col_label(R) options(O). { A = build_create_replica(p, &C, &R, O); }
statement(A) ::= CREATE CLUSTER_LA REPLICA col_id(C) DOT col_label(R) soup_start(S). {
    A = build_create_replica(p, &C, &R, options_read(p, S, OPTIONS_VALUES));
}
statement(A) ::= CREATE NETWORK POLICY col_id(I) options(O). {
    AstNetworkPolicy *s = NEW(AstNetworkPolicy);
    s->name = IDENT(I);
    s->options = *O;
    A = STATEMENT(AST_CREATE_NETWORK_POLICY, network_policy, s);
}

/* Tables */

statement(A) ::= CREATE opt_temporary(T) TABLE new_target(N) LPAREN table_elements(E) RPAREN opt_with(O). {
    A = build_create_table(p, T, &N, &E, O);
}
statement(A) ::= CREATE opt_temporary(T) TABLE new_target(N) LPAREN RPAREN opt_with(O). {
    A = build_create_table(p, T, &N, NULL, O);
}
statement(A) ::= CREATE opt_temporary TABLE new_target(N) LPAREN table_elements(E) RPAREN FROM SOURCE item_name(S)
                 opt_options(R) source_tail(B). {
    A = build_create_table_from_source(p, &N, &E, S, R, B);
}
statement(A) ::= CREATE opt_temporary TABLE new_target(N) FROM SOURCE item_name(S) opt_options(R) source_tail(B). {
    A = build_create_table_from_source(p, &N, NULL, S, R, B);
}
%type table_columns {TableElements}
table_columns(A) ::= . { A = (TableElements){0}; }
table_columns(A) ::= LPAREN table_elements(E) RPAREN. { A = E; }
%type table_elements {TableElements}
table_elements(A) ::= column_def(C). {
    A = (TableElements){NEW(AstColumnDefList), NEW(AstConstraintList)};
    PUSH(A.columns, C);
}
table_elements(A) ::= table_constraint(C). {
    A = (TableElements){NEW(AstColumnDefList), NEW(AstConstraintList)};
    PUSH(A.constraints, C);
}
table_elements(A) ::= table_elements(B) COMMA column_def(C). { A = B; PUSH(A.columns, C); }
table_elements(A) ::= table_elements(B) COMMA table_constraint(C). { A = B; PUSH(A.constraints, C); }
%type column_def {AstColumnDef *}
column_def(A) ::= column_head(C). { A = C; }
%type column_head {AstColumnDef *}
column_head(A) ::= col_id(I). { A = build_column(p, &I, NULL); }
column_head(A) ::= col_id(I) type_name(T). { A = build_column(p, &I, T); }
column_head(A) ::= column_head(C) COLLATE any_name(N). { A = C; A->collation = *N; }
column_head(A) ::= column_head(C) NOT NULL. { A = C; A->nullability = AST_NOT_NULL; }
column_head(A) ::= column_head(C) NULL. { A = C; A->nullability = AST_NULLABLE; }
column_head(A) ::= column_head(C) DEFAULT b_expr(E). { A = C; A->default_ = E; }
column_head(A) ::= column_head(C) column_constraint(K). { A = C; PUSH(&A->constraints, K); }
column_head(A) ::= column_head(C) CONSTRAINT col_id(I) column_constraint(K). {
    A = C;
    K->name = IDENT(I);
    PUSH(&A->constraints, K);
}
%type column_constraint {AstConstraint *}
column_constraint(A) ::= PRIMARY(T) KEY. { A = build_constraint(p, &T, AST_CONSTRAINT_PRIMARY_KEY, NULL); }
column_constraint(A) ::= UNIQUE(T). { A = build_constraint(p, &T, AST_CONSTRAINT_UNIQUE, NULL); }
column_constraint(A) ::= CHECK(T) LPAREN a_expr(E) RPAREN. {
    A = build_constraint(p, &T, AST_CONSTRAINT_CHECK, NULL);
    A->check = E;
}
column_constraint(A) ::= REFERENCES(T) any_name(N) opt_column_list(L). {
    A = build_constraint(p, &T, AST_CONSTRAINT_FOREIGN_KEY, NULL);
    A->foreign_table = *N;
    LIST_SET(A->foreign_columns, L);
}
%type table_constraint {AstConstraint *}
%type constraint_body {AstConstraint *}
table_constraint(A) ::= constraint_body(K). { A = K; }
table_constraint(A) ::= CONSTRAINT col_id(I) constraint_body(K). { A = K; A->name = IDENT(I); }
constraint_body(A) ::= PRIMARY(T) KEY LPAREN name_list(L) RPAREN opt_not_enforced. {
    A = build_constraint(p, &T, AST_CONSTRAINT_PRIMARY_KEY, L);
}
constraint_body(A) ::= UNIQUE(T) opt_nulls_distinct(D) LPAREN name_list(L) RPAREN. {
    A = build_constraint(p, &T, AST_CONSTRAINT_UNIQUE, L);
    A->nulls_not_distinct = D;
}
constraint_body(A) ::= CHECK(T) LPAREN a_expr(E) RPAREN. {
    A = build_constraint(p, &T, AST_CONSTRAINT_CHECK, NULL);
    A->check = E;
}
constraint_body(A) ::= FOREIGN(T) KEY LPAREN name_list(L) RPAREN REFERENCES any_name(N) opt_column_list(F). {
    A = build_constraint(p, &T, AST_CONSTRAINT_FOREIGN_KEY, L);
    A->foreign_table = *N;
    LIST_SET(A->foreign_columns, F);
}
%type opt_nulls_distinct {bool}
opt_nulls_distinct(A) ::= . { A = false; }
opt_nulls_distinct(A) ::= NULLS DISTINCT. { A = false; }
opt_nulls_distinct(A) ::= NULLS NOT DISTINCT. { A = true; }
opt_not_enforced ::= .
opt_not_enforced ::= NOT ENFORCED.

/* Sources */

statement(A) ::= CREATE SOURCE new_target(N) table_columns(E) opt_in_cluster(C) FROM source_connection(S) source_tail(B). {
    A = build_create_source(p, &N, &E, C, S, B);
}
statement(A) ::= CREATE SOURCE new_target(N) table_columns opt_in_cluster(C) FROM WEBHOOK BODY FORMAT format(F)
                 include_list(I) webhook_check(K). {
    A = build_create_webhook(p, &N, false, C, F, I, K);
}
statement(A) ::= CREATE opt_temporary TABLE new_target(N) FROM WEBHOOK BODY FORMAT format(F) include_list(I)
                 webhook_check(K). {
    A = build_create_webhook(p, &N, true, (AstIdent){0}, F, I, K);
}
statement(A) ::= CREATE SUBSOURCE new_target(N) table_columns(E) opt_of_source(S) opt_with(O). {
    A = build_create_subsource(p, &N, &E, S, O);
}
%type opt_of_source {AstName *}
opt_of_source(A) ::= . { A = NULL; }
opt_of_source(A) ::= OF SOURCE item_name(N). { A = N; }

%type source_connection {SourceConnection *}
source_connection(A) ::= POSTGRES CONNECTION item_name(N) opt_options(O). {
    A = build_source_connection(p, AST_SOURCE_POSTGRES, N, NULL, O);
}
source_connection(A) ::= KAFKA CONNECTION item_name(N) opt_options(O). {
    A = build_source_connection(p, AST_SOURCE_KAFKA, N, NULL, O);
}
source_connection(A) ::= MYSQL CONNECTION item_name(N) opt_options(O). {
    A = build_source_connection(p, AST_SOURCE_MYSQL, N, NULL, O);
}
source_connection(A) ::= SQL SERVER CONNECTION item_name(N) opt_options(O). {
    A = build_source_connection(p, AST_SOURCE_SQL_SERVER, N, NULL, O);
}
source_connection(A) ::= LOAD GENERATOR IDENT(G) opt_options(O). {
    A = build_source_connection(p, AST_SOURCE_LOAD_GENERATOR, NULL, text_upper(p, G.text), O);
}
source_connection(A) ::= LOAD GENERATOR KEY VALUE opt_options(O). {
    A = build_source_connection(p, AST_SOURCE_LOAD_GENERATOR, NULL, "KEY VALUE", O);
}

/* What may follow a source, in the order in which it must. */
%type source_tail {SourceTail *}
source_tail(A) ::= formats(F) include_list(I) opt_envelope(E) references(R) opt_progress(P) opt_with(O). {
    A = build_source_tail(p, &F, I, E, &R, P, O);
}
%type formats {Formats}
formats(A) ::= . { A = (Formats){0}; }
formats(A) ::= FORMAT format(F). { A = (Formats){F, NULL}; }
formats(A) ::= KEY_LA FORMAT format(K) VALUE_LA FORMAT format(F). { A = (Formats){F, K}; }
%type opt_progress {AstName *}
opt_progress(A) ::= . { A = NULL; }
opt_progress(A) ::= EXPOSE PROGRESS AS item_name(N). { A = N; }
%type references {References}
references(A) ::= . { A = (References){0}; }
references(A) ::= FOR ALL TABLES. { A = (References){AST_REFERENCES_ALL_TABLES, NULL, NULL}; }
references(A) ::= FOR SCHEMAS LPAREN name_list(L) RPAREN. { A = (References){AST_REFERENCES_SCHEMAS, L, NULL}; }
references(A) ::= FOR TABLES LPAREN reference_list(L) RPAREN. { A = (References){AST_REFERENCES_TABLES, NULL, L}; }
%type reference_list {AstReferenceList *}
%type reference {AstReference *}
reference_list(A) ::= reference(R). { A = NEW(AstReferenceList); PUSH(A, *R); }
reference_list(A) ::= reference_list(B) COMMA reference(R). { A = B; PUSH(A, *R); }
reference(A) ::= any_name(N). { A = NEW(AstReference); A->name = *N; }
reference(A) ::= any_name(N) AS item_name(I). { A = NEW(AstReference); A->name = *N; A->alias = *I; }
reference(A) ::= any_name(N) INTO item_name(I). { A = NEW(AstReference); A->name = *N; A->alias = *I; }

%type opt_envelope {AstEnvelope *}
opt_envelope(A) ::= . { A = NULL; }
opt_envelope(A) ::= ENVELOPE(T) NONE. { A = build_envelope(p, &T, AST_ENVELOPE_NONE); }
opt_envelope(A) ::= ENVELOPE(T) DEBEZIUM. { A = build_envelope(p, &T, AST_ENVELOPE_DEBEZIUM); }
opt_envelope(A) ::= ENVELOPE(T) MATERIALIZE. { A = build_envelope(p, &T, AST_ENVELOPE_MATERIALIZE); }
opt_envelope(A) ::= ENVELOPE(T) UPSERT. { A = build_envelope(p, &T, AST_ENVELOPE_UPSERT); }
opt_envelope(A) ::= ENVELOPE(T) UPSERT LPAREN VALUE DECODING ERRORS opt_eq decoding_policy(I) RPAREN. {
    A = build_envelope(p, &T, AST_ENVELOPE_UPSERT);
    A->decoding_inline = true;
    A->decoding_alias = I;
}
%type decoding_policy {AstIdent}
decoding_policy(A) ::= INLINE. { A = (AstIdent){0}; }
decoding_policy(A) ::= INLINE AS col_id(I). { A = IDENT(I); }
decoding_policy(A) ::= LPAREN decoding_policy(B) RPAREN. { A = B; }

%type include_list {AstIncludeList *}
%type includes {AstIncludeList *}
%type include {AstInclude *}
include_list(A) ::= . { A = NULL; }
include_list(A) ::= INCLUDE includes(L). { A = L; }
includes(A) ::= include(I). { A = NEW(AstIncludeList); PUSH(A, I); }
includes(A) ::= includes(B) COMMA include(I). { A = B; PUSH(A, I); }
includes(A) ::= includes(B) opt_comma_include include(I). { A = B; PUSH(A, I); }
opt_comma_include ::= INCLUDE.
opt_comma_include ::= COMMA INCLUDE.
include(A) ::= KEY(T) opt_alias_as(I). { A = build_include(p, &T, AST_INCLUDE_KEY, I); }
include(A) ::= PARTITION(T) opt_alias_as(I). { A = build_include(p, &T, AST_INCLUDE_PARTITION, I); }
include(A) ::= OFFSET(T) opt_alias_as(I). { A = build_include(p, &T, AST_INCLUDE_OFFSET, I); }
include(A) ::= TIMESTAMP(T) opt_alias_as(I). { A = build_include(p, &T, AST_INCLUDE_TIMESTAMP, I); }
include(A) ::= HEADERS(T) opt_header_filters(F) opt_alias_as(I). {
    A = build_include(p, &T, AST_INCLUDE_HEADERS, I);
    LIST_SET(A->filters, F);
}
include(A) ::= HEADER(T) SCONST(H) AS col_id(I) opt_bytes(B). {
    A = build_include(p, &T, AST_INCLUDE_HEADER, IDENT(I));
    A->header = H.text;
    A->bytes = B;
}
%type opt_alias_as {AstIdent}
opt_alias_as(A) ::= . { A = (AstIdent){0}; }
opt_alias_as(A) ::= AS col_id(I). { A = IDENT(I); }
%type opt_bytes {bool}
opt_bytes(A) ::= . { A = false; }
opt_bytes(A) ::= BYTES. { A = true; }
%type opt_header_filters {AstHeaderFilterList *}
%type header_filters {AstHeaderFilterList *}
%type header_filter {AstHeaderFilter}
opt_header_filters(A) ::= . { A = NULL; }
opt_header_filters(A) ::= LPAREN header_filters(L) RPAREN. { A = L; }
header_filters(A) ::= header_filter(F). { A = NEW(AstHeaderFilterList); PUSH(A, F); }
header_filters(A) ::= header_filters(B) COMMA header_filter(F). { A = B; PUSH(A, F); }
header_filter(A) ::= SCONST(S). { A = (AstHeaderFilter){false, S.text}; }
header_filter(A) ::= NOT SCONST(S). { A = (AstHeaderFilter){true, S.text}; }

%type webhook_check {WebhookCheck}
webhook_check(A) ::= . { A = (WebhookCheck){0}; }
webhook_check(A) ::= CHECK LPAREN a_expr(E) RPAREN. { A = (WebhookCheck){E, NULL}; }
webhook_check(A) ::= CHECK LPAREN WITH LPAREN check_inputs(L) RPAREN a_expr(E) RPAREN. { A = (WebhookCheck){E, L}; }
%type check_inputs {AstCheckInputList *}
%type check_input {AstCheckInput *}
check_inputs(A) ::= check_input(I). { A = NEW(AstCheckInputList); PUSH(A, *I); }
check_inputs(A) ::= check_inputs(B) COMMA check_input(I). { A = B; PUSH(A, *I); }
check_input(A) ::= HEADERS opt_alias_as(I) opt_bytes(B). { A = build_check_input(p, AST_CHECK_HEADERS, NULL, I, B); }
check_input(A) ::= BODY opt_alias_as(I) opt_bytes(B). { A = build_check_input(p, AST_CHECK_BODY, NULL, I, B); }
check_input(A) ::= SECRET item_name(N) opt_alias_as(I) opt_bytes(B). {
    A = build_check_input(p, AST_CHECK_SECRET, N, I, B);
}

/* Formats */

%type format {AstFormat *}
format(A) ::= AVRO(T) USING registry(R). { A = R; A->kind = AST_FORMAT_AVRO_REGISTRY; A->position = T.position; }
format(A) ::= AVRO(T) USING SCHEMA SCONST(S) opt_options(O). {
    A = build_format(p, &T, AST_FORMAT_AVRO_SCHEMA);
    A->text = S.text;
    LIST_SET(A->options, O);
}
format(A) ::= PROTOBUF(T) USING registry(R). { A = R; A->kind = AST_FORMAT_PROTOBUF_REGISTRY; A->position = T.position; }
format(A) ::= PROTOBUF(T) MESSAGE SCONST(M) USING SCHEMA SCONST(S). {
    A = build_format(p, &T, AST_FORMAT_PROTOBUF_SCHEMA);
    A->message = M.text;
    A->text = S.text;
}
format(A) ::= JSON(T). { A = build_format(p, &T, AST_FORMAT_JSON); }
format(A) ::= JSON(T) ARRAY. { A = build_format(p, &T, AST_FORMAT_JSON); A->array = true; }
format(A) ::= TEXT(T). { A = build_format(p, &T, AST_FORMAT_TEXT); }
format(A) ::= BYTES(T). { A = build_format(p, &T, AST_FORMAT_BYTES); }
format(A) ::= REGEX(T) SCONST(S). { A = build_format(p, &T, AST_FORMAT_REGEX); A->text = S.text; }
format(A) ::= CSV(T) WITH HEADER opt_column_list(L) opt_delimited(D). {
    A = build_format(p, &T, AST_FORMAT_CSV);
    A->header = true;
    LIST_SET(A->header_columns, L);
    A->delimiter = D.text;
}
format(A) ::= CSV(T) WITH ICONST(N) COLUMNS opt_delimited(D). {
    A = build_format(p, &T, AST_FORMAT_CSV);
    A->columns = build_count(p, &N);
    A->delimiter = D.text;
}
opt_delimited(A) ::= . { A = (Token){0}; }
opt_delimited(A) ::= DELIMITED BY SCONST(S). { A = S; }
%type registry {AstFormat *}
registry(A) ::= CONFLUENT(T) SCHEMA REGISTRY CONNECTION item_name(N) opt_options(O) seed(S) strategies(X). {
    A = build_format(p, &T, AST_FORMAT_AVRO_REGISTRY);
    A->connection = *N;
    LIST_SET(A->options, O);
    A->seed_key = S.key;
    A->seed_value = S.value;
    A->key_strategy = X.key;
    A->value_strategy = X.value;
}
%type seed {Seed}
seed(A) ::= . { A = (Seed){0}; }
seed(A) ::= SEED opt_key_schema(K) VALUE SCHEMA SCONST(V). { A = (Seed){K.text, V.text}; }
opt_key_schema(A) ::= . { A = (Token){0}; }
opt_key_schema(A) ::= KEY SCHEMA SCONST(S). { A = S; }
%type strategies {Strategies}
%type strategy {AstStrategy}
strategies(A) ::= . { A = (Strategies){0}; }
strategies(A) ::= KEY STRATEGY strategy(K). { A = (Strategies){.key = K}; }
strategies(A) ::= VALUE STRATEGY strategy(V). { A = (Strategies){.value = V}; }
strategies(A) ::= KEY STRATEGY strategy(K) VALUE STRATEGY strategy(V). { A = (Strategies){K, V}; }
strategy(A) ::= LATEST. { A = (AstStrategy){AST_STRATEGY_LATEST, NULL}; }
strategy(A) ::= ID ICONST(N). { A = (AstStrategy){AST_STRATEGY_ID, N.text}; }
strategy(A) ::= INLINE SCONST(S). { A = (AstStrategy){AST_STRATEGY_INLINE, S.text}; }

/* Sinks */

statement(A) ::= CREATE SINK new_target(N) sink(S). {
    S->name = *N.name;
    S->if_not_exists = N.flag;
    A = STATEMENT(AST_CREATE_SINK, create_sink, S);
}
%type sink {AstCreateSink *}
%type sink_connection {AstCreateSink *}
sink(A) ::= opt_in_cluster(C) FROM item_name(F) INTO sink_connection(S) sink_key(K) sink_headers(H) formats(M)
            opt_envelope(E) opt_with(O). {
    A = build_sink(p, S, C, F, &K, H, &M, E, O);
}
sink_connection(A) ::= KAFKA CONNECTION item_name(N) opt_options(O). { A = build_sink_connection(p, "KAFKA", N, O, NULL); }
sink_connection(A) ::= ICEBERG CATALOG CONNECTION item_name(N) opt_options(O). {
    A = build_sink_connection(p, "ICEBERG CATALOG", N, O, NULL);
}
sink_connection(A) ::= ICEBERG CATALOG CONNECTION item_name(N) opt_options(O) USING AWS CONNECTION item_name(W). {
    A = build_sink_connection(p, "ICEBERG CATALOG", N, O, W);
}
%type sink_key {SinkKey}
sink_key(A) ::= . { A = (SinkKey){0}; }
sink_key(A) ::= KEY LPAREN name_list(L) RPAREN. { A = (SinkKey){L, false}; }
sink_key(A) ::= KEY LPAREN name_list(L) RPAREN NOT ENFORCED. { A = (SinkKey){L, true}; }
%type sink_headers {AstIdent}
sink_headers(A) ::= . { A = (AstIdent){0}; }
sink_headers(A) ::= HEADERS col_id(I). { A = IDENT(I); }
sink_headers(A) ::= HEADERS KEY_LA(I). { A = IDENT(I); }
sink_headers(A) ::= HEADERS VALUE_LA(I). { A = IDENT(I); }

/* ---- ALTER: any object type with any action; what goes with what is checked in build_alter.c ---- */

statement(A) ::= ALTER object_type(K) target(N) alter_action(X). { A = build_alter(p, K, &N, X); }
statement(A) ::= ALTER ROLE role_name(R) role_options(O). { A = build_alter_role(p, R, false, O); }
statement(A) ::= ALTER USER role_name(R) role_options(O). { A = build_alter_role(p, R, true, O); }
statement(A) ::= ALTER ROLE role_name(R) SET setting(S). { A = build_alter_role_set(p, R, AST_ROLE_SET, &S); }
statement(A) ::= ALTER ROLE role_name(R) RESET(T) variable_name(V). {
    AstSetting setting = {.variable = V, .position = T.position};
    A = build_alter_role_set(p, R, AST_ROLE_RESET, &setting);
}
statement(A) ::= ALTER SYSTEM SET setting(S). { A = build_alter_system(p, false, false, &S); }
statement(A) ::= ALTER SYSTEM RESET(T) variable_name(V). {
    AstSetting setting = {.variable = V, .position = T.position};
    A = build_alter_system(p, true, false, &setting);
}
statement(A) ::= ALTER SYSTEM RESET ALL. { A = build_alter_system(p, true, true, NULL); }
statement(A) ::= ALTER DEFAULT PRIVILEGES default_roles(R) default_scope(S) GRANT privileges(P) ON default_type(K) TO
                 role_list(G). {
    A = build_default_privileges(p, &R, &S, false, &P, K, G);
}
statement(A) ::= ALTER DEFAULT PRIVILEGES default_roles(R) default_scope(S) REVOKE privileges(P) ON default_type(K) FROM
                 role_list(G). {
    A = build_default_privileges(p, &R, &S, true, &P, K, G);
}
%type default_roles {DefaultRoles}
default_roles(A) ::= . { A = (DefaultRoles){0}; }
default_roles(A) ::= FOR ROLE role_list(L). { A = (DefaultRoles){L, false}; }
default_roles(A) ::= FOR USER role_list(L). { A = (DefaultRoles){L, false}; }
default_roles(A) ::= FOR ALL ROLES. { A = (DefaultRoles){NULL, true}; }
%type default_scope {DefaultScope}
default_scope(A) ::= . { A = (DefaultScope){0}; }
default_scope(A) ::= IN SCHEMA item_names(L). { A = (DefaultScope){L, NULL}; }
default_scope(A) ::= IN DATABASE item_names(L). { A = (DefaultScope){NULL, L}; }
%type default_type {AstObjectType}
default_type(A) ::= TABLES. { A = AST_OBJECT_TABLE; }
default_type(A) ::= TYPES. { A = AST_OBJECT_TYPE; }
default_type(A) ::= SECRETS. { A = AST_OBJECT_SECRET; }
default_type(A) ::= CONNECTIONS. { A = AST_OBJECT_CONNECTION; }
default_type(A) ::= DATABASES. { A = AST_OBJECT_DATABASE; }
default_type(A) ::= SCHEMAS. { A = AST_OBJECT_SCHEMA; }
default_type(A) ::= CLUSTERS. { A = AST_OBJECT_CLUSTER; }

%type object_type {AstObjectType}
object_type(A) ::= TABLE. { A = AST_OBJECT_TABLE; }
object_type(A) ::= VIEW. { A = AST_OBJECT_VIEW; }
object_type(A) ::= MATERIALIZED VIEW. { A = AST_OBJECT_MATERIALIZED_VIEW; }
object_type(A) ::= SOURCE. { A = AST_OBJECT_SOURCE; }
object_type(A) ::= SUBSOURCE. { A = AST_OBJECT_SUBSOURCE; }
object_type(A) ::= SINK. { A = AST_OBJECT_SINK; }
object_type(A) ::= INDEX. { A = AST_OBJECT_INDEX; }
object_type(A) ::= TYPE. { A = AST_OBJECT_TYPE; }
object_type(A) ::= CLUSTER. { A = AST_OBJECT_CLUSTER; }
object_type(A) ::= CLUSTER_LA REPLICA. { A = AST_OBJECT_CLUSTER_REPLICA; }
object_type(A) ::= SECRET. { A = AST_OBJECT_SECRET; }
object_type(A) ::= CONNECTION. { A = AST_OBJECT_CONNECTION; }
object_type(A) ::= DATABASE. { A = AST_OBJECT_DATABASE; }
object_type(A) ::= SCHEMA. { A = AST_OBJECT_SCHEMA; }
object_type(A) ::= FUNCTION. { A = AST_OBJECT_FUNCTION; }
object_type(A) ::= NETWORK POLICY. { A = AST_OBJECT_NETWORK_POLICY; }

%type alter_action {AlterAction *}
alter_action(A) ::= RENAME(T) TO col_id(I). { A = build_action(p, &T, ALTER_RENAME); A->ident = IDENT(I); }
alter_action(A) ::= SWAP(T) WITH col_id(I). { A = build_action(p, &T, ALTER_SWAP); A->ident = IDENT(I); }
alter_action(A) ::= OWNER(T) TO role_name(R). { A = build_action(p, &T, ALTER_OWNER); A->ident = R; }
alter_action(A) ::= SET(T) SCHEMA any_name(N). { A = build_action(p, &T, ALTER_SET_SCHEMA); A->name = N; }
alter_action(A) ::= SET(T) CLUSTER cluster_ref(C). { A = build_action(p, &T, ALTER_SET_CLUSTER); A->ident = C; }
alter_action(A) ::= SET(T) FROM item_name(N). { A = build_action(p, &T, ALTER_SET_FROM); A->name = N; }
alter_action(A) ::= AS(T) a_expr(E). { A = build_action(p, &T, ALTER_SECRET); A->expr = E; }
alter_action(A) ::= ADD(T) subsource reference_list(L) opt_with(O). {
    A = build_action(p, &T, ALTER_ADD_SUBSOURCE);
    A->references = *L;
    LIST_SET(A->with, O);
}
alter_action(A) ::= DROP(T) subsource item_names(L) behavior(B). {
    A = build_action(p, &T, ALTER_DROP_SUBSOURCE);
    A->names = *L;
    A->behavior = B;
}
alter_action(A) ::= DROP(T) subsource IF EXISTS item_names(L) behavior(B). {
    A = build_action(p, &T, ALTER_DROP_SUBSOURCE);
    A->names = *L;
    A->behavior = B;
    A->if_exists = true;
}
subsource ::= SUBSOURCE.
subsource ::= TABLE.
alter_action(A) ::= ADD(T) COLUMN typed_column(C). { A = build_action(p, &T, ALTER_ADD_COLUMN); A->column = C; }
alter_action(A) ::= ADD(T) COLUMN IF NOT EXISTS typed_column(C). {
    A = build_action(p, &T, ALTER_ADD_COLUMN);
    A->column = C;
    A->if_exists = true;
}
alter_action(A) ::= REFRESH(T) REFERENCES. { A = build_action(p, &T, ALTER_REFRESH_REFERENCES); }
alter_action(A) ::= APPLY(T) REPLACEMENT item_name(N). { A = build_action(p, &T, ALTER_APPLY_REPLACEMENT); A->name = N; }
/* SET, RESET and DROP of options: one for most objects, several for connections. */
alter_action(A) ::= option_actions(L) opt_with(O). { A = L; LIST_SET(A->with, O); }
%type option_actions {AlterAction *}
%type option_action {AlterAction *}
option_actions(A) ::= option_action(B). { A = B; }
option_actions(A) ::= option_actions(B) COMMA option_action(C). { A = build_action_join(p, B, C); }
option_action(A) ::= SET(T) options(O). { A = build_option_action(p, &T, AST_CONNECTION_SET, O); }
option_action(A) ::= RESET(T) option_names(O). { A = build_option_action(p, &T, AST_CONNECTION_RESET, O); }
option_action(A) ::= DROP(T) option_names(O). { A = build_option_action(p, &T, AST_CONNECTION_DROP, O); }
option_action(A) ::= ROTATE(T) KEYS. { A = build_option_action(p, &T, AST_CONNECTION_ROTATE_KEYS, NULL); }

/* ---- DROP, COMMENT, roles and privileges ---- */

statement(A) ::= DROP object_type(K) item_names(L) behavior(B). { A = build_drop(p, K, false, L, B); }
statement(A) ::= DROP object_type(K) IF EXISTS item_names(L) behavior(B). { A = build_drop(p, K, true, L, B); }
statement(A) ::= DROP role_or_user(U) role_list(L). { A = build_drop_role(p, U, false, L); }
statement(A) ::= DROP role_or_user(U) IF EXISTS role_list(L). { A = build_drop_role(p, U, true, L); }
%type role_or_user {bool}
role_or_user(A) ::= ROLE. { A = false; }
role_or_user(A) ::= USER. { A = true; }
%type behavior {AstDropBehavior}
behavior(A) ::= . { A = AST_DROP_UNSAID; }
behavior(A) ::= CASCADE. { A = AST_DROP_CASCADE; }
behavior(A) ::= RESTRICT. { A = AST_DROP_RESTRICT; }
statement(A) ::= DROP OWNED BY role_list(L) behavior(B). {
    AstDropOwned *s = NEW(AstDropOwned);
    s->roles = *L;
    s->behavior = B;
    A = STATEMENT(AST_DROP_OWNED, drop_owned, s);
}
statement(A) ::= REASSIGN OWNED BY role_list(L) TO role_name(R). {
    AstReassignOwned *s = NEW(AstReassignOwned);
    s->roles = *L;
    s->to = R;
    A = STATEMENT(AST_REASSIGN_OWNED, reassign_owned, s);
}

statement(A) ::= COMMENT ON object_type(K) item_name(N) IS comment_text(S). { A = build_comment(p, K, N, &S); }
statement(A) ::= COMMENT ON COLUMN item_name(N) IS comment_text(S). { A = build_comment(p, AST_OBJECT_COLUMN, N, &S); }
statement(A) ::= COMMENT ON COLUMN LBRACKET IDENT(I) AS any_name(N) RBRACKET DOT col_label(C) IS comment_text(S). {
    N->id = I.text;
    A = build_comment(p, AST_OBJECT_COLUMN, build_name_push(p, N, &C), &S);
}
statement(A) ::= COMMENT ON ROLE role_name(R) IS comment_text(S). {
    A = build_comment(p, AST_OBJECT_ROLE, build_name_of(p, R), &S);
}
comment_text(A) ::= SCONST(S). { A = S; }
comment_text(A) ::= NULL. { A = (Token){0}; }

statement(A) ::= GRANT privilege_list(L) TO role_list(R). { A = build_grant_role(p, AST_GRANT_ROLE, L, R); }
statement(A) ::= REVOKE privilege_list(L) FROM role_list(R). { A = build_grant_role(p, AST_REVOKE_ROLE, L, R); }
statement(A) ::= GRANT privileges(P) ON privilege_target(T) TO role_list(R) grant_option(G). {
    A = build_grant(p, AST_GRANT_PRIVILEGES, &P, T, R);
    A->grant_privileges->grant_option = G;
}
statement(A) ::= REVOKE privileges(P) ON privilege_target(T) FROM role_list(R) behavior(B). {
    A = build_grant(p, AST_REVOKE_PRIVILEGES, &P, T, R);
    A->grant_privileges->behavior = B;
}
statement(A) ::= REVOKE GRANT OPTION FOR privileges(P) ON privilege_target(T) FROM role_list(R) behavior(B). {
    A = build_grant(p, AST_REVOKE_PRIVILEGES, &P, T, R);
    A->grant_privileges->behavior = B;
    A->grant_privileges->grant_option = true;
}
%type grant_option {bool}
grant_option(A) ::= . { A = false; }
grant_option(A) ::= WITH GRANT OPTION. { A = true; }
%type privileges {Privileges}
privileges(A) ::= ALL. { A = (Privileges){NULL, true}; }
privileges(A) ::= ALL PRIVILEGES. { A = (Privileges){NULL, true}; }
privileges(A) ::= privilege_list(L). { A = (Privileges){L, false}; }
%type privilege_list {AstIdentList *}
privilege_list(A) ::= privilege(T). { A = NEW(AstIdentList); PUSH(A, IDENT(T)); }
privilege_list(A) ::= privilege_list(B) COMMA privilege(T). { A = B; PUSH(A, IDENT(T)); }
privilege ::= nonreserved_word.
privilege ::= SELECT.
privilege ::= REFERENCES.
privilege ::= CREATE.
%type privilege_target {AstGrantPrivileges *}
privilege_target(A) ::= item_names(L). { A = build_grant_target(p, AST_GRANT_OBJECTS, AST_OBJECT_TABLE, L); }
privilege_target(A) ::= object_type(K) item_names(L). { A = build_grant_target(p, AST_GRANT_OBJECTS, K, L); }
privilege_target(A) ::= ALL default_type(K). { A = build_grant_target(p, AST_GRANT_ALL, K, NULL); }
privilege_target(A) ::= ALL default_type(K) IN SCHEMA item_names(L). {
    A = build_grant_target(p, AST_GRANT_ALL_IN_SCHEMA, K, L);
}
privilege_target(A) ::= ALL default_type(K) IN DATABASE item_names(L). {
    A = build_grant_target(p, AST_GRANT_ALL_IN_DATABASE, K, L);
}

/* ---- SHOW ---- */

%type show_statement {AstShow *}
/* SHOW before a word that only a listing can have is SHOW_LA; a variable can be shown by a statement alone. */
statement(A) ::= SHOW(T) show_variable(V). {
    AstShow *s = build_show(p, &T, AST_SHOW_VARIABLE);
    s->variable = V;
    A = STATEMENT(AST_SHOW, show, s);
}
show_statement(A) ::= SHOW_LA(T) CLUSTER. { A = build_show(p, &T, AST_SHOW_VARIABLE); A->variable = "cluster"; }
show_statement(A) ::= SHOW_LA(T) ROLE. { A = build_show(p, &T, AST_SHOW_VARIABLE); A->variable = "role"; }
show_statement(A) ::= SHOW_LA(T) ALL. { A = build_show(p, &T, AST_SHOW_ALL); }
show_statement(A) ::= SHOW_LA(T) show_listing(L). { A = L; A->position = T.position; }
show_statement(A) ::= SHOW_LA(T) EXTENDED show_listing(L). { A = L; A->position = T.position; A->extended = true; }
show_statement(A) ::= SHOW_LA(T) FULL show_listing(L). { A = L; A->position = T.position; A->full = true; }
show_statement(A) ::= SHOW_LA(T) EXTENDED FULL show_listing(L). {
    A = L;
    A->position = T.position;
    A->extended = true;
    A->full = true;
}
%type show_listing {AstShow *}
show_listing(A) ::= show_objects(K) show_filters(F). { A = F; A->kind = AST_SHOW_OBJECTS; A->type = K; }
show_listing(A) ::= COLUMNS in_or_from item_name(N) show_match(F). { A = F; A->kind = AST_SHOW_COLUMNS; A->name = *N; }
show_statement(A) ::= SHOW_LA(T) CREATE object_type(K) item_name(N). {
    A = build_show(p, &T, AST_SHOW_CREATE);
    A->type = K;
    A->name = *N;
}
show_statement(A) ::= SHOW_LA(T) REDACTED CREATE object_type(K) item_name(N). {
    A = build_show(p, &T, AST_SHOW_CREATE);
    A->type = K;
    A->name = *N;
    A->redacted = true;
}
show_statement(A) ::= SHOW_LA(T) PRIVILEGES show_on(O) show_for(R) show_match(F). {
    A = F;
    A->kind = AST_SHOW_PRIVILEGES;
    A->position = T.position;
    A->type = O.type;
    if (O.name != NULL)
        A->name = *O.name;
    A->role = R;
}
show_statement(A) ::= SHOW_LA(T) DEFAULT PRIVILEGES show_on_types(K) show_for(R) show_match(F). {
    A = F;
    A->kind = AST_SHOW_DEFAULT_PRIVILEGES;
    A->position = T.position;
    A->type = K;
    A->role = R;
}
show_statement(A) ::= SHOW_LA(T) ROLE MEMBERSHIP show_for(R) show_match(F). {
    A = F;
    A->kind = AST_SHOW_ROLE_MEMBERSHIP;
    A->position = T.position;
    A->role = R;
}
%type show_variable {const char *}
show_variable(A) ::= IDENT(I). { A = I.text; }
show_variable(A) ::= IDENT(I) DOT col_label(J). { A = text_joined(p, I.text, ".", J.text); }
show_variable(A) ::= DATABASE. { A = "database"; }
show_variable(A) ::= SCHEMA. { A = "schema"; }
show_variable(A) ::= TIME ZONE. { A = "timezone"; }
show_variable(A) ::= TRANSACTION ISOLATION LEVEL. { A = "transaction_isolation"; }
show_variable(A) ::= SESSION AUTHORIZATION. { A = "session_authorization"; }
%type show_objects {AstObjectType}
show_objects(A) ::= default_type(K). { A = K; }
show_objects(A) ::= OBJECTS. { A = AST_OBJECT_OBJECT; }
show_objects(A) ::= VIEWS. { A = AST_OBJECT_VIEW; }
show_objects(A) ::= MATERIALIZED VIEWS. { A = AST_OBJECT_MATERIALIZED_VIEW; }
show_objects(A) ::= SOURCES. { A = AST_OBJECT_SOURCE; }
show_objects(A) ::= SUBSOURCES. { A = AST_OBJECT_SUBSOURCE; }
show_objects(A) ::= SINKS. { A = AST_OBJECT_SINK; }
show_objects(A) ::= INDEXES. { A = AST_OBJECT_INDEX; }
show_objects(A) ::= INDICES. { A = AST_OBJECT_INDEX; }
show_objects(A) ::= KEYS. { A = AST_OBJECT_INDEX; }
show_objects(A) ::= ROLES. { A = AST_OBJECT_ROLE; }
show_objects(A) ::= CLUSTER REPLICAS. { A = AST_OBJECT_CLUSTER_REPLICA; }
show_objects(A) ::= NETWORK POLICIES. { A = AST_OBJECT_NETWORK_POLICY; }
%type show_filters {AstShow *}
show_filters(A) ::= show_scope(B). { A = B; }
show_filters(A) ::= show_scope(B) LIKE SCONST(S). { A = B; A->like = S.text; }
show_filters(A) ::= show_scope(B) WHERE a_expr(E). { A = B; A->where = E; }
%type show_scope {AstShow *}
show_scope(A) ::= . { A = NEW(AstShow); }
show_scope(A) ::= show_scope(B) FROM any_name(N). { A = B; A->in = *N; }
show_scope(A) ::= show_scope(B) IN any_name(N). { A = B; A->in = *N; }
show_scope(A) ::= show_scope(B) IN CLUSTER cluster_ref(C). { A = B; A->cluster = C; }
show_scope(A) ::= show_scope(B) ON item_name(N). { A = B; A->on = *N; }
%type show_match {AstShow *}
show_match(A) ::= . { A = NEW(AstShow); }
show_match(A) ::= LIKE SCONST(S). { A = NEW(AstShow); A->like = S.text; }
show_match(A) ::= WHERE a_expr(E). { A = NEW(AstShow); A->where = E; }
in_or_from ::= IN.
in_or_from ::= FROM.
%type show_on {ShowOn}
show_on(A) ::= . { A = (ShowOn){AST_OBJECT_NONE, NULL}; }
show_on(A) ::= ON default_type(K). { A = (ShowOn){K, NULL}; }
show_on(A) ::= ON object_type(K). { A = (ShowOn){K, NULL}; }
show_on(A) ::= ON object_type(K) item_name(N). { A = (ShowOn){K, N}; }
show_on(A) ::= ON SYSTEM. { A = (ShowOn){AST_OBJECT_SYSTEM, NULL}; }
%type show_on_types {AstObjectType}
show_on_types(A) ::= . { A = AST_OBJECT_NONE; }
show_on_types(A) ::= ON default_type(K). { A = K; }
show_on_types(A) ::= ON object_type(K). { A = K; }
%type show_for {AstIdent}
show_for(A) ::= . { A = (AstIdent){0}; }
show_for(A) ::= FOR role_name(R). { A = R; }

/* ---- Session ---- */

statement(A) ::= SET setting(S). { A = build_set(p, AST_SET_UNSAID, &S); }
statement(A) ::= SET SESSION setting(S). { A = build_set(p, AST_SET_SESSION, &S); }
statement(A) ::= SET LOCAL setting(S). { A = build_set(p, AST_SET_LOCAL, &S); }
statement(A) ::= SET TRANSACTION transaction_modes(M). {
    A = STATEMENT(AST_SET_TRANSACTION, transaction, M);
}
statement(A) ::= SET LOCAL TRANSACTION transaction_modes(M). {
    M->local = true;
    A = STATEMENT(AST_SET_TRANSACTION, transaction, M);
}
statement(A) ::= SET SESSION CHARACTERISTICS AS TRANSACTION transaction_modes(M). {
    M->session = true;
    A = STATEMENT(AST_SET_TRANSACTION, transaction, M);
}
%type setting {AstSetting}
%type setting_values {AstValueList *}
setting(A) ::= variable_name(V) set_to setting_values(L). { A = build_setting(p, V, L); }
setting(A) ::= variable_name(V) set_to DEFAULT. { A = build_setting(p, V, NULL); }
setting(A) ::= CLUSTER setting_value(V). { A = build_setting(p, "cluster", build_value_list(p, V)); }
setting(A) ::= DATABASE setting_value(V). { A = build_setting(p, "database", build_value_list(p, V)); }
setting(A) ::= SCHEMA setting_value(V). { A = build_setting(p, "search_path", build_value_list(p, V)); }
setting(A) ::= NAMES setting_value(V). { A = build_setting(p, "client_encoding", build_value_list(p, V)); }
setting(A) ::= NAMES DEFAULT. { A = build_setting(p, "client_encoding", NULL); }
setting(A) ::= TIME ZONE setting_value(V). { A = build_setting(p, "timezone", build_value_list(p, V)); }
setting(A) ::= TIME ZONE DEFAULT. { A = build_setting(p, "timezone", NULL); }
setting(A) ::= TIME ZONE INTERVAL(T) SCONST(S). { A = build_setting(p, "timezone", build_value_list(p, build_interval_value(p, &T, &S))); }
set_to ::= EQ.
set_to ::= TO.
setting_values(A) ::= setting_value(V). { A = build_value_list(p, V); }
setting_values(A) ::= setting_values(B) COMMA setting_value(V). { A = B; PUSH(A, V); }
%type setting_value {AstValue *}
setting_value(A) ::= SCONST(T). { A = build_value_text(p, AST_VALUE_TEXT, &T, ""); }
setting_value(A) ::= number(T). { A = build_value_text(p, AST_VALUE_NUMBER, &T, ""); }
setting_value(A) ::= PLUS number(T). { A = build_value_text(p, AST_VALUE_NUMBER, &T, ""); }
setting_value(A) ::= MINUS number(T). { A = build_value_text(p, AST_VALUE_NUMBER, &T, "-"); }
setting_value(A) ::= TRUE(T). { A = build_value_boolean(p, &T, true); }
setting_value(A) ::= FALSE(T). { A = build_value_boolean(p, &T, false); }
setting_value(A) ::= ON(T). { A = build_value_ident(p, &T); }
setting_value(A) ::= NULL(T). { A = build_value_ident(p, &T); }
setting_value(A) ::= nonreserved_word(T). { A = build_value_ident(p, &T); }
%type variable_name {const char *}
variable_name(A) ::= col_id(I). { A = I.text; }
variable_name(A) ::= variable_name(B) DOT col_label(I). { A = text_joined(p, B, ".", I.text); }

statement(A) ::= RESET variable_name(V). { A = build_reset(p, V); }
statement(A) ::= RESET ALL. { A = build_reset(p, NULL); }
statement(A) ::= RESET TIME ZONE. { A = build_reset(p, "timezone"); }
statement(A) ::= RESET TRANSACTION ISOLATION LEVEL. { A = build_reset(p, "transaction_isolation"); }
statement(A) ::= RESET SESSION AUTHORIZATION. { A = build_reset(p, "session_authorization"); }

statement(A) ::= BEGIN opt_work opt_transaction_modes(M). { A = STATEMENT(AST_BEGIN, transaction, M); }
statement(A) ::= START TRANSACTION opt_transaction_modes(M). {
    M->start = true;
    A = STATEMENT(AST_BEGIN, transaction, M);
}
statement(A) ::= COMMIT opt_work opt_chain(C). { A = build_end(p, AST_COMMIT, C); }
statement(A) ::= END opt_work opt_chain(C). { A = build_end(p, AST_COMMIT, C); }
statement(A) ::= ROLLBACK opt_work opt_chain(C). { A = build_end(p, AST_ROLLBACK, C); }
statement(A) ::= ABORT opt_work opt_chain(C). { A = build_end(p, AST_ROLLBACK, C); }
opt_work ::= .
opt_work ::= WORK.
opt_work ::= TRANSACTION.
%type opt_chain {bool}
opt_chain(A) ::= . { A = false; }
opt_chain(A) ::= AND CHAIN. { A = true; }
opt_chain(A) ::= AND NO CHAIN. { A = false; }
%type transaction_modes {AstTransaction *}
%type opt_transaction_modes {AstTransaction *}
%type transaction_mode {AstTransaction}
opt_transaction_modes(A) ::= . { A = NEW(AstTransaction); }
opt_transaction_modes(A) ::= transaction_modes(M). { A = M; }
transaction_modes(A) ::= transaction_mode(M). { A = NEW(AstTransaction); *A = M; }
transaction_modes(A) ::= transaction_modes(B) opt_comma transaction_mode(M). {
    A = B;
    if (M.isolation != AST_ISOLATION_UNSAID)
        A->isolation = M.isolation;
    if (M.access != AST_ACCESS_UNSAID)
        A->access = M.access;
}
opt_comma ::= .
opt_comma ::= COMMA.
transaction_mode(A) ::= ISOLATION LEVEL isolation(I). { A = (AstTransaction){.isolation = I}; }
transaction_mode(A) ::= READ ONLY. { A = (AstTransaction){.access = AST_ACCESS_READ_ONLY}; }
transaction_mode(A) ::= READ WRITE. { A = (AstTransaction){.access = AST_ACCESS_READ_WRITE}; }
%type isolation {AstIsolation}
isolation(A) ::= READ UNCOMMITTED. { A = AST_ISOLATION_READ_UNCOMMITTED; }
isolation(A) ::= READ COMMITTED. { A = AST_ISOLATION_READ_COMMITTED; }
isolation(A) ::= REPEATABLE READ. { A = AST_ISOLATION_REPEATABLE_READ; }
isolation(A) ::= SNAPSHOT ISOLATION. { A = AST_ISOLATION_SNAPSHOT; }
isolation(A) ::= SERIALIZABLE. { A = AST_ISOLATION_SERIALIZABLE; }
isolation(A) ::= STRONG SESSION SERIALIZABLE. { A = AST_ISOLATION_STRONG_SESSION_SERIALIZABLE; }
isolation(A) ::= STRICT SERIALIZABLE. { A = AST_ISOLATION_STRICT_SERIALIZABLE; }

statement(A) ::= DECLARE col_id(I) CURSOR opt_hold FOR statement(S). {
    AstDeclare *s = NEW(AstDeclare);
    s->name = IDENT(I);
    s->statement = S;
    A = STATEMENT(AST_DECLARE, declare, s);
}
opt_hold ::= .
opt_hold ::= WITHOUT HOLD.
statement(A) ::= FETCH fetch_body(F). { A = STATEMENT(AST_FETCH, fetch, F); }
%type fetch_body {AstFetch *}
fetch_body(A) ::= col_id(I) opt_with(O). { A = build_fetch(p, NULL, &I, O); }
fetch_body(A) ::= from_or_in col_id(I) opt_with(O). { A = build_fetch(p, NULL, &I, O); }
fetch_body(A) ::= fetch_amount(N) opt_from_in col_id(I) opt_with(O). { A = build_fetch(p, &N, &I, O); }
fetch_body(A) ::= FORWARD col_id(I) opt_with(O). { A = build_fetch(p, NULL, &I, O); }
fetch_body(A) ::= FORWARD from_or_in col_id(I) opt_with(O). { A = build_fetch(p, NULL, &I, O); }
fetch_body(A) ::= FORWARD fetch_amount(N) opt_from_in col_id(I) opt_with(O). { A = build_fetch(p, &N, &I, O); }
fetch_amount ::= ICONST.
fetch_amount ::= ALL.
from_or_in ::= FROM.
from_or_in ::= IN.
opt_from_in ::= .
opt_from_in ::= from_or_in.
statement(A) ::= CLOSE col_id(I). {
    AstClose *s = NEW(AstClose);
    s->name = IDENT(I);
    A = STATEMENT(AST_CLOSE, close, s);
}
statement(A) ::= CLOSE ALL. {
    AstClose *s = NEW(AstClose);
    s->all = true;
    A = STATEMENT(AST_CLOSE, close, s);
}
statement(A) ::= PREPARE col_id(I) AS statement(S). { A = build_prepare(p, &I, S); }
statement(A) ::= PREPARE col_id(I) LPAREN type_list(L) RPAREN AS statement(S). {
    A = build_prepare(p, &I, S);
    LIST_SET(A->prepare->types, L);
}
%type type_list {TypeList *}
type_list(A) ::= type_name(T). { A = NEW(TypeList); PUSH(A, T); }
type_list(A) ::= type_list(B) COMMA type_name(T). { A = B; PUSH(A, T); }
statement(A) ::= EXECUTE col_id(I). { A = build_execute(p, &I, NULL); }
statement(A) ::= EXECUTE col_id(I) LPAREN RPAREN. { A = build_execute(p, &I, NULL); }
statement(A) ::= EXECUTE col_id(I) LPAREN expr_list(L) RPAREN. { A = build_execute(p, &I, L); }
statement(A) ::= DEALLOCATE deallocated(D). { A = STATEMENT(AST_DEALLOCATE, deallocate, D); }
statement(A) ::= DEALLOCATE PREPARE deallocated(D). { A = STATEMENT(AST_DEALLOCATE, deallocate, D); }
%type deallocated {AstDeallocate *}
deallocated(A) ::= col_id(I). { A = NEW(AstDeallocate); A->name = IDENT(I); }
deallocated(A) ::= ALL. { A = NEW(AstDeallocate); A->all = true; }
statement(A) ::= DISCARD discard(D). { A = build_statement(p, AST_DISCARD); A->discard = D; }
%type discard {AstDiscard}
discard(A) ::= ALL. { A = AST_DISCARD_ALL; }
discard(A) ::= PLANS. { A = AST_DISCARD_PLANS; }
discard(A) ::= SEQUENCES. { A = AST_DISCARD_SEQUENCES; }
discard(A) ::= TEMP. { A = AST_DISCARD_TEMP; }
discard(A) ::= TEMPORARY. { A = AST_DISCARD_TEMP; }

statement(A) ::= RAISE col_id(I). {
    AstRaise *s = NEW(AstRaise);
    s->severity = text_upper(p, I.text);
    A = STATEMENT(AST_RAISE, raise, s);
}
statement(A) ::= VALIDATE CONNECTION item_name(N). { A = STATEMENT(AST_VALIDATE_CONNECTION, name, N); }
statement(A) ::= INSPECT SHARD SCONST(S). { A = build_statement(p, AST_INSPECT_SHARD); A->text_arg = S.text; }

/* ---- EXPLAIN ---- */

statement(A) ::= EXPLAIN explainee(X). { A = build_explain(p, &(ExplainHead){0}, &X); }
statement(A) ::= EXPLAIN explain_head(H) explainee(X). { A = build_explain(p, &H, &X); }
%type explain_head {ExplainHead}
explain_head(A) ::= AS explain_format(F). { A = (ExplainHead){.format = F}; }
explain_head(A) ::= WITH options(O). { A = (ExplainHead){.options = O}; }
explain_head(A) ::= WITH options(O) AS explain_format(F). { A = (ExplainHead){.options = O, .format = F}; }
explain_head(A) ::= explain_stage(S) opt_with(O) explain_as(F) FOR. { A = (ExplainHead){S, O, F}; }
%type explain_stage {AstExplainStage}
explain_stage(A) ::= PLAN. { A = AST_EXPLAIN_DEFAULT; }
explain_stage(A) ::= RAW PLAN. { A = AST_EXPLAIN_RAW; }
explain_stage(A) ::= DECORRELATED PLAN. { A = AST_EXPLAIN_DECORRELATED; }
explain_stage(A) ::= LOCALLY OPTIMIZED PLAN. { A = AST_EXPLAIN_LOCALLY_OPTIMIZED; }
explain_stage(A) ::= OPTIMIZED PLAN. { A = AST_EXPLAIN_OPTIMIZED; }
explain_stage(A) ::= PHYSICAL PLAN. { A = AST_EXPLAIN_PHYSICAL; }
explain_stage(A) ::= OPTIMIZER TRACE. { A = AST_EXPLAIN_TRACE; }
%type explain_as {AstExplainFormat}
%type explain_format {AstExplainFormat}
explain_as(A) ::= . { A = AST_EXPLAIN_FORMAT_UNSAID; }
explain_as(A) ::= AS explain_format(F). { A = F; }
explain_format(A) ::= TEXT. { A = AST_EXPLAIN_TEXT; }
explain_format(A) ::= VERBOSE TEXT. { A = AST_EXPLAIN_VERBOSE_TEXT; }
explain_format(A) ::= JSON. { A = AST_EXPLAIN_JSON; }
explain_format(A) ::= DOT_WORD. { A = AST_EXPLAIN_DOT; }
%type explainee {Explainee}
explainee(A) ::= explained(S). { A = (Explainee){.statement = S}; }
explainee(A) ::= BROKEN explained(S). { A = (Explainee){.statement = S, .broken = true}; }
explainee(A) ::= explained_type(K) item_name(N). { A = (Explainee){.type = K, .name = N}; }
explainee(A) ::= REPLAN explained_type(K) item_name(N). { A = (Explainee){.type = K, .name = N, .replan = true}; }
%type explained_type {AstObjectType}
explained_type(A) ::= VIEW. { A = AST_OBJECT_VIEW; }
explained_type(A) ::= INDEX. { A = AST_OBJECT_INDEX; }
explained_type(A) ::= MATERIALIZED VIEW. { A = AST_OBJECT_MATERIALIZED_VIEW; }
%type explained {AstStatement *}
explained(A) ::= select_statement(Q). { A = build_select_statement(p, Q); }
explained(A) ::= data_statement(S). { A = S; }
explained(A) ::= explainable_create(S). { A = S; }
explained(A) ::= subscribe(S). { A = STATEMENT(AST_SUBSCRIBE, subscribe, S); }
statement(A) ::= EXPLAIN TIMESTAMP explain_as(F) FOR select_statement(Q). {
    AstExplainTimestamp *s = NEW(AstExplainTimestamp);
    s->format = F;
    s->query = Q;
    A = STATEMENT(AST_EXPLAIN_TIMESTAMP, explain_timestamp, s);
}
statement(A) ::= EXPLAIN FILTER PUSHDOWN FOR explainee(X). {
    AstExplainPushdown *s = NEW(AstExplainPushdown);
    s->explainee = build_explainee(&X);
    A = STATEMENT(AST_EXPLAIN_PUSHDOWN, explain_pushdown, s);
}
statement(A) ::= EXPLAIN key_or_value(K) SCHEMA explain_as(F) FOR CREATE SINK sink(S). {
    A = build_explain_schema(p, K, F, NULL, S);
}
statement(A) ::= EXPLAIN key_or_value(K) SCHEMA explain_as(F) FOR CREATE SINK new_target(N) sink(S). {
    A = build_explain_schema(p, K, F, &N, S);
}
%type key_or_value {bool}
key_or_value(A) ::= KEY. { A = true; }
key_or_value(A) ::= VALUE. { A = false; }
statement(A) ::= EXPLAIN ANALYZE analyze_what(W) opt_skew(S) FOR explained_type(K) item_name(N) opt_as_sql(Q). {
    A = build_explain_analyze(p, W, S, K, N, Q);
}
statement(A) ::= EXPLAIN ANALYZE CLUSTER analyze_what(W) opt_skew(S) opt_as_sql(Q). {
    A = build_explain_analyze(p, W, S, AST_OBJECT_CLUSTER, NULL, Q);
}
%type analyze_what {int}
analyze_what(A) ::= analyze_item(B). { A = B; }
analyze_what(A) ::= analyze_what(B) COMMA analyze_item(C). { A = B | C; }
%type analyze_item {int}
analyze_item(A) ::= MEMORY. { A = ANALYZE_MEMORY; }
analyze_item(A) ::= CPU. { A = ANALYZE_CPU; }
analyze_item(A) ::= HINTS. { A = ANALYZE_HINTS; }
%type opt_skew {bool}
opt_skew(A) ::= . { A = false; }
opt_skew(A) ::= WITH SKEW. { A = true; }
%type opt_as_sql {bool}
opt_as_sql(A) ::= . { A = false; }
opt_as_sql(A) ::= AS SQL. { A = true; }

/* ---- EXECUTE UNIT TEST ---- */

statement(A) ::= EXECUTE UNIT TEST col_id(I) FOR item_name(N) unit_test_time(T) unit_test_mocks(M) EXPECTED LPAREN
                 typed_columns(C) RPAREN AS select_with_parens(Q). {
    A = build_unit_test(p, &I, N, T, M, C, Q);
}
%type unit_test_time {AstExpr *}
unit_test_time(A) ::= . { A = NULL; }
unit_test_time(A) ::= AT TIME a_expr(E). { A = E; }
%type unit_test_mocks {AstExecuteUnitTest *}
unit_test_mocks(A) ::= . { A = NEW(AstExecuteUnitTest); }
unit_test_mocks(A) ::= unit_test_mocks(B) MOCK item_name(N) LPAREN typed_columns(C) RPAREN AS select_with_parens(Q) opt_comma. {
    A = build_unit_test_mock(p, B, N, C, Q);
}
