package balancer

// maxShown is how many bytes of a route that a client made up are shown.
const maxShown = 64

// statusBusy is the answer when no member can be tried: Service Unavailable.
const statusBusy = 503

// run is one request on its way over the members. It lives on the stack of Serve, and so must hold no pointer to anything
// else there: what it points to escapes through the interfaces.
type run struct {
	b   *Balancer
	v   *view
	q   Query
	a   Attempter
	log logging

	// states is what the request knows of the members: the shared states as of the beginning of the round, and what it has found out itself since.
	states []State

	hasSession bool // a session id was looked at
	newSession bool // none was, and the request is not stateless
	forced     bool // forced recovery has been tried
	round      int
	attempt    int // in this round

	sticky bool   // the session names the chosen member
	route  string // that stands for the chosen member in Result.Route; empty: the member's own

	result Result
}

// Serve finds members for a request and has them tried until one answers, a failure cannot be repeated elsewhere, or
// nothing is left to try. It allocates nothing, unless it logs, or the query has no room yet for so many members.
func (b *Balancer) Serve(q *Query, a Attempter) Result {
	r := run{b: b, v: b.current(), q: *q, a: a, log: logging{q.Logger}, states: q.room(len(b.records))}
	r.result.Member, r.result.First.Member, r.result.Last.Member = -1, -1, -1
	r.fixBusy()
	r.lookAtSession()
	again := true
	for again && r.nextRound() {
		again = r.turn()
	}
	r.finish(again)
	return r.result
}

// fixBusy copies the states, and makes members usable again that were busy where this child has an endpoint for them.
func (r *run) fixBusy() {
	r.copyStates()
	for i := range r.v.members {
		if r.states[i] == Busy && r.a.Free(i) {
			r.happen(i, eventSlotFree)
		}
	}
}

func (r *run) copyStates() {
	for i := range r.v.members {
		r.states[i] = r.v.members[i].stateNow()
	}
}

// lookAtSession decides whether the request has a session, as far as this balancer cares.
func (r *run) lookAtSession() {
	if r.v.sticky && !r.q.IgnoreSticky {
		s := &r.q.Sessions
		empty := s.count == 1 && s.ids[0] == ""
		r.hasSession = r.q.Route != "" || (s.count > 0 && !empty)
		if empty && !r.hasSession && r.log.wants(saysNoSession) {
			r.log.say(saysNoSession)
		}
	}
	r.newSession = !r.hasSession && !r.q.Stateless
}

// nextRound begins another round when this one has had its attempts, after a sleep and with fresh settings and states. It
// reports false when there are no more rounds.
func (r *run) nextRound() bool {
	if r.attempt < min(len(r.v.members), r.b.config.LBRetries) {
		return true
	}
	r.round++
	if r.round >= r.v.retries {
		return false
	}
	if r.log.wants(saysRetry) {
		r.log.say(saysRetry, r.round, r.v.retryInterval.Milliseconds())
	}
	if r.v.retryInterval > 0 {
		r.b.config.Sleep(r.v.retryInterval)
	}
	r.v = r.b.current()
	r.copyStates()
	r.attempt = 0
	return true
}

// turn chooses a member and tries it. It reports whether another turn may follow.
func (r *run) turn() bool {
	i := r.choose()
	if i < 0 {
		return r.noMember()
	}
	r.attempt++
	o := r.try(i)
	r.result.Kind, r.result.Status = o.Kind, o.Status
	if r.result.First.Member < 0 {
		r.result.First = r.note(i)
	}
	return r.goesOn(o)
}

// noMember is a turn in which no member is eligible: members in error are then tried all the same, once per request.
func (r *run) noMember() bool {
	r.result.Kind, r.result.Status = NoMember, statusBusy
	says := saysNone
	if !r.forced {
		r.forced = true
		if n := r.forceRecovery(); n > 0 {
			r.result.Member = -1
			if r.log.wants(saysForcing) {
				r.log.say(saysForcing, n)
			}
			return true
		}
		says = saysNoneForced
	}
	r.attempt++
	if r.log.wants(says) {
		r.log.say(says, r.attempt, r.round)
	}
	return true
}

// forceRecovery makes all members usable that are in error, and returns how many there were.
func (r *run) forceRecovery() int {
	n := 0
	for i := range r.v.members {
		m := &r.v.members[i]
		if m.stateNow() == Error && r.happen(i, eventForce) {
			n++
		}
	}
	return n
}

// try has the Attempter try a member that has been taken, and does the accounting.
func (r *run) try(i int) Outcome {
	r.happen(i, eventChosen)
	r.result.Attempts++
	r.result.Member = i
	t := r.describe(i)
	if r.log.wants(saysService) {
		r.log.say(saysService, r.v.members[i].name, r.result.Route, !r.sticky, t.Number)
	}
	o := r.attemptMember(i, t)
	if o.Kind == NoSlot || o.Kind == BusyLimit {
		o.Status, o.Recoverable = statusBusy, true
	}
	r.account(i, o)
	return o
}

func (r *run) describe(i int) Try {
	m := &r.v.members[i]
	r.result.Route = r.route
	if r.route == "" {
		r.result.Route = m.route
	}
	return Try{Member: i, Number: r.result.Attempts, Activation: r.activation(i), Route: m.route, Sticky: r.sticky}
}

// attemptMember counts the request while the Attempter has it, also if the Attempter panics.
func (r *run) attemptMember(i int, t Try) Outcome {
	m := &r.v.members[i]
	defer m.rec.Leave()
	m.rec.Elected().Add(1) // while the member's line is in this processor's cache: taking it was the last thing done
	if r.newSession {
		m.rec.Sessions().Add(1)
	}
	r.b.rec.Enter()
	defer r.b.rec.Leave()
	return r.a.Attempt(t)
}

// account draws the consequences of an attempt for the member.
func (r *run) account(i int, o Outcome) {
	m := &r.v.members[i]
	if o.Kind == NoSlot {
		r.untake(m)
		m.rec.Elected().Add(^uint64(0))
		if r.newSession {
			m.rec.Sessions().Add(^uint64(0))
		}
	} else {
		r.v.policy.served(m, o.Read+o.Written)
	}
	e := r.v.event(m, o.Kind, r.b.config.Now)
	r.happen(i, e)
	if e == eventNoSlot && r.log.wants(saysNoSlot) {
		r.log.say(saysNoSlot, m.name, r.round)
	}
}

// happen applies an event to a member, for all children and for this request, and says so. It reports whether the shared
// state changed.
func (r *run) happen(i int, e event) bool {
	t, m := &transitions[e], &r.v.members[i]
	after, changed := m.happen(e, r.b.config.Now)
	if changed && t.says != nil && r.log.wants(t.says) {
		r.log.say(t.says, m.name)
	}
	switch t.local {
	case localState:
		r.states[i] = after
	case localBusy:
		r.states[i] = Busy
	case localError:
		r.states[i] = Error
		r.sayFailed(m, after)
	}
	return changed
}

// goesOn reports whether another member may be tried after this outcome.
func (r *run) goesOn(o Outcome) bool {
	switch {
	case o.Kind == Success:
		return false
	case o.Kind == ClientError:
		if r.log.wants(saysClient) {
			r.log.say(saysClient, o.Status)
		}
		return false
	case !o.Recoverable:
		if r.log.wants(saysTomcat) {
			r.log.say(saysTomcat, o.Status)
		}
		return false
	}
	if r.log.wants(saysRecoverable) {
		r.log.say(saysRecoverable)
	}
	return true
}

// finish completes the result. exhausted: the rounds are over without a last word.
func (r *run) finish(exhausted bool) {
	if r.result.Kind == Success {
		r.result.Status = 0
	}
	if exhausted && r.log.wants(saysAllBusy) {
		r.log.say(saysAllBusy)
	}
	if r.result.Kind != Success && r.result.Kind != ClientError && r.log.wants(saysGivingUp) {
		r.log.say(saysGivingUp)
	}
	switch {
	case r.result.Attempts == 1 && r.result.Member >= 0:
		r.result.Last = r.result.First
	case r.result.Member >= 0:
		r.result.Last = r.note(r.result.Member)
	}
}

func (r *run) note(i int) Note {
	m := &r.v.members[i]
	w := m.worker.Counters()
	return Note{
		Member:      i,
		Value:       r.v.policy.load(m),
		Accessed:    w.Used,
		Sessions:    m.rec.Sessions().Load(),
		Read:        w.Read,
		Transferred: w.Transferred,
		Errors:      m.rec.Errors().Load(),
		Busy:        w.Busy,
		Activation:  m.activation,
		State:       m.stateNow(),
	}
}

// The rest is what a request says about itself. Session ids are secrets: only their routes are shown.

func (r *run) sayChosen(how *message, i int) {
	if m := &r.v.members[i]; r.log.wants(how) {
		r.log.say(how, m.name, m.route, r.v.method.String())
	}
}

func (r *run) sayFailed(m *member, after State) {
	says := saysLocal
	if after == Error {
		says = saysError
	}
	if r.log.wants(says) {
		r.log.say(says, m.name)
	}
}

func (r *run) sayForceFails() {
	if !r.log.wants(saysForceFails) {
		return
	}
	route := r.q.Route
	for k := range r.q.Sessions.count {
		if got, ok := sessionRoute(r.q.Sessions.ids[k]); ok && route == "" {
			route = got
		}
	}
	r.log.say(saysForceFails, "***."+route)
}

// reportUnknown says once a minute that a session's route belongs to no member and to no domain.
func (r *run) reportUnknown(route string) {
	if r.v.byRoute(route) >= 0 || r.v.hasDomain(domainOf(route)) || !r.log.wants(saysUnknown) {
		return
	}
	if r.b.unknown.Allow(route, r.b.config.Now()) {
		r.log.say(saysUnknown, route[:min(len(route), maxShown)], r.b.config.Name)
	}
}
