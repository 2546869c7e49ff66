#include "server/config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>

#include "base/buffer.h"

typedef struct Flag {
    const char *name;     /* without the dashes */
    const char *argument; /* NULL: none is taken */
    const char *help;
    bool (*set)(Config *config, const char *value, Error *err);
} Flag;

static bool
invalid(Error *err, const char *flag, const char *value, const char *why)
{
    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid value \"%s\" for --%s: %s", value, flag, why);
}

/* host:port, [v6]:port. The host is heap memory. */
static bool
parse_address(const char *flag, const char *value, const char **host, int *port, Error *err)
{
    const char *colon = strrchr(value, ':');
    char *end;
    long number = colon == NULL ? -1 : strtol(colon + 1, &end, 10);
    if (colon == NULL || colon[1] == '\0' || *end != '\0' || number < 0 || number > 65535)
        return invalid(err, flag, value, "expected host:port");
    size_t size = (size_t) (colon - value);
    if (size >= 2 && value[0] == '[' && value[size - 1] == ']') {
        value++;
        size -= 2;
    }
    char *copy = memory_alloc(size + 1);
    memcpy(copy, value, size);
    copy[size] = '\0';
    if (strcmp(copy, "localhost") == 0)
        memcpy(copy = memory_realloc(copy, 10), "127.0.0.1", 10);
    unsigned char parsed[16];
    if (inet_pton(AF_INET, copy, parsed) != 1 && inet_pton(AF_INET6, copy, parsed) != 1) {
        free(copy);
        return invalid(err, flag, value, "the host must be an IP address or localhost");
    }
    free((char *) *host);
    *host = copy;
    *port = (int) number;
    return true;
}

static bool
set_data_directory(Config *config, const char *value, Error *err)
{
    if (*value == '\0')
        return invalid(err, "data-directory", value, "it must not be empty");
    config->data_directory = value;
    return true;
}

static bool
set_listen(Config *config, const char *value, Error *err)
{
    return parse_address("listen-address", value, &config->listen_host, &config->listen_port, err);
}

static bool
set_http(Config *config, const char *value, Error *err)
{
    return parse_address("http-listen-address", value, &config->http_host, &config->http_port, err);
}

static bool
set_auth(Config *config, const char *value, Error *err)
{
    if (strcmp(value, "trust") == 0)
        config->auth = AUTH_TRUST;
    else if (strcmp(value, "scram") == 0)
        config->auth = AUTH_SCRAM;
    else
        return invalid(err, "auth", value, "it is trust or scram");
    return true;
}

static bool
set_allow_remote(Config *config, const char *value, Error *err)
{
    if (value != NULL && strcmp(value, "true") != 0 && strcmp(value, "1") != 0 && strcmp(value, "false") != 0 &&
        strcmp(value, "0") != 0)
        return invalid(err, "allow-remote-without-authentication", value, "it is true or false");
    config->allow_remote_without_authentication = value == NULL || value[0] == 't' || value[0] == '1';
    return true;
}

static bool
set_password_file(Config *config, const char *value, Error *err)
{
    (void) err;
    config->superuser_password_file = value;
    return true;
}

static bool
set_tls_cert(Config *config, const char *value, Error *err)
{
    (void) err;
    config->tls_cert = value;
    return true;
}

static bool
set_tls_key(Config *config, const char *value, Error *err)
{
    (void) err;
    config->tls_key = value;
    return true;
}

static bool
set_log_filter(Config *config, const char *value, Error *err)
{
    (void) err;
    config->log_filter = value;
    return true;
}

static bool
set_secret_key_file(Config *config, const char *value, Error *err)
{
    (void) err;
    config->secret_key_file = value;
    return true;
}

static bool
set_egress_ip(Config *config, const char *value, Error *err)
{
    char copy[64];
    unsigned char parsed[16];
    const char *slash = strchr(value, '/');
    size_t size = slash == NULL ? strlen(value) : (size_t) (slash - value);
    char *end = NULL;
    long prefix = slash == NULL ? 0 : strtol(slash + 1, &end, 10);
    if (size >= sizeof copy)
        return invalid(err, "egress-ip", value, "expected an address or CIDR");
    memcpy(copy, value, size);
    copy[size] = '\0';
    bool v4 = inet_pton(AF_INET, copy, parsed) == 1;
    if ((!v4 && inet_pton(AF_INET6, copy, parsed) != 1) ||
        (slash != NULL && (slash[1] == '\0' || *end != '\0' || prefix < 0 || prefix > (v4 ? 32 : 128))))
        return invalid(err, "egress-ip", value, "expected an address or CIDR");
    vector_push(&config->egress_ips, value);
    return true;
}

static bool
set_max_connections(Config *config, const char *value, Error *err)
{
    char *end;
    long number = strtol(value, &end, 10);
    if (*value == '\0' || *end != '\0' || number < 1 || number > 100000)
        return invalid(err, "max-connections", value, "expected a number from 1 to 100000");
    config->max_connections = (int) number;
    return true;
}

static const Flag flags[] = {
    {"data-directory", "DIR", "where everything is kept (required)", set_data_directory},
    {"listen-address", "HOST:PORT", "SQL clients; default 127.0.0.1:6875", set_listen},
    {"http-listen-address", "HOST:PORT", "metrics and health; default 127.0.0.1:6876", set_http},
    {"auth", "trust|scram", "how clients prove who they are; default trust", set_auth},
    {"allow-remote-without-authentication", NULL, "lets trust listen beyond loopback", set_allow_remote},
    {"superuser-password-file", "FILE", "password of the first role, materialize", set_password_file},
    {"tls-cert", "FILE", "certificate chain, PEM", set_tls_cert},
    {"tls-key", "FILE", "its private key, PEM", set_tls_key},
    {"secret-key-file", "FILE", "key that encrypts secrets; default: made beside the data", set_secret_key_file},
    {"log-filter", "FILTER", "such as info,postgres=debug; default info", set_log_filter},
    {"egress-ip", "CIDR", "a row of mz_egress_ips; may be given again", set_egress_ip},
    {"max-connections", "N", "default 5000", set_max_connections},
};

const char *
config_help(void)
{
    static char text[4096];
    int size = snprintf(text, sizeof text,
                        "freshet " FRESHET_VERSION ": a streaming SQL database\n\n"
                        "usage: freshet --data-directory DIR [flag ...]\n\n");
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        char left[64];
        snprintf(left, sizeof left, "--%s %s", flags[i].name, flags[i].argument == NULL ? "" : flags[i].argument);
        size += snprintf(text + size, sizeof text - (size_t) size, "  %-42s %s\n", left, flags[i].help);
    }
    snprintf(text + size, sizeof text - (size_t) size,
             "  %-42s %s\n  %-42s %s\n\nEvery flag may also be given in the environment: FRESHET_DATA_DIRECTORY and so "
             "on.\n",
             "--help", "this text", "--version", "the version");
    return text;
}

static const Flag *
flag_find(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strlen(flags[i].name) == size && memcmp(flags[i].name, name, size) == 0)
            return &flags[i];
    return NULL;
}

static bool
read_environment(Config *config, Error *err)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        char name[80];
        int size = snprintf(name, sizeof name, "FRESHET_%s", flags[i].name);
        for (int c = 0; c < size; c++)
            name[c] = name[c] == '-' ? '_' : (char) toupper((unsigned char) name[c]);
        const char *value = getenv(name);
        if (value != NULL && !flags[i].set(config, value, err))
            return false;
    }
    return true;
}

static bool
is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static bool
check(const Config *config, Error *err)
{
    if (config->data_directory == NULL)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "--data-directory is required");
    if ((config->tls_cert == NULL) != (config->tls_key == NULL))
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "--tls-cert and --tls-key go together");
    if (config->auth == AUTH_TRUST && !config->allow_remote_without_authentication && !is_loopback(config->listen_host))
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE,
                         "refusing to listen on %s without authentication: use --auth=scram, or "
                         "--allow-remote-without-authentication",
                         config->listen_host);
    return true;
}

bool
config_parse(int argc, char **argv, Config *config, Error *err)
{
    *config = (Config){.listen_host = memory_strdup("127.0.0.1"),
                       .listen_port = 6875,
                       .http_host = memory_strdup("127.0.0.1"),
                       .http_port = 6876,
                       .max_connections = 5000};
    if (!read_environment(config, err))
        return false;
    for (int i = 1; i < argc; i++) {
        const char *argument = argv[i];
        if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
            config->help = true;
            return true;
        }
        if (strcmp(argument, "--version") == 0) {
            config->version = true;
            return true;
        }
        if (strncmp(argument, "--", 2) != 0)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "unexpected argument \"%s\"", argument);
        const char *name = argument + 2;
        const char *equals = strchr(name, '=');
        const Flag *flag = flag_find(name, equals == NULL ? strlen(name) : (size_t) (equals - name));
        if (flag == NULL)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "unknown flag \"%s\"", argument);
        const char *value = equals == NULL ? NULL : equals + 1;
        if (value == NULL && flag->argument != NULL) {
            if (i + 1 == argc)
                return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "flag \"%s\" needs a value", argument);
            value = argv[++i];
        }
        if (!flag->set(config, value, err))
            return false;
    }
    return check(config, err);
}

void
config_deinit(Config *config)
{
    free((char *) config->listen_host);
    free((char *) config->http_host);
    vector_deinit(&config->egress_ips);
}
