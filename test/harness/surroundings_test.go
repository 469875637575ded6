package harness

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSurroundings: each is there when it is asked for, and only then, and httpd is counted, read and stopped as without.
func TestSurroundings(t *testing.T) {
	signs := map[string]func(t *testing.T, h *HTTPD){
		"http2": func(t *testing.T, h *HTTPD) { require.Contains(t, h.ErrorLog(), "mod_http2") },
		"ssl":   requireTLS,
		"cgid":  func(t *testing.T, h *HTTPD) { require.NotEmpty(t, h.cgidSocket()) },
		"proxy": func(t *testing.T, h *HTTPD) {
			status, _ := h.Get(t, "/beside-proxy/x")
			require.Equal(t, 503, status, "nobody is there")
		},
		"jk":    func(t *testing.T, h *HTTPD) { require.Contains(t, h.ErrorLog(), "mod_jk/1") },
		"stack": func(t *testing.T, h *HTTPD) { require.Contains(t, h.Log("httpd.conf"), "ThreadStackSize") },
		piped:   func(t *testing.T, h *HTTPD) { require.GreaterOrEqual(t, len(h.LogCommands()), 3) },
		asan: func(t *testing.T, h *HTTPD) {
			requireMapped(t, h, "libasan.so")
			requireMapped(t, h, "build/asan/mod_gojk.so")
		},
		"cgocheck": func(t *testing.T, h *HTTPD) { requireMapped(t, h, "build/cgocheck/libgojk.so") },
	}
	require.Len(t, signs, len(surroundings))
	for _, s := range surroundings {
		t.Run(s.name, func(t *testing.T) {
			h := New(t, Options{Module: ModuleGojk, Around: []string{s.name}, Children: 2, Config: "JkMount /app/* w\n", Workers: "worker.list=w\nworker.w.port=1\n"})
			signs[s.name](t, h)
			for n := range 5 {
				require.NoError(t, h.Replace(h.Graceful))
				require.NoError(t, h.waitFor("both children", func() bool { return len(h.Children()) == 2 }))
				status, _ := h.Get(t, "/app/x")
				require.Equal(t, 503, status)
				require.Equal(t, n+1, strings.Count(h.JkLog(), "Service error="), "nothing of the log is missing")
			}
			group := h.Pid()
			require.NoError(t, h.Stop())
			require.Empty(t, groupMembers(group))
		})
	}
}

// requireMapped requires that a child has loaded a file.
func requireMapped(t *testing.T, h *HTTPD, file string) {
	t.Helper()
	require.NoError(t, h.waitFor(file+" in a child", func() bool {
		children := h.Children()
		if len(children) == 0 {
			return false
		}
		maps, err := ProcessMaps(children[0])
		return err == nil && strings.Contains(maps, file)
	}))
}

func requireTLS(t *testing.T, h *HTTPD) {
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM([]byte(h.Log(certificateFile))))
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "tls.test"}}}
	resp, err := client.Get("https://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(h.tlsPort)) + "/")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 200, resp.StatusCode)
}

// TestSurroundings_Documented: CONTRIBUTING.md lists them as the table does.
func TestSurroundings_Documented(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	require.NoError(t, err)
	var want []string
	for _, s := range surroundings {
		want = append(want, fmt.Sprintf("| `%s` | %s", s.name, s.about))
	}
	var got []string
	_, table, _ := strings.Cut(string(text), "| `BESIDE=` |")
	for line := range strings.SplitSeq(table, "\n") {
		if strings.HasPrefix(line, "| `") && len(got) < len(want) {
			got = append(got, line[:min(len(line), len(want[len(got)]))])
		}
		if line == "" {
			break
		}
	}
	require.Equal(t, want, got)
}

func TestSurroundings_Names(t *testing.T) {
	names, err := surroundingNames([]string{"jk", "modules"})
	require.NoError(t, err)
	require.Equal(t, []string{"jk", "http2", "ssl", "cgid", "proxy"}, names)
	_, err = surroundingNames([]string{"jk", "php"})
	require.ErrorContains(t, err, `"php"; accepted are http2, ssl`)
}

// TestSurroundings_NotEverywhere: mod_http2 is for event and worker.
func TestSurroundings_NotEverywhere(t *testing.T) {
	for mpm, want := range map[MPM]bool{Event: true, Worker: true, Prefork: false} {
		h := HTTPD{opts: Options{Module: ModuleGojk, MPM: mpm, Around: []string{"http2"}}, inst: &installation{}}
		require.NoError(t, h.surround())
		require.Equal(t, want, h.Has("http2"), mpm)
	}
	for _, opts := range []Options{{Module: ModuleJk, Around: []string{"ssl"}}, {Module: ModuleGojk, Lean: true, Around: []string{"ssl"}}} {
		h := HTTPD{opts: opts}
		require.NoError(t, h.surround())
		require.False(t, slices.ContainsFunc(h.around, func(s surrounding) bool { return s.name == "ssl" }))
	}
}
