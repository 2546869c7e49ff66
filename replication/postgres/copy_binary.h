/*
 * copy_binary.h -- the rows of COPY ... TO STDOUT (FORMAT BINARY), from the payloads of its CopyData frames into a chunk.
 *
 * Pure. The server sends a row whole in one frame; the header shares the first one, the trailer has one of its own.
 */
#ifndef FRESHET_REPLICATION_COPY_BINARY_H
#define FRESHET_REPLICATION_COPY_BINARY_H

#include "replication/postgres/decode.h"

typedef struct CopyReader {
    RowDecoder *decoder;
    bool began, ended; /* header, trailer seen */
} CopyReader;

/* Appends the rows of one frame. 22P04 for what is no such COPY, else as decode_binary; then the row is not appended. */
MUST_CHECK bool copy_binary_frame(CopyReader *reader, Slice frame, ChunkBuilder *builder, Error *err);

#endif
