package balancer

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/balancer/shm/shmtest"
)

// children are several children's views of one balancer.
func newChildren(t *testing.T, config Config, n int) []*fixture {
	t.Helper()
	mem := shmtest.NewMemory(t)
	mem.View().Format()
	var list []*fixture
	for range n {
		m := mem.View()
		_, err := m.Attach()
		require.NoError(t, err)
		list = append(list, newFixtureOn(t, config, m))
	}
	return list
}

// TestEdits_ReachAllChildren: an edit in one child holds in the other from its next request on.
func TestEdits_ReachAllChildren(t *testing.T) {
	c := newChildren(t, newConfig(members(1, 1)), 2)
	one, two := c[0], c[1]
	require.Equal(t, "ab", two.serveAll(2, Query{}))

	require.NoError(t, one.SetActivation(0, Stopped))
	require.Equal(t, "bb", two.serveAll(2, ofSession("s.a")))
	require.NoError(t, one.SetActivation(0, Disabled))
	require.Equal(t, "bab", two.serveAll(1, Query{})+two.serveAll(1, ofSession("s.a"))+two.serveAll(1, Query{}))
	require.NoError(t, one.SetActivation(0, Active))

	require.NoError(t, one.SetFactor(1, 2))
	require.Equal(t, []uint64{2, 1}, []uint64{two.Snapshot(time.Now()).Members[0].LBMult, two.Snapshot(time.Now()).Members[1].LBMult})
	require.Equal(t, "abb", two.serveAll(3, Query{}))

	require.NoError(t, one.SetRoute(1, "r2"))
	require.Equal(t, "b", two.serveAll(1, ofSession("s.r2")))
	require.NoError(t, one.SetRedirect(0, "r2"))
	require.NoError(t, one.SetDistance(1, 3))
	require.Equal(t, "aa", two.serveAll(2, Query{}))
	two.setState(0, Error)
	require.Equal(t, "b", two.serveAll(1, ofSession("s.a")))
	require.NoError(t, one.SetDomain(1, "d"))
	require.Equal(t, "b", two.serveAll(1, ofSession("s.d")))

	require.NoError(t, one.SetSticky(false))
	require.False(t, two.Sticky())
}

func TestEdits_BalancerSettings(t *testing.T) {
	c := newChildren(t, newConfig(members(1, 1)), 2)
	one, two := c[0], c[1]
	require.NoError(t, one.SetSticky(false))
	require.NoError(t, one.SetStickyForce(true))
	require.NoError(t, one.SetMethod(Busyness))
	require.NoError(t, one.SetLock(Pessimistic))
	require.NoError(t, one.SetRetries(7))
	require.NoError(t, one.SetRetryInterval(time.Second))
	require.NoError(t, one.SetRecoverTime(time.Hour))
	require.NoError(t, one.SetErrorEscalation(time.Minute))
	require.NoError(t, one.SetMaxReplyTimeouts(9))
	for _, f := range []*fixture{one, two} {
		s := f.Snapshot(f.clock.Now())
		require.False(t, s.Sticky)
		require.True(t, s.StickyForce)
		require.Equal(t, Busyness, s.Method)
		require.Equal(t, Pessimistic, s.Lock)
		require.Equal(t, 7, s.Retries)
		require.Equal(t, 2, s.LBRetries)
		require.Equal(t, time.Second, s.RetryInterval)
		require.Equal(t, time.Hour, s.RecoverTime)
		require.Equal(t, time.Minute, s.ErrorEscalation)
		require.Equal(t, 9, s.MaxReplyTimeouts)
	}
}

func TestEdits_Refused(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	before := f.Snapshot(f.clock.Now())
	long := strings.Repeat("x", shm.NameMax+1)
	for name, err := range map[string]error{
		"activation":  f.SetActivation(0, Unset),
		"no member":   f.SetActivation(2, Active),
		"no member -": f.SetActivation(-1, Active),
		"factor":      f.SetFactor(0, 0),
		"distance":    f.SetDistance(0, -1),
		"route":       f.SetRoute(0, long),
		"domain":      f.SetDomain(0, long),
		"redirect":    f.SetRedirect(0, long),
		"method":      f.SetMethod(Next + 1),
		"lock":        f.SetLock(Pessimistic + 1),
		"retries":     f.SetRetries(0),
		"interval":    f.SetRetryInterval(0),
		"recover":     f.SetRecoverTime(time.Second - 1),
		"escalation":  f.SetErrorEscalation(0),
		"timeouts":    f.SetMaxReplyTimeouts(-1),
		"recovery":    f.Recover(2),
	} {
		require.ErrorIs(t, err, ErrValue, name)
	}
	require.Equal(t, before, f.Snapshot(f.clock.Now()))
}

// TestEdits_ActivationClearsValues: all lb values begin at 0 again, but only if something changed, and not for Busyness.
func TestEdits_ActivationClearsValues(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.setValues(5, 6)
	require.NoError(t, f.SetActivation(0, Active))
	require.Equal(t, []uint64{5, 6}, f.values())
	require.NoError(t, f.SetActivation(0, Disabled))
	require.Equal(t, []uint64{0, 0}, f.values())

	require.NoError(t, f.SetMethod(Busyness))
	f.setValues(5, 6)
	require.NoError(t, f.SetActivation(0, Active))
	require.EqualValues(t, 6, f.records[1].member.Value().Load())
}

// TestSetReachable: a member without an address is stopped until it has one; what configuration and operators want of it holds then, or at once if an
// operator says it meanwhile.
func TestSetReachable(t *testing.T) {
	for _, c := range []struct {
		name       string
		configured Activation
		before     func(f *fixture) // while the member is reachable
		meanwhile  func(f *fixture) // while it is not
		stopped    Activation       // then
		after      Activation
	}{
		{name: "active", stopped: Stopped, after: Active},
		{name: "configured as disabled", configured: Disabled, stopped: Stopped, after: Disabled},
		{name: "configured as stopped", configured: Stopped, stopped: Stopped, after: Stopped},
		{name: "disabled by an operator", before: func(f *fixture) { _ = f.SetActivation(0, Disabled) }, stopped: Stopped, after: Disabled},
		{name: "stopped by an operator", before: func(f *fixture) { _ = f.SetActivation(0, Stopped) }, stopped: Stopped, after: Stopped},
		{name: "stopped by an operator meanwhile", meanwhile: func(f *fixture) { _ = f.SetActivation(0, Stopped) }, stopped: Stopped, after: Stopped},
		{name: "disabled by an operator meanwhile", meanwhile: func(f *fixture) { _ = f.SetActivation(0, Disabled) }, stopped: Disabled, after: Disabled},
		{name: "activated by an operator meanwhile", meanwhile: func(f *fixture) { _ = f.SetActivation(0, Active) }, stopped: Active, after: Active},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := newConfig(members(1, 1))
			config.Members[0].Activation = c.configured
			children := newChildren(t, config, 2)
			one, two := children[0], children[1]
			now := func() Activation { return two.Snapshot(two.clock.Now()).Members[0].Activation }
			if c.before != nil {
				c.before(one)
			}
			one.SetReachable(0, false)
			require.Equal(t, Stopped, now())
			require.Equal(t, "bb", two.serveAll(2, ofSession("s.a")))
			if c.meanwhile != nil {
				c.meanwhile(one)
			}
			require.Equal(t, c.stopped, now())
			newFixtureOn(t, config, one.mapping) // a child that starts meanwhile changes nothing
			require.Equal(t, c.stopped, now())
			one.SetReachable(0, true)
			require.Equal(t, c.after, now())
		})
	}
}

// TestSetReachable_BeginsEvenly: a member that comes back does not have to make up for what it has missed.
func TestSetReachable_BeginsEvenly(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.SetReachable(0, false)
	require.Equal(t, "bbbbbb", f.serveAll(6, Query{}))
	sequence := f.rec.Sequence()
	f.SetReachable(0, true)
	require.Equal(t, "abab", f.serveAll(4, Query{}))
	require.Greater(t, f.rec.Sequence(), sequence)
	sequence = f.rec.Sequence()
	f.SetReachable(0, true)
	require.Equal(t, sequence, f.rec.Sequence(), "nothing new")
}

func TestEdits_RouteDerivesDomain(t *testing.T) {
	list := members(1, 1)
	list[1].Domain = "d"
	f := newFixture(t, newConfig(list))
	for i := range 2 {
		require.NoError(t, f.SetRoute(i, "east.n"+f.MemberName(i)))
	}
	s := f.Snapshot(f.clock.Now())
	require.Equal(t, "east", s.Members[0].Domain)
	require.Equal(t, "d", s.Members[1].Domain)
	require.NoError(t, f.SetDomain(0, ""))
	require.Empty(t, f.Snapshot(f.clock.Now()).Members[0].Domain)
}

func TestRecover(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1, 1)))
	f.setState(0, Error)
	f.setValues(1, 5, 9)
	f.Worker(0).CountReplyTimeout()
	require.NoError(t, f.Recover(0))
	require.Equal(t, Recover, f.state(0))
	require.Equal(t, []uint64{9, 5, 9}, f.values())
	require.Zero(t, f.Worker(0).ReplyTimeouts())
	for _, s := range []State{Idle, OK, Recover, Force, Busy, Probe} {
		f.setState(1, s)
		require.ErrorIs(t, f.Recover(1), ErrNotInError)
		require.Equal(t, s, f.state(1))
	}
	require.Equal(t, []uint64{9, 5, 9}, f.values())
}

func TestReset(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.failOnly("a", Outcome{Kind: Failed, Recoverable: true})
	f.serveAll(3, Query{})
	at := f.clock.advance(time.Hour)
	f.Reset(at)
	s := f.Snapshot(at)
	require.Equal(t, at, s.LastReset)
	require.Zero(t, s.MaxBusy)
	for i, m := range s.Members {
		require.Equal(t, MemberSnapshot{
			Name: f.MemberName(i), LBFactor: 1, Route: f.MemberName(i), LBMult: 1, LastReset: at,
			Worker: shm.WorkerCounters{LastReset: at},
		}, m)
	}
	_, tried := f.serve(Query{})
	require.Equal(t, "ab", tried, "the member that was in error is tried again")
}

func TestResetMember(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.serveAll(4, Query{})
	f.ResetMember(1, f.clock.Now())
	s := f.Snapshot(f.clock.Now())
	require.Equal(t, []uint64{2, 0}, []uint64{s.Members[0].Elected, s.Members[1].Elected})
	require.Equal(t, []uint64{2, 0}, f.values())
}

// TestNew_EditsSurvive: neither the next child nor the next generation undoes an edit; a changed configuration does.
func TestNew_EditsSurvive(t *testing.T) {
	config := newConfig(members(1, 1))
	f := newFixture(t, config)
	require.NoError(t, f.SetFactor(0, 5))
	require.NoError(t, f.SetRetries(9))
	next := newFixtureOn(t, config, f.mapping)
	require.Equal(t, 5, next.Snapshot(time.Now()).Members[0].LBFactor)

	generation := newFixture(t, config)
	require.NoError(t, generation.mapping.CopyFrom(f.mapping))
	s := generation.Snapshot(time.Now())
	require.Equal(t, 5, s.Members[0].LBFactor)
	require.Equal(t, 9, s.Retries)

	config.Members[0].LBFactor = 3
	changed := newFixtureOn(t, config, f.mapping)
	s = changed.Snapshot(time.Now())
	require.Equal(t, 3, s.Members[0].LBFactor)
	require.Equal(t, 9, s.Retries)
	require.Equal(t, 3, f.Snapshot(time.Now()).Members[0].LBFactor, "a child that has not rebuilt yet sees it too")
}

func TestNew_Refused(t *testing.T) {
	long := strings.Repeat("x", shm.NameMax+1)
	for _, c := range []struct {
		name   string
		change func(c *Config)
		want   error
		says   string
	}{
		{"no members", func(c *Config) { c.Members = nil }, ErrConfig, "no members"},
		{"a member twice", func(c *Config) { c.Members[1].Name = "a"; c.Members[1].Route = "r" }, ErrConfig, `member "a" twice`},
		{"a route twice", func(c *Config) { c.Members[1].Route = "a" }, ErrConfig, "number 1 (b) and 0 (a) share the same route a"},
		{"a long route", func(c *Config) { c.Members[1].Route = long }, ErrConfig, "longer than 63"},
		{"a long domain", func(c *Config) { c.Members[1].Domain = long }, ErrConfig, "longer than 63"},
		{"a long redirect", func(c *Config) { c.Members[1].Redirect = long }, ErrConfig, "longer than 63"},
		{"a long name", func(c *Config) { c.Members[1].Name = long }, ErrConfig, "longer than 63"},
		{"no name", func(c *Config) { c.Name = "" }, shm.ErrName, ""},
		{"no name of a member", func(c *Config) { c.Members[1].Name = "" }, shm.ErrName, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := newConfig(members(1, 1))
			c.change(&config)
			_, err := New(config, shmtest.New(t))
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestNew_Names(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	require.Equal(t, "lb", f.Name())
	require.Equal(t, 2, f.Len())
	require.Equal(t, 1, f.Member("b"))
	require.Equal(t, -1, f.Member("c"))
	require.Equal(t, "b", f.Worker(1).Name())
}

// TestNew_SharedMember: a worker in two balancers has one ajp state and two lb states.
func TestNew_SharedMember(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	config := newConfig(members(1))
	config.Name = "lb2"
	other := newFixtureOn(t, config, f.mapping)
	f.failOnly("a", Outcome{Kind: HardStatus, Recoverable: true})
	f.serve(Query{})
	require.Equal(t, Error, f.state(0))
	require.Equal(t, Idle, other.state(0))
	require.Equal(t, "a", other.serveAll(1, Query{}))
	require.EqualValues(t, 2, f.Worker(0).Used())
	require.EqualValues(t, 1, f.Snapshot(time.Now()).Members[0].Elected)
}

func TestMultipliers(t *testing.T) {
	for _, c := range []struct {
		name    string
		factors []int
		want    []uint64
	}{
		{"coprime", []int{3, 5, 7}, []uint64{35, 21, 15}},
		{"multiples", []int{2, 4, 8}, []uint64{4, 2, 1}},
		{"LCM beyond 64 bits", []int{1<<31 - 1, 1<<31 - 19, 1<<31 - 61}, []uint64{512, 512, 512}},
		{"a factor beyond it all", []int{1 << 50, 1}, []uint64{1, 1 << 40}},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := make([]member, len(c.factors))
			for i, f := range c.factors {
				list[i].factor = f
			}
			setMultipliers(list)
			for i := range list {
				require.Equal(t, c.want[i], list[i].mult)
			}
		})
	}
}

func TestLCM(t *testing.T) {
	require.EqualValues(t, 12, lcm(4, 6))
	require.EqualValues(t, 1<<40, lcm(1<<40, 1))
	require.Zero(t, lcm(1<<63, 3), "does not fit")
}

func TestSnapshot_Times(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.maintain(time.Hour) // from here on the interval counts
	f.failOnly("a", Outcome{Kind: Failed, Recoverable: true, Status: 502})
	f.serve(Query{})
	for _, c := range []struct {
		after                                            time.Duration
		maintainMin, maintainMax, recoverMin, recoverMax time.Duration
	}{
		{0, 60 * time.Second, 120 * time.Second, 60 * time.Second, 120 * time.Second},
		{20 * time.Second, 40 * time.Second, 100 * time.Second, 40 * time.Second, 100 * time.Second},
		{70 * time.Second, 0, 60 * time.Second, 0, 60 * time.Second},
	} {
		s := f.Snapshot(f.clock.Now().Add(c.after))
		require.Equal(t, c.maintainMin, s.MaintainMin)
		require.Equal(t, c.maintainMax, s.MaintainMax)
		require.Equal(t, c.recoverMin, s.Members[0].RecoverMin)
		require.Equal(t, c.recoverMax, s.Members[0].RecoverMax)
		require.Zero(t, s.Members[1].RecoverMin)
		require.Zero(t, s.Members[1].RecoverMax)
	}
	require.NoError(t, f.SetRecoverTime(time.Second))
	s := f.Snapshot(f.clock.Now().Add(30 * time.Second))
	require.Equal(t, 30*time.Second, s.Members[0].RecoverMin, "not before maintenance")
	require.Equal(t, 60*time.Second, s.Members[0].RecoverMax)
	require.Equal(t, f.clock.Now().UnixNano(), s.Members[0].ErrorTime.UnixNano())
}

func TestSnapshot_NoMaintenance(t *testing.T) {
	config := newConfig(members(1))
	config.Maintain = 0
	s := newFixture(t, config).Snapshot(time.Now())
	require.Zero(t, s.MaintainMin)
	require.Zero(t, s.MaintainMax)
}
