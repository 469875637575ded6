// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// smuggled is what an attacker wants to be taken for a request of its own.
const smuggled = "GET /app/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"

// shape is a request whose length two readers might see differently, and what comes of it. Most are httpd's to refuse.
type shape struct {
	name   string
	text   string   // behind "POST /app/x HTTP/1.1" and Host; or a whole request, if it begins with a request line
	status int      // of the first response; 0: none
	seen   []string // requests that the container gets, as seen renders them
}

func shapes() []shape {
	const chunks = "5\r\nhello\r\n0\r\n\r\n"
	const (
		hello = "POST /app/x TE=chunked body=hello"
		cut   = "POST /app/x TE=chunked body=, then the host closed when a body packet was due"
		next  = "GET /app/smuggled CL=0 body="
	)
	return []shape{
		{"length", "Content-Length: 5\r\n\r\nhello", 200, []string{"POST /app/x CL=5 body=hello"}},
		{"chunked", "Transfer-Encoding: chunked\r\n\r\n" + chunks, 200, []string{hello}},
		{"length, then chunked", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, 200, []string{hello}},
		{"chunked, then length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + chunks, 200, []string{hello}},
		{"length of everything and chunked", fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n%s", 5+len(smuggled), smuggled), 200, []string{"POST /app/x TE=chunked body="}},
		{"two lengths, the same", "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400, nil},
		{"two lengths", "Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello", 400, nil},
		{"list of lengths", "Content-Length: 5, 5\r\n\r\nhello", 400, nil},
		{"length with a sign", "Content-Length: +5\r\n\r\nhello", 400, nil},
		{"negative length", "Content-Length: -5\r\n\r\nhello", 400, nil},
		{"length in hexadecimal", "Content-Length: 0x5\r\n\r\nhello", 400, nil},
		{"empty length", "Content-Length:\r\n\r\nhello", 400, nil},
		{"length with a letter", "Content-Length: 5a\r\n\r\nhello", 400, nil},
		{"length with a blank", "Content-Length: 5 5\r\n\r\nhello", 400, nil},
		{"length with zeros", "Content-Length: 0005\r\n\r\nhello", 200, []string{"POST /app/x CL=0005 body=hello"}},
		{"huge length", "Content-Length: 18446744073709551621\r\n\r\nhello", 400, nil},
		{"length with blanks around", "Content-Length: \t 5 \t\r\n\r\nhello", 200, []string{"POST /app/x CL=5 body=hello"}},
		{"length with a vertical tab", "Content-Length: \x0b5\r\n\r\nhello", 400, nil},
		{"blank before the colon", "Content-Length : 5\r\n\r\nhello", 400, nil},
		{"tab before the colon", "Transfer-Encoding\t: chunked\r\n\r\n" + chunks, 400, nil},
		{"name with an underscore", "Content_Length: 5\r\n\r\n" + smuggled, 200, []string{"POST /app/x CL=0 body=", next}},
		{"identity", "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", 400, nil},
		{"chunked, identity", "Transfer-Encoding: chunked, identity\r\n\r\n" + chunks, 400, nil},
		{"identity, chunked", "Transfer-Encoding: identity, chunked\r\n\r\n" + chunks, 501, nil},
		{"gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunks, 501, nil},
		{"chunked twice", "Transfer-Encoding: chunked, chunked\r\n\r\n" + chunks, 501, nil},
		{"two Transfer-Encodings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + chunks, 400, nil},
		{"two Transfer-Encodings, the other way", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, 501, nil},
		{"xchunked", "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello", 400, nil},
		{"chunkedx", "Transfer-Encoding: chunkedx\r\n\r\n" + chunks, 400, nil},
		{"in quotes", "Transfer-Encoding: \"chunked\"\r\n\r\n" + chunks, 400, nil},
		{"parameter", "Transfer-Encoding: chunked;q=1\r\n\r\n" + chunks, 400, nil},
		{"capitals", "Transfer-Encoding: CHUNKED\r\n\r\n" + chunks, 200, []string{"POST /app/x TE=CHUNKED body=hello"}},
		{"blank behind", "Transfer-Encoding: chunked \r\n\r\n" + chunks, 200, []string{hello}},
		{"tab before", "Transfer-Encoding:\tchunked\r\n\r\n" + chunks, 200, []string{hello}},
		{"vertical tab before", "Transfer-Encoding: \x0bchunked\r\n\r\n" + chunks, 400, nil},
		{"comma behind", "Transfer-Encoding: chunked,\r\n\r\n" + chunks, 400, nil},
		{"empty Transfer-Encoding", "Transfer-Encoding:\r\nContent-Length: 5\r\n\r\nhello", 400, nil},
		{"folded", "Transfer-Encoding:\r\n chunked\r\n\r\n" + chunks, 200, []string{hello}},
		{"folded into another", "X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello", 200, []string{"POST /app/x CL=5 body=hello"}},
		{"bare line feeds", "Transfer-Encoding: chunked\n\n" + chunks, 400, nil},
		{"line feed inside", "X: y\nContent-Length: 5\r\n\r\nhello", 400, nil},
		{"carriage return inside", "X: y\rContent-Length: 5\r\n\r\nhello", 400, nil},
		{"NUL", "Content-Length: 5\x00\r\n\r\nhello", 400, nil},
		{"chunk size with a sign", "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n", 400, []string{cut}},
		{"chunk size with 0x", "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", 400, []string{cut}},
		{"chunk size with blanks", "Transfer-Encoding: chunked\r\n\r\n5  \r\nhello\r\n0\r\n\r\n", 200, []string{hello}},
		{"chunk size with a blank before", "Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n", 400, []string{cut}},
		{"negative chunk size", "Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n", 400, []string{cut}},
		{"huge chunk size", "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n", 413, []string{cut}},
		{"chunk extension", "Transfer-Encoding: chunked\r\n\r\n5;a=\"0\"\r\nhello\r\n0\r\n\r\n", 200, []string{hello}},
		{"chunk extension with a line feed", "Transfer-Encoding: chunked\r\n\r\n5;a\nhello\r\n0\r\n\r\n", 400, []string{cut}},
		{"chunk longer than its size", "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", 400, []string{cut}},
		{"chunk without its end", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n", 400, []string{cut}},
		{"no last chunk", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 400, []string{cut}},
		{"trailer", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n", 200, []string{hello}},
		{"trailer that is none", "Transfer-Encoding: chunked\r\n\r\n0\r\n" + smuggled, 400, []string{cut}},
		{"two requests", "Content-Length: 5\r\n\r\nhello" + smuggled, 200, []string{"POST /app/x CL=5 body=hello", next}},
		{"less than announced", "Content-Length: 50\r\n\r\nhello", 400, nil},
		{"GET with a body", "GET /app/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello" + smuggled, 200, []string{"GET /app/x CL=5 body=hello", next}},
		{"GET, chunked", "GET /app/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + smuggled, 200, []string{"GET /app/x TE=chunked body=hello", next}},
		{"HEAD with a body", "HEAD /app/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", 200, []string{"HEAD /app/x CL=5 body=hello"}},
		{"HTTP/1.0, chunked", "POST /app/x HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, 200, []string{hello}},
		{"HTTP/1.0, kept alive", "POST /app/x HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello" + smuggled, 200, []string{"POST /app/x CL=5 body=hello", next}},
		{"HTTP/1.0 without a length", "POST /app/x HTTP/1.0\r\n\r\n" + smuggled, 200, []string{"POST /app/x CL=0 body="}},
		{"HTTP/0.9", "GET /app/x\r\n" + smuggled, 0, []string{"GET /app/x CL=0 body="}},
		{"HTTP/2.0", "POST /app/x HTTP/2.0\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 200, []string{"POST /app/x CL=5 body=hello"}},
		{"no version", "POST /app/x HTTP/\r\nHost: localhost\r\n\r\n" + smuggled, 400, nil},
		{"method in small letters", "post /app/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello" + smuggled, 200, []string{"post /app/x CL=5 body=hello", next}},
		{"method with a colon", "POST: /app/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 400, nil},
		{"blanks in the request line", "POST  /app/x  HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 400, nil},
		{"blank before the first header", "GET /app/x HTTP/1.1\r\n Content-Length: 5\r\nHost: localhost\r\n\r\n" + smuggled, 400, nil},
		{"Connection names the length", "Connection: Content-Length\r\nContent-Length: 5\r\n\r\nhello" + smuggled, 200, []string{"POST /app/x CL=5 body=hello", next}},
		{"Connection names the coding", "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + smuggled, 200, []string{hello, next}},
		{"Upgrade", "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello" + smuggled, 200, []string{"POST /app/x CL=5 body=hello", next}},
		{"Expect", "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello" + smuggled, 200, []string{"POST /app/x CL=5 body=hello", next}},
	}
}

// bytes of a whole request.
func (x *shape) bytes() string {
	if line, _, _ := strings.Cut(x.text, "\r\n"); strings.Contains(line, " /app/") {
		return x.text
	}
	return "POST /app/x HTTP/1.1\r\nHost: localhost\r\n" + x.text
}

// seen are the requests that the containers have got, each with what says how long it is, and its body.
func (s *site) seen(t *testing.T) (list []string) {
	t.Helper()
	s.requireIdle(t)
	for _, c := range s.container {
		require.NoError(t, c.Settle(patience))
	}
	for _, r := range s.Take() {
		switch r.Kind {
		case harness.RecordRequest:
			text := r.Request.Method() + " " + r.Request.URI.Value
			for _, h := range r.Request.Headers {
				switch strings.ToLower(h.Name) {
				case "transfer-encoding":
					text += " TE=" + h.Value.Value
				case "content-length":
					text += " CL=" + h.Value.Value
				}
			}
			list = append(list, text+" body=")
		case harness.RecordBody:
			list[len(list)-1] += string(r.Data)
		case harness.RecordTrouble:
			list[len(list)-1] += ", then " + r.Text
		default:
			list = append(list, fmt.Sprintf("stray packet %q", r.Data))
		}
	}
	return list
}

// whole lets the container read each body to its end.
var whole = harness.Do(harness.ReadBody(8186), harness.Head(200, "OK"), harness.Chunk("a"), harness.End())

// statuses sends text on a connection of its own and returns the statuses of all responses.
func (s *site) statuses(t *testing.T, text string) (list []int) {
	t.Helper()
	k := s.dial(t)
	require.NoError(t, k.Send(text))
	require.NoError(t, k.CloseWrite())
	for {
		r := k.ReadResponse("POST", patience)
		if r.End != harness.EndComplete {
			return list
		}
		list = append(list, r.Status)
	}
}

// TestSecurity_Smuggling: where a request ends is what httpd says, and the container is told the same (CVE-2022-26377, CVE-2022-36760). What was left over is never taken for the
// beginning of the next client's request, on no connection.
func TestSecurity_Smuggling(t *testing.T) {
	s := start(t, plan{containers: "a", workers: "worker.a.retries=1\n", config: "JkMount /app/* a\n"})
	a := s.container["a"]
	for _, tt := range shapes() {
		t.Run(tt.name, func(t *testing.T) {
			a.Script(whole, whole, whole)
			got := append(s.statuses(t, tt.bytes()), 0)
			a.ClearScripts()
			require.Equal(t, tt.status, got[0], "%v", got)
			require.Equal(t, tt.seen, s.seen(t))
			s.requireAnswer(t, "/app/next", "a")
			require.Equal(t, []string{"GET /app/next CL=0 body="}, s.seen(t))
		})
	}
	require.NoError(t, a.Settle(patience))
	require.LessOrEqual(t, a.Open(), 8)
}

// TestSecurity_SmugglingWhenLenient: with HttpProtocolOptions Unsafe httpd takes more for a request. Whatever it takes for one: the body has the length that the container is told.
func TestSecurity_SmugglingWhenLenient(t *testing.T) {
	s := start(t, plan{containers: "a", workers: "worker.a.retries=1\n", config: "JkMount /app/* a\nHttpProtocolOptions Unsafe LenientMethods Allow0.9\n"})
	a := s.container["a"]
	for _, tt := range shapes() {
		t.Run(tt.name, func(t *testing.T) {
			a.Script(whole, whole, whole)
			got := s.statuses(t, tt.bytes()+requestOn("GET", "/app/second"))
			a.ClearScripts()
			all := slices.DeleteFunc(s.seen(t), func(text string) bool { return strings.Contains(text, ", then ") })
			requireLengths(t, all)
			if tt.status != 0 { // a response of HTTP/0.9 has no status
				got = slices.DeleteFunc(got, func(status int) bool { return status != 200 })
				require.Len(t, all, len(got), "one response for each request")
			}
			s.requireAnswer(t, "/app/next", "a")
			require.Equal(t, []string{"GET /app/next CL=0 body="}, s.seen(t))
		})
	}
}

// requireLengths requires that each request says once how long it is, and is.
func requireLengths(t *testing.T, seen []string) {
	t.Helper()
	for _, text := range seen {
		head, body, found := strings.Cut(text, " body=")
		require.True(t, found, text)
		require.Equal(t, 1, strings.Count(head, " CL=")+strings.Count(head, " TE="), text)
		if _, length, found := strings.Cut(head, " CL="); found {
			n, err := strconv.Atoi(length)
			require.NoError(t, err, text)
			require.Len(t, body, n, text)
		}
	}
}
