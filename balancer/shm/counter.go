package shm

import "sync/atomic"

// count adds one to a total and to this child's share of it, and returns the new total. The share goes first: a child
// killed in between leaves the total one too low, which mends itself when the total next reaches 0; one too high would stay.
func (m *Mapping) count(total *atomic.Int64, share *atomic.Uint32) int64 {
	if m.detached.Load() {
		return total.Load()
	}
	share.Add(1)
	return total.Add(1)
}

// uncount takes one off again.
func (m *Mapping) uncount(total *atomic.Int64, share *atomic.Uint32) {
	if m.detached.Load() {
		return
	}
	subtract(total, 1)
	share.Add(^uint32(0))
}

// subtract lowers a total, not below 0.
func subtract(total *atomic.Int64, n int64) {
	for {
		old := total.Load()
		if total.CompareAndSwap(old, max(old-n, 0)) {
			return
		}
	}
}

// raise keeps the highest value seen.
func raise(highest *atomic.Int64, v int64) {
	for {
		old := highest.Load()
		if v <= old || highest.CompareAndSwap(old, v) {
			return
		}
	}
}
