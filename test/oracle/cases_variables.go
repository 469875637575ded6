package main

import (
	"fmt"
	"slices"
)

// numbers are values of variables that are numbers, good and odd. mod_jk takes them with atoi.
var numbers = []string{"1", "0", "", "2", "-1", "true", "yes", "on", "false", "1x", " 1", "x"}

// variableEnvCases: the variables that change how one request is balanced and waited for.
func variableEnvCases() []Case {
	return slices.Concat(stickyVariableCases(), routeVariableCases(), timeoutVariableCases())
}

// stickyVariableCases: JK_STICKY_IGNORE and JK_STATELESS, alone and beside the extension of the rule.
func stickyVariableCases() []Case {
	var cases []Case
	for _, name := range []string{"JK_STICKY_IGNORE", "JK_STATELESS"} {
		var steps []Step
		for _, value := range numbers {
			for _, path := range []string{"/plain", "/on", "/off"} {
				steps = append(steps,
					Step{Name: fmt.Sprintf("%q %s, c's session", value, path), Send: get(path, "Cookie: JSESSIONID=1.rc", headerOf(name)+": ="+value)},
					Step{Name: fmt.Sprintf("%q %s, no session", value, path), Send: get(path, headerOf(name)+": ="+value)},
				)
			}
		}
		extension := map[string]string{"JK_STICKY_IGNORE": "sticky_ignore", "JK_STATELESS": "stateless"}[name]
		mounts := "JkMount /plain lb\nJkMount /on lb;" + extension + "=1\nJkMount /off lb;" + extension + "=0\n"
		cases = append(cases,
			Case{Name: "variables/" + name, Containers: abc, Workers: balanced(), Config: mounts + fromHeader(name), Steps: steps},
			Case{Name: "variables/" + name + ", by sessions", Containers: abc, Workers: balanced("method=Session"), Config: mounts + fromHeader(name), Steps: steps[:24]},
			Case{Name: "variables/" + name + ", not sticky", Containers: abc, Workers: balanced("sticky_session=0"), Config: mounts + fromHeader(name), Steps: steps[:12]},
		)
	}
	return append(cases, Case{
		Name: "variables/set late", Containers: abc, Workers: balanced(), Steps: sessionSteps(), // the handler reads them: SetEnv is in time
		Config: lbMount + "SetEnv JK_STICKY_IGNORE 1\nSetEnv JK_STATELESS 1\nSetEnv JK_REPLY_TIMEOUT 60000\n",
	})
}

// routeVariableCases: JK_ROUTE replaces the session.
func routeVariableCases() []Case {
	var steps []Step
	for _, route := range []string{"ra", "rb", "rc", "rx", "", "1.rb", ".rb", "rb.rc", "RB", " rb", "rb!x"} {
		steps = append(steps,
			Step{Name: fmt.Sprintf("%q", route), Send: get("/x", "X-JK-ROUTE: ="+route)},
			Step{Name: fmt.Sprintf("%q, c's session", route), Send: get("/x", "X-JK-ROUTE: ="+route, "Cookie: JSESSIONID=1.rc")},
			Step{Name: fmt.Sprintf("%q, c's session in the path", route), Send: get("/x;jsessionid=1.rc", "X-JK-ROUTE: ="+route)},
		)
	}
	config := lbMount + fromHeader("JK_ROUTE")
	byRoute := slices.Clone(steps)
	return []Case{
		{Name: "variables/JK_ROUTE", Containers: abc, Workers: balanced(), Config: config, Steps: byRoute},
		{Name: "variables/JK_ROUTE, force", Containers: abc, Workers: balanced("sticky_session_force=1"), Config: config, Steps: byRoute},
		{Name: "variables/JK_ROUTE, not sticky", Containers: abc, Workers: balanced("sticky_session=0"), Config: config, Steps: byRoute[:12]},
		{Name: "variables/JK_ROUTE, ignored by a rule", Containers: abc, Workers: balanced(), Config: "JkMount /* lb;sticky_ignore=1\n" + fromHeader("JK_ROUTE"), Steps: byRoute[:12]},
		{Name: "variables/JK_ROUTE, set_session_cookie", Containers: abc, Workers: balanced("set_session_cookie=1"), Config: config, Steps: byRoute[:15]},
		{
			Name: "variables/JK_ROUTE, disabled and stopped", Containers: abc, Config: config, Steps: byRoute[:9],
			Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a"), member("b", "activation=disabled"), member("c", "activation=stopped")),
		},
		{Name: "variables/JK_ROUTE, member down", Containers: abc, Workers: balanced(), Config: config, Steps: []Step{
			{Name: "b down", Before: []Happening{down("b")}, Send: get("/x", "X-JK-ROUTE: =rb")}, {Name: "b in error", Send: get("/x", "X-JK-ROUTE: =rb")}, {Name: "c's session", Send: get("/x", "Cookie: JSESSIONID=1.rc")},
		}},
		{Name: "variables/JK_ROUTE, direct worker", Workers: one("route=own"), Config: direct + fromHeader("JK_ROUTE"), Steps: []Step{
			{Name: "set", Send: get("/x", "X-JK-ROUTE: =r1")}, {Name: "empty", Send: get("/x", "X-JK-ROUTE: =")}, {Name: "absent", Send: get("/x")}, {Name: "with the worker's own", Send: get("/x", "X-JK-ROUTE: =own")},
		}},
	}
}

// timeoutVariableCases: JK_REPLY_TIMEOUT in milliseconds, which beats the rule's and the worker's. A negative one does not count, and 0,
// also an empty one or one that is no number, means no limit.
func timeoutVariableCases() []Case {
	silence := func(name, path, value string) Step {
		return Step{Name: name, Send: get(path, "X-JK-REPLY-TIMEOUT: ="+value), On: Scripts{"a": {silent()}}}
	}
	late := func(name, path string, headers ...string) []Step {
		return []Step{
			{Name: name, Send: get(path, headers...), Begin: name, SoFar: true, Sent: notFlushed, On: a(hold(name), head(200, "OK"), chunk("late"), end())},
			{Name: name + ", in the end", Finish: name},
		}
	}
	config := "JkMount /plain a\nJkMount /short a;reply_timeout=100\nJkMount /long a;reply_timeout=60000\n" + fromHeader("JK_REPLY_TIMEOUT")
	return []Case{
		{
			Name: "variables/JK_REPLY_TIMEOUT", Workers: one("retries=1"), Config: config, Steps: slices.Concat(
				[]Step{silence("plain, 100", "/plain", "100"), silence("long, 100", "/long", "100"), silence("100 and a word", "/plain", "100x"), silence("blank and 100", "/plain", " 100"), silence("short, negative", "/short", "-1")},
				late("short, 60000", "/short", "X-JK-REPLY-TIMEOUT: =60000"), late("short, 0", "/short", "X-JK-REPLY-TIMEOUT: =0"), late("short, empty", "/short", "X-JK-REPLY-TIMEOUT: ="), late("short, word", "/short", "X-JK-REPLY-TIMEOUT: =soon"),
				late("plain, negative", "/plain", "X-JK-REPLY-TIMEOUT: =-5"), late("plain, absent", "/plain"),
				[]Step{{Name: "short, absent", Send: get("/short"), On: Scripts{"a": {silent()}}}},
			),
		},
		{
			Name: "variables/JK_REPLY_TIMEOUT beats the worker's", Workers: one("retries=1", "reply_timeout=100"), Config: config, Steps: slices.Concat(
				[]Step{{Name: "absent", Send: get("/plain"), On: Scripts{"a": {silent()}}}},
				late("0", "/plain", "X-JK-REPLY-TIMEOUT: =0"), late("60000", "/plain", "X-JK-REPLY-TIMEOUT: =60000"), []Step{silence("negative", "/plain", "-1")}, late("the rule's", "/long"),
			),
		},
	}
}
