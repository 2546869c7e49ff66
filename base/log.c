#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/slice.h"

enum { MODULES_MAX = 32, MODULE_NAME_MAX = 32, LINE_MAX_BYTES = 8192, STAMP_MAX = 64 };

typedef struct Filter {
    LogLevel level; /* of modules that are not named */
    int count;
    struct {
        char name[MODULE_NAME_MAX];
        LogLevel level;
    } modules[MODULES_MAX];
} Filter;

static const char *const level_names[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF"};

static Filter filter = {.level = LOG_INFO};
static pthread_rwlock_t filter_lock = PTHREAD_RWLOCK_INITIALIZER;
/* The least level of all modules, so that what nobody wants is dropped without the lock; and whether any is named. */
static atomic_int filter_least = LOG_INFO;
static atomic_bool filter_by_module = false;

static bool
level_parse(Slice text, LogLevel *level)
{
    for (int i = LOG_TRACE; i <= LOG_OFF; i++)
        if (slice_equal_nocase(text, level_names[i])) {
            *level = (LogLevel) i;
            return true;
        }
    return false;
}

static bool
filter_parse_item(Filter *out, Slice item)
{
    const char *equals = memchr(item.bytes, '=', item.size);
    if (equals == NULL)
        return level_parse(item, &out->level);
    size_t name_size = (size_t) (equals - item.bytes);
    if (name_size == 0 || name_size >= MODULE_NAME_MAX || out->count == MODULES_MAX)
        return false;
    memcpy(out->modules[out->count].name, item.bytes, name_size);
    out->modules[out->count].name[name_size] = '\0';
    Slice level = slice_make(equals + 1, item.size - name_size - 1);
    return level_parse(level, &out->modules[out->count++].level);
}

bool
log_set_filter(const char *text, Error *err)
{
    Filter parsed = {.level = LOG_INFO};
    for (const char *at = text;; at++) {
        size_t size = strcspn(at, ",");
        if (!filter_parse_item(&parsed, slice_make(at, size))) {
            error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid log filter: \"%s\"", text);
            return error_hint(err, "A filter is a level (trace, debug, info, warn, error, off) and module=level pairs, "
                                   "separated by commas: \"info,postgres=debug\".");
        }
        at += size;
        if (*at == '\0')
            break;
    }
    LogLevel least = parsed.level;
    for (int i = 0; i < parsed.count; i++)
        if (parsed.modules[i].level < least)
            least = parsed.modules[i].level;
    pthread_rwlock_wrlock(&filter_lock);
    filter = parsed;
    pthread_rwlock_unlock(&filter_lock);
    atomic_store(&filter_least, (int) least);
    atomic_store(&filter_by_module, parsed.count != 0);
    return true;
}

bool
log_enabled(LogLevel level, const char *module)
{
    if ((int) level < atomic_load_explicit(&filter_least, memory_order_relaxed))
        return false;
    if (!atomic_load_explicit(&filter_by_module, memory_order_relaxed))
        return true;
    pthread_rwlock_rdlock(&filter_lock);
    LogLevel least = filter.level;
    for (int i = 0; i < filter.count; i++)
        if (strcmp(filter.modules[i].name, module) == 0)
            least = filter.modules[i].level;
    pthread_rwlock_unlock(&filter_lock);
    return level >= least;
}

static size_t
stamp_print(char *out, size_t room)
{
    int64_t now_ms = clock_wall_ms();
    time_t seconds = (time_t) (now_ms / 1000);
    struct tm civil;
    gmtime_r(&seconds, &civil);
    size_t size = strftime(out, room, "%Y-%m-%dT%H:%M:%S", &civil);
    return size + (size_t) snprintf(out + size, room - size, ".%03dZ ", (int) (now_ms % 1000));
}

/* Messages quote what clients and upstreams sent: a line break in there must not start a line of the log. */
static size_t
line_escape(char *out, size_t room, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    size_t size = 0;
    for (; *text != '\0' && size + 4 <= room; text++) {
        unsigned char c = (unsigned char) *text;
        if (c == '\n') {
            out[size++] = '\\';
            out[size++] = 'n';
        } else if (c < 0x20 || c == 0x7f) {
            out[size++] = '\\';
            out[size++] = 'x';
            out[size++] = digits[c >> 4];
            out[size++] = digits[c & 15];
        } else {
            out[size++] = (char) c;
        }
    }
    return size;
}

void
log_write(LogLevel level, const char *module, const char *format, ...)
{
    int saved_errno = errno;
    char message[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);

    char line[LINE_MAX_BYTES + STAMP_MAX + MODULE_NAME_MAX + 16];
    size_t size = stamp_print(line, STAMP_MAX);
    size +=
        (size_t) snprintf(line + size, MODULE_NAME_MAX + 16, "%s %.*s: ", level_names[level], MODULE_NAME_MAX, module);
    size += line_escape(line + size, sizeof line - size - 1, message);
    line[size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, size);
    (void) written; /* there is nobody to tell */
    errno = saved_errno;
}
