package shm

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"
)

// addressWords is a resolved address. Read and written under the lock; sequence alone may be looked at without.
type addressWords struct {
	sequence atomic.Uint64
	family   atomic.Uint64 // 4, 6 or 0: none
	port     atomic.Uint64
	scope    atomic.Uint64 // of an IPv6 address; 0: none
	high     atomic.Uint64 // the 16 bytes of the address, big endian; an IPv4 address is mapped
	low      atomic.Uint64
}

func (w *addressWords) store(a netip.AddrPort) {
	addr := a.Addr()
	bytes := [16]byte{}
	if addr.IsValid() {
		bytes = addr.As16()
	}
	scope, _ := strconv.ParseUint(addr.Zone(), 10, 32)
	w.family.Store(family(addr))
	w.port.Store(uint64(a.Port()))
	w.scope.Store(scope)
	w.high.Store(binary.BigEndian.Uint64(bytes[:8]))
	w.low.Store(binary.BigEndian.Uint64(bytes[8:]))
}

func (w *addressWords) load() netip.AddrPort {
	var bytes [16]byte
	binary.BigEndian.PutUint64(bytes[:8], w.high.Load())
	binary.BigEndian.PutUint64(bytes[8:], w.low.Load())
	addr := netip.AddrFrom16(bytes)
	switch w.family.Load() {
	case 4:
		addr = addr.Unmap()
	case 6:
		if scope := w.scope.Load(); scope != 0 {
			addr = addr.WithZone(strconv.FormatUint(scope, 10))
		}
	default:
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr, uint16(w.port.Load()))
}

func family(a netip.Addr) uint64 {
	switch {
	case !a.IsValid():
		return 0
	case a.Is4():
		return 4
	}
	return 6
}

// Address is the resolved address in force, not valid if there is none, and its sequence number: 0 until SetAddress has
// been called, another one for each address.
func (w *Worker) Address() (netip.AddrPort, uint64) {
	w.mapping.Lock()
	defer w.mapping.Unlock()
	return w.rec.address.load(), w.rec.address.sequence.Load()
}

// AddressSequence is the second result of Address, without reading the address. One atomic load.
func (w *Worker) AddressSequence() uint64 { return w.rec.address.sequence.Load() }

// ElectResolve lets one of all processes look the host up per interval: it reports whether this caller is the one.
func (w *Worker) ElectResolve(now time.Time, interval time.Duration) bool {
	return elect(&w.rec.lastResolve, now, interval) > 0
}

// NoteResolve notes whether the host resolves, and reports whether that is news. It does, until it is noted otherwise.
func (w *Worker) NoteResolve(ok bool) bool {
	failed := uint64(1)
	if ok {
		failed = 0
	}
	return w.rec.unresolved.Swap(failed) != failed
}

// SetAddress puts a resolved address into force for all children and reports whether it differs from the one before.
// A zone must be a number (the scope id). An invalid address: the name does not resolve.
func (w *Worker) SetAddress(a netip.AddrPort) bool {
	w.mapping.Lock()
	defer w.mapping.Unlock()
	words := &w.rec.address
	if words.sequence.Load() != 0 && words.load() == a {
		return false
	}
	words.store(a)
	words.sequence.Add(1)
	w.rec.sequence.Add(1)
	return true
}
