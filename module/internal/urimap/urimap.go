// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package urimap decides which rule of a server a URI belongs to: mod_jk's normalisation (Normalize), its order of rules
// and its exclusions (Map). Matching allocates nothing and takes no lock; what it
// costs depends on the path and hardly on the number of rules.
//
// # What is decided
//
// The rules are tried from the most to the least specific: more slashes first, then the longer pattern, then mount file
// before JkMount before property mount, then the order of definition. Exact patterns have no privilege over wildcards.
// The first rule that matches is the hit; if any exclusion for its worker matches as well there is none, not even a less
// specific one. With
//
//	/app/*  w      /app/static/*  w2      !/app/*.gif  w
//
// "/app/x" belongs to w, "/app/static/a.gif" to w2, and "/app/a.gif" to httpd.
//
// # How it is found
//
// Build gives each rule its place in that order, its rank (0 is tried first), cuts its pattern before the first and behind
// the last wildcard, "/app/*.gif" into prefix "/app/", middle "*" and suffix ".gif", and hangs it into a tree: children
// follow the path from its beginning and spell prefixes, tails follow it from its end and spell suffixes. The rules
//
//	/*.do  a      /app/*  b      /app/*.gif  c      !/app/img/*  b
//
// have the ranks 3, 2, 1 and 0 and become
//
//	"/" ------ tail ".do": rank 3
//	 |
//	"app/"     rank 2 ------ tail ".gif": rank 1
//	 |
//	"img/"     rank 0, an exclusion
//
// Match goes down the children as far as the path leads, then back up, at each node along the tails as far as they lead,
// and keeps the best rank. What cannot better it is not looked at. Then it climbs once more for the exclusions. So
// "/app/img/x.gif" leads to "img/", where there is no mount; then to "app/" with rank 2 and behind its tail rank 1. "/"
// has no better one than 3. The hit is c, and the exclusion is not for c. "/app/img/x" hits b, and is excluded.
//
// A middle is compared where prefix and suffix are already known to fit, and mostly it is "*". Patterns that differ in
// nothing but the middle, as "/*/a/*" and "/*/b/*", lie in one list, best rank first: there the work grows with the number
// of rules, by one search in the path each (see wildcard for its limit). So it does with rules of the very same pattern,
// which only exclusions for different workers have a reason to be. Everything else is at most the length of the path for
// the way down, and for each prefix on it the length of the longest suffix.
package urimap

import (
	"strconv"
	"strings"
	"unsafe"
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
	index
	mounts       int // how many rules can hit
	rejectUnsafe bool
}

// Build makes a map. The map keeps the strings, not the slice.
func Build(rules []Rule, o Options) *Map {
	x, mounts := newIndex(rules)
	return &Map{x, mounts, o.RejectUnsafe}
}

// Empty reports whether the map has no rule that could hit.
func (m *Map) Empty() bool { return m.mounts == 0 }

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
		rule, v = m.lookup(unsafe.String(unsafe.SliceData(dst), n)) // borrowed: nothing keeps it
		return rule, n, v
	case ErrAboveRoot:
		return -1, 0, AboveRoot
	default:
		return -1, 0, Relative
	}
}

// lookup finds the rule of a normalised path.
func (m *Map) lookup(path string) (rule int, v Verdict) {
	if len(path) > MaxPath {
		return -1, TooLong
	}
	if m.Empty() {
		return -1, Miss
	}
	i, at := m.descend(path)
	hit := m.hit(path, i, at)
	if hit == nil || m.excluded(path, i, at, hit.worker) {
		return -1, Miss
	}
	if m.rejectUnsafe && !safe(path) {
		return -1, Unsafe
	}
	return int(hit.rule), Hit
}

func safe(path string) bool {
	return strings.IndexByte(path, '%') < 0 && strings.IndexByte(path, '\\') < 0
}
