package balancer

import "math/bits"

// traffic (method=Traffic): every member moves bytes in proportion to its lb factor.
//
// What an attempt read and wrote, framing included, times lb_mult is added to lb_value after it was served: nobody knows
// before. So requests in flight weigh nothing, and while nothing has ended all go to the same member, but for the tie
// rotation. Each maintenance halves the values.
//
// Members a and b with lb factors 1 and 2: lb_mult is 2 and 1. Each request moves 100 bytes and ends before the next comes:
//
//	request   before       chosen, because                     after
//	1           0    0     a: equal, the scan starts at a      200    0
//	2         200    0     b: least                            200  100
//	3         200  100     b: least                            200  200
//	4         200  200     a: equal, the scan starts after b   400  200
//	5         400  200     b: least                            400  300
//	6         400  300     b: least                            400  400
//
// and so on: a b b, 1 : 2.
type traffic struct{ accumulating }

func (traffic) charge(*member, bool) uint64 { return 0 }

func (traffic) served(m *member, bytes uint64) {
	high, low := bits.Mul64(bytes, m.mult)
	if high != 0 {
		low = ^uint64(0)
	}
	m.add(low)
}
