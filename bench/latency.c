/* From the commit upstream to the row in a subscription, at 100 commits a second. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "tests/lib/process.h"

enum { COMMITS = 1000, INTERVAL_US = 10000 };

static double committed[COMMITS]; /* when upstream's acknowledgement was read; written before the row can be awaited */

static void *
write_marks(void *argument)
{
    PGconn *upstream = argument;
    double next = now_seconds();
    for (int i = 0; i < COMMITS; i++) {
        next += INTERVAL_US / 1e6;
        double wait = next - now_seconds();
        if (wait > 0) {
            sleep_ms((int) (wait * 1000) + 1);
        }
        char sql[64];
        snprintf(sql, sizeof sql, "INSERT INTO marks VALUES (%d)", i);
        PQclear(PQexec(upstream, sql));
        committed[i] = now_seconds();
    }
    return NULL;
}

void
bench_latency(Bench *bench)
{
    static double seen[COMMITS];
    Samples samples = {0};
    char text[64];
    pthread_t writer;
    bench_create_pgbench(bench, "large", bench->scale);
    PGconn *upstream = bench_connect_upstream(bench, "large");
    PGconn *connection = bench_connect(bench);
    PGresult *result = PQexec(connection, "COPY (SUBSCRIBE marks WITH (SNAPSHOT = false)) TO STDOUT");
    if (PQresultStatus(result) != PGRES_COPY_OUT) {
        bench_fail("subscribe: %s", PQerrorMessage(connection));
    }
    PQclear(result);
    if (pthread_create(&writer, NULL, write_marks, upstream) != 0) {
        bench_fail("could not start a thread");
    }
    for (int count = 0; count < COMMITS; count++) {
        char *line;
        if (PQgetCopyData(connection, &line, 0) <= 0) {
            bench_fail("the subscription ended: %s", PQerrorMessage(connection));
        }
        double at = now_seconds();
        const char *number = strrchr(line, '\t');
        int mark = number != NULL ? atoi(number + 1) : -1;
        PQfreemem(line);
        if (mark < 0 || mark >= COMMITS) {
            bench_fail("an unexpected row in the subscription");
        }
        seen[mark] = at;
    }
    pthread_join(writer, NULL);
    for (int i = 0; i < COMMITS; i++) {
        double ms = (seen[i] - committed[i]) * 1000;
        vector_push(&samples, ms > 0 ? ms : 0);
    }
    double p50 = samples_at(&samples, 0.5);
    double p99 = samples_at(&samples, 0.99);
    snprintf(text, sizeof text, "%.2f ms", p50);
    report("commit to SUBSCRIBE, 100/s, p50", text, "2 ms", p50 / 2, "<= 1", p50 <= 2);
    snprintf(text, sizeof text, "%.2f ms", p99);
    report("commit to SUBSCRIBE, 100/s, p99", text, "15 ms", p99 / 15, "<= 1", p99 <= 15);
    vector_deinit(&samples);
    PQfinish(upstream);
    PQfinish(connection);
    PGconn *cleaner = bench_connect_upstream(bench, "large");
    bench_execute(cleaner, "TRUNCATE marks");
    PQfinish(cleaner);
}
