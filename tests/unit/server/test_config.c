#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/config.h"

static Config config;
static Error err;

static void
setup(void)
{
    err = ERROR_INIT;
    unsetenv("FRESHET_DATA_DIRECTORY");
}

static void
teardown(void)
{
    config_deinit(&config);
    error_clear(&err);
}

/* The arguments end with NULL; the program's name is put before them. */
static bool
parse(const char *const *arguments)
{
    char *argv[32] = {(char *) (uintptr_t) "freshet"};
    int argc = 1;
    for (; arguments[argc - 1] != NULL; argc++)
        argv[argc] = (char *) (uintptr_t) arguments[argc - 1];
    return config_parse(argc, argv, &config, &err);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

START_TEST(a_data_directory_is_all_that_must_be_said)
{
    ck_assert_msg(PARSE("--data-directory", "d"), "%s", err.message);
    ck_assert_str_eq(config.data_directory, "d");
    ck_assert_str_eq(config.listen_host, "127.0.0.1");
    ck_assert_int_eq(config.listen_port, 6875);
    ck_assert_str_eq(config.http_host, "127.0.0.1");
    ck_assert_int_eq(config.http_port, 6876);
    ck_assert_int_eq(config.auth, AUTH_TRUST);
    ck_assert_int_eq(config.max_connections, 5000);
    ck_assert_uint_eq(config.egress_ips.count, 0);
    ck_assert(!config.allow_remote_without_authentication && !config.help && !config.version);
}
END_TEST

START_TEST(every_flag_is_taken_with_a_space_and_with_an_equals_sign)
{
    ck_assert_msg(PARSE("--data-directory=d", "--listen-address", "0.0.0.0:0", "--http-listen-address=[::1]:80",
                        "--auth", "scram", "--superuser-password-file=p", "--tls-cert", "c", "--tls-key=k",
                        "--secret-key-file", "s", "--log-filter=info,postgres=debug", "--egress-ip", "10.0.0.0/8",
                        "--egress-ip=::1", "--max-connections", "7"),
                  "%s", err.message);
    ck_assert_str_eq(config.data_directory, "d");
    ck_assert_str_eq(config.listen_host, "0.0.0.0");
    ck_assert_int_eq(config.listen_port, 0);
    ck_assert_str_eq(config.http_host, "::1");
    ck_assert_int_eq(config.http_port, 80);
    ck_assert_int_eq(config.auth, AUTH_SCRAM);
    ck_assert_str_eq(config.superuser_password_file, "p");
    ck_assert_str_eq(config.tls_cert, "c");
    ck_assert_str_eq(config.tls_key, "k");
    ck_assert_str_eq(config.secret_key_file, "s");
    ck_assert_str_eq(config.log_filter, "info,postgres=debug");
    ck_assert_uint_eq(config.egress_ips.count, 2);
    ck_assert_str_eq(config.egress_ips.items[0], "10.0.0.0/8");
    ck_assert_str_eq(config.egress_ips.items[1], "::1");
    ck_assert_int_eq(config.max_connections, 7);
}
END_TEST

START_TEST(localhost_is_an_address_too)
{
    ck_assert(PARSE("--data-directory=d", "--listen-address=localhost:1"));
    ck_assert_str_eq(config.listen_host, "127.0.0.1");
}
END_TEST

START_TEST(the_environment_says_what_flags_do_not)
{
    setenv("FRESHET_DATA_DIRECTORY", "from-environment", 1);
    setenv("FRESHET_MAX_CONNECTIONS", "11", 1);
    setenv("FRESHET_AUTH", "scram", 1);
    bool ok = PARSE("--max-connections=12");
    unsetenv("FRESHET_DATA_DIRECTORY");
    unsetenv("FRESHET_MAX_CONNECTIONS");
    unsetenv("FRESHET_AUTH");
    ck_assert_msg(ok, "%s", err.message);
    ck_assert_str_eq(config.data_directory, "from-environment");
    ck_assert_int_eq(config.max_connections, 12);
    ck_assert_int_eq(config.auth, AUTH_SCRAM);
}
END_TEST

START_TEST(a_bad_value_in_the_environment_is_named)
{
    setenv("FRESHET_AUTH", "maybe", 1);
    bool ok = PARSE("--data-directory=d");
    unsetenv("FRESHET_AUTH");
    ck_assert(!ok);
    ck_assert_str_eq(err.message, "invalid value \"maybe\" for --auth: it is trust or scram");
}
END_TEST

static const struct {
    const char *flag, *value;
} bad[] = {
    {"--data-directory", ""},
    {"--listen-address", ""},
    {"--listen-address", "127.0.0.1"},
    {"--listen-address", "127.0.0.1:"},
    {"--listen-address", "127.0.0.1:x"},
    {"--listen-address", "127.0.0.1:65536"},
    {"--listen-address", "127.0.0.1:-1"},
    {"--listen-address", ":1"},
    {"--listen-address", "[:1"},
    {"--listen-address", "example.com:1"},
    {"--listen-address", "256.0.0.1:1"},
    {"--http-listen-address", "x:1"},
    {"--auth", "md5"},
    {"--auth", ""},
    {"--allow-remote-without-authentication=", "perhaps"},
    {"--egress-ip", ""},
    {"--egress-ip", "10.0.0.0/33"},
    {"--egress-ip", "10.0.0.0/"},
    {"--egress-ip", "10.0.0.0/8x"},
    {"--egress-ip", "::1/129"},
    {"--egress-ip", "a-name-that-is-longer-than-any-address-could-possibly-be-in-its-longest-form/8"},
    {"--max-connections", "0"},
    {"--max-connections", "many"},
    {"--max-connections", ""},
    {"--max-connections", "100001"},
    {"--max-connections", "10k"},
};

START_TEST(a_bad_value_is_refused_with_the_name_of_its_flag)
{
    char text[256], name[64];
    snprintf(name, sizeof name, "%s", bad[_i].flag);
    name[strcspn(name, "=")] = '\0';
    snprintf(text, sizeof text, "%s=%s", name, bad[_i].value);
    ck_assert_msg(!PARSE("--data-directory=d", text), "%s was taken", text);
    ck_assert_str_eq(err.sqlstate, SQLSTATE_INVALID_PARAMETER_VALUE);
    ck_assert_ptr_nonnull(strstr(err.message, name));
    ck_assert_ptr_nonnull(strstr(err.message, bad[_i].value));
}
END_TEST

START_TEST(what_is_no_flag_is_refused)
{
    ck_assert(!PARSE("--data-directory=d", "--colour=red"));
    ck_assert_str_eq(err.message, "unknown flag \"--colour=red\"");
}
END_TEST

START_TEST(the_beginning_of_a_flag_is_not_the_flag)
{
    ck_assert(!PARSE("--data", "d"));
    ck_assert_str_eq(err.message, "unknown flag \"--data\"");
}
END_TEST

START_TEST(what_has_no_dashes_is_refused)
{
    ck_assert(!PARSE("start"));
    ck_assert_str_eq(err.message, "unexpected argument \"start\"");
}
END_TEST

START_TEST(a_flag_at_the_end_misses_its_value)
{
    ck_assert(!PARSE("--data-directory=d", "--auth"));
    ck_assert_str_eq(err.message, "flag \"--auth\" needs a value");
}
END_TEST

START_TEST(without_a_data_directory_nothing_starts)
{
    ck_assert(!PARSE("--auth=trust"));
    ck_assert_str_eq(err.message, "--data-directory is required");
}
END_TEST

START_TEST(a_certificate_needs_its_key)
{
    ck_assert(!PARSE("--data-directory=d", "--tls-cert=c"));
    ck_assert_str_eq(err.message, "--tls-cert and --tls-key go together");
}
END_TEST

START_TEST(trust_stays_on_the_loopback_unless_told_otherwise)
{
    ck_assert(!PARSE("--data-directory=d", "--listen-address=0.0.0.0:6875"));
    ck_assert_ptr_nonnull(strstr(err.message, "refusing to listen on 0.0.0.0 without authentication"));
    error_clear(&err);
    config_deinit(&config);
    ck_assert(PARSE("--data-directory=d", "--listen-address=0.0.0.0:6875", "--allow-remote-without-authentication"));
    config_deinit(&config);
    ck_assert(
        !PARSE("--data-directory=d", "--listen-address=0.0.0.0:6875", "--allow-remote-without-authentication=false"));
    error_clear(&err);
    config_deinit(&config);
    ck_assert(PARSE("--data-directory=d", "--listen-address=0.0.0.0:6875", "--auth=scram"));
}
END_TEST

START_TEST(help_and_version_need_nothing_else)
{
    ck_assert(PARSE("--help"));
    ck_assert(config.help);
    config_deinit(&config);
    ck_assert(PARSE("--version"));
    ck_assert(config.version);
}
END_TEST

START_TEST(the_help_names_every_flag)
{
    static const char *const names[] = {"data-directory",
                                        "listen-address",
                                        "http-listen-address",
                                        "auth",
                                        "allow-remote-without-authentication",
                                        "superuser-password-file",
                                        "tls-cert",
                                        "tls-key",
                                        "secret-key-file",
                                        "log-filter",
                                        "egress-ip",
                                        "max-connections",
                                        "help",
                                        "version"};
    ck_assert(PARSE("--help"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char flag[64];
        snprintf(flag, sizeof flag, "  --%s ", names[i]);
        ck_assert_msg(strstr(config_help(), flag) != NULL, "no %s", names[i]);
    }
}
END_TEST

Suite *suite_server_config(void);

Suite *
suite_server_config(void)
{
    Suite *suite = suite_create("server config");
    TCase *tcase = tcase_create("config");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_data_directory_is_all_that_must_be_said);
    tcase_add_test(tcase, every_flag_is_taken_with_a_space_and_with_an_equals_sign);
    tcase_add_test(tcase, localhost_is_an_address_too);
    tcase_add_test(tcase, the_environment_says_what_flags_do_not);
    tcase_add_test(tcase, a_bad_value_in_the_environment_is_named);
    tcase_add_loop_test(tcase, a_bad_value_is_refused_with_the_name_of_its_flag, 0, sizeof bad / sizeof *bad);
    tcase_add_test(tcase, what_is_no_flag_is_refused);
    tcase_add_test(tcase, the_beginning_of_a_flag_is_not_the_flag);
    tcase_add_test(tcase, what_has_no_dashes_is_refused);
    tcase_add_test(tcase, a_flag_at_the_end_misses_its_value);
    tcase_add_test(tcase, without_a_data_directory_nothing_starts);
    tcase_add_test(tcase, a_certificate_needs_its_key);
    tcase_add_test(tcase, trust_stays_on_the_loopback_unless_told_otherwise);
    tcase_add_test(tcase, help_and_version_need_nothing_else);
    tcase_add_test(tcase, the_help_names_every_flag);
    suite_add_tcase(suite, tcase);
    return suite;
}
