/*
 * run_block.h -- a chunk as bytes: the unit of run files and of updates that travel inline in consensus.
 *
 *     BlockHeader, a BlockColumn per column, hashes, diffs, times, and per column nulls, values, bytes
 *
 * Every part starts at a multiple of 8, so that columns borrow straight from the bytes. Integers are little-endian.
 * A block has no checksum of its own: what it is in has.
 */
#ifndef FRESHET_STORAGE_RUN_BLOCK_H
#define FRESHET_STORAGE_RUN_BLOCK_H

#include "base/buffer.h"
#include "collection/run.h"
#include "storage/blob.h"

/* Appends; out->size is a multiple of 8 before and after. */
void block_encode(const Chunk *chunk, Buffer *out);
/* The chunk in bytes[offset .. offset + size), which borrows from them. `time`, when not NULL, replaces the block's one
   time. False: these are not the bytes of a block of this layout. */
MUST_CHECK bool block_decode(BlobBytes *bytes, size_t offset, size_t size, const Layout *layout, const Timestamp *time,
                             Chunk **chunk);

#endif
