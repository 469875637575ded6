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

// pinned are clients on connections that different children serve: a connection stays with the child that accepted it.
type pinned struct {
	s       *site
	clients []*harness.Client
}

// pin opens connections until n children have one, sending a request for path on each. Returns also the bodies of the answers, in order.
func (s *site) pin(t *testing.T, n int, path string) (p pinned, answers []string) {
	t.Helper()
	p.s = s
	children := map[int]bool{}
	for range 300 {
		c := s.dial(t)
		r := ask(t, c, requestOn("GET", path))
		require.Equal(t, 200, r.Status, r.StatusLine)
		answers = append(answers, string(r.Body))
		if child := s.childOf(t, c.Port()); !children[child] {
			require.NotZero(t, child)
			children[child] = true
			p.clients = append(p.clients, c)
		} else {
			require.NoError(t, c.Close())
		}
		if len(p.clients) == n {
			return p, answers
		}
	}
	t.Fatalf("all connections went to children %v", children)
	return p, nil
}

// ask sends a request to the child with that number and returns the body of the response, which must have status 200.
func (p *pinned) ask(t *testing.T, child int, path string, headers ...string) string {
	t.Helper()
	r := ask(t, p.clients[child%len(p.clients)], requestOn("GET", path, headers...))
	require.Equal(t, harness.EndComplete, r.End)
	require.Equal(t, 200, r.Status, r.StatusLine)
	return string(r.Body)
}

// close ends the connections. Children that are to end wait for them.
func (p *pinned) close(t *testing.T) {
	t.Helper()
	for _, c := range p.clients {
		require.NoError(t, c.Close())
	}
}

// sequence is what mod_jk's method Request chooses, n times: the lowest lb_value, beginning behind the member chosen last; the chosen one's rises by
// the least common multiple of all factors divided by its own.
func sequence(names []string, factors []int, n int) (list []string) {
	multiple := 1
	for _, f := range factors {
		multiple *= f // as good as the least one: all rise by a multiple of what they should
	}
	values := make([]int, len(names))
	for offset := 0; len(list) < n; {
		best := -1
		for j := range names {
			if i := (offset + j) % len(names); best < 0 || values[i] < values[best] {
				best = i
			}
		}
		values[best] += multiple / factors[best]
		offset = best + 1
		list = append(list, names[best])
	}
	return list
}

// TestBalance_OneSequence: all children together balance as one would alone, request by request.
func TestBalance_OneSequence(t *testing.T) {
	tests := []struct {
		names   string
		factors []int
	}{
		{"a b", []int{1, 1}},
		{"a b", []int{3, 1}},
		{"a b c", []int{3, 2, 1}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.factors), func(t *testing.T) {
			names := strings.Fields(tt.names)
			workers := "worker.maintain=3600\n"
			for i, name := range names {
				workers += fmt.Sprintf("worker.%s.lbfactor=%d\n", name, tt.factors[i])
			}
			s := start(t, plan{containers: tt.names, workers: workers, config: "JkMount /app/* lb", children: 4, threads: 4})
			const children = 3
			p, got := s.pin(t, children, "/app/x")
			for i := range 20 * children {
				got = append(got, p.ask(t, i, "/app/x"))
			}
			for range 20 { // and by whichever child takes a new connection
				got = append(got, string(s.get(t, "/app/x").Body))
			}
			require.Equal(t, sequence(names, tt.factors, len(got)), got)
			m := s.shared(t)
			for _, name := range names {
				require.EqualValues(t, strings.Count(strings.Join(got, ""), name), member(t, m, name).Elected().Load(), name)
			}
		})
	}
}

// TestBalance_ErrorIsShared: what one child finds out, all know at once.
func TestBalance_ErrorIsShared(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* lb", children: 3, threads: 4})
	p, _ := s.pin(t, 2, "/app/x")
	m := s.shared(t)
	require.NoError(t, s.container["a"].Down())
	for range 2 { // one of them is a's
		require.Equal(t, "b", p.ask(t, 0, "/app/x"), "nobody notices")
	}
	attempts := s.count("(a) " + refused)
	require.Positive(t, attempts)
	require.Equal(t, shm.MemberError, state(t, m, "a"))
	for i := range 10 {
		require.Equal(t, "b", p.ask(t, i, "/app/x"))
		require.Equal(t, "b", p.ask(t, i, "/app/x", "Cookie: JSESSIONID=1234.a"), "a session of the member in error")
	}
	require.Equal(t, attempts, s.count("(a) "+refused), "no child tries it again")
	require.EqualValues(t, 1, member(t, m, "a").Errors().Load())
	s.requireIdle(t)

	p.close(t)
	t.Run("a graceful restart does not forget it", func(t *testing.T) {
		s.graceful(t)
		m := s.shared(t)
		require.EqualValues(t, 2, m.Generation())
		require.Equal(t, shm.MemberError, state(t, m, "a"))
		require.EqualValues(t, 1, member(t, m, "a").Errors().Load())
		for range 6 {
			s.requireAnswer(t, "/app/x", "b")
		}
		require.Equal(t, attempts, s.count("(a) "+refused))
	})
	t.Run("all in error: each is tried, and the first that is back serves", func(t *testing.T) {
		require.NoError(t, s.container["b"].Down())
		require.Equal(t, 503, s.get(t, "/app/x").Status)
		require.Greater(t, s.count("(a) "+refused), attempts)
		require.NoError(t, s.container["a"].Up())
		s.requireAnswer(t, "/app/x", "a")
		require.Positive(t, s.count("Forcing recovery once for"))
	})
}

// TestBalance_Recovery: a member that is back is used again by every child, without anybody's help.
func TestBalance_Recovery(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* lb", workers: "worker.maintain=1\nworker.lb.recover_time=1\n", children: 3, threads: 4})
	p, _ := s.pin(t, 2, "/app/x")
	require.NoError(t, s.container["a"].Down())
	for range 2 {
		require.Equal(t, "b", p.ask(t, 0, "/app/x"))
	}
	require.NoError(t, s.container["a"].Up())
	for child := range p.clients {
		await(t, fmt.Sprintf("child %d to use a again", child), func() bool { return p.ask(t, child, "/app/x") == "a" })
	}
	require.Equal(t, shm.MemberOK, state(t, s.shared(t), "a"))
}

// TestBalance_Sessions: a session stays with its member whichever child serves it, and a route that no member has is worth a line a minute.
func TestBalance_Sessions(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* lb", children: 3, threads: 4})
	p, _ := s.pin(t, 2, "/app/x")
	for i := range 10 {
		require.Equal(t, "b", p.ask(t, i, "/app/x", "Cookie: JSESSIONID=1234.b"))
		require.Equal(t, "a", p.ask(t, i, "/app/x;jsessionid=1234.a", "Cookie: JSESSIONID=1234.b"), "the path counts first")
	}
	for i := range 3 {
		for _, route := range []string{"gone", "lost"} {
			for range 3 {
				p.ask(t, i, "/app/x", "Cookie: JSESSIONID=1234."+route)
			}
		}
	}
	for _, route := range []string{"gone", "lost"} {
		n := s.count(fmt.Sprintf("session route %q belongs to no member", route))
		require.Positive(t, n)
		require.LessOrEqual(t, n, len(p.clients), "once a minute and child")
	}
	require.NotContains(t, s.JkLog(), "1234", "session ids are secrets")
}
