package balancer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (f *fixture) setValues(values ...uint64) {
	for i, v := range values {
		f.records[i].member.Value().Store(v)
	}
}

// maintain runs maintenance after a while and fails the test if it was not due.
func (f *fixture) maintain(after time.Duration) {
	f.t.Helper()
	f.lines = nil
	require.True(f.t, f.Maintain(f.clock.advance(after), f))
}

func TestMaintain_Aging(t *testing.T) {
	for _, c := range []struct {
		name   string
		method Method
		after  time.Duration
		want   []uint64
	}{
		{"one interval", Request, time.Minute, []uint64{50, 1, 0}},
		{"within the tolerance", Request, 58 * time.Second, []uint64{50, 1, 0}},
		{"two intervals", Request, 2 * time.Minute, []uint64{25, 0, 0}},
		{"many intervals", Request, 100 * time.Hour, []uint64{0, 0, 0}},
		{"traffic", Traffic, time.Minute, []uint64{50, 1, 0}},
		{"sessions", Session, time.Minute, []uint64{50, 1, 0}},
		{"next", Next, time.Minute, []uint64{99, 2, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := newConfig(members(1, 1, 1))
			config.Method = c.method
			f := newFixture(t, config)
			f.setValues(100, 3, 1)
			f.maintain(c.after)
			require.Equal(t, c.want, f.values())
		})
	}
}

func TestMaintain_AgingOfBusyness(t *testing.T) {
	config := newConfig(members(1, 2))
	config.Method = Busyness
	f := newFixture(t, config)
	h := f.hold(Query{})
	f.maintain(time.Hour)
	require.Equal(t, []uint64{2, 0}, f.values())
	h.end()
	require.Equal(t, []uint64{0, 0}, f.values())
}

// TestMaintain_AgingOfNext: the least of the members that take new sessions is subtracted; the others stop at 0.
func TestMaintain_AgingOfNext(t *testing.T) {
	list := members(1, 1, 1, 1)
	list[1].Activation, list[2].Activation = Disabled, Stopped
	config := newConfig(list)
	config.Method = Next
	f := newFixture(t, config)
	f.setValues(7, 1, 2, 6)
	f.maintain(time.Minute)
	require.Equal(t, []uint64{1, 0, 0, 0}, f.values())
	f.setValues(7, 1, 2, 6)
	f.setState(3, Error)
	f.records[3].member.LastErrorTime().Store(f.clock.Now().UnixNano())
	f.maintain(time.Minute)
	require.Equal(t, []uint64{0, 0, 0, 0}, f.values())
}

func TestMaintain_ReplyTimeouts(t *testing.T) {
	f := newFixture(t, newConfig(members(1)))
	for range 9 {
		f.Worker(0).CountReplyTimeout()
	}
	f.maintain(time.Minute)
	require.EqualValues(t, 4, f.Worker(0).ReplyTimeouts())
	f.maintain(2 * time.Minute)
	require.EqualValues(t, 1, f.Worker(0).ReplyTimeouts())
}

// TestMaintain_Recovery: a member stays in error for recover_time, and then until the next maintenance.
func TestMaintain_Recovery(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.failOnly("a", Outcome{Kind: Failed, Recoverable: true, Status: 502})
	f.Worker(0).CountReplyTimeout()
	f.Worker(0).CountReplyTimeout()
	f.serveAll(9, Query{})
	require.Equal(t, []State{Error, OK}, f.states())
	f.level = LevelDebug
	f.maintain(time.Minute)
	require.Equal(t, Error, f.state(0), "not more than recover_time ago")
	require.Contains(t, f.lines, "decay with 2^1")
	require.Contains(t, f.lines, "worker a will recover in 0 seconds")
	require.Equal(t, []uint64{0, 4}, f.values())

	f.maintain(time.Minute)
	require.Equal(t, Recover, f.state(0))
	require.Contains(t, f.lines, "worker a is marked for recovery")
	require.Equal(t, []uint64{2, 2}, f.values(), "level with the others, after aging")
	require.Zero(t, f.Worker(0).ReplyTimeouts())

	f.answer = nil
	f.level = LevelInfo
	f.serveAll(2, Query{})
	require.Equal(t, []State{OK, OK}, f.states())
	require.Zero(t, f.records[0].member.FirstErrorTime().Load())
}

func TestMaintain_RecoveryOfBusyness(t *testing.T) {
	config := newConfig(members(1, 1))
	config.Method = Busyness
	f := newFixture(t, config)
	f.setState(0, Error)
	f.setValues(5, 70)
	f.maintain(time.Hour)
	require.Equal(t, Recover, f.state(0))
	require.EqualValues(t, 5, f.records[0].member.Value().Load(), "no lb_value to bring level")
}

// TestMaintain_Escalation: errors in a row for too long put a member into error even if no further request asks.
func TestMaintain_Escalation(t *testing.T) {
	for _, c := range []struct {
		name  string
		state State
		ago   time.Duration
		want  State
	}{
		{"too long", OK, 30 * time.Second, Error},
		{"not yet", OK, 29 * time.Second, OK},
		{"idle", Idle, time.Minute, Error},
		{"busy", Busy, time.Minute, Error},
		{"forced", Force, time.Minute, Error},
		{"recovering", Recover, time.Hour, Recover},
		{"no errors", OK, -1, OK},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, newConfig(members(1, 1)))
			f.setState(0, c.state)
			f.records[0].member.Elected().Add(1) // not unused
			if c.ago >= 0 {
				first := f.clock.Now().Add(time.Minute - c.ago).UnixNano()
				f.records[0].member.FirstErrorTime().Store(first)
				f.records[0].member.LastErrorTime().Store(first)
			}
			f.level = LevelDebug
			f.maintain(time.Minute)
			require.Equal(t, c.want.String(), f.state(0).String())
			if c.want == Error {
				require.Contains(t, f.lines, "worker a escalating local error to global error")
			}
		})
	}
}

// TestMaintain_AllInError: when no member is left, all are forced, whatever their time; also one that escalated just now.
func TestMaintain_AllInError(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.failOnly("ab", Outcome{Kind: HardStatus, Recoverable: true, Status: 503})
	f.serve(Query{})
	require.Equal(t, []State{Error, Error}, f.states())
	f.maintain(time.Minute)
	require.Equal(t, []State{Force, Force}, f.states())

	f.setState(0, Error)
	f.records[0].member.LastErrorTime().Store(f.clock.Now().UnixNano())
	f.maintain(time.Minute)
	require.Equal(t, []State{Force, Force}, f.states(), "b escalated, and so nobody was left")
}

func TestMaintain_SomeInError(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.failOnly("a", Outcome{Kind: HardStatus, Recoverable: true, Status: 503})
	f.serve(Query{})
	f.maintain(time.Minute)
	require.Equal(t, []State{Error, OK}, f.states())
}

func TestMaintain_Idle(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.serveAll(2, Query{})
	require.Equal(t, []State{OK, OK}, f.states())
	f.maintain(time.Minute)
	require.Equal(t, []State{OK, OK}, f.states(), "used since the one before")
	f.serve(ofSession("s.b"))
	f.maintain(time.Minute)
	require.Equal(t, []State{Idle, OK}, f.states())
	f.setState(0, Force)
	f.setState(1, Recover)
	f.maintain(time.Minute)
	require.Equal(t, []State{Force, Recover}, f.states(), "only OK becomes idle")
}

func TestMaintain_ProbeInFlight(t *testing.T) {
	f := newFixture(t, newConfig(members(1, 1)))
	f.setState(0, Recover)
	h := f.hold(ofSession("s.a"))
	f.maintain(time.Minute)
	require.Equal(t, Probe, f.state(0))
	require.Equal(t, Success, h.end().Kind)
	require.Equal(t, OK, f.state(0))
}

// TestMaintain_OncePerInterval: over all children, of which each may call as often as it likes.
func TestMaintain_OncePerInterval(t *testing.T) {
	f := newFixture(t, newConfig(members(1)))
	other := newFixtureOn(t, newConfig(members(1)), f.mapping)
	now := f.clock.Now()
	for i := 1; i <= 10; i++ {
		f.setValues(100)
		now = now.Add(time.Minute)
		require.False(t, f.Maintain(now.Add(-10*time.Second), nil))
		require.NotEqual(t, f.Maintain(now, nil), other.Maintain(now, nil))
		require.False(t, f.Maintain(now.Add(time.Second), nil))
		require.Equal(t, []uint64{50}, f.values())
	}
}

func TestMaintain_Off(t *testing.T) {
	config := newConfig(members(1))
	config.Maintain = 0
	f := newFixture(t, config)
	require.False(t, f.Maintain(f.clock.advance(time.Hour), nil))
}

// TestMaintain_RecoveryOfNext: the member begins with the highest lb_value from before the subtraction, as in mod_jk.
func TestMaintain_RecoveryOfNext(t *testing.T) {
	config := newConfig(members(1, 1, 1))
	config.Method = Next
	f := newFixture(t, config)
	f.setState(0, Error)
	f.setValues(5, 70, 50)
	f.maintain(time.Hour)
	require.Equal(t, Recover, f.state(0))
	require.Equal(t, []uint64{70, 20, 0}, f.values())
}
