package balancer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
)

var allStates = []State{Idle, OK, Recover, Force, Busy, Error, Probe}

func all(s State) map[State]State {
	m := make(map[State]State)
	for _, from := range allStates {
		m[from] = s
	}
	return m
}

// but is all(s), with exceptions: pairs of from and to.
func but(s State, pairs ...State) map[State]State {
	m := all(s)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// same is no change, with exceptions.
func same(pairs ...State) map[State]State {
	m := make(map[State]State)
	for _, s := range allStates {
		m[s] = s
	}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// TestTransitions states the machine once more, in the words of the reference (4.7), for each event and state.
func TestTransitions(t *testing.T) {
	for _, c := range []struct {
		name  string
		event event
		want  map[State]State
	}{
		{"chosen; if REC, PRB while in service", eventChosen, same(Recover, Probe)},
		{"any but ERR, no free slot: BUSY", eventNoSlot, but(Busy, Error, Error)},
		{"BUSY, a free slot: OK", eventSlotFree, same(Busy, OK)},
		{"any, success: OK", eventSuccess, all(OK)},
		{"any, client-side error: OK", eventClientError, all(OK)},
		{"any, soft fail_on_status: OK", eventSoftStatus, all(OK)},
		{"any, hard fail_on_status: ERR", eventHardStatus, all(Error)},
		{"reply timeout, counter within the limit: unchanged, but OK for having served", eventReplyTimeout, but(OK, Error, Error)},
		{"any, reply timeout, counter above: ERR", eventTooManyTimeouts, all(Error)},
		{"framing error: unchanged, but OK for having served", eventProtocol, but(OK, Error, Error)},
		{"any, even ERR, busy_limit: BUSY", eventBusyLimit, all(Busy)},
		{"everything else, local error only: unchanged, but OK for having served", eventFailed, but(OK, Error, Error)},
		{"everything else, escalated: ERR", eventFailedForGood, all(Error)},
		{"non-REC, maintenance, errors for too long: ERR", eventEscalate, but(Error, Recover, Recover)},
		{"ERR, maintenance, long enough: REC", eventRecoverTime, same(Error, Recover)},
		{"ERR, status recover: REC", eventRecover, same(Error, Recover)},
		{"ERR, forced recovery: FRC", eventForce, same(Error, Force)},
		{"OK, maintenance, no request: IDLE", eventUnused, same(OK, Idle)},
		{"PRB, maintenance, nobody probes: REC", eventProbeLost, same(Probe, Recover)},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, from := range allStates {
				require.Equal(t, c.want[from].String(), transitions[c.event].next[from].String(), "from %s", from)
			}
		})
	}
}

func TestTransitions_EachIsFilled(t *testing.T) {
	for e := range events {
		row := transitions[e]
		for _, from := range allStates {
			require.Less(t, row.next[from], State(shm.MemberStates))
		}
		require.NotEqual(t, [shm.MemberStates]State{}, row.next, "event %d", e)
	}
}

// TestTransitions_Model walks all sequences of events up to a length from the initial state and holds the machine to what
// operators rely on.
func TestTransitions_Model(t *testing.T) {
	type visit struct {
		state State
		depth int
	}
	reached := map[State]bool{}
	for queue := []visit{{Idle, 0}}; len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		if reached[n.state] {
			continue
		}
		reached[n.state] = true
		for e := range events {
			queue = append(queue, visit{transitions[e].next[n.state], n.depth + 1})
		}
	}
	require.Len(t, reached, len(allStates), "every state can be reached")

	for _, s := range allStates {
		require.Equal(t, OK, transitions[eventSuccess].next[s], "a success always heals %s", s)
		if !usable(s) {
			require.True(t, leadsToUsable(s), "%s is left without an operator", s)
		}
		require.NotEqual(t, Error, transitions[eventClientError].next[s], "a client cannot eject a member in %s", s)
	}
	for e := range events {
		if e != eventChosen {
			require.False(t, enters(e, Probe), "only choosing probes")
		}
		if e != eventForce {
			require.False(t, enters(e, Force), "only forced recovery forces")
		}
	}
}

// enters reports whether an event leads into a state from another one.
func enters(e event, to State) bool {
	for _, from := range allStates {
		if from != to && transitions[e].next[from] == to {
			return true
		}
	}
	return false
}

// leadsToUsable: maintenance and requests alone bring a member back.
func leadsToUsable(s State) bool {
	for _, e := range []event{eventSlotFree, eventRecoverTime, eventProbeLost} {
		if usable(transitions[e].next[s]) {
			return true
		}
	}
	return false
}

func TestMember_Mark(t *testing.T) {
	f := newFixture(t, newConfig(members(1)))
	m := &f.current().members[0]
	times := func() [2]int64 { return [2]int64{m.rec.FirstErrorTime().Load(), m.rec.LastErrorTime().Load()} }
	start := f.clock.Now().UnixNano()

	m.mark(timesExtend, f.clock.Now)
	require.Equal(t, [2]int64{start, start}, times())
	later := f.clock.advance(time.Second).UnixNano()
	m.mark(timesExtend, f.clock.Now)
	require.Equal(t, [2]int64{start, later}, times())
	m.mark(timesRestart, f.clock.Now)
	require.Equal(t, [2]int64{later, later}, times())
	m.mark(timesClear, f.clock.Now)
	require.Equal(t, [2]int64{0, 0}, times())
}

// TestMember_UnknownState: a word that is no state, as another version might leave, counts as a fresh member.
func TestMember_UnknownState(t *testing.T) {
	f := newFixture(t, newConfig(members(1)))
	f.records[0].member.State().Store(99)
	r, tried := f.serve(Query{})
	require.Equal(t, "a", tried)
	require.Equal(t, Success, r.Kind)
	require.Equal(t, OK, f.state(0))
}

func TestStrings(t *testing.T) {
	for want, got := range map[string]string{
		"ACT": Active.String(), "DIS": Disabled.String(), "STP": Stopped.String(),
		"Request": Request.String(), "Traffic": Traffic.String(), "Busyness": Busyness.String(),
		"Sessions": Session.String(), "Next": Next.String(),
		"Optimistic": Optimistic.String(), "Pessimistic": Pessimistic.String(),
		"failed": Failed.String(), "no member": NoMember.String(), "busy limit": BusyLimit.String(),
	} {
		require.Equal(t, want, got)
	}
	require.Equal(t, "unknown", Unset.String())
	require.Equal(t, "unknown", Method(9).String())
	require.Equal(t, "unknown", Lock(9).String())
	require.Equal(t, "unknown", OutcomeKind(99).String())
}
