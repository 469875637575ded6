// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// occupy sends n requests that the container holds, and returns once it has them all.
func (r *rig) occupy(n int, c *scripted, edits ...edit) (waiting []*sent, release func()) {
	r.t.Helper()
	var releases []func()
	for range n {
		arrived, let := c.held()
		waiting, releases = append(waiting, r.startRequest("/x", edits...)), append(releases, let)
		receive(r.t, arrived, "a request to be held")
	}
	release = func() {
		for i, let := range releases {
			let()
			require.Equal(r.t, Done, r.wait(waiting[i]).code)
		}
	}
	return waiting, release
}

// fill opens n connections, which are idle afterwards.
func (r *rig) fill(n int, c *scripted) {
	r.t.Helper()
	_, release := r.occupy(n, c)
	release()
	require.EqualValues(r.t, n, r.worker(c.name).Record.Counters().Connected)
}

// TestProperty_ConnectionPoolSize: as many requests at a time; one more waits for an endpoint, in vain here.
func TestProperty_ConnectionPoolSize(t *testing.T) {
	for _, tt := range []struct {
		name, properties string
		size             int
	}{
		{"one", "connection_pool_size=1", 1},
		{"three", "connection_pool_size=3", 3},
		{"default: httpd's threads", "", 4},
		{"more than httpd has threads", "connection_pool_size=6", 6},
		{"older name", "cachesize=2", 2},
		{"less than 0 is the default", "connection_pool_size=-1", 4},
		{"unusable", "connection_pool_size=0", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, direct(append(strings.Fields(tt.properties), "connection_acquire_timeout=20")...))
			_, release := r.occupy(tt.size, r.container["a"])
			r.visits()
			require.Equal(t, 503, r.do("/x").code)
			require.Empty(t, r.who(), "the container hears nothing of it")
			require.Contains(t, r.log(), "Could not get endpoint for worker=a")
			connections, _, _ := r.container["a"].counts()
			require.Equal(t, tt.size, connections)
			release()
			if tt.size > 0 {
				require.Equal(t, Done, r.do("/x").code)
			}
		})
	}
}

// TestProperty_ConnectionPoolSize_Member: a member without a free endpoint is busy, and another one is asked. When it has one again, so has it its turn.
func TestProperty_ConnectionPoolSize_Member(t *testing.T) {
	r := newRig(t, lb("", ajp13("a", "connection_pool_size=1", "connection_acquire_timeout=0"), ajp13("b")))
	_, release := r.occupy(1, r.container["a"])
	require.Equal(t, "bbb", r.sequence(3, session("1.a")))
	require.Equal(t, "ACT OK/BUSY", r.state("a"))
	release()
	require.Equal(t, "a", r.sequence(1, session("1.a")))
	require.Equal(t, "ACT OK", r.state("a"))
}

// TestProperty_ConnectionAcquireTimeout: how long a request waits for an endpoint; milliseconds.
func TestProperty_ConnectionAcquireTimeout(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name, properties string
		least, most      time.Duration
	}{
		{"milliseconds", "connection_acquire_timeout=50", 50 * ms, 5 * time.Second},
		{"default: retries times retry_interval", "retries=3 retry_interval=20", 60 * ms, 5 * time.Second},
		{"default with the other defaults", "retry_interval=100", 200 * ms, 5 * time.Second},
		{"0: nobody waits", "connection_acquire_timeout=0 retries=100 retry_interval=100", 0, 5 * time.Second},
		{"retry_interval 0 is no acquire timeout of 0", "retry_interval=0 retries=1", 100 * ms, 5 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, direct(append(strings.Fields(tt.properties), "connection_pool_size=1")...))
			require.Equal(t, Done, r.do("/x").code, "who need not wait is served whatever the timeout")
			_, release := r.occupy(1, r.container["a"])
			begin := time.Now()
			require.Equal(t, 503, r.do("/x").code)
			require.GreaterOrEqual(t, time.Since(begin), tt.least)
			require.Less(t, time.Since(begin), tt.most)
			release()
		})
	}
	for _, properties := range []string{"connection_acquire_timeout=9000", "retry_interval=0 retries=90"} {
		t.Run("an endpoint becomes free meanwhile: "+properties, func(t *testing.T) {
			r := newRig(t, direct(append(strings.Fields(properties), "connection_pool_size=1")...))
			_, release := r.occupy(1, r.container["a"])
			second := r.startRequest("/x")
			eventually(t, "both requests to be in flight", func() bool { return r.worker("a").Record.Busy() == 2 })
			release()
			require.Equal(t, Done, r.wait(second).code)
			connections, _, _ := r.container["a"].counts()
			require.Equal(t, 1, connections)
		})
	}
}

// TestProperty_ConnectionPoolTimeout: maintenance closes what was idle for longer, as long as more than connection_pool_minsize are open; seconds.
func TestProperty_ConnectionPoolTimeout(t *testing.T) {
	for _, tt := range []struct {
		name, properties string
		after            time.Duration
		left             int // of four
	}{
		{"never, by default", "connection_pool_minsize=0", 10 * time.Hour, 4},
		{"0: never", "connection_pool_timeout=0 connection_pool_minsize=0", 10 * time.Hour, 4},
		{"not yet", "connection_pool_timeout=100 connection_pool_minsize=0", 100 * time.Second, 4},
		{"longer", "connection_pool_timeout=100 connection_pool_minsize=0", 110 * time.Second, 0},
		{"older name", "cache_timeout=100 connection_pool_minsize=0", 110 * time.Second, 0},
		{"half of the size is kept by default", "connection_pool_timeout=100", 110 * time.Second, 2},
		{"half of an odd size", "connection_pool_timeout=100 connection_pool_size=5", 110 * time.Second, 3},
		{"three are kept", "connection_pool_timeout=100 connection_pool_minsize=3", 110 * time.Second, 3},
		{"more than there are", "connection_pool_timeout=100 connection_pool_minsize=9", 110 * time.Second, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, direct(strings.Fields(tt.properties)...))
			a := r.container["a"]
			r.fill(4, a)
			r.maintain(tt.after)
			require.EqualValues(t, tt.left, r.worker("a").Record.Counters().Connected)
			eventually(t, "the container to see it", func() bool { _, open, _ := a.counts(); return open == tt.left })
			require.Equal(t, Done, r.do("/x").code)
		})
	}
}

// pings returns how many CPINGs a container has got.
func (c *scripted) cpings() int {
	_, _, pings := c.counts()
	return pings
}

// TestProperty_PingMode: when connections are probed. A fresh connection is probed once, whatever is to be probed there.
func TestProperty_PingMode(t *testing.T) {
	for _, tt := range []struct {
		mode                     string
		connected, reused, quiet int // CPINGs after a first request, another one on its connection, and a maintenance long after
	}{
		{"", 0, 0, 0},
		{"C", 1, 1, 1},
		{"P", 1, 2, 2},
		{"I", 0, 0, 1},
		{"CP", 1, 2, 2},
		{"CI", 1, 1, 2},
		{"PI", 1, 2, 3},
		{"CPI", 1, 2, 3},
		{"A", 1, 2, 3},
		{"c", 1, 1, 1},
		{"p", 1, 2, 2},
		{"i", 0, 0, 1},
		{"a", 1, 2, 3},
		{"IPC", 1, 2, 3},
		{"C,I", 1, 1, 2},
		{"xyz", 0, 0, 0},
		{"xC", 1, 1, 1},
		{"CA", 1, 2, 3},
	} {
		t.Run("mode "+tt.mode, func(t *testing.T) {
			properties := []string{"ping_mode=" + tt.mode}
			if tt.mode == "" {
				properties = nil
			}
			r := newRig(t, "worker.maintain=1\n"+direct(properties...))
			a := r.container["a"]
			require.Equal(t, Done, r.do("/x").code)
			require.Equal(t, tt.connected, a.cpings())
			require.Equal(t, Done, r.do("POST /x").code)
			require.Equal(t, tt.reused, a.cpings())
			r.maintain(99 * time.Second)
			require.Equal(t, tt.reused, a.cpings(), "10000 ms of ping_timeout make an interval of 100 s")
			r.maintain(100900 * time.Millisecond)
			require.Equal(t, tt.quiet, a.cpings())
			connections, _, _ := a.counts()
			require.Equal(t, 1, connections)
		})
	}
}

// TestProperty_PingTimeouts: how long each probe waits: ping_timeout, or its own property, which is enough to have it probed. 0 switches it off.
func TestProperty_PingTimeouts(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name, properties string
		code             int // of a first request, while the container answers no CPING
		least            time.Duration
		says             string
	}{
		{"no probe", "ping_timeout=300", Done, 0, ""},
		{"C", "ping_mode=C ping_timeout=300", 503, 300 * ms, "cping/cpong after connecting"},
		{"P", "ping_mode=P ping_timeout=300", 503, 300 * ms, "cping/cpong"},
		{"I", "ping_mode=I ping_timeout=300", Done, 0, ""},
		{"connect_timeout without a letter", "connect_timeout=300", 503, 300 * ms, "cping/cpong after connecting"},
		{"connect_timeout before ping_timeout", "ping_mode=C connect_timeout=300", 503, 300 * ms, "cping/cpong"},
		{"connect_timeout -1", "ping_mode=C connect_timeout=-1 ping_timeout=300", Done, 0, ""},
		{"connect_timeout -1, but prepost", "ping_mode=CP connect_timeout=-1 ping_timeout=300", 503, 300 * ms, ""},
		{"connect_timeout 0 is the default", "ping_mode=C connect_timeout=0 ping_timeout=300", 503, 300 * ms, "cping/cpong after connecting"},
		{"connect_timeout, not prepost_timeout, on a fresh connection", "connect_timeout=300 prepost_timeout=9000", 503, 300 * ms, ""},
		{"prepost_timeout without a letter", "prepost_timeout=300", 503, 300 * ms, "cping/cpong"},
		{"prepost_timeout before ping_timeout", "ping_mode=P prepost_timeout=300", 503, 300 * ms, "cping/cpong"},
		{"prepost_timeout -1", "ping_mode=P prepost_timeout=-1 ping_timeout=300", Done, 0, ""},
		{"prepost_timeout 0 is the default", "ping_mode=P prepost_timeout=0 ping_timeout=300", 503, 300 * ms, "cping/cpong"},
		{"connection_ping_interval probes later", "connection_ping_interval=1 ping_timeout=300", Done, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, direct(append(strings.Fields(tt.properties), "retries=1")...))
			a := r.container["a"]
			a.set(func() { a.mute = true })
			begin := time.Now()
			require.Equal(t, tt.code, r.do("POST /x").code)
			require.GreaterOrEqual(t, time.Since(begin), tt.least)
			require.Less(t, time.Since(begin), 8*time.Second)
			require.Contains(t, r.log(), tt.says)
			require.Equal(t, tt.code == Done, r.who() == "a")
			if tt.code == Done {
				require.Zero(t, a.cpings())
				return
			}
			require.Eventually(t, func() bool { return a.cpings() == 1 }, 20*time.Second, time.Millisecond, "the container may come to read it later")
		})
	}
}

// TestProperty_PrepostTimeout_NextConnection: a pooled connection that does not answer is given up, and the request goes over another one.
func TestProperty_PrepostTimeout_NextConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t, direct("prepost_timeout=1000", "retries=1")) // those that answer have to do it in time, on a busy machine too
	a := r.container["a"]
	r.fill(2, a)
	r.visits()
	a.set(func() { a.unanswered = 1 })
	require.Equal(t, Done, r.do("POST /x").code)
	require.Equal(t, 2, r.visits()[0].connection, "the other pooled one")
	a.set(func() { a.unanswered = 1 })
	require.Equal(t, Done, r.do("POST /x").code)
	require.Equal(t, 3, r.visits()[0].connection, "a new one")
	require.EqualValues(t, 1, r.worker("a").Record.Counters().Connected)
	require.Contains(t, r.log(), "prepost cping/cpong failure")
	require.Contains(t, r.log(), "no usable connection found, will create a new one")
}

// TestProperty_ConnectionPingInterval: maintenance probes what was idle for longer; seconds. A connection that does not answer is closed.
func TestProperty_ConnectionPingInterval(t *testing.T) {
	for _, tt := range []struct {
		name, properties string
		pings            [3]int // after 4, 10 and 30 seconds
	}{
		{"default", "", [3]int{0, 0, 0}},
		{"5 seconds", "connection_ping_interval=5", [3]int{0, 1, 2}},
		{"22 seconds", "connection_ping_interval=22", [3]int{0, 0, 1}},
		{"22 seconds since the last probe", "connection_ping_interval=9", [3]int{0, 1, 2}},
		{"before ping_timeout / 100", "ping_mode=I connection_ping_interval=5", [3]int{0, 1, 2}},
		{"ping_timeout / 100", "ping_mode=I ping_timeout=500", [3]int{0, 1, 2}},
		{"0", "ping_mode=I connection_ping_interval=0", [3]int{0, 0, 0}},
		{"without ping_timeout there is no probe", "connection_ping_interval=5 ping_timeout=0", [3]int{0, 0, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, "worker.maintain=1\n"+direct(strings.Fields(tt.properties)...))
			require.Equal(t, Done, r.do("/x").code)
			for i, after := range []time.Duration{4, 10, 30} {
				r.maintain(after * time.Second)
				require.Equal(t, tt.pings[i], r.container["a"].cpings(), "after %d s", after)
			}
		})
	}
	t.Run("no answer", func(t *testing.T) {
		r := newRig(t, direct("connection_ping_interval=5", "ping_timeout=40"))
		a := r.container["a"]
		require.Equal(t, Done, r.do("/x").code)
		a.set(func() { a.mute = true })
		begin := time.Now()
		r.maintain(time.Minute)
		require.GreaterOrEqual(t, time.Since(begin), 40*time.Millisecond)
		require.Zero(t, r.worker("a").Record.Counters().Connected)
		require.Contains(t, r.log(), "keepalive cping/cpong failure")
		require.Equal(t, Done, r.do("/x").code)
	})
}

// TestProperty_Maintain: the least time between two maintenance runs; seconds. Pools count it for each child, balancers over all of them.
func TestProperty_Maintain(t *testing.T) {
	for _, tt := range []struct {
		name, property string
		runs           [5]bool // 20 s, 40 s, 70 s, 90 s and 131 s after the beginning; a run pings
	}{
		{"default: 60", "", [5]bool{true, false, false, true, false}},
		{"20", "worker.maintain=20\n", [5]bool{true, true, true, true, true}},
		{"30", "worker.maintain=30\n", [5]bool{true, false, true, false, true}},
		{"1000", "worker.maintain=1000\n", [5]bool{true, false, false, false, false}},
		{"0: never", "worker.maintain=0\n", [5]bool{}},
		{"less: never", "worker.maintain=-5\n", [5]bool{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.property+direct("connection_ping_interval=1"))
			require.Equal(t, Done, r.do("/x").code)
			want := 0
			for i, after := range []time.Duration{20, 40, 70, 90, 131} {
				if tt.runs[i] {
					want++
				}
				r.maintain(after * time.Second)
				require.Equal(t, want, r.container["a"].cpings(), "after %d s", after)
			}
		})
	}
}

// TestProperty_Maintain_Balancer: lb_value is halved once for each interval that has passed.
func TestProperty_Maintain_Balancer(t *testing.T) {
	for _, tt := range []struct {
		name, property string
		want           [3]uint64 // lb_value of a after eight requests, at 50 s, 70 s and 200 s
	}{
		{"default: 60", "", [3]uint64{8, 4, 1}},
		{"10", "worker.maintain=10\n", [3]uint64{0, 0, 0}},
		{"20", "worker.maintain=20\n", [3]uint64{2, 1, 0}},
		{"1000", "worker.maintain=1000\n", [3]uint64{8, 8, 8}},
		{"0: never", "worker.maintain=0\n", [3]uint64{8, 8, 8}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.property+lb("", ajp13("a"), ajp13("b")))
			r.sequence(16)
			for i, after := range []time.Duration{50, 70, 200} {
				r.maintain(after * time.Second)
				value := r.worker("lb").Balancer.Snapshot(time.Now()).Members[0].LBValue
				require.Equal(t, tt.want[i], value, "after %d s", after)
			}
		})
	}
}
