package main

import (
	"compress/gzip"
	"fmt"
	"slices"
	"strings"

	"mod_gojk/test/harness"
)

// httpCases: HTTP as httpd does it with its other modules around the module under test.
func httpCases() []Case {
	return slices.Concat(errorPageCases(), rewriteCases(), includeCases(), filterCases(), headerCases(), accessCases(), protocolCases())
}

// ---- error pages -----------------------------------------------------------------------------------------------------

// pages are error documents of all kinds: a text, a file, a mapped URI, another host.
const pages = "ErrorDocument 404 \"own 404\"\nErrorDocument 503 /page.txt\nErrorDocument 502 /app/page\nErrorDocument 500 http://other.test/page\n" +
	"ErrorDocument 401 \"own 401\"\nErrorDocument 403 /app/page\nErrorDocument 504 /app/page\nErrorDocument 413 /app/page\nErrorDocument 400 \"own 400\"\n"

func errorPageCases() []Case {
	files := map[string]string{"page.txt": "page\n"}
	page := text("page of the container")
	fails := func(status int) harness.Script {
		return does(head(status, "", "X-Own", "1", "Content-Type", "text/plain", "Set-Cookie", "a=1"), chunk("theirs"), end())
	}
	var replaced []Step
	for _, method := range []string{"GET", "HEAD", "POST", "PUT"} {
		for _, status := range []int{404, 500, 502, 503, 403} {
			s := Step{Name: fmt.Sprintf("%s %d", method, status), Send: request(method, "/app/x", nil, strings.Repeat("b", len(method)-3)), On: Scripts{"a": {fails(status)}}}
			if method == "HEAD" {
				s.On["a"][0] = does(head(status, "", "X-Own", "1"), end())
			}
			if status == 502 || status == 403 {
				s.On["a"] = append(s.On["a"], page)
			}
			replaced = append(replaced, s)
		}
	}
	return []Case{
		{
			Name: "http/error pages instead of the container's", Workers: one(), Files: files, Config: "JkMount /app/* a;use_server_errors=400\n" + pages,
			Steps: append(replaced,
				Step{Name: "POST whose body is read", Send: post("/app/x", fill(20000)), On: Scripts{"a": {does(readBody(8186), head(502, ""), end()), page}}},
				Step{Name: "POST whose body is not read", Send: post("/app/x", fill(20000)), On: Scripts{"a": {fails(404)}}},
				Step{Name: "the next request on the connection", Keep: true, Send: get("/app/x")},
				Step{Name: "the page fails, too", Send: get("/app/x"), On: Scripts{"a": {fails(502), fails(502)}}},
				Step{Name: "the page fails otherwise", Send: get("/app/x"), On: Scripts{"a": {fails(502), fails(404)}}},
			),
		},
		{
			Name: "http/error pages for own errors", Workers: one("retries=1", "reply_timeout=300"), Files: files, Config: "JkMount /app/* a\nJkMount /none/* nobody\nLimitRequestBody 1000\n" + pages,
			Steps: []Step{
				{Name: "502, mapped page", Send: get("/app/x"), On: Scripts{"a": {does(closes()), page}}},
				{Name: "502, mapped page, HEAD", Send: request("HEAD", "/app/x", nil, ""), On: Scripts{"a": {does(closes()), page}}},
				{Name: "504, mapped page", Send: get("/app/x"), On: Scripts{"a": {silent(), page}}},
				{Name: "the page is broken, too", Send: get("/app/x"), On: Scripts{"a": {does(closes()), does(closes())}}},
				{Name: "500, another host", Send: get("/none/x")},
				{Name: "500 by content, another host", Send: get("/app/x"), On: a(packet(4, 0, 0))},
				{Name: "413 by Content-Length, mapped page", Send: post("/app/x", fill(1001)), On: Scripts{"a": {page}}},
				{Name: "404 of the container stays", Send: get("/app/x"), On: Scripts{"a": {fails(404)}}},
				{Name: "503, a file", Before: []Happening{down("a")}, Send: get("/app/x")},
				{Name: "503 for a POST, a file", Send: post("/app/x", "body")},
				{Name: "503 for a HEAD, a file", Send: request("HEAD", "/app/x", nil, "")},
				{Name: "keep-alive after the error", Before: []Happening{up("a")}, Send: get("/app/x")},
			},
		},
		{
			Name: "http/error pages for own errors of a POST", Workers: one("retries=1"), Files: files, Config: direct + "ErrorDocument 500 /app/page\n", Steps: []Step{
				{Name: "head fails", Send: post("/app/x", fill(100)), On: Scripts{"a": {does(packet(4, 0, 0)), page}}},
				{Name: "head fails after the body", Send: post("/app/x", fill(20000)), On: Scripts{"a": {does(readBody(8186), packet(4, 0, 0)), page}}},
				{Name: "chunked, head fails after the body", Send: chunked("/app/x", fill(20000)), On: Scripts{"a": {does(readBody(8186), packet(4, 0, 0)), page}}},
				{Name: "chunked, head fails, body unread", Send: chunked("/app/x", "body"), On: Scripts{"a": {does(packet(4, 0, 0)), page}}},
				{Name: "the next request", Send: get("/app/x")},
			},
		},
		{
			Name: "http/error pages of httpd in the container", Workers: one(), Config: "JkMount /app/* a\nErrorDocument 404 /app/page?from=httpd\nErrorDocument 403 /app/page\n<Location /denied>\nRequire all denied\n</Location>\nJkEnvVar REDIRECT_STATUS\nJkEnvVar REDIRECT_URL\nJkEnvVar REDIRECT_REQUEST_METHOD\n",
			Steps: []Step{
				{Name: "404", Send: get("/missing?q=1"), On: Scripts{"a": {page}}},
				{Name: "404 for HEAD", Send: request("HEAD", "/missing", nil, ""), On: Scripts{"a": {page}}},
				{Name: "404 for POST with a body", Send: post("/missing", "body"), On: Scripts{"a": {page}}},
				{Name: "404 for a chunked POST", Send: chunked("/missing", "body"), On: Scripts{"a": {page}}},
				{Name: "403 for POST with a body", Send: post("/denied", fill(10000)), On: Scripts{"a": {page}}},
				{Name: "page answers 404", Send: get("/missing"), On: Scripts{"a": {fails(404)}}},
				{Name: "page answers 302", Send: get("/missing"), On: a(head(302, "", "Location", "/login"), end())},
				{Name: "conditional", Send: get("/missing", "If-None-Match: \"e\"", "Range: bytes=0-1"), On: Scripts{"a": {page}}},
			},
		},
	}
}

// ---- rewriting -------------------------------------------------------------------------------------------------------

func rewriteCases() []Case {
	return []Case{
		{
			Name: "http/rewrite", Containers: []string{"a", "b"}, Workers: list("a,b", ajp("a"), ajp("b")), Files: map[string]string{"static.txt": "static\n", "app/file.txt": "file\n"},
			Config: "JkMount /app/* a\nJkMount /b/* b\nRewriteEngine On\nRewriteRule ^/pt/(.*)$ /app/$1 [PT]\nRewriteRule ^/nopt/(.*)$ /app/$1\nRewriteRule ^/nojk/(.*)$ /app/$1 [PT,E=no-jk:1]\n" +
				"RewriteRule ^/app/nojk/ - [E=no-jk:1]\nRewriteRule ^/hand/ - [H=jakarta-servlet,E=JK_WORKER_NAME:b]\nRewriteRule ^/handpt/(.*)$ /x/$1 [PT,H=jakarta-servlet,E=JK_WORKER_NAME:b]\n" +
				"RewriteRule ^/q/(.*)$ /app/$1?own=1 [PT,QSA]\nRewriteRule ^/noq/(.*)$ /app/$1? [PT]\nRewriteRule ^/esc/(.*)$ /app/$1 [PT,B]\nRewriteRule ^/app/from/(.*)$ /b/$1 [PT]\n" +
				"RewriteRule ^/app/gone - [G]\nRewriteRule ^/app/forbidden - [F]\nRewriteRule ^/app/redirect/(.*) /app/$1 [R=302]\nRewriteRule ^/route/(.*)$ /app/$1 [PT,E=JK_ROUTE:r9]\n" +
				"RewriteRule ^/app/tostatic /static.txt [PT]\nRewriteRule ^/end/(.*)$ /app/$1 [END,PT]\n",
			Steps: append(gets("/pt/x", "/pt/x?q=1", "/pt/a%20b", "/pt/a%2520b", "/nopt/x", "/nopt/file.txt", "/nojk/x", "/nojk/file.txt", "/app/nojk/x", "/hand/x", "/hand/x?q=1", "/handpt/x", "/q/x", "/q/x?q=1",
				"/noq/x?q=1", "/esc/a%20b%25c", "/app/from/x", "/app/gone", "/app/forbidden", "/app/redirect/x", "/route/x", "/app/tostatic", "/end/x", "/pt/../x", "/pt//x", "/pt/x;v=1"),
				Step{Name: "POST with [PT]", Send: post("/pt/x", "body"), On: readAndAnswer}),
		},
		{
			Name: "http/rewrite in a folder", Workers: one(), Files: map[string]string{"d/file.txt": "file\n", "d/deep/file.txt": "file\n"},
			Config: "JkMount /app/* a\n<Directory ${HTDOCS}/d>\nOptions FollowSymLinks\nRewriteEngine On\nRewriteRule ^in/(.*)$ /app/$1 [PT]\nRewriteRule ^plain/(.*)$ /app/$1\nRewriteRule ^hand/ - [H=jakarta-servlet,E=JK_WORKER_NAME:a]\n" +
				"RewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^front/(.*)$ /app/front?path=$1 [QSA,L]\n</Directory>\n" +
				"<Location /app/loc>\nOptions FollowSymLinks\nRewriteEngine On\nRewriteRule moved$ /app/new [PT]\nRewriteRule gone$ - [G]\n</Location>\n",
			Steps: append(gets("/d/in/x", "/d/in/x?q=1", "/d/plain/x", "/d/hand/x", "/d/front/a/b", "/d/front/x?q=1", "/d/file.txt", "/app/loc/x", "/app/loc/moved", "/app/loc/gone"),
				Step{Name: "POST", Send: post("/d/in/x", fill(9000)), On: readAndAnswer},
				Step{Name: "chunked POST", Send: chunked("/d/in/x", fill(9000)), On: readAndAnswer},
				Step{Name: "HEAD", Send: request("HEAD", "/d/in/x", nil, "")}),
		},
		{
			Name: "http/aliases and redirects", Workers: one(), Files: map[string]string{"al/f.txt": "alias\n", "wd/x.txt": "x"},
			Config: "JkMount /app/* a\nAlias /files ${HTDOCS}/al\nAlias /app/files ${HTDOCS}/al\nRedirect /app/old http://other.test/new\nRedirectMatch ^/app/match/(.*)$ /app/$1\nRedirect gone /app/gone\n<Location /app/loc>\nRedirect /elsewhere\n</Location>\n" +
				"<Directory ${HTDOCS}/wd>\nFallbackResource /app/fallback\n</Directory>\nFallbackResource disabled\n",
			Steps: append(gets("/files/f.txt", "/app/files/f.txt", "/app/old/x", "/app/match/x", "/app/gone", "/app/loc", "/app/loc/x", "/wd/none", "/wd/none/deeper?q=1", "/wd/x.txt", "/wd/"),
				Step{Name: "POST to the fallback", Send: post("/wd/none", "body"), On: readAndAnswer}),
		},
		{
			Name: "http/negotiation", Workers: one(), Modules: []string{"negotiation"}, Files: map[string]string{"v/page.do": "source", "v/text.txt": "text\n", "v/both.do": "source", "v/both.html": "html\n"},
			Config: "JkMount /*.do a\nAddType text/plain .txt .do\nAddType text/html .html\n<Directory ${HTDOCS}/v>\nOptions MultiViews\n</Directory>\n",
			Steps: append(gets("/v/page", "/v/page?q=1", "/v/text", "/v/none"),
				Step{Name: "html is preferred", Send: get("/v/both", "Accept: text/html, text/plain;q=0.5")},
				Step{Name: "text is preferred", Send: get("/v/both", "Accept: text/html;q=0.5, text/plain")},
				Step{Name: "POST", Send: post("/v/page", "body"), On: readAndAnswer}),
		},
		{
			Name: "http/welcome files", Workers: one(), Files: map[string]string{"d/x.txt": "x", "e/index.do": "source", "f/index.html": "static\n", "g/x.txt": "x"},
			Config: "JkMount /app/* a\nJkMount /*.do a\nDirectoryIndex index.html index.do\n<Directory ${HTDOCS}/g>\nDirectoryIndex /app/welcome\n</Directory>\n",
			Steps: append(gets("/app/", "/d/", "/d/?q=1", "/d", "/e/", "/e/?q=1", "/f/", "/g/", "/d/index.do", "/app"),
				Step{Name: "POST", Send: post("/d/", "body"), On: readAndAnswer},
				Step{Name: "POST where the file exists", Send: post("/e/", "body"), On: readAndAnswer},
				Step{Name: "HEAD", Send: request("HEAD", "/e/", nil, "")}),
		},
	}
}

// ---- sub-requests ----------------------------------------------------------------------------------------------------

func includeCases() []Case {
	files := map[string]string{
		"page.shtml":  "before <!--#include virtual=\"/app/part?x=1\" --> between <!--#include virtual=\"/app/second\" --> after\n",
		"file.shtml":  "<!--#include file=\"part.do\" --> after\n",
		"part.do":     "source\n",
		"local.shtml": "<!--#include virtual=\"part.do\" --> after\n",
		"flast.shtml": "<!--#flastmod virtual=\"/app/part\" --> <!--#fsize virtual=\"/app/part\" --> after\n",
	}
	config := "JkMount /app/* a\nJkMount /*.do a\nAddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\n<Directory ${HTDOCS}>\nOptions +Includes\n</Directory>\n" +
		"<Location /app/ssi>\nOptions +Includes\nSetOutputFilter INCLUDES\n</Location>\n"
	second := text("second")
	ssi := func(body string) harness.Script {
		return does(head(200, "OK", "Content-Type", "text/html"), chunk(body), end())
	}
	return []Case{
		{Name: "http/includes", Workers: one("retries=1"), Modules: []string{"include"}, Files: files, Config: config, Steps: []Step{
			{Name: "two parts", Send: get("/page.shtml"), On: Scripts{"a": {text("part"), second}}, AnyFraming: true},
			{Name: "HEAD", Send: request("HEAD", "/page.shtml", nil, "")},
			{Name: "POST", Send: post("/page.shtml", "body"), On: Scripts{"a": {text("part"), second}}, AnyFraming: true},
			{Name: "with conditions and a range", Send: get("/page.shtml", "Range: bytes=0-3", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "If-None-Match: \"e\""), On: Scripts{"a": {text("part"), second}}, AnyFraming: true},
			{Name: "a large part", Send: get("/page.shtml"), On: Scripts{"a": {does(head(200, "OK"), chunksOf(fill(100000), 8184), end()), second}}, AnyFraming: true},
			{Name: "a part with its own status and headers", Send: get("/page.shtml"), On: Scripts{"a": {does(head(404, "", "X-Own", "1", "Set-Cookie", "a=1"), chunk("part"), end()), second}}, AnyFraming: true},
			{Name: "a part that is empty", Send: get("/page.shtml"), On: Scripts{"a": {does(head(404, ""), end()), second}}, AnyFraming: true},
			{Name: "a part that is a redirect", Send: get("/page.shtml"), On: Scripts{"a": {does(head(302, "", "Location", "/y"), end()), second}}, AnyFraming: true},
			{Name: "a part that fails", Send: get("/page.shtml"), On: Scripts{"a": {does(closes()), second}}, AnyFraming: true},
			{Name: "a part that flushes", Send: get("/page.shtml"), On: Scripts{"a": {does(head(200, "OK"), chunk("one"), flush(), chunk("two"), end()), second}}, AnyFraming: true},
			{Name: "include file behind a mount", Send: get("/file.shtml"), AnyFraming: true},
			{Name: "include virtual behind a suffix mount", Send: get("/local.shtml"), AnyFraming: true},
			{Name: "flastmod and fsize", Send: get("/flast.shtml"), AnyFraming: true},
			{Name: "a page of the container that includes a file", Send: get("/app/ssi/x"), On: Scripts{"a": {ssi("before <!--#include virtual=\"/index.html\" --> after")}}, AnyFraming: true},
			{Name: "a page of the container that includes another", Send: get("/app/ssi/x"), On: Scripts{"a": {ssi("before <!--#include virtual=\"/app/part\" --> after"), text("part")}}, AnyFraming: true},
			{Name: "a page of the container that includes itself", Send: get("/app/ssi/x"), On: Scripts{"a": {ssi("x <!--#include virtual=\"/app/ssi/x\" --> y")}}, AnyFraming: true},
			{Name: "the container is down", Before: []Happening{down("a")}, Send: get("/page.shtml"), AnyFraming: true},
		}},
	}
}

// ---- filters ---------------------------------------------------------------------------------------------------------

// compressed is a text in gzip.
func compressed(text string) string {
	var b strings.Builder
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // neither a Builder nor this Close fails
	_ = w.Close()
	return b.String()
}

// html is a page of known length.
func html(body string) harness.Script {
	return does(head(200, "OK", "Content-Type", "text/html", "Content-Length", fmt.Sprint(len(body)), "ETag", "\"e\""), chunksOf(body, 8184), end())
}

// streamed is a page of unknown length.
func streamed(body string) harness.Script {
	return does(head(200, "OK", "Content-Type", "text/html"), chunksOf(body, 8184), end())
}

func filterCases() []Case {
	gz, gzipped := "Accept-Encoding: gzip", compressed("hello, hello, hello")
	return []Case{
		{Name: "http/deflate", Workers: one(), Modules: []string{"filter", "deflate"}, Config: direct + "AddOutputFilterByType DEFLATE text/html\n", Steps: []Step{
			{Name: "a small page", Send: get("/x", gz), On: Scripts{"a": {html("hello")}}},
			{Name: "a large page", Send: get("/x", gz), On: Scripts{"a": {html(fill(100000))}}, AnyFraming: true},
			{Name: "of unknown length", Send: get("/x", gz), On: Scripts{"a": {streamed(fill(100000))}}, AnyFraming: true},
			{
				Name: "flushed in between", Send: get("/x", gz), Begin: "flushed", SoFar: true, Sent: notFlushed, AnyFraming: true,
				On: a(head(200, "OK", "Content-Type", "text/html"), chunk(fill(1000)), flush(), hold("flushed"), chunk("two"), end()),
			},
			{Name: "flushed in between, the end", Finish: "flushed", AnyFraming: true},
			{Name: "not wanted", Send: get("/x"), On: Scripts{"a": {html("hello")}}},
			{Name: "another type", Send: get("/x", gz), On: Scripts{"a": {text("hello")}}},
			{Name: "compressed already", Send: get("/x", gz), On: a(head(200, "OK", "Content-Type", "text/html", "Content-Encoding", "gzip"), chunk(gzipped), end())},
			{Name: "HEAD", Send: request("HEAD", "/x", []string{gz}, ""), On: a(head(200, "OK", "Content-Type", "text/html", "Content-Length", "5"), end())},
			{Name: "empty", Send: get("/x", gz), On: Scripts{"a": {html("")}}},
			{Name: "204", Send: get("/x", gz), On: a(head(204, "None"), end())},
			{Name: "304", Send: get("/x", gz), On: a(head(304, "Same", "ETag", "\"e\""), end())},
			{Name: "206", Send: get("/x", gz), On: a(head(206, "Part", "Content-Type", "text/html", "Content-Range", "bytes 0-4/10"), chunk("hello"), end())},
			{Name: "an error page", Send: get("/x", gz), On: a(head(404, "", "Content-Type", "text/html"), chunk("sorry"), end())},
		}},
		{Name: "http/inflate the request", Workers: one(), Modules: []string{"deflate"}, Config: direct + "SetInputFilter DEFLATE\nSetEnvIf Request_URI ^/ignore JK_IGNORE_CL=1\n", Steps: []Step{
			{Name: "chunked", Send: request("POST", "/x", []string{"Content-Encoding: gzip", "Transfer-Encoding: chunked"}, "") + chunks(gzipped) + "0\r\n\r\n", On: readAndAnswer},
			{Name: "ignored Content-Length", Send: request("POST", "/ignore", []string{"Content-Encoding: gzip"}, gzipped), On: readAndAnswer},
			{Name: "known length", Send: request("POST", "/x", []string{"Content-Encoding: gzip"}, compressed(strings.Repeat("hello ", 100))), On: readAndAnswer},
			{Name: "known length, shorter when inflated", Send: request("POST", "/x", []string{"Content-Encoding: gzip"}, compressed("hi")), On: readAndAnswer},
			{Name: "not compressed", Send: post("/x", "body"), On: readAndAnswer},
			{Name: "ignored Content-Length, not compressed", Send: post("/ignore", "body"), On: readAndAnswer},
			{Name: "not gzip after all, chunked", Send: request("POST", "/x", []string{"Content-Encoding: gzip", "Transfer-Encoding: chunked"}, "") + chunks("plain text") + "0\r\n\r\n", On: readAndAnswer},
			{Name: "the next request", Send: get("/x")},
		}},
		{Name: "http/inflate the response", Workers: one(), Modules: []string{"deflate"}, Config: direct + "SetOutputFilter INFLATE\n", Steps: []Step{
			{Name: "gzip", Send: get("/x"), On: a(head(200, "OK", "Content-Type", "text/html", "Content-Encoding", "gzip", "Content-Length", fmt.Sprint(len(gzipped))), chunk(gzipped), end())},
			{Name: "not compressed", Send: get("/x"), On: Scripts{"a": {html("hello")}}},
			{Name: "not gzip after all", Send: get("/x"), On: a(head(200, "OK", "Content-Type", "text/html", "Content-Encoding", "gzip"), chunk(gzipped[:10]+strings.Repeat("\xff", 2000)), end())},
		}},
		{
			Name: "http/filters", Workers: one(), Modules: []string{"ext_filter", "substitute", "buffer", "ratelimit", "sed"},
			Config: "JkMount /* a\nExtFilterDefine upper mode=output cmd=\"/usr/bin/tr a-z A-Z\"\nExtFilterDefine lower mode=input cmd=\"/usr/bin/tr A-Z a-z\"\n<Location /upper>\nSetOutputFilter upper\n</Location>\n<Location /lower>\nSetInputFilter lower\n</Location>\n" +
				"<Location /substitute>\nSetOutputFilter SUBSTITUTE\nSubstitute s/one/two/\n</Location>\n<Location /buffer>\nSetOutputFilter BUFFER\nSetInputFilter BUFFER\n</Location>\n<Location /rate>\nSetOutputFilter RATE_LIMIT\nSetEnv rate-limit 1000000\n</Location>\n<Location /sed>\nSetOutputFilter Sed\nOutputSed s/one/two/g\n</Location>\n",
			Steps: []Step{
				{Name: "command", Send: get("/upper"), On: Scripts{"a": {html("one")}}, AnyFraming: true},
				{Name: "command, of unknown length", Send: get("/upper"), On: Scripts{"a": {streamed(fill(30000))}}, AnyFraming: true},
				{Name: "command, empty", Send: get("/upper"), On: Scripts{"a": {html("")}}, AnyFraming: true},
				{Name: "command, HEAD", Send: request("HEAD", "/upper", nil, ""), On: a(head(200, "OK", "Content-Length", "3"), end()), AnyFraming: true},
				{Name: "command on the request, chunked", Send: chunked("/lower", "BODY"), On: readAndAnswer},
				{Name: "substitute", Send: get("/substitute"), On: Scripts{"a": {html("one\none")}}, AnyFraming: true},
				{Name: "substitute, last line without an end", Send: get("/substitute"), On: Scripts{"a": {streamed(fill(20000) + "\none")}}, AnyFraming: true},
				{Name: "buffer", Send: get("/buffer"), On: a(head(200, "OK"), chunk("one"), flush(), chunk("two"), end()), AnyFraming: true},
				{Name: "buffer on the request", Send: post("/buffer", fill(20000)), On: readAndAnswer},
				{Name: "rate limit", Send: get("/rate"), On: Scripts{"a": {streamed(fill(20000))}}, AnyFraming: true},
				{Name: "sed", Send: get("/sed"), On: Scripts{"a": {html("one one")}}, AnyFraming: true},
				{Name: "the next request", Send: get("/x")},
			},
		},
	}
}

// headerCases: what other modules make of headers.
func headerCases() []Case {
	return []Case{
		{
			Name: "http/cache", Workers: one(), Modules: []string{"cache", "cache_socache", "socache_shmcb"},
			Config: direct + "CacheSocache shmcb\nCacheEnable socache /cached\nCacheEnable socache /stale\nCacheHeader on\nCacheStoreExpired on\n", Steps: []Step{
				{Name: "a page", Send: get("/cached"), On: a(head(200, "OK", "Content-Type", "text/html", "Cache-Control", "max-age=60", "ETag", "\"e\"", "X-Own", "1"), chunk("page"), end())},
				{Name: "again", Send: get("/cached")},
				{Name: "known to the client", Send: get("/cached", "If-None-Match: \"e\"")},
				{Name: "HEAD", Send: request("HEAD", "/cached", nil, "")},
				{Name: "a part", Send: get("/cached", "Range: bytes=0-1")},
				{Name: "a stale page", Send: get("/stale"), On: a(head(200, "OK", "Content-Type", "text/html", "Cache-Control", "max-age=0", "ETag", "\"e\""), chunk("old"), end())},
				{Name: "still valid", Send: get("/stale"), On: a(head(304, "", "ETag", "\"e\"", "Cache-Control", "max-age=0"), end())},
				{Name: "not valid any more", Send: get("/stale"), On: a(head(200, "OK", "Content-Type", "text/html", "Cache-Control", "max-age=0", "ETag", "\"f\""), chunk("new"), end())},
				{Name: "the container is down", Before: []Happening{down("a")}, Send: get("/stale")},
			},
		},
		{
			Name: "http/headers", Workers: one(), Modules: []string{"expires"},
			Config: "JkMount /app/* a\nHeader set X-Set 1\nHeader always set X-Always 1\nHeader append X-Own more\nHeader unset X-Unset\nHeader edit Location ^http://inside/ https://outside/\nHeader set X-Status \"expr=%{REQUEST_STATUS}\"\nHeader merge Vary Cookie\n" +
				"RequestHeader set X-Request-Set 1\nRequestHeader unset X-Request-Unset\nRequestHeader edit Host ^(.*)$ inside\nRequestHeader append X-Twice 3\n" +
				"<Location /app/expires>\nExpiresActive On\nExpiresByType text/html A600\nHeader unset Expires\n</Location>\n<Location /app/type>\nForceType text/forced\nAddDefaultCharset utf-8\n</Location>\n",
			Steps: []Step{
				{Name: "of the response", Send: get("/app/x"), On: a(head(200, "OK", "X-Own", "1", "X-Unset", "1", "Vary", "Accept"), chunk("body"), end())},
				{Name: "of a redirect", Send: get("/app/x"), On: a(head(302, "", "Location", "http://inside/y"), end())},
				{Name: "of an error", Send: get("/app/x"), On: a(head(500, "", "X-Own", "1"), chunk("oops"), end())},
				{Name: "of httpd's error", Send: get("/app/x"), On: Scripts{"a": {does(packet(4, 0, 0))}}},
				{Name: "of a 304", Send: get("/app/x"), On: a(head(304, "", "X-Own", "1"), end())},
				{Name: "of the request", Send: get("/app/x", "X-Request-Unset: 1", "X-Twice: 1", "X-Twice: 2")},
				{Name: "expires", Send: get("/app/expires"), On: Scripts{"a": {html("hello")}}},
				{Name: "expires, with its own Cache-Control", Send: get("/app/expires"), On: a(head(200, "OK", "Content-Type", "text/html", "Cache-Control", "private", "Expires", "Thu, 01 Dec 1994 16:00:00 GMT"), chunk("body"), end())},
				{Name: "expires, another type", Send: get("/app/expires"), On: Scripts{"a": {text("hello")}}},
				{Name: "type", Send: get("/app/type"), On: Scripts{"a": {html("hello")}}},
				{Name: "no type", Send: get("/app/type"), On: a(head(200, "OK"), chunk("body"), end())},
			},
		},
	}
}

// ---- who the client is -----------------------------------------------------------------------------------------------

func accessCases() []Case {
	auth := []string{"authn_core", "authn_file", "auth_basic", "authz_user", "authn_anon", "authz_host"}
	passwords := map[string]string{"passwords": "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"}
	known := "Authorization: Basic dTpwYXNzd29yZA=="
	remote := func(more string) string {
		return direct + "RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.1\n" + more
	}
	proxied := []Step{
		{Name: "no header", Send: get("/x")},
		{Name: "one address", Send: get("/x", "X-Forwarded-For: 192.0.2.1")},
		{Name: "two addresses", Send: get("/x", "X-Forwarded-For: 198.51.100.1, 192.0.2.1")},
		{Name: "an IPv6 address", Send: get("/x", "X-Forwarded-For: 2001:db8::1")},
		{Name: "nonsense", Send: get("/x", "X-Forwarded-For: nobody")},
	}
	return []Case{
		{Name: "http/remoteip", Workers: one(), Modules: []string{"remoteip"}, Config: remote(""), Steps: proxied},
		{Name: "http/remoteip, physical address", Workers: one(), Modules: []string{"remoteip"}, Config: remote("JkOptions +ForwardPhysicalAddress\n"), Steps: proxied},
		{Name: "http/remoteip, local address", Workers: one(), Modules: []string{"remoteip"}, Config: remote("JkOptions +ForwardLocalAddress\n"), Steps: proxied[:2]},
		{
			Name: "http/authentication", Workers: one(), Modules: auth, Files: passwords,
			Config: direct + "<Location /private>\nAuthType Basic\nAuthName r\nAuthUserFile ${HTDOCS}/passwords\nRequire valid-user\n</Location>\n<Location /private/other>\nSetEnv JK_REMOTE_USER other\nSetEnv JK_AUTH_TYPE Own\n</Location>\n" +
				"<Location /private/nobody>\nSetEnv JK_REMOTE_USER \"\"\n</Location>\n<Location /denied>\nRequire all denied\n</Location>\nErrorDocument 401 /page401\n",
			Steps: []Step{
				{Name: "accepted", Send: get("/private/x", known)},
				{Name: "accepted, another user", Send: get("/private/other/x", known)},
				{Name: "accepted, no user", Send: get("/private/nobody/x", known)},
				{Name: "refused, page of the container", Send: get("/private/x"), On: Scripts{"a": {text("please log in")}}},
				{Name: "wrong password", Send: get("/private/x", "Authorization: Basic dTp4"), On: Scripts{"a": {text("please log in")}}},
				{Name: "refused for a POST", Send: post("/private/x", "body"), On: Scripts{"a": {text("please log in")}}},
				{Name: "denied", Send: get("/denied/x")},
				{Name: "POST accepted", Send: post("/private/x", "body", known), On: readAndAnswer},
				{Name: "elsewhere", Send: get("/x", known)},
			},
		},
	}
}

// ---- the protocol ----------------------------------------------------------------------------------------------------

func protocolCases() []Case {
	expect := func(headers ...string) string {
		return request("POST", "/x", append(headers, "Expect: 100-continue"), "")
	}
	refused := a(head(417, "No", "Content-Length", "0"), end())
	return []Case{
		{Name: "http/expect", Workers: one(), Config: direct, Steps: []Step{
			{Name: "chunked, refused before the body", Send: expect("Transfer-Encoding: chunked"), On: refused},
			{Name: "chunked, answered before the body", Send: expect("Transfer-Encoding: chunked"), Await: AwaitScripts, Then: chunks("body") + "0\r\n\r\n", On: a(head(200, "OK"), chunk("enough"), end())},
			{Name: "chunked, refused with a body", Send: expect("Transfer-Encoding: chunked"), On: a(head(403, "No"), chunk("no"), end())},
			{Name: "chunked, large", Send: expect("Transfer-Encoding: chunked"), Await: AwaitContinue, Then: chunks(fill(20000)) + "0\r\n\r\n", On: readAndAnswer},
			{Name: "a second request after it", Keep: true, Send: get("/x")},
			{Name: "with a length, large", Send: expect("Content-Length: 20000"), Await: AwaitContinue, Then: fill(20000), On: readAndAnswer},
			{Name: "with a length, refused", Send: expect("Content-Length: 4"), Await: AwaitContinue, Then: "body", On: refused},
			{Name: "with a length of 0", Send: expect("Content-Length: 0"), On: readAndAnswer},
			{Name: "upper case", Send: request("POST", "/x", []string{"Expect: 100-CONTINUE", "Content-Length: 4"}, ""), Await: AwaitContinue, Then: "body", On: readAndAnswer},
			{Name: "HTTP/1.0", Send: "POST /x HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody", On: readAndAnswer},
			{Name: "the container is down", Before: []Happening{down("a")}, Send: expect("Content-Length: 4"), Await: AwaitContinue, Then: "body"},
			{Name: "the container is down, chunked", Send: expect("Transfer-Encoding: chunked"), Await: AwaitScripts, Then: chunks("body") + "0\r\n\r\n"},
			{Name: "the next request", Before: []Happening{up("a")}, Send: get("/x")},
		}},
		{Name: "http/chunks", Workers: one(), Config: direct, Steps: []Step{
			{Name: "trailers that are announced", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked", "Trailer: X-T"}, "") + chunks("body") + "0\r\nX-T: 1\r\nX-U: 2\r\n\r\n", On: readAndAnswer},
			{Name: "trailers that would be headers", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked"}, "") + chunks("body") + "0\r\nContent-Length: 99\r\nHost: evil\r\n\r\n", On: readAndAnswer},
			{Name: "trailers, not read", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked"}, "") + chunks("body") + "0\r\nX-T: 1\r\n\r\n", On: a(head(200, "OK"), end())},
			{Name: "the next request on the connection", Keep: true, Send: get("/x")},
			{Name: "TE: trailers", Send: get("/x", "TE: trailers", "Connection: TE")},
			{Name: "every byte a chunk", Send: chunked("/x", strings.Split(fill(300), "")...), On: readAndAnswer},
			{Name: "slow, in the middle of a chunk", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked"}, "") + "a\r\nhalf a", Await: AwaitAWhile, Then: "nd h\r\n0\r\n\r\n", On: readAndAnswer},
			{Name: "slow, in the middle of a size", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked"}, "") + "1", Await: AwaitAWhile, Then: "0\r\n" + fill(16) + "\r\n0\r\n\r\n", On: readAndAnswer},
			{Name: "trailing header of the container", Send: get("/x", "TE: trailers"), On: a(head(200, "OK", "Trailer", "X-T", "Content-Length", "4"), chunk("body"), end())},
		}},
		{Name: "http/ranges", Workers: one(), Config: direct, Steps: rangeSteps()},
		{
			Name: "http/limits", Workers: one("retries=1"), Config: direct + "LimitRequestFields 8\nLimitRequestFieldSize 200\nLimitRequestLine 300\n<Location /small>\nLimitRequestBody 10\n</Location>\nErrorDocument 413 \"own 413\"\nErrorDocument 400 \"own 400\"\n",
			Steps: []Step{
				{Name: "as many headers as allowed", Send: get("/x", manyHeaders(7, 8)...)},
				{Name: "one header more", Send: get("/x", manyHeaders(8, 8)...)},
				{Name: "a header that is too long", Send: get("/x", "X-Long: "+fill(300))},
				{Name: "a line that is too long", Send: get("/" + strings.Repeat("long/", 70))},
				{Name: "a body that is too long", Send: post("/small/x", fill(11))},
				{Name: "a body that is long enough", Send: post("/small/x", fill(10)), On: readAndAnswer},
				{Name: "the next request", Send: get("/x")},
			},
		},
		{Name: "http/pipelining", Workers: one("retries=1"), Config: direct, Steps: []Step{
			{Name: "two pages", Send: get("/1"), Second: get("/2"), On: Scripts{"a": {text("one"), text("two")}}},
			{Name: "an error of the container first", Send: get("/1"), Second: get("/2"), On: Scripts{"a": {does(head(404, "", "Content-Length", "2"), chunk("no"), end()), text("two")}}},
			{Name: "a 502 first", Send: get("/1"), Second: get("/2"), On: Scripts{"a": {does(closes()), text("two")}}},
			{Name: "a HEAD first", Send: request("HEAD", "/1", nil, ""), Second: get("/2"), On: Scripts{"a": {text("one"), text("two")}}},
			{Name: "an unread upload first", Send: post("/1", fill(20000)), Second: get("/2"), On: Scripts{"a": {text("one"), text("two")}}},
			{Name: "a chunked upload first", Send: chunked("/1", fill(20000)), Second: get("/2"), On: Scripts{"a": {text("one"), text("two")}}},
			{Name: "a 204 first", Send: get("/1"), Second: get("/2"), On: Scripts{"a": {does(head(204, "None"), end()), text("two")}}},
			{Name: "a large page first", Send: get("/1"), Second: get("/2"), On: Scripts{"a": {does(head(200, "OK"), chunksOf(fill(200000), 8184), end()), text("two")}}, AnyFraming: true},
			{Name: "OPTIONS * first", Send: request("OPTIONS", "*", nil, ""), Second: get("/2")},
		}},
		{Name: "http/slow bodies", Workers: one("retries=1"), Modules: []string{"reqtimeout"}, Config: direct + "RequestReadTimeout body=1\n", Steps: []Step{
			{Name: "a body that does not come", Send: request("POST", "/x", []string{"Content-Length: 4"}, "") + "bo"},
			{Name: "a chunk that does not come", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked"}, "") + "4\r\nbo", On: readAndAnswer},
			{Name: "the next request", Send: get("/x")},
		}},
		{Name: "http/upgrade", Workers: one(), Config: direct, Steps: []Step{
			{Name: "h2c", Send: get("/x", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")},
			{Name: "TLS", Send: get("/x", "Connection: Upgrade", "Upgrade: TLS/1.0")},
			{Name: "websocket", Send: get("/x", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")},
			{Name: "websocket, without Connection", Send: get("/x", "Upgrade: websocket")},
			{Name: "the next request", Send: get("/x")},
		}},
	}
}

func rangeSteps() []Step {
	whole := a(head(200, "OK", "Content-Type", "text/plain", "Content-Length", "10", "ETag", "\"e\"", "Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT", "Accept-Ranges", "bytes"), chunk("0123456789"), end())
	large := a(head(200, "OK", "Content-Type", "text/plain", "Content-Length", "100000", "ETag", "\"e\""), chunksOf(fill(100000), 8184), end())
	steps := []Step{
		{Name: "206 of the container", Send: get("/x", "Range: bytes=0-3"), On: a(head(206, "Part", "Content-Type", "text/plain", "Content-Length", "4", "Content-Range", "bytes 0-3/10"), chunk("0123"), end())},
		{Name: "206 of the container, several parts", Send: get("/x", "Range: bytes=0-0,2-2"), On: a(head(206, "Part", "Content-Type", "multipart/byteranges; boundary=B"), chunk("--B\r\n\r\n0\r\n--B--"), end())},
		{Name: "416 of the container", Send: get("/x", "Range: bytes=20-"), On: a(head(416, "", "Content-Range", "bytes */10"), end())},
		{Name: "HEAD", Send: request("HEAD", "/x", []string{"Range: bytes=0-3"}, ""), On: a(head(200, "OK", "Content-Length", "10"), end())},
		{Name: "POST", Send: request("POST", "/x", []string{"Range: bytes=0-3", "Content-Length: 0"}, ""), On: whole},
	}
	for _, r := range []string{"bytes=0-3", "bytes=8-", "bytes=-2", "bytes=20-", "bytes=5-2", "bytes=0-99", "lines=1-2", "bytes=x"} {
		steps = append(steps, Step{Name: "200 of the container, " + r, Send: get("/x", "Range: "+r), On: whole})
	}
	for _, r := range []string{"bytes=0-3", "bytes=-2", "bytes=50000-50009"} {
		steps = append(steps, Step{Name: "large 200 of the container, " + r, Send: get("/x", "Range: "+r), On: large, AnyFraming: true})
	}
	for _, condition := range []string{"\"e\"", "\"f\"", "Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 07 Nov 1994 08:49:37 GMT"} {
		steps = append(steps, Step{Name: "If-Range: " + condition, Send: get("/x", "Range: bytes=0-3", "If-Range: "+condition), On: whole})
	}
	for _, condition := range []string{"If-None-Match: \"e\"", "If-None-Match: *", "If-Match: \"f\"", "If-Modified-Since: Mon, 07 Nov 1994 08:49:37 GMT", "If-Unmodified-Since: Sat, 05 Nov 1994 08:49:37 GMT"} {
		steps = append(steps, Step{Name: condition, Send: get("/x", condition), On: whole})
	}
	return steps
}
