// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/balancer"
)

func header(name, value string) ajp.Header { return ajp.Header{Name: name, Value: value} }

func TestServe_CrossSite(t *testing.T) {
	host := header("Host", "www.example.org")
	tests := []struct {
		name    string
		headers []ajp.Header
		refused string // empty: accepted
	}{
		{"no headers: a script", []ajp.Header{host}, ""},
		{"no headers at all", nil, ""},
		{"own page", []ajp.Header{host, header("Sec-Fetch-Site", "same-origin"), header("Origin", "https://www.example.org")}, ""},
		{"typed by the user", []ajp.Header{host, header("Sec-Fetch-Site", "none")}, ""},
		{"own page behind a proxy that changes Host", []ajp.Header{header("Host", "backend:8080"), header("Sec-Fetch-Site", "same-origin"), header("Origin", "https://www.example.org")}, ""},
		{"other site", []ajp.Header{host, header("sec-fetch-site", "cross-site")}, "Sec-Fetch-Site: cross-site"},
		{"other host of the site", []ajp.Header{host, header("Sec-Fetch-Site", "same-site"), header("Origin", "https://www.example.org")}, "Sec-Fetch-Site: same-site"},
		{"unknown relation", []ajp.Header{host, header("Sec-Fetch-Site", "")}, "Sec-Fetch-Site: "},
		{"two relations", []ajp.Header{host, header("Sec-Fetch-Site", "same-origin"), header("Sec-Fetch-Site", "cross-site")}, "Sec-Fetch-Site: cross-site"},

		{"own origin", []ajp.Header{host, header("Origin", "http://www.example.org")}, ""},
		{"own origin in other letters", []ajp.Header{host, header("Origin", "HTTP://WWW.Example.ORG")}, ""},
		{"own origin with a port", []ajp.Header{header("Host", "www.example.org:8080"), header("Origin", "http://www.example.org:8080")}, ""},
		{"own origin, port said", []ajp.Header{header("Host", "www.example.org:443"), header("Origin", "https://www.example.org")}, ""},
		{"own origin, IPv6", []ajp.Header{header("Host", "[::1]:8080"), header("Origin", "http://[::1]:8080")}, ""},
		{"other origin", []ajp.Header{host, header("Origin", "https://evil.example")}, "Origin: https://evil.example"},
		{"other port", []ajp.Header{host, header("Origin", "http://www.example.org:8080")}, "Origin"},
		{"longer host", []ajp.Header{host, header("Origin", "http://www.example.org.evil.example")}, "Origin"},
		{"shorter host", []ajp.Header{host, header("Origin", "http://example.org")}, "Origin"},
		{"own host as user name", []ajp.Header{host, header("Origin", "http://www.example.org@evil.example")}, "Origin"},
		{"own host behind a backslash", []ajp.Header{host, header("Origin", `http://evil.example\@www.example.org`)}, "Origin"},
		{"opaque origin", []ajp.Header{host, header("Origin", "null")}, "Origin: null"},
		{"empty origin", []ajp.Header{host, header("Origin", "")}, "Origin"},
		{"two origins", []ajp.Header{host, header("Origin", "http://www.example.org"), header("Origin", "http://evil.example")}, "Origin: http://evil.example"},
		{"origin without Host", []ajp.Header{header("Origin", "http://www.example.org")}, "Origin"},
		{"origin and two Hosts", []ajp.Header{host, header("Host", "evil.example"), header("Origin", "http://www.example.org")}, "Origin"},
		{"origin and empty Host", []ajp.Header{header("Host", ""), header("Origin", "http://")}, "Origin"},

		{"own referer", []ajp.Header{host, header("Referer", "https://www.example.org/jkmanager/?cmd=list")}, ""},
		{"own referer without a path", []ajp.Header{host, header("Referer", "https://www.example.org")}, ""},
		{"other referer", []ajp.Header{host, header("Referer", "https://evil.example/www.example.org")}, "Referer"},
		{"other referer with our name in the query", []ajp.Header{host, header("Referer", "https://evil.example?://www.example.org")}, "Referer"},
		{"own origin, other referer", []ajp.Header{host, header("Origin", "http://www.example.org"), header("Referer", "https://evil.example/")}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			r := w.request("jkstatus", "cmd=update&w=LoadBalancer&sw=worker1&vwa=s").post("")
			r.Headers = test.headers
			page := w.ask(r)
			if test.refused == "" {
				has(t, page, "Result: OK")
				require.Equal(t, balancer.Stopped, w.member("worker1").Activation)
				return
			}
			has(t, page, "Result: ERROR - This POST was sent by a page of another site ("+test.refused)
			require.Equal(t, balancer.Active, w.member("worker1").Activation)
			require.Contains(t, w.logged(), "Status worker 'jkstatus': This POST was sent by a page of another site")
		})
	}
}

func TestServe_CrossSiteReadsAreServed(t *testing.T) {
	w := newWorld(t)
	r := w.request("jkstatus", "")
	r.Headers = append(r.Headers, header("Sec-Fetch-Site", "cross-site"), header("Referer", "https://wiki.example/"))
	has(t, w.ask(r), "Listing Load Balancing Worker (1 Worker)")
}

func TestServe_Users(t *testing.T) {
	tests := []struct {
		name, user  string
		users       []string
		insensitive bool
		denied      string // log line
	}{
		{name: "everybody", user: ""},
		{name: "listed", user: "alice", users: []string{"bob", "alice"}},
		{name: "not listed", user: "mallory", users: []string{"bob", "alice"}, denied: "Status worker 'jkstatus' service denied for user 'mallory' [Basic] from 192.0.2.7 [(null)] id=GOJK4003"},
		{name: "nobody", users: []string{"bob"}, denied: "Status worker 'jkstatus' service denied (no user) [Basic] from 192.0.2.7 [(null)] id=GOJK4002"},
		{name: "case counts", user: "Alice", users: []string{"alice"}, denied: "service denied for user 'Alice'"},
		{name: "case does not count", user: "Alice", users: []string{"aLICE"}, insensitive: true},
		{name: "nobody is not an empty name", users: []string{""}, denied: "service denied (no user)"},
		{name: "forged log line", user: "x\n[warn] y", users: []string{"a"}, denied: `service denied for user 'x\x0a[warn] y'`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			s := w.status("jkstatus")
			s.Users, s.UserCaseInsensitive = test.users, test.insensitive
			r := w.request("jkstatus", "")
			r.User, r.AuthType = test.user, "Basic"
			page := w.ask(r)
			log := w.logged()
			if test.denied == "" {
				has(t, page, "Listing Load Balancing Worker")
				require.Empty(t, log)
				return
			}
			has(t, page, "<b>Result: ERROR - Access denied.</b>")
			lacks(t, page, "worker1", "LoadBalancer", "Apache", "mod_gojk", "www.example.org")
			require.Contains(t, log, test.denied)
			require.Contains(t, log, "[warn]")
		})
	}
}

func TestServe_DeniedBeforeAnythingElse(t *testing.T) {
	w := newWorld(t)
	w.status("jkread").Users = []string{"alice"}
	for _, query := range []string{"cmd=nonsense", "%", "mime=nonsense", "cmd=reset&w=LoadBalancer"} {
		page := w.ask(w.request("jkread", query).post("x=%"))
		require.Contains(t, page, "Access denied.", query)
	}
}
