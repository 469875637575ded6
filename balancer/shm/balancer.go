package shm

import (
	"sync/atomic"
	"time"
)

// BalancerSetting names a number of a balancer that an operator may change at run time.
type BalancerSetting int

// Settings of a balancer. Times are nanoseconds, booleans 0 and 1. The order is part of the layout.
const (
	BalancerSticky BalancerSetting = iota
	BalancerStickyForce
	BalancerMethod
	BalancerLock
	BalancerRetries
	BalancerRetryInterval
	BalancerRecoverTime
	BalancerErrorEscalation
	BalancerMaxReplyTimeouts
	balancerSettings
)

// Balancer is the record of one lb worker. Safe for concurrent use.
type Balancer struct {
	mapping *Mapping
	rec     *balancerRecord
	share   *atomic.Uint32
	index   int
}

// Balancer finds or makes the record of an lb worker.
func (m *Mapping) Balancer(name string) (*Balancer, error) {
	i, err := m.find(m.balancerTable(), indexKey{name: name})
	if err != nil {
		return nil, err
	}
	return &Balancer{mapping: m, rec: m.balancerRecord(i), share: &m.counts.balancers[i], index: i}, nil
}

func (m *Mapping) balancerTable() table {
	return table{
		index:    &m.balancers,
		used:     &m.tables().balancers,
		capacity: MaxBalancers,
		read:     func(i int) indexKey { return indexKey{name: m.balancerRecord(i).name.load()} },
		write: func(i int, key indexKey) {
			rec := m.balancerRecord(i)
			rec.name.store(key.name)
			now := time.Now().UnixNano()
			rec.lastReset.Store(now)
			rec.lastMaintain.Store(now)
		},
	}
}

// Mapping is the mapping that the record lies in.
func (b *Balancer) Mapping() *Mapping { return b.mapping }

// Enter counts one more request in flight and returns how many there are now, in all processes. Each Enter needs a Leave.
func (b *Balancer) Enter() int64 {
	n := b.mapping.count(&b.rec.busy, b.share)
	raise(&b.rec.maxBusy, n)
	return n
}

// Leave counts one request in flight less.
func (b *Balancer) Leave() { b.mapping.uncount(&b.rec.busy, b.share) }

// Busy is the number of requests in flight, in all processes.
func (b *Balancer) Busy() int64 { return b.rec.busy.Load() }

// MaxBusy is the highest Busy since the last Reset.
func (b *Balancer) MaxBusy() int64 { return b.rec.maxBusy.Load() }

// Tie is the word that says where the next scan over the members starts, shared so that all children balance one sequence.
func (b *Balancer) Tie() *atomic.Uint64 { return &b.rec.tie }

// Sequence changes whenever a setting of the balancer or of one of its members has changed. One atomic load.
func (b *Balancer) Sequence() uint64 { return b.rec.sequence.Load() }

// Changed tells all children that settings have changed. Under the lock.
func (b *Balancer) Changed() { b.rec.sequence.Add(1) }

// Setting is the value in force.
func (b *Balancer) Setting(s BalancerSetting) int64 { return b.rec.settings[s].current.Load() }

// Configure notes what the configuration says of a setting and reports whether the value in force changed: a value that
// an operator has changed stays, unless the configuration itself has changed. Under the lock; see Changed.
func (b *Balancer) Configure(s BalancerSetting, v int64) bool { return b.rec.settings[s].configure(v) }

// Set edits a setting and reports whether that changed it. Under the lock; see Changed.
func (b *Balancer) Set(s BalancerSetting, v int64) bool { return b.rec.settings[s].set(v) }

// Elect reports how many whole intervals have passed since the last maintenance if this caller is to run it, otherwise 0.
func (b *Balancer) Elect(now time.Time, interval time.Duration) uint {
	return elect(&b.rec.lastMaintain, now, interval)
}

// LastMaintain is when maintenance ran last; when the record was made, if never.
func (b *Balancer) LastMaintain() time.Time { return unixTime(b.rec.lastMaintain.Load()) }

// LastReset is when the record was last reset, or made.
func (b *Balancer) LastReset() time.Time { return unixTime(b.rec.lastReset.Load()) }

// Reset clears what has been counted for the balancer itself.
func (b *Balancer) Reset(now time.Time) {
	b.rec.maxBusy.Store(b.rec.busy.Load())
	b.rec.lastReset.Store(now.UnixNano())
}
