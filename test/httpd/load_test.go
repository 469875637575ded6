// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"mod_gojk/test/harness"
)

// load is clients that send one request after the other, each on a new connection: nothing is lost because httpd closes a connection that waits.
type load struct {
	done    atomic.Int64
	stopped chan struct{}
	clients sync.WaitGroup

	mu       sync.Mutex
	failures []string
}

// startLoad begins. Every response must be complete, have status 200, and be the name of a container.
func (s *site) startLoad(clients int, path string) *load {
	l := &load{stopped: make(chan struct{})}
	for range clients {
		l.clients.Go(func() {
			for {
				select {
				case <-l.stopped:
					return
				default:
					l.one(s, path)
				}
			}
		})
	}
	return l
}

func (l *load) one(s *site, path string) {
	if failure := s.try(path); failure != "" {
		l.mu.Lock()
		l.failures = append(l.failures, failure)
		l.mu.Unlock()
	}
	l.done.Add(1)
}

// try makes one request and returns what is wrong with the response; empty: nothing.
func (s *site) try(path string) string {
	c, err := harness.Dial(s.Addr())
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	if err := c.Send(request("GET", path)); err != nil {
		return err.Error()
	}
	r := c.ReadResponse("GET", patience)
	if r.End != harness.EndComplete || r.Status != 200 || s.container[string(r.Body)] == nil {
		return fmt.Sprintf("%s, %q, %q", r.End, r.StatusLine, r.Body[:min(len(r.Body), 80)])
	}
	return ""
}

// awaitMore waits for n more requests.
func (l *load) awaitMore(t testing.TB, n int64) {
	t.Helper()
	want := l.done.Load() + n
	await(t, fmt.Sprintf("%d more requests", n), func() bool { return l.done.Load() >= want })
}

// stop ends the load and returns how many requests there were, and what was wrong with those that failed.
func (l *load) stop() (requests int64, failures []string) {
	close(l.stopped)
	l.clients.Wait()
	return l.done.Load(), l.failures
}
