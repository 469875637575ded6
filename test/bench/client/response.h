/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/* response.h: reads an HTTP/1.1 response as it comes, without keeping its body. */
#ifndef BENCH_RESPONSE_H
#define BENCH_RESPONSE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum
{
    RESPONSE_HEAD = 1024, /* bytes of a head at most */
    RESPONSE_COOKIE = 160
};

enum phase
{
    PHASE_HEAD,
    PHASE_LENGTH, /* left bytes follow */
    PHASE_SIZE,   /* a chunk's size */
    PHASE_CHUNK,  /* left bytes of chunk and line end follow */
    PHASE_LAST,   /* the empty line behind the last chunk */
    PHASE_COMPLETE
};

struct response
{
    enum phase phase;
    int closing;   /* the server closes the connection after it */
    size_t length; /* of head */
    uint64_t left;
    char head[RESPONSE_HEAD];     /* of the response, later a line of it */
    char cookie[RESPONSE_COOKIE]; /* name=value of the last cookie; stays from response to response */
};

/* response_begin prepares for the next response. */
static void response_begin(struct response *r)
{
    r->phase = PHASE_HEAD;
    r->closing = 0;
    r->length = 0;
}

/* response_started reports whether a byte of it has come. */
static int response_started(const struct response *r)
{
    return r->phase != PHASE_HEAD || r->length > 0;
}

static void keep_cookie(struct response *r)
{
    const char *p = strcasestr(r->head, "\r\nSet-Cookie: ");
    size_t n;
    if (!p)
        return;
    p += strlen("\r\nSet-Cookie: ");
    n = strcspn(p, ";\r");
    if (n < sizeof(r->cookie)) {
        memcpy(r->cookie, p, n);
        r->cookie[n] = 0;
    }
}

/* take_head acts on a complete head. Returns -1 if it is not that of a good response. */
static int take_head(struct response *r)
{
    const char *length = strcasestr(r->head, "\r\nContent-Length: ");
    if (strncmp(r->head, "HTTP/1.1 200 ", 13))
        return -1;
    keep_cookie(r);
    r->closing = strcasestr(r->head, "\r\nConnection: close") != NULL;
    r->left = length ? strtoull(length + strlen("\r\nContent-Length: "), NULL, 10) : 0;
    r->phase = r->left ? PHASE_LENGTH : PHASE_COMPLETE;
    if (!length && strcasestr(r->head, "\r\nTransfer-Encoding: chunked"))
        r->phase = PHASE_SIZE;
    return 0;
}

/* take_line collects a line in head. Returns the bytes used, 0 if it is too long; complete says whether the line is. */
static size_t take_line(struct response *r, const char *p, size_t n, int *complete)
{
    const char *end = memchr(p, '\n', n);
    size_t used = end ? (size_t)(end - p) + 1 : n;
    *complete = end != NULL;
    if (r->length + used >= RESPONSE_HEAD)
        return 0;
    memcpy(r->head + r->length, p, used);
    r->length += used;
    r->head[r->length] = 0;
    return used;
}

/* response_take consumes some of what came. Returns how many bytes, 0 if they are not a good response. */
static size_t response_take(struct response *r, const char *p, size_t n)
{
    size_t used;
    int complete;
    if (r->phase == PHASE_LENGTH || r->phase == PHASE_CHUNK) {
        used = n < r->left ? n : r->left;
        r->left -= used;
        if (!r->left)
            r->phase = r->phase == PHASE_LENGTH ? PHASE_COMPLETE : PHASE_SIZE;
        return used;
    }
    used = take_line(r, p, n, &complete);
    if (!used || !complete)
        return used;
    if (r->phase == PHASE_HEAD) {
        if (r->length < 4 || strcmp(r->head + r->length - 4, "\r\n\r\n"))
            return used;
        if (take_head(r))
            return 0;
    }
    else if (r->phase == PHASE_SIZE) {
        r->left = strtoull(r->head, NULL, 16) + 2;
        r->phase = r->left > 2 ? PHASE_CHUNK : PHASE_LAST;
    }
    else {
        r->phase = PHASE_COMPLETE;
    }
    r->length = 0;
    return used;
}

#endif
