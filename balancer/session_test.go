package balancer

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPathSession(t *testing.T) {
	for _, c := range []struct {
		name, uri, marker, want string
		ok                      bool
	}{
		{"at the end", "/app/x;jsessionid=abc.r1", ";jsessionid", "abc.r1", true},
		{"in an inner segment", "/app;jsessionid=abc.r1/x", ";jsessionid", "abc.r1", true},
		{"before another parameter", "/app;jsessionid=abc.r1;v=2", ";jsessionid", "abc.r1", true},
		{"before a query", "/app;jsessionid=abc.r1?a=b", ";jsessionid", "abc.r1", true},
		{"the first one counts", "/a;jsessionid=1.r1/b;jsessionid=2.r2", ";jsessionid", "1.r1", true},
		{"after something longer", "/a;jsessionids=1;jsessionid=2", ";jsessionid", "2", true},
		{"without the semicolon anything goes", "/a;xjsessionid=1.r", "jsessionid", "1.r", true},
		{"other case", "/a;JSESSIONID=1", ";jsessionid", "", false},
		{"none", "/app/x", ";jsessionid", "", false},
		{"name only", "/app;jsessionid", ";jsessionid", "", false},
		{"nothing after it", "/app;jsessionid=", ";jsessionid", "", false},
		{"empty before more", "/app;jsessionid=;x=1", ";jsessionid", "", true},
		{"empty before a segment", "/app;jsessionid=/x", ";jsessionid", "", true},
		{"no marker", "/app;jsessionid=1", "", "", false},
		{"no URI", "", ";jsessionid", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := PathSession(c.uri, c.marker)
			require.Equal(t, c.want, got)
			require.Equal(t, c.ok, ok)
		})
	}
}

func TestSessions_FromCookie(t *testing.T) {
	for _, c := range []struct {
		name    string
		headers []string
		want    []string
	}{
		{"alone", []string{"JSESSIONID=abc.r1"}, []string{"abc.r1"}},
		{"among others", []string{"a=b; JSESSIONID=abc.r1; c=d"}, []string{"abc.r1"}},
		{"after a comma", []string{"a=b,JSESSIONID=abc.r1,c=d"}, []string{"abc.r1"}},
		{"after a tab", []string{"a=b;\tJSESSIONID=abc.r1"}, []string{"abc.r1"}},
		{"blanks before the sign", []string{"JSESSIONID  =abc.r1"}, []string{"abc.r1"}},
		{"blanks after it belong to the value", []string{"JSESSIONID= abc.r1"}, []string{" abc.r1"}},
		{"quoted", []string{`JSESSIONID="abc.r1"; x=y`}, []string{"abc.r1"}},
		{"one quote", []string{`JSESSIONID="abc.r1`}, []string{`"abc.r1`}},
		{"a quote alone", []string{`JSESSIONID="`}, []string{`"`}},
		{"quoted, empty", []string{`JSESSIONID=""`}, []string{""}},
		{"several", []string{"JSESSIONID=1.r1; JSESSIONID=2.r2"}, []string{"1.r1", "2.r2"}},
		{"several headers", []string{"JSESSIONID=1.r1", "x=y", "JSESSIONID=2.r2"}, []string{"1.r1", "2.r2"}},
		{"part of another name", []string{"XJSESSIONID=1; JSESSIONIDX=2"}, nil},
		{"part of another value", []string{"a=JSESSIONID=1"}, nil},
		{"after part of another name", []string{"XJSESSIONID=1;JSESSIONID=2"}, []string{"2"}},
		{"other case", []string{"jsessionid=1"}, nil},
		{"nothing after it", []string{"JSESSIONID="}, nil},
		{"empty before more", []string{"JSESSIONID=; a=b"}, []string{""}},
		{"name only", []string{"JSESSIONID"}, nil},
		{"empty header", []string{""}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s Sessions
			for _, h := range c.headers {
				s.FromCookie(h, "JSESSIONID")
			}
			var got []string
			for i := range s.Len() {
				got = append(got, s.At(i))
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestSessions_Limit(t *testing.T) {
	var s Sessions
	s.FromCookie(strings.Repeat("S=1;", MaxSessions+5), "S")
	require.Equal(t, MaxSessions, s.Len())
	s.FromCookie("S=1", "")
	require.Equal(t, MaxSessions, s.Len(), "no name, no cookie")
}

func TestSessions_FromPath(t *testing.T) {
	var s Sessions
	require.False(t, s.FromPath("/x", ";jsessionid"))
	require.Zero(t, s.Len())
	require.True(t, s.FromPath("/x;jsessionid=/y", ";jsessionid"), "cookies are not looked at then")
	require.Equal(t, 1, s.Len())
	require.Empty(t, s.At(0))
}

func TestSessionRoute(t *testing.T) {
	for _, c := range []struct {
		id, want string
		ok       bool
	}{
		{"abc.r1", "r1", true},
		{"abc.d.r1", "d.r1", true},
		{"abc", "", false},
		{"abc.", "", true},
		{".r1", "r1", true},
		{"", "", false},
	} {
		got, ok := sessionRoute(c.id)
		require.Equal(t, c.want, got, c.id)
		require.Equal(t, c.ok, ok, c.id)
	}
}

func TestAppendSessionCookie(t *testing.T) {
	require.Equal(t, "JSESSIONID=.r1;PATH=/;HttpOnly", string(AppendSessionCookie(nil, "JSESSIONID", "r1", "/", false)))
	require.Equal(t, "S=.r1;PATH=/a;HttpOnly;Secure", string(AppendSessionCookie(nil, "S", "r1", "/a", true)))
	require.Equal(t, "x S=.r1;HttpOnly", string(AppendSessionCookie([]byte("x "), "S", "r1", "", false)))
}

func TestSessions_NoAllocations(t *testing.T) {
	n := testing.AllocsPerRun(100, func() {
		var s Sessions
		s.FromPath("/a;b=c/d;jsessionid=1.r1/e", ";jsessionid")
		s.FromCookie(`a=b; JSESSIONID="1.r1"; JSESSIONID=2.r2`, "JSESSIONID")
		if s.Len() != 3 {
			t.Error("not found")
		}
	})
	require.Zero(t, n)
}

// FuzzSessions: whatever a client sends, what is found is part of what was sent, without what would have ended it.
func FuzzSessions(f *testing.F) {
	f.Add("/app;jsessionid=1.r1/x", ";jsessionid")
	f.Add("/app;jsessionid=;jsessionid=", ";jsessionid")
	f.Add(`a="b"; S=1.r1, S = "2";S=`, "S")
	f.Add("SSS=S=S;S", "S")
	f.Add("; ;= S", " ")
	f.Fuzz(func(t *testing.T, text, name string) {
		if id, ok := PathSession(text, name); ok {
			require.Contains(t, text, name+"="+id)
			require.False(t, strings.ContainsAny(id, ";/?"))
		}
		var s Sessions
		s.FromCookie(text, name)
		for i := range s.Len() {
			require.Contains(t, text, s.At(i))
			require.False(t, strings.ContainsAny(s.At(i), ";,"))
		}
	})
}
