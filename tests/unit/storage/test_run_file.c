#include <check.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "collection/cursor.h"
#include "storage/run_file.h"
#include "tests/unit/storage/fixture.h"

static void
run_write(Blob *blob, const char *name, Run *run, bool relative)
{
    RunFileWriter *writer;
    Error err = ERROR_INIT;
    ck_assert(run_file_create(blob, name, run->layout, run->row_count, relative, &writer, &err));
    for (uint32_t i = 0; i < run->chunk_count; i++)
        ck_assert(run_file_sink(writer)->emit(run_file_sink(writer), chunk_retain(run->chunks[i]), &err));
    uint64_t rows;
    ck_assert(run_file_finish(writer, run->collisions, &rows, NULL, &err));
    ck_assert_uint_eq(rows, run->row_count);
}

static bool
run_read_all(Run *run, Error *err)
{
    for (uint32_t i = 0; i < run->chunk_count; i++) {
        Chunk *chunk;
        if (!run_chunk(run, i, &chunk, err))
            return false;
    }
    return true;
}

START_TEST(a_run_comes_back_from_its_file_as_it_was)
{
    char *directory = directory_temporary();
    Layout *layout = model_layout();
    Blob *blob;
    Error err = ERROR_INIT;
    ck_assert(blob_file_open(directory, &blob, &err));
    uint32_t sizes[] = {1, 10, 500, 40000};
    for (int i = 0; i < 4; i++) {
        Model model;
        model_init(&model, 5 + (uint64_t) i);
        VECTOR(ModelUpdate) updates = {0};
        for (uint32_t row = 0; row < sizes[i]; row++) {
            ModelUpdate update = {.id = sizes[i] > 10 ? row : MODEL_NULL,
                                  .name = (int32_t) (row % 7),
                                  .time = row % 3,
                                  .diff = 1 + row % 2};
            vector_push(&updates, update);
        }
        Chunk *chunk = model_chunk_of(updates.items, sizes[i]);
        Run *run = run_build(layout, &chunk, 1, 0, 3), *read;
        run_write(blob, "run", run, false);
        ck_assert_msg(run_file_open(blob, "run", layout, 0, 3, 0, &read, &err), "%s", err.message);
        ck_assert_uint_eq(read->row_count, run->row_count);
        ck_assert_uint_eq(read->chunk_count, run->chunk_count);
        ck_assert_uint_eq(read->directory_bits, run->directory_bits);
        ck_assert_str_eq(run_file_name(read), "run");
        for (Timestamp time = 0; time < 3; time++) {
            SpineSnapshot *before = spine_snapshot_new(layout, &run, 1, 0, 3);
            SpineSnapshot *after = spine_snapshot_new(layout, &read, 1, 0, 3);
            contents_expect_equal(contents_of_scan(before, time), contents_of_scan(after, time));
            contents_expect_equal(contents_of_scan(before, time), contents_of_cursor(after, time));
            spine_snapshot_release(before);
            spine_snapshot_release(after);
        }
        run_release(read);
        run_release(run);
        chunk_release(chunk);
        vector_deinit(&updates);
        ck_assert(blob->vtable->remove(blob, "run", &err));
    }
    blob->vtable->close(blob);
    layout_release(layout);
    directory_delete(directory);
    free(directory);
}
END_TEST

START_TEST(a_relative_file_takes_the_time_of_whoever_refers_to_it)
{
    char *directory = directory_temporary();
    Layout *layout = model_layout();
    Blob *blob;
    Error err = ERROR_INIT;
    ck_assert(blob_file_open(directory, &blob, &err));
    ModelUpdate updates[] = {{.id = 1, .diff = 1}, {.id = 2, .diff = 3}};
    Chunk *chunk = model_chunk_of(updates, 2);
    Run *run = run_build(layout, &chunk, 1, 0, 1), *read;
    run_write(blob, "run", run, true);
    ck_assert(run_file_open(blob, "run", layout, 70, 71, 0, &read, &err));
    Chunk *loaded;
    ck_assert(run_chunk(read, 0, &loaded, &err));
    ck_assert_uint_eq(chunk_time(loaded, 0), 70);
    run_release(read);
    run_release(run);
    chunk_release(chunk);
    blob->vtable->close(blob);
    layout_release(layout);
    directory_delete(directory);
    free(directory);
}
END_TEST

START_TEST(every_byte_that_is_flipped_is_found_and_the_file_named)
{
    char *directory = directory_temporary();
    Layout *layout = model_layout();
    Blob *blob;
    Error err = ERROR_INIT;
    ck_assert(blob_file_open(directory, &blob, &err));
    Model model;
    model_init(&model, 1);
    Chunk *chunk = model_chunk(&model, 60, 0, 3);
    Run *run = run_build(layout, &chunk, 1, 0, 3);
    run_write(blob, "run", run, false);
    Buffer path = {0};
    buffer_printf(&path, "%s/run", directory);
    size_t size;
    char *bytes = bytes_read(buffer_text(&path), &size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= (char) (1 << i % 8);
        bytes_write(buffer_text(&path), bytes, size);
        Run *read = NULL;
        bool found = !run_file_open(blob, "run", layout, 0, 3, 0, &read, &err) || !run_read_all(read, &err);
        ck_assert_msg(found, "byte %zu of %zu", i, size);
        /* A version that is not ours is refused before its checksum can be known. */
        ck_assert_msg(strcmp(err.sqlstate, SQLSTATE_DATA_CORRUPTED) == 0, "byte %zu: %s", i, err.message);
        ck_assert_ptr_nonnull(strstr(err.message, buffer_text(&path)));
        error_clear(&err);
        run_release(read);
        bytes[i] ^= (char) (1 << i % 8);
    }
    for (size_t cut = 0; cut < size; cut += 8) {
        bytes_write(buffer_text(&path), bytes, cut);
        Run *read = NULL;
        ck_assert(!run_file_open(blob, "run", layout, 0, 3, 0, &read, &err));
        ck_assert_str_eq(err.sqlstate, SQLSTATE_DATA_CORRUPTED);
        error_clear(&err);
    }
    free(bytes);
    buffer_deinit(&path);
    run_release(run);
    chunk_release(chunk);
    model_deinit(&model);
    blob->vtable->close(blob);
    layout_release(layout);
    directory_delete(directory);
    free(directory);
}
END_TEST

START_TEST(a_cursor_over_a_damaged_chunk_ends_and_says_so)
{
    char *directory = directory_temporary();
    Layout *layout = model_layout();
    Blob *blob;
    Error err = ERROR_INIT;
    ck_assert(blob_file_open(directory, &blob, &err));
    ModelUpdate updates[] = {{.id = 1, .diff = 1}, {.id = 2, .diff = 3}};
    Chunk *chunk = model_chunk_of(updates, 2);
    Run *run = run_build(layout, &chunk, 1, 0, 1), *read;
    run_write(blob, "run", run, false);
    Buffer path = {0};
    buffer_printf(&path, "%s/run", directory);
    size_t size;
    char *bytes = bytes_read(buffer_text(&path), &size);
    bytes[60] ^= 1;
    bytes_write(buffer_text(&path), bytes, size);
    ck_assert(run_file_open(blob, "run", layout, 0, 1, 0, &read, &err));
    SpineSnapshot *snapshot = spine_snapshot_new(layout, &read, 1, 0, 1);
    Cursor *cursor = cursor_new(snapshot, 0);
    ck_assert(!cursor_next_key(cursor));
    ck_assert_ptr_nonnull(cursor_failed(cursor));
    ck_assert_str_eq(cursor_failed(cursor)->sqlstate, SQLSTATE_DATA_CORRUPTED);
    cursor_free(cursor);
    spine_snapshot_release(snapshot);
    run_release(read);
    run_release(run);
    chunk_release(chunk);
    free(bytes);
    buffer_deinit(&path);
    blob->vtable->close(blob);
    layout_release(layout);
    directory_delete(directory);
    free(directory);
}
END_TEST

Suite *suite_storage_run_file(void);

Suite *
suite_storage_run_file(void)
{
    Suite *suite = suite_create("storage/run_file");
    TCase *cases = tcase_create("run_file");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_run_comes_back_from_its_file_as_it_was);
    tcase_add_test(cases, a_relative_file_takes_the_time_of_whoever_refers_to_it);
    tcase_add_test(cases, every_byte_that_is_flipped_is_found_and_the_file_named);
    tcase_add_test(cases, a_cursor_over_a_damaged_chunk_ends_and_says_so);
    suite_add_tcase(suite, cases);
    return suite;
}
