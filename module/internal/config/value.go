// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"slices"
	"strconv"
	"strings"
)

// parseInteger reads a decimal number at the beginning of text, and directly behind it 'k' (times 1024) or 'm' (times
// 1048576), as mod_jk 1.2.51 does. rest is what follows. ok is false without a number, and if it does not fit in 32 bits.
func parseInteger(text string) (n int, rest string, ok bool) {
	text = strings.TrimLeft(text, blanks)
	wide, rest, ok := leadingInteger(text)
	if !ok {
		return 0, text, false
	}
	if rest != "" {
		switch rest[0] {
		case 'k', 'K':
			wide, rest = wide<<10, rest[1:]
		case 'm', 'M':
			wide, rest = wide<<20, rest[1:]
		}
	}
	if wide > maxInteger || wide < -maxInteger-1 {
		return 0, text, false
	}
	return int(wide), rest, true
}

// leadingInteger reads the decimal number that text begins with; ok is false if there is none, or if it does not fit in 32 bits.
func leadingInteger(text string) (n int64, rest string, ok bool) {
	end := 0
	if end < len(text) && (text[end] == '-' || text[end] == '+') {
		end++
	}
	for end < len(text) && '0' <= text[end] && text[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(text[:end], 10, 32)
	return n, text[end:], err == nil
}

// parseBoolean reads mod_jk's booleans: off, 0 and what begins with f or n; on, 1 and what begins with t or y.
func parseBoolean(text string) (value, ok bool) {
	switch {
	case text == "":
		return false, false
	case strings.EqualFold(text, "off"), text == "0", strings.ContainsRune("fFnN", rune(text[0])):
		return false, true
	case strings.EqualFold(text, "on"), text == "1", strings.ContainsRune("tTyY", rune(text[0])):
		return true, true
	}
	return false, false
}

// splitList splits at blanks and commas in any mix.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || strings.ContainsRune(blanks, r) })
}

// parseChoice returns the index of the choice with the first letter of text, or of the number that text begins with.
// close is false if text only shares the first letter.
func parseChoice(text string, choices []string) (index int, close, ok bool) {
	if text == "" {
		return 0, false, false
	}
	for i, choice := range choices {
		if text[0] == byte('0'+i) {
			return i, len(text) == 1, true
		}
		if strings.EqualFold(text[:1], choice[:1]) {
			n := min(len(text), len(choice))
			return i, strings.EqualFold(text[:n], choice[:n]), true
		}
	}
	return 0, false, false
}

// parseStatuses reads a list of HTTP statuses, each perhaps with a '-' in front. Of an entry the number that it begins with counts, as in mod_jk. bad are the
// entries with anything behind it, and those that are no status.
func parseStatuses(text string) (statuses []int, bad []string) {
	for _, entry := range splitList(text) {
		n, rest, ok := leadingInteger(entry)
		status := ok && 100 <= max(n, -n) && max(n, -n) <= 999
		if !status || rest != "" {
			bad = append(bad, entry)
		}
		if status && !slices.Contains(statuses, int(n)) {
			statuses = append(statuses, int(n))
		}
	}
	return statuses, bad
}
