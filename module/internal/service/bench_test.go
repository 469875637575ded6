// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// countingHost takes responses and keeps nothing; a client's body is all there.
type countingHost struct{ fakeHost }

func (h *countingHost) Respond(*Request, *ajp.Response) error { return nil }

func (h *countingHost) ReadBody(_ *Request, buf []byte, _ bool) (int, error) { return len(buf), nil }

// TestServe_AllocatesNothing: the request path through a balancer, from the mapping to the last byte.
func TestServe_AllocatesNothing(t *testing.T) {
	if raceEnabled {
		return // the race detector allocates; the same code is measured without it
	}
	for name, serve := range map[string]func(){"small GET": smallGET(t), "POST": post(t, 100_000)} {
		serve()
		require.Zero(t, testing.AllocsPerRun(200, serve), name)
	}
}

// BenchmarkServe is one request as the shim hands it over, the fake container and its goroutine included.
func BenchmarkServe(b *testing.B) {
	for _, bench := range []struct {
		name  string
		serve func()
	}{
		{"SmallGET", smallGET(b)},
		{"GET64K", largeGET(b)},
		{"POST100K", post(b, 100_000)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.serve()
			}
		})
	}
}

func smallGET(t testing.TB) func() {
	return served(t, ajptest.Serve(head, ajptest.Chunk(strings.Repeat("x", 128)), ajptest.End(true)), func(*Request) {})
}

func largeGET(t testing.TB) func() {
	answer := [][]byte{head}
	for range 8 {
		answer = append(answer, ajptest.Chunk(strings.Repeat("x", 8000)))
	}
	return served(t, ajptest.Serve(append(answer, ajptest.End(true))...), func(*Request) {})
}

// post uploads size bytes, for which the container asks packet by packet.
func post(t testing.TB, size int) func() {
	const full = 8186
	ask, answer := ajptest.Get(full), slices.Concat(head, ajptest.End(true))
	script := func(p *ajptest.Peer) error {
		before := func(packet int) (err error) {
			if packet > 0 {
				return p.Write(ask)
			}
			_, err = p.ReadPacket() // behind the request the first packet comes unasked
			return err
		}
		for {
			for packet := 0; packet*full < size; packet++ {
				if err := before(packet); err != nil {
					return err
				}
				if _, err := p.ReadPacket(); err != nil {
					return err
				}
			}
			if err := p.Write(answer); err != nil {
				return err
			}
		}
	}
	return served(t, script, func(r *Request) { r.Method, r.ContentLength = "POST", int64(size) })
}

// served returns a function that serves one request through a balancer with two members.
func served(t testing.TB, script ajptest.Step, change func(*Request)) func() {
	a, b := container(t, script), container(t, script)
	e := engine(t, &countingHost{}, "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a,b\n"+worker("a", a)+worker("b", b), "/app/* lb")
	template := *request(t, e, "GET", "/app/index.jsp")
	template.Headers = append(template.Headers, ajp.Header{Name: "Cookie", Value: "JSESSIONID=0123456789ABCDEF.a"}, ajp.Header{Name: "User-Agent", Value: "bench"})
	change(&template)
	r := new(Request)
	room := make([]byte, 64)
	q := &MapQuery{URI: "/app/index.jsp", Normalised: &room[0]}
	return func() {
		*r = template
		if e.Map(q) != MapHit || e.Serve(r) != Done {
			panic("not served")
		}
	}
}
