// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package registry turns a configuration into workers at work: pools, balancers and rules, all of one moment, in an immutable Snapshot. A child
// swaps snapshots as a whole; a request finishes on the one it began with.
package registry

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"
	"unsafe"

	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/urimap"
)

// Host is what the registry needs of httpd.
type Host interface {
	ErrorLog(level jklog.Level, text string)
	Resolve(name string) ([]netip.Addr, error)
}

// Registry holds the snapshot in force in this child. Safe for concurrent use.
type Registry struct {
	host    Host
	mapping *shm.Mapping
	current atomic.Pointer[Snapshot]

	maintained time.Time // when this child's pools were maintained last; the maintenance goroutine's own
}

// Snapshot is one configuration at work. Immutable.
type Snapshot struct {
	Epoch   uint32
	Config  *config.Config
	Workers []*Worker // by config.Worker.Index
	Servers []*Server // by index
}

// Server is one httpd server with its rules, ready to match.
type Server struct {
	*config.Server
	Map *urimap.Map
	Log *jklog.Logger

	// Targets and Activations are by rule: index of its worker, NoWorker if there is none; activation by member, nil if the rule has none.
	Targets     []uint32
	Activations [][]balancer.Activation
}

// NoWorker is the target of a rule whose worker does not exist: its requests are answered with 500, as in mod_jk.
const NoWorker = 0xffffffff

// Server returns a server by index, nil if there is none.
func (s *Snapshot) Server(i uint32) *Server {
	if int(i) >= len(s.Servers) {
		return nil
	}
	return s.Servers[i]
}

// Worker returns a worker by index, nil if there is none.
func (s *Snapshot) Worker(i uint32) *Worker {
	if int(i) >= len(s.Workers) {
		return nil
	}
	return s.Workers[i]
}

// Listed returns the worker of that name if it is in worker.list, else nil.
func (s *Snapshot) Listed(name string) *Worker {
	for _, w := range s.Workers {
		if w.Listed && w.Name == name {
			return w
		}
	}
	return nil
}

// Open brings the configuration in a formatted mapping to work in this child.
func Open(host Host, mapping unsafe.Pointer) (*Registry, error) {
	m := shm.New(mapping)
	if err := m.Check(); err != nil {
		return nil, err
	}
	if _, err := m.Attach(); err != nil {
		host.ErrorLog(jklog.Warn, fmt.Sprintf("%v; what this child counts stays counted if it is killed id=GOJK0012", err))
	}
	in, err := decode(m)
	if err != nil {
		return nil, err
	}
	c, diagnostics := config.Load(in)
	if c == nil {
		return nil, fmt.Errorf("the configuration has errors: %v", diagnostics)
	}
	s, err := build(c, uint32(m.Epoch()), m, host)
	if err != nil {
		return nil, err
	}
	r := &Registry{host: host, mapping: m}
	r.current.Store(s)
	return r, nil
}

// Current returns the snapshot in force.
func (r *Registry) Current() *Snapshot { return r.current.Load() }

// Close closes idle connections and gives back what this child has counted. Requests that still run are not counted any more.
func (r *Registry) Close() {
	for _, w := range r.Current().Workers {
		if w.Pool != nil {
			w.Pool.Close()
		}
	}
	r.mapping.Detach()
}

// Maintain does for all workers what is due now. From the maintenance goroutine.
func (r *Registry) Maintain(now time.Time, log balancer.Logger) {
	s := r.Current()
	if s.Config.Maintain > 0 {
		r.maintain(s, now, log)
	}
	s.resolve(now, &lookups{host: r.host}) // last: it may take long
}

// maintain is what happens every worker.maintain seconds.
func (r *Registry) maintain(s *Snapshot, now time.Time, log balancer.Logger) {
	r.mapping.Reap() // first: a balancer then sees at once which probes are lost
	due := r.due(now, s.Config.Maintain)
	for _, w := range s.Workers {
		if w.Pool != nil {
			w.Maintain(now, s.Config.Maintain, due)
		}
	}
	for _, w := range s.Workers {
		if w.Balancer != nil {
			w.Balancer.Maintain(now, log)
		}
	}
}

// due reports whether this child's pools are to be maintained now: at the first look, then once in each interval.
func (r *Registry) due(now time.Time, interval time.Duration) bool {
	if !r.maintained.IsZero() && now.Sub(r.maintained) < interval {
		return false
	}
	r.maintained = now
	return true
}

// build makes the snapshot of a configuration.
func build(c *config.Config, epoch uint32, m *shm.Mapping, host Host) (*Snapshot, error) {
	s := &Snapshot{Epoch: epoch, Config: c}
	for _, server := range c.Servers {
		s.Servers = append(s.Servers, &Server{Server: server, Log: openLog(server, host)})
	}
	if err := s.openWorkers(m, host); err != nil {
		return nil, err
	}
	for _, server := range s.Servers {
		s.openRules(server)
	}
	return s, nil
}

// openLog makes a server's log; what cannot be written to it goes to the error log.
func openLog(server *config.Server, host Host) *jklog.Logger {
	return jklog.New(server.LogFD, server.LogLevel, jklog.CompileStamp(server.Stamp), host.ErrorLog)
}

// openWorkers makes the ajp13 workers first, then the balancers that refer to them.
func (s *Snapshot) openWorkers(m *shm.Mapping, host Host) error {
	log := s.Servers[0].Log
	for _, c := range s.Config.Workers {
		w := &Worker{Worker: c, log: log}
		s.Workers = append(s.Workers, w)
		if c.Type != config.TypeAJP {
			continue
		}
		if err := w.openAJP(m, host); err != nil {
			return fmt.Errorf("worker %q: %w", c.Name, err)
		}
	}
	for _, w := range s.Workers {
		if w.Type != config.TypeLB {
			continue
		}
		if err := s.openLB(w, m); err != nil {
			return fmt.Errorf("worker %q: %w", w.Name, err)
		}
	}
	return nil
}

// openLB gives a balancer its members.
func (s *Snapshot) openLB(w *Worker, m *shm.Mapping) error {
	for _, c := range w.LB.Members {
		member := s.Workers[c.Index]
		w.Members = append(w.Members, member)
		if w.FirstChunk == 0 || member.FirstChunk < w.FirstChunk {
			w.FirstChunk = member.FirstChunk
		}
	}
	b, err := balancer.New(balancerConfig(w.Worker, s.Config.Maintain), m)
	w.Balancer = b
	return err
}

// balancerConfig puts the settings of an lb worker into the terms of package balancer.
func balancerConfig(w *config.Worker, maintain time.Duration) balancer.Config {
	c := balancer.Config{
		Name:             w.Name,
		Sticky:           w.LB.Sticky,
		StickyForce:      w.LB.StickyForce,
		Method:           balancer.Method(w.LB.Method),
		Lock:             balancer.Lock(w.LB.Lock),
		Retries:          w.LB.Retries,
		LBRetries:        w.LB.LBRetries,
		RetryInterval:    w.LB.RetryInterval,
		RecoverTime:      w.LB.RecoverTime,
		ErrorEscalation:  w.LB.ErrorEscalation,
		MaxReplyTimeouts: w.LB.MaxReplyTimeouts,
		Maintain:         maintain,
	}
	for _, m := range w.LB.Members {
		c.Members = append(c.Members, balancer.MemberConfig{
			Name: m.Name, Route: m.AJP.Route, Domain: m.AJP.Domain, Redirect: m.AJP.Redirect,
			Distance: m.AJP.Distance, LBFactor: m.AJP.LBFactor, Activation: balancer.Activation(m.AJP.Activation),
		})
	}
	return c
}

// openRules makes a server's map and finds the workers of its rules.
func (s *Snapshot) openRules(server *Server) {
	server.Map = urimap.Build(server.URIRules(), urimap.Options{RejectUnsafe: server.Options.Has(config.OptRejectUnsafeURI)})
	for i := range server.Rules {
		rule := &server.Rules[i]
		target := uint32(NoWorker)
		var activations []balancer.Activation
		if w := s.Listed(rule.Worker); w != nil {
			target = uint32(w.Index)
			activations = w.Overridden(&rule.Extensions)
		}
		server.Targets = append(server.Targets, target)
		server.Activations = append(server.Activations, activations)
	}
}

// Overridden returns the activations that rule extensions give the members of a balancer, by member; nil if they give none.
func (w *Worker) Overridden(e *config.Extensions) []balancer.Activation {
	if w.Balancer == nil || len(e.Active)+len(e.Disabled)+len(e.Stopped) == 0 {
		return nil
	}
	list := make([]balancer.Activation, len(w.Members))
	for i := range list {
		list[i] = balancer.Unset
	}
	set := func(names []string, a balancer.Activation) {
		for _, name := range names {
			if i := w.Balancer.Member(name); i >= 0 {
				list[i] = a
			}
		}
	}
	set(e.Active, balancer.Active)
	set(e.Disabled, balancer.Disabled)
	set(e.Stopped, balancer.Stopped)
	return list
}
