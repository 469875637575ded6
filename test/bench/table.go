// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"fmt"
	"slices"
	"time"

	"mod_gojk/test/harness"
)

const (
	// Many short rounds rather than few long ones: what is compared then lies close together in time.
	usualRounds   = 9
	usualDuration = time.Second

	kib = 1 << 10
	mib = 1 << 20

	flat = 4 // MiB that a child may grow where memory is to be flat

	// manyThreads is for 64 connections: an httpd with all threads busy closes connections that it would otherwise keep.
	manyThreads = 80
)

// workloads is everything that can be measured, in the order of the document.
func workloads() []workload {
	return slices.Concat(smallGets(), largeGets(), posts(), sockets(), models(), tomcats(), latencies(), calls(), costs(), scales(), slowOnes())
}

// everybody is who takes part where all can.
func everybody() []variant { return beside(gojk, jk, proxyAJP, floor) }

// connections is a number of connections in words.
func connections(n int) string {
	if n == 1 {
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", n)
}

const smallRemark = "128-byte responses, keep-alive clients, the container answers at once."

func smallGets() []workload {
	var all []workload
	for _, n := range []int{1, 16, 64} {
		w := workload{
			name: fmt.Sprintf("get-128-c%d", n), group: "Small GETs", title: fmt.Sprintf("GET 128 B, %s", connections(n)), remark: smallRemark,
			variants: everybody(), load: load{connections: n, size: 128, wrk: true}, quick: true, rounds: 15,
			shows:   []metric{rate, cpu, own, p50, p99, switches},
			targets: []target{atMost(cpu, 0.90), atMost(own, 0.75), atMost(p99, 1.00)},
		}
		if n > 1 {
			w.targets = append(w.targets, atLeast(rate, 1.10))
		}
		if n >= 64 {
			w.site.threads = manyThreads
		}
		all = append(all, w)
	}
	return all
}

func largeGets() []workload {
	get := func(name, title string, size int64, connections int, targets ...target) workload {
		return workload{
			name: name, group: "Large GETs", title: title, variants: everybody(), load: load{connections: connections, size: size},
			shows: []metric{throughput, cpu, p99, switches, peak, grown}, targets: append([]target{atMost(cpu, 0.85)}, targets...),
		}
	}
	packets := get("get-1m-packets", "GET 1 MiB, packets of 64 KiB, 16 connections", mib, 16)
	packets.site, packets.targets = site{packet: 64 * kib}, nil
	packets.variants = beside(gojk, jk)
	packets.remark = "With max_packet_size=65536 on both sides, which is not the default."
	return []workload{
		get("get-64k", "GET 64 KiB, 16 connections", 64*kib, 16),
		get("get-1m", "GET 1 MiB, 16 connections", mib, 16, atLeast(throughput, 1.15)),
		get("get-16m", "GET 16 MiB, 4 connections", 16*mib, 4, below(grown, flat)),
		packets,
	}
}

func posts() []workload {
	post := func(name, title string, l load, targets ...target) workload {
		l.size = 128
		return workload{
			name: name, group: "POSTs", title: title, variants: everybody(), load: l,
			shows: []metric{rate, throughput, cpu, p99, switches, peak, grown}, targets: append([]target{atMost(cpu, 0.90)}, targets...),
		}
	}
	large := post("post-100m", "POST 100 MiB, 2 connections", load{connections: 2, body: 100 * mib, requests: 6}, below(grown, flat))
	large.rounds = 3
	return []workload{
		post("post-4k", "POST 4 KiB, 16 connections", load{connections: 16, body: 4 * kib}),
		post("post-1m", "POST 1 MiB, 16 connections", load{connections: 16, body: mib}),
		large,
		post("post-chunked", "POST 1 MiB, chunks of 16 KiB, 16 connections", load{connections: 16, body: mib, chunk: 16 * kib}),
	}
}

func sockets() []workload {
	const name = gojk + ", socket"
	socket := variant{name: name, module: gojk, base: jk, site: func(s *site) { s.socket = true }}
	return []workload{{
		name: "socket", group: "Unix domain socket", title: "GET 128 B, Unix domain socket, 16 connections",
		remark:   "mod_gojk over a socket and over TCP, the others over TCP.",
		variants: append([]variant{socket}, everybody()...), load: load{connections: 16, size: 128, wrk: true},
		shows: []metric{rate, cpu, own, p50, p99, switches}, targets: []target{atMost(cpu, 0.80).of(name)},
	}}
}

func models() []workload {
	var all []workload
	for _, m := range []harness.MPM{harness.Prefork, harness.Worker} {
		for _, n := range []int{1, 16, 64} {
			threads := 0
			if n >= 64 {
				threads = manyThreads
			}
			all = append(all, workload{
				name: fmt.Sprintf("%s-c%d", m, n), group: "Prefork and worker", title: fmt.Sprintf("GET 128 B, %s, %s", m, connections(n)),
				remark:   "64 children under prefork, one child of 64 threads under worker; 80 for 64 connections.",
				variants: everybody(), site: site{mpm: m, threads: threads}, load: load{connections: n, size: 128, wrk: true},
				shows: []metric{rate, cpu, own, p50, p99, switches}, targets: []target{atMost(cpu, 1.00)},
			})
		}
	}
	return all
}

func tomcats() []workload {
	return []workload{{
		name: "tomcat", group: "A real Tomcat", title: "JSP with a session, 16 connections",
		remark:   "A small JSP that counts in its session, one session for each connection. Tomcat works on the same processors.",
		variants: beside(gojk, jk, proxyAJP, proxyHTTP), site: site{tomcat: true},
		load:  load{connections: 16, path: jspPath, session: true},
		shows: []metric{rate, cpu, p50, p99, switches}, targets: []target{atLeast(rate, 1.00)},
	}}
}

func latencies() []workload {
	return []workload{{
		name: "open", group: "Latency at a given rate", title: "GET 128 B at half of mod_jk's capacity",
		remark: "Requests begin at equal distances whether answers come or not, on 64 connections; a request's time counts from when it should " +
			"have begun.",
		variants: everybody(), site: site{threads: manyThreads}, load: load{connections: 64, size: 128}, duration: 4 * time.Second, rounds: 7, prepare: halfCapacity,
		shows: []metric{rate, p50, p99, p999, cpu}, targets: []target{atMost(p50, 1.00), atMost(p99, 1.00), atMost(p999, 1.00)},
	}}
}

func calls() []workload {
	traced := func(name, title string, size int64) workload {
		return workload{
			name: name, group: "System calls", title: title, remark: "Counted by strace over 200 requests, on the descriptors of containers and in all.",
			variants: everybody(), load: load{connections: 1, requests: 200, size: size}, rounds: 1, needs: needsStrace, measure: traceCalls,
			shows: []metric{sends, receives, checks, others, syscalls},
		}
	}
	small := traced("calls-128", "GET 128 B", 128)
	small.targets = []target{below(sends, 1), below(receives, 1), below(checks, 1)}
	counted := workload{
		name: "instructions", group: "System calls", title: "GET 128 B, instructions in user space", remark: "Counted by perf over 20,000 requests.",
		variants: everybody(), load: load{connections: 16, requests: 20000, size: 128}, rounds: 3, needs: needsInstructions, measure: countInstructions,
		shows: []metric{instructions},
	}
	return []workload{small, traced("calls-1m", "GET 1 MiB", mib), counted}
}
