// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

/*
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct gojk_address
{
    uint32_t family; // 4, 6, or 0 for none
    uint32_t scope;  // IPv6 scope id, 0 for none
    uint8_t bytes[16];
} gojk_address;

// gojk_lookup fills the first address of a host in the resolver's order, or the first IPv6 one if that is preferred and there is one.
static int gojk_lookup(const char *host, int prefer6, gojk_address *address)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};
    struct addrinfo *list, *use, *ai;
    int rc = getaddrinfo(host, NULL, &hints, &list);

    if (rc != 0)
        return rc;
    for (use = ai = list; prefer6 && ai; ai = ai->ai_next)
        if (ai->ai_family == AF_INET6) {
            use = ai;
            break;
        }
    if (use->ai_family == AF_INET) {
        address->family = 4;
        memcpy(address->bytes, &((struct sockaddr_in *)use->ai_addr)->sin_addr, 4);
    }
    else if (use->ai_family == AF_INET6) {
        address->family = 6;
        address->scope = ((struct sockaddr_in6 *)use->ai_addr)->sin6_scope_id;
        memcpy(address->bytes, &((struct sockaddr_in6 *)use->ai_addr)->sin6_addr, 16);
    }
    freeaddrinfo(list);
    return address->family ? 0 : EAI_FAMILY;
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
func (h host) Resolve(name string, preferIPv6 bool) (netip.Addr, error) {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	var prefer C.int
	if preferIPv6 {
		prefer = 1
	}
	var a C.gojk_address
	if rc := C.gojk_lookup(text, prefer, &a); rc != 0 {
		return netip.Addr{}, fmt.Errorf("resolve %q: %s", name, C.GoString(C.gai_strerror(rc)))
	}
	bytes := *(*[16]byte)(unsafe.Pointer(&a.bytes))
	if a.family == 4 {
		return netip.AddrFrom4([4]byte(bytes[:4])), nil
	}
	addr := netip.AddrFrom16(bytes)
	if a.scope != 0 {
		addr = addr.WithZone(strconv.FormatUint(uint64(a.scope), 10))
	}
	return addr, nil
}
