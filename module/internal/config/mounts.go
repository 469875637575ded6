// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"cmp"
	"strings"

	"mod_gojk/module/internal/urimap"
)

// mountEntry is one JkMount or JkUnMount with the rules that it makes: one, or two if its URI has a '|'.
type mountEntry struct {
	key   string // the URI as written, with '!' in front of an exclusion
	rules []Rule
}

// mountList holds the mounts of one server in the order of their first mention.
type mountList struct {
	entries []mountEntry
	index   map[string]int // by key
}

// put adds an entry, in place of an earlier one with the same key, which it returns; nil: there was none.
func (m *mountList) put(entry mountEntry) *mountEntry {
	if i, found := m.index[entry.key]; found {
		old := m.entries[i]
		m.entries[i] = entry
		return &old
	}
	if m.index == nil {
		m.index = map[string]int{}
	}
	m.index[entry.key] = len(m.entries)
	m.entries = append(m.entries, entry)
	return nil
}

// mount adds one JkMount or JkUnMount. For the same URI the last one wins, as in mod_jk.
func (l *loader) mount(list *mountList, uri, target string, exclude bool, at position) {
	if !strings.HasPrefix(uri, "/") {
		l.report.add(idMountURI, at, "JkMount context "+quote(uri)+" should start with /", "a pattern such as /app/*", "httpd does not start")
		return
	}
	entry := mountEntry{key: uri}
	if exclude {
		entry.key = "!" + uri
	}
	entry.rules = l.makeRules(urimap.Rule{Pattern: uri, Exclude: exclude, Source: urimap.SourceJkMount}, target, at)
	if old := list.put(entry); old != nil {
		first := position{old.rules[0].File, old.rules[0].Line}
		l.report.add(idMountAgain, at, quote(uri)+" is mounted again, first"+first.in(at), "one line", "this one is used")
	}
}

// makeRules returns the rules of a mount: two if its pattern has a '|'.
func (l *loader) makeRules(rule urimap.Rule, target string, at position) []Rule {
	worker, extensions := l.target(target, at)
	if rule.Exclude && strings.Contains(target, ";") {
		l.report.add(idExtExclusion, at, "the exclusion of "+quote(rule.Pattern)+" has rule extensions", "a worker's name, or *", "they have no effect")
	}
	rule.Worker = worker
	var rules []Rule
	for _, pattern := range alternatives(rule.Pattern) {
		rule.Pattern = pattern
		rules = append(rules, Rule{Rule: rule, Extensions: extensions, File: at.file, Line: at.line})
	}
	return rules
}

// alternatives resolves the first '|': "/a|/*" stands for "/a" and "/a/*".
func alternatives(uri string) []string {
	before, after, found := strings.Cut(uri, "|")
	if !found {
		return []string{uri}
	}
	return []string{before, before + after}
}

// rules gives each server its rules: its own mounts and those of its mount file, what JkMountCopy brings, and, to the main server, those of
// the property mount. A virtual host with JkMountCopy and neither mounts nor a mount file of its own gets all of the main server's.
func (l *loader) rules(raw []serverConfig) {
	l.mountFiles(raw)
	ofFile := map[*MountFile][]Rule{}
	for _, f := range l.config.MountFiles {
		ofFile[f] = l.fileRules(f)
	}
	main := &raw[0]
	for i, s := range l.config.Servers {
		own := &raw[i]
		copies := i > 0 && own.copies(main)
		s.MountFile, s.AutoAlias = own.mountFile, own.autoAlias
		if copies {
			s.MountFile, s.AutoAlias = cmp.Or(s.MountFile, main.mountFile), cmp.Or(s.AutoAlias, main.autoAlias)
		}
		if copies && len(own.mounts.entries) == 0 && own.mountFile == nil {
			s.Rules = l.config.Servers[0].Rules // the same memory: there may be many virtual hosts
			continue
		}
		s.Rules = own.mounts.without(nil)
		if copies {
			s.Rules = append(s.Rules, main.mounts.without(&own.mounts)...)
		}
		s.Rules = append(s.Rules, ofFile[s.MountFile]...)
		if i == 0 {
			s.Rules = append(s.Rules, l.propertyMounts()...)
		}
		for j := range s.Rules {
			l.checkRule(&s.Rules[j])
		}
	}
}

// copies reports whether the main server's mounts reach a virtual host.
func (c *serverConfig) copies(main *serverConfig) bool {
	return c.mountCopy == copyOn || c.mountCopy == copyUnset && main.mountCopy == copyAll
}

// without returns the rules of the entries whose key is not in other; nil: of all.
func (m *mountList) without(other *mountList) []Rule {
	var rules []Rule
	for i := range m.entries {
		if other != nil {
			if _, found := other.index[m.entries[i].key]; found {
				continue
			}
		}
		rules = append(rules, m.entries[i].rules...)
	}
	return rules
}

// propertyMounts returns the rules of the property mount of the workers in worker.list.
func (l *loader) propertyMounts() []Rule {
	var rules []Rule
	for _, w := range l.config.Workers {
		r := newReader(l.store, workerPrefix+w.Name+".", on(w.Type))
		_, p := r.find("mount")
		l.reads[w.Type]["mount"] = true
		switch {
		case p == nil:
		case !w.Listed:
			l.report.add(idMountUnlisted, p.at, p.show()+" belongs to a worker that is not in worker.list", "", "it is ignored")
		default:
			for _, entry := range r.list("mount") {
				rules = append(rules, l.propertyMount(w, entry, p)...)
			}
		}
	}
	return rules
}

// propertyMount returns the rule of one entry of a property mount: "-" disabled, then "!" exclusion, then the pattern.
func (l *loader) propertyMount(w *Worker, entry string, p *setting) []Rule {
	pattern, disabled, exclude := cutPrefixes(entry)
	if !strings.HasPrefix(pattern, "/") {
		l.report.add(idMountURI, p.at, p.show()+" has a pattern that does not begin with '/'", "patterns such as /app/*, perhaps with ! or - in front", "httpd does not start")
		return nil
	}
	return []Rule{{
		Rule:       urimap.Rule{Pattern: pattern, Worker: w.Name, Exclude: exclude, Disabled: disabled, Source: urimap.SourceWorker},
		Extensions: l.plain, File: p.at.file, Line: p.at.line,
	}}
}

// checkRule says whether the rule's worker can serve it. The rule is kept in any case: requests for it fail, instead of
// being answered with the files of httpd.
func (l *loader) checkRule(r *Rule) {
	at := position{r.File, r.Line}
	w, known := l.byName[r.Worker]
	switch {
	case known && w == nil, l.unreadable, r.Rule.Disabled, r.Exclude && r.Worker == urimap.AnyWorker:
		// it is reported what is wrong with the worker, or nothing is
	case w == nil:
		now := "requests for " + quote(r.Pattern) + " fail"
		if r.Exclude {
			now = "the exclusion of " + quote(r.Pattern) + " has no effect"
		}
		l.report.add(idMountUnknown, at, "Could not find worker with name "+quote(r.Worker)+" in uri map post processing", "the workers of worker.list", now)
	case r.Exclude:
	case !w.Listed:
		l.report.add(idMountUnlistedW, at, "worker "+quote(r.Worker)+" is not in worker.list", "the workers of worker.list", "requests for "+quote(r.Pattern)+" fail")
	default:
		l.checkExtensions(r, w, at)
	}
}
