/*
 * log.h -- one-line structured logs on standard error:
 *     2026-01-02T03:04:05.678Z INFO postgres: source is running source=u5 lsn=0/1A2B
 *
 * A filter such as "info,postgres=debug"
 * sets the least level for everything and for modules. Any thread may log. Secrets are never passed.
 */
#ifndef FRESHET_BASE_LOG_H
#define FRESHET_BASE_LOG_H

#include <stdbool.h>

#include "base/error.h"

typedef enum LogLevel { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF } LogLevel;

MUST_CHECK bool log_set_filter(const char *filter, Error *err); /* 22023 when it cannot be read */
bool log_enabled(LogLevel level, const char *module);
void log_write(LogLevel level, const char *module, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define log_trace(module, ...) (log_enabled(LOG_TRACE, module) ? log_write(LOG_TRACE, module, __VA_ARGS__) : (void) 0)
#define log_debug(module, ...) (log_enabled(LOG_DEBUG, module) ? log_write(LOG_DEBUG, module, __VA_ARGS__) : (void) 0)
#define log_info(module, ...)  (log_enabled(LOG_INFO, module) ? log_write(LOG_INFO, module, __VA_ARGS__) : (void) 0)
#define log_warn(module, ...)  (log_enabled(LOG_WARN, module) ? log_write(LOG_WARN, module, __VA_ARGS__) : (void) 0)
#define log_error(module, ...) (log_enabled(LOG_ERROR, module) ? log_write(LOG_ERROR, module, __VA_ARGS__) : (void) 0)

#endif
