// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// setCookies are the values of the response's Set-Cookie headers.
func setCookies(r *harness.Response) (values []string) {
	for _, h := range r.Headers {
		if h.Name == "Set-Cookie" {
			values = append(values, h.Value)
		}
	}
	return values
}

// TestSessionCookie: set_session_cookie as a client sees it.
func TestSessionCookie(t *testing.T) {
	s := start(t, plan{
		workers: "worker.list=sticky,one\nworker.sticky.type=lb\nworker.sticky.balance_workers=a,b\nworker.sticky.set_session_cookie=1\n" +
			"worker.one.type=lb\nworker.one.balance_workers=b\n",
		config: "JkMount /* sticky\nJkMount /own/* sticky;session_cookie=OWN;session_cookie_path=/own\nJkMount /one one;set_session_cookie=on\nJkMount /plain one\n" +
			"JkMount /page sticky;use_server_errors=400\nSetEnvIf Request_URI ^/tls HTTPS=on\n",
	})
	for _, tt := range []struct {
		name, path, cookie string
		want               []string
	}{
		{"none", "/plain", "", nil},
		{"no session", "/x", "", []string{"JSESSIONID=.a;PATH=/;HttpOnly"}},
		{"another one", "/x", "", []string{"JSESSIONID=.b;PATH=/;HttpOnly"}},
		{"the cookie that was set", "/x", "JSESSIONID=.b", nil},
		{"a session", "/x", "JSESSIONID=1.a", nil},
		{"of nobody", "/x", "JSESSIONID=1.c", []string{"JSESSIONID=.a;PATH=/;HttpOnly"}},
		{"by the rule", "/own/x", "", []string{"OWN=.b;PATH=/own;HttpOnly"}},
		{"by the rule, not the rule's cookie", "/own/x", "JSESSIONID=.b", []string{"OWN=.a;PATH=/own;HttpOnly"}},
		{"by the rule, session", "/own/x", "OWN=.b", nil},
		{"over TLS", "/tls", "", []string{"JSESSIONID=.b;PATH=/;HttpOnly;Secure"}},
		{"one member", "/one", "", []string{"JSESSIONID=.b;PATH=/;HttpOnly"}},
		{"one member, session", "/one", "JSESSIONID=.b", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			headers := []string{}
			if tt.cookie != "" {
				headers = append(headers, "Cookie: "+tt.cookie)
			}
			r := s.get(t, tt.path, headers...)
			require.Equal(t, 200, r.Status)
			require.Equal(t, tt.want, setCookies(r))
		})
	}
	t.Run("beside the container's own", func(t *testing.T) {
		s.container["b"].Script(harness.Do(harness.Head(200, "OK", "Set-Cookie", "JSESSIONID=1.b", "Set-Cookie", "other=1"), harness.Chunk("x"), harness.End()))
		require.ElementsMatch(t, []string{"JSESSIONID=1.b", "other=1", "JSESSIONID=.b;PATH=/;HttpOnly"}, setCookies(s.get(t, "/one")))
	})
	t.Run("httpd's page", func(t *testing.T) {
		for _, c := range s.container {
			c.Script(harness.Answer(404, "text/plain", "theirs"))
		}
		r := s.get(t, "/page")
		require.Equal(t, 404, r.Status)
		require.NotContains(t, string(r.Body), "theirs")
		require.Empty(t, setCookies(r))
		for _, c := range s.container {
			c.ClearScripts()
		}
	})
	t.Run("failover", func(t *testing.T) {
		require.NoError(t, s.container["a"].Down())
		for range 3 {
			require.Equal(t, []string{"JSESSIONID=.b;PATH=/;HttpOnly"}, setCookies(s.get(t, "/x", "Cookie: JSESSIONID=1.a")))
		}
		require.NoError(t, s.container["b"].Down())
		r := s.get(t, "/x")
		require.Equal(t, 503, r.Status)
		require.Empty(t, setCookies(r), "nobody answered")
	})
}
