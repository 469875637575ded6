// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
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
			test.o.Tap = seen
			_, err := r.exchange(t, req, &host{body: "body"}, test.o)
			if test.failure == 0 {
				require.NoError(t, err)
			} else {
				require.Equal(t, test.failure, failure(t, err).Kind)
			}
			require.Equal(t, test.want, seen.seen)
		})
	}
}

// TestTap_Probes: GetTapped shows the probes of this request.
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
			c, err := r.pool.GetTapped(seen)
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
			c, err = r.pool.GetTapped(seen)
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
		c, err := r.pool.GetTapped(seen)
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
