#include "expr/aggregate_internal.h"
#include "expr/functions/json_build.h"
#include "types/array.h"
#include "types/jsonb.h"
#include "types/map.h"

/* Aggregates over all rows of a group in order. A row counts diff times; one that was retracted does not come here. */

typedef struct Rows {
    const Datum *const *args;
    const int64_t *diffs;
    size_t count;
} Rows;

static int64_t
rows_total(const Rows *rows)
{
    int64_t total = 0;
    for (size_t i = 0; i < rows->count; i++)
        total += rows->diffs[i];
    return total;
}

static Datum
collect_array(const AggregateCall *call, const Rows *rows, Arena *arena)
{
    int64_t total = rows_total(rows), at = 0;
    if (total <= 0)
        return DATUM_NULL;
    Datum *elements = arena_new_array(arena, Datum, total);
    for (size_t i = 0; i < rows->count; i++) {
        for (int64_t k = 0; k < rows->diffs[i]; k++)
            elements[at++] = rows->args[i][0];
    }
    return datum_bytes(array_make_vector(call->arg_type, elements, total, arena));
}

/* array_agg of arrays: one dimension more; all of one shape. */
static bool
collect_arrays(const AggregateCall *call, const Rows *rows, Arena *arena, Datum *result, Error *err)
{
    ArrayShape shape = {0};
    int64_t total = rows_total(rows);
    VECTOR(Datum) elements = {0};
    bool fine = true;
    for (size_t i = 0; i < rows->count && fine; i++) {
        ArrayReader reader;
        if (rows->args[i][0].is_null) {
            fine = error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "cannot accumulate null arrays");
            break;
        }
        array_read(&reader, call->arg_type, rows->args[i][0].bytes);
        if (i == 0)
            shape = reader.shape;
        if (reader.shape.dimensions == 0)
            fine = error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "cannot accumulate empty arrays");
        else if (reader.shape.dimensions != shape.dimensions ||
                 memcmp(reader.shape.lengths, shape.lengths, sizeof(int32_t) * (size_t) shape.dimensions) != 0)
            fine =
                error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "cannot accumulate arrays of different dimensionality");
        else if (shape.dimensions + 1 > ARRAY_DIMENSIONS_MAX)
            fine = error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
                             "number of array dimensions (%d) exceeds the maximum allowed (%d)", shape.dimensions + 1,
                             ARRAY_DIMENSIONS_MAX);
        for (int64_t k = 0; fine && k < rows->diffs[i]; k++) {
            Datum element;
            array_read(&reader, call->arg_type, rows->args[i][0].bytes);
            while (array_next(&reader, arena, &element))
                vector_push(&elements, element);
        }
    }
    if (fine) {
        memmove(&shape.lengths[1], &shape.lengths[0], sizeof(int32_t) * (ARRAY_DIMENSIONS_MAX - 1));
        memmove(&shape.lower_bounds[1], &shape.lower_bounds[0], sizeof(int32_t) * (ARRAY_DIMENSIONS_MAX - 1));
        shape.lengths[0] = (int32_t) total;
        shape.lower_bounds[0] = 1;
        shape.dimensions++;
        shape.count = (int64_t) elements.count;
        *result = datum_bytes(array_make(type_element_of(call->arg_type), &shape, elements.items, arena));
    }
    vector_deinit(&elements);
    return fine;
}

/* The separator of a row stands before its value; the first value's is not used. */
static Datum
collect_string(const Rows *rows, Arena *arena)
{
    Buffer out = {0};
    bool any = false;
    for (size_t i = 0; i < rows->count; i++) {
        Datum value = rows->args[i][0], separator = rows->args[i][1];
        for (int64_t k = 0; k < rows->diffs[i] && !value.is_null; k++) {
            if (any && !separator.is_null)
                buffer_append_slice(&out, separator.bytes);
            buffer_append_slice(&out, value.bytes);
            any = true;
        }
    }
    size_t size = out.size;
    char *text = buffer_to_arena(&out, arena);
    return any ? datum_bytes(slice_make(text, size)) : DATUM_NULL;
}

static Datum
collect_xml(const Rows *rows, Arena *arena)
{
    Buffer out = {0};
    bool any = false;
    for (size_t i = 0; i < rows->count; i++) {
        for (int64_t k = 0; k < rows->diffs[i] && !rows->args[i][0].is_null; k++) {
            buffer_append_slice(&out, rows->args[i][0].bytes);
            any = true;
        }
    }
    size_t size = out.size;
    char *text = buffer_to_arena(&out, arena);
    return any ? datum_bytes(slice_make(text, size)) : DATUM_NULL;
}

static bool
json_done(const AggregateCall *call, Buffer *out, Arena *arena, Datum *result, Error *err)
{
    if (call->result_type.id == TYPE_JSONB)
        return json_finish(out, arena, result, err);
    size_t size = out->size;
    *result = datum_bytes(slice_make(buffer_to_arena(out, arena), size));
    return true;
}

static bool
collect_json_array(const AggregateCall *call, const Rows *rows, Arena *arena, Datum *result, Error *err)
{
    Buffer out = {0};
    bool any = false;
    buffer_append_char(&out, '[');
    for (size_t i = 0; i < rows->count; i++) {
        for (int64_t k = 0; k < rows->diffs[i]; k++) {
            buffer_append_text(&out, any ? ", " : "");
            json_append_datum(&out, call->arg_type, rows->args[i][0],
                              (JsonStyle){.compact = call->result_type.id == TYPE_JSON}, arena);
            any = true;
        }
    }
    buffer_append_char(&out, ']');
    return json_done(call, &out, arena, result, err);
}

static bool
collect_json_object(const AggregateCall *call, const Rows *rows, Arena *arena, Datum *result, Error *err)
{
    if (call->second_type.id == TYPE_UNKNOWN)
        return error_set(err, SQLSTATE_INDETERMINATE_DATATYPE, "could not determine the type of the values of %s",
                         call->function->name);
    Buffer out = {0};
    bool any = false, fine = true;
    buffer_append_text(&out, call->result_type.id == TYPE_JSON ? "{ " : "{");
    for (size_t i = 0; i < rows->count && fine; i++) {
        Datum key = rows->args[i][0];
        if (rows->diffs[i] <= 0)
            continue;
        buffer_append_text(&out, any ? ", " : "");
        any = true;
        fine = key.is_null ? error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "field name must not be null")
                           : json_append_key(&out, call->arg_type, key, NULL, err);
        if (!fine)
            break;
        buffer_append_text(&out, call->result_type.id == TYPE_JSON ? " : " : ": ");
        json_append_datum(&out, call->second_type, rows->args[i][1],
                          (JsonStyle){.compact = call->result_type.id == TYPE_JSON}, arena);
    }
    if (!fine) {
        buffer_deinit(&out);
        return false;
    }
    buffer_append_text(&out, call->result_type.id == TYPE_JSON ? " }" : "}");
    return json_done(call, &out, arena, result, err);
}

/* What a value may hold in memory, as in PostgreSQL. */
#define COLLECTED_BYTES_MAX 0x3fffffff
#define COLLECTED_COUNT_MAX 134217727

/* Rows that stand for too many are refused before anything is laid out for them. */
static bool
check_size(const AggregateCall *call, const Rows *rows, Error *err)
{
    bool has_second = call->function->code == AGGREGATE_STRING || call->function->code == AGGREGATE_MAP ||
                      call->function->code == AGGREGATE_JSON_OBJECT;
    SqlType types[] = {call->arg_type, has_second ? call->second_type : call->arg_type};
    double bytes = 0, count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        double size = 0;
        for (int k = 0; k <= has_second; k++) {
            const Datum *value = &rows->args[i][k];
            size += type_phys(types[k]) == PHYS_BYTES && !value->is_null ? (double) value->bytes.size : 0;
        }
        bytes += size * (double) rows->diffs[i];
        count += (double) rows->diffs[i];
    }
    if (count > COLLECTED_COUNT_MAX)
        return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed (%d)",
                         COLLECTED_COUNT_MAX);
    if (bytes <= COLLECTED_BYTES_MAX)
        return true;
    error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "out of memory");
    return error_detail(err, "The values that %s collects have %.0f bytes.", call->function->name, bytes);
}

/* A key that is null is left out; of several values of one key the last stays. */
static Datum
collect_map(const AggregateCall *call, const Rows *rows, Arena *arena)
{
    MapBuilder builder;
    map_builder_init(&builder, call->second_type, arena);
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->diffs[i] > 0 && !rows->args[i][0].is_null)
            map_builder_add(&builder, rows->args[i][0].bytes, rows->args[i][1]);
    }
    Slice map = map_builder_finish(&builder);
    map_builder_deinit(&builder);
    return datum_bytes(map);
}

bool
collect_result(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count, Arena *arena,
               Datum *result, Error *err)
{
    Rows rows = {args, diffs, count};
    *result = aggregate_empty(call);
    if (rows_total(&rows) <= 0)
        return true;
    if (call->function->form != AGGREGATE_PLAIN)
        return ordered_set_result(call, args, diffs, count, arena, result, err);
    if (!check_size(call, &rows, err))
        return false;
    switch ((AggregateCode) call->function->code) {
    case AGGREGATE_ARRAY:
        *result = collect_array(call, &rows, arena);
        return true;
    case AGGREGATE_ARRAYS:
        return collect_arrays(call, &rows, arena, result, err);
    case AGGREGATE_STRING:
        *result = collect_string(&rows, arena);
        return true;
    case AGGREGATE_XML:
        *result = collect_xml(&rows, arena);
        return true;
    case AGGREGATE_RANGE_UNION:
        return range_union_result(call, args, diffs, count, arena, result, err);
    case AGGREGATE_RANGE_INTERSECTION:
        return range_intersection_result(call, args, diffs, count, arena, result, err);
    case AGGREGATE_BITS_AND:
    case AGGREGATE_BITS_OR:
    case AGGREGATE_BITS_XOR:
        return bit_string_result(call, args, diffs, count, arena, result, err);
    case AGGREGATE_JSON_ARRAY:
        return collect_json_array(call, &rows, arena, result, err);
    case AGGREGATE_MAP:
        *result = collect_map(call, &rows, arena);
        return true;
    case AGGREGATE_JSON_OBJECT:
        return collect_json_object(call, &rows, arena, result, err);
    default:
        bug("%s does not collect", call->function->name);
    }
}
