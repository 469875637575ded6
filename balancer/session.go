package balancer

import "strings"

// MaxSessions is how many session ids of one request are looked at; mod_jk has no limit.
const MaxSessions = 8

// Sessions are the session ids of one request, in the order in which they are tried. Strings are borrowed.
type Sessions struct {
	ids   [MaxSessions]string
	count int
}

// Len is how many there are, empty ones included.
func (s *Sessions) Len() int { return s.count }

// At is one of them.
func (s *Sessions) At(i int) string { return s.ids[i] }

func (s *Sessions) add(id string) {
	if s.count < MaxSessions {
		s.ids[s.count] = id
		s.count++
	}
}

// FromPath takes the session id of the path parameter marker (session_path, such as ";jsessionid") in a forwarded URI and
// reports whether there is one: then cookies are not looked at, even if its value is empty.
func (s *Sessions) FromPath(uri, marker string) bool {
	id, ok := PathSession(uri, marker)
	if ok {
		s.add(id)
	}
	return ok
}

// FromCookie adds the session ids of one Cookie header: the values of all cookies called name. Call it for each such
// header, in order.
func (s *Sessions) FromCookie(header, name string) {
	for rest := header; ; {
		id, next, ok := cookie(header, rest, name)
		if !ok {
			return
		}
		s.add(id)
		rest = next
	}
}

// PathSession finds the value of the first "marker=" in a forwarded URI, in whatever segment; it ends at ';', '/' or '?'.
// A marker at the very end of the URI counts as absent.
func PathSession(uri, marker string) (id string, ok bool) {
	for rest := uri; marker != ""; {
		i := strings.Index(rest, marker)
		if i < 0 {
			break
		}
		after := rest[i+len(marker):]
		if len(after) > 1 && after[0] == '=' {
			return until(after[1:], ";/?"), true
		}
		rest = rest[i+1:]
	}
	return "", false
}

// cookie finds the next cookie called name in rest, which is the tail of header still to be searched, and returns its
// value and the tail after it. A name counts at the start or after ';', ',' or a blank, case-sensitive; blanks may follow
// it. The value ends at ';' or ',', and one pair of quotes around it goes. "name=" at the very end counts as absent.
func cookie(header, rest, name string) (value, next string, ok bool) {
	for name != "" {
		i := strings.Index(rest, name)
		if i < 0 {
			break
		}
		start := len(header) - len(rest) + i
		if start > 0 && !separates(header[start-1]) {
			rest = rest[i+1:]
			continue
		}
		after := strings.TrimLeft(rest[i+len(name):], blanks)
		if len(after) > 1 && after[0] == '=' {
			value = until(after[1:], ";,")
			return unquote(value), after[1+len(value):], true
		}
		rest = after
	}
	return "", "", false
}

// blanks is what C's isspace says in the C locale.
const blanks = " \t\n\v\f\r"

func separates(c byte) bool {
	return c == ';' || c == ',' || strings.IndexByte(blanks, c) >= 0
}

func until(s, stops string) string {
	if i := strings.IndexAny(s, stops); i >= 0 {
		return s[:i]
	}
	return s
}

func unquote(s string) string {
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// sessionRoute is the route that a session id ends in: the text after its first dot. Ids without a dot have none.
func sessionRoute(id string) (route string, ok bool) {
	_, route, ok = strings.Cut(id, ".")
	return route, ok
}

// AppendSessionCookie appends the value of the Set-Cookie header that keeps a client on a member. Name and path are the
// mapping rule's or the balancer's; an empty path is left out.
func AppendSessionCookie(dst []byte, name, route, path string, secure bool) []byte {
	dst = append(dst, name...)
	dst = append(dst, "=."...)
	dst = append(dst, route...)
	if path != "" {
		dst = append(dst, ";PATH="...)
		dst = append(dst, path...)
	}
	dst = append(dst, ";HttpOnly"...)
	if secure {
		dst = append(dst, ";Secure"...)
	}
	return dst
}
