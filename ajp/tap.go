// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// Caller is who takes a connection. The zero value is nobody in particular.
type Caller struct {
	// Label comes back in each Note that is about the connection until Put: a request's id. Borrowed until then.
	Label string
	// Tap sees each packet until Put; nil: nobody does.
	Tap Tap
}

// Tap sees the packets of a connection pass, for whoever debugs: the CPING and CPONG of GetFor, and those of Exchange. Called on the thread
// of, and during, the two. Packets are as on the wire, head included, and full of secrets; they are borrowed for the call.
type Tap interface {
	// Sends: the packet is about to be sent. data: it carries body data, or ends the body, and so has no code.
	Sends(packet []byte, data bool)
	// Received: the packet has come. What breaks the framing, or off, comes as far as it has arrived.
	Received(packet []byte)
}

// sends shows a packet that is about to be sent.
func (x *exchange) sends(packet []byte, data bool) {
	if x.c.caller.Tap != nil && len(packet) > 0 {
		x.c.caller.Tap.Sends(packet, data)
	}
}

// received shows what has been received from start on: a packet with a payload of n bytes; negative: no packet, all there is.
func (x *exchange) received(start, n int) {
	if x.c.caller.Tap == nil {
		return
	}
	end := x.c.end
	if n >= 0 {
		end = start + headerSize + n
	}
	x.c.caller.Tap.Received(x.c.recv[start:end])
}
