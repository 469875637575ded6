package balancer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSequence_Weights: who is chosen when nothing is sticky and nothing fails. Computed by hand: lb_mult is LCM/lbfactor,
// the least lb_value wins, ties go to whoever comes first from the member after the one chosen last.
func TestSequence_Weights(t *testing.T) {
	for _, c := range []struct {
		name    string
		factors []int
		mults   []uint64
		want    string
	}{
		{"equal", []int{1, 1, 1}, []uint64{1, 1, 1}, "abcabcabc"},
		{"one member", []int{7}, []uint64{1}, "aaa"},
		{"1 to 2", []int{1, 2}, []uint64{2, 1}, "abb" + "abb"},
		{"2 to 1", []int{2, 1}, []uint64{1, 2}, "aba" + "baa" + "baa"},
		{"1 to 2 to 3", []int{1, 2, 3}, []uint64{6, 3, 2}, "abccbc" + "abccbc"},
		{"equal but not 1", []int{5, 5}, []uint64{1, 1}, "abab"},
		{"1 to 4", []int{1, 4}, []uint64{4, 1}, "abbbb" + "abbbb"},
		{"below 1 counts as 1", []int{0, -3, 2}, []uint64{2, 2, 1}, "abcc" + "abcc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, newConfig(members(c.factors...)))
			for i, m := range f.Snapshot(time.Now()).Members {
				require.Equal(t, c.mults[i], m.LBMult)
			}
			require.Equal(t, c.want, f.serveAll(len(c.want), Query{}))
		})
	}
}

// TestSequence_Request is the schedule of method_request.go.
func TestSequence_Request(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 2, 3)))
	for _, step := range []struct {
		chosen string
		after  []uint64
	}{
		{"a", []uint64{6, 0, 0}},
		{"b", []uint64{6, 3, 0}},
		{"c", []uint64{6, 3, 2}},
		{"c", []uint64{6, 3, 4}},
		{"b", []uint64{6, 6, 4}},
		{"c", []uint64{6, 6, 6}},
	} {
		_, tried := f.serve(Query{})
		require.Equal(t, step.chosen, tried)
		require.Equal(t, step.after, f.values())
	}
}

// TestSequence_RequestCounts: requests of sessions and failures are charged too.
func TestSequence_RequestCounts(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 2)))
	f.serve(ofSession("s.b"))
	f.serve(ofSession("s.b"))
	require.Equal(t, []uint64{0, 2}, f.values())
	f.failOnly("a", Outcome{Kind: Failed, Recoverable: true})
	_, tried := f.serve(Query{Stateless: true})
	require.Equal(t, "ab", tried)
	require.Equal(t, []uint64{2, 3}, f.values())
}

// TestSequence_Traffic is the schedule of method_traffic.go.
func TestSequence_Traffic(t *testing.T) {
	config := newConfig(members(1, 2))
	config.Method = Traffic
	f := newFixture(t, config)
	f.answer = func(Try) Outcome { return Outcome{Kind: Success, Read: 60, Written: 40} }
	for _, step := range []struct {
		chosen string
		after  []uint64
	}{
		{"a", []uint64{200, 0}},
		{"b", []uint64{200, 100}},
		{"b", []uint64{200, 200}},
		{"a", []uint64{400, 200}},
		{"b", []uint64{400, 300}},
		{"b", []uint64{400, 400}},
	} {
		_, tried := f.serve(Query{})
		require.Equal(t, step.chosen, tried)
		require.Equal(t, step.after, f.values())
	}
	f.failOnly("a", Outcome{Kind: Failed, Recoverable: true, Read: 1, Written: 2})
	f.serve(Query{})
	require.Equal(t, uint64(406), f.values()[0], "what a failed attempt moved counts as well")
}

func TestSequence_TrafficStopsAtTheTop(t *testing.T) {
	config := newConfig(members(1, 1_000_000))
	config.Method = Traffic
	f := newFixture(t, config)
	f.answer = func(Try) Outcome { return Outcome{Kind: Success, Read: 1 << 62} }
	f.serveAll(4, Query{})
	require.Equal(t, []uint64{^uint64(0), 3 << 62}, f.values())
	f.serve(Query{})
	require.Equal(t, []uint64{^uint64(0), ^uint64(0)}, f.values())
}

// held is a request that stays in flight until released.
type held struct {
	member  int
	release chan struct{}
	done    chan Result
}

// hold sends a request and waits until a member has it.
func (f *fixture) hold(q Query) held {
	f.t.Helper()
	h := held{release: make(chan struct{}), done: make(chan Result, 1)}
	at := make(chan int)
	go func() { h.done <- f.Serve(&q, holder{f, at, h.release}) }()
	h.member = <-at
	return h
}

func (h held) end() Result {
	close(h.release)
	return <-h.done
}

type holder struct {
	f       *fixture
	at      chan<- int
	release <-chan struct{}
}

func (h holder) Attempt(t Try) Outcome {
	w := h.f.Worker(t.Member)
	w.Enter()
	defer w.Leave()
	h.at <- t.Member
	<-h.release
	return Outcome{Kind: Success}
}

func (h holder) Free(int) bool { return true }

// TestSequence_Busyness is the schedule of method_busyness.go.
func TestSequence_Busyness(t *testing.T) {
	config := newConfig(members(1, 2))
	config.Method = Busyness
	f := newFixture(t, config)
	var all []held
	for _, step := range []struct {
		ends   int // request that ends first; -1: none
		chosen string
		loads  []uint64 // after
	}{
		{-1, "a", []uint64{2, 0}},
		{-1, "b", []uint64{2, 1}},
		{-1, "b", []uint64{2, 2}},
		{-1, "a", []uint64{4, 2}},
		{2, "b", []uint64{4, 2}},
	} {
		if step.ends >= 0 {
			all[step.ends].end()
			require.Equal(t, []uint64{4, 1}, f.values())
		}
		h := f.hold(Query{})
		all = append(all, h)
		require.Equal(t, step.chosen, f.MemberName(h.member))
		require.Equal(t, step.loads, f.values())
	}
	for _, i := range []int{0, 1, 3, 4} {
		all[i].end()
	}
	require.Equal(t, []uint64{0, 0}, f.values())
	require.EqualValues(t, 4, f.Snapshot(time.Now()).MaxBusy)
}

// TestSequence_Session is the schedule of method_session.go; Next charges alike.
func TestSequence_Session(t *testing.T) {
	for _, method := range []Method{Session, Next} {
		t.Run(method.String(), func(t *testing.T) {
			config := newConfig(members(1, 1))
			config.Method = method
			f := newFixture(t, config)
			ofA := ofSession("s.a")
			for _, step := range []struct {
				query  Query
				chosen string
				after  []uint64
			}{
				{Query{}, "a", []uint64{1, 0}},
				{ofA, "a", []uint64{1, 0}},
				{ofA, "a", []uint64{1, 0}},
				{Query{}, "b", []uint64{1, 1}},
				{ofA, "a", []uint64{1, 1}},
				{Query{}, "a", []uint64{2, 1}},
				{ofSession("no route"), "b", []uint64{2, 1}},
				{Query{Stateless: true}, "a", []uint64{2, 1}},
			} {
				_, tried := f.serve(step.query)
				require.Equal(t, step.chosen, tried)
				require.Equal(t, step.after, f.values())
			}
			s := f.Snapshot(time.Now())
			require.EqualValues(t, 2, s.Members[0].Sessions)
			require.EqualValues(t, 1, s.Members[1].Sessions)
		})
	}
}

// TestSequence_SessionNotSticky: with sticky_session off, or ignored, every request counts as a new session.
func TestSequence_SessionNotSticky(t *testing.T) {
	config := newConfig(members(1, 1))
	config.Method, config.Sticky = Session, false
	f := newFixture(t, config)
	require.Equal(t, "abab", f.serveAll(4, ofSession("s.a")))
	require.Equal(t, []uint64{2, 2}, f.values())

	require.NoError(t, f.SetSticky(true))
	ignoring := ofSession("s.a")
	ignoring.IgnoreSticky = true
	require.Equal(t, "abab", f.serveAll(4, ignoring))
	require.Equal(t, []uint64{4, 4}, f.values())
	require.Equal(t, "aa", f.serveAll(2, ofSession("s.a")))
}

// TestSequence_Next is the schedule of method_next.go.
func TestSequence_Next(t *testing.T) {
	config := newConfig(members(1, 1, 1))
	config.Method = Next
	f := newFixture(t, config)
	f.failOnly("b", Outcome{Kind: Failed, Recoverable: true})
	for _, step := range []struct {
		tried string
		after []uint64
	}{
		{"a", []uint64{1, 0, 0}},
		{"bc", []uint64{1, 1, 1}},
		{"a", []uint64{2, 1, 1}},
		{"c", []uint64{2, 1, 2}},
	} {
		_, tried := f.serve(Query{})
		require.Equal(t, step.tried, tried)
		require.Equal(t, step.after, f.values())
	}
	require.True(t, f.Maintain(f.clock.advance(time.Minute), nil))
	require.Equal(t, []uint64{0, 0, 0}, f.values())
}

// TestSequence_TieRotation: among equals the turn goes on from whoever was chosen last, also when that was long ago and
// sessions came in between.
func TestSequence_TieRotation(t *testing.T) {
	config := newConfig(members(1, 1, 1))
	config.Method = Session
	f := newFixture(t, config)
	require.Equal(t, "abcabc", f.serveAll(6, ofSession("no route")), "nothing is ever charged")
	require.Equal(t, "bbb", f.serveAll(3, ofSession("s.b")), "a sticky hit does not move the turn")
	require.Equal(t, "abc", f.serveAll(3, ofSession("no route")))
}

// TestSequence_Stateless: requests that are no session take turns in the lowest distance, whatever the load.
func TestSequence_Stateless(t *testing.T) {
	list := members(1, 100, 1)
	list[2].Distance = 1
	f := newFixture(t, newConfig(list))
	require.Equal(t, "ababab", f.serveAll(6, Query{Stateless: true}))
	require.Equal(t, []uint64{300, 3, 0}, f.values(), "Request charges them all the same")
	require.Zero(t, f.Snapshot(time.Now()).Members[0].Sessions)
}

func TestSequence_Distance(t *testing.T) {
	list := members(1, 1, 1, 1)
	list[0].Distance, list[1].Distance, list[2].Distance, list[3].Distance = 1, 0, 1, 2
	f := newFixture(t, newConfig(list))
	require.Equal(t, "bbb", f.serveAll(3, Query{}), "the nearest has them all, however loaded")
	f.setState(1, Error)
	require.Equal(t, "caca", f.serveAll(4, Query{}), "then those of the next distance, in turn")
	f.setState(0, Error)
	require.Equal(t, "cc", f.serveAll(2, Query{}))
	f.setState(2, Busy)
	f.full[2] = true
	require.Equal(t, "dd", f.serveAll(2, Query{}))
}

func TestSequence_Activation(t *testing.T) {
	list := members(1, 1, 1)
	list[1].Activation, list[2].Activation = Disabled, Stopped
	f := newFixture(t, newConfig(list))
	require.Equal(t, "aaa", f.serveAll(3, Query{}))
	require.Equal(t, "bb", f.serveAll(2, ofSession("s.b")), "a disabled member keeps its sessions")
	require.Equal(t, "aa", f.serveAll(2, ofSession("s.c")), "a stopped one does not")
	f.setState(0, Error)
	f.answer = func(Try) Outcome { return Outcome{Kind: Failed, Recoverable: true, Status: 502} }
	r, tried := f.serve(Query{})
	require.Equal(t, "a", tried, "rather a member in error than a disabled one")
	require.Equal(t, 503, r.Status, "the last turn found nobody")
}

// TestSequence_RuleActivation: what the mapping rule says replaces what is configured, for this request.
func TestSequence_RuleActivation(t *testing.T) {
	list := members(1, 1, 1)
	list[2].Activation = Stopped
	f := newFixture(t, newConfig(list))
	rule := []Activation{Disabled, Unset, Active}
	require.Equal(t, "bcbc", f.serveAll(4, Query{Activations: rule}))
	q := ofSession("s.a")
	q.Activations = rule
	_, tried := f.serve(q)
	require.Equal(t, "a", tried)
	require.Equal(t, Disabled, f.tries[0].Activation)
	q.Activations = []Activation{Stopped}
	_, tried = f.serve(q)
	require.NotEqual(t, "a", tried, "a short list overrides what it reaches")
	require.Equal(t, []uint64{1, 3, 2}, f.values())
	require.Equal(t, "aab", f.serveAll(3, Query{}), "other requests see nothing of it")
}

func TestSequence_OptimisticAndPessimisticAgree(t *testing.T) {
	for _, lock := range []Lock{Optimistic, Pessimistic} {
		t.Run(lock.String(), func(t *testing.T) {
			config := newConfig(members(1, 2, 3))
			config.Lock = lock
			f := newFixture(t, config)
			require.Equal(t, "abccbcabccbc", f.serveAll(12, Query{}))
		})
	}
}
