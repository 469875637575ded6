// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strings"
	"syscall"

	"mod_gojk/module/internal/urimap"
)

// mountFiles finds the mount file of each server that names one: the last one, if there are several.
func (l *loader) mountFiles(raw []serverConfig) {
	for i := range l.in.Files {
		f := &l.in.Files[i]
		if strings.EqualFold(f.Directive, "JkMountFile") && f.Server < len(raw) {
			raw[f.Server].mountFile = &MountFile{File: i, Path: f.Path, Server: f.Server}
		}
	}
	for i := range raw {
		if f := raw[i].mountFile; f != nil {
			f.Reload = or(raw[i].reload, raw[0].reload, defaultReload)
			l.config.MountFiles = append(l.config.MountFiles, f)
		}
	}
}

// fileRules reads the text of a mount file:
//
//	line   = [ key "=" target ] [ "#" comment ]
//	key    = [ "-" ] [ "!" ] pattern [ "|" pattern ]      ; "-": disabled, "!": an exclusion
//	target = worker *( ";" extension )                    ; see ParseTarget
//
// Comments, blanks, limits and $(name) are as in workers.properties, but the names are those of this file alone. For the same key the last line
// counts, in the place of the first. A line that is no rule is skipped, as in mod_jk.
func (l *loader) fileRules(f *MountFile) []Rule {
	in := &l.in.Files[f.File]
	if in.Errno != 0 {
		l.reportUnreadable(in)
		return nil
	}
	s := newStore(l.store.lookupEnv, l.report)
	s.mounts = true
	s.readText(in.Path, in.Content)
	rules := make([]Rule, 0, len(s.settings))
	for _, p := range s.settings {
		rules = append(rules, l.fileRule(p)...)
	}
	return rules
}

// fileRule returns the rules of one line: two if its URI has a '|', one of "|/x", as in mod_jk, and none of a line that is no rule.
func (l *loader) fileRule(p *setting) []Rule {
	const accepted = "patterns such as /app/*, perhaps with !, - or -! in front"
	pattern, disabled, exclude := cutPrefixes(p.name)
	if behind, found := strings.CutPrefix(pattern, "|"); found && strings.HasPrefix(behind, "/") {
		l.report.add(idMapRule, p.at, "invalid mapping rule "+p.label()+": nothing stands before the '|'", accepted, "what stands behind it counts")
		pattern = behind
	}
	switch {
	case strings.HasPrefix(pattern, "/"):
		return l.makeRules(urimap.Rule{
			Pattern: pattern, Disabled: disabled, Exclude: exclude, Source: urimap.SourceURIWorkerMap,
		}, p.value, p.at)
	case p.used:
		l.report.add(idMapVariable, p.at, p.label()+" is no rule, but a variable of this file", "", "it is used as $(name) and maps nothing")
	default:
		l.report.add(idMapRule, p.at, "invalid mapping rule "+p.label()+": it does not begin with '/'", accepted, "the line is ignored")
	}
	return nil
}

// cutPrefixes cuts "-" (disabled) and then "!" (an exclusion) off a pattern.
func cutPrefixes(text string) (pattern string, disabled, exclude bool) {
	pattern, disabled = strings.CutPrefix(text, "-")
	pattern, exclude = strings.CutPrefix(pattern, "!")
	return pattern, disabled, exclude
}

func (l *loader) reportUnreadable(f *FileInput) {
	l.report.add(idUnreadable, position{f.Path, 0}, fmt.Sprintf("the file cannot be read: %s", syscall.Errno(f.Errno)),
		"a file that httpd can read when it starts", "httpd does not start")
}
