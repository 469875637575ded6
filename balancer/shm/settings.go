package shm

import (
	"bytes"
	"encoding/binary"
	"sync/atomic"
)

// setting is a number that the configuration gives and an operator may change while httpd runs. What was configured is
// kept beside it, so that a changed configuration wins over an edit while the same configuration, read again by the next
// child or the next generation, does not undo one. Read and written under the lock.
type setting struct {
	configured atomic.Int64
	current    atomic.Int64
}

// configure notes what the configuration says and reports whether that changed the value in force.
func (s *setting) configure(v int64) bool {
	if s.configured.Swap(v) == v {
		return false
	}
	return s.current.Swap(v) != v
}

// set edits the value and reports whether that changed it.
func (s *setting) set(v int64) bool {
	return s.current.Swap(v) != v
}

// carry takes an edit over from the previous generation, unless the configuration has changed since.
func (s *setting) carry(from *setting) {
	if s.configured.Load() == from.configured.Load() {
		s.current.Store(from.current.Load())
	}
}

// edited reports whether an operator has changed the value.
func (s *setting) edited() bool { return s.current.Load() != s.configured.Load() }

// textSetting is the same for a string; of what was configured it keeps a hash.
type textSetting struct {
	configured atomic.Uint64
	current    text
}

func (s *textSetting) configure(v string) bool {
	h := hash(v)
	if s.configured.Swap(h) == h {
		return false
	}
	return s.set(v)
}

func (s *textSetting) set(v string) bool {
	if s.current.load() == v {
		return false
	}
	s.current.store(v)
	return true
}

func (s *textSetting) carry(from *textSetting) {
	if s.configured.Load() == from.configured.Load() {
		s.current.store(from.current.load())
	}
}

func (s *textSetting) edited() bool { return hash(s.current.load()) != s.configured.Load() }

// textWords is the room for a string: NameMax bytes and a NUL.
const textWords = (NameMax + 1) / 8

// text is a string of at most NameMax bytes; the rest of a longer one is lost, so callers refuse it first.
type text [textWords]atomic.Uint64

func (t *text) store(s string) { storeText(t[:], s) }

func (t *text) load() string { return loadText(t[:]) }

// storeText writes a string into words, one byte less than they have room for; the rest is lost.
func storeText(words []atomic.Uint64, s string) {
	room := 8*len(words) - 1
	for i := range words {
		var word uint64
		for j := range 8 {
			if k := 8*i + j; k < min(len(s), room) {
				word |= uint64(s[k]) << (8 * j)
			}
		}
		words[i].Store(word)
	}
}

// loadText reads what storeText wrote.
func loadText(words []atomic.Uint64) string {
	buf := make([]byte, 0, 8*len(words))
	for i := range words {
		buf = binary.LittleEndian.AppendUint64(buf, words[i].Load())
	}
	if end := bytes.IndexByte(buf, 0); end >= 0 {
		buf = buf[:end]
	}
	return string(buf)
}

// hash is FNV-1a, 64 bits. It is part of the layout: all processes must agree.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
