package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
	"mod_gojk/test/tomcat"
)

const patience = 60 * time.Second

// screen is what the demo has printed.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// wait waits until the demo has printed something that matches, and returns the match and its groups.
func (s *screen) wait(t *testing.T, pattern string) []string {
	t.Helper()
	var match []string
	require.Eventually(t, func() bool {
		match = regexp.MustCompile(pattern).FindStringSubmatch(s.String())
		return match != nil
	}, patience, 10*time.Millisecond, "%s in\n%s", pattern, s)
	return match
}

// What a person does: open the page, kill the Tomcat that serves it, from outside and by key, go on, start it again, Ctrl-C.
func TestDemo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	require.NoError(t, os.Chmod(os.Getenv("TMPDIR"), 0o755))
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	keys, keyboard := io.Pipe()
	defer keyboard.Close()
	out, ended := &screen{}, make(chan error, 1)
	opts := tomcat.Options{Module: harness.Module(os.Getenv("GOJK_MODULE")), Replication: tomcat.Synchronous, RecoverSeconds: 1}
	go func() { ended <- run(ctx, opts, keys, out) }()

	c := tomcat.NewClient(out.wait(t, `application +(http\S+)`)[1])
	defer c.Close()
	out.wait(t, `Ctrl-C ends the demo`)
	first, err := c.Visit()
	require.NoError(t, err)

	pid, err := strconv.Atoi(out.wait(t, first.Member+` +kill -9 (\d+)`)[1])
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(pid), first.Facts["pid"])
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	out.wait(t, fmt.Sprintf(`%s \(pid %d\) is dead from outside; visit again`, first.Member, pid))
	second, err := c.Visit()
	require.NoError(t, err)
	require.Equal(t, 2, second.Count)
	require.NotEqual(t, first.Member, second.Member)

	key := strings.TrimPrefix(first.Member, "worker")
	press(t, keyboard, key)
	again := out.wait(t, first.Member+` answers again, pid (\d+)`)[1]
	press(t, keyboard, key)
	out.wait(t, fmt.Sprintf(`%s \(pid %s\) is dead; visit again`, first.Member, again))
	press(t, keyboard, "x")
	out.wait(t, `press 1 or 2`)
	third, err := c.Visit()
	require.NoError(t, err)
	require.Equal(t, 3, third.Count)

	interrupt()
	require.NoError(t, <-ended)
	out.wait(t, `nothing is left behind`)
	require.ErrorIs(t, syscall.Kill(atoi(t, third.Facts["pid"]), 0), syscall.ESRCH)
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func press(t *testing.T, keyboard io.Writer, key string) {
	t.Helper()
	_, err := io.WriteString(keyboard, key+"\n")
	require.NoError(t, err)
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}
