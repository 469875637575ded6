package main

import "slices"

// lbNotes are the notes about the first and the last member that was tried. The types are documented and never set.
var lbNotes = []string{
	"JK_REQUEST_DURATION",
	"JK_LB_FIRST_NAME", "JK_LB_FIRST_TYPE", "JK_LB_FIRST_VALUE", "JK_LB_FIRST_ACCESSED", "JK_LB_FIRST_SESSIONS", "JK_LB_FIRST_READ", "JK_LB_FIRST_TRANSFERRED", "JK_LB_FIRST_ERRORS", "JK_LB_FIRST_BUSY", "JK_LB_FIRST_ACTIVATION", "JK_LB_FIRST_STATE",
	"JK_LB_LAST_NAME", "JK_LB_LAST_TYPE", "JK_LB_LAST_VALUE", "JK_LB_LAST_ACCESSED", "JK_LB_LAST_SESSIONS", "JK_LB_LAST_READ", "JK_LB_LAST_TRANSFERRED", "JK_LB_LAST_ERRORS", "JK_LB_LAST_BUSY", "JK_LB_LAST_ACTIVATION", "JK_LB_LAST_STATE",
}

// notesCases: the notes that mod_jk leaves for the access log.
//
// The FIRST ones are taken when the first attempt has ended, the LAST ones at the end of the request, while it still counts as busy or not. A
// balancer that tried nobody sets none of them.
func notesCases() []Case {
	noted := func(name string, c Case) Case {
		c.Name, c.Notes = "notes/"+name, lbNotes
		return c
	}
	return []Case{
		noted("direct worker", Case{Workers: one(), Config: direct + "SetEnvIf X-Route (.+) JK_ROUTE=$1\n", Steps: []Step{
			{Name: "GET", Send: get("/x")}, {Name: "JK_ROUTE", Send: get("/x", "X-Route: r1")}, {Name: "404", Send: get("/x"), On: a(head(404, ""), end())}, {Name: "closed", Send: get("/x"), On: Scripts{"a": manyTimes(closes(), 2)}},
			{Name: "down", Before: []Happening{down("a")}, Send: get("/x")}, {Name: "static", Send: "GET /x HTTP/1.1\r\n\r\n"},
		}}),
		noted("status worker", Case{Workers: list("s", worker("s", "type=status")), Config: "JkMount /s s\n" + noPageHeaders, Steps: []Step{{Name: "HEAD", Send: request("HEAD", "/s?mime=txt&cmd=version", nil, "")}}}),
		noted("not mapped", Case{Workers: one(), Config: "JkMount /app/* a\nJkMount /nobody nobody\nSetEnvIf Request_URI /app/no no-jk\n<Location /app/late>\nSetEnv no-jk 1\n</Location>\n", Steps: gets("/index.html", "/none", "/nobody", "/app/no", "/app/late")}),
		noted("balancer", Case{Containers: abc, Workers: balanced(), Config: lbMount, Steps: slices.Concat(sequence(5), sessionSteps(), []Step{
			{Name: "POST", Send: post("/x", fill(500))}, {Name: "more bytes", Send: get("/x", "Cookie: JSESSIONID=1.ra"), On: on("a", head(200, "OK", "Content-Length", "3000"), chunk(fill(3000)), end())},
			{Name: "503", Send: get("/x", "Cookie: JSESSIONID=1.ra"), On: on("a", head(503, ""), end())},
		})}),
		noted("failover", Case{Containers: abc, Workers: balanced(), Config: lbMount, Steps: errorSteps()}),
		noted("failures of a container", Case{Containers: ab, Workers: pair(nil, []string{"retries=1"}), Config: lbMount, Steps: []Step{
			{Name: "a closes", Send: get("/x", "Cookie: JSESSIONID=1.ra"), On: on("a", closes())}, {Name: "a's session", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
			{Name: "both close", Send: get("/x"), On: Scripts{"a": manyTimes(closes(), 4), "b": manyTimes(closes(), 4)}, Leftovers: true}, {Name: "afterwards", Send: get("/x")},
		}}),
		noted("methods", Case{Containers: abcd, Workers: list("r,t,y,s", lb("r", "balance_workers=a", "method=R"), lb("t", "balance_workers=b", "method=T"), lb("y", "balance_workers=c", "method=B"), lb("s", "balance_workers=d", "method=S"), member("a"), member("b"), member("c"), member("d")),
			Config: "JkMount /r r\nJkMount /t t\nJkMount /y y\nJkMount /s s\n", Steps: gets("/r", "/t", "/y", "/s", "/s;jsessionid=1.rd", "/r", "/t", "/y")}),
		noted("factors", Case{Containers: ab, Workers: list("lb", lb("lb", "balance_workers=a,b"), member("a", "lbfactor=3"), member("b", "lbfactor=2")), Config: lbMount, Steps: sequence(7)}),
		noted("activations", Case{Containers: abc, Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a"), member("b", "activation=disabled"), member("c", "activation=stopped")), Config: lbMount + "JkMount /d lb;disabled=a\nJkMount /off lb;stopped=a,b,c\n", Steps: []Step{
			{Name: "active", Send: get("/x")}, {Name: "disabled", Send: get("/x", "Cookie: JSESSIONID=1.rb")}, {Name: "stopped", Send: get("/x", "Cookie: JSESSIONID=1.rc")}, {Name: "disabled by a rule", Send: get("/d", "Cookie: JSESSIONID=1.ra")}, {Name: "all stopped", Send: get("/off")},
		}}),
		noted("no member usable", Case{Containers: ab, Workers: pair(nil, []string{"activation=stopped"}), Config: lbMount, Steps: sequence(2)}),
		noted("while others are busy", Case{Containers: ab, Workers: pair(nil, nil), Config: lbMount, Steps: []Step{
			{Name: "a is held", Send: get("/x", "Cookie: JSESSIONID=1.ra"), Begin: "held", On: on("a", hold("held"), head(200, "OK"), end())}, {Name: "another of a", Send: get("/x", "Cookie: JSESSIONID=1.ra")}, {Name: "one of b", Send: get("/x")}, {Name: "the held one ends", Finish: "held"},
		}}),
		noted("JK_ROUTE", Case{Containers: abc, Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a"), member("b"), member("c")), Config: lbMount + "SetEnvIf X-Route ^=(.*)$ JK_ROUTE=$1\nSetEnvIf X-Ignore ^=(.*)$ JK_STICKY_IGNORE=$1\n", Steps: []Step{
			{Name: "known", Send: get("/x", "X-Route: =rb")}, {Name: "unknown", Send: get("/x", "X-Route: =rx")}, {Name: "empty", Send: get("/x", "X-Route: =")}, {Name: "known, ignored", Send: get("/x", "X-Route: =rc", "X-Ignore: =1")},
			{Name: "known, other session", Send: get("/x", "X-Route: =rb", "Cookie: JSESSIONID=1.ra")}, {Name: "in capitals", Send: get("/x", "X-Route: =RB")},
		}}),
		noted("domains", Case{Containers: abc, Workers: list("lb", lb("lb", "balance_workers=a,b,c"), member("a", "domain=d1"), member("b", "domain=d2"), member("c", "domain=d1")), Config: lbMount, Steps: []Step{
			{Name: "a's session", Send: get("/x", "Cookie: JSESSIONID=1.ra")}, {Name: "no session", Send: get("/x")},
		}}),
		noted("subrequests and error documents", Case{Workers: one(), Modules: []string{"include"}, Files: map[string]string{"page.shtml": "<!--#include virtual=\"/app/part\" -->\n"}, Steps: gets("/page.shtml", "/missing.html"),
			Config: "JkMount /app/* a\nErrorDocument 404 /app/missing\nAddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\n<Directory ${HTDOCS}>\nOptions +Includes\n</Directory>\n"}),
	}
}
