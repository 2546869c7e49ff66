/* How long planning takes: EXPLAIN of a join, less what any statement takes, on both servers. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "bench/bench.h"

enum { TABLES = 20, REPEAT = 200 };

/* Milliseconds of a statement in the median. Each time it is another text, so that nothing is remembered. */
static double
statement_ms(PGconn *connection, const char *format)
{
    Samples samples = {0};
    for (int i = 0; i < REPEAT; i++) {
        char sql[4096];
        snprintf(sql, sizeof sql, "%s AS x%d", format, i);
        double started = now_seconds();
        PGresult *result = PQexec(connection, sql);
        if (PQresultStatus(result) != PGRES_TUPLES_OK)
            bench_fail("%s: %s", sql, PQerrorMessage(connection));
        vector_push(&samples, (now_seconds() - started) * 1000);
        PQclear(result);
    }
    double ms = samples_at(&samples, 0.5);
    vector_deinit(&samples);
    return ms;
}

static double
planning_ms(PGconn *connection, const char *explain)
{
    double ms = statement_ms(connection, explain) - statement_ms(connection, "SELECT 1");
    return ms > 0 ? ms : 0;
}

static char *
join_sql(int tables)
{
    Buffer sql = {0};
    buffer_append_text(&sql, "EXPLAIN SELECT * FROM (SELECT a0.c, count(*), sum(a1.b) FROM p0 a0");
    for (int i = 1; i < tables; i++)
        buffer_printf(&sql, " JOIN p%d a%d ON a%d.a = a%d.b", i, i, i, i - 1);
    buffer_append_text(&sql, " WHERE a0.b > 10 GROUP BY a0.c)");
    return buffer_take(&sql);
}

static void
figure(PGconn *ours, PGconn *theirs, int tables, double wanted_ms)
{
    char name[64], mine[64], peer[64], wanted[64];
    char *sql = join_sql(tables);
    double our_ms = planning_ms(ours, sql), their_ms = planning_ms(theirs, sql);
    snprintf(name, sizeof name, "planning a join of %d with an aggregate", tables);
    snprintf(mine, sizeof mine, "%.2f ms", our_ms);
    snprintf(peer, sizeof peer, "%.2f ms", their_ms);
    snprintf(wanted, sizeof wanted, "<= 1 of %.0f ms", wanted_ms);
    report(name, mine, peer, our_ms / wanted_ms, wanted, our_ms <= wanted_ms);
    free(sql);
}

void
bench_planning(Bench *bench)
{
    bench_start_freshet(bench);
    PGconn *ours = bench_connect(bench), *theirs = bench_connect_upstream(bench, "postgres");
    for (int i = 0; i < TABLES; i++) {
        bench_execute(ours, "CREATE TABLE p%d (a int, b int, c text)", i);
        bench_execute(theirs, "CREATE TABLE p%d (a int, b int, c text)", i);
    }
    figure(ours, theirs, 3, 1);
    figure(ours, theirs, TABLES, 200);
    for (int i = 0; i < TABLES; i++)
        bench_execute(theirs, "DROP TABLE p%d", i);
    PQfinish(ours);
    PQfinish(theirs);
}
