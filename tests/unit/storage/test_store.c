#include <check.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buffer.h"
#include "collection/cursor.h"
#include "tests/unit/storage/fixture.h"

static size_t
blob_count(const char *directory)
{
    Buffer path = {0};
    buffer_printf(&path, "%s/blobs", directory);
    DIR *entries = opendir(buffer_text(&path));
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(entries);
    buffer_deinit(&path);
    return count;
}

/* Ticks over one shard, with everything that can be inline or in blobs, and the store opened anew now and then. */
static void
store_against_model(size_t inline_bytes_max, size_t checkpoint_ticks, uint64_t seed)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, inline_bytes_max, checkpoint_ticks);
    Model model;
    model_init(&model, seed);
    TickCommit *commit = commit_at(1);
    commit_create(commit, 7, false);
    store_commit_expect(store, commit);
    Timestamp time = 1;
    for (int step = 0; step < 80; step++) {
        time += 1 + model_random(&model, 3);
        commit = commit_at(time);
        commit_rows(
            commit, 7,
            model_chunk(&model, 1 + (uint32_t) model_random(&model, step % 20 == 0 ? 400 : 12), time, time + 1));
        if (step % 17 == 3) { /* a staged run in the same tick */
            Chunk *chunk = model_chunk(&model, 100, time, time + 1);
            StagedRun *staged;
            Error err = ERROR_INIT;
            Layout *layout = model_layout();
            ck_assert(store_stage_run(store, layout, &chunk, 1, &staged, &err));
            vector_push(&tick_commit_shard(commit, 7)->staged, staged);
            layout_release(layout);
            chunk_release(chunk);
        }
        store_commit_expect(store, commit);
        if (step % 10 == 9)
            shard_expect(store, 7, &model, time - 3, time + 1);
        if (step % 31 == 30) {
            store_close(store);
            store = store_open_at(directory, inline_bytes_max, checkpoint_ticks);
            ck_assert_uint_eq(store_timestamp(store), time);
            shard_expect(store, 7, &model, time - 3, time + 1);
        }
    }
    store_close(store);
    model_deinit(&model);
    directory_delete(directory);
    free(directory);
}

START_TEST(a_shard_says_what_was_committed_with_everything_inline)
{
    store_against_model(1 << 20, 1000, 1);
}
END_TEST

START_TEST(a_shard_says_what_was_committed_with_small_blobs_and_frequent_checkpoints)
{
    store_against_model(1, 5, 2);
    store_against_model(400, 3, 3);
    store_against_model(1, 1000, 4);
}
END_TEST

START_TEST(a_replacement_retracts_what_was_there_and_tells_followers)
{
    for (size_t inline_bytes_max = 1; inline_bytes_max <= 1 << 20; inline_bytes_max <<= 20) {
        char *directory = directory_temporary();
        Store *store = store_open_at(directory, inline_bytes_max, 4);
        Model model;
        model_init(&model, 9);
        TickCommit *commit = commit_at(1);
        commit_create(commit, 7, false);
        store_commit_expect(store, commit);
        for (Timestamp time = 2; time < 9; time++) {
            commit = commit_at(time);
            commit_rows(commit, 7, model_chunk(&model, 50, time, time + 1));
            store_commit_expect(store, commit);
        }
        Contents expected = contents_of_model(&model, 8);
        ModelUpdate kept = {.id = 1, .name = 1, .number = 1, .diff = 1};
        commit = commit_at(9);
        commit_rows(commit, 7, model_chunk_of(&kept, 1));
        tick_commit_shard(commit, 7)->replace = true;
        Error err = ERROR_INIT;
        Tick *tick = store_commit_wait(store, commit, &err);
        ck_assert_msg(tick != NULL, "%s", err.message);
        /* What was there plus what the tick says is what is there now. */
        const TickDelta *delta = tick_delta(tick, 7);
        ck_assert_ptr_nonnull(delta);
        for (size_t i = 0; i < delta->rows.count; i++)
            for (uint32_t row = 0; row < delta->rows.items[i]->count; row++)
                contents_add(&expected, delta->rows.items[i], row, chunk_diff(delta->rows.items[i], row));
        for (size_t i = 0; i < delta->runs.count; i++)
            for (uint32_t j = 0; j < delta->runs.items[i]->chunk_count; j++) {
                Chunk *chunk;
                ck_assert(run_chunk(delta->runs.items[i], j, &chunk, &err));
                for (uint32_t row = 0; row < chunk->count; row++) {
                    ck_assert_uint_eq(chunk_time(chunk, row), 9);
                    contents_add(&expected, chunk, row, chunk_diff(chunk, row));
                }
            }
        tick_release(tick);
        ck_assert_uint_eq(map_count(expected.sums), 1);
        for (int opened = 0; opened < 2; opened++) {
            ShardSnapshot snapshot;
            ck_assert(store_snapshot(store, 7, &snapshot));
            contents_expect_equal(contents_of_model(&model, 8), contents_of_scan(snapshot.rows, 8));
            Contents found = contents_of_cursor(snapshot.rows, 9);
            ck_assert_uint_eq(map_count(found.sums), 1);
            ck_assert_ptr_nonnull(map_get_text(found.sums, "1|name 1|1|"));
            contents_free(&found);
            spine_snapshot_release(snapshot.rows);
            spine_snapshot_release(snapshot.errors);
            store_close(store);
            store = store_open_at(directory, inline_bytes_max, 4);
        }
        contents_free(&expected);
        store_close(store);
        model_deinit(&model);
        directory_delete(directory);
        free(directory);
    }
}
END_TEST

START_TEST(errors_lie_beside_rows_and_come_back)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, 0, 0);
    SqlType text = SQL_TYPE(TEXT);
    for (int opened = 0; opened < 2; opened++) {
        TickCommit *commit = commit_at(store_timestamp(store) + 1);
        if (opened == 0)
            commit_create(commit, 7, false);
        ChunkBuilder builder;
        chunk_builder_init(&builder, &text, 1);
        chunk_builder_append_datums(&builder, (Datum[]){datum_text("division by zero")}, 0, 1);
        vector_push(&tick_commit_shard(commit, 7)->errors, chunk_builder_finish(&builder));
        chunk_builder_deinit(&builder);
        store_commit_expect(store, commit);
        store_close(store);
        store = store_open_at(directory, 0, 0);
        ShardSnapshot snapshot;
        ck_assert(store_snapshot(store, 7, &snapshot));
        ck_assert(spine_snapshot_is_empty(snapshot.rows));
        Cursor *cursor = cursor_new(snapshot.errors, store_timestamp(store));
        CursorRow row;
        ck_assert(cursor_next_key(cursor));
        ck_assert(cursor_row(cursor, &row));
        ck_assert_int_eq(row.diff, opened + 1);
        ck_assert(slice_equal(column_bytes(row.chunk->columns[0], row.row), slice_of("division by zero")));
        cursor_free(cursor);
        spine_snapshot_release(snapshot.rows);
        spine_snapshot_release(snapshot.errors);
    }
    store_close(store);
    directory_delete(directory);
    free(directory);
}
END_TEST

static bool
meta_is(Store *store, const char *key, const char *expected)
{
    Arena *arena = arena_new();
    Slice value;
    bool found = store_meta(store, key, arena, &value);
    bool is = expected == NULL ? !found : found && slice_equal(value, slice_of(expected));
    arena_free(arena);
    return is;
}

START_TEST(meta_records_are_as_the_last_tick_left_them)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, 0, 4);
    for (Timestamp time = 1; time < 40; time++) {
        TickCommit *commit = commit_at(time);
        char value[32];
        snprintf(value, sizeof value, "position %d", (int) time);
        tick_commit_meta(commit, "source/u5", value, strlen(value));
        if (time == 3)
            tick_commit_meta(commit, "gone", "soon", 4);
        if (time == 20)
            tick_commit_meta(commit, "gone", NULL, 0);
        if (time == 30)
            tick_commit_meta(commit, "empty", "", 0);
        store_commit_expect(store, commit);
        if (time % 7 == 0) {
            store_close(store);
            store = store_open_at(directory, 0, 4);
        }
        ck_assert(meta_is(store, "source/u5", value));
        ck_assert(meta_is(store, "gone", time >= 3 && time < 20 ? "soon" : NULL));
        ck_assert(meta_is(store, "empty", time >= 30 ? "" : NULL));
    }
    store_close(store);
    directory_delete(directory);
    free(directory);
}
END_TEST

static void
shard_note(void *context, uint64_t shard_id)
{
    *(uint64_t *) context = *(uint64_t *) context * 100 + shard_id;
}

START_TEST(shards_are_made_and_dropped_by_ticks_and_their_blobs_go)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, 1, 3);
    Model model;
    model_init(&model, 4);
    TickCommit *commit = commit_at(1);
    commit_create(commit, 7, false);
    commit_create(commit, 8, false);
    commit_create(commit, 9, true);
    commit_rows(commit, 7, model_chunk(&model, 100, 1, 2)); /* in the tick that makes it */
    store_commit_expect(store, commit);
    for (Timestamp time = 2; time < 12; time++) {
        commit = commit_at(time);
        commit_rows(commit, 7, model_chunk(&model, 100, time, time + 1));
        store_commit_expect(store, commit);
    }
    shard_expect(store, 7, &model, 9, 12);
    commit = commit_at(12);
    vector_push(&commit->dropped, 7);
    store_commit_expect(store, commit);
    ck_assert(!store_shard_exists(store, 7));
    store_close(store);
    store = store_open_at(directory, 1, 3);
    uint64_t shards = 0;
    store_list_shards(store, shard_note, &shards);
    ck_assert_uint_eq(shards, 8);
    for (int waits = 0; blob_count(directory) != 0 && waits < 500; waits++)
        usleep(10000);
    ck_assert_uint_eq(blob_count(directory), 0);
    Error err = ERROR_INIT;
    commit = commit_at(13);
    commit_rows(commit, 7, model_chunk(&model, 1, 13, 14));
    ck_assert_ptr_null(store_commit_wait(store, commit, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_UNDEFINED_OBJECT);
    error_clear(&err);
    commit = commit_at(13);
    commit_create(commit, 8, false);
    ck_assert_ptr_null(store_commit_wait(store, commit, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_DUPLICATE_OBJECT);
    error_clear(&err);
    store_close(store);
    model_deinit(&model);
    directory_delete(directory);
    free(directory);
}
END_TEST

START_TEST(timestamps_only_increase)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, 0, 0);
    TickCommit *commit = commit_at(100);
    commit_create(commit, 7, false);
    store_commit_expect(store, commit);
    store_advance(store, 150);
    Timestamp wrong[] = {99, 100, 150};
    Error err = ERROR_INIT;
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_null(store_commit_wait(store, commit_at(wrong[i]), &err));
        ck_assert_str_eq(err.sqlstate, SQLSTATE_SERIALIZATION_FAILURE);
        error_clear(&err);
    }
    ShardSnapshot snapshot;
    ck_assert(store_snapshot(store, 7, &snapshot));
    ck_assert_uint_eq(snapshot.rows->upper, 151);
    ck_assert_uint_eq(snapshot.errors->upper, 151);
    spine_snapshot_release(snapshot.rows);
    spine_snapshot_release(snapshot.errors);
    store_commit_expect(store, commit_at(151));
    store_close(store);
    directory_delete(directory);
    free(directory);
}
END_TEST

START_TEST(an_ephemeral_shard_is_written_like_another_and_forgotten)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, 1, 0);
    Model model, appended;
    model_init(&model, 4);
    model_init(&appended, 5);
    TickCommit *commit = commit_at(1);
    commit_create(commit, 7, true);
    store_commit_expect(store, commit);
    Layout *layout = model_layout();
    store_create_ephemeral(store, &(ShardSpec){.shard_id = 8, .layout = layout, .ephemeral = true}, 1);
    for (Timestamp time = 2; time < 30; time++) {
        commit = commit_at(time);
        commit_rows(commit, 7, model_chunk(&model, 50, time, time + 1));
        store_commit_expect(store, commit);
        ChunkVector rows = {0};
        vector_push(&rows, model_chunk(&appended, 50, time, time + 1));
        store_append(store, 8, &rows, NULL, time + 1);
        ck_assert_uint_eq(rows.count, 0);
    }
    shard_expect(store, 7, &model, 2, 30);
    shard_expect(store, 8, &appended, 2, 30);
    ck_assert_uint_eq(blob_count(directory), 0);
    store_drop_ephemeral(store, 8);
    ck_assert(!store_shard_exists(store, 8));
    store_close(store);
    store = store_open_at(directory, 1, 0);
    ck_assert(!store_shard_exists(store, 7));
    store_close(store);
    layout_release(layout);
    model_deinit(&model);
    model_deinit(&appended);
    directory_delete(directory);
    free(directory);
}
END_TEST

START_TEST(since_follows_a_second_behind_but_for_holds_and_the_tick_before)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, 0, 0);
    TickCommit *commit = commit_at(5000);
    commit_create(commit, 7, false);
    store_commit_expect(store, commit);
    ck_assert_uint_eq(store_shard_since(store, 7), 0); /* there was no tick before */
    store_commit_expect(store, commit_at(5500));
    ck_assert_uint_eq(store_shard_since(store, 7), 4501);
    ShardHold *hold = store_hold(store, 7, 4600);
    store_commit_expect(store, commit_at(9000));
    ck_assert_uint_eq(store_shard_since(store, 7), 4600);
    store_hold_move(hold, 5200);
    ck_assert_uint_eq(store_shard_since(store, 7), 5200);
    store_advance(store, 9999);
    ck_assert_uint_eq(store_shard_since(store, 7), 5200);
    store_hold_release(hold);
    ck_assert_uint_eq(store_shard_since(store, 7), 5500);
    store_commit_expect(store, commit_at(12000));
    ck_assert_uint_eq(store_shard_since(store, 7), 9999);
    hold = store_hold(store, 12345, 1); /* a shard that is not there */
    store_hold_release(hold);
    store_close(store);
    directory_delete(directory);
    free(directory);
}
END_TEST

static void
open_refused(const char *directory, const char *sqlstate, const char *named)
{
    Store *store;
    Error err = ERROR_INIT;
    StoreOptions options = {.directory = directory};
    ck_assert(!store_open(&options, &store, &err));
    ck_assert_str_eq(err.sqlstate, sqlstate);
    ck_assert_msg(strstr(err.message, named) != NULL, "%s", err.message);
    error_clear(&err);
}

START_TEST(a_directory_that_is_open_or_of_another_format_is_refused)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, 0, 0);
    open_refused(directory, SQLSTATE_OBJECT_IN_USE, directory);
    store_close(store);
    Buffer format = {0};
    buffer_printf(&format, "%s/format", directory);
    const char *other = "freshet data directory, format 999\n";
    bytes_write(buffer_text(&format), other, strlen(other));
    open_refused(directory, SQLSTATE_FEATURE_NOT_SUPPORTED, "999");
    bytes_write(buffer_text(&format), "rubbish", 7);
    open_refused(directory, SQLSTATE_DATA_CORRUPTED, buffer_text(&format));
    unlink(buffer_text(&format));
    open_refused(directory, SQLSTATE_DATA_CORRUPTED, buffer_text(&format));
    buffer_deinit(&format);
    directory_delete(directory);
    open_refused("/proc/nowhere", SQLSTATE_IO_ERROR, "/proc/nowhere");
    free(directory);
}
END_TEST

START_TEST(a_blob_that_is_missing_is_named_at_open)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, 1, 0);
    Model model;
    model_init(&model, 4);
    TickCommit *commit = commit_at(1);
    commit_create(commit, 7, false);
    commit_rows(commit, 7, model_chunk(&model, 100, 1, 2));
    store_commit_expect(store, commit);
    store_close(store);
    ck_assert_uint_eq(blob_count(directory), 1);
    Buffer blobs = {0};
    buffer_printf(&blobs, "%s/blobs", directory);
    directory_delete(buffer_text(&blobs));
    open_refused(directory, SQLSTATE_DATA_CORRUPTED, buffer_text(&blobs));
    buffer_deinit(&blobs);
    model_deinit(&model);
    directory_delete(directory);
    free(directory);
}
END_TEST

/* A limit on the size of files stands for a full disk: writes fail until it is lifted, Check's own too. */
static void
full_disk(size_t inline_bytes_max)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, inline_bytes_max, 3);
    Model model;
    model_init(&model, 4);
    TickCommit *commit = commit_at(1);
    commit_create(commit, 7, false);
    store_commit_expect(store, commit);
    commit = commit_at(2);
    commit_rows(commit, 7, model_chunk(&model, 100, 2, 3));
    store_commit_expect(store, commit);

    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit, before;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 512;
    setrlimit(RLIMIT_FSIZE, &limit);
    Error err = ERROR_INIT;
    for (Timestamp time = 3; time < 6; time++) {
        size_t updates = model.updates.count;
        commit = commit_at(time);
        commit_rows(commit, 7, model_chunk(&model, 100, time, time + 1));
        must(store_commit_wait(store, commit, &err) == NULL);
        if (strcmp(err.sqlstate, SQLSTATE_DISK_FULL) != 0)
            bug("%s %s", err.sqlstate, err.message);
        must(strstr(err.message, directory) != NULL);
        error_clear(&err);
        model.updates.count = updates; /* it did not happen */
    }
    setrlimit(RLIMIT_FSIZE, &before);
    ck_assert_uint_eq(store_timestamp(store), 2);
    shard_expect(store, 7, &model, 2, 3);
    for (Timestamp time = 6; time < 20; time++) {
        commit = commit_at(time);
        commit_rows(commit, 7, model_chunk(&model, 100, time, time + 1));
        store_commit_expect(store, commit);
    }
    store_close(store);
    store = store_open_at(directory, inline_bytes_max, 3);
    shard_expect(store, 7, &model, 17, 20);
    store_close(store);
    model_deinit(&model);
    directory_delete(directory);
    free(directory);
}

START_TEST(a_full_disk_fails_the_tick_and_the_store_goes_on)
{
    full_disk(1);
    full_disk(1 << 20);
}
END_TEST

typedef struct Order {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    Timestamp last;
    int count;
} Order;

static void
order_done(void *context, Tick *tick, const Error *err)
{
    Order *order = context;
    pthread_mutex_lock(&order->lock);
    must(err == NULL);
    must(tick->timestamp > order->last);
    order->last = tick->timestamp;
    order->count++;
    pthread_cond_signal(&order->changed);
    pthread_mutex_unlock(&order->lock);
    tick_release(tick);
}

typedef struct Reader {
    Store *store;
    atomic_bool stop;
} Reader;

/* Two shards change together: no snapshot that is taken of one after the other shows less of the second. */
static void *
reader_main(void *argument)
{
    Reader *reader = argument;
    while (!atomic_load(&reader->stop)) {
        ShardSnapshot first, second;
        must(store_snapshot(reader->store, 7, &first));
        must(store_snapshot(reader->store, 8, &second));
        must(first.rows->upper <= second.rows->upper);
        Timestamp time = first.rows->upper - 1;
        if (time >= second.rows->since)
            contents_expect_equal(contents_of_scan(first.rows, time), contents_of_cursor(second.rows, time));
        spine_snapshot_release(first.rows);
        spine_snapshot_release(first.errors);
        spine_snapshot_release(second.rows);
        spine_snapshot_release(second.errors);
    }
    return NULL;
}

START_TEST(queued_ticks_are_done_in_order_while_readers_see_whole_ones)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, 2000, 20);
    Model model;
    model_init(&model, 4);
    TickCommit *commit = commit_at(1);
    commit_create(commit, 7, false);
    commit_create(commit, 8, false);
    store_commit_expect(store, commit);
    Reader reader = {.store = store};
    pthread_t thread;
    pthread_create(&thread, NULL, reader_main, &reader);
    Order order = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    for (Timestamp time = 2; time < 400; time++) {
        commit = commit_at(time);
        Chunk *chunk = model_chunk(&model, time % 50 == 0 ? 200 : 5, time, time + 1);
        commit_rows(commit, 7, chunk_retain(chunk));
        commit_rows(commit, 8, chunk);
        store_commit(store, commit, order_done, &order);
        if (time % 3 == 0) /* idle time does not pass commits that are on their way */
            store_advance(store, time + 1000000);
        pthread_mutex_lock(&order.lock);
        while ((int) time - 2 - order.count > 30)
            pthread_cond_wait(&order.changed, &order.lock);
        bool all = order.count == (int) time - 1;
        pthread_mutex_unlock(&order.lock);
        if (all && time % 3 == 0)
            break; /* nothing was on its way: time did move on, and no later tick can come before it */
    }
    pthread_mutex_lock(&order.lock);
    while (order.last + 2 < model.updates.items[model.updates.count - 1].time + 2)
        pthread_cond_wait(&order.changed, &order.lock);
    pthread_mutex_unlock(&order.lock);
    atomic_store(&reader.stop, true);
    pthread_join(thread, NULL);
    store_close(store);
    store = store_open_at(directory, 2000, 20);
    Timestamp last = store_timestamp(store);
    ck_assert_uint_eq(last, order.last);
    shard_expect(store, 7, &model, last, last + 1);
    shard_expect(store, 8, &model, last, last + 1);
    store_close(store);
    model_deinit(&model);
    directory_delete(directory);
    free(directory);
}
END_TEST

START_TEST(blobs_of_many_ticks_are_merged_in_the_background)
{
    char *directory = directory_temporary();
    Store *store = store_open_at(directory, 1, 5);
    Model model;
    model_init(&model, 6);
    TickCommit *commit = commit_at(1);
    commit_create(commit, 7, false);
    store_commit_expect(store, commit);
    Timestamp time = 1;
    for (int i = 0; i < 30; i++) {
        time += 100;
        commit = commit_at(time);
        commit_rows(commit, 7, model_chunk(&model, 200, time, time + 1));
        store_commit_expect(store, commit);
    }
    StoreStatistics statistics = {0};
    for (int waits = 0; waits < 500 && (statistics.compactions == 0 || blob_count(directory) > 16); waits++) {
        usleep(10000);
        store_statistics(store, &statistics);
    }
    ck_assert_uint_gt(statistics.compactions, 0);
    ck_assert_uint_le(blob_count(directory), 16);
    shard_expect(store, 7, &model, time - 200, time + 1);
    store_close(store);
    store = store_open_at(directory, 1, 5);
    shard_expect(store, 7, &model, time - 200, time + 1);
    store_close(store);
    model_deinit(&model);
    directory_delete(directory);
    free(directory);
}
END_TEST

Suite *suite_storage_store(void);

Suite *
suite_storage_store(void)
{
    Suite *suite = suite_create("storage/store");
    TCase *cases = tcase_create("store");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_shard_says_what_was_committed_with_everything_inline);
    tcase_add_test(cases, a_shard_says_what_was_committed_with_small_blobs_and_frequent_checkpoints);
    tcase_add_test(cases, a_replacement_retracts_what_was_there_and_tells_followers);
    tcase_add_test(cases, errors_lie_beside_rows_and_come_back);
    tcase_add_test(cases, meta_records_are_as_the_last_tick_left_them);
    tcase_add_test(cases, shards_are_made_and_dropped_by_ticks_and_their_blobs_go);
    tcase_add_test(cases, timestamps_only_increase);
    tcase_add_test(cases, an_ephemeral_shard_is_written_like_another_and_forgotten);
    tcase_add_test(cases, since_follows_a_second_behind_but_for_holds_and_the_tick_before);
    tcase_add_test(cases, a_directory_that_is_open_or_of_another_format_is_refused);
    tcase_add_test(cases, a_blob_that_is_missing_is_named_at_open);
    tcase_add_test(cases, a_full_disk_fails_the_tick_and_the_store_goes_on);
    tcase_add_test(cases, queued_ticks_are_done_in_order_while_readers_see_whole_ones);
    tcase_add_test(cases, blobs_of_many_ticks_are_merged_in_the_background);
    suite_add_tcase(suite, cases);
    return suite;
}
