/*
 * process.h -- child processes, free ports and temporary directories for tests.
 *
 * (1) A child dies with the thread that started it, however that ends: nothing is left running.
 * (2) Ports handed out lie below 32768: above, a client's own socket may sit on them.
 *
 * One thread.
 */
#ifndef FRESHET_TESTS_LIB_PROCESS_H
#define FRESHET_TESTS_LIB_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"

typedef struct ProcessOptions {
    const char *user;      /* run as this user when we are root; NULL: as ourselves */
    const char *log_path;  /* gets standard output and error, appended; NULL: ours */
    const char *directory; /* to start in; NULL: ours */
} ProcessOptions;

/* `arguments` ends with NULL; the first is searched in PATH. */
MUST_CHECK bool process_start(pid_t *pid, const char *const *arguments, const ProcessOptions *options, Error *err);

/* True when the process ended within the time, with its wait status. The pid is gone afterwards. */
bool process_wait(pid_t pid, int timeout_ms, int *status);

/* Sends the signal, waits, and kills when that takes longer than the time. Status as of waitpid. */
int process_stop(pid_t pid, int signal, int timeout_ms);

/* Starts and waits for success; the error carries the end of the log. */
MUST_CHECK bool process_run(const char *const *arguments, const ProcessOptions *options, int timeout_ms, Error *err);

/* Resident memory in KiB, 0 when the process is gone. */
long process_resident_kib(pid_t pid);

/* A heap string of the last lines of a file, for messages; empty when it cannot be read. */
char *file_tail(const char *path, size_t bytes);

/* The whole file as a heap string; NULL when it cannot be read. */
char *file_read(const char *path);
MUST_CHECK bool file_write(const char *path, const char *text, Error *err);

int port_free(void); /* on 127.0.0.1; ends the process when there is none */

/* Heap string: a new directory under TMPDIR (or /tmp) that everybody may enter. */
char *directory_new(const char *name);
void directory_remove(const char *path); /* with all in it; NULL is allowed */

void sleep_ms(int ms);

/* GET of a path on 127.0.0.1: the status code, 0 when nothing answers; the body when it is asked for. */
int http_get(int port, const char *path, Buffer *body);

#endif
