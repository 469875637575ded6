// Licensed under the Apache License, Version 2.0; see LICENSE.

package abi

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

const root = "../.."

// shimWith returns the path of a mod_gojk.so that finds the stub library of that kind beside it; an empty kind: no library at all.
func shimWith(t *testing.T, kind string) string {
	t.Helper()
	dir := t.TempDir()
	module := filepath.Join(dir, "mod_gojk.so")
	data, err := os.ReadFile(filepath.Join(root, "build", "mod_gojk.so"))
	require.NoError(t, err, "run make first")
	require.NoError(t, os.WriteFile(module, data, 0o755))
	if kind != "" {
		compile(t, "-shared", "-fPIC", "-DSTUB="+kind, "-o", filepath.Join(dir, "libgojk.so"), "testdata/stublib.c")
	}
	return module
}

// compile runs the C compiler with the project's warnings as errors.
func compile(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.Command("gcc", append([]string{"-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I" + root}, args...)...).CombinedOutput()
	require.NoError(t, err, string(out))
}

// stubHTTPD starts an httpd whose shim has the stub library of that kind, with one mount and a file behind it that must never be served.
func stubHTTPD(t *testing.T, kind string) *harness.HTTPD {
	t.Helper()
	return harness.New(t, harness.Options{
		Module: harness.ModuleGojk, ModuleFile: shimWith(t, kind),
		Config:  "JkMount /stub/* stub\nJkUnMount /stub/static/* stub\nJkMount /two|/* stub\n",
		Workers: "worker.list=stub\n",
		Files:   map[string]string{"stub/page.jsp": "<%= secret %>", "stub/static/a.txt": "static file", "two/x.jsp": "<%= secret %>"},
	})
}

func TestShim_GoodLibrary(t *testing.T) {
	h := stubHTTPD(t, "GOOD")

	tests := []struct {
		name, method, path, body string
		wantStatus               int
		wantBody                 string
	}{
		{"mapped", "GET", "/stub/x", "", 200, "stub GET"},
		{"method is handed over", "DELETE", "/stub/x", "", 200, "stub DELETE"},
		{"static", "GET", "/", "", 200, "static\n"},
		{"body goes both ways", "POST", "/stub/echo", strings.Repeat("0123456789", 10000), 200, strings.Repeat("0123456789", 10000)},
		{"status from the library becomes httpd's page", "GET", "/stub/409", "", 409, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequest(tt.method, h.URL(tt.path), strings.NewReader(tt.body))
			require.NoError(t, err)
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, tt.wantStatus, resp.StatusCode)
			if tt.wantStatus == 200 {
				require.Equal(t, tt.wantBody, string(got))
			}
		})
	}

	t.Run("reason and headers", func(t *testing.T) {
		resp, err := http.Get(h.URL("/stub/x"))
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, "200 Fine", resp.Status)
		require.Equal(t, "127.0.0.1", resp.Header.Get("X-Stub"))
		require.EqualValues(t, len("stub GET"), resp.ContentLength)
	})

	t.Run("media type in lower case, its parameters as they are", func(t *testing.T) {
		resp, err := http.Get(h.URL("/stub/echo"))
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, "text/plain; charset=UTF-8", resp.Header.Get("Content-Type"))
	})

	t.Run("the library is stopped when the child ends", func(t *testing.T) {
		require.NoError(t, h.Restart())
		require.Contains(t, h.ErrorLog(), "the stub was stopped")
	})
}

// TestShim_BrokenResponse: a response that breaks off never looks complete, whatever its framing.
func TestShim_BrokenResponse(t *testing.T) {
	h := stubHTTPD(t, "GOOD")
	tests := []struct {
		name, request string
		want          []harness.Ending
	}{
		{"HTTP/1.1, chunked", "GET /stub/broken HTTP/1.1\r\nHost: localhost\r\n\r\n", []harness.Ending{harness.EndTruncated}},
		{"HTTP/1.0, until close: reset", "GET /stub/broken HTTP/1.0\r\n\r\n", []harness.Ending{harness.EndReset}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := harness.Dial(h.Addr())
			require.NoError(t, err)
			defer c.Close()
			require.NoError(t, c.Send(tt.request))
			resp := c.ReadResponse("GET", 5*time.Second)
			require.Contains(t, tt.want, resp.End, "%+v", resp)
		})
	}
}

// TestShim_UnusableLibrary: mapped requests answer 503, never the source of what is mapped; everything else is served; one line says why.
func TestShim_UnusableLibrary(t *testing.T) {
	tests := []struct {
		name, kind string
		wantLog    string
	}{
		{"library is missing", "", "cannot load the library"},
		{"library lacks a call", "MISSING", "lacks gojk_go_stop"},
		{"library of another version", "WRONG_ABI", "install both from one build"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := stubHTTPD(t, tt.kind)
			requireFallback(t, h)
			logged := 0
			for _, line := range strings.Split(h.Stderr()+h.ErrorLog(), "\n") {
				if strings.Contains(line, tt.wantLog) {
					logged++
				}
			}
			require.LessOrEqual(t, logged, 2, "once when httpd checks its configuration, once when it starts")
			require.Positive(t, logged)

			require.NoError(t, h.Graceful())
			requireFallback(t, h)
		})
	}
}

// TestShim_MountsInWorkers: only the library understands the mount property, so without it no file of the main server is served.
func TestShim_MountsInWorkers(t *testing.T) {
	for name, opts := range map[string]harness.Options{
		"in the file":         {Workers: "worker.list=stub\nworker.stub.mount=/prop/*\n", Config: "JkMount /stub/* stub\n"},
		"in JkWorkerProperty": {Config: "JkWorkerProperty worker.list=stub\nJkWorkerProperty worker.stub.mount=/prop/*\n"},
	} {
		t.Run(name, func(t *testing.T) {
			opts.Module, opts.ModuleFile = harness.ModuleGojk, shimWith(t, "")
			opts.Files = map[string]string{"prop/page.jsp": "<%= secret %>"}
			h := harness.New(t, opts)
			status, body := h.Get(t, "/prop/page.jsp")
			require.Equal(t, 503, status)
			require.NotContains(t, body, "secret")
		})
	}
}

// TestShim_NothingConfigured: a module that is loaded and not used leaves httpd alone.
func TestShim_NothingConfigured(t *testing.T) {
	h := harness.New(t, harness.Options{
		Module: harness.ModuleGojk, ModuleFile: shimWith(t, ""), NoJkFiles: true, Files: map[string]string{"empty/x.txt": "x"},
	})
	status, body := h.Get(t, "/")
	require.Equal(t, 200, status)
	require.Equal(t, "static\n", body)
	status, _ = h.Get(t, "/empty/")
	require.Equal(t, 404, status, "a directory without a listing")
	require.NotContains(t, h.ErrorLog(), "exit signal")
}

// TestShim_LibraryCannotStart: the checker is content, but no child gets the library going.
func TestShim_LibraryCannotStart(t *testing.T) {
	requireFallback(t, stubHTTPD(t, "NO_INIT"))
}

func requireFallback(t *testing.T, h *harness.HTTPD) {
	t.Helper()
	for _, path := range []string{
		"/stub/page.jsp", "/stub/x", "/stub//page.jsp", "/stub;a=b/page.jsp", "/stub/page.jsp;jsessionid=1", "/x/../stub/page.jsp",
		"/%73tub/page.jsp", "/stub/./page.jsp", "//stub/page.jsp", "/two/x.jsp", "/two",
		"/stub/static/a.txt", // only the library knows which exclusions are in force
	} {
		c, err := harness.Dial(h.Addr())
		require.NoError(t, err)
		require.NoError(t, c.Send("GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
		resp := c.ReadResponse("GET", 5*time.Second)
		c.Close()
		require.Equal(t, 503, resp.Status, path)
		require.NotContains(t, string(resp.Body), "secret", path)
	}
	status, body := h.Get(t, "/")
	require.Equal(t, 200, status)
	require.Equal(t, "static\n", body)
	require.Contains(t, h.ErrorLog(), "503 for")
}

// TestShim_RefusedConfiguration: httpd -t and a start fail, with what the checker said; a running httpd goes on.
func TestShim_RefusedConfiguration(t *testing.T) {
	opts := harness.Options{
		Module: harness.ModuleGojk, ModuleFile: shimWith(t, "REFUSES"), Config: "JkMount /stub/* stub\n", Workers: "worker.list=stub\n",
	}
	h, err := harness.Prepare(opts)
	require.NoError(t, err)
	t.Cleanup(func() { _ = h.Stop() })
	out, err := h.ConfigTest()
	require.Error(t, err)
	require.Contains(t, out, "workers.properties:7: the stub refuses")

	_, err = harness.StartHTTPD(opts)
	require.ErrorContains(t, err, "the stub refuses")
}

// TestContract: what cgo generated is what mod_gojk.h promises.
func TestContract(t *testing.T) {
	compile(t, "-fsyntax-only", "-I"+filepath.Join(root, "build"), "testdata/contract.c")
}

// TestSymbols: exports, glibc and the version of Go, as make checks them.
func TestSymbols(t *testing.T) {
	out, err := exec.Command("bash", "check-symbols.sh", filepath.Join(root, "build", "mod_gojk.so"), filepath.Join(root, "build", "libgojk.so")).CombinedOutput()
	require.NoError(t, err, string(out))
}
