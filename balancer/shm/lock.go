package shm

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// How the lock waits: look again this often, then give the processor away this often, then sleep between looks.
const (
	lockSpins  = 100
	lockYields = 100
	lockNap    = 50_000 // nanoseconds
)

// Lock takes the lock that all processes of this generation share. It guards settings, the allocation of records and
// slots, and the choices of balancers with lock=Pessimistic; sections are short and never wait for anything. An owner that
// died is replaced. Not reentrant.
func (m *Mapping) Lock() {
	word := &m.tables().lock
	for try := 0; !word.CompareAndSwap(0, uint64(m.self)); try++ {
		owner := word.Load()
		if m.takeOver(word, try, identity(owner)) {
			return
		}
		waitForLock(try)
	}
}

// Unlock gives the lock back. Only by whoever took it.
func (m *Mapping) Unlock() {
	m.tables().lock.CompareAndSwap(uint64(m.self), 0)
}

// takeOver takes the lock from an owner that is gone. It looks only now and then: looking costs two system calls.
func (m *Mapping) takeOver(word *atomic.Uint64, try int, owner identity) bool {
	if try%64 != lockSpins%64 || owner == 0 || owner == m.self || owner.alive() {
		return false
	}
	return word.CompareAndSwap(uint64(owner), uint64(m.self))
}

func waitForLock(try int) {
	switch {
	case try < lockSpins:
	case try < lockSpins+lockYields:
		_, _, _ = unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	default:
		nap := unix.Timespec{Nsec: lockNap}
		_ = unix.Nanosleep(&nap, nil)
	}
}
