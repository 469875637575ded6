package main

import (
	"fmt"
	"slices"
	"strings"
)

// requestCases: what of a request line and of request headers reaches the container.
func requestCases() []Case {
	return []Case{
		{Name: "methods", Workers: one(), Config: direct, Steps: methodSteps()},
		{Name: "methods/TRACE forwarded", Workers: one(), Config: direct + "TraceEnable extended\n", Steps: []Step{
			{Name: "TRACE", Send: request("TRACE", "/x", nil, "")},
		}},
		{Name: "request headers", Workers: one(), Config: direct, Steps: headerSteps()},
		{Name: "request lines", Workers: one(), Config: direct, Steps: requestLineSteps()},
		{Name: "keep-alive", Workers: one(), Config: direct, Steps: keepAliveSteps()},
		{Name: "request too large", Workers: one(), Config: direct + "LimitRequestFieldSize 65000\n", Steps: []Step{
			{Name: "a header that fits", Send: get("/x", "X-Fill: "+fill(7800))},
			{Name: "a header that does not fit", Send: get("/x", "X-Fill: "+fill(8200))},
			{Name: "the next request is served", Send: get("/x")},
			{Name: "many headers that do not fit", Send: get("/x", manyHeaders(60, 150)...)},
			{Name: "query that does not fit", Send: get("/x?" + fillQuery(7900)), Before: nil},
		}},
		{Name: "larger packets", Workers: one("max_packet_size=16384"), Config: direct + "LimitRequestFieldSize 65000\n", Steps: []Step{
			{Name: "a header of 15000 bytes", Send: get("/x", "X-Fill: "+fill(15000))},
			{Name: "a header of 16384 bytes", Send: get("/x", "X-Fill: "+fill(16384))},
		}},
		{Name: "packet size is rounded and clamped", Workers: one("max_packet_size=8193"), Config: direct + "LimitRequestFieldSize 65000\n", Steps: []Step{
			{Name: "9000 bytes fit 9216", Send: get("/x", "X-Fill: "+fill(8900))},
			{Name: "9216 bytes do not", Send: get("/x", "X-Fill: "+fill(9216))},
		}},
		{Name: "secret", Workers: one("secret=s3cret"), Config: direct, Steps: []Step{
			{Name: "GET", Send: get("/x")},
			{Name: "POST with query", Send: post("/x?q", "b")},
		}},
		{
			Name: "secret of the balancer", Containers: []string{"a", "b"}, Config: "JkMount /* lb\n",
			Workers: list("lb", lb("lb", "balance_workers=a,b", "secret=of-lb"), ajp("a", "secret=own"), ajp("b")),
			Steps:   []Step{{Name: "own secret", Send: get("/x")}, {Name: "the balancer's", Send: get("/x")}},
		},
		{
			Name: "secrets of two balancers", Containers: []string{"a", "b"}, Config: "JkMount /1/* one\nJkMount /2/* two\nJkMount /3/* three\nJkMount /d/* a\n",
			Workers: list("one,two,three,a", lb("one", "balance_workers=a,b", "secret=s1"), lb("two", "balance_workers=a,b"), lb("three", "balance_workers=a,b", "secret=s3"), ajp("a"), ajp("b", "secret=own")),
			Steps:   slices.Concat(named("1 ", gets("/1/a", "/1/b")), gets("/d/x"), gets("/2/a", "/2/b", "/3/a", "/3/b"), named("again ", gets("/1/a", "/1/b", "/d/x"))),
		},
	}
}

func methodSteps() []Step {
	var steps []Step
	for _, method := range strings.Fields(`OPTIONS GET HEAD POST PUT DELETE TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK ACL
		REPORT VERSION-CONTROL CHECKIN CHECKOUT UNCHECKOUT SEARCH MKWORKSPACE UPDATE LABEL MERGE BASELINE-CONTROL MKACTIVITY
		PATCH BREW get Get GETT M-SEARCH PURGE LINK UNLINK INVALID QUERY`) {
		steps = append(steps, Step{Name: method, Send: request(method, "/x", nil, "")})
	}
	for _, method := range strings.Fields("PUT PATCH DELETE PROPFIND GET HEAD BREW OPTIONS") {
		steps = append(steps, Step{Name: method + " with a body", Send: request(method, "/x", nil, "body")})
	}
	return append(steps, Step{Name: "OPTIONS *", Send: request("OPTIONS", "*", nil, "")})
}

func headerSteps() []Step {
	steps := []Step{{Name: "Host only", Send: get("/x")}}
	for _, header := range []string{
		"Accept: text/html, */*;q=0.1", "Accept-Charset: utf-8", "Accept-Encoding: gzip, br", "Accept-Language: de, en;q=0.5",
		"Authorization: Basic dTpw", "Connection: keep-alive", "Content-Type: text/plain", "Cookie: a=1", "Cookie2: $Version=1",
		"Pragma: no-cache", "Referer: http://example.test/from", "User-Agent: oracle/1",
		"aCCept: odd case", "USER-AGENT: upper case", "cookie: lower=case", "referer: lower",
		"X-Own: 1", "x-own-lower: 1", "X-Empty:", "X-Blank:    ", "X-Blanks-Around:   v   ", "X-Tab:\tv\t", "X-Inner:  a  b",
		"X-Latin: caf\xe9", "X-UTF8: café", "X-Quote: \"q\" 'q' \\ ;,", "X-Colon: a:b:c", "X-Long: " + fill(2000), "X_Underscore: 1",
		"X.Dot: 1", "Accept-Encodin: not coded", "Accept-Encodings: not coded", "A: one letter",
		"Upgrade: websocket", "TE: trailers", "Keep-Alive: 300", "Proxy-Connection: keep-alive", "Proxy-Authorization: Basic eA==",
		"Proxy: http://evil.test/", "Range: bytes=0-1", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "If-None-Match: \"e\"",
		"Via: 1.1 p", "X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "Trailer: X-T", "Max-Forwards: 3",
		"Content-Length: 0", "Content-Encoding: gzip", "Date: Sun, 06 Nov 1994 08:49:37 GMT", "SSL_CLIENT_CERT: forged",
	} {
		steps = append(steps, Step{Name: trimmed(header), Send: get("/x", header)})
	}
	return append(steps,
		Step{Name: "the same header twice", Send: get("/x", "X-Twice: 1", "X-Between: 0", "X-Twice: 2")},
		Step{Name: "two Cookie headers", Send: get("/x", "Cookie: a=1", "Cookie: b=2")},
		Step{Name: "twice in different case", Send: get("/x", "X-Case: 1", "x-cASE: 2")},
		Step{Name: "folded header", Send: get("/x", "X-Fold: a\r\n b")},
		Step{Name: "eighty headers", Send: get("/x", manyHeaders(80, 8)...)},
		Step{Name: "all coded headers at once", Send: get("/x", "Accept: 1", "Accept-Charset: 2", "Accept-Encoding: 3", "Accept-Language: 4",
			"Authorization: 5", "Content-Type: 7", "Cookie: 9", "Cookie2: 10", "Pragma: 12", "Referer: 13", "User-Agent: 14")},
		Step{Name: "Connection: close", Send: get("/x", "Connection: close")},
		Step{Name: "Connection lists headers", Send: get("/x", "Connection: X-Hop, keep-alive", "X-Hop: 1")},
		Step{Name: "Expect of something unknown", Send: get("/x", "Expect: something")},
		Step{Name: "space before the colon", Send: get("/x", "X-Bad : 1")},
		Step{Name: "header without a colon", Send: get("/x", "no colon")},
		Step{Name: "header with a NUL", Send: get("/x", "X-Nul: a\x00b")},
		Step{Name: "header with a control character", Send: get("/x", "X-Control: a\x01b")},
		Step{Name: "Transfer-Encoding: gzip", Send: get("/x", "Transfer-Encoding: gzip")},
		Step{Name: "Content-Length that is no number", Send: get("/x", "Content-Length: ten")},
		Step{Name: "negative Content-Length", Send: get("/x", "Content-Length: -1")},
	)
}

// trimmed is a header as a step's name.
func trimmed(header string) string {
	return strings.TrimSpace(fmt.Sprintf("%.40q", header))
}

func manyHeaders(n, size int) []string {
	var headers []string
	for i := range n {
		headers = append(headers, fmt.Sprintf("X-Many-%d: %s", i, fill(size)))
	}
	return headers
}

func fillQuery(n int) string { return strings.ReplaceAll(fill(n), " ", "+") }

func requestLineSteps() []Step {
	return []Step{
		{Name: "HTTP/1.0 without Host", Send: "GET /x HTTP/1.0\r\n\r\n"},
		{Name: "HTTP/1.0 with Host", Send: "GET /x HTTP/1.0\r\nHost: " + host + "\r\n\r\n"},
		{Name: "HTTP/1.0 keep-alive", Send: "GET /x HTTP/1.0\r\nHost: " + host + "\r\nConnection: keep-alive\r\n\r\n"},
		{
			Name: "HTTP/1.0 keep-alive, length unknown", Send: "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			On: a(head(200, "OK"), chunksOf(fill(9000), 8184), end()), AnyFraming: true,
		},
		{Name: "HTTP/1.0 length unknown", Send: "GET /x HTTP/1.0\r\n\r\n", On: a(head(200, "OK"), chunksOf(fill(9000), 8184), end()), AnyFraming: true},
		{Name: "HTTP/0.9", Send: "GET /x\r\n\r\n", Leave: LeaveHalf},
		{Name: "HTTP/1.1 without Host", Send: "GET /x HTTP/1.1\r\n\r\n"},
		{Name: "two Hosts", Send: "GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
		{Name: "HTTP/1.2", Send: "GET /x HTTP/1.2\r\nHost: h\r\n\r\n"},
		{Name: "HTTP/2.0 on plain", Send: "GET /x HTTP/2.0\r\nHost: h\r\n\r\n"},
		{Name: "no HTTP at all", Send: "hello\r\n\r\n", Leave: LeaveHalf},
		{Name: "blank line first", Send: "\r\n" + get("/x")},
		{Name: "bare line feeds", Send: "GET /x HTTP/1.1\nHost: h\n\n"},
		{Name: "Host with a port", Send: "GET /x HTTP/1.1\r\nHost: other.test:8123\r\n\r\n"},
		{Name: "Host in upper case", Send: "GET /x HTTP/1.1\r\nHost: OTHER.Test\r\n\r\n"},
		{Name: "Host with a final dot", Send: "GET /x HTTP/1.1\r\nHost: other.test.\r\n\r\n"},
		{Name: "Host is an IPv6 address", Send: "GET /x HTTP/1.1\r\nHost: [::1]:8123\r\n\r\n"},
		{Name: "Host is empty", Send: "GET /x HTTP/1.1\r\nHost:\r\n\r\n"},
		{Name: "Host with port 443", Send: "GET /x HTTP/1.1\r\nHost: other.test:443\r\n\r\n"},
		{Name: "absolute target", Send: "GET http://absolute.test/x?q=1 HTTP/1.1\r\nHost: other.test\r\n\r\n"},
		{Name: "absolute target with port", Send: "GET http://absolute.test:99/x HTTP/1.1\r\nHost: other.test\r\n\r\n"},
		{Name: "absolute target with https", Send: "GET https://absolute.test/x HTTP/1.1\r\nHost: other.test\r\n\r\n"},
		{Name: "absolute target without a path", Send: "GET http://absolute.test HTTP/1.1\r\nHost: other.test\r\n\r\n"},
		{Name: "absolute target of another scheme", Send: "GET ftp://absolute.test/x HTTP/1.1\r\nHost: other.test\r\n\r\n"},
		{Name: "CONNECT", Send: "CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n"},
		{Name: "target without a slash", Send: "GET x HTTP/1.1\r\nHost: h\r\n\r\n"},
		{Name: "a long target", Send: get("/" + strings.Repeat("long/", 700))},
		{Name: "a target of 5000 bytes, longer than the mapper takes", Send: get("/" + strings.Repeat("long/", 1000))},
		{Name: "a target too long for httpd", Send: get("/" + strings.Repeat("long/", 2000))},
	}
}

func keepAliveSteps() []Step {
	return []Step{
		{Name: "first", Send: get("/1")},
		{Name: "second on the same connection", Keep: true, Send: get("/2")},
		{Name: "POST on the same connection", Keep: true, Send: post("/3", "body")},
		{Name: "chunked POST on the same connection", Keep: true, Send: chunked("/4", "body"), On: a(readBody(8186), head(200, "OK"), end())},
		{Name: "HEAD on the same connection", Keep: true, Send: request("HEAD", "/5", nil, "")},
		{Name: "304 on the same connection", Keep: true, Send: get("/6"), On: a(head(304, "Not Modified"), end())},
		{Name: "unread body, then another request", Keep: true, Send: post("/7", fill(20000)), On: a(head(200, "OK"), chunk("early"), end())},
		{Name: "after the unread body", Keep: true, Send: get("/8")},
		{Name: "error on the same connection", Keep: true, Send: get("/9"), On: a(head(404, "Oops", "Content-Length", "4"), chunk("oops"), end())},
		{Name: "after the error", Keep: true, Send: get("/10")},
		{Name: "an error after which httpd closes", Keep: true, Send: get("/10"), On: a(head(500, "Oops"), chunk("oops"), end())},
		{Name: "container closes its connection", Keep: true, Send: get("/11"), On: a(head(200, "OK"), chunk("last"), endClose())},
		{Name: "a new connection to the container", Keep: true, Send: get("/12")},
		{Name: "two requests in one write", Keep: true, Send: get("/13"), Second: get("/14")},
		{Name: "two requests with bodies in one write", Keep: true, Send: post("/13", "body"), Second: chunked("/14", "body")},
		{Name: "the last one says close", Send: get("/15", "Connection: close")},
	}
}
