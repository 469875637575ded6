// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// encodedSlashes is httpd's directive AllowEncodedSlashes.
type encodedSlashes int

const (
	slashesOff encodedSlashes = iota
	slashesOn
	slashesNoDecode
)

// core is what httpd's core makes of a request target before any module sees it, written after the documentation of the directives and RFC 3986, 6.2.2.
// ok is false if it answers by itself. TestSpellings in test/httpd compares with httpd.
func core(target string, merge bool, slashes encodedSlashes) (uri string, ok bool) {
	target, _, _ = strings.Cut(target, "?")
	target, ok = each(target, func(c byte, escape string) string {
		if strings.IndexByte("-._~", c) >= 0 || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return string(c)
		}
		return escape
	})
	if !ok {
		return "", false
	}
	if target, ok = segments(target, merge); !ok {
		return "", false
	}
	refused := false
	uri, _ = each(target, func(c byte, escape string) string {
		switch {
		case c == 0 || c == '/' && slashes == slashesOff:
			refused = true
		case c == '/' && slashes == slashesNoDecode:
			return escape
		}
		return string([]byte{c})
	})
	if refused {
		return "", false
	}
	if slashes == slashesOn {
		uri, ok = segments(uri, merge)
	}
	return uri, ok
}

// each replaces every escape in text. It reports whether none is broken.
func each(text string, replace func(c byte, escape string) string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		if i+3 > len(text) {
			return "", false
		}
		c, err := url.PathUnescape(text[i : i+3])
		if err != nil {
			return "", false
		}
		b.WriteString(replace(c[0], text[i:i+3]))
		i += 2
	}
	return b.String(), true
}

// segments resolves "." and "..", and with merge runs of slashes.
func segments(text string, merge bool) (string, bool) {
	if !strings.HasPrefix(text, "/") {
		return "", false
	}
	var kept []string
	parts := strings.Split(text[1:], "/")
	for i, part := range parts {
		last := i == len(parts)-1
		switch {
		case part == "." || part == "" && merge && !last:
			if last {
				kept = append(kept, "")
			}
		case part == "..":
			if len(kept) == 0 {
				return "", false
			}
			kept = kept[:len(kept)-1]
			if last {
				kept = append(kept, "")
			}
		default:
			kept = append(kept, part)
		}
	}
	return "/" + strings.Join(kept, "/"), true
}

func TestEscaped(t *testing.T) {
	tests := []struct {
		name, target, uri string
		want              []int
	}{
		{"nothing", "/a/b", "/a/b", nil},
		{"parameter", "/a;b", "/a;b", nil},
		{"escaped semicolon", "/a%3Bb", "/a;b", []int{2}},
		{"lower case", "/a%3bb", "/a;b", []int{2}},
		{"both", "/a;b%3Bc;d", "/a;b;c;d", []int{4}},
		{"several", "/%3B/%3B%3B", "/;/;;", []int{1, 3, 4}},
		{"other escapes before it", "/%41%20%e4%3B", "/A \xe4;", []int{4}},
		{"behind dot segments", "/x%3B/../a/./b%3Bc", "/a/b;c", []int{4}},
		{"in a segment of dots", "/a/..%3B/b", "/a/..;/b", []int{5}},
		{"escaped dots", "/x/%2e%2E/a%3B", "/a;", []int{2}},
		{"slashes merged", "//a///b%3B", "/a/b;", []int{4}},
		{"slashes not merged", "//a///b%3B", "//a///b;", []int{7}},
		{"slash kept", "/a%2Fb", "/a%2Fb", []int{2}},
		{"slash kept, lower case", "/a%2fb", "/a%2fb", []int{2}},
		{"slash encoded twice", "/a%252Fb", "/a%2Fb", nil},
		{"kept and encoded twice", "/%252F%2F", "/%2F%2F", []int{4}},
		{"slash decoded, and a semicolon", "/x%2F..%2Fa%3B", "/a;", []int{2}},
		{"slash decoded", "/a%2Fb%25", "/a/b%", nil},
		{"slash and semicolon kept", "/a%2F%3Bb", "/a%2F;b", []int{2, 5}},
		{"semicolon encoded twice", "/a%253Bb;", "/a%3Bb;", nil},
		{"query", "/a?x=%3B;", "/a", nil},
		{"query with a semicolon", "/a;?x=%3B", "/a;", nil},
		{"query behind an escape", "/a%3B?;", "/a;", []int{2}},
		{"fragment", "/a%3B#;", "/a;", []int{2}},
		{"absolute form", "http://h/a%3B", "/a;", []int{2}},
		{"absolute form with a query", "http://h/a%3B?x", "/a;", []int{2}},
		{"absolute form without a path", "http://h", "/;", nil},
		{"scheme in a query", "/a%3B?http://h/", "/a;", []int{2}},
		{"rewritten", "/a%3Bb", "/c;b", nil},
		{"rewritten, longer", "/a%3Bb", "/a;bc", nil},
		{"rewritten, shorter", "/a%3Bb", "/a;", nil},
		{"rewritten, empty", "/a%3Bb", "", nil},
		{"broken escape", "/a%3B%zz", "/a;%zz", nil},
		{"escape cut off", "/a%3B%2", "/a;%2", nil},
		{"above the root", "/../a%3B", "/a;", nil},
		{"not a path", "a%3B", "a;", nil},
		{"asterisk", "*", "*", nil},
		{"no target", "", "/a;", nil},
		{"escaped NUL", "/a%00%3B", "/a", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, Escaped(tt.uri, tt.target))
		})
	}
}

func TestEscaped_NoMemoryWithoutEscapes(t *testing.T) {
	for _, uri := range []string{"/app/a.jsp", "/app/a;jsessionid=1.a", "/app/a%20b"} {
		require.Zero(t, testing.AllocsPerRun(100, func() { Escaped(uri, "/app/%41.jsp;x=y?%3B%2f") }), uri)
	}
}

// seeds are targets in which escapes meet everything else.
var seeds = []string{
	"/a%3Bb", "/app;x=%3B/../b%3b", "//%2e%2E/a", "/a/..%3B/b", "/a/..;/b%3B", "/%3B../x", "/a%2F%3B", "/a%252f;%2f/", "/x%2F..%2Fy%3Bz", "/%41%e4%3B", "/a%3B//..//%3B/.", "/%25%33B;%3B",
}

// tomcat is the path that Tomcat maps to a servlet: path parameters removed, then decoded once, then dot segments. A kept "%2F" stays (encodedSolidusHandling="passthrough").
func tomcat(forwarded string) (string, bool) {
	parts := strings.Split(forwarded, "/")
	for i := range parts {
		parts[i], _, _ = strings.Cut(parts[i], ";")
	}
	decoded, ok := each(strings.Join(parts, "/"), func(c byte, escape string) string {
		if c == '/' {
			return escape
		}
		return string([]byte{c})
	})
	if !ok {
		return "", false
	}
	return segments(decoded, true)
}

// FuzzEscaped: what is said to be escaped is, the other way round, and the path that rules see is the path that the container sees.
func FuzzEscaped(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, true, 0)
		f.Add(seed, false, 1)
		f.Add(seed, true, 2)
	}
	f.Fuzz(func(t *testing.T, target string, merge bool, slashes int) {
		if strings.ContainsAny(target, "\x00#") || !strings.HasPrefix(target, "/") {
			return // httpd refuses them
		}
		mode := encodedSlashes(uint(slashes) % 3)
		uri, ok := core(target, merge, mode)
		if !ok {
			return
		}
		escaped := Escaped(uri, target)
		if !strings.Contains(target, "\x01") && !strings.Contains(target, "%01") {
			other, ok := core(semicolon.ReplaceAllString(target, "%01"), merge, mode)
			require.True(t, ok)
			require.Equal(t, other, mask1(uri, escaped), "%q: every one is found", target)
		}
		requireReadAlike(t, uri, target, escaped)
		if len(escaped) == 0 {
			return
		}
		dst := make([]byte, len(uri))
		n, err := Normalize(dst, mask(uri, escaped))
		forwarded := forward(uri, escaped)
		want, ok := tomcat(forwarded)
		require.Equal(t, ok, err == nil, "%q -> %q -> %q", target, uri, forwarded)
		if ok {
			require.Equal(t, want, strings.ReplaceAll(string(dst[:n]), "\x00", ";"), "%q -> %q -> %q", target, uri, forwarded)
		}
		again, ok := core(forwarded, merge, slashesNoDecode)
		require.True(t, ok)
		require.Equal(t, uri, again, "the container decodes what httpd has decoded")
	})
}

// requireReadAlike compares ReadAlike with Tomcat's reading of the target.
func requireReadAlike(t *testing.T, uri, target string, escaped []int) {
	t.Helper()
	dst := make([]byte, len(uri))
	n, err := Normalize(dst, mask(uri, escaped))
	if err != nil {
		return // httpd answers 400
	}
	unmask(dst[:n])
	path, _, _ := strings.Cut(target, "?")
	want, ok := tomcat(path)
	alike := ok && want == string(dst[:n])
	if slashes := strings.NewReplacer("%2f", "/", "%2F", "/").Replace(want); ok && !alike && !dots.MatchString(slashes) { // AllowEncodedSlashes On
		slashes, _ = segments(slashes, true)
		alike = slashes == string(dst[:n])
	}
	require.Equal(t, alike, ReadAlike(uri, target, dst[:n]), "%q: httpd %q, Tomcat %q", target, dst[:n], want)
}

func TestReadAlike(t *testing.T) {
	tests := []struct {
		name, uri, target, path string
		want                    bool
	}{
		{"plain", "/a/b", "/a/b?x=/../", "/a/b", true},
		{"escapes", "/a/b c", "/%61/b%20c", "/a/b c", true},
		{"dot segments", "/b", "/a/../b", "/b", true},
		{"parameters", "/a;x/b;y", "/a;x/b;y", "/a/b", true},
		{"letters", "/a;x", "/a%3Bx", "/a;x", true},
		{"slash kept", "/a%2Fb", "/a%2Fb", "/a%2Fb", true},
		{"slash decoded", "/a/b", "/a%2Fb", "/a/b", true},
		{"slashes decoded", "/a/b/", "/a%2F%2fb%2F", "/a/b/", true},
		{"slash decoded, dots", "/b", "/a%2F..%2Fb", "/b", false},
		{"slash decoded, dots at the end", "/a/", "/a/b%2F..", "/a/", false},
		{"a parameter is a segment to httpd only", "/app/admin", "/app/;/../admin", "/app/admin", false},
		{"so are dots with a parameter", "/app/a/admin", "/app/a/..;/../admin", "/app/a/admin", false},
		{"above the root for the container", "/b", "/..;/../b", "/b", false},
		{"rewritten", "/new", "/old/..;/../x", "/new", true},
		{"unknown", "/a;b", "", "/a", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, ReadAlike(tt.uri, tt.target, []byte(tt.path)))
		})
	}
}

var dots = regexp.MustCompile(`/\.\.?(/|$)`)

var semicolon = regexp.MustCompile("%3[Bb]")

// mask1 replaces each ';' that was escaped by the byte 1.
func mask1(uri string, escaped []int) string {
	return strings.ReplaceAll(mask(uri, escaped), "\x00", "\x01")
}

// forward encodes everything but letters, slashes and what begins parameters.
func forward(uri string, escaped []int) string {
	var b strings.Builder
	for i := 0; i < len(uri); i++ {
		marked := len(escaped) > 0 && escaped[0] == i
		if marked {
			escaped = escaped[1:]
		}
		switch c := uri[i]; {
		case c == ';' && !marked, c == '%' && marked, c == '/', c == '.', c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func TestCoreModel(t *testing.T) {
	for _, tt := range []struct {
		target  string
		slashes encodedSlashes
		want    string
	}{
		{"/a/./b/../c//d/.", slashesOff, "/a/c/d/"},
		{"/a/..", slashesOff, "/"},
		{"/%2e%2e/a", slashesOff, ""},
		{"/a%2Fb", slashesOff, ""},
		{"/a%2F../b", slashesOn, "/b"},
		{"/a%2F../b", slashesNoDecode, "/a%2F../b"},
		{"/a%252Fb", slashesNoDecode, "/a%2Fb"},
		{"/a%00", slashesOn, ""},
	} {
		got, ok := core(tt.target, true, tt.slashes)
		require.Equal(t, tt.want != "", ok, tt.target)
		require.Equal(t, tt.want, got, tt.target)
	}
}

// TestMap_MatchEscaped: an escaped ';' is a letter for rules, exclusions and the path that httpd goes on with.
func TestMap_MatchEscaped(t *testing.T) {
	m := Build([]Rule{mountRule("/app/*", "w"), unmountRule("/app/admin/*", "w"), unmountRule("/app/*.do", "w"), mountRule("/*.jsp", "w")}, Options{})
	tests := []struct {
		name, target, path string
		verdict            Verdict
	}{
		{"plain", "/app/x", "/app/x", Hit},
		{"parameter", "/app/x;y", "/app/x", Hit},
		{"letter", "/app/x%3By", "/app/x;y", Hit},
		{"letter in the context", "/app%3Bx/y", "/app;x/y", Miss},
		{"no way around an exclusion by dots", "/app/admin/..%3B/x", "/app/admin/..;/x", Miss},
		{"parameter behind dots", "/app/admin/..;/x", "/app/x", Hit},
		{"no way around an exclusion by a suffix", "/app/x%3B.do", "/app/x;.do", Miss},
		{"letters and parameters", "/app/x%3By;z.do", "/app/x;y", Hit},
		{"a file with a semicolon", "/x%3By.jsp", "/x;y.jsp", Hit},
		{"no suffix in a parameter", "/x;y.jsp", "/x", Miss},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			uri, ok := core(tt.target, true, slashesOff)
			require.True(t, ok)
			dst := make([]byte, len(uri))
			_, n, v := m.MatchEscaped(dst, uri, Escaped(uri, tt.target))
			require.Equal(t, tt.verdict, v)
			require.Equal(t, tt.path, string(dst[:n]))
		})
	}
}
