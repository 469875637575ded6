package balancer

import (
	"fmt"
	"time"

	"mod_gojk/balancer/shm"
)

// The edits of this file are the status worker's. They take effect for all children from their next request on, and are
// kept over a graceful restart unless the configuration then says something new. A value that is not accepted is an
// ErrValue and changes nothing.

// SetActivation also sets all lb values of the balancer to 0 if it changes anything, unless the method is Busyness. It ends a stop that SetReachable
// brought about.
func (b *Balancer) SetActivation(member int, a Activation) error {
	if a > Stopped {
		return fmt.Errorf("%w: activation %d", ErrValue, a)
	}
	return b.editMember(member, func(rec *shm.Member) bool {
		if !rec.Set(shm.MemberActivation, int64(a)) {
			return false
		}
		b.clearValues()
		return true
	})
}

// SetReachable says whether a member's worker has an address. Without one the member counts as stopped, for all children, until it has one or an
// operator sets its activation; what else is wanted of it is kept beside that, and then holds again. No edit: a restart begins anew.
func (b *Balancer) SetReachable(member int, is bool) {
	b.mapping.Lock()
	defer b.mapping.Unlock()
	if b.records[member].member.SetUnreachable(!is) {
		b.clearValues()
		b.rec.Changed()
	}
}

// Level sets all lb values to 0, as after a start, unless the method has none: for when members have been added. A new one would otherwise get every request
// until it has caught up. No edit.
func (b *Balancer) Level() {
	b.mapping.Lock()
	defer b.mapping.Unlock()
	b.clearValues()
}

// clearValues sets all lb values to 0. Under the lock.
func (b *Balancer) clearValues() {
	if !Method(b.rec.Setting(shm.BalancerMethod)).policy().accumulates() {
		return
	}
	for _, r := range b.records {
		r.member.Value().Store(0)
	}
}

// SetFactor sets a weight, at least 1.
func (b *Balancer) SetFactor(member, factor int) error {
	if factor < 1 {
		return fmt.Errorf("%w: lbfactor %d", ErrValue, factor)
	}
	return b.setMember(member, shm.MemberFactor, int64(factor))
}

// SetDistance sets a distance, at least 0.
func (b *Balancer) SetDistance(member, distance int) error {
	if distance < 0 {
		return fmt.Errorf("%w: distance %d", ErrValue, distance)
	}
	return b.setMember(member, shm.MemberDistance, int64(distance))
}

func (b *Balancer) setMember(member int, s shm.MemberSetting, v int64) error {
	return b.editMember(member, func(rec *shm.Member) bool { return rec.Set(s, v) })
}

// SetRoute sets a route; a member without a domain gets the part before the route's first dot, if there is one.
func (b *Balancer) SetRoute(member int, route string) error {
	return b.setText(member, shm.MemberRoute, route, func(rec *shm.Member) {
		if rec.Text(shm.MemberDomain) == "" {
			rec.SetText(shm.MemberDomain, derivedDomain(route))
		}
	})
}

// SetDomain sets a domain; empty: none.
func (b *Balancer) SetDomain(member int, domain string) error {
	return b.setText(member, shm.MemberDomain, domain, nil)
}

// SetRedirect sets a redirect; empty: none.
func (b *Balancer) SetRedirect(member int, redirect string) error {
	return b.setText(member, shm.MemberRedirect, redirect, nil)
}

func (b *Balancer) setText(member int, t shm.MemberText, v string, then func(*shm.Member)) error {
	if len(v) > shm.NameMax {
		return fmt.Errorf("%w: %q is %d bytes too long", ErrValue, v, len(v)-shm.NameMax)
	}
	return b.editMember(member, func(rec *shm.Member) bool {
		changed := rec.SetText(t, v)
		if then != nil {
			then(rec)
		}
		return changed
	})
}

func (b *Balancer) editMember(i int, edit func(*shm.Member) bool) error {
	if i < 0 || i >= len(b.records) {
		return fmt.Errorf("%w: no member %d", ErrValue, i)
	}
	b.mapping.Lock()
	defer b.mapping.Unlock()
	if edit(b.records[i].member) {
		b.rec.Changed()
	}
	return nil
}

// SetSticky sets sticky_session.
func (b *Balancer) SetSticky(on bool) error { return b.set(shm.BalancerSticky, word(on)) }

// SetStickyForce sets sticky_session_force.
func (b *Balancer) SetStickyForce(on bool) error { return b.set(shm.BalancerStickyForce, word(on)) }

// SetMethod sets the method.
func (b *Balancer) SetMethod(m Method) error {
	return b.setAtMost(shm.BalancerMethod, int64(m), int64(Next))
}

// SetLock sets the lock mode.
func (b *Balancer) SetLock(l Lock) error {
	return b.setAtMost(shm.BalancerLock, int64(l), int64(Pessimistic))
}

// SetRetries sets retries, at least 1.
func (b *Balancer) SetRetries(n int) error { return b.setAtLeast(shm.BalancerRetries, int64(n), 1) }

// SetRetryInterval sets retry_interval, more than 0.
func (b *Balancer) SetRetryInterval(d time.Duration) error {
	return b.setAtLeast(shm.BalancerRetryInterval, int64(d), 1)
}

// SetRecoverTime sets recover_time, at least a second.
func (b *Balancer) SetRecoverTime(d time.Duration) error {
	return b.setAtLeast(shm.BalancerRecoverTime, int64(d), int64(time.Second))
}

// SetErrorEscalation sets error_escalation_time, more than 0.
func (b *Balancer) SetErrorEscalation(d time.Duration) error {
	return b.setAtLeast(shm.BalancerErrorEscalation, int64(d), 1)
}

// SetMaxReplyTimeouts sets max_reply_timeouts, at least 0.
func (b *Balancer) SetMaxReplyTimeouts(n int) error {
	return b.setAtLeast(shm.BalancerMaxReplyTimeouts, int64(n), 0)
}

func (b *Balancer) setAtLeast(s shm.BalancerSetting, v, least int64) error {
	if v < least {
		return fmt.Errorf("%w: %d, at least %d", ErrValue, v, least)
	}
	return b.set(s, v)
}

func (b *Balancer) setAtMost(s shm.BalancerSetting, v, most int64) error {
	if v > most {
		return fmt.Errorf("%w: %d, at most %d", ErrValue, v, most)
	}
	return b.set(s, v)
}

func (b *Balancer) set(s shm.BalancerSetting, v int64) error {
	b.mapping.Lock()
	defer b.mapping.Unlock()
	if b.rec.Set(s, v) {
		b.rec.Changed()
	}
	return nil
}

// Reset clears what has been counted for the balancer and all its members, their ajp workers included. Members are then
// OK/IDLE; requests in flight stay counted.
func (b *Balancer) Reset(now time.Time) {
	b.rec.Reset(now)
	for i := range b.records {
		b.ResetMember(i, now)
	}
}

// ResetMember does so for one member and its ajp worker.
func (b *Balancer) ResetMember(member int, now time.Time) {
	b.records[member].member.Reset(now)
	b.records[member].worker.Reset(now)
}

// Recover marks a member in error for recovery, level with the others; ErrNotInError if it is not in error.
func (b *Balancer) Recover(member int) error {
	if member < 0 || member >= len(b.records) {
		return fmt.Errorf("%w: no member %d", ErrValue, member)
	}
	v := b.current()
	m := &v.members[member]
	if m.stateNow() != Error {
		return ErrNotInError
	}
	highest := uint64(0)
	for i := range v.members {
		highest = max(highest, v.members[i].value.Load())
	}
	v.level(m, highest)
	if _, changed := m.happen(eventRecover, b.config.Now); !changed {
		return ErrNotInError
	}
	return nil
}

func word(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
