/*
 * durable_internal.h -- between the files that write the catalog's entries as JSON and read them again.
 */
#ifndef FRESHET_CATALOG_DURABLE_INTERNAL_H
#define FRESHET_CATALOG_DURABLE_INTERNAL_H

#include "base/buffer.h"
#include "types/jsonb.h"
#include "types/type.h"

void durable_put_type(Buffer *out, SqlType type);
/* False: it names a type that there is not. What it holds lives in `arena`. */
MUST_CHECK bool durable_get_type(Slice json, Arena *arena, SqlType *type);

const char *durable_text(Slice object, const char *name, Arena *arena); /* NULL: no such field */

#endif
