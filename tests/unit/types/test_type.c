#include <check.h>
#include <string.h>

#include "types/type.h"

static Arena *arena;
static Error err;

static void
setup(void)
{
    arena = arena_new();
    err = ERROR_INIT;
}

static void
teardown(void)
{
    error_clear(&err);
    arena_free(arena);
}

static SqlType
with_typmod(SqlType type, int32_t typmod)
{
    type.typmod = typmod;
    return type;
}

START_TEST(types_print_as_format_type_prints_them)
{
    const struct {
        SqlType type;
        const char *text;
    } rows[] = {
        {SQL_TYPE(INT4), "integer"},
        {SQL_TYPE(CHAR), "\"char\""},
        {with_typmod(SQL_TYPE(VARCHAR), 24), "character varying(20)"},
        {with_typmod(SQL_ARRAY(VARCHAR), 24), "character varying(20)[]"},
        {with_typmod(SQL_TYPE(BPCHAR), 5), "character(1)"},
        {SQL_TYPE(NUMERIC), "numeric"},
        {with_typmod(SQL_TYPE(NUMERIC), (10 << 16 | 2) + 4), "numeric(10,2)"},
        {with_typmod(SQL_TYPE(NUMERIC), (10 << 16 | (-2 & 2047)) + 4), "numeric(10,-2)"},
        {with_typmod(SQL_ARRAY(NUMERIC), (10 << 16 | 2) + 4), "numeric(10,2)[]"},
        {with_typmod(SQL_TYPE(TIMESTAMP), 3), "timestamp(3) without time zone"},
        {with_typmod(SQL_TYPE(TIMESTAMPTZ), 0), "timestamp(0) with time zone"},
        {with_typmod(SQL_TYPE(TIMETZ), 2), "time(2) with time zone"},
        {with_typmod(SQL_TYPE(INTERVAL), 32767 << 16 | 3), "interval(3)"},
        {with_typmod(SQL_TYPE(INTERVAL), 6 << 16 | 65535), "interval year to month"},
        {with_typmod(SQL_TYPE(INTERVAL), 7176 << 16 | 2), "interval day to second(2)"},
        {with_typmod(SQL_TYPE(BIT), 3), "bit(3)"},
        {SQL_ARRAY(TIMESTAMPTZ), "timestamp with time zone[]"},
        {(SqlType){.id = TYPE_LIST, .element = TYPE_INT4, .typmod = -1}, "integer list"},
        {(SqlType){.id = TYPE_MAP, .element = TYPE_TEXT, .typmod = -1}, "map[text=>text]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_str_eq(type_format(rows[i].type, arena), rows[i].text);
}
END_TEST

START_TEST(types_are_found_by_every_name)
{
    static const struct {
        const char *name;
        TypeId id;
        TypeId element;
    } rows[] = {
        {"int", TYPE_INT4, TYPE_UNKNOWN},
        {"int8", TYPE_INT8, TYPE_UNKNOWN},
        {"string", TYPE_TEXT, TYPE_UNKNOWN},
        {"double precision", TYPE_FLOAT8, TYPE_UNKNOWN},
        {"character varying", TYPE_VARCHAR, TYPE_UNKNOWN},
        {"char", TYPE_BPCHAR, TYPE_UNKNOWN},
        {"\"char\"", TYPE_CHAR, TYPE_UNKNOWN},
        {"timestamp with time zone", TYPE_TIMESTAMPTZ, TYPE_UNKNOWN},
        {"time", TYPE_TIME, TYPE_UNKNOWN},
        {"int4[]", TYPE_ARRAY, TYPE_INT4},
        {"int4[][]", TYPE_ARRAY, TYPE_INT4},
        {"_int4", TYPE_ARRAY, TYPE_INT4},
        {"text list", TYPE_LIST, TYPE_TEXT},
    };
    SqlType type;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(type_from_name(rows[i].name, &type), "%s", rows[i].name);
        ck_assert_msg(type.id == rows[i].id && type.element == rows[i].element, "%s", rows[i].name);
        ck_assert_int_eq(type.typmod, -1);
    }
    static const char *const unknown[] = {"", "inte", "int4 ", "[]", " list", "_nothing", "anyarray", "INT4"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        ck_assert_msg(!type_from_name(unknown[i], &type), "%s", unknown[i]);
}
END_TEST

START_TEST(oids_lead_back_to_their_types)
{
    for (int id = 0; id < TYPE_COUNT; id++) {
        SqlType type = type_of_id((TypeId) id), found;
        ck_assert(type_from_oid(type_oid(type), -1, &found));
        ck_assert_msg(type_same(type, found), "%s", type_pg_name(type));
        if (type_array_oid(type) == 0)
            continue;
        SqlType array = type_array_of(type);
        ck_assert_uint_eq(type_oid(array), type_array_oid(type));
        ck_assert(type_from_oid(type_oid(array), -1, &found));
        ck_assert_msg(type_same(array, found), "%s", type_pg_name(array));
    }
    SqlType none;
    ck_assert(!type_from_oid(0, -1, &none));
    ck_assert(!type_from_oid(4294967295u, -1, &none));
}
END_TEST

START_TEST(catalog_names_are_postgresql_s)
{
    ck_assert_str_eq(type_pg_name(SQL_TYPE(INT4)), "int4");
    ck_assert_str_eq(type_pg_name(SQL_ARRAY(INT4)), "_int4");
    ck_assert_str_eq(type_pg_name(SQL_TYPE(CHAR)), "char");
    ck_assert_str_eq(type_pg_name(SQL_ARRAY(CHAR)), "_char");
    ck_assert_str_eq(type_pg_name(SQL_TYPE(BPCHAR)), "bpchar");
    ck_assert_str_eq(type_pg_name(SQL_TYPE(NUMERIC)), "numeric");
}
END_TEST

START_TEST(an_array_keeps_its_element_s_modifier)
{
    SqlType array = type_array_of(with_typmod(SQL_TYPE(VARCHAR), 24));
    ck_assert_int_eq(type_element_of(array).id, TYPE_VARCHAR);
    ck_assert_int_eq(type_element_of(array).typmod, 24);
    ck_assert_int_eq(type_array_of(array).element, TYPE_VARCHAR);
    ck_assert(type_same(array, SQL_ARRAY(VARCHAR)));
    ck_assert(!type_same(array, SQL_ARRAY(TEXT)));
}
END_TEST

START_TEST(modifiers_become_postgresql_s_typmod)
{
    SqlType type = SQL_TYPE(NUMERIC);
    ck_assert(type_apply_modifiers(&type, (int64_t[]){10, 2}, 2, &err));
    ck_assert_int_eq(type.typmod, (10 << 16 | 2) + 4);
    ck_assert(type_apply_modifiers(&type, (int64_t[]){3, -2}, 2, &err));
    ck_assert_str_eq(type_format(type, arena), "numeric(3,-2)");
    type = SQL_ARRAY(VARCHAR);
    ck_assert(type_apply_modifiers(&type, (int64_t[]){20}, 1, &err));
    ck_assert_int_eq(type.typmod, 24);
    type = SQL_TYPE(TIMESTAMP);
    ck_assert(type_apply_modifiers(&type, (int64_t[]){9}, 1, &err));
    ck_assert_int_eq(type.typmod, 6);
    type = SQL_TYPE(INTERVAL);
    ck_assert(type_apply_modifiers(&type, (int64_t[]){3}, 1, &err));
    ck_assert_str_eq(type_format(type, arena), "interval(3)");
    type = SQL_TYPE(TEXT);
    ck_assert(type_apply_modifiers(&type, NULL, 0, &err));
    ck_assert_int_eq(type.typmod, -1);
}
END_TEST

START_TEST(wrong_modifiers_are_refused_in_postgresql_s_words)
{
    const struct {
        SqlType type;
        int64_t modifiers[3];
        int count;
        const char *sqlstate;
        const char *message;
    } rows[] = {
        {SQL_TYPE(NUMERIC), {0}, 1, "22023", "NUMERIC precision 0 must be between 1 and 1000"},
        {SQL_TYPE(NUMERIC), {1001}, 1, "22023", "NUMERIC precision 1001 must be between 1 and 1000"},
        {SQL_TYPE(NUMERIC), {5, 1001}, 2, "22023", "NUMERIC scale 1001 must be between -1000 and 1000"},
        {SQL_TYPE(NUMERIC), {1, 2, 3}, 3, "22023", "invalid NUMERIC type modifier"},
        {SQL_TYPE(VARCHAR), {0}, 1, "22023", "length for type varchar must be at least 1"},
        {SQL_TYPE(BPCHAR), {10485761}, 1, "22023", "length for type char cannot exceed 10485760"},
        {SQL_TYPE(VARCHAR), {1, 2}, 2, "22023", "invalid type modifier"},
        {SQL_TYPE(BIT), {0}, 1, "22023", "length for type bit must be at least 1"},
        {SQL_TYPE(VARBIT), {83886081}, 1, "22023", "length for type varbit cannot exceed 83886080"},
        {SQL_TYPE(TIMESTAMPTZ), {-1}, 1, "22023", "TIMESTAMP(-1) WITH TIME ZONE precision must not be negative"},
        {SQL_TYPE(TIME), {-1}, 1, "22023", "TIME(-1) precision must not be negative"},
        {SQL_TYPE(INTERVAL), {-1}, 1, "22023", "INTERVAL(-1) precision must not be negative"},
        {SQL_TYPE(INT4), {3}, 1, "42601", "type modifier is not allowed for type \"int4\""},
        {SQL_ARRAY(TEXT), {3}, 1, "42601", "type modifier is not allowed for type \"text\""},
        {SQL_TYPE(NUMERIC),
         {INT64_MAX},
         1,
         "22023",
         "NUMERIC precision 9223372036854775807 must be between 1 and 1000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        SqlType type = rows[i].type;
        ck_assert(!type_apply_modifiers(&type, rows[i].modifiers, rows[i].count, &err));
        ck_assert_str_eq(err.message, rows[i].message);
        ck_assert_str_eq(err.sqlstate, rows[i].sqlstate);
        ck_assert_int_eq(type.typmod, -1);
        error_clear(&err);
    }
}
END_TEST

START_TEST(records_are_the_same_when_their_fields_are)
{
    TypeDetail *a = type_detail_new(arena, 2);
    a->count = 2;
    a->fields[0] = (RecordField){"x", SQL_TYPE(INT4)};
    a->fields[1] = (RecordField){"y", SQL_TYPE(TEXT)};
    TypeDetail *b = type_detail_new(arena, 2);
    memcpy(b, a, sizeof(TypeDetail) + 2 * sizeof(RecordField));
    SqlType x = {.id = TYPE_RECORD, .typmod = -1, .detail = a}, y = {.id = TYPE_RECORD, .typmod = -1, .detail = b};
    ck_assert(type_same(x, y));
    b->fields[1].type = SQL_TYPE(VARCHAR);
    ck_assert(!type_same(x, y));
    b->fields[1] = (RecordField){"z", SQL_TYPE(TEXT)};
    ck_assert(!type_same(x, y));
    ck_assert(!type_same(x, SQL_TYPE(RECORD)));
}
END_TEST

START_TEST(families_are_told_apart)
{
    ck_assert(type_is_range(SQL_TYPE(DATERANGE)));
    ck_assert(!type_is_range(SQL_TYPE(DATE)) && !type_is_range(SQL_TYPE(DATEMULTIRANGE)));
    ck_assert(type_is_multirange(SQL_TYPE(DATEMULTIRANGE)) && !type_is_multirange(SQL_TYPE(DATERANGE)));
    ck_assert_int_eq(type_multirange_of(SQL_TYPE(TSRANGE)).id, TYPE_TSMULTIRANGE);
    ck_assert_int_eq(type_multirange_range(SQL_TYPE(TSMULTIRANGE)).id, TYPE_TSRANGE);
    ck_assert_int_eq(type_range_element(SQL_TYPE(NUMRANGE)).id, TYPE_NUMERIC);
    ck_assert(type_is_string(SQL_TYPE(NAME)));
    ck_assert(!type_is_string(SQL_TYPE(BYTEA)));
    ck_assert(type_is_integer(SQL_TYPE(UINT4)));
    ck_assert(!type_is_integer(SQL_TYPE(OID)));
    ck_assert(type_is_number(SQL_TYPE(FLOAT4)));
    ck_assert(!type_is_number(SQL_TYPE(MONEY)));
    ck_assert_int_eq(phys_width(type_phys(SQL_TYPE(UUID))), 16);
    ck_assert_int_eq(phys_width(type_phys(SQL_TYPE(TEXT))), 0);
}
END_TEST

Suite *suite_types_type(void);

Suite *
suite_types_type(void)
{
    Suite *suite = suite_create("types type");
    TCase *group = tcase_create("type");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, types_print_as_format_type_prints_them);
    tcase_add_test(group, types_are_found_by_every_name);
    tcase_add_test(group, oids_lead_back_to_their_types);
    tcase_add_test(group, catalog_names_are_postgresql_s);
    tcase_add_test(group, an_array_keeps_its_element_s_modifier);
    tcase_add_test(group, modifiers_become_postgresql_s_typmod);
    tcase_add_test(group, wrong_modifiers_are_refused_in_postgresql_s_words);
    tcase_add_test(group, records_are_the_same_when_their_fields_are);
    tcase_add_test(group, families_are_told_apart);
    suite_add_tcase(suite, group);
    return suite;
}
