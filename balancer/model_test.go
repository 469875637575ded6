package balancer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// model is mod_jk's balancer for one process, written down once more from its description: plain variables, ifs instead of
// a table, no shared memory, no concurrency. Random histories must go the same way in both.
type model struct {
	list      []*modelMember
	method    Method
	sticky    bool
	force     bool
	retries   int
	lbRetries int
	limit     uint64 // max_reply_timeouts
	offset    int
}

type modelMember struct {
	name, route, domain, redirect string
	distance, factor              int
	activation                    Activation
	state, local                  State
	value, timeouts, errors       uint64
	first, last                   int64 // Unix nanoseconds
	used, seen                    int
	others                        bool // requests in flight that are not ours
}

func (m *model) mult(w *modelMember) uint64 {
	lcm := uint64(1)
	for _, o := range m.list {
		n := lcm
		for n%uint64(o.factor) != 0 {
			n += lcm
		}
		lcm = n
	}
	return lcm / uint64(w.factor)
}

func fine(s State) bool { return s == Idle || s == OK || s == Recover || s == Force }

func (w *modelMember) forNew() bool { return fine(w.local) && w.activation == Active }

func (w *modelMember) forOwn() bool { return fine(w.local) && w.activation != Stopped }

func (m *model) withRoute(route string) *modelMember {
	for _, w := range m.list {
		if w.route == route {
			return w
		}
	}
	return nil
}

func (m *model) bestIn(domain string) (best *modelMember) {
	domain = strings.Split(domain, ".")[0]
	for _, w := range m.list {
		if domain == "" || w.domain != domain || !w.forNew() {
			continue
		}
		if best == nil || w.distance < best.distance || (w.distance == best.distance && w.value < best.value) {
			best = w
		}
	}
	return best
}

func (m *model) forRoute(route string) *modelMember {
	w := m.withRoute(route)
	if w == nil {
		return m.bestIn(route)
	}
	if w.forOwn() {
		return w
	}
	if m.force {
		return nil
	}
	if w.redirect != "" {
		if w = m.withRoute(w.redirect); w != nil && w.forOwn() {
			return w
		}
		return nil
	}
	return m.bestIn(w.domain)
}

func (m *model) best(stateless bool) (best *modelMember) {
	chosen := -1
	for j := range m.list {
		i := (m.offset + j) % len(m.list)
		w := m.list[i]
		if !w.forNew() {
			continue
		}
		if best == nil || w.distance < best.distance || (!stateless && w.distance == best.distance && w.value < best.value) {
			best, chosen = w, i
		}
	}
	if best != nil {
		m.offset = chosen + 1
		return best
	}
	for _, w := range m.list {
		if w.redirect != "" {
			return m.forRoute(w.redirect)
		}
	}
	return nil
}

func (m *model) suitable(session string, stateless bool) *modelMember {
	if len(m.list) == 1 {
		if w := m.list[0]; !w.forOwn() {
			return nil
		} else if w.activation != Disabled {
			return w
		}
	}
	if session != "" {
		for _, id := range strings.Split(session, ";") {
			if dot := strings.Index(id, "."); dot >= 0 {
				if w := m.forRoute(id[dot+1:]); w != nil {
					return w
				}
			}
		}
		if m.force {
			return nil
		}
	}
	return m.best(stateless)
}

// serve returns which members were tried and the status.
func (m *model) serve(session string, stateless bool, now int64, outcome func(name string) Outcome) (tried string, status int) {
	if !m.sticky {
		session = ""
	}
	for _, w := range m.list {
		if w.state == Busy {
			w.state = OK
		}
		w.local = w.state
	}
	forced, recoverable, ok := false, true, false
	attempt, retry := 0, 0
	for recoverable && !ok {
		if attempt >= len(m.list) || attempt >= m.lbRetries {
			retry++
			if retry >= m.retries {
				break
			}
			for _, w := range m.list {
				w.local = w.state
			}
			attempt = 0
		}
		status = 503
		w := m.suitable(session, stateless)
		if w == nil {
			any := false
			for _, o := range m.list {
				if !forced && o.state == Error {
					o.state, o.local, o.timeouts, any = Force, Force, 0, true
				}
			}
			forced = true
			if !any {
				attempt++
			}
			continue
		}
		tried += w.name
		if w.state == Recover {
			w.state, w.local = Probe, Probe
		}
		o := outcome(w.name)
		attempt++
		if o.Kind == NoSlot {
			if w.state != Error {
				w.state = Busy
			}
			w.local = Busy
			continue
		}
		if m.method == Request || (session == "" && !stateless && (m.method == Session || m.method == Next)) {
			w.value += m.mult(w)
		}
		if m.method == Traffic {
			w.value += (o.Read + o.Written) * m.mult(w)
		}
		w.used++
		status, recoverable = o.Status, o.Recoverable
		ok = m.settle(w, o, now)
		if ok || o.Kind == ClientError {
			recoverable = false
		}
		if o.Kind == BusyLimit {
			status, recoverable = 503, true
		}
		if ok {
			status = 0
		}
	}
	return tried, status
}

func (m *model) settle(w *modelMember, o Outcome, now int64) (success bool) {
	if w.state != Error {
		w.state = OK
	}
	w.local = Error
	switch o.Kind {
	case Success, ClientError, SoftStatus:
		w.state, w.first, w.last = OK, 0, 0
	case HardStatus:
		w.state, w.first, w.last = Error, now, now
		w.errors++
	case ReplyTimeout:
		w.timeouts++
		if w.timeouts > m.limit {
			w.state, w.first, w.last = Error, now, now
			w.errors++
		}
	case Protocol:
	case BusyLimit:
		w.state, w.local = Busy, Busy
	case Failed:
		w.errors++
		if !w.others || (w.first > 0 && now-w.first >= 30e9) {
			w.state = Error
		}
		if w.first == 0 {
			w.first = now
		}
		w.last = now
	}
	return o.Kind == Success
}

func (m *model) maintain(now int64) {
	highest, alive := uint64(0), 0
	least := ^uint64(0)
	for _, w := range m.list {
		if fine(w.state) && w.activation == Active {
			least = min(least, w.value)
		}
	}
	for _, w := range m.list {
		if m.method != Next {
			w.value /= 2
		}
		highest = max(highest, w.value)
		if m.method == Next && least != ^uint64(0) {
			w.value -= min(least, w.value)
		}
		w.timeouts /= 2
	}
	for _, w := range m.list {
		switch {
		case w.state == Error && now-w.last > 60e9:
			w.value, w.timeouts, w.state = highest, 0, Recover
			alive++
		case w.state == Error:
		case w.first > 0 && now-w.first >= 30e9 && w.state != Recover:
			w.state = Error
		default:
			alive++
			if w.state == OK && w.used == w.seen {
				w.state = Idle
			}
		}
		w.seen = w.used
	}
	for _, w := range m.list {
		if alive == 0 && w.state == Error {
			w.state, w.timeouts = Force, 0
		}
	}
}

// history is one random history, run on both.
type history struct {
	*fixture
	model *model
	rand  *rand.Rand
	log   []string
}

func newHistory(t *testing.T, seed uint64) *history {
	r := rand.New(rand.NewPCG(seed, 1))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	var list []MemberConfig
	for i := range 1 + r.IntN(6) {
		list = append(list, MemberConfig{
			Name:       string(rune('a' + i)),
			Route:      fmt.Sprint(pick("r", "r", "east.r", "west.r"), i),
			Domain:     pick("", "", "d", "east"),
			Redirect:   pick("", "", "", "r1", "east.r2", "nobody"),
			Distance:   r.IntN(2),
			LBFactor:   1 + r.IntN(4),
			Activation: []Activation{Active, Active, Active, Disabled, Stopped}[r.IntN(5)],
		})
	}
	config := newConfig(list)
	config.Method = []Method{Request, Traffic, Session, Next}[r.IntN(4)] // Busyness: see TestProperty_Busyness
	config.Lock = Lock(r.IntN(2))
	config.Sticky, config.StickyForce = r.IntN(4) > 0, r.IntN(4) == 0
	config.Retries, config.LBRetries = 1+r.IntN(3), 1+r.IntN(4)
	config.RetryInterval, config.MaxReplyTimeouts = 0, r.IntN(3)
	h := &history{fixture: newFixture(t, config), rand: r}
	h.model = &model{
		method: config.Method, sticky: config.Sticky, force: config.StickyForce, retries: config.Retries,
		lbRetries: config.LBRetries, limit: uint64(config.MaxReplyTimeouts),
	}
	for _, m := range h.Snapshot(h.clock.Now()).Members {
		h.model.list = append(h.model.list, &modelMember{
			name: m.Name, route: m.Route, domain: m.Domain, redirect: m.Redirect, distance: m.Distance,
			factor: m.LBFactor, activation: m.Activation,
		})
	}
	return h
}

// step does one random thing to both.
func (h *history) step() {
	i := h.rand.IntN(h.Len())
	switch n := h.rand.IntN(100); {
	case n < 80:
		h.request()
	case n < 88:
		h.clock.now = h.rec.LastMaintain().Add(time.Minute)
		require.True(h.t, h.Maintain(h.clock.Now(), h))
		h.model.maintain(h.clock.Now().UnixNano())
		h.log = append(h.log, "maintenance")
	case n < 91:
		h.clock.now = h.rec.LastMaintain().Add(time.Duration(h.rand.IntN(58)) * time.Second)
	case n < 94:
		a := Activation(h.rand.IntN(3))
		if h.model.list[i].activation != a {
			for _, w := range h.model.list {
				w.value = 0
			}
		}
		h.model.list[i].activation = a
		require.NoError(h.t, h.SetActivation(i, a))
		h.log = append(h.log, fmt.Sprint("activation ", i, a))
	case n < 96:
		f := 1 + h.rand.IntN(4)
		h.model.list[i].factor = f
		require.NoError(h.t, h.SetFactor(i, f))
	case n < 98:
		h.others(i)
	default:
		h.recover(i)
	}
}

// others begins or ends another request on a member's ajp worker.
func (h *history) others(i int) {
	w := h.model.list[i]
	if w.others {
		h.Worker(i).Leave()
	} else {
		h.Worker(i).Enter()
	}
	w.others = !w.others
}

func (h *history) recover(i int) {
	w := h.model.list[i]
	if w.state != Error {
		require.ErrorIs(h.t, h.Recover(i), ErrNotInError)
		return
	}
	for _, o := range h.model.list {
		w.value = max(w.value, o.value)
	}
	w.state, w.timeouts = Recover, 0
	require.NoError(h.t, h.Recover(i))
}

func (h *history) request() {
	ids := []string{"", "", "s", "s.r0", "s.r1", "s.east.r2", "s.east", "s.d.x", "s.r9", "s.r9;t.r1", "s;t.west.r3"}
	session, stateless := ids[h.rand.IntN(len(ids))], h.rand.IntN(6) == 0
	var script []Outcome
	for range 20 {
		script = append(script, h.outcome())
	}
	play := func() func(string) Outcome {
		rest := script
		return func(string) Outcome {
			o := rest[0]
			rest = rest[1:]
			return o
		}
	}
	wantTried, wantStatus := h.model.serve(session, stateless, h.clock.Now().UnixNano(), play())
	q := Query{Stateless: stateless}
	if session != "" {
		q.Sessions = ofSession(strings.Split(session, ";")...).Sessions
	}
	next := play()
	h.answer = func(Try) Outcome { return next("") }
	r, tried := h.serve(q)
	h.log = append(h.log, fmt.Sprint("request ", session, stateless, " tried ", tried, " ", r.Status))
	require.Equal(h.t, wantTried, tried, h.story())
	require.Equal(h.t, wantStatus, r.Status, h.story())
}

func (h *history) outcome() Outcome {
	kinds := []OutcomeKind{
		Success, Success, Success, Failed, Failed, ClientError, SoftStatus, HardStatus, ReplyTimeout, Protocol, NoSlot, BusyLimit,
	}
	return Outcome{
		Kind: kinds[h.rand.IntN(len(kinds))], Recoverable: h.rand.IntN(5) > 0, Status: 500 + h.rand.IntN(5),
		Read: uint64(h.rand.IntN(1000)), Written: uint64(h.rand.IntN(1000)),
	}
}

// same compares all that both know.
func (h *history) same() {
	for i, m := range h.Snapshot(h.clock.Now()).Members {
		w := h.model.list[i]
		require.Equal(h.t, w.state.String(), m.State.String(), "%s: %s", m.Name, h.story())
		require.Equal(h.t, w.value, m.LBValue, "%s: %s", m.Name, h.story())
		require.Equal(h.t, w.errors, m.Errors, "%s: %s", m.Name, h.story())
		require.Equal(h.t, w.timeouts, m.Worker.ReplyTimeouts, "%s: %s", m.Name, h.story())
		require.EqualValues(h.t, w.used, m.Elected, "%s: %s", m.Name, h.story())
		require.Zero(h.t, h.records[i].member.Busy())
	}
	require.Zero(h.t, h.rec.Busy())
}

func (h *history) story() string {
	return "\n" + strings.Join(h.log[max(0, len(h.log)-25):], "\n")
}

// TestModel_RandomHistories: the balancer does in one process what the model does, request by request.
func TestModel_RandomHistories(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			h := newHistory(t, seed)
			for range 200 {
				h.step()
				h.same()
			}
		})
	}
}
