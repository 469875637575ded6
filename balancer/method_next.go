package balancer

// next (method=Next): every member gets new sessions in turn, in proportion to its lb factor; the past does not fade.
//
// It charges as session does. Maintenance does not halve: it subtracts the least lb_value of the members that may get new
// sessions from all values, which keeps the differences between them, and so the order in which they take turns. A member
// that could not take part falls behind and catches up when it is back. One that recovers begins with the highest lb_value from before
// that subtraction, as in mod_jk: for a while the others take the new sessions.
//
// Members a, b and c with equal lb factors; b fails while it serves its first session, and session 2 goes on to c:
//
//	session       before    chosen, because                      after
//	1             0 0 0     a: equal, the scan starts at a       1 0 0
//	2             1 0 0     b: equal with c, scan starts at b    1 1 0
//	              1 1 0     c: b is in error                     1 1 1
//	3             1 1 1     a: equal with c, scan starts at a    2 1 1
//	4             2 1 1     c: b is in error                     2 1 2
//	(maintenance subtracts 2, the least of a and c)              0 0 0
type next struct{ accumulating }

func (next) charge(m *member, newSession bool) uint64 { return session{}.charge(m, newSession) }

// age looks at the members' configured activation: what mapping rules say differs from request to request. The highest lb_value is that from before the
// subtraction, as in mod_jk.
func (next) age(members []member, _ uint) (highest uint64) {
	least, found := uint64(0), false
	for i := range members {
		m := &members[i]
		v := m.value.Load()
		highest = max(highest, v)
		if takesNew(m.stateNow(), m.activation) && (!found || v < least) {
			least, found = v, true
		}
	}
	for i := range members {
		members[i].sub(least)
	}
	return highest
}
