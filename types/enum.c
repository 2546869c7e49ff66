#include "types/enum.h"

/* The bits of a float, turned so that they sort as unsigned integers in the float's order. */
static uint32_t
order_key(float order)
{
    uint32_t bits;
    memcpy(&bits, &order, sizeof bits);
    return bits >> 31 != 0 ? ~bits : bits | UINT32_C(1) << 31;
}

Slice
enum_make(const EnumLabel *label, Arena *arena)
{
    size_t size = strlen(label->label);
    char *bytes = arena_alloc(arena, ENUM_KEY_SIZE + size + 1);
    be32_write(bytes, order_key(label->order));
    memcpy(bytes + ENUM_KEY_SIZE, label->label, size);
    return slice_make(bytes, ENUM_KEY_SIZE + size);
}

const TypeDetail *
enum_newest(const TypeDetail *detail)
{
    SqlType known;
    bool registered = detail != NULL && detail->oid != 0 && type_from_oid(detail->oid, -1, &known);
    return registered && known.id == TYPE_ENUM ? known.detail : detail;
}
