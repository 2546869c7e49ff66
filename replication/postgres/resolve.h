/*
 * resolve.h -- a host's addresses, looked up where waiting can be given up.
 */
#ifndef FRESHET_REPLICATION_RESOLVE_H
#define FRESHET_REPLICATION_RESOLVE_H

#include "base/buffer.h"
#include "base/error.h"

/*
 * Appends the addresses of `host` as text, separated by commas, and counts them. A host that is an address, or the path of
 * a socket, is appended as it is. Errors: as of upstream_wait; 58000 when there is no such host.
 */
MUST_CHECK bool host_resolve(const char *host, int stop_fd, int timeout_ms, Buffer *addresses, int *count, Error *err);

#endif
