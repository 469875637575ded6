// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/urimap"
)

func TestForwardURI(t *testing.T) {
	tests := []struct {
		name, uri, target string
		proxy, escaped    string // as forwarded with these modes; escaped empty: the same as proxy
	}{
		{"plain", "/app/x.jsp", "/app/x.jsp?a=b", "/app/x.jsp", ""},
		{"everything that stays", "/aZ09~$-_.+!*'(),;:@&=", "/aZ09~$-_.+!*'(),;:@&=", "/aZ09~$-_.+!*'(),;:@&=", ""},
		{"everything else", "/ \"#%<>?[\\]^`{|}", "/%20%22%23%25%3c%3e%3f%5b%5c%5d%5e%60%7b%7c%7d", "/%20%22%23%25%3C%3E%3F%5B%5C%5D%5E%60%7B%7C%7D", "/%20%22%23%25%3c%3e%3f%5b%5c%5d%5e%60%7b%7c%7d"},
		{"control characters and beyond ASCII", "/\x01\n\x7f\xff\xc3\xa9", "/%01%0a%7f%ff%c3%a9", "/%01%0A%7F%FF%C3%A9", "/%01%0a%7f%ff%c3%a9"},
		{"parameter", "/a;b=1/c", "/a;b=1/c", "/a;b=1/c", ""},
		{"escaped semicolon", "/a;b", "/a%3bb", "/a%3Bb", "/a%3bb"},
		{"escaped semicolon in a parameter", "/a;b;c", "/a;b%3Bc", "/a;b%3Bc", "/a;b%3bc"},
		{"escaped semicolon behind dots", "/a/..;/b", "/a/..%3B/b", "/a/..%3B/b", "/a/..%3b/b"},
		{"kept slash", "/a%2Fb", "/a%2Fb", "/a%2Fb", ""},
		{"kept slash, as the client wrote it", "/a%2fb", "/a%2fb", "/a%2fb", ""},
		{"slash encoded twice", "/a%2Fb", "/a%252Fb", "/a%252Fb", ""},
		{"both slashes", "/%2F%2F", "/%252F%2F", "/%252F%2F", ""},
		{"rewritten: a semicolon is a parameter", "/new;b", "/old%3Bb", "/new;b", ""},
		{"rewritten: a per cent sign is a letter", "/new%2Fb", "/old%2Fb", "/new%252Fb", ""},
		{"no target", "/a;b%2F", "", "/a;b%252F", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.escaped == "" {
				tt.escaped = tt.proxy
			}
			r := &Request{URI: tt.uri, UnparsedURI: tt.target}
			require.Equal(t, tt.proxy, string(appendForwardURI(nil, r, config.OptForwardURIProxy)))
			require.Equal(t, tt.escaped, string(appendForwardURI(nil, r, config.OptForwardURIEscaped)))
			require.Equal(t, tt.uri, string(appendForwardURI(nil, r, config.OptForwardURICompat)))
			target, _, _ := strings.Cut(tt.target, "?")
			require.Equal(t, target, string(appendForwardURI(nil, r, config.OptForwardURICompatUnparsed)))
		})
	}
}

// TestForwardURI_MappedAsForwarded: the path that rules see has a parameter where the container's has one.
func TestForwardURI_MappedAsForwarded(t *testing.T) {
	tests := []struct {
		name   string
		mode   config.Options
		target string
		want   string // mapped path; empty: an exclusion
	}{
		{"ForwardURIProxy", config.OptForwardURIProxy, "/app/x%3By", "/app/x;y"},
		{"ForwardURIProxy", config.OptForwardURIProxy, "/app/admin/..%3B/x", ""},
		{"ForwardURIEscaped", config.OptForwardURIEscaped, "/app/admin/..%3B/x", ""},
		{"ForwardURICompatUnparsed", config.OptForwardURICompatUnparsed, "/app/admin/..%3B/x", ""},
		{"ForwardURICompat", config.OptForwardURICompat, "/app/admin/..%3B/x", "/app/x"},
		{"ForwardURICompat", config.OptForwardURICompat, "/app/admin%3B/x", ""},
		{"ForwardURIProxy", config.OptForwardURIProxy, "/app/admin%3B/x", "/app/admin;/x"},
		{"ForwardURIProxy", config.OptForwardURIProxy, "/app/admin;/x", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.target, func(t *testing.T) {
			m := urimap.Build([]urimap.Rule{{Pattern: "/app/*", Worker: "w"}, {Pattern: "/app/admin/*", Worker: "w", Exclude: true}}, urimap.Options{})
			uri := strings.ReplaceAll(tt.target, "%3B", ";")
			dst := make([]byte, len(uri))
			rule, n, _ := m.MatchEscaped(dst, uri, escapedIn(uri, tt.target, tt.mode))
			require.Equal(t, tt.want != "", rule == 0)
			if tt.want != "" {
				require.Equal(t, tt.want, string(dst[:n]))
			}
		})
	}
}

func TestForwardURI_AllocatesNothing(t *testing.T) {
	buffer := make([]byte, 0, 100)
	for _, uri := range []string{"/app/index.jsp", "/app/a b;jsessionid=1.a", "/app/100%"} {
		r := &Request{URI: uri, UnparsedURI: strings.NewReplacer("%", "%25", " ", "%20").Replace(uri) + "?a=%3B%2F"}
		require.Zero(t, testing.AllocsPerRun(100, func() { appendForwardURI(buffer, r, config.OptForwardURIProxy) }), uri)
	}
}

// FuzzForwardURI: whatever httpd's path and the client's target are, and whether they have to do with each other or not: the container decodes what httpd has decoded, and
// there is no separator, parameter or control character that httpd's path does not have.
func FuzzForwardURI(f *testing.F) {
	for _, seed := range []struct{ uri, target string }{
		{"/a;b", "/a%3Bb"}, {"/a%2Fb;", "/a%2Fb%3b"}, {"/a;b", "/x%3By"}, {"/\x01\xff %", "/%01%ff%20%25"}, {"/a/..;/b", "http://h/a/..%3B/b?;"}, {"/%2F%2F", "/%252F%2f"},
	} {
		f.Add(seed.uri, seed.target, false)
		f.Add(seed.uri, seed.target, true)
	}
	f.Fuzz(func(t *testing.T, uri, target string, lower bool) {
		if strings.Contains(uri, "\x00") {
			return // a C string
		}
		o := config.OptForwardURIProxy
		if lower {
			o = config.OptForwardURIEscaped
		}
		got := appendForwardURI(nil, &Request{URI: uri, UnparsedURI: target}, o)
		require.False(t, hasControl(got))
		require.Equal(t, uri, decoded(t, string(got), len(urimap.Escaped(uri, target)) > 0), "%q of %q, %q", got, uri, target)
		for _, c := range got {
			require.Less(t, c, byte(0x80))
		}
		require.Equal(t, strings.Count(uri, "/"), strings.Count(string(got), "/"))
		require.LessOrEqual(t, strings.Count(string(got), ";"), strings.Count(uri, ";"))
	})
}

// decoded is a path percent-decoded once, but for "%2F" if httpd leaves that.
func decoded(t *testing.T, path string, keepSlash bool) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] != '%' {
			b.WriteByte(path[i])
			continue
		}
		require.Greater(t, len(path), i+2, "%q", path)
		digits := "0123456789abcdef"
		high, low := strings.IndexByte(digits, path[i+1]|0x20), strings.IndexByte(digits, path[i+2]|0x20)
		require.True(t, high >= 0 && low >= 0, "%q", path)
		if c := byte(high<<4 | low); c == '/' && keepSlash {
			b.WriteString(path[i : i+3])
		} else {
			b.WriteByte(c)
		}
		i += 2
	}
	return b.String()
}
