#include "server/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

struct TlsContext {
    SSL_CTX *ssl;
};

struct TlsStream {
    SSL *ssl;
    BIO *in;  /* from the peer; owned by ssl */
    BIO *out; /* to the peer; owned by ssl */
};

static bool
tls_error(Error *err, const char *sqlstate, const char *what)
{
    unsigned long code = ERR_get_error();
    const char *reason = code == 0                ? NULL
                         : ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code))
                                                  : ERR_reason_error_string(code);
    ERR_clear_error();
    return error_set(err, sqlstate, "%s: %s", what, reason == NULL ? "unknown TLS error" : reason);
}

static bool
file_error(Error *err, const char *what, const char *path)
{
    char text[512];
    snprintf(text, sizeof text, "%s, \"%s\"", what, path);
    return tls_error(err, SQLSTATE_CONFIG_FILE_ERROR, text);
}

bool
tls_context_new(const char *certificate_file, const char *key_file, TlsContext **out, Error *err)
{
    SSL_CTX *ssl = SSL_CTX_new(TLS_server_method());
    if (ssl == NULL)
        return tls_error(err, SQLSTATE_CONFIG_FILE_ERROR, "could not set TLS up");
    SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
    bool ok = true;
    if (SSL_CTX_use_certificate_chain_file(ssl, certificate_file) != 1)
        ok = file_error(err, "could not load the certificate of --tls-cert", certificate_file);
    else if (SSL_CTX_use_PrivateKey_file(ssl, key_file, SSL_FILETYPE_PEM) != 1)
        ok = file_error(err, "could not load the private key of --tls-key", key_file);
    else if (SSL_CTX_check_private_key(ssl) != 1)
        ok = tls_error(err, SQLSTATE_CONFIG_FILE_ERROR, "--tls-cert and --tls-key do not belong together");
    if (!ok) {
        SSL_CTX_free(ssl);
        return false;
    }
    *out = memory_calloc(1, sizeof **out);
    (*out)->ssl = ssl;
    return true;
}

void
tls_context_free(TlsContext *context)
{
    if (context == NULL)
        return;
    SSL_CTX_free(context->ssl);
    free(context);
}

TlsStream *
tls_stream_new(TlsContext *context)
{
    TlsStream *stream = memory_calloc(1, sizeof *stream);
    stream->ssl = SSL_new(context->ssl);
    stream->in = BIO_new(BIO_s_mem());
    stream->out = BIO_new(BIO_s_mem());
    if (stream->ssl == NULL || stream->in == NULL || stream->out == NULL)
        bug("out of memory in TLS");
    SSL_set_bio(stream->ssl, stream->in, stream->out);
    SSL_set_accept_state(stream->ssl);
    return stream;
}

void
tls_stream_free(TlsStream *stream)
{
    if (stream == NULL)
        return;
    SSL_free(stream->ssl);
    free(stream);
}

static void
drain_out(TlsStream *stream, Buffer *wire)
{
    size_t pending = BIO_ctrl_pending(stream->out);
    if (pending == 0)
        return;
    char *at = buffer_reserve(wire, pending);
    int got = BIO_read(stream->out, at, (int) pending);
    if (got > 0)
        wire->size += (size_t) got;
}

bool
tls_receive(TlsStream *stream, Slice bytes, Buffer *plain, Buffer *wire, bool *closed, Error *err)
{
    *closed = false;
    if (bytes.size > 0 && BIO_write(stream->in, bytes.bytes, (int) bytes.size) != (int) bytes.size)
        return tls_error(err, SQLSTATE_PROTOCOL_VIOLATION, "could not take TLS data");
    bool ok = true;
    for (;;) {
        char *at = buffer_reserve(plain, 16384);
        int got = SSL_read(stream->ssl, at, 16384);
        if (got > 0) {
            plain->size += (size_t) got;
            continue;
        }
        int reason = SSL_get_error(stream->ssl, got);
        if (reason == SSL_ERROR_ZERO_RETURN)
            *closed = true;
        else if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE)
            ok = tls_error(err, SQLSTATE_PROTOCOL_VIOLATION, "TLS failed");
        break;
    }
    drain_out(stream, wire);
    return ok;
}

bool
tls_send(TlsStream *stream, Slice plain, Buffer *wire, Error *err)
{
    while (plain.size > 0) {
        int chunk = plain.size > (1 << 30) ? 1 << 30 : (int) plain.size;
        int put = SSL_write(stream->ssl, plain.bytes, chunk);
        if (put <= 0)
            return tls_error(err, SQLSTATE_PROTOCOL_VIOLATION, "TLS failed");
        plain.bytes += put;
        plain.size -= (size_t) put;
    }
    drain_out(stream, wire);
    return true;
}
