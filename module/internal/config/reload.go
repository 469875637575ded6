// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import "strings"

// staysInForce is what happens when a reload is refused.
const staysInForce = "; the configuration in force stays"

// BlocksReload returns the findings of a configuration that must not take the place of the one in force, whose findings are before: all failures,
// and what would be lost (the table of findings says which kinds) and is not lost already. Empty: it may. The texts say that the configuration
// in force stays.
func (d Diagnostics) BlocksReload(before Diagnostics) Diagnostics {
	var list Diagnostics
	for _, f := range d.New(before) {
		if f.Severity != Failure && !f.ID.row().lost {
			continue
		}
		if f.now > 0 {
			f.Text = f.Text[:f.now] + staysInForce
		}
		list = append(list, f)
	}
	return list
}

// New returns the findings that are not in before; failures always. The same finding in another line is not new, unless there are more of them.
func (d Diagnostics) New(before Diagnostics) Diagnostics {
	exact, known := map[Diagnostic]int{}, map[Diagnostic]int{}
	for _, f := range before {
		exact[f]++
		known[f.anywhere()]++
	}
	var moved, list Diagnostics
	for _, f := range d {
		if f.Severity != Failure && exact[f] > 0 {
			exact[f]--
			known[f.anywhere()]--
			continue
		}
		moved = append(moved, f)
	}
	for _, f := range moved {
		if f.Severity != Failure && known[f.anywhere()] > 0 {
			known[f.anywhere()]--
			continue
		}
		list = append(list, f)
	}
	return list
}

// anywhere returns the finding without its line, and without those that its text names: what stays when lines above come and go. How many
// findings are not shown does not count either.
func (d Diagnostic) anywhere() Diagnostic {
	d.Line, d.now = 0, 0
	if d.ID == idMore || d.ID == idMoreLost {
		d.Text = ""
	}
	before, after, found := strings.Cut(d.Text, inLine)
	if found {
		d.Text = before + strings.TrimLeft(after, "0123456789")
	}
	return d
}

// WithFile returns a copy of the input whose file i has that content. It shares the rest.
func (in *Input) WithFile(i int, content string) *Input {
	next := *in
	next.Files = append([]FileInput(nil), in.Files...)
	next.Files[i].Content, next.Files[i].Errno = content, 0
	return &next
}
