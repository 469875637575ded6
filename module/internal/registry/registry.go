// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package registry turns a configuration into workers at work: pools, balancers and rules, all of one moment, in an immutable Snapshot. A child
// swaps snapshots as a whole; a request finishes on the one it began with.
package registry

import (
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"
	"unsafe"

	"mod_gojk/ajp"
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
	before  atomic.Pointer[Snapshot] // the one before, nil: none; for requests that were mapped with it

	// The rest is the maintenance goroutine's own.
	maintained time.Time // when this child's pools were maintained last
	unusable   uint64    // epoch of a configuration that could not be brought to work; 0: none
}

// Snapshot is one configuration at work. Immutable.
type Snapshot struct {
	Epoch   uint32
	Config  *config.Config
	Workers []*Worker // by config.Worker.Index
	Servers []*Server // by index

	mapping    *shm.Mapping
	files      []string            // paths, as in config.Input.Files
	mountFiles []*config.MountFile // those that are looked at again, each path once
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

// Said is what has been said lately, by all children.
func (s *Snapshot) Said() *balancer.Limiter { return (*balancer.Limiter)(s.mapping.Said()) }

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
	r := &Registry{host: host, mapping: m}
	s, err := r.read(nil)
	if err != nil {
		return nil, err
	}
	r.current.Store(s)
	return r, nil
}

// read makes the snapshot of the configuration that is in force in the mapping. before is the one that this child has, nil for none: what has not
// changed of it lives on.
func (r *Registry) read(before *Snapshot) (*Snapshot, error) {
	in, epoch, err := decode(r.mapping)
	if err != nil {
		return nil, err
	}
	c, diagnostics := config.Load(in)
	if c == nil {
		return nil, fmt.Errorf("the configuration has errors: %v", diagnostics)
	}
	s, err := build(c, uint32(epoch), r.mapping, r.host, before)
	if err != nil {
		return nil, err
	}
	for i := range in.Files {
		s.files = append(s.files, in.Files[i].Path)
	}
	return s, nil
}

// Current returns the snapshot in force.
func (r *Registry) Current() *Snapshot { return r.current.Load() }

// At returns the snapshot for a request: the one of that epoch, with which it was mapped, or if it was not, or that is long over, the current one.
func (r *Registry) At(epoch uint32, mapped bool) *Snapshot {
	s := r.current.Load()
	if !mapped || s.Epoch == epoch {
		return s
	}
	if before := r.before.Load(); before != nil && before.Epoch == epoch {
		return before
	}
	return s
}

// Stale reports whether another configuration has come into force than that of the current snapshot. Two atomic loads.
func (r *Registry) Stale() bool { return uint32(r.mapping.Epoch()) != r.current.Load().Epoch }

// Refresh brings the configuration in force to work in this child and returns its snapshot, nil if that is the current one already. From the maintenance
// goroutine. Requests under way finish on the snapshot that they began with; workers that are not in the new one serve them, and then close.
func (r *Registry) Refresh() *Snapshot {
	epoch := r.mapping.Epoch()
	before := r.current.Load()
	if uint32(epoch) == before.Epoch || epoch == r.unusable {
		return nil
	}
	s, err := r.read(before)
	if err != nil {
		r.unusable = epoch
		r.host.ErrorLog(jklog.Error, fmt.Sprintf("a reloaded configuration cannot be used in this child (%v); it goes on with the one before; restart httpd gracefully id=GOJK0018", err))
		return nil
	}
	r.before.Store(before)
	r.current.Store(s)
	before.retire(s)
	s.level(before)
	s.Servers[0].Log.Log(jklog.Debug, jklog.PhaseWatchdog, "GOJK2020", "configuration %d is at work in this child (%d workers)", s.Epoch, len(s.Workers))
	return s
}

// level lets the balancers begin evenly whose members have changed: a new member would get every request until it has caught up. Each child does it when it
// has changed over, because until then it has added to the values of the members that it knew: after the last one they are even.
func (s *Snapshot) level(before *Snapshot) {
	for _, w := range s.Workers {
		if w.Balancer == nil {
			continue
		}
		if old := before.Config.Worker(w.Name); old == nil || !slices.Equal(old.MemberNames(), w.MemberNames()) {
			w.Balancer.Level()
		}
	}
}

// retire lets the pools go that a later snapshot has not taken over.
func (s *Snapshot) retire(later *Snapshot) {
	kept := map[*ajp.Pool]bool{}
	for _, w := range later.Workers {
		kept[w.Pool] = true
	}
	for _, w := range s.Workers {
		if w.Pool != nil && !kept[w.Pool] {
			w.Pool.Retire()
		}
	}
}

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

// reapInterval is how often one of all children looks whether others have died.
const reapInterval = time.Second

// maintain is what happens every worker.maintain seconds.
func (r *Registry) maintain(s *Snapshot, now time.Time, log balancer.Logger) {
	r.mapping.MaintainChildren(now, reapInterval) // first: a balancer then sees which probes are lost
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
func build(c *config.Config, epoch uint32, m *shm.Mapping, host Host, before *Snapshot) (*Snapshot, error) {
	s := &Snapshot{Epoch: epoch, Config: c, mapping: m, mountFiles: reloaded(c)}
	for _, server := range c.Servers {
		s.Servers = append(s.Servers, &Server{Server: server, Log: openLog(server, host)})
	}
	if err := s.openWorkers(m, host, before.pools()); err != nil {
		return nil, err
	}
	for _, server := range s.Servers {
		s.openRules(server)
	}
	return s, nil
}

// reloaded returns the mount files that are to be looked at again, each path once.
func reloaded(c *config.Config) (files []*config.MountFile) {
	seen := map[string]bool{}
	for _, f := range c.MountFiles {
		if f.Reload > 0 && !seen[f.Path] {
			seen[f.Path] = true
			files = append(files, f)
		}
	}
	return files
}

// openLog makes a server's log; what cannot be written to it goes to the error log.
func openLog(server *config.Server, host Host) *jklog.Logger {
	return jklog.New(server.LogFD, server.LogLevel, jklog.CompileStamp(server.Stamp), host.ErrorLog)
}

// pools returns the ajp13 workers by name. s may be nil.
func (s *Snapshot) pools() map[string]*Worker {
	list := map[string]*Worker{}
	if s == nil {
		return list
	}
	for _, w := range s.Workers {
		if w.Pool != nil {
			list[w.Name] = w
		}
	}
	return list
}

// openWorkers makes the ajp13 workers first, then the balancers that refer to them. before are those of the snapshot before.
func (s *Snapshot) openWorkers(m *shm.Mapping, host Host, before map[string]*Worker) error {
	log := s.Servers[0].Log
	for _, c := range s.Config.Workers {
		w := &Worker{Worker: c, log: log}
		s.Workers = append(s.Workers, w)
		if c.Type != config.TypeAJP {
			continue
		}
		if err := w.openAJP(m, host, before[c.Name]); err != nil {
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
			activations = w.Overridden(rule.Extensions)
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
