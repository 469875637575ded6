// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// source is in every file that stands behind a mount, and must reach no client.
const source = "<% secret %>"

// static is in every file that httpd is to serve itself.
const static = "a static file\n"

// mappingConfig has the mounts of TestMapping. Main server: port 1. Virtual hosts: port 2.
const mappingConfig = `
JkMount /exact a
JkMount /tree/* a
JkMount /?/one a
JkMount /both|/* a
JkMount /*.jsp b
JkMount /*.do b
JkMount /unknown/* nobody
JkUnMount /tree/static/* a
JkUnMount /tree/*.gif *
JkUnMount /tree/other/* b
JkUnMount /both/static|/* a
<Location /loc/exact>
  JkMount a
</Location>
<Location /loc/wild/*>
  JkMount b
</Location>
SetEnvIf Request_URI ^/tree/nojk no-jk
SetEnvIf X-Worker (.+) JK_WORKER_NAME=$1
<Location /handler>
  SetHandler jakarta-servlet
</Location>
<Location /tree/handled>
  SetHandler default-handler
</Location>
RewriteEngine On
RewriteRule ^/moved/(.*)$ /tree/$1 [PT]
RewriteRule ^/byhand/ - [H=jakarta-servlet,E=JK_WORKER_NAME:b]
DirectoryIndex index.jsp index.html

<VirtualHost *:${PORT2}>
  ServerName none.test
  DocumentRoot ${HTDOCS}
</VirtualHost>
<VirtualHost *:${PORT2}>
  ServerName own.test
  DocumentRoot ${HTDOCS}
  JkMount /own/* b
</VirtualHost>
<VirtualHost *:${PORT2}>
  ServerName copy.test
  DocumentRoot ${HTDOCS}
  JkMountCopy On
</VirtualHost>
<VirtualHost *:${PORT2}>
  ServerName both.test
  DocumentRoot ${HTDOCS}
  JkMountCopy On
  JkMount /tree/* b
  JkUnMount /exact *
</VirtualHost>
<VirtualHost *:${PORT2}>
  ServerName off.test
  DocumentRoot ${HTDOCS}
  JkMountCopy Off
</VirtualHost>`

// files stand in the DocumentRoot, those with source behind a mount.
func files() map[string]string {
	list := map[string]string{}
	for _, name := range []string{
		"exact", "tree/x.txt", "tree/a b.jsp", "tree/page.jsp", "tree/handled/page.jsp", "both/x", "x/page.jsp", "x/page.do", "dir/index.jsp",
		"handler/x.jsp", "handler/x.txt", "loc/exact", "loc/wild/x", "q/one", "unknown/page.jsp", "byhand/x.txt", "tree/static/sub/page.jsp",
	} {
		list[name] = source
	}
	for _, name := range []string{
		"tree/static/x.txt", "tree/pic.gif", "both/static/x", "both/static2", "free.txt", "exact2", "loc/exact2", "loc/exact3/x", "own/x", "static/index.html", "empty/x.txt",
		"tree/nojk/page.html",
	} {
		list[name] = static
	}
	return list
}

// answer is what a request to map ends with: "a" and "b" are the containers, "static" is httpd itself, a number is a status.
func answer(r *harness.Response) string {
	switch body := string(r.Body); {
	case strings.Contains(body, "secret"):
		return "SOURCE"
	case r.Status == 200 && body == static:
		return "static"
	case r.Status == 200:
		return body
	}
	return strings.SplitN(r.StatusLine, " ", 3)[1]
}

func TestMapping(t *testing.T) {
	s := start(t, plan{config: mappingConfig, options: func(o *harness.Options) { o.Ports, o.Files = 2, files() }})
	tests := []struct{ name, host, path, header, want string }{
		{"exact", "", "/exact", "", "a"},
		{"exact, with a query", "", "/exact?x=y", "", "a"},
		{"exact is not a prefix", "", "/exact2", "", "static"},
		{"exact is not a folder", "", "/exact/x", "", "404"},
		{"exact, with slash", "", "/exact/", "", "404"},
		{"tree", "", "/tree/x.txt", "", "a"},
		{"tree, deep", "", "/tree/x/y/z", "", "a"},
		{"tree, its root", "", "/tree/", "", "a"},
		{"tree, without slash", "", "/tree", "", "301"},
		{"one character", "", "/q/one", "", "a"},
		{"two characters", "", "/qq/one", "", "404"},
		{"both forms, without", "", "/both", "", "a"},
		{"both forms, with", "", "/both/x", "", "a"},
		{"both forms of an unmount", "", "/both/static/x", "", "static"},
		{"suffix", "", "/x/page.jsp", "", "b"},
		{"another suffix", "", "/x/page.do", "", "b"},
		{"the longer pattern wins over the suffix", "", "/tree/page.jsp", "", "a"},
		{"not mounted", "", "/free.txt", "", "static"},
		{"unmounted", "", "/tree/static/x.txt", "", "static"},
		{"unmounted, all workers", "", "/tree/pic.gif", "", "static"},
		{"unmounted from another worker", "", "/tree/other/x", "", "a"},
		{"unmounted, and no wider mount takes over", "", "/tree/static/nothing.jsp", "", "404"},
		{"Location, exact", "", "/loc/exact", "", "a"},
		{"Location is not a prefix for a mount", "", "/loc/exact3/x", "", "static"},
		{"Location with wildcard", "", "/loc/wild/x", "", "b"},
		{"worker that does not exist", "", "/unknown/page.jsp", "", "500"},
		{"no-jk", "", "/tree/nojk/page.html", "", "static"},
		{"handler and JK_WORKER_NAME", "", "/handler/x.txt", "X-Worker: b", "b"},
		{"handler and JK_WORKER_NAME, a balancer", "", "/handler/x.txt", "X-Worker: lb", "a"},
		{"handler and JK_WORKER_NAME, with a rule extension", "", "/handler/x.txt", "X-Worker: lb;disabled=a", "b"},
		{"handler and a worker that does not exist", "", "/handler/x.txt", "X-Worker: nobody", "500"},
		{"handler without a worker: never the file", "", "/handler/x.txt", "", "404"},
		{"handler, a mount, and a name: the mount wins", "", "/handler/x.jsp", "X-Worker: a", "b"},
		{"another handler takes a mounted URI: never the file", "", "/tree/handled/page.jsp", "", "404"},
		{"rewritten", "", "/moved/x", "", "a"},
		{"rewritten to a handler", "", "/byhand/x.txt", "", "b"},
		{"index file behind a mount", "", "/dir/", "", "b"},
		{"index file behind a mount that httpd does not see", "", "/empty/", "", "b"},
		{"index file", "", "/static/", "", "static"},
		{"options *", "", "*", "", "400"},

		{"virtual host without mounts", "none.test", "/own/x", "", "static"},
		{"virtual host with its own", "own.test", "/own/x", "", "b"},
		{"virtual host with its own does not inherit", "own.test", "/tree/nothing", "", "404"},
		{"virtual host, Off", "off.test", "/tree/nothing", "", "404"},
		{"virtual host, copied", "copy.test", "/tree/x", "", "a"},
		{"virtual host, copied unmount", "copy.test", "/tree/static/x.txt", "", "static"},
		{"virtual host, copied, Location too", "copy.test", "/loc/exact", "", "a"},
		{"virtual host, its own wins", "both.test", "/tree/x", "", "b"},
		{"virtual host, its own and the copy", "both.test", "/both/x", "", "a"},
		{"virtual host, its own unmount", "both.test", "/exact", "", "SOURCE"}, // as configured: httpd's own
		{"another name: the first virtual host", "other.test", "/own/x", "", "static"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			port, headers := 0, []string{}
			if tt.host != "" {
				port, headers = 1, append(headers, "Host: "+tt.host)
			}
			if tt.header != "" {
				headers = append(headers, tt.header)
			}
			r := doAt(t, s.AddrOf(port), request("GET", tt.path, headers...))
			require.Equal(t, harness.EndComplete, r.End)
			require.Equal(t, tt.want, answer(r), r.StatusLine)
		})
	}
}

// TestMapping_Forwarded: what the container is asked for.
func TestMapping_Forwarded(t *testing.T) {
	s := start(t, plan{config: mappingConfig, options: func(o *harness.Options) { o.Ports, o.Files = 2, files() }})
	for path, want := range map[string]string{
		"/dir/":                  "/dir/index.jsp", // what mod_dir has found
		"/empty/":                "/empty/",        // what the container may know better
		"/moved/x":               "/tree/x",
		"/tree/x;jsessionid=1.a": "/tree/x;jsessionid=1.a",
		"/tree/%25%20%3f":        "/tree/%25%20%3F",
		"/tree//x/../y?a=b":      "/tree/y",
	} {
		s.Take()
		require.Equal(t, 200, s.get(t, path).Status, path)
		require.Equal(t, want, s.requests()[0].Request.URI.Value)
	}
}

// TestMapping_Spellings: however a client writes the path of a file that stands behind a mount, it does not get the file.
func TestMapping_Spellings(t *testing.T) {
	s := start(t, plan{config: mappingConfig, options: func(o *harness.Options) { o.Ports, o.Files = 2, files() }})
	mounted := []string{
		"/tree/page.jsp", "/tree//page.jsp", "//tree/page.jsp", "/tree/./page.jsp", "/./tree/page.jsp", "/x/../tree/page.jsp", "/tree/x/../page.jsp",
		"/tree/page.jsp;jsessionid=1.a", "/tree;x=y/page.jsp", "/tree;/page.jsp", "/;x/tree/page.jsp", "/tree/;x/page.jsp",
		"/%74ree/page.jsp", "/tree/page%2ejsp", "/tree/%70age.jsp", "/tree/page.jsp%3bx=y", "/tree%3bx=y/page.jsp", "/tree/%2e/page.jsp",
		"/tree/x/%2e%2e/page.jsp", "/x/%2e%2e/tree/page.jsp", "/tree/..;/tree/page.jsp", "/x/..;x=y/tree/page.jsp", "/tree/a%20b.jsp", "/tree/static/../page.jsp",
		"/tree/static/..;/page.jsp", "/tree/static/%2e%2e/page.jsp", "/tree/page.jsp?/static/", "/tree/page.jsp/", "/tree/page.jsp/static/x", "/x/page.jsp",
		"/x/page.jsp;x", "/x;/page.jsp", "/x//page.jsp", "/x/page%2Ejsp", "/x/page.do;a=b;c=d", "/dir/index.jsp", "/dir/",
		"//dir//", "/exact;x", "//exact", "/./exact", "/x/../exact", "/%65xact", "/loc/exact;x", "/loc//exact", "/handler//x.jsp",
	}
	other := []string{ // httpd or the module refuses them, or there is no such file
		"/tree%2fpage.jsp", "/tree/page.jsp%00", "/tree/page.jsp%00.gif", "/..;/tree/page.jsp", "/../tree/page.jsp", "/tree/../../tree/page.jsp", "/TREE/page.jsp",
		"/tree\\page.jsp", "/tree/page.jsp%20", "/tree/page.jsp.", "/tree/%252e%252e/page.jsp", "/x/page.jsp/y", "/x/page.jsp%2f", "/x/page.jsp%5c", "/x/page.jsp%0a",
		"/tree/static/page.jsp", "/static/../../tree/page.jsp", "/handler/x.txt;x", "/handler;x/x.txt", "/unknown;x/page.jsp", "/x/page.jsp%3f", "/x/PAGE.jsp",
		"http://localhost/tree/page.jsp", "http://other.test/tree/page.jsp", "/tree/page.jsp;x=/../../x",
		"/x/page.jsp;/y", "/dir/;x", "/dir;x/", "/tree/nojk;/page.jsp", "/dir",
	}
	for i, path := range append(mounted, other...) {
		t.Run(strings.ReplaceAll(path, "/", "|"), func(t *testing.T) {
			r := s.do(t, request("GET", path))
			got := answer(r)
			require.NotEqual(t, "SOURCE", got)
			if i < len(mounted) {
				require.Contains(t, []string{"a", "b"}, got, "a worker's")
			}
			for _, method := range []string{"HEAD", "POST", "OPTIONS"} {
				require.NotEqual(t, "SOURCE", answer(s.do(t, request(method, path))), method)
			}
		})
	}
}

// TestMapping_CopyAll: All in the main server is the default of virtual hosts that do not say otherwise.
func TestMapping_CopyAll(t *testing.T) {
	s := start(t, plan{
		config: `
JkMountCopy All
JkMount /app/* a
<VirtualHost *:${PORT2}>
  ServerName silent.test
</VirtualHost>
<VirtualHost *:${PORT2}>
  ServerName own.test
  JkMount /own/* b
</VirtualHost>
<VirtualHost *:${PORT2}>
  ServerName off.test
  JkMountCopy Off
</VirtualHost>`,
		options: func(o *harness.Options) { o.Ports = 2 },
	})
	for _, tt := range []struct{ host, path, want string }{
		{"silent.test", "/app/x", "a"}, {"own.test", "/app/x", "a"}, {"own.test", "/own/x", "b"}, {"off.test", "/app/x", "404"}, {"silent.test", "/own/x", "404"},
	} {
		require.Equal(t, tt.want, answer(doAt(t, s.AddrOf(1), request("GET", tt.path, "Host: "+tt.host))), "%s%s", tt.host, tt.path)
	}
}
