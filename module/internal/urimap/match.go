// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import "strings"

// pattern is a pattern cut before its first and behind its last wildcard. A path that matches begins with prefix, ends with suffix, and
// middle matches what lies between. An exact pattern is all prefix.
type pattern struct {
	prefix, middle, suffix string
}

func cut(text string) pattern {
	first := strings.IndexAny(text, "*?")
	if first < 0 {
		return pattern{prefix: text}
	}
	last := strings.LastIndexAny(text, "*?")
	return pattern{text[:first], text[first : last+1], text[last+1:]}
}

// matches reports whether the middle of a pattern matches the whole text.
func matches(middle, text string) bool {
	switch middle {
	case "":
		return text == ""
	case "*":
		return true
	}
	return wildcard(middle, text)
}

// wildcard matches '*' (any bytes, also none) and '?' (one byte). The pieces between the stars are searched one after the other, each as
// far left as it is found, which leaves most to the next: nothing is tried twice. So without '?' the work is len(text), otherwise at
// most len(pattern) * len(text).
func wildcard(pattern, text string) bool {
	piece, pattern, star := strings.Cut(pattern, "*")
	if !star {
		return same(piece, text)
	}
	if len(text) < len(piece) || !same(piece, text[:len(piece)]) {
		return false
	}
	text = text[len(piece):]
	for {
		piece, pattern, star = strings.Cut(pattern, "*")
		if !star { // the last piece is at the end
			return len(text) >= len(piece) && same(piece, text[len(text)-len(piece):])
		}
		i := search(text, piece)
		if i < 0 {
			return false
		}
		text = text[i+len(piece):]
	}
}

// search returns where piece, without '*', is first found in text, -1 if nowhere.
func search(text, piece string) int {
	if strings.IndexByte(piece, '?') < 0 {
		return strings.Index(text, piece)
	}
	for i := 0; i+len(piece) <= len(text); i++ {
		if same(piece, text[i:i+len(piece)]) {
			return i
		}
	}
	return -1
}

// same reports whether piece, without '*', matches the whole text.
func same(piece, text string) bool {
	if len(piece) != len(text) {
		return false
	}
	for i := range len(piece) {
		if piece[i] != '?' && piece[i] != text[i] {
			return false
		}
	}
	return true
}
