package main

import (
	"fmt"
	"slices"
	"time"
)

// balanceCases: the sequence in which members are chosen.
func balanceCases() []Case {
	weights := func(factors ...int) string {
		workers := []string{lb("lb", "balance_workers=a,b,c")}
		for i, f := range factors {
			workers = append(workers, member(abc[i], fmt.Sprintf("lbfactor=%d", f)))
		}
		return list("lb", workers...)
	}
	return []Case{
		{Name: "balance/equal", Containers: abc, Workers: weights(1, 1, 1), Config: lbMount, Steps: sequence(10)},
		{Name: "balance/1 2 3", Containers: abc, Workers: weights(1, 2, 3), Config: lbMount, Steps: sequence(19)},
		{Name: "balance/3 1 1", Containers: abc, Workers: weights(3, 1, 1), Config: lbMount, Steps: sequence(12)},
		{Name: "balance/10 5 2", Containers: abc, Workers: weights(10, 5, 2), Config: lbMount, Steps: sequence(34)},
		{Name: "balance/7 1 0 (0 counts as 1)", Containers: abc, Workers: weights(7, 1, 0), Config: lbMount, Steps: sequence(18)},
		{Name: "balance/negative factor", Containers: abc, Workers: weights(2, -3, 1), Config: lbMount, Steps: sequence(8)},
		{
			Name: "balance/members in another order", Containers: abc, Config: lbMount, Steps: sequence(8),
			Workers: list("lb", lb("lb", "balance_workers=c", "balance_workers=a b"), member("a"), member("b", "lbfactor=2"), member("c")),
		},
		{
			Name: "balance/distance", Containers: abc, Config: lbMount, Steps: slices.Concat(sequence(5), distanceSteps()),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a", "distance=1"), member("b", "distance=0"), member("c", "distance=1")),
		},
		{
			Name: "balance/distance and factors", Containers: abc, Config: lbMount, Steps: sequence(9),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a", "lbfactor=1"), member("b", "lbfactor=2"), member("c", "distance=2")),
		},
		{
			Name: "balance/activations", Containers: abc, Config: lbMount, Steps: sequence(6),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a"), member("b", "activation=disabled"), member("c", "activation=active")),
		},
		{
			Name: "balance/nobody active", Containers: abc, Config: lbMount, Steps: sequence(3),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a", "activation=s"), member("b", "activation=d"), member("c", "activation=s")),
		},
		{Name: "balance/sessions count as requests", Containers: abc, Workers: weights(1, 1, 1), Config: lbMount, Steps: sessionMix()},
		{Name: "balance/by request, spelt", Containers: abc, Config: lbMount, Workers: balanced("method=R"), Steps: sequence(4)},
		{Name: "balance/by session", Containers: abc, Config: lbMount, Workers: balanced("method=Session"), Steps: sessionMix()},
		{Name: "balance/by next", Containers: abc, Config: lbMount, Workers: balanced("method=Next"), Steps: sessionMix()},
		{Name: "balance/by traffic", Containers: abc, Config: lbMount, Workers: balanced("method=Traffic"), Steps: trafficSteps()},
		{Name: "balance/by busyness", Containers: abc, Config: lbMount, Workers: balanced("method=Busyness"), Steps: busySteps()},
		{
			Name: "balance/by busyness, factors", Containers: abc, Config: lbMount, Steps: busySteps(),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c", "method=B"), member("a"), member("b", "lbfactor=3"), member("c")),
		},
		{Name: "balance/by request, some busy", Containers: abc, Config: lbMount, Workers: balanced(), Steps: busySteps()},
		{Name: "balance/pessimistic", Containers: abc, Config: lbMount, Workers: balanced("lock=P"), Steps: sequence(5)},
		{Name: "balance/unknown words", Containers: abc, Config: lbMount, Workers: balanced("method=zzz", "lock=zzz", "sticky_session=maybe"), Steps: sequence(5)},
		{Name: "balance/a failed request counts", Containers: abc, Workers: weights(1, 1, 1), Config: lbMount, Steps: failureCounts()},
		{
			Name: "balance/two balancers share members", Containers: abc, Config: "JkMount /1/* one\nJkMount /2/* two\nJkMount /d/* a\n", Steps: sharedSteps(),
			Workers: list("one,two,a", lb("one", "balance_workers=a,b"), lb("two", "balance_workers=b,c"), member("a"), member("b"), member("c")),
		},
		{
			Name: "balance/maintenance halves", Containers: abc, Config: lbMount, Steps: maintenanceSteps(),
			Workers: everyThreeSeconds + weights(1, 2, 3),
		},
		{Name: "balance/recovered member", Containers: abc, Config: lbMount, Steps: recoverySteps(), Workers: everyThreeSeconds + balanced("recover_time=1")},
		{Name: "balance/recovered member, Next", Containers: abc, Config: lbMount, Steps: recoverySteps(), Workers: everyThreeSeconds + balanced("recover_time=1", "method=Next")},
		{Name: "balance/recovered member, Session", Containers: abc, Config: lbMount, Steps: recoverySteps(), Workers: everyThreeSeconds + balanced("recover_time=1", "method=Session")},
		{Name: "balance/after a graceful restart", Containers: abc, Config: lbMount, Workers: weights(1, 2, 3), Steps: restartSteps()},
		{
			Name: "balance/reference", Containers: abc, Config: lbMount, Steps: sequence(6),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), worker("t", "host=127.0.0.1", "lbfactor=2", "retries=1"),
				worker("a", "reference=worker.t", "port={a}"), worker("b", "reference=worker.t", "port={b}", "lbfactor=1"), worker("c", "reference=worker.b", "port={c}")),
		},
		{
			Name: "balance/list of a template", Containers: ab, Config: lbMount, Steps: sequence(4),
			Workers: "t.balance_workers=a\nt.balance_workers=b\n" + list("lb", lb("lb", "reference=t"), member("a"), member("b")),
		},
		{
			Name: "balance/mount of a template", Containers: []string{"a"}, Steps: gets("/x", "/y"),
			Workers: "t.mount=/x\nt.mount=/y\n" + list("a", ajp("a", "reference=t")),
		},
		{
			Name: "balance/statuses of a template", Containers: []string{"a"}, Config: direct, Steps: statusFailures(),
			Workers: "t.fail_on_status=500\nt.fail_on_status=503\n" + list("a", ajp("a", "reference=t", "retries=1")),
		},
	}
}

// sequence is n requests without a session.
func sequence(n int) []Step {
	var steps []Step
	for i := range n {
		steps = append(steps, Step{Name: fmt.Sprintf("request %d", i+1), Send: get("/x")})
	}
	return steps
}

func distanceSteps() []Step {
	return slices.Concat(
		[]Step{{Name: "the near one is down", Before: []Happening{down("b")}, Send: get("/x")}},
		sequence(4),
		[]Step{{Name: "a far one's session", Send: get("/x", "Cookie: JSESSIONID=1.rc")}},
	)
}

// sessionMix mixes requests of sessions with new ones.
func sessionMix() []Step {
	var steps []Step
	for i, cookie := range []string{"", "1.ra", "1.ra", "1.ra", "", "", "1.rb", "", "1", "", "1.rx", "", "1.rc", "1.rc", "", "", ""} {
		headers := []string{}
		if cookie != "" {
			headers = []string{"Cookie: JSESSIONID=" + cookie}
		}
		steps = append(steps, Step{Name: fmt.Sprintf("%d %s", i, cookie), Send: get("/x", headers...)})
	}
	return steps
}

// trafficSteps move different amounts.
func trafficSteps() []Step {
	var steps []Step
	for i, size := range []int{1, 5000, 10, 20000, 1, 1, 8000, 3, 300, 1, 40000, 1, 1, 1} {
		all := a(head(200, "OK"), chunksOf(fill(size), 8184), end())["a"]
		steps = append(steps, Step{Name: fmt.Sprintf("%d: %d bytes", i, size), Send: get("/x"), On: Scripts{"a": all, "b": all, "c": all}, Leftovers: true, AnyFraming: true})
	}
	return steps
}

// busySteps hold some requests while others are chosen.
func busySteps() []Step {
	held := func(name string, at ...string) Step {
		return Step{
			Name: name + " is held", Begin: name, Send: get("/"+name, "Cookie: JSESSIONID=1.r"+at[0]),
			On: on(at[0], hold(name), head(200, "OK"), chunk(name), end()),
		}
	}
	return slices.Concat(
		[]Step{held("first", "a")}, sequence(4),
		[]Step{held("second", "b")}, sequence(4),
		[]Step{held("third", "b")}, sequence(4),
		[]Step{{Name: "second ends", Finish: "second"}}, sequence(3),
		[]Step{{Name: "first ends", Finish: "first"}, {Name: "third ends", Finish: "third"}}, sequence(4),
	)
}

func failureCounts() []Step {
	return slices.Concat(sequence(2),
		[]Step{{Name: "c fails once", Send: get("/x"), On: on("c", closes())}},
		sequence(4),
		[]Step{{Name: "b answers 503", Send: get("/x"), On: on("b", head(503, ""), end()), Leftovers: true}},
		sequence(4),
	)
}

func sharedSteps() []Step {
	var steps []Step
	for i, path := range []string{"/1/", "/2/", "/1/", "/1/", "/2/", "/2/", "/d/", "/1/", "/2/"} {
		steps = append(steps, Step{Name: fmt.Sprintf("%d %s", i, path), Send: get(path)})
	}
	return append(steps,
		Step{Name: "b down, seen by one", Before: []Happening{down("b")}, Send: get("/1/", "Cookie: JSESSIONID=1.rb")},
		Step{Name: "one", Send: get("/1/")},
		Step{Name: "two does not know", Send: get("/2/", "Cookie: JSESSIONID=1.rb")},
		Step{Name: "two", Send: get("/2/")},
	)
}

// everyThreeSeconds is long enough for a sequence of requests without maintenance in the middle. anInterval is longer, as mod_jk
// counts whole seconds.
const (
	everyThreeSeconds = "worker.maintain=3\n"
	anInterval        = 4100 * time.Millisecond
)

func maintenanceSteps() []Step {
	pause := func(name string) []Step {
		return []Step{{Name: name, Before: []Happening{pass(anInterval)}, Send: get("/x")}}
	}
	return slices.Concat(sequence(7), pause("after maintenance"), sequence(8))
}

func recoverySteps() []Step {
	return slices.Concat(
		sequence(4),
		[]Step{{Name: "a down", Before: []Happening{down("a")}, Send: get("/x", "Cookie: JSESSIONID=1.ra")}}, sequence(4),
		[]Step{{Name: "a up, still in error", Before: []Happening{up("a")}, Send: get("/x", "Cookie: JSESSIONID=1.ra")}},
		[]Step{{Name: "maintenance looks at it", Before: []Happening{pass(anInterval)}, Send: get("/x", "Cookie: JSESSIONID=1.rb")}},
		[]Step{{Name: "a is asked again", Send: get("/x", "Cookie: JSESSIONID=1.ra")}}, sequence(6),
	)
}

func restartSteps() []Step {
	return slices.Concat(sequence(4), []Step{{Name: "restarted", Before: []Happening{graceful()}, Send: get("/x")}}, sequence(5))
}
