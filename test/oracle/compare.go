package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"mod_gojk/test/harness"
)

// Outcome is what came of one step.
type Outcome struct {
	Case, Step string
	Jk, Other  []string // rendered: mod_jk, the candidate
	Differs    string   // row of differences that the step names
	Verdict    Verdict
	Reason     string // of a failure
}

// Verdict is the judgement on one step.
type Verdict int

// The verdicts.
const (
	Same   Verdict = iota
	Listed         // different, and as the table says
	Failed         // different, or stale, or not run
)

// runCase runs both sides of a case, step by step side by side.
func runCase(c *Case, candidate harness.Module) []Outcome {
	modules := []harness.Module{harness.ModuleJk, candidate}
	worlds, err := openBoth(c, modules)
	if err != nil {
		return failAll(c, err)
	}
	var outcomes []Outcome
	for i := range c.Steps {
		outcomes = append(outcomes, runStep(c, &c.Steps[i], worlds, candidate))
	}
	for i, w := range worlds {
		if err := w.close(); err != nil {
			last := &outcomes[len(outcomes)-1]
			last.Verdict, last.Reason = Failed, fmt.Sprintf("%s: %v", modules[i], err)
		}
	}
	return outcomes
}

// failAll is the outcome of a case that could not be run.
func failAll(c *Case, err error) []Outcome {
	var outcomes []Outcome
	for _, s := range c.Steps {
		outcomes = append(outcomes, Outcome{Case: c.Name, Step: s.Name, Verdict: Failed, Reason: err.Error()})
	}
	return outcomes
}

func openBoth(c *Case, modules []harness.Module) ([]*world, error) {
	worlds := make([]*world, len(modules))
	errs := both(func(i int) (err error) {
		worlds[i], err = open(c, modules[i])
		return err
	})
	for i, err := range errs {
		if err == nil {
			continue
		}
		for _, w := range worlds {
			if w != nil {
				_ = w.close()
			}
		}
		return nil, fmt.Errorf("%s: %w", modules[i], err)
	}
	return worlds, nil
}

// both calls f(0) and f(1) at the same time.
func both(f func(i int) error) [2]error {
	var errs [2]error
	done := make(chan struct{})
	go func() {
		errs[1] = f(1)
		close(done)
	}()
	errs[0] = f(0)
	<-done
	return errs
}

func runStep(c *Case, s *Step, worlds []*world, candidate harness.Module) Outcome {
	o := Outcome{Case: c.Name, Step: s.Name, Differs: s.Differs}
	var seen [2][]string
	errs := both(func(i int) (err error) {
		seen[i], err = worlds[i].step(s)
		return err
	})
	o.Jk, o.Other = seen[0], seen[1]
	for i, err := range errs {
		if err != nil {
			o.Verdict, o.Reason = Failed, fmt.Sprintf("side %d: %v", i+1, err)
			return o
		}
	}
	o.Verdict, o.Reason = judge(s, o.Jk, o.Other, candidate == harness.ModuleJk)
	return o
}

// judge compares the two sides of a step. In a self check mod_jk is compared with itself, and no difference is excused.
func judge(s *Step, jk, other []string, selfCheck bool) (Verdict, string) {
	if missing := absent(s.Jk, jk); missing != "" && !s.Random {
		return Failed, fmt.Sprintf("mod_jk does not show %q", missing)
	}
	same := slices.Equal(jk, other)
	switch {
	case selfCheck && !same && !s.Random:
		return Failed, "mod_jk differs from itself"
	case selfCheck || (same && s.Differs == ""):
		return Same, ""
	case s.Differs == "":
		return Failed, "the modules differ"
	case same:
		return Failed, fmt.Sprintf("stale: the listed difference %q does not show", s.Differs)
	}
	if missing := absent(s.Gojk, other); missing != "" {
		return Failed, fmt.Sprintf("the listed difference %q is another one: mod_gojk does not show %q", s.Differs, missing)
	}
	if line := beyond(s, diff(jk, other)); line != "" {
		return Failed, fmt.Sprintf("more differs than the listed difference %q: %s", s.Differs, line)
	}
	return Listed, ""
}

// beyond returns a differing line that is not part of the step's listed difference; empty if there is none.
func beyond(s *Step, lines []string) string {
	covers := func(texts []string, line string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(line, text) })
	}
	for _, line := range lines {
		if line[0] == '-' && !covers(s.Jk, line) || line[0] == '+' && !covers(s.Gojk, line) {
			return line
		}
	}
	return ""
}

// absent returns the first wanted text that is part of none of the lines; empty if all are there.
func absent(wanted, lines []string) string {
	for _, want := range wanted {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, want) }) {
			return want
		}
	}
	return ""
}

// print shows an outcome: the differing lines, or all of them.
func (o *Outcome) print(w io.Writer, all bool) {
	label := [...]string{Same: "same", Listed: "listed difference", Failed: "FAILED"}[o.Verdict]
	fmt.Fprintf(w, "%s: %s / %s", label, o.Case, o.Step)
	if o.Reason != "" {
		fmt.Fprintf(w, ": %s", o.Reason)
	}
	fmt.Fprintln(w)
	for _, line := range diff(o.Jk, o.Other) {
		if all || line[0] != ' ' {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
}

// diff is a line by line difference: '-' only mod_jk, '+' only the candidate, ' ' both.
func diff(old, new []string) []string {
	common := commonLines(old, new)
	var out []string
	i, j := 0, 0
	for i < len(old) || j < len(new) {
		switch {
		case i < len(old) && j < len(new) && old[i] == new[j]:
			out = append(out, "  "+old[i])
			i, j = i+1, j+1
		case j == len(new) || (i < len(old) && common[i+1][j] >= common[i][j+1]):
			out = append(out, "- "+old[i])
			i++
		default:
			out = append(out, "+ "+new[j])
			j++
		}
	}
	return out
}

// commonLines is the table of the longest common subsequence: entry i, j is its length for old[i:] and new[j:].
func commonLines(old, new []string) [][]int {
	table := make([][]int, len(old)+1)
	for i := range table {
		table[i] = make([]int, len(new)+1)
	}
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(new) - 1; j >= 0; j-- {
			if old[i] == new[j] {
				table[i][j] = table[i+1][j+1] + 1
				continue
			}
			table[i][j] = max(table[i+1][j], table[i][j+1])
		}
	}
	return table
}
