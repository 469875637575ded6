// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp/ajptest"
	"mod_gojk/balancer"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/registry"
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
			r.Worker, r.WorkerName, r.Environment = NoWorker, tt.worker, pairs("JK_ROUTE", tt.route)
			require.Equal(t, tt.want, e.Serve(r))
			require.Equal(t, tt.wantRoute, r.Served.get("JK_WORKER_ROUTE"))
			require.Equal(t, tt.timed, r.Served.get("JK_REQUEST_DURATION") != "")
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
	require.Equal(t, "2", r.Served.get("JK_LB_FIRST_ACCESSED"))
	close(goOn)
	require.Equal(t, Done, <-done)
}

// get returns the value of a note; "" if there is none.
func (s *Served) get(name string) string {
	texts := strings.Split(string(s.Notes[:s.Used]), "\x00")
	for i := 0; i+1 < len(texts); i += 2 {
		if texts[i] == name {
			return texts[i+1]
		}
	}
	return ""
}

// TestServed_Longest: all notes at their longest have room, and the route is where it is said to be.
func TestServed_Longest(t *testing.T) {
	name := strings.Repeat("n", NameMax)
	n := balancer.Note{Value: math.MaxUint64, Accessed: math.MaxUint64, Sessions: math.MaxUint64, Read: math.MaxUint64, Transferred: math.MaxUint64, Errors: math.MaxUint64, Busy: math.MaxInt64, State: balancer.Probe}
	s := new(Served)
	s.noteType(config.TypeStatus)
	s.noteRoute(name)
	s.noteMembers([]*registry.Worker{{Worker: &config.Worker{Name: name}}}, &balancer.Result{Attempts: 2, First: n, Last: n})
	s.noteDuration(math.MaxInt64)
	require.Equal(t, "status", s.get("JK_WORKER_TYPE"))
	require.Equal(t, name, cString(s.Notes[s.Route:]))
	for _, which := range []string{"JK_LB_FIRST_", "JK_LB_LAST_"} {
		require.Equal(t, name, s.get(which+"NAME"))
		require.Equal(t, "18446744073709551615", s.get(which+"ERRORS"))
		require.Equal(t, "9223372036854775807", s.get(which+"BUSY"))
		require.Equal(t, "ERR/PRB", s.get(which+"STATE"))
	}
	require.Equal(t, "9223372036.854775", s.get("JK_REQUEST_DURATION"))
}

// TestServed_LongRoute: JK_ROUTE is as long as somebody sets it; the note is cut, and all others have their room.
func TestServed_LongRoute(t *testing.T) {
	for _, length := range []int{NameMax, NameMax + 1, notesRoom - 20, 10 * notesRoom} {
		s := new(Served)
		s.noteRoute(strings.Repeat("r", length))
		s.noteDuration(time.Second)
		require.Equal(t, strings.Repeat("r", NameMax), s.get("JK_WORKER_ROUTE"), length)
		require.Equal(t, s.get("JK_WORKER_ROUTE"), cString(s.Notes[s.Route:]))
		require.Equal(t, "1.000000", s.get("JK_REQUEST_DURATION"))
	}
}

// TestServed_TwoMembers: the first and the last one have their own numbers.
func TestServed_TwoMembers(t *testing.T) {
	members := []*registry.Worker{{Worker: &config.Worker{Name: "a"}}, {Worker: &config.Worker{Name: "b"}}}
	for _, tt := range []struct {
		name   string
		result balancer.Result
		want   [4]string // name and errors of the first, then of the last
	}{
		{"one attempt", balancer.Result{Attempts: 1, First: balancer.Note{Member: 1, Errors: 7}, Last: balancer.Note{Member: 1, Errors: 7}}, [4]string{"b", "7", "b", "7"}},
		{"two members", balancer.Result{Attempts: 2, First: balancer.Note{Member: 0, Errors: 1}, Last: balancer.Note{Member: 1, Errors: 2}}, [4]string{"a", "1", "b", "2"}},
		{"no last one", balancer.Result{Attempts: 1, First: balancer.Note{Member: 0, Errors: 1}, Last: balancer.Note{Member: -1}}, [4]string{"a", "1", "", ""}},
		{"none", balancer.Result{First: balancer.Note{Member: -1}, Last: balancer.Note{Member: -1}}, [4]string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := new(Served)
			s.noteMembers(members, &tt.result)
			got := [4]string{s.get("JK_LB_FIRST_NAME"), s.get("JK_LB_FIRST_ERRORS"), s.get("JK_LB_LAST_NAME"), s.get("JK_LB_LAST_ERRORS")}
			require.Equal(t, tt.want, got)
		})
	}
}
