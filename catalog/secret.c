#include "catalog/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES   32
#define NONCE_BYTES 12
#define TAG_BYTES   16

/* File: magic, nonce, tag, ciphertext. The id is authenticated too, so that files cannot be exchanged. */
static const char magic[8] = "FRSECR01";

struct SecretStore {
    char *directory;
    unsigned char key[KEY_BYTES];
};

static bool
io_error(Error *err, const char *what, const char *path)
{
    return error_set(err, errno == ENOSPC ? SQLSTATE_DISK_FULL : SQLSTATE_IO_ERROR, "could not %s \"%s\": %s", what,
                     path, strerror(errno));
}

static bool
read_file(const char *path, Buffer *out, Error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return io_error(err, "open", path);
    bool ok = true;
    for (;;) {
        ssize_t got = read(fd, buffer_reserve(out, 65536), 65536);
        if (got <= 0) {
            ok = got == 0 || io_error(err, "read", path);
            break;
        }
        out->size += (size_t) got;
    }
    close(fd);
    return ok;
}

static bool
sync_directory(const char *path, Error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return io_error(err, "open", path);
    bool ok = fsync(fd) == 0 || io_error(err, "sync", path);
    close(fd);
    return ok;
}

/* Written beside, synced, renamed: there is the old file or the whole new one. */
static bool
write_file(const char *directory, const char *path, const void *bytes, size_t size, Error *err)
{
    Buffer temporary = {0};
    buffer_printf(&temporary, "%s.new", path);
    const char *name = buffer_text(&temporary);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 || io_error(err, "create", name);
    for (size_t done = 0; ok && done < size;) {
        ssize_t put = write(fd, (const char *) bytes + done, size - done);
        ok = put > 0 || io_error(err, "write", name);
        done += put > 0 ? (size_t) put : 0;
    }
    ok = ok && (fsync(fd) == 0 || io_error(err, "sync", name));
    if (fd >= 0)
        close(fd);
    ok = ok && (rename(name, path) == 0 || io_error(err, "rename", name)) && sync_directory(directory, err);
    if (!ok)
        unlink(name);
    buffer_deinit(&temporary);
    return ok;
}

static bool
load_key(SecretStore *store, const char *path, bool may_make, Error *err)
{
    Buffer bytes = {0};
    Buffer parent = {0};
    bool ok = true;
    if (may_make && access(path, F_OK) != 0) {
        if (RAND_bytes(store->key, KEY_BYTES) != 1)
            return error_set(err, SQLSTATE_SYSTEM_ERROR, "no random bytes for the secret key");
        buffer_append(&parent, path, (size_t) (strrchr(path, '/') - path));
        ok = write_file(buffer_text(&parent), path, store->key, KEY_BYTES, err);
    } else if (read_file(path, &bytes, err)) {
        if (bytes.size == KEY_BYTES)
            memcpy(store->key, bytes.bytes, KEY_BYTES);
        else
            ok = error_set(err, SQLSTATE_CONFIG_FILE_ERROR, "the secret key file \"%s\" must hold exactly %d bytes",
                           path, KEY_BYTES);
    } else {
        ok = false;
    }
    secret_wipe(&bytes);
    buffer_deinit(&bytes);
    buffer_deinit(&parent);
    return ok;
}

bool
secret_store_open(const char *directory, const char *key_path, SecretStore **out, Error *err)
{
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return io_error(err, "create", directory);
    SecretStore *store = memory_calloc(1, sizeof *store);
    store->directory = memory_strdup(directory);
    Buffer made = {0};
    buffer_printf(&made, "%s/../secret.key", directory);
    bool ok = load_key(store, key_path == NULL ? buffer_text(&made) : key_path, key_path == NULL, err);
    buffer_deinit(&made);
    if (!ok) {
        secret_store_close(store);
        return false;
    }
    *out = store;
    return true;
}

void
secret_store_close(SecretStore *store)
{
    if (store == NULL)
        return;
    OPENSSL_cleanse(store->key, KEY_BYTES);
    free(store->directory);
    free(store);
}

void
secret_wipe(Buffer *plain)
{
    if (plain->bytes != NULL)
        OPENSSL_cleanse(plain->bytes, plain->capacity);
    plain->size = 0;
}

static char *
secret_path(const SecretStore *store, ObjectId id)
{
    Buffer path = {0};
    buffer_printf(&path, "%s/%s", store->directory, object_id_text(id).text);
    return buffer_take(&path);
}

static bool
seal(const SecretStore *store, ObjectId id, Slice plain, Buffer *file)
{
    unsigned char nonce[NONCE_BYTES], tag[TAG_BYTES];
    ObjectIdText name = object_id_text(id);
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int size, rest;
    bool ok = cipher != NULL && RAND_bytes(nonce, NONCE_BYTES) == 1 &&
              EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, store->key, nonce) == 1 &&
              EVP_EncryptUpdate(cipher, NULL, &size, (unsigned char *) name.text, (int) strlen(name.text)) == 1;
    buffer_append(file, magic, sizeof magic);
    buffer_append(file, nonce, NONCE_BYTES);
    size_t tag_at = file->size;
    memset(tag, 0, sizeof tag);
    buffer_append(file, tag, TAG_BYTES);
    unsigned char *at = (unsigned char *) buffer_reserve(file, plain.size + 16);
    ok = ok && EVP_EncryptUpdate(cipher, at, &size, (const unsigned char *) plain.bytes, (int) plain.size) == 1 &&
         EVP_EncryptFinal_ex(cipher, at + size, &rest) == 1 &&
         EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, file->bytes + tag_at) == 1;
    file->size += plain.size;
    EVP_CIPHER_CTX_free(cipher);
    return ok;
}

static bool
unseal(const SecretStore *store, ObjectId id, Slice file, Buffer *plain)
{
    size_t head = sizeof magic + NONCE_BYTES + TAG_BYTES;
    if (file.size < head || memcmp(file.bytes, magic, sizeof magic) != 0)
        return false;
    const unsigned char *nonce = (const unsigned char *) file.bytes + sizeof magic;
    ObjectIdText name = object_id_text(id);
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int size, rest;
    unsigned char *at = (unsigned char *) buffer_reserve(plain, file.size - head + 16);
    bool ok = cipher != NULL && EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, store->key, nonce) == 1 &&
              EVP_DecryptUpdate(cipher, NULL, &size, (unsigned char *) name.text, (int) strlen(name.text)) == 1 &&
              EVP_DecryptUpdate(cipher, at, &size, (const unsigned char *) file.bytes + head,
                                (int) (file.size - head)) == 1 &&
              EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_BYTES,
                                  (char *) file.bytes + sizeof magic + NONCE_BYTES) == 1 &&
              EVP_DecryptFinal_ex(cipher, at + size, &rest) == 1;
    plain->size += ok ? file.size - head : 0;
    EVP_CIPHER_CTX_free(cipher);
    return ok;
}

bool
secret_write(SecretStore *store, ObjectId id, Slice plain, Error *err)
{
    Buffer file = {0};
    char *path = secret_path(store, id);
    bool ok = seal(store, id, plain, &file) ? write_file(store->directory, path, file.bytes, file.size, err)
                                            : error_set(err, SQLSTATE_SYSTEM_ERROR, "could not encrypt a secret");
    buffer_deinit(&file);
    free(path);
    return ok;
}

bool
secret_read(SecretStore *store, ObjectId id, Buffer *plain, Error *err)
{
    Buffer file = {0};
    char *path = secret_path(store, id);
    bool ok = read_file(path, &file, err) &&
              (unseal(store, id, buffer_slice(&file), plain) ||
               error_set(err, SQLSTATE_DATA_CORRUPTED,
                         "secret file \"%s\" is damaged, or the secret key is not the one it was written with", path));
    buffer_deinit(&file);
    free(path);
    return ok;
}

bool
secret_remove(SecretStore *store, ObjectId id, Error *err)
{
    char *path = secret_path(store, id);
    bool ok = unlink(path) == 0 || errno == ENOENT || io_error(err, "remove", path);
    free(path);
    return ok;
}
