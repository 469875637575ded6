/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/*
 * A library without Go, to drive the shim alone. STUB chooses: GOOD answers every /stub/ request itself, MISSING lacks a call, WRONG_ABI
 * was built from another mod_gojk.h, REFUSES finds the configuration bad, NO_INIT cannot start in a child.
 */
#include "mod_gojk.h"

#include <string.h>

#define GOOD 0
#define MISSING 1
#define WRONG_ABI 2
#define REFUSES 3
#define NO_INIT 4

static const gojk_host *host;

static gojk_str str(const char *s)
{
    return (gojk_str){s, strlen(s)};
}

uint32_t gojk_go_abi(void)
{
    return STUB == WRONG_ABI ? GOJK_ABI + 1 : GOJK_ABI;
}

int gojk_go_check(gojk_host_ref h, gojk_check_ref check)
{
    const gojk_shm_header *header = check->mapping;

    if (header->magic != GOJK_SHM_MAGIC || header->config_length[0] == 0)
        return 2;
    if (STUB == REFUSES) {
        h->log(GOJK_LOG_ERROR, str("workers.properties:7: the stub refuses"));
        return 1;
    }
    return 0;
}

gojk_engine gojk_go_init(gojk_host_ref h, gojk_child_ref child)
{
    host = h;
    if (h->abi != GOJK_ABI || h->size != sizeof(*h) || child->threads < 1 || STUB == NO_INIT)
        return NULL;
    for (uint32_t i = 0; i < child->servers; i++) {
        child->server[i].mounted = 1;
        child->server[i].worker_variable = str("STUB_VARIABLE");
    }
    return &host;
}

int gojk_go_map(gojk_map_query *q)
{
    if (q->uri.len < 6 || memcmp(q->uri.data, "/stub/", 6) != 0)
        return GOJK_MAP_MISS;
    memcpy(q->normalised, q->uri.data, q->uri.len + 1);
    strcpy(q->worker_name, "stub");
    q->worker = q->rule = q->epoch = 0;
    return GOJK_MAP_HIT;
}

/* echo answers with what the client sent. */
static int echo(gojk_request *q)
{
    static const gojk_header type = {{"Content-Type", 12}, {"TEXT/Plain; charset=UTF-8", 25}};
    gojk_response head = {.headers = {&type, 1, 1}, .status = 200, .flags = GOJK_RESP_HEAD};
    char buf[4096];
    int64_t n;

    if (host->respond(q, &head) != 0)
        return GOJK_SERVE_CLIENT_GONE;
    while ((n = host->read_body(q, buf, sizeof(buf), 1)) > 0) {
        gojk_str chunk = {buf, (size_t)n};
        gojk_response part = {.body = {&chunk, 1, 1}};

        if (host->respond(q, &part) != 0)
            return GOJK_SERVE_CLIENT_GONE;
    }
    return n < 0 ? 400 : host->respond(q, &(gojk_response){.flags = GOJK_RESP_END});
}

int gojk_go_serve(gojk_request *q)
{
    static const char notes[] = "JK_WORKER_TYPE\0ajp13\0JK_WORKER_ROUTE\0stubroute";
    gojk_str body[2] = {str("stub "), q->method};
    gojk_header header = {str("X-Stub"), q->server_name};
    gojk_response whole = {.reason = str("Fine"),
                           .headers = {&header, 1, 1},
                           .body = {body, 2, 2},
                           .status = 200,
                           .flags = GOJK_RESP_HEAD | GOJK_RESP_END};

    memcpy(q->served->notes, notes, sizeof(notes));
    q->served->used = sizeof(notes);
    q->served->route = sizeof(notes) - sizeof("stubroute");
    if (q->uri.len == 10 && !memcmp(q->uri.data, "/stub/echo", 10))
        return echo(q);
    if (q->uri.len == 12 && !memcmp(q->uri.data, "/stub/broken", 12)) {
        whole.flags = GOJK_RESP_HEAD | GOJK_RESP_FLUSH;
        host->respond(q, &whole);
        return GOJK_SERVE_BROKEN;
    }
    if (q->uri.len == 9 && !memcmp(q->uri.data, "/stub/409", 9))
        return 409;
    return host->respond(q, &whole) == 0 ? GOJK_SERVE_DONE : GOJK_SERVE_CLIENT_GONE;
}

void gojk_go_log_request(gojk_log_entry_ref entry)
{
    (void)entry;
}

#if STUB != MISSING
void gojk_go_stop(gojk_engine engine, uint32_t deadline_ms)
{
    (void)engine;
    (void)deadline_ms;
    host->log(GOJK_LOG_WARN, str("the stub was stopped"));
}
#endif
