// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"slices"
	"strings"
)

const (
	workerPrefix = "worker."
	lineMax      = 8191 // bytes of a line; mod_jk would read a longer one as several
	blanks       = " \t\r\n\v\f"
	byteOrder    = "\xef\xbb\xbf"
)

// setting is a property that is set.
type setting struct {
	name   string
	value  string // variables replaced
	raw    string // as written; what findings may show
	at     position
	origin string // name under which it was written, before a reference took it over
	cut    bool   // a '#' right behind its text, or behind that of a variable in it, made the rest a comment
	rule   bool   // the name is meant for a URI pattern of a mount file
	used   bool   // a $(name) further down stands for it
}

// label returns the name, for findings.
func (p *setting) label() string {
	if p.rule {
		return quote(p.name)
	}
	return quoteName(p.name)
}

// inherited reports whether a reference brought the setting.
func (p *setting) inherited() bool { return p.origin != p.name }

// store holds everything that JkWorkerProperty and the workers file set, in one namespace:
//
//	line     = [ name "=" value ] [ "#" comment ]        ; no comments in JkWorkerProperty
//	name     = "worker." worker "." attribute / "worker." global / variable
//	value    = *( text / "$(" name ")" )
//
// Blanks around name and value do not count. A line without '=', without a name or without a value is ignored.
type store struct {
	settings  []*setting // in the order of their first mention
	index     map[string]*setting
	lookupEnv func(string) (string, bool)
	report    *reporter
	mounts    bool // it holds the lines of a mount file
}

func newStore(lookupEnv func(string) (string, bool), report *reporter) *store {
	return &store{index: map[string]*setting{}, lookupEnv: lookupEnv, report: report}
}

// readText reads the text of a properties file.
func (s *store) readText(file, text string) {
	at := position{file, 1}
	if rest, found := strings.CutPrefix(text, byteOrder); found {
		s.report.add(idByteOrderMark, at, "the file begins with a byte order mark", "plain text", "the mark is skipped")
		text = rest
	}
	for ; text != ""; at.line++ {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		if s.checkLine(line, at) {
			code, _, commented := strings.Cut(line, "#")
			s.readLine(code, commented, at)
		}
	}
}

// readDirective reads the argument of a JkWorkerProperty.
func (s *store) readDirective(line string, at position) {
	if s.checkLine(line, at) {
		s.readLine(line, false, at)
	}
}

// checkLine says whether the line can be a property at all.
func (s *store) checkLine(line string, at position) bool {
	if len(line) > lineMax {
		s.report.add(idLineTooLong, at, fmt.Sprintf("the line is %d bytes long", len(line)),
			fmt.Sprintf("at most %d; a list attribute may be repeated instead", lineMax), "httpd does not start")
		return false
	}
	if strings.IndexByte(line, 0) >= 0 {
		s.report.add(idNulByte, at, "the line holds a NUL byte", "plain text", "httpd does not start")
		return false
	}
	return true
}

// readLine reads a line whose comment, if there was one, is cut off.
func (s *store) readLine(code string, commented bool, at position) {
	name, raw, found := strings.Cut(code, "=")
	name = strings.Trim(name, blanks)
	if !found || name == "" {
		if found || name != "" {
			s.reportIgnored(at)
		}
		return
	}
	p := &setting{name: name, raw: strings.Trim(raw, blanks), at: at, origin: name}
	p.cut = commented && strings.TrimRight(raw, blanks) == raw
	if s.mounts {
		path, _, _ := cutPrefixes(name)
		p.rule = path != "" && strings.IndexByte("/*?|", path[0]) >= 0
	}
	if !s.supported(p) {
		return
	}
	if p.raw == "" {
		s.reportEmpty(p)
		return
	}
	s.define(p)
}

// reportIgnored says that a line is neither a property nor, in a mount file, a rule.
func (s *store) reportIgnored(at position) {
	what, accepted := "property", "name=value"
	if s.mounts {
		what, accepted = "rule", "pattern=worker"
	}
	s.report.add(idIgnoredLine, at, "this is not a "+what, accepted+", or # and a comment", "the line is ignored")
}

// reportEmpty says that a line without a value is ignored.
func (s *store) reportEmpty(p *setting) {
	switch {
	case s.mounts:
		s.report.add(idEmptyValue, p.at, p.label()+" has no worker", "pattern=worker", "the line is ignored")
		return
	case p.cut:
		s.report.add(idSecretCut, p.at, quoteName(p.name)+" begins with '#', which begins a comment",
			"JkWorkerProperty, where '#' is an ordinary character", "the line is ignored")
		return
	}
	s.report.add(idEmptyValue, p.at, quoteName(p.name)+" has no value", "", "the line is ignored, the default or what a reference brings stays in force")
}

// attribute returns the part of a property's name that says what is set: behind the last dot.
func attribute(name string) string {
	return name[strings.LastIndexByte(name, '.')+1:]
}

// supported checks the name of a property. A variable may have any name.
func (s *store) supported(p *setting) bool {
	if !strings.HasPrefix(p.name, workerPrefix) {
		return true
	}
	name := attribute(p.name)
	row, old := knownAttribute(name)
	if row == nil {
		accepted := "the attributes of docs/workers.properties.md"
		if similar := closest(name); similar != "" {
			accepted = "for example '" + similar + "'"
		}
		s.report.add(idUnsupported, p.at, "The attribute "+quoteName(p.name)+" is not supported", accepted, "httpd does not start")
		return false
	}
	if s.mounts {
		return true // as a rule it is invalid
	}
	if old {
		s.reportOld(p, row, name)
	}
	if strings.Count(p.name, ".") == 1 && row.Types&OnGlobal == 0 {
		s.report.add(idNoWorkerName, p.at, quoteName(p.name)+" names no worker", "worker.<name>."+name, "it is ignored")
	}
	return true
}

func (s *store) reportOld(p *setting, row *Property, name string) {
	now := "it is still honoured"
	if row.Kind == KindIgnored {
		now = "it is ignored"
	}
	s.report.add(idDeprecated, p.at, "The attribute "+quoteName(p.name)+" is deprecated", row.instead(name)+" in its place", now)
}

// define sets a property, joining or replacing an earlier value.
func (s *store) define(p *setting) {
	value, ok := s.expand(p)
	if !ok {
		return
	}
	p.value = value
	worker := strings.HasPrefix(p.name, workerPrefix)
	if p.value == "" && worker {
		s.report.add(idEmptyVariable, p.at, quoteName(p.name)+" is empty once its variables are replaced", "", "the line is ignored")
		return
	}
	old := s.index[p.name]
	if old == nil {
		s.add(p)
		return
	}
	if p.joined() {
		p.value, p.raw = old.value+","+p.value, old.raw+","+p.raw
	} else {
		s.report.add(idDuplicate, p.at, "Duplicate key "+p.label()+" detected, first set"+old.at.in(p.at), "one line", "this one is used")
	}
	*old = *p
}

// joined reports whether repeating the property adds to it: a list of a worker, or of a template that is made of variables.
func (p *setting) joined() bool {
	row, _ := knownAttribute(attribute(p.name))
	return row != nil && row.Joined() && !p.rule && strings.Contains(p.name, ".")
}

// inLine begins the place of another line in a text.
const inLine = " in line "

// in describes the position as seen from another one.
func (p position) in(from position) string {
	switch {
	case p.file == from.file && p.line > 0:
		return fmt.Sprintf(inLine+"%d", p.line)
	case p.line > 0:
		return fmt.Sprintf(inLine+"%d of %s", p.line, p.file)
	case p.file != "":
		return " in " + p.file
	}
	return " by mod_gojk"
}

func (s *store) add(p *setting) {
	s.settings = append(s.settings, p)
	s.index[p.name] = p
}

// defined reports whether any property begins with prefix.
func (s *store) defined(prefix string) bool {
	return slices.ContainsFunc(s.settings, func(p *setting) bool { return strings.HasPrefix(p.name, prefix) })
}
