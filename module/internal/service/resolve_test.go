// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp/ajptest"
	"mod_gojk/balancer"
	"mod_gojk/balancer/shm/shmtest"
	"mod_gojk/module/internal/config"
)

// names is a resolver that a test controls, and counts.
type names struct {
	fakeHost
	mu    sync.Mutex
	known map[string]string // addresses with blanks between; "": no such host
	asked []string
}

func (n *names) Resolve(name string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, name)
	var addrs []netip.Addr
	for _, text := range strings.Fields(n.known[name]) {
		addrs = append(addrs, netip.MustParseAddr(text))
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("no such host %q", name)
	}
	return addrs, nil
}

// set changes what a name resolves to.
func (n *names) set(name, addrs string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known[name] = addrs
}

// lookups returns which names were asked for since the last look.
func (n *names) lookups() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	asked := strings.Join(n.asked, " ")
	n.asked = nil
	return asked
}

// site is an httpd with names, children on one mapping, and two containers on one port: "one" at 127.0.0.1, "two" at 127.0.0.2.
type site struct {
	*names
	t        *testing.T
	memory   []byte
	log      *os.File
	children []*Engine
	one, two *ajptest.Container
	port     int
	begin    time.Time
}

// newSite starts two children. Maintenance runs only when a test says so.
func newSite(t *testing.T, known map[string]string, workers string, mounts ...string) *site {
	t.Helper()
	s := &site{names: &names{known: known}, t: t}
	s.one = container(t, ajptest.Serve(ajptest.Head(200, ""), ajptest.Chunk("one"), ajptest.End(true)))
	s.port = int(s.one.Address().IP.Port())
	var err error
	s.two, err = ajptest.StartAt("tcp", fmt.Sprintf("127.0.0.2:%d", s.port), ajptest.Script{ajptest.Serve(ajptest.Head(200, ""), ajptest.Chunk("two"), ajptest.End(true))})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.two.Close() })
	s.log, err = os.Create(filepath.Join(t.TempDir(), "mod_jk.log"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.log.Close() })
	s.generation(nil, workers, mounts...)
	return s
}

// generation makes a mapping, after the one before, and starts children on it.
func (s *site) generation(before []byte, workers string, mounts ...string) {
	s.t.Helper()
	s.begin = time.Now()
	s.memory = shmtest.NewMemory(s.t).Bytes()
	configureAs(s.memory, func(in *config.Input) {
		in.Servers[0].LogFD = int(s.log.Fd())
		in.Directives = append(in.Directives, config.DirectiveInput{Name: "JkWatchdogInterval", Args: []string{"86400"}})
	}, strings.ReplaceAll(workers, "{port}", fmt.Sprint(s.port)), mounts...)
	require.True(s.t, Check(s, s.memory, before), s.errors)
	s.children = nil
	for range 2 {
		e, err := Start(s, s.memory, make([]ServerView, 1))
		require.NoError(s.t, err)
		s.t.Cleanup(func() { e.Stop(time.Second) })
		s.children = append(s.children, e)
	}
	s.lookups()
}

// maintain lets all children look, as if it were that long after the beginning.
func (s *site) maintain(after time.Duration) {
	for _, e := range s.children {
		e.maintainOnce(s.begin.Add(after))
	}
}

// get asks a child for /path and returns who answered, or the status.
func (s *site) get(child int, path string) string {
	s.t.Helper()
	s.got.Reset()
	e := s.children[child]
	if status := e.Serve(request(s.t, e, "GET", path)); status != Done {
		return fmt.Sprint(status)
	}
	return s.got.String()
}

func (s *site) said() string {
	s.t.Helper()
	text, err := os.ReadFile(s.log.Name())
	require.NoError(s.t, err)
	return string(text)
}

// activation is that of a member of the balancer "lb".
func (s *site) member(i int) balancer.MemberSnapshot {
	for _, w := range s.children[0].registry.Current().Workers {
		if w.Name == "lb" {
			return w.Balancer.Snapshot(time.Now()).Members[i]
		}
	}
	return balancer.MemberSnapshot{}
}

const (
	atName = "worker.list=a\nworker.a.host=tomcat.test\nworker.a.port={port}\nworker.a.retry_interval=1\n"
	member = "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a,b\nworker.lb.retry_interval=1\n" +
		"worker.a.host=tomcat.test\nworker.a.port={port}\nworker.a.retries=1\nworker.b.host=127.0.0.1\nworker.b.port=0\n"
)

// TestResolve_Moves: a changed address is noticed within the interval, by one child for all, and connections follow.
func TestResolve_Moves(t *testing.T) {
	s := newSite(t, map[string]string{"tomcat.test": "127.0.0.1"}, atName, "/* a")
	require.Equal(t, "one one", s.get(0, "/")+" "+s.get(1, "/"))
	s.set("tomcat.test", "127.0.0.2")
	s.maintain(50 * time.Second)
	require.Empty(t, s.lookups(), "not due")
	s.maintain(61 * time.Second)
	require.Equal(t, "tomcat.test", s.lookups(), "once for both children")
	require.Equal(t, "two two", s.get(0, "/")+" "+s.get(1, "/"))
	require.Contains(t, s.said(), "(a) tomcat address tomcat.test has changed from 127.0.0.1:"+fmt.Sprint(s.port)+" to 127.0.0.2:"+fmt.Sprint(s.port))
	require.Equal(t, 2, s.one.Accepted())
	require.Equal(t, 2, s.two.Accepted())
	s.maintain(122 * time.Second)
	require.Equal(t, "tomcat.test", s.lookups())
	require.Equal(t, "two", s.get(0, "/"))
	require.Equal(t, 2, s.two.Accepted(), "nothing has changed, connections stay")
}

// TestResolve_ClosesIdle: connections to the old address do not stay open until the next request.
func TestResolve_ClosesIdle(t *testing.T) {
	s := newSite(t, map[string]string{"tomcat.test": "127.0.0.1"}, atName, "/* a")
	require.Equal(t, "one", s.get(0, "/"))
	record := s.children[0].registry.Current().Workers[0].Record
	require.EqualValues(t, 1, record.Counters().Connected)
	s.set("tomcat.test", "127.0.0.2")
	s.maintain(61 * time.Second)
	s.maintain(62 * time.Second)
	require.Zero(t, record.Counters().Connected)
}

func TestResolve_WhenAndWhat(t *testing.T) {
	for _, tt := range []struct {
		name, workers string
		after         time.Duration
		want          string // lookups
	}{
		{"default, before", atName, 57 * time.Second, ""},
		{"default", atName, 60 * time.Second, "tomcat.test"},
		{"shorter", atName + "worker.a.resolve_interval=5\n", 5 * time.Second, "tomcat.test"},
		{"longer", atName + "worker.a.resolve_interval=600\n", 500 * time.Second, ""},
		{"never", atName + "worker.a.resolve_interval=0\n", 1000 * time.Hour, ""},
		{"without maintenance", atName + "worker.maintain=0\n", time.Hour, "tomcat.test"},
		{"IPv4 address", "worker.list=a\nworker.a.host=127.0.0.1\n", time.Hour, ""},
		{"IPv6 address", "worker.list=a\nworker.a.host=::1\n", time.Hour, ""},
		{"IPv6 address with a port", "worker.list=a\nworker.a.host=[::1]:8009\n", time.Hour, ""},
		{"IPv6 address with a zone", "worker.list=a\nworker.a.host=fe80::1%3\n", time.Hour, ""},
		{"socket", "worker.list=a\nworker.a.socket=/nowhere\n", time.Hour, ""},
		{"name with a port", "worker.list=a\nworker.a.host=tomcat.test:{port}\n", time.Hour, "tomcat.test"},
		{"default host", "worker.list=a\nworker.a.port={port}\n", time.Hour, "localhost"},
		{"two workers at one host", "worker.list=a,b\nworker.a.host=tomcat.test\nworker.b.host=tomcat.test\n", time.Hour, "tomcat.test"},
		{"two hosts", "worker.list=a,b\nworker.a.host=tomcat.test\nworker.b.host=localhost\n", time.Hour, "tomcat.test localhost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, map[string]string{"tomcat.test": "127.0.0.1", "localhost": "127.0.0.1"}, tt.workers, "/* a")
			s.maintain(tt.after)
			require.Equal(t, tt.want, s.lookups())
		})
	}
}

// TestResolve_Choice: an address is kept as long as the name has it; otherwise it is chosen as at the start.
func TestResolve_Choice(t *testing.T) {
	for _, tt := range []struct {
		name, prefer  string
		before, after string
		want          string
	}{
		{"kept", "", "127.0.0.1", "127.0.0.1", "127.0.0.1"},
		{"kept behind another", "", "127.0.0.1 127.0.0.2", "127.0.0.2 127.0.0.1", "127.0.0.1"},
		{"kept though IPv6 is preferred", "1", "127.0.0.1", "::1 127.0.0.1", "127.0.0.1"},
		{"the first of those that it has now", "", "127.0.0.1", "127.0.0.2 127.0.0.3", "127.0.0.2"},
		{"first", "", "127.0.0.1", "127.0.0.2 ::1", "127.0.0.2"},
		{"first, an IPv6 address", "", "127.0.0.1", "::1 127.0.0.2", "::1"},
		{"IPv6 preferred", "1", "127.0.0.1", "127.0.0.2 ::1 ::2", "::1"},
		{"IPv6 preferred, none there", "1", "::1", "127.0.0.2 127.0.0.3", "127.0.0.2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			workers := atName
			if tt.prefer != "" {
				workers += "worker.a.prefer_ipv6=" + tt.prefer + "\n"
			}
			s := newSite(t, map[string]string{"tomcat.test": tt.before}, workers, "/* a")
			s.set("tomcat.test", tt.after)
			s.maintain(time.Hour)
			require.Equal(t, tt.want, s.children[1].registry.Current().Workers[0].Address().IP.Addr().String())
			require.Equal(t, tt.want != strings.Fields(tt.before)[0], strings.Contains(s.said(), "GOJK2014"))
		})
	}
}

// TestResolve_Fails: a lookup that fails changes nothing. One line for a row of them, however long and in whichever child.
func TestResolve_Fails(t *testing.T) {
	s := newSite(t, map[string]string{"tomcat.test": "127.0.0.1"}, atName, "/* a")
	s.set("tomcat.test", "")
	for i := range 4 {
		s.maintain(time.Duration(i+1) * 61 * time.Second)
		require.Equal(t, "one", s.get(i%2, "/"))
	}
	require.Equal(t, "tomcat.test tomcat.test tomcat.test tomcat.test", s.lookups())
	require.Equal(t, 1, strings.Count(s.said(), "GOJK2012"))
	require.Contains(t, s.said(), `[warn]`)
	require.Contains(t, s.said(), fmt.Sprintf(`(a) can't resolve tomcat address tomcat.test any more (no such host "tomcat.test"); it stays at 127.0.0.1:%d`, s.port))

	s.set("tomcat.test", "127.0.0.1")
	s.maintain(10 * time.Minute)
	s.maintain(20 * time.Minute)
	require.Equal(t, 1, strings.Count(s.said(), "GOJK2013"), "it resolves again")
	s.set("tomcat.test", "")
	s.maintain(30 * time.Minute)
	require.Equal(t, 2, strings.Count(s.said(), "GOJK2012"), "another row")
	require.Equal(t, 1, s.one.Accepted()/2, "all the time on the same connections")
}

// TestResolve_LateStart: a name that does not resolve at the start begins to work when it does.
func TestResolve_LateStart(t *testing.T) {
	s := newSite(t, map[string]string{}, atName, "/* a")
	require.Contains(t, strings.Join(s.errors, "\n"), "worker a can't resolve tomcat address tomcat.test")
	require.Equal(t, "503", s.get(0, "/"))
	s.maintain(61 * time.Second)
	require.Equal(t, "503", s.get(0, "/"))
	require.NotContains(t, s.said(), "GOJK2012", "that was said at the start")
	s.set("tomcat.test", "127.0.0.2")
	s.maintain(122 * time.Second)
	require.Equal(t, "two two", s.get(0, "/")+" "+s.get(1, "/"))
	require.Contains(t, s.said(), "has changed from tomcat.test (unresolved) to 127.0.0.2:")
}

// TestResolve_Member: a member that was stopped because it has no address is what configuration and operators want it to be once it has one.
func TestResolve_Member(t *testing.T) {
	stop := func(a balancer.Activation) func(*site) {
		return func(s *site) {
			for _, w := range s.children[1].registry.Current().Workers {
				if w.Name == "lb" {
					require.NoError(s.t, w.Balancer.SetActivation(0, a))
				}
			}
		}
	}
	for _, tt := range []struct {
		name, workers string
		operator      func(*site) // while the name does not resolve
		want          balancer.Activation
		wantAnswer    string
	}{
		{"active", "", nil, balancer.Active, "two"},
		{"disabled by the configuration", "worker.a.activation=disabled\n", nil, balancer.Disabled, "503"},
		{"stopped by the configuration", "worker.a.activation=stopped\n", nil, balancer.Stopped, "503"},
		{"stopped by an operator", "", stop(balancer.Stopped), balancer.Stopped, "503"},
		{"disabled by an operator", "", stop(balancer.Disabled), balancer.Disabled, "503"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, map[string]string{}, member+tt.workers, "/* lb")
			require.Equal(t, balancer.Stopped, s.member(0).Activation)
			require.Equal(t, "503", s.get(0, "/"))
			if tt.operator != nil {
				tt.operator(s)
			}
			s.maintain(61 * time.Second)
			s.set("tomcat.test", "127.0.0.2")
			s.maintain(122 * time.Second)
			require.Equal(t, tt.want, s.member(0).Activation)
			require.Equal(t, tt.wantAnswer+tt.wantAnswer, s.get(0, "/")+s.get(1, "/"))
			require.Equal(t, balancer.Stopped, s.member(1).Activation, "port 0")
		})
	}
}

// TestResolve_MemberInError: the errors were those of the old place, so the new one is tried with the next request.
func TestResolve_MemberInError(t *testing.T) {
	s := newSite(t, map[string]string{"tomcat.test": "127.0.0.3"}, member, "/* lb")
	require.Equal(t, "503", s.get(0, "/"))
	require.Equal(t, balancer.Error, s.member(0).State)
	s.set("tomcat.test", "127.0.0.1")
	s.children[1].maintainOnce(s.begin.Add(61 * time.Second))
	require.Equal(t, balancer.Recover, s.member(0).State)
	require.Equal(t, "one", s.get(0, "/"))
	require.Equal(t, balancer.OK, s.member(0).State)
}

// TestResolve_Restart: a graceful restart while the name server is gone keeps what was known; otherwise it looks everything up.
func TestResolve_Restart(t *testing.T) {
	start := map[string]string{"tomcat.test": "127.0.0.2"}
	for _, tt := range []struct {
		name, workers string
		now           string // tomcat.test at the restart
		want          string
		said          string
	}{
		{"nothing changed", member, "127.0.0.2", "two", ""},
		{"another address", member, "127.0.0.1", "one", ""},
		{"the address is one of several", member, "127.0.0.1 127.0.0.2", "two", ""},
		{"the name is gone", member, "", "two", "it stays at 127.0.0.2, as before"},
		{"the name is gone, another host", strings.ReplaceAll(member, "tomcat.test", "other.test"), "", "503", "can't resolve tomcat address other.test"},
		{"an address instead of a name", strings.ReplaceAll(member, "tomcat.test", "127.0.0.1"), "", "one", ""},
		{"another port", strings.ReplaceAll(member, "{port}", "1"), "127.0.0.2", "503", ""},
		{"the name is gone, another port", strings.ReplaceAll(member, "{port}", "1"), "", "503", "it stays at 127.0.0.2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			known := map[string]string{"tomcat.test": start["tomcat.test"]}
			s := newSite(t, known, member, "/* lb")
			require.Equal(t, "two", s.get(0, "/"))
			s.set("tomcat.test", tt.now)
			s.errors = nil
			s.generation(s.memory, tt.workers, "/* lb")
			require.Equal(t, tt.want, s.get(0, "/"))
			if tt.said == "" {
				require.NotContains(t, strings.Join(s.errors, "\n"), "id=GOJK20")
				return
			}
			require.Contains(t, strings.Join(s.errors, "\n"), tt.said)
		})
	}
}

// TestResolve_ReloadDuringOutage: a file that changes only the port needs no name server; one that changes the host does.
func TestResolve_ReloadDuringOutage(t *testing.T) {
	const there = "worker.list=a\nworker.a.host=%s\nworker.a.port=%d\n"
	s := newSite(t, map[string]string{"tomcat.test": "127.0.0.2"}, fmt.Sprintf(there, "tomcat.test", 1), "/* a")
	s.set("tomcat.test", "")
	require.Equal(t, "503", s.get(0, "/"))
	for _, tt := range []struct{ host, want, said string }{
		{"tomcat.test", "two", "it stays at 127.0.0.2, as before id=GOJK2015"},
		{"other.test", "503", "until it resolves the worker answers 503"},
		{"tomcat.test", "503", "until it resolves the worker answers 503"},
	} {
		s.errors = nil
		require.True(t, Reload(s, s.memory, fmt.Sprintf(there, tt.host, s.port)))
		s.children[0].refresh()
		require.Equal(t, tt.want, s.get(0, "/"))
		require.Contains(t, strings.Join(s.errors, "\n"), tt.said)
	}
}

// TestResolve_RestartOfMemberInError: a member in error stays so over a restart, unless it is somewhere else then.
func TestResolve_RestartOfMemberInError(t *testing.T) {
	for _, tt := range []struct {
		name, workers string
		now           string // tomcat.test at the restart
		want          balancer.State
	}{
		{"nothing changed", strings.ReplaceAll(member, "{port}", "1"), "127.0.0.1", balancer.Error},
		{"the name is gone", strings.ReplaceAll(member, "{port}", "1"), "", balancer.Error},
		{"another port", member, "127.0.0.1", balancer.Recover},
		{"another host", strings.ReplaceAll(strings.ReplaceAll(member, "{port}", "1"), "tomcat.test", "127.0.0.2"), "127.0.0.1", balancer.Recover},
		{"another address", strings.ReplaceAll(member, "{port}", "1"), "127.0.0.2", balancer.Recover},
		{"a socket", strings.ReplaceAll(member, "worker.a.port={port}", "worker.a.socket=/no/such/socket"), "127.0.0.1", balancer.Recover},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, map[string]string{"tomcat.test": "127.0.0.1"}, strings.ReplaceAll(member, "{port}", "1"), "/* lb")
			require.Equal(t, "503", s.get(0, "/"))
			require.Equal(t, balancer.Error, s.member(0).State)
			s.set("tomcat.test", tt.now)
			s.generation(s.memory, tt.workers, "/* lb")
			require.Equal(t, tt.want, s.member(0).State)
		})
	}
}

// TestResolve_RestartEndsStop: a member that had no address before the restart is not stopped for ever, and one that was stopped by an operator stays so.
func TestResolve_RestartEndsStop(t *testing.T) {
	s := newSite(t, map[string]string{}, member, "/* lb")
	require.Equal(t, balancer.Stopped, s.member(0).Activation)
	s.generation(s.memory, member, "/* lb")
	require.Equal(t, balancer.Stopped, s.member(0).Activation)
	s.set("tomcat.test", "127.0.0.1")
	s.generation(s.memory, member, "/* lb")
	require.Equal(t, balancer.Active, s.member(0).Activation)

	for _, w := range s.children[0].registry.Current().Workers {
		if w.Name == "lb" {
			require.NoError(t, w.Balancer.SetActivation(0, balancer.Stopped))
		}
	}
	s.generation(s.memory, member, "/* lb")
	require.Equal(t, balancer.Stopped, s.member(0).Activation)
	s.maintain(time.Hour)
	require.Equal(t, balancer.Stopped, s.member(0).Activation)
}

// TestResolve_Zone: an interface in an IPv6 address is the resolver's business.
func TestResolve_Zone(t *testing.T) {
	s := newSite(t, map[string]string{"fe80::1%eth0": "fe80::1%2"}, "worker.list=a\nworker.a.host=fe80::1%eth0\n", "/* a")
	require.Equal(t, "[fe80::1%2]:8009", s.children[0].registry.Current().Workers[0].Target())
}

// TestSocket: a worker with a socket reaches its container, and says what is wrong if it does not.
func TestSocket(t *testing.T) {
	c, err := ajptest.Start("unix", ajptest.Script{ajptest.Serve(whole...)})
	require.NoError(t, err)
	defer c.Close()
	path := c.Address().Path
	workers := "worker.list=a,lb\nworker.a.socket=" + path + "\nworker.a.retries=1\nworker.lb.type=lb\nworker.lb.balance_workers=a\nworker.lb.retries=1\n"
	s := newSite(t, nil, workers, "/a a", "/lb lb")
	require.Equal(t, "hello", s.get(0, "/a"))
	require.Equal(t, "hello", s.get(0, "/lb"))
	require.Equal(t, 1, c.Accepted(), "one pool")
	require.Equal(t, "unix:"+path, s.children[0].registry.Current().Workers[0].Target())
	require.Equal(t, balancer.Active, s.member(0).Activation)

	s.generation(s.memory, workers, "/a a", "/lb lb")
	require.Equal(t, "hello", s.get(0, "/a"), "after a restart")

	require.NoError(t, c.Close())
	require.Equal(t, "503", s.get(1, "/a"))
	require.Contains(t, s.said(), "(a) can't use the socket "+path+": there is none; Tomcat is not started")
	require.Contains(t, s.said(), "connect to unix:"+path+" failed (errno=2)")
	require.NotContains(t, s.said(), "wrong port")

	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	defer os.RemoveAll(filepath.Dir(path))
	require.Equal(t, "503", s.get(1, "/a"))
	require.Contains(t, s.said(), "nobody listens; Tomcat is not started, or this is a file that it left behind (errno=111)")
}

// TestSocket_FromTCPAndBack: a restart moves a worker between a socket and a port.
func TestSocket_FromTCPAndBack(t *testing.T) {
	c, err := ajptest.Start("unix", ajptest.Script{ajptest.Serve(whole...)})
	require.NoError(t, err)
	defer c.Close()
	s := newSite(t, map[string]string{"tomcat.test": "127.0.0.1"}, atName, "/* a")
	require.Equal(t, "one", s.get(0, "/"))
	s.generation(s.memory, "worker.list=a\nworker.a.socket="+c.Address().Path+"\n", "/* a")
	require.Equal(t, "hello", s.get(0, "/"))
	s.generation(s.memory, atName, "/* a")
	require.Equal(t, "one", s.get(0, "/"))
}
