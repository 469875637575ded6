package main

import (
	"slices"
	"strings"
)

// mapFile is the name of the mount file beside httpd.conf.
const mapFile = "uriworkermap.properties"

// mountFile is the directive that names it.
const mountFile = "JkMountFile ${DIR}/" + mapFile + "\n"

// workersAB are a and b, as direct workers.
func workersAB() string { return list("a,b", ajp("a"), ajp("b")) }

// rules is a case whose only rules are those of a mount file.
func rules(name, text string, steps []Step) Case {
	return Case{
		Name: "mount file/" + name, Containers: ab, Workers: workersAB(), Config: mountFile, Beside: map[string]string{mapFile: text}, Steps: steps,
	}
}

// atStart is a step that looks at what was said when httpd started.
func atStart(texts ...string) []Step {
	return []Step{{Name: "start", Before: []Happening{nothing}, Says: texts}}
}

// nothing happens: for steps that only look at logs.
func nothing(*world) error { return nil }

// mountFileCases: the grammar of a mount file.
func mountFileCases() []Case {
	return slices.Concat(grammarCases(), invalidRuleCases(), variableCases(), workerKeyCases(), precedenceCases(), fileExtensionCases())
}

func grammarCases() []Case {
	return []Case{
		rules("exact and wildcards", "/app=a\n/app/x.jsp=b\n/w/*=a\n/*.do=b\n/q?e=a\n/mid/*/end=b\n/=b\n", gets(
			"/app", "/app/", "/app/x", "/app/x.jsp", "/w", "/w/", "/w/x/y", "/x.do", "/d/x.do", "/w/x.do", "/x.DO", "/qqe", "/q/e", "/qe", "/mid/1/end", "/mid/1/2/end", "/mid/end", "/", "/index.html")),
		rules("blanks and line ends", "  /lead = a  \n\t/tab\t=\tb\t\n/crlf=a\r\n/inner blank=b\n/two  =  a\n /last=b", gets(
			"/lead", "/tab", "/crlf", "/inner%20blank", "/inner", "/two", "/two%20%20", "/last")),
		// '#' begins a comment wherever it stands, also inside a worker's name or a pattern.
		rules("comments", "# /one=a\n  # /two=a\n/three=a # comment\n/four=a#b\n/fi#ve=a\n#\n/six=b\n!/x=a #\n! /seven=a\n", gets(
			"/one", "/two", "/three", "/four", "/fi", "/fi%23ve", "/six", "/seven")),
		// Lines without '=', and those with an empty side, are no rules, and nothing is said about them.
		rules("lines that are ignored", "nonsense\n/no-equals\n=a\n/empty=\n/blank=   \n\n   \n/good=a\n", gets("/no-equals", "/empty", "/blank", "/good", "/")),
		// The first '=' ends the pattern.
		rules("equals signs", "/a=b=a\n/c==a\n/d=a=\n", gets("/a", "/a=b", "/c", "/c=", "/d")),
		rules("bar", "/app|/*=a\n/b|*.do=b\n/three|/x|/y=a\n/end|=b\n!/app|/no=a\n", gets(
			"/app", "/app/", "/app/x", "/appx", "/app|/x", "/app/no", "/b", "/bx.do", "/three", "/three/x", "/three/x|/y", "/three/x/y", "/end", "/end|")),
		rules("exclusions", "/app/*=a\n/other/*=b\n!/app/static/*=a\n!/*.gif=*\n!/other/x=a\n!/app/b=b\n!/none/*=a\n", gets(
			"/app/x", "/app/static/x", "/app/x.gif", "/other/x.gif", "/other/x", "/app/b", "/none/x", "/app/static", "/app/static;v/x", "/app/y/../static/x")),
		rules("disabled rules", "/on=a\n-/off=a\n/both/*=a\n-/both/x/*=b\n-!/both/y/*=a\n!/both/z/*=a\n", gets(
			"/on", "/off", "/both/1", "/both/x/1", "/both/y/1", "/both/z/1")),
		// Only "-" and "-!" may stand before a pattern, in this order. "!-" is a pattern that does not begin with '/'.
		rules("prefixes in other orders", "/x/*=a\n!-/x/1=a\n!!/x/2=a\n--/x/3=b\n- /x/4=b\n-! /x/5=a\n! /x/6=a\n", gets(
			"/x/0", "/x/1", "/x/2", "/x/3", "/x/4", "/x/5", "/x/6", "/!/x/2", "/-/x/3")),
		// A prefix is a part of the key: "/x" and "!/x" are two rules, and so are "/x" and "-/x".
		rules("prefixes and duplicates", "/x=a\n!/x=a\n/y=a\n-/y=b\n/z=a\n-!/z=a\n", gets("/x", "/y", "/z")),
		rules("duplicates", "/x=a\n/y=b\n/x=b\n/y|/*=a\n/z=a\n/z=a\n/w|/v=a\n/w/v=b\n/w=b\n", slices.Concat(atStart("Duplicate key"), gets("/x", "/y", "/y/1", "/z", "/w", "/w/v"))),
		rules("case", "/App=a\n/low=A\n", gets("/App", "/app", "/APP", "/low")),
		rules("characters that mean nothing", "/a[b]c=a\n/a.c=b\n/a+=a\n/^x$=b\n/back\\=a\n/quote\"=b\n/pct%20=a\n/utf-8-\xc3\xa9=b\n/semi;x=a\n", gets(
			"/a[b]c", "/abc", "/a.c", "/axc", "/a+", "/aa", "/^x$", "/x", "/back%5c", "/quote%22", "/pct%20", "/pct%2520", "/utf-8-%c3%a9", "/semi", "/semi;x", "/semi%3bx")),
		rules("patterns that normalisation never yields", "/a//b=a\n/a/./c=a\n/a/../d=a\n/e/=b\n", gets("/a//b", "/a/b", "/a/./c", "/a/c", "/a/../d", "/d", "/e", "/e/", "/e//")),
		rules("patterns of many bytes", "/"+strings.Repeat("x", 2000)+"=a\n/y/"+strings.Repeat("*z", 30)+"=b\n", []Step{
			{Name: "exactly", Send: get("/" + strings.Repeat("x", 2000))},
			{Name: "one less", Send: get("/" + strings.Repeat("x", 1999))},
			{Name: "many stars", Send: get("/y/" + strings.Repeat("z", 40))},
			{Name: "many stars, too few", Send: get("/y/" + strings.Repeat("z", 29))},
		}),
		rules("URIs of many bytes", "/*=a\n", []Step{
			{Name: "4000", Send: get("/" + strings.Repeat("x", 3999))},
			{Name: "4094", Send: get("/" + strings.Repeat("x", 4093))},
			{Name: "4095", Send: get("/" + strings.Repeat("x", 4094))},
			{Name: "4096", Send: get("/" + strings.Repeat("x", 4095))},
			{Name: "5000", Send: get("/" + strings.Repeat("x", 4999))},
			{Name: "5000 in parameters", Send: get("/x;" + strings.Repeat("x", 4999))},
		}),
		rules("empty file", "", gets("/", "/x")),
		rules("nothing but comments", "# nothing\n\n", gets("/", "/x")),
		rules("nothing but exclusions", "!/x=a\n", gets("/", "/x")),
		rules("BOM", "\xef\xbb\xbf/x=a\n/y=a\n", gets("/x", "/y")),
		{
			Name: "mount file/relative name", Workers: one(), Config: "JkMountFile " + mapFile + "\n", Beside: map[string]string{mapFile: "/x=a\n"}, Steps: gets("/x", "/y"),
		},
		{
			Name: "mount file/two files", Workers: one(), Config: mountFile + "JkMountFile second\n", Beside: map[string]string{mapFile: "/x=a\n", "second": "/y=a\n"}, Steps: gets("/x", "/y"),
		},
	}
}

// invalidRuleCases: rules that are none are left out, the others count. mod_jk warns of patterns that end like a deprecated property, too.
func invalidRuleCases() []Case {
	return []Case{
		// mod_jk's documentation has such patterns; mod_jk says that they are invalid.
		rules("patterns without a slash", "*.jsp=a\napp=a\n!*.html=*\n-x=a\n*=b\n/good=b\n", slices.Concat(
			atStart("invalid mapping rule"), gets("/x.jsp", "/app", "/x.html", "/x", "/good", "/"))),
		rules("unknown worker", "/x=nobody\n/y=a\n!/y/n=nobody\n/z=*\n", gets("/x", "/y", "/z")),
		// A worker's name ends at the ';', blanks before it included: "a " is nobody.
		rules("blanks around a worker", "/x= a ;reply_timeout=1000\n/y=a; reply_timeout=1000\n/z=a;\n", gets("/x", "/y", "/z")),
		{
			Name: "mount file/worker that is not listed", Containers: ab, Workers: list("a", ajp("a"), ajp("b")), Config: mountFile, Beside: map[string]string{mapFile: "/a=a\n/b=b\n"},
			Steps: gets("/a", "/b"),
		},
		rules("wildcards for a worker", "/x=a\n!/x=*\n/y=b\n!/y=?\n/v=a\n!/v=a*\n", gets("/x", "/y", "/v")),
	}
}

// variableCases: $(name) stands for a variable of the file, or of the environment, in the worker and not in the pattern.
func variableCases() []Case {
	environment := Case{
		Name: "mount file/environment", Containers: ab, Workers: workersAB(), Config: mountFile, Env: []string{"WORKER=b", "EXT=reply_timeout=10000", "EMPTY=", "URI=/uri"},
		Beside: map[string]string{mapFile: "/x=$(WORKER)\n/y=a;$(EXT)\n/z=$(MISSING)\n/e=$(EMPTY)\n/p=$(EMPTY)a\n$(URI)=a\n/$(URI)=a\n/two=$(EMPTY)$(WORKER)\n/open=$(WORKER\n/case=$(worker)\n"},
		Steps:  gets("/x", "/y", "/z", "/e", "/p", "/uri", "/$(URI)", "/two", "/open", "/case"),
	}
	return []Case{
		environment,
		// A definition is a rule that does not begin with '/': an error is logged, and it works.
		rules("variables", "who=b\n/x=$(who)\n/y=$(later)\nlater=a\n/z=$(/x)\nwho=a\n/w=$(who)\n", slices.Concat(atStart("invalid mapping rule"), gets("/x", "/y", "/z", "/w"))),
	}
}

// workerKeyCases: a key that begins with "worker." is a property of a worker, and an unknown one ends the whole file, and the map
// with it. Those are in brokenCases.
func workerKeyCases() []Case {
	return []Case{
		rules("known worker properties", "/x=a\nworker.a.port=1\nworker.list=b\n/y=b\n", slices.Concat(atStart("invalid mapping rule"), gets("/x", "/y"))),
		rules("deprecated names at the end of a pattern", "/x.disabled=a\n/y.stopped=b\n/z.jvm_route=a\n", gets("/x.disabled", "/y.stopped", "/z.jvm_route")),
		rules("keys that look like workers", "/worker.x=a\n/worker.list=b\n", gets("/worker.x", "/worker.list")),
	}
}

// precedenceCases: rules of a file beside those of JkMount and of the mount property.
func precedenceCases() []Case {
	return []Case{
		{
			Name: "mount file/beside JkMount", Containers: ab, Workers: workersAB(), Beside: map[string]string{
				mapFile: "/same=b\n/wide/*=b\n/deep/x/y/*=b\n/len/abc*=b\n!/out/x=a\n/in/*=b\n/t/*=b\n-/off=b\n",
			},
			Config: "JkMount /same a\n" + mountFile + "JkMount /wide/x a\nJkMount /deep/x/* a\nJkMount /len/ab* a\nJkMount /out/* a\nJkUnMount /in/x b\nJkUnMount /in/y a\nJkMount /t/? a\nJkMount /off a\n",
			Steps:  gets("/same", "/wide/x", "/wide/y", "/deep/x/y/z", "/deep/x/z", "/len/abcd", "/len/abx", "/out/x", "/out/y", "/in/x", "/in/y", "/t/1", "/t/12", "/off"),
		},
		{
			// Of rules that are equal otherwise the file's comes first, then JkMount's, then the property's.
			Name: "mount file/beside the mount property", Containers: []string{"a", "b", "c"}, Workers: list("a,b,c", ajp("a"), ajp("b"), ajp("c", "mount=/all /pf /pm /p,/p/*")),
			Beside: map[string]string{mapFile: "/all=a\n/pf=a\n/fm=a\n/p/*=a\n"}, Config: mountFile + "JkMount /all b\nJkMount /pm b\nJkMount /fm b\n",
			Steps: gets("/all", "/pf", "/pm", "/fm", "/p", "/p/x"),
		},
		rules("longest first", "/*=a\n/app/*=b\n/app/x/*=a\n/app/x/y=b\n/app*=a\n/a*a/*/*=b\n", gets("/", "/x", "/app", "/app/", "/app/x", "/app/x/", "/app/x/y", "/app/x/z", "/aaa/x/y", "/aba/x")),
		rules("order of definition does not count", "/t/*=a\n/t/b=b\n/s/b=b\n/s/*=a\n/r/??=a\n/r/b*=b\n", gets("/t/b", "/t/c", "/s/b", "/s/c", "/r/bb", "/r/cc")),
		rules("no second best", "/*=a\n/app/*=b\n!/app/static/*=b\n!/x=b\n!/y=a\n", gets("/app/x", "/app/static/x", "/x", "/y", "/z")),
		{
			Name: "mount file/in a Location", Workers: one(), Config: "<Location /x>\nJkMount a\n</Location>\n" + mountFile, Beside: map[string]string{mapFile: "!/x/y=a\n/x/*=a\n"}, Steps: gets("/x", "/x/y", "/x/z"),
		},
	}
}

// fileExtensionCases: every rule extension, in a file, in JkMount and in the variable of a worker.
func fileExtensionCases() []Case {
	var text, mounts strings.Builder
	for _, x := range extensionRules {
		text.WriteString(x.path + "=" + x.rule + "\n")
		mounts.WriteString("JkMount " + x.path + " \"" + x.rule + "\"\n")
	}
	balancers := extensionWorkers()
	says := atStart("unknown rule extension")
	return []Case{
		{Name: "mount file/extensions", Containers: abcd, Workers: balancers, Config: mountFile, Beside: map[string]string{mapFile: text.String()}, Steps: slices.Concat(says, extensionRuleSteps())},
		{Name: "mount/extensions, all", Containers: abcd, Workers: balancers, Config: mounts.String(), Steps: slices.Concat(says, extensionRuleSteps())},
	}
}
