/*
 * table_function_settle.c -- the columns of table functions that a literal argument decides.
 */
#include "expr/regex.h"
#include "expr/table_function.h"

#define COLUMNS_MAX 1600

static bool
literal_argument(const TableFunctionCall *call, Scalar **args, EvalContext *eval, Arena *arena, Datum *value,
                 Error *err)
{
    args[0] = scalar_fold(arena, args[0], eval);
    if (args[0]->kind != SCALAR_LITERAL || args[0]->literal.is_null)
        return error_at(err, args[0]->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "first argument of %s must be a literal that is not null", table_function_name(call->function));
    *value = args[0]->literal;
    return true;
}

static void
set_columns(TableFunctionCall *call, const char **names, int count, Arena *arena)
{
    SqlType *types = arena_new_array(arena, SqlType, count);
    for (int i = 0; i < count; i++) {
        types[i] = SQL_TYPE(TEXT);
        if (names[i] == NULL)
            names[i] = arena_printf(arena, "column%d", i + 1);
    }
    call->column_types = types;
    call->column_names = names;
    call->column_count = count;
}

/* (?P<name>...) and (?<name>...) as (...); the names of the groups from the first on, NULL where there is none. */
static Slice
take_group_names(Slice pattern, const char **names, Arena *arena)
{
    Buffer plain = {0};
    bool in_brackets = false;
    int groups = 0;
    for (size_t i = 0; i < pattern.size; i++) {
        char c = pattern.bytes[i];
        buffer_append_char(&plain, c);
        if (c == '\\' && i + 1 < pattern.size) {
            buffer_append_char(&plain, pattern.bytes[++i]);
        } else if (in_brackets || c == '[') {
            in_brackets = c != ']';
        } else if (c == '(') {
            Slice rest = slice_make(pattern.bytes + i + 1, pattern.size - i - 1);
            size_t head = rest.size > 3 && memcmp(rest.bytes, "?P<", 3) == 0 ? 3
                          : rest.size > 2 && memcmp(rest.bytes, "?<", 2) == 0 && strchr("=!", rest.bytes[2]) == NULL
                              ? 2
                              : 0;
            const char *end = head == 0 ? NULL : memchr(rest.bytes, '>', rest.size);
            if (end != NULL) {
                names[groups < COLUMNS_MAX ? groups : COLUMNS_MAX] =
                    arena_strndup(arena, rest.bytes + head, (size_t) (end - rest.bytes) - head);
                i += (size_t) (end - rest.bytes) + 1;
            }
            groups += end != NULL || rest.size == 0 || rest.bytes[0] != '?';
        }
    }
    size_t size = plain.size;
    return slice_make(buffer_to_arena(&plain, arena), size);
}

static bool
settle_groups(TableFunctionCall *call, Scalar **args, EvalContext *eval, Arena *arena, Error *err)
{
    Datum pattern;
    if (!literal_argument(call, args, eval, arena, &pattern, err))
        return false;
    const char **names = arena_new_array(arena, const char *, COLUMNS_MAX + 1);
    Slice plain = take_group_names(pattern.bytes, names, arena);
    Regex *regex = regex_get(eval, plain, 0, err);
    if (regex == NULL)
        return false;
    int count = regex_captures(regex);
    if (count == 0 || count > COLUMNS_MAX)
        return error_at(err, args[0]->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        count == 0 ? "regexp_extract must specify at least one capture group"
                                   : "too many capture groups");
    args[0] = scalar_literal(arena, args[0]->type, datum_bytes(plain));
    set_columns(call, names, count, arena);
    return true;
}

static bool
settle_fields(TableFunctionCall *call, Scalar **args, EvalContext *eval, Arena *arena, Error *err)
{
    Datum count;
    if (!literal_argument(call, args, eval, arena, &count, err))
        return false;
    if (count.i < 1 || count.i > COLUMNS_MAX)
        return error_at(err, args[0]->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "csv_extract takes from 1 to %d columns", COLUMNS_MAX);
    set_columns(call, arena_new_array(arena, const char *, (int) count.i), (int) count.i, arena);
    return true;
}

static bool
is_called(const TableFunctionCall *call, const char *name)
{
    return call->function != NULL && strcmp(table_function_name(call->function), name) == 0;
}

bool
table_function_gives_records(const TableFunctionCall *call)
{
    return is_called(call, "csv_extract") || is_called(call, "regexp_extract");
}

bool
table_function_settle(TableFunctionCall *call, Scalar **args, EvalContext *eval, Arena *arena, Error *err)
{
    if (is_called(call, "regexp_extract"))
        return settle_groups(call, args, eval, arena, err);
    return !is_called(call, "csv_extract") || settle_fields(call, args, eval, arena, err);
}
