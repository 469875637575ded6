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
