package main

import "slices"

// cookieRuleCases: what rules say about session cookies. Row 49: mod_jk takes name and path of the cookie that set_session_cookie sends from the
// balancer, not from the rule, sends one for each member that was tried, and none for a balancer with one member.
func cookieRuleCases() []Case {
	names := []string{"1.ra", "1.rb", "", "1.rx"}
	rule := func(path string) []Step {
		var steps []Step
		for _, session := range names {
			steps = append(steps, Step{Name: path + " JSESSIONID=" + session, Send: get(path, "Cookie: JSESSIONID="+session)}, Step{Name: path + " SID=" + session, Send: get(path, "Cookie: SID="+session)})
		}
		return append(steps, Step{Name: path + " no cookie", Send: get(path)}, Step{Name: path + " in the path", Send: get(path + ";jsessionid=1.rc")}, Step{Name: path + " in ;sid", Send: get(path + ";sid=1.rc")})
	}
	config := "JkMount /set lb;set_session_cookie=1\nJkMount /off lb;set_session_cookie=0\nJkMount /name lb;set_session_cookie=1;session_cookie=SID\nJkMount /path lb;set_session_cookie=1;session_cookie_path=/app\n" +
		"JkMount /both lb;set_session_cookie=1;session_cookie=SID;session_cookie_path=/app\nJkMount /name-only lb;session_cookie=SID\nJkMount /param lb;set_session_cookie=1;session_path=;sid\nJkMount /plain lb\nJkMount /ignored lb;set_session_cookie=1;sticky_ignore=1\nJkMount /stateless lb;set_session_cookie=1;stateless=1\n"
	all := slices.Concat(rule("/set"), rule("/off"), rule("/name"), rule("/path"), rule("/both"), rule("/name-only"), rule("/param"), rule("/plain"), rule("/ignored"), rule("/stateless"))
	return []Case{
		{Name: "session cookie/by rules", Containers: abc, Workers: balanced(), Config: config, Steps: all},
		{Name: "session cookie/by the balancer and by rules", Containers: abc, Workers: balanced("set_session_cookie=1", "session_cookie=OWN", "session_cookie_path=/own"), Config: config, Steps: all},
		{Name: "session cookie/not sticky", Containers: abc, Workers: balanced("sticky_session=0"), Config: config, Steps: slices.Concat(rule("/set"), rule("/plain"))},
		{Name: "session cookie/force", Containers: abc, Workers: balanced("sticky_session_force=1"), Config: config, Steps: slices.Concat(rule("/set"), rule("/plain"))},
		{Name: "session cookie/the container's own", Containers: abc, Workers: balanced("set_session_cookie=1"), Config: config, Steps: []Step{
			{Name: "same name", Send: get("/plain"), On: Scripts{"a": {does(head(200, "OK", "Set-Cookie", "JSESSIONID=9.ra;Path=/"), chunk("x"), end())}}, Leftovers: true, AnyFraming: true},
			{Name: "error", Send: get("/plain", "Cookie: JSESSIONID=1.rx"), On: Scripts{"b": {does(head(404, ""), end())}}, Leftovers: true, AnyFraming: true},
			{Name: "redirect", Send: get("/plain"), On: Scripts{"c": {does(head(302, "", "Location", "/else"), end())}}, Leftovers: true, AnyFraming: true},
			{Name: "HEAD", Send: request("HEAD", "/plain", nil, "")}, {Name: "POST", Send: post("/plain", "body")},
		}},
		// The first member was reached and failed: mod_jk sends a cookie for it, and another one for the member that answered.
		{Name: "session cookie/failed attempts", Containers: ab, Workers: pair([]string{"set_session_cookie=1"}, []string{"retries=1"}), Config: lbMount, Steps: []Step{
			{Name: "a closes", Send: get("/x"), On: on("a", closes())}, {Name: "a in error", Send: get("/x")}, {Name: "a's session", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
			{Name: "b refuses", Before: []Happening{down("b")}, Send: get("/x", "Cookie: JSESSIONID=1.rb")}, {Name: "both refuse", Before: []Happening{down("a")}, Send: get("/x")},
		}},
		{Name: "session cookie/fails on its status", Containers: ab, Workers: pair([]string{"set_session_cookie=1"}, []string{"retries=1", "fail_on_status=503"}), Config: lbMount, Steps: []Step{
			{Name: "503", Send: get("/x"), On: on("a", head(503, "", "Set-Cookie", "JSESSIONID=9.ra"), end())}, {Name: "503 of both", Send: get("/x"), On: Scripts{"a": {does(head(503, ""), end())}, "b": {does(head(503, ""), end())}}, Leftovers: true},
		}},
	}
}
