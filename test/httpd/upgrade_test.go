// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// handshake is a WebSocket handshake (RFC 6455, 4.1).
func handshake(path string) string {
	return requestOn("GET", path, "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")
}

// TestWebSocket: AJP cannot carry WebSockets. The client is told so, the administrator as well, and no container is asked.
func TestWebSocket(t *testing.T) {
	s := start(t, plan{hard: true, children: 2, workers: "worker.list=direct\nworker.direct.port={a}\n", config: `
JkMount /app/* lb
JkMount /direct/* direct
JkMount /status jkstatus
<Location /app/page>
  ErrorDocument 501 /app/explained
</Location>
`})
	for range 4 { // both children, very likely: the line is not each child's own
		for _, path := range []string{"/app/chat", "/app/other", "/direct/chat"} {
			c := s.dial(t)
			r := ask(t, c, handshake(path))
			require.Equal(t, harness.EndComplete, r.End)
			require.Equal(t, 501, r.Status, r.StatusLine)
			require.Contains(t, string(r.Body), "AJP cannot carry WebSocket connections")
			require.Equal(t, "closed", c.Rest(r, patience), "whatever comes from this client now is not HTTP")
			require.NoError(t, c.Close())
		}
	}
	require.Empty(t, s.requests())
	require.Equal(t, 2, s.count("id=GOJK3035"), "once a minute and mount:\n%s", s.JkLog())
	require.Equal(t, 1, s.count("/direct/chat"))
	require.Contains(t, s.JkLog(), "JkUnMount")

	r := ask(t, s.dial(t), handshake("/app/page"))
	require.Contains(t, []string{"a", "b"}, string(r.Body), "an error page of the container's")
	require.Equal(t, "/app/explained", s.requests()[0].Request.URI.Value)

	require.Equal(t, 200, ask(t, s.dial(t), handshake("/status")).Status, "the status worker does without AJP")
	s.requireIdle(t)
}

// TestWebSocket_ByHTTP: what the log advises works: the URI is taken away from the worker and given to mod_proxy_wstunnel.
func TestWebSocket_ByHTTP(t *testing.T) {
	socket := echoSocket(t)
	s := start(t, plan{containers: "a", config: fmt.Sprintf("JkMount /app/* a\nJkUnMount /app/chat a\nProxyPass /app/chat ws://%s/app/chat\n", socket), options: modules("proxy", "proxy_wstunnel")})
	c := s.dial(t)
	require.NoError(t, c.Send(handshake("/app/chat")))
	awaitBytes(t, c, "\r\n\r\n")
	require.NoError(t, c.Send("hello"))
	awaitBytes(t, c, "hello")
	s.requireAnswer(t, "/app/x", "a")
}

// echoSocket is a server that agrees to any upgrade and then sends back what it gets. Returns its address.
func echoSocket(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				if _, err := http.ReadRequest(in); err != nil {
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
				_, _ = io.Copy(conn, in)
			}()
		}
	}()
	return l.Addr().String()
}

// TestUpgrade_Optional: a client that only offers another protocol is served with the one that it speaks.
func TestUpgrade_Optional(t *testing.T) {
	s := start(t, plan{containers: "a", config: "JkMount /app/* a\n"})
	const connection = "Connection: keep-alive, Upgrade"
	tests := []struct{ name, request string }{
		{"HTTP/2", requestOn("GET", "/app/x", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")},
		{"TLS", requestOn("GET", "/app/x", connection, "Upgrade: TLS/1.0")},
		{"something", requestOn("GET", "/app/x", connection, "Upgrade: websocketx, foo/2")},
		{"not the connection's", requestOn("GET", "/app/x", "Upgrade: websocket")},
		{"HTTP/1.0", strings.Replace(handshake("/app/x"), "HTTP/1.1", "HTTP/1.0", 1)},
		{"POST", requestOn("POST", "/app/x", connection, "Upgrade: websocket", "Content-Length: 0")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := s.do(t, tt.request)
			require.Equal(t, 200, r.Status, r.StatusLine)
			require.Equal(t, "a", string(r.Body))
			got := values(s.requests()[0].Request, "upgrade")
			require.Len(t, got, 1, "the container sees it")
			require.Contains(t, tt.request, got[0])
		})
	}
	require.Zero(t, s.count("id=GOJK3035"))
}
