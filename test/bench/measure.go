// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"errors"
	"fmt"
	"time"

	"mod_gojk/test/harness"
)

// sample is one measurement of one variant.
type sample map[metric]float64

// round is the samples of one round, by variant.
type round map[string]sample

// counters is what httpd's children have used.
type counters struct {
	usage  harness.Usage
	memory map[int]resident
}

func countersOf(h *harness.HTTPD) (counters, error) {
	usage, err := h.Usage()
	if err != nil {
		return counters{}, err
	}
	c := counters{usage: usage, memory: map[int]resident{}}
	for _, pid := range h.Children() {
		if c.memory[pid], err = residentOf(pid); err != nil {
			return counters{}, err
		}
	}
	return c, nil
}

// underLoad measures a variant while its clients work.
func underLoad(r *rig, _ *running, in *instance) (sample, error) {
	unpin, err := r.pinned(in)
	if err != nil {
		return nil, err
	}
	release, err := r.hold(in)
	if err != nil {
		return nil, errors.Join(err, unpin())
	}
	var before, after counters
	o, err := r.drive(in, &in.load, func() (err error) {
		for _, pid := range in.httpd.Children() {
			if err := resetPeak(pid); err != nil {
				return err
			}
		}
		before, err = countersOf(in.httpd)
		return err
	}, func() (err error) {
		after, err = countersOf(in.httpd)
		return err
	})
	if err := errors.Join(err, release(), unpin()); err != nil {
		return nil, err
	}
	return sampleOf(&in.load, o, &before, &after), nil
}

// sampleOf makes figures of what was counted.
func sampleOf(l *load, o outcome, before, after *counters) sample {
	s := sample{
		rate:       o.requests / o.seconds,
		cpu:        float64(after.usage.CPU-before.usage.CPU) / float64(time.Microsecond) / o.requests,
		switches:   float64(after.usage.ContextSwitches-before.usage.ContextSwitches) / o.requests,
		throughput: o.requests / o.seconds * float64(l.size+l.body) / 1e6,
		p50:        o.p50, p99: o.p99,
		reconnects: o.reconnected,
	}
	if o.p999 > 0 {
		s[p999] = o.p999
	}
	for pid, m := range after.memory {
		s[peak] = max(s[peak], float64(m.peak)/mib)
		if old, ok := before.memory[pid]; ok && m.peak > old.now {
			s[grown] = max(s[grown], float64(m.peak-old.now)/mib)
		} else {
			s[grown] += 0 // a figure, also when nothing has grown
		}
	}
	return s
}

// hold occupies threads with requests that the slow member does not answer, and returns what ends that.
func (r *rig) hold(in *instance) (release func() error, err error) {
	if in.hold == 0 {
		return func() error { return nil }, nil
	}
	c, err := r.container(in.site.packet)
	if err != nil {
		return nil, err
	}
	var clients []*harness.Client
	release = func() error {
		err := c.release()
		for _, k := range clients {
			if resp := k.ReadResponse("GET", patience); err == nil && resp.Status != 200 {
				err = fmt.Errorf("a request that waited got %d (%s)", resp.Status, resp.End)
			}
			_ = k.Close()
		}
		return err
	}
	for range in.hold {
		k, err := harness.Dial(in.httpd.Addr())
		if err != nil {
			return nil, err
		}
		clients = append(clients, k)
		if err := k.Send("GET /hold/1;jsessionid=x.slow HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			return nil, err
		}
	}
	return release, await("all requests to wait", func() (bool, error) {
		n, err := c.held()
		return n == in.hold, err
	})
}

// await polls until something has happened.
func await(what string, happened func() (bool, error)) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		yes, err := happened()
		if yes || err != nil {
			return err
		}
		select {
		case <-deadline:
			return fmt.Errorf("waited %v for %s", patience, what)
		case <-tick.C:
		}
	}
}

// openTries is how often capacity is measured.
const openTries = 3

// halfCapacity sets the rate of an open load to half of what mod_jk answers in a closed one.
func halfCapacity(r *rig, w *running) error {
	base := w.find(jk)
	if base == nil {
		return fmt.Errorf("%s is not among the variants", jk)
	}
	l := base.load
	l.rate = 0
	var rates []float64
	for range openTries {
		o, err := r.drive(base, &l, nothing, nothing)
		if err != nil {
			return err
		}
		rates = append(rates, o.requests/o.seconds)
	}
	capacity := statOf(rates).Median
	for _, in := range w.instances {
		in.load.rate = capacity / 2
	}
	w.remarks = append(w.remarks, fmt.Sprintf("mod_jk's capacity in this run: %.0f requests/s, so %.0f were made.", capacity, capacity/2))
	return nil
}

func nothing() error { return nil }
