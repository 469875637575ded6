package balancer

import (
	"math/bits"
	"sync/atomic"
	"time"

	"mod_gojk/balancer/shm"
)

// view is the balancer's settings as one child knows them: immutable, replaced as a whole when Balancer.Sequence has moved.
type view struct {
	sequence uint64
	members  []member

	sticky, force    bool
	method           Method
	policy           policy
	lock             Lock
	retries          int
	retryInterval    time.Duration
	recoverTime      time.Duration
	escalation       time.Duration
	maxReplyTimeouts uint64 // of a negative setting: more than there can be
}

// member is one member's settings, and its words in the mapping.
type member struct {
	state      *atomic.Uint64
	value      *atomic.Uint64 // lb_value
	mult       uint64         // lb_mult, at least 1
	distance   int
	activation Activation

	route    string
	domain   string
	redirect string
	name     string
	factor   int
	rec      *shm.Member
	worker   *shm.Worker
}

func (m *member) stateNow() State { return stateOf(m.state.Load()) }

// records is what New found for a member.
type records struct {
	member *shm.Member
	worker *shm.Worker
}

// readView reads the settings. Under the shared lock.
func (b *Balancer) readView() *view {
	rec := b.rec
	v := &view{
		sequence:         rec.Sequence(),
		members:          make([]member, len(b.records)),
		sticky:           rec.Setting(shm.BalancerSticky) != 0,
		force:            rec.Setting(shm.BalancerStickyForce) != 0,
		method:           Method(rec.Setting(shm.BalancerMethod)),
		lock:             Lock(rec.Setting(shm.BalancerLock)),
		retries:          int(rec.Setting(shm.BalancerRetries)),
		retryInterval:    time.Duration(rec.Setting(shm.BalancerRetryInterval)),
		recoverTime:      time.Duration(rec.Setting(shm.BalancerRecoverTime)),
		escalation:       time.Duration(rec.Setting(shm.BalancerErrorEscalation)),
		maxReplyTimeouts: uint64(rec.Setting(shm.BalancerMaxReplyTimeouts)),
	}
	v.policy = v.method.policy()
	for i := range v.members {
		v.members[i] = b.readMember(i)
	}
	setMultipliers(v.members)
	return v
}

func (b *Balancer) readMember(i int) member {
	rec := b.records[i].member
	return member{
		state:      rec.State(),
		value:      rec.Value(),
		distance:   int(rec.Setting(shm.MemberDistance)),
		activation: activationOf(rec),
		route:      rec.Text(shm.MemberRoute),
		domain:     rec.Text(shm.MemberDomain),
		redirect:   rec.Text(shm.MemberRedirect),
		name:       b.config.Members[i].Name,
		factor:     max(int(rec.Setting(shm.MemberFactor)), 1),
		rec:        rec,
		worker:     b.records[i].worker,
	}
}

// activationOf is what is wanted of a member. One that cannot be reached is stopped, whatever else is wanted.
func activationOf(rec *shm.Member) Activation {
	if rec.Unreachable() {
		return Stopped
	}
	return Activation(rec.Setting(shm.MemberActivation))
}

// current is the view to begin a request with. One atomic load more than nothing, unless settings have changed.
func (b *Balancer) current() *view {
	if v := b.view.Load(); v.sequence == b.rec.Sequence() {
		return v
	}
	return b.pull()
}

// pull makes a new view. It takes locks on a request's path, once per child and edit.
func (b *Balancer) pull() *view {
	b.mu.Lock()
	defer b.mu.Unlock()
	if v := b.view.Load(); v != nil && v.sequence == b.rec.Sequence() {
		return v
	}
	b.mapping.Lock()
	v := b.readView()
	b.mapping.Unlock()
	b.view.Store(v)
	return v
}

// maxMultiple bounds the multiple that lb_mult is taken from, so that lb_value has room for 16 million requests of the
// largest lb_mult between two maintenances.
const maxMultiple = 1 << 40

// setMultipliers sets lb_mult to LCM(all lb factors) / lb factor. For factors so unrelated that the LCM would pass
// maxMultiple (where mod_jk's wraps around), maxMultiple takes its place: the shares are then off by less than a factor's
// part in maxMultiple.
func setMultipliers(members []member) {
	multiple := uint64(1)
	for i := range members {
		multiple = lcm(multiple, uint64(members[i].factor))
		if multiple == 0 || multiple > maxMultiple {
			multiple = maxMultiple
			break
		}
	}
	for i := range members {
		members[i].mult = max(multiple/uint64(members[i].factor), 1)
	}
}

// lcm is the least common multiple of two numbers that are not 0; 0 if it does not fit.
func lcm(a, b uint64) uint64 {
	high, low := bits.Mul64(a/gcd(a, b), b)
	if high != 0 {
		return 0
	}
	return low
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// byRoute is the first member with that route, -1 if there is none.
func (v *view) byRoute(route string) int {
	for i := range v.members {
		if v.members[i].route == route {
			return i
		}
	}
	return -1
}

// hasDomain reports whether any member is in the domain.
func (v *view) hasDomain(domain string) bool {
	for i := range v.members {
		if domain != "" && v.members[i].domain == domain {
			return true
		}
	}
	return false
}

// failoverRoute is the redirect of the first member that has one; empty: none has.
func (v *view) failoverRoute() string {
	for i := range v.members {
		if r := v.members[i].redirect; r != "" {
			return r
		}
	}
	return ""
}
