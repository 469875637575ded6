// Licensed under the Apache License, Version 2.0; see LICENSE.

package jklog

import (
	"fmt"
	"strings"
	"time"
)

// DefaultStamp is the default of JkLogStampFormat. The trailing blank separates it from the rest of the line.
const DefaultStamp = "[%a %b %d %H:%M:%S.%Q %Y] "

// stampMax is mod_jk's limit: with %Q or %q in a format, only so many of its bytes are kept (the digits counted).
const stampMax = 63

// Stamp is a compiled JkLogStampFormat. It is immutable and safe for concurrent use.
type Stamp struct {
	before   string // strftime format in front of the fraction of a second, or all of it; both expanded
	digits   int    // 3 for %Q, 6 for %q, 0 for neither
	after    string // strftime format behind the fraction
	problems []string
}

// CompileStamp compiles a strftime format that may hold %Q (milliseconds, 3 digits) or %q (microseconds, 6 digits). As in
// mod_jk only the first %Q, or without one the first %q, is replaced, and then the rest is cut at 63 bytes. It never
// fails: what is not understood is printed as written, see Problems.
func CompileStamp(format string) *Stamp {
	s := &Stamp{before: format}
	for _, f := range [...]struct {
		verb   byte
		digits int
	}{{'Q', 3}, {'q', 6}} {
		at := findVerb(format, f.verb)
		if at < 0 {
			continue
		}
		if at+f.digits <= stampMax {
			s.split(format, at, f.digits)
		}
		break
	}
	s.check(s.before)
	s.check(s.after)
	s.before, s.after = expand(s.before), expand(s.after)
	return s
}

// split cuts the format at the fraction of a second, which stands at offset at.
func (s *Stamp) split(format string, at, digits int) {
	s.before, s.digits, s.after = format[:at], digits, format[at+2:]
	if room := stampMax - at - digits; len(s.after) > room {
		s.problems = append(s.problems, fmt.Sprintf("only %d bytes are kept with %%Q or %%q, the end is cut off", stampMax))
		s.after = s.after[:room]
	}
}

// check notes the conversions that are not known.
func (s *Stamp) check(format string) {
	for format != "" {
		verb, width := nextVerb(format)
		if verb == 0 && width > 0 {
			s.problems = append(s.problems, fmt.Sprintf("%q is not a conversion", format[:width]))
		}
		format = format[max(width, 1):]
	}
}

// Problems says in words what of the format is not done as written; empty: nothing.
func (s *Stamp) Problems() []string { return s.problems }

// Append appends t, in t's own time zone, to dst.
func (s *Stamp) Append(dst []byte, t time.Time) []byte {
	dst = appendTime(dst, s.before, t)
	switch s.digits {
	case 3:
		dst = appendPadded(dst, t.Nanosecond()/1e6, 3, '0')
	case 6:
		dst = appendPadded(dst, t.Nanosecond()/1e3, 6, '0')
	}
	return appendTime(dst, s.after, t)
}

// findVerb returns the offset of the first %verb, -1 if there is none. "%%Q" is not one (it is for mod_jk, which then
// prints garbage).
func findVerb(format string, verb byte) int {
	for i := 0; ; {
		next := strings.IndexByte(format[i:], '%')
		if next < 0 || i+next+1 >= len(format) {
			return -1
		}
		i += next
		if format[i+1] == verb {
			return i
		}
		i += 2
	}
}
