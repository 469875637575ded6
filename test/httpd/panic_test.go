// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

const panics = "X-Gojk-Test-Fault: "

// faulty starts a site with the library in which a request can ask for a fault.
func faulty(t *testing.T) *site {
	t.Helper()
	module, err := faultModule()
	require.NoError(t, err)
	return start(t, plan{
		config: "JkMount /app/* lb\nJkMount /direct/* a", faults: true,
		options: func(o *harness.Options) { o.ModuleFile, o.Children = module, 1 },
	})
}

// TestPanic: a panic costs its request and nothing else. The child serves on, nothing stays counted, and no connection is used again whose exchange
// was not finished.
func TestPanic(t *testing.T) {
	s := faulty(t)
	child := s.Children()
	part := []harness.Action{harness.Head(200, "OK"), harness.Chunk("part"), harness.Flush()}
	sized := []harness.Action{harness.Head(200, "OK", "Content-Length", "8"), harness.Chunk("part"), harness.Flush()}
	tests := []struct {
		name, path, when, protocol string
		script                     []harness.Action
		status                     int
		end                        harness.Ending
		unfinished                 bool // in the middle of an exchange
	}{
		{"before, whole response", "/direct/x", "before", "1.1", harness.Answer(200, "text/plain", "never").Actions, 500, harness.EndComplete, false},
		{"before, balanced", "/app/x", "before", "1.1", harness.Answer(200, "text/plain", "never").Actions, 500, harness.EndComplete, false},
		{"before, more is to come", "/direct/x", "before", "1.1", append(part, harness.AwaitHostClose()), 500, harness.EndComplete, true},
		{"after, chunked", "/direct/x", "after", "1.1", part, 200, harness.EndTruncated, true},
		{"after, balanced", "/app/x", "after", "1.1", part, 200, harness.EndTruncated, true},
		{"after, Content-Length", "/direct/x", "after", "1.1", sized, 200, harness.EndTruncated, true},
		{"after, until close", "/direct/x", "after", "1.0", part, 200, harness.EndReset, true},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			script := tt.script
			if tt.when == "after" {
				script = append(slices.Clone(script), harness.Hold(tt.name), harness.Chunk("rest"), harness.Flush(), harness.AwaitHostClose())
			}
			for _, c := range s.container {
				c.Script(harness.Do(script...))
			}
			s.Take()
			k := s.dial(t)
			require.NoError(t, k.Send(strings.Replace(request("GET", tt.path, panics+tt.when), "HTTP/1.1", "HTTP/"+tt.protocol, 1)))
			if tt.when == "after" {
				awaitBytes(t, k, "part")
				s.release(tt.name)
			}
			r := k.ReadResponse("GET", patience)
			require.NoError(t, k.Close())
			require.Equal(t, tt.end, r.End, "%+v", r)
			require.Equal(t, tt.status, r.Status)
			if tt.status == 500 {
				require.NotContains(t, string(r.Body), "never")
				require.NotContains(t, string(r.Body), "panic", "what went wrong is not the client's business")
			}
			s.requireIdle(t)
			served := s.requests()
			require.Len(t, served, 1, "it is not repeated")
			for _, c := range s.container {
				c.ClearScripts()
			}
			s.requireAnswer(t, "/direct/x", "a")
			if next := s.requests()[0]; next.Container == served[0].Container {
				require.Equal(t, tt.unfinished, next.Connection != served[0].Connection, "a new connection")
			}
			require.Equal(t, i+1, strings.Count(s.ErrorLog(), "id=GOJK0010"), "one report a panic")
		})
	}
	log := s.ErrorLog()
	require.Contains(t, log, "panic in a request: before the response")
	require.Contains(t, log, "panic in a request: after a part of the response")
	require.Regexp(t, `mod_gojk: \S*service\.\(\*exchange\)\.Respond\(`, log, "with its stack")
	require.NotContains(t, log, "\ngoroutine ", "each line of the stack is one of the log")
	require.Equal(t, child, s.Children(), "the same process")
}

// requireEndInsideRunningGo is requireEndInsideGo while the thread does not wait in Go, but runs there.
func requireEndInsideRunningGo(t *testing.T) {
	s := faulty(t)
	require.NoError(t, s.dial(t).Send(request("GET", "/app/x", panics+"spin")))
	await(t, "the container to be asked", func() bool { return len(s.requests()) == 1 })
	require.NoError(t, s.Signal(syscall.SIGHUP))
	await(t, "httpd to have restarted", func() bool { return s.try("/app/x") == "" && strings.Contains(s.ErrorLog(), "SIGHUP received") })
	s.Take()
	require.NoError(t, s.dial(t).Send(request("GET", "/app/x", panics+"spin")))
	await(t, "the container to be asked", func() bool { return len(s.requests()) == 1 })
	requireQuickEnd(t, s)
}
