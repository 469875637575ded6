// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// poison is a request with which a client has taken a member out of service somewhere, or has got another's response.
type poison struct {
	name   string
	text   string
	script *harness.Script // nil: no container is asked
	status []int           // what the client gets; 0: nothing
}

func poisons() []poison {
	const sticky = "Cookie: JSESSIONID=1.a"
	post := func(headers ...string) string { return request("POST", "/app/poison", append(headers, sticky)...) }
	get := func(headers ...string) string { return request("GET", "/app/poison", append(headers, sticky)...) }
	large := strings.Repeat("x", 5000)
	return []poison{
		{"head that fits no packet", get("X-One: "+large, "X-Two: "+large), nil, []int{413}},
		{"URI that fits no packet", request("GET", "/app/"+strings.Repeat("%C3", 2700), sticky), nil, []int{413}},
		{"header beyond httpd's limit", get("X-One: " + large + large), nil, []int{400}},
		{"more headers than httpd takes", get(strings.TrimSuffix(strings.Repeat("X: y\r\n", 200), "\r\n")), nil, []int{400}},
		{"Host with a blank", get("Host: a b"), nil, []int{400}},
		{"Host with a bracket", get("Host: [::1"), nil, []int{400}},
		{"Host with a control character", get("Host: a\x01b"), nil, []int{400}},
		{"two Hosts", "GET /app/poison HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", nil, []int{400}},
		{"body announced, not sent", post("Content-Length: 10"), nil, []int{0, 400}},
		{"body announced, empty POST", post("Content-Length: 10", "Content-Type: application/x-www-form-urlencoded"), nil, []int{0, 400}},
		{"body cut off", post("Content-Length: 100000") + large, nil, []int{0, 400}},
		{"bad chunk", post("Transfer-Encoding: chunked") + "5\r\nhello\r\nxyz\r\n", script(harness.GetBody(8186), harness.AwaitHostClose()), []int{0, 400}},
		{"chunk larger than everything", post("Transfer-Encoding: chunked") + "ffffffffffffffffff\r\nhello", script(harness.GetBody(8186), harness.AwaitHostClose()), []int{0, 400, 413}},
		{"unknown method", strings.Replace(get(), "GET", "BREW", 1), script(harness.Head(501, "Not Implemented"), harness.End()), []int{501}},
		{"expectation that nobody knows", get("Expect: 200-maybe"), nil, []int{417}},
		{"the application spoils a header", get(), script(harness.Head(200, "OK", "X-Echo", "a\nb"), harness.End()), []int{500}},
		{"the application spoils the status", get(), script(harness.Head(1, "One"), harness.End()), []int{500}},
		{"the application answers less than it says", get(), script(harness.Head(200, "OK", "Content-Length", "10"), harness.Chunk("less"), harness.End()), []int{502}},
		{"no head", get(), script(harness.End()), []int{502}},
		{"body, no head", get(), script(harness.Chunk("stray"), harness.End()), []int{502}},
		{"head of a response that is too large", get(), script(harness.Head(200, "OK", "X-Large", large+large)), []int{502}},
		{"the application fails", get(), script(harness.Head(500, "Oops"), harness.Chunk("sorry"), harness.End()), []int{500}},
		{"body behind the end of the response", get(), script(harness.Raw(packets(harness.HeadPayload(200, "OK"), []byte{5, 1}, harness.ChunkPayload("stray")))), []int{200}},
	}
}

// packets are payloads with a container's packet heads, in one piece.
func packets(payloads ...[]byte) (all []byte) {
	for _, p := range payloads {
		all = append(append(all, 'A', 'B', byte(len(p)>>8), byte(len(p))), p...)
	}
	return all
}

// poisonSite has one try for each request, so that nothing is mended by trying again.
func poisonSite(t *testing.T) *site {
	t.Helper()
	s := start(t, plan{workers: "worker.a.retries=1\nworker.b.retries=1\nworker.lb.retries=1\nworker.lb.lb_retries=1\n", config: "JkMount /app/* lb\n", options: func(o *harness.Options) {
		if mpm == harness.Prefork {
			o.Children = 8 // some are held up
		}
	}})
	s.requireAnswer(t, "/app/first", "a", "Cookie: JSESSIONID=1.a")
	s.requireAnswer(t, "/app/first", "b", "Cookie: JSESSIONID=1.b")
	return s
}

// TestSecurity_Poison: no request takes a member out of service, or makes the next one fail, or leaves anything for it (CVE-2008-5519, CVE-2009-0033, CVE-2009-1191, CVE-2010-0408, CVE-2011-3348,
// CVE-2012-3502, CVE-2023-34981). Each is repeated, with clean requests between, to the same member and to the other.
func TestSecurity_Poison(t *testing.T) {
	s := poisonSite(t)
	a, m := s.container["a"], s.shared(t)
	for _, tt := range poisons() {
		t.Run(tt.name, func(t *testing.T) {
			for range rounds(4) {
				if tt.script != nil {
					a.Script(*tt.script)
				}
				s.Take()
				k := s.dial(t)
				require.NoError(t, k.Send(tt.text))
				require.NoError(t, k.CloseWrite())
				r := k.ReadResponse(strings.Fields(tt.text)[0], patience)
				require.Contains(t, tt.status, r.Status, "%+v", r)
				require.NotContains(t, string(r.Body), "stray")
				_ = k.Close()
				asked := 0
				if tt.script != nil {
					asked = 1
				}
				require.Len(t, s.requests(), asked)
				require.Zero(t, a.ClearScripts())
				require.Equal(t, "OK", state(t, m, "a").String(), "the member stays in service")
				for _, name := range []string{"a", "b"} {
					s.requireAnswer(t, "/app/clean", name, "Cookie: JSESSIONID=1."+name)
				}
			}
		})
	}
	s.requireIdle(t)
}

// TestSecurity_SlowRequests: clients that send their bodies slowly, or not at all, cost no container a connection and no member its state (CVE-2012-4557).
func TestSecurity_SlowRequests(t *testing.T) {
	s := poisonSite(t)
	m := s.shared(t)
	s.Take()
	slow := make([]*harness.Client, 5)
	for i := range slow {
		slow[i] = s.dial(t)
		require.NoError(t, slow[i].Send(request("POST", "/app/slow", "Cookie: JSESSIONID=1.a", "Content-Length: 5")+"he"))
	}
	for range rounds(10) {
		s.requireAnswer(t, "/app/clean", "a", "Cookie: JSESSIONID=1.a")
	}
	for _, r := range s.requests() {
		require.Equal(t, "/app/clean", r.Request.URI.Value, "a container is asked when the first packet is there")
	}
	require.Equal(t, "OK", state(t, m, "a").String())
	for _, k := range slow {
		require.NoError(t, k.Send("llo"))
		require.Equal(t, "a", string(k.ReadResponse("POST", patience).Body))
	}
}

// TestSecurity_SilentClose: a container that ends the connection instead of answering (a POST that is too large for it, CVE-2022-2053; a header that is, CVE-2023-5379) costs the client its
// request. As in mod_jk the member stays in service while others of its requests go well; docs/security.md says what happens to an idle one.
func TestSecurity_SilentClose(t *testing.T) {
	s := poisonSite(t)
	a, m := s.container["a"], s.shared(t)
	a.Script(harness.Do(harness.Hold("busy"), harness.Head(200, "OK"), harness.Chunk("a"), harness.End()))
	held := s.dial(t)
	require.NoError(t, held.Send(request("GET", "/app/held", "Cookie: JSESSIONID=1.a")))
	require.NoError(t, a.AwaitScripts(patience))
	for i := range rounds(10) {
		for _, how := range []harness.Action{harness.Close(), harness.Reset()} {
			a.Script(harness.Early(how))
			body := fmt.Sprintf("%d bytes that are too many", i)
			r := s.do(t, request("POST", "/app/poison", "Cookie: JSESSIONID=1.a", fmt.Sprintf("Content-Length: %d", len(body)))+body)
			require.Equal(t, 502, r.Status)
			require.Equal(t, "OK", state(t, m, "a").String())
			for _, name := range []string{"a", "b"} {
				s.requireAnswer(t, "/app/clean", name, "Cookie: JSESSIONID=1."+name)
			}
		}
	}
	a.Release("busy")
	require.Equal(t, "a", string(held.ReadResponse("GET", patience).Body))
}
