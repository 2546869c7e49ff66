#include "replication/postgres/snapshot.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "replication/postgres/slot.h"
#include "replication/postgres/snapshot_internal.h"
#include "replication/postgres/upstream_type.h"

#define EXACT_COUNT_ROWS_MAX    1000000.0
#define EXACT_COUNT_PAGES_MAX   (INT64_C(1) << 17) /* where there is no estimate */
#define ROWS_PER_PAGE_GUESS     60
#define SPLIT_PAGES_MIN         (INT64_C(1) << 15)
#define VERSION_TID_RANGE_SCANS 140000

/* ---- what threads share ---- */

bool
snapshot_lsn(Snapshot *snapshot, uint64_t *lsn)
{
    pthread_mutex_lock(&snapshot->lock);
    bool known = snapshot->lsn_known;
    *lsn = snapshot->lsn;
    pthread_mutex_unlock(&snapshot->lock);
    return known;
}

bool
snapshot_is_finished(Snapshot *snapshot)
{
    pthread_mutex_lock(&snapshot->lock);
    bool finished = snapshot->finished;
    pthread_mutex_unlock(&snapshot->lock);
    return finished;
}

SnapshotProgress
snapshot_progress(Snapshot *snapshot, int index)
{
    SnapshotTable *table = &snapshot->tables[index];
    pthread_mutex_lock(&snapshot->lock);
    SnapshotProgress progress = {.state = table->state};
    pthread_mutex_unlock(&snapshot->lock);
    progress.rows_known = atomic_load(&table->rows_known);
    progress.rows_staged = atomic_load(&table->rows_staged);
    progress.bytes = atomic_load(&table->bytes);
    return progress;
}

const char *
snapshot_failure(Snapshot *snapshot, int index, Arena *arena)
{
    pthread_mutex_lock(&snapshot->lock);
    const char *failure = snapshot->tables[index].failure;
    const char *text = arena_strdup(arena, failure == NULL ? "" : failure);
    pthread_mutex_unlock(&snapshot->lock);
    return text;
}

void
snapshot_take(Snapshot *snapshot, int index, BatchWrite *write)
{
    SnapshotTable *table = &snapshot->tables[index];
    pthread_mutex_lock(&snapshot->lock);
    for (size_t i = 0; i < table->runs.count; i++)
        vector_push(&write->staged, table->runs.items[i]);
    table->runs.count = 0;
    pthread_mutex_unlock(&snapshot->lock);
}

void
snapshot_cancel(Snapshot *snapshot, int table)
{
    atomic_store(&snapshot->tables[table].cancelled, true);
}

void
snapshot_table_pend(Snapshot *snapshot, int index)
{
    pthread_mutex_lock(&snapshot->lock);
    snapshot->tables[index].pending++;
    pthread_mutex_unlock(&snapshot->lock);
}

void
snapshot_table_finish(Snapshot *snapshot, int index)
{
    SnapshotTable *table = &snapshot->tables[index];
    pthread_mutex_lock(&snapshot->lock);
    bool done = --table->pending == 0 && table->state == COPY_PENDING;
    if (done) {
        table->state = COPY_DONE;
        atomic_store(&table->rows_known, atomic_load(&table->rows_staged));
    }
    pthread_mutex_unlock(&snapshot->lock);
    if (!done)
        return;
    log_debug("postgres", "table is copied table=%s.%s", table->spec->table.schema, table->spec->table.name);
    snapshot->wake(snapshot->context);
}

void
snapshot_table_fail(Snapshot *snapshot, int index, CopyState state, const char *text)
{
    SnapshotTable *table = &snapshot->tables[index];
    pthread_mutex_lock(&snapshot->lock);
    if (table->state == COPY_PENDING) {
        table->state = state;
        table->failure = memory_strdup(text);
    }
    pthread_mutex_unlock(&snapshot->lock);
    snapshot->wake(snapshot->context);
}

bool
snapshot_table_is_pending(Snapshot *snapshot, int index)
{
    pthread_mutex_lock(&snapshot->lock);
    bool pending = snapshot->tables[index].state == COPY_PENDING;
    pthread_mutex_unlock(&snapshot->lock);
    return pending && !atomic_load(&snapshot->tables[index].cancelled);
}

/* ---- the leader: slot, snapshot, what there is to copy ---- */

static bool
make_slot(Snapshot *snapshot, PGconn *connection, char **name, Error *err)
{
    unsigned char random[16];
    char slot[sizeof SNAPSHOT_SLOT_PREFIX + 2 * sizeof random] = SNAPSHOT_SLOT_PREFIX;
    uint64_t lsn;
    if (RAND_bytes(random, sizeof random) != 1)
        return error_set(err, SQLSTATE_SYSTEM_ERROR, "no random bytes");
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(slot + sizeof SNAPSHOT_SLOT_PREFIX - 1 + 2 * i, 3, "%02x", random[i]);
    if (!slot_create_snapshot(connection, snapshot->stop_fd, slot, &lsn, name, err))
        return false;
    pthread_mutex_lock(&snapshot->lock);
    snapshot->lsn = lsn;
    snapshot->lsn_known = true;
    pthread_mutex_unlock(&snapshot->lock);
    log_debug("postgres", "snapshot is taken lsn=%s", lsn_print(lsn, slot));
    snapshot->wake(snapshot->context);
    return true;
}

static bool
import(Snapshot *snapshot, const char *name, PGconn **connection, Error *err)
{
    if (!upstream_connect(&snapshot->config, false, snapshot->stop_fd, connection, err))
        return false;
    Buffer sql = {0};
    buffer_append_text(&sql, "SET TRANSACTION SNAPSHOT ");
    sql_append_literal(&sql, name);
    bool ok =
        upstream_execute(*connection, snapshot->stop_fd, "BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ", err) &&
        upstream_execute(*connection, snapshot->stop_fd, buffer_text(&sql), err);
    buffer_deinit(&sql);
    return ok;
}

/* Exactly where that is cheap; it is for showing only, so that failing (no privilege) is left to the copy. */
static bool
count_rows(Snapshot *snapshot, PGconn *connection, SnapshotTable *table, const PublishedTable *published, Error *err)
{
    double estimate = published->row_estimate;
    bool known = estimate > 0 || (estimate == 0 && published->pages == 0);
    if (known && estimate >= EXACT_COUNT_ROWS_MAX) {
        atomic_store(&table->rows_known, (uint64_t) estimate);
        return true;
    }
    if (!known && published->pages > EXACT_COUNT_PAGES_MAX) {
        atomic_store(&table->rows_known, (uint64_t) published->pages * ROWS_PER_PAGE_GUESS);
        return true;
    }
    Buffer sql = {0};
    PGresult *result;
    Error denied = ERROR_INIT;
    buffer_printf(&sql, "SELECT count(*) FROM %s", table->kind == 'p' ? "" : "ONLY ");
    table_spec_relation(table->spec, &sql);
    if (table->row_filter != NULL)
        buffer_printf(&sql, " WHERE %s", table->row_filter);
    bool ok = upstream_execute(connection, snapshot->stop_fd, "SAVEPOINT counting", err);
    if (ok && upstream_query(connection, snapshot->stop_fd, buffer_text(&sql), &result, &denied)) {
        atomic_store(&table->rows_known, strtoull(PQgetvalue(result, 0, 0), NULL, 10));
        PQclear(result);
    }
    buffer_deinit(&sql);
    error_clear(&denied);
    return ok && upstream_execute(connection, snapshot->stop_fd, "ROLLBACK TO SAVEPOINT counting", err);
}

static void
range_push(Snapshot *snapshot, int table, int64_t first_page, int64_t end_page)
{
    SnapshotRange range = {table, first_page, end_page};
    snapshot_table_pend(snapshot, table);
    vector_push(&snapshot->ranges, range);
}

/* A large table is cut so that every worker has a part. Older servers would read all of it for each. */
static void
plan_ranges(Snapshot *snapshot, int index, const PublishedTable *published, int version)
{
    if (published->kind != 'r' || published->pages < SPLIT_PAGES_MIN || version < VERSION_TID_RANGE_SCANS ||
        sysconf(_SC_NPROCESSORS_ONLN) <= SNAPSHOT_WORKERS) {
        range_push(snapshot, index, -1, -1);
        return;
    }
    int64_t pages = published->pages / SNAPSHOT_WORKERS;
    for (int i = 0; i < SNAPSHOT_WORKERS; i++)
        range_push(snapshot, index, i == 0 ? -1 : i * pages, i == SNAPSHOT_WORKERS - 1 ? -1 : (i + 1) * pages);
}

static bool
plan_tables(Snapshot *snapshot, PGconn *connection, Error *err)
{
    uint32_t *oids = arena_new_array(snapshot->arena, uint32_t, snapshot->count);
    for (int i = 0; i < snapshot->count; i++)
        oids[i] = snapshot->tables[i].spec->table.upstream_oid;
    PublishedRequest request = {.publication = snapshot->publication,
                                .oids = oids,
                                .oid_count = snapshot->count,
                                .with_sizes = true,
                                .in_transaction = true};
    PublishedCatalog catalog;
    if (!published_read(connection, snapshot->stop_fd, &request, snapshot->arena, &catalog, err))
        return false;
    TableSpec **specs = arena_new_array(snapshot->arena, TableSpec *, snapshot->count);
    const char **misfits = arena_new_array(snapshot->arena, const char *, snapshot->count);
    for (int i = 0; i < snapshot->count; i++)
        specs[i] = snapshot->tables[i].spec;
    if (!upstream_enums_follow(connection, snapshot->stop_fd, specs, (size_t) snapshot->count, snapshot->arena, misfits,
                               err))
        return false;
    for (int i = 0; i < snapshot->count; i++) {
        SnapshotTable *table = &snapshot->tables[i];
        const char *misfit = published_misfit(table->spec, &catalog, snapshot->publication, snapshot->arena);
        misfit = misfit == NULL ? misfits[i] : misfit;
        if (misfit != NULL) {
            snapshot_table_fail(snapshot, i, COPY_BROKEN, misfit);
            continue;
        }
        const PublishedTable *published = published_find(&catalog, oids[i]);
        table->kind = published->kind;
        table->row_filter = published->row_filter;
        if (!count_rows(snapshot, connection, table, published, err))
            return false;
        plan_ranges(snapshot, i, published, PQserverVersion(connection));
    }
    return true;
}

/* ---- workers ---- */

typedef struct Worker {
    Snapshot *snapshot;
    PGconn *connection;
    pthread_t thread;
    Error err;
} Worker;

static void *
worker_run(void *context)
{
    Worker *worker = context;
    bool ok = snapshot_copy_ranges(worker->snapshot, worker->connection, &worker->err);
    (void) ok; /* worker->err says it */
    return NULL;
}

/* The others run on threads of their own, the first on this one. */
static bool
run_workers(Worker *workers, int count, Error *err)
{
    int started = 1;
    while (started < count && pthread_create(&workers[started].thread, NULL, worker_run, &workers[started]) == 0)
        started++;
    worker_run(&workers[0]);
    for (int i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    for (int i = 0; i < count; i++)
        if (error_is_set(&workers[i].err))
            error_copy(err, &workers[i].err);
    return !error_is_set(err);
}

static bool
lead(Snapshot *snapshot, Error *err)
{
    PGconn *leader = NULL;
    char *name = NULL;
    Worker workers[SNAPSHOT_WORKERS] = {{.snapshot = snapshot}};
    int count = 0;
    bool ok = upstream_connect(&snapshot->config, true, snapshot->stop_fd, &leader, err) &&
              make_slot(snapshot, leader, &name, err) && import(snapshot, name, &workers[count++].connection, err) &&
              plan_tables(snapshot, workers[0].connection, err);
    while (ok && count < SNAPSHOT_WORKERS && (size_t) count < snapshot->ranges.count) {
        workers[count].snapshot = snapshot;
        ok = import(snapshot, name, &workers[count++].connection, err);
    }
    if (leader != NULL)
        PQfinish(leader); /* the slot goes with it; the workers hold the snapshot */
    free(name);
    ok = ok && run_workers(workers, count, err);
    for (int i = 0; i < count; i++) {
        error_clear(&workers[i].err);
        if (workers[i].connection != NULL)
            PQfinish(workers[i].connection);
    }
    return ok;
}

static void *
snapshot_run(void *context)
{
    Snapshot *snapshot = context;
    Error err = ERROR_INIT;
    if (!lead(snapshot, &err))
        for (int i = 0; i < snapshot->count; i++)
            snapshot_table_fail(snapshot, i, COPY_FAILED, err.message);
    error_clear(&err);
    pthread_mutex_lock(&snapshot->lock);
    for (int i = 0; i < snapshot->count; i++) /* cancelled ones */
        if (snapshot->tables[i].state == COPY_PENDING)
            snapshot->tables[i].state = COPY_FAILED;
    snapshot->finished = true;
    pthread_mutex_unlock(&snapshot->lock);
    snapshot->wake(snapshot->context);
    return NULL;
}

/* ---- beginning and end ---- */

Snapshot *
snapshot_start(const SnapshotOptions *options)
{
    Snapshot *snapshot = memory_calloc(1, sizeof *snapshot);
    pthread_mutex_init(&snapshot->lock, NULL);
    snapshot->stop_fd = eventfd(0, EFD_CLOEXEC);
    snapshot->arena = arena_new();
    postgres_config_copy(&snapshot->config, options->config);
    snapshot->publication = memory_strdup(options->publication);
    snapshot->store = options->store;
    snapshot->wake = options->wake;
    snapshot->context = options->context;
    snapshot->count = options->count;
    snapshot->tables = memory_calloc((size_t) options->count, sizeof *snapshot->tables);
    for (int i = 0; i < options->count; i++)
        snapshot->tables[i].spec = table_spec_retain(options->specs[i]);
    if (snapshot->stop_fd < 0 || pthread_create(&snapshot->thread, NULL, snapshot_run, snapshot) != 0)
        bug("no thread or descriptor for a snapshot");
    return snapshot;
}

void
snapshot_stop(Snapshot *snapshot)
{
    uint64_t one = 1;
    ssize_t written = write(snapshot->stop_fd, &one, sizeof one);
    (void) written; /* an eventfd takes it */
}

void
snapshot_free(Snapshot *snapshot)
{
    snapshot_stop(snapshot);
    pthread_join(snapshot->thread, NULL);
    for (int i = 0; i < snapshot->count; i++) {
        SnapshotTable *table = &snapshot->tables[i];
        for (size_t r = 0; r < table->runs.count; r++)
            store_discard_staged(snapshot->store, table->runs.items[r]);
        vector_deinit(&table->runs);
        table_spec_release(table->spec);
        free(table->failure);
    }
    free(snapshot->tables);
    vector_deinit(&snapshot->ranges);
    postgres_config_deinit(&snapshot->config);
    free(snapshot->publication);
    arena_free(snapshot->arena);
    close(snapshot->stop_fd);
    pthread_mutex_destroy(&snapshot->lock);
    free(snapshot);
}
