package main

import "strings"

// withHeader adds a header to a request.
func withHeader(request, header string) string {
	line, rest, _ := strings.Cut(request, "\r\n")
	return line + "\r\n" + header + "\r\n" + rest
}

// interplayCases: mounts beside what other modules do with the same URIs.
func interplayCases() []Case {
	return []Case{
		{
			Name: "beside/Alias and ScriptAlias", Workers: one(), Files: map[string]string{"free/f.txt": "file\n", "app/f.txt": "file\n", "cgi/x": "no script\n"},
			Config: "JkMount /app/* a\nAlias /app/alias ${HTDOCS}/free\nAlias /to ${HTDOCS}/app\nScriptAlias /app/cgi ${HTDOCS}/cgi\nAliasMatch ^/app/m(.*)$ ${HTDOCS}/free$1\nRedirect /app/redirect /else\nRedirectMatch 410 ^/app/gone\n",
			Steps:  gets("/app/alias/f.txt", "/to/f.txt", "/app/cgi/x", "/app/m/f.txt", "/app/redirect", "/app/redirect/x", "/app/gone", "/app/x"),
		},
		{
			Name: "beside/handlers", Workers: one(), Files: map[string]string{"app/x.hand": "file\n", "app/x.txt": "file\n"},
			Config: "JkMount /app/* a\nAddHandler default-handler .hand\nAddHandler nobody .nob\n<Location /app/default>\nSetHandler default-handler\n</Location>\n<Location /app/none>\nSetHandler none\n</Location>\n" +
				"<Files x.txt>\nSetHandler nobody\n</Files>\n<Directory ${HTDOCS}/app>\nSetHandler nobody\n</Directory>\n<If \"%{REQUEST_URI} =~ m#/app/if#\">\nSetHandler default-handler\n</If>\n",
			Steps: gets("/app/x", "/app/x.hand", "/app/y.hand", "/app/x.nob", "/app/default/x", "/app/none/x", "/app/x.txt", "/app/if/x", "/app/dir.hand/x", "/app/x.hand/y"),
		},
		{
			Name: "beside/mod_rewrite in server context", Containers: ab, Workers: workersAB(), Files: map[string]string{"app/f.txt": "file\n", "s/f.txt": "static\n"},
			Config: "JkMount /app/* a\nJkMount /b/* b\nRewriteEngine On\nRewriteRule ^/pt/(.*)$ /app/$1 [PT]\nRewriteRule ^/nopt/(.*)$ /app/$1\nRewriteRule ^/last/(.*)$ /app/$1 [L]\nRewriteRule ^/app/tob/(.*)$ /b/$1 [PT]\nRewriteRule ^/app/static/(.*)$ /s/$1 [PT]\n" +
				"RewriteRule ^/app/raw/(.*)$ /s/$1\nRewriteRule ^/app/file$ ${HTDOCS}/s/f.txt\nRewriteRule ^/param/(.*)$ /app/$1;v=1 [PT]\nRewriteRule ^/q/(.*)$ /app/x?path=$1 [PT]\nRewriteRule ^/noescape/(.*)$ /app/$1 [PT,NE]\nRewriteRule ^/gone - [G]\n" +
				"RewriteRule ^/dots/(.*)$ /b/../app/$1 [PT]\nRewriteRule ^/hand$ - [H=jakarta-servlet,E=JK_WORKER_NAME:b]\nRewriteRule ^/app/keep - [PT]\nRewriteRule ^/app/nothing$ - [L]\n",
			Steps: gets("/pt/x", "/pt/a%20b;v=1?q", "/nopt/x", "/nopt/f.txt", "/last/x", "/app/tob/x", "/app/static/f.txt", "/app/raw/f.txt", "/app/file", "/param/x", "/q/a%20b", "/noescape/a%25b", "/gone/x", "/dots/x", "/hand", "/app/keep", "/app/nothing", "/pt/", "/pt"),
		},
		{
			Name: "beside/mod_rewrite in directory context", Workers: one(), Files: map[string]string{"d/f.txt": "file\n", "app/f.txt": "file\n"},
			Config: "JkMount /app/* a\n<Directory ${HTDOCS}/d>\nRewriteEngine On\nRewriteRule ^to/(.*)$ /app/$1\nRewriteRule ^pt/(.*)$ /app/$1 [PT]\nRewriteRule ^nojk$ /app/f.txt [E=no-jk:1]\n</Directory>\n<Location /l>\nRewriteEngine On\nRewriteRule (.*) /app/from-location\n</Location>\n",
			Steps:  gets("/d/f.txt", "/d/to/x", "/d/to/a%20b?q=1", "/d/pt/x", "/d/nojk", "/l/x"),
		},
		{
			Name: "beside/mod_proxy", Workers: one(), Modules: []string{"proxy", "proxy_http"},
			Config: "JkMount /* a\nProxyPass /app/no !\nProxyPass /app http://127.0.0.1:1/app\nProxyPass /deny http://127.0.0.1:1/ connectiontimeout=1\nProxyTimeout 2\n<Location /loc>\nProxyPass http://127.0.0.1:1/\n</Location>\nRewriteEngine On\nRewriteRule ^/p/(.*) http://127.0.0.1:1/$1 [P]\n",
			Steps:  gets("/app/x", "/app/no/x", "/loc/x", "/p/x", "/else"),
		},
		{
			Name: "beside/SSI", Workers: one(), Modules: []string{"include"}, RequestLog: "REQ ", Files: map[string]string{
				"virtual.shtml": "1 <!--#include virtual=\"/app/part\" --> 2\n", "query.shtml": "<!--#include virtual=\"/app/part?a=b%20c\" -->\n", "relative.shtml": "<!--#include virtual=\"app/part\" -->\n", "file.shtml": "<!--#include file=\"part.txt\" -->\n",
				"two.shtml": "<!--#include virtual=\"/app/1\" --><!--#include virtual=\"/app/2\" -->\n", "part.txt": "part\n", "app.shtml": "<!--#include virtual=\"/app.shtml/x\" -->\n", "size.shtml": "<!--#fsize virtual=\"/app/part\" -->\n", "sub/app/part": "of the disk\n",
			},
			Config: "JkMount /app/* a\nJkRequestLogFormat \"REQ %U %s\"\nAddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\n<Directory ${HTDOCS}>\nOptions +Includes\n</Directory>\n",
			Steps: []Step{
				{Name: "virtual", Send: get("/virtual.shtml"), Unlogged: true}, {Name: "with a query", Send: get("/query.shtml?main=1"), Unlogged: true}, {Name: "relative", Send: get("/relative.shtml"), Unlogged: true}, {Name: "file", Send: get("/file.shtml"), Unlogged: true},
				{Name: "two", Send: get("/two.shtml"), Unlogged: true}, {Name: "404 inside", Send: get("/virtual.shtml"), On: a(head(404, ""), chunk("none"), end()), Unlogged: true}, {Name: "404 without a body inside", Send: get("/virtual.shtml"), On: a(head(404, ""), end()), Unlogged: true},
				{Name: "POST", Send: post("/virtual.shtml", "body"), Unlogged: true}, {Name: "HEAD", Send: request("HEAD", "/virtual.shtml", nil, ""), Unlogged: true}, {Name: "size", Send: get("/size.shtml"), Unlogged: true}, {Name: "mapped", Send: get("/app/x")},
			},
		},
		{
			Name: "beside/ErrorDocument", Workers: one(), Config: "JkMount /app/* a\nErrorDocument 404 /app/missing?code=404\nErrorDocument 403 /app/denied\nErrorDocument 502 /app/failed\nErrorDocument 503 \"text\"\nJkEnvVar REDIRECT_STATUS\nJkEnvVar REDIRECT_URL\n<Location /closed>\nRequire all denied\n</Location>\n",
			Notes: []string{"JK_WORKER_NAME"}, Steps: []Step{
				{Name: "missing", Send: get("/missing.html?own=1")}, {Name: "missing, answered 404", Send: get("/missing.html"), On: a(head(404, ""), chunk("page"), end())}, {Name: "denied", Send: get("/closed")}, {Name: "denied, POST", Send: post("/closed", "body")}, {Name: "denied, HEAD", Send: request("HEAD", "/closed", nil, "")},
				{Name: "container fails, then serves its page", Send: get("/app/x"), On: Scripts{"a": manyTimes(closes(), 2)}}, {Name: "404 of a container is no error", Send: get("/app/x"), On: a(head(404, ""), chunk("own"), end())}, {Name: "down", Before: []Happening{down("a")}, Send: get("/app/x")}, {Name: "missing and down", Send: get("/missing.html")},
			},
		},
		{
			Name: "beside/ErrorDocument and use_server_errors", Workers: one(), Config: "JkMount /app/* a;use_server_errors=400\nJkMount /error/* a\nErrorDocument 404 /error/404\nErrorDocument 500 /app/500\n", Steps: []Step{
				{Name: "404", Send: get("/app/x"), On: Scripts{"a": {does(head(404, "", "X-Own", "1"), chunk("theirs"), end())}}},
				{Name: "500, whose page is an error, too", Send: get("/app/x"), On: Scripts{"a": {does(head(500, ""), end()), does(head(501, ""), end())}}}, {Name: "401", Send: get("/app/x"), On: a(head(401, "", "WWW-Authenticate", "Basic realm=\"r\"", "X-Own", "1"), chunk("theirs"), end())},
			},
		},
		{
			Name: "beside/access, filters and headers", Workers: one(), Modules: []string{"deflate", "filter", "expires"}, Config: "JkMount /app/* a\n<Location /app/denied>\nRequire all denied\n</Location>\n<Directory />\nHeader set X-Directory 1\n</Directory>\n<Files x>\nRequire all denied\n</Files>\n" +
				"Header set X-Server 1\nHeader edit Set-Cookie (.*) $1;Secure\nRequestHeader set X-Added 1\nRequestHeader unset X-Removed\n<Location /app/z>\nSetOutputFilter DEFLATE\n</Location>\nExpiresActive On\nExpiresByType text/plain \"access plus 1 month\"\nHeader unset Expires\nHeader unset Cache-Control\n",
			Steps: []Step{
				{Name: "denied", Send: get("/app/denied")}, {Name: "denied below", Send: get("/app/denied/x")}, {Name: "denied by parameters", Send: get("/app/x;/../denied")}, {Name: "denied by doubled slashes", Send: get("/app//denied")}, {Name: "Files does not apply", Send: get("/app/x")},
				{Name: "request headers", Send: get("/app/y", "X-Removed: 1")}, {Name: "cookie", Send: get("/app/y"), On: a(head(200, "", "Set-Cookie", "a=b", "X-Own", "1"), chunk("x"), end()), AnyFraming: true}, {Name: "deflated", Send: get("/app/z", "Accept-Encoding: gzip"), On: a(head(200, "", "Content-Type", "text/plain"), chunk(fill(2000)), end()), AnyFraming: true},
			},
		},
	}
}
