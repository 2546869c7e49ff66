/*
 * column_order.h -- how the values of a type compare, sorted into few classes so that loops need not ask for each
 * value.
 */
#ifndef FRESHET_COLLECTION_COLUMN_ORDER_H
#define FRESHET_COLLECTION_COLUMN_ORDER_H

#include "collection/column.h"

typedef enum OrderClass {
    ORDER_SIGNED,   /* integers, dates and times: I16, I32, I64 */
    ORDER_UNSIGNED, /* bool, "char", oid and its kin, uint2 to uint8 */
    ORDER_FLOAT,    /* -0 equals 0; NaN is last */
    ORDER_BYTES,    /* bytewise, a prefix first */
    ORDER_B16,      /* uuid: 16 bytes, bytewise */
    ORDER_DATUM,    /* what only datum_compare knows */
} OrderClass;

OrderClass type_order_class(SqlType type);
/* Values that are equal in SQL have the same stored form. */
bool order_class_is_exact(OrderClass order);

/* A value's place in its type's order as an integer: a < b follows from prefix(a) < prefix(b); equal prefixes mean
   equal values only where prefix_is_exact. Not for ORDER_DATUM, nor for nulls. */
uint64_t column_order_prefix(OrderClass order, const Column *column, uint32_t row);
/* The same for any type that has one: those of ORDER_DATUM have none but numeric. */
bool type_has_order_prefix(SqlType type);
uint64_t type_order_prefix(SqlType type, OrderClass order, const Column *column, uint32_t row);
bool order_prefix_is_exact(OrderClass order);
/* The same for column_compare_identity's order. */
uint64_t column_identity_prefix(const Column *column, uint32_t row);
bool identity_prefix_is_exact(Phys phys);

int column_compare_class(OrderClass order, SqlType type, const Column *a, uint32_t row_a, const Column *b,
                         uint32_t row_b);

#endif
