package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"sync"

	"mod_gojk/test/harness"
)

func main() {
	run := flag.String("run", "", "run only the cases whose `name` matches this regular expression")
	candidate := flag.String("candidate", string(harness.ModuleGojk), "the `module` compared with mod_jk: gojk or jk")
	file := flag.String("module", "", "the `file` of mod_gojk; empty: build/mod_gojk.so")
	verbose := flag.Bool("v", false, "print every step whole")
	jobs := flag.Int("jobs", 2, "how many cases run at the same time")
	flag.Parse()
	sides := [2]side{{module: harness.ModuleJk}, {module: harness.Module(*candidate), file: *file}}
	if !compare(os.Stdout, *run, sides, *jobs, *verbose) {
		os.Exit(1)
	}
}

// selfCheck reports whether mod_jk is compared with itself.
func selfCheck(sides [2]side) bool { return sides[0] == sides[1] }

// compare runs the cases and reports. It returns false if anything is not as it should be.
func compare(w io.Writer, run string, sides [2]side, jobs int, verbose bool) bool {
	pattern, err := regexp.Compile(run)
	if err != nil {
		fmt.Fprintln(w, err)
		return false
	}
	var cases []*Case
	all := allCases()
	for i := range all {
		if pattern.MatchString(all[i].Name) {
			cases = append(cases, &all[i])
		}
	}
	var outcomes []Outcome
	for _, part := range runAll(cases, sides, jobs) {
		outcomes = append(outcomes, part...)
	}
	return report(w, outcomes, run == "" && !selfCheck(sides), verbose)
}

// runAll runs cases, some at the same time, and returns their outcomes in the order of the cases.
func runAll(cases []*Case, sides [2]side, jobs int) [][]Outcome {
	outcomes := make([][]Outcome, len(cases))
	slots := make(chan struct{}, max(jobs, 1))
	var running sync.WaitGroup
	for i, c := range cases {
		slots <- struct{}{}
		running.Go(func() {
			outcomes[i] = runCase(c, sides)
			<-slots
		})
	}
	running.Wait()
	return outcomes
}

// report prints the outcomes, the table of differences and the summary line. complete says that every case was run, so that
// every row of the table must have shown.
func report(w io.Writer, outcomes []Outcome, complete, verbose bool) bool {
	failed, listed, shows := 0, 0, map[string]int{}
	for i := range outcomes {
		o := &outcomes[i]
		switch o.Verdict {
		case Failed:
			failed++
		case Listed:
			listed++
			for _, id := range o.Listed {
				shows[id]++
			}
		}
		if o.Verdict == Failed || verbose {
			o.print(w, verbose)
		}
	}
	stale := printDifferences(w, shows, complete)
	fmt.Fprintf(w, "%d steps compared, %d differences (%d listed)\n", len(outcomes), failed+listed, listed)
	return failed == 0 && stale == 0 && len(outcomes) > 0
}

// printDifferences prints the rows that have shown, and counts those that should have.
func printDifferences(w io.Writer, shows map[string]int, complete bool) (stale int) {
	for _, d := range differences {
		n := shows[d.ID]
		if n > 0 {
			fmt.Fprintf(w, "listed: %s (%d steps)\n    why:      %s\n    mod_jk:   %s\n    mod_gojk: %s\n", d.ID, n, d.Reason, d.Jk, d.Gojk)
		}
		if n == 0 && complete {
			fmt.Fprintf(w, "FAILED: the listed difference %q shows in no step\n", d.ID)
			stale++
		}
	}
	return stale
}
