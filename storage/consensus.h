/*
 * consensus.h -- small records with compare-and-set: the truth about which blobs make up which shard.
 *
 * A record is a key, a sequence number and bytes. A transaction names the sequence number that it expects of every
 * record it
 * writes (0: the record does not exist) and is applied whole, durably, or not at all (40001 when one differs).
 * Implementations: SQLite in the data directory (consensus_sqlite.c); a PostgreSQL-compatible database later.
 * Called from the store's thread only, but for `close`.
 */
#ifndef FRESHET_STORAGE_CONSENSUS_H
#define FRESHET_STORAGE_CONSENSUS_H

#include "base/buffer.h"
#include "base/error.h"

typedef struct Consensus Consensus;

typedef struct ConsensusWrite {
    Slice key;
    uint64_t expected_sequence;
    uint64_t new_sequence; /* expected + 1, or larger; ignored when removing */
    Slice value;           /* bytes NULL: remove */
} ConsensusWrite;

typedef struct ConsensusVtable {
    bool (*commit)(Consensus *consensus, const ConsensusWrite *writes, size_t count, Error *err);
    /* Every record whose key starts with `prefix`, in key order. Stops when `each` returns false. */
    bool (*scan)(Consensus *consensus, Slice prefix,
                 bool (*each)(void *context, Slice key, uint64_t sequence, Slice value, Error *err), void *context,
                 Error *err);
    void (*close)(Consensus *consensus);
} ConsensusVtable;

struct Consensus {
    const ConsensusVtable *vtable;
};

MUST_CHECK bool consensus_sqlite_open(const char *path, Consensus **consensus, Error *err);

#endif
