// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"math"
	"strings"
)

// index is the tree of the patterns of a map, as the package comment describes it. Made by newIndex, then immutable.
type index struct {
	nodes   []node  // nodes[0] is the root, which nothing leads to
	letters string  // letters[i] is the byte that leads to nodes[i]
	entries []entry // the rules of a node lie side by side
}

// node is a place in the tree: where a prefix has led, or a prefix and a suffix. 48 bytes.
type node struct {
	label           string // what the path must have besides the letter: for a child behind it, for a tail before it
	parent          int32  // of a child
	child, tail     int32  // the first child, the first tail; the others follow it
	children, tails uint8  // how many; 254 at most, as '*' and '?' never lead anywhere
	excludes        bool   // an exclusion is here or behind a tail
	best            int32  // the best rank of the mounts that are here or behind a tail, or noRank
	from, exclude   int32  // entries[from:exclude] are the mounts that are here, best rank first,
	to              int32  // entries[exclude:to] the exclusions
}

// entry is a rule. 32 bytes.
type entry struct {
	middle string // of its pattern
	rank   int32  // its place in the order of precedence, 0 is the best
	rule   int32  // in the slice given to Build
	worker int32  // a number for its name
}

const (
	noRank    int32 = math.MaxInt32 // is worse than any
	anyWorker int32 = 0             // the number for AnyWorker
)

// descend returns the last child that path leads to, perhaps the root, and how many bytes of path that takes.
func (x *index) descend(path string) (i int32, at int) {
	for at < len(path) {
		n := &x.nodes[i]
		next := x.find(path[at], n.child, n.children)
		if next == 0 || !strings.HasPrefix(path[at+1:], x.nodes[next].label) {
			break
		}
		i, at = next, at+1+len(x.nodes[next].label)
	}
	return i, at
}

// inward returns the tail of n that the end of rest leads to, and what is then left of rest; nil if there is none.
func (x *index) inward(n *node, rest string) (tail *node, left string) {
	last := len(rest) - 1
	if last < 0 {
		return nil, ""
	}
	next := x.find(rest[last], n.tail, n.tails)
	if next == 0 || !strings.HasSuffix(rest[:last], x.nodes[next].label) {
		return nil, ""
	}
	tail = &x.nodes[next]
	return tail, rest[:last-len(tail.label)]
}

// find returns that one of count nodes side by side, from the first on, which a letter leads to; 0 if there is none.
func (x *index) find(letter byte, first int32, count uint8) int32 {
	if i := strings.IndexByte(x.letters[first:first+int32(count)], letter); i >= 0 {
		return first + int32(i)
	}
	return 0
}

// hit returns the mount of the best rank whose pattern matches path, nil if there is none. i and at are what descend returned. It climbs
// from there to the root, because what lies deeper mostly has the better rank and spares the rest.
func (x *index) hit(path string, i int32, at int) (found *entry) {
	rank := noRank
	for {
		n := &x.nodes[i]
		for t, rest := n, path[at:]; t != nil && t.best < rank; t, rest = x.inward(t, rest) {
			if e := x.better(t, rest, rank); e != nil {
				found, rank = e, e.rank
			}
		}
		if i == 0 {
			return found
		}
		i, at = n.parent, at-1-len(n.label)
	}
}

// better returns the first mount at n that is better than rank and whose middle matches rest, nil if there is none.
func (x *index) better(n *node, rest string, rank int32) *entry {
	for i := n.from; i < n.exclude && x.entries[i].rank < rank; i++ {
		if e := &x.entries[i]; matches(e.middle, rest) {
			return e
		}
	}
	return nil
}

// excluded reports whether any exclusion for a worker matches path. i and at are what descend returned.
func (x *index) excluded(path string, i int32, at int, worker int32) bool {
	for {
		n := &x.nodes[i]
		for t, rest := n, path[at:]; t != nil && t.excludes; t, rest = x.inward(t, rest) {
			if x.takesBack(t, rest, worker) {
				return true
			}
		}
		if i == 0 {
			return false
		}
		i, at = n.parent, at-1-len(n.label)
	}
}

// takesBack reports whether an exclusion at n is for a worker, and its middle matches rest.
func (x *index) takesBack(n *node, rest string, worker int32) bool {
	for i := n.exclude; i < n.to; i++ {
		if e := &x.entries[i]; (e.worker == worker || e.worker == anyWorker) && matches(e.middle, rest) {
			return true
		}
	}
	return false
}
