package main

import "slices"

// uriModes are the ways to forward a URI; the first is the default.
var uriModes = []string{"ForwardURIProxy", "ForwardURICompat", "ForwardURICompatUnparsed", "ForwardURIEscaped"}

// uriCases: what becomes of request targets in each forwarding mode.
func uriCases() []Case {
	var cases []Case
	for _, mode := range uriModes {
		cases = append(cases, Case{
			Name: "uri/" + mode, Workers: one(), Config: direct + "JkOptions +" + mode + "\n", Steps: uriSteps(),
		})
	}
	return append(cases,
		Case{Name: "uri/default mode", Workers: one(), Config: direct, Steps: []Step{{Name: "escapes", Send: get("/app/%25%41+~%27%22%3c%5e?q=%20")}}},
		Case{Name: "uri/RejectUnsafeURI", Workers: one(), Config: direct + "JkOptions +RejectUnsafeURI\n", Steps: []Step{
			{Name: "plain", Send: get("/plain")},
			{Name: "percent", Send: get("/a%25b")},
			{Name: "backslash", Send: get("/a%5cb")},
			{Name: "other escapes", Send: get("/a%20b")},
		}},
		Case{Name: "uri/encoded slashes", Workers: one(), Config: direct + "AllowEncodedSlashes On\n", Steps: []Step{
			{Name: "on", Send: get("/app/a%2Fb")},
		}},
		Case{Name: "uri/encoded slashes kept", Workers: one(), Config: direct + "AllowEncodedSlashes NoDecode\n", Steps: []Step{
			{Name: "encoded slash", Send: get("/app/a%2Fb")},
			{Name: "lower case", Send: get("/app/a%2fb%20c")},
		}},
		Case{
			Name: "uri/escaped semicolons", Workers: one(), Steps: semicolonSteps(),
			Config: "JkMount /app/* a\nJkUnMount /app/admin/* a\nJkUnMount /app/*.do a\nJkMount /*.jsp a\n<Location /app/closed>\nRequire all denied\n</Location>\n",
		},
		Case{
			Name: "uri/encoded slashes kept, unparsed", Workers: one(), Steps: []Step{{Name: "encoded slash", Send: get("/app/a%2Fb")}},
			Config: direct + "AllowEncodedSlashes NoDecode\nJkOptions +ForwardURICompatUnparsed\n",
		},
		Case{
			Name: "uri/rewritten", Workers: one(), Modules: nil, Steps: rewriteSteps(),
			Config: "JkMount /app/* a\nRewriteEngine On\nRewriteRule ^/old/(.*)$ /app/$1 [PT]\nRewriteRule ^/lost/(.*)$ /app/$1\n" +
				"RewriteRule ^/query$ /app/q?added=1 [PT,QSA]\nRewriteRule ^/moved$ /app/x [R]\nRewriteRule ^/never$ - [F]\n" +
				"RewriteRule ^/app/out$ - [E=no-jk:1]\n",
		},
		Case{
			Name: "uri/rewritten, unparsed", Workers: one(), Steps: []Step{{Name: "PT", Send: get("/old/x%20y?q")}},
			Config: "JkMount /app/* a\nJkOptions +ForwardURICompatUnparsed\nRewriteEngine On\nRewriteRule ^/old/(.*)$ /app/$1 [PT]\n",
		},
		Case{Name: "query strings", Workers: one(), Config: direct, Steps: querySteps()},
	)
}

// uriSteps are a GET of each target.
func uriSteps() []Step {
	var steps []Step
	for _, target := range slices.Concat(plainTargets, oddTargets) {
		steps = append(steps, Step{Name: target, Send: get(target)})
	}
	return steps
}

// plainTargets mean the same in every mode.
var plainTargets = []string{"/", "/app", "/app/", "/app/x.jsp", "/app/x;jsessionid=ABC.n1", "/app;v=1/x;w=2?q=1", "/a-b_c.d~e", "/0/9"}

// oddTargets are escaped, dotted, doubled or simply strange.
var oddTargets = []string{
	"/app/%25%41+~%27%22%3c%5e", "/app/a%20b", "/app/a+b", "/app/a%2Bb", "/app/%41%42", "/app/%7e", "/app/~", "/app/%c3%a9", "/app/\xc3\xa9",
	"/app/%ff", "/app/a%3Fb", "/app/a%23b", "/app/a%26b=c%3Dd", "/app/$-_.+!*'(),:@&=", "/app/a%5Cb", "/app/a%7Cb", "/app/a|b", "/app/{a}[b]",
	"/app/a%0Ab", "/app/a%01b", "/app/a%7fb", "/app/a%2Fb", "/app/a%00b", "/app/%zz", "/app/%",
	"/app/./x", "/app/x/.", "/app/../x", "/x/../app/y", "/x/../app/./a//b;p=1/c", "/app//x", "//app///x", "/app/x//", "/..", "/../x", "/app/../../x",
	"/app/..;/x", "/app/..;v=1/x", "/app/.;/x", "/app/;a/x", "/app/x;/../y", "/app/%2e%2e/x", "/app/%2e/x", "/app/..%2fx", "/app/.../x", "/app/..x", "/app/;/",
	"/app;", "/;", "/;x=1", "/app/x;a=1;b=2", "/app/a%3Bb/..;/c",
}

// semicolonSteps: a ';' that the client has escaped, before rules that a path parameter would get around.
func semicolonSteps() []Step {
	var steps []Step
	for _, target := range []string{
		"/app/x%3By", "/app/x%3bv=1;w=2%3B3", "/app/x;v=%3B", "/app/x%3B/y", "/app%3Bx/y", "/x%3By.jsp", "/x.jsp%3By", "/app/%3B", "/app/x%253By;z",
		"/app/admin/..%3B/x", "/app/admin%3B/x", "/app/x%3B.do", "/app/x%3By;.do", "/app/closed/..%3B/x", "/app/closed%3B/x", "/app/x/..%3B/closed/y", "/app/closed;/x", "/app/closed;%3B/x",
	} {
		steps = append(steps, Step{Name: target, Send: get(target)})
	}
	return steps
}

func rewriteSteps() []Step {
	return []Step{
		{Name: "passed through", Send: get("/old/x")},
		{Name: "passed through with escapes", Send: get("/old/x%20y%25;p=1?q=%20")},
		{Name: "not passed through", Send: get("/lost/x")},
		{Name: "query added", Send: get("/query?own=1")},
		{Name: "redirected", Send: get("/moved")},
		{Name: "forbidden", Send: get("/never")},
		{Name: "no-jk", Send: get("/app/out")},
		{Name: "mounted without a rule", Send: get("/app/x")},
	}
}

func querySteps() []Step {
	var steps []Step
	for _, target := range []string{
		"/x?", "/x?a", "/x?a=1&b=2", "/x?a=%20%25", "/x?a+b", "/x?a=1?b=2", "/x?;jsessionid=X.b", "/x?/../y", "/x?a=\xc3\xa9", "/x?a=%00", "/x?a=b#f",
		"/x?[]{}|^\"", "/x;p=1?q", "/?root", "/x??", "/x?&&=", "/x?" + fillQuery(3000),
	} {
		steps = append(steps, Step{Name: trimmed(target), Send: get(target)})
	}
	return steps
}
