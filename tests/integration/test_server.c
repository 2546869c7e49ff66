/* The server as a program: flags, TLS, passwords, its data directory, its HTTP port, and what it refuses to start with. */
#include <check.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/freshet.h"
#include "tests/lib/postgres.h"
#include "tests/lib/process.h"
#include "tests/lib/wire.h"

Suite *suite_integration_server(void);

static Freshet freshet;

static void
set_up(void)
{
    freshet_init(&freshet, NULL);
}

static void
tear_down(void)
{
    freshet_deinit(&freshet);
}

static void
start(void)
{
    Error err = ERROR_INIT;
    ck_assert_msg(freshet_start(&freshet, &err), "%s\n%s", err.message, err.detail);
}

static PGconn *
connect_with(const char *more)
{
    Buffer conninfo = {0};
    buffer_printf(&conninfo, "host=127.0.0.1 port=%d dbname=materialize %s", freshet.port, more);
    PGconn *connection = PQconnectdb(buffer_text(&conninfo));
    buffer_deinit(&conninfo);
    return connection;
}

static char *
value_of(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK, "%s: %s", sql, PQerrorMessage(connection));
    ck_assert_int_ge(PQntuples(result), 1);
    char *value = memory_strdup(PQgetvalue(result, 0, 0));
    PQclear(result);
    return value;
}

static void
assert_value(PGconn *connection, const char *sql, const char *expected)
{
    char *value = value_of(connection, sql);
    ck_assert_str_eq(value, expected);
    free(value);
}

/* Runs the program with the arguments; it must end by itself with an error that says `expected`. */
static void
assert_refuses(const char *const *arguments, const char *expected)
{
    pid_t pid;
    int status = 0;
    Error err = ERROR_INIT;
    VECTOR(const char *) all = {0};
    char *log = memory_strdup(freshet.log_path);
    char http[32];
    snprintf(http, sizeof http, "127.0.0.1:%d", port_free());
    vector_push(&all, freshet.program);
    vector_push(&all, "--http-listen-address");
    vector_push(&all, http);
    for (size_t i = 0; arguments[i] != NULL; i++) {
        vector_push(&all, arguments[i]);
    }
    vector_push(&all, NULL);
    remove(log);
    ck_assert(process_start(&pid, all.items, &(ProcessOptions){.log_path = log}, &err));
    bool ended = process_wait(pid, 10000, &status);
    if (!ended) {
        process_stop(pid, SIGKILL, 1000);
    }
    char *said = file_tail(log, 4000);
    ck_assert_msg(ended, "it started: %s", said);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) != 0, "status %d: %s", status, said);
    ck_assert_msg(strstr(said, expected) != NULL, "expected \"%s\" in: %s", expected, said);
    free(said);
    free(log);
    vector_deinit(&all);
}

START_TEST(flags_that_make_no_sense_are_named)
{
    assert_refuses((const char *const[]){"--nosuch", NULL}, "--nosuch");
    assert_refuses((const char *const[]){"--listen-address", NULL}, "--listen-address");
    assert_refuses(
        (const char *const[]){"--data-directory", freshet.data_directory, "--listen-address", "nonsense", NULL},
        "nonsense");
    assert_refuses(
        (const char *const[]){"--data-directory", freshet.data_directory, "--listen-address", "127.0.0.1:99999", NULL},
        "99999");
    assert_refuses((const char *const[]){"--data-directory", freshet.data_directory, "--auth=perhaps", NULL},
                   "perhaps");
    assert_refuses((const char *const[]){"--data-directory", freshet.data_directory, "--log-filter", "loud", NULL},
                   "loud");
    assert_refuses((const char *const[]){"--data-directory", freshet.data_directory, "--egress-ip", "1.2.3", NULL},
                   "1.2.3");
    assert_refuses((const char *const[]){"--data-directory", freshet.data_directory, "--tls-cert", "/nonexistent.pem",
                                         "--tls-key", "/nonexistent.key", NULL},
                   "/nonexistent.pem");
    assert_refuses((const char *const[]){"--data-directory", "/proc/nowhere", NULL}, "/proc/nowhere");
}
END_TEST

START_TEST(listening_beyond_loopback_without_authentication_is_refused)
{
    char listen[32];
    snprintf(listen, sizeof listen, "0.0.0.0:%d", freshet.port);
    assert_refuses((const char *const[]){"--data-directory", freshet.data_directory, "--listen-address", listen, NULL},
                   "--allow-remote-without-authentication");
}
END_TEST

START_TEST(a_second_server_on_the_same_data_directory_is_refused)
{
    char listen[32];
    start();
    snprintf(listen, sizeof listen, "127.0.0.1:%d", port_free());
    assert_refuses((const char *const[]){"--data-directory", freshet.data_directory, "--listen-address", listen, NULL},
                   freshet.data_directory);
    PGconn *connection = connect_with("user=materialize");
    assert_value(connection, "SELECT 1", "1");
    PQfinish(connection);
}
END_TEST

START_TEST(a_port_that_is_taken_is_named)
{
    char listen[32];
    Freshet other;
    start();
    freshet_init(&other, NULL);
    snprintf(listen, sizeof listen, "127.0.0.1:%d", freshet.port);
    assert_refuses((const char *const[]){"--data-directory", other.data_directory, "--listen-address", listen, NULL},
                   listen);
    freshet_deinit(&other);
}
END_TEST

START_TEST(a_damaged_data_directory_is_refused_with_what_is_damaged)
{
    Error err = ERROR_INIT;
    Buffer command = {0};
    start();
    PGconn *connection = connect_with("user=materialize");
    PQclear(PQexec(connection, "CREATE TABLE t (a int, b text)"));
    PQclear(PQexec(connection, "INSERT INTO t SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g"));
    PQfinish(connection);
    ck_assert_msg(freshet_stop(&freshet, &err), "%s", err.message);
    /* Zeroes over the middle of the largest file there is. */
    buffer_printf(&command,
                  "f=$(find %s -type f -printf '%%s %%p\\n' | sort -rn | head -1 | cut -d' ' -f2-); "
                  "s=$(stat -c %%s \"$f\"); dd if=/dev/zero of=\"$f\" bs=1 seek=$((s / 2)) count=64 conv=notrunc",
                  freshet.data_directory);
    const char *damage[] = {"bash", "-c", buffer_text(&command), NULL};
    ck_assert(process_run(damage, &(ProcessOptions){.log_path = "/dev/null"}, 10000, &err));
    if (freshet_start(&freshet, &err)) {
        /* A file read only when it is needed: then reading says so, and never gives wrong rows. */
        connection = connect_with("user=materialize");
        PGresult *result = PQexec(connection, "SELECT count(*), sum(a), min(b), max(b) FROM t");
        ck_assert_int_eq(PQresultStatus(result), PGRES_FATAL_ERROR);
        ck_assert_str_eq(PQresultErrorField(result, PG_DIAG_SQLSTATE), "XX001");
        PQclear(result);
        PQfinish(connection);
    } else {
        ck_assert_msg(strstr(err.detail, freshet.data_directory) != NULL || strstr(err.detail, "damaged") != NULL ||
                          strstr(err.detail, "corrupt") != NULL || strstr(err.detail, "checksum") != NULL ||
                          strstr(err.detail, "malformed") != NULL,
                      "%s", err.detail);
        error_clear(&err);
    }
    buffer_deinit(&command);
}
END_TEST

START_TEST(passwords_are_checked_by_scram)
{
    Buffer path = {0};
    Error err = ERROR_INIT;
    buffer_printf(&path, "%s/password", freshet.directory);
    ck_assert(file_write(buffer_text(&path), "open sesame\n", &err));
    freshet_add_option(&freshet, "--auth=scram");
    freshet_add_option(&freshet, "--superuser-password-file");
    freshet_add_option(&freshet, buffer_text(&path));
    start();
    PGconn *connection = connect_with("user=materialize password='open sesame' channel_binding=disable");
    ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
    ck_assert(PQconnectionUsedPassword(connection));
    PGresult *result = PQexec(connection, "CREATE ROLE someone WITH LOGIN PASSWORD 'else'");
    ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
    connection = connect_with("user=someone password=else");
    ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
    PQfinish(connection);

    static const char *const refused[] = {"user=materialize password=wrong", "user=materialize",
                                          "user=nobody password=x", "user=someone password='open sesame'"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        connection = connect_with(refused[i]);
        ck_assert_msg(PQstatus(connection) == CONNECTION_BAD, "%s was let in", refused[i]);
        PQfinish(connection);
    }
    /* The password is nowhere on disk. */
    Buffer command = {0};
    buffer_printf(&command, "! grep -r 'open sesame' %s %s", freshet.data_directory, freshet.log_path);
    const char *search[] = {"bash", "-c", buffer_text(&command), NULL};
    ck_assert(process_run(search, &(ProcessOptions){.log_path = "/dev/null"}, 10000, &err));
    buffer_deinit(&command);
    buffer_deinit(&path);
}
END_TEST

START_TEST(tls_is_offered_with_a_certificate)
{
    Error err = ERROR_INIT;
    Buffer command = {0};
    Buffer option = {0};
    buffer_printf(&command,
                  "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
                  "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout tls.key -out tls.pem",
                  freshet.directory);
    const char *make[] = {"bash", "-c", buffer_text(&command), NULL};
    ck_assert(process_run(make, &(ProcessOptions){.log_path = "/dev/null"}, 20000, &err));
    freshet_add_option(&freshet, "--tls-cert");
    buffer_printf(&option, "%s/tls.pem", freshet.directory);
    freshet_add_option(&freshet, buffer_text(&option));
    freshet_add_option(&freshet, "--tls-key");
    buffer_clear(&option);
    buffer_printf(&option, "%s/tls.key", freshet.directory);
    freshet_add_option(&freshet, buffer_text(&option));
    start();

    buffer_clear(&option);
    buffer_printf(&option, "user=materialize sslmode=verify-full sslrootcert=%s/tls.pem", freshet.directory);
    PGconn *connection = connect_with(buffer_text(&option));
    ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
    ck_assert(PQsslInUse(connection));
    char *large = value_of(connection, "SELECT repeat('x', 3000000)");
    ck_assert_uint_eq(strlen(large), 3000000);
    free(large);
    PQfinish(connection);

    connection = connect_with("user=materialize sslmode=disable");
    ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
    PQfinish(connection);

    /* Bytes that are no handshake. */
    Wire wire;
    ck_assert(wire_open(&wire, freshet.port));
    buffer_append_be32(&wire.out, 8);
    buffer_append_be32(&wire.out, 80877103);
    buffer_append_text(&wire.out, "this is not a handshake at all, not even nearly");
    ck_assert(wire_flush(&wire));
    while (wire_read(&wire) != 0) {
    }
    wire_close(&wire);
    connection = connect_with("user=materialize sslmode=require");
    ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
    PQfinish(connection);
    buffer_deinit(&command);
    buffer_deinit(&option);
}
END_TEST

START_TEST(the_http_port_tells_of_health_and_figures)
{
    Buffer body = {0};
    start();
    ck_assert_int_eq(http_get(freshet.http_port, "/api/livez", NULL), 200);
    ck_assert_int_eq(http_get(freshet.http_port, "/api/readyz", NULL), 200);
    ck_assert_int_eq(http_get(freshet.http_port, "/nosuch", NULL), 404);
    ck_assert_int_eq(http_get(freshet.http_port, "/metrics", &body), 200);
    ck_assert_ptr_nonnull(strstr(buffer_text(&body), "# TYPE "));
    buffer_deinit(&body);
}
END_TEST

START_TEST(egress_addresses_are_those_of_the_flags)
{
    freshet_add_option(&freshet, "--egress-ip");
    freshet_add_option(&freshet, "192.0.2.1/32");
    freshet_add_option(&freshet, "--egress-ip");
    freshet_add_option(&freshet, "198.51.100.0/24");
    start();
    PGconn *connection = connect_with("user=materialize");
    assert_value(connection, "SELECT count(*) FROM mz_egress_ips", "2");
    assert_value(connection, "SELECT egress_ip FROM mz_egress_ips WHERE prefix_length = 24", "198.51.100.0");
    assert_value(connection, "SELECT cidr FROM mz_egress_ips WHERE egress_ip = '192.0.2.1'", "192.0.2.1/32");
    PQfinish(connection);
}
END_TEST

START_TEST(a_stop_by_signal_is_clean_and_loses_nothing)
{
    Error err = ERROR_INIT;
    start();
    PGconn *connection = connect_with("user=materialize");
    PQclear(PQexec(connection, "CREATE TABLE t (a int)"));
    PQclear(PQexec(connection, "INSERT INTO t VALUES (1), (2)"));
    ck_assert_msg(freshet_stop(&freshet, &err), "%s\n%s", err.message, err.detail);
    PQfinish(connection);
    start();
    connection = connect_with("user=materialize");
    assert_value(connection, "SELECT count(*) FROM t", "2");
    PQfinish(connection);
}
END_TEST

START_TEST(timestamps_of_reads_never_go_back_over_a_restart)
{
    start();
    PGconn *connection = connect_with("user=materialize");
    char *before = value_of(connection, "SELECT mz_now()::text");
    PQfinish(connection);
    freshet_kill(&freshet);
    start();
    connection = connect_with("user=materialize");
    char *after = value_of(connection, "SELECT mz_now()::text");
    ck_assert_msg(strtoull(after, NULL, 10) >= strtoull(before, NULL, 10), "%s, then %s", before, after);
    PQfinish(connection);
    free(before);
    free(after);
}
END_TEST

Suite *
suite_integration_server(void)
{
    Suite *suite = suite_create("server");
    TCase *tests = tcase_create("program");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, flags_that_make_no_sense_are_named);
    tcase_add_test(tests, listening_beyond_loopback_without_authentication_is_refused);
    tcase_add_test(tests, a_second_server_on_the_same_data_directory_is_refused);
    tcase_add_test(tests, a_port_that_is_taken_is_named);
    tcase_add_test(tests, a_damaged_data_directory_is_refused_with_what_is_damaged);
    tcase_add_test(tests, passwords_are_checked_by_scram);
    tcase_add_test(tests, tls_is_offered_with_a_certificate);
    tcase_add_test(tests, the_http_port_tells_of_health_and_figures);
    tcase_add_test(tests, egress_addresses_are_those_of_the_flags);
    tcase_add_test(tests, a_stop_by_signal_is_clean_and_loses_nothing);
    tcase_add_test(tests, timestamps_of_reads_never_go_back_over_a_restart);
    suite_add_tcase(suite, tests);
    return suite;
}
