/*
 * type_internal.h -- between type.c and type_detail.c. Private to types/.
 */
#ifndef FRESHET_TYPES_TYPE_INTERNAL_H
#define FRESHET_TYPES_TYPE_INTERNAL_H

#include "types/type.h"

/* A detail that says only this element; the same one for the same element, for ever. Any thread. */
const TypeDetail *type_wrap(SqlType element);

/* A type that was registered; false: none has this OID. */
bool type_registered(uint32_t oid, SqlType *type);

#endif
