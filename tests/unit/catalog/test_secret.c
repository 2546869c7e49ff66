#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/secret.h"
#include "tests/lib/process.h"

static char *directory;
static SecretStore *store;
static Buffer path, plain;
static Error err;

static const char *
inside(const char *name)
{
    buffer_clear(&path);
    buffer_printf(&path, "%s/%s", directory, name);
    return buffer_text(&path);
}

static void
open_store(void)
{
    ck_assert_msg(secret_store_open(inside("secrets"), NULL, &store, &err), "%s", err.message);
}

static void
setup(void)
{
    directory = directory_new("secret");
    path = plain = (Buffer){0};
    err = ERROR_INIT;
    open_store();
}

static void
teardown(void)
{
    secret_store_close(store);
    directory_remove(directory);
    free(directory);
    buffer_deinit(&path);
    buffer_deinit(&plain);
    error_clear(&err);
}

static void
write_secret(ObjectId id, const char *text)
{
    ck_assert_msg(secret_write(store, id, slice_of(text), &err), "%s", err.message);
}

static bool
read_secret(ObjectId id)
{
    error_clear(&err);
    buffer_clear(&plain);
    return secret_read(store, id, &plain, &err);
}

/* Changes one byte of a file; a negative offset cuts the file short by that many bytes. */
static void
damage(const char *name, long offset)
{
    FILE *file = fopen(inside(name), "r+b");
    ck_assert_ptr_nonnull(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    if (offset < 0) {
        ck_assert_int_eq(ftruncate(fileno(file), size + offset), 0);
    } else {
        fseek(file, offset, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, offset, SEEK_SET);
        fputc(byte ^ 1, file);
    }
    fclose(file);
}

static long
file_size(const char *name)
{
    struct stat status;
    ck_assert_int_eq(stat(inside(name), &status), 0);
    return (long) status.st_size;
}

START_TEST(a_secret_comes_back_as_it_was_written)
{
    write_secret(5, "hunter2");
    ck_assert(read_secret(5));
    ck_assert(slice_equal(buffer_slice(&plain), slice_of("hunter2")));
}
END_TEST

START_TEST(any_bytes_are_a_secret)
{
    char bytes[70000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char) (i * 7);
    ck_assert(secret_write(store, 1, slice_make(bytes, sizeof bytes), &err));
    ck_assert(secret_write(store, 2, slice_make(bytes, 0), &err));
    ck_assert(read_secret(1));
    ck_assert(slice_equal(buffer_slice(&plain), slice_make(bytes, sizeof bytes)));
    ck_assert(read_secret(2));
    ck_assert_uint_eq(plain.size, 0);
}
END_TEST

START_TEST(writing_again_replaces)
{
    write_secret(5, "a much longer secret than the next one");
    write_secret(5, "short");
    ck_assert(read_secret(5));
    ck_assert(slice_equal(buffer_slice(&plain), slice_of("short")));
}
END_TEST

START_TEST(secrets_are_there_when_the_store_is_opened_again)
{
    write_secret(5, "hunter2");
    secret_store_close(store);
    open_store();
    ck_assert(read_secret(5));
    ck_assert(slice_equal(buffer_slice(&plain), slice_of("hunter2")));
}
END_TEST

START_TEST(the_file_does_not_hold_the_plain_text)
{
    write_secret(5, "hunter2hunter2");
    char *text = file_read(inside("secrets/u5"));
    long size = file_size("secrets/u5");
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_null(memmem(text, (size_t) size, "hunter2", 7));
    free(text);
}
END_TEST

START_TEST(nobody_else_may_read_the_key_or_a_secret)
{
    struct stat status;
    write_secret(5, "x");
    ck_assert_int_eq(stat(inside("secret.key"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
    ck_assert_int_eq(stat(inside("secrets/u5"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
    ck_assert_int_eq(stat(inside("secrets"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0700);
}
END_TEST

START_TEST(a_change_of_any_byte_is_found)
{
    write_secret(5, "hunter2");
    for (long i = 0; i < file_size("secrets/u5"); i++) {
        damage("secrets/u5", i);
        ck_assert_msg(!read_secret(5), "byte %ld", i);
        ck_assert_str_eq(err.sqlstate, SQLSTATE_DATA_CORRUPTED);
        ck_assert_uint_eq(plain.size, 0);
        damage("secrets/u5", i);
    }
    ck_assert(read_secret(5));
}
END_TEST

START_TEST(a_file_cut_short_is_found)
{
    write_secret(5, "hunter2");
    while (file_size("secrets/u5") > 0) {
        damage("secrets/u5", -1);
        ck_assert(!read_secret(5));
        ck_assert_str_eq(err.sqlstate, SQLSTATE_DATA_CORRUPTED);
    }
}
END_TEST

START_TEST(the_file_of_one_secret_is_not_taken_for_another)
{
    char from[512];
    write_secret(5, "hunter2");
    snprintf(from, sizeof from, "%s", inside("secrets/u5"));
    ck_assert_int_eq(rename(from, inside("secrets/u6")), 0);
    ck_assert(!read_secret(6));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_DATA_CORRUPTED);
}
END_TEST

START_TEST(another_key_is_found)
{
    write_secret(5, "hunter2");
    secret_store_close(store);
    damage("secret.key", 3);
    open_store();
    ck_assert(!read_secret(5));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_DATA_CORRUPTED);
    ck_assert_ptr_nonnull(strstr(err.message, "secret key is not the one"));
}
END_TEST

START_TEST(a_key_of_the_wrong_length_is_refused)
{
    SecretStore *other = NULL;
    ck_assert(file_write(inside("key"), "too short", &err));
    char key[512];
    snprintf(key, sizeof key, "%s", inside("key"));
    ck_assert(!secret_store_open(inside("secrets"), key, &other, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_CONFIG_FILE_ERROR);
    ck_assert_ptr_null(other);
}
END_TEST

START_TEST(a_key_file_that_was_named_is_not_made)
{
    SecretStore *other = NULL;
    char key[512];
    snprintf(key, sizeof key, "%s", inside("no-such-key"));
    ck_assert(!secret_store_open(inside("secrets"), key, &other, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_IO_ERROR);
    ck_assert_int_ne(access(key, F_OK), 0);
}
END_TEST

START_TEST(a_named_key_file_is_used)
{
    SecretStore *other;
    char key[512];
    ck_assert(file_write(inside("key"), "0123456789abcdef0123456789abcdef", &err));
    snprintf(key, sizeof key, "%s", inside("key"));
    ck_assert_msg(secret_store_open(inside("others"), key, &other, &err), "%s", err.message);
    ck_assert(secret_write(other, 5, slice_of("x"), &err));
    ck_assert(secret_read(other, 5, &plain, &err));
    secret_store_close(other);
}
END_TEST

START_TEST(what_is_removed_is_gone_and_may_be_removed_again)
{
    write_secret(5, "hunter2");
    ck_assert(secret_remove(store, 5, &err));
    ck_assert(!read_secret(5));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_IO_ERROR);
    error_clear(&err);
    ck_assert(secret_remove(store, 5, &err));
}
END_TEST

START_TEST(wiping_leaves_nothing)
{
    buffer_append_text(&plain, "hunter2");
    secret_wipe(&plain);
    ck_assert_uint_eq(plain.size, 0);
    ck_assert_ptr_null(memmem(plain.bytes, plain.capacity, "hunter2", 7));
    Buffer empty = {0};
    secret_wipe(&empty);
}
END_TEST

Suite *suite_catalog_secret(void);

Suite *
suite_catalog_secret(void)
{
    Suite *suite = suite_create("catalog secret");
    TCase *tcase = tcase_create("secret");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_secret_comes_back_as_it_was_written);
    tcase_add_test(tcase, any_bytes_are_a_secret);
    tcase_add_test(tcase, writing_again_replaces);
    tcase_add_test(tcase, secrets_are_there_when_the_store_is_opened_again);
    tcase_add_test(tcase, the_file_does_not_hold_the_plain_text);
    tcase_add_test(tcase, nobody_else_may_read_the_key_or_a_secret);
    tcase_add_test(tcase, a_change_of_any_byte_is_found);
    tcase_add_test(tcase, a_file_cut_short_is_found);
    tcase_add_test(tcase, the_file_of_one_secret_is_not_taken_for_another);
    tcase_add_test(tcase, another_key_is_found);
    tcase_add_test(tcase, a_key_of_the_wrong_length_is_refused);
    tcase_add_test(tcase, a_key_file_that_was_named_is_not_made);
    tcase_add_test(tcase, a_named_key_file_is_used);
    tcase_add_test(tcase, what_is_removed_is_gone_and_may_be_removed_again);
    tcase_add_test(tcase, wiping_leaves_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}
