// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/test/harness"
)

// abort is a way in which a client fails.
type abort struct {
	name   string
	script *harness.Script // nil: the container is not asked
	abort  func(t *testing.T, c *harness.Client)
	status int  // of the answer that the client may still get; 0: it is gone
	again  bool // the exchange was finished: the connection may be used again
}

// aborts are those that are tried, with a as the container.
func aborts(a *harness.Container) []abort {
	half := noise(50_000)
	read := harness.ReadBody(8186)
	return []abort{
		{
			"reset in the middle of the response",
			script(harness.Head(200, "OK"), harness.Chunks(noise(large), 8184), harness.AwaitHostClose()),
			func(t *testing.T, c *harness.Client) {
				require.NoError(t, c.Send(request("GET", "/app/x")))
				awaitBytes(t, c, "HTTP/1.1 200 OK")
				require.NoError(t, c.Reset())
			}, 0, false,
		},
		{
			"close in the middle of the response",
			script(harness.Head(200, "OK"), harness.Chunks(noise(large), 8184), harness.AwaitHostClose()),
			func(t *testing.T, c *harness.Client) {
				require.NoError(t, c.Send(request("GET", "/app/x")))
				awaitBytes(t, c, "HTTP/1.1 200 OK")
				require.NoError(t, c.Close())
			}, 0, false,
		},
		{
			"reset while the container works: it finishes",
			script(harness.Hold("reset"), harness.Head(200, "OK"), harness.Chunk("late"), harness.End()),
			func(t *testing.T, c *harness.Client) {
				require.NoError(t, c.Send(request("GET", "/app/x")))
				require.NoError(t, a.AwaitScripts(patience))
				require.NoError(t, c.Reset())
				a.Release("reset")
			}, 0, true,
		},
		{
			"upload ends early",
			script(read, harness.AwaitHostClose()),
			func(t *testing.T, c *harness.Client) {
				require.NoError(t, c.Send(request("POST", "/app/x", "Content-Length: 100000")+half))
				require.NoError(t, c.CloseWrite())
			}, 400, false,
		},
		{
			"upload ends early, before the first packet is full", nil,
			func(t *testing.T, c *harness.Client) {
				require.NoError(t, c.Send(request("POST", "/app/x", "Content-Length: 100000")+half[:100]))
				require.NoError(t, c.CloseWrite())
			}, 400, false,
		},
		{
			"chunked upload ends early",
			script(read, harness.AwaitHostClose()),
			func(t *testing.T, c *harness.Client) {
				require.NoError(t, c.Send(request("POST", "/app/x", "Transfer-Encoding: chunked")+"5\r\nhello\r\n"))
				require.NoError(t, c.CloseWrite())
			}, 400, false,
		},
		{
			"chunked upload that is none",
			script(read, harness.AwaitHostClose()),
			func(t *testing.T, c *harness.Client) {
				require.NoError(t, c.Send(request("POST", "/app/x", "Transfer-Encoding: chunked")+"5\r\nhello\r\nxyz\r\n"))
			}, 400, false,
		},
		{
			"reset in the middle of an upload",
			script(harness.GetBody(8186), harness.Hold("upload"), harness.GetBody(8186), harness.AwaitHostClose()),
			func(t *testing.T, c *harness.Client) {
				require.NoError(t, c.Send(request("POST", "/app/x", "Content-Length: 100000")+half[:16372]))
				require.NoError(t, a.AwaitScripts(patience))
				require.NoError(t, c.Reset())
				a.Release("upload")
			}, 0, false,
		},
	}
}

// TestClientAbort: a client that fails is no fault of the member's. The member stays in service, nothing stays counted, and no connection is used
// again on which an exchange was not finished.
func TestClientAbort(t *testing.T) {
	s := start(t, plan{containers: "a", config: "JkMount /app/* lb", children: 1})
	a, m := s.container["a"], s.shared(t)
	for _, tt := range aborts(a) {
		t.Run(tt.name, func(t *testing.T) {
			s.requireAnswer(t, "/app/before", "a")
			before := s.requests()
			counted := worker(t, m, "a").Counters()
			tt.run(t, s)
			require.Equal(t, shm.MemberOK, state(t, m, "a"))
			require.Equal(t, shm.WorkerOK, worker(t, m, "a").State())
			require.Zero(t, member(t, m, "a").Errors().Load())
			require.Equal(t, counted.Errors, worker(t, m, "a").Counters().Errors)
			s.requireAnswer(t, "/app/after", "a")
			all := s.requests()
			after := all[len(all)-1]
			if tt.script == nil {
				require.Len(t, all, 1, "the container was not asked")
			}
			require.Equal(t, tt.again || tt.script == nil, after.Connection == before[0].Connection, "connection %d, now %d", before[0].Connection, after.Connection)
		})
	}
	require.Positive(t, worker(t, m, "a").Counters().ClientErrors)
}

// run lets a client fail and waits until everybody has noticed.
func (tt *abort) run(t *testing.T, s *site) {
	t.Helper()
	a, c := s.container["a"], s.dial(t)
	if tt.script != nil {
		a.Script(*tt.script)
	}
	tt.abort(t, c)
	if tt.status != 0 {
		if r := c.ReadResponse("POST", patience); r.End == harness.EndComplete {
			require.Equal(t, tt.status, r.Status)
		} else {
			require.Equal(t, harness.EndNothing, r.End)
		}
	}
	_ = c.Close() // if it is still open
	require.NoError(t, a.AwaitScripts(patience))
	await(t, "the exchange to end", func() bool { return a.Settle(patience) == nil && a.Open() <= 1 })
	s.requireIdle(t)
}

func script(actions ...harness.Action) *harness.Script {
	s := harness.Do(actions...)
	return &s
}
