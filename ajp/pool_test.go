// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// serve answers every request.
var serve = ajptest.Script{ajptest.Serve(okHead, end)}

func (r *rig) use(t testing.TB, c *ajp.Conn) {
	t.Helper()
	require.NoError(t, c.Exchange(get("/"), &host{}, &ajp.ExchangeOptions{}))
}

func TestPool_LowestSlotFirst(t *testing.T) {
	r := newRig(t, "tcp", func(c *ajp.Config) { c.PoolSize = 130 }, serve)
	var conns []*ajp.Conn
	for i := range 130 {
		c := r.get(t)
		require.Equal(t, i, c.Slot())
		conns = append(conns, c)
	}
	require.Equal(t, 130, r.log.open)
	for _, i := range []int{129, 64, 3, 65} {
		r.pool.Put(conns[i])
	}
	for _, i := range []int{3, 64, 65, 129} {
		c := r.get(t)
		require.Same(t, conns[i], c, "an idle connection is reused, lowest slot first")
	}
	_, err := r.pool.Get()
	require.ErrorIs(t, err, ajp.ErrNoEndpoint)
	for _, c := range conns {
		r.pool.Put(c)
	}
	require.Equal(t, 130, r.pool.Open())
}

func TestPool_IdleBeforeFree(t *testing.T) {
	r := newRig(t, "tcp", nil, serve)
	a, b := r.get(t), r.get(t)
	r.use(t, b)
	require.Error(t, a.Exchange(get("/"), &host{refuse: 1}, &ajp.ExchangeOptions{DisableReuse: true}))
	r.pool.Put(a) // slot 0 is free now
	r.pool.Put(b)
	require.Same(t, b, r.get(t), "slot 1 has a connection")
	r.pool.Put(b)
}

// TestPool_StaleConnections: the container closes idle connections; the next request does not see it.
func TestPool_StaleConnections(t *testing.T) {
	closed := ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(okHead, end)}
	reset := append(closed[:2:2], ajptest.Reset())
	for name, first := range map[string]ajptest.Script{"closed": closed, "reset": reset} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "tcp", nil, first, first, serve)
			a, b := r.get(t), r.get(t)
			r.use(t, a)
			r.use(t, b)
			waitForHangUp(t, a)
			waitForHangUp(t, b)
			r.pool.Put(a)
			r.pool.Put(b)
			c := r.get(t)
			require.Equal(t, []ajp.Event{ajp.EventClosed, ajp.EventClosed, ajp.EventNoneUsable}, r.log.events())
			require.Equal(t, 0, c.Slot())
			r.use(t, c)
			r.pool.Put(c)
			require.Equal(t, 1, r.log.open)
		})
	}
}

// waitForHangUp waits until the other side has closed the connection.
func waitForHangUp(t testing.TB, c *ajp.Conn) {
	t.Helper()
	fds := []unix.PollFd{{Fd: int32(c.FD()), Events: unix.POLLRDHUP}}
	n, err := unix.Poll(fds, int(ajptest.Patience/time.Millisecond))
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// waitForBytes waits until there is something to read.
func waitForBytes(t testing.TB, c *ajp.Conn) {
	t.Helper()
	fds := []unix.PollFd{{Fd: int32(c.FD()), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, int(ajptest.Patience/time.Millisecond))
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// TestPool_StrayBytes is CVE-2026-103119: body of the last response comes after its end. It must not become part of the
// next response.
func TestPool_StrayBytes(t *testing.T) {
	late := make(chan struct{})
	r := newRig(t, "tcp", nil,
		ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(okHead, end), ajptest.Await(late), ajptest.Send(okHead, ajptest.Chunk("stray"), end), ajptest.ExpectGone()},
		ajptest.Script{ajptest.Serve(okHead, ajptest.Chunk("mine"), end)})
	c := r.get(t)
	r.use(t, c)
	close(late)
	waitForBytes(t, c)
	r.pool.Put(c)
	h := &host{}
	_, err := r.exchange(t, get("/"), h, ajp.ExchangeOptions{})
	require.NoError(t, err)
	require.Equal(t, "mine", h.bodies())
	require.Equal(t, []ajp.Event{ajp.EventStray, ajp.EventNoneUsable}, r.log.events())
	require.Equal(t, 2, r.log.made)
}

// TestPool_AliveAmongStale: a good connection is found behind a stale one, and the stale one's slot is free again.
func TestPool_AliveAmongStale(t *testing.T) {
	r := newRig(t, "tcp", func(c *ajp.Config) { c.PoolSize = 2 },
		ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(okHead, end)}, serve)
	a, b := r.get(t), r.get(t)
	r.use(t, a)
	waitForHangUp(t, a)
	r.pool.Put(a)
	r.pool.Put(b)
	require.Same(t, b, r.get(t))
	require.Equal(t, []ajp.Event{ajp.EventClosed}, r.log.events())
	a = r.get(t)
	require.Equal(t, 0, a.Slot())
	r.pool.Put(a)
	r.pool.Put(b)
}

func TestPool_NotUsedIsKept(t *testing.T) {
	r := newRig(t, "tcp", nil, serve)
	c := r.get(t)
	r.pool.Put(c)
	require.Same(t, c, r.get(t))
	r.pool.Put(c)
	require.Equal(t, 1, r.log.made)
}

func TestPool_Exhausted(t *testing.T) {
	const wait = 30 * time.Millisecond
	r := newRig(t, "tcp", func(c *ajp.Config) { c.PoolSize, c.AcquireTimeout = 1, wait }, serve)
	require.True(t, r.pool.HasFree())
	c := r.get(t)
	require.False(t, r.pool.HasFree())
	began := time.Now()
	_, err := r.pool.Get()
	require.ErrorIs(t, err, ajp.ErrNoEndpoint)
	require.GreaterOrEqual(t, time.Since(began), wait)
	r.pool.Put(c)
	require.True(t, r.pool.HasFree())
	r.pool.Put(r.get(t))
}

// TestPool_MovesWhileWaiting: who waited for a slot connects to where the container is by then.
func TestPool_MovesWhileWaiting(t *testing.T) {
	r := newRig(t, "tcp", func(c *ajp.Config) { c.PoolSize, c.AcquireTimeout = 1, ajptest.Patience }, serve)
	other := newRig(t, "tcp", nil, serve)
	c := r.get(t)
	got := make(chan *ajp.Conn)
	go func() {
		c, _ := r.pool.Get()
		got <- c
	}()
	eventually(t, "it waits", func() bool { return r.pool.Waiting() == 1 })
	r.pool.SetAddress(other.cfg.Address)
	r.pool.Put(c)
	c = <-got
	require.NotNil(t, c)
	r.use(t, c)
	require.Equal(t, 1, other.Accepted())
	r.pool.Put(c)
	require.Equal(t, 1, r.pool.Open(), "it is of the new generation")
}

func TestPool_NoSlots(t *testing.T) {
	for _, size := range []int{0, -1} {
		p := ajp.NewPool(&ajp.Config{PoolSize: size}, nil)
		_, err := p.Get()
		require.ErrorIs(t, err, ajp.ErrNoEndpoint)
		p.Maintain(time.Now(), "")
		p.Close()
	}
}

// TestPool_WaitersAreServed: who waits gets the slot as soon as it is given back, with its connection or without.
func TestPool_WaitersAreServed(t *testing.T) {
	for _, reuse := range []bool{true, false} {
		t.Run(strconv.FormatBool(reuse), func(t *testing.T) {
			r := newRig(t, "tcp", func(c *ajp.Config) { c.PoolSize, c.AcquireTimeout = 1, ajptest.Patience },
				ajptest.Script{ajptest.Serve(okHead, ajptest.End(reuse))})
			c := r.get(t)
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					c := r.get(t)
					r.use(t, c)
					r.pool.Put(c)
				})
			}
			eventually(t, "all wait", func() bool { return r.pool.Waiting() == 4 })
			r.use(t, c)
			r.pool.Put(c)
			wg.Wait()
			require.Zero(t, r.pool.Waiting())
			require.Equal(t, map[bool]int{true: 1, false: 5}[reuse], r.log.made)
		})
	}
}

func TestPool_CloseWakesWaiters(t *testing.T) {
	r := newRig(t, "tcp", func(c *ajp.Config) { c.PoolSize, c.AcquireTimeout = 1, ajptest.Patience }, serve)
	c := r.get(t)
	errs := make(chan error, 3)
	for range cap(errs) {
		go func() { _, err := r.pool.Get(); errs <- err }()
	}
	eventually(t, "all wait", func() bool { return r.pool.Waiting() == cap(errs) })
	r.pool.Close()
	for range cap(errs) {
		require.ErrorIs(t, <-errs, ajp.ErrPoolClosed)
	}
	r.use(t, c)
	r.pool.Put(c) // the clean-up sees that it was closed
}

func TestPool_Close(t *testing.T) {
	r := newRig(t, "tcp", nil, serve)
	idle, busy, broken := r.get(t), r.get(t), r.get(t)
	r.pool.Put(idle)
	r.pool.Close()
	require.Equal(t, 2, r.pool.Open())
	r.use(t, busy)
	r.pool.Put(busy)
	require.Error(t, broken.Exchange(get("/"), &host{}, &ajp.ExchangeOptions{BodyRest: 1}))
	r.pool.Put(broken)
	require.Zero(t, r.pool.Open())
	require.Zero(t, r.pool.Mapped())
	_, err := r.pool.Get()
	require.ErrorIs(t, err, ajp.ErrPoolClosed)
	r.pool.Close()
}

// TestPool_Retire: a request that began before goes on, as often as it needs, and nothing stays behind.
func TestPool_Retire(t *testing.T) {
	r := newRig(t, "tcp", func(c *ajp.Config) { c.PoolSize = 2 }, serve)
	idle, busy := r.get(t), r.get(t)
	r.pool.Put(idle)
	r.pool.Retire()
	require.Equal(t, 1, r.pool.Open())
	r.use(t, busy)
	r.pool.Put(busy)
	require.Zero(t, r.pool.Open())
	for range 3 {
		c := r.get(t)
		r.use(t, c)
		r.pool.Put(c)
		require.Zero(t, r.pool.Open(), "each connection serves once")
		require.Zero(t, r.pool.Mapped())
	}
	r.pool.Close()
	r.pool.Retire()
	_, err := r.pool.Get()
	require.ErrorIs(t, err, ajp.ErrPoolClosed, "closed stays closed")
}

func TestPool_SetAddress(t *testing.T) {
	r := newRig(t, "tcp", nil, serve)
	other := newRig(t, "tcp", nil, serve)
	idle, busy := r.get(t), r.get(t)
	r.pool.Put(idle)
	r.pool.SetAddress(r.cfg.Address)
	require.Empty(t, r.log.events(), "the same address changes nothing")
	r.pool.SetAddress(other.cfg.Address)
	require.Equal(t, []ajp.Event{ajp.EventMoved}, r.log.events())
	require.Equal(t, 1, r.pool.Open())
	r.use(t, busy)
	r.pool.Put(busy)
	require.Equal(t, []ajp.Event{ajp.EventMoved}, r.log.events())
	c := r.get(t)
	r.use(t, c)
	r.pool.Put(c)
	require.Equal(t, 1, other.Accepted())

	r.pool.SetAddress(ajp.Address{})
	_, err := r.pool.Get()
	f := failure(t, err)
	require.Equal(t, []any{ajp.KindConnect, ajp.StageNotSent, ajp.ErrNoAddress}, []any{f.Kind, f.Stage, f.Err})
}

func TestPool_SetConfig(t *testing.T) {
	tests := []struct {
		name  string
		edit  func(*ajp.Config)
		moved bool
	}{
		{"nothing", func(*ajp.Config) {}, false},
		{"timeouts", func(c *ajp.Config) {
			c.SocketTimeout, c.PrepostPing, c.IdleTimeout = time.Minute, time.Second, time.Hour
		}, false},
		{"pool size is fixed", func(c *ajp.Config) { c.PoolSize = 0 }, false},
		{"default spelled out", func(c *ajp.Config) { c.MaxPacketSize = 8192 }, false},
		{"packet size", func(c *ajp.Config) { c.MaxPacketSize = 9000 }, true},
		{"socket buffer", func(c *ajp.Config) { c.SocketBuffer = 1 << 16 }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, "tcp", nil, serve)
			c := r.get(t)
			r.pool.Put(c)
			cfg := r.cfg
			test.edit(&cfg)
			r.pool.SetConfig(&cfg)
			c = r.get(t)
			r.use(t, c)
			if test.name == "packet size" {
				require.Equal(t, 9216-6, c.MaxBody())
			}
			r.pool.Put(c)
			require.Equal(t, map[bool]int{true: 2, false: 1}[test.moved], r.log.made)
		})
	}
}

// TestPool_Prepost: the probe before a request, on an idle connection and on a new one.
func TestPool_Prepost(t *testing.T) {
	const short = time.Second // long enough for the answers that do come, on a busy machine too
	probe := []ajptest.Step{ajptest.ExpectPing(), ajptest.Send(ajptest.Pong())}
	good := ajptest.Script{ajptest.Serve(okHead, end)}
	first := append(ajptest.Script{}, append(probe, ajptest.ExpectURI("/"), ajptest.Send(okHead, end), ajptest.ExpectPing())...)
	tests := []struct {
		name   string
		answer ajptest.Script
		want   error
	}{
		{"silence", ajptest.Script{ajptest.ExpectGone()}, ajp.ErrPingTimeout},
		{"closed", nil, ajp.ErrEOF},
		{"another packet", ajptest.Script{ajptest.Send(end), ajptest.ExpectGone()}, &ajp.PingAnswerError{Code: 5}},
		{"more than a cpong", ajptest.Script{ajptest.Send(ajptest.Pong(), ajptest.Pong()), ajptest.ExpectGone()}, &ajp.PingAnswerError{Code: 9}},
		{"a large packet", ajptest.Script{ajptest.Send(ajptest.Chunk("a large packet, larger than sixteen bytes"))}, &ajp.PingAnswerError{Code: 3}},
		{"half a cpong", ajptest.Script{ajptest.Send(ajptest.Pong()[:3]), ajptest.ExpectGone()}, ajp.ErrPingTimeout},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "tcp", func(c *ajp.Config) { c.PrepostPing = short }, append(first[:len(first):len(first)], test.answer...), good)
			_, err := r.exchange(t, get("/"), &host{}, ajp.ExchangeOptions{})
			require.NoError(t, err)
			_, err = r.exchange(t, get("/"), &host{}, ajp.ExchangeOptions{})
			require.NoError(t, err)
			notes := r.log.notes
			require.Equal(t, []ajp.Event{ajp.EventPrepostPing, ajp.EventNoneUsable}, r.log.events())
			require.Equal(t, test.want, notes[0].Err)
			require.Equal(t, 2, r.log.made)
		})
	}
}

// TestPool_NewConnectionPing: who probes a new connection, and that a failure is one of the attempt.
func TestPool_NewConnectionPing(t *testing.T) {
	const short = 30 * time.Millisecond
	tests := []struct {
		name             string
		connect, prepost time.Duration
		script           ajptest.Script
		fails            bool
	}{
		{"none", 0, 0, ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(okHead, end), ajptest.ExpectGone()}, false},
		{"connect", ajptest.Patience, 0, ajptest.Script{ajptest.ExpectPing(), ajptest.Send(ajptest.Pong()), ajptest.ExpectURI("/"), ajptest.Send(okHead, end), ajptest.ExpectGone()}, false},
		{"both: one probe", ajptest.Patience, ajptest.Patience, ajptest.Script{ajptest.ExpectPing(), ajptest.Send(ajptest.Pong()), ajptest.ExpectURI("/"), ajptest.Send(okHead, end), ajptest.ExpectGone()}, false},
		{"connect fails", short, 0, ajptest.Script{ajptest.ExpectPing(), ajptest.ExpectGone()}, true},
		{"prepost fails", 0, short, ajptest.Script{ajptest.ExpectPing(), ajptest.ExpectGone()}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, "tcp", func(c *ajp.Config) { c.ConnectPing, c.PrepostPing = test.connect, test.prepost }, test.script)
			c, err := r.pool.Get()
			if test.fails {
				f := failure(t, err)
				require.Equal(t, []any{ajp.KindPing, ajp.StageNotSent, ajp.ErrPingTimeout}, []any{f.Kind, f.Stage, f.Err})
				require.Zero(t, r.pool.Open())
				return
			}
			require.NoError(t, err)
			r.use(t, c)
			read, _ := c.Traffic()
			require.Equal(t, uint64(len(okHead)+len(end)), read, "probes do not count")
			r.pool.Put(c)
		})
	}
}

// TestPool_CloseOnExec: no program that httpd starts inherits an AJP connection (mod_jk bug 48169).
func TestPool_CloseOnExec(t *testing.T) {
	for _, network := range []string{"tcp", "tcp6", "unix"} {
		r := newRig(t, network, nil, serve)
		c := r.get(t)
		flags, err := unix.FcntlInt(uintptr(c.FD()), unix.F_GETFD, 0)
		require.NoError(t, err)
		require.NotZero(t, flags&unix.FD_CLOEXEC, network)
		flags, err = unix.FcntlInt(uintptr(c.FD()), unix.F_GETFL, 0)
		require.NoError(t, err)
		require.Zero(t, flags&unix.O_NONBLOCK, "receiving waits in the call")
		r.use(t, c)
		r.pool.Put(c)
	}
}

// TestPool_ManyThreads: everybody gets own answers only, while connections break, move and are maintained.
func TestPool_ManyThreads(t *testing.T) {
	echo := ajptest.Script{func(p *ajptest.Peer) error {
		for n := 0; ; n++ {
			err := ajptest.ExpectRequest(nil)(p)
			if errors.Is(err, ajptest.ErrGone) {
				return nil
			}
			if err != nil {
				return err
			}
			answer := join(ajptest.Head(200, "", "X-URI", p.Request.URI), ajptest.Chunk(p.Request.URI), ajptest.End(n%7 != 6))
			if err := p.Write(answer); err != nil {
				return err
			}
		}
	}}
	r := newRig(t, "tcp", func(c *ajp.Config) { c.PoolSize, c.AcquireTimeout = 5, ajptest.Patience }, echo)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 100 {
				uri := "/" + strconv.Itoa(worker) + "/" + strconv.Itoa(i)
				h := &host{}
				if rand.IntN(10) == 0 {
					h.refuse = 1
				}
				_, err := r.exchange(t, get(uri), h, ajp.ExchangeOptions{FlushHeader: h.refuse == 1})
				require.Equal(t, h.refuse == 1, err != nil)
				require.Equal(t, uri, h.bodies())
				require.Equal(t, uri, h.calls[0].headers[0].Value)
				switch rand.IntN(20) {
				case 0:
					r.pool.Maintain(time.Now(), "")
				case 1:
					cfg := r.cfg
					cfg.SocketBuffer = (1 + rand.IntN(2)) << 16
					r.pool.SetConfig(&cfg)
				}
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, r.pool.Open(), 5)
	require.Equal(t, r.pool.Open(), r.log.open)
}
