// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import "time"

// Maintain looks after idle connections: it closes those that the container has closed, those that were idle for longer
// than IdleTimeout while more than PoolMinSize are open, and those that do not answer a CPING after PingInterval; and it
// frees the memory of slots without connection. One caller at a time; not for a request's thread.
//
// It blocks for little more than PingTimeout in all: a container that hangs costs one timeout a call, what is left is
// pinged by the next call. Meanwhile one slot at a time is not available to Get.
// label comes back in each Note.
func (p *Pool) Maintain(now time.Time, label string) {
	s := p.settings.Load()
	at := now.Sub(p.epoch)
	deadline := time.Now().Add(s.PingTimeout)
	for slot := len(p.slots) - 1; slot >= 0; slot-- {
		switch {
		case p.idle.claim(slot):
			c := p.slots[slot]
			c.caller = Caller{Label: label}
			p.maintainIdle(c, s, at, deadline)
		case p.free.claim(slot):
			p.release(slot)
			p.giveBack(slot)
		}
	}
}

// maintainIdle keeps an idle connection or closes it. at is now, since Pool.epoch; deadline is for all pings.
func (p *Pool) maintainIdle(c *Conn, s *settings, at time.Duration, deadline time.Time) {
	e, err := p.judge(c, s, at, deadline)
	if e == 0 {
		p.giveIdle(c.slot)
		return
	}
	slot := c.slot
	p.drop(c, e, err)
	p.release(slot)
	p.giveBack(slot)
}

// judge returns why an idle connection has to go, 0 if it may stay.
func (p *Pool) judge(c *Conn, s *settings, at time.Duration, deadline time.Time) (Event, error) {
	if c.made.generation < s.generation {
		return EventMoved, nil
	}
	if err := c.alive(); err != nil {
		return eventOfIdle(err), err
	}
	if s.IdleTimeout > 0 && at-c.used > s.IdleTimeout && p.open.Load() > int64(s.PoolMinSize) {
		return EventIdle, nil
	}
	left := time.Until(deadline)
	if s.PingInterval <= 0 || s.PingTimeout <= 0 || left <= 0 || at-max(c.used, c.pinged) <= s.PingInterval {
		return 0, nil
	}
	if err := c.ping(left); err != nil {
		return EventKeepalivePing, err
	}
	c.pinged = at
	return 0, nil
}
