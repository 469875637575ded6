// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp/ajptest"
	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/balancer/shm/shmtest"
	"mod_gojk/module/internal/config"
)

// reloading is two children on one mapping whose files a test changes.
type reloading struct {
	t        testing.TB
	host     fakeHost
	memory   *shmtest.Memory
	view     *shm.Mapping
	children [2]*Engine
	views    [2][]ServerView
	mounts   string // path of the mount file
	now      time.Time
}

func startReloading(t testing.TB, workers, mountFile string, mounts ...string) *reloading {
	t.Helper()
	r := &reloading{t: t, memory: shmtest.NewMemory(t), mounts: filepath.Join(t.TempDir(), "uriworkermap.properties"), now: time.Now()}
	r.view = r.memory.View()
	r.writeMounts(mountFile)
	configureAs(r.memory.Bytes(), func(in *config.Input) {
		in.Directives = append(in.Directives,
			config.DirectiveInput{File: "t.conf", Line: 8, Name: "JkMountFile", Args: []string{r.mounts}},
			config.DirectiveInput{File: "t.conf", Line: 9, Name: "JkMountFileReload", Args: []string{"1"}})
		in.Files = append(in.Files, config.FileInput{Line: 8, Directive: "JkMountFile", Path: r.mounts, Content: mountFile})
	}, workers, mounts...)
	require.True(t, Check(&r.host, r.memory.Bytes(), nil), "%q", r.host.errors)
	for i := range r.children {
		var err error
		r.views[i] = make([]ServerView, 1)
		r.children[i], err = Start(&r.host, r.memory.Bytes(), r.views[i])
		require.NoError(t, err)
		t.Cleanup(func() { r.children[i].Stop(time.Second) })
		r.stopMaintenance(i)
	}
	r.host.errors = nil
	return r
}

// stopMaintenance ends a child's own maintenance: the test does it, at times of its own.
func (r *reloading) stopMaintenance(i int) {
	e := r.children[i]
	close(e.stop)
	<-e.done
	e.stop = make(chan struct{})
}

// writeMounts changes the mount file; as seen from its maintenance, a while ago.
func (r *reloading) writeMounts(text string) {
	r.t.Helper()
	require.NoError(r.t, os.WriteFile(r.mounts, []byte(text), 0o600))
	long := r.now.Add(-time.Minute)
	require.NoError(r.t, os.Chtimes(r.mounts, long, long))
}

// maintain lets some time pass, and child i do its maintenance.
func (r *reloading) maintain(i int) {
	r.now = r.now.Add(2 * time.Second)
	r.children[i].maintainOnce(r.now)
}

// reloadWorkers is what the checker does for the parent.
func (r *reloading) reloadWorkers(text string) bool {
	return Reload(&r.host, r.memory.Bytes(), text)
}

// maps returns the worker that a child maps a URI to; "": none.
func (r *reloading) maps(i int, uri string) string {
	room := make([]byte, len(uri)+1)
	q := &MapQuery{URI: uri, Normalised: &room[0]}
	if r.children[i].Map(q) != MapHit {
		return ""
	}
	return cString(q.WorkerName[:])
}

func (r *reloading) said() string {
	said := strings.Join(r.host.errors, "\n")
	r.host.errors = nil
	return said
}

const (
	hosts      = "worker.a.host=127.0.0.1\nworker.b.host=127.0.0.1\nworker.c.host=127.0.0.1\n"
	twoWorkers = hosts + "worker.list=a,b\nworker.a.port=1\nworker.b.port=2\n"
)

func TestReload_MountFile(t *testing.T) {
	r := startReloading(t, twoWorkers, "/one/*=a\n", "/mount/* a")
	require.Equal(t, "a", r.maps(0, "/one/x"))

	r.writeMounts("/two/*=b\n")
	r.maintain(0)
	require.Equal(t, []string{"", "b", "a"}, []string{r.maps(0, "/one/x"), r.maps(0, "/two/x"), r.maps(0, "/mount/x")}, "rules of the file come and go, others stay")
	require.Equal(t, "a", r.maps(1, "/one/x"), "the other child has not looked yet")
	require.Len(t, r.children[1].stale, 1, "but its request has woken it")
	r.children[1].refresh()
	require.Equal(t, []string{"", "b"}, []string{r.maps(1, "/one/x"), r.maps(1, "/two/x")})
	require.EqualValues(t, 1, r.view.Epoch())
	require.Contains(t, r.said(), "Reloaded urimaps from "+r.mounts)

	r.maintain(1)
	require.EqualValues(t, 1, r.view.Epoch(), "the same file is not loaded again")
}

func TestReload_MountFileMakesAServerMounted(t *testing.T) {
	r := startReloading(t, twoWorkers, "# nothing yet\n")
	require.Zero(t, r.views[0][0].Mounted)
	r.writeMounts("/app/*=a\n")
	r.maintain(0)
	require.NotZero(t, r.views[0][0].Mounted)
	r.writeMounts("")
	r.maintain(0)
	require.Zero(t, r.views[0][0].Mounted)
}

func TestReload_BrokenMountFile(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"no pattern", "/app/*=a\napp/*=a\n", ":2: "},
		{"no rule", "/app/*=a\n/app/x a\n", ":2: "},
		{"unknown worker", "\n\n/app/*=nobody\n", ":3: "},
		{"NUL", "/app/*=a\n\x00\n", ":2: "},
		{"attribute", "worker.a.nonsense=1\n", ":1: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := startReloading(t, twoWorkers, "/one/*=a\n", "/mount/* b")
			r.writeMounts(tt.text)
			r.maintain(0)
			require.Equal(t, []string{"a", "b", ""}, []string{r.maps(0, "/one/x"), r.maps(0, "/mount/x"), r.maps(0, "/app/x")})
			said := r.said()
			require.Contains(t, said, r.mounts+tt.says)
			require.Contains(t, said, "GOJK2021")
			r.maintain(0)
			r.maintain(1)
			require.Empty(t, r.said(), "it is said once, whoever looks")
			refused := r.children[1].registry.Current().RefusedFiles()
			require.Len(t, refused, 1)
			require.Equal(t, r.mounts, refused[0].Path)
			require.Contains(t, refused[0].Why, r.mounts+tt.says)

			r.writeMounts("/app/*=a\n")
			r.maintain(1)
			require.Equal(t, []string{"", "b", "a"}, []string{r.maps(1, "/one/x"), r.maps(1, "/mount/x"), r.maps(1, "/app/x")})
			require.Empty(t, r.children[1].registry.Current().RefusedFiles())
		})
	}
}

// TestReload_BrokenFromTheStart: what was wrong when httpd started, and ignored as in mod_jk, does not keep later changes from being taken.
func TestReload_BrokenFromTheStart(t *testing.T) {
	r := startReloading(t, twoWorkers, "*.jsp=a\n/one/*=a\n")
	r.writeMounts("# two\n*.jsp=a\n/two/*=a\n")
	r.maintain(0)
	require.Equal(t, "a", r.maps(0, "/two/x"))
}

func TestReload_MountFileGone(t *testing.T) {
	r := startReloading(t, twoWorkers, "/one/*=a\n")
	require.NoError(t, os.Remove(r.mounts))
	r.maintain(0)
	require.Equal(t, "a", r.maps(0, "/one/x"))
	require.Contains(t, r.said(), "Unable to stat the file")
	r.maintain(1)
	require.Empty(t, r.said())
	r.writeMounts("/one/*=b\n")
	r.maintain(0)
	require.Equal(t, "b", r.maps(0, "/one/x"))
}

// TestReload_Unsettled: a file that is being written at this moment is read a second later, not in the middle.
func TestReload_Unsettled(t *testing.T) {
	r := startReloading(t, twoWorkers, "/one/*=a\n")
	r.writeMounts("/two/*=a\n")
	moment := r.now.Add(1500 * time.Millisecond)
	require.NoError(t, os.Chtimes(r.mounts, moment, moment))
	r.maintain(0)
	require.Equal(t, "a", r.maps(0, "/one/x"))
	r.now = moment.Add(-time.Second) // the next look is long before the interval is over
	r.maintain(0)
	require.Equal(t, "a", r.maps(0, "/two/x"))
}

func TestReload_Workers(t *testing.T) {
	r := startReloading(t, twoWorkers, "/a/*=a\n/b/*=b\n")
	require.True(t, r.reloadWorkers(hosts+"worker.list=a,b,c\nworker.a.port=1\nworker.b.port=3\nworker.c.port=4\n"))
	r.maintain(0)
	s := r.children[0].registry.Current()
	require.Len(t, s.Workers, 3)
	require.Equal(t, []string{"127.0.0.1:1", "127.0.0.1:3", "127.0.0.1:4"}, []string{s.Workers[0].Target(), s.Workers[1].Target(), s.Workers[2].Target()})

	require.True(t, r.reloadWorkers(twoWorkers))
	require.Equal(t, "a", r.maps(0, "/a/x"))
}

func TestReload_BrokenWorkers(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"no such attribute", twoWorkers + "worker.a.nonsense=1\n", "w:7: "},
		{"a mounted worker is gone", "worker.list=b\nworker.b.port=2\n", "'a'"},
		{"no type", twoWorkers + "worker.a.type=none\n", "w:7: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := startReloading(t, twoWorkers, "", "/a/* a")
			require.False(t, r.reloadWorkers(tt.text))
			said := r.said()
			require.Contains(t, said, tt.says)
			require.Contains(t, said, "GOJK2021")
			require.Zero(t, r.view.Epoch())
			require.False(t, r.reloadWorkers(tt.text))
			require.Empty(t, r.said())
			require.Len(t, r.children[0].registry.Current().RefusedFiles(), 1)
			require.True(t, r.reloadWorkers(twoWorkers), "put back what was there")
			require.Empty(t, r.children[0].registry.Current().RefusedFiles())
		})
	}
}

// TestReload_MappedBefore: a request that was mapped before a reload is served by what it was mapped to, with the rule's extensions, also if the worker is
// gone; and what it used is closed behind it.
func TestReload_MappedBefore(t *testing.T) {
	c := container(t, ajptest.Serve(ajptest.Head(500, "Error"), ajptest.End(true)))
	workers := "worker.list=a,b\nworker.b.port=1\n" + worker("a", c)
	r := startReloading(t, workers, "/x/*=a;use_server_errors=500\n")
	early := request(t, r.children[0], "GET", "/x/y")
	r.writeMounts("/b/*=b\n")
	r.maintain(0)
	require.True(t, r.reloadWorkers("worker.list=b\nworker.b.port=1\n"))
	require.EqualValues(t, 2, r.view.Epoch())
	old := r.children[0].registry.Current()
	require.Equal(t, 500, r.children[0].Serve(early), "mapped with the configuration before")
	r.children[0].refresh()
	require.Zero(t, old.Workers[0].Record.Counters().Connected)

	late := request(t, r.children[1], "GET", "/x/y")
	r.children[1].refresh()
	require.Equal(t, 500, r.children[1].Serve(late))
	require.Zero(t, old.Workers[0].Record.Counters().Connected, "a pool that is retired keeps no connection")
}

// TestReload_KeepsConnectionsAndCounters: what has not changed lives on.
func TestReload_KeepsConnectionsAndCounters(t *testing.T) {
	c := container(t, ajptest.Serve(head, ajptest.End(true)))
	workers := "worker.list=a\n" + worker("a", c)
	r := startReloading(t, workers, "/x/*=a\n")
	require.Equal(t, Done, r.children[0].Serve(request(t, r.children[0], "GET", "/x/1")))
	require.True(t, r.reloadWorkers(workers+"worker.a.reply_timeout=5000\nworker.list=z\nworker.z.port=9\n"))
	r.maintain(0)
	require.Equal(t, Done, r.children[0].Serve(request(t, r.children[0], "GET", "/x/2")))
	a := r.children[0].registry.Current().Workers[0]
	require.Equal(t, 5*time.Second, a.AJP.ReplyTimeout)
	require.EqualValues(t, 2, a.Record.Counters().Used)
	require.Equal(t, 1, c.Accepted(), "one connection for both")

	require.True(t, r.reloadWorkers(workers+"worker.a.connection_pool_size=1\n"))
	r.maintain(0)
	require.Equal(t, Done, r.children[0].Serve(request(t, r.children[0], "GET", "/x/3")))
	require.Equal(t, 2, c.Accepted(), "another size is another pool")
	require.EqualValues(t, 1, a.Record.Counters().Connected)
}

// TestReload_Members: members of a balancer come and go; those that stay keep what was counted and what an operator wants of them.
func TestReload_Members(t *testing.T) {
	const lb = "worker.list=lb\nworker.lb.type=lb\nworker.a.port=1\nworker.b.port=2\nworker.c.port=3\nworker.lb.balance_workers="
	r := startReloading(t, lb+"a,b\n", "/x/*=lb\n")
	before := r.children[0].registry.Current().Workers[0].Balancer
	require.NoError(t, before.SetFactor(0, 7))
	member, err := r.view.Balancer("lb")
	require.NoError(t, err)
	busy, err := member.Member("a")
	require.NoError(t, err)
	busy.Value().Store(1000)
	require.True(t, r.reloadWorkers(lb+"a,c\n"))
	r.maintain(0)
	after := r.children[0].registry.Current().Workers[0].Balancer.Snapshot(r.now)
	require.Len(t, after.Members, 2)
	require.Equal(t, []any{"a", 7, "c", 1}, []any{after.Members[0].Name, after.Members[0].LBFactor, after.Members[1].Name, after.Members[1].LBFactor})
	require.Zero(t, after.Members[0].LBValue, "or c would get every request until it has caught up")

	busy.Value().Store(500) // meanwhile the other child has given requests to the members that it knows
	r.maintain(1)
	require.Zero(t, r.children[1].registry.Current().Workers[0].Balancer.Snapshot(r.now).Members[0].LBValue)
	busy.Value().Store(7)
	require.True(t, r.reloadWorkers(lb+"a,c\nworker.a.reply_timeout=7\n"))
	r.maintain(0)
	require.EqualValues(t, 7, busy.Value().Load(), "the members are the same")
}

// TestReload_MovedMember: the errors of a member were those of its old place; where the file puts it elsewhere, it is tried again at once.
func TestReload_MovedMember(t *testing.T) {
	c := container(t, ajptest.Serve(ajptest.Head(200, ""), ajptest.End(true)))
	d := container(t, ajptest.Serve(ajptest.Head(200, ""), ajptest.End(true)))
	text := func(of string) string {
		return "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a,b\nworker.a.retries=1\n" + of + worker("b", d)
	}
	r := startReloading(t, text("worker.a.host=127.0.0.1\nworker.a.port=1\n"), "/x/*=lb\n")
	state := func() balancer.State {
		return r.children[0].registry.Current().Workers[0].Balancer.Snapshot(r.now).Members[0].State
	}
	require.Equal(t, Done, r.children[0].Serve(request(t, r.children[0], "GET", "/x/1")))
	require.Equal(t, balancer.Error, state())
	require.True(t, r.reloadWorkers(text("worker.a.host=127.0.0.1\nworker.a.port=1\nworker.a.reply_timeout=7\n")))
	r.maintain(0)
	require.Equal(t, balancer.Error, state(), "it has not moved")
	require.True(t, r.reloadWorkers(text(worker("a", c))))
	r.maintain(0)
	require.Equal(t, balancer.Recover, state())
	require.Equal(t, Done, r.children[0].Serve(request(t, r.children[0], "GET", "/x/2")))
	require.Equal(t, Done, r.children[0].Serve(request(t, r.children[0], "GET", "/x/3")))
	require.Equal(t, balancer.OK, state())
	require.Equal(t, 1, c.Accepted())
}

// TestReload_NoRoom: a file with more workers than there is room for changes nothing, not even the workers that are there.
func TestReload_NoRoom(t *testing.T) {
	const lb = hosts + "worker.list=a,lb\nworker.lb.type=lb\nworker.lb.balance_workers=a\n"
	r := startReloading(t, lb+"worker.a.port=1\n", "/x/*=lb\n")
	var many strings.Builder
	for i := range shm.MaxWorkers + 1 {
		fmt.Fprintf(&many, "worker.list=w%d\nworker.w%d.port=1\n", i, i)
	}
	require.False(t, r.reloadWorkers(lb+"worker.a.port=2\nworker.a.lbfactor=7\n"+many.String()))
	require.Contains(t, r.said(), "no room left")
	address, _ := r.view.FindWorker("a").Address()
	require.EqualValues(t, 1, address.Port())
	require.Equal(t, 1, r.children[0].registry.Current().Workers[1].Balancer.Snapshot(r.now).Members[0].LBFactor)
}
