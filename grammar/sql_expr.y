/*
 * sql_expr.y -- types and expressions. Follows sql.y.
 */

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
simple_type(A) ::= bit_type(T). { A = build_bit_type(p, T); }
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
a_expr(A) ::= a_expr(E) TYPECAST(O) type_name(T). { A = build_cast(p, E, T); A->position = O.position; }
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
b_expr(A) ::= b_expr(E) TYPECAST(O) type_name(T). { A = build_cast(p, E, T); A->position = O.position; }
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
c_expr(A) ::= select_with_parens(Q). [UMINUS] { A = build_subquery(p, AST_EXPR_SUBQUERY, Q->parenthesis, Q); }
c_expr(A) ::= select_with_parens(Q) indirection(I). {
    A = build_indirection(p, build_subquery(p, AST_EXPR_SUBQUERY, Q->parenthesis, Q), I);
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
