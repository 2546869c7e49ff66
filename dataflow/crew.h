/*
 * crew.h -- threads that help a worker with one piece of work at a time: it hands out as many parts as there are members, does the
 * first one itself, and goes on when all are done.
 *
 * The threads are started by the first crew_run and sleep in between. crew_run belongs to the worker's thread.
 */
#ifndef FRESHET_DATAFLOW_CREW_H
#define FRESHET_DATAFLOW_CREW_H

#define CREW_MAX 16

typedef struct Crew Crew;

/* As many members as the machine has processors, the caller among them; at most CREW_MAX. */
Crew *crew_new(void);
void crew_free(Crew *crew); /* waits for the threads; NULL is allowed */
int crew_size(const Crew *crew);
/* work(context, 0) to work(context, parts - 1), each by a thread of its own; parts is at most crew_size. */
void crew_run(Crew *crew, int parts, void (*work)(void *context, int part), void *context);

#endif
