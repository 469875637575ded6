// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"mod_gojk/test/harness"
)

// warmup is how long each variant works before the first round, at most.
const warmup = time.Second

// runner measures workloads one after the other.
type runner struct {
	rig      *rig
	plan     *plan
	progress io.Writer
	begun    time.Time
}

// measureAll measures the workloads. What fails is noted with its workload; err is then not nil, and the rest is measured all the same.
func (r *runner) measureAll(all []workload) ([]result, error) {
	var results []result
	var errs []error
	for i := range all {
		w := &all[i]
		title := fmt.Sprintf("%s  %d of %d  %s", time.Since(r.begun).Truncate(time.Second), i+1, len(all), w.name)
		res, err := r.measure(w, title)
		if err != nil {
			err = fmt.Errorf("%s: %w", w.name, err)
			fmt.Fprintln(r.progress, err)
			errs = append(errs, err)
			res.Missing = "failed in this run"
		}
		results = append(results, res)
		if r.rig.ctx.Err() != nil {
			return results, errors.Join(append(errs, r.rig.ctx.Err())...)
		}
	}
	return results, errors.Join(errs...)
}

// measure measures one workload. The result says what it is also when err is not nil.
func (r *runner) measure(w *workload, title string) (res result, err error) {
	run := &running{workload: w, plan: r.plan}
	res = describe(w)
	if w.needs != nil {
		if res.Missing = w.needs(r.rig); res.Missing != "" {
			fmt.Fprintf(r.progress, "%s  not measured: %s\n", title, res.Missing)
			return res, nil
		}
	}
	fmt.Fprintf(r.progress, "%s  starting\n", title)
	defer func() { err = errors.Join(err, run.stop()) }()
	if err := r.startAll(run); err != nil {
		return res, err
	}
	rounds, err := r.rounds(run, title)
	if err != nil {
		return res, err
	}
	res.fill(w, rounds, run.remarks)
	return res, nil
}

// startAll starts every variant and lets it work a little.
func (r *runner) startAll(run *running) error {
	for i := range run.variants {
		v := &run.variants[i]
		in := &instance{variant: v, site: run.siteOf(v), load: run.loadOf(v, r.plan)}
		run.instances = append(run.instances, in)
		if run.cold {
			continue
		}
		if err := r.rig.start(in); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		if err := r.warmUp(in); err != nil {
			return fmt.Errorf("%s: %w\n%s", v.name, err, in.httpd.LogTail())
		}
	}
	if run.prepare != nil {
		return run.prepare(r.rig, run)
	}
	return nil
}

// warmUp lets a variant work with its own load, for a moment and as fast as it can. All children of prefork get something to do: what one does
// first costs more, and which of them is asked later is chance.
func (r *runner) warmUp(in *instance) error {
	l := in.load
	l.duration, l.requests, l.rate, l.wrk = min(l.duration, warmup), 0, 0, false
	if in.site.mpm == harness.Prefork {
		l.connections, l.window = in.site.children, 0
	}
	_, err := r.rig.drive(in, &l, nothing, nothing)
	return err
}

// rounds measures every variant in every round, forwards and backwards in turn.
func (r *runner) rounds(run *running, title string) ([]round, error) {
	take := run.measure
	if take == nil {
		take = underLoad
	}
	var rounds []round
	order := slices.Clone(run.instances)
	n := run.roundsOf(r.plan)
	for i := range n {
		measured := round{}
		for _, in := range order {
			fmt.Fprintf(r.progress, "%s  round %d of %d  %s\n", title, i+1, n, in.name)
			s, err := take(r.rig, run, in)
			if err != nil {
				return nil, in.explain(err)
			}
			measured[in.name] = s
		}
		derive(measured, run.variants)
		rounds = append(rounds, measured)
		slices.Reverse(order)
	}
	return rounds, nil
}

// explain adds the ends of httpd's logs to an error.
func (in *instance) explain(err error) error {
	if in.httpd == nil {
		return fmt.Errorf("%s: %w", in.name, err)
	}
	return fmt.Errorf("%s: %w\n%s", in.name, err, in.httpd.LogTail())
}

// stop ends every httpd.
func (run *running) stop() error {
	var errs []error
	for _, in := range run.instances {
		if in.httpd != nil {
			errs = append(errs, in.httpd.Stop())
		}
	}
	return errors.Join(errs...)
}
