#include "tests/lib/freshet.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "tests/lib/process.h"

enum { START_TIMEOUT_MS = 60000, STOP_TIMEOUT_MS = 30000 };

void
freshet_init(Freshet *freshet, const char *program)
{
    if (program == NULL) {
        program = getenv("FRESHET_PROGRAM");
    }
    *freshet = (Freshet){.port = port_free(), .http_port = port_free()};
    freshet->program = memory_strdup(program != NULL ? program : "build/freshet");
    freshet->directory = directory_new("server");
    Buffer path = {0};
    buffer_printf(&path, "%s/data", freshet->directory);
    freshet->data_directory = buffer_take(&path);
    buffer_printf(&path, "%s/freshet.log", freshet->directory);
    freshet->log_path = buffer_take(&path);
}

void
freshet_add_option(Freshet *freshet, const char *option)
{
    vector_push(&freshet->options, memory_strdup(option));
}

void
freshet_deinit(Freshet *freshet)
{
    freshet_kill(freshet);
    directory_remove(freshet->directory);
    free(freshet->program);
    free(freshet->directory);
    free(freshet->data_directory);
    free(freshet->log_path);
    for (size_t i = 0; i < freshet->options.count; i++) {
        free(freshet->options.items[i]);
    }
    vector_deinit(&freshet->options);
    *freshet = (Freshet){0};
}

static bool
fail_with_log(const Freshet *freshet, Error *err, const char *what, int status)
{
    char *tail = file_tail(freshet->log_path, 3000);
    if (WIFSIGNALED(status)) {
        error_set(err, SQLSTATE_SYSTEM_ERROR, "%s: killed by signal %d", what, WTERMSIG(status));
    } else {
        error_set(err, SQLSTATE_SYSTEM_ERROR, "%s: exit status %d", what, WEXITSTATUS(status));
    }
    error_detail(err, "%s", tail);
    free(tail);
    return false;
}

bool
freshet_start(Freshet *freshet, Error *err)
{
    char listen[32];
    char http[32];
    snprintf(listen, sizeof listen, "127.0.0.1:%d", freshet->port);
    snprintf(http, sizeof http, "127.0.0.1:%d", freshet->http_port);
    VECTOR(const char *) arguments = {0};
    vector_push(&arguments, freshet->program);
    vector_push(&arguments, "--data-directory");
    vector_push(&arguments, freshet->data_directory);
    vector_push(&arguments, "--listen-address");
    vector_push(&arguments, listen);
    vector_push(&arguments, "--http-listen-address");
    vector_push(&arguments, http);
    for (size_t i = 0; i < freshet->options.count; i++) {
        vector_push(&arguments, freshet->options.items[i]);
    }
    vector_push(&arguments, NULL);
    ProcessOptions options = {.log_path = freshet->log_path};
    int64_t started = clock_steady_us();
    bool ok = process_start(&freshet->pid, arguments.items, &options, err);
    vector_deinit(&arguments);
    while (ok && http_get(freshet->http_port, "/api/readyz", NULL) != 200) {
        int status = 0;
        if (process_wait(freshet->pid, 1, &status)) {
            freshet->pid = 0;
            return fail_with_log(freshet, err, "Freshet did not start", status);
        }
        if (clock_steady_us() - started > START_TIMEOUT_MS * 1000LL) {
            freshet_kill(freshet);
            return fail_with_log(freshet, err, "Freshet was not ready in a minute", 0);
        }
    }
    freshet->start_ms = (int) ((clock_steady_us() - started) / 1000);
    return ok;
}

bool
freshet_stop(Freshet *freshet, Error *err)
{
    if (freshet->pid == 0) {
        return true;
    }
    int status = process_stop(freshet->pid, SIGTERM, STOP_TIMEOUT_MS);
    freshet->pid = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return fail_with_log(freshet, err, "Freshet did not stop cleanly", status);
    }
    return true;
}

void
freshet_kill(Freshet *freshet)
{
    if (freshet->pid != 0) {
        process_stop(freshet->pid, SIGKILL, 10000);
        freshet->pid = 0;
    }
}

void
freshet_wipe(Freshet *freshet)
{
    freshet_kill(freshet);
    directory_remove(freshet->data_directory);
    remove(freshet->log_path);
}

bool
freshet_has_died(Freshet *freshet, Error *err)
{
    int status = 0;
    if (freshet->pid == 0 || !process_wait(freshet->pid, 0, &status)) {
        return false;
    }
    freshet->pid = 0;
    fail_with_log(freshet, err, "Freshet died", status);
    return true;
}

char *
freshet_conninfo(const Freshet *freshet, const char *database)
{
    Buffer text = {0};
    buffer_printf(&text, "host=127.0.0.1 port=%d user=materialize dbname=%s sslmode=disable", freshet->port,
                  database != NULL ? database : "materialize");
    return buffer_take(&text);
}
