#include "storage/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

bool
file_error(Error *err, int number, const char *what, const char *path)
{
    bool full = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return error_set(err, full ? SQLSTATE_DISK_FULL : SQLSTATE_IO_ERROR, "could not %s \"%s\": %s", what, path,
                     strerror(number));
}

char *
file_path(const char *directory, const char *name)
{
    Buffer path = {0};
    buffer_printf(&path, "%s/%s", directory, name);
    return buffer_take(&path);
}

bool
directory_make(const char *path, Error *err)
{
    char *prefix = memory_strdup(path);
    bool ok = true;
    for (char *at = prefix; ok && at != NULL;) {
        char *slash = strchr(at + 1, '/');
        if (slash != NULL)
            *slash = '\0';
        if (mkdir(prefix, 0700) != 0 && errno != EEXIST)
            ok = file_error(err, errno, "create directory", prefix);
        if (slash != NULL)
            *slash = '/';
        at = slash;
    }
    free(prefix);
    return ok;
}

bool
directory_sync(const char *path, Error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return file_error(err, errno, "open directory", path);
    bool ok = fsync(fd) == 0 || file_error(err, errno, "sync directory", path);
    close(fd);
    return ok;
}

bool
file_write_all(int fd, const void *bytes, size_t size, const char *path, Error *err)
{
    const char *at = bytes;
    while (size != 0) {
        ssize_t written = write(fd, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return file_error(err, written == 0 ? ENOSPC : errno, "write", path);
        at += written;
        size -= (size_t) written;
    }
    return true;
}

bool
file_write_durably(const char *directory, const char *name, const void *bytes, size_t size, Error *err)
{
    char *path = file_path(directory, name);
    Buffer beside = {0};
    buffer_printf(&beside, "%s.tmp", path);
    const char *temporary = buffer_text(&beside);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 || file_error(err, errno, "create", temporary);
    ok = ok && file_write_all(fd, bytes, size, temporary, err);
    ok = ok && (fsync(fd) == 0 || file_error(err, errno, "sync", temporary));
    if (fd >= 0)
        close(fd);
    ok = ok && (rename(temporary, path) == 0 || file_error(err, errno, "rename", temporary));
    ok = ok && directory_sync(directory, err);
    if (!ok)
        unlink(temporary);
    buffer_deinit(&beside);
    free(path);
    return ok;
}
