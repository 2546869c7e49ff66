#include "bench/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "tests/lib/process.h"

void
bench_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

double
now_seconds(void)
{
    return (double) clock_steady_us() / 1e6;
}

static int
sample_compare(const void *a, const void *b)
{
    double x = *(const double *) a;
    double y = *(const double *) b;
    return (x > y) - (x < y);
}

double
samples_at(Samples *samples, double fraction)
{
    if (samples->count == 0) {
        return 0;
    }
    qsort(samples->items, samples->count, sizeof *samples->items, sample_compare);
    size_t at = (size_t) (fraction * (double) samples->count);
    return samples->items[at < samples->count ? at : samples->count - 1];
}

void
report(const char *figure, const char *ours, const char *peer, double value, const char *wanted, bool met)
{
    static bool begun;
    if (!begun) {
        printf("%-42s %-26s %-34s %8s  %s\n", "figure", "Freshet", "beside it", "ratio", "wanted");
        begun = true;
    }
    printf("%-42s %-26s %-34s %8.2f  %s%s\n", figure, ours, peer, value, wanted, met ? "" : "   MISSED");
    fflush(stdout);
}

static char *
format_text(const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = memory_alloc((size_t) size + 1);
    vsnprintf(text, (size_t) size + 1, format, args);
    return text;
}

static PGconn *
connect_to(char *conninfo)
{
    PGconn *connection = PQconnectdb(conninfo);
    free(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) {
        bench_fail("%s", PQerrorMessage(connection));
    }
    return connection;
}

PGconn *
bench_connect_upstream(const Bench *bench, const char *database)
{
    return connect_to(postgres_conninfo(&bench->postgres, database));
}

PGconn *
bench_connect(const Bench *bench)
{
    PGconn *connection = connect_to(freshet_conninfo(&bench->freshet, NULL));
    bench_execute(connection, "SET statement_timeout = 0");
    return connection;
}

static PGresult *
run(PGconn *connection, char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        bench_fail("%s: %s", sql, PQerrorMessage(connection));
    }
    free(sql);
    return result;
}

void
bench_execute(PGconn *connection, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PQclear(run(connection, format_text(format, args)));
    va_end(args);
}

char *
bench_value(PGconn *connection, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PGresult *result = run(connection, format_text(format, args));
    va_end(args);
    char *value = memory_strdup(PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return value;
}

void
bench_wait_value(PGconn *connection, const char *sql, const char *expected, int timeout_s)
{
    double deadline = now_seconds() + timeout_s;
    for (;;) {
        char *value = bench_value(connection, "%s", sql);
        bool same = strcmp(value, expected) == 0;
        free(value);
        if (same) {
            return;
        }
        if (now_seconds() > deadline) {
            bench_fail("not %s in %d s: %s", expected, timeout_s, sql);
        }
        sleep_ms(5);
    }
}

double
bench_shell(const char *format, ...)
{
    va_list args;
    Error err = ERROR_INIT;
    va_start(args, format);
    char *command = format_text(format, args);
    va_end(args);
    const char *arguments[] = {"bash", "-c", command, NULL};
    double started = now_seconds();
    if (!process_run(arguments, &(ProcessOptions){0}, 3600 * 1000, &err)) {
        bench_fail("%s: %s", command, err.message);
    }
    free(command);
    return now_seconds() - started;
}

void
bench_start_freshet(Bench *bench)
{
    Error err = ERROR_INIT;
    freshet_wipe(&bench->freshet);
    if (!freshet_start(&bench->freshet, &err)) {
        bench_fail("%s\n%s", err.message, err.detail);
    }
}

void
bench_create_pgbench(Bench *bench, const char *database, int scale)
{
    PGconn *upstream = bench_connect_upstream(bench, "postgres");
    char *exists = bench_value(upstream, "SELECT count(*) FROM pg_database WHERE datname = '%s'", database);
    if (strcmp(exists, "0") == 0) {
        char *pgbench = postgres_program("pgbench");
        bench_execute(upstream, "CREATE DATABASE %s", database);
        bench_shell("%s -h 127.0.0.1 -p %d -U postgres -i -q -s %d %s 2> /dev/null > /dev/null", pgbench,
                    bench->postgres.port, scale, database);
        free(pgbench);
        PGconn *inside = bench_connect_upstream(bench, database);
        bench_execute(inside, "ALTER TABLE pgbench_accounts REPLICA IDENTITY FULL");
        bench_execute(inside, "CREATE TABLE marks (n bigint PRIMARY KEY)");
        bench_execute(inside, "ALTER TABLE marks REPLICA IDENTITY FULL");
        bench_execute(inside, "CREATE PUBLICATION pub FOR TABLE pgbench_accounts, marks");
        bench_execute(inside, "VACUUM FREEZE ANALYZE pgbench_accounts");
        bench_execute(inside, "CHECKPOINT");
        PQfinish(inside);
    }
    free(exists);
    PQfinish(upstream);
}

void
bench_create_source(PGconn *connection, const Bench *bench, const char *database)
{
    bench_execute(connection, "CREATE SECRET IF NOT EXISTS pw AS '%s'", bench->postgres.password);
    bench_execute(connection,
                  "CREATE CONNECTION IF NOT EXISTS %s TO POSTGRES (HOST '127.0.0.1', PORT %d, USER 'replicator', "
                  "PASSWORD SECRET pw, DATABASE '%s')",
                  database, bench->postgres.port, database);
    bench_execute(connection, "CREATE SOURCE %s_source FROM POSTGRES CONNECTION %s (PUBLICATION 'pub') FOR ALL TABLES",
                  database, database);
    bench_wait_value(connection,
                     "SELECT bool_and(snapshot_committed) AND count(*) = 2 FROM mz_internal.mz_source_statistics st "
                     "JOIN mz_sources s ON s.id = st.id WHERE s.type = 'subsource'",
                     "t", 600);
}

void
bench_wait_caught_up(const Bench *bench, const char *lsn, int timeout_s)
{
    Buffer sql = {0};
    PGconn *upstream = bench_connect_upstream(bench, "postgres");
    buffer_printf(&sql,
                  "SELECT bool_and(confirmed_flush_lsn >= '%s') FROM pg_replication_slots WHERE slot_name LIKE "
                  "'materialize%%'",
                  lsn);
    bench_wait_value(upstream, buffer_text(&sql), "t", timeout_s);
    buffer_deinit(&sql);
    PQfinish(upstream);
}

double
bench_cpu_seconds(pid_t pid)
{
    char path[64];
    unsigned long user = 0;
    unsigned long system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int) pid);
    char *text = file_read(path);
    const char *after = text != NULL ? strrchr(text, ')') : NULL;
    if (after == NULL ||
        sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) {
        bench_fail("could not read %s", path);
    }
    free(text);
    return (double) (user + system) / (double) sysconf(_SC_CLK_TCK);
}
