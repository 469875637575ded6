// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package urimap decides which rule of a server a URI belongs to: mod_jk's normalisation (Normalize), its order of rules
// and its exclusions (Map). Nothing here allocates after Build.
package urimap

import "strconv"

// MaxPath is the longest normalised path, in bytes, that is matched; a longer one is no hit.
const MaxPath = 4095

// Source is where a rule comes from. Among rules of equal weight the greater source is tried first.
type Source uint8

// The sources, in the order of section "Matching algorithm": mount file before JkMount before mount property.
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
	Pattern  string // begins with '/'; '*' any sequence, '?' exactly one byte; without '|'
	Worker   string // name; in an exclusion also "*", every worker
	Exclude  bool   // takes back what rules for Worker have hit
	Disabled bool   // is shown, never matches
	Source   Source
}

// Options change what a map matches.
type Options struct {
	RejectUnsafe bool // a path with '%' or '\' matches nothing (JkOptions RejectUnsafeURI)
}

// Verdict is the outcome of a match.
type Verdict uint8

// The verdicts. Relative and AboveRoot are bad URIs: httpd answers 400.
const (
	Miss      Verdict = 0 // no rule, or an exclusion
	Hit       Verdict = 1
	Unsafe    Verdict = 2 // a miss: RejectUnsafe, worth a line at level info
	TooLong   Verdict = 3 // a miss: more than MaxPath bytes, worth a line at level warn
	Relative  Verdict = 4 // does not begin with '/', worth a line at level warn
	AboveRoot Verdict = 5 // "/../" leaves the root, worth a line at level emerg
)

// BadURI reports whether httpd must answer 400.
func (v Verdict) BadURI() bool { return v == Relative || v == AboveRoot }

// String returns the verdict as a word.
func (v Verdict) String() string {
	names := [...]string{"miss", "hit", "unsafe", "too long", "relative", "above root"}
	if int(v) < len(names) {
		return names[v]
	}
	return "verdict(" + strconv.Itoa(int(v)) + ")"
}

// Map holds the rules of one server. It is immutable and safe for concurrent use.
type Map struct{}

// Build sorts the rules. The map keeps the strings, not the slice.
func Build(rules []Rule, o Options) *Map { return &Map{} }

// Match normalises uri (httpd's r->uri, percent-decoded once) into dst and finds its rule. dst has room for len(uri)
// bytes at least. Returns the index of the rule in the slice given to Build (-1 unless Hit), the length of the normalised
// path in dst (0 for a bad URI), and the verdict.
func (m *Map) Match(dst []byte, uri string) (rule, n int, v Verdict) { return -1, 0, Miss }

// Empty reports whether the map can hit nothing at all.
func (m *Map) Empty() bool { return true }
