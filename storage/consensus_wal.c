#include "storage/consensus_wal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "storage/file.h"

enum { WAL_HEADER = 32, FRAME_HEADER = 24, WAL_MAGIC = 0x377f0682 };

typedef struct WalSum {
    uint32_t s0, s1;
} WalSum;

typedef struct Wal {
    const uint8_t *bytes;
    size_t frame_size;
    size_t frames;
    bool big_endian; /* words that are summed */
} Wal;

/* The checksum of SQLite's file format, section 4.2. `size` is a multiple of 8. */
static WalSum
wal_sum(const Wal *wal, WalSum sum, const uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at < size; at += 8) {
        uint32_t x0, x1;
        memcpy(&x0, bytes + at, 4);
        memcpy(&x1, bytes + at + 4, 4);
        if (wal->big_endian) {
            x0 = __builtin_bswap32(x0);
            x1 = __builtin_bswap32(x1);
        }
        sum.s0 += x0 + sum.s1;
        sum.s1 += x1 + sum.s0;
    }
    return sum;
}

static WalSum
wal_sum_stored(const uint8_t *at)
{
    return (WalSum){be32_read(at), be32_read(at + 4)};
}

static const uint8_t *
wal_frame(const Wal *wal, size_t index)
{
    return wal->bytes + WAL_HEADER + index * wal->frame_size;
}

/* Of the generation that the header begins, and with the checksum that follows from the one stored before it. */
static bool
frame_is_valid(const Wal *wal, size_t index)
{
    const uint8_t *frame = wal_frame(wal, index);
    if (memcmp(frame + 8, wal->bytes + 16, 8) != 0)
        return false;
    WalSum sum = wal_sum_stored(index == 0 ? wal->bytes + 24 : wal_frame(wal, index - 1) + 16);
    sum = wal_sum(wal, sum, frame, 8);
    sum = wal_sum(wal, sum, frame + FRAME_HEADER, wal->frame_size - FRAME_HEADER);
    WalSum stored = wal_sum_stored(frame + 16);
    return sum.s0 == stored.s0 && sum.s1 == stored.s1;
}

static bool
frame_commits(const Wal *wal, size_t index)
{
    return be32_read(wal_frame(wal, index) + 4) != 0;
}

static bool
wal_frames_verify(const Wal *wal, const char *path, Error *err)
{
    size_t wrong = 0;
    while (wrong < wal->frames && frame_is_valid(wal, wrong))
        wrong++;
    bool committed = wrong < wal->frames && frame_commits(wal, wrong);
    for (size_t i = wrong + 1; i < wal->frames; i++) {
        if (!frame_is_valid(wal, i))
            continue;
        if (committed)
            return error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is damaged: frame %zu of %zu", path, wrong,
                             wal->frames);
        committed = frame_commits(wal, i);
    }
    return true;
}

static bool
wal_verify(const uint8_t *bytes, size_t size, const char *path, Error *err)
{
    Wal wal = {.bytes = bytes};
    if (size < WAL_HEADER)
        return true;
    uint32_t magic = be32_read(bytes), page_size = be32_read(bytes + 8);
    wal.big_endian = (magic & 1) != 0;
    WalSum sum = wal_sum(&wal, (WalSum){0, 0}, bytes, 24);
    WalSum stored = wal_sum_stored(bytes + 24);
    if ((magic & ~1u) != WAL_MAGIC || sum.s0 != stored.s0 || sum.s1 != stored.s1 || page_size < 512 ||
        page_size > 65536)
        return size == WAL_HEADER || error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is damaged: header", path);
    wal.frame_size = FRAME_HEADER + page_size;
    wal.frames = (size - WAL_HEADER) / wal.frame_size;
    return wal_frames_verify(&wal, path, err);
}

bool
consensus_wal_verify(const char *database_path, Error *err)
{
    Buffer name = {0};
    buffer_printf(&name, "%s-wal", database_path);
    char *path = buffer_take(&name);
    struct stat stat;
    bool ok = true;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT) {
        ok = file_error(err, errno, "open", path);
    } else if (fd >= 0 && fstat(fd, &stat) != 0) {
        ok = file_error(err, errno, "read", path);
    } else if (fd >= 0 && stat.st_size > 0) {
        void *bytes = mmap(NULL, (size_t) stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED) {
            ok = file_error(err, errno, "map", path);
        } else {
            ok = wal_verify(bytes, (size_t) stat.st_size, path, err);
            munmap(bytes, (size_t) stat.st_size);
        }
    }
    if (fd >= 0)
        close(fd);
    free(path);
    return ok;
}
