// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// sourcePlan is an httpd with all virtual hosts of sourceConfig.
func sourcePlan(module string) plan {
	return plan{config: "JkMount /main a\n" + sourceConfig(), faults: true, options: func(o *harness.Options) {
		o.Ports, o.Files, o.Modules, o.ModuleFile = 2, sourceFiles(), []string{"include", "negotiation", "speling", "autoindex"}, module
		for name, text := range hiddenFiles {
			o.Files[name] = text
		}
	}}
}

// prober sends requests to the second port, on one connection as long as that stays open.
type prober struct {
	site   *site
	client *harness.Client // nil: none
}

func newProber(t *testing.T, s *site) *prober {
	p := &prober{site: s}
	t.Cleanup(p.close)
	return p
}

func (p *prober) close() {
	if p.client != nil {
		_ = p.client.Close()
	}
	p.client = nil
}

// ask sends a request, whose headers name a virtual host.
func (p *prober) ask(t *testing.T, text string) *harness.Response {
	t.Helper()
	if p.client == nil {
		var err error
		p.client, err = harness.Dial(p.site.AddrOf(1))
		require.NoError(t, err)
	}
	r := ask(t, p.client, text)
	if r.End != harness.EndComplete || r.Framing == harness.FramingClose || strings.EqualFold(r.Header("Connection"), "close") {
		p.close()
	}
	return r
}

// thinned is every n-th element, with -short every 10n-th. Which are left out changes with the host.
func thinned(list []string, n, host int) (some []string) {
	if testing.Short() {
		n *= 10
	}
	for i := host % n; i < len(list); i += n {
		some = append(some, list[i])
	}
	return some
}

// requireNoSource sends every n-th spelling to every virtual host, and returns how often which status came.
func requireNoSource(t *testing.T, s *site, n int) map[int]int {
	t.Helper()
	statuses := map[int]int{}
	p := newProber(t, s)
	all := spellings()
	for i, host := range sourceHosts() {
		targets := append(thinned(all, n, i), otherSpellings...)
		if !strings.HasPrefix(host, "suffix") {
			targets = append(targets, hiddenSpellings...)
		}
		for _, target := range targets {
			r := p.ask(t, requestOn("GET", target, "Host: "+host+".test"))
			statuses[r.Status]++
			require.NotContains(t, string(r.Body), "secret %", "%s: %s: %s", host, target, r.StatusLine)
		}
	}
	return statuses
}

// TestSecurity_Source: however a client writes the path of a file that a worker has, and whatever httpd's settings: it does not get the file. That holds for spellings that to
// Tomcat are the page; and for those that only to httpd are the file (another case where the file system knows no case, "a;b.jsp" as it is).
func TestSecurity_Source(t *testing.T) {
	s := start(t, sourcePlan(""))
	statuses := requireNoSource(t, s, 2)
	require.Greater(t, statuses[200], statuses[404], "most of them are a worker's: %v", statuses)
	require.Zero(t, statuses[500], "nothing fails: %v", statuses)
	require.Zero(t, statuses[503], "%v", statuses)
	require.Contains(t, s.ErrorLog(), "id=GOJK0030")
	require.NotContains(t, ofModule(s.ErrorLog()), "jsessionid", "a session id is a secret")
}

// TestSecurity_SourceMethods: nor with another method, nor with another version of HTTP.
func TestSecurity_SourceMethods(t *testing.T) {
	s := start(t, sourcePlan(""))
	targets := []string{"/app/secret.jsp", "/app;x/secret.jsp", "/app/a%3Bb.jsp", "/app/secret.jsp/x", "/app/secret%2ejsp", "/app/x/..;/secret.jsp", "/app/dir/", "/app/a;b.jsp"}
	p := newProber(t, s)
	for _, host := range sourceHosts() {
		for _, target := range targets {
			for _, method := range []string{"HEAD", "POST", "OPTIONS", "PROPFIND", "PUT", "DELETE", "PATCH", "get", "COPY", "BREW", "TRACE"} {
				r := p.ask(t, requestOn(method, target, "Host: "+host+".test", "Destination: /x"))
				require.NotContains(t, string(r.Body), "secret %", "%s: %s %s", host, method, target)
				require.Empty(t, r.Header("Accept-Ranges"), "%s: %s %s: the headers of the file", host, method, target)
			}
			for _, text := range []string{"GET " + target + " HTTP/1.0\r\nHost: " + host + ".test\r\n\r\n", request("GET", target, "Host: "+host+".test", "Range: bytes=0-9", "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT")} {
				require.NotContains(t, string(doAt(t, s.AddrOf(1), text).Body), "secret %", "%s: %q", host, text)
			}
		}
	}
	k := dialTo(t, s.AddrOf(1))
	require.NoError(t, k.Send("GET /app/secret.jsp\r\n"))
	data, err := k.Received(patience)
	require.NoError(t, err)
	require.NotContains(t, string(data), "secret %", "HTTP/0.9")
}

// TestSecurity_SourceWithoutLibrary: the shim alone does not know every rule, and errs on the side of 503.
func TestSecurity_SourceWithoutLibrary(t *testing.T) {
	for _, tt := range []struct {
		name    string
		library func(t *testing.T, path string)
	}{
		{"missing", func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) }},
		{"no library at all", func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, []byte("no library"), 0o755)) }},
		{"refuses to start", func(t *testing.T, path string) { compileStub(t, path, "NO_INIT") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			module := copyModule(t, t.TempDir())
			tt.library(t, filepath.Join(filepath.Dir(module), "libgojk.so"))
			s := start(t, sourcePlan(module))
			statuses := requireNoSource(t, s, 6)
			require.Greater(t, statuses[503], statuses[404], "%v", statuses)
			s.get(t, "/main;jsessionid=1.a")
			require.Contains(t, ofModule(s.ErrorLog()), "id=GOJK0007")
			require.NotContains(t, ofModule(s.ErrorLog()), "jsessionid", "a session id is a secret")
			require.Equal(t, "static\n", string(s.get(t, "/").Body), "everything else is served")
		})
	}
}

// compileStub makes a library that is none of Go's (test/abi).
func compileStub(t *testing.T, path, kind string) {
	t.Helper()
	out, err := exec.Command("gcc", "-std=gnu11", "-shared", "-fPIC", "-I"+root, "-DSTUB="+kind, "-o", path, filepath.Join(root, "test", "abi", "testdata", "stublib.c")).CombinedOutput()
	require.NoError(t, err, string(out))
}

// TestSecurity_SourceAtFaults: a panic while a request is mapped or served costs the request, and the end of a child its requests: no file is served in their place.
func TestSecurity_SourceAtFaults(t *testing.T) {
	module, err := faultModule()
	require.NoError(t, err)
	s := prepare(t, sourcePlan(module)) // not start: a child is going to crash
	require.NoError(t, s.Start())
	p := newProber(t, s)
	for _, host := range []string{"context-plain", "suffix-options", "suffix-plain", "both-strip"} {
		for _, target := range []string{"/app/panic-in-map.jsp", "/app/panic-in-map.jsp/x", "/app/panic-in-map.jsp;x", "/app//panic-in-map.jsp", "/app/panic-in-map%2ejsp"} {
			r := p.ask(t, requestOn("GET", target, "Host: "+host+".test"))
			require.Equal(t, 500, r.Status, "%s: %s: %s", host, target, r.StatusLine)
			require.NotContains(t, string(r.Body), "secret %")
		}
	}
	require.Contains(t, s.ErrorLog(), "panic in the mapping of a request")
	for _, host := range []string{"context-plain", "suffix-options", "suffix-plain", "both-strip"} {
		r := p.ask(t, requestOn("GET", "/app/secret.jsp", "Host: "+host+".test", panics+"before"))
		require.Equal(t, 500, r.Status, host)
		require.NotContains(t, string(r.Body), "secret %")
	}
	children := s.Children()
	for range rounds(5) {
		r := doAt(t, s.AddrOf(1), request("GET", "/app/secret.jsp", "Host: suffix-plain.test", panics+"crash"))
		require.NotEqual(t, harness.EndComplete, r.End)
		require.Empty(t, r.Body)
		await(t, "another child", func() bool { return s.try("/main") == "" })
		r = doAt(t, s.AddrOf(1), request("GET", "/app/secret.jsp", "Host: suffix-plain.test"))
		require.Equal(t, "a", string(r.Body))
	}
	require.NotSubset(t, s.Children(), children, "children have crashed")
	require.NotContains(t, s.ErrorLog(), "<%")
}
