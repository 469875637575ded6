package shm

import (
	"sync/atomic"
	"time"
)

// maxTolerance lets maintenance run a little before its interval is over, as timers are not exact; short intervals get less.
const maxTolerance = 2 * time.Second

// elect lets one of all processes run maintenance per interval. It returns how many whole intervals have passed since the
// last time if this caller is the one, otherwise 0. An interval of 0 or less: never.
func elect(last *atomic.Int64, now time.Time, interval time.Duration) uint {
	if interval <= 0 {
		return 0
	}
	old, t := last.Load(), now.UnixNano()
	if t < old-int64(interval) { // the clock was set back
		last.CompareAndSwap(old, t)
		return 0
	}
	tolerance := min(maxTolerance, interval/30)
	n := (t - old + int64(tolerance)) / int64(interval)
	if n < 1 || !last.CompareAndSwap(old, t) {
		return 0
	}
	return uint(n)
}

// shift halves a number n times.
func shift(v *atomic.Uint64, n uint) {
	for {
		old := v.Load()
		if old == 0 || v.CompareAndSwap(old, old>>n) {
			return
		}
	}
}

// unixTime is the time of a word: Unix nanoseconds, 0: the zero time.
func unixTime(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}
