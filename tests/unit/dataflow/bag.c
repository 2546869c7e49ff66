#include "tests/unit/dataflow/bag.h"

#include <check.h>

#include "base/buffer.h"
#include "types/text_format.h"

void
bag_init(Bag *bag, const SqlType *types, uint16_t column_count)
{
    *bag = (Bag){.arena = arena_new(), .types = types, .column_count = column_count, .map = map_new()};
}

void
bag_deinit(Bag *bag)
{
    if (bag->map != NULL)
        map_free(bag->map);
    arena_free(bag->arena);
    *bag = (Bag){0};
}

static void
encode(const Bag *bag, const Datum *values, Buffer *out)
{
    for (uint16_t i = 0; i < bag->column_count; i++) {
        buffer_append_char(out, values[i].is_null ? 1 : 0);
        if (values[i].is_null)
            continue;
        Phys phys = type_phys(bag->types[i]);
        if (phys == PHYS_BYTES) {
            buffer_append_be32(out, (uint32_t) values[i].bytes.size);
            buffer_append_slice(out, values[i].bytes);
        } else if (phys == PHYS_B16) {
            buffer_append(out, values[i].b16, 16);
        } else {
            buffer_append_be64(out, (uint64_t) values[i].i);
        }
    }
}

void
bag_add(Bag *bag, const Datum *values, int64_t count)
{
    Buffer key = {0};
    encode(bag, values, &key);
    BagRow *row = map_get(bag->map, buffer_slice(&key));
    if (row == NULL) {
        row = arena_new_struct(bag->arena, BagRow);
        row->values = arena_new_array(bag->arena, Datum, bag->column_count + 1);
        for (uint16_t i = 0; i < bag->column_count; i++)
            row->values[i] = datum_copy(bag->types[i], values[i], bag->arena);
        map_put(bag->map, buffer_slice(&key), row);
    }
    row->count += count;
    buffer_deinit(&key);
}

void
bag_add_chunk(Bag *bag, const Chunk *chunk, Timestamp until)
{
    Datum *values = memory_calloc((size_t) bag->column_count + 1, sizeof *values);
    for (uint32_t row = 0; row < chunk->count; row++) {
        if (chunk_time(chunk, row) > until)
            continue;
        for (uint16_t i = 0; i < bag->column_count; i++)
            values[i] = column_datum(chunk->columns[i], bag->types[i], row);
        bag_add(bag, values, chunk_diff(chunk, row));
    }
    free(values);
}

bool
bag_next(const Bag *bag, size_t *iterator, const BagRow **row)
{
    Slice key;
    void *value;
    while (map_next(bag->map, iterator, &key, &value)) {
        *row = value;
        if ((*row)->count != 0)
            return true;
    }
    return false;
}

uint64_t
bag_size(const Bag *bag)
{
    uint64_t size = 0;
    const BagRow *row;
    for (size_t i = 0; bag_next(bag, &i, &row);)
        size++;
    return size;
}

bool
bag_equal(const Bag *a, const Bag *b)
{
    if (bag_size(a) != bag_size(b))
        return false;
    Slice key;
    void *value;
    for (size_t i = 0; map_next(a->map, &i, &key, &value);) {
        const BagRow *row = value, *other = map_get(b->map, key);
        if (row->count != (other == NULL ? 0 : other->count))
            return false;
    }
    return true;
}

static int
text_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

char *
bag_text(const Bag *bag)
{
    VECTOR(char *) lines = {0};
    const BagRow *row;
    for (size_t i = 0; bag_next(bag, &i, &row);) {
        Buffer line = {0};
        buffer_append_text(&line, "  (");
        for (uint16_t k = 0; k < bag->column_count; k++) {
            buffer_append_text(&line, k == 0 ? "" : ", ");
            if (row->values[k].is_null)
                buffer_append_text(&line, "null");
            else
                datum_print(bag->types[k], row->values[k], NULL, &line);
        }
        buffer_printf(&line, ") x %lld\n", (long long) row->count);
        for (size_t k = 0; k < line.size; k++)
            line.bytes[k] = line.bytes[k] == '\0' ? '.' : line.bytes[k];
        vector_push(&lines, buffer_take(&line));
    }
    if (lines.count > 0)
        qsort(lines.items, lines.count, sizeof *lines.items, text_compare);
    Buffer out = {0};
    for (size_t i = 0; i < lines.count; i++) {
        buffer_append_text(&out, lines.items[i]);
        free(lines.items[i]);
    }
    vector_deinit(&lines);
    return buffer_take(&out);
}

static const SqlType error_type = {.id = TYPE_TEXT, .typmod = -1};

void
bag_pair_init(BagPair *pair, const SqlType *types, uint16_t column_count)
{
    bag_init(&pair->rows, types, column_count);
    bag_init(&pair->errors, &error_type, 1);
}

void
bag_pair_deinit(BagPair *pair)
{
    bag_deinit(&pair->rows);
    bag_deinit(&pair->errors);
}

static void
expect(const Bag *expected, const Bag *found, const char *what, const char *part, uint64_t seed, Timestamp time)
{
    if (bag_equal(expected, found))
        return;
    char *a = bag_text(expected), *b = bag_text(found);
    ck_abort_msg("%s of %s differ at time %llu (seed %llu)\nexpected:\n%sfound:\n%s", part, what,
                 (unsigned long long) time, (unsigned long long) seed, a, b);
}

void
bag_pair_expect(const BagPair *expected, const BagPair *found, const char *what, uint64_t seed, Timestamp time)
{
    expect(&expected->rows, &found->rows, what, "rows", seed, time);
    expect(&expected->errors, &found->errors, what, "errors", seed, time);
}
