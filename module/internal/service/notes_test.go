// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp/ajptest"
)

// TestNotes_Refused: a request that no member may serve has the note of JK_ROUTE, as in mod_jk; one for a worker that nobody has has no duration.
func TestNotes_Refused(t *testing.T) {
	a, b := container(t, ajptest.Serve(whole...)), container(t, ajptest.Serve(whole...))
	e := engine(t, &fakeHost{}, "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a,b\nworker.lb.sticky_session_force=1\n"+worker("a", a)+worker("b", b), "/* lb")
	for _, tt := range []struct {
		name, worker, route, wantRoute string
		want                           int
		timed                          bool
	}{
		{"route that nobody has", "lb", "x", "x", 503, true},
		{"route of the member", "lb", "a", "a", Done, true},
		{"no worker", "nobody", "x", "", 500, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := request(t, e, "GET", "/x")
			r.Worker, r.WorkerName, r.Route = NoWorker, tt.worker, tt.route
			require.Equal(t, tt.want, e.Serve(r))
			require.Equal(t, tt.wantRoute, cString(r.Served.Route[:]))
			require.Equal(t, tt.timed, cString(r.Served.DurationText[:]) != "")
		})
	}
}

// TestNotes_Accessed: a request counts for its member when it begins, as in mod_jk.
func TestNotes_Accessed(t *testing.T) {
	arrived, goOn := make(chan struct{}), make(chan struct{})
	waits := func(*ajptest.Peer) error {
		close(arrived)
		<-goOn
		return nil
	}
	c, err := ajptest.Start("tcp", ajptest.Script{ajptest.ExpectURI("/first"), waits, ajptest.Send(whole...)}, ajptest.Script{ajptest.Serve(whole...)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	e := engine(t, &fakeHost{}, "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a\n"+worker("a", c), "/* lb")
	done := make(chan int)
	go func() { done <- e.Serve(request(t, e, "GET", "/first")) }()
	<-arrived
	r := request(t, e, "GET", "/x")
	require.Equal(t, Done, e.Serve(r))
	const accessed = 1
	require.Equal(t, "2", cString(r.Served.First.Numbers[accessed][:]))
	close(goOn)
	require.Equal(t, Done, <-done)
}
