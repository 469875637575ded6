// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Pool keeps one worker's connections in this process, in a fixed number of slots. Safe for concurrent use, without locks
// on the way of a request: two bitmaps say which slots hold an idle connection and which hold none; a slot in neither
// belongs to who took it.
type Pool struct {
	settings atomic.Pointer[settings]
	state    atomic.Uint32 // poolOpen, poolRetired or poolClosed
	idle     bitmap
	free     bitmap
	// slots[i] belongs to who took i out of a bitmap. nil: never used.
	slots []*Conn
	// open is how many connections there are.
	open atomic.Int64
	ev   Events
	// epoch is what Conn.used and Conn.pinged count from.
	epoch time.Time

	// waiting is how many wait for a slot; wake is the futex they sleep on, raised for each slot that is given back.
	waiting atomic.Int32
	wake    atomic.Uint32

	// mu is held while settings are exchanged.
	mu sync.Mutex
}

// The states of a pool, in their order.
const (
	poolOpen    = 0
	poolRetired = 1 // no connection is kept
	poolClosed  = 2 // and none is made any more
)

// settings is an immutable Config with its age.
type settings struct {
	Config
	// generation counts the changes after which existing connections are of no more use.
	generation uint64
}

// NewPool makes a pool. cfg is copied. ev may be nil. No connection is made yet.
func NewPool(cfg *Config, ev Events) *Pool {
	size := max(cfg.PoolSize, 0)
	p := &Pool{idle: newBitmap(size), free: newBitmap(size), slots: make([]*Conn, size), ev: ev, epoch: time.Now()}
	if ev == nil {
		p.ev = silence{}
	}
	p.settings.Store(&settings{Config: cfg.normal()})
	for i := range size {
		p.free.put(i)
	}
	return p
}

// Get takes a connection for one exchange: the lowest idle one that is alive, otherwise a new one. Give it back with Put.
// Errors: ErrNoEndpoint, ErrPoolClosed, or a *Failure of KindConnect or KindPing.
func (p *Pool) Get() (*Conn, error) { return p.GetFor(Caller{}) }

// GetFor is Get with a caller.
func (p *Pool) GetFor(who Caller) (*Conn, error) {
	if p.state.Load() == poolClosed {
		return nil, ErrPoolClosed
	}
	s := p.settings.Load()
	c, slot := p.takeIdle(s, who)
	if c != nil {
		return c, nil
	}
	if slot < 0 {
		if slot = p.free.take(); slot < 0 {
			var err error
			if c, slot, err = p.await(s, who); c != nil || err != nil {
				return c, err
			}
			s = p.settings.Load() // they may have changed meanwhile
		}
	}
	return p.connect(slot, s, who)
}

// takeIdle takes the lowest usable idle connection. If all were unusable it returns the slot of one of them.
func (p *Pool) takeIdle(s *settings, who Caller) (*Conn, int) {
	dropped := -1
	for slot := p.idle.take(); slot >= 0; slot = p.idle.take() {
		c := p.slots[slot]
		c.begin(s, who)
		usable := p.check(c, s)
		if !usable && dropped < 0 {
			dropped = slot
			continue
		}
		if !usable {
			p.giveBack(slot)
			continue
		}
		if dropped >= 0 {
			p.giveBack(dropped)
		}
		return c, slot
	}
	if dropped >= 0 {
		p.ev.Note(Note{Event: EventNoneUsable, Slot: dropped, FD: -1, Label: who.Label})
	}
	return nil, dropped
}

// check looks whether an idle connection can be used, and drops it if not.
func (p *Pool) check(c *Conn, s *settings) bool {
	if c.made.generation < s.generation { // not !=: s may be the older one by now
		p.drop(c, EventMoved, nil)
		return false
	}
	if err := c.alive(); err != nil {
		p.drop(c, eventOfIdle(err), err)
		return false
	}
	if s.PrepostPing > 0 {
		if err := c.ping(s.PrepostPing); err != nil {
			p.drop(c, EventPrepostPing, err)
			return false
		}
	}
	return true
}

// await waits for a connection or a free slot to be given back, for up to AcquireTimeout.
func (p *Pool) await(s *settings, who Caller) (c *Conn, slot int, err error) {
	p.waiting.Add(1)
	defer p.waiting.Add(-1)
	deadline := time.Now().Add(s.AcquireTimeout)
	for {
		seen := p.wake.Load()
		if p.state.Load() == poolClosed {
			return nil, -1, ErrPoolClosed
		}
		if c, slot = p.takeIdle(s, who); slot >= 0 {
			return c, slot, nil
		}
		if slot = p.free.take(); slot >= 0 {
			return nil, slot, nil
		}
		left := time.Until(deadline)
		if left <= 0 {
			return nil, -1, ErrNoEndpoint
		}
		futexWait(&p.wake, seen, left)
	}
}

// connect makes a connection in a slot that the caller owns.
func (p *Pool) connect(slot int, s *settings, who Caller) (*Conn, error) {
	c := p.slots[slot]
	if c == nil {
		c = &Conn{fd: -1, slot: slot}
		p.slots[slot] = c
	}
	if err := c.mapFor(s.packetSize()); err != nil {
		p.giveBack(slot)
		return nil, &Failure{Kind: KindConnect, Err: err}
	}
	fd, bindErr, err := dial(&s.Config)
	if bindErr != nil {
		p.ev.Note(Note{Event: EventBindFailed, Slot: slot, FD: fd, Label: who.Label, Err: bindErr})
	}
	if err != nil {
		p.giveBack(slot)
		return nil, &Failure{Kind: KindConnect, Err: err}
	}
	c.open(fd, s)
	c.begin(s, who)
	p.open.Add(1)
	p.ev.Connected(1)
	if err := c.probe(s); err != nil {
		p.drop(c, 0, nil)
		p.giveBack(slot)
		return nil, &Failure{Kind: KindPing, Err: err}
	}
	return c, nil
}

// probe pings a new connection as the settings want it: the prepost probe only if there is none for connecting.
func (c *Conn) probe(s *settings) error {
	if s.ConnectPing > 0 {
		return c.ping(s.ConnectPing)
	}
	if s.PrepostPing > 0 {
		return c.ping(s.PrepostPing)
	}
	return nil
}

// Put gives a connection back. It is kept if its last exchange ended cleanly, otherwise closed.
func (p *Pool) Put(c *Conn) {
	slot := c.slot
	switch {
	case c.verdict != keep:
		p.drop(c, eventOf(c.verdict), nil)
		p.giveBack(slot)
	case c.made.generation != p.settings.Load().generation:
		p.drop(c, EventMoved, nil)
		p.giveBack(slot)
	default:
		c.used = time.Since(p.epoch)
		p.giveIdle(slot)
	}
}

// giveIdle returns a slot with a connection. If the pool was closed or retired meanwhile, whoever notices closes it.
func (p *Pool) giveIdle(slot int) {
	p.slots[slot].caller = Caller{} // what it borrows ends now
	p.idle.put(slot)
	if p.state.Load() != poolOpen {
		p.closeIdle()
	}
	p.wakeOne()
}

// giveBack returns a slot without a connection.
func (p *Pool) giveBack(slot int) {
	p.free.put(slot)
	if p.state.Load() != poolOpen {
		p.releaseFree()
	}
	p.wakeOne()
}

func (p *Pool) wakeOne() {
	if p.waiting.Load() > 0 {
		p.wake.Add(1)
		futexWake(&p.wake, 1)
	}
}

// drop closes a connection that the caller owns and reports e, if it is one. The slot stays with the caller.
func (p *Pool) drop(c *Conn, e Event, err error) {
	fd := c.fd
	c.close()
	p.open.Add(-1)
	p.ev.Connected(-1)
	if e != 0 {
		p.ev.Note(Note{Event: e, Slot: c.slot, FD: fd, Label: c.caller.Label, Err: err})
	}
	c.caller = Caller{}
}

// SetAddress changes where the container is. Idle connections are closed, busy ones when they are put back.
func (p *Pool) SetAddress(a Address) {
	p.change(func(c *Config) { c.Address = a })
}

// SetConfig changes all settings but PoolSize. Connections are kept if nothing changed that they were made with.
func (p *Pool) SetConfig(cfg *Config) {
	p.change(func(c *Config) { *c = cfg.normal() })
}

func (p *Pool) change(edit func(*Config)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.settings.Load()
	after := *before
	edit(&after.Config)
	if after.madeWith() != before.madeWith() {
		after.generation++
	}
	p.settings.Store(&after)
	if after.generation != before.generation {
		p.eachIdle(func(c *Conn) bool { return c.made.generation != after.generation }, EventMoved)
	}
}

// HasFree reports whether Get would find an idle connection or a free slot now.
func (p *Pool) HasFree() bool { return !p.idle.empty() || !p.free.empty() }

// Close closes idle connections now and busy ones when they are put back. Get fails from now on.
func (p *Pool) Close() {
	p.state.Store(poolClosed)
	p.empty()
	p.wake.Add(1)
	futexWake(&p.wake, math.MaxInt32)
}

// Retire closes idle connections now and busy ones when they are put back, as Close does, but Get goes on: requests that began before the worker
// was taken out of the configuration may still need connections. Each then serves one exchange. A closed pool stays closed.
func (p *Pool) Retire() {
	if p.state.CompareAndSwap(poolOpen, poolRetired) {
		p.empty()
	}
}

// empty closes idle connections and frees all memory that nobody uses.
func (p *Pool) empty() {
	p.closeIdle()
	p.releaseFree()
}

// closeIdle closes all idle connections.
func (p *Pool) closeIdle() {
	p.eachIdle(func(*Conn) bool { return true }, 0)
}

// eachIdle drops the idle connections, highest slot first, for which bad returns true.
func (p *Pool) eachIdle(bad func(*Conn) bool, e Event) {
	for slot := len(p.slots) - 1; slot >= 0; slot-- {
		if !p.idle.claim(slot) {
			continue
		}
		if c := p.slots[slot]; bad(c) {
			p.drop(c, e, nil)
			p.giveBack(slot)
			continue
		}
		p.giveIdle(slot)
	}
}

// releaseFree frees the memory of all slots without connection.
func (p *Pool) releaseFree() {
	for slot := range p.slots {
		if p.free.claim(slot) {
			p.release(slot)
			p.free.put(slot)
			p.wakeOne()
		}
	}
}

// release frees the memory of a slot without connection that the caller owns.
func (p *Pool) release(slot int) {
	if c := p.slots[slot]; c != nil {
		c.unmap()
	}
}

// silence is Events for who wants none.
type silence struct{}

func (silence) Connected(int) {}
func (silence) Note(Note)     {}
