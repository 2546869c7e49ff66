#include "types/type_internal.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 32, TYPMOD_SHIFT = 4 /* PostgreSQL counts a length word in */ };

typedef struct TypeFacts {
    const char *sql;
    const char *aliases;
    uint32_t oid;
    uint32_t array_oid;
    Phys phys;
    char category;
    bool preferred;
    int16_t length;
} TypeFacts;

static const TypeFacts facts[TYPE_COUNT] = {
#define TYPE(name, sql, aliases, oid, array_oid, phys, category, preferred, len)                                       \
    [TYPE_##name] = {sql, aliases, oid, array_oid, PHYS_##phys, category, preferred, len},
#include "types/types.def"
#undef TYPE
};

/* "_int4"; what follows the underscore is the name of the type itself. */
static char array_names[TYPE_COUNT][NAME_MAX_BYTES];
static pthread_once_t array_names_once = PTHREAD_ONCE_INIT;

static void
array_names_fill(void)
{
    for (int id = 0; id < TYPE_COUNT; id++) {
        const char *alias = facts[id].aliases;
        size_t size = strcspn(alias, " ");
        if (alias[0] == '"') {
            alias++;
            size -= 2;
        }
        snprintf(array_names[id], NAME_MAX_BYTES, "_%.*s", (int) size, alias);
    }
}

Phys
type_phys(SqlType type)
{
    return facts[type.id].phys;
}

int
phys_width(Phys phys)
{
    switch (phys) {
    case PHYS_U8:
        return 1;
    case PHYS_I16:
        return 2;
    case PHYS_I32:
    case PHYS_F32:
        return 4;
    case PHYS_I64:
    case PHYS_F64:
        return 8;
    case PHYS_B16:
        return 16;
    case PHYS_BYTES:
        return 0;
    }
    bug("unrecognized layout %d", phys);
}

char
type_category(SqlType type)
{
    return facts[type.id].category;
}

bool
type_is_preferred(SqlType type)
{
    return facts[type.id].preferred;
}

int16_t
type_length(SqlType type)
{
    return facts[type.id].length;
}

uint32_t
type_oid(SqlType type)
{
    if (type.id == TYPE_ARRAY) {
        SqlType element = type_element_of(type);
        uint32_t array_oid = type_array_oid(element);
        return array_oid != 0 ? array_oid : facts[type.id].oid;
    }
    return type.detail != NULL && type.detail->oid != 0 ? type.detail->oid : facts[type.id].oid;
}

uint32_t
type_array_oid(SqlType type)
{
    if (type.detail != NULL && type.detail->oid != 0 && type.id != TYPE_ARRAY)
        return type.detail->array_oid;
    return facts[type.id].array_oid;
}

bool
type_from_oid(uint32_t oid, int32_t typmod, SqlType *type)
{
    if (oid == 0)
        return false;
    for (int id = 0; id < TYPE_COUNT; id++) {
        if (facts[id].oid == oid) {
            *type = (SqlType){.id = (TypeId) id, .typmod = typmod};
            return true;
        }
        if (facts[id].array_oid == oid) {
            *type = (SqlType){.id = TYPE_ARRAY, .element = (TypeId) id, .typmod = typmod};
            return true;
        }
    }
    return type_registered(oid, type);
}

static bool
is_list_or_map(SqlType type)
{
    return type.id == TYPE_LIST || type.id == TYPE_MAP;
}

SqlType
type_array_of(SqlType element)
{
    if (element.id == TYPE_ARRAY) /* dimensions are a property of the value, as in PostgreSQL */
        return element;
    const TypeDetail *detail = is_list_or_map(element) ? type_wrap(element) : element.detail;
    return (SqlType){.id = TYPE_ARRAY, .element = element.id, .typmod = element.typmod, .detail = detail};
}

static SqlType
container_of(TypeId id, SqlType element)
{
    bool plain = element.detail == NULL && element.element == TYPE_UNKNOWN;
    return (SqlType){.id = id,
                     .element = element.id,
                     .typmod = plain ? element.typmod : -1,
                     .detail = plain ? NULL : type_wrap(element)};
}

SqlType
type_list_of(SqlType element)
{
    return container_of(TYPE_LIST, element);
}

SqlType
type_map_of(SqlType value)
{
    return container_of(TYPE_MAP, value);
}

SqlType
type_element_of(SqlType array)
{
    if (array.id == TYPE_INT2VECTOR)
        return SQL_TYPE(INT2);
    if (array.detail != NULL && array.detail->element.id != TYPE_UNKNOWN &&
        (is_list_or_map(array) || is_list_or_map(type_of_id(array.element))))
        return array.detail->element;
    const TypeDetail *own = is_list_or_map(array) ? NULL : array.detail;
    return (SqlType){.id = array.element, .typmod = array.typmod, .detail = own};
}

SqlType
type_range_element(SqlType range)
{
    switch (range.id) {
    case TYPE_INT4RANGE:
        return SQL_TYPE(INT4);
    case TYPE_INT8RANGE:
        return SQL_TYPE(INT8);
    case TYPE_NUMRANGE:
        return SQL_TYPE(NUMERIC);
    case TYPE_TSRANGE:
        return SQL_TYPE(TIMESTAMP);
    case TYPE_TSTZRANGE:
        return SQL_TYPE(TIMESTAMPTZ);
    case TYPE_DATERANGE:
        return SQL_TYPE(DATE);
    default:
        bug("type %s is not a range", facts[range.id].sql);
    }
}

bool
type_is_range(SqlType type)
{
    return facts[type.id].category == 'R' && !type_is_multirange(type);
}

static const struct {
    TypeId range, multirange;
} multiranges[] = {
    {TYPE_INT4RANGE, TYPE_INT4MULTIRANGE}, {TYPE_NUMRANGE, TYPE_NUMMULTIRANGE},   {TYPE_TSRANGE, TYPE_TSMULTIRANGE},
    {TYPE_TSTZRANGE, TYPE_TSTZMULTIRANGE}, {TYPE_DATERANGE, TYPE_DATEMULTIRANGE}, {TYPE_INT8RANGE, TYPE_INT8MULTIRANGE},
};
#define MULTIRANGES_COUNT (sizeof multiranges / sizeof *multiranges)

bool
type_is_multirange(SqlType type)
{
    for (size_t i = 0; i < MULTIRANGES_COUNT; i++) {
        if (multiranges[i].multirange == type.id)
            return true;
    }
    return false;
}

SqlType
type_multirange_of(SqlType range)
{
    for (size_t i = 0; i < MULTIRANGES_COUNT; i++) {
        if (multiranges[i].range == range.id)
            return type_of_id(multiranges[i].multirange);
    }
    bug("type %s is not a range", facts[range.id].sql);
}

SqlType
type_multirange_range(SqlType multirange)
{
    for (size_t i = 0; i < MULTIRANGES_COUNT; i++) {
        if (multiranges[i].multirange == multirange.id)
            return type_of_id(multiranges[i].range);
    }
    bug("type %s is not a multirange", facts[multirange.id].sql);
}

bool
type_is_string(SqlType type)
{
    return facts[type.id].category == 'S';
}

bool
type_is_integer(SqlType type)
{
    switch (type.id) {
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_UINT2:
    case TYPE_UINT4:
    case TYPE_UINT8:
        return true;
    default:
        return false;
    }
}

bool
type_is_number(SqlType type)
{
    return type_is_integer(type) || type.id == TYPE_FLOAT4 || type.id == TYPE_FLOAT8 || type.id == TYPE_NUMERIC;
}

const char *
type_pg_name(SqlType type)
{
    if (type.id != TYPE_ARRAY && type.detail != NULL && type.detail->name != NULL)
        return type.detail->name;
    pthread_once(&array_names_once, array_names_fill);
    if (type.id == TYPE_ARRAY && type.element != TYPE_UNKNOWN)
        return array_names[type.element];
    return array_names[type.id] + 1;
}

/* The fields that an interval is restricted to, as bits of its typmod: 1 << the number PostgreSQL gives the field. */
static const struct {
    int mask;
    const char *text;
} interval_fields[] = {
    {1 << 2, " year"},
    {1 << 1, " month"},
    {1 << 3, " day"},
    {1 << 10, " hour"},
    {1 << 11, " minute"},
    {1 << 12, " second"},
    {1 << 2 | 1 << 1, " year to month"},
    {1 << 3 | 1 << 10, " day to hour"},
    {1 << 3 | 1 << 10 | 1 << 11, " day to minute"},
    {1 << 3 | 1 << 10 | 1 << 11 | 1 << 12, " day to second"},
    {1 << 10 | 1 << 11, " hour to minute"},
    {1 << 10 | 1 << 11 | 1 << 12, " hour to second"},
    {1 << 11 | 1 << 12, " minute to second"},
};

enum { INTERVAL_ALL_FIELDS = 0x7FFF, INTERVAL_ANY_PRECISION = 0xFFFF };

static const char *
interval_format(int32_t typmod, Arena *arena)
{
    int fields = typmod >> 16 & INTERVAL_ALL_FIELDS;
    int precision = typmod & INTERVAL_ANY_PRECISION;
    const char *text = "";
    for (size_t i = 0; i < sizeof interval_fields / sizeof interval_fields[0]; i++)
        if (interval_fields[i].mask == fields)
            text = interval_fields[i].text;
    if (precision == INTERVAL_ANY_PRECISION)
        return arena_printf(arena, "interval%s", text);
    return arena_printf(arena, "interval%s(%d)", text, precision);
}

static const char *
scalar_format(SqlType type, Arena *arena)
{
    const char *sql = facts[type.id].sql;
    int32_t typmod = type.typmod;
    if (typmod < 0)
        return sql;
    switch (type.id) {
    case TYPE_BPCHAR:
    case TYPE_VARCHAR:
        return typmod < TYPMOD_SHIFT ? sql : arena_printf(arena, "%s(%d)", sql, typmod - TYPMOD_SHIFT);
    case TYPE_BIT:
    case TYPE_VARBIT:
        return arena_printf(arena, "%s(%d)", sql, typmod);
    case TYPE_NUMERIC: {
        if (typmod < TYPMOD_SHIFT)
            return sql;
        int scale = (((typmod - TYPMOD_SHIFT) & 0x7ff) ^ 1024) - 1024;
        return arena_printf(arena, "numeric(%d,%d)", ((typmod - TYPMOD_SHIFT) >> 16) & 0xffff, scale);
    }
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMETZ:
    case TYPE_TIMESTAMPTZ: {
        size_t head = strcspn(sql, " ");
        return arena_printf(arena, "%.*s(%d)%s", (int) head, sql, typmod, sql + head);
    }
    case TYPE_INTERVAL:
        return interval_format(typmod, arena);
    default:
        return sql;
    }
}

const char *
type_format(SqlType type, Arena *arena)
{
    if (type.id != TYPE_ARRAY && type.detail != NULL && type.detail->name != NULL)
        return type.detail->name;
    if ((type.id != TYPE_ARRAY && !is_list_or_map(type)) || type.element == TYPE_UNKNOWN)
        return scalar_format(type, arena);
    const char *element = type_format(type_element_of(type), arena);
    switch (type.id) {
    case TYPE_ARRAY:
        return arena_printf(arena, "%s[]", element);
    case TYPE_LIST:
        return arena_printf(arena, "%s list", element);
    default:
        return arena_printf(arena, "map[text=>%s]", element);
    }
}

static bool
aliases_contain(const char *aliases, Slice name)
{
    for (const char *at = aliases; *at != '\0';) {
        size_t size = strcspn(at, " ");
        if (slice_equal(slice_make(at, size), name))
            return true;
        at += size;
        at += *at == ' ';
    }
    return false;
}

static bool
scalar_from_name(Slice name, TypeId *id)
{
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (i == TYPE_ARRAY || i == TYPE_LIST || i == TYPE_MAP)
            continue; /* these need an element */
        if (aliases_contain(facts[i].aliases, name) || slice_equal(slice_of(facts[i].sql), name)) {
            *id = (TypeId) i;
            return true;
        }
    }
    return false;
}

static bool
slice_strip_suffix(Slice *text, const char *suffix)
{
    size_t size = strlen(suffix);
    if (text->size <= size || memcmp(text->bytes + text->size - size, suffix, size) != 0)
        return false;
    text->size -= size;
    return true;
}

bool
type_from_name(const char *name, SqlType *type)
{
    Slice rest = slice_of(name);
    TypeId container = TYPE_UNKNOWN;
    if (slice_strip_suffix(&rest, " list"))
        container = TYPE_LIST;
    while (container != TYPE_LIST && slice_strip_suffix(&rest, "[]"))
        container = TYPE_ARRAY;
    TypeId id;
    if (!scalar_from_name(rest, &id)) {
        pthread_once(&array_names_once, array_names_fill);
        for (int i = 0; container == TYPE_UNKNOWN && i < TYPE_COUNT; i++)
            if (facts[i].array_oid != 0 && strcmp(array_names[i], name) == 0) {
                *type = type_array_of(type_of_id((TypeId) i));
                return true;
            }
        return false;
    }
    *type = container == TYPE_UNKNOWN ? type_of_id(id) : (SqlType){.id = container, .element = id, .typmod = -1};
    return true;
}

static bool
length_modifier(const char *name, int64_t length, int64_t length_max, Error *err)
{
    if (length < 1)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "length for type %s must be at least 1", name);
    if (length > length_max)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "length for type %s cannot exceed %" PRId64, name,
                         length_max);
    return true;
}

static bool
numeric_modifiers(int32_t *typmod, const int64_t *modifiers, int count, Error *err)
{
    enum { PRECISION_MAX = 1000, SCALE_MAX = 1000 };
    if (count > 2)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid NUMERIC type modifier");
    int64_t precision = modifiers[0];
    int64_t scale = count == 2 ? modifiers[1] : 0;
    if (precision < 1 || precision > PRECISION_MAX)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE,
                         "NUMERIC precision %" PRId64 " must be between 1 and %d", precision, PRECISION_MAX);
    if (scale < -SCALE_MAX || scale > SCALE_MAX)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "NUMERIC scale %" PRId64 " must be between %d and %d",
                         scale, -SCALE_MAX, SCALE_MAX);
    *typmod = (int32_t) ((precision << 16 | (scale & 0x7ff)) + TYPMOD_SHIFT);
    return true;
}

/* Digits of a second; more than a microsecond has are silently as many as it has. */
static bool
precision_modifier(const char *name, const char *suffix, int64_t precision, int32_t *typmod, Error *err)
{
    enum { PRECISION_MAX = 6 };
    if (precision < 0)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "%s(%" PRId64 ")%s precision must not be negative",
                         name, precision, suffix);
    *typmod = precision > PRECISION_MAX ? PRECISION_MAX : (int32_t) precision;
    return true;
}

/* One modifier is the precision; of two the first is the set of fields, as PostgreSQL's own catalogs have it. */
static bool
interval_modifiers(int32_t *typmod, const int64_t *modifiers, int count, Error *err)
{
    if (count > 2)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid INTERVAL type modifier");
    int64_t fields = count == 2 ? modifiers[0] : INTERVAL_ALL_FIELDS;
    int64_t precision = modifiers[count - 1];
    if (fields < 0 || fields > INTERVAL_ALL_FIELDS)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid INTERVAL type modifier");
    if (precision != INTERVAL_ANY_PRECISION) {
        int32_t digits = 0;
        if (!precision_modifier("INTERVAL", "", precision, &digits, err))
            return false;
        precision = digits;
    }
    *typmod = (int32_t) (fields << 16 | precision);
    return true;
}

bool
type_apply_modifiers(SqlType *type, const int64_t *modifiers, int count, Error *err)
{
    enum { CHARACTERS_MAX = 10485760, BITS_MAX = 83886080 };
    if (count == 0)
        return true;
    SqlType scalar = type->id == TYPE_ARRAY || type->id == TYPE_LIST ? type_element_of(*type) : *type;
    if (scalar.id == TYPE_NUMERIC)
        return numeric_modifiers(&type->typmod, modifiers, count, err);
    if (scalar.id == TYPE_INTERVAL)
        return interval_modifiers(&type->typmod, modifiers, count, err);
    switch (scalar.id) {
    case TYPE_BPCHAR:
    case TYPE_VARCHAR:
    case TYPE_BIT:
    case TYPE_VARBIT:
    case TYPE_TIME:
    case TYPE_TIMETZ:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        break;
    default:
        return error_set(err, SQLSTATE_SYNTAX_ERROR, "type modifier is not allowed for type \"%s\"",
                         type_pg_name(scalar));
    }
    if (count != 1)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid type modifier");
    const char *suffix = scalar.id == TYPE_TIMETZ || scalar.id == TYPE_TIMESTAMPTZ ? " WITH TIME ZONE" : "";
    switch (scalar.id) {
    case TYPE_BPCHAR:
    case TYPE_VARCHAR:
        if (!length_modifier(scalar.id == TYPE_BPCHAR ? "char" : "varchar", modifiers[0], CHARACTERS_MAX, err))
            return false;
        type->typmod = (int32_t) modifiers[0] + TYPMOD_SHIFT;
        return true;
    case TYPE_BIT:
    case TYPE_VARBIT:
        if (!length_modifier(type_pg_name(scalar), modifiers[0], BITS_MAX, err))
            return false;
        type->typmod = (int32_t) modifiers[0];
        return true;
    case TYPE_TIME:
    case TYPE_TIMETZ:
        return precision_modifier("TIME", suffix, modifiers[0], &type->typmod, err);
    default:
        return precision_modifier("TIMESTAMP", suffix, modifiers[0], &type->typmod, err);
    }
}
