#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

static Arena *arena;

static void
setup(void)
{
    arena = arena_new();
}

static void
teardown(void)
{
    arena_free(arena);
}

static bool
is_zero(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

START_TEST(memory_is_zeroed_aligned_and_its_own)
{
    char *previous_end = NULL;
    for (size_t size = 1; size < 5000; size += 37) {
        char *memory = arena_alloc(arena, size);
        ck_assert_uint_eq((uintptr_t) memory % 16, 0);
        ck_assert(is_zero(memory, size));
        ck_assert(memory != previous_end);
        memset(memory, 0xff, size);
        previous_end = memory;
    }
}
END_TEST

START_TEST(a_large_request_leaves_the_rest_of_a_block_in_use)
{
    char *before = arena_alloc(arena, 16);
    char *large = arena_alloc(arena, 10 << 20);
    char *after = arena_alloc(arena, 16);
    ck_assert_ptr_eq(after, before + 16);
    large[(10 << 20) - 1] = 1;
    ck_assert_uint_ge(arena_bytes(arena), 10 << 20);
}
END_TEST

START_TEST(a_reset_arena_gives_memory_back_and_is_zeroed_again)
{
    size_t first = arena_bytes(arena);
    char *memory = arena_alloc(arena, 100);
    memset(memory, 0xff, 100);
    for (int i = 0; i < 1000; i++)
        arena_alloc(arena, 1000);
    ck_assert_uint_gt(arena_bytes(arena), 1000 * 1000);
    arena_reset(arena);
    ck_assert_uint_eq(arena_bytes(arena), first);
    char *again = arena_alloc(arena, 100);
    ck_assert_ptr_eq(again, memory);
    ck_assert(is_zero(again, 100));
}
END_TEST

START_TEST(text_is_copied_with_an_end)
{
    char source[] = "freshet";
    char *copy = arena_strdup(arena, source);
    char *part = arena_strndup(arena, source, 5);
    source[0] = 'x';
    ck_assert_str_eq(copy, "freshet");
    ck_assert_str_eq(part, "fresh");
    ck_assert_str_eq(arena_strndup(arena, NULL, 0), "");
}
END_TEST

START_TEST(printed_text_may_be_of_any_length)
{
    ck_assert_str_eq(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
    char *wide = arena_printf(arena, "%1000d", 5);
    ck_assert_uint_eq(strlen(wide), 1000);
    ck_assert_int_eq(wide[999], '5');
}
END_TEST

START_TEST(no_arena_can_be_freed)
{
    arena_free(NULL);
}
END_TEST

Suite *suite_base_arena(void);

Suite *
suite_base_arena(void)
{
    Suite *suite = suite_create("base arena");
    TCase *group = tcase_create("arena");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, memory_is_zeroed_aligned_and_its_own);
    tcase_add_test(group, a_large_request_leaves_the_rest_of_a_block_in_use);
    tcase_add_test(group, a_reset_arena_gives_memory_back_and_is_zeroed_again);
    tcase_add_test(group, text_is_copied_with_an_end);
    tcase_add_test(group, printed_text_may_be_of_any_length);
    tcase_add_test(group, no_arena_can_be_freed);
    suite_add_tcase(suite, group);
    return suite;
}
