package balancer

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/balancer/shm/shmtest"
)

// inDomains makes members a (route r1) and b (r2) in domain d1, c (r3) in d2, and d (route d3.r4), whose domain is derived.
func inDomains() []MemberConfig {
	return []MemberConfig{
		{Name: "a", Route: "r1", Domain: "d1"},
		{Name: "b", Route: "r2", Domain: "d1"},
		{Name: "c", Route: "r3", Domain: "d2"},
		{Name: "d", Route: "d3.r4"},
	}
}

func TestSticky_Routes(t *testing.T) {
	for _, c := range []struct {
		name   string
		query  Query
		want   string
		route  string // Result.Route
		sticky bool
	}{
		{"no session", Query{}, "a", "r1", false},
		{"its route", ofSession("s.r3"), "c", "r3", true},
		{"a route with a dot", ofSession("s.d3.r4"), "d", "d3.r4", true},
		{"only the first dot counts", ofSession("s.x.r3"), "a", "r1", false},
		{"other case", ofSession("s.R3"), "a", "r1", false},
		{"no route", ofSession("s"), "a", "r1", false},
		{"an empty route", ofSession("s."), "a", "r1", false},
		{"an unknown route", ofSession("s.r9"), "a", "r1", false},
		{"the domain as route", ofSession("s.d2"), "c", "d2", false},
		{"a domain and more", ofSession("s.d2.gone"), "c", "d2", false},
		{"a derived domain", ofSession("s.d3.gone"), "d", "d3", false},
		{"several, the first", ofSession("s.r2", "s.r3"), "b", "r2", true},
		{"several, the first known", ofSession("s.r9", "s", "s.r3"), "c", "r3", true},
		{"several, an empty one", ofSession("", "s.r3"), "c", "r3", true},
		{"JK_ROUTE", Query{Route: "r2"}, "b", "r2", true},
		{"JK_ROUTE replaces the session", func() Query { q := ofSession("s.r3"); q.Route = "r2"; return q }(), "b", "r2", true},
		{"JK_ROUTE unknown", Query{Route: "r9"}, "a", "r9", false},
		{"JK_ROUTE, a domain", Query{Route: "d2.x"}, "c", "d2", false},
		{"ignored", Query{IgnoreSticky: true, Route: "r2"}, "a", "r2", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, newConfig(inDomains()))
			r, tried := f.serve(c.query)
			require.Equal(t, c.want, tried)
			require.Equal(t, c.route, r.Route)
			require.Equal(t, c.sticky, f.tries[0].Sticky)
			require.Equal(t, f.current().members[r.Member].route, f.tries[0].Route)
			require.Equal(t, Active, f.tries[0].Activation)
			require.Equal(t, 1, f.tries[0].Number)
		})
	}
}

func TestSticky_StickyOff(t *testing.T) {
	config := newConfig(inDomains())
	config.Sticky = false
	f := newFixture(t, config)
	require.False(t, f.Sticky())
	require.Equal(t, "abcd", f.serveAll(4, ofSession("s.r3")))
}

// TestSticky_Replacement: who serves the sessions of a member that cannot.
func TestSticky_Replacement(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(list []MemberConfig)
		values []uint64 // lb_value, from the first member on
		want   string
		route  string
	}{
		{"its domain", func([]MemberConfig) {}, nil, "b", "d1"},
		{"the least loaded of its domain", func(list []MemberConfig) {
			list[2].Domain = "d1"
		}, []uint64{0, 9, 8}, "c", "d1"},
		{"the nearest of its domain", func(list []MemberConfig) {
			list[2].Domain, list[1].Distance = "d1", 1
		}, nil, "c", "d1"},
		{"nobody of its domain is disabled", func(list []MemberConfig) {
			list[1].Activation = Disabled
		}, nil, "c", "r3"},
		{"its redirect", func(list []MemberConfig) { list[0].Redirect = "r3" }, nil, "c", "r3"},
		{"its redirect, disabled", func(list []MemberConfig) {
			list[0].Redirect, list[2].Activation = "r3", Disabled
		}, nil, "c", "r3"},
		{"its redirect, stopped, so not its domain", func(list []MemberConfig) {
			list[0].Redirect, list[2].Activation = "r3", Stopped
		}, nil, "b", "r2"},
		{"its redirect is unknown", func(list []MemberConfig) { list[0].Redirect = "r9" }, nil, "b", "r2"},
		{"a redirect does not lead on", func(list []MemberConfig) {
			list[0].Redirect, list[2].Redirect, list[2].Activation = "r3", "d3.r4", Stopped
		}, nil, "b", "r2"},
		{"no domain", func(list []MemberConfig) { list[0].Domain = "" }, nil, "b", "r2"},
		{"a domain with a dot is never found", func(list []MemberConfig) {
			list[0].Domain, list[2].Domain = "x.y", "x.y"
		}, nil, "b", "r2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := inDomains()
			c.change(list)
			f := newFixture(t, newConfig(list))
			for i, v := range c.values {
				f.records[i].member.Value().Store(v)
			}
			f.setState(0, Error)
			r, tried := f.serve(ofSession("s.r1"))
			require.Equal(t, c.want, tried)
			require.Equal(t, c.route, r.Route)
			require.False(t, f.tries[0].Sticky, "a new session cookie is due")
		})
	}
}

// TestSticky_RedirectForgetsRoute: JK_ROUTE stands for the member in Result.Route, until a redirect leads elsewhere.
func TestSticky_RedirectForgetsRoute(t *testing.T) {
	list := inDomains()
	list[0].Redirect = "r3"
	f := newFixture(t, newConfig(list))
	f.setState(0, Error)
	r, tried := f.serve(Query{Route: "r1"})
	require.Equal(t, "c", tried)
	require.Equal(t, "r3", r.Route)
}

// TestSticky_UnusableMember: a member in any state but the usable ones, or stopped, does not even get its own sessions.
func TestSticky_UnusableMember(t *testing.T) {
	for s, want := range map[State]string{
		Idle: "a", OK: "a", Recover: "a", Force: "a", Error: "b", Probe: "b", Busy: "b",
	} {
		t.Run(s.String(), func(t *testing.T) {
			f := newFixture(t, newConfig(members(1, 1)))
			f.full[0] = s == Busy
			f.setState(0, s)
			_, tried := f.serve(ofSession("s.a"))
			require.Equal(t, want, tried)
		})
	}
}

// TestSticky_Standby: a disabled member that others redirect to stands by for them.
func TestSticky_Standby(t *testing.T) {
	list := members(1, 1, 1)
	list[0].Redirect, list[2].Activation = "c", Disabled
	f := newFixture(t, newConfig(list))
	require.Equal(t, "abab", f.serveAll(4, Query{}))
	f.setState(0, Error)
	require.Equal(t, "bb", f.serveAll(2, Query{}))
	f.setState(1, Error)
	require.Equal(t, "cc", f.serveAll(2, Query{}), "the first redirect leads there")
	require.False(t, f.tries[0].Sticky)
	f.setState(0, OK)
	require.Equal(t, "aa", f.serveAll(2, Query{}))
	require.Equal(t, "cc", f.serveAll(2, ofSession("s.c")), "what it has got it keeps")
}

func TestSticky_Force(t *testing.T) {
	force := func() *fixture {
		config := newConfig(inDomains())
		config.StickyForce = true
		return newFixture(t, config)
	}
	t.Run("its member", func(t *testing.T) {
		f := force()
		require.Equal(t, "cc", f.serveAll(2, ofSession("s.r3")))
	})
	t.Run("no session", func(t *testing.T) {
		f := force()
		require.Equal(t, "ab", f.serveAll(2, Query{}))
	})
	for _, c := range []struct{ name, id string }{
		{"member stopped", "verysecret.r1"}, {"unknown route", "verysecret.r9"}, {"no route at all", "verysecret"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := force()
			require.NoError(t, f.SetActivation(0, Stopped))
			r, tried := f.serve(ofSession(c.id))
			require.Empty(t, tried)
			require.Equal(t, Result{
				Kind: NoMember, Status: 503, Member: -1, First: Note{Member: -1}, Last: Note{Member: -1},
			}, r)
			require.Contains(t, strings.Join(f.lines, "\n"), "all workers are in error state for session")
			require.NotContains(t, strings.Join(f.lines, "\n"), "verysecret")
		})
	}
	t.Run("the domain of a route that is gone", func(t *testing.T) {
		f := force()
		_, tried := f.serve(ofSession("s.d2.gone"))
		require.Equal(t, "c", tried)
	})
	t.Run("in error, so forced recovery", func(t *testing.T) {
		f := force()
		f.setState(0, Error)
		r, tried := f.serve(ofSession("s.r1"))
		require.Equal(t, "a", tried)
		require.Equal(t, Success, r.Kind)
	})
	t.Run("failing over is losing the session", func(t *testing.T) {
		f := force()
		f.failOnly("a", Outcome{Kind: Failed, Recoverable: true, Status: 502})
		r, tried := f.serve(ofSession("s.r1"))
		require.Equal(t, "aa", tried, "again after forced recovery")
		require.Equal(t, 503, r.Status)
	})
}

func TestSticky_SingleMember(t *testing.T) {
	for _, c := range []struct {
		name       string
		activation Activation
		state      State
		query      Query
		want       string
		sticky     bool
	}{
		{"no session", Active, OK, Query{}, "a", false},
		{"its session", Active, OK, ofSession("s.a"), "a", true},
		{"its session among others", Active, OK, ofSession("s", "s.b", "s.a"), "a", true},
		{"another session", Active, OK, ofSession("s.b"), "a", false},
		{"JK_ROUTE", Active, OK, Query{Route: "a"}, "a", true},
		{"disabled, no session", Disabled, OK, Query{}, "", false},
		{"disabled, its session", Disabled, OK, ofSession("s.a"), "a", true},
		{"stopped, its session", Stopped, OK, ofSession("s.a"), "", false},
		{"probing", Active, Probe, ofSession("s.a"), "", false},
		{"recovering", Active, Recover, Query{}, "a", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := members(1)
			list[0].Activation = c.activation
			f := newFixture(t, newConfig(list))
			f.setState(0, c.state)
			r, tried := f.serve(c.query)
			require.Equal(t, c.want, tried)
			if c.want == "" {
				require.Equal(t, 503, r.Status)
				return
			}
			require.Equal(t, c.sticky, f.tries[0].Sticky)
		})
	}
}

func TestSticky_EmptySession(t *testing.T) {
	config := newConfig(members(1, 1))
	config.Method = Session
	f := newFixture(t, config)
	_, tried := f.serve(ofSession(""))
	require.Equal(t, "a", tried)
	require.Equal(t, []string{"Detected empty session identifier."}, f.lines)
	require.Equal(t, []uint64{1, 0}, f.values(), "it counts as none")
}

// TestSticky_UnknownRoute: said once a minute and route.
func TestSticky_UnknownRoute(t *testing.T) {
	f := newFixture(t, newConfig(inDomains()))
	said := func(id string) bool {
		f.serve(ofSession(id))
		return strings.Contains(strings.Join(f.lines, "\n"), "belongs to no member")
	}
	require.True(t, said("s.r9"))
	require.False(t, said("s.r9"))
	require.True(t, said("s.other"))
	require.False(t, said("s.r1"))
	require.False(t, said("s.d1.gone"), "the domain is known")
	require.False(t, said("s"), "no route")
	f.clock.advance(time.Minute)
	require.True(t, said("s.r9"))
	f.clock.advance(time.Minute)
	f.level = LevelError
	require.False(t, said("s.r9"))

	f.level = LevelWarn
	f.serve(ofSession("s." + strings.Repeat("\x01", 1000)))
	require.Len(t, f.lines, 1)
	require.Less(t, len(f.lines[0]), 400)
	require.NotContains(t, f.lines[0], "\x01")
}

// TestSticky_UnknownRouteOverChildren: once a minute, not once a minute and child.
func TestSticky_UnknownRouteOverChildren(t *testing.T) {
	memory := shmtest.NewMemory(t)
	first := memory.View()
	first.Format()
	one, other := newFixtureOn(t, newConfig(inDomains()), first), newFixtureOn(t, newConfig(inDomains()), memory.View())
	other.clock.now = one.clock.now
	one.serve(ofSession("s.r9"))
	require.Contains(t, strings.Join(one.lines, "\n"), "belongs to no member")
	other.serve(ofSession("s.r9"))
	require.NotContains(t, strings.Join(other.lines, "\n"), "belongs to no member")
}

func TestLimiter(t *testing.T) {
	var l Limiter
	now := time.Now()
	require.True(t, l.Allow("a", now))
	require.False(t, l.Allow("a", now.Add(59*time.Second)))
	require.True(t, l.Allow("a", now.Add(time.Minute)))
	lines := 0
	for i := range 10_000 {
		if l.Allow(strings.Repeat("x", i%777)+string(rune(i)), now.Add(time.Minute)) {
			lines++
		}
	}
	require.LessOrEqual(t, lines, shm.SaidSlots, "however many routes a client makes up")
	require.Greater(t, lines, shm.SaidSlots/2)
}
