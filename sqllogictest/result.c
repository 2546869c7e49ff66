#include "sqllogictest/result.h"

#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OID_BOOL = 16, OID_NUMERIC = 1700 };

void
result_rows_init(ResultRows *rows)
{
    *rows = (ResultRows){.arena = arena_new(), .columns = -1};
}

void
result_rows_deinit(ResultRows *rows)
{
    vector_deinit(&rows->rows);
    arena_free(rows->arena);
    *rows = (ResultRows){0};
}

static const char *
integer_text(Arena *arena, const char *text, Oid type)
{
    char *end;
    if (type == OID_BOOL) {
        return text[0] == 't' ? "1" : "0";
    }
    double number = strtod(text, &end);
    if (*end != '\0' || !isfinite(number) || strpbrk(text, ".eE") == NULL) {
        return arena_strdup(arena, text);
    }
    return arena_printf(arena, "%lld", (long long) number);
}

static const char *
real_text(Arena *arena, const char *text)
{
    char *end;
    double number = strtod(text, &end);
    return *end == '\0' && isfinite(number) ? arena_printf(arena, "%.3f", number) : arena_strdup(arena, text);
}

static const char *
plain_text(Arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at != '\0'; at++) {
        if ((unsigned char) *at < ' ' || *at == 0x7f) {
            *at = '@';
        }
    }
    return copy;
}

static const char *
trimmed_numeric(Arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    char *point = strchr(copy, '.');
    if (point != NULL) {
        char *end = copy + strlen(copy);
        while (end > point + 2 && end[-1] == '0') {
            *--end = '\0';
        }
    }
    return copy;
}

static const char *
value_text(Arena *arena, const char *text, Oid oid, char type)
{
    if (text == NULL) {
        return "NULL";
    }
    if (type == 'I') {
        return integer_text(arena, text, oid);
    }
    if (type == 'R') {
        return real_text(arena, text);
    }
    if (text[0] == '\0') {
        return "(empty)";
    }
    return type == '\0' && oid == OID_NUMERIC ? trimmed_numeric(arena, text) : plain_text(arena, text);
}

void
result_rows_add(ResultRows *rows, const PGresult *result, const char *types)
{
    int fields = PQnfields(result);
    size_t known = types != NULL ? strlen(types) : 0;
    int kept = 0;
    for (int field = 0; field < fields; field++) {
        kept += (size_t) field >= known || types[field] != '_';
    }
    rows->columns = kept;
    for (int row = 0; row < PQntuples(result); row++) {
        const char **values = arena_new_array(rows->arena, const char *, kept + 1);
        int column = 0;
        for (int field = 0; field < fields; field++) {
            char type = (size_t) field < known ? types[field] : '\0';
            if (type != '_') {
                const char *text = PQgetisnull(result, row, field) ? NULL : PQgetvalue(result, row, field);
                values[column++] = value_text(rows->arena, text, PQftype(result, field), type);
            }
        }
        vector_push(&rows->rows, values);
    }
}

void
result_rows_add_line(ResultRows *rows, const char *line)
{
    const char **values = arena_new_array(rows->arena, const char *, 1);
    values[0] = arena_strdup(rows->arena, line);
    rows->columns = 1;
    vector_push(&rows->rows, values);
}

static int
row_compare(const void *a, const void *b, void *columns)
{
    const char *const *left = *(const char *const *const *) a;
    const char *const *right = *(const char *const *const *) b;
    for (int i = 0; i < *(int *) columns; i++) {
        int order = strcmp(left[i], right[i]);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

static int
text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* All values in order, in the arena of the rows. */
static const char **
flatten(ResultRows *rows, SortMode sort, size_t *count)
{
    if (sort == SORT_ROWS && rows->rows.count > 0) {
        qsort_r(rows->rows.items, rows->rows.count, sizeof *rows->rows.items, row_compare, &rows->columns);
    }
    size_t width = rows->columns > 0 ? (size_t) rows->columns : 0;
    const char **values = arena_new_array(rows->arena, const char *, rows->rows.count *width + 1);
    *count = 0;
    for (size_t row = 0; row < rows->rows.count; row++) {
        for (size_t column = 0; column < width; column++) {
            values[(*count)++] = rows->rows.items[row][column];
        }
    }
    if (sort == SORT_VALUES) {
        qsort(values, *count, sizeof *values, text_compare);
    }
    return values;
}

void
result_rows_hash(ResultRows *rows, SortMode sort, char hash[33])
{
    size_t count;
    const char **values = flatten(rows, sort, &count);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestInit_ex(context, EVP_md5(), NULL);
    for (size_t i = 0; i < count; i++) {
        EVP_DigestUpdate(context, values[i], strlen(values[i]));
        EVP_DigestUpdate(context, "\n", 1);
    }
    EVP_DigestFinal_ex(context, digest, &size);
    EVP_MD_CTX_free(context);
    for (unsigned i = 0; i < 16; i++) {
        snprintf(hash + 2 * i, 3, "%02x", digest[i]);
    }
}

/* Runs of blanks become one, and the visible blank of other runners a blank. */
static char *
normalized(Arena *arena, const char *text)
{
    static const char visible[] = "\xe2\x90\xa0";
    char *out = arena_alloc(arena, strlen(text) + 1);
    char *to = out;
    for (const char *at = text; *at != '\0';) {
        bool blank = *at == ' ' || *at == '\t';
        size_t size = 1;
        if (strncmp(at, visible, sizeof visible - 1) == 0) {
            blank = true;
            size = sizeof visible - 1;
        }
        if (!blank) {
            *to++ = *at;
        } else if (to > out && to[-1] != ' ') {
            *to++ = ' ';
        }
        at += size;
    }
    while (to > out && to[-1] == ' ') {
        *--to = '\0';
    }
    return out;
}

static const char *
row_line(Arena *arena, const char *const *row, int columns, const char *separator)
{
    Buffer line = {0};
    for (int i = 0; i < columns; i++) {
        buffer_append_text(&line, i > 0 ? separator : "");
        buffer_append_text(&line, row[i]);
    }
    return buffer_to_arena(&line, arena);
}

static bool
lines_match(const char *const *expected, const char *const *got, size_t count, Buffer *why)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(expected[i], got[i]) != 0) {
            buffer_printf(why, "line %zu is \"%s\", expected \"%s\"", i + 1, got[i], expected[i]);
            return false;
        }
    }
    return true;
}

/* One row a line: compared with blanks made equal, since a value may itself hold some. */
static bool
match_row_lines(ResultRows *rows, SortMode sort, const Lines *expected, Buffer *why)
{
    size_t count = rows->rows.count;
    const char **wanted = arena_new_array(rows->arena, const char *, count + 1);
    const char **got = arena_new_array(rows->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        wanted[i] = normalized(rows->arena, expected->items[i]);
        got[i] = normalized(rows->arena, row_line(rows->arena, rows->rows.items[i], rows->columns, " "));
    }
    if (sort != SORT_NONE) {
        qsort(wanted, count, sizeof *wanted, text_compare);
        qsort(got, count, sizeof *got, text_compare);
    }
    return lines_match(wanted, got, count, why);
}

static bool
match_hash(ResultRows *rows, SortMode sort, size_t values, const char *wanted, Buffer *why)
{
    char hash[33];
    result_rows_hash(rows, sort, hash);
    size_t got = rows->rows.count * (size_t) (rows->columns > 0 ? rows->columns : 0);
    if (got == values && strcmp(hash, wanted) == 0) {
        return true;
    }
    buffer_printf(why, "%zu values hashing to %s", got, hash);
    return false;
}

/* Cuts the expected values into rows and sorts those, so that a script written unsorted matches too. */
static const char *const *
expected_values(ResultRows *rows, SortMode sort, const Lines *expected)
{
    ResultRows wanted = {.arena = rows->arena, .columns = rows->columns};
    size_t width = (size_t) rows->columns;
    size_t count;
    for (size_t i = 0; i + width <= expected->count; i += width) {
        vector_push(&wanted.rows, &expected->items[i]);
    }
    const char *const *values = flatten(&wanted, sort, &count);
    vector_deinit(&wanted.rows);
    return values;
}

bool
result_rows_match(ResultRows *rows, SortMode sort, const Lines *expected, Buffer *why)
{
    size_t hashed;
    char hash[33];
    int end = 0;
    if (expected->count == 1 &&
        sscanf(expected->items[0], "%zu values hashing to %32[0-9a-f]%n", &hashed, hash, &end) == 2 && end > 0) {
        return match_hash(rows, sort, hashed, hash, why);
    }
    size_t count;
    const char **got = flatten(rows, sort, &count);
    if (expected->count == count) {
        return count == 0 || lines_match(expected_values(rows, sort, expected), got, count, why);
    }
    if (expected->count == rows->rows.count) {
        return match_row_lines(rows, sort, expected, why);
    }
    buffer_printf(why, "%zu rows of %d columns, expected %zu lines", rows->rows.count, rows->columns, expected->count);
    return false;
}

bool
result_rows_same(ResultRows *a, ResultRows *b, Buffer *why)
{
    size_t count;
    size_t other;
    const char **left = flatten(a, SORT_ROWS, &count);
    const char **right = flatten(b, SORT_ROWS, &other);
    if (count != other) {
        buffer_printf(why, "%zu values, expected %zu", other, count);
        return false;
    }
    return lines_match(left, right, count, why);
}

void
result_rows_print(const ResultRows *rows, Buffer *out, size_t limit)
{
    Arena *arena = arena_new();
    for (size_t i = 0; i < rows->rows.count && i < limit; i++) {
        buffer_printf(out, "    %s\n", row_line(arena, rows->rows.items[i], rows->columns, "  "));
    }
    if (rows->rows.count > limit) {
        buffer_printf(out, "    ... %zu rows in all\n", rows->rows.count);
    }
    arena_free(arena);
}
