// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// tap remembers what it has seen: "> " and "< " with the packet, "| " for body data to the container.
type tap struct{ seen []string }

func (t *tap) Sends(packet []byte, data bool) {
	mark := "> "
	if data {
		mark = "| "
	}
	t.seen = append(t.seen, mark+string(packet))
}

func (t *tap) Received(packet []byte) { t.seen = append(t.seen, "< "+string(packet)) }

// joined is what has been received.
func (t *tap) joined() string {
	var b strings.Builder
	for _, s := range t.seen {
		if packet, ok := strings.CutPrefix(s, "< "); ok {
			b.WriteString(packet)
		}
	}
	return b.String()
}

const (
	cping = "> \x12\x34\x00\x01\x0a"
	cpong = "< \x41\x42\x00\x01\x09"
)

// TestTap_Exchange: every packet of an exchange is seen, each as it is on the wire, in order.
func TestTap_Exchange(t *testing.T) {
	req := post()
	head, err := req.Append(nil)
	require.NoError(t, err)
	tests := []struct {
		name    string
		o       ajp.ExchangeOptions
		script  []ajptest.Step
		want    []string
		failure ajp.Kind
	}{
		{
			"no body", ajp.ExchangeOptions{}, []ajptest.Step{ajptest.Send(okHead, ajptest.Chunk("hello"), end)},
			[]string{"> " + string(head), "< " + string(okHead), "< " + string(ajptest.Chunk("hello")), "< " + string(end)}, 0,
		},
		{
			"body", ajp.ExchangeOptions{FirstChunk: []byte("first"), BodyRest: 4},
			[]ajptest.Step{ajptest.ExpectBody("first"), ajptest.Send(ajptest.Get(10)), ajptest.ExpectBody("body"), ajptest.Send(ajptest.Get(10)), ajptest.ExpectBodyEnd(), ajptest.Send(okHead, end)},
			[]string{
				"> " + string(head), "| \x12\x34\x00\x07\x00\x05first", "< " + string(ajptest.Get(10)), "| \x12\x34\x00\x06\x00\x04body",
				"< " + string(ajptest.Get(10)), "| \x12\x34\x00\x00", "< " + string(okHead), "< " + string(end),
			}, 0,
		},
		{
			"not AJP", ajp.ExchangeOptions{}, []ajptest.Step{ajptest.Send([]byte("HTTP/1.1 400 Bad"))},
			[]string{"> " + string(head), "< HTTP/1.1 400 Bad"}, ajp.KindFraming,
		},
		{
			"cut in a packet", ajp.ExchangeOptions{}, []ajptest.Step{ajptest.Send(okHead, okHead[:7])},
			[]string{"> " + string(head), "< " + string(okHead), "< " + string(okHead[:7])}, ajp.KindFraming,
		},
		{"closed", ajp.ExchangeOptions{}, nil, []string{"> " + string(head)}, ajp.KindClosed},
		{
			"bytes behind the end are nobody's", ajp.ExchangeOptions{}, []ajptest.Step{ajptest.Send(okHead, end, []byte("another's"))},
			[]string{"> " + string(head), "< " + string(okHead), "< " + string(end)}, 0,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			script := append(ajptest.Script{ajptest.ExpectURI("/")}, test.script...)
			r := newRig(t, "tcp", nil, script)
			seen := &tap{}
			c, err := r.pool.GetFor(ajp.Caller{Tap: seen})
			require.NoError(t, err)
			err = c.Exchange(req, &host{body: "body"}, &test.o)
			r.pool.Put(c)
			if test.failure == 0 {
				require.NoError(t, err)
			} else {
				require.Equal(t, test.failure, failure(t, err).Kind)
			}
			require.Equal(t, test.want, seen.seen)
		})
	}
}

// TestTap_Probes: GetFor shows the probes of this request.
func TestTap_Probes(t *testing.T) {
	tests := []struct {
		name   string
		answer ajptest.Step
		want   []string
		fails  bool
	}{
		{"answered", ajptest.Serve(okHead, end), []string{cping, cpong}, false},
		{"another answer", ajptest.Send(end), []string{cping, "< " + string(end[:6])}, true},
		{"more than the answer", ajptest.Send(ajptest.Pong(), end), []string{cping, cpong + string(end[:1])}, true},
		{"no answer", ajptest.ExpectPing(), []string{cping}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, "tcp", func(c *ajp.Config) { c.PrepostPing = ajptest.Patience }, ajptest.Script{test.answer})
			seen := &tap{}
			c, err := r.pool.GetFor(ajp.Caller{Tap: seen})
			require.Equal(t, test.fails, err != nil, "%v", err)
			require.Equal(t, test.want, seen.seen)
			if test.fails {
				return
			}
			require.Zero(t, c.Exchanges())
			require.Equal(t, "127.0.0.1", c.Local().IP.Addr().String())
			require.NoError(t, c.Exchange(get("/"), &host{}, &ajp.ExchangeOptions{}))
			require.Equal(t, uint64(1), c.Exchanges())
			r.pool.Put(c)
			seen.seen = nil
			c, err = r.pool.GetFor(ajp.Caller{Tap: seen})
			require.NoError(t, err)
			require.Equal(t, []string{cping, cpong}, seen.seen, "on an idle connection, too")
			require.Equal(t, uint64(1), c.Exchanges())
			r.pool.Put(c)
		})
	}
}

// TestTap_WhileWaiting: whoever had to wait for a connection sees its probe.
func TestTap_WhileWaiting(t *testing.T) {
	r := newRig(t, "tcp", func(c *ajp.Config) {
		c.PoolSize, c.PrepostPing, c.AcquireTimeout = 1, ajptest.Patience, ajptest.Patience
	}, ajptest.Script{ajptest.Serve(okHead, end)})
	first := r.get(t)
	seen := &tap{}
	done := make(chan error)
	go func() {
		c, err := r.pool.GetFor(ajp.Caller{Tap: seen})
		if err == nil {
			r.pool.Put(c)
		}
		done <- err
	}()
	eventually(t, "the second Get to wait", func() bool { return r.pool.Waiting() == 1 })
	r.pool.Put(first)
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(ajptest.Patience):
		require.Fail(t, "waited in vain")
	}
	require.Equal(t, []string{cping, cpong}, seen.seen)
}

// TestLocal_Unix: a connection to a Unix socket has no address.
func TestLocal_Unix(t *testing.T) {
	r := newRig(t, "unix", nil, ajptest.Script{ajptest.Serve(okHead, end)})
	c := r.get(t)
	require.Equal(t, "none", c.Local().String())
	r.pool.Put(c)
}

// TestNote_Label: what becomes of a connection is said under the name of whoever has it.
func TestNote_Label(t *testing.T) {
	r := newRig(t, "tcp", func(c *ajp.Config) { c.PoolSize, c.IdleTimeout = 1, time.Minute }, ajptest.Script{ajptest.ExpectURI("/")}, ajptest.Script{ajptest.Serve(okHead, end)})
	labels := func() (list []string) {
		for _, n := range r.log.notes {
			list = append(list, n.Event.String()+" "+n.Label)
		}
		r.log.notes = nil
		return list
	}
	use := func(label string) {
		c, err := r.pool.GetFor(ajp.Caller{Label: label})
		require.NoError(t, err)
		_ = c.Exchange(get("/"), &host{}, &ajp.ExchangeOptions{})
		r.pool.Put(c)
	}
	use("first")
	require.Equal(t, []string{"incomplete first"}, labels())
	use("second")
	r.pool.Maintain(time.Now().Add(time.Hour), "maintenance")
	require.Equal(t, []string{"idle maintenance"}, labels())
	use("third")
	moved := r.cfg
	moved.KeepAlive = true
	r.pool.SetConfig(&moved)
	require.Equal(t, []string{"moved "}, labels())
	use("fourth")
	r.cfg.Source = netip.MustParseAddr("192.0.2.1")
	r.pool.SetConfig(&r.cfg)
	labels()
	use("fifth")
	require.Equal(t, []string{"bind failed fifth"}, labels())
}

// TestNote_LabelOfWhoFindsIt: a request that finds an idle connection closed says so.
func TestNote_LabelOfWhoFindsIt(t *testing.T) {
	r := newRig(t, "tcp", nil, ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(okHead, end)}, ajptest.Script{ajptest.Serve(okHead, end)})
	for _, label := range []string{"first", "second"} {
		c, err := r.pool.GetFor(ajp.Caller{Label: label})
		require.NoError(t, err)
		require.NoError(t, c.Exchange(get("/"), &host{}, &ajp.ExchangeOptions{}))
		r.pool.Put(c)
		if label == "first" {
			waitForHangUp(t, c)
		}
	}
	require.Len(t, r.log.notes, 2)
	for i, event := range []ajp.Event{ajp.EventClosed, ajp.EventNoneUsable} {
		require.Equal(t, event, r.log.notes[i].Event)
		require.Equal(t, "second", r.log.notes[i].Label)
	}
}
