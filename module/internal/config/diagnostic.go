// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Severity says what a finding means for the start of httpd.
type Severity uint8

// The severities.
const (
	Notice  Severity = 1 // worth knowing, nothing is wrong
	Warning Severity = 2 // httpd starts, but something does not do what was written
	Failure Severity = 3 // httpd does not start
)

// String returns the word that reports use.
func (s Severity) String() string {
	switch s {
	case Notice:
		return "notice"
	case Warning:
		return "warning"
	case Failure:
		return "error"
	}
	return "severity(" + strconv.Itoa(int(s)) + ")"
}

// Diagnostic is one finding about the configuration. It never holds a secret.
type Diagnostic struct {
	ID       ID
	Severity Severity
	File     string // "": the configuration as a whole
	Line     int    // 0: the file as a whole
	Text     string // what is wrong, what is accepted, what happens now

	now int // where in Text it says what happens now; 0: nowhere
}

// String returns the finding as one line: "conf/workers.properties:12: warning: text id=GOJK1009".
func (d Diagnostic) String() string {
	var b strings.Builder
	if d.File != "" {
		b.WriteString(d.File)
		if d.Line > 0 {
			fmt.Fprintf(&b, ":%d", d.Line)
		}
		b.WriteString(": ")
	}
	fmt.Fprintf(&b, "%s: %s id=%s", d.Severity, d.Text, d.ID)
	return b.String()
}

// Diagnostics are the findings in the order in which they were made.
type Diagnostics []Diagnostic

// Failed reports whether the configuration must be refused.
func (d Diagnostics) Failed() bool {
	for i := range d {
		if d[i].Severity == Failure {
			return true
		}
	}
	return false
}

// position is a place in a file, or in httpd's configuration.
type position struct {
	file string
	line int
}

// findingsMax is how many findings are reported; a file that is not a properties file would otherwise flood the log.
const findingsMax = 200

// reporter collects findings, each once.
type reporter struct {
	list Diagnostics
	seen map[Diagnostic]bool

	// Findings beyond findingsMax, and those of them that refuse a reload, with the gravest severity of either.
	more, moreLost unshown
}

// unshown counts findings that are not shown.
type unshown struct {
	count int
	worst Severity
}

// add makes a finding of three parts: what is wrong, what is accepted ("": goes without saying), what happens now.
// Nothing in them may come from a secret or from the value of a variable.
func (r *reporter) add(id ID, at position, wrong, accepted, now string) {
	text := wrong
	if accepted != "" {
		text += "; accepted: " + accepted
	}
	row := id.row()
	text = printable(text)
	d := Diagnostic{id, row.severity, at.file, at.line, text + printable("; "+now), len(text)}
	if r.seen[d] {
		return
	}
	if len(r.list) >= findingsMax {
		r.hide(row)
		return
	}
	if r.seen == nil {
		r.seen = map[Diagnostic]bool{}
	}
	r.seen[d] = true
	r.list = append(r.list, d)
}

// hide counts a finding that is not shown.
func (r *reporter) hide(row finding) {
	h := &r.more
	if row.lost {
		h = &r.moreLost
	}
	h.count++
	h.worst = max(h.worst, row.severity)
}

// result returns the findings. If some were left out, the last ones say so.
func (r *reporter) result() Diagnostics {
	list := r.list
	for _, h := range []struct {
		id ID
		unshown
	}{{idMoreLost, r.moreLost}, {idMore, r.more}} {
		if h.count > 0 {
			list = append(list, Diagnostic{
				ID: h.id, Severity: h.worst,
				Text: fmt.Sprintf("%d more findings are not shown; correct the first ones and check again", h.count),
			})
		}
	}
	return list
}

// printable replaces control characters, so that a file cannot forge lines of a report.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, text)
}

// quotedMax is how much of a value a finding shows, in bytes.
const quotedMax = 80

// quote returns text in single quotes, shortened.
func quote(text string) string {
	if len(text) > quotedMax {
		text = strings.ToValidUTF8(text[:quotedMax], "") + "..."
	}
	return "'" + text + "'"
}

// quoteName returns the name of a property in single quotes, up to the first byte that no sensible name has: in a
// mistyped line like "worker.a.secret hunter2=" the rest may be a secret.
func quoteName(name string) string {
	for i := range len(name) {
		c := name[i]
		if c != '.' && c != '_' && c != '-' && !isAlphanumeric(c) {
			return "'" + name[:i] + "...'"
		}
	}
	return quote(name)
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
