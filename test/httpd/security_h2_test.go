// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// Frames of HTTP/2 (RFC 9113, 6).
const (
	frameData     = 0
	frameHeaders  = 1
	frameReset    = 3
	frameSettings = 4
	frameGoAway   = 7

	flagEndStream  = 1
	flagAck        = 1
	flagEndHeaders = 4
)

// h2 is a client of HTTP/2 that sends frames as they are, without TLS. One goroutine at a time.
type h2 struct {
	conn   net.Conn
	stream uint32 // of the last request
}

// dialH2 connects, and has said hello.
func dialH2(t *testing.T, addr string) *h2 {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	require.NoError(t, err)
	c := &h2{conn: conn}
	c.send(frameSettings, 0, 0, nil)
	return c
}

func (c *h2) send(kind, flags byte, stream uint32, payload []byte) {
	head := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind))
	head = binary.BigEndian.AppendUint32(append(head, flags), stream)
	_, _ = c.conn.Write(append(head, payload...)) // httpd may have gone away over what came before; outcome sees it
}

// request opens the next stream. Headers are names and values, sent as literals without compression.
func (c *h2) request(end bool, headers ...string) {
	c.stream = max(c.stream+2, 1) | 1
	var block []byte
	for i, text := range headers {
		if i%2 == 0 {
			block = append(block, 0)
		}
		block = append(append(block, byte(len(text))), text...)
	}
	flags := byte(flagEndHeaders)
	if end {
		flags |= flagEndStream
	}
	c.send(frameHeaders, flags, c.stream, block)
}

// data sends a part of the body.
func (c *h2) data(end bool, text string) {
	flags := byte(0)
	if end {
		flags = flagEndStream
	}
	c.send(frameData, flags, c.stream, []byte(text))
}

// outcome waits for the end of the last stream: "200" if it was answered so, "another status", "reset", "gone".
func (c *h2) outcome() (status string) {
	for {
		var head [9]byte
		if _, err := io.ReadFull(c.conn, head[:]); err != nil {
			return "gone"
		}
		payload := make([]byte, binary.BigEndian.Uint32(head[:])>>8)
		if _, err := io.ReadFull(c.conn, payload); err != nil {
			return "gone"
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			c.send(frameSettings, flagAck, 0, nil)
		case kind == frameGoAway:
			return "gone"
		case stream != c.stream:
		case kind == frameHeaders:
			status = "another status"
			if payload[0] == 0x88 { // :status 200 of the static table
				status = "200"
			}
		case kind == frameReset:
			return "reset"
		}
		if stream == c.stream && stream != 0 && flags&flagEndStream != 0 && kind != frameReset {
			return status
		}
	}
}

// finish ends the connection and waits for httpd to do the same, which it does when none of the connection's streams is being worked on any more.
func (c *h2) finish(t *testing.T) {
	t.Helper()
	_ = c.conn.(*net.TCPConn).CloseWrite() // fails if httpd has closed it
	_, err := io.Copy(io.Discard, c.conn)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
}

// TestSecurity_SmugglingOverHTTP2: a request of HTTP/2 has a length and may say another (RFC 9113, 8.1.1), and its headers may hold what in HTTP/1.1 would be a line. The container
// is told what is true, or is not asked.
//
// mod_http2 2.0.42 of httpd 2.4.71 crashes now and then when it resets such a stream, also without this module (in mod_logio, called with the connection of a stream that has
// not begun). So a child may end here.
func TestSecurity_SmugglingOverHTTP2(t *testing.T) {
	s := prepare(t, plan{containers: "a", workers: "worker.a.retries=1\n", config: "JkMount /app/* a\nProtocols h2c http/1.1\n", children: 2, options: func(o *harness.Options) {
		o.Modules = []string{"http2"}
	}})
	require.NoError(t, s.Start())
	const target = ":path"
	base := []string{":method", "POST", ":scheme", "http", ":authority", "localhost", target, "/app/x"}
	with := func(headers ...string) []string { return append(slices.Clone(base), headers...) }
	tests := []struct {
		name    string
		headers []string
		data    []string
		seen    []string // nil: the stream is reset, sooner or later
	}{
		{"no length", base, []string{"hello"}, []string{"POST /app/x TE=chunked body=hello"}},
		{"right length", with("content-length", "5"), []string{"hel", "lo"}, []string{"POST /app/x CL=5 body=hello"}},
		{"more than announced", with("content-length", "3"), []string{"hello"}, nil},
		{"much more", with("content-length", "5"), []string{"hello", smuggled}, nil},
		{"less", with("content-length", "50"), []string{"hello"}, nil},
		{"nothing announced", with("content-length", "0"), []string{smuggled}, nil},
		{"two lengths", with("content-length", "5", "content-length", "6"), []string{"hello"}, nil},
		{"length that is none", with("content-length", "+5"), []string{"hello"}, nil},
		{"Transfer-Encoding", with("transfer-encoding", "chunked"), []string{"0\r\n\r\n" + smuggled}, nil},
		{"Transfer-Encoding and a length", with("transfer-encoding", "chunked", "content-length", "5"), []string{"hello"}, nil},
		{"Connection", with("connection", "keep-alive"), []string{"hello"}, nil},
		{"line in a value", with("x-own", "a\r\ntransfer-encoding: chunked"), []string{"hello"}, nil},
		{"line in a name", with("x-own: a\r\ny", "v"), []string{"hello"}, nil},
		{"colon in a name", with("transfer-encoding: chunked", ""), []string{"hello"}, nil},
		{"second path", with(target, "/app/smuggled"), []string{"hello"}, nil},
		{"line in the method", []string{":method", "POST /app/smuggled HTTP/1.1\r\nX:", ":scheme", "http", ":authority", "localhost", target, "/app/x"}, []string{""}, nil},
		{"line in the authority", []string{":method", "GET", ":scheme", "http", ":authority", "localhost\r\nX: y", target, "/app/x"}, []string{""}, nil},
		{"line in the path", []string{":method", "GET", ":scheme", "http", ":authority", "localhost", target, "/app/x HTTP/1.1\r\nX: y"}, []string{""}, nil},
		{"NUL in the path", []string{":method", "GET", ":scheme", "http", ":authority", "localhost", target, "/app/x\x00y"}, []string{""}, nil},
		{"no path", []string{":method", "GET", ":scheme", "http", ":authority", "localhost"}, []string{""}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.container["a"].Script(whole)
			c := dialH2(t, s.Addr())
			c.request(false, tt.headers...)
			for i, text := range tt.data {
				c.data(i == len(tt.data)-1, text)
			}
			status := c.outcome()
			c.finish(t)
			await(t, "the next request to be answered", func() bool { return s.try("/app/next") == "" })
			s.container["a"].ClearScripts()
			all := s.seen(t)
			require.Contains(t, all[len(all)-1], "/app/next")
			if all = all[:len(all)-1]; tt.seen != nil {
				require.Equal(t, "200", status)
				require.Equal(t, tt.seen, all[:1])
				return
			}
			if len(all) == 0 { // else the answer may have come before the rest of the body
				require.NotEqual(t, "200", status)
			}
			for _, text := range all {
				require.NotContains(t, text, "smuggled")
				text, _, _ = strings.Cut(text, ", then ")
				requireLengths(t, []string{text})
			}
		})
	}
	require.NotContains(t, s.ErrorLog(), "panic in")
}
