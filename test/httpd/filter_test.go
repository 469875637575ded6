// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// page is the script of a page of known length.
func page(body string, headers ...string) harness.Script {
	head := harness.Head(200, "OK", append(headers, "Content-Length", fmt.Sprint(len(body)))...)
	return harness.Do(head, harness.Chunks(body, 8184), harness.End())
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

// TestRange: a container that answers 200 leaves the ranges to httpd, which makes them of what arrives in one piece.
func TestRange(t *testing.T) {
	s := start(t, plan{containers: "a", config: "JkMount /app/* a\n"})
	a, c := s.container["a"], s.dial(t)
	tests := []struct {
		value  string
		status int
		body   string // part of it
	}{
		{"bytes=2-4", 206, "234"},
		{"bytes=-1", 206, "9"},
		{"bytes=0-0,9-9", 206, "Content-range: bytes 9-9/10\r\n\r\n9"},
		{"bytes=10-", 416, "None of the range-specifier"},
		{"bytes=x", 200, "0123456789"},
	}
	for _, tt := range tests {
		t.Run(tt.value, func(t *testing.T) {
			a.Script(page("0123456789", "ETag", `"e"`))
			r := ask(t, c, requestOn("GET", "/app/x", "Range: "+tt.value))
			require.Equal(t, tt.status, r.Status, r.StatusLine)
			require.Equal(t, harness.EndComplete, r.End)
			require.Contains(t, string(r.Body), tt.body)
			s.requireIdle(t)
		})
	}
	require.NoError(t, a.Settle(patience))
	require.Equal(t, 1, a.Open(), "the member is not to blame for a wrong range")
}

// TestFilter_Fails: an output filter that fails is no reason to let half a page look like a whole one, and no fault of the container's.
func TestFilter_Fails(t *testing.T) {
	s := start(t, plan{containers: "a", config: "JkMount /app/* lb\nSetOutputFilter INFLATE\nErrorDocument 500 \"own 500\"\n", options: modules("deflate")})
	a := s.container["a"]
	data := gzipped(t, noise(large))
	broken := data[:len(data)/2] + strings.Repeat("\xff", 1000) + data[len(data)/2:]
	t.Run("at once", func(t *testing.T) {
		a.Script(page(data[:10]+strings.Repeat("\xff", 2000), "Content-Encoding", "gzip"))
		r := s.do(t, request("GET", "/app/x"))
		require.Equal(t, 500, r.Status, r.StatusLine)
		require.Equal(t, "own 500", string(r.Body))
		require.Equal(t, harness.EndComplete, r.End)
	})
	t.Run("half way", func(t *testing.T) {
		a.Script(page(broken, "Content-Encoding", "gzip"))
		r := s.do(t, request("GET", "/app/x"))
		require.Equal(t, 200, r.Status, r.StatusLine)
		require.Contains(t, []harness.Ending{harness.EndTruncated, harness.EndReset}, r.End)
	})
	t.Run("not", func(t *testing.T) {
		a.Script(page(data, "Content-Encoding", "gzip"))
		r := s.get(t, "/app/x")
		require.Equal(t, sum(noise(large)), sum(string(r.Body)))
	})
	s.requireIdle(t)
	require.Zero(t, member(t, s.shared(t), "a").Errors().Load())
}

// TestInflate: what mod_deflate makes of a compressed request has another length than was announced. The container gets all of it.
func TestInflate(t *testing.T) {
	s := start(t, plan{containers: "a", config: "JkMount /app/* a\nSetInputFilter DEFLATE\n", options: modules("deflate")})
	long := strings.Repeat(noise(1000), 200)
	tests := []struct{ name, body string }{
		{"longer", strings.Repeat("hello ", 100)},
		{"shorter", "hi"},
		{"much longer", long},
		{"empty", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			compressed := gzipped(t, tt.body)
			for _, request := range []string{
				requestOn("POST", "/app/x", "Content-Encoding: gzip", fmt.Sprintf("Content-Length: %d", len(compressed))) + compressed,
				requestOn("POST", "/app/x", "Content-Encoding: gzip", "Transfer-Encoding: chunked") + chunked(compressed, 100),
			} {
				s.container["a"].Script(*script(harness.ReadBody(8186), harness.Head(200, "OK"), harness.Chunk("done"), harness.End()))
				s.Take()
				c := s.dial(t)
				r := ask(t, c, request)
				require.Equal(t, "done", string(r.Body), r.StatusLine)
				require.Equal(t, sum(tt.body), sum(s.body()))
				require.Equal(t, "a", string(ask(t, c, requestOn("GET", "/app/next")).Body))
			}
		})
	}
	t.Run("not compressed", func(t *testing.T) {
		s.Take()
		require.Equal(t, 200, s.do(t, request("POST", "/app/x", "Content-Length: 4")+"body").Status)
		records := s.Take()
		require.Equal(t, []string{"4"}, values(records[0].Request, "content-length"), "the length is the body's own")
	})
}

// TestDeflate: a response that mod_deflate compresses on the way, in one piece and in many.
func TestDeflate(t *testing.T) {
	s := start(t, plan{containers: "a", config: "JkMount /app/* a\nSetOutputFilter DEFLATE\n", options: modules("deflate")})
	text := strings.Repeat(noise(1000), 300)
	for name, script := range map[string]harness.Script{
		"known length":   page(text, "Content-Type", "text/plain", "ETag", `"e"`),
		"unknown length": harness.Do(harness.Head(200, "OK"), harness.Chunks(text, 8184), harness.End()),
		"flushed":        harness.Do(harness.Head(200, "OK"), harness.Flush(), harness.Chunks(text[:5000], 1000), harness.Flush(), harness.Chunks(text[5000:], 8184), harness.Flush(), harness.End()),
	} {
		t.Run(name, func(t *testing.T) {
			s.container["a"].Script(script)
			r := s.get(t, "/app/x", "Accept-Encoding: gzip")
			require.Equal(t, "gzip", r.Header("Content-Encoding"))
			require.Less(t, len(r.Body), len(text))
			z, err := gzip.NewReader(bytes.NewReader(r.Body))
			require.NoError(t, err)
			got, err := io.ReadAll(z)
			require.NoError(t, err)
			require.Equal(t, sum(text), sum(string(got)))
		})
	}
	s.requireIdle(t)
}

// TestInputFilter: the same for mod_sed.
func TestInputFilter(t *testing.T) {
	s := start(t, plan{containers: "a", config: "JkMount /* a\nSetInputFilter Sed\n<Location /shorter>\nInputSed \"s/a//g\"\n</Location>\n<Location /longer>\nInputSed \"s/a/bcd/g\"\n</Location>\n", options: modules("sed")})
	for path, want := range map[string]string{"/shorter": "xx\n", "/longer": "xbcdxbcd\n", "/same": "xaxa\n"} {
		t.Run(path[1:], func(t *testing.T) {
			s.container["a"].Script(whole)
			r := s.do(t, request("POST", path, "Content-Length: 5")+"xaxa\n")
			require.Equal(t, 200, r.Status, r.StatusLine)
			require.Equal(t, []string{"POST " + path + " body=" + want}, s.seen(t))
		})
	}
}

// TestBrokenResponse_Filters: a response that breaks off does not look complete behind a filter of httpd's either, whatever that does with its length and with the bucket that
// says so; and none of it is kept for others.
func TestBrokenResponse_Filters(t *testing.T) {
	cache := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(cache), 0o755)) //nolint:gosec // the children have another user
	require.NoError(t, os.Chmod(cache, 0o777))               //nolint:gosec // the same
	s := start(t, plan{containers: "a", workers: "worker.a.retries=1\n", config: `
JkMount /* a
CacheRoot ` + cache + `
CacheEnable disk /cache
<Location /deflate>
SetOutputFilter DEFLATE
</Location>
<Location /substitute>
SetOutputFilter SUBSTITUTE
Substitute s/a/b/
</Location>
<Location /sed>
SetOutputFilter Sed
OutputSed "s/a/b/"
</Location>
<Location /html>
ProxyHTMLEnable On
</Location>
`, options: modules("filter", "deflate", "substitute", "sed", "proxy", "xml2enc", "proxy_html", "cache", "cache_disk")})
	a := s.container["a"]
	half := []harness.Action{harness.Chunk("half a line"), harness.Flush(), harness.Close()}
	for _, path := range []string{"/plain", "/cache", "/deflate", "/substitute", "/sed", "/html"} {
		for _, version := range []string{"1.0", "1.1"} {
			for _, length := range []string{"no length", "Content-Length"} {
				t.Run(path[1:]+", HTTP/"+version+", "+length, func(t *testing.T) {
					headers := []string{"Content-Type", "text/html", "Cache-Control", "max-age=600"}
					if length == "Content-Length" {
						headers = append(headers, length, "40000")
					}
					text := "GET " + path + "?" + url.QueryEscape(t.Name()) + " HTTP/" + version + "\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
					a.Script(harness.Do(append([]harness.Action{harness.Head(200, "OK", headers...)}, half...)...))
					r := s.do(t, text)
					require.True(t, r.End != harness.EndComplete || r.Status >= 500, "%s, %s: %q", r.StatusLine, r.End, r.Body)
					a.Script(harness.Do(harness.Head(200, "OK", headers[:4]...), harness.Chunk("whole"), harness.End()))
					r = s.do(t, text)
					require.Equal(t, harness.EndComplete, r.End)
					require.Equal(t, 200, r.Status)
					require.NotContains(t, string(r.Body), "half")
					require.Zero(t, a.ClearScripts(), "it comes from the container")
				})
			}
		}
	}
}
