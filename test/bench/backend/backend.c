/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/*
 * backend.c: the container of the benchmark. It answers every AJP request at once with a response that was built before, so
 * that what is measured is httpd and its module. One thread, epoll, loopback.
 *
 *   backend [-n listeners] [-u socket] [-p packet]
 *
 * -n is how many TCP ports to listen on (1), -u the path of a Unix domain socket to listen on as well, -p the packet size in
 * bytes (8192). The output is a port a line.
 *
 * The number at the end of the request's path (before a ';') is the size of the body in bytes: /128. Request bodies are read
 * and forgotten. CPING is answered. Three paths are for the one who measures:
 *   /hold...   is not answered before
 *   /release   which answers all that are held, and then itself, with 0 bytes
 *   /held      is answered with as many bytes as requests are held
 *   /taken     with as many bytes as the request's body had
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
    CODE_FORWARD_REQUEST = 2,
    CODE_CPING = 10,
    HEADER_CONTENT_LENGTH = 0xa008,
    PACKET = 8192,       /* bytes of a packet unless -p says otherwise */
    CHUNK_OVERHEAD = 8,  /* a packet's bytes that are not response body, as Tomcat counts them */
    BODY_OVERHEAD = 6,   /* a packet's bytes that are not request body */
    MAX_SIZE = 64 << 20, /* largest response body */
    MAX_RESPONSES = 128, /* different sizes in one run */
    MAX_LISTENERS = 16,
    BUFFER = 2 * (65536 + 4) /* two packets of the largest size */
};

struct response
{
    size_t size;
    size_t length; /* bytes of data, all packets */
    unsigned char *data;
};

struct connection
{
    int fd;
    size_t have;  /* bytes in buffer */
    size_t body;  /* bytes of request body still to come */
    size_t taken; /* bytes of request body that have come */
    int tell;     /* the response is as long as that */
    int chunked;  /* the length of the request body is not known: an empty packet ends it */
    int held;     /* in the list of held requests */
    struct connection *next_held;
    const struct response *due; /* what to send when the body is complete */
    const unsigned char *rest;  /* what the socket has not taken yet */
    size_t rest_length;
    unsigned char buffer[BUFFER];
};

static struct response responses[MAX_RESPONSES];
static size_t response_count;
static struct connection *held;
static size_t held_count;
static size_t packet = PACKET;
static int poll_fd;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static unsigned char *put16(unsigned char *p, size_t n)
{
    p[0] = (unsigned char)(n >> 8);
    p[1] = (unsigned char)n;
    return p + 2;
}

static size_t get16(const unsigned char *p)
{
    return (size_t)p[0] << 8 | p[1];
}

static unsigned char *put_string(unsigned char *p, const char *s)
{
    size_t n = strlen(s);
    p = put16(p, n);
    memcpy(p, s, n + 1);
    return p + n + 1;
}

/* put_head writes the head of the packet at at, whose payload ends at end. Returns end. */
static unsigned char *put_head(unsigned char *at, unsigned char *end)
{
    at[0] = 'A';
    at[1] = 'B';
    put16(at + 2, (size_t)(end - at) - 4);
    return end;
}

static unsigned char *put_headers(unsigned char *at, size_t size)
{
    char length[32];
    unsigned char *p = at + 4;
    snprintf(length, sizeof(length), "%zu", size);
    *p++ = 4;
    p = put16(p, 200);
    p = put_string(p, "OK");
    p = put16(p, 2);
    p = put16(p, 0xa001);
    p = put_string(p, "text/plain");
    p = put16(p, 0xa003);
    p = put_string(p, length);
    return put_head(at, p);
}

static unsigned char *put_chunk(unsigned char *at, size_t size)
{
    unsigned char *p = at + 4;
    *p++ = 3;
    p = put16(p, size);
    memset(p, 'x', size);
    p += size;
    *p++ = 0;
    return put_head(at, p);
}

static void build(struct response *r, size_t size)
{
    unsigned char *p;
    size_t left, chunk = packet - CHUNK_OVERHEAD;
    r->size = size;
    r->data = malloc(size + (size / chunk + 1) * 16 + 256);
    if (!r->data)
        die("malloc");
    p = put_headers(r->data, size);
    for (left = size; left > 0; left -= left < chunk ? left : chunk)
        p = put_chunk(p, left < chunk ? left : chunk);
    p[4] = 5;
    p[5] = 1;
    p = put_head(p, p + 6);
    r->length = (size_t)(p - r->data);
}

/* find returns the response of a size, built on its first use. */
static const struct response *find(size_t size)
{
    size_t i;
    if (size > MAX_SIZE)
        size = MAX_SIZE;
    for (i = 0; i < response_count; i++) {
        if (responses[i].size == size)
            return &responses[i];
    }
    if (response_count == MAX_RESPONSES)
        return &responses[0];
    build(&responses[response_count], size);
    return &responses[response_count++];
}

/* skip_string returns what follows a string, or NULL if the message ends before it does. A null string has no bytes. */
static const unsigned char *skip_string(const unsigned char *p, const unsigned char *end)
{
    size_t n;
    if (!p || end - p < 2)
        return NULL;
    n = get16(p);
    if (n == 0xffff)
        return p + 2;
    return (size_t)(end - p) < n + 3 ? NULL : p + n + 3;
}

/* number_at_end returns the number that the string at p ends with, without what follows a ';'. 0 if there is none. */
static size_t number_at_end(const unsigned char *p)
{
    size_t n = get16(p), number = 0, scale = 1;
    const unsigned char *s = p + 2;
    const unsigned char *parameter = memchr(s, ';', n);
    if (parameter)
        n = (size_t)(parameter - s);
    while (n > 0 && s[n - 1] >= '0' && s[n - 1] <= '9' && scale < MAX_SIZE) {
        number += (size_t)(s[--n] - '0') * scale;
        scale *= 10;
    }
    return number;
}

/* begins reports whether the string at p begins with a text. */
static int begins(const unsigned char *p, const char *text)
{
    size_t n = strlen(text);
    return get16(p) >= n && !memcmp(p + 2, text, n);
}

/* take_headers learns whether a request body follows. p is at the header count. */
static void take_headers(struct connection *c, const unsigned char *p, const unsigned char *end)
{
    size_t count;
    c->body = 0;
    c->chunked = 0;
    if (!p || end - p < 2)
        return;
    count = get16(p);
    p += 2;
    while (count-- > 0 && p && end - p >= 2) {
        int coded = p[0] == 0xa0;
        size_t code = get16(p);
        if (!coded && code == strlen("Transfer-Encoding") &&
            !strncasecmp((const char *)p + 2, "Transfer-Encoding", code))
            c->chunked = 1;
        p = coded ? p + 2 : skip_string(p, end);
        if (coded && code == HEADER_CONTENT_LENGTH && p && end - p >= 3)
            c->body = strtoul((const char *)p + 2, NULL, 10);
        p = skip_string(p, end);
    }
}

static void drop(struct connection *c)
{
    struct connection **p;
    for (p = &held; c->held && *p; p = &(*p)->next_held) {
        if (*p == c) {
            *p = c->next_held;
            held_count--;
            break;
        }
    }
    close(c->fd);
    free(c);
}

static void watch(struct connection *c, uint32_t events, int op)
{
    struct epoll_event e = {.events = events, .data.ptr = c};
    if (epoll_ctl(poll_fd, op, c->fd, &e))
        die("epoll_ctl");
}

/* push sends what is left to send. Returns -1 if the connection is gone. */
static int push(struct connection *c)
{
    size_t before = c->rest_length;
    while (c->rest_length > 0) {
        ssize_t n = send(c->fd, c->rest, c->rest_length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            watch(c, EPOLLOUT, EPOLL_CTL_MOD);
            return 0;
        }
        if (n < 0)
            return -1;
        c->rest += n;
        c->rest_length -= (size_t)n;
    }
    if (before > 0)
        watch(c, EPOLLIN, EPOLL_CTL_MOD);
    return 0;
}

/* reply sends data, which stays as it is. Returns -1 if the connection is gone. */
static int reply(struct connection *c, const unsigned char *data, size_t length)
{
    ssize_t n = send(c->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        return -1;
    if (n < 0)
        n = 0;
    if ((size_t)n == length)
        return 0;
    c->rest = data + n;
    c->rest_length = length - (size_t)n;
    return push(c);
}

/* more asks for the next packet of the request body. */
static int more(struct connection *c)
{
    size_t n = packet - BODY_OVERHEAD;
    static unsigned char ask[7];
    unsigned char *p = ask + 4;
    *p++ = 6;
    p = put16(p, n);
    put_head(ask, p);
    return reply(c, ask, sizeof(ask));
}

/* take_body counts a body packet and asks for the next, or answers. */
static int take_body(struct connection *c, size_t payload)
{
    size_t n = payload < 2 ? 0 : payload - 2;
    c->taken += n;
    if (c->chunked && n > 0)
        return more(c);
    c->chunked = 0;
    c->body -= n < c->body && n > 0 ? n : c->body;
    if (c->body > 0)
        return more(c);
    if (c->tell)
        c->due = find(c->taken);
    return reply(c, c->due->data, c->due->length);
}

/* release answers all that is held. A connection that is gone is dropped by its own event, which may already be there. */
static void release(void)
{
    for (; held; held = held->next_held) {
        held->held = 0;
        held_count--;
        if (reply(held, held->due->data, held->due->length))
            shutdown(held->fd, SHUT_RDWR);
    }
}

/* answer answers a request without body, unless it is to be held. */
static int answer(struct connection *c, const unsigned char *uri)
{
    if (begins(uri, "/hold")) {
        c->held = 1;
        c->next_held = held;
        held = c;
        held_count++;
        return 0;
    }
    if (begins(uri, "/release"))
        release();
    if (begins(uri, "/held"))
        c->due = find(held_count);
    return reply(c, c->due->data, c->due->length);
}

static int take_request(struct connection *c, const unsigned char *p, size_t payload)
{
    const unsigned char *end = p + payload;
    const unsigned char *uri = skip_string(p + 2, end);
    const unsigned char *q = uri ? skip_string(uri, end) : NULL;
    int i;
    if (!q)
        return -1;
    for (i = 0; i < 3; i++) /* remote_addr, remote_host, server_name */
        q = skip_string(q, end);
    c->due = find(number_at_end(uri));
    c->taken = 0;
    c->tell = begins(uri, "/taken");
    take_headers(c, q ? q + 3 : NULL, end); /* after server_port and is_ssl */
    if (c->chunked)
        return more(c);
    return c->body > 0 ? 0 : answer(c, uri);
}

static int take_packet(struct connection *c, const unsigned char *p, size_t payload)
{
    static const unsigned char pong[] = {'A', 'B', 0, 1, 9};
    if (c->body > 0 || c->chunked)
        return take_body(c, payload);
    if (payload == 1 && p[0] == CODE_CPING)
        return reply(c, pong, sizeof(pong));
    if (payload > 2 && p[0] == CODE_FORWARD_REQUEST)
        return take_request(c, p, payload);
    return -1;
}

/* take reads what has come and handles every whole packet. Returns -1 if the connection is gone. */
static int take(struct connection *c)
{
    size_t at = 0;
    ssize_t n = recv(c->fd, c->buffer + c->have, sizeof(c->buffer) - c->have, MSG_DONTWAIT);
    if (n <= 0)
        return n < 0 && errno == EAGAIN ? 0 : -1;
    c->have += (size_t)n;
    while (c->have - at >= 4) {
        size_t payload = get16(c->buffer + at + 2);
        if (c->buffer[at] != 0x12 || c->buffer[at + 1] != 0x34)
            return -1;
        if (c->have - at < payload + 4)
            break;
        if (take_packet(c, c->buffer + at + 4, payload))
            return -1;
        at += payload + 4;
    }
    c->have -= at;
    memmove(c->buffer, c->buffer + at, c->have);
    return 0;
}

static void accept_one(int listener)
{
    int on = 1;
    struct connection *c;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    c = calloc(1, sizeof(*c));
    if (!c)
        die("calloc");
    c->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    watch(c, EPOLLIN, EPOLL_CTL_ADD);
}

static int listener(int family, const struct sockaddr *address, socklen_t length)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, address, length) || listen(fd, 4096))
        die("listen");
    return fd;
}

static int listen_tcp(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = listener(AF_INET, (struct sockaddr *)&address, length);
    if (getsockname(fd, (struct sockaddr *)&address, &length))
        die("getsockname");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* listen_unix listens where httpd's children may connect, whoever they are. */
static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;
    if (strlen(path) >= sizeof(address.sun_path))
        die("the path of the socket is too long");
    strcpy(address.sun_path, path);
    fd = listener(AF_UNIX, (struct sockaddr *)&address, sizeof(address));
    if (chmod(path, 0777))
        die("chmod");
    return fd;
}

/* listeners opens what the command line asks for. Returns how many. */
static int listeners(int argc, char **argv, int *fds)
{
    const char *path = NULL;
    int option, count = 1, n = 0;
    while ((option = getopt(argc, argv, "n:u:p:")) != -1) {
        if (option == 'n')
            count = atoi(optarg);
        else if (option == 'u')
            path = optarg;
        else if (option == 'p')
            packet = strtoul(optarg, NULL, 10);
        else
            exit(2);
    }
    if (count < 1 || count >= MAX_LISTENERS || packet < PACKET || packet > 65536)
        die("backend: -n 1 to 15, -p 8192 to 65536");
    if (path)
        fds[n++] = listen_unix(path);
    while (count-- > 0)
        fds[n++] = listen_tcp();
    return n;
}

int main(int argc, char **argv)
{
    static int fds[MAX_LISTENERS];
    struct epoll_event events[256];
    int i, n, count = listeners(argc, argv, fds);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    for (i = 0; i < count; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = &fds[i]};
        if (poll_fd < 0 || epoll_ctl(poll_fd, EPOLL_CTL_ADD, fds[i], &e))
            die("epoll");
    }
    for (;;) {
        n = epoll_wait(poll_fd, events, 256, -1);
        for (i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            const int *fd = events[i].data.ptr;
            if (fd >= fds && fd < fds + count)
                accept_one(*fd);
            else if ((events[i].events & EPOLLOUT ? push(c) : take(c)))
                drop(c);
        }
    }
}
