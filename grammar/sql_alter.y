/*
 * sql_alter.y -- statements about existing objects, rights, sessions and plans. Follows sql.y.
 */

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
explain_head(A) ::= explain_stage(S) opt_with(O) explain_as(F) FOR. { A = (ExplainHead){S, O, F, false}; }
explain_head(A) ::= ANALYZE. { A = (ExplainHead){.postgres = true}; }
explain_head(A) ::= VERBOSE. { A = (ExplainHead){.postgres = true}; }
explain_head(A) ::= ANALYZE VERBOSE. { A = (ExplainHead){.postgres = true}; }
statement(A) ::= EXPLAIN_LA options(O) explainee(X). {
    A = build_explain(p, &(ExplainHead){.options = O, .postgres = true}, &X);
}
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
