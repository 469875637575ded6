// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// wired is a connection whose container has already sent everything: one receive call gets one segment.
func wired(t testing.TB, cfg *ajp.Config, segments ...[]byte) (c *ajp.Conn, peer int) {
	t.Helper()
	return wire(t, cfg, unix.SOCK_SEQPACKET, segments...)
}

func wire(t testing.TB, cfg *ajp.Config, kind int, segments ...[]byte) (c *ajp.Conn, peer int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	for _, segment := range segments {
		if len(segment) > 0 {
			require.NoError(t, unix.Send(fds[1], segment, unix.MSG_DONTWAIT))
		}
	}
	require.NoError(t, unix.Shutdown(fds[1], unix.SHUT_WR))
	c, err = ajp.NewConn(fds[0], cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		c.Free()
		_ = unix.Close(fds[1])
	})
	return c, fds[1]
}

func join(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// TestExchange_SplitAnywhere receives a response in two segments, cut at each byte, and in segments of one byte.
func TestExchange_SplitAnywhere(t *testing.T) {
	all := join(okHead, ajptest.Chunk("hello "), ajptest.Chunk("world"), end)
	check := func(segments ...[]byte) {
		c, _ := wired(t, &ajp.Config{}, segments...)
		h := &host{}
		require.NoError(t, c.Exchange(get("/"), h, &ajp.ExchangeOptions{}))
		require.True(t, c.Kept())
		require.Equal(t, []uint32{whole}, h.flags())
		require.Equal(t, "hello world", h.bodies())
		require.Equal(t, []ajp.Header{{Name: "Content-Type", Value: "text/plain"}, {Name: "X-A", Value: "1"}}, h.calls[0].headers)
		read, written := c.Traffic()
		require.Equal(t, uint64(len(all)), read)
		request, err := get("/").Append(nil)
		require.NoError(t, err)
		require.Equal(t, uint64(len(request)), written)
	}
	var bytes [][]byte
	for n := range all {
		check(all[:n], all[n:])
		bytes = append(bytes, all[n:n+1])
	}
	check(bytes...)
}

// TestExchange_CutAnywhere ends the connection after each byte of a response: never a success, never a part of it shown.
func TestExchange_CutAnywhere(t *testing.T) {
	all := join(okHead, ajptest.Chunk("hello "), end)
	for n := range all {
		c, _ := wired(t, &ajp.Config{}, all[:n])
		h := &host{}
		f := failure(t, c.Exchange(get("/"), h, &ajp.ExchangeOptions{}))
		boundary := n == 0 || n == len(okHead) || n == len(all)-len(end)
		want := map[bool]ajp.Kind{true: ajp.KindClosed, false: ajp.KindFraming}[boundary]
		require.Equal(t, want, f.Kind, "after %d bytes", n)
		require.Empty(t, h.calls)
		require.False(t, c.Kept())
	}
}

// TestExchange_FlushGoesOutBeforeTheNextWait cuts the response into segments where the container would wait.
func TestExchange_FlushGoesOutBeforeTheNextWait(t *testing.T) {
	a, b := ajptest.Chunk("a"), ajptest.Chunk("b")
	tests := []struct {
		name     string
		opts     ajp.ExchangeOptions
		segments [][]byte
		want     []call
	}{
		{"no flush: all at the end", ajp.ExchangeOptions{}, [][]byte{okHead, a, b, end}, []call{{flags: whole, body: "ab"}}},
		{"flush", ajp.ExchangeOptions{}, [][]byte{join(okHead, a, ajptest.Flush()), b, end}, []call{
			{flags: ajp.FlagHead | flush, body: "a"}, {flags: ajp.FlagEnd, body: "b"},
		}},
		{"flush alone", ajp.ExchangeOptions{}, [][]byte{okHead, a, ajptest.Flush(), ajptest.Flush(), end}, []call{
			{flags: ajp.FlagHead | flush, body: "a"}, {flags: flush}, {flags: ajp.FlagEnd},
		}},
		{"two flushes at once", ajp.ExchangeOptions{}, [][]byte{join(okHead, a, ajptest.Flush(), b, ajptest.Flush()), end}, []call{
			{flags: ajp.FlagHead | flush, body: "ab"}, {flags: ajp.FlagEnd},
		}},
		{"flush packets", ajp.ExchangeOptions{FlushPackets: true}, [][]byte{okHead, a, b, end}, []call{
			{flags: ajp.FlagHead | flush, body: "a"}, {flags: flush, body: "b"}, {flags: ajp.FlagEnd},
		}},
		{"flush header", ajp.ExchangeOptions{FlushHeader: true}, [][]byte{okHead, a, b, end}, []call{
			{flags: ajp.FlagHead | flush}, {flags: ajp.FlagEnd, body: "ab"},
		}},
		{"HEAD: at the first discarded chunk", ajp.ExchangeOptions{HeadOnly: true}, [][]byte{okHead, a, b, end}, []call{
			{flags: ajp.FlagHead | flush}, {flags: ajp.FlagEnd},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := wired(t, &ajp.Config{}, test.segments...)
			h := &host{}
			require.NoError(t, c.Exchange(get("/"), h, &test.opts))
			require.True(t, c.Kept())
			require.Len(t, h.calls, len(test.want))
			for i, want := range test.want {
				require.Equal(t, want.flags, h.calls[i].flags, "call %d", i)
				require.Equal(t, want.body, h.calls[i].body, "call %d", i)
				require.Equal(t, uint32(200), h.calls[i].status)
				require.Equal(t, want.flags&ajp.FlagHead != 0, len(h.calls[i].headers) > 0, "headers only with the head")
			}
		})
	}
}

// TestExchange_HoldsBack: less than HoldBack of a body is kept from the client until the end, so that a failure before is
// clean; from then on it flows.
func TestExchange_HoldsBack(t *testing.T) {
	tests := []struct {
		name string
		size int
		want bool
	}{{"one less", ajp.HoldBack - 1, false}, {"enough", ajp.HoldBack, true}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			half := test.size / 2
			c, _ := wired(t, &ajp.Config{}, okHead, ajptest.Chunk(strings.Repeat("a", half)), ajptest.Chunk(strings.Repeat("b", test.size-half)))
			h := &host{}
			f := failure(t, c.Exchange(get("/"), h, &ajp.ExchangeOptions{}))
			require.Equal(t, ajp.KindClosed, f.Kind)
			require.Equal(t, test.want, f.Stage == ajp.StageResponded)
			require.Equal(t, test.want, len(h.bodies()) == test.size)
			require.Equal(t, test.want, len(h.calls) == 1)
		})
	}
}

// TestExchange_LargeBodies sends bodies in chunks of all sizes, for all packet sizes, in one stream and in pieces.
func TestExchange_LargeBodies(t *testing.T) {
	tests := []struct {
		name          string
		packet, chunk int
		total         int
	}{
		{"Tomcat", 8192, 8184, 300_000},
		{"small chunks", 8192, 100, 100_000},
		{"bytes", 8192, 1, 30_000},
		{"largest packets", 65536, 65528, 1_000_000},
		{"largest packets, small chunks", 65536, 7, 100_000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var body strings.Builder
			script := ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(okHead)}
			var pending []byte
			for i := 0; body.Len() < test.total; i++ {
				data := strings.Repeat(string(rune('a'+i%26)), test.chunk)
				body.WriteString(data)
				if pending = append(pending, ajptest.Chunk(data)...); len(pending) > 50_000 {
					script = append(script, ajptest.Send(pending))
					pending = nil
				}
			}
			script = append(script, ajptest.Send(pending, end), ajptest.ExpectGone())
			r := newRig(t, "tcp", func(c *ajp.Config) { c.MaxPacketSize = test.packet }, script)
			h := &host{}
			kept, err := r.exchange(t, get("/"), h, ajp.ExchangeOptions{})
			require.NoError(t, err)
			require.True(t, kept)
			require.True(t, body.String() == h.bodies())
			require.Greater(t, len(h.calls), 1)
		})
	}
}

// TestExchange_LongestHead: as many headers as a packet holds.
func TestExchange_LongestHead(t *testing.T) {
	var headers []string
	for range (8192 - 8) / 5 {
		headers = append(headers, "Date", "")
	}
	head := ajptest.Head(200, "", headers...)
	require.LessOrEqual(t, len(head)-4, 8192)
	c, _ := wired(t, &ajp.Config{}, head[:100], head[100:], end)
	h := &host{}
	require.NoError(t, c.Exchange(get("/"), h, &ajp.ExchangeOptions{}))
	require.Len(t, h.calls[0].headers, len(headers)/2)
	require.Equal(t, ajp.Header{Name: "Date"}, h.calls[0].headers[len(headers)/2-1])
}

// TestExchange_LargestPackets: the buffer has room for the longest head, what is held back and the longest packet.
func TestExchange_LargestPackets(t *testing.T) {
	var headers []string
	for range 60 {
		headers = append(headers, "X-Long", strings.Repeat("v", 1070))
	}
	head := ajptest.Head(200, "", headers...)
	require.Greater(t, len(head), 64_000)
	held := ajptest.Chunk(strings.Repeat("h", ajp.HoldBack-1))
	largest := ajptest.Packet([]byte("\x03\xff\xfc" + strings.Repeat("b", 65532))...)
	require.Len(t, largest, 4+65535)
	tests := []struct {
		name string
		last []byte
		ok   bool
	}{{"all", end, true}, {"and then the end of the stream", nil, false}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := wired(t, &ajp.Config{MaxPacketSize: 65536}, head, held, largest[:40_000], largest[40_000:], test.last)
			h := &host{}
			err := c.Exchange(get("/"), h, &ajp.ExchangeOptions{})
			require.Equal(t, test.ok, err == nil)
			require.Len(t, h.calls[0].headers, 60)
			require.Len(t, h.bodies(), ajp.HoldBack-1+65532)
		})
	}
	c, _ := wired(t, &ajp.Config{MaxPacketSize: 65536}, head, held, largest[:65_538])
	h := &host{}
	require.Equal(t, ajp.KindFraming, failure(t, c.Exchange(get("/"), h, &ajp.ExchangeOptions{})).Kind)
	require.Zero(t, len(h.calls), "held back next to the longest packet")
}

// pointers is a host that checks where a response lies.
type pointers struct {
	t *testing.T
	c *ajp.Conn
}

func (p pointers) ReadBody([]byte, bool) (int, error) { return 0, nil }

func (p pointers) Respond(r *ajp.Response) error {
	require.True(p.t, p.c.Owns(unsafe.Pointer(r)))
	require.True(p.t, p.c.Owns(unsafe.Pointer(unsafe.StringData(r.Reason))))
	require.True(p.t, p.c.Owns(unsafe.Pointer(unsafe.SliceData(r.Headers))))
	require.True(p.t, p.c.Owns(unsafe.Pointer(unsafe.StringData(r.Headers[1].Name))))
	require.True(p.t, p.c.Owns(unsafe.Pointer(unsafe.SliceData(r.Body))))
	require.True(p.t, p.c.Owns(unsafe.Pointer(unsafe.StringData(r.Body[0]))))
	require.GreaterOrEqual(p.t, cap(r.Headers), len(r.Headers))
	return nil
}

// TestResponse_OutsideTheHeap: what C gets to see is never Go memory.
func TestResponse_OutsideTheHeap(t *testing.T) {
	c, _ := wired(t, &ajp.Config{}, join(okHead, ajptest.Chunk("x"), end))
	require.NoError(t, c.Exchange(get("/"), pointers{t, c}, &ajp.ExchangeOptions{}))
}

// TestLayout compares with gojk_header and gojk_response of mod_gojk.h.
func TestLayout(t *testing.T) {
	require.Equal(t, uintptr(32), unsafe.Sizeof(ajp.Header{}))
	require.Equal(t, uintptr(16), unsafe.Offsetof(ajp.Header{}.Value))
	require.Equal(t, uintptr(72), unsafe.Sizeof(ajp.Response{}))
	require.Equal(t, uintptr(0), unsafe.Offsetof(ajp.Response{}.Reason))
	require.Equal(t, uintptr(16), unsafe.Offsetof(ajp.Response{}.Headers))
	require.Equal(t, uintptr(40), unsafe.Offsetof(ajp.Response{}.Body))
	require.Equal(t, uintptr(64), unsafe.Offsetof(ajp.Response{}.Status))
	require.Equal(t, uintptr(68), unsafe.Offsetof(ajp.Response{}.Flags))
	require.Equal(t, []uint32{1, 2, 4}, []uint32{ajp.FlagHead, ajp.FlagFlush, ajp.FlagEnd})
}

func TestExchange_Timeouts(t *testing.T) {
	const short = 30 * time.Millisecond
	headAndFlush := join(okHead, ajptest.Chunk("a"), ajptest.Flush())
	tests := []struct {
		name          string
		socket, reply time.Duration
		send          []byte
		kind          ajp.Kind
		stage         ajp.Stage
		err           error
	}{
		{"reply", 0, short, nil, ajp.KindTimeout, ajp.StageSent, ajp.ErrReplyTimeout},
		{"reply, after head", 0, short, okHead, ajp.KindTimeout, ajp.StageHeadReceived, ajp.ErrReplyTimeout},
		{"reply, after flush", 0, short, headAndFlush, ajp.KindTimeout, ajp.StageResponded, ajp.ErrReplyTimeout},
		{"reply, inside a packet", 0, short, okHead[:9], ajp.KindTimeout, ajp.StageSent, ajp.ErrReplyTimeout},
		{"reply before socket", time.Minute, short, nil, ajp.KindTimeout, ajp.StageSent, ajp.ErrReplyTimeout},
		{"socket", short, 0, nil, ajp.KindClosed, ajp.StageSent, ajp.ErrSocketTimeout},
		{"socket before reply", short, time.Minute, nil, ajp.KindClosed, ajp.StageSent, ajp.ErrSocketTimeout},
		{"socket, inside a packet", short, 0, okHead[:9], ajp.KindClosed, ajp.StageSent, ajp.ErrSocketTimeout},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, "tcp", func(c *ajp.Config) { c.SocketTimeout = test.socket },
				ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(test.send), ajptest.ExpectGone()})
			began := time.Now()
			kept, err := r.exchange(t, get("/"), &host{}, ajp.ExchangeOptions{ReplyTimeout: test.reply})
			f := failure(t, err)
			require.Equal(t, []any{test.kind, test.stage, test.err}, []any{f.Kind, f.Stage, f.Err})
			require.False(t, kept)
			require.GreaterOrEqual(t, time.Since(began), short)
		})
	}
}

// TestExchange_TimeoutIsSetWhenItChanges follows SO_RCVTIMEO over requests with different timeouts.
func TestExchange_TimeoutIsSetWhenItChanges(t *testing.T) {
	r := newRig(t, "tcp", func(c *ajp.Config) { c.SocketTimeout = time.Minute }, ajptest.Script{ajptest.Serve(okHead, end)})
	for _, test := range []struct{ reply, want time.Duration }{
		{0, time.Minute}, {30 * time.Second, 30 * time.Second}, {2 * time.Minute, time.Minute}, {0, time.Minute},
	} {
		c := r.get(t)
		require.NoError(t, c.Exchange(get("/"), &host{}, &ajp.ExchangeOptions{ReplyTimeout: test.reply}))
		got, err := unix.GetsockoptTimeval(c.FD(), unix.SOL_SOCKET, unix.SO_RCVTIMEO)
		require.NoError(t, err)
		require.Equal(t, test.want, time.Duration(got.Nano()))
		require.Equal(t, test.want, c.RecvTimeout())
		r.pool.Put(c)
	}
	// And it is left alone while it does not change.
	c := r.get(t)
	odd := unix.NsecToTimeval(int64(7 * time.Second))
	require.NoError(t, unix.SetsockoptTimeval(c.FD(), unix.SOL_SOCKET, unix.SO_RCVTIMEO, &odd))
	r.use(t, c)
	got, err := unix.GetsockoptTimeval(c.FD(), unix.SOL_SOCKET, unix.SO_RCVTIMEO)
	require.NoError(t, err)
	require.Equal(t, odd, *got)
	r.pool.Put(c)
	require.Equal(t, 1, r.log.made)
}
