// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

/*
#include "mod_gojk.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/mattn/go-pointer"

	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/service"
)

// extraProcs is how many Ps there are besides one for each of httpd's threads: for maintenance, the end of the child and the collector.
const extraProcs = 4

// current is the engine that map and serve use: set once by init, cleared by stop. The only mutable state of the library;
// the handle that C keeps leads to the same engine, but the request path looks nothing up.
var current atomic.Pointer[service.Engine]

func main() {}

//export gojk_go_abi
func gojk_go_abi() C.uint32_t { return C.GOJK_ABI }

//export gojk_go_check
func gojk_go_check(calls C.gojk_host_ref, order C.gojk_check_ref) (result C.int) {
	h := host{calls}
	defer func() {
		if p := recover(); p != nil {
			logPanic(h, "the configuration check", p)
			result = 2
		}
	}()
	good := false
	if order.workers.data != nil {
		good = service.Reload(h, mappingView(order.mapping), textView(order.workers))
	} else {
		good = service.Check(h, mappingView(order.mapping), mappingView(unsafe.Pointer(order.previous)))
	}
	if good {
		return 0
	}
	return 1
}

//export gojk_go_init
func gojk_go_init(calls C.gojk_host_ref, child C.gojk_child_ref) (engine C.gojk_engine) {
	h := host{calls}
	defer func() {
		if p := recover(); p != nil {
			logPanic(h, "the start of a child", p)
			engine = nil
		}
	}()
	warnOfOtherRuntime(h)
	tune(int(child.threads))
	e, err := service.Start(h, mappingView(child.mapping), unsafe.Slice((*service.ServerView)(unsafe.Pointer(child.server)), child.servers))
	if err != nil {
		h.ErrorLog(jklog.Error, fmt.Sprintf("the library cannot start in this child: %v; mapped requests answer 503 id=GOJK0009", err))
		return nil
	}
	current.Store(e)
	return C.gojk_engine(pointer.Save(e))
}

// tune adapts the Go runtime to a process whose threads block in system calls: one P for each. A thread that has called keeps its P until the monitor takes it
// away, and the monitor sleeps (monitor.c): one thread more than Ps would wait for seconds.
func tune(threads int) {
	runtime.GOMAXPROCS(threads + extraProcs)
	debug.SetGCPercent(200)
}

//export gojk_go_map
func gojk_go_map(query *C.gojk_map_query) (verdict C.int) {
	e := current.Load()
	if e == nil {
		return C.int(service.MapFailed)
	}
	defer func() {
		if p := recover(); p != nil {
			logPanic(e.Host().(host), "the mapping of a request", p)
			verdict = C.int(service.MapFailed)
		}
	}()
	faultInMap(queryView(query))
	return C.int(e.Map(queryView(query)))
}

//export gojk_go_serve
func gojk_go_serve(request *C.gojk_request) (status C.int) {
	e := current.Load()
	if e == nil {
		return 503
	}
	r := requestView(request)
	defer func() {
		if p := recover(); p != nil {
			logPanic(e.Host().(host), "a request", p)
			status = C.int(e.AfterPanic(r))
		}
	}()
	return C.int(e.Serve(r))
}

//export gojk_go_log_request
func gojk_go_log_request(entry C.gojk_log_entry_ref) {
	e := current.Load()
	if e == nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			logPanic(e.Host().(host), "the request log", p)
		}
	}()
	e.LogRequest(entryView(entry))
}

//export gojk_go_stop
func gojk_go_stop(engine C.gojk_engine, deadlineMS C.uint32_t) {
	e, ok := pointer.Restore(unsafe.Pointer(engine)).(*service.Engine)
	if !ok {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			logPanic(e.Host().(host), "the stop of a child", p)
		}
	}()
	current.Store(nil)
	pointer.Unref(unsafe.Pointer(engine))
	e.Stop(time.Duration(deadlineMS) * time.Millisecond)
}

// logPanic reports a recovered panic with its stack in httpd's error log: a fault of mod_gojk that cost what it names and nothing else.
func logPanic(h host, what string, p any) {
	h.ErrorLog(jklog.Error, fmt.Sprintf("panic in %s: %v; please report it with the stack that follows id=GOJK0010\n%s", what, p, debug.Stack()))
}
