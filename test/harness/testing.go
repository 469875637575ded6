package harness

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// New starts an httpd for a test and stops it when the test ends. A failed test shows the ends of the logs.
func New(t testing.TB, opts Options) *HTTPD {
	t.Helper()
	h, err := StartHTTPD(opts)
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(h.LogTail())
		}
		if err := h.Stop(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// Get requests a path and returns status and body.
func (h *HTTPD) Get(t testing.TB, path string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(h.URL(path))
	require.NoError(t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(data)
}

// LoadModule is the line of httpd.conf that loads one of httpd's own modules.
func (h *HTTPD) LoadModule(t testing.TB, name string) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, h.writeLoadModule(&b, name))
	return b.String()
}
