package balancer

// request (method=Request, the default): every member gets requests in proportion to its lb factor.
//
// A request adds lb_mult to the lb_value of the member that serves it, before it is served, whether it belongs to a session
// or not and whether it succeeds or not. Each maintenance halves the values, so that an hour-old burst does not weigh for
// ever.
//
// Members a, b and c with lb factors 1, 2 and 3: the LCM is 6, so lb_mult is 6, 3 and 2. From zero, with nothing sticky:
//
//	request   before        chosen, because                    after
//	1          0  0  0      a: all equal, the scan starts at a   6  0  0
//	2          6  0  0      b: b and c equal, scan starts at b   6  3  0
//	3          6  3  0      c: least                             6  3  2
//	4          6  3  2      c: least                             6  3  4
//	5          6  3  4      b: least                             6  6  4
//	6          6  6  4      c: least                             6  6  6
//
// and so on: a b c c b c, 1 : 2 : 3 over each six requests.
type request struct{ accumulating }

func (request) charge(m *member, _ bool) uint64 { return m.mult }
