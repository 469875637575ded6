// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// longAgo makes the first of the errors in a row that member a of "lb" has now that much older.
func (r *rig) longAgo(age time.Duration) {
	r.t.Helper()
	b, err := r.shared.Balancer("lb")
	require.NoError(r.t, err)
	m, err := b.Member("a")
	require.NoError(r.t, err)
	require.NotZero(r.t, m.FirstErrorTime().Load())
	m.FirstErrorTime().Add(-int64(age))
}

// TestProperty_LBRetries: rounds (retries) and members in a round (lb_retries), over four members that close every request. A member that failed is in
// error and not tried again, until none is left; then all are forced back, once a request.
func TestProperty_LBRetries(t *testing.T) {
	for _, tt := range []struct{ properties, want string }{
		{"", "abcd"},
		{"retries=1", "ab"},
		{"retries=1 lb_retries=1", "a"},
		{"retries=2 lb_retries=1", "ab"},
		{"retries=4 lb_retries=1", "abcd"},
		{"retries=5 lb_retries=1", "abcda"},
		{"retries=1 lb_retries=3", "abc"},
		{"retries=1 lb_retries=4", "abcd"},
		{"retries=1 lb_retries=9", "abcd"}, // each member once
		{"retries=3 lb_retries=2", "abcdab"},
		{"retries=2 lb_retries=4", "abcdabcd"},
		{"retries=3 lb_retries=4", "abcdabcd"}, // the third round finds nobody
		{"retries=0 lb_retries=0", "a"},
		{"retries=-1 lb_retries=2", "ab"},
	} {
		t.Run(tt.properties, func(t *testing.T) {
			var members []string
			for _, name := range []string{"a", "b", "c", "d"} {
				members = append(members, ajp13(name, "retries=1", "lb_retries=9")) // of an ajp13 worker it means nothing
			}
			r := newRig(t, lb(tt.properties, members...))
			for _, c := range r.container {
				c.answers(closes)
			}
			require.Contains(t, []int{502, 503}, r.do("/x").code)
			require.Equal(t, tt.want, r.who())
		})
	}
	t.Run("times the members' own retries: eight with the defaults", func(t *testing.T) {
		r := newRig(t, lb("", ajp13("a"), ajp13("b")))
		r.container["a"].answers(closes)
		r.container["b"].answers(closes)
		require.Equal(t, 502, r.do("/x").code)
		require.Equal(t, "aabbaabb", r.who())
	})
}

// TestProperty_LBRetryInterval: the pause before each further round; milliseconds.
func TestProperty_LBRetryInterval(t *testing.T) {
	for _, tt := range []struct {
		properties  string
		least, most time.Duration
	}{
		{"retries=3 retry_interval=30", 60 * time.Millisecond, 9 * time.Second},
		{"retries=2 retry_interval=100", 100 * time.Millisecond, 9 * time.Second},
		{"retries=1 retry_interval=9000", 0, 9 * time.Second},
		{"retries=100 retry_interval=0", 0, 9 * time.Second},
	} {
		t.Run(tt.properties, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, lb(tt.properties, refused("a", "retries=1"), refused("b", "retries=1")))
			begin := time.Now()
			require.Equal(t, 503, r.do("/x").code)
			require.GreaterOrEqual(t, time.Since(begin), tt.least)
			require.Less(t, time.Since(begin), tt.most)
		})
	}
	t.Run("default", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, strings.Replace(lb("", refused("a", "retries=1")), "worker.lb.retry_interval=1\n", "", 1))
		begin := time.Now()
		require.Equal(t, 503, r.do("/x").code)
		require.GreaterOrEqual(t, time.Since(begin), 100*time.Millisecond)
	})
}

// TestProperty_RecoverTime: maintenance takes a member back that has been in error for longer; seconds. The next request then probes it.
func TestProperty_RecoverTime(t *testing.T) {
	for _, tt := range []struct {
		property      string
		still, enough time.Duration
	}{
		{"", 59 * time.Second, 70 * time.Second},
		{"recover_time=10", 9 * time.Second, 12 * time.Second},
		{"recover_time=300", 299 * time.Second, 310 * time.Second},
		{"recover_time=0", 0, 4 * time.Second}, // counts as 1
	} {
		t.Run(tt.property, func(t *testing.T) {
			r := newRig(t, "worker.maintain=1\n"+lb(tt.property, ajp13("a", "retries=1"), ajp13("b")))
			r.container["a"].next(closes)
			require.Equal(t, "ab", r.sequence(1))
			require.Equal(t, "ACT ERR", r.state("a"))
			r.maintain(tt.still)
			require.Equal(t, "ACT ERR", r.state("a"))
			require.Equal(t, "b", r.mix("a"))
			r.maintain(tt.enough)
			require.Equal(t, "ACT ERR/REC", r.state("a"))
			arrived, release := r.container["a"].held()
			probe := r.startRequest("/x", session("1.a"))
			receive(t, arrived, "the probe")
			require.Equal(t, "ACT ERR/PRB", r.state("a"))
			require.Equal(t, "ab", r.who()+r.mix("a"), "meanwhile nobody else tries it")
			release()
			require.Equal(t, Done, r.wait(probe).code)
			require.Equal(t, "ACT OK", r.state("a"))
			require.Equal(t, "a", r.mix("a"))
		})
	}
}

// TestProperty_ErrorEscalationTime: a member that has other requests in flight is in error only once its errors last that long; seconds. Maintenance
// notices it, or the next error.
func TestProperty_ErrorEscalationTime(t *testing.T) {
	for _, tt := range []struct {
		properties    string
		still, enough time.Duration // 0: at once
	}{
		{"", 29 * time.Second, 31 * time.Second}, // half of recover_time
		{"recover_time=100", 49 * time.Second, 51 * time.Second},
		{"error_escalation_time=7", 6 * time.Second, 8 * time.Second},
		{"error_escalation_time=7 recover_time=100", 6 * time.Second, 8 * time.Second},
		{"error_escalation_time=0", 0, 0},
	} {
		start := func(t *testing.T) *rig {
			r := newRig(t, "worker.maintain=1\n"+lb(tt.properties, ajp13("a", "retries=1"), ajp13("b")))
			_, release := r.occupy(1, r.container["a"], session("1.a"))
			t.Cleanup(release)
			r.container["a"].next(closes)
			require.Equal(t, "aab", r.who()+r.mix("a"))
			if tt.enough == 0 {
				require.Equal(t, "ACT ERR", r.state("a"))
			} else {
				require.Equal(t, "ACT OK", r.state("a"), "in error for that request only")
				require.Equal(t, "a", r.mix("a")[:1])
			}
			return r
		}
		t.Run("maintenance: "+tt.properties, func(t *testing.T) {
			r := start(t)
			if tt.enough == 0 {
				return
			}
			r.container["a"].next(closes) // the request after it has ended the row
			r.mix("a")
			r.maintain(tt.still)
			require.Equal(t, "ACT OK", r.state("a"))
			r.maintain(tt.enough)
			require.Equal(t, "ACT ERR", r.state("a"))
		})
		t.Run("the next error: "+tt.properties, func(t *testing.T) {
			r := start(t)
			if tt.enough == 0 {
				return
			}
			r.container["a"].next(closes)
			r.mix("a")
			r.longAgo(tt.still)
			r.container["a"].next(closes)
			r.mix("a")
			require.Equal(t, "ACT OK", r.state("a"))
			r.longAgo(tt.enough - tt.still)
			r.container["a"].next(closes)
			r.mix("a")
			require.Equal(t, "ACT ERR", r.state("a"))
		})
	}
}

// TestProperty_MaxReplyTimeouts: how many reply timeouts a member may have before one of them puts it in error. Each attempt counts, each maintenance
// halves the count.
func TestProperty_MaxReplyTimeouts(t *testing.T) {
	for _, tt := range []struct {
		property string
		may      int
	}{
		{"", 0}, {"max_reply_timeouts=0", 0}, {"max_reply_timeouts=1", 1}, {"max_reply_timeouts=3", 3},
	} {
		t.Run(tt.property, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, lb(tt.property, ajp13("a", "retries=1", "reply_timeout=30"), ajp13("b")))
			r.container["a"].answers(silent)
			for n := range tt.may {
				require.Equal(t, Done, r.do("/x", session("1.a")).code)
				require.Equal(t, "ab", r.heard(2))
				require.Equal(t, "ACT OK", r.state("a"), "%d of %d", n+1, tt.may)
			}
			require.Equal(t, Done, r.do("/x", session("1.a")).code)
			require.Equal(t, "ACT ERR", r.state("a"))
			require.Equal(t, "ab", r.heard(2))
		})
	}
	t.Run("negative: any number", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, lb("max_reply_timeouts=-1", ajp13("a", "retries=1", "reply_timeout=30"), ajp13("b")))
		r.container["a"].answers(silent)
		for range 4 {
			require.Equal(t, Done, r.do("/x", session("1.a")).code)
			require.Equal(t, "ACT OK", r.state("a"))
		}
		require.Equal(t, "aaaabbbb", r.heard(8))
	})
	t.Run("each attempt counts", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, lb("max_reply_timeouts=1", ajp13("a", "retries=2", "reply_timeout=30"), ajp13("b")))
		r.container["a"].answers(silent)
		require.Equal(t, Done, r.do("/x", session("1.a")).code)
		require.Equal(t, "ACT ERR", r.state("a"))
		require.Equal(t, "aab", r.heard(3))
	})
	t.Run("maintenance halves", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, lb("max_reply_timeouts=1", ajp13("a", "retries=1", "reply_timeout=30"), ajp13("b")))
		r.container["a"].answers(silent)
		for n := range 3 {
			require.Equal(t, Done, r.do("/x", session("1.a")).code)
			require.Equal(t, "ACT OK", r.state("a"))
			require.EqualValues(t, 1, r.worker("a").Record.ReplyTimeouts())
			r.maintain(time.Duration(n+1) * 61 * time.Second)
			require.Zero(t, r.worker("a").Record.ReplyTimeouts())
		}
		require.Equal(t, "aaabbb", r.heard(6))
	})
}

// TestProperty_BalanceWorkers: who the members are, and in which order.
func TestProperty_BalanceWorkers(t *testing.T) {
	for _, tt := range []struct{ lines, want string }{
		{"balance_workers=a,b,c", "abcabc"},
		{"balance_workers=c b a", "cbacba"},
		{"balance_workers=c\tb,,a", "cbacba"},
		{"balance_workers=b", "bbbbbb"},
		{"balance_workers=c\nbalance_workers=a,b", "cabcab"},
		{"balanced_workers=b,a", "bababa"},
	} {
		t.Run(strings.ReplaceAll(tt.lines, "\n", "; "), func(t *testing.T) {
			text := "worker.list=lb\nworker.lb.type=lb\n"
			for line := range strings.SplitSeq(tt.lines, "\n") {
				text += "worker.lb." + line + "\n"
			}
			r := newRig(t, text+ajp13("a")+ajp13("b")+ajp13("c"))
			require.Equal(t, tt.want, r.sequence(6))
		})
	}
}

// TestProperty_Secret: who gets which secret.
func TestProperty_Secret(t *testing.T) {
	for _, tt := range []struct{ name, ofA, ofBalancer, a, b, direct string }{
		{"none", "", "", "", "", ""},
		{"of a worker", "secret=mine", "", "mine", "", "mine"},
		{"of the balancer", "", "secret=ours", "ours", "ours", ""},
		{"of both", "secret=mine", "secret=ours", "mine", "ours", "mine"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb(tt.ofBalancer, ajp13("a", strings.Fields(tt.ofA)...), ajp13("b"))+"worker.list=a\n", "/x lb", "/direct a")
			require.Equal(t, "ab", r.sequence(2)) // sequence forgets what was before
			r.do("/x")
			r.do("/x")
			r.do("/direct")
			v := r.visits()
			require.Equal(t, []string{tt.a, tt.b, tt.direct}, []string{v[0].Secret, v[1].Secret, v[2].Secret})
			require.NotContains(t, r.log(), "mine")
			require.NotContains(t, r.log(), "ours")
		})
	}
}

// TestProperty_Reference: properties that a worker has not are those of its reference, and of that one's.
func TestProperty_Reference(t *testing.T) {
	r := newRig(t, "worker.list=lb\nworker.lb.reference=worker.balancers\nworker.balancers.type=lb\nworker.balancers.balance_workers=a,b,c\nworker.balancers.retry_interval=1\n"+
		"worker.base.host=127.0.0.1\nworker.base.secret=base\nworker.base.lbfactor=2\nworker.base.retry_interval=1\n"+
		"worker.near.reference=worker.base\nworker.near.secret=near\n"+
		"worker.a.reference=worker.near\nworker.a.port={a}\n"+
		"worker.b.reference=worker.near\nworker.b.port={b}\nworker.b.secret=own\nworker.b.lbfactor=1\n"+
		"worker.c.reference=worker.base\nworker.c.port={c}\n")
	got := ""
	for range 5 { // lb_mult 1, 2, 1: loads 1,0,0 1,2,0 1,2,1 2,2,1 2,2,2
		require.Equal(t, Done, r.do("/x").code)
		v := r.visits()[0]
		got += fmt.Sprintf("%s:%s ", v.container, v.Secret)
	}
	require.Equal(t, "a:near b:own c:base a:near c:base ", got)
}

// TestProperty_List: workers that are not listed take no mounts and no names; as members they serve.
func TestProperty_List(t *testing.T) {
	r := newRig(t, "worker.list=lb,c\nworker.list=d\nworker.lb.type=lb\nworker.lb.balance_workers=a\n"+ajp13("a")+ajp13("c")+ajp13("d")+ajp13("e"), "/x lb", "/a a", "/c c", "/d d", "/e e")
	for _, tt := range []struct {
		target string
		name   string
		want   int
		asked  string
	}{
		{"/x", "", Done, "a"},
		{"/c", "", Done, "c"},
		{"/d", "", Done, "d"},
		{"/a", "", 500, ""},
		{"/e", "", 500, ""},
		{"/x", "c", Done, "c"},
		{"/x", "a", 500, ""},
		{"/x", "e", 500, ""},
	} {
		t.Run(tt.target+" "+tt.name, func(t *testing.T) {
			edits := []edit{}
			if tt.name != "" {
				edits = append(edits, named(tt.name))
			}
			require.Equal(t, tt.want, r.do(tt.target, edits...).code)
			require.Equal(t, tt.asked, r.who())
		})
	}
	t.Run("default: ajp13", func(t *testing.T) {
		r := startRig(t, plan{workers: strings.ReplaceAll(ajp13("x"), "worker.x.", "worker.ajp13."), mounts: []string{"/* ajp13"}})
		require.Equal(t, Done, r.do("/x").code)
		require.Equal(t, "x", r.who())
	})
}

// TestProperty_Type: what a worker does.
func TestProperty_Type(t *testing.T) {
	r := newRig(t, "worker.list=a,typed,lb,status\nworker.lb.type=lb\nworker.lb.balance_workers=a\nworker.status.type=status\n"+ajp13("a")+ajp13("typed", "type=ajp13"),
		"/a a", "/typed typed", "/lb lb", "/status status")
	for _, tt := range []struct {
		target, asked string
		kind          string
	}{
		{"/a", "a", "ajp13"}, {"/typed", "typed", "ajp13"}, {"/lb", "a", "lb"}, {"/status", "", "status"},
	} {
		s := r.do(tt.target)
		require.Equal(t, []any{Done, tt.asked, tt.kind}, []any{s.code, r.who(), s.Served.get("JK_WORKER_TYPE")}, tt.target)
		require.Equal(t, tt.kind == "status", strings.Contains(s.text.String(), "<html"))
	}
}

// TestProperty_Mount: URIs of the main server that are mapped to the worker, exclusions, and rules that are switched off.
func TestProperty_Mount(t *testing.T) {
	r := startRig(t, plan{
		workers: "worker.list=a,b\n" + ajp13("a", "mount=/app/*,!/app/static/*", "mount=/one") + ajp13("b", "mount=/b/* -/off/*"),
		mounts:  []string{"/own/* a"},
	})
	for _, tt := range []struct {
		uri  string
		want Verdict
		who  string
	}{
		{"/app/x", MapHit, "a"},
		{"/app/static/x", MapMiss, ""},
		{"/one", MapHit, "a"},
		{"/one/x", MapMiss, ""},
		{"/b/x", MapHit, "b"},
		{"/off/x", MapMiss, ""},
		{"/own/x", MapHit, "a"},
		{"/other", MapMiss, ""},
	} {
		room := make([]byte, len(tt.uri)+1)
		require.Equal(t, tt.want, r.Map(&MapQuery{URI: tt.uri, Normalised: &room[0]}), tt.uri)
		if tt.want == MapHit {
			require.Equal(t, Done, r.do(tt.uri).code)
			require.Equal(t, tt.who, r.who())
		}
	}
}
