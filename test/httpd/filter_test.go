// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"bytes"
	"compress/gzip"
	"fmt"
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
