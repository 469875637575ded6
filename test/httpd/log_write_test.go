// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// TestLog_Full: what cannot be written to the log goes to httpd's error log, and requests are served.
func TestLog_Full(t *testing.T) {
	s := start(t, plan{config: "JkLogFile /dev/full\nJkLogLevel debug\nJkMount /dead/* b\nJkMount /app/* a\nJkRequestLogFormat \"requested %m %s\"\n", workers: "worker.b.retries=1\n"})
	require.NoError(t, s.container["b"].Down())
	for range 3 {
		s.requireAnswer(t, "/app/x", "a")
		require.Equal(t, 503, s.get(t, "/dead/x").Status)
	}
	for _, line := range []string{"requested GET 503", "requested GET 200"} {
		await(t, "the lines of the request log in the error log", func() bool { return strings.Count(s.ErrorLog(), line) == 3 })
	}
	log := s.ErrorLog()
	require.Regexp(t, `(?m)^\[[^\]]+\] \[gojk:info\] \[pid \d+:tid \d+\] mod_gojk: \[CHILD_INIT\] \[\d+:\d+\] \[info\] Start::engine\.go \(\d+\): .* initialized .* id=GOJK0020$`, log)
	require.Regexp(t, `(?m)^\[[^\]]+\] \[gojk:error\] \[pid \d+:tid \d+\] mod_gojk: \[NO-ID\] \[\d+:\d+\] \[error\] \w+::\w+\.go \(\d+\): \(b\) `+refused, log)
	require.NotContains(t, log, "GOJK3050", "LogLevel info of httpd holds for what is not written")
}

// TestLog_Truncated: copytruncate. After that the log begins at its beginning.
func TestLog_Truncated(t *testing.T) {
	s := start(t, plan{config: "JkMount /dead/* b"})
	require.NoError(t, s.container["b"].Down())
	for range 2 {
		require.Equal(t, 503, s.get(t, "/dead/x").Status)
		require.Positive(t, s.count(refused))
		parse(t, s.JkLog())
		require.NotContains(t, s.JkLog(), "\x00", "nothing was left out in the file")
		require.NoError(t, os.Truncate(filepath.Join(s.Dir, "mod_jk.log"), 0))
	}
	require.Equal(t, 503, s.get(t, "/dead/x").Status)
	parse(t, s.JkLog())
}

// TestLog_PipeEnds: httpd starts a log's command again if it ends; meanwhile lines are lost or in the error log, and no child with them.
func TestLog_PipeEnds(t *testing.T) {
	tee, err := exec.LookPath("tee")
	require.NoError(t, err)
	s := start(t, plan{config: "JkLogFile \"|" + tee + " -a ${DIR}/piped.log\"\nJkMount /dead/* b\n"})
	require.NoError(t, s.container["b"].Down())
	ask := func() bool {
		require.Equal(t, 503, s.get(t, "/dead/x").Status)
		return strings.Contains(s.Log("piped.log"), refused)
	}
	await(t, "a line", ask)
	children := s.Children()
	writers := s.writers(t, "piped.log")
	require.NoError(t, os.Truncate(filepath.Join(s.Dir, "piped.log"), 0))
	for _, pid := range writers {
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	}
	await(t, "other commands", func() bool {
		return !slices.ContainsFunc(s.writers(t, "piped.log"), func(pid int) bool { return slices.Contains(writers, pid) })
	})
	await(t, "a line of the next command", ask)
	require.Equal(t, children, s.Children())
	parse(t, s.Log("piped.log"))
}

// writers returns the commands that write a log: those children of httpd that have it among their arguments, at least one.
func (s *site) writers(t *testing.T, log string) (list []int) {
	t.Helper()
	await(t, "a command that writes "+log, func() bool {
		list = slices.DeleteFunc(s.Commands(), func(pid int) bool {
			arguments, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			return err != nil || !strings.Contains(string(arguments), log)
		})
		return len(list) > 0
	})
	return list
}

// TestLog_Whole: children and threads that write at once, for two servers that share a file, never mix their lines.
func TestLog_Whole(t *testing.T) {
	const clients, each = 12, 8
	s := start(t, plan{
		children: 3, config: `
JkLogLevel trace
JkMount /app/* lb
SetEnvIf X-Id (.*) UNIQUE_ID=$1
<VirtualHost *:${PORT2}>
  JkLogFile ${DIR}/mod_jk.log
  JkMount /app/* lb
  SetEnvIf X-Id (.*) UNIQUE_ID=$1
</VirtualHost>`,
		options: func(o *harness.Options) { o.Ports = 2 },
	})
	await(t, "all children to be ready", func() bool { return s.count("id=GOJK0020") == 3 })
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for j := range each {
				id := fmt.Sprintf("id-%d-%d", i, j)
				fill := strings.Repeat("x", 100*i) + strings.Repeat("é", 10*j)
				doAt(t, s.AddrOf(i%2), request("GET", "/app/x", "X-Id: "+id, "X-Fill: "+fill))
			}
		})
	}
	wg.Wait()
	await(t, "the last line of each", func() bool { return s.count("Service finished with status=200") == clients*each })
	lines := parse(t, s.JkLog())
	for i := range clients {
		for j := range each {
			requireWholeDump(t, of(lines, fmt.Sprintf("id-%d-%d", i, j)))
		}
	}
	pids := map[int]bool{}
	for _, l := range about(lines, "Service finished") {
		pids[l.pid] = true
	}
	require.Greater(t, len(pids), 1, "several children have written")
}

var sending = regexp.MustCompile(`^sending to ajp13 pos=4 len=(\d+) max=8192$`)

// requireWholeDump requires that the dump of the first packet of a request has all its rows, in order.
func requireWholeDump(t *testing.T, messages []string) {
	t.Helper()
	at := slices.IndexFunc(messages, sending.MatchString)
	require.GreaterOrEqual(t, at, 0, "%q", messages)
	var length int
	_, err := fmt.Sscan(sending.FindStringSubmatch(messages[at])[1], &length)
	require.NoError(t, err)
	for offset := 0; offset < length; offset += 16 {
		at++
		require.Regexp(t, fmt.Sprintf(`^%04x    [0-9A-F ]{47}  - `, offset), messages[at])
	}
}

// TestLog_Long: a line has at most 1024 bytes; what is cut ends in "...".
func TestLog_Long(t *testing.T) {
	s := start(t, plan{config: "JkLogLevel debug\nJkMount /app/* a\nSetEnvIf X-Id (.*) UNIQUE_ID=$1\n"})
	s.container["a"].Script(harness.Do(harness.Head(200, "OK", "X-Long", strings.Repeat("y", 3000)), harness.End()))
	s.get(t, "/app/x", "X-Id: "+strings.Repeat("i", 900))
	await(t, "the end", func() bool { return s.count("Service finished") == 1 })
	cut := 0
	for line := range strings.Lines(s.JkLog()) {
		require.LessOrEqual(t, len(line), 1024)
		if strings.Contains(line, "yyy... id=GOJK") {
			require.Len(t, line, 1024)
			cut++
		}
	}
	require.Positive(t, cut)
	parse(t, s.JkLog())
}

// TestLog_Phases: what stands for the request's id in lines that belong to no request.
func TestLog_Phases(t *testing.T) {
	s := start(t, plan{
		config:  "JkLogLevel debug\nJkMount /app/* lb\nJkWatchdogInterval 1\n",
		workers: "worker.maintain=1\nworker.lb.recover_time=1\nworker.a.connection_pool_timeout=1\nworker.a.connection_pool_minsize=0\n",
	})
	s.requireAnswer(t, "/app/x;jsessionid=1.a", "a")
	s.get(t, "/static")
	phases := []struct{ id, text string }{
		{"CHILD_INIT", "initialized"},
		{"JK_TRANSLATE", "Found a wildchar match '/app/*=lb'"},
		{"JK_TRANSLATE", "Attempting to map URI '/static' from 1 maps: no match"},
		{"NO-ID", "Service finished"},
		{"WATCHDOG", "(a) closed idle connection"},
		{"WATCHDOG", "decay with 2^"},
	}
	for _, p := range phases {
		await(t, p.text, func() bool { return s.count(p.text) > 0 })
		require.Equal(t, p.id, about(parse(t, s.JkLog()), p.text)[0].id, p.text)
	}
}
