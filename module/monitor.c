/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/*
 * Go's monitor thread (sysmon) is let sleep. Left alone it wakes every 20 us while requests come and go, takes the P from threads that are in httpd's code
 * and, as a call from C never passes Go's scheduler, interrupts each request that it finds: that one goes on after two switches of threads, for which
 * the runtime starts threads without end (docs/internals.md, "Threads"). With a P for every thread nothing needs the monitor.
 *
 * A thread inherits its timer slack from the one that creates it, and may change only its own. So Go's way to create threads is wrapped (cgo.go tells the linker).
 */

#include <pthread.h>
#include <sys/prctl.h>

/* How late the monitor may wake. It still asks for a collection every other minute and gives memory back. */
#define MONITOR_SLACK_NS 10000000000UL

/* The runtime creates its main thread first, and the monitor from that one, before anything else. TestHost_MonitorSleeps notices if that changes. */
#define MONITOR 2

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    static int created;
    int rc, slack = 0, monitor = __atomic_add_fetch(&created, 1, __ATOMIC_RELAXED) == MONITOR;

    if (monitor) {
        slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
        prctl(PR_SET_TIMERSLACK, MONITOR_SLACK_NS, 0, 0, 0);
    }
    rc = __real_pthread_create(thread, attr, start, arg);
    if (monitor) /* 0 is the default of the process */
        prctl(PR_SET_TIMERSLACK, slack > 0 ? (unsigned long)slack : 0UL, 0, 0, 0);
    return rc;
}
