// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// secrets are texts that belong into no log, page or environment. Each is sent or configured somewhere in TestSecurity_Secrets.
var secrets = []string{"hunter2", "c2VjcmV0OmF1dGg", "qBearerToken", "qCookieValue", "qFromCookie", "qFromPath", "qFromSetCookie", "qBody", "qPassword"}

// TestSecurity_Secrets is about pages and processes as TestLog_Secrets is about logs: secrets of workers, credentials, cookies and session ids are in no log at any level, on no page, in no environment. The access log and mod_rewrite's are httpd's.
func TestSecurity_Secrets(t *testing.T) {
	const session = "JSESSIONID=qFromCookie.a; other=qCookieValue"
	s := start(t, plan{
		config: "JkLogLevel trace\nLogLevel info gojk:trace8\nJkMount /app/* lb\nJkMount /direct/* a\nJkMount /status jkstatus\nJkRequestLogFormat \"%w %R %T %s %b %U\"\nCustomLog ${DIR}/notes.log \"%{JK_WORKER_NAME}n %{JK_WORKER_ROUTE}n %{JK_LB_FIRST_NAME}n\"\n" +
			"JkEnvVar JK_PASSWORD hunter2\n",
		workers: "worker.a.secret=hunter2\nworker.lb.secret=hunter2\nworker.lb.set_session_cookie=1\nworker.lb.session_cookie_path=/\nworker.a.retries=1\nworker.b.retries=1\nworker.lb.retry_interval=1\n",
	})
	headers := []string{"Authorization: Basic c2VjcmV0OmF1dGg=", "Proxy-Authorization: Bearer qBearerToken", "Cookie: " + session, "Cookie: JSESSIONID=qFromCookie.nobody"}
	body := "qBody=qPassword"
	form := append([]string{"Content-Type: application/x-www-form-urlencoded", fmt.Sprintf("Content-Length: %d", len(body))}, headers...)
	a, b := s.container["a"], s.container["b"]
	send := func() {
		for _, text := range []string{
			request("GET", "/app/x", headers...), request("GET", "/direct/x", headers...), request("POST", "/app/x", form...) + body, request("GET", "/app/x;jsessionid=qFromPath.a", headers...),
			request("GET", "/app/x;jsessionid=qFromPath.nobody", headers[:2]...), request("POST", "/direct/x", form...) + body[:5], request("GET", "/app/"+strings.Repeat("x", 7000), append(headers, "X: "+strings.Repeat("y", 3000))...),
		} {
			k := s.dial(t)
			require.NoError(t, k.Send(text))
			require.NoError(t, k.CloseWrite())
			requireNoSecret(t, "a page", string(k.ReadResponse("GET", patience).Body))
			_ = k.Close()
		}
	}
	send()
	for _, script := range []harness.Script{ // what goes wrong is logged in detail
		harness.Do(harness.Head(200, "OK", "Set-Cookie", "JSESSIONID=qFromSetCookie.a; Path=/"), harness.Chunk("x"), harness.End()),
		harness.Do(harness.Head(200, "OK", "Set-Cookie", "JSESSIONID=qFromSetCookie\n"), harness.End()),
		harness.Do(harness.Packet(77, 'S')), harness.Do(harness.Raw([]byte("HTTP/1.1 400 qFromSetCookie\r\n"))), harness.Early(harness.Close()), harness.Early(harness.Reset()),
		harness.Do(harness.Head(403, "Forbidden"), harness.End()), harness.Do(harness.Head(200, "OK"), harness.Chunk("qFromSetCookie"), harness.Flush(), harness.Close()),
	} {
		a.Script(script)
		r := s.do(t, request("POST", "/direct/x", form...)+body)
		if !strings.HasPrefix(r.Header("Set-Cookie"), "JSESSIONID") && r.Status != 200 {
			requireNoSecret(t, "a page", string(r.Body))
		}
		a.ClearScripts()
	}
	require.NoError(t, a.Down())
	send()
	require.NoError(t, b.Down())
	send()
	for _, query := range []string{"", "?cmd=show&w=lb", "?cmd=show&w=lb&sw=a", "?cmd=dump", "?cmd=dump&mime=prop", "?cmd=dump&mime=xml", "?cmd=list&mime=txt", "?cmd=list&mime=xml", "?cmd=list&mime=prop", "?cmd=edit&w=lb&sw=a", "?cmd=version", "?cmd=update&w=lb&sw=a&vwa=s"} {
		requireNoSecret(t, query, string(s.get(t, "/status"+query, headers...).Body))
	}
	s.graceful(t)
	require.Positive(t, s.count("[trace]")+s.count("[debug]"), "the log has all levels")
	requireNoSecret(t, "mod_jk.log", s.JkLog())
	requireNoSecret(t, "a packet in mod_jk.log", dumped(s.JkLog()))
	requireNoSecret(t, "error.log", s.ErrorLog())
	requireNoSecret(t, "stderr", s.Stderr())
	requireNoSecret(t, "notes", s.Log("notes.log"))
	for _, pid := range append(s.Children(), s.Pid()) {
		for _, file := range []string{"environ", "cmdline"} {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
			require.NoError(t, err)
			requireNoSecret(t, file, string(text))
		}
	}
}

// requireNoSecret looks for whole secrets, and for what is left of one after a cut.
func requireNoSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range secrets {
		at := strings.Index(text, secret[:5])
		if at >= 0 {
			t.Errorf("%s has %q: ...%s...", where, secret, text[max(at-150, 0):min(at+50, len(text))])
		}
	}
}

// TestSecurity_SecretsInFindings: whatever is wrong with a line that holds a secret, no finding repeats it.
func TestSecurity_SecretsInFindings(t *testing.T) {
	for name, tt := range map[string]plan{
		"name that is not supported":    {workers: "worker.a.secrt=hunter2\n"},
		"no equals sign":                {workers: "worker.a.secret hunter2\n"},
		"colon":                         {workers: "worker.a.secret:hunter2\n"},
		"comment in it":                 {workers: "worker.a.secret=hunter2#hunter2\n"},
		"twice":                         {workers: "worker.a.secret=hunter2\nworker.a.secret=hunter22\n"},
		"of two balancers":              {workers: "worker.list=l2\nworker.l2.type=lb\nworker.l2.balance_workers=a\nworker.l2.secret=hunter22\nworker.lb.secret=hunter2\n"},
		"of a status worker":            {workers: "worker.jkstatus.secret=hunter2\n"},
		"secretkey":                     {workers: "worker.a.secretkey=hunter2\n"},
		"too long":                      {workers: "worker.a.secret=" + strings.Repeat("hunter2", 1300) + "\n"},
		"by a variable":                 {workers: "pw=hunter2\nworker.a.secret=$(pw)\nworker.a.port=$(pw)\nworker.a.$(pw)=x\n"},
		"in httpd.conf":                 {config: "JkWorkerProperty worker.a.secret hunter2"},
		"in httpd.conf, unknown":        {config: "JkWorkerProperty worker.a.secretx=hunter2"},
		"in httpd.conf, virtual host":   {config: "<VirtualHost *:1>\nJkWorkerProperty worker.a.secret=hunter2\n</VirtualHost>"},
		"in httpd.conf, wrong quotes":   {config: "JkWorkerProperty \"worker.a.secret=hunter2"},
		"of a worker that is not there": {workers: "worker.nobody.secret=hunter2\n"},
		"with a reference":              {workers: "worker.t.secret=hunter2\nworker.t.speed=9\nworker.a.reference=worker.t\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := prepare(t, tt)
			out, _ := s.ConfigTest()
			requireNoSecret(t, "httpd -t", out)
			if err := s.Start(); err == nil {
				requireNoSecret(t, "the page", string(s.get(t, "/").Body))
			}
			requireNoSecret(t, "stderr", s.Stderr())
			requireNoSecret(t, "error.log", s.ErrorLog())
			requireNoSecret(t, "mod_jk.log", s.JkLog())
		})
	}
}
