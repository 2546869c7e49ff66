/* An idle server: how soon it is ready on an empty directory, and what it holds in memory. */
#include <stdio.h>

#include "bench/bench.h"
#include "tests/lib/process.h"

void
bench_idle(Bench *bench)
{
    Samples ready = {0};
    char text[64];
    for (int i = 0; i < bench->runs; i++) {
        bench_start_freshet(bench);
        vector_push(&ready, bench->freshet.start_ms);
    }
    double ms = samples_at(&ready, 0.5);
    snprintf(text, sizeof text, "%.0f ms", ms);
    report("ready on an empty directory", text, "100 ms", ms / 100, "<= 1", ms <= 100);
    sleep_ms(2000);
    double mib = (double) process_resident_kib(bench->freshet.pid) / 1024;
    snprintf(text, sizeof text, "%.1f MB", mib);
    report("idle, resident", text, "20 MB", mib / 20, "<= 1", mib <= 20);
    vector_deinit(&ready);
}
