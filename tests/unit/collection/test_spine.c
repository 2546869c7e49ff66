#include <check.h>
#include <pthread.h>

#include "collection/cursor.h"
#include "collection/merge.h"
#include "collection/run_internal.h"
#include "tests/unit/collection/model.h"

static Layout *
layout_by_id(void)
{
    return layout_new(model_types, 3, (uint16_t[]){0}, 1, (SortKey[]){{.column = 1, .descending = true}}, 1);
}

/* Inserts, moves since, works: and every time that can be asked for is asked for. */
static void
spine_against_model(Layout *layout, uint64_t seed)
{
    Model model;
    model_init(&model, seed);
    Spine *spine = spine_new(layout);
    for (int step = 0; step < 40; step++) {
        Timestamp lower = spine_upper(spine), upper = lower + 1 + model_random(&model, 3);
        uint32_t count = (uint32_t) model_random(&model, step % 10 == 0 ? 300 : 20);
        Chunk *chunk = model_chunk(&model, count, lower, upper);
        Run *run = run_build(layout, &chunk, chunk == NULL ? 0 : 1, lower, upper);
        chunk_release(chunk);
        spine_insert(spine, run);
        if (model_random(&model, 3) == 0)
            spine_set_since(spine, spine_since(spine) + model_random(&model, upper - spine_since(spine)));
        if (model_random(&model, 3) == 0)
            spine_work(spine, model_random(&model, 200));
        SpineSnapshot *snapshot = spine_snapshot(spine);
        ck_assert_uint_le(snapshot->run_count, 10);
        Timestamp from = upper > 4 && snapshot->since < upper - 4 ? upper - 4 : snapshot->since;
        model_expect(&model, snapshot, from, upper);
        spine_snapshot_release(snapshot);
    }
    Timestamp upper = spine_upper(spine);
    spine_set_since(spine, upper - 1);
    while (spine_work(spine, 50))
        ;
    SpineSnapshot *snapshot = spine_snapshot(spine);
    model_expect(&model, snapshot, upper - 1, upper);
    spine_snapshot_release(snapshot);
    spine_free(spine);
    model_deinit(&model);
}

START_TEST(a_spine_by_key_says_what_the_updates_say_at_every_time)
{
    Layout *layout = layout_by_id();
    for (uint64_t seed = 1; seed <= 4; seed++)
        spine_against_model(layout, seed);
    layout_release(layout);
}
END_TEST

START_TEST(a_spine_by_all_columns_says_what_the_updates_say_at_every_time)
{
    Layout *layout = layout_new(model_types, 3, (uint16_t[]){0, 1, 2}, 3, NULL, 0);
    for (uint64_t seed = 1; seed <= 4; seed++)
        spine_against_model(layout, seed);
    layout_release(layout);
}
END_TEST

START_TEST(a_spine_without_a_key_says_what_the_updates_say_at_every_time)
{
    Layout *layout = layout_new(model_types, 3, NULL, 0, (SortKey[]){{.column = 2, .nulls_first = true}}, 1);
    for (uint64_t seed = 1; seed <= 4; seed++)
        spine_against_model(layout, seed);
    layout_release(layout);
}
END_TEST

START_TEST(rows_that_cancel_leave_nothing_once_since_has_passed_them)
{
    Layout *layout = layout_by_id();
    Spine *spine = spine_new(layout);
    for (Timestamp time = 0; time < 50; time++) {
        ModelUpdate update = {.id = 7, .time = time, .diff = time % 2 == 0 ? 1 : -1};
        Chunk *chunk = model_chunk_of(&update, 1);
        spine_insert(spine, run_build(layout, &chunk, 1, time, time + 1));
        chunk_release(chunk);
    }
    ck_assert_uint_eq(spine_row_count(spine), 50);
    spine_set_since(spine, 49);
    while (spine_work(spine, 10))
        ;
    ck_assert_uint_eq(spine_row_count(spine), 0);
    SpineSnapshot *snapshot = spine_snapshot(spine);
    ck_assert(spine_snapshot_is_empty(snapshot));
    ck_assert_uint_eq(snapshot->upper, 50);
    spine_snapshot_release(snapshot);
    spine_free(spine);
    layout_release(layout);
}
END_TEST

START_TEST(a_spine_that_is_only_inserted_into_keeps_few_runs)
{
    Layout *layout = layout_by_id();
    Spine *spine = spine_new(layout);
    for (Timestamp time = 0; time < 5000; time++) {
        ModelUpdate updates[20];
        for (int i = 0; i < 20; i++)
            updates[i] = (ModelUpdate){.id = (int64_t) time * 20 + i, .time = time, .diff = 1};
        Chunk *chunk = model_chunk_of(updates, 20);
        spine_insert(spine, run_build(layout, &chunk, 1, time, time + 1));
        chunk_release(chunk);
        SpineSnapshot *snapshot = spine_snapshot(spine);
        ck_assert_uint_le(snapshot->run_count, 24);
        spine_snapshot_release(snapshot);
    }
    ck_assert_uint_eq(spine_row_count(spine), 100000);
    spine_free(spine);
    layout_release(layout);
}
END_TEST

START_TEST(runs_below_the_floor_are_left_to_whoever_set_it)
{
    Layout *layout = layout_by_id();
    Spine *spine = spine_new(layout);
    Model model;
    model_init(&model, 3);
    for (Timestamp time = 0; time < 4; time++) {
        Chunk *chunk = model_chunk(&model, 30, time, time + 1);
        spine_push(spine, run_build(layout, &chunk, 1, time, time + 1));
        chunk_release(chunk);
        spine_set_floor(spine, time + 1);
    }
    ck_assert(!spine_work(spine, 1000));
    SpineSnapshot *before = spine_snapshot(spine);
    ck_assert_uint_eq(before->run_count, 4);
    Run *merged;
    Error err = ERROR_INIT;
    ck_assert(runs_merge(layout, before->runs + 1, 3, 0, &merged, &err));
    spine_replace(spine, before->runs + 1, 3, merged);
    SpineSnapshot *after = spine_snapshot(spine);
    ck_assert_uint_eq(after->run_count, 2);
    ck_assert_uint_eq(before->run_count, 4);
    model_expect(&model, before, 0, 4);
    model_expect(&model, after, 0, 4);
    spine_snapshot_release(before);
    spine_snapshot_release(after);
    spine_free(spine);
    layout_release(layout);
    model_deinit(&model);
}
END_TEST

typedef struct Reader {
    Spine *spine;
    atomic_bool stop;
    atomic_int reads;
} Reader;

/* Every row is there once at every time, whatever merges go on. */
static void *
reader_main(void *argument)
{
    Reader *reader = argument;
    while (!atomic_load(&reader->stop)) {
        SpineSnapshot *snapshot = spine_snapshot(reader->spine);
        if (snapshot->upper > 0) {
            Cursor *cursor = cursor_new(snapshot, snapshot->upper - 1);
            CursorRow row;
            uint64_t found = 0;
            while (cursor_next_key(cursor))
                while (cursor_row(cursor, &row))
                    found += (uint64_t) row.diff;
            must(found == snapshot->upper * 10);
            cursor_free(cursor);
            atomic_fetch_add(&reader->reads, 1);
        }
        spine_snapshot_release(snapshot);
    }
    return NULL;
}

START_TEST(a_reader_sees_whole_times_while_the_writer_merges)
{
    Layout *layout = layout_by_id();
    Reader reader = {.spine = spine_new(layout)};
    pthread_t thread;
    pthread_create(&thread, NULL, reader_main, &reader);
    for (Timestamp time = 0; time < 300 || atomic_load(&reader.reads) < 20; time++) {
        ModelUpdate updates[30];
        for (int i = 0; i < 10; i++) {
            updates[i] = (ModelUpdate){.id = (int64_t) time * 10 + i, .name = 1, .time = time, .diff = 1};
            updates[10 + i] = (ModelUpdate){.id = i, .name = (int32_t) (time % 7), .time = time, .diff = 1};
            updates[20 + i] = (ModelUpdate){.id = i, .name = (int32_t) ((time - 1) % 7), .time = time, .diff = -1};
            if (time == 0)
                updates[10 + i].diff = updates[20 + i].diff = 0;
        }
        Chunk *chunk = model_chunk_of(updates, time == 0 ? 10 : 30);
        if (time == 1) { /* the first of the rows that go round was never put in */
            chunk_release(chunk);
            chunk = model_chunk_of(updates, 10);
        }
        spine_insert(reader.spine, run_build(layout, &chunk, 1, time, time + 1));
        chunk_release(chunk);
        spine_set_since(reader.spine, time);
        spine_work(reader.spine, 100);
    }
    atomic_store(&reader.stop, true);
    pthread_join(thread, NULL);
    spine_free(reader.spine);
    layout_release(layout);
}
END_TEST

Suite *suite_collection_spine(void);

Suite *
suite_collection_spine(void)
{
    Suite *suite = suite_create("collection/spine");
    TCase *cases = tcase_create("spine");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_spine_by_key_says_what_the_updates_say_at_every_time);
    tcase_add_test(cases, a_spine_by_all_columns_says_what_the_updates_say_at_every_time);
    tcase_add_test(cases, a_spine_without_a_key_says_what_the_updates_say_at_every_time);
    tcase_add_test(cases, rows_that_cancel_leave_nothing_once_since_has_passed_them);
    tcase_add_test(cases, a_spine_that_is_only_inserted_into_keeps_few_runs);
    tcase_add_test(cases, runs_below_the_floor_are_left_to_whoever_set_it);
    tcase_add_test(cases, a_reader_sees_whole_times_while_the_writer_merges);
    suite_add_tcase(suite, cases);
    return suite;
}
