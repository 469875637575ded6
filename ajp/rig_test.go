// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// call is what the host saw in one Respond, copied.
type call struct {
	flags   uint32
	status  uint32
	reason  string
	headers []ajp.Header
	body    string
}

// host is a web server with a client that sends body and takes everything, until told otherwise.
type host struct {
	body  string
	calls []call
	// reads is how often ReadBody was called.
	reads int
	// ended: a read came back short, late: and another was made ahead.
	ended, late bool
	// readErr is what ReadBody returns once body is used up. nil: the body has ended.
	readErr error
	// cutOff is what ReadBody returns after the body has ended. nil: it has.
	cutOff error
	// refuse is which call of Respond fails, counted from 1, with errRefused.
	refuse int
	// onRespond is called in each Respond.
	onRespond func(n int)
	// onRead is called in each ReadBody, before it answers.
	onRead func()
	// early is how many bytes of body come so early that they can be read ahead.
	early int
	// ahead is how many were read ahead.
	ahead int
}

var (
	errRefused = errors.New("refused")
	errClient  = errors.New("client failed")
)

func (h *host) ReadBody(p []byte, wait bool) (int, error) {
	if !wait {
		h.late = h.late || h.ended
		n := copy(p, h.body[:min(h.early-h.ahead, len(h.body))])
		h.body, h.ahead = h.body[n:], h.ahead+n
		return n, nil
	}
	h.reads++
	if h.onRead != nil {
		h.onRead()
	}
	if h.ended && h.cutOff != nil {
		return 0, h.cutOff
	}
	n := copy(p, h.body)
	h.body = h.body[n:]
	h.ended = n < len(p)
	if n < len(p) && h.readErr != nil {
		return 0, h.readErr
	}
	return n, nil
}

func (h *host) Respond(r *ajp.Response) error {
	c := call{flags: r.Flags, status: r.Status, reason: strings.Clone(r.Reason), body: strings.Clone(strings.Join(r.Body, ""))}
	for _, header := range r.Headers {
		c.headers = append(c.headers, ajp.Header{Name: strings.Clone(header.Name), Value: strings.Clone(header.Value)})
	}
	h.calls = append(h.calls, c)
	if h.onRespond != nil {
		h.onRespond(len(h.calls))
	}
	if len(h.calls) == h.refuse {
		return errRefused
	}
	return nil
}

// flags returns those of each call.
func (h *host) flags() []uint32 {
	var list []uint32
	for _, c := range h.calls {
		list = append(list, c.flags)
	}
	return list
}

// bodies returns all body bytes that came.
func (h *host) bodies() string {
	var b strings.Builder
	for _, c := range h.calls {
		b.WriteString(c.body)
	}
	return b.String()
}

// log is Events that remembers.
type log struct {
	mu sync.Mutex
	// open is how many connections there are, made how many there have been.
	open, made int
	notes      []ajp.Note
}

func (l *log) Connected(delta int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open += delta
	l.made += max(delta, 0)
}

func (l *log) Note(n ajp.Note) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes = append(l.notes, n)
}

// events returns what was noted since the last call.
func (l *log) events() []ajp.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []ajp.Event
	for _, n := range l.notes {
		list = append(list, n.Event)
	}
	l.notes = nil
	return list
}

// rig is a pool and its fake container.
type rig struct {
	*ajptest.Container
	pool *ajp.Pool
	log  *log
	cfg  ajp.Config
}

// newRig starts a container and a pool of four slots; edit may change its settings first.
func newRig(t testing.TB, network string, edit func(*ajp.Config), scripts ...ajptest.Script) *rig {
	t.Helper()
	c, err := ajptest.Start(network, scripts...)
	require.NoError(t, err)
	r := &rig{Container: c, log: &log{}}
	r.cfg = ajp.Config{Address: c.Address(), PoolSize: 4, SocketTimeout: ajptest.Patience}
	if edit != nil {
		edit(&r.cfg)
	}
	r.pool = ajp.NewPool(&r.cfg, r.log)
	t.Cleanup(func() {
		r.pool.Close()
		require.NoError(t, r.Container.Close())
		require.Zero(t, r.pool.Open())
		require.Zero(t, r.log.open)
		require.Zero(t, r.pool.Mapped())
	})
	return r
}

func (r *rig) get(t testing.TB) *ajp.Conn {
	t.Helper()
	c, err := r.pool.Get()
	require.NoError(t, err)
	return c
}

// exchange runs one request on a connection of the pool and gives it back.
func (r *rig) exchange(t testing.TB, req *ajp.ForwardRequest, h *host, o ajp.ExchangeOptions) (kept bool, err error) {
	t.Helper()
	c := r.get(t)
	err = c.Exchange(req, h, &o)
	kept = c.Kept()
	r.pool.Put(c)
	return kept, err
}

func get(uri string) *ajp.ForwardRequest {
	return &ajp.ForwardRequest{Method: "GET", Protocol: "HTTP/1.1", URI: uri, ContentLengthZero: true}
}

func post() *ajp.ForwardRequest {
	return &ajp.ForwardRequest{Method: "POST", Protocol: "HTTP/1.1", URI: "/"}
}

// failure returns the error as a Failure.
func failure(t testing.TB, err error) *ajp.Failure {
	t.Helper()
	var f *ajp.Failure
	require.ErrorAs(t, err, &f)
	return f
}

// eventually waits for something that another goroutine brings about.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(ajptest.Patience); !done(); {
		require.True(t, time.Now().Before(deadline), what)
		runtime.Gosched()
	}
}
