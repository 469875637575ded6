// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// adder is a host that adds headers of its own to each head.
type adder struct {
	host
	t    *testing.T
	c    *ajp.Conn
	add  []ajp.Header
	took []bool
}

func (a *adder) Respond(r *ajp.Response) error {
	if r.Flags&ajp.FlagHead != 0 {
		before := len(r.Headers)
		for _, h := range a.add {
			a.took = append(a.took, a.c.AddHeader(r, h.Name, h.Value))
		}
		require.True(a.t, a.c.Owns(unsafe.Pointer(unsafe.SliceData(r.Headers))))
		for _, h := range r.Headers[before:] {
			require.True(a.t, a.c.Owns(unsafe.Pointer(unsafe.StringData(h.Name))))
			require.True(a.t, a.c.Owns(unsafe.Pointer(unsafe.StringData(h.Value))))
		}
	}
	return a.host.Respond(r)
}

// exchange runs a request whose responses get headers added.
func (a *adder) exchange(r *rig, req *ajp.ForwardRequest, o ajp.ExchangeOptions) {
	a.t.Helper()
	a.c = r.get(a.t)
	require.NoError(a.t, a.c.Exchange(req, a, &o))
	r.pool.Put(a.c)
}

func TestAddHeader(t *testing.T) {
	cookie := ajp.Header{Name: "Set-Cookie", Value: "JSESSIONID=.a;PATH=/;HttpOnly"}
	tests := []struct {
		name string
		add  []ajp.Header
		want []ajp.Header
	}{
		{"none", nil, nil},
		{"one", []ajp.Header{cookie}, []ajp.Header{cookie}},
		{"two", []ajp.Header{cookie, {Name: "X-B", Value: ""}}, []ajp.Header{cookie, {Name: "X-B", Value: ""}}},
		{"a bad one between good ones", []ajp.Header{{Name: "A", Value: "1"}, {Name: "B C", Value: "2"}, {Name: "D", Value: "3"}}, []ajp.Header{{Name: "A", Value: "1"}, {Name: "D", Value: "3"}}},
		{"no name", []ajp.Header{{Value: "1"}}, nil},
		{"a line break in the value", []ajp.Header{{Name: "A", Value: "1\r\nB: 2"}}, nil},
		{"a NUL in the value", []ajp.Header{{Name: "A", Value: "\x00"}}, nil},
		{"longer than the buffer", []ajp.Header{{Name: "A", Value: strings.Repeat("x", 3*8192)}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, "tcp", nil, ajptest.Script{ajptest.Serve(okHead, end)})
			a := &adder{t: t, add: tt.add}
			for range 2 { // the second one on the same connection
				a.exchange(r, get("/"), ajp.ExchangeOptions{})
			}
			want := append([]ajp.Header{{Name: "Content-Type", Value: "text/plain"}, {Name: "X-A", Value: "1"}}, tt.want...)
			require.Equal(t, want, a.calls[0].headers)
			require.Equal(t, want, a.calls[1].headers)
		})
	}
}

// TestAddHeader_LongestHead: the container's head uses up the list; there is room all the same, and no more than there is.
func TestAddHeader_LongestHead(t *testing.T) {
	const overhead = 4 + 1 + 2 + 3 + 2 // packet, code, status, empty reason, number of headers
	n := (8192 - overhead) / 5         // as many as fit: a coded name and an empty value
	payload := append([]byte{4, 0, 200, 0, 0, 0, byte(n >> 8), byte(n)}, []byte(strings.Repeat("\xa0\x01\x00\x00\x00", n))...)
	r := newRig(t, "tcp", nil, ajptest.Script{ajptest.Serve(ajptest.Packet(payload...), end)})
	a := &adder{t: t, add: make([]ajp.Header, 16)}
	for i := range a.add {
		a.add[i] = ajp.Header{Name: "X", Value: "1"}
	}
	a.exchange(r, get("/"), ajp.ExchangeOptions{})
	require.GreaterOrEqual(t, len(a.calls[0].headers), n+1)
	require.Equal(t, []bool{true, true, true, true}, a.took[:4])
	require.False(t, a.took[15])
}

// TestAddHeader_BodyFollows: the request's body goes out of the memory that the header was in, after the head was handed over.
func TestAddHeader_BodyFollows(t *testing.T) {
	r := newRig(t, "tcp", nil, ajptest.Script{
		ajptest.ExpectURI("/"), ajptest.ExpectBody("he"), ajptest.Send(okHead, ajptest.Flush(), ajptest.Get(100)), ajptest.ExpectBody("llo"),
		ajptest.Send(end), ajptest.ExpectGone(),
	})
	a := &adder{host: host{body: "llo"}, t: t, add: []ajp.Header{{Name: "Set-Cookie", Value: "a=b"}}}
	a.exchange(r, post(), ajp.ExchangeOptions{FirstChunk: []byte("he"), BodyRest: 3})
	require.Contains(t, a.calls[0].headers, ajp.Header{Name: "Set-Cookie", Value: "a=b"})
	require.NotContains(t, a.calls[1].headers, ajp.Header{Name: "Set-Cookie", Value: "a=b"})
	require.Equal(t, []bool{true}, a.took)
}

// TestAddHeader_ReadAhead: a header that is added while the next part of the request body lies ready spoils neither.
func TestAddHeader_ReadAhead(t *testing.T) {
	body := numbered(30_000)
	const full = 8186
	text := strings.Repeat("x", ajp.HoldBack)
	r := newRig(t, "tcp", nil, ajptest.Script{
		ajptest.ExpectURI("/"), ajptest.ExpectBody(body[:full]), ajptest.Send(ajptest.Get(full)), ajptest.ExpectBody(body[full : 2*full]),
		ajptest.Send(okHead, ajptest.Chunk(text[:8000]), ajptest.Chunk(text[8000:]), ajptest.Get(full)), ajptest.ExpectBody(body[2*full : 3*full]), ajptest.Send(end), ajptest.ExpectGone(),
	})
	a := &adder{t: t, add: []ajp.Header{{Name: "Set-Cookie", Value: strings.Repeat("c", 8000)}}, host: host{body: body[full:], early: len(body)}}
	a.exchange(r, post(), ajp.ExchangeOptions{FirstChunk: []byte(body[:full]), BodyRest: int64(len(body) - full), FlushPackets: true})
	require.Equal(t, []bool{true}, a.took)
	require.Equal(t, text, a.bodies())
}
