// Licensed under the Apache License, Version 2.0; see LICENSE.

package requestlog

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"mod_gojk/module/internal/jklog"
)

func full() *Entry {
	return &Entry{
		Protocol: "HTTP/1.1", Method: "GET", Query: "a=b&c", RequestLine: "GET /app/x;y=z?a=b&c HTTP/1.1", URI: "/app/x",
		ServerName: "canonical.example", ServerNameUsed: "used.example", Worker: "lb", Route: "n1",
		BytesSent: 1234, Duration: 2_003_045, Server: 7, Port: 443, Status: 200, Flags: HasQuery,
	}
}

// absent is a request of which nothing is known.
func absent() *Entry { return &Entry{Duration: -1, BytesSent: -1} }

// TestAppend_Tokens has a row for each token of the reference.
func TestAppend_Tokens(t *testing.T) {
	tests := []struct{ token, want, absent string }{
		{"%b", "1234", "-"},
		{"%B", "1234", "0"},
		{"%H", "HTTP/1.1", "-"},
		{"%m", "GET", "-"},
		{"%p", "443", "0"},
		{"%q", "?a=b&c", ""},
		{"%r", "GET /app/x;y=z?a=b&c HTTP/1.1", "-"},
		{"%s", "200", "-"},
		{"%T", "2.003045", "-"},
		{"%U", "/app/x", "-"},
		{"%v", "canonical.example", "-"},
		{"%V", "used.example", "-"},
		{"%w", "lb", "-"},
		{"%R", "n1", "-"},
	}
	var tokens []string
	for _, tt := range tests {
		t.Run(tt.token, func(t *testing.T) {
			f, err := Compile(tt.token)
			require.NoError(t, err)
			require.Equal(t, tt.want, string(f.Append(nil, full())))
			require.Equal(t, tt.absent, string(f.Append(nil, absent())))
			require.Equal(t, "kept "+tt.want, string(f.Append([]byte("kept "), full())))
		})
		tokens = append(tokens, tt.token)
	}
	require.Equal(t, Tokens, strings.Join(tokens, " "))
}

// TestAppend_Golden: the first row is what mod_jk 1.2.48 writes for the same request and format.
func TestAppend_Golden(t *testing.T) {
	tests := []struct {
		name, format string
		change       func(*Entry)
		want         string
	}{
		{"as mod_jk", `%m %q|%b|%B|%p|%s|%T|%U|%v|%V|%w|%R|%r|\q\n\t\\x`, func(e *Entry) {
			*e = Entry{
				Protocol: "HTTP/1.1", Method: "GET", Query: "a=b", RequestLine: "GET /m?a=b HTTP/1.1", URI: "/m", ServerName: "localhost",
				ServerNameUsed: "localhost", Worker: "a", BytesSent: 571, Duration: -1, Port: 80, Status: 500, Flags: HasQuery,
			}
		}, "GET ?a=b|571|571|80|500|-|/m|localhost|localhost|a|-|GET /m?a=b HTTP/1.1|\\q\n\t\\x"},
		{"the documentation's", "%w %V %T", nil, "lb used.example 2.003045"},
		{"no token", "text", nil, "text"},
		{"nothing", "", nil, ""},
		{"tokens side by side", "%s%m", nil, "200GET"},
		{"an empty query", "%U%q", func(e *Entry) { e.Query = "" }, "/app/x?"},
		{"a query without a '?'", "%U%q", func(e *Entry) { e.Flags = 0 }, "/app/x"},
		{"short", "%T", func(e *Entry) { e.Duration = 7 }, "0.000007"},
		{"no time at all", "%T", func(e *Entry) { e.Duration = 0 }, "0.000000"},
		{"long", "%T", func(e *Entry) { e.Duration = 86_400_000_000 }, "86400.000000"},
		{"much", "%b", func(e *Entry) { e.BytesSent = 1 << 40 }, "1099511627776"},
		{"negative", "%b %B %s", func(e *Entry) { e.BytesSent, e.Status = -1, -5 }, "- 0 -"},
		{"two backslashes before a letter", `\\n`, nil, `\n`},
		{"a backslash at the end", `x\`, nil, `x\`},
		{"a backslash before a token", `\%s`, nil, `\200`},
		{"an empty body", "%b %B", func(e *Entry) { e.BytesSent = 0 }, "0 0"},
		{"control characters of the client", "%U", func(e *Entry) { e.URI = "/a\nb\x1b[31m\x7f" }, `/a\x0ab\x1b[31m\x7f`},
		{"control characters in a query", "%q", func(e *Entry) { e.Query = "\r\n" }, `?\x0d\x0a`},
		{"UTF-8", "é%m→", nil, "éGET→"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Compile(tt.format)
			require.NoError(t, err)
			e := full()
			if tt.change != nil {
				tt.change(e)
			}
			require.Equal(t, tt.want, string(f.Append(nil, e)))
		})
	}
}

func TestCompile_Refuses(t *testing.T) {
	tests := []struct{ format, token string }{
		{"%z", "%z"},
		{"%b %>s", "%>"},
		{"%{User-Agent}i", "%{"},
		{"%%", "%%"},
		{"x%", "%"},
		{"% b", "% "},
		{"%M", "%M"},
		{"%é", "%é"},
	}
	for _, tt := range tests {
		t.Run(tt.format, func(t *testing.T) {
			f, err := Compile(tt.format)
			require.Nil(t, f)
			unknown := &UnknownError{}
			require.ErrorAs(t, err, &unknown)
			require.Equal(t, tt.token, unknown.Token)
			require.EqualError(t, err, "'"+tt.token+"' is not a token")
		})
	}
}

// TestAppend_Allocates nothing, however long what the client sent.
func TestAppend_Allocates(t *testing.T) {
	f, err := Compile("%b %B %H %m %p %q %r %s %T %U %v %V %w %R")
	require.NoError(t, err)
	e := full()
	e.RequestLine, e.Query = strings.Repeat("\n", 8190), strings.Repeat("q", 8190)
	room := make([]byte, 0, jklog.LineMax+256)
	require.Zero(t, testing.AllocsPerRun(100, func() { room = f.Append(room[:0], e) }))
	require.LessOrEqual(t, len(room), jklog.LineMax+4, "it ends early")
}

// TestEntry_Layout: strings, then 8-byte numbers, then 4-byte ones, without holes, as the C structure has them.
func TestEntry_Layout(t *testing.T) {
	require.EqualValues(t, 9*16, unsafe.Offsetof(Entry{}.BytesSent))
	require.EqualValues(t, 9*16+16, unsafe.Offsetof(Entry{}.Server))
	require.EqualValues(t, 9*16+32, unsafe.Sizeof(Entry{}))
}

// FuzzFormat: a format compiles or names the token that does not exist; no value forges a line, and literal text comes out as it went in.
func FuzzFormat(f *testing.F) {
	f.Add(`%m %q|\n\\%T`, "/x\n")
	f.Add("%>s", "")
	f.Add("%", "\x00")
	f.Fuzz(func(t *testing.T, format, value string) {
		c, err := Compile(format)
		if err != nil {
			require.ErrorContains(t, err, "' is not a token")
			return
		}
		e := &Entry{value, value, value, value, value, value, value, value, value, int64(len(value)), int64(len(value)), 0, 80, 200, HasQuery}
		line := string(c.Append(nil, e))
		own := unescape.Replace(format)
		for _, control := range "\x00\x01\n\r\x1b\x7f" {
			require.LessOrEqual(t, strings.Count(line, string(control)), strings.Count(own, string(control)), "%q", line)
		}
		if !strings.Contains(format, "%") {
			require.Equal(t, own[:min(len(own), len(line))], line)
		}
	})
}
