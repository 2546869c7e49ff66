#include "expr/table_function.h"

#include "expr/evaluate_internal.h"
#include "expr/functions/family.h"
#include "expr/functions/json_build.h"
#include "expr/functions/jsonpath_exec.h"
#include "expr/functions/regex_list.h"
#include "expr/overload.h"
#include "expr/table_function_parts.h"
#include "types/array.h"
#include "types/map.h"
#include "types/multirange.h"
#include "types/datetime.h"
#include "types/json_text.h"
#include "types/numeric.h"

/* Where the rows of one call go. */
typedef struct RowSink {
    const TableFunctionCall *call;
    EvalContext *context;
    bool (*emit)(void *emit_context, const Datum *values);
    void *emit_context;
} RowSink;

/* Emits rows until there are none or it is told to stop; false: failed. */
typedef bool (*TableProducer)(RowSink *sink, const Datum *args, Error *err);

typedef struct TableColumn {
    const char *name;
    SqlType type;
} TableColumn;

#define COLUMNS_MAX 3

struct TableFunction {
    const char *name;
    const char *schema;
    TableProducer produce;
    TableColumn columns[COLUMNS_MAX];
    SqlType args[FUNCTION_ARGS_MAX];
    uint8_t arg_count;
};

static bool
emit_one(RowSink *sink, Datum value)
{
    return sink->emit(sink->emit_context, &value);
}

/* ---- series */

static bool
zero_step(Error *err)
{
    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "step size cannot equal zero");
}

static bool
series_of_integers(RowSink *sink, const Datum *args, Error *err)
{
    int64_t value = args[0].i, end = args[1].i, step = sink->call->arg_count == 3 ? args[2].i : 1;
    bool narrow = sink->call->column_types[0].id == TYPE_INT4;
    if (step == 0)
        return zero_step(err);
    while (step > 0 ? value <= end : value >= end) {
        if (!emit_one(sink, datum_int(value)))
            return true;
        if (__builtin_add_overflow(value, step, &value) || (narrow && value != (int32_t) value))
            return true;
    }
    return true;
}

static bool
series_bound(Numeric value, const char *what, Error *err)
{
    if (numeric_is_finite(value))
        return true;
    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "%s cannot be %s", what,
                     numeric_is_nan(value) ? "NaN" : "infinity");
}

static bool
series_of_numerics(RowSink *sink, const Datum *args, Error *err)
{
    Arena *arena = sink->context->arena;
    Numeric value = args[0].bytes, end = args[1].bytes;
    Numeric step = sink->call->arg_count == 3 ? args[2].bytes : numeric_from_int64(1, arena);
    if (!series_bound(value, "start value", err) || !series_bound(end, "stop value", err) ||
        !series_bound(step, "step size", err))
        return false;
    int direction = numeric_sign(step);
    if (direction == 0)
        return zero_step(err);
    while (numeric_compare(value, end) * direction <= 0) {
        if (!emit_one(sink, datum_bytes(value)))
            return true;
        if (!numeric_add(value, step, arena, &value, err))
            return false;
    }
    return true;
}

static bool
series_of_timestamps(RowSink *sink, const Datum *args, Error *err)
{
    int64_t value = args[0].i, end = args[1].i;
    Interval step = args[2].interval;
    bool zoned = sink->call->column_types[0].id == TYPE_TIMESTAMPTZ;
    int direction = interval_compare(step, (Interval){0});
    if (direction == 0)
        return zero_step(err);
    while (direction > 0 ? value <= end : value >= end) {
        if (!emit_one(sink, datum_int(value)))
            return true;
        if (value == TIMESTAMP_INFINITY || value == TIMESTAMP_MINUS_INFINITY)
            return true;
        bool fine = zoned ? timestamptz_add_interval(value, step, sink->context->style.time_zone, &value, err)
                          : timestamp_add_interval(value, step, &value, err);
        if (!fine)
            return false;
    }
    return true;
}

/* The starts of the bins of a width, one a hop, that a time lies in. */
static bool
hopping_bins(RowSink *sink, const Datum *args, Error *err)
{
    Interval hop = args[0].interval, width = args[1].interval;
    int64_t time = args[2].i, origin = sink->call->arg_count == 4 ? args[3].i : -EPOCH_SHIFT_US;
    if (hop.months != 0 || width.months != 0)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED,
                         "timestamps cannot be binned into intervals containing months or years");
    __int128 hop_us = (__int128) hop.days * US_PER_DAY + hop.microseconds;
    __int128 width_us = (__int128) width.days * US_PER_DAY + width.microseconds;
    if (hop_us <= 0 || width_us <= 0)
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "stride must be greater than zero");
    __int128 distance = (__int128) time - origin, rest = distance % hop_us;
    __int128 start = time - (rest < 0 ? rest + hop_us : rest);
    for (; start + width_us > time; start -= hop_us) {
        if (start < INT64_MIN / 2)
            return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
        if (!emit_one(sink, datum_int((int64_t) start)))
            return true;
    }
    return true;
}

/* Nothing here is a partition. */
static bool
no_rows(RowSink *sink, const Datum *args, Error *err)
{
    (void) sink, (void) args, (void) err;
    return true;
}

/* ---- arrays */

static bool
unnest(RowSink *sink, const Datum *args, Error *err)
{
    (void) err;
    ArrayReader reader;
    Datum element;
    array_read(&reader, sink->call->arg_types[0], args[0].bytes);
    while (array_next(&reader, sink->context->arena, &element) && emit_one(sink, element))
        continue;
    return true;
}

static bool
ranges(RowSink *sink, const Datum *args, Error *err)
{
    (void) err;
    Slice rest = args[0].bytes, range;
    uint32_t count = multirange_take_count(&rest);
    for (uint32_t i = 0; i < count; i++) {
        range = multirange_take(&rest);
        if (!emit_one(sink, datum_bytes(range)))
            break;
    }
    return true;
}

static bool
map_entries(RowSink *sink, const Datum *args, Error *err)
{
    (void) err;
    MapReader reader;
    Datum values[2];
    map_read(&reader, sink->call->arg_types[0], args[0].bytes);
    while (map_next_entry(&reader, &values[0], &values[1]) && sink->emit(sink->emit_context, values))
        continue;
    return true;
}

static bool
expand_array(RowSink *sink, const Datum *args, Error *err)
{
    (void) err;
    ArrayReader reader;
    Datum values[2];
    array_read(&reader, sink->call->arg_types[0], args[0].bytes);
    for (int64_t n = 1; array_next(&reader, sink->context->arena, &values[0]); n++) {
        values[1] = datum_int(n);
        if (!sink->emit(sink->emit_context, values))
            break;
    }
    return true;
}

static bool
subscripts(RowSink *sink, const Datum *args, Error *err)
{
    (void) err;
    ArrayReader reader;
    array_read(&reader, sink->call->arg_types[0], args[0].bytes);
    if (args[1].i < 1 || args[1].i > reader.shape.dimensions)
        return true;
    int64_t low = reader.shape.lower_bounds[args[1].i - 1], count = reader.shape.lengths[args[1].i - 1];
    bool reverse = sink->call->arg_count == 3 && args[2].i != 0;
    for (int64_t i = 0; i < count; i++) {
        if (!emit_one(sink, datum_int(reverse ? low + count - 1 - i : low + i)))
            break;
    }
    return true;
}

/* ---- jsonb, and json, whose parts are given as they were typed */

typedef struct Members {
    RowSink *sink;
    Slice value;
    bool typed; /* a json */
    size_t offset;
} Members;

static Members
members_of(RowSink *sink, const Datum *args)
{
    bool typed = sink->call->arg_types[0].id == TYPE_JSON;
    return (Members){sink, typed ? json_text_trim(args[0].bytes) : args[0].bytes, typed, 0};
}

static bool
members_next(Members *members, Slice *key, Slice *member)
{
    Arena *arena = members->sink->context->arena;
    if (!members->typed)
        return jsonb_next(members->value, &members->offset, key, member, arena);
    if (!json_text_next(members->value, &members->offset, key, member))
        return false;
    if (members->value.bytes[0] == '{')
        *key = json_text_string(*key, arena);
    return true;
}

static Datum
member_as_text(const Members *members, Slice value)
{
    Arena *arena = members->sink->context->arena;
    switch (jsonb_kind(value)) {
    case JSON_NULL:
        return DATUM_NULL;
    case JSON_STRING:
        return datum_bytes(members->typed ? json_text_string(value, arena) : jsonb_string(value, arena));
    default:
        return datum_bytes(value);
    }
}

static bool
each_element(RowSink *sink, const Datum *args, bool text, Error *err)
{
    Members members = members_of(sink, args);
    Slice key, element;
    JsonKind kind = jsonb_kind(members.value);
    if (kind != JSON_ARRAY && members.typed)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot call %s on a %s", sink->call->function->name,
                         kind == JSON_OBJECT ? "non-array" : "scalar");
    if (kind != JSON_ARRAY)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot extract elements from %s",
                         kind == JSON_OBJECT ? "an object" : "a scalar");
    while (members_next(&members, &key, &element)) {
        if (!emit_one(sink, text ? member_as_text(&members, element) : datum_bytes(element)))
            break;
    }
    return true;
}

static bool
json_elements(RowSink *sink, const Datum *args, Error *err)
{
    return each_element(sink, args, false, err);
}

static bool
json_elements_text(RowSink *sink, const Datum *args, Error *err)
{
    return each_element(sink, args, true, err);
}

static bool
each_member(RowSink *sink, const Datum *args, bool text, Error *err)
{
    Members members = members_of(sink, args);
    Slice key, member;
    JsonKind kind = jsonb_kind(members.value);
    if (kind != JSON_OBJECT && members.typed)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot deconstruct %s",
                         kind == JSON_ARRAY ? "an array as an object" : "a scalar");
    if (kind != JSON_OBJECT)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot call %s on a non-object",
                         sink->call->function->name);
    while (members_next(&members, &key, &member)) {
        Datum values[2] = {datum_bytes(key), text ? member_as_text(&members, member) : datum_bytes(member)};
        if (!sink->emit(sink->emit_context, values))
            break;
    }
    return true;
}

static bool
json_members(RowSink *sink, const Datum *args, Error *err)
{
    return each_member(sink, args, false, err);
}

static bool
json_members_text(RowSink *sink, const Datum *args, Error *err)
{
    return each_member(sink, args, true, err);
}

static bool
json_keys(RowSink *sink, const Datum *args, Error *err)
{
    Members members = members_of(sink, args);
    Slice key, member;
    JsonKind kind = jsonb_kind(members.value);
    if (kind != JSON_OBJECT)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot call %s on %s", sink->call->function->name,
                         kind == JSON_ARRAY ? "an array" : "a scalar");
    while (members_next(&members, &key, &member)) {
        if (!emit_one(sink, datum_bytes(key)))
            break;
    }
    return true;
}

/* An object's members as the columns of the call, by name; what it lacks is null. */
static bool
emit_record(RowSink *sink, Members object, bool *more, Error *err)
{
    const TableFunctionCall *call = sink->call;
    Arena *arena = sink->context->arena;
    Datum *values = arena_new_array(arena, Datum, call->column_count);
    for (int i = 0; i < call->column_count; i++) {
        Slice name = slice_of(call->column_names[i]), member;
        bool found = object.typed ? json_text_field(object.value, name, arena, &member)
                                  : jsonb_field(object.value, name, &member);
        values[i] = DATUM_NULL;
        if (found && !json_as_datum(member, object.typed, call->column_types[i], sink->context, &values[i], err))
            return false;
    }
    *more = sink->emit(sink->emit_context, values);
    return true;
}

static bool
json_record(RowSink *sink, const Datum *args, Error *err)
{
    Members object = members_of(sink, args);
    bool more;
    JsonKind kind = jsonb_kind(object.value);
    if (kind != JSON_OBJECT)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot call populate_composite on %s",
                         kind == JSON_ARRAY ? "an array" : "a scalar");
    return emit_record(sink, object, &more, err);
}

static bool
json_records(RowSink *sink, const Datum *args, Error *err)
{
    Members array = members_of(sink, args);
    Slice key, member;
    bool more = true;
    JsonKind kind = jsonb_kind(array.value);
    if (kind != JSON_ARRAY)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot call %s on %s", sink->call->function->name,
                         kind == JSON_OBJECT ? (array.typed ? "an object" : "a non-array")
                                             : (array.typed ? "a scalar" : "a non-array"));
    while (more && members_next(&array, &key, &member)) {
        if (jsonb_kind(member) != JSON_OBJECT)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "argument of %s must be an array of objects",
                             sink->call->function->name);
        if (!emit_record(sink, (Members){sink, member, array.typed, 0}, &more, err))
            return false;
    }
    return true;
}

/* Of 'name=value' the parts; without = the value is null. */
static bool
options(RowSink *sink, const Datum *args, Error *err)
{
    (void) err;
    ArrayReader reader;
    Datum option;
    array_read(&reader, sink->call->arg_types[0], args[0].bytes);
    while (array_next(&reader, sink->context->arena, &option)) {
        if (option.is_null)
            continue;
        const char *equals = memchr(option.bytes.bytes, '=', option.bytes.size);
        size_t size = equals == NULL ? option.bytes.size : (size_t) (equals - option.bytes.bytes);
        Datum values[2] = {datum_bytes(slice_make(option.bytes.bytes, size)), DATUM_NULL};
        if (equals != NULL)
            values[1] = datum_bytes(slice_make(equals + 1, option.bytes.size - size - 1));
        if (!sink->emit(sink->emit_context, values))
            break;
    }
    return true;
}

static bool
path_values(RowSink *sink, const Datum *args, Error *err)
{
    PathRun run;
    PathValues found = {0};
    const char *name = sink->call->function->name;
    bool uses_zone = strcmp(name, "jsonb_path_query_tz") == 0;
    if (!jsonpath_prepare(sink->context, args, sink->call->arg_count, uses_zone, &run, err))
        return false;
    bool fine = jsonpath_run(&run, &found, err) != PATH_FAILED || !error_is_set(err);
    for (size_t i = 0; i < found.count && fine; i++) {
        if (!emit_one(sink, datum_bytes(path_value_json(&found.items[i], sink->context->arena))))
            break;
    }
    vector_deinit(&found);
    return fine;
}

/* ---- texts */

static Regex *
regex_of(RowSink *sink, const Datum *args, bool allow_global, unsigned *options, Error *err)
{
    *options = 0;
    if (sink->call->arg_count == 3 && !regex_read_flags(args[2].bytes, options, err))
        return NULL;
    if ((*options & REGEX_GLOBAL) && !allow_global) {
        (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "%s() does not support the \"global\" option",
                         sink->call->function->name);
        return NULL;
    }
    return regex_get(sink->context, args[1].bytes, *options, err);
}

static bool
regex_parts(RowSink *sink, const Datum *args, Error *err)
{
    unsigned options;
    TextParts parts = {0};
    Regex *regex = regex_of(sink, args, false, &options, err);
    bool fine = regex != NULL && regex_split(regex, args[0].bytes, &parts, err);
    for (size_t i = 0; fine && i < parts.count; i++) {
        if (!emit_one(sink, parts.items[i]))
            break;
    }
    vector_deinit(&parts);
    return fine;
}

typedef VECTOR(Datum) MatchArrays;

typedef struct MatchCollector {
    MatchArrays arrays;
    Arena *arena;
} MatchCollector;

static bool
collect_match(void *visitor, Slice text, const size_t *spans, int captures)
{
    MatchCollector *collector = visitor;
    vector_push(&collector->arrays, datum_bytes(regex_match_array(text, spans, captures, collector->arena)));
    return true;
}

/* Collected first: what takes the rows may use the regexes too. */
static bool
regex_matches(RowSink *sink, const Datum *args, Error *err)
{
    unsigned options;
    MatchCollector collector = {.arena = sink->context->arena};
    Regex *regex = regex_of(sink, args, true, &options, err);
    bool fine = regex != NULL && regex_each(regex, args[0].bytes, 0, (options & REGEX_GLOBAL) != 0, true, collect_match,
                                            &collector, err);
    for (size_t i = 0; fine && i < collector.arrays.count; i++) {
        if (!emit_one(sink, collector.arrays.items[i]))
            break;
    }
    vector_deinit(&collector.arrays);
    return fine;
}

/* string_to_table is string_to_array, unnested. */
static bool
string_parts(RowSink *sink, const Datum *args, Error *err)
{
    Slice text = args[0].bytes, separator = args[1].bytes;
    (void) err;
    if (args[0].is_null || text.size == 0)
        return true;
    while (true) {
        size_t size = text.size, skip = 0;
        if (args[1].is_null) {
            for (size = 1; size < text.size && ((unsigned char) text.bytes[size] & 0xc0) == 0x80; size++)
                continue;
        } else if (separator.size > 0 && separator.size <= text.size) {
            const char *found = memmem(text.bytes, text.size, separator.bytes, separator.size);
            size = found == NULL ? text.size : (size_t) (found - text.bytes);
            skip = found == NULL ? 0 : separator.size;
        }
        Slice part = slice_make(text.bytes, size);
        bool null = sink->call->arg_count == 3 && !args[2].is_null && slice_equal(part, args[2].bytes);
        if (!emit_one(sink, null ? DATUM_NULL : datum_bytes(part)))
            return true;
        if (size == text.size)
            return true;
        text = slice_make(text.bytes + size + skip, text.size - size - skip);
    }
}

/* ---- the table */

/* ---- texts taken apart */

/* A field, its quotes taken off; leaves `at` behind its delimiter. True: the line goes on. */
static bool
csv_field(Slice text, size_t *at, Arena *arena, Datum *value)
{
    Buffer field = {0};
    bool quoted = false, more = false;
    size_t start = *at, i = start;
    for (; i < text.size; i++) {
        char c = text.bytes[i];
        if (quoted && c == '"' && i + 1 < text.size && text.bytes[i + 1] == '"')
            buffer_append_char(&field, text.bytes[++i]);
        else if (quoted ? c == '"' : c == '"' && field.size == 0 && i == start)
            quoted = !quoted;
        else if (!quoted && (c == ',' || c == '\n' || c == '\r'))
            break;
        else
            buffer_append_char(&field, c);
    }
    if (i < text.size) {
        more = text.bytes[i] == ',';
        i += text.bytes[i] == '\r' && i + 1 < text.size && text.bytes[i + 1] == '\n' ? 2 : 1;
    }
    *at = i;
    size_t size = field.size;
    *value = datum_bytes(slice_make(buffer_to_arena(&field, arena), size));
    return more;
}

/* Lines with another number of fields, and empty ones, are left out. */
static bool
csv_lines(RowSink *sink, const Datum *args, Error *err)
{
    (void) err;
    Slice text = args[1].bytes;
    int columns = sink->call->column_count;
    Datum *values = arena_new_array(sink->context->arena, Datum, columns + 1);
    for (size_t at = 0; at < text.size;) {
        if (text.bytes[at] == '\n' || text.bytes[at] == '\r') {
            at++;
            continue;
        }
        int count = 0;
        for (bool more = true; more; count++)
            more = csv_field(text, &at, sink->context->arena, &values[count < columns ? count : columns]);
        if (count == columns && !sink->emit(sink->emit_context, values))
            break;
    }
    return true;
}

static bool
regex_groups(RowSink *sink, const Datum *args, Error *err)
{
    Slice text = args[1].bytes;
    const size_t *spans;
    bool found;
    Regex *regex = regex_get(sink->context, args[0].bytes, 0, err);
    if (regex == NULL || !regex_find(regex, text, 0, &found, &spans, err))
        return false;
    int count = regex_captures(regex);
    if (!found || count != sink->call->column_count)
        return true;
    Datum *values = arena_new_array(sink->context->arena, Datum, count);
    for (int i = 0; i < count; i++) {
        size_t start = spans[2 * i + 2], end = spans[2 * i + 3];
        values[i] = start == SIZE_MAX ? DATUM_NULL : datum_bytes(slice_make(text.bytes + start, end - start));
    }
    (void) sink->emit(sink->emit_context, values);
    return true;
}

static const TableFunction table_functions[] = {
#define COLUMN(the_name, ...) {the_name, __VA_ARGS__},
#define TABLE_FUNCTION(the_name, the_schema, producer, the_columns, ...)                                               \
    {.name = the_name,                                                                                                 \
     .schema = #the_schema,                                                                                            \
     .produce = producer,                                                                                              \
     .columns = {the_columns},                                                                                         \
     FUNCTION_ARGS(__VA_ARGS__)},
#include "expr/table_function.def"
};
#define TABLE_FUNCTIONS_COUNT (sizeof table_functions / sizeof *table_functions)
#define OVERLOADS_MAX         32

static int
named_functions(const char *schema, const char *name, const TableFunction **found, Overload *overloads, int room)
{
    int count = 0;
    for (size_t i = 0; i < TABLE_FUNCTIONS_COUNT && count < room; i++) {
        const TableFunction *function = &table_functions[i];
        if (strcmp(function->name, name) != 0 || (schema != NULL && strcmp(function->schema, schema) != 0))
            continue;
        found[count] = function;
        overloads[count++] = (Overload){function->args, function->arg_count, false};
    }
    return count;
}

bool
table_function_at(size_t index, TableFunctionShape *shape)
{
    if (index >= TABLE_FUNCTIONS_COUNT)
        return false;
    const TableFunction *function = &table_functions[index];
    bool single = function->columns[1].name == NULL;
    *shape = (TableFunctionShape){function->name, function->schema, function->args, function->arg_count,
                                  single ? function->columns[0].type : SQL_TYPE(RECORD)};
    return true;
}

bool
table_function_exists(const char *schema, const char *name)
{
    const TableFunction *found;
    Overload overload;
    return named_functions(schema, name, &found, &overload, 1) > 0;
}

bool
table_function_resolve(const char *schema, const char *name, const SqlType *args, int arg_count, int position,
                       Arena *arena, TableFunctionCall *call, Error *err)
{
    const TableFunction *found[OVERLOADS_MAX];
    Overload overloads[OVERLOADS_MAX];
    int count = named_functions(schema, name, found, overloads, OVERLOADS_MAX), chosen = -1;
    OverloadFound outcome = count == 0 ? OVERLOAD_NONE : overload_select(overloads, count, args, arg_count, &chosen);
    if (outcome != OVERLOAD_ONE)
        return call_not_found(schema, name, args, arg_count, position, outcome, err);
    const TableFunction *function = found[chosen];
    SqlType *arg_types = arena_new_array(arena, SqlType, arg_count);
    SqlType *column_types = arena_new_array(arena, SqlType, COLUMNS_MAX);
    const char **column_names = arena_new_array(arena, const char *, COLUMNS_MAX);
    *call = (TableFunctionCall){.function = function,
                                .arg_types = arg_types,
                                .arg_count = arg_count,
                                .column_types = column_types,
                                .column_names = column_names};
    for (int i = 0; i < COLUMNS_MAX && function->columns[i].name != NULL; i++) {
        column_names[i] = function->columns[i].name;
        if (!overload_bind(&overloads[chosen], function->columns[i].type, args, arg_count, position, arg_types,
                           &column_types[i], err))
            return false;
        call->column_count++;
    }
    return true;
}

bool
table_function_evaluate(const TableFunctionCall *call, EvalContext *context, const Datum *args,
                        bool (*emit)(void *emit_context, const Datum *values), void *emit_context,
                        const EvalError **error)
{
    if (call->part_count > 0)
        return table_function_evaluate_parts(call, context, args, emit, emit_context, error);
    if (call->function == NULL) {
        (void) emit(emit_context, args);
        return true;
    }
    RowSink sink = {call, context, emit, emit_context};
    bool takes_nulls = call->function->produce == string_parts;
    for (int i = 0; i < call->arg_count; i++) {
        if (args[i].is_null && !takes_nulls)
            return true;
    }
    Error err = ERROR_INIT;
    if (call->function->produce(&sink, args, &err))
        return true;
    *error = eval_error_from(&err, context->arena);
    return false;
}

const char *
table_function_name(const TableFunction *function)
{
    return function->name;
}
