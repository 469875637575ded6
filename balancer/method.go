package balancer

// policy is what a method does; one implementation a file. Loads are compared, the smallest wins, ties go round.
//
// lb_mult of a member is LCM(all lb factors) / its lb factor: a member of weight 2 is charged half of what a member of
// weight 1 is, and so is chosen twice as often.
type policy interface {
	// load is what members are compared by.
	load(m *member) uint64
	// charge is what a request adds to lb_value when it chooses the member.
	charge(m *member, newSession bool) uint64
	// claim takes the member for a request and charges it, provided that its load is still so.
	claim(m *member, load, charge uint64) bool
	// served accounts for the bytes of an attempt.
	served(m *member, bytes uint64)
	// age makes the past count for less: n intervals of maintenance have passed. It returns the lb_value that a member begins with that comes back.
	age(members []member, n uint) (highest uint64)
	// accumulates reports whether loads add up over time, so that a member that comes back must be brought level.
	accumulates() bool
}

// policy is the implementation of a method; that of Request for values that are none.
func (m Method) policy() policy {
	switch m {
	case Traffic:
		return traffic{}
	case Busyness:
		return busyness{}
	case Session:
		return session{}
	case Next:
		return next{}
	}
	return request{}
}

// String is the method as the status page shows it.
func (m Method) String() string {
	switch m {
	case Request:
		return "Request"
	case Traffic:
		return "Traffic"
	case Busyness:
		return "Busyness"
	case Session:
		return "Sessions"
	case Next:
		return "Next"
	}
	return "unknown"
}

// accumulating is what the methods have in common that add up in lb_value.
type accumulating struct{}

func (accumulating) load(m *member) uint64 { return m.value.Load() }

func (accumulating) claim(m *member, load, charge uint64) bool {
	if charge != 0 && !m.value.CompareAndSwap(load, load+charge) {
		return false
	}
	m.rec.Enter()
	return true
}

func (accumulating) served(*member, uint64) {}

func (accumulating) age(members []member, n uint) (highest uint64) {
	for i := range members {
		members[i].rec.AgeValue(n)
		highest = max(highest, members[i].value.Load())
	}
	return highest
}

func (accumulating) accumulates() bool { return true }

// add raises an lb_value and stops at the top instead of starting over.
func (m *member) add(v uint64) {
	for {
		old := m.value.Load()
		sum := old + v
		if sum < old {
			sum = ^uint64(0)
		}
		if m.value.CompareAndSwap(old, sum) {
			return
		}
	}
}

// sub lowers an lb_value, not below 0.
func (m *member) sub(v uint64) {
	for {
		old := m.value.Load()
		if m.value.CompareAndSwap(old, old-min(v, old)) {
			return
		}
	}
}
