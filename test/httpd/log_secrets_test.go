// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// The credentials of TestLog_Secrets, none of which is part of another or of anything else.
const (
	workerSecret  = "Wq1workersecret"
	ownSecret     = "Wq2ownsecret"
	cookieValue   = "Wq3cookie"
	otherCookie   = "Wq4other"
	basicValue    = "V3E1YmFzaWM6cHc="
	proxyValue    = "Wq6proxy"
	pathSession   = "Wq7path"
	querySession  = "Wq8query"
	formPassword  = "Wq9password"
	setCookie     = "Wq10set"
	redirected    = "Wq11redirected"
	responseBody  = "Wq12body"
	apiKey        = "Wq13key"
	environment   = "Wq14environment"
	strayBytes    = "Wq15stray"
	queryPassword = "Wq16password"
)

// secretRequest is a login with credentials in every place.
func secretRequest(path string) string {
	form := "j_username=arthur&j_password=" + formPassword
	return request("POST", path+";jsessionid="+pathSession+".a?x=1&jsessionid="+querySession+"&password="+queryPassword,
		"Cookie: b="+otherCookie+"; JSESSIONID="+cookieValue+".a", "Cookie: JSESSIONID="+cookieValue, "Authorization: Basic "+basicValue,
		"Proxy-Authorization: Basic "+proxyValue, "X-Api-Key: "+apiKey, "Referer: http://localhost/x;jsessionid="+pathSession,
		"Content-Type: application/x-www-form-urlencoded", fmt.Sprint("Content-Length: ", len(form))) + form
}

// TestLog_Secrets: no credential of a worker, a client or a container is in any log of the module, whatever happens to the request.
func TestLog_Secrets(t *testing.T) {
	s := start(t, plan{
		config: `
JkLogLevel trace
JkMount /app/* lb
JkMount /direct/* a
JkMount /status* jkstatus
JkEnvVar MY_COOKIE
JkEnvVar MY_TOKEN
SetEnvIf Cookie (.*) MY_COOKIE=$1
SetEnv MY_TOKEN ` + environment + `
JkOptions +RejectUnsafeURI
JkRequestLogFormat "%w %m %s"
`,
		workers: "worker.lb.secret=" + workerSecret + "\nworker.a.secret=" + ownSecret + "\nworker.a.retries=1\nworker.b.retries=1\nworker.a.ping_mode=A\nworker.lb.retries=1\n",
	})
	a, b := s.container["a"], s.container["b"]
	login := harness.Head(302, "Found", "Set-Cookie", "JSESSIONID="+setCookie+".a; Path=/app", "Location", "/app/y;jsessionid="+redirected+".a")
	for _, c := range []*harness.Container{a, b} {
		c.Script(harness.Do(login, harness.Chunk(responseBody), harness.End()))
	}
	send := func(path string) *harness.Response { return s.do(t, secretRequest(path)) }

	require.Equal(t, responseBody, string(send("/app/login").Body))
	require.NoError(t, a.AwaitScripts(patience))
	require.Equal(t, 1, b.ClearScripts(), "the session is a's")
	s.requireSecretsForwarded(t)

	a.Script(
		harness.Do(login, harness.Chunk(responseBody), harness.End(), harness.Raw([]byte(strayBytes))),
		harness.Do(harness.Raw([]byte("HTTP/1.1 200 OK\r\nSet-Cookie: "+setCookie+"\r\n\r\n")), harness.Close()),
		harness.Do(harness.Packet(harness.HeadPayload(200, "OK", "Set-Cookie", setCookie+"\x00\n")...), harness.Close()),
		harness.Do(harness.Packet(append([]byte{77}, strayBytes...)...), harness.Close()),
		harness.Do(login, harness.Packet(append([]byte{3, 0, 99}, responseBody...)...), harness.Close()),
		harness.Do(login, login, harness.Close()),
		harness.Do(harness.Raw(append([]byte("AB\xff\xff"), setCookie...)), harness.Close()),
		harness.Do(harness.Raw(append([]byte("AB\x00\x40\x04\x00\xc8\x00\x02OK\x00\x00\x01\xa0\x07\x00\x40"), setCookie...)), harness.Close()),
		harness.Do(login, harness.Chunk(responseBody), harness.EndClose()),
	)
	for range 9 {
		send("/direct/login")
	}
	require.NoError(t, a.AwaitScripts(patience))

	send("/app/%2e%2e;jsessionid=" + pathSession + "/../../x")
	send("/app/a%5cb")
	send("/not/mapped")
	send("/status?cmd=dump&mime=txt")
	s.do(t, request("GET", "/app/large", "X-Large: "+strings.Repeat("x", 8000), "Cookie: JSESSIONID="+cookieValue+strings.Repeat("y", 500)))
	require.NoError(t, a.Down())
	send("/direct/down")
	send("/app/failover")
	require.NoError(t, b.Down())
	send("/app/nobody")
	s.graceful(t)

	log := s.JkLog()
	for _, sign := range []string{"GOJK3050", "GOJK3051", "wrong message format", "Unknown AJP protocol code", "wrong message size", "Tomcat already send headers", "GOJK3042", "GOJK3009", "GOJK3005"} {
		require.Contains(t, log, sign)
	}
	for name, text := range map[string]string{"mod_jk.log": log + dumped(log), "error.log": ofModule(s.ErrorLog()), "stderr": s.Stderr()} {
		for _, secret := range []string{
			workerSecret, ownSecret, cookieValue, otherCookie, basicValue, proxyValue, pathSession, querySession, formPassword, setCookie, redirected,
			responseBody, apiKey, environment, strayBytes, queryPassword,
		} {
			require.NotContains(t, text, secret, name)
		}
	}
}

// requireSecretsForwarded requires that the container has got what the log must not show.
func (s *site) requireSecretsForwarded(t *testing.T) {
	t.Helper()
	requests := s.requests()
	require.Len(t, requests, 1)
	got := strings.Join(requests[0].Request.Lines(), "\n")
	for _, secret := range []string{ownSecret, cookieValue, otherCookie, basicValue, proxyValue, pathSession, querySession, apiKey, environment, queryPassword} {
		require.Contains(t, got, secret)
	}
}

// ofModule returns the lines of the error log that the module has written. Those of httpd itself show paths and referrers as they are.
func ofModule(log string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		if strings.Contains(line, "GOJK") {
			line, _, _ = strings.Cut(line, ", referer: ")
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// dumped puts the text columns of all dumps of a log together, so that what two lines have a part of is found.
func dumped(log string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		if line, found := strings.CutSuffix(strings.TrimSuffix(line, "\n"), " id=GOJK3052"); found {
			_, text, _ := strings.Cut(line, "  - ")
			b.WriteString(text)
		}
	}
	return b.String()
}
