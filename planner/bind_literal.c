/*
 * bind_literal.c -- numbers, strings whose type is not known yet, and literals that name their type.
 */
#include "planner/bind.h"

Scalar *
bind_unknown_literal(Binder *binder, const char *text, int position)
{
    Scalar *literal = scalar_literal(binder->arena, SQL_TYPE(UNKNOWN), datum_text(text));
    literal->position = position;
    return literal;
}

/* A decimal integer that fits in 64 bits. */
static bool
read_decimal(const char *text, int64_t *value)
{
    bool negative = *text == '-';
    const char *at = text + negative;
    uint64_t sum = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (sum > (UINT64_MAX - 9) / 10)
            return false;
        sum = sum * 10 + (uint64_t) (*at - '0');
    }
    uint64_t limit = (uint64_t) INT64_MAX + negative;
    if (*at != '\0' || sum > limit)
        return false;
    *value = negative ? (int64_t) (0 - sum) : (int64_t) sum;
    return true;
}

static bool
read_based(const char *text, int64_t *value)
{
    bool negative = *text == '-';
    const char *at = text + negative;
    if (at[0] != '0' || at[1] == '\0' || (at[1] >= '0' && at[1] <= '9'))
        return false;
    int base = at[1] == 'x' || at[1] == 'X' ? 16 : at[1] == 'o' || at[1] == 'O' ? 8 : 2;
    char *end;
    unsigned long long sum = strtoull(at + 2, &end, base);
    if (*end != '\0' || sum > (unsigned long long) INT64_MAX)
        return false;
    *value = negative ? -(int64_t) sum : (int64_t) sum;
    return true;
}

bool
bind_number(Binder *binder, const char *text, bool integer, int position, Scalar **scalar, Error *err)
{
    int64_t value;
    if (integer && (read_decimal(text, &value) || read_based(text, &value))) {
        bool small = value >= INT32_MIN && value <= INT32_MAX;
        *scalar = scalar_literal(binder->arena, small ? SQL_TYPE(INT4) : SQL_TYPE(INT8), datum_int(value));
        (*scalar)->position = position;
        return true;
    }
    return bind_cast(binder, bind_unknown_literal(binder, text, position), SQL_TYPE(NUMERIC), CAST_EXPLICIT, scalar,
                     err);
}

/* interval '1' day: the field is the unit of a bare number. */
static const char *
interval_text(Binder *binder, const AstType *type, const char *text)
{
    const char *unit = type->interval_to != NULL ? type->interval_to : type->interval_from;
    if (type->kind != AST_TYPE_NAMED || unit == NULL)
        return text;
    const char *last = text;
    for (const char *at = text; *at != '\0'; at++) {
        if ((*at < '0' || *at > '9') && strchr("+-. ", *at) == NULL)
            return text;
        if (*at != ' ')
            last = at + 1;
    }
    if (last == text || (type->interval_to != NULL && strchr(text + 1, '-') != NULL))
        return text;
    return arena_printf(binder->arena, "%s %s", text, unit);
}

bool
bind_typed_literal(Binder *binder, const AstType *ast, const char *text, int position, Scalar **scalar, Error *err)
{
    SqlType type;
    if (!bind_type(binder, ast, &type, err))
        return false;
    if (type.id == TYPE_INTERVAL)
        text = interval_text(binder, ast, text);
    if (type.id == TYPE_OID || type.id == TYPE_REGPROC) {
        bool done;
        uint32_t oid;
        if (!bind_oid_alias(binder, ast, text, &done, &oid, err)) {
            err->position = position;
            return false;
        }
        if (done) {
            *scalar = scalar_literal(binder->arena, type, datum_int(oid));
            return true;
        }
    }
    return bind_explicit_cast(binder, bind_unknown_literal(binder, text, position), type, position, scalar, err);
}
