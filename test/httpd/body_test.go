// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// large is the size of a large body, in bytes.
const large = 16 << 20

// noise returns bytes that differ from place to place, so that nothing lost, repeated or moved goes unnoticed.
func noise(n int) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return string(b)
}

func sum(data string) string {
	return fmt.Sprintf("%d bytes, %x", len(data), sha256.Sum256([]byte(data)))
}

// chunked is a body in the chunked coding.
func chunked(data string, size int) string {
	var b strings.Builder
	for rest := data; rest != ""; {
		n := min(size, len(rest))
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, rest[:n])
		rest = rest[n:]
	}
	return b.String() + "0\r\n\r\n"
}

// body returns the request body that the containers have got.
func (s *site) body() string {
	var b strings.Builder
	for _, r := range s.Take() {
		b.Write(r.Data)
	}
	return b.String()
}

// TestBody: requests and responses with and without bodies, all on one connection: whatever is left over or missing spoils the next.
func TestBody(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* a"})
	a, c := s.container["a"], s.dial(t)
	text := noise(100_000)
	whole := harness.Do(harness.Head(200, "OK", "Content-Length", fmt.Sprint(len(text))), harness.Chunks(text, 8184), harness.End())
	readAll := []harness.Action{harness.ReadBody(8186), harness.Head(200, "OK", "Content-Length", "4"), harness.Chunk("done"), harness.End()}
	tests := []struct {
		name, request string
		script        harness.Script
		sent          string // request body that the container is to get
		status        int
		framing       harness.Framing // empty: depends on what arrives together
		body          string          // of the response
	}{
		{"GET, Content-Length", requestOn("GET", "/app/x"), whole, "", 200, harness.FramingLength, text},
		{
			"GET, length unknown", requestOn("GET", "/app/x"), harness.Do(harness.Head(200, "OK"), harness.Chunks(text, 8184), harness.End()),
			"", 200, harness.FramingChunked, text,
		},
		{
			"GET, flushed in pieces", requestOn("GET", "/app/x"),
			harness.Do(harness.Head(200, "OK"), harness.Flush(), harness.Chunk("a"), harness.Flush(), harness.Flush(), harness.Chunk("b"), harness.End()),
			"", 200, "", "ab",
		},
		{"GET, empty", requestOn("GET", "/app/x"), harness.Answer(200, "text/plain", ""), "", 200, harness.FramingLength, ""},
		{"HEAD", requestOn("HEAD", "/app/x"), harness.Do(harness.Head(200, "OK", "Content-Length", "12345"), harness.End()), "", 200, harness.FramingNone, ""},
		{"HEAD, the container sends a body", requestOn("HEAD", "/app/x"), whole, "", 200, harness.FramingNone, ""},
		{"204", requestOn("GET", "/app/x"), harness.Do(harness.Head(204, "No Content"), harness.End()), "", 204, harness.FramingNone, ""},
		{"204, the container sends a body", requestOn("GET", "/app/x"), harness.Do(harness.Head(204, "No Content"), harness.Chunk("oops"), harness.End()), "", 204, harness.FramingNone, ""},
		{"304", requestOn("GET", "/app/x", `If-None-Match: "x"`), harness.Do(harness.Head(304, "Not Modified", "ETag", `"x"`), harness.End()), "", 304, harness.FramingNone, ""},
		{"error with a body", requestOn("GET", "/app/x"), harness.Answer(404, "text/plain", "sorry"), "", 404, harness.FramingLength, "sorry"},
		{
			"POST, Content-Length", requestOn("POST", "/app/x", fmt.Sprintf("Content-Length: %d", len(text))) + text, harness.Do(readAll...),
			text, 200, harness.FramingLength, "done",
		},
		{"POST, chunked", requestOn("POST", "/app/x", "Transfer-Encoding: chunked") + chunked(text, 3000), harness.Do(readAll...), text, 200, harness.FramingLength, "done"},
		{"POST, chunked, empty", requestOn("POST", "/app/x", "Transfer-Encoding: chunked") + chunked("", 1), harness.Do(readAll...), "", 200, harness.FramingLength, "done"},
		{"POST, empty", requestOn("POST", "/app/x", "Content-Length: 0"), harness.Do(readAll[1:]...), "", 200, harness.FramingLength, "done"},
		{
			"POST, the container does not read it", requestOn("POST", "/app/x", fmt.Sprintf("Content-Length: %d", len(text))) + text, harness.Do(readAll[1:]...),
			text[:8186], 200, harness.FramingLength, "done",
		},
		{
			"POST, chunked, the container does not read it", requestOn("POST", "/app/x", "Transfer-Encoding: chunked") + chunked(text, 5000), harness.Do(readAll[1:]...),
			"", 200, harness.FramingLength, "done",
		},
		{"GET, last", requestOn("GET", "/app/x"), harness.Answer(200, "text/plain", "last"), "", 200, harness.FramingLength, "last"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a.Script(tt.script)
			s.Take()
			r := ask(t, c, tt.request)
			require.Equal(t, harness.EndComplete, r.End, "%s", r.StatusLine)
			require.Equal(t, tt.status, r.Status)
			if tt.framing != "" {
				require.Equal(t, tt.framing, r.Framing)
			}
			require.Equal(t, sum(tt.body), sum(string(r.Body)))
			require.Equal(t, sum(tt.sent), sum(s.body()))
			require.NoError(t, a.Settle(patience))
			require.Equal(t, 1, a.Open(), "one connection serves them all")
		})
	}
	s.requireIdle(t)
}

// TestBody_Head: what HEAD says about the body is what GET would.
func TestBody_Head(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* a"})
	s.container["a"].Script(harness.Do(harness.Head(200, "OK", "Content-Length", "12345", "ETag", `"x"`), harness.End()))
	r := s.do(t, request("HEAD", "/app/x"))
	require.Equal(t, harness.EndComplete, r.End)
	require.Equal(t, "12345", r.Header("Content-Length"))
	require.Equal(t, `"x"`, r.Header("ETag"))
	require.Equal(t, "HEAD", s.requests()[0].Request.Method())
}

// TestBody_Continue: a client that waits before it sends its body is told to go on.
func TestBody_Continue(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* a"})
	for _, tt := range []struct{ name, header, body string }{
		{"Content-Length", "Content-Length: 5", "hello"},
		{"chunked", "Transfer-Encoding: chunked", chunked("hello", 2)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.Take()
			s.container["a"].Script(harness.Do(harness.ReadBody(100), harness.Head(200, "OK"), harness.End()))
			c := s.dial(t)
			require.NoError(t, c.Send(requestOn("POST", "/app/x", "Expect: 100-continue", tt.header)))
			line, err := c.ReadInterim(patience)
			require.NoError(t, err)
			require.Equal(t, "HTTP/1.1 100 Continue", line)
			r := ask(t, c, tt.body)
			require.Equal(t, 200, r.Status)
			require.Equal(t, "hello", s.body())
		})
	}
	t.Run("refused without asking for the body", func(t *testing.T) {
		s.container["a"].Script(harness.Do(harness.Head(403, "Forbidden"), harness.End()))
		c := s.dial(t)
		require.NoError(t, c.Send(request("POST", "/app/x", "Expect: 100-continue", "Transfer-Encoding: chunked")))
		r := c.ReadResponse("POST", patience)
		require.Equal(t, 403, r.Status)
		require.Empty(t, r.Interim)
	})
}

// TestBody_AnsweredEarly: a container may answer before it has the whole body, whether the rest has come (and was read ahead), comes later, or never comes
// because the client waits for the answer. None of it gets into the next request.
func TestBody_AnsweredEarly(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* a", children: 1})
	a, data := s.container["a"], noise(100_000)
	two := harness.Do(harness.GetBody(8186), harness.GetBody(8186), harness.Head(200, "OK"), harness.Chunk("enough"), harness.End())
	for _, tt := range []struct {
		name, header string
		now, later   string
	}{
		{"the rest has come", "Content-Length: 100000", data, ""},
		{"the rest comes later", "Content-Length: 100000", data[:30_000], data[30_000:]},
		{"the rest never comes", "Content-Length: 100000", data[:30_000], ""},
		{"chunked, the rest has come", "Transfer-Encoding: chunked", chunked(data, 5000), ""},
		{"chunked, the rest comes later", "Transfer-Encoding: chunked", chunked(data, 5000)[:30_000], chunked(data, 5000)[30_000:]},
		{"chunked, the rest never comes", "Transfer-Encoding: chunked", chunked(data, 5000)[:30_000], ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.Script(two)
			s.Take()
			c := s.dial(t)
			require.NoError(t, c.Send(request("POST", "/app/x", tt.header)+tt.now))
			r := c.ReadResponse("POST", patience)
			require.Equal(t, 200, r.Status)
			require.Equal(t, "enough", string(r.Body))
			_ = c.Send(tt.later) // httpd may have closed the connection
			require.True(t, strings.HasPrefix(data, s.body()), "what the container got is the beginning of the body")
			a.Script(harness.Answer(200, "text/plain", "next"))
			require.Equal(t, "next", string(s.get(t, "/app/y").Body))
		})
	}
	s.requireIdle(t)
}

// TestBody_ReadAheadFails: a client that breaks off while its body is read ahead fails when the container asks for what is missing, and not before.
func TestBody_ReadAheadFails(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* a", children: 1})
	a, data := s.container["a"], noise(50_000)
	for _, tt := range []struct{ name, body string }{
		{"Content-Length", request("POST", "/app/x", "Content-Length: 100000") + data},
		{"chunked", request("POST", "/app/x", "Transfer-Encoding: chunked") + chunked(data, 5000)[:40_000]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.Script(harness.Do(harness.ReadBody(8186), harness.Head(200, "OK"), harness.Chunk("complete?"), harness.End()))
			c := s.dial(t)
			require.NoError(t, c.Send(tt.body))
			require.NoError(t, c.CloseWrite())
			r := c.ReadResponse("POST", patience)
			require.Equal(t, 400, r.Status, "%+v", r)
			require.NotContains(t, string(r.Body), "complete?")
			a.Script(harness.Answer(200, "text/plain", "next"))
			require.Equal(t, "next", string(s.get(t, "/app/y").Body))
		})
	}
	s.requireIdle(t)
}

// TestBody_Large: 16 MiB, up and down, with and without Content-Length.
func TestBody_Large(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* a", children: 1})
	a, data := s.container["a"], noise(large)
	size := fmt.Sprint(len(data))
	t.Run("down, Content-Length", func(t *testing.T) {
		a.Script(harness.Do(harness.Head(200, "OK", "Content-Length", size), harness.Chunks(data, 8184), harness.End()))
		r := s.get(t, "/app/x")
		require.Equal(t, sum(data), sum(string(r.Body)))
	})
	t.Run("down, chunked", func(t *testing.T) {
		a.Script(harness.Do(harness.Head(200, "OK"), harness.Chunks(data, 8184), harness.End()))
		r := s.get(t, "/app/x")
		require.Equal(t, harness.FramingChunked, r.Framing)
		require.Equal(t, sum(data), sum(string(r.Body)))
	})
	up := harness.Do(harness.ReadBody(8186), harness.Head(200, "OK"), harness.Chunk("done"), harness.End())
	t.Run("up, Content-Length", func(t *testing.T) {
		a.Script(up)
		s.Take()
		r := s.do(t, request("POST", "/app/x", "Content-Length: "+size)+data)
		require.Equal(t, "done", string(r.Body))
		require.Equal(t, sum(data), sum(s.body()))
	})
	t.Run("up, chunked", func(t *testing.T) {
		a.Script(up)
		s.Take()
		r := s.do(t, request("POST", "/app/x", "Transfer-Encoding: chunked")+chunked(data, 10_000))
		require.Equal(t, "done", string(r.Body))
		require.Equal(t, sum(data), sum(s.body()))
	})
	require.NoError(t, a.Settle(patience))
	require.Equal(t, 1, a.Open(), "one connection serves them all")
	s.requireIdle(t)
}

// TestBody_SlowReader: a client that does not read holds up the container, not memory, and nobody else; it gets everything in the end.
func TestBody_SlowReader(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* a"})
	data := noise(large)
	s.container["a"].Script(harness.Do(harness.Head(200, "OK"), harness.Chunks(data, 8184), harness.End()))
	dialer := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	conn, err := dialer.Dial("tcp", s.Addr())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, request("GET", "/app/x"))
	require.NoError(t, err)
	port := conn.LocalAddr().(*net.TCPAddr).Port
	await(t, "httpd to wait for the client", func() bool {
		for _, k := range sockets(t) {
			if k.local == s.Ports[0] && k.remote == port && k.unsent > 0 {
				return true
			}
		}
		return false
	})
	for range 3 {
		s.requireAnswer(t, "/app/y", "a")
	}
	require.EqualValues(t, 1, worker(t, s.shared(t), "a").Busy())
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(patience)))
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer r.Body.Close()
	got, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Equal(t, sum(data), sum(string(got)))
	s.requireIdle(t)
}
