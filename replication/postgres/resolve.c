#include "replication/postgres/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "replication/postgres/connect.h"

/* Shared by the thread that looks up and the one that waits; who leaves last frees it. */
typedef struct Lookup {
    atomic_int references;
    atomic_bool done; /* set before done_fd becomes readable: orders the two below */
    int done_fd;
    char *host;
    int failure; /* of getaddrinfo */
    struct addrinfo *result;
} Lookup;

static void
lookup_release(Lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->references, 1) != 1)
        return;
    if (lookup->result != NULL)
        freeaddrinfo(lookup->result);
    close(lookup->done_fd);
    free(lookup->host);
    free(lookup);
}

static void *
lookup_run(void *context)
{
    Lookup *lookup = context;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    lookup->failure = getaddrinfo(lookup->host, NULL, &hints, &lookup->result);
    atomic_store(&lookup->done, true);
    uint64_t one = 1;
    ssize_t written = write(lookup->done_fd, &one, sizeof one);
    (void) written; /* an eventfd takes it */
    lookup_release(lookup);
    return NULL;
}

static bool
is_address(const char *host)
{
    unsigned char bytes[16];
    return host[0] == '/' || inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static int
append_addresses(const struct addrinfo *result, Buffer *addresses)
{
    int count = 0;
    for (const struct addrinfo *at = result; at != NULL; at = at->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0)
            continue;
        if (count++ > 0)
            buffer_append_char(addresses, ',');
        buffer_append_text(addresses, text);
    }
    return count;
}

static bool
lookup_start(Lookup *lookup)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    bool started = pthread_create(&thread, &attributes, lookup_run, lookup) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

bool
host_resolve(const char *host, int stop_fd, int timeout_ms, Buffer *addresses, int *count, Error *err)
{
    *count = 1;
    if (is_address(host)) {
        buffer_append_text(addresses, host);
        return true;
    }
    Lookup *lookup = memory_calloc(1, sizeof *lookup);
    atomic_init(&lookup->references, 2);
    lookup->done_fd = eventfd(0, EFD_CLOEXEC);
    lookup->host = memory_strdup(host);
    if (lookup->done_fd < 0 || !lookup_start(lookup)) {
        lookup_release(lookup);
        lookup_release(lookup);
        return error_set(err, SQLSTATE_INSUFFICIENT_RESOURCES, "could not start looking up host \"%s\"", host);
    }
    bool ok = upstream_wait(lookup->done_fd, POLLIN, stop_fd, timeout_ms, err) && atomic_load(&lookup->done);
    if (ok && lookup->failure != 0)
        ok = error_set(err, SQLSTATE_SYSTEM_ERROR,
                       "could not find host \"%s\": failed to lookup address information: %s", host,
                       gai_strerror(lookup->failure));
    if (ok && (*count = append_addresses(lookup->result, addresses)) == 0)
        ok = error_set(err, SQLSTATE_SYSTEM_ERROR, "could not find host \"%s\": it has no address", host);
    lookup_release(lookup);
    return ok;
}
