package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mod_gojk/test/harness"
)

var ab = []string{"a", "b"}

// pair is a balancer over a and b, with further properties of the balancer and of both members.
func pair(ofBalancer, ofMembers []string) string {
	return list("lb", lb("lb", append([]string{"balance_workers=a,b"}, ofBalancer...)...),
		ajp("a", append([]string{"route=ra"}, ofMembers...)...), ajp("b", append([]string{"route=rb"}, ofMembers...)...))
}

// failoverCases: containers that are away, go away, are silent or unhealthy.
func failoverCases() []Case {
	oneTry := []string{"retries=1"}
	var cases []Case
	for _, options := range []int{0, 1, 2, 3, 4, 7, 9, 11, 17, 19, 27} {
		set := fmt.Sprintf("recovery_options=%d", options)
		cases = append(cases,
			Case{Name: fmt.Sprintf("failover/direct, recovery_options %d", options), Workers: one(set, "retry_interval=1"), Config: direct, Steps: directFailures()},
			Case{
				Name: fmt.Sprintf("failover/member, recovery_options %d", options), Containers: ab, Config: lbMount, Steps: memberFailures(),
				Workers: pair([]string{"recover_time=1", "retry_interval=1"}, []string{set, "retries=1"}),
			})
	}
	return append(cases,
		Case{Name: "failover/refused, direct", Workers: one(), Config: direct, Steps: []Step{
			{Name: "down", Before: []Happening{down("a")}, Send: get("/x")},
			{Name: "still down", Send: post("/x", "body")},
			{Name: "up", Before: []Happening{up("a")}, Send: get("/x")},
			{Name: "restarted meanwhile", Before: []Happening{down("a"), up("a")}, Send: get("/x")},
			{Name: "restarted meanwhile, POST", Before: []Happening{down("a"), up("a")}, Send: post("/x", "body")},
		}},
		Case{Name: "failover/refused, members", Containers: abc, Workers: balanced("retry_interval=1"), Config: lbMount, Steps: refusedSteps()},
		Case{Name: "failover/lb_retries 1", Containers: abc, Workers: balanced("lb_retries=1", "retry_interval=1"), Config: lbMount, Steps: refusedSteps()},
		Case{Name: "failover/lb_retries 3", Containers: abc, Workers: balanced("lb_retries=3", "retry_interval=1"), Config: lbMount, Steps: refusedSteps()},
		Case{Name: "failover/retries 1", Containers: abc, Workers: balanced("retries=1"), Config: lbMount, Steps: refusedSteps()},
		Case{Name: "failover/retries 4", Containers: abc, Workers: balanced("retries=4", "retry_interval=1"), Config: lbMount, Steps: refusedSteps()},
		Case{Name: "failover/eight tries with the defaults", Containers: ab, Workers: pair(nil, nil), Config: lbMount, Steps: []Step{
			{Name: "all close", Send: get("/x"), On: Scripts{"a": manyTimes(closes(), 8), "b": manyTimes(closes(), 8)}, Leftovers: true},
			{Name: "all are in error", Send: get("/x")},
		}},
		Case{Name: "failover/POST is repeated", Containers: ab, Workers: pair(nil, oneTry), Config: lbMount, Steps: []Step{
			{Name: "first member closes a new connection", Send: post("/x", "body"), On: on("a", closes())},
			{Name: "both have idle connections, a", Send: get("/x", "Cookie: JSESSIONID=1.ra"), Leftovers: true},
			{Name: "both have idle connections, b", Send: get("/x", "Cookie: JSESSIONID=1.rb"), Leftovers: true},
			{Name: "first member closes a reused connection", Send: post("/x", "body", "Cookie: JSESSIONID=1.rb"), On: on("b", closes()), Leftovers: true},
			{Name: "first member closes after asking for more", Send: post("/x", fill(20000)), On: on("b", getBody(8186), closes()), Leftovers: true},
			{
				Name: "large body, closed after the first packet", Send: post("/x", fill(20000), "Cookie: JSESSIONID=1.ra"),
				On: Scripts{"a": {harness.Do(closes())}, "b": {harness.Do(readBody(8186), head(200, "OK"), end())}}, Leftovers: true,
			},
		}},
		Case{Name: "failover/escalation", Containers: ab, Workers: pair([]string{"error_escalation_time=0"}, oneTry), Config: lbMount, Steps: []Step{
			{Name: "a closes", Send: get("/x"), On: on("a", closes())},
			{Name: "a's session", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
		}},
		Case{Name: "failover/a busy member is in error only for the request", Containers: ab, Workers: pair(nil, oneTry), Config: lbMount, Steps: []Step{
			{Name: "a is busy", Send: get("/x"), Begin: "busy", On: on("a", hold("busy"), head(200, "OK"), end())},
			{Name: "a closes another request", Send: get("/x", "Cookie: JSESSIONID=1.ra"), On: on("a", closes())},
			{Name: "a's session is still a's", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
			{Name: "the busy one ends", Finish: "busy"},
			{Name: "a closes when idle", Send: get("/x", "Cookie: JSESSIONID=1.ra"), On: on("a", closes())},
			{Name: "now b has it", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
		}},
		Case{Name: "failover/reply_timeout, direct", Workers: one("reply_timeout=200", "retries=1"), Config: direct, Steps: timeoutSteps()},
		Case{Name: "failover/reply_timeout, direct, two tries", Workers: one("reply_timeout=200", "retry_interval=1"), Config: direct, Steps: []Step{
			{Name: "silence twice", Send: get("/x"), On: Scripts{"a": {silent(), silent()}}},
			{Name: "silence once", Send: get("/x"), On: Scripts{"a": {silent()}}},
		}},
		Case{Name: "failover/reply_timeout, members", Containers: ab, Workers: pair(nil, []string{"reply_timeout=200", "retries=1"}), Config: lbMount, Steps: memberTimeouts()},
		Case{Name: "failover/max_reply_timeouts", Containers: ab, Workers: pair([]string{"max_reply_timeouts=1"}, []string{"reply_timeout=200", "retries=1"}), Config: lbMount, Steps: memberTimeouts()},
		Case{Name: "failover/max_reply_timeouts without a limit", Containers: ab, Workers: pair([]string{"max_reply_timeouts=-1"}, []string{"reply_timeout=200", "retries=1"}), Config: lbMount, Steps: memberTimeouts()},
		Case{Name: "failover/socket_timeout", Workers: one("socket_timeout=1", "retries=1"), Config: direct, Steps: []Step{
			{Name: "silence", Send: get("/x"), On: Scripts{"a": {silent()}}},
			{Name: "silence after the head", Send: get("/x"), On: a(head(200, "OK"), hostCloses())},
			{Name: "the next request", Send: get("/x")},
		}},
		Case{Name: "failover/fail_on_status, direct", Workers: one("fail_on_status=500,-404 503", "retry_interval=1"), Config: direct, Steps: statusFailures()},
		Case{Name: "failover/fail_on_status, members", Containers: ab, Workers: pair(nil, []string{"fail_on_status=500,-404", "retries=1"}), Config: lbMount, Steps: memberStatusFailures()},
		Case{Name: "failover/fail_on_status, several lines", Workers: one("fail_on_status=500", "fail_on_status=503", "retries=1"), Config: direct, Steps: statusFailures()},
		Case{Name: "failover/fail_on_status, odd entries", Containers: ab, Workers: pair([]string{"retry_interval=1"}, []string{"fail_on_status=503x,-0404,+500,999 none", "retries=1"}), Config: lbMount, Steps: oddStatuses(503, 404, 500, 999, 600)},
		Case{Name: "failover/fail_on_status of a rule, odd entries", Containers: ab, Workers: pair([]string{"retry_interval=1"}, []string{"fail_on_status=502", "retries=1"}), Config: "JkMount /* lb;fail_on_status=503x,-0404,600,0\n", Steps: oddStatuses(503, 404, 600, 502)},
		ruleWithoutStatus("0"), ruleWithoutStatus("-0"), ruleWithoutStatus("none"), ruleWithoutStatus(","), ruleWithoutStatus(""), ruleWithoutStatus("99"),
		Case{Name: "failover/pings, prepost", Workers: one("ping_mode=P", "ping_timeout=200", "retries=1"), Config: direct, Steps: pingSteps()},
		Case{Name: "failover/pings, connect", Workers: one("ping_mode=C", "ping_timeout=200", "retries=1"), Config: direct, Steps: pingSteps()},
		Case{Name: "failover/pings, all", Workers: one("ping_mode=A", "ping_timeout=200", "retries=1"), Config: direct, Steps: pingSteps()},
		Case{Name: "failover/pings, prepost, and its timeout 0", Workers: one("ping_mode=P", "ping_timeout=200", "prepost_timeout=0", "retries=1"), Config: direct, Steps: pingSteps()},
		Case{Name: "failover/pings, connect, and its timeout 0", Workers: one("ping_mode=C", "ping_timeout=200", "connect_timeout=0", "retries=1"), Config: direct, Steps: pingSteps()},
		Case{Name: "failover/pings, connect, and its timeout negative", Workers: one("ping_mode=A", "ping_timeout=200", "connect_timeout=-1", "retries=1"), Config: direct, Steps: pingSteps()},
		Case{Name: "failover/pings, prepost, and its timeout negative", Workers: one("ping_mode=P", "ping_timeout=200", "prepost_timeout=-1", "retries=1"), Config: direct, Steps: pingSteps()},
		Case{Name: "failover/pings, timeouts only", Workers: one("connect_timeout=200", "prepost_timeout=300", "retries=1"), Config: direct, Steps: pingSteps()},
		Case{Name: "failover/pings, members", Containers: ab, Workers: pair(nil, []string{"ping_mode=CP", "ping_timeout=200", "retries=1"}), Config: lbMount, Steps: []Step{
			{Name: "both answer", Send: get("/x")},
			{Name: "both answer, second", Send: get("/x")},
			{Name: "a is silent", Before: []Happening{pings("a", harness.PingSilent)}, Send: get("/x", "Cookie: JSESSIONID=1.ra")},
			{Name: "a in error", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
		}},
		Case{Name: "failover/busy_limit", Workers: one("busy_limit=1", "retries=1"), Config: direct, Steps: []Step{
			{Name: "one is held", Send: get("/x"), Begin: "held", On: a(hold("held"), head(200, "OK"), chunk("held"), end())},
			{Name: "a second is too many", Send: get("/x")},
			{Name: "the first ends", Finish: "held"},
			{Name: "one more", Send: get("/x")},
		}},
		Case{Name: "failover/busy_limit, members", Containers: ab, Workers: pair(nil, []string{"busy_limit=1", "retries=1"}), Config: lbMount, Steps: []Step{
			{Name: "a is held", Send: get("/x"), Begin: "held", On: on("a", hold("held"), head(200, "OK"), chunk("held"), end())},
			{Name: "second", Send: get("/x")},
			{Name: "a's session", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
			{Name: "fourth", Send: get("/x")},
			{Name: "a ends", Finish: "held"},
			{Name: "a's session is a's again", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
		}},
		Case{Name: "failover/small pool", Workers: one("connection_pool_size=1", "connection_acquire_timeout=200", "retries=1"), Config: direct, Steps: []Step{
			{Name: "one is held", Send: get("/x"), Begin: "held", On: a(hold("held"), head(200, "OK"), chunk("held"), end())},
			{Name: "no endpoint is free", Send: get("/x")},
			{Name: "the first ends", Finish: "held"},
			{Name: "free again", Send: get("/x")},
		}},
		Case{Name: "failover/small pool by an older name", Workers: one("connection_pool_size=-1", "cachesize=1", "connection_acquire_timeout=200", "retries=1"), Config: direct, Steps: []Step{
			{Name: "one is held", Send: get("/x"), Begin: "held", On: a(hold("held"), head(200, "OK"), chunk("held"), end())},
			{Name: "no endpoint is free", Send: get("/x")},
			{Name: "the first ends", Finish: "held"},
		}},
		Case{Name: "failover/pool order", Workers: one(), Config: direct, Steps: poolSteps()},
		Case{Name: "failover/unresolvable host, direct", Workers: list("a", worker("a", "host=no-such-host.invalid", "port={a}", "retries=1")), Config: direct, Steps: sequence(2)},
		Case{
			Name: "failover/unresolvable host, member", Containers: ab, Config: lbMount, Steps: sequence(3),
			Workers: list("lb", lb("lb", "balance_workers=a,b"), worker("a", "host=no-such-host.invalid", "port={a}"), ajp("b")),
		},
		Case{
			Name: "failover/port 0", Containers: ab, Config: lbMount + "JkMount /direct zero\n", Steps: slices.Concat(sequence(3), gets("/direct")),
			Workers: list("lb,zero", lb("lb", "balance_workers=zero,b"), worker("zero", "host=127.0.0.1", "port=0", "retries=1"), ajp("b")),
		},
		noPort("-1"), noPort("65536"), noPort("70000"),
		Case{Name: "failover/mended port", Containers: ab, Config: lbMount, Steps: []Step{
			{Name: "a's session", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
			{Name: "a is in error", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
			{Name: "mended", Before: []Happening{mend("a"), graceful()}, Send: get("/x", "Cookie: JSESSIONID=1.ra")},
			{Name: "a's session again", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
			{Name: "anybody", Send: get("/x")},
		}, Workers: list("lb", lb("lb", "balance_workers=a,b", "retry_interval=1"), worker("a", "host=127.0.0.1", "port=1", "route=ra", "retries=1"), member("b"))},
	)
}

// noPort is a member and a direct worker with a port that is none.
func noPort(port string) Case {
	return Case{
		Name: "failover/port " + port, Containers: ab, Config: lbMount + "JkMount /direct none\n", Steps: slices.Concat(sequence(3), gets("/direct")),
		Workers: list("lb,none", lb("lb", "balance_workers=none,b", "retry_interval=1"), worker("none", "host=127.0.0.1", "port="+port, "retries=1"), ajp("b")),
	}
}

// mend replaces port 1 of a worker in workers.properties by that of its container.
func mend(name string) Happening {
	return func(w *world) error {
		path := filepath.Join(w.httpd.Dir, "workers.properties")
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		before, after := "worker."+name+".port=1\n", fmt.Sprintf("worker.%s.port=%d\n", name, w.containers[name].Port)
		return os.WriteFile(path, []byte(strings.Replace(string(text), before, after, 1)), 0o644)
	}
}

// ruleWithoutStatus is a rule whose fail_on_status holds no status, over workers with a list.
func ruleWithoutStatus(value string) Case {
	return Case{
		Name: "failover/fail_on_status of a rule, " + value, Containers: ab, Config: "JkMount /* lb;fail_on_status=" + value + "\n",
		Workers: pair([]string{"retry_interval=1"}, []string{"fail_on_status=404,500", "retries=1"}), Steps: oddStatuses(404, 500, 200),
	}
}

// oddStatuses: a answers its session with each of the statuses, and b then, too.
func oddStatuses(statuses ...int) []Step {
	var steps []Step
	ofA := get("/x", "Cookie: JSESSIONID=1.ra")
	for _, status := range statuses {
		answer := harness.Do(head(status, "X"), chunk("theirs"), end())
		steps = append(steps,
			Step{Name: fmt.Sprintf("%d once", status), Send: ofA, On: Scripts{"a": {answer}}, Leftovers: true},
			Step{Name: fmt.Sprintf("a after %d", status), Send: ofA},
			Step{Name: fmt.Sprintf("%d from both", status), Send: ofA, On: Scripts{"a": {answer, answer}, "b": {answer, answer}}, Leftovers: true},
		)
	}
	return steps
}

// manyTimes is the same one-action script n times.
func manyTimes(action harness.Action, n int) []harness.Script {
	return slices.Repeat([]harness.Script{harness.Do(action)}, n)
}

// failure is a way to fail at some stage of an exchange.
type failure struct {
	name    string
	actions []harness.Action
}

// failures are the stages at which a container may go away.
func failures() []failure {
	plain := head(200, "OK", "Content-Type", "text/plain")
	return []failure{
		{"before the head", []harness.Action{closes()}},
		{"before the head, reset", []harness.Action{resets()}},
		{"after the head", []harness.Action{plain, closes()}},
		{"after a chunk", []harness.Action{plain, chunk("part"), closes()}},
	}
}

// directFailures fail the first of two attempts, with requests that are safe to repeat and others.
func directFailures() []Step {
	var steps []Step
	for _, f := range failures() {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT"} {
			body := ""
			if method == "POST" || method == "PUT" {
				body = "body"
			}
			s := Step{Name: method + " " + f.name, Send: request(method, "/x", nil, body), On: a(f.actions...)}
			steps = append(steps, s)
		}
	}
	return steps
}

// memberFailures fail on a's side; each ends with a recovered, as b goes down for a moment.
func memberFailures() []Step {
	var steps []Step
	for _, f := range failures() {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			body := ""
			if method == "POST" {
				body = "body"
			}
			s := Step{Name: method + " " + f.name, Send: request(method, "/x", []string{"Cookie: JSESSIONID=1.ra"}, body), On: on("a", f.actions...), Leftovers: true}
			steps = append(steps, s,
				Step{Name: fmt.Sprintf("%s %s: b fails, so that both are tried again", method, f.name), Before: []Happening{down("b")}, Send: get("/x", "Cookie: JSESSIONID=1.rb")},
				Step{Name: fmt.Sprintf("%s %s: a is back", method, f.name), Before: []Happening{up("b")}, Send: get("/x", "Cookie: JSESSIONID=1.ra")})
		}
	}
	return steps
}

func refusedSteps() []Step {
	return []Step{
		{Name: "all up", Send: get("/x")},
		{Name: "all up, second", Send: get("/x")},
		{Name: "all up, third", Send: get("/x")},
		{Name: "a down", Before: []Happening{down("a")}, Send: get("/x")},
		{Name: "a in error", Send: get("/x")},
		{Name: "b down, too", Before: []Happening{down("b")}, Send: get("/x")},
		{Name: "one left", Send: get("/x")},
		{Name: "one left, POST", Send: post("/x", "body")},
		{Name: "all down", Before: []Happening{down("c")}, Send: get("/x")},
		{Name: "all in error", Send: get("/x")},
		{Name: "all in error, POST", Send: post("/x", "body")},
		{Name: "c up", Before: []Happening{up("c")}, Send: get("/x")},
		{Name: "all up again", Before: []Happening{up("a", "b")}, Send: get("/x")},
		{Name: "next", Send: get("/x")},
		{Name: "and next", Send: get("/x")},
		{Name: "two down at once", Before: []Happening{down("a", "b")}, Send: get("/x")},
		{Name: "two in error", Send: get("/x")},
	}
}

func timeoutSteps() []Step {
	return []Step{
		{Name: "in time", Send: get("/x")},
		{Name: "silence", Send: get("/x"), On: Scripts{"a": {silent()}}},
		{Name: "silence after the head", Send: get("/x"), On: a(head(200, "OK"), hostCloses())},
		{Name: "silence after a chunk", Send: get("/x"), On: a(head(200, "OK"), chunk("part"), hostCloses())},
		{Name: "POST, silence", Send: post("/x", "body"), On: Scripts{"a": {silent()}}},
		{Name: "POST, silence after asking", Send: post("/x", fill(9000)), On: a(getBody(8186), hostCloses())},
		{Name: "the next request", Send: get("/x")},
	}
}

func memberTimeouts() []Step {
	return []Step{
		{Name: "a is silent", Send: get("/x"), On: Scripts{"a": {silent()}}},
		{Name: "a's session", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
		{Name: "a's session, silence", Send: get("/x", "Cookie: JSESSIONID=1.ra"), On: Scripts{"a": {silent()}}, Leftovers: true},
		{Name: "a's session again", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
		{Name: "both are silent", Send: get("/x"), On: Scripts{"a": manySilent(4), "b": manySilent(4)}, Leftovers: true},
		{Name: "afterwards", Send: get("/x")},
		{Name: "a's session afterwards", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
	}
}

func manySilent(n int) []harness.Script { return slices.Repeat([]harness.Script{silent()}, n) }

func statusFailures() []Step {
	var steps []Step
	for _, status := range []int{200, 500, 404, 503, 502} {
		answer := harness.Do(head(status, "", "X-Own", "1"), chunk("theirs"), end())
		steps = append(steps,
			Step{Name: fmt.Sprintf("%d once", status), Send: get("/x"), On: Scripts{"a": {answer}}},
			Step{Name: fmt.Sprintf("%d twice", status), Send: get("/x"), On: Scripts{"a": {answer, answer}}, Leftovers: true},
			Step{Name: fmt.Sprintf("%d twice, POST", status), Send: post("/x", "body"), On: Scripts{"a": {answer, answer}}, Leftovers: true},
		)
	}
	return steps
}

func memberStatusFailures() []Step {
	answer := func(status int) harness.Script { return harness.Do(head(status, ""), chunk("theirs"), end()) }
	ofA := get("/x", "Cookie: JSESSIONID=1.ra")
	return []Step{
		{Name: "404 is soft", Send: ofA, On: Scripts{"a": {answer(404)}}},
		{Name: "a keeps its session", Send: ofA},
		{Name: "404 from both", Send: ofA, On: Scripts{"a": {answer(404), answer(404)}, "b": {answer(404), answer(404)}}, Leftovers: true},
		{Name: "500 is hard", Send: ofA, On: Scripts{"a": {answer(500)}}, Leftovers: true},
		{Name: "a is in error", Send: ofA},
		{Name: "500 from b, too", Send: ofA, On: Scripts{"a": {answer(500), answer(500)}, "b": {answer(500), answer(500)}}, Leftovers: true},
		{Name: "afterwards", Send: ofA},
	}
}

func pingSteps() []Step {
	return []Step{
		{Name: "first", Send: get("/x")},
		{Name: "reused", Send: get("/x")},
		{Name: "POST", Send: post("/x", "body")},
		{Name: "silent", Before: []Happening{pings("a", harness.PingSilent)}, Send: get("/x")},
		{Name: "silent, new connection", Send: get("/x")},
		{Name: "answering again", Before: []Happening{pings("a", harness.PingAnswer)}, Send: get("/x")},
		{Name: "wrong answer", Before: []Happening{pings("a", harness.PingWrong)}, Send: get("/x")},
		{Name: "wrong answer, new connection", Send: get("/x")},
		{Name: "answering once more", Before: []Happening{pings("a", harness.PingAnswer)}, Send: get("/x")},
		{Name: "closing", Before: []Happening{pings("a", harness.PingClose)}, Send: get("/x")},
		{Name: "closing, new connection", Send: get("/x")},
		{Name: "answering in the end", Before: []Happening{pings("a", harness.PingAnswer)}, Send: get("/x")},
	}
}

// poolSteps show which of several idle connections is taken.
func poolSteps() []Step {
	held := func(name string) Step {
		return Step{Name: name + " is held", Begin: name, Send: get("/" + name), On: a(hold(name), head(200, "OK"), chunk(name), end())}
	}
	done := func(name string) Step { return Step{Name: name + " ends", Finish: name} }
	return slices.Concat(
		[]Step{held("first"), held("second"), held("third"), done("second"), done("first"), done("third")},
		sequence(3),
		[]Step{held("fourth"), held("fifth"), done("fourth")}, sequence(2), []Step{done("fifth")},
		[]Step{{Name: "one is closed by the container", Send: get("/x"), On: a(head(200, "OK"), end(), closes())}},
		sequence(3),
	)
}
