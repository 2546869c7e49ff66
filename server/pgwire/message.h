/*
 * message.h -- bytes to protocol messages and back: PostgreSQL frontend/backend protocol 3.0
 * (PostgreSQL documentation, "Frontend/Backend Protocol", message formats).
 *
 * Pure functions over bytes: nothing here knows sockets or sessions. Everything a client sends may be garbage.
 */
#ifndef FRESHET_SERVER_PGWIRE_MESSAGE_H
#define FRESHET_SERVER_PGWIRE_MESSAGE_H

#include "base/buffer.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "planner/plan_query.h"

#define STARTUP_BYTES_MAX 10000
#define MESSAGE_BYTES_MAX ((size_t) 1 << 30)

typedef enum FrameStatus { FRAME_INCOMPLETE, FRAME_COMPLETE, FRAME_INVALID } FrameStatus;

/* One message with a type byte at the start of `input`. COMPLETE: type, body, and how many bytes it took. INVALID: `err` 08P01. */
FrameStatus frame_next(Slice input, size_t bytes_max, char *type, Slice *body, size_t *size, Error *err);
/* The untyped first packet. `code`: 196608 is protocol 3.0; SSL, GSS, cancel have their own. Body follows the code. */
FrameStatus frame_startup(Slice input, uint32_t *code, Slice *body, size_t *size, Error *err);

#define STARTUP_PROTOCOL_3 196608u
#define STARTUP_CANCEL     80877102u
#define STARTUP_SSL        80877103u
#define STARTUP_GSS        80877104u

/* Takes a body apart. After a read past the end, `failed` is set and everything reads as empty. */
typedef struct MessageReader {
    Slice rest;
    bool failed;
} MessageReader;

uint8_t read_u8(MessageReader *reader);
int16_t read_i16(MessageReader *reader);
int32_t read_i32(MessageReader *reader);
const char *read_text(MessageReader *reader); /* NUL-terminated, in place; "" when failed */
Slice read_bytes(MessageReader *reader, size_t size);
bool read_is_done(const MessageReader *reader); /* nothing failed and nothing is left */

/* Parse, Bind, ... in one struct each; lists in the arena. False: malformed. */
typedef struct ParseMessage {
    const char *name;
    Slice sql;
    uint32_t *oids;
    int oid_count;
} ParseMessage;

typedef struct BindMessage {
    const char *portal, *statement;
    int16_t *formats;
    int format_count;
    Slice *values; /* bytes NULL: null */
    int value_count;
    int16_t *result_formats;
    int result_format_count;
} BindMessage;

bool parse_message_read(Slice body, Arena *arena, ParseMessage *message);
bool bind_message_read(Slice body, Arena *arena, BindMessage *message);

/* Building: begin, append, end (which fills the length in). */
size_t message_begin(Buffer *out, char type);
void message_end(Buffer *out, size_t begin);

void send_authentication(Buffer *out, int32_t code, Slice rest);
void send_parameter_status(Buffer *out, const char *name, const char *value);
void send_backend_key(Buffer *out, uint32_t id, uint32_t key);
void send_ready(Buffer *out, char status);
void send_error(Buffer *out, const char *severity, const Error *err);
void send_notice(Buffer *out, const Notice *notice);
void send_empty(Buffer *out, char type); /* a message without a body */
void send_command_complete(Buffer *out, const char *tag);
void send_parameter_description(Buffer *out, const uint32_t *oids, int count);
void send_row_description(Buffer *out, const RelationDesc *desc, const int16_t *formats, int format_count);
void send_copy_response(Buffer *out, char type, int column_count, bool binary); /* 'G' in, 'H' out */
void send_copy_data(Buffer *out, const void *bytes, size_t size);

/* The format code of a column: formats as the protocol gives them (none: text; one: for all). */
static inline int16_t
column_format(const int16_t *formats, int count, int column)
{
    return count == 0 ? 0 : formats[count == 1 ? 0 : column];
}

/* Rows first .. first+count of a chunk as DataRow messages (diffs are not looked at). */
void send_rows(Buffer *out, const RelationDesc *desc, const int16_t *formats, int format_count, const TextStyle *style,
               const Chunk *chunk, uint32_t first, uint32_t count);

#endif
