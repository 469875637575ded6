/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/*
 * backend.c: the container of the benchmark. It answers every AJP request at once with a response that was built before, so
 * that what is measured is httpd and its module. One thread, epoll, loopback.
 *
 * The number at the end of the request's URI is the size of the body in bytes: /128. Request bodies are read and forgotten.
 * CPING is answered. The first line of the output is the port.
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
#include <unistd.h>

enum
{
    CODE_FORWARD_REQUEST = 2,
    CODE_CPING = 10,
    HEADER_CONTENT_LENGTH = 0xa008,
    CHUNK = 8184,            /* bytes of body in a packet, as Tomcat sends them */
    BODY_PACKET = 8186,      /* bytes of request body in a packet */
    MAX_SIZE = 64 << 20,     /* largest response body */
    MAX_RESPONSES = 16,      /* different sizes in one run */
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
    size_t have;                /* bytes in buffer */
    size_t body;                /* bytes of request body still to come */
    const struct response *due; /* what to send when the body is complete */
    const unsigned char *rest;  /* what the socket has not taken yet */
    size_t rest_length;
    unsigned char buffer[BUFFER];
};

static struct response responses[MAX_RESPONSES];
static size_t response_count;
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

/* put_head writes the packet's head before the payload that ends at end. Returns end. */
static unsigned char *put_head(unsigned char *packet, unsigned char *end)
{
    packet[0] = 'A';
    packet[1] = 'B';
    put16(packet + 2, (size_t)(end - packet) - 4);
    return end;
}

static unsigned char *put_headers(unsigned char *packet, size_t size)
{
    char length[32];
    unsigned char *p = packet + 4;
    snprintf(length, sizeof(length), "%zu", size);
    *p++ = 4;
    p = put16(p, 200);
    p = put_string(p, "OK");
    p = put16(p, 2);
    p = put16(p, 0xa001);
    p = put_string(p, "text/plain");
    p = put16(p, 0xa003);
    p = put_string(p, length);
    return put_head(packet, p);
}

static unsigned char *put_chunk(unsigned char *packet, size_t size)
{
    unsigned char *p = packet + 4;
    *p++ = 3;
    p = put16(p, size);
    memset(p, 'x', size);
    p += size;
    *p++ = 0;
    return put_head(packet, p);
}

static void build(struct response *r, size_t size)
{
    unsigned char *p;
    size_t left;
    r->size = size;
    r->data = malloc(size + (size / CHUNK + 1) * 16 + 256);
    if (!r->data)
        die("malloc");
    p = put_headers(r->data, size);
    for (left = size; left > 0; left -= left < CHUNK ? left : CHUNK)
        p = put_chunk(p, left < CHUNK ? left : CHUNK);
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
    for (i = 0; i < response_count; i++)
    {
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

/* number_at_end returns the number that the string at p ends with, 0 if there is none. */
static size_t number_at_end(const unsigned char *p)
{
    size_t n = get16(p), number = 0, scale = 1;
    const unsigned char *s = p + 2;
    while (n > 0 && s[n - 1] >= '0' && s[n - 1] <= '9' && scale < MAX_SIZE)
    {
        number += (size_t)(s[--n] - '0') * scale;
        scale *= 10;
    }
    return number;
}

/* content_length returns the request's announced length, 0 if there is none. p is at the header count. */
static size_t content_length(const unsigned char *p, const unsigned char *end)
{
    size_t count;
    if (!p || end - p < 2)
        return 0;
    count = get16(p);
    p += 2;
    while (count-- > 0 && p && end - p >= 2)
    {
        int coded = p[0] == 0xa0;
        size_t code = get16(p);
        p = coded ? p + 2 : skip_string(p, end);
        if (coded && code == HEADER_CONTENT_LENGTH && p && end - p >= 3)
            return strtoul((const char *)p + 2, NULL, 10);
        p = skip_string(p, end);
    }
    return 0;
}

static void drop(struct connection *c)
{
    close(c->fd);
    free(c);
}

static void watch(struct connection *c, uint32_t events, int op)
{
    struct epoll_event e = { .events = events, .data.ptr = c };
    if (epoll_ctl(poll_fd, op, c->fd, &e))
        die("epoll_ctl");
}

/* push sends what is left to send. Returns -1 if the connection is gone. */
static int push(struct connection *c)
{
    size_t before = c->rest_length;
    while (c->rest_length > 0)
    {
        ssize_t n = send(c->fd, c->rest, c->rest_length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        {
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

/* take_body counts a body packet and asks for the next, or answers. */
static int take_body(struct connection *c, size_t payload)
{
    static const unsigned char more[] = { 'A', 'B', 0, 3, 6, BODY_PACKET >> 8, BODY_PACKET & 255 };
    size_t n = payload < 2 ? c->body : payload - 2;
    c->body -= n < c->body ? n : c->body;
    return c->body > 0 ? reply(c, more, sizeof(more)) : reply(c, c->due->data, c->due->length);
}

static int take_request(struct connection *c, const unsigned char *p, size_t payload)
{
    const unsigned char *end = p + payload;
    const unsigned char *uri = skip_string(p + 2, end);
    const unsigned char *q = skip_string(uri, end);
    int i;
    if (!q)
        return -1;
    for (i = 0; i < 3; i++) /* remote_addr, remote_host, server_name */
        q = skip_string(q, end);
    c->due = find(number_at_end(uri));
    c->body = content_length(q ? q + 3 : NULL, end); /* after server_port and is_ssl */
    return c->body > 0 ? 0 : reply(c, c->due->data, c->due->length);
}

static int take_packet(struct connection *c, const unsigned char *p, size_t payload)
{
    static const unsigned char pong[] = { 'A', 'B', 0, 1, 9 };
    if (c->body > 0)
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
    while (c->have - at >= 4)
    {
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

static int open_listener(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) || listen(fd, 1024) ||
        getsockname(fd, (struct sockaddr *)&address, &length))
        die("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(void)
{
    struct epoll_event events[256];
    struct epoll_event e = { .events = EPOLLIN };
    int listener = open_listener();
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (poll_fd < 0 || epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &e))
        die("epoll");
    for (;;)
    {
        int i, n = epoll_wait(poll_fd, events, 256, -1);
        for (i = 0; i < n; i++)
        {
            struct connection *c = events[i].data.ptr;
            if (!c)
                accept_one(listener);
            else if ((events[i].events & EPOLLOUT ? push(c) : take(c)))
                drop(c);
        }
    }
}
