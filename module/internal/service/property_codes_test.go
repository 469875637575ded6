// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// situation is a row of the table of what clients get (mod_jk-surface 4.12). Worker d serves alone; lb has two members, a and b, which are in the same
// situation. d has two attempts, a and b one; lb has its default of two rounds with two members, of which the second one finds all in error and forces
// them back.
type situation struct {
	name       string
	properties string // of all three
	lb         string // of the balancer
	gone       bool   // nobody listens
	answer     answer // to every request
	mute       bool   // no CPONG
	fill       int    // bytes of a request header
	client     edit
	method     string

	direct, balanced            int // what Serve returns
	askedDirectly, askedByOneOf int // requests that containers get
}

const (
	anySetting = "recovery_options=0" // every method is repeated
	thirdRound = "retries=3"          // in which a balancer finds nobody, and has forced recovery behind it
)

func situations() []situation {
	packet := func(payload ...byte) answer { return reply(ajptest.Packet(payload...)) }
	and := func(a answer) answer { return append(a, hangUp) }
	gone := func(s *sent) { s.onRespond = func(*ajp.Response) error { return errors.New("gone") } }
	failing := func(s *sent) { s.send, s.failing, s.ContentLength = "too little", true, 10000 }
	return []situation{
		{name: "whole response", direct: Done, balanced: Done, askedDirectly: 1, askedByOneOf: 1},
		{name: "connect refused", gone: true, direct: 503, balanced: 503},
		{name: "host does not resolve", properties: "host=nobody.test", direct: 503, balanced: 503},
		{name: "cping after connecting fails", properties: "connect_timeout=20", mute: true, direct: 503, balanced: 503},
		{name: "cping before the request fails", properties: "prepost_timeout=20", mute: true, direct: 503, balanced: 503},
		{name: "no endpoint", properties: "connection_pool_size=0", direct: 503, balanced: 503},
		{name: "closed before the head", answer: closes, direct: 502, balanced: 502, askedDirectly: 2, askedByOneOf: 4},
		{name: "closed before the head, nobody left in the last round", lb: thirdRound, answer: closes, direct: 502, balanced: 503, askedDirectly: 2, askedByOneOf: 4},
		{name: "reset before the head", answer: answer{ajptest.Reset(), hangUp}, direct: 502, balanced: 502, askedDirectly: 2, askedByOneOf: 4},
		{name: "closed in the middle of the head", answer: and(reply(head[:9])), direct: 502, balanced: 502, askedDirectly: 2, askedByOneOf: 4},
		{name: "closed behind the head", answer: and(reply(head)), direct: 502, balanced: 502, askedDirectly: 2, askedByOneOf: 4},
		{name: "closed after body that the client does not have", answer: and(reply(head, ajptest.Chunk("part"))), direct: 502, balanced: 502, askedDirectly: 2, askedByOneOf: 4},
		{name: "closed after body that the client has", answer: and(reply(head, ajptest.Chunk("part"), ajptest.Flush())), direct: Broken, balanced: Broken, askedDirectly: 1, askedByOneOf: 1},
		{name: "wrong magic", answer: and(reply([]byte("HTTP/1.1 200 OK\r\n\r\n"))), direct: 502, balanced: 502, askedDirectly: 2, askedByOneOf: 4},
		{name: "wrong magic, a third round: it is no fault of the member's", lb: thirdRound, answer: and(reply([]byte("HTTP/1.1 200 OK\r\n\r\n"))), direct: 502, balanced: 502, askedDirectly: 2, askedByOneOf: 6},
		{name: "packet too large", answer: and(reply([]byte{'A', 'B', 0x20, 1})), direct: 502, balanced: 502, askedDirectly: 2, askedByOneOf: 4},
		{name: "packet cut off", answer: and(reply(head, []byte{'A', 'B', 0, 9, 3})), direct: 502, balanced: 502, askedDirectly: 2, askedByOneOf: 4},
		{name: "unknown code", answer: and(packet(77)), direct: 500, balanced: 500, askedDirectly: 2, askedByOneOf: 4},
		{name: "cpong instead of a head", answer: and(reply(ajptest.Pong())), direct: 500, balanced: 500, askedDirectly: 2, askedByOneOf: 4},
		{name: "head of status 0", answer: and(packet(4, 0, 0, 0, 0, 0, 0, 0)), direct: 500, balanced: 500, askedDirectly: 2, askedByOneOf: 4},
		{name: "head without its fields", answer: and(packet(4, 0, 200)), direct: 500, balanced: 500, askedDirectly: 2, askedByOneOf: 4},
		{name: "second head", answer: and(reply(head, head)), direct: 500, balanced: 500, askedDirectly: 2, askedByOneOf: 4},
		{name: "chunk longer than its packet", answer: and(reply(head, ajptest.Packet(3, 0, 9, 'x'))), direct: 500, balanced: 500, askedDirectly: 2, askedByOneOf: 4},
		{name: "end without a reuse flag", answer: and(reply(head, ajptest.Packet(5))), direct: 500, balanced: 500, askedDirectly: 2, askedByOneOf: 4},
		{name: "end without a head", answer: and(reply(ajptest.End(true))), direct: 502, balanced: 502, askedDirectly: 2, askedByOneOf: 4},
		{name: "reply timeout", properties: "reply_timeout=30", answer: silent, direct: 504, balanced: 504, askedDirectly: 2, askedByOneOf: 4},
		{name: "reply timeout, nobody left in the last round", properties: "reply_timeout=30", lb: thirdRound, answer: silent, direct: 504, balanced: 503, askedDirectly: 2, askedByOneOf: 4},
		{name: "fail_on_status", properties: "fail_on_status=200", direct: 503, balanced: 503, askedDirectly: 2, askedByOneOf: 4},
		{name: "fail_on_status, soft", properties: "fail_on_status=-200", direct: 503, balanced: 503, askedDirectly: 2, askedByOneOf: 4},
		{name: "head too large", fill: 9000, direct: 413, balanced: 413},
		{name: "client fails before its first packet", client: failing, direct: 400, balanced: 400},
		{name: "client fails when asked for more", client: func(s *sent) { body(strings.Repeat("x", 9000))(s); s.ContentLength, s.failing = 20000, true },
			answer: answer{ajptest.Send(ajptest.Get(8186)), ajptest.ExpectGone()}, direct: 400, balanced: 400, askedDirectly: 1, askedByOneOf: 1},
		{name: "client does not read", client: gone, direct: ClientGone, balanced: ClientGone, askedDirectly: 1, askedByOneOf: 1},
		{name: "sticky_session_force, and no usable member", lb: "sticky_session_force=1", client: session("1.nobody"), direct: Done, balanced: 503, askedDirectly: 1},
		{name: "all disabled", properties: "activation=d", direct: Done, balanced: 503, askedDirectly: 1},
		{name: "all stopped", properties: "activation=s", direct: Done, balanced: 503, askedDirectly: 1},
		{name: "port 0", properties: "port=0", direct: 503, balanced: 503},
		{name: "unknown worker", client: named("nobody"), direct: 500, balanced: 500},
		{name: "unknown worker with extensions", client: named("nobody;reply_timeout=1"), direct: 500, balanced: 500},
		{name: "no worker", client: named(""), direct: 500, balanced: 500},
	}
}

// TestCodes: every row, by a worker of its own and by a balancer.
func TestCodes(t *testing.T) {
	for _, s := range situations() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, s.workers(), "/lb lb", "/d d", "/rule nobody")
			for _, c := range r.container {
				c.answers(s.answer)
				c.set(func() { c.mute = s.mute })
			}
			edits := []edit{header("X-Fill", strings.Repeat("x", s.fill))}
			if s.client != nil {
				edits = append(edits, s.client)
			}
			require.Equal(t, s.direct, r.do("/d", edits...).code)
			require.Equal(t, strings.Repeat("d", s.askedDirectly), r.heard(s.askedDirectly))
			require.Equal(t, s.balanced, r.do("/lb", edits...).code)
			require.Len(t, r.heard(s.askedByOneOf), s.askedByOneOf)
			require.Zero(t, r.worker("d").Record.Busy()+r.worker("a").Record.Busy()+r.worker("b").Record.Busy())
		})
	}
}

func (s *situation) workers() string {
	make13 := ajp13
	if s.gone {
		make13 = refused
	}
	properties := append([]string{anySetting, "retries=1", "connection_acquire_timeout=0"}, strings.Fields(s.properties)...)
	alone := append([]string{anySetting, "retries=2", "connection_acquire_timeout=0"}, strings.Fields(s.properties)...)
	return lb(s.lb, make13("a", properties...), make13("b", properties...)) + "worker.list=d\n" + make13("d", alone...)
}

// TestCodes_BusyLimit: the limit is reached; nobody is asked.
func TestCodes_BusyLimit(t *testing.T) {
	r := newRig(t, lb("", ajp13("a", "busy_limit=1"), ajp13("b", "busy_limit=1"))+"worker.list=d\n"+ajp13("d", "busy_limit=1"), "/x lb", "/d d")
	_, letA := r.occupy(1, r.container["a"], session("1.a"))
	_, letB := r.occupy(1, r.container["b"], session("1.b"))
	arrived, letD := r.container["d"].held()
	d := r.startRequest("/d")
	receive(t, arrived, "a request to be held")
	require.Equal(t, 503, r.do("/d").code)
	require.Equal(t, 503, r.do("/x").code)
	letA()
	letB()
	letD()
	require.Equal(t, Done, r.wait(d).code)
}

// TestCodes_Mapping: rules of unknown workers, and URIs that cannot be mapped, for which the shim answers 400.
func TestCodes_Mapping(t *testing.T) {
	r := newRig(t, direct(), "/rule nobody", "/x a")
	require.Equal(t, 500, r.do("/rule").code)
	room := make([]byte, 64)
	for _, uri := range []string{"/..", "/a/../../b", "/x/../.."} {
		require.Equal(t, MapBadURI, r.Map(&MapQuery{URI: uri, Normalised: &room[0]}), uri)
	}
}
