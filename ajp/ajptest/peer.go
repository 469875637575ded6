// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajptest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"mod_gojk/ajp"
)

// ErrGone: the web server closed the connection, or reset it, where a packet could have begun.
var ErrGone = errors.New("web server closed the connection")

// Peer is the container's end of one connection. One goroutine at a time.
type Peer struct {
	// Conn may be replaced by a step, as Break does.
	Conn net.Conn
	// Request is the last one that came.
	Request *ajp.ForwardRequest
	// Requests is how many have come.
	Requests int
	// Body is what has come of the last request's body.
	Body []byte

	buf []byte
	// accepted is what Conn was at first; stop may use it at any time.
	accepted net.Conn
	stopped  atomic.Bool
}

// ReadPacket returns the payload of the next packet, valid until the next call. Errors: ErrGone, or what went wrong.
func (p *Peer) ReadPacket() ([]byte, error) {
	header, err := p.read(0, 4)
	if err != nil {
		return nil, err
	}
	if header[0] != 0x12 || header[1] != 0x34 {
		return nil, fmt.Errorf("packet begins with % x", header)
	}
	return p.read(4, int(header[2])<<8|int(header[3]))
}

// read reads n bytes of a packet whose first at bytes have come.
func (p *Peer) read(at, n int) ([]byte, error) {
	if cap(p.buf) < n {
		p.buf = make([]byte, n)
	}
	_ = p.Conn.SetReadDeadline(time.Now().Add(Patience)) // before stopped is looked at: stop sets it after
	if p.stopped.Load() {
		return nil, ErrGone
	}
	got, err := io.ReadFull(p.Conn, p.buf[:n])
	ended := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || p.stopped.Load()
	if err != nil && at == 0 && got == 0 && ended {
		return nil, ErrGone
	}
	if err != nil {
		return nil, fmt.Errorf("after %d of %d bytes of a packet: %w", at+got, at+n, err)
	}
	return p.buf[:n], nil
}

// Write sends bytes in one call.
func (p *Peer) Write(b []byte) error {
	_ = p.Conn.SetWriteDeadline(time.Now().Add(Patience))
	_, err := p.Conn.Write(b)
	return err
}

// stop makes the connection fail, from another goroutine.
func (p *Peer) stop() {
	p.stopped.Store(true)
	_ = p.accepted.SetReadDeadline(time.Unix(1, 0))
}
