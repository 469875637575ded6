// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// sourceFiles stand in the DocumentRoot behind a mount, whichever of sourceMounts is used; but for those that only a mount of the context maps.
func sourceFiles() map[string]string {
	list := map[string]string{
		"app/index.html": static, "app/inc/virtual.shtml": `[<!--#include virtual="/app/secret.jsp" -->]`, "app/inc/file.shtml": `[<!--#include file="page.jsp" -->]`,
		"app/inc/below.shtml": `[<!--#include file="below/page.jsp" -->]`, "ssi/virtual.shtml": `[<!--#include virtual="/app/secret.jsp" -->]`,
		"ssi/spelled.shtml": `[<!--#include virtual="/app;x/%73ecret.jsp;y?z" -->]`, "ssi/context.shtml": `[<!--#include virtual="/app/" -->]`,
	}
	for _, name := range []string{
		"secret.jsp", "app/secret.jsp", "app/index.jsp", "app/sub/page.jsp", "app/a b.jsp", "app/a;b.jsp", "app/100%.jsp", "app/inc/page.jsp", "app/inc/below/page.jsp",
		"app/dir/index.jsp", "app/neg/page.en.jsp", "app/panic-in-map.jsp", "ssi/page.jsp",
	} {
		list[name] = source
	}
	return list
}

// hiddenFiles are mapped with their context only.
func hiddenFiles() map[string]string {
	return map[string]string{"app/WEB-INF/web.xml": source, "app/WEB-INF/classes/X.class": source, "app/META-INF/MANIFEST.MF": source}
}

// sourceMounts are the ways to map the files. The name of a virtual host is one of them, one of sourceSettings and ".test".
var sourceMounts = map[string]string{
	"context": "JkMount /app/* a\nJkMount /secret.jsp a\nJkMount /ssi/*.jsp a\n",
	"suffix":  "JkMount /*.jsp a\n",
	"both":    "JkMount /app|/* a\nJkMount /*.jsp a\nJkUnMount /app/inc/*.shtml a\nJkUnMount /app/static/* a\n",
}

// sourceSettings are httpd's settings that change which URIs lead to a file.
var sourceSettings = map[string]string{
	"plain":    "",
	"slashes":  "AllowEncodedSlashes On\n",
	"nodecode": "AllowEncodedSlashes NoDecode\n",
	"merge":    "MergeSlashes Off\n",
	"options": "<Directory ${HTDOCS}>\nOptions +MultiViews +Includes +Indexes +FollowSymLinks\nAcceptPathInfo On\nAddOutputFilter INCLUDES .shtml\n" +
		"AddLanguage en .en\nDirectoryIndex index.jsp index.html\n</Directory>\nCheckSpelling On\nErrorDocument 404 /app/secret.jsp\n",
	"rewrite": "RewriteEngine On\nRewriteRule ^/r/(.*)$ /app/$1 [PT]\nRewriteRule ^/i/(.*)$ /j/$1 [PT]\n" +
		"<Directory ${HTDOCS}>\nRewriteEngine On\nRewriteRule ^d/(.*)$ /app/$1\nRewriteRule ^j/(.*)$ app/$1\n</Directory>\n",
	"unsafe":   "JkOptions +RejectUnsafeURI\n",
	"compat":   "JkOptions +ForwardURICompat\n",
	"unparsed": "JkOptions +ForwardURICompatUnparsed\n",
}

func sourceConfig() string {
	var b strings.Builder
	for mount, rules := range sourceMounts {
		for setting, lines := range sourceSettings {
			fmt.Fprintf(&b, "<VirtualHost *:${PORT2}>\nServerName %s-%s.test\nDocumentRoot ${HTDOCS}\n%s%s</VirtualHost>\n", mount, setting, rules, lines)
		}
	}
	return b.String()
}

// spellings of the JSP pages, and of what is hidden with them.
func spellings() (list []string) {
	for _, path := range []string{"/app/secret.jsp", "/app/sub/page.jsp", "/app/a%20b.jsp", "/app/a%3Bb.jsp", "/app/a;b.jsp", "/app/100%25.jsp", "/app/WEB-INF/web.xml", "/secret.jsp"} {
		list = append(list, path)
		for _, tail := range []string{
			";", ";x", ";jsessionid=1.a", "%3B", "%3bx", "/", "//", "/.", "/..", "/x", "/;x", ";/x", ";x/y", "%2f", "%2Fx", "%5c", "%5Cx", "\\", ".", "..", "%2e", "%20", "%20%20", "+", "%00", "%00.html",
			"%0a", "%0d", "%09", "%7f", "%ff", "%c0%80", "%e0%80%80", "%3f", "?", "?x", "?/../../", "?;", "#x", "::$DATA", "~", ".bak", ".html", "%", "%2", "%zz", "%u002e", "*", "&", "|", "\"", "'", "<", "/../secret.jsp",
			"/..;/secret.jsp", "/%2e%2e/secret.jsp", "/.%2e;/secret.jsp", "/x/../../secret.jsp", ";/../secret.jsp", "%3B/../secret.jsp",
		} {
			list = append(list, path+tail)
		}
		first, last := path[:strings.LastIndex(path, "/")+1], path[strings.LastIndex(path, "/")+1:]
		for _, middle := range []string{
			"/", "//", "./", "././", "x/../", "../app/", "..;/app/", "..;x=1/app/", ".;/", ".;x/", ";/", ";x=y/", "%2e/", "%2E%2e/app/", "x/%2e%2e/", "x/..%3B/../", "%3B/../", ".%3B/../", "..%3B/app/", "x;/../", "x%3B/../", ";/../app/",
			"\\", "%5c", "%2f", "%2F", "..%2f", "..%2fapp%2f", "..%5capp%5c", "%252e%252e/app/", "%252f", ".%2e/app/", "%2e./app/", "%c0%ae%c0%ae/app/", "%c0%af", "%e0%80%af", "%u2215", "\xc0\xaf", "\xef\xbc\x8f", "static/../", "static/..;/", "static/%2e%2e/",
			"%00/", "%20/", " /", "WEB-INF/..;/", "WEB-INF/../", "~/", "*/../",
		} {
			list = append(list, first+middle+last)
		}
		list = append(list, strings.ToUpper(path), "//"+path[1:], "///"+path[1:], "/."+path, "/.."+path, "/../.."+path, "/;"+path, "/;x"+path, "/%3B"+path, "/x/.."+path, "/x;/.."+path, "/x%2f.."+path, "/x/..;"+path, "/%2e"+path, "/%2e%2e"+path,
			"/%2f"+path, "\\"+path, "/\\"+path, "http://localhost"+path, "http://plain.test:80"+path+"?x", "HTTP://x"+path, "//host"+path, "https://localhost"+path, "file://"+path, "*"+path, "?"+path, "%2f"+path[1:], path[1:], " "+path,
			each(path, func(c byte) string { return fmt.Sprintf("%%%02x", c) }), each(path, func(c byte) string { return fmt.Sprintf("%%%02X", c) }), each(path, func(c byte) string { return fmt.Sprintf("%%25%02x", c) }),
			strings.Replace(path, ".", "%2e", 1), strings.Replace(path, ".", "%252e", 1), strings.Replace(path, "jsp", "%6asp", 1), strings.Replace(path, "jsp", "Jsp", 1), strings.Replace(path, "/", "//", 2),
			strings.Replace(path, "app", "app;x", 1), strings.Replace(path, "app", "app;x/", 1), strings.Replace(path, "app", "app%3Bx", 1), strings.Replace(path, "app", "%61pp", 1), strings.Replace(path, "app", "APP", 1),
			strings.Replace(path, "/app/", "/app%2f", 1), strings.Replace(path, "/app/", "/app%252f", 1), strings.Replace(path, "/app/", "/app\\", 1), strings.Replace(path, "/app/", "/app;x%2f", 1),
			strings.Replace(path, "/app/", "/r/", 1), strings.Replace(path, "/app/", "/i/", 1), strings.Replace(path, "/app/", "/d/", 1), strings.Replace(path, "/app/", "/r/..;/app/", 1), strings.Replace(path, "/app/", "/d/%2e%2e/app/", 1),
			strings.Replace(path, "/app/", "/r//../app/;/", 1), strings.Replace(path, "/app/", "/d/;x/", 1), strings.Replace(path, "/app/", "/i/x%3B/../", 1),
		)
	}
	return append(list, "/app", "/app/", "/app//", "/app;x", "/app;x/", "/app/;x", "/app/.", "/app/index.jsp", "/app/index", "/app/secret", "/app/neg/page", "/app/neg/page.en", "/app/neg/page.jsp", "/app/neg/PAGE", "/app/Secret.jsp", "/app/secert.jsp",
		"/app/dir", "/app/dir/", "/app/dir/;x", "/app/dir;x/", "/app/dir%3Bx/", "/app/dir//", "/app/inc/virtual.shtml", "/app/inc/file.shtml", "/app/inc/below.shtml", "/ssi/virtual.shtml", "/ssi/spelled.shtml", "/ssi/context.shtml", "/nothing", "/nothing;x", "/nothing.jsp",
		"/ssi/page", "/ssi/page.jsp", "/ssi/", "*", "/", "", "//", "/..;/", "/app/META-INF/MANIFEST.MF", "/app/WEB-INF/classes/X.class", "/app/WEB-INF;x/classes/X.class", "/app/web-inf/web.xml", "/app/WEB-INF%2fweb.xml", "/app/WEB-INF%5cweb.xml",
		"/app/%57EB-INF/web.xml", "/app/WEB-INF./web.xml", "/app/WEB-INF%20/web.xml")
}

// each encodes every byte but slashes.
func each(path string, encode func(c byte) string) string {
	var b strings.Builder
	for i := range len(path) {
		if path[i] == '/' {
			b.WriteByte('/')
		} else {
			b.WriteString(encode(path[i]))
		}
	}
	return b.String()
}

// requireNoSource sends every spelling to every virtual host.
func requireNoSource(t *testing.T, s *site, sections func(mount, setting string) bool) {
	t.Helper()
	statuses := map[int]int{}
	for mount := range sourceMounts {
		for setting := range sourceSettings {
			host := fmt.Sprintf("Host: %s-%s.test", mount, setting)
			for _, target := range spellings() {
				r := doAt(t, s.AddrOf(1), request("GET", target, host))
				statuses[r.Status]++
				if strings.Contains(string(r.Body), "secret") && strings.Contains(string(r.Body), "<%") {
					t.Errorf("%s %s: the source, %s", host, target, r.StatusLine)
				}
			}
		}
	}
	t.Log(statuses)
	_ = slices.Clone[[]int]
	_ = require.New(t)
}

func TestSecurity_Source(t *testing.T) {
	s := start(t, plan{config: sourceConfig(), options: func(o *harness.Options) {
		o.Ports, o.Files, o.Modules = 2, sourceFiles(), []string{"include", "negotiation", "speling", "autoindex"}
	}})
	requireNoSource(t, s, nil)
}
