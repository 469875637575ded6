package main

import "slices"

// staticCases: what JkStripSession and JkAutoAlias do with URIs that are not mapped.
func staticCases() []Case { return slices.Concat(stripCases(), aliasCases()) }

// siteFiles are static files, some with names that look like sessions.
var siteFiles = map[string]string{
	"page.html": "page\n", "d/page.html": "d/page\n", "d/e/page.html": "d/e/page\n", "semi;x.html": "semi\n", "page.html;sid=1": "with sid\n", "app/f.html": "behind the mount\n", "d/index.html": "d/index\n",
}

// stripSteps are requests for static files, with session ids here and there.
func stripSteps() []Step {
	return gets("/page.html", "/page.html;jsessionid=1.r", "/page.html;jsessionid=", "/page.html;jsessionid", "/page.html;jsessionidx=1", "/page.html;jsessionid=1;v=2", "/page.html;v=2;jsessionid=1",
		"/page.html;jsessionid=1;jsessionid=2", "/page.html;JSESSIONID=1", "/d;jsessionid=1/page.html", "/d;jsessionid=1/e;jsessionid=2/page.html;jsessionid=3", "/d/e;jsessionid=1/page.html", "/d;jsessionid=1/",
		"/d;jsessionid=1", "/;jsessionid=1", "/page.html%3Bjsessionid=1", "/page.html?;jsessionid=1", "/page.html;jsessionid=1?q", "/page.html;sid=1", "/page.html;sid=2", "/page.htmljsessionid=1", "/semi;x.html",
		"/semi;x.html;jsessionid=1", "/none.html;jsessionid=1", "/app/f.html;jsessionid=1.r", "/app;jsessionid=1/f.html", "/page.html;jsessionid=a.b!c*d", "/x/../page.html;jsessionid=1", "/page.html;jsessionid=%2F", "//page.html;jsessionid=1")
}

// stripCases: JkStripSession takes the identifier, up to the next ';' or '/' or the end, out of URI and file name: the first one only, in
// whatever segment. A virtual host that has no rules has no map, and then mod_jk does nothing there: a mount, a file or JkMountCopy switch
// its JkStripSession on. The main server always has a map.
func stripCases() []Case {
	strip := func(name, config string) Case {
		return Case{Name: "JkStripSession/" + name, Workers: one(), Files: siteFiles, Config: "JkMount /app/* a\n" + config, Steps: stripSteps()}
	}
	return []Case{
		strip("off", ""),
		strip("On", "JkStripSession On\n"),
		strip("Off", "JkStripSession Off\n"),
		strip("On, then Off", "JkStripSession On\nJkStripSession Off\n"),
		strip("another identifier", "JkStripSession On ;sid=\n"),
		strip("identifier without a semicolon", "JkStripSession On jsessionid\n"),
		strip("identifier with a slash", "JkStripSession On /page\n"),
		strip("in small letters", "jkstripsession on\n"),
		strip("empty identifier", "JkStripSession On \"\"\n"),
		strip("no mount at all", "JkUnMount /app/* a\nJkStripSession On\n"),
		{
			Name: "JkStripSession/virtual hosts", Workers: one(), Files: siteFiles, Ports: 4, Config: "JkMountCopy All\nJkStripSession On ;sid\nJkMount /app/* a\n" +
				severalServers("", "JkStripSession Off\n", "JkStripSession On\n"),
			Steps: slices.Concat(atPort("main", 0), atPort("inherited", 1), atPort("off", 2), atPort("on, no identifier", 3)),
		},
		{
			Name: "JkStripSession/in virtual hosts with and without rules", Workers: one(), Files: siteFiles, Ports: 5, Beside: map[string]string{mapFile: "/x=a\n"},
			Config: "JkMount /app/* a\n" + severalServers("JkStripSession On\n", "JkStripSession On\nJkMount /x a\n", "JkStripSession On\nJkMountCopy On\n", "JkStripSession On\n"+mountFile),
			Steps:  slices.Concat(atPort("main", 0), atPort("no rule", 1), atPort("mount", 2), atPort("copy", 3), atPort("file", 4)),
		},
		{Name: "JkStripSession/without rules", Workers: one(), Files: siteFiles, Config: "JkStripSession On\n", Steps: atPort("main", 0)},
		{
			Name: "JkStripSession/beside rewriting and aliases", Workers: one(), Files: siteFiles, Config: "JkMount /app/* a\nJkStripSession On\nAlias /alias ${HTDOCS}/d\nRewriteEngine On\nRewriteRule ^/rw/(.*)$ /d/$1 [PT]\nRewriteRule ^/file/(.*)$ ${HTDOCS}/d/$1\n",
			Steps: gets("/alias/page.html;jsessionid=1", "/alias;jsessionid=1/page.html", "/rw/page.html;jsessionid=1", "/file/page.html;jsessionid=1"),
		},
	}
}

// atPort are requests with session ids at one of the servers.
func atPort(name string, port int) []Step {
	var steps []Step
	for _, target := range []string{"/page.html", "/page.html;jsessionid=1", "/page.html;sid=1", "/page.html;sid=2", "/app/f.html;jsessionid=1"} {
		steps = append(steps, Step{Name: name + " " + target, Port: port, Send: get(target)})
	}
	return steps
}

// webapps is a folder of web applications below the DocumentRoot, which is where the harness puts files.
var webapps = map[string]string{
	"webapps/shop/index.html": "shop index\n", "webapps/shop/page.html": "shop page\n", "webapps/shop/my page.html": "blank\n", "webapps/shop/WEB-INF/web.xml": "secret\n", "webapps/shop/META-INF/context.xml": "secret\n",
	"webapps/shop/sub/WEB-INF/x": "not so secret\n", "webapps/shop/x.jsp": "source\n", "webapps/old.war": "archive\n", "webapps/dir.war/f.html": "a folder like an archive\n", "webapps/ROOT/index.html": "root\n",
	"webapps/ROOT/r.html": "root page\n", "webapps/plain.txt": "a file beside the applications\n", "webapps/my shop/page.html": "blank shop\n", "webapps/shop/web-inf/x": "small\n", "plain.txt": "of the DocumentRoot\n", "other/page.html": "of the DocumentRoot\n",
	"webapps/shop/semi;x.html": "semi\n", "shop/only-here.html": "of the DocumentRoot\n", "webapps/shop/empty/x": "x\n", "webapps/shop/d/index.html": "welcome\n",
}

// aliasSteps are requests around applications.
func aliasSteps() []Step {
	return gets("/shop/page.html", "/shop/", "/shop", "/shop/none.html", "/shop/my%20page.html", "/my%20shop/page.html", "/shop/WEB-INF/web.xml", "/shop/META-INF/context.xml", "/shop/web-inf/x", "/shop/Web-Inf/web.xml", "/shop/WEB-INF", "/shop/WEB-INF/",
		"/shop/sub/WEB-INF/x", "/shop/WEB-INF;v=1/web.xml", "/shop;v=1/WEB-INF/web.xml", "/shop/./WEB-INF/web.xml", "/shop//WEB-INF/web.xml", "/shop/x/../WEB-INF/web.xml", "/shop/%57EB-INF/web.xml", "/shop/x.jsp", "/old.war", "/old.war/x", "/OLD.WAR", "/none.war",
		"/dir.war/f.html", "/ROOT/r.html", "/ROOT/", "/r.html", "/", "/index.html", "/plain.txt", "/other/page.html", "/shop/only-here.html", "/shop/semi;x.html", "/shop;v=1/page.html", "/shop/page.html;v=1", "/shop/page.html?q", "/shop/../shop/page.html", "/shop/empty/", "/shop/empty", "/shop/d/", "/shop/d",
		"/..;/x", "/shop/..;/..;/x", "/.", "/shop/.", "/SHOP/page.html")
}

// aliasCases: JkAutoAlias. It concerns URIs that no worker has. The first segment must be a folder; then whatever is below it is
// served, or missing, and the DocumentRoot does not count any more. ".war" is refused also where there is no such file. A relative name is
// one below the folder in which httpd was started, which is ServerRoot here. In a virtual host it needs rules, as JkStripSession does.
func aliasCases() []Case {
	alias := func(name, config string, steps []Step) Case {
		return Case{Name: "JkAutoAlias/" + name, Workers: one(), Files: webapps, Config: config, Steps: steps}
	}
	few := gets("/shop/page.html", "/shop/WEB-INF/web.xml", "/old.war", "/plain.txt", "/shop/x.jsp")
	return []Case{
		alias("without a mount", "JkAutoAlias ${HTDOCS}/webapps\n", aliasSteps()),
		alias("beside *.jsp", "JkAutoAlias ${HTDOCS}/webapps\nJkMount /*.jsp a\n", slices.Concat(aliasSteps(), gets("/shop/none.jsp", "/none.jsp"))),
		alias("beside the applications", "JkAutoAlias ${HTDOCS}/webapps\nJkMount /shop/* a\nJkUnMount /shop/*.html a\n", aliasSteps()),
		alias("slash at the end", "JkAutoAlias ${HTDOCS}/webapps/\n", few),
		alias("relative", "JkAutoAlias htdocs/webapps\n", few),
		alias("missing folder", "JkAutoAlias ${HTDOCS}/missing\n", few),
		alias("a file", "JkAutoAlias ${HTDOCS}/plain.txt\n", few),
		alias("no-jk", "JkAutoAlias ${HTDOCS}/webapps\nSetEnvIf Request_URI . no-jk\n", few),
		alias("with JkStripSession", "JkAutoAlias ${HTDOCS}/webapps\nJkStripSession On\n", gets("/shop/page.html;jsessionid=1", "/shop;jsessionid=1/page.html", "/shop/;jsessionid=1", "/shop;jsessionid=1/WEB-INF/web.xml")),
		alias("directory index through a worker", "JkAutoAlias ${HTDOCS}/webapps\nJkMount /*.jsp a\nDirectoryIndex index.jsp index.html\n", gets("/shop/", "/shop/d/", "/shop/empty/", "/ROOT/")),
		alias("access rules", "JkAutoAlias ${HTDOCS}/webapps\n<Directory ${HTDOCS}/webapps/shop>\nRequire all denied\n</Directory>\n<Location /ROOT>\nRequire all denied\n</Location>\n", gets("/shop/page.html", "/ROOT/r.html", "/dir.war/f.html")),
		alias("twice", "JkAutoAlias ${HTDOCS}/missing\nJkAutoAlias ${HTDOCS}/webapps\n", few),
		{
			Name: "JkAutoAlias/virtual hosts", Workers: one(), Files: webapps, Ports: 7, Config: "JkAutoAlias ${HTDOCS}/webapps\nJkMount /*.jsp a\n" + severalServers(
				"", "JkMountCopy On\n", "JkAutoAlias ${HTDOCS}/other\nJkMountCopy On\n", "JkMountCopy On\nJkMount /x a\n", "JkAutoAlias ${HTDOCS}/webapps\n", "JkAutoAlias ${HTDOCS}/webapps\nJkMount /x a\n"),
			Steps: slices.Concat(aliasAtPort("main", 0), aliasAtPort("nothing", 1), aliasAtPort("copy", 2), aliasAtPort("own", 3), aliasAtPort("copy and a mount", 4), aliasAtPort("own, no rule", 5), aliasAtPort("own and a mount", 6)),
		},
		{
			Name: "JkAutoAlias/inherited with All", Workers: one(), Files: webapps, Ports: 4, Config: "JkMountCopy All\nJkAutoAlias ${HTDOCS}/webapps\n" + severalServers("", "JkMountCopy Off\n", "JkMountCopy Off\nJkMount /x a\n"),
			Steps: slices.Concat(aliasAtPort("main", 0), aliasAtPort("all", 1), aliasAtPort("off", 2), aliasAtPort("off and a mount", 3)),
		},
	}
}

// aliasAtPort are requests to one of the servers.
func aliasAtPort(name string, port int) []Step {
	var steps []Step
	for _, target := range []string{"/shop/page.html", "/shop/x.jsp", "/shop/WEB-INF/web.xml", "/old.war", "/plain.txt"} {
		steps = append(steps, Step{Name: name + " " + target, Port: port, Send: get(target)})
	}
	return steps
}
