/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/*
 * A host that is not httpd: formats a mapping in a forked checker, loads the library as a child does, sends requests through it and counts what
 * crosses. Usage: stubhost LIBRARY PORT METHOD BODY_BYTES REQUESTS
 * Prints one line: map=N serve=N respond=N read_body=N status=LAST body=BYTES monitor=N, then stops the library. The last is how often Go's monitor
 * thread went to sleep while there were requests.
 */
#include "mod_gojk.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct
{
#define GOJK_EXPORT_MEMBER(ret, name, params) ret(*name) params;
    GOJK_EXPORTS(GOJK_EXPORT_MEMBER)
} go;

static struct
{
    unsigned map, serve, respond, read_body;
    size_t body;
} count;

static size_t body_left;

static int gojk_host_respond(gojk_request *request, const gojk_response *response)
{
    size_t i;

    (void)request;
    count.respond++;
    for (i = 0; i < response->body.len; i++)
        count.body += response->body.data[i].len;
    return 0;
}

static int64_t gojk_host_read_body(gojk_request *request, void *buf, size_t len, int wait)
{
    size_t n = len < body_left ? len : body_left;

    (void)request;
    (void)wait;
    count.read_body++;
    memset(buf, 'b', n);
    body_left -= n;
    return (int64_t)n;
}

static void gojk_host_log(int32_t level, gojk_str line)
{
    if (level >= GOJK_LOG_WARN)
        fprintf(stderr, "log %d: %.*s\n", level, (int)line.len, line.data);
}

static const gojk_host host = {GOJK_ABI, sizeof(gojk_host),
#define GOJK_HOST_POINTER(ret, name, params) gojk_host_##name,
                               GOJK_HOST_CALLS(GOJK_HOST_POINTER)};

static gojk_str str(const char *s)
{
    return (gojk_str){s, strlen(s)};
}

static char *put(char *at, const void *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

/* put_record writes a record with strings up to a NULL. */
static char *put_record(char *at, uint32_t kind, uint32_t a, uint32_t b, const char *const *strings)
{
    gojk_record r = {kind, 0, 0, a, b, 0};
    const char *const *s;

    for (s = strings; *s; s++)
        r.strings++;
    at = put(at, &r, sizeof(r));
    for (s = strings; *s; s++) {
        uint32_t n = (uint32_t)strlen(*s);

        at = put(put(at, &n, sizeof(n)), *s, n + 1);
    }
    return at;
}

static void configure(char *mapping, const char *port)
{
    gojk_shm_header *header = (gojk_shm_header *)mapping;
    char *slot = mapping + GOJK_SHM_CONFIG_OFFSET, *at = slot;
    char text[512];

    snprintf(
        text, sizeof(text),
        "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a\nworker.a.host=127.0.0.1\nworker.a.port=%s\n",
        port);
    at = put_record(at, GOJK_RECORD_ROOT, 1, 0, (const char *[]){"/", "stub host", "mod_gojk/test", NULL});
    at = put_record(at, GOJK_RECORD_SERVER, 0, 2, (const char *[]){"stub", NULL});
    at = put_record(at, GOJK_RECORD_DIRECTIVE, 0, 0,
                    (const char *[]){"stub.conf", "JkWorkersFile", "w.properties", NULL});
    at = put_record(at, GOJK_RECORD_DIRECTIVE, 0, 0, (const char *[]){"stub.conf", "JkLogLevel", "error", NULL});
    at = put_record(at, GOJK_RECORD_DIRECTIVE, 0, 0, (const char *[]){"stub.conf", "JkMount", "/*", "lb", NULL});
    at = put_record(at, GOJK_RECORD_FILE, 0, 0, (const char *[]){"JkWorkersFile", "w.properties", text, NULL});
    *header = (gojk_shm_header){
        GOJK_SHM_MAGIC, GOJK_SHM_LAYOUT, (uint32_t)getpid(), 1, GOJK_SHM_SIZE, 0, {(uint64_t)(at - slot), 0}};
}

static void load(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

    if (!handle) {
        fprintf(stderr, "%s\n", dlerror());
        exit(3);
    }
#define GOJK_RESOLVE(ret, name, params) *(void **)&go.name = dlsym(handle, "gojk_go_" #name);
    GOJK_EXPORTS(GOJK_RESOLVE)
    if (go.abi() != GOJK_ABI)
        exit(4);
}

/* check formats the mapping in a process of its own, as httpd's parent does. */
static void check(const char *library, void *mapping)
{
    gojk_check order = {mapping, NULL, {NULL, 0}};
    int status;

    if (fork() == 0) {
        load(library);
        _exit(go.check(&host, &order));
    }
    if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "check failed: %d\n", status);
        exit(5);
    }
}

static int request(const char *method, size_t body)
{
    char normalised[64], length[24];
    gojk_header headers[] = {{str("Host"), str("localhost")},
                             {str("User-Agent"), str("stub")},
                             {str("Cookie"), str("JSESSIONID=0123456789ABCDEF.a")},
                             {str("Content-Length"), {length, 0}}};
    gojk_map_query q = {.uri = str("/app/index.jsp"), .normalised = normalised};
    gojk_request r;
    gojk_served served;
    size_t n = body ? 4 : 3;

    count.map++;
    if (go.map(&q) != GOJK_MAP_HIT)
        return -100;
    memset(&r, 0, sizeof(r));
    memset(&served, 0, sizeof(served));
    r.served = &served;
    r.method = str(method);
    r.protocol = str("HTTP/1.1");
    r.uri = r.unparsed_uri = q.uri;
    r.remote_addr = r.local_addr = str("127.0.0.1");
    r.remote_port = 4711;
    r.server_name = str("localhost");
    r.server_port = 80;
    r.worker_name = str(q.worker_name);
    r.worker = q.worker;
    r.rule = q.rule;
    r.epoch = q.epoch;
    r.content_length = body ? (int64_t)body : -1;
    headers[3].value.len = (size_t)snprintf(length, sizeof(length), "%zu", body);
    r.headers = (gojk_headers){headers, n, n};
    body_left = body;
    count.serve++;
    return go.serve(&r);
}

/* sleeps_of_monitor reads how often the third thread has slept. The kernel lists threads as they began: the host's, Go's main thread, Go's monitor. */
static long sleeps_of_monitor(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *e;
    FILE *status = NULL;
    char text[300];
    long n = -1;
    int nth = 0;

    while (tasks && nth < 3 && (e = readdir(tasks)))
        nth += e->d_name[0] != '.';
    if (nth == 3) {
        snprintf(text, sizeof(text), "/proc/self/task/%s/status", e->d_name);
        status = fopen(text, "r");
    }
    while (status && n < 0 && fgets(text, sizeof(text), status))
        sscanf(text, "voluntary_ctxt_switches: %ld", &n);
    if (n < 0)
        exit(7);
    fclose(status);
    closedir(tasks);
    return n;
}

int main(int argc, char **argv)
{
    void *mapping =
        mmap(NULL, GOJK_SHM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    gojk_server server = {.mounted = 0};
    gojk_child child = {mapping, &server, 1, 1};
    gojk_engine engine;
    long slept;
    int i, status = 0;

    if (argc != 6 || mapping == MAP_FAILED)
        return 2;
    configure(mapping, argv[2]);
    check(argv[1], mapping);
    load(argv[1]);
    engine = go.init(&host, &child);
    if (!engine || !server.mounted)
        return 6;
    slept = sleeps_of_monitor();
    for (i = 0; i < atoi(argv[5]); i++)
        status = request(argv[3], (size_t)atol(argv[4]));
    printf("map=%u serve=%u respond=%u read_body=%u status=%d body=%zu monitor=%ld\n", count.map, count.serve, count.respond,
           count.read_body, status, count.body, sleeps_of_monitor() - slept);
    go.stop(engine, 1000);
    return 0;
}
