// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import "strconv"

// Severity says what a finding means for the start of httpd.
type Severity uint8

// The severities.
const (
	Notice  Severity = 1 // worth knowing, nothing is wrong
	Warning Severity = 2 // httpd starts, but something does not do what was written
	Failure Severity = 3 // httpd does not start
)

// String returns the word that reports use.
func (s Severity) String() string {
	switch s {
	case Notice:
		return "notice"
	case Warning:
		return "warning"
	case Failure:
		return "error"
	}
	return "severity(" + strconv.Itoa(int(s)) + ")"
}

// Diagnostic is one finding about the configuration. It never holds a secret.
type Diagnostic struct {
	ID       ID
	Severity Severity
	File     string // "": the configuration as a whole
	Line     int    // 0: the file as a whole
	Text     string // what is wrong, what is accepted, what happens now
}

// Diagnostics are the findings in the order in which they were made.
type Diagnostics []Diagnostic

// Failed reports whether the configuration must be refused.
func (d Diagnostics) Failed() bool {
	for i := range d {
		if d[i].Severity == Failure {
			return true
		}
	}
	return false
}

// ID is the stable number of a finding, never reused: 1000 to 1999.
type ID uint16

// String returns the id as logs show it: GOJK1001.
func (id ID) String() string { return "GOJK" + strconv.Itoa(int(id)) }
