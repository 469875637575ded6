// Licensed under the Apache License, Version 2.0; see LICENSE.

// Command bench measures mod_gojk, mod_jk, mod_proxy_ajp and the floor beside each other: an httpd that answers by itself.
//
// What is measured is a table of workloads (table*.go). Each variant of a workload is an httpd of its own; all of them run at
// once and idle while one is measured. Each round measures every variant, in turn forwards and backwards, because a machine is
// never twice equally fast: take the medians of the ratios within a round, not the digits. The container is backend/backend.c,
// which answers at once, or a real Tomcat; the clients are wrk and client/client.c; the floor is floor/mod_bench.c.
//
// CPU is what httpd's children use, so neither clients nor container count.
//
//	go run ./test/bench                       everything, about half an hour, and docs/performance.md from it
//	go run ./test/bench -quick                the small GETs, two minutes, nothing written to docs
//	go run ./test/bench -run 'post|socket'    only workloads whose name matches
//	go run ./test/bench -run get-128 -other /tmp/x/mod_gojk.so    two builds of mod_gojk beside each other
//	go run ./test/bench -list                 what there is
//	go run ./test/bench -render               docs/performance.md again, from what was measured last
package main
