/*
 * bench_store -- staging rows as a snapshot does, and the latency of small commits.
 *
 *     bench_store directory [rows]         default 10000000; the directory must be empty, and is not removed
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "storage/store.h"

enum { BATCH_ROWS = 1 << 20, FILLER = 84, COMMITS = 2000 };

static const SqlType types[4] = {{.id = TYPE_INT4, .typmod = -1},
                                 {.id = TYPE_INT4, .typmod = -1},
                                 {.id = TYPE_INT4, .typmod = -1},
                                 {.id = TYPE_BPCHAR, .typmod = -1}};

static Column *
ints_make(uint32_t count, int32_t first, int32_t step)
{
    int32_t *values = memory_alloc(count * sizeof *values);
    for (uint32_t i = 0; i < count; i++)
        values[i] = first + (int32_t) i * step;
    return column_from_buffers(PHYS_I32, count, NULL, values, NULL);
}

/* Rows of pgbench_accounts: aid, bid, abalance, filler. */
static Chunk *
accounts_make(uint64_t first, uint32_t count)
{
    uint32_t *offsets = memory_alloc(((size_t) count + 1) * sizeof *offsets);
    char *bytes = memory_alloc((size_t) count * FILLER);
    memset(bytes, ' ', (size_t) count * FILLER);
    for (uint32_t i = 0; i <= count; i++)
        offsets[i] = i * FILLER;
    Column *columns[4] = {ints_make(count, (int32_t) first, 1), ints_make(count, (int32_t) (first / 100000), 0),
                          ints_make(count, 0, 0), column_from_buffers(PHYS_BYTES, count, NULL, offsets, bytes)};
    return chunk_new(count, columns, 4, 0, NULL, NULL);
}

typedef struct Waiter {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
} Waiter;

static void
waiter_done(void *context, Tick *tick, const Error *err)
{
    Waiter *waiter = context;
    if (err != NULL) {
        fprintf(stderr, "%s\n", err->message);
        exit(1);
    }
    tick_release(tick);
    pthread_mutex_lock(&waiter->lock);
    waiter->done = true;
    pthread_cond_signal(&waiter->changed);
    pthread_mutex_unlock(&waiter->lock);
}

static int64_t
commit_us(Store *store, TickCommit *commit)
{
    Waiter waiter = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    int64_t start = clock_steady_us();
    store_commit(store, commit, waiter_done, &waiter);
    pthread_mutex_lock(&waiter.lock);
    while (!waiter.done)
        pthread_cond_wait(&waiter.changed, &waiter.lock);
    pthread_mutex_unlock(&waiter.lock);
    return clock_steady_us() - start;
}

static void
bench_stage(Store *store, Layout *layout, uint64_t rows, TickCommit *commit)
{
    int64_t staging_us = 0;
    for (uint64_t at = 0; at < rows; at += BATCH_ROWS) {
        ChunkVector chunks = {0};
        for (uint64_t i = at; i < at + BATCH_ROWS && i < rows; i += CHUNK_ROWS)
            vector_push(&chunks, accounts_make(i, (uint32_t) (rows - i < CHUNK_ROWS ? rows - i : CHUNK_ROWS)));
        int64_t start = clock_steady_us();
        StagedRun *staged;
        Error err = ERROR_INIT;
        if (!store_stage_run(store, layout, chunks.items, chunks.count, &staged, &err)) {
            fprintf(stderr, "%s\n", err.message);
            exit(1);
        }
        staging_us += clock_steady_us() - start;
        vector_push(&tick_commit_shard(commit, 1)->staged, staged);
        chunk_vector_release(&chunks);
    }
    printf("stage %" PRIu64 " rows: %.2f M rows/s\n", rows, (double) rows / (double) staging_us);
}

static int
order_us(const void *a, const void *b)
{
    int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;
    return (x > y) - (x < y);
}

static void
bench_commits(Store *store, Timestamp first, uint64_t rows)
{
    static int64_t took[COMMITS];
    for (int i = 0; i < COMMITS; i++) {
        TickCommit *commit = tick_commit_new();
        commit->timestamp = first + (Timestamp) i;
        ShardWrite *write = tick_commit_shard(commit, 1);
        Chunk *old = accounts_make((uint64_t) i * 97 % rows, 1);
        vector_push(&write->rows, chunk_negate(old));
        vector_push(&write->rows, accounts_make(rows + (uint64_t) i, 1));
        chunk_release(old);
        tick_commit_meta(commit, "source/u1", "0/12345678", 10);
        took[i] = commit_us(store, commit);
    }
    qsort(took, COMMITS, sizeof *took, order_us);
    printf("commit of one update: p50 %" PRId64 " us, p99 %" PRId64 " us, worst %" PRId64 " us\n", took[COMMITS / 2],
           took[COMMITS - COMMITS / 100], took[COMMITS - 1]);
}

static Store *
bench_open(const char *directory)
{
    StoreOptions options = {.directory = directory};
    Store *store;
    Error err = ERROR_INIT;
    int64_t start = clock_steady_us();
    if (!store_open(&options, &store, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    printf("open: %.1f ms\n", (double) (clock_steady_us() - start) / 1e3);
    return store;
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_store directory [rows]\n");
        return 1;
    }
    uint64_t rows = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000000;
    Store *store = bench_open(argv[1]);
    uint16_t key[4] = {0, 1, 2, 3};
    Layout *layout = layout_new(types, 4, key, 4, NULL, 0);
    TickCommit *commit = tick_commit_new();
    commit->timestamp = 1000;
    vector_push(&commit->created, ((ShardSpec){.shard_id = 1, .layout = layout_retain(layout), .lockstep = true}));
    bench_stage(store, layout, rows, commit);
    printf("commit of that: %" PRId64 " us\n", commit_us(store, commit));
    bench_commits(store, 2000, rows);
    store_close(store);
    store = bench_open(argv[1]);
    bench_commits(store, 10000, rows);
    StoreStatistics statistics;
    store_statistics(store, &statistics);
    printf("%" PRIu64 " commits, %.0f us each, %" PRIu64 " blobs, %" PRIu64 " compactions\n", statistics.commits,
           (double) statistics.commit_us_total / (double) statistics.commits, statistics.blobs_written,
           statistics.compactions);
    store_close(store);
    layout_release(layout);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("peak %.0f MB\n", (double) usage.ru_maxrss / 1024);
    return 0;
}
