// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// lineFormat is a line of mod_jk.log (mod_jk since 1.2.49): stamp, request id, process and thread, level, place in the source, message.
var lineFormat = regexp.MustCompile(
	`^\[\w{3} \w{3} \d\d \d\d:\d\d:\d\d\.\d{3} \d{4}\] \[([^\[\]]+)\] \[(\d+):(\d+)\] \[(trace|debug|info|warn|error|emerg)\] \w+::\w+\.go \(\d+\): (.+)$`)

// refused is part of a line that is logged for each connection that a container refuses, at level error.
const refused = "connecting to backend failed. Tomcat is probably not started or is listening on the wrong port"

// logLine is what a line of mod_jk.log says.
type logLine struct {
	id, level, message string
	pid, tid           int
}

// parse requires that every line of a log has the format. A line of mod_jk itself may be among them, when it is loaded too.
func parse(t *testing.T, log string) (lines []logLine) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSuffix(log, "\n"), "\n") {
		if strings.Contains(line, "::mod_jk.c (") {
			continue
		}
		m := lineFormat.FindStringSubmatch(line)
		require.NotNil(t, m, "%q", line)
		pid, err := strconv.Atoi(m[2])
		require.NoError(t, err)
		tid, err := strconv.Atoi(m[3])
		require.NoError(t, err)
		lines = append(lines, logLine{m[1], m[4], m[5], pid, tid})
	}
	return lines
}

// about returns the lines that have the text in their message.
func about(lines []logLine, text string) (list []logLine) {
	for _, l := range lines {
		if strings.Contains(l.message, text) {
			list = append(list, l)
		}
	}
	return list
}

// TestLog_Line: the lines have mod_jk's shape, and those of a request its id.
func TestLog_Line(t *testing.T) {
	s := start(t, plan{
		config: "JkLogLevel trace\nJkMount /dead/* b\nJkMount /app/* lb\nJkRequestIdIndicator MY_ID\n" +
			"Header always set X-Id %{UNIQUE_ID}e\nSetEnvIf X-Request-Id (.*) MY_ID=$1\n",
		workers: "worker.b.retries=1\n",
		options: func(o *harness.Options) { o.Modules = []string{"unique_id"} },
	})
	require.NoError(t, s.container["b"].Down())
	unique := s.get(t, "/dead/x").Header("X-Id")
	require.NotEmpty(t, unique)
	require.Equal(t, 503, s.get(t, "/dead/x", "X-Request-Id: my-own [1]").Status)
	require.Equal(t, 503, s.get(t, "/dead/x", "X-Request-Id:").Status)
	for range 4 {
		s.requireAnswer(t, "/app/x", "a")
	}
	await(t, "all children to have started", func() bool { return s.count("GOJK0020") == len(s.Children()) })
	log := s.JkLog()
	lines := parse(t, strings.ReplaceAll(log, "[my-own [1]]", "[my-own 1]"))

	t.Run("of a child's start", func(t *testing.T) {
		started := about(lines, "mod_gojk/")
		require.Len(t, started, len(s.Children()))
		for _, l := range started {
			require.Equal(t, "CHILD_INIT", l.id)
			require.Equal(t, "info", l.level)
			require.Contains(t, l.message, "initialized")
		}
	})
	t.Run("of requests", func(t *testing.T) {
		errors := about(lines, "(b) "+refused)
		require.GreaterOrEqual(t, len(errors), 3)
		require.Equal(t, unique, errors[0].id, "UNIQUE_ID if the variable is not set")
		require.Equal(t, "my-own 1", errors[1].id, "JkRequestIdIndicator")
		require.Len(t, errors[2].id, len(unique), "UNIQUE_ID if the variable is empty")
		for _, l := range errors {
			require.Equal(t, "error", l.level)
			require.Contains(t, s.Children(), l.pid)
			require.Contains(t, threads(t, l.pid), l.tid)
		}
		require.Regexp(t, `connect to 127\.0\.0\.1:\d+ failed \(errno=111\)`, log, "as people search for it")
	})
	t.Run("all levels", func(t *testing.T) {
		for _, level := range []string{"debug", "info", "error"} {
			require.True(t, slices.ContainsFunc(lines, func(l logLine) bool { return l.level == level }), level)
		}
	})
}

func TestLog_NoID(t *testing.T) {
	s := start(t, plan{config: "JkMount /dead/* b\nSetEnvIf Request_URI fixed UNIQUE_ID=fixed-id"})
	require.NoError(t, s.container["b"].Down())
	require.Equal(t, 503, s.get(t, "/dead/x").Status)
	errors := about(parse(t, s.JkLog()), refused)
	require.Equal(t, "NO-ID", errors[0].id)
	require.Equal(t, 503, s.get(t, "/dead/fixed").Status)
	require.Equal(t, "fixed-id", about(parse(t, s.JkLog()), refused)[len(errors)].id, "whoever sets UNIQUE_ID")
}

// TestLog_Servers: a virtual host has its own log, level and stamp, or those of the main server.
func TestLog_Servers(t *testing.T) {
	s := start(t, plan{
		workers: "worker.b.retries=1\n",
		config: `
JkMount /dead/* b
<VirtualHost *:${PORT2}>
  ServerName own.test
  JkLogFile ${DIR}/own.log
  JkLogLevel error
  JkLogStampFormat "[%Y-%m-%dT%H:%M:%S.%q] "
  JkMount /dead/* b
</VirtualHost>
<VirtualHost *:${PORT2}>
  ServerName shared.test
  JkLogFile ${DIR}/own.log
  JkMount /dead/* b
</VirtualHost>
<VirtualHost *:${PORT2}>
  ServerName inherits.test
  JkMount /dead/* b
</VirtualHost>`,
		options: func(o *harness.Options) { o.Ports = 2 },
	})
	require.NoError(t, s.container["b"].Down())
	ask := func(port int, host string) {
		require.Equal(t, 503, doAt(t, s.AddrOf(port), request("GET", "/dead/x", "Host: "+host)).Status)
	}
	ask(0, "localhost")
	require.Equal(t, 1, s.count(refused))
	require.Positive(t, s.count("[info]"))
	require.Empty(t, s.Log("own.log"))

	ask(1, "inherits.test")
	require.Equal(t, 2, s.count(refused))
	require.Empty(t, s.Log("own.log"))

	ask(1, "own.test")
	require.Equal(t, 2, s.count(refused))
	own := s.Log("own.log")
	require.Equal(t, 1, strings.Count(own, refused))
	require.NotContains(t, own, "[info]", "only what its level lets through")
	for line := range strings.SplitSeq(strings.TrimSpace(own), "\n") {
		require.Regexp(t, `^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\] \[NO-ID\] `, line)
	}

	ask(1, "shared.test")
	require.Equal(t, 2, strings.Count(s.Log("own.log"), refused), "one file for both, each in its own format")
	parse(t, strings.TrimPrefix(s.Log("own.log"), own))
}

// TestLog_Pipe: lines go to a command, which is there for every generation of children, and ends with httpd.
func TestLog_Pipe(t *testing.T) {
	tee, err := exec.LookPath("tee")
	require.NoError(t, err)
	s := start(t, plan{config: "JkLogFile \"|" + tee + " -a ${DIR}/piped.log\"\nJkMount /dead/* b\n"})
	require.NoError(t, s.container["b"].Down())
	for range 2 {
		before := strings.Count(s.Log("piped.log"), refused)
		require.Equal(t, 503, s.get(t, "/dead/x").Status)
		await(t, "the line in the command's output", func() bool { return strings.Count(s.Log("piped.log"), refused) > before })
		s.graceful(t)
	}
	parse(t, s.Log("piped.log"))
	require.NotContains(t, s.Log("mod_jk.log"), refused)
	if s.besideModJk() {
		return // mod_jk has a pipe of its own, and leaves it open
	}
	pipe := descriptors(t, s.writers(t, "piped.log")[0])[0].target
	for _, pid := range s.Children() {
		await(t, "the child to have started", func() bool {
			maps, err := harness.ProcessMaps(pid)
			return err != nil || strings.Contains(maps, "libgojk.so")
		})
		open := slices.DeleteFunc(descriptors(t, pid), func(d descriptor) bool { return d.target != pipe })
		require.NotEmpty(t, open, "child %d has the log", pid)
		for _, d := range open {
			require.True(t, d.closeOnExec, "descriptor %d", d.number)
		}
	}
}

// TestLog_Rotation: after a rename and a graceful restart there is a new file, as logrotate expects.
func TestLog_Rotation(t *testing.T) {
	s := start(t, plan{config: "JkMount /dead/* b"})
	require.NoError(t, s.container["b"].Down())
	require.Equal(t, 503, s.get(t, "/dead/x").Status)
	require.Positive(t, s.count(refused))
	file := filepath.Join(s.Dir, "mod_jk.log")
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode())
	require.NoError(t, os.Rename(file, file+".1"))
	s.graceful(t)
	require.Zero(t, s.count(refused))
	require.Equal(t, 503, s.get(t, "/dead/x").Status)
	require.Positive(t, s.count(refused))
}
