// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/test/harness"
)

// statusPlan has the status worker at /jkmanager, in several children.
func statusPlan() plan {
	return plan{children: 3, config: "JkMount /app/* lb\nJkMount /jkmanager/* jkstatus\n"}
}

// form is a POST with a form.
func form(path, body string, headers ...string) string {
	headers = append(headers, "Content-Type: application/x-www-form-urlencoded", fmt.Sprintf("Content-Length: %d", len(body)))
	return request("POST", path, headers...) + body
}

// activation is what the shared memory says of a member of "lb".
func activation(t testing.TB, m *shm.Mapping, name string) balancer.Activation {
	return balancer.Activation(member(t, m, name).Setting(shm.MemberActivation))
}

func TestStatus_Page(t *testing.T) {
	s := start(t, statusPlan())
	s.requireAnswer(t, "/app/x", "a")
	r := s.get(t, "/jkmanager/")
	require.Equal(t, 200, r.Status)
	require.Equal(t, "text/html; charset=UTF-8", r.Header("Content-Type"))
	require.Equal(t, "no-cache", r.Header("Cache-Control"))
	require.Equal(t, "no-cache", r.Header("Pragma"))
	page := string(r.Body)
	require.Contains(t, page, "<h1>JK Status Manager for localhost:")
	require.Contains(t, page, "<td>127.0.0.1:"+s.ports.Replace("{a}")+"</td>")
	require.Contains(t, page, `<b class="tag good">ACT</b>`)
	require.Contains(t, page, "URI Mappings for lb (1 map)")

	r = s.do(t, request("HEAD", "/jkmanager/"))
	require.Equal(t, harness.EndComplete, r.End)
	require.Equal(t, "text/html; charset=UTF-8", r.Header("Content-Type"))
	require.Empty(t, r.Body)
}

// A member is stopped by a POST to one child; all of them obey, and enabling it again works as well.
func TestStatus_ActivationInAllChildren(t *testing.T) {
	s := start(t, statusPlan())
	m := s.shared(t)
	r := s.do(t, form("/jkmanager/", "cmd=update&w=lb&sw=a&vwa=s&from=list"))
	require.Equal(t, 200, r.Status)
	require.Contains(t, string(r.Body), "Result: OK - You will be redirected in 3 seconds.")
	require.Equal(t, balancer.Stopped, activation(t, m, "a"))
	for range 24 { // over all children, sooner or later
		s.requireAnswer(t, "/app/x", "b", "Cookie: JSESSIONID=X.a")
	}
	require.Contains(t, s.JkLog(), "Status worker 'jkstatus' changing 'activation' for sub worker 'a' of lb worker 'lb' from 'ACT' to 'STP'")

	r = s.do(t, form("/jkmanager/?cmd=update&w=lb&sw=a", "vwa=a", "Sec-Fetch-Site: same-origin", "Origin: http://localhost"))
	require.Contains(t, string(r.Body), "a of lb is now active, it was stopped.")
	s.requireAnswer(t, "/app/x", "a", "Cookie: JSESSIONID=X.a")
}

func TestStatus_RecoverAndReset(t *testing.T) {
	s := start(t, statusPlan())
	m := s.shared(t)
	s.requireAnswer(t, "/app/x", "a", "Cookie: JSESSIONID=X.a")
	s.container["a"].Close()
	s.requireAnswer(t, "/app/x", "b", "Cookie: JSESSIONID=X.a")
	require.Contains(t, string(s.get(t, "/jkmanager/").Body), "<b>lb</b>: 1 of 2 members in error: a since ")

	r := s.do(t, form("/jkmanager/", "cmd=recover&w=lb&sw=a"))
	require.Contains(t, string(r.Body), "The next request will try a of lb.")
	require.Equal(t, uint64(shm.MemberRecover), member(t, m, "a").State().Load())

	r = s.do(t, form("/jkmanager/", "cmd=reset&w=lb"))
	require.Contains(t, string(r.Body), "Result: OK")
	require.Equal(t, uint64(shm.MemberIdle), member(t, m, "a").State().Load())
	require.Zero(t, worker(t, m, "b").Used())
}

// What must not change anything.
func TestStatus_Refused(t *testing.T) {
	const command = "cmd=update&w=lb&sw=a&vwa=s"
	s := start(t, statusPlan())
	m := s.shared(t)
	tests := []struct{ name, request, want string }{
		{"GET", request("GET", "/jkmanager/?"+command), "needs a POST; this was a GET"},
		{"another site", form("/jkmanager/", command, "Origin: http://evil.example"), "sent by a page of another site (Origin: http://evil.example)"},
		{"another site, says the browser", form("/jkmanager/", command, "Sec-Fetch-Site: cross-site", "Origin: http://localhost"), "sent by a page of another site"},
		{"too large", form("/jkmanager/", command+"&x="+strings.Repeat("y", 9000)), "larger than 8192 bytes"},
		{"markup", request("GET", "/jkmanager/?cmd=update%3Cscript%3E&w=%22%3E%3Cscript%3E"), "Invalid command."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := s.do(t, test.request)
			require.Equal(t, harness.EndComplete, r.End)
			require.Equal(t, 200, r.Status)
			require.Contains(t, string(r.Body), "Result: ERROR - ")
			require.Contains(t, string(r.Body), test.want)
			require.NotContains(t, string(r.Body), "<script")
			require.Equal(t, balancer.Active, activation(t, m, "a"))
		})
	}
}

// A chunked form works as well, in pieces, and the connection can be used again afterwards.
func TestStatus_ChunkedForm(t *testing.T) {
	s := start(t, statusPlan())
	m := s.shared(t)
	c := s.dial(t)
	r := ask(t, c, requestOn("POST", "/jkmanager/", "Transfer-Encoding: chunked", "Content-Type: application/x-www-form-urlencoded")+
		"10\r\ncmd=update&w=lb&\r\na\r\nsw=b&vwa=d\r\n0\r\n\r\n")
	require.Contains(t, string(r.Body), "b of lb is now disabled, it was active.")
	require.Equal(t, balancer.Disabled, activation(t, m, "b"))
	r = ask(t, c, requestOn("POST", "/jkmanager/", "Content-Length: 9000")+strings.Repeat("z", 9000))
	require.Contains(t, string(r.Body), "larger than 8192 bytes")
	r = ask(t, c, requestOn("GET", "/jkmanager/?cmd=version"))
	require.Equal(t, 200, r.Status)
	require.Contains(t, string(r.Body), "JK Version:")
}
