// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/test/harness"
)

// This file shows of the properties of workers.properties what only a real httpd shows: what counts over all children, what the environment says, and
// what a client gets. module/internal/service has the other tests, and the table of which test shows what (property_cover_test.go).

// held is a request that a container has and does not answer yet.
type held struct {
	client *harness.Client
	child  int
}

// hold has container c hold n requests, and waits until it has them. release answers them.
func (s *site) hold(t *testing.T, c *harness.Container, n int, path string) (list []held, release func()) {
	t.Helper()
	for range n {
		name := fmt.Sprintf("held %p %d", t, len(list))
		c.Script(harness.Do(harness.Hold(name), harness.Head(200, "OK", "Content-Length", "4"), harness.Chunk("held"), harness.End()))
		k := s.dial(t)
		require.NoError(t, k.Send(request("GET", path)))
		require.NoError(t, c.AwaitScripts(patience))
		list = append(list, held{k, s.childOf(t, k.Port())})
	}
	return list, func() {
		for i, h := range list {
			c.Release(fmt.Sprintf("held %p %d", t, i))
			r := h.client.ReadResponse("GET", patience)
			require.Equal(t, []any{harness.EndComplete, 200, "held"}, []any{r.End, r.Status, string(r.Body)})
			require.NoError(t, h.client.Close()) // otherwise a thread waits for that
		}
	}
}

// children is how many different children serve the requests.
func children(list []held) int {
	different := map[int]bool{}
	for _, h := range list {
		different[h.child] = true
	}
	return len(different)
}

// TestProperty_BusyLimit: exactly busy_limit requests run over all children. Each child has one thread, so each held request is another child's.
func TestProperty_BusyLimit(t *testing.T) {
	s := start(t, plan{
		children: 4, threads: 1, config: "JkMount /a/* a\nJkMount /app/* lb",
		workers: "worker.maintain=3600\nworker.a.busy_limit=2\nworker.a.retries=1\n",
	})
	list, release := s.hold(t, s.container["a"], 2, "/a/x")
	require.Equal(t, 2, children(list))
	for range 3 {
		require.Equal(t, 503, s.get(t, "/a/x").Status)
	}
	for range 3 {
		s.requireAnswer(t, "/app/x", "b", "Cookie: JSESSIONID=1.a")
	}
	m := s.shared(t)
	require.EqualValues(t, 2, worker(t, m, "a").Busy())
	require.Equal(t, shm.MemberBusy, state(t, m, "a"))
	release()
	s.requireAnswer(t, "/a/x", "a")
	s.requireAnswer(t, "/app/x", "a", "Cookie: JSESSIONID=1.a")
	require.Equal(t, shm.MemberOK, state(t, m, "a"))
	s.requireIdle(t)
}

// TestProperty_ConnectionPoolSize: the limit is each child's own; its default is the number of threads that a child has.
func TestProperty_ConnectionPoolSize(t *testing.T) {
	t.Run("of each child", func(t *testing.T) {
		if mpm == harness.Prefork {
			t.Log("a child of prefork has one thread: its pool is never full")
		}
		s := start(t, plan{
			children: 3, threads: 2, config: "JkMount /a/* a",
			workers: "worker.a.connection_pool_size=1\nworker.a.connection_acquire_timeout=1\nworker.a.retries=1\n",
		})
		p, _ := s.pin(t, 2, "/a/x")
		a := s.container["a"]
		for i, k := range p.clients { // one in each of two children
			a.Script(harness.Do(harness.Hold("pool"), harness.Head(200, "OK", "Content-Length", "0"), harness.End()))
			require.NoError(t, k.Send(requestOn("GET", "/a/x")))
			require.NoError(t, a.AwaitScripts(patience), "child %d", i)
		}
		require.EqualValues(t, 2, worker(t, s.shared(t), "a").Busy())
		s.release("pool")
		for _, k := range p.clients {
			require.Equal(t, 200, k.ReadResponse("GET", patience).Status)
		}
	})
	t.Run("default", func(t *testing.T) {
		const threads = 3
		s := start(t, plan{children: 1, threads: threads, config: "JkMount /a/* a", workers: "worker.a.connection_acquire_timeout=0\n"})
		_, release := s.hold(t, s.container["a"], map[bool]int{false: threads, true: 1}[mpm == harness.Prefork], "/a/x")
		release()
		s.requireAnswer(t, "/a/x", "a")
	})
}

// TestProperty_Environment: what requests say of themselves: JK_REPLY_TIMEOUT, JK_STICKY_IGNORE, JK_STATELESS, JK_ROUTE, and JK_WORKER_NAME with rule
// extensions.
func TestProperty_Environment(t *testing.T) {
	s := start(t, plan{
		config: "JkMount /app/* lb\nJkMount /rule/* lb;reply_timeout=40\n<Location /named>\nSetHandler jakarta-servlet\n</Location>\n" +
			"SetEnvIf X-Timeout (.+) JK_REPLY_TIMEOUT=$1\nSetEnvIf X-Ignore (.+) JK_STICKY_IGNORE=$1\nSetEnvIf X-Stateless (.+) JK_STATELESS=$1\n" +
			"SetEnvIf X-Route (.+) JK_ROUTE=$1\nSetEnvIf X-Name (.+) JK_WORKER_NAME=$1\n",
		workers: "worker.lb.retries=1\nworker.lb.lb_retries=1\nworker.lb.max_reply_timeouts=100\nworker.a.retries=1\nworker.b.retries=1\nworker.a.reply_timeout=15000\nworker.maintain=3600\n",
	})
	ofA := "Cookie: JSESSIONID=1.a"
	silence := func(t *testing.T, want int, path string, headers ...string) {
		t.Helper()
		s.container["a"].Script(harness.Do(harness.AwaitHostClose()))
		require.Equal(t, want, s.get(t, path, append(headers, ofA)...).Status)
		require.NoError(t, s.container["a"].AwaitScripts(patience))
	}
	t.Run("reply timeout before that of the worker", func(t *testing.T) { silence(t, 504, "/app/x", "X-Timeout: 40") })
	t.Run("reply timeout of the rule", func(t *testing.T) { silence(t, 504, "/rule/x") })
	t.Run("reply timeout of a named worker's extension", func(t *testing.T) { silence(t, 504, "/named/x", "X-Name: lb;reply_timeout=40") })
	t.Run("reply timeout before that of the rule", func(t *testing.T) {
		// What is longer than the rule's limit is seen by the answer that comes behind another request's reply timeout.
		s.container["a"].Script(harness.Do(harness.Hold("slow"), harness.Head(200, "OK"), harness.Chunk("slow"), harness.End()))
		k := s.dial(t)
		require.NoError(t, k.Send(request("GET", "/rule/x", ofA, "X-Timeout: 0")))
		require.NoError(t, s.container["a"].AwaitScripts(patience))
		silence(t, 504, "/rule/x")
		silence(t, 504, "/rule/x")
		s.release("slow")
		require.Equal(t, "slow", string(k.ReadResponse("GET", patience).Body))
	})
	four := func(t *testing.T, path string, headers ...string) string {
		t.Helper()
		got := ""
		for range 4 {
			r := s.get(t, path, headers...)
			require.Equal(t, 200, r.Status)
			got += string(r.Body)
		}
		return got
	}
	require.Equal(t, "aaaa", four(t, "/app/x", ofA))
	t.Run("sticky_ignore", func(t *testing.T) { require.Contains(t, four(t, "/app/x", ofA, "X-Ignore: 1"), "b") })
	t.Run("stateless", func(t *testing.T) {
		got := four(t, "/app/x", "X-Stateless: 1")
		require.Contains(t, []string{"abab", "baba"}, got, "turns, although a has had more")
	})
	t.Run("route", func(t *testing.T) { require.Equal(t, "bbbb", four(t, "/app/x", ofA, "X-Route: b")) })
	t.Run("worker name", func(t *testing.T) {
		require.Equal(t, "bbbb", four(t, "/named/x", "X-Name: b"))
		require.Equal(t, "bbbb", four(t, "/named/x", ofA, "X-Name: lb;stopped=a"))
		require.Equal(t, "aaaa", four(t, "/named/x", "X-Name: lb;disabled=b"))
		require.Equal(t, 500, s.get(t, "/named/x", "X-Name: nobody").Status)
	})
}

// TestProperty_Codes: rows of the table of what clients get (mod_jk-surface 4.12) that httpd has a part in, by a worker of its own and by a balancer.
func TestProperty_Codes(t *testing.T) {
	s := start(t, plan{
		config: "JkMount /a/* a\nJkMount /lb/* lb\nJkMount /nobody/* nobody\nProxyRequests On\n<Location /handler>\nSetHandler jakarta-servlet\n</Location>\n" +
			"RewriteEngine On\nRewriteRule ^http://proxied\\.test/ /a/x [H=jakarta-servlet,E=JK_WORKER_NAME:a]\nSetEnvIf X-Name (.+) JK_WORKER_NAME=$1\n",
		workers: "worker.lb.sticky_session_force=true\n",
		options: func(o *harness.Options) { o.Modules = []string{"proxy"} },
	})
	large := func(name string) string { return name + ": " + strings.Repeat("x", 5000) }
	tests := []struct {
		name, text string
		status     int
		closed     bool // httpd closes the client's connection, as it does after all of these but 404
	}{
		{"head too large", requestOn("GET", "/a/x", large("X-One"), large("X-Two")), 413, true},
		{"head too large, balanced", requestOn("GET", "/lb/x", large("X-One"), large("X-Two")), 413, true},
		{"sticky_session_force, no usable member", requestOn("GET", "/lb/x", "Cookie: JSESSIONID=1.nobody"), 503, true},
		{"rule of an unknown worker", requestOn("GET", "/nobody/x"), 500, true},
		{"handler with an unknown worker", requestOn("GET", "/handler/x", "X-Name: nobody"), 500, true},
		{"handler without a worker", requestOn("GET", "/handler/x"), 404, false},
		{"path above the root", requestOn("GET", "/a/../../x"), 400, true},
		{"forward proxy, which mod_proxy takes whatever the handler is", requestOn("GET", "http://proxied.test/a/x"), 500, true},
		{"the others are served", requestOn("GET", "/lb/x"), 200, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := s.dial(t)
			r := ask(t, k, tt.text)
			require.Equal(t, []any{harness.EndComplete, tt.status}, []any{r.End, r.Status})
			closing := false
			for _, h := range r.Headers {
				closing = closing || h.Name == "Connection" && h.Value == "close"
			}
			require.Equal(t, tt.closed, closing, "%q", r.Headers)
			require.Equal(t, tt.status == 200, len(s.requests()) == 1)
		})
	}
}
