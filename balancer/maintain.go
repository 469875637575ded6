package balancer

import "time"

// Maintain ages, recovers, escalates and idles members: once per interval over all children. It reports whether this call
// was the one that did. Each child calls it every so often, at least once per interval, after Mapping.Reap, which gives back
// what killed children had in flight; log may be nil.
func (b *Balancer) Maintain(now time.Time, log Logger) bool {
	n := b.rec.Elect(now, b.config.Maintain)
	if n == 0 {
		return false
	}
	k := keeper{v: b.current(), now: now, log: logging{log}}
	if k.log.wants(saysDecay) {
		k.log.say(saysDecay, n)
	}
	k.age(n)
	k.recover()
	return true
}

// keeper is one maintenance.
type keeper struct {
	v       *view
	now     time.Time
	log     logging
	highest uint64 // lb_value of all members, as the method's age returns it
}

func (k *keeper) age(n uint) {
	k.highest = k.v.policy.age(k.v.members, n)
	for i := range k.v.members {
		k.v.members[i].worker.AgeReplyTimeouts(n)
	}
}

// recover looks after each member. When all of them are in error, all are forced.
func (k *keeper) recover() {
	usable := 0
	for i := range k.v.members {
		m := &k.v.members[i]
		if k.look(m) {
			usable++
		}
		m.rec.ElectedSnapshot().Store(m.rec.Elected().Load())
	}
	if usable > 0 {
		return
	}
	for i := range k.v.members {
		k.happen(&k.v.members[i], eventForce)
	}
}

// look does what is due for one member and reports whether it is not in error.
func (k *keeper) look(m *member) bool {
	if m.stateNow() == Error {
		return k.lookAtError(m)
	}
	first := m.rec.FirstErrorTime().Load()
	if first > 0 && k.since(first) >= k.v.escalation && m.stateNow() != Recover {
		k.happen(m, eventEscalate)
		return false
	}
	if m.stateNow() == Probe && m.rec.Busy() == 0 {
		k.happen(m, eventProbeLost)
	}
	if m.rec.Elected().Load() == m.rec.ElectedSnapshot().Load() {
		k.happen(m, eventUnused)
	}
	return true
}

// lookAtError recovers a member whose last error is long enough ago. So as not to be flooded it starts at the highest
// lb_value.
func (k *keeper) lookAtError(m *member) bool {
	elapsed := k.since(m.rec.LastErrorTime().Load())
	if elapsed <= k.v.recoverTime {
		if k.log.wants(saysWait) {
			k.log.say(saysWait, m.name, int((k.v.recoverTime-elapsed)/time.Second))
		}
		return false
	}
	k.v.level(m, k.highest)
	k.happen(m, eventRecoverTime)
	return true
}

// level puts a member that comes back level with the others.
func (v *view) level(m *member, highest uint64) {
	if v.policy.accumulates() {
		m.value.Store(highest)
	}
}

func (k *keeper) happen(m *member, e event) {
	now := func() time.Time { return k.now }
	says := transitions[e].says
	if _, changed := m.happen(e, now); changed && says != nil && k.log.wants(says) {
		k.log.say(says, m.name)
	}
}

func (k *keeper) since(ns int64) time.Duration { return time.Duration(k.now.UnixNano() - ns) }
