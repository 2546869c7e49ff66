/*
 * bench.h -- what the figures share: the two servers, timing, and the table they are reported in.
 *
 * Every figure is taken beside its peer, on the same machine in the same run, and is quoted as a ratio: absolute
 * figures drift from machine to machine and from hour to hour.
 */
#ifndef FRESHET_BENCH_BENCH_H
#define FRESHET_BENCH_BENCH_H

#include <libpq-fe.h>

#include "base/vector.h"
#include "tests/lib/freshet.h"
#include "tests/lib/postgres.h"

typedef struct Bench {
    Postgres postgres;
    Freshet freshet;
    int scale;          /* of pgbench: 100,000 accounts each */
    int runs;           /* of what is repeated; the median counts */
    int seconds;        /* of a pgbench run */
    const char *only;   /* names of the figures to take, NULL for all */
    const char *duckdb; /* the program that times DuckDB (bench/duckdb/), NULL: DuckDB is left out */
} Bench;

typedef VECTOR(double) Samples;

double samples_at(Samples *samples, double fraction); /* sorts; 0.5 is the median */

double now_seconds(void);

/* One line of the report. `wanted` is what the figure is held against, such as ">= 0.7". */
void report(const char *figure, const char *ours, const char *peer, double value, const char *wanted, bool met);

/* Everything below ends the program with a message when it fails: half a benchmark is none. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

PGconn *bench_connect_upstream(const Bench *bench, const char *database);
PGconn *bench_connect(const Bench *bench);
void bench_execute(PGconn *connection, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *bench_value(PGconn *connection, const char *format, ...) __attribute__((format(printf, 2, 3))); /* heap */

/* Asks every 5 ms until the answer is `expected`. */
void bench_wait_value(PGconn *connection, const char *sql, const char *expected, int timeout_s);

double bench_shell(const char *format, ...) __attribute__((format(printf, 1, 2))); /* seconds it took */

void bench_start_freshet(Bench *bench); /* on an empty directory */
void bench_create_pgbench(Bench *bench, const char *database, int scale);
void bench_create_source(PGconn *connection, const Bench *bench,
                         const char *database); /* returns when it is readable */
void bench_wait_caught_up(const Bench *bench, const char *lsn, int timeout_s);
double bench_cpu_seconds(pid_t pid);

/* The figures. */
void bench_idle(Bench *bench);
void bench_maintenance(Bench *bench);
void bench_snapshot(Bench *bench);
void bench_latency(Bench *bench);
void bench_queries(Bench *bench);
void bench_backlog(Bench *bench);
void bench_adhoc(Bench *bench);
void bench_planning(Bench *bench);
void bench_catalog(Bench *bench);

#endif
