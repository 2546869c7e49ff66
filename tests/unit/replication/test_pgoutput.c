#include <check.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "replication/postgres/copy_binary.h"
#include "replication/postgres/pgoutput.h"

static PgoutputDecoder decoder;
static Buffer bytes;
static Error err;

static void
begin(void)
{
    decoder = (PgoutputDecoder){0};
    bytes = (Buffer){0};
    err = ERROR_INIT;
}

static void
end(void)
{
    pgoutput_decoder_deinit(&decoder);
    buffer_deinit(&bytes);
    error_clear(&err);
}

static void
put_tuple(char part, const char *value)
{
    buffer_append_char(&bytes, part);
    buffer_append_be16(&bytes, 3);
    buffer_append_char(&bytes, 'n');
    buffer_append_char(&bytes, 'u');
    buffer_append_char(&bytes, 't');
    buffer_append_be32(&bytes, (uint32_t) strlen(value));
    buffer_append_text(&bytes, value);
}

static void
put_update(void)
{
    buffer_append_char(&bytes, 'U');
    buffer_append_be32(&bytes, 16384);
    put_tuple('O', "old");
    put_tuple('N', "newer");
}

static void
put_relation(void)
{
    buffer_append_char(&bytes, 'R');
    buffer_append_be32(&bytes, 16384);
    buffer_append(&bytes, "public", 7);
    buffer_append(&bytes, "t", 2);
    buffer_append_char(&bytes, 'f');
    buffer_append_be16(&bytes, 1);
    buffer_append_char(&bytes, 1);
    buffer_append(&bytes, "id", 3);
    buffer_append_be32(&bytes, 23);
    buffer_append_be32(&bytes, UINT32_MAX);
}

START_TEST(an_update_has_the_old_and_the_new_row)
{
    PgoutputMessage message;
    put_update();
    ck_assert(pgoutput_decode(&decoder, buffer_slice(&bytes), &message, &err));
    ck_assert_int_eq(message.kind, PGOUTPUT_UPDATE);
    ck_assert_uint_eq(message.relation, 16384);
    ck_assert(message.has_old && !message.old_is_key);
    ck_assert_uint_eq(message.new_row.count, 3);
    ck_assert_int_eq(message.new_row.values[0].kind, VALUE_NULL);
    ck_assert_int_eq(message.new_row.values[1].kind, VALUE_UNCHANGED);
    ck_assert_uint_eq(message.new_row.values[2].size, 5);
    ck_assert_mem_eq(message.new_row.values[2].bytes, "newer", 5);
    ck_assert_mem_eq(message.old_row.values[2].bytes, "old", 3);
}
END_TEST

START_TEST(a_relation_names_its_columns)
{
    PgoutputMessage message;
    put_relation();
    ck_assert(pgoutput_decode(&decoder, buffer_slice(&bytes), &message, &err));
    ck_assert_str_eq(message.schema, "public");
    ck_assert_str_eq(message.name, "t");
    ck_assert_uint_eq(message.column_count, 1);
    ck_assert_str_eq(message.columns[0].name, "id");
    ck_assert_uint_eq(message.columns[0].type_oid, 23);
    ck_assert_int_eq(message.columns[0].typmod, -1);
}
END_TEST

START_TEST(a_truncate_lists_its_relations)
{
    PgoutputMessage message;
    buffer_append_char(&bytes, 'T');
    buffer_append_be32(&bytes, 2);
    buffer_append_char(&bytes, 3);
    buffer_append_be32(&bytes, 5);
    buffer_append_be32(&bytes, 6);
    ck_assert(pgoutput_decode(&decoder, buffer_slice(&bytes), &message, &err));
    ck_assert_uint_eq(message.truncated_count, 2);
    ck_assert_uint_eq(message.truncated[1], 6);
}
END_TEST

START_TEST(a_message_that_is_cut_short_anywhere_is_refused)
{
    void (*const makers[])(void) = {put_update, put_relation};
    for (int i = 0; i < 2; i++) {
        buffer_clear(&bytes);
        makers[i]();
        for (size_t size = 0; size < bytes.size; size++) {
            /* In memory of its own, so that reading behind it is noticed. */
            char *cut = malloc(size + 1);
            memcpy(cut, bytes.bytes, size);
            PgoutputMessage message;
            ck_assert(!pgoutput_decode(&decoder, slice_make(cut, size), &message, &err));
            ck_assert_str_eq(err.sqlstate, SQLSTATE_PROTOCOL_VIOLATION);
            error_clear(&err);
            free(cut);
        }
    }
}
END_TEST

START_TEST(a_message_with_more_behind_it_is_refused)
{
    PgoutputMessage message;
    put_update();
    buffer_append_char(&bytes, 0);
    ck_assert(!pgoutput_decode(&decoder, buffer_slice(&bytes), &message, &err));
}
END_TEST

START_TEST(lengths_beyond_the_message_are_refused)
{
    PgoutputMessage message;
    buffer_append_char(&bytes, 'T');
    buffer_append_be32(&bytes, UINT32_MAX);
    buffer_append_char(&bytes, 0);
    ck_assert(!pgoutput_decode(&decoder, buffer_slice(&bytes), &message, &err));
    error_clear(&err);
    buffer_clear(&bytes);
    buffer_append_char(&bytes, 'I');
    buffer_append_be32(&bytes, 1);
    buffer_append_char(&bytes, 'N');
    buffer_append_be16(&bytes, 1);
    buffer_append_char(&bytes, 'b');
    buffer_append_be32(&bytes, 0x7fffffff);
    ck_assert(!pgoutput_decode(&decoder, buffer_slice(&bytes), &message, &err));
}
END_TEST

/* ---- COPY ---- */

static void
put_header(void)
{
    buffer_append(&bytes, "PGCOPY\n\377\r\n\0", 11);
    buffer_append_be32(&bytes, 0);
    buffer_append_be32(&bytes, 0);
}

static void
put_row(uint32_t number, const char *text)
{
    buffer_append_be16(&bytes, 2);
    buffer_append_be32(&bytes, 4);
    buffer_append_be32(&bytes, number);
    buffer_append_be32(&bytes, text == NULL ? UINT32_MAX : (uint32_t) strlen(text));
    if (text != NULL)
        buffer_append_text(&bytes, text);
}

static const SqlType copy_types[] = {{.id = TYPE_INT4, .typmod = -1}, {.id = TYPE_TEXT, .typmod = -1}};

typedef struct Copied {
    RowDecoder decoder;
    CopyReader reader;
    ChunkBuilder builder;
} Copied;

static void
copied_init(Copied *copied)
{
    row_decoder_init(&copied->decoder, copy_types, (const bool[]){false, false}, 2);
    copied->reader = (CopyReader){.decoder = &copied->decoder};
    chunk_builder_init(&copied->builder, copy_types, 2);
}

static void
copied_deinit(Copied *copied)
{
    chunk_builder_deinit(&copied->builder);
    row_decoder_deinit(&copied->decoder);
}

START_TEST(rows_of_a_copy_become_rows_of_a_chunk)
{
    Copied copied;
    copied_init(&copied);
    put_header();
    put_row(7, "seven");
    put_row(8, NULL);
    ck_assert(copy_binary_frame(&copied.reader, buffer_slice(&bytes), &copied.builder, &err));
    ck_assert(!copied.reader.ended);
    buffer_clear(&bytes);
    buffer_append_be16(&bytes, UINT16_MAX);
    ck_assert(copy_binary_frame(&copied.reader, buffer_slice(&bytes), &copied.builder, &err));
    ck_assert(copied.reader.ended);
    ck_assert(row_decoder_check_text(&copied.decoder, &copied.builder, 0, &err));
    Chunk *chunk = chunk_builder_finish(&copied.builder);
    ck_assert_uint_eq(chunk->count, 2);
    ck_assert_int_eq(column_datum(chunk->columns[0], copy_types[0], 1).i, 8);
    ck_assert(column_is_null(chunk->columns[1], 1));
    chunk_release(chunk);
    copied_deinit(&copied);
}
END_TEST

START_TEST(a_copy_that_is_cut_short_leaves_whole_rows_only)
{
    put_header();
    put_row(7, "seven");
    size_t whole = bytes.size;
    put_row(8, "eight");
    for (size_t size = 1; size < bytes.size; size++) {
        Copied copied;
        copied_init(&copied);
        char *cut = malloc(size);
        memcpy(cut, bytes.bytes, size);
        bool ok = copy_binary_frame(&copied.reader, slice_make(cut, size), &copied.builder, &err);
        ck_assert_int_eq(ok, size == whole || size == 19);
        Chunk *chunk = chunk_builder_finish(&copied.builder);
        ck_assert_uint_eq(chunk == NULL ? 0 : chunk->count, size >= whole);
        chunk_release(chunk);
        error_clear(&err);
        free(cut);
        copied_deinit(&copied);
    }
}
END_TEST

START_TEST(text_that_is_no_utf8_is_found)
{
    Copied copied;
    copied_init(&copied);
    put_header();
    put_row(1, "plain");
    put_row(2, "h\xc3\xa9llo");
    ck_assert(copy_binary_frame(&copied.reader, buffer_slice(&bytes), &copied.builder, &err));
    ck_assert(row_decoder_check_text(&copied.decoder, &copied.builder, 0, &err));
    buffer_clear(&bytes);
    put_row(3, "\xff");
    ck_assert(copy_binary_frame(&copied.reader, buffer_slice(&bytes), &copied.builder, &err));
    ck_assert(!row_decoder_check_text(&copied.decoder, &copied.builder, 0, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE);
    copied_deinit(&copied);
}
END_TEST

START_TEST(a_copy_with_other_columns_is_refused)
{
    Copied copied;
    copied_init(&copied);
    put_header();
    buffer_append_be16(&bytes, 3);
    ck_assert(!copy_binary_frame(&copied.reader, buffer_slice(&bytes), &copied.builder, &err));
    ck_assert_str_eq(err.message, "unexpected number of columns while parsing COPY output");
    copied_deinit(&copied);
}
END_TEST

Suite *suite_replication_pgoutput(void);

Suite *
suite_replication_pgoutput(void)
{
    Suite *suite = suite_create("replication_pgoutput");
    TCase *tcase = tcase_create("messages");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, an_update_has_the_old_and_the_new_row);
    tcase_add_test(tcase, a_relation_names_its_columns);
    tcase_add_test(tcase, a_truncate_lists_its_relations);
    tcase_add_test(tcase, a_message_that_is_cut_short_anywhere_is_refused);
    tcase_add_test(tcase, a_message_with_more_behind_it_is_refused);
    tcase_add_test(tcase, lengths_beyond_the_message_are_refused);
    tcase_add_test(tcase, rows_of_a_copy_become_rows_of_a_chunk);
    tcase_add_test(tcase, a_copy_that_is_cut_short_leaves_whole_rows_only);
    tcase_add_test(tcase, text_that_is_no_utf8_is_found);
    tcase_add_test(tcase, a_copy_with_other_columns_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
