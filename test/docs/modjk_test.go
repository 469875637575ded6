// Licensed under the Apache License, Version 2.0; see LICENSE.

package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// modJkMessages are the messages of mod_jk that people search for (mod_jk-surface 8.2), with their levels. … is what varies. The level is "" for findings
// about the configuration, which are said at a start, and where it depends.
var modJkMessages = []struct{ level, text string }{
	{"info", "initialized"},
	{"info", "connect to … failed (errno="},
	{"info", "(…) Failed opening socket to (…)"},
	{"error", "(…) connecting to backend failed. Tomcat is probably not started or is listening on the wrong port"},
	{"info", "(…) sending request to tomcat failed (recoverable), … (attempt=…)"},
	{"", "(…) sending request to tomcat failed (unrecoverable), … (attempt=…)"},
	{"error", "(…) sending request to tomcat failed (recoverable), busy limit … reached"},
	{"error", "(…) connecting to tomcat failed (rc=…, errors=…, client_errors=…)."},
	{"info", "Service error=… for worker="},
	{"error", "(…) Timeout with waiting reply from tomcat. Tomcat is down, stopped or network problems"},
	{"info", "(…) can't receive the response header message from tomcat, tomcat (…) has forced a connection close"},
	{"error", "(…) can't receive the response body message from tomcat"},
	{"error", "(…) Tomcat is down or refused connection. No response has been sent to the client (yet)"},
	{"error", "(…) Tomcat is down or network problems. Part of the response has already been sent"},
	{"error", "(…) Tomcat already send headers"},
	{"info", "(…) timeout in reply cpong after … ms"},
	{"info", "(…) awaited reply cpong, not received"},
	{"warn", "(…) awaited reply cpong, received … instead. Closing connection"},
	{"info", "(…) failed sending request, socket … prepost cping/cpong failure"},
	{"info", "(…) failed sending request, socket … keepalive cping/cpong failure"},
	{"error", "(…) cping/cpong after connecting to the backend server failed"},
	{"info", "(…) did not receive END_RESPONSE, closing socket"},
	{"info", "(…) no usable connection found, will create a new one"},
	{"warn", "Unable to get the free endpoint for worker … from … slots"},
	{"error", "Could not get endpoint for worker="},
	{"info", "could not get free endpoint for worker … (… retries)"},
	{"info", "service failed, worker … is in error state"},
	{"info", "service failed, worker … is in local error state"},
	{"info", "all workers are in error state for session"},
	{"info", "Forcing recovery once for … workers"},
	{"info", "All tomcat instances failed, no more workers left for recovery (attempt="},
	{"error", "All tomcat instances failed, no more workers left"},
	{"info", "All tomcat instances are busy or in error state"},
	{"info", "unrecoverable error …, request failed. Client failed in the middle of request"},
	{"error", "unrecoverable error …, request failed. Tomcat failed in the middle of request"},
	{"info", "(…) request failed, because of response status …"},
	{"info", "(…) request failed (soft), because of response status …"},
	{"info", "(…) Writing to client aborted or client network problems"},
	{"info", "(…) Reading from client aborted or client network problems"},
	{"info", "(…) receiving data from client failed. Connection aborted or network problems"},
	{"info", "Aborting connection for worker="},
	{"info", "Client connection aborted for worker="},
	{"info", "No body with status=… for worker="},
	{"info", "Write without start, starting with defaults"},
	{"info", "(…) Creating AJP message failed without recovery - check max_packet_size"},
	{"error", "(…) failed appending"},
	{"error", "(…) wrong message format 0x… from"},
	{"error", "(…) wrong message size … … from"},
	{"error", "(…) Unknown AJP protocol code: …"},
	{"warn", "(…) AJP13 protocol: Reuse is set to false"},
	{"error", "Could not find a worker for worker name="},
	{"", "Could not find worker with name … in uri map post processing"},
	{"error", "worker … can't resolve tomcat address …"},
	{"info", "Potentially unsafe request url '…' rejected"},
	{"emerg", "contains a '/../' sequence that tries to escape above the root"},
	{"warn", "Uri […] does not start with '/'"},
	{"", "The attribute … is not supported"},
	{"", "The attribute … is deprecated"},
	{"", "Duplicate key … detected"},
	{"", "Reference … not found"},
	{"", "Recursion limit … for worker references"},
	{"", "Balanced workers number … share the same route … - aborting configuration!"},
	{"", "Could not allocate shared memory for worker"},
	{"", " is … bytes too long"},
	{"info", "Reloaded urimaps from"},
	{"", "Unable to stat the"},
	{"", "Failed to load uri_worker_map file"},
	{"info", "No worker maps defined for"},
	{"", "invalid mapping rule"},
	{"", "unknown rule extension"},
	{"info", "Detected empty session identifier."},
	{"info", "Status worker '…' changing '…'"},
	{"warn", "Status worker '…' service denied"},
	{"info", "Status worker '…' marked worker '…' sub worker '…' for recovery"},
}

const (
	unsaidBegin = "<!-- messages of mod_jk that mod_gojk does not have -->"
	unsaidEnd   = "<!-- end of messages -->"
)

// TestMessages_OfModJk: every message of mod_jk that people search for is one of the code, with its words and its level, or has a row in the document for
// those who come from mod_jk.
func TestMessages_OfModJk(t *testing.T) {
	said := messages(t)
	for _, name := range sources(t, ".go") {
		if strings.HasPrefix(name, "module/internal/config/") || strings.HasPrefix(name, "module/internal/registry/") {
			said = append(said, findings(t, name)...)
		}
	}
	_, rest, found := strings.Cut(read(t, migrating), unsaidBegin)
	require.True(t, found)
	unsaid, _, found := strings.Cut(rest, unsaidEnd)
	require.True(t, found)
	for _, m := range modJkMessages {
		t.Run(m.text, func(t *testing.T) {
			has := slices.ContainsFunc(said, func(s message) bool {
				return saysAll(s.text, m.text) && (m.level == "" || s.level == "" || s.level == m.level)
			})
			excused := strings.Contains(unsaid, "\n| `"+m.text+"` |")
			require.NotEqual(t, has, excused, "in the code: %v, in %s: %v", has, migrating, excused)
		})
	}
}

// findings are the texts that are handed to a function in a Go file, put together.
func findings(t *testing.T, name string) (list []message) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			for _, arg := range call.Args {
				list = append(list, message{text: joined(arg), file: name})
			}
		}
		return true
	})
	return list
}

// joined is the text of an expression: literals, put together with +, or a format.
func joined(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return joined(e.X) + joined(e.Y)
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" {
			return joined(e.Args[0])
		}
	case *ast.BasicLit:
		if text, ok := literal(e); ok {
			return verb.ReplaceAllString(text, "…")
		}
	}
	return "…"
}

// saysAll reports whether a text has the parts of another between its … in order.
func saysAll(text, want string) bool {
	for part := range strings.SplitSeq(want, "…") {
		var found bool
		if _, text, found = strings.Cut(text, part); !found {
			return false
		}
	}
	return true
}
