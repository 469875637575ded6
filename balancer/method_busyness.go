package balancer

// busyness (method=Busyness): the member with the fewest requests in flight, in proportion to its lb factor.
//
// The load is the number of requests in flight on the member in this balancer, over all children, times lb_mult. mod_jk
// keeps that product in lb_value, adding lb_mult before service and subtracting it after; we multiply when we look, so that
// it cannot drift when a child is killed, a factor is edited or a counter reset. There is nothing to age.
//
// Members a and b with lb factors 1 and 2: lb_mult is 2 and 1. Requests come and stay; after the fourth, one on b ends:
//
//	request   in flight   loads   chosen, because                      in flight after
//	1         0 0         0 0     a: equal, the scan starts at a       1 0
//	2         1 0         2 0     b: least                             1 1
//	3         1 1         2 1     b: least                             1 2
//	4         1 2         2 2     a: equal, the scan starts after b    2 2
//	(one on b ends)                                                    2 1
//	5         2 1         4 1     b: least                             2 2
type busyness struct{}

func (busyness) load(m *member) uint64 { return uint64(m.rec.Busy()) * m.mult }

func (busyness) charge(*member, bool) uint64 { return 0 }

func (busyness) claim(m *member, load, _ uint64) bool { return m.rec.EnterFrom(int64(load / m.mult)) }

func (busyness) served(*member, uint64) {}

func (busyness) age([]member, uint) uint64 { return 0 }

func (busyness) accumulates() bool { return false }
