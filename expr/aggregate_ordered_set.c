#include <math.h>

#include "expr/aggregate_internal.h"
#include "types/array.h"
#include "types/datetime.h"

/* Aggregates WITHIN GROUP: the rows come in its order. */

typedef struct OrderedRows {
    const AggregateCall *call;
    const Datum *const *args;
    const int64_t *diffs;
    size_t count;
    int direct;    /* where the ordered argument is */
    int64_t total; /* of rows whose ordered argument is not null */
} OrderedRows;

/* The row at `index` of those that are not null. */
static Datum
value_at(const OrderedRows *rows, int64_t index)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->args[i][rows->direct].is_null)
            continue;
        index -= rows->diffs[i];
        if (index < 0)
            return rows->args[i][rows->direct];
    }
    return DATUM_NULL;
}

static bool
fraction_check(double fraction, Error *err)
{
    return (fraction >= 0 && fraction <= 1) ||
           error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "percentile value %g is not between 0 and 1", fraction);
}

static bool
between(SqlType type, Datum low, Datum high, double share, Datum *result, Error *err)
{
    *result = low;
    if (type.id == TYPE_FLOAT8) {
        result->f = low.f + share * (high.f - low.f);
        return true;
    }
    Interval distance;
    return interval_sub(high.interval, low.interval, &distance, err) && interval_mul(distance, share, &distance, err) &&
           interval_add(distance, low.interval, &result->interval, err);
}

static bool
percentile(const OrderedRows *rows, Datum fraction, bool continuous, Datum *result, Error *err)
{
    *result = DATUM_NULL;
    if (fraction.is_null)
        return true;
    if (!fraction_check(fraction.f, err))
        return false;
    if (rows->total == 0)
        return true;
    if (!continuous) {
        int64_t row = (int64_t) ceil(fraction.f * (double) rows->total);
        *result = value_at(rows, row < 1 ? 0 : row - 1);
        return true;
    }
    double at = fraction.f * (double) (rows->total - 1);
    int64_t first = (int64_t) floor(at), second = (int64_t) ceil(at);
    *result = value_at(rows, first);
    return first == second ||
           between(rows->call->second_type, *result, value_at(rows, second), at - (double) first, result, err);
}

/* For each of an array of fractions, in its shape. */
static bool
percentiles(const OrderedRows *rows, Datum fractions, bool continuous, Arena *arena, Datum *result, Error *err)
{
    *result = DATUM_NULL;
    if (fractions.is_null || rows->total == 0)
        return true;
    ArrayReader reader;
    array_read(&reader, SQL_ARRAY(FLOAT8), fractions.bytes);
    Datum *values = arena_new_array(arena, Datum, reader.shape.count + 1), fraction;
    for (int64_t i = 0; array_next(&reader, arena, &fraction); i++) {
        if (!percentile(rows, fraction, continuous, &values[i], err))
            return false;
    }
    *result = datum_bytes(array_make(rows->call->second_type, &reader.shape, values, arena));
    return true;
}

/* The value that is there most often; of several the first. */
static Datum
most_frequent(const OrderedRows *rows)
{
    Datum best = DATUM_NULL, run = DATUM_NULL;
    int64_t best_count = 0, run_count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        Datum value = rows->args[i][0];
        if (value.is_null)
            continue;
        bool same = run_count > 0 && datum_equal(rows->call->arg_type, run, value);
        run_count = (same ? run_count : 0) + rows->diffs[i];
        run = same ? run : value;
        if (run_count > best_count) {
            best_count = run_count;
            best = run;
        }
    }
    return best;
}

/* ---- a row that is not there */

static int
key_compare(const AggregateKey *key, Datum a, Datum b)
{
    if (a.is_null || b.is_null)
        return a.is_null == b.is_null ? 0 : a.is_null == key->nulls_first ? -1 : 1;
    int order = datum_compare(key->type, a, b);
    return key->descending ? -order : order;
}

static int
rows_compare(const AggregateCall *call, const Datum *a, const Datum *b)
{
    int order = 0;
    for (int i = 0; i < call->key_count && order == 0; i++)
        order = key_compare(&call->keys[i], a[i], b[i]);
    return order;
}

static Datum
hypothetical(const OrderedRows *rows)
{
    const AggregateCall *call = rows->call;
    const Datum *wanted = rows->args[0], *last = NULL;
    int64_t before = 0, kinds_before = 0, equal = 0, total = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const Datum *row = rows->args[i] + call->key_count;
        int order = rows_compare(call, row, wanted);
        total += rows->diffs[i];
        equal += order == 0 ? rows->diffs[i] : 0;
        if (order >= 0)
            continue;
        before += rows->diffs[i];
        kinds_before += last == NULL || rows_compare(call, last, row) != 0;
        last = row;
    }
    switch ((AggregateCode) call->function->code) {
    case AGGREGATE_RANK:
        return datum_int(before + 1);
    case AGGREGATE_DENSE_RANK:
        return datum_int(kinds_before + 1);
    case AGGREGATE_PERCENT_RANK:
        return datum_float((double) before / (double) total);
    default:
        return datum_float((double) (before + equal + 1) / (double) (total + 1));
    }
}

bool
ordered_set_result(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count,
                   Arena *arena, Datum *result, Error *err)
{
    OrderedRows rows = {.call = call, .args = args, .diffs = diffs, .count = count};
    AggregateCode code = (AggregateCode) call->function->code;
    if (call->function->form == AGGREGATE_HYPOTHETICAL) {
        *result = hypothetical(&rows);
        return true;
    }
    rows.direct = call->function->arg_count - 1;
    for (size_t i = 0; i < count; i++)
        rows.total += args[i][rows.direct].is_null ? 0 : diffs[i];
    switch (code) {
    case AGGREGATE_MODE:
        *result = most_frequent(&rows);
        return true;
    case AGGREGATE_PERCENTILE_CONT:
    case AGGREGATE_PERCENTILE_DISC:
        return percentile(&rows, args[0][0], code == AGGREGATE_PERCENTILE_CONT, result, err);
    case AGGREGATE_PERCENTILES_CONT:
    case AGGREGATE_PERCENTILES_DISC:
        return percentiles(&rows, args[0][0], code == AGGREGATE_PERCENTILES_CONT, arena, result, err);
    default:
        bug("%s has no WITHIN GROUP", call->function->name);
    }
}
