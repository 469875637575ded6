// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"fmt"
	"slices"
	"strings"
)

// picture is a file in docs and what it shows.
type picture struct {
	file string
	alt  string
	draw func(*report) *chart // nil: there are no figures for it
}

// pictures are what docs/performance.md shows, in order.
var pictures = []picture{
	{"performance-cpu.svg", "CPU per request of mod_gojk against mod_jk, by workload, with targets", chartRatios},
	{"performance-small.svg", "CPU of a small GET: the floor and what each connector adds", chartSmall},
	{"performance-latency.svg", "Latency at half of mod_jk's capacity", chartLatency},
	{"performance-scale.svg", "CPU per request with more members, mounts and clients", chartScale},
}

// chartRatios shows mod_gojk's CPU against mod_jk's for each workload.
func chartRatios(rep *report) *chart {
	c := &chart{
		title: "CPU per request: mod_gojk against mod_jk", axis: "CPU per request, mod_jk = 1 (less is better)", mark: mark{1, "mod_jk"},
		description: "A bar for each workload: the median of mod_gojk's CPU per request divided by mod_jk's in the same round. A red line is the target.",
		legend:      []legendEntry{{"gojk", "mod_gojk"}, {"whisker", "smallest and largest of a round"}, {"target", "target"}},
	}
	for i := range rep.Results {
		res := &rep.Results[i]
		if b, ok := ratioBar(res); ok {
			c.add(res.Group, b)
		}
	}
	return c.orNothing()
}

// ratioBar is the row of a workload: its first variant, which is mod_gojk in one way or another.
func ratioBar(res *result) (bar, bool) {
	if !slices.Contains(res.Shows, cpu) || res.Figures[jk].Values[cpu].Rounds == 0 {
		return bar{}, false
	}
	variant := res.Variants[0]
	ratio := res.Figures[variant].Ratios[cpu]
	if ratio.Rounds == 0 {
		return bar{}, false
	}
	b := bar{
		label: res.Title, segments: []segment{{ratio.Median, "gojk"}}, low: ratio.Low, high: ratio.High, text: fmt.Sprintf("%.2f", ratio.Median),
	}
	for _, k := range res.Checks {
		if k.Metric == cpu && k.Ratio && k.Variant == variant {
			b.target = k.Limit
			b.text += fmt.Sprintf(" (%s)", k.Target)
		}
	}
	return b, true
}

// chartSmall shows what a small GET costs: the floor's share and the connector's.
func chartSmall(rep *report) *chart {
	c := &chart{
		title: "CPU of a small GET", axis: "µs of httpd's children per request (less is better)",
		description: "A bar for each connector and number of connections: the floor's CPU, and what the connector adds to it.",
		legend:      []legendEntry{{"floor", "floor: httpd answering by itself"}, {"gojk", "mod_gojk"}, {"jk", "mod_jk"}, {"ajp", "mod_proxy_ajp"}},
	}
	for i := range rep.Results {
		res := &rep.Results[i]
		if !strings.HasPrefix(res.Name, "get-128-") || !res.has(own) {
			continue
		}
		base := res.Figures[floor].Values[cpu].Median
		for _, v := range res.Variants {
			f := res.Figures[v].Values
			if f[own].Rounds > 0 {
				c.add(res.Title, bar{
					label: v, segments: []segment{{base, "floor"}, {max(f[own].Median, 0), classOf[v]}},
					text: fmt.Sprintf("%.1f µs, its own %.1f", f[cpu].Median, f[own].Median),
				})
			}
		}
	}
	return c.orNothing()
}

// chartLatency shows the percentiles of the open load.
func chartLatency(rep *report) *chart {
	res := rep.find("open")
	if res == nil {
		return nil
	}
	c := &chart{
		title: "Latency at a given rate: half of mod_jk's capacity", axis: "milliseconds, logarithmic (less is better)", log: true,
		description: "For p50, p99 and p99.9 a dot for each connector and the floor: the median over the rounds.",
		legend:      []legendEntry{{"gojk", "mod_gojk"}, {"jk", "mod_jk"}, {"ajp", "mod_proxy_ajp"}, {"floor", "floor"}, {"whisker", "smallest and largest of a round"}},
	}
	for _, m := range []metric{p50, p99, p999} {
		title, _, _ := strings.Cut(m.quantity().title, ",")
		for _, v := range res.Variants {
			if s := res.Figures[v].Values[m]; s.Rounds > 0 {
				c.add(title, bar{label: v, segments: []segment{{s.Median, classOf[v]}}, low: s.Low, high: s.High, text: m.show(s.Median)})
			}
		}
	}
	return c.orNothing()
}

// chartScale shows how the cost grows.
func chartScale(rep *report) *chart {
	c := &chart{
		title: "CPU per request when there is more of something", axis: "µs of httpd's children per request (less is better)",
		description: "Bars for mod_gojk and mod_jk with few and many members, mounts and clients.",
		legend:      []legendEntry{{"gojk", "mod_gojk"}, {"jk", "mod_jk"}, {"floor", "floor"}, {"whisker", "smallest and largest of a round"}},
	}
	for _, name := range []string{"members", "mounts", "clients"} {
		res := rep.find(name)
		if res == nil {
			continue
		}
		for _, v := range res.Variants {
			f := res.Figures[v]
			s := f.Values[cpu]
			module, _, _ := strings.Cut(v, ",")
			c.add(res.Title, bar{
				label: v, segments: []segment{{s.Median, classOf[module]}}, low: s.Low, high: s.High,
				text: fmt.Sprintf("%.1f µs (%.2fx)", s.Median, f.Ratios[cpu].Median),
			})
		}
	}
	return c.orNothing()
}

// add puts a bar into the group with that title, the last one.
func (c *chart) add(group string, b bar) {
	if n := len(c.groups); n == 0 || c.groups[n-1].title != group {
		c.groups = append(c.groups, barGroup{title: group})
	}
	last := &c.groups[len(c.groups)-1]
	last.bars = append(last.bars, b)
}

// orNothing is nil for a chart without bars.
func (c *chart) orNothing() *chart {
	if len(c.groups) == 0 {
		return nil
	}
	return c
}
