// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
)

// This file writes the sentences that stand above everything else on a page: what is broken, since when, and what happens next.

// maxNamesInSummary is how many members a sentence names.
const maxNamesInSummary = 5

// group is a kind of trouble that members may be in.
type group struct {
	rating Rating
	words  string // "1 of 2 members " + words
	has    func(*Member) bool
	detail func(*Member, time.Time) string
}

var groups = []group{
	{Bad, "in error", func(m *Member) bool { return m.State == balancer.Error }, inError},
	{Degraded, "on trial after an error", func(m *Member) bool { return m.recovering() }, state},
	{Degraded, "without a free connection", func(m *Member) bool { return m.State == balancer.Busy }, state},
	{Degraded, "disabled (own sessions only)", func(m *Member) bool { return m.Activation == balancer.Disabled }, nothing},
	{Degraded, "stopped (no requests)", func(m *Member) bool { return m.Activation == balancer.Stopped }, unreachable},
}

func (m *Member) recovering() bool {
	return m.State == balancer.Recover || m.State == balancer.Force || m.State == balancer.Probe
}

// takesNew reports whether the member gets requests that belong to no session.
func (m *Member) takesNew() bool {
	return m.Activation == balancer.Active && m.State != balancer.Error && m.State != balancer.Busy && m.State != balancer.Probe
}

// findings says how a balancer is: a finding for each kind of trouble, or one that says that there is none.
func findings(name string, members []Member, now time.Time) []Finding {
	var list []Finding
	if !anyMember(members, (*Member).takesNew) {
		list = append(list, Finding{Bad, name, "no member takes new requests."})
	}
	for _, g := range groups {
		if text := g.describe(members, now); text != "" {
			list = append(list, Finding{g.rating, name, text})
		}
	}
	if len(list) == 0 {
		return []Finding{{Good, name, "all is well, " + plural(len(members), "member") + " in service."}}
	}
	return list
}

func anyMember(members []Member, has func(*Member) bool) bool {
	for i := range members {
		if has(&members[i]) {
			return true
		}
	}
	return false
}

// describe is the sentence about the members that belong to the group; empty: there are none.
func (g *group) describe(members []Member, now time.Time) string {
	var names []string
	for i := range members {
		if m := &members[i]; g.has(m) {
			names = append(names, m.Name+g.detail(m, now))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %s %s: %s.", len(names), plural(len(members), "member"), g.words, joinNames(names, "; "))
}

// joinNames lists the first few.
func joinNames(names []string, separator string) string {
	if rest := len(names) - maxNamesInSummary; rest > 0 {
		return strings.Join(names[:maxNamesInSummary], separator) + fmt.Sprintf("%sand %d more", separator, rest)
	}
	return strings.Join(names, separator)
}

func inError(m *Member, now time.Time) string {
	if m.RecoverMax == 0 {
		return since(m.ErrorTime, now)
	}
	return fmt.Sprintf("%s, recovery in at most %d s", since(m.ErrorTime, now), seconds(m.RecoverMax))
}

func state(m *Member, _ time.Time) string { return " (" + m.State.String() + ")" }

func nothing(*Member, time.Time) string { return "" }

// unreachable says why a member may be stopped although nobody stopped it.
func unreachable(m *Member, _ time.Time) string {
	if m.Settings.Address == addressInvalid {
		return " (no address: host " + m.Settings.Host + " does not resolve, or its port is 0)"
	}
	return ""
}

// findings says how a direct worker is.
func (w *AJPWorker) findings(now time.Time) []Finding {
	switch {
	case w.Settings.Address == addressInvalid:
		return []Finding{{Bad, w.Name, "no address: host " + w.Settings.Host + " does not resolve, or its port is 0."}}
	case w.Counters.State == shm.WorkerError:
		return []Finding{{Bad, w.Name, "in error" + since(w.Counters.ErrorTime, now) + "; the next request tries it again."}}
	case w.Counters.State == shm.WorkerProbe:
		return []Finding{{Degraded, w.Name, "on trial after an error."}}
	}
	return []Finding{{Good, w.Name, "all is well."}}
}

// since is a time of day, with the date unless it is today's; empty for no time.
func since(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	layout := "15:04:05"
	if t.Local().Format(time.DateOnly) != now.Local().Format(time.DateOnly) {
		layout = "2006-01-02 15:04:05"
	}
	return " since " + t.Local().Format(layout)
}

// seconds rounds up, so that a wait is never said to be shorter than it is.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// summary is all that is not well on the page, the worst first; if all is well, what is.
func (p *Page) summary() []Finding {
	var all []Finding
	for i := range p.Balancers {
		all = append(all, p.Balancers[i].Findings...)
	}
	for i := range p.Workers {
		all = append(all, p.Workers[i].Findings...)
	}
	for _, o := range p.Orphans {
		all = append(all, Finding{Degraded, "", "The mapping " + o.URI + " of " + o.Server + " names the worker " + o.Worker +
			", which is not in worker.list; its requests are answered with 500."})
	}
	for _, f := range p.Refused {
		all = append(all, Finding{Degraded, "", "The file " + f.Path + " was changed but is not in force (since " + timestamp(f.Time) + "): " + f.Why +
			" What was in force before stays until it is mended."})
	}
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(b.Rating, a.Rating) })
	return mergeGood(all)
}

// mergeGood makes one finding of several good ones at the end of the list.
func mergeGood(sorted []Finding) []Finding {
	first := slices.IndexFunc(sorted, func(f Finding) bool { return f.Rating == Good })
	if first < 0 || len(sorted)-first == 1 {
		return sorted
	}
	var names []string
	for _, f := range sorted[first:] {
		names = append(names, f.Subject)
	}
	return append(sorted[:first], Finding{Good, joinNames(names, ", "), "all is well."})
}
