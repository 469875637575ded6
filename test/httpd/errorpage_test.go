// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

const errorPageConfig = `
JkMount /app/* a
JkMount /own/* a;use_server_errors=400
JkMount /none/* nobody
ErrorDocument 404 /app/page?from=404
ErrorDocument 500 /app/page
ErrorDocument 502 /app/page
ErrorDocument 413 /app/page
<Location /small>
  LimitRequestBody 100
</Location>
<Location /app/small>
  LimitRequestBody 100
</Location>
`

// TestErrorPage: an ErrorDocument behind a mount is a GET without a body, whatever the request was that failed and however much of its body was read. It is
// asked for once, and what the client gets is whole.
func TestErrorPage(t *testing.T) {
	s := start(t, plan{containers: "a", workers: "worker.a.retries=1\n" + nested, config: errorPageConfig})
	a := s.container["a"]
	body := strings.Repeat("body ", 4000)
	garbled := harness.Packet(4, 0, 0)
	tests := []struct {
		name, request string
		first         *harness.Script // of the request that fails; nil: the container is not asked
		keeps         bool            // the connection may be used for another request
	}{
		{"missing file", requestOn("GET", "/missing"), nil, true},
		{"missing file, with conditions", requestOn("GET", "/missing", `If-None-Match: "e"`, "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "Range: bytes=0-1"), nil, true},
		{"missing file, POST", requestOn("POST", "/missing", "Content-Length: 20000") + body, nil, true},
		{"missing file, chunked POST", requestOn("POST", "/missing", "Transfer-Encoding: chunked") + chunked(body, 3000), nil, true},
		{"unknown worker, body not read", requestOn("POST", "/none/x", "Content-Length: 20000") + body, nil, false},
		{"bad head", requestOn("POST", "/app/x", "Content-Length: 20000") + body, script(garbled), false},
		{"bad head after the body", requestOn("POST", "/app/x", "Content-Length: 20000") + body, script(harness.ReadBody(8186), garbled), false},
		{"bad head after a chunked body", requestOn("POST", "/app/x", "Transfer-Encoding: chunked") + chunked(body, 3000), script(harness.ReadBody(8186), garbled), false},
		{"connection broken", requestOn("POST", "/app/x", "Content-Length: 20000") + body, script(harness.Close()), true},
		{"use_server_errors", requestOn("POST", "/own/x", "Content-Length: 20000") + body, script(harness.Head(404, "No"), harness.Chunk("theirs"), harness.End()), true},
		{"use_server_errors, body read", requestOn("PUT", "/own/x", "Content-Length: 20000") + body, script(harness.ReadBody(8186), harness.Head(404, "No"), harness.Chunk("theirs"), harness.End()), true},
		{"too large", requestOn("POST", "/small/x", "Content-Length: 20000"), nil, false},
		{"too large, mounted", requestOn("POST", "/app/small/x", "Content-Length: 20000"), nil, false},
		{"too large, mounted, chunked", requestOn("POST", "/app/small/x", "Transfer-Encoding: chunked") + chunked(body, 3000), script(harness.GetBody(8186), harness.AwaitHostClose()), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a.ClearScripts()
			if tt.first != nil {
				a.Script(*tt.first)
			}
			a.Script(harness.Answer(200, "text/plain", "the page"))
			s.Take()
			c := s.dial(t)
			r := ask(t, c, tt.request)
			require.Equal(t, harness.EndComplete, r.End, "%s", r.StatusLine)
			require.Equal(t, 200, r.Status)
			require.Equal(t, "the page", string(r.Body))
			require.NoError(t, a.Settle(patience))
			list := s.requests()
			last := list[len(list)-1].Request
			require.Len(t, list, map[bool]int{false: 1, true: 2}[tt.first != nil])
			require.Equal(t, "/app/page", last.URI.Value)
			require.Equal(t, "GET", last.Method())
			require.Equal(t, []string{"0"}, values(last, "content-length"))
			for _, gone := range []string{"transfer-encoding", "if-none-match", "if-modified-since", "range"} {
				require.Empty(t, values(last, gone), gone)
			}
			if !tt.keeps {
				require.Equal(t, "closed", c.Rest(r, patience))
				return
			}
			r = ask(t, c, requestOn("GET", "/app/next"))
			require.Equal(t, "a", string(r.Body), "the next request on the connection")
		})
	}
	s.requireIdle(t)
}

// values are the values of a header that a container got.
func values(r *harness.Request, name string) (list []string) {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, name) {
			list = append(list, h.Value.Value)
		}
	}
	return list
}
