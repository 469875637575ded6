// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// deniedConfig has what a client may not have: /private and /manager, and what the container keeps to itself.
const deniedConfig = `
JkMount /*.jsp a
JkMount /*.do a
DocumentRoot ${HTDOCS}
<LocationMatch ^/(private|manager)>
Require all denied
</LocationMatch>
Alias /deep/deep ${HTDOCS}/deep
<Directory ${HTDOCS}/back>
FallbackResource /index.do
</Directory>
<Location /named>
SetHandler jakarta-servlet
SetEnv JK_WORKER_NAME a
</Location>
<Location /other>
SetHandler jakarta-servlet
SetEnv JK_WORKER_NAME b
</Location>
<Directory ${HTDOCS}/if>
<If "-U '/x.jsp'">
Header set X-Looked 1
</If>
RewriteEngine On
RewriteCond /x.jsp -U
RewriteRule ^nothing$ - [S=1]
RewriteRule .* -
</Directory>
`

// TestSecurity_PathsThatChange: httpd decides by a path who may have what, and some settings change the path after that: JkStripSession takes a part out, a handler or a
// FallbackResource hands it to the container as it was written. What is decided holds for the path that is read in the end.
func TestSecurity_PathsThatChange(t *testing.T) {
	host := func(name, config string) string {
		return "<VirtualHost *:${PORT2}>\nServerName " + name + ".test\n" + config + "</VirtualHost>\n"
	}
	s := start(t, plan{
		containers: "a b",
		config: "JkMount /main a\n" + host("strip", "JkStripSession On\n"+deniedConfig) + host("word", "JkStripSession On jsessionid\n"+deniedConfig) + host("plain", deniedConfig) + host("slashes", "MergeSlashes Off\nJkStripSession On\n"+deniedConfig) +
			host("alias", "JkStripSession On\nJkMount /*.jsp a\nDocumentRoot ${HTDOCS}/empty\nJkAutoAlias ${HTDOCS}/webapps\n"),
		options: func(o *harness.Options) {
			modules("headers")(o)
			o.Ports = 2
			o.Files = map[string]string{
				"webapps/shop/WEB-INF/web.xml": source, "webapps/shop/META-INF/context.xml": source, "webapps/shop/page.html": static, "webapps/shop/sub/page.html": static, "empty/x": "",
				"private/x.txt": source, "pub/page.html": static, "secret.txt": source, "secret.jsp": source, "deep/page.html": static, "if/page.html": static, "back/page.html": static,
			}
		},
	})
	const refused, served = "", "static"
	tests := []struct{ name, host, path, want string }{ // want: refused, served, or the container that answers
		{"stripped, as meant", "strip", "/pub/page.html%3Bjsessionid=1", served},
		{"stripped, a parameter", "strip", "/pub/page.html;jsessionid=1", served},
		{"stripped, in a folder", "strip", "/pub%3Bjsessionid=1/page.html", served},
		{"stripped to a dot", "strip", "/.;jsessionid=1/private/x.txt", refused},
		{"stripped to a dot, encoded", "strip", "/.%3Bjsessionid=1/private/x.txt", refused},
		{"stripped to two dots", "strip", "/pub/..;jsessionid=1/private/x.txt", refused},
		{"stripped to two dots at the end", "strip", "/pub/page.html/..%3Bjsessionid=1", refused},
		{"stripped to nothing", "strip", "/;jsessionid=1/private/x.txt", refused},
		{"stripped to nothing, encoded", "strip", "/%3Bjsessionid=1/private/x.txt", refused},
		{"stripped to two dots behind empty segments", "slashes", "//pub/..;jsessionid=1/private/x.txt", refused},
		{"stripped behind empty segments", "slashes", "//pub//page.html;jsessionid=1", served},
		{"stripped out of an Alias", "strip", "/deep/deep/..;jsessionid=1/secret.txt", refused},
		{"stripped in an Alias", "strip", "/deep/deep/page.html;jsessionid=1", served},
		{"stripped to a page", "word", "/secret.jspjsessionid=1", refused},
		{"stripped to a denied path", "word", "/privatejsessionid=1/x.txt", refused},
		{"stripped, without a semicolon", "word", "/pub/page.htmljsessionid=1", served},
		{"JkAutoAlias", "alias", "/shop/page.html%3Bjsessionid=1", served},
		{"JkAutoAlias, a folder", "alias", "/shop/sub%3Bjsessionid=1/page.html", served},
		{"JkAutoAlias, WEB-INF", "alias", "/shop/WEB-INF%3Bjsessionid=1/web.xml", refused},
		{"JkAutoAlias, META-INF", "alias", "/shop/META-INF%3bjsessionid/context.xml", refused},
		{"JkAutoAlias, WEB-INF behind a dot", "alias", "/shop/.%3Bjsessionid=1/WEB-INF/web.xml", refused},
		{"JkAutoAlias, WEB-INF behind two dots", "alias", "/shop/sub/..%3Bjsessionid=1/WEB-INF/web.xml", refused},

		{"fallback", "plain", "/back/none", "a"},
		{"fallback with a parameter", "plain", "/back/none;x=1", "a"},
		{"fallback for a denied path", "plain", "/back/x/..;/..;/manager/html", refused},
		{"fallback for a denied path, encoded", "plain", "/back/x/..%3B/..%3B/manager/html", "a"}, // to Tomcat, "..;" is a name then
		{"a denied path", "plain", "/manager;x/html", refused},
		{"a denied path behind nothing", "plain", "/;x/manager/html", refused},

		{"named", "plain", "/named/x", "a"},
		{"named, with a parameter", "plain", "/named/x;y=1/z", "a"},
		{"named, out of its Location", "plain", "/named/..;/manager/html", refused},
		{"named, out of its Location to nobody's", "plain", "/named/..;/free/html", refused},
		{"named, out of its Location to another's", "plain", "/named/..;/other/html", refused},
		{"named, out of it and back", "plain", "/named/..;/named/x", "a"},

		{"a file below a condition", "plain", "/if/page.html", served},
		{"no file below a condition", "plain", "/if/none", refused},
		{"no file below a condition, rewritten", "plain", "/if/nothing", refused},
		{"a folder below a condition", "plain", "/if/", refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := doAt(t, s.AddrOf(1), request("GET", tt.path, "Host: "+tt.host+".test"))
			require.NotContains(t, string(r.Body), "secret %")
			if tt.want == refused {
				require.Contains(t, []int{403, 404}, r.Status, string(r.Body))
				return
			}
			require.Equal(t, 200, r.Status)
			require.Equal(t, tt.want, answer(r))
		})
	}
	require.NotContains(t, ofModule(s.ErrorLog()), "jsessionid=", "a session id is a secret")
}
