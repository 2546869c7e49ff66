/* psql's commands on a catalog of 5,000 objects: what a command takes beyond psql's own start, the slowest of them. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

enum { OBJECTS = 5000 };

static const char *const commands[] = {"\\d",      "\\dt",     "\\dv", "\\dm",  "\\di", "\\d t77",
                                       "\\d+ v77", "\\df abs", "\\dT", "\\dn+", "\\l",  "\\du"};

/* Milliseconds of psql with one command, the mean of several. */
static double
psql_ms(int port, const char *user, const char *database, const char *command)
{
    enum { TIMES = 20 };
    double seconds =
        bench_shell("for i in {1..%d}; do psql -X -q -h 127.0.0.1 -p %d -U %s -d %s -c '%s' > /dev/null; done", TIMES,
                    port, user, database, command);
    return 1000 * seconds / TIMES;
}

static void
create_objects(PGconn *connection)
{
    bench_execute(connection, "CREATE TABLE base (a int, b text)");
    for (int i = 0; i < OBJECTS / 2; i++) {
        bench_execute(connection, "CREATE TABLE t%d (a int, b text, c numeric(10,2))", i);
        bench_execute(connection, "CREATE VIEW v%d AS SELECT a, b FROM base WHERE a > %d", i, i);
    }
}

void
bench_catalog(Bench *bench)
{
    bench_start_freshet(bench);
    PGconn *ours = bench_connect(bench), *theirs = bench_connect_upstream(bench, "postgres");
    bench_execute(theirs, "CREATE DATABASE objects");
    PQfinish(theirs);
    theirs = bench_connect_upstream(bench, "objects");
    create_objects(ours);
    create_objects(theirs);
    int our_port = bench->freshet.port, their_port = bench->postgres.port;
    double our_start = psql_ms(our_port, "materialize", "materialize", "SELECT 1");
    double their_start = psql_ms(their_port, "postgres", "objects", "SELECT 1");
    double worst = 0, beside = 0;
    const char *slowest = commands[0];
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        double ms = psql_ms(our_port, "materialize", "materialize", commands[i]) - our_start;
        double peer = psql_ms(their_port, "postgres", "objects", commands[i]) - their_start;
        printf("  %-10s %7.1f ms beside %7.1f ms\n", commands[i], ms, peer);
        if (ms > worst) {
            worst = ms;
            beside = peer;
            slowest = commands[i];
        }
    }
    char name[64], mine[64], other[64];
    snprintf(name, sizeof name, "slowest psql command, %d objects (%s)", OBJECTS, slowest);
    snprintf(mine, sizeof mine, "%.0f ms", worst);
    snprintf(other, sizeof other, "%.0f ms", beside);
    report(name, mine, other, worst / 100, "<= 1 of 100 ms", worst <= 100);
    PQfinish(ours);
    PQfinish(theirs);
    theirs = bench_connect_upstream(bench, "postgres");
    bench_execute(theirs, "DROP DATABASE objects");
    PQfinish(theirs);
}
