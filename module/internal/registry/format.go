// Licensed under the Apache License, Version 2.0; see LICENSE.

package registry

import (
	"fmt"
	"slices"
	"unsafe"

	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
)

// Format validates the configuration in a new mapping and formats the mapping: a record for each worker, with the address that its host
// resolves to now, and what the generation before (nil: none) knew. Findings go to the host's error log. A configuration with errors is
// refused; but if there is a generation before, its workers are taken instead: a broken file does not take down a running server. In the
// checker process.
func Format(host Host, mapping, previous unsafe.Pointer) bool {
	m := shm.New(mapping)
	m.Format()
	before := usable(previous)
	c := check(host, m, before)
	if c == nil {
		return false
	}
	err := format(host, m, before, c)
	if err != nil {
		host.ErrorLog(jklog.Error, fmt.Sprintf("%v id=GOJK0014", err))
	}
	return err == nil
}

// usable returns the mapping of the generation before, nil if there is none or another version of the library made it.
func usable(previous unsafe.Pointer) *shm.Mapping {
	if previous == nil {
		return nil
	}
	if m := shm.New(previous); m.Check() == nil {
		return m
	}
	return nil
}

// check returns the configuration to go on with, nil if there is none.
func check(host Host, m, before *shm.Mapping) *config.Config {
	in, epoch, err := decode(m)
	if err != nil {
		host.ErrorLog(jklog.Error, fmt.Sprintf("the configuration that httpd handed over cannot be read: %v id=GOJK0013", err))
		return nil
	}
	c, diagnostics := config.Load(in)
	report(host, diagnostics)
	if c != nil || before == nil {
		return c
	}
	return keepFiles(host, m, before, in, epoch)
}

// keepFiles tries the new directives with the files of the generation before, and puts that configuration into force.
func keepFiles(host Host, m, before *shm.Mapping, in *config.Input, epoch uint64) *config.Config {
	old, _, err := decode(before)
	if err != nil {
		return nil
	}
	for i := range in.Files {
		if j := slices.IndexFunc(old.Files, func(f config.FileInput) bool {
			return f.Directive == in.Files[i].Directive && f.Path == in.Files[i].Path
		}); j >= 0 {
			in = in.WithFile(i, old.Files[j].Content)
		}
	}
	c, diagnostics := config.Load(in)
	if c == nil {
		report(host, diagnostics)
		return nil
	}
	if _, err := m.PublishConfig(epoch, in.Append(nil)); err != nil {
		host.ErrorLog(jklog.Error, fmt.Sprintf("%v id=GOJK0014", err))
		return nil
	}
	host.ErrorLog(jklog.Error, "the new configuration has errors (above): going on with the files of the last good one; mend it and restart httpd gracefully id=GOJK0005")
	return c
}

// decode reads the configuration in force in a mapping, and its epoch.
func decode(m *shm.Mapping) (*config.Input, uint64, error) {
	for {
		epoch := m.Epoch()
		in, err := config.Decode(m.Config(epoch))
		if m.Epoch() == epoch {
			return in, epoch, err
		}
	}
}

// report writes each finding as one line: what is wrong where, what is accepted, what happens now.
func report(host Host, diagnostics config.Diagnostics) {
	levels := map[config.Severity]jklog.Level{config.Notice: jklog.Info, config.Warning: jklog.Warn, config.Failure: jklog.Error}
	for _, d := range diagnostics {
		where := ""
		if d.File != "" && d.Line > 0 {
			where = fmt.Sprintf("%s:%d: ", d.File, d.Line)
		} else if d.File != "" {
			where = d.File + ": "
		}
		host.ErrorLog(levels[d.Severity], fmt.Sprintf("%s%s id=%s", where, d.Text, d.ID))
	}
}

// format fills the mapping: a record for each worker, then what the generation before (nil: none) knew, by name.
func format(host Host, m, before *shm.Mapping, c *config.Config) error {
	names := &lookups{host: host, limit: slowStart}
	balancers, err := formatWorkers(host, names, m, before, c, func(*config.Worker) bool { return true })
	if err != nil {
		return err
	}
	if before != nil {
		if err := m.CopyFrom(before); err != nil {
			return err
		}
		recoverMoved(balancers, movedSince(before, m))
	}
	return stopUnreachable(m, balancers)
}

// movedSince returns whether a worker is somewhere else than in the generation before.
func movedSince(before, m *shm.Mapping) func(*config.Worker) bool {
	old := &config.Config{}
	if in, _, err := decode(before); err == nil {
		if c, _ := config.Load(in); c != nil {
			old = c
		}
	}
	return func(w *config.Worker) bool {
		was, is := before.FindWorker(w.Name), m.FindWorker(w.Name)
		if was == nil || is == nil || hasMoved(old.Worker(w.Name), w) {
			return true
		}
		from, _ := was.Address()
		to, _ := is.Address()
		return from != to
	}
}

// recoverMoved lets the next request try the members that have moved: their errors were those of the old place.
func recoverMoved(balancers map[*config.Worker]*balancer.Balancer, moved func(*config.Worker) bool) {
	for w, b := range balancers {
		for i, member := range w.LB.Members {
			if moved(member) {
				_ = b.Recover(i) // not in error: nothing to do
			}
		}
	}
}

// formatWorkers makes or finds the records of all workers and writes what is configured into them. Those that have moved get their address. Nothing is
// written if there is no room for a record.
func formatWorkers(host Host, names resolver, m, before *shm.Mapping, c *config.Config, moved func(*config.Worker) bool) (map[*config.Worker]*balancer.Balancer, error) {
	for _, w := range c.Workers {
		if err := reserve(m, w); err != nil {
			return nil, fmt.Errorf("worker %q: %w", w.Name, err)
		}
	}
	for _, w := range c.Workers {
		if w.Type == config.TypeAJP && moved(w) {
			place(host, names, w, m.FindWorker(w.Name), before)
		}
	}
	balancers := map[*config.Worker]*balancer.Balancer{}
	for _, w := range c.Workers {
		if w.Type != config.TypeLB {
			continue
		}
		b, err := balancer.New(balancerConfig(w, c.Maintain), m)
		if err != nil {
			return nil, fmt.Errorf("worker %q: %w", w.Name, err)
		}
		balancers[w] = b
	}
	return balancers, nil
}

// reserve makes or finds the records of a worker.
func reserve(m *shm.Mapping, w *config.Worker) error {
	switch w.Type {
	case config.TypeAJP:
		_, err := m.Worker(w.Name)
		return err
	case config.TypeLB:
		b, err := m.Balancer(w.Name)
		for i := 0; err == nil && i < len(w.LB.Members); i++ {
			_, err = b.Member(w.LB.Members[i].Name)
		}
		return err
	}
	return nil
}

// stopUnreachable stops members that have no address, as mod_jk does; last, because the generation before may have known one.
func stopUnreachable(m *shm.Mapping, balancers map[*config.Worker]*balancer.Balancer) error {
	for w, b := range balancers {
		for i, member := range w.LB.Members {
			record, err := m.Worker(member.Name)
			if err != nil {
				return err
			}
			address, _ := addressOf(member, record)
			b.SetReachable(i, address.Usable())
		}
	}
	return nil
}
