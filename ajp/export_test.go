// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import (
	"time"
	"unsafe"
)

// NewConn returns a connection on a connected descriptor, outside any pool.
func NewConn(fd int, cfg *Config) (*Conn, error) {
	c := &Conn{}
	s := &settings{Config: cfg.normal()}
	if err := c.mapFor(s.MaxPacketSize); err != nil {
		return nil, err
	}
	c.open(fd, s)
	c.begin(s, Caller{})
	return c, nil
}

// Free closes the connection and frees its memory.
func (c *Conn) Free() {
	c.close()
	c.unmap()
}

// SetTap does what GetFor does with Caller.Tap.
func (c *Conn) SetTap(t Tap) { c.caller.Tap = t }

// Kept reports whether Put would keep the connection.
func (c *Conn) Kept() bool { return c.verdict == keep }

// RecvTimeout is what the connection believes SO_RCVTIMEO to be.
func (c *Conn) RecvTimeout() time.Duration { return c.recvTimeout }

// RecvSize is the size of the receive buffer in bytes.
func (c *Conn) RecvSize() int { return len(c.recv) }

// Owns reports whether p points into the connection's memory.
func (c *Conn) Owns(p unsafe.Pointer) bool {
	return uintptr(p) >= uintptr(c.mem) && uintptr(p) < uintptr(c.mem)+uintptr(c.len)
}

// Open returns how many connections a pool has.
func (p *Pool) Open() int { return int(p.open.Load()) }

// Mapped returns how many slots have memory. Only while nothing else uses the pool.
func (p *Pool) Mapped() int {
	n := 0
	for _, c := range p.slots {
		if c != nil && c.mem != nil {
			n++
		}
	}
	return n
}

// Waiting returns how many wait in Get for a slot.
func (p *Pool) Waiting() int { return int(p.waiting.Load()) }

// CheckSelf is checkSelf.
func CheckSelf(fd int, a Address) error { return checkSelf(fd, a) }

// Tables for the tests of codes.
var (
	Methods         = methods[:]
	RequestHeaders  = requestHeaders[:]
	ResponseHeaders = responseHeaders[:]
)
