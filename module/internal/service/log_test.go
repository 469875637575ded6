// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/balancer/shm/shmtest"
	"mod_gojk/module/internal/config"
)

// logging starts an engine with a log of a level, and returns a function that returns what the log has got since its last call, a line each: "phase or
// request id, level, message".
func logging(t *testing.T, host Host, level string, directives []string, workers string, mounts ...string) (*Engine, func() []string) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(t.TempDir(), "mod_jk.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	memory := shmtest.NewMemory(t).Bytes()
	configureAs(memory, func(in *config.Input) {
		in.Servers[0].LogFD = int(file.Fd())
		for _, d := range append(directives, "JkLogLevel "+level) {
			in.Directives = append(in.Directives, directive(d))
		}
	}, workers, mounts...)
	require.True(t, Check(host, memory, nil))
	e, err := Start(host, memory, make([]ServerView, 1))
	require.NoError(t, err)
	t.Cleanup(func() { e.Stop(time.Second) })
	said := func() (list []string) {
		text, err := os.ReadFile(file.Name())
		require.NoError(t, err)
		require.NoError(t, os.Truncate(file.Name(), 0))
		for line := range strings.Lines(string(text)) {
			m := logLine.FindStringSubmatch(line)
			require.NotNil(t, m, line)
			list = append(list, m[1]+", "+m[2]+", "+m[3])
		}
		return list
	}
	said()
	return e, said
}

var logLine = regexp.MustCompile(`^\[[^\]]*\] \[([^\]]*)\] \[\d+:\d+\] \[(\w+)\] \w+::\w+\.go \(\d+\): (.*) id=GOJK\d{4}\n$`)

// TestMap_Says: what the log says about a URI that is mapped, or is not.
func TestMap_Says(t *testing.T) {
	e, said := logging(t, &fakeHost{}, "debug", []string{"JkOptions +RejectUnsafeURI"}, "worker.list=a\n", "/app/* a", "/exact a")
	tests := []struct {
		name, uri string
		asFile    bool
		want      []string
	}{
		{name: "wildcard", uri: "/app/x;jsessionid=Vb7Kq", want: []string{"debug, Found a wildchar match '/app/*=a' for URI '/app/x;jsessionid=*****' source 'JkMount' (t.conf line 0)"}},
		{name: "exact", uri: "/exact", want: []string{"debug, Found an exact match '/exact=a' for URI '/exact' source 'JkMount' (t.conf line 0)"}},
		{name: "none", uri: "/none;jsessionid=Vb7Kq", want: []string{"debug, Attempting to map URI '/none;jsessionid=*****' from 2 maps: no match"}},
		{name: "file of a mount", uri: "/app/x", asFile: true},
		{name: "file", uri: "/none", asFile: true},
		{name: "above the root", uri: "/app;jsessionid=Vb7Kq/../..", want: []string{"emerg, URI '/app;jsessionid=*****/../..' contains a '/../' sequence that tries to escape above the root"}},
		{name: "no path", uri: "app;jsessionid=Vb7Kq", want: []string{"warn, Uri [app;jsessionid=*****] does not start with '/'"}},
		{name: "unsafe", uri: "/app/%;jsessionid=Vb7Kq", want: []string{"info, Potentially unsafe request url '/app/%;jsessionid=*****' rejected"}},
		{name: "too long", uri: "/" + strings.Repeat("x", 5000), want: []string{
			"warn, URI of 5001 bytes is too long to be mapped (at most 4095)", "debug, Attempting to map URI '/" + strings.Repeat("x", 5000),
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			room := make([]byte, len(test.uri)+1)
			q := &MapQuery{URI: test.uri, Normalised: &room[0]}
			if test.asFile {
				q.AsFile = 1
			}
			e.Map(q)
			got := said()
			require.Len(t, got, len(test.want), "%q", got)
			for i, want := range test.want {
				require.Equal(t, "JK_TRANSLATE, "+want[:min(len(want), 300)], got[i][:min(len(got[i]), len("JK_TRANSLATE, ")+300)])
			}
		})
	}
}

// TestMap_SaysNothing: at level info nothing is said of a URI that nothing is wrong with, and mapping allocates nothing.
func TestMap_SaysNothing(t *testing.T) {
	e, said := logging(t, &fakeHost{}, "info", nil, "worker.list=a\n", "/app/* a")
	room := make([]byte, 10)
	hit, miss := &MapQuery{URI: "/app/x", Normalised: &room[0]}, &MapQuery{URI: "/none", Normalised: &room[0]}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		e.Map(hit)
		e.Map(miss)
	}))
	require.Empty(t, said())
}

// TestErrno: mod_jk shows the system's number for a timeout, also for those that are its own.
func TestErrno(t *testing.T) {
	for _, err := range []error{ajp.ErrConnectTimeout, ajp.ErrPingTimeout, ajp.ErrReplyTimeout, ajp.ErrSocketTimeout, &ajp.Failure{Err: ajp.ErrReplyTimeout}} {
		require.Equal(t, 110, errno(err), err)
	}
	require.Zero(t, errno(ajp.ErrEOF))
}
