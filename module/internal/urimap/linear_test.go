// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"cmp"
	"slices"
	"strings"
)

// linear is the plain matcher that the index must agree with: all rules in the order of precedence, one after the other, then all
// exclusions.
type linear struct {
	mounts, exclusions []linearRule
}

type linearRule struct {
	Rule
	index   int
	literal int // bytes before the first wildcard
}

func buildLinear(rules []Rule) *linear {
	l := &linear{}
	for i, r := range rules {
		literal := strings.IndexAny(r.Pattern, "*?")
		if literal < 0 {
			literal = len(r.Pattern)
		}
		switch rule := (linearRule{r, i, literal}); {
		case r.Disabled:
		case r.Exclude:
			l.exclusions = append(l.exclusions, rule)
		default:
			l.mounts = append(l.mounts, rule)
		}
	}
	slices.SortStableFunc(l.mounts, func(a, b linearRule) int {
		return cmp.Or(
			cmp.Compare(strings.Count(b.Pattern, "/"), strings.Count(a.Pattern, "/")),
			cmp.Compare(len(b.Pattern), len(a.Pattern)),
			cmp.Compare(b.Source, a.Source),
		)
	})
	return l
}

// match returns the rule of a normalised path, -1 if there is none, and whether that is because of an exclusion.
func (l *linear) match(path []byte) (rule int, cancelled bool) {
	for i := range l.mounts {
		if m := &l.mounts[i]; m.matches(path) {
			if l.excluded(m.Worker, path) {
				return -1, true
			}
			return m.index, false
		}
	}
	return -1, false
}

func (l *linear) excluded(worker string, path []byte) bool {
	for i := range l.exclusions {
		if e := &l.exclusions[i]; (e.Worker == worker || e.Worker == AnyWorker) && e.matches(path) {
			return true
		}
	}
	return false
}

func (r *linearRule) matches(path []byte) bool {
	if len(path) < r.literal || string(path[:r.literal]) != r.Pattern[:r.literal] {
		return false
	}
	if r.literal == len(r.Pattern) {
		return len(path) == r.literal
	}
	return byteByByte(r.Pattern[r.literal:], path[r.literal:])
}

// byteByByte matches '*' and '?' without looking for pieces: only the last '*' met is ever widened.
func byteByByte(pattern string, path []byte) bool {
	p, s := 0, 0
	star, taken := -1, 0 // the last '*', and up to where it reaches
	for s < len(path) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, taken = p, s
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == path[s]):
			p++
			s++
		case star >= 0:
			taken++
			p, s = star+1, taken
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
