// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import "strings"

// pattern is a compiled pattern.
type pattern struct {
	text    string
	literal int // bytes before the first wildcard: they must be equal
}

func compile(text string) pattern {
	if i := strings.IndexAny(text, "*?"); i >= 0 {
		return pattern{text, i}
	}
	return pattern{text, len(text)}
}

// matches reports whether the pattern describes the whole path.
func (p *pattern) matches(path []byte) bool {
	if len(path) < p.literal || string(path[:p.literal]) != p.text[:p.literal] {
		return false
	}
	if p.literal == len(p.text) {
		return len(path) == p.literal
	}
	return wildcard(p.text[p.literal:], path[p.literal:])
}

// wildcard matches '*' (any bytes, also none) and '?' (one byte). Only the last '*' met is ever widened: what an earlier
// one could take instead, the last one can take as well. So the work is at most len(pattern) * len(path), never
// exponential.
func wildcard(pattern string, path []byte) bool {
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
