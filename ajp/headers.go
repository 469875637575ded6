// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import "strings"

// minHeader is the size of the shortest header: a code and an empty string, in bytes.
const minHeader = 5

// headers takes n headers and appends them to list, which never grows if it has room for len(payload)/minHeader. names are
// the coded ones by the second byte of their code.
func (r *reader) headers(list []Header, n int, names []string) ([]Header, error) {
	for range n {
		name, err := r.headerName(names)
		if err != nil {
			return list, err
		}
		value, err := r.string()
		if err != nil {
			return list, err
		}
		list = append(list, Header{name, value})
	}
	return list, nil
}

// headerName takes a name: a code or a string. A000 and codes beyond the table are errors (A000 crashes mod_jk 1.2.48).
func (r *reader) headerName(names []string) (string, error) {
	if len(r.buf) < 2 {
		return "", ErrTruncated
	}
	if r.buf[0] != headerCode {
		return r.string()
	}
	code := int(r.buf[1])
	if code == 0 || code >= len(names) {
		return "", ErrHeaderName
	}
	r.buf = r.buf[2:]
	return names[code], nil
}

// isToken reports whether s is a token (RFC 9110, 5.6.2), as a header name must be.
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	if 'a' <= lower(c) && lower(c) <= 'z' || '0' <= c && c <= '9' || c == '-' {
		return true
	}
	return strings.IndexByte("!#$%&'*+.^_`|~", c) >= 0
}

// isText reports whether s has no control character but HTAB (RFC 9110, 5.5; bytes above 7F are allowed).
func isText(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < ' ' && c != '\t') || c == 0x7F {
			return false
		}
	}
	return true
}
