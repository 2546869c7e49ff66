#include "server/http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>

struct HttpServer {
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
    uv_timer_t timer; /* MHD's own timeouts */
    int open_handles;
    Coordinator *coordinator;
    int port;
};

static enum MHD_Result
respond(struct MHD_Connection *connection, unsigned status, const char *type, const char *body, size_t size)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(size, (void *) body, MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", type);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result
respond_text(struct MHD_Connection *connection, unsigned status, const char *text)
{
    return respond(connection, status, "text/plain; charset=utf-8", text, strlen(text));
}

static enum MHD_Result
handle(void *context, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
       const char *upload, size_t *upload_size, void **request)
{
    HttpServer *server = context;
    (void) version;
    (void) upload;
    (void) request;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        *upload_size = 0;
        return respond_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    }
    bool ready = server->coordinator != NULL && coordinator_is_ready(server->coordinator);
    if (strcmp(url, "/api/livez") == 0)
        return respond_text(connection, MHD_HTTP_OK, "alive\n");
    if (strcmp(url, "/api/readyz") == 0)
        return respond_text(connection, ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                            ready ? "ready\n" : "starting\n");
    if (strcmp(url, "/metrics") == 0 && ready) {
        Buffer out = {0};
        coordinator_metrics(server->coordinator, &out);
        enum MHD_Result result =
            respond(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", out.bytes, out.size);
        buffer_deinit(&out);
        return result;
    }
    return respond_text(connection, MHD_HTTP_NOT_FOUND, "not found\n");
}

static void run_daemon(HttpServer *server);

static void
on_timer(uv_timer_t *timer)
{
    run_daemon(timer->data);
}

static void
run_daemon(HttpServer *server)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    MHD_run(server->daemon);
    if (MHD_get_timeout(server->daemon, &timeout_ms) == MHD_YES)
        uv_timer_start(&server->timer, on_timer, timeout_ms, 0);
    else
        uv_timer_stop(&server->timer);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
    (void) status;
    (void) events;
    run_daemon(poll->data);
}

bool
http_start(uv_loop_t *loop, const Config *config, HttpServer **out, Error *err)
{
    struct sockaddr_storage address = {0};
    bool v6 = strchr(config->http_host, ':') != NULL;
    int parsed = v6 ? uv_ip6_addr(config->http_host, config->http_port, (struct sockaddr_in6 *) &address)
                    : uv_ip4_addr(config->http_host, config->http_port, (struct sockaddr_in *) &address);
    HttpServer *server = memory_calloc(1, sizeof *server);
    if (parsed == 0)
        server->daemon = MHD_start_daemon(MHD_USE_EPOLL | (v6 ? MHD_USE_IPv6 : 0), (uint16_t) config->http_port, NULL,
                                          NULL, handle, server, MHD_OPTION_SOCK_ADDR, (struct sockaddr *) &address,
                                          MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_CONNECTION_LIMIT, 256u,
                                          MHD_OPTION_CONNECTION_TIMEOUT, 30u, MHD_OPTION_END);
    if (server->daemon == NULL) {
        free(server);
        return error_set(err, SQLSTATE_IO_ERROR, "could not listen on --http-listen-address %s:%d: %s",
                         config->http_host, config->http_port, strerror(errno));
    }
    server->port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    uv_poll_init(loop, &server->poll, MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
    uv_timer_init(loop, &server->timer);
    server->poll.data = server->timer.data = server;
    uv_poll_start(&server->poll, UV_READABLE, on_poll);
    server->open_handles = 2;
    *out = server;
    return true;
}

void
http_set_coordinator(HttpServer *server, Coordinator *coordinator)
{
    server->coordinator = coordinator;
}

int
http_port(const HttpServer *server)
{
    return server->port;
}

static void
handle_closed(uv_handle_t *handle)
{
    HttpServer *server = handle->data;
    if (--server->open_handles > 0)
        return;
    MHD_stop_daemon(server->daemon);
    free(server);
}

void
http_stop(HttpServer *server)
{
    uv_close((uv_handle_t *) &server->poll, handle_closed);
    uv_close((uv_handle_t *) &server->timer, handle_closed);
}
