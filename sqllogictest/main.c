/*
 * sqllogictest [options] file-or-directory... -- runs test scripts; README.md has the language.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "sqllogictest/runner.h"

static const char usage[] =
    "usage: sqllogictest [options] file-or-directory...\n"
    "  --postgres            start a throw-away PostgreSQL: the upstream, or alone the server under test\n"
    "  --freshet PROGRAM     start Freshet on a temporary data directory\n"
    "  --freshet-option TEXT one more argument for Freshet (repeatable)\n"
    "  --url CONNINFO        run against a server that runs already\n"
    "  --system NAME         what onlyif and skipif compare with (repeatable; postgresql, and freshet for Freshet)\n"
    "  --materialized        each query also as a materialized view made before the first INSERT\n"
    "  --views N             at most so many of those a script (100)\n"
    "  --oracle              leave out what PostgreSQL itself does not pass: scripts run on the upstream first\n"
    "  --extended            queries through the extended protocol\n"
    "  --timeout SECONDS     for one statement (60)\n"
    "  --failures N          print at most so many failures a script (10)\n"
    "  --verbose             print each record as it runs\n";

typedef VECTOR(char *) Paths;

static void
interrupted(int signal)
{
    (void) signal;
    client_interrupted = 1;
}

static bool
is_script(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && (strcmp(dot, ".slt") == 0 || strcmp(dot, ".test") == 0);
}

static int
path_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

/* A file as it is; of a directory, the scripts in it and below it in order of name. */
static bool
collect(const char *path, Paths *paths, Error *err)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return error_set(err, SQLSTATE_IO_ERROR, "%s: %s", path, strerror(errno));
    }
    if (!S_ISDIR(status.st_mode)) {
        vector_push(paths, memory_strdup(path));
        return true;
    }
    DIR *directory = opendir(path);
    Paths found = {0};
    bool ok = directory != NULL;
    for (struct dirent *entry; ok && (entry = readdir(directory)) != NULL;) {
        Buffer child = {0};
        buffer_printf(&child, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && (entry->d_type == DT_DIR || is_script(entry->d_name))) {
            vector_push(&found, buffer_take(&child));
        }
        buffer_deinit(&child);
    }
    if (directory != NULL) {
        closedir(directory);
    }
    if (found.count > 0) {
        qsort(found.items, found.count, sizeof *found.items, path_compare);
    }
    for (size_t i = 0; i < found.count; i++) {
        ok = ok && collect(found.items[i], paths, err);
        free(found.items[i]);
    }
    vector_deinit(&found);
    return ok;
}

typedef struct Arguments {
    RunnerOptions options;
    Servers servers;
    const char *freshet_program;
    Names freshet_options;
    bool oracle;
} Arguments;

static const struct option known_options[] = {
    {"postgres", no_argument, NULL, 'p'},       {"freshet", required_argument, NULL, 'f'},
    {"url", required_argument, NULL, 'u'},      {"freshet-option", required_argument, NULL, 'o'},
    {"system", required_argument, NULL, 's'},   {"materialized", no_argument, NULL, 'm'},
    {"views", required_argument, NULL, 'n'},    {"extended", no_argument, NULL, 'e'},
    {"verbose", no_argument, NULL, 'v'},        {"timeout", required_argument, NULL, 't'},
    {"help", no_argument, NULL, 'h'},           {"oracle", no_argument, NULL, 'c'},

    {"failures", required_argument, NULL, 'x'}, {NULL, 0, NULL, 0},
};

static void
usage_exit(int status)
{
    fputs(usage, status == 0 ? stdout : stderr);
    exit(status);
}

static int
number_argument(void)
{
    char *end;
    long number = strtol(optarg, &end, 10);
    if (*end != '\0' || number <= 0 || number > 1000000) {
        fprintf(stderr, "sqllogictest: \"%s\" is not a number from 1 to 1000000\n", optarg);
        exit(2);
    }
    return (int) number;
}

static void
parse_arguments(Arguments *arguments, int argc, char **argv)
{
    RunnerOptions *options = &arguments->options;
    *options = (RunnerOptions){.views_max = 100, .timeout_ms = 60000, .failures_max = 10};
    for (int option; (option = getopt_long(argc, argv, "", known_options, NULL)) != -1;) {
        switch (option) {
        case 'p':
            arguments->servers.has_postgres = true;
            break;
        case 'f':
            arguments->freshet_program = optarg;
            break;
        case 'o':
            vector_push(&arguments->freshet_options, optarg);
            break;
        case 'u':
            arguments->servers.url = optarg;
            break;
        case 's':
            vector_push(&options->systems, optarg);
            break;
        case 'm':
            options->materialized = true;
            break;
        case 'n':
            options->views_max = number_argument();
            break;
        case 'e':
            options->extended = true;
            break;
        case 'c':
            arguments->oracle = true;
            break;
        case 'v':
            options->verbose = true;
            break;
        case 't':
            options->timeout_ms = number_argument() * 1000;
            break;
        case 'x':
            options->failures_max = number_argument();
            break;
        case 'h':
            usage_exit(0);
            break;
        default:
            usage_exit(2);
        }
    }
    bool has_server = arguments->servers.has_postgres || arguments->freshet_program != NULL;
    bool can_compare = arguments->servers.has_postgres && arguments->freshet_program != NULL;
    if (optind == argc || has_server == (arguments->servers.url != NULL) || (arguments->oracle && !can_compare)) {
        usage_exit(2);
    }
    if (options->systems.count == 0) {
        vector_push(&options->systems, "postgresql");
        if (arguments->freshet_program != NULL) {
            vector_push(&options->systems, "freshet");
        }
    }
}

static bool
start_servers(Arguments *arguments, Error *err)
{
    Servers *servers = &arguments->servers;
    if (arguments->freshet_program != NULL) {
        servers->has_freshet = true;
        freshet_init(&servers->freshet, arguments->freshet_program);
        for (size_t i = 0; i < arguments->freshet_options.count; i++) {
            freshet_add_option(&servers->freshet, arguments->freshet_options.items[i]);
        }
    }
    if (servers->has_postgres && !postgres_init(&servers->postgres, NULL, err)) {
        servers->has_postgres = false;
        return false;
    }
    return true;
}

static void
print_error(const Error *err)
{
    printf("%s\n%s%s", err->message, err->detail != NULL ? err->detail : "", err->detail != NULL ? "\n" : "");
}

/* Which records of the script PostgreSQL does not pass: an array on the heap. */
static bool *
run_oracle(const Script *script, Arguments *arguments)
{
    Runner runner;
    runner_init(&runner, &arguments->options, &arguments->servers);
    runner.oracle = true;
    runner.failures = memory_calloc(script->records.count + 1, sizeof *runner.failures);
    runner_run(&runner, script);
    runner_deinit(&runner);
    return runner.failures;
}

/* One script on servers of its own state; a script that cannot be read counts as one failure. */
static void
run_script(const char *path, Arguments *arguments, long *passed, long *failed)
{
    Script script;
    Runner runner;
    Error err = ERROR_INIT;
    int64_t started = clock_steady_us();
    runner_init(&runner, &arguments->options, &arguments->servers);
    if (script_read(&script, path, &err) && servers_reset(&arguments->servers, &err)) {
        bool *excused = arguments->oracle ? run_oracle(&script, arguments) : NULL;
        runner.excused = excused;
        runner_run(&runner, &script);
        free(excused);
    } else {
        print_error(&err);
        runner.failed++;
    }
    printf("%s %s: %ld passed, %ld failed, %.1f s\n", runner.failed == 0 ? "ok  " : "FAIL", path, runner.passed,
           runner.failed, (double) (clock_steady_us() - started) / 1e6);
    fflush(stdout);
    *passed += runner.passed;
    *failed += runner.failed;
    runner_deinit(&runner);
    script_deinit(&script);
    error_clear(&err);
}

int
main(int argc, char **argv)
{
    Arguments arguments = {0};
    Paths paths = {0};
    Error err = ERROR_INIT;
    long passed = 0;
    long failed = 0;
    parse_arguments(&arguments, argc, argv);
    struct sigaction action = {.sa_handler = interrupted};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    bool ok = true;
    for (int i = optind; ok && i < argc; i++) {
        ok = collect(argv[i], &paths, &err);
    }
    ok = ok && start_servers(&arguments, &err);
    if (!ok) {
        print_error(&err);
        failed = 1;
    }
    for (size_t i = 0; ok && i < paths.count && !client_interrupted; i++) {
        run_script(paths.items[i], &arguments, &passed, &failed);
    }
    servers_deinit(&arguments.servers);
    for (size_t i = 0; i < paths.count; i++) {
        free(paths.items[i]);
    }
    vector_deinit(&paths);
    vector_deinit(&arguments.options.systems);
    vector_deinit(&arguments.freshet_options);
    error_clear(&err);
    printf("%ld passed, %ld failed\n", passed, failed);
    return failed == 0 && !client_interrupted ? EXIT_SUCCESS : EXIT_FAILURE;
}
