package balancer

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/balancer/shm/shmtest"
)

// clock is a clock that only moves when told to, or slept by.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = append(c.slept, d)
	c.now = c.now.Add(d)
}

func (c *clock) advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

// fixture is a balancer with scripted members: an Attempter, a Logger and a clock.
type fixture struct {
	*Balancer
	t     testing.TB
	clock *clock
	tries []Try
	lines []string
	level Level

	// answer is what comes of an attempt; nil: Success.
	answer func(t Try) Outcome
	// full are the members without a free endpoint.
	full map[int]bool
}

// members makes members named a, b, c, ... with these lb factors.
func members(factors ...int) []MemberConfig {
	var list []MemberConfig
	for i, f := range factors {
		list = append(list, MemberConfig{Name: string(rune('a' + i)), LBFactor: f})
	}
	return list
}

// newConfig is mod_jk's default configuration.
func newConfig(list []MemberConfig) Config {
	return Config{
		Name: "lb", Members: list, Sticky: true, Retries: 2, LBRetries: 2, RetryInterval: 100 * time.Millisecond,
		RecoverTime: time.Minute, ErrorEscalation: 30 * time.Second, Maintain: time.Minute,
	}
}

func newFixture(t testing.TB, config Config) *fixture {
	t.Helper()
	return newFixtureOn(t, config, shmtest.New(t))
}

func newFixtureOn(t testing.TB, config Config, mapping *shm.Mapping) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &clock{}, level: LevelInfo, full: make(map[int]bool)}
	if config.Now == nil {
		config.Now, config.Sleep = f.clock.Now, f.clock.Sleep
	}
	b, err := New(config, mapping)
	require.NoError(t, err)
	f.Balancer = b
	f.clock.now = b.rec.LastMaintain()
	return f
}

func (f *fixture) Attempt(t Try) Outcome {
	f.tries = append(f.tries, t)
	w := f.Worker(t.Member)
	if f.full[t.Member] {
		return Outcome{Kind: NoSlot}
	}
	w.Enter()
	defer w.Leave()
	w.CountUsed()
	if f.answer == nil {
		return Outcome{Kind: Success}
	}
	o := f.answer(t)
	if o.Kind == ReplyTimeout {
		w.CountReplyTimeout()
	}
	return o
}

func (f *fixture) Free(member int) bool { return !f.full[member] }

func (f *fixture) Enabled(level Level) bool { return level >= f.level }

func (f *fixture) Log(_ Level, _, format string, args ...any) {
	f.lines = append(f.lines, fmt.Sprintf(format, args...))
}

// serve sends one request and returns the result and which members were tried, as a string of their names.
func (f *fixture) serve(q Query) (Result, string) {
	f.t.Helper()
	f.tries, f.lines = nil, nil
	q.Logger = f
	r := f.Serve(&q, f)
	tried := ""
	for _, t := range f.tries {
		tried += f.MemberName(t.Member)
	}
	return r, tried
}

// serveAll sends n requests and returns which members were tried.
func (f *fixture) serveAll(n int, q Query) string {
	f.t.Helper()
	all := ""
	for range n {
		_, tried := f.serve(q)
		all += tried
	}
	return all
}

// session is a query with these session ids.
func ofSession(ids ...string) Query {
	var q Query
	for _, id := range ids {
		q.Sessions.add(id)
	}
	return q
}

func (f *fixture) states() (list []State) {
	for i := range f.Len() {
		list = append(list, f.state(i))
	}
	return list
}

func (f *fixture) values() (list []uint64) {
	v := f.current()
	for i := range v.members {
		list = append(list, v.policy.load(&v.members[i]))
	}
	return list
}

func (f *fixture) setState(i int, s State) { f.records[i].member.State().Store(uint64(s)) }

func (f *fixture) state(i int) State { return State(f.records[i].member.State().Load()) }

// failing answers that every attempt fails recoverably, with this status.
func failing(status int) func(Try) Outcome {
	return func(Try) Outcome { return Outcome{Kind: Failed, Recoverable: true, Status: status} }
}

// only fails the named members and lets the others succeed.
func (f *fixture) failOnly(names string, o Outcome) {
	f.answer = func(t Try) Outcome {
		for _, n := range names {
			if f.MemberName(t.Member) == string(n) {
				return o
			}
		}
		return Outcome{Kind: Success}
	}
}
