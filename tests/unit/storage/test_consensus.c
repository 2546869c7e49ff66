#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "storage/consensus.h"
#include "tests/unit/storage/fixture.h"

static char *
path_in(const char *directory, const char *name)
{
    Buffer path = {0};
    buffer_printf(&path, "%s/%s", directory, name);
    return buffer_take(&path);
}

static Consensus *
consensus_at(const char *path)
{
    Consensus *consensus;
    Error err = ERROR_INIT;
    ck_assert_msg(consensus_sqlite_open(path, &consensus, &err), "%s", err.message);
    return consensus;
}

static bool
put(Consensus *consensus, const char *key, uint64_t expected, const char *value, Error *err)
{
    ConsensusWrite write = {.key = slice_of(key), .expected_sequence = expected, .new_sequence = expected + 1};
    if (value != NULL)
        write.value = slice_of(value);
    return consensus->vtable->commit(consensus, &write, 1, err);
}

static bool
print_each(void *context, Slice key, uint64_t sequence, Slice value, Error *err)
{
    (void) err;
    buffer_printf(context, "%.*s@%d=%.*s ", (int) key.size, key.bytes, (int) sequence, (int) value.size, value.bytes);
    return true;
}

static char *
print(Consensus *consensus, const char *prefix)
{
    Buffer text = {0};
    Error err = ERROR_INIT;
    ck_assert(consensus->vtable->scan(consensus, slice_of(prefix), print_each, &text, &err));
    return buffer_take(&text);
}

static void
expect(Consensus *consensus, const char *prefix, const char *expected)
{
    char *found = print(consensus, prefix);
    ck_assert_str_eq(found, expected);
    free(found);
}

START_TEST(records_are_written_where_the_sequence_is_the_expected_one)
{
    char *directory = directory_temporary(), *path = path_in(directory, "c");
    Consensus *consensus = consensus_at(path);
    Error err = ERROR_INIT;
    ck_assert(put(consensus, "b/2", 0, "two", &err));
    ck_assert(put(consensus, "b/1", 0, "", &err));
    ck_assert(put(consensus, "a", 0, "x", &err));
    ck_assert(put(consensus, "b/2", 1, "TWO", &err));
    expect(consensus, "b/", "b/1@1= b/2@2=TWO ");
    ck_assert(!put(consensus, "b/2", 1, "again", &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_SERIALIZATION_FAILURE);
    error_clear(&err);
    ck_assert(!put(consensus, "a", 0, "again", &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_SERIALIZATION_FAILURE);
    error_clear(&err);
    ck_assert(!put(consensus, "c", 1, NULL, &err));
    error_clear(&err);
    ck_assert(put(consensus, "b/1", 1, NULL, &err));
    consensus->vtable->close(consensus);
    consensus = consensus_at(path);
    expect(consensus, "", "a@1=x b/2@2=TWO ");
    consensus->vtable->close(consensus);
    directory_delete(directory);
    free(path);
    free(directory);
}
END_TEST

START_TEST(a_transaction_is_applied_whole_or_not_at_all)
{
    char *directory = directory_temporary(), *path = path_in(directory, "c");
    Consensus *consensus = consensus_at(path);
    Error err = ERROR_INIT;
    ck_assert(put(consensus, "a", 0, "1", &err));
    ConsensusWrite writes[] = {
        {.key = slice_of("b"), .new_sequence = 1, .value = slice_of("2")},
        {.key = slice_of("a"), .expected_sequence = 7, .new_sequence = 8, .value = slice_of("3")},
    };
    ck_assert(!consensus->vtable->commit(consensus, writes, 2, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_SERIALIZATION_FAILURE);
    error_clear(&err);
    expect(consensus, "", "a@1=1 ");
    writes[1].expected_sequence = 1;
    ck_assert(consensus->vtable->commit(consensus, writes, 2, &err));
    expect(consensus, "", "a@8=3 b@1=2 ");
    consensus->vtable->close(consensus);
    directory_delete(directory);
    free(path);
    free(directory);
}
END_TEST

/* Opens and reads all. False: damage was found. */
static bool
reads_as(const char *path, const char *expected, Error *err)
{
    Consensus *consensus;
    if (!consensus_sqlite_open(path, &consensus, err))
        return false;
    Buffer text = {0};
    bool ok = consensus->vtable->scan(consensus, slice_of(""), print_each, &text, err);
    if (ok)
        ck_assert_str_eq(buffer_text(&text), expected);
    buffer_deinit(&text);
    consensus->vtable->close(consensus);
    return ok;
}

START_TEST(a_flipped_byte_of_the_database_is_found_or_changes_nothing)
{
    char *directory = directory_temporary(), *path = path_in(directory, "c"), *wal = path_in(directory, "c-wal");
    Consensus *consensus = consensus_at(path);
    Error err = ERROR_INIT;
    for (int i = 0; i < 40; i++) {
        char key[32], value[200];
        snprintf(key, sizeof key, "shard/%d", i);
        memset(value, 'a' + i % 26, sizeof value - 1);
        value[sizeof value - 1] = '\0';
        ck_assert(put(consensus, key, 0, value, &err));
    }
    char *contents = print(consensus, "");
    consensus->vtable->close(consensus);
    size_t size, found = 0, tried = 0;
    char *bytes = bytes_read(path, &size);
    for (size_t i = 0; i < size; i += i < 112 ? 1 : 101) {
        bytes[i] ^= (char) (1 << i % 8);
        bytes_write(path, bytes, size);
        unlink(wal);
        tried++;
        if (!reads_as(path, contents, &err)) {
            found++;
            ck_assert_msg(strcmp(err.sqlstate, SQLSTATE_DATA_CORRUPTED) == 0 ||
                              strcmp(err.sqlstate, SQLSTATE_FEATURE_NOT_SUPPORTED) == 0,
                          "byte %zu: %s %s", i, err.sqlstate, err.message);
            ck_assert_ptr_nonnull(strstr(err.message, path));
            error_clear(&err);
        }
        bytes[i] ^= (char) (1 << i % 8);
    }
    ck_assert_uint_gt(found, tried / 4);
    free(bytes);
    free(contents);
    directory_delete(directory);
    free(wal);
    free(path);
    free(directory);
}
END_TEST

START_TEST(a_flipped_byte_of_the_log_is_found_unless_it_is_in_the_last_commit)
{
    char *directory = directory_temporary(), *path = path_in(directory, "c"), *wal = path_in(directory, "c-wal");
    char *copy = path_in(directory, "d"), *copy_wal = path_in(directory, "d-wal");
    Consensus *consensus = consensus_at(path);
    Error err = ERROR_INIT;
    size_t before_last = 0;
    char *bytes;
    for (int i = 0; i < 8; i++) {
        char key[32];
        snprintf(key, sizeof key, "k%d", i);
        bytes = bytes_read(wal, &before_last);
        free(bytes);
        ck_assert(put(consensus, key, 0, "value", &err));
    }
    char *contents = print(consensus, "");
    /* As a crash would leave them. */
    size_t database_size, size;
    char *database = bytes_read(path, &database_size);
    bytes = bytes_read(wal, &size);
    consensus->vtable->close(consensus);
    ck_assert_uint_gt(size, before_last);
    for (size_t i = 0; i < before_last; i += i < 60 ? 3 : 331) {
        bytes[i] ^= (char) (1 << i % 8);
        bytes_write(copy, database, database_size);
        bytes_write(copy_wal, bytes, size);
        ck_assert_msg(!reads_as(copy, contents, &err), "byte %zu of %zu", i, size);
        ck_assert_str_eq(err.sqlstate, SQLSTATE_DATA_CORRUPTED);
        ck_assert_ptr_nonnull(strstr(err.message, copy_wal));
        error_clear(&err);
        bytes[i] ^= (char) (1 << i % 8);
    }
    bytes_write(copy, database, database_size);
    bytes_write(copy_wal, bytes, size);
    ck_assert(reads_as(copy, contents, &err));
    /* A log that ends in the middle of a frame is one that a crash cut off. */
    bytes_write(copy, database, database_size);
    bytes_write(copy_wal, bytes, before_last + (size - before_last) / 2);
    Consensus *cut = consensus_at(copy);
    expect(cut, "k6", "k6@1=value ");
    expect(cut, "k7", "");
    cut->vtable->close(cut);
    free(database);
    free(bytes);
    free(contents);
    directory_delete(directory);
    free(copy);
    free(copy_wal);
    free(wal);
    free(path);
    free(directory);
}
END_TEST

START_TEST(a_file_that_is_no_database_of_ours_is_refused)
{
    char *directory = directory_temporary(), *path = path_in(directory, "c");
    const char *text = "this is not a database, but it is long enough to be read as one, so that it is refused";
    bytes_write(path, text, strlen(text));
    Consensus *consensus;
    Error err = ERROR_INIT;
    ck_assert(!consensus_sqlite_open(path, &consensus, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_DATA_CORRUPTED);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    error_clear(&err);
    directory_delete(directory);
    free(path);
    free(directory);
}
END_TEST

Suite *suite_storage_consensus(void);

Suite *
suite_storage_consensus(void)
{
    Suite *suite = suite_create("storage/consensus");
    TCase *cases = tcase_create("consensus");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, records_are_written_where_the_sequence_is_the_expected_one);
    tcase_add_test(cases, a_transaction_is_applied_whole_or_not_at_all);
    tcase_add_test(cases, a_flipped_byte_of_the_database_is_found_or_changes_nothing);
    tcase_add_test(cases, a_flipped_byte_of_the_log_is_found_unless_it_is_in_the_last_commit);
    tcase_add_test(cases, a_file_that_is_no_database_of_ours_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
