// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp/ajptest"
)

// bothWays runs a test of rule extensions twice: with a mount that has them, and with a worker name that has them (JK_WORKER_NAME). what is the text
// behind the worker's name.
func bothWays(t *testing.T, workers, worker, extensions string, test func(t *testing.T, r *rig, edits ...edit)) {
	t.Helper()
	t.Run("JkMount "+worker+extensions, func(t *testing.T) { test(t, newRig(t, workers, "/* "+worker+extensions)) })
	t.Run("JK_WORKER_NAME "+worker+extensions, func(t *testing.T) {
		test(t, newRig(t, workers, "/* "+worker), named(worker+extensions))
	})
}

// TestRule_ReplyTimeout: milliseconds; 0 is no limit, less leaves it to the worker.
func TestRule_ReplyTimeout(t *testing.T) {
	for _, tt := range []struct {
		extension string
		want      time.Duration
	}{
		{"", 9 * time.Second}, {";reply_timeout=5000", 5 * time.Second}, {";reply_timeout=0", 0}, {";reply_timeout=-1", 9 * time.Second},
		{"; reply_timeout = 5000 ", 5 * time.Second}, {";reply_timeout=1000;reply_timeout=4000", 4 * time.Second},
	} {
		bothWays(t, direct("reply_timeout=9000"), "a", tt.extension, func(t *testing.T, r *rig, edits ...edit) {
			got := time.Duration(-1)
			require.Equal(t, Done, r.atFirstPart(func() { got = receiveTimeout(t, r.container["a"].socket()) }, "/x", edits...).code)
			require.Equal(t, tt.want, got)
		})
	}
}

// TestRule_StickyIgnore: sessions do not count. The environment (JK_STICKY_IGNORE) goes before the rule.
func TestRule_StickyIgnore(t *testing.T) {
	for _, tt := range []struct {
		extension string
		env       int32
		want      string
	}{
		{"", -1, "bbbb"}, {";sticky_ignore=1", -1, "abab"}, {";sticky_ignore=true", -1, "abab"}, {";sticky_ignore=-2", -1, "abab"},
		{";sticky_ignore=0", -1, "bbbb"}, {";sticky_ignore=false", -1, "bbbb"}, {"", 1, "abab"}, {";sticky_ignore=1", 0, "bbbb"}, {";sticky_ignore=0", 1, "abab"},
	} {
		bothWays(t, lb("", ajp13("a"), ajp13("b")), "lb", tt.extension, func(t *testing.T, r *rig, edits ...edit) {
			edits = append(edits, session("1.b"), variableUnless("JK_STICKY_IGNORE", tt.env))
			require.Equal(t, tt.want, r.sequence(4, edits...))
		})
	}
}

// TestRule_Stateless: the request is no new session, and the members take turns whatever their loads are. The environment (JK_STATELESS) goes before the
// rule.
func TestRule_Stateless(t *testing.T) {
	for _, tt := range []struct {
		extension string
		env       int32
		want      string
		sessions  uint64 // new ones
	}{
		{"", -1, "bbbb", 4}, {";stateless=1", -1, "abab", 0}, {";stateless=yes", -1, "abab", 0}, {";stateless=0", -1, "bbbb", 4},
		{"", 1, "abab", 0}, {";stateless=1", 0, "bbbb", 4}, {";stateless=0", 1, "abab", 0},
	} {
		bothWays(t, lb("", ajp13("a"), ajp13("b")), "lb", tt.extension, func(t *testing.T, r *rig, edits ...edit) {
			env := variableUnless("JK_STATELESS", tt.env)
			r.sequence(5, append(edits, env, session("1.a"))...) // a is five ahead
			require.Equal(t, tt.want, r.sequence(4, append(edits, env)...))
			sessions := uint64(0)
			for _, m := range r.worker("lb").Balancer.Snapshot(time.Now()).Members {
				sessions += m.Sessions
			}
			require.Equal(t, tt.sessions, sessions)
		})
	}
}

// TestRule_Activation: active, disabled and stopped replace what is configured, for requests under the rule.
func TestRule_Activation(t *testing.T) {
	for _, tt := range []struct {
		extension string
		fresh     string // four requests without a session: who may be asked
		ofC       string // of c's session, which is disabled by configuration
		ofA       string
	}{
		{"", "ab", "c", "a"},
		{";active=c", "abc", "c", "a"},
		{";disabled=a", "b", "c", "a"},
		{";stopped=a", "b", "c", "b"},
		{";stopped=a,c", "b", "b", "b"},
		{";stopped=a c", "b", "b", "b"},
		{";disabled=a;active=c", "bc", "c", "a"},
		{";disabled=a;stopped=a", "b", "c", "b"},
		{";active=a;disabled=a", "b", "c", "a"},
		{";active=a,b,c", "abc", "c", "a"},
		{";stopped=nobody", "ab", "c", "a"},
	} {
		bothWays(t, lb("", ajp13("a"), ajp13("b"), ajp13("c", "activation=disabled")), "lb", tt.extension, func(t *testing.T, r *rig, edits ...edit) {
			require.Equal(t, tt.ofC, r.sequence(1, append(edits, session("1.c"))...))
			require.Equal(t, tt.ofA, r.sequence(1, append(edits, session("1.a"))...))
			got := r.sequence(6, edits...)
			for _, name := range []string{"a", "b", "c"} {
				require.Equal(t, strings.Contains(tt.fresh, name), strings.Contains(got, name), "%s in %s", name, got)
			}
			require.Equal(t, "ACT", r.state("a")[:3], "what is configured stays")
			require.Equal(t, "DIS", r.state("c")[:3])
		})
	}
}

// TestRule_ActivationIsTold: the container hears of the activation in force for the request.
func TestRule_ActivationIsTold(t *testing.T) {
	bothWays(t, lb("", ajp13("a"), ajp13("b")), "lb", ";disabled=a", func(t *testing.T, r *rig, edits ...edit) {
		require.Equal(t, Done, r.do("/x", append(edits, session("1.a"))...).code)
		told := ""
		for _, a := range r.visits()[0].Attributes {
			if a.Name == "JK_LB_ACTIVATION" {
				told = a.Value
			}
		}
		require.Equal(t, "DIS", told)
	})
}

// TestRule_FailOnStatus: it replaces the worker's list.
func TestRule_FailOnStatus(t *testing.T) {
	for _, tt := range []struct {
		extension string
		want      string // who is asked
		state     string
	}{
		{"", "ab", "ACT ERR"},
		{";fail_on_status=500", "ab", "ACT ERR"},
		{";fail_on_status=-500", "ab", "ACT OK"},
		{";fail_on_status=404,-500", "ab", "ACT OK"},
		{";fail_on_status=404 503", "a", "ACT OK"},
		{";fail_on_status=0", "a", "ACT OK"},
		{";fail_on_status=none", "a", "ACT OK"},
	} {
		bothWays(t, lb("", ajp13("a", "fail_on_status=500", "retries=1"), ajp13("b")), "lb", tt.extension, func(t *testing.T, r *rig, edits ...edit) {
			r.container["a"].next(page(500, "theirs"))
			require.Equal(t, Done, r.do("/x", append(edits, session("1.a"))...).code)
			require.Equal(t, tt.want, r.who())
			require.Equal(t, tt.state, r.state("a"))
		})
	}
}

// TestRule_UseServerErrors: from that status on httpd makes the page; of the response only the challenge of a 401 is kept.
func TestRule_UseServerErrors(t *testing.T) {
	for _, tt := range []struct {
		extension string
		status    uint16
		want      int
		headers   string
	}{
		{"", 500, Done, ""},
		{";use_server_errors=0", 500, Done, ""},
		{";use_server_errors=500", 500, 500, "[]"},
		{";use_server_errors=500", 503, 503, "[]"},
		{";use_server_errors=500", 499, Done, ""},
		{";use_server_errors=400", 404, 404, "[]"},
		{";use_server_errors=400", 401, 401, "[{WWW-Authenticate Basic realm=x}]"},
		{";use_server_errors=400", 200, Done, ""},
		{";use_server_errors=400;use_server_errors=500", 404, Done, ""},
	} {
		for _, worker := range []string{"a", "lb"} {
			bothWays(t, "worker.list=a\n"+lb("", ajp13("a")), worker, tt.extension, func(t *testing.T, r *rig, edits ...edit) {
				r.container["a"].next(reply(ajptest.Head(tt.status, "", "WWW-Authenticate", "Basic realm=x", "X-Own", "1"), ajptest.Chunk("theirs"), ajptest.End(true)))
				s := r.do("/x", edits...)
				require.Equal(t, tt.want, s.code)
				require.Equal(t, tt.headers, s.errorHeaders)
				require.Equal(t, map[bool]string{true: "theirs", false: ""}[tt.want == Done], s.text.String())
				require.Equal(t, "a", r.who(), "it is no failure of the container's")
				require.Zero(t, r.worker("a").Record.Counters().Errors)
				require.Equal(t, Done, r.do("/x", edits...).code)
			})
		}
	}
}

// TestRule_SessionNames: session_cookie and session_path replace the balancer's names, each the one.
func TestRule_SessionNames(t *testing.T) {
	for _, tt := range []struct {
		extension, target, cookie string
		sticks                    bool
	}{
		{"", "/x", "LB=1.b", true},
		{";session_cookie=OWN", "/x", "OWN=1.b", true},
		{";session_cookie=OWN", "/x", "LB=1.b", false},
		{";session_cookie=OWN", "/x;lb=1.b", "", true},
		{";session_cookie=OWN;session_cookie=LB", "/x", "OWN=1.b", true}, // the first one wins
		{"", "/x;lb=1.b", "", true},
		{";session_path=own", "/x;own=1.b", "", true},
		{";session_path=;own", "/x;own=1.b", "", true},
		{";session_path=own", "/x;lb=1.b", "", false},
		{";session_path=own", "/x", "LB=1.b", true},
	} {
		bothWays(t, lb("session_cookie=LB session_path=;lb", ajp13("a"), ajp13("b")), "lb", tt.extension, func(t *testing.T, r *rig, edits ...edit) {
			if tt.cookie != "" {
				edits = append(edits, header("Cookie", tt.cookie))
			}
			for range 4 {
				require.Equal(t, Done, r.do(tt.target, edits...).code)
			}
			require.Equal(t, map[bool]string{true: "bbbb", false: "abab"}[tt.sticks], r.who())
		})
	}
}

// TestRule_OfAnotherType: extensions for balancers do nothing to other workers.
func TestRule_OfAnotherType(t *testing.T) {
	bothWays(t, direct(), "a", ";sticky_ignore=1;stateless=1;disabled=a;stopped=a;session_cookie=x;session_path=y", func(t *testing.T, r *rig, edits ...edit) {
		require.Equal(t, "aa", r.sequence(2, append(edits, session("1.a"))...))
	})
}
