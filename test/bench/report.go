package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// baseline is the variant that the ratios refer to.
const baseline = "jk"

// result is the outcome of a run.
type result struct {
	Plan    *plan             `json:"plan"`
	Medians map[string]sample `json:"medians"`          // by variant: median over the rounds
	Ratios  map[string]sample `json:"ratios_to_mod_jk"` // by variant: median over the rounds of the ratio within a round
	Rounds  []round           `json:"rounds"`
}

// columns are the measured quantities in the order of the table.
var columns = []struct {
	title  string
	format string
	of     func(*sample) *float64
}{
	{"requests/s", "%.0f", func(s *sample) *float64 { return &s.RequestsPerSecond }},
	{"CPU us/request", "%.1f", func(s *sample) *float64 { return &s.CPU }},
	{"p99 ms", "%.2f", func(s *sample) *float64 { return &s.P99 }},
	{"switches/request", "%.2f", func(s *sample) *float64 { return &s.Switches }},
	{"private KiB/child", "%.0f", func(s *sample) *float64 { return &s.Memory }},
}

// summarise takes the medians.
func summarise(p *plan, rounds []round) *result {
	res := &result{Plan: p, Medians: map[string]sample{}, Ratios: map[string]sample{}, Rounds: rounds}
	for _, name := range p.Modules {
		var values, ratios sample
		for _, c := range columns {
			*c.of(&values) = median(rounds, func(r round) (float64, bool) { return field(r, name, c.of) })
			*c.of(&ratios) = median(rounds, func(r round) (float64, bool) {
				mine, _ := field(r, name, c.of)
				base, ok := field(r, baseline, c.of)
				return mine / base, ok && base > 0
			})
		}
		res.Medians[name], res.Ratios[name] = values, ratios
	}
	return res
}

// field is one quantity of one variant in one round.
func field(r round, name string, of func(*sample) *float64) (float64, bool) {
	s, ok := r[name]
	return *of(&s), ok
}

// median is over the rounds that have a value; 0 if none has.
func median(rounds []round, value func(round) (float64, bool)) float64 {
	var values []float64
	for _, r := range rounds {
		if v, ok := value(r); ok {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

// print writes the table.
func (res *result) print(w io.Writer) {
	p := res.Plan
	fmt.Fprintf(w, "%d bytes, %d connections, %s with %d children of %d threads, %d rounds of %v; medians, and ratios to mod_jk\n\n",
		p.Size, p.Connections, p.MPM, p.Children, p.Threads, p.Rounds, p.Duration)
	fmt.Fprintf(w, "%-14s", "")
	for _, c := range columns {
		fmt.Fprintf(w, "%24s", c.title)
	}
	fmt.Fprintln(w)
	for _, name := range p.Modules {
		values, ratios := res.Medians[name], res.Ratios[name]
		fmt.Fprintf(w, "%-14s", label(name))
		for _, c := range columns {
			cell := fmt.Sprintf(c.format, *c.of(&values))
			if ratio := *c.of(&ratios); ratio > 0 {
				cell += fmt.Sprintf("  (%.2f)", ratio)
			}
			fmt.Fprintf(w, "%24s", cell)
		}
		fmt.Fprintln(w)
	}
}

// label is a variant's name in the table.
func label(name string) string {
	if name == "floor" {
		return "floor"
	}
	return "mod_" + strings.TrimPrefix(name, "mod_")
}
