// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import (
	"errors"
	"strconv"
)

// Event is something that happened to a connection and that nobody is told otherwise.
type Event uint8

// The events.
const (
	// EventClosed: an idle connection was found closed or failed. Err says how.
	EventClosed Event = 1
	// EventStray: an idle connection, or one after END_RESPONSE, had bytes that belong to no exchange. Dropped.
	EventStray Event = 2
	// EventIncomplete: the exchange did not come to END_RESPONSE. Dropped.
	EventIncomplete Event = 3
	// EventNoReuse: END_RESPONSE said that the container closes the connection. Dropped.
	EventNoReuse Event = 4
	// EventPrepostPing: an idle connection failed the CPING before a request. Dropped. Err says how.
	EventPrepostPing Event = 5
	// EventKeepalivePing: an idle connection failed Maintain's CPING. Dropped. Err says how.
	EventKeepalivePing Event = 6
	// EventIdle: idle for longer than IdleTimeout. Dropped.
	EventIdle Event = 7
	// EventMoved: the worker's address or connection settings changed. Dropped.
	EventMoved Event = 8
	// EventNoneUsable: all idle connections were unusable, a new one is made. No FD.
	EventNoneUsable Event = 9
	// EventBindFailed: Source could not be bound; connecting goes on without. Err says why.
	EventBindFailed Event = 10
	// EventCrossed: END_RESPONSE was on its way before the body data that the container had asked for. It might take the
	// data for its next request. Dropped.
	EventCrossed Event = 11
)

var eventNames = [...]string{
	EventClosed: "closed", EventStray: "stray bytes", EventIncomplete: "incomplete", EventNoReuse: "no reuse",
	EventPrepostPing: "prepost cping failed", EventKeepalivePing: "keepalive cping failed", EventIdle: "idle",
	EventMoved: "moved", EventNoneUsable: "none usable", EventBindFailed: "bind failed", EventCrossed: "crossed",
}

// String returns the event in words.
func (e Event) String() string {
	if int(e) < len(eventNames) && eventNames[e] != "" {
		return eventNames[e]
	}
	return "event(" + strconv.Itoa(int(e)) + ")"
}

// Note is one event of a pool.
type Note struct {
	Event Event
	// Slot is the index of the connection's slot, FD its descriptor (already closed if it was dropped, -1 for none).
	Slot, FD int
	// Label is that of the Caller who had the connection, or of Maintain. Borrowed.
	Label string
	// Err is the cause where the event has one.
	Err error
}

// Events is told what happens to a pool's connections, so that its owner can count and log. Called on the thread that
// uses the pool, from several at once; must not call the pool.
type Events interface {
	// Connected counts open connections: +1 for each that is made, -1 for each that is closed.
	Connected(delta int)
	// Note reports an event.
	Note(n Note)
}

// eventOf returns the event of a connection that is not kept, 0 if there is nothing to report.
func eventOf(v verdict) Event {
	switch v {
	case dropIncomplete:
		return EventIncomplete
	case dropNoReuse:
		return EventNoReuse
	case dropStray:
		return EventStray
	case dropCrossed:
		return EventCrossed
	case keep, dropAsked:
	}
	return 0
}

// eventOfIdle returns the event of an idle connection that Conn.alive found an error on.
func eventOfIdle(err error) Event {
	if errors.Is(err, ErrStray) {
		return EventStray
	}
	return EventClosed
}
