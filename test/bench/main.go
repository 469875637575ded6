// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"
)

// plan is what to do.
type plan struct {
	Only       string        // a regular expression; empty: all workloads
	Rounds     int           // 0: as each workload says
	Duration   time.Duration // of one measurement; 0: as each workload says
	Quick      bool
	ModuleFile string // of mod_gojk; empty: build/mod_gojk.so
	Other      string // the file of another build to compare with; empty: none
	JSON       string // file for the results; empty: build/bench.json, of a whole run
	Docs       bool   // write docs/performance.md
	List       bool
	Render     bool
}

// quickRounds is what -quick measures.
const quickRounds = 7

func main() {
	p := plan{}
	flag.StringVar(&p.Only, "run", "", "measure workloads whose name matches this `regexp`; writes nothing to docs")
	flag.IntVar(&p.Rounds, "rounds", 0, "rounds of each workload (default: the workload's own)")
	flag.DurationVar(&p.Duration, "duration", 0, "of one measurement (default: the workload's own)")
	flag.BoolVar(&p.Quick, "quick", false, "only the small GETs, seven rounds; writes nothing to docs")
	flag.StringVar(&p.ModuleFile, "module", "", "the `file` of mod_gojk (default: build/mod_gojk.so)")
	flag.StringVar(&p.Other, "other", "", "compare with another build of mod_gojk, in this `file`, its library beside it; writes nothing to docs")
	flag.StringVar(&p.JSON, "json", "", "write the results to this `file` (default: build/bench.json, after a whole run)")
	flag.BoolVar(&p.List, "list", false, "list the workloads")
	flag.BoolVar(&p.Render, "render", false, "measure nothing, render the document from the results of -json")
	flag.Parse()
	p.Docs = p.Only == "" && !p.Quick && p.Other == ""
	if p.Quick && p.Rounds == 0 {
		p.Rounds = quickRounds
	}
	if p.JSON == "" && p.Docs {
		p.JSON = filepath.Join("build", "bench.json")
	}
	if err := run(&p, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run does what the plan says.
func run(p *plan, out, progress io.Writer) error {
	if p.Render {
		rep, err := readReport(p.JSON)
		if err != nil {
			return err
		}
		return errors.Join(printReport(out, rep), writeDocs(rep))
	}
	chosen, err := p.choose()
	if err != nil {
		return err
	}
	if p.List {
		for _, w := range chosen {
			fmt.Fprintf(out, "%-18s %s\n", w.name, w.title)
		}
		return nil
	}
	rep, err := measureReport(p, chosen, progress)
	if rep == nil {
		return err
	}
	return errors.Join(err, printReport(out, rep), keep(p, rep))
}

// keep writes what is to be kept. A run that was cut short, or that a workload failed in, leaves the document as it is.
func keep(p *plan, rep *report) error {
	if p.JSON != "" {
		if err := rep.write(p.JSON); err != nil {
			return err
		}
	}
	complete := len(rep.Results) == len(workloads())
	if !p.Docs || !complete {
		return nil
	}
	return writeDocs(rep)
}

// choose returns the workloads that are asked for.
func (p *plan) choose() ([]workload, error) {
	only, err := regexp.Compile(p.Only)
	if err != nil {
		return nil, err
	}
	chosen := slices.DeleteFunc(workloads(), func(w workload) bool { return p.Quick && !w.quick || !only.MatchString(w.name) })
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no workload matches %q; -list shows them", p.Only)
	}
	for i := range chosen {
		if p.Other != "" {
			chosen[i].compareBuilds(p.Other)
		}
	}
	return chosen, nil
}

// needsWrk reports whether wrk would make a load.
func (p *plan) needsWrk() bool { return p.Duration == 0 || p.Duration >= time.Second }

// measureReport measures. The report is there, as far as it goes, also when err is not nil.
func measureReport(p *plan, chosen []workload, progress io.Writer) (rep *report, err error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	raiseLimit()
	rep = &report{Machine: lookAround(), Begun: time.Now(), Quick: p.Quick, Only: p.Only}
	foreign := watchForeign()
	rig, err := newRig(ctx, p)
	if err != nil {
		return nil, err
	}
	r := runner{rig: rig, plan: p, progress: progress, begun: rep.Begun}
	rep.Results, err = r.measureAll(chosen)
	err = errors.Join(err, rig.close())
	rep.Seconds = time.Since(rep.Begun).Seconds()
	rep.Machine.Foreign = foreign()
	return rep, err
}
