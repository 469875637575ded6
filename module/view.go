// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

/*
#include "mod_gojk.h"
*/
import "C"

import (
	"unsafe"

	"mod_gojk/ajp"
	"mod_gojk/module/internal/requestlog"
	"mod_gojk/module/internal/service"
)

// C structures that Go reads and writes in place. Each pair has one size and the same last field, so a field that was added, removed or
// retyped on one side does not compile; test/abi compares every offset.
const (
	_ = -(unsafe.Sizeof(C.gojk_request{}) ^ unsafe.Sizeof(service.Request{}))
	_ = -(unsafe.Sizeof(C.gojk_map_query{}) ^ unsafe.Sizeof(service.MapQuery{}))
	_ = -(unsafe.Sizeof(C.gojk_response{}) ^ unsafe.Sizeof(ajp.Response{}))
	_ = -(unsafe.Sizeof(C.gojk_header{}) ^ unsafe.Sizeof(ajp.Header{}))
	_ = -(unsafe.Sizeof(C.gojk_served{}) ^ unsafe.Sizeof(service.Served{}))
	_ = -(unsafe.Sizeof(C.gojk_log_entry{}) ^ unsafe.Sizeof(requestlog.Entry{}))
	_ = -(unsafe.Sizeof(C.gojk_server{}) ^ unsafe.Sizeof(service.ServerView{}))
	_ = -(unsafe.Offsetof(C.gojk_server{}.env_vars) ^ unsafe.Offsetof(service.ServerView{}.EnvVars))
	_ = -(unsafe.Offsetof(C.gojk_server{}.strip_session) ^ unsafe.Offsetof(service.ServerView{}.StripSession))
	_ = -(unsafe.Offsetof(C.gojk_served{}.notes) ^ unsafe.Offsetof(service.Served{}.Notes))
	_ = -(unsafe.Offsetof(C.gojk_log_entry{}.flags) ^ unsafe.Offsetof(requestlog.Entry{}.Flags))
	_ = -(unsafe.Offsetof(C.gojk_log_entry{}.bytes_sent) ^ unsafe.Offsetof(requestlog.Entry{}.BytesSent))
	_ = -(unsafe.Offsetof(C.gojk_request{}.served) ^ unsafe.Offsetof(service.Request{}.Served))
	_ = -(unsafe.Offsetof(C.gojk_request{}.environment) ^ unsafe.Offsetof(service.Request{}.Environment))
	_ = -(unsafe.Offsetof(C.gojk_request{}.content_length) ^ unsafe.Offsetof(service.Request{}.ContentLength))
	_ = -(unsafe.Offsetof(C.gojk_request{}.flags) ^ unsafe.Offsetof(service.Request{}.Flags))
	_ = -(unsafe.Offsetof(C.gojk_map_query{}.worker_name) ^ unsafe.Offsetof(service.MapQuery{}.WorkerName))
	_ = -(unsafe.Offsetof(C.gojk_response{}.flags) ^ unsafe.Offsetof(ajp.Response{}.Flags))
	_ = -(unsafe.Offsetof(C.gojk_response{}.body) ^ unsafe.Offsetof(ajp.Response{}.Body))
)

// requestView sees a request of C as a Go one. Borrowed for the call.
func requestView(q *C.gojk_request) *service.Request {
	return (*service.Request)(unsafe.Pointer(q))
}

// queryView sees a mapping query of C as a Go one. Borrowed for the call.
func queryView(q *C.gojk_map_query) *service.MapQuery {
	return (*service.MapQuery)(unsafe.Pointer(q))
}

// entryView sees a log entry of C as a Go one. Borrowed for the call.
func entryView(e C.gojk_log_entry_ref) *requestlog.Entry {
	return (*requestlog.Entry)(unsafe.Pointer(e))
}

// textView sees a string of C as a Go one. Borrowed for the call.
func textView(s C.gojk_str) string {
	return unsafe.String((*byte)(unsafe.Pointer(s.data)), int(s.len))
}

// stringView hands a Go string to C for one call.
func stringView(s string) C.gojk_str {
	return C.gojk_str{data: (*C.char)(unsafe.Pointer(unsafe.StringData(s))), len: C.size_t(len(s))}
}

// mappingView sees the shared mapping as bytes. It stays mapped until the process ends.
func mappingView(at unsafe.Pointer) []byte {
	if at == nil {
		return nil
	}
	return unsafe.Slice((*byte)(at), C.GOJK_SHM_SIZE)
}
