package balancer

import (
	"time"

	"mod_gojk/balancer/shm"
)

// limiterInterval is how often a text may be said.
const limiterInterval = time.Minute

// Limiter lets a text through once a minute, over all children. It has a fixed size whatever clients send: texts that meet in one slot share
// its turn. The zero value is ready; safe for concurrent use.
type Limiter shm.Said

// Allow reports whether the text may be said now.
func (l *Limiter) Allow(text string, now time.Time) bool {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	slot, t := &l[h%shm.SaidSlots], now.UnixNano()
	until := slot.Load()
	return t >= until && slot.CompareAndSwap(until, t+int64(limiterInterval))
}
