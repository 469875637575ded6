// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import (
	"time"

	"golang.org/x/sys/unix"
)

// verdict says what Put does with a connection.
type verdict uint8

const (
	// keep: between two exchanges, in step with the container.
	keep verdict = iota
	// dropIncomplete: an exchange has begun and END_RESPONSE has not come.
	dropIncomplete
	// dropNoReuse: END_RESPONSE said so.
	dropNoReuse
	// dropStray: something followed END_RESPONSE.
	dropStray
	// dropCrossed: END_RESPONSE was on its way before the body data that the container had asked for was.
	dropCrossed
	// dropAsked: ExchangeOptions.DisableReuse.
	dropAsked
)

// Conn is one connection to a container, an endpoint. One goroutine at a time.
type Conn struct {
	block
	// made is what the connection was made with, cfg what applies since the last Get.
	made, cfg *settings
	// caller is who has it, from GetFor to Put.
	caller Caller
	fd     int
	slot   int
	// recv[start:end] has been received and not yet taken as a packet.
	start, end int
	// recvTimeout is what the socket has as SO_RCVTIMEO.
	recvTimeout time.Duration
	// used and pinged are when the connection was last put back and pinged, since Pool.epoch.
	used, pinged time.Duration

	// added is how much of send the texts of AddHeader take up, while the host sees them.
	added int

	// exchanges counts those since the connection was made.
	exchanges uint64

	read, written uint64
	verdict       verdict
	// hard: close without drain.
	hard bool
}

// Traffic returns the bytes received and sent since Get, AJP framing included, probes not.
func (c *Conn) Traffic() (read, written uint64) { return c.read, c.written }

// MaxBody returns how many bytes of a request body fit a packet: MaxPacketSize - 6.
func (c *Conn) MaxBody() int { return c.packet - bodyOverhead }

// FD returns the descriptor, for logs. -1: closed.
func (c *Conn) FD() int { return c.fd }

// Slot returns the index of the slot in the pool, for logs.
func (c *Conn) Slot() int { return c.slot }

// Exchanges returns how many exchanges the connection has had since it was made; 0: it is new.
func (c *Conn) Exchanges() uint64 { return c.exchanges }

// Local returns the address of this end, for logs: a system call. The zero value for a Unix socket, or if the system does not know.
func (c *Conn) Local() Address {
	local, _ := localAddress(c.fd)
	return Address{IP: local}
}

// open takes over a connected socket.
func (c *Conn) open(fd int, s *settings) {
	c.fd, c.made, c.cfg = fd, s, s
	c.start, c.end, c.recvTimeout, c.exchanges = 0, 0, 0, 0
	c.verdict, c.hard = keep, false
}

// begin prepares for the use of one Get.
func (c *Conn) begin(s *settings, who Caller) {
	c.cfg, c.caller = s, who
	c.read, c.written = 0, 0
}

// alive looks whether an idle connection is still good, without waiting: nothing to read and not closed.
func (c *Conn) alive() error {
	n, errno := recvNow(c.fd, c.recv[:1], unix.MSG_PEEK)
	switch {
	case errno == unix.EAGAIN:
		return nil
	case errno != 0:
		return errno
	case n == 0:
		return ErrEOF
	}
	return ErrStray
}

// sendAll sends p. sent is how many bytes the kernel took, also on failure.
func (c *Conn) sendAll(p []byte) (sent int, err error) {
	for sent < len(p) {
		n, errno := sendNow(c.fd, p[sent:])
		switch errno {
		case 0:
			sent += n
			c.written += uint64(n)
		case unix.EINTR:
		case unix.EAGAIN:
			ready, err := poll(c.fd, unix.POLLOUT, c.cfg.SocketTimeout)
			if err != nil {
				return sent, err
			}
			if !ready {
				return sent, ErrSocketTimeout
			}
		default:
			return sent, errno
		}
	}
	return sent, nil
}

// receive waits for bytes and puts them behind end. reply limits the wait beside SocketTimeout; 0: only that one does.
// Errors: ErrEOF, ErrReplyTimeout, ErrSocketTimeout, syscall.Errno.
func (c *Conn) receive(reply time.Duration) error {
	timeout, onTimeout := c.cfg.SocketTimeout, ErrSocketTimeout
	if reply > 0 && (timeout <= 0 || reply <= timeout) {
		timeout, onTimeout = reply, ErrReplyTimeout
	}
	if timeout != c.recvTimeout {
		if err := setTimeout(c.fd, unix.SO_RCVTIMEO, timeout); err != nil {
			return err
		}
		c.recvTimeout = timeout
	}
	for {
		n, errno := recvWait(c.fd, c.recv[c.end:])
		switch {
		case errno == unix.EINTR:
		case errno == unix.EAGAIN:
			return onTimeout
		case errno != 0:
			return errno
		case n == 0:
			return ErrEOF
		default:
			c.end += n
			c.read += uint64(n)
			return nil
		}
	}
}

// ping sends a CPING and waits for the CPONG and nothing else. The timeout is polled for, so that it does not change
// SO_RCVTIMEO twice a request. Errors: ErrPingTimeout, *PingAnswerError, ErrEOF, syscall.Errno.
func (c *Conn) ping(timeout time.Duration) error {
	t := c.caller.Tap
	if t != nil {
		t.Sends(append(c.send[:0], cping...), false)
	}
	n, errno := sendNow(c.fd, append(c.send[:0], cping...))
	if errno == 0 && n < len(cping) {
		errno = unix.EAGAIN // five bytes do not fit: the container reads nothing
	}
	if errno != 0 {
		return errno
	}
	deadline := time.Now().Add(timeout)
	for got := 0; got < len(cpong); {
		ready, err := poll(c.fd, unix.POLLIN, max(time.Until(deadline), time.Nanosecond))
		if err != nil {
			return err
		}
		if !ready {
			return ErrPingTimeout
		}
		n, errno := recvNow(c.fd, c.recv[got:len(cpong)+1], 0)
		switch {
		case errno == unix.EINTR || errno == unix.EAGAIN:
			continue
		case errno != 0:
			return errno
		case n == 0:
			return ErrEOF
		}
		got += n
		whole := got >= len(cpong)
		same := got <= len(cpong) && string(c.recv[:got]) == cpong[:got]
		if t != nil && (whole || !same) {
			t.Received(c.recv[:got])
		}
		if !same {
			return pingAnswer(c.recv[:got])
		}
	}
	return nil
}

// pingAnswer says what came instead of a CPONG, or before more.
func pingAnswer(got []byte) error {
	e := &PingAnswerError{}
	if len(got) > headerSize {
		e.Code = Code(got[headerSize])
	}
	return e
}

// drainLimit is how much of an unfinished response is read before closing, in bytes; as in mod_jk.
const drainLimit = 32 << 10

// close closes the socket. Unless it is to be hard, what an unfinished exchange has left to read is read first, so that the
// container gets an end of the stream and not a reset. Only what is there: mod_jk waits up to 2 s for more, but a request
// that fails over must not.
func (c *Conn) close() {
	if c.verdict == dropIncomplete && !c.hard {
		for drained := 0; drained < drainLimit; {
			n, errno := recvNow(c.fd, c.recv, 0)
			if errno != 0 || n == 0 {
				break
			}
			drained += n
		}
	}
	_ = unix.Close(c.fd)
	c.fd = -1
}
