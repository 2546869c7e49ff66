/*
 * Details of types: copies, comparison, and those that outlive every arena.
 */
#include <pthread.h>
#include <string.h>

#include "base/vector.h"
#include "types/type_internal.h"

TypeDetail *
type_detail_new(Arena *arena, int field_count)
{
    TypeDetail *detail = arena_alloc(arena, sizeof *detail + (size_t) field_count * sizeof detail->fields[0]);
    memset(detail, 0, sizeof *detail + (size_t) field_count * sizeof detail->fields[0]);
    detail->count = field_count;
    detail->element = SQL_TYPE(UNKNOWN);
    return detail;
}

static const char *
copy_name(const char *name, Arena *arena)
{
    return name == NULL ? NULL : arena_strdup(arena, name);
}

SqlType
type_copy(SqlType type, Arena *arena)
{
    if (type.detail == NULL)
        return type;
    const TypeDetail *from = type.detail;
    TypeDetail *to = type_detail_new(arena, from->count);
    to->name = copy_name(from->name, arena);
    to->oid = from->oid;
    to->array_oid = from->array_oid;
    to->element = type_copy(from->element, arena);
    EnumLabel *labels = arena_new_array(arena, EnumLabel, from->label_count + 1);
    for (int i = 0; i < from->label_count; i++)
        labels[i] = (EnumLabel){arena_strdup(arena, from->labels[i].label), from->labels[i].order};
    to->labels = labels;
    to->label_count = from->label_count;
    for (int i = 0; i < from->count; i++)
        to->fields[i] = (RecordField){copy_name(from->fields[i].name, arena), type_copy(from->fields[i].type, arena)};
    type.detail = to;
    return type;
}

static bool
names_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
detail_same(const TypeDetail *a, const TypeDetail *b, bool names)
{
    if (a == b)
        return true;
    if (a == NULL || b == NULL || a->count != b->count)
        return false;
    if (names && (a->oid != b->oid || (a->oid == 0 && !names_equal(a->name, b->name))))
        return false;
    for (int i = 0; i < a->count; i++) {
        if ((names && !names_equal(a->fields[i].name, b->fields[i].name)) ||
            !(names ? type_same : type_same_structure)(a->fields[i].type, b->fields[i].type))
            return false;
    }
    return (names ? type_same : type_same_structure)(a->element, b->element);
}

bool
type_same(SqlType a, SqlType b)
{
    return a.id == b.id && a.element == b.element && detail_same(a.detail, b.detail, true);
}

bool
type_same_structure(SqlType a, SqlType b)
{
    if (a.id != b.id)
        return false;
    switch (a.id) {
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_ARRAY:
        if (a.element == TYPE_UNKNOWN || b.element == TYPE_UNKNOWN)
            return a.element == b.element;
        return type_same_structure(type_element_of(a), type_element_of(b));
    case TYPE_RECORD:
        return detail_same(a.detail, b.detail, false);
    default:
        return type_same(a, b);
    }
}

const TypeDetail *
type_wrap(SqlType element)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static Arena *arena;
    static VECTOR(const TypeDetail *) known;
    const TypeDetail *found = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < known.count && found == NULL; i++) {
        const TypeDetail *detail = known.items[i];
        if (detail->element.typmod == element.typmod && type_same(detail->element, element))
            found = detail;
    }
    if (found == NULL) {
        if (arena == NULL)
            arena = arena_new();
        TypeDetail *made = type_detail_new(arena, 0);
        made->element = type_copy(element, arena);
        vector_push(&known, made);
        found = made;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

/* ---- types with names, by OID ---- */

static struct {
    pthread_mutex_t lock;
    Arena *arena;
    VECTOR(SqlType) types;
} registry = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void
forget(uint32_t oid)
{
    for (size_t i = 0; i < registry.types.count; i++) {
        if (registry.types.items[i].detail->oid == oid) {
            vector_remove(&registry.types, i);
            return;
        }
    }
}

void
type_register(SqlType type)
{
    pthread_mutex_lock(&registry.lock);
    if (registry.arena == NULL)
        registry.arena = arena_new();
    forget(type.detail->oid);
    vector_push(&registry.types, type_copy(type, registry.arena));
    pthread_mutex_unlock(&registry.lock);
}

void
type_forget(uint32_t oid)
{
    pthread_mutex_lock(&registry.lock);
    forget(oid);
    pthread_mutex_unlock(&registry.lock);
}

bool
type_registered(uint32_t oid, SqlType *type)
{
    bool found = false;
    pthread_mutex_lock(&registry.lock);
    for (size_t i = 0; i < registry.types.count && !found; i++) {
        SqlType known = registry.types.items[i];
        found = known.detail->oid == oid || known.detail->array_oid == oid;
        if (found)
            *type = known.detail->oid == oid ? known : type_array_of(known);
    }
    pthread_mutex_unlock(&registry.lock);
    return found;
}
