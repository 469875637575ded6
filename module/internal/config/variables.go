// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strings"
)

// substitutionsMax is how many $(name) of a value are looked at.
const substitutionsMax = 21

// valueMax is the longest value in bytes. Without a limit, variables made of variables would grow by a factor of 21 a line.
const valueMax = 64 << 10

// expand returns the value of p, or false if that would be too long, with every $(name) replaced by the property of that name if it is already set, else by
// the variable of the process environment. What is neither stays as it is written, and what is put in is not looked
// through again.
func (s *store) expand(p *setting) (value string, ok bool) {
	var b strings.Builder
	rest := p.raw
	for count := 0; ; count++ {
		before, after, found := strings.Cut(rest, "$(")
		name, behind, closed := strings.Cut(after, ")")
		if !found || !closed {
			break
		}
		if count == substitutionsMax {
			s.report.add(idTooManyVars, p.at, fmt.Sprintf("the value of %s has more than %d variables", p.label(), substitutionsMax),
				"", "the others stay as they are written")
			break
		}
		b.WriteString(before)
		b.WriteString(s.variable(p, name))
		rest = behind
	}
	b.WriteString(rest)
	if b.Len() > valueMax {
		s.report.add(idValueTooLong, p.at, fmt.Sprintf("the value of %s is %d bytes long once its variables are replaced", p.label(), b.Len()),
			fmt.Sprintf("at most %d", valueMax), "httpd does not start")
		return "", false
	}
	return b.String(), true
}

// variable returns what $(name) in the value of p stands for.
func (s *store) variable(p *setting, name string) string {
	if v := s.index[name]; v != nil {
		p.cut = p.cut || v.cut
		v.used = true
		return v.value
	}
	if value, ok := s.lookupEnv(name); ok {
		return value
	}
	shown := "a $(name)"
	if !p.mayHoldSecret() {
		shown = quote("$(" + name + ")")
	}
	s.report.add(idUnresolved, p.at, shown+" in the value of "+p.label()+" is not defined",
		"a name set above this line, or a variable of httpd's environment", "it stays as it is written")
	return "$(" + name + ")"
}

// mayHoldSecret reports whether nothing of the value may be shown: secrets, and variables, which may become a part of one.
func (p *setting) mayHoldSecret() bool {
	if !strings.HasPrefix(p.name, workerPrefix) {
		return true
	}
	row, _ := knownAttribute(attribute(p.name))
	return row == nil || row.Kind == KindSecret || row.Kind == KindIgnored
}

// show returns name and value as written, for findings.
func (p *setting) show() string {
	if p.mayHoldSecret() {
		return quoteName(p.origin)
	}
	return quote(p.origin + "=" + p.raw)
}
