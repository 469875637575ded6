// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajptest

import (
	"net"

	"mod_gojk/ajp"
)

// Fault is what happens to a message: out is sent instead of it, and unless more the connection is closed then.
type Fault func(packet []byte) (out []byte, more bool)

// Kill closes the connection instead of sending the message.
func Kill() Fault {
	return func([]byte) ([]byte, bool) { return nil, false }
}

// Truncate sends the first n bytes of the message and closes the connection.
func Truncate(n int) Fault {
	return func(packet []byte) ([]byte, bool) { return packet[:min(n, len(packet))], false }
}

// Edit sends what f makes of a copy of the message.
func Edit(f func(packet []byte) []byte) Fault {
	return func(packet []byte) ([]byte, bool) { return f(append([]byte(nil), packet...)), true }
}

// FaultyConn is a connection on which one message from the container goes wrong; the others pass.
type FaultyConn struct {
	net.Conn
	// Message is which one, counted from 1.
	Message int
	Fault   Fault

	seen int
}

// Write takes whole packets; bytes that are none pass as they are. What follows in the same call goes out in the same call.
func (c *FaultyConn) Write(p []byte) (int, error) {
	var out []byte
	more := true
	for rest := p; len(rest) > 0 && more; {
		packet := rest
		if _, after, err := ajp.SplitPacket(rest, ajp.FromContainer, 0xFFFF); err == nil {
			packet = rest[:len(rest)-len(after)]
		}
		rest = rest[len(packet):]
		if c.seen++; c.seen == c.Message {
			packet, more = c.Fault(packet)
		}
		out = append(out, packet...)
	}
	if _, err := c.Conn.Write(out); err != nil {
		return 0, err
	}
	if !more {
		return len(p), c.Close()
	}
	return len(p), nil
}
