/*
 * bench [--freshet PROGRAM] [--scale N] [--runs N] [--seconds N] [--only FIGURES] [--duckdb SCRIPT] -- takes the figures that the project
 * is held against, each beside its peer. FIGURES: idle,maintenance,snapshot,latency,queries,backlog,adhoc,planning,
 * catalog.
 */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"

static Bench bench = {.scale = 100, .runs = 3, .seconds = 5};

static const char settings[] = "shared_buffers = 1GB\nmax_wal_size = 8GB\n";

/* In this order: what comes later reads the tables that the snapshot has brought. */
static const struct {
    const char *name;
    void (*take)(Bench *bench);
    bool needs_snapshot;
} figures[] = {
    {"idle", bench_idle, false},      {"maintenance", bench_maintenance, false}, {"snapshot", bench_snapshot, false},
    {"latency", bench_latency, true}, {"queries", bench_queries, true},          {"backlog", bench_backlog, true},
    {"adhoc", bench_adhoc, false},    {"planning", bench_planning, false},       {"catalog", bench_catalog, false},
};

static void
clean_up(void)
{
    freshet_deinit(&bench.freshet);
    postgres_deinit(&bench.postgres);
}

/* An interrupt too takes the servers and their gigabytes along. */
static void *
wait_for_interrupt(void *signals)
{
    int number;
    sigwait(signals, &number);
    clean_up();
    _exit(130);
}

static void
watch_interrupts(void)
{
    static sigset_t signals;
    pthread_t watcher;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (pthread_create(&watcher, NULL, wait_for_interrupt, &signals) != 0) {
        bench_fail("could not start a thread");
    }
}

static bool
is_wanted(const char *name)
{
    return bench.only == NULL || strstr(bench.only, name) != NULL;
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {
        {"freshet", required_argument, NULL, 'f'},
        {"scale", required_argument, NULL, 's'},
        {"runs", required_argument, NULL, 'r'},
        {"seconds", required_argument, NULL, 't'},
        {"only", required_argument, NULL, 'o'},
        {"duckdb", required_argument, NULL, 'd'},
        {NULL, 0, NULL, 0},
    };
    const char *program = NULL;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'f':
            program = optarg;
            break;
        case 's':
            bench.scale = atoi(optarg);
            break;
        case 'r':
            bench.runs = atoi(optarg);
            break;
        case 't':
            bench.seconds = atoi(optarg);
            break;
        case 'o':
            bench.only = optarg;
            break;
        case 'd':
            bench.duckdb = optarg;
            break;
        default:
            fprintf(stderr, "usage: bench [--freshet PROGRAM] [--scale N] [--runs N] [--seconds N] [--only FIGURES] "
                            "[--duckdb SCRIPT]\n");
            return 2;
        }
    }
    if (bench.scale < 1 || bench.runs < 1 || bench.seconds < 1) {
        fprintf(stderr, "bench: scale, runs and seconds are at least 1\n");
        return 2;
    }
    Error err = ERROR_INIT;
    atexit(clean_up);
    watch_interrupts();
    freshet_init(&bench.freshet, program);
    if (!postgres_init(&bench.postgres, settings, &err)) {
        bench_fail("%s\n%s", err.message, err.detail);
    }
    printf("pgbench scale %d, the median of %d runs\n", bench.scale, bench.runs);
    bool snapshot_taken = false;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        if (!is_wanted(figures[i].name)) {
            continue;
        }
        if (figures[i].needs_snapshot && !snapshot_taken) {
            bench_create_pgbench(&bench, "large", bench.scale);
            bench_start_freshet(&bench);
            PGconn *connection = bench_connect(&bench);
            bench_create_source(connection, &bench, "large");
            PQfinish(connection);
            snapshot_taken = true;
        }
        figures[i].take(&bench);
        snapshot_taken = snapshot_taken || figures[i].take == bench_snapshot;
    }
    return 0;
}
