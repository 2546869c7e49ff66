#include "replication/postgres/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "replication/postgres/resolve.h"

/* A path at which libpq finds nothing: so that it takes no certificate or password from the home of who runs us. */
#define NO_FILE "/nonexistent/freshet"

/* Every session upstream prints values alike, whatever the role's and the database's defaults are. */
static const char session_options[] =
    "-c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=3 -c timezone=UTC "
    "-c bytea_output=hex -c lc_monetary=C -c standard_conforming_strings=on "
    "-c search_path=pg_catalog -c statement_timeout=0 -c lock_timeout=0 "
    "-c idle_in_transaction_session_timeout=0";

/* ---- the options ---- */

static char *
text_copy(const char *text)
{
    return text == NULL ? NULL : memory_strdup(text);
}

void
postgres_config_copy(PostgresConfig *to, const PostgresConfig *from)
{
    *to = (PostgresConfig){.host = text_copy(from->host),
                           .database = text_copy(from->database),
                           .user = text_copy(from->user),
                           .password = text_copy(from->password),
                           .port = from->port,
                           .ssl_mode = text_copy(from->ssl_mode),
                           .ssl_root_pem = text_copy(from->ssl_root_pem),
                           .ssl_certificate_pem = text_copy(from->ssl_certificate_pem),
                           .ssl_key_pem = text_copy(from->ssl_key_pem)};
}

static void
text_wipe(char **text)
{
    if (*text != NULL)
        explicit_bzero(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

void
postgres_config_deinit(PostgresConfig *config)
{
    text_wipe(&config->host);
    text_wipe(&config->database);
    text_wipe(&config->user);
    text_wipe(&config->password);
    text_wipe(&config->ssl_mode);
    text_wipe(&config->ssl_root_pem);
    text_wipe(&config->ssl_certificate_pem);
    text_wipe(&config->ssl_key_pem);
}

/* ---- certificates, which libpq wants as files ---- */

typedef struct TlsFiles {
    char directory[64]; /* "" while there is none */
    char root[96], certificate[96], key[96];
} TlsFiles;

static bool
tls_directory(TlsFiles *files, Error *err)
{
    static const char *const places[] = {"/dev/shm", "/tmp"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(files->directory, sizeof files->directory, "%s/freshet-XXXXXX", places[i]);
        if (mkdtemp(files->directory) != NULL)
            return true;
    }
    files->directory[0] = '\0';
    return error_set(err, SQLSTATE_SYSTEM_ERROR, "could not make a directory for certificates: %s", strerror(errno));
}

static bool
tls_write(TlsFiles *files, const char *name, const char *pem, char *path, Error *err)
{
    if (pem == NULL) {
        snprintf(path, sizeof files->root, "%s", NO_FILE);
        return true;
    }
    if (files->directory[0] == '\0' && !tls_directory(files, err))
        return false;
    snprintf(path, sizeof files->root, "%s/%s", files->directory, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0600);
    size_t size = strlen(pem);
    bool ok = fd >= 0 && write(fd, pem, size) == (ssize_t) size;
    if (fd >= 0)
        close(fd);
    return ok || error_set(err, SQLSTATE_SYSTEM_ERROR, "could not write a certificate: %s", strerror(errno));
}

static bool
tls_files_make(TlsFiles *files, const PostgresConfig *config, Error *err)
{
    static const char system_roots[] = "/etc/ssl/certs/ca-certificates.crt";
    if (!tls_write(files, "root", config->ssl_root_pem, files->root, err) ||
        !tls_write(files, "certificate", config->ssl_certificate_pem, files->certificate, err) ||
        !tls_write(files, "key", config->ssl_key_pem, files->key, err))
        return false;
    bool verifies = config->ssl_mode != NULL && strncmp(config->ssl_mode, "verify-", 7) == 0;
    if (verifies && config->ssl_root_pem == NULL)
        snprintf(files->root, sizeof files->root, "%s", system_roots);
    return true;
}

static void
tls_files_remove(const TlsFiles *files)
{
    if (files->directory[0] == '\0')
        return;
    unlink(files->root);
    unlink(files->certificate);
    unlink(files->key);
    rmdir(files->directory);
}

/* ---- connecting ---- */

bool
upstream_wait(int fd, short events, int stop_fd, int timeout_ms, Error *err)
{
    struct pollfd polled[2] = {{.fd = fd, .events = events}, {.fd = stop_fd, .events = POLLIN}};
    int64_t deadline_us = clock_steady_us() + (int64_t) timeout_ms * 1000;
    for (;;) {
        int64_t left_us = deadline_us - clock_steady_us();
        int ready = poll(polled, 2, timeout_ms < 0 ? -1 : left_us <= 0 ? 0 : (int) (left_us / 1000) + 1);
        if (ready < 0 && errno == EINTR)
            continue;
        if (polled[1].revents != 0)
            return error_set(err, SQLSTATE_QUERY_CANCELED, "stopped");
        if (ready == 0)
            return error_set(err, SQLSTATE_CONNECTION_FAILURE, "connection timed out");
        return true;
    }
}

typedef struct ConnectParameters {
    const char *keywords[32], *values[32];
    int count;
} ConnectParameters;

static void
parameter_add(ConnectParameters *parameters, const char *keyword, const char *value)
{
    if (value == NULL)
        return;
    parameters->keywords[parameters->count] = keyword;
    parameters->values[parameters->count++] = value;
}

static void
append_repeated(Buffer *out, const char *text, int count)
{
    for (int i = 0; i < count; i++)
        buffer_printf(out, "%s%s", i > 0 ? "," : "", text);
}

static PGconn *
connect_begin(const PostgresConfig *config, bool replication, const TlsFiles *files, const char *addresses,
              int address_count)
{
    ConnectParameters parameters = {.count = 0};
    char port[16];
    Buffer hosts = {0};
    snprintf(port, sizeof port, "%d", config->port);
    append_repeated(&hosts, config->host, address_count);
    parameter_add(&parameters, "host", buffer_text(&hosts));
    if (config->host[0] != '/')
        parameter_add(&parameters, "hostaddr", addresses);
    parameter_add(&parameters, "port", port);
    parameter_add(&parameters, "dbname", config->database);
    parameter_add(&parameters, "user", config->user);
    parameter_add(&parameters, "password", config->password);
    parameter_add(&parameters, "passfile", NO_FILE);
    parameter_add(&parameters, "sslmode", config->ssl_mode == NULL ? "disable" : config->ssl_mode);
    parameter_add(&parameters, "sslrootcert", files->root);
    parameter_add(&parameters, "sslcert", files->certificate);
    parameter_add(&parameters, "sslkey", files->key);
    parameter_add(&parameters, "gssencmode", "disable");
    parameter_add(&parameters, "application_name", "freshet");
    parameter_add(&parameters, "client_encoding", "UTF8");
    parameter_add(&parameters, "options", session_options);
    parameter_add(&parameters, "keepalives", "1");
    parameter_add(&parameters, "keepalives_idle", "10");
    parameter_add(&parameters, "keepalives_interval", "5");
    parameter_add(&parameters, "keepalives_count", "4");
    parameter_add(&parameters, "tcp_user_timeout", "30000");
    if (replication)
        parameter_add(&parameters, "replication", "database");
    PGconn *connection = PQconnectStartParams(parameters.keywords, parameters.values, 0);
    buffer_deinit(&hosts);
    return connection;
}

static bool
text_has(const char *text, const char *part)
{
    return strcasestr(text, part) != NULL;
}

/* libpq's report, which may be of several attempts: the cause of the last one, in one line. */
static bool
connect_failure(PGconn *connection, Error *err)
{
    const char *report = connection == NULL ? "out of memory" : PQerrorMessage(connection), *cause = report;
    for (const char *at = report; (at = strstr(at, "failed: ")) != NULL; at += 8)
        cause = at + 8;
    static const char *const severities[] = {"FATAL:  ", "ERROR:  "};
    bool from_server = false;
    for (size_t i = 0; i < 2; i++)
        if (strncmp(cause, severities[i], 8) == 0) {
            cause += 8;
            from_server = true;
        }
    int size = (int) strcspn(cause, "\n");
    if (from_server)
        return error_set(err, SQLSTATE_SYSTEM_ERROR, "%.*s", size, cause);
    if (text_has(cause, "SSL") || text_has(cause, "certificate") || text_has(cause, "private key"))
        return error_set(err, SQLSTATE_SYSTEM_ERROR, "error performing TLS handshake: %.*s", size, cause);
    if (strncmp(cause, "Connection refused", 18) == 0)
        return error_set(err, SQLSTATE_SYSTEM_ERROR, "error connecting to server: Connection refused (os error %d)",
                         ECONNREFUSED);
    return error_set(err, SQLSTATE_SYSTEM_ERROR, "error connecting to server: %.*s", size, cause);
}

static bool
connect_finish(PGconn *connection, int stop_fd, int64_t deadline_us, Error *err)
{
    if (connection == NULL || PQstatus(connection) == CONNECTION_BAD)
        return connect_failure(connection, err);
    for (PostgresPollingStatusType state = PGRES_POLLING_WRITING;; state = PQconnectPoll(connection)) {
        if (state == PGRES_POLLING_OK)
            return true;
        if (state == PGRES_POLLING_FAILED)
            return connect_failure(connection, err);
        int64_t left_us = deadline_us - clock_steady_us();
        if (!upstream_wait(PQsocket(connection), state == PGRES_POLLING_READING ? POLLIN : POLLOUT, stop_fd,
                           left_us <= 0 ? 0 : (int) (left_us / 1000) + 1, err))
            return false;
    }
}

static bool
connect_timed_out(Error *err)
{
    error_clear(err);
    error_set(err, SQLSTATE_SYSTEM_ERROR, "error connecting to server: Connection timed out (os error %d)", ETIMEDOUT);
    return error_hint(err,
                      "Do you have a firewall or security group that is preventing Freshet from connecting to your "
                      "PostgreSQL server?");
}

static void
notice_ignore(void *context, const PGresult *result)
{
    (void) context;
    (void) result;
}

bool
upstream_connect(const PostgresConfig *config, bool replication, int stop_fd, PGconn **connection, Error *err)
{
    TlsFiles files = {.directory = ""};
    Buffer addresses = {0};
    int address_count;
    int64_t deadline_us = clock_steady_us() + CONNECT_TIMEOUT_MS * INT64_C(1000);
    *connection = NULL;
    bool ok = host_resolve(config->host, stop_fd, CONNECT_TIMEOUT_MS, &addresses, &address_count, err) &&
              tls_files_make(&files, config, err);
    if (ok) {
        *connection = connect_begin(config, replication, &files, buffer_text(&addresses), address_count);
        ok = connect_finish(*connection, stop_fd, deadline_us, err);
    }
    if (!ok && strcmp(err->sqlstate, SQLSTATE_CONNECTION_FAILURE) == 0)
        connect_timed_out(err);
    tls_files_remove(&files);
    buffer_deinit(&addresses);
    if (ok) {
        PQsetNoticeReceiver(*connection, notice_ignore, NULL);
        return true;
    }
    if (*connection != NULL)
        PQfinish(*connection);
    *connection = NULL;
    return false;
}

/* ---- statements ---- */

bool
upstream_error(Error *err, const char *sqlstate, const char *message, const char *detail, const char *hint)
{
    char state[6] = "XX000";
    if (sqlstate != NULL && strlen(sqlstate) == 5)
        memcpy(state, sqlstate, 5);
    error_set(err, state, "sql client error: db error: ERROR: %s", message == NULL ? "unknown" : message);
    if (detail != NULL)
        error_detail(err, "%s", detail);
    if (hint != NULL)
        error_hint(err, "%s", hint);
    return false;
}

static bool
connection_lost(Error *err)
{
    return error_set(err, SQLSTATE_CONNECTION_FAILURE, "connection closed");
}

static bool
result_check(PGconn *connection, const PGresult *result, Error *err)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return true;
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (sqlstate == NULL || PQstatus(connection) == CONNECTION_BAD)
        return connection_lost(err);
    return upstream_error(err, sqlstate, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
                          PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL),
                          PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
}

static bool
result_next(PGconn *connection, int stop_fd, PGresult **result, Error *err)
{
    while (PQisBusy(connection)) {
        if (!upstream_wait(PQsocket(connection), POLLIN, stop_fd, -1, err))
            return false;
        if (PQconsumeInput(connection) != 1)
            return connection_lost(err);
    }
    *result = PQgetResult(connection);
    return true;
}

bool
upstream_query(PGconn *connection, int stop_fd, const char *sql, PGresult **result, Error *err)
{
    *result = NULL;
    if (PQsendQuery(connection, sql) != 1)
        return connection_lost(err);
    bool ok = true;
    for (PGresult *next = NULL;;) {
        if (!result_next(connection, stop_fd, &next, err)) {
            ok = false;
            break;
        }
        if (next == NULL)
            break;
        ok = ok && result_check(connection, next, err);
        PQclear(*result); /* of several, the last one counts */
        *result = next;
    }
    if (ok && *result != NULL)
        return true;
    PQclear(*result);
    *result = NULL;
    return ok ? connection_lost(err) : false;
}

bool
upstream_execute(PGconn *connection, int stop_fd, const char *sql, Error *err)
{
    PGresult *result;
    if (!upstream_query(connection, stop_fd, sql, &result, err))
        return false;
    PQclear(result);
    return true;
}

/* ---- SQL text ---- */

static void
append_quoted(Buffer *sql, const char *text, char quote)
{
    buffer_append_char(sql, quote);
    for (; *text != '\0'; text++) {
        if (*text == quote)
            buffer_append_char(sql, quote);
        buffer_append_char(sql, *text);
    }
    buffer_append_char(sql, quote);
}

void
sql_append_identifier(Buffer *sql, const char *name)
{
    append_quoted(sql, name, '"');
}

void
sql_append_literal(Buffer *sql, const char *text)
{
    append_quoted(sql, text, '\'');
}

bool
lsn_parse(const char *text, uint64_t *lsn)
{
    unsigned high, low;
    int end = 0;
    if (sscanf(text, "%8X/%8X%n", &high, &low, &end) != 2 || text[end] != '\0')
        return false;
    *lsn = (uint64_t) high << 32 | low;
    return true;
}

char *
lsn_print(uint64_t lsn, char *text)
{
    snprintf(text, 20, "%X/%X", (unsigned) (lsn >> 32), (unsigned) lsn);
    return text;
}
