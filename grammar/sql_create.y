/*
 * sql_create.y -- statements that change data or make objects. Follows sql.y.
 */

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
statement(A) ::= CREATE TYPE new_target(N) AS IDENT(W) LPAREN enum_labels(L) RPAREN. {
    A = build_create_enum(p, &N, &W, L);
}
statement(A) ::= CREATE TYPE new_target(N) AS IDENT(W) LPAREN RPAREN. { A = build_create_enum(p, &N, &W, NULL); }
%type enum_labels {AstIdentList *}
enum_labels(A) ::= SCONST(S). { A = NEW(AstIdentList); PUSH(A, ((AstIdent){S.text, S.position})); }
enum_labels(A) ::= enum_labels(B) COMMA SCONST(S). { A = B; PUSH(A, ((AstIdent){S.text, S.position})); }
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
