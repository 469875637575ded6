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
	verbose := flag.Bool("v", false, "print every step whole")
	jobs := flag.Int("jobs", 2, "how many cases run at the same time")
	flag.Parse()
	if !compare(os.Stdout, *run, harness.Module(*candidate), *jobs, *verbose) {
		os.Exit(1)
	}
}

// compare runs the cases and reports. It returns false if anything is not as it should be.
func compare(w io.Writer, run string, candidate harness.Module, jobs int, verbose bool) bool {
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
	for _, part := range runAll(cases, candidate, jobs) {
		outcomes = append(outcomes, part...)
	}
	return report(w, outcomes, run == "" && candidate != harness.ModuleJk, verbose)
}

// runAll runs cases, some at the same time, and returns their outcomes in the order of the cases.
func runAll(cases []*Case, candidate harness.Module, jobs int) [][]Outcome {
	outcomes := make([][]Outcome, len(cases))
	slots := make(chan struct{}, max(jobs, 1))
	var running sync.WaitGroup
	for i, c := range cases {
		slots <- struct{}{}
		running.Go(func() {
			outcomes[i] = runCase(c, candidate)
			<-slots
		})
	}
	running.Wait()
	return outcomes
}

// report prints the outcomes, the table of differences and the summary line. complete says that every case was run, so that
// every row of the table must have shown.
func report(w io.Writer, outcomes []Outcome, complete, verbose bool) bool {
	failed, listed := 0, map[string]int{}
	for i := range outcomes {
		o := &outcomes[i]
		if o.Verdict == Failed {
			failed++
		}
		if o.Verdict == Listed {
			listed[o.Differs]++
		}
		if o.Verdict == Failed || verbose {
			o.print(w, verbose)
		}
	}
	total := 0
	for _, d := range differences() {
		if n := listed[d.ID]; n > 0 {
			fmt.Fprintf(w, "listed difference %s (%d steps; %s)\n    mod_jk:   %s\n    mod_gojk: %s\n", d.ID, n, d.Reason, d.Jk, d.Gojk)
			total += n
		} else if complete {
			fmt.Fprintf(w, "FAILED: the listed difference %s shows in no step\n", d.ID)
			failed++
		}
	}
	fmt.Fprintf(w, "%d steps compared, %d differences (%d listed)\n", len(outcomes), failed+total, total)
	return failed == 0 && len(outcomes) > 0
}
