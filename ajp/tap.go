// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// Tap sees the packets of a connection pass, for whoever debugs: those of Exchange, and the CPING and CPONG of GetTapped. Called on the thread
// of, and during, the two. Packets are as on the wire, head included, and full of secrets; they are borrowed for the call.
type Tap interface {
	// Sends: the packet is about to be sent. data: it carries body data, or ends the body, and so has no code.
	Sends(packet []byte, data bool)
	// Received: the packet has come. What breaks the framing, or off, comes as far as it has arrived.
	Received(packet []byte)
}

// sends shows a packet that is about to be sent.
func (x *exchange) sends(packet []byte, data bool) {
	if x.opts.Tap != nil && len(packet) > 0 {
		x.opts.Tap.Sends(packet, data)
	}
}

// received shows what has been received from start on: a packet with a payload of n bytes; negative: no packet, all there is.
func (x *exchange) received(start, n int) {
	if x.opts.Tap == nil {
		return
	}
	end := x.c.end
	if n >= 0 {
		end = start + headerSize + n
	}
	x.opts.Tap.Received(x.c.recv[start:end])
}
