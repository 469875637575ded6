package balancer

import "strings"

// maxRescans is how often a request scans again because another one claimed the member first. After that it takes its
// choice unclaimed, as mod_jk always does.
const maxRescans = 32

// usable reports whether a member in that state may be given a request at all.
func usable(s State) bool {
	switch s {
	case Idle, OK, Recover, Force:
		return true
	}
	return false
}

// takesNew reports whether a member takes requests that do not belong to it.
func takesNew(s State, a Activation) bool { return a == Active && usable(s) }

// takesOwn reports whether a member takes requests of its own sessions, and those redirected to it.
func takesOwn(s State, a Activation) bool { return a != Stopped && usable(s) }

// activation is what the mapping rule says of a member, else what its settings say.
func (r *run) activation(i int) Activation {
	if i < len(r.q.Activations) && r.q.Activations[i] != Unset {
		return r.q.Activations[i]
	}
	return r.v.members[i].activation
}

func (r *run) takesNew(i int) bool { return takesNew(r.states[i], r.activation(i)) }

func (r *run) takesOwn(i int) bool { return takesOwn(r.states[i], r.activation(i)) }

// choose finds a member for the next attempt and takes it; -1: none is eligible.
func (r *run) choose() int {
	r.sticky, r.route = false, r.q.Route
	if len(r.v.members) == 1 && r.activation(0) != Disabled {
		return r.chooseOnly()
	}
	if r.hasSession {
		if i := r.bySession(); i >= 0 {
			r.take(i)
			r.sayChosen(saysByRoute, i)
			return i
		}
		if r.v.force {
			r.sayForceFails()
			return -1
		}
	}
	i := r.chooseBest()
	if i >= 0 {
		r.sayChosen(saysBest, i)
	}
	return i
}

// chooseOnly is the choice of a balancer with a single member that is not disabled: there is nothing to look for.
func (r *run) chooseOnly() int {
	if !r.takesOwn(0) {
		return -1
	}
	r.sticky = r.sessionNames(r.v.members[0].route)
	r.take(0)
	return 0
}

// bySession tries the session ids in turn until one leads to a member that takes the request.
func (r *run) bySession() int {
	if r.q.Route != "" {
		return r.byOneSession(r.q.Route)
	}
	for k := range r.q.Sessions.count {
		if route, ok := sessionRoute(r.q.Sessions.ids[k]); ok {
			if i := r.byOneSession(route); i >= 0 {
				return i
			}
		}
	}
	return -1
}

func (r *run) byOneSession(route string) int {
	if r.log.wants(saysRoute) {
		r.log.say(saysRoute, route)
	}
	i := r.byRoute(route)
	if i < 0 {
		r.reportUnknown(route)
	}
	return i
}

// sessionNames reports whether one of the session ids has that route.
func (r *run) sessionNames(route string) bool {
	if !r.hasSession {
		return false
	}
	if r.q.Route != "" {
		return r.q.Route == route
	}
	for k := range r.q.Sessions.count {
		if got, ok := sessionRoute(r.q.Sessions.ids[k]); ok && got == route {
			return true
		}
	}
	return false
}

// byRoute is the member for a route: the one that has it; if that one takes nothing, its replacement; if no member has the
// route, the best one of the domain that the route begins with.
func (r *run) byRoute(route string) int {
	i := r.v.byRoute(route)
	if i < 0 {
		return r.bestOfDomain(route)
	}
	if r.takesOwn(i) {
		r.sticky = true
		return i
	}
	if r.v.force {
		return -1
	}
	return r.replacement(&r.v.members[i])
}

// replacement is the member that takes the sessions of another: the one that its redirect names, disabled or not;
// without a redirect, the best one of its domain.
func (r *run) replacement(m *member) int {
	if m.redirect == "" {
		return r.bestOfDomain(m.domain)
	}
	r.route = ""
	if i := r.v.byRoute(m.redirect); i >= 0 && r.takesOwn(i) {
		return i
	}
	return -1
}

// bestOfDomain is the member of a domain with the lowest distance, then load; the first in order among equals. The domain is
// the text before the first dot, or all of it.
func (r *run) bestOfDomain(routeOrDomain string) int {
	domain := domainOf(routeOrDomain)
	if domain == "" {
		return -1
	}
	best, least := -1, uint64(0)
	for i := range r.v.members {
		m := &r.v.members[i]
		if m.domain != domain || !r.takesNew(i) {
			continue
		}
		if load := r.v.policy.load(m); best < 0 || r.better(m, best, load < least) {
			best, least = i, load
		}
	}
	if best >= 0 {
		r.route = domain
	}
	return best
}

// domainOf is the domain that a route begins with.
func domainOf(route string) string {
	domain, _, _ := strings.Cut(route, ".")
	return domain
}

// better reports whether a member is nearer than the best so far, or as near and less loaded.
func (r *run) better(m *member, best int, less bool) bool {
	d := r.v.members[best].distance
	return m.distance < d || (less && m.distance == d)
}

// chooseBest takes the best member of all; if there is none, the one that the first redirect leads to.
func (r *run) chooseBest() int {
	if r.v.lock == Pessimistic {
		r.b.mapping.Lock()
		defer r.b.mapping.Unlock()
	}
	tie := r.b.rec.Tie()
	for range maxRescans {
		offset := tie.Load()
		best, load := r.best(offset)
		if best < 0 {
			return r.chooseFailover()
		}
		if r.claim(best, offset, load) {
			return best
		}
	}
	best, _ := r.best(tie.Load())
	tie.Store(uint64(best) + 1)
	r.take(best)
	return best
}

// best scans all members from the offset on: lowest distance, then load, then whoever comes first. A stateless request does
// not look at loads.
func (r *run) best(offset uint64) (best int, load uint64) {
	n := len(r.v.members)
	best = -1
	for j, i := 0, int(offset%uint64(n)); j < n; j, i = j+1, i+1 {
		if i == n {
			i = 0
		}
		if !r.takesNew(i) {
			continue
		}
		m := &r.v.members[i]
		l := r.v.policy.load(m)
		if best < 0 || r.better(m, best, l < load && !r.q.Stateless) {
			best, load = i, l
		}
	}
	return best, load
}

// claim takes the chosen member, unless another request has changed meanwhile what it was chosen for: its load, or where
// nothing is charged the turn.
func (r *run) claim(i int, offset, load uint64) bool {
	m, turn := &r.v.members[i], uint64(i)+1
	charge := r.v.policy.charge(m, r.newSession)
	if r.q.Stateless || (charge == 0 && r.v.policy.accumulates()) {
		if !r.b.rec.Tie().CompareAndSwap(offset, turn) {
			return false
		}
		r.take(i)
		return true
	}
	if !r.v.policy.claim(m, load, charge) {
		return false
	}
	r.b.rec.Tie().Store(turn)
	return true
}

// chooseFailover follows the first redirect that any member has: so a disabled member can stand by for all others.
func (r *run) chooseFailover() int {
	route := r.v.failoverRoute()
	if route == "" {
		return -1
	}
	i := r.byRoute(route)
	r.sticky = false
	if i >= 0 {
		r.take(i)
	}
	return i
}

// take takes a member for a request and charges it, come what may.
func (r *run) take(i int) {
	m := &r.v.members[i]
	if charge := r.v.policy.charge(m, r.newSession); charge != 0 {
		m.value.Add(charge)
	}
	m.rec.Enter()
}

// untake is the reverse, for an attempt that never began.
func (r *run) untake(m *member) {
	if charge := r.v.policy.charge(m, r.newSession); charge != 0 {
		m.sub(charge)
	}
}
