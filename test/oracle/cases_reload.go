package main

import (
	"slices"
	"time"
)

// reloading are the directives of a case whose mount file is looked at every second. mod_jk looks while it maps a request, if more
// than this has passed since it looked the last time, so that it takes up to two seconds.
const reloading = mountFile + "JkMountFileReload 1\n"

// appears asks for a URI until httpd does not answer it any more, but a container.
func appears(name, target string, before ...Happening) Step {
	return Step{Name: name, Before: before, Send: get(target), Until: Until{Status: 200}}
}

// changes replaces the mount file and waits until the new one counts. The text gets a rule by which that is seen.
func changes(name, text, marker string) Step {
	return changesFor("a", name, text, marker)
}

// changesFor has a worker for the rule by which it is seen.
func changesFor(worker, name, text, marker string) Step {
	return appears(name, marker, write(mapFile, text+marker+"="+worker+"\n"))
}

// named puts a word before the names of steps.
func named(word string, steps []Step) []Step {
	for i := range steps {
		steps[i].Name = word + steps[i].Name
	}
	return steps
}

// reloadCases: what becomes of a mount file that changes while httpd runs.
func reloadCases() []Case {
	file := func(text string) map[string]string { return map[string]string{mapFile: text} }
	return []Case{
		{
			Name: "mount file reload/rules come, change and go", Containers: ab, Workers: workersAB(), Beside: file("/stays/*=a\n/moves/*=a\n/goes/*=a\n"),
			Config: reloading + "JkMount /jk/* a\n", Steps: slices.Concat(
				gets("/stays/x", "/moves/x", "/goes/x", "/comes/x", "/jk/x"),
				[]Step{changes("second version", "/stays/*=a\n/moves/*=b\n/comes/*=b\n!/jk/no=a\n", "/version2")},
				gets("/stays/x", "/moves/x", "/goes/x", "/comes/x", "/jk/x", "/jk/no"),
				[]Step{changes("third version", "/goes/*=b;use_server_errors=500\n", "/version3")},
				gets("/stays/x", "/moves/x", "/goes/x", "/comes/x", "/jk/x", "/jk/no", "/version2"),
				[]Step{{Name: "an extension of the third version", Send: get("/goes/x"), On: on("b", head(503, ""), chunk("theirs"), end())}},
				[]Step{changes("exclusions and disabled rules", "/stays/*=a\n!/stays/x=a\n-/moves/*=a\n", "/version4")},
				gets("/stays/x", "/stays/y", "/moves/x"),
			),
		},
		{
			Name: "mount file reload/file vanishes and comes back", Workers: one(), Beside: file("/x=a\n"), Config: reloading, Steps: slices.Concat(
				gets("/x"),
				[]Step{{Name: "vanished", Before: []Happening{remove(mapFile)}, Send: get("/x"), Until: Until{Says: "Unable to stat|No such file"}, Says: []string{"Unable to stat the"}}},
				gets("/x", "/y"),
				[]Step{changes("comes back", "/y=a\n", "/version2")}, gets("/x", "/y"),
			),
		},
		{
			// mod_jk leaves invalid rules out; mod_gojk, at a reload, does not take half a file.
			Name: "mount file reload/invalid rules", Containers: ab, Workers: workersAB(), Beside: file("/x=a\n"), Config: reloading, Steps: slices.Concat(
				gets("/x"),
				[]Step{{
					Name: "no slash, no worker", Before: []Happening{write(mapFile, "*.jsp=a\n/y=nobody\n/z=b\nnonsense\n/x=b;nonsense=1\n")}, Send: get("/z"), Until: Until{Status: 200, Says: "is not put into force"},
				}},
				named("then ", gets("/x", "/y", "/z", "/x.jsp")),
				[]Step{changes("mended", "/x=b\n/z=b\n", "/version2")}, named("finally ", gets("/x", "/y", "/z")),
			),
		},
		{
			Name: "mount file reload/to nothing and back", Workers: one(), Beside: file("/x=a\n"), Config: reloading + "JkMount /jk a\n", Steps: slices.Concat(
				[]Step{changes("only the marker", "", "/version2")}, gets("/x", "/jk"),
				[]Step{changes("rules again", "/x=a\n", "/version3")}, gets("/x", "/jk"),
			),
		},
		{
			Name: "mount file reload/beside JkMount and the mount property", Containers: ab, Workers: list("a,b", ajp("a", "mount=/prop/* /all"), ajp("b")), Beside: file("/all=b\n"),
			Config: reloading + "JkMount /jk/* a\nJkMount /all a\n", Steps: slices.Concat(
				gets("/all", "/jk/x", "/prop/x"),
				[]Step{changes("without the rule", "", "/version2")}, gets("/all", "/jk/x", "/prop/x"),
				[]Step{changes("exclusions", "!/jk/x=a\n!/prop/*=a\n", "/version3")}, gets("/all", "/jk/x", "/jk/y", "/prop/x"),
			),
		},
		vhostReload(), neverReload(), underWayReload(), extensionReload(),
	}
}

// vhostReload: each server looks at its file itself; the interval is inherited.
func vhostReload() Case {
	vhost := func(name, target string) Step {
		return Step{Name: name, Send: get(target), Port: 1, Until: Until{Status: 200}}
	}
	return Case{
		Name: "mount file reload/virtual hosts", Containers: ab, Workers: workersAB(), Ports: 3,
		Beside: map[string]string{mapFile: "/x=a\n", "own": "/x=b\n"},
		Config: "JkMountCopy All\n" + reloading + "JkMount /jk a\n<VirtualHost 127.0.0.1:${PORT2}>\nServerName " + host + "\nJkMountFile own\n</VirtualHost>\n" +
			"<VirtualHost 127.0.0.1:${PORT3}>\nServerName " + host + "\n</VirtualHost>\n",
		Steps: slices.Concat(
			onBothPorts("/x", "/jk"),
			[]Step{
				changes("main's file changes", "/y=a\n", "/version2"),
				{Name: "a virtual host that shares it", Port: 2, Send: get("/version2"), Until: Until{Status: 200}},
			},
			onBothPorts("/x", "/y", "/jk"),
			[]Step{
				{Name: "main's rule is in the shared one, too", Port: 2, Send: get("/y")},
				{Name: "the virtual host's file changes", Before: []Happening{write("own", "/z=b\n/marker=b\n")}, Send: get("/marker"), Port: 1, Until: Until{Status: 200}},
			},
			onBothPorts("/x", "/y", "/z", "/jk"),
			[]Step{vhost("the virtual host still maps", "/z")},
		),
	}
}

// neverReload: with 0 the file is not looked at again before a restart.
func neverReload() Case {
	return Case{
		Name: "mount file reload/never", Workers: one(), Beside: map[string]string{mapFile: "/x=a\n"}, Config: mountFile + "JkMountFileReload 0\n", Steps: slices.Concat(
			gets("/x", "/y"),
			[]Step{{Name: "changed and a while later", Before: []Happening{write(mapFile, "/y=a\n"), pass(2500 * time.Millisecond)}, Send: get("/y")}},
			gets("/x"),
			[]Step{appears("after a graceful restart", "/y", graceful())}, gets("/x"),
		),
	}
}

// underWayReload: a request under way is not disturbed by a change.
func underWayReload() Case {
	return Case{
		Name: "mount file reload/requests under way", Containers: ab, Workers: workersAB(), Beside: map[string]string{mapFile: "/x=a;use_server_errors=500\n"}, Config: reloading, Steps: slices.Concat(
			[]Step{
				{Name: "begun under the first version", Send: get("/x"), Begin: "held", On: on("a", hold("held"), head(503, ""), chunk("theirs"), end())},
				changes("second version", "/x=b\n", "/version2"),
				{Name: "new requests", Send: get("/x")},
				changes("third version", "", "/version3"),
				{Name: "no rule any more", Send: get("/x")},
				{Name: "ends under the first", Finish: "held"},
			},
		),
	}
}

// extensionReload: the extensions of a balancer's rules change.
func extensionReload() Case {
	sessions := gets("/x;jsessionid=1.ra", "/x;jsessionid=1.rb")
	return Case{
		Name: "mount file reload/extensions", Containers: abcd, Workers: extensionWorkers(), Beside: map[string]string{mapFile: "/x=lb\n"}, Config: reloading, Steps: slices.Concat(
			sessions,
			[]Step{changesFor("d", "stopped", "/x=lb;stopped=a\n", "/version2")}, sessions,
			[]Step{changesFor("d", "another cookie", "/x=lb;stopped=b;session_cookie=SID\n", "/version3")}, sessions,
			[]Step{{Name: "the other cookie", Send: get("/x", "Cookie: SID=1.rc")}},
			[]Step{changesFor("d", "none", "/x=lb\n", "/version4")}, sessions,
		),
	}
}
