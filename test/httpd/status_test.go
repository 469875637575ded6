// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/test/harness"
	"mod_gojk/test/tomcat"
)

const statusConfig = `
JkMount /app/* lb
JkMount /status jkstatus
JkMount /look look
JkMount /closed closed
SetEnvIf X-User (.+) JK_REMOTE_USER=$1
`

const statusWorkers = `
worker.list=look,closed
worker.look.type=status
worker.look.read_only=true
worker.closed.type=status
worker.closed.user=operator
worker.a.secret=hunter2
`

// page requests the status page, or something of it, and returns the text without markup.
func (s *site) page(t *testing.T, path string, headers ...string) string {
	t.Helper()
	return pageText(t, s.get(t, path, headers...))
}

// order sends a command with a POST.
func (s *site) order(t *testing.T, path, form string, headers ...string) string {
	t.Helper()
	headers = append(headers, "Content-Type: application/x-www-form-urlencoded", fmt.Sprintf("Content-Length: %d", len(form)))
	return pageText(t, s.do(t, request("POST", path, headers...)+form))
}

func pageText(t *testing.T, r *harness.Response) string {
	t.Helper()
	require.Equal(t, harness.EndComplete, r.End)
	require.Equal(t, 200, r.Status, r.StatusLine)
	var b strings.Builder
	for rest := string(r.Body); rest != ""; {
		text, tag, _ := strings.Cut(rest, "<")
		b.WriteString(text + " ")
		_, rest, _ = strings.Cut(tag, ">")
	}
	return strings.Join(strings.Fields(html.UnescapeString(b.String())), " ")
}

// shows requires that the status page shows a member with that activation and a state.
func (s *site) shows(t *testing.T, name, activation string, states ...string) {
	t.Helper()
	m, ok := tomcat.ParseStatus(string(s.get(t, "/status").Body))[name]
	require.True(t, ok, "the page shows %s", name)
	require.Equal(t, activation, m.Activation)
	require.Contains(t, states, m.State)
}

func TestStatus_Page(t *testing.T) {
	s := start(t, plan{config: statusConfig, workers: statusWorkers})
	require.Equal(t, 200, s.get(t, "/app/x").Status)
	r := s.get(t, "/status")
	page := string(r.Body)
	require.Equal(t, "no-cache", r.Header("Cache-Control"))
	require.True(t, strings.HasPrefix(r.Header("Content-Type"), "text/html"), r.Header("Content-Type"))
	text := pageText(t, r)
	for _, want := range []string{
		"lb", "/app/*", fmt.Sprintf("127.0.0.1:%d", s.container["a"].Port), fmt.Sprintf("127.0.0.1:%d", s.container["b"].Port), "mod_gojk/", "all is well",
	} {
		require.Contains(t, text, want)
	}
	s.shows(t, "a", "ACT", "OK", "OK/IDLE")
	s.shows(t, "b", "ACT", "OK", "OK/IDLE")
	require.NotContains(t, page, "hunter2", "secrets are in no answer")

	head := s.do(t, request("HEAD", "/status"))
	require.Equal(t, harness.EndComplete, head.End)
	require.Equal(t, 200, head.Status)

	evil := string(s.get(t, "/status?cmd=show&w=%3Cscript%3Ealert(1)%3C/script%3E&from=%22%3E%3Cscript%3E").Body)
	require.NotContains(t, evil, "<script")
	require.NotContains(t, string(s.get(t, "/status?cmd=%3Cscript%3E").Body), "<script")
}

// TestStatus_Activation: what an operator orders holds for all children with their next request.
func TestStatus_Activation(t *testing.T) {
	s := start(t, plan{hard: true, config: statusConfig, workers: statusWorkers, children: 4, threads: 4})
	p, _ := s.pin(t, 2, "/app/x")
	of := func(child int, route string) string { return p.ask(t, child, "/app/x", "Cookie: JSESSIONID=1."+route) }
	set := func(activation string) {
		require.Contains(t, s.order(t, "/status", "cmd=update&w=lb&sw=a&vwa="+activation), "Result: OK")
	}

	set("d")
	s.shows(t, "a", "DIS", "OK", "OK/IDLE")
	for i := range 6 {
		require.Equal(t, "b", p.ask(t, i, "/app/x"), "disabled: nothing new")
		require.Equal(t, "a", of(i, "a"), "disabled: its own sessions")
	}
	require.Contains(t, s.page(t, "/status"), "1 of 2 members disabled")

	set("s")
	s.shows(t, "a", "STP", "OK", "OK/IDLE")
	for i := range 6 {
		require.Equal(t, "b", of(i, "a"), "stopped: nothing at all")
	}

	p.close(t)
	t.Run("restarts keep it", func(t *testing.T) {
		for _, restart := range []func(testing.TB){s.graceful, s.restart, s.graceful} {
			restart(t)
			s.shows(t, "a", "STP", "OK", "OK/IDLE")
			for range 4 {
				s.requireAnswer(t, "/app/x", "b", "Cookie: JSESSIONID=1.a")
			}
		}
	})
	t.Run("until the configuration says otherwise", func(t *testing.T) {
		s.reconfigure(t, statusConfig, s.workers()+"worker.a.activation=disabled\n")
		s.graceful(t)
		s.shows(t, "a", "DIS", "OK", "OK/IDLE")
		s.reconfigure(t, statusConfig, s.workers())
		s.graceful(t)
		s.shows(t, "a", "ACT", "OK", "OK/IDLE")
	})

	p, _ = s.pin(t, 2, "/app/x")
	set("d")
	set("a")
	for child := range p.clients {
		got := map[string]bool{p.ask(t, child, "/app/x"): true, p.ask(t, child, "/app/x"): true}
		require.Len(t, got, 2, "enabled: both in turn")
	}
	log := s.JkLog()
	require.Contains(t, log, "Status worker 'jkstatus' changing 'activation' for sub worker 'a' of lb worker 'lb' from 'ACT' to 'DIS'")
	require.Contains(t, log, "from 'DIS' to 'STP'")
}

func TestStatus_RecoverAndReset(t *testing.T) {
	s := start(t, plan{config: statusConfig, workers: statusWorkers})
	a, m := s.container["a"], s.shared(t)
	require.NoError(t, a.Down())
	for range 2 {
		s.requireAnswer(t, "/app/x", "b")
	}
	s.shows(t, "a", "ACT", "ERR")
	require.Contains(t, s.page(t, "/status"), "1 of 2 members in error: a since")
	require.NoError(t, a.Up())
	require.Contains(t, s.order(t, "/status", "cmd=recover&w=lb&sw=a"), "Result: OK")
	s.shows(t, "a", "ACT", "ERR/REC")
	for range 2 {
		require.Equal(t, 200, s.get(t, "/app/x").Status)
	}
	s.shows(t, "a", "ACT", "OK")

	require.NotZero(t, member(t, m, "a").Errors().Load())
	require.NotZero(t, worker(t, m, "b").Counters().Read)
	require.Contains(t, s.order(t, "/status", "cmd=reset&w=lb"), "Result: OK")
	for _, name := range []string{"a", "b"} {
		c := worker(t, m, name).Counters()
		require.Zero(t, member(t, m, name).Errors().Load())
		require.Zero(t, member(t, m, name).Elected().Load())
		require.Zero(t, c.Used+c.Errors+c.Read+c.Transferred, name)
		require.Equal(t, shm.MemberIdle, state(t, m, name))
	}
}

// TestStatus_Refused: the answer says why, its status is 200 as in mod_jk, and nothing has changed.
func TestStatus_Refused(t *testing.T) {
	s := start(t, plan{config: statusConfig, workers: statusWorkers})
	const change = "cmd=update&w=lb&sw=a&vwa=s"
	require.Contains(t, s.order(t, "/closed", "cmd=version", "X-User: operator"), "mod_gojk/")
	tests := []struct {
		name, want string
		do         func() string
	}{
		{"GET", "needs a POST", func() string { return s.page(t, "/status?"+change) }},
		{"read only", "not allowed in read only mode", func() string { return s.order(t, "/look", change) }},
		{"nobody", "Access denied", func() string { return s.order(t, "/closed", change) }},
		{"nobody, reading", "Access denied", func() string { return s.page(t, "/closed") }},
		{"another user", "Access denied", func() string { return s.order(t, "/closed", change, "X-User: guest") }},
		{"from another site", "sent by a page of another site", func() string { return s.order(t, "/status", change, "Origin: http://evil.test") }},
		{"from another site, as a browser says", "sent by a page of another site", func() string { return s.order(t, "/status", change, "Sec-Fetch-Site: cross-site") }},
		{"unknown worker", "Could not find given worker", func() string { return s.order(t, "/status", "cmd=update&w=nobody&sw=a&vwa=s") }},
		{"unknown member", "could not find sub worker", func() string { return s.order(t, "/status", "cmd=update&w=lb&sw=nobody&vwa=s") }},
		{"unknown activation", "vwa must be", func() string { return s.order(t, "/status", "cmd=update&w=lb&sw=a&vwa=x") }},
		{"unknown command", "Invalid command", func() string { return s.order(t, "/status", "cmd=destroy&w=lb") }},
		{"broken escape", "Error during parsing of URI", func() string { return s.page(t, "/status?cmd=%zz") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := tt.do()
			require.Contains(t, text, tt.want)
			require.Contains(t, text, "ERROR")
			s.shows(t, "a", "ACT", "OK", "OK/IDLE")
		})
	}
	require.Positive(t, s.count("Status worker 'closed' service denied"))
}
