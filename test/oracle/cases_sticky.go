package main

import (
	"fmt"
	"slices"
	"strings"
)

var abc = []string{"a", "b", "c"}

// lbMount mounts the balancer on everything.
const lbMount = "JkMount /* lb\n"

// balanced is a balancer over a, b and c, whose routes are ra, rb and rc, with further properties of the balancer.
func balanced(properties ...string) string {
	return list("lb", lb("lb", append([]string{"balance_workers=a,b,c"}, properties...)...), member("a"), member("b"), member("c"))
}

// member is a worker with the route "r" + name and one try.
func member(name string, properties ...string) string {
	return ajp(name, append([]string{"route=r" + name, "retries=1"}, properties...)...)
}

// stickyCases: which member a session goes to.
func stickyCases() []Case {
	return []Case{
		{Name: "sticky/routes", Containers: abc, Workers: balanced(), Config: lbMount, Steps: slices.Concat(cookieSteps(), pathSteps())},
		{Name: "sticky/several cookies", Containers: abc, Workers: balanced(), Config: lbMount, Steps: severalSteps()},
		{Name: "sticky/path parameter is forwarded", Containers: abc, Workers: balanced(), Config: lbMount + "JkOptions +ForwardURICompatUnparsed\n", Steps: pathSteps()},
		{Name: "sticky/off", Containers: abc, Workers: balanced("sticky_session=false"), Config: lbMount, Steps: sessionSteps()},
		{Name: "sticky/other names", Containers: abc, Workers: balanced("session_cookie=SID", "session_path=;sid"), Config: lbMount, Steps: []Step{
			{Name: "cookie", Send: get("/x", "Cookie: SID=1.rc")},
			{Name: "the usual cookie", Send: get("/x", "Cookie: JSESSIONID=1.rc")},
			{Name: "path", Send: get("/x;sid=1.rc")},
			{Name: "the usual path", Send: get("/x;jsessionid=1.rc")},
			{Name: "path and cookie", Send: get("/x;sid=1.rb", "Cookie: SID=1.rc")},
			{Name: "path without the semicolon", Send: get("/sid=1.rc")},
		}},
		{
			Name: "sticky/default route is the name", Containers: abc, Config: lbMount,
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), ajp("a"), ajp("b"), ajp("c")), Steps: []Step{
				{Name: "name", Send: get("/x", "Cookie: JSESSIONID=1.c")},
				{Name: "again", Send: get("/x", "Cookie: JSESSIONID=1.c")},
				{Name: "in capitals", Send: get("/x", "Cookie: JSESSIONID=1.C")},
			},
		},
		{Name: "sticky/member in error", Containers: abc, Workers: balanced(), Config: lbMount, Steps: errorSteps()},
		{Name: "sticky/force", Containers: abc, Workers: balanced("sticky_session_force=true"), Config: lbMount, Steps: slices.Concat(sessionSteps(), errorSteps())},
		{Name: "sticky/force, off", Containers: abc, Workers: balanced("sticky_session_force=true", "sticky_session=false"), Config: lbMount, Steps: sessionSteps()},
		{
			Name: "sticky/disabled and stopped", Containers: abc, Config: lbMount, Steps: sessionSteps(),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a"), member("b", "activation=disabled"), member("c", "activation=stopped")),
		},
		{
			Name: "sticky/disabled and stopped, force", Containers: abc, Config: lbMount, Steps: sessionSteps(),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c", "sticky_session_force=1"), member("a"), member("b", "activation=D"), member("c", "activation=s")),
		},
		{
			Name: "sticky/disabled and stopped, old words", Containers: abc, Config: lbMount, Steps: sessionSteps(),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a"), member("b", "disabled=true"), member("c", "stopped=1")),
		},
		{
			Name: "sticky/redirect", Containers: abc, Config: lbMount, Steps: errorSteps(),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a", "redirect=rc"), member("b", "redirect=ra"), member("c")),
		},
		{
			Name: "sticky/redirect to a disabled member", Containers: abc, Config: lbMount, Steps: errorSteps(),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a", "redirect=rc"), member("b", "redirect=rc"), member("c", "activation=disabled")),
		},
		{
			Name: "sticky/redirect to a stopped member", Containers: abc, Config: lbMount, Steps: errorSteps(),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a", "redirect=rc"), member("b"), member("c", "activation=stopped")),
		},
		{
			Name: "sticky/redirect to nobody", Containers: abc, Config: lbMount, Steps: errorSteps(),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a", "redirect=rx"), member("b"), member("c")),
		},
		{
			Name: "sticky/hot standby", Containers: abc, Config: lbMount, Steps: standbySteps(),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a", "redirect=rc"), member("b", "redirect=rc"), member("c", "activation=disabled")),
		},
		{
			Name: "sticky/domain", Containers: abc, Config: lbMount, Steps: garbledRoute(slices.Concat(domainSteps(), errorSteps()), "d1", "d2", "d1.x", "d1.ra", "d2.ra",
				"a's session, a down", "a's session, a in error", "a's session, a up again, still in error", "a's session, two in error", "c's session, c down"),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a", "domain=d1"), member("b", "domain=d2"), member("c", "domain=d1")),
		},
		{
			Name: "sticky/domain in the route", Containers: abc, Config: lbMount, Steps: garbledRoute(dottedSteps(), "d1", "d1.unknown", "d2", "a down", "a in error"),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), ajp("a", "route=d1.x", "retries=1"), ajp("b", "route=d2.y", "retries=1"), ajp("c", "route=d1.z", "retries=1")),
		},
		{
			Name: "sticky/domain, force", Containers: abc, Config: lbMount, Steps: garbledRoute(slices.Concat(domainSteps(), errorSteps()), "d1", "d2", "d1.x", "d1.ra", "d2.ra"),
			Workers: list("lb", lb("lb", "balance_workers=a,b,c", "sticky_session_force=yes"), member("a", "domain=d1"), member("b", "domain=d2"), member("c", "domain=d1")),
		},
		{Name: "sticky/set_session_cookie", Containers: abc, Config: lbMount, Workers: balanced("set_session_cookie=true"), Steps: slices.Concat(sessionSteps(), errorSteps()[:3])},
		{
			Name: "sticky/set_session_cookie with name and path", Containers: abc, Config: lbMount,
			Workers: balanced("set_session_cookie=true", "session_cookie=SID", "session_cookie_path=/app"), Steps: sessionSteps(),
		},
		{Name: "sticky/one member", Containers: abc, Config: lbMount, Steps: sessionSteps(), Workers: list("lb", lb("lb", "balance_workers=a", "set_session_cookie=1"), member("a"))},
		{Name: "sticky/one disabled member", Containers: abc, Config: lbMount, Steps: sessionSteps(), Workers: list("lb", lb("lb", "balance_workers=a"), member("a", "activation=disabled"))},
		{Name: "sticky/one stopped member", Containers: abc, Config: lbMount, Steps: sessionSteps(), Workers: list("lb", lb("lb", "balance_workers=a"), member("a", "activation=stopped"))},
		{
			Name: "sticky/rule extensions", Containers: abc, Workers: balanced(), Steps: ruleSteps(),
			Config: "JkMount /plain lb\nJkMount /ignore lb;sticky_ignore=1\nJkMount /disabled lb;disabled=b,c\nJkMount /stopped lb;stopped=a,b\nJkMount /active lb;active=a\n" +
				"JkMount /cookie lb;session_cookie=SID\nJkMount /path lb;session_path=sid\nJkMount /set lb;set_session_cookie=1\nJkMount /stateless lb;stateless=1\n",
		},
	}
}

// cookieSteps are sessions in cookies, good and odd.
func cookieSteps() []Step {
	var steps []Step
	for _, cookie := range []string{
		"JSESSIONID=1.rb", "JSESSIONID=1.rc", "JSESSIONID=1.ra", "JSESSIONID=1.rx", "JSESSIONID=1.", "JSESSIONID=1", "JSESSIONID=", "JSESSIONID=.rb", "JSESSIONID",
		"JSESSIONID=\"1.rb\"", "JSESSIONID=\"1.rb", "JSESSIONID = 1.rb", "JSESSIONID= 1.rb", "x=1; JSESSIONID=1.rb", "x=1;JSESSIONID=1.rb;y=2", "x=1, JSESSIONID=1.rb",
		"XJSESSIONID=1.rb", "JSESSIONIDX=1.rb", "jsessionid=1.rb", "JSESSIONID=1.RB", "JSESSIONID=1.rb ",

		"JSESSIONID=1.rb.rc", "JSESSIONID=a.b.rb", "JSESSIONID=1.rb!rc", "x=\"JSESSIONID=1.rb\"", "$Version=1; JSESSIONID=1.rb; $Path=/",
		"JSESSIONID=" + fill(100) + ".rb", "JSESSIONID=1." + fill(100), "JSESSIONID=1.rb%20", "a b JSESSIONID=1.rb",
	} {
		steps = append(steps, Step{Name: trimmed(cookie), Send: get("/x", "Cookie: "+cookie)})
	}
	return append(steps,
		Step{Name: "cookie header in lower case", Send: get("/x", "cookie: JSESSIONID=1.rb")},
		Step{Name: "Cookie2", Send: get("/x", "Cookie2: JSESSIONID=1.rb")},
		Step{Name: "POST", Send: post("/x", "body", "Cookie: JSESSIONID=1.rb")},
		Step{Name: "cookie and path agree", Send: get("/x;jsessionid=1.rb", "Cookie: JSESSIONID=1.rb")},
		Step{Name: "the path wins", Send: get("/x;jsessionid=1.rb", "Cookie: JSESSIONID=1.rc")},
		Step{Name: "no route in the path", Send: get("/x;jsessionid=1", "Cookie: JSESSIONID=1.rc")},
	)
}

// severalSteps are requests with several session cookies. Each has a member: what mod_jk 1.2.48 does with a session that has
// none, after one of these on the same thread, depends on what it finds in its memory.
func severalSteps() []Step {
	var steps []Step
	for _, cookie := range []string{
		"JSESSIONID=1.rx; JSESSIONID=1.rc", "JSESSIONID=1.rc; JSESSIONID=1.rb", "JSESSIONID=1; JSESSIONID=1.rb", "JSESSIONID=; JSESSIONID=1.rb",
		"JSESSIONID=1.rb,JSESSIONID=1.rc", "JSESSIONID=1.rb; JSESSIONID=\"1.rc\"", "JSESSIONID=\"1.rx\"; JSESSIONID=\"1.rc\"", "JSESSIONID=1.rx; x=1; JSESSIONID=1.ry; JSESSIONID=1.ra",
	} {
		steps = append(steps, Step{Name: trimmed(cookie), Send: get("/x", "Cookie: "+cookie)})
	}
	return append(steps,
		Step{Name: "two Cookie headers", Send: get("/x", "Cookie: JSESSIONID=1.rx", "Cookie: JSESSIONID=1.rb")},
		Step{Name: "two Cookie headers, both good", Send: get("/x", "Cookie: JSESSIONID=1.rc", "Cookie: JSESSIONID=1.rb")},
		Step{Name: "unknown route in the path, known in the cookie", Send: get("/x;jsessionid=1.rb", "Cookie: JSESSIONID=1.rc")},
		Step{Name: "the first is down", Before: []Happening{down("c")}, Send: get("/x", "Cookie: JSESSIONID=1.rc; JSESSIONID=1.rb")},
		Step{Name: "the first is in error", Send: get("/x", "Cookie: JSESSIONID=1.rc; JSESSIONID=1.rb")},
	)
}

// pathSteps are sessions in the path.
func pathSteps() []Step {
	var steps []Step
	for _, target := range []string{
		"/x;jsessionid=1.rb", "/x;jsessionid=1.rc?q=1", "/x;v=1;jsessionid=1.rb;w=2", "/x;jsessionid=1.rb/y", "/a;jsessionid=1.rb/b;v=1/c", "/x;JSESSIONID=1.rb",
		"/x;jsessionid=", "/x;jsessionid", "/x;jsessionid=1.rx", "/x?;jsessionid=1.rb", "/x?jsessionid=1.rb", "/x;jsessionid=1.rb;jsessionid=1.rc", "/x;jsessionid=1.rb,1.rc",
		"/x;jsessionid%3D1.rb", "/x;jsessionid=1%2Erb", "/x;jsessionid=1.rb#f", "/x;ajsessionid=1.rb", "/jsessionid=1.rb", "/x;jsessionid=1.rb.rc", "/x%3Bjsessionid=1.rb",
	} {
		steps = append(steps, Step{Name: target, Send: get(target)})
	}
	return steps
}

// sessionSteps are requests of sessions of each member, and of none.
func sessionSteps() []Step {
	var steps []Step
	for i, cookie := range []string{"1.ra", "1.rb", "1.rc", "", "1.rx", "1", "", "1.rb", "1.rc", "", ""} {
		step := Step{Name: fmt.Sprintf("%d no session", i), Send: get("/app/x")}
		if cookie != "" {
			step = Step{Name: fmt.Sprintf("%d session %s", i, cookie), Send: get("/app/x", "Cookie: JSESSIONID="+cookie)}
		}
		steps = append(steps, step)
	}
	return steps
}

// errorSteps take the members away one after another.
func errorSteps() []Step {
	of := func(route string) string { return get("/x", "Cookie: JSESSIONID=1."+route) }
	return []Step{
		{Name: "a's session, a down", Before: []Happening{down("a")}, Send: of("ra")},
		{Name: "a's session, a in error", Send: of("ra")},
		{Name: "b's session", Send: of("rb")},
		{Name: "no session, a in error", Send: get("/x")},
		{Name: "a's session, a up again, still in error", Before: []Happening{up("a")}, Send: of("ra")},
		{Name: "b's session, b down", Before: []Happening{down("b")}, Send: of("rb")},
		{Name: "a's session, two in error", Send: of("ra")},
		{Name: "c's session", Send: of("rc")},
		{Name: "no session, two in error", Send: get("/x")},
		{Name: "c's session, c down: all in error, a forced back", Before: []Happening{down("c")}, Send: of("rc")},
		{Name: "a's session", Send: of("ra")},
		{Name: "unknown session", Send: of("rx")},
	}
}

// standbySteps: a disabled member takes over when the others are gone.
func standbySteps() []Step {
	return []Step{
		{Name: "first", Send: get("/x")},
		{Name: "second", Send: get("/x")},
		{Name: "third", Send: get("/x")},
		{Name: "a down", Before: []Happening{down("a")}, Send: get("/x")},
		{Name: "a in error", Send: get("/x")},
		{Name: "a in error, once more", Send: get("/x")},
		{Name: "both down", Before: []Happening{down("b")}, Send: get("/x")},
		{Name: "both in error", Send: get("/x")},
		{Name: "a's session", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
	}
}

// garbledRoute marks the steps in which mod_jk chooses by domain: those whose name is or begins with one of the names, or that
// are a session of it.
func garbledRoute(steps []Step, names ...string) []Step {
	for i := range steps {
		s := &steps[i]
		short := strings.TrimPrefix(s.Name, "session of ")
		if slices.Contains(names, short) || (short == s.Name && slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(short, n) })) {
			s.Random = true
		}
	}
	return steps
}

func domainSteps() []Step {
	var steps []Step
	for _, route := range []string{"ra", "rb", "rc", "d1", "d1", "d1", "d2", "d3", "d1.x", "d1.ra", "d2.ra", "ra.d2"} {
		steps = append(steps, Step{Name: "session of " + route, Send: get("/x", "Cookie: JSESSIONID=1."+route)})
	}
	return steps
}

func dottedSteps() []Step {
	var steps []Step
	for _, route := range []string{"d1.x", "d2.y", "d1.z", "d1", "d1", "d1.unknown", "d2", "d3.x", "x"} {
		steps = append(steps, Step{Name: "session of " + route, Send: get("/x", "Cookie: JSESSIONID=1."+route)})
	}
	return append(steps,
		Step{Name: "a down: its domain takes over", Before: []Happening{down("a")}, Send: get("/x", "Cookie: JSESSIONID=1.d1.x")},
		Step{Name: "a in error", Send: get("/x", "Cookie: JSESSIONID=1.d1.x")},
		Step{Name: "c down: the other domain", Before: []Happening{down("c")}, Send: get("/x", "Cookie: JSESSIONID=1.d1.x")},
	)
}

// ruleSteps use the rules of the case "sticky/rule extensions".
func ruleSteps() []Step {
	var steps []Step
	for _, path := range []string{"/plain", "/ignore", "/disabled", "/stopped", "/active", "/cookie", "/path", "/set", "/stateless"} {
		steps = append(steps,
			Step{Name: path + ", no session", Send: get(path)},
			Step{Name: path + ", no session again", Send: get(path)},
			Step{Name: path + ", b's session", Send: get(path, "Cookie: JSESSIONID=1.rb")},
			Step{Name: path + ", c's session in SID", Send: get(path, "Cookie: SID=1.rc")},
			Step{Name: path + ", a's session in the path", Send: get(path + ";jsessionid=1.ra")},
			Step{Name: path + ", a's session in ;sid", Send: get(path + ";sid=1.ra")},
		)
	}
	return steps
}
