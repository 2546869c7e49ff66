#include "sqllogictest/servers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"

static const char database[] = "upstream";

bool
servers_reset(Servers *servers, Error *err)
{
    if (servers->has_freshet) {
        freshet_wipe(&servers->freshet); /* before its slots are dropped */
    }
    if (servers->has_postgres) {
        if (servers->postgres.pid == 0 && !postgres_start(&servers->postgres, err)) {
            return false;
        }
        if (!postgres_reset(&servers->postgres, database, err)) {
            return false;
        }
    }
    return !servers->has_freshet || freshet_start(&servers->freshet, err);
}

void
servers_deinit(Servers *servers)
{
    if (servers->has_freshet) {
        freshet_deinit(&servers->freshet);
    }
    if (servers->has_postgres) {
        postgres_deinit(&servers->postgres);
    }
}

char *
servers_conninfo(const Servers *servers)
{
    if (servers->has_freshet) {
        return freshet_conninfo(&servers->freshet, NULL);
    }
    return servers->has_postgres ? postgres_conninfo(&servers->postgres, database) : memory_strdup(servers->url);
}

char *
servers_upstream_conninfo(const Servers *servers)
{
    return servers->has_postgres ? postgres_conninfo(&servers->postgres, database) : NULL;
}

static char *
number_text(int number)
{
    Buffer text = {0};
    buffer_printf(&text, "%d", number);
    return buffer_take(&text);
}

char *
servers_variable(const Servers *servers, const char *name)
{
    if (servers->has_postgres) {
        const Postgres *postgres = &servers->postgres;
        const struct {
            const char *name;
            const char *value;
        } texts[] = {
            {"UPSTREAM_HOST", "127.0.0.1"},
            {"UPSTREAM_NAME", "localhost"},
            {"UPSTREAM_DATABASE", database},
            {"UPSTREAM_USER", "replicator"},
            {"UPSTREAM_PASSWORD", postgres->password},
            {"UPSTREAM_CA", postgres->ca},
            {"CLIENT_USER", "certified"},
            {"CLIENT_CERTIFICATE", postgres->client_certificate},
            {"CLIENT_KEY", postgres->client_key},
        };
        if (strcmp(name, "UPSTREAM_PORT") == 0) {
            return number_text(postgres->port);
        }
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            if (strcmp(name, texts[i].name) == 0) {
                return memory_strdup(texts[i].value);
            }
        }
    }
    const char *value = getenv(name);
    return value != NULL ? memory_strdup(value) : NULL;
}
