#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/map.h"

static Map *map;

static void
setup(void)
{
    map = map_new();
}

static void
teardown(void)
{
    map_free(map);
}

static int marks[1000];

START_TEST(what_was_put_is_found)
{
    ck_assert_ptr_null(map_get_text(map, "a"));
    ck_assert_ptr_null(map_put(map, slice_of("a"), &marks[0]));
    ck_assert_ptr_null(map_put(map, slice_of(""), &marks[1]));
    ck_assert_ptr_null(map_put(map, slice_of("a key that is longer than sixteen bytes"), &marks[2]));
    ck_assert_ptr_eq(map_get_text(map, "a"), &marks[0]);
    ck_assert_ptr_eq(map_get_text(map, ""), &marks[1]);
    ck_assert_ptr_eq(map_get_text(map, "a key that is longer than sixteen bytes"), &marks[2]);
    ck_assert_ptr_null(map_get_text(map, "b"));
    ck_assert_uint_eq(map_count(map), 3);
}
END_TEST

START_TEST(keys_are_copied)
{
    char key[] = "another key that is longer than sixteen bytes";
    map_put(map, slice_of(key), &marks[0]);
    key[0] = 'A';
    ck_assert_ptr_null(map_get_text(map, key));
    ck_assert_ptr_eq(map_get_text(map, "another key that is longer than sixteen bytes"), &marks[0]);
}
END_TEST

START_TEST(putting_again_returns_what_it_replaces)
{
    map_put(map, slice_of("a"), &marks[0]);
    ck_assert_ptr_eq(map_put(map, slice_of("a"), &marks[1]), &marks[0]);
    ck_assert_ptr_eq(map_get_text(map, "a"), &marks[1]);
    ck_assert_uint_eq(map_count(map), 1);
}
END_TEST

START_TEST(what_was_removed_is_gone)
{
    map_put(map, slice_of("a"), &marks[0]);
    ck_assert_ptr_eq(map_remove(map, slice_of("a")), &marks[0]);
    ck_assert_ptr_null(map_remove(map, slice_of("a")));
    ck_assert_ptr_null(map_get_text(map, "a"));
    ck_assert_uint_eq(map_count(map), 0);
    map_put(map, slice_of("a"), &marks[1]);
    ck_assert_ptr_eq(map_get_text(map, "a"), &marks[1]);
}
END_TEST

START_TEST(iteration_follows_insertion)
{
    for (uint64_t i = 0; i < 1000; i++)
        map_put_u64(map, i * 0x10000, &marks[i]);
    Slice key;
    void *value;
    int seen = 0;
    for (size_t i = 0; map_next(map, &i, &key, &value);) {
        ck_assert_ptr_eq(value, &marks[seen++]);
        ck_assert_uint_eq(key.size, 8);
    }
    ck_assert_int_eq(seen, 1000);
}
END_TEST

START_TEST(the_entry_just_returned_may_be_removed)
{
    for (uint64_t i = 0; i < 1000; i++)
        map_put_u64(map, i, &marks[i]);
    Slice key;
    void *value;
    for (size_t i = 0; map_next(map, &i, &key, &value);)
        if ((int *) value - marks != 500)
            ck_assert_ptr_eq(map_remove(map, key), value);
    ck_assert_uint_eq(map_count(map), 1);
    ck_assert_ptr_eq(map_get_u64(map, 500), &marks[500]);
}
END_TEST

START_TEST(a_long_life_of_changes_keeps_map_and_model_equal)
{
    enum { KEYS = 300 };
    int *model[KEYS] = {0};
    size_t count = 0;
    srand(1);
    for (int step = 0; step < 200000; step++) {
        int key = rand() % KEYS;
        int *value = &marks[rand() % 1000];
        char text[64];
        snprintf(text, sizeof text, key % 2 == 0 ? "%d" : "a longer name for number %d", key);
        if (rand() % 2 == 0) {
            ck_assert_ptr_eq(map_put(map, slice_of(text), value), model[key]);
            count += model[key] == NULL;
            model[key] = value;
        } else {
            ck_assert_ptr_eq(map_remove(map, slice_of(text)), model[key]);
            count -= model[key] != NULL;
            model[key] = NULL;
        }
        ck_assert_uint_eq(map_count(map), count);
        ck_assert_ptr_eq(map_get_text(map, text), model[key]);
    }
}
END_TEST

START_TEST(hashes_are_the_same_on_every_run)
{
    ck_assert_uint_eq(hash_bytes("", 0), 0x2d06800538d394c2);
    ck_assert_uint_eq(hash_bytes("freshet", 7), hash_bytes("freshet", 7));
    ck_assert_uint_ne(hash_bytes("freshet", 7), hash_bytes("freshes", 7));
    ck_assert_uint_eq(hash_u64(0), 0);
    ck_assert_uint_ne(hash_combine(1, 2), hash_combine(2, 1));
    ck_assert_uint_ne(checksum_bytes("a", 1), checksum_bytes("b", 1));
}
END_TEST

Suite *suite_base_map(void);

Suite *
suite_base_map(void)
{
    Suite *suite = suite_create("base map");
    TCase *group = tcase_create("map, hash");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, what_was_put_is_found);
    tcase_add_test(group, keys_are_copied);
    tcase_add_test(group, putting_again_returns_what_it_replaces);
    tcase_add_test(group, what_was_removed_is_gone);
    tcase_add_test(group, iteration_follows_insertion);
    tcase_add_test(group, the_entry_just_returned_may_be_removed);
    tcase_add_test(group, a_long_life_of_changes_keeps_map_and_model_equal);
    tcase_add_test(group, hashes_are_the_same_on_every_run);
    suite_add_tcase(suite, group);
    return suite;
}
