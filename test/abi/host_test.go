// Licensed under the Apache License, Version 2.0; see LICENSE.

package abi

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// TestHost_Crossings drives the library from a host that is not httpd and counts how often a request crosses the boundary, in (map, serve) and
// out (respond, read_body): at most 2 and 2 for a GET without a body.
func TestHost_Crossings(t *testing.T) {
	const requests = 10
	answer := strings.Repeat("x", 128)
	tests := []struct {
		name, method string
		body         int
		script       harness.Script
		want         string // for one request: crossings by name
	}{
		{"GET, small answer", "GET", 0, harness.Answer(200, "text/plain", answer), "map=1 serve=1 respond=1 read_body=0"},
		{"HEAD", "HEAD", 0, harness.Answer(200, "text/plain", ""), "map=1 serve=1 respond=1 read_body=0"},
		{"POST, body in one packet", "POST", 4096, harness.Answer(200, "text/plain", answer), "map=1 serve=1 respond=1 read_body=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := runHost(t, tt.method, tt.body, requests, tt.script)
			require.Contains(t, out, times(t, tt.want, requests)+" status=0")
		})
	}
}

// TestHost_MonitorSleeps: Go's monitor thread, which would wake every 20 us to 10 ms while there are requests, is left asleep (module/monitor.c).
func TestHost_MonitorSleeps(t *testing.T) {
	out := runHost(t, "GET", 0, 5000, harness.Answer(200, "text/plain", "answer"))
	require.Regexp(t, `status=0 body=30000 monitor=[0-2]\n`, out)
}

// runHost has the host make requests, each of which the container answers in the same way, and returns what the host prints.
func runHost(t *testing.T, method string, body, requests int, script harness.Script) string {
	t.Helper()
	host := filepath.Join(t.TempDir(), "stubhost")
	compile(t, "-o", host, "testdata/stubhost.c", "-ldl")
	library, err := filepath.Abs(filepath.Join(root, "build", "libgojk.so"))
	require.NoError(t, err)
	c, err := harness.NewRecorder().StartContainer("a")
	require.NoError(t, err)
	defer c.Close()
	for range requests {
		c.Script(script)
	}
	out, err := exec.Command(host, library, strconv.Itoa(c.Port), method, strconv.Itoa(body), strconv.Itoa(requests)).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// times multiplies each number in "a=1 b=2".
func times(t *testing.T, counts string, n int) string {
	t.Helper()
	fields := strings.Fields(counts)
	for i, f := range fields {
		name, value, _ := strings.Cut(f, "=")
		v, err := strconv.Atoi(value)
		require.NoError(t, err)
		fields[i] = fmt.Sprintf("%s=%d", name, v*n)
	}
	return strings.Join(fields, " ")
}
