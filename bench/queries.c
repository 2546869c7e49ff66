/* Small queries through pgbench with 8 clients, against PostgreSQL with the same rows and the same index. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "bench/bench.h"
#include "tests/lib/process.h"

static double
transactions_per_second(const Bench *bench, int port, const char *user, const char *database, const char *script,
                        const char *mode)
{
    char *pgbench = postgres_program("pgbench");
    Buffer log = {0};
    buffer_printf(&log, "%s/pgbench.log", bench->freshet.directory);
    bench_shell("%s -h 127.0.0.1 -p %d -U %s -n -c 8 -j 1 -T %d -M %s -f %s %s > %s 2>&1 || { cat %s; false; }",
                pgbench, port, user, bench->seconds, mode, script, database, buffer_text(&log), buffer_text(&log));
    char *text = file_read(buffer_text(&log));
    const char *line = text != NULL ? strstr(text, "tps = ") : NULL;
    double tps = line != NULL ? strtod(line + strlen("tps = "), NULL) : 0;
    free(text);
    free(pgbench);
    buffer_deinit(&log);
    if (tps <= 0) {
        bench_fail("pgbench told no tps");
    }
    return tps;
}

static void
compare(Bench *bench, const char *figure, const char *sql, const char *mode)
{
    Samples ours = {0};
    Samples peer = {0};
    Error err = ERROR_INIT;
    Buffer script = {0};
    char ours_text[64];
    char peer_text[64];
    char name[96];
    buffer_printf(&script, "%s/script.sql", bench->freshet.directory);
    if (!file_write(buffer_text(&script), sql, &err)) {
        bench_fail("%s", err.message);
    }
    for (int i = 0; i < bench->runs; i++) {
        vector_push(&peer, transactions_per_second(bench, bench->postgres.port, "postgres", "large",
                                                   buffer_text(&script), mode));
        vector_push(&ours, transactions_per_second(bench, bench->freshet.port, "materialize", "materialize",
                                                   buffer_text(&script), mode));
    }
    double a = samples_at(&ours, 0.5);
    double b = samples_at(&peer, 0.5);
    snprintf(ours_text, sizeof ours_text, "%.0f tps", a);
    snprintf(peer_text, sizeof peer_text, "%.0f tps PostgreSQL", b);
    snprintf(name, sizeof name, "%s, -c 8 -M %s", figure, mode);
    report(name, ours_text, peer_text, a / b, ">= 1", a / b >= 1);
    vector_deinit(&ours);
    vector_deinit(&peer);
    buffer_deinit(&script);
}

void
bench_queries(Bench *bench)
{
    char lookup[160];
    PGconn *connection = bench_connect(bench);
    bench_execute(connection, "CREATE INDEX accounts_aid ON pgbench_accounts (aid)");
    double started = now_seconds();
    free(bench_value(connection, "SELECT abalance FROM pgbench_accounts WHERE aid = 1"));
    printf("(the index over %d00000 accounts answered after %.1f s, %ld MB resident)\n", bench->scale,
           now_seconds() - started, process_resident_kib(bench->freshet.pid) / 1024);
    PQfinish(connection);
    snprintf(lookup, sizeof lookup,
             "\\set aid random(1, %d)\nSELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n",
             bench->scale * 100000);
    compare(bench, "SELECT 1", "SELECT 1;\n", "simple");
    compare(bench, "SELECT 1", "SELECT 1;\n", "prepared");
    compare(bench, "indexed lookup", lookup, "simple");
    compare(bench, "indexed lookup", lookup, "prepared");
}
