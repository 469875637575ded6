// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	documentFile = "performance.md"
	figuresBegin = "<!-- figures: written by make bench -->\n"
	figuresEnd   = "<!-- figures: end -->\n"
)

// writeDocs renders the figures into docs/performance.md and the pictures beside it.
func writeDocs(rep *report) error {
	root, err := projectRoot()
	if err != nil {
		return err
	}
	return writeDocsTo(filepath.Join(root, "docs"), rep)
}

func writeDocsTo(dir string, rep *report) error {
	file := filepath.Join(dir, documentFile)
	before, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, rest, begins := strings.Cut(string(before), figuresBegin)
	_, tail, ends := strings.Cut(rest, figuresEnd)
	if !begins || !ends {
		return fmt.Errorf("%s has no place for the figures", file)
	}
	for _, p := range pictures {
		c := p.draw(rep)
		if c == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, p.file), []byte(c.render()), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(file, []byte(head+figuresBegin+markdown(rep)+figuresEnd+tail), 0o644)
}

// markdown renders the figures.
func markdown(rep *report) string {
	var b strings.Builder
	if rep.Machine.busy() {
		fmt.Fprintf(&b, "> **%s**\n\n", rep.Machine.warning())
	}
	markMachine(&b, rep)
	b.WriteString("\n### Targets\n\nMedian over the rounds, with the smallest and the largest round in brackets. A ratio (x) is to mod_jk, or to what the workload's remark " +
		"says, within the same round. *Open*: some rounds met the target and others did not.\n\n")
	markChecks(&b, rep)
	for _, p := range pictures {
		if p.draw(rep) != nil {
			fmt.Fprintf(&b, "\n![%s](%s)\n", p.alt, p.file)
		}
	}
	group, said := "", map[string]bool{}
	for i := range rep.Results {
		res := &rep.Results[i]
		if res.Group != group {
			group = res.Group
			fmt.Fprintf(&b, "\n### %s\n", group)
		}
		markResult(&b, res, said)
	}
	return b.String()
}

func markMachine(b *strings.Builder, rep *report) {
	m := &rep.Machine
	fmt.Fprintf(b, "Measured %s in %.0f minutes on %s. The load average was %.2f before the run; other programs used %.1f %% of the processors during it.\n\n",
		rep.Begun.UTC().Format("2006-01-02"), rep.Seconds/60, m.summary(), m.LoadBefore, m.Foreign*100)
	names, texts := "|", "|"
	for _, v := range m.Versions {
		names += " " + v.Name + " |"
		texts += " " + v.Text + " |"
	}
	fmt.Fprintf(b, "%s\n%s\n%s\n", names, strings.Repeat("|---", len(m.Versions))+"|", texts)
}

func markChecks(b *strings.Builder, rep *report) {
	b.WriteString("| workload | quantity | target | measured | |\n|---|---|---|---|---|\n")
	for i := range rep.Results {
		res := &rep.Results[i]
		for j := range res.Checks {
			c := &res.Checks[j]
			verdict := c.verdict()
			if c.Figure.Rounds == 0 && res.Missing != "" {
				verdict = res.Missing
			} else if c.Open {
				verdict += ", open"
			}
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", res.Title, c.what(), c.Target, c.measured(), verdict)
		}
	}
}

// markResult writes a workload's table, with those of its remarks that were not said before.
func markResult(b *strings.Builder, res *result, said map[string]bool) {
	fmt.Fprintf(b, "\n**%s** (`%s`).", res.Title, res.Name)
	for _, r := range res.Remarks {
		if !said[r] {
			b.WriteString(" " + r)
		}
		said[r] = true
	}
	b.WriteString("\n\n")
	if res.Missing != "" {
		fmt.Fprintf(b, "Not measured: %s.\n", res.Missing)
		return
	}
	b.WriteString("| |")
	for _, m := range res.Shows {
		fmt.Fprintf(b, " %s |", m.quantity().title)
	}
	b.WriteString("\n|---" + strings.Repeat("|--:", len(res.Shows)) + "|\n")
	for _, v := range res.Variants {
		fmt.Fprintf(b, "| %s |", v)
		for _, m := range res.Shows {
			fmt.Fprintf(b, " %s |", cell(res.Figures[v], m))
		}
		b.WriteString("\n")
	}
}
