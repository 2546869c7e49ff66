/*
 * kill_cycles [--freshet PROGRAM] [--cycles N] [--seed N] -- kill -9 of Freshet, again and again, while pgbench writes
 * upstream and we write here; then every table and view must equal upstream, and no acknowledged row of ours be gone.
 */
#include <getopt.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "tests/lib/compare.h"
#include "tests/lib/freshet.h"
#include "tests/lib/postgres.h"
#include "tests/lib/process.h"

enum { COMPARE_EVERY = 10, COMPARE_TIMEOUT_MS = 120000 };

typedef struct Load {
    Postgres postgres;
    Freshet freshet;
    pid_t pgbench; /* 0 while nothing writes */
    long written;  /* rows of ours that were acknowledged: 1 to written */
    int passed;
    int failed;
} Load;

static volatile sig_atomic_t interrupted;

static void
interrupt(int signal)
{
    (void) signal;
    interrupted = 1;
}

/* What is compared. The views have the same names on both servers. */
static const char *const questions[] = {
    "SELECT * FROM pgbench_accounts", "SELECT * FROM pgbench_tellers", "SELECT * FROM pgbench_branches",
    "SELECT * FROM pgbench_history",  "SELECT * FROM by_branch",       "SELECT * FROM history_by_branch",
};

#define BY_BRANCH "by_branch AS SELECT bid, count(*), sum(abalance) FROM pgbench_accounts GROUP BY bid"
#define HISTORY_BY_BRANCH                                                                                              \
    "history_by_branch AS SELECT b.bid, count(*), sum(h.delta), max(h.delta) FROM pgbench_history h JOIN "             \
    "pgbench_branches b ON h.bid = b.bid GROUP BY b.bid"

static const char *const definitions[] = {
    "CREATE TABLE ours (n bigint, note text)",
    "CREATE SOURCE s FROM POSTGRES CONNECTION pg (PUBLICATION 'pub') FOR ALL TABLES",
    "CREATE MATERIALIZED VIEW " BY_BRANCH,
    "CREATE VIEW " HISTORY_BY_BRANCH,
    "CREATE INDEX ON history_by_branch (bid)",
};

static void
check(Load *load, bool holds, const char *what, const char *why)
{
    if (holds) {
        load->passed++;
        return;
    }
    load->failed++;
    printf("kill_cycles: %s: %s\n", what, why != NULL ? why : "");
    fflush(stdout);
}

static PGconn *
connect_to(char *conninfo)
{
    PGconn *connection = PQconnectdb(conninfo);
    free(conninfo);
    return connection;
}

static bool
run_here(Load *load, const char *sql, Buffer *why)
{
    PGconn *connection = connect_to(freshet_conninfo(&load->freshet, NULL));
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!ok) {
        buffer_printf(why, "%s: %s", sql, PQerrorMessage(connection));
    }
    PQclear(result);
    PQfinish(connection);
    return ok;
}

static bool
pgbench_start(Load *load, Error *err)
{
    char *program = postgres_program("pgbench");
    char port[16];
    snprintf(port, sizeof port, "%d", load->postgres.port);
    const char *arguments[] = {program, "-h", "127.0.0.1", "-p", port,     "-U",       "postgres",
                               "-n",    "-c", "4",         "-T", "100000", "postgres", NULL};
    bool ok = process_start(&load->pgbench, arguments, &(ProcessOptions){.log_path = "/dev/null"}, err);
    free(program);
    return ok;
}

static void
pgbench_stop(Load *load)
{
    if (load->pgbench != 0) {
        process_stop(load->pgbench, SIGTERM, 5000);
        load->pgbench = 0;
    }
}

static bool
set_up(Load *load, const char *program, Error *err)
{
    if (!postgres_init(&load->postgres, NULL, err)) {
        return false;
    }
    char port[16];
    char *pgbench = postgres_program("pgbench");
    snprintf(port, sizeof port, "%d", load->postgres.port);
    const char *fill[] = {pgbench, "-h", "127.0.0.1", "-p", port,       "-U", "postgres",
                          "-i",    "-q", "-s",        "1",  "postgres", NULL};
    bool ok = process_run(fill, &(ProcessOptions){.log_path = "/dev/null"}, 120000, err) &&
              postgres_execute(&load->postgres, "postgres",
                               "ALTER TABLE pgbench_accounts REPLICA IDENTITY FULL;"
                               "ALTER TABLE pgbench_tellers REPLICA IDENTITY FULL;"
                               "ALTER TABLE pgbench_branches REPLICA IDENTITY FULL;"
                               "ALTER TABLE pgbench_history REPLICA IDENTITY FULL;"
                               "CREATE VIEW " BY_BRANCH ";"
                               "CREATE VIEW " HISTORY_BY_BRANCH ";"
                               "CREATE PUBLICATION pub FOR ALL TABLES;",
                               err);
    free(pgbench);
    freshet_init(&load->freshet, program);
    return ok && freshet_start(&load->freshet, err) && pgbench_start(load, err);
}

static void
define(Load *load)
{
    Buffer sql = {0};
    Buffer why = {0};
    buffer_printf(&sql, "CREATE SECRET pw AS '%s'", load->postgres.password);
    check(load, run_here(load, buffer_text(&sql), &why), "definition", buffer_text(&why));
    buffer_clear(&sql);
    buffer_printf(&sql,
                  "CREATE CONNECTION pg TO POSTGRES (HOST '127.0.0.1', PORT %d, USER 'replicator', PASSWORD SECRET pw, "
                  "DATABASE 'postgres')",
                  load->postgres.port);
    check(load, run_here(load, buffer_text(&sql), &why), "definition", buffer_text(&why));
    for (size_t i = 0; i < sizeof definitions / sizeof definitions[0]; i++) {
        buffer_clear(&why);
        check(load, run_here(load, definitions[i], &why), "definition", buffer_text(&why));
    }
    buffer_deinit(&sql);
    buffer_deinit(&why);
}

/* Writes rows here until the time is over; counts those that were acknowledged. */
static void
write_rows(Load *load, int ms)
{
    int64_t deadline = clock_steady_us() + ms * 1000LL;
    PGconn *connection = connect_to(freshet_conninfo(&load->freshet, NULL));
    while (clock_steady_us() < deadline && PQstatus(connection) == CONNECTION_OK) {
        char sql[96];
        snprintf(sql, sizeof sql, "INSERT INTO ours VALUES (%ld, 'row')", load->written + 1);
        PGresult *result = PQexec(connection, sql);
        bool acknowledged = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
        if (!acknowledged) {
            break;
        }
        load->written++;
        sleep_ms(2);
    }
    PQfinish(connection);
}

static void
compare_ours(Load *load)
{
    Buffer why = {0};
    PGconn *here = connect_to(freshet_conninfo(&load->freshet, NULL));
    PGresult *result = PQexec(here, "SELECT count(*), count(DISTINCT n), min(n), max(n) FROM ours");
    char expected[64];
    char got[64] = "";
    snprintf(expected, sizeof expected, "%ld", load->written);
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        snprintf(got, sizeof got, "%s", PQgetvalue(result, 0, 0));
        buffer_printf(&why, "%s rows, %s distinct, %s to %s; %s were acknowledged", got, PQgetvalue(result, 0, 1),
                      PQgetvalue(result, 0, 2), PQgetvalue(result, 0, 3), expected);
    } else {
        buffer_append_text(&why, PQerrorMessage(here));
    }
    check(load, strcmp(got, expected) == 0, "our own rows", buffer_text(&why));
    PQclear(result);
    PQfinish(here);
    buffer_deinit(&why);
}

/* Stops the writing, waits for Freshet to catch up, compares everything. */
static void
compare_all(Load *load)
{
    Buffer why = {0};
    pgbench_stop(load);
    PGconn *upstream = connect_to(postgres_conninfo(&load->postgres, "postgres"));
    PGconn *here = connect_to(freshet_conninfo(&load->freshet, NULL));
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        bool same = query_same_in_time(upstream, here, questions[i], false, COMPARE_TIMEOUT_MS, &why);
        check(load, same, questions[i], buffer_text(&why));
    }
    PQfinish(here);
    PQfinish(upstream);
    compare_ours(load);
    buffer_deinit(&why);
}

static void
cycle(Load *load, int number)
{
    Error err = ERROR_INIT;
    /* From at once, in the middle of recovering, to long enough for the background to have merged and compacted. */
    int alive_ms = number % 4 == 0 ? rand() % 20 : rand() % 600;
    write_rows(load, alive_ms);
    freshet_kill(&load->freshet);
    bool started = freshet_start(&load->freshet, &err);
    check(load, started, "start after kill -9", err.detail != NULL ? err.detail : err.message);
    error_clear(&err);
    if (started) {
        compare_ours(load);
    }
}

static void
run(Load *load, int cycles)
{
    define(load);
    for (int i = 1; i <= cycles && !interrupted && load->failed == 0; i++) {
        cycle(load, i);
        if (load->failed == 0 && (i % COMPARE_EVERY == 0 || i == cycles)) {
            Error err = ERROR_INIT;
            compare_all(load);
            printf("kill_cycles: %d cycles, %ld rows of ours, %d checks\n", i, load->written, load->passed);
            fflush(stdout);
            if (i < cycles && !pgbench_start(load, &err)) {
                check(load, false, "pgbench", err.message);
            }
            error_clear(&err);
        }
    }
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {{"freshet", required_argument, NULL, 'f'},
                                            {"cycles", required_argument, NULL, 'c'},
                                            {"seed", required_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    const char *program = NULL;
    int cycles = 20;
    unsigned seed = (unsigned) clock_wall_ms();
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'f') {
            program = optarg;
        } else if (option == 'c') {
            cycles = atoi(optarg);
        } else if (option == 's') {
            seed = (unsigned) strtoul(optarg, NULL, 10);
        } else {
            fprintf(stderr, "usage: kill_cycles [--freshet PROGRAM] [--cycles N] [--seed N]\n");
            return 2;
        }
    }
    struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    printf("kill_cycles: %d cycles, --seed %u\n", cycles, seed);
    srand(seed);
    Load load = {0};
    Error err = ERROR_INIT;
    if (set_up(&load, program, &err)) {
        run(&load, cycles);
    } else {
        check(&load, false, "servers", err.message);
        printf("%s\n", err.detail != NULL ? err.detail : "");
    }
    error_clear(&err);
    pgbench_stop(&load);
    freshet_deinit(&load.freshet);
    postgres_deinit(&load.postgres);
    printf("kill_cycles: %d passed, %d failed\n", load.passed, load.failed);
    return load.failed == 0 && !interrupted ? EXIT_SUCCESS : EXIT_FAILURE;
}
