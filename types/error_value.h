/*
 * error_value.h -- an error as a value: what makes a collection unreadable while it is in it.
 *
 * Encoded it is one bytes value, of which a collection's errors are made: five bytes of SQLSTATE, then message, detail
 * and hint, each a 32-bit big-endian size (all ones: there is none) and its bytes.
 */
#ifndef FRESHET_TYPES_ERROR_VALUE_H
#define FRESHET_TYPES_ERROR_VALUE_H

#include "base/arena.h"
#include "base/slice.h"

typedef struct ErrorValue {
    char sqlstate[6];
    const char *message;
    const char *detail; /* or NULL */
    const char *hint;   /* or NULL */
} ErrorValue;

Slice error_value_encode(const ErrorValue *error, Arena *arena);
ErrorValue error_value_decode(Slice bytes, Arena *arena); /* of bytes that error_value_encode made */

#endif
