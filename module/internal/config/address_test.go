// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSplitHost(t *testing.T) {
	tests := []struct {
		text string
		host string
		port int
		ok   bool
	}{
		{"tomcat1", "tomcat1", -1, true},
		{"tomcat1.example.org:8010", "tomcat1.example.org", 8010, true},
		{"10.0.0.1", "10.0.0.1", -1, true},
		{"10.0.0.1:8010", "10.0.0.1", 8010, true},
		{"::1", "::1", -1, true},
		{"2001:db8::7", "2001:db8::7", -1, true},
		{"fe80::1%eth0", "fe80::1%eth0", -1, true},
		{"::ffff:10.0.0.1", "::ffff:10.0.0.1", -1, true},
		{"[::1]", "::1", -1, true},
		{"[::1]:8010", "::1", 8010, true},
		{"[fe80::1%2]:8010", "fe80::1%2", 8010, true},
		{"h:0", "h", 0, true},
		{"h:65535", "h", 65535, true},
		{text: "h:65536"},
		{text: "h:-1"},
		{text: "h:+1"},
		{text: "h:"},
		{text: "h:ajp"},
		{text: "h:8009 "},
		{text: ":8009"},
		{text: "h:1:2"},
		{text: "tomcat:::1"},
		{text: "http://h"},
		{text: "[::1"},
		{text: "[::1]8009"},
		{text: "[::1]:"},
		{text: "[::1]:x"},
		{text: "[10.0.0.1]:8009"},
		{text: "[h]:8009"},
		{text: "[]"},
		{text: ""},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			host, port, ok := splitHost(tt.text)
			require.Equal(t, tt.ok, ok)
			if ok {
				require.Equal(t, tt.host, host)
				require.Equal(t, tt.port, port)
			}
		})
	}
}

func TestLoad_Address(t *testing.T) {
	tests := []struct {
		name, text string
		host       string
		port       int
		socket     string
	}{
		{"nothing", "worker.a.retries=1", "localhost", 8009, ""},
		{"host", "worker.a.host=h", "h", 8009, ""},
		{"port", "worker.a.port=1", "localhost", 1, ""},
		{"host:port", "worker.a.host=h:8010", "h", 8010, ""},
		{"host:port, and the same port", "worker.a.host=h:8010\nworker.a.port=8010", "h", 8010, ""},
		{"IPv6", "worker.a.host=::1", "::1", 8009, ""},
		{"IPv6 with port", "worker.a.host=[::1]:8010", "::1", 8010, ""},
		{"63 bytes and a port", "worker.a.host=" + strings.Repeat("h", 63) + ":8010", strings.Repeat("h", 63), 8010, ""},
		{"from a template", "worker.t.host=h:8010\nworker.a.reference=worker.t", "h", 8010, ""},
		{"port against a template's host:port", "worker.t.host=h:8010\nworker.a.reference=worker.t\nworker.a.port=1", "h", 1, ""},
		{"host:port against a template's port", "worker.t.port=1\nworker.a.reference=worker.t\nworker.a.host=h:8010", "h", 8010, ""},
		{"socket", "worker.a.socket=/run/t.sock", "", 0, "/run/t.sock"},
		{"socket below ServerRoot", "worker.a.socket=$(ServerRoot)/t.sock", "", 0, "/srv/httpd/t.sock"},
		{"socket beside a template's host and port", "worker.t.host=h\nworker.t.port=1\nworker.t.socket_keepalive=1\nworker.a.reference=worker.t\nworker.a.socket=/t", "", 0, "/t"},
		{"socket of 107 bytes", "worker.a.socket=/" + strings.Repeat("s", 106), "", 0, "/" + strings.Repeat("s", 106)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, findings := load(t, input("worker.list=a\n"+tt.text+"\n"))
			require.Empty(t, findings)
			a := c.Worker("a").AJP
			require.Equal(t, tt.host, a.Host)
			require.Equal(t, tt.port, a.Port)
			require.Equal(t, tt.socket, a.Socket)
			require.Equal(t, Active, a.Activation)
		})
	}
}

// TestLoad_SocketBeside: each property that a socket makes idle is named, unless a template brought it.
func TestLoad_SocketBeside(t *testing.T) {
	c, findings := load(t, input(`worker.list=a
worker.a.socket=/t
worker.a.host=h:1
worker.a.port=0
worker.a.source=127.0.0.1
worker.a.prefer_ipv6=1
worker.a.resolve_interval=5
worker.a.socket_keepalive=1
`))
	require.Len(t, findings, 6)
	for _, name := range []string{"host", "port", "source", "prefer_ipv6", "resolve_interval", "socket_keepalive"} {
		require.Contains(t, strings.Join(findings, "\n"), "'worker.a."+name+"=")
	}
	require.Equal(t, "/t", c.Worker("a").AJP.Socket)
	require.Equal(t, Active, c.Worker("a").AJP.Activation, "port 0 is of no interest")
	_, findings = load(t, input("worker.list=a\nworker.t.socket=/t\nworker.t.host=h\nworker.a.reference=worker.t\nworker.a.port=5\n"))
	require.Len(t, findings, 2, "a template that has both, and a port that the worker itself sets")
}

func TestLoad_ResolveInterval(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"retries=1": time.Minute, "resolve_interval=5": 5 * time.Second, "resolve_interval=0": 0,
	} {
		c, findings := load(t, input("worker.list=a\nworker.a."+text+"\n"))
		require.Empty(t, findings)
		require.Equal(t, want, c.Worker("a").AJP.ResolveInterval, text)
	}
}

// TestLoad_NoContact: port 0 written behind the host.
func TestLoad_NoContact(t *testing.T) {
	c, findings := load(t, input("worker.list=a\nworker.a.host=h:0\n"))
	require.Len(t, findings, 1)
	require.Contains(t, findings[0], testFile+":2: notice: 'worker.a.host=h:0': worker 'a' has no address")
	require.Equal(t, Stopped, c.Worker("a").AJP.Activation)
}
