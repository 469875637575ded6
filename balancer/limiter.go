package balancer

import (
	"sync/atomic"
	"time"
)

// limiterSlots is how many different texts may be said in one interval; limiterInterval is that interval.
const (
	limiterSlots    = 64
	limiterInterval = time.Minute
)

// Limiter lets a text through once a minute. It has a fixed size whatever clients send: texts that meet in one slot share
// its turn. The zero value is ready; safe for concurrent use.
type Limiter struct {
	until [limiterSlots]atomic.Int64 // Unix nanoseconds
}

// Allow reports whether the text may be said now.
func (l *Limiter) Allow(text string, now time.Time) bool {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	slot, t := &l.until[h%limiterSlots], now.UnixNano()
	until := slot.Load()
	return t >= until && slot.CompareAndSwap(until, t+int64(limiterInterval))
}
