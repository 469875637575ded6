// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package main is libgojk.so, the library that the shim (cgo_bridge.c) loads into each httpd child, and the only package
// that knows C. export.go holds every call from C, host.go every call to C, view.go the places where C memory is seen as Go
// types, cgo.go the flags, monitor.c what keeps the Go runtime from disturbing requests. Everything else is in module/internal, testable without httpd.
//
// Life cycle: gojk_go_check runs in a short-lived process that the parent forks at every start; gojk_go_init once in each child;
// gojk_go_map and gojk_go_serve on httpd's worker threads, any number at a time; gojk_go_stop when the child ends. The parent never
// loads the library, because a Go runtime does not survive fork.
//
// Threads: a request stays on httpd's thread from the first call to the last byte; it blocks there in socket calls. The library has one goroutine
// of its own, maintenance.
//
// Memory: what C hands over is borrowed for the call. What Go hands over (responses) lies outside Go's heap, in the memory of an
// AJP connection, and is valid for the call.
package main
