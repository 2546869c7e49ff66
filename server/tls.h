/*
 * tls.h -- TLS on top of bytes: OpenSSL over memory buffers, so that the event loop keeps the socket.
 *
 * Encrypted bytes from the socket go in with tls_receive, plain bytes come out; plain bytes go in with tls_send, encrypted bytes for the socket come out.
 */
#ifndef FRESHET_SERVER_TLS_H
#define FRESHET_SERVER_TLS_H

#include "base/buffer.h"
#include "base/error.h"

typedef struct TlsContext TlsContext; /* one a server */
typedef struct TlsStream TlsStream;   /* one a connection */

/* F0000 naming the file that cannot be used. TLS 1.2 is the least. */
MUST_CHECK bool tls_context_new(const char *certificate_file, const char *key_file, TlsContext **context, Error *err);
void tls_context_free(TlsContext *context);
TlsStream *tls_stream_new(TlsContext *context);
void tls_stream_free(TlsStream *stream);
/* Appends what was decrypted to `plain` and what must go to the peer (handshake) to `wire`. 08P01. *closed: the peer ended TLS. */
MUST_CHECK bool tls_receive(TlsStream *stream, Slice bytes, Buffer *plain, Buffer *wire, bool *closed, Error *err);
MUST_CHECK bool tls_send(TlsStream *stream, Slice plain, Buffer *wire, Error *err);

#endif
