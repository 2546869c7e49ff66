#include <check.h>
#include <pthread.h>
#include <stdlib.h>

#include "tests/unit/types/type_of_text.h"
#include "types/datetime.h"
#include "types/jsonb.h"
#include "types/text_format.h"

typedef struct OperationCase {
    const char *operation, *zone, *first, *second, *answer;
} OperationCase;

static const OperationCase cases[] = {
#define OPERATION(operation, zone, first, second, answer) {operation, zone, first, second, answer},
#include "operation_cases.def"
#undef OPERATION
};

static Arena *arena;
static Error err;
static TextStyle style;

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

static Datum
value_of(const char *type, const char *text)
{
    Datum value;
    Error ignored = ERROR_INIT;
    ck_assert_msg(datum_parse(type_of_text(type), slice_of(text), &style, arena, &value, &ignored), "%s '%s': %s", type,
                  text, ignored.message);
    return value;
}

static int64_t
int_of(const char *type, const char *text)
{
    return value_of(type, text).i;
}

static Interval
interval_of(const char *text)
{
    return value_of("interval", text).interval;
}

static bool
is_operation(const OperationCase *c, const char *name)
{
    return strcmp(c->operation, name) == 0;
}

/* The answer of a case whose arguments are intervals; false: not one of these. */
static bool
apply_interval(const OperationCase *c, Interval *out, bool *ok)
{
    Interval a = {0}, b = {0};
    double factor = 0;
    if (strncmp(c->operation, "iv", 2) != 0 && c->operation[0] != 'j')
        return false;
    a = interval_of(c->first);
    if (strncmp(c->operation, "iv+", 3) == 0 || strncmp(c->operation, "iv-", 3) == 0)
        b = interval_of(c->second);
    else if (c->operation[0] == 'i')
        factor = value_of("float8", c->second).f;
    *ok = true;
    if (is_operation(c, "iv+iv"))
        *ok = interval_add(a, b, out, &err);
    else if (is_operation(c, "iv-iv"))
        *ok = interval_sub(a, b, out, &err);
    else if (is_operation(c, "iv*f"))
        *ok = interval_mul(a, factor, out, &err);
    else if (is_operation(c, "iv/f"))
        *ok = interval_div(a, factor, out, &err);
    else if (is_operation(c, "jh"))
        *out = interval_justify_hours(a);
    else if (is_operation(c, "jd"))
        *out = interval_justify_days(a);
    else if (is_operation(c, "ji"))
        *out = interval_justify_interval(a);
    else
        ck_abort_msg("unrecognized operation %s", c->operation);
    return true;
}

static bool
apply_timestamp(const OperationCase *c, Datum *value, const char **type, bool *ok)
{
    Slice second = slice_of(c->second);
    if (is_operation(c, "ts+iv")) {
        *type = "timestamp";
        *ok = timestamp_add_interval(int_of(*type, c->first), interval_of(c->second), &value->i, &err);
    } else if (is_operation(c, "tz+iv")) {
        *type = "timestamptz";
        *ok = timestamptz_add_interval(int_of(*type, c->first), interval_of(c->second), c->zone, &value->i, &err);
    } else if (is_operation(c, "ts-ts")) {
        *ok = timestamp_subtract(int_of("timestamp", c->first), int_of("timestamp", c->second), &value->interval, &err);
        *type = "interval";
    } else if (is_operation(c, "age")) {
        *ok = timestamp_age(int_of("timestamp", c->first), int_of("timestamp", c->second), &value->interval, &err);
        *type = "interval";
    } else if (is_operation(c, "trunc")) {
        *type = "timestamp";
        *ok = timestamp_trunc(second, int_of(*type, c->first), &value->i, &err);
    } else if (is_operation(c, "trunctz")) {
        *type = "timestamptz";
        *ok = timestamptz_trunc(second, int_of(*type, c->first), c->zone, &value->i, &err);
    } else if (is_operation(c, "trunciv")) {
        *type = "interval";
        *ok = interval_trunc(second, interval_of(c->first), &value->interval, &err);
    } else if (is_operation(c, "tozone")) {
        *ok = timestamp_to_zone(int_of("timestamptz", c->first), second, &value->i, &err);
        *type = "timestamp";
    } else if (is_operation(c, "fromzone")) {
        *ok = timestamp_from_zone(int_of("timestamp", c->first), second, &value->i, &err);
        *type = "timestamptz";
    } else if (strncmp(c->operation, "ex:", 3) == 0) {
        *ok = datetime_extract(second, type_of_text(c->operation + 3), value_of(c->operation + 3, c->first), c->zone,
                               arena, value, &err);
        *type = "numeric";
    } else {
        return false;
    }
    return true;
}

static const char *
apply(const OperationCase *c)
{
    Datum value = {0};
    Buffer out = {0};
    const char *type = "interval";
    bool ok = true;
    if (is_operation(c, "tochar") || is_operation(c, "tochartz")) {
        bool has_zone = is_operation(c, "tochartz");
        ok = timestamp_to_char(int_of(has_zone ? "timestamptz" : "timestamp", c->first), slice_of(c->second),
                               has_zone ? c->zone : NULL, &out, &err);
    } else if (is_operation(c, "ivcmp")) {
        buffer_printf(&out, "%d", interval_compare(interval_of(c->first), interval_of(c->second)));
    } else if (apply_timestamp(c, &value, &type, &ok) || apply_interval(c, &value.interval, &ok)) {
        if (ok && value.is_null)
            buffer_append_text(&out, "<null>");
        else if (ok)
            datum_print(type_of_text(type), value, &style, &out);
    }
    if (!ok)
        buffer_printf(&out, "%s %s", err.sqlstate, err.message);
    return buffer_to_arena(&out, arena);
}

static bool
is_about_json(const OperationCase *c)
{
    static const char *const names[] = {"jcmp", "jcont", "jpretty", "jfield", "jelem"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_operation(c, names[i]))
            return true;
    return false;
}

/* An argument that PostgreSQL refuses is not about the operation. */
static bool
argument_refused(const OperationCase *c)
{
    return strstr(c->answer, "field value out of range: \"") != NULL;
}

START_TEST(operations_answer_as_postgresql_does)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const OperationCase *c = &cases[i];
        style = (TextStyle){.extra_float_digits = 1, .time_zone = c->zone};
        if (is_about_json(c) || argument_refused(c))
            continue;
        const char *answer = apply(c);
        ck_assert_msg(strcmp(answer, c->answer) == 0, "%s '%s' '%s' in %s: %s, not %s", c->operation, c->first,
                      c->second, c->zone, answer, c->answer);
        error_clear(&err);
        arena_reset(arena);
    }
}
END_TEST

START_TEST(every_day_has_its_own_number)
{
    int year, month, day;
    int32_t last = date_from_civil(-4712, 1, 1) - 1;
    for (int y = -4712; y < 12000; y += 1)
        for (int m = 1; m <= 12; m++) {
            int32_t date = date_from_civil(y, m, 1);
            date_to_civil(date, &year, &month, &day);
            ck_assert(year == y && month == m && day == 1);
            ck_assert_int_gt(date, last);
            ck_assert_int_le(date, last + 31);
            last = date;
        }
    ck_assert_int_eq(date_from_civil(2000, 1, 1), 0);
    ck_assert_int_eq(date_from_civil(1970, 1, 1), -10957);
}
END_TEST

START_TEST(civil_times_go_there_and_back)
{
    CivilTime civil;
    int64_t back;
    for (int64_t timestamp = INT64_C(-211813488000000000); timestamp < INT64_C(9000000000000000000);
         timestamp += INT64_C(98765432109876543)) {
        timestamp_to_civil(timestamp, &civil);
        ck_assert(timestamp_from_civil(&civil, &back, &err));
        ck_assert_int_eq(back, timestamp);
    }
    civil = (CivilTime){.year = 300000, .month = 1, .day = 1};
    ck_assert(!timestamp_from_civil(&civil, &back, &err));
    ck_assert_str_eq(err.sqlstate, "22008");
}
END_TEST

START_TEST(dates_and_timestamps_convert_with_infinities)
{
    int64_t timestamp;
    ck_assert(date_to_timestamp(DATE_INFINITY, &timestamp, &err));
    ck_assert_int_eq(timestamp, TIMESTAMP_INFINITY);
    ck_assert(date_to_timestamp(DATE_MINUS_INFINITY, &timestamp, &err));
    ck_assert_int_eq(timestamp, TIMESTAMP_MINUS_INFINITY);
    ck_assert(date_to_timestamp(1, &timestamp, &err));
    ck_assert_int_eq(timestamp, US_PER_DAY);
    ck_assert(!date_to_timestamp(200000000, &timestamp, &err));
    ck_assert_str_eq(err.message, "date out of range for timestamp");
    ck_assert_int_eq(timestamp_to_date(-1), -1);
    ck_assert_int_eq(timestamp_to_date(TIMESTAMP_INFINITY), DATE_INFINITY);
    ck_assert_int_eq(timestamp_round(1500, 3), 2000);
    ck_assert_int_eq(timestamp_round(-1500, 3), -2000);
    ck_assert_int_eq(timestamp_round(TIMESTAMP_INFINITY, 0), TIMESTAMP_INFINITY);
}
END_TEST

START_TEST(unknown_zones_are_refused_by_name)
{
    static const char *const bad[] = {"foo",  "",  "../etc/passwd", "zone.tab", "America", "EST+",
                                      "+200", ".", "a/../UTC"};
    static const char *const good[] = {"UTC", "utc", "america/NEW_york", "+05:30", "EST5EDT", "<x>3", "posix/UTC",
                                       "pst", "z",   "Etc/GMT+5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!zone_check(slice_of(bad[i]), &err), "zone '%s' is found", bad[i]);
        ck_assert_str_eq(err.sqlstate, "22023");
        error_clear(&err);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(zone_check(slice_of(good[i]), &err), "zone '%s' is not found", good[i]);
}
END_TEST

static void *
zones_walk(void *argument)
{
    static const char *const names[] = {"America/New_York", "Asia/Kolkata", "Europe/London", "EST5EDT", "+3"};
    Error mine = ERROR_INIT;
    intptr_t sum = (intptr_t) argument;
    for (int i = 0; i < 2000; i++) {
        int64_t local;
        if (timestamp_to_zone(i * US_PER_DAY, slice_of(names[i % 5]), &local, &mine))
            sum += (intptr_t) (local / US_PER_SECOND);
    }
    return (void *) sum;
}

START_TEST(threads_share_zones)
{
    pthread_t threads[4];
    void *answers[4];
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, zones_walk, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], &answers[i]);
    for (int i = 1; i < 4; i++)
        ck_assert_ptr_eq(answers[i], answers[0]);
}
END_TEST

Suite *suite_types_datetime(void);

Suite *
suite_types_datetime(void)
{
    Suite *suite = suite_create("types/datetime");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, operations_answer_as_postgresql_does);
    tcase_add_test(tcase, every_day_has_its_own_number);
    tcase_add_test(tcase, civil_times_go_there_and_back);
    tcase_add_test(tcase, dates_and_timestamps_convert_with_infinities);
    tcase_add_test(tcase, unknown_zones_are_refused_by_name);
    tcase_add_test(tcase, threads_share_zones);
    suite_add_tcase(suite, tcase);
    return suite;
}
