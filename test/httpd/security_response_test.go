// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// injections are heads of a container with which it, or an application that puts into them what a client has sent, would write into the client's byte stream.
func injections() map[string]harness.Action {
	list := map[string]harness.Action{}
	with := func(name string, status int, reason string, pairs ...string) {
		list[name] = harness.Head(status, reason, pairs...)
	}
	for name, text := range map[string]string{
		"CRLF": "a\r\nInjected: 1", "LF": "a\nInjected: 1", "CR": "a\rInjected: 1", "two lines": "a\r\n\r\nInjected", "NUL": "a\x00Injected: 1", "folded": "a\r\n Injected: 1", "folded with a tab": "a\n\tInjected: 1", "escape": "a\x1b[31mInjected",
		"backspace": "a\x08Injected", "delete": "a\x7fInjected", "vertical tab": "a\x0bInjected", "at the beginning": "\r\nInjected: 1", "at the end": "Injected\r\n",
	} {
		with("value: "+name, 200, "OK", "X-Own", text)
		with("coded value: "+name, 200, "OK", "Content-Language", text)
		with("Set-Cookie: "+name, 200, "OK", "Set-Cookie", "s="+text+"; Path=/")
		with("Location: "+name, 302, "Found", "Location", "http://localhost/"+text)
		with("Content-Type: "+name, 200, "OK", "Content-Type", "text/plain;x="+text)
		with("Last-Modified: "+name, 200, "OK", "Last-Modified", text)
		with("name: "+name, 200, "OK", text, "v")
		with("reason: "+name, 200, text)
		with("reason of an error: "+name, 500, text)
		with("Content-Length: "+name, 200, "OK", "Content-Length", "0"+text)
		with("challenge: "+name, 401, "Unauthorized", "WWW-Authenticate", "Basic realm=\""+text+"\"")
	}
	for _, name := range []string{"", " ", "X Own", "X-Own ", " X-Own", "X-Own:", "X-Own: a", "X\tOwn", "X-\xff", "X-Own\x0b", "(X)", "X,Y", "\"X\"", "X/Y", "X=Y", "X@Y", "{X}"} {
		with(fmt.Sprintf("name %q", name), 200, "OK", name, "Injected")
	}
	return list
}

// TestSecurity_HeaderInjection: nobody but httpd writes into the client's byte stream (CVE-2026-33523). The client gets httpd's page and nothing
// behind it, the connection to the container is not used again, and the member stays in service: it is the application that is wrong.
func TestSecurity_HeaderInjection(t *testing.T) {
	s := start(t, plan{containers: "a", workers: "worker.a.retries=1\nworker.lb.retries=1\nworker.lb.lb_retries=1\n", config: "JkMount /app/* lb\nJkMount /own/* lb;use_server_errors=400\n"})
	a, m := s.container["a"], s.shared(t)
	s.requireAnswer(t, "/app/first", "a")
	n := 0
	for name, head := range injections() {
		if n++; testing.Short() && n%10 != 0 {
			continue
		}
		for _, path := range []string{"/app/x", "/own/x"} {
			a.Script(harness.Do(head, harness.Chunk("Injected"), harness.End()))
			k := s.dial(t)
			require.NoError(t, k.Send(requestOn("GET", path)+requestOn("GET", "/app/never")))
			r := k.ReadResponse("GET", patience)
			require.Equal(t, harness.EndComplete, r.End, name)
			require.Equal(t, 500, r.Status, "%s: %s", name, r.StatusLine)
			requireClean(t, name, r)
			require.Equal(t, "closed", k.Rest(r, patience), name)
			_ = k.Close()
			require.Equal(t, "OK", state(t, m, "a").String(), "%s: the member stays in service", name)
			s.requireAnswer(t, "/app/next", "a")
			require.Zero(t, a.ClearScripts())
		}
	}
	ended := map[int]bool{}
	for _, r := range s.requests() {
		require.False(t, ended[r.Connection], "a connection ends with the first response that is none")
		ended[r.Connection] = strings.HasSuffix(r.Request.URI.Value, "/x")
	}
	s.requireIdle(t)
}

// requireClean requires that nothing of the container's is in a response.
func requireClean(t *testing.T, name string, r *harness.Response) {
	t.Helper()
	require.NotContains(t, r.StatusLine+string(r.Body), "Injected", name)
	for _, h := range r.Headers {
		require.NotContains(t, h.Name+h.Value, "Injected", name)
		require.False(t, strings.ContainsFunc(h.Name+h.Value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }), "%s: %q", name, h)
	}
}

// TestSecurity_ResponseFraming: how long a response is, and where the next one begins, is httpd's word, whatever the container says (CVE-2026-63718). The body looks like
// a response of its own; a client that believed the container would take it for the answer to its next request.
func TestSecurity_ResponseFraming(t *testing.T) {
	s := start(t, plan{containers: "a", workers: "worker.a.retries=1\nworker.lb.retries=1\nworker.lb.lb_retries=1\n", config: "JkMount /app/* lb\n"})
	a, m := s.container["a"], s.shared(t)
	s.requireAnswer(t, "/app/first", "a")
	const body = "0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nInjected"
	length := fmt.Sprint(len(body))
	tests := []struct {
		name    string
		headers []string
		status  int
	}{
		{"none", nil, 200},
		{"right", []string{"Content-Length", length}, 200},
		{"twice the same", []string{"Content-Length", length, "Content-Length", length}, 200},
		{"twice, another", []string{"Content-Length", length, "Content-Length", "5"}, 502},
		{"twice, another first", []string{"Content-Length", "5", "Content-Length", length}, 502},
		{"short", []string{"Content-Length", "5"}, 502},
		{"nothing", []string{"Content-Length", "0"}, 502},
		{"long", []string{"Content-Length", "5000"}, 502},
		{"a list of the same", []string{"Content-Length", length + ", " + length}, 502},
		{"a list", []string{"Content-Length", "5, " + length}, 502},
		{"sign", []string{"Content-Length", "+" + length}, 502},
		{"negative", []string{"Content-Length", "-5"}, 502},
		{"blank inside", []string{"Content-Length", "5 0"}, 502},
		{"hexadecimal", []string{"Content-Length", "0x5"}, 502},
		{"empty", []string{"Content-Length", ""}, 502},
		{"letters", []string{"Content-Length", "five"}, 502},
		{"huge", []string{"Content-Length", "18446744073709551621"}, 502},
		{"another name", []string{"content-LENGTH", "5"}, 502},
		{"chunked", []string{"Transfer-Encoding", "chunked"}, 200},
		{"chunked, other letters", []string{"tRANSFER-eNCODING", "cHUNKED"}, 200},
		{"gzip, chunked", []string{"Transfer-Encoding", "gzip, chunked"}, 200},
		{"identity", []string{"Transfer-Encoding", "identity"}, 200},
		{"chunked and a length", []string{"Transfer-Encoding", "chunked", "Content-Length", length}, 200},
		{"a short length and chunked", []string{"Content-Length", "5", "Transfer-Encoding", "chunked"}, 502},
		{"connection words", []string{"Connection", "close, keep-alive, upgrade", "Keep-Alive", "max=1", "Upgrade", "h2c", "Proxy-Connection", "close", "Trailer", "X"}, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a.Script(harness.Do(harness.Head(200, "OK", tt.headers...), harness.Chunk(body), harness.End()))
			k := s.dial(t)
			require.NoError(t, k.Send(requestOn("GET", "/app/x")+requestOn("GET", "/app/next")))
			r := k.ReadResponse("GET", patience)
			require.Equal(t, harness.EndComplete, r.End)
			require.Equal(t, tt.status, r.Status)
			if tt.status == 200 {
				require.Equal(t, body, string(r.Body))
				require.Equal(t, length, r.Header("Content-Length"))
			} else {
				require.NotContains(t, string(r.Body), "Injected")
			}
			for _, name := range []string{"Transfer-Encoding", "Trailer", "Proxy-Connection"} {
				require.Empty(t, r.Header(name), name)
			}
			if !s.Has("http2") { // then httpd itself offers HTTP/2
				require.Empty(t, r.Header("Upgrade"))
			}
			next := k.ReadResponse("GET", patience)
			require.Equal(t, "200 a", fmt.Sprintf("%d %s", next.Status, next.Body), "the next response is the next request's")
			require.Equal(t, "OK", state(t, m, "a").String())
		})
	}
	s.requireIdle(t)
}

// TestSecurity_ResponseSizes: a response head as large as its packet may be reaches the client; a larger one costs its request a clean error, not the member.
func TestSecurity_ResponseSizes(t *testing.T) {
	s := start(t, plan{workers: "worker.a.retries=1\nworker.b.retries=1\nworker.a.max_packet_size=65536\nworker.lb.retries=1\nworker.lb.lb_retries=1\n", config: "JkMount /app/* lb\n"})
	a, m := s.container["a"], s.shared(t)
	s.requireAnswer(t, "/app/first", "a")
	for _, size := range []int{8000, 30_000, 65_000} {
		a.Script(harness.Do(harness.Head(200, "OK", "X-Large", strings.Repeat("x", size)), harness.Chunk("body"), harness.End()))
		r := s.get(t, "/app/x", "Cookie: JSESSIONID=1.a")
		require.Equal(t, 200, r.Status)
		require.Len(t, r.Header("X-Large"), size)
	}
	many := []string{}
	for i := range 5000 {
		many = append(many, fmt.Sprintf("X%d", i), "v")
	}
	a.Script(harness.Do(harness.Head(200, "OK", many...), harness.Chunk("body"), harness.End()))
	r := s.get(t, "/app/x", "Cookie: JSESSIONID=1.a")
	require.Equal(t, 200, r.Status)
	require.Greater(t, len(r.Headers), 5000)

	t.Run("larger than max_packet_size", func(t *testing.T) {
		const cookie = "Cookie: JSESSIONID=1.b"
		s.requireAnswer(t, "/app/first", "b", cookie)
		s.container["b"].Script(harness.Do(harness.Head(200, "OK", "X-Large", strings.Repeat("x", 8200)), harness.Chunk("body"), harness.End()))
		r := s.get(t, "/app/x", cookie)
		require.Equal(t, 502, r.Status)
		require.Empty(t, r.Header("X-Large"))
		require.Equal(t, "OK", state(t, m, "b").String())
		s.requireAnswer(t, "/app/next", "b", cookie)
	})
}
