/*
 * upstream_type.h -- types that upstream's users made, as types here: domains are what they are made of, enums are enums
 * with upstream's labels and orders, and arrays of either are arrays.
 *
 * The detail of an enum that comes from here carries upstream's OID; the planner gives it one of its own.
 */
#ifndef FRESHET_REPLICATION_UPSTREAM_TYPE_H
#define FRESHET_REPLICATION_UPSTREAM_TYPE_H

#include "replication/postgres/connect.h"
#include "replication/postgres/table.h"

#define FIRST_USER_OID 16384 /* what lies above means something else on each server */

typedef struct UpstreamType {
    uint32_t oid, base, element; /* base: of a domain; element: of an array; else 0 */
    int32_t base_typmod;
    char kind; /* pg_type.typtype */
    const char *name;
    EnumLabel *labels; /* in their order */
    int label_count;
} UpstreamType;

typedef struct UpstreamTypes {
    UpstreamType *types; /* those asked for, and what they are made of */
    int count;
} UpstreamTypes;

/* Whether upstream must be asked what the OID means. */
bool upstream_type_is_foreign(uint32_t oid);
/* One look at the catalogs; none when no OID is foreign. */
MUST_CHECK bool upstream_types_read(PGconn *connection, int stop_fd, const uint32_t *oids, int count, Arena *arena,
                                    UpstreamTypes *types, Error *err);
/* False: there is no such type here. */
bool upstream_type_find(const UpstreamTypes *types, uint32_t oid, int32_t typmod, Arena *arena, SqlType *type);

/*
 * Looks at the enums of tables again. Labels that have come become known (type_register). misfits[i]: why the i-th table
 * cannot be followed, in `arena`, when a label that it knows is gone or has moved, since rows are stored with label and
 * order; NULL: it can. Nothing is asked where no table has an enum.
 */
MUST_CHECK bool upstream_enums_follow(PGconn *connection, int stop_fd, TableSpec *const *specs, size_t count,
                                      Arena *arena, const char **misfits, Error *err);

#endif
