package shm

import (
	"sync/atomic"
	"time"
)

// MemberSetting names a number of a member that an operator may change at run time.
type MemberSetting int

// Settings of a member. The order is part of the layout.
const (
	MemberActivation MemberSetting = iota
	MemberFactor
	MemberDistance
	memberSettings
)

// MemberText names a string of a member that an operator may change at run time.
type MemberText int

// Strings of a member, at most NameMax bytes.
const (
	MemberRoute MemberText = iota
	MemberDomain
	MemberRedirect
)

// Member is the record of one member of one balancer. Safe for concurrent use.
type Member struct {
	mapping *Mapping
	rec     *memberRecord
	share   *atomic.Uint32
}

// Member finds or makes the record of a member of this balancer.
func (b *Balancer) Member(name string) (*Member, error) {
	m := b.mapping
	i, err := m.find(m.memberTable(), indexKey{parent: uint64(b.index), name: name})
	if err != nil {
		return nil, err
	}
	return &Member{mapping: m, rec: m.memberRecord(i), share: &m.counts.members[i]}, nil
}

func (m *Mapping) memberTable() table {
	return table{
		index:    &m.members,
		used:     &m.tables().members,
		capacity: MaxMembers,
		read: func(i int) indexKey {
			rec := m.memberRecord(i)
			return indexKey{parent: rec.balancer.Load(), name: rec.name.load()}
		},
		write: func(i int, key indexKey) {
			rec := m.memberRecord(i)
			rec.name.store(key.name)
			rec.balancer.Store(key.parent)
			rec.lastReset.Store(time.Now().UnixNano())
		},
	}
}

// State is the word for the member's state; what its values mean is the balancer's.
func (m *Member) State() *atomic.Uint64 { return &m.rec.state }

// Value is the member's lb_value.
func (m *Member) Value() *atomic.Uint64 { return &m.rec.value }

// Elected counts the attempts given to the member.
func (m *Member) Elected() *atomic.Uint64 { return &m.rec.elected }

// ElectedSnapshot is Elected as of the last maintenance.
func (m *Member) ElectedSnapshot() *atomic.Uint64 { return &m.rec.electedSnapshot }

// Sessions counts the new sessions given to the member.
func (m *Member) Sessions() *atomic.Uint64 { return &m.rec.sessions }

// Errors counts what the balancer counts as an error of the member.
func (m *Member) Errors() *atomic.Uint64 { return &m.rec.errors }

// FirstErrorTime is when the first of the errors in a row happened, Unix nanoseconds; 0: none.
func (m *Member) FirstErrorTime() *atomic.Int64 { return &m.rec.firstErrorTime }

// LastErrorTime is when the last of the errors in a row happened, Unix nanoseconds; 0: none.
func (m *Member) LastErrorTime() *atomic.Int64 { return &m.rec.lastErrorTime }

// Enter counts one more request in flight. Each Enter needs a Leave.
func (m *Member) Enter() { m.mapping.count(&m.rec.busy, m.share) }

// EnterFrom is Enter, but only if the number of requests in flight is still the one given; it reports whether it was.
func (m *Member) EnterFrom(busy int64) bool {
	if m.mapping.detached.Load() {
		return true
	}
	m.share.Add(1)
	if m.rec.busy.CompareAndSwap(busy, busy+1) {
		return true
	}
	m.share.Add(^uint32(0))
	return false
}

// Leave counts one request in flight less.
func (m *Member) Leave() { m.mapping.uncount(&m.rec.busy, m.share) }

// Busy is the number of requests in flight, in all processes.
func (m *Member) Busy() int64 { return m.rec.busy.Load() }

// Setting is the value in force.
func (m *Member) Setting(s MemberSetting) int64 { return m.rec.settings[s].current.Load() }

// Configure notes what the configuration says of a setting and reports whether the value in force changed: a value that
// an operator has changed stays, unless the configuration itself has changed. Under the lock; see Balancer.Changed.
func (m *Member) Configure(s MemberSetting, v int64) bool { return m.rec.settings[s].configure(v) }

// Set edits a setting and reports whether that changed it. Under the lock; see Balancer.Changed. An activation also ends what SetUnreachable
// brought about: the operator's word goes before it.
func (m *Member) Set(s MemberSetting, v int64) bool {
	ended := s == MemberActivation && m.SetUnreachable(false)
	return m.rec.settings[s].set(v) || ended
}

// Unreachable reports whether the member's worker has no address, so that the member counts as stopped.
func (m *Member) Unreachable() bool { return m.rec.unreachable.Load() != 0 }

// SetUnreachable notes that, and reports whether it is news. Under the lock; see Balancer.Changed.
func (m *Member) SetUnreachable(is bool) bool {
	var v uint64
	if is {
		v = 1
	}
	return m.rec.unreachable.Swap(v) != v
}

// Text is the string in force. Under the lock.
func (m *Member) Text(t MemberText) string { return m.text(t).current.load() }

// ConfigureText is Configure for a string.
func (m *Member) ConfigureText(t MemberText, v string) bool { return m.text(t).configure(v) }

// SetText is Set for a string.
func (m *Member) SetText(t MemberText, v string) bool { return m.text(t).set(v) }

func (m *Member) text(t MemberText) *textSetting {
	switch t {
	case MemberRoute:
		return &m.rec.route
	case MemberDomain:
		return &m.rec.domain
	}
	return &m.rec.redirect
}

// AgeValue halves lb_value n times.
func (m *Member) AgeValue(n uint) { shift(&m.rec.value, n) }

// LastReset is when the record was last reset, or made.
func (m *Member) LastReset() time.Time { return unixTime(m.rec.lastReset.Load()) }

// Reset clears what has been counted, the errors and the state; requests in flight stay.
func (m *Member) Reset(now time.Time) {
	for _, c := range []*atomic.Uint64{
		&m.rec.state, &m.rec.value, &m.rec.elected, &m.rec.electedSnapshot, &m.rec.sessions, &m.rec.errors,
	} {
		c.Store(0)
	}
	m.rec.firstErrorTime.Store(0)
	m.rec.lastErrorTime.Store(0)
	m.rec.lastReset.Store(now.UnixNano())
}
