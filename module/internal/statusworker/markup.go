// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// literal is HTML that this program wrote. Untyped constants become one by themselves; a string that came from elsewhere does not.
type literal string

// markup is an HTML page in the making. All that goes into it is literal or goes through appendEscaped.
type markup struct{ b []byte }

// put appends format, each {} in it replaced by an argument, escaped. A {} in an attribute stands between double quotes.
func (m *markup) put(format literal, args ...any) {
	for _, a := range args {
		before, after, _ := strings.Cut(string(format), "{}")
		m.b = append(m.b, before...)
		m.b = appendEscaped(m.b, fmt.Sprint(a))
		format = literal(after)
	}
	m.b = append(m.b, format...)
}

// appendEscaped appends text so that it means itself wherever {} may stand. What UTF-8, XML 1.0 or a reader could not take (broken bytes, control
// characters, the ones that turn the direction of writing) becomes U+FFFD.
func appendEscaped(dst []byte, text string) []byte {
	for _, r := range text {
		switch r {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '"':
			dst = append(dst, "&#34;"...)
		case '\'':
			dst = append(dst, "&#39;"...)
		default:
			dst = utf8.AppendRune(dst, visible(r))
		}
	}
	return dst
}

// visible returns r, or U+FFFD for what must not be in a page.
func visible(r rune) rune {
	switch {
	case r == '\t' || r == '\n':
		return r
	case r < ' ', 0x7f <= r && r < 0xa0: // controls
		return utf8.RuneError
	case 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069, r == 0x200e, r == 0x200f: // directions
		return utf8.RuneError
	case r == 0xfffe, r == 0xffff:
		return utf8.RuneError
	}
	return r
}
