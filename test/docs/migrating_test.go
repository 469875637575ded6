// Licensed under the Apache License, Version 2.0; see LICENSE.

package docs

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const migrating = "docs/migrating.md"

// TestMigrating_OracleRows: every deliberate difference that the oracle knows is a row of the document, and every case of the oracle that the
// document names exists.
func TestMigrating_OracleRows(t *testing.T) {
	text := read(t, migrating)
	for _, m := range regexp.MustCompile(`(?m)^\s*ID:\s+"([^"]+)"`).FindAllStringSubmatch(differencesTable(t), -1) {
		require.True(t, strings.Contains(text, "oracle, difference `"+m[1]+"`"), "the oracle lists %q", m[1])
	}
	cases := ""
	for _, name := range sources(t, ".go") {
		if strings.HasPrefix(name, "test/oracle/") {
			cases += read(t, name)
		}
	}
	for _, m := range regexp.MustCompile("oracle, case `([^`]+)`").FindAllStringSubmatch(text, -1) {
		require.True(t, hasCase(cases, m[1]), "no case %q of the oracle", m[1])
	}
	for _, m := range regexp.MustCompile("oracle, difference `([^`]+)`").FindAllStringSubmatch(text, -1) {
		require.True(t, strings.Contains(differencesTable(t), `"`+m[1]+`"`), "no difference %q of the oracle", m[1])
	}
}

// hasCase reports whether the oracle's code has a case of that name, whole or put together at a '/'.
func hasCase(code, name string) bool {
	prefix, rest, joined := strings.Cut(name, "/")
	return strings.Contains(code, `"`+name+`"`) ||
		joined && strings.Contains(code, `"`+prefix+`/" + `) && strings.Contains(code, `"`+rest+`"`)
}

// differencesTable is the oracle's table.
func differencesTable(t *testing.T) string {
	t.Helper()
	for _, name := range sources(t, ".go") {
		if _, table, found := strings.Cut(read(t, name), "differences = []Difference{"); found && strings.HasPrefix(name, "test/oracle/") {
			return table
		}
	}
	t.Fatal("the oracle has no table of differences")
	return ""
}

// TestMigrating_SharpEdges: the table of mod_jk's sharp edges has its 64 rows, each with one of the verdicts.
func TestMigrating_SharpEdges(t *testing.T) {
	_, table, found := strings.Cut(read(t, migrating), "<!-- sharp edges -->")
	require.True(t, found)
	rows := regexp.MustCompile(`(?m)^\| (\d+) \| (?:[^|\\]|\\.)+ \| (?:copied|copied, warned|fixed|not yet|not applicable yet) \| [^|]+ \|$`).FindAllStringSubmatch(table, -1)
	for i, row := range rows {
		require.Equal(t, fmt.Sprint(i+1), row[1])
	}
	require.True(t, len(rows) == 64, "%d rows", len(rows))
}
