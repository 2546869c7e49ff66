#include <math.h>

#include "expr/functions/family.h"

/*
 * Sines and the like of degrees, exact where the result is: 0 and 1 at the multiples of 90, a half at 30 and 60, 1 at 45. As PostgreSQL does, each
 * is computed within one octant or so and divided by its own value at a known angle. The known angles are volatile so that the compiler, which
 * rounds better than the library, does not compute their values.
 */

static const volatile double degrees_30 = 30, degrees_45 = 45, degrees_60 = 60, one_half = 0.5, one = 1;

#define RADIANS_PER_DEGREE 0.0174532925199432957692

static double
sine_to_30(double x)
{
    double scaled = sin(x * RADIANS_PER_DEGREE), known = sin(degrees_30 * RADIANS_PER_DEGREE);
    return scaled / known / 2.0;
}

static double
cosine_to_60(double x)
{
    double scaled = 1.0 - cos(x * RADIANS_PER_DEGREE), known = 1.0 - cos(degrees_60 * RADIANS_PER_DEGREE);
    return 1.0 - scaled / known / 2.0;
}

static double
sine_to_90(double x)
{
    return x <= 30 ? sine_to_30(x) : cosine_to_60(90 - x);
}

static double
cosine_to_90(double x)
{
    return x <= 60 ? cosine_to_60(x) : sine_to_30(90 - x);
}

static double
arcsine_positive(double x)
{
    if (x <= 0.5)
        return asin(x) / asin(one_half) * 30;
    return 90 - acos(x) / acos(one_half) * 60;
}

static double
arccosine_positive(double x)
{
    if (x <= 0.5)
        return 90 - asin(x) / asin(one_half) * 30;
    return acos(x) / acos(one_half) * 60;
}

static bool
out_of_range(Error *err)
{
    return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range");
}

/* An angle from 0 to 90 with the same sine, tangent or cosine but for the sign. */
typedef struct Reduced {
    double angle;
    int upper;  /* -1: below the horizontal */
    int across; /* -1: left of the vertical */
} Reduced;

static Reduced
reduce(double degrees)
{
    Reduced reduced = {fmod(degrees, 360), 1, 1};
    if (reduced.angle < 0) {
        reduced.angle = -reduced.angle;
        reduced.upper = -reduced.upper;
    }
    if (reduced.angle > 180) {
        reduced.angle = 360 - reduced.angle;
        reduced.upper = -reduced.upper;
    }
    if (reduced.angle > 90) {
        reduced.angle = 180 - reduced.angle;
        reduced.across = -1;
    }
    return reduced;
}

ROW_FUNCTION(sind)
{
    Reduced reduced = reduce(args[0].f);
    if (isnan(args[0].f) || isinf(args[0].f))
        return isnan(args[0].f) ? give_float(result, args[0].f) : out_of_range(err);
    return give_float(result, reduced.upper * sine_to_90(reduced.angle));
}

ROW_FUNCTION(cosd)
{
    Reduced reduced = reduce(args[0].f);
    if (isnan(args[0].f) || isinf(args[0].f))
        return isnan(args[0].f) ? give_float(result, args[0].f) : out_of_range(err);
    return give_float(result, reduced.across * cosine_to_90(reduced.angle));
}

/* The library's quotients of 45 degrees are not quite 1. */
ROW_FUNCTION(tand)
{
    Reduced reduced = reduce(args[0].f);
    if (isnan(args[0].f) || isinf(args[0].f))
        return isnan(args[0].f) ? give_float(result, args[0].f) : out_of_range(err);
    double known = sine_to_90(degrees_45) / cosine_to_90(degrees_45);
    double value = reduced.upper * reduced.across * (sine_to_90(reduced.angle) / cosine_to_90(reduced.angle) / known);
    return give_float(result, value == 0 ? 0 : value);
}

ROW_FUNCTION(cotd)
{
    Reduced reduced = reduce(args[0].f);
    if (isnan(args[0].f) || isinf(args[0].f))
        return isnan(args[0].f) ? give_float(result, args[0].f) : out_of_range(err);
    double known = cosine_to_90(degrees_45) / sine_to_90(degrees_45);
    double value = reduced.upper * reduced.across * (cosine_to_90(reduced.angle) / sine_to_90(reduced.angle) / known);
    return give_float(result, value == 0 ? 0 : value);
}

ROW_FUNCTION(asind)
{
    double x = args[0].f;
    if (x < -1 || x > 1)
        return out_of_range(err);
    return give_float(result, isnan(x) ? x : x >= 0 ? arcsine_positive(x) : -arcsine_positive(-x));
}

ROW_FUNCTION(acosd)
{
    double x = args[0].f;
    if (x < -1 || x > 1)
        return out_of_range(err);
    return give_float(result, isnan(x) ? x : x >= 0 ? arccosine_positive(x) : 90 + arcsine_positive(-x));
}

ROW_FUNCTION(atand)
{
    return give_float(result, atan(args[0].f) / atan(one) * 45);
}

ROW_FUNCTION(atan2d)
{
    return give_float(result, atan2(args[0].f, args[1].f) / atan(one) * 45);
}

const Function functions_degree[] = {
#include "expr/functions/degree.def"
};
const size_t functions_degree_count = sizeof functions_degree / sizeof *functions_degree;
