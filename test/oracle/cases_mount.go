package main

import "slices"

// mountCases: which URIs go to which worker.
func mountCases() []Case {
	two := list("a,b", ajp("a"), ajp("b"))
	ab := []string{"a", "b"}
	return []Case{
		{Name: "mount/exact", Workers: one(), Config: "JkMount /app a\nJkMount /app/x.jsp a\n", Steps: gets(
			"/app", "/app/", "/app/x", "/app/x.jsp", "/app/x.jsp/y", "/APP", "/ap", "/appx", "/", "/app?q", "/app;v=1", "//app", "/./app", "/app/.", "/x/../app")},
		{Name: "mount/wildcards", Workers: one(), Config: "JkMount /app/* a\nJkMount /*.jsp a\nJkMount /q?e a\nJkMount /mid/*/end a\nJkMount /two/*/x/*.do a\n", Steps: gets(
			"/app", "/app/", "/app/x", "/app/x/y/z", "/appx", "/x.jsp", "/d/e/x.jsp", "/x.jsp/y", "/x.jspx", "/.jsp", "/x.JSP", "/x.jsp;v=1", "/x.jsp?q",
			"/qqe", "/qe", "/q/e", "/qxxe", "/mid/a/end", "/mid/a/b/end", "/mid//end", "/mid/end", "/two/1/x/2.do", "/two/x/y.do", "/app/%2a", "/%61pp/x")},
		{Name: "mount/bar", Workers: one(), Config: "JkMount /app|/* a\nJkMount /b|*.do a\nJkMount /three|/x|/y a\n", Steps: gets(
			"/app", "/app/", "/app/x", "/appx", "/app|/x", "/b", "/bx.do", "/b/x.do", "/three", "/three/x", "/three/x|/y", "/three/x/y")},
		{Name: "mount/everything", Workers: one(), Config: "JkMount /* a\n", Steps: gets("/", "/index.html", "/x", "/x/")},
		{Name: "mount/root only", Workers: one(), Config: "JkMount / a\n", Steps: gets("/", "/index.html", "/x", "//", "/?q", "/;x")},
		{Name: "mount/longest first", Containers: ab, Workers: two, Config: "JkMount /* a\nJkMount /app/* b\nJkMount /app/x/* a\nJkMount /app/x/y b\n", Steps: gets(
			"/", "/x", "/app", "/app/", "/app/x", "/app/x/", "/app/x/y", "/app/x/y/z", "/app/x/z")},
		{
			Name: "mount/exact is not preferred", Containers: ab, Workers: two, Config: "JkMount /app a\nJkMount /app* b\nJkMount /t/b a\nJkMount /t/* b\nJkMount /s/* b\nJkMount /s/b a\n",
			Steps: gets("/app", "/appx", "/t/b", "/t/c", "/s/b", "/s/c"),
		},
		{Name: "mount/more slashes first", Containers: ab, Workers: two, Config: "JkMount /a*b*c*d*e*f a\nJkMount /*/*/* b\n", Steps: gets("/a/b/c/d/e/f", "/abcdef", "/abc/def")},
		{Name: "mount/same URI twice", Containers: ab, Workers: two, Config: "JkMount /app a\nJkMount /app b\nJkMount /bar|/* a\nJkMount /bar b\n", Steps: gets("/app", "/bar", "/bar/x")},
		{
			Name: "unmount", Containers: ab, Workers: two, Steps: gets("/app/x", "/app/static/x", "/app/x.gif", "/app/static/x.gif", "/other/x", "/other/x.gif", "/other/private/x",
				"/app/all/x", "/other/all/x", "/app/static;v=1/x", "/app/x/../static/x", "/app//static/x", "/app/%73tatic/x", "/app/static", "/app/x.gif;v=1", "/app/b-only/x", "/other/b-only/x"),
			Config: "JkMount /app/* a\nJkMount /other/* b\nJkUnMount /app/static/* a\nJkUnMount /*.gif a\nJkUnMount /other/private/* b\nJkUnMount /*/all/* *\nJkUnMount /*/b-only/* b\n",
		},
		{
			Name: "unmount/no second best", Containers: ab, Workers: two, Config: "JkMount /* a\nJkMount /app/* b\nJkUnMount /app/static/* b\nJkUnMount /x a\n",
			Steps: gets("/app/x", "/app/static/x", "/x", "/y"),
		},
		{Name: "unmount/bar", Workers: one(), Config: "JkMount /* a\nJkUnMount /no|/* a\n", Steps: gets("/no", "/no/x", "/nox", "/yes")},
		{Name: "unmount/before the mount", Workers: one(), Config: "JkUnMount /app/x a\nJkMount /app/* a\n", Steps: gets("/app/x", "/app/y")},
		{Name: "unmount/a longer mount does not save it", Workers: one(), Config: "JkMount /* a\nJkMount /app/deep/x a\nJkUnMount /app/* a\n", Steps: gets("/app/deep/x", "/app/y", "/z")},
		{
			Name: "mount/Location", Containers: ab, Workers: two, Steps: gets("/app", "/app/", "/app/x", "/wild/", "/wild/x", "/lm/x", "/lm/.x", "/lm/.*", "/un/x", "/un/no/x"),
			Config: "<Location /app>\nJkMount a\n</Location>\n<Location /wild/*>\nJkMount b\n</Location>\n<LocationMatch \"/lm/.*\">\nJkMount a\n</LocationMatch>\n" +
				"JkMount /un/* a\n<Location /un/no/*>\nJkUnMount a\n</Location>\n",
		},
		{
			Name: "mount/property", Containers: ab, Workers: list("a,b", ajp("a", "mount=/prop/* /exact,/bar|/*", "mount=!/prop/no"), ajp("b")), Config: "JkMount /prop/b b\nJkMount /exact b\n",
			Steps: gets("/prop/x", "/prop/no", "/prop/b", "/exact", "/bar", "/bar/x", "/bar|/x"),
		},
		{Name: "mount/unknown worker", Workers: one(), Config: "JkMount /app/* a\nJkMount /unknown/* nobody\n", Steps: gets("/app/x", "/unknown/x", "/else")},
		{Name: "mount/worker that is not listed", Containers: ab, Workers: list("a", ajp("a"), ajp("b")), Config: "JkMount /a/* a\nJkMount /b/* b\n", Steps: gets("/a/x", "/b/x")},
		{
			Name: "mount/rule extensions", Workers: one("retries=1"), Steps: slices.Concat(gets("/plain/x"), extensionSteps()),
			Config: "JkMount /plain/* a\nJkMount /timeout/* a;reply_timeout=200\nJkMount /status/* a;fail_on_status=503,-504\nJkMount /both/* a;reply_timeout=200;use_server_errors=500\nJkMount /odd/* a;unknown=1;reply_timeout=300\n",
		},
		{
			Name: "mount/before files and aliases", Workers: one(), Files: map[string]string{"app/f.txt": "file\n", "free/f.txt": "file\n"}, Config: "JkMount /app/* a\nAlias /app/alias ${HTDOCS}/free\n",
			Steps: gets("/app/f.txt", "/app/alias/f.txt", "/free/f.txt", "/free/", "/free", "/app/", "/app"),
		},
		{
			Name: "mount/directories", Workers: one(), Files: map[string]string{"d/other.txt": "x", "e/index.html": "static", "e/index.jsp": "source"},
			Config: "JkMount /*.jsp a\nDirectoryIndex index.html index.jsp\n", Steps: gets("/d/", "/d", "/e/", "/e", "/e/index.jsp", "/none/", "/", "/d/other.txt"),
		},
		{
			Name: "mount/access rules", Workers: one(), Steps: gets("/app/x", "/app/denied", "/app/denied/x", "/app/;v=1/denied", "/app/x;/../denied", "/app//denied", "/app/%64enied"),
			Config: "JkMount /app/* a\n<Location /app/denied>\nRequire all denied\n</Location>\n",
		},
		{
			Name: "mount/handlers", Workers: one(), Files: map[string]string{"app/x.asis": "x"}, Config: "JkMount /app/* a\n<Location /app/none>\nSetHandler default-handler\n</Location>\nAddHandler default-handler .hand\n",
			Steps: gets("/app/x", "/app/none", "/app/x.hand", "/app/none/x"),
		},
		{
			Name: "mount/no-jk", Workers: one(), Files: map[string]string{"app/f.txt": "file\n"}, Steps: gets("/app/f.txt", "/app/x", "/app/f.txt?nojk", "/app/late/x"),
			Config: "JkMount /app/* a\nSetEnvIf Request_URI f\\.txt$ no-jk\n<Location /app/late>\nSetEnv no-jk 1\n</Location>\n",
		},
		{
			Name: "mount/subrequests", Workers: one(), Modules: []string{"include"}, Files: map[string]string{
				"page.shtml": "before <!--#include virtual=\"/app/part\" --> after\n", "file.shtml": "<!--#include file=\"part.txt\" -->\n", "part.txt": "part\n",
			}, Config: "JkMount /app/* a\nAddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\n<Directory ${HTDOCS}>\nOptions +Includes\n</Directory>\n",
			Steps: []Step{
				{Name: "include file", Send: get("/file.shtml")},
				{Name: "include virtual", Send: get("/page.shtml")},
				{Name: "error document", Send: get("/app/x"), On: a(head(404, ""), end())},
			},
		},
		{Name: "mount/error documents", Workers: one(), Config: "JkMount /app/* a\nErrorDocument 404 /app/missing\nErrorDocument 503 /app/503\n", Steps: []Step{
			{Name: "404 of httpd", Send: get("/missing.html")},
			{Name: "404 of httpd, container answers 404", Send: get("/missing.html"), On: a(head(404, "", "Content-Type", "text/plain"), chunk("page"), end())},
			{Name: "404 of the container", Send: get("/app/x"), On: a(head(404, ""), chunk("own"), end())},
		}},
		{Name: "vhosts without JkMountCopy", Workers: one(), Ports: 2, Config: vhosts("JkMount /main/* a\n", "JkMount /own/* a\n"), Steps: vhostSteps()},
		{
			Name: "vhosts with JkMountCopy", Containers: ab, Workers: two, Ports: 2, Steps: vhostSteps(),
			Config: vhosts("JkMount /main/* a\nJkMount /both a\nJkUnMount /main/no a\n", "JkMountCopy On\nJkMount /own/* b\nJkMount /both b\n"),
		},
		{Name: "vhosts with JkMountCopy, no rules of its own", Workers: one(), Ports: 2, Config: vhosts("JkMount /main/* a\nJkUnMount /main/no a\n", "JkMountCopy On\n"), Steps: vhostSteps()},
		{Name: "vhosts with JkMountCopy All", Containers: ab, Workers: two, Ports: 2, Steps: vhostSteps(), Config: vhosts("JkMountCopy All\nJkMount /main/* a\n", "JkMount /own/* b\n")},
		{
			Name: "vhosts with JkMountCopy All, one switches it off", Containers: ab, Workers: two, Ports: 2, Steps: vhostSteps(),
			Config: vhosts("JkMountCopy All\nJkMount /main/* a\n", "JkMountCopy Off\nJkMount /own/* b\n"),
		},
		{Name: "vhosts without any Jk directive", Workers: one(), Ports: 2, Config: vhosts("JkMount /main/* a\n", ""), Steps: vhostSteps()},
		{
			Name: "vhosts with JkMountCopy and the mount property", Containers: ab, Workers: list("a,b", ajp("a", "mount=/prop/*"), ajp("b")), Ports: 2, Steps: vhostSteps(),
			Config: vhosts("JkMount /main/* a\n", "JkMountCopy On\nJkMount /own/* b\n"),
		},
		{
			Name: "vhosts with JkOptions", Workers: one(), Ports: 2, Config: vhosts("JkMountCopy All\nJkMount /* a\nJkOptions +ForwardURICompat\n", "JkOptions +ForwardURIEscaped\n"),
			Steps: onBothPorts("/a%20b%3c"),
		},
		{
			Name: "vhosts with a minus", Workers: one(), Ports: 2, Config: vhosts("JkMountCopy All\nJkMount /* a\nJkOptions +DisableReuse\n", "JkOptions -DisableReuse\n"),
			Steps: onBothPorts("/x", "/y"),
		},
	}
}

// gets are GET requests, one a step.
func gets(targets ...string) []Step {
	var steps []Step
	for _, target := range targets {
		steps = append(steps, Step{Name: target, Send: get(target)})
	}
	return steps
}

// vhosts is a configuration with a virtual host on the second port.
func vhosts(main, vhost string) string {
	return main + "<VirtualHost 127.0.0.1:${PORT2}>\nServerName " + host + "\n" + vhost + "</VirtualHost>\n"
}

// onBothPorts requests each target from the main server and from the virtual host.
func onBothPorts(targets ...string) []Step {
	var steps []Step
	for _, target := range targets {
		steps = append(steps, Step{Name: "main " + target, Send: get(target)}, Step{Name: "vhost " + target, Send: get(target), Port: 1})
	}
	return steps
}

func vhostSteps() []Step {
	return onBothPorts("/main/x", "/main/no", "/own/x", "/both", "/prop/x", "/x")
}

// extensionSteps use the rules of the case "mount/rule extensions".
func extensionSteps() []Step {
	failing := func(status int) Scripts { return a(head(status, "", "X-Own", "1"), chunk("theirs"), end()) }
	return []Step{
		{Name: "reply_timeout, in time", Send: get("/timeout/x")},
		{Name: "reply_timeout, silence", Send: get("/timeout/x"), On: Scripts{"a": {silent()}}},
		{Name: "reply_timeout, silence after the head", Send: get("/timeout/x"), On: a(head(200, "OK"), hostCloses())},
		{Name: "fail_on_status, 200", Send: get("/status/x")},
		{Name: "fail_on_status, 503", Send: get("/status/x"), On: failing(503)},
		{Name: "fail_on_status, 504", Send: get("/status/x"), On: failing(504)},
		{Name: "fail_on_status, 500 is not in the list", Send: get("/status/x"), On: failing(500)},
		{Name: "two extensions, silence", Send: get("/both/x"), On: Scripts{"a": {silent()}}},
		{Name: "two extensions, 500", Send: get("/both/x"), On: failing(500)},
		{Name: "unknown extension", Send: get("/odd/x")},
		{Name: "after an unknown extension", Send: get("/odd/x"), On: Scripts{"a": {silent()}}},
	}
}
