#include "tests/lib/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PROTOCOL_3 = 196608 };

bool
wire_open(Wire *wire, int port)
{
    *wire = (Wire){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
    struct timeval patience = {.tv_sec = WIRE_TIMEOUT_S};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(wire->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(wire->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return connect(wire->fd, (struct sockaddr *) &address, sizeof address) == 0;
}

void
wire_close(Wire *wire)
{
    if (wire->fd >= 0) {
        close(wire->fd);
    }
    buffer_deinit(&wire->out);
    buffer_deinit(&wire->body);
    *wire = (Wire){.fd = -1};
}

bool
wire_flush(Wire *wire)
{
    size_t sent = 0;
    while (sent < wire->out.size) {
        ssize_t size = send(wire->fd, wire->out.bytes + sent, wire->out.size - sent, MSG_NOSIGNAL);
        if (size <= 0) {
            return false;
        }
        sent += (size_t) size;
    }
    buffer_clear(&wire->out);
    return true;
}

static bool
receive(Wire *wire, void *to, size_t size)
{
    for (size_t got = 0; got < size;) {
        ssize_t more = recv(wire->fd, (char *) to + got, size - got, 0);
        if (more <= 0) {
            return false;
        }
        got += (size_t) more;
    }
    return true;
}

char
wire_read(Wire *wire)
{
    char header[5];
    buffer_clear(&wire->body);
    if (!receive(wire, header, sizeof header)) {
        return 0;
    }
    uint32_t size = be32_read(header + 1);
    if (size < 4 || !receive(wire, buffer_reserve(&wire->body, size), size - 4)) {
        return 0;
    }
    wire->body.size = size - 4;
    return header[0];
}

bool
wire_start(Wire *wire, int port, const char *user)
{
    if (!wire_open(wire, port)) {
        return false;
    }
    buffer_append_be32(&wire->out, 0);
    buffer_append_be32(&wire->out, PROTOCOL_3);
    buffer_append(&wire->out, "user", sizeof "user");
    buffer_append(&wire->out, user, strlen(user) + 1);
    buffer_append_char(&wire->out, '\0');
    buffer_set_be32(&wire->out, 0, (uint32_t) wire->out.size);
    if (!wire_flush(wire)) {
        return false;
    }
    for (char type = wire_read(wire); type != 'Z'; type = wire_read(wire)) {
        if (type == 'K' && wire->body.size == 8) {
            wire->process_id = be32_read(wire->body.bytes);
            wire->secret = be32_read(wire->body.bytes + 4);
        } else if (type == 'R' ? be32_read(wire->body.bytes) != 0 : strchr("KSN", type) == NULL || type == 0) {
            return false;
        }
    }
    return true;
}

void
wire_message_begin(Wire *wire, char type)
{
    buffer_append_char(&wire->out, type);
    wire->open = wire->out.size;
    buffer_append_be32(&wire->out, 0);
}

void
wire_message_end(Wire *wire)
{
    buffer_set_be32(&wire->out, wire->open, (uint32_t) (wire->out.size - wire->open));
}

static void
append_string(Wire *wire, const char *text)
{
    buffer_append(&wire->out, text, strlen(text) + 1);
}

void
wire_query(Wire *wire, const char *sql)
{
    wire_message_begin(wire, 'Q');
    append_string(wire, sql);
    wire_message_end(wire);
}

void
wire_parse(Wire *wire, const char *name, const char *sql)
{
    wire_message_begin(wire, 'P');
    append_string(wire, name);
    append_string(wire, sql);
    buffer_append_be16(&wire->out, 0);
    wire_message_end(wire);
}

void
wire_bind(Wire *wire, const char *portal, const char *statement, int parameters, const char *const *values)
{
    wire_message_begin(wire, 'B');
    append_string(wire, portal);
    append_string(wire, statement);
    buffer_append_be16(&wire->out, 0);
    buffer_append_be16(&wire->out, (uint16_t) parameters);
    for (int i = 0; i < parameters; i++) {
        buffer_append_be32(&wire->out, values[i] != NULL ? (uint32_t) strlen(values[i]) : UINT32_MAX);
        if (values[i] != NULL) {
            buffer_append_text(&wire->out, values[i]);
        }
    }
    buffer_append_be16(&wire->out, 0);
    wire_message_end(wire);
}

void
wire_describe_portal(Wire *wire, const char *portal)
{
    wire_message_begin(wire, 'D');
    buffer_append_char(&wire->out, 'P');
    append_string(wire, portal);
    wire_message_end(wire);
}

void
wire_execute(Wire *wire, const char *portal, uint32_t rows)
{
    wire_message_begin(wire, 'E');
    append_string(wire, portal);
    buffer_append_be32(&wire->out, rows);
    wire_message_end(wire);
}

void
wire_sync(Wire *wire)
{
    wire_message_begin(wire, 'S');
    wire_message_end(wire);
}

bool
wire_read_types(Wire *wire, Buffer *types)
{
    for (;;) {
        char type = wire_read(wire);
        if (type == 0) {
            return false;
        }
        if (type != 'N' && type != 'S') {
            buffer_append_char(types, type);
        }
        if (type == 'Z') {
            return true;
        }
    }
}

const char *
wire_sqlstate(Wire *wire)
{
    const char *at = buffer_text(&wire->body);
    const char *end = wire->body.bytes + wire->body.size;
    while (at < end && *at != '\0') {
        if (*at == 'C') {
            return at + 1;
        }
        at += strlen(at) + 1;
    }
    return "";
}
