/* A million single-row updates that piled up while Freshet was down, against pg_recvlogical to nowhere. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

enum { UPDATES = 1000000, TRANSACTION = 1000 };

void
bench_backlog(Bench *bench)
{
    Samples ours = {0};
    Samples peer = {0};
    Error err = ERROR_INIT;
    char ours_text[64];
    char peer_text[64];
    char *receiver = postgres_program("pg_recvlogical");
    PGconn *upstream = bench_connect_upstream(bench, "large");
    for (int i = 0; i < bench->runs; i++) {
        if (!freshet_stop(&bench->freshet, &err)) {
            bench_fail("%s\n%s", err.message, err.detail);
        }
        bench_execute(upstream, "SELECT pg_create_logical_replication_slot('peer', 'pgoutput')");
        bench_execute(upstream,
                      "DO $$ BEGIN FOR i IN 1..%d LOOP "
                      "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = 1 + (i::bigint * 7919 %% %d); "
                      "IF i %% %d = 0 THEN COMMIT; END IF; END LOOP; END $$",
                      UPDATES, bench->scale * 100000, TRANSACTION);
        bench_execute(upstream, "CHECKPOINT");
        char *lsn = bench_value(upstream, "SELECT pg_current_wal_lsn()");
        vector_push(&peer,
                    bench_shell("%s -h 127.0.0.1 -p %d -U postgres -d large -S peer --start --endpos=%s --no-loop "
                                "-o proto_version=1 -o publication_names=pub -f /dev/null",
                                receiver, bench->postgres.port, lsn));
        double started = now_seconds();
        if (!freshet_start(&bench->freshet, &err)) {
            bench_fail("%s\n%s", err.message, err.detail);
        }
        bench_wait_caught_up(bench, lsn, 600);
        vector_push(&ours, now_seconds() - started);
        bench_execute(upstream, "SELECT pg_drop_replication_slot('peer')");
        free(lsn);
    }
    double a = UPDATES / samples_at(&ours, 0.5);
    double b = UPDATES / samples_at(&peer, 0.5);
    snprintf(ours_text, sizeof ours_text, "%.0fk updates/s", a / 1e3);
    snprintf(peer_text, sizeof peer_text, "%.0fk updates/s pg_recvlogical", b / 1e3);
    report("backlog of 1M updates, identity full", ours_text, peer_text, a / b, ">= 1", a / b >= 1);
    vector_deinit(&ours);
    vector_deinit(&peer);
    free(receiver);
    PQfinish(upstream);
}
