/*
 * run_file.h -- a run as a blob, read through a mapping.
 *
 *     FileHeader, blocks (run_block.h), FileChunk per block, directory, FileTrailer
 *
 * (1) Every byte is covered by a checksum: the header's, a chunk's, the footer's (chunk entries and directory) or the
 *     trailer's.
 * (2) Header, footer and trailer are verified when the run is opened, a chunk when it is first touched.
 * (3) A relative file was written before its timestamp was known: all its updates are at upper - 1 of whoever refers
 *     to it.
 *     When else a run's updates lie, and what times it covers, stands in the records that refer to it, too.
 */
#ifndef FRESHET_STORAGE_RUN_FILE_H
#define FRESHET_STORAGE_RUN_FILE_H

#include "collection/run_internal.h"
#include "storage/blob.h"

typedef struct RunFileWriter RunFileWriter;

MUST_CHECK bool run_file_create(Blob *blob, const char *name, const Layout *layout, uint64_t rows_hint, bool relative,
                                RunFileWriter **writer, Error *err);
RunSink *run_file_sink(RunFileWriter *writer);
/* Makes the blob durable. The writer is gone either way. `rows` and `size` (bytes) may be NULL. */
MUST_CHECK bool run_file_finish(RunFileWriter *writer, bool collisions, uint64_t *rows, uint64_t *size, Error *err);
void run_file_abandon(RunFileWriter *writer);

MUST_CHECK bool run_file_open(Blob *blob, const char *name, Layout *layout, Timestamp lower, Timestamp upper,
                              Timestamp since, Run **run, Error *err);
/* The name of the blob that a run lies in; NULL: it is on the heap. */
const char *run_file_name(const Run *run);

#endif
