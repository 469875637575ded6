/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/*
 * mod_bench.c: what the benchmark needs inside httpd.
 *
 * The floor: "BenchFloor" answers all requests by itself what the container of the benchmark would, so that the difference between
 * a connector and the floor is the connector's own cost. Like a connector it claims the URI before httpd looks for a file, reads
 * the request body, and sends a body of the size that the path ends with, from memory that nobody has to copy.
 *
 * The stopwatch: how long the child_init hooks of all modules take together, and how much CPU, is written to the error log, in
 * microseconds.
 */
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

module AP_MODULE_DECLARE_DATA bench_module;

enum
{
    MAX_SIZE = 64 << 20 /* largest response body */
};

static char *body;       /* what every response is a part of */
static apr_time_t begun; /* of this child's child_init */
static apr_time_t used;  /* CPU before it */

static int answering; /* BenchFloor was said */

static int claim(request_rec *r)
{
    (void)r;
    return answering ? OK : DECLINED;
}

/* size_of returns the number that a path ends with, 0 if there is none. */
static apr_size_t size_of(const char *path)
{
    const char *end = path + strlen(path);
    apr_int64_t n;
    while (end > path && apr_isdigit(end[-1]))
        end--;
    n = apr_atoi64(end);
    return n < 0 || n > MAX_SIZE ? 0 : (apr_size_t)n;
}

static int handle(request_rec *r)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade;
    apr_size_t size = size_of(r->uri);
    int status;
    if (!answering)
        return DECLINED;
    if ((status = ap_discard_request_body(r)) != OK)
        return status;
    ap_set_content_type(r, "text/plain");
    ap_set_content_length(r, (apr_off_t)size);
    brigade = apr_brigade_create(r->pool, alloc);
    if (size > 0)
        APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_immortal_create(body, size, alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    return ap_pass_brigade(r->output_filters, brigade) == APR_SUCCESS ? OK : AP_FILTER_ERROR;
}

/* post_config makes the body: pages that no child touches cost nothing. */
static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    (void)plog;
    (void)ptemp;
    (void)s;
    (void)pconf;
    if (!body)
        body = calloc(1, MAX_SIZE);
    return body ? OK : HTTP_INTERNAL_SERVER_ERROR;
}

/* cpu_time is what this process has used, in microseconds. */
static apr_time_t cpu_time(void)
{
    struct rusage u;
    if (getrusage(RUSAGE_SELF, &u))
        return 0;
    return apr_time_from_sec(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static void start_watch(apr_pool_t *pool, server_rec *s)
{
    (void)pool;
    (void)s;
    begun = apr_time_now();
    used = cpu_time();
}

static void stop_watch(apr_pool_t *pool, server_rec *s)
{
    (void)pool;
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                 "bench: child_init took %" APR_TIME_T_FMT " us, %" APR_TIME_T_FMT " us of CPU", apr_time_now() - begun,
                 cpu_time() - used);
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(start_watch, NULL, NULL, APR_HOOK_REALLY_FIRST - 1);
    ap_hook_child_init(stop_watch, NULL, NULL, APR_HOOK_REALLY_LAST + 1);
    ap_hook_translate_name(claim, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_map_to_storage(claim, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_FIRST);
}

static const char *set_answering(cmd_parms *cmd, void *conf)
{
    (void)cmd;
    (void)conf;
    answering = 1;
    return NULL;
}

static const command_rec directives[] = {
    AP_INIT_NO_ARGS("BenchFloor", set_answering, NULL, RSRC_CONF, "answer all requests"),
    {NULL},
};

AP_DECLARE_MODULE(bench) = {STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, directives, register_hooks};
