#include "tests/oracle/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef VECTOR(char *) Rows;

static PGconn *
connect_to(char *conninfo)
{
    PGconn *connection = PQconnectdb(conninfo);
    free(conninfo);
    return connection;
}

static void
quiet(void *context, const PGresult *notice)
{
    (void) context;
    (void) notice;
}

static bool
connect_ours(Oracle *oracle, Error *err)
{
    if (oracle->ours != NULL)
        PQfinish(oracle->ours);
    oracle->ours = connect_to(freshet_conninfo(&oracle->freshet, NULL));
    if (PQstatus(oracle->ours) != CONNECTION_OK)
        return error_set(err, "08006", "%s", PQerrorMessage(oracle->ours));
    PQsetNoticeReceiver(oracle->ours, quiet, NULL);
    PQclear(PQexec(oracle->ours, "SET statement_timeout = '20s'"));
    return true;
}

bool
oracle_init(Oracle *oracle, const char *program, Error *err)
{
    *oracle = (Oracle){0};
    freshet_init(&oracle->freshet, program);
    if (!postgres_init(&oracle->postgres, NULL, err) || !freshet_start(&oracle->freshet, err) ||
        !connect_ours(oracle, err))
        return false;
    /* Upper and lower case of every letter, as here; text compares by its bytes all the same. */
    if (!postgres_execute(&oracle->postgres, "postgres", "CREATE DATABASE oracle TEMPLATE template0 LC_CTYPE 'C.UTF-8'",
                          err))
        return false;
    oracle->theirs = connect_to(postgres_conninfo(&oracle->postgres, "oracle"));
    if (PQstatus(oracle->theirs) != CONNECTION_OK)
        return error_set(err, "08006", "%s", PQerrorMessage(oracle->theirs));
    PQsetNoticeReceiver(oracle->theirs, quiet, NULL);
    PQclear(PQexec(oracle->theirs,
                   "SET statement_timeout = '3s'; SET jit = off; SET timezone = 'UTC'; SET synchronous_commit = off"));
    return true;
}

void
oracle_deinit(Oracle *oracle)
{
    PQfinish(oracle->theirs);
    PQfinish(oracle->ours);
    freshet_deinit(&oracle->freshet);
    postgres_deinit(&oracle->postgres);
}

static bool
run(PGconn *connection, const char *sql, Buffer *why)
{
    PGresult *result = PQexec(connection, sql);
    bool ok = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!ok)
        buffer_printf(why, "%s", PQerrorMessage(connection));
    PQclear(result);
    return ok;
}

bool
oracle_ours(Oracle *oracle, const char *sql, Buffer *why)
{
    return run(oracle->ours, sql, why);
}

bool
oracle_both(Oracle *oracle, const char *sql)
{
    Buffer theirs = {0}, ours = {0};
    bool they_ran = run(oracle->theirs, sql, &theirs), we_ran = run(oracle->ours, sql, &ours), ok = they_ran && we_ran;
    if (!ok)
        printf("oracle: %s\n  PostgreSQL: %s\n  Freshet: %s\n", sql, buffer_text(&theirs), buffer_text(&ours));
    buffer_deinit(&theirs);
    buffer_deinit(&ours);
    return ok;
}

bool
oracle_load(Oracle *oracle, const Tables *tables)
{
    bool ok = true;
    for (int i = 0; ok && i < TABLE_COUNT; i++) {
        const Table *table = &tables->tables[i];
        Buffer drop = {0}, insert = {0};
        buffer_printf(&drop, "DROP TABLE IF EXISTS %s CASCADE", table->name);
        char *definition = table_definition(table);
        buffer_printf(&insert, "INSERT INTO %s VALUES ", table->name);
        for (size_t row = 0; row < table->rows.count; row++)
            buffer_printf(&insert, "%s%s", row > 0 ? ", " : "", table->rows.items[row]);
        ok = oracle_both(oracle, buffer_text(&drop)) && oracle_both(oracle, definition) &&
             (table->rows.count == 0 || oracle_both(oracle, buffer_text(&insert)));
        free(definition);
        buffer_deinit(&drop);
        buffer_deinit(&insert);
    }
    return ok;
}

/* Decimals without the zeros at their end: 2.00 and 2 are equal, and a group of both may show either. */
static void
strip_zeros(char *text)
{
    char *to = text;
    for (const char *at = text; *at != 0;) {
        bool number = *at >= '0' && *at <= '9' && (at == text || (at[-1] != '.' && (at[-1] < '0' || at[-1] > '9')));
        if (!number) {
            *to++ = *at++;
            continue;
        }
        size_t whole = strspn(at, "0123456789"), digits = at[whole] == '.' ? strspn(at + whole + 1, "0123456789") : 0;
        size_t kept = digits;
        while (kept > 0 && at[whole + kept] == '0')
            kept--;
        size_t size = kept > 0 ? whole + 1 + kept : whole;
        memmove(to, at, size);
        to += size;
        at += digits > 0 ? whole + 1 + digits : whole;
    }
    *to = 0;
}

static bool
has_groups(const char *sql)
{
    static const char *const words[] = {"GROUP BY", "DISTINCT", "UNION",    "INTERSECT", "EXCEPT", "min(",
                                        "max(",     "mode()",   "GREATEST", "LEAST",     "LIMIT"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(sql, words[i]) != NULL)
            return true;
    }
    return false;
}

static int
compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static void
read_rows(const PGresult *result, bool ordered, bool any_form, Rows *rows)
{
    for (int row = 0; row < PQntuples(result); row++) {
        Buffer text = {0};
        for (int column = 0; column < PQnfields(result); column++) {
            const char *value = PQgetisnull(result, row, column) ? "\\N" : PQgetvalue(result, row, column);
            buffer_printf(&text, "%s%s", column > 0 ? " | " : "", value);
        }
        vector_push(rows, buffer_take(&text));
        if (any_form)
            strip_zeros(rows->items[rows->count - 1]);
    }
    if (!ordered && rows->count > 0)
        qsort(rows->items, rows->count, sizeof *rows->items, compare_strings);
}

static void
free_rows(Rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        free(rows->items[i]);
    vector_deinit(rows);
}

static bool
same_columns(const PGresult *theirs, const PGresult *ours, Buffer *why)
{
    bool same = PQnfields(theirs) == PQnfields(ours);
    for (int i = 0; same && i < PQnfields(theirs); i++)
        same = PQftype(theirs, i) == PQftype(ours, i) && strcmp(PQfname(theirs, i), PQfname(ours, i)) == 0;
    if (same)
        return true;
    buffer_append_text(why, "columns differ:");
    for (int i = 0; i < PQnfields(theirs) || i < PQnfields(ours); i++) {
        bool in_theirs = i < PQnfields(theirs), in_ours = i < PQnfields(ours);
        buffer_printf(why, " %s:%u/%s:%u", in_theirs ? PQfname(theirs, i) : "-", in_theirs ? PQftype(theirs, i) : 0,
                      in_ours ? PQfname(ours, i) : "-", in_ours ? PQftype(ours, i) : 0);
    }
    return false;
}

static bool
same_rows(const PGresult *theirs, const PGresult *ours, bool ordered, bool any_form, Buffer *why)
{
    Rows left = {0}, right = {0};
    read_rows(theirs, ordered, any_form, &left);
    read_rows(ours, ordered, any_form, &right);
    bool same = left.count == right.count;
    for (size_t i = 0; same && i < left.count; i++)
        same = strcmp(left.items[i], right.items[i]) == 0;
    for (size_t i = 0; !same && i <= left.count + right.count; i++) {
        const char *l = i < left.count ? left.items[i] : "(no row)", *r = i < right.count ? right.items[i] : "(no row)";
        if (strcmp(l, r) == 0)
            continue;
        buffer_printf(why, "%zu rows in PostgreSQL, %zu in Freshet; row %zu\n  PostgreSQL: %s\n  Freshet:    %s",
                      left.count, right.count, i + 1, l, r);
        break;
    }
    free_rows(&left);
    free_rows(&right);
    return same;
}

/* The server is gone: says why, and starts a new one. */
static void
start_again(Oracle *oracle, Buffer *why)
{
    Error err = ERROR_INIT;
    char *log = file_tail(oracle->freshet.log_path, 3000);
    buffer_printf(why, "Freshet is gone: %s\n%s", PQerrorMessage(oracle->ours), log);
    free(log);
    freshet_kill(&oracle->freshet);
    freshet_wipe(&oracle->freshet);
    if (!freshet_start(&oracle->freshet, &err) || !connect_ours(oracle, &err)) {
        printf("oracle: Freshet does not start again: %s\n", err.message);
        exit(EXIT_FAILURE);
    }
}

static const char *
sqlstate_of(const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return sqlstate != NULL ? sqlstate : "";
}

static Verdict
judge(Oracle *oracle, const char *query, const PGresult *theirs, const PGresult *ours, bool ordered, Buffer *why)
{
    bool they_ok = PQresultStatus(theirs) == PGRES_TUPLES_OK, we_ok = PQresultStatus(ours) == PGRES_TUPLES_OK;
    const char *their_state = sqlstate_of(theirs), *our_state = sqlstate_of(ours);
    snprintf(oracle->their_state, sizeof oracle->their_state, "%s", their_state);
    if (PQstatus(oracle->ours) != CONNECTION_OK) {
        start_again(oracle, why);
        return VERDICT_DIFFERENT;
    }
    if (!they_ok && strcmp(their_state, "57014") == 0)
        return VERDICT_TOO_LONG;
    if (they_ok && we_ok) {
        if (!same_columns(theirs, ours, why))
            return VERDICT_DIFFERENT;
        if (same_rows(theirs, ours, ordered, false, why))
            return VERDICT_SAME;
        Buffer none = {0};
        bool same = has_groups(query) && same_rows(theirs, ours, ordered, true, &none);
        buffer_deinit(&none);
        return same ? VERDICT_FORM : VERDICT_DIFFERENT;
    }
    if (strcmp(their_state, our_state) == 0)
        return VERDICT_BOTH_FAILED;
    bool value_theirs = they_ok || strncmp(their_state, "22", 2) == 0 || strcmp(their_state, "21000") == 0;
    bool value_ours = we_ok || strncmp(our_state, "22", 2) == 0 || strcmp(our_state, "21000") == 0;
    if (value_theirs && value_ours)
        return VERDICT_ORDER;
    buffer_printf(why, "  PostgreSQL: %s %s  Freshet: %s %s", their_state,
                  they_ok ? "rows\n" : PQresultErrorMessage(theirs), our_state,
                  we_ok ? "rows\n" : PQresultErrorMessage(ours));
    return VERDICT_DIFFERENT;
}

Verdict
oracle_compare(Oracle *oracle, const char *query, const char *ours_query, bool ordered, Buffer *why)
{
    PGresult *theirs = PQexec(oracle->theirs, query);
    PGresult *ours = PQexec(oracle->ours, ours_query);
    Verdict verdict = judge(oracle, query, theirs, ours, ordered, why);
    PQclear(theirs);
    PQclear(ours);
    return verdict;
}
