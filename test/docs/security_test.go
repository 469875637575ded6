// Licensed under the Apache License, Version 2.0; see LICENSE.

package docs

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// vulnerabilities are those of the field that concern a front end, by what published them: mod_jk, mod_proxy_ajp and mod_proxy_balancer, mod_cluster and
// mod_proxy_cluster, Tomcat, Undertow.
var vulnerabilities = strings.Fields(`
	CVE-2006-7197 CVE-2007-0450 CVE-2007-0774 CVE-2007-1860 CVE-2008-5519 CVE-2014-8111 CVE-2016-6808 CVE-2018-1323 CVE-2018-11759 CVE-2023-41081 CVE-2024-46544 CVE-2009-0033
	CVE-2007-6421 CVE-2009-1191 CVE-2010-0408 CVE-2011-3348 CVE-2012-3502 CVE-2012-4557 CVE-2012-4558 CVE-2022-26377 CVE-2022-36760 CVE-2026-28780 CVE-2026-33523 CVE-2026-33857 CVE-2026-34032 CVE-2026-34059 CVE-2026-63718
	CVE-2011-4608 CVE-2015-0298 CVE-2024-10306
	CVE-2020-1938 CVE-2023-34981 CVE-2026-43514 CVE-2026-103119
	CVE-2022-2053 CVE-2023-5379
`)

// TestSecurity_EachHasItsRow: each vulnerability of the field has one row, with a test, or with the reason why it cannot be one of mod_gojk's. That the tests exist is
// TestWords_TestsExist's to check.
func TestSecurity_EachHasItsRow(t *testing.T) {
	_, table, found := strings.Cut(read(t, "docs/security.md"), "<!-- vulnerabilities -->\n")
	require.True(t, found)
	var rows []string
	for _, m := range regexp.MustCompile(`(?m)^\| (CVE-\d{4}-\d+) \| ([^|]+) \| ([^|]+) \|$`).FindAllStringSubmatch(table, -1) {
		rows = append(rows, m[1])
		reason := strings.HasPrefix(m[3], "cannot be: ") || strings.HasPrefix(m[3], "Tomcat's: ")
		require.True(t, reason || testName.MatchString(m[3]), "%s has neither a test nor a reason", m[1])
	}
	require.ElementsMatch(t, vulnerabilities, rows)
	slices.Sort(rows)
	require.Equal(t, rows, slices.Compact(slices.Clone(rows)), "once each")
	require.Equal(t, len(vulnerabilities), strings.Count(table, "\n| CVE-"), "every row has the form")
}
