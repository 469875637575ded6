package harness

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// startPair starts a container and Debian's mod_jk in front of it.
func startPair(t *testing.T) (*Container, *HTTPD) {
	t.Helper()
	c, err := NewRecorder().StartContainer("a")
	require.NoError(t, err)
	t.Cleanup(c.Close)
	h := New(t, Options{
		Module: ModuleJk, Config: "JkMount /* a",
		Workers: fmt.Sprintf("worker.list=a\nworker.a.host=127.0.0.1\nworker.a.port=%d\nworker.a.ping_mode=P\n", c.Port),
	})
	return c, h
}

func exchange(t *testing.T, h *HTTPD, request string) *Response {
	t.Helper()
	k, err := Dial(h.Addr())
	require.NoError(t, err)
	defer k.Close()
	require.NoError(t, k.Send(request))
	method, _, _ := strings.Cut(request, " ")
	return k.ReadResponse(method, 10*time.Second)
}

// kinds names the records.
func kinds(records []Record) (names []string) {
	for _, r := range records {
		switch r.Kind {
		case RecordRequest:
			names = append(names, fmt.Sprintf("request %d.%d %s %s", r.Connection, r.Nth, r.Request.Method(), r.Request.URI))
		case RecordBody:
			names = append(names, fmt.Sprintf("body %d %d", r.Connection, len(r.Data)))
		case RecordPing:
			names = append(names, fmt.Sprintf("ping %d", r.Connection))
		case RecordStray:
			names = append(names, fmt.Sprintf("stray %d", r.Connection))
		case RecordTrouble:
			names = append(names, fmt.Sprintf("trouble %d %s", r.Connection, r.Text))
		}
	}
	return names
}

func TestContainer_Records(t *testing.T) {
	const head = " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
	for _, tt := range []struct {
		name    string
		script  []Script
		request string
		status  int
		end     Ending
		body    string
		want    []string
		open    int
	}{
		{
			"default answer", nil, "GET /x" + head + "\r\n", 200, EndComplete, "a",
			[]string{"ping 1", `request 1.1 GET "/x"`},
			1,
		},
		{
			"reuse refused",
			[]Script{Do(Head(200, "OK"), Chunk("one"), EndClose())},
			"BREW /x" + head + "\r\n", 200, EndComplete, "one",
			[]string{"ping 1", `request 1.1 BREW "/x"`},
			0,
		},
		{
			"whole body read",
			[]Script{Do(ReadBody(2), Head(200, "OK"), End())},
			"POST /x" + head + "Content-Length: 9000\r\n\r\n" + strings.Repeat("b", 9000), 200, EndComplete, "",
			[]string{"ping 1", `request 1.1 POST "/x"`, "body 1 8186"},
			1,
		},
		{
			"closed before the answer",
			[]Script{Do(Close()), Do(Reset())},
			"GET /x" + head + "\r\n", 502, EndComplete, "",
			[]string{"ping 1", `request 1.1 GET "/x"`, "ping 2", `request 2.1 GET "/x"`},
			0,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, h := startPair(t)
			c.Script(tt.script...)
			r := exchange(t, h, tt.request)
			require.Equal(t, tt.end, r.End)
			require.Equal(t, tt.status, r.Status, r.StatusLine)
			if tt.status == 200 {
				require.Equal(t, tt.body, string(r.Body))
			}
			require.NoError(t, c.Settle(5*time.Second))
			got := kinds(c.recorder.Take())
			require.GreaterOrEqual(t, len(got), len(tt.want))
			require.Equal(t, tt.want, got[:len(tt.want)])
			require.Equal(t, tt.open, c.Open())
			require.Zero(t, c.ClearScripts(), "unused scripts")
		})
	}
}

func TestContainer_DownAndUp(t *testing.T) {
	c, h := startPair(t)
	const request = "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
	require.Equal(t, 200, exchange(t, h, request).Status)
	require.NoError(t, c.Down())
	require.Equal(t, 503, exchange(t, h, request).Status)
	require.NoError(t, c.Up())
	require.Equal(t, 200, exchange(t, h, request).Status)
}

func TestContainer_Hold(t *testing.T) {
	c, h := startPair(t)
	c.Script(Do(Head(200, "OK"), Hold("here"), Chunk("late"), End()))
	k, err := Dial(h.Addr())
	require.NoError(t, err)
	defer k.Close()
	require.NoError(t, k.Send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n"))
	require.Equal(t, EndTimeout, k.ReadResponse("GET", 50*time.Millisecond).End)
	c.Release("here")
	r := k.ReadResponse("GET", 10*time.Second)
	require.Equal(t, "late", string(r.Body))
	require.Equal(t, FramingLength, r.Framing, "httpd counts a small body itself")
	require.Equal(t, "open", k.Rest(r, time.Second))
}

func TestDecodeRequest_Truncated(t *testing.T) {
	whole := []byte{codeForwardRequest, 2}
	for _, s := range []string{"HTTP/1.1", "/x", "127.0.0.1"} {
		whole = appendString(whole, s)
	}
	whole = append(whole, 0xff, 0xff) // remote_host
	whole = appendString(whole, "server")
	whole = append(whole, 0, 80, 0, 0, 1, 0xa0, 0x0b)
	whole = appendString(whole, "h")
	whole = append(whole, 0x05)
	whole = appendString(whole, "q=1")
	whole = append(whole, attributesEnd)

	r, err := decodeRequest(whole)
	require.NoError(t, err)
	require.Equal(t, []string{
		"method 2 GET", `protocol "HTTP/1.1"`, `uri "/x"`, `remote_addr "127.0.0.1" remote_host (null)`,
		`server_name "server" server_port 80 is_ssl 0`, `header A00B host: "h"`, `attribute 05 query_string = "q=1"`,
	}, r.Lines())
	for n := 1; n < len(whole); n++ {
		_, err := decodeRequest(whole[:n])
		require.Error(t, err, "%d of %d bytes", n, len(whole))
	}
}
