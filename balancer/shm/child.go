package shm

import (
	"fmt"
	"time"
)

// Attach gives this child a slot for its shares and takes back what children that died have left. Once, before the first
// Worker, Balancer or Member is asked for. ErrFull: there are more than MaxChildren children; counting works, but what
// this child has counted when it is killed stays counted.
func (m *Mapping) Attach() (slot int, err error) {
	m.Lock()
	defer m.Unlock()
	m.reap()
	t := m.tables()
	for i := range MaxChildren {
		child := m.childRecord(i)
		if child.owner.Load() != 0 {
			continue
		}
		t.children.Store(max(t.children.Load(), uint64(i)+1))
		child.owner.Store(uint64(m.self))
		m.slot, m.counts = i, m.shares(i)
		return i, nil
	}
	return -1, fmt.Errorf("%w: more than %d children", ErrFull, MaxChildren)
}

// Detach gives back what this child has counted and its slot. Once, when the child ends; what still runs is not counted
// any more.
func (m *Mapping) Detach() {
	if m.detached.Swap(true) {
		return
	}
	m.Lock()
	defer m.Unlock()
	m.giveBack(m.counts)
	if m.slot >= 0 {
		m.childRecord(m.slot).owner.Store(0)
	}
}

// MaintainChildren is Reap by one of all children per interval: under prefork there are many, and each asking about all others would cost more than the
// requests.
func (m *Mapping) MaintainChildren(now time.Time, interval time.Duration) int {
	if elect(&m.tables().reaped, now, interval) == 0 {
		return 0
	}
	return m.Reap()
}

// Reap takes back what children that died have left, and returns how many there were. It asks the kernel about each child.
func (m *Mapping) Reap() int {
	if !m.anyDead() {
		return 0
	}
	m.Lock()
	defer m.Unlock()
	return m.reap()
}

func (m *Mapping) anyDead() bool {
	for i := range m.childSlots() {
		owner := identity(m.childRecord(i).owner.Load())
		if owner != 0 && owner != m.self && !owner.alive() {
			return true
		}
	}
	return false
}

func (m *Mapping) childSlots() int { return int(min(m.tables().children.Load(), MaxChildren)) }

// reap frees the slots of the dead. Under the lock.
func (m *Mapping) reap() int {
	dead := 0
	for i := range m.childSlots() {
		child := m.childRecord(i)
		owner := identity(child.owner.Load())
		if owner == 0 || owner == m.self || owner.alive() {
			continue
		}
		m.giveBack(m.shares(i))
		child.owner.Store(0)
		dead++
	}
	return dead
}

// giveBack subtracts a child's shares from the totals. Under the lock. The total goes first, for the reason given at
// Mapping.count.
func (m *Mapping) giveBack(s *shares) {
	t := m.tables()
	for i := range min(t.workers.Load(), MaxWorkers) {
		share, rec := &s.workers[i], m.workerRecord(int(i))
		subtract(&rec.busy, int64(share.busy.Load()))
		share.busy.Store(0)
		subtract(&rec.connected, int64(share.connected.Load()))
		share.connected.Store(0)
	}
	for i := range min(t.balancers.Load(), MaxBalancers) {
		subtract(&m.balancerRecord(int(i)).busy, int64(s.balancers[i].Load()))
		s.balancers[i].Store(0)
	}
	for i := range min(t.members.Load(), MaxMembers) {
		subtract(&m.memberRecord(int(i)).busy, int64(s.members[i].Load()))
		s.members[i].Store(0)
	}
}
