// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"slices"
	"strings"
)

// This file has the ways to write the URI of a file that a worker has, and the settings of httpd in which they are tried.

// sourceMounts are the ways to map the files. The name of a virtual host is one of them, a dash, one of sourceSettings and ".test".
var sourceMounts = map[string]string{
	"context": "JkMount /app/* a\nJkMount /secret.jsp a\nJkMount /ssi/*.jsp a\nJkMount /ssi/below/*.jsp a\n",
	"suffix":  "JkMount /*.jsp a\n",
	"file":    "JkMountFile ${HTDOCS}/map.properties\n",
	"alias":   "DocumentRoot ${DIR}/empty\nJkAutoAlias ${HTDOCS}\nJkMount /*.jsp a\n",
	"both":    "JkMount /app|/* a\nJkMount /*.jsp a\nJkUnMount /app/inc/*.shtml a\nJkUnMount /app/static/* a\n",
}

// sourceSettings are settings that change which URIs lead to a file.
var sourceSettings = map[string]string{
	"plain":    "",
	"slashes":  "AllowEncodedSlashes On\n",
	"nodecode": "AllowEncodedSlashes NoDecode\n",
	"merge":    "MergeSlashes Off\n<Directory ${HTDOCS}>\nAcceptPathInfo On\n</Directory>\n",
	"options": "<Directory ${HTDOCS}>\nOptions +MultiViews +Includes +Indexes +FollowSymLinks\nAcceptPathInfo On\nAddOutputFilter INCLUDES .shtml\n" +
		"AddLanguage en .en\nDirectoryIndex index.jsp index.html\n</Directory>\nCheckSpelling On\nErrorDocument 404 /app/secret.jsp\n",
	"rewrite": "RewriteEngine On\nRewriteRule ^/r/(.*)$ /app/$1 [PT]\nRewriteRule ^/i/(.*)$ /j/$1 [PT]\n" +
		"<Directory ${HTDOCS}>\nRewriteEngine On\nRewriteRule ^d/(.*)$ /app/$1\nRewriteRule ^j/(.*)$ app/$1\n</Directory>\n",
	"unsafe":   "JkOptions +RejectUnsafeURI\n",
	"compat":   "JkOptions +ForwardURICompat\n",
	"unparsed": "JkOptions +ForwardURICompatUnparsed\n",
	"strip":    "JkStripSession On\n<Directory ${HTDOCS}>\nAcceptPathInfo On\n</Directory>\n",
}

// sourceConfig has a virtual host for each pair, all at the second port.
func sourceConfig() string {
	var b strings.Builder
	for _, host := range sourceHosts() {
		mount, setting, _ := strings.Cut(host, "-")
		fmt.Fprintf(&b, "<VirtualHost *:${PORT2}>\nServerName %s.test\nDocumentRoot ${HTDOCS}\n%s%s</VirtualHost>\n", host, sourceMounts[mount], sourceSettings[setting])
	}
	return b.String()
}

// sourceHosts are the names of the virtual hosts, without ".test".
func sourceHosts() (list []string) {
	for mount := range sourceMounts {
		for setting := range sourceSettings {
			if others := slices.Contains([]string{"file", "alias"}, mount); !others || slices.Contains([]string{"plain", "options", "strip", "nodecode"}, setting) {
				list = append(list, mount+"-"+setting)
			}
		}
	}
	slices.Sort(list)
	return list
}

// sourceFiles stand in the DocumentRoot behind all sourceMounts, but for those that only a mount of the context maps.
func sourceFiles() map[string]string {
	list := map[string]string{
		"app/index.html": static, "app/inc/virtual.shtml": `[<!--#include virtual="/app/secret.jsp" -->]`, "app/inc/file.shtml": `[<!--#include file="page.jsp" -->]`,
		"app/inc/below.shtml": `[<!--#include file="below/page.jsp" -->]`, "ssi/virtual.shtml": `[<!--#include virtual="/app/secret.jsp" -->]`,
		"ssi/spelled.shtml": `[<!--#include virtual="/app;x/%73ecret.jsp;y?z" -->]`, "ssi/context.shtml": `[<!--#include virtual="/app/" -->]`,
		"map.properties":  "/app/* = a\n/*.jsp=a\n/ssi/*.jsp = a\n!/app/static/*=a\n",
		"ssi/below.shtml": `[<!--#include file="below/page.jsp" -->]`, "ssi/file.shtml": `[<!--#include file="page.jsp" -->]`,
	}
	for _, name := range []string{
		"secret.jsp", "app/secret.jsp", "app/index.jsp", "app/a;b.jsp", "app/100%.jsp", "app/inc/page.jsp", "app/inc/below/page.jsp", "app/dir/index.jsp", "app/neg/page.en.jsp", "app/panic-in-map.jsp",
		"ssi/page.jsp", "ssi/below/page.jsp",
	} {
		list[name] = source
	}
	return list
}

// hiddenFiles are mapped with their context only: a mount by suffix leaves them to httpd.
var hiddenFiles = map[string]string{"app/WEB-INF/web.xml": source, "app/WEB-INF/classes/X.class": source, "app/META-INF/MANIFEST.MF": source}

// tails come behind a path: parameters, path info, what other systems ignore at the end of a name, and what ends a string for some.
var tails = []string{
	"", ";", ";x", ";jsessionid=1.a", "%3B", "%3bx", "%3Bjsessionid=1.a", "%3Bjsessionid=1.a;x", "/", "//", "/.", "/..", "/x", "/;x", ";/x", ";x/y", "%2f", "%2Fx", "%5c", "%5Cx", "\\", ".", "..", "%2e",
	"%20", "%20%20", "+", "%00", "%00.html", "%0a", "%0d", "%09", "%7f", "%ff", "%c0%80", "%e0%80%80", "%3f", "?", "?x", "?/../../", "?;", "#x", "::$DATA", "~", ".bak", ".html", "%", "%2", "%zz", "%u002e", "*", "&", "|",
	"\"", "'", "<", "/../secret.jsp", "/..;/secret.jsp", "/%2e%2e/secret.jsp", "/.%2e;/secret.jsp", "/x/../../secret.jsp", ";/../secret.jsp", "%3B/../secret.jsp",
}

// middles come between a folder, which is "/app/", and the name of a file in it.
var middles = []string{
	"/", "//", "./", "././", "x/../", "../app/", "..;/app/", "..;x=1/app/", ".;/", ".;x/", ";/", ";x=y/", "%2e/", "%2E%2e/app/", "x/%2e%2e/", "x/..%3B/../", "%3B/../", ".%3B/../", "..%3B/app/", "x;/../",
	"x%3B/../", ";/../app/", "\\", "%5c", "%2f", "%2F", "..%2f", "..%2fapp%2f", "..%5capp%5c", "%252e%252e/app/", "%252f", ".%2e/app/", "%2e./app/", "%c0%ae%c0%ae/app/", "%c0%af", "%e0%80%af", "%u2215",
	"\xc0\xaf", "\xef\xbc\x8f", "static/../", "static/..;/", "static/%2e%2e/", "%00/", "%20/", " /", "WEB-INF/..;/", "WEB-INF/../", "~/", "*/../",
}

// heads come before a path.
var heads = []string{
	"/", "//", "/.", "/..", "/../..", "/;", "/;x", "/%3B", "/x/..", "/x;/..", "/x%2f..", "/x/..;", "/%2e", "/%2e%2e", "/%2f", "\\", "/\\", "//host", "*", "?", " ",
	"http://localhost", "http://plain.test:80", "HTTP://x", "https://localhost", "file://",
}

// otherSpellings are what does not fit the lists above.
var otherSpellings = []string{
	"/app", "/app/", "/app//", "/app;x", "/app;x/", "/app/;x", "/app/.", "/app/index.jsp", "/app/index", "/app/secret", "/app/neg/page", "/app/neg/page.en", "/app/neg/page.jsp", "/app/neg/PAGE", "/app/Secret.jsp", "/app/secert.jsp",
	"/app/dir", "/app/dir/", "/app/dir/;x", "/app/dir;x/", "/app/dir%3Bx/", "/app/dir//", "/app/inc/virtual.shtml", "/app/inc/file.shtml", "/app/inc/below.shtml", "/ssi/virtual.shtml", "/ssi/spelled.shtml", "/ssi/context.shtml",
	"/ssi/below.shtml", "/ssi/file.shtml", "/nothing", "/nothing;x", "/nothing.jsp", "/ssi/page", "/ssi/page.jsp", "/ssi/", "*", "/", "", "//", "/..;/", "secret.jsp", "app/secret.jsp", "/app/panic-in-map.jsp", "/app/panic-in-map.jsp/x",
	"/d/panic-in-map.jsp", "/r/panic-in-map.jsp;x", "/app/secret.jsp%3Bjsessionid=1.a", "/app/secret.jsp%3bjsessionid=1.a;x", "/app/secret.jsp%3Bx;jsessionid=1.a", "/app/secret.jsp/x", "/app/secret.jsp/", "/app/secret.jsp/;x", "/app/secret.jsp//x", "/app//secret.jsp///x//y", "/app/secret.jsp/;x/y", "/app;x/secret.jsp/y", "/app/secret.jsp/../secret.jsp//;",
	"/app/a;b.jsp", "/app/a%3Bb.jsp", "/app/a;b.jsp/x", "/app/a%3Bb.jsp;jsessionid=1", "/app;jsessionid=1/secret.jsp", "/app%3Bjsessionid=1/secret.jsp", "/app/100%25.jsp",
}

// hiddenSpellings are of hiddenFiles.
var hiddenSpellings = []string{
	"/app/WEB-INF/web.xml", "/app/META-INF/MANIFEST.MF", "/app/WEB-INF/classes/X.class", "/app/WEB-INF;x/classes/X.class", "/app/web-inf/web.xml", "/app/WEB-INF%2fweb.xml", "/app/WEB-INF%5cweb.xml", "/app/%57EB-INF/web.xml", "/app/WEB-INF./web.xml",
	"/app/WEB-INF%20/web.xml", "/app//WEB-INF//web.xml", "/app/x/..;/WEB-INF/web.xml", "/app;x/WEB-INF/web.xml", "/x/..;/app/WEB-INF/web.xml", "/app/WEB-INF/web.xml;x", "/app/WEB-INF/web.xml/", "/app%3B/../app/WEB-INF/web.xml",
}

// spellings are all ways to write some of the paths of sourceFiles.
func spellings() (list []string) {
	for _, path := range []string{"/app/secret.jsp", "/app/a%3Bb.jsp", "/app/a;b.jsp", "/app/100%25.jsp"} {
		list = append(list, spellingsOf(path)...)
	}
	return list
}

// spellingsOf are the ways to write a path below "/app/".
func spellingsOf(path string) (list []string) {
	name := strings.TrimPrefix(path, "/app/")
	for _, tail := range tails {
		list = append(list, path+tail)
	}
	for _, middle := range middles {
		list = append(list, "/app/"+middle+name)
	}
	for _, head := range heads {
		list = append(list, head+path)
	}
	for _, folder := range []string{
		"//app/", "/app;x/", "/app;x//", "/app%3Bx/", "/%61pp/", "/APP/", "/app%2f", "/app%252f", "/app\\", "/app;x%2f", "/r/", "/i/", "/d/", "/r/..;/app/", "/d/%2e%2e/app/", "/r//../app/;/", "/d/;x/", "/i/x%3B/../",
	} {
		list = append(list, folder+name)
	}
	for _, form := range []string{"%%%02x", "%%%02X", "%%25%02x"} {
		list = append(list, escapeAll(path, form))
	}
	return append(list, strings.ToUpper(path), strings.Replace(path, ".", "%2e", 1), strings.Replace(path, ".", "%252e", 1), strings.Replace(path, "jsp", "%6asp", 1), strings.Replace(path, "jsp", "Jsp", 1))
}

// escapeAll encodes every byte but slashes.
func escapeAll(path, form string) string {
	var b strings.Builder
	for i := range len(path) {
		if path[i] == '/' {
			b.WriteByte('/')
		} else {
			fmt.Fprintf(&b, form, path[i])
		}
	}
	return b.String()
}
