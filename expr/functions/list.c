#include "base/vector.h"
#include "expr/functions/family.h"
#include "types/array.h"
#include "types/element.h"
#include "types/map.h"

/* Lists and maps of the dialect. A list's elements may be lists, each of its own length. */

typedef VECTOR(Datum) Datums;

static void
read_list(FunctionCall *call, SqlType list, Slice value, Datums *elements)
{
    ArrayReader reader;
    Datum element;
    array_read(&reader, list, value);
    while (array_next(&reader, call->context->arena, &element))
        vector_push(elements, element);
}

static bool
give_list(FunctionCall *call, SqlType list, Datums *elements, Datum *result)
{
    Slice made =
        array_make_vector(type_element_of(list), elements->items, (int64_t) elements->count, call->context->arena);
    vector_deinit(elements);
    return give_bytes(result, made);
}

ROW_FUNCTION(make_list)
{
    SqlType element = type_element_of(call->result_type);
    return give_bytes(result, array_make_vector(element, args, call->arg_count, call->context->arena));
}

ROW_FUNCTION(append)
{
    Datums elements = {0};
    if (!args[0].is_null)
        read_list(call, call->arg_types[0], args[0].bytes, &elements);
    vector_push(&elements, args[1]);
    return give_list(call, call->arg_types[0], &elements, result);
}

ROW_FUNCTION(prepend)
{
    Datums elements = {0};
    vector_push(&elements, args[0]);
    if (!args[1].is_null)
        read_list(call, call->arg_types[1], args[1].bytes, &elements);
    return give_list(call, call->arg_types[1], &elements, result);
}

ROW_FUNCTION(concat)
{
    if (args[0].is_null || args[1].is_null) {
        *result = args[0].is_null ? args[1] : args[0];
        return true;
    }
    Datums elements = {0};
    read_list(call, call->arg_types[0], args[0].bytes, &elements);
    read_list(call, call->arg_types[1], args[1].bytes, &elements);
    return give_list(call, call->arg_types[0], &elements, result);
}

static int64_t
list_size(SqlType list, Slice value)
{
    ArrayReader reader;
    array_read(&reader, list, value);
    return reader.shape.count;
}

ROW_FUNCTION(length)
{
    return give_int(result, list_size(call->arg_types[0], args[0].bytes));
}

/* How deep a list's type nests. */
static int
layers_of(SqlType type)
{
    int layers = 0;
    for (; type.id == TYPE_LIST; type = type_element_of(type))
        layers++;
    return layers;
}

static int64_t
longest(SqlType list, Slice value, int64_t layer)
{
    if (layer == 1)
        return list_size(list, value);
    ArrayReader reader;
    Datum element;
    int64_t most = -1;
    array_read(&reader, list, value);
    while (array_next(&reader, NULL, &element)) {
        int64_t size = element.is_null ? -1 : longest(reader.element, element.bytes, layer - 1);
        most = size > most ? size : most;
    }
    return most;
}

ROW_FUNCTION(length_max)
{
    int layers = layers_of(call->arg_types[0]);
    if (args[1].i < 1 || args[1].i > layers)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid layer: %lld; must use value within [1, %d]",
                         (long long) args[1].i, layers);
    int64_t most = longest(call->arg_types[0], args[0].bytes, args[1].i);
    return most < 0 ? give_null(result) : give_int(result, most);
}

ROW_FUNCTION(layers)
{
    return give_int(result, layers_of(call->arg_types[0]));
}

ROW_FUNCTION(remove_elements)
{
    if (args[0].is_null)
        return give_null(result);
    SqlType element = type_element_of(call->arg_types[0]);
    Datums all = {0}, kept = {0};
    read_list(call, call->arg_types[0], args[0].bytes, &all);
    for (size_t i = 0; i < all.count; i++) {
        if (!datum_equal(element, all.items[i], args[1]))
            vector_push(&kept, all.items[i]);
    }
    vector_deinit(&all);
    return give_list(call, call->arg_types[0], &kept, result);
}

/* ---- subscripts */

static bool
element_at(FunctionCall *call, SqlType list, Slice value, int64_t index, Datum *element)
{
    ArrayReader reader;
    array_read(&reader, list, value);
    if (index < 1 || index > reader.shape.count)
        return false;
    for (int64_t i = 0; i < index; i++) {
        if (!array_next(&reader, call->context->arena, element))
            return false;
    }
    return true;
}

ROW_FUNCTION(subscript)
{
    SqlType type = call->arg_types[0];
    Datum value = args[0];
    for (int i = 1; i < call->arg_count && !value.is_null; i++) {
        if (!element_at(call, type, value.bytes, args[i].i, &value))
            return give_null(result);
        type = type_element_of(type);
    }
    *result = value;
    return true;
}

/* The bounds of this layer and those of the layers inside; a bound that is null is open. */
static Datum
slice_layer(FunctionCall *call, SqlType list, Slice value, const Datum *bounds, int layers)
{
    Datums elements = {0}, kept = {0};
    SqlType element = type_element_of(list);
    read_list(call, list, value, &elements);
    int64_t count = (int64_t) elements.count;
    int64_t first = bounds[0].is_null || bounds[0].i < 1 ? 1 : bounds[0].i;
    int64_t last = bounds[1].is_null || bounds[1].i > count ? count : bounds[1].i;
    for (int64_t i = first; i <= last; i++) {
        Datum at = elements.items[i - 1];
        if (layers > 1 && !at.is_null)
            at = slice_layer(call, element, at.bytes, bounds + 2, layers - 1);
        vector_push(&kept, at);
    }
    vector_deinit(&elements);
    Datum result;
    give_list(call, list, &kept, &result);
    return result;
}

ROW_FUNCTION(slice)
{
    if (args[0].is_null)
        return give_null(result);
    *result = slice_layer(call, call->arg_types[0], args[0].bytes, args + 1, (call->arg_count - 1) / 2);
    return true;
}

/* ---- maps */

static bool
no_null_keys(Error *err)
{
    return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "map keys must not be null");
}

ROW_FUNCTION(make_map)
{
    MapBuilder builder;
    map_builder_init(&builder, type_element_of(call->result_type), call->context->arena);
    bool fine = true;
    for (int i = 0; i + 1 < call->arg_count && fine; i += 2) {
        fine = !args[i].is_null || no_null_keys(err);
        if (fine)
            map_builder_add(&builder, args[i].bytes, args[i + 1]);
    }
    if (fine)
        *result = datum_bytes(map_builder_finish(&builder));
    map_builder_deinit(&builder);
    return fine;
}

/* From a list of records of a text and a value; a record that is null, or whose key is, is left out. */
ROW_FUNCTION(build_map)
{
    SqlType record = type_element_of(call->arg_types[0]), value_type = type_element_of(call->result_type);
    if (record.id != TYPE_RECORD || record.detail == NULL || record.detail->count != 2 ||
        record.detail->fields[0].type.id != TYPE_TEXT)
        return error_set(err, SQLSTATE_DATATYPE_MISMATCH, "map_build requires a list of records of a text and a value");
    Datums records = {0};
    MapBuilder builder;
    read_list(call, call->arg_types[0], args[0].bytes, &records);
    map_builder_init(&builder, value_type, call->context->arena);
    for (size_t i = 0; i < records.count; i++) {
        if (records.items[i].is_null)
            continue;
        Slice rest = slice_make(records.items[i].bytes.bytes + 8, records.items[i].bytes.size - 8);
        Datum key = element_take(SQL_TYPE(TEXT), &rest);
        rest = slice_make(rest.bytes + 4, rest.size - 4);
        if (!key.is_null)
            map_builder_add(&builder, key.bytes, element_take(value_type, &rest));
    }
    *result = datum_bytes(map_builder_finish(&builder));
    map_builder_deinit(&builder);
    vector_deinit(&records);
    return true;
}

ROW_FUNCTION(map_size)
{
    return give_int(result, be32_read(args[0].bytes.bytes));
}

ROW_FUNCTION(map_value)
{
    return map_find(call->arg_types[0], args[0].bytes, args[1].bytes, result) || give_null(result);
}

ROW_FUNCTION(map_has)
{
    Datum found;
    return give_bool(result, map_find(call->arg_types[0], args[0].bytes, args[1].bytes, &found));
}

/* Whether all of the keys are there, or any; a null among them is no key. */
static bool
keys_found(FunctionCall *call, const Datum *args, bool all)
{
    ArrayReader reader;
    Datum key, found;
    array_read(&reader, call->arg_types[1], args[1].bytes);
    while (array_next(&reader, NULL, &key)) {
        bool has = !key.is_null && map_find(call->arg_types[0], args[0].bytes, key.bytes, &found);
        if (has != all)
            return !all;
    }
    return all;
}

ROW_FUNCTION(map_has_all)
{
    return give_bool(result, keys_found(call, args, true));
}

ROW_FUNCTION(map_has_any)
{
    return give_bool(result, keys_found(call, args, false));
}

static bool
contains_entries(SqlType type, Slice whole, Slice part)
{
    MapReader reader;
    Datum key, value, found;
    map_read(&reader, type, part);
    while (map_next_entry(&reader, &key, &value)) {
        if (!map_find(type, whole, key.bytes, &found) || value.is_null || found.is_null ||
            !datum_equal(reader.value, value, found))
            return false;
    }
    return true;
}

ROW_FUNCTION(map_contains)
{
    return give_bool(result, contains_entries(call->arg_types[0], args[0].bytes, args[1].bytes));
}

ROW_FUNCTION(map_contained)
{
    return give_bool(result, contains_entries(call->arg_types[0], args[1].bytes, args[0].bytes));
}

const Function functions_list[] = {
#include "expr/functions/list.def"
};
const size_t functions_list_count = sizeof functions_list / sizeof *functions_list;
