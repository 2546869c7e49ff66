/*
 * The process: flags, the event loop, the listener, signals, and the order in which things begin and end.
 */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>

#include "base/log.h"
#include "server/http/http.h"
#include "server/pgwire/connection.h"

typedef struct Server {
    uv_loop_t loop;
    Config config;
    ConnectionHost host;
    uv_tcp_t listener;
    uv_signal_t terminate, interrupt;
    HttpServer *http;
    Coordinator *coordinator;
    uv_timer_t started; /* fires once, when the work of starting is done */
} Server;

static void
on_connection(uv_stream_t *listener, int status)
{
    Server *server = listener->data;
    if (status < 0) {
        log_warn("server", "could not accept a connection: %s", uv_strerror(status));
        return;
    }
    connection_accept(&server->host, listener);
}

static bool
listen_on(Server *server, Error *err)
{
    const Config *config = &server->config;
    struct sockaddr_storage address = {0};
    int status = strchr(config->listen_host, ':') != NULL
                     ? uv_ip6_addr(config->listen_host, config->listen_port, (struct sockaddr_in6 *) &address)
                     : uv_ip4_addr(config->listen_host, config->listen_port, (struct sockaddr_in *) &address);
    uv_tcp_init(&server->loop, &server->listener);
    server->listener.data = server;
    if (status == 0)
        status = uv_tcp_bind(&server->listener, (struct sockaddr *) &address, 0);
    if (status == 0)
        status = uv_listen((uv_stream_t *) &server->listener, 1024, on_connection);
    if (status != 0)
        return error_set(err, SQLSTATE_IO_ERROR, "could not listen on --listen-address %s:%d: %s", config->listen_host,
                         config->listen_port, uv_strerror(status));
    return true;
}

static int
listening_port(const Server *server)
{
    struct sockaddr_storage address;
    int size = sizeof address;
    if (uv_tcp_getsockname(&server->listener, (struct sockaddr *) &address, &size) != 0)
        return 0;
    return ntohs(((struct sockaddr_in *) &address)->sin_port); /* the port is at the same place in IPv6 */
}

static void
on_signal(uv_signal_t *signal_handle, int number)
{
    Server *server = signal_handle->data;
    log_info("server", "stopping signal=%d", number);
    uv_stop(&server->loop);
}

/* What reading the catalog and the first rows took is given back to the system. */
static void
give_back(uv_timer_t *timer)
{
    (void) timer;
    malloc_trim(0);
}

static bool
server_start(Server *server, Error *err)
{
    enum { SETTLED_MS = 1000 };
    const Config *config = &server->config;
    if (config->tls_cert != NULL && !tls_context_new(config->tls_cert, config->tls_key, &server->host.tls, err))
        return false;
    if (!http_start(&server->loop, config, &server->http, err))
        return false;
    if (!coordinator_open(&server->loop, config, &server->coordinator, err))
        return false;
    server->host.loop = &server->loop;
    server->host.config = config;
    server->host.coordinator = server->coordinator;
    if (!listen_on(server, err))
        return false;
    http_set_coordinator(server->http, server->coordinator);
    uv_timer_init(&server->loop, &server->started);
    uv_timer_start(&server->started, give_back, SETTLED_MS, 0);
    uv_unref((uv_handle_t *) &server->started);
    log_info("server", "ready version=" FRESHET_VERSION " sql=%s:%d http=%s:%d data=%s", config->listen_host,
             listening_port(server), config->http_host, http_port(server->http), config->data_directory);
    return true;
}

static void
close_rest(uv_handle_t *handle, void *context)
{
    (void) context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void
server_stop(Server *server)
{
    if (server->listener.data != NULL && !uv_is_closing((uv_handle_t *) &server->listener))
        uv_close((uv_handle_t *) &server->listener, NULL);
    connections_close_all(&server->host);
    for (int turns = 0; server->host.count > 0 && turns < 1000; turns++)
        uv_run(&server->loop, UV_RUN_NOWAIT);
    if (server->http != NULL) {
        http_set_coordinator(server->http, NULL);
        http_stop(server->http);
    }
    if (server->coordinator != NULL)
        coordinator_close(server->coordinator);
    uv_walk(&server->loop, close_rest, NULL);
    uv_run(&server->loop, UV_RUN_DEFAULT);
    uv_loop_close(&server->loop);
    tls_context_free(server->host.tls);
}

static int
server_run(Server *server)
{
    Error err = ERROR_INIT;
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&server->loop);
    uv_signal_init(&server->loop, &server->terminate);
    uv_signal_init(&server->loop, &server->interrupt);
    server->terminate.data = server->interrupt.data = server;
    uv_signal_start(&server->terminate, on_signal, SIGTERM);
    uv_signal_start(&server->interrupt, on_signal, SIGINT);
    bool ok = server_start(server, &err);
    if (ok)
        uv_run(&server->loop, UV_RUN_DEFAULT);
    else
        fprintf(stderr, "freshet: %s\n", err.message);
    error_clear(&err);
    server_stop(server);
    return ok ? 0 : 1;
}

int
main(int argc, char **argv)
{
    static Server server;
    Error err = ERROR_INIT;
    setvbuf(stdout, NULL, _IOLBF, 0);
    int status = 0;
    if (!config_parse(argc, argv, &server.config, &err) ||
        (server.config.log_filter != NULL && !log_set_filter(server.config.log_filter, &err))) {
        fprintf(stderr, "freshet: %s\n", err.message);
        status = 2;
    } else if (server.config.help) {
        fputs(config_help(), stdout);
    } else if (server.config.version) {
        puts("freshet " FRESHET_VERSION);
    } else {
        status = server_run(&server);
    }
    error_clear(&err);
    config_deinit(&server.config);
    return status;
}
