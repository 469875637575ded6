/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/*
 * mod_gojk.h: the whole boundary between the shim (cgo_bridge.c, inside httpd) and the library (libgojk.so, written
 * in Go). Whatever crosses is declared here and nowhere else.
 *
 * Names tell the direction. gojk_go_* is implemented in Go and called from C; gojk_host_* is implemented in C and called
 * from Go, on the thread of, and during, a gojk_go_* call (gojk_host_log also from Go's own threads).
 *
 * Rules that hold for every call:
 *   - Strings are pointer + length. A NULL pointer means "absent", a length of 0 with a pointer means "empty".
 *   - Memory is borrowed for the duration of the call. Who wants to keep something copies it.
 *   - Nothing crosses that the other side must free.
 *   - No call unwinds: a panic in Go is recovered at the boundary and becomes a return value.
 *   - A change of anything in this file raises GOJK_ABI.
 */
#ifndef MOD_GOJK_H
#define MOD_GOJK_H

#include <stddef.h>
#include <stdint.h>

/* GOJK_ABI is the version of this file. Shim and library refuse each other if they were built from different ones. */
#define GOJK_ABI 6u

/* gojk_str is a borrowed string. Layout: a Go string. In C memory a NUL follows the last byte wherever "C string" is said. */
typedef struct gojk_str
{
    const char *data;
    size_t len;
} gojk_str;

/* gojk_header is a name and a value: a header, an attribute, an environment variable. */
typedef struct gojk_header
{
    gojk_str name;
    gojk_str value;
} gojk_header;

/* gojk_headers is a list of headers. Layout: a Go slice; cap is at least len and otherwise unused. */
typedef struct gojk_headers
{
    const gojk_header *data;
    size_t len;
    size_t cap;
} gojk_headers;

/* gojk_chunks is a list of byte ranges. Layout: a Go slice. */
typedef struct gojk_chunks
{
    const gojk_str *data;
    size_t len;
    size_t cap;
} gojk_chunks;

/* ---- the shared mapping ------------------------------------------------------------------------------------------ */

/*
 * One mapping per httpd generation (JkShmFile), sparse and fixed in size. The parent creates it, writes
 * gojk_shm_header and the configuration into slot 0, and lets the checker process format the rest; children inherit it.
 * The layout after the header belongs to balancer/shm.
 */
#define GOJK_SHM_MAGIC 0x314d48534b4a4f47ull /* "GOJKSHM1" in memory */
#define GOJK_SHM_LAYOUT 1u
#define GOJK_SHM_CONFIG_OFFSET ((size_t)4096)
#define GOJK_SHM_CONFIG_SLOT ((size_t)16 << 20) /* two slots of this size; epoch e lives in slot e % 2 */
#define GOJK_SHM_RECORDS_OFFSET (GOJK_SHM_CONFIG_OFFSET + 2 * GOJK_SHM_CONFIG_SLOT)
#define GOJK_SHM_SIZE ((size_t)128 << 20)

typedef struct gojk_shm_header
{
    uint64_t magic;
    uint32_t layout;
    uint32_t parent_pid;
    uint64_t generation;       /* 1 for a start, one more for each restart */
    uint64_t size;             /* bytes of the whole mapping */
    uint64_t config_epoch;     /* atomic; which configuration is in force; 0 for the one that the parent wrote */
    uint64_t config_length[2]; /* bytes used in each slot */
} gojk_shm_header;

/*
 * The configuration is a sequence of records, each a gojk_record followed by its strings, each string a uint32_t length,
 * the bytes and a NUL (not counted). Numbers are in the machine's byte order, nothing is padded.
 */
typedef struct gojk_record
{
    uint32_t kind;    /* GOJK_RECORD_* */
    uint32_t server;  /* index of the server it belongs to; 0 is the main server */
    uint32_t line;    /* line in the configuration file, 0 if there is none */
    uint32_t a;       /* as the kind says */
    uint32_t b;       /* as the kind says */
    uint32_t strings; /* how many strings follow */
} gojk_record;

enum
{
    GOJK_RECORD_ROOT = 1,      /* strings: ServerRoot, httpd's version, mod_gojk's version. a: requests at a time in a child */
    GOJK_RECORD_SERVER = 2,    /* strings: name as the status page shows it. b: descriptor of the log */
    GOJK_RECORD_DIRECTIVE = 3, /* strings: file, directive, arguments. JkMount/JkUnMount: always URI, worker */
    GOJK_RECORD_FILE = 4       /* strings: directive that named it, path, content. line: of the directive.
                                  a: errno if it could not be read */
};

/* ---- a request --------------------------------------------------------------------------------------------------- */

enum
{
    GOJK_NAME_MAX = 63 /* longest name of a worker, route, domain; mod_jk's limit */
};

#define GOJK_NO_WORKER 0xffffffffu

/* gojk_map_query asks which worker a URI belongs to. */
typedef struct gojk_map_query
{
    gojk_str uri;       /* in: r->uri, decoded once by httpd */
    gojk_str target;    /* in: r->unparsed_uri, the request target as the client sent it; absent: unknown */
    char *normalised;   /* in: room for uri.len + 1 bytes. out, unless httpd answers: the normalised path, a C string */
    uint32_t server;    /* in */
    uint32_t may_alias; /* in: not 0 if JkAutoAlias may apply */
    uint32_t as_file;   /* in: not 0 if uri is the path of a file that httpd is about to send: each ';' is a letter */
    uint32_t epoch;     /* out: configuration that answered */
    uint32_t worker;    /* out: index of the worker in that configuration */
    uint32_t rule;      /* out: index of the rule in that configuration */
    char worker_name[GOJK_NAME_MAX + 1]; /* out, on a hit: a C string */
} gojk_map_query;

/* What gojk_go_map returns: one of these, or an HTTP status (400 to 599) that httpd answers. */
enum
{
    GOJK_MAP_MISS = 0, /* no rule: not ours */
    GOJK_MAP_HIT = 1,  /* a worker has it */
    GOJK_MAP_ALIAS = 2 /* no rule, but JkAutoAlias has a folder for it: the file is auto_alias followed by normalised */
};

enum
{
    GOJK_REQ_HAS_QUERY = 1u << 0, /* the URI had a '?', query may be empty */
    GOJK_REQ_CHUNKED = 1u << 1,   /* a body of unknown length may follow */
    GOJK_REQ_HEAD_ONLY = 1u << 2  /* the client wants no body */
};

enum
{
    GOJK_NOTES_ROOM = 1536 /* bytes, for all notes of a request at their longest */
};

/* gojk_served is what is to be noted of a request when it is over. The shim clears all but the notes' room, the library writes it. */
typedef struct gojk_served
{
    int64_t duration; /* microseconds in gojk_go_serve */
    uint32_t used;    /* bytes of notes; 0: there are none */
    uint32_t route;   /* where in notes the value of JK_WORKER_ROUTE begins; 0: there is none */
    char notes[GOJK_NOTES_ROOM]; /* C strings: name, value, name, value, ... */
} gojk_served;

/*
 * gojk_request is one request, filled by the shim, valid during gojk_go_serve. Layout: service.Request in
 * module/internal/service, field by field (module/view.go asserts it).
 */
typedef struct gojk_request
{
    void *host; /* the shim's own; Go only hands it back */

    gojk_str method;
    gojk_str protocol;
    gojk_str uri;          /* path as httpd decoded it, before normalisation */
    gojk_str unparsed_uri; /* the request target as the client sent it */
    gojk_str query;
    gojk_str remote_addr; /* of the client, as mod_remoteip may have found it */
    gojk_str peer_addr;   /* of the other end of the connection */
    gojk_str local_addr;
    gojk_str remote_host; /* absent unless httpd looked it up */
    gojk_str server_name;
    gojk_str remote_user;
    gojk_str auth_type;
    gojk_str worker_name; /* of the mapped worker, or JK_WORKER_NAME with its rule extensions */

    gojk_headers headers;     /* request headers, in order */
    gojk_headers environment; /* of the request (subprocess_env), in order */

    int64_t content_length; /* bytes; -1: none announced */
    int64_t started;        /* when httpd received the request; microseconds since 1970 */

    uint32_t server;
    uint32_t epoch;  /* from gojk_map_query */
    uint32_t worker; /* from gojk_map_query; GOJK_NO_WORKER: look worker_name up */
    uint32_t rule;   /* from gojk_map_query */
    uint32_t flags;  /* GOJK_REQ_* */
    uint32_t remote_port;
    uint32_t peer_port;
    uint32_t server_port;

    gojk_served *served; /* written by Go */
} gojk_request;

/* What gojk_go_serve returns: 0, an HTTP status (400 to 599) that httpd answers, or one of these. */
enum
{
    GOJK_SERVE_DONE = 0,         /* the response is complete */
    GOJK_SERVE_CLIENT_GONE = -1, /* the client failed; its connection is of no more use */
    GOJK_SERVE_BROKEN = -2       /* the response broke off: abort the client's connection, it must not look complete */
};

/* ---- a response -------------------------------------------------------------------------------------------------- */

enum
{
    GOJK_RESP_HEAD = 1u << 0,  /* status, reason and headers are new */
    GOJK_RESP_FLUSH = 1u << 1, /* send what there is to the client now */
    GOJK_RESP_END = 1u << 2,   /* nothing follows */

    /* Alone, with nothing sent yet, for the error page that httpd will make. */
    GOJK_RESP_ERROR_HEADERS = 1u << 3, /* headers of the page */
    GOJK_RESP_ERROR_TEXT = 1u << 4     /* the reason is a text for it: HTML that goes to the client as it is */
};

/*
 * gojk_response is the part of a response that has arrived: the head (once), any body, the end (once). It and all it
 * points to lie outside Go's heap and are borrowed for the call. Layout: ajp.Response (module/view.go asserts it).
 * Header names and values and the reason are free of control characters (the library has seen to it).
 */
typedef struct gojk_response
{
    gojk_str reason; /* empty: httpd's own text for the status */
    gojk_headers headers;
    gojk_chunks body;
    uint32_t status;
    uint32_t flags; /* GOJK_RESP_* */
} gojk_response;

/* ---- host calls: implemented in C, called from Go ------------------------------------------------------------------ */

/* Severity of a line for httpd's error log. */
enum
{
    GOJK_LOG_TRACE = 0,
    GOJK_LOG_DEBUG = 1,
    GOJK_LOG_INFO = 2,
    GOJK_LOG_WARN = 3,
    GOJK_LOG_ERROR = 4,
    GOJK_LOG_EMERG = 5
};

/*
 * gojk_host_respond hands a part of the response to the client.
 * Returns: 0 taken; -1 the client is gone, send nothing more.
 *
 * gojk_host_read_body fills buf with the next bytes of the request body. wait not 0: waiting for the client as httpd's timeouts allow.
 * Returns: the number of bytes; fewer than len means that the body has ended; -1 the client failed. wait 0: the number of bytes that are
 * there, perhaps 0; a failure is left to the next call that waits.
 *
 * gojk_host_log writes one line to httpd's error log (in the checker: to whoever started it). Any thread.
 */
#define GOJK_HOST_CALLS(X)                                                                                             \
    X(int, respond, (gojk_request * request, const gojk_response *response))                                           \
    X(int64_t, read_body, (gojk_request * request, void *buf, size_t len, int wait))                                   \
    X(void, log, (int32_t level, gojk_str line))

/* gojk_host is the table of host calls that the shim hands over once. */
typedef struct gojk_host
{
    uint32_t abi;
    uint32_t size;
#define GOJK_HOST_MEMBER(ret, name, params) ret(*name) params;
    GOJK_HOST_CALLS(GOJK_HOST_MEMBER)
#undef GOJK_HOST_MEMBER
} gojk_host;

/* ---- exports: implemented in Go, called from C ---------------------------------------------------------------------- */

/* gojk_check is the checker's work order: a generation that begins, or a new text of the workers file in one that runs. */
typedef struct gojk_check
{
    void *mapping;        /* a new generation: header and configuration slot 0 are written */
    const void *previous; /* the generation before, or NULL; its state is carried over */
    gojk_str workers;     /* new text of JkWorkersFile; absent: a generation begins */
} gojk_check;

/* gojk_server is what the shim needs to know of a server's configuration. The library writes it; strings are C strings that stay. */
typedef struct gojk_server
{
    uint32_t mounted; /* atomic; not 0 while requests must be mapped. A reload may change it, and nothing else here */
    uint32_t forward_directories; /* not 0: JkOptions ForwardDirectories */
    uint32_t request_log;         /* not 0: JkRequestLogFormat is set */
    uint32_t env_vars;            /* not 0: JkEnvVar is set */
    gojk_str worker_variable;     /* name in force of JkWorkerIndicator's variable */
    gojk_str auto_alias;          /* folder of JkAutoAlias; absent: none */
    gojk_str strip_session;       /* what JkStripSession removes; absent: nothing */
} gojk_server;

/* gojk_log_entry is a request that is over, for JkRequestLogFormat. Layout: requestlog.Entry in module/internal/requestlog. */
typedef struct gojk_log_entry
{
    gojk_str protocol;
    gojk_str method;
    gojk_str query;
    gojk_str request_line;
    gojk_str uri;              /* %U */
    gojk_str server_name;      /* %v */
    gojk_str server_name_used; /* %V */
    gojk_str worker;           /* absent: none */
    gojk_str route;            /* absent: none */
    int64_t bytes_sent;        /* of the body; negative: none was begun */
    int64_t duration;          /* microseconds in gojk_go_serve */
    uint32_t server;
    uint32_t port;  /* %p */
    int32_t status; /* not positive: none */
    uint32_t flags; /* GOJK_REQ_HAS_QUERY */
} gojk_log_entry;

/* gojk_child is what a child knows of itself. */
typedef struct gojk_child
{
    void *mapping;       /* this generation, formatted */
    gojk_server *server; /* by index */
    uint32_t servers;
    uint32_t threads; /* that may be in a call at once: httpd's worker threads in this child and mod_http2's, at least 1 */
} gojk_child;

/* Pointers to const, as typedefs: so const survives into the header that cgo generates, and the contract test can compare. */
typedef const gojk_host *gojk_host_ref;
typedef const gojk_check *gojk_check_ref;
typedef const gojk_child *gojk_child_ref;
typedef const gojk_log_entry *gojk_log_entry_ref;

/* gojk_engine is the handle of a running library: opaque, made by go-pointer, NULL for none. */
typedef void *gojk_engine;

/*
 * gojk_go_abi: the first call. Any thread. Returns: GOJK_ABI of the library.
 *
 * gojk_go_check: checker process only. Parses and validates the configuration in the mapping, reports each finding
 * through host->log (file, line, what is wrong, what is accepted, what happens now), and formats the mapping.
 * With a new text of the workers file it instead validates the configuration in force with that text, and puts it into force.
 * Returns: 0 good (perhaps with warnings); 1 the configuration has errors, and a running generation keeps what it has; 2 the library failed.
 *
 * gojk_go_init: once, in child_init. Starts the library on a formatted mapping. host, child and what they point to stay valid
 * and unchanged until the process ends. Returns: the handle; NULL, with the reason logged, if it cannot start.
 *
 * gojk_go_map: any request thread, after init. Writes the out fields of the query. Returns: GOJK_MAP_* or an HTTP
 * status.
 *
 * gojk_go_serve: any request thread, after init. Serves one request from choice to last byte. Returns: GOJK_SERVE_* or an
 * HTTP status.
 *
 * gojk_go_log_request: any thread, after init. Writes the line of JkRequestLogFormat.
 *
 * gojk_go_stop: once, when the child exits. Stops maintenance, closes idle connections, gives back what this child has
 * counted in the mapping; returns after deadline_ms at the latest. Later calls of map and serve answer as failed.
 */
#define GOJK_EXPORTS(X)                                                                                                \
    X(uint32_t, abi, (void))                                                                                           \
    X(int, check, (gojk_host_ref host, gojk_check_ref check))                                                          \
    X(gojk_engine, init, (gojk_host_ref host, gojk_child_ref child))                                                   \
    X(int, map, (gojk_map_query * query))                                                                              \
    X(int, serve, (gojk_request * request))                                                                            \
    X(void, log_request, (gojk_log_entry_ref entry))                                                                   \
    X(void, stop, (gojk_engine engine, uint32_t deadline_ms))

#endif
