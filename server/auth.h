/*
 * auth.h -- SCRAM-SHA-256 on the server's side (RFC 5802, RFC 7677), with verifiers as scram_verifier.h makes them.
 * No channel binding is offered.
 */
#ifndef FRESHET_SERVER_AUTH_H
#define FRESHET_SERVER_AUTH_H

#include "base/buffer.h"
#include "base/error.h"
#include "catalog/scram_verifier.h"

typedef struct Scram Scram;

/* One exchange. `verifier` NULL (unknown user, or no password): goes on with a made-up one, so that nobody learns which, and fails at the end. */
Scram *scram_new(const char *verifier);
void scram_free(Scram *scram);
/* Takes client-first-message (without the mechanism), gives server-first-message. 08P01, 28P01. */
MUST_CHECK bool scram_first(Scram *scram, Slice message, Buffer *reply, Error *err);
/* Takes client-final-message, gives server-final-message. 28P01 when the proof is wrong. */
MUST_CHECK bool scram_final(Scram *scram, Slice message, Buffer *reply, Error *err);

#endif
