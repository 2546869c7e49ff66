/* The snapshot of a table against psql's COPY of the same table in binary to nowhere. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

void
bench_snapshot(Bench *bench)
{
    Samples ours = {0};
    Samples peer = {0};
    char ours_text[64];
    char peer_text[64];
    double rows = bench->scale * 100000.0;
    bench_create_pgbench(bench, "large", bench->scale);
    for (int i = 0; i < bench->runs; i++) {
        vector_push(&peer, bench_shell("psql -h 127.0.0.1 -p %d -U postgres -d large -XAtqc 'COPY pgbench_accounts TO "
                                       "STDOUT (FORMAT BINARY)' > /dev/null",
                                       bench->postgres.port));
        bench_start_freshet(bench);
        PGconn *connection = bench_connect(bench);
        double started = now_seconds();
        bench_create_source(connection, bench, "large");
        vector_push(&ours, now_seconds() - started);
        if (i + 1 < bench->runs) {
            PGconn *upstream = bench_connect_upstream(bench, "large");
            bench_execute(connection, "DROP SOURCE large_source CASCADE");
            bench_wait_value(upstream, "SELECT count(*) FROM pg_replication_slots", "0", 60);
            PQfinish(upstream);
        }
        PQfinish(connection);
    }
    double ours_rate = rows / samples_at(&ours, 0.5);
    double peer_rate = rows / samples_at(&peer, 0.5);
    snprintf(ours_text, sizeof ours_text, "%.2fM rows/s", ours_rate / 1e6);
    snprintf(peer_text, sizeof peer_text, "%.2fM rows/s psql COPY BINARY", peer_rate / 1e6);
    report("snapshot of pgbench_accounts", ours_text, peer_text, ours_rate / peer_rate, ">= 0.7",
           ours_rate / peer_rate >= 0.7);
    vector_deinit(&ours);
    vector_deinit(&peer);
}
