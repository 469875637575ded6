package balancer

// MaxSessions is how many session ids of one request are looked at; mod_jk has no limit.
const MaxSessions = 16

// Sessions are the session ids of one request, in the order in which they are tried. Strings are borrowed.
type Sessions struct {
	ids   [MaxSessions]string
	count int
}

// Len is how many there are, empty ones included.
func (s *Sessions) Len() int { return s.count }

func (s *Sessions) add(id string) {
	if s.count < MaxSessions {
		s.ids[s.count] = id
		s.count++
	}
}

// FromPath looks for the path parameter marker (session_path, such as ";jsessionid") in a forwarded URI and reports
// whether it is there: then cookies are not looked at, even if its value is empty.
func (s *Sessions) FromPath(uri, marker string) bool {
	id, ok := PathSession(uri, marker)
	if ok {
		s.add(id)
	}
	return ok
}

// FromCookie adds the values of the cookie called name in one Cookie header; call it for each such header.
func (s *Sessions) FromCookie(header, name string) {}

// PathSession finds the session id in a forwarded URI.
func PathSession(uri, marker string) (id string, ok bool) { return "", false }
