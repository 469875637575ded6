// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// numbered returns n bytes that tell where they are.
func numbered(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(time.Duration(b.Len()).String())
		b.WriteByte(' ')
	}
	return b.String()[:n]
}

// TestRequestBody has the rows of "Request headers and body" that succeed. The host has what of the body is not in first.
func TestRequestBody(t *testing.T) {
	body := numbered(30_000)
	const full = 8186
	send := ajptest.Send(okHead, end)
	ask := func(n uint16) ajptest.Step { return ajptest.Send(ajptest.Get(n)) }
	want := ajptest.ExpectBody
	tests := []struct {
		name    string
		first   int
		rest    int
		unknown bool
		script  ajptest.Script
	}{
		{"none", 0, 0, false, ajptest.Script{send}},
		{"none, but asked for", 0, 0, false, ajptest.Script{ask(full), ajptest.ExpectBodyEnd(), ask(full), ajptest.ExpectBodyEnd(), send}},
		{"small", 5, 0, false, ajptest.Script{want(body[:5]), send}},
		{"small, read here", 0, 5, false, ajptest.Script{want(body[:5]), send}},
		{"small, and asked for more", 5, 0, false, ajptest.Script{want(body[:5]), ask(full), ajptest.ExpectBodyEnd(), send}},
		{"one packet", full, 0, false, ajptest.Script{want(body[:full]), send}},
		{"one packet and a byte", full, 1, false, ajptest.Script{want(body[:full]), ask(full), want(body[full : full+1]), ask(full), ajptest.ExpectBodyEnd(), send}},
		{"asked in pieces", full, 100, false, ajptest.Script{want(body[:full]), ask(30), want(body[full : full+30]), ask(1), want(body[full+30 : full+31]), ask(full), want(body[full+31 : full+100]), send}},
		{"asked for more than a packet holds", full, 20_000, false, ajptest.Script{want(body[:full]), ask(60_000), want(body[full : 2*full]), send}},
		{"asked for nothing", full, 100, false, ajptest.Script{want(body[:full]), ask(0), ajptest.ExpectBodyEnd(), send}},
		{"not asked for", full, 20_000, false, ajptest.Script{want(body[:full]), send}},
		{"first chunk larger than a packet", 20_000, 5, false, ajptest.Script{want(body[:full]), ask(full), want(body[full : 2*full]), ask(full), want(body[2*full : 20_005]), send}},
		{"first chunk shorter than a packet", 10, 20, false, ajptest.Script{want(body[:10]), ask(full), want(body[10:30]), send}},
		{"unknown, none", 0, 0, true, ajptest.Script{ask(full), ajptest.ExpectBodyEnd(), send}},
		{"unknown, not asked for", 0, 5, true, ajptest.Script{send}},
		{"unknown, small", 0, 5, true, ajptest.Script{ask(full), want(body[:5]), ask(full), ajptest.ExpectBodyEnd(), send}},
		{"unknown, one packet", 0, full, true, ajptest.Script{ask(full), want(body[:full]), ask(full), ajptest.ExpectBodyEnd(), send}},
		{"unknown, more", 0, full + 7, true, ajptest.Script{ask(full), want(body[:full]), ask(full), want(body[full : full+7]), ask(full), ajptest.ExpectBodyEnd(), ask(full), ajptest.ExpectBodyEnd(), send}},
		{"unknown, whatever is asked", 0, 20, true, ajptest.Script{ask(3), want(body[:20]), send}},
		{"unknown, with a first chunk", 10, 10, true, ajptest.Script{ask(full), want(body[:20]), send}},
		{"unknown, with a large first chunk", 9_000, 10, true, ajptest.Script{ask(full), want(body[:full]), ask(full), want(body[full:9_010]), ask(full), ajptest.ExpectBodyEnd(), send}},
		{"head before the body is read", full, 10, false, ajptest.Script{want(body[:full]), ajptest.Send(okHead), ask(full), want(body[full : full+10]), ajptest.Send(end)}},
	}
	for _, test := range tests {
		for _, early := range []int{0, 1, full, 30_000} {
			t.Run(fmt.Sprintf("%s, %d bytes early", test.name, early), func(t *testing.T) {
				script := append(ajptest.Script{ajptest.ExpectURI("/")}, test.script...)
				r := newRig(t, "tcp", nil, append(script, ajptest.ExpectGone()))
				h := &host{body: body[test.first : test.first+test.rest], early: early}
				o := ajp.ExchangeOptions{FirstChunk: []byte(body[:test.first]), BodyUnknown: test.unknown}
				if !test.unknown {
					o.BodyRest = int64(test.rest)
				}
				kept, err := r.exchange(t, post(), h, o)
				require.NoError(t, err)
				require.True(t, kept)
				require.Equal(t, []uint32{whole}, h.flags())
				require.False(t, h.late, "a body that has ended is not read ahead")
			})
		}
	}
}

// TestRequestBody_ReadAhead: only once the container has asked for body, because until then the request may be repeated; and at most one packet.
func TestRequestBody_ReadAhead(t *testing.T) {
	body := numbered(30_000)
	const full = 8186
	tests := []struct {
		name   string
		script ajptest.Script
		want   int
	}{
		{"not asked for", nil, 0},
		{"asked for once", ajptest.Script{ajptest.Send(ajptest.Get(full)), ajptest.ExpectBody(body[full : 2*full])}, full},
		{"asked for a part", ajptest.Script{ajptest.Send(ajptest.Get(10)), ajptest.ExpectBody(body[full : full+10]), ajptest.Send(ajptest.Get(10)), ajptest.ExpectBody(body[full+10 : full+20])}, full},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			script := append(ajptest.Script{ajptest.ExpectURI("/"), ajptest.ExpectBody(body[:full])}, test.script...)
			r := newRig(t, "tcp", nil, append(script, ajptest.Send(okHead, end), ajptest.ExpectGone()))
			h := &host{body: body[full:], early: len(body)}
			_, err := r.exchange(t, post(), h, ajp.ExchangeOptions{FirstChunk: []byte(body[:full]), BodyRest: int64(len(body) - full)})
			require.NoError(t, err)
			require.Equal(t, test.want, h.ahead)
		})
	}
}

// TestRequestBody_Large uploads through several packet sizes.
func TestRequestBody_Large(t *testing.T) {
	body := numbered(500_000)
	for _, packet := range []int{8192, 16384, 65536} {
		for _, upload := range []struct {
			unknown bool
			early   int
		}{{false, 0}, {true, 0}, {false, 10_000}, {true, 10_000}, {false, len(body)}, {true, len(body)}} {
			unknown := upload.unknown
			got := make(chan string, 1)
			first := ajptest.ExpectBody(body[:packet-6])
			if unknown {
				first = ajptest.Send()
			}
			r := newRig(t, "tcp", func(c *ajp.Config) { c.MaxPacketSize = packet }, ajptest.Script{
				ajptest.ExpectURI("/"), first, ajptest.ReadAllBody(uint16(packet - 6)),
				func(p *ajptest.Peer) error { got <- string(p.Body); return nil },
				ajptest.Send(okHead, end), ajptest.ExpectGone(),
			})
			h := &host{body: body, early: upload.early}
			_, err := r.exchange(t, post(), h, ajp.ExchangeOptions{BodyRest: int64(len(body)), BodyUnknown: unknown})
			require.NoError(t, err)
			require.True(t, body == <-got)
		}
	}
}

// TestRequestBody_ClientFails: what the container sees and what may be repeated.
func TestRequestBody_ClientFails(t *testing.T) {
	body := numbered(20_000)
	const full = 8186
	gone := ajptest.ExpectGone()
	tests := []clientFailure{
		{
			"before anything was sent",
			host{readErr: errClient},
			ajp.ExchangeOptions{BodyRest: 10},
			ajptest.Script{gone},
			ajp.StageNotSent, errClient, false, true, "",
		},
		{
			"CVE-2008-5519: announced, never sent",
			host{},
			ajp.ExchangeOptions{BodyRest: 10},
			ajptest.Script{gone},
			ajp.StageNotSent, ajp.ErrBodyShort, false, true, "",
		},
		{
			"first packet short",
			host{body: body[:9]},
			ajp.ExchangeOptions{BodyRest: 10},
			ajptest.Script{gone},
			ajp.StageNotSent, ajp.ErrBodyShort, false, true, "",
		},
		{
			"later",
			host{body: body[:5], readErr: errClient},
			ajp.ExchangeOptions{FirstChunk: []byte(body[:full]), BodyRest: 10},
			ajptest.Script{ajptest.ExpectURI("/"), ajptest.ExpectBody(body[:full]), ajptest.Send(ajptest.Get(full)), gone},
			ajp.StageSent, errClient, true, false, "",
		},
		{
			"CVE-2008-5519: later",
			host{body: body[:5]},
			ajp.ExchangeOptions{FirstChunk: []byte(body[:full]), BodyRest: 10},
			ajptest.Script{ajptest.ExpectURI("/"), ajptest.ExpectBody(body[:full]), ajptest.Send(ajptest.Get(full)), gone},
			ajp.StageSent, ajp.ErrBodyShort, true, false, "",
		},
		{
			"unknown length",
			host{readErr: errClient},
			ajp.ExchangeOptions{BodyUnknown: true},
			ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(ajptest.Get(full)), gone},
			ajp.StageSent, errClient, true, false, "",
		},
		{
			"unknown length, cut off where it could have ended",
			host{body: body[:5], cutOff: errClient},
			ajp.ExchangeOptions{BodyUnknown: true},
			ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(ajptest.Get(full)), ajptest.ExpectBody(body[:5]), ajptest.Send(ajptest.Get(full)), gone},
			ajp.StageSent, errClient, true, false, "",
		},
		{
			"after the head",
			host{readErr: errClient},
			ajp.ExchangeOptions{BodyUnknown: true},
			ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(okHead, ajptest.Get(full)), gone},
			ajp.StageHeadReceived, errClient, true, false, "",
		},
		{
			"after a flush",
			host{readErr: errClient},
			ajp.ExchangeOptions{BodyUnknown: true, HardClose: true},
			ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(okHead, ajptest.Chunk("a"), ajptest.Flush(), ajptest.Get(full)), gone},
			ajp.StageResponded, errClient, true, false, "a",
		},
	}
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

// clientFailure is a host that fails, and what comes of it.
type clientFailure struct {
	name    string
	host    host
	opts    ajp.ExchangeOptions
	script  ajptest.Script
	stage   ajp.Stage
	err     error
	asked   bool
	kept    bool
	already string
}

func (test clientFailure) run(t *testing.T) {
	r := newRig(t, "tcp", nil, test.script)
	kept, err := r.exchange(t, post(), &test.host, test.opts)
	f := failure(t, err)
	require.Equal(t, []any{ajp.KindClientRead, test.stage, test.err}, []any{f.Kind, f.Stage, f.Err})
	require.True(t, f.BodyRead)
	require.Equal(t, test.asked, f.BodyAsked)
	require.Equal(t, test.kept, kept)
	require.Equal(t, test.already, test.host.bodies())
}

// TestRequestBody_FlushBeforeReading: the client may wait for the response before it sends on.
func TestRequestBody_FlushBeforeReading(t *testing.T) {
	c, _ := wired(t, &ajp.Config{}, join(okHead, ajptest.Chunk("a"), ajptest.Flush(), ajptest.Get(8186)), end)
	h := &host{body: "b"}
	h.onRead = func() { require.Equal(t, []uint32{ajp.FlagHead | flush}, h.flags()) }
	require.NoError(t, c.Exchange(post(), h, &ajp.ExchangeOptions{BodyUnknown: true}))
	require.Equal(t, 1, h.reads)
	require.True(t, c.Kept())
}

// TestRequestBody_Facts: what a failure says about the body decides about repeating.
func TestRequestBody_Facts(t *testing.T) {
	tests := []struct {
		name        string
		opts        ajp.ExchangeOptions
		send        []byte
		read, asked bool
	}{
		{"first chunk only", ajp.ExchangeOptions{FirstChunk: []byte("abc")}, nil, false, false},
		{"first chunk, rest not asked for", ajp.ExchangeOptions{FirstChunk: []byte("abc"), BodyRest: 2}, nil, false, false},
		{"first chunk, asked in vain", ajp.ExchangeOptions{FirstChunk: []byte("abc")}, ajptest.Get(8186), false, true},
		{"first chunk, rest asked for", ajp.ExchangeOptions{FirstChunk: []byte("abc"), BodyRest: 2}, ajptest.Get(8186), true, true},
		{"first packet read here", ajp.ExchangeOptions{BodyRest: 2}, nil, true, false},
		{"unknown", ajp.ExchangeOptions{BodyUnknown: true}, nil, false, false},
		{"unknown, asked for", ajp.ExchangeOptions{BodyUnknown: true}, ajptest.Get(8186), true, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := wired(t, &ajp.Config{}, test.send)
			f := failure(t, c.Exchange(post(), &host{body: "de"}, &test.opts))
			require.Equal(t, []any{ajp.KindClosed, ajp.StageSent}, []any{f.Kind, f.Stage})
			require.Equal(t, []bool{test.read, test.asked}, []bool{f.BodyRead, f.BodyAsked})
		})
	}
}

// TestRequestBody_Crossed: the container asks for body and ends without waiting for it. The data that is under way may be
// taken for a request, so the connection is not used again (the way of CVE-2022-26377).
func TestRequestBody_Crossed(t *testing.T) {
	evil := "\x02\x02 a request of the client's own making"
	r := newRig(t, "tcp", nil,
		ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(ajptest.Get(8186), okHead, end), ajptest.ExpectBody(evil), ajptest.ExpectGone()},
	)
	h := &host{body: evil}
	kept, err := r.exchange(t, post(), h, ajp.ExchangeOptions{BodyUnknown: true})
	require.NoError(t, err)
	require.Equal(t, []uint32{whole}, h.flags())
	require.False(t, kept)
	require.Equal(t, []ajp.Event{ajp.EventCrossed}, r.log.events())
}

// TestSend_Stages: a request counts as sent only when the kernel has all of its head. The peer reads nothing and the
// socket's buffer is the smallest there is.
func TestSend_Stages(t *testing.T) {
	long := strings.Repeat("x", 8000)
	tests := []struct {
		name  string
		req   ajp.ForwardRequest
		first string
		gone  bool
		stage ajp.Stage
	}{
		{"nothing accepted", *get("/"), "", true, ajp.StageNotSent},
		{"nothing accepted, with body", *post(), "body", true, ajp.StageNotSent},
		{"part of the head accepted", *get(long), "", false, ajp.StageNotSent},
		{"head accepted, body not", *post(), long, false, ajp.StageSent},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, peer := wire(t, &ajp.Config{SocketTimeout: 20 * time.Millisecond}, unix.SOCK_STREAM, okHead, end)
			require.NoError(t, unix.SetsockoptInt(c.FD(), unix.SOL_SOCKET, unix.SO_SNDBUF, 1))
			if test.gone {
				require.NoError(t, unix.Shutdown(peer, unix.SHUT_RD))
			}
			h := &host{}
			f := failure(t, c.Exchange(&test.req, h, &ajp.ExchangeOptions{FirstChunk: []byte(test.first)}))
			require.Equal(t, []any{ajp.KindSend, test.stage}, []any{f.Kind, f.Stage})
			want := map[bool]error{true: unix.EPIPE, false: ajp.ErrSocketTimeout}[test.gone]
			require.Equal(t, want, f.Err)
			_, written := c.Traffic()
			require.Equal(t, test.gone, written == 0)
			require.False(t, c.Kept())
			require.Empty(t, h.calls)
		})
	}
}

// TestSend_WaitsForRoom: a container that reads late gets everything.
func TestSend_WaitsForRoom(t *testing.T) {
	long := strings.Repeat("x", 8000)
	r := newRig(t, "unix", func(c *ajp.Config) { c.SocketBuffer = 1 },
		ajptest.Script{ajptest.ExpectURI(long), ajptest.ExpectBody(long), ajptest.Send(okHead, end), ajptest.ExpectGone()})
	_, err := r.exchange(t, &ajp.ForwardRequest{Method: "POST", URI: long}, &host{}, ajp.ExchangeOptions{FirstChunk: []byte(long)})
	require.NoError(t, err)
}

// TestExchange_HeadTooLarge: nothing is sent and the connection stays good.
func TestExchange_HeadTooLarge(t *testing.T) {
	base, err := get("").Append(nil)
	require.NoError(t, err)
	fits := strings.Repeat("x", 8192-len(base))
	r := newRig(t, "tcp", nil, ajptest.Script{ajptest.ExpectURI(fits), ajptest.Send(okHead, end), ajptest.ExpectGone()})
	for _, size := range []int{8193, 20_000, 100_000} {
		kept, err := r.exchange(t, get(strings.Repeat("x", size-len(base))), &host{}, ajp.ExchangeOptions{})
		f := failure(t, err)
		require.Equal(t, []any{ajp.KindTooLarge, ajp.StageNotSent}, []any{f.Kind, f.Stage})
		require.True(t, kept)
	}
	_, err = r.exchange(t, get(fits), &host{}, ajp.ExchangeOptions{})
	require.NoError(t, err)
	require.Equal(t, 1, r.log.made)
}

// TestRespond_Refused: an error of the host stops the exchange and comes back; at the end it does not cost the connection.
func TestRespond_Refused(t *testing.T) {
	big := strings.Repeat("b", 8184)
	tests := []struct {
		name   string
		send   [][]byte
		refuse int
		kept   bool
	}{
		{"at the end", [][]byte{okHead, ajptest.Chunk("a"), end}, 1, true},
		{"before the end", [][]byte{join(okHead, ajptest.Chunk("a"), ajptest.Flush()), end}, 1, false},
		{"in the middle", [][]byte{join(okHead, ajptest.Chunk(big), ajptest.Chunk(big)), ajptest.Chunk(big), ajptest.Chunk(big), end}, 2, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := wired(t, &ajp.Config{}, test.send...)
			if test.kept {
				c, _ = wired(t, &ajp.Config{}, join(test.send...))
			}
			h := &host{refuse: test.refuse}
			f := failure(t, c.Exchange(get("/"), h, &ajp.ExchangeOptions{}))
			require.Equal(t, []any{ajp.KindClientWrite, ajp.StageResponded, errRefused}, []any{f.Kind, f.Stage, f.Err})
			require.ErrorIs(t, f, errRefused)
			require.Len(t, h.calls, test.refuse)
			require.Equal(t, test.kept, c.Kept())
		})
	}
}

// TestRespond_RefusedHow: what the container sees when the client has gone while it goes on sending: the end of the stream,
// with HardClose (recovery_options 4) a reset.
func TestRespond_RefusedHow(t *testing.T) {
	for _, hard := range []bool{false, true} {
		seen, sent, end := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		r := newRig(t, "tcp", nil, ajptest.Script{
			ajptest.ExpectURI("/"), ajptest.Send(okHead, ajptest.Flush()), ajptest.Await(seen),
			ajptest.Send(ajptest.Chunk("more")), ajptest.Tell(sent),
			func(p *ajptest.Peer) error {
				_, err := p.Conn.Read(make([]byte, 1))
				end <- err
				return nil
			},
		})
		h := &host{refuse: 1, onRespond: func(int) { close(seen); <-sent }}
		kept, err := r.exchange(t, post(), &host{}, ajp.ExchangeOptions{BodyRest: 1, HardClose: true})
		require.Equal(t, ajp.KindClientRead, failure(t, err).Kind)
		require.True(t, kept, "and leaves nothing behind")
		_, err = r.exchange(t, get("/"), h, ajp.ExchangeOptions{HardClose: hard})
		require.Equal(t, ajp.KindClientWrite, failure(t, err).Kind)
		require.ErrorIs(t, <-end, map[bool]error{true: unix.ECONNRESET, false: io.EOF}[hard])
	}
}
