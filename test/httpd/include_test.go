// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

const includeConfig = `
JkMount /app/* a
JkMount /*.do a
AddOutputFilter INCLUDES .shtml
AddType text/html .shtml
<Directory ${HTDOCS}>
  Options +Includes
</Directory>
Alias /aliased ${DIR}/elsewhere
<Directory ${DIR}/elsewhere>
  Options +Includes
  AcceptPathInfo On
</Directory>
<Location /app/ssi>
  Options +Includes
  SetOutputFilter INCLUDES
</Location>
LogFormat "%U %{JK_WORKER_NAME}n" names
CustomLog ${DIR}/names.log names
`

// nested is for requests within requests: each takes a connection, and a child of prefork has one by default, as in mod_jk.
const nested = "worker.a.connection_pool_size=4\n"

const includeFailed = "[an error occurred while processing this directive]"

// TestInclude: parts of a page that are a container's (mod_include). A part that fails shows as one, and none of it changes the page's own head.
func TestInclude(t *testing.T) {
	s := start(t, plan{containers: "a", workers: "worker.a.retries=1\n" + nested, config: includeConfig, options: func(o *harness.Options) {
		modules("include")(o)
		o.Files = map[string]string{
			"page.shtml": `1 <!--#include virtual="/app/part?x=1" --> 2`, "file.shtml": `1 <!--#include file="part.do" --> 2`, "part.do": source,
			"../elsewhere/file.shtml": `1 <!--#include file="below/part.do" --> 2`, "../elsewhere/below/part.do": source,
			"local.shtml": `1 <!--#include virtual="part.do" --> 2`, "static.txt": "static",
		}
	}})
	a := s.container["a"]
	part := func(status int, body string) harness.Script {
		return harness.Do(harness.Head(status, "Own", "X-Own", "1", "Set-Cookie", "a=1"), harness.Chunks(body, 8184), harness.End())
	}
	long := strings.Repeat("long ", 20_000)
	tests := []struct {
		name, request, want string
		scripts             []harness.Script
	}{
		{"a part", request("GET", "/page.shtml"), "1 part 2", []harness.Script{part(200, "part")}},
		{"a large part", request("GET", "/page.shtml"), "1 " + long + " 2", []harness.Script{part(200, long)}},
		{"for a POST", request("POST", "/page.shtml", "Content-Length: 4") + "body", "1 part 2", []harness.Script{part(200, "part")}},
		{"an error page", request("GET", "/page.shtml"), "1 sorry" + includeFailed + " 2", []harness.Script{part(404, "sorry")}},
		{"an error without a page", request("GET", "/page.shtml"), "1 " + includeFailed + " 2", []harness.Script{part(500, "")}},
		{"a broken connection", request("GET", "/page.shtml"), "1 " + includeFailed + " 2", []harness.Script{harness.Do(harness.Close())}},
		{"a file behind a mount", request("GET", "/file.shtml"), "1 a 2", nil},
		{"a file behind a mount, below an alias", request("GET", "/aliased/file.shtml"), "1 a 2", nil},
		{"a file behind a mount, below an alias, path info", request("GET", "/aliased/file.shtml/x"), "1 a 2", nil},
		{"a virtual file behind a mount", request("GET", "/local.shtml"), "1 a 2", nil},
		{"a page of the container's with a file", request("GET", "/app/ssi"), "1 static 2", []harness.Script{part(200, `1 <!--#include virtual="/static.txt" --> 2`)}},
		{"a page of the container's with a part of its own", request("GET", "/app/ssi"), "1 part 2", []harness.Script{part(200, `1 <!--#include virtual="/app/part" --> 2`), part(200, "part")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a.Script(tt.scripts...)
			r := s.do(t, tt.request)
			require.Equal(t, harness.EndComplete, r.End)
			require.Equal(t, 200, r.Status)
			require.Equal(t, sum(tt.want), sum(string(r.Body)), "%.200q", r.Body)
			require.Equal(t, strings.Contains(tt.request, "/app/"), r.Header("X-Own") != "")
			require.Zero(t, a.ClearScripts())
		})
	}
	t.Run("a part that breaks off", func(t *testing.T) {
		a.Script(harness.Do(harness.Head(200, "OK"), harness.Chunk("half"), harness.Flush(), harness.Close()))
		r := s.do(t, request("GET", "/page.shtml"))
		require.NotEqual(t, harness.EndComplete, r.End, "%s %q", r.StatusLine, r.Body)
	})
	s.requireIdle(t)
	for line := range strings.Lines(s.Log("names.log")) {
		uri, worker, _ := strings.Cut(strings.TrimSpace(line), " ")
		require.Equal(t, map[bool]string{false: "-", true: "a"}[uri == "/app/ssi"], worker, "the worker of a part is not the page's: %s", uri)
	}
}
