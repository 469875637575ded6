// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp/ajptest"
	"mod_gojk/test/harness"
)

// nameServer is a resolver for httpd (testdata/names.c) that a test controls.
type nameServer struct {
	t       *testing.T
	file    string
	preload string
}

func newNameServer(t *testing.T) *nameServer {
	t.Helper()
	dir := openDir(t)
	n := &nameServer{t: t, file: filepath.Join(dir, "names"), preload: filepath.Join(dir, "names.so")}
	out, err := exec.Command("gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", n.preload, filepath.Join("testdata", "names.c"), "-ldl").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.NoError(t, os.WriteFile(n.asked(), nil, 0o666))
	require.NoError(t, os.Chmod(n.asked(), 0o666)) // children write to it, whatever the umask is
	return n
}

// openDir is a folder that httpd's children have access to.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gojk-address-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	return dir
}

func (n *nameServer) asked() string { return n.file + ".asked" }

// lookups is how many there have been.
func (n *nameServer) lookups() int {
	n.t.Helper()
	info, err := os.Stat(n.asked())
	require.NoError(n.t, err)
	return int(info.Size())
}

// awaitLookups waits until there have been that many more.
func (n *nameServer) awaitLookups(more int) {
	n.t.Helper()
	before := n.lookups()
	await(n.t, fmt.Sprintf("%d lookups", more), func() bool { return n.lookups() >= before+more })
}

// set replaces all names, each a line "name address".
func (n *nameServer) set(lines ...string) {
	n.t.Helper()
	require.NoError(n.t, os.WriteFile(n.file+".new", []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	require.NoError(n.t, os.Rename(n.file+".new", n.file))
}

func (n *nameServer) options(o *harness.Options) {
	o.Env = append(o.Env, "LD_PRELOAD="+n.preload, "GOJK_TEST_NAMES="+n.file)
}

// fakeContainer answers every request with a name.
func fakeContainer(t *testing.T, network, address, name string) *ajptest.Container {
	t.Helper()
	c, err := ajptest.StartAt(network, address, ajptest.Script{ajptest.Serve(ajptest.Head(200, ""), ajptest.Chunk(name), ajptest.End(true))})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestAddress_NamesWhileRunning: names that change, go away and come, through the C library of httpd's children.
func TestAddress_NamesWhileRunning(t *testing.T) {
	n := newNameServer(t)
	n.set("moving.test 127.0.0.1")
	s := start(t, plan{
		children: 3, containers: "a", options: n.options, config: "JkMount /moving moving\nJkMount /late late\nJkWatchdogInterval 1\n",
		workers: "worker.list=moving,late\nworker.moving.host=moving.test:{a}\nworker.moving.resolve_interval=1\n" +
			"worker.late.host=late.test\nworker.late.port={a}\nworker.late.resolve_interval=1\n",
	})
	fakeContainer(t, "tcp", fmt.Sprintf("127.0.0.2:%d", s.container["a"].Port), "elsewhere")
	s.requireAnswer(t, "/moving", "a")
	require.Contains(t, s.ErrorLog(), "worker late can't resolve tomcat address late.test (resolve \"late.test\": Name or service not known)")
	require.Equal(t, 503, s.get(t, "/late").Status)

	n.set("moving.test 127.0.0.3 127.0.0.1", "late.test 127.0.0.1")
	await(t, "the late name to work", func() bool { return s.get(t, "/late").Status == 200 })
	s.requireAnswer(t, "/moving", "a")
	require.Zero(t, s.count("(moving) tomcat address"), "the name still has its address")

	n.set("moving.test 127.0.0.2 127.0.0.3", "late.test 127.0.0.1")
	await(t, "the change to be noticed", func() bool { return s.count("(moving) tomcat address moving.test has changed from 127.0.0.1:") > 0 })
	for range 30 { // in whichever child
		s.requireAnswer(t, "/moving", "elsewhere")
	}
	require.Equal(t, 1, s.count("(moving) tomcat address moving.test has changed"))

	n.set("late.test 127.0.0.1")
	n.awaitLookups(6)
	require.Equal(t, 1, s.count("can't resolve tomcat address moving.test any more"), "once for a row of failures, over all children")
	s.requireAnswer(t, "/moving", "elsewhere")
	require.Zero(t, s.count("late.test any more"))
}

// TestAddress_LookupsAreShared: however many children there are, a name is looked up once in its interval.
func TestAddress_LookupsAreShared(t *testing.T) {
	n := newNameServer(t)
	n.set("tomcat.test 127.0.0.1")
	s := start(t, plan{
		children: 4, containers: "a", options: n.options, config: "JkMount /x named\nJkWatchdogInterval 1\n",
		workers: "worker.list=named\nworker.named.host=tomcat.test\nworker.named.port={a}\nworker.named.resolve_interval=1\n",
	})
	s.requireAnswer(t, "/x", "a")
	before, begin := n.lookups(), time.Now()
	n.awaitLookups(3)
	seconds := int(time.Since(begin)/time.Second) + 1
	require.LessOrEqual(t, n.lookups()-before, seconds+1, "in %d s", seconds)
}

// TestAddress_Socket: a worker with a Unix domain socket, and what the log says when children may not use it.
func TestAddress_Socket(t *testing.T) {
	dir := openDir(t)
	path := filepath.Join(dir, "ajp.sock")
	fakeContainer(t, "unix", path, "through the socket")
	require.NoError(t, os.Chmod(path, 0o600))
	s := start(t, plan{
		containers: "a", config: "JkMount /x file\nJkMount /jkstatus jkstatus\nJkMount /lb sockets\n",
		workers: "worker.list=file,sockets\nworker.file.socket=" + path + "\nworker.file.retries=1\nworker.file.host=ignored\n" +
			"worker.sockets.type=lb\nworker.sockets.balance_workers=file\n",
	})
	require.Contains(t, s.Stderr()+s.ErrorLog(), "'worker.file.host=ignored' has no effect beside 'worker.file.socket'")
	if os.Geteuid() == 0 { // the children are somebody else
		require.Equal(t, 503, s.get(t, "/x").Status)
		require.Equal(t, 1, s.count("(file) can't use the socket "+path+": permission denied; uid "))
		require.Equal(t, 1, s.count("connect to unix:"+path+" failed (errno=13)"))
	}
	require.NoError(t, os.Chmod(path, 0o666))
	s.requireAnswer(t, "/x", "through the socket")
	s.requireAnswer(t, "/lb", "through the socket")
	require.Contains(t, string(s.get(t, "/jkstatus").Body), "unix:"+path)
}

// TestAddress_TwoPorts: a port behind the host and another one keep httpd from starting.
func TestAddress_TwoPorts(t *testing.T) {
	s := prepare(t, plan{containers: "a", workers: "worker.list=two\nworker.two.host=localhost:8009\nworker.two.port=8010\n"})
	out, err := s.ConfigTest()
	require.Error(t, err)
	require.Contains(t, out, "'worker.two.port=8010' differs from the port in 'worker.two.host=localhost:8009'")
	require.Contains(t, out, "GOJK1042")
}
