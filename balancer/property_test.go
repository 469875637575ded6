package balancer

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm/shmtest"
)

func TestMain(m *testing.M) {
	shmtest.Main(m, map[string]shmtest.Role{"balance": balance, "hang": hang})
}

// shared is the balancer that several processes balance.
func shared(method Method) Config {
	config := newConfig(members(1, 2, 3, 1))
	config.Method = method
	return config
}

const requestsEach = 3000

// balance is a child that serves requests.
func balance(mem *shmtest.Memory, p *shmtest.Peer) error {
	b, err := child(mem, Request)
	if err != nil {
		return err
	}
	if err := p.Say("ready"); err != nil {
		return err
	}
	if _, err := p.Hear(); err != nil {
		return err
	}
	for range requestsEach {
		b.Serve(&Query{}, instant{b})
	}
	b.mapping.Detach()
	return nil
}

// hang is a child with two requests in flight, to be killed: one probes member a.
func hang(mem *shmtest.Memory, p *shmtest.Peer) error {
	b, err := child(mem, Busyness)
	if err != nil {
		return err
	}
	b.records[0].member.State().Store(uint64(Recover))
	at, never := make(chan int), make(chan struct{})
	for range 2 {
		go b.Serve(&Query{}, stuck{at, never})
		<-at
	}
	if err := p.Say("hanging"); err != nil {
		return err
	}
	<-never
	return nil
}

func child(mem *shmtest.Memory, method Method) (*Balancer, error) {
	m := mem.View()
	if _, err := m.Attach(); err != nil {
		return nil, err
	}
	return New(shared(method), m)
}

type stuck struct {
	at    chan<- int
	never <-chan struct{}
}

func (s stuck) Attempt(t Try) Outcome {
	s.at <- t.Member
	<-s.never
	return Outcome{}
}

func (stuck) Free(int) bool { return true }

// requireFair holds the loads of all members to within one request of each other: what a member got differs from its
// share by less than one request.
func requireFair(t *testing.T, b *Balancer, total uint64) {
	t.Helper()
	s := b.Snapshot(time.Now())
	least, most, largest, elected := ^uint64(0), uint64(0), uint64(0), uint64(0)
	for _, m := range s.Members {
		least, most, largest = min(least, m.LBValue), max(most, m.LBValue), max(largest, m.LBMult)
		elected += m.Elected
		require.Equal(t, m.Elected*m.LBMult, m.LBValue, "every request is charged, once")
	}
	require.Equal(t, total, elected)
	require.LessOrEqual(t, most-least, largest)
	require.Zero(t, s.Busy)
}

func TestProperty_Goroutines(t *testing.T) {
	for _, lock := range []Lock{Optimistic, Pessimistic} {
		t.Run(lock.String(), func(t *testing.T) {
			config := shared(Request)
			config.Lock = lock
			f := newFixture(t, config)
			var group sync.WaitGroup
			for range 8 {
				group.Go(func() {
					for range 2000 {
						f.Serve(&Query{}, instant{f.Balancer})
					}
				})
			}
			group.Wait()
			requireFair(t, f.Balancer, 8*2000)
			require.LessOrEqual(t, f.Snapshot(time.Now()).MaxBusy, int64(8))
		})
	}
}

// TestProperty_Processes: several children balance one sequence.
func TestProperty_Processes(t *testing.T) {
	mem := shmtest.NewMemory(t)
	mem.View().Format()
	b, err := child(mem, Request)
	require.NoError(t, err)
	var others []*shmtest.Process
	for range 3 {
		others = append(others, mem.Start(t, "balance"))
	}
	for _, p := range others {
		p.Expect("ready")
	}
	for _, p := range others {
		require.NoError(t, p.Say("go"))
	}
	for range requestsEach {
		b.Serve(&Query{}, instant{b})
	}
	for _, p := range others {
		p.Wait()
	}
	requireFair(t, b, 4*requestsEach)
}

// TestProperty_ChildKilled: a child killed with requests in flight leaves no busyness, and a member that it was probing is
// probed again.
func TestProperty_ChildKilled(t *testing.T) {
	mem := shmtest.NewMemory(t)
	mem.View().Format()
	b, err := child(mem, Busyness)
	require.NoError(t, err)
	p := mem.Start(t, "hang")
	p.Expect("hanging")
	s := b.Snapshot(time.Now())
	require.EqualValues(t, 2, s.Busy)
	require.EqualValues(t, 6, s.Members[0].LBValue)
	require.EqualValues(t, 3, s.Members[1].LBValue)
	require.Equal(t, Probe, s.Members[0].State)

	p.Kill()
	require.Equal(t, 1, b.mapping.Reap())
	require.True(t, b.Maintain(b.rec.LastMaintain().Add(time.Minute), nil))
	s = b.Snapshot(time.Now())
	require.Zero(t, s.Busy)
	require.Zero(t, s.Members[0].LBValue)
	require.Zero(t, s.Members[1].LBValue)
	require.Equal(t, Recover, s.Members[0].State)
}

// checker is an Attempter that holds each attempt to what must be so whatever happens.
type checker struct {
	f       *fixture
	rand    *rand.Rand
	stopped []bool
	tries   int
	left    []Try
}

func (c *checker) Attempt(t Try) Outcome {
	c.tries++
	c.left = append(c.left, t)
	if c.stopped[t.Member] {
		c.f.t.Errorf("stopped member %d was chosen", t.Member)
	}
	for i := range c.f.Len() {
		if c.f.records[i].member.Busy() < 0 || c.f.values()[i] > 1<<40 {
			c.f.t.Errorf("member %d has a negative load", i)
		}
	}
	w := c.f.Worker(t.Member)
	w.Enter()
	defer w.Leave()
	kinds := []OutcomeKind{Success, Success, Success, Failed, Protocol, SoftStatus, NoSlot, BusyLimit, ReplyTimeout}
	return Outcome{Kind: kinds[c.rand.IntN(len(kinds))], Recoverable: true, Status: 502}
}

func (c *checker) Free(int) bool { return c.rand.IntN(2) == 0 }

// TestProperty_RandomHistories: over random histories nothing stopped is chosen, no load is negative, and no request is
// refused while a member was usable all the time and never tried.
func TestProperty_RandomHistories(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 2))
			config := newConfig(manyNamed(2 + r.IntN(6)))
			config.Method = Method(r.IntN(5))
			config.LBRetries = 10
			f := newFixture(t, config)
			c := &checker{f: f, rand: r, stopped: make([]bool, f.Len())}
			for range 300 {
				c.step()
			}
			require.Greater(t, c.tries, 200)
			for i := range f.Len() {
				require.Zero(t, f.records[i].member.Busy())
			}
			require.Zero(t, f.rec.Busy())
		})
	}
}

func (c *checker) step() {
	f, r := c.f, c.rand
	switch r.IntN(10) {
	case 0:
		i := r.IntN(f.Len())
		a := Activation(r.IntN(3))
		require.NoError(f.t, f.SetActivation(i, a))
		c.stopped[i] = a == Stopped
	case 1:
		f.maintain(time.Minute)
	default:
		c.request()
	}
}

func (c *checker) request() {
	f := c.f
	var q Query
	if c.rand.IntN(2) == 0 {
		q = ofSession("s." + f.MemberName(c.rand.IntN(f.Len())))
	}
	able := map[int]bool{}
	for i, m := range f.Snapshot(f.clock.Now()).Members {
		able[i] = takesNew(m.State, m.Activation)
	}
	c.left = nil
	result := f.Serve(&q, c)
	if result.Kind == Success {
		return
	}
	for _, t := range c.left {
		able[t.Member] = false
	}
	for i, a := range able {
		require.False(f.t, a, "%v although member %d was usable and not tried", result, i)
	}
}

// TestProperty_Busyness: with requests coming and going in random order, the loads follow exactly.
func TestProperty_Busyness(t *testing.T) {
	config := newConfig(members(1, 2, 3))
	config.Method = Busyness
	f := newFixture(t, config)
	r := rand.New(rand.NewPCG(7, 7))
	inFlight := make([]uint64, 3)
	var open []held
	for range 300 {
		if len(open) > 0 && r.IntN(2) == 0 {
			k := r.IntN(len(open))
			open[k].end()
			inFlight[open[k].member]--
			open = append(open[:k], open[k+1:]...)
		} else {
			loads := f.values()
			h := f.hold(Query{})
			for _, l := range loads {
				require.LessOrEqual(t, loads[h.member], l, "the least loaded is chosen")
			}
			inFlight[h.member]++
			open = append(open, h)
		}
		require.Equal(t, []uint64{inFlight[0] * 6, inFlight[1] * 3, inFlight[2] * 2}, f.values())
	}
	for _, h := range open {
		h.end()
	}
	require.Equal(t, []uint64{0, 0, 0}, f.values())
}

// TestProperty_EverythingAtOnce: requests, edits, maintenance and snapshots at the same time. For the race detector, and
// for the counts, which must come out even.
func TestProperty_EverythingAtOnce(t *testing.T) {
	c := newChildren(t, newConfig(members(1, 2, 3, 1)), 2)
	var stop atomic.Bool
	var operators, clients sync.WaitGroup
	operators.Go(func() {
		for i := 0; !stop.Load(); i++ {
			b := c[i%2].Balancer
			_ = b.SetActivation(1+i%3, Activation(i%3))
			_ = b.SetFactor(i%4, 1+i%5)
			_ = b.SetRoute(3, fmt.Sprint("r", i))
			_ = b.SetMethod(Method(i % 5))
			_ = b.SetLock(Lock(i % 2))
			_ = b.Recover(i % 4)
			b.Maintain(b.rec.LastMaintain().Add(time.Minute), nil)
			if s := b.Snapshot(time.Now()); s.Busy < 0 || !strings.HasPrefix(s.Members[3].Route, "r") {
				t.Error("torn snapshot")
			}
		}
	})
	for k := range 4 {
		clients.Go(func() {
			b, a := c[k%2].Balancer, &alternating{}
			for i := range 2000 {
				q := ofSession([]string{"s.a", "s.b", "s.r5", ""}[i%4])
				if r := b.Serve(&q, a); r.Kind == NoMember {
					t.Error("member a is always there")
				}
			}
		})
	}
	clients.Wait()
	stop.Store(true)
	operators.Wait()
	require.Zero(t, c[0].rec.Busy())
	for i := range c[0].Len() {
		require.Zero(t, c[0].records[i].member.Busy())
	}
}
