/*
 * sql_query.y -- queries: SELECT, set operations, FROM, WITH, windows. Follows sql.y.
 */

/* ---- Queries ---- */

%type select_statement {AstQuery *}
%type select_with_parens {AstQuery *}
%type select_no_parens {AstQuery *}
%type select_clause {AstBody *}
%type simple_select {AstBody *}

select_statement(A) ::= select_no_parens(Q). [UMINUS] { A = Q; }
select_statement(A) ::= select_with_parens(Q). [UMINUS] { A = Q; }

select_with_parens(A) ::= LPAREN(T) select_no_parens(Q) RPAREN. { A = Q; A->parenthesis = T.position; }
select_with_parens(A) ::= LPAREN(T) select_with_parens(Q) RPAREN. { A = Q; A->parenthesis = T.position; }

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
