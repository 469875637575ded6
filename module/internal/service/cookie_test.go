// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// cookies serves a request and returns the values of the Set-Cookie headers of its response.
func (r *rig) cookies(target string, edits ...edit) []string {
	r.t.Helper()
	var values []string
	s := r.do(target, append(edits, func(s *sent) {
		s.onRespond = func(p *ajp.Response) error {
			for _, h := range p.Headers {
				if h.Name == "Set-Cookie" {
					values = append(values, strings.Clone(h.Value))
				}
			}
			return nil
		}
	})...)
	require.Equal(r.t, Done, s.code)
	return values
}

var tls = variable("HTTPS", "on")

func jkRoute(route string) edit { return variable("JK_ROUTE", route) }

// TestSessionCookie: who gets the cookie of set_session_cookie, and what is in it.
func TestSessionCookie(t *testing.T) {
	const on = "set_session_cookie=true "
	for _, tt := range []struct {
		name       string
		properties string // of the balancer over a and b, whose routes are d.ra and d.rb
		rule       string
		edits      []edit
		want       string // "": no cookie
	}{
		{name: "off"},
		{name: "on", properties: on, want: "JSESSIONID=.d.ra;PATH=/;HttpOnly"},
		{name: "over TLS", properties: on, edits: []edit{tls}, want: "JSESSIONID=.d.ra;PATH=/;HttpOnly;Secure"},
		{name: "the balancer's name and path", properties: on + "session_cookie=SID session_cookie_path=/app", want: "SID=.d.ra;PATH=/app;HttpOnly"},
		{name: "on by the rule", rule: ";set_session_cookie=1", want: "JSESSIONID=.d.ra;PATH=/;HttpOnly"},
		{name: "the rule cannot switch it off", properties: on, rule: ";set_session_cookie=0", want: "JSESSIONID=.d.ra;PATH=/;HttpOnly"},
		{name: "the rule's name and path", properties: on + "session_cookie=SID session_cookie_path=/app", rule: ";session_cookie=OWN;session_cookie_path=/own", want: "OWN=.d.ra;PATH=/own;HttpOnly"},
		{name: "the rule's name, the balancer's path", properties: on + "session_cookie_path=/app", rule: ";session_cookie=OWN", want: "OWN=.d.ra;PATH=/app;HttpOnly"},
		{name: "the balancer's name, the rule's path", properties: on + "session_cookie=SID", rule: ";session_cookie_path=/own", want: "SID=.d.ra;PATH=/own;HttpOnly"},
		{name: "all by name", edits: []edit{named("lb;set_session_cookie=1;session_cookie=OWN;session_cookie_path=/own")}, want: "OWN=.d.ra;PATH=/own;HttpOnly"},
		{name: "a session of the member", properties: on, edits: []edit{session("1.d.rb")}},
		{name: "a session of the member, from the cookie itself", properties: on, edits: []edit{session(".d.rb")}},
		{name: "a session of the member, by the rule's name", properties: on, rule: ";session_cookie=OWN", edits: []edit{header("Cookie", "OWN=.d.rb")}},
		{name: "JK_ROUTE", properties: on, edits: []edit{jkRoute("d.rb")}},
		{name: "a session of nobody", properties: on, edits: []edit{session("1.other.rc")}, want: "JSESSIONID=.d.ra;PATH=/;HttpOnly"},
		{name: "a session of the domain", properties: on, edits: []edit{session("1.d.rc")}, want: "JSESSIONID=.d.ra;PATH=/;HttpOnly"},
		{name: "sessions are not followed: with each response", properties: on + "sticky_session=false", edits: []edit{session("1.d.rb")}, want: "JSESSIONID=.d.ra;PATH=/;HttpOnly"},
		{name: "sessions are not followed by the rule", properties: on, rule: ";sticky_ignore=1", edits: []edit{session("1.d.rb")}, want: "JSESSIONID=.d.ra;PATH=/;HttpOnly"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb(tt.properties, ajp13("a", "route=d.ra"), ajp13("b", "route=d.rb")), "/* lb"+tt.rule)
			want := []string(nil)
			if tt.want != "" {
				want = []string{tt.want}
			}
			require.Equal(t, want, r.cookies("/x", tt.edits...))
		})
	}
}

// TestSessionCookie_OneMember: mod_jk sends none then.
func TestSessionCookie_OneMember(t *testing.T) {
	r := newRig(t, lb("set_session_cookie=1", ajp13("a")))
	require.Equal(t, []string{"JSESSIONID=.a;PATH=/;HttpOnly"}, r.cookies("/x"))
	require.Equal(t, []string{"JSESSIONID=.a;PATH=/;HttpOnly"}, r.cookies("/x", session("1.b")))
	require.Empty(t, r.cookies("/x", session("1.a")))
}

// TestSessionCookie_Failover: one cookie, that of the member that answered, however many were tried. mod_jk sends one for each attempt.
func TestSessionCookie_Failover(t *testing.T) {
	for _, tt := range []struct {
		name  string
		a     string   // worker a
		first []answer // of container a
		want  string
	}{
		{name: "refused", a: refused("a"), want: "b"},
		{name: "closed", a: ajp13("a", "retries=1"), first: []answer{{hangUp}}, want: "b"},
		{name: "closed, repeated on the same member", a: ajp13("a", "retries=2"), first: []answer{{hangUp}}, want: "a"},
		{name: "closed after the head", a: ajp13("a", "retries=1"), first: []answer{{ajptest.Send(head), hangUp}}, want: "b"},
		{name: "dropped by fail_on_status", a: ajp13("a", "retries=1", "fail_on_status=500"), first: []answer{page(500, "no")}, want: "b"},
		{name: "session of the member that fails", a: ajp13("a", "retries=1"), first: []answer{{hangUp}}, want: "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb("set_session_cookie=1", tt.a, ajp13("b")))
			if c := r.container["a"]; c != nil {
				c.next(tt.first...)
			}
			var edits []edit
			if strings.HasPrefix(tt.name, "session") {
				edits = append(edits, session("1.a"))
			}
			require.Equal(t, []string{"JSESSIONID=." + tt.want + ";PATH=/;HttpOnly"}, r.cookies("/x", edits...))
		})
	}
}

// TestSessionCookie_NotWith: responses that are not the member's, or not a balancer's.
func TestSessionCookie_NotWith(t *testing.T) {
	r := newRig(t, lb("set_session_cookie=1", ajp13("a", "retries=1"))+"worker.list=direct\n"+properties13("direct", "host=127.0.0.1", "port={a}"),
		"/direct direct;set_session_cookie=1", "/page lb;use_server_errors=400", "/* lb")
	require.Len(t, r.cookies("/x"), 1)
	require.Empty(t, r.cookies("/direct"), "after a request with one, in the same memory")

	r.container["a"].next(page(404, "theirs"))
	s := r.do("/page")
	require.Equal(t, 404, s.code)
	require.Equal(t, "[]", s.errorHeaders)
}

// TestSessionCookie_AmongOthers: the container's own headers stay, whatever they are.
func TestSessionCookie_AmongOthers(t *testing.T) {
	r := newRig(t, lb("set_session_cookie=1", ajp13("a")))
	r.container["a"].next(reply(ajptest.Head(200, "", "Connection", "close", "Set-Cookie", "JSESSIONID=1.a", "X-A", "1"), ajptest.Chunk("text"), ajptest.End(true)))
	require.Equal(t, []string{"JSESSIONID=1.a", "JSESSIONID=.a;PATH=/;HttpOnly"}, r.cookies("/x"))
}

// TestSessionCookie_Unusable: a name that would break the response is left out, and that is said.
func TestSessionCookie_Unusable(t *testing.T) {
	r := newRig(t, lb("set_session_cookie=1 session_cookie=S\x01D", ajp13("a")))
	require.Empty(t, r.cookies("/x"))
	require.Contains(t, r.log(), "GOJK3034")
}

// TestSessionCookie_AllocatesNothing: neither with the cookie nor without.
func TestSessionCookie_AllocatesNothing(t *testing.T) {
	if raceEnabled {
		return // the race detector allocates; the same code is measured without it
	}
	a := container(t, ajptest.Serve(whole...))
	h := &cookieHost{}
	e := engine(t, h, "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a\nworker.lb.set_session_cookie=1\n"+worker("a", a), "/* lb")
	template := *request(t, e, "GET", "/x")
	r := new(Request)
	serve := func() {
		*r = template
		if e.Serve(r) != Done {
			panic("not served")
		}
	}
	serve()
	require.Zero(t, testing.AllocsPerRun(200, serve))
	require.Equal(t, 202, h.cookies, "one each, and one more that AllocsPerRun does first")
}

// cookieHost counts cookies and keeps nothing.
type cookieHost struct {
	fakeHost
	cookies int
}

func (h *cookieHost) Respond(_ *Request, p *ajp.Response) error {
	for i := range p.Headers {
		if p.Headers[i].Name == "Set-Cookie" {
			h.cookies++
		}
	}
	return nil
}
