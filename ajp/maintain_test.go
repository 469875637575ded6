// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// fill opens n connections and leaves them idle.
func (r *rig) fill(t testing.TB, n int) []*ajp.Conn {
	t.Helper()
	var conns []*ajp.Conn
	for range n {
		conns = append(conns, r.get(t))
	}
	for _, c := range conns {
		r.pool.Put(c)
	}
	return conns
}

func TestMaintain_IdleTimeout(t *testing.T) {
	const idle = time.Minute
	tests := []struct {
		name    string
		timeout time.Duration
		min     int
		age     time.Duration
		want    int
	}{
		{"never", 0, 0, time.Hour, 4},
		{"not yet", idle, 0, idle - time.Second, 4},
		{"all", idle, 0, idle + time.Second, 0},
		{"down to the minimum", idle, 3, idle + time.Second, 3},
		{"fewer than the minimum", idle, 9, idle + time.Second, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, "tcp", func(c *ajp.Config) { c.IdleTimeout, c.PoolMinSize = test.timeout, test.min }, serve)
			conns := r.fill(t, 4)
			r.pool.Maintain(time.Now().Add(test.age), "")
			require.Equal(t, test.want, r.pool.Open())
			require.Equal(t, test.want, r.pool.Mapped(), "memory goes with the connection")
			for slot, c := range conns {
				require.Equal(t, slot < test.want, c.FD() >= 0, "highest slot first")
			}
			for range 4 - test.want {
				require.Contains(t, r.log.events(), ajp.EventIdle)
				break
			}
		})
	}
}

// TestMaintain_BusyCountAsOpen: with the minimum busy, all idle ones may go.
func TestMaintain_BusyCountAsOpen(t *testing.T) {
	r := newRig(t, "tcp", func(c *ajp.Config) { c.IdleTimeout, c.PoolMinSize = time.Second, 2 }, serve)
	r.fill(t, 4)
	a, b := r.get(t), r.get(t)
	r.pool.Maintain(time.Now().Add(time.Minute), "")
	require.Equal(t, 2, r.pool.Open())
	r.use(t, a)
	r.pool.Put(a)
	r.pool.Put(b)
}

// TestMaintain_UseRefreshes: the idle clock starts with Put.
func TestMaintain_UseRefreshes(t *testing.T) {
	r := newRig(t, "tcp", func(c *ajp.Config) { c.IdleTimeout = time.Minute }, serve)
	before := time.Now()
	r.fill(t, 1)
	r.pool.Maintain(before.Add(time.Minute), "") // less than a minute after Put
	require.Equal(t, 1, r.pool.Open())
}

// TestMaintain_DropsClosed: connections that the container has closed do not linger in CLOSE_WAIT.
func TestMaintain_DropsClosed(t *testing.T) {
	r := newRig(t, "tcp", nil, ajptest.Script{}, serve)
	conns := r.fill(t, 2)
	waitForHangUp(t, conns[0])
	r.pool.Maintain(time.Now(), "")
	require.Equal(t, 1, r.pool.Open())
	require.Equal(t, 1, r.pool.Mapped())
	require.Equal(t, []ajp.Event{ajp.EventClosed}, r.log.events())
}

func TestMaintain_Ping(t *testing.T) {
	const interval = time.Minute
	pong := ajptest.Script{ajptest.ExpectPing(), ajptest.Send(ajptest.Pong()), ajptest.ExpectGone()}
	silent := ajptest.Script{ajptest.ExpectPing(), ajptest.ExpectGone()}
	untouched := ajptest.Script{ajptest.ExpectGone()}
	tests := []struct {
		name              string
		interval, timeout time.Duration
		age               time.Duration
		script            ajptest.Script
		open              int
	}{
		{"off", 0, time.Second, time.Hour, untouched, 1},
		{"no timeout", interval, 0, time.Hour, untouched, 1},
		{"not yet", interval, time.Second, interval - time.Second, untouched, 1},
		{"alive", interval, ajptest.Patience, interval + time.Second, pong, 1},
		{"silent", interval, 20 * time.Millisecond, interval + time.Second, silent, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, "tcp", func(c *ajp.Config) { c.PingInterval, c.PingTimeout = test.interval, test.timeout }, test.script)
			r.fill(t, 1)
			now := time.Now().Add(test.age)
			r.pool.Maintain(now, "")
			r.pool.Maintain(now, "") // pinged a moment ago
			require.Equal(t, test.open, r.pool.Open())
			if test.open == 0 {
				require.Equal(t, []ajp.Event{ajp.EventKeepalivePing}, r.log.events())
			}
		})
	}
}

// TestMaintain_HungContainer: the pings of one call share one timeout.
func TestMaintain_HungContainer(t *testing.T) {
	const timeout = 50 * time.Millisecond
	r := newRig(t, "tcp", func(c *ajp.Config) { c.PingInterval, c.PingTimeout = time.Second, timeout },
		ajptest.Script{ajptest.ExpectGone()}, ajptest.Script{ajptest.ExpectGone()}, ajptest.Script{ajptest.ExpectGone()},
		ajptest.Script{ajptest.ExpectPing(), ajptest.ExpectGone()})
	conns := r.fill(t, 4)
	r.pool.Maintain(time.Now().Add(time.Minute), "")
	require.Equal(t, 3, r.pool.Open())
	require.Equal(t, -1, conns[3].FD(), "highest slot first")
}

// TestMaintain_FreesMemoryOfBrokenConnections: a slot keeps its memory for the next connection, but not for ever.
func TestMaintain_FreesMemoryOfBrokenConnections(t *testing.T) {
	r := newRig(t, "tcp", nil, ajptest.Script{ajptest.Serve(okHead, ajptest.End(false))})
	_, err := r.exchange(t, get("/"), &host{}, ajp.ExchangeOptions{})
	require.NoError(t, err)
	require.Equal(t, 1, r.pool.Mapped())
	r.pool.Maintain(time.Now(), "")
	require.Zero(t, r.pool.Mapped())
	_, err = r.exchange(t, get("/"), &host{}, ajp.ExchangeOptions{})
	require.NoError(t, err)
}
