#include <check.h>
#include <stdlib.h>

#include "expr/function.h"
#include "types/text_format.h"

/*
 * Every function of the tables over random columns, constants and nulls: what it gives for a chunk must be what it
 * gives for each row on its own, and no argument may bring it down.
 */

#define ROWS 48

static const struct {
    TypeId type;
    const char *texts[8];
} samples[] = {
    {TYPE_BOOL, {"t", "f"}},
    {TYPE_INT2, {"0", "1", "-1", "32767", "-32768", "7"}},
    {TYPE_INT4, {"0", "1", "-1", "2147483647", "-2147483648", "3", "17"}},
    {TYPE_INT8, {"0", "1", "-1", "9223372036854775807", "-9223372036854775808", "5"}},
    {TYPE_UINT2, {"0", "1", "65535", "7"}},
    {TYPE_UINT4, {"0", "1", "4294967295", "7"}},
    {TYPE_UINT8, {"0", "1", "18446744073709551615", "7"}},
    {TYPE_OID, {"0", "23", "4294967295"}},
    {TYPE_FLOAT4, {"0", "1.5", "-2.25", "1e38", "NaN", "Infinity"}},
    {TYPE_FLOAT8, {"0", "1.5", "-2.25", "1e308", "NaN", "-Infinity", "0.5"}},
    {TYPE_NUMERIC, {"0", "1.5", "-2.25", "1e20", "NaN", "0.0001", "Infinity", "7"}},
    {TYPE_MONEY, {"1.50", "-3.25", "0"}},
    {TYPE_TEXT, {"", "abc", "a,b,c", "%b%", "h\xc3\x89llo", "day", "{a,b}", "\\"}},
    {TYPE_VARCHAR, {"", "abc"}},
    {TYPE_BPCHAR, {"abc", "a  "}},
    {TYPE_NAME, {"abc", "UTF8"}},
    {TYPE_CHAR, {"a", "b"}},
    {TYPE_BYTEA, {"", "\\x1234ff", "abc"}},
    {TYPE_DATE, {"2020-02-29", "1999-12-31", "infinity"}},
    {TYPE_TIME, {"00:00", "12:34:56.789", "24:00"}},
    {TYPE_TIMETZ, {"12:34:56+02", "00:00-08"}},
    {TYPE_TIMESTAMP, {"2020-02-29 12:34:56.789", "infinity", "2000-01-01"}},
    {TYPE_TIMESTAMPTZ, {"2020-02-29 12:34:56.789+00", "-infinity"}},
    {TYPE_INTERVAL, {"1 day", "1 month -3 days 04:05:06.789", "0", "36 hours"}},
    {TYPE_UUID, {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"}},
    {TYPE_JSONB, {"{\"a\": 1, \"b\": [1, 2]}", "[1, \"a\", null]", "\"a\"", "null", "{}"}},
    {TYPE_JSON, {"{\"a\": 1}", "[1]"}},
    {TYPE_INT4RANGE, {"[1,5)", "empty", "(,3]", "[4,)"}},
    {TYPE_INT4MULTIRANGE, {"{[1,5)}", "{}", "{(,3],[6,9)}", "{[4,)}"}},
    {TYPE_MZ_TIMESTAMP, {"0", "18446744073709551615"}},
    {TYPE_INET, {"192.168.1.5/24", "::1"}},
    {TYPE_INT2VECTOR, {"1 2"}},
    {TYPE_LIST, {"{}", "{1,2,1}", "{NULL}"}},
    {TYPE_MAP, {"{}", "{a=>1,abc=>NULL}"}},
};

static Arena *arena;
static EvalContext eval;

static void
setup(void)
{
    arena = arena_new();
    eval_context_init(&eval, arena);
    srand(3);
}

static void
teardown(void)
{
    eval_context_deinit(&eval);
    arena_free(arena);
}

static SqlType
concrete(SqlType declared)
{
    switch ((int) declared.id) {
    case PSEUDO_ANYARRAY:
    case PSEUDO_ANYCOMPATIBLEARRAY:
        return SQL_ARRAY(INT4);
    case PSEUDO_ANYRANGE:
        return SQL_TYPE(INT4RANGE);
    case PSEUDO_ANYMULTIRANGE:
        return SQL_TYPE(INT4MULTIRANGE);
    case PSEUDO_ANYCOMPATIBLELIST:
        return type_list_of(SQL_TYPE(INT4));
    case PSEUDO_ANYCOMPATIBLEMAP:
        return type_map_of(SQL_TYPE(INT4));
    case PSEUDO_ANY:
    case PSEUDO_ANYELEMENT:
    case PSEUDO_ANYNONARRAY:
    case PSEUDO_ANYCOMPATIBLE:
    case PSEUDO_ANYCOMPATIBLENONARRAY:
        return SQL_TYPE(INT4);
    default:
        return declared;
    }
}

static bool
random_value(SqlType type, Datum *value)
{
    static const char *const int_arrays[] = {"{}", "{1,2,3}", "{1,NULL}", "{{1,2},{3,4}}"};
    static const char *const text_arrays[] = {"{}", "{a,b}", "{1,NULL}"};
    Error err = ERROR_INIT;
    const char *text = NULL;
    if (type.id == TYPE_ARRAY)
        text = type.element == TYPE_INT4 ? int_arrays[rand() % 4] : text_arrays[rand() % 3];
    for (size_t i = 0; i < sizeof samples / sizeof *samples && text == NULL; i++) {
        int count = 0;
        while (count < 8 && samples[i].texts[count] != NULL)
            count++;
        if (samples[i].type == type.id)
            text = samples[i].texts[rand() % count];
    }
    if (text == NULL)
        return false;
    *value = DATUM_NULL;
    if (rand() % 6 == 0)
        return true;
    *value = (Datum){0};
    ck_assert_msg(datum_parse(type, slice_of(text), NULL, arena, value, &err), "%s: %s", text, err.message);
    return true;
}

/* Repetitions and paddings of two billion characters are not what is tested; maps are made of what only the planner puts together. */
static bool
is_bounded(const Function *function)
{
    static const char *const unbounded[] = {"repeat", "lpad", "rpad", "array_fill", "factorial", "round",    "trunc",
                                            "power",  "pow",  "^",    "exp",        "map_make",  "map_build"};
    for (size_t i = 0; i < sizeof unbounded / sizeof *unbounded; i++) {
        if (strcmp(function->name, unbounded[i]) == 0)
            return false;
    }
    return function->kind != FUNCTION_CONTEXT && strcmp(function->name, "record_field") != 0;
}

static const char *
shown(SqlType type, const Column *column, uint32_t row, const EvalError *error)
{
    if (error != NULL)
        return error->message;
    if (column_is_null(column, row))
        return "null";
    Buffer out = {0};
    datum_print(type, column_datum(column, type, row), NULL, &out);
    return buffer_to_arena(&out, arena);
}

typedef struct Trial {
    const Function *function;
    Scalar *call;
    SqlType types[FUNCTION_ARGS_MAX];
    int count;
} Trial;

/* A call with columns or literals as arguments. False: an argument's type has no samples. */
static bool
trial_make(const Function *function, Trial *trial)
{
    Scalar *args[FUNCTION_ARGS_MAX];
    *trial = (Trial){.function = function, .count = function->arg_count};
    for (int i = 0; i < trial->count; i++) {
        Datum value;
        trial->types[i] = concrete(function->args[i]);
        if (!random_value(trial->types[i], &value))
            return false;
        args[i] = rand() % 3 == 0 ? scalar_literal(arena, trial->types[i], value)
                                  : scalar_column(arena, (uint32_t) i, trial->types[i], true);
    }
    SqlType result = (int) function->result.id == PSEUDO_ANYELEMENT ? SQL_TYPE(INT4) : concrete(function->result);
    trial->call = scalar_call(arena, function, args, trial->count, result);
    return true;
}

static void
trial_run(const Trial *trial)
{
    ChunkBuilder builder;
    Evaluated result, single;
    chunk_builder_init(&builder, trial->types, (uint16_t) trial->count);
    for (int row = 0; row < ROWS; row++) {
        Datum values[FUNCTION_ARGS_MAX];
        for (int i = 0; i < trial->count; i++)
            ck_assert(random_value(trial->types[i], &values[i]));
        chunk_builder_append_datums(&builder, values, 1, 1);
    }
    Chunk *chunk = chunk_builder_finish(&builder);
    chunk_builder_deinit(&builder);
    evaluate(trial->call, &eval, chunk, &result);
    ck_assert_uint_eq(result.column->count, result.is_constant ? 1 : ROWS);
    for (uint32_t row = 0; row < ROWS; row++) {
        Chunk *one = chunk_gather(chunk, &row, 1);
        evaluate(trial->call, &eval, one, &single);
        uint32_t at = result.is_constant ? 0 : row;
        const char *of_chunk =
            shown(trial->call->type, result.column, at, result.errors == NULL ? NULL : result.errors[at]);
        const char *of_row =
            shown(trial->call->type, single.column, 0, single.errors == NULL ? NULL : single.errors[0]);
        ck_assert_msg(strcmp(of_chunk, of_row) == 0, "%s: %s over a chunk, %s for the row", trial->function->name,
                      of_chunk, of_row);
        ck_assert_msg(trial->function->can_fail || single.errors == NULL, "%s failed: %s", trial->function->name,
                      of_row);
        evaluated_release(&single);
        chunk_release(one);
    }
    evaluated_release(&result);
    chunk_release(chunk);
}

START_TEST(a_function_gives_for_a_chunk_what_it_gives_for_each_row)
{
    int run = 0;
    const Function *function;
    for (size_t i = 0; (function = function_at(i)) != NULL; i++) {
        for (int repetition = 0; repetition < 4 && is_bounded(function) && function->arg_count > 0; repetition++) {
            Trial trial;
            if (!trial_make(function, &trial))
                break;
            trial_run(&trial);
            run++;
            eval_context_deinit(&eval);
            arena_reset(arena);
        }
    }
    ck_assert_int_gt(run, 2500);
}
END_TEST

Suite *suite_expr_functions(void);

Suite *
suite_expr_functions(void)
{
    Suite *suite = suite_create("expr/functions");
    TCase *tests = tcase_create("functions");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_function_gives_for_a_chunk_what_it_gives_for_each_row);
    suite_add_tcase(suite, tests);
    return suite;
}
