#include "tests/lib/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

static _Noreturn void
child_run(const char *const *arguments, const ProcessOptions *options, const struct passwd *user, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL); /* what the parent blocks is its own affair */
    setpgid(0, 0); /* an interrupt at the terminal is for the test program, which stops its children in order */
    if (options->log_path != NULL) {
        int log = open(options->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0) {
            _exit(126);
        }
    }
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0) {
        dup2(nothing, STDIN_FILENO);
    }
    if (user != NULL && (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
        _exit(126);
    }
    if (options->directory != NULL && chdir(options->directory) != 0) {
        _exit(126);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* after setuid, which clears it */
    if (getppid() != parent) {
        _exit(126);
    }
    execvp(arguments[0], (char *const *) arguments);
    dprintf(STDERR_FILENO, "%s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

bool
process_start(pid_t *pid, const char *const *arguments, const ProcessOptions *options, Error *err)
{
    struct passwd *user = NULL;
    if (options->user != NULL && geteuid() == 0) {
        user = getpwnam(options->user);
        if (user == NULL) {
            return error_set(err, SQLSTATE_SYSTEM_ERROR, "no user \"%s\" to run %s as", options->user, arguments[0]);
        }
    }
    fflush(NULL);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) {
        return error_set(err, SQLSTATE_SYSTEM_ERROR, "could not fork: %s", strerror(errno));
    }
    if (child == 0) {
        child_run(arguments, options, user, parent);
    }
    *pid = child;
    return true;
}

bool
process_wait(pid_t pid, int timeout_ms, int *status)
{
    int64_t deadline = clock_steady_us() + (int64_t) timeout_ms * 1000;
    for (int pause_ms = 1;;) {
        pid_t ended = waitpid(pid, status, WNOHANG);
        if (ended == pid || (ended < 0 && errno == ECHILD)) {
            return true;
        }
        if (clock_steady_us() >= deadline) {
            return false;
        }
        sleep_ms(pause_ms);
        pause_ms = pause_ms < 20 ? pause_ms * 2 : 20;
    }
}

int
process_stop(pid_t pid, int signal, int timeout_ms)
{
    int status = 0;
    kill(pid, signal);
    if (!process_wait(pid, timeout_ms, &status)) {
        kill(pid, SIGKILL);
        process_wait(pid, 10000, &status);
    }
    return status;
}

bool
process_run(const char *const *arguments, const ProcessOptions *options, int timeout_ms, Error *err)
{
    pid_t pid;
    int status = 0;
    if (!process_start(&pid, arguments, options, err)) {
        return false;
    }
    if (!process_wait(pid, timeout_ms, &status)) {
        process_stop(pid, SIGKILL, 1000);
        return error_set(err, SQLSTATE_SYSTEM_ERROR, "%s took longer than %d ms", arguments[0], timeout_ms);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        char *tail = options->log_path != NULL ? file_tail(options->log_path, 2000) : NULL;
        error_set(err, SQLSTATE_SYSTEM_ERROR, "%s failed with status %d", arguments[0], status);
        if (tail != NULL && tail[0] != '\0') {
            error_detail(err, "%s", tail);
        }
        free(tail);
        return false;
    }
    return true;
}

long
process_resident_kib(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", (int) pid);
    char *text = file_read(path);
    if (text == NULL) {
        return 0;
    }
    const char *line = strstr(text, "VmRSS:");
    long kib = line != NULL ? strtol(line + strlen("VmRSS:"), NULL, 10) : 0;
    free(text);
    return kib;
}

char *
file_read(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return NULL;
    }
    Buffer text = {0};
    for (;;) {
        char *room = buffer_reserve(&text, 65536);
        size_t got = fread(room, 1, 65536, file);
        text.size += got;
        if (got == 0) {
            break;
        }
    }
    fclose(file);
    return buffer_take(&text);
}

char *
file_tail(const char *path, size_t bytes)
{
    char *text = file_read(path);
    if (text == NULL) {
        return memory_strdup("");
    }
    size_t size = strlen(text);
    if (size > bytes) {
        const char *from = text + size - bytes;
        const char *line = strchr(from, '\n');
        char *tail = memory_strdup(line != NULL ? line + 1 : from);
        free(text);
        return tail;
    }
    return text;
}

bool
file_write(const char *path, const char *text, Error *err)
{
    FILE *file = fopen(path, "we");
    if (file == NULL || fputs(text, file) < 0) {
        if (file != NULL) {
            fclose(file);
        }
        return error_set(err, SQLSTATE_IO_ERROR, "could not write \"%s\": %s", path, strerror(errno));
    }
    fclose(file);
    return true;
}

int
port_free(void)
{
    static unsigned state;
    if (state == 0) {
        state = (unsigned) clock_steady_us() * 2654435761u ^ (unsigned) getpid() * 40503u;
    }
    for (int tries = 0; tries < 1000; tries++) {
        state = state * 1103515245u + 12345u;
        int port = 12000 + (int) ((state >> 8) % 20000);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        bool is_free = fd >= 0 && bind(fd, (struct sockaddr *) &address, sizeof address) == 0;
        close(fd);
        if (is_free) {
            return port;
        }
    }
    fprintf(stderr, "no free port\n");
    exit(2);
}

char *
directory_new(const char *name)
{
    const char *root = getenv("TMPDIR");
    Buffer path = {0};
    buffer_printf(&path, "%s/freshet-%s-XXXXXX", root != NULL ? root : "/tmp", name);
    char *made = buffer_take(&path);
    if (mkdtemp(made) == NULL || chmod(made, 0755) != 0) {
        fprintf(stderr, "could not make directory \"%s\": %s\n", made, strerror(errno));
        exit(2);
    }
    return made;
}

static int
remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void) status;
    (void) kind;
    (void) walk;
    remove(path);
    return 0;
}

void
directory_remove(const char *path)
{
    if (path != NULL) {
        nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
    }
}

void
sleep_ms(int ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long) (ms % 1000) * 1000000};
    while (nanosleep(&time, &time) != 0 && errno == EINTR) {
    }
}

int
http_get(int port, const char *path, Buffer *body)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval patience = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    Buffer answer = {0};
    int status = 0;
    if (connect(fd, (struct sockaddr *) &address, sizeof address) == 0) {
        dprintf(fd, "GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", path);
        for (;;) {
            char *room = buffer_reserve(&answer, 16384);
            ssize_t got = recv(fd, room, 16384, 0);
            if (got <= 0) {
                break;
            }
            answer.size += (size_t) got;
        }
    }
    close(fd);
    const char *text = buffer_text(&answer);
    if (sscanf(text, "HTTP/%*d.%*d %d", &status) != 1) {
        status = 0;
    }
    const char *end = strstr(text, "\r\n\r\n");
    if (body != NULL && end != NULL) {
        buffer_append_text(body, end + 4);
    }
    buffer_deinit(&answer);
    return status;
}
