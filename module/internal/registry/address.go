// Licensed under the Apache License, Version 2.0; see LICENSE.

package registry

import (
	"fmt"
	"net/netip"
	"strconv"

	"mod_gojk/ajp"
	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
)

// place gives the record of an ajp13 worker the address that its host resolves to now. A name that does not resolve keeps the address that it had, before a
// reload or in the generation before (nil: there is none); without one the worker has none, and a line in the error log says so. A worker with a socket
// needs none.
func place(host Host, names resolver, w *config.Worker, record *shm.Worker, before *shm.Mapping) {
	last := lastAddress(w, record)
	if before != nil {
		last = lastAddress(w, before.FindWorker(w.Name))
	}
	record.ConfigureAddress(w.AJP.Host, w.AJP.Port)
	if w.AJP.Socket != "" {
		return
	}
	addr, err := lookup(names, w.AJP.Host, last, w.AJP.PreferIPv6)
	record.NoteResolve(err == nil)
	switch {
	case err == nil:
	case last.IsValid():
		addr = last
		host.ErrorLog(jklog.Warn, fmt.Sprintf("worker %s can't resolve tomcat address %s (%v); it stays at %s, as before id=GOJK2015", w.Name, w.AJP.Host, err, last))
	default:
		host.ErrorLog(jklog.Error, fmt.Sprintf("worker %s can't resolve tomcat address %s (%v); until it resolves the worker answers 503, and as a member it is stopped id=GOJK2010", w.Name, w.AJP.Host, err))
		record.SetAddress(netip.AddrPort{})
		return
	}
	record.SetAddress(netip.AddrPortFrom(addr, uint16(w.AJP.Port)))
}

// lastAddress returns the address of a worker in a record (nil: there is none); not valid if it had none there, or another host.
func lastAddress(w *config.Worker, record *shm.Worker) netip.Addr {
	if record == nil || record.Host() != w.AJP.Host {
		return netip.Addr{}
	}
	address, _ := record.Address()
	return address.Addr()
}

// resolver is Host or lookups.
type resolver interface {
	Resolve(name string) ([]netip.Addr, error)
}

// lookup returns the address of a host that is a name or itself an address. current is the one in use, if there is one.
func lookup(names resolver, name string, current netip.Addr, preferIPv6 bool) (netip.Addr, error) {
	if addr, ok := literal(name); ok {
		return addr, nil
	}
	addrs, err := names.Resolve(name)
	if err != nil {
		return netip.Addr{}, err
	}
	return choose(addrs, current, preferIPv6), nil
}

// literal returns the address that a host is, if it is one. A zone given as the name of an interface needs the resolver.
func literal(name string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(name)
	if err != nil {
		return netip.Addr{}, false
	}
	_, err = strconv.ParseUint(addr.Zone(), 10, 32)
	return addr, addr.Zone() == "" || err == nil
}

// choose returns which of a host's addresses a worker uses: the one it has, as long as the name still has it, so that a name with several
// addresses does not make it wander; otherwise the first, or the first IPv6 address if one is preferred.
func choose(addrs []netip.Addr, current netip.Addr, preferIPv6 bool) netip.Addr {
	best := addrs[0]
	for _, a := range addrs {
		if a == current {
			return a
		}
		if preferIPv6 && a.Is6() && !best.Is6() {
			best = a
		}
	}
	return best
}

// addressOf returns where a worker is, and the sequence of that. Not usable: its host does not resolve, or its port is 0.
func addressOf(w *config.Worker, record *shm.Worker) (ajp.Address, uint64) {
	address, sequence := record.Address()
	return ajp.Address{IP: address, Path: w.AJP.Socket}, sequence
}

// Address returns where an ajp13 worker is. Not usable: its host does not resolve, or its port is 0.
func (w *Worker) Address() ajp.Address {
	address, _ := addressOf(w.Worker, w.Record)
	return address
}

// Target returns where an ajp13 worker is, for logs.
func (w *Worker) Target() string {
	if address := w.Address(); address.Usable() || address.IP.IsValid() {
		return address.String()
	}
	return w.AJP.Host + " (unresolved)"
}

// FollowAddress makes new connections go where the worker's address now points. One atomic load when it has not changed.
func (w *Worker) FollowAddress() {
	if w.Record.AddressSequence() == w.address.Load() {
		return
	}
	address, sequence := addressOf(w.Worker, w.Record)
	w.address.Store(sequence)
	w.Pool.SetAddress(address)
}
