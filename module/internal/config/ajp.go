// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strings"
	"time"
)

// ajp reads the settings of an ajp13 worker. threads is the default of its connection pool.
func (r *reader) ajp(name string, threads int) *AJP {
	a := &AJP{
		Source:          r.text("source"),
		PreferIPv6:      r.boolean("prefer_ipv6"),
		Secret:          r.secret("secret"),
		SocketTimeout:   r.duration("socket_timeout"),
		SocketKeepalive: r.boolean("socket_keepalive"),
		MaxPacketSize:   r.packetSize(),
		Retries:         r.integer("retries"),
		RetryInterval:   r.duration("retry_interval"),
		ReplyTimeout:    r.duration("reply_timeout"),
		FailOnStatus:    r.statuses("fail_on_status"),
		BusyLimit:       r.integer("busy_limit"),
		LBFactor:        r.integer("lbfactor"),
		Distance:        r.integer("distance"),
		Redirect:        r.memberText("redirect"),
		Activation:      r.activation(),
	}
	a.SocketConnectTimeout = r.durationOr("socket_connect_timeout", a.SocketTimeout)
	a.SocketBuffer = r.socketBuffer(a.MaxPacketSize)
	a.RecoveryOptions, a.RecoveryOptionsSet = r.recoveryOptions()
	r.pool(a, threads)
	r.probes(a)
	r.route(a, name)
	r.address(a, name)
	return a
}

// packetSize returns max_packet_size, a multiple of 1024.
func (r *reader) packetSize() int {
	size := r.integer("max_packet_size")
	rounded := (size + 1023) &^ 1023
	if rounded != size {
		_, p := r.find("max_packet_size")
		r.report.add(idOutOfRange, p.at, p.show()+" is no multiple of 1024", "8192, 9216, ... 65536", fmt.Sprintf("%d is used", rounded))
	}
	return rounded
}

// socketBuffer returns socket_buffer, which holds a packet at least.
func (r *reader) socketBuffer(packet int) int {
	size := r.integer("socket_buffer")
	if size == 0 || size >= packet {
		return size
	}
	_, p := r.find("socket_buffer")
	r.report.add(idOutOfRange, p.at, p.show()+" is less than a packet", "0, or at least max_packet_size", fmt.Sprintf("%d is used", packet))
	return packet
}

// recoveryOptions returns the bits of recovery_options and whether they are set.
func (r *reader) recoveryOptions() (bits int, set bool) {
	const known = 1 | 2 | 4 | 8 | 16
	bits = r.integer("recovery_options")
	_, p := r.find("recovery_options")
	if bits&^known != 0 {
		r.report.add(idOutOfRange, p.at, p.show()+" has bits that mean nothing", "a sum of 1, 2, 4, 8, 16", fmt.Sprintf("%d is used", bits&known))
	}
	return bits & known, p != nil
}

// activation returns the activation at the start; 'stopped' and 'disabled' are its older forms.
func (r *reader) activation() Activation {
	stopped, disabled := r.boolean("stopped"), r.boolean("disabled")
	activation := Activation(r.choice("activation"))
	switch {
	case r.isSet("activation"):
		return activation
	case stopped:
		return Stopped
	case disabled:
		return Disabled
	}
	return Active
}

// pool reads the settings of the connection pool.
func (r *reader) pool(a *AJP, threads int) {
	a.PoolSize = r.integerOr("connection_pool_size", r.olderPoolSize(threads))
	if a.PoolSize == 0 {
		_, p := r.find("connection_pool_size")
		r.report.add(idPoolZero, p.at, p.show()+" leaves the worker without endpoints", "at least 1", "every request for it fails")
	}
	a.PoolMinSize = r.integerOr("connection_pool_minsize", (a.PoolSize+1)/2)
	if a.PoolMinSize > a.PoolSize {
		_, p := r.find("connection_pool_minsize")
		r.report.add(idPoolMin, p.at, p.show()+" is more than the pool holds", "at most connection_pool_size", fmt.Sprintf("%d is used", a.PoolSize))
		a.PoolMinSize = a.PoolSize
	}
	a.PoolTimeout = r.duration("connection_pool_timeout")
	pause := a.RetryInterval
	if pause == 0 {
		pause = 100 * time.Millisecond // mod_jk would compute 0 and refuse every request
	}
	wait := min(int64(a.Retries)*pause.Milliseconds(), maxInteger)
	a.AcquireTimeout = r.durationOr("connection_acquire_timeout", time.Duration(wait)*time.Millisecond)
}

// olderPoolSize is what counts in place of a negative connection_pool_size: cachesize, and otherwise the threads.
func (r *reader) olderPoolSize(threads int) int {
	if p := r.store.index[r.prefix+"cachesize"]; p != nil {
		if n, _, ok := parseInteger(p.value); ok && n >= 0 {
			return n
		}
	}
	return threads
}

// probes reads when connections are probed. ping_mode only sets the defaults of the three timeouts.
func (r *reader) probes(a *AJP) {
	a.PingMode = r.pingMode()
	a.PingTimeout = r.duration("ping_timeout")
	a.ConnectTimeout = r.probe("connect_timeout", a.PingMode&PingConnect, a.PingTimeout)
	a.PrepostTimeout = r.probe("prepost_timeout", a.PingMode&PingPrepost, a.PingTimeout)
	seconds := time.Duration(a.PingTimeout.Milliseconds()/100) * time.Second
	a.PingInterval = r.probe("connection_ping_interval", a.PingMode&PingInterval, seconds)
}

// probe returns the time of one kind of probe, 0 for no such probe. mode is its letter if ping_mode has it: then 0 stands for the default, as in
// mod_jk, and only a negative number switches the probe off.
func (r *reader) probe(name string, mode PingMode, standard time.Duration) time.Duration {
	if mode == 0 {
		standard = 0
	}
	value := r.durationOr(name, standard)
	if value == 0 {
		return standard
	}
	return max(value, 0)
}

// pingMode reads the letters of ping_mode.
func (r *reader) pingMode() PingMode {
	_, p := r.find("ping_mode")
	if p == nil {
		return 0
	}
	var mode PingMode
	unknown := false
	for i := range len(p.value) {
		switch c := p.value[i]; {
		case c == 'C' || c == 'c':
			mode |= PingConnect
		case c == 'P' || c == 'p':
			mode |= PingPrepost
		case c == 'I' || c == 'i':
			mode |= PingInterval
		case c == 'A' || c == 'a':
			mode |= PingConnect | PingPrepost | PingInterval
		case c != ',' && !strings.ContainsRune(blanks, rune(c)):
			unknown = true
		}
	}
	if unknown {
		r.report.add(idPingMode, p.at, p.show()+" has unknown letters", "C, P, I, or A for all", "they are ignored")
	}
	return mode
}

// route reads what makes the worker a member's counterpart of a jvmRoute.
func (r *reader) route(a *AJP, name string) {
	a.Route = name
	if r.isSet("route") {
		a.Route = r.memberText("route")
	}
	a.Domain = r.memberText("domain")
	if before, _, dotted := strings.Cut(a.Route, "."); dotted && !r.isSet("domain") {
		a.Domain = before
	}
}
