// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
)

func TestIsHandshake(t *testing.T) {
	tests := []struct {
		name    string
		method  string
		headers []string
		want    bool
	}{
		{"as browsers send it", "GET", []string{"Connection: Upgrade", "Upgrade: websocket"}, true},
		{"in any case", "GET", []string{"CONNECTION: upgrade", "upgrade: WebSocket"}, true},
		{"kept alive", "GET", []string{"Connection: keep-alive, Upgrade", "Upgrade: websocket"}, true},
		{"among others", "GET", []string{"Connection: Upgrade", "Upgrade: h2c ,\twebsocket"}, true},
		{"in two headers", "GET", []string{"Connection: keep-alive", "Connection: Upgrade", "Upgrade: h2c", "Upgrade: websocket"}, true},
		{"nothing", "GET", nil, false},
		{"not of this connection", "GET", []string{"Upgrade: websocket"}, false},
		{"not of this connection, two", "GET", []string{"Connection: keep-alive", "Upgrade: websocket"}, false},
		{"no protocol", "GET", []string{"Connection: Upgrade"}, false},
		{"another protocol", "GET", []string{"Connection: Upgrade", "Upgrade: h2c"}, false},
		{"a longer name", "GET", []string{"Connection: Upgrade", "Upgrade: websockets"}, false},
		{"a shorter name", "GET", []string{"Connection: Upgrade", "Upgrade: web socket"}, false},
		{"another method", "POST", []string{"Connection: Upgrade", "Upgrade: websocket"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &Request{Method: tt.method, Protocol: "HTTP/1.1"}
			for _, h := range tt.headers {
				name, value, _ := strings.Cut(h, ": ")
				r.Headers = append(r.Headers, ajp.Header{Name: name, Value: value})
			}
			require.Equal(t, tt.want, isHandshake(r))
			r.Protocol = "HTTP/1.0"
			require.False(t, isHandshake(r), "HTTP/1.0 knows no upgrades")
			require.Zero(t, testing.AllocsPerRun(100, func() { isHandshake(r) }))
		})
	}
}

func FuzzInList(f *testing.F) {
	for _, seed := range []string{"", ",", "upgrade", " Upgrade\t,", "a,,upgrade", "keep-alive, UPGRADE", "upgrade\x00", "u pgrade"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		want := slices.ContainsFunc(strings.Split(list, ","), func(part string) bool {
			part = strings.TrimFunc(part, func(c rune) bool { return c == ' ' || c == '\t' })
			return len(part) == len("upgrade") && strings.EqualFold(part, "upgrade")
		})
		require.Equal(t, want, inList(list, "upgrade"))
	})
}

func BenchmarkIsHandshake(b *testing.B) {
	r := &Request{Method: "GET", Protocol: "HTTP/1.1"}
	for _, name := range []string{"Host", "User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "Connection", "Cookie", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Priority"} {
		r.Headers = append(r.Headers, ajp.Header{Name: name, Value: "a value, and another"})
	}
	for b.Loop() {
		isHandshake(r)
	}
}
