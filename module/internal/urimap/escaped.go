// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"bytes"
	"strings"
)

// Escaped finds out what decoding has hidden. httpd hands over a path that it has decoded once (r->uri) and the request target as the client sent
// it. In the former a ';' may have been a ';', which begins path parameters, or "%3B", which is a letter like any other; and with AllowEncodedSlashes
// NoDecode a "%2F" may have been that, or "%252F". The container tells them apart, so mapping and forwarding must as well.
//
// The target is taken through the same steps as in httpd's core (unreserved characters decoded, dot segments resolved, the rest decoded). If that
// leads to uri byte by byte, the result is the offsets in uri, ascending, of each ';' that was escaped and of each "%2F" that httpd has left. If it does not,
// something has rewritten the path, and nothing is known: the result is nil, as for a path in which nothing was escaped. Allocates only where
// something was.
func Escaped(uri, target string) []int {
	semicolon, percent := strings.IndexByte(uri, ';') >= 0, strings.IndexByte(uri, '%') >= 0
	if !semicolon && !percent {
		return nil
	}
	target = pathOf(target)
	if !(semicolon && has(target, "%3b") || percent && has(target, "%2f")) {
		return nil
	}
	at, _ := alignAny(uri, target)
	return at
}

// ReadAlike reports whether a container that gets the request target as it is (ForwardURICompatUnparsed) looks for the path that the rules have seen. "/app/;/../admin" is
// "/app/admin" for httpd, for which ";" is a segment, and "/admin" for the container. A target that was rewritten is not judged. Allocates only for targets with escapes, parameters or
// dot segments.
func ReadAlike(uri, target string, path []byte) bool {
	target = pathOf(target)
	if target == string(path) && strings.IndexByte(target, '%') < 0 {
		return true
	}
	if _, ok := alignAny(uri, target); !ok {
		return true
	}
	dst := make([]byte, len(target))
	n, err := Normalize(dst, mask(decodeLetters(target)))
	if err != nil {
		return false
	}
	unmask(dst[:n])
	return string(dst[:n]) == string(path) || sameButSlashes(dst[:n], path)
}

// sameButSlashes reports whether two paths differ only in that the first has "%2F" where the second has '/', as with AllowEncodedSlashes On. Whatever the container takes
// a "%2F" for, it is in the same folders, unless there are dot segments between such.
func sameButSlashes(kept, path []byte) bool {
	decoded := decodeSlashes(kept)
	if closed := string(decoded) + "/"; strings.Contains(closed, "/./") || strings.Contains(closed, "/../") {
		return false
	}
	decoded, ok := resolve(decoded, true)
	return ok && string(decoded) == string(path)
}

func decodeSlashes(path []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(path, []byte("%2f"), []byte("/")), []byte("%2F"), []byte("/"))
}

// decodeLetters decodes the path of a target, but for "%2F", and returns where a ';' is a letter. The escapes are good: the path was aligned.
func decodeLetters(target string) (path string, escaped []int) {
	out := make([]byte, 0, len(target))
	for i := 0; i < len(target); i++ {
		c := target[i]
		if c != '%' {
			out = append(out, c)
			continue
		}
		if c, _ = unescape(target[i:]); c == '/' {
			out = append(out, target[i:i+3]...)
		} else {
			out = append(out, c)
		}
		if c == ';' {
			escaped = append(escaped, len(out)-1)
		}
		i += 2
	}
	return string(out), escaped
}

// alignAny aligns under every configuration of httpd. ok is false if none leads from the target to uri: something has rewritten it.
func alignAny(uri, target string) (at []int, ok bool) {
	for _, merge := range [...]bool{true, false} { // MergeSlashes
		for _, decodes := range [...]bool{false, true} { // AllowEncodedSlashes: NoDecode (or Off: there is none), On
			if at, ok = align(uri, target, merge, decodes); ok {
				return at, true
			}
		}
	}
	return nil, false
}

// Letters returns the offsets of every ';' in a path that is a file's, in which there are no parameters.
func Letters(path string) (at []int) {
	for i := range len(path) {
		if path[i] == ';' {
			at = append(at, i)
		}
	}
	return at
}

// has reports whether text has an escape, which is given in lower case.
func has(text, escape string) bool {
	for {
		i := strings.IndexByte(text, '%')
		if i < 0 || len(text) < i+len(escape) {
			return false
		}
		if text = text[i:]; text[1] == escape[1] && text[2]|0x20 == escape[2] {
			return true
		}
		text = text[1:]
	}
}

// pathOf returns the path of a request target, which may have a scheme and a host before it and a query behind it.
func pathOf(target string) string {
	if _, rest, found := strings.Cut(target, "://"); found && target[0] != '/' {
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			target = rest[i:]
		}
	}
	if i := strings.IndexAny(target, "?#"); i >= 0 {
		target = target[:i]
	}
	return target
}

// align takes the path of a target through httpd's steps and compares. merge and decodes are how httpd is configured.
func align(uri, target string, merge, decodes bool) (at []int, ok bool) {
	path, ok := decodeUnreserved(target)
	if !ok {
		return nil, false
	}
	if path, ok = resolve(path, merge); !ok {
		return nil, false
	}
	if decodes {
		if path, ok = resolve(decodeSlashes(path), merge); !ok {
			return nil, false
		}
	}
	return compare(uri, path)
}

// decodeUnreserved copies a path and decodes the characters that need no escape (RFC 3986, 2.3). It refuses broken escapes, as httpd does.
func decodeUnreserved(path string) ([]byte, bool) {
	out := make([]byte, 0, len(path))
	for i := 0; i < len(path); i++ {
		if path[i] != '%' {
			out = append(out, path[i])
			continue
		}
		c, ok := unescape(path[i:])
		if !ok {
			return nil, false
		}
		if unreserved(c) {
			out = append(out, c)
		} else {
			out = append(out, path[i:i+3]...)
		}
		i += 2
	}
	return out, true
}

// resolve removes dot segments, and with merge empty ones, in place. It refuses paths that do not begin with '/' or leave the root.
func resolve(path []byte, merge bool) ([]byte, bool) {
	if len(path) == 0 || path[0] != '/' {
		return nil, false
	}
	n := 1 // path[:n] ends with '/' whenever a segment begins
	for rest := path[1:]; len(rest) > 0; {
		segment, after, closed := bytes.Cut(rest, []byte{'/'})
		rest = after
		switch {
		case len(segment) == 0 && merge:
		case string(segment) == ".":
		case string(segment) == "..":
			if n == 1 {
				return nil, false
			}
			n = parent(path[:n])
		default:
			n += copy(path[n:], segment)
			if closed {
				path[n] = '/'
				n++
			}
		}
	}
	return path[:n], true
}

// compare decodes path while comparing it with uri, and notes where something that matters was escaped.
func compare(uri string, path []byte) (at []int, ok bool) {
	i := 0
	for k := 0; k < len(path); i++ {
		c, width := path[k], 1
		if c == '%' {
			c, _ = unescape(string(path[k : k+3]))
			width = 3
		}
		if width == 3 && c == '/' { // httpd has left it as it was
			if !strings.HasPrefix(uri[i:], string(path[k:k+3])) {
				return nil, false
			}
			at = append(at, i)
			i, k = i+2, k+3
			continue
		}
		if i >= len(uri) || uri[i] != c {
			return nil, false
		}
		if width == 3 && c == ';' {
			at = append(at, i)
		}
		k += width
	}
	return at, i == len(uri)
}

// unescape decodes the escape that text begins with.
func unescape(text string) (c byte, ok bool) {
	if len(text) < 3 {
		return 0, false
	}
	high, low := hexDigit(text[1]), hexDigit(text[2])
	return high<<4 | low, high < 16 && low < 16
}

// hexDigit returns the value of a hexadecimal digit, 16 or more for anything else.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// unreserved reports whether a character means the same escaped and as it is.
func unreserved(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// MatchEscaped is Match for a path in which some ';' were escaped (Escaped): those are letters, and begin no path parameters.
func (m *Map) MatchEscaped(dst []byte, uri string, escaped []int) (rule, n int, v Verdict) {
	if len(escaped) == 0 {
		return m.Match(dst, uri)
	}
	n, err := Normalize(dst, mask(uri, escaped))
	unmask(dst[:n])
	return m.find(dst, n, err)
}

// masked stands for an escaped ';' while a path is normalised. httpd's paths are C strings: none of them holds a NUL.
const masked = 0

// mask replaces each ';' that was escaped.
func mask(uri string, escaped []int) string {
	b := []byte(uri)
	for _, i := range escaped {
		if b[i] == ';' {
			b[i] = masked
		}
	}
	return string(b)
}

// unmask puts them back.
func unmask(path []byte) {
	for i, c := range path {
		if c == masked {
			path[i] = ';'
		}
	}
}
