package shm_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/balancer/shm/shmtest"
)

func newWorker(t *testing.T, m *shm.Mapping, name string) *shm.Worker {
	t.Helper()
	w, err := m.Worker(name)
	require.NoError(t, err)
	return w
}

func TestWorker_Counters(t *testing.T) {
	w := newWorker(t, shmtest.New(t), "w")
	at := time.Unix(1_700_000_000, 5)
	require.EqualValues(t, 1, w.Enter())
	require.EqualValues(t, 2, w.Enter())
	w.Leave()
	w.Connected()
	w.Connected()
	w.Disconnected()
	w.CountUsed()
	w.CountError(at)
	w.CountClientError()
	w.CountReplyTimeout()
	w.CountTraffic(100, 20)
	w.CountTraffic(1, 2)
	w.SetState(shm.WorkerProbe)

	got := w.Counters()
	require.WithinDuration(t, time.Now(), got.LastReset, time.Minute)
	got.LastReset = time.Time{}
	require.Equal(t, shm.WorkerCounters{
		State: shm.WorkerProbe, Used: 1, Errors: 1, ClientErrors: 1, ReplyTimeouts: 1, Read: 101, Transferred: 22,
		Busy: 1, MaxBusy: 2, Connected: 1, MaxConnected: 2, ErrorTime: at,
	}, got)

	reset := at.Add(time.Hour)
	w.Reset(reset)
	require.Equal(t, shm.WorkerCounters{
		State: shm.WorkerProbe, Busy: 1, MaxBusy: 1, Connected: 1, MaxConnected: 1, ErrorTime: at, LastReset: reset,
	}, w.Counters(), "what is in flight stays")
}

func TestWorker_LeaveTooOften(t *testing.T) {
	w := newWorker(t, shmtest.New(t), "w")
	w.Leave()
	require.Zero(t, w.Busy())
	require.EqualValues(t, 1, w.Enter())
}

func TestWorker_ReplyTimeoutsAge(t *testing.T) {
	w := newWorker(t, shmtest.New(t), "w")
	for range 11 {
		w.CountReplyTimeout()
	}
	w.AgeReplyTimeouts(1)
	require.EqualValues(t, 5, w.ReplyTimeouts())
	w.AgeReplyTimeouts(2)
	require.EqualValues(t, 1, w.ReplyTimeouts())
	w.AgeReplyTimeouts(200)
	require.Zero(t, w.ReplyTimeouts())
	w.CountReplyTimeout()
	w.ClearReplyTimeouts()
	require.Zero(t, w.ReplyTimeouts())
}

func TestWorker_Maintain(t *testing.T) {
	w := newWorker(t, shmtest.New(t), "w")
	const interval = time.Minute
	now := time.Now()
	step := func(d time.Duration) bool {
		now = now.Add(d)
		return w.Maintain(now, interval)
	}
	w.SetState(shm.WorkerOK)
	w.CountUsed()
	require.False(t, step(50*time.Second), "too early")
	require.True(t, step(10*time.Second))
	require.Equal(t, shm.WorkerOK, w.State(), "it was used")
	require.False(t, step(0), "once per interval")
	require.True(t, step(interval))
	require.Equal(t, shm.WorkerIdle, w.State())
	w.SetState(shm.WorkerError)
	require.True(t, step(interval))
	require.Equal(t, shm.WorkerError, w.State(), "idleness does not heal")
	require.False(t, w.Maintain(now.Add(time.Hour), 0), "no maintenance at all")
}

func TestWorker_Settings(t *testing.T) {
	mem, m := formatted(t)
	w, other := newWorker(t, m, "w"), newWorker(t, mem.View(), "w")
	config := shm.WorkerConfig{Host: "tomcat1"}
	config.Settings[shm.WorkerPort] = 8009
	config.Settings[shm.WorkerReplyTimeout] = int64(time.Second)

	w.Configure(&config)
	first := w.Sequence()
	require.NotZero(t, first)
	require.Equal(t, "tomcat1", other.Host())
	require.EqualValues(t, 8009, other.Setting(shm.WorkerPort))
	require.EqualValues(t, time.Second, other.Setting(shm.WorkerReplyTimeout))
	require.Zero(t, other.Setting(shm.WorkerBusyLimit))

	other.Configure(&config)
	require.Equal(t, first, w.Sequence(), "the same configuration changes nothing")

	w.Set(shm.WorkerPort, 9009)
	require.NoError(t, w.SetHost("tomcat2"))
	edited := w.Sequence()
	require.Greater(t, edited, first)
	other.Configure(&config)
	require.EqualValues(t, 9009, other.Setting(shm.WorkerPort), "an edit survives the next child")
	require.Equal(t, "tomcat2", other.Host())
	w.Set(shm.WorkerPort, 9009)
	require.Equal(t, edited, w.Sequence())

	config.Settings[shm.WorkerPort] = 8010
	w.Configure(&config)
	require.EqualValues(t, 8010, other.Setting(shm.WorkerPort), "a new configuration wins")
	require.Equal(t, "tomcat2", other.Host(), "where it says something new")
	require.ErrorIs(t, w.SetHost(strings.Repeat("h", shm.NameMax+1)), shm.ErrName)
	require.Equal(t, "tomcat2", other.Host())
}

func TestWorker_Address(t *testing.T) {
	mem, m := formatted(t)
	w, other := newWorker(t, m, "w"), newWorker(t, mem.View(), "w")
	got, sequence := w.Address()
	require.False(t, got.IsValid())
	require.Zero(t, sequence, "not resolved yet")

	for i, text := range []string{"127.0.0.1:8009", "[::1]:8009", "[fe80::1%3]:1", "[::ffff:10.0.0.1]:2", "255.255.255.255:65535"} {
		want := netip.MustParseAddrPort(text)
		require.True(t, w.SetAddress(want))
		require.False(t, w.SetAddress(want), "the same again")
		got, sequence := other.Address()
		require.EqualValues(t, i+1, sequence)
		require.Equal(t, sequence, other.AddressSequence())
		require.Equal(t, want, got)
	}
	require.True(t, w.SetAddress(netip.AddrPort{}), "the name does not resolve any more")
	got, _ = other.Address()
	require.False(t, got.IsValid())
}

func TestWorker_UnresolvedFromTheStart(t *testing.T) {
	w := newWorker(t, shmtest.New(t), "w")
	require.True(t, w.SetAddress(netip.AddrPort{}))
	_, sequence := w.Address()
	require.EqualValues(t, 1, sequence)
}

// TestWorker_ElectResolve: one of all processes per interval, beside maintenance.
func TestWorker_ElectResolve(t *testing.T) {
	mem, m := formatted(t)
	w, other := newWorker(t, m, "w"), newWorker(t, mem.View(), "w")
	begin := time.Now()
	require.False(t, w.ElectResolve(begin, time.Minute), "it was looked up when the record was made")
	require.False(t, w.ElectResolve(begin.Add(2*time.Minute), 0))
	require.True(t, w.ElectResolve(begin.Add(2*time.Minute), time.Minute))
	require.False(t, other.ElectResolve(begin.Add(2*time.Minute), time.Minute))
	require.True(t, other.ElectResolve(begin.Add(3*time.Minute), time.Minute))
	require.True(t, w.Maintain(begin.Add(2*time.Minute), time.Minute))
}

func TestWorker_NoteResolve(t *testing.T) {
	mem, m := formatted(t)
	w, other := newWorker(t, m, "w"), newWorker(t, mem.View(), "w")
	require.False(t, w.NoteResolve(true), "as it should be")
	require.True(t, w.NoteResolve(false))
	require.False(t, other.NoteResolve(false), "known already")
	require.True(t, other.NoteResolve(true))
	require.False(t, w.NoteResolve(true))
}

func TestWorker_ConfigureAddress(t *testing.T) {
	mem, m := formatted(t)
	w, other := newWorker(t, m, "w"), newWorker(t, mem.View(), "w")
	sequence := w.Sequence()
	w.ConfigureAddress("tomcat", 8009)
	require.Greater(t, other.Sequence(), sequence)
	require.Equal(t, "tomcat", other.Host())
	require.EqualValues(t, 8009, other.Setting(shm.WorkerPort))
	require.NoError(t, other.SetHost("edited"))
	sequence = w.Sequence()
	w.ConfigureAddress("tomcat", 8009)
	require.Equal(t, sequence, w.Sequence())
	require.Equal(t, "edited", w.Host(), "the same configuration again")
	w.ConfigureAddress("tomcat", 8010)
	require.EqualValues(t, 8010, other.Setting(shm.WorkerPort))
}

func TestMapping_FindWorker(t *testing.T) {
	mem, m := formatted(t)
	require.Nil(t, m.FindWorker("w"))
	w := newWorker(t, mem.View(), "w")
	w.CountUsed()
	require.Nil(t, m.FindWorker("other"))
	require.EqualValues(t, 1, m.FindWorker("w").Used(), "made in another process")
}

func TestMember_SettingsAndReset(t *testing.T) {
	m := shmtest.New(t)
	c := findCounts(t, m)
	m.Lock()
	require.True(t, c.member.Configure(shm.MemberFactor, 3))
	require.False(t, c.member.Configure(shm.MemberFactor, 3))
	require.True(t, c.member.Set(shm.MemberFactor, 5))
	require.False(t, c.member.Configure(shm.MemberFactor, 3))
	require.True(t, c.member.ConfigureText(shm.MemberRoute, "r"))
	require.True(t, c.member.ConfigureText(shm.MemberDomain, "d"))
	require.True(t, c.member.SetText(shm.MemberRedirect, "x"))
	require.False(t, c.member.ConfigureText(shm.MemberRoute, "r"))
	texts := [...]string{
		c.member.Text(shm.MemberRoute), c.member.Text(shm.MemberDomain), c.member.Text(shm.MemberRedirect),
	}
	m.Unlock()
	require.Equal(t, [...]string{"r", "d", "x"}, texts)
	require.EqualValues(t, 5, c.member.Setting(shm.MemberFactor))

	c.member.Enter()
	c.member.State().Store(uint64(shm.MemberError))
	c.member.Value().Store(100)
	c.member.Elected().Store(4)
	c.member.ElectedSnapshot().Store(3)
	c.member.Sessions().Store(2)
	c.member.Errors().Store(1)
	c.member.FirstErrorTime().Store(1)
	c.member.LastErrorTime().Store(2)
	at := time.Unix(1_700_000_000, 0)
	c.member.Reset(at)
	require.Zero(t, c.member.State().Load())
	require.Zero(t, c.member.Value().Load())
	require.Zero(t, c.member.Elected().Load())
	require.Zero(t, c.member.ElectedSnapshot().Load())
	require.Zero(t, c.member.Sessions().Load())
	require.Zero(t, c.member.Errors().Load())
	require.Zero(t, c.member.FirstErrorTime().Load())
	require.Zero(t, c.member.LastErrorTime().Load())
	require.Equal(t, at, c.member.LastReset())
	require.EqualValues(t, 1, c.member.Busy(), "what is in flight stays")
	require.EqualValues(t, 5, c.member.Setting(shm.MemberFactor), "and so do settings")
}
