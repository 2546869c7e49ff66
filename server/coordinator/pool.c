#include "server/coordinator/coordinator_internal.h"

PoolJob *
pool_job_new(Coordinator *coordinator, Operation *operation, void (*run)(PoolJob *job), void (*done)(PoolJob *job))
{
    PoolJob *job = memory_calloc(1, sizeof *job);
    job->coordinator = coordinator;
    job->operation = operation;
    job->run = run;
    job->done = done;
    job->arena = arena_new();
    job->work.data = job;
    if (operation != NULL)
        operation->job = job;
    return job;
}

static void
pool_run(uv_work_t *work)
{
    PoolJob *job = work->data;
    job->run(job);
}

static void
pool_done(uv_work_t *work, int status)
{
    PoolJob *job = work->data;
    (void) status;
    Coordinator *coordinator = job->coordinator;
    for (size_t i = 0; i < coordinator->jobs.count; i++)
        if (coordinator->jobs.items[i] == job) {
            vector_remove(&coordinator->jobs, i);
            break;
        }
    if (job->operation != NULL)
        job->operation->job = NULL;
    job->done(job);
    arena_free(job->arena);
    error_clear(&job->error);
    free(job);
}

void
pool_job_start(PoolJob *job)
{
    vector_push(&job->coordinator->jobs, job);
    if (uv_queue_work(job->coordinator->loop, &job->work, pool_run, pool_done) != 0)
        bug("uv_queue_work refused a job");
}
