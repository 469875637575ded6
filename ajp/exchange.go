// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import "errors"

// exchange is one request on a connection. It lives on the stack of Exchange, and so do the caller's options, which is why
// they are copied.
type exchange struct {
	c    *Conn
	host Host
	opts ExchangeOptions

	body requestBody

	// head: SEND_HEADERS has come. headHeld: and the host has not seen it.
	head, headHeld bool
	// due: hand over what there is before waiting for anybody.
	due bool
	// discarding: a body chunk of a HEAD request has come.
	discarding bool
	// crossed: body data was sent after the container had sent something else.
	crossed bool
	// held is how many bytes of body the host has not seen.
	held int

	stage     Stage
	bodyAsked bool
}

// Exchange sends a request and receives its response. Returns nil if the response was complete, otherwise a *Failure.
// Call it once for each Get.
func (c *Conn) Exchange(req *ForwardRequest, h Host, o *ExchangeOptions) error {
	x := exchange{c: c, host: h, opts: *o}
	x.body = requestBody{ready: o.FirstChunk, rest: o.BodyRest, unknown: o.BodyUnknown}
	*c.resp = Response{Headers: c.headers, Body: c.chunks}
	c.exchanges++
	c.added = 0 // not 0 if the host has panicked
	if f := x.run(req); f != nil {
		return f
	}
	return nil
}

func (x *exchange) run(req *ForwardRequest) *Failure {
	if f := x.sendRequest(req); f != nil {
		return f
	}
	for {
		payload, f := x.next()
		if f != nil {
			return f
		}
		if done, f := x.take(payload); done || f != nil {
			return f
		}
	}
}

// sendRequest sends the head and, if the length of the body is known, its first packet, in one go.
func (x *exchange) sendRequest(req *ForwardRequest) *Failure {
	c := x.c
	head, err := req.Append(c.send[:0])
	if err == nil && len(head) > c.packet {
		err = &TooLargeError{Size: len(head), Limit: c.packet}
	}
	if err != nil {
		return x.failure(KindTooLarge, err)
	}
	all := head
	if n := x.body.firstLen(c.MaxBody()); n > 0 {
		all = c.send[:len(head)+bodyOverhead+n]
		if err := x.body.fill(all[len(head)+bodyOverhead:], x.host); err != nil {
			return x.failure(KindClientRead, err)
		}
		putBodyHeader(all[len(head):], n)
	}
	x.sends(head, false)
	x.sends(all[len(head):], true)
	c.verdict = dropIncomplete
	sent, err := c.sendAll(all)
	if sent >= len(head) {
		x.stage = StageSent
	}
	if err != nil {
		return x.failure(KindSend, err)
	}
	return nil
}

// next returns the payload of the next packet, receiving if necessary. It is valid until the next call.
func (x *exchange) next() ([]byte, *Failure) {
	c := x.c
	for {
		payload, rest, err := SplitPacket(c.recv[c.start:c.end], FromContainer, c.packet)
		if err == nil {
			x.received(c.start, len(payload))
			c.start = c.end - len(rest)
			return payload, nil
		}
		if err != ErrIncomplete { //nolint:errorlint // SplitPacket does not wrap it, and this is once a receive
			x.received(c.start, -1)
			return nil, x.failure(KindFraming, err)
		}
		if f := x.makeRoom(); f != nil {
			return nil, f
		}
		if err := c.receive(x.opts.ReplyTimeout); err != nil {
			return nil, x.receiveFailed(err)
		}
	}
}

// makeRoom prepares the buffer for the next receive: hands over what is due, and moves what is left to the front once
// nothing in front of it is held.
func (x *exchange) makeRoom() *Failure {
	c := x.c
	full := c.start+headerSize+c.packet > len(c.recv) // the packet that is coming may not fit where it begins
	holding := x.headHeld || x.held > 0
	if x.due || x.held >= HoldBack || (full && holding) {
		if f := x.handOver(0); f != nil {
			return f
		}
	}
	if !x.headHeld && x.held == 0 && c.start > 0 {
		c.end = copy(c.recv, c.recv[c.start:c.end])
		c.start = 0
	}
	return nil
}

func (x *exchange) receiveFailed(err error) *Failure {
	if x.c.start != x.c.end {
		x.received(x.c.start, -1)
	}
	switch {
	case errors.Is(err, ErrReplyTimeout):
		return x.failure(KindTimeout, err)
	case errors.Is(err, ErrSocketTimeout) || x.c.start == x.c.end:
		return x.failure(KindClosed, err)
	}
	return x.failure(KindFraming, err)
}

// take acts on a packet. done: it was END_RESPONSE.
func (x *exchange) take(payload []byte) (done bool, f *Failure) {
	if len(payload) == 0 {
		return false, x.failure(KindContent, ErrTruncated)
	}
	switch Code(payload[0]) {
	case CodeSendBodyChunk:
		return false, x.takeChunk(payload)
	case CodeSendHeaders:
		return false, x.takeHead(payload)
	case CodeEndResponse:
		return true, x.takeEnd(payload)
	case CodeGetBodyChunk:
		return false, x.answerBodyChunk(payload)
	default:
		return false, x.failure(KindContent, &CodeError{Code: payload[0]})
	}
}

func (x *exchange) takeHead(payload []byte) *Failure {
	if x.head {
		return x.failure(KindContent, ErrSecondHead)
	}
	m := SendHeaders{Headers: x.c.headers}
	if err := m.Decode(payload); err != nil {
		return x.failure(KindContent, err)
	}
	r := x.c.resp
	r.Status, r.Reason, r.Headers = uint32(m.Status), m.Reason, m.Headers
	x.head, x.headHeld, x.stage = true, true, StageHeadReceived
	if x.opts.FlushHeader {
		x.flush()
	}
	return nil
}

func (x *exchange) takeChunk(payload []byte) *Failure {
	var m SendBodyChunk
	if err := m.Decode(payload); err != nil {
		return x.failure(KindContent, err)
	}
	switch {
	case len(m.Data) == 0:
		if x.head {
			x.flush()
		}
	case !x.head:
		return x.failure(KindContent, ErrNoHead)
	case x.opts.HeadOnly:
		if !x.discarding {
			x.discarding = true
			x.flush()
		}
	default:
		x.c.resp.Body = append(x.c.resp.Body, borrow(m.Data))
		x.held += len(m.Data)
		if x.opts.FlushPackets {
			x.flush()
		}
	}
	return nil
}

// flush makes what there is, and what is received until the next wait, go to the client.
func (x *exchange) flush() {
	x.due = true
	x.c.resp.Flags |= FlagFlush
}

// takeEnd hands the rest over. The connection's fate is settled before that: a client that fails now does not spoil it.
func (x *exchange) takeEnd(payload []byte) *Failure {
	c := x.c
	var m EndResponse
	if err := m.Decode(payload); err != nil {
		return x.failure(KindContent, err)
	}
	if !x.head {
		return x.failure(KindContent, ErrNoHead)
	}
	switch {
	case c.start != c.end:
		c.verdict = dropStray
	case !m.Reuse:
		c.verdict = dropNoReuse
	case x.crossed:
		c.verdict = dropCrossed
	case x.opts.DisableReuse:
		c.verdict = dropAsked
	default:
		c.verdict = keep
		c.start, c.end = 0, 0
	}
	return x.handOver(FlagEnd)
}

// handOver shows the host what is held, with the given flags beside those that are due.
func (x *exchange) handOver(flags uint32) *Failure {
	r := x.c.resp
	r.Flags |= flags
	if x.headHeld {
		r.Flags |= FlagHead
	}
	x.stage = StageResponded
	err := x.host.Respond(r)
	r.Reason, r.Headers, r.Body, r.Flags = "", x.c.headers, x.c.chunks, 0
	x.c.added = 0
	x.headHeld, x.due, x.held = false, false, 0
	if err != nil {
		return x.failure(KindClientWrite, err)
	}
	return nil
}

func (x *exchange) failure(k Kind, err error) *Failure {
	x.c.hard = x.opts.HardClose && (k == KindClientRead || k == KindClientWrite)
	return &Failure{Kind: k, Stage: x.stage, BodyRead: x.body.read, BodyAsked: x.bodyAsked, Err: err}
}
