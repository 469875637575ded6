package main

import (
	"slices"

	"mod_gojk/test/harness"
)

// marker is what begins the lines of the request log.
const marker = "REQ "

// requestLog is a case with a JkRequestLogFormat.
func requestLog(name, format string, c Case) Case {
	c.Name, c.RequestLog = "request log/"+name, marker
	c.Config = "JkRequestLogFormat \"" + marker + format + "\"\n" + c.Config
	if c.Workers == "" {
		c.Workers, c.Config = one(), c.Config+"JkMount /app/* a\n"
	}
	return c
}

// everyToken is each token of JkRequestLogFormat.
const everyToken = `b=%b B=%B H=%H m=%m p=%p q=%q r=%r s=%s T=%T U=%U v=%v V=%V w=%w R=%R`

// requestLogCases: the lines that JkRequestLogFormat adds to the log. There is one for each request that mod_jk's handler took, also
// if it failed, and none for others.
func requestLogCases() []Case {
	return slices.Concat(tokenCases(), formatCases(), stampCases(), levelCases())
}

func tokenCases() []Case {
	failing := []Step{
		{Name: "404 of the container", Send: get("/app/x"), On: a(head(404, "Gone fishing"), chunk("none"), end())},
		{Name: "without a body", Send: get("/app/x"), On: a(head(204, ""), end())},
		{Name: "empty body", Send: get("/app/x"), On: a(head(200, "", "Content-Length", "0"), end())},
		{Name: "503 without a body", Send: get("/app/x"), On: a(head(503, ""), end())},
		{Name: "closed", Send: get("/app/x"), On: Scripts{"a": manyTimes(closes(), 2)}},
		{Name: "status 999", Send: get("/app/x"), On: a(head(999, "Odd"), end())},
		{Name: "down", Before: []Happening{down("a")}, Send: get("/app/x")},
	}
	return []Case{
		requestLog("every token", everyToken, Case{Steps: slices.Concat([]Step{
			{Name: "GET", Send: get("/app/x")},
			{Name: "query", Send: get("/app/x?a=1&b=%20")},
			{Name: "empty query", Send: get("/app/x?")},
			{Name: "POST", Send: post("/app/x", "body")},
			{Name: "HEAD", Send: request("HEAD", "/app/x", nil, "")},
			{Name: "HTTP/1.0", Send: "GET /app/x HTTP/1.0\r\n\r\n"},
			{Name: "unknown method", Send: request("BREW", "/app/x", nil, "")},
			{Name: "parameters, escapes, dots", Send: get("/app/./y/../%61%25b%20c;v=1//d")},
			{Name: "absolute", Send: "GET http://other.test:81/app/x HTTP/1.1\r\nHost: other.test:81\r\n\r\n"},
			{Name: "other Host", Send: "GET /app/x HTTP/1.1\r\nHost: other.test:8888\r\n\r\n"},
			{Name: "quotes and backslashes", Send: get("/app/%22%5c?\"\\")},
			{Name: "not mapped", Send: get("/index.html"), Unlogged: true},
			{Name: "mapped again", Send: get("/app/x")},
		}, failing)}),
		requestLog("names of the server", `p=%p v=%v V=%V`, Case{
			Workers: one(), Ports: 2, Config: vhosts("ServerName https://main.test:4711\nUseCanonicalName On\nJkMount /* a\nJkMountCopy All\n", "UseCanonicalName Off\n"),
			Steps: []Step{
				{Name: "main", Send: get("/x")},
				{Name: "vhost", Send: get("/x"), Port: 1},
				{Name: "vhost, other Host", Send: "GET /x HTTP/1.1\r\nHost: other.test:8888\r\n\r\n", Port: 1},
			},
		}),
		requestLog("workers and routes", `w=%w R=%R s=%s`, Case{
			Containers: abcd, Workers: "worker.list=s\nworker.s.type=status\n" + extensionWorkers(),
			Config: "JkMount /direct d\nJkMount /lb lb\nJkMount /status s\nJkMount /nobody nobody\nJkMount /off lb;stopped=a,b,c\nSetEnvIf X-Route (.+) JK_ROUTE=$1\n" + noPageHeaders,
			Steps: []Step{
				{Name: "direct", Send: get("/direct")},
				{Name: "direct with JK_ROUTE", Send: get("/direct", "X-Route: ra")},
				{Name: "balancer", Send: get("/lb")},
				{Name: "session", Send: get("/lb", "Cookie: JSESSIONID=1.rc")},
				{Name: "JK_ROUTE", Send: get("/lb", "X-Route: rb")},
				{Name: "unknown JK_ROUTE", Send: get("/lb", "X-Route: rx")},
				{Name: "unknown worker", Send: get("/nobody")},
				{Name: "all stopped", Send: get("/off")},
				{Name: "status worker", Send: request("HEAD", "/status?mime=txt&cmd=version", nil, "")},
			},
		}),
		requestLog("failover", `w=%w R=%R s=%s`, Case{
			Containers: ab, Workers: pair(nil, []string{"retries=1"}), Config: lbMount, Steps: []Step{
				{Name: "a", Send: get("/x", "Cookie: JSESSIONID=1.ra")},
				{Name: "a down", Before: []Happening{down("a")}, Send: get("/x", "Cookie: JSESSIONID=1.ra")},
				{Name: "both down", Before: []Happening{down("b")}, Send: get("/x", "Cookie: JSESSIONID=1.rb")},
			},
		}),
	}
}

// noPageHeaders takes away the headers with which mod_gojk protects its status page, and the character set that it names.
const noPageHeaders = "Header unset X-Content-Type-Options\nHeader unset X-Frame-Options\nHeader unset Referrer-Policy\nHeader unset Content-Security-Policy\nHeader unset Cache-Control\nHeader set Content-Type text/x\n"

func formatCases() []Case {
	plain := []Step{{Name: "GET", Send: get("/app/x?q")}}
	silent := func(name, format string) Case {
		c := requestLog(name, format, Case{})
		c.RequestLog = ""
		c.Steps = []Step{
			{Name: "start", Before: []Happening{nothing}, Says: []string{"JkRequestLogFormat"}},
			{Name: "GET", Send: get("/app/x"), Says: []string{marker}},
		}
		return c
	}
	return []Case{
		requestLog("no token", "only text", Case{Steps: plain}),
		requestLog("percent signs", `100%% %m%%`, Case{Steps: nil}).startOnly(),
		// What follows a line end is a line of its own, which the second step shows.
		requestLog("backslashes", `t[\t]b[\\]x[\x]e[\]n[\n]`+marker+"rest", Case{Steps: gets("/app/1", "/app/2")}),
		requestLog("side by side", `%m%U%q%s%w`, Case{Steps: plain}),
		// In mod_jk a client can write lines of its own into the log.
		requestLog("control characters in a request", `%U %q`, Case{Steps: []Step{{Name: "line end in the path", Send: get("/app/a%0ab%09c%01d%7fe")}, {Name: "bytes above 127", Send: get("/app/%c3%a9")}}}),
		requestLog("a long line", `%q %s`, Case{Steps: []Step{{Name: "query of 2000 bytes", Send: get("/app/x?" + fillQuery(2000))}, {Name: "the next", Send: get("/app/x")}}}),
		// A mistake switches it off, and the error log of httpd says so in few words.
		silent("unknown token", `%m %z %s`),
		silent("modifier", `%>s`),
		silent("field", `%{Host}i`),
		silent("percent at the end", `%m %`),
		silent("percent sign", `100%%`),
		{
			Name: "request log/inherited, own and off", Workers: one(), Ports: 3, RequestLog: marker,
			Config: "JkMountCopy All\nJkMount /* a\nJkRequestLogFormat \"" + marker + "main %m\"\n<VirtualHost 127.0.0.1:${PORT2}>\nServerName " + host + "\n</VirtualHost>\n" +
				"<VirtualHost 127.0.0.1:${PORT3}>\nServerName " + host + "\nJkRequestLogFormat \"" + marker + "own %U\"\nJkLogStampFormat \"{%H} \"\n</VirtualHost>\n",
			Steps: []Step{{Name: "main", Send: get("/x")}, {Name: "inherited", Send: get("/x"), Port: 1}, {Name: "own", Send: get("/x"), Port: 2}},
		},
		{
			Name: "request log/in a virtual host only", Workers: one(), Ports: 2, RequestLog: marker, Config: vhosts("JkMountCopy All\nJkMount /* a\n", "JkRequestLogFormat \""+marker+"%m\"\n"),
			Steps: []Step{{Name: "main", Send: get("/x"), Unlogged: true}, {Name: "vhost", Send: get("/x"), Port: 1}},
		},
		{
			// The virtual host's lines go into a file of its own: not into the one that is looked at.
			Name: "request log/own file of a virtual host", Workers: one(), Ports: 2, Config: vhosts("JkMountCopy All\nJkMount /* a\nJkRequestLogFormat \""+marker+"%m\"\n", "JkLogFile ${DIR}/own.log\n"),
			Steps: []Step{{Name: "main", Send: get("/x"), Says: []string{marker}}, {Name: "vhost", Send: get("/x"), Port: 1, Says: []string{marker}}, {Name: "vhost, down", Before: []Happening{down("a")}, Send: get("/x"), Port: 1, Says: []string{"Service error="}}},
		},
		{
			Name: "request log/twice", Workers: one(), RequestLog: marker, Config: direct + "JkRequestLogFormat \"" + marker + "first\"\nJkRequestLogFormat \"" + marker + "second\"\n", Steps: gets("/x"),
		},
		{
			Name: "request log/no-jk and subrequests", Workers: one(), RequestLog: marker, Modules: []string{"include"},
			Files: map[string]string{"page.shtml": "<!--#include virtual=\"/app/part\" -->\n"},
			Config: "JkMount /app/* a\nJkRequestLogFormat \"" + marker + everyToken + "\"\nSetEnvIf Request_URI /app/no no-jk\n" +
				"AddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\n<Directory ${HTDOCS}>\nOptions +Includes\n</Directory>\n",
			Steps: []Step{
				{Name: "subrequest", Send: get("/page.shtml"), Unlogged: true},
				{Name: "mapped", Send: get("/app/x")},
				{Name: "no-jk", Send: get("/app/no"), Unlogged: true},
			},
		},
		{
			// Of a request that httpd redirects inside only the first URI counts in mod_jk, and that is not mapped.
			Name: "request log/error document", Workers: one(), Config: "JkMount /app/* a\nJkRequestLogFormat \"" + marker + everyToken + "\"\nErrorDocument 404 /app/missing\n",
			Steps: []Step{{Name: "missing", Send: get("/missing.html"), Says: []string{marker}}},
		},
	}
}

// startOnly is the case without steps: only whether httpd starts.
func (c Case) startOnly() Case {
	c.Steps = nil
	return c
}

// stampCases: what JkLogStampFormat puts before a line.
func stampCases() []Case {
	var cases []Case
	for _, stamp := range []struct{ name, format string }{
		{"default", ""},
		{"milliseconds", "[%Y-%m-%d %H:%M:%S.%Q] "},
		{"microseconds", "[%H:%M:%S.%q] "},
		{"both", "%Q %q %Q %q|"},
		{"microseconds first", "%q %Q|"},
		{"neither", "%d/%b/%y %I%p|"},
		{"no conversion", "plain "},
		{"no blank at the end", "%H:%M"},
		{"percent signs", "%%|"},
		{"63 bytes", "%Q" + fill63[:61]},
		{"64 bytes", "%Q" + fill63[:62]},
		{"70 bytes without them", fill63 + "1234567|"},
		{"milliseconds beyond 63 bytes", fill63[:62] + "%Q|"},
		{"milliseconds at the 62nd byte", fill63[:61] + "%Q|"},
		{"long", "%A %A %A %A %A %A %A %A %B %B %B %B %Y %Y %Y %Y|"},
		{"unknown conversion", "%! %Ez|"},
	} {
		config := "JkRequestLogFormat \"" + marker + "%m\"\n" + direct
		if stamp.format != "" {
			config += "JkLogStampFormat \"" + stamp.format + "\"\n"
		}
		cases = append(cases, Case{Name: "log stamp/" + stamp.name, Workers: one(), RequestLog: marker, Config: config, Steps: gets("/x")})
	}
	return append(cases, Case{
		Name: "log stamp/inherited and own", Workers: one(), Ports: 2, RequestLog: marker, Steps: onBothPorts("/x"),
		Config: vhosts("JkMountCopy All\n"+direct+"JkLogStampFormat \"main %H \"\nJkRequestLogFormat \""+marker+"%m\"\n", "JkLogStampFormat \"own %M \"\n"),
	})
}

// levelCases: which lines there are at each JkLogLevel. The texts are what a connection that fails says, at info and error.
func levelCases() []Case {
	texts := []string{"connect to 127.0.0.1", "connecting to backend failed. Tomcat is probably not started", "Service error=", marker}
	steps := []Step{
		{Name: "served", Send: get("/x"), Says: texts},
		{Name: "down", Before: []Happening{down("a")}, Send: get("/x"), Says: texts},
	}
	var cases []Case
	for _, level := range []string{"trace", "debug", "info", "warn", "error", "emerg", "INFO", "loud", "err", "warning"} {
		cases = append(cases, Case{
			Name: "log level/" + level, Workers: one("retries=1"), RequestLog: marker, Steps: slices.Clone(steps),
			Config: "JkMount /* a\nJkLogLevel " + level + "\nJkRequestLogFormat \"" + marker + "%s\"\n",
		})
	}
	return append(cases,
		Case{
			Name: "log level/own in a virtual host", Workers: one("retries=1"), Ports: 2, Config: vhosts("JkMountCopy All\n"+direct+"JkLogLevel error\n", "JkLogLevel info\n"), Steps: []Step{
				{Name: "main", Before: []Happening{down("a")}, Send: get("/x"), Says: texts},
				{Name: "vhost", Send: get("/x"), Port: 1, Says: texts},
			},
		},
		Case{
			Name: "log level/messages of failures", Workers: one(), Config: direct, Steps: []Step{
				{Name: "closed", Send: get("/x"), On: Scripts{"a": manyTimes(closes(), 2)}, Says: []string{
					"can't receive the response header message from tomcat", "Tomcat is down or refused connection. No response has been sent to the client (yet)",
					"sending request to tomcat failed (recoverable)", "connecting to tomcat failed", "Service error=",
				}},
				{Name: "not AJP", Send: get("/x"), On: Scripts{"a": {harness.Do(raw([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")...), closes())}}, Says: []string{"wrong message format 0x"}},
				{Name: "unknown code", Send: get("/x"), On: a(packet(77, 1, 2), closes()), Says: []string{"Unknown AJP protocol code: 4D"}},
				{Name: "no body with an error", Send: get("/x"), On: a(head(404, ""), end()), Says: []string{"No body with status=404 for worker="}},
				{Name: "no reuse", Send: get("/x"), On: a(head(200, ""), chunk("x"), endClose()), Says: []string{"Reuse is set to false"}},
				{Name: "escapes above the root", Send: get("/x/..;/..;/y"), Says: []string{"contains a '/../' sequence that tries to escape above the root"}},
			},
		},
	)
}
