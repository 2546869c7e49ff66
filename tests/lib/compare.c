#include "tests/lib/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/vector.h"
#include "tests/lib/process.h"

typedef VECTOR(Buffer) Rows; /* each row as bytes: per value its length and text */

static void
free_rows(Rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        buffer_deinit(&rows->items[i]);
    }
    vector_deinit(rows);
}

static int
row_compare(const void *a, const void *b)
{
    return slice_compare(buffer_slice(a), buffer_slice(b));
}

static bool
read_rows(PGconn *connection, const char *sql, bool binary, Rows *rows, Buffer *why)
{
    PGresult *result = PQexecParams(connection, sql, 0, NULL, NULL, NULL, NULL, binary);
    bool ok = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!ok) {
        buffer_append_text(why, PQerrorMessage(connection));
    }
    for (int row = 0; ok && row < PQntuples(result); row++) {
        Buffer bytes = {0};
        for (int field = 0; field < PQnfields(result); field++) {
            int length = PQgetisnull(result, row, field) ? -1 : PQgetlength(result, row, field);
            buffer_append_be32(&bytes, (uint32_t) length);
            buffer_append(&bytes, PQgetvalue(result, row, field), length > 0 ? (size_t) length : 0);
        }
        vector_push(rows, bytes);
    }
    PQclear(result);
    if (rows->count > 0) {
        qsort(rows->items, rows->count, sizeof *rows->items, row_compare);
    }
    return ok;
}

static void
print_row(Buffer *to, const Buffer *row)
{
    for (size_t at = 0; at + 4 <= row->size;) {
        uint32_t length = be32_read(row->bytes + at);
        at += 4;
        if (length == UINT32_MAX) {
            buffer_append_text(to, "NULL|");
            continue;
        }
        for (uint32_t i = 0; i < length && i < 200; i++) {
            unsigned char c = (unsigned char) row->bytes[at + i];
            if (c < ' ' || c > '~') {
                buffer_printf(to, "\\x%02x", c);
            } else {
                buffer_append_char(to, (char) c);
            }
        }
        buffer_append_char(to, '|');
        at += length;
    }
}

static bool
compare_rows(const Rows *left, const Rows *right, Buffer *why)
{
    size_t common = left->count < right->count ? left->count : right->count;
    for (size_t i = 0; i <= common; i++) {
        const Buffer *a = i < left->count ? &left->items[i] : NULL;
        const Buffer *b = i < right->count ? &right->items[i] : NULL;
        if (a == NULL && b == NULL) {
            return true;
        }
        if (a == NULL || b == NULL || row_compare(a, b) != 0) {
            buffer_printf(why, "%zu rows against %zu; first difference: ", left->count, right->count);
            if (a != NULL) {
                print_row(why, a);
            }
            buffer_append_text(why, " against ");
            if (b != NULL) {
                print_row(why, b);
            }
            return false;
        }
    }
    return true;
}

bool
query_same(PGconn *left, PGconn *right, const char *sql, bool binary, Buffer *why)
{
    Rows a = {0};
    Rows b = {0};
    bool same =
        read_rows(left, sql, binary, &a, why) && read_rows(right, sql, binary, &b, why) && compare_rows(&a, &b, why);
    free_rows(&a);
    free_rows(&b);
    return same;
}

bool
query_same_in_time(PGconn *left, PGconn *right, const char *sql, bool binary, int timeout_ms, Buffer *why)
{
    int64_t deadline = clock_steady_us() + (int64_t) timeout_ms * 1000;
    for (;;) {
        buffer_clear(why);
        if (query_same(left, right, sql, binary, why)) {
            return true;
        }
        if (clock_steady_us() >= deadline) {
            return false;
        }
        sleep_ms(50);
    }
}
