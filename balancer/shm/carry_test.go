package shm_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
)

// generation is a mapping with worker w as a member of balancer lb, configured.
type generation struct {
	mapping *shm.Mapping
	counts
}

func newGeneration(t *testing.T, factor int64, host, route string) generation {
	t.Helper()
	_, m := formatted(t)
	g := generation{m, findCounts(t, m)}
	config := shm.WorkerConfig{Host: host}
	config.Settings[shm.WorkerPort] = 8009
	g.worker.Configure(&config)
	g.worker.SetAddress(netip.MustParseAddrPort("127.0.0.1:8009"))
	m.Lock()
	defer m.Unlock()
	g.balancer.Configure(shm.BalancerRetries, 2)
	g.balancer.Changed()
	g.member.Configure(shm.MemberFactor, factor)
	g.member.ConfigureText(shm.MemberRoute, route)
	return g
}

func (g generation) text(t shm.MemberText) string {
	g.mapping.Lock()
	defer g.mapping.Unlock()
	return g.member.Text(t)
}

// use leaves traces of operators and traffic.
func (g generation) use() {
	g.worker.Enter()
	g.worker.Connected()
	g.worker.CountUsed()
	g.worker.CountTraffic(10, 20)
	g.worker.CountReplyTimeout()
	g.worker.CountError(time.Unix(1_700_000_000, 0))
	g.worker.SetState(shm.WorkerProbe)
	g.worker.Set(shm.WorkerReplyTimeout, 77)
	g.member.Enter()
	g.member.Elected().Store(4)
	g.member.Sessions().Store(3)
	g.member.Errors().Store(2)
	g.member.Value().Store(99)
	g.member.FirstErrorTime().Store(5)
	g.member.LastErrorTime().Store(6)
	g.member.State().Store(uint64(shm.MemberError))
	g.balancer.Enter()
	g.mapping.Lock()
	defer g.mapping.Unlock()
	g.balancer.Set(shm.BalancerRetries, 5)
	g.member.Set(shm.MemberActivation, 2)
	g.member.Set(shm.MemberFactor, 9)
	g.member.SetText(shm.MemberRoute, "edited")
}

func TestCopyFrom(t *testing.T) {
	old, now := newGeneration(t, 1, "h", "r"), newGeneration(t, 1, "h", "r")
	old.use()
	sequence := now.balancer.Sequence()
	require.NoError(t, now.mapping.CopyFrom(old.mapping))

	w := now.worker.Counters()
	require.Equal(t, old.worker.Counters().LastReset, w.LastReset)
	w.LastReset = time.Time{}
	require.Equal(t, shm.WorkerCounters{
		State: shm.WorkerError, Used: 1, Errors: 1, ReplyTimeouts: 1, Read: 10, Transferred: 20, MaxBusy: 1, MaxConnected: 1,
		ErrorTime: time.Unix(1_700_000_000, 0),
	}, w, "no request in flight, no connection, no probe")
	require.EqualValues(t, 77, now.worker.Setting(shm.WorkerReplyTimeout))
	require.Equal(t, "h", now.worker.Host())

	require.EqualValues(t, shm.MemberError, now.member.State().Load())
	require.EqualValues(t, 4, now.member.Elected().Load())
	require.EqualValues(t, 3, now.member.Sessions().Load())
	require.EqualValues(t, 2, now.member.Errors().Load())
	require.EqualValues(t, 5, now.member.FirstErrorTime().Load())
	require.EqualValues(t, 6, now.member.LastErrorTime().Load())
	require.EqualValues(t, 2, now.member.Setting(shm.MemberActivation))
	require.EqualValues(t, 9, now.member.Setting(shm.MemberFactor))
	require.Equal(t, "edited", now.text(shm.MemberRoute))
	require.Zero(t, now.member.Busy())
	require.Zero(t, now.member.Value().Load(), "balancing begins evenly")

	require.EqualValues(t, 5, now.balancer.Setting(shm.BalancerRetries))
	require.Zero(t, now.balancer.Busy())
	require.EqualValues(t, 1, now.balancer.MaxBusy())
	require.Equal(t, old.balancer.LastMaintain(), now.balancer.LastMaintain())
	require.Greater(t, now.balancer.Sequence(), sequence, "who has read settings reads them again")
}

func TestCopyFrom_ConfigurationChanged(t *testing.T) {
	old, now := newGeneration(t, 1, "h", "r"), newGeneration(t, 4, "h2", "r2")
	old.use()
	require.NoError(t, now.mapping.CopyFrom(old.mapping))
	require.EqualValues(t, 4, now.member.Setting(shm.MemberFactor), "the new configuration wins")
	require.Equal(t, "r2", now.text(shm.MemberRoute))
	require.Equal(t, "h2", now.worker.Host())
	require.EqualValues(t, 2, now.member.Setting(shm.MemberActivation), "where it says something new")
}

func TestCopyFrom_Address(t *testing.T) {
	elsewhere := netip.MustParseAddrPort("10.0.0.1:9")
	for _, c := range []struct {
		name string
		edit func(old generation)
		want string
	}{
		{"resolved anew", func(old generation) { old.worker.SetAddress(elsewhere) }, "127.0.0.1:8009"},
		{"port edited", func(old generation) {
			old.worker.Set(shm.WorkerPort, 9)
			old.worker.SetAddress(elsewhere)
		}, "10.0.0.1:9"},
		{"host edited", func(old generation) {
			_ = old.worker.SetHost("elsewhere")
			old.worker.SetAddress(elsewhere)
		}, "10.0.0.1:9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			old, now := newGeneration(t, 1, "h", "r"), newGeneration(t, 1, "h", "r")
			c.edit(old)
			require.NoError(t, now.mapping.CopyFrom(old.mapping))
			got, _ := now.worker.Address()
			require.Equal(t, c.want, got.String())
		})
	}
}

func TestCopyFrom_States(t *testing.T) {
	for from, to := range map[shm.MemberState]shm.MemberState{
		shm.MemberIdle: shm.MemberIdle, shm.MemberOK: shm.MemberOK, shm.MemberRecover: shm.MemberRecover,
		shm.MemberForce: shm.MemberForce, shm.MemberBusy: shm.MemberOK, shm.MemberError: shm.MemberError,
		shm.MemberProbe: shm.MemberRecover,
	} {
		t.Run(from.String(), func(t *testing.T) {
			old, now := newGeneration(t, 1, "h", "r"), newGeneration(t, 1, "h", "r")
			old.member.State().Store(uint64(from))
			require.NoError(t, now.mapping.CopyFrom(old.mapping))
			require.EqualValues(t, to, now.member.State().Load())
		})
	}
}

// TestCopyFrom_OtherNames: what is no longer configured is not carried along, and members follow their balancer's name
// wherever its record lies.
func TestCopyFrom_OtherNames(t *testing.T) {
	_, old := formatted(t)
	_, now := formatted(t)
	for _, name := range []string{"gone", "lb1", "lb2"} {
		b, err := old.Balancer(name)
		require.NoError(t, err)
		for i, worker := range []string{"a", "b"} {
			m, err := b.Member(worker)
			require.NoError(t, err)
			m.Elected().Store(uint64(len(name)*10 + i + int(name[2])))
		}
	}
	lb2, err := now.Balancer("lb2")
	require.NoError(t, err)
	b, err := lb2.Member("b")
	require.NoError(t, err)
	fresh, err := lb2.Member("fresh")
	require.NoError(t, err)
	require.NoError(t, now.CopyFrom(old))
	require.EqualValues(t, 30+1+int('2'), b.Elected().Load())
	require.Zero(t, fresh.Elected().Load())
}

func TestCopyFrom_NotAMapping(t *testing.T) {
	mem, _ := formatted(t)
	_, now := formatted(t)
	mem.Bytes()[0]++
	require.ErrorIs(t, now.CopyFrom(mem.View()), shm.ErrMapping)
}
