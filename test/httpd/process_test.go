// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/test/harness"
)

// maxGoThreads is how many threads the library may add to a child: those of the Go runtime, at most one for each of a handful of duties. Requests
// stay on httpd's threads.
const maxGoThreads = 12

// httpdThreads is how many threads a child has without the library: main, listener and workers.
func httpdThreads(workers int) int {
	if mpm == harness.Prefork {
		return 1
	}
	return workers + 2
}

func TestProcesses(t *testing.T) {
	const workers = 4
	s := start(t, plan{config: "JkMount /app/* lb", children: 3, threads: workers})
	for range 50 {
		require.Equal(t, 200, s.get(t, "/app/x").Status)
	}
	defer s.holdOpen(t)()

	t.Run("the parent has the shim, not the library, and one thread", func(t *testing.T) {
		maps, err := s.ParentMaps()
		require.NoError(t, err)
		require.Contains(t, maps, "mod_gojk.so")
		require.NotContains(t, maps, "libgojk.so")
		require.Len(t, threads(t, s.Pid()), 1)
	})
	t.Run("every child has the library", func(t *testing.T) {
		require.Len(t, s.Children(), 3)
		for _, pid := range s.Children() {
			await(t, "the library in child "+strconv.Itoa(pid), func() bool {
				maps, err := harness.ProcessMaps(pid)
				return err == nil && strings.Contains(maps, "libgojk.so")
			})
		}
	})
	t.Run("no thread of a child has privileges", func(t *testing.T) {
		uid := strconv.Itoa(os.Geteuid())
		if uid == "0" {
			uid = ownerOf(t, s)
		}
		for _, pid := range s.Children() {
			for tid, status := range threads(t, pid) {
				require.Equal(t, strings.Join([]string{uid, uid, uid, uid}, " "), status["Uid"], "thread %d of child %d", tid, pid)
				require.Equal(t, strings.Repeat("0", 16), status["CapEff"])
				require.Equal(t, strings.Repeat("0", 16), status["CapPrm"])
			}
		}
	})
	t.Run("the library adds few threads", func(t *testing.T) {
		for _, pid := range s.Children() {
			more := 0
			await(t, "a child that runs Go to have threads for it", func() bool {
				more = len(threads(t, pid)) - httpdThreads(workers)
				return more > 0
			})
			t.Logf("child %d: %d threads beyond httpd's", pid, more)
			require.LessOrEqual(t, more, maxGoThreads)
		}
	})
	t.Run("no thread of Go's takes httpd's signals", func(t *testing.T) { requireSignalsBlocked(t, s, workers) })
	t.Run("descriptors close when a child executes a program", func(t *testing.T) { requireCloseOnExec(t, s) })
	t.Run("shared memory file", func(t *testing.T) { requirePrivateFile(t, s) })
}

// holdOpen leaves a request on each container unanswered, so that connections are in use while a test looks at the children. The caller calls release.
func (s *site) holdOpen(t *testing.T) (release func()) {
	t.Helper()
	for _, c := range s.container {
		c.Script(harness.Do(harness.Head(200, "OK"), harness.Hold("open"), harness.End()))
	}
	var clients []*harness.Client
	for range s.container {
		clients = append(clients, s.dial(t))
	}
	for _, k := range clients {
		require.NoError(t, k.Send(request("GET", "/app/held")))
	}
	for _, c := range s.container {
		require.NoError(t, c.AwaitScripts(patience))
	}
	return func() {
		for _, c := range s.container {
			c.Release("open")
		}
		for _, k := range clients {
			require.Equal(t, harness.EndComplete, k.ReadResponse("GET", patience).End)
		}
	}
}

// ownerOf is the uid that httpd's configuration names.
func ownerOf(t *testing.T, s *site) string {
	t.Helper()
	_, line, found := strings.Cut(s.Log("httpd.conf"), "\nUser ")
	require.True(t, found)
	name, _, _ := strings.Cut(line, "\n")
	account, err := user.Lookup(name)
	require.NoError(t, err)
	require.NotEqual(t, "0", account.Uid)
	return account.Uid
}

// requireSignalsBlocked: no thread has the signals open by which the parent directs its children, but those of httpd's own that want them: the main
// thread, and with worker the workers.
func requireSignalsBlocked(t *testing.T, s *site, workers int) {
	t.Helper()
	want := 1
	if mpm == harness.Worker {
		want += workers
	}
	for _, pid := range s.Children() {
		open := 0
		for _, status := range threads(t, pid) {
			mask, err := strconv.ParseUint(status["SigBlk"], 16, 64)
			require.NoError(t, err)
			if mask&(1<<(syscall.SIGTERM-1)) == 0 || mask&(1<<(syscall.SIGUSR1-1)) == 0 {
				open++
			}
		}
		require.LessOrEqual(t, open, want, "child %d", pid)
	}
}

// requireCloseOnExec looks at what the module has open in the children: connections to containers and the log. The shared memory is not open at all.
func requireCloseOnExec(t *testing.T, s *site) {
	t.Helper()
	found := 0
	for _, pid := range s.Children() {
		for _, c := range s.container {
			for _, d := range connections(t, pid, c.Port) {
				require.True(t, d.closeOnExec, "child %d: connection %d to container %s", pid, d.number, c.Name)
				found++
			}
		}
		for _, d := range descriptors(t, pid) {
			require.NotContains(t, d.target, filepath.Base(s.shmFile()))
			if strings.HasSuffix(d.target, "mod_jk.log") && !s.besideModJk() {
				require.True(t, d.closeOnExec, "child %d: log %d", pid, d.number)
			}
		}
	}
	require.GreaterOrEqual(t, found, 2, "connections to containers")
}

// requirePrivateFile: the shared memory file has the name that mod_jk gives it, and nobody else can open it.
func requirePrivateFile(t *testing.T, s *site) {
	t.Helper()
	info, err := os.Lstat(s.shmFile())
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode(), "a plain file, mode 0600")
	require.EqualValues(t, shm.Size, info.Size())
	require.EqualValues(t, os.Geteuid(), info.Sys().(*syscall.Stat_t).Uid)
	if !s.besideModJk() {
		files, err := filepath.Glob(filepath.Join(s.Dir, "jk.shm*"))
		require.NoError(t, err)
		require.Equal(t, []string{s.shmFile()}, files, "one file, and no lock beside it")
	}
	if os.Geteuid() != 0 {
		return // nobody else to try it as
	}
	out, err := as(t, s, "cat", s.shmFile()).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "Permission denied")
}

// as is a command run as the user of httpd's children.
func as(t *testing.T, s *site, name string, args ...string) *exec.Cmd {
	t.Helper()
	uid, err := strconv.Atoi(ownerOf(t, s))
	require.NoError(t, err)
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	return cmd
}

// TestProcesses_LibraryIsLoadedWithoutPrivileges: a library that only root may read is good enough for the checker, and no child gets at it: when a
// child loads it, it has given up its privileges. Without root there are none to give up.
func TestProcesses_LibraryIsLoadedWithoutPrivileges(t *testing.T) {
	s := prepare(t, plan{config: "JkMount /app/* a"})
	if os.Geteuid() != 0 {
		require.NotContains(t, s.Log("httpd.conf"), "\nUser ")
		return
	}
	file := copyModule(t, s.Dir)
	require.NoError(t, os.Chmod(filepath.Join(filepath.Dir(file), "libgojk.so"), 0o600))
	conf := s.Log("httpd.conf")
	before, rest, found := strings.Cut(conf, "LoadModule gojk_module ")
	require.True(t, found)
	_, after, _ := strings.Cut(rest, "\n")
	require.NoError(t, s.WriteFile("httpd.conf", fmt.Sprintf("%sLoadModule gojk_module %q\n%s", before, file, after)))
	require.NoError(t, s.Start())
	require.Equal(t, 503, s.get(t, "/app/x").Status)
	require.Equal(t, 200, s.get(t, "/").Status)
	require.Contains(t, s.ErrorLog(), "cannot load the library")
	require.Contains(t, s.ErrorLog(), "Permission denied")
}

// TestProcesses_PlantedFile: whoever may write to the folder of JkShmFile can guess the name. What he puts there is not used and not changed.
func TestProcesses_PlantedFile(t *testing.T) {
	plants := []struct {
		name  string
		plant func(victim, path string) error
	}{
		{"symbolic link", os.Symlink},
		{"file that all may read", func(_, path string) error { return os.WriteFile(path, []byte("planted"), 0o666) }},
		{"hard link", os.Link},
	}
	for _, tt := range plants {
		t.Run(tt.name, func(t *testing.T) {
			s := prepare(t, plan{config: "JkMount /app/* a"})
			require.NoError(t, s.WriteFile("victim", "precious"))
			victim := filepath.Join(s.Dir, "victim")
			require.NoError(t, s.StartAfter(func(pid int) error { return tt.plant(victim, s.shmFileOf(pid)) }))
			require.Equal(t, "precious", s.Log("victim"))
			info, err := os.Lstat(s.shmFile())
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode())
			require.EqualValues(t, 1, info.Sys().(*syscall.Stat_t).Nlink)
			s.requireAnswer(t, "/app/x", "a")

			require.NoError(t, os.Remove(s.shmFile()))
			require.NoError(t, tt.plant(victim, s.shmFile()))
			s.graceful(t)
			require.Equal(t, "precious", s.Log("victim"))
			s.requireAnswer(t, "/app/x", "a")
			require.EqualValues(t, 2, s.shared(t).Generation())
		})
	}
}

// TestProcesses_SmallStack: Go has stacks of its own, and the shim is content with the smallest that httpd's threads may have, also where it goes deep.
func TestProcesses_SmallStack(t *testing.T) {
	const members = 1000
	module, err := faultModule()
	require.NoError(t, err)
	many := make([]string, members)
	workers := "worker.list=many,large\nworker.many.type=lb\nworker.many.sticky_session=1\nworker.large.host=127.0.0.1\nworker.large.port={a}\nworker.large.max_packet_size=65536\n"
	for i := range many {
		many[i] = fmt.Sprintf("m%d", i)
		workers += fmt.Sprintf("worker.%s.host=127.0.0.1\nworker.%[1]s.port={b}\n", many[i])
	}
	s := start(t, plan{
		faults: true, workers: workers + "worker.many.balance_workers=" + strings.Join(many, ",") + "\n", children: 1,
		config: "JkMount /app/* a\nJkMount /many/* many\nJkMount /large/* large\nJkMount /status jkstatus\nJkRequestLogFormat \"%U %q %r %w %{X}i %T\"\n" +
			"JkOptions +ForwardDirectories\nLimitRequestFieldSize 60000\nLimitRequestLine 60000\nLimitRequestFields 0\nJkEnvVar SERVER_SOFTWARE\n",
		options: func(o *harness.Options) { o.ModuleFile, o.Around = module, []string{"stack"} },
	})
	t.Run("a long URI, a body both ways", func(t *testing.T) {
		text := noise(100_000)
		s.container["a"].Script(harness.Do(harness.ReadBody(8186), harness.Head(200, "OK"), harness.Chunks(text, 8184), harness.End()))
		r := s.do(t, request("POST", "/app/"+strings.Repeat("x", 4000), fmt.Sprintf("Content-Length: %d", len(text)), "X-Long: "+strings.Repeat("y", 3000))+text)
		require.Equal(t, 200, r.Status, r.StatusLine)
		require.Equal(t, sum(text), sum(string(r.Body)))
	})
	t.Run("a URI of 4 KB that is normalised", func(t *testing.T) {
		r := s.get(t, "/app"+strings.Repeat("/./%61;b=c", 400)+"/x?"+strings.Repeat("q=%20&", 400))
		require.Equal(t, 200, r.Status, r.StatusLine)
	})
	t.Run("headers of 60 KB, both ways", func(t *testing.T) {
		headers := make([]string, 0, 800)
		for i := range 400 {
			headers = append(headers, fmt.Sprintf("X-Name-%d", i), strings.Repeat("v", 120))
		}
		s.container["a"].Script(harness.Do(harness.Head(200, "OK", headers...), harness.Chunk("a"), harness.End()))
		lines := make([]string, 400)
		for i := range lines {
			lines[i] = fmt.Sprintf("X-Name-%d: %s", i, strings.Repeat("v", 120))
		}
		r := s.get(t, "/large/x", lines...)
		require.Equal(t, 200, r.Status, r.StatusLine)
		require.Equal(t, strings.Repeat("v", 120), r.Header("X-Name-399"))
	})
	t.Run("a thousand members", func(t *testing.T) {
		for i := range rounds(20) {
			s.requireAnswer(t, fmt.Sprintf("/many/x;jsessionid=1.m%d", i*47), "b")
		}
		page := string(s.get(t, "/status").Body)
		require.Contains(t, page, "m999")
		require.Equal(t, 200, s.get(t, "/status?cmd=show&w=many&opt=63").Status)
	})
	for _, when := range []string{"before", "after"} {
		t.Run("a panic "+when+" the response", func(t *testing.T) {
			s.container["a"].Script(harness.Do(harness.Head(200, "OK"), harness.Chunk("part"), harness.Flush(), harness.Hold(when), harness.Chunk("rest"), harness.Flush(), harness.AwaitHostClose()))
			k := s.dial(t)
			require.NoError(t, k.Send(request("GET", "/app/x", panics+when)))
			if when == "after" {
				awaitBytes(t, k, "part")
			}
			s.release(when)
			require.NotEqual(t, "rest", string(k.ReadResponse("GET", patience).Body))
			require.Contains(t, s.ErrorLog(), "id=GOJK0010")
		})
	}
	s.container["a"].ClearScripts()
	s.requireAnswer(t, "/app/x", "a")
}

// TestOneProcess is httpd -X: the process that serves is the one that was started.
func TestOneProcess(t *testing.T) {
	s := start(t, plan{hard: true, config: "JkMount /app/* lb", options: func(o *harness.Options) { o.OneProcess = true }})
	for _, want := range []string{"a", "b", "a"} {
		s.requireAnswer(t, "/app/x", want)
	}
	require.Equal(t, "static\n", string(s.get(t, "/").Body))
	maps, err := harness.ProcessMaps(s.Pid())
	require.NoError(t, err)
	require.Contains(t, maps, "libgojk.so")
	requireQuickEnd(t, s)
}

// TestStop: httpd ends at once, also with connections to containers open, and leaves nothing behind.
func TestStop(t *testing.T) {
	t.Run("idle", func(t *testing.T) {
		s := start(t, plan{hard: true, config: "JkMount /app/* lb", children: 2, threads: 4})
		for range 20 {
			require.Equal(t, 200, s.get(t, "/app/x").Status)
		}
		requireQuickEnd(t, s)
		for _, c := range s.container {
			await(t, "no connection to container "+c.Name, func() bool { return c.Open() == 0 })
		}
	})
	t.Run("graceful: what is under way finishes", func(t *testing.T) {
		s := start(t, plan{config: "JkMount /app/* a"})
		s.container["a"].Script(harness.Do(harness.Hold("stop"), harness.Head(200, "OK"), harness.Chunk("finished"), harness.End()))
		c := s.dial(t)
		require.NoError(t, c.Send(request("GET", "/app/x")))
		require.NoError(t, s.container["a"].AwaitScripts(patience))
		file := s.shmFile()
		require.NoError(t, s.Signal(syscall.SIGWINCH))
		require.NoError(t, s.WaitLog("error.log", "caught SIGWINCH", patience))
		s.container["a"].Release("stop")
		r := c.ReadResponse("GET", patience)
		require.Equal(t, harness.EndComplete, r.End)
		require.Equal(t, "finished", string(r.Body))
		require.NoError(t, c.Close())
		<-s.Exited()
		require.NoFileExists(t, file)
	})
	if mpm == harness.Prefork { // other children wait for their threads, until after ten seconds httpd kills them
		t.Run("a container does not answer", requireEndInsideGo)
		t.Run("Go does not return", requireEndInsideRunningGo)
	}
}

// requireEndInsideGo: a child of prefork ends in a signal handler, here in the middle of a call into Go. It must not call Go from there: it crashed.
func requireEndInsideGo(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* lb"})
	hang := func(c *harness.Container) {
		c.Script(harness.Do(harness.AwaitHostClose()))
		require.NoError(t, s.dial(t).Send(request("GET", "/app/x")))
		require.NoError(t, c.AwaitScripts(patience))
	}
	hang(s.container["a"])
	s.restart(t)
	s.requireAnswer(t, "/app/x", "a")
	hang(s.container["b"])
	requireQuickEnd(t, s)
}

// requireQuickEnd stops httpd, which must not wait for anything.
func requireQuickEnd(t *testing.T, s *site) {
	t.Helper()
	begin := time.Now()
	requireEnd(t, s)
	t.Logf("httpd ended within %v", time.Since(begin).Round(time.Millisecond))
	require.Less(t, time.Since(begin), 5*time.Second)
}

// requireEnd stops httpd, which takes away its shared memory file and all processes.
func requireEnd(t *testing.T, s *site) {
	t.Helper()
	pids := append(s.Children(), s.Pid())
	require.NoError(t, s.Signal(syscall.SIGTERM))
	select {
	case <-s.Exited():
	case <-time.After(patience):
		t.Fatalf("httpd did not end within %v", patience)
	}
	require.NoFileExists(t, s.shmFileOf(pids[len(pids)-1]))
	for _, pid := range pids {
		require.NoDirExists(t, fmt.Sprintf("/proc/%d/task", pid), "process %d", pid)
	}
}
