// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// statusRig is an engine with a balancer lb over a and b, and a status worker "status" with these properties, one a line.
func statusRig(t testing.TB, properties string) *rig {
	t.Helper()
	text := lb("", ajp13("a"), ajp13("b", "activation=stopped")) + "worker.list=status\nworker.status.type=status\n"
	for line := range strings.SplitSeq(properties, "\n") {
		if line != "" {
			text += "worker.status." + line + "\n"
		}
	}
	return newRig(t, text, "/x lb", "/status status")
}

// query is the query string of a request.
func query(text string) edit {
	return func(s *sent) { s.Query, s.Flags = text, s.Flags|HasQuery }
}

// form is the body of a POST.
func form(text string) edit {
	return func(s *sent) {
		body(text)(s)
		header("Content-Type", "application/x-www-form-urlencoded")(s)
	}
}

// status is the page of the status worker.
func (r *rig) status(edits ...edit) string {
	r.t.Helper()
	s := r.do("/status", edits...)
	require.Equal(r.t, []any{Done, uint32(200)}, []any{s.code, s.status})
	return s.text.String()
}

// TestProperty_CSS: the page refers to the style sheet.
func TestProperty_CSS(t *testing.T) {
	require.NotContains(t, statusRig(t, "").status(), "stylesheet")
	require.Contains(t, statusRig(t, "css=/jk.css").status(), `<link rel="stylesheet" type="text/css" href="/jk.css">`)
}

// TestProperty_ReadOnly: nothing is changed.
func TestProperty_ReadOnly(t *testing.T) {
	for _, tt := range []struct {
		property string
		refused  bool
	}{
		{"", false}, {"read_only=false", false}, {"read_only=true", true}, {"read_only=on", true},
	} {
		t.Run(tt.property, func(t *testing.T) {
			r := statusRig(t, tt.property)
			got := r.do("POST /status", form("cmd=update&w=lb&sw=b&vwa=a")).text.String()
			require.Equal(t, tt.refused, strings.Contains(got, "not allowed in read only mode"))
			require.Equal(t, map[bool]string{true: "STP", false: "ACT"}[tt.refused], r.state("b")[:3])
			require.Contains(t, r.status(), "lb", "it can be looked at")
		})
	}
}

// TestProperty_User: who may use the status worker.
func TestProperty_User(t *testing.T) {
	for _, tt := range []struct {
		properties, user string
		allowed          bool
	}{
		{"", "", true},
		{"", "anybody", true},
		{"user=alice", "", false},
		{"user=alice", "alice", true},
		{"user=alice", "bob", false},
		{"user=alice", "Alice", false},
		{"user=alice,bob", "bob", true},
		{"user=alice\nuser=bob", "alice", true},
		{"user=alice\nuser=bob", "bob", true},
		{"user=alice\nuser_case_insensitive=true", "ALICE", true},
		{"user=alice\nuser_case_insensitive=false", "ALICE", false},
		{"user=alice\nuser_case_insensitive=true", "bob", false},
	} {
		t.Run(strings.ReplaceAll(tt.properties, "\n", " ")+" "+tt.user, func(t *testing.T) {
			page := statusRig(t, tt.properties).status(func(s *sent) { s.RemoteUser = tt.user })
			require.Equal(t, !tt.allowed, strings.Contains(page, "Access denied."))
			require.Equal(t, tt.allowed, strings.Contains(page, "lb"))
		})
	}
}

// TestProperty_Good: how the members are rated, which good and bad decide. Member a is active and idle, b is stopped and idle.
func TestProperty_Good(t *testing.T) {
	row := regexp.MustCompile(`<tr class="(\w+)"><th scope="row">(\w)`)
	for _, tt := range []struct{ properties, a, b string }{
		{"", "good", "bad"},
		{"good=a.o", "degraded", "bad"},
		{"good=a.o\ngood=a.i", "good", "bad"},
		{"good=active.idle", "good", "bad"},
		{"good=i\nbad=e", "good", "good"},
		{"bad=e", "good", "degraded"},
		{"bad=a", "bad", "degraded"},
	} {
		t.Run(strings.ReplaceAll(tt.properties, "\n", " "), func(t *testing.T) {
			got := map[string]string{}
			for _, m := range row.FindAllStringSubmatch(statusRig(t, tt.properties).status(), -1) {
				got[m[2]] = m[1]
			}
			require.Equal(t, map[string]string{"a": tt.a, "b": tt.b}, got)
		})
	}
}

// TestProperty_Prefix: the first part of keys in answers that are properties.
func TestProperty_Prefix(t *testing.T) {
	require.Contains(t, statusRig(t, "").status(query("mime=prop&cmd=nonsense")), "worker.result.type=ERROR")
	require.Contains(t, statusRig(t, "prefix=jk").status(query("mime=prop&cmd=nonsense")), "jk.result.type=ERROR")
}

// TestProperty_XMLIsNotThere: ns, xmlns and doctype are for a format that is not written yet. When it is, they need tests of what they do.
func TestProperty_XMLIsNotThere(t *testing.T) {
	r := statusRig(t, "ns=x:\nxmlns=xmlns:x=\"urn:x\"\ndoctype=<!DOCTYPE x>")
	require.Contains(t, r.status(query("mime=xml")), "This format is not available in this version")
}

// TestProperty_Ignored: what is left of older versions changes nothing.
func TestProperty_Ignored(t *testing.T) {
	ignored := []string{
		"secretkey=x", "recycle_timeout=1", "local_worker=1", "local_worker_only=1", "sysprops=x", "stderr=x", "stdout=x", "mx=1", "ms=1", "class_path=x", "bridge=x",
		"jvm_lib=x", "ld_path=x", "cmd_line=x", "native_lib=x",
	}
	r := newRig(t, lb("", ajp13("a", ignored...), ajp13("b")))
	plain := newRig(t, lb("", ajp13("a"), ajp13("b")))
	require.Equal(t, plain.sequence(4), r.sequence(4))
	r.do("/x")
	plain.do("/x")
	got, want := r.visits()[0], plain.visits()[0]
	got.from, want.from = got.from.Unmap(), want.from.Unmap()
	require.Equal(t, want, got, "the container sees no difference")
	for _, p := range ignored {
		name, _, _ := strings.Cut(p, "=")
		require.Contains(t, strings.Join(r.httpd.errors, "\n"), name, "it is warned of")
	}
}
