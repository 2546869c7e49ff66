#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"

#define SQLSTATE(name, code) const char SQLSTATE_##name[6] = code;
#include "base/sqlstate.def"
#undef SQLSTATE

static char *
text_vprintf(const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    char *text = memory_alloc((size_t) size + 1);
    vsnprintf(text, (size_t) size + 1, format, again);
    va_end(again);
    return text;
}

bool
error_is_set(const Error *err)
{
    return err->sqlstate[0] != '\0';
}

void
error_clear(Error *err)
{
    free(err->message);
    free(err->detail);
    free(err->hint);
    *err = ERROR_INIT;
}

void
error_move(Error *to, Error *from)
{
    if (to == from)
        return;
    error_clear(to);
    *to = *from;
    *from = ERROR_INIT;
}

void
error_copy(Error *to, const Error *from)
{
    if (to == from)
        return;
    error_clear(to);
    *to = *from;
    to->message = from->message == NULL ? NULL : memory_strdup(from->message);
    to->detail = from->detail == NULL ? NULL : memory_strdup(from->detail);
    to->hint = from->hint == NULL ? NULL : memory_strdup(from->hint);
}

static void
error_vset(Error *err, int position, const char *sqlstate, const char *format, va_list args)
{
    if (error_is_set(err))
        return;
    memcpy(err->sqlstate, sqlstate, sizeof err->sqlstate);
    err->position = position;
    err->message = text_vprintf(format, args);
}

bool
error_set(Error *err, const char *sqlstate, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_vset(err, 0, sqlstate, format, args);
    va_end(args);
    return false;
}

bool
error_at(Error *err, int position, const char *sqlstate, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_vset(err, position, sqlstate, format, args);
    va_end(args);
    return false;
}

bool
error_detail(Error *err, const char *format, ...)
{
    if (err->detail != NULL)
        return false;
    va_list args;
    va_start(args, format);
    err->detail = text_vprintf(format, args);
    va_end(args);
    return false;
}

bool
error_hint(Error *err, const char *format, ...)
{
    if (err->hint != NULL)
        return false;
    va_list args;
    va_start(args, format);
    err->hint = text_vprintf(format, args);
    va_end(args);
    return false;
}

bool
error_prefix(Error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *prefix = text_vprintf(format, args);
    va_end(args);
    size_t prefix_size = strlen(prefix);
    size_t message_size = err->message == NULL ? 0 : strlen(err->message);
    prefix = memory_realloc(prefix, prefix_size + message_size + 1);
    if (message_size != 0)
        memcpy(prefix + prefix_size, err->message, message_size);
    prefix[prefix_size + message_size] = '\0';
    free(err->message);
    err->message = prefix;
    return false;
}

void
bug_at(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = text_vprintf(format, args);
    va_end(args);
    log_write(LOG_ERROR, "bug", "%s (%s:%d)", text, file, line);
    abort();
}
