// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"bytes"
	"strings"
)

// This file says what of a request and its response a log may show (mod_jk-surface 12.5, row 63). What it may not is replaced by stars, as many as
// there are bytes, so that a dump still shows where things stand.
//
//	a header, an attribute or a parameter whose name speaks of credentials   nothing of the value
//	cookies, of the client and of the container                              the names, and the route behind a session id
//	the session id in a path or a query                                      the route
//	all other texts                                                          everything
//
// A route is shown only if a member has it: what stands behind the dot of a session id may be anything.

// credentials are parts of the names of what is nobody's business, in lower case: authorization, x-api-key, j_password, jsessionid...
var credentials = [...]string{"auth", "cookie", "cred", "jwt", "key", "passw", "pwd", "saml", "secret", "sess", "sign", "token"}

// speaksOfCredentials reports whether a name does. The exceptions are what a server asks for, and how a user was recognised.
func speaksOfCredentials(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "auth_type", "www-authenticate", "proxy-authenticate":
		return false
	case "code": // OAuth's
		return true
	}
	for _, part := range credentials {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// masks is what a request's texts are masked with. The zero value knows no routes and no names but the usual ones.
type masks struct {
	path, cookie string                  // names of the session's path parameter and cookie; "": none
	known        func(route string) bool // nil: no route is known
}

// mask masks a text in place. name is that of the header, the attribute or the parameter that it is the value of, "" for other texts.
func (m *masks) mask(name string, text []byte) {
	switch {
	case strings.Contains(strings.ToLower(name), "cookie"):
		m.maskCookies(text)
	case speaksOfCredentials(name):
		star(text)
	default:
		m.maskParameters(text, name == "query_string")
	}
}

// star replaces everything.
func star(text []byte) {
	for i := range text {
		text[i] = '*'
	}
}

// maskValue replaces everything but a known route behind the first dot.
func (m *masks) maskValue(value []byte) {
	id, route, found := bytes.Cut(value, []byte("."))
	if found && m.known != nil && m.known(string(route)) {
		value = id
	}
	star(value)
}

// maskCookies masks the values of "name=value; name=value". What has no name is all value. Quotes may hide a semicolon, so a text with one is all
// value, too.
func (m *masks) maskCookies(text []byte) {
	if bytes.IndexByte(text, '"') >= 0 {
		star(text)
		return
	}
	for len(text) > 0 {
		pair, rest, _ := bytes.Cut(text, []byte(";"))
		text = rest
		pair = bytes.TrimLeft(pair, " \t")
		name, value, _ := bytes.Cut(pair, []byte("="))
		if len(bytes.Trim(value, "=")) == 0 || !isName(name) { // the equals signs may be the end of something in base64
			value = pair
		}
		m.maskValue(value)
	}
}

// isName reports whether a cookie may be called so: a name that is none may be a part of a value.
func isName(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("()<>@,;:\\\"/[]?={}", c) >= 0 {
			return false
		}
	}
	return len(name) > 0
}

// maskParameters masks the values of parameters, wherever in a text they stand: "/a;name=value/b?name=value&name=value", also in a URI that is
// itself a value, with its equals signs encoded. query: all of the text is a query.
func (m *masks) maskParameters(text []byte, query bool) {
	for i := 0; i < len(text); i++ {
		query = query || text[i] == '?'
		n := equalsSign(text[i:])
		if n == 0 {
			continue
		}
		from := max(i-longestName, 0)
		start := from + bytes.LastIndexAny(text[from:i], "?&;/=,#()<>[]{}\"' \t") + 1
		if !m.isSecret(string(text[start:i])) {
			continue
		}
		stops := "&"
		if !query && n == 1 && start > 0 && text[start-1] == ';' { // a path's: it ends where the URI goes on
			stops = ";/?#>\"' "
		}
		value := text[i+n:]
		if end := bytes.IndexAny(value, stops); end >= 0 {
			value = value[:end]
		}
		m.maskValue(value)
		i += n + len(value) - 1
	}
}

// longestName is how many bytes before an equals sign are looked at.
const longestName = 128

// isSecret reports whether the value of a parameter is nobody's business. Something encoded may stand before the name.
func (m *masks) isSecret(name string) bool {
	return speaksOfCredentials(name) || (m.path != "" && strings.HasSuffix(name, m.path)) || (m.cookie != "" && strings.HasSuffix(name, m.cookie))
}

// equalsSign returns the length of the equals sign that a text begins with, encoded as often as it may be: =, %3D, %253D. 0: there is none.
func equalsSign(text []byte) int {
	if text[0] == '=' {
		return 1
	}
	if text[0] != '%' {
		return 0
	}
	i := 1
	for bytes.HasPrefix(text[i:], []byte("25")) {
		i += 2
	}
	if bytes.HasPrefix(text[i:], []byte("3D")) || bytes.HasPrefix(text[i:], []byte("3d")) {
		return i + 2
	}
	return 0
}

// masked returns a URI as a log may show it, where no worker is known yet.
func masked(uri string) string {
	text := []byte(uri)
	(&masks{}).maskParameters(text, false)
	return string(text)
}
