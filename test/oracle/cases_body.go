package main

import "strings"

// bodyCases: request bodies, as the container gets them.
func bodyCases() []Case {
	return []Case{
		{Name: "bodies of known length", Workers: one(), Config: direct, Steps: lengthSteps()},
		{Name: "bodies of unknown length", Workers: one(), Config: direct, Steps: chunkedSteps()},
		{Name: "bodies that the client does not finish", Workers: one(), Config: direct, Steps: abortSteps()},
		{Name: "bodies that the container does not want", Workers: one("retries=1"), Config: direct, Steps: unwantedSteps()},
		{Name: "bodies in large packets", Workers: one("max_packet_size=65536"), Config: direct, Steps: []Step{
			{Name: "first packet of 65530", Send: post("/x", fill(65530)), On: a(readBody(65530), head(200, "OK"), end())},
			{Name: "one more", Send: post("/x", fill(65531)), On: a(readBody(65530), head(200, "OK"), end())},
			{Name: "chunked", Send: chunked("/x", fill(70000)), On: a(readBody(65530), head(200, "OK"), end())},
		}},
		{Name: "limited bodies", Workers: one("retries=1"), Config: direct + "LimitRequestBody 100\n", Steps: []Step{
			{Name: "within", Send: post("/x", fill(100))},
			{Name: "beyond", Send: post("/x", fill(101))},
			{Name: "chunked within", Send: chunked("/x", fill(100)), On: a(readBody(8186), head(200, "OK"), end())},
			{Name: "chunked beyond", Send: chunked("/x", fill(101)), On: a(readBody(8186), head(200, "OK"), end())},
			{Name: "the next request", Send: get("/x")},
		}},
		{Name: "ignored Content-Length", Workers: one(), Config: direct + "SetEnvIf Request_URI ^/ignore JK_IGNORE_CL=1\n", Steps: []Step{
			{Name: "with a length", Send: post("/ignore", "body"), On: a(readBody(8186), head(200, "OK"), end())},
			{Name: "long", Send: post("/ignore", fill(20000)), On: a(readBody(8186), head(200, "OK"), end())},
			{Name: "length 0", Send: get("/ignore", "Content-Length: 0")},
			{Name: "no body", Send: get("/ignore")},
			{Name: "elsewhere", Send: post("/x", "body")},
		}},
	}
}

// readAndAnswer is a response after whatever was read.
var readAndAnswer = a(readBody(8186), head(200, "OK", "Content-Type", "text/plain"), chunk("read"), end())

func lengthSteps() []Step {
	return []Step{
		{Name: "Content-Length 0", Send: request("POST", "/x", []string{"Content-Length: 0"}, "")},
		{Name: "Content-Length 0, container asks", Send: request("POST", "/x", []string{"Content-Length: 0"}, ""), On: readAndAnswer},
		{Name: "no body, container asks", Send: get("/x"), On: readAndAnswer},
		{Name: "one byte", Send: post("/x", "b"), On: readAndAnswer},
		{Name: "one byte, container does not ask", Send: post("/x", "b")},
		{Name: "form", Send: post("/x", "a=1&b=2", "Content-Type: application/x-www-form-urlencoded"), On: readAndAnswer},
		{Name: "bytes of every value", Send: post("/x", everyByte()), On: readAndAnswer},
		{Name: "8185", Send: post("/x", fill(8185)), On: readAndAnswer},
		{Name: "8186, one packet", Send: post("/x", fill(8186)), On: readAndAnswer},
		{Name: "8187, one packet and a byte", Send: post("/x", fill(8187)), On: readAndAnswer},
		{Name: "16372, two packets", Send: post("/x", fill(16372)), On: readAndAnswer},
		{Name: "16373", Send: post("/x", fill(16373)), On: readAndAnswer},
		{Name: "100000", Send: post("/x", fill(100000)), On: readAndAnswer},
		{Name: "container asks for 10 at a time", Send: post("/x", fill(8236)), On: a(readBody(10), head(200, "OK"), end())},
		{Name: "container asks for 1", Send: post("/x", fill(8190)), On: a(getBody(1), getBody(1), getBody(8186), getBody(10), head(200, "OK"), end())},
		{Name: "container asks for more than fits", Send: post("/x", fill(30000)), On: a(readBody(65535), head(200, "OK"), end())},
		{Name: "container asks for 0", Send: post("/x", fill(9000)), On: a(getBody(0), head(200, "OK"), end())},
		{Name: "container asks after the end", Send: post("/x", "b"), On: a(getBody(10), getBody(10), head(200, "OK"), end())},
		{Name: "half of it is read", Send: post("/x", fill(30000)), On: a(getBody(8186), head(200, "OK"), chunk("enough"), end())},
		{Name: "read after the head", Send: post("/x", fill(20000)), On: a(head(200, "OK"), readBody(8186), chunk("read"), end())},
		{Name: "read between chunks", Send: post("/x", fill(20000)), On: a(head(200, "OK"), chunk("one"), getBody(8186), chunk("two"), getBody(8186), end())},
		{Name: "echoed", Send: post("/x", fill(16372)), On: a(getBody(8186), head(200, "OK"), chunk(fill(8184)), chunk(fill(8184)), end()), AnyFraming: true},
		{Name: "HEAD with a body", Send: request("HEAD", "/x", nil, "body"), On: readAndAnswer},
		{Name: "GET with a body", Send: request("GET", "/x", nil, fill(9000)), On: readAndAnswer},
		{
			Name: "slow client", Send: request("POST", "/x", []string{"Content-Length: 9000"}, "") + fill(9000)[:100], Await: AwaitAWhile,
			Then: fill(9000)[100:], On: a(readBody(8186), head(200, "OK"), end()),
		},
		{
			Name: "Expect: 100-continue", Send: request("POST", "/x", []string{"Expect: 100-continue", "Content-Length: 4"}, ""),
			Await: AwaitContinue, Then: "body", On: readAndAnswer,
		},
		{Name: "Expect: 100-continue, body at once", Send: post("/x", "body", "Expect: 100-continue"), On: readAndAnswer},
		{Name: "Expect: 100-continue without a body", Send: get("/x", "Expect: 100-continue"), On: readAndAnswer},
		{
			Name: "Expect: 100-continue, container refuses", Send: request("POST", "/x", []string{"Expect: 100-continue", "Content-Length: 4"}, ""),
			Await: AwaitContinue, Then: "body", On: a(head(417, "No"), end()),
		},
		{Name: "HTTP/1.0", Send: "POST /x HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody", On: readAndAnswer},
		{Name: "more than announced", Send: "POST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nbody", On: readAndAnswer},
		{Name: "two equal Content-Lengths", Send: "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody", On: readAndAnswer},
		{Name: "two different Content-Lengths", Send: "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody"},
		{Name: "Content-Length beyond 64 bits", Send: "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\nbody"},
		{Name: "Content-Length with a plus", Send: "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: +4\r\n\r\nbody"},
	}
}

func everyByte() string {
	var b strings.Builder
	for i := range 256 {
		b.WriteByte(byte(i))
	}
	return b.String()
}

func chunkedSteps() []Step {
	return []Step{
		{Name: "not asked for", Send: chunked("/x", "body")},
		{Name: "small", Send: chunked("/x", "body"), On: readAndAnswer},
		{Name: "empty", Send: chunked("/x"), On: readAndAnswer},
		{Name: "several chunks", Send: chunked("/x", "one", "two", "three"), On: readAndAnswer},
		{Name: "8186", Send: chunked("/x", fill(8186)), On: readAndAnswer},
		{Name: "8187", Send: chunked("/x", fill(8187)), On: readAndAnswer},
		{Name: "16372", Send: chunked("/x", fill(16372)), On: readAndAnswer},
		{Name: "100000 in pieces", Send: chunked("/x", fill(40000), fill(8186), fill(1), fill(51813)), On: readAndAnswer},
		{Name: "container asks for 10", Send: chunked("/x", fill(8200)), On: a(getBody(10), getBody(10), getBody(10), head(200, "OK"), end())},
		{Name: "half is read", Send: chunked("/x", fill(20000)), On: a(getBody(8186), head(200, "OK"), chunk("enough"), end())},
		{Name: "with Content-Length", Send: request("POST", "/x", []string{"Content-Length: 3", "Transfer-Encoding: chunked"}, "") + chunks("body") + "0\r\n\r\n", On: readAndAnswer},
		{Name: "with an extension", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked"}, "") + "4;e=1\r\nbody\r\n0\r\n\r\n", On: readAndAnswer},
		{Name: "with trailers", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked"}, "") + chunks("body") + "0\r\nX-Trailer: t\r\n\r\n", On: readAndAnswer},
		{Name: "PUT", Send: request("PUT", "/x", []string{"Transfer-Encoding: chunked"}, "") + chunks("body") + "0\r\n\r\n", On: readAndAnswer},
		{Name: "GET", Send: request("GET", "/x", []string{"Transfer-Encoding: chunked"}, "") + chunks("body") + "0\r\n\r\n", On: readAndAnswer},
		{Name: "HTTP/1.0", Send: "POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks("body") + "0\r\n\r\n", On: readAndAnswer},
		{Name: "upper case", Send: request("POST", "/x", []string{"Transfer-Encoding: CHUNKED"}, "") + chunks("body") + "0\r\n\r\n", On: readAndAnswer},
		{
			Name: "Expect: 100-continue", Send: request("POST", "/x", []string{"Expect: 100-continue", "Transfer-Encoding: chunked"}, ""),
			Await: AwaitContinue, Then: chunks("body") + "0\r\n\r\n", On: readAndAnswer,
		},
		{
			Name: "slow client", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked"}, "") + chunks("one"), Await: AwaitAWhile,
			Then: chunks("two") + "0\r\n\r\n", On: readAndAnswer,
		},
		{Name: "gzip, chunked", Send: request("POST", "/x", []string{"Transfer-Encoding: gzip, chunked"}, "") + chunks("body") + "0\r\n\r\n", On: readAndAnswer},
		{Name: "chunked, gzip", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked, gzip"}, "") + chunks("body") + "0\r\n\r\n"},
		{Name: "chunked twice", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked", "Transfer-Encoding: chunked"}, "") + chunks("body") + "0\r\n\r\n"},
		{Name: "malformed chunk size", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked"}, "") + "zz\r\nbody\r\n0\r\n\r\n", On: readAndAnswer},
		{Name: "the next request", Send: get("/x")},
	}
}

// abortSteps: the client goes away in the middle of its body.
func abortSteps() []Step {
	return []Step{
		{Name: "nothing of the body", Send: request("POST", "/x", []string{"Content-Length: 10"}, ""), Leave: LeaveClose},
		{Name: "the next request", Send: get("/x")},
		{Name: "a part of the first packet", Send: request("POST", "/x", []string{"Content-Length: 10"}, "") + "bod", Leave: LeaveClose},
		{Name: "half closed", Send: request("POST", "/x", []string{"Content-Length: 10"}, "") + "bod", Leave: LeaveHalf},
		{Name: "after the first packet", Send: request("POST", "/x", []string{"Content-Length: 20000"}, "") + fill(9000), Leave: LeaveHalf, On: a(readBody(8186), head(200, "OK"), end())},
		{Name: "in a chunk", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked"}, "") + "a\r\nbody", Leave: LeaveHalf, On: readAndAnswer},
		{Name: "before the last chunk", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked"}, "") + chunks("body"), Leave: LeaveHalf, On: readAndAnswer},
		{Name: "unread rest is missing", Send: request("POST", "/x", []string{"Content-Length: 20000"}, "") + fill(9000), Leave: LeaveHalf, On: a(head(200, "OK"), chunk("enough"), end())},
		{Name: "the next request after all", Send: get("/x")},
	}
}

// unwantedSteps: the container answers, fails or goes away before it has the body.
func unwantedSteps() []Step {
	return []Step{
		{Name: "refused with a status", Send: post("/x", fill(50000)), On: a(head(413, "Too Large", "Content-Length", "0"), end())},
		{Name: "answered without waiting", Send: post("/x", fill(5000)), On: Scripts{"a": {early(head(200, "OK"), chunk("early"), endClose())}}},
		{Name: "closed when asked for more", Send: post("/x", fill(20000)), On: a(getBody(8186), closes())},
		{Name: "closed after the first packet", Send: post("/x", fill(20000)), On: a(closes())},
		{Name: "chunked, closed after a packet", Send: chunked("/x", fill(20000)), On: a(getBody(8186), closes())},
		{Name: "chunked, answered", Send: chunked("/x", fill(20000)), On: a(head(200, "OK"), chunk("early"), end())},
		{Name: "the next request", Send: get("/x")},
	}
}
