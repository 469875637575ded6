// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"cmp"
	"slices"
	"strings"
)

// item is a rule on its way into the index.
type item struct {
	pattern
	reversed string // the suffix, last byte first
	exclude  bool
	entry
}

// builder is an index in the making.
type builder struct {
	nodes   []node
	letters []byte
	entries []entry
}

// newIndex makes the index of the rules that are not disabled, and returns how many of them are mounts.
func newIndex(rules []Rule) (x index, mounts int) {
	workers := map[string]int32{AnyWorker: anyWorker}
	var items []item
	for rank, i := range precedence(rules) {
		r := &rules[i]
		number, known := workers[r.Worker]
		if !known {
			number = int32(len(workers))
			workers[r.Worker] = number
		}
		p := cut(r.Pattern)
		items = append(items, item{p, reverse(p.suffix), r.Exclude, entry{p.middle, int32(rank), i, number}})
		if !r.Exclude {
			mounts++
		}
	}
	slices.SortFunc(items, byPlace)
	b := builder{entries: make([]entry, 0, len(items))}
	b.reserve(1)
	b.fill(0, node{}, items, front, 0)
	return index{slices.Clone(b.nodes), string(b.letters), b.entries}, mounts // a clone has no spare room
}

// precedence returns the rules that are not disabled in the order of precedence.
func precedence(rules []Rule) []int32 {
	var order []int32
	slashes := make([]int, len(rules))
	for i := range rules {
		if !rules[i].Disabled {
			order = append(order, int32(i))
			slashes[i] = strings.Count(rules[i].Pattern, "/")
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		return cmp.Or(
			cmp.Compare(slashes[b], slashes[a]),
			cmp.Compare(len(rules[b].Pattern), len(rules[a].Pattern)),
			cmp.Compare(rules[b].Source, rules[a].Source),
		)
	})
	return order
}

// byPlace is the order that fill wants: what belongs to the same node lies together, mounts first, by rank.
func byPlace(a, b item) int {
	if c := cmp.Or(strings.Compare(a.prefix, b.prefix), strings.Compare(a.reversed, b.reversed)); c != 0 {
		return c
	}
	switch {
	case a.exclude == b.exclude:
		return cmp.Compare(a.rank, b.rank)
	case b.exclude:
		return -1
	}
	return 1
}

func reverse(text string) string {
	b := []byte(text)
	slices.Reverse(b)
	return string(b)
}

// end is the end of the path that a node is reached from: children from the front, tails from the back.
type end int

const (
	front end = iota
	back
)

// key is what leads to an item, in the order in which it is met.
func (o *item) key(e end) string {
	if e == front {
		return o.prefix
	}
	return o.reversed
}

// label is the piece of the path that key[from:to] stands for.
func (o *item) label(e end, from, to int) string {
	if e == front {
		return o.prefix[from:to]
	}
	return o.suffix[len(o.suffix)-to : len(o.suffix)-from]
}

// reserve makes room for nodes side by side and returns the first.
func (b *builder) reserve(count int) (first int32) {
	first = int32(len(b.nodes))
	b.nodes = append(b.nodes, make([]node, count)...)
	b.letters = append(b.letters, make([]byte, count)...)
	return first
}

// fill makes nodes[i], of which n has label and parent, and all below it. items are what belongs there, sorted by place; the first at
// bytes of their keys are the same and have led here.
func (b *builder) fill(i int32, n node, items []item, e end, at int) {
	here := leading(items, func(o *item) bool { return len(o.key(e)) == at })
	own, below := items[:here], items[here:]
	if e == front {
		n.child, n.children = b.branch(i, below, front, at)
		plain := leading(own, func(o *item) bool { return o.suffix == "" })
		own, below, at = own[:plain], own[plain:], 0
	}
	n.tail, n.tails = b.branch(i, below, back, at)
	b.list(&n, own)
	for _, t := range b.nodes[n.tail:][:n.tails] {
		n.best, n.excludes = min(n.best, t.best), n.excludes || t.excludes
	}
	b.nodes[i] = n
}

// branch makes the children or the tails of a node: one for each letter that follows in the keys of items, which may be none.
func (b *builder) branch(parent int32, items []item, e end, at int) (first int32, count uint8) {
	var groups [][]item
	for len(items) > 0 {
		letter := items[0].key(e)[at]
		size := leading(items, func(o *item) bool { return o.key(e)[at] == letter })
		groups, items = append(groups, items[:size]), items[size:]
	}
	first = b.reserve(len(groups))
	for k, group := range groups {
		low, high := group[0].key(e), group[len(group)-1].key(e)
		after := at + 1
		to := after + common(low[after:], high[after:])
		b.letters[first+int32(k)] = low[at]
		b.fill(first+int32(k), node{parent: parent, label: group[0].label(e, after, to)}, group, e, to)
	}
	return first, uint8(len(groups))
}

// list writes the items that are at n.
func (b *builder) list(n *node, items []item) {
	mounts := leading(items, func(o *item) bool { return !o.exclude })
	n.from = int32(len(b.entries))
	n.exclude, n.to = n.from+int32(mounts), n.from+int32(len(items))
	for i := range items {
		b.entries = append(b.entries, items[i].entry)
	}
	n.best, n.excludes = noRank, mounts < len(items)
	if mounts > 0 {
		n.best = items[0].rank
	}
}

// common returns how many bytes a and b have in common at their beginnings.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// leading returns how many items at the beginning satisfy a condition.
func leading(items []item, condition func(*item) bool) int {
	for i := range items {
		if !condition(&items[i]) {
			return i
		}
	}
	return len(items)
}
