/*
 * aggregate_internal.h -- how the aggregates' states are kept. Private to expr.
 *
 * A state starts as zero bytes, may lie at any 8-byte boundary, and goes back to zero bytes' meaning when everything
 * that was added has been retracted. Counts may be negative for a while: retractions may come before what they retract.
 */
#ifndef FRESHET_EXPR_AGGREGATE_INTERNAL_H
#define FRESHET_EXPR_AGGREGATE_INTERNAL_H

#include <gmp.h>

#include "expr/aggregate.h"
#include "types/numeric.h"

typedef enum AggregateCode {
    AGGREGATE_COUNT,
    AGGREGATE_SUM_INT, /* any integer or money, sum or average */
    AGGREGATE_AVG_INT,
    AGGREGATE_SUM_NUMERIC,
    AGGREGATE_AVG_NUMERIC,
    AGGREGATE_SUM_FLOAT,
    AGGREGATE_AVG_FLOAT,
    AGGREGATE_SUM_INTERVAL,
    AGGREGATE_AVG_INTERVAL,
    AGGREGATE_BOOL_AND,
    AGGREGATE_BOOL_OR,
    AGGREGATE_BIT_AND,
    AGGREGATE_BIT_OR,
    AGGREGATE_BIT_XOR,
    AGGREGATE_STDDEV_SAMP,
    AGGREGATE_STDDEV_POP,
    AGGREGATE_VAR_SAMP,
    AGGREGATE_VAR_POP,
    AGGREGATE_MIN,
    AGGREGATE_MAX,
    AGGREGATE_ARRAY,
    AGGREGATE_ARRAYS,
    AGGREGATE_STRING,
    AGGREGATE_JSON_ARRAY,
    AGGREGATE_JSON_OBJECT,
    AGGREGATE_MAP,
    AGGREGATE_XML,
    AGGREGATE_RANGE_UNION,
    AGGREGATE_BITS_AND,
    AGGREGATE_BITS_OR,
    AGGREGATE_BITS_XOR,
    AGGREGATE_RANGE_INTERSECTION,
    AGGREGATE_CORR, /* from here on REGR_SYY: of pairs */
    AGGREGATE_COVAR_POP,
    AGGREGATE_COVAR_SAMP,
    AGGREGATE_REGR_AVGX,
    AGGREGATE_REGR_AVGY,
    AGGREGATE_REGR_COUNT,
    AGGREGATE_REGR_INTERCEPT,
    AGGREGATE_REGR_R2,
    AGGREGATE_REGR_SLOPE,
    AGGREGATE_REGR_SXX,
    AGGREGATE_REGR_SXY,
    AGGREGATE_REGR_SYY,
    AGGREGATE_PERCENTILE_CONT,
    AGGREGATE_PERCENTILES_CONT,
    AGGREGATE_PERCENTILE_DISC,
    AGGREGATE_PERCENTILES_DISC,
    AGGREGATE_MODE,
    AGGREGATE_RANK,
    AGGREGATE_DENSE_RANK,
    AGGREGATE_PERCENT_RANK,
    AGGREGATE_CUME_DIST,
} AggregateCode;

/* A 128-bit integer that needs no 16-byte boundary. */
typedef struct Wide {
    uint64_t low;
    int64_t high;
} Wide;

static inline __int128
wide_get(const Wide *wide)
{
    return (__int128) ((unsigned __int128) (uint64_t) wide->high << 64 | wide->low);
}

static inline void
wide_set(Wide *wide, __int128 value)
{
    wide->low = (uint64_t) value;
    wide->high = (int64_t) (value >> 64);
}

typedef struct CountState {
    int64_t count;
} CountState;

typedef struct IntSum {
    Wide sum;
    int64_t count;
} IntSum;

/* How many values with so many digits after the point there are. */
typedef struct ScaleCount {
    int64_t count;
    int32_t scale;
} ScaleCount;

#define SCALES_INLINE 3

typedef struct ScaleCounts {
    ScaleCount slots[SCALES_INLINE];
    struct ScaleHeap *more; /* further ones */
} ScaleCounts;

typedef struct NumericSum {
    Wide sum; /* times 10^scale, unless `big` has it */
    int64_t count;
    int64_t nan_count, plus_count, minus_count;
    ScaleCounts scales;
    mpz_t *big; /* heap; NULL as long as 128 bits do */
    int32_t scale, unused;
} NumericSum;

/*
 * Exact: `sum` times 2^exponent, and once that does not fit, a big integer times 2^-1074. Adding in any order and
 * retracting gives the very same state.
 */
typedef struct FloatHeap {
    bool is_big;
    mpz_t sum;
    int64_t nan_count, plus_count, minus_count;
} FloatHeap;

typedef struct FloatSum {
    Wide sum;
    int64_t count; /* of finite values */
    int32_t exponent;
    int32_t unused;
    FloatHeap *heap;
} FloatSum;

typedef struct IntervalSum {
    Wide microseconds;
    int64_t days, months, count;
} IntervalSum;

typedef struct BoolCounts {
    int64_t true_count, false_count;
} BoolCounts;

typedef struct BitCounts {
    int64_t count;
    int64_t set[64];
} BitCounts;

/* Sums of values and of their squares, exact: integers and numerics times 10^scale (squares 10^(2 scale)), floats times
 * 2^1074. */
typedef struct Moments {
    mpz_t sum, squares;
    int64_t count;
    int64_t nan_count, infinite_count;
    ScaleCounts scales;
    int32_t scale;
} Moments;

typedef struct VarianceState {
    Moments *moments; /* NULL: nothing yet */
} VarianceState;

/* Sums of pairs and of their products, exact: of values times 2^1074, and so of products times 2^2148. */
typedef struct PairSums {
    mpz_t y, x, yy, xx, xy;
    int64_t count;
    int64_t special_y, special_x; /* NaNs and infinities: what is computed from them is NaN */
} PairSums;

typedef struct RegressionState {
    PairSums *sums; /* NULL: nothing yet */
} RegressionState;

void scale_counts_add(ScaleCounts *counts, int32_t scale, int64_t diff);
int32_t scale_counts_max(const ScaleCounts *counts); /* of the values that are there; 0 when there are none */
bool scale_counts_are_zero(const ScaleCounts *counts);
void scale_counts_free(ScaleCounts *counts);

void numeric_sum_add(NumericSum *state, Numeric value, int64_t diff);
void numeric_sum_merge(NumericSum *into, const NumericSum *from);
bool numeric_sum_is_zero(const NumericSum *state);
void numeric_sum_free(NumericSum *state);
/* The sum, and how many values it is of; false: there are none. */
bool numeric_sum_result(const NumericSum *state, Arena *arena, Numeric *sum, int64_t *count);

void float_sum_add(FloatSum *state, double value, int64_t diff);
void float_sum_merge(FloatSum *into, const FloatSum *from);
bool float_sum_is_zero(const FloatSum *state);
void float_sum_free(FloatSum *state);
bool float_sum_result(const FloatSum *state, double *sum, int64_t *count, bool *overflow);

void variance_add(VarianceState *state, SqlType type, Datum value, int64_t diff);
bool variance_is_zero(const VarianceState *state);
void variance_free(VarianceState *state);
bool variance_result(const VarianceState *state, const AggregateCall *call, Arena *arena, Datum *result, Error *err);

/* `pair` is a float8[] of two; one with a null does not count. */
void regression_add(RegressionState *state, Slice pair, int64_t diff);
bool regression_is_zero(const RegressionState *state);
void regression_free(RegressionState *state);
Datum regression_result(const RegressionState *state, const AggregateCall *call);

/* Ordered-set and hypothetical-set aggregates: args[i] has the direct arguments first, rows are in the order of WITHIN GROUP. */
bool ordered_set_result(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count,
                        Arena *arena, Datum *result, Error *err);

/* A finite numeric as coefficient and scale (its displayed digits after the point). */
void numeric_to_mpz(Numeric value, mpz_t coefficient, int32_t *scale);
Numeric numeric_from_mpz(const mpz_t coefficient, int32_t scale, Arena *arena);
/* value times 2^1074, exactly; finite. */
void float_to_mpz(double value, mpz_t out);

/* aggregate_range.c: range_agg and range_intersect_agg, of ranges and of multiranges. */
bool range_union_result(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count,
                        Arena *arena, Datum *result, Error *err);
bool range_intersection_result(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count,
                               Arena *arena, Datum *result, Error *err);

/* aggregate_bits.c; 22026 when lengths differ. */
bool bit_string_result(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count,
                       Arena *arena, Datum *result, Error *err);

bool collect_result(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count,
                    Arena *arena, Datum *result, Error *err);

#endif
