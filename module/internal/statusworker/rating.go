// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"fmt"
	"strings"

	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/registry"
)

// Rating is what the properties good and bad make of a member's activation and state.
type Rating uint8

// The ratings. A member that neither list names is degraded.
const (
	Good Rating = iota
	Degraded
	Bad
)

// String is for summaries and class names.
func (r Rating) String() string {
	switch r {
	case Good:
		return "good"
	case Degraded:
		return "degraded"
	case Bad:
		return "bad"
	}
	return "unknown"
}

// combinations is a set of pairs of activation and state, a bit for each.
type combinations uint32

func combination(a balancer.Activation, s balancer.State) combinations {
	return 1 << (uint(a)*shm.MemberStates + uint(s))
}

// letters are the conditions of a rating list. Of each word in it only the first letter counts, in any case.
var letters = map[byte]func(balancer.Activation, balancer.State) bool{
	'a': func(a balancer.Activation, _ balancer.State) bool { return a == balancer.Active },
	'd': func(a balancer.Activation, _ balancer.State) bool { return a == balancer.Disabled },
	's': func(a balancer.Activation, _ balancer.State) bool { return a == balancer.Stopped },
	'o': func(_ balancer.Activation, s balancer.State) bool { return s == balancer.OK },
	'i': func(_ balancer.Activation, s balancer.State) bool { return s == balancer.Idle },
	'n': func(_ balancer.Activation, s balancer.State) bool { return s == balancer.Idle },
	'b': func(_ balancer.Activation, s balancer.State) bool { return s == balancer.Busy },
	'e': func(_ balancer.Activation, s balancer.State) bool { return s == balancer.Error },
	'r': func(_ balancer.Activation, s balancer.State) bool {
		return s == balancer.Recover || s == balancer.Force || s == balancer.Probe
	},
}

// matching is the set of all pairs that a condition holds for.
func matching(holds func(balancer.Activation, balancer.State) bool) combinations {
	var set combinations
	for a := balancer.Active; a <= balancer.Stopped; a++ {
		for s := balancer.State(0); s < shm.MemberStates; s++ {
			if holds(a, s) {
				set |= combination(a, s)
			}
		}
	}
	return set
}

// parseEntry reads an entry of a rating list: conditions joined by '.', which must all hold. False: a letter is unknown.
func parseEntry(entry string) (combinations, bool) {
	set := ^combinations(0)
	for word := range strings.SplitSeq(entry, ".") {
		if word == "" {
			return 0, false
		}
		holds, ok := letters[word[0]|0x20]
		if !ok {
			return 0, false
		}
		set &= matching(holds)
	}
	return set, true
}

// parseRating reads a rating list: a pair is in it if it is in one of the entries. Those it does not understand are returned.
func parseRating(list []string) (set combinations, unknown []string) {
	for _, entry := range list {
		s, ok := parseEntry(entry)
		if !ok {
			unknown = append(unknown, entry)
			continue
		}
		set |= s
	}
	return set, unknown
}

// ratings are both lists of a status worker.
type ratings struct{ good, bad combinations }

func newRatings(s *config.Status) ratings {
	good, _ := parseRating(s.Good)
	bad, _ := parseRating(s.Bad)
	return ratings{good, bad}
}

// rate looks at the bad list first, then at the good one.
func (r ratings) rate(a balancer.Activation, s balancer.State) Rating {
	switch c := combination(a, s); {
	case r.bad&c != 0:
		return Bad
	case r.good&c != 0:
		return Good
	}
	return Degraded
}

// LogWarnings says what is odd in the settings of the status workers. For whoever starts the library, once.
func LogWarnings(s *registry.Snapshot, log *jklog.Logger) {
	for _, w := range s.Workers {
		if w.Status == nil {
			continue
		}
		for _, text := range ratingWarnings(w.Name, w.Status) {
			log.Log(jklog.Warn, jklog.PhaseChildInit, "GOJK4011", "%s", text)
		}
	}
}

// ratingWarnings are about the rating lists: entries that are ignored, and combinations that are in both.
func ratingWarnings(name string, s *config.Status) []string {
	good, ignored := parseRating(s.Good)
	bad, alsoIgnored := parseRating(s.Bad)
	var warnings []string
	for _, entry := range append(ignored, alsoIgnored...) {
		warnings = append(warnings, fmt.Sprintf("Status worker '%s': rating '%s' is ignored; it is one or two words joined by '.', beginning with "+
			"A, D or S (activation) or O, I, N, B, R or E (state)", name, entry))
	}
	if both := good & bad; both != 0 {
		warnings = append(warnings, fmt.Sprintf("Status worker '%s' has non empty intersection '%08x' between good rating for '%08x' and bad rating "+
			"for '%08x'; bad wins", name, uint32(both), uint32(good), uint32(bad)))
	}
	return warnings
}
