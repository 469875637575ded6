// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import (
	"math/bits"
	"sync/atomic"
)

// bitmap is a set of slot indexes. Safe for concurrent use; taking an index out makes the taker the slot's owner.
type bitmap []atomic.Uint64

func newBitmap(size int) bitmap { return make(bitmap, (size+63)/64) }

// take removes and returns the lowest index, -1 if there is none.
func (b bitmap) take() int {
	for i := range b {
		for word := b[i].Load(); word != 0; word = b[i].Load() {
			if b[i].CompareAndSwap(word, word&(word-1)) {
				return i*64 + bits.TrailingZeros64(word)
			}
		}
	}
	return -1
}

// claim removes index n and reports whether it was there.
func (b bitmap) claim(n int) bool {
	bit := uint64(1) << (n % 64)
	return b[n/64].And(^bit)&bit != 0
}

// put adds index n.
func (b bitmap) put(n int) { b[n/64].Or(1 << (n % 64)) }

// empty reports whether the set was empty at some moment of the call.
func (b bitmap) empty() bool {
	for i := range b {
		if b[i].Load() != 0 {
			return false
		}
	}
	return true
}
