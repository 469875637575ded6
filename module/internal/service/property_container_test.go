// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"errors"
	"net/netip"
	"sync"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// scripted is a container that answers each request as it is told, otherwise with 200 and its name.
type scripted struct {
	*ajptest.Container
	name string
	rig  *rig

	mu          sync.Mutex
	connections int
	open        int
	pings       int      // CPINGs that came
	mute        bool     // CPINGs are not answered
	unanswered  int      // how many CPINGs are not answered from now on
	scripts     []answer // for the next requests
	always      answer   // for requests after those; nil: 200
}

// answer is what a container does with a request.
type answer []ajptest.Step

// errHangUp ends a connection without a failure of the test.
var errHangUp = errors.New("hang up")

// hangUp closes the connection.
func hangUp(*ajptest.Peer) error { return errHangUp }

// reply sends parts in one call.
func reply(parts ...[]byte) answer { return answer{ajptest.Send(parts...)} }

// page is a whole response.
func page(status uint16, text string) answer {
	return reply(ajptest.Head(status, ""), ajptest.Chunk(text), ajptest.End(true))
}

var (
	closes = answer{hangUp}               // the connection ends before an answer
	silent = answer{ajptest.ExpectGone()} // nothing comes
)

// start starts the container of that name, unless it runs.
func (r *rig) start(name, network string) *scripted {
	r.t.Helper()
	if c := r.container[name]; c != nil {
		return c
	}
	if network == "" {
		network = "tcp"
	}
	c := &scripted{name: name, rig: r}
	var err error
	c.Container, err = ajptest.Start(network, ajptest.Script{c.serve})
	require.NoError(r.t, err)
	r.t.Cleanup(func() { require.NoError(r.t, c.Close()) })
	r.container[name] = c
	return c
}

// next adds answers for the next requests.
func (c *scripted) next(a ...answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scripts = append(c.scripts, a...)
}

// answers sets what requests beyond the next ones get; nil: 200.
func (c *scripted) answers(a answer) { c.set(func() { c.always = a }) }

// set changes the container's manners.
func (c *scripted) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// counts returns how many connections there have been, how many are open, and how many CPINGs came.
func (c *scripted) counts() (connections, open, pings int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.connections, c.open, c.pings
}

// held makes the next request wait. arrived is closed when it has come; release lets it be answered.
func (c *scripted) held() (arrived chan struct{}, release func()) {
	arrived, goOn := make(chan struct{}), make(chan struct{})
	c.next(append(answer{ajptest.Tell(arrived), ajptest.Await(goOn)}, page(200, c.name)...))
	return arrived, c.rig.atEnd(func() { close(goOn) })
}

// serve is the script of every connection.
func (c *scripted) serve(p *ajptest.Peer) error {
	c.mu.Lock()
	c.connections++
	c.open++
	number := c.connections
	c.mu.Unlock()
	defer c.set(func() { c.open-- })
	for {
		err := c.one(p, number)
		switch {
		case errors.Is(err, ajptest.ErrGone) || errors.Is(err, errHangUp):
			return nil
		case err != nil:
			return err
		}
	}
}

// one takes a packet and reacts.
func (c *scripted) one(p *ajptest.Peer, connection int) error {
	payload, err := p.ReadPacket()
	if err != nil {
		return err
	}
	if len(payload) == 1 && payload[0] == byte(ajp.CodeCPing) {
		return c.pong(p)
	}
	var r ajp.ForwardRequest
	if err := r.Decode(payload); err != nil {
		return err
	}
	p.Request, p.Body = r.Clone(), nil
	from, _ := netip.ParseAddrPort(p.Conn.RemoteAddr().String())
	v := visit{ForwardRequest: p.Request, container: c.name, connection: connection, size: 4 + len(payload), from: from.Addr()}
	if err := c.takeBody(p); err != nil {
		return err
	}
	v.first = len(p.Body)
	c.rig.mu.Lock()
	c.rig.asked = append(c.rig.asked, v)
	c.rig.mu.Unlock()
	for _, step := range c.takeScript() {
		if err := step(p); err != nil {
			return err
		}
	}
	return nil
}

// takeBody reads the packet that follows a request with a Content-Length.
func (c *scripted) takeBody(p *ajptest.Peer) error {
	for _, h := range p.Request.Headers {
		if h.Name != "content-length" || h.Value == "0" {
			continue
		}
		payload, err := p.ReadPacket()
		if err != nil {
			return err
		}
		var chunk ajp.BodyChunk
		err = chunk.Decode(payload)
		p.Body = append(p.Body, chunk.Data...)
		return err
	}
	return nil
}

func (c *scripted) takeScript() answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case len(c.scripts) > 0:
		a := c.scripts[0]
		c.scripts = c.scripts[1:]
		return a
	case c.always != nil:
		return c.always
	}
	return page(200, c.name)
}

func (c *scripted) pong(p *ajptest.Peer) error {
	c.mu.Lock()
	c.pings++
	mute := c.mute || c.unanswered > 0
	c.unanswered = max(c.unanswered-1, 0)
	c.mu.Unlock()
	if mute {
		return nil
	}
	return p.Write(ajptest.Pong())
}

// port is where a container listens.
func (c *scripted) port() int { return int(c.Address().IP.Port()) }
