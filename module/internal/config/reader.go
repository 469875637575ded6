// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strings"
	"time"
)

// reader gives the properties of one worker as typed values. Whatever is wrong with them becomes a finding, and then the
// default, or what the table of properties says, takes their place.
type reader struct {
	store  *store
	report *reporter
	prefix string // "worker.name."
	types  Types
	read   map[string]bool // rows that were asked for; a test compares them with the table
}

func newReader(s *store, prefix string, types Types) *reader {
	return &reader{store: s, report: s.report, prefix: prefix, types: types, read: map[string]bool{}}
}

// find returns the row of a property and its setting, nil if it is not set. Older names count if the name itself is not
// set.
func (r *reader) find(name string) (*Property, *setting) {
	row := findProperty(name, r.types)
	r.read[name] = true
	p := r.store.index[r.prefix+name]
	for i := 0; p == nil && i < len(row.Aliases); i++ {
		p = r.store.index[r.prefix+row.Aliases[i]]
	}
	return row, p
}

// isSet reports whether the property is set at all.
func (r *reader) isSet(name string) bool {
	_, p := r.find(name)
	return p != nil
}

// text returns a text, at most NameMax bytes of KindName.
func (r *reader) text(name string) string {
	row, p := r.find(name)
	if p == nil {
		return row.Default
	}
	if row.Kind == KindName && len(p.value) > NameMax {
		r.reportTooLong(p, len(p.value))
		return row.Default
	}
	return p.value
}

// memberText returns a text that members need, however long: loader.checkNames looks at that.
func (r *reader) memberText(name string) string {
	_, p := r.find(name)
	if p == nil {
		return ""
	}
	return p.value
}

// reportTooLong refuses a name of that many bytes.
func (r *reader) reportTooLong(p *setting, size int) {
	r.report.add(idTooLong, p.at, fmt.Sprintf("%s is %d bytes too long", p.show(), size-NameMax),
		fmt.Sprintf("a maximum of %d bytes is supported", NameMax), "httpd does not start")
}

// secret returns a secret, and warns if a comment may have cut it.
func (r *reader) secret(name string) Secret {
	_, p := r.find(name)
	if p == nil {
		return ""
	}
	if p.cut {
		r.report.add(idSecretCut, p.at, quoteName(p.origin)+" (or a variable in it) ends at a '#', which begins a comment",
			"JkWorkerProperty, where '#' is an ordinary character, or a blank before the '#' of a real comment", "what stands before the '#' is the secret")
	}
	return Secret(p.value)
}

// boolean returns a boolean.
func (r *reader) boolean(name string) bool {
	row, p := r.find(name)
	text := row.Default
	if p != nil {
		text = p.value
	}
	value, ok := parseBoolean(text)
	if ok {
		return value
	}
	r.report.add(idNotBoolean, p.at, p.show()+" is neither true nor false", "on, 1, true, yes; off, 0, false, no", "the default "+row.Default+" is used")
	value, _ = parseBoolean(row.Default)
	return value
}

// choice returns the index of one of the row's choices.
func (r *reader) choice(name string) int {
	row, p := r.find(name)
	standard, _, _ := parseChoice(row.Default, row.Choices)
	if p == nil {
		return standard
	}
	index, close, ok := parseChoice(p.value, row.Choices)
	if !ok {
		r.report.add(idNotChoice, p.at, p.show()+" is none of the choices", strings.Join(row.Choices, ", "), "the default "+row.Default+" is used")
		return standard
	}
	if !close {
		r.report.add(idNotChoice, p.at, p.show()+" is none of the choices", strings.Join(row.Choices, ", "),
			"it is taken for "+row.Choices[index]+", because of its first letter")
	}
	return index
}

// list returns the entries of a list.
func (r *reader) list(name string) []string {
	row, p := r.find(name)
	if p == nil {
		return splitList(row.Default)
	}
	return splitList(p.value)
}

// statuses returns a list of HTTP statuses.
func (r *reader) statuses(name string) []int {
	_, p := r.find(name)
	if p == nil {
		return nil
	}
	statuses, bad := parseStatuses(p.value)
	if len(bad) > 0 {
		r.report.add(idListEntry, p.at, fmt.Sprintf("%s has entries that are no HTTP status", p.show()),
			"100 to 999, with - in front if the member is to stay usable", "what is no number there is ignored")
	}
	return statuses
}

// integer returns a number within the row's range; the default of the table if it is not set.
func (r *reader) integer(name string) int {
	row := findProperty(name, r.types)
	standard, _, _ := parseInteger(row.Default)
	return r.integerOr(name, standard)
}

// integerOr is integer with a default that was computed.
func (r *reader) integerOr(name string, standard int) int {
	row, p := r.find(name)
	if p == nil {
		return standard
	}
	n, rest, ok := parseInteger(p.value)
	if !ok {
		r.report.add(idNotNumber, p.at, p.show()+" is not a number, or too large a one", row.accepted(), fmt.Sprintf("%d is used", standard))
		return standard
	}
	if rest != "" {
		r.report.add(idNumberRest, p.at, p.show()+" has text after the number", row.accepted(), fmt.Sprintf("the text is ignored, the value is %d", n))
	}
	return r.inRange(row, p, n, standard)
}

// inRange returns n, or what takes its place outside the row's range.
func (r *reader) inRange(row *Property, p *setting, n, standard int) int {
	if row.Min == row.Max || n >= row.Min && n <= row.Max {
		return n
	}
	id, value := idOutOfRange, standard
	switch row.Outside {
	case OutsideZero:
		id, value = idBadPort, 0
	case OutsideNearest:
		value = min(max(n, row.Min), row.Max)
	}
	r.report.add(id, p.at, p.show()+" is out of range", row.accepted(), fmt.Sprintf("%d is used", value))
	return value
}

// accepted describes the numbers that a row takes.
func (p *Property) accepted() string {
	text := "an integer"
	switch {
	case p.Min == p.Max:
	case p.Max == maxInteger:
		text = fmt.Sprintf("an integer of at least %d", p.Min)
	default:
		text = fmt.Sprintf("an integer from %d to %d", p.Min, p.Max)
	}
	return text + p.Unit.in() + ", perhaps with k or m directly behind it"
}

// in returns " in seconds" and so on.
func (u Unit) in() string {
	if u == UnitNone {
		return ""
	}
	return " in " + u.String()
}

// String returns the unit as a word.
func (u Unit) String() string {
	switch u {
	case UnitSeconds:
		return "seconds"
	case UnitMilliseconds:
		return "milliseconds"
	case UnitBytes:
		return "bytes"
	}
	return ""
}

// duration returns one unit of an integer as time.
func (u Unit) duration() time.Duration {
	if u == UnitSeconds {
		return time.Second
	}
	return time.Millisecond
}

// duration returns an integer property as time.
func (r *reader) duration(name string) time.Duration {
	row := findProperty(name, r.types)
	return time.Duration(r.integer(name)) * row.Unit.duration()
}

// durationOr is duration with a default that was computed.
func (r *reader) durationOr(name string, standard time.Duration) time.Duration {
	unit := findProperty(name, r.types).Unit.duration()
	return time.Duration(r.integerOr(name, int(standard/unit))) * unit
}
