#include "server/auth.h"

#include <openssl/crypto.h>

#include "catalog/scram_verifier.h"

#define SCRAM_NONCE 18

struct Scram {
    bool doomed; /* the verifier was made up */
    int iterations;
    unsigned char salt[64];
    int salt_size;
    unsigned char stored_key[SCRAM_KEY], server_key[SCRAM_KEY];
    char *client_first_bare, *server_first, *nonce, *gs2_header;
};

/* Up to the separator; `rest` moves behind it. */
static Slice
take_until(Slice *rest, char separator)
{
    const char *end = rest->size == 0 ? NULL : memchr(rest->bytes, separator, rest->size);
    size_t size = end == NULL ? rest->size : (size_t) (end - rest->bytes);
    Slice taken = slice_make(rest->bytes, size);
    size_t skip = end == NULL ? size : size + 1;
    rest->bytes += skip;
    rest->size -= skip;
    return taken;
}

static bool
verifier_read(Scram *scram, const char *verifier)
{
    Slice rest = slice_of(verifier);
    if (!slice_equal(take_until(&rest, '$'), slice_of("SCRAM-SHA-256")))
        return false;
    Slice iterations = take_until(&rest, ':');
    Slice salt = take_until(&rest, '$');
    Slice stored = take_until(&rest, ':');
    scram->iterations = atoi(iterations.bytes);
    scram->salt_size = scram_base64_decode(salt, scram->salt, sizeof scram->salt);
    return scram->iterations > 0 && scram->salt_size > 0 &&
           scram_base64_decode(stored, scram->stored_key, SCRAM_KEY) == SCRAM_KEY &&
           scram_base64_decode(rest, scram->server_key, SCRAM_KEY) == SCRAM_KEY;
}

Scram *
scram_new(const char *verifier)
{
    Scram *scram = memory_calloc(1, sizeof *scram);
    if (verifier != NULL && verifier_read(scram, verifier))
        return scram;
    scram->doomed = true;
    scram->iterations = SCRAM_ITERATIONS;
    scram->salt_size = SCRAM_SALT;
    scram_random_bytes(scram->salt, SCRAM_SALT);
    return scram;
}

void
scram_free(Scram *scram)
{
    if (scram == NULL)
        return;
    free(scram->client_first_bare);
    free(scram->server_first);
    free(scram->nonce);
    free(scram->gs2_header);
    OPENSSL_cleanse(scram, sizeof *scram);
    free(scram);
}

static char *
slice_heap(Slice slice)
{
    char *text = memory_alloc(slice.size + 1);
    if (slice.size > 0)
        memcpy(text, slice.bytes, slice.size);
    text[slice.size] = '\0';
    return text;
}

static bool
malformed(Error *err)
{
    return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "malformed SCRAM message");
}

bool
scram_first(Scram *scram, Slice message, Buffer *reply, Error *err)
{
    Slice rest = message;
    Slice binding = take_until(&rest, ',');
    Slice identity = take_until(&rest, ',');
    if (binding.size == 0 || (binding.bytes[0] != 'n' && binding.bytes[0] != 'y') || binding.size != 1)
        return binding.size > 0 && binding.bytes[0] == 'p'
                   ? error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "channel binding is not supported")
                   : malformed(err);
    size_t header_size = binding.size + 1 + identity.size + 1;
    if (header_size > message.size || scram->gs2_header != NULL)
        return malformed(err);
    scram->gs2_header = slice_heap(slice_make(message.bytes, header_size));
    scram->client_first_bare = slice_heap(rest);
    Slice user = take_until(&rest, ',');
    Slice nonce = take_until(&rest, ',');
    if (user.size < 2 || memcmp(user.bytes, "n=", 2) != 0 || nonce.size < 3 || memcmp(nonce.bytes, "r=", 2) != 0 ||
        nonce.size > 256)
        return malformed(err);
    unsigned char random[SCRAM_NONCE];
    scram_random_bytes(random, sizeof random);
    Buffer full = {0};
    buffer_append(&full, nonce.bytes + 2, nonce.size - 2);
    scram_base64_append(&full, random, sizeof random);
    scram->nonce = buffer_take(&full);
    size_t start = reply->size;
    buffer_printf(reply, "r=%s,s=", scram->nonce);
    scram_base64_append(reply, scram->salt, scram->salt_size);
    buffer_printf(reply, ",i=%d", scram->iterations);
    scram->server_first = slice_heap(slice_make(reply->bytes + start, reply->size - start));
    return true;
}

static bool
proof_is_right(const Scram *scram, const Buffer *auth_message, Slice proof_text)
{
    unsigned char signature[SCRAM_KEY], proof[SCRAM_KEY], stored[SCRAM_KEY];
    if (scram_base64_decode(proof_text, proof, SCRAM_KEY) != SCRAM_KEY)
        return false;
    scram_hmac(scram->stored_key, SCRAM_KEY, auth_message->bytes, auth_message->size, signature);
    for (int i = 0; i < SCRAM_KEY; i++)
        proof[i] ^= signature[i];
    scram_sha256(proof, SCRAM_KEY, stored);
    return CRYPTO_memcmp(stored, scram->stored_key, SCRAM_KEY) == 0 && !scram->doomed;
}

bool
scram_final(Scram *scram, Slice message, Buffer *reply, Error *err)
{
    if (scram->nonce == NULL)
        return malformed(err);
    Slice rest = message;
    Slice binding = take_until(&rest, ',');
    Slice nonce = take_until(&rest, ',');
    Slice proof = {0};
    size_t without_proof = 0;
    for (const char *at = message.bytes; at + 3 <= message.bytes + message.size; at++)
        if (memcmp(at, ",p=", 3) == 0)
            without_proof = (size_t) (at - message.bytes);
    if (without_proof == 0 || binding.size < 2 || nonce.size < 2)
        return malformed(err);
    proof = slice_make(message.bytes + without_proof + 3, message.size - without_proof - 3);

    Buffer expected = {0}, auth_message = {0};
    buffer_append_text(&expected, "c=");
    scram_base64_append(&expected, (const unsigned char *) scram->gs2_header, (int) strlen(scram->gs2_header));
    bool ok = slice_equal(binding, buffer_slice(&expected)) &&
              slice_equal(slice_make(nonce.bytes + 2, nonce.size - 2), slice_of(scram->nonce));
    buffer_printf(&auth_message, "%s,%s,", scram->client_first_bare, scram->server_first);
    buffer_append(&auth_message, message.bytes, without_proof);
    ok = ok && proof_is_right(scram, &auth_message, proof);
    if (ok) {
        unsigned char signature[SCRAM_KEY];
        scram_hmac(scram->server_key, SCRAM_KEY, auth_message.bytes, auth_message.size, signature);
        buffer_append_text(reply, "v=");
        scram_base64_append(reply, signature, SCRAM_KEY);
    }
    buffer_deinit(&expected);
    buffer_deinit(&auth_message);
    return ok || error_set(err, SQLSTATE_INVALID_PASSWORD, "invalid password");
}
