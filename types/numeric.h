/*
 * numeric.h -- decimal numbers of any precision, with PostgreSQL's rules for scale, in PostgreSQL's binary form
 * (see value.h). Results are made in `arena`. Division and roots choose their scale as PostgreSQL's numeric.c does.
 * Large products and quotients are computed with GMP.
 */
#ifndef FRESHET_TYPES_NUMERIC_H
#define FRESHET_TYPES_NUMERIC_H

#include "base/buffer.h"
#include "types/value.h"

typedef Slice Numeric;

Numeric numeric_from_int64(int64_t value, Arena *arena);
Numeric numeric_from_int128(__int128 value, int scale, Arena *arena); /* value / 10^scale, shown with `scale` digits */
MUST_CHECK bool numeric_from_double(double value, Arena *arena, Numeric *out, Error *err); /* 15 significant digits */
MUST_CHECK bool numeric_from_float(float value, Arena *arena, Numeric *out, Error *err);   /* 6 significant digits */
double numeric_to_double(Numeric value);
MUST_CHECK bool numeric_to_int64(Numeric value, int64_t *out, Error *err); /* rounds half away from zero; 22003 */
bool numeric_to_int128(Numeric value, int *scale,
                       __int128 *out); /* exact coefficient and scale; false when it does not fit or is not finite */
bool numeric_is_nan(Numeric value);
bool numeric_is_finite(Numeric value);
int numeric_sign(Numeric value);           /* -1, 0, 1; of NaN 0 */
int numeric_scale(Numeric value);          /* digits after the point as displayed */
int numeric_compare(Numeric a, Numeric b); /* NaN equals NaN and is greatest */
/* A place in the order: a < b follows from prefix(a) < prefix(b); equal ones say nothing. */
uint64_t numeric_order_prefix(Numeric value);
uint64_t numeric_hash(Numeric value); /* 1.0 and 1.00 alike */

MUST_CHECK bool numeric_add(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err);
MUST_CHECK bool numeric_sub(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err);
MUST_CHECK bool numeric_mul(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err);
MUST_CHECK bool numeric_div(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err); /* 22012 */
MUST_CHECK bool numeric_mod(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err); /* 22012 */
MUST_CHECK bool numeric_power(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err);
MUST_CHECK bool numeric_div_trunc(Numeric a, Numeric b, Arena *arena, Numeric *out,
                                  Error *err); /* div(): whole; 22012 */
MUST_CHECK bool numeric_sqrt(Numeric a, Arena *arena, Numeric *out, Error *err);
MUST_CHECK bool numeric_exp(Numeric a, Arena *arena, Numeric *out, Error *err);
MUST_CHECK bool numeric_log(Numeric base, Numeric a, Arena *arena, Numeric *out, Error *err); /* log(base, a); 2201E */
MUST_CHECK bool numeric_ln(Numeric a, Arena *arena, Numeric *out, Error *err);
Numeric numeric_neg(Numeric a, Arena *arena);
Numeric numeric_abs(Numeric a, Arena *arena);
Numeric numeric_round(Numeric a, int scale, Arena *arena); /* half away from zero; scale may be negative */
Numeric numeric_trunc(Numeric a, int scale, Arena *arena);
Numeric numeric_ceil(Numeric a, Arena *arena);
Numeric numeric_floor(Numeric a, Arena *arena);
Numeric numeric_normalize(Numeric a, Arena *arena); /* trailing zeros after the point dropped */
MUST_CHECK bool numeric_apply_typmod(Numeric a, int32_t typmod, Arena *arena, Numeric *out,
                                     Error *err); /* 22003 numeric field overflow */

/* As PostgreSQL prints and reads it: 22P02 `invalid input syntax for type numeric: "x"`, 22003 beyond its limits. */
void numeric_print(Numeric value, Buffer *out);
MUST_CHECK bool numeric_parse(Slice text, Arena *arena, Numeric *out, Error *err);

/*
 * From the wire's form, which need not be canonical: 22P03. What is canonical is not copied: `out` is `bytes` then.
 * The stored form is what PostgreSQL sends, byte for byte.
 */
MUST_CHECK bool numeric_receive(Slice bytes, Arena *arena, Numeric *out, Error *err);

#endif
