package balancer

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mod_gojk/balancer/shm"
)

// Balancer is one lb worker. Safe for concurrent use.
type Balancer struct {
	config  Config // as given to New; settings that can be edited are in the view
	mapping *shm.Mapping
	rec     *shm.Balancer
	records []records
	unknown *Limiter

	view atomic.Pointer[view]
	mu   sync.Mutex // makes one view at a time
}

// Errors of this package; they come wrapped.
var (
	// ErrConfig says that a configuration cannot be used.
	ErrConfig = errors.New("balancer: bad configuration")
	// ErrNotInError says that a member cannot be marked for recovery.
	ErrNotInError = errors.New("balancer: member is not in error")
	// ErrValue says that an edit is not accepted.
	ErrValue = errors.New("balancer: value not accepted")
)

// New makes the balancer on its record in the mapping, which it finds or makes by name. In the checker first, then in every
// child, each time with the same configuration; a later one replaces what was configured, but not what was counted. An
// error wraps ErrConfig or says that the mapping is full.
func New(config Config, mapping *shm.Mapping) (*Balancer, error) {
	config.Members = append([]MemberConfig(nil), config.Members...)
	config.setDefaults()
	if err := config.check(); err != nil {
		return nil, err
	}
	b := &Balancer{config: config, mapping: mapping, unknown: (*Limiter)(mapping.Said())}
	if err := b.findRecords(); err != nil {
		return nil, fmt.Errorf("balancer %q: %w", config.Name, err)
	}
	b.configure()
	b.pull()
	return b, nil
}

func (c *Config) setDefaults() {
	c.Retries = max(c.Retries, 1)
	c.LBRetries = max(c.LBRetries, 1)
	c.RecoverTime = max(c.RecoverTime, time.Second)
	c.ErrorEscalation = max(c.ErrorEscalation, 0)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = Sleep
	}
	for i := range c.Members {
		c.Members[i].setDefaults()
	}
}

func (m *MemberConfig) setDefaults() {
	if m.Route == "" {
		m.Route = m.Name
	}
	if m.Domain == "" {
		m.Domain = derivedDomain(m.Route)
	}
	m.LBFactor = max(m.LBFactor, 1)
}

// derivedDomain is the domain of a member that has none of its own: its route up to the first dot, if it has one.
func derivedDomain(route string) string {
	if domain, _, ok := strings.Cut(route, "."); ok {
		return domain
	}
	return ""
}

func (c *Config) check() error {
	if len(c.Members) == 0 {
		return fmt.Errorf("%w: balancer %q has no members", ErrConfig, c.Name)
	}
	names, routes := make(map[string]int), make(map[string]int)
	for i, m := range c.Members {
		for _, s := range []string{m.Name, m.Route, m.Domain, m.Redirect} {
			if len(s) > shm.NameMax {
				return fmt.Errorf("%w: %q is longer than %d bytes", ErrConfig, s, shm.NameMax)
			}
		}
		if _, ok := names[m.Name]; ok {
			return fmt.Errorf("%w: member %q twice in balancer %q", ErrConfig, m.Name, c.Name)
		}
		if j, ok := routes[m.Route]; ok {
			return fmt.Errorf("%w: Balanced workers number %d (%s) and %d (%s) share the same route %s",
				ErrConfig, i, m.Name, j, c.Members[j].Name, m.Route)
		}
		names[m.Name], routes[m.Route] = i, i
	}
	return nil
}

func (b *Balancer) findRecords() (err error) {
	if b.rec, err = b.mapping.Balancer(b.config.Name); err != nil {
		return err
	}
	for _, m := range b.config.Members {
		var r records
		if r.worker, err = b.mapping.Worker(m.Name); err != nil {
			return err
		}
		if r.member, err = b.rec.Member(m.Name); err != nil {
			return err
		}
		b.records = append(b.records, r)
	}
	return nil
}

// configure writes the configuration to the records. Whoever does it first changes something, the others do not.
func (b *Balancer) configure() {
	b.mapping.Lock()
	defer b.mapping.Unlock()
	changed := b.configureSelf()
	for i := range b.records {
		changed = configureMember(b.records[i].member, &b.config.Members[i]) || changed
	}
	if changed {
		b.rec.Changed()
	}
}

func (b *Balancer) configureSelf() bool {
	c, changed := &b.config, false
	for setting, v := range map[shm.BalancerSetting]int64{
		shm.BalancerSticky:           word(c.Sticky),
		shm.BalancerStickyForce:      word(c.StickyForce),
		shm.BalancerMethod:           int64(c.Method),
		shm.BalancerLock:             int64(c.Lock),
		shm.BalancerRetries:          int64(c.Retries),
		shm.BalancerRetryInterval:    int64(c.RetryInterval),
		shm.BalancerRecoverTime:      int64(c.RecoverTime),
		shm.BalancerErrorEscalation:  int64(c.ErrorEscalation),
		shm.BalancerMaxReplyTimeouts: int64(c.MaxReplyTimeouts),
	} {
		changed = b.rec.Configure(setting, v) || changed
	}
	return changed
}

func configureMember(rec *shm.Member, c *MemberConfig) bool {
	changed := rec.Configure(shm.MemberActivation, int64(c.Activation))
	changed = rec.Configure(shm.MemberFactor, int64(c.LBFactor)) || changed
	changed = rec.Configure(shm.MemberDistance, int64(c.Distance)) || changed
	changed = rec.ConfigureText(shm.MemberRoute, c.Route) || changed
	changed = rec.ConfigureText(shm.MemberDomain, c.Domain) || changed
	return rec.ConfigureText(shm.MemberRedirect, c.Redirect) || changed
}

// Name is the worker's name.
func (b *Balancer) Name() string { return b.config.Name }

// Len is the number of members.
func (b *Balancer) Len() int { return len(b.records) }

// MemberName is the name of a member.
func (b *Balancer) MemberName(i int) string { return b.config.Members[i].Name }

// Member is the index of the member of that name, -1 if there is none.
func (b *Balancer) Member(name string) int {
	for i := range b.config.Members {
		if b.config.Members[i].Name == name {
			return i
		}
	}
	return -1
}

// Worker is the record of a member's ajp worker.
func (b *Balancer) Worker(i int) *shm.Worker { return b.records[i].worker }

// Sticky reports whether session ids matter to this balancer now, so that a caller need not look for them otherwise.
func (b *Balancer) Sticky() bool { return b.current().sticky }
