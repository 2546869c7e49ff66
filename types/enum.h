/*
 * enum.h -- values of enums in their stored form: four bytes that sort as pg_enum.enumsortorder does, then the label.
 *
 * Comparing the bytes gives the enum's order, and a value prints without its type at hand.
 */
#ifndef FRESHET_TYPES_ENUM_H
#define FRESHET_TYPES_ENUM_H

#include "base/buffer.h"
#include "types/value.h"

enum { ENUM_KEY_SIZE = 4 };

Slice enum_make(const EnumLabel *label, Arena *arena);

/* What is known of the enum now: labels may have come since `detail` was made. NULL of NULL. Any thread. */
const TypeDetail *enum_newest(const TypeDetail *detail);

static inline Slice
enum_label(Slice value)
{
    return slice_make(value.bytes + ENUM_KEY_SIZE, value.size - ENUM_KEY_SIZE);
}

#endif
