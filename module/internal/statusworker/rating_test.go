// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
)

func TestRating_Defaults(t *testing.T) {
	r := newRatings(&config.Status{Good: []string{"a.o", "a.i", "a.b", "a.r"}, Bad: []string{"s", "e"}})
	want := map[balancer.Activation][shm.MemberStates]Rating{
		//                  idle      OK        rec       frc       busy      err  prb
		balancer.Active:   {Good, Good, Good, Good, Good, Bad, Good},
		balancer.Disabled: {Degraded, Degraded, Degraded, Degraded, Degraded, Bad, Degraded},
		balancer.Stopped:  {Bad, Bad, Bad, Bad, Bad, Bad, Bad},
	}
	for a, states := range want {
		for s, rating := range states {
			require.Equal(t, rating, r.rate(a, balancer.State(s)), "%v %v", a, balancer.State(s))
		}
	}
}

func TestRating_Lists(t *testing.T) {
	tests := []struct {
		name      string
		good, bad []string
		a         balancer.Activation
		s         balancer.State
		want      Rating
	}{
		{"nothing listed", nil, nil, balancer.Active, balancer.OK, Degraded},
		{"activation alone", []string{"d"}, nil, balancer.Disabled, balancer.Error, Good},
		{"state alone", []string{"o"}, nil, balancer.Stopped, balancer.OK, Good},
		{"state alone, other state", []string{"o"}, nil, balancer.Stopped, balancer.Idle, Degraded},
		{"both must hold", []string{"a.o"}, nil, balancer.Disabled, balancer.OK, Degraded},
		{"in any order", []string{"o.a"}, nil, balancer.Active, balancer.OK, Good},
		{"only first letters count", []string{"Active.Okay"}, nil, balancer.Active, balancer.OK, Good},
		{"idle by i", []string{"I"}, nil, balancer.Active, balancer.Idle, Good},
		{"idle by n", []string{"none"}, nil, balancer.Active, balancer.Idle, Good},
		{"busy", nil, []string{"B"}, balancer.Active, balancer.Busy, Bad},
		{"r is recovering", nil, []string{"r"}, balancer.Active, balancer.Recover, Bad},
		{"r is forced", nil, []string{"r"}, balancer.Active, balancer.Force, Bad},
		{"r is probing", nil, []string{"r"}, balancer.Active, balancer.Probe, Bad},
		{"bad wins", []string{"a"}, []string{"o"}, balancer.Active, balancer.OK, Bad},
		{"a contradiction never holds", []string{"a.d"}, nil, balancer.Active, balancer.OK, Degraded},
		{"an unknown letter does not count", []string{"a.x", "x", ""}, nil, balancer.Active, balancer.OK, Degraded},
		{"an unknown letter leaves the others", []string{"x", "a"}, nil, balancer.Active, balancer.OK, Good},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, newRatings(&config.Status{Good: test.good, Bad: test.bad}).rate(test.a, test.s))
		})
	}
}

func TestRating_Warnings(t *testing.T) {
	require.Empty(t, ratingWarnings("jk", &config.Status{Good: []string{"a.o", "a.i", "a.b", "a.r"}, Bad: []string{"s", "e"}}))
	got := ratingWarnings("jk", &config.Status{Good: []string{"a", "q"}, Bad: []string{"a.", "e"}})
	require.Len(t, got, 3)
	require.Contains(t, got[0], "Status worker 'jk': rating 'q' is ignored")
	require.Contains(t, got[1], "rating 'a.' is ignored")
	require.Contains(t, got[2], "Status worker 'jk' has non empty intersection")
}

func TestRating_Counted(t *testing.T) {
	w := newBusyWorld(t)
	page := w.get("cmd=show&w=shop")
	has(t, page, "<dt>Good</dt><dd>3</dd>", "<dt>Degraded</dt><dd>1</dd>", "<dt>Bad/Stopped</dt><dd>1</dd>")
	w.status("jkstatus").Good, w.status("jkstatus").Bad = []string{"d"}, []string{"a.o"}
	page = w.get("cmd=show&w=shop&sw=shop-01.eu")
	has(t, page, "<dt>Good</dt><dd>1</dd>", "<dt>Degraded</dt><dd>2</dd>", "<dt>Bad/Stopped</dt><dd>2</dd>")
}

func TestLogWarnings(t *testing.T) {
	w := newWorld(t)
	log := w.request("jkstatus", "").Log
	LogWarnings(w.snapshot, log)
	require.Empty(t, w.logged())
	w.status("jkread").Good = []string{"q"}
	LogWarnings(w.snapshot, log)
	require.Regexp(t, `\[CHILD_INIT\] \[\d+:\d+\] \[warn\] .*Status worker 'jkread': rating 'q' is ignored.* id=GOJK4011\n$`, w.logged())
}
