// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// seed adds the payloads of all messages that go a way, and what cutting and stretching makes of them.
func seed(f *testing.F, dir ajp.Direction) {
	for _, m := range messages {
		if m.dir != dir {
			continue
		}
		payload := golden(f, m.want)[4:]
		f.Add(payload)
		f.Add(payload[:len(payload)/2])
		f.Add(append(payload[:len(payload):len(payload)], 0xFF, 0xFF, 0))
	}
}

// fuzzMessage decodes anything. What can be decoded can be encoded, and then decodes to the same again. normal, if there is
// one, takes away what may differ.
func fuzzMessage[M any, P interface {
	*M
	Decode(payload []byte) error
}](f *testing.F, dir ajp.Direction, encode func(m *M) ([]byte, error), normal func(m *M),
) {
	seed(f, dir)
	f.Fuzz(func(t *testing.T, payload []byte) {
		var m, again M
		if P(&m).Decode(payload[:len(payload):len(payload)]) != nil {
			return
		}
		packet, err := encode(&m)
		var tooLarge *ajp.TooLargeError
		if errors.As(err, &tooLarge) {
			return // longer than what came: a NUL was added
		}
		require.NoError(t, err)
		payload, rest, err := ajp.SplitPacket(packet, dir, 0xFFFF)
		require.NoError(t, err)
		require.Empty(t, rest)
		require.NoError(t, P(&again).Decode(payload))
		if normal != nil {
			normal(&m)
			normal(&again)
		}
		require.Equal(t, m, again)
	})
}

// lowerNames: names that have a code come back as the table spells them.
func lowerNames(headers []ajp.Header) {
	for i := range headers {
		headers[i].Name = strings.ToLower(headers[i].Name)
	}
}

func FuzzForwardRequest(f *testing.F) {
	fuzzMessage(f, ajp.ToContainer, func(m *ajp.ForwardRequest) ([]byte, error) { return m.Append(nil) },
		func(m *ajp.ForwardRequest) { lowerNames(m.Headers) })
}

func FuzzBodyChunk(f *testing.F) {
	fuzzMessage(f, ajp.ToContainer, func(m *ajp.BodyChunk) ([]byte, error) { return m.Append(nil) }, nil)
}

func FuzzSendHeaders(f *testing.F) {
	fuzzMessage(f, ajp.FromContainer, func(m *ajp.SendHeaders) ([]byte, error) { return m.Append(nil) },
		func(m *ajp.SendHeaders) { lowerNames(m.Headers) })
}

func FuzzSendBodyChunk(f *testing.F) {
	fuzzMessage(f, ajp.FromContainer, func(m *ajp.SendBodyChunk) ([]byte, error) { return m.Append(nil) }, nil)
}

func FuzzEndResponse(f *testing.F) {
	fuzzMessage(f, ajp.FromContainer, func(m *ajp.EndResponse) ([]byte, error) { return m.Append(nil), nil }, nil)
}

func FuzzGetBodyChunk(f *testing.F) {
	fuzzMessage(f, ajp.FromContainer, func(m *ajp.GetBodyChunk) ([]byte, error) { return m.Append(nil), nil }, nil)
}

func FuzzSignal(f *testing.F) {
	seed(f, ajp.ToContainer)
	seed(f, ajp.FromContainer)
	f.Fuzz(func(t *testing.T, payload []byte) {
		var m ajp.Signal
		if m.Decode(payload) == nil {
			require.Equal(t, payload, m.Append(nil)[4:])
		}
	})
}

func FuzzSplitPacket(f *testing.F) {
	f.Add([]byte("\x41\x42\x00\x02\x05\x01\x41\x42"), 8192)
	f.Add([]byte("\x41\x42\x20\x01"), 8192)
	f.Add([]byte("HTTP/1.1 400"), 8192)
	f.Fuzz(func(t *testing.T, buf []byte, limit int) {
		payload, rest, err := ajp.SplitPacket(buf, ajp.FromContainer, limit)
		if err != nil {
			require.Nil(t, payload)
			require.Equal(t, buf, rest)
			return
		}
		require.LessOrEqual(t, len(payload), limit)
		require.Equal(t, buf, join([]byte{0x41, 0x42, byte(len(payload) >> 8), byte(len(payload))}, payload, rest))
	})
}

// strict is a host that checks that what it is shown can go to a client.
type strict struct {
	t     *testing.T
	calls int
	ended bool
}

func (h *strict) ReadBody(p []byte, _ bool) (int, error) { return copy(p, "body"), nil }

func (h *strict) Respond(r *ajp.Response) error {
	require.Equal(h.t, h.calls == 0, r.Flags&ajp.FlagHead != 0, "the head comes first and once")
	require.False(h.t, h.ended, "nothing comes after the end")
	h.calls++
	h.ended = r.Flags&ajp.FlagEnd != 0
	require.GreaterOrEqual(h.t, r.Status, uint32(200))
	require.LessOrEqual(h.t, r.Status, uint32(999))
	requireClean(h.t, r.Reason)
	for _, header := range r.Headers {
		require.NotEmpty(h.t, header.Name)
		require.NotContains(h.t, header.Name, ":")
		requireClean(h.t, header.Name)
		requireClean(h.t, header.Value)
	}
	for _, chunk := range r.Body {
		require.NotEmpty(h.t, chunk)
	}
	return nil
}

func requireClean(t *testing.T, s string) {
	for i := range len(s) {
		require.False(t, s[i] < ' ' && s[i] != '\t' || s[i] == 0x7F, "%q", s)
	}
}

// FuzzExchange lets a container send anything, in two segments.
func FuzzExchange(f *testing.F) {
	chunk := ajptest.Chunk("hello")
	for i, response := range [][]byte{
		join(okHead, chunk, end), join(okHead, end), join(okHead, chunk, ajptest.Flush(), chunk, ajptest.End(false)),
		join(ajptest.Get(100), okHead, ajptest.Get(8186), chunk, end), join(okHead, end, chunk), join(okHead, okHead, end),
		join(ajptest.Flush(), chunk, end), join(okHead, ajptest.Pong(), end), []byte("HTTP/1.1 400 Bad Request\r\n\r\n"),
		ajptest.Head(200, "a\nb", "c\r", "d\x00"), end, nil, join(okHead, ajptest.Packet(3, 0, 9, 'x')),
	} {
		f.Add(response, uint16(i*7), byte(i))
	}
	f.Fuzz(func(t *testing.T, response []byte, cut uint16, options byte) {
		if len(response) > 60_000 {
			return // more than the pair of sockets holds
		}
		at := min(int(cut), len(response))
		c, peer := wired(t, &ajp.Config{}, response[:at], response[at:])
		h := &strict{t: t}
		o := ajp.ExchangeOptions{
			FlushPackets: options&1 != 0, FlushHeader: options&2 != 0, HeadOnly: options&4 != 0, BodyUnknown: options&8 != 0,
		}
		if options&16 != 0 {
			o.FirstChunk = []byte("first")
		}
		seen := &tap{}
		c.SetTap(seen)
		drained := make(chan struct{})
		go drain(peer, drained)
		err := c.Exchange(post(), h, &o)
		require.NoError(t, unix.Shutdown(c.FD(), unix.SHUT_WR))
		<-drained
		require.True(t, strings.HasPrefix(string(response), seen.joined()), "a tap sees what comes, once and in order")
		require.Equal(t, err == nil, h.ended)
		if err != nil {
			fail := failure(t, err)
			require.NotEmpty(t, fail.Error())
			require.Equal(t, h.calls > 0, fail.Stage == ajp.StageResponded)
			require.NotEqual(t, ajp.StageNotSent, fail.Stage)
			require.False(t, c.Kept())
		}
	})
}

// drain reads what is sent until the other side closes, so that a container which keeps asking for body cannot block it.
func drain(fd int, done chan<- struct{}) {
	defer close(done)
	buf := make([]byte, 1<<16)
	for n := 1; n > 0; {
		n, _ = unix.Read(fd, buf)
	}
}
