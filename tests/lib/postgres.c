#include "tests/lib/postgres.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "tests/lib/process.h"

static const char settings_always[] = "listen_addresses = '127.0.0.1'\n"
                                      "wal_level = logical\n"
                                      "fsync = on\n"
                                      "max_wal_senders = 20\n"
                                      "max_replication_slots = 20\n"
                                      "max_connections = 100\n"
                                      "wal_sender_timeout = 10s\n"
                                      "password_encryption = 'scram-sha-256'\n"
                                      "ssl = on\n"
                                      "ssl_cert_file = '../server.pem'\n"
                                      "ssl_key_file = '../server.key'\n"
                                      "ssl_ca_file = '../ca.pem'\n"
                                      "timezone = 'UTC'\n"
                                      "log_timezone = 'UTC'\n"
                                      "lc_messages = 'C'\n";

static const char access_rules[] = "local   all         all                       trust\n"
                                   "local   replication all                       trust\n"
                                   "host    all         postgres  127.0.0.1/32    trust\n"
                                   "host    replication postgres  127.0.0.1/32    trust\n"
                                   "hostssl all         certified 127.0.0.1/32    cert\n"
                                   "hostssl replication certified 127.0.0.1/32    cert\n"
                                   "host    all         all       127.0.0.1/32    scram-sha-256\n"
                                   "host    replication all       127.0.0.1/32    scram-sha-256\n";

/* One authority, a server certificate with both of the names it goes by, a client certificate. */
static const char make_certificates[] =
    "set -e; cd \"$1\"\n"
    "request() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj \"/CN=$1\" -keyout $2.key; "
    "}\n"
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=throw-away "
    "authority' "
    "-keyout ca.key -out ca.pem\n"
    "printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > names\n"
    "request localhost server | openssl x509 -req -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names "
    "-out server.pem\n"
    "request certified client | openssl x509 -req -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -out client.pem\n"
    "chmod 600 server.key client.key ca.key\n";

static const char *
server_user(void)
{
    return getpwnam("postgres") != NULL ? "postgres" : "nobody";
}

char *
postgres_program(const char *name)
{
    static const char *const places[] = {"/usr/lib/postgresql/15/bin", "/usr/bin", "/usr/local/bin"};
    const char *chosen = getenv("POSTGRES_BIN");
    Buffer path = {0};
    if (chosen != NULL) {
        buffer_printf(&path, "%s/%s", chosen, name);
        return buffer_take(&path);
    }
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        buffer_clear(&path);
        buffer_printf(&path, "%s/%s", places[i], name);
        if (access(buffer_text(&path), X_OK) == 0) {
            return buffer_take(&path);
        }
    }
    buffer_deinit(&path);
    return memory_strdup(name);
}

static char *
path_in(const char *directory, const char *name)
{
    Buffer path = {0};
    buffer_printf(&path, "%s/%s", directory, name);
    return buffer_take(&path);
}

static bool
cluster_create(const Postgres *postgres, const char *settings, Error *err)
{
    char *data = path_in(postgres->directory, "data");
    char *log = path_in(postgres->directory, "server.log");
    char *initdb = postgres_program("initdb");
    char *configuration = path_in(data, "postgresql.conf"); /* ALTER SYSTEM has a file of its own */
    char *rules = path_in(data, "pg_hba.conf");
    ProcessOptions options = {.user = server_user(), .log_path = log, .directory = postgres->directory};
    const char *certificates[] = {"bash", "-c", make_certificates, "certificates", postgres->directory, NULL};
    const char *create[] = {initdb, "-D",         data, "-U",    "postgres", "-E",
                            "UTF8", "--locale=C", "-A", "trust", "-N",       NULL};
    Buffer text = {0};
    buffer_printf(&text, "%sport = %d\nunix_socket_directories = '%s'\n%s", settings_always, postgres->port,
                  postgres->directory, settings != NULL ? settings : "");
    bool ok = process_run(certificates, &options, 60000, err) && process_run(create, &options, 120000, err) &&
              file_write(configuration, buffer_text(&text), err) && file_write(rules, access_rules, err);
    buffer_deinit(&text);
    free(data);
    free(log);
    free(initdb);
    free(configuration);
    free(rules);
    return ok;
}

static bool
directory_prepare(Postgres *postgres, Error *err)
{
    postgres->directory = directory_new("postgres");
    char *log = path_in(postgres->directory, "server.log");
    bool ok = file_write(log, "", err);
    struct passwd *user = getpwnam(server_user());
    if (ok && geteuid() == 0 && user != NULL &&
        (chown(postgres->directory, user->pw_uid, user->pw_gid) != 0 || chown(log, user->pw_uid, user->pw_gid) != 0)) {
        ok = error_set(err, SQLSTATE_SYSTEM_ERROR, "could not give \"%s\" away", postgres->directory);
    }
    free(log);
    return ok;
}

static void
read_certificates(Postgres *postgres)
{
    char *ca = path_in(postgres->directory, "ca.pem");
    char *certificate = path_in(postgres->directory, "client.pem");
    char *key = path_in(postgres->directory, "client.key");
    postgres->ca = file_read(ca);
    postgres->client_certificate = file_read(certificate);
    postgres->client_key = file_read(key);
    free(ca);
    free(certificate);
    free(key);
}

bool
postgres_init(Postgres *postgres, const char *settings, Error *err)
{
    *postgres = (Postgres){.port = port_free(), .password = memory_strdup("correct horse")};
    if (directory_prepare(postgres, err) && cluster_create(postgres, settings, err) && postgres_start(postgres, err) &&
        postgres_execute(postgres, "postgres",
                         "CREATE ROLE replicator LOGIN REPLICATION PASSWORD 'correct horse';"
                         "CREATE ROLE certified LOGIN REPLICATION;"
                         "GRANT pg_read_all_data TO replicator, certified;",
                         err)) {
        read_certificates(postgres);
        return true;
    }
    postgres_deinit(postgres);
    return false;
}

void
postgres_deinit(Postgres *postgres)
{
    postgres_stop(postgres);
    directory_remove(postgres->directory);
    free(postgres->directory);
    free(postgres->password);
    free(postgres->ca);
    free(postgres->client_certificate);
    free(postgres->client_key);
    *postgres = (Postgres){0};
}

static bool
server_answers(const Postgres *postgres)
{
    char *conninfo = postgres_conninfo(postgres, "postgres");
    bool answers = PQping(conninfo) == PQPING_OK;
    free(conninfo);
    return answers;
}

bool
postgres_start(Postgres *postgres, Error *err)
{
    char *program = postgres_program("postgres");
    char *data = path_in(postgres->directory, "data");
    char *log = path_in(postgres->directory, "server.log");
    const char *arguments[] = {program, "-D", data, NULL};
    ProcessOptions options = {.user = server_user(), .log_path = log, .directory = data};
    bool ok = process_start(&postgres->pid, arguments, &options, err);
    int64_t deadline = clock_steady_us() + 60 * 1000000LL;
    while (ok && !server_answers(postgres)) {
        int status;
        if (process_wait(postgres->pid, 20, &status) || clock_steady_us() > deadline) {
            char *tail = file_tail(log, 2000);
            postgres->pid = 0;
            ok = error_set(err, SQLSTATE_SYSTEM_ERROR, "PostgreSQL did not start");
            error_detail(err, "%s", tail);
            free(tail);
        }
    }
    free(program);
    free(data);
    free(log);
    return ok;
}

void
postgres_stop(Postgres *postgres)
{
    if (postgres->pid != 0) {
        process_stop(postgres->pid, SIGINT, 30000);
        postgres->pid = 0;
    }
}

void
postgres_kill(Postgres *postgres)
{
    if (postgres->pid != 0) {
        /* SIGQUIT takes the backends along at once, without a checkpoint; SIGKILL would leave them behind. */
        process_stop(postgres->pid, SIGQUIT, 10000);
        postgres->pid = 0;
    }
}

char *
postgres_conninfo(const Postgres *postgres, const char *database)
{
    Buffer text = {0};
    buffer_printf(&text, "host=127.0.0.1 port=%d user=postgres dbname=%s application_name=tests", postgres->port,
                  database);
    return buffer_take(&text);
}

/* The result when the statement worked, NULL with the error otherwise. */
static PGresult *
query_once(const Postgres *postgres, const char *database, const char *sql, Error *err)
{
    char *conninfo = postgres_conninfo(postgres, database);
    PGconn *connection = PQconnectdb(conninfo);
    PGresult *result = NULL;
    free(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) {
        error_set(err, SQLSTATE_CONNECTION_FAILURE, "%s", PQerrorMessage(connection));
    } else {
        result = PQexec(connection, sql);
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
            error_set(err, SQLSTATE_SYSTEM_ERROR, "upstream: %s", PQresultErrorMessage(result));
            PQclear(result);
            result = NULL;
        }
    }
    PQfinish(connection);
    return result;
}

bool
postgres_execute(const Postgres *postgres, const char *database, const char *sql, Error *err)
{
    PGresult *result = query_once(postgres, database, sql, err);
    PQclear(result);
    return result != NULL;
}

bool
postgres_value(const Postgres *postgres, const char *database, const char *sql, char **value, Error *err)
{
    PGresult *result = query_once(postgres, database, sql, err);
    *value = NULL;
    if (result != NULL && PQntuples(result) > 0 && !PQgetisnull(result, 0, 0)) {
        *value = memory_strdup(PQgetvalue(result, 0, 0));
    }
    PQclear(result);
    return result != NULL;
}

/* Runs every statement that a query writes. */
static bool
execute_written(const Postgres *postgres, const char *query, Error *err)
{
    PGresult *result = query_once(postgres, "postgres", query, err);
    bool ok = result != NULL;
    for (int i = 0; ok && i < PQntuples(result); i++) {
        ok = postgres_execute(postgres, "postgres", PQgetvalue(result, i, 0), err);
    }
    PQclear(result);
    return ok;
}

/* Takes back what ALTER SYSTEM has set. */
static bool
reset_settings(Postgres *postgres, Error *err)
{
    char *changed;
    if (!postgres_value(postgres, "postgres",
                        "SELECT name FROM pg_file_settings WHERE sourcefile LIKE '%postgresql.auto.conf'", &changed,
                        err)) {
        return false;
    }
    if (changed == NULL) {
        return true;
    }
    free(changed);
    if (!postgres_execute(postgres, "postgres", "ALTER SYSTEM RESET ALL", err)) {
        return false;
    }
    postgres_stop(postgres);
    return postgres_start(postgres, err);
}

bool
postgres_reset(Postgres *postgres, const char *database, Error *err)
{
    Buffer create = {0};
    buffer_printf(&create, "CREATE DATABASE %s", database);
    bool ok = reset_settings(postgres, err) &&
              execute_written(postgres,
                              "SELECT format('SELECT pg_terminate_backend(%s, 10000)', active_pid) "
                              "FROM pg_replication_slots WHERE active",
                              err) &&
              execute_written(postgres,
                              "SELECT format('SELECT pg_drop_replication_slot(%L)', slot_name) "
                              "FROM pg_replication_slots",
                              err) &&
              execute_written(postgres,
                              "SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database "
                              "WHERE NOT datistemplate AND datname <> 'postgres'",
                              err) &&
              execute_written(postgres,
                              "SELECT format('DROP OWNED BY %1$I CASCADE; DROP ROLE %1$I', rolname) FROM pg_roles "
                              "WHERE oid >= 16384 AND rolname NOT IN ('replicator', 'certified')",
                              err) &&
              postgres_execute(postgres, "postgres", buffer_text(&create), err);
    buffer_deinit(&create);
    return ok;
}
