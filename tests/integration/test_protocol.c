/* What a client may do on the wire that a script cannot say: portals, pipelines, binary values, cancel, bad bytes. */
#include <arpa/inet.h>
#include <check.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/freshet.h"
#include "tests/lib/process.h"
#include "tests/lib/wire.h"

Suite *suite_integration_protocol(void);

static Freshet freshet;
static PGconn *client;
static Wire wire;

static void
start_server(void)
{
    Error err = ERROR_INIT;
    freshet_init(&freshet, NULL);
    ck_assert_msg(freshet_start(&freshet, &err), "%s\n%s", err.message, err.detail);
}

static void
stop_server(void)
{
    freshet_deinit(&freshet);
}

static void
open_clients(void)
{
    char *conninfo = freshet_conninfo(&freshet, NULL);
    client = PQconnectdb(conninfo);
    free(conninfo);
    ck_assert_msg(PQstatus(client) == CONNECTION_OK, "%s", PQerrorMessage(client));
    ck_assert(wire_start(&wire, freshet.port, "materialize"));
}

static void
close_clients(void)
{
    wire_close(&wire);
    PQfinish(client);
}

static void
execute(const char *sql)
{
    PGresult *result = PQexec(client, sql);
    ExecStatusType status = PQresultStatus(result);
    ck_assert_msg(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%s: %s", sql, PQerrorMessage(client));
    PQclear(result);
}

static void
assert_value(const char *sql, const char *expected)
{
    PGresult *result = PQexec(client, sql);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK, "%s: %s", sql, PQerrorMessage(client));
    ck_assert_int_ge(PQntuples(result), 1);
    ck_assert_str_eq(PQgetvalue(result, 0, 0), expected);
    PQclear(result);
}

/* The server still serves others. */
static void
assert_alive(void)
{
    Error err = ERROR_INIT;
    ck_assert_msg(!freshet_has_died(&freshet, &err), "%s\n%s", err.message, err.detail);
    assert_value("SELECT 'alive'", "alive");
}

static void
assert_answer(const char *expected)
{
    Buffer types = {0};
    ck_assert(wire_flush(&wire));
    ck_assert_msg(wire_read_types(&wire, &types), "the connection ended after \"%s\"", buffer_text(&types));
    ck_assert_str_eq(buffer_text(&types), expected);
    buffer_deinit(&types);
}

START_TEST(a_simple_query_of_several_statements_answers_each)
{
    wire_query(&wire, "SELECT 1; SELECT 2, 3; SET application_name = 'x'");
    assert_answer("TDCTDCCZ");
}
END_TEST

START_TEST(an_empty_query_is_answered_as_empty)
{
    wire_query(&wire, "");
    assert_answer("IZ");
    wire_parse(&wire, "", " -- nothing");
    wire_bind(&wire, "", "", 0, NULL);
    wire_execute(&wire, "", 0);
    wire_sync(&wire);
    assert_answer("12IZ");
}
END_TEST

START_TEST(an_error_ends_a_simple_query_of_several_statements)
{
    wire_query(&wire, "SELECT 1; SELECT nosuch; SELECT 3");
    assert_answer("TDCEZ");
}
END_TEST

START_TEST(the_extended_protocol_answers_each_message)
{
    const char *const values[] = {"41"};
    wire_parse(&wire, "s", "SELECT $1::int + 1");
    wire_bind(&wire, "p", "s", 1, values);
    wire_describe_portal(&wire, "p");
    wire_execute(&wire, "p", 0);
    wire_sync(&wire);
    assert_answer("12TDCZ");
}
END_TEST

START_TEST(a_row_limit_suspends_the_portal_and_the_next_execute_goes_on)
{
    wire_query(&wire, "BEGIN");
    assert_answer("CZ");
    wire_parse(&wire, "", "SELECT * FROM generate_series(1, 5)");
    wire_bind(&wire, "p", "", 0, NULL);
    wire_execute(&wire, "p", 2);
    wire_execute(&wire, "p", 2);
    wire_execute(&wire, "p", 2);
    wire_sync(&wire);
    assert_answer("12DDsDDsDCZ");
    wire_query(&wire, "COMMIT");
    assert_answer("CZ");
}
END_TEST

START_TEST(after_an_error_messages_are_skipped_until_sync)
{
    wire_parse(&wire, "", "SELECT 1/0");
    wire_bind(&wire, "", "", 0, NULL);
    wire_execute(&wire, "", 0);
    wire_parse(&wire, "", "SELECT 2");
    wire_bind(&wire, "", "", 0, NULL);
    wire_execute(&wire, "", 0);
    wire_sync(&wire);
    Buffer types = {0};
    ck_assert(wire_flush(&wire));
    ck_assert(wire_read_types(&wire, &types));
    size_t size = types.size;
    ck_assert_msg(size >= 2 && strcmp(buffer_text(&types) + size - 2, "EZ") == 0, "%s", buffer_text(&types));
    ck_assert_ptr_null(strchr(buffer_text(&types), 'D'));
    buffer_deinit(&types);
    wire_query(&wire, "SELECT 3");
    assert_answer("TDCZ");
}
END_TEST

START_TEST(pipelined_statements_are_answered_in_order)
{
    enum { COUNT = 500 };
    for (int i = 0; i < COUNT; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        const char *const values[] = {number};
        wire_parse(&wire, "", "SELECT $1::int");
        wire_bind(&wire, "", "", 1, values);
        wire_execute(&wire, "", 0);
        wire_sync(&wire);
    }
    ck_assert(wire_flush(&wire));
    for (int i = 0; i < COUNT; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        for (char type = wire_read(&wire); type != 'Z'; type = wire_read(&wire)) {
            ck_assert(type != 0 && type != 'E');
            if (type == 'D') {
                ck_assert_uint_eq(be32_read(wire.body.bytes + 2), strlen(number));
                ck_assert_int_eq(memcmp(wire.body.bytes + 6, number, strlen(number)), 0);
            }
        }
    }
}
END_TEST

START_TEST(a_prepared_statement_is_described)
{
    PGresult *result = PQprepare(client, "p", "SELECT $1::int + 1 AS a, $2::text || 'x' AS b, $3 = 1.5", 0, NULL);
    ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(client));
    PQclear(result);
    result = PQdescribePrepared(client, "p");
    ck_assert_int_eq(PQnparams(result), 3);
    ck_assert_uint_eq(PQparamtype(result, 0), 23);
    ck_assert_uint_eq(PQparamtype(result, 1), 25);
    ck_assert_uint_eq(PQparamtype(result, 2), 1700);
    ck_assert_int_eq(PQnfields(result), 3);
    ck_assert_str_eq(PQfname(result, 0), "a");
    ck_assert_uint_eq(PQftype(result, 1), 25);
    ck_assert_uint_eq(PQftype(result, 2), 16);
    PQclear(result);
}
END_TEST

START_TEST(binary_parameters_and_results_carry_the_values)
{
    uint32_t four = htonl(40);
    uint64_t eight;
    be64_write(&eight, 2);
    const char *const values[] = {(const char *) &four, (const char *) &eight, "text"};
    const int lengths[] = {4, 8, 4};
    const int formats[] = {1, 1, 0};
    PGresult *result = PQexecParams(client, "SELECT $1::int4 + 2, $2::int8 * 2, $3::text, NULL::int, 1.5::float8", 3,
                                    NULL, values, lengths, formats, 1);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(client));
    ck_assert_int_eq(PQfformat(result, 0), 1);
    ck_assert_uint_eq(be32_read(PQgetvalue(result, 0, 0)), 42);
    ck_assert_uint_eq(be64_read(PQgetvalue(result, 0, 1)), 4);
    ck_assert_str_eq(PQgetvalue(result, 0, 2), "text");
    ck_assert(PQgetisnull(result, 0, 3));
    uint64_t bits = be64_read(PQgetvalue(result, 0, 4));
    double number;
    memcpy(&number, &bits, sizeof number);
    ck_assert_double_eq(number, 1.5);
    PQclear(result);
}
END_TEST

static void
assert_error(PGresult *result, const char *sqlstate)
{
    ck_assert_int_eq(PQresultStatus(result), PGRES_FATAL_ERROR);
    ck_assert_str_eq(PQresultErrorField(result, PG_DIAG_SQLSTATE), sqlstate);
    PQclear(result);
}

START_TEST(wrong_parameters_are_refused)
{
    const char *const two[] = {"1", "2"};
    const char *const bad[] = {"x"};
    const char *const short_binary[] = {"ab"};
    const int lengths[] = {2};
    const int binary[] = {1};
    assert_error(PQexecParams(client, "SELECT $1::int", 2, NULL, two, NULL, NULL, 0), "08P01");
    assert_error(PQexecParams(client, "SELECT $1::int", 1, NULL, bad, NULL, NULL, 0), "22P02");
    assert_error(PQexecParams(client, "SELECT $1::int", 1, NULL, short_binary, lengths, binary, 0), "22P03");
    assert_error(PQexecPrepared(client, "nosuch", 0, NULL, NULL, NULL, 0), "26000");
    assert_alive();
}
END_TEST

START_TEST(errors_carry_position_severity_and_hint)
{
    PGresult *result = PQexec(client, "SELECT 1, nosuchcolumn");
    ck_assert_str_eq(PQresultErrorField(result, PG_DIAG_SQLSTATE), "42703");
    ck_assert_str_eq(PQresultErrorField(result, PG_DIAG_SEVERITY), "ERROR");
    ck_assert_str_eq(PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION), "11");
    PQclear(result);
    result = PQexec(client, "SELECT 1 +");
    ck_assert_str_eq(PQresultErrorField(result, PG_DIAG_SQLSTATE), "42601");
    ck_assert_ptr_nonnull(PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION));
    PQclear(result);
}
END_TEST

START_TEST(the_parameters_that_drivers_read_are_reported)
{
    ck_assert_str_eq(PQparameterStatus(client, "client_encoding"), "UTF8");
    ck_assert_str_eq(PQparameterStatus(client, "integer_datetimes"), "on");
    ck_assert_str_eq(PQparameterStatus(client, "standard_conforming_strings"), "on");
    ck_assert_ptr_nonnull(PQparameterStatus(client, "server_version"));
    ck_assert_ptr_nonnull(PQparameterStatus(client, "TimeZone"));
    execute("SET application_name = 'renamed'");
    ck_assert_str_eq(PQparameterStatus(client, "application_name"), "renamed");
}
END_TEST

START_TEST(the_transaction_status_follows_the_session)
{
    ck_assert_int_eq(PQtransactionStatus(client), PQTRANS_IDLE);
    execute("BEGIN");
    ck_assert_int_eq(PQtransactionStatus(client), PQTRANS_INTRANS);
    PQclear(PQexec(client, "SELECT 1/0"));
    ck_assert_int_eq(PQtransactionStatus(client), PQTRANS_INERROR);
    execute("ROLLBACK");
    ck_assert_int_eq(PQtransactionStatus(client), PQTRANS_IDLE);
}
END_TEST

START_TEST(a_cancel_request_ends_a_subscription)
{
    char text[256];
    execute("CREATE TABLE cancelled (a int)");
    ck_assert_int_eq(PQsendQuery(client, "COPY (SUBSCRIBE cancelled) TO STDOUT"), 1);
    PGresult *result = PQgetResult(client);
    ck_assert_int_eq(PQresultStatus(result), PGRES_COPY_OUT);
    PQclear(result);
    PGcancel *cancel = PQgetCancel(client);
    ck_assert_int_eq(PQcancel(cancel, text, sizeof text), 1);
    PQfreeCancel(cancel);
    char *line;
    while (PQgetCopyData(client, &line, 0) > 0) {
        PQfreemem(line);
    }
    result = PQgetResult(client);
    ck_assert_int_eq(PQresultStatus(result), PGRES_FATAL_ERROR);
    ck_assert_str_eq(PQresultErrorField(result, PG_DIAG_SQLSTATE), "57014");
    PQclear(result);
    while ((result = PQgetResult(client)) != NULL) {
        PQclear(result);
    }
    assert_alive();
}
END_TEST

/* The change may be on its way to the disk: whoever plans next has to see it, so that no name exists twice. */
START_TEST(a_definition_that_is_cancelled_is_over_before_the_next_begins)
{
    char text[256];
    for (int round = 0; round < 100; round++) {
        const char *sql =
            round % 2 == 0 ? "CREATE TABLE IF NOT EXISTS given_up (a int)" : "DROP TABLE IF EXISTS given_up";
        ck_assert_int_eq(PQsendQuery(client, sql), 1);
        PGcancel *cancel = PQgetCancel(client);
        ck_assert_int_eq(PQcancel(cancel, text, sizeof text), 1);
        PQfreeCancel(cancel);
        for (PGresult *result; (result = PQgetResult(client)) != NULL;)
            PQclear(result);
        wire_query(&wire, sql);
        Buffer types = {0};
        ck_assert(wire_flush(&wire));
        ck_assert(wire_read_types(&wire, &types));
        ck_assert_msg(strchr(buffer_text(&types), 'E') == NULL, "%s: %s", sql, buffer_text(&types));
        buffer_deinit(&types);
    }
    assert_value("SELECT count(*) FROM mz_tables WHERE name = 'given_up'", "0");
}
END_TEST

START_TEST(a_cancel_request_with_a_wrong_secret_does_nothing)
{
    Wire other;
    ck_assert(wire_open(&other, freshet.port));
    buffer_append_be32(&other.out, 16);
    buffer_append_be32(&other.out, 80877102);
    buffer_append_be32(&other.out, wire.process_id);
    buffer_append_be32(&other.out, wire.secret + 1);
    ck_assert(wire_flush(&other));
    ck_assert_int_eq(wire_read(&other), 0);
    wire_close(&other);
    wire_query(&wire, "SELECT 1");
    assert_answer("TDCZ");
}
END_TEST

START_TEST(copy_out_writes_text_and_csv)
{
    execute("CREATE TABLE copied (a int, b text)");
    execute("INSERT INTO copied VALUES (1, E'a\\tb'), (2, NULL)");
    PGresult *result = PQexec(client, "COPY (SELECT a, b FROM copied ORDER BY a) TO STDOUT");
    ck_assert_int_eq(PQresultStatus(result), PGRES_COPY_OUT);
    PQclear(result);
    char *line;
    Buffer all = {0};
    while (PQgetCopyData(client, &line, 0) > 0) {
        buffer_append_text(&all, line);
        PQfreemem(line);
    }
    ck_assert_str_eq(buffer_text(&all), "1\ta\\tb\n2\t\\N\n");
    buffer_deinit(&all);
    result = PQgetResult(client);
    ck_assert_str_eq(PQcmdStatus(result), "COPY 2");
    PQclear(result);
    ck_assert_ptr_null(PQgetResult(client));
}
END_TEST

START_TEST(a_table_dropped_under_a_copy_fails_the_copy_and_nothing_else)
{
    execute("CREATE TABLE copy_dropped (a int, b text)");
    PGresult *result = PQexec(client, "COPY copy_dropped FROM STDIN");
    ck_assert_int_eq(PQresultStatus(result), PGRES_COPY_IN);
    PQclear(result);
    ck_assert_int_eq(PQputCopyData(client, "1\tx\n", 4), 1);
    char *conninfo = freshet_conninfo(&freshet, NULL);
    PGconn *other = PQconnectdb(conninfo);
    free(conninfo);
    result = PQexec(other, "DROP TABLE copy_dropped");
    ck_assert_int_eq(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    PQfinish(other);
    ck_assert_int_eq(PQputCopyData(client, "2\ty\n", 4), 1);
    ck_assert_int_eq(PQputCopyEnd(client, NULL), 1);
    assert_error(PQgetResult(client), "42P01");
    ck_assert_ptr_null(PQgetResult(client));
    assert_alive();
}
END_TEST

START_TEST(a_failed_copy_in_leaves_nothing)
{
    execute("CREATE TABLE copy_target (a int)");
    PGresult *result = PQexec(client, "COPY copy_target FROM STDIN");
    ck_assert_int_eq(PQresultStatus(result), PGRES_COPY_IN);
    PQclear(result);
    ck_assert_int_eq(PQputCopyData(client, "1\n2\n", 4), 1);
    ck_assert_int_eq(PQputCopyEnd(client, "changed my mind"), 1);
    result = PQgetResult(client);
    ck_assert_int_eq(PQresultStatus(result), PGRES_FATAL_ERROR);
    ck_assert_ptr_nonnull(strstr(PQresultErrorMessage(result), "changed my mind"));
    PQclear(result);
    ck_assert_ptr_null(PQgetResult(client));
    assert_value("SELECT count(*) FROM copy_target", "0");
}
END_TEST

START_TEST(garbage_on_the_socket_ends_that_connection_only)
{
    static const struct {
        const char *bytes;
        size_t size;
    } garbage[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27},
        {"\0\0\0\3", 4},
        {"\xff\xff\xff\xff\xff\xff\xff\xff", 8},
        {"\0\0\0\10\0\0\0\0", 8},
        {"\0\0\0\10\0\2\0\0", 8},
        {"\0\0\0\11\0\3\0\0u", 9},
        {"\x7f\xff\xff\xff\0\3\0\0", 8},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        Wire other;
        ck_assert(wire_open(&other, freshet.port));
        buffer_append(&other.out, garbage[i].bytes, garbage[i].size);
        wire_flush(&other);
        shutdown(other.fd, SHUT_WR);
        while (wire_read(&other) != 0) {
        }
        wire_close(&other);
        assert_alive();
    }
}
END_TEST

START_TEST(bad_messages_after_the_start_end_that_connection_only)
{
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"Q\0\0\0\3", 5},         /* shorter than its own length */
        {"Q\x7f\xff\xff\xff", 5}, /* longer than any message may be */
        {"Q\0\0\0\5x", 6},        /* no NUL */
        {"~\0\0\0\4", 5},         /* no such type */
        {"P\0\0\0\10ab\0\0", 9},  /* ends in the middle */
        {"B\0\0\0\12\0\0\377\377\0\0", 11},
        {"E\0\0\0\5\0", 6},
        {"D\0\0\0\6X\0", 7},
        {"Q\0\0\0\10\377\376\0\0", 9}, /* not UTF-8 */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Wire other;
        ck_assert(wire_start(&other, freshet.port, "materialize"));
        buffer_append(&other.out, bad[i].bytes, bad[i].size);
        wire_flush(&other);
        shutdown(other.fd, SHUT_WR);
        bool refused = false;
        for (char type = wire_read(&other); type != 0; type = wire_read(&other)) {
            refused = refused || type == 'E';
        }
        wire_close(&other);
        ck_assert_msg(refused || i < 2, "case %zu was not refused", i); /* broken framing may end without a word */
        assert_alive();
    }
}
END_TEST

START_TEST(a_client_that_does_not_read_stops_being_fed)
{
    wire_query(&wire, "SELECT repeat('x', 1000) FROM generate_series(1, 300000)");
    ck_assert(wire_flush(&wire));
    long before = process_resident_kib(freshet.pid);
    for (int i = 0; i < 20; i++) {
        assert_alive();
        sleep_ms(50);
    }
    /* The result is 300 MB: neither the buffers for this client nor what others are served may hold all of it. */
    ck_assert_int_lt(process_resident_kib(freshet.pid) - before, 400 * 1024);
    wire_close(&wire);
    assert_alive();
    ck_assert(wire_start(&wire, freshet.port, "materialize"));
}
END_TEST

START_TEST(many_connections_come_and_go)
{
    enum { COUNT = 200 };
    static Wire many[COUNT];
    for (int i = 0; i < COUNT; i++) {
        ck_assert(wire_start(&many[i], freshet.port, "materialize"));
    }
    for (int i = 0; i < COUNT; i++) {
        wire_query(&many[i], "SELECT 1");
        ck_assert(wire_flush(&many[i]));
    }
    for (int i = 0; i < COUNT; i++) {
        Buffer types = {0};
        ck_assert(wire_read_types(&many[i], &types));
        ck_assert_str_eq(buffer_text(&types), "TDCZ");
        buffer_deinit(&types);
        wire_close(&many[i]);
    }
    assert_alive();
}
END_TEST

START_TEST(tls_is_declined_without_a_certificate)
{
    Wire other;
    char answer = 0;
    ck_assert(wire_open(&other, freshet.port));
    buffer_append_be32(&other.out, 8);
    buffer_append_be32(&other.out, 80877103);
    ck_assert(wire_flush(&other));
    ck_assert_int_eq(recv(other.fd, &answer, 1, 0), 1);
    ck_assert_int_eq(answer, 'N');
    buffer_append_be32(&other.out, 8);
    buffer_append_be32(&other.out, 80877104);
    ck_assert(wire_flush(&other));
    ck_assert_int_eq(recv(other.fd, &answer, 1, 0), 1);
    ck_assert_int_eq(answer, 'N');
    wire_close(&other);
}
END_TEST

Suite *
suite_integration_protocol(void)
{
    Suite *suite = suite_create("protocol");
    TCase *tests = tcase_create("wire");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, start_server, stop_server);
    tcase_add_checked_fixture(tests, open_clients, close_clients);
    tcase_add_test(tests, a_simple_query_of_several_statements_answers_each);
    tcase_add_test(tests, an_empty_query_is_answered_as_empty);
    tcase_add_test(tests, an_error_ends_a_simple_query_of_several_statements);
    tcase_add_test(tests, the_extended_protocol_answers_each_message);
    tcase_add_test(tests, a_row_limit_suspends_the_portal_and_the_next_execute_goes_on);
    tcase_add_test(tests, after_an_error_messages_are_skipped_until_sync);
    tcase_add_test(tests, pipelined_statements_are_answered_in_order);
    tcase_add_test(tests, a_prepared_statement_is_described);
    tcase_add_test(tests, binary_parameters_and_results_carry_the_values);
    tcase_add_test(tests, wrong_parameters_are_refused);
    tcase_add_test(tests, errors_carry_position_severity_and_hint);
    tcase_add_test(tests, the_parameters_that_drivers_read_are_reported);
    tcase_add_test(tests, the_transaction_status_follows_the_session);
    tcase_add_test(tests, a_cancel_request_ends_a_subscription);
    tcase_add_test(tests, a_definition_that_is_cancelled_is_over_before_the_next_begins);
    tcase_add_test(tests, a_cancel_request_with_a_wrong_secret_does_nothing);
    tcase_add_test(tests, copy_out_writes_text_and_csv);
    tcase_add_test(tests, a_table_dropped_under_a_copy_fails_the_copy_and_nothing_else);
    tcase_add_test(tests, a_failed_copy_in_leaves_nothing);
    tcase_add_test(tests, garbage_on_the_socket_ends_that_connection_only);
    tcase_add_test(tests, bad_messages_after_the_start_end_that_connection_only);
    tcase_add_test(tests, a_client_that_does_not_read_stops_being_fed);
    tcase_add_test(tests, many_connections_come_and_go);
    tcase_add_test(tests, tls_is_declined_without_a_certificate);
    suite_add_tcase(suite, tests);
    return suite;
}
