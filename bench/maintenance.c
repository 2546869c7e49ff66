/* What a change costs in a maintained aggregate, at a tenth of the rows and at all of them: it should be the same. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "tests/lib/process.h"

enum { CHANGES = 50000, TRANSACTION = 100 };

static const char view[] = "CREATE MATERIALIZED VIEW by_branch AS SELECT bid, count(*), sum(abalance) FROM "
                           "pgbench_accounts GROUP BY bid";

/* CPU time of Freshet a change, in microseconds. The tables are small's or large's; the view is there already. */
static double
cost_of_a_change(Bench *bench, const char *database, int scale)
{
    PGconn *upstream = bench_connect_upstream(bench, database);
    sleep_ms(3000); /* what the snapshot left to merge is not part of the cost */
    double before = bench_cpu_seconds(bench->freshet.pid);
    bench_execute(upstream,
                  "DO $$ BEGIN FOR i IN 1..%d LOOP "
                  "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = 1 + (i::bigint * 7919 %% %d); "
                  "IF i %% %d = 0 THEN COMMIT; END IF; END LOOP; END $$",
                  CHANGES, scale * 100000, TRANSACTION);
    char *lsn = bench_value(upstream, "SELECT pg_current_wal_lsn()");
    bench_wait_caught_up(bench, lsn, 300);
    double after = bench_cpu_seconds(bench->freshet.pid);
    free(lsn);
    PQfinish(upstream);
    return (after - before) * 1e6 / CHANGES;
}

static double
measure(Bench *bench, const char *database, int scale)
{
    Samples samples = {0};
    bench_create_pgbench(bench, database, scale);
    bench_start_freshet(bench);
    PGconn *connection = bench_connect(bench);
    bench_create_source(connection, bench, database);
    bench_execute(connection, view);
    free(bench_value(connection, "SELECT count(*) FROM by_branch"));
    for (int i = 0; i < bench->runs; i++) {
        vector_push(&samples, cost_of_a_change(bench, database, scale));
    }
    /* The view is right, or the figure means nothing. */
    PGconn *upstream = bench_connect_upstream(bench, database);
    char *expected = bench_value(upstream, "SELECT sum(abalance) FROM pgbench_accounts");
    bench_wait_value(connection, "SELECT sum(sum) FROM by_branch", expected, 60);
    free(expected);
    bench_execute(connection, "DROP SOURCE %s_source CASCADE", database);
    bench_wait_value(upstream, "SELECT count(*) FROM pg_replication_slots", "0", 60);
    PQfinish(upstream);
    PQfinish(connection);
    double median = samples_at(&samples, 0.5);
    vector_deinit(&samples);
    return median;
}

void
bench_maintenance(Bench *bench)
{
    char large_text[64];
    char small_text[64];
    double small = measure(bench, "small", bench->scale / 10 > 0 ? bench->scale / 10 : 1);
    double large = measure(bench, "large", bench->scale);
    snprintf(large_text, sizeof large_text, "%.1f us CPU, all rows", large);
    snprintf(small_text, sizeof small_text, "%.1f us CPU, a tenth of the rows", small);
    report("a change in sum and count by branch", large_text, small_text, large / small, "< 1.3", large / small < 1.3);
}
