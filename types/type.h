/*
 * type.h -- SQL types: what a column is, what it is called, how its values are laid out.
 *
 * A SqlType is passed by value. `element` says what an ARRAY, LIST or MAP holds, where its id says all; `detail` says what ids
 * cannot: the fields of a RECORD, the labels of an ENUM, what a container holds when that is a container itself, and
 * the name of a type that has one of its own. Two types are the same type when id, element and detail agree; typmod is a
 * property on top (varchar(20), numeric(10,2), timestamp(3)), -1 when there is none, with PostgreSQL's own encoding.
 *
 * The detail of an ARRAY is its element's own, unless the element is a LIST or MAP; that of a LIST or MAP is the container's.
 */
#ifndef FRESHET_TYPES_TYPE_H
#define FRESHET_TYPES_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

typedef enum TypeId {
#define TYPE(name, sql, aliases, oid, array_oid, phys, category, preferred, len) TYPE_##name,
#include "types/types.def"
#undef TYPE
    TYPE_COUNT
} TypeId;

/* How the values of a column lie in memory. */
typedef enum Phys {
    PHYS_U8, /* bool (0, 1), "char" */
    PHYS_I16,
    PHYS_I32,
    PHYS_I64,
    PHYS_F32,
    PHYS_F64,
    PHYS_B16,   /* 16 bytes: uuid; interval (Interval); timetz */
    PHYS_BYTES, /* variable: offsets into bytes */
} Phys;

typedef struct SqlType {
    TypeId id;
    TypeId element;                  /* of ARRAY and LIST and MAP (its value); else TYPE_UNKNOWN */
    int32_t typmod;                  /* -1: none */
    const struct TypeDetail *detail; /* or NULL */
} SqlType;

typedef struct RecordField {
    const char *name;
    SqlType type;
} RecordField;

/* Labels sort by `order`, as pg_enum.enumsortorder does. */
typedef struct EnumLabel {
    const char *label;
    float order;
} EnumLabel;

/* Immutable. Lives in an arena, the owner's of the type, or for ever (type_wrap). */
typedef struct TypeDetail {
    const char *name;        /* of a type made by CREATE TYPE, or upstream; NULL: none */
    uint32_t oid, array_oid; /* of such a type; else 0 */
    SqlType element; /* what a LIST or MAP holds, or an ARRAY of these; id UNKNOWN: SqlType.element and typmod say it */
    const EnumLabel *labels; /* of an ENUM, in their order */
    int label_count;
    int count; /* of fields, of a RECORD */
    RecordField fields[];
} TypeDetail;

#define SQL_TYPE(name)  ((SqlType){.id = TYPE_##name, .typmod = -1})
#define SQL_ARRAY(name) ((SqlType){.id = TYPE_ARRAY, .element = TYPE_##name, .typmod = -1})

static inline SqlType
type_of_id(TypeId id)
{
    return (SqlType){.id = id, .typmod = -1};
}

bool type_same(SqlType a, SqlType b); /* typmod is not compared */
/* The same values but for names: a named list and an anonymous one of the same element. */
bool type_same_structure(SqlType a, SqlType b);
SqlType type_copy(SqlType type, Arena *arena); /* its detail too */
/* Makes a type with a name (detail->oid) known to type_from_oid, by its own OID and its array's; for ever, since values may outlive it.
   type_forget: no longer by these OIDs. Any thread. */
void type_register(SqlType type);
void type_forget(uint32_t oid);
TypeDetail *type_detail_new(Arena *arena, int field_count);
Phys type_phys(SqlType type);
int phys_width(Phys phys);        /* bytes a value, 0 for PHYS_BYTES */
char type_category(SqlType type); /* pg_type.typcategory */
bool type_is_preferred(SqlType type);
int16_t type_length(SqlType type); /* pg_type.typlen */
uint32_t type_oid(SqlType type);
uint32_t type_array_oid(SqlType type);                           /* of an array of `type`; 0 when there is none */
bool type_from_oid(uint32_t oid, int32_t typmod, SqlType *type); /* arrays too; false: unknown oid */
SqlType type_array_of(SqlType element);
SqlType type_list_of(SqlType element);
SqlType type_map_of(SqlType value);
SqlType type_element_of(SqlType array); /* of ARRAY, LIST and MAP */
SqlType type_range_element(SqlType range);
bool type_is_range(SqlType type);
bool type_is_multirange(SqlType type);
SqlType type_multirange_of(SqlType range);
SqlType type_multirange_range(SqlType multirange); /* the ranges that it holds */
bool type_is_string(SqlType type);                 /* text, varchar, bpchar, name */
bool type_is_integer(SqlType type);
bool type_is_number(SqlType type);      /* integers, floats, numeric */
const char *type_pg_name(SqlType type); /* pg_type.typname: "int4", "_int4" */

/* As format_type prints it, with typmod: "character varying(20)", "numeric(10,2)[]". In `arena`. */
const char *type_format(SqlType type, Arena *arena);

/* By a name as typed in SQL, already folded ("int4", "character varying" is joined with one blank). */
bool type_from_name(const char *name, SqlType *type);

/* Reads the modifiers of a type name, e.g. numeric(10,2): sets typmod. Errors as PostgreSQL's (22023, 42601). */
MUST_CHECK bool type_apply_modifiers(SqlType *type, const int64_t *modifiers, int count, Error *err);

#endif
