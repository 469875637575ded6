package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mod_gojk/test/harness"
)

// responseCases: what a container answers, as the client gets it.
func responseCases() []Case {
	return []Case{
		{Name: "statuses", Workers: one(), Config: direct, Steps: statusSteps()},
		{Name: "statuses without reason and body", Workers: one(), Config: direct, Steps: bareStatusSteps()},
		{Name: "statuses of HEAD", Workers: one(), Config: direct, Steps: headStatusSteps()},
		{Name: "response headers", Workers: one(), Config: direct, Steps: responseHeaderSteps()},
		{Name: "what the client has so far", Workers: one(), Config: direct, Steps: soFarSteps()},
		{Name: "response bodies", Workers: one(), Config: direct, Steps: responseBodySteps()},
		{Name: "error documents", Workers: one(), Config: direct + "ErrorDocument 404 \"own 404\"\nErrorDocument 503 \"own 503\"\n", Steps: []Step{
			{Name: "404 with a body", Send: get("/x"), On: a(head(404, "", "Content-Type", "text/plain"), chunk("theirs"), end())},
			{Name: "404 without a body", Send: get("/x"), On: a(head(404, ""), end())},
			{Name: "404 with Content-Length 0", Send: get("/x"), On: a(head(404, "", "Content-Length", "0"), end())},
			{Name: "503 without a body", Send: get("/x"), On: a(head(503, ""), end())},
		}},
		{Name: "FlushPackets", Workers: one(), Config: direct + "JkOptions +FlushPackets\n", Steps: slices.Concat(flushSteps(), soFarSteps())},
		{Name: "FlushHeader", Workers: one(), Config: direct + "JkOptions +FlushHeader\n", Steps: slices.Concat(flushSteps(), soFarSteps()[:4])},
		{Name: "DisableReuse", Workers: one(), Config: direct + "JkOptions +DisableReuse\n", Steps: []Step{
			{Name: "first", Send: get("/1")},
			{Name: "second", Send: get("/2")},
		}},
		{Name: "use_server_errors", Workers: one(), Config: "JkMount /* a;use_server_errors=400\nErrorDocument 404 \"own 404\"\n", Steps: []Step{
			{Name: "200", Send: get("/x"), On: a(head(200, "OK", "X-Own", "1"), chunk("ok"), end())},
			{Name: "302", Send: get("/x"), On: a(head(302, "", "Location", "/y"), end())},
			{Name: "404", Send: get("/x"), On: a(head(404, "Gone Away", "X-Own", "1"), chunk("theirs"), end())},
			{Name: "401", Send: get("/x"), On: a(head(401, "", "WWW-Authenticate", "Basic realm=\"r\"", "X-Own", "1"), chunk("theirs"), end())},
			{Name: "500", Send: get("/x"), On: a(head(500, "", "X-Own", "1"), chunk("theirs"), end())},
			{Name: "the connection is reused", Send: get("/x")},
		}},
	}
}

func statusSteps() []Step {
	var steps []Step
	for _, status := range []int{
		200, 201, 202, 203, 205, 206, 207, 226, 250, 299, 300, 301, 302, 303, 305, 307, 308, 399, 400, 401, 402, 403, 404, 405,
		406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 422, 423, 424, 425, 426, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 507,
		510, 511, 599,
	} {
		steps = append(steps, Step{Name: fmt.Sprint(status), Send: get("/x"), On: a(head(status, "Own Reason", "Content-Type", "text/plain"), chunk("body"), end())})
	}
	return append(steps,
		Step{Name: "204 with a body", Send: get("/x"), On: a(head(204, "None"), chunk("body"), end())},
		Step{Name: "204 with Content-Length", Send: get("/x"), On: a(head(204, "None", "Content-Length", "4"), chunk("body"), end())},
		Step{Name: "304 with a body", Send: get("/x"), On: a(head(304, "Same"), chunk("body"), end())},
		Step{Name: "304 with headers", Send: get("/x"), On: a(head(304, "Same", "ETag", "\"e\"", "Content-Length", "10", "X-Own", "1", "Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"), end())},
		Step{Name: "reason with blanks", Send: get("/x"), On: a(head(200, "All  is well "), end())},
		Step{Name: "reason is one blank", Send: get("/x"), On: a(head(200, " "), end())},
		Step{Name: "reason is not ASCII", Send: get("/x"), On: a(head(200, "Gr\xfc\xdfe"), end())},
		Step{Name: "reason of 500 bytes", Send: get("/x"), On: a(head(200, fill(499)+"."), end())},
		Step{Name: "redirect", Send: get("/x"), On: a(head(302, "Found", "Location", "http://example.test/y"), end())},
		Step{Name: "WWW-Authenticate", Send: get("/x"), On: a(head(401, "", "WWW-Authenticate", "Basic realm=\"r\""), chunk("who?"), end())},
	)
}

func bareStatusSteps() []Step {
	var steps []Step
	for _, status := range []int{200, 201, 204, 205, 206, 250, 301, 302, 304, 307, 400, 401, 403, 404, 405, 413, 418, 499, 500, 501, 502, 503, 504, 599} {
		steps = append(steps, Step{Name: fmt.Sprint(status), Send: get("/x"), On: a(head(status, ""), end())})
	}
	return append(steps, Step{Name: "404, reason only", Send: get("/x"), On: a(head(404, "Gone Away"), end())})
}

func headStatusSteps() []Step {
	headOf := request("HEAD", "/x", nil, "")
	return []Step{
		{Name: "200", Send: headOf, On: a(head(200, "OK", "Content-Type", "text/plain", "Content-Length", "4"), end())},
		{Name: "200 with body chunks", Send: headOf, On: a(head(200, "OK", "Content-Length", "4"), chunk("body"), end())},
		{Name: "200, no length", Send: headOf, On: a(head(200, "OK", "Content-Type", "text/plain"), end())},
		{Name: "200, no length, body chunks", Send: headOf, On: a(head(200, "OK", "Content-Type", "text/plain"), chunk("one"), chunk("two"), end())},
		{Name: "200 with flush", Send: headOf, On: a(head(200, "OK", "Content-Length", "4"), flush(), end())},
		{Name: "204", Send: headOf, On: a(head(204, ""), end())},
		{Name: "302", Send: headOf, On: a(head(302, "", "Location", "/y"), end())},
		{Name: "304", Send: headOf, On: a(head(304, ""), end())},
		{Name: "404 with body chunks", Send: headOf, On: a(head(404, "", "Content-Type", "text/plain"), chunk("body"), end())},
		{Name: "404 with Content-Length", Send: headOf, On: a(head(404, "", "Content-Type", "text/plain", "Content-Length", "4"), end())},
		{Name: "404, nothing", Send: headOf, On: a(head(404, ""), end())},
		{Name: "500, nothing", Send: headOf, On: a(head(500, "", "X-Own", "1"), end())},
		{Name: "the next request", Send: get("/x")},
	}
}

func responseHeaderSteps() []Step {
	var steps []Step
	for _, h := range [][2]string{
		{"Content-Type", "text/html"},
		{"Content-Type", "text/html;charset=UTF-8"},
		{"Content-Type", "Text/HTML; Charset=UTF-8"},
		{"Content-Type", "TEXT/plain ; a=B"},
		{"Content-Type", ""},
		{"Content-Type", "nonsense"},
		{"Content-Type", "application/vnd.X+Json"},
		{"Content-Type", "text/html; charset=\"UTF-8\""},
		{"Content-Language", "de"},
		{"Content-Length", "4"},
		{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"},
		{"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"},
		{"Last-Modified", "Sunday, 06-Nov-94 08:49:37 GMT"},
		{"Last-Modified", "nonsense"},
		{"Last-Modified", ""},
		{"Location", "/y"},
		{"Location", "http://other.test/"},
		{"Set-Cookie", "a=1; Path=/"},
		{"Set-Cookie2", "a=1"},
		{"Servlet-Engine", "oracle"},
		{"Status", "201 Created"},
		{"WWW-Authenticate", "Basic"},
		{"content-type", "text/lower"},
		{"LOCATION", "/upper"},
		{"Server", "own server"},
		{"Connection", "close"},
		{"Connection", "keep-alive"},
		{"Connection", "X-Own"},
		{"Keep-Alive", "timeout=1"},
		{"Transfer-Encoding", "identity"},
		{"Upgrade", "h2c"},
		{"Trailer", "X-T"},
		{"Proxy-Authenticate", "Basic"},
		{"Content-Encoding", "gzip"},
		{"Content-Range", "bytes 0-3/4"},
		{"Accept-Ranges", "bytes"},
		{"ETag", "\"e\""},
		{"Vary", "Cookie"},
		{"Cache-Control", "no-store"},
		{"Expires", "0"},
		{"Pragma", "no-cache"},
		{"X-Own", "1"},
		{"x-lower", "1"},
		{"X-Empty", ""},
		{"X-Latin", "caf\xe9"},
		{"X-Inner", "a  b"},
		{"X-Around", "  a  "},
		{"X-Quote", "\"q\""},
		{"X-Tab", "a\tb"},
		{"X-Long", fill(3000)},
		{"Warning", "199 - \"w\""},
		{"Allow", "GET"},
		{"Via", "1.1 x"},
		{"Refresh", "1"},
		{"MIME-Version", "1.0"},
	} {
		steps = append(steps, Step{Name: trimmed(h[0] + ": " + h[1]), Send: get("/x"), On: a(head(200, "OK", h[0], h[1]), chunk("body"), end())})
	}
	future := time.Now().Add(24 * time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
	respond := func(name string, pairs ...string) Step {
		return Step{Name: name, Send: get("/x"), On: a(head(200, "OK", pairs...), chunk("body"), end())}
	}
	return append(steps,
		respond("none"),
		respond("Set-Cookie twice", "Set-Cookie", "a=1", "Set-Cookie", "b=2"),
		respond("own header twice", "X-Twice", "1", "X-Between", "0", "X-Twice", "2"),
		respond("Location twice", "Location", "/1", "Location", "/2"),
		respond("Content-Type twice", "Content-Type", "text/a", "Content-Type", "text/b"),
		respond("Content-Length twice", "Content-Length", "4", "Content-Length", "4"),
		respond("Content-Language twice", "Content-Language", "de", "Content-Language", "en"),
		respond("Last-Modified twice", "Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT", "Last-Modified", "Mon, 07 Nov 1994 08:49:37 GMT"),
		respond("WWW-Authenticate twice", "WWW-Authenticate", "Basic", "WWW-Authenticate", "Digest"),
		respond("Vary twice", "Vary", "Cookie", "Vary", "Accept"),
		respond("Last-Modified in the future", "Last-Modified", future),
		respond("all coded headers", "Content-Type", "text/plain", "Content-Language", "de", "Content-Length", "4", "Date", "x", "Last-Modified",
			"Sun, 06 Nov 1994 08:49:37 GMT", "Location", "/l", "Set-Cookie", "c=1", "Set-Cookie2", "d=1", "Servlet-Engine", "e", "Status", "200", "WWW-Authenticate", "w"),
		respond("Set-Cookie as a string", "set-cookie", "a=1", "SET-COOKIE", "b=2"),
		respond("sixty headers", manyPairs(60)...),
		Step{Name: "names as strings that have codes", Send: get("/x"), On: a(packet(stringNamesHead()...), chunk("body"), end())},
		Step{
			Name: "conditional request, container answers 200", Send: get("/x", "If-Modified-Since: Mon, 07 Nov 1994 08:49:37 GMT"),
			On: a(head(200, "OK", "Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"), chunk("body"), end()),
		},
		Step{Name: "range request, container answers 200", Send: get("/x", "Range: bytes=0-1"), On: a(head(200, "OK", "Content-Length", "4"), chunk("body"), end())},
		Step{Name: "If-None-Match, container answers 200", Send: get("/x", "If-None-Match: \"e\""), On: a(head(200, "OK", "ETag", "\"e\""), chunk("body"), end())},
	)
}

func manyPairs(n int) []string {
	var pairs []string
	for i := range n {
		pairs = append(pairs, fmt.Sprintf("X-Many-%d", i), fill(i))
	}
	return pairs
}

// stringNamesHead is a SEND_HEADERS whose header names are all sent as strings.
func stringNamesHead() []byte {
	payload := []byte("\x04\x00\xc8\x00\x02OK\x00\x00\x03")
	for _, s := range []string{"Content-Type", "text/plain", "Content-Length", "4", "Location", "/l"} {
		payload = append(append(append(payload, 0, byte(len(s))), s...), 0)
	}
	return payload
}

func responseBodySteps() []Step {
	plain := head(200, "OK", "Content-Type", "text/plain")
	sized := func(n int) harness.Action {
		return head(200, "OK", "Content-Type", "text/plain", "Content-Length", fmt.Sprint(n))
	}
	return []Step{
		{Name: "none", Send: get("/x"), On: a(plain, end())},
		{Name: "Content-Length 0", Send: get("/x"), On: a(sized(0), end())},
		{Name: "one byte", Send: get("/x"), On: a(plain, chunk("b"), end())},
		{Name: "every byte value", Send: get("/x"), On: a(plain, chunk(everyByte()), end())},
		{Name: "several chunks", Send: get("/x"), On: a(plain, chunk("one"), chunk("two"), chunk("three"), end())},
		{Name: "8184, Tomcat's largest chunk", Send: get("/x"), On: a(plain, chunk(fill(8184)), end()), AnyFraming: true},
		{Name: "8188", Send: get("/x"), On: a(plain, chunk(fill(8188)), end()), AnyFraming: true},
		{Name: "8189 without the final NUL, the largest payload", Send: get("/x"), On: a(plain, packet(append([]byte{3, 0x1f, 0xfd}, fill(8189)...)...), end()), AnyFraming: true},
		{Name: "chunk without the final NUL", Send: get("/x"), On: a(plain, packet([]byte("\x03\x00\x04body")...), end())},
		{Name: "100000, no length", Send: get("/x"), On: a(plain, chunksOf(fill(100000), 8184), end()), AnyFraming: true},
		{Name: "100000 with a length", Send: get("/x"), On: a(sized(100000), chunksOf(fill(100000), 8184), end())},
		{Name: "100000 in small chunks", Send: get("/x"), On: a(plain, chunksOf(fill(100000), 100), end()), AnyFraming: true},
		{Name: "1000000 with a length", Send: get("/x"), On: a(sized(1000000), chunksOf(fill(1000000), 8184), end())},
		{Name: "100000, HTTP/1.0", Send: "GET /x HTTP/1.0\r\n\r\n", On: a(plain, chunksOf(fill(100000), 8184), end()), AnyFraming: true},
		{Name: "100000, Connection: close", Send: get("/x", "Connection: close"), On: a(plain, chunksOf(fill(100000), 8184), end()), AnyFraming: true},
		{Name: "less than Content-Length", Send: get("/x", "Connection: close"), On: a(sized(10), chunk("body"), end())},
		{Name: "more than Content-Length", Send: get("/x", "Connection: close"), On: a(sized(2), chunk("body"), end())},
		{
			Name: "much less than Content-Length", Send: get("/x", "Connection: close"), Begin: "less", SoFar: true, Sent: 30000,
			On: a(sized(50000), chunksOf(fill(30000), 8184), flush(), hold("less"), end()),
		},
		{Name: "much less than Content-Length, the end", Finish: "less"},
		{Name: "flush after the head", Send: get("/x"), On: a(plain, flush(), chunk("body"), end()), AnyFraming: true},
		{Name: "flush after the body", Send: get("/x"), On: a(plain, chunk("body"), flush(), end()), AnyFraming: true},
		{Name: "flush between chunks", Send: get("/x"), On: a(plain, chunk("one"), flush(), chunk("two"), end()), AnyFraming: true},
		{Name: "flush with a length", Send: get("/x"), On: a(sized(6), chunk("one"), flush(), chunk("two"), end())},
		{Name: "flush before the head", Send: get("/x"), On: a(flush(), plain, chunk("body"), end())},
		{Name: "many flushes", Send: get("/x"), On: a(plain, flush(), flush(), chunk("one"), flush(), flush(), chunk("two"), flush(), end()), AnyFraming: true},
		{Name: "flush without the final NUL", Send: get("/x"), On: a(plain, packet(3, 0, 0), chunk("body"), end()), AnyFraming: true},
		{Name: "Content-Length that is no number", Send: get("/x"), On: a(head(200, "OK", "Content-Length", "four"), chunk("body"), end())},
		{Name: "negative Content-Length", Send: get("/x"), On: a(head(200, "OK", "Content-Length", "-4"), chunk("body"), end())},
		{Name: "packets in pieces", Send: get("/x"), On: a(inPieces(harness.HeadPayload(200, "OK"), harness.ChunkPayload("body"), []byte{5, 1}))},
		{Name: "packets in one write", Send: get("/x"), On: a(atOnce(harness.HeadPayload(200, "OK"), harness.ChunkPayload("body"), []byte{5, 1}))},
		{Name: "reuse is 2", Send: get("/x"), On: a(plain, chunk("body"), packet(5, 2))},
		{Name: "the next request", Send: get("/x")},
		{Name: "no reuse", Send: get("/x"), On: a(plain, chunk("body"), endClose())},
		{Name: "no reuse, container does not close", Send: get("/x"), On: a(plain, chunk("body"), packet(5, 0), hostCloses())},
		{Name: "after no reuse", Send: get("/x")},
		{Name: "closed after the end", Send: get("/x"), On: a(plain, chunk("body"), end(), closes())},
		{Name: "after the close", Send: get("/x")},
	}
}

// atOnce sends packets in a single write.
func atOnce(payloads ...[]byte) harness.Action { return raw(packets(payloads...)...) }

// inPieces sends packets byte by byte.
func inPieces(payloads ...[]byte) harness.Action {
	return func(x *harness.Exchange) error {
		for _, b := range packets(payloads...) {
			if err := raw(b)(x); err != nil {
				return err
			}
		}
		return nil
	}
}

// packets frames payloads.
func packets(payloads ...[]byte) []byte {
	var all []byte
	for _, p := range payloads {
		all = append(append(all, 'A', 'B', byte(len(p)>>8), byte(len(p))), p...)
	}
	return all
}

// notFlushed says that nobody knows how much of a body is on its way.
const notFlushed = -1

// soFarSteps show what the client has of a response while the container holds the rest back.
func soFarSteps() []Step {
	plain := head(200, "OK", "Content-Type", "text/plain")
	var steps []Step
	for _, tt := range []struct {
		name  string
		sent  int
		first []harness.Action
	}{
		{"head", 0, []harness.Action{plain}},
		{"head, flush", 0, []harness.Action{plain, flush()}},
		{"head and chunk", 3, []harness.Action{plain, chunk("one")}},
		{"head, chunk, flush", 3, []harness.Action{plain, chunk("one"), flush()}},
		{"a large part", notFlushed, []harness.Action{plain, chunksOf(fill(20000), 8184)}},
		{"a large part, flush", 20000, []harness.Action{plain, chunksOf(fill(20000), 8184), flush()}},
	} {
		actions := append(slices.Clone(tt.first), hold(tt.name), chunk("rest"), end())
		steps = append(steps, Step{Name: tt.name, Send: get("/x"), Begin: tt.name, SoFar: true, Sent: tt.sent, On: a(actions...)},
			Step{Name: tt.name + ", the rest", Finish: tt.name, AnyFraming: true})
	}
	return steps
}

// flushSteps are whole responses, to be seen with each flushing option.
func flushSteps() []Step {
	plain := head(200, "OK", "Content-Type", "text/plain")
	return []Step{
		{Name: "small", Send: get("/x"), On: a(plain, chunk("one"), chunk("two"), end()), AnyFraming: true},
		{Name: "large", Send: get("/x"), On: a(plain, chunksOf(fill(30000), 8184), end()), AnyFraming: true},
		{Name: "no body", Send: get("/x"), On: a(plain, end()), AnyFraming: true},
		{Name: "with a length", Send: get("/x"), On: a(head(200, "OK", "Content-Length", "6"), chunk("one"), chunk("two"), end()), AnyFraming: true},
		{Name: "HEAD", Send: request("HEAD", "/x", nil, ""), On: a(plain, chunk("one"), end())},
		{Name: "HTTP/1.0", Send: "GET /x HTTP/1.0\r\n\r\n", On: a(plain, chunk("one"), chunk(strings.Repeat("2", 10)), end()), AnyFraming: true},
		{Name: "204", Send: get("/x"), On: a(head(204, ""), end())},
		{Name: "404", Send: get("/x"), On: a(head(404, ""), chunk("none"), end()), AnyFraming: true},
	}
}
