package balancer

// session (method=Session): every member gets new sessions in proportion to its lb factor.
//
// A request that came without a session id adds lb_mult to the lb_value of the member that serves it; a request of a session
// adds nothing, wherever it goes. A stateless request is no new session either. With sticky_session off nobody looks at
// session ids, so every request counts as a new session. Each maintenance halves the values: sessions are assumed to end.
//
// Members a and b with lb factors 1 and 1: lb_mult is 1 and 1. n is a request without a session, sa one of a session on a:
//
//	request   before   chosen, because                    after
//	n         0 0      a: equal, the scan starts at a     1 0
//	sa        1 0      a: its session                     1 0
//	sa        1 0      a: its session                     1 0
//	n         1 0      b: least                           1 1
//	sa        1 1      a: its session                     1 1
//	n         1 1      a: equal, the scan starts after b  2 1
type session struct{ accumulating }

func (session) charge(m *member, newSession bool) uint64 {
	if newSession {
		return m.mult
	}
	return 0
}
