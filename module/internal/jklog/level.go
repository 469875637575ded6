// Licensed under the Apache License, Version 2.0; see LICENSE.

package jklog

import (
	"strconv"
	"strings"
)

// Level is the severity of a line. The values are those of GOJK_LOG_* in mod_gojk.h, so that a line that cannot be
// written to the log goes to httpd's error log unchanged.
type Level uint8

// The levels, from the chattiest to the gravest.
const (
	Trace Level = 0
	Debug Level = 1
	Info  Level = 2
	Warn  Level = 3
	Error Level = 4
	Emerg Level = 5
)

var levelNames = [...]string{"trace", "debug", "info", "warn", "error", "emerg"}

// String returns the word that JkLogLevel and the log use.
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return "level(" + strconv.Itoa(int(l)) + ")"
}

// ParseLevel returns the level that JkLogLevel's argument names, in any case. False: no such level; use Info.
func ParseLevel(word string) (Level, bool) {
	for i, name := range levelNames {
		if strings.EqualFold(word, name) {
			return Level(i), true
		}
	}
	return Info, false
}
