/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/*
 * names.c: a resolver that a test controls, put in front of libc's with LD_PRELOAD. Names that end in ".test" are looked up in the file
 * that GOJK_TEST_NAMES names, lines "name address address ..."; each such lookup adds a byte to the file of that name with ".asked" behind it.
 * Everything else goes to libc.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int is_ours(const char *node)
{
    size_t len = node ? strlen(node) : 0;

    return len > 5 && !strcmp(node + len - 5, ".test");
}

static void count(const char *file)
{
    char name[4096];
    int fd;

    snprintf(name, sizeof(name), "%s.asked", file);
    fd = open(name, O_WRONLY | O_APPEND);
    if (fd >= 0) {
        if (write(fd, ".", 1) != 1)
            abort();
        close(fd);
    }
}

/* find copies the addresses of a name. */
static int find(const char *file, const char *node, char *addresses, size_t size)
{
    char line[1024], *rest;
    FILE *f = fopen(file, "r");
    int found = 0;

    while (f && !found && fgets(line, sizeof(line), f)) {
        char *name = strtok_r(line, " \n", &rest);

        found = name && !strcmp(name, node);
    }
    if (f)
        fclose(f);
    if (found)
        snprintf(addresses, size, "%s", rest);
    return found;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
    lookup *real = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *file = getenv("GOJK_TEST_NAMES");
    char addresses[1024], *rest, *address;
    struct addrinfo **end = list;

    if (!file || !is_ours(node))
        return real(node, service, hints, list);
    count(file);
    *list = NULL;
    if (!find(file, node, addresses, sizeof(addresses)))
        return EAI_NONAME;
    for (address = strtok_r(addresses, " \n", &rest); address; address = strtok_r(NULL, " \n", &rest)) {
        if (real(address, service, hints, end) != 0)
            return EAI_FAIL;
        while (*end)
            end = &(*end)->ai_next;
    }
    return *list ? 0 : EAI_NONAME;
}
