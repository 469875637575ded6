// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp/ajptest"
)

// TestProperty_BusyLimit: exactly so many requests run at a time; one more is refused.
func TestProperty_BusyLimit(t *testing.T) {
	for _, limit := range []int{1, 2, 3} {
		t.Run(fmt.Sprintf("limit %d", limit), func(t *testing.T) {
			r := newRig(t, direct(fmt.Sprintf("busy_limit=%d", limit), "connection_pool_size=9"))
			_, release := r.occupy(limit, r.container["a"])
			r.visits()
			require.Equal(t, 503, r.do("/x").code)
			require.Equal(t, 503, r.do("POST /x").code)
			require.Empty(t, r.who())
			require.Contains(t, r.log(), fmt.Sprintf("busy limit %d reached", limit))
			require.EqualValues(t, limit, r.worker("a").Record.Busy())
			release()
			require.Equal(t, Done, r.do("/x").code)
		})
	}
	for _, property := range []string{"", "busy_limit=0", "busy_limit=-1"} {
		t.Run("no limit: "+property, func(t *testing.T) {
			r := newRig(t, direct(append(strings.Fields(property), "connection_pool_size=9")...))
			_, release := r.occupy(9, r.container["a"])
			release()
		})
	}
}

// TestProperty_BusyLimit_Member: a member at its limit is busy: another one is asked. It is usable again when a request finds it below. The limit counts
// what the worker has, by whatever way it came.
func TestProperty_BusyLimit_Member(t *testing.T) {
	r := newRig(t, "worker.list=a\n"+lb("", ajp13("a", "busy_limit=2"), ajp13("b")), "/x lb", "/direct a")
	a := r.container["a"]
	arrived, letDirect := a.held()
	direct := r.startRequest("/direct")
	receive(t, arrived, "the first request")
	arrived, letMember := a.held()
	balanced := r.startRequest("/x", session("1.a"))
	receive(t, arrived, "the second request")
	require.Equal(t, "ACT OK/IDLE", r.state("a"))
	require.Equal(t, "bb", r.sequence(2, session("1.a")))
	require.Equal(t, "ACT OK/BUSY", r.state("a"))
	letDirect()
	require.Equal(t, Done, r.wait(direct).code)
	require.Equal(t, "a", r.sequence(1, session("1.a")))
	require.Equal(t, "ACT OK", r.state("a"))
	letMember()
	require.Equal(t, Done, r.wait(balanced).code)
}

// TestProperty_BusyLimit_StaysBusy: a busy member is not even tried while it is at its limit, so that it costs no attempt.
func TestProperty_BusyLimit_StaysBusy(t *testing.T) {
	r := newRig(t, lb("retries=1 lb_retries=1", ajp13("a", "busy_limit=1"), ajp13("b")))
	_, release := r.occupy(1, r.container["a"], session("1.a"))
	require.Equal(t, 503, r.do("/x", session("1.a")).code, "this one finds out")
	r.visits()
	require.Equal(t, "bb", r.sequence(2, session("1.a")))
	release()
	require.Equal(t, "a", r.sequence(1, session("1.a")))
}

// TestProperty_BusyLimit_AllBusy: when every member is at its limit, the request is refused.
func TestProperty_BusyLimit_AllBusy(t *testing.T) {
	r := newRig(t, lb("", ajp13("a", "busy_limit=1"), ajp13("b", "busy_limit=1")))
	_, letA := r.occupy(1, r.container["a"], session("1.a"))
	_, letB := r.occupy(1, r.container["b"], session("1.b"))
	r.visits()
	require.Equal(t, 503, r.do("/x").code)
	require.Empty(t, r.who())
	require.Equal(t, "ACT OK/BUSY ACT OK/BUSY", r.state("a")+" "+r.state("b"))
	letB()
	require.Equal(t, "b", r.sequence(1))
	letA()
}

// TestProperty_MaxPacketSize: which size is used, and what fits: a request head, the body packet behind it, and packets of the response.
func TestProperty_MaxPacketSize(t *testing.T) {
	for _, tt := range []struct {
		property string
		size     int
	}{
		{"", 8192},
		{"max_packet_size=8192", 8192},
		{"max_packet_size=8193", 9216},
		{"max_packet_size=9216", 9216},
		{"max_packet_size=20000", 20480},
		{"max_packet_size=64512", 64512},
		{"max_packet_size=65536", 65536},
		{"max_packet_size=64k", 65536},
		{"max_packet_size=100000", 65536},
		{"max_packet_size=1", 8192},
		{"max_packet_size=0", 8192},
		{"max_packet_size=-5", 8192},
	} {
		t.Run(tt.property, func(t *testing.T) {
			r := newRig(t, direct(strings.Fields(tt.property)...))
			r.requireHead(tt.size)
			s := r.do("POST /x", body(strings.Repeat("x", 200000)))
			require.Equal(t, Done, s.code)
			require.Equal(t, tt.size-6, r.visits()[0].first, "magic, length, and length again")
			r.requirePackets(tt.size)
		})
	}
}

// requireHead: the largest head is a packet of that size, one byte more is answered with 413, and the connection is as good as before.
func (r *rig) requireHead(size int) {
	r.t.Helper()
	require.Equal(r.t, Done, r.do("/x", header("X-Fill", "")).code)
	v := r.visits()[0]
	fill := strings.Repeat("f", size-v.size)
	s := r.do("/x", header("X-Fill", fill))
	require.Equal(r.t, Done, s.code)
	v = r.visits()[0]
	require.Equal(r.t, size, v.size)
	require.Equal(r.t, fill, v.Headers[1].Value)
	require.Equal(r.t, 413, r.do("/x", header("X-Fill", fill+"f")).code)
	require.Empty(r.t, r.visits())
	require.Contains(r.t, r.log(), "check max_packet_size")
	require.Equal(r.t, Done, r.do("/x").code)
	require.Equal(r.t, 1, r.visits()[0].connection)
}

// requirePackets: response packets with a payload of that size are taken, larger ones are not. A length has 16 bits.
func (r *rig) requirePackets(size int) {
	r.t.Helper()
	payload := min(size, 0xffff)
	data := strings.Repeat("d", payload-4) // the code and the length are in front, a NUL behind
	r.container["a"].next(reply(head, ajptest.Chunk(data), ajptest.Chunk(data), ajptest.End(true)))
	s := r.do("/x")
	require.Equal(r.t, Done, s.code)
	require.Equal(r.t, 2*len(data), s.text.Len())
	if payload == 0xffff {
		return
	}
	larger := append(reply(head, ajptest.Chunk(data+"d")), hangUp)
	r.container["a"].next(larger, larger)
	require.Equal(r.t, 502, r.do("/x").code)
	require.Contains(r.t, r.log(), fmt.Sprintf("wrong message size %d %d", size+1, size))
}

// TestProperty_MaxPacketSize_Members: the body that is kept for another member fits the smallest packet of all.
func TestProperty_MaxPacketSize_Members(t *testing.T) {
	r := newRig(t, lb("", ajp13("a", "max_packet_size=65536", "retries=1"), ajp13("b", "retries=1")))
	r.container["a"].next(closes)
	text := strings.Repeat("0123456789", 5000)
	rest := answer{ajptest.ReadAllBody(8186), func(p *ajptest.Peer) error {
		return errors.Join(p.Write(head), p.Write(ajptest.Chunk(string(p.Body[:20]))), p.Write(ajptest.End(true)))
	}}
	r.container["b"].next(rest)
	s := r.do("PUT /x", session("1.a"), body(text))
	require.Equal(t, Done, s.code)
	require.Equal(t, text[:20], s.text.String())
	require.Empty(t, s.send)
	for _, v := range r.visits() {
		require.Equal(t, 8186, v.first, v.container)
	}
}
