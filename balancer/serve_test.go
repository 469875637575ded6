package balancer

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServe_Success(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.answer = func(Try) Outcome { return Outcome{Kind: Success, Status: 200} }
	r, tried := f.serve(Query{})
	require.Equal(t, "a", tried)
	note := Note{Member: 0, Value: 1, Accessed: 1, Sessions: 1, State: OK}
	require.Equal(t, Result{Kind: Success, Member: 0, Route: "a", Attempts: 1, First: note, Last: note}, r)
	require.Empty(t, f.lines)
	require.Empty(t, f.clock.slept)
}

// TestServe_Failover: the first member fails, the second answers.
func TestServe_Failover(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.failOnly("a", Outcome{Kind: Failed, Recoverable: true, Status: 502})
	r, tried := f.serve(ofSession("s.a"))
	require.Equal(t, "ab", tried)
	require.Equal(t, []bool{true, false}, []bool{f.tries[0].Sticky, f.tries[1].Sticky})
	require.Equal(t, []int{1, 2}, []int{f.tries[0].Number, f.tries[1].Number})
	require.Equal(t, Result{
		Kind: Success, Member: 1, Route: "b", Attempts: 2,
		First: Note{Member: 0, Value: 1, Accessed: 1, Errors: 1, State: Error},
		Last:  Note{Member: 1, Value: 1, Accessed: 1, State: OK},
	}, r)
	require.Equal(t, []string{"service failed, worker a is in error state"}, f.lines)
	require.Equal(t, "bbb", f.serveAll(3, ofSession("s.a")), "and stays away")
}

// TestServe_Outcomes: what each outcome does to the member, to the request and to the client, with another member there.
func TestServe_Outcomes(t *testing.T) {
	for _, c := range []struct {
		name    string
		outcome Outcome
		tried   string
		kind    OutcomeKind // of the request; the other member succeeds
		status  int
		state   State // of the member
		errors  uint64
		timed   bool // an error time is noted
		line    string
	}{
		{
			"failed",
			Outcome{Kind: Failed, Recoverable: true, Status: 502},
			"ab", Success, 0, Error, 1, true, "service failed, worker a is in error state",
		},
		{
			"failed for good",
			Outcome{Kind: Failed, Status: 502},
			"a", Failed, 502, Error, 1, true, "unrecoverable error 502, request failed. Tomcat failed in the middle of request",
		},
		{
			"client error",
			Outcome{Kind: ClientError, Recoverable: true, Status: 400},
			"a", ClientError, 400, OK, 0, false, "unrecoverable error 400, request failed. Client failed in the middle of request",
		},
		{
			"soft status",
			Outcome{Kind: SoftStatus, Recoverable: true, Status: 503},
			"ab", Success, 0, OK, 0, false, "service failed, worker a is in local error state",
		},
		{
			"hard status",
			Outcome{Kind: HardStatus, Recoverable: true, Status: 503},
			"ab", Success, 0, Error, 1, true, "service failed, worker a is in error state",
		},
		{
			"reply timeout",
			Outcome{Kind: ReplyTimeout, Recoverable: true, Status: 504},
			"ab", Success, 0, Error, 1, true, "service failed, worker a is in error state",
		},
		{
			"reply timeout for good",
			Outcome{Kind: ReplyTimeout, Status: 504},
			"a", ReplyTimeout, 504, Error, 1, true, "unrecoverable error 504",
		},
		{
			"protocol",
			Outcome{Kind: Protocol, Recoverable: true, Status: 502},
			"ab", Success, 0, OK, 0, false, "service failed, worker a is in local error state",
		},
		{
			"no slot",
			Outcome{Kind: NoSlot},
			"ab", Success, 0, Busy, 0, false, "could not get free endpoint for worker a (0 retries)",
		},
		{
			"busy limit",
			Outcome{Kind: BusyLimit},
			"ab", Success, 0, Busy, 0, false, "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, newConfig(members(1, 1)))
			f.failOnly("a", c.outcome)
			r, tried := f.serve(Query{})
			require.Equal(t, c.tried, tried)
			require.Equal(t, c.kind.String(), r.Kind.String())
			require.Equal(t, c.status, r.Status)
			require.Equal(t, c.state.String(), f.state(0).String())
			m := f.Snapshot(f.clock.Now()).Members[0]
			require.Equal(t, c.errors, m.Errors)
			require.Equal(t, c.timed, !m.ErrorTime.IsZero())
			require.Contains(t, strings.Join(f.lines, "\n"), c.line)
			require.Zero(t, f.rec.Busy())
			require.Zero(t, f.records[0].member.Busy())
		})
	}
}

// TestServe_Status: what the client gets when everything fails.
func TestServe_Status(t *testing.T) {
	for _, c := range []struct {
		name    string
		members int
		outcome Outcome
		tried   string
		status  int
	}{
		{"connect refused, one member", 1, Outcome{Kind: Failed, Recoverable: true, Status: 503}, "aa", 503},
		{"closed, one member", 1, Outcome{Kind: Failed, Recoverable: true, Status: 502}, "aa", 502},
		{"closed, two members", 2, Outcome{Kind: Failed, Recoverable: true, Status: 502}, "abab", 502},
		{"closed, three members", 3, Outcome{Kind: Failed, Recoverable: true, Status: 502}, "abca", 502},
		{"reply timeout", 2, Outcome{Kind: ReplyTimeout, Recoverable: true, Status: 504}, "abab", 504},
		{"hard fail_on_status", 2, Outcome{Kind: HardStatus, Recoverable: true, Status: 503}, "abab", 503},
		{"soft fail_on_status", 2, Outcome{Kind: SoftStatus, Recoverable: true, Status: 503}, "abab", 503},
		{"unknown packet", 2, Outcome{Kind: Failed, Recoverable: true, Status: 500}, "abab", 500},
		{"protocol", 2, Outcome{Kind: Protocol, Recoverable: true, Status: 502}, "abab", 502},
		{"no slot, whatever it says", 2, Outcome{Kind: NoSlot, Status: 1}, "ab", 503},
		{"busy limit", 2, Outcome{Kind: BusyLimit, Status: 1}, "ab", 503},
		{"head too large", 2, Outcome{Kind: ClientError, Status: 413}, "a", 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, newConfig(manyNamed(c.members)))
			f.answer = func(Try) Outcome { return c.outcome }
			r, tried := f.serve(Query{})
			require.Equal(t, c.tried, tried)
			require.Equal(t, c.status, r.Status)
			lines := strings.Join(f.lines, "\n")
			require.Equal(t, c.outcome.Kind != ClientError, strings.Contains(lines, "All tomcat instances failed, no more workers left"))
			require.Equal(t, c.outcome.Kind != ClientError, strings.Contains(lines, "All tomcat instances are busy or in error state"))
		})
	}
}

func manyNamed(n int) []MemberConfig {
	factors := make([]int, n)
	return members(factors...)
}

// TestServe_Rounds: rounds x lb_retries, with all members failing.
func TestServe_Rounds(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		name              string
		members           int
		retries, lbRetry  int
		interval          time.Duration
		kind              OutcomeKind
		tried             string
		slept             []time.Duration
		lastRoundHasNoOne bool
	}{
		{"defaults", 4, 2, 2, 100 * ms, Failed, "ab" + "cd", []time.Duration{100 * ms}, false},
		{"one round", 4, 1, 2, 100 * ms, Failed, "ab", nil, false},
		{"one member a round", 4, 3, 1, 7 * ms, Failed, "a" + "b" + "c", []time.Duration{7 * ms, 7 * ms}, false},
		{"more than there are", 3, 1, 9, 7 * ms, Failed, "abc", nil, false},
		{"no interval", 4, 2, 2, 0, Failed, "abcd", nil, false},
		{"forced once", 2, 3, 2, ms, Failed, "ab" + "ab", []time.Duration{ms, ms}, true},
		{"members that are fine are tried again each round", 2, 3, 2, ms, SoftStatus, "ab" + "ab" + "ab", []time.Duration{ms, ms}, false},
		{"below 1 counts as 1", 4, 0, -1, ms, Failed, "a", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := newConfig(manyNamed(c.members))
			config.Retries, config.LBRetries, config.RetryInterval = c.retries, c.lbRetry, c.interval
			f := newFixture(t, config)
			f.answer = func(Try) Outcome { return Outcome{Kind: c.kind, Recoverable: true, Status: 502} }
			r, tried := f.serve(Query{})
			require.Equal(t, c.tried, tried)
			require.Equal(t, c.slept, f.clock.slept)
			require.Equal(t, len(tried), r.Attempts)
			want := 502
			if c.lastRoundHasNoOne {
				want = 503
			}
			require.Equal(t, want, r.Status)
		})
	}
}

// TestServe_ReadsAgain: what happens while a request sleeps between rounds counts, states and settings alike.
func TestServe_ReadsAgain(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(f *fixture)
		want   string
	}{
		{"nothing", func(*fixture) {}, "ab" + "c"},
		{"states", func(f *fixture) { f.setState(2, Error) }, "ab" + "a"},
		{"settings", func(f *fixture) { require.NoError(f.t, f.SetActivation(2, Stopped)) }, "ab" + "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := newConfig(members(1, 1, 1))
			var f *fixture
			config.Now = time.Now
			config.Sleep = func(time.Duration) {
				c.change(f)
				f.answer = nil
			}
			f = newFixture(t, config)
			f.answer = func(Try) Outcome { return Outcome{Kind: SoftStatus, Recoverable: true, Status: 503} }
			r, tried := f.serve(Query{})
			require.Equal(t, c.want, tried)
			require.Equal(t, Success, r.Kind)
		})
	}
}

// TestServe_ForcedRecovery: when nothing is left, members in error are tried, once per request; their reply timeouts are
// forgotten.
func TestServe_ForcedRecovery(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1, 1)))
	f.setState(0, Error)
	f.setState(1, Error)
	f.full[2] = true
	f.setState(2, Busy)
	f.Worker(0).CountReplyTimeout()
	r, tried := f.serve(Query{})
	require.Equal(t, "a", tried)
	require.Equal(t, Success, r.Kind)
	require.Equal(t, []State{OK, Force, Busy}, f.states())
	require.Zero(t, f.Worker(0).ReplyTimeouts())
	require.Equal(t, []string{"Forcing recovery once for 2 workers"}, f.lines)

	f.setState(0, Error)
	_, tried = f.serve(Query{})
	require.Equal(t, "b", tried)
}

// TestServe_ForcedInVain: forced recovery of a stopped member helps nobody; as in mod_jk nobody is then the last one.
func TestServe_ForcedInVain(t *testing.T) {
	list := members(1, 1)
	list[1].Activation = Stopped
	f := newFixture(t, newConfig(list))
	f.setState(1, Error)
	f.answer = func(Try) Outcome { return Outcome{Kind: SoftStatus, Status: 503, Recoverable: true} }
	require.NoError(t, f.SetRetries(1))
	r, tried := f.serve(Query{})
	require.Equal(t, "a", tried)
	require.Equal(t, Force, f.state(1))
	require.Equal(t, NoMember, r.Kind)
	require.Equal(t, -1, r.Member)
	require.Equal(t, 0, r.First.Member)
	require.Equal(t, -1, r.Last.Member)
}

func TestServe_NobodyEligible(t *testing.T) {
	list := members(1, 1)
	list[0].Activation, list[1].Activation = Stopped, Disabled
	f := newFixture(t, newConfig(list))
	r, tried := f.serve(Query{})
	require.Empty(t, tried)
	require.Equal(t, 503, r.Status)
	require.Equal(t, NoMember, r.Kind)
	require.Equal(t, -1, r.Last.Member)
	require.Equal(t, []string{
		"All tomcat instances failed, no more workers left for recovery (attempt=1, retry=0)",
		"All tomcat instances failed, no more workers left (attempt=2, retry=0)",
		"All tomcat instances failed, no more workers left (attempt=1, retry=1)",
		"All tomcat instances failed, no more workers left (attempt=2, retry=1)",
		"All tomcat instances are busy or in error state",
		"All tomcat instances failed, no more workers left",
	}, f.lines)
}

// TestServe_Probe: a recovering member is probed by the request that chooses it; meanwhile it gets no other.
func TestServe_Probe(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.setState(0, Recover)
	during := State(99)
	f.answer = func(t Try) Outcome {
		if t.Member == 0 {
			during = f.state(0)
			other := *f
			_, tried := (&other).serve(ofSession("s.a"))
			require.Equal(f.t, "b", tried)
		}
		return Outcome{Kind: Success}
	}
	f.serve(Query{})
	require.Equal(t, Probe, during)
	require.Equal(t, OK, f.state(0))

	f.setState(0, Recover)
	f.answer = failing(502)
	f.serve(ofSession("s.a"))
	require.Equal(t, Error, f.state(0))

	f.setState(0, Recover)
	f.answer = func(Try) Outcome { return Outcome{Kind: Protocol} }
	f.serve(ofSession("s.a"))
	require.Equal(t, OK, f.state(0), "a framing error ends a probe well, as in mod_jk")
}

// TestServe_Busy: a member without endpoints is left alone until this child has one again.
func TestServe_Busy(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.full[0] = true
	_, tried := f.serve(ofSession("s.a"))
	require.Equal(t, "ab", tried)
	require.Equal(t, Busy, f.state(0))
	require.Equal(t, []uint64{0, 1}, f.values(), "it was not charged")
	s := f.Snapshot(time.Now())
	require.Zero(t, s.Members[0].Elected)
	require.EqualValues(t, 1, s.Members[1].Elected)
	_, tried = f.serve(ofSession("s.a"))
	require.Equal(t, "b", tried, "not even for its sessions")
	f.full[0] = false
	f.level = LevelDebug
	_, tried = f.serve(ofSession("s.a"))
	require.Equal(t, "a", tried)
	require.Contains(t, f.lines, "worker a busy state ended")
	require.Equal(t, OK, f.state(0))
}

// TestServe_NoSlotNewSession: a new session that found no endpoint was not one.
func TestServe_NoSlotNewSession(t *testing.T) {
	config := newConfig(members(1, 1))
	config.Method = Session
	f := newFixture(t, config)
	f.full[0] = true
	_, tried := f.serve(Query{})
	require.Equal(t, "ab", tried)
	s := f.Snapshot(time.Now())
	require.Equal(t, []uint64{0, 1}, []uint64{s.Members[0].Sessions, s.Members[1].Sessions})
	require.Equal(t, []uint64{0, 1}, f.values())
}

func TestServe_BusyLimitIsCharged(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.failOnly("a", Outcome{Kind: BusyLimit})
	f.serve(Query{})
	require.Equal(t, []uint64{1, 1}, f.values())
	require.EqualValues(t, 1, f.Snapshot(time.Now()).Members[0].Elected)
}

// TestServe_ReplyTimeouts: only more than max_reply_timeouts put a member into error.
func TestServe_ReplyTimeouts(t *testing.T) {
	config := newConfig(members(1, 1))
	config.MaxReplyTimeouts = 2
	f := newFixture(t, config)
	f.failOnly("a", Outcome{Kind: ReplyTimeout, Recoverable: true, Status: 504})
	for i := range 2 {
		_, tried := f.serve(ofSession("s.a"))
		require.Equal(t, "ab", tried)
		require.Equal(t, OK, f.state(0), i)
		require.Equal(t, []string{"service failed, worker a is in local error state"}, f.lines)
	}
	require.Zero(t, f.Snapshot(time.Now()).Members[0].Errors)
	f.serve(ofSession("s.a"))
	require.Equal(t, Error, f.state(0))
	require.EqualValues(t, 1, f.Snapshot(time.Now()).Members[0].Errors)
}

// TestServe_Escalation: while other requests are in flight, errors must go on for error_escalation_time to eject a member.
func TestServe_Escalation(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.Worker(0).Enter() // another request, in whatever balancer or child
	f.failOnly("a", Outcome{Kind: Failed, Recoverable: true, Status: 502})
	fail := func(want State) {
		t.Helper()
		_, tried := f.serve(ofSession("s.a"))
		require.Equal(t, "ab", tried)
		require.Equal(t, want.String(), f.state(0).String())
	}
	fail(OK)
	f.clock.advance(29 * time.Second)
	fail(OK)
	f.clock.advance(time.Second)
	f.level = LevelDebug
	fail(Error)
	require.Contains(t, f.lines, "worker a escalating local error to global error")
	require.EqualValues(t, 3, f.Snapshot(time.Now()).Members[0].Errors)

	f.setState(0, OK)
	f.answer = nil
	f.serve(ofSession("s.a"))
	f.failOnly("a", Outcome{Kind: Failed, Recoverable: true, Status: 502})
	fail(OK) // a success in between begins a new row
	require.NoError(t, f.SetErrorEscalation(1))
	f.clock.advance(time.Second)
	fail(Error)
}

func TestServe_NoEscalationTime(t *testing.T) {
	config := newConfig(members(1, 1))
	config.ErrorEscalation = 0
	f := newFixture(t, config)
	f.Worker(0).Enter()
	f.failOnly("a", Outcome{Kind: Failed, Recoverable: true})
	f.serve(Query{})
	require.Equal(t, Error, f.state(0))
}

type panicking struct{}

func (panicking) Attempt(Try) Outcome { panic("a bug") }

func (panicking) Free(int) bool { return true }

// TestServe_Panic: an Attempter that panics leaves nothing counted that would stay.
func TestServe_Panic(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.setState(0, Recover)
	require.Panics(t, func() { f.Serve(&Query{}, panicking{}) })
	require.Zero(t, f.rec.Busy())
	require.Zero(t, f.records[0].member.Busy())
	require.Equal(t, Probe, f.state(0))
	require.True(t, f.Maintain(f.clock.advance(time.Minute), f))
	require.Equal(t, Recover, f.state(0))
	require.Contains(t, f.lines, "worker a was probed by a request that is gone, marked for recovery again")
}

// TestServe_NoAllocations also covers failing over, and no logger at all.
func TestServe_NoAllocations(t *testing.T) {
	for _, method := range []Method{Request, Traffic, Busyness, Session, Next} {
		t.Run(method.String(), func(t *testing.T) {
			config := newConfig(manyMembers(1000))
			config.Method = method
			b := newFixture(t, config).Balancer
			a := &alternating{}
			var q Query
			require.Zero(t, testing.AllocsPerRun(200, func() {
				q.Reset()
				q.Sessions.FromCookie("JSESSIONID=s.w007", "JSESSIONID")
				if r := b.Serve(&q, a); r.Kind != Success {
					t.Error(r.Kind)
				}
			}))
			require.Greater(t, a.calls, 200)
		})
	}
}

// alternating fails every other attempt.
type alternating struct{ calls int }

func (a *alternating) Attempt(Try) Outcome {
	a.calls++
	if a.calls%2 == 0 {
		return Outcome{Kind: SoftStatus, Recoverable: true, Status: 503}
	}
	return Outcome{Kind: Success, Read: 1000}
}

func (a *alternating) Free(int) bool { return true }

// TestServe_ManyMembers: a query that has had room for fewer gets more.
func TestServe_ManyMembers(t *testing.T) {
	const n = 306
	f := newFixture(t, newConfig(manyMembers(n)))
	used := Query{states: make([]State, 4)}
	require.Equal(t, Success, newFixture(t, newConfig(members(1, 1))).Serve(&used, &alternating{}).Kind)
	require.Equal(t, Success, f.Serve(&used, &alternating{}).Kind)
	f = newFixture(t, newConfig(manyMembers(n)))
	last := f.MemberName(n - 1)
	require.Equal(t, last, f.serveAll(1, ofSession("s."+last)))
	f.setState(n-1, Error)
	_, tried := f.serve(ofSession("s." + last))
	require.NotEqual(t, last, tried)
	seen := map[string]bool{}
	for range 3 * n {
		_, tried := f.serve(Query{})
		seen[tried] = true
	}
	require.Len(t, seen, n-1)
}

// TestServe_DebugLines: what the lines say at debug, without ids of sessions.
func TestServe_DebugLines(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.level = LevelDebug
	f.failOnly("a", Outcome{Kind: Failed, Recoverable: true, Status: 502})
	f.serve(ofSession("secret.a"))
	require.Equal(t, []string{
		"searching worker for session route a",
		"found worker a (a) for the session, method 'Request'",
		"service worker=a route=a failover=false attempt=1",
		"worker a escalating local error to global error",
		"service failed, worker a is in error state",
		"recoverable error... will try to recover on other worker",
		"searching worker for session route a",
		"found best worker b (b) using method 'Request'",
		"service worker=b route=b failover=true attempt=2",
	}, f.lines)
}
