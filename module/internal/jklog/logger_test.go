// Licensed under the Apache License, Version 2.0; see LICENSE.

package jklog

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var lineShape = regexp.MustCompile(`^\[\w{3} \w{3} \d{2} \d{2}:\d{2}:\d{2}\.\d{3} \d{4}\] \[([^\]]*)\] \[(\d+):(\d+)\] \[(\w+)\] (\w+)::(\w+\.go) \((\d+)\): (.*)$`)

// logFile opens a log for appending and returns its descriptor and a function that reads it.
func logFile(t *testing.T) (fd int, read func() []string) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(t.TempDir(), "mod_jk.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	return int(file.Fd()), func() []string {
		text, err := os.ReadFile(file.Name())
		require.NoError(t, err)
		return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	}
}

func TestLogger_Shape(t *testing.T) {
	fd, read := logFile(t)
	l := New(fd, Info, nil, nil)
	l.Log(Warn, "req-1", "GOJK0042", "(%s) sending request to tomcat failed (recoverable), because of %s (attempt=%d)", "a", "server error", 1)
	func() { l.Log(Emerg, "", "", "plain") }()
	lines := read()
	require.Len(t, lines, 2)

	got := lineShape.FindStringSubmatch(lines[0])
	require.NotNil(t, got, lines[0])
	require.Equal(t, "req-1", got[1])
	require.Equal(t, fmt.Sprint(os.Getpid()), got[2])
	require.Equal(t, []string{"warn", "TestLogger_Shape", "logger_test.go"}, got[4:7])
	require.NotEqual(t, "0", got[7])
	require.Equal(t, "(a) sending request to tomcat failed (recoverable), because of server error (attempt=1) id=GOJK0042", got[8])

	got = lineShape.FindStringSubmatch(lines[1])
	require.NotNil(t, got, lines[1])
	require.Equal(t, NoID, got[1])
	require.Equal(t, []string{"emerg", "TestLogger_Shape"}, got[4:6])
	require.Equal(t, "plain", got[8])
}

func logFromHelper(l *Logger) { l.LogDepth(1, Info, "", "", "x") }

func TestLogger_DepthNamesTheCaller(t *testing.T) {
	fd, read := logFile(t)
	logFromHelper(New(fd, Info, nil, nil))
	require.Equal(t, "TestLogger_DepthNamesTheCaller", lineShape.FindStringSubmatch(read()[0])[5])
}

// explosive fails the test when it is formatted.
type explosive struct{ t *testing.T }

func (e explosive) String() string {
	e.t.Error("formatted although the level is off")
	return ""
}

func TestLogger_LevelOffFormatsNothing(t *testing.T) {
	fd, read := logFile(t)
	l := New(fd, Warn, nil, func(Level, string) { t.Error("fallback used") })
	l.Log(Info, "", "GOJK0001", "%s", explosive{t})
	l.LogDepth(0, Debug, "", "GOJK0001", "%s", explosive{t})
	require.Equal(t, []string{""}, read())
	require.False(t, l.Enabled(Info))
	require.True(t, l.Enabled(Warn))
}

func TestLogger_LongLine(t *testing.T) {
	tests := []struct {
		name, id string
	}{
		{"with id", "GOJK0001"},
		{"without id", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fd, read := logFile(t)
			l := New(fd, Info, nil, nil)
			for length := 850; length < 1100; length++ {
				l.Log(Info, "", tt.id, "%s", strings.Repeat("m", length))
			}
			cut := 0
			for _, line := range read() {
				require.LessOrEqual(t, len(line)+1, LineMax)
				message := strings.TrimSuffix(line, " id="+tt.id)
				if strings.HasSuffix(message, "mmm...") {
					require.Len(t, line, LineMax-1, "a cut line is as long as it may be")
					cut++
				}
			}
			require.Greater(t, cut, 100)
			require.Less(t, cut, 250, "short lines are not cut")
		})
	}
}

func TestLogger_LongStampAndRequestID(t *testing.T) {
	fd, read := logFile(t)
	l := New(fd, Info, CompileStamp(strings.Repeat("s", 5000)), nil)
	l.Log(Info, strings.Repeat("r", 5000), "GOJK0001", "lost")
	require.Len(t, read()[0], LineMax-1)
	l = New(fd, Info, nil, nil)
	l.Log(Info, strings.Repeat("r", 5000), "GOJK0001", "still here")
	require.Contains(t, read()[1], "still here id=GOJK0001")
}

func TestLogger_ControlCharactersCannotForgeLines(t *testing.T) {
	fd, read := logFile(t)
	l := New(fd, Info, nil, nil)
	l.Log(Info, "a\nb", "GOJK0001", "uri %s", "/x\n[forged]\r\x00\x7f\té")
	lines := read()
	require.Len(t, lines, 1)
	require.Contains(t, lines[0], `[a\x0ab] `)
	require.Contains(t, lines[0], `uri /x\x0a[forged]\x0d\x00\x7f\x09é id=GOJK0001`)
}

func TestLogger_Fallback(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer full.Close()
	tests := []struct {
		name string
		fd   int
	}{
		{"no descriptor", -1},
		{"bad descriptor", 1 << 20},
		{"disk full", int(full.Fd())},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var levels []Level
			var lines []string
			l := New(tt.fd, Info, nil, func(level Level, line string) {
				levels, lines = append(levels, level), append(lines, line)
			})
			l.Log(Error, "id", "GOJK0007", "lost %d", 1)
			require.Equal(t, []Level{Error}, levels)
			require.Regexp(t, `^\[id\] \[\d+:\d+\] \[error\] \w+::logger_test.go \(\d+\): lost 1 id=GOJK0007$`, lines[0])
			New(tt.fd, Info, nil, nil).Log(Error, "", "", "no fallback, no panic")
		})
	}
}

func TestLogger_Raw(t *testing.T) {
	fd, read := logFile(t)
	l := New(fd, Emerg, nil, nil)
	l.Raw([]byte("lb 200 GET /x"))
	l.Raw([]byte(strings.Repeat("m", 2000)))
	l.Raw(nil)
	lines := read()
	require.Len(t, lines, 3)
	require.Regexp(t, `^\[\w{3} \w{3} \d{2} \d{2}:\d{2}:\d{2}\.\d{3} \d{4}\] lb 200 GET /x$`, lines[0])
	require.Len(t, lines[1], LineMax-1)
	require.True(t, strings.HasSuffix(lines[1], "mmm..."), "a cut line says so")
	require.Regexp(t, `^\[[^\]]*\] $`, lines[2])
}

func TestLogger_RawFallsBack(t *testing.T) {
	var levels []Level
	var lines []string
	New(-1, Emerg, nil, func(level Level, line string) {
		levels, lines = append(levels, level), append(lines, line)
	}).Raw([]byte("lb 200"))
	require.Equal(t, []Level{Info}, levels)
	require.Equal(t, []string{"lb 200"}, lines)
	New(-1, Info, nil, nil).Raw([]byte("no fallback, no panic"))
}

func TestLogger_ConcurrentLinesStayWhole(t *testing.T) {
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	l := New(int(writer.Fd()), Info, CompileStamp(""), nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				l.Log(Info, "", "", "%s", strings.Repeat(string(rune('a'+i)), 900))
			}
		})
	}
	go func() {
		wg.Wait()
		_ = writer.Close()
	}()
	text, err := io.ReadAll(reader)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	require.Len(t, lines, 400)
	for _, line := range lines {
		message := line[strings.Index(line, "): ")+3:]
		require.Equal(t, strings.Repeat(message[:1], 900), message)
	}
}

func TestFunctionName(t *testing.T) {
	tests := []struct{ full, want string }{
		{"mod_gojk/module/internal/service.serve", "serve"},
		{"mod_gojk/module/internal/service.(*Engine).Serve", "Serve"},
		{"mod_gojk/module/internal/service.(*Engine).Serve.func1", "Serve"},
		{"mod_gojk/module/internal/service.(*Engine).Serve.func1.2", "Serve"},
		{"mod_gojk/module/internal/service.Map[...].Get", "Get"},
		{"mod_gojk/module/internal/service.get[...]", "get"},
		{"main.main", "main"},
		{"main.func1", "func1"},
		{"", ""},
	}
	for _, tt := range tests {
		t.Run(tt.full, func(t *testing.T) {
			require.Equal(t, tt.want, functionName(tt.full))
		})
	}
}

func TestLevel(t *testing.T) {
	for level := Trace; level <= Emerg; level++ {
		got, ok := ParseLevel(strings.ToUpper(level.String()))
		require.True(t, ok)
		require.Equal(t, level, got)
	}
	got, ok := ParseLevel("warning")
	require.False(t, ok)
	require.Equal(t, Info, got)
	require.Equal(t, "level(9)", Level(9).String())
}

func FuzzLogger(f *testing.F) {
	reader, writer, err := os.Pipe()
	require.NoError(f, err)
	f.Add("id", "GOJK0001", "message")
	f.Add("", "", "\n\x00\x7f")
	f.Add(strings.Repeat("\n", 1000), "GOJK0001", strings.Repeat("\n", 1000))
	f.Fuzz(func(t *testing.T, requestID, id, message string) {
		if len(id) > 8 {
			id = id[:8]
		}
		New(int(writer.Fd()), Info, nil, nil).Log(Info, requestID, strings.ReplaceAll(id, "\n", ""), "%s", message)
		var room [LineMax + 1]byte
		n, err := reader.Read(room[:])
		require.NoError(t, err)
		require.LessOrEqual(t, n, LineMax)
		require.Equal(t, n-1, strings.IndexByte(string(room[:n]), '\n'), "one line")
	})
}
