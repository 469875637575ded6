// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// begin starts a variant's httpd.
func begin(t *testing.T, module string, s site) *instance {
	t.Helper()
	r, err := theRig()
	require.NoError(t, err)
	w := workload{site: s}
	v := &variant{name: module, module: module, base: jk}
	in := &instance{variant: v, site: w.siteOf(v)}
	require.NoError(t, r.start(in))
	t.Cleanup(func() { require.NoError(t, in.httpd.Stop()) })
	return in
}

// TestContainer_Answers runs the container behind httpd: sizes, and bodies that need more than one packet or have no length. The floor answers the
// same, but for the path that tells something.
func TestContainer_Answers(t *testing.T) {
	large := string(make([]byte, 30000))
	for _, site := range []struct {
		name, module string
		site         site
	}{
		{"mod_jk", jk, site{threads: 4}},
		{"mod_gojk over a socket", gojk, site{threads: 4, socket: true}},
		{"mod_gojk, packets of 64 KiB", gojk, site{threads: 4, packet: 65536}},
		{"mod_proxy_ajp", proxyAJP, site{threads: 4}},
		{"floor", floor, site{threads: 4}},
	} {
		t.Run(site.name, func(t *testing.T) {
			in := begin(t, site.module, site.site)
			for _, tt := range []struct {
				name, request, method string
				size                  int
			}{
				{"empty", "GET /0 HTTP/1.1\r\nHost: h\r\n\r\n", "GET", 0},
				{"128", "GET /128 HTTP/1.1\r\nHost: h\r\n\r\n", "GET", 128},
				{"a megabyte", "GET /x/1048576 HTTP/1.1\r\nHost: h\r\n\r\n", "GET", 1048576},
				{"no number", "GET /x HTTP/1.1\r\nHost: h\r\n\r\n", "GET", 0},
				{"small body", "POST /5 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", "POST", 5},
				{"large body", "POST /taken HTTP/1.1\r\nHost: h\r\nContent-Length: 30000\r\n\r\n" + large, "POST", 30000},
				{"body without length", "POST /taken HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7530\r\n" + large + "\r\n4\r\nbody\r\n0\r\n\r\n", "POST", 30004},
			} {
				if site.module == floor && strings.Contains(tt.request, "/taken") {
					tt.size = 0
				}
				t.Run(tt.name, func(t *testing.T) {
					resp := ask(t, in, tt.request, tt.method)
					require.Equal(t, 200, resp.Status)
					require.Equal(t, harness.EndComplete, resp.End)
					require.Len(t, resp.Body, tt.size)
				})
			}
		})
	}
}

func ask(t *testing.T, in *instance, request, method string) *harness.Response {
	t.Helper()
	k, err := harness.Dial(in.httpd.Addr())
	require.NoError(t, err)
	defer k.Close()
	require.NoError(t, k.Send(request))
	return k.ReadResponse(method, 10*time.Second)
}

// TestHold: the requests wait, others are served meanwhile, and release lets them go on.
func TestHold(t *testing.T) {
	r, err := theRig()
	require.NoError(t, err)
	for _, module := range []string{gojk, jk} {
		t.Run(module, func(t *testing.T) {
			in := begin(t, module, site{threads: 8, slow: true})
			in.hold = 6
			release, err := r.hold(in)
			require.NoError(t, err)
			for range 4 {
				require.Equal(t, 200, ask(t, in, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n", "GET").Status)
			}
			c, err := r.container(0)
			require.NoError(t, err)
			n, err := c.held()
			require.NoError(t, err)
			require.Equal(t, 6, n)
			require.NoError(t, release())
			n, err = c.held()
			require.NoError(t, err)
			require.Zero(t, n)
		})
	}
}

// TestRun_Short measures a few workloads for a moment, as main does: every figure that is shown is there, and nothing else is asked of it.
func TestRun_Short(t *testing.T) {
	p := &plan{Only: "^(get-128-c1|post-chunked|socket|prefork-c1|open|child-prefork|start-event-1|members|cores)$", Rounds: 2, Duration: 50 * time.Millisecond}
	chosen, err := p.choose()
	require.NoError(t, err)
	for i := range chosen {
		shorten(&chosen[i])
	}
	var progress strings.Builder
	rep, err := measureReport(p, chosen, &progress)
	require.NoError(t, err, progress.String())
	require.Len(t, rep.Results, 9)
	for _, res := range rep.Results {
		t.Run(res.Name, func(t *testing.T) {
			require.Empty(t, res.Missing)
			for _, v := range res.Variants {
				for _, m := range res.Shows {
					if v == floor && (m == own || m == extra) || m == collected && v != gojk {
						continue
					}
					require.Equal(t, len(res.Rounds), res.Figures[v].Values[m].Rounds, "%s of %s", m, v)
				}
			}
			for _, c := range res.Checks {
				require.NotZero(t, c.Figure.Rounds, c.describe())
			}
		})
	}
	require.NotEmpty(t, markdown(rep))
	require.NoError(t, printReport(&progress, rep))
}

// shorten leaves of a workload what takes little time.
func shorten(w *workload) {
	if w.load.requests > 1000 {
		w.load.requests = 1000
	}
	if w.site.mpm == harness.Prefork {
		w.site.children, w.site.threads = 2, 2
		w.load.connections, w.load.window = 2, 2
	}
}
