package main

import "slices"

// handlerCases: requests that no mount has and that come to mod_jk all the same, and mounted ones that do not.
func handlerCases() []Case {
	return slices.Concat(namedWorkerCases(), noJkCases(), interplayCases(), directoryCases(), sectionCases())
}

// byHandler sets the handler for everything below /h.
const byHandler = "<Location /h>\nSetHandler jakarta-servlet\n</Location>\n"

// namedWorkerCases: SetHandler jakarta-servlet, with a variable that names the worker. Without one, mod_jk 1.2.48 takes the first worker of
// worker.list; since 1.2.49 it declines. mod_gojk answers 404.
func namedWorkerCases() []Case {
	by := func(value string) Step {
		return Step{Name: "\"" + value + "\"", Send: get("/h/x", "X-JK-WORKER-NAME: ="+value)}
	}
	base := byHandler + fromHeader("JK_WORKER_NAME", "MY_WORKER")
	ways := slices.Concat(
		[]Step{by("a"), by("b"), by("nobody"), by(""), by(" a"), by("A"), by("a;"), by("a;reply_timeout=60000"), by("a ;reply_timeout=60000"), by("a;nonsense=1"), by("*"), by("a,b")},
		[]Step{{Name: "file that exists", Send: get("/h/file.txt", "X-JK-WORKER-NAME: =a")}, {Name: "directory", Send: get("/h/", "X-JK-WORKER-NAME: =a")}, {Name: "escapes and parameters", Send: get("/h/a%20b;v=1/../c//d?q", "X-JK-WORKER-NAME: =b")}, {Name: "POST", Send: post("/h/x", "body", "X-JK-WORKER-NAME: =b")}},
		[]Step{{Name: "outside", Send: get("/x", "X-JK-WORKER-NAME: =a")}, {Name: "mounted", Send: get("/h/mounted", "X-JK-WORKER-NAME: =a")}},
	)
	return []Case{
		{Name: "handler/worker by variable", Containers: ab, Workers: workersAB(), Config: base + "JkMount /h/mounted b\n", Files: map[string]string{"h/file.txt": "file\n"}, Steps: ways},
		{
			Name: "handler/worker by another variable", Containers: ab, Workers: workersAB(), Ports: 3, Config: base + "JkWorkerIndicator MY_WORKER\n" + severalServers("JkMount /none a\n", "JkWorkerIndicator JK_WORKER_NAME\nJkMount /none a\n"),
			Steps: []Step{
				{Name: "usual name", Send: get("/h/x", "X-JK-WORKER-NAME: =a", "X-MY-WORKER: =b")},
				{Name: "usual name, inherited", Port: 1, Send: get("/h/x", "X-JK-WORKER-NAME: =a", "X-MY-WORKER: =b")},
				{Name: "usual name, own", Port: 2, Send: get("/h/x", "X-JK-WORKER-NAME: =a", "X-MY-WORKER: =b")},
			},
		},
		{
			Name: "handler/set by other means", Containers: ab, Workers: workersAB(), Files: map[string]string{"f.jk": "source\n", "f.jkb": "source\n", "d/f.jk": "source\n"},
			Config: "AddHandler jakarta-servlet .jk\nSetEnv JK_WORKER_NAME a\n<Location /r>\nSetHandler Jakarta-Servlet\n</Location>\nAddType application/x-jakarta-servlet .jkb\nRewriteEngine On\nRewriteRule ^/rw/(.*)$ - [H=jakarta-servlet,E=JK_WORKER_NAME:b]\n" +
				"<Location /late>\nSetHandler jakarta-servlet\nSetEnv JK_WORKER_NAME b\n</Location>\n",
			Steps: gets("/f.jk", "/d/f.jk", "/none.jk", "/f.jkb", "/r/x", "/rw/x", "/late/x"),
		},
		{
			// Rule extensions may follow the name.
			Name: "handler/extensions", Containers: abcd, Workers: extensionWorkers(), Config: byHandler + fromHeader("JK_WORKER_NAME"), Steps: variableRuleSteps(),
		},
		{Name: "handler/no worker named", Containers: ab, Workers: workersAB(), Config: byHandler, Files: map[string]string{"h/f.jsp": "source\n"}, Steps: gets("/h/x", "/h/f.jsp", "/h/")},
		{Name: "handler/not mod_jk's name", Workers: one(), Config: "<Location /h>\nSetHandler jk-servlet\n</Location>\nSetEnv JK_WORKER_NAME a\n", Files: map[string]string{"h/f.txt": "file\n"}, Steps: gets("/h/x", "/h/f.txt")},
	}
}

// variableRuleSteps use extensionRules by a variable. Those that need many members in good health are left to the mounts.
func variableRuleSteps() []Step {
	var steps []Step
	for _, x := range extensionRules {
		for _, step := range stepsForRule("/h", x.path) {
			step.Send = withHeader(step.Send, "X-JK-WORKER-NAME: ="+x.rule)
			steps = append(steps, step)
		}
	}
	return steps
}

// noJkCases: no-jk keeps a request away from mod_jk, if it is set before the URI is mapped.
func noJkCases() []Case {
	files := map[string]string{"app/f.txt": "file\n", "app/late/f.txt": "file\n", "index.html": "static\n"}
	return []Case{
		{
			Name: "no-jk/SetEnvIf", Workers: one(), Files: files, Config: "JkMount /* a\n" + "SetEnvIf X-No-Jk ^=(.*)$ no-jk=$1\n" + byHandler + "SetEnv JK_WORKER_NAME a\n", Steps: []Step{
				{Name: "absent", Send: get("/app/f.txt")}, {Name: "empty", Send: get("/app/f.txt", "X-No-Jk: =")}, {Name: "1", Send: get("/app/f.txt", "X-No-Jk: =1")}, {Name: "0", Send: get("/app/f.txt", "X-No-Jk: =0")},
				{Name: "no file", Send: get("/app/none", "X-No-Jk: =1")}, {Name: "by handler", Send: get("/h/x", "X-No-Jk: =1")}, {Name: "directory", Send: get("/", "X-No-Jk: =1")}, {Name: "POST", Send: post("/app/f.txt", "body", "X-No-Jk: =1")},
			},
		},
		{Name: "no-jk/taken back", Workers: one(), Files: files, Config: "JkMount /* a\nSetEnvIf Request_URI ^/app/ no-jk\nSetEnvIf Request_URI late !no-jk\n", Steps: gets("/app/f.txt", "/app/late/f.txt", "/x")},
		{Name: "no-jk/capital letters", Workers: one(), Files: files, Config: "JkMount /* a\nSetEnvIf Request_URI ^/app/ NO-JK\n", Steps: gets("/app/f.txt")},
		{
			Name: "no-jk/RewriteRule", Workers: one(), Files: files, Config: "JkMount /app/* a\nRewriteEngine On\nRewriteRule ^/app/f - [E=no-jk:1]\nRewriteRule ^/to$ /app/f.txt [PT,E=no-jk:1]\n", Steps: gets("/app/f.txt", "/to", "/app/x"),
		},
		{
			// SetEnv comes when the URI is mapped: the handler declines, and what is left is not found (row 25).
			Name: "no-jk/SetEnv", Workers: one(), Files: files, Config: "JkMount /app/* a\n<Location /app/late>\nSetEnv no-jk 1\n</Location>\n<Location /app/unset>\nUnsetEnv no-jk\n</Location>\nSetEnvIf Request_URI /app/unset no-jk\n",
			Steps: gets("/app/f.txt", "/app/late/f.txt", "/app/late/", "/app/unset/x"),
		},
		{Name: "no-jk/in a virtual host", Workers: one(), Ports: 2, Files: files, Config: vhosts("JkMountCopy All\nJkMount /* a\n", "SetEnvIf Request_URI f no-jk\n"), Steps: onBothPorts("/app/f.txt", "/app/x")},
	}
}

// directoryCases: directories, with ForwardDirectories and without.
func directoryCases() []Case {
	files := map[string]string{"d/other.txt": "x", "e/index.html": "static", "e/index.jsp": "source", "f/index.jsp": "source"}
	steps := gets("/d/", "/d", "/e/", "/e", "/f/", "/f", "/none/", "/", "/d/other.txt", "/d;v=1/", "/d/;v=1", "/d//", "/d/?q=1", "/d/.", "/e/index.jsp")
	dir := func(name, config string, modules ...string) Case {
		return Case{Name: "directories/" + name, Workers: one(), Files: files, Modules: modules, Config: config, Steps: append(slices.Clone(steps), Step{Name: "POST /d/", Send: post("/d/", "body")}, Step{Name: "HEAD /d/", Send: request("HEAD", "/d/", nil, "")})}
	}
	jsp := "JkMount /*.jsp a\nDirectoryIndex index.html index.jsp\n"
	return []Case{
		dir("jsp mounted", jsp),
		dir("jsp mounted, jsp first", "JkMount /*.jsp a\nDirectoryIndex index.jsp index.html\n"),
		dir("jsp mounted, ForwardDirectories", jsp+"JkOptions +ForwardDirectories\n"),
		dir("jsp mounted, listings", jsp+"<Directory ${HTDOCS}>\nOptions +Indexes\n</Directory>\n", "autoindex"),
		dir("jsp mounted but excluded", jsp+"JkUnMount /d/*.jsp a\n"),
		dir("jsp mounted, no-jk", jsp+"SetEnvIf Request_URI ^/d/ no-jk\n"),
		dir("everything mounted", "JkMount /* a\n"),
		dir("slash mounted", "JkMount /*/ a\n"),
		dir("nothing mounted, ForwardDirectories", "JkUnMount /x a\nJkOptions +ForwardDirectories\nSetEnv JK_WORKER_NAME a\n"),
		dir("nothing mounted, ForwardDirectories, listings", "JkUnMount /x a\nJkOptions +ForwardDirectories\nSetEnv JK_WORKER_NAME a\n<Directory ${HTDOCS}>\nOptions +Indexes\n</Directory>\n", "autoindex"),
		dir("nothing mounted, directories not forwarded", "JkUnMount /x a\nSetEnv JK_WORKER_NAME a\n"),
		dir("ForwardDirectories of a welcome file that is missing", jsp+"JkOptions +ForwardDirectories\nSetEnv JK_WORKER_NAME a\n"),
	}
}

// sectionCases: mounts in sections. The section's argument is the pattern, as it stands.
func sectionCases() []Case {
	in := func(section, argument, text string) string {
		return "<" + section + " " + argument + ">\n" + text + "</" + section + ">\n"
	}
	return []Case{
		{Name: "sections/Location", Containers: ab, Workers: workersAB(), Config: in("Location", "/app", "JkMount a\n") + in("Location", "/app/", "JkMount b\n") + in("Location", "/w/*", "JkMount b;use_server_errors=400\n") + in("Location", "\"/bar|/*\"", "JkMount a\n"), Steps: append(
			gets("/app", "/app/", "/app/x", "/app;v=1", "/appx", "/w", "/w/", "/w/x/y", "/bar", "/bar/", "/bar/x"), Step{Name: "extension", Send: get("/w/x"), On: on("b", head(404, ""), chunk("theirs"), end())})},
		{Name: "sections/LocationMatch", Containers: ab, Workers: workersAB(), Config: in("LocationMatch", "\"/lm/.*\"", "JkMount a\n") + in("LocationMatch", "\"/alt/(x|y)\"", "JkMount b\n") + in("Location", "~ \"/tilde/[ab]\"", "JkMount a\n"), Steps: gets("/lm/x", "/lm/.x", "/lm/.*", "/lm/.", "/alt/x", "/alt/(x|y)", "/alt/(xy)", "/alt/(x", "/tilde/a", "/tilde/[ab]", "/tilde/b")},
		{Name: "sections/Directory", Containers: ab, Workers: workersAB(), Files: map[string]string{"srv/x": "file\n"}, Config: in("Directory", "/srv/x", "JkMount a\n"), Steps: gets("/srv/x", "/srv/x/y", "/srv")},
		{Name: "sections/unmount", Containers: ab, Workers: workersAB(), Config: "JkMount /app/* a\n" + in("Location", "/app/no", "JkUnMount a\n") + in("Location", "/app/not/*", "JkUnMount *\n") + in("Location", "/app/other", "JkUnMount b\n"), Steps: gets("/app/no", "/app/no/x", "/app/not/x", "/app/other", "/app/x")},
		{Name: "sections/twice", Containers: ab, Workers: workersAB(), Config: in("Location", "/app", "JkMount a\nJkMount b\n") + "JkMount /first b\n" + in("Location", "/first", "JkMount a\n") + in("Location", "/last", "JkMount a\n") + "JkMount /last b\n", Steps: gets("/app", "/first", "/last")},
		{Name: "sections/in a virtual host", Containers: ab, Workers: workersAB(), Ports: 2, Config: vhosts(in("Location", "/app", "JkMount a\n"), in("Location", "/app", "JkMount b\n")+in("Location", "/own", "JkMount b\n")), Steps: onBothPorts("/app", "/own", "/app/x")},
		{Name: "sections/nested", Containers: ab, Workers: workersAB(), Config: "<Location /app>\n<If \"true\">\nSetEnv X 1\n</If>\nJkMount a\n</Location>\n", Steps: gets("/app")},
	}
}
