// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// requestBody is what the container has not got yet of the request's body.
type requestBody struct {
	// ready is what is at hand: the rest of ExchangeOptions.FirstChunk, later what was read ahead, which lies in the send buffer.
	ready []byte
	// rest is how many bytes the host still has, if the length is known.
	rest int64
	// unknown: the length is not known, the body goes on until ended.
	unknown, ended bool
	// read: the host was asked for bytes.
	read bool
}

// firstLen returns how many bytes follow the request unasked: what is at hand, otherwise what the host has, as far as one
// packet holds it.
func (b *requestBody) firstLen(limit int) int {
	if b.unknown {
		return 0
	}
	if len(b.ready) > 0 {
		return min(len(b.ready), limit)
	}
	return int(min(b.rest, int64(limit)))
}

// length returns how many bytes to send at most when the container asks for some. With an unknown length mod_jk sends what
// one packet holds, whatever was asked for.
func (b *requestBody) length(asked uint16, limit int) int {
	if b.unknown {
		return limit
	}
	return int(min(int64(asked), int64(limit), int64(len(b.ready))+max(b.rest, 0)))
}

// fill fills p from what is at hand and the host. It succeeds only if p is full; with an unknown length use fillUnknown.
func (b *requestBody) fill(p []byte, h Host) error {
	n := copy(p, b.ready)
	b.ready = b.ready[n:]
	if n == len(p) {
		return nil
	}
	b.read = true
	got, err := h.ReadBody(p[n:], true)
	if err != nil {
		return err
	}
	if n+got < len(p) {
		return ErrBodyShort
	}
	b.rest -= int64(got)
	return nil
}

// fillUnknown fills p from what is at hand and the host until the body ends. Before it says so, by filling nothing, it asks the host once more: the
// container shall not take a body that the client has cut off for a whole one.
func (b *requestBody) fillUnknown(p []byte, h Host) (int, error) {
	n := copy(p, b.ready)
	b.ready = b.ready[n:]
	if n == len(p) || b.ended && n > 0 {
		return n, nil
	}
	b.read = true
	got, err := h.ReadBody(p[n:], true)
	b.ended = n+got < len(p)
	return n + got, err
}

// readAhead takes what the client has sent by now of the next packet into p, while the container works on the last one: its next GET_BODY_CHUNK
// is then answered at once, often without a sleep in between. It never waits for the client, because the container may answer without the rest,
// and the client may wait for that. Only after the container has asked for body: until then the request may still be repeated.
func (b *requestBody) readAhead(p []byte, h Host) {
	if !b.unknown {
		p = p[:min(int64(len(p)), max(b.rest, 0))]
	}
	if len(b.ready) > 0 || b.ended || len(p) == 0 {
		return
	}
	n, _ := h.ReadBody(p, false)
	b.ready = p[:n]
	b.rest -= int64(n)
}

// answerBodyChunk answers GET_BODY_CHUNK with body data, with an empty packet when there is no more.
func (x *exchange) answerBodyChunk(payload []byte) *Failure {
	var m GetBodyChunk
	if err := m.Decode(payload); err != nil {
		return x.failure(KindContent, err)
	}
	x.bodyAsked = true
	x.crossed = x.c.start != x.c.end
	if x.due { // the client may wait for it before it goes on sending
		if f := x.handOver(0); f != nil {
			return f
		}
	}
	packet, err := x.bodyPacket(x.body.length(m.Length, x.c.MaxBody()))
	if err != nil {
		return x.failure(KindClientRead, err)
	}
	x.sends(packet, true)
	if _, err := x.c.sendAll(packet); err != nil {
		return x.failure(KindSend, err)
	}
	x.body.readAhead(x.c.send[bodyOverhead:x.c.packet], x.host)
	return nil
}

// bodyPacket builds a packet of up to n bytes of body in the send buffer, reading them straight into it.
func (x *exchange) bodyPacket(n int) (packet []byte, err error) {
	data := x.c.send[bodyOverhead : bodyOverhead+n]
	if x.body.unknown {
		n, err = x.body.fillUnknown(data, x.host)
	} else {
		err = x.body.fill(data, x.host)
	}
	if err != nil {
		return nil, err
	}
	if n == 0 {
		end := BodyChunk{End: true}
		return end.Append(x.c.send[:0])
	}
	packet = x.c.send[:bodyOverhead+n]
	putBodyHeader(packet, n)
	return packet, nil
}
