// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// modules adds httpd modules to a plan's options.
func modules(names ...string) func(*harness.Options) {
	return func(o *harness.Options) { o.Modules = append(o.Modules, names...) }
}

// TestSlowBody: mod_reqtimeout ends a client that does not send its body in time. It is told so, with the status that httpd's own handlers give it.
func TestSlowBody(t *testing.T) {
	s := start(t, plan{containers: "a", config: "JkMount /app/* a\nRequestReadTimeout body=1\n", options: modules("reqtimeout")})
	a := s.container["a"]
	length, chunks := s.dial(t), s.dial(t)
	a.Script(*script(harness.ReadBody(8186), harness.AwaitHostClose()))
	require.NoError(t, chunks.Send(requestOn("POST", "/app/chunks", "Transfer-Encoding: chunked")+"4\r\nbo"))
	require.NoError(t, a.AwaitScripts(patience))
	require.NoError(t, length.Send(requestOn("POST", "/app/length", "Content-Length: 4")+"bo"))
	for _, c := range []*harness.Client{chunks, length} {
		r := c.ReadResponse("POST", patience)
		require.Equal(t, 408, r.Status, r.StatusLine)
		require.Equal(t, harness.EndComplete, r.End)
		require.Equal(t, "closed", c.Rest(r, patience))
	}
	require.Len(t, s.requests(), 1, "only the one whose length is not known was asked")
	s.requireIdle(t)
	s.requireAnswer(t, "/app/after", "a")
}

// TestExpect: a client that waits for 100 Continue gets it when its body is wanted, and an answer when it is not.
func TestExpect(t *testing.T) {
	s := start(t, plan{containers: "a", config: "JkMount /app/* a\n"})
	a := s.container["a"]
	refusal := []harness.Action{harness.Head(417, "No", "Content-Length", "2"), harness.Chunk("no"), harness.End()}
	accepted := []harness.Action{harness.ReadBody(8186), harness.Head(200, "OK", "Content-Length", "4"), harness.Chunk("done"), harness.End()}
	post := func(header string) string {
		return requestOn("POST", "/app/x", "Expect: 100-continue", header)
	}

	t.Run("chunked, refused", func(t *testing.T) {
		for _, script := range [][]harness.Action{refusal, append([]harness.Action{harness.Head(200, "OK")}, refusal[1:]...)} {
			a.Script(harness.Do(script...))
			c := s.dial(t)
			r := ask(t, c, post("Transfer-Encoding: chunked"))
			require.Equal(t, harness.EndComplete, r.End)
			require.Empty(t, r.Interim)
			require.Equal(t, "no", string(r.Body))
			require.Contains(t, r.Header("Connection"), "close", "nobody can tell a body from the next request")
			require.Equal(t, "closed", c.Rest(r, patience))
		}
		require.Empty(t, s.body(), "nothing to read")
	})
	t.Run("chunked, asked for", func(t *testing.T) {
		a.Script(harness.Do(append([]harness.Action{harness.Hold("asked")}, accepted...)...))
		c := s.dial(t)
		require.NoError(t, c.Send(post("Transfer-Encoding: chunked")))
		require.NoError(t, a.AwaitScripts(patience))
		data, err := c.Received(poll)
		require.NoError(t, err)
		require.Empty(t, data, "not before the container asks")
		a.Release("asked")
		line, err := c.ReadInterim(patience)
		require.NoError(t, err)
		require.Equal(t, "HTTP/1.1 100 Continue", line)
		require.NoError(t, c.Send(chunked(noise(20_000), 3000)))
		r := c.ReadResponse("POST", patience)
		require.Equal(t, harness.EndComplete, r.End)
		require.Equal(t, "done", string(r.Body))
		require.Equal(t, sum(noise(20_000)), sum(s.body()))
		require.Equal(t, "a", string(ask(t, c, requestOn("GET", "/app/next")).Body))
	})
	t.Run("known length", func(t *testing.T) {
		for want, script := range map[string]harness.Script{"done": harness.Do(accepted...), "no": harness.Early(refusal...)} {
			a.Script(script)
			c := s.dial(t)
			require.NoError(t, c.Send(post("Content-Length: 4")))
			_, err := c.ReadInterim(patience)
			require.NoError(t, err)
			require.NoError(t, c.Send("body"))
			r := c.ReadResponse("POST", patience)
			require.Equal(t, harness.EndComplete, r.End)
			require.Equal(t, want, string(r.Body))
			require.Equal(t, "a", string(ask(t, c, requestOn("GET", "/app/next")).Body))
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		require.NoError(t, a.Down())
		c := s.dial(t)
		r := ask(t, c, post("Transfer-Encoding: chunked"))
		require.Equal(t, 503, r.Status)
		require.Empty(t, r.Interim)
		require.Equal(t, "closed", c.Rest(r, patience))
		require.NoError(t, a.Up())
	})
	s.requireIdle(t)
	s.requireAnswer(t, "/app/after", "a")
}
