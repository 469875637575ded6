package balancer

import (
	"time"

	"mod_gojk/balancer/shm"
)

// event is something that happens to a member.
type event uint8

const (
	eventChosen          event = iota // a request is about to try it
	eventNoSlot                       // no free endpoint within the acquire timeout
	eventSlotFree                     // this child has a free endpoint for it again
	eventSuccess                      // an attempt ended so; this and those that follow
	eventClientError                  //
	eventSoftStatus                   //
	eventHardStatus                   //
	eventReplyTimeout                 // as many as are allowed
	eventTooManyTimeouts              //
	eventProtocol                     //
	eventBusyLimit                    //
	eventFailed                       // while other requests are in flight and errors are new
	eventFailedForGood                // otherwise
	eventEscalate                     // maintenance: errors in a row for too long
	eventRecoverTime                  // maintenance: long enough in error
	eventRecover                      // an operator said so
	eventForce                        // nothing else is left
	eventUnused                       // maintenance: no request since the last one
	eventProbeLost                    // maintenance: the request that probed it is gone
	events
)

// errorTimes says what an event does to the times of the first and the last error in a row.
type errorTimes uint8

const (
	timesKeep    errorTimes = iota
	timesClear              // the row has ended
	timesRestart            // a row begins now
	timesExtend             // one more; a row begins now if there is none
)

// local says how the request remembers the member for the rest of its round, whatever others learn meanwhile.
type local uint8

const (
	localKeep  local = iota
	localState       // as it is now
	localBusy        // not again in this round
	localError       // not again in this round; said in the log
)

// transition is what an event does.
type transition struct {
	next     [shm.MemberStates]State // by the state before
	local    local
	times    errorTimes
	counts   bool     // one error more
	forgives bool     // clears the reply timeouts
	says     *message // about the member, when the state changed; nil: nothing
}

// transitions is the state machine of a member. An attempt that fails without being the member's fault leaves a member OK
// unless it was in error: having got an endpoint shows that it is neither idle nor busy, and ends a probe (so that a
// protocol error during a probe makes the member usable; mod_jk does the same).
var transitions = [events]transition{
	//                            Idle   OK     Recover  Force  Busy   Error    Probe
	eventChosen:          {next: [...]State{Idle, OK, Probe, Force, Busy, Error, Probe}, local: localState},
	eventNoSlot:          {next: [...]State{Busy, Busy, Busy, Busy, Busy, Error, Busy}, local: localBusy},
	eventSlotFree:        {next: [...]State{Idle, OK, Recover, Force, OK, Error, Probe}, local: localState, says: saysBusyEnded},
	eventSuccess:         {next: [...]State{OK, OK, OK, OK, OK, OK, OK}, local: localState, times: timesClear},
	eventClientError:     {next: [...]State{OK, OK, OK, OK, OK, OK, OK}, local: localError, times: timesClear},
	eventSoftStatus:      {next: [...]State{OK, OK, OK, OK, OK, OK, OK}, local: localError, times: timesClear},
	eventHardStatus:      {next: [...]State{Error, Error, Error, Error, Error, Error, Error}, local: localError, times: timesRestart, counts: true},
	eventReplyTimeout:    {next: [...]State{OK, OK, OK, OK, OK, Error, OK}, local: localError},
	eventTooManyTimeouts: {next: [...]State{Error, Error, Error, Error, Error, Error, Error}, local: localError, times: timesRestart, counts: true},
	eventProtocol:        {next: [...]State{OK, OK, OK, OK, OK, Error, OK}, local: localError},
	eventBusyLimit:       {next: [...]State{Busy, Busy, Busy, Busy, Busy, Busy, Busy}, local: localBusy},
	eventFailed:          {next: [...]State{OK, OK, OK, OK, OK, Error, OK}, local: localError, times: timesExtend, counts: true},
	eventFailedForGood:   {next: [...]State{Error, Error, Error, Error, Error, Error, Error}, local: localError, times: timesExtend, counts: true, says: saysEscalated},
	eventEscalate:        {next: [...]State{Error, Error, Recover, Error, Error, Error, Error}, says: saysEscalated},
	eventRecoverTime:     {next: [...]State{Idle, OK, Recover, Force, Busy, Recover, Probe}, forgives: true, says: saysRecover},
	eventRecover:         {next: [...]State{Idle, OK, Recover, Force, Busy, Recover, Probe}, forgives: true, says: saysRecover},
	eventForce:           {next: [...]State{Idle, OK, Recover, Force, Busy, Force, Probe}, local: localState, forgives: true, says: saysForced},
	eventUnused:          {next: [...]State{Idle, Idle, Recover, Force, Busy, Error, Probe}},
	eventProbeLost:       {next: [...]State{Idle, OK, Recover, Force, Busy, Error, Recover}, says: saysProbeLost},
}

// happen applies an event to a member, for all children. It returns the state after it and whether that is another one
// than before. now is asked only by events that need the time.
func (m *member) happen(e event, now func() time.Time) (after State, changed bool) {
	t := &transitions[e]
	if t.counts {
		m.rec.Errors().Add(1)
	}
	if t.times != timesKeep {
		m.mark(t.times, now)
	}
	after, changed = m.move(&t.next)
	if t.forgives && changed {
		m.worker.ClearReplyTimeouts()
	}
	return after, changed
}

// move changes the state by a row of the table.
func (m *member) move(next *[shm.MemberStates]State) (after State, changed bool) {
	for {
		word := m.state.Load()
		after = next[stateOf(word)]
		if uint64(after) == word {
			return after, false
		}
		if m.state.CompareAndSwap(word, uint64(after)) {
			return after, true
		}
	}
}

// stateOf reads a word of the mapping. One that is no state counts as that of a fresh member.
func stateOf(word uint64) State {
	if word >= shm.MemberStates {
		return Idle
	}
	return State(word)
}

// mark keeps the times of the first and the last error in a row. Success in a row costs two loads.
func (m *member) mark(t errorTimes, now func() time.Time) {
	first, last := m.rec.FirstErrorTime(), m.rec.LastErrorTime()
	if t == timesClear {
		if first.Load() != 0 || last.Load() != 0 {
			first.Store(0)
			last.Store(0)
		}
		return
	}
	ns := now().UnixNano()
	if t == timesRestart {
		first.Store(ns)
	} else {
		first.CompareAndSwap(0, ns)
	}
	last.Store(ns)
}

// failure is the event of an attempt that ended as Failed: whether it puts the member into error. It asks whether other
// requests are in flight on the member, so the attempt itself must be over.
func (v *view) failure(m *member, now func() time.Time) event {
	if m.worker.Busy() == 0 || v.escalation == 0 {
		return eventFailedForGood
	}
	if first := m.rec.FirstErrorTime().Load(); first > 0 && now().UnixNano()-first >= int64(v.escalation) {
		return eventFailedForGood
	}
	return eventFailed
}

// event is what an outcome means for the member.
func (v *view) event(m *member, o OutcomeKind, now func() time.Time) event {
	switch o {
	case Success:
		return eventSuccess
	case ClientError:
		return eventClientError
	case SoftStatus:
		return eventSoftStatus
	case HardStatus:
		return eventHardStatus
	case ReplyTimeout:
		if m.worker.ReplyTimeouts() > v.maxReplyTimeouts {
			return eventTooManyTimeouts
		}
		return eventReplyTimeout
	case Protocol:
		return eventProtocol
	case NoSlot:
		return eventNoSlot
	case BusyLimit:
		return eventBusyLimit
	}
	return v.failure(m, now)
}
