package main

import (
	"slices"

	"mod_gojk/test/harness"
)

// malformedCases: containers that break the protocol.
func malformedCases() []Case {
	return []Case{
		{Name: "malformed packets", Workers: one(), Config: direct, Steps: malformedSteps(2)},
		{Name: "malformed packets, one try", Workers: one("retries=1"), Config: direct, Steps: malformedSteps(1)},
		{
			Name: "malformed packets from a member", Containers: []string{"a", "b"}, Config: "JkMount /* lb\n", Steps: malformedMemberSteps(),
			Workers: list("lb", lb("lb", "balance_workers=a,b", "retry_interval=1"), ajp("a", "retries=1", "route=a"), ajp("b", "retries=1", "route=b")),
		},
		{Name: "response breaks off", Workers: one("recovery_options=3"), Config: direct, Steps: brokenSteps()},
		{Name: "header code A000", Workers: one("retries=1"), Config: direct, Steps: []Step{
			{Name: "A000", Send: get("/x"), On: a(packet([]byte("\x04\x00\xc8\x00\x02OK\x00\x00\x01\xa0\x00\x00\x01v\x00")...), end())},
		}},
		{Name: "ajp at an HTTP port", Workers: one("retries=1"), Config: direct, Steps: []Step{
			{Name: "HTTP answer", Send: get("/x"), On: a(raw([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")...), closes())},
		}},
	}
}

// malformed are the ways to break the protocol, as the actions of one attempt.
var malformed = []struct {
	name    string
	actions []harness.Action
}{
	{"wrong magic", []harness.Action{raw([]byte("XX\x00\x02\x05\x01")...)}},
	{"magic of the other direction", []harness.Action{raw([]byte("\x12\x34\x00\x02\x05\x01")...)}},
	{"payload of 8192 that is a good chunk", []harness.Action{head(200, "OK", "Content-Length", "8189"), packet(append([]byte{3, 0x1f, 0xfd}, fill(8189)...)...), end()}},
	{"payload of 8193", []harness.Action{head(200, "OK"), packet(append([]byte{3, 0x1f, 0xfe}, fill(8190)...)...), end()}},
	{"payload of 65535", []harness.Action{packet(append([]byte{3, 0xff, 0xfc}, fill(65532)...)...)}},
	{"empty packet", []harness.Action{packet(), head(200, "OK"), end()}},
	{"closed in the packet's head", []harness.Action{raw([]byte("AB\x00")...), closes()}},
	{"closed in the payload", []harness.Action{raw([]byte("AB\x00\x20\x04\x00\xc8")...), closes()}},
	{"unknown code 0", []harness.Action{packet(0)}},
	{"unknown code 7", []harness.Action{packet(7, 1)}},
	{"unknown code 255", []harness.Action{packet(255, 1, 2, 3)}},
	{"CPONG instead of a response", []harness.Action{packet(9)}},
	{"head, then an unknown code", []harness.Action{head(200, "OK"), packet(11)}},
	{"status 0", []harness.Action{head(0, "Zero"), end()}},
	{"status 99", []harness.Action{head(99, "Low"), chunk("body"), end()}},
	{"status 100", []harness.Action{head(100, "Continue"), end()}},
	{"status 103, then 200", []harness.Action{head(103, "Early Hints", "Link", "</s>"), head(200, "OK"), chunk("body"), end()}},
	{"status 600", []harness.Action{head(600, "High"), chunk("body"), end()}},
	{"status 999", []harness.Action{head(999, "Higher"), chunk("body"), end()}},
	{"status 65535", []harness.Action{head(65535, "Highest"), chunk("body"), end()}},
	{"second head at once", []harness.Action{head(200, "OK"), head(200, "OK"), chunk("body"), end()}},
	{"second head after a chunk", []harness.Action{head(200, "OK", "X-First", "1"), chunk("body"), head(201, "Again", "X-Second", "2"), end()}},
	{"end without a head", []harness.Action{end()}},
	{"chunk without a head", []harness.Action{chunk("body"), end()}},
	{"chunk without a head, after a body request", []harness.Action{getBody(10), chunk("body"), end()}},
	{"end without a head, after a body request", []harness.Action{getBody(10), end()}},
	{"flush, then the end", []harness.Action{flush(), end()}},
	{"chunk longer than its packet", []harness.Action{head(200, "OK"), packet([]byte("\x03\x00\x0abody\x00")...), end()}},
	{"chunk one longer than its packet", []harness.Action{head(200, "OK"), packet([]byte("\x03\x00\x05body")...), end()}},
	{"chunk with bytes after it", []harness.Action{head(200, "OK"), packet([]byte("\x03\x00\x02body\x00")...), end()}},
	{"chunk without a length", []harness.Action{head(200, "OK"), packet(3), end()}},
	{"chunk with half a length", []harness.Action{head(200, "OK"), packet(3, 0), end()}},
	{"end without the reuse flag", []harness.Action{head(200, "OK"), chunk("body"), packet(5)}},
	{"end with the reuse flag 255", []harness.Action{head(200, "OK"), chunk("body"), packet(5, 255)}},
	{"end with more bytes", []harness.Action{head(200, "OK"), chunk("body"), packet(5, 1, 2, 3)}},
	{"body request without a size", []harness.Action{packet(6), head(200, "OK"), end()}},
	{"head without a status", []harness.Action{packet(4), end()}},
	{"head without a reason", []harness.Action{packet(4, 0, 200), end()}},
	{"head without a header count", []harness.Action{packet([]byte("\x04\x00\xc8\x00\x02OK\x00")...), end()}},
	{"head with a null reason", []harness.Action{packet([]byte("\x04\x00\xc8\xff\xff\x00\x00")...), chunk("body"), end()}},
	{"head with a reason longer than the packet", []harness.Action{packet([]byte("\x04\x00\xc8\x00\x20OK\x00\x00\x00")...), end()}},
	{"head with fewer headers than announced", []harness.Action{packet([]byte("\x04\x00\xc8\x00\x02OK\x00\x00\x02\xa0\x01\x00\x01v\x00")...), chunk("body"), end()}},
	{"head with more headers than announced", []harness.Action{packet([]byte("\x04\x00\xc8\x00\x02OK\x00\x00\x01\xa0\x01\x00\x03a/b\x00\xa0\x02\x00\x02de\x00")...), chunk("body"), end()}},
	{"head with 65535 headers announced", []harness.Action{packet([]byte("\x04\x00\xc8\x00\x02OK\x00\xff\xff")...), end()}},
	{"header code A00C", []harness.Action{packet([]byte("\x04\x00\xc8\x00\x02OK\x00\x00\x01\xa0\x0c\x00\x01v\x00")...), chunk("body"), end()}},
	{"header code A0FF", []harness.Action{packet([]byte("\x04\x00\xc8\x00\x02OK\x00\x00\x01\xa0\xff\x00\x01v\x00")...), chunk("body"), end()}},
	{"header with a null name", []harness.Action{packet([]byte("\x04\x00\xc8\x00\x02OK\x00\x00\x01\xff\xff\x00\x01v\x00")...), chunk("body"), end()}},
	{"header with a null value", []harness.Action{packet([]byte("\x04\x00\xc8\x00\x02OK\x00\x00\x01\xa0\x02\xff\xff")...), chunk("body"), end()}},
	{"header with an empty name", []harness.Action{head(200, "OK", "", "v"), chunk("body"), end()}},
	{"header name with a blank", []harness.Action{head(200, "OK", "X Y", "v"), chunk("body"), end()}},
	{"header name with a colon", []harness.Action{head(200, "OK", "X:Y", "v"), chunk("body"), end()}},
	{"header name with a line break", []harness.Action{head(200, "OK", "X\r\nY", "v"), chunk("body"), end()}},
	{"header value with a line break", []harness.Action{head(200, "OK", "X-Own", "a\r\nInjected: 1"), chunk("body"), end()}},
	{"header value with a line feed", []harness.Action{head(200, "OK", "X-Own", "a\nInjected: 1"), chunk("body"), end()}},
	{"header value with a NUL", []harness.Action{head(200, "OK", "X-Own", "a\x00b"), chunk("body"), end()}},
	{"header value with a control character", []harness.Action{head(200, "OK", "X-Own", "a\x01b"), chunk("body"), end()}},
	{"content type with a line break", []harness.Action{head(200, "OK", "Content-Type", "text/a\r\nInjected: 1"), chunk("body"), end()}},
	{"reason with a line break", []harness.Action{head(200, "OK\r\nInjected: 1"), chunk("body"), end()}},
	{"reason with a NUL", []harness.Action{head(200, "O\x00K"), chunk("body"), end()}},
	{"value without its final NUL", []harness.Action{packet([]byte("\x04\x00\xc8\x00\x02OK\x00\x00\x01\xa0\x02\x00\x02deX")...), chunk("body"), end()}},
	{"Transfer-Encoding: chunked from the container", []harness.Action{head(200, "OK", "Transfer-Encoding", "chunked"), chunk("4\r\nbody\r\n0\r\n\r\n"), end()}},
	{"two different Content-Lengths", []harness.Action{head(200, "OK", "Content-Length", "4", "Content-Length", "5"), chunk("body"), end()}},
	{"packet after the end", []harness.Action{atOnce(harness.HeadPayload(200, "OK"), []byte{5, 1}, harness.ChunkPayload("stray"))}},
	{"second response after the end", []harness.Action{atOnce(harness.HeadPayload(200, "OK"), harness.ChunkPayload("first"), []byte{5, 1},
		harness.HeadPayload(200, "OK"), harness.ChunkPayload("second"), []byte{5, 1})}},
}

// randomly are the malformed answers that make mod_jk send whatever lies in its memory.
var randomly = []string{"chunk without a length", "chunk with half a length"}

// malformedSteps send each malformed answer to that many attempts, and a good request after it.
func malformedSteps(attempts int) []Step {
	var steps []Step
	for _, m := range malformed {
		scripts := slices.Repeat([]harness.Script{harness.Do(m.actions...)}, attempts)
		steps = append(steps,
			Step{Name: m.name, Send: get("/x"), On: Scripts{"a": scripts}, Random: slices.Contains(randomly, m.name)},
			Step{Name: m.name + ", the next request", Send: get("/next")},
		)
	}
	return steps
}

// malformedMemberSteps send each malformed answer from a; b takes over. Then b goes away for a moment, so that a is tried
// again whatever the answer has made of it.
func malformedMemberSteps() []Step {
	var steps []Step
	for _, m := range malformed {
		steps = append(steps,
			Step{Name: m.name, Send: get("/x;jsessionid=1.a"), On: Scripts{"a": {harness.Do(m.actions...)}}, Random: slices.Contains(randomly, m.name)},
			Step{Name: m.name + ", b fails", Before: []Happening{down("b")}, Send: get("/x;jsessionid=1.b")},
			Step{Name: m.name + ", b is back", Before: []Happening{up("b")}, Send: get("/x;jsessionid=1.a")})
	}
	return steps
}

// brokenSteps: the container breaks off at each stage of a response.
func brokenSteps() []Step {
	plain := head(200, "OK", "Content-Type", "text/plain")
	sized := head(200, "OK", "Content-Length", "30000")
	steps := []Step{
		{Name: "after the head", Send: get("/x"), On: a(plain, closes())},
		{Name: "after the head, reset", Send: get("/x"), On: a(plain, resets())},
		{Name: "after a small chunk", Send: get("/x"), On: a(plain, chunk("body"), closes())},
		{Name: "after all of a length", Send: get("/x"), On: a(head(200, "OK", "Content-Length", "4"), chunk("body"), closes())},
		{Name: "HEAD, after the head", Send: request("HEAD", "/x", nil, ""), On: a(plain, closes())},
		{Name: "HEAD, after a chunk", Send: request("HEAD", "/x", nil, ""), On: a(plain, chunk("body"), closes())},
		{Name: "POST, after the head", Send: post("/x", "body"), On: a(plain, closes())},
	}
	for _, b := range []struct {
		name, send string
		sent       int
		first      []harness.Action
		then       []harness.Action
	}{
		{"a flushed chunk, closed", get("/x"), 4, []harness.Action{plain, chunk("body"), flush()}, []harness.Action{closes()}},
		{"a flushed head, closed", get("/x"), 0, []harness.Action{plain, flush()}, []harness.Action{closes()}},
		{"30000 flushed bytes, closed", get("/x"), 30000, []harness.Action{plain, chunksOf(fill(30000), 8184), flush()}, []harness.Action{closes()}},
		{"a part of a length, closed", get("/x"), 20000, []harness.Action{sized, chunksOf(fill(20000), 8184), flush()}, []harness.Action{closes()}},
		{"all of a length, closed", get("/x"), 30000, []harness.Action{sized, chunksOf(fill(30000), 8184), flush()}, []harness.Action{closes()}},
		{"30000 flushed bytes, unknown code", get("/x"), 30000, []harness.Action{plain, chunksOf(fill(30000), 8184), flush()}, []harness.Action{packet(11)}},
		{"a flushed chunk, wrong magic", get("/x"), 4, []harness.Action{plain, chunk("body"), flush()}, []harness.Action{raw([]byte("XX\x00\x01\x05")...)}},
		{"a flushed chunk, second head", get("/x"), 4, []harness.Action{plain, chunk("body"), flush()}, []harness.Action{head(201, "Again"), end()}},
		{"HTTP/1.0, 30000 flushed bytes, closed", "GET /x HTTP/1.0\r\n\r\n", 30000, []harness.Action{plain, chunksOf(fill(30000), 8184), flush()}, []harness.Action{closes()}},
		{"POST, a flushed chunk, closed", post("/x", "body"), 4, []harness.Action{plain, chunk("body"), flush()}, []harness.Action{closes()}},
	} {
		steps = append(steps,
			Step{Name: b.name + ": the first part", Begin: b.name, SoFar: true, Sent: b.sent, Send: b.send, On: a(slices.Concat(b.first, []harness.Action{hold(b.name)}, b.then)...)},
			Step{Name: b.name + ": the end", Finish: b.name})
	}
	return append(steps, Step{Name: "the next request", Send: get("/x")})
}
