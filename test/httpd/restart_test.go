// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

const clients = 4

// graceful makes a graceful restart and waits until the old children are gone: until then they may still answer.
func (s *site) graceful(t testing.TB) {
	t.Helper()
	require.NoError(t, s.Replace(s.Graceful))
}

// restart makes a hard restart, and waits as well.
func (s *site) restart(t testing.TB) {
	t.Helper()
	require.NoError(t, s.Replace(s.Restart))
}

// TestGracefulRestart_UnderLoad: any number of them, some right after the one before, and no request fails.
func TestGracefulRestart_UnderLoad(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* lb", children: 2, threads: 4})
	l := s.startLoad(clients, "/app/x")
	n := rounds(10)
	for i := range n {
		if i%2 == 0 {
			l.awaitMore(t, 20)
		}
		require.NoError(t, s.Graceful())
	}
	l.awaitMore(t, 20)
	requests, failures := l.stop()
	t.Logf("%d requests during %d graceful restarts, %d failed", requests, n, len(failures))
	require.Empty(t, failures)
	s.requireGeneration(t, uint64(n)+1)
}

// TestHardRestart_UnderLoad: httpd cuts off what is under way; nothing else fails. A client may be cut off by each child in turn: while one has ended, the others still accept.
func TestHardRestart_UnderLoad(t *testing.T) {
	s := start(t, plan{hard: true, config: "JkMount /app/* lb", children: 2, threads: 4})
	l := s.startLoad(clients, "/app/x")
	n := rounds(10)
	for range n {
		l.awaitMore(t, 20)
		require.NoError(t, s.Restart())
	}
	l.awaitMore(t, 20)
	requests, failures := l.stop()
	t.Logf("%d requests during %d hard restarts, %d cut off", requests, n, len(failures))
	require.LessOrEqual(t, len(failures), n*clients*s.options().Children, "%q", failures)
	for _, failure := range failures {
		require.Regexp(t, fmt.Sprintf("^(%s|%s|%s), |reset by peer|broken pipe", harness.EndNothing, harness.EndTruncated, harness.EndReset), failure)
	}
	s.requireGeneration(t, uint64(n)+1)
}

// requireGeneration requires that httpd has restarted that often, serves, counts nothing as in flight, and is rid of the children of before.
func (s *site) requireGeneration(t *testing.T, generation uint64) {
	t.Helper()
	require.Equal(t, generation, s.shared(t).Generation())
	require.Equal(t, 200, s.get(t, "/app/x").Status)
	s.requireIdle(t)
	want := s.options().Children
	await(t, "the old children to end", func() bool { return len(s.Children()) == want })
	requirePrivateFile(t, s)
	m := s.shared(t)
	for name, c := range s.container {
		w := worker(t, m, name)
		await(t, "connections of "+name+" to be counted right", func() bool { return w.Counters().Connected == int64(c.Open()) })
	}
}

// TestGracefulStop_UnderLoad is apachectl graceful-stop: no new clients, and whatever a container was asked is answered.
func TestGracefulStop_UnderLoad(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* lb", children: 2, threads: 4})
	l := s.startLoad(clients, "/app/x")
	l.awaitMore(t, 50)
	require.NoError(t, s.Signal(syscall.SIGWINCH))
	select {
	case <-s.Exited():
	case <-time.After(patience):
		t.Fatal("httpd did not end")
	}
	requests, failures := l.stop()
	served := len(s.requests())
	t.Logf("%d requests, %d of them too late", requests, len(failures))
	require.EqualValues(t, requests-int64(len(failures)), served, "each that came to a container was answered, completely")
	for _, failure := range failures {
		require.Regexp(t, "refused|reset|"+regexp.QuoteMeta(fmt.Sprintf("%s, ", harness.EndNothing)), failure, "no connection")
	}
}

// TestRestart_LeavesNothingBehind: httpd's parent has the same files open and the same memory mapped after one restart as after many, and a command that writes
// a log gets nothing of it.
func TestRestart_LeavesNothingBehind(t *testing.T) {
	for _, around := range []string{"", "piped"} {
		t.Run("logs "+around, func(t *testing.T) {
			config := "JkMount /app/* lb\n<VirtualHost *:${PORT2}>\nJkLogFile ${DIR}/second.log\nJkMount /app/* a\n</VirtualHost>\n"
			s := start(t, plan{config: config, children: 2, options: func(o *harness.Options) { o.Ports, o.Around = 2, strings.Fields(around) }})
			s.graceful(t)
			want := s.parentHas(t)
			require.Contains(t, want, " 1 shared memory, 1 threads")
			for i, more := range strings.Fields("/b/* /c/* /d/* /e/* /f/* /g/*")[:rounds(6)] {
				s.reconfigure(t, config+"JkMount "+more+" b\n", "")
				s.graceful(t)
				require.Equal(t, 200, s.get(t, "/app/x").Status)
				require.Equal(t, want, s.parentHas(t), "restart %d", i)
			}
			for _, pid := range s.LogCommands() {
				for _, d := range descriptors(t, pid) {
					if !s.ofModJk(d.target) {
						require.NotRegexp(t, `socket:|jk\.shm|second\.log`, d.target, "log command %d", pid)
					}
				}
			}
		})
	}
}

// parentHas is what httpd's parent has of files, shared memory and threads.
func (s *site) parentHas(t *testing.T) string {
	t.Helper()
	maps, err := s.ParentMaps()
	require.NoError(t, err)
	var files []string
	for _, d := range descriptors(t, s.Pid()) {
		target, _, _ := strings.Cut(d.target, ":[") // sockets and pipes have other numbers each time
		files = append(files, target)
	}
	slices.Sort(files)
	return fmt.Sprintf("%q, %d shared memory, %d threads", files, strings.Count(maps, filepath.Base(s.shmFile())), len(threads(t, s.Pid())))
}

// TestGracefulRestart_LongRequest: a request that is under way finishes in its old child, on the containers it knows.
func TestGracefulRestart_LongRequest(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* lb\nMaxRequestWorkers 16\n"}) // room for a new child beside the old one
	s.container["a"].Script(harness.Do(harness.Head(200, "OK"), harness.Chunk("first "), harness.Flush(), harness.Hold("restarted"), harness.Chunk("second"), harness.End()))
	c := s.dial(t)
	require.NoError(t, c.Send(request("GET", "/app/long")))
	require.NoError(t, s.container["a"].AwaitScripts(patience))
	old := s.childOf(t, c.Port())
	require.NotZero(t, old)
	require.NoError(t, s.Graceful())
	await(t, "a new child to serve", func() bool {
		c := s.dial(t)
		defer c.Close()
		return ask(t, c, requestOn("GET", "/app/x")).Status == 200 && s.childOf(t, c.Port()) != old
	})
	require.Contains(t, s.Children(), old)
	s.container["a"].Release("restarted")
	r := c.ReadResponse("GET", patience)
	require.Equal(t, harness.EndComplete, r.End)
	require.Equal(t, "first second", string(r.Body))
	require.NoError(t, c.Close())
	await(t, "the old child to end", func() bool { return !slices.Contains(s.Children(), old) })
}

// TestChildrenReplaced: children that end because they have served their share close their connections and give back what they have counted, and no
// request notices.
func TestChildrenReplaced(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* lb\nMaxConnectionsPerChild 15", children: 3, threads: 4})
	first := s.Children()
	l := s.startLoad(2, "/app/x")
	await(t, "other children", func() bool {
		return !slices.ContainsFunc(s.Children(), func(pid int) bool { return slices.Contains(first, pid) })
	})
	requests, failures := l.stop()
	t.Logf("%d requests", requests)
	require.Empty(t, failures)
	s.requireIdle(t)
	m := s.shared(t)
	require.EqualValues(t, 1, m.Generation())
	for name, c := range s.container {
		w := worker(t, m, name)
		await(t, "connections of "+name+" to be counted right", func() bool { return w.Counters().Connected == int64(c.Open()) })
	}
}

// TestChildKilled: httpd goes on, requests of other children do not notice, and what the dead child has counted is given back.
func TestChildKilled(t *testing.T) {
	signals := []syscall.Signal{syscall.SIGKILL, syscall.SIGABRT, syscall.SIGSEGV}
	if testing.Short() { // Go takes its time to report a fault of a thread that is in Go, as that of prefork is: 5 seconds and more
		signals = signals[:2]
	}
	for _, signal := range signals {
		t.Run(signal.String(), func(t *testing.T) { requireSurvival(t, signal) })
	}
}

func requireSurvival(t *testing.T, signal syscall.Signal) {
	const held = 4
	s := start(t, plan{containers: "a b", crashes: signal != syscall.SIGKILL, config: "JkMount /app/* lb\nJkMount /held/* a", children: childrenWithRoom(held), threads: held})
	a := s.container["a"]
	var waiting []*harness.Client
	for range held + 1 { // one more than a child has threads for
		a.Script(harness.Do(harness.Head(200, "OK"), harness.Hold("killed"), harness.Chunk("survived"), harness.End()))
		c := s.dial(t)
		require.NoError(t, c.Send(request("GET", "/held/x")))
		require.NoError(t, a.AwaitScripts(patience))
		waiting = append(waiting, c)
	}
	m := s.shared(t)
	require.EqualValues(t, held+1, worker(t, m, "a").Busy())

	victim := s.childOf(t, waiting[0].Port())
	require.NotZero(t, victim)
	var others []*harness.Client
	for _, c := range waiting {
		if s.childOf(t, c.Port()) != victim {
			others = append(others, c)
		}
	}
	require.NotEmpty(t, others)

	l := s.startLoad(2, "/app/x")
	l.awaitMore(t, 10)
	require.NoError(t, syscall.Kill(victim, signal))
	l.awaitMore(t, 10)
	await(t, "what the dead child has counted to be given back", func() bool { return worker(t, m, "a").Busy() <= int64(len(others)+2) })
	if signal != syscall.SIGKILL { // of that httpd says nothing
		await(t, "httpd to say so", func() bool { return strings.Contains(s.ErrorLog(), fmt.Sprintf("child pid %d exit signal", victim)) })
	}
	requests, failures := l.stop()
	t.Logf("%d requests, %d of them in the killed child", requests, len(failures))
	require.LessOrEqual(t, len(failures), 2, "at most one a client: %q", failures)

	await(t, "only the others to be busy", func() bool { return worker(t, m, "a").Busy() == int64(len(others)) })
	a.Release("killed")
	for _, c := range waiting {
		r := c.ReadResponse("GET", patience)
		if slices.Contains(others, c) {
			require.Equal(t, harness.EndComplete, r.End)
			require.Equal(t, "survived", string(r.Body))
			continue
		}
		require.Contains(t, []harness.Ending{harness.EndNothing, harness.EndReset}, r.End)
	}
	s.requireIdle(t)
	for name, c := range s.container {
		await(t, "connections of "+name+" to be counted right", func() bool { return worker(t, m, name).Counters().Connected == int64(c.Open()) })
	}
	require.Equal(t, 200, s.get(t, "/app/x").Status)
}

// childrenWithRoom is how many children it takes to hold n requests, one more, and those of two clients, with n threads each.
func childrenWithRoom(n int) int {
	if mpm == harness.Prefork {
		return n + 4
	}
	return 3
}

// TestRestart_ModuleMoves: httpd unloads a module at each restart and loads it again, perhaps elsewhere: what outlives that must not be in the module's own
// memory. httpd's parent crashed now and then beside mod_http2.
func TestRestart_ModuleMoves(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* a"})
	with := []string{"", "buffer", "ssl socache_shmcb", "buffer http2", "http2", "ssl socache_shmcb http2 buffer"}
	if mpm == harness.Prefork {
		with = with[:3]
	}
	before, after, found := strings.Cut(s.Log("httpd.conf"), "LoadModule gojk_module")
	require.True(t, found)
	restarts := 0
	for range rounds(5) {
		for _, names := range with {
			lines := ""
			for _, name := range strings.Fields(names) {
				lines += s.LoadModule(t, name)
			}
			require.NoError(t, s.WriteFile("httpd.conf", before+lines+"LoadModule gojk_module"+after))
			s.graceful(t)
			s.requireAnswer(t, "/app/x", "a")
			restarts++
		}
	}
	require.EqualValues(t, restarts+1, s.shared(t).Generation(), "each has taken over from the one before")
}
