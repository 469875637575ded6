// Licensed under the Apache License, Version 2.0; see LICENSE.

package registry

import (
	"fmt"
	"net/netip"
	"unsafe"

	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
)

// Format validates the configuration in a new mapping and, if it is good, formats the mapping: a record for each worker, with the
// address that its host resolves to now, and what the generation before (nil: none) knew. Findings go to the host's error log. In the checker process.
func Format(host Host, mapping, previous unsafe.Pointer) bool {
	m := shm.New(mapping)
	c, diagnostics, err := load(m)
	if err != nil {
		host.ErrorLog(jklog.Error, fmt.Sprintf("the configuration that httpd handed over cannot be read: %v id=GOJK0013", err))
		return false
	}
	report(host, diagnostics)
	if c == nil {
		return false
	}
	if err := format(host, m, c, previous); err != nil {
		host.ErrorLog(jklog.Error, fmt.Sprintf("%v id=GOJK0014", err))
		return false
	}
	return true
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

// format fills the mapping.
func format(host Host, m *shm.Mapping, c *config.Config, previous unsafe.Pointer) error {
	m.Format()
	for _, w := range c.Workers {
		if w.Type != config.TypeAJP {
			continue
		}
		record, err := m.Worker(w.Name)
		if err != nil {
			return fmt.Errorf("worker %q: %w", w.Name, err)
		}
		record.SetAddress(resolve(host, w))
	}
	for _, w := range c.Workers {
		if w.Type != config.TypeLB {
			continue
		}
		if _, err := balancer.New(balancerConfig(m, w, c.Maintain), m); err != nil {
			return fmt.Errorf("worker %q: %w", w.Name, err)
		}
	}
	if previous == nil {
		return nil
	}
	before := shm.New(previous)
	if before.Check() != nil {
		return nil // of another version of the library: nothing can be taken over
	}
	return m.CopyFrom(before)
}

// resolve returns where a worker is now; not valid, with a line in the error log, if its host does not resolve.
func resolve(host Host, w *config.Worker) netip.AddrPort {
	port := uint16(w.AJP.Port)
	if addr, err := netip.ParseAddr(w.AJP.Host); err == nil {
		return netip.AddrPortFrom(addr, port)
	}
	addr, err := host.Resolve(w.AJP.Host, w.AJP.PreferIPv6)
	if err != nil {
		host.ErrorLog(jklog.Error, fmt.Sprintf("worker %s can't resolve tomcat address %s (%v); it answers 503, as a member it is stopped, until the name resolves and httpd is restarted id=GOJK2010", w.Name, w.AJP.Host, err))
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr, port)
}
