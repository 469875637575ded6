// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package ajptest has a fake container for tests: it accepts connections and runs a script on each, step by step, and it
// can be told to break what it sends at a given message.
package ajptest

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"mod_gojk/ajp"
)

// Patience is how long a step may take before its connection fails. It only ends tests that would hang.
const Patience = 10 * time.Second

// Container is a fake container. Safe for concurrent use.
type Container struct {
	listener net.Listener
	dir      string
	running  sync.WaitGroup

	mu       sync.Mutex
	scripts  []Script
	accepted int
	peers    []*Peer
	errs     []error
}

// Start starts a container on a free port of the loopback interface ("tcp", "tcp6") or on a Unix socket ("unix") in a
// folder of its own. The nth connection runs the nth script, connections beyond that the last one. Call Close.
func Start(network string, scripts ...Script) (*Container, error) {
	address := map[string]string{"tcp": "127.0.0.1:0", "tcp6": "[::1]:0"}[network]
	dir := ""
	if network == "unix" {
		var err error
		if dir, err = os.MkdirTemp("", "ajptest"); err != nil {
			return nil, fmt.Errorf("ajptest: %w", err)
		}
		address = filepath.Join(dir, "socket")
	}
	c, err := StartAt(network, address, scripts...)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	c.dir = dir
	return c, nil
}

// StartAt starts a container at a given address of the loopback interface, or on a given Unix socket.
func StartAt(network, address string, scripts ...Script) (*Container, error) {
	c := &Container{scripts: scripts}
	listener, err := net.Listen(network, address)
	if err != nil {
		return nil, fmt.Errorf("ajptest: %w", err)
	}
	c.listener = listener
	c.running.Add(1)
	go c.accept()
	return c, nil
}

// Address returns where the container listens.
func (c *Container) Address() ajp.Address {
	switch a := c.listener.Addr().(type) {
	case *net.TCPAddr:
		port := a.AddrPort()
		return ajp.Address{IP: netip.AddrPortFrom(port.Addr().Unmap(), port.Port())}
	default:
		return ajp.Address{Path: a.String()}
	}
}

// Accepted returns how many connections there have been.
func (c *Container) Accepted() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.accepted
}

// Close stops listening and closes all connections, waits for the scripts and returns the error of each that failed. A
// script that is cut off by Close has not failed if it was waiting for a request or for the end of the connection.
func (c *Container) Close() error {
	_ = c.listener.Close()
	c.mu.Lock()
	for _, p := range c.peers {
		p.stop()
	}
	c.mu.Unlock()
	return c.finish()
}

// Wait stops listening, waits for all scripts to come to their end, and returns the error of each that failed.
func (c *Container) Wait() error {
	_ = c.listener.Close()
	return c.finish()
}

func (c *Container) finish() error {
	c.running.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dir != "" {
		c.errs = append(c.errs, os.RemoveAll(c.dir))
		c.dir = ""
	}
	return errors.Join(c.errs...)
}

func (c *Container) accept() {
	defer c.running.Done()
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			return
		}
		peer := &Peer{Conn: conn, accepted: conn}
		c.mu.Lock()
		c.peers = append(c.peers, peer)
		n := c.accepted
		c.accepted++
		c.mu.Unlock()
		if len(c.scripts) == 0 {
			_ = conn.Close()
			continue
		}
		c.running.Add(1)
		go c.serve(peer, n)
	}
}

func (c *Container) serve(p *Peer, n int) {
	defer c.running.Done()
	err := c.scripts[min(n, len(c.scripts)-1)].Run(p)
	_ = p.Conn.Close()
	if err != nil && !(p.stopped.Load() && errors.Is(err, ErrGone)) {
		c.mu.Lock()
		c.errs = append(c.errs, fmt.Errorf("ajptest: connection %d: %w", n, err))
		c.mu.Unlock()
	}
}
