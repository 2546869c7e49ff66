#include "tests/oracle/generate.h"

#include <stdlib.h>

static const char *const table_names[TABLE_COUNT] = {"t0", "t1", "t2", "t3"};

static const char *const words[] = {"a",  "b",   "ab", "abc", "Ba", "bab", "", " x", "b a", "\xc3\xa9t\xc3\xa9",
                                    "Zz", "a%c", "x_y"};
static const char *const dates[] = {"2020-01-31", "2021-02-28", "2024-02-29", "2020-12-31", "1999-12-31"};
static const char *const times[] = {"2020-01-31 10:00:00", "2021-02-28 23:59:59.5", "2024-02-29 00:00:00",
                                    "2020-01-01 12:30:00"};
static const char *const intervals[] = {"1 day", "2 hours", "1 mon", "-3 days", "1 day 02:03:04", "0"};
static const char *const documents[] = {"{\"a\": 1}",
                                        "{\"a\": \"x\", \"b\": [1, 2]}",
                                        "[1, null, \"b\"]",
                                        "3",
                                        "\"a\"",
                                        "{\"b\": {}}",
                                        "null",
                                        "{\"a\": null}",
                                        "true"};
static const char *const integer_arrays[] = {"{1,2}", "{}", "{3,NULL}", "{1}", "{2,1,1}"};
static const char *const text_arrays[] = {"{a,b}", "{}", "{NULL}", "{abc,\"b a\"}"};
static const char *const numerics[] = {"0", "1.5", "-2.25", "10.00", "3", "0.001", "-7.5", "100"};

#define ANY_OF(random, list) ((list)[random_below(random, (int) (sizeof(list) / sizeof *(list)))])

const char *
sort_name(Sort sort)
{
    switch (sort) {
    case 'b':
        return "boolean";
    case 'i':
        return "integer";
    case 'l':
        return "bigint";
    case 'n':
        return "numeric";
    case 'd':
        return "double precision";
    case 't':
        return "text";
    case 'D':
        return "date";
    case 'T':
        return "timestamp";
    case 'I':
        return "interval";
    case 'j':
        return "jsonb";
    case 'a':
        return "integer[]";
    default:
        return "text[]";
    }
}

const char *
constant_text(Arena *arena, Random *random, Sort sort)
{
    const char *quoted = NULL;
    if (random_percent(random, 12))
        return arena_printf(arena, "NULL::%s", sort_name(sort));
    switch (sort) {
    case 'b':
        return random_percent(random, 50) ? "true::boolean" : "false::boolean";
    case 'i':
        return arena_printf(arena, "(%d)::integer", random_below(random, 12) - 3);
    case 'l':
        return arena_printf(arena, "(%d)::bigint", random_below(random, 2000) - 500);
    case 'n':
        quoted = ANY_OF(random, numerics);
        break;
    case 'd':
        return arena_printf(arena, "'%.2f'::float8", (random_below(random, 80) - 20) / 4.0);
    case 't':
        quoted = ANY_OF(random, words);
        break;
    case 'D':
        quoted = ANY_OF(random, dates);
        break;
    case 'T':
        quoted = ANY_OF(random, times);
        break;
    case 'I':
        quoted = ANY_OF(random, intervals);
        break;
    case 'j':
        quoted = ANY_OF(random, documents);
        break;
    case 'a':
        quoted = ANY_OF(random, integer_arrays);
        break;
    default:
        quoted = ANY_OF(random, text_arrays);
        break;
    }
    return arena_printf(arena, "'%s'::%s", quoted, sort_name(sort));
}

Sort
random_sort(Random *random)
{
    static const char weighted[] = "iiiiitttbbllnndDTIjaA";
    return weighted[random_below(random, (int) sizeof weighted - 1)];
}

static const char *
row_text(Arena *arena, Random *random, const Table *table, int id)
{
    Buffer row = {0};
    buffer_printf(&row, "(%d", id);
    for (int i = 1; i < table->column_count; i++) {
        bool null = random_percent(random, 10);
        buffer_printf(&row, ", %s", null ? "NULL" : constant_text(arena, random, table->columns[i].sort));
    }
    buffer_append_text(&row, ")");
    return buffer_to_arena(&row, arena);
}

static void
table_init(Table *table, const char *name, Arena *arena, Random *random)
{
    static const char *const names[TABLE_COLUMNS_MAX] = {"id", "c1", "c2", "c3", "c4", "c5", "c6", "c7"};
    *table = (Table){.name = name, .column_count = 4 + random_below(random, TABLE_COLUMNS_MAX - 3)};
    for (int i = 0; i < table->column_count; i++) {
        Sort sort = i < 2 ? 'i' : i == 2 ? 't' : random_sort(random);
        table->columns[i] = (TableColumn){.name = names[i], .sort = sort};
    }
    int rows = random_percent(random, 5) ? 0 : 1 + random_below(random, 14);
    for (int id = 1; id <= rows; id++)
        vector_push(&table->rows, row_text(arena, random, table, id));
}

void
tables_init(Tables *tables, Random *random)
{
    tables->arena = arena_new();
    for (int i = 0; i < TABLE_COUNT; i++)
        table_init(&tables->tables[i], table_names[i], tables->arena, random);
}

void
tables_deinit(Tables *tables)
{
    for (int i = 0; i < TABLE_COUNT; i++)
        vector_deinit(&tables->tables[i].rows);
    arena_free(tables->arena);
}

char *
table_definition(const Table *table)
{
    Buffer sql = {0};
    buffer_printf(&sql, "CREATE TABLE %s (", table->name);
    for (int i = 0; i < table->column_count; i++)
        buffer_printf(&sql, "%s%s %s", i > 0 ? ", " : "", table->columns[i].name, sort_name(table->columns[i].sort));
    buffer_append_text(&sql, ")");
    return buffer_take(&sql);
}

char *
tables_mutation(const Tables *tables, Random *random)
{
    const Table *table = &tables->tables[random_below(random, TABLE_COUNT)];
    Buffer sql = {0};
    int divisor = 2 + random_below(random, 4), rest = random_below(random, divisor);
    int kind = random_below(random, 4);
    if (kind == 0) {
        buffer_printf(&sql, "DELETE FROM %s WHERE id %% %d = %d", table->name, divisor, rest);
    } else if (kind == 1) {
        const TableColumn *column = &table->columns[1 + random_below(random, table->column_count - 1)];
        const char *value = constant_text(tables->arena, random, column->sort);
        buffer_printf(&sql, "UPDATE %s SET %s = %s WHERE id %% %d = %d", table->name, column->name, value, divisor,
                      rest);
    } else {
        buffer_printf(&sql, "INSERT INTO %s VALUES ", table->name);
        int first = 100 + random_below(random, 1000000);
        for (int i = 0; i < 3; i++)
            buffer_printf(&sql, "%s%s", i > 0 ? ", " : "", row_text(tables->arena, random, table, first + i));
    }
    return buffer_take(&sql);
}

Scope
constants_scope(Arena *arena, Random *random, char **create, char **insert)
{
    enum { OF_EACH = 4 };
    static const char sorts[] = EXPRESSION_SORTS;
    int count = OF_EACH * (int) (sizeof sorts - 1);
    Leaf *leaves = arena_new_array(arena, Leaf, count);
    Buffer columns = {0}, values = {0};
    for (int i = 0; i < count; i++) {
        Sort sort = sorts[i / OF_EACH];
        const char *text = constant_text(arena, random, sort);
        Node *node = node_new(arena, sort, text, 0);
        node->column = arena_printf(arena, "k.c%d", i);
        leaves[i] = (Leaf){.sort = sort, .node = node};
        buffer_printf(&columns, "%s c%d %s", i > 0 ? "," : "CREATE TABLE k (", i, sort_name(sort));
        buffer_printf(&values, "%s %s", i > 0 ? "," : "INSERT INTO k VALUES (", text);
    }
    buffer_append_text(&columns, ")");
    buffer_append_text(&values, ")");
    *create = buffer_take(&columns);
    *insert = buffer_take(&values);
    return (Scope){.leaves = leaves, .leaf_count = count};
}
