// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"fmt"
	"slices"
	"strings"

	"mod_gojk/ajp"
	"mod_gojk/module/internal/jklog"
)

// This file shows packets in the log, in mod_jk's form: a line for the packet, and one for each 16 bytes of it. At JkLogLevel debug the first 1024
// bytes, at trace all; the lines are of level debug. Two things are different: what mask.go says is behind stars, and of bodies, and of what cannot
// be read, there is only the number of bytes.

// dumpAtDebug is how much of a packet, in bytes, is shown at debug; the rest needs trace.
const dumpAtDebug = 1024

// tap shows the packets of an exchange.
type tap struct{ x *exchange }

// tap returns who sees the packets of this request; nil, if the log does not want them.
func (x *exchange) tap() ajp.Tap {
	if !x.server.Log.Enabled(jklog.Debug) {
		return nil
	}
	return tap{x}
}

// Sends implements ajp.Tap. As in mod_jk, a packet to the container is shown with its head, and one from it without.
func (t tap) Sends(packet []byte, data bool) {
	t.x.log(jklog.Debug, "GOJK3050", "sending to ajp13 pos=4 len=%d max=%d", len(packet), t.x.worker.AJP.MaxPacketSize)
	if !data {
		t.message(packet, 4)
		return
	}
	head := min(len(packet), 6)
	t.rows(packet[:head])
	t.leftOut(len(packet)-head, "request body")
}

// Received implements ajp.Tap.
func (t tap) Received(packet []byte) {
	payload, rest, err := ajp.SplitPacket(packet, ajp.FromContainer, 0xFFFF)
	if err != nil {
		t.x.log(jklog.Debug, "GOJK3051", "received from ajp13 pos=0 len=%d max=%d", len(packet), t.x.worker.AJP.MaxPacketSize)
		head := min(len(packet), 4)
		t.rows(packet[:head])
		t.leftOut(len(packet)-head, unreadable)
		return
	}
	t.x.log(jklog.Debug, "GOJK3051", "received from ajp13 pos=0 len=%d max=%d", len(payload), t.x.worker.AJP.MaxPacketSize)
	t.message(payload, 0)
	t.leftOut(len(rest), unreadable)
}

// unreadable is what leftOut calls bytes of which nobody knows what they are.
const unreadable = "what cannot be read"

// message shows a message, which begins at from.
func (t tap) message(packet []byte, from int) {
	texts, end := ajp.Outline(nil, packet[from:])
	shown, masks := slices.Clone(packet[:from+end]), t.x.masks()
	for _, text := range texts {
		masks.mask(text.Name, shown[from+text.Start:from+text.End])
	}
	t.rows(shown)
	left, what := len(packet)-len(shown), unreadable
	if m := shown[from:]; from == 0 {
		t.explain(m, texts)
		if n, ok := chunkLength(m); ok && n <= left {
			left, what = n, "response body"
		}
	}
	t.leftOut(left, what)
}

// explain says in words what a message of the container means.
func (t tap) explain(m []byte, texts []ajp.Text) {
	switch {
	case len(m) >= 3 && ajp.Code(m[0]) == ajp.CodeSendHeaders:
		t.head(m, texts)
	case len(m) == 2 && ajp.Code(m[0]) == ajp.CodeEndResponse && m[1] != 0:
		t.x.log(jklog.Debug, "GOJK3059", "(%s) AJP13 protocol: Reuse is OK", t.x.worker.Name)
	}
}

// chunkLength returns the length of the body data that follows, if m is the beginning of such a message.
func chunkLength(m []byte) (n int, ok bool) {
	if len(m) != 3 || ajp.Code(m[0]) != ajp.CodeSendBodyChunk {
		return 0, false
	}
	return int(m[1])<<8 | int(m[2]), true
}

// rows shows bytes, 16 a line. A blank is a dot, as in mod_jk.
func (t tap) rows(b []byte) {
	for at := 0; at < len(b); at += 16 {
		if at >= dumpAtDebug && !t.x.server.Log.Enabled(jklog.Trace) {
			t.x.log(jklog.Debug, "GOJK3054", "%d more bytes are shown at JkLogLevel trace", len(b)-at)
			return
		}
		row := b[at:min(at+16, len(b))]
		t.x.log(jklog.Debug, "GOJK3052", "%04x    %-47s  - %s", at, fmt.Sprintf("% X", row), visible(row))
	}
}

// visible returns what the text column shows.
func visible(row []byte) string {
	text := slices.Clone(row)
	for i, c := range text {
		if c <= ' ' || c >= 0x7f {
			text[i] = '.'
		}
	}
	return string(text)
}

// leftOut says that bytes are not shown.
func (t tap) leftOut(n int, what string) {
	if n > 0 {
		t.x.log(jklog.Debug, "GOJK3053", "%d bytes of %s are not shown", n, what)
	}
}

// head says in words what the head of a response has.
func (t tap) head(m []byte, texts []ajp.Text) {
	t.x.log(jklog.Debug, "GOJK3055", "(%s) status = %d", t.x.worker.Name, int(m[1])<<8|int(m[2]))
	n := 0
	for _, text := range texts {
		if text.Name != "" {
			t.x.log(jklog.Debug, "GOJK3056", "(%s) Header[%d] [%s] = [%s]", t.x.worker.Name, n, text.Name, m[text.Start:text.End])
			n++
		}
	}
}

// masks returns what this request's texts are masked with.
func (x *exchange) masks() *masks {
	m := &masks{known: x.knowsRoute}
	if x.target.LB != nil {
		path, cookie := x.sessionNames()
		m.path, m.cookie = strings.TrimLeft(path, ";/?"), cookie
	}
	return m
}

// knowsRoute reports whether the target, or one of its members, has the route.
func (x *exchange) knowsRoute(route string) bool {
	if route == "" {
		return false
	}
	for _, w := range x.target.Members {
		if w.AJP.Route == route {
			return true
		}
	}
	return x.worker != nil && x.worker.AJP.Route == route
}
