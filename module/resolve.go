// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

/*
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// How many addresses of a name are looked at.
#define GOJK_ADDRESSES 64

typedef struct gojk_address
{
    uint32_t family; // 4 or 6
    uint32_t scope;  // IPv6 scope id, 0 for none
    uint8_t bytes[16];
} gojk_address;

// gojk_take copies an address; 0 if it is of another family.
static int gojk_take(gojk_address *address, const struct sockaddr *from)
{
    memset(address, 0, sizeof(*address));
    if (from->sa_family == AF_INET) {
        address->family = 4;
        memcpy(address->bytes, &((const struct sockaddr_in *)from)->sin_addr, 4);
    }
    else if (from->sa_family == AF_INET6) {
        address->family = 6;
        address->scope = ((const struct sockaddr_in6 *)from)->sin6_scope_id;
        memcpy(address->bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
    }
    return address->family != 0;
}

// gojk_lookup fills the addresses of a host in the resolver's order, and count.
static int gojk_lookup(const char *host, gojk_address *addresses, int *count)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};
    struct addrinfo *list, *ai;
    int rc = getaddrinfo(host, NULL, &hints, &list);

    if (rc != 0)
        return rc;
    for (*count = 0, ai = list; ai && *count < GOJK_ADDRESSES; ai = ai->ai_next)
        *count += gojk_take(&addresses[*count], ai->ai_addr);
    freeaddrinfo(list);
    return *count ? 0 : EAI_FAMILY;
}
*/
import "C"

import (
	"fmt"
	"net/netip"
	"strconv"
	"unsafe"
)

// Resolve looks a host name up with the system's resolver, blocking, any thread. Not with package net: that would cost every child memory
// for what the C library does as well.
func (h host) Resolve(name string) ([]netip.Addr, error) {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	var found [C.GOJK_ADDRESSES]C.gojk_address
	var count C.int
	if rc := C.gojk_lookup(text, &found[0], &count); rc != 0 {
		return nil, fmt.Errorf("resolve %q: %s", name, C.GoString(C.gai_strerror(rc)))
	}
	addrs := make([]netip.Addr, count)
	for i := range addrs {
		addrs[i] = addressOf(&found[i])
	}
	return addrs, nil
}

// addressOf is an address of C as Go has it.
func addressOf(a *C.gojk_address) netip.Addr {
	bytes := *(*[16]byte)(unsafe.Pointer(&a.bytes))
	if a.family == 4 {
		return netip.AddrFrom4([4]byte(bytes[:4]))
	}
	addr := netip.AddrFrom16(bytes)
	if a.scope != 0 {
		addr = addr.WithZone(strconv.FormatUint(uint64(a.scope), 10))
	}
	return addr
}
