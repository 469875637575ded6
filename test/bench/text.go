// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// printReport writes the tables for a terminal.
func printReport(w io.Writer, rep *report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; medians over the rounds, (ratios to mod_jk or as said, [smallest and largest])\n", rep.Machine.summary())
	if rep.Machine.busy() {
		fmt.Fprintf(&b, "%s\n", rep.Machine.warning())
	}
	for i := range rep.Results {
		printResult(&b, &rep.Results[i])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func printResult(b *strings.Builder, res *result) {
	fmt.Fprintf(b, "\n%s (%s)\n", res.Title, res.Name)
	if res.Missing != "" {
		fmt.Fprintf(b, "  not measured: %s\n", res.Missing)
		return
	}
	rows := [][]string{{""}}
	for _, m := range res.Shows {
		rows[0] = append(rows[0], m.quantity().title)
	}
	for _, v := range res.Variants {
		row := []string{v}
		for _, m := range res.Shows {
			row = append(row, cell(res.Figures[v], m))
		}
		rows = append(rows, row)
	}
	align(b, rows)
	for _, c := range res.Checks {
		fmt.Fprintf(b, "  %-10s %s\n", c.verdict(), c.describe())
	}
}

// cell renders a figure and its ratio.
func cell(f figures, m metric) string {
	value, ok := f.Values[m]
	if !ok {
		return "–"
	}
	text := m.show(value.Median)
	if ratio, ok := f.Ratios[m]; ok {
		text += fmt.Sprintf(" (%.2f)", ratio.Median)
	}
	return text
}

// align writes a table whose first column is to the left and the others to the right.
func align(b *strings.Builder, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	for _, row := range rows {
		b.WriteString("  ")
		for i, text := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
			if i == 0 {
				b.WriteString(text + pad)
			} else {
				b.WriteString("   " + pad + text)
			}
		}
		b.WriteString("\n")
	}
}

// verdict is a word.
func (c *check) verdict() string {
	switch {
	case c.Figure.Rounds == 0:
		return "not known"
	case c.Met:
		return "met"
	}
	return "missed"
}

// what is the quantity, with its variant.
func (c *check) what() string {
	what := c.Metric.quantity().title
	if c.Ratio {
		what, _, _ = strings.Cut(what, ",")
	}
	return fmt.Sprintf("%s of %s", what, c.Variant)
}

// measured renders the figure with the smallest and largest of a round.
func (c *check) measured() string {
	f := c.Figure
	if f.Rounds == 0 {
		return "–"
	}
	show, middle := c.Metric.show, c.Metric.show(f.Median)
	if c.Ratio {
		show = func(v float64) string { return fmt.Sprintf("%.2f", v) }
		middle = fmt.Sprintf("%.3f", f.Median) // so that what misses by little does not look as if it met
	}
	if f.Rounds == 1 {
		return middle
	}
	return fmt.Sprintf("%s [%s, %s]", middle, show(f.Low), show(f.High))
}

// describe is one line: what, measured, target.
func (c *check) describe() string {
	return fmt.Sprintf("%s: %s, target %s", c.what(), c.measured(), c.Target)
}

// summary is the machine in a line.
func (m *machine) summary() string {
	where := ""
	if m.Virtual {
		where = ", virtual"
	}
	return fmt.Sprintf("%d x %s%s, %.0f GiB, Linux %s", m.Processors, m.Processor, where, m.MemoryGiB, m.Kernel)
}

// warning says that the figures are no good.
func (m *machine) warning() string {
	return fmt.Sprintf("The machine was busy: load average %.2f before the run, others used %.0f %% of the processors during it. "+
		"These figures are a trial, not a result.", m.LoadBefore, m.Foreign*100)
}
