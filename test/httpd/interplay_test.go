// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

const interplayConfig = `
JkMount /app/* a
JkMount /*.do b
LogFormat "%U %{JK_WORKER_NAME}n" names
CustomLog ${DIR}/names.log names
AddType text/plain .txt .do
RewriteEngine On
RewriteRule ^/hand/ - [H=jakarta-servlet,E=JK_WORKER_NAME:b]
RewriteRule ^/extended/ - [H=jakarta-servlet,E=JK_WORKER_NAME:b;reply_timeout=1000]
<Directory ${HTDOCS}/dir>
  Options FollowSymLinks
  RewriteEngine On
  RewriteRule ^in/(.*)$ /app/$1 [PT]
  RewriteCond /app/x -U
  RewriteRule ^ahead$ /dir/static.txt
</Directory>
<Directory ${HTDOCS}/fall>
  FallbackResource /app/fallback
</Directory>
<Directory ${HTDOCS}/back>
  FallbackResource /index.do
</Directory>
<Directory ${HTDOCS}/index>
  DirectoryIndex index.do index.html
</Directory>
<Directory ${HTDOCS}/views>
  Options MultiViews
</Directory>
<Location /views>
  FallbackResource disabled
</Location>
`

// TestInterplay: what other modules make of a URI before or after it is mapped.
func TestInterplay(t *testing.T) {
	s := start(t, plan{config: interplayConfig, options: func(o *harness.Options) {
		modules("negotiation")(o)
		o.Files = map[string]string{
			"dir/static.txt": static, "fall/static.txt": static, "back/static.txt": static, "views/page.do": source, "views/text.txt": static, "hand/x.txt": source,
			"index/index.html": static,
		}
	}})
	tests := []struct{ name, request, want, uri, note string }{
		{"a handler and a worker by name", request("GET", "/hand/x.txt"), "b", "/hand/x.txt", "b"},
		{"with a rule extension", request("GET", "/extended/x"), "b", "/extended/x", "b"},
		{"rewritten in a folder", request("GET", "/dir/in/x?q=1"), "a", "/app/x", "a"},
		{"rewritten in a folder, POST", request("POST", "/dir/in/x", "Content-Length: 4") + "body", "a", "/app/x", "a"},
		{"a look ahead changes nothing", request("GET", "/dir/ahead"), "static", "", "-"},
		{"fallback for a missing file", request("GET", "/fall/none/x?q=1"), "a", "/fall/none/x", "a"},
		{"fallback for a missing file, POST", request("POST", "/fall/none", "Content-Length: 4") + "body", "a", "/fall/none", "a"},
		{"fallback behind a suffix", request("GET", "/back/none"), "b", "/back/none", "b"},
		{"no fallback for a file", request("GET", "/fall/static.txt"), "static", "", "-"},
		{"a static welcome file behind one that is mounted", request("GET", "/index/"), "static", "", "b"},
		{"a view that is mounted", request("GET", "/views/page?q=1"), "b", "/views/page.do", "b"},
		{"views", request("GET", "/views/text"), "static", "", "-"},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.Take()
			r := s.do(t, tt.request)
			require.Equal(t, harness.EndComplete, r.End)
			require.Equal(t, tt.want, answer(r), r.StatusLine)
			uri := ""
			for _, asked := range s.requests() {
				uri += asked.Request.URI.Value
			}
			require.Equal(t, tt.uri, uri, "what the container is asked for")
			var lines []string
			await(t, "the access log", func() bool {
				lines = strings.Split(s.Log("names.log"), "\n")
				return len(lines) > i+1
			})
			_, note, _ := strings.Cut(lines[i], " ")
			require.Equal(t, tt.note, note, lines[i])
		})
	}
	require.NotContains(t, s.ErrorLog(), "id=GOJK0015", "nothing is taken away from a worker")
}
