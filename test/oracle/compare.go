package main

import (
	"fmt"
	"io"
	"slices"
)

// Outcome is what came of one step.
type Outcome struct {
	Case, Step string
	Jk, Other  []string // rendered: mod_jk, the candidate
	Listed     []string // rows of differences that apply
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
func runCase(c *Case, sides [2]side) []Outcome {
	if len(c.Steps) == 0 {
		return []Outcome{runStart(c, sides)}
	}
	worlds, err := openBoth(c, sides)
	if err != nil {
		return failAll(c, err)
	}
	var outcomes []Outcome
	for i := range c.Steps {
		outcomes = append(outcomes, runStep(c, &c.Steps[i], worlds, selfCheck(sides)))
	}
	for i, w := range worlds {
		if err := w.close(); err != nil {
			last := &outcomes[len(outcomes)-1]
			last.Verdict, last.Reason = Failed, fmt.Sprintf("%s: %v", sides[i].module, err)
		}
	}
	return outcomes
}

// runStart compares whether httpd starts.
func runStart(c *Case, sides [2]side) Outcome {
	return observe(c, &Step{Name: "httpd"}, selfCheck(sides), func(i int) ([]string, error) { return tryStart(c, sides[i]) })
}

// failAll is the outcome of a case that could not be run.
func failAll(c *Case, err error) []Outcome {
	var outcomes []Outcome
	reason := err.Error()
	for _, s := range c.Steps {
		outcomes = append(outcomes, Outcome{Case: c.Name, Step: s.Name, Verdict: Failed, Reason: reason})
		reason = "as the step before"
	}
	return outcomes
}

func openBoth(c *Case, sides [2]side) ([]*world, error) {
	worlds := make([]*world, len(sides))
	errs := both(func(i int) (err error) {
		worlds[i], err = open(c, sides[i])
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
		return nil, fmt.Errorf("%s: %w", sides[i].module, err)
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

func runStep(c *Case, s *Step, worlds []*world, self bool) Outcome {
	return observe(c, s, self, func(i int) ([]string, error) { return worlds[i].step(s) })
}

// observe lets both sides do something at the same time and judges what they render.
func observe(c *Case, s *Step, self bool, do func(i int) ([]string, error)) Outcome {
	o := Outcome{Case: c.Name, Step: s.Name}
	var seen [2][]string
	errs := both(func(i int) (err error) {
		seen[i], err = do(i)
		return err
	})
	o.Jk, o.Other = seen[0], seen[1]
	for i, err := range errs {
		if err != nil {
			o.Verdict, o.Reason = Failed, fmt.Sprintf("side %d: %v", i+1, err)
			return o
		}
	}
	o.judge(s, self)
	return o
}

// judge compares the two sides of a step. In a self check mod_jk is compared with itself, and no difference is excused.
func (o *Outcome) judge(s *Step, self bool) {
	same := slices.Equal(o.Jk, o.Other)
	if self {
		if !same && !s.Random {
			o.Verdict, o.Reason = Failed, "mod_jk differs from itself"
		}
		return
	}
	name := o.Case + " / " + o.Step
	jk, other := o.Jk, o.Other
	for _, d := range differences {
		if !same && d.May != nil && d.May.MatchString(name) {
			jk, other = o.hide(&d, jk, other)
		}
	}
	rows := rowsFor(name)
	for _, row := range rows {
		o.Listed = append(o.Listed, row.ID)
	}
	if lines := differing(jk, other); len(lines) > 0 || len(rows) > 0 {
		o.Verdict, o.Reason = excuse(rows, lines)
	} else if !same {
		o.Verdict = Listed
	}
}

// hide removes from both sides what a row allows to differ, and notes the row if that makes fewer lines differ.
func (o *Outcome) hide(d *Difference, jk, other []string) ([]string, []string) {
	hiddenJk, hiddenOther := d.hide(jk), d.hide(other)
	if len(differing(hiddenJk, hiddenOther)) < len(differing(jk, other)) {
		o.Listed = append(o.Listed, d.ID)
	}
	return hiddenJk, hiddenOther
}

// excuse judges the differing lines of a step by the rows that apply to it: each line must be one that a row describes, and
// each row must show.
func excuse(rows []*Difference, lines []string) (Verdict, string) {
	if len(rows) == 0 {
		return Failed, "the modules differ"
	}
	shown := map[*Difference]bool{}
	for _, line := range lines {
		described := false
		for _, row := range rows {
			if row.Lines.MatchString(line) {
				described, shown[row] = true, true
			}
		}
		if !described {
			return Failed, "more differs than what is listed: " + line
		}
	}
	for _, row := range rows {
		if !shown[row] {
			return Failed, fmt.Sprintf("stale: the listed difference %q does not show", row.ID)
		}
	}
	return Listed, ""
}

// differing are the lines of one side only.
func differing(jk, other []string) []string {
	return slices.DeleteFunc(diff(jk, other), func(line string) bool { return line[0] == ' ' })
}

// print shows an outcome: the differing lines, or all of them.
func (o *Outcome) print(w io.Writer, all bool) {
	label := [...]string{Same: "same", Listed: "listed difference", Failed: "FAILED"}[o.Verdict]
	fmt.Fprintf(w, "%s: %s / %s", label, o.Case, o.Step)
	if len(o.Listed) > 0 {
		fmt.Fprintf(w, " %q", o.Listed)
	}
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
