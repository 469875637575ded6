// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"fmt"
	"slices"
)

// metric is a measured quantity. Its text is the key in the JSON file.
type metric string

const (
	rate         metric = "requests_per_second"
	cpu          metric = "cpu_us_per_request"     // of httpd's children
	own          metric = "own_cpu_us_per_request" // cpu above the floor's in the same round
	p50          metric = "p50_ms"
	p99          metric = "p99_ms"
	p999         metric = "p999_ms"
	switches     metric = "context_switches_per_request"
	reconnects   metric = "reconnects"    // connections that httpd closed between two requests
	throughput   metric = "mb_per_second" // 10^6 bytes of body
	peak         metric = "peak_rss_mib"  // of the largest child
	grown        metric = "grown_mib"     // of the child that grew most: its peak above what it had before
	private      metric = "private_mib"   // per child, mean
	threads      metric = "threads"       // per child, mean
	extra        metric = "own_threads"   // threads above the floor's
	collected    metric = "gc_per_100k"   // GC cycles in 100,000 requests
	allocs       metric = "allocs_per_op"
	sends        metric = "sends"                         // system calls on descriptors of containers, per request
	receives     metric = "receives"                      // the same
	checks       metric = "checks"                        // the same: looks at a connection that transfer nothing
	others       metric = "others"                        // the same: everything else
	syscalls     metric = "syscalls"                      // all system calls of the child, per request
	instructions metric = "kilo_instructions_per_request" // in user space
	configtest   metric = "configtest_ms"
	ready        metric = "ready_ms"      // from the start of httpd to the first answer through a mount
	childInit    metric = "child_init_ms" // all child_init hooks of one child, median over children
	childCPU     metric = "child_init_cpu_ms"
)

// quantity says how a metric is shown.
type quantity struct {
	metric metric
	title  string
	format string
}

// quantities are in the order of columns.
var quantities = []quantity{
	{rate, "requests/s", "%.0f"},
	{throughput, "MB/s", "%.0f"},
	{cpu, "CPU, µs/request", "%.1f"},
	{own, "above the floor, µs", "%.1f"},
	{p50, "p50, ms", "%.3f"},
	{p99, "p99, ms", "%.3f"},
	{p999, "p99.9, ms", "%.3f"},
	{switches, "context switches/request", "%.2f"},
	{peak, "peak RSS, MiB", "%.1f"},
	{grown, "grown, MiB", "%.1f"},
	{private, "private MiB/child", "%.1f"},
	{threads, "threads/child", "%.0f"},
	{extra, "threads above httpd's", "%.0f"},
	{collected, "GC cycles/100,000 requests", "%.1f"},
	{allocs, "allocations/request", "%.0f"},
	{sends, "sends", "%.2f"},
	{receives, "receives", "%.2f"},
	{checks, "liveness checks", "%.2f"},
	{others, "others to the container", "%.2f"},
	{syscalls, "all system calls", "%.1f"},
	{instructions, "1,000 instructions/request", "%.1f"},
	{configtest, "configtest, ms", "%.0f"},
	{ready, "start to ready, ms", "%.0f"},
	{childInit, "child_init, ms", "%.1f"},
	{childCPU, "its CPU, ms", "%.1f"},
}

// quantity returns how the metric is shown.
func (m metric) quantity() quantity {
	i := slices.IndexFunc(quantities, func(q quantity) bool { return q.metric == m })
	if i < 0 {
		return quantity{m, string(m), "%.2f"}
	}
	return quantities[i]
}

// show renders a value.
func (m metric) show(value float64) string { return fmt.Sprintf(m.quantity().format, value) }

// target is what a variant's figure ought to be.
type target struct {
	metric  metric
	variant string // empty: mod_gojk
	ratio   bool   // the ratio to the variant's base, not the value
	least   bool   // at least the limit, not at most
	limit   float64
}

// atMost is a target of mod_gojk: its ratio to mod_jk. So is atLeast; below is one of its value.
func atMost(m metric, limit float64) target { return target{metric: m, ratio: true, limit: limit} }

func atLeast(m metric, limit float64) target {
	return target{metric: m, ratio: true, least: true, limit: limit}
}

func below(m metric, limit float64) target { return target{metric: m, limit: limit} }

// of makes it another variant's target.
func (t target) of(variant string) target {
	t.variant = variant
	return t
}

// who is the variant's name.
func (t target) who() string {
	if t.variant == "" {
		return gojk
	}
	return t.variant
}

// met reports whether a figure is within the limit.
func (t target) met(figure float64) bool {
	if t.least {
		return figure >= t.limit
	}
	return figure <= t.limit
}

// String renders the limit.
func (t target) String() string {
	sign, unit := "≤", ""
	if t.least {
		sign = "≥"
	}
	if t.ratio {
		unit = "x"
	}
	format := "%s %.2f%s"
	if !t.ratio {
		format = "%s %g%s"
	}
	return fmt.Sprintf(format, sign, t.limit, unit)
}
