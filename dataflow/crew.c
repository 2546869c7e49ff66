#include "dataflow/crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct Member {
    Crew *crew;
    int part;
    pthread_t thread;
} Member;

struct Crew {
    int size, started; /* the caller counts as one */
    Member members[CREW_MAX];
    pthread_mutex_t lock;
    pthread_cond_t begun, done;
    unsigned round; /* of work; members wait for the next one */
    int parts, left;
    bool stopping;
    void (*work)(void *context, int part);
    void *context;
};

Crew *
crew_new(void)
{
    Crew *crew = memory_calloc(1, sizeof *crew);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    crew->size = processors < 1 ? 1 : processors > CREW_MAX ? CREW_MAX : (int) processors;
    crew->started = 1;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->begun, NULL);
    pthread_cond_init(&crew->done, NULL);
    return crew;
}

int
crew_size(const Crew *crew)
{
    return crew->size;
}

static void *
member_main(void *context)
{
    Member *member = context;
    Crew *crew = member->crew;
    unsigned seen = 0;
    pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (crew->round == seen && !crew->stopping)
            pthread_cond_wait(&crew->begun, &crew->lock);
        if (crew->stopping)
            break;
        seen = crew->round;
        if (member->part >= crew->parts)
            continue;
        pthread_mutex_unlock(&crew->lock);
        crew->work(crew->context, member->part);
        pthread_mutex_lock(&crew->lock);
        if (--crew->left == 0)
            pthread_cond_signal(&crew->done);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* Signals are the event loop's. */
static void
start_members(Crew *crew, int size)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (; crew->started < size; crew->started++) {
        Member *member = &crew->members[crew->started];
        *member = (Member){.crew = crew, .part = crew->started};
        if (pthread_create(&member->thread, NULL, member_main, member) != 0)
            bug("a cluster's helping thread cannot be started");
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void
crew_run(Crew *crew, int parts, void (*work)(void *context, int part), void *context)
{
    if (parts == 1) {
        work(context, 0);
        return;
    }
    pthread_mutex_lock(&crew->lock);
    crew->work = work;
    crew->context = context;
    crew->parts = parts;
    crew->left = parts - 1;
    /* A member that starts now finds the round begun: it has seen none. */
    if (crew->started < parts)
        start_members(crew, parts);
    crew->round++;
    pthread_cond_broadcast(&crew->begun);
    pthread_mutex_unlock(&crew->lock);
    work(context, 0);
    pthread_mutex_lock(&crew->lock);
    while (crew->left > 0)
        pthread_cond_wait(&crew->done, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

void
crew_free(Crew *crew)
{
    if (crew == NULL)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->stopping = true;
    pthread_cond_broadcast(&crew->begun);
    pthread_mutex_unlock(&crew->lock);
    for (int i = 1; i < crew->started; i++)
        pthread_join(crew->members[i].thread, NULL);
    pthread_mutex_destroy(&crew->lock);
    pthread_cond_destroy(&crew->begun);
    pthread_cond_destroy(&crew->done);
    free(crew);
}
