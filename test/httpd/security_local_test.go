// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// TestSecurity_PlantedShm is TestProcesses_PlantedFile with what one cannot write to: it does not keep httpd waiting, and a folder, which cannot be put aside, keeps it from starting (CVE-2024-46544).
func TestSecurity_PlantedShm(t *testing.T) {
	for _, tt := range []struct {
		name  string
		plant func(path string) error
		ok    bool
	}{
		{"FIFO", func(path string) error { return syscall.Mkfifo(path, 0o666) }, true},
		{"broken symbolic link", func(path string) error { return os.Symlink("/nowhere/at/all", path) }, true},
		{"folder", func(path string) error { return os.Mkdir(path, 0o777) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := prepare(t, plan{config: "JkMount /app/* a"})
			err := s.StartAfter(func(pid int) error { return tt.plant(s.shmFileOf(pid)) })
			if !tt.ok {
				require.ErrorContains(t, err, "unable to start due to shared memory failure")
				return
			}
			require.NoError(t, err)
			info, err := os.Lstat(s.shmFile())
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode())
			s.requireAnswer(t, "/app/x", "a")
		})
	}
}

// TestSecurity_OtherUsers: nobody but the owner of httpd reads or writes the shared memory: by its file, by a descriptor that somebody has left open, or by a child's own memory file.
func TestSecurity_OtherUsers(t *testing.T) {
	s := start(t, plan{config: "JkMount /app/* a"})
	s.requireAnswer(t, "/app/x", "a")
	for _, pid := range append(s.Children(), s.Pid()) {
		for _, d := range descriptors(t, pid) {
			require.NotContains(t, d.target, filepath.Base(s.shmFile()), "process %d", pid)
		}
	}
	if os.Geteuid() != 0 {
		return // nobody else to try it as
	}
	for _, command := range []string{"cat " + s.shmFile(), "echo x >> " + s.shmFile(), "mv " + s.shmFile() + " " + s.Dir + "/other", "ln " + s.shmFile() + " " + s.Dir + "/other"} {
		cmd := exec.Command("sh", "-c", command)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}} // nobody
		out, err := cmd.CombinedOutput()
		require.Error(t, err, command)
		require.Regexp(t, "Permission denied|Operation not permitted", string(out), command)
	}
}

// TestSecurity_Descriptors: what a child or the parent executes (CGI programs, programs that take logs) gets no connection to a container, no log and no shared memory.
func TestSecurity_Descriptors(t *testing.T) {
	module := "cgid"
	if mpm == harness.Prefork {
		module = "cgi"
	}
	s := prepare(t, plan{
		config: "JkMount /app/* lb\nScriptAlias /cgi/ ${DIR}/cgi/\nJkLogFile \"|${DIR}/cgi/log\"\nErrorLog \"|${DIR}/cgi/errors\"\n", workers: "worker.a.secret=hunter2\n",
		options: func(o *harness.Options) { o.Modules = []string{module} },
	})
	if module == "cgid" {
		require.NoError(t, s.SetConfig(s.ports.Replace("ScriptSock ${DIR}/cgid\n"+s.plan.config), ""))
	}
	for name, text := range map[string]string{
		"cgi/list": "#!/bin/sh\necho 'Content-Type: text/plain'\necho\nls -l /proc/$$/fd\nenv\n", "cgi/log": "#!/bin/sh\nexec cat > " + s.Dir + "/piped.log\n", "cgi/errors": "#!/bin/sh\nexec cat > " + s.Dir + "/error.log\n",
	} {
		require.NoError(t, s.WriteFile(name, text))
		require.NoError(t, os.Chmod(filepath.Join(s.Dir, name), 0o755))
	}
	require.NoError(t, s.Start())
	release := s.holdOpen(t)
	defer release()
	answer := ""
	await(t, "a CGI program to answer", func() bool { // mod_cgid's daemon starts beside httpd
		r := s.do(t, request("GET", "/cgi/list"))
		answer = string(r.Body)
		return r.Status == 200
	})
	require.Regexp(t, "(?m) 0 -> ", answer, "descriptors of the program")
	require.NotContains(t, answer, filepath.Base(s.shmFile()))
	require.NotContains(t, answer, "hunter2")
	own := containerSockets(t, s)
	require.NotEmpty(t, own)
	for _, name := range own {
		require.NotContains(t, answer, name)
	}
	logs := programs(t, s.Dir+"/cgi/log", s.Dir+"/cgi/errors", "cat")
	require.GreaterOrEqual(t, len(logs), 2)
	for _, pid := range logs {
		for _, d := range descriptors(t, pid) {
			require.NotContains(t, d.target, filepath.Base(s.shmFile()))
			require.NotContains(t, own, d.target, "program %d", pid)
		}
	}
	for _, pid := range append(s.Children(), s.Pid()) {
		environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		require.NoError(t, err)
		require.NotContains(t, string(environment), "hunter2")
	}
}

// containerSockets are the connections of all children to containers, as they are shown in /proc/PID/fd.
func containerSockets(t *testing.T, s *site) (names []string) {
	t.Helper()
	for _, pid := range s.Children() {
		for _, c := range s.container {
			for _, d := range connections(t, pid, c.Port) {
				names = append(names, d.target)
			}
		}
	}
	return names
}

// programs are the processes of this httpd's that run one of these commands.
func programs(t *testing.T, commands ...string) (pids []int) {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	dir := filepath.Dir(filepath.Dir(commands[0]))
	for _, path := range paths {
		text, _ := os.ReadFile(path)
		cwd, _ := os.Readlink(filepath.Join(filepath.Dir(path), "cwd"))
		for _, c := range commands {
			if strings.Contains(string(text), c) && cwd == dir {
				pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
				require.NoError(t, err)
				pids = append(pids, pid)
				break
			}
		}
	}
	return pids
}
