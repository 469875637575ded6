// Licensed under the Apache License, Version 2.0; see LICENSE.

//go:build gojktest

package main

import (
	"strings"

	"mod_gojk/module/internal/service"
)

// fault does what the header X-Gojk-Test-Fault asks for, when a part of the response is about to be handed over: "before" panics at the first part,
// "after" at a later one, "spin" never returns, "crash" ends the process. Only libraries that are built for tests have it (test/httpd).
func fault(r *service.Request) {
	for i := range r.Headers {
		if strings.EqualFold(r.Headers[i].Name, "X-Gojk-Test-Fault") {
			inject(r, r.Headers[i].Value)
		}
	}
}

func inject(r *service.Request, what string) {
	switch {
	case what == "before" && !r.Responded():
		panic("before the response")
	case what == "after" && r.Responded():
		panic("after a part of the response")
	case what == "crash":
		go func() { panic("outside of every request") }()
		select {}
	case what == "spin":
		for i := 0; ; i++ {
			spins = i
		}
	}
}

// faultInMap panics for a URI that says so.
func faultInMap(q *service.MapQuery) {
	if strings.Contains(q.URI, "panic-in-map") {
		panic("while mapping")
	}
}

// spins keeps the loop from being optimised away.
var spins int
