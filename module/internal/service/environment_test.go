// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/registry"
)

// configured is a server with these lines of httpd.conf.
func configured(t testing.TB, lines ...string) *registry.Server {
	t.Helper()
	in := &config.Input{Servers: []config.ServerInput{{Name: "main", LogFD: -1}}}
	for i, line := range lines {
		words := strings.Fields(line)
		in.Directives = append(in.Directives, config.DirectiveInput{File: "t.conf", Line: i, Name: words[0], Args: words[1:]})
	}
	c, report := config.Load(in)
	require.NotNil(t, c, "%v", report)
	return &registry.Server{Server: c.Servers[0]}
}

// pairs is an environment: names and values.
func pairs(text ...string) (list []ajp.Header) {
	for i := 0; i < len(text); i += 2 {
		list = append(list, ajp.Header{Name: text[i], Value: (text[i+1] + "\x00")[:len(text[i+1])]}) // as from C: empty is not absent
	}
	return list
}

// facts is a request as httpd has it.
func facts(environment ...string) *Request {
	return &Request{
		RemoteAddr: "192.0.2.1", PeerAddr: "192.0.2.2", LocalAddr: "192.0.2.3", RemoteHost: "host", ServerName: "www", RemoteUser: "user", AuthType: "Basic",
		RemotePort: 1001, PeerPort: 1002, ServerPort: 80, ContentLength: 7, Environment: pairs(environment...),
	}
}

// TestEnvironment: what the variables of a request change. Beside the real mod_jk: the oracle's cases of indicators, JkEnvVar and TLS.
func TestEnvironment(t *testing.T) {
	tls := []string{"HTTPS", "On", "SSL_PROTOCOL", "TLSv1.3", "SSL_CIPHER", "AES", "SSL_SESSION_ID", "0a", "SSL_CLIENT_CERT", "cert;", "SSL_CIPHER_USEKEYSIZE", "256",
		"SSL_CLIENT_CERT_CHAIN_0", "one;", "ssl_client_cert_chain_1", "two;"}
	tests := []struct {
		name        string
		config      string
		environment []string
		change      func(want *environment)
	}{
		{"nothing", "", nil, func(*environment) {}},
		{"request id", "", []string{"UNIQUE_ID", "u"}, func(e *environment) { e.RequestID = "u" }},
		{"request id by its indicator", "JkRequestIdIndicator MINE", []string{"UNIQUE_ID", "u", "MINE", "m"}, func(e *environment) { e.RequestID = "m" }},
		{"request id, the indicator's is empty", "JkRequestIdIndicator MINE", []string{"UNIQUE_ID", "u", "MINE", ""}, func(e *environment) { e.RequestID = "u" }},
		{"route", "", []string{"JK_ROUTE", "r"}, func(e *environment) { e.Route = "r" }},
		{"the first of two", "", []string{"jk_route", "first", "JK_ROUTE", "second"}, func(e *environment) { e.Route = "first" }},
		{"switches on", "", []string{"JK_STICKY_IGNORE", "1", "JK_STATELESS", ""}, func(e *environment) { e.IgnoreSticky, e.Stateless = on, on }},
		{"switches off", "", []string{"JK_STICKY_IGNORE", "0", "JK_STATELESS", "no"}, func(e *environment) { e.IgnoreSticky, e.Stateless = off, off }},
		{"reply timeout", "", []string{"JK_REPLY_TIMEOUT", " 1500ms"}, func(e *environment) { e.replyTimeout = 1500 * time.Millisecond }},
		{"reply timeout, empty: none", "", []string{"JK_REPLY_TIMEOUT", ""}, func(e *environment) { e.replyTimeout = 0 }},
		{"connection", "", []string{
			"JK_REMOTE_ADDR", "a", "JK_REMOTE_PORT", "p", "JK_REMOTE_HOST", "h", "JK_REMOTE_USER", "u", "JK_AUTH_TYPE", "t", "JK_LOCAL_ADDR", "l", "JK_LOCAL_NAME", "n", "JK_LOCAL_PORT", "443",
		}, func(e *environment) {
			e.RemoteAddr, e.RemotePort, e.RemoteHost, e.RemoteUser, e.AuthType, e.LocalAddr, e.ServerName, e.ServerPort = "a", "p", "h", "u", "t", "l", "n", 443
		}},
		{"connection, empty", "", []string{"JK_REMOTE_USER", "", "JK_REMOTE_PORT", "", "JK_LOCAL_PORT", ""}, func(e *environment) { e.RemoteUser, e.RemotePort, e.ServerPort = "", "", 0 }},
		{"ForwardPhysicalAddress", "JkOptions +ForwardPhysicalAddress", nil, func(e *environment) { e.RemoteAddr, e.RemotePort = "192.0.2.2", "1002" }},
		{"ForwardLocalAddress", "JkOptions +ForwardLocalAddress", nil, func(e *environment) { e.RemoteAddr, e.RemotePort = "192.0.2.3", "0" }},
		{"TLS", "", tls, func(e *environment) {
			e.TLS, e.SSLProtocol, e.SSLCipher, e.SSLSession, e.SSLCert, e.SSLKeySize = true, "TLSv1.3", "AES", "0a", "cert;", 256
		}},
		{"TLS with a chain, without the key size", "JkOptions +ForwardSSLCertChain -ForwardKeySize", tls, func(e *environment) {
			e.TLS, e.SSLProtocol, e.SSLCipher, e.SSLSession, e.SSLCert = true, "TLSv1.3", "AES", "0a", "cert;one;two;"
		}},
		{"TLS by another indicator", "JkHTTPSIndicator SECURE", append([]string{"SECURE", "on"}, tls[2:4]...), func(e *environment) { e.TLS, e.SSLProtocol = true, "TLSv1.3" }},
		{"TLS off", "", append([]string{"HTTPS", "off"}, tls[2:]...), func(*environment) {}},
		{"TLS not to be forwarded", "JkExtractSSL Off", tls, func(*environment) {}},
		{"key size is no number", "", []string{"HTTPS", "on", "SSL_CIPHER_USEKEYSIZE", "-8"}, func(e *environment) { e.TLS = true }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var lines []string
			if tt.config != "" {
				lines = []string{tt.config}
			}
			want := environment{
				RemoteAddr: "192.0.2.1", RemotePort: "1001", RemoteHost: "host", RemoteUser: "user", AuthType: "Basic", LocalAddr: "192.0.2.3", ServerName: "www", ServerPort: 80,
				replyTimeout: -1,
			}
			tt.change(&want)
			var got environment
			got.read(facts(tls...), configured(t)) // what another request has left
			got.read(facts(tt.environment...), configured(t, lines...))
			got.RemotePort = strings.Clone(got.RemotePort)
			got.Attributes, got.port, got.chain = nil, [5]byte{}, nil
			require.Equal(t, want, got)
		})
	}
}

// TestEnvironment_IgnoreCL: the announced length does not count, the body goes on until it ends.
func TestEnvironment_IgnoreCL(t *testing.T) {
	for _, tt := range []struct {
		length, want int64
		chunked      RequestFlags
	}{{7, -1, Chunked}, {0, 0, 0}, {-1, -1, 0}} {
		r := facts("JK_IGNORE_CL", "")
		r.ContentLength = tt.length
		new(environment).read(r, configured(t))
		require.Equal(t, []any{tt.want, tt.chunked}, []any{r.ContentLength, r.Flags})
	}
}

// TestEnvironment_Attributes: JkEnvVar, in the order of the directives, under the names that they have there.
func TestEnvironment_Attributes(t *testing.T) {
	server := configured(t, "JkEnvVar ONE", "JkEnvVar Two default", "JkEnvVar THREE default", "JkEnvVar FOUR")
	var e environment
	e.read(facts("two", "2", "THREE", "", "ONE", "1", "one", "again"), server)
	require.Equal(t, []ajp.Header{{Name: "ONE", Value: "1"}, {Name: "Two", Value: "2"}, {Name: "THREE", Value: ""}}, e.Attributes)
	e.read(facts(), server)
	require.Equal(t, []ajp.Header{{Name: "Two", Value: "default"}, {Name: "THREE", Value: "default"}}, e.Attributes)
}

func TestEnvironment_Allocations(t *testing.T) {
	server := configured(t, "JkEnvVar ONE", "JkOptions +ForwardSSLCertChain")
	var e environment
	r := facts("HTTPS", "on", "SSL_CLIENT_CERT", "cert", "SSL_CLIENT_CERT_CHAIN_0", "chain", "ONE", "1", "JK_REPLY_TIMEOUT", "5", "JK_LOCAL_PORT", "")
	require.Zero(t, testing.AllocsPerRun(100, func() { e.read(r, server) }))
}

// FuzzNumber compares with what strconv makes of the part that is a number.
func FuzzNumber(f *testing.F) {
	for _, text := range []string{"", "0", "12", "-7", "+3x", " \t8 9", "-", "99999999999", "-99999999999", "0x10"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want := int64(0)
		rest := strings.TrimLeft(text, " \t\n\v\f\r")
		for end := len(rest); end > 0; end-- {
			if n, err := strconv.ParseInt(rest[:end], 10, 64); err == nil {
				want = n
				break
			} else if strings.Trim(rest[:end], "0123456789") == "" || strings.Trim(rest[1:end], "0123456789") == "" && strings.ContainsAny(rest[:1], "+-") && end > 1 {
				want = n // out of range
				break
			}
		}
		require.EqualValues(t, min(max(want, -1<<31), 1<<31-1), number(text), "%q", text)
	})
}

func BenchmarkEnvironment(b *testing.B) {
	for name, variables := range map[string]int{"none": 0, "40 of mod_ssl": 40} {
		b.Run(name, func(b *testing.B) {
			server := configured(b)
			var list []string
			for i := range variables {
				list = append(list, "SSL_CLIENT_S_DN_"+strconv.Itoa(i), "a value")
			}
			r := facts(list...)
			var e environment
			b.ReportAllocs()
			for b.Loop() {
				e.read(r, server)
			}
		})
	}
}
