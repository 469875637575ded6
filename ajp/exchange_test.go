// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

var (
	okHead = ajptest.Head(200, "OK", "Content-Type", "text/plain", "X-A", "1")
	end    = ajptest.End(true)
)

const (
	whole = ajp.FlagHead | ajp.FlagEnd
	flush = ajp.FlagFlush
)

// TestExchange_Responses has the rows of "Response handling" that succeed. Everything comes in one packet of the network.
func TestExchange_Responses(t *testing.T) {
	big := strings.Repeat("b", 8184)
	biggest := big + "12345" // code, length and this are 8192 bytes
	tests := []struct {
		name  string
		send  [][]byte
		opts  ajp.ExchangeOptions
		flags []uint32
		body  string
		drop  bool
		event ajp.Event
	}{
		{"no body", [][]byte{okHead, end}, ajp.ExchangeOptions{}, []uint32{whole}, "", false, 0},
		{"body", [][]byte{okHead, ajptest.Chunk("hello"), end}, ajp.ExchangeOptions{}, []uint32{whole}, "hello", false, 0},
		{"chunks", [][]byte{okHead, ajptest.Chunk("a"), ajptest.Chunk("b"), end}, ajp.ExchangeOptions{}, []uint32{whole}, "ab", false, 0},
		{"chunk without NUL", [][]byte{okHead, ajptest.Packet(3, 0, 1, 'x'), end}, ajp.ExchangeOptions{}, []uint32{whole}, "x", false, 0},
		{"chunk with more behind", [][]byte{okHead, ajptest.Packet(3, 0, 1, 'x', 'y', 'z'), end}, ajp.ExchangeOptions{}, []uint32{whole}, "x", false, 0},
		{"largest chunk", [][]byte{okHead, ajptest.Chunk(big), end}, ajp.ExchangeOptions{}, []uint32{whole}, big, false, 0},
		{"payload of max packet size", [][]byte{okHead, ajptest.Packet([]byte("\x03\x1f\xfd" + biggest)...), end}, ajp.ExchangeOptions{}, []uint32{whole}, biggest, false, 0},
		{"flush before head is ignored", [][]byte{ajptest.Flush(), okHead, end}, ajp.ExchangeOptions{}, []uint32{whole}, "", false, 0},
		{"flush", [][]byte{okHead, ajptest.Chunk("a"), ajptest.Flush(), end}, ajp.ExchangeOptions{}, []uint32{whole | flush}, "a", false, 0},
		{"flush packets", [][]byte{okHead, ajptest.Chunk("a"), end}, ajp.ExchangeOptions{FlushPackets: true}, []uint32{whole | flush}, "a", false, 0},
		{"flush header", [][]byte{okHead, end}, ajp.ExchangeOptions{FlushHeader: true}, []uint32{whole | flush}, "", false, 0},
		{"HEAD with body", [][]byte{okHead, ajptest.Chunk("a"), ajptest.Chunk("b"), end}, ajp.ExchangeOptions{HeadOnly: true}, []uint32{whole | flush}, "", false, 0},
		{"reuse 0", [][]byte{okHead, ajptest.End(false)}, ajp.ExchangeOptions{}, []uint32{whole}, "", true, ajp.EventNoReuse},
		{"reuse 7", [][]byte{okHead, ajptest.Packet(5, 7)}, ajp.ExchangeOptions{}, []uint32{whole}, "", false, 0},
		{"reuse disabled", [][]byte{okHead, end}, ajp.ExchangeOptions{DisableReuse: true}, []uint32{whole}, "", true, 0},
		{"CVE-2026-103119: body after the end", [][]byte{okHead, end, ajptest.Chunk("next")}, ajp.ExchangeOptions{}, []uint32{whole}, "", true, ajp.EventStray},
		{"a second response", [][]byte{okHead, end, okHead, end}, ajp.ExchangeOptions{}, []uint32{whole}, "", true, ajp.EventStray},
		{"one byte after the end", [][]byte{okHead, end, {0}}, ajp.ExchangeOptions{}, []uint32{whole}, "", true, ajp.EventStray},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, "tcp", nil, ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(test.send...), ajptest.ExpectGone()})
			h := &host{}
			kept, err := r.exchange(t, get("/"), h, test.opts)
			require.NoError(t, err)
			require.Equal(t, test.flags, h.flags())
			require.Equal(t, test.body, h.bodies())
			require.Equal(t, uint32(200), h.calls[0].status)
			require.Equal(t, "OK", h.calls[0].reason)
			require.Equal(t, []ajp.Header{{Name: "Content-Type", Value: "text/plain"}, {Name: "X-A", Value: "1"}}, h.calls[0].headers)
			require.Equal(t, !test.drop, kept)
			var want []ajp.Event
			if test.event != 0 {
				want = []ajp.Event{test.event}
			}
			require.Equal(t, want, r.log.events())
		})
	}
}

// TestExchange_Failures has the rows of "Response handling" that fail. The host sees nothing but what the row says.
func TestExchange_Failures(t *testing.T) {
	chunk := ajptest.Chunk("data")
	second := ajptest.Head(302, "Found")
	tests := []struct {
		name   string
		send   [][]byte
		reset  bool
		kind   ajp.Kind
		stage  ajp.Stage
		err    error
		showed string
	}{
		{"closed at once", nil, false, ajp.KindClosed, ajp.StageSent, ajp.ErrEOF, ""},
		{"closed after head", [][]byte{okHead}, false, ajp.KindClosed, ajp.StageHeadReceived, ajp.ErrEOF, ""},
		{"closed after body", [][]byte{okHead, chunk}, false, ajp.KindClosed, ajp.StageHeadReceived, ajp.ErrEOF, ""},
		{"closed after flush", [][]byte{okHead, chunk, ajptest.Flush()}, false, ajp.KindClosed, ajp.StageResponded, ajp.ErrEOF, "data"},
		{"reset", nil, true, ajp.KindClosed, ajp.StageSent, nil, ""},
		{"closed in packet header", [][]byte{okHead[:3]}, false, ajp.KindFraming, ajp.StageSent, ajp.ErrEOF, ""},
		{"closed in head", [][]byte{okHead[:9]}, false, ajp.KindFraming, ajp.StageSent, ajp.ErrEOF, ""},
		{"closed in chunk", [][]byte{okHead, chunk[:6]}, false, ajp.KindFraming, ajp.StageHeadReceived, ajp.ErrEOF, ""},
		{"closed in end", [][]byte{okHead, chunk, end[:5]}, false, ajp.KindFraming, ajp.StageHeadReceived, ajp.ErrEOF, ""},
		{"wrong magic", [][]byte{[]byte("HTTP/1.1 400 Bad Request\r\n")}, false, ajp.KindFraming, ajp.StageSent, &ajp.MagicError{Got: 0x4854}, ""},
		{"magic of the other way", [][]byte{{0x12, 0x34, 0, 1, 9}}, false, ajp.KindFraming, ajp.StageSent, &ajp.MagicError{Got: 0x1234}, ""},
		{"oversize", [][]byte{okHead, {0x41, 0x42, 0x20, 0x01}}, false, ajp.KindFraming, ajp.StageHeadReceived, &ajp.SizeError{Got: 8193, Limit: 8192}, ""},
		{"largest length", [][]byte{{0x41, 0x42, 0xFF, 0xFF}}, false, ajp.KindFraming, ajp.StageSent, &ajp.SizeError{Got: 65535, Limit: 8192}, ""},

		{"empty packet", [][]byte{ajptest.Packet()}, false, ajp.KindContent, ajp.StageSent, ajp.ErrTruncated, ""},
		{"unknown code", [][]byte{ajptest.Packet(0x42)}, false, ajp.KindContent, ajp.StageSent, &ajp.CodeError{Code: 0x42}, ""},
		{"cpong", [][]byte{ajptest.Pong()}, false, ajp.KindContent, ajp.StageSent, &ajp.CodeError{Code: 9}, ""},
		{"unknown code after head", [][]byte{okHead, ajptest.Packet(0)}, false, ajp.KindContent, ajp.StageHeadReceived, &ajp.CodeError{Code: 0}, ""},
		{"status 0", [][]byte{ajptest.Head(0, "")}, false, ajp.KindContent, ajp.StageSent, ajp.ErrStatus, ""},
		{"status 103", [][]byte{ajptest.Head(103, "Early Hints"), okHead, end}, false, ajp.KindContent, ajp.StageSent, ajp.ErrStatus, ""},
		{"head truncated", [][]byte{ajptest.Packet(okHead[4 : len(okHead)-1]...)}, false, ajp.KindContent, ajp.StageSent, ajp.ErrTruncated, ""},
		{"code A000", [][]byte{ajptest.Packet(4, 0, 200, 0, 0, 0, 0, 1, 0xA0, 0, 0, 0, 0)}, false, ajp.KindContent, ajp.StageSent, ajp.ErrHeaderName, ""},
		{"CVE-2026-33523: newline in reason", [][]byte{ajptest.Head(200, "OK\r\nX: y")}, false, ajp.KindContent, ajp.StageSent, ajp.ErrControl, ""},
		{"newline in value", [][]byte{ajptest.Head(200, "", "A", "b\nX: y")}, false, ajp.KindContent, ajp.StageSent, ajp.ErrControl, ""},
		{"newline in name", [][]byte{ajptest.Head(200, "", "A: b\nX", "y")}, false, ajp.KindContent, ajp.StageSent, ajp.ErrHeaderName, ""},
		{"second head", [][]byte{okHead, second, end}, false, ajp.KindContent, ajp.StageHeadReceived, ajp.ErrSecondHead, ""},
		{"second head after body", [][]byte{okHead, chunk, second, end}, false, ajp.KindContent, ajp.StageHeadReceived, ajp.ErrSecondHead, ""},
		{"CVE-2023-34981: end without head", [][]byte{end}, false, ajp.KindContent, ajp.StageSent, ajp.ErrNoHead, ""},
		{"CVE-2023-34981: body without head", [][]byte{chunk, end}, false, ajp.KindContent, ajp.StageSent, ajp.ErrNoHead, ""},
		{"CVE-2026-34059: chunk length beyond packet", [][]byte{okHead, ajptest.Packet(3, 0, 5, 'd', 'a', 't', 'a')}, false, ajp.KindContent, ajp.StageHeadReceived, ajp.ErrChunkLength, ""},
		{"chunk without length", [][]byte{okHead, ajptest.Packet(3, 0)}, false, ajp.KindContent, ajp.StageHeadReceived, ajp.ErrTruncated, ""},
		{"get body chunk without length", [][]byte{ajptest.Packet(6)}, false, ajp.KindContent, ajp.StageSent, ajp.ErrTruncated, ""},
		{"end without reuse", [][]byte{okHead, ajptest.Packet(5)}, false, ajp.KindContent, ajp.StageHeadReceived, ajp.ErrReuse, ""},
		{"end with reuse ff", [][]byte{okHead, ajptest.Packet(5, 0xFF)}, false, ajp.KindContent, ajp.StageHeadReceived, ajp.ErrReuse, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			script := ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(test.send...)}
			if test.reset {
				script = append(script, ajptest.Reset())
			}
			r := newRig(t, "tcp", nil, script)
			h := &host{}
			kept, err := r.exchange(t, get("/"), h, ajp.ExchangeOptions{})
			f := failure(t, err)
			require.Equal(t, test.kind, f.Kind, f)
			require.Equal(t, test.stage, f.Stage, f)
			if test.err != nil {
				require.Equal(t, test.err, f.Err)
			}
			require.False(t, f.BodyRead)
			require.False(t, f.BodyAsked)
			require.Equal(t, test.showed, h.bodies())
			require.Equal(t, test.showed != "", len(h.calls) > 0)
			require.False(t, kept)
			require.Equal(t, []ajp.Event{ajp.EventIncomplete}, r.log.events())
		})
	}
}

// TestExchange_EachMessageBroken lets each message of a response go wrong in each way; the next request gets a new
// connection and its own answer (CVE-2012-3502: no error path gives a dirty connection back).
func TestExchange_EachMessageBroken(t *testing.T) {
	faults := map[string]ajptest.Fault{
		"kill":     ajptest.Kill(),
		"truncate": ajptest.Truncate(5),
		"code":     ajptest.Edit(func(p []byte) []byte { p[4] = 0x7E; return p }),
		"magic":    ajptest.Edit(func(p []byte) []byte { p[0] = 'X'; return p }),
		"length":   ajptest.Edit(func(p []byte) []byte { p[2] = 0x7F; return p }),
		"drop":     ajptest.Edit(func(p []byte) []byte { return p[:len(p)-1] }),
		"twice":    ajptest.Edit(func(p []byte) []byte { return append(p, p...) }),
	}
	for name, fault := range faults {
		for message := 1; message <= 3; message++ {
			broken := ajptest.Script{
				ajptest.Break(message, fault), ajptest.ExpectURI("/first"),
				ajptest.Send(ajptest.Head(200, "", "X-For", "first"), ajptest.Chunk("first"), end),
			}
			sound := ajptest.Script{ajptest.ExpectURI("/second"), ajptest.Send(ajptest.Head(200, "", "X-For", "second"), ajptest.Chunk("second"), end), ajptest.ExpectGone()}
			if name == "twice" && message == 2 {
				continue // a longer body, nothing wrong
			}
			t.Run(fmt.Sprint(name, message), func(t *testing.T) {
				r := newRig(t, "tcp", nil, broken, sound)
				h := &host{}
				kept, err := r.exchange(t, get("/first"), h, ajp.ExchangeOptions{})
				require.False(t, kept)
				if name == "twice" && message == 3 { // the response is complete, the second end comes too late
					require.NoError(t, err)
				} else {
					require.Contains(t, []ajp.Kind{ajp.KindClosed, ajp.KindFraming, ajp.KindContent}, failure(t, err).Kind)
					require.Empty(t, h.calls)
				}
				h = &host{}
				_, err = r.exchange(t, get("/second"), h, ajp.ExchangeOptions{})
				require.NoError(t, err)
				require.Equal(t, "second", h.bodies())
				require.Equal(t, []ajp.Header{{Name: "X-For", Value: "second"}}, h.calls[0].headers)
			})
		}
	}
}
