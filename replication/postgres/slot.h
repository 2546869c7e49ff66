/*
 * slot.h -- replication slots upstream: finding, making, taking over; and what the server says of itself.
 *
 * `connection` is one with `replication` (which takes SQL too) where commands of the replication protocol are used.
 */
#ifndef FRESHET_REPLICATION_SLOT_H
#define FRESHET_REPLICATION_SLOT_H

#include "replication/postgres/connect.h"

#define SNAPSHOT_SLOT_PREFIX "mzsnapshot_"

typedef struct SystemIdentity {
    uint64_t system_identifier, timeline_id;
    uint64_t lsn;
} SystemIdentity;

MUST_CHECK bool system_identify(PGconn *connection, int stop_fd, SystemIdentity *identity, Error *err);

typedef struct SlotState {
    bool exists;
    bool invalidated; /* its WAL is gone */
    int active_pid;   /* 0: nobody uses it */
    uint64_t confirmed_lsn;
} SlotState;

MUST_CHECK bool slot_find(PGconn *connection, int stop_fd, const char *slot, SlotState *state, Error *err);
/* A permanent one. `lsn`: changes that commit at or after it come. One that is there already is an error (42710). */
MUST_CHECK bool slot_create(PGconn *connection, int stop_fd, const char *slot, uint64_t *lsn, Error *err);
/* A temporary one, which goes with the connection; `snapshot` (heap) can be imported until the next command on it. */
MUST_CHECK bool slot_create_snapshot(PGconn *connection, int stop_fd, const char *slot, uint64_t *lsn, char **snapshot,
                                     Error *err);
/* Ends the backend that uses the slot, if any, and waits until it is gone. */
MUST_CHECK bool slot_release(PGconn *connection, int stop_fd, const char *slot, Error *err);

#endif
