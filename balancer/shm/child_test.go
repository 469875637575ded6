package shm_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/balancer/shm/shmtest"
)

// counts is the worker, the balancer and the member that the process "busy" counts on.
type counts struct {
	worker   *shm.Worker
	balancer *shm.Balancer
	member   *shm.Member
}

func findCounts(t *testing.T, m *shm.Mapping) counts {
	t.Helper()
	w, err := m.Worker("w")
	require.NoError(t, err)
	b, err := m.Balancer("lb")
	require.NoError(t, err)
	member, err := b.Member("w")
	require.NoError(t, err)
	return counts{w, b, member}
}

func (c counts) require(t *testing.T, worker, connected, balancer, member int64) {
	t.Helper()
	require.Equal(t, worker, c.worker.Busy(), "worker busy")
	require.Equal(t, connected, c.worker.Counters().Connected, "connected")
	require.Equal(t, balancer, c.balancer.Busy(), "balancer busy")
	require.Equal(t, member, c.member.Busy(), "member busy")
}

// startBusy starts a process with three requests in flight, two of them in the balancer, and a connection.
func startBusy(t *testing.T, mem *shmtest.Memory) *shmtest.Process {
	t.Helper()
	p := mem.Start(t, "busy")
	p.Expect("busy")
	return p
}

// TestMaintainChildren: one of all children per interval asks whether others have died.
func TestMaintainChildren(t *testing.T) {
	mem, m := formatted(t)
	_, err := m.Attach()
	require.NoError(t, err)
	now := time.Unix(1_700_000_000, 0)
	require.Zero(t, m.MaintainChildren(now, time.Second))
	startBusy(t, mem).Kill()
	require.Zero(t, m.MaintainChildren(now.Add(time.Second/2), time.Second), "somebody has looked in this interval")
	require.Equal(t, 1, m.MaintainChildren(now.Add(time.Second), time.Second))
	startBusy(t, mem).Kill()
	require.Zero(t, m.MaintainChildren(now.Add(time.Second), time.Second))
	require.Zero(t, m.MaintainChildren(now.Add(2*time.Second), 0), "no maintenance at all")
	require.Equal(t, 1, m.MaintainChildren(now.Add(2*time.Second), time.Second))
}

func TestChild_Killed(t *testing.T) {
	mem, m := formatted(t)
	_, err := m.Attach()
	require.NoError(t, err)
	c := findCounts(t, m)
	c.worker.Enter()
	c.worker.Connected()

	first, second := startBusy(t, mem), startBusy(t, mem)
	c.require(t, 7, 3, 4, 4)
	require.Zero(t, m.Reap(), "all live")
	c.require(t, 7, 3, 4, 4)

	first.Kill()
	require.Equal(t, 1, m.Reap())
	c.require(t, 4, 2, 2, 2)
	require.Zero(t, m.Reap(), "given back once")
	c.require(t, 4, 2, 2, 2)

	second.Kill()
	require.Equal(t, 1, m.Reap())
	c.require(t, 1, 1, 0, 0)
	require.EqualValues(t, 7, c.worker.Counters().MaxBusy, "what was, was")

	c.worker.Leave()
	c.worker.Disconnected()
	c.require(t, 0, 0, 0, 0)
}

// TestChild_KilledThenNext: the next child in a killed one's slot begins with nothing, so that its own end takes nothing
// from others.
func TestChild_KilledThenNext(t *testing.T) {
	mem, m := formatted(t)
	first, other := startBusy(t, mem), startBusy(t, mem)
	c := findCounts(t, m)
	first.Kill()
	require.Equal(t, 1, m.Reap())
	next := startBusy(t, mem)
	c.require(t, 6, 2, 4, 4)
	next.Kill()
	require.Equal(t, 1, m.Reap())
	c.require(t, 3, 1, 2, 2)
	other.Kill()
	require.Equal(t, 1, m.Reap())
	c.require(t, 0, 0, 0, 0)
}

// TestChild_DetachAfterWork: what has come and gone is not given back once more.
func TestChild_DetachAfterWork(t *testing.T) {
	mem, m := formatted(t)
	busy := startBusy(t, mem)
	_, err := m.Attach()
	require.NoError(t, err)
	c := findCounts(t, m)
	for range 5 {
		c.worker.Enter()
		c.worker.Connected()
		c.balancer.Enter()
		c.member.Enter()
	}
	for range 5 {
		c.worker.Leave()
		c.worker.Disconnected()
		c.balancer.Leave()
		c.member.Leave()
	}
	c.require(t, 3, 1, 2, 2)
	m.Detach()
	c.require(t, 3, 1, 2, 2)
	busy.Kill()
}

// TestChild_KilledThenAttach: the next child gives back what the killed one has left, and gets its slot.
func TestChild_KilledThenAttach(t *testing.T) {
	mem, m := formatted(t)
	killed := startBusy(t, mem)
	c := findCounts(t, m)
	c.require(t, 3, 1, 2, 2)
	killed.Kill()
	slot, err := m.Attach()
	require.NoError(t, err)
	require.Zero(t, slot)
	c.require(t, 0, 0, 0, 0)

	next := startBusy(t, mem)
	c.require(t, 3, 1, 2, 2)
	next.Kill()
	require.Equal(t, 1, m.Reap())
	c.require(t, 0, 0, 0, 0)
}

func TestChild_Detach(t *testing.T) {
	mem, m := formatted(t)
	slot, err := m.Attach()
	require.NoError(t, err)
	c := findCounts(t, m)
	c.worker.Enter()
	c.balancer.Enter()
	c.member.Enter()
	require.True(t, c.member.EnterFrom(1))
	c.worker.Connected()
	c.require(t, 1, 1, 1, 2)

	m.Detach()
	c.require(t, 0, 0, 0, 0)

	c.worker.Leave() // a request that outlives the end of its child
	c.member.Leave()
	c.worker.Enter()
	require.True(t, c.member.EnterFrom(0))
	c.require(t, 0, 0, 0, 0)
	m.Detach()
	c.require(t, 0, 0, 0, 0)

	again, err := mem.View().Attach()
	require.NoError(t, err)
	require.Equal(t, slot, again, "the slot is free again")
}

func TestChild_SlotsAreOneEach(t *testing.T) {
	mem, _ := formatted(t)
	seen := make(map[int]bool)
	for range shm.MaxChildren {
		slot, err := mem.View().Attach()
		require.NoError(t, err)
		require.False(t, seen[slot])
		seen[slot] = true
	}
	late := mem.View()
	_, err := late.Attach()
	require.ErrorIs(t, err, shm.ErrFull)

	c := findCounts(t, late)
	c.worker.Enter()
	c.require(t, 1, 0, 0, 0)
	late.Detach()
	c.require(t, 0, 0, 0, 0)
}

// TestChild_Counting: whatever happens at the same time, the counts end where they began.
func TestChild_Counting(t *testing.T) {
	_, m := formatted(t)
	_, err := m.Attach()
	require.NoError(t, err)
	c := findCounts(t, m)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 2000 {
				if c.worker.Enter() < 1 {
					t.Error("this request is in flight")
				}
				for !c.member.EnterFrom(c.member.Busy()) {
				}
				c.worker.Connected()
				c.worker.Disconnected()
				c.member.Leave()
				c.worker.Leave()
			}
		})
	}
	group.Wait()
	c.require(t, 0, 0, 0, 0)
	require.LessOrEqual(t, c.worker.Counters().MaxBusy, int64(4))
	m.Detach()
	c.require(t, 0, 0, 0, 0)
}

func TestMember_EnterFrom(t *testing.T) {
	m := shmtest.New(t)
	c := findCounts(t, m)
	require.False(t, c.member.EnterFrom(1), "there are none")
	require.True(t, c.member.EnterFrom(0))
	require.False(t, c.member.EnterFrom(0))
	require.EqualValues(t, 1, c.member.Busy())
	m.Detach()
	require.Zero(t, c.member.Busy())
}
