/*
 * bench_run -- building, merging and seeking in runs, and staging one in a file.
 *
 *     bench_run [rows]         default 10000000
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/hash.h"
#include "collection/cursor.h"
#include "collection/merge.h"
#include "collection/scan.h"

static uint64_t random_state = 88172645463325252u;

static uint64_t
random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static void
report(const char *what, uint64_t count, int64_t start_us)
{
    double seconds = (double) (clock_steady_us() - start_us) / 1e6;
    printf("%-34s %8.3f s  %8.2f M/s  %8.1f ns each\n", what, seconds, (double) count / seconds / 1e6,
           seconds * 1e9 / (double) count);
    fflush(stdout);
}

/* Rows (id, value) with ids first, first + step, ... in no order that matters to a hash. */
static ChunkVector
rows_make(uint64_t count, uint64_t first, uint64_t step, uint64_t distinct)
{
    ChunkVector chunks = {0};
    for (uint64_t at = 0; at < count; at += CHUNK_ROWS) {
        uint32_t size = (uint32_t) (count - at < CHUNK_ROWS ? count - at : CHUNK_ROWS);
        int64_t *ids = memory_alloc(size * sizeof *ids), *values = memory_alloc(size * sizeof *values);
        for (uint32_t i = 0; i < size; i++) {
            uint64_t id = first + (at + i) * step;
            ids[i] = (int64_t) (distinct == 0 ? id : id % distinct);
            values[i] = (int64_t) (random_next() % 1000000);
        }
        Column *columns[2] = {column_from_buffers(PHYS_I64, size, NULL, ids, NULL),
                              column_from_buffers(PHYS_I64, size, NULL, values, NULL)};
        vector_push(&chunks, chunk_new(size, columns, 2, 1, NULL, NULL));
    }
    return chunks;
}

static void
bench_seek(Layout *layout, Run *const *runs, uint32_t run_count, uint64_t rows, bool ahead, const char *what)
{
    SpineSnapshot *snapshot = spine_snapshot_new(layout, runs, run_count, 0, 1000);
    Cursor *cursor = cursor_new(snapshot, 999);
    uint32_t seeks = 2000000, found = 0;
    int64_t *keys = memory_alloc(seeks * sizeof *keys);
    for (uint32_t i = 0; i < seeks; i++)
        keys[i] = (int64_t) (random_next() % rows);
    Column *key = column_from_buffers(PHYS_I64, seeks, NULL, keys, NULL);
    uint64_t *hashes = memory_alloc(seeks * sizeof *hashes);
    int64_t start = clock_steady_us();
    layout_hash_key(layout, &key, seeks, hashes);
    int64_t sum = 0;
    for (uint32_t i = 0; i < seeks; i++) {
        CursorRow row;
        if (ahead)
            cursor_prefetch(cursor, hashes, seeks, i);
        if (cursor_seek(cursor, hashes[i], &key, i))
            while (cursor_row(cursor, &row)) {
                found++;
                sum += ((const int64_t *) row.chunk->columns[1]->values)[row.row];
            }
    }
    report(what, seeks, start);
    if (found == 0 || sum == 42)
        printf("found %" PRIu32 "\n", found);
    column_release(key);
    free(hashes);
    cursor_free(cursor);
    spine_snapshot_release(snapshot);
}

static void
bench_walk(Layout *layout, Run *const *runs, uint32_t run_count, const char *what)
{
    SpineSnapshot *snapshot = spine_snapshot_new(layout, runs, run_count, 0, 1000);
    Cursor *cursor = cursor_new(snapshot, 999);
    uint64_t found = 0;
    int64_t start = clock_steady_us();
    CursorRow row;
    while (cursor_next_key(cursor))
        while (cursor_row(cursor, &row))
            found++;
    report(what, found, start);
    cursor_free(cursor);

    start = clock_steady_us();
    found = 0;
    SpineScan *scan = spine_scan_new(snapshot, 999);
    Error err = ERROR_INIT;
    for (bool done = false; !done;) {
        Chunk *chunk;
        if (!spine_scan_next(scan, 100000, &chunk, &done, &err))
            abort();
        found += chunk == NULL ? 0 : chunk->count;
        chunk_release(chunk);
    }
    report("    the same as a scan", found, start);
    spine_scan_free(scan);
    spine_snapshot_release(snapshot);
}

static Run *
bench_build(Layout *layout, ChunkVector *chunks, uint64_t rows, const char *what)
{
    int64_t start = clock_steady_us();
    Run *run = run_build(layout, chunks->items, chunks->count, 0, 500);
    report(what, rows, start);
    return run;
}

static void
bench_small_inserts(Layout *layout, Run *base, uint64_t rows)
{
    Spine *spine = spine_new(layout);
    spine_insert(spine, run_retain(base));
    uint32_t inserts = 200000;
    int64_t start = clock_steady_us();
    for (uint32_t i = 0; i < inserts; i++) {
        ChunkVector one = rows_make(1, random_next() % rows, 1, 0);
        Chunk *chunk = chunk_with_time(one.items[0], 500 + i);
        Run *run = run_build(layout, &chunk, 1, 500 + i, 501 + i);
        spine_insert(spine, run);
        chunk_release(chunk);
        chunk_vector_release(&one);
        if (i % 100 == 0)
            spine_set_since(spine, 500 + i);
    }
    report("single-row insert into a spine", inserts, start);
    SpineSnapshot *snapshot = spine_snapshot(spine);
    printf("    then %" PRIu32 " runs\n", snapshot->run_count);
    bench_seek(layout, snapshot->runs, snapshot->run_count, rows, true, "    seek in that, prefetched");
    spine_snapshot_release(snapshot);
    spine_free(spine);
}

int
main(int argc, char **argv)
{
    uint64_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    SqlType types[2] = {SQL_TYPE(INT8), SQL_TYPE(INT8)};
    uint16_t key[1] = {0};
    Layout *layout = layout_new(types, 2, key, 1, NULL, 0);

    ChunkVector chunks = rows_make(rows, 0, 1, 0);
    Run *run = bench_build(layout, &chunks, rows, "build, unique keys");
    chunk_vector_release(&chunks);
    printf("    %.1f bytes a row\n", (double) run->memory / (double) run->row_count);
    bench_seek(layout, &run, 1, rows, false, "seek, one run");
    bench_seek(layout, &run, 1, rows, true, "seek, one run, prefetched");
    bench_walk(layout, &run, 1, "walk, one run");

    chunks = rows_make(rows, 0, 1, 1000);
    Run *grouped = bench_build(layout, &chunks, rows, "build, 1000 keys");
    chunk_vector_release(&chunks);
    run_release(grouped);

    Run *halves[2];
    for (uint64_t i = 0; i < 2; i++) {
        chunks = rows_make(rows / 2, i, 2, 0);
        halves[i] = bench_build(layout, &chunks, rows / 2, "build, half of it");
        chunk_vector_release(&chunks);
    }
    bench_seek(layout, halves, 2, rows, false, "seek, two runs");
    bench_seek(layout, halves, 2, rows, true, "seek, two runs, prefetched");
    bench_walk(layout, halves, 2, "walk, two runs");
    int64_t start = clock_steady_us();
    Run *merged;
    Error err = ERROR_INIT;
    if (!runs_merge(layout, halves, 2, 0, &merged, &err))
        abort();
    report("merge, two halves", rows, start);
    run_release(merged);
    run_release(halves[0]);
    run_release(halves[1]);

    bench_small_inserts(layout, run, rows);
    run_release(run);
    layout_release(layout);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("peak %.0f MB\n", (double) usage.ru_maxrss / 1024);
    return 0;
}
