#include <check.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/vector.h"

START_TEST(bytes_are_appended_in_order)
{
    Buffer buffer = {0};
    buffer_append(&buffer, "ab", 2);
    buffer_append(&buffer, NULL, 0);
    buffer_append_text(&buffer, "cd");
    buffer_append_char(&buffer, 'e');
    buffer_append_slice(&buffer, slice_of("fg"));
    buffer_printf(&buffer, "%03d", 7);
    ck_assert_str_eq(buffer_text(&buffer), "abcdefg007");
    ck_assert_uint_eq(buffer.size, 10);
    buffer_clear(&buffer);
    ck_assert_str_eq(buffer_text(&buffer), "");
    buffer_deinit(&buffer);
    ck_assert_ptr_null(buffer.bytes);
}
END_TEST

START_TEST(integers_are_written_in_both_orders)
{
    static const uint8_t expected[] = {1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1};
    Buffer buffer = {0};
    buffer_append_be16(&buffer, 0x0102);
    buffer_append_be32(&buffer, 0x01020304);
    buffer_append_be64(&buffer, 0x0102030405060708);
    buffer_append_le32(&buffer, 0x01020304);
    buffer_append_le64(&buffer, 0x0102030405060708);
    ck_assert(slice_equal(buffer_slice(&buffer), slice_make(expected, sizeof expected)));
    ck_assert_uint_eq(be16_read(buffer.bytes), 0x0102);
    ck_assert_uint_eq(be32_read(buffer.bytes + 2), 0x01020304);
    ck_assert_uint_eq(be64_read(buffer.bytes + 6), 0x0102030405060708);
    buffer_set_be32(&buffer, 2, 0xdeadbeef);
    ck_assert_uint_eq(be32_read(buffer.bytes + 2), 0xdeadbeef);
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(a_long_print_grows_the_buffer)
{
    Buffer buffer = {0};
    buffer_append_text(&buffer, "x");
    buffer_printf(&buffer, "%500d", 1);
    buffer_printf(&buffer, "%500d", 2);
    ck_assert_uint_eq(buffer.size, 1001);
    ck_assert_int_eq(buffer.bytes[500], '1');
    ck_assert_int_eq(buffer.bytes[1000], '2');
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(taken_text_leaves_an_empty_buffer)
{
    Buffer buffer = {0};
    buffer_append_text(&buffer, "mine");
    char *text = buffer_take(&buffer);
    ck_assert_str_eq(text, "mine");
    ck_assert_uint_eq(buffer.size, 0);
    free(text);
    text = buffer_take(&buffer);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(text_moves_to_an_arena)
{
    Arena *arena = arena_new();
    Buffer buffer = {0};
    ck_assert_str_eq(buffer_to_arena(&buffer, arena), "");
    buffer_append_text(&buffer, "there");
    ck_assert_str_eq(buffer_to_arena(&buffer, arena), "there");
    ck_assert_ptr_null(buffer.bytes);
    arena_free(arena);
}
END_TEST

START_TEST(slices_compare_by_bytes)
{
    ck_assert_int_lt(slice_compare(slice_of("a"), slice_of("ab")), 0);
    ck_assert_int_gt(slice_compare(slice_of("b"), slice_of("ab")), 0);
    ck_assert_int_gt(slice_compare(slice_of("\xff"), slice_of("a")), 0);
    ck_assert_int_eq(slice_compare(slice_make(NULL, 0), slice_of("")), 0);
    ck_assert(slice_equal(slice_make(NULL, 0), slice_of("")));
    ck_assert(!slice_equal(slice_of("a"), slice_of("b")));
}
END_TEST

START_TEST(letters_fold_when_case_is_ignored)
{
    ck_assert(slice_equal_nocase(slice_of("SeLect_1"), "sElECT_1"));
    ck_assert(!slice_equal_nocase(slice_of("select"), "selec"));
    ck_assert(!slice_equal_nocase(slice_of("selec"), "select"));
    ck_assert(!slice_equal_nocase(slice_make("a\0b", 3), "a"));
    ck_assert(!slice_equal_nocase(slice_of("["), "{"));
    ck_assert(slice_equal_nocase(slice_of(""), ""));
}
END_TEST

START_TEST(a_vector_grows_and_shrinks)
{
    VECTOR(int) numbers = {0};
    for (int i = 0; i < 1000; i++)
        vector_push(&numbers, i);
    ck_assert_uint_eq(numbers.count, 1000);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(numbers.items[i], i);
    vector_remove(&numbers, 0);
    vector_remove(&numbers, 998);
    ck_assert_uint_eq(numbers.count, 998);
    ck_assert_int_eq(numbers.items[0], 1);
    ck_assert_int_eq(vector_pop(&numbers), 998);
    vector_reserve(&numbers, 5000);
    ck_assert_uint_ge(numbers.capacity, 5000);
    vector_deinit(&numbers);
    ck_assert_uint_eq(numbers.count, 0);
}
END_TEST

Suite *suite_base_buffer(void);

Suite *
suite_base_buffer(void)
{
    Suite *suite = suite_create("base buffer");
    TCase *group = tcase_create("buffer, slice, vector");
    tcase_add_test(group, bytes_are_appended_in_order);
    tcase_add_test(group, integers_are_written_in_both_orders);
    tcase_add_test(group, a_long_print_grows_the_buffer);
    tcase_add_test(group, taken_text_leaves_an_empty_buffer);
    tcase_add_test(group, text_moves_to_an_arena);
    tcase_add_test(group, slices_compare_by_bytes);
    tcase_add_test(group, letters_fold_when_case_is_ignored);
    tcase_add_test(group, a_vector_grows_and_shrinks);
    suite_add_tcase(suite, group);
    return suite;
}
