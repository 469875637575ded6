// Licensed under the Apache License, Version 2.0; see LICENSE.

package docs

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// message is a log line that the code can write.
type message struct {
	id    string
	level string // empty: it depends
	log   string
	text  string
	file  string
}

const (
	jkLog    = "mod_jk.log"
	errorLog = "error log"
)

var (
	bareID   = regexp.MustCompile(`^GOJK\d{4}$`)
	inlineID = regexp.MustCompile(`\s*\bid=(GOJK\d{4})\s*`)
	verb     = regexp.MustCompile(`%[-+# 0]*[\d.*]*[a-zA-Z]`)
)

// sharedID lists the ids that stand for one message with several wordings; the table has the last one.
var sharedID = []string{"GOJK0001", "GOJK0014"}

// messages finds every log line of the shim and of the library, but for the findings about the configuration, which have a table of their own.
func messages(t *testing.T) []message {
	t.Helper()
	found := shimMessages(t)
	for _, name := range sources(t, ".go") {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "test") {
			continue
		}
		found = append(found, goMessages(t, name)...)
	}
	slices.SortStableFunc(found, func(a, b message) int { return strings.Compare(a.id, b.id) })
	require.Greater(t, len(found), 80)
	return found
}

// goMessages finds the log lines of a Go file: an id with the text behind it, or a text with "id=" in it.
func goMessages(t *testing.T, name string) []message {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, 0)
	require.NoError(t, err)
	var found []message
	var path []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		path = append(path, n)
		text, ok := literal(n)
		switch {
		case !ok:
		case bareID.MatchString(text):
			found = append(found, described(path, message{id: text, log: jkLog, file: name}))
		case inlineID.MatchString(text):
			id := inlineID.FindStringSubmatch(text)[1]
			found = append(found, message{id, levelIn(path), errorLog, plain(text), name})
		}
		return true
	})
	return found
}

// literal is the value of a string literal.
func literal(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// described fills in level and text of a message whose id stands in a list of arguments or values, before its text.
func described(path []ast.Node, m message) message {
	var list []ast.Expr
	switch parent := path[len(path)-2].(type) {
	case *ast.CallExpr:
		list = parent.Args
	case *ast.CompositeLit:
		list = parent.Elts
	}
	at := slices.IndexFunc(list, func(e ast.Expr) bool { return e == path[len(path)-1] })
	if at >= 0 && at+1 < len(list) {
		text, _ := literal(list[at+1])
		m.text = plain(text)
	}
	for _, e := range list[:max(at, 0)] {
		if level := levelOf(e); level != "" {
			m.level = level
		}
	}
	return m
}

// levelIn is the level among the arguments of the calls around.
func levelIn(path []ast.Node) string {
	for _, n := range slices.Backward(path) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			continue
		}
		for _, arg := range call.Args {
			if level := levelOf(arg); level != "" {
				return level
			}
		}
	}
	return ""
}

// levelOf is the level that an expression names.
func levelOf(e ast.Expr) string {
	name := ""
	switch e := e.(type) {
	case *ast.SelectorExpr:
		if pkg, ok := e.X.(*ast.Ident); ok && pkg.Name == "jklog" {
			name = e.Sel.Name
		}
	case *ast.Ident:
		name, _ = strings.CutPrefix(e.Name, "Level")
	}
	name = strings.ToLower(name)
	if slices.Contains([]string{"trace", "debug", "info", "warn", "error", "emerg"}, name) {
		return name
	}
	return ""
}

var (
	cStrings = regexp.MustCompile(`(?s)"(?:[^"\\\n]|\\.)*"(?:\s*(?:[A-Z][A-Z_]*|"(?:[^"\\\n]|\\.)*"))*`)
	cString  = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"|[A-Z][A-Z_]*`)
	cLevel   = regexp.MustCompile(`APLOG_(DEBUG|INFO|WARNING|ERR|CRIT|EMERG)\b|GOJK_LOG_(ERROR)`)
)

// shimMessages finds the log lines of the shim: concatenated strings with "id=" in them, and the level nearest to them.
func shimMessages(t *testing.T) []message {
	t.Helper()
	const name = "cgo_bridge.c"
	code := read(t, name)
	levels := map[string]string{"WARNING": "warn", "ERR": "error", "CRIT": "crit"}
	var found []message
	for _, at := range cStrings.FindAllStringIndex(code, -1) {
		text := ""
		for _, part := range cString.FindAllString(code[at[0]:at[1]], -1) {
			switch {
			case part[0] == '"':
				s, err := strconv.Unquote(part)
				require.NoError(t, err, part)
				text += s
			case part == "GOJK_LIBRARY":
				text += "libgojk.so"
			case part == "GOJK_HANDLER":
				text += "jakarta-servlet"
			default:
				text += "…"
			}
		}
		id := inlineID.FindStringSubmatch(text)
		if id == nil {
			continue
		}
		around := code[max(at[0]-300, 0):min(at[1]+300, len(code))]
		level := strings.ToLower(strings.Join(lastMatch(cLevel, code[max(at[0]-300, 0):at[0]], around), ""))
		if l, ok := levels[strings.ToUpper(level)]; ok {
			level = l
		}
		found = append(found, message{id[1], level, errorLog, plain(strings.TrimPrefix(text, "mod_gojk: ")), name})
	}
	return found
}

// lastMatch returns the groups of the last match in before, or else of the first one in around.
func lastMatch(re *regexp.Regexp, before, around string) []string {
	if all := re.FindAllStringSubmatch(before, -1); len(all) > 0 {
		return all[len(all)-1][1:]
	}
	if m := re.FindStringSubmatch(around); m != nil {
		return m[1:]
	}
	return nil
}

// plain is a format as a person reads it: … for what varies, without the id.
func plain(format string) string {
	format, _, _ = strings.Cut(format, "\n")
	text := verb.ReplaceAllString(strings.ReplaceAll(format, "%%", "\x00"), "…")
	text = strings.NewReplacer("%…", "…", "……", "…", "\x00", "%").Replace(text)
	return strings.TrimSpace(inlineID.ReplaceAllString(text, ""))
}

const (
	idsBegin = "<!-- ids: copied from the code, but for the last column -->"
	idsEnd   = "<!-- ids: end -->"
)

// TestMessages_TableIsComplete: the index of ids in the operations manual has every message of the code, and says what each means.
func TestMessages_TableIsComplete(t *testing.T) {
	meaning := meanings(t)
	var b strings.Builder
	b.WriteString("| id | level | log | text | meaning, and what to do |\n|---|---|---|---|---|\n")
	all := messages(t)
	for i, m := range all {
		require.NotEmpty(t, m.text, "%s in %s", m.id, m.file)
		if i+1 < len(all) && all[i+1].id == m.id {
			require.True(t, all[i+1].text == m.text || slices.Contains(sharedID, m.id), "%s has two texts: %q and %q", m.id, m.text, all[i+1].text)
			continue
		}
		require.NotEmpty(t, meaning[m.id], "say in docs/operations.md what %s means: %s", m.id, m.text)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", m.id, cmp.Or(m.level, "as the case"), m.log, code(m.text), meaning[m.id])
	}
	replaceBetween(t, "docs/operations.md", idsBegin, idsEnd, b.String())
}

// code makes a code span of a text, fit for a table.
func code(text string) string { return "`" + strings.ReplaceAll(text, "|", `\|`) + "`" }

// meanings are the last column of the table as it stands.
func meanings(t *testing.T) map[string]string {
	t.Helper()
	_, rest, found := strings.Cut(read(t, "docs/operations.md"), idsBegin)
	require.True(t, found)
	table, _, _ := strings.Cut(rest, idsEnd)
	list := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\| (GOJK\d{4}) \|.* \| ([^|]+) \|$`).FindAllStringSubmatch(table, -1) {
		require.NotContains(t, list, m[1], "twice in the table")
		list[m[1]] = m[2]
	}
	return list
}

// TestMessages_FindingsHaveTheirTable: the ids of findings about the configuration are in the document of workers.properties, and no other.
func TestMessages_FindingsHaveTheirTable(t *testing.T) {
	var inCode, inTable []string
	for _, m := range regexp.MustCompile(`(?m)^\tid\w+ +ID = (\d{4})$`).FindAllStringSubmatch(read(t, "module/internal/config/ids.go"), -1) {
		inCode = append(inCode, "GOJK"+m[1])
	}
	for _, m := range regexp.MustCompile(`(?m)^\| (GOJK1\d{3}) \|`).FindAllStringSubmatch(read(t, "docs/workers.properties.md"), -1) {
		inTable = append(inTable, m[1])
	}
	require.NotEmpty(t, inCode)
	require.ElementsMatch(t, inCode, inTable)
}
