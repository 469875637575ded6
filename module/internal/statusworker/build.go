// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"strconv"
	"strings"
	"time"

	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/registry"
	"mod_gojk/module/internal/urimap"
)

// page builds what c.command asks for.
func (c *call) page() *Page {
	p := c.newPage(c.command)
	switch c.command {
	case List:
		c.addAll(p)
	case Show:
		c.addTarget(p)
	}
	return p
}

// newPage is a page with all but workers.
func (c *call) newPage(command Command) *Page {
	return &Page{
		Worker:     c.Worker.Name,
		Style:      c.settings,
		Command:    command,
		ReadOnly:   c.readOnly(),
		Locked:     c.settings.ReadOnly,
		Hidden:     Hidden(c.params.number("opt")) & hiddenBits,
		Refresh:    c.params.number("re"),
		ServerName: c.ServerName,
		ServerPort: c.ServerPort,
		Time:       c.Now,
		WebServer:  c.Snapshot.Config.HTTPDVersion,
		JKVersion:  c.Snapshot.Config.ModuleVersion,
		Result:     Result{Message: messageOK},
	}
}

// addAll adds all workers of worker.list but status workers.
func (c *call) addAll(p *Page) {
	for _, w := range c.Snapshot.Workers {
		if w.Listed {
			c.add(p, w, "")
		}
	}
	p.Orphans = c.orphans()
	p.Refused = c.Snapshot.RefusedFiles()
}

// addTarget adds the one worker that was asked for. A status worker has nothing to show.
func (c *call) addTarget(p *Page) {
	p.Target = c.target.worker.Name
	if len(c.target.members) > 0 {
		p.Member = c.target.worker.Balancer.MemberName(c.target.members[0])
	}
	c.add(p, c.target.worker, p.Member)
}

// add adds a worker; member: the only member to show, empty: all.
func (c *call) add(p *Page, w *registry.Worker, member string) {
	switch w.Type {
	case config.TypeLB:
		p.Balancers = append(p.Balancers, c.balancer(w, member))
	case config.TypeAJP:
		p.Workers = append(p.Workers, c.ajpWorker(w))
	}
}

func (c *call) balancer(w *registry.Worker, only string) Balancer {
	b := Balancer{Snapshot: w.Balancer.Snapshot(c.Now), Type: kindLB, Maps: c.maps(w.Name)}
	rates := newRatings(c.settings)
	members := make([]Member, len(b.Snapshot.Members))
	for i, m := range b.Snapshot.Members {
		members[i] = Member{MemberSnapshot: m, Settings: settingsOf(w.Members[i]), Rating: rates.rate(m.Activation, m.State)}
		b.count(members[i].Rating)
		if only == "" || only == m.Name {
			b.Members = append(b.Members, members[i])
		}
	}
	b.Snapshot.Members = nil
	b.MemberCount = len(members)
	b.Findings = findings(b.Name, members, c.Now)
	return b
}

// count counts a member by its rating.
func (b *Balancer) count(r Rating) {
	switch r {
	case Good:
		b.Good++
	case Bad:
		b.Bad++
	default:
		b.Degraded++
	}
}

func (c *call) ajpWorker(w *registry.Worker) AJPWorker {
	a := AJPWorker{Name: w.Name, Settings: settingsOf(w), Counters: w.Record.Counters(), Maps: c.maps(w.Name)}
	a.Findings = a.findings(c.Now)
	return a
}

// settingsOf are the settings of an ajp13 worker. The address is the one in force, which an operator may have changed.
func settingsOf(w *registry.Worker) Settings {
	a := w.AJP
	s := Settings{
		Type:            kindAJP,
		Host:            a.Host,
		Port:            a.Port,
		Address:         addressInvalid,
		Source:          sourceUndefined,
		PoolTimeout:     a.PoolTimeout,
		PingTimeout:     a.PingTimeout,
		ConnectTimeout:  a.ConnectTimeout,
		PrepostTimeout:  a.PrepostTimeout,
		ReplyTimeout:    a.ReplyTimeout,
		PingInterval:    a.PingInterval,
		Retries:         a.Retries,
		RecoveryOptions: a.RecoveryOptions,
		BusyLimit:       a.BusyLimit,
		MaxPacketSize:   a.MaxPacketSize,
	}
	if a.Source != "" {
		s.Source = a.Source
	}
	if address := w.Address(); address.Usable() {
		s.Address, s.Port = address.String(), int(address.IP.Port())
	}
	return s
}

// maps are the mapping rules of all servers that concern a worker, in the order of their definition.
func (c *call) maps(worker string) []Map {
	var maps []Map
	for _, server := range c.Snapshot.Servers {
		for i := range server.Rules {
			rule := &server.Rules[i]
			if rule.Worker == worker || rule.Exclude && rule.Worker == urimap.AnyWorker {
				m := newMap(server.Name, rule)
				m.ID = len(maps) + 1
				maps = append(maps, m)
			}
		}
	}
	return maps
}

func newMap(server string, r *config.Rule) Map {
	m := Map{
		Server:          server,
		URI:             r.Pattern,
		Type:            mapType(&r.Rule),
		Source:          r.Source.String(),
		ReplyTimeout:    -1,
		StickyIgnore:    number(r.StickyIgnore),
		Stateless:       number(r.Stateless),
		FailOnStatus:    joinNumbers(r.FailOnStatus),
		Active:          strings.Join(r.Active, ","),
		Disabled:        strings.Join(r.Extensions.Disabled, ","),
		Stopped:         strings.Join(r.Stopped, ","),
		UseServerErrors: r.UseServerErrors,
	}
	if r.ReplyTimeout >= 0 {
		m.ReplyTimeout = int(r.ReplyTimeout / time.Millisecond)
	}
	return m
}

// mapType says how a rule matches, in mod_jk's words and spelling.
func mapType(r *urimap.Rule) string {
	kind := mapExact
	if strings.ContainsAny(r.Pattern, "*?") {
		kind = mapWildcard
	}
	if r.Exclude {
		kind = "Unmount " + kind
	}
	if r.Disabled {
		kind = "Disabled " + kind
	}
	return kind
}

// orphans are the rules that name a worker which is not in worker.list.
func (c *call) orphans() []Orphan {
	var orphans []Orphan
	for _, server := range c.Snapshot.Servers {
		for i := range server.Rules {
			if r := &server.Rules[i]; !r.Exclude && c.Snapshot.Listed(r.Worker) == nil {
				orphans = append(orphans, Orphan{Server: server.Name, URI: r.Pattern, Worker: r.Worker})
			}
		}
	}
	return orphans
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func joinNumbers(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ",")
}
