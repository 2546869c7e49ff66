/*
 * http.h -- the HTTP port: /metrics (Prometheus text), /api/livez, /api/readyz. libmicrohttpd, driven by the event loop.
 */
#ifndef FRESHET_SERVER_HTTP_HTTP_H
#define FRESHET_SERVER_HTTP_HTTP_H

#include "server/coordinator/coordinator.h"

typedef struct HttpServer HttpServer;

/* 58030 when the address cannot be listened on. `coordinator` may be set later: until then readyz answers 503. */
MUST_CHECK bool http_start(uv_loop_t *loop, const Config *config, HttpServer **server, Error *err);
void http_set_coordinator(HttpServer *server, Coordinator *coordinator);
int http_port(const HttpServer *server);
void http_stop(HttpServer *server); /* the poll handle closes with the loop's next turns */

#endif
