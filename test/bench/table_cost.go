// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"fmt"
	"slices"

	"mod_gojk/test/harness"
)

// costs is what a child costs, whatever it serves.
func costs() []workload {
	residue := func(m harness.MPM, children int, title string, limit float64) workload {
		return workload{
			name: "child-" + string(m), group: "What a child costs", title: title, remark: "After 100,000 GETs of 128 bytes.",
			variants: beside(gojk, jk, proxyAJP, floor), site: site{mpm: m, children: children, env: []string{"GODEBUG=gctrace=1"}},
			load:  load{connections: 16, window: 16, requests: 100000, size: 128},
			shows: []metric{private, threads, extra, collected}, rounds: 1, measure: residueOf,
			targets: []target{below(private, limit), below(extra, 12)},
		}
	}
	event := residue(harness.Event, 1, "event, a child of 64 threads", 16)
	event.load.connections, event.load.window = 48, 48
	start := func(m harness.MPM, children int, targets ...target) workload {
		return workload{
			name: fmt.Sprintf("start-%s-%d", m, children), group: "What a child costs", title: fmt.Sprintf("start, %s, children: %d", m, children),
			variants: beside(gojk, jk, proxyAJP), site: site{mpm: m, children: children, watch: true}, load: load{size: 128}, cold: true,
			shows: []metric{configtest, ready, childInit, childCPU}, measure: startUp, targets: targets,
		}
	}
	return []workload{
		event, residue(harness.Prefork, 16, "prefork, 16 children", 8), start(harness.Event, 1, below(childInit, 25)), start(harness.Prefork, 1, below(childInit, 25)), start(harness.Prefork, 16),
		{
			name: "allocations", group: "What a child costs", title: "Go memory allocated for a request", rounds: 1, cold: true, sources: true,
			remark:   "The whole library beside a stub of httpd, a small GET through a balancer: go test ./module/internal/service -bench Serve/SmallGET.",
			variants: []variant{{name: gojk, module: gojk}}, shows: []metric{allocs}, measure: allocations, targets: []target{below(allocs, 0)},
		},
	}
}

// steps returns variants of a module that differ in a number; each refers to the first.
func steps(module, what string, set func(*site, int), numbers ...int) []variant {
	var all []variant
	name := func(n int) string { return fmt.Sprintf("%s, %d %s", module, n, what) }
	for _, n := range numbers {
		all = append(all, variant{name: name(n), module: module, base: name(numbers[0]), site: func(s *site) { set(s, n) }})
	}
	return all
}

// scales is what becomes of the cost when there is more of something.
func scales() []workload {
	shows := []metric{rate, cpu, p99}
	members := func(s *site, n int) { s.members = n }
	mounts := func(s *site, n int) { s.mounts = n }
	return []workload{
		{
			name: "members", group: "Scale", title: "GET 128 B, more and more members", load: load{connections: 16, size: 128, wrk: true}, shows: shows,
			variants: slices.Concat(steps(gojk, "members", members, 2, 100, 1000), steps(jk, "members", members, 2, 100, 1000)),
			remark:   "The ratios are to the same module with 2 members.",
			targets:  []target{atMost(cpu, 1.10).of(gojk + ", 100 members")},
		},
		{
			name: "mounts", group: "Scale", title: "GET 128 B, more and more mounts", load: load{connections: 16, size: 128, wrk: true}, shows: shows,
			variants: slices.Concat(steps(gojk, "mounts", mounts, 10, 1000, 10000), steps(jk, "mounts", mounts, 10, 1000)),
			remark: "The ratios are to the same module with 10 mounts. Requests match the one in the middle. mod_jk has no row with 10,000: it needs about 2 ms " +
				"for each mount to start.",
			targets: []target{atMost(cpu, 1.10).of(gojk + ", 10000 mounts")},
		},
		clients(), cores(),
		{
			name: "start-workers", group: "Scale", title: "start with 1,000 workers", cold: true, measure: startUp,
			remark:   "1,000 workers of type ajp13, each with a mount, beside the balancer; event, one child.",
			variants: beside(gojk, jk), site: site{workers: 1000, watch: true}, load: load{size: 128},
			shows: []metric{configtest, ready, childInit, childCPU}, targets: []target{below(ready, 1000)},
		},
	}
}

// manyClients is how many connections are kept.
const manyClients = 10000

func clients() workload {
	few := func(module string) variant {
		return variant{name: module + ", 16 clients", module: module, base: module + ", 16 clients"}
	}
	many := func(module string) variant {
		return variant{
			name: fmt.Sprintf("%s, %d clients", module, manyClients), module: module, base: module + ", 16 clients",
			load: func(l *load) { l.connections = manyClients },
		}
	}
	return workload{
		name: "clients", group: "Scale", title: "GET 128 B, 10,000 kept-alive clients, 16 requests at once",
		remark:   "The clients take turns. The ratios are to the same module with 16 clients.",
		variants: []variant{few(gojk), many(gojk), few(jk), many(jk), few(floor), many(floor)},
		site:     site{config: "AsyncRequestWorkerFactor 400\nKeepAliveTimeout 300\n"},
		load:     load{connections: 16, window: 16, size: 128}, shows: []metric{rate, cpu, p99}, rounds: 3, needs: needsDescriptors,
	}
}

func cores() workload {
	var all []variant
	for _, module := range []string{gojk, jk, floor} {
		one := module + ", 1 core"
		all = append(all, variant{name: one, module: module, base: one, cpus: []int{0}},
			variant{name: module + ", 2 cores", module: module, base: one, cpus: []int{0, 1}})
	}
	return workload{
		name: "cores", group: "Scale", title: "GET 128 B, 2 cores against 1, 16 connections",
		remark:   "httpd, the container and the clients share the cores. The ratios are to the same module with 1 core.",
		variants: all, load: load{connections: 16, size: 128}, shows: []metric{rate, cpu, p99}, needs: needsCores,
	}
}

// waiting is how many of a child's 64 threads wait for the slow member.
const waiting = 60

func slowOnes() []workload {
	idle := func(module string) string { return module + ", idle" }
	var all []variant
	for _, module := range []string{gojk, jk} {
		all = append(all, variant{name: idle(module), module: module, base: idle(module)},
			variant{name: waitingName(module), module: module, base: idle(module), hold: waiting})
	}
	return []workload{{
		name: "slow", group: "A slow member", title: "GET 128 B from the other members, 4 connections",
		remark: fmt.Sprintf("%d of 64 threads wait for a member of the same balancer that does not answer. The ratios are to the same module with no "+
			"thread waiting.", waiting),
		variants: all, site: site{slow: true}, load: load{connections: 4, size: 128}, shows: []metric{rate, p50, p99, cpu},
		targets: []target{atMost(p99, 1.50).of(waitingName(gojk))}, rounds: 15,
	}}
}

func waitingName(module string) string { return fmt.Sprintf("%s, %d threads waiting", module, waiting) }
