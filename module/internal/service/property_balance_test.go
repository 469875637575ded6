// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp/ajptest"
)

// mix sends one request for each word: "-" without a session, otherwise of a session of that route. It returns who answered.
func (r *rig) mix(words string) string {
	r.t.Helper()
	who := ""
	for _, w := range strings.Fields(words) {
		edits := []edit{}
		if w != "-" {
			edits = append(edits, session("1."+w))
		}
		who += r.sequence(1, edits...)
	}
	return who
}

// TestProperty_Method_Sessions: the same twelve requests by three methods, computed by hand. The loads of a and b after each request are in the
// comment; the least wins; ties go to whoever comes first behind the member chosen last, where requests of sessions do not count as choices.
func TestProperty_Method_Sessions(t *testing.T) {
	const mixed = "- a a - - b - - - a - -"
	for _, tt := range []struct{ name, properties, words, want string }{
		// 1,0 2,0 3,0 3,1 3,2 3,3 4,3 4,4 5,4 6,4 6,5 6,6
		{"Request: every request counts", "method=Request", mixed, "aaabbbabaabb"},
		{"default is Request", "", mixed, "aaabbbabaabb"},
		// 1,0 1,0 1,0 1,1 2,1 2,1 2,2 3,2 3,3 3,3 4,3 4,4
		{"Session: only new sessions count", "method=Session", mixed, "aaababbabaab"},
		{"Next: only new sessions count", "method=Next", mixed, "aaababbabaab"},
		// Nobody looks at sessions: every request is a new one.
		{"Session without stickiness", "method=Session sticky_session=false", mixed, "abababababab"},
		{"Next without stickiness", "method=Next sticky_session=false", mixed, "abababababab"},
		{"Request without stickiness", "method=Request sticky_session=false", mixed, "abababababab"},
		{"by number", "method=3", mixed, "aaababbabaab"},
		{"by letter", "method=s", mixed, "aaababbabaab"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb(tt.properties, ajp13("a"), ajp13("b")))
			require.Equal(t, tt.want, r.mix(tt.words))
		})
	}
}

// TestProperty_Method_Maintenance: six requests, a maintenance, six more. The lb factors 1 and 3 make lb_mult 3 and 1. Before the maintenance the loads
// are 3,0 3,1 3,2 3,3 6,3 6,4; then they are halved to 3,2, or lowered by the least to 2,0.
func TestProperty_Method_Maintenance(t *testing.T) {
	for _, tt := range []struct{ method, want string }{
		{"Request", "abbbab" + "babbba"}, // 3,3 6,3 6,4 6,5 6,6 9,6
		{"Session", "abbbab" + "babbba"},
		{"Next", "abbbab" + "bbabbb"}, // 2,1 2,2 5,2 5,3 5,4 5,5
	} {
		t.Run(tt.method, func(t *testing.T) {
			r := newRig(t, lb("method="+tt.method, ajp13("a", "lbfactor=1"), ajp13("b", "lbfactor=3")))
			got := r.sequence(6)
			r.maintain(70 * time.Second)
			require.Equal(t, tt.want, got+r.sequence(6))
		})
	}
}

// sized answers with as many bytes as the URI says.
func sized(p *ajptest.Peer) error {
	n, err := strconv.Atoi(p.Request.URI[1:])
	if err != nil {
		return err
	}
	err = p.Write(head)
	for ; n > 0; n -= 8000 {
		err = errors.Join(err, p.Write(ajptest.Chunk(strings.Repeat("x", min(n, 8000)))))
	}
	return errors.Join(err, p.Write(ajptest.End(true)))
}

// TestProperty_Method_Traffic: twelve responses in kilobytes, beside which framing does not matter. The loads of a and b afterwards, in kilobytes times
// lb_mult, are in the comment.
func TestProperty_Method_Traffic(t *testing.T) {
	for _, tt := range []struct {
		name    string
		factors [2]string
		sizes   []int
		want    string
	}{
		// 60,0 60,10 60,20 60,30 60,40 60,50 60,61 90,61 90,80 90,120 101,120 111,120
		{"equal", [2]string{"1", "1"}, []int{60, 10, 10, 10, 10, 10, 11, 30, 19, 40, 11, 10}, "abbbbbbabbaa"},
		// lb_mult 2 and 1: 20,0 20,10 20,30 40,30 40,50 60,50 60,55 60,65 120,65 120,95 120,125 122,125
		{"1 to 2", [2]string{"1", "2"}, []int{10, 10, 20, 10, 20, 10, 5, 10, 30, 30, 30, 1}, "abbababbabba"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb("method=Traffic", ajp13("a", "lbfactor="+tt.factors[0]), ajp13("b", "lbfactor="+tt.factors[1])))
			for _, c := range r.container {
				c.answers(answer{sized})
			}
			for _, kilobytes := range tt.sizes {
				s := r.do("/" + strconv.Itoa(kilobytes*1000))
				require.Equal(t, []int{Done, kilobytes * 1000}, []int{s.code, s.text.Len()})
			}
			require.Equal(t, tt.want, r.who())
		})
	}
}

// TestProperty_Method_Busyness: twelve requests that stay, with lb factors 1, 2 and 1, which make lb_mult 2, 1 and 2. Between them some end.
func TestProperty_Method_Busyness(t *testing.T) {
	r := newRig(t, lb("method=Busyness", ajp13("a", "connection_pool_size=12"), ajp13("b", "lbfactor=2", "connection_pool_size=12"), ajp13("c", "connection_pool_size=12")))
	arrived := make(chan struct{}, 12)
	leave, end := make([]chan struct{}, 12), make([]func(), 12)
	for n := range leave {
		leave[n] = make(chan struct{})
		end[n] = r.atEnd(func() { close(leave[n]) })
	}
	for _, c := range r.container {
		c.answers(answer{func(p *ajptest.Peer) error {
			n, err := strconv.Atoi(p.Request.URI[1:])
			if err != nil {
				return err
			}
			arrived <- struct{}{}
			if err := ajptest.Await(leave[n])(p); err != nil {
				return err
			}
			return p.Write(append(append([]byte(nil), head...), ajptest.End(true)...))
		}})
	}
	var requests []*sent
	come := func(n int) string {
		who := ""
		for range n {
			number := len(requests)
			requests = append(requests, r.startRequest("/"+strconv.Itoa(number)))
			receive(t, arrived, "the request")
			who += r.who()
		}
		return who
	}
	finish := func(numbers ...int) {
		for _, n := range numbers {
			end[n]()
			require.Equal(t, Done, r.wait(requests[n]).code)
		}
	}
	require.Equal(t, "abcbcabb", come(8)) // loads 2,0,0 2,1,0 2,1,2 2,2,2 2,2,4 4,2,4 4,3,4 4,4,4
	finish(0)                             // 2,4,4
	require.Equal(t, "a", come(1))        // 4,4,4
	finish(1, 3)                          // 4,2,4
	require.Equal(t, "bbc", come(3))      // 4,3,4 4,4,4 4,4,6
	finish(2, 4, 5, 6, 7, 8, 9, 10, 11)
	require.Zero(t, r.worker("lb").Balancer.Snapshot(r.begin).Busy)
}

// TestProperty_Lock: who is chosen is the same either way. With Pessimistic, choosing waits for the lock that all children share; with Optimistic it
// does not.
func TestProperty_Lock(t *testing.T) {
	for _, property := range []string{"", "lock=Optimistic", "lock=Pessimistic", "lock=p", "lock=1"} {
		t.Run("sequence: "+property, func(t *testing.T) {
			r := newRig(t, lb(property, ajp13("a"), ajp13("b", "lbfactor=2"), ajp13("c", "lbfactor=3")))
			require.Equal(t, "abccbc"+"abccbc", r.sequence(12))
		})
	}
	t.Run("waiting", func(t *testing.T) {
		free := "worker.free.type=lb\nworker.free.balance_workers=c,d\n" + ajp13("c") + ajp13("d")
		r := newRig(t, lb("lock=Pessimistic", ajp13("a"), ajp13("b"))+"worker.list=free\n"+free, "/locked lb", "/free free")
		r.shared.Lock()
		unlock := r.atEnd(r.shared.Unlock)
		locked := r.startRequest("/locked")
		for range 50 {
			require.Equal(t, Done, r.do("/free").code)
		}
		require.NotContains(t, r.who(), "a")
		select {
		case <-locked.done:
			require.FailNow(t, "chosen without the lock")
		default:
		}
		unlock()
		require.Equal(t, Done, r.wait(locked).code)
		require.Equal(t, "a", r.who())
	})
}

// TestProperty_LBFactor: twelve requests by weight.
func TestProperty_LBFactor(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{"", "", "abababababab"},
		{"", "lbfactor=2", "abbabbabbabb"},
		{"lbfactor=2", "", "ababaabaabaa"}, // loads 1,0 1,2 2,2 2,4 3,4 4,4 4,6 5,6 6,6 6,8 7,8 8,8
		{"lbfactor=5", "lbfactor=5", "abababababab"},
		{"lbfactor=0", "lbfactor=2", "abbabbabbabb"},
		{"lbfactor=-7", "lbfactor=2", "abbabbabbabb"},
		{"lbfactor=1", "lbfactor=11", "abbbbbbbbbbb"},
	} {
		t.Run(tt.a+" "+tt.b, func(t *testing.T) {
			r := newRig(t, lb("", ajp13("a", strings.Fields(tt.a)...), ajp13("b", strings.Fields(tt.b)...)))
			require.Equal(t, tt.want, r.sequence(12))
		})
	}
}

// TestProperty_Distance: the nearest usable members have the requests; a session stays where it is.
func TestProperty_Distance(t *testing.T) {
	for _, tt := range []struct{ name, a, b, c, want string }{
		{"equal", "", "", "", "abcabc"},
		{"one is nearer", "distance=1", "", "distance=1", "bbbbbb"},
		{"two are nearer", "distance=2", "distance=1", "distance=1", "bcbcbc"},
		{"less than 0", "", "distance=-1", "", "bbbbbb"},
		{"far ones step in", "distance=1", "activation=d", "distance=2", "aaaaaa"},
		{"weight counts among the near", "distance=1", "lbfactor=2", "", "bcbcbb"}, // loads of b and c: 1,0 1,2 2,2 2,4 3,4 4,4
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb("", ajp13("a", strings.Fields(tt.a)...), ajp13("b", strings.Fields(tt.b)...), ajp13("c", strings.Fields(tt.c)...)))
			require.Equal(t, tt.want, r.sequence(6))
			require.Equal(t, "aaa", r.mix("a a a"))
		})
	}
	t.Run("the near one fails", func(t *testing.T) {
		r := newRig(t, lb("", ajp13("a", "distance=1"), ajp13("b", "retries=1")))
		r.container["b"].next(closes)
		require.Equal(t, "ba", r.sequence(1))
		require.Equal(t, "aaa", r.sequence(3))
	})
}

// TestProperty_Route: which session ids are a member's, and what the container is told.
func TestProperty_Route(t *testing.T) {
	for _, tt := range []struct{ name, properties, route string }{
		{"default: the worker's name", "", "b"},
		{"route", "route=tomcat2", "tomcat2"},
		{"older name", "jvm_route=tomcat2", "tomcat2"},
		{"with dots", "route=x.y.z", "x.y.z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb("", ajp13("a"), ajp13("b", strings.Fields(tt.properties)...)))
			for range 3 {
				s := r.do("/x", session("0815."+tt.route))
				require.Equal(t, []any{Done, tt.route}, []any{s.code, s.route})
				v := r.visits()
				require.Len(t, v, 1)
				require.Equal(t, []string{"b", tt.route}, []string{v[0].container, v[0].Route})
			}
			if tt.route != "b" {
				require.Equal(t, "aaa", r.mix("b b b"), "the name is no route then, and a is three requests behind")
			}
		})
	}
}

// TestProperty_Domain: when a member fails, its sessions go to members of its domain; a domain itself is a route, too.
func TestProperty_Domain(t *testing.T) {
	for _, tt := range []struct {
		name, a, b, c, d string
		words            string
		want             string
	}{
		{"none: anybody", "", "", "", "", "a a a", "bcd"},
		{"own", "domain=one", "domain=two", "domain=two", "domain=one", "a a a", "ddd"},
		{"from the route", "route=one.1", "route=two.1", "route=two.2", "route=one.2", "one.1 one.1 one.1", "ddd"},
		{"before that of the route", "route=one.1 domain=two", "route=two.1", "route=two.2", "route=one.2", "one.1 one.1 one.1", "bcb"},
		{"as route of a session", "domain=one", "domain=two", "domain=two", "domain=one", "two two two", "bcb"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb("", ajp13("a", append(strings.Fields(tt.a), "activation=stopped")...), ajp13("b", strings.Fields(tt.b)...),
				ajp13("c", strings.Fields(tt.c)...), ajp13("d", strings.Fields(tt.d)...)))
			require.Equal(t, tt.want, r.mix(tt.words))
		})
	}
}

// TestProperty_Redirect: who has the sessions of a member that fails, and, as nobody else is active, the requests without one.
func TestProperty_Redirect(t *testing.T) {
	for _, tt := range []struct{ name, a, b, c, ofA, ofNobody string }{
		{"none", "", "", "", "bcb", "cbc"},
		{"to c", "redirect=c", "", "", "ccc", "bbb"},
		{"by route, not by name", "redirect=rc", "", "route=rc", "ccc", "bbb"},
		{"disabled standby", "redirect=c", "activation=d", "activation=d", "ccc", "ccc"},
		{"stopped standby", "redirect=c", "", "activation=s", "bbb", "bbb"},
		{"before the domain", "redirect=c domain=x", "domain=x", "", "ccc", "bbb"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb("", ajp13("a", append(strings.Fields(tt.a), "activation=stopped")...), ajp13("b", strings.Fields(tt.b)...), ajp13("c", strings.Fields(tt.c)...)))
			require.Equal(t, tt.ofA, r.mix("a a a"))
			require.Equal(t, tt.ofNobody, r.mix("- - -"))
		})
	}
}

// TestProperty_Activation: what a member gets: requests without a session, those of its own sessions, and those that its redirect brings from b.
func TestProperty_Activation(t *testing.T) {
	const active, disabled, stopped = "yes yes yes", "no yes yes", "no no no"
	for _, tt := range []struct{ properties, want, shown string }{
		{"", active, "ACT"},
		{"activation=Active", active, "ACT"},
		{"activation=A", active, "ACT"},
		{"activation=0", active, "ACT"},
		{"activation=Disabled", disabled, "DIS"},
		{"activation=d", disabled, "DIS"},
		{"activation=1", disabled, "DIS"},
		{"activation=Stopped", stopped, "STP"},
		{"activation=S", stopped, "STP"},
		{"activation=2", stopped, "STP"},
		{"disabled=true", disabled, "DIS"},
		{"disabled=0", active, "ACT"},
		{"stopped=true", stopped, "STP"},
		{"stopped=no", active, "ACT"},
		{"stopped=1 disabled=1", stopped, "STP"},
		{"activation=a disabled=1 stopped=1", active, "ACT"},
		{"activation=d stopped=1", disabled, "DIS"},
	} {
		t.Run(tt.properties, func(t *testing.T) {
			r := newRig(t, lb("", ajp13("a", strings.Fields(tt.properties)...), ajp13("b", "activation=stopped", "redirect=a"), ajp13("c")))
			got := map[bool]string{true: "yes", false: "no"}
			fresh := got[strings.Contains(r.mix("- - -"), "a")]
			own := got[r.mix("a a a") == "aaa"]
			redirected := got[r.mix("b b b") == "aaa"]
			require.Equal(t, tt.want, fresh+" "+own+" "+redirected)
			require.Equal(t, tt.shown, r.state("a")[:3])
		})
	}
}

// TestProperty_StickySession: whether session ids count, and where they are looked for.
func TestProperty_StickySession(t *testing.T) {
	cookie := func(text string) edit { return header("Cookie", text) }
	for _, tt := range []struct {
		name, properties, target string
		edits                    []edit
		sticks                   bool
	}{
		{"default", "", "/x", []edit{session("1.b")}, true},
		{"on", "sticky_session=true", "/x", []edit{session("1.b")}, true},
		{"off", "sticky_session=false", "/x", []edit{session("1.b")}, false},
		{"off, path", "sticky_session=0", "/x;jsessionid=1.b", nil, false},
		{"default path", "", "/x;jsessionid=1.b", nil, true},
		{"default path in the middle", "", "/x;jsessionid=1.b/y", nil, true},
		{"session_cookie", "session_cookie=SID", "/x", []edit{cookie("x=1; SID=1.b")}, true},
		{"session_cookie, the other name", "session_cookie=SID", "/x", []edit{session("1.b")}, false},
		{"session_cookie, case", "session_cookie=SID", "/x", []edit{cookie("sid=1.b")}, false},
		{"session_cookie leaves the path alone", "session_cookie=SID", "/x;jsessionid=1.b", nil, true},
		{"session_path", "session_path=;sid", "/x;sid=1.b", nil, true},
		{"session_path, the other name", "session_path=;sid", "/x;jsessionid=1.b", nil, false},
		{"session_path leaves the cookie alone", "session_path=;sid", "/x", []edit{session("1.b")}, true},
		{"two cookies: the one that leads somewhere", "", "/x", []edit{cookie("JSESSIONID=1.nobody; JSESSIONID=1.b")}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb(tt.properties, ajp13("a"), ajp13("b")))
			got := ""
			for range 4 {
				require.Equal(t, Done, r.do(tt.target, tt.edits...).code)
				got += r.who()
			}
			require.Equal(t, map[bool]string{true: "bbbb", false: "abab"}[tt.sticks], got)
		})
	}
}

// TestProperty_StickySessionForce: a request whose member is not usable fails instead of losing its session.
func TestProperty_StickySessionForce(t *testing.T) {
	for _, tt := range []struct {
		name, properties, member, id string
		want                         int
		asked                        string
	}{
		{"default", "", "activation=stopped", "1.a", Done, "b"},
		{"off", "sticky_session_force=false", "activation=stopped", "1.a", Done, "b"},
		{"stopped", "sticky_session_force=true", "activation=stopped", "1.a", 503, ""},
		{"stopped, with a redirect", "sticky_session_force=true", "activation=stopped redirect=b", "1.a", 503, ""},
		{"disabled: it has its sessions", "sticky_session_force=true", "activation=disabled", "1.a", Done, "a"},
		{"usable", "sticky_session_force=true", "", "1.a", Done, "a"},
		{"a route that nobody has", "sticky_session_force=true", "", "1.nobody", 503, ""},
		{"no route", "sticky_session_force=true", "activation=stopped", "1", 503, ""},
		{"no session", "sticky_session_force=true", "activation=stopped", "", Done, "b"},
		{"not sticky", "sticky_session_force=true sticky_session=false", "activation=stopped", "1.a", Done, "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb(tt.properties, ajp13("a", strings.Fields(tt.member)...), ajp13("b")))
			edits := []edit{}
			if tt.id != "" {
				edits = append(edits, session(tt.id))
			}
			require.Equal(t, tt.want, r.do("/x", edits...).code)
			require.Equal(t, tt.asked, r.who())
		})
	}
	t.Run("in error", func(t *testing.T) {
		r := newRig(t, lb("sticky_session_force=true lb_retries=1 retries=1", ajp13("a", "retries=1"), ajp13("b")))
		r.container["a"].next(closes)
		require.Equal(t, 502, r.do("/x", session("1.a")).code)
		require.Equal(t, "ACT ERR", r.state("a"))
		r.container["a"].next(closes)
		require.Equal(t, 502, r.do("/x", session("1.a")).code, "nothing is left, so a is forced back and asked")
		require.Equal(t, "aa", r.who())
	})
}
