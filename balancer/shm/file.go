// Licensed under the Apache License, Version 2.0; see LICENSE.

package shm

import (
	"sync/atomic"
	"time"
)

// File is what all processes know of a configuration file that is looked at while httpd runs: who looks when, what was put into force, and what
// was refused. Safe for concurrent use.
type File struct {
	mapping *Mapping
	rec     *fileRecord
}

// messageWords is the room for what is wrong with a file.
const messageWords = 40

// fileRecord is one configuration file. Times are Unix nanoseconds, 0: never.
type fileRecord struct {
	lastCheck    atomic.Int64
	refused      atomic.Uint64 // hash of the text that was refused last, 0: none
	refusedEpoch atomic.Uint64 // configuration in force when it was
	refusedTime  atomic.Int64
	loadedTime   atomic.Int64 // when a text of it was put into force while httpd ran
	_            [3]uint64

	message [messageWords]atomic.Uint64
	_       [64 - 8 - messageWords]uint64
}

// File returns the record of a configuration file by its position in the configuration; nil if there is no room for so many.
func (m *Mapping) File(i int) *File {
	if i < 0 || i >= MaxFiles {
		return nil
	}
	return &File{m, m.fileRecord(i)}
}

// Elect lets one of all processes look at the file per interval: it reports whether this caller is the one.
func (f *File) Elect(now time.Time, interval time.Duration) bool {
	return elect(&f.rec.lastCheck, now, interval) > 0
}

// Again makes the file due at the next look, whatever its interval.
func (f *File) Again() { f.rec.lastCheck.Store(0) }

// WasRefused reports whether this very text was refused already under the configuration of that epoch.
func (f *File) WasRefused(text string, epoch uint64) bool {
	return f.rec.refused.Load() == hash(text) && f.rec.refusedEpoch.Load() == epoch
}

// Refuse notes that a text of the file is not put into force, and why.
func (f *File) Refuse(text string, epoch uint64, now time.Time, why string) {
	f.mapping.Lock()
	defer f.mapping.Unlock()
	storeText(f.rec.message[:], why)
	f.rec.refusedTime.Store(now.UnixNano())
	f.rec.refusedEpoch.Store(epoch)
	f.rec.refused.Store(hash(text))
}

// Accept notes that the text of the file that is there is in force. loaded: it was put into force just now.
func (f *File) Accept(now time.Time, loaded bool) {
	if loaded {
		f.rec.loadedTime.Store(now.UnixNano())
	}
	if f.rec.refused.Load() != 0 {
		f.rec.refused.Store(0)
	}
}

// FileState is what is known of a file.
type FileState struct {
	Loaded  time.Time // when it was put into force while httpd ran; zero: it is what httpd started with
	Refused time.Time // when its present text was refused; zero: it is in force
	Why     string    // it was refused; perhaps cut off
}

// State reads all of it.
func (f *File) State() FileState {
	s := FileState{Loaded: unixTime(f.rec.loadedTime.Load())}
	f.mapping.Lock()
	defer f.mapping.Unlock()
	if f.rec.refused.Load() != 0 {
		s.Refused, s.Why = unixTime(f.rec.refusedTime.Load()), loadText(f.rec.message[:])
	}
	return s
}
