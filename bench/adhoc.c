/*
 * Ten ad hoc queries over orders, customers and products, warm, against PostgreSQL with the same rows, and DuckDB where its
 * program is given. Every answer is compared with PostgreSQL's.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "bench/bench.h"
#include "tests/lib/process.h"

static const struct {
    const char *name, *sql;
} queries[] = {
#define QUERY(name, sql) {name, sql},
#include "bench/adhoc.def"
#undef QUERY
};

enum { QUERIES = sizeof queries / sizeof queries[0], CUSTOMERS = 10000, PRODUCTS = 10000 };

/* Random by arithmetic on the number of the row, so that every run has the same rows. Primes keep the columns apart. */
static void
create_tables(Bench *bench, PGconn *postgres)
{
    int64_t orders = (int64_t) bench->scale * 100000, customers = (int64_t) bench->scale * CUSTOMERS;
    bench_execute(postgres, "CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, region text NOT NULL)");
    bench_execute(postgres,
                  "CREATE TABLE products (id int PRIMARY KEY, category text NOT NULL, price numeric(10,2) NOT NULL)");
    bench_execute(postgres, "CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, product_id int NOT "
                            "NULL, quantity int NOT NULL, amount numeric(10,2) NOT NULL, status text NOT NULL, "
                            "created timestamp NOT NULL)");
    bench_execute(postgres,
                  "INSERT INTO customers SELECT i, 'customer ' || i, 'region ' || (i::bigint * 7919 %% 25) "
                  "FROM generate_series(1, %lld) i",
                  (long long) customers);
    bench_execute(postgres,
                  "INSERT INTO products SELECT i, 'category ' || (i::bigint * 104729 %% 40), "
                  "(i::bigint * 15485863 %% 10000)::numeric / 100 FROM generate_series(1, %d) i",
                  PRODUCTS);
    bench_execute(
        postgres,
        "INSERT INTO orders SELECT i, 1 + (hashint8(i) & 2147483647)::bigint %% %lld, 1 + "
        "(hashint8(i + 1000000007) & 2147483647) %% %d, 1 + (hashint8(i + 2000000011) & 1023) %% 50, "
        "((hashint8(i + 3000000019) & 2147483647) %% 1000000)::numeric / 100, "
        "(ARRAY['paid', 'shipped', 'open', 'returned', 'cancelled'])[1 + (hashint8(i + 4000000007) & 1023) %% "
        "5], timestamp '2024-01-01' + (hashint8(i + 5000000029) & 2147483647) %% 31622400 * interval '1 "
        "second' FROM generate_series(1, %lld) i",
        (long long) customers, PRODUCTS, (long long) orders);
    bench_execute(postgres, "CREATE PUBLICATION pub FOR TABLE orders, customers, products");
    bench_execute(postgres, "VACUUM FREEZE ANALYZE");
    bench_execute(postgres, "CHECKPOINT");
}

static void
replicate(Bench *bench, PGconn *connection)
{
    bench_execute(connection, "CREATE SECRET pw AS '%s'", bench->postgres.password);
    bench_execute(connection,
                  "CREATE CONNECTION upstream TO POSTGRES (HOST '127.0.0.1', PORT %d, USER 'replicator', PASSWORD "
                  "SECRET pw, DATABASE 'adhoc')",
                  bench->postgres.port);
    bench_execute(connection,
                  "CREATE SOURCE shop FROM POSTGRES CONNECTION upstream (PUBLICATION 'pub') FOR ALL TABLES");
    bench_wait_value(connection,
                     "SELECT bool_and(snapshot_committed) AND count(*) = 3 FROM mz_internal.mz_source_statistics st "
                     "JOIN mz_sources s ON s.id = st.id WHERE s.type = 'subsource'",
                     "t", 1200);
}

static char *
answer_text(PGresult *result)
{
    Buffer text = {0};
    for (int row = 0; row < PQntuples(result); row++)
        for (int column = 0; column < PQnfields(result); column++)
            buffer_printf(&text, "%s%c", PQgetvalue(result, row, column), column + 1 < PQnfields(result) ? '|' : '\n');
    char *copy = memory_strdup(buffer_text(&text));
    buffer_deinit(&text);
    return copy;
}

/* Milliseconds of each run; the first, which warms up, is not one of them. `answer` may be NULL. */
static double
time_query(const Bench *bench, PGconn *connection, const char *sql, char **answer)
{
    Samples samples = {0};
    for (int run = 0; run <= bench->runs; run++) {
        double started = now_seconds();
        PGresult *result = PQexec(connection, sql);
        double ms = (now_seconds() - started) * 1e3;
        if (PQresultStatus(result) != PGRES_TUPLES_OK) {
            *answer = memory_strdup(PQerrorMessage(connection));
            PQclear(result);
            vector_deinit(&samples);
            return 0;
        }
        if (run == 0)
            *answer = answer_text(result);
        else
            vector_push(&samples, ms);
        PQclear(result);
    }
    double median = samples_at(&samples, 0.5);
    vector_deinit(&samples);
    return median;
}

/* Has DuckDB's program load the tables from CSV files and time the queries; one line a query comes back. */
static void
time_duckdb(Bench *bench, double *milliseconds)
{
    const char *directory = bench->freshet.directory;
    static const char *tables[] = {"customers", "products", "orders"};
    for (int i = 0; i < 3; i++)
        bench_shell("psql -h 127.0.0.1 -p %d -U postgres -d adhoc -XAtqc 'COPY %s TO STDOUT (FORMAT CSV)' > %s/%s.csv",
                    bench->postgres.port, tables[i], directory, tables[i]);
    Buffer path = {0}, text = {0};
    Error err = ERROR_INIT;
    buffer_printf(&path, "%s/queries.txt", directory);
    for (int i = 0; i < QUERIES; i++)
        buffer_printf(&text, "%s\n", queries[i].sql);
    if (!file_write(buffer_text(&path), buffer_text(&text), &err))
        bench_fail("%s", err.message);
    bench_shell("node %s %s %d > %s/duckdb.txt", bench->duckdb, directory, bench->runs, directory);
    buffer_clear(&path);
    buffer_printf(&path, "%s/duckdb.txt", directory);
    char *times = file_read(buffer_text(&path)), *at = times;
    for (int i = 0; i < QUERIES && at != NULL; i++)
        milliseconds[i] = strtod(at, &at);
    free(times);
    bench_shell("rm -f %s/*.csv", directory);
    buffer_deinit(&path);
    buffer_deinit(&text);
}

static void
report_query(const char *name, double ours, double peer, const char *peer_name, const char *wanted, double least)
{
    char ours_text[64], peer_text[64];
    snprintf(ours_text, sizeof ours_text, "%.1f ms", ours);
    snprintf(peer_text, sizeof peer_text, "%.1f ms %s", peer, peer_name);
    report(name, ours_text, peer_text, peer / ours, wanted, peer / ours >= least);
}

void
bench_adhoc(Bench *bench)
{
    double ours[QUERIES], theirs[QUERIES], duckdb[QUERIES] = {0};
    double log_ratio = 0, log_duckdb = 0;
    int counted = 0;
    PGconn *upstream = bench_connect_upstream(bench, "postgres");
    bench_execute(upstream, "CREATE DATABASE adhoc");
    PQfinish(upstream);
    PGconn *postgres = bench_connect_upstream(bench, "adhoc");
    create_tables(bench, postgres);
    bench_start_freshet(bench);
    PGconn *connection = bench_connect(bench);
    replicate(bench, connection);
    sleep_ms(3000); /* what the snapshot left to merge */
    if (bench->duckdb != NULL)
        time_duckdb(bench, duckdb);
    for (int i = 0; i < QUERIES; i++) {
        char *expected = NULL, *answer = NULL;
        theirs[i] = time_query(bench, postgres, queries[i].sql, &expected);
        ours[i] = time_query(bench, connection, queries[i].sql, &answer);
        if (strcmp(expected, answer) != 0) {
            printf("%s: the answers differ:\n%s-- and not\n%s", queries[i].name, answer, expected);
            ours[i] = 0;
        }
        free(expected);
        free(answer);
        if (ours[i] == 0 || theirs[i] == 0)
            continue;
        report_query(queries[i].name, ours[i], theirs[i], "PostgreSQL", "", 0);
        if (duckdb[i] > 0)
            report_query("", ours[i], duckdb[i], "DuckDB", "", 0);
        log_ratio += log(theirs[i] / ours[i]);
        log_duckdb += duckdb[i] > 0 ? log(duckdb[i] / ours[i]) : 0;
        counted++;
    }
    char name[64];
    double mean = exp(log_ratio / counted), mean_duckdb = exp(log_duckdb / counted);
    snprintf(name, sizeof name, "geometric mean of %d ad hoc queries", counted);
    report(name, "", "PostgreSQL", mean, ">= 5", counted == QUERIES && mean >= 5);
    if (bench->duckdb != NULL)
        report(name, "", "DuckDB", mean_duckdb, ">= 0.25", counted == QUERIES && mean_duckdb >= 0.25);
    PQfinish(connection);
    PQfinish(postgres);
}
