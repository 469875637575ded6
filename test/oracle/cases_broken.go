package main

import "slices"

// unsupported is a line with which mod_jk gives up the whole mount file: a key that begins with "worker." and that is no property.
const unsupported = "worker.a.surprise=1\n"

// brokenFileCases: a mount file that mod_jk gives up.
//
// At a start the whole map of the server is empty then: also JkMount has no effect, until httpd is started again; a repaired
// file brings its own rules only. At a reload the rules of the generation before come back, out of memory that may be used for something
// else by now.
func brokenFileCases() []Case {
	file := func(text string) map[string]string { return map[string]string{mapFile: text} }
	return []Case{
		// As start cases, because mod_gojk does not start with a file that would switch mounts off.
		{Name: "broken mount file/at the start", Workers: one(), Beside: file("/x=a\n" + unsupported + "/y=a\n"), Config: reloading + "JkMount /jk a\n"},
		{Name: "broken mount file/of a virtual host", Workers: one(), Ports: 2, Beside: file(unsupported), Config: vhosts("JkMount /main a\n", mountFile)},
		{Name: "broken mount file/a line of 8300 bytes", Workers: one(), Beside: file("/long=a\n/" + fill(8300)[9:] + "=b\n/after=b\n"), Config: mountFile},
		{Name: "broken mount file/NUL", Workers: one(), Beside: file("/x=a\n/y\x00z=a\n/w=a\n"), Config: mountFile},
		{
			Name: "broken mount file/at a reload", Workers: one(), Beside: file("/x=a\n"), Config: reloading + "JkMount /jk a\n", Steps: slices.Concat(
				gets("/x", "/jk"),
				[]Step{
					changes("second version", "/y=a\n", "/version2"),
					{
						Name: "broken", Before: []Happening{write(mapFile, "/z=a\n"+unsupported+"/w=a\n")}, Send: get("/version2"),
						Until: Until{Says: "is not supported|not supported|unknown"}, Says: []string{"is not supported"}, Random: true,
					},
				},
				random(named("then ", gets("/x", "/y", "/z", "/w", "/jk", "/version2"))),
				[]Step{changes("repaired", "/y=a\n/z=a\n", "/version3")}, gets("/x", "/y", "/z", "/jk"),
			),
		},
	}
}

// random marks steps in which mod_jk does not do the same twice.
func random(steps []Step) []Step {
	for i := range steps {
		steps[i].Random = true
	}
	return steps
}
