// Licensed under the Apache License, Version 2.0; see LICENSE.

package registry

import (
	"errors"
	"net/netip"
	"time"

	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
)

// This file looks the names of hosts up again while httpd runs (resolve_interval): in the maintenance goroutine of one child for all children, each name
// once in its interval. A lookup blocks, for many seconds if the name server is gone; so a run ends with the first one that was slow, and the
// next look goes on from there. Requests learn of a new address from the shared record.

// slow is how long the lookups of one run may take together before the rest is left to the next one.
const slow = time.Second

// slowStart is how long the lookups of a start may take together. What is left then counts as not resolved, so that httpd starts also when the
// name server is gone (the checker's life is limited); it is looked up again when httpd runs.
const slowStart = 20 * time.Second

var errSlowStart = errors.New("not looked up, because other names took too long")

// lookups are those of one run, or of a start. Several workers at one host share one.
type lookups struct {
	host  Host
	limit time.Duration // after which nothing is looked up any more; 0: none
	known map[string]answer
	spent time.Duration
}

type answer struct {
	addrs []netip.Addr
	err   error
}

// Resolve looks a name up, unless that was done before.
func (l *lookups) Resolve(name string) ([]netip.Addr, error) {
	if a, ok := l.known[name]; ok {
		return a.addrs, a.err
	}
	if l.limit > 0 && l.spent >= l.limit {
		return nil, errSlowStart
	}
	begin := time.Now()
	addrs, err := l.host.Resolve(name)
	l.spent += time.Since(begin)
	if l.known == nil {
		l.known = map[string]answer{}
	}
	l.known[name] = answer{addrs, err}
	return addrs, err
}

// resolve looks up what is due.
func (s *Snapshot) resolve(now time.Time, l *lookups) {
	for _, w := range s.Workers {
		if l.spent >= slow {
			return
		}
		if w.Type == config.TypeAJP && w.AJP.Socket == "" && w.Record.ElectResolve(now, w.AJP.ResolveInterval) {
			s.resolveWorker(w, l)
		}
	}
}

// resolveWorker looks the host of a worker up, unless it is an address itself.
func (s *Snapshot) resolveWorker(w *Worker, l *lookups) {
	name := w.Record.Host()
	if _, ok := literal(name); ok {
		return
	}
	addrs, err := l.Resolve(name)
	news := w.Record.NoteResolve(err == nil)
	switch {
	case err != nil && news:
		w.log.Log(jklog.Warn, jklog.PhaseWatchdog, "GOJK2012", "(%s) can't resolve tomcat address %s any more (%v); it stays at %s", w.Name, name, err, w.Target())
	case err != nil:
	default:
		if news {
			w.log.Log(jklog.Info, jklog.PhaseWatchdog, "GOJK2013", "(%s) tomcat address %s resolves again", w.Name, name)
		}
		s.move(w, addrs)
	}
}

// move puts the address into force that the worker's host now has. Where the worker is a member its errors were those of the old place: the next request
// may try the new one.
func (s *Snapshot) move(w *Worker, addrs []netip.Addr) {
	before, from := w.Address(), w.Target()
	addr := choose(addrs, before.IP.Addr(), w.AJP.PreferIPv6)
	if !w.Record.SetAddress(netip.AddrPortFrom(addr, uint16(w.Record.Setting(shm.WorkerPort)))) {
		return
	}
	w.log.Log(jklog.Info, jklog.PhaseWatchdog, "GOJK2014", "(%s) tomcat address %s has changed from %s to %s", w.Name, w.Record.Host(), from, w.Target())
	for _, lb := range s.Workers {
		for i, member := range lb.Members {
			if member == w {
				lb.Balancer.SetReachable(i, w.Address().Usable())
				_ = lb.Balancer.Recover(i) // not in error: nothing to do
			}
		}
	}
}
