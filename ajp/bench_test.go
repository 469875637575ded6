// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// browser is a request as a browser behind mod_gojk sends it.
func browser() *ajp.ForwardRequest {
	return &ajp.ForwardRequest{
		Method: "GET", Protocol: "HTTP/1.1", URI: "/app/page.jsp", RemoteAddr: "192.0.2.17", ServerName: "www.example.org",
		ServerPort: 80, HasQuery: true, Query: "id=42", ContentLengthZero: true,
		Headers: []ajp.Header{
			{Name: "Host", Value: "www.example.org"},
			{Name: "User-Agent", Value: "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"},
			{Name: "Accept", Value: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
			{Name: "Accept-Language", Value: "en-US,en;q=0.5"},
			{Name: "Accept-Encoding", Value: "gzip, deflate, br"},
			{Name: "Connection", Value: "keep-alive"},
			{Name: "Upgrade-Insecure-Requests", Value: "1"},
			{Name: "Cookie", Value: "JSESSIONID=0123456789ABCDEF0123456789ABCDEF.n1"},
		},
		Attributes: []ajp.Header{
			{Name: "AJP_REMOTE_PORT", Value: "51234"},
			{Name: "AJP_LOCAL_ADDR", Value: "192.0.2.1"},
			{Name: "JK_LB_ACTIVATION", Value: "ACT"},
		},
	}
}

var smallHead = ajptest.Head(200, "200", "Content-Type", "text/html;charset=UTF-8", "Content-Length", "128",
	"Set-Cookie", "JSESSIONID=0123456789ABCDEF0123456789ABCDEF.n1; Path=/app; HttpOnly", "X-Served-By", "n1")

// nobody is a host that allocates nothing.
type nobody struct{ bytes int }

func (h *nobody) ReadBody(p []byte, _ bool) (int, error) { return len(p), nil }

func (h *nobody) Respond(r *ajp.Response) error {
	for _, chunk := range r.Body {
		h.bytes += len(chunk)
	}
	return nil
}

// prebaked is a container that reads single packets and answers each in one call with the same bytes, allocating nothing.
// Its own work is part of what the benchmarks of exchanges measure.
func prebaked(b testing.TB, answers ...[]byte) *ajp.Pool {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(b, err)
	require.NoError(b, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(b, unix.Listen(fd, 16))
	sa, err := unix.Getsockname(fd)
	require.NoError(b, err)
	p := ajp.NewPool(&ajp.Config{Address: loopback(sa.(*unix.SockaddrInet4).Port), PoolSize: 8}, nil)
	b.Cleanup(func() {
		p.Close()
		_ = unix.Shutdown(fd, unix.SHUT_RDWR) // ends accept
	})
	go func() {
		defer unix.Close(fd)
		for {
			conn, _, err := unix.Accept4(fd, unix.SOCK_CLOEXEC)
			if err != nil {
				return
			}
			_ = unix.SetsockoptInt(conn, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
			go bake(conn, answers)
		}
	}()
	return p
}

// bake sends the next answer for each packet that comes, until the other side closes.
func bake(fd int, answers [][]byte) {
	defer unix.Close(fd)
	buf := make([]byte, 1<<17)
	for have, next := 0, 0; ; {
		n, err := unix.Read(fd, buf[have:])
		if err != nil || n <= 0 {
			return
		}
		have += n
		for {
			_, rest, err := ajp.SplitPacket(buf[:have], ajp.ToContainer, 0xFFFF)
			if err != nil {
				break
			}
			have = copy(buf, rest)
			if _, err := unix.Write(fd, answers[next]); err != nil {
				return
			}
			next = (next + 1) % len(answers)
		}
	}
}

// smallExchange is one small GET: take a connection, exchange, give it back.
func smallExchange(p *ajp.Pool, req *ajp.ForwardRequest, h ajp.Host, o ajp.ExchangeOptions) error {
	c, err := p.Get()
	if err != nil {
		return err
	}
	err = c.Exchange(req, h, &o)
	p.Put(c)
	return err
}

var small = join(smallHead, ajptest.Chunk(numbered(128)), end)

// TestExchange_AllocatesNothing is the promise that the benchmarks show; it fails where they would only print.
func TestExchange_AllocatesNothing(t *testing.T) {
	req, h := browser(), &nobody{}
	ask := ajptest.Get(8186)
	upload := [][]byte{{}, ask, ask, small} // head, unasked packet, two more
	first := []byte(numbered(8186))
	tests := []struct {
		name    string
		answers [][]byte
		opts    ajp.ExchangeOptions
	}{
		{"small GET", [][]byte{small}, ajp.ExchangeOptions{}},
		{"large response", [][]byte{join(smallHead, ajptest.Chunk(numbered(8184)), ajptest.Chunk(numbered(8184)), ajptest.Flush(), ajptest.Chunk("x"), end)}, ajp.ExchangeOptions{}},
		{"upload", upload, ajp.ExchangeOptions{FirstChunk: first, BodyRest: 2 * 8186}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := prebaked(t, test.answers...)
			got := testing.AllocsPerRun(100, func() {
				if err := smallExchange(p, req, h, test.opts); err != nil {
					t.Error(err)
				}
			})
			require.Zero(t, got)
			require.Equal(t, 1, p.Open())
		})
	}
}

func BenchmarkExchange_SmallGET(b *testing.B) {
	p, req, h := prebaked(b, small), browser(), &nobody{}
	b.ReportAllocs()
	for b.Loop() {
		if err := smallExchange(p, req, h, ajp.ExchangeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	require.Equal(b, 1, p.Open())
}

func BenchmarkExchange_SmallGETParallel(b *testing.B) {
	p := prebaked(b, small)
	b.ReportAllocs()
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		req, h := browser(), &nobody{}
		for pb.Next() {
			if err := smallExchange(p, req, h, ajp.ExchangeOptions{}); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkExchange_1MB(b *testing.B) {
	var answer []byte
	for range 128 {
		answer = append(answer, ajptest.Chunk(numbered(8184))...)
	}
	p, req, h := prebaked(b, join(smallHead, answer, end)), browser(), &nobody{}
	b.ReportAllocs()
	b.SetBytes(128 * 8184)
	for b.Loop() {
		if err := smallExchange(p, req, h, ajp.ExchangeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPool_GetPut(b *testing.B) {
	p := prebaked(b, small)
	b.ReportAllocs()
	for b.Loop() {
		c, err := p.Get()
		if err != nil {
			b.Fatal(err)
		}
		p.Put(c)
	}
}

func BenchmarkForwardRequest_Append(b *testing.B) {
	req, buf := browser(), make([]byte, 0, 8192)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := req.Append(buf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkForwardRequest_Decode(b *testing.B) {
	packet, err := browser().Append(nil)
	require.NoError(b, err)
	var r ajp.ForwardRequest
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Decode(packet[4:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSendHeaders_Append(b *testing.B) {
	var m ajp.SendHeaders
	require.NoError(b, m.Decode(smallHead[4:]))
	buf := make([]byte, 0, 8192)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Append(buf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSendHeaders_Decode(b *testing.B) {
	var m ajp.SendHeaders
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Decode(smallHead[4:]); err != nil {
			b.Fatal(err)
		}
	}
}
