#include "types/array.h"

#include "expr/functions/family.h"
#include "types/element.h"
#include "types/text_format.h"

/* Arrays; and the parts of records, since those are read alike. */

static SqlType
element_type(const FunctionCall *call, int arg)
{
    return type_element_of(call->arg_types[arg]);
}

/* All elements of an array. */
static Datum *
read_all(FunctionCall *call, int arg, Slice value, ArrayShape *shape)
{
    ArrayReader reader;
    array_read(&reader, call->arg_types[arg], value);
    *shape = reader.shape;
    Datum *elements = arena_new_array(call->context->arena, Datum, reader.shape.count + 1);
    for (int64_t i = 0; array_next(&reader, call->context->arena, &elements[i]); i++)
        continue;
    return elements;
}

static bool
give_vector(FunctionCall *call, const Datum *elements, int64_t count, Datum *result)
{
    return give_bytes(result,
                      array_make_vector(type_element_of(call->result_type), elements, count, call->context->arena));
}

static bool
elements_equal(SqlType type, Datum a, Datum b)
{
    return a.is_null || b.is_null ? a.is_null && b.is_null : datum_equal(type, a, b);
}

/* ---- shape */

static bool
shape_of(FunctionCall *call, const Datum *args, ArrayShape *shape)
{
    ArrayReader reader;
    array_read(&reader, call->arg_types[0], args[0].bytes);
    *shape = reader.shape;
    return call->arg_count < 2 || (args[1].i >= 1 && args[1].i <= shape->dimensions);
}

ROW_FUNCTION(length)
{
    ArrayShape shape;
    return shape_of(call, args, &shape) ? give_int(result, shape.lengths[args[1].i - 1]) : give_null(result);
}

ROW_FUNCTION(lower_bound)
{
    ArrayShape shape;
    return shape_of(call, args, &shape) ? give_int(result, shape.lower_bounds[args[1].i - 1]) : give_null(result);
}

ROW_FUNCTION(upper_bound)
{
    ArrayShape shape;
    if (!shape_of(call, args, &shape))
        return give_null(result);
    return give_int(result, (int64_t) shape.lower_bounds[args[1].i - 1] + shape.lengths[args[1].i - 1] - 1);
}

ROW_FUNCTION(dimensions)
{
    ArrayShape shape;
    (void) shape_of(call, args, &shape);
    return shape.dimensions == 0 ? give_null(result) : give_int(result, shape.dimensions);
}

ROW_FUNCTION(dimensions_text)
{
    ArrayShape shape;
    (void) shape_of(call, args, &shape);
    if (shape.dimensions == 0)
        return give_null(result);
    Buffer out = {0};
    for (int d = 0; d < shape.dimensions; d++)
        buffer_printf(&out, "[%d:%lld]", shape.lower_bounds[d],
                      (long long) shape.lower_bounds[d] + shape.lengths[d] - 1);
    return give_buffer(call, result, &out);
}

ROW_FUNCTION(cardinality)
{
    ArrayShape shape;
    (void) shape_of(call, args, &shape);
    return give_int(result, shape.count);
}

/* ---- subscripts */

ROW_FUNCTION(subscript)
{
    int64_t subscripts[ARRAY_DIMENSIONS_MAX];
    int count = call->arg_count - 1;
    if (count > ARRAY_DIMENSIONS_MAX)
        return give_null(result);
    for (int i = 0; i < count; i++)
        subscripts[i] = args[i + 1].i;
    return array_subscript(call->arg_types[0], args[0].bytes, subscripts, count, call->context->arena, result) ||
           give_null(result);
}

/* Copies the elements within the bounds, one dimension inside the other. */
static void
copy_within(const ArrayShape *shape, const int64_t *from, const int64_t *to, const Datum *elements, int dimension,
            int64_t offset, Datum **out)
{
    for (int64_t i = from[dimension]; i <= to[dimension]; i++) {
        int64_t at = offset * shape->lengths[dimension] + i;
        if (dimension + 1 < shape->dimensions)
            copy_within(shape, from, to, elements, dimension + 1, at, out);
        else
            *(*out)++ = elements[at];
    }
}

/* Arguments: the array, then lower and upper bound of each dimension; the least and the greatest integer where one is left out. */
ROW_FUNCTION(slice)
{
    ArrayShape shape;
    Datum *elements = read_all(call, 0, args[0].bytes, &shape);
    int64_t from[ARRAY_DIMENSIONS_MAX], to[ARRAY_DIMENSIONS_MAX];
    ArrayShape cut = {.dimensions = shape.dimensions, .count = shape.dimensions == 0 ? 0 : 1};
    if ((call->arg_count - 1) / 2 > shape.dimensions)
        cut.count = 0;
    for (int d = 0; d < shape.dimensions; d++) {
        const Datum *bounds = args + 1 + d * 2;
        bool given = d * 2 + 1 < call->arg_count;
        int64_t low = shape.lower_bounds[d], high = low + shape.lengths[d] - 1;
        int64_t first = given && bounds[0].i > low ? bounds[0].i : low;
        int64_t last = given && bounds[1].i < high ? bounds[1].i : high;
        from[d] = first - low;
        to[d] = last - low;
        cut.lengths[d] = (int32_t) (last < first ? 0 : last - first + 1);
        cut.lower_bounds[d] = 1;
        cut.count *= cut.lengths[d];
    }
    if (cut.count == 0)
        return give_vector(call, NULL, 0, result);
    Datum *picked = arena_new_array(call->context->arena, Datum, cut.count), *out = picked;
    copy_within(&shape, from, to, elements, 0, 0, &out);
    return give_bytes(result, array_make(element_type(call, 0), &cut, picked, call->context->arena));
}

ROW_FUNCTION(record_field)
{
    Slice rest = slice_make(args[0].bytes.bytes + 4, args[0].bytes.size - 4);
    const TypeDetail *record = call->arg_types[0].detail;
    for (int64_t i = 0;; i++) {
        rest = slice_make(rest.bytes + 4, rest.size - 4);
        SqlType type = record != NULL && i < record->count ? record->fields[i].type : call->result_type;
        if (i == args[1].i) {
            *result = element_take(type, &rest);
            return true;
        }
        (void) element_skip(&rest);
    }
}

/* ---- joining */

static bool
too_many_dimensions(Error *err)
{
    return error_set(err, SQLSTATE_DATA_EXCEPTION, "argument must be empty or one-dimensional array");
}

/* One more element at an end of a vector. */
static bool
extend(FunctionCall *call, int array_arg, const Datum *array, Datum element, bool at_end, Datum *result, Error *err)
{
    ArrayShape shape = {0};
    Datum *old = array->is_null ? NULL : read_all(call, array_arg, array->bytes, &shape);
    if (shape.dimensions > 1)
        return too_many_dimensions(err);
    Datum *elements = arena_new_array(call->context->arena, Datum, shape.count + 1);
    if (shape.count > 0)
        memcpy(elements + !at_end, old, sizeof *elements * (size_t) shape.count);
    elements[at_end ? shape.count : 0] = element;
    if (shape.dimensions == 0) {
        shape.dimensions = 1;
        shape.lower_bounds[0] = 1;
    }
    shape.lengths[0]++;
    shape.count++;
    return give_bytes(result, array_make(element_type(call, array_arg), &shape, elements, call->context->arena));
}

ROW_FUNCTION(append)
{
    return extend(call, 0, &args[0], args[1], true, result, err);
}

ROW_FUNCTION(prepend)
{
    return extend(call, 1, &args[1], args[0], false, result, err);
}

ROW_FUNCTION(concat)
{
    if (args[0].is_null || args[1].is_null) {
        *result = args[0].is_null ? args[1] : args[0];
        return true;
    }
    return array_concat(call->result_type, args[0].bytes, args[1].bytes, call->context->arena, &result->bytes, err);
}

/* ---- looking for elements */

ROW_FUNCTION(remove_elements)
{
    if (args[0].is_null)
        return give_null(result);
    ArrayShape shape;
    Datum *elements = read_all(call, 0, args[0].bytes, &shape);
    if (shape.dimensions > 1)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED,
                         "removing elements from multidimensional arrays is not supported");
    int64_t kept = 0;
    for (int64_t i = 0; i < shape.count; i++) {
        if (!elements_equal(element_type(call, 0), elements[i], args[1]))
            elements[kept++] = elements[i];
    }
    if (kept == shape.count)
        return give_bytes(result, args[0].bytes);
    if (kept == 0)
        return give_vector(call, NULL, 0, result);
    shape.lengths[0] = (int32_t) kept;
    shape.count = kept;
    return give_bytes(result, array_make(element_type(call, 0), &shape, elements, call->context->arena));
}

ROW_FUNCTION(replace_elements)
{
    if (args[0].is_null)
        return give_null(result);
    ArrayShape shape;
    Datum *elements = read_all(call, 0, args[0].bytes, &shape);
    for (int64_t i = 0; i < shape.count; i++) {
        if (elements_equal(element_type(call, 0), elements[i], args[1]))
            elements[i] = args[2];
    }
    return give_bytes(result, array_make(element_type(call, 0), &shape, elements, call->context->arena));
}

static bool
search_check(const ArrayShape *shape, Error *err)
{
    return shape->dimensions <= 1 || error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED,
                                               "searching for elements in multidimensional arrays is not supported");
}

ROW_FUNCTION(position)
{
    if (args[0].is_null)
        return give_null(result);
    ArrayShape shape;
    Datum *elements = read_all(call, 0, args[0].bytes, &shape);
    if (!search_check(&shape, err))
        return false;
    if (call->arg_count == 3 && args[2].is_null)
        return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "initial position must not be null");
    for (int64_t i = 0; i < shape.count; i++) {
        int64_t at = shape.lower_bounds[0] + i;
        if ((call->arg_count < 3 || at >= args[2].i) && elements_equal(element_type(call, 0), elements[i], args[1]))
            return give_int(result, at);
    }
    return give_null(result);
}

ROW_FUNCTION(positions)
{
    if (args[0].is_null)
        return give_null(result);
    ArrayShape shape;
    Datum *elements = read_all(call, 0, args[0].bytes, &shape);
    if (!search_check(&shape, err))
        return false;
    Datum *found = arena_new_array(call->context->arena, Datum, shape.count + 1);
    int64_t count = 0;
    for (int64_t i = 0; i < shape.count; i++) {
        if (elements_equal(element_type(call, 0), elements[i], args[1]))
            found[count++] = datum_int(shape.lower_bounds[0] + i);
    }
    return give_vector(call, found, count, result);
}

static bool
has_element(SqlType type, const Datum *elements, int64_t count, Datum wanted)
{
    for (int64_t i = 0; !wanted.is_null && i < count; i++) {
        if (!elements[i].is_null && datum_equal(type, elements[i], wanted))
            return true;
    }
    return false;
}

static bool
has_all(FunctionCall *call, Slice array, Slice parts)
{
    ArrayShape shape, part_shape;
    Datum *elements = read_all(call, 0, array, &shape), *wanted = read_all(call, 0, parts, &part_shape);
    for (int64_t i = 0; i < part_shape.count; i++) {
        if (!has_element(element_type(call, 0), elements, shape.count, wanted[i]))
            return false;
    }
    return true;
}

ROW_FUNCTION(contains)
{
    return give_bool(result, has_all(call, args[0].bytes, args[1].bytes));
}

ROW_FUNCTION(contained)
{
    return give_bool(result, has_all(call, args[1].bytes, args[0].bytes));
}

ROW_FUNCTION(overlaps)
{
    ArrayShape shape, other_shape;
    Datum *elements = read_all(call, 0, args[0].bytes, &shape), *other = read_all(call, 1, args[1].bytes, &other_shape);
    for (int64_t i = 0; i < other_shape.count; i++) {
        if (has_element(element_type(call, 0), elements, shape.count, other[i]))
            return give_bool(result, true);
    }
    return give_bool(result, false);
}

/* ---- texts */

ROW_FUNCTION(to_text)
{
    if (args[0].is_null || args[1].is_null)
        return give_null(result);
    bool shows_null = call->arg_count == 3 && !args[2].is_null, first = true;
    ArrayReader reader;
    array_read(&reader, call->arg_types[0], args[0].bytes);
    Buffer out = {0};
    Datum element;
    while (array_next(&reader, call->context->arena, &element)) {
        if (element.is_null && !shows_null)
            continue;
        if (!first)
            buffer_append_slice(&out, args[1].bytes);
        first = false;
        if (element.is_null)
            buffer_append_slice(&out, args[2].bytes);
        else
            datum_print(reader.element, element, &call->context->style, &out);
    }
    return give_buffer(call, result, &out);
}

static void
push_part(FunctionCall *call, const Datum *args, Slice part, Buffer *parts)
{
    bool null = call->arg_count == 3 && !args[2].is_null && slice_equal(part, args[2].bytes);
    Datum element = null ? DATUM_NULL : datum_bytes(part);
    buffer_append(parts, &element, sizeof element);
}

ROW_FUNCTION(from_text)
{
    if (args[0].is_null)
        return give_null(result);
    Slice text = args[0].bytes, separator = args[1].bytes;
    Buffer parts = {0};
    if (text.size > 0 && args[1].is_null) { /* every character apart */
        for (size_t at = 0; at < text.size;) {
            size_t next = at + 1;
            while (next < text.size && ((unsigned char) text.bytes[next] & 0xc0) == 0x80)
                next++;
            push_part(call, args, slice_make(text.bytes + at, next - at), &parts);
            at = next;
        }
    } else if (text.size > 0) {
        const char *found;
        while (separator.size > 0 && text.size >= separator.size &&
               (found = memmem(text.bytes, text.size, separator.bytes, separator.size)) != NULL) {
            size_t size = (size_t) (found - text.bytes);
            push_part(call, args, slice_make(text.bytes, size), &parts);
            text = slice_make(found + separator.size, text.size - size - separator.size);
        }
        push_part(call, args, text, &parts);
    }
    int64_t count = (int64_t) (parts.size / sizeof(Datum));
    give_vector(call, (const Datum *) (const void *) parts.bytes, count, result);
    buffer_deinit(&parts);
    return true;
}

/* ---- filling and cutting */

static bool
read_integers(FunctionCall *call, int arg, Slice value, int32_t *numbers, int *count, Error *err)
{
    ArrayShape shape;
    Datum *elements = read_all(call, arg, value, &shape);
    if (shape.dimensions > 1)
        return error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
    if (shape.count > ARRAY_DIMENSIONS_MAX)
        return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
                         "number of array dimensions (%lld) exceeds the maximum allowed (%d)", (long long) shape.count,
                         ARRAY_DIMENSIONS_MAX);
    for (int64_t i = 0; i < shape.count; i++) {
        if (elements[i].is_null)
            return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "dimension values cannot be null");
        numbers[i] = (int32_t) elements[i].i;
    }
    *count = (int) shape.count;
    return true;
}

#define ARRAY_ELEMENTS_MAX INT64_C(134217727)
/* As of texts: constants are folded on the event loop. */
#define FILLED_BYTES_MAX ((int64_t) 100 * 1024 * 1024)

ROW_FUNCTION(fill)
{
    ArrayShape shape = {0};
    int bounds = 0;
    if (args[1].is_null || (call->arg_count == 3 && args[2].is_null))
        return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "dimension array or low bound array cannot be null");
    if (!read_integers(call, 1, args[1].bytes, shape.lengths, &shape.dimensions, err))
        return false;
    for (int d = 0; d < shape.dimensions; d++)
        shape.lower_bounds[d] = 1;
    if (call->arg_count == 3 && !read_integers(call, 2, args[2].bytes, shape.lower_bounds, &bounds, err))
        return false;
    if (call->arg_count == 3 && bounds != shape.dimensions)
        return error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
    shape.count = shape.dimensions == 0 ? 0 : 1;
    for (int d = 0; d < shape.dimensions; d++) {
        if (shape.lengths[d] < 0 || __builtin_mul_overflow(shape.count, (int64_t) shape.lengths[d], &shape.count) ||
            shape.count > ARRAY_ELEMENTS_MAX)
            return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed (%lld)",
                             (long long) ARRAY_ELEMENTS_MAX);
    }
    if (shape.count == 0)
        return give_vector(call, NULL, 0, result);
    bool has_bytes = type_phys(type_element_of(call->result_type)) == PHYS_BYTES && !args[0].is_null;
    int64_t element_bytes = 8 + (has_bytes ? (int64_t) args[0].bytes.size : 0);
    if (shape.count > FILLED_BYTES_MAX / element_bytes)
        return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed (%lld)",
                         (long long) (FILLED_BYTES_MAX / element_bytes));
    Datum *elements = arena_new_array(call->context->arena, Datum, shape.count);
    for (int64_t i = 0; i < shape.count; i++)
        elements[i] = args[0];
    return give_bytes(result, array_make(type_element_of(call->result_type), &shape, elements, call->context->arena));
}

ROW_FUNCTION(trim)
{
    ArrayShape shape;
    Datum *elements = read_all(call, 0, args[0].bytes, &shape);
    int64_t length = shape.dimensions == 0 ? 0 : shape.lengths[0];
    if (args[1].i < 0 || args[1].i > length)
        return error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "number of elements to trim must be between 0 and %lld",
                         (long long) length);
    if (args[1].i == length)
        return give_vector(call, NULL, 0, result);
    shape.count = shape.count / length * (length - args[1].i);
    shape.lengths[0] = (int32_t) (length - args[1].i);
    for (int d = 0; d < shape.dimensions; d++)
        shape.lower_bounds[d] = 1;
    return give_bytes(result, array_make(element_type(call, 0), &shape, elements, call->context->arena));
}

/* ---- comparisons by name */

#define BY_ORDER(name, holds)                                                                                          \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        int order = datum_compare(call->arg_types[0], args[0], args[1]);                                               \
        return give_bool(result, holds);                                                                               \
    }

BY_ORDER(equal, order == 0)
BY_ORDER(not_equal, order != 0)
BY_ORDER(less, order < 0)
BY_ORDER(less_or_equal, order <= 0)
BY_ORDER(greater, order > 0)
BY_ORDER(greater_or_equal, order >= 0)

ROW_FUNCTION(larger)
{
    *result = datum_compare(call->arg_types[0], args[0], args[1]) > 0 ? args[0] : args[1];
    return true;
}

ROW_FUNCTION(smaller)
{
    *result = datum_compare(call->arg_types[0], args[0], args[1]) < 0 ? args[0] : args[1];
    return true;
}

/* How many of the sorted thresholds are at most the value. */
ROW_FUNCTION(bucket)
{
    ArrayShape shape;
    SqlType element = element_type(call, 1);
    Datum *thresholds = read_all(call, 1, args[1].bytes, &shape);
    if (shape.dimensions > 1)
        return error_set(err, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "thresholds must be one-dimensional array");
    for (int64_t i = 0; i < shape.count; i++) {
        if (thresholds[i].is_null)
            return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "thresholds array must not contain NULLs");
    }
    int64_t low = 0, high = shape.count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (datum_compare(element, args[0], thresholds[middle]) < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return give_int(result, low);
}

const Function functions_array[] = {
#include "expr/functions/array.def"
};
const size_t functions_array_count = sizeof functions_array / sizeof *functions_array;
