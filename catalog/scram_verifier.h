/*
 * scram_verifier.h -- what is kept of a role's password, as PostgreSQL keeps it, and the primitives that SCRAM-SHA-256 is made of:
 *     SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>     (base64)
 * Any thread. A failing library call is a bug().
 */
#ifndef FRESHET_CATALOG_SCRAM_VERIFIER_H
#define FRESHET_CATALOG_SCRAM_VERIFIER_H

#include "base/buffer.h"

#define SCRAM_ITERATIONS 4096
#define SCRAM_KEY        32 /* bytes of a key, a signature, a proof */
#define SCRAM_SALT       16

/* A fresh verifier for a password, SCRAM_ITERATIONS iterations. Heap. */
char *scram_make_verifier(Slice password);

void scram_base64_append(Buffer *out, const unsigned char *bytes, int size);
/* Bytes written to `out`; -1: not base64, or longer than `capacity`. */
int scram_base64_decode(Slice text, unsigned char *out, int capacity);
void scram_hmac(const unsigned char *key, int key_size, const void *bytes, size_t size, unsigned char *out);
void scram_sha256(const void *bytes, size_t size, unsigned char *out);
void scram_random_bytes(unsigned char *out, int size);

#endif
