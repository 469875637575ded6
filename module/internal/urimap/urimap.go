// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package urimap decides which rule of a server a URI belongs to: mod_jk's normalisation (Normalize), its order of rules
// and its exclusions (Map). Matching allocates nothing.
//
// The rules are tried from the most to the least specific: more slashes first, then the longer pattern, then mount file
// before JkMount before property mount, then the order of definition. Exact patterns have no privilege over wildcards.
// The first rule that matches is the hit; if any exclusion for its worker matches as well there is none, not even a less
// specific one. With
//
//	/app/*  w      /app/static/*  w2      !/app/*.gif  w
//
// "/app/x" belongs to w, "/app/static/a.gif" to w2, and "/app/a.gif" to httpd.
package urimap

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// MaxPath is the longest normalised path, in bytes, that is matched; a longer one is no hit.
const MaxPath = 4095

// AnyWorker in an exclusion stands for every worker.
const AnyWorker = "*"

// Source is where a rule comes from. Among rules of equal weight the greater source is tried first.
type Source uint8

// The sources.
const (
	SourceWorker       Source = 1 // property mount
	SourceJkMount      Source = 2 // JkMount, JkUnMount
	SourceURIWorkerMap Source = 3 // JkMountFile
)

// String returns the text that the status worker shows.
func (s Source) String() string {
	switch s {
	case SourceWorker:
		return "worker definition"
	case SourceJkMount:
		return "JkMount"
	case SourceURIWorkerMap:
		return "uriworkermap"
	}
	return "source(" + strconv.Itoa(int(s)) + ")"
}

// Rule maps the paths that match Pattern to Worker.
type Rule struct {
	Pattern  string // begins with '/'; '*' any bytes, '?' exactly one; without '|'
	Worker   string // name; in an exclusion also AnyWorker
	Exclude  bool   // takes back what rules for Worker have hit
	Disabled bool   // is shown, never matches
	Source   Source
}

// Options change what a map matches.
type Options struct {
	RejectUnsafe bool // a path with '%' or '\' that a rule matches is Unsafe (JkOptions RejectUnsafeURI)
}

// Verdict is the outcome of a match.
type Verdict uint8

// The verdicts. Relative and AboveRoot are bad URIs: httpd answers 400. Unsafe is none of a worker's, and not a file's either: 403.
const (
	Miss      Verdict = 0 // no rule, or an exclusion
	Hit       Verdict = 1
	Unsafe    Verdict = 2 // would be a hit but for RejectUnsafe; worth a line of level info
	TooLong   Verdict = 3 // a miss because of MaxPath; worth a line of level warn
	Relative  Verdict = 4 // ErrRelative; worth a line of level warn
	AboveRoot Verdict = 5 // ErrAboveRoot; worth a line of level emerg
)

// BadURI reports whether httpd must answer 400.
func (v Verdict) BadURI() bool { return v == Relative || v == AboveRoot }

// String returns the verdict in words.
func (v Verdict) String() string {
	names := [...]string{"miss", "hit", "unsafe", "too long", "relative", "above root"}
	if int(v) < len(names) {
		return names[v]
	}
	return "verdict(" + strconv.Itoa(int(v)) + ")"
}

// Map holds the rules of one server. It is immutable and safe for concurrent use. The zero Map has no rules.
type Map struct {
	mounts       []mount // in the order in which they are tried
	exclusions   []pattern
	rejectUnsafe bool
}

// mount is a rule that can hit.
type mount struct {
	pattern
	index   int     // in the slice given to Build
	exclude []int32 // the exclusions that concern its worker
}

// Build sorts the rules. The map keeps the strings, not the slice.
func Build(rules []Rule, o Options) *Map {
	m := &Map{rejectUnsafe: o.RejectUnsafe}
	perWorker := m.addExclusions(rules)
	for i := range rules {
		if r := &rules[i]; !r.Exclude && !r.Disabled {
			m.mounts = append(m.mounts, mount{compile(r.Pattern), i, perWorker(r.Worker)})
		}
	}
	slices.SortStableFunc(m.mounts, func(a, b mount) int {
		return moreSpecific(&rules[a.index], &rules[b.index])
	})
	return m
}

// addExclusions compiles the exclusions and returns a function that lists those for a worker.
func (m *Map) addExclusions(rules []Rule) func(worker string) []int32 {
	byWorker := map[string][]int32{}
	for i := range rules {
		if r := &rules[i]; r.Exclude && !r.Disabled {
			byWorker[r.Worker] = append(byWorker[r.Worker], int32(len(m.exclusions)))
			m.exclusions = append(m.exclusions, compile(r.Pattern))
		}
	}
	return func(worker string) []int32 {
		if worker == AnyWorker {
			return byWorker[AnyWorker]
		}
		return slices.Concat(byWorker[worker], byWorker[AnyWorker])
	}
}

// moreSpecific is the order of rules: negative if a is tried before b.
func moreSpecific(a, b *Rule) int {
	return cmp.Or(
		cmp.Compare(strings.Count(b.Pattern, "/"), strings.Count(a.Pattern, "/")),
		cmp.Compare(len(b.Pattern), len(a.Pattern)),
		cmp.Compare(b.Source, a.Source),
	)
}

// Empty reports whether the map has no rule that could hit.
func (m *Map) Empty() bool { return len(m.mounts) == 0 }

// Match normalises uri (httpd's r->uri, percent-decoded once) into dst, which has room for len(uri) bytes at least, and
// finds its rule. Returns the index of the rule in the slice given to Build (-1 unless Hit), the length of the
// normalised path in dst (0 for a bad URI), and the verdict. The URI of "OPTIONS *", and the empty one of a sub-request
// for a file, are misses.
func (m *Map) Match(dst []byte, uri string) (rule, n int, v Verdict) {
	if uri == "" || uri == "*" {
		return -1, 0, Miss
	}
	n, err := Normalize(dst, uri)
	return m.find(dst, n, err)
}

// find is the rest of Match: err and n are what Normalize returned.
func (m *Map) find(dst []byte, n int, err error) (rule, _ int, v Verdict) {
	switch err {
	case nil:
		rule, v = m.lookup(dst[:n])
		return rule, n, v
	case ErrAboveRoot:
		return -1, 0, AboveRoot
	default:
		return -1, 0, Relative
	}
}

// lookup finds the rule of a normalised path.
func (m *Map) lookup(path []byte) (rule int, v Verdict) {
	if len(path) > MaxPath {
		return -1, TooLong
	}
	for i := range m.mounts {
		if c := &m.mounts[i]; c.matches(path) {
			if m.excluded(c, path) {
				return -1, Miss
			}
			if m.rejectUnsafe && !safe(path) {
				return -1, Unsafe
			}
			return c.index, Hit
		}
	}
	return -1, Miss
}

func (m *Map) excluded(c *mount, path []byte) bool {
	for _, i := range c.exclude {
		if m.exclusions[i].matches(path) {
			return true
		}
	}
	return false
}

func safe(path []byte) bool {
	for _, c := range path {
		if c == '%' || c == '\\' {
			return false
		}
	}
	return true
}
