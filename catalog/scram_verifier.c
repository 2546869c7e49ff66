#include "catalog/scram_verifier.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/error.h"

void
scram_base64_append(Buffer *out, const unsigned char *bytes, int size)
{
    char *at = buffer_reserve(out, (size_t) (size + 2) / 3 * 4 + 1);
    out->size += (size_t) EVP_EncodeBlock((unsigned char *) at, bytes, size);
}

int
scram_base64_decode(Slice text, unsigned char *out, int capacity)
{
    unsigned char decoded[256];
    if (text.size == 0 || text.size % 4 != 0 || text.size / 4 * 3 > sizeof decoded)
        return -1;
    int size = EVP_DecodeBlock(decoded, (const unsigned char *) text.bytes, (int) text.size);
    for (size_t i = text.size; i > 0 && text.bytes[i - 1] == '='; i--)
        size--;
    if (size < 0 || size > capacity)
        return -1;
    memcpy(out, decoded, (size_t) size);
    return size;
}

void
scram_hmac(const unsigned char *key, int key_size, const void *bytes, size_t size, unsigned char *out)
{
    unsigned int length;
    if (HMAC(EVP_sha256(), key, key_size, bytes, size, out, &length) == NULL)
        bug("HMAC failed");
}

void
scram_sha256(const void *bytes, size_t size, unsigned char *out)
{
    unsigned int length;
    if (EVP_Digest(bytes, size, out, &length, EVP_sha256(), NULL) != 1)
        bug("SHA-256 failed");
}

void
scram_random_bytes(unsigned char *out, int size)
{
    if (RAND_bytes(out, size) != 1)
        bug("no random bytes");
}

static void
derive_keys(Slice password, const unsigned char *salt, int salt_size, int iterations, unsigned char *stored_key,
            unsigned char *server_key)
{
    unsigned char salted[SCRAM_KEY], client_key[SCRAM_KEY];
    if (PKCS5_PBKDF2_HMAC(password.bytes, (int) password.size, salt, salt_size, iterations, EVP_sha256(), SCRAM_KEY,
                          salted) != 1)
        bug("PBKDF2 failed");
    scram_hmac(salted, SCRAM_KEY, "Client Key", 10, client_key);
    scram_sha256(client_key, SCRAM_KEY, stored_key);
    scram_hmac(salted, SCRAM_KEY, "Server Key", 10, server_key);
    OPENSSL_cleanse(salted, sizeof salted);
    OPENSSL_cleanse(client_key, sizeof client_key);
}

char *
scram_make_verifier(Slice password)
{
    unsigned char salt[SCRAM_SALT], stored_key[SCRAM_KEY], server_key[SCRAM_KEY];
    scram_random_bytes(salt, sizeof salt);
    derive_keys(password, salt, sizeof salt, SCRAM_ITERATIONS, stored_key, server_key);
    Buffer out = {0};
    buffer_printf(&out, "SCRAM-SHA-256$%d:", SCRAM_ITERATIONS);
    scram_base64_append(&out, salt, sizeof salt);
    buffer_append_char(&out, '$');
    scram_base64_append(&out, stored_key, SCRAM_KEY);
    buffer_append_char(&out, ':');
    scram_base64_append(&out, server_key, SCRAM_KEY);
    return buffer_take(&out);
}
