package main

import "mod_gojk/test/harness"

// extensionRule is a pattern and its worker with extensions.
type extensionRule struct{ path, rule string }

// abcd are the containers of cases with a balancer and a worker beside it, which is no member: mod_jk has a pool for each use of a worker.
var abcd = []string{"a", "b", "c", "d"}

// extensionWorkers are a balancer over a, b and c with the routes ra, rb and rc, and d as a direct worker.
func extensionWorkers() string {
	return list("lb,d", lb("lb", "balance_workers=a,b,c"), member("a"), member("b"), member("c"), ajp("d", "retries=1"))
}

// extensionRules are what may follow a worker, good and bad. In mod_jk the integers are those of atoi: what is no number is 0, so
// that reply_timeout=soon means no limit. Of two lists of members the first counts, of two kinds that name the same member the
// later kind: active, then disabled, then stopped, wherever they stand.
var extensionRules = []extensionRule{
	{"/reply_timeout", "d;reply_timeout=250"},
	{"/reply_timeout/twice", "d;reply_timeout=60000;reply_timeout=250"},
	{"/reply_timeout/negative", "d;reply_timeout=-1"},
	{"/reply_timeout/word", "d;reply_timeout=soon"},
	{"/sticky_ignore", "lb;sticky_ignore=1"},
	{"/sticky_ignore/0", "lb;sticky_ignore=0"},
	{"/sticky_ignore/twice", "lb;sticky_ignore=1;sticky_ignore=0"},
	{"/sticky_ignore/2", "lb;sticky_ignore=2"},
	{"/stateless", "lb;stateless=1"},
	{"/active", "lb;active=a"},
	{"/disabled", "lb;disabled=a,b"},
	{"/disabled/blank", "lb;disabled=a b"},
	{"/disabled/all", "lb;disabled=a,b,c"},
	{"/disabled/unknown", "lb;disabled=a,nobody"},
	{"/disabled/twice", "lb;disabled=a;disabled=b"},
	{"/stopped", "lb;stopped=a,b"},
	{"/stopped/all", "lb;stopped=a,b,c"},
	{"/conflict", "lb;active=a;disabled=a;stopped=a"},
	{"/conflict/back", "lb;stopped=a;disabled=a,b;active=a,b"},
	{"/fail_on_status", "d;fail_on_status=503,-504 404"},
	{"/fail_on_status/twice", "d;fail_on_status=503;fail_on_status=404"},
	{"/use_server_errors", "d;use_server_errors=500"},
	{"/use_server_errors/400", "d;use_server_errors=400"},
	{"/use_server_errors/0", "d;use_server_errors=0"},
	{"/session_cookie", "lb;session_cookie=SID"},
	{"/session_cookie/twice", "lb;session_cookie=SID;session_cookie=OTHER"},
	{"/session_path", "lb;session_path=sid"},
	{"/session_path/semicolon", "lb;session_path=;sid"},
	{"/two", "lb;sticky_ignore=0;reply_timeout=60000;session_cookie=SID"},
	{"/on-direct", "d;disabled=a;sticky_ignore=1;session_cookie=SID"},
	{"/nonsense", "d;nonsense=1;reply_timeout=250"},
	{"/capital", "d;Reply_Timeout=250"},
	{"/no-value", "lb;sticky_ignore;reply_timeout=250"},
	{"/empty-value", "lb;sticky_ignore=;disabled="},
	{"/empty", "lb;;sticky_ignore=1;"},
	{"/fail_on_status/lb", "lb;fail_on_status=503"}, // the last one: b is in error afterwards
}

// extensionRuleSteps use each of extensionRules.
func extensionRuleSteps() []Step {
	var steps []Step
	for _, x := range extensionRules {
		steps = append(steps, stepsForRule("", x.path)...)
	}
	return steps
}

// stepsForRule are the requests that show what an extension does, by the pattern of its rule.
func stepsForRule(prefix, pattern string) []Step {
	path := prefix + pattern
	session := func(name, cookie string) Step {
		return Step{Name: path + ", " + name, Send: get(path, "Cookie: "+cookie)}
	}
	failing := func(status int) Step {
		answer := harness.Do(head(status, "", "X-Own", "1"), chunk("theirs"), end())
		return Step{Name: path + ", " + map[int]string{200: "200", 404: "404", 500: "500", 503: "503", 504: "504"}[status], Send: get(path), On: Scripts{"d": {answer}}}
	}
	silence := Step{Name: path + ", silence", Send: get(path), On: Scripts{"d": {silent()}}}
	switch pattern {
	case "/reply_timeout", "/reply_timeout/twice", "/nonsense":
		return []Step{{Name: path + ", in time", Send: get(path)}, silence}
	case "/fail_on_status", "/fail_on_status/twice":
		return []Step{failing(200), failing(404), failing(503), failing(504)}
	case "/use_server_errors", "/use_server_errors/400", "/use_server_errors/0":
		return []Step{failing(200), failing(404), failing(500), failing(503)}
	case "/fail_on_status/lb":
		return []Step{{Name: path, Send: get(path, "Cookie: JSESSIONID=1.rb"), On: on("b", head(503, ""), chunk("theirs"), end())}}
	}
	return []Step{
		{Name: path + ", no session", Send: get(path)},
		session("a's session", "JSESSIONID=1.ra"),
		session("b's session", "JSESSIONID=1.rb"),
		session("c's session in SID", "SID=1.rc"),
		{Name: path + ", a's session in the path", Send: get(path + ";jsessionid=1.ra")},
		{Name: path + ", b's session in ;sid", Send: get(path + ";sid=1.rb")},
	}
}
