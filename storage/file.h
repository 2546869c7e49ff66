/*
 * file.h -- what storage needs of the file system, with errors that name the file; private to storage/.
 *
 * A full disk, quota or size limit is 53100; anything else that the system refuses is 58030.
 */
#ifndef FRESHET_STORAGE_FILE_H
#define FRESHET_STORAGE_FILE_H

#include <stddef.h>

#include "base/error.h"

/* Sets the error for errno after `what` ("write", "open") of `path` failed; returns false. */
bool file_error(Error *err, int number, const char *what, const char *path);
/* Path of `name` in `directory`, heap. */
char *file_path(const char *directory, const char *name);

MUST_CHECK bool directory_make(const char *path, Error *err); /* with its parents; being there is fine */
MUST_CHECK bool directory_sync(const char *path, Error *err);
MUST_CHECK bool file_write_all(int fd, const void *bytes, size_t size, const char *path, Error *err);
/* Written beside, synced and renamed: the file is whole or not there. */
MUST_CHECK bool file_write_durably(const char *directory, const char *name, const void *bytes, size_t size, Error *err);

#endif
