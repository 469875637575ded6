package balancer

import (
	"time"

	"mod_gojk/balancer/shm"
)

// Snapshot is a balancer at one moment, as the status worker shows it.
type Snapshot struct {
	Name             string
	Sticky           bool
	StickyForce      bool
	Method           Method
	Lock             Lock
	Retries          int
	LBRetries        int
	RetryInterval    time.Duration
	RecoverTime      time.Duration
	ErrorEscalation  time.Duration
	MaxReplyTimeouts int
	Busy             int64 // requests in flight, all children
	MaxBusy          int64
	LastReset        time.Time
	MaintainMin      time.Duration // to the next maintenance, at least
	MaintainMax      time.Duration // and at most
	Members          []MemberSnapshot
}

// MemberSnapshot is a member at one moment.
type MemberSnapshot struct {
	Name       string
	Activation Activation
	LBFactor   int
	Route      string
	Redirect   string
	Domain     string
	Distance   int
	State      State
	LBMult     uint64
	LBValue    uint64
	Elected    uint64 // attempts given to it by this balancer
	Sessions   uint64
	Errors     uint64
	ErrorTime  time.Time     // of the last error in a row; zero: none
	RecoverMin time.Duration // to recovery, at least; 0 unless in error
	RecoverMax time.Duration
	LastReset  time.Time
	Worker     shm.WorkerCounters
}

// Snapshot is the balancer as of now. It reads while others write: numbers of one member may be a request apart.
func (b *Balancer) Snapshot(now time.Time) Snapshot {
	v := b.current()
	s := Snapshot{
		Name:             b.config.Name,
		Sticky:           v.sticky,
		StickyForce:      v.force,
		Method:           v.method,
		Lock:             v.lock,
		Retries:          v.retries,
		LBRetries:        b.config.LBRetries,
		RetryInterval:    v.retryInterval,
		RecoverTime:      v.recoverTime,
		ErrorEscalation:  v.escalation,
		MaxReplyTimeouts: int(v.maxReplyTimeouts),
		Busy:             b.rec.Busy(),
		MaxBusy:          b.rec.MaxBusy(),
		LastReset:        b.rec.LastReset(),
		Members:          make([]MemberSnapshot, len(v.members)),
	}
	s.MaintainMin, s.MaintainMax = b.timeToMaintain(now)
	for i := range v.members {
		s.Members[i] = v.snapshot(&v.members[i])
		s.Members[i].RecoverMin, s.Members[i].RecoverMax = b.timeToRecover(v, &v.members[i], now, s.MaintainMin)
	}
	return s
}

func (v *view) snapshot(m *member) MemberSnapshot {
	return MemberSnapshot{
		Name:       m.name,
		Activation: m.activation,
		LBFactor:   m.factor,
		Route:      m.route,
		Redirect:   m.redirect,
		Domain:     m.domain,
		Distance:   m.distance,
		State:      m.stateNow(),
		LBMult:     m.mult,
		LBValue:    v.policy.load(m),
		Elected:    m.rec.Elected().Load(),
		Sessions:   m.rec.Sessions().Load(),
		Errors:     m.rec.Errors().Load(),
		ErrorTime:  timeOf(m.rec.LastErrorTime().Load()),
		LastReset:  m.rec.LastReset(),
		Worker:     m.worker.Counters(),
	}
}

// timeToMaintain is how long it takes to the next maintenance: it may come when its interval is over, and does come within
// another one. Both 0 if there is none.
func (b *Balancer) timeToMaintain(now time.Time) (least, most time.Duration) {
	interval := b.config.Maintain
	if interval <= 0 {
		return 0, 0
	}
	least = max(interval-now.Sub(b.rec.LastMaintain()), 0)
	return least, least + interval
}

// timeToRecover is how long a member stays in error: until its time is over, and then until maintenance comes by. Both 0
// unless it is in error.
func (b *Balancer) timeToRecover(v *view, m *member, now time.Time, maintain time.Duration) (least, most time.Duration) {
	if m.stateNow() != Error {
		return 0, 0
	}
	least = max(v.recoverTime-now.Sub(timeOf(m.rec.LastErrorTime().Load())), 0)
	return max(least, maintain), least + max(b.config.Maintain, 0)
}

// timeOf is the time of a word of the mapping: Unix nanoseconds, 0: the zero time.
func timeOf(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}
