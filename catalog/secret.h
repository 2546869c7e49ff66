/*
 * secret.h -- secrets at rest: AES-256-GCM under a key in a file of mode 0600 (or given by flag or environment), one file a secret.
 *
 * (1) Plain text exists only in memory that the caller wipes (secret_wipe), never in logs, SQL or the catalog.
 * (2) A file that was changed is found (XX001). A wrong key is found.
 * Any thread.
 */
#ifndef FRESHET_CATALOG_SECRET_H
#define FRESHET_CATALOG_SECRET_H

#include "catalog/catalog.h"

typedef struct SecretStore SecretStore;

/* key_path NULL: <directory>/../secret.key, made when it is not there. */
MUST_CHECK bool secret_store_open(const char *directory, const char *key_path, SecretStore **store, Error *err);
void secret_store_close(SecretStore *store);
MUST_CHECK bool secret_write(SecretStore *store, ObjectId id, Slice plain, Error *err); /* durable on return */
MUST_CHECK bool secret_read(SecretStore *store, ObjectId id, Buffer *plain, Error *err);
MUST_CHECK bool secret_remove(SecretStore *store, ObjectId id, Error *err);
void secret_wipe(Buffer *plain);

#endif
