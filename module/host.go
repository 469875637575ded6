// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

/*
#cgo noescape gojk_call_respond
#cgo noescape gojk_call_read_body
#include <stdlib.h>
#include "mod_gojk.h"

static int gojk_call_respond(gojk_host_ref h, gojk_request *q, const gojk_response *p) { return h->respond(q, p); }
static int64_t gojk_call_read_body(gojk_host_ref h, gojk_request *q, void *buf, size_t len, int wait) { return h->read_body(q, buf, len, wait); }
static void gojk_call_log(gojk_host_ref h, int32_t level, gojk_str line) { h->log(level, line); }
*/
import "C"

import (
	"errors"
	"strings"
	"unsafe"

	"mod_gojk/ajp"
	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/service"
)

// errClientGone and errClientRead are what the host's refusals become. They are values, so that failing costs no memory.
var (
	errClientGone = errors.New("the client is gone")
	errClientRead = errors.New("reading from the client failed")
)

// host is httpd as Go sees it: the table of calls that the shim handed over. Safe for concurrent use.
type host struct {
	calls C.gojk_host_ref
}

// Respond hands a part of a response to the client, on the request's thread.
func (h host) Respond(r *service.Request, p *ajp.Response) error {
	fault(r)
	q := (*C.gojk_request)(unsafe.Pointer(r))
	if C.gojk_call_respond(h.calls, q, (*C.gojk_response)(unsafe.Pointer(p))) != 0 {
		return errClientGone
	}
	return nil
}

// ReadBody fills buf from the request body, on the request's thread. Fewer bytes mean that the body has ended, or without wait that no more is there.
func (h host) ReadBody(r *service.Request, buf []byte, wait bool) (int, error) {
	q := (*C.gojk_request)(unsafe.Pointer(r))
	mode := C.int(0)
	if wait {
		mode = 1
	}
	n := C.gojk_call_read_body(h.calls, q, unsafe.Pointer(unsafe.SliceData(buf)), C.size_t(len(buf)), mode)
	if n < 0 {
		return 0, errClientRead
	}
	return int(n), nil
}

// Alloc returns zeroed C memory, which is never freed: for what a child is configured with, once. nil if there is none.
func (h host) Alloc(size uintptr) unsafe.Pointer {
	return C.calloc(1, C.size_t(size))
}

// ErrorLog writes one line to httpd's error log, any thread. Further lines of text become lines of their own.
func (h host) ErrorLog(level jklog.Level, text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		C.gojk_call_log(h.calls, C.int32_t(level), stringView(line))
	}
}
