// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// idAtEnd is the id of a message.
var idAtEnd = regexp.MustCompile(` id=(GOJK\d{4})$`)

// of returns the messages with a request id, without their own ids.
func of(lines []logLine, id string) (list []string) {
	for _, l := range lines {
		if l.id == id {
			list = append(list, idAtEnd.ReplaceAllString(l.message, ""))
		}
	}
	return list
}

// requireLines requires that each line matches the regular expression at its place.
func requireLines(t *testing.T, want, got []string) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		require.Regexp(t, "^"+want[i]+"$", got[i], "line %d", i)
	}
	require.Len(t, got, len(want), "%s", strings.Join(got, "\n"))
}

// furtherRow is a row of a dump but for the first: how many there are of a request depends on the length of port numbers.
var furtherRow = regexp.MustCompile(`^(00[1-9a-f]0|0[1-9a-f][0-9a-f]0)    `)

// TestDump_Request: what the log says at level debug about one request.
func TestDump_Request(t *testing.T) {
	s := start(t, plan{
		config:   "JkLogLevel debug\nJkMount /app/* lb\nSetEnvIf X-Id (.*) UNIQUE_ID=$1\n",
		workers:  "worker.a.ping_mode=A\nworker.a.secret=hunter2\n",
		children: 1,
	})
	s.container["a"].Script(
		harness.Do(harness.GetBody(10), harness.Head(200, "OK", "Set-Cookie", "JSESSIONID=Vb7Kq.a"), harness.Chunk("hello"), harness.End()),
		harness.Do(harness.Head(404, ""), harness.EndClose()),
	)
	post := request("POST", "/app/x;jsessionid=Vb7Kq.a", "X-Id: first", "Content-Length: 12") + "password=abc"
	require.Equal(t, "hello", string(s.do(t, post).Body))
	s.get(t, "/app/x", "X-Id: second", "Cookie: JSESSIONID=Vb7Kq.a")
	await(t, "the end of both", func() bool { return s.count("Service finished") == 2 })
	log := s.JkLog()
	require.NotContains(t, log, "Vb7Kq")
	require.NotContains(t, log, "hunter2")
	lines := parse(t, log)

	requireLines(t, []string{
		`Service protocol=HTTP/1\.1 method=POST ssl=false host=\(null\) addr=127\.0\.0\.1 name=localhost port=\d+ auth=\(null\) user=\(null\) laddr=127\.0\.0\.1 raddr=127\.0\.0\.1 uri=/app/x;jsessionid=\*+ worker=lb`,
		`searching worker for session route a`,
		`found worker a \(a\) for the session, method 'Request'`,
		`service worker=a route=a failover=false attempt=1`,
		`sending to ajp13 pos=4 len=5 max=8192`,
		`0000    12 34 00 01 0A {33} {2}- \.4\.\.\.`,
		`received from ajp13 pos=0 len=1 max=8192`,
		`0000    09 {45} {2}- \.`,
		fmt.Sprintf(`\(a\) acquired connection pool slot=0: new socket \d+ \[127\.0\.0\.1:\d+ -> 127\.0\.0\.1:%d\], 0 exchanges before`, s.container["a"].Port),
		`sending to ajp13 pos=4 len=\d\d\d max=8192`,
		`0000    12 34 0\d .. 02 04 00 08 48 54 54 50 2F 31 2E 31  - .4......HTTP/1.1`,
		`sending to ajp13 pos=4 len=18 max=8192`,
		`0000    12 34 00 0E 00 0C {32}- \.4\.\.\.\.`,
		`12 bytes of request body are not shown`,
		`received from ajp13 pos=0 len=3 max=8192`,
		`0000    06 00 0A {39} {2}- \.\.\.`,
		`sending to ajp13 pos=4 len=4 max=8192`,
		`0000    12 34 00 00 {36} {2}- \.4\.\.`,
		`received from ajp13 pos=0 len=\d+ max=8192`,
		`0000    04 00 C8 00 02 4F 4B 00 00 01 A0 07 00 12 4A 53  - .....OK.......JS`,
		`\(a\) status = 200`,
		`\(a\) Header\[0\] \[Set-Cookie\] = \[JSESSIONID=\*\*\*\*\*\.a\]`,
		`received from ajp13 pos=0 len=9 max=8192`,
		`0000    03 00 05 {39} {2}- \.\.\.`,
		`5 bytes of response body are not shown`,
		`received from ajp13 pos=0 len=2 max=8192`,
		`0000    05 01 {42} {2}- \.\.`,
		`\(a\) AJP13 protocol: Reuse is OK`,
		`\(a\) \d+ bytes sent and \d+ received on socket \d+`,
		`Service finished with status=200 for worker=lb`,
	}, slices.DeleteFunc(of(lines, "first"), furtherRow.MatchString))

	second := strings.Join(of(lines, "second"), "\n")
	require.Regexp(t, `\(a\) acquired connection pool slot=0: reused socket \d+ .*, 1 exchanges before`, second)
	require.Contains(t, second, "Service finished with status=404 for worker=lb")
	require.NotContains(t, second, "Reuse is OK")
	require.Contains(t, second, "(a) AJP13 protocol: Reuse is set to false")
}
