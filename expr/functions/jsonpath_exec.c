#include "expr/functions/jsonpath_exec.h"

#include <math.h>

#include "expr/functions/json_build.h"
#include "expr/regex.h"
#include "types/jsonb.h"
#include "types/numeric.h"
#include "types/text_format.h"

/*
 * Items are run one after the other on each value that the item before gave. In lax mode arrays are unwrapped and what is missing is no
 * error. An error inside a predicate makes it unknown; errors that the path itself causes (`hard`) end the run anyway.
 */

typedef struct Exec {
    const PathRun *run;
    Arena *arena;
    Error *err;
    PathValue current;  /* @ */
    int64_t array_size; /* of the array whose subscripts are at hand; last is one less */
    Slice base;         /* ids of .keyvalue() are places in it */
    int64_t base_id, next_id;
    bool lax;
    bool forgives_missing; /* structure that is not there is no error */
    bool hard;
} Exec;

typedef enum Truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN } Truth;

#define VALUE_JSON(text) ((PathValue){.json = (text)})

static PathOutcome exec_item(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found);
static PathOutcome exec_unwrapping(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found,
                                   bool unwrap);
static Truth exec_predicate(Exec *exec, const PathItem *item, const PathValue *value);

static bool
is_json(const PathValue *value)
{
    return value->type.id == TYPE_UNKNOWN;
}

static bool
is_kind(const PathValue *value, JsonKind kind)
{
    return is_json(value) && jsonb_kind(value->json) == kind;
}

static bool
is_container(const PathValue *value)
{
    return is_kind(value, JSON_ARRAY) || is_kind(value, JSON_OBJECT);
}

static PathOutcome fail(Exec *exec, const char *sqlstate, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static PathOutcome
fail(Exec *exec, const char *sqlstate, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(exec->arena, format, args);
    va_end(args);
    error_clear(exec->err);
    (void) error_set(exec->err, sqlstate, "%s", message);
    return PATH_FAILED;
}

static PathValue
number_value(Exec *exec, Numeric number)
{
    Buffer text = {0};
    numeric_print(number, &text);
    size_t size = text.size;
    return VALUE_JSON(slice_make(buffer_to_arena(&text, exec->arena), size));
}

static PathValue
string_value(Exec *exec, Slice string)
{
    Buffer text = {0};
    jsonb_append_string(&text, string);
    size_t size = text.size;
    return VALUE_JSON(slice_make(buffer_to_arena(&text, exec->arena), size));
}

static bool
number_of(Exec *exec, const PathValue *value, Numeric *number)
{
    Error ignored = ERROR_INIT;
    bool fine = is_kind(value, JSON_NUMBER) && numeric_parse(value->json, exec->arena, number, &ignored);
    error_clear(&ignored);
    return fine;
}

/* On to what follows `item`. */
static PathOutcome
exec_next(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    if (item != NULL && item->next != NULL)
        return exec_item(exec, item->next, value, found);
    if (found != NULL)
        vector_push(found, *value);
    return PATH_FOUND;
}

/* ---- going through what is inside */

typedef struct Descent {
    const PathItem *next; /* run on each; NULL: each is a result */
    PathValues *found;
    uint32_t first, last;
    bool forgives, unwraps;
} Descent;

static PathOutcome
descend_to(Exec *exec, const Descent *descent, const PathValue *value)
{
    if (descent->next == NULL) {
        if (descent->found != NULL)
            vector_push(descent->found, *value);
        return PATH_FOUND;
    }
    bool before = exec->forgives_missing;
    exec->forgives_missing = before || descent->forgives;
    PathOutcome outcome = exec_unwrapping(exec, descent->next, value, descent->found, descent->unwraps);
    exec->forgives_missing = before;
    return outcome;
}

static PathOutcome
descend(Exec *exec, const Descent *descent, const PathValue *container, uint32_t level)
{
    PathOutcome outcome = PATH_NONE;
    Slice member;
    if (level > descent->last)
        return outcome;
    for (size_t offset = 0; jsonb_next(container->json, &offset, NULL, &member, exec->arena);) {
        PathValue value = VALUE_JSON(member);
        bool only_leaves = descent->first == PATH_LEVEL_LAST && descent->last == PATH_LEVEL_LAST;
        if (level >= descent->first || (only_leaves && !is_container(&value))) {
            outcome = descend_to(exec, descent, &value);
            if (outcome == PATH_FAILED || (outcome == PATH_FOUND && descent->found == NULL))
                return outcome;
        }
        if (level < descent->last && is_container(&value)) {
            outcome = descend(exec, descent, &value, level + 1);
            if (outcome == PATH_FAILED || (outcome == PATH_FOUND && descent->found == NULL))
                return outcome;
        }
    }
    return outcome;
}

/* Runs `item` on each element of an array. */
static PathOutcome
exec_elements(Exec *exec, const PathItem *item, const PathValue *array, PathValues *found)
{
    Descent descent = {.next = item, .found = found, .first = 1, .last = 1};
    return descend(exec, &descent, array, 1);
}

/* The results of `item`, arrays among them unwrapped in lax mode. */
static PathOutcome
exec_flat(Exec *exec, const PathItem *item, const PathValue *value, bool unwrap, PathValues *found)
{
    if (!unwrap || !exec->lax)
        return exec_item(exec, item, value, found);
    PathValues all = {0};
    PathOutcome outcome = exec_item(exec, item, value, &all);
    for (size_t i = 0; i < all.count && outcome != PATH_FAILED; i++) {
        if (is_kind(&all.items[i], JSON_ARRAY))
            (void) exec_elements(exec, NULL, &all.items[i], found);
        else
            vector_push(found, all.items[i]);
    }
    vector_deinit(&all);
    return outcome == PATH_FAILED ? outcome : PATH_FOUND;
}

/* As exec_flat inside a predicate: what fails is forgotten, unless it is the path's own fault. */
static PathOutcome
exec_quiet(Exec *exec, const PathItem *item, const PathValue *value, bool unwrap, PathValues *found)
{
    PathOutcome outcome = exec_flat(exec, item, value, unwrap, found);
    if (outcome == PATH_FAILED && !exec->hard)
        error_clear(exec->err);
    return outcome;
}

/* ---- accessors */

static PathOutcome
exec_key(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found, bool unwrap)
{
    if (is_kind(value, JSON_OBJECT)) {
        PathValue member = {0};
        if (jsonb_field(value->json, item->text, &member.json))
            return exec_next(exec, item, &member, found);
        return exec->forgives_missing ? PATH_NONE
                                      : fail(exec, "2203A", "JSON object does not contain key \"%.*s\"",
                                             (int) item->text.size, item->text.bytes);
    }
    if (unwrap && is_kind(value, JSON_ARRAY))
        return exec_elements(exec, item, value, found);
    return exec->forgives_missing ? PATH_NONE
                                  : fail(exec, "2203A", "jsonpath member accessor can only be applied to an object");
}

static PathOutcome
exec_any_key(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found, bool unwrap)
{
    Descent descent = {.next = item->next, .found = found, .first = 1, .last = 1, .unwraps = exec->lax};
    if (is_kind(value, JSON_OBJECT))
        return descend(exec, &descent, value, 1);
    if (unwrap && is_kind(value, JSON_ARRAY))
        return exec_elements(exec, item, value, found);
    return exec->forgives_missing
               ? PATH_NONE
               : fail(exec, "2203C", "jsonpath wildcard member accessor can only be applied to an object");
}

static PathOutcome
exec_any_element(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    Descent descent = {.next = item->next, .found = found, .first = 1, .last = 1, .unwraps = exec->lax};
    if (is_kind(value, JSON_ARRAY))
        return descend(exec, &descent, value, 1);
    if (exec->lax)
        return exec_next(exec, item, value, found);
    return exec->forgives_missing
               ? PATH_NONE
               : fail(exec, "22039", "jsonpath wildcard array accessor can only be applied to an array");
}

static PathOutcome
exec_any_level(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    PathOutcome outcome = PATH_NONE;
    if (item->first == 0) {
        bool before = exec->forgives_missing;
        exec->forgives_missing = true;
        outcome = exec_next(exec, item, value, found);
        exec->forgives_missing = before;
        if (outcome == PATH_FAILED || (outcome == PATH_FOUND && found == NULL))
            return outcome;
    }
    if (!is_container(value))
        return outcome;
    Descent descent = {item->next, found, item->first, item->last, true, exec->lax};
    return descend(exec, &descent, value, 1);
}

static bool
exec_subscript(Exec *exec, const PathItem *item, const PathValue *value, int64_t *index)
{
    PathValues found = {0};
    Numeric number;
    bool fine = exec_item(exec, item, value, &found) != PATH_FAILED;
    bool single = fine && found.count == 1 && number_of(exec, &found.items[0], &number);
    vector_deinit(&found);
    if (fine && !single)
        (void) fail(exec, "22033", "jsonpath array subscript is not a single numeric value");
    if (!single)
        return false;
    Error ignored = ERROR_INIT;
    bool whole = numeric_to_int64(numeric_trunc(number, 0, exec->arena), index, &ignored) && *index == (int32_t) *index;
    error_clear(&ignored);
    if (!whole)
        (void) fail(exec, "22033", "jsonpath array subscript is out of integer range");
    return whole;
}

static PathOutcome
exec_range(Exec *exec, const PathItem *item, const PathValue *value, int64_t from, int64_t to, PathValues *found)
{
    PathOutcome outcome = PATH_NONE;
    bool array = is_kind(value, JSON_ARRAY);
    for (int64_t i = from; i <= to; i++) {
        PathValue element = *value;
        if (array && !jsonb_element(value->json, i, &element.json))
            continue;
        if (item->next == NULL && found == NULL)
            return PATH_FOUND;
        outcome = exec_next(exec, item, &element, found);
        if (outcome == PATH_FAILED || (outcome == PATH_FOUND && found == NULL))
            break;
    }
    return outcome;
}

static PathOutcome
exec_subscripts(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    PathOutcome outcome = PATH_NONE;
    bool array = is_kind(value, JSON_ARRAY);
    if (!array && !exec->lax)
        return exec->forgives_missing ? PATH_NONE
                                      : fail(exec, "22039", "jsonpath array accessor can only be applied to an array");
    int64_t size = array ? jsonb_count(value->json) : 1, outer_size = exec->array_size;
    exec->array_size = size;
    for (int i = 0; i < item->subscript_count; i++) {
        const PathSubscript *subscript = &item->subscripts[i];
        int64_t from, to;
        outcome = PATH_FAILED;
        if (!exec_subscript(exec, subscript->from, value, &from))
            break;
        to = from;
        if (subscript->to != NULL && !exec_subscript(exec, subscript->to, value, &to))
            break;
        if (!exec->forgives_missing && (from < 0 || from > to || to >= size)) {
            outcome = fail(exec, "22033", "jsonpath array subscript is out of bounds");
            break;
        }
        outcome = exec_range(exec, item, value, from < 0 ? 0 : from, to >= size ? size - 1 : to, found);
        if (outcome == PATH_FAILED || (outcome == PATH_FOUND && found == NULL))
            break;
    }
    exec->array_size = outer_size;
    return outcome;
}

static PathOutcome
exec_filter(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found, bool unwrap)
{
    if (unwrap && is_kind(value, JSON_ARRAY))
        return exec_elements(exec, item, value, found);
    PathValue outer = exec->current;
    exec->current = *value;
    Truth truth = exec_predicate(exec, item->left, value);
    exec->current = outer;
    if (exec->hard)
        return PATH_FAILED;
    return truth == TRUTH_TRUE ? exec_next(exec, item, value, found) : PATH_NONE;
}

/* ---- arithmetic */

static bool
single_number(Exec *exec, const PathItem *item, const PathItem *operand, const PathValue *value, const char *side,
              Numeric *number)
{
    PathValues found = {0};
    bool fine = exec_flat(exec, operand, value, true, &found) != PATH_FAILED;
    bool single = fine && found.count == 1 && number_of(exec, &found.items[0], number);
    vector_deinit(&found);
    if (fine && !single)
        (void) fail(exec, "22038", "%s operand of jsonpath operator %s is not a single numeric value", side,
                    jsonpath_operator(item->kind));
    return single;
}

static bool
calculate(Exec *exec, PathKind kind, Numeric a, Numeric b, Numeric *out)
{
    switch (kind) {
    case PATH_ADD:
        return numeric_add(a, b, exec->arena, out, exec->err);
    case PATH_SUBTRACT:
        return numeric_sub(a, b, exec->arena, out, exec->err);
    case PATH_MULTIPLY:
        return numeric_mul(a, b, exec->arena, out, exec->err);
    case PATH_DIVIDE:
        return numeric_div(a, b, exec->arena, out, exec->err);
    default:
        return numeric_mod(a, b, exec->arena, out, exec->err);
    }
}

static PathOutcome
exec_arithmetic(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    Numeric left, right, number;
    if (!single_number(exec, item, item->left, value, "left", &left) ||
        !single_number(exec, item, item->right, value, "right", &right) ||
        !calculate(exec, item->kind, left, right, &number))
        return PATH_FAILED;
    PathValue result = number_value(exec, number);
    return exec_next(exec, item, &result, found);
}

static PathOutcome
exec_sign(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    PathValues operands = {0};
    PathOutcome outcome = exec_flat(exec, item->left, value, true, &operands);
    bool asked_only = found == NULL && item->next == NULL;
    if (outcome != PATH_FAILED)
        outcome = PATH_NONE;
    for (size_t i = 0; i < operands.count && outcome != PATH_FAILED; i++) {
        Numeric number;
        bool is_number = number_of(exec, &operands.items[i], &number);
        if (!is_number && asked_only)
            continue;
        if (!is_number) {
            outcome = fail(exec, "2203B", "operand of unary jsonpath operator %s is not a numeric value",
                           jsonpath_operator(item->kind));
            break;
        }
        PathValue result =
            item->kind == PATH_MINUS ? number_value(exec, numeric_neg(number, exec->arena)) : operands.items[i];
        PathOutcome one = exec_next(exec, item, &result, found);
        if (one != PATH_NONE)
            outcome = one;
        if (one == PATH_FOUND && found == NULL)
            break;
    }
    vector_deinit(&operands);
    return outcome;
}

/* ---- methods */

static const char *
type_name(const PathValue *value)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",     [JSON_BOOL] = "boolean", [JSON_NUMBER] = "number",
        [JSON_STRING] = "string", [JSON_ARRAY] = "array",  [JSON_OBJECT] = "object",
    };
    return is_json(value) ? names[jsonb_kind(value->json)] : path_datetime_type(value->type);
}

static PathOutcome
exec_size(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    bool array = is_kind(value, JSON_ARRAY);
    if (!array && !exec->lax && !exec->forgives_missing)
        return fail(exec, "22039", "jsonpath item method .%s() can only be applied to an array",
                    jsonpath_operator(item->kind));
    if (!array && !exec->lax)
        return PATH_NONE;
    PathValue size = number_value(exec, numeric_from_int64(array ? jsonb_count(value->json) : 1, exec->arena));
    return exec_next(exec, item, &size, found);
}

static PathOutcome
exec_round(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    Numeric number;
    if (!number_of(exec, value, &number))
        return fail(exec, "22036", "jsonpath item method .%s() can only be applied to a numeric value",
                    jsonpath_operator(item->kind));
    Numeric rounded = item->kind == PATH_ABS       ? numeric_abs(number, exec->arena)
                      : item->kind == PATH_CEILING ? numeric_ceil(number, exec->arena)
                                                   : numeric_floor(number, exec->arena);
    PathValue result = number_value(exec, rounded);
    return exec_next(exec, item, &result, found);
}

static PathOutcome
exec_double(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    bool is_number = is_kind(value, JSON_NUMBER), is_string = is_kind(value, JSON_STRING);
    if (!is_number && !is_string)
        return fail(exec, "22036", "jsonpath item method .%s() can only be applied to a string or numeric value",
                    jsonpath_operator(item->kind));
    Datum number;
    Error ignored = ERROR_INIT;
    Slice text = is_string ? jsonb_string(value->json, exec->arena) : value->json;
    bool fine = datum_parse(SQL_TYPE(FLOAT8), text, NULL, exec->arena, &number, &ignored);
    error_clear(&ignored);
    if (is_number)
        return fine && isfinite(number.f) ? exec_next(exec, item, value, found)
                                          : fail(exec, "22036",
                                                 "numeric argument of jsonpath item method .%s() is out of range for "
                                                 "type double precision",
                                                 jsonpath_operator(item->kind));
    Numeric numeric;
    if (!fine || !isfinite(number.f))
        return fail(exec, "22036",
                    "string argument of jsonpath item method .%s() is not a valid representation of a double precision "
                    "number",
                    jsonpath_operator(item->kind));
    if (!numeric_from_double(number.f, exec->arena, &numeric, exec->err))
        return PATH_FAILED;
    PathValue result = number_value(exec, numeric);
    return exec_next(exec, item, &result, found);
}

static PathOutcome
exec_datetime(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    if (!is_kind(value, JSON_STRING))
        return fail(exec, "22031", "jsonpath item method .%s() can only be applied to a string",
                    jsonpath_operator(item->kind));
    if (item->left != NULL)
        return fail(exec, SQLSTATE_FEATURE_NOT_SUPPORTED,
                    "jsonpath item method .datetime() with a template is not supported");
    PathValue result = {0};
    Slice text = jsonb_string(value->json, exec->arena);
    if (!path_datetime_read(text, &exec->run->context->style, exec->arena, &result)) {
        (void) fail(exec, "22031", "datetime format is not recognized: \"%.*s\"", (int) text.size, text.bytes);
        (void) error_hint(exec->err, "Use a datetime template argument to specify the input data format.");
        return PATH_FAILED;
    }
    return exec_next(exec, item, &result, found);
}

/*
 * Where in PostgreSQL's binary form of the jsonb a container lies: containers have a header and four bytes a member, or eight for
 * a key and its value; keys come before values; numbers and containers start at multiples of four.
 */
static size_t
place_in(Slice value, size_t at, const char *wanted, int64_t *place, Arena *arena)
{
    JsonKind kind = jsonb_kind(value);
    Slice key, member;
    if (kind == JSON_STRING)
        return at + jsonb_string(value, arena).size;
    if (kind == JSON_NULL || kind == JSON_BOOL)
        return at;
    at = (at + 3) / 4 * 4;
    if (kind == JSON_NUMBER) {
        Numeric number;
        Error ignored = ERROR_INIT;
        if (!numeric_parse(value, arena, &number, &ignored)) {
            error_clear(&ignored);
            return at;
        }
        int weight = (int16_t) be16_read(number.bytes + 2), scale = be16_read(number.bytes + 6);
        bool is_short = weight >= -64 && weight <= 63 && scale <= 63;
        return at + 4 + (is_short ? 2 : 4) + 2 * (size_t) be16_read(number.bytes);
    }
    if (value.bytes == wanted)
        *place = (int64_t) at;
    at += 4 + (size_t) jsonb_count(value) * (kind == JSON_OBJECT ? 8 : 4);
    for (size_t offset = 0; kind == JSON_OBJECT && jsonb_next(value, &offset, &key, &member, arena);)
        at += key.size;
    for (size_t offset = 0; jsonb_next(value, &offset, NULL, &member, arena) && *place < 0;)
        at = place_in(member, at, wanted, place, arena);
    return at;
}

static PathOutcome
exec_keyvalue(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    if (!is_kind(value, JSON_OBJECT))
        return fail(exec, "2203C", "jsonpath item method .%s() can only be applied to an object",
                    jsonpath_operator(item->kind));
    PathOutcome outcome = PATH_NONE;
    int64_t place = -1, base_id = exec->base_id;
    Slice key, member, base = exec->base;
    (void) place_in(base, 0, value->json.bytes, &place, exec->arena);
    int64_t id = (place < 0 ? 0 : place) + base_id * INT64_C(10000000000);
    for (size_t offset = 0; jsonb_next(value->json, &offset, &key, &member, exec->arena);) {
        Buffer text = {0};
        buffer_printf(&text, "{\"id\": %lld, \"key\": ", (long long) id);
        jsonb_append_string(&text, key);
        buffer_append_text(&text, ", \"value\": ");
        buffer_append_slice(&text, member);
        buffer_append_char(&text, '}');
        Datum made;
        if (!json_finish(&text, exec->arena, &made, exec->err))
            return PATH_FAILED;
        PathValue pair = VALUE_JSON(made.bytes);
        exec->base = pair.json;
        exec->base_id = exec->next_id++;
        outcome = exec_next(exec, item, &pair, found);
        if (outcome == PATH_FAILED || (outcome == PATH_FOUND && found == NULL))
            break;
    }
    exec->base = base;
    exec->base_id = base_id;
    return outcome;
}

static PathOutcome
exec_method(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found, bool unwrap)
{
    if (item->kind == PATH_TYPE) {
        PathValue name = string_value(exec, slice_of(type_name(value)));
        return exec_next(exec, item, &name, found);
    }
    if (item->kind == PATH_SIZE)
        return exec_size(exec, item, value, found);
    if (unwrap && is_kind(value, JSON_ARRAY))
        return exec_elements(exec, item, value, found);
    switch (item->kind) {
    case PATH_DOUBLE:
        return exec_double(exec, item, value, found);
    case PATH_DATETIME:
        return exec_datetime(exec, item, value, found);
    case PATH_KEYVALUE:
        return exec_keyvalue(exec, item, value, found);
    default:
        return exec_round(exec, item, value, found);
    }
}

/* ---- predicates */

static Truth
by_order(PathKind kind, int order)
{
    switch (kind) {
    case PATH_EQUAL:
        return order == 0;
    case PATH_NOT_EQUAL:
        return order != 0;
    case PATH_LESS:
        return order < 0;
    case PATH_LESS_EQUAL:
        return order <= 0;
    case PATH_GREATER:
        return order > 0;
    default:
        return order >= 0;
    }
}

static Truth
compare_datetimes(Exec *exec, PathKind kind, const PathValue *a, const PathValue *b)
{
    bool comparable;
    int order;
    if (is_json(a) || is_json(b)) {
        const PathValue *json = is_json(a) ? a : b;
        return is_kind(json, JSON_NULL) ? kind == PATH_NOT_EQUAL : TRUTH_UNKNOWN;
    }
    if (!path_datetime_compare(a, b, exec->run->uses_zone, &exec->run->context->style, &comparable, &order,
                               exec->err)) {
        exec->hard = true;
        return TRUTH_UNKNOWN;
    }
    return comparable ? by_order(kind, order) : TRUTH_UNKNOWN;
}

static Truth
compare_values(Exec *exec, PathKind kind, const PathValue *a, const PathValue *b)
{
    if (!is_json(a) || !is_json(b))
        return compare_datetimes(exec, kind, a, b);
    JsonKind left = jsonb_kind(a->json), right = jsonb_kind(b->json);
    if (left != right)
        return left == JSON_NULL || right == JSON_NULL ? kind == PATH_NOT_EQUAL : TRUTH_UNKNOWN;
    Numeric x, y;
    switch (left) {
    case JSON_NULL:
        return by_order(kind, 0);
    case JSON_BOOL:
        return by_order(kind, (a->json.bytes[0] == 't') - (b->json.bytes[0] == 't'));
    case JSON_NUMBER:
        return number_of(exec, a, &x) && number_of(exec, b, &y) ? by_order(kind, numeric_compare(x, y)) : TRUTH_UNKNOWN;
    case JSON_STRING:
        return by_order(kind, slice_compare(jsonb_string(a->json, exec->arena), jsonb_string(b->json, exec->arena)));
    default:
        return TRUTH_UNKNOWN;
    }
}

static Truth
starts_with(Exec *exec, const PathValue *whole, const PathValue *initial)
{
    if (!is_kind(whole, JSON_STRING) || !is_kind(initial, JSON_STRING))
        return TRUTH_UNKNOWN;
    Slice text = jsonb_string(whole->json, exec->arena), start = jsonb_string(initial->json, exec->arena);
    return text.size >= start.size && (start.size == 0 || memcmp(text.bytes, start.bytes, start.size) == 0);
}

static Truth
like_regex(Exec *exec, const PathItem *item, const PathValue *value)
{
    if (!is_kind(value, JSON_STRING))
        return TRUTH_UNKNOWN;
    unsigned options = item->flags & PATH_REGEX_FOLD_CASE ? REGEX_FOLD_CASE : 0;
    if (item->flags & PATH_REGEX_QUOTED)
        options |= REGEX_LITERAL;
    else
        options |= (item->flags & PATH_REGEX_DOT_ALL ? 0u : (unsigned) REGEX_DOT_NOT_NEWLINE) |
                   (item->flags & PATH_REGEX_LINES ? (unsigned) REGEX_LINE_ANCHORS : 0u);
    bool matches = false;
    const size_t *spans;
    Regex *regex = regex_get(exec->run->context, item->text, options, exec->err);
    if (regex == NULL || !regex_find(regex, jsonb_string(value->json, exec->arena), 0, &matches, &spans, exec->err)) {
        exec->hard = true;
        return TRUTH_UNKNOWN;
    }
    return matches;
}

static Truth
test_pair(Exec *exec, const PathItem *item, const PathValue *left, const PathValue *right)
{
    switch (item->kind) {
    case PATH_STARTS_WITH:
        return starts_with(exec, left, right);
    case PATH_LIKE_REGEX:
        return like_regex(exec, item, left);
    default:
        return compare_values(exec, item->kind, left, right);
    }
}

/* True when it holds for some pair; in strict mode all are looked at, and one that is unknown makes it unknown. */
static Truth
test_pairs(Exec *exec, const PathItem *item, const PathValues *left, const PathValues *right)
{
    bool any = false, unknown = false;
    for (size_t i = 0; i < left->count; i++) {
        for (size_t j = 0; j < (item->right == NULL ? 1 : right->count); j++) {
            Truth truth = test_pair(exec, item, &left->items[i], item->right == NULL ? NULL : &right->items[j]);
            if (exec->hard || (truth == TRUTH_UNKNOWN && !exec->lax))
                return TRUTH_UNKNOWN;
            if (truth == TRUTH_TRUE && exec->lax)
                return TRUTH_TRUE;
            any = any || truth == TRUTH_TRUE;
            unknown = unknown || truth == TRUTH_UNKNOWN;
        }
    }
    return any ? TRUTH_TRUE : unknown ? TRUTH_UNKNOWN : TRUTH_FALSE;
}

static Truth
exec_test(Exec *exec, const PathItem *item, const PathValue *value)
{
    PathValues left = {0}, right = {0};
    Truth truth = TRUTH_UNKNOWN;
    bool unwraps_right = item->kind != PATH_STARTS_WITH;
    if (exec_quiet(exec, item->left, value, true, &left) != PATH_FAILED &&
        (item->right == NULL || exec_quiet(exec, item->right, value, unwraps_right, &right) != PATH_FAILED))
        truth = test_pairs(exec, item, &left, &right);
    vector_deinit(&left);
    vector_deinit(&right);
    return truth;
}

static Truth
exec_exists(Exec *exec, const PathItem *item, const PathValue *value)
{
    PathValues found = {0};
    PathOutcome outcome = exec_quiet(exec, item->left, value, false, exec->lax ? NULL : &found);
    bool any = exec->lax ? outcome == PATH_FOUND : found.count > 0;
    vector_deinit(&found);
    return outcome == PATH_FAILED ? TRUTH_UNKNOWN : any ? TRUTH_TRUE : TRUTH_FALSE;
}

static Truth
exec_predicate(Exec *exec, const PathItem *item, const PathValue *value)
{
    Truth left, right;
    switch (item->kind) {
    case PATH_AND:
        left = exec_predicate(exec, item->left, value);
        if (left == TRUTH_FALSE || exec->hard)
            return left;
        right = exec_predicate(exec, item->right, value);
        return right == TRUTH_TRUE ? left : right;
    case PATH_OR:
        left = exec_predicate(exec, item->left, value);
        if (left == TRUTH_TRUE || exec->hard)
            return left;
        right = exec_predicate(exec, item->right, value);
        return right == TRUTH_FALSE ? left : right;
    case PATH_NOT:
        left = exec_predicate(exec, item->left, value);
        return left == TRUTH_UNKNOWN ? left : left == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
    case PATH_IS_UNKNOWN:
        return exec_predicate(exec, item->left, value) == TRUTH_UNKNOWN ? TRUTH_TRUE : TRUTH_FALSE;
    case PATH_EXISTS:
        return exec_exists(exec, item, value);
    default:
        return exec_test(exec, item, value);
    }
}

/* ---- all of it */

static PathOutcome
exec_variable(Exec *exec, const PathItem *item, PathValues *found)
{
    PathValue value = {0};
    if (!jsonb_field(exec->run->vars, item->text, &value.json)) {
        exec->hard = true;
        return fail(exec, SQLSTATE_UNDEFINED_OBJECT, "could not find jsonpath variable \"%.*s\"", (int) item->text.size,
                    item->text.bytes);
    }
    Slice base = exec->base;
    int64_t base_id = exec->base_id;
    exec->base = exec->run->vars;
    exec->base_id = 1;
    PathOutcome outcome = exec_next(exec, item, &value, found);
    exec->base = base;
    exec->base_id = base_id;
    return outcome;
}

static PathOutcome
exec_literal(Exec *exec, const PathItem *item, PathValues *found)
{
    PathValue value;
    switch (item->kind) {
    case PATH_NUMBER:
        value = number_value(exec, item->text);
        break;
    case PATH_STRING:
        value = string_value(exec, item->text);
        break;
    default:
        value = VALUE_JSON(slice_of(item->kind == PATH_NULL ? "null" : item->kind == PATH_TRUE ? "true" : "false"));
    }
    return exec_next(exec, item, &value, found);
}

static PathOutcome
exec_root(Exec *exec, const PathItem *item, PathValues *found)
{
    PathValue root = VALUE_JSON(exec->run->root);
    Slice base = exec->base;
    int64_t base_id = exec->base_id;
    exec->base = root.json;
    exec->base_id = 0;
    PathOutcome outcome = exec_next(exec, item, &root, found);
    exec->base = base;
    exec->base_id = base_id;
    return outcome;
}

static PathOutcome
exec_truth(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    static const char *const words[] = {"false", "true", "null"};
    Truth truth = exec_predicate(exec, item, value);
    if (exec->hard)
        return PATH_FAILED;
    PathValue result = VALUE_JSON(slice_of(words[truth]));
    return exec_next(exec, item, &result, found);
}

static PathOutcome
exec_unwrapping(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found, bool unwrap)
{
    PathValue last;
    switch (item->kind) {
    case PATH_NULL:
    case PATH_TRUE:
    case PATH_FALSE:
    case PATH_NUMBER:
    case PATH_STRING:
        return exec_literal(exec, item, found);
    case PATH_VARIABLE:
        return exec_variable(exec, item, found);
    case PATH_ROOT:
        return exec_root(exec, item, found);
    case PATH_CURRENT:
        return exec_next(exec, item, &exec->current, found);
    case PATH_LAST:
        last = number_value(exec, numeric_from_int64(exec->array_size - 1, exec->arena));
        return exec_next(exec, item, &last, found);
    case PATH_KEY:
        return exec_key(exec, item, value, found, unwrap);
    case PATH_ANY_KEY:
        return exec_any_key(exec, item, value, found, unwrap);
    case PATH_ANY_ELEMENT:
        return exec_any_element(exec, item, value, found);
    case PATH_SUBSCRIPTS:
        return exec_subscripts(exec, item, value, found);
    case PATH_ANY_LEVEL:
        return exec_any_level(exec, item, value, found);
    case PATH_FILTER:
        return exec_filter(exec, item, value, found, unwrap);
    case PATH_PLUS:
    case PATH_MINUS:
        return exec_sign(exec, item, value, found);
    default:
        if (item->kind >= PATH_TYPE && item->kind <= PATH_DATETIME)
            return exec_method(exec, item, value, found, unwrap);
        if (item->kind >= PATH_ADD)
            return exec_arithmetic(exec, item, value, found);
        return exec_truth(exec, item, value, found);
    }
}

static PathOutcome
exec_item(Exec *exec, const PathItem *item, const PathValue *value, PathValues *found)
{
    return exec_unwrapping(exec, item, value, found, exec->lax);
}

PathOutcome
jsonpath_run(const PathRun *run, PathValues *found, Error *err)
{
    bool lax = !run->path.strict, has_vars = run->vars.size > 0;
    PathValue root = VALUE_JSON(run->root);
    Exec exec = {.run = run,
                 .arena = run->context->arena,
                 .err = err,
                 .current = root,
                 .array_size = -1,
                 .base = run->root,
                 .next_id = has_vars ? 2 : 1,
                 .lax = lax,
                 .forgives_missing = lax};
    PathValues all = {0};
    /* In strict mode an error anywhere is one: everything is looked at. */
    bool counts = found == NULL && !lax;
    PathOutcome outcome = exec_item(&exec, run->path.root, &root, counts ? &all : found);
    if (counts && outcome != PATH_FAILED)
        outcome = all.count > 0 ? PATH_FOUND : PATH_NONE;
    vector_deinit(&all);
    if (outcome == PATH_FAILED && run->silent && !exec.hard)
        error_clear(err);
    return outcome;
}

Slice
path_value_json(const PathValue *value, Arena *arena)
{
    if (is_json(value))
        return value->json;
    Buffer text = {0}, quoted = {0};
    path_datetime_print(value, &text);
    jsonb_append_string(&quoted, buffer_slice(&text));
    buffer_deinit(&text);
    size_t size = quoted.size;
    return slice_make(buffer_to_arena(&quoted, arena), size);
}
