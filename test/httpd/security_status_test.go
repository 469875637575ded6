// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// hostile are texts that would do something if a page showed them as they are.
var hostile = []string{
	`<script>alert(1)</script>`, `"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `" onmouseover="alert(1)`, `' autofocus onfocus=alert(1) x='`, `</style><script>alert(1)</script>`, `</title><script>alert(1)</script>`,
	`--><svg/onload=alert(1)>`, `javascript:alert(1)`, `&lt;script&gt;`, `{}<script>`, "\x00<script>", "<scr\x00ipt>", "\u202e<script>", "\xff<script>", "+ADw-script+AD4-", "<%00script>", "0;url=javascript:alert(1)", "\r\nX-Injected: 1\r\n\r\n<script>",
}

// hostileWorkers has such texts wherever workers.properties takes any.
const hostileWorkers = `worker.list=lb,jkstatus,"><i>name
worker.jkstatus.type=status
worker.jkstatus.css=" onload="alert(1)
worker.jkstatus.ns=<script>
worker.jkstatus.prefix="><script>
worker.jkstatus.xmlns="><script>
worker.jkstatus.doctype=<script>
worker.lb.type=lb
worker.lb.balance_workers=a,b
worker.lb.session_cookie="><script>alert(1)</script>
worker.lb.session_path=;"><script>alert(1)</script>
worker.a.host=127.0.0.1
worker.a.port={a}
worker.a.route=" onmouseover="alert(1)
worker.a.domain='><img/src=x/onerror=alert(1)>
worker.b.host=<script>alert(1)</script>.invalid
worker.b.port={b}
worker.b.redirect="><script>alert(1)</script>
worker."><i>name.host=127.0.0.1
worker."><i>name.port={a}
`

var (
	tag       = regexp.MustCompile(`(?s)<(/?)([a-zA-Z!?][^\s>/]*)([^>]*)>`)
	handlers  = regexp.MustCompile(`(?i)(^|\s)(on\w+|srcdoc)\s*=`)
	knownTags = strings.Fields("!DOCTYPE html head meta title style link body header nav main section footer h1 h2 h3 h4 p div span small b strong em code dl dt dd ul li table caption thead tbody tfoot tr th td a form button input label select option details summary abbr br hr")
)

// requireHarmless requires that a page has no element or attribute that is not the status worker's own.
func requireHarmless(t *testing.T, what string, r *harness.Response) {
	t.Helper()
	require.Equal(t, harness.EndComplete, r.End, what)
	require.Empty(t, r.Header("X-Injected"), what)
	page := string(r.Body)
	if !strings.HasPrefix(r.Header("Content-Type"), "text/html") {
		require.Equal(t, "nosniff", r.Header("X-Content-Type-Options"), what)
		return
	}
	if r.Status == 200 {
		require.Contains(t, r.Header("Content-Security-Policy"), "default-src 'none'", what)
		require.Contains(t, r.Header("Content-Security-Policy"), "frame-ancestors 'none'", what)
		require.Equal(t, "DENY", r.Header("X-Frame-Options"), what)
		require.Equal(t, "no-cache", r.Header("Cache-Control"), what)
	}
	for _, m := range tag.FindAllStringSubmatch(page, -1) {
		require.True(t, slices.Contains(knownTags, m[2]) || slices.Contains(knownTags, strings.ToLower(m[2])), "%s: %s", what, m[0])
		require.NotRegexp(t, handlers, quoted.ReplaceAllString(m[3], `""`), "%s: %s", what, m[0])
		require.NotContains(t, strings.ToLower(m[3]), `="javascript:`, "%s: %s", what, m[0])
		require.NotRegexp(t, `(?i)url=\s*(javascript|data|http)`, m[3], "%s: %s", what, m[0])
	}
}

var quoted = regexp.MustCompile(`"[^"]*"`)

// TestSecurity_StatusPage: whatever is configured, and whatever a client sends, the page shows it as text (CVE-2007-6421, CVE-2012-4558).
func TestSecurity_StatusPage(t *testing.T) {
	s := start(t, plan{
		only: true, workers: hostileWorkers,
		config: `JkMount "/app/<script>alert(1)</script>/*" lb` + "\n" + `JkMount "/x/\"><img src=x onerror=alert(1)>" lb;session_cookie="><script>` + "\n" +
			"JkMount /status* jkstatus\nJkUnMount \"/<svg/onload=alert(1)>\" lb\nJkEnvVar <script>alert(1)</script> \"<script>\"\nUseCanonicalName Off\nSetEnvIf X-User (.+) JK_REMOTE_USER=$1\n" +
			"<VirtualHost *:${PORT2}>\nServerName x.test\nServerAdmin <script>@x.test\nJkMountCopy On\n</VirtualHost>\n",
		options: func(o *harness.Options) { o.Ports = 2 },
	})
	for _, path := range []string{"/status", "/status?cmd=show&w=lb", "/status?cmd=show&w=lb&sw=a", "/status?cmd=list&mime=xml", "/status?mime=txt", "/status?mime=prop", "/status?cmd=version", "/status?opt=255&re=5", "/status?cmd=edit&w=lb&sw=a", "/status?cmd=dump"} {
		requireHarmless(t, path, s.get(t, path))
	}
	require.Contains(t, string(s.get(t, "/status").Body), "&lt;script&gt;", "they are shown")
	for i, text := range hostile {
		if testing.Short() && i%4 != 0 {
			continue
		}
		escaped := url.QueryEscape(text)
		for _, query := range []string{
			"?" + escaped, "?cmd=" + escaped, "?w=" + escaped, "?cmd=show&w=" + escaped, "?cmd=show&w=lb&sw=" + escaped, "?cmd=update&w=lb&sw=a&vwa=" + escaped, "?cmd=list&re=" + escaped, "?cmd=list&opt=" + escaped, "?mime=" + escaped, "?from=" + escaped,
			"?cmd=edit&w=lb&att=" + escaped, "?cmd=show&w=lb&from=" + escaped + "&re=3&opt=" + escaped, "?" + escaped + "=" + escaped, "?cmd=version&mime=xml&x=" + escaped,
		} {
			requireHarmless(t, query, s.do(t, request("GET", "/status"+query)))
		}
		form := "cmd=update&w=lb&sw=" + escaped + "&vwa=" + escaped + "&from=" + escaped
		requireHarmless(t, form, s.do(t, request("POST", "/status", "Content-Type: application/x-www-form-urlencoded", "Content-Length: "+fmt.Sprint(len(form)))+form))
		requireHarmless(t, text, s.do(t, request("GET", "/status/"+url.PathEscape(text))))
		if !strings.ContainsAny(text, "\x00\r\n") {
			requireHarmless(t, text, s.do(t, request("GET", "/status?cmd=show", "Referer: "+text, "User-Agent: "+text, "Origin: "+text, "X-User: "+text, "Cookie: "+text, "X-Forwarded-Host: "+text)))
			requireHarmless(t, text, s.do(t, request("POST", "/status?cmd=reset&w=lb", "Origin: http://"+text, "Content-Length: 0")))
			requireHarmless(t, text, s.do(t, request("GET", "/status", "Host: "+text)))
		}
	}
}
