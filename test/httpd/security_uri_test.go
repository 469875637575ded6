// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// Modes to forward a URI, and settings of httpd that change which one it is. The name of a virtual host is one of each, with a dash between, and ".test".
var (
	uriModes      = []string{"Proxy", "Escaped", "Compat", "CompatUnparsed"}
	slashSettings = []string{"Off", "On", "NoDecode"}
)

// closedRules map the context but for what closed says.
const closedRules = `JkMount /app/* a
JkUnMount /app/admin/* a
JkUnMount /app/*.do a
<Location /app/closed>
  Require all denied
</Location>
<LocationMatch \.act$>
  Require all denied
</LocationMatch>
`

// closed reports whether a path, as the container sees it, is one that closedRules keep from it.
func closed(path string) bool {
	return !strings.HasPrefix(path, "/app/") || strings.HasPrefix(path, "/app/admin/") || path == "/app/closed" || strings.HasPrefix(path, "/app/closed/") ||
		strings.HasSuffix(path, ".do") || strings.HasSuffix(path, ".act")
}

// uriSite is an httpd with all virtual hosts, at the second port.
func uriSite(t *testing.T) *site {
	t.Helper()
	var b strings.Builder
	for _, mode := range uriModes {
		for _, slashes := range slashSettings {
			fmt.Fprintf(&b, "<VirtualHost *:${PORT2}>\nServerName %s-%s.test\nJkOptions +ForwardURI%[1]s\nAllowEncodedSlashes %[2]s\n%s</VirtualHost>\n", mode, slashes, closedRules)
		}
	}
	return start(t, plan{containers: "a", config: b.String(), options: func(o *harness.Options) { o.Ports = 2 }})
}

// tomcatPath is the path for which Tomcat looks for a servlet: without parameters, then decoded, then without dot segments. ok is false for what it answers with 400: among others
// "%2F", which it refuses by default.
func tomcatPath(forwarded string) (path string, ok bool) {
	parts := strings.Split(forwarded, "/")
	for i := range parts {
		parts[i], _, _ = strings.Cut(parts[i], ";")
	}
	path = strings.Join(parts, "/")
	if strings.Contains(strings.ToUpper(path), "%2F") {
		return "", false
	}
	path, err := url.PathUnescape(path)
	if err != nil || strings.Contains(path, "\\") {
		return "", false
	}
	var kept []string
	last := ""
	for segment := range strings.SplitSeq(path, "/") {
		switch last = segment; segment {
		case "", ".":
		case "..":
			if len(kept) == 0 {
				return "", false
			}
			kept = kept[:len(kept)-1]
		default:
			kept = append(kept, segment)
		}
	}
	path = "/" + strings.Join(kept, "/")
	if path != "/" && (last == "" || last == "." || last == "..") {
		path += "/"
	}
	return path, true
}

// forwarded is the URI that the container gets for a target; empty if it is not asked.
func (p *prober) forwarded(t *testing.T, target, host string) string {
	t.Helper()
	p.site.Take()
	p.ask(t, requestOn("GET", target, "Host: "+host+".test"))
	for _, r := range p.site.requests() {
		return r.Request.URI.Value
	}
	return ""
}

func TestSecurity_EscapedSemicolon(t *testing.T) {
	s := uriSite(t)
	p := newProber(t, s)
	tests := []struct{ target, proxy, escaped, compat string }{ // what the container gets; empty: it is not asked
		{"/app/x;y", "/app/x;y", "/app/x;y", "/app/x;y"},
		{"/app/x%3By", "/app/x%3By", "/app/x%3by", "/app/x;y"},
		{"/app/x%3by;v=%3B", "/app/x%3By;v=%3B", "/app/x%3by;v=%3b", "/app/x;y;v=;"},
		{"/app/x%253By", "/app/x%253By", "/app/x%253By", "/app/x%3By"},
		{"/app%3Bx/y", "", "", "/app;x/y"},
		{"/app/admin/..%3B/x", "", "", "/app/admin/..;/x"},
		{"/app/closed/..%3B/x", "", "", "/app/closed/..;/x"},
		{"/app/admin%3B/x", "/app/admin%3B/x", "/app/admin%3b/x", ""},
		{"/app/closed%3B/x", "/app/closed%3B/x", "/app/closed%3b/x", ""},
		{"/app/x%3B.do", "", "", "/app/x;.do"},
		{"/app/x%3B.act", "", "", "/app/x;.act"},
		{"/app/x;.do", "/app/x;.do", "/app/x;.do", "/app/x;.do"},
		{"/app/closed;/x", "", "", ""},
		{"/app/;x/closed/y", "", "", ""},
		{"/app/x/..;/closed/y", "", "", ""},
		{"http://other.test/app/x%3By?%3B", "/app/x%3By", "/app/x%3by", "/app/x;y"},
	}
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			for host, want := range map[string]string{"Proxy-Off": tt.proxy, "Escaped-Off": tt.escaped, "Compat-Off": tt.compat} {
				target := strings.Replace(tt.target, "other.test", host+".test", 1) // an absolute target names the virtual host
				require.Equal(t, want, p.forwarded(t, target, host), host)
			}
		})
	}
}

func TestSecurity_EscapedSlash(t *testing.T) {
	s := uriSite(t)
	p := newProber(t, s)
	tests := []struct{ target, off, on, noDecode string }{ // with ForwardURIProxy
		{"/app/a%2Fb", "", "/app/a/b", "/app/a%2Fb"},
		{"/app/a%2fb", "", "/app/a/b", "/app/a%2fb"},
		{"/app/a%252Fb", "/app/a%252Fb", "/app/a%252Fb", "/app/a%252Fb"},
		{"/app/a%2F%252f%3B", "", "/app/a/%252f%3B", "/app/a%2F%252f%3B"},
		{"/app/x%2F..%2Fadmin%2Fy", "", "", "/app/x%2F..%2Fadmin%2Fy"}, // Tomcat answers 400, unless it was told otherwise
		{"/app/x%2F..%2Fclosed", "", "", "/app/x%2F..%2Fclosed"},
		{"/app/x%2F..%2Fy%3B", "", "/app/y%3B", "/app/x%2F..%2Fy%3B"},
		{"/app%2Fx", "", "/app/x", ""},
	}
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			for host, want := range map[string]string{"Proxy-Off": tt.off, "Proxy-On": tt.on, "Proxy-NoDecode": tt.noDecode} {
				require.Equal(t, want, p.forwarded(t, tt.target, host), host)
			}
		})
	}
}

// TestSecurity_OddBytes: what httpd decodes to something that is no letter is forwarded encoded, or refused.
func TestSecurity_OddBytes(t *testing.T) {
	s := uriSite(t)
	p := newProber(t, s)
	tests := []struct{ target, proxy, compat string }{
		{"/app/a%00b", "", ""}, // httpd: 404
		{"/app/a%0ab", "/app/a%0Ab", ""},
		{"/app/a%0d%0aX-Own:%201", "/app/a%0D%0AX-Own:%201", ""},
		{"/app/a%09b", "/app/a%09b", ""},
		{"/app/a%7fb", "/app/a%7Fb", ""},
		{"/app/a%1bb", "/app/a%1Bb", ""},
		{"/app/%ff%80", "/app/%FF%80", "/app/\xff\x80"},
		{"/app/\xff\x80", "/app/%FF%80", "/app/\xff\x80"},
		{"/app/%c0%af..%c0%ae/x", "/app/%C0%AF..%C0%AE/x", "/app/\xc0\xaf..\xc0\xae/x"},
		{"/app/%e2%80%ae", "/app/%E2%80%AE", "/app/\xe2\x80\xae"},
		{"/app/a%20b", "/app/a%20b", "/app/a b"},
		{"/app/a%25%32%66b", "/app/a%252fb", "/app/a%2fb"},
		{"/app/a%5c..%5cb", "/app/a%5C..%5Cb", `/app/a\..\b`},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%q", tt.target), func(t *testing.T) {
			require.Equal(t, tt.proxy, p.forwarded(t, tt.target, "Proxy-Off"))
			require.Equal(t, strings.ToLower(tt.proxy), strings.ToLower(p.forwarded(t, tt.target, "Escaped-NoDecode")))
			require.Equal(t, tt.compat, p.forwarded(t, tt.target, "Compat-Off"))
			require.NotContains(t, p.forwarded(t, tt.target, "CompatUnparsed-Off"), "\n")
		})
	}
}

// TestSecurity_MappedAsForwarded: what the container sees is never what rules or <Location> keep from it, whatever the client writes, however httpd reads
// slashes, and however the URI is forwarded. A part of the targets is built from what is closed, the rest of what matters in a URI, at random.
func TestSecurity_MappedAsForwarded(t *testing.T) {
	s := uriSite(t)
	p := newProber(t, s)
	var targets []string
	for _, path := range []string{"/app/admin/x", "/app/closed/x", "/app/x.do", "/app/x.act"} {
		targets = append(targets, spellingsOf(path)...)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		targets = append(targets, randomTarget(random))
	}
	asked := 0
	for i, target := range targets {
		if testing.Short() && i%10 != 0 {
			continue
		}
		for k, mode := range uriModes {
			host := mode + "-" + slashSettings[(i+k)%len(slashSettings)]
			uri := p.forwarded(t, target, host)
			if uri == "" {
				continue
			}
			asked++
			if mode == "Compat" && strings.Contains(uri, "%") {
				continue // decoded twice: docs/security.md warns
			}
			uri, _, _ = strings.Cut(uri, "#")
			if path, ok := tomcatPath(strings.TrimPrefix(uri, "http://localhost")); ok {
				require.False(t, closed(path), "%s: %q is forwarded as %q, which is %q", host, target, uri, path)
			}
		}
	}
	require.Greater(t, asked, len(targets)/20)
}

// randomTarget is a request target of parts that change what a path means.
func randomTarget(random *rand.Rand) string {
	parts := []string{"/", "/", "/", "/app/", "app", "admin", "closed", "x", ".do", ".act", "..", ".", ";", "%3B", "%3b", "%2F", "%2f", "%252f", "%2e", "%253b", ";v=1", "%20", "//", "/../", "/..;/", "/..%3B/"}
	target := "/app/"
	for range 1 + random.IntN(8) {
		target += parts[random.IntN(len(parts))]
	}
	return target
}

// TestSecurity_LongURI: a URI beyond every limit is no hit, and no harm (CVE-2007-0774: a stack overflow in the mapper).
func TestSecurity_LongURI(t *testing.T) {
	s := start(t, plan{containers: "a", workers: "worker.a.max_packet_size=65536\n", config: "JkMount /app/* a\nJkMount /*.jsp a\nLimitRequestLine 100000\n", options: func(o *harness.Options) {
		o.Files = map[string]string{"app/secret.jsp": source}
	}})
	for _, target := range []string{
		"/app/" + strings.Repeat("x", 65536), "/app/" + strings.Repeat("x/", 32768), "/app/" + strings.Repeat(";x", 32768), "/" + strings.Repeat("/", 65536) + "app/secret.jsp", "/app/" + strings.Repeat("../app/", 9000) + "secret.jsp",
		"/app/" + strings.Repeat("%3B", 20000), "/app/" + strings.Repeat("..;/app/", 8000) + "secret.jsp", "/app/secret.jsp;" + strings.Repeat("x", 65536), "/app/secret.jsp/" + strings.Repeat("x/", 2100), "/" + strings.Repeat("x", 5000) + ".jsp",
		"/app/secret.jsp?" + strings.Repeat("x", 65536), strings.Repeat("/app", 16384),
	} {
		r := s.do(t, request("GET", target))
		require.Equal(t, harness.EndComplete, r.End)
		require.Contains(t, []int{200, 403, 404, 413}, r.Status, "%s...", target[:20])
		require.NotContains(t, string(r.Body), "secret %")
		s.requireAnswer(t, "/app/next", "a")
	}
}

// TestSecurity_NoMountNoWorker: what is not mounted reaches no container, whatever handler it has (CVE-2023-41081).
func TestSecurity_NoMountNoWorker(t *testing.T) {
	s := start(t, plan{config: `JkMount /app/* lb
JkOptions +ForwardDirectories
<Location /handler>
  SetHandler jakarta-servlet
</Location>
`, options: func(o *harness.Options) { o.Files = map[string]string{"dir/x.txt": "x", "handler/x.txt": source} }})
	for _, path := range []string{"/", "/dir/", "/dir", "/handler/", "/handler/x.txt", "/handler", "/other", "/app", "/APP/x", "/handler/x.txt;jsessionid=1.a", "/dir/;x"} {
		r := s.do(t, request("GET", path, "Cookie: JSESSIONID=1.a"))
		require.NotContains(t, string(r.Body), "secret %")
		require.Empty(t, s.requests(), path)
	}
}

// TestSecurity_HandlerWithoutMount: a request that reaches a worker by its handler was never mapped, so <Location> has seen its path with all parameters. What the container reads
// must be open, too (CVE-2018-11759 by another way).
func TestSecurity_HandlerWithoutMount(t *testing.T) {
	s := start(t, plan{containers: "a", config: `SetEnvIf X-Worker (.+) JK_WORKER_NAME=$1
<Location /handler>
  SetHandler jakarta-servlet
</Location>
<Location /handler/closed>
  Require all denied
</Location>
<LocationMatch \.act$>
  Require all denied
</LocationMatch>
`})
	open := []string{"/handler/x", "/handler/x;jsessionid=1.a", "/handler/x;a=b/y", "/handler/;x/y", "/handler/x%3By", "/handler/closed%3Bx", "/handler/x/..;/y", "/handler/a%20b;x", "/handler/x;?a=b"}
	shut := []string{
		"/handler/closed", "/handler/closed/x", "/handler/closed;x", "/handler/closed;/x", "/handler/;x/closed", "/handler/;/closed/x", "/handler/x/..;/closed", "/handler/x/..;a=b/closed/y", "/handler/.;/closed", "/handler/x.act;y", "/handler;x/../handler/closed",
		"/handler/;y/closed/..%3B/x", "/handler/%63losed;x", "/handler/closed;%3B",
	}
	for _, path := range open {
		s.requireAnswer(t, path, "a", "X-Worker: a")
	}
	s.Take()
	for _, path := range shut {
		r := s.get(t, path, "X-Worker: a")
		require.Equal(t, 403, r.Status, path)
		require.Empty(t, s.requests(), path)
	}
}

// TestSecurity_ClosedStatusPage: no spelling gets around the <Location> of a status page (CVE-2018-11759), and <Directory> is not the place to close it (CVE-2024-10306).
func TestSecurity_ClosedStatusPage(t *testing.T) {
	s := start(t, plan{config: `JkMount /status jkstatus
JkMount /jk/* jkstatus
JkMount /open/* jkstatus
<Location /status>
  Require all denied
</Location>
<Location /jk>
  Require all denied
</Location>
<Directory ${HTDOCS}/open>
  Require all denied
</Directory>
`})
	require.Contains(t, string(s.get(t, "/open/x").Body), "JK Status Manager", "<Directory> does not apply to it")
	targets := []string{
		"/status", "/status;", "/status;x", "/status;/", "//status", "/./status", "/x/../status", "/x/..;/status", "/x;/..;/status", "/%73tatus", "/%2e/status", "/;x/status", "/status%3B", "/status%3Bx", "/status%20", "/status/", "/status?cmd=list", "/;/status", "/x%3B/../status",
		"/jk/x", "/jk;/x", "/jk;x/y", "//jk//x", "/jk/..;/jk/x", "/open/../jk/x", "/open/..;/jk/x", "/%6ak/x", "/jk%2fx", "/JK/x", "/jk/%2e%2e/jk/x", "/./jk/./x", "/open;/../jk/x", "/jk%3B/x", "http://localhost/jk/x", "http://localhost/jk;x/x",
	}
	for _, target := range targets {
		for _, method := range []string{"GET", "POST", "HEAD", "OPTIONS", "BREW"} {
			r := s.do(t, request(method, target, "Content-Length: 0"))
			if method != "OPTIONS" { // httpd answers that for what does not exist, too
				require.NotEqual(t, 200, r.Status, "%s %s", method, target)
			}
			require.NotContains(t, string(r.Body), "JK Status Manager", "%s %s", method, target)
		}
	}
}
