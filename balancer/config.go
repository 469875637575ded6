package balancer

import (
	"time"

	"mod_gojk/balancer/shm"
)

// Activation is what the operator wants of a member.
type Activation uint8

// Activations. The values are mod_jk's.
const (
	Active   Activation = 0 // everything
	Disabled Activation = 1 // only requests of its sessions, and as redirect target
	Stopped  Activation = 2 // nothing
	Unset    Activation = 255
)

// String is the activation as the status page shows it.
func (a Activation) String() string {
	switch a {
	case Active:
		return "ACT"
	case Disabled:
		return "DIS"
	case Stopped:
		return "STP"
	}
	return "unknown"
}

// State is what a balancer knows of a member.
type State = shm.MemberState

// States of a member.
const (
	Idle    = shm.MemberIdle
	OK      = shm.MemberOK
	Recover = shm.MemberRecover
	Force   = shm.MemberForce
	Busy    = shm.MemberBusy
	Error   = shm.MemberError
	Probe   = shm.MemberProbe
)

// Method says by what members are compared.
type Method uint8

// Methods. The values are mod_jk's.
const (
	Request  Method = 0
	Traffic  Method = 1
	Busyness Method = 2
	Session  Method = 3
	Next     Method = 4
)

// Lock says how members are chosen.
type Lock uint8

// Lock modes. The values are mod_jk's.
const (
	Optimistic  Lock = 0 // without a lock
	Pessimistic Lock = 1 // under the lock that all children share
)

// String is the lock mode as the status page shows it.
func (l Lock) String() string {
	switch l {
	case Optimistic:
		return "Optimistic"
	case Pessimistic:
		return "Pessimistic"
	}
	return "unknown"
}

// MemberConfig is what the configuration says of a member.
type MemberConfig struct {
	Name       string     // the ajp worker; at most shm.NameMax bytes, like the other names
	Route      string     // default: Name
	Domain     string     // default: Route up to its first dot, if it has one
	Redirect   string     // route of the preferred replacement; empty: none
	Distance   int        // lower is preferred; default 0
	LBFactor   int        // weight; below 1 counts as 1
	Activation Activation // default Active
}

// Config is what the configuration says of a balancer.
type Config struct {
	Name    string
	Members []MemberConfig // in order, at least one

	Sticky      bool // sticky_session; mod_jk's default is true, the zero value is false
	StickyForce bool // fail rather than serve a session elsewhere
	Method      Method
	Lock        Lock

	Retries       int           // rounds over the members; below 1 counts as 1
	LBRetries     int           // members tried per round; below 1 counts as 1
	RetryInterval time.Duration // sleep between rounds; 0 or less: none

	RecoverTime      time.Duration // a member stays in error at least this long; at least a second
	ErrorEscalation  time.Duration // errors in a row for this long put a member into error; 0: the first one does
	MaxReplyTimeouts int           // a member with more of them goes into error; negative: none does
	Maintain         time.Duration // interval of maintenance; 0 or less: no maintenance at all

	Now   func() time.Time    // default time.Now
	Sleep func(time.Duration) // default Sleep
}
