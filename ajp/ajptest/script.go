// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajptest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"mod_gojk/ajp"
)

// Step is one thing that a container does on a connection.
type Step func(p *Peer) error

// Script is what a container does on a connection, in order. At its end the connection is closed.
type Script []Step

// Run runs the script and says which step failed.
func (s Script) Run(p *Peer) error {
	for i, step := range s {
		if err := step(p); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return nil
}

// ExpectRequest reads a FORWARD_REQUEST; Peer.Request has it then. check may be nil.
func ExpectRequest(check func(*ajp.ForwardRequest) error) Step {
	return func(p *Peer) error {
		payload, err := p.ReadPacket()
		if err != nil {
			return err
		}
		var r ajp.ForwardRequest
		if err := r.Decode(payload); err != nil {
			return fmt.Errorf("forward request: %w", err)
		}
		p.Request, p.Body = r.Clone(), nil
		p.Requests++
		if check != nil {
			return check(p.Request)
		}
		return nil
	}
}

// ExpectURI is ExpectRequest with a check of the URI.
func ExpectURI(want string) Step {
	return ExpectRequest(func(r *ajp.ForwardRequest) error {
		if r.URI != want {
			return fmt.Errorf("uri %q, want %q", r.URI, want)
		}
		return nil
	})
}

// ExpectBody reads one packet of body data and compares it.
func ExpectBody(want string) Step {
	return func(p *Peer) error {
		chunk, err := p.readBody()
		if err != nil {
			return err
		}
		if chunk.End || string(chunk.Data) != want {
			return fmt.Errorf("body %.40q (%d bytes, end %v), want %.40q (%d bytes)",
				chunk.Data, len(chunk.Data), chunk.End, want, len(want))
		}
		return nil
	}
}

// ExpectBodyEnd reads the empty packet that ends a body.
func ExpectBodyEnd() Step {
	return func(p *Peer) error {
		chunk, err := p.readBody()
		if err == nil && !chunk.End {
			err = fmt.Errorf("body %.40q, want its end", chunk.Data)
		}
		return err
	}
}

// ReadAllBody asks for the body in pieces of size bytes until it has ended. The first packet of a body with a known length
// comes unasked: expect it before.
func ReadAllBody(size uint16) Step {
	return func(p *Peer) error {
		for {
			if err := p.Write(Get(size)); err != nil {
				return err
			}
			chunk, err := p.readBody()
			if err != nil || chunk.End {
				return err
			}
		}
	}
}

func (p *Peer) readBody() (chunk ajp.BodyChunk, err error) {
	payload, err := p.ReadPacket()
	if err == nil {
		err = chunk.Decode(payload)
	}
	p.Body = append(p.Body, chunk.Data...)
	return chunk, err
}

// ExpectPing reads a CPING. It does not answer.
func ExpectPing() Step {
	return func(p *Peer) error {
		payload, err := p.ReadPacket()
		if err != nil {
			return err
		}
		if !bytes.Equal(payload, []byte{byte(ajp.CodeCPing)}) {
			return fmt.Errorf("payload % x, want a cping", payload)
		}
		return nil
	}
}

// ExpectGone waits for the web server to close the connection and fails if it sends something.
func ExpectGone() Step {
	return func(p *Peer) error {
		payload, err := p.ReadPacket()
		if errors.Is(err, ErrGone) {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("packet of %d bytes, want the end of the connection", len(payload))
		}
		return err
	}
}

// Send sends the parts in one call.
func Send(parts ...[]byte) Step {
	all := slices.Concat(parts...)
	return func(p *Peer) error { return p.Write(all) }
}

// Break lets the given message, counted from 1 from here on, go out as f makes it.
func Break(message int, f Fault) Step {
	return func(p *Peer) error {
		p.Conn = &FaultyConn{Conn: p.Conn, Message: message, Fault: f}
		return nil
	}
}

// Reset closes the connection so that the web server sees a reset.
func Reset() Step {
	return func(p *Peer) error {
		if tcp, ok := p.Conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		return p.Conn.Close()
	}
}

// Await waits until ch is closed or has a value.
func Await(ch <-chan struct{}) Step {
	return func(*Peer) error {
		select {
		case <-ch:
			return nil
		case <-time.After(Patience):
			return errors.New("waited in vain for the test")
		}
	}
}

// Tell closes ch.
func Tell(ch chan<- struct{}) Step {
	return func(*Peer) error { close(ch); return nil }
}

// Serve answers requests without body in one call each, until the web server closes the connection. CPINGs are answered.
func Serve(parts ...[]byte) Step {
	answer := slices.Concat(parts...)
	return func(p *Peer) error {
		for {
			payload, err := p.ReadPacket()
			switch {
			case errors.Is(err, ErrGone):
				return nil
			case err != nil:
				return err
			case len(payload) == 1 && payload[0] == byte(ajp.CodeCPing):
				err = p.Write(Pong())
			default:
				p.Requests++
				err = p.Write(answer)
			}
			if err != nil {
				return err
			}
		}
	}
}
