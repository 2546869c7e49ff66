#include <check.h>
#include <stdlib.h>

#include "server/pgwire/message.h"

static Arena *arena;
static Buffer out;
static Error err;

static void
setup(void)
{
    arena = arena_new();
    out = (Buffer){0};
    err = ERROR_INIT;
}

static void
teardown(void)
{
    arena_free(arena);
    buffer_deinit(&out);
    error_clear(&err);
}

/* A copy of the exact size, so that a sanitizer sees a read past its end; in the arena. */
static Slice
exactly(const void *bytes, size_t size)
{
    char *copy = arena_alloc(arena, size + 1);
    memcpy(copy, bytes, size);
    return slice_make(copy, size);
}

#define BYTES(text) exactly(text, sizeof(text) - 1)

static void
assert_sent(const void *bytes, size_t size)
{
    ck_assert_uint_eq(out.size, size);
    ck_assert_mem_eq(out.bytes, bytes, size);
}

#define SENT(text) assert_sent(text, sizeof(text) - 1)

/* ---- frames ---- */

START_TEST(a_frame_is_complete_with_its_last_byte)
{
    char type;
    Slice body;
    size_t size;
    Slice input = BYTES("Q\0\0\0\7ab\0Z");
    for (size_t taken = 0; taken < 8; taken++)
        ck_assert_int_eq(frame_next(slice_make(input.bytes, taken), 100, &type, &body, &size, &err), FRAME_INCOMPLETE);
    ck_assert_int_eq(frame_next(input, 100, &type, &body, &size, &err), FRAME_COMPLETE);
    ck_assert_int_eq(type, 'Q');
    ck_assert_uint_eq(size, 8);
    ck_assert(slice_equal(body, slice_make("ab", 3)));
}
END_TEST

START_TEST(a_frame_may_have_no_body)
{
    char type;
    Slice body;
    size_t size;
    ck_assert_int_eq(frame_next(BYTES("S\0\0\0\4"), 100, &type, &body, &size, &err), FRAME_COMPLETE);
    ck_assert_uint_eq(body.size, 0);
    ck_assert_uint_eq(size, 5);
}
END_TEST

START_TEST(a_frame_of_an_impossible_length_is_refused_at_once)
{
    static const char inputs[][6] = {"Q\0\0\0\3", "Q\0\0\0\0", "Q\xff\xff\xff\xff", "Q\0\0\0\x65", "\0\x7f\0\0\0"};
    char type;
    Slice body;
    size_t size;
    ck_assert_int_eq(frame_next(exactly(inputs[_i], 5), 100, &type, &body, &size, &err), FRAME_INVALID);
    ck_assert_str_eq(err.sqlstate, SQLSTATE_PROTOCOL_VIOLATION);
}
END_TEST

START_TEST(a_startup_packet_is_complete_with_its_last_byte)
{
    uint32_t code;
    Slice body;
    size_t size;
    Slice input = BYTES("\0\0\0\x12\0\3\0\0user\0me\0\0\0");
    for (size_t taken = 0; taken < 18; taken++)
        ck_assert_int_eq(frame_startup(slice_make(input.bytes, taken), &code, &body, &size, &err), FRAME_INCOMPLETE);
    ck_assert_int_eq(frame_startup(input, &code, &body, &size, &err), FRAME_COMPLETE);
    ck_assert_uint_eq(code, STARTUP_PROTOCOL_3);
    ck_assert_uint_eq(size, 18);
    ck_assert_uint_eq(body.size, 10);
}
END_TEST

START_TEST(a_startup_packet_of_an_impossible_length_is_refused)
{
    static const char inputs[][5] = {"\0\0\0\7", "\0\0\0\0", "\0\0\x27\x11", "GET ", "\x16\3\1\2"};
    uint32_t code;
    Slice body;
    size_t size;
    ck_assert_int_eq(frame_startup(exactly(inputs[_i], 4), &code, &body, &size, &err), FRAME_INVALID);
    ck_assert_str_eq(err.sqlstate, SQLSTATE_PROTOCOL_VIOLATION);
}
END_TEST

/* ---- reading ---- */

START_TEST(after_a_read_past_the_end_everything_is_empty)
{
    MessageReader reader = {.rest = BYTES("\1\2\3")};
    ck_assert_int_eq(read_i16(&reader), 0x0102);
    ck_assert_int_eq(read_i32(&reader), 0);
    ck_assert(reader.failed);
    ck_assert_int_eq(read_u8(&reader), 0);
    ck_assert_int_eq(read_i16(&reader), 0);
    ck_assert_str_eq(read_text(&reader), "");
    ck_assert_uint_eq(read_bytes(&reader, 0).size, 0);
    ck_assert(!read_is_done(&reader));
}
END_TEST

START_TEST(a_text_without_its_end_is_not_read)
{
    MessageReader reader = {.rest = BYTES("abc")};
    ck_assert_str_eq(read_text(&reader), "");
    ck_assert(reader.failed);
}
END_TEST

START_TEST(a_size_beyond_the_body_is_not_read)
{
    MessageReader reader = {.rest = BYTES("abc")};
    ck_assert_uint_eq(read_bytes(&reader, SIZE_MAX).size, 0);
    ck_assert(reader.failed);
}
END_TEST

START_TEST(what_is_left_over_is_noticed)
{
    MessageReader reader = {.rest = BYTES("a\0b")};
    ck_assert_str_eq(read_text(&reader), "a");
    ck_assert(!read_is_done(&reader));
    ck_assert_int_eq(read_u8(&reader), 'b');
    ck_assert(read_is_done(&reader));
}
END_TEST

START_TEST(a_parse_message_is_taken_apart)
{
    ParseMessage message;
    ck_assert(parse_message_read(BYTES("s1\0SELECT $1\0\0\2\0\0\0\x17\0\0\0\0"), arena, &message));
    ck_assert_str_eq(message.name, "s1");
    ck_assert(slice_equal(message.sql, slice_of("SELECT $1")));
    ck_assert_int_eq(message.oid_count, 2);
    ck_assert_uint_eq(message.oids[0], 23);
    ck_assert_uint_eq(message.oids[1], 0);
}
END_TEST

START_TEST(a_parse_message_cut_anywhere_is_malformed)
{
    Slice whole = BYTES("s1\0SELECT $1\0\0\2\0\0\0\x17\0\0\0\0");
    ParseMessage message;
    for (size_t size = 0; size < whole.size; size++)
        ck_assert_msg(!parse_message_read(exactly(whole.bytes, size), arena, &message), "at %zu", size);
    ck_assert(!parse_message_read(BYTES("\0\0\0\0x"), arena, &message));
    ck_assert(!parse_message_read(BYTES("\0\0\xff\xff\0\0\0\1"), arena, &message));
}
END_TEST

static const char bind_bytes[] = "p\0s\0\0\2\0\0\0\1\0\3\0\0\0\2ab\xff\xff\xff\xff\0\0\0\0\0\1\0\1";

START_TEST(a_bind_message_is_taken_apart)
{
    BindMessage message;
    ck_assert(bind_message_read(exactly(bind_bytes, sizeof bind_bytes - 1), arena, &message));
    ck_assert_str_eq(message.portal, "p");
    ck_assert_str_eq(message.statement, "s");
    ck_assert_int_eq(message.format_count, 2);
    ck_assert_int_eq(message.formats[0], 0);
    ck_assert_int_eq(message.formats[1], 1);
    ck_assert_int_eq(message.value_count, 3);
    ck_assert(slice_equal(message.values[0], slice_of("ab")));
    ck_assert_ptr_null(message.values[1].bytes);
    ck_assert_ptr_nonnull(message.values[2].bytes);
    ck_assert_uint_eq(message.values[2].size, 0);
    ck_assert_int_eq(message.result_format_count, 1);
    ck_assert_int_eq(message.result_formats[0], 1);
}
END_TEST

START_TEST(a_bind_message_cut_anywhere_is_malformed)
{
    BindMessage message;
    for (size_t size = 0; size < sizeof bind_bytes - 1; size++)
        ck_assert_msg(!bind_message_read(exactly(bind_bytes, size), arena, &message), "at %zu", size);
}
END_TEST

START_TEST(a_bind_message_that_promises_too_much_is_malformed)
{
    BindMessage message;
    ck_assert(!bind_message_read(BYTES("\0\0\xff\xff\0\0"), arena, &message));                 /* formats */
    ck_assert(!bind_message_read(BYTES("\0\0\0\0\xff\xff\0\0\0\0\0\0"), arena, &message));     /* values */
    ck_assert(!bind_message_read(BYTES("\0\0\0\0\0\1\x7f\xff\xff\xff\0\0"), arena, &message)); /* a value's size */
    ck_assert(!bind_message_read(BYTES("\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"), arena, &message)); /* size -2 */
    ck_assert(!bind_message_read(BYTES("\0\0\0\1\0\2\0\0\0\0"), arena, &message));             /* format 2 */
    ck_assert(!bind_message_read(BYTES("\0\0\0\1\xff\xff\0\0\0\0"), arena, &message));         /* format -1 */
    ck_assert(!bind_message_read(BYTES("\0\0\0\0\0\0\0\0\0"), arena, &message));               /* a byte more */
}
END_TEST

/* ---- writing ---- */

START_TEST(small_messages_are_these_bytes)
{
    send_authentication(&out, 10, slice_make("SCRAM-SHA-256\0", 15));
    send_parameter_status(&out, "TimeZone", "UTC");
    send_backend_key(&out, 7, 0x01020304);
    send_ready(&out, 'T');
    send_empty(&out, '1');
    send_command_complete(&out, "SELECT 3");
    SENT("R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"
         "S\0\0\0\x11TimeZone\0UTC\0"
         "K\0\0\0\x0c\0\0\0\7\1\2\3\4"
         "Z\0\0\0\5T"
         "1\0\0\0\4"
         "C\0\0\0\x0dSELECT 3\0");
}
END_TEST

START_TEST(an_error_has_the_fields_that_are_known)
{
    error_at(&err, 8, SQLSTATE_UNDEFINED_COLUMN, "no column");
    error_hint(&err, "Look.");
    send_error(&out, "ERROR", &err);
    SENT("E\0\0\0\x2fSERROR\0VERROR\0C42703\0Mno column\0HLook.\0P8\0\0");
}
END_TEST

START_TEST(a_notice_looks_like_an_error_without_a_position)
{
    Notice notice = {.severity = "NOTICE", .sqlstate = "00000", .message = "well", .detail = "So."};
    send_notice(&out, &notice);
    SENT("N\0\0\0\x27SNOTICE\0VNOTICE\0C00000\0Mwell\0DSo.\0\0");
}
END_TEST

START_TEST(a_row_description_tells_types_and_formats)
{
    RelationColumn columns[] = {{.name = "a", .type = SQL_TYPE(INT4)}, {.name = "b", .type = SQL_TYPE(TEXT)}};
    RelationDesc desc = {.columns = columns, .column_count = 2};
    send_row_description(&out, &desc, (int16_t[]){1}, 1);
    SENT("T\0\0\0\x2e\0\2"
         "a\0\0\0\0\0\0\0\0\0\0\x17\0\4\xff\xff\xff\xff\0\1"
         "b\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\1");
}
END_TEST

START_TEST(parameters_and_copies_are_described)
{
    send_parameter_description(&out, (uint32_t[]){23, 25}, 2);
    send_copy_response(&out, 'G', 2, true);
    send_copy_data(&out, "x\n", 2);
    SENT("t\0\0\0\x0e\0\2\0\0\0\x17\0\0\0\x19"
         "G\0\0\0\x0b\1\0\2\0\1\0\1"
         "d\0\0\0\6x\n");
}
END_TEST

START_TEST(rows_are_text_or_binary_column_by_column)
{
    SqlType types[] = {SQL_TYPE(INT4), SQL_TYPE(INT4), SQL_TYPE(TEXT)};
    RelationColumn columns[] = {
        {.name = "a", .type = types[0]}, {.name = "b", .type = types[1]}, {.name = "c", .type = types[2]}};
    RelationDesc desc = {.columns = columns, .column_count = 3};
    ChunkBuilder builder;
    chunk_builder_init(&builder, types, 3);
    for (int i = 0; i < 3; i++) {
        column_builder_append(&builder.columns[0], (Datum){.i = 10 + i});
        column_builder_append(&builder.columns[1], (Datum){.i = 10 + i});
        column_builder_append_null(&builder.columns[2]);
        chunk_builder_end_row(&builder, 0, 1);
    }
    Chunk *chunk = chunk_builder_finish(&builder);
    TextStyle style = {0};
    send_rows(&out, &desc, (int16_t[]){0, 1, 0}, 3, &style, chunk, 1, 2);
    SENT("D\0\0\0\x18\0\3\0\0\0\2"
         "11\0\0\0\4\0\0\0\x0b\xff\xff\xff\xff"
         "D\0\0\0\x18\0\3\0\0\0\2"
         "12\0\0\0\4\0\0\0\x0c\xff\xff\xff\xff");
    chunk_release(chunk);
    chunk_builder_deinit(&builder);
}
END_TEST

START_TEST(one_format_stands_for_all_columns_and_none_for_text)
{
    ck_assert_int_eq(column_format(NULL, 0, 5), 0);
    ck_assert_int_eq(column_format((int16_t[]){1}, 1, 5), 1);
    ck_assert_int_eq(column_format((int16_t[]){1, 0}, 2, 1), 0);
}
END_TEST

Suite *suite_server_message(void);

Suite *
suite_server_message(void)
{
    Suite *suite = suite_create("server message");
    TCase *tcase = tcase_create("message");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_frame_is_complete_with_its_last_byte);
    tcase_add_test(tcase, a_frame_may_have_no_body);
    tcase_add_loop_test(tcase, a_frame_of_an_impossible_length_is_refused_at_once, 0, 5);
    tcase_add_test(tcase, a_startup_packet_is_complete_with_its_last_byte);
    tcase_add_loop_test(tcase, a_startup_packet_of_an_impossible_length_is_refused, 0, 5);
    tcase_add_test(tcase, after_a_read_past_the_end_everything_is_empty);
    tcase_add_test(tcase, a_text_without_its_end_is_not_read);
    tcase_add_test(tcase, a_size_beyond_the_body_is_not_read);
    tcase_add_test(tcase, what_is_left_over_is_noticed);
    tcase_add_test(tcase, a_parse_message_is_taken_apart);
    tcase_add_test(tcase, a_parse_message_cut_anywhere_is_malformed);
    tcase_add_test(tcase, a_bind_message_is_taken_apart);
    tcase_add_test(tcase, a_bind_message_cut_anywhere_is_malformed);
    tcase_add_test(tcase, a_bind_message_that_promises_too_much_is_malformed);
    tcase_add_test(tcase, small_messages_are_these_bytes);
    tcase_add_test(tcase, an_error_has_the_fields_that_are_known);
    tcase_add_test(tcase, a_notice_looks_like_an_error_without_a_position);
    tcase_add_test(tcase, a_row_description_tells_types_and_formats);
    tcase_add_test(tcase, parameters_and_copies_are_described);
    tcase_add_test(tcase, rows_are_text_or_binary_column_by_column);
    tcase_add_test(tcase, one_format_stands_for_all_columns_and_none_for_text);
    suite_add_tcase(suite, tcase);
    return suite;
}
