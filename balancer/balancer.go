package balancer

import (
	"errors"
	"time"

	"mod_gojk/balancer/shm"
)

// Balancer is one lb worker. Safe for concurrent use.
type Balancer struct {
	config Config
	rec    *shm.Balancer
}

// Errors of this package.
var (
	ErrConfig     = errors.New("balancer: bad configuration")
	ErrNotInError = errors.New("balancer: member is not in error")
	ErrValue      = errors.New("balancer: value not accepted")
)

// New makes the balancer on its record in the mapping, which it finds or makes by name. In every child, and first in the
// checker.
func New(config Config, mapping *shm.Mapping) (*Balancer, error) { return nil, ErrConfig }

// Name is the worker's name.
func (b *Balancer) Name() string { return b.config.Name }

// Len is the number of members.
func (b *Balancer) Len() int { return len(b.config.Members) }

// MemberName is the name of a member by index; Member is the way back, -1 for a name that no member has.
func (b *Balancer) MemberName(i int) string { return b.config.Members[i].Name }

// Member is the index of the member called name, -1 if there is none.
func (b *Balancer) Member(name string) int { return -1 }

// Worker is the record of a member's ajp worker.
func (b *Balancer) Worker(i int) *shm.Worker { return nil }

// Sticky reports whether session ids matter to this balancer now, so that a caller need not look for them otherwise.
func (b *Balancer) Sticky() bool { return false }

// Serve finds members for a request and has them tried until one answers or nothing is left to try.
func (b *Balancer) Serve(q *Query, a Attempter) Result { return Result{} }

// Maintain ages, recovers, escalates and idles members: once per interval over all children. It reports whether this call
// was the one that did. Call it from every child's maintenance; log may be nil.
func (b *Balancer) Maintain(now time.Time, log Logger) bool { return false }

// Snapshot is the balancer as of now.
func (b *Balancer) Snapshot(now time.Time) Snapshot { return Snapshot{} }

// The edits below take effect for all children from their next request on. They return ErrValue (wrapped) and change
// nothing if the value is not accepted.

// SetActivation also sets all lb values of the balancer to 0, unless the method is Busyness or nothing changed.
func (b *Balancer) SetActivation(member int, a Activation) error { return nil }

// SetFactor sets a weight, at least 1.
func (b *Balancer) SetFactor(member, factor int) error { return nil }

// SetRoute sets a route; a member without a domain gets the part before the route's first dot.
func (b *Balancer) SetRoute(member int, route string) error { return nil }

// SetDomain sets a domain; empty: none.
func (b *Balancer) SetDomain(member int, domain string) error { return nil }

// SetRedirect sets a redirect; empty: none.
func (b *Balancer) SetRedirect(member int, redirect string) error { return nil }

// SetDistance sets a distance, at least 0.
func (b *Balancer) SetDistance(member, distance int) error { return nil }

// SetSticky sets sticky_session.
func (b *Balancer) SetSticky(on bool) error { return nil }

// SetStickyForce sets sticky_session_force.
func (b *Balancer) SetStickyForce(on bool) error { return nil }

// SetMethod sets the method.
func (b *Balancer) SetMethod(m Method) error { return nil }

// SetLock sets the lock mode.
func (b *Balancer) SetLock(l Lock) error { return nil }

// SetRetries sets retries, at least 1.
func (b *Balancer) SetRetries(n int) error { return nil }

// SetRetryInterval sets retry_interval, more than 0.
func (b *Balancer) SetRetryInterval(d time.Duration) error { return nil }

// SetRecoverTime sets recover_time, at least a second.
func (b *Balancer) SetRecoverTime(d time.Duration) error { return nil }

// SetErrorEscalation sets error_escalation_time, more than 0.
func (b *Balancer) SetErrorEscalation(d time.Duration) error { return nil }

// SetMaxReplyTimeouts sets max_reply_timeouts, at least 0.
func (b *Balancer) SetMaxReplyTimeouts(n int) error { return nil }

// Reset clears what has been counted for the balancer and all its members, their ajp workers included.
func (b *Balancer) Reset(now time.Time) {}

// ResetMember clears what has been counted for one member and its ajp worker.
func (b *Balancer) ResetMember(member int, now time.Time) {}

// Recover marks a member in error for recovery; ErrNotInError if it is not.
func (b *Balancer) Recover(member int) error { return nil }

// AppendSessionCookie appends the value of the Set-Cookie header that keeps a client on a member: name and path are the
// mapping rule's or the balancer's; an empty path is left out.
func AppendSessionCookie(dst []byte, name, route, path string, secure bool) []byte { return dst }
