#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/storage/fixture.h"

/*
 * A child commits ticks and says which were acknowledged; it is killed at some moment; then what is there must be
 * what the
 * ticks up to the newest one make, and no acknowledged one is missing.
 *
 * Tick t puts rows of t into both shards and takes those of t - WINDOW out; every tenth tick has many.
 */
enum { CYCLES = 30, WINDOW = 40, IN_FLIGHT = 4, KILL_US_MAX = 40000, SHARD_A = 7, SHARD_B = 8 };

static uint32_t
tick_rows(Timestamp time)
{
    return time % 10 == 0 ? 150 : 1 + time % 3;
}

static Chunk *
tick_chunk(Timestamp time)
{
    ModelUpdate updates[300];
    uint32_t count = 0;
    for (uint32_t i = 0; i < tick_rows(time); i++)
        updates[count++] = (ModelUpdate){.id = (int64_t) time, .name = 1, .number = (int32_t) i, .diff = 1};
    for (uint32_t i = 0; time > WINDOW && i < tick_rows(time - WINDOW); i++)
        updates[count++] = (ModelUpdate){.id = (int64_t) time - WINDOW, .name = 1, .number = (int32_t) i, .diff = -1};
    return model_chunk_of(updates, count);
}

typedef struct Child {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int in_flight;
    int pipe;
} Child;

static void
child_done(void *context, Tick *tick, const Error *err)
{
    Child *child = context;
    must(err == NULL);
    must(write(child->pipe, &tick->timestamp, sizeof tick->timestamp) == sizeof tick->timestamp);
    tick_release(tick);
    pthread_mutex_lock(&child->lock);
    child->in_flight--;
    pthread_cond_signal(&child->changed);
    pthread_mutex_unlock(&child->lock);
}

static TickCommit *
child_commit(Store *store, Timestamp time)
{
    TickCommit *commit = commit_at(time);
    if (time == 1) {
        commit_create(commit, SHARD_A, false);
        commit_create(commit, SHARD_B, false);
    }
    commit_rows(commit, SHARD_A, tick_chunk(time));
    Chunk *chunk = tick_chunk(time);
    if (time % 7 == 0) { /* staged first, as a snapshot is */
        StagedRun *staged;
        Error err = ERROR_INIT;
        Layout *layout = model_layout();
        must(store_stage_run(store, layout, &chunk, 1, &staged, &err));
        vector_push(&tick_commit_shard(commit, SHARD_B)->staged, staged);
        layout_release(layout);
        chunk_release(chunk);
    } else {
        commit_rows(commit, SHARD_B, chunk);
    }
    char position[32];
    snprintf(position, sizeof position, "%llu", (unsigned long long) time);
    tick_commit_meta(commit, "position", position, strlen(position));
    return commit;
}

static _Noreturn void
child_main(const char *directory, int pipe)
{
    StoreOptions options = {.directory = directory, .inline_bytes_max = 2000, .checkpoint_ticks = 13};
    Store *store;
    Error err = ERROR_INIT;
    if (!store_open(&options, &store, &err))
        bug("cannot open: %s", err.message);
    Child child = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .pipe = pipe};
    for (Timestamp time = store_timestamp(store) + 1;; time++) {
        pthread_mutex_lock(&child.lock);
        while (child.in_flight == IN_FLIGHT)
            pthread_cond_wait(&child.changed, &child.lock);
        child.in_flight++;
        pthread_mutex_unlock(&child.lock);
        store_commit(store, child_commit(store, time), child_done, &child);
    }
}

/* Runs a child for some time, from its start or from its first tick on; the last tick that it said was done, or
   `acknowledged`. */
static Timestamp
child_run(const char *directory, Timestamp acknowledged, bool from_first_tick, unsigned life_us)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        child_main(directory, ends[1]);
    }
    close(ends[1]);
    Timestamp time;
    if (from_first_tick) {
        ck_assert_int_eq(read(ends[0], &time, sizeof time), (ssize_t) sizeof time);
        ck_assert_uint_eq(time, ++acknowledged);
    }
    usleep(life_us);
    kill(pid, SIGKILL);
    while (read(ends[0], &time, sizeof time) == (ssize_t) sizeof time) {
        ck_assert_uint_eq(time, acknowledged + 1);
        acknowledged = time;
    }
    close(ends[0]);
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the child ended by itself");
    return acknowledged;
}

static void
directory_expect(const char *directory, Timestamp acknowledged, Timestamp *newest)
{
    Store *store = store_open_at(directory, 2000, 13);
    Timestamp time = store_timestamp(store);
    ck_assert_uint_ge(time, acknowledged);
    ck_assert_uint_le(time, acknowledged + IN_FLIGHT);
    *newest = time;
    if (time != 0) {
        char position[32];
        snprintf(position, sizeof position, "%llu", (unsigned long long) time);
        Arena *arena = arena_new();
        Slice value;
        ck_assert(store_meta(store, "position", arena, &value));
        ck_assert(slice_equal(value, slice_of(position)));
        arena_free(arena);
        for (uint64_t shard = SHARD_A; shard <= SHARD_B; shard++) {
            ShardSnapshot snapshot;
            ck_assert(store_snapshot(store, shard, &snapshot));
            Contents expected = {map_new()};
            for (Timestamp t = time > WINDOW ? time - WINDOW + 1 : 1; t <= time; t++) {
                ModelUpdate update = {.id = (int64_t) t, .name = 1};
                for (uint32_t i = 0; i < tick_rows(t); i++) {
                    update.number = (int32_t) i;
                    Chunk *row = model_chunk_of(&update, 1);
                    contents_add(&expected, row, 0, 1);
                    chunk_release(row);
                }
            }
            contents_expect_equal(expected, contents_of_scan(snapshot.rows, time));
            spine_snapshot_release(snapshot.rows);
            spine_snapshot_release(snapshot.errors);
        }
    }
    store_close(store);
}

START_TEST(a_process_that_is_killed_loses_no_acknowledged_tick_and_tears_none)
{
    char *directory = directory_temporary();
    Model random;
    model_init(&random, (uint64_t) clock_wall_us());
    Timestamp newest = 0;
    for (int cycle = 0; cycle < CYCLES; cycle++) {
        unsigned life_us = (unsigned) model_random(&random, KILL_US_MAX);
        Timestamp acknowledged = child_run(directory, newest, cycle % 2 == 0, life_us);
        directory_expect(directory, acknowledged, &newest);
    }
    ck_assert_uint_ge(newest, CYCLES / 2);
    model_deinit(&random);
    directory_delete(directory);
    free(directory);
}
END_TEST

Suite *suite_storage_crash(void);

Suite *
suite_storage_crash(void)
{
    Suite *suite = suite_create("storage/crash");
    TCase *cases = tcase_create("crash");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_process_that_is_killed_loses_no_acknowledged_tick_and_tears_none);
    suite_add_tcase(suite, cases);
    return suite;
}
