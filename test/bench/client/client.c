/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/*
 * client.c: the load of the benchmark, for what wrk cannot do: request bodies, sessions, many connections of which few are
 * busy, an exact number of requests, and an arrival rate that does not wait for answers. One thread, epoll, loopback,
 * HTTP/1.1 with connections that are kept.
 *
 *   client -p port [-c connections] [-w window] [-n requests] [-d seconds] [-r rate] [-b bytes] [-k chunk] [-s] path
 *
 * -c  connections (1); they take turns
 * -w  requests under way at most (as many as connections)
 * -n  ends after so many requests; -d ends after so many seconds; what is under way then is waited for
 * -r  requests a second at equal distances (0: as fast as answers come). A request that finds no free connection waits,
 *     and its time counts from when it should have begun: nothing is left out because the server was slow
 * -b  POST with a body of so many bytes; -k in chunks of so many bytes, of unknown length
 * -s  keep the session: each connection sends back the cookie it was given
 *
 * First each connection makes a request that does not count. Then the client writes "ready" and waits for a line, so that
 * who measures can read the counters of httpd before and after. At the end it writes "name value" lines, times in
 * microseconds, and waits for a line again with all connections open.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "response.h"

enum
{
    HEAD = 1024,        /* bytes of a request's head */
    UNIT = 65536,       /* bytes of a request body in memory */
    BUFFER = 256 << 10, /* bytes received at once */
    PIECES = 16,        /* of a request, sent at once */
    TRIES = 3,          /* of a request that a connection was closed on before a response came */
    PATIENCE = 30       /* seconds without anything happening */
};

#define SECOND 1000000000ull

struct connection
{
    struct connection *next; /* in the list of those that are free */
    int fd;
    int busy;
    int tries;    /* of this request */
    uint64_t due; /* when the request should have begun */
    size_t sent;  /* bytes of the request */
    size_t request_length;
    char request[HEAD];
    struct response response;
};

static struct
{
    int port, connections, window, session;
    uint64_t requests, body, chunk;
    double seconds, rate;
    const char *path;
} options = {.connections = 1};

static int poll_fd;
static struct connection *first_free, **last_free = &first_free;
static uint64_t begun, issued, completed, in_flight, failed, reconnected, bytes;
static uint64_t *latencies; /* nanoseconds, of the requests that count; NULL before "ready" */
static size_t latency_room;
static char *unit; /* what a request body consists of */
static uint64_t unit_length, body_length;
static char buffer[BUFFER];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* make_body prepares the unit that a body is a repetition of. */
static void make_body(void)
{
    uint64_t n = options.chunk ? options.chunk : UNIT;
    int head = 0;
    unit = malloc(n + 32);
    if (!unit)
        die("malloc");
    if (options.chunk)
        head = sprintf(unit, "%llx\r\n", (unsigned long long)n);
    memset(unit + head, 'x', n);
    unit_length = n + (uint64_t)head;
    body_length = options.body;
    if (options.chunk) {
        memcpy(unit + unit_length, "\r\n", 2);
        unit_length += 2;
        body_length = (options.body + n - 1) / n * unit_length;
    }
}

/* make_request writes the head of the connection's next request. */
static void make_request(struct connection *c)
{
    const char *cookie = options.session ? c->response.cookie : "";
    char body[64] = "";
    int n;
    if (options.chunk)
        strcpy(body, "Transfer-Encoding: chunked\r\n");
    else if (options.body)
        snprintf(body, sizeof(body), "Content-Length: %llu\r\n", (unsigned long long)options.body);
    n = snprintf(c->request, HEAD, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s%s%s%s\r\n", options.body ? "POST" : "GET",
                 options.path, body, *cookie ? "Cookie: " : "", cookie, *cookie ? "\r\n" : "");
    if (n < 0 || n >= HEAD)
        die("the request is too long");
    c->request_length = (size_t)n;
}

static void open_connection(struct connection *c)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
    int on = 1;
    address.sin_port = htons((uint16_t)options.port);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof(address)))
        die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->fd, &e))
        die("epoll_ctl");
}

static void set_free(struct connection *c)
{
    c->busy = 0;
    c->next = NULL;
    *last_free = c;
    last_free = &c->next;
}

/* hang_up closes a connection. It is opened again when there is a request for it: an httpd that waits for a first request waits on a thread. */
static void hang_up(struct connection *c)
{
    close(c->fd);
    c->fd = -1;
    reconnected++;
}

/* finish ends a request. good: with a whole response of status 200. */
static void finish(struct connection *c, int good)
{
    in_flight--;
    completed++;
    failed += !good;
    if (latencies && completed <= latency_room)
        latencies[completed - 1] = now() - c->due;
    if (!good || c->response.closing)
        hang_up(c);
    set_free(c);
}

/* pieces collects what is left to send of a request. Returns how many pieces. */
static int pieces(const struct connection *c, struct iovec *v)
{
    static char tail[] = "0\r\n\r\n";
    size_t at = c->sent, end = c->request_length;
    int n = 0;
    if (at < end) {
        v[n++] = (struct iovec){(char *)c->request + at, end - at};
        at = end;
    }
    for (end += body_length; at < end && n < PIECES - 1; at += v[n++].iov_len) {
        size_t inside = (at - c->request_length) % unit_length;
        size_t length = unit_length - inside;
        v[n] = (struct iovec){unit + inside, length < end - at ? length : end - at};
    }
    if (options.chunk && at >= end && at < end + strlen(tail))
        v[n++] = (struct iovec){tail + (at - end), strlen(tail) - (at - end)};
    return n;
}

/* push sends what the socket takes. Returns -1 if the connection is gone. */
static int push(struct connection *c)
{
    struct iovec v[PIECES];
    struct msghdr m = {.msg_iov = v};
    while ((m.msg_iovlen = (size_t)pieces(c, v)) > 0) {
        ssize_t n = sendmsg(c->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN ? 0 : -1;
        c->sent += (size_t)n;
    }
    return 0;
}

static void lost(struct connection *c);

static void submit(struct connection *c)
{
    c->sent = 0;
    response_begin(&c->response);
    if (c->fd < 0)
        open_connection(c);
    if (push(c))
        lost(c);
}

/* lost handles a connection that the server has closed. It may do that between two requests, also while the second is on its way: that one is
 * made again, and its time goes on. */
static void lost(struct connection *c)
{
    if (c->busy && (response_started(&c->response) || ++c->tries >= TRIES)) {
        finish(c, 0);
        return;
    }
    hang_up(c);
    if (c->busy)
        submit(c);
}

static void begin(struct connection *c, uint64_t due)
{
    c->busy = 1;
    c->tries = 0;
    c->due = due;
    in_flight++;
    make_request(c);
    submit(c);
}

/* take takes what came. Returns 0 if more follows, otherwise the request has ended. */
static int take(struct connection *c, const char *p, size_t n)
{
    while (n > 0 && c->response.phase != PHASE_COMPLETE) {
        size_t used = response_take(&c->response, p, n);
        if (!used) {
            finish(c, 0);
            return 1;
        }
        p += used;
        n -= used;
    }
    if (c->response.phase != PHASE_COMPLETE)
        return 0;
    finish(c, n == 0);
    return 1;
}

/* receive reads what has come. ended: the server has closed its side, and will not be announced again. */
static void receive(struct connection *c, int ended)
{
    ssize_t n;
    do {
        n = recv(c->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            lost(c);
            return;
        }
        if (!c->busy)
            die("something came that nobody had asked for");
        bytes += (uint64_t)n;
    } while (!take(c, buffer, (size_t)n) && (ended || n == sizeof(buffer)));
    if (ended && c->fd >= 0)
        hang_up(c);
}

/* due_at returns when the next request is due. */
static uint64_t due_at(uint64_t t)
{
    return options.rate > 0 && latencies ? begun + (uint64_t)((double)issued / options.rate * (double)SECOND) : t;
}

/* over reports whether no more requests begin. */
static int over(uint64_t due, uint64_t requests)
{
    if (requests && issued >= requests)
        return 1;
    return latencies && options.seconds > 0 && due >= begun + (uint64_t)(options.seconds * (double)SECOND);
}

/* wait_until handles what happens next, waiting until a time at most; 0: as long as there is patience. */
static void wait_until(uint64_t until)
{
    struct epoll_event events[256];
    uint64_t t = now(), left = !until ? PATIENCE * SECOND : until > t ? until - t : 0;
    struct timespec timeout = {.tv_sec = (time_t)(left / SECOND), .tv_nsec = (long)(left % SECOND)};
    int i, n = epoll_pwait2(poll_fd, events, 256, &timeout, NULL);
    if (n < 0 && errno != EINTR)
        die("epoll_pwait2");
    for (i = 0; i < n; i++) {
        struct connection *c = events[i].data.ptr;
        if (events[i].events & EPOLLOUT && c->busy && push(c))
            lost(c);
        else if (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
            receive(c, (events[i].events & (EPOLLRDHUP | EPOLLHUP)) != 0);
    }
    if (n == 0 && !until) {
        fprintf(stderr, "nothing happened for %d seconds\n", PATIENCE);
        exit(1);
    }
}

/* run makes requests until it is over, and waits for the last. */
static void run(uint64_t requests)
{
    uint64_t window = options.window > 0 ? (uint64_t)options.window : (uint64_t)options.connections;
    begun = now();
    issued = completed = failed = reconnected = bytes = 0;
    for (;;) {
        uint64_t t = now(), due = due_at(t);
        while (first_free && in_flight < window && due <= t && !over(due, requests)) {
            struct connection *c = first_free;
            first_free = c->next;
            if (!first_free)
                last_free = &first_free;
            issued++;
            begin(c, due);
            due = due_at(t);
        }
        if (over(due, requests) && !in_flight)
            return;
        wait_until(due > t && first_free && in_flight < window && !over(due, requests) ? due : 0);
    }
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void report(uint64_t took)
{
    static const double parts[] = {0.5, 0.9, 0.99, 0.999, 1};
    static const char *names[] = {"p50", "p90", "p99", "p999", "max"};
    size_t i, n = completed < latency_room ? completed : latency_room;
    qsort(latencies, n, sizeof(*latencies), compare);
    printf("requests %llu\nfailed %llu\nreconnected %llu\nseconds %.6f\nbytes %llu\n", (unsigned long long)completed,
           (unsigned long long)failed, (unsigned long long)reconnected, (double)took / 1e9, (unsigned long long)bytes);
    for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        printf("%s %.3f\n", names[i], n ? (double)latencies[(size_t)(parts[i] * (double)(n - 1))] / 1e3 : 0.0);
    printf("end 0\n");
    fflush(stdout);
}

/* await_line waits for the one who measures. */
static void await_line(void)
{
    char line[16];
    if (!fgets(line, sizeof(line), stdin))
        exit(0);
}

static void usage(void)
{
    fprintf(stderr, "the head of client.c says how to use it\n");
    exit(2);
}

static void parse(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "p:c:w:n:d:r:b:k:s")) != -1) {
        if (option == 'p')
            options.port = atoi(optarg);
        else if (option == 'c')
            options.connections = atoi(optarg);
        else if (option == 'w')
            options.window = atoi(optarg);
        else if (option == 'n')
            options.requests = strtoull(optarg, NULL, 10);
        else if (option == 'd')
            options.seconds = atof(optarg);
        else if (option == 'r')
            options.rate = atof(optarg);
        else if (option == 'b')
            options.body = strtoull(optarg, NULL, 10);
        else if (option == 'k')
            options.chunk = strtoull(optarg, NULL, 10);
        else if (option == 's')
            options.session = 1;
        else
            usage();
    }
    if (optind != argc - 1 || options.port <= 0 || options.connections <= 0 ||
        (!options.requests && options.seconds <= 0))
        usage();
    options.path = argv[optind];
}

/* prime opens all connections and makes a request on each, a few at a time: an httpd that waits for a first request waits on a thread. */
static void prime(struct connection *all)
{
    int i;
    for (i = 0; i < options.connections; i++) {
        all[i].fd = -1;
        set_free(&all[i]);
        if (i % 16 < 15 && i < options.connections - 1)
            continue;
        run((uint64_t)(i % 16 + 1));
        if (failed) {
            fprintf(stderr, "a first request failed\n");
            exit(1);
        }
        first_free = NULL; /* they have had theirs */
        last_free = &first_free;
    }
    for (i = 0; i < options.connections; i++)
        set_free(&all[i]);
}

int main(int argc, char **argv)
{
    struct connection *all;
    parse(argc, argv);
    prctl(PR_SET_TIMERSLACK, 1UL);
    make_body();
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    all = calloc((size_t)options.connections, sizeof(*all));
    if (poll_fd < 0 || !all)
        die("start");
    prime(all);
    printf("ready 0\n");
    fflush(stdout);
    await_line();
    latency_room = 8 << 20;
    latencies = malloc(latency_room * sizeof(*latencies));
    if (!latencies)
        die("malloc");
    run(options.requests);
    report(now() - begun);
    await_line();
    return 0;
}
