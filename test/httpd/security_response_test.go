// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// injections are heads of a container with which it, or an application that puts into them what a client has sent, would write into the client's byte stream.
func injections() map[string]harness.Action {
	list := map[string]harness.Action{}
	with := func(name string, status int, reason string, pairs ...string) { list[name] = harness.Head(status, reason, pairs...) }
	for name, text := range map[string]string{
		"CRLF": "a\r\nInjected: 1", "LF": "a\nInjected: 1", "CR": "a\rInjected: 1", "two lines": "a\r\n\r\nInjected", "NUL": "a\x00Injected: 1", "folded": "a\r\n Injected: 1", "folded with a tab": "a\n\tInjected: 1", "escape": "a\x1b[31mInjected",
		"backspace": "a\x08Injected", "delete": "a\x7fInjected", "vertical tab": "a\x0bInjected", "at the beginning": "\r\nInjected: 1", "at the end": "Injected\r\n",
	} {
		with("value: "+name, 200, "OK", "X-Own", text)
		with("coded value: "+name, 200, "OK", "Content-Language", text)
		with("Set-Cookie: "+name, 200, "OK", "Set-Cookie", "s="+text+"; Path=/")
		with("Location: "+name, 302, "Found", "Location", "http://localhost/"+text)
		with("Content-Type: "+name, 200, "OK", "Content-Type", "text/plain;x="+text)
		with("Last-Modified: "+name, 200, "OK", "Last-Modified", text)
		with("name: "+name, 200, "OK", text, "v")
		with("reason: "+name, 200, text)
		with("reason of an error: "+name, 500, text)
		with("Content-Length: "+name, 200, "OK", "Content-Length", "0"+text)
		with("challenge: "+name, 401, "Unauthorized", "WWW-Authenticate", "Basic realm=\""+text+"\"")
	}
	for _, name := range []string{"", " ", "X Own", "X-Own ", " X-Own", "X-Own:", "X-Own: a", "X\tOwn", "X-\xff", "X-Own\x0b", "(X)", "X,Y", "\"X\"", "X/Y", "X=Y", "X@Y", "{X}"} {
		with(fmt.Sprintf("name %q", name), 200, "OK", name, "Injected")
	}
	return list
}

// TestSecurity_HeaderInjection: nobody but httpd writes into the client's byte stream (CVE-2026-33523). The client gets httpd's page and nothing
// behind it, the connection to the container is not used again, and the member stays in service: it is the application that is wrong.
func TestSecurity_HeaderInjection(t *testing.T) {
	s := start(t, plan{containers: "a", workers: "worker.a.retries=1\nworker.lb.retries=1\nworker.lb.lb_retries=1\n", config: "JkMount /app/* lb\nJkMount /own/* lb;use_server_errors=400\n"})
	a, m := s.container["a"], s.shared(t)
	s.requireAnswer(t, "/app/first", "a")
	n := 0
	for name, head := range injections() {
		if n++; testing.Short() && n%10 != 0 {
			continue
		}
		for _, path := range []string{"/app/x", "/own/x"} {
			a.Script(harness.Do(head, harness.Chunk("Injected"), harness.End()))
			k := s.dial(t)
			require.NoError(t, k.Send(requestOn("GET", path)+requestOn("GET", "/app/never")))
			r := k.ReadResponse("GET", patience)
			require.Equal(t, harness.EndComplete, r.End, name)
			require.Equal(t, 500, r.Status, "%s: %s", name, r.StatusLine)
			requireClean(t, name, r)
			require.Equal(t, "closed", k.Rest(r, patience), name)
			_ = k.Close()
			require.Equal(t, "OK", state(t, m, "a").String(), "%s: the member stays in service", name)
			s.requireAnswer(t, "/app/next", "a")
			require.Zero(t, a.ClearScripts())
		}
	}
	for _, r := range s.Take() {
		require.NotEqual(t, harness.RecordTrouble, r.Kind, "%+v", r)
		require.LessOrEqual(t, r.Nth, 2, "a connection ends with the first response that is none")
	}
	s.requireIdle(t)
}

// requireClean requires that nothing of the container's is in a response.
func requireClean(t *testing.T, name string, r *harness.Response) {
	t.Helper()
	require.NotContains(t, r.StatusLine+string(r.Body), "Injected", name)
	for _, h := range r.Headers {
		require.NotContains(t, h.Name+h.Value, "Injected", name)
		require.False(t, strings.ContainsFunc(h.Name+h.Value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }), "%s: %q", name, h)
	}
}
