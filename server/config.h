/*
 * config.h -- what the process was told to do: flags, and FRESHET_... environment variables of the same names.
 *
 *   --data-directory DIR                (required)
 *   --listen-address 127.0.0.1:6875     SQL;  port 0: any free one
 *   --http-listen-address 127.0.0.1:6876
 *   --auth trust|scram                  trust is refused beyond loopback
 *   --allow-remote-without-authentication
 *   --superuser-password-file FILE      password of the first role (materialize)
 *   --tls-cert FILE --tls-key FILE
 *   --log-filter FILTER
 *   --egress-ip CIDR                    (repeatable) rows of mz_egress_ips
 *   --secret-key-file FILE              key that encrypts secrets; default: made beside the data
 *   --max-connections N                 default 5000
 *   --help, --version
 */
#ifndef FRESHET_SERVER_CONFIG_H
#define FRESHET_SERVER_CONFIG_H

#include "base/error.h"
#include "base/vector.h"

#define FRESHET_VERSION "0.1.0"

typedef enum AuthMethod { AUTH_TRUST, AUTH_SCRAM } AuthMethod;

typedef struct Config {
    const char *data_directory;
    const char *listen_host;
    int listen_port;
    const char *http_host;
    int http_port;
    AuthMethod auth;
    bool allow_remote_without_authentication;
    const char *superuser_password_file;
    const char *tls_cert, *tls_key;
    const char *log_filter;
    const char *secret_key_file;
    VECTOR(const char *) egress_ips;
    int max_connections;
    bool help, version;
} Config;

/* Every flag is checked; 22023 names a bad one. Strings point into argv, environ or heap memory that config_deinit frees. */
MUST_CHECK bool config_parse(int argc, char **argv, Config *config, Error *err);
void config_deinit(Config *config);
const char *config_help(void);

#endif
