package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

func TestParse(t *testing.T) {
	const good = `Running 2s test @ http://127.0.0.1:1/128
  1 threads and 16 connections
  Latency Distribution
     50%  512.00us
     99%    1.50ms
  20000 requests in 2.00s, 5.00MB read
Requests/sec:  10000.00
`
	for _, tt := range []struct {
		name, report, err string
		want              load
	}{
		{"good", good, "", load{requests: 20000, seconds: 2, p99: 1.5}},
		{"refused", good + "  Non-2xx or 3xx responses: 7\n", "", load{requests: 20000, seconds: 2, p99: 1.5, refused: 7}},
		{"socket errors", good + "  Socket errors: connect 0, read 3, write 0, timeout 0\n", "read 3", load{}},
		{"nothing", "", "cannot read", load{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parse(tt.report)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestSummarise_MedianOfRatios(t *testing.T) {
	p := &plan{Modules: []string{"gojk", "jk"}}
	res := summarise(p, []round{
		{"gojk": {CPU: 10}, "jk": {CPU: 20}},
		{"gojk": {CPU: 30}, "jk": {CPU: 30}},
		{"gojk": {CPU: 90}, "jk": {CPU: 100}},
	})
	require.InDelta(t, 30, res.Medians["gojk"].CPU, 0)
	require.InDelta(t, 0.9, res.Ratios["gojk"].CPU, 1e-9)
	require.InDelta(t, 1, res.Ratios["jk"].CPU, 0)
}

// TestBackend_Answers runs the C back end behind httpd: sizes, and bodies that need more than one packet.
func TestBackend_Answers(t *testing.T) {
	r := &rig{}
	require.NoError(t, r.startBackend())
	defer r.close()
	v, err := r.start(&plan{Threads: 4, Children: 1}, "jk")
	require.NoError(t, err)
	r.variants = append(r.variants, v)
	for _, tt := range []struct {
		name, request, method string
		size                  int
	}{
		{"empty", "GET /0 HTTP/1.1\r\nHost: h\r\n\r\n", "GET", 0},
		{"128", "GET /128 HTTP/1.1\r\nHost: h\r\n\r\n", "GET", 128},
		{"a megabyte", "GET /x/1048576 HTTP/1.1\r\nHost: h\r\n\r\n", "GET", 1048576},
		{"no number", "GET /x HTTP/1.1\r\nHost: h\r\n\r\n", "GET", 0},
		{"small body", "POST /5 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", "POST", 5},
		{"large body", "POST /5 HTTP/1.1\r\nHost: h\r\nContent-Length: 30000\r\n\r\n" + string(make([]byte, 30000)), "POST", 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, err := harness.Dial(v.httpd.Addr())
			require.NoError(t, err)
			defer k.Close()
			require.NoError(t, k.Send(tt.request))
			resp := k.ReadResponse(tt.method, 10*time.Second)
			require.Equal(t, 200, resp.Status)
			require.Equal(t, harness.EndComplete, resp.End)
			require.Len(t, resp.Body, tt.size)
		})
	}
}
