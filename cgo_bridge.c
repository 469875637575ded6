/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/*
 * cgo_bridge.c: the shim between httpd and the Go library. It keeps directives as strings, creates the shared mapping,
 * loads libgojk.so in each child (never in the parent: a Go runtime does not survive fork), hands requests over and
 * puts responses into httpd's filter chain. Whatever needs thinking happens in Go. The boundary is mod_gojk.h.
 *
 * Sections: state, library, configuration records, directives, mapping and checker, start and child, fallback,
 * response, request, hooks.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "mod_gojk.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ap_mpm.h"
#include "apr_date.h"
#include "apr_lib.h"
#include "apr_optional.h"
#include "apr_portable.h"
#include "apr_strings.h"
#include "http_config.h"
#include "http_connection.h"
#include "http_core.h"
#include "http_log.h"
#include "http_main.h"
#include "http_protocol.h"
#include "http_request.h"
#include "mpm_common.h"
#include "httpd.h"
#include "util_filter.h"
#include "util_script.h"

#ifndef __GLIBC__
#error "mod_gojk needs glibc: a Go library cannot be loaded at run time with another C library (golang/go#54805)"
#endif

#define GOJK_VERSION "0.1.0"
#define GOJK_HANDLER "jakarta-servlet"
#define GOJK_LIBRARY "libgojk.so"
#define MOD_JK "mod_jk.c"
#define GOJK_GENERATION_KEY "mod_gojk generation"
#define GOJK_CHECK_SECONDS 60
#define GOJK_STOP_MS 1000u

/* GOJK_RESET_US is how long mod_http2 may take to mark the connection of a stream that was reset. */
#define GOJK_RESET_US 2000
#define GOJK_FILE_MAX ((apr_off_t)GOJK_SHM_CONFIG_SLOT / 2)
#define GOJK_NO_FD 0xffffffffu

/* The only exported symbol. */
extern module AP_MODULE_DECLARE_DATA gojk_module __attribute__((visibility("default")));

APLOG_USE_MODULE(gojk);

/* ---- state --------------------------------------------------------------------------------------------------------- */

/* A directive that Go interprets, kept as written. */
typedef struct directive
{
    const char *file;
    int line;
    const char *name;
    const char *arg[2]; /* arg[1] may be NULL */
} directive;

/* What a server (main or virtual host) was configured with. Written while httpd configures, read only afterwards. */
typedef struct server_conf
{
    server_rec *server;
    apr_array_header_t *directives; /* of directive */
    uint32_t index;                 /* 0 for the main server */
    uint32_t log_fd;
    int mount_copy; /* -1 not set, 0 Off, 1 On, 2 All */
    const char *log_file;
    const char *workers_file; /* main server only, as shm_file */
    const char *shm_file;
    const char *mount_file;
    const char *mount_text; /* content of mount_file when httpd started, NULL if it could not be read or holds a NUL */
    int mount_line;
} server_conf;

/* What is known of a mapped request, in r->request_config. */
typedef struct mapped_request
{
    const char *uri; /* r->uri before normalisation */
    const char *worker_name;
    uint32_t worker;
    uint32_t rule;
    uint32_t epoch;
    int as_written;            /* uri was not mapped itself, and goes to the container as it is */
    const gojk_served *served; /* NULL until it is served, and without JkRequestLogFormat */
} mapped_request;

/* Marks a request that translate_name looked at and left alone, and one for which mod_dir asks at the moment what it could send instead. */
static mapped_request not_mapped, in_mod_dir;

/* What survives a restart in the parent, in the process's pool: this module itself is unloaded and loaded again. */
typedef struct generation
{
    void *mapping; /* of the last generation that could be used, NULL for none */
    uint64_t number;
} generation;

/* The calls into Go, one pointer an export. */
typedef struct library
{
#define GOJK_EXPORT_MEMBER(ret, name, params) ret(*name) params;
    GOJK_EXPORTS(GOJK_EXPORT_MEMBER)
#undef GOJK_EXPORT_MEMBER
} library;

static library go;               /* resolved in child_init */
static gojk_engine engine;       /* NULL while the library is not serving */
static void *mapping;            /* of this generation, NULL if there is none */
static gojk_child child;         /* handed to gojk_go_init */
static int library_unusable;     /* the checker could not load the library: children do not try */
static int mounts_in_workers;    /* the workers seem to have a mount property, which only the library understands */
static apr_finfo_t workers_seen; /* the workers file when it was read last */
static int jk_configured;        /* some Jk* directive was seen */
static int beside_mod_jk;        /* mod_jk is loaded too */
static server_rec *main_server;

/* How many calls into Go this thread is in. */
static _Thread_local volatile sig_atomic_t in_go __attribute__((tls_model("initial-exec")));

/* ---- library ------------------------------------------------------------------------------------------------------- */

/* library_path returns the path of libgojk.so beside this module. */
static const char *library_path(apr_pool_t *p)
{
    Dl_info info;

    if (!dladdr(&gojk_module, &info) || !info.dli_fname)
        return GOJK_LIBRARY;
    return apr_pstrcat(p, ap_make_dirstr_parent(p, info.dli_fname), GOJK_LIBRARY, NULL);
}

/*
 * library_load loads libgojk.so and resolves every call. Never in httpd's parent; once a process; never unloaded
 * (golang/go#11100). Returns: NULL, or what is wrong.
 */
static const char *library_load(apr_pool_t *p)
{
    const char *path = library_path(p);
    const char *missing = NULL;
    void *handle;

    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle)
        return apr_psprintf(p, "cannot load the library: %s", dlerror());
#define GOJK_RESOLVE(ret, name, params)                                                                                \
    *(void **)&go.name = dlsym(handle, "gojk_go_" #name);                                                              \
    if (!go.name)                                                                                                      \
        missing = "gojk_go_" #name;
    GOJK_EXPORTS(GOJK_RESOLVE)
#undef GOJK_RESOLVE
    if (go.abi && go.abi() != GOJK_ABI)
        return apr_psprintf(
            p, "%s speaks version %u of the boundary, this mod_gojk.so needs %u: install both from one build", path,
            go.abi(), GOJK_ABI);
    if (missing)
        return apr_psprintf(p, "%s lacks %s: install mod_gojk.so and " GOJK_LIBRARY " from one build", path, missing);
    return NULL;
}

/* ---- configuration records ------------------------------------------------------------------------------------------ */

/* A writer of gojk_record; full means that something did not fit and nothing more is written. */
typedef struct record_writer
{
    char *at;
    char *end;
    int full;
} record_writer;

static void write_bytes(record_writer *w, const void *bytes, size_t len)
{
    if (w->full || (size_t)(w->end - w->at) < len) {
        w->full = 1;
        return;
    }
    memcpy(w->at, bytes, len);
    w->at += len;
}

static void write_string(record_writer *w, const char *s, size_t len)
{
    uint32_t n = (uint32_t)len; /* a longer string does not fit in the slot anyway */

    if (len > GOJK_SHM_CONFIG_SLOT) {
        w->full = 1;
        return;
    }
    write_bytes(w, &n, sizeof(n));
    write_bytes(w, s, len);
    write_bytes(w, "", 1);
}

static void write_record(record_writer *w, uint32_t kind, const server_conf *conf, int line, uint32_t a,
                         uint32_t strings)
{
    gojk_record record = {kind, conf->index, line > 0 ? (uint32_t)line : 0, a, 0, strings};

    if (kind == GOJK_RECORD_SERVER)
        record.b = conf->log_fd;
    write_bytes(w, &record, sizeof(record));
}

static void write_cstring(record_writer *w, const char *s)
{
    write_string(w, s, strlen(s));
}

/* write_server writes a server and its directives in their order. */
static void write_server(record_writer *w, apr_pool_t *p, const server_conf *conf)
{
    const server_rec *s = conf->server;
    const char *name = s->server_hostname ? s->server_hostname : "";
    int i;

    if (s->is_virtual && s->addrs)
        name = apr_psprintf(p, "%s [%s:%u]", name, s->addrs->virthost, (unsigned)s->addrs->host_port);
    else if (s->port)
        name = apr_psprintf(p, "%s:%u", name, (unsigned)s->port);
    write_record(w, GOJK_RECORD_SERVER, conf, 0, 0, 1);
    write_cstring(w, name);
    for (i = 0; i < conf->directives->nelts; i++) {
        const directive *d = &APR_ARRAY_IDX(conf->directives, i, directive);

        write_record(w, GOJK_RECORD_DIRECTIVE, conf, d->line, 0, d->arg[1] ? 4 : 3);
        write_cstring(w, d->file);
        write_cstring(w, d->name);
        write_cstring(w, d->arg[0]);
        if (d->arg[1])
            write_cstring(w, d->arg[1]);
    }
}

#define GOJK_FILE_INFO (APR_FINFO_SIZE | APR_FINFO_MTIME | APR_FINFO_INODE)

/* read_file reads a configuration file whole. Returns: the content, a C string (length in *len); NULL with the reason in *rv. */
static char *read_file(apr_pool_t *p, const char *path, apr_finfo_t *info, size_t *len, apr_status_t *rv)
{
    apr_file_t *file;
    char *text = NULL;

    *len = 0;
    *rv = apr_file_open(&file, path, APR_READ, APR_OS_DEFAULT, p);
    if (*rv != APR_SUCCESS)
        return NULL;
    *rv = apr_file_info_get(info, GOJK_FILE_INFO, file);
    if (*rv == APR_SUCCESS && info->size > GOJK_FILE_MAX)
        *rv = EFBIG;
    if (*rv == APR_SUCCESS) {
        text = apr_pcalloc(p, (apr_size_t)info->size + 1);
        *rv = apr_file_read_full(file, text, (apr_size_t)info->size, len);
        if (APR_STATUS_IS_EOF(*rv))
            *rv = APR_SUCCESS;
    }
    apr_file_close(file);
    if (*rv == APR_SUCCESS)
        return text;
    *len = 0; /* of what came before the error */
    return NULL;
}

/* ---- directives ------------------------------------------------------------------------------------------------------ */

static void *create_server_conf(apr_pool_t *p, server_rec *s)
{
    server_conf *conf = apr_pcalloc(p, sizeof(*conf));

    conf->server = s;
    conf->directives = apr_array_make(p, 4, sizeof(directive));
    conf->mount_copy = -1;
    conf->log_fd = GOJK_NO_FD;
    return conf;
}

static server_conf *conf_of(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &gojk_module);
}

/* name_of returns the name of a directive as it is written; take_over puts a blank before it. */
static const char *name_of(const cmd_parms *cmd)
{
    return cmd->cmd->name + (*cmd->cmd->name == ' ');
}

/* keep stores a directive for Go, which checks the rest. */
static const char *keep(cmd_parms *cmd, const char *arg1, const char *arg2)
{
    directive *d = apr_array_push(conf_of(cmd->server)->directives);

    d->file = cmd->directive->filename ? cmd->directive->filename : "";
    d->line = cmd->directive->line_num;
    d->name = name_of(cmd);
    d->arg[0] = arg1;
    d->arg[1] = arg2;
    jk_configured = 1;
    return NULL;
}

/* A directive's setter. arg2 is NULL unless the directive takes two arguments and has them. */
typedef const char *setter(cmd_parms *cmd, const char *arg1, const char *arg2);

/* What with_words needs to know of a directive; it is the directive's cmd_data. */
typedef struct syntax
{
    setter *set;
    int most;      /* arguments it takes at most; 0: any number, set one by one */
    int main_only; /* not in a virtual host */
} syntax;

/*
 * words_before_comment counts the words of a line before one that begins with '#', which is a comment with all that follows: guides to mod_jk show such
 * lines, though httpd itself takes comments on lines of their own only. A '#' in quotes is a word like any other, so it is the line as written that counts.
 */
static int words_before_comment(const cmd_parms *cmd, int words)
{
    const char *rest = cmd->directive->args;
    int n;

    for (n = 0; n < words; n++) {
        while (apr_isspace(*rest))
            rest++;
        if (*rest == '#')
            break;
        ap_getword_conf(cmd->temp_pool, &rest);
    }
    return n;
}

/* with_words sets any directive that takes words. */
static const char *with_words(cmd_parms *cmd, void *dummy, int argc, char *const argv[])
{
    const syntax *row = cmd->info;
    const char *err = row->main_only ? ap_check_cmd_context(cmd, GLOBAL_ONLY) : NULL;
    int n = words_before_comment(cmd, argc), i;

    (void)dummy;
    if (!err && (n == 0 || !*argv[0] || (row->most && n > row->most)))
        err = apr_psprintf(cmd->pool, "%s takes %s, %s", name_of(cmd),
                           row->most == 0   ? "at least one argument"
                           : row->most == 1 ? "one argument"
                                            : "one or two arguments",
                           cmd->cmd->errmsg);
    if (err || row->most)
        return err ? err : row->set(cmd, argv[0], n > 1 && *argv[1] ? argv[1] : NULL);
    for (i = 0; i < n && !err; i++)
        err = row->set(cmd, argv[i], NULL);
    return err;
}

/* set_property keeps the rest of a line as it is: '#' is part of a property here. */
static const char *set_property(cmd_parms *cmd, void *dummy, const char *line)
{
    const char *err = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)dummy;
    mounts_in_workers |= strstr(line, ".mount") != NULL;
    return err ? err : keep(cmd, line, NULL);
}

/* file_argument makes the path of a file that a directive names absolute and looks whether it is one. Returns: NULL with the reason in *err. */
static const char *file_argument(cmd_parms *cmd, const char *arg, const char **err)
{
    const char *path = ap_server_root_relative(cmd->pool, arg);
    apr_finfo_t info;

    if (path && apr_stat(&info, path, APR_FINFO_TYPE, cmd->temp_pool) == APR_SUCCESS && info.filetype == APR_REG)
        return path;
    *err = apr_psprintf(cmd->pool, "%s: %s is not a readable file", name_of(cmd), path ? path : arg);
    return NULL;
}

static const char *set_workers_file(cmd_parms *cmd, const char *arg, const char *unused)
{
    server_conf *conf = conf_of(cmd->server);
    const char *err = NULL;

    if (conf->workers_file)
        return "JkWorkersFile: only allowed once";
    conf->workers_file = file_argument(cmd, arg, &err);
    return err ? err : keep(cmd, conf->workers_file, unused);
}

/* A second JkMountFile in a server takes the place of the first. */
static const char *set_mount_file(cmd_parms *cmd, const char *arg, const char *unused)
{
    server_conf *conf = conf_of(cmd->server);
    const char *err = NULL;

    conf->mount_file = file_argument(cmd, arg, &err);
    conf->mount_line = cmd->directive->line_num;
    return err ? err : keep(cmd, conf->mount_file, unused);
}

static const char *set_shm_file(cmd_parms *cmd, const char *arg, const char *unused)
{
    server_conf *conf = conf_of(cmd->server);

    (void)unused;
    conf->shm_file = ap_server_root_relative(cmd->pool, arg);
    return conf->shm_file ? NULL : "JkShmFile: invalid path";
}

static const char *set_log_file(cmd_parms *cmd, const char *arg, const char *unused)
{
    server_conf *conf = conf_of(cmd->server);

    (void)unused;
    conf->log_file = *arg == '|' ? arg : ap_server_root_relative(cmd->pool, arg);
    return conf->log_file ? NULL : "JkLogFile: invalid path";
}

/* JkMount and JkUnMount: URI and worker, or inside <Location> the worker alone; then the section's path is the URI. */
static const char *set_mount(cmd_parms *cmd, const char *arg1, const char *arg2)
{
    const char *uri = cmd->path ? cmd->path : arg1;
    const char *worker = cmd->path ? arg1 : arg2;

    if (cmd->path && arg2)
        return apr_psprintf(cmd->pool, "%s: only a worker name is allowed inside a section; the URI is %s",
                            name_of(cmd), uri);
    if (!worker)
        return apr_psprintf(cmd->pool, "%s: needs a URI and a worker name, as in: %s /app/* worker", name_of(cmd),
                            name_of(cmd));
    if (*uri != '/')
        return apr_psprintf(cmd->pool, "%s: context %s should start with /", name_of(cmd), uri);
    return keep(cmd, uri, worker);
}

static const char *set_mount_copy(cmd_parms *cmd, const char *arg, const char *unused)
{
    server_conf *conf = conf_of(cmd->server);
    const char *err;

    if (!ap_cstr_casecmp(arg, "Off") || !ap_cstr_casecmp(arg, "On")) {
        if (cmd->server->is_virtual) /* in the main server it means nothing */
            conf->mount_copy = !ap_cstr_casecmp(arg, "On");
    }
    else if (!ap_cstr_casecmp(arg, "All")) {
        if ((err = ap_check_cmd_context(cmd, GLOBAL_ONLY)))
            return err;
        conf->mount_copy = 2;
    }
    else
        return "JkMountCopy must be On, Off or All";
    return keep(cmd, arg, unused);
}

/*
 * JK is two rows of the table: name, setter, most arguments, main server only, where besides, text. The second row has a blank before the name
 * (take_over). JK_SHARED is one row: what mod_jk needs to start is its own business too.
 */
#define JK_SHARED(name, set, most, main_only, where, text)                                                             \
    AP_INIT_TAKE_ARGV(name, with_words, (void *)&((const syntax){set, most, main_only}), RSRC_CONF | (where), text)
#define JK(name, ...) JK_SHARED(name, __VA_ARGS__), JK_SHARED(" " name, __VA_ARGS__)
#define JK_INDICATOR(name, variable) JK(name, keep, 1, 0, 0, "name of a variable; default " variable)

static const command_rec directives[] = {
    JK("JkWorkersFile", set_workers_file, 1, 1, 0, "the workers definition file"),
    AP_INIT_RAW_ARGS("JkWorkerProperty", set_property, NULL, RSRC_CONF, "one line of workers.properties"),
    AP_INIT_RAW_ARGS(" JkWorkerProperty", set_property, NULL, RSRC_CONF, "one line of workers.properties"),
    JK_SHARED("JkShmFile", set_shm_file, 1, 1, 0, "base name of the shared memory file"),
    JK("JkShmSize", keep, 1, 1, 0, "accepted and ignored"),
    JK("JkWatchdogInterval", keep, 1, 1, 0, "seconds between maintenance runs"),
    JK_SHARED("JkLogFile", set_log_file, 1, 0, 0, "log file, or |command"),
    JK("JkLogLevel", keep, 1, 0, 0, "trace, debug, info, warn, error or emerg"),
    JK("JkLogStampFormat", keep, 1, 0, 0, "strftime format of the time stamp"),
    JK("JkMount", set_mount, 2, 0, ACCESS_CONF, "a URI pattern and a worker"),
    JK("JkUnMount", set_mount, 2, 0, ACCESS_CONF, "a URI pattern and a worker that does not get it"),
    JK("JkMountCopy", set_mount_copy, 1, 0, 0, "On, Off or All"),
    JK("JkOptions", keep, 0, 0, 0, "options, each with + or -"),
    JK("JkMountFile", set_mount_file, 1, 0, 0, "a file with mounts, uriworkermap.properties"),
    JK("JkMountFileReload", keep, 1, 0, 0, "seconds between two looks at a mount file"),
    JK("JkAutoAlias", keep, 1, 0, 0, "a folder of web applications whose static files httpd serves"),
    JK("JkStripSession", keep, 2, 0, 0, "On or Off, and what to strip from URIs that are not mapped"),
    JK("JkRequestLogFormat", keep, 1, 0, 0, "format of a line that each request adds to the log"),
    JK("JkEnvVar", keep, 2, 0, 0, "a variable to forward as a request attribute, and its default"),
    JK("JkExtractSSL", keep, 1, 0, 0, "On or Off: forward TLS data"),
    JK_INDICATOR("JkWorkerIndicator", "JK_WORKER_NAME"),
    JK_INDICATOR("JkRequestIdIndicator", "UNIQUE_ID"),
    JK_INDICATOR("JkRemoteAddrIndicator", "JK_REMOTE_ADDR"),
    JK_INDICATOR("JkRemotePortIndicator", "JK_REMOTE_PORT"),
    JK_INDICATOR("JkRemoteHostIndicator", "JK_REMOTE_HOST"),
    JK_INDICATOR("JkRemoteUserIndicator", "JK_REMOTE_USER"),
    JK_INDICATOR("JkAuthTypeIndicator", "JK_AUTH_TYPE"),
    JK_INDICATOR("JkLocalNameIndicator", "JK_LOCAL_NAME"),
    JK_INDICATOR("JkLocalAddrIndicator", "JK_LOCAL_ADDR"),
    JK_INDICATOR("JkLocalPortIndicator", "JK_LOCAL_PORT"),
    JK_INDICATOR("JkIgnoreCLIndicator", "JK_IGNORE_CL"),
    JK_INDICATOR("JkHTTPSIndicator", "HTTPS"),
    JK_INDICATOR("JkSSLPROTOCOLIndicator", "SSL_PROTOCOL"),
    JK_INDICATOR("JkCERTSIndicator", "SSL_CLIENT_CERT"),
    JK_INDICATOR("JkCIPHERIndicator", "SSL_CIPHER"),
    JK_INDICATOR("JkSESSIONIndicator", "SSL_SESSION_ID"),
    JK_INDICATOR("JkKEYSIZEIndicator", "SSL_CIPHER_USEKEYSIZE"),
    JK_INDICATOR("JkCERTCHAINPrefix", "SSL_CLIENT_CERT_CHAIN_"),
    {NULL, {NULL}, NULL, 0, RAW_ARGS, NULL}};

/*
 * take_over takes the directives away from mod_jk, which somebody has forgotten to take out: httpd hands a directive to every module that has one of
 * its name, so both would have all mounts. With a blank before its name, which nobody can write, a directive is only ours, and mod_jk has nothing
 * to do. JkLogFile and JkShmFile stay its own as well: without them it might not start.
 */
static void take_over(ap_directive_t *d)
{
    const command_rec *row;

    for (; d; d = d->next) {
        for (row = directives; row->name; row++)
            if (*row->name == ' ' && !ap_cstr_casecmp(row->name + 1, d->directive))
                d->directive = row->name;
        take_over(d->first_child);
    }
}

/* pre_config runs when all modules are loaded and no directive has been carried out yet. */
static int hook_pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)pconf;
    (void)plog;
    (void)ptemp;
    beside_mod_jk = ap_find_linked_module(MOD_JK) != NULL;
    if (beside_mod_jk)
        take_over(ap_conftree);
    return OK;
}

/* warn_of_mod_jk says that mod_jk is loaded too. */
static void warn_of_mod_jk(void)
{
    if (beside_mod_jk)
        ap_log_error(
            APLOG_MARK, APLOG_WARNING | APLOG_STARTUP, 0, main_server,
            "mod_gojk: mod_jk is loaded too; mod_gojk has taken over all Jk directives and mod_jk does nothing: "
            "remove its LoadModule line (Debian: a2dismod jk) id=GOJK0019");
}

/* merge_server settles what the shim itself needs of a server: its own settings, else the main server's (NULL: this is it). The library merges the rest. */
static void merge_server(server_conf *conf, const server_conf *from)
{
    if (!conf->log_file && from)
        conf->log_file = from->log_file;
    if (conf->mount_copy < 0)
        conf->mount_copy = from && from->mount_copy == 2;
}

/* merge_servers gives each server its index and its own settled configuration. Returns: how many servers there are. */
static uint32_t merge_servers(apr_pool_t *p, server_rec *s)
{
    server_conf *main_conf = conf_of(s);
    uint32_t n = 0;

    main_server = s;
    for (; s; s = s->next) {
        server_conf *conf = conf_of(s);

        if (conf->server != s) { /* a virtual host without Jk directives shares the main server's */
            conf = create_server_conf(p, s);
            ap_set_module_config(s->module_config, &gojk_module, conf);
        }
        conf->index = n++;
        merge_server(conf, conf == main_conf ? NULL : main_conf);
    }
    return n;
}

/* ---- mapping and checker ---------------------------------------------------------------------------------------------- */

/* unlink_mapping removes the shared memory file when the generation ends. */
static apr_status_t unlink_mapping(void *path)
{
    unlink(path);
    return APR_SUCCESS;
}

/*
 * map_shared creates the shared mapping: of a new file, readable by nobody else, or anonymous if path is NULL.
 * A file of that name is a leftover of a killed httpd with our pid, or planted; it is removed, never opened.
 */
static void *map_shared(apr_pool_t *p, const char *path)
{
    int flags = MAP_SHARED | MAP_NORESERVE;
    int fd = -1;
    void *at;

    if (!path)
        flags |= MAP_ANONYMOUS;
    else {
        unlink(path);
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
            return NULL;
        apr_pool_cleanup_register(p, path, unlink_mapping, apr_pool_cleanup_null);
        if (ftruncate(fd, (off_t)GOJK_SHM_SIZE) != 0) {
            close(fd);
            return NULL;
        }
    }
    at = mmap(NULL, GOJK_SHM_SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (fd >= 0)
        close(fd);
    return at == MAP_FAILED ? NULL : at;
}

/* write_file writes a file that a directive names, read as root: children may not be able to. Returns: the content, NULL if it cannot be read or is no text. */
static const char *write_file(record_writer *w, apr_pool_t *p, const server_conf *conf, const char *directive_name,
                              int line, const char *path, apr_finfo_t *info)
{
    apr_status_t rv;
    size_t length;
    const char *text = read_file(p, path, info, &length, &rv);

    write_record(w, GOJK_RECORD_FILE, conf, line, (uint32_t)rv, 3);
    write_cstring(w, directive_name);
    write_cstring(w, path);
    write_string(w, text ? text : "", length);
    return text && strlen(text) == length ? text : NULL;
}

/* write_files writes the workers file and all mount files. */
static void write_files(record_writer *w, apr_pool_t *p)
{
    const server_conf *main_conf = conf_of(main_server);
    const char *text;
    apr_finfo_t info;
    server_rec *s;

    if (main_conf->workers_file) {
        text = write_file(w, p, main_conf, "JkWorkersFile", 0, main_conf->workers_file, &workers_seen);
        mounts_in_workers |= !text || strstr(text, ".mount") != NULL;
    }
    for (s = main_server; s; s = s->next) {
        server_conf *conf = conf_of(s);

        if (conf->mount_file)
            conf->mount_text =
                write_file(w, s->process->pconf, conf, "JkMountFile", conf->mount_line, conf->mount_file, &info);
    }
}

APR_DECLARE_OPTIONAL_FN(void, http2_get_num_workers, (server_rec * s, int *least, int *most));

/* mpm_threads is how many worker threads a child has. */
static uint32_t mpm_threads(void)
{
    int threads = 1;

    ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
    return threads > 0 ? (uint32_t)threads : 1;
}

/* http2_threads is how many threads beside those mod_http2 may start in a child, for its streams. */
static uint32_t http2_threads(void)
{
    APR_OPTIONAL_FN_TYPE(http2_get_num_workers) *http2 = APR_RETRIEVE_OPTIONAL_FN(http2_get_num_workers);
    int threaded = 0, least = 0, most = 0;

    ap_mpm_query(AP_MPMQ_IS_THREADED, &threaded);
    if (http2 && threaded != AP_MPMQ_NOT_SUPPORTED)
        http2(main_server, &least, &most);
    return most > 0 ? (uint32_t)most : 0;
}

/* write_configuration fills the header and configuration slot 0. Returns: 0 if it does not fit. */
static int write_configuration(apr_pool_t *p, void *at, uint64_t number)
{
    gojk_shm_header *header = at;
    char *slot = (char *)at + GOJK_SHM_CONFIG_OFFSET;
    record_writer w = {slot, slot + GOJK_SHM_CONFIG_SLOT, 0};
    const server_conf *main_conf = conf_of(main_server);
    uint32_t mpm = mpm_threads(), http2 = http2_threads();
    server_rec *s;

    write_record(&w, GOJK_RECORD_ROOT, main_conf, 0, mpm > http2 ? mpm : http2, 3); /* as mod_proxy counts */
    write_cstring(&w, ap_server_root);
    write_cstring(&w, ap_get_server_description());
    write_cstring(&w, "mod_gojk/" GOJK_VERSION);
    for (s = main_server; s; s = s->next)
        write_server(&w, p, conf_of(s));
    write_files(&w, p);
    *header = (gojk_shm_header){.magic = GOJK_SHM_MAGIC,
                                .layout = GOJK_SHM_LAYOUT,
                                .parent_pid = (uint32_t)getpid(),
                                .generation = number,
                                .size = GOJK_SHM_SIZE,
                                .config_length = {(uint64_t)(w.at - slot), 0}};
    return !w.full;
}

static int checker_pipe = -1; /* in the checker process: where its findings go */

/* checker_log is host->log in the checker: one byte of level, the line, a newline. */
static void checker_log(int32_t level, gojk_str line)
{
    char head = (char)('0' + level);
    struct iovec iov[3] = {{&head, 1}, {(void *)line.data, line.len}, {"\n", 1}};

    if (writev(checker_pipe, iov, 3) < 0)
        _exit(2);
}

/* log_level maps a GOJK_LOG_* to httpd's. */
static int log_level(int32_t level)
{
    static const int levels[] = {APLOG_TRACE1, APLOG_DEBUG, APLOG_INFO, APLOG_WARNING, APLOG_ERR, APLOG_EMERG};

    return level >= 0 && level <= GOJK_LOG_EMERG ? levels[level] : APLOG_ERR;
}

/* What the checker process returns besides the values of gojk_go_check. */
enum
{
    CHECK_GOOD = 0,
    CHECK_ERRORS = 1,
    CHECK_FAILED = 2,
    CHECK_NO_LIBRARY = 3
};

/* checker_main is the checker process from its first to its last step. Never returns. */
static void checker_main(apr_pool_t *p, const gojk_check *check)
{
    static gojk_host host = {GOJK_ABI, sizeof(gojk_host), NULL, NULL, checker_log};
    const char *wrong;

    alarm(GOJK_CHECK_SECONDS);
    wrong = library_load(p);
    if (wrong) {
        const char *line = apr_pstrcat(p, wrong,
                                       "; mapped requests answer 503 until this is mended and httpd restarted, "
                                       "everything else is served id=GOJK0001",
                                       NULL);
        checker_log(GOJK_LOG_ERROR, (gojk_str){line, strlen(line)});
        _exit(CHECK_NO_LIBRARY);
    }
    _exit(go.check(&host, check));
}

/* relay_findings logs what the checker says until it closes its end. flags: APLOG_STARTUP or 0. */
static void relay_findings(int from, int flags)
{
    FILE *lines = fdopen(from, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t len;

    if (!lines)
        return;
    while ((len = getline(&line, &room, lines)) > 1) {
        line[len - 1] = '\0';
        ap_log_error(APLOG_MARK, log_level(line[0] - '0') | flags, 0, main_server, "mod_gojk: %s", line + 1);
    }
    free(line);
    fclose(lines);
}

/*
 * run_checker carries a work order out in a process of its own, so that the parent never runs Go. It is short-lived and bounded by an alarm.
 * flags: of its log lines. Returns: CHECK_*.
 */
static int run_checker(apr_pool_t *p, const gojk_check *check, int flags)
{
    int pipes[2];
    int status = 0;
    pid_t pid;

    if (pipe2(pipes, O_CLOEXEC) != 0)
        return CHECK_FAILED;
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        close(pipes[0]);
        checker_pipe = pipes[1];
        checker_main(p, check);
    }
    close(pipes[1]);
    if (pid < 0) {
        close(pipes[0]);
        return CHECK_FAILED;
    }
    relay_findings(pipes[0], flags);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    ap_log_error(APLOG_MARK, APLOG_ERR | flags, 0, main_server,
                 "mod_gojk: the configuration check was ended by signal %d (14: it took more than %d s) id=GOJK0002",
                 WTERMSIG(status), GOJK_CHECK_SECONDS);
    return CHECK_FAILED;
}

/* check_and_format writes the configuration into a mapping and has it checked. last: NULL for none. Returns: CHECK_*. */
static int check_and_format(apr_pool_t *p, void *at, const generation *last)
{
    gojk_check check = {at, last ? last->mapping : NULL, {NULL, 0}};

    if (!write_configuration(p, at, last ? last->number + 1 : 1)) {
        ap_log_error(APLOG_MARK, APLOG_ERR | APLOG_STARTUP, 0, main_server,
                     "mod_gojk: the configuration is larger than %" APR_SIZE_T_FMT " bytes id=GOJK0004",
                     GOJK_SHM_CONFIG_SLOT);
        return CHECK_ERRORS;
    }
    return run_checker(p, &check, APLOG_STARTUP);
}

/* ---- start and child --------------------------------------------------------------------------------------------------- */

/*
 * check_config runs before httpd opens its logs and before it detaches: findings reach the terminal, and `apachectl configtest` and a
 * first start fail. A restart is judged in post_config, which can go on with what was good before.
 */
static int hook_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    void *at;
    int result;

    (void)plog;
    if (!jk_configured || ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    merge_servers(pconf, s);
    warn_of_mod_jk();
    at = map_shared(ptemp, NULL);
    if (!at)
        return HTTP_INTERNAL_SERVER_ERROR;
    result = check_and_format(ptemp, at, NULL);
    munmap(at, GOJK_SHM_SIZE);
    return result == CHECK_GOOD || result == CHECK_NO_LIBRARY ? OK : HTTP_INTERNAL_SERVER_ERROR;
}

/* open_log opens a server's jk log, or shares the descriptor of a server before it that names the same. Returns: 0 on failure. */
static int open_log(apr_pool_t *p, server_conf *conf)
{
    const char *name = conf->log_file ? conf->log_file : ap_server_root_relative(p, "logs/mod_jk.log");
    apr_file_t *file = NULL;
    piped_log *pipe_log;
    apr_os_file_t fd;
    server_rec *s;

    for (s = main_server; s != conf->server; s = s->next) {
        const server_conf *before = conf_of(s);

        if (before->log_file && !strcmp(before->log_file, name)) {
            conf->log_fd = before->log_fd;
            return 1;
        }
    }
    conf->log_file = name;
    if (*name == '|') {
        pipe_log = ap_open_piped_log(p, name + 1);
        file = pipe_log ? ap_piped_log_write_fd(pipe_log) : NULL;
    }
    else
        apr_file_open(&file, name, APR_WRITE | APR_CREATE | APR_APPEND | APR_LARGEFILE,
                      APR_UREAD | APR_UWRITE | APR_GREAD | APR_WREAD, p);
    if (!file || apr_os_file_get(&fd, file) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_EMERG | APLOG_STARTUP, errno, conf->server,
                     "mod_gojk: could not open JkLogFile %s", name);
        return 0;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC); /* httpd leaves the pipe to a command open for whatever a child executes */
    conf->log_fd = (uint32_t)fd;
    return 1;
}

/* generation_of returns what the last generation left, allocating the record at the first start. */
static generation *generation_of(server_rec *s)
{
    generation *g = NULL;

    apr_pool_userdata_get((void **)&g, GOJK_GENERATION_KEY, s->process->pool);
    if (!g) {
        g = apr_pcalloc(s->process->pool, sizeof(*g));
        /* with a copy of the key: this module is loaded elsewhere next time */
        apr_pool_userdata_set(g, GOJK_GENERATION_KEY, apr_pool_cleanup_null, s->process->pool);
    }
    return g;
}

/*
 * create_mapping creates this generation's shared memory file; httpd -X, which shares it with nobody and could not remove it at exit, having
 * given up its privileges, gets memory without a file. Returns: NULL, logged, if it cannot.
 */
static void *create_mapping(apr_pool_t *p, const server_conf *conf)
{
    const char *name = conf->shm_file ? conf->shm_file : ap_server_root_relative(p, "logs/jk-runtime-status");
    int one_process = ap_exists_config_define("DEBUG") || ap_exists_config_define("ONE_PROCESS");
    void *at;

    name = apr_psprintf(p, "%s%s.%" APR_PID_T_FMT, name, beside_mod_jk ? ".gojk" : "", getpid());
    at = map_shared(p, one_process ? NULL : name);
    if (!at)
        ap_log_error(APLOG_MARK, APLOG_EMERG | APLOG_STARTUP, errno, main_server,
                     "mod_gojk: unable to start due to shared memory failure: cannot create JkShmFile %s", name);
    return at;
}

/*
 * post_config makes this generation's mapping. On a restart the checker puts the workers of the last good configuration in place of broken
 * ones; if even they do not fit httpd.conf any more, httpd runs on and mapped requests answer 503.
 */
static int hook_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    server_conf *conf = conf_of(s);
    generation *g = generation_of(s);
    void *at;
    int result;

    (void)plog;
    if (!jk_configured || ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    child.servers = merge_servers(pconf, s);
    warn_of_mod_jk();
    child.server = apr_pcalloc(pconf, child.servers * sizeof(*child.server));
    ap_add_version_component(pconf, "mod_gojk/" GOJK_VERSION);
    for (; s; s = s->next)
        if (!open_log(pconf, conf_of(s)))
            return HTTP_INTERNAL_SERVER_ERROR;
    at = create_mapping(pconf, conf);
    if (!at)
        return HTTP_INTERNAL_SERVER_ERROR;
    result = check_and_format(ptemp, at, g->mapping ? g : NULL);
    if (result == CHECK_GOOD) {
        if (g->mapping)
            munmap(g->mapping, GOJK_SHM_SIZE);
        g->mapping = at;
        g->number++;
    }
    else
        munmap(at, GOJK_SHM_SIZE);
    mapping = result == CHECK_GOOD ? at : NULL;
    library_unusable = result == CHECK_NO_LIBRARY;
    if (result != CHECK_GOOD && result != CHECK_NO_LIBRARY) {
        if (!g->mapping)
            return HTTP_INTERNAL_SERVER_ERROR;
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, main_server,
                     "mod_gojk: no usable configuration: mapped requests answer 503 until it is mended and httpd "
                     "restarted id=GOJK0006");
    }
    return OK;
}

/* unchanged says whether the workers file is the one that was read last, or so young that somebody may still be writing it. */
static int unchanged(const apr_finfo_t *now)
{
    return (now->mtime == workers_seen.mtime && now->size == workers_seen.size && now->inode == workers_seen.inode) ||
           (apr_time_now() - now->mtime < apr_time_from_sec(1) && now->mtime <= apr_time_now());
}

/*
 * monitor runs in the parent every 10 seconds or so. If the workers file has changed, a checker process puts it into force for all children, or
 * says what is wrong with it.
 */
static int hook_monitor(apr_pool_t *p, server_rec *s)
{
    static apr_status_t last = APR_SUCCESS; /* what came of looking at it; the same trouble is said once */
    const char *path = mapping ? conf_of(s)->workers_file : NULL;
    gojk_check check = {mapping, NULL, {NULL, 0}};
    apr_pool_t *pool;
    apr_finfo_t info;
    apr_status_t rv;

    if (!path)
        return DECLINED;
    apr_pool_create(&pool, p);
    rv = apr_stat(&info, path, GOJK_FILE_INFO, pool);
    if (rv == APR_SUCCESS && !unchanged(&info))
        check.workers.data = read_file(pool, path, &workers_seen, &check.workers.len, &rv);
    if (check.workers.data)
        run_checker(pool, &check, 0);
    else if (rv != APR_SUCCESS && rv != last)
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, s,
                     "mod_gojk: %s cannot be read any more; the workers stay as they are id=GOJK0017", path);
    last = rv;
    apr_pool_destroy(pool);
    return DECLINED;
}

static int gojk_host_respond(gojk_request *request, const gojk_response *response);
static int64_t gojk_host_read_body(gojk_request *request, void *buf, size_t len, int wait);

/* gojk_host_log writes to the error log of the main server. */
static void gojk_host_log(int32_t level, gojk_str line)
{
    ap_log_error(APLOG_MARK, log_level(level), 0, main_server, "mod_gojk: %.*s",
                 line.len < INT_MAX ? (int)line.len : INT_MAX, line.data);
}

static const gojk_host host_calls = {GOJK_ABI, sizeof(gojk_host),
#define GOJK_HOST_POINTER(ret, name, params) gojk_host_##name,
                                     GOJK_HOST_CALLS(GOJK_HOST_POINTER)
#undef GOJK_HOST_POINTER
};

/*
 * may_stop says whether Go may be called now. A child of prefork ends in a signal handler: perhaps in the middle of a call into Go, perhaps on the
 * small stack that Go has set up for signal handlers.
 */
static int may_stop(void)
{
    stack_t stack;

    return !in_go && sigaltstack(NULL, &stack) == 0 && !(stack.ss_flags & SS_ONSTACK);
}

/* stop_library runs when the child ends. If Go may not be called, the other children give back what this one has counted, as if it had been killed. */
static apr_status_t stop_library(void *dummy)
{
    gojk_engine stopping = engine;

    (void)dummy;
    engine = NULL;
    if (stopping && may_stop())
        go.stop(stopping, GOJK_STOP_MS);
    return APR_SUCCESS;
}

/* child_init loads the library: after the fork, once, with asynchronous signals blocked by the MPM so that Go's threads inherit that. */
static void hook_child_init(apr_pool_t *pchild, server_rec *s)
{
    const char *wrong;

    (void)s;
    if (!mapping || library_unusable)
        return;
    child.mapping = mapping;
    child.threads = mpm_threads() + http2_threads();
    wrong = library_load(pchild);
    if (!wrong)
        engine = go.init(&host_calls, &child);
    if (wrong)
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, main_server,
                     "mod_gojk: %s; mapped requests answer 503 in this child id=GOJK0001", wrong);
    apr_pool_cleanup_register(pchild, NULL, stop_library, apr_pool_cleanup_null);
}

/* ---- fallback ------------------------------------------------------------------------------------------------------------ */

/* strip_parameters copies a path without its ;parameters and with runs of '/' collapsed, as mounts are matched. */
static const char *strip_parameters(apr_pool_t *p, const char *uri)
{
    char *copy = apr_palloc(p, strlen(uri) + 1);
    char *to = copy;

    while (*uri) {
        if (*uri == ';')
            uri += strcspn(uri, "/");
        else if (*uri == '/' && to > copy && to[-1] == '/')
            uri++;
        else
            *to++ = *uri++;
    }
    *to = '\0';
    ap_getparents(copy);
    return copy;
}

/* mount_matches says whether a path matches a mount's pattern, which may be of the form a|b for a and ab. */
static int mount_matches(apr_pool_t *p, const char *path, const char *pattern)
{
    const char *bar = strchr(pattern, '|');

    if (!bar)
        return ap_strcmp_match(path, pattern) == 0;
    return ap_strcmp_match(path, apr_pstrmemdup(p, pattern, (apr_size_t)(bar - pattern))) == 0 ||
           ap_strcmp_match(path,
                           apr_pstrcat(p, apr_pstrmemdup(p, pattern, (apr_size_t)(bar - pattern)), bar + 1, NULL)) == 0;
}

/*
 * file_may_map says whether a line of a mount file may be a rule that matches a path. What may come before a rule is skipped wherever it is: blanks, a
 * byte order mark, a '|' that nothing stands before. Not skipped are what begins a comment, an exclusion and a disabled rule: '#', '!' and '-'.
 */
static int file_may_map(apr_pool_t *p, const char *text, const char *path)
{
    for (; *text; text += *text == '\n') {
        const char *rule = text + strspn(text, " \t\r\v\f|\xef\xbb\xbf");
        size_t len = strcspn(rule, "=\n");

        text = rule + strcspn(rule, "\n");
        while (len > 0 && strchr(" \t\r\v\f", rule[len - 1]))
            len--;
        if (*rule == '/' && mount_matches(p, path, apr_pstrmemdup(p, rule, len)))
            return 1;
    }
    return 0;
}

/*
 * loaded_again says whether other files are in force than those that the parent read: a file was loaded again, or had a mistake at a restart, after which
 * the last good ones go on. Then the shim knows neither the workers nor any mount file.
 */
static int loaded_again(void)
{
    const gojk_shm_header *header = mapping;

    return header && __atomic_load_n(&header->config_epoch, __ATOMIC_RELAXED) != 0;
}

/*
 * may_be_mapped decides without the library whether a request is a worker's. It errs on the side of yes: what a worker should
 * answer must never be served as a file (that would show the source of a JSP). So exclusions do not count: which of them is in force only the library
 * knows. With mounts in workers.properties all of the main server may be a worker's. path: without parameters, unless it is that of a file.
 */
static int may_be_mapped(apr_pool_t *p, const server_conf *conf, const char *path)
{
    int unknown = loaded_again(), i;

    if (conf->index == 0 && (mounts_in_workers || unknown))
        return 1;
    if (conf->mount_file && (unknown || !conf->mount_text || file_may_map(p, conf->mount_text, path)))
        return 1;
    for (i = 0; i < conf->directives->nelts; i++) {
        const directive *d = &APR_ARRAY_IDX(conf->directives, i, directive);

        if (!strcmp(d->name, "JkMount") && mount_matches(p, path, d->arg[0]))
            return 1;
    }
    return conf->index != 0 && conf->mount_copy && may_be_mapped(p, conf_of(main_server), path);
}

/* once_a_minute limits a log line; next is its own. A race costs a second line at most. */
static int once_a_minute(apr_time_t *next)
{
    apr_time_t now = apr_time_now();

    if (now < *next)
        return 0;
    *next = now + apr_time_from_sec(60);
    return 1;
}

/* before_parameters is how much of a path may be logged: what follows may be a session id. */
static int before_parameters(const char *uri)
{
    return (int)strcspn(uri, ";");
}

/* unavailable answers 503 and says why, once a minute. */
static int unavailable(request_rec *r)
{
    static apr_time_t next;

    if (once_a_minute(&next)) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "mod_gojk: 503 for %.*s: " GOJK_LIBRARY
                      " is not running in this child; its reason was logged when httpd or the child "
                      "started (logged once a minute) id=GOJK0007",
                      before_parameters(r->uri), r->uri);
    }
    return HTTP_SERVICE_UNAVAILABLE;
}

/* ---- response ------------------------------------------------------------------------------------------------------------- */

/* exchange is the shim's side of a request being served; gojk_request.host points to it. */
typedef struct exchange
{
    request_rec *r;
    apr_bucket_brigade *brigade; /* on the way to the client */
    apr_bucket_brigade *input;   /* on the way from the client */
    int body_read;               /* the request body was read to its end, or there is none */
    int asked;                   /* the client was asked for the body */
    int unreadable;              /* reading the body failed: what httpd answers then; 0: it did not */
    int answered;                /* a filter has answered in place of the response */
} exchange;

/* set_content_type sets it with the media type in lower case, as mod_jk does; its parameters stay as they are. */
static void set_content_type(request_rec *r, const gojk_str *value)
{
    char *type = apr_pstrmemdup(r->pool, value->data, value->len);
    char *c;

    for (c = type; *c && *c != ';'; c++)
        *c = apr_tolower(*c);
    ap_set_content_type(r, type);
}

static int is(const gojk_str *s, const char *name, size_t len)
{
    return s->len == len && !ap_cstr_casecmpn(s->data, name, len);
}
#define IS(s, literal) is(s, literal, sizeof(literal) - 1)

/* copy makes a C string of a borrowed one, for as long as the request lives. */
static char *copy(request_rec *r, const gojk_str *s)
{
    return apr_pstrmemdup(r->pool, s->data, s->len);
}

/* set_header puts one response header where httpd wants it. */
static void set_header(request_rec *r, const gojk_header *h)
{
    const char *value;

    if (IS(&h->name, "Content-Type")) {
        set_content_type(r, &h->value);
        return;
    }
    value = copy(r, &h->value);
    if (IS(&h->name, "Content-Length"))
        ap_set_content_length(r, apr_atoi64(value));
    else if (IS(&h->name, "Last-Modified")) {
        ap_update_mtime(r, apr_date_parse_http(value));
        ap_set_last_modified(r);
    }
    else if (IS(&h->name, "Location"))
        apr_table_setn(r->headers_out, "Location", value);
    else
        apr_table_addn(r->headers_out, copy(r, &h->name), value);
}

/* status_line returns three digits, a blank and the reason. By hand: APR's formatting is noticeable in the time of a small request. */
static const char *status_line(request_rec *r, const gojk_str *reason)
{
    char *line = apr_palloc(r->pool, 4 + reason->len + 1);
    int i, rest = r->status;

    for (i = 2; i >= 0; i--, rest /= 10)
        line[i] = (char)('0' + rest % 10);
    line[3] = ' ';
    memcpy(line + 4, reason->data, reason->len);
    line[4 + reason->len] = '\0';
    return line;
}

/* set_head takes over status line and headers. */
static void set_head(request_rec *r, const gojk_response *response)
{
    size_t i;

    r->status = (int)response->status;
    r->status_line = response->reason.len ? status_line(r, &response->reason) : NULL;
    if (!r->status_line && !strncmp(ap_get_status_line(r->status), "500", 3) && r->status != 500)
        r->status_line = apr_psprintf(r->pool, "%d Unknown Reason", r->status);
    for (i = 0; i < response->headers.len; i++)
        set_header(r, &response->headers.data[i]);
}

static int gojk_host_respond(gojk_request *request, const gojk_response *response)
{
    exchange *x = request->host;
    request_rec *r = x->r;
    conn_rec *c = r->connection;
    apr_status_t rv;
    size_t i;

    if (response->flags & GOJK_RESP_ERROR_HEADERS) {
        for (i = 0; i < response->headers.len; i++)
            apr_table_addn(r->err_headers_out, copy(r, &response->headers.data[i].name),
                           copy(r, &response->headers.data[i].value));
        return 0;
    }
    if (response->flags & GOJK_RESP_ERROR_TEXT) {
        apr_table_setn(r->notes, "error-notes", copy(r, &response->reason));
        return 0;
    }
    if (response->flags & GOJK_RESP_HEAD)
        set_head(r, response);
    if (!x->brigade)
        x->brigade = apr_brigade_create(r->pool, c->bucket_alloc);
    if (!r->header_only)
        for (i = 0; i < response->body.len; i++)
            APR_BRIGADE_INSERT_TAIL(
                x->brigade,
                apr_bucket_transient_create(response->body.data[i].data, response->body.data[i].len, c->bucket_alloc));
    if (response->flags & GOJK_RESP_FLUSH)
        APR_BRIGADE_INSERT_TAIL(x->brigade, apr_bucket_flush_create(c->bucket_alloc));
    if (response->flags & GOJK_RESP_END)
        APR_BRIGADE_INSERT_TAIL(x->brigade, apr_bucket_eos_create(c->bucket_alloc));
    if (APR_BRIGADE_EMPTY(x->brigade))
        return 0;
    rv = ap_pass_brigade(r->output_filters, x->brigade);
    apr_brigade_cleanup(x->brigade);
    x->answered = rv == AP_FILTER_ERROR;
    /* A client that leaves when it has had all is not gone too early: over HTTP/2 that is noticed here. */
    return rv == APR_SUCCESS && (!c->aborted || response->flags & GOJK_RESP_END) ? 0 : -1;
}

/*
 * break_response ends a response that broke off so that it cannot look complete: an error bucket keeps the chunk filter from writing the
 * last chunk (and resets an HTTP/2 stream), the connection closes short of its Content-Length, and where only the connection's end would tell
 * the length (HTTP/1.0), it is reset. The error passes the filters of content by, which may drop it (mod_sed), and goes through them too, with the end, for
 * those that keep what they have seen (mod_cache).
 */
static void break_response(exchange *x)
{
    request_rec *r = x->r, *main = r->main ? r->main : r;
    conn_rec *c = r->connection;
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, c->bucket_alloc);
    struct linger reset = {1, 0};
    apr_os_sock_t fd;

    c->keepalive = AP_CONN_CLOSE;
    r->no_cache = main->no_cache = 1;
    APR_BRIGADE_INSERT_TAIL(bb, ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool, c->bucket_alloc));
    ap_pass_brigade(r->proto_output_filters, bb);
    apr_brigade_cleanup(bb);
    APR_BRIGADE_INSERT_TAIL(bb, ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool, c->bucket_alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(c->bucket_alloc));
    ap_pass_brigade(r->output_filters, bb);
    if (!r->chunked && !apr_table_get(r->headers_out, "Content-Length") && !c->master && /* known only now: a filter may have dropped the length */
        apr_os_sock_get(&fd, ap_get_conn_socket(c)) == APR_SUCCESS) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        c->aborted = 1;
    }
}

/*
 * not_taken ends a request whose response could not be handed on: the client is gone, or a filter failed. Then httpd makes its own page if nothing
 * has left, unless it has done so already (416 by the range filter); what has left in part must not look complete. Returns: as a handler.
 */
static int not_taken(exchange *x)
{
    request_rec *r = x->r;

    if (r->connection->aborted || x->answered)
        return OK;
    if (r->sent_bodyct) {
        break_response(x);
        return OK;
    }
    r->eos_sent = 0; /* passed to a filter, but no further */
    return AP_FILTER_ERROR;
}

/* ---- request --------------------------------------------------------------------------------------------------------------- */

/* read_block reads a part of the request body, at most len bytes. Returns: how many; 0 if it has ended, or nothing is there; -1 if the client failed. */
static int64_t read_block(exchange *x, char *buf, apr_size_t len, apr_read_type_e block)
{
    request_rec *r = x->r;
    apr_status_t rv = ap_get_brigade(r->input_filters, x->input, AP_MODE_READBYTES, block, (apr_off_t)len);

    if (block == APR_NONBLOCK_READ && (APR_STATUS_IS_EAGAIN(rv) || rv == APR_ENOTIMPL || /* by a filter that always waits */
                                       (rv == APR_SUCCESS && APR_BRIGADE_EMPTY(x->input))))
        return 0;
    if (rv == APR_SUCCESS) {
        x->body_read = APR_BRIGADE_EMPTY(x->input) || APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(x->input));
        rv = apr_brigade_flatten(x->input, buf, &len);
    }
    apr_brigade_cleanup(x->input);
    if (rv == APR_SUCCESS) {
        r->read_length += (apr_off_t)len;
        return (int64_t)len;
    }
    x->body_read = 1; /* nothing more can be read, not even to discard it */
    x->unreadable = ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
    r->connection->keepalive = AP_CONN_CLOSE;
    return -1;
}

/*
 * cut_off says whether a body of unknown length that seems to have ended was reset by an HTTP/2 client. mod_http2 gives its input an end then,
 * as if the client had sent one, and marks the connection only when its other thread goes on, 0.1 ms later.
 */
static int cut_off(const request_rec *r)
{
    if (!r->connection->master || !r->read_chunked)
        return 0;
    if (!r->connection->aborted)
        apr_sleep(GOJK_RESET_US);
    return r->connection->aborted;
}

static int64_t gojk_host_read_body(gojk_request *request, void *buf, size_t len, int wait)
{
    exchange *x = request->host;
    size_t have = 0;
    int64_t n = 1;

    if (x->unreadable)
        return wait ? -1 : 0;
    if (!x->asked) { /* sends 100 Continue if the client waits for it */
        x->asked = 1;
        x->body_read = !ap_should_client_block(x->r);
        x->input = apr_brigade_create(x->r->pool, x->r->connection->bucket_alloc);
    }
    while (have < len && !x->body_read && (n > 0 || wait)) {
        n = read_block(x, (char *)buf + have, len - have, wait ? APR_BLOCK_READ : APR_NONBLOCK_READ);
        have += n > 0 ? (size_t)n : 0;
    }
    if (wait && !have && x->body_read && cut_off(x->r)) {
        x->unreadable = HTTP_BAD_REQUEST;
        n = -1;
    }
    return n < 0 && wait ? -1 : (int64_t)have;
}

static gojk_str str(const char *s)
{
    return (gojk_str){s, s ? strlen(s) : 0};
}

/*
 * is_error_page says whether a request is for an ErrorDocument. httpd makes it a GET, but leaves it the headers of the request that failed. That
 * one's body may have been read, and its conditions are about another resource: a 304 for the page would confirm what the client has of that one.
 */
static int is_error_page(const request_rec *r)
{
    const request_rec *before;

    for (before = r->prev; before; before = before->prev)
        if (before->status != HTTP_OK)
            return 1;
    return 0;
}

/* not_for_error_page says whether a request header is about the body or a condition. */
static int not_for_error_page(const char *name)
{
    return !ap_cstr_casecmp(name, "Content-Length") || !ap_cstr_casecmp(name, "Transfer-Encoding") ||
           !ap_cstr_casecmp(name, "Upgrade") || !ap_cstr_casecmpn(name, "If-", 3);
}

/* list_of lists a table in its order. leaves_out says which names are left out; NULL: none. */
static gojk_headers list_of(apr_pool_t *p, const apr_table_t *table, int (*leaves_out)(const char *name))
{
    const apr_array_header_t *in = apr_table_elts(table);
    gojk_header *list = apr_palloc(p, (apr_size_t)in->nelts * sizeof(*list));
    size_t n = 0;
    int i;

    for (i = 0; i < in->nelts; i++) {
        const apr_table_entry_t *e = &APR_ARRAY_IDX(in, i, apr_table_entry_t);

        if (!leaves_out || !leaves_out(e->key))
            list[n++] = (gojk_header){str(e->key), str(e->val)};
    }
    return (gojk_headers){list, n, n};
}

/*
 * changes_length says whether the request body passes a filter of httpd's that makes it longer or shorter: then the length that the client has announced is
 * not that of what is read. Others (mod_security) only look.
 */
static int changes_length(const request_rec *r)
{
    static const char *const names[] = {"SED", "XLATEIN", "XML2ENC"};
    const ap_filter_t *f;
    size_t i;

    for (f = r->input_filters; f && f != r->proto_input_filters; f = f->next) {
        if (!ap_cstr_casecmp(f->frec->name, "DEFLATE") && apr_table_get(r->headers_in, "Content-Encoding"))
            return 1;
        for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if (!ap_cstr_casecmp(f->frec->name, names[i]))
                return 1;
    }
    return 0;
}

/* fill_body says what is known of the request body; ap_setup_client_block has run. */
static void fill_body(gojk_request *q, const request_rec *r)
{
    q->content_length = -1;
    if (is_error_page(r))
        return;
    if (r->read_chunked || (r->remaining > 0 && changes_length(r)))
        q->flags |= GOJK_REQ_CHUNKED;
    else if (apr_table_get(r->headers_in, "Content-Length"))
        q->content_length = r->remaining;
}

static void fill_request(gojk_request *q, request_rec *r, const server_conf *conf, const mapped_request *m)
{
    q->method = str(r->method);
    q->protocol = str(r->protocol);
    q->uri = str(m->uri);
    q->unparsed_uri = str(r->unparsed_uri);
    q->query = str(r->args);
    q->remote_addr = str(r->useragent_ip);
    q->peer_addr = str(r->connection->client_ip);
    q->local_addr = str(r->connection->local_ip);
    q->remote_host = str(ap_get_useragent_host(r, REMOTE_HOST, NULL));
    q->server_name = str(ap_get_server_name(r));
    q->remote_user = str(r->user);
    q->auth_type = str(r->ap_auth_type);
    q->worker_name = str(m->worker_name);
    q->started = r->request_time;
    q->server = conf->index;
    q->epoch = m->epoch;
    q->worker = m->worker;
    q->rule = m->rule;
    q->flags = (r->args ? GOJK_REQ_HAS_QUERY : 0u) | (r->header_only ? GOJK_REQ_HEAD_ONLY : 0u);
    q->remote_port = r->useragent_addr ? r->useragent_addr->port : 0;
    q->peer_port = r->connection->client_addr->port;
    q->server_port = ap_get_server_port(r);
    fill_body(q, r);
    if (child.server[conf->index].env_vars) /* JkEnvVar may ask for what httpd only makes for CGI scripts */
        ap_add_common_vars(r);
    q->headers = list_of(r->pool, r->headers_in, is_error_page(r) ? not_for_error_page : NULL);
    q->environment = list_of(r->pool, r->subprocess_env, NULL);
}

/* served_record makes room for what the library notes of a request. */
static gojk_served *served_record(apr_pool_t *p)
{
    gojk_served *served = apr_palloc(p, sizeof(*served));

    memset(served, 0, offsetof(gojk_served, notes));
    return served;
}

/*
 * set_notes leaves for the access log who served the request. Added, not set, unless an internal redirect was served before: setting looks through all
 * notes each time.
 */
static void set_notes(request_rec *r, const gojk_served *served)
{
    int again = served->used && apr_table_get(r->notes, served->notes);
    const char *name, *value;

    for (name = served->notes; name < served->notes + served->used; name = value + strlen(value) + 1) {
        value = name + strlen(name) + 1;
        (again ? apr_table_setn : apr_table_addn)(r->notes, name, value);
    }
}

/* remember keeps what JkRequestLogFormat needs of a request that was served. */
static void remember(request_rec *r, const server_conf *conf, const mapped_request *m, const gojk_served *served)
{
    mapped_request *kept;

    if (!child.server[conf->index].request_log)
        return;
    kept = apr_pmemdup(r->pool, m, sizeof(*m));
    kept->served = served;
    ap_set_module_config(r->request_config, &gojk_module, kept);
}

/* serve hands the request to Go and turns the verdict into httpd's terms. */
static int serve(request_rec *r, const server_conf *conf, const mapped_request *m)
{
    gojk_request q;
    exchange x = {r, NULL, NULL, 0, 0, 0, 0};
    int rc = OK;

    if (is_error_page(r))
        apr_table_unset(r->headers_in, "Range"); /* nor shall httpd make parts of it */
    else
        rc = ap_setup_client_block(r, REQUEST_CHUNKED_DECHUNK);
    if (rc != OK)
        return rc;
    memset(&q, 0, sizeof(q));
    q.host = &x;
    q.served = served_record(r->pool);
    fill_request(&q, r, conf, m);
    x.body_read = q.content_length <= 0 && !(q.flags & GOJK_REQ_CHUNKED);
    in_go++;
    rc = go.serve(&q);
    in_go--;
    set_notes(r, q.served);
    remember(r, conf, m, q.served);
    switch (rc) {
    case GOJK_SERVE_DONE:
        if (!x.body_read)
            ap_discard_request_body(r);
        /* Who includes a part of a page has to know whether it is one. */
        return r->main && ap_is_HTTP_ERROR(r->status) ? r->status : OK;
    case GOJK_SERVE_CLIENT_GONE:
        return not_taken(&x);
    case GOJK_SERVE_BROKEN:
        break_response(&x);
        return OK;
    default:
        if (x.unreadable && r->eos_sent) /* the input filter has sent its own error page */
            return OK;
        return ap_is_HTTP_ERROR(x.unreadable) && rc == HTTP_BAD_REQUEST ? x.unreadable : rc;
    }
}

/* ---- hooks --------------------------------------------------------------------------------------------------------------------- */

/* mapped returns what is known of a request that a worker has; NULL for any other. */
static mapped_request *mapped(const request_rec *r)
{
    mapped_request *m = ap_get_module_config(r->request_config, &gojk_module);

    return m == &not_mapped || m == &in_mod_dir ? NULL : m;
}

/* claim makes a request ours. */
static void claim(request_rec *r, mapped_request *m)
{
    ap_set_module_config(r->request_config, &gojk_module, m);
    r->handler = GOJK_HANDLER;
}

/* What mapping returns besides OK, DECLINED and HTTP statuses: JkAutoAlias has named the file. */
#define ALIASED (-100)

/* alias names the file that JkAutoAlias found. In a sub-request, which asks whether there is a welcome file, only a file counts. */
static int alias(request_rec *r, const server_conf *conf, const char *path)
{
    const char *file = apr_pstrcat(r->pool, child.server[conf->index].auto_alias.data, path, NULL);
    apr_finfo_t info;

    if (r->main && (apr_stat(&info, file, APR_FINFO_TYPE, r->pool) != APR_SUCCESS || info.filetype != APR_REG))
        return DECLINED;
    r->filename = apr_pstrdup(r->pool, file);
    return ALIASED;
}

/* ask_go maps a URI with the library. Returns: OK on a hit, DECLINED on a miss, ALIASED, or an HTTP status. */
static int ask_go(request_rec *r, const server_conf *conf, const char *uri, int may_alias)
{
    gojk_map_query q;
    mapped_request *m;
    char room[512];
    size_t len = strlen(uri);
    int verdict;

    q.uri = (gojk_str){uri, len};
    q.target = str(r->unparsed_uri);
    q.normalised = len < sizeof(room) ? room : apr_palloc(r->pool, len + 1);
    q.server = conf->index;
    q.may_alias = (uint32_t)may_alias;
    q.as_file = 0;
    in_go++;
    verdict = go.map(&q);
    in_go--;
    if (verdict == GOJK_MAP_MISS)
        return DECLINED;
    if (verdict == GOJK_MAP_ALIAS)
        return alias(r, conf, q.normalised);
    if (verdict != GOJK_MAP_HIT)
        return verdict;
    m = apr_palloc(r->pool, sizeof(*m));
    m->uri = uri;
    m->worker_name = apr_pstrdup(r->pool, q.worker_name);
    m->worker = q.worker;
    m->rule = q.rule;
    m->epoch = q.epoch;
    m->as_written = 0;
    m->served = NULL;
    r->uri = q.normalised == room ? apr_pstrdup(r->pool, room) : q.normalised;
    apr_table_setn(r->notes, "JK_WORKER_NAME", m->worker_name);
    claim(r, m);
    return OK;
}

/* below returns what follows a folder in the path of a file, from its '/' on; NULL if the file is not below it. */
static const char *below(const char *dir, const char *file)
{
    size_t len = dir ? strlen(dir) : 0;

    while (len > 0 && dir[len - 1] == '/')
        len--;
    return len > 0 && file && !strncmp(file, dir, len) && file[len] == '/' ? file + len : NULL;
}

/* aliased returns the URI of a file that is where JkAutoAlias puts it; NULL for any other. */
static const char *aliased(const request_rec *r, const server_conf *conf)
{
    return engine ? below(child.server[conf->index].auto_alias.data, r->filename) : NULL;
}

/* path_of_file returns the path of the file that httpd has found for a request, as rules know it: without what httpd has left over as path info. */
static const char *path_of_file(request_rec *r, const server_conf *conf)
{
    const char *uri = aliased(r, conf);
    size_t info = r->path_info ? strlen(r->path_info) : 0;
    char *path;
    size_t len;

    if (uri)
        return uri;
    path = apr_pstrdup(r->pool, r->uri);
    ap_no2slash(path); /* as in path_info */
    len = strlen(path);
    if (info > 0 && info <= len && !strcmp(path + len - info, r->path_info))
        path[len - info] = '\0';
    return path;
}

/*
 * uri_of_file returns the URI of a file, for sub-requests that name one (SSI): in the DocumentRoot, where JkAutoAlias puts it, or below the folder of the
 * request that asks (Alias); NULL for any other.
 */
static const char *uri_of_file(request_rec *r, const server_conf *conf)
{
    const char *uri = aliased(r, conf), *folder, *rest;

    if (!uri)
        uri = below(ap_document_root(r), r->filename);
    if (uri || !r->main || !r->main->filename)
        return uri;
    folder = ap_make_dirstr_parent(r->pool, path_of_file(r->main, conf));
    rest = below(ap_make_dirstr_parent(r->pool, r->main->filename), r->filename);
    return rest ? apr_pstrcat(r->pool, folder, rest + 1, NULL) : NULL;
}

/* is_ours says whether requests of a server can be a worker's at all. */
static int is_ours(const request_rec *r, const server_conf *conf)
{
    return jk_configured && !r->proxyreq &&
           (!engine || __atomic_load_n(&child.server[conf->index].mounted, __ATOMIC_RELAXED)) &&
           !apr_table_get(r->subprocess_env, "no-jk");
}

/* map_request decides whether a request is a worker's, or perhaps JkAutoAlias's. Returns: as ask_go. */
static int map_request(request_rec *r, const server_conf *conf, int may_alias)
{
    const char *uri = r->uri;

    if (!uri || !strcmp(uri, "*") || !is_ours(r, conf))
        return DECLINED;
    if (!*uri && !(uri = uri_of_file(r, conf)))
        return DECLINED;
    if (engine)
        return ask_go(r, conf, uri, may_alias);
    if (!may_be_mapped(r->pool, conf, strip_parameters(r->pool, uri)))
        return DECLINED;
    claim(r, apr_pcalloc(r->pool, sizeof(mapped_request)));
    return OK;
}

static int hook_translate_name(request_rec *r)
{
    int rc = map_request(r, conf_of(r->server), 1);

    if (rc == DECLINED || rc == ALIASED)
        ap_set_module_config(r->request_config, &gojk_module, &not_mapped);
    return rc == ALIASED ? OK : rc;
}

/* ask_again maps a path for a request that has been mapped already. q has the path. Returns: as go.map. */
static int ask_again(request_rec *r, const server_conf *conf, gojk_map_query *q)
{
    int verdict;

    q->server = conf->index;
    q->normalised = apr_palloc(r->pool, q->uri.len + 1);
    in_go++;
    verdict = go.map(q);
    in_go--;
    return verdict;
}

/* withhold answers a request for a file that a worker has. */
static int withhold(request_rec *r)
{
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  "mod_gojk: %.*s leads to a file that a mount gives to a worker: not served id=GOJK0030",
                  before_parameters(r->uri), r->uri);
    return HTTP_NOT_FOUND;
}

/* strip removes the first session id from a path, up to the next parameter or segment. Returns: whether there was one. */
static int strip(char *path, const gojk_str *id)
{
    char *at = path ? strstr(path, id->data) : NULL;
    char *rest;

    if (!at)
        return 0;
    rest = at + id->len + strcspn(at + id->len, ";/");
    memmove(at, rest, strlen(rest) + 1);
    return 1;
}

/* has_dots says whether a path has a segment that is a dot or two. */
static int has_dots(apr_pool_t *p, const char *path)
{
    char *without = apr_pstrdup(p, path);

    ap_getparents(without);
    return strcmp(without, path) != 0;
}

/* judge_stripped treats a path that JkStripSession has shortened like one that has come so. httpd and the rules had seen another. Returns: DECLINED, or an HTTP status. */
static int judge_stripped(request_rec *r, const server_conf *conf, int had_empty_segment)
{
    gojk_map_query q = {.uri = str(r->uri), .may_alias = aliased(r, conf) != NULL};
    int verdict;

    if (has_dots(r->pool, r->uri) || (strstr(r->uri, "//") && !had_empty_segment))
        return HTTP_NOT_FOUND;
    if (*r->uri != '/' || !is_ours(r, conf))
        return DECLINED;
    verdict = ask_again(r, conf, &q);
    if (verdict == GOJK_MAP_HIT)
        return withhold(r);
    return verdict == GOJK_MAP_MISS || verdict == GOJK_MAP_ALIAS ? DECLINED : verdict;
}

/* leave_alone is what becomes of a request that no worker has: JkStripSession makes the file findable. */
static int leave_alone(request_rec *r, const server_conf *conf)
{
    const gojk_str *id = engine ? &child.server[conf->index].strip_session : NULL;
    int had_empty_segment;

    if (!id || !id->data || r->proxyreq)
        return DECLINED;
    had_empty_segment = strstr(r->uri, "//") != NULL;
    strip(r->filename, id);
    return strip(r->uri, id) ? judge_stripped(r, conf, had_empty_segment) : DECLINED;
}

/*
 * welcome_file serves mod_dir, which asks by a sub-request whether a welcome file of a directory exists. If a mapped one does, mod_dir puts the
 * sub-request in the place of the request, but not what we noted of it. If it does not, the container may know better: the directory itself
 * becomes the worker's, as in mod_jk. A static welcome file that mod_dir finds after it still wins. In the same way a request becomes the worker's
 * that has found no file and whose FallbackResource is mapped. translated: the sub-request names a URI, not a file. Others look ahead by sub-requests too
 * (RewriteCond -U, <If>): that changes nothing.
 */
static void welcome_file(request_rec *r, const mapped_request *m, int translated)
{
    request_rec *of = r->main;
    mapped_request *directory;

    if (!of || ap_get_module_config(of->request_config, &gojk_module) != &in_mod_dir ||
        (of->finfo.filetype != APR_DIR && !translated))
        return;
    directory = apr_pmemdup(of->pool, m, sizeof(*m));
    directory->worker_name = apr_pstrdup(of->pool, m->worker_name);
    directory->uri = of->uri;
    directory->as_written = 1;
    if (of->finfo.filetype == APR_DIR) {
        r->filename = apr_pstrcat(r->pool, of->filename, of->filename[strlen(of->filename) - 1] == '/' ? "" : "/",
                                  r->filename, NULL);
        if (apr_stat(&r->finfo, r->filename, APR_FINFO_MIN, r->pool) == APR_SUCCESS && r->finfo.filetype == APR_REG) {
            directory->uri = apr_pstrdup(of->pool, m->uri);
            directory->as_written = 0;
        }
    }
    if (directory->worker_name)
        apr_table_setn(of->notes, "JK_WORKER_NAME", directory->worker_name);
    if (directory->as_written)
        claim(of, directory);
    else
        ap_set_module_config(of->request_config, &gojk_module, directory);
}

/* map_to_storage maps what another module translated first, and keeps mapped requests away from the file system. */
static int hook_map_to_storage(request_rec *r)
{
    const server_conf *conf = conf_of(r->server);
    mapped_request *m = ap_get_module_config(r->request_config, &gojk_module);
    int translated = m != NULL;
    const char *slash;
    int rc;

    if (m == &not_mapped)
        return leave_alone(r, conf);
    if (!m) {
        rc = map_request(r, conf, 0);
        if (rc == DECLINED)
            return leave_alone(r, conf);
        if (rc != OK)
            return rc;
        m = ap_get_module_config(r->request_config, &gojk_module);
    }
    slash = strrchr(r->uri, '/');
    r->filename = apr_pstrdup(r->pool, slash ? slash + 1 : r->uri);
    welcome_file(r, m, translated);
    return OK;
}

/*
 * shows_source says whether the file that httpd is about to send is one that a worker has. Mapping has read the path without parameters, and with all that is behind the
 * file: "/a;b.jsp" was "/a", and "/a.jsp/x" (AcceptPathInfo) no JSP. JkStripSession may have shortened it since. A ';' that the file's name does not have begins a
 * parameter also here.
 */
static int shows_source(request_rec *r, const server_conf *conf)
{
    gojk_map_query q = {.as_file = r->filename && strchr(r->filename, ';')};

    if (r->finfo.filetype != APR_REG || (r->handler && strcmp(r->handler, "default-handler")) || !is_ours(r, conf))
        return 0;
    if (!(r->path_info && *r->path_info) && !strchr(r->uri, ';') &&
        !(r->unparsed_uri && ap_strcasestr(r->unparsed_uri, "%3b")))
        return 0;
    q.uri = str(path_of_file(r, conf));
    if (!engine)
        return may_be_mapped(r->pool, conf, q.as_file ? q.uri.data : strip_parameters(r->pool, q.uri.data));
    return ask_again(r, conf, &q) != GOJK_MAP_MISS;
}

/* before_mod_dir marks a request that mod_dir's fixup gets next. */
static int before_mod_dir(request_rec *r)
{
    if (!mapped(r))
        ap_set_module_config(r->request_config, &gojk_module, &in_mod_dir);
    return DECLINED;
}

/* fixups keeps source in, and says what takes mapped requests away, after all other modules had their turn: as in mod_jk they lose silently otherwise. */
static int hook_fixups(request_rec *r)
{
    static apr_time_t next_handler, next_no_jk;
    const mapped_request *m = mapped(r);

    if (!m) {
        ap_set_module_config(r->request_config, &gojk_module, &not_mapped);
        if (shows_source(r, conf_of(r->server)))
            return engine ? withhold(r) : unavailable(r);
        return DECLINED;
    }
    if (!m->worker_name)
        return DECLINED;
    if ((!r->handler || strcmp(r->handler, GOJK_HANDLER)) && !m->as_written && once_a_minute(&next_handler))
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                      "mod_gojk: %s is mapped to worker %s, but AddHandler or SetHandler gives it to the handler %s; "
                      "the worker does not get it (logged once a minute) id=GOJK0015",
                      r->uri, m->worker_name, r->handler ? r->handler : "none");
    if (apr_table_get(r->subprocess_env, "no-jk") && once_a_minute(&next_no_jk))
        ap_log_rerror(
            APLOG_MARK, APLOG_WARNING, 0, r,
            "mod_gojk: no-jk was set too late for %s, which is mapped to worker %s already, so the answer is 404; "
            "SetEnvIf or a RewriteRule of the server can set it in time, SetEnv cannot (logged once a minute) "
            "id=GOJK0016",
            r->uri, m->worker_name);
    return DECLINED;
}

/* named_worker is the name in a value of JK_WORKER_NAME, without rule extensions. */
static const char *named_worker(request_rec *r, const char *value)
{
    return apr_pstrmemdup(r->pool, value, strcspn(value, ";"));
}

/*
 * took_over says whether a mapped sub-request is in the place of the request, as the variant is that mod_negotiation chose: httpd merges the notes, but
 * not what we know of it.
 */
static int took_over(const request_rec *r)
{
    return apr_table_get(r->notes, "JK_WORKER_NAME") != NULL;
}

/* worker_of names the worker of a request that is mapped, or goes to one by its handler; NULL if none is known. */
static const char *worker_of(const request_rec *r, const server_conf *conf)
{
    const mapped_request *m = mapped(r);

    return m ? m->worker_name : apr_table_get(r->subprocess_env, child.server[conf->index].worker_variable.data);
}

/*
 * check_as_read asks httpd whether it would let the client have the path that the container reads, by the same handler and from the same worker. For a mapped request that is
 * done: <Location> was evaluated again on the normalised path. Any other goes to the container with its parameters: "/a;x" and "/;x/a" are "/a" there, "/b/..;/a" too, and were no
 * <Location /a>. Returns: OK, or an HTTP status.
 */
static int check_as_read(request_rec *r, const server_conf *conf, const char *worker_name)
{
    const char *variable = child.server[conf->index].worker_variable.data, *value, *other;
    gojk_map_query q = {.uri = str(r->uri), .target = str(r->unparsed_uri)};
    request_rec *asked;
    int rc;

    if (!strchr(r->uri, ';'))
        return OK;
    rc = ask_again(r, conf, &q);
    if (rc >= HTTP_BAD_REQUEST)
        return rc;
    value = apr_table_get(r->subprocess_env, variable);
    apr_table_unset(r->subprocess_env, variable); /* a sub-request inherits it, and SetEnv does not replace what is inherited */
    asked = ap_sub_req_lookup_uri(ap_escape_uri(r->pool, q.normalised), r, NULL);
    other = worker_of(asked, conf);
    if (asked->status >= HTTP_BAD_REQUEST || !asked->handler || strcmp(asked->handler, r->handler) ||
        (other && strcmp(other, worker_name)))
        rc = HTTP_FORBIDDEN; /* a 401 would lack its challenge */
    else
        rc = OK;
    ap_destroy_sub_req(asked);
    if (value)
        apr_table_setn(r->subprocess_env, variable, value);
    return rc;
}

static int hook_handler(request_rec *r)
{
    const server_conf *conf = conf_of(r->server);
    const mapped_request *m = mapped(r);
    mapped_request named = {.uri = r->uri, .worker = GOJK_NO_WORKER, .as_written = 1};
    int directory, rc;

    if (!jk_configured || !r->handler)
        return DECLINED;
    directory = engine && !strcmp(r->handler, DIR_MAGIC_TYPE) && child.server[conf->index].forward_directories;
    if (!directory && strcmp(r->handler, GOJK_HANDLER))
        return DECLINED;
    if (apr_table_get(r->subprocess_env, "no-jk"))
        return DECLINED;
    if (r->proxyreq)
        return HTTP_INTERNAL_SERVER_ERROR;
    if (!engine)
        return unavailable(r);
    if (!m && took_over(r)) {
        rc = map_request(r, conf, 0);
        if (rc != OK && rc != DECLINED)
            return rc;
        m = mapped(r);
    }
    if (!m) {
        named.worker_name = worker_of(r, conf);
        if (!named.worker_name && directory)
            return DECLINED;
        if (!named.worker_name) { /* never DECLINED: the default handler would serve the file's source */
            ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                          "mod_gojk: handler " GOJK_HANDLER
                          " is set for %.*s, but no mount matches it and %s is not set id=GOJK0008",
                          before_parameters(r->uri), r->uri, child.server[conf->index].worker_variable.data);
            return HTTP_NOT_FOUND;
        }
        m = &named;
    }
    if (m->as_written && (rc = check_as_read(r, conf, m->worker_name)) != OK)
        return rc;
    if (m == &named)
        apr_table_setn(r->notes, "JK_WORKER_NAME", named_worker(r, named.worker_name));
    return serve(r, conf, m);
}

/* log_request gives a request that was served to the library, which writes the line of JkRequestLogFormat. */
static void log_request(request_rec *r, const mapped_request *m)
{
    const server_rec *s = r->server;
    gojk_log_entry entry = {
        .protocol = str(r->protocol),
        .method = str(r->method),
        .query = str(r->args),
        .request_line = str(r->parsed_uri.password
                                ? apr_pstrcat(r->pool, r->method, " ", apr_uri_unparse(r->pool, &r->parsed_uri, 0),
                                              r->assbackwards ? NULL : " ", r->protocol, NULL)
                                : r->the_request),
        .uri = str(r->uri),
        .server_name = str(s->server_hostname),
        .server_name_used = str(ap_get_server_name(r)),
        .worker = str(apr_table_get(r->notes, "JK_WORKER_NAME")),
        .route = str(m->served->route ? m->served->notes + m->served->route : NULL),
        .bytes_sent = r->sent_bodyct ? (int64_t)r->bytes_sent : -1,
        .duration = m->served->duration,
        .server = conf_of(s)->index,
        .port = s->port ? s->port : ap_default_port(r),
        .status = r->status,
        .flags = r->args ? GOJK_REQ_HAS_QUERY : 0,
    };

    in_go++;
    go.log_request(&entry);
    in_go--;
}

static int hook_log_transaction(request_rec *r)
{
    const mapped_request *m;

    for (; engine && r; r = r->next) {
        m = mapped(r);
        if (m && m->served)
            log_request(r, m);
    }
    return DECLINED;
}

static void register_hooks(apr_pool_t *p)
{
    static const char *const mod_jk[] = {MOD_JK, NULL}; /* has the same handler, so we come before it */
    static const char *const mod_dir[] = {"mod_dir.c", NULL};

    (void)p;
    ap_hook_pre_config(hook_pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(hook_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(hook_post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(hook_child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_translate_name(hook_translate_name, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_map_to_storage(hook_map_to_storage, NULL, mod_jk, APR_HOOK_MIDDLE);
    ap_hook_fixups(before_mod_dir, NULL, mod_dir, APR_HOOK_LAST);
    ap_hook_fixups(hook_fixups, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_handler(hook_handler, NULL, mod_jk, APR_HOOK_MIDDLE);
    ap_hook_log_transaction(hook_log_transaction, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_monitor(hook_monitor, NULL, NULL, APR_HOOK_MIDDLE);
}

module AP_MODULE_DECLARE_DATA gojk_module = {STANDARD20_MODULE_STUFF, NULL, NULL, create_server_conf, NULL, directives,
                                             register_hooks,
#ifdef AP_MODULE_FLAG_NONE
                                             AP_MODULE_FLAG_NONE
#endif
};
