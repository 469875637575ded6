// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import "strings"

// Types is a set of worker types.
type Types uint8

// The sets. OnGlobal is for properties of no worker, worker.<name>.
const (
	OnAJP    Types = 1 << 0
	OnLB     Types = 1 << 1
	OnStatus Types = 1 << 2
	OnGlobal Types = 1 << 3
	OnAll          = OnAJP | OnLB | OnStatus
)

// on returns the set that holds just t.
func on(t Type) Types {
	switch t {
	case TypeLB:
		return OnLB
	case TypeStatus:
		return OnStatus
	}
	return OnAJP
}

// Kind is the form of a property's value.
type Kind uint8

// The kinds.
const (
	KindText     Kind = 1 // any text
	KindName     Kind = 2 // a text of at most NameMax bytes
	KindSecret   Kind = 3 // a text that is never shown
	KindInteger  Kind = 4 // in Unit
	KindBoolean  Kind = 5
	KindChoice   Kind = 6  // one of Choices, by first letter or number
	KindList     Kind = 7  // texts
	KindStatuses Kind = 8  // a list of HTTP statuses, negative ones allowed
	KindIgnored  Kind = 9  // any; without effect
	KindHost     Kind = 10 // a name or an IP address, perhaps with a port
	KindPath     Kind = 11 // an absolute path
)

// Unit is what an integer counts.
type Unit uint8

// The units. UnitNone is a plain number.
const (
	UnitNone         Unit = 0
	UnitSeconds      Unit = 1
	UnitMilliseconds Unit = 2
	UnitBytes        Unit = 3
)

// Outside is what happens with an integer outside its range.
type Outside uint8

// What happens, always with a finding.
const (
	OutsideNearest Outside = 0 // the nearest value of the range is taken
	OutsideDefault Outside = 1 // the default is taken
	OutsideZero    Outside = 2 // 0 is taken: there is no such port
)

// Property describes one property: one row for the parser, the checker and the documentation.
type Property struct {
	Name     string
	Group    string // chapter of the documentation
	Types    Types
	Kind     Kind
	Unit     Unit
	Default  string // as one would write it in the file; "": none, or Computed
	Computed string // how the default is made, in words; "": it is Default
	Min, Max int    // of an integer; both 0: any
	Outside  Outside
	Choices  []string // of KindChoice; the index is the value
	Aliases  []string // older names, deprecated, used if Name is not set

	// Deprecated says what to write instead; "": not deprecated.
	Deprecated string

	Doc   string // one sentence
	Notes string // further sentences, among them how mod_gojk differs from mod_jk; "": none
}

// Joined reports whether repeating the property adds to it instead of replacing it.
func (p *Property) Joined() bool {
	return p.Kind == KindList || p.Kind == KindStatuses
}

// findProperty returns the row for a name that a worker of one of these types has, nil if there is none.
func findProperty(name string, types Types) *Property {
	for i := range Properties {
		if p := &Properties[i]; p.Name == name && p.Types&types != 0 {
			return p
		}
	}
	return nil
}

// knownAttribute returns the first row that has this name or alias, whatever the type, nil if there is none. old means
// that the name is deprecated.
func knownAttribute(name string) (row *Property, old bool) {
	for i := range Properties {
		p := &Properties[i]
		if p.Name == name {
			return p, p.Deprecated != ""
		}
		for _, alias := range p.Aliases {
			if alias == name {
				return p, true
			}
		}
	}
	return nil, false
}

// instead says what to use in place of a deprecated name.
func (p *Property) instead(name string) string {
	if p.Name != name {
		return "'" + p.Name + "'"
	}
	return p.Deprecated
}

// closest returns the known attribute that looks most like name, "" if none does.
func closest(name string) string {
	best, bestDistance := "", 3
	if len(name) > NameMax {
		return best
	}
	for i := range Properties {
		if d := editDistance(strings.ToLower(name), Properties[i].Name); d < bestDistance && d < len(name) {
			best, bestDistance = Properties[i].Name, d
		}
	}
	return best
}

// editDistance counts the insertions, deletions and replacements between a and b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
