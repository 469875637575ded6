// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/registry"
)

// dumper is a tap with its log.
type dumper struct {
	tap
	file string
}

// newDumper makes a tap whose log has the level; worker a has route n1.
func newDumper(t testing.TB, level jklog.Level) *dumper {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(t.TempDir(), "mod_jk.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	w := &registry.Worker{Worker: &config.Worker{Name: "a", AJP: &config.AJP{MaxPacketSize: 8192, Route: "n1"}}}
	server := &registry.Server{Server: &config.Server{}, Log: jklog.New(int(file.Fd()), level, nil, nil)}
	return &dumper{tap{&exchange{server: server, request: &Request{}, env: environment{RequestID: "r-1"}, target: w, worker: w}}, file.Name()}
}

var message = regexp.MustCompile(`^\[[^\]]*\] \[r-1\] \[\d+:\d+\] \[(debug|trace)\] \w+::\w+\.go \(\d+\): (.*) id=GOJK30\d\d$`)

// lines returns level and message of the lines, and empties the log.
func (d *dumper) lines(t testing.TB) (list []string) {
	t.Helper()
	text, err := os.ReadFile(d.file)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		m := message.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		require.NotNil(t, m, line)
		list = append(list, m[1]+": "+m[2])
	}
	require.NoError(t, os.Truncate(d.file, 0))
	return list
}

// requestWithCredentials is a packet with credentials in all places.
func requestWithCredentials(t testing.TB) []byte {
	t.Helper()
	r := ajp.ForwardRequest{
		Method: "GET", Protocol: "HTTP/1.1", URI: "/x;jsessionid=Vb7Kq.n1", RemoteAddr: "192.0.2.1", ServerName: "www", ServerPort: 80,
		Headers: []ajp.Header{{Name: "Cookie", Value: "JSESSIONID=Vb7Kq.n1; b=Vb7Kq"}, {Name: "Authorization", Value: "Basic Vb7Kq"}, {Name: "Proxy-Authorization", Value: "Vb7Kq"}},
		Secret:  "Vb7Kq", HasQuery: true, Query: "a=1&jsessionid=Vb7Kq",
	}
	packet, err := r.Append(nil)
	require.NoError(t, err)
	return packet
}

// TestDump: the lines of packets, as mod_jk has them.
func TestDump(t *testing.T) {
	tests := []struct {
		name string
		see  func(d *dumper)
		want []string
	}{
		{"cping", func(d *dumper) { d.Sends([]byte("\x12\x34\x00\x01\x0a"), false) }, []string{
			"sending to ajp13 pos=4 len=5 max=8192",
			"0000    12 34 00 01 0A                                   - .4...",
		}},
		{"cpong", func(d *dumper) { d.Received(ajptest.Pong()) }, []string{
			"received from ajp13 pos=0 len=1 max=8192",
			"0000    09                                               - .",
		}},
		{"cpong and more", func(d *dumper) { d.Received(append(ajptest.Pong(), "Vb7Kq"...)) }, []string{
			"received from ajp13 pos=0 len=1 max=8192",
			"0000    09                                               - .",
			"5 bytes of what cannot be read are not shown",
		}},
		{"request", func(d *dumper) { d.Sends(requestWithCredentials(t), false) }, []string{
			"sending to ajp13 pos=4 len=180 max=8192",
			"0000    12 34 00 B0 02 02 00 08 48 54 54 50 2F 31 2E 31  - .4......HTTP/1.1",
			"0010    00 00 16 2F 78 3B 6A 73 65 73 73 69 6F 6E 69 64  - .../x;jsessionid",
			"0020    3D 2A 2A 2A 2A 2A 2E 6E 31 00 00 09 31 39 32 2E  - =*****.n1...192.",
			"0030    30 2E 32 2E 31 00 FF FF 00 03 77 77 77 00 00 50  - 0.2.1.....www..P",
			"0040    00 00 03 A0 09 00 1C 4A 53 45 53 53 49 4F 4E 49  - .......JSESSIONI",
			"0050    44 3D 2A 2A 2A 2A 2A 2E 6E 31 3B 20 62 3D 2A 2A  - D=*****.n1;.b=**",
			"0060    2A 2A 2A 00 A0 05 00 0B 2A 2A 2A 2A 2A 2A 2A 2A  - ***.....********",
			"0070    2A 2A 2A 00 00 13 50 72 6F 78 79 2D 41 75 74 68  - ***...Proxy-Auth",
			"0080    6F 72 69 7A 61 74 69 6F 6E 00 00 05 2A 2A 2A 2A  - orization...****",
			"0090    2A 00 0C 00 05 2A 2A 2A 2A 2A 00 05 00 14 61 3D  - *....*****....a=",
			"00a0    31 26 6A 73 65 73 73 69 6F 6E 69 64 3D 2A 2A 2A  - 1&jsessionid=***",
			"00b0    2A 2A 00 FF                                      - **..",
		}},
		{"body to the container", func(d *dumper) { d.Sends([]byte("\x12\x34\x00\x0a\x00\x08password"), true) }, []string{
			"sending to ajp13 pos=4 len=14 max=8192",
			"0000    12 34 00 0A 00 08                                - .4....",
			"8 bytes of request body are not shown",
		}},
		{"body that looks like a request", func(d *dumper) {
			d.Sends(append([]byte("\x12\x34\x02\x02\x02\x00"), strings.Repeat("p", 512)...), true)
		}, []string{
			"sending to ajp13 pos=4 len=518 max=8192",
			"0000    12 34 02 02 02 00                                - .4....",
			"512 bytes of request body are not shown",
		}},
		{"end of the body", func(d *dumper) { d.Sends([]byte("\x12\x34\x00\x00"), true) }, []string{
			"sending to ajp13 pos=4 len=4 max=8192",
			"0000    12 34 00 00                                      - .4..",
		}},
		{"head of a response", func(d *dumper) {
			d.Received(ajptest.Head(302, "OK", "Set-Cookie", "JSESSIONID=Vb7Kq.n1; Path=/", "Location", "/y;jsessionid=Vb7Kq", "X-A", "1\xe9"))
		}, []string{
			"received from ajp13 pos=0 len=77 max=8192",
			"0000    04 01 2E 00 02 4F 4B 00 00 03 A0 07 00 1B 4A 53  - .....OK.......JS",
			"0010    45 53 53 49 4F 4E 49 44 3D 2A 2A 2A 2A 2A 2E 6E  - ESSIONID=*****.n",
			"0020    31 3B 20 50 61 74 68 3D 2A 00 A0 06 00 13 2F 79  - 1;.Path=*...../y",
			"0030    3B 6A 73 65 73 73 69 6F 6E 69 64 3D 2A 2A 2A 2A  - ;jsessionid=****",
			"0040    2A 00 00 03 58 2D 41 00 00 02 31 E9 00           - *...X-A...1..",
			"(a) status = 302",
			"(a) Header[0] [Set-Cookie] = [JSESSIONID=*****.n1; Path=*]",
			"(a) Header[1] [Location] = [/y;jsessionid=*****]",
			"(a) Header[2] [X-A] = [1\xe9]",
		}},
		{"head that breaks off", func(d *dumper) {
			d.Received(ajptest.Packet([]byte("\x04\x00\xc8\xff\xff\x00\x02\xa0\x01\x00\x01x\x00\xa0\x0c\x00\x05Vb7Kq\x00")...))
		}, []string{
			"received from ajp13 pos=0 len=23 max=8192",
			"0000    04 00 C8 FF FF 00 02 A0 01 00 01 78 00           - ...........x.",
			"(a) status = 200",
			"(a) Header[0] [Content-Type] = [x]",
			"10 bytes of what cannot be read are not shown",
		}},
		{"head of two bytes", func(d *dumper) { d.Received(ajptest.Packet(4, 0)) }, []string{
			"received from ajp13 pos=0 len=2 max=8192",
			"0000    04                                               - .",
			"1 bytes of what cannot be read are not shown",
		}},
		{"more behind the head", func(d *dumper) {
			d.Received(ajptest.Packet([]byte("\x04\x00\xc8\xff\xff\x00\x00Vb7Kq")...))
		}, []string{
			"received from ajp13 pos=0 len=12 max=8192",
			"0000    04 00 C8 FF FF 00 00                             - .......",
			"(a) status = 200",
			"5 bytes of what cannot be read are not shown",
		}},
		{"body to the client", func(d *dumper) { d.Received(ajptest.Chunk("hello")) }, []string{
			"received from ajp13 pos=0 len=9 max=8192",
			"0000    03 00 05                                         - ...",
			"5 bytes of response body are not shown",
		}},
		{"flush", func(d *dumper) { d.Received(ajptest.Packet(3, 0, 0)) }, []string{
			"received from ajp13 pos=0 len=3 max=8192",
			"0000    03 00 00                                         - ...",
		}},
		{"body that is longer than its packet", func(d *dumper) { d.Received(ajptest.Packet(3, 0, 9, 'x', 'y')) }, []string{
			"received from ajp13 pos=0 len=5 max=8192",
			"0000    03 00 09                                         - ...",
			"2 bytes of what cannot be read are not shown",
		}},
		{"body without a length", func(d *dumper) { d.Received(ajptest.Packet(3, 0)) }, []string{
			"received from ajp13 pos=0 len=2 max=8192",
			"0000    03                                               - .",
			"1 bytes of what cannot be read are not shown",
		}},
		{"body request", func(d *dumper) { d.Received(ajptest.Get(8186)) }, []string{
			"received from ajp13 pos=0 len=3 max=8192",
			"0000    06 1F FA                                         - ...",
		}},
		{"end", func(d *dumper) { d.Received(ajptest.End(true)) }, []string{
			"received from ajp13 pos=0 len=2 max=8192",
			"0000    05 01                                            - ..",
			"(a) AJP13 protocol: Reuse is OK",
		}},
		{"end without reuse", func(d *dumper) { d.Received(ajptest.End(false)) }, []string{
			"received from ajp13 pos=0 len=2 max=8192",
			"0000    05 00                                            - ..",
		}},
		{"unknown code", func(d *dumper) { d.Received(ajptest.Packet([]byte("MVb7Kq")...)) }, []string{
			"received from ajp13 pos=0 len=6 max=8192",
			"0000    4D                                               - M",
			"5 bytes of what cannot be read are not shown",
		}},
		{"no AJP", func(d *dumper) { d.Received([]byte("HTTP/1.1 400 Set-Cookie: Vb7Kq")) }, []string{
			"received from ajp13 pos=0 len=30 max=8192",
			"0000    48 54 54 50                                      - HTTP",
			"26 bytes of what cannot be read are not shown",
		}},
		{"cut in its head", func(d *dumper) { d.Received([]byte("AB")) }, []string{
			"received from ajp13 pos=0 len=2 max=8192",
			"0000    41 42                                            - AB",
		}},
		{"cut behind its head", func(d *dumper) { d.Received(ajptest.Head(200, "Vb7Kq")[:10]) }, []string{
			"received from ajp13 pos=0 len=10 max=8192",
			"0000    41 42 00 0D                                      - AB..",
			"6 bytes of what cannot be read are not shown",
		}},
		{"without payload", func(d *dumper) { d.Received(ajptest.Packet()) }, []string{"received from ajp13 pos=0 len=0 max=8192"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDumper(t, jklog.Debug)
			test.see(d)
			for i := range test.want {
				test.want[i] = "debug: " + test.want[i]
			}
			require.Equal(t, test.want, d.lines(t))
		})
	}
}

// TestDump_Length: at debug the first 1024 bytes of a packet are shown, at trace all.
func TestDump_Length(t *testing.T) {
	for _, n := range []int{0, 900, 1001, 1002, 1003, 1017, 1018, 9000} {
		r := ajp.ForwardRequest{Method: "GET", URI: "/" + strings.Repeat("x", n)}
		packet, err := r.Append(nil)
		require.NoError(t, err)
		debug, trace := newDumper(t, jklog.Debug), newDumper(t, jklog.Trace)
		debug.Sends(packet, false)
		trace.Sends(packet, false)
		all, first := trace.lines(t)[1:], debug.lines(t)[1:]
		require.Len(t, all, (len(packet)+15)/16)
		for i, line := range all {
			require.True(t, strings.HasPrefix(line, fmt.Sprintf("debug: %04x    ", 16*i)), line)
		}
		if len(packet) <= 1024 {
			require.Equal(t, all, first)
			continue
		}
		require.Equal(t, all[:64], first[:64])
		require.Equal(t, []string{fmt.Sprintf("debug: %d more bytes are shown at JkLogLevel trace", len(packet)-1024)}, first[64:])
	}
}

// TestTap_Levels: nobody looks at packets unless the log wants them.
func TestTap_Levels(t *testing.T) {
	for level := jklog.Trace; level <= jklog.Emerg; level++ {
		d := newDumper(t, level)
		require.Equal(t, level <= jklog.Debug, d.x.tap() != nil, level)
	}
}

var row = regexp.MustCompile(`^\w+: [0-9a-f]{4,}    ((?:[0-9A-F]{2} )+) *- `)

// bytesOf puts the bytes of a dump together.
func bytesOf(t testing.TB, lines []string) (all string) {
	t.Helper()
	for _, line := range lines {
		if m := row.FindStringSubmatch(line); m != nil {
			for hex := range strings.FieldsSeq(m[1]) {
				var b byte
				_, err := fmt.Sscanf(hex, "%02X", &b)
				require.NoError(t, err)
				all += string(rune(b))
			}
		}
	}
	return all
}

// FuzzDump: whatever a container sends before and behind a cookie, the cookie is not shown; nor is body.
func FuzzDump(f *testing.F) {
	f.Add([]byte("\x04\x00\xc8\xff\xff\x00\x01\xa0\x07\x00\x07a="), []byte("\x00"))
	f.Add([]byte("\x04\x00\xc8\xff\xff\x00\x02\x00\x01x\x00\x00\x01y\x00\xa0\x07\x00\x07b="), []byte("\x00\xa0"))
	f.Add([]byte("\x03\x00\x05"), []byte("\x00"))
	f.Add([]byte("\x03\x00\x01"), []byte("\x00"))
	f.Add([]byte("\x09"), []byte{})
	f.Add([]byte("\x4d"), []byte{})
	d := newDumper(f, jklog.Trace)
	f.Fuzz(func(t *testing.T, before, behind []byte) {
		const credential = "Vb7Kq"
		payload := string(before) + credential + string(behind)
		if len(payload) > 1<<14 || strings.Count(payload, credential) > 1 {
			return
		}
		texts, end := ajp.Outline(nil, []byte(payload))
		shown := len(before) < end
		for _, x := range texts {
			in := x.Start <= len(before) && len(before)+len(credential) <= x.End
			shown = shown && !(in && strings.Contains(strings.ToLower(x.Name), "cookie") && strings.IndexByte(payload[x.Start:len(before)], '=') >= 0)
		}
		d.Received(ajptest.Packet([]byte(payload)...))
		lines := d.lines(t)
		if !shown {
			require.NotContains(t, bytesOf(t, lines), credential)
			require.NotContains(t, strings.Join(lines, "\n"), credential)
		}
	})
}
