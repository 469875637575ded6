// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// madeUp is a report with figures for every picture.
func madeUp() *report {
	rep := &report{
		Begun: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seconds: 600,
		Machine: machine{Processor: "CPU", Processors: 2, MemoryGiB: 8, Kernel: "6.1", Versions: []version{{"Go", "go1.26"}, {"httpd", "2.4"}}},
	}
	for _, w := range workloads() {
		res := describe(&w)
		measured := round{}
		for i, v := range w.variants {
			s := sample{}
			for j, m := range w.shows {
				s[m] = float64(10 + 3*i + j)
			}
			measured[v.name] = s
		}
		derive(measured, w.variants)
		res.fill(&w, []round{measured, measured}, nil)
		rep.Results = append(rep.Results, res)
	}
	return rep
}

func TestPictures_AreWellFormed(t *testing.T) {
	rep := madeUp()
	for _, p := range pictures {
		t.Run(p.file, func(t *testing.T) {
			c := p.draw(rep)
			require.NotNil(t, c)
			drawn := c.render()
			wellFormed(t, drawn)
			require.Contains(t, drawn, "<title")
			require.Contains(t, drawn, "<desc")
			require.Contains(t, drawn, ">mod_jk")
			require.Nil(t, p.draw(&report{}), "without figures there is no picture")
		})
	}
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

// TestChart_Render: values lie where the axis says.
func TestChart_Render(t *testing.T) {
	c := chart{
		title: "a < b", axis: "µs", mark: mark{1, "one"},
		groups: []barGroup{{"group", []bar{{
			label: "row & co", segments: []segment{{0.5, "floor"}, {0.5, "gojk"}}, low: 0.8, high: 1.2, target: 0.9, text: "words",
		}}}},
	}
	s := c.scale()
	require.Zero(t, s.low)
	require.InDelta(t, 1.2, s.high, 1e-9)
	require.InDelta(t, labelWidth, s.x(0), 1e-9)
	require.InDelta(t, chartWidth-textWidth, s.x(1.2), 1e-9)
	require.InDelta(t, chartWidth-textWidth, s.x(99), 1e-9, "what does not fit stays inside")
	drawn := c.render()
	wellFormed(t, drawn)
	for _, part := range []string{
		"a &lt; b", "row &amp; co", ">words<", ">one<",
		`<rect class="floor" x="310.0" y="90.0" width="191.7" height="14"/>`,
		`<rect class="gojk" x="501.7" y="90.0" width="191.7" height="14"/>`,
		`<path class="target" d="M655.0 88.0v18"/>`,
	} {
		require.Contains(t, drawn, part)
	}
}

func TestScale_Ticks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		scale scale
		want  []float64
	}{
		{"linear", scale{low: 0, high: 1.2}, []float64{0, 0.2, 0.4, 0.6, 0.8, 1, 1.2}},
		{"large", scale{low: 0, high: 140}, []float64{0, 20, 40, 60, 80, 100, 120, 140}},
		{"logarithmic", scale{low: 0.4, high: 12, log: true}, []float64{0.5, 1, 2, 5, 10}},
	} {
		t.Run(tt.name, func(t *testing.T) { require.InDeltaSlice(t, tt.want, tt.scale.ticks(), 1e-9) })
	}
	s := scale{low: 0.1, high: 10, log: true}
	require.InDelta(t, (s.x(0.1)+s.x(10))/2, s.x(1), 1e-9)
}

// TestWriteDocs: what a person has written stays, and a second time changes nothing.
func TestWriteDocs(t *testing.T) {
	dir, rep := t.TempDir(), madeUp()
	file := filepath.Join(dir, documentFile)
	require.Error(t, writeDocsTo(dir, rep), "no document")
	require.NoError(t, os.WriteFile(file, []byte("nothing to fill\n"), 0o644))
	require.ErrorContains(t, writeDocsTo(dir, rep), "no place")
	require.NoError(t, os.WriteFile(file, []byte("before\n"+figuresBegin+"old\n"+figuresEnd+"after\n"), 0o644))
	require.NoError(t, writeDocsTo(dir, rep))
	first, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(first), "before\n"+figuresBegin+"Measured 2026-01-02 in 10 minutes on 2 x CPU, 8 GiB, Linux 6.1."))
	require.True(t, strings.HasSuffix(string(first), figuresEnd+"after\n"))
	require.NotContains(t, string(first), "old\n")
	require.NotContains(t, string(first), "trial")
	for _, p := range pictures {
		require.Contains(t, string(first), "]("+p.file+")")
		require.FileExists(t, filepath.Join(dir, p.file))
	}
	require.NoError(t, writeDocsTo(dir, rep))
	second, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(first), string(second))
}

// TestMarkdown_Honest: a busy machine, a workload that could not be measured and a missed target are said.
func TestMarkdown_Honest(t *testing.T) {
	rep := madeUp()
	rep.Machine.LoadBefore = 3
	require.True(t, strings.HasPrefix(markdown(rep), "> **The machine was busy: load average 3.00"))

	w := workload{name: "x", group: "G", title: "T", variants: beside(gojk, jk), shows: []metric{cpu}, targets: []target{atMost(cpu, 0.9)}}
	res := describe(&w)
	res.Missing = "needs a moon"
	text := markdown(&report{Results: []result{res}})
	require.Contains(t, text, "| T | CPU of mod_gojk | ≤ 0.90x | – | needs a moon |")
	require.Contains(t, text, "Not measured: needs a moon.")

	res = describe(&w)
	res.fill(&w, []round{{gojk: {cpu: 8}, jk: {cpu: 10}}, {gojk: {cpu: 9.5}, jk: {cpu: 10}}, {gojk: {cpu: 10}, jk: {cpu: 10}}}, []string{"said later."})
	text = markdown(&report{Results: []result{res}})
	require.Contains(t, text, "| T | CPU of mod_gojk | ≤ 0.90x | 0.950 [0.80, 1.00] | missed, open |")
	require.Contains(t, text, "| mod_gojk | 9.5 (0.95) |")
	require.Contains(t, text, "said later.")
}

// TestReport_File: what is written is read again.
func TestReport_File(t *testing.T) {
	rep, file := madeUp(), filepath.Join(t.TempDir(), "bench.json")
	require.NoError(t, rep.write(file))
	again, err := readReport(file)
	require.NoError(t, err)
	require.Equal(t, rep, again)
	var a, b strings.Builder
	require.NoError(t, printReport(&a, rep))
	require.NoError(t, printReport(&b, again))
	require.Equal(t, a.String(), b.String())
	require.Contains(t, a.String(), "target ≤ 0.90x")
}
